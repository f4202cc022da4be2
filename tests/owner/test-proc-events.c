/* The kernel's news of processes, from real ones: a program that is started, becomes another and ends is told of in this
 * order, its threads are not. Skipped where the kernel tells nobody (another namespace than the first, an old kernel). */
#include <glib.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "first-look.h"
#include "newest.h"
#include "owner-fixture.h"
#include "proc-events.h"
#include "resolver.h"

#define WAIT_MS 2000
#define N_THREADS 20
#define N_REUSES 10
#define N_LIVES 20

typedef struct
{
  gint32 pid;
  GString *told; /* of that pid: b, x, e */
  gint64 begun_us;
  guint n_mine; /* beginnings of numbers that are threads of this process */
} Told;

static void
note (PlProcEvent event, gint32 pid, gint32 parent_pid, gint64 time_us, gpointer data)
{
  Told *told = data;
  g_autofree char *thread = g_strdup_printf ("/proc/self/task/%d", pid);
  if (pid == told->pid)
    g_string_append_c (told->told, "bxe"[event]);
  if (pid == told->pid && event == PL_PROC_BEGAN)
    told->begun_us = time_us;
  told->n_mine += pid != getpid () && g_file_test (thread, G_FILE_TEST_EXISTS);
}

static gboolean
read_until (PlProcEvents *events, Told *told, const char *wanted)
{
  gint64 end_us = g_get_monotonic_time () + WAIT_MS * 1000;
  while (g_get_monotonic_time () < end_us && !g_str_has_suffix (told->told->str, wanted))
    {
      struct pollfd fd = { .fd = pl_proc_events_get_fd (events), .events = POLLIN };
      poll (&fd, 1, 100);
      pl_proc_events_read (events, note, told);
    }
  return g_str_has_suffix (told->told->str, wanted);
}

static PlProcEvents *
listen_or_skip (Told *told)
{
  PlProcEvents *events = pl_proc_events_new (FALSE);
  struct pollfd fd = { .fd = events != NULL ? pl_proc_events_get_fd (events) : -1, .events = POLLIN };
  if (events != NULL && poll (&fd, 1, 200) > 0)
    pl_proc_events_read (events, note, told);
  if (events != NULL && pl_proc_events_is_telling (events))
    return events;
  pl_proc_events_free (events);
  g_test_skip ("the kernel tells no news of processes here");
  return NULL;
}

static gint32
start (const char *program)
{
  pid_t pid = fork ();
  if (pid == 0)
    {
      execl (program, program, NULL);
      _exit (127);
    }
  return pid;
}

static void
test_one_life (void)
{
  Told told = { .told = g_string_new (NULL) };
  PlProcEvents *events = listen_or_skip (&told);
  if (events != NULL)
    {
      gint64 before_us = g_get_monotonic_time ();
      told.pid = start ("/bin/true");
      gint64 after_us = g_get_monotonic_time ();
      g_assert_cmpint (waitpid (told.pid, NULL, 0), ==, told.pid);
      g_assert_true (read_until (events, &told, "e"));
      g_assert_cmpstr (told.told->str, ==, "bxe");
      g_assert_true (before_us <= told.begun_us && told.begun_us <= after_us);
      g_assert_cmpuint (pl_proc_events_get_overruns (events), ==, 0);
    }
  pl_proc_events_free (events);
  g_string_free (told.told, TRUE);
}

static void
count_event (PlProcEvent event, gint32 pid, gint32 parent_pid, gint64 time_us, gpointer data)
{
  ++*(guint *)data;
}

typedef struct
{
  gint32 pids[N_LIVES];
  guint n_told[N_LIVES];
} Lives;

static void
note_life (PlProcEvent event, gint32 pid, gint32 parent_pid, gint64 time_us, gpointer data)
{
  Lives *lives = data;
  for (guint i = 0; event != PL_PROC_ENDED && i < N_LIVES; i++)
    lives->n_told[i] += lives->pids[i] == pid;
}

