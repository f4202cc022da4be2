/* portlight-helper's rights, read back from /proc of the running helper: after start it has none, whoever started it and
 * whatever the environment says. Runs the real helper as root and as other users. */
#include "helper-run.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define USER 61234 /* no such user: the helper asks no name service */

static gboolean
is_sanitized (void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
  return TRUE;
#else
  return FALSE;
#endif
}

static void
assert_status (pid_t pid, const char *name, const char *expected)
{
  g_autofree char *value = read_status (pid, name);

  g_test_message ("%s: %s", name, value);
  g_assert_cmpstr (value, ==, expected);
}

static void
assert_no_rights (pid_t pid, uid_t uid, gid_t gid)
{
  static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapAmb" };
  g_autofree char *uids = g_strdup_printf ("%1$u\t%1$u\t%1$u\t%1$u", uid);
  g_autofree char *gids = g_strdup_printf ("%1$u\t%1$u\t%1$u\t%1$u", gid);

  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
    assert_status (pid, sets[i], "0000000000000000");
  assert_status (pid, "Uid", uids);
  assert_status (pid, "Gid", gids);
  assert_status (pid, "NoNewPrivs", "1");
  if (!is_sanitized ())
    assert_status (pid, "Seccomp", "2");
}

/* Files in /proc of a process that is not dumpable belong to root, so that another process of its user can't reach in. */
static void
assert_not_dumpable (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  struct stat status;

  g_assert_no_errno (stat (path, &status));
  g_assert_cmpuint (status.st_uid, ==, 0);
}

static void
assert_limit (pid_t pid, const char *name, const char *soft)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/limits", pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  char *line = strstr (text, name);
  g_assert_nonnull (line);
  g_auto (GStrv) words = g_strsplit_set (g_strstrip (line + strlen (name)), " ", 2);
  g_test_message ("%s: %s", name, words[0]);
  g_assert_cmpstr (words[0], ==, soft);
}

