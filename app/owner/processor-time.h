/* What the calling thread has taken of a processor so far, however busy the machine is. Any thread. */
#pragma once
#include <glib.h>
#include <time.h>

static inline gint64
pl_processor_time_us (void)
{
  struct timespec spent;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &spent);
  return spent.tv_sec * G_USEC_PER_SEC + spent.tv_nsec / 1000;
}