/* What waits is read in one go, however much it is: each beginning and program, once; the ends may be told a moment after. */
static void
test_many_lives (void)
{
  Told told = { .told = g_string_new (NULL) };
  Lives lives = { 0 };
  PlProcEvents *events = listen_or_skip (&told);
  if (events != NULL)
    {
      for (guint i = 0; i < N_LIVES; i++)
        lives.pids[i] = start ("/bin/true");
      for (guint i = 0; i < N_LIVES; i++)
        g_assert_cmpint (waitpid (lives.pids[i], NULL, 0), ==, lives.pids[i]);
      gboolean is_complete = pl_proc_events_read (events, note_life, &lives);
      for (guint i = 0; is_complete && i < N_LIVES; i++)
        g_assert_cmpuint (lives.n_told[i], ==, 2);
    }
  pl_proc_events_free (events);
  g_string_free (told.told, TRUE);
}

/* Asks in a process namespace of its own, and reads once others have asked. 0 when it was told nothing, as is right. */
static int
listen_within (int asked_fd, int read_fd)
{
  guint n_told = 0;
  char byte = 'a';
  PlProcEvents *events = pl_proc_events_new (FALSE);
  if (write (asked_fd, &byte, 1) != 1 || read (read_fd, &byte, 1) != 1)
    return 2;
  if (events == NULL)
    return 0;
  pl_proc_events_read (events, count_event, &n_told);
  return pl_proc_events_is_telling (events) || n_told > 0;
}

/* The kernel answers all who listen what one has asked, and tells all of them, wherever they are: but the numbers are those of
 * the first process namespace. */
static void
test_within (void)
{
  Told told = { .told = g_string_new (NULL) };
  int asked[2], read_now[2], status;
  char byte = 'r';
  g_assert_cmpint (pipe (asked), ==, 0);
  g_assert_cmpint (pipe (read_now), ==, 0);
  pid_t outer = fork ();
  if (outer == 0)
    {
      if (unshare (CLONE_NEWPID) != 0)
        _exit (77);
      pid_t inner = fork ();
      if (inner == 0)
        _exit (listen_within (asked[1], read_now[0]));
      _exit (waitpid (inner, &status, 0) == inner && WIFEXITED (status) ? WEXITSTATUS (status) : 3);
    }
  close (asked[1]);
  close (read_now[0]);
  gboolean has_asked = read (asked[0], &byte, 1) == 1;
  PlProcEvents *events = has_asked ? listen_or_skip (&told) : NULL;
  if (events != NULL)
    {
      told.pid = start ("/bin/true");
      g_assert_cmpint (waitpid (told.pid, NULL, 0), ==, told.pid);
      g_assert_true (read_until (events, &told, "e"));
    }
  if (has_asked)
    g_assert_cmpint (write (read_now[1], &byte, 1), ==, 1);
  g_assert_cmpint (waitpid (outer, &status, 0), ==, outer);
  if (!has_asked)
    g_test_skip ("no process namespace can be made here");
  else
    g_assert_cmpint (status, ==, 0);
  close (asked[0]);
  close (read_now[1]);
  pl_proc_events_free (events);
  g_string_free (told.told, TRUE);
}

static void *
wait_a_little (void *data)
{
  g_usleep (300000);
  return NULL;
}

static void
test_threads (void)
{
  pthread_t threads[N_THREADS];
  Told told = { .told = g_string_new (NULL) };
  PlProcEvents *events = listen_or_skip (&told);
  if (events != NULL)
    {
      for (guint i = 0; i < N_THREADS; i++)
        g_assert_cmpint (pthread_create (&threads[i], NULL, wait_a_little, NULL), ==, 0);
      told.pid = start ("/bin/true"); /* after them: what it tells comes last */
      g_assert_true (read_until (events, &told, "e"));
      for (guint i = 0; i < N_THREADS; i++)
        pthread_join (threads[i], NULL);
      g_assert_cmpint (waitpid (told.pid, NULL, 0), ==, told.pid);
      g_assert_cmpuint (told.n_mine, ==, 0);
    }
  pl_proc_events_free (events);
  g_string_free (told.told, TRUE);
}

/* A child with the number @pid, which is free; -1 where that may not be chosen. */
static pid_t
fork_as (pid_t pid)
{
  struct clone_args args = { .exit_signal = SIGCHLD, .set_tid = (guint64)(guintptr)&pid, .set_tid_size = 1 };
  pid_t child = (pid_t)syscall (SYS_clone3, &args, sizeof args);
  if (child == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      pause ();
      _exit (0);
    }
  return child;
}

