/* Where portlight-helper is, how it may be started, and what it means when it ends: pure questions about files and exit
 * codes, any thread. Starts nothing. */
#pragma once
#include <glib.h>
#include <sys/stat.h>
#include "portlight-config.h"

/* Starts Portlight with a session bus of its own. */
#define PL_HELPER_HOST_ON_BUS "dbus-run-session flatpak run " PL_APP_ID
/* What a person can run instead where the helper of a Flatpak cannot be started. */
#define PL_HELPER_HOST_PIPE "sudo tcpdump -i any -U -w - | flatpak run " PL_APP_ID " --this-computer -"

/* What pkexec asks where no policy is ours, old and new, as polkit's catalogue knows it (pkexec.c). */
#define PL_PKEXEC_PROMPT_FILE "Authentication is needed to run `$(program)' as the super user"
#define PL_PKEXEC_PROMPT_COMMAND "Authentication is needed to run `$(cmdline_short)' as the super user"

typedef struct
{
  char *path; /* of portlight-helper, absolute */
  char *pkexec; /* of pkexec, absolute; NULL when there is none */
  gboolean is_direct; /* it may capture without pkexec: we are root, or the file has capabilities */
  gboolean lacks_x; /* nobody may execute the file, root included */
  gboolean runs_for_us; /* without pkexec it starts: what keeps root from it is neither its mode nor “noexec” */
  gboolean has_started; /* it captured before it ended */
  gboolean has_policy; /* polkit knows our own words for it */
  gboolean names_command; /* pkexec's own prompt names all of the command, and not only the file */
  char *prompt; /* (nullable): its prompt as the host of a Flatpak words it, with the placeholder for what it names */
  gboolean is_flatpak; /* path and pkexec are the host's, reached through org.freedesktop.Flatpak */
} PlHelperLaunch;

/* NULL and PL_HELPER_CLIENT_ERROR_NOT_FOUND when there is no helper; in a Flatpak, what pl_helper_host_find() says. */
PlHelperLaunch *pl_helper_launch_find (GError **error);
/* Whether nobody may execute a file of that status. */
/* (transfer full): the helper was there when the program began, and is another one now, or none. */
GError *pl_helper_updated_error (void);
gboolean pl_helper_launch_lacks_x (const struct stat *status);
void pl_helper_launch_free (PlHelperLaunch *launch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlHelperLaunch, pl_helper_launch_free)

/* (transfer full) (array zero-terminated): the command for @interface; NULL and PL_HELPER_CLIENT_ERROR_NO_PKEXEC when it
 * needs pkexec and there is none. */
char **pl_helper_launch_build_argv (const PlHelperLaunch *launch, const char *interface, GError **error);
/* (transfer full): what pkexec's own prompt names when it asks for the helper: the file, or the command with its middle cut
 * out (pkexec.c of polkit: “cmdline_short”, at most 80 bytes; Debian 12's polkit 122 does not know it, Debian 13's 126 does). */
char *pl_helper_launch_dup_named (const PlHelperLaunch *launch);
/* The locale in which the system asks: LANG alone, of the session; LANGUAGE and LC_MESSAGES, by which programs go, change nothing. */
const char *pl_helper_launch_get_prompt_locale (void);
/* (transfer full): pkexec's own prompt, word for word, in the language that it will come in. */
char *pl_helper_launch_dup_prompt (const PlHelperLaunch *launch);
/* (transfer full) (array zero-terminated): the environment to start it in, which is next to nothing. */
char **pl_helper_launch_build_env (const PlHelperLaunch *launch);
/* TRUE when the helper that was started directly had no right after all, and pkexec may still give it. */
gboolean pl_helper_launch_may_retry (const PlHelperLaunch *launch, int wait_status);
/* (transfer full): why it ended, from its wait status and what it wrote to descriptor 2. */
GError *pl_helper_launch_explain (const PlHelperLaunch *launch, int wait_status, const char *said);
/* (transfer full): what to type in a terminal instead. */
char *pl_helper_launch_dup_pipe_line (const PlHelperLaunch *launch);
/* PL_HELPER_CLIENT_ERROR_DENIED says too little: pkexec's one word for it has two reasons. (transfer full) (array
 * zero-terminated): the command that asks polkit, without a prompt, what it would do. */
char **pl_helper_launch_build_check (const PlHelperLaunch *launch);
/* (transfer full): why it was denied, from what that command wrote (nullable: nothing). */
GError *pl_helper_launch_explain_denied (const PlHelperLaunch *launch, const char *report);
/* (transfer full): the words for a helper that speaks another protocol. */
GError *pl_helper_launch_too_old (const PlHelperLaunch *launch);
