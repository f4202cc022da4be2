/* Sockets' holders by the helper alone, as in a sandbox whose /proc shows none of them. Runs the real helper as root. */
#include "helper-run.h"
#include "outside.h"
#include "protocol.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER 61235

typedef struct
{
  Run run;
  PlProcfs *procfs;
  PlNames *names;
  PlProcesses *processes;
  PlSenders *senders;
  PlHelperLink *link;
  PlOutside *outside;
} Fixture;

static void
setup (Fixture *fixture)
{
  RunOptions options = { .with_owners = TRUE };

  run_start (&fixture->run, &options, "-i", "lo", NULL);
  g_assert_true (run_is_ready (&fixture->run, 5000));
  fixture->procfs = pl_procfs_new ("/proc");
  fixture->names = pl_names_new (fixture->procfs, pl_desktop_index_new (NULL), "");
  fixture->processes = pl_processes_new (fixture->procfs, fixture->names);
  fixture->senders = pl_senders_new ();
  fixture->link = pl_helper_link_new (fixture->run.owners);
  pl_helper_link_set_senders (fixture->link, fixture->senders);
  fixture->run.owners = -1;
  fixture->outside = pl_outside_new (fixture->processes);
  pl_outside_use_helper (fixture->outside, fixture->link);
  for (int i = 0; i < 500 && !pl_helper_link_is_ready (fixture->link); i++, g_usleep (10000))
    pl_helper_link_read (fixture->link);
  g_assert_true (pl_helper_link_is_ready (fixture->link));
}

static void
teardown (Fixture *fixture)
{
  pl_outside_free (fixture->outside);
  pl_helper_link_free (fixture->link);
  pl_senders_free (fixture->senders);
  pl_processes_free (fixture->processes);
  pl_names_free (fixture->names);
  pl_procfs_free (fixture->procfs);
  run_clear (&fixture->run);
}

/* A child with a socket, whose descriptor here is left in @fd: another user's, and another program by now, if a stranger. */
static pid_t
start_holder (int *fd, guint64 *inode, gboolean is_stranger)
{
  struct stat status;
  int begun[2];
  char byte;

  *fd = socket (AF_INET, SOCK_STREAM, 0);
  g_assert_no_errno (fstat (*fd, &status));
  *inode = status.st_ino;
  g_assert_no_errno (pipe2 (begun, O_CLOEXEC));
  pid_t pid = fork ();
  g_assert_no_errno (pid);
  if (pid > 0)
    {
      close (begun[1]);
      g_assert_cmpint (read (begun[0], &byte, 1), ==, is_stranger ? 0 : 1);
      close (begun[0]);
      return pid;
    }
  if (!is_stranger && write (begun[1], "x", 1) == 1)
    {
      sleep (120);
      _exit (0);
    }
  if (setresgid (USER, USER, USER) == 0 && setresuid (USER, USER, USER) == 0)
    execlp ("sleep", "sleep", "120", NULL);
  _exit (1);
}

