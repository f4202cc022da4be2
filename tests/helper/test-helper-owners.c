/* portlight-helper's owner child: what it answers about processes of other users, that it names every sender the kernel's
 * tracepoints saw and none wrongly, that it keeps two capabilities and nothing else, and that it ends. Runs the real
 * helper as root. */
#include "helper-run.h"
#include "procfs.h"
#include "trace-records.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000 /* for what takes some milliseconds where nothing else runs */
#define USER (700000 + (uid_t)getpid ()) /* of this run alone */

typedef union
{
  struct pl_helper_header header;
  struct
  {
    struct pl_helper_header h;
    struct pl_helper_process process;
  } p;
  struct
  {
    struct pl_helper_header h;
    struct pl_helper_pids pids;
  } l;
  struct
  {
    struct pl_helper_header h;
    struct pl_helper_sockets sockets;
  } s;
  struct
  {
    struct pl_helper_header h;
    struct pl_helper_records records;
  } r;
  guint8 bytes[PL_HELPER_MESSAGE_BYTES];
} Message;

static int
receive (Run *run, Message *message, int timeout_ms)
{
  struct pollfd owners = { .fd = run->owners, .events = POLLIN };

  if (poll (&owners, 1, timeout_ms) != 1)
    return -1;
  int n_bytes = recv (run->owners, message, sizeof *message, 0);
  if (n_bytes > 0)
    {
      g_assert_cmpint (n_bytes, >=, sizeof message->header);
      g_assert_cmpuint (message->header.version, ==, PL_HELPER_PROTOCOL);
      g_assert_cmpuint (message->header.length, ==, n_bytes - sizeof message->header);
    }
  return n_bytes;
}

/* Waits for the first message of @type, whatever comes before: where tracepoints are to be had, all of this machine's senders. */
static gboolean
comes_until (Run *run, guint16 type, Message *message, gint64 until_us)
{
  for (gint64 now_us; (now_us = g_get_monotonic_time ()) < until_us;)
    if (receive (run, message, (int)((until_us - now_us) / 1000) + 1) > 0 && message->header.type == type)
      return TRUE;
  return FALSE;
}

static void
receive_type (Run *run, guint16 type, Message *message)
{
  g_assert_true (comes_until (run, type, message, g_get_monotonic_time () + PATIENCE_MS * 1000));
}

static void
ask (Run *run, guint16 type, guint64 id, guint32 about)
{
  struct pl_helper_asked message = { { PL_HELPER_PROTOCOL, type, sizeof message.question },
                                     { .id = id, .about = about } };

  g_assert_true (run_send (run->owners, &message, sizeof message));
}

/* The helper waits for no room: an answer may be lost among told senders that nobody has read yet, and is asked for again. */
static void
get_answer (Run *run, guint16 question, guint32 about, guint16 answer, Message *message)
{
  static guint64 id = 100;
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  gboolean is_it = FALSE;

  while (!is_it)
    {
      gint64 again_us = g_get_monotonic_time () + PATIENCE_MS * 1000 / 10;

      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      ask (run, question, ++id, about);
      while (!is_it && comes_until (run, answer, message, again_us))
        is_it = memcmp (message->bytes + sizeof message->header, &id, sizeof id) == 0; /* the first field of each */
    }
}

static const struct pl_helper_process *
describe (Run *run, guint32 pid, Message *message)
{
  get_answer (run, PL_HELPER_DESCRIBE, pid, PL_HELPER_PROCESS, message);
  return &message->p.process;
}

/* What the app makes of it. */
static void
read_stat (const struct pl_helper_process *process, PlProcFacts *facts)
{
  g_autofree char *text = g_strndup (process->text, process->stat_bytes);

  g_assert_true (pl_proc_facts_set_stat (facts, text));
}

static void
start_owners (Run *run, RunOptions options, const char *option)
{
  options.with_owners = TRUE;
  run_start (run, &options, "-i", "lo", option, NULL);
  g_assert_true (run_is_ready (run, PATIENCE_MS));
}

