/* A thread's priority as app/urgent.h sets it, read back from the kernel. */
#include <glib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "short-slice.h"
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

/* As by chrt(1): what is set then is not what was. */
static gboolean
is_odd (void)
{
  if ((sched_getscheduler (0) & ~SCHED_RESET_ON_FORK) == SCHED_OTHER)
    return FALSE;
  g_test_skip ("it was started with another scheduling policy than is usual");
  return TRUE;
}

/* Whoever may or may not: an ordinary thread afterwards, with the nice value that it had. */
static void
test_ordinary (void)
{
  if (is_odd ())
    return;
  g_assert_cmpint (setpriority (PRIO_PROCESS, 0, NICE), ==, 0);
  pl_urgent_begin ();
  pl_urgent_end ();
  g_assert_cmpint (sched_getscheduler (0) & ~SCHED_RESET_ON_FORK, ==, SCHED_OTHER);
  g_assert_cmpint (getpriority (PRIO_PROCESS, 0), ==, NICE);
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

/* As the kernel has it: 0 before Linux 6.12. */
static guint64
get_slice_ns (void)
{
  struct pl_sched_attr attr = { .size = sizeof attr };
  g_assert_cmpint (syscall (SYS_sched_getattr, 0, &attr, sizeof attr, 0), ==, 0);
  return attr.runtime_ns;
}

static void
test_short_slice (void)
{
  int nice_before = getpriority (PRIO_PROCESS, 0);
  guint64 before_ns = get_slice_ns ();

  if (is_odd ())
    return;
  pl_short_slice (0);
  g_assert_cmpint (sched_getscheduler (0), ==, SCHED_OTHER);
  g_assert_cmpint (getpriority (PRIO_PROCESS, 0), ==, nice_before);
  if (before_ns == 0)
    {
      g_test_skip ("this kernel has no slices of one's own");
      return;
    }
  g_assert_cmpuint (before_ns, >, PL_SHORT_SLICE_NS);
  g_assert_cmpuint (get_slice_ns (), ==, PL_SHORT_SLICE_NS);
  pl_urgent_begin ();
  pl_urgent_end ();
  g_assert_cmpuint (get_slice_ns (), ==, PL_SHORT_SLICE_NS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/urgent/short-slice", test_short_slice);
  g_test_add_func ("/urgent/ordinary", test_ordinary);
  g_test_add_func ("/urgent/urgent", test_urgent);
  return g_test_run ();
}