static void
end_stranger (pid_t pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

/* Looks until a round ends, some processes at a time. */
static void
look_round (Fixture *fixture)
{
  guint n_steps = 1;

  while (!pl_outside_step (fixture->outside, 8))
    {
      int wait_ms = pl_outside_get_wait_ms (fixture->outside);

      g_assert_true (wait_ms >= 0 || pl_helper_link_is_slow (fixture->link));
      g_assert_cmpuint (n_steps++, <, 100000);
      g_usleep ((gulong)(wait_ms >= 0 ? wait_ms : 1) * 1000);
      pl_helper_link_read (fixture->link); /* as the owner thread does when an answer comes late */
    }
  g_test_message ("%u steps", n_steps);
}

static void
test_stranger (void)
{
  Fixture fixture = { 0 };
  PlHolder holder = { 0 };
  guint64 inode;
  int fd;

  if (!need_root ())
    return;
  setup (&fixture);
  g_assert_cmpint (pl_outside_get_wait_ms (fixture.outside), ==, -1); /* nothing is wanted: nobody is asked */
  pid_t pid = start_holder (&fd, &inode, TRUE);
  close (fd);
  g_usleep (200000); /* it is "sleep" by then, of its own user */
  g_assert_null (pl_outside_get (fixture.outside, inode, &holder));
  g_assert_true (pl_outside_is_wanted (fixture.outside, inode));
  look_round (&fixture);

  PlProcess *process = pl_outside_get (fixture.outside, inode, &holder);
  g_assert_nonnull (process);
  g_assert_cmpint (process->pid, ==, pid);
  g_assert_cmpuint (process->uid, ==, USER);
  g_assert_cmpstr (process->comm, ==, "sleep");
  g_assert_cmpint (holder.held, ==, PL_HELD_ALONE);
  g_assert_false (pl_outside_is_wanted (fixture.outside, inode));
  pl_process_unref (process);

  /* Who is gone is not named any more; then nobody holds it, and it is not looked for without end. */
  end_stranger (pid);
  g_usleep (600000); /* longer than what was told is believed */
  g_assert_null (pl_outside_get (fixture.outside, inode, &holder));
  g_assert_true (pl_outside_is_wanted (fixture.outside, inode));
  look_round (&fixture);
  g_assert_null (pl_outside_get (fixture.outside, inode, &holder));
  g_assert_false (pl_outside_is_wanted (fixture.outside, inode));
  teardown (&fixture);
}

/* The eldest of several made the socket. */
static void
test_family (void)
{
  Fixture fixture = { 0 };
  PlHolder holder = { 0 };
  guint64 inode;
  int fd;

  if (!need_root ())
    return;
  setup (&fixture);
  pid_t pid = start_holder (&fd, &inode, FALSE);
  g_assert_null (pl_outside_get (fixture.outside, inode, &holder));
  look_round (&fixture);
  PlProcess *process = pl_outside_get (fixture.outside, inode, &holder);
  g_assert_nonnull (process);
  g_assert_cmpint (process->pid, ==, getpid ());
  g_assert_cmpint (holder.held, ==, PL_HELD_BY_FAMILY);
  pl_process_unref (process);
  end_stranger (pid);
  close (fd);
  teardown (&fixture);
}

static gboolean
count_socket (gint32 pid, int fd, guint64 inode, gpointer data)
{
  g_assert_cmpuint (inode, !=, 0);
  ++*(guint *)data;
  return TRUE;
}

/* As an ordinary user, by what the helper tells: whether we, who are root, have what no list of descriptors shows. */
static gboolean
seems_unlisted (Fixture *fixture, int socket_fd)
{
  int status;
  guint n_sockets = 0;
  gint32 parent = getpid ();
  pid_t pid = fork ();
  g_assert_no_errno (pid);
  if (pid == 0)
    {
      if (setresgid (USER, USER, USER) != 0 || setresuid (USER, USER, USER) != 0)
        _exit (2);
      g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
      pl_procfs_use_helper (procfs, fixture->link);
      gboolean is_seen = pl_procfs_foreach_socket (procfs, parent, 4096, count_socket, &n_sockets);
      if (!is_seen || (n_sockets > 0) != (socket_fd >= 0))
        _exit (3);
      _exit (pl_procfs_get_n_unlisted (procfs) > 0 ? 1 : 0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), <=, 1);
  return WEXITSTATUS (status) == 1;
}

/* Whoever has an io_uring may have sockets in it: one that nobody seems to hold need not be the kernel's. */
static void
test_ring (void)
{
  Fixture fixture = { 0 };
  struct io_uring_params params = { 0 };
  int fd;

  if (!need_root ())
    return;
  setup (&fixture);
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_false (seems_unlisted (&fixture, fd));
  int ring = (int)syscall (SYS_io_uring_setup, 1, &params);
  if (ring < 0)
    g_test_skip ("this kernel has no io_uring, or does not allow it");
  else
    {
      g_assert_true (seems_unlisted (&fixture, fd));
      close (ring);
      g_assert_false (seems_unlisted (&fixture, fd));
    }
  close (fd);
  teardown (&fixture);
}

static void
signal_owner_child (Fixture *fixture, int signal)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", fixture->run.pid, fixture->run.pid),
                  *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpint (atoi (text), >, 0);
  g_assert_no_errno (kill (atoi (text), signal));
}

