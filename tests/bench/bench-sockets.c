/* What a look at this computer's sockets costs the owner thread, which takes one a second while nothing else happens. Real
 * sockets in a network namespace of their own, where that is allowed; CPU time. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "owner-fixture.h"

#define NAMING_S 15 /* until who holds them is found and remembered, at most */
#define SPAN_S 10 /* so many looks */

/* Listener, and @n connections over the loopback, both of whose ends are here. */
static void
open_sockets (guint n, GArray *fds)
{
  guint16 port = 0;
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);

  g_array_append_val (fds, listener);
  for (guint i = 0; i < n; i++)
    {
      int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
      int accepted = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);

      g_assert_cmpint (accepted, >=, 0);
      g_array_append_val (fds, client);
      g_array_append_val (fds, accepted);
    }
}

static double
cpu_ms (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* How many sockets the next dump that is handed over has: the first, or one that differs from that before. */
static guint
wait_dump (PlOwners *owners, guint *n_owned)
{
  for (;;)
    {
      struct pollfd ready = { .fd = pl_owners_get_fd (owners), .events = POLLIN };

      poll (&ready, 1, 1000);
      g_autoptr (GArray) sockets = pl_owners_take_sockets (owners);
      *n_owned = 0;
      for (guint i = 0; sockets != NULL && i < sockets->len; i++)
        *n_owned += g_array_index (sockets, PlSocket, i).process != NULL;
      if (sockets != NULL)
        return sockets->len;
    }
}

static void
bench (guint n_connections)
{
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));
  PlOwners *owners = pl_owners_new ();
  guint n_sockets = 0, n_owned = 0;
  gint64 until_us;
  double all_ms, own_ms;

  open_sockets (n_connections, fds);
  pl_owners_watch_sockets (owners, TRUE);
  until_us = g_get_monotonic_time () + NAMING_S * G_USEC_PER_SEC;
  do
    n_sockets = wait_dump (owners, &n_owned);
  while (n_owned < n_sockets && g_get_monotonic_time () < until_us);
  own_ms = cpu_ms (CLOCK_THREAD_CPUTIME_ID);
  all_ms = cpu_ms (CLOCK_PROCESS_CPUTIME_ID);
  g_usleep (SPAN_S * G_USEC_PER_SEC);
  all_ms = cpu_ms (CLOCK_PROCESS_CPUTIME_ID) - all_ms;
  own_ms = cpu_ms (CLOCK_THREAD_CPUTIME_ID) - own_ms;
  printf ("%6u sockets, %u with their process: %.2f ms of the owner threads a look, one a second\n", n_sockets, n_owned,
          (all_ms - own_ms) / SPAN_S);
  pl_owners_free (owners);
  for (guint i = 0; i < fds->len; i++)
    close (g_array_index (fds, int, i));
}

int
main (void)
{
  static const guint sizes[] = { 10, 2500 };
  struct rlimit files;

  getrlimit (RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit (RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 5100)
    {
      printf ("skipped: 5,000 sockets need a higher limit of open files (ulimit -Hn)\n");
      return 77;
    }
  be_alone ();
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    bench (sizes[i]);
  return EXIT_SUCCESS;
}
