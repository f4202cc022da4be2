/* What the asker of a question sees of a socket is enough to name its process when the socket is gone. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "first-look.h"
#include "proc-events.h"
#include "procfs.h"
#include "resolver.h"

typedef struct
{
  int server, client;
  guint64 inode;
  PlOwnerQuestion question;
} Pair;

static guint16
get_port (int fd)
{
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&address, &length), ==, 0);
  return g_ntohs (address.sin_port);
}

static void
open_pair (Pair *pair)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  struct stat info;
  PlAddr loopback = pl_addr_from_v4 ((const guint8[4]){ 127, 0, 0, 1 });

  pair->server = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  pair->client = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (pair->server, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (pair->server, (struct sockaddr *)&address, &length), ==, 0);
  g_assert_cmpint (connect (pair->client, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (fstat (pair->client, &info), ==, 0);
  pair->inode = info.st_ino;
  pair->question = (PlOwnerQuestion){
    .key = { .proto = PL_PROTO_UDP, .kind = PL_KIND_PORTS, .addr = { loopback, loopback } },
    .local_end = PL_END_A,
    .initiator_end = PL_END_A,
    .both_local = TRUE,
    .asked_us = g_get_monotonic_time (),
    .first_us = (guint64)g_get_real_time (),
  };
  pair->question.key.port[PL_END_A] = get_port (pair->client);
  pair->question.key.port[PL_END_B] = get_port (pair->server);
}

static void
test_gone (void)
{
  Pair pair;
  PlFirstLook *look = pl_first_look_new ();
  PlResolver *resolver = pl_resolver_new ("/proc", NULL);

  if (resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      pl_first_look_free (look);
      return;
    }
  open_pair (&pair);
  /* A program that anybody starts just as it begins to listen is news enough for it, and what it was told is not looked at. */
  for (guint n = 0; n < 50 && pair.question.seen_pid == 0; n++)
    {
      pl_first_look_free (look);
      look = pl_first_look_new ();
      pl_first_look_expect (look, getpid ());
      pl_first_look_take (look, &pair.question);
    }
  g_assert_cmpuint (pair.question.seen_inode, ==, pair.inode);
  g_assert_cmpuint (pair.question.seen_uid, ==, geteuid ());
  g_assert_cmpint (pair.question.seen_pid, ==, getpid ());
  g_assert_cmpint (pair.question.seen_fd, ==, pair.client);

  close (pair.client);
  PlCase seen = { .question = pair.question, .end = PL_END_A, .is_local = TRUE };
  pl_resolver_ask (resolver, &seen, 1, FALSE);
  g_assert_nonnull (seen.process);
  g_assert_cmpint (seen.process->pid, ==, getpid ());
  g_assert_cmpint (seen.confidence, ==, PL_CONFIDENCE_EXACT);
  pl_case_clear (&seen);

  /* Later there is nothing to be seen, and nobody is named. */
  pl_first_look_take (look, &pair.question);
  g_assert_cmpuint (pair.question.seen_inode, ==, 0);
  PlCase unseen = { .question = pair.question, .end = PL_END_A, .is_local = TRUE };
  pl_resolver_ask (resolver, &unseen, 1, FALSE);
  g_assert_null (unseen.process);
  pl_case_clear (&unseen);
  close (pair.server);
  pl_resolver_free (resolver);
  pl_first_look_free (look);
}

/* A case as the asker saw it, whose socket is closed by now. */
static PlCase
case_of_closed (void)
{
  Pair pair;
  open_pair (&pair);
  pair.question.seen_inode = pair.inode;
  pair.question.seen_uid = geteuid ();
  pair.question.seen_pid = getpid ();
  pair.question.seen_fd = pair.client;
  close (pair.client);
  close (pair.server);
  return (PlCase){ .question = pair.question, .end = PL_END_A, .is_local = TRUE };
}

static void
assert_own (PlCase *one)
{
  g_assert_nonnull (one->process);
  g_assert_cmpint (one->process->pid, ==, getpid ());
  pl_case_clear (one);
}