/* A helper that does not say which processes there are has not said that nobody holds a socket. */
static void
test_late (void)
{
  Fixture fixture = { 0 };
  PlHolder holder;
  guint64 inode;
  int fd;

  if (!need_root ())
    return;
  setup (&fixture);
  pid_t pid = start_holder (&fd, &inode, TRUE);
  close (fd);
  g_assert_null (pl_outside_get (fixture.outside, inode, &holder));
  g_assert_true (pl_outside_is_wanted (fixture.outside, inode));
  signal_owner_child (&fixture, SIGSTOP);
  g_assert_false (pl_outside_step (fixture.outside, 8));
  g_assert_true (pl_outside_is_wanted (fixture.outside, inode));
  g_assert_cmpint (pl_outside_get_wait_ms (fixture.outside), >, 0); /* it is asked again, but not at once */
  signal_owner_child (&fixture, SIGCONT);
  look_round (&fixture);
  PlProcess *process = pl_outside_get (fixture.outside, inode, &holder);
  g_assert_nonnull (process);
  g_assert_cmpint (process->pid, ==, pid);
  pl_process_unref (process);
  end_stranger (pid);
  teardown (&fixture);
}

/* One that falls silent in the midst of a round has not said that nobody else has the socket. */
static void
test_late_in_round (void)
{
  Fixture fixture = { 0 };
  PlHolder holder = { 0 };
  guint64 inode;
  int fd;

  if (!need_root ())
    return;
  setup (&fixture);
  pid_t pid = start_holder (&fd, &inode, FALSE);
  g_assert_null (pl_outside_get (fixture.outside, inode, &holder));
  g_assert_false (pl_outside_step (fixture.outside, 1));
  g_assert_cmpint (pl_outside_get_wait_ms (fixture.outside), ==, 0);
  signal_owner_child (&fixture, SIGSTOP);
  for (guint i = 0; i < 1000; i++)
    g_assert_false (pl_outside_step (fixture.outside, 8));
  g_assert_cmpint (pl_outside_get_wait_ms (fixture.outside), ==, -1);
  signal_owner_child (&fixture, SIGCONT);
  look_round (&fixture);
  PlProcess *process = pl_outside_get (fixture.outside, inode, &holder);
  g_assert_nonnull (process);
  g_assert_cmpint (process->pid, ==, getpid ());
  g_assert_cmpint (holder.held, ==, PL_HELD_BY_FAMILY);
  pl_process_unref (process);
  end_stranger (pid);
  close (fd);
  teardown (&fixture);
}

/* More processes than one answer has room for: the oldest are looked into, too, and the eldest of all that have a socket made it. */
static void
test_crowd (void)
{
  static pid_t crowd[2100];
  Fixture fixture = { 0 };
  PlHolder holder;
  guint n = 0;
  struct stat status;
  int begun[2], fd;
  char byte;

  if (!need_root ())
    return;
  setup (&fixture);
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (fstat (fd, &status));
  g_assert_no_errno (pipe2 (begun, O_CLOEXEC));
  while (n < G_N_ELEMENTS (crowd) && (crowd[n] = fork ()) > 0)
    n++;
  if (n < G_N_ELEMENTS (crowd) && crowd[n] == 0)
    {
      close (begun[1]);
      if (n % 1000 != 0)
        close (fd);
      _exit (read (begun[0], &byte, 1) == 0 ? 0 : 1); /* until this test lets go of the pipe */
    }
  if (n < G_N_ELEMENTS (crowd))
    g_test_skip ("so many processes are not allowed here");
  else
    {
      g_assert_null (pl_outside_get (fixture.outside, status.st_ino, &holder));
      look_round (&fixture);
      PlProcess *process = pl_outside_get (fixture.outside, status.st_ino, &holder);
      g_assert_nonnull (process);
      g_assert_cmpint (process->pid, ==, getpid ());
      g_assert_cmpint (holder.held, ==, PL_HELD_BY_FAMILY);
      g_assert_cmpuint (pl_outside_get_n_cut (fixture.outside), ==, 0);
      pl_process_unref (process);
    }
  close (begun[1]);
  close (begun[0]);
  close (fd);
  for (guint i = 0; i < n; i++)
    waitpid (crowd[i], NULL, 0);
  teardown (&fixture);
}

typedef struct
{
  const char *text;
  guint n, n_with; /* lines; those with the text */
} Lines;

