/* A thread's priority as app/urgent.h sets it, read back from the kernel. */
#include <glib.h>
#include <sys/resource.h>
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

/* Whoever may or may not: an ordinary thread afterwards, with the nice value that it had. */
static void
test_ordinary (void)
{
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/urgent/ordinary", test_ordinary);
  g_test_add_func ("/urgent/urgent", test_urgent);
  return g_test_run ();
}
