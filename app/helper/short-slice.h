/* To run soon when woken, without a right to anything. Of the threads that are due the kernel runs the one whose turn would be
 * over first (EEVDF), so who asks for short turns comes first, also before who runs just then (Linux 6.12; earlier ones take
 * no notice). Nobody gets more of the processor by it. Between a packet and its answer two threads of an ordinary user wake: the
 * helper's and ours. Beside ten compilers on two cores a quarter of those wake-ups took over 200 µs, some milliseconds.
 *
 * By system calls, and with a structure of its own, since C libraries have both only lately. The calling thread, and what it starts. */
#pragma once
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PL_SHORT_SLICE_NS 100000 /* the shortest there is */

/* linux/sched/types.h, SCHED_ATTR_SIZE_VER0 */
struct pl_sched_attr
{
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime_ns, deadline_ns, period_ns;
};

/* @nice: the nice value that is wanted, where it may; 0 for as it is. Failing is no fault. */
static inline void
pl_short_slice (int nice)
{
  struct pl_sched_attr attr = { .size = sizeof attr };

  if (nice != 0)
    setpriority (PRIO_PROCESS, 0, nice);
  if (syscall (SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0 || attr.policy != SCHED_OTHER)
    return;
  attr.runtime_ns = PL_SHORT_SLICE_NS;
  syscall (SYS_sched_setattr, 0, &attr, 0);
}
