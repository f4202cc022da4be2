/* Finds portlight-helper and pkexec, and puts what their ends mean into words. Any thread; touches nothing but files. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "helper-launch.h"
#include "flatpak.h"
#include "helper-client.h"
#include "helper-host.h"
#include "protocol.h"
#include "setuid-check.h"
#include <libintl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define HELPER "portlight-helper"
#define POLKIT_CATALOGUE "polkit-1"
#define PKEXEC_DISMISSED 126
#define PKEXEC_DENIED 127
#define SIGNALS_FROM 128 /* as a status */
#define NAMED_BYTES 80 /* of a command that is longer pkexec's prompt shows the first 38 and the last 37 */
#define WOULD_REFUSE "pkcheck 1\n"
#define WOULD_ASK "pkcheck 2\n"

/* clang-format off */
G_DEFINE_QUARK (pl-helper-client-error-quark, pl_helper_client_error)
/* clang-format on */

/* $PORTLIGHT_HELPER, else the one of the same build when this program runs from its build tree, else the installed one. */
static char *
find_helper (GError **error)
{
  const char *chosen = g_getenv ("PORTLIGHT_HELPER");
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *path = NULL;

  if (chosen != NULL && *chosen != '\0')
    path = g_canonicalize_filename (chosen, NULL);
  else if (self != NULL && g_str_has_prefix (self, PL_BUILD_ROOT "/"))
    path = g_strdup (PL_BUILD_ROOT "/app/helper/" HELPER);
  else
    path = g_build_filename (PL_LIBEXECDIR, HELPER, NULL);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&path);
  g_set_error (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND,
               _ ("Packets cannot be captured: %s is missing. Install Portlight again, all of it."), path);
  return NULL;
}

static char *
find_pkexec (void)
{
  static const char *const elsewhere[] = { "/usr/bin/pkexec", "/run/wrappers/bin/pkexec" }; /* the second is NixOS */
  char *path = g_find_program_in_path ("pkexec");

  for (gsize i = 0; path == NULL && i < G_N_ELEMENTS (elsewhere); i++)
    if (g_file_test (elsewhere[i], G_FILE_TEST_IS_EXECUTABLE))
      path = g_strdup (elsewhere[i]);
  return path;
}

static gboolean
file_has (const char *path, const char *text, gboolean if_unreadable)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  return g_file_get_contents (path, &bytes, &n_bytes, NULL) ? memmem (bytes, n_bytes, text, strlen (text)) != NULL
                                                            : if_unreadable;
}

/* polkit looks into /usr/share alone before 126, and since then into /usr/local/share, too (its issue 419): the folders'
 * names are in the daemon's own file. */
static gboolean
is_read_by_polkit (const char *folder)
{
  static const char *const daemons[] = { "/usr/lib/polkit-1/polkitd", "/usr/libexec/polkit-1/polkitd",
                                         "/usr/libexec/polkitd", "/usr/lib/policykit-1/polkitd" };

  for (gsize i = 0; i < G_N_ELEMENTS (daemons); i++)
    if (file_has (daemons[i], folder, FALSE))
      return TRUE;
  return FALSE;
}

/* Whether our policy is installed where polkit looks and speaks of @path; else pkexec asks in its own words. Of two files of
 * one name polkit hears that in /usr/local/share. */
static gboolean
has_policy (const char *path)
{
  static const char *const folders[] = { "/usr/local/share/polkit-1/actions", "/usr/share/polkit-1/actions" };
  g_autofree char *annotation = g_strdup_printf (">%s<", path);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *policy = g_build_filename (folders[i], PL_APP_ID ".policy", NULL);

      if (g_file_test (policy, G_FILE_TEST_EXISTS) && (i == 1 || is_read_by_polkit (folders[i])))
        return file_has (policy, annotation, FALSE);
    }
  return FALSE;
}

/* A prompt's words are in pkexec's own file. One that cannot be read is taken for a new one. */
static gboolean
names_command (const char *pkexec)
{
  return file_has (pkexec, "cmdline_short", TRUE);
}

