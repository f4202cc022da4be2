/* See other-tool.h. Main loop only; nothing here waits for the other program.
 *
 * Sources: dumpcap(1), fifo(7), flatpak-spawn(1), flatpak-run(1) ($XDG_RUNTIME_DIR/app/ID is the host's, too). */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "other-tool.h"
#include "flatpak.h"
#include "helper-host.h"
#include "bounds.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct _PlOtherTool
{
  GSubprocess *process; /* nullable */
  char *path; /* of the pipe; nullable */
  int fd; /* -1 */
  int lock; /* of the folder that the pipe is in; -1 */
  GSubprocess *remover; /* nullable */
};

typedef struct
{
  PlOtherToolChecked done;
  gpointer user_data;
} Check;

/* Puts the words before a command that is to run on this computer, outside of a sandbox. */
static void
add_host (GStrvBuilder *argv)
{
  if (pl_is_flatpak ())
    g_strv_builder_add_many (argv, "/usr/bin/flatpak-spawn", "--host", "--watch-bus", "--directory=/", NULL);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Check *check = data;

  check->done (g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, NULL), check->user_data);
}

void
pl_other_tool_check_dumpcap_async (PlOtherToolChecked done, gpointer user_data)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  add_host (builder);
  /* Whoever may start it may not always capture with it, as on Debian until its package is told otherwise: for a list of link
   * types it has to open a socket. */
  g_strv_builder_add_many (builder, "sh", "-c", "exec dumpcap -L -i any", NULL);
  g_auto (GStrv) argv = g_strv_builder_end (builder);
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      (const char *const *)argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
  if (process == NULL)
    {
      done (FALSE, user_data);
      return;
    }
  Check *check = g_new0 (Check, 1);
  *check = (Check){ done, user_data };
  g_subprocess_wait_check_async (process, NULL, on_checked, check);
}

PlOtherTool *
pl_other_tool_start_dumpcap (const char *interface, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *snaplen = g_strdup_printf ("%d", PL_LIMIT_SNAPLEN_BYTES);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  pid_t app = getpid ();

  add_host (builder);
  if (pl_is_flatpak ())
    g_subprocess_launcher_set_child_setup (launcher, pl_helper_host_end_with_app, &app, NULL);
  /* As pcapng, which names the interface; on “any” only SLL2 tells each packet's, which libpcap before 1.10 has not. */
  g_strv_builder_add_many (builder, "sh", "-c",
                           "dumpcap -L -i \"$2\" 2>&1 | grep -q LINUX_SLL2 && set -- \"$@\" -y LINUX_SLL2; "
                           "exec dumpcap -q -w - \"$@\"",
                           "sh", "-i", interface, "-s", snaplen, NULL);
  g_auto (GStrv) argv = g_strv_builder_end (builder);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, error);
  if (process == NULL)
    return NULL;
  GInputStream *output = g_subprocess_get_stdout_pipe (process);
  PlOtherTool *tool = g_new0 (PlOtherTool, 1);
  tool->lock = -1;
  tool->fd = fcntl (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (output)), F_DUPFD_CLOEXEC, 3);
  g_input_stream_close (output, NULL, NULL); /* so that the duplicate is the only one */
  tool->process = g_steal_pointer (&process);
  return tool;
}

/* Anew before the old one is closed: without a reader for a moment it would look left behind. */
gboolean
pl_other_tool_reopen (PlOtherTool *tool)
{
  int fd = open (tool->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);

  if (tool->fd >= 0)
    close (tool->fd);
  tool->fd = fd;
  return fd >= 0;
}

#define PIPES "packets-" /* how folders with pipes begin */
#define PIPE "pipe"
#define TRIES 100 /* to make one; each that fails was in the way of another program's start */

/* (transfer full): where pipes are that the host's programs see, too. */
static char *
get_folder (void)
{
  return pl_is_flatpak () ? g_build_filename (g_get_user_runtime_dir (), "app", PL_APP_ID, NULL)
                          : g_build_filename (g_get_user_runtime_dir (), "portlight", NULL);
}

/* Whether it is a pipe of this user's that nobody reads. Of a socket open(2) says the same. */
static gboolean
is_left_behind (const char *path)
{
  struct stat status;

  if (lstat (path, &status) != 0 || !S_ISFIFO (status.st_mode) || status.st_uid != getuid ())
    return FALSE;
  int fd = open (path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fd >= 0)
    close (fd);
  return fd < 0 && errno == ENXIO;
}

/* Of a folder with a pipe, as long as its program lives; of a killed one the kernel takes it. -1 with errno while another has it. */
static int
lock_folder (const char *own)
{
  int fd = open (own, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      int why = errno;

      close (fd);
      errno = why;
      fd = -1;
    }
  return fd;
}

