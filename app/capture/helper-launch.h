/* Where portlight-helper is, how it may be started, and what it means when it ends: pure questions about files and exit
 * codes, any thread. Starts nothing. */
#pragma once
#include <glib.h>

typedef struct
{
  char *path; /* of portlight-helper, absolute */
  char *pkexec; /* of pkexec, absolute; NULL when there is none */
  gboolean is_direct; /* it may capture without pkexec: we are root, or the file has capabilities */
} PlHelperLaunch;

/* NULL and PL_HELPER_CLIENT_ERROR_NOT_FOUND when there is no helper. */
PlHelperLaunch *pl_helper_launch_find (GError **error);
void pl_helper_launch_free (PlHelperLaunch *launch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlHelperLaunch, pl_helper_launch_free)

/* (transfer full) (array zero-terminated): the command for @interface; NULL and PL_HELPER_CLIENT_ERROR_NO_PKEXEC when it
 * needs pkexec and there is none. */
char **pl_helper_launch_build_argv (const PlHelperLaunch *launch, const char *interface, GError **error);
/* TRUE when the helper that was started directly had no right after all, and pkexec may still give it. */
gboolean pl_helper_launch_may_retry (const PlHelperLaunch *launch, int wait_status);
/* (transfer full): why it ended, from its wait status and what it wrote to descriptor 2. */
GError *pl_helper_launch_explain (const PlHelperLaunch *launch, int wait_status, const char *said);
/* (transfer full): the words for a helper that speaks another protocol. */
GError *pl_helper_launch_too_old (const PlHelperLaunch *launch);
