/* What a round costs the main loop: median times of taking a batch and committing it, when every flow changed, when a
 * hundredth did, when a dump of sockets came, and when nothing did. Prints one line a size. */
#include "facts.h"
#include <stdlib.h>

#define N_ROUNDS 41

static int
compare_times (const void *a, const void *b)
{
  gint64 first = *(const gint64 *)a, second = *(const gint64 *)b;

  return first < second ? -1 : first > second;
}

static double
get_median_ms (gint64 times[N_ROUNDS])
{
  qsort (times, N_ROUNDS, sizeof *times, compare_times);
  return times[N_ROUNDS / 2] / 1000.0;
}

typedef struct
{
  PlModel *model;
  PlFlowUpdate *updates;
  PlSocket *sockets;
  guint n;
  gint64 now_us;
} Bench;

static double
time_batches (Bench *bench, guint n_changed)
{
  gint64 times[N_ROUNDS];

  for (int round = 0; round < N_ROUNDS; round++)
    {
      gint64 before_us;

      for (guint i = 0; i < n_changed; i++)
        send_bytes (&bench->updates[i], round % 2, 1000, T0 + round * 200000);
      before_us = g_get_monotonic_time ();
      pl_model_apply_flows (bench->model, bench->updates, n_changed);
      pl_model_commit (bench->model, bench->now_us += 200000);
      times[round] = g_get_monotonic_time () - before_us;
    }
  return get_median_ms (times);
}

static double
time_sockets (Bench *bench)
{
  gint64 times[N_ROUNDS];

  for (int round = 0; round < N_ROUNDS; round++)
    {
      gint64 before_us = g_get_monotonic_time ();

      pl_model_apply_sockets (bench->model, bench->sockets, bench->n);
      pl_model_commit (bench->model, bench->now_us += G_USEC_PER_SEC);
      times[round] = g_get_monotonic_time () - before_us;
    }
  return get_median_ms (times);
}

static gboolean
sum_bytes (const PlModelFlow *flow, gpointer sum)
{
  *(guint64 *)sum += flow->flow.sent[0].bytes;
  return TRUE;
}

static double
time_reading (Bench *bench)
{
  gint64 times[N_ROUNDS];
  guint64 sum = 0;

  for (int round = 0; round < N_ROUNDS; round++)
    {
      gint64 before_us = g_get_monotonic_time ();

      pl_model_foreach (bench->model, sum_bytes, &sum);
      times[round] = g_get_monotonic_time () - before_us;
    }
  g_assert_cmpuint (sum, >, 0);
  return get_median_ms (times);
}

static void
run (guint n)
{
  double all_ms, few_ms, sockets_ms, reading_ms;
  Bench bench = { .model = pl_model_new (), .n = n, .now_us = 1000 * SECOND };

  pl_model_set_live (bench.model, TRUE);
  bench.updates = g_new (PlFlowUpdate, n);
  bench.sockets = g_new (PlSocket, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *remote = g_strdup_printf ("198.51.%u.%u", i / 60000 % 256, i % 250 + 1);
      guint16 port = (guint16)(1024 + i % 60000);

      bench.updates[i] = flow_of (i + 1, PL_PROTO_TCP, "192.0.2.1", port, remote, 443);
      bench.sockets[i] = socket_of (PL_PROTO_TCP, "192.0.2.1", port, remote, 443);
    }
  all_ms = time_batches (&bench, n);
  few_ms = time_batches (&bench, n / 100);
  sockets_ms = time_sockets (&bench);
  reading_ms = time_reading (&bench);
  g_print ("%6u flows: all changed %7.3f ms, a hundredth %7.3f ms, a dump of sockets %7.3f ms, reading all %7.3f ms\n",
           n, all_ms, few_ms, sockets_ms, reading_ms);
  g_assert_finalize_object (bench.model);
  g_free (bench.updates);
  g_free (bench.sockets);
}

int
main (void)
{
  run (500);
  run (5000);
  run (50000);
  return 0;
}
