/* The helper of a Flatpak. Its file is in the sandbox's own deployment, but it has to run outside: org.freedesktop.Flatpak
 * starts it there, by pkexec. Main loop only; the one question to the host is asked without waiting.
 *
 * Sources: flatpak-run(1) for /.flatpak-info, flatpak-spawn(1), org.freedesktop.Flatpak.Development.HostCommand, pkexec(1). */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "helper-host.h"
#include "flatpak.h"
#include "helper-client.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOST_BUS_NAME "org.freedesktop.Flatpak"
#define FLATPAK_SPAWN "/usr/bin/flatpak-spawn"
#define EXIT_NOT_STARTED 127 /* of env(1) and of pkexec */

/* ---- where it is ---- */

static GError *
no_host_error (void)
{
  return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_HOST,
                      _ ("Packets cannot be captured: Flatpak does not let Portlight start its helper outside the "
                         "sandbox. Allow it with “%s”, then start Portlight again."),
                      PL_FLATPAK_GRANT_HOST);
}

/* flatpak-metadata(5): [Session Bus Policy] NAME=none|see|talk|own, overrides included. */
gboolean
pl_helper_host_is_open_in (GKeyFile *info)
{
  g_autofree char *policy = g_key_file_get_string (info, "Session Bus Policy", HOST_BUS_NAME, NULL);
  g_auto (GStrv) sockets = g_key_file_get_string_list (info, "Context", "sockets", NULL, NULL);

  if (sockets != NULL && g_strv_contains ((const char *const *)sockets, "session-bus"))
    return TRUE;
  return g_strcmp0 (policy, "talk") == 0 || g_strcmp0 (policy, "own") == 0;
}

gboolean
pl_helper_host_is_open (const char *info_path)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();

  return !g_key_file_load_from_file (info, info_path, G_KEY_FILE_NONE, NULL) || pl_helper_host_is_open_in (info);
}

static GError *
no_bus_error (void)
{
  return g_error_new_literal (
      PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_BUS,
      _ ("Packets cannot be captured: there is no session bus (D-Bus), by which a Flatpak reaches the computer. Start "
         "Portlight from the desktop, or put “dbus-run-session” before “flatpak run”."));
}

/* Flatpak moves away what runs when it puts another version in its place, or none, and says so in the app's own folder
 * (flatpak_dir_undeploy() of flatpak-dir.c): app-path names a folder that is gone. */