char *
pl_helper_launch_dup_named (const PlHelperLaunch *launch)
{
  g_autofree char *command = g_strconcat (launch->path, " -i any", NULL);
  gsize n_bytes = strlen (command);

  if (!launch->names_command)
    return g_strdup (launch->path);
  if (n_bytes <= NAMED_BYTES)
    return g_steal_pointer (&command);
  g_autofree char *cut = g_strdup_printf ("%.38s ... %s", command, command + n_bytes - 37);
  return g_utf8_make_valid (cut, -1);
}

const char *
pl_helper_launch_get_prompt_locale (void)
{
  const char *lang = g_getenv ("LANG");

  return lang != NULL && *lang != '\0' ? lang : "C";
}

/* By gettext(1), as gettext(3) would heed this program's LANGUAGE: only a program that is started anew can be without it. It
 * reads one file and ends. (transfer full) (nullable): NULL where it is not installed. */
static char *
ask_gettext (const char *words)
{
  static const char *const kept[] = { "LOCPATH", "LOCALE_ARCHIVE" }; /* where NixOS and Guix have locales */
  const char *argv[] = { "/usr/bin/env", "gettext", "-d", POLKIT_CATALOGUE, words, NULL };
  const char *locale = pl_helper_launch_get_prompt_locale (), *folder = bindtextdomain (POLKIT_CATALOGUE, NULL);
  g_auto (GStrv) envp = g_environ_setenv (NULL, "PATH", "/run/current-system/sw/bin:/usr/bin:/bin", TRUE);
  char *answer = NULL;
  int status;

  envp = g_environ_setenv (envp, "LC_ALL", locale, TRUE);
  envp = g_environ_setenv (envp, "LANGUAGE", locale, TRUE);
  if (folder != NULL)
    envp = g_environ_setenv (envp, "TEXTDOMAINDIR", folder, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    if (g_getenv (kept[i]) != NULL)
      envp = g_environ_setenv (envp, kept[i], g_getenv (kept[i]), TRUE);
  if (g_spawn_sync (NULL, (char **)argv, envp, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &answer, NULL, &status, NULL)
      && g_spawn_check_wait_status (status, NULL) && g_utf8_validate (answer, -1, NULL))
    return answer;
  g_free (answer);
  return NULL;
}

/* polkitd looks the words up in polkit's catalogue (pkexec.c: polkit.gettext_domain), for the locale that the agent names, which
 * is the LANG of its session and nothing else (polkitagentlistener.c); so it was seen with polkit 122. (transfer full) */
static char *
dup_translated (const char *words)
{
  const char *languages = g_getenv ("LANGUAGE"), *locale = pl_helper_launch_get_prompt_locale ();
  char *answer = NULL;

  if (g_str_equal (locale, "C") || g_str_equal (locale, "POSIX"))
    return g_strdup (words);
  if ((languages != NULL && *languages != '\0') || g_strcmp0 (setlocale (LC_MESSAGES, NULL), locale) != 0)
    answer = ask_gettext (words);
  bind_textdomain_codeset (POLKIT_CATALOGUE, "UTF-8");
  return answer != NULL ? answer : g_strdup (dgettext (POLKIT_CATALOGUE, words));
}

char *
pl_helper_launch_dup_prompt (const PlHelperLaunch *launch)
{
  const char *words = launch->names_command ? PL_PKEXEC_PROMPT_COMMAND : PL_PKEXEC_PROMPT_FILE;
  g_autofree char *named = pl_helper_launch_dup_named (launch);
  g_autofree char *asked = launch->prompt != NULL ? g_strdup (launch->prompt) : dup_translated (words);
  g_autoptr (GString) prompt = g_string_new (asked);

  g_string_replace (prompt, launch->names_command ? "$(cmdline_short)" : "$(program)", named, 0);
  return g_string_free (g_steal_pointer (&prompt), FALSE);
}

gboolean
pl_helper_launch_lacks_x (const struct stat *status)
{
  return (status->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0;
}

PlHelperLaunch *
pl_helper_launch_find (GError **error)
{
  if (pl_is_flatpak ())
    return pl_helper_host_find (PL_FLATPAK_INFO, PL_LIBEXECDIR "/" HELPER, error);
  g_autofree char *path = find_helper (error);
  struct stat status;

  if (path == NULL)
    return NULL;
  PlHelperLaunch *launch = g_new0 (PlHelperLaunch, 1);
  launch->runs_for_us = access (path, X_OK) == 0;
  launch->is_direct = geteuid () == 0 || (launch->runs_for_us && getxattr (path, "security.capability", NULL, 0) > 0);
  launch->lacks_x = stat (path, &status) == 0 && pl_helper_launch_lacks_x (&status);
  launch->path = g_steal_pointer (&path);
  launch->pkexec = find_pkexec ();
  launch->has_policy = has_policy (launch->path);
  launch->names_command = !launch->has_policy && launch->pkexec != NULL && names_command (launch->pkexec);
  return launch;
}

void
pl_helper_launch_free (PlHelperLaunch *launch)
{
  g_free (launch->path);
  g_free (launch->pkexec);
  g_free (launch->prompt);
  g_free (launch);
}

char **
pl_helper_launch_build_argv (const PlHelperLaunch *launch, const char *interface, GError **error)
{
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();

  if (!launch->is_direct && launch->pkexec == NULL)
    {
      g_set_error (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_PKEXEC,
                   _ ("Packets cannot be captured: pkexec, which asks for the password, is not installed. Install it, "
                      "or run: sudo %s | portlight -"),
                   launch->path);
      return NULL;
    }
  if (launch->is_flatpak)
    pl_helper_host_add_argv (launch, argv);
  else if (!launch->is_direct)
    g_strv_builder_add_many (argv, launch->pkexec, "--disable-internal-agent", NULL);
  g_strv_builder_add_many (argv, launch->path, "-i", interface, NULL);
  return g_strv_builder_end (argv);
}

/* pkexec refuses to start over an odd $SHELL, and its words are told apart in English. */
char **
pl_helper_launch_build_env (const PlHelperLaunch *launch)
{
  char **envp = g_environ_setenv (NULL, "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
  const char *bus = launch->is_flatpak ? g_getenv ("DBUS_SESSION_BUS_ADDRESS") : NULL;

  return bus != NULL ? g_environ_setenv (envp, "DBUS_SESSION_BUS_ADDRESS", bus, TRUE) : envp;
}

gboolean
pl_helper_launch_may_retry (const PlHelperLaunch *launch, int wait_status)
{
  return launch->is_direct && launch->pkexec != NULL && geteuid () != 0 && WIFEXITED (wait_status)
         && WEXITSTATUS (wait_status) == PL_HELPER_EXIT_NO_RIGHT;
}

/* The last line that was said, without the name of who said it. (transfer full) */
static char *
get_last_line (const char *said)
{
  g_autofree char *valid = g_utf8_make_valid (said, -1);
  char *start = g_strrstr (g_strchomp (valid), "\n");

  start = start == NULL ? valid : start + 1;
  return g_strdup (g_str_has_prefix (start, HELPER ": ") ? start + strlen (HELPER ": ") : start);
}

char *
pl_helper_launch_dup_pipe_line (const PlHelperLaunch *launch)
{
  return launch->is_flatpak ? g_strdup (PL_HELPER_HOST_PIPE) : g_strdup_printf ("sudo %s | portlight -", launch->path);
}

/* polkit decides about a process: the shell will do, which is this user's and this session's, as pkexec's parent is. */
static const char check_script[] = "\"$1\" --action-id \"$2\" --process $$ >/dev/null 2>&1; echo pkcheck $?";

char **
pl_helper_launch_build_check (const PlHelperLaunch *launch)
{
  const char *action = launch->has_policy ? PL_APP_ID ".capture" : "org.freedesktop.policykit.exec";
  g_autofree char *pkcheck = launch->is_flatpak ? NULL : g_find_program_in_path ("pkcheck");
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();

  if (launch->is_flatpak)
    pl_helper_host_add_spawn (argv);
  g_strv_builder_add_many (argv, "/bin/sh", "-c", check_script, "sh", pkcheck != NULL ? pkcheck : "pkcheck", action,
                           NULL);
  return g_strv_builder_end (argv);
}

/* polkit tells the details of an action, such as the program, to rules, but only root may name them in a check. An action of our
 * own names the program itself; of the general one a rule may have looked at it: then the person knows, who was asked or was not.
 * Source: polkitbackendinteractiveauthority.c of polkit 122, check_authorization. */
GError *
pl_helper_launch_explain_denied (const PlHelperLaunch *launch, const char *report)
{
  g_autofree char *pipe_line = pl_helper_launch_dup_pipe_line (launch);

  if (g_strcmp0 (report, WOULD_REFUSE) == 0)
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FORBIDDEN,
                        _ ("Packets cannot be captured: the rules of this computer (polkit) do not let this user "
                           "capture. %sAsk the administrator, or let them run: %s"),
                        launch->has_policy ? _ ("A password does not help. ")
                                           : _ ("If a password was asked for all the same, it was wrong: try again. "),
                        pipe_line);
  if (g_strcmp0 (report, WOULD_ASK) == 0)
    return g_error_new_literal (
        PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_WRONG_PASSWORD,
        _ ("Packets cannot be captured: the password was not accepted. Try again, or ask the administrator. If no "
           "password was asked for, a rule of this computer (polkit) refuses."));
  return g_error_new_literal (
      PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_DENIED,
      _ ("Packets cannot be captured: either the password was wrong, or the rules of this computer (polkit) do not let "
         "this user capture; neither pkexec nor polkit tells which. Try again, or ask the administrator."));
}

GError *
pl_helper_updated_error (void)
{
  return g_error_new_literal (
      PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_UPDATED,
      _ ("Packets cannot be captured: Portlight was updated or removed while it ran. Quit it, and start it again."));
}

/* pkexec was allowed to, and could not. (transfer full) (nullable): NULL when it was something else. */
static GError *
explain_not_run (const PlHelperLaunch *launch, const char *said)
{
  const char *pipe_line = launch->is_flatpak ? PL_HELPER_HOST_PIPE : "sudo tcpdump -i any -U -w - | portlight -";

  if (strstr (said, "Exec format error") != NULL)
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_OTHER_MACHINE,
                        _ ("Packets cannot be captured: %s is for another kind of processor than this computer’s, or "
                           "the file is damaged. Install Portlight again, or run: %s"),
                        launch->path, pipe_line);
  if (strstr (said, "Error executing /") == NULL && strstr (said, "Error accessing /") == NULL)
    return NULL;
  if (launch->is_flatpak && strstr (said, "No such file or directory") != NULL)
    return pl_helper_updated_error ();
  if (launch->is_flatpak && !launch->lacks_x)
    return g_error_new (
        PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE,
        _ ("Packets cannot be captured: this computer does not let %s run as administrator, as when its disk is "
           "mounted with “noexec” or is hidden from root. Install Portlight for all users, or run: %s"),
        launch->path, pipe_line);
  return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE,
                      launch->runs_for_us
                          ? _ ("Packets cannot be captured: root cannot run %s, though you can, as in a home folder on "
                               "another computer. Install Portlight where root can reach it, or run: %s")
                      : launch->lacks_x ? _ ("Packets cannot be captured: %s may not be executed, as its file does not "
                                             "allow it to anybody. Allow it (chmod 755), or run: %s")
                                        : _ ("Packets cannot be captured: this computer does not let %s run, as when "
                                             "its disk is mounted with “noexec”. Mount it with “exec”, or run: %s"),
                      launch->path, pipe_line);
}

