/* Rates: they reach what flows, fall when it stops, rest in the end, and depend on time alone, not on how often one looks. */
#include "facts.h"
#include "bounds.h"
#include <math.h>

static const PlModelFlow *
get_flow (PlModel *model)
{
  const PlModelFlow *flow = pl_model_get_flow (model, 1);

  g_assert_nonnull (flow);
  return flow;
}

/* Packets at a constant rate for 20 s, then silence. */
static void
test_constant (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  PlFlowUpdate update = flow_of (1, PL_PROTO_UDP, "192.0.2.1", 5000, "198.51.100.9", 5001);
  int out = update.flow.local_end;
  gint64 now_us = 1000 * SECOND, stopped_us;
  double last;

  pl_model_set_live (model, TRUE);
  for (int i = 0; i < 100; i++, now_us += PL_BATCH_INTERVAL_US)
    {
      send_bytes (&update, out, 2000, T0 + i);
      send_bytes (&update, 1 - out, 200, T0 + i);
      pl_model_apply_flows (model, &update, 1);
      pl_model_commit (model, now_us);
      pl_model_commit (model, now_us + 10000); /* an answer about an owner came in between */
    }
  g_assert_cmpfloat_with_epsilon (get_flow (model)->rate_out, 10000, 200);
  g_assert_cmpfloat_with_epsilon (get_flow (model)->rate_in, 1000, 20);
  g_assert_cmpfloat_with_epsilon (pl_model_get_totals (model)->rate_out, get_flow (model)->rate_out, 1e-6);

  stopped_us = now_us;
  last = get_flow (model)->rate_out;
  while (pl_model_get_due_us (model) >= 0)
    {
      now_us = pl_model_get_due_us (model);
      pl_model_commit (model, now_us);
      g_assert_cmpfloat (get_flow (model)->rate_out, <=, last);
      last = get_flow (model)->rate_out;
      g_assert_cmpint (now_us - stopped_us, <, 2 * PL_RATE_SILENCE_US);
    }
  g_assert_cmpfloat (get_flow (model)->rate_out, ==, 0);
  g_assert_cmpfloat (get_flow (model)->rate_in, ==, 0);
  g_assert_cmpfloat (pl_model_get_totals (model)->rate_out, ==, 0);
  g_assert_cmpint (now_us - stopped_us, >=, 2 * SECOND);
  g_assert_finalize_object (g_steal_pointer (&model));
}

/* What a rate adds up to over its life is what was sent, however the rounds fall. */
static void
test_conserved (void)
{
  for (int round_ms = 50; round_ms <= 400; round_ms += 70)
    {
      g_autoptr (PlModel) model = pl_model_new ();
      PlFlowUpdate update = flow_of (1, PL_PROTO_UDP, "192.0.2.1", 5000, "198.51.100.9", 5001);
      gint64 now_us = 1000 * SECOND;
      double sum = 0;

      pl_model_set_live (model, TRUE);
      for (int i = 0; i < 400; i++, now_us += round_ms * 1000)
        {
          if (i < 100)
            {
              send_bytes (&update, update.flow.local_end, 1000 + i * 10, T0 + i);
              pl_model_apply_flows (model, &update, 1);
            }
          pl_model_commit (model, now_us);
          sum += get_flow (model)->rate_out * round_ms / 1000;
        }
      g_test_message ("rounds of %d ms: %.0f of %" G_GUINT64_FORMAT " bytes", round_ms, sum,
                      update.flow.sent[update.flow.local_end].bytes);
      g_assert_cmpfloat (fabs (sum / update.flow.sent[update.flow.local_end].bytes - 1), <, 0.12);
      g_assert_finalize_object (g_steal_pointer (&model));
    }
}

