/* pkexec says “must be setuid root”, whatever keeps it from becoming root: which it is, and so what helps. Any thread; starts
 * nothing. */
#pragma once
#include "helper-launch.h"

/* (transfer full) (array zero-terminated): the command that finds it out, where pkexec is. */
char **pl_setuid_check_build_argv (const PlHelperLaunch *launch);
/* (transfer full): why, from what that command wrote (nullable: nothing); PL_HELPER_CLIENT_ERROR_NO_SETUID or one that begins so. */
GError *pl_setuid_check_explain (const PlHelperLaunch *launch, const char *report);