/* pkexec has one code for "refused", "nobody to ask" and "polkit is not there": its words tell them apart. They come in
 * English because the helper is started without a locale. */
static GError *
explain_refused (const PlHelperLaunch *launch, const char *said)
{
  g_autofree char *last = get_last_line (said), *pipe_line = pl_helper_launch_dup_pipe_line (launch);

  if (strstr (said, "No authentication agent") != NULL)
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_AGENT,
                        _ ("Packets cannot be captured: no program here can ask for the password (a polkit agent is "
                           "missing). Start one, or run: %s"),
                        pipe_line);
  if (strstr (said, "Not authorized") != NULL)
    return pl_helper_launch_explain_denied (launch, NULL);
  if (strstr (said, "must be setuid root") != NULL)
    return pl_setuid_check_explain (launch, NULL);
  if (strstr (said, "getting authority") != NULL)
    return g_error_new (
        PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_POLKIT,
        _ ("Packets cannot be captured: polkit, which asks for the password, does not run. Start it, or run: %s"),
        pipe_line);
  return g_error_new (
      PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED,
      _ ("Packets cannot be captured: pkexec refused to start %s (%s). Try again, or capture with another program."),
      launch->path, *last != '\0' ? last : _ ("without a word"));
}

/* pkexec and flatpak-spawn hand on a signal as a status, as shells do. */
static int
get_signal (int wait_status)
{
  int code = WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : 0;

  return WIFSIGNALED (wait_status)                           ? WTERMSIG (wait_status)
         : code > SIGNALS_FROM && code < SIGNALS_FROM + NSIG ? code - SIGNALS_FROM
                                                             : 0;
}