static gboolean
follow_until (PlProcessWatch *watch, gint32 pid, gint64 (*tells) (const PlProcessWatch *, gint32), gint64 since_us)
{
  gint64 end_us = g_get_monotonic_time () + WAIT_MS * 1000;
  while (tells (watch, pid) < since_us && g_get_monotonic_time () < end_us)
    {
      int wait_ms;
      struct pollfd fd = { .fd = pl_process_watch_get_fd (watch, &wait_ms), .events = POLLIN };
      if (poll (&fd, 1, wait_ms < 0 ? 100 : wait_ms) > 0)
        pl_process_watch_ring (watch);
      pl_process_watch_read (watch);
    }
  return tells (watch, pid) >= since_us;
}

/* That somebody ended says nothing of who has the number after. */
static void
test_number_used_again (void)
{
  PlResolver *resolver = pl_resolver_new ("/proc", NULL);
  PlProcessWatch *watch = resolver != NULL ? pl_resolver_get_watch (resolver) : NULL;
  gint64 before_us = g_get_monotonic_time ();
  pid_t pid = -1, again = -1;
  if (watch != NULL)
    {
      pl_process_watch_set_on (watch, TRUE);
      pid = start ("/bin/true");
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
    }
  if (watch != NULL && follow_until (watch, pid, pl_process_watch_get_ended_us, before_us))
    again = fork_as (pid);
  if (again > 0)
    {
      g_assert_cmpint (again, ==, pid);
      before_us = pl_process_watch_get_ended_us (watch, pid);
      g_assert_true (follow_until (watch, pid, pl_process_watch_get_begun_us, before_us));
      g_assert_cmpint (pl_process_watch_get_ended_us (watch, pid), ==, 0);
      kill (pid, SIGKILL);
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
    }
  else
    g_test_skip ("the kernel tells no news of processes here, or lets nobody choose a number");
  pl_resolver_free (resolver);
}

/* Who starts another is childless no more, also when that one has ended. Who began before the news is not known to be. */
static void
test_childless (void)
{
  PlResolver *resolver = pl_resolver_new ("/proc", NULL);
  PlProcessWatch *watch = resolver != NULL ? pl_resolver_get_watch (resolver) : NULL;
  gint64 before_us = g_get_monotonic_time ();
  int go[2];
  char byte = 0;
  g_assert_cmpint (pipe (go), ==, 0);
  if (watch != NULL)
    pl_process_watch_set_on (watch, TRUE);
  pid_t pid = fork ();
  if (pid == 0)
    {
      close (go[1]);
      (void)!read (go[0], &byte, 1);
      pid_t child = fork ();
      if (child == 0)
        _exit (0);
      waitpid (child, NULL, 0);
      pause ();
      _exit (0);
    }
  close (go[0]);
  if (watch != NULL && follow_until (watch, pid, pl_process_watch_get_begun_us, before_us))
    {
      g_assert_true (pl_process_watch_is_childless (watch, pid));
      g_assert_false (pl_process_watch_is_childless (watch, getpid ()));
      g_assert_cmpint (write (go[1], &byte, 1), ==, 1);
      g_assert_true (follow_until (watch, pid, pl_process_watch_get_bereaved_us, before_us));
      g_assert_false (pl_process_watch_is_childless (watch, pid));
    }
  else
    g_test_skip ("the kernel tells no news of processes here");
  close (go[1]);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  pl_resolver_free (resolver);
}

/* Whether this process has the descriptor directory of @pid open. */
static gboolean
holds_directory (gint32 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  gboolean holds = FALSE;
  for (int fd = 0; fd < 256 && !holds; fd++)
    {
      g_autofree char *name = g_strdup_printf ("/proc/self/fd/%d", fd);
      g_autofree char *link = g_file_read_link (name, NULL);
      holds = g_strcmp0 (link, path) == 0;
    }
  return holds;
}

