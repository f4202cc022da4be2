/* An eventfd(2) that wakes a thread out of poll(2), and how long that may sleep. Any thread. */
#pragma once
#include <errno.h>
#include <glib.h>
#include <unistd.h>

static inline void
pl_wake_fd (int fd)
{
  guint64 one = 1;
  while (write (fd, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

static inline void
pl_drain_fd (int fd)
{
  guint64 count;
  while (read (fd, &count, sizeof count) < 0 && errno == EINTR)
    continue;
}

/* The sooner of two waits in milliseconds, where -1 is for ever. */
static inline int
pl_sooner_ms (int a_ms, int b_ms)
{
  if (a_ms < 0 || b_ms < 0)
    return MAX (a_ms, b_ms);
  return MIN (a_ms, b_ms);
}