static pid_t
get_owner_child (Run *run)
{
  g_autofree char *path = g_strdup_printf ("/proc/%1$d/task/%1$d/children", run->pid), *children = NULL;

  g_assert_true (g_file_get_contents (path, &children, NULL, NULL));
  return atoi (children);
}

static void
assert_status (pid_t pid, const char *name, const char *expected)
{
  g_autofree char *value = read_status (pid, name);

  g_test_message ("%s: %s", name, value);
  g_assert_cmpstr (value, ==, expected);
}

/* SYS_PTRACE is bit 19, DAC_READ_SEARCH bit 2. */
static void
test_rights (void)
{
  Message message;
  struct stat status;
  Run run;

  if (!need_root ())
    return;
  start_owners (&run, (RunOptions){ .environment = (const char *const[]){ "PKEXEC_UID=61234", NULL } }, NULL);
  receive_type (&run, PL_HELPER_READY, &message);
  pid_t child = get_owner_child (&run);
  g_autofree char *fd_path = g_strdup_printf ("/proc/%d/fd", child);
  assert_status (run.pid, "CapEff", "0000000000000000");
  assert_status (run.pid, "CapPrm", "0000000000000000");
  assert_status (child, "CapEff", "0000000000080004");
  assert_status (child, "CapPrm", "0000000000080004");
  assert_status (child, "CapInh", "0000000000000000");
  assert_status (child, "CapBnd", "0000000000000000");
  assert_status (child, "CapAmb", "0000000000000000");
  assert_status (child, "Uid", "61234\t61234\t61234\t61234");
  assert_status (child, "Gid", "65534\t65534\t65534\t65534");
  assert_status (child, "Groups", "");
  assert_status (child, "NoNewPrivs", "1");
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
  assert_status (child, "Seccomp", "2");
#endif
  g_assert_no_errno (stat (fd_path, &status));
  g_assert_cmpuint (status.st_uid, ==, 0); /* not dumpable */
  run_clear (&run);
}

/* A process of another user that is not dumpable, with a listening socket; sleeps. @inode is that of its socket. */
static pid_t
start_stranger (guint64 *inode)
{
  int fd = socket (AF_INET, SOCK_DGRAM, 0);
  struct stat status;

  g_assert_no_errno (fstat (fd, &status));
  *inode = status.st_ino;
  uid_t user = USER;
  g_autofree char *expected = g_strdup_printf ("%u", user);
  pid_t pid = fork ();
  g_assert_no_errno (pid);
  if (pid == 0)
    {
      if (setresgid (user, user, user) != 0 || setresuid (user, user, user) != 0)
        _exit (1);
      execlp ("sleep", "stranger (x) y", "60", NULL);
      _exit (1);
    }
  close (fd);
  for (gboolean is_there = FALSE; !is_there; g_usleep (1000))
    {
      g_autofree char *uid = read_status (pid, "Uid"), *name = read_status (pid, "Name");

      is_there = g_str_has_prefix (uid, expected) && g_str_equal (name, "sleep");
    }
  return pid;
}

/* -1 where the kernel does not count (CONFIG_TASK_IO_ACCOUNTING). */
static gint64
count_reads (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/io", pid), *text = NULL;
  return g_file_get_contents (path, &text, NULL, NULL) ? atoll (strstr (text, "syscr: ") + 7) : -1;
}

