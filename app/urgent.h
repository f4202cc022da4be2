/* To run at once when woken. The socket of a client that sends and ends at once is there for some 100 µs after its packet, and
 * a client that it preempts keeps it. Any thread, for itself alone; failing is no fault.
 *
 * Where this process may (root; users whom RLIMIT_RTPRIO lets), a thread that waits for first packets is of the lowest
 * real-time priority while it waits and does short work, and an ordinary one for whatever may take milliseconds: the kernel
 * would let it, but nothing else on that processor would run. Who may not has its short slice (short-slice.h).
 *
 * By system calls, since musl's sched_setscheduler() only fails. */
#pragma once
#include <sched.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Before waiting. Where it is so already that takes less than a microsecond. */
static inline void
pl_urgent_begin (void)
{
  syscall (SYS_sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &(struct sched_param){ .sched_priority = 1 });
}

/* Whether it is so now: who may not never is. */
static inline bool
pl_urgent_is_on (void)
{
  return (syscall (SYS_sched_getscheduler, 0) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO;
}

/* Before work of some length. The nice value is what it was. */
static inline void
pl_urgent_end (void)
{
  syscall (SYS_sched_setscheduler, 0, SCHED_OTHER | SCHED_RESET_ON_FORK, &(struct sched_param){ 0 });
}