static void
count_line (const char *line, gpointer data)
{
  Lines *lines = data;
  lines->n++;
  lines->n_with += strstr (line, lines->text) != NULL;
}

static guint
count_lines (Fixture *fixture, gint32 pid, guint list, guint16 local_port, guint16 remote_port, Lines *lines)
{
  lines->n = lines->n_with = 0;
  g_assert_true (pl_helper_link_read_list (fixture->link, pid, list, local_port, remote_port, count_line, lines));
  return lines->n;
}

#define CLIENTS 200

/* Of a port's sockets only those that are asked for; a list that fills several answers comes whole; and what is no list, or of no
 * process, is empty. */
static void
test_lists (void)
{
  Fixture fixture = { 0 };
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t length = sizeof at;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), clients[CLIENTS], same_port[CLIENTS];

  if (!need_root ())
    return;
  setup (&fixture);
  g_assert_no_errno (bind (fd, (struct sockaddr *)&at, length));
  g_assert_no_errno (listen (fd, CLIENTS));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *)&at, &length));
  guint16 port = ntohs (at.sin_port);
  g_autofree char *local = g_strdup_printf (" 0100007F:%04X ", port);
  Lines lines = { .text = local };
  for (guint i = 0; i < CLIENTS; i++)
    {
      clients[i] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      g_assert_no_errno (connect (clients[i], (struct sockaddr *)&at, length));
    }
  g_assert_no_errno (getsockname (clients[7], (struct sockaddr *)&at, &length));
  g_assert_cmpuint (count_lines (&fixture, getpid (), PL_HELPER_TCP, port, 1, &lines), ==, 2); /* with the headline */
  g_assert_cmpuint (lines.n_with, ==, 1);
  g_assert_cmpuint (count_lines (&fixture, getpid (), PL_HELPER_TCP, port, ntohs (at.sin_port), &lines), ==, 3);
  g_assert_cmpuint (lines.n_with, ==, 2);
  g_assert_cmpuint (count_lines (&fixture, getpid (), PL_HELPER_UDP, port, 1, &lines), ==, 1);

  for (guint i = 0; i < CLIENTS; i++)
    {
      struct sockaddr_in nearby = { .sin_family = AF_INET,
                                    .sin_port = htons (port),
                                    .sin_addr = { htonl (INADDR_LOOPBACK + i) } };
      int yes = 1;
      same_port[i] = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      g_assert_no_errno (setsockopt (same_port[i], SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes));
      g_assert_no_errno (bind (same_port[i], (struct sockaddr *)&nearby, sizeof nearby));
    }
  g_assert_cmpuint (count_lines (&fixture, getpid (), PL_HELPER_UDP, port, 1, &lines), ==, CLIENTS + 1);
  g_assert_cmpuint (lines.n_with, ==, 1);

  lines.text = "127.0.0.1";
  g_assert_cmpuint (count_lines (&fixture, getpid (), PL_HELPER_FIB_TRIE, 0, 0, &lines), >, 0);
  g_assert_cmpuint (lines.n_with, >, 0);
  for (guint list = PL_HELPER_UDP6 + 1; list != 0; list *= 2)
    g_assert_cmpuint (count_lines (&fixture, getpid (), list, 0, 0, &lines), ==, 0);
  for (gint32 pid = G_MAXINT32; pid != 0; pid /= 2)
    g_assert_cmpuint (count_lines (&fixture, -pid, PL_HELPER_TCP, 0, 0, &lines), ==, 0);
  g_assert_cmpuint (pl_helper_link_get_n_unanswered (fixture.link), ==, 0);
  for (guint i = 0; i < CLIENTS; i++)
    {
      close (clients[i]);
      close (same_port[i]);
    }
  close (fd);
  teardown (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/outside/stranger", test_stranger);
  g_test_add_func ("/helper/outside/family", test_family);
  g_test_add_func ("/helper/outside/ring", test_ring);
  g_test_add_func ("/helper/outside/late", test_late);
  g_test_add_func ("/helper/outside/late-in-round", test_late_in_round);
  g_test_add_func ("/helper/outside/crowd", test_crowd);
  g_test_add_func ("/helper/outside/lists", test_lists);
  return g_test_run ();
}