/* Who was seen is named, however many were at once, and however often nobody had to be looked for before. */
static void
test_many (void)
{
  PlResolver *resolver = pl_resolver_new ("/proc", NULL);
  PlCase cases[32];
  Pair lasting;

  if (resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    cases[i] = case_of_closed ();
  cases[0].question.seen_pid = 0; /* so that the owner thread looks ahead by itself as well */
  pl_resolver_ask (resolver, cases, G_N_ELEMENTS (cases), FALSE);
  pl_case_clear (&cases[0]);
  for (guint i = 1; i < G_N_ELEMENTS (cases); i++)
    assert_own (&cases[i]);
  open_pair (&lasting);
  for (guint i = 0; i < 64; i++) /* after the first one it is known whose it is */
    {
      lasting.question.seen_inode = lasting.inode;
      lasting.question.seen_pid = getpid ();
      lasting.question.seen_fd = lasting.client;
      PlCase again = { .question = lasting.question, .end = PL_END_A, .is_local = TRUE };
      pl_resolver_ask (resolver, &again, 1, FALSE);
      assert_own (&again);
    }
  cases[0] = case_of_closed ();
  pl_resolver_ask (resolver, &cases[0], 1, FALSE);
  assert_own (&cases[0]);
  close (lasting.client);
  close (lasting.server);
  pl_resolver_free (resolver);
}

static void
ignore_event (PlProcEvent event, gint32 pid, gint32 parent_pid, gint64 time_us, gpointer data)
{
}

static gboolean
hears_of_programs (void)
{
  g_autoptr (PlProcEvents) events = pl_proc_events_new (TRUE);
  struct pollfd fd = { .fd = events != NULL ? pl_proc_events_get_fd (events) : -1, .events = POLLIN };
  return events != NULL && poll (&fd, 1, 200) > 0 && pl_proc_events_read (events, ignore_event, NULL)
         && pl_proc_events_is_telling (events);
}

/* By what a client may be passed its socket, or may have been, and closed that since. */
static const char *const ways[] = { "--client-of-unix", "--client-of-closed", "--client-of-input",
                                    "--client-of-pidfd" };

/* This program once more, with a socket to @port, until its standard input ends. */
static int
be_client (const char *as, guint16 port)
{
  int pair[2], input = STDIN_FILENO, closed = -1;
  struct sockaddr_in to = { .sin_family = AF_INET,
                            .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK),
                            .sin_port = g_htons (port) };
  char byte;
  if (g_str_equal (as, ways[0]) && socketpair (AF_UNIX, SOCK_STREAM, 0, pair) != 0)
    return 1;
  if (g_str_equal (as, ways[1]))
    closed = open ("/dev/null", O_RDONLY);
  if (g_str_equal (as, ways[2]))
    {
      input = dup (STDIN_FILENO);
      close (STDIN_FILENO);
      if (socket (AF_UNIX, SOCK_STREAM, 0) != STDIN_FILENO)
        return 1;
    }
  if (g_str_equal (as, ways[3]) && syscall (SYS_pidfd_open, getpid (), 0) < 0)
    return 1;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  close (closed);
  return connect (fd, (struct sockaddr *)&to, sizeof to) != 0 || send (fd, "x", 1, 0) != 1
         || read (input, &byte, 1) != 0;
}

static pid_t
start_client (const char *as, guint16 port, int *hold_fd)
{
  int hold[2];
  g_autofree char *argument = g_strdup_printf ("%u", port);
  g_assert_cmpint (pipe (hold), ==, 0);
  pid_t pid = fork ();
  if (pid == 0)
    {
      dup2 (hold[0], STDIN_FILENO);
      for (int fd = STDERR_FILENO + 1; fd < 64; fd++) /* also what this program was started with */
        close (fd);
      execl ("/proc/self/exe", "client", as, argument, NULL);
      _exit (127);
    }
  close (hold[0]);
  *hold_fd = hold[1];
  return pid;
}