/* It stopped of itself: at its start, or amid a capture. */
static GError *
explain_end (const PlHelperLaunch *launch, int wait_status, const char *last)
{
  const char *what = launch->has_started ? _ ("The capture ended") : _ ("The capture could not start");
  const char *then = launch->has_started ? _ ("Start the capture again") : _ ("Try again");
  int number = get_signal (wait_status);

  if (number != 0)
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED,
                        _ ("%s: %s was stopped by signal %d (%s). %s."), what, HELPER, number, g_strsignal (number),
                        then);
  if (*last == '\0')
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED,
                        _ ("%s: %s stopped without a word (status %d). %s."), what, HELPER, WEXITSTATUS (wait_status),
                        then);
  return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED, "%s: %s.", what, last);
}

GError *
pl_helper_launch_explain (const PlHelperLaunch *launch, int wait_status, const char *said)
{
  g_autofree char *last = get_last_line (said);
  int code = WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : -1;
  GError *of_host = launch->is_flatpak ? pl_helper_host_explain (launch, code, said) : NULL;
  GError *of_file;

  if (of_host != NULL)
    return of_host;
  if (!launch->is_direct && code == PKEXEC_DISMISSED)
    return g_error_new (
        PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_DISMISSED,
        _ ("The password prompt was closed, so no packets are captured. Start again to be asked again."));
  if (!launch->is_direct && code == PKEXEC_DENIED && (of_file = explain_not_run (launch, said)) != NULL)
    return of_file;
  if (!launch->is_direct && code == PKEXEC_DENIED)
    return explain_refused (launch, said);
  if (code == PL_HELPER_EXIT_USAGE)
    return pl_helper_launch_too_old (launch);
  if (code == PL_HELPER_EXIT_NO_RIGHT)
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_RIGHT,
                        _ ("Packets cannot be captured: even the administrator has no right to capture here, as in a "
                           "container without CAP_NET_RAW. Add that right, or run Portlight outside."));
  return explain_end (launch, wait_status, last);
}

GError *
pl_helper_launch_too_old (const PlHelperLaunch *launch)
{
  return g_error_new (
      PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_TOO_OLD,
      _ ("Packets cannot be captured: %s is of another version than this program. Install both from the same version."),
      launch->path);
}
