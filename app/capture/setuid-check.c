/* See setuid-check.h.
 *
 * Sources: execve(2) on when the set-user-ID bit is ignored, user_namespaces(7), proc_pid_fdinfo(5) and
 * proc_pid_mountinfo(5): of the mount that a file is on, those of itself and of its file system. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "setuid-check.h"
#include "helper-client.h"
#include "helper-host.h"

#define CONFINED "confined\n"
#define NOSUID "nosuid\n"
#define READ_ONLY "read-only\n"

/* Of several the one that has to be mended first; another try then tells the next. A file that has the bit, on a disk where it
 * counts, is held back by what this check cannot see, such as the rules of a container. */
static const char check_script[] =
    "pkexec=$(command -v \"$1\") || exit\n"
    "read -r from to n </proc/self/uid_map\n"
    "at=$pkexec\n"
    "[ -r \"$at\" ] || at=${at%/*}\n"
    "id=$(sed -n 's/^mnt_id:[[:space:]]*//p' /proc/self/fdinfo/3 3<\"$at\")\n"
    "options=$(sed -n \"s/^$id [0-9]* [^ ]* [^ ]* [^ ]* \\([^ ]*\\).* \\([^ ]*\\)\\$/,\\1,\\2,/p\" "
    "/proc/self/mountinfo)\n"
    "if grep -q '^NoNewPrivs:[[:space:]]*1' /proc/self/status || [ \"$from $to $n\" != '0 0 4294967295' ]; then\n"
    "  echo confined\n"
    "else\n"
    "  case $options in\n"
    "    *,nosuid,*) echo nosuid ;;\n"
    "    *) if [ -u \"$pkexec\" ]; then echo confined; else\n"
    "         case $options in *,ro,*) echo read-only ;; esac\n"
    "       fi ;;\n"
    "  esac\n"
    "fi\n";

char **
pl_setuid_check_build_argv (const PlHelperLaunch *launch)
{
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();

  if (launch->is_flatpak)
    pl_helper_host_add_spawn (argv);
  g_strv_builder_add_many (argv, "/bin/sh", "-c", check_script, "sh", launch->pkexec, NULL);
  return g_strv_builder_end (argv);
}

GError *
pl_setuid_check_explain (const PlHelperLaunch *launch, const char *report)
{
  g_autofree char *pipe_line = pl_helper_launch_dup_pipe_line (launch);

  if (g_strcmp0 (report, CONFINED) == 0)
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_CONFINED,
                        _ ("Packets cannot be captured: pkexec, which asks for the password, may not become root: what "
                           "Portlight was started by lets no program gain rights (no_new_privs, or a container). Start "
                           "it from elsewhere, or run there: %s"),
                        pipe_line);
  if (g_strcmp0 (report, NOSUID) == 0)
    return g_error_new_literal (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOSUID,
                                _ ("Packets cannot be captured: pkexec, which asks for the password, may not become "
                                   "root: its disk is mounted with “nosuid”. As root, mount it with “suid”."));
  if (g_strcmp0 (report, READ_ONLY) == 0)
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_SETUID_READ_ONLY,
                        _ ("Packets cannot be captured: pkexec, which asks for the password, may not become root: its "
                           "file is not marked for that (setuid), and its disk is mounted read-only. Mount it with "
                           "“rw” and mark it (chmod u+s), or run: %s"),
                        pipe_line);
  return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_SETUID,
                      _ ("Packets cannot be captured: pkexec, which asks for the password, may not become root: its "
                         "file is not marked for that (setuid). Mark it (chmod u+s), or run: %s"),
                      pipe_line);
}