/* Nobody reads a pipe whose program was killed; one that waits to write into it ends. */
void
pl_other_tool_remove_left_behind (void)
{
  g_autofree char *folder = get_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *own = g_build_filename (folder, name, NULL), *path = g_build_filename (own, PIPE, NULL);
      int lock = g_str_has_prefix (name, PIPES) ? lock_folder (own) : -1;

      if (lock < 0)
        continue; /* not ours, in use, or just being made */
      if (is_left_behind (path))
        {
          int reader = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);

          g_unlink (path);
          if (reader >= 0)
            close (reader);
        }
      g_rmdir (own); /* empty, also when its program was killed before it made the pipe */
      close (lock);
    }
}

static void
remove_pipe (const char *path)
{
  g_autofree char *own = g_path_get_dirname (path);

  g_unlink (path);
  g_rmdir (own);
}

/* Takes the pipe in $1 away when its standard input ends, which it does with us in every case. What ends a terminal's programs, or a
 * session's, is not to end it before. */
#define REMOVE "trap '' HUP INT TERM; read -r line; rm -f -- \"$1/" PIPE "\"; rmdir -- \"$1\" || :"

/* (nullable): on the host, where it outlives a sandbox that is killed. */
static GSubprocess *
start_remover (const char *own)
{
  const char *const on_host[] = {
    "/usr/bin/flatpak-spawn", "--host", "--directory=/", "/bin/sh", "-c", REMOVE, "sh", own, NULL
  };

  return g_subprocess_newv (
      pl_is_flatpak () ? on_host : on_host + 3,
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
}

/* In a folder that goes with it: a line that is pasted later would else make a file of that name, and fill it. NULL with errno;
 * ENOENT or EWOULDBLOCK when another start took the folder, before it was locked, for one that was left behind. */
static PlOtherTool *
make_pipe (const char *folder)
{
  g_autoptr (PlOtherTool) tool = g_new0 (PlOtherTool, 1);
  g_autofree char *own = g_build_filename (folder, PIPES "XXXXXX", NULL);

  tool->fd = tool->lock = -1;
  if (g_mkdtemp (own) == NULL)
    return NULL;
  tool->path = g_build_filename (own, PIPE, NULL);
  tool->lock = lock_folder (own);
  if (tool->lock >= 0 && mkfifo (tool->path, 0600) == 0 && pl_other_tool_reopen (tool))
    {
      tool->remover = start_remover (own);
      return g_steal_pointer (&tool);
    }
  int why = errno;
  g_clear_pointer (&tool, pl_other_tool_free);
  errno = why;
  return NULL;
}

PlOtherTool *
pl_other_tool_open_pipe (GError **error)
{
  g_autofree char *folder = get_folder ();
  PlOtherTool *tool = NULL;

  g_mkdir_with_parents (folder, 0700);
  pl_other_tool_remove_left_behind ();
  for (guint i = 0; tool == NULL && (i == 0 || errno == ENOENT || errno == EWOULDBLOCK) && i < TRIES; i++)
    tool = make_pipe (folder);
  if (tool == NULL)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), _ ("The pipe in %s cannot be made: %s"), folder,
                 g_strerror (errno));
  return tool;
}

void
pl_other_tool_free (PlOtherTool *tool)
{
  if (tool->process != NULL)
    g_subprocess_send_signal (tool->process, SIGTERM);
  g_clear_object (&tool->process);
  if (tool->path != NULL)
    remove_pipe (tool->path);
  if (tool->fd >= 0)
    close (tool->fd);
  if (tool->lock >= 0)
    close (tool->lock);
  if (tool->remover != NULL)
    g_output_stream_close (g_subprocess_get_stdin_pipe (tool->remover), NULL, NULL);
  g_clear_object (&tool->remover);
  g_free (tool->path);
  g_free (tool);
}

gboolean
pl_other_tool_is_ours (const PlOtherTool *tool)
{
  return tool->process != NULL;
}

int
pl_other_tool_get_fd (const PlOtherTool *tool)
{
  return tool->fd;
}

int
pl_other_tool_steal_fd (PlOtherTool *tool)
{
  int fd = tool->fd;

  tool->fd = -1;
  return fd;
}

const char *
pl_other_tool_get_path (const PlOtherTool *tool)
{
  return tool->path;
}

char *
pl_other_tool_dup_said (PlOtherTool *tool)
{
  char said[PL_LIMIT_HELPER_SAID_BYTES];
  gssize n_bytes = -1;

  if (tool->process != NULL)
    n_bytes = g_pollable_input_stream_read_nonblocking (
        G_POLLABLE_INPUT_STREAM (g_subprocess_get_stderr_pipe (tool->process)), said, sizeof said - 1, NULL, NULL);
  if (n_bytes <= 0)
    return NULL;
  said[n_bytes] = '\0';
  g_autofree char *valid = g_utf8_make_valid (g_strchomp (said), -1);
  const char *last = strrchr (valid, '\n');
  return g_strdup (last != NULL ? last + 1 : valid);
}