static void
test_answers (void)
{
  g_autofree char *sleep_path = g_find_program_in_path ("sleep");
  g_autofree char *real_path = sleep_path != NULL ? realpath (sleep_path, NULL) : NULL;
  Message message;
  guint64 inode;
  Run run;

  if (!need_root ())
    return;
  start_owners (&run, (RunOptions){ 0 }, NULL);
  receive_type (&run, PL_HELPER_READY, &message);
  pid_t stranger = start_stranger (&inode);

  const struct pl_helper_process *process = describe (&run, stranger, &message);
  g_auto (PlProcFacts) facts = { 0 }, again = { 0 };
  read_stat (process, &facts);
  g_assert_cmpuint (process->pid, ==, stranger);
  g_assert_cmpint (facts.pid, ==, stranger);
  g_assert_cmpint (facts.parent_pid, ==, getpid ());
  g_assert_cmpuint (process->uid, ==, USER);
  g_assert_cmpuint (facts.start_time, >, 0);
  g_assert_cmpuint (facts.exec_mark, >, 0);
  g_assert_cmpstr (facts.comm, ==, "sleep");
  const char *exe = process->text + process->stat_bytes;
  g_assert_cmpmem (exe, process->exe_bytes, real_path, strlen (real_path));
  g_assert_cmpmem (exe + process->exe_bytes, process->cmdline_bytes, "stranger (x) y\00060", 18);
  g_assert_cmpuint (process->cgroup_bytes, >, 0);
  read_stat (describe (&run, stranger, &message), &again);
  g_assert_cmpuint (again.start_time, ==, facts.start_time);
  gint64 n_least = G_MAXINT64; /* senders may be described meanwhile */
  for (gint64 i = 0, n; i < 20; i++, n_least = MIN (n_least, count_reads (get_owner_child (&run)) - n))
    {
      n = count_reads (get_owner_child (&run));
      describe (&run, stranger, &message);
    }
  g_assert_cmpint (n_least, <=, 3); /* each of its files once */

  get_answer (&run, PL_HELPER_HOLDS, stranger, PL_HELPER_SOCKETS, &message);
  g_assert_cmpuint (message.s.sockets.n_sockets, >=, 1);
  g_assert_cmpuint (message.s.sockets.n_left, ==, 0);
  gboolean is_found = FALSE;
  for (guint i = 0; i < message.s.sockets.n_sockets; i++)
    is_found |= message.s.sockets.inodes[i] == inode;
  g_assert_true (is_found);

  get_answer (&run, PL_HELPER_LIST, 0, PL_HELPER_PIDS, &message);
  g_assert_cmpuint (message.l.pids.n_pids, >=, 3);
  is_found = FALSE;
  for (guint i = 0; i < message.l.pids.n_pids; i++)
    is_found |= message.l.pids.pids[i].pid == (guint32)stranger
                && message.l.pids.pids[i].network == message.l.pids.pids[0].network;
  g_assert_true (is_found);
  get_answer (&run, PL_HELPER_LIST, stranger - 1, PL_HELPER_PIDS, &message);
  g_assert_cmpuint (message.l.pids.pids[0].pid, ==, stranger); /* and all that have greater numbers */

  kill (stranger, SIGKILL);
  waitpid (stranger, NULL, 0);
  process = describe (&run, stranger, &message);
  g_assert_cmpuint (process->stat_bytes + process->exe_bytes + process->cmdline_bytes + process->cgroup_bytes, ==, 0);
  g_assert_cmpuint (describe (&run, 0, &message)->stat_bytes, ==, 0);
  g_assert_cmpuint (describe (&run, G_MAXUINT32, &message)->stat_bytes, ==, 0);
  get_answer (&run, PL_HELPER_HOLDS, stranger, PL_HELPER_SOCKETS, &message);
  g_assert_cmpuint (message.s.sockets.n_left, ==, G_MAXUINT32);
  run_clear (&run);
}

/* Which of them exec(2) closes. */
static void
test_flags (void)
{
  Message message;
  struct stat status;
  int fds[4];
  Run run;

  if (!need_root ())
    return;
  start_owners (&run, (RunOptions){ 0 }, NULL);
  receive_type (&run, PL_HELPER_READY, &message);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = socket (i < 2 ? AF_INET : AF_UNIX, SOCK_DGRAM | (i % 2 == 1 ? SOCK_CLOEXEC : 0), 0);
  get_answer (&run, PL_HELPER_HOLDS, getpid (), PL_HELPER_SOCKETS, &message);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      guint n_found = 0;

      g_assert_no_errno (fstat (fds[i], &status));
      for (guint j = 0; j < message.s.sockets.n_sockets; j++)
        n_found += message.s.sockets.inodes[j] == (status.st_ino | (i % 2 == 1 ? PL_HELPER_CLOSED_BY_EXEC : 0));
      g_assert_cmpuint (n_found, ==, 1);
      close (fds[i]);
    }
  run_clear (&run);
}

