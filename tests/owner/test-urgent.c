/* A thread's priority as app/urgent.h sets it, read back from the kernel. */
#include <glib.h>
#include <sys/wait.h>

#include "urgent.h"

#define NICE 3

static gboolean
may_be_urgent (void)
{
  pl_urgent_begin ();
  gboolean is_urgent = (sched_getscheduler (0) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO;
  pl_urgent_end ();
  return is_urgent;
}

static gint64
read_slice_ns (void)
{
  struct
  {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
  } attr = { 0 };

  g_assert_cmpint (syscall (SYS_sched_getattr, 0, &attr, sizeof attr, 0), ==, 0);
  g_assert_cmpint (attr.nice, ==, NICE);
  return (gint64)attr.runtime_ns;
}

/* The nice value outlives it all; so does the slice, where the kernel has one. */
static void
test_ordinary (void)
{
  g_assert_cmpint (setpriority (PRIO_PROCESS, 0, NICE), ==, 0);
  pl_urgent_prepare ();
  gint64 slice_ns = read_slice_ns ();
  pl_urgent_begin ();
  pl_urgent_end ();
  g_assert_cmpint (sched_getscheduler (0) & ~SCHED_RESET_ON_FORK, ==, SCHED_OTHER);
  g_assert_cmpint (getpriority (PRIO_PROCESS, 0), ==, NICE);
  g_assert_cmpint (read_slice_ns (), ==, slice_ns);
  if (slice_ns != PL_URGENT_SLICE_NS)
    g_test_skip ("this kernel has no slices of a thread's own (Linux 6.12)");
}

static void
test_urgent (void)
{
  int status;

  if (!may_be_urgent ())
    {
      g_test_skip ("no right to real-time priority (CAP_SYS_NICE or RLIMIT_RTPRIO)");
      return;
    }
  pl_urgent_begin ();
  /* What it starts is ordinary. */
  pid_t child = fork ();
  if (child == 0)
    _exit (sched_getscheduler (0));
  g_assert_cmpint (sched_getscheduler (0), ==, SCHED_FIFO | SCHED_RESET_ON_FORK);
  pl_urgent_end ();
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (WEXITSTATUS (status), ==, SCHED_OTHER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/urgent/ordinary", test_ordinary);
  g_test_add_func ("/urgent/urgent", test_urgent);
  return g_test_run ();
}
