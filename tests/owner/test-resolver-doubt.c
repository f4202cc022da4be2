/* What a scan for packet sockets comes to: a sender who is told meanwhile is named, and where only our own helpers have any nobody waits. */
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reception.h"
#include "resolver-private.h"

#define PORT 40000

typedef struct
{
  PlResolver *resolver;
  PlHelperLink *link;
  int their_fd;
  PlCase one; /* of which packet sockets are guessed at */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int pair[2];
  PlAddr loopback = pl_addr_from_v4 ((const guint8[4]){ 127, 0, 0, 1 });
  fixture->resolver = pl_resolver_new ("/proc", NULL);
  if (fixture->resolver == NULL)
    return;
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
  fixture->their_fd = pair[1];
  fixture->link = pl_helper_link_new (pair[0]);
  pl_resolver_use_helper (fixture->resolver, fixture->link);
  fixture->one =
      (PlCase){ .is_local = TRUE, .is_guess = TRUE, .needs_scan = TRUE, .n_inodes = 1, .uid = PL_UNKNOWN_U32 };
  fixture->one.question = (PlOwnerQuestion){ .both_local = TRUE,
                                             .asked_us = g_get_monotonic_time (),
                                             .first_us = (guint64)g_get_real_time () };
  fixture->one.end = (guint8)pl_flow_key_from_ends (PL_PROTO_UDP, PL_KIND_PORTS, &loopback, PORT, &loopback, 9, 0,
                                                    &fixture->one.question.key);
  fixture->one.question.local_end = fixture->one.question.initiator_end = fixture->one.end;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pl_case_clear (&fixture->one);
  if (fixture->resolver == NULL)
    return;
  pl_resolver_use_helper (fixture->resolver, NULL);
  pl_resolver_free (fixture->resolver);
  pl_helper_link_free (fixture->link);
  close (fixture->their_fd);
}

static PlTraceSender
make_sender (Fixture *fixture, gint32 pid, guint16 port)
{
  return (PlTraceSender){ .pid = (guint32)pid,
                          .tid = (guint32)pid,
                          .time_ns = (guint64)fixture->one.question.asked_us * 1000,
                          .family = 4,
                          .protocol = PL_PROTO_UDP,
                          .local = { 127, 0, 0, 1 },
                          .remote = { 127, 0, 0, 1 },
                          .local_port = port,
                          .remote_port = 9 };
}

/* A busy helper tells that this process sent it, while all processes were looked into. */
static void
test_told_meanwhile (Fixture *fixture, gconstpointer data)
{
  PlSenderProcess process = { 0 };
  PlTraceSender sender = make_sender (fixture, getpid (), PORT);
  if (fixture->resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      return;
    }
  fixture->one.inodes[0] = 1; /* nobody's that could be found */
  g_assert_false (pl_resolver_finish (fixture->resolver, &fixture->one, FALSE, FALSE));
  g_assert_true (pl_procfs_read (fixture->resolver->procfs, getpid (), &process.facts));
  pl_senders_describe (fixture->resolver->senders, getpid (), &process);
  pl_senders_add (fixture->resolver->senders, &sender);
  g_assert_true (pl_resolver_finish (fixture->resolver, &fixture->one, FALSE, FALSE));
  g_assert_nonnull (fixture->one.process);
  g_assert_cmpint (fixture->one.process->pid, ==, getpid ());
  g_assert_cmpint (fixture->one.confidence, ==, PL_CONFIDENCE_EXACT);
}

/* The helper tells that a process sent it which was gone before it could look at that, and whose socket another one has by now. */
static void
test_left_by_told (Fixture *fixture, gconstpointer data)
{
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof own;
  PlSenderProcess gone = { 0 };
  PlCase one = fixture->one;
  struct stat info;
  if (fixture->resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      return;
    }
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *)&own, length));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *)&own, &length));
  pid_t child = fork ();
  if (child == 0)
    _exit (0);
  waitpid (child, NULL, 0);
  g_assert_no_errno (fstat (fd, &info));
  /* As of a scan: on a busy machine we are soon none of the newest processes, which alone are searched at once. */
  pl_holders_add (fixture->resolver->holders, &(PlHolder){ .inode = info.st_ino, .pid = getpid (), .fd = fd });
  one.is_guess = one.needs_scan = FALSE;
  one.n_inodes = 0;
  one.question.key.port[one.end] = g_ntohs (own.sin_port);
  PlTraceSender sender = make_sender (fixture, child, g_ntohs (own.sin_port));
  pl_senders_describe (fixture->resolver->senders, child, &gone);
  pl_senders_add (fixture->resolver->senders, &sender);
  pl_resolver_ask (fixture->resolver, &one, 1, FALSE);
  g_assert_cmpuint (one.n_inodes, ==, 1);
  g_assert_nonnull (one.process);
  g_assert_cmpint (one.process->pid, ==, 0); /* ours would be wrong */
  g_assert_cmpint (one.confidence, ==, PL_CONFIDENCE_LIKELY);
  pl_case_clear (&one);
  close (fd);
}

/* Who sent was gone, and its number another process's, before the helper could look at it. */
static void
test_number_used_again (Fixture *fixture, gconstpointer data)
{
  PlSenderProcess process = { 0 };
  PlCase one = fixture->one;
  if (fixture->resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      return;
    }
  one.is_guess = one.needs_scan = FALSE;
  one.n_inodes = 0;
  g_assert_true (pl_procfs_read (fixture->resolver->procfs, getpid (), &process.facts));
  process.facts.start_time += 100 * (guint64)sysconf (_SC_CLK_TCK);
  PlTraceSender sender = make_sender (fixture, getpid (), PORT);
  pl_senders_describe (fixture->resolver->senders, getpid (), &process);
  pl_senders_add (fixture->resolver->senders, &sender);
  pl_resolver_ask (fixture->resolver, &one, 1, FALSE);
  g_assert_null (one.process);
  pl_case_clear (&one);
}

