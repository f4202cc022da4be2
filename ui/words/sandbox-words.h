/* What a sandbox was not given. Knows no widget and no clock. */
#pragma once
#include <glib.h>

typedef struct
{
  const char *what; /* translated */
  const char *grant; /* the line that gives it back */
} PlSandboxLack;

/* (transfer full): what @info, a file as PL_FLATPAK_INFO, does not allow of what the manifest asks for, of type PlSandboxLack. */
GArray *pl_sandbox_words_list_lacks (GKeyFile *info);
const char *pl_sandbox_words_before_lacks (void); /* what to do with their lines */
/* (transfer full) (nullable): the same as one text; NULL when nothing is missing. */
char *pl_sandbox_words_lacks (GKeyFile *info);
/* (transfer full) (nullable): the same of a display, for who sees none; NULL when nothing is missing. */
char *pl_sandbox_words_display (GKeyFile *info);
/* Whether @info keeps this computer's network from the sandbox, which then finds no socket. */
gboolean pl_sandbox_words_hides_network (GKeyFile *info);
