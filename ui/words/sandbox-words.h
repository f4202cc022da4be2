/* What a sandbox was not given. Pure. */
#pragma once
#include <glib.h>

/* (transfer full) (nullable): what @info, a file as PL_FLATPAK_INFO, does not allow of what the manifest asks for, and for each
 * the line that allows it; NULL when nothing is missing. */
char *pl_sandbox_words_lacks (GKeyFile *info);