/* A program that began just now, of which the owner thread has not told. */
static void
test_program (void)
{
  Pair pair;
  PlFirstLook *look;
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  char byte;
  int hold_fd, status;

  if (!hears_of_programs ())
    {
      g_test_skip ("the kernel tells no news of processes here");
      return;
    }
  look = pl_first_look_new ();
  open_pair (&pair);
  pl_first_look_take (look, &pair.question); /* listens from now on */
  g_assert_cmpint (pair.question.seen_pid, ==, 0);
  pid_t pid = start_client ("--client", pair.question.key.port[PL_END_B], &hold_fd);
  g_assert_cmpint (recvfrom (pair.server, &byte, 1, 0, (struct sockaddr *)&from, &length), ==, 1);
  pair.question.key.port[PL_END_A] = g_ntohs (from.sin_port);
  pl_first_look_take (look, &pair.question);
  g_assert_cmpuint (pair.question.seen_inode, !=, 0);
  g_assert_cmpint (pair.question.seen_pid, ==, pid);
  close (hold_fd);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  close (pair.client);
  close (pair.server);
  pl_first_look_free (look);
}

/* Whether the look at a client, which is all there is, says that it cannot have been passed its socket. */
static gboolean
is_without_way (const char *as)
{
  Pair pair;
  PlFirstLook *look = pl_first_look_new ();
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  char byte;
  int hold_fd, status;
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");

  open_pair (&pair);
  pid_t pid = start_client (as, pair.question.key.port[PL_END_B], &hold_fd);
  g_assert_cmpint (recvfrom (pair.server, &byte, 1, 0, (struct sockaddr *)&from, &length), ==, 1);
  pair.question.key.port[PL_END_A] = g_ntohs (from.sin_port);
  pl_first_look_hold (look, pid, pl_procfs_open_fds (procfs, pid));
  pl_first_look_take (look, &pair.question);
  g_assert_cmpint (pair.question.seen_pid, ==, pid);
  close (hold_fd);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  close (pair.client);
  close (pair.server);
  pl_first_look_free (look);
  return pair.question.seen_no_way;
}

static void
test_ways (void)
{
  g_assert_true (is_without_way ("--client"));
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_test_message ("%s", ways[i]);
      g_assert_false (is_without_way (ways[i]));
    }
}

static PlConfidence
ask_of_own (PlResolver *resolver, const Pair *pair, gboolean seen_no_way)
{
  PlCase one = { .question = pair->question, .end = PL_END_A, .is_local = TRUE };
  one.question.seen_inode = pair->inode;
  one.question.seen_uid = geteuid ();
  one.question.seen_pid = getpid ();
  one.question.seen_fd = pair->client;
  one.question.seen_no_way = seen_no_way;
  pl_resolver_ask (resolver, &one, 1, FALSE);
  PlConfidence confidence = one.confidence;
  pl_case_clear (&one);
  return confidence;
}

/* Who was seen without a way is not looked into again, as this program with its listener would be. But who had one lately may have closed
 * it. */
static void
test_no_way (void)
{
  Pair pair;
  PlResolver *resolver = pl_resolver_new ("/proc", NULL);
  if (resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      return;
    }
  int listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un nobody = { .sun_family = AF_UNIX };
  g_assert_cmpint (bind (listener, (struct sockaddr *)&nobody, sizeof nobody.sun_family), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  open_pair (&pair);
  g_assert_cmpint (ask_of_own (resolver, &pair, TRUE), ==, PL_CONFIDENCE_EXACT);
  g_assert_cmpint (ask_of_own (resolver, &pair, FALSE), ==, PL_CONFIDENCE_LIKELY);
  g_assert_cmpint (ask_of_own (resolver, &pair, TRUE), ==, PL_CONFIDENCE_LIKELY);
  close (listener);
  close (pair.client);
  close (pair.server);
  pl_resolver_free (resolver);
}

#define MEMORY_BYTES (256 << 20) /* takes the kernel some 10 ms or more to free, before it closes descriptors */
#define ORDINARY_UID 65534

/* This program once more: it ends slowly, as soon as it has sent. */
static int
be_ending (guint16 port)
{
  struct sockaddr_in to = { .sin_family = AF_INET,
                            .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK),
                            .sin_port = g_htons (port) };
  char byte = 'r';
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  char *memory = mmap (NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED || connect (fd, (struct sockaddr *)&to, sizeof to) != 0 || send (fd, &byte, 1, 0) != 1
      || read (STDIN_FILENO, &byte, 1) != 0)
    return 1;
  _exit (send (fd, "x", 1, 0) == 1 ? 0 : 1);
}