/* Its number is another program's within the same 10 ms, before a script is read once more. */
static void
test_number_used_at_once (Fixture *fixture, gconstpointer data)
{
  static const char arguments[] = "python3\0/tmp/first.py";
  PlSenderProcess process = { 0 };
  PlCase one = fixture->one;
  if (fixture->resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      return;
    }
  one.is_guess = one.needs_scan = FALSE;
  one.n_inodes = 0;
  g_assert_true (pl_procfs_read (fixture->resolver->procfs, getpid (), &process.facts));
  process.facts.exec_mark += 4096;
  pl_proc_facts_set_exe (&process.facts, "/usr/bin/python3", strlen ("/usr/bin/python3"));
  pl_proc_facts_set_cmdline (&process.facts, arguments, sizeof arguments);
  PlTraceSender sender = make_sender (fixture, getpid (), PORT);
  pl_senders_describe (fixture->resolver->senders, getpid (), &process);
  pl_senders_add (fixture->resolver->senders, &sender);
  pl_resolver_ask (fixture->resolver, &one, 1, FALSE);
  g_assert_nonnull (one.process);
  g_assert_cmpstr (one.process->exe, ==, "/usr/bin/python3");
  pl_case_clear (&one);
}

static gboolean
may_be_passed (Fixture *fixture, const PlHolder *holder)
{
  PlResolver *resolver = fixture->resolver;
  PlProcFacts facts = { 0 };
  return pl_reception_is_possible (&resolver->receptions, resolver->procfs, resolver->diag, holder, &facts, FALSE,
                                   FALSE);
}

/* Of who has ended no descriptor is seen, which is no gap between them. */
static void
test_ended (Fixture *fixture, gconstpointer data)
{
  siginfo_t info;
  pid_t child = fork ();
  if (child == 0)
    _exit (0);
  waitid (P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
  PlHolder holder = { .inode = 1, .pid = child, .fd = STDERR_FILENO + 1 };
  if (fixture->resolver != NULL)
    g_assert_false (may_be_passed (fixture, &holder));
  waitpid (child, NULL, 0);
}

/* Some hundred sockets and nothing else, whose last is asked about again and again. */
static void
test_many_descriptors (Fixture *fixture, gconstpointer data)
{
  enum
  {
    LAST = 300
  };
  int ready[2];
  char byte;
  guint n_asked = 0;
  struct stat info;
  g_autofree char *path = NULL;
  if (fixture->resolver == NULL)
    return;
  g_assert_no_errno (pipe (ready));
  pid_t child = fork ();
  if (child == 0)
    {
      int own = dup2 (ready[1], LAST + 1);
      for (int fd = STDERR_FILENO + 1; fd <= LAST; fd++)
        if (dup2 (socket (AF_INET, SOCK_DGRAM, 0), fd) != fd)
          _exit (1);
      (void)!write (own, "", 1);
      pause ();
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  path = g_strdup_printf ("/proc/%d/fd/%d", child, LAST);
  g_assert_no_errno (stat (path, &info));
  PlHolder holder = { .inode = info.st_ino, .pid = child, .fd = LAST };
  gboolean is_first_so = may_be_passed (fixture, &holder);
  while (n_asked < 10000 && !may_be_passed (fixture, &holder))
    n_asked++;
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  close (ready[0]);
  g_assert_false (is_first_so);
  g_assert_cmpuint (n_asked, <, 10000);
}

/* The only packet sockets that there are listen: no further scan could tell more, though not everybody was looked into. */
static void
test_only_helpers (Fixture *fixture, gconstpointer data)
{
  struct stat info;
  int names[2];
  char byte;
  if (fixture->resolver == NULL)
    {
      g_test_skip ("no sock_diag here");
      return;
    }
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (fstat (fd, &info));
  g_assert_no_errno (pipe (names));
  pid_t helper = fork ();
  if (helper == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      prctl (PR_SET_NAME, "portlight-helper", 0, 0, 0);
      g_assert_cmpint (write (names[1], "x", 1), ==, 1);
      pause ();
    }
  g_assert_cmpint (read (names[0], &byte, 1), ==, 1);
  close (names[0]);
  close (names[1]);
  fixture->one.inodes[0] = info.st_ino;
  pl_holders_add (fixture->resolver->holders, &(PlHolder){ .inode = info.st_ino, .pid = helper, .fd = fd });
  g_assert_true (pl_resolver_finish (fixture->resolver, &fixture->one, FALSE, FALSE));
  g_assert_null (fixture->one.process);
  kill (helper, SIGKILL);
  waitpid (helper, NULL, 0);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/resolver-doubt/told-meanwhile", Fixture, NULL, set_up, test_told_meanwhile, tear_down);
  g_test_add ("/resolver-doubt/left-by-told", Fixture, NULL, set_up, test_left_by_told, tear_down);
  g_test_add ("/resolver-doubt/number-used-again", Fixture, NULL, set_up, test_number_used_again, tear_down);
  g_test_add ("/resolver-doubt/number-used-at-once", Fixture, NULL, set_up, test_number_used_at_once, tear_down);
  g_test_add ("/resolver-doubt/ended", Fixture, NULL, set_up, test_ended, tear_down);
  g_test_add ("/resolver-doubt/many-descriptors", Fixture, NULL, set_up, test_many_descriptors, tear_down);
  g_test_add ("/resolver-doubt/only-helpers", Fixture, NULL, set_up, test_only_helpers, tear_down);
  return g_test_run ();
}
