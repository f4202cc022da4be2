/* The helper of a Flatpak: where it is on the host, how the sandbox reaches it, and whether others could change it. */
#pragma once
#include <gio/gio.h>
#include "helper-launch.h"

/* Not the session's, into which any program of the user may put what it likes. The first two are NixOS. */
#define PL_HELPER_HOST_PATH "PATH=/run/wrappers/bin:/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* NULL and PL_HELPER_CLIENT_ERROR_NO_HOST, _NOT_FOUND or _UPDATED when it cannot work. @info_path: as PL_FLATPAK_INFO; @helper: the
 * helper as the sandbox sees it. */
PlHelperLaunch *pl_helper_host_find (const char *info_path, const char *helper, GError **error);
/* Whether Flatpak lets this program start others on its host, as it does everywhere else. @info_path: as PL_FLATPAK_INFO */
gboolean pl_helper_host_is_open (const char *info_path);
/* @info: what that file says */
gboolean pl_helper_host_is_open_in (GKeyFile *info);
/* The words to put before the helper's path: flatpak-spawn, and pkexec on the host. */
void pl_helper_host_add_argv (const PlHelperLaunch *launch, GStrvBuilder *argv);
/* The words before those of another program of the host's. */
void pl_helper_host_add_spawn (GStrvBuilder *argv);
/* In the child, before it becomes flatpak-spawn: that would outlive an app that was killed, and with it, in a sandbox that goes
 * on, what it started outside, such as the system's prompt. @app: of type pid_t, who may be gone by now. */
void pl_helper_host_end_with_app (gpointer app);
/* (transfer full) (nullable): why it failed, where that is the sandbox's or the host's affair and not the helper's. */
GError *pl_helper_host_explain (const PlHelperLaunch *launch, int code, const char *said);

/* Asks the host whether only root can change the helper, and the folders above it and above where links lead; and what pkexec's
 * prompt there names and how it is worded (PlHelperLaunch). @is_safe is FALSE when that could not be found out. Never blocks;
 * @done is called from the main loop, in any case. */
typedef void (*PlHelperHostChecked) (gboolean is_safe, gboolean names_command, const char *prompt, gpointer user_data);
void pl_helper_host_check_async (const PlHelperLaunch *launch, PlHelperHostChecked done, gpointer user_data);
/* The words of the command that asks, of what is run on the host. */
void pl_helper_host_add_check (GStrvBuilder *argv, const char *path);
/* Whether @report, a line "UID MODE" (octal) for each of @n_paths or more, is root's alone. */
gboolean pl_helper_host_is_roots (const char *report, guint n_paths);
