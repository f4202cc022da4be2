/* When a question's packet was there. Packets are stamped by the wall clock, which may be set at any time. */
#include "question-time.h"

#include <time.h>

static gint64
clock_us (clockid_t clock)
{
  struct timespec now;
  clock_gettime (clock, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

gint64
pl_question_time_packet_us (const PlOwnerQuestion *question)
{
  gint64 now_us = clock_us (CLOCK_MONOTONIC);
  gint64 asked_us = question->asked_us > 0 ? question->asked_us : now_us;
  gint64 packet_us =
      question->first_us != 0 ? now_us - (clock_us (CLOCK_REALTIME) - (gint64)question->first_us) : asked_us;
  /* Later than it was asked about: the clock was set back. Long before: it waited in a pipe, or the clock was set forward while
   * the question waited; the earlier time names nobody who began since. */
  return CLAMP (packet_us, 1, asked_us);
}

gint64
pl_question_time_packet_boot_us (const PlOwnerQuestion *question)
{
  return pl_question_time_packet_us (question) + clock_us (CLOCK_BOOTTIME) - clock_us (CLOCK_MONOTONIC);
}