/* A program that became another, and ended before anybody looked; its parent has not waited for it yet. */
static void
test_nothing_held (void)
{
  PlResolver *resolver = pl_resolver_new ("/proc", NULL);
  PlProcessWatch *watch = resolver != NULL ? pl_resolver_get_watch (resolver) : NULL;
  PlFirstLook *look = pl_first_look_new ();
  gint64 before_us = g_get_monotonic_time ();
  siginfo_t info;
  if (watch != NULL)
    {
      pl_process_watch_set_on (watch, TRUE);
      pl_process_watch_read (watch);
      pl_process_watch_tell (watch, look);
      pid_t pid = fork ();
      if (pid == 0)
        {
          execl ("/usr/bin/env", "env", "env", "/bin/true", NULL);
          _exit (127);
        }
      g_assert_cmpint (waitid (P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), ==, 0);
      g_usleep (20000);
      gboolean is_told = follow_until (watch, pid, pl_process_watch_get_ended_us, before_us);
      while (pl_process_watch_note (watch))
        continue;
      g_assert_false (holds_directory (pid));
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
      if (!is_told)
        g_test_skip ("the kernel tells no news of processes here");
      pl_process_watch_tell (watch, NULL);
    }
  pl_first_look_free (look);
  pl_resolver_free (resolver);
}

/* What is told is the newest, whatever its number; what ended is none any more. */
static void
test_newest_told (void)
{
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  PlNewest *newest = pl_newest_new (procfs);
  pl_newest_set_told (newest, TRUE);
  guint n = pl_newest_get_n (newest);
  pl_newest_add (newest, G_MAXINT32);
  pl_newest_add (newest, 1);
  pl_newest_refresh (newest);
  g_assert_cmpint (pl_newest_get (newest, 0), ==, 1);
  g_assert_cmpint (pl_newest_get (newest, 1), ==, G_MAXINT32);
  pl_newest_add (newest, G_MAXINT32);
  g_assert_cmpint (pl_newest_get (newest, 0), ==, G_MAXINT32);
  pl_newest_forget (newest, 1);
  pl_newest_forget (newest, G_MAXINT32);
  g_assert_cmpuint (pl_newest_get_n (newest), <=, n);
  pl_newest_set_told (newest, FALSE);
  g_assert_cmpuint (pl_newest_get_n (newest), >, 0);
  pl_newest_free (newest);
}

static int
bind_again (gconstpointer data)
{
  guint16 port = *(const guint16 *)data;
  return open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
}

/* A port that a new process has while the question about the old one still waits: it began after the packet, though in the
 * same hundredth of a second, which is all that /proc tells of. */
static void
test_port_at_once (void)
{
  Told told = { .told = g_string_new (NULL) };
  PlProcEvents *events = listen_or_skip (&told);
  Fixture fixture;
  guint16 port = 0;
  set_up (&fixture, NULL);
  for (guint i = 0; events != NULL && i <= N_REUSES; i++)
    {
      PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", port, "127.0.0.1", 9);
      Child child = start_child (bind_again, &port);
      port = child.port;
      if (i > 0) /* the first begins before anything is asked, and so before anything is told */
        {
          g_auto (Answers) answers = ask (&fixture, &question);
          g_assert_null (answers.caller.process);
        }
      else
        {
          PlOwnerQuestion first = make_question (PL_PROTO_UDP, "127.0.0.1", port, "127.0.0.1", 9);
          g_auto (Answers) answers = ask (&fixture, &first);
          g_assert_cmpint (answers.caller.process->pid, ==, child.pid);
          g_usleep (300000); /* the kernel begins to tell */
        }
      end_child (&child);
    }
  tear_down (&fixture, NULL);
  pl_proc_events_free (events);
  g_string_free (told.told, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proc-events/one-life", test_one_life);
  g_test_add_func ("/proc-events/many-lives", test_many_lives);
  g_test_add_func ("/proc-events/within", test_within);
  g_test_add_func ("/proc-events/threads", test_threads);
  g_test_add_func ("/proc-events/number-used-again", test_number_used_again);
  g_test_add_func ("/proc-events/childless", test_childless);
  g_test_add_func ("/proc-events/nothing-held", test_nothing_held);
  g_test_add_func ("/proc-events/newest-told", test_newest_told);
  g_test_add_func ("/proc-events/port-at-once", test_port_at_once);
  return g_test_run ();
}
