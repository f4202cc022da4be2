#include "allowance.h"

#include <time.h>

/* Not the time that passes: on a busy machine that is mostly others'. */
static gint64
spent_us (void)
{
  struct timespec spent = { 0 };
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &spent);
  return spent.tv_sec * G_USEC_PER_SEC + spent.tv_nsec / 1000;
}

gboolean
pl_allowance_begin (PlAllowance *allowance, guint share, gint64 most_us)
{
  gint64 now_us = g_get_monotonic_time ();
  allowance->credit_us = MIN (allowance->credit_us + (now_us - allowance->credited_us) / share, most_us);
  allowance->credited_us = now_us;
  allowance->begun_us = spent_us ();
  return allowance->credit_us > 0;
}

void
pl_allowance_end (PlAllowance *allowance)
{
  allowance->credit_us -= spent_us () - allowance->begun_us;
}