static gboolean
was_deployed_anew (const char *helper)
{
  static const char *const marks[] = { ".updated", ".removed" };
  g_autofree char *folder = g_path_get_dirname (helper), *app = g_path_get_dirname (folder);

  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      g_autofree char *mark = g_build_filename (app, marks[i], NULL);

      if (g_file_test (mark, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

PlHelperLaunch *
pl_helper_host_find (const char *info_path, const char *helper, GError **error)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_autoptr (GError) info_error = NULL;
  g_autofree char *app_path = NULL;
  struct stat status;

  if (!g_key_file_load_from_file (info, info_path, G_KEY_FILE_NONE, &info_error)
      || (app_path = g_key_file_get_string (info, "Instance", "app-path", &info_error)) == NULL)
    {
      g_set_error (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND,
                   _ ("Packets cannot be captured: %s does not say where Portlight is installed (%s). Start it with "
                      "“flatpak run %s”."),
                   info_path, info_error->message, PL_APP_ID);
      return NULL;
    }
  g_autofree char *path = g_build_filename (app_path, "libexec", "portlight-helper", NULL);
  if (stat (helper, &status) != 0 || !S_ISREG (status.st_mode))
    {
      if (was_deployed_anew (helper)) /* and is there by now, for another start */
        g_propagate_error (error, pl_helper_updated_error ());
      else
        g_set_error (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND,
                     _ ("Packets cannot be captured: %s is missing. Install Portlight again, all of it."), path);
      return NULL;
    }
  if (!pl_helper_host_is_open_in (info))
    {
      g_propagate_error (error, no_host_error ());
      return NULL;
    }
  if (g_getenv ("DBUS_SESSION_BUS_ADDRESS") == NULL) /* Flatpak sets it wherever it found a bus */
    {
      g_propagate_error (error, no_bus_error ());
      return NULL;
    }
  if (was_deployed_anew (helper))
    {
      g_propagate_error (error, pl_helper_updated_error ());
      return NULL;
    }
  PlHelperLaunch *launch = g_new0 (PlHelperLaunch, 1);
  launch->is_flatpak = TRUE;
  launch->lacks_x = pl_helper_launch_lacks_x (&status);
  launch->path = g_steal_pointer (&path);
  launch->pkexec = g_strdup ("pkexec"); /* the host's; env(1) says when there is none */
  return launch;
}

/* ---- starting it ---- */

/* env(1) in between clears the host's environment, as is done outside of a Flatpak: pkexec refuses to start over an odd
 * $SHELL, and its words are told apart in English. */
void
pl_helper_host_add_spawn (GStrvBuilder *argv)
{
  g_strv_builder_add_many (argv, FLATPAK_SPAWN, "--host", "--watch-bus", "--directory=/", "/usr/bin/env", "-i",
                           PL_HELPER_HOST_PATH, NULL);
}

void
pl_helper_host_add_argv (const PlHelperLaunch *launch, GStrvBuilder *argv)
{
  pl_helper_host_add_spawn (argv);
  g_strv_builder_add_many (argv, launch->pkexec, "--disable-internal-agent", NULL);
}

/* Sources: PR_SET_PDEATHSIG(2const), flatpak-spawn(1), which hands SIGTERM on to what it started. */
void
pl_helper_host_end_with_app (gpointer app)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  if (getppid () != *(const pid_t *)app)
    _exit (EXIT_FAILURE);
}

GError *
pl_helper_host_explain (const PlHelperLaunch *launch, int code, const char *said)
{
  if (strstr (said, "ServiceUnknown") != NULL || strstr (said, "AccessDenied") != NULL)
    return no_host_error ();
  if (strstr (said, "Can't find bus") != NULL) /* flatpak-spawn(1) */
    return no_bus_error ();
  if (code == EXIT_NOT_STARTED && strstr (said, "env:") != NULL)
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_PKEXEC,
                        _ ("Packets cannot be captured: pkexec, which asks for the password, is not installed on this "
                           "computer. Install it (the package is called pkexec, policykit-1 or polkit), or run: %s"),
                        PL_HELPER_HOST_PIPE);
  return NULL;
}

/* ---- who could change it, and what its prompt will say ---- */

typedef struct
{
  PlHelperHostChecked done;
  gpointer user_data;
  guint n_paths;
} Check;

#define NAMES_COMMAND "pkexec names the command\n"
#define ASKS "pkexec asks "

/* "UID MODE" of all that is passed on the way to the file $1, the way symbolic links lead: whoever can rename a folder above
 * where a link leads to can put another file there, though all of the link's own path is root's. In front, where pkexec has the
 * newer words, and which they are ($3 or $4) in the locale $2, where gettext(1) is there. Plain sh, and what
 * Busybox has, too. */
static const char check_script[] =
    "pkexec=$(command -v pkexec) && { [ ! -r \"$pkexec\" ] || grep -q cmdline_short \"$pkexec\"; } &&\n"
    "  printf '" NAMES_COMMAND "' && set -- \"$1\" \"$2\" \"$4\"\n"
    "prompt=$(LC_ALL=$2 LANGUAGE=$2 gettext -d polkit-1 \"$3\" 2>/dev/null) && printf '" ASKS "%s\\n' \"$prompt\"\n"
    "set -e\n"
    "at= rest=$1 n=0\n"
    "stat -c '%u %a' /\n"
    "while [ -n \"$rest\" ]; do\n"
    "  rest=${rest#/}\n"
    "  name=${rest%%/*}\n"
    "  case $rest in */*) rest=/${rest#*/} ;; *) rest= ;; esac\n"
    "  case $name in ''|.) continue ;; ..) at=${at%/*}; continue ;; esac\n"
    "  if [ -L \"$at/$name\" ]; then\n"
    "    n=$((n + 1))\n"
    "    [ $n -le 40 ]\n"
    "    stat -c '%u 0' \"$at/$name\"\n"
    "    to=$(readlink \"$at/$name\")\n"
    "    case $to in /*) at= ;; esac\n"
    "    rest=/$to$rest\n"
    "  else\n"
    "    at=$at/$name\n"
    "    stat -c '%u %a' \"$at\"\n"
    "  fi\n"
    "done\n";