static void
test_burst_after_silence (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  PlFlowUpdate update = flow_of (1, PL_PROTO_UDP, "192.0.2.1", 5000, "198.51.100.9", 5001);

  pl_model_set_live (model, TRUE);
  pl_model_apply_flows (model, &update, 1);
  pl_model_commit (model, 1000 * SECOND);
  g_assert_cmpint (pl_model_get_due_us (model), ==, -1);
  send_bytes (&update, update.flow.local_end, 100000, T0 + 5);
  pl_model_apply_flows (model, &update, 1);
  pl_model_commit (model, 2000 * SECOND);
  /* 100 kB in one batch is 50 kB/s over the time constant of 2 s, not 100 B/s over the silence of 1,000 s. */
  g_assert_cmpfloat_with_epsilon (get_flow (model)->rate_out, 47600, 1000);
  g_assert_cmpint (pl_model_get_due_us (model), ==, 2000 * SECOND + PL_DECAY_INTERVAL_US);
}

/* Socket totals come once a second; between two dumps the rate does not sag. */
static void
test_sockets (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 5000, "198.51.100.9", 443);
  gint64 now_us = 1000 * SECOND;
  double settled;

  pl_model_set_live (model, TRUE);
  socket.payload_sent = 5000000; /* sent before we looked: no rate of ours */
  socket.payload_received = 0;
  pl_model_apply_sockets (model, &socket, 1);
  pl_model_commit (model, now_us);
  g_assert_cmpfloat (get_flow (model)->rate_out, ==, 0);
  for (int i = 0; i < 20; i++)
    {
      now_us += SECOND;
      socket.payload_sent += 3000;
      pl_model_apply_sockets (model, &socket, 1);
      pl_model_commit (model, now_us);
    }
  settled = get_flow (model)->rate_out;
  g_assert_cmpfloat_with_epsilon (settled, 3000, 60);
  g_assert_cmpfloat (get_flow (model)->rate_in, ==, 0);
  for (int i = 1; i < 4; i++)
    {
      pl_model_commit (model, now_us + i * PL_DECAY_INTERVAL_US);
      g_assert_cmpfloat (get_flow (model)->rate_out, ==, settled);
    }
}

/* Packets take over from the socket: its payload so far is no wire bytes of now. */
static void
test_takeover (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  PlSocket socket = socket_of (PL_PROTO_TCP, "192.0.2.1", 5000, "198.51.100.9", 443);
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 5000, "198.51.100.9", 443);

  pl_model_set_live (model, TRUE);
  socket.payload_sent = socket.payload_received = 5000000;
  pl_model_apply_sockets (model, &socket, 1);
  pl_model_commit (model, 1000 * SECOND);
  send_bytes (&update, update.flow.local_end, 100, T0);
  pl_model_apply_flows (model, &update, 1);
  pl_model_commit (model, 1001 * SECOND);
  g_assert_cmpfloat (get_flow (model)->rate_out, >, 0);
  g_assert_cmpfloat (get_flow (model)->rate_out, <, 100);
  pl_model_apply_gone (model, (guint64[]){ 1 }, 1); /* and back: the socket's total is no burst */
  pl_model_commit (model, 1002 * SECOND);
  pl_model_apply_sockets (model, &socket, 1);
  pl_model_commit (model, 1003 * SECOND);
  g_assert_cmpfloat (get_flow (model)->rate_out, ==, 0);
}

/* A file's rates are means over each flow's life, in however many batches it came, and nothing is ever due. */
static void
test_file (void)
{
  for (int n_batches = 1; n_batches <= 10; n_batches += 3)
    {
      g_autoptr (PlModel) model = pl_model_new ();
      PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 5000, "198.51.100.9", 443);
      int out = update.flow.local_end;

      pl_model_set_live (model, FALSE);
      for (int i = 0; i < 10; i++)
        {
          update.flow.local_end = i < 5 ? PL_END_UNKNOWN : out; /* learned late */
          update.flow.initiator_end = update.flow.local_end;
          send_bytes (&update, out, 4000, T0 + i * SECOND);
          send_bytes (&update, 1 - out, 400, T0 + i * SECOND);
          if ((i + 1) % n_batches == 0 || i == 9)
            {
              pl_model_apply_flows (model, &update, 1);
              pl_model_set_totals (model, &(PlModelTotals){ .first_us = T0, .last_us = T0 + (guint64)i * SECOND });
              pl_model_commit (model, 1000 * SECOND + i);
            }
        }
      g_assert_cmpfloat_with_epsilon (get_flow (model)->rate_out, 40000 / 9.0, 0.001);
      g_assert_cmpfloat_with_epsilon (get_flow (model)->rate_in, 4000 / 9.0, 0.001);
      g_assert_cmpfloat_with_epsilon (pl_model_get_totals (model)->rate_out, 40000 / 9.0, 0.001);
      g_assert_cmpfloat_with_epsilon (pl_model_get_totals (model)->rate_in, 4000 / 9.0, 0.001);
      g_assert_cmpint (pl_model_get_due_us (model), ==, -1);
      g_assert_finalize_object (g_steal_pointer (&model));
    }
}