static void
test_many_sockets (void)
{
  Message message;
  int fds[1200];
  Run run;

  if (!need_root ())
    return;
  start_owners (&run, (RunOptions){ 0 }, NULL);
  receive_type (&run, PL_HELPER_READY, &message);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = socket (AF_UNIX, SOCK_DGRAM, 0);
  if (fds[1199] < 0)
    g_test_skip ("the limit of open files is too low");
  else
    {
      get_answer (&run, PL_HELPER_HOLDS, getpid (), PL_HELPER_SOCKETS, &message);
      g_assert_cmpuint (message.s.sockets.n_sockets, ==, G_N_ELEMENTS (message.s.sockets.inodes));
      g_assert_cmpuint (message.s.sockets.n_sockets + message.s.sockets.n_left, >=, 1200);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i] >= 0)
      close (fds[i]);
  run_clear (&run);
}

/* It ends without a message, and packets come all the same. */
static void
assert_no_owners (RunOptions options, const char *option)
{
  Message message;
  Run run;

  start_owners (&run, options, option);
  g_assert_cmpint (receive (&run, &message, PATIENCE_MS), ==, 0);
  g_assert_cmpint (run_wait (&run, 100), ==, -1);
  run_clear (&run);
}

static void
test_without (void)
{
  if (!need_root ())
    return;
  assert_no_owners ((RunOptions){ 0 }, "--no-owners");
}

static void
test_sockets_only (void)
{
  Message message;
  Run run;

  if (!need_root ())
    return;
  start_owners (&run, (RunOptions){ 0 }, "--sockets-only");
  receive_type (&run, PL_HELPER_READY, &message);
  netns_send_udp (NULL, "127.0.0.1", 4020, 10, 100, 1);
  run_read_stream (&run, 300);
  g_assert_cmpuint (run.bytes->len, ==, 24); /* the header of a capture, and no packet */
  g_assert_cmpuint (describe (&run, getpid (), &message)->pid, ==, getpid ());
  guint64 before_ns = get_cpu_ns (run.pid);
  run_read_stream (&run, 300);
  g_assert_cmpuint (get_cpu_ns (run.pid) - before_ns, <, 15000000); /* it has nothing to do */
  close (run.input);
  run.input = -1;
  g_assert_cmpint (run_wait (&run, PATIENCE_MS), ==, PL_HELPER_EXIT_OK);
  run_clear (&run);
}

static gboolean
is_alive (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid), *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, ") Z ") == NULL;
}

static void
assert_dies (pid_t pid)
{
  for (gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000; is_alive (pid); g_usleep (1000))
    g_assert_cmpint (g_get_monotonic_time (), <, until_us);
}

static void
test_ends (void)
{
  for (int way = 0; way < 5 && need_root (); way++)
    {
      Message message;
      Run run;

      start_owners (&run, (RunOptions){ 0 }, NULL);
      receive_type (&run, PL_HELPER_READY, &message);
      pid_t child = get_owner_child (&run);
      switch (way)
        {
        case 0: /* the app goes */
          close (run.input);
          close (run.owners);
          run.input = run.owners = -1;
          g_assert_cmpint (run_wait (&run, PATIENCE_MS), ==, PL_HELPER_EXIT_OK);
          break;
        case 1: /* its parent is killed: the owners socket is still open */
          kill (run.pid, SIGKILL);
          g_assert_cmpint (run_wait (&run, PATIENCE_MS), ==, 128 + SIGKILL);
          break;
        case 2: /* nobody wants to know owners any more: packets go on */
          close (run.owners);
          run.owners = -1;
          assert_dies (child);
          g_assert_cmpint (run_wait (&run, 200), ==, -1);
          break;
        case 4: /* nobody will ask any more, and yet holds the socket: that wakes it once, not for ever */
          g_assert_no_errno (shutdown (run.owners, SHUT_WR));
          assert_dies (child);
          g_assert_cmpint (run_wait (&run, 200), ==, -1);
          break;
        case 3: /* the owner child is killed: packets go on, nobody is left a zombie */
          kill (child, SIGKILL);
          while (receive (&run, &message, PATIENCE_MS) > 0)
            ;
          assert_dies (child);
          g_assert_cmpint (kill (child, 0), !=, 0);
          g_assert_cmpint (run_wait (&run, 200), ==, -1);
          break;
        }
      assert_dies (child);
      run_clear (&run);
    }
}

