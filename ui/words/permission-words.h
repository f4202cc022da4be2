/* What is said before the system asks for a password. Pure. */
#pragma once
#include "helper-launch.h"

/* (transfer full) (nullable): the prompt to come, as far as it is known; NULL when nothing can be started. */
char *pl_permission_words_prompt (const PlHelperLaunch *launch);
/* Why a helper that others could change is a risk, and what to do about it: said below the prompt, which names the file. */
const char *pl_permission_words_risk (void);
/* (nullable): the line that rules it out, in the folder with what it is installed from. @origin: (nullable): as PlFailureHost's */
const char *pl_permission_words_mend (const PlHelperLaunch *launch, const char *origin);
