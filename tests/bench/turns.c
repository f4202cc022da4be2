/* Preloaded into a program of GLib's, writes down how long each turn of its main loop kept it from the next: while one lasts nothing is
 * drawn and no key or click is answered. A line for each turn of a millisecond or more into the file that PL_TURNS names: when it
 * began by the monotonic clock, how long it took, and how much of that the main thread had a processor, all in µs. */
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WORTH_A_LINE_US 1000

static GPollFunc wait_for_more;
static int output = -1;

static gint64
now_us (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* Every turn ends in it, also where more is waiting. */
static int
end_turn (GPollFD *fds, guint n, int timeout_ms)
{
  static gint64 began_us, began_cpu_us;
  gint64 took_us = now_us (CLOCK_MONOTONIC) - began_us;
  int n_ready;

  if (began_us != 0 && took_us >= WORTH_A_LINE_US)
    dprintf (output, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", began_us, took_us,
             now_us (CLOCK_THREAD_CPUTIME_ID) - began_cpu_us);
  n_ready = wait_for_more (fds, n, timeout_ms);
  began_us = now_us (CLOCK_MONOTONIC);
  began_cpu_us = now_us (CLOCK_THREAD_CPUTIME_ID);
  return n_ready;
}

__attribute__ ((constructor)) static void
watch_main_loop (void)
{
  const char *path = getenv ("PL_TURNS");

  unsetenv ("LD_PRELOAD"); /* what it starts is not watched */
  output = path ? open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (output < 0)
    return;
  wait_for_more = g_main_context_get_poll_func (NULL);
  g_main_context_set_poll_func (NULL, end_turn);
}