/* Messages of every kind and length, on both sockets; then it answers as before. */
static void
test_noise (void)
{
  g_autofree guint8 *noise = g_malloc (20000);
  guint n_sent = 0;
  Message message;
  Run run;

  if (!need_root ())
    return;
  start_owners (&run, (RunOptions){ 0 }, NULL);
  receive_type (&run, PL_HELPER_READY, &message);
  for (guint i = 0; i < 20000; i++)
    {
      struct pl_helper_header header = { PL_HELPER_PROTOCOL, g_test_rand_int_range (0, 80),
                                         g_test_rand_int_range (0, 64) };
      guint n_bytes = g_test_rand_int_range (0, i % 100 == 0 ? 20000 : 64);

      for (guint k = 0; k < MIN (n_bytes, 64); k++)
        noise[k] = g_test_rand_int ();
      if (i % 2 == 0 && n_bytes >= sizeof header)
        memcpy (noise, &header, sizeof header);
      n_sent += run_send (i % 4 < 3 ? run.owners : run.input, noise, n_bytes);
      while (receive (&run, &message, 0) > 0)
        ;
      if (i % 100 == 0)
        g_usleep (1000);
    }
  g_test_message ("%u messages of noise arrived", n_sent);
  g_assert_cmpuint (n_sent, >, 1000);
  g_assert_cmpuint (describe (&run, getpid (), &message)->pid, ==, getpid ());
  g_assert_cmpint (run_wait (&run, 0), ==, -1);
  run_clear (&run);
}

/* As many questions as it can answer in 2 s, all answered, and it still ends with its memory as before. How many is told,
 * not asked for: it is the machine's affair. */
static void
test_load (void)
{
  guint n_asked = 0, n_answered = 0;
  Message message;
  Run run;

  if (!need_root ())
    return;
  start_owners (&run, (RunOptions){ 0 }, NULL);
  receive_type (&run, PL_HELPER_READY, &message);
  pid_t child = get_owner_child (&run);
  g_autofree char *before = read_status (child, "VmRSS");
  for (gint64 until_us = g_get_monotonic_time () + 2 * G_USEC_PER_SEC; g_get_monotonic_time () < until_us;)
    {
      for (guint i = 0; i < 20; i++, n_asked++)
        ask (&run, i % 2 == 0 ? PL_HELPER_DESCRIBE : PL_HELPER_HOLDS, n_asked + 1, getpid ());
      while (n_answered < n_asked) /* what the kernel traces comes between */
        {
          g_assert_cmpint (receive (&run, &message, PATIENCE_MS), >, 0);
          n_answered += (message.header.type == PL_HELPER_PROCESS && message.p.process.id != 0)
                        || message.header.type == PL_HELPER_SOCKETS;
        }
    }
  g_autofree char *after = read_status (child, "VmRSS");
  g_test_message ("%u questions, %u answers in 2 s; memory %s before, %s after", n_asked, n_answered, before, after);
  g_assert_cmpuint (n_answered, ==, n_asked);
  g_assert_cmpint (atoi (after), <, atoi (before) + 512);
  for (guint i = 0; i < 100; i++)
    ask (&run, PL_HELPER_LIST, 1, 0); /* and nobody reads */
  close (run.owners);
  run.owners = -1;
  assert_dies (child);
  run_clear (&run);
}

