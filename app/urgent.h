/* To run at once when woken. The socket of a client that sends and ends at once is there for some 100 µs after its packet, and
 * a client that it preempts keeps it. Any thread, for itself alone; failing is no fault.
 *
 * Where this process may (root; users whom RLIMIT_RTPRIO lets), a thread that waits for first packets is of the lowest
 * real-time priority while it waits and does short work, and an ordinary one for whatever may take a millisecond: the kernel
 * would let it, but nothing else on that processor would run. Who may not gets a short slice, which needs no privilege and
 * gives an earlier turn to a thread that seldom runs (EEVDF; Linux 6.12). */
#pragma once
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PL_URGENT_SLICE_NS 100000 /* the kernel's least */

/* Once in a thread's life, after its nice value was set. The struct is sched_setattr(2)'s, in its first version, which libc
 * headers name since glibc 2.41 only and kernel headers otherwise. */
static inline void
pl_urgent_prepare (void)
{
  struct
  {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
  } attr = { .size = sizeof attr, .policy = SCHED_OTHER, .runtime_ns = PL_URGENT_SLICE_NS };
  attr.nice = getpriority (PRIO_PROCESS, 0);

  syscall (SYS_sched_setattr, 0, &attr, 0);
}

/* Before waiting. Where it is so already that takes less than a microsecond. */
static inline void
pl_urgent_begin (void)
{
  sched_setscheduler (0, SCHED_FIFO | SCHED_RESET_ON_FORK, &(struct sched_param){ .sched_priority = 1 });
}

/* Before work of some length. The nice value and the slice are what they were. */
static inline void
pl_urgent_end (void)
{
  sched_setscheduler (0, SCHED_OTHER | SCHED_RESET_ON_FORK, &(struct sched_param){ 0 });
}