void
pl_helper_host_add_check (GStrvBuilder *argv, const char *path)
{
  /* The session's, which the host may have though the sandbox has not. */
  const char *locale = pl_helper_launch_get_prompt_locale ();

  g_strv_builder_add_many (argv, "/usr/bin/env", "-i", PL_HELPER_HOST_PATH, "sh", "-c", check_script, "sh", path,
                           locale, PL_PKEXEC_PROMPT_FILE, PL_PKEXEC_PROMPT_COMMAND, NULL);
}

gboolean
pl_helper_host_is_roots (const char *report, guint n_paths)
{
  g_auto (GStrv) lines = g_strsplit (report, "\n", -1);
  guint n = 0;

  for (; lines[n] != NULL && *lines[n] != '\0'; n++)
    {
      char *rest;
      guint64 uid = g_ascii_strtoull (lines[n], &rest, 10);
      guint64 mode = *rest == ' ' ? g_ascii_strtoull (rest, NULL, 8) : S_IWOTH;

      /* In a sticky folder nobody can replace what is root's. */
      if (rest == lines[n] || uid != 0 || ((mode & (S_IWGRP | S_IWOTH)) != 0 && (mode & S_ISVTX) == 0))
        return FALSE;
    }
  return n >= n_paths;
}

/* (transfer full) (nullable): the words of the prompt, when the report goes on with them; moves it behind them. */
static char *
dup_prompt (const char **report)
{
  const char *end = strchr (*report, '\n');

  if (!g_str_has_prefix (*report, ASKS) || end == NULL)
    return NULL;
  char *prompt = g_strndup (*report + strlen (ASKS), (gsize)(end - *report) - strlen (ASKS));
  *report = end + 1;
  return prompt;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Check *check = data;
  g_autofree char *report = NULL;
  gboolean was_read =
      g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &report, NULL, NULL) && report != NULL;
  gboolean names_command = was_read && g_str_has_prefix (report, NAMES_COMMAND);
  const char *paths = names_command ? report + strlen (NAMES_COMMAND) : report;
  g_autofree char *prompt = was_read ? dup_prompt (&paths) : NULL;
  gboolean is_safe = was_read && g_subprocess_get_successful (G_SUBPROCESS (source))
                     && pl_helper_host_is_roots (paths, check->n_paths);

  check->done (is_safe, names_command, prompt, check->user_data);
}

/* Of an absolute path, with "/". */
static guint
count_folders (const char *path)
{
  guint n = 1;

  for (; *path != '\0'; path++)
    n += path[0] == '/' && path[1] != '/' && path[1] != '\0';
  return n;
}

void
pl_helper_host_check_async (const PlHelperLaunch *launch, PlHelperHostChecked done, gpointer user_data)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add_many (builder, FLATPAK_SPAWN, "--host", "--watch-bus", "--directory=/", NULL);
  pl_helper_host_add_check (builder, launch->path);
  g_auto (GStrv) argv = g_strv_builder_end (builder);
  g_autoptr (GSubprocess) check = g_subprocess_newv (
      (const char *const *)argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
  if (check == NULL)
    {
      done (FALSE, FALSE, NULL, user_data);
      return;
    }
  Check *checked = g_new0 (Check, 1);
  *checked = (Check){ done, user_data, count_folders (launch->path) };
  g_subprocess_communicate_utf8_async (check, NULL, NULL, on_checked, checked);
}
