/* The named pipe for what is pasted into a terminal: what programs that were killed left goes, and nothing else. */
#include "other-tool.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder; /* of the pipes */

/* (transfer full): a path in a folder of its own. */
static char *
make_place (const char *own, const char *name)
{
  g_autofree char *place = g_build_filename (folder, own, NULL);

  g_assert_cmpint (g_mkdir_with_parents (place, 0700), ==, 0);
  return g_build_filename (place, name, NULL);
}

static char *
make_pipe (const char *own, const char *name)
{
  char *path = make_place (own, name);

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  return path;
}

static char *
make_socket (const char *own)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  char *path = make_place (own, "pipe");
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpuint (g_strlcpy (address.sun_path, path, sizeof address.sun_path), <, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (const struct sockaddr *)&address, sizeof address), ==, 0);
  close (fd);
  return path;
}

static gboolean
is_there (const char *path)
{
  GStatBuf status;

  return g_lstat (path, &status) == 0;
}

static void
forget (const char *path)
{
  g_autofree char *own = g_path_get_dirname (path);

  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (own), ==, 0);
}

static void
test_left_behind (void)
{
  g_autofree char *dead = make_pipe ("packets-dead", "pipe"), *dead_place = g_path_get_dirname (dead),
                  *empty = g_build_filename (folder, "packets-empty", NULL), *held = make_pipe ("packets-held", "pipe"),
                  *file = make_place ("packets-file", "pipe"), *link = make_place ("packets-link", "pipe"),
                  *aim = make_pipe ("others", "pipe"), *socket_path = make_socket ("packets-socket"),
                  *other_name = make_pipe ("packets-other", "other");
  const char *stay[] = { held, file, link, aim, socket_path, other_name };
  int reader = open (held, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_cmpint (g_mkdir (empty, 0700) | symlink (aim, link), ==, 0);
  pl_other_tool_remove_left_behind ();
  g_assert_false (is_there (dead_place));
  g_assert_false (is_there (empty));
  for (gsize i = 0; i < G_N_ELEMENTS (stay); i++)
    g_assert_true (is_there (stay[i]));
  close (reader);
  pl_other_tool_remove_left_behind ();
  g_assert_false (is_there (held));
  for (gsize i = 1; i < G_N_ELEMENTS (stay); i++)
    forget (stay[i]);
}

/* Until that process, which has nothing else to wait for, waits. */
static void
wait_until_it_sleeps (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);

  for (;;)
    {
      g_autofree char *stat = NULL;

      g_assert_true (g_file_get_contents (path, &stat, NULL, NULL));
      if (strncmp (strrchr (stat, ')'), ") S", 3) == 0)
        return;
      g_usleep (1000);
    }
}

/* A line that was pasted after the window was killed waits for a reader: it ends instead of waiting for good. */
static void
test_waiting_writer (void)
{
  g_autofree char *dead = make_pipe ("packets-dead", "pipe");
  int status;
  pid_t writer = fork ();

  if (writer == 0)
    {
      int fd = open (dead, O_WRONLY | O_CLOEXEC);

      while (fd >= 0 && write (fd, "packets", 7) == 7)
        continue;
      _exit (fd < 0);
    }
  wait_until_it_sleeps (writer);
  pl_other_tool_remove_left_behind ();
  g_assert_false (is_there (dead));
  g_assert_cmpint (waitpid (writer, &status, 0), ==, writer);
  g_assert_true ((WIFEXITED (status) && WEXITSTATUS (status) == 0)
                 || (WIFSIGNALED (status) && WTERMSIG (status) == SIGPIPE));
}

/* Another start takes none away that is waited on, nor while its writer changes. */
static void
test_in_use (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlOtherTool) tool = pl_other_tool_open_pipe (&error);

  g_assert_no_error (error);
  g_autofree char *path = g_strdup (pl_other_tool_get_path (tool));
  pl_other_tool_remove_left_behind ();
  g_assert_true (is_there (path));
  g_assert_true (pl_other_tool_reopen (tool));
  pl_other_tool_remove_left_behind ();
  g_assert_true (is_there (path));
  g_clear_pointer (&tool, pl_other_tool_free);
  g_assert_false (is_there (path));
}

/* As this program's argument: it is another one, which starts again and again, or waits with a pipe. */
#define SWEEPS "sweeps"
#define HOLDS "holds"

/* Two that start at the same moment: neither takes away what the other is just making. */
static void
test_same_moment (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) other =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "/proc/self/exe", SWEEPS, NULL);
  char word;

  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (other), &word, 1, NULL, &error), ==, 1);
  for (guint i = 0; i < 250; i++)
    {
      g_autoptr (PlOtherTool) tool = pl_other_tool_open_pipe (&error);

      g_assert_no_error (error);
      g_assert_true (is_there (pl_other_tool_get_path (tool)));
    }
  g_subprocess_force_exit (other);
  g_assert_true (g_subprocess_wait (other, NULL, &error));
}

/* Nobody of ours is left to take it away, nor starts again. */
static void
test_killed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) other =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "/proc/self/exe", HOLDS, NULL);
  char path[PATH_MAX];

  g_assert_no_error (error);
  gssize n_bytes = g_input_stream_read (g_subprocess_get_stdout_pipe (other), path, sizeof path - 1, NULL, &error);
  g_assert_cmpint (n_bytes, >, 0);
  path[n_bytes] = '\0';
  g_assert_true (is_there (path));
  g_subprocess_force_exit (other); /* SIGKILL */
  g_autofree char *own = g_path_get_dirname (path);
  while (is_there (own))
    g_usleep (1000);
}

static void
hold (void)
{
  g_autoptr (PlOtherTool) tool = pl_other_tool_open_pipe (NULL);
  const char *path = pl_other_tool_get_path (tool);

  g_assert_cmpint (write (STDOUT_FILENO, path, strlen (path)), ==, (gssize)strlen (path));
  for (;;)
    pause ();
}

static void
sweep (void)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL); /* of the test */
  for (gboolean is_ready = FALSE;; is_ready = TRUE)
    {
      pl_other_tool_remove_left_behind ();
      if (!is_ready)
        g_assert_cmpint (write (STDOUT_FILENO, "r", 1), ==, 1);
    }
}

int
main (int argc, char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], SWEEPS))
    sweep ();
  if (argc > 1 && g_str_equal (argv[1], HOLDS))
    hold ();
  g_autofree char *runtime = g_dir_make_tmp ("pl-test-tool-XXXXXX", NULL);

  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  g_test_init (&argc, &argv, NULL);
  folder = g_build_filename (runtime, "portlight", NULL);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_test_add_func ("/other-tool/left-behind", test_left_behind);
  g_test_add_func ("/other-tool/waiting-writer", test_waiting_writer);
  g_test_add_func ("/other-tool/in-use", test_in_use);
  g_test_add_func ("/other-tool/same-moment", test_same_moment);
  g_test_add_func ("/other-tool/killed", test_killed);
  int result = g_test_run ();
  g_assert_cmpint (g_rmdir (folder) | g_rmdir (runtime), ==, 0);
  g_free (folder);
  return result;
}
