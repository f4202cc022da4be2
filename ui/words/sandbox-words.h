/* What a sandbox was not given. Knows no widget and no clock. */
#pragma once
#include <glib.h>

/* (transfer full) (nullable): what @info, a file as PL_FLATPAK_INFO, does not allow of what the manifest asks for, and for each
 * the line that allows it; NULL when nothing is missing. */
char *pl_sandbox_words_lacks (GKeyFile *info);
/* (transfer full) (nullable): the same of a display, for who sees none; NULL when nothing is missing. */
char *pl_sandbox_words_display (GKeyFile *info);
/* Whether @info keeps this computer's network from the sandbox, which then finds no socket. */
gboolean pl_sandbox_words_hides_network (GKeyFile *info);