/* ---- tracepoints ---- */

/* A client in a process of its own, as "PROGRAM --client KIND": sends once to port 9 of this computer, which is closed,
 * says its pid and local port on descriptor 1, and is gone. */
static int
run_client (const char *kind)
{
  gboolean is_v6 = strstr (kind, "6") != NULL, is_tcp = strstr (kind, "tcp") != NULL;
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons (9), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons (9), .sin_addr = { htonl (INADDR_LOOPBACK) } };
  struct sockaddr *to = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
  socklen_t length = is_v6 ? sizeof v6 : sizeof v4;
  struct sockaddr_in6 own = { 0 };
  socklen_t own_length = sizeof own;
  int fd = socket (is_v6 ? AF_INET6 : AF_INET, is_tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

  if (is_tcp || strstr (kind, "connected") != NULL)
    {
      if (is_tcp) /* bound first: after a refused connect() the port is gone */
        {
          struct sockaddr_in6 any = { .sin6_family = is_v6 ? AF_INET6 : AF_INET };
          if (bind (fd, (struct sockaddr *)&any, length) != 0)
            return 1;
          getsockname (fd, (struct sockaddr *)&own, &own_length);
        }
      if (connect (fd, to, length) != 0 && errno != ECONNREFUSED)
        return 1;
      if (!is_tcp && send (fd, "x", 1, 0) != 1)
        return 1;
    }
  else if (sendto (fd, "x", 1, 0, to, length) != 1)
    return 1;
  if (!is_tcp)
    getsockname (fd, (struct sockaddr *)&own, &own_length);
  printf ("%d %d\n", getpid (), ntohs (own.sin6_port)); /* at the same place in both families */
  return 0;
}

typedef struct
{
  guint pid, local_port; /* what the client says */
  guint8 family, protocol;
  guint n_right, n_wrong;
  const char *kind; /* in its command line */
  guint n_described; /* as its client, unasked */
  guint64 n_dropped; /* messages for want of room, ever, of all senders on this machine */
  guint64 n_lost; /* … and records, since the client began */
  gboolean has_begun; /* was told */
} Truth;

static void
on_sender (const PlTraceSender *sender, gpointer data)
{
  Truth *truth = data;

  if (sender->family != truth->family || sender->protocol != truth->protocol || sender->local_port != truth->local_port
      || sender->remote_port != 9)
    return;
  truth->n_right += sender->pid == truth->pid;
  truth->n_wrong += sender->pid != truth->pid;
}

static void
on_process (guint32 type, const guint8 *bytes, gsize n_bytes, gpointer data)
{
  Truth *truth = data;
  struct pl_helper_process process;

  if (type == PERF_RECORD_FORK)
    {
      truth->has_begun |= memcmp (bytes, &truth->pid, sizeof truth->pid) == 0;
      return;
    }
  if (type == PERF_RECORD_SAMPLE)
    return;
  g_assert_cmpuint (type, ==, PL_HELPER_RECORD_PROCESS);
  g_assert_cmpuint (n_bytes, >=, G_STRUCT_OFFSET (struct pl_helper_process, text));
  g_assert_cmpuint (n_bytes, <=, sizeof process);
  memcpy (&process, bytes, n_bytes);
  g_assert_cmpuint (n_bytes, ==,
                    G_STRUCT_OFFSET (struct pl_helper_process, text) + process.stat_bytes + process.exe_bytes
                        + process.cmdline_bytes + process.cgroup_bytes);
  g_assert_cmpuint (process.id, ==, 0);
  if (process.pid == truth->pid && process.cmdline_bytes > strlen (truth->kind)
      && memmem (process.text + process.stat_bytes + process.exe_bytes, process.cmdline_bytes, truth->kind,
                 strlen (truth->kind)))
    truth->n_described++;
}