static guint
count_entries (pid_t pid, const char *what)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", pid, what);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_root (void)
{
  Run run;

  if (!need_root ())
    return;
  run_start (&run, &(RunOptions){ .environment = (const char *const[]){ "LANG=de_DE.UTF-8", "SECRET=1", NULL } }, "-i",
             "lo", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  assert_no_rights (run.pid, 65534, 65534);
  assert_status (run.pid, "CapBnd", "0000000000000000");
  assert_status (run.pid, "Groups", "");
  assert_status (run.pid, "Threads", "1");
  assert_not_dumpable (run.pid);
  assert_limit (run.pid, "Max open files", "16");
  assert_limit (run.pid, "Max core file size", "0");
  assert_limit (run.pid, "Max processes", "0");
  assert_limit (run.pid, "Max file size", "0");
  g_assert_cmpuint (count_entries (run.pid, "fd"), <=, 16);
  run_clear (&run);
}

/* Who pkexec says it is, is who it becomes; root, nonsense and too large numbers become nobody. */
static void
test_pkexec_uid (void)
{
  static const struct
  {
    const char *value;
    uid_t uid;
  } cases[] = { { "PKEXEC_UID=61234", USER },       { "PKEXEC_UID=0", 65534 },
                { "PKEXEC_UID=", 65534 },           { "PKEXEC_UID=-1", 65534 },
                { "PKEXEC_UID=4294967295", 65534 }, { "PKEXEC_UID=4294967296", 65534 },
                { "PKEXEC_UID=12x", 65534 },        { "PKEXEC_UID= 12", 65534 },
                { "PKEXEC_UID=root", 65534 },       { "PKEXEC_UID=99999999999999999999999", 65534 } };

  if (!need_root ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Run run;

      g_test_message ("%s", cases[i].value);
      run_start (&run, &(RunOptions){ .environment = (const char *const[]){ cases[i].value, NULL } }, "-i", "lo", NULL);
      g_assert_true (run_is_ready (&run, 5000));
      assert_no_rights (run.pid, cases[i].uid, 65534);
      assert_status (run.pid, "Groups", "");
      assert_not_dumpable (run.pid);
      run_clear (&run);
    }
}

static void
test_without_rights (void)
{
  g_autofree char *said = NULL;
  Run run;

  if (!need_root ())
    return;
  run_start (&run, &(RunOptions){ .uid = USER, .environment = (const char *const[]){ "PKEXEC_UID=0", NULL } }, "-i",
             "lo", NULL);
  g_assert_cmpint (run_wait (&run, 5000), ==, PL_HELPER_EXIT_NO_RIGHT);
  said = run_read_said (&run);
  g_assert_cmpstr (said, ==, "portlight-helper: no right to capture packets: start it with sudo or pkexec\n");
  struct
  {
    struct pl_helper_header header;
    struct pl_helper_text text;
  } error;
  g_assert_cmpint (run_receive (&run, &error, sizeof error, 1000), ==, sizeof error);
  g_assert_cmpint (error.header.type, ==, PL_HELPER_ERROR);
  g_assert_cmpstr (error.text.text, ==, "no right to capture packets: start it with sudo or pkexec");
  run_clear (&run);
}

/* A copy of the helper in a new folder that everyone may read. (transfer full) */
static char *
copy_helper (char **dir)
{
  g_autofree char *contents = NULL;
  gsize n_bytes;

  *dir = g_dir_make_tmp ("pl-helper-XXXXXX", NULL);
  g_assert_nonnull (*dir);
  char *path = g_build_filename (*dir, "portlight-helper", NULL);
  g_assert_true (g_file_get_contents (g_getenv ("PORTLIGHT_HELPER"), &contents, &n_bytes, NULL));
  g_assert_true (g_file_set_contents_full (path, contents, n_bytes, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  g_assert_no_errno (g_chmod (*dir, 0755));
  g_assert_no_errno (g_chmod (path, 0755));
  return path;
}

static void
remove_copy (char *path, char *dir)
{
  g_unlink (path);
  g_rmdir (dir);
  g_free (path);
  g_free (dir);
}

static void
test_file_capabilities (void)
{
  char *dir, *path;
  Run run;
  int status;

  if (!need_root ())
    return;
  path = copy_helper (&dir);
  char *argv[] = { "setcap", "cap_net_raw=ep", path, NULL };
  if (!g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                     &status, NULL)
      || status != 0)
    g_test_skip ("setcap does not work on this file system, or is not installed");
  else
    {
      run_start (
          &run, &(RunOptions){ .exe = path, .uid = USER, .environment = (const char *const[]){ "PKEXEC_UID=1", NULL } },
          "-i", "lo", NULL);
      g_assert_true (run_is_ready (&run, 5000));
      assert_no_rights (run.pid, USER, USER);
      assert_not_dumpable (run.pid);
      run_clear (&run);
    }
  remove_copy (path, dir);
}

static void
test_setuid_is_refused (void)
{
  char *dir, *path;
  g_autofree char *said = NULL;
  Run run;

  if (!need_root ())
    return;
  path = copy_helper (&dir);
  g_assert_no_errno (g_chmod (path, 04755));
  run_start (&run, &(RunOptions){ .exe = path, .uid = USER }, "-i", "lo", NULL);
  g_assert_cmpint (run_wait (&run, 5000), ==, PL_HELPER_EXIT_FAILED);
  said = run_read_said (&run);
  g_assert_cmpstr (said, ==, "portlight-helper: must not be setuid or setgid: use file capabilities or pkexec\n");
  run_clear (&run);
  remove_copy (path, dir);
}

/* What it inherits beyond descriptors 0 to 2 is closed; what it opens for itself never becomes one of those. */
static void
test_descriptors (void)
{
  int kept = open ("/dev/zero", O_RDONLY); /* not close-on-exec */
  Run run;

  if (!need_root ())
    return;
  g_assert_cmpint (fcntl (kept, F_DUPFD, 200), ==, 200);
  run_start (&run, &(RunOptions){ 0 }, "-i", "lo", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  for (int fd = 0; fd < 256; fd++)
    {
      g_autofree char *link = g_strdup_printf ("/proc/%d/fd/%d", run.pid, fd);
      g_autofree char *to = g_file_read_link (link, NULL);

      g_assert_cmpstr (to, !=, "/dev/zero");
      g_assert_true (fd < 16 || to == NULL);
    }
  run_clear (&run);
  close (200);
  close (kept);
}

/* Without a standard output there is nobody to capture for, and where all three are closed nothing else would end it. */
static void
test_closed_output (void)
{
  const char *helper = g_getenv ("PORTLIGHT_HELPER");
  static const char *const lines[] = { "exec \"$0\" -i lo >&-", "exec \"$0\" -i lo <&- >&- 2>&-" };

  if (!need_root ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *said = NULL;
      Run run;

      run_start (&run, &(RunOptions){ .exe = "/bin/sh", .input = RUN_NULL }, "-c", lines[i], helper, NULL);
      g_assert_cmpint (run_wait (&run, 5000), ==, PL_HELPER_EXIT_FAILED);
      said = run_read_said (&run);
      g_assert_cmpstr (said, ==, i == 0 ? "portlight-helper: cannot write the packets: Bad file descriptor\n" : "");
      run_clear (&run);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/rights/root", test_root);
  g_test_add_func ("/helper/rights/pkexec-uid", test_pkexec_uid);
  g_test_add_func ("/helper/rights/without", test_without_rights);
  g_test_add_func ("/helper/rights/file-capabilities", test_file_capabilities);
  g_test_add_func ("/helper/rights/setuid-is-refused", test_setuid_is_refused);
  g_test_add_func ("/helper/rights/descriptors", test_descriptors);
  g_test_add_func ("/helper/rights/closed-output", test_closed_output);
  return g_test_run ();
}