/* Of a file that tells of 20 s: bursts of a fraction of a second sum up to what went through, not to what they would have
 * come to one after the other; the last packet is a stranger's. */
static void
test_file_sums (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  double sum = 0;

  pl_model_set_live (model, FALSE);
  for (guint i = 0; i < 10; i++)
    {
      PlFlowUpdate update = flow_of (1 + i, PL_PROTO_TCP, "192.0.2.1", 5000 + i, "198.51.100.9", 443);

      send_bytes (&update, update.flow.local_end, 1000000, T0 + i * SECOND);
      update.flow.first_us = T0 + i * SECOND;
      update.flow.last_us = update.flow.first_us + SECOND / 10;
      pl_model_apply_flows (model, &update, 1);
      pl_model_set_totals (model, &(PlModelTotals){ .first_us = T0, .last_us = update.flow.last_us });
      pl_model_commit (model, 1000 * SECOND + i);
    }
  pl_model_set_totals (model, &(PlModelTotals){ .first_us = T0, .last_us = T0 + 20 * SECOND });
  pl_model_commit (model, 1001 * SECOND);
  for (guint64 id = 1; id <= 10; id++)
    {
      const PlModelFlow *flow = pl_model_get_flow (model, id);

      g_assert_cmpfloat_with_epsilon (flow->rate_out, 1e6 / 20, 0.001);
      sum += flow->rate_out + flow->rate_in;
    }
  g_assert_cmpfloat_with_epsilon (sum, 1e7 / 20, 0.001);
  g_assert_cmpfloat_with_epsilon (pl_model_get_totals (model)->rate_out, sum, 0.001);
}

/* A stream that ends becomes a document. */
static void
test_stream_ends (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 5000, "198.51.100.9", 443);

  pl_model_set_live (model, TRUE);
  send_bytes (&update, update.flow.local_end, 8000, T0);
  update.flow.last_us = T0 + 4 * SECOND;
  pl_model_apply_flows (model, &update, 1);
  pl_model_set_totals (model, &(PlModelTotals){ .first_us = T0, .last_us = T0 + 4 * SECOND });
  pl_model_commit (model, 1000 * SECOND);
  g_assert_cmpint (pl_model_get_due_us (model), >, 0);
  pl_model_set_live (model, FALSE);
  pl_model_commit (model, 1001 * SECOND);
  g_assert_cmpfloat_with_epsilon (get_flow (model)->rate_out, 2000, 0.001);
  g_assert_cmpint (pl_model_get_due_us (model), ==, -1);
  pl_model_set_live (model, TRUE);
  pl_model_commit (model, 1002 * SECOND);
  g_assert_cmpfloat (get_flow (model)->rate_out, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/rates/constant", test_constant);
  g_test_add_func ("/model/rates/conserved", test_conserved);
  g_test_add_func ("/model/rates/burst-after-silence", test_burst_after_silence);
  g_test_add_func ("/model/rates/sockets", test_sockets);
  g_test_add_func ("/model/rates/takeover", test_takeover);
  g_test_add_func ("/model/rates/file", test_file);
  g_test_add_func ("/model/rates/file-sums", test_file_sums);
  g_test_add_func ("/model/rates/stream-ends", test_stream_ends);
  return g_test_run ();
}