/* Until @truth was told, or a record was lost that may have told it, or the time is over. */
static void
read_records (Run *run, PlTraceRecords *records, Truth *truth, gint64 until_us)
{
  gsize head_bytes = G_STRUCT_OFFSET (struct pl_helper_records, bytes);
  Message message;

  while (truth->n_right == 0 && truth->n_lost == 0 && comes_until (run, PL_HELPER_RECORDS, &message, until_us))
    {
      truth->n_lost += message.r.records.n_dropped - truth->n_dropped;
      truth->n_dropped = message.r.records.n_dropped;
      truth->n_lost += pl_trace_records_read (records, message.r.records.bytes, message.header.length - head_bytes,
                                              on_sender, on_process, truth);
    }
}

/* What is told of a client of @kind; @n_dropped grows to what was lost so far. */
static Truth
run_one (Run *run, PlTraceRecords *records, const char *netns, const char *kind, guint64 *n_dropped)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL), *said = NULL;
  char *argv[] = { "ip", "netns", "exec", (char *)netns, self, "--client", (char *)kind, NULL };
  Truth truth = { .kind = kind,
                  .family = strstr (kind, "6") != NULL ? 6 : 4,
                  .protocol = strstr (kind, "tcp") != NULL ? IPPROTO_TCP : IPPROTO_UDP,
                  .n_dropped = *n_dropped };
  int status;

  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (sscanf (said, "%u %u", &truth.pid, &truth.local_port), ==, 2);
  read_records (run, records, &truth, g_get_monotonic_time () + PATIENCE_MS * 1000);
  *n_dropped = truth.n_dropped;
  g_assert_cmpuint (truth.n_wrong, ==, 0);
  if (truth.n_right == 0)
    g_test_message ("%s: not told of pid %u, port %u", kind, truth.pid, truth.local_port);
  return truth;
}

#define N_OF_EACH 25

static void
test_tracepoints (void)
{
  static const char *const kinds[] = { "udp4", "udp4-connected", "udp6", "udp6-connected", "tcp4", "tcp6" };
  g_autoptr (PlTraceRecords) records = pl_trace_records_new ();
  guint n_formats = 0, n_told = 0, n_lost = 0, n_described = 0, n_begun = 0, n = 0;
  guint64 n_dropped = 0;
  Message message;
  char *netns;
  Run run;

  if (!need_root () || !netns_add (&netns))
    return;
  run_start (&run, &(RunOptions){ .with_owners = TRUE, .with_tracefs = TRUE }, "-i", "lo", NULL);
  if (!run_is_ready (&run, 5000))
    {
      g_test_skip ("tracefs cannot be mounted here");
      run_clear (&run);
      netns_remove (netns);
      return;
    }
  do
    {
      g_assert_cmpint (receive (&run, &message, PATIENCE_MS), >, 0);
      if (message.header.type == PL_HELPER_FORMAT)
        n_formats +=
            pl_trace_records_add_format (records, (char *)message.bytes + sizeof message.header, message.header.length);
    }
  while (message.header.type != PL_HELPER_READY);
  if (n_formats < 3)
    g_test_skip ("this kernel lacks one of the three tracepoints");
  for (guint i = 0; n_formats == 3 && i < N_OF_EACH * G_N_ELEMENTS (kinds); i++, n++)
    {
      Truth truth = run_one (&run, records, netns, kinds[i % G_N_ELEMENTS (kinds)], &n_dropped);

      n_told += truth.n_right > 0;
      n_lost += truth.n_right == 0 && truth.n_lost > 0;
      n_described += truth.n_described;
      n_begun += truth.has_begun;
    }
  g_test_message ("%u clients: %u told with their pid, %u with their command line, none wrong", n, n_told, n_described);
  g_test_message ("%u may be among what found no room", n_lost);
  g_assert_cmpuint (n_told + n_lost, ==, n);
  if (n > 0)
    {
      g_assert_cmpuint (n_described, >, 0); /* the rest were gone before they could be looked at */
      g_assert_cmpuint (n_begun, >, 0);
    }
  run_clear (&run);
  netns_remove (netns);
}