/* Waits until what stands beside its descriptors is root's. To look at them by name would hide them from those, too, who have them open. */
static void
wait_hidden (gint32 pid)
{
  g_autofree char *name = g_strdup_printf ("/proc/%d/environ", pid);
  struct stat info;
  siginfo_t end = { .si_pid = 0 };
  do
    g_assert_cmpint (waitid (P_PID, (id_t)pid, &end, WNOHANG | WNOWAIT | WEXITED), ==, 0);
  while (end.si_pid == 0 && stat (name, &info) == 0 && info.st_uid != 0);
}

static gboolean
count_socket (gint32 pid, int fd, guint64 inode, gpointer data)
{
  ++*(guint *)data;
  return TRUE;
}

/* FALSE where it had closed them before it was looked at, as it may on a busy machine: what is still there after the look was there. */
static gboolean
see_ending (void)
{
  Pair pair;
  PlFirstLook *look;
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  char byte;
  int hold_fd, status;
  guint n_left = 0;
  PlFdsBeside beside;
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");

  look = pl_first_look_new ();
  open_pair (&pair);
  pid_t pid = start_client ("--ending", pair.question.key.port[PL_END_B], &hold_fd);
  g_assert_cmpint (recvfrom (pair.server, &byte, 1, 0, (struct sockaddr *)&from, &length), ==, 1);
  pair.question.key.port[PL_END_A] = g_ntohs (from.sin_port);
  int dir_fd = pl_procfs_open_fds (procfs, pid), own_fd = dup (dir_fd);
  g_assert_cmpint (own_fd, >=, 0);
  pl_first_look_hold (look, pid, dir_fd);
  pl_first_look_hold (look, 1,
                      open ("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC)); /* one that began later and has ended */
  pl_first_look_forget (look, 1);
  close (hold_fd);
  g_assert_cmpint (recv (pair.server, &byte, 1, 0), ==, 1);
  wait_hidden (pid);
  pl_first_look_take (look, &pair.question);
  pl_procfs_foreach_socket_in (procfs, own_fd, pid, 0, 16, count_socket, &n_left, &beside);
  if (n_left > 0)
    {
      g_assert_cmpuint (pair.question.seen_inode, !=, 0);
      g_assert_cmpint (pair.question.seen_pid, ==, pid);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  close (own_fd);
  close (pair.client);
  close (pair.server);
  pl_first_look_free (look);
  return pair.question.seen_pid == pid;
}

/* A process that ends hides its descriptors from ordinary users before it closes them. Whoever has the directory open reads it. */
static void
test_ending (void)
{
  guint n_tries = 1;
  while (!see_ending ())
    g_assert_cmpuint (n_tries++, <, 20);
  g_test_message ("seen at try %u", n_tries);
}

/* As an ordinary user: root sees all descriptors to their end. */
static void
test_ending_as_user (void)
{
  int status;
  if (geteuid () != 0)
    {
      test_ending ();
      return;
    }
  pid_t pid = fork ();
  if (pid == 0)
    {
      if (setgroups (0, NULL) != 0 || setgid (ORDINARY_UID) != 0 || setuid (ORDINARY_UID) != 0
          || prctl (PR_SET_DUMPABLE, 1) != 0)
        _exit (2);
      test_ending ();
      _exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_has_prefix (argv[1], "--client"))
    return be_client (argv[1], (guint16)atoi (argv[2]));
  if (argc == 3 && g_str_equal (argv[1], "--ending"))
    return be_ending ((guint16)atoi (argv[2]));
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/first-look/gone", test_gone);
  g_test_add_func ("/first-look/many", test_many);
  g_test_add_func ("/first-look/program", test_program);
  g_test_add_func ("/first-look/ways", test_ways);
  g_test_add_func ("/first-look/no-way", test_no_way);
  g_test_add_func ("/first-look/ending", test_ending_as_user);
  return g_test_run ();
}