/* Where the formats may be read and the tracepoints not be opened, none is told: the app would take it that they tell. */
static void
test_unopened (void)
{
  g_autofree char *path = g_strdup_printf ("%s/pl-helper-%d", g_get_tmp_dir (), getpid ()),
                  *script = g_strdup_printf ("#!/bin/sh\nexec setpriv --bounding-set=-perfmon,-sys_admin '%s' \"$@\"\n",
                                             g_getenv ("PORTLIGHT_HELPER"));
  Message message;
  Run run;

  if (!need_root ())
    return;
  g_assert_true (g_file_set_contents_full (path, script, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  run_start (&run, &(RunOptions){ .exe = path, .with_owners = TRUE, .with_tracefs = TRUE }, "-i", "lo", NULL);
  if (run_is_ready (&run, 5000))
    do
      {
        g_assert_cmpint (receive (&run, &message, PATIENCE_MS), >, 0);
        g_assert_cmpint (message.header.type, !=, PL_HELPER_FORMAT);
      }
    while (message.header.type != PL_HELPER_READY);
  else
    g_test_skip ("tracefs cannot be mounted, or setpriv is missing");
  run_clear (&run);
  g_remove (path);
}

/* Under ip-netns(8) "exec" /sys is another mount, without tracefs: that of the first process will do. */
static void
test_hidden_tracefs (void)
{
  g_autofree char
      *path = g_strdup_printf ("%s/pl-helper-%d", g_get_tmp_dir (), getpid ()),
      *script = g_strdup_printf (
          "#!/bin/sh\n"
          "case $1 in\n"
          "first) shift; test -e /sys/kernel/tracing/events || mount -t tracefs tracefs /sys/kernel/tracing || exit\n"
          "  test -e /sys/kernel/tracing/events/fib/fib_table_lookup/format || exit\n"
          "  unshare --mount \"$0\" second \"$@\" ;;\n"
          "second) shift; umount -l /sys && mount -t sysfs sysfs /sys && ! test -e /sys/kernel/tracing/events && exec "
          "'%s' \"$@\" ;;\n"
          "*) exec unshare --pid --fork --kill-child --mount --mount-proc \"$0\" first \"$@\" ;;\n"
          "esac\n",
          g_getenv ("PORTLIGHT_HELPER"));
  guint n_formats = 0;
  Message message;
  Run run;

  if (!need_root ())
    return;
  g_assert_true (g_file_set_contents_full (path, script, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  run_start (&run, &(RunOptions){ .exe = path, .with_owners = TRUE }, "-i", "lo", NULL);
  if (run_is_ready (&run, 5000))
    {
      do
        {
          g_assert_cmpint (receive (&run, &message, PATIENCE_MS), >, 0);
          n_formats += message.header.type == PL_HELPER_FORMAT;
        }
      while (message.header.type != PL_HELPER_READY);
      g_assert_cmpuint (n_formats, >, 0);
    }
  else
    g_test_skip ("tracefs, or another pid namespace, cannot be had here");
  run_clear (&run);
  g_remove (path);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--client"))
    return run_client (argv[2]);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/owners/rights", test_rights);
  g_test_add_func ("/helper/owners/answers", test_answers);
  g_test_add_func ("/helper/owners/flags", test_flags);
  g_test_add_func ("/helper/owners/many-sockets", test_many_sockets);
  g_test_add_func ("/helper/owners/without", test_without);
  g_test_add_func ("/helper/owners/sockets-only", test_sockets_only);
  g_test_add_func ("/helper/owners/ends", test_ends);
  g_test_add_func ("/helper/owners/noise", test_noise);
  g_test_add_func ("/helper/owners/load", test_load);
  g_test_add_func ("/helper/owners/tracepoints", test_tracepoints);
  g_test_add_func ("/helper/owners/unopened", test_unopened);
  g_test_add_func ("/helper/owners/hidden-tracefs", test_hidden_tracefs);
  return g_test_run ();
}
