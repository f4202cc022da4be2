/* The model by example: what the capture tells, what owners answer and in which order, what fades and when. */
#include "facts.h"
#include "bounds.h"
#include "model-private.h"

typedef struct
{
  PlModel *model;
  gint64 now_us; /* monotonic */
  guint n_updated, n_reset;
} Fixture;

static void
count_signal (guint *n)
{
  (*n)++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->model = pl_model_new ();
  fixture->now_us = 1000 * SECOND;
  pl_model_set_live (fixture->model, TRUE);
  g_signal_connect_swapped (fixture->model, "updated", G_CALLBACK (count_signal), &fixture->n_updated);
  g_signal_connect_swapped (fixture->model, "reset", G_CALLBACK (count_signal), &fixture->n_reset);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->model);
}

static void
commit_after (Fixture *fixture, gint64 us)
{
  fixture->now_us += us;
  pl_model_commit (fixture->model, fixture->now_us);
}

static gboolean
collect_ids (const PlModelFlow *flow, gpointer data)
{
  guint64 id = flow->id;

  g_array_append_val ((GArray *)data, id);
  return TRUE;
}

static GArray *
get_ids (PlModel *model)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  pl_model_foreach (model, collect_ids, ids);
  return ids;
}

/* The only flow there is. */
static const PlModelFlow *
get_only (Fixture *fixture)
{
  g_autoptr (GArray) ids = get_ids (fixture->model);
  const PlModelFlow *flow;

  g_assert_cmpuint (ids->len, ==, 1);
  flow = pl_model_get_flow (fixture->model, g_array_index (ids, guint64, 0));
  g_assert_nonnull (flow);
  return flow;
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  commit_after (fixture, SECOND);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 0);
  g_assert_cmpuint (fixture->n_updated, ==, 0);
  g_assert_cmpint (pl_model_get_due_us (fixture->model), ==, -1);
  g_assert_null (pl_model_get_flow (fixture->model, 1));
  g_assert_null (pl_model_get_iface (fixture->model, 0));
}

static void
test_packets (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (7, PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443);
  g_autoptr (GPtrArray) ifaces = g_ptr_array_new ();
  const PlModelFlow *flow;
  guint64 id;

  g_ptr_array_add (ifaces, "eth0");
  pl_model_set_ifaces (fixture->model, ifaces);
  send_bytes (&update, update.flow.local_end, 140, T0);
  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, SECOND);
  flow = get_only (fixture);
  id = flow->id;
  g_assert_cmpuint (flow->capture_id, ==, 7);
  g_assert_cmpuint (flow->sources, ==, PL_SEEN_PACKETS);
  g_assert_cmpuint (flow->local_end, ==, update.flow.local_end);
  g_assert_cmpuint (flow->flow.sent[flow->local_end].bytes, ==, 140);
  g_assert_cmpuint (flow->payload_sent, ==, PL_UNKNOWN_U64);
  g_assert_cmpuint (flow->uid, ==, PL_UNKNOWN_U32);
  g_assert_null (flow->app);
  g_assert_cmpstr (pl_model_flow_app_name (flow), ==, "Unknown app");
  g_assert_cmpstr (pl_model_flow_app_key (flow), ==, "");
  g_assert_cmpstr (pl_model_get_iface (fixture->model, flow->flow.iface), ==, "eth0");
  g_assert_cmpuint (fixture->n_updated, ==, 1);

  send_bytes (&update, 1 - update.flow.local_end, 1000, T0 + 5);
  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, SECOND);
  flow = get_only (fixture);
  g_assert_cmpuint (flow->id, ==, id);
  g_assert_cmpuint (flow->flow.sent[1 - flow->local_end].bytes, ==, 1000);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_flows, ==, 1);
}

/* Two flows on one tuple, one after the other, are two. */
static void
test_reused_tuple (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate updates[2] = { flow_of (1, PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443),
                              flow_of (2, PL_PROTO_TCP, "192.0.2.1", 51514, "198.51.100.9", 443) };

  updates[0].flow.state = PL_STATE_CLOSED;
  updates[0].flow.flags = PL_FLOW_ENDED;
  updates[1].flow.flags = PL_FLOW_REUSED;
  pl_model_apply_flows (fixture->model, updates, 2);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 2);
  pl_model_apply_gone (fixture->model, (guint64[]){ 1 }, 1);
  commit_after (fixture, 0);
  commit_after (fixture, PL_GONE_LINGER_US);
  g_assert_cmpuint (get_only (fixture)->capture_id, ==, 2);
  send_bytes (&updates[1], 0, 99, T0);
  pl_model_apply_flows (fixture->model, &updates[1], 1);
  g_assert_cmpuint (get_only (fixture)->flow.sent[0].bytes, ==, 99);
}

static void
test_local_end (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_UDP, "192.0.2.1", 5000, "198.51.100.9", 53);
  int end = update.flow.local_end;

  update.flow.local_end = update.flow.initiator_end = PL_END_UNKNOWN;
  pl_model_apply_flows (fixture->model, &update, 1);
  g_assert_cmpuint (get_only (fixture)->local_end, ==, PL_END_A);
  update.flow.initiator_end = PL_END_B;
  pl_model_apply_flows (fixture->model, &update, 1);
  g_assert_cmpuint (get_only (fixture)->local_end, ==, PL_END_B);
  g_assert_cmpuint (get_only (fixture)->flow.local_end, ==, PL_END_B);
  update.flow.local_end = 1 - end;
  update.flow.flags = PL_FLOW_LOCAL_GUESSED;
  pl_model_apply_flows (fixture->model, &update, 1);
  g_assert_cmpuint (get_only (fixture)->local_end, ==, 1 - end);
}

/* Owners belong to ends of the key: they swap when the local end is revised. */
static void
test_owners_swap (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "127.0.0.1", 50000, "127.0.0.1", 80);
  PlProcess *client = process_of (10, "client"), *server = process_of (20, "server");
  int end = update.flow.local_end;

  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_owner (fixture->model, 1, end, PL_CONFIDENCE_EXACT, 1000, client);
  pl_model_apply_owner (fixture->model, 1, 1 - end, PL_CONFIDENCE_LISTENER, 33, server);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->app == client);
  g_assert_cmpuint (get_only (fixture)->app_confidence, ==, PL_CONFIDENCE_EXACT);
  g_assert_cmpuint (get_only (fixture)->uid, ==, 1000);
  g_assert_true (get_only (fixture)->remote_app == server);
  g_assert_cmpuint (get_only (fixture)->remote_confidence, ==, PL_CONFIDENCE_LISTENER);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_apps, ==, 2);

  update.flow.local_end = 1 - end;
  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->app == server);
  g_assert_cmpstr (pl_model_flow_app_name (get_only (fixture)), ==, "server");
  g_assert_cmpuint (get_only (fixture)->uid, ==, 33);
  g_assert_true (get_only (fixture)->remote_app == client);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_apps, ==, 2);
  pl_process_unref (client);
  pl_process_unref (server);
}

static void
test_confidence (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 80);
  PlProcess *guess = process_of (10, "guess"), *sure = process_of (20, "sure"), *newer = process_of (30, "newer");
  int end = update.flow.local_end;

  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_owner (fixture->model, 1, end, PL_CONFIDENCE_UNKNOWN, 7, NULL);
  g_assert_cmpuint (get_only (fixture)->uid, ==, 7);
  pl_model_apply_owner (fixture->model, 1, end, PL_CONFIDENCE_LIKELY, PL_UNKNOWN_U32, guess);
  g_assert_true (get_only (fixture)->app == guess);
  g_assert_cmpuint (get_only (fixture)->uid, ==, 7);
  pl_model_apply_owner (fixture->model, 1, end, PL_CONFIDENCE_EXACT, 8, sure);
  g_assert_true (get_only (fixture)->app == sure);
  g_assert_cmpuint (get_only (fixture)->uid, ==, 8);
  pl_model_apply_owner (fixture->model, 1, end, PL_CONFIDENCE_LISTENER, 9, guess);
  pl_model_apply_owner (fixture->model, 1, end, PL_CONFIDENCE_EXACT, 8, NULL);
  g_assert_true (get_only (fixture)->app == sure);
  g_assert_cmpuint (get_only (fixture)->app_confidence, ==, PL_CONFIDENCE_EXACT);
  g_assert_cmpuint (get_only (fixture)->uid, ==, 8);
  pl_model_apply_owner (fixture->model, 1, end, PL_CONFIDENCE_EXACT, 8, newer);
  g_assert_true (get_only (fixture)->app == newer);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_apps, ==, 1);
  pl_process_unref (guess);
  pl_process_unref (sure);
  pl_process_unref (newer);
}

/* The owner thread is often faster than the batch that brings the flow. */
static void
test_early_answer (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (5, PL_PROTO_TCP, "127.0.0.1", 50000, "127.0.0.1", 80);
  PlProcess *client = process_of (10, "client"), *guess = process_of (11, "guess");
  int end = update.flow.local_end;

  pl_model_apply_owner (fixture->model, 5, end, PL_CONFIDENCE_EXACT, 1000, client);
  pl_model_apply_owner (fixture->model, 5, end, PL_CONFIDENCE_LIKELY, 1000, guess);
  pl_model_apply_owner (fixture->model, 5, 1 - end, PL_CONFIDENCE_LIKELY, PL_UNKNOWN_U32, guess);
  commit_after (fixture, SECOND / 10);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 0);
  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, SECOND / 10);
  g_assert_true (get_only (fixture)->app == client);
  g_assert_cmpuint (get_only (fixture)->uid, ==, 1000);
  g_assert_true (get_only (fixture)->remote_app == guess);

  /* One for a flow that never comes is let go. */
  pl_model_apply_owner (fixture->model, 6, end, PL_CONFIDENCE_EXACT, 1000, client);
  commit_after (fixture, SECOND);
  g_assert_cmpint (client->n_refs, ==, 3);
  commit_after (fixture, PL_EARLY_ANSWER_AGE_US);
  g_assert_cmpint (client->n_refs, ==, 2);
  pl_process_unref (client);
  pl_process_unref (guess);
}

static void
test_early_cap (Fixture *fixture, gconstpointer data)
{
  for (guint64 id = 1; id <= PL_LIMIT_EARLY_ANSWERS + 10; id++)
    pl_model_apply_owner (fixture->model, id, 0, PL_CONFIDENCE_UNKNOWN, 5, NULL);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->answers_dropped, ==, 10);
}

static void
test_late_answer (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 80);
  PlProcess *late = process_of (10, "late");

  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_gone (fixture->model, (guint64[]){ 1 }, 1);
  pl_model_apply_owner (fixture->model, 1, 0, PL_CONFIDENCE_EXACT, 1000, late);
  commit_after (fixture, SECOND);
  g_assert_true (get_only (fixture)->is_gone);
  g_assert_null (get_only (fixture)->app);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_apps, ==, 0);
  commit_after (fixture, PL_EARLY_ANSWER_AGE_US);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 0);
  g_assert_cmpint (late->n_refs, ==, 1);
  pl_process_unref (late);
}

static void
test_fading (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 80);
  gint64 gone_us;
  guint64 id;

  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, SECOND);
  id = get_only (fixture)->id;
  pl_model_apply_gone (fixture->model, (guint64[]){ 99, 1, 1 }, 3);
  g_assert_true (get_only (fixture)->is_gone);
  commit_after (fixture, SECOND);
  gone_us = fixture->now_us;
  g_assert_cmpint (get_only (fixture)->gone_us, ==, gone_us);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_flows, ==, 0);
  g_assert_cmpint (pl_model_get_due_us (fixture->model), ==, gone_us + PL_GONE_LINGER_US);
  commit_after (fixture, PL_GONE_LINGER_US - 1);
  g_assert_cmpint (get_only (fixture)->gone_us, ==, gone_us);
  commit_after (fixture, 1);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 0);
  g_assert_null (pl_model_get_flow (fixture->model, id));
  g_assert_cmpint (pl_model_get_due_us (fixture->model), ==, -1);
}

/* Nothing fades in a file: what its capture let go is in the totals at once. */
static void
test_gone_in_file (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 80);

  pl_model_set_live (fixture->model, FALSE);
  pl_model_apply_flows (fixture->model, &update, 1);
  pl_model_apply_gone (fixture->model, (guint64[]){ 1 }, 1);
  commit_after (fixture, 0);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 0);
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  guint64 last = 0;

  for (guint i = 1; i <= 1000; i++)
    {
      PlFlowUpdate update = flow_of (i, PL_PROTO_UDP, "192.0.2.1", (guint16)i, "198.51.100.9", 53);

      pl_model_apply_flows (fixture->model, &update, 1);
    }
  for (guint64 i = 1; i <= 1000; i++)
    if (i % 10 != 0)
      pl_model_apply_gone (fixture->model, &i, 1);
  commit_after (fixture, 0);
  commit_after (fixture, PL_GONE_LINGER_US);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 100);
  for (int round = 0; round < 2; round++)
    {
      g_autoptr (GArray) ids = get_ids (fixture->model);

      g_assert_cmpuint (ids->len, ==, 100);
      for (guint i = 0; i < ids->len; i++, last = g_array_index (ids, guint64, i - 1))
        {
          const PlModelFlow *flow = pl_model_get_flow (fixture->model, g_array_index (ids, guint64, i));

          g_assert_true (i == 0 || flow->id > last);
          g_assert_cmpuint (flow->capture_id, ==, (i + 1) * 10);
        }
      commit_after (fixture, SECOND);
    }
}

/* Past the cap a flow is turned away and counted; when there is room again its next update brings it in. */
static void
test_cap (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate updates[3];

  fixture->model->max_records = 2;
  for (guint i = 0; i < 3; i++)
    updates[i] = flow_of (i + 1, PL_PROTO_UDP, "192.0.2.1", (guint16)(i + 1), "198.51.100.9", 53);
  pl_model_apply_flows (fixture->model, updates, 3);
  pl_model_apply_owner (fixture->model, 3, 0, PL_CONFIDENCE_UNKNOWN, 5, NULL);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 2);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->flows_turned_away, ==, 1);
  pl_model_set_totals (fixture->model, &(PlModelTotals){ .packets = 3 });
  pl_model_apply_flows (fixture->model, &updates[2], 1); /* the same again */
  commit_after (fixture, SECOND);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->flows_turned_away, ==, 1);
  pl_model_apply_gone (fixture->model, (guint64[]){ 1, 3 }, 2);
  commit_after (fixture, 0);
  commit_after (fixture, PL_GONE_LINGER_US);
  pl_model_apply_flows (fixture->model, &updates[2], 1);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 2);
  g_assert_cmpuint (pl_model_get_flow (fixture->model, 3)->capture_id, ==, 3);
}

/* What has left makes room at once, though it is still seen to fade: else a flood through a full table would leave flows
 * that are neither on view nor in "others". */
static void
test_cap_fading (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate updates[3];

  fixture->model->max_records = 2;
  for (guint i = 0; i < 3; i++)
    updates[i] = flow_of (i + 1, PL_PROTO_UDP, "192.0.2.1", (guint16)(i + 1), "198.51.100.9", 53);
  pl_model_apply_flows (fixture->model, updates, 2);
  pl_model_apply_gone (fixture->model, (guint64[]){ 1 }, 1);
  pl_model_apply_flows (fixture->model, &updates[2], 1);
  commit_after (fixture, 0);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->flows_turned_away, ==, 0);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 3);
  commit_after (fixture, PL_GONE_LINGER_US);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 2);
}

static gboolean
stop_at_second (const PlModelFlow *flow, gpointer data)
{
  return ++*(guint *)data < 2;
}

static void
test_foreach_stops (Fixture *fixture, gconstpointer data)
{
  guint n = 0;

  for (guint i = 1; i <= 5; i++)
    {
      PlFlowUpdate update = flow_of (i, PL_PROTO_UDP, "192.0.2.1", (guint16)i, "198.51.100.9", 53);

      pl_model_apply_flows (fixture->model, &update, 1);
    }
  pl_model_foreach (fixture->model, stop_at_second, &n);
  g_assert_cmpuint (n, ==, 2);
}

static void
test_reset (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 80);
  guint64 id;

  send_bytes (&update, 0, 1000, T0);
  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, SECOND);
  id = get_only (fixture)->id;
  pl_model_set_totals (fixture->model, &(PlModelTotals){ .packets = 4, .first_us = T0 });
  pl_model_reset (fixture->model);
  g_assert_cmpuint (fixture->n_reset, ==, 1);
  g_assert_cmpuint (pl_model_get_n_flows (fixture->model), ==, 0);
  g_assert_null (pl_model_get_flow (fixture->model, id));
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->packets, ==, 0);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_flows, ==, 0);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->kernel_dropped, ==, PL_UNKNOWN_U64);
  pl_model_apply_flows (fixture->model, &update, 1);
  g_assert_cmpuint (get_only (fixture)->id, >, id);
}

static void
test_totals (Fixture *fixture, gconstpointer data)
{
  PlModelTotals totals = {
    .packets = 10, .bytes = 1000, .kernel_dropped = 3, .n_flows = 77, .rate_in = 5, .last_us = T0
  };

  pl_model_set_totals (fixture->model, &totals);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (fixture->n_updated, ==, 1);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->packets, ==, 10);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->kernel_dropped, ==, 3);
  g_assert_cmpuint (pl_model_get_totals (fixture->model)->n_flows, ==, 0);
  g_assert_cmpfloat (pl_model_get_totals (fixture->model)->rate_in, ==, 0);
  pl_model_set_totals (fixture->model, &totals);
  commit_after (fixture, SECOND);
  g_assert_cmpuint (fixture->n_updated, ==, 1);
}

/* A SYN without an answer becomes a failure though no packet comes any more. */
static void
test_no_answer (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate updates[2] = { flow_of (1, PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 80),
                              flow_of (2, PL_PROTO_TCP, "192.0.2.1", 50001, "198.51.100.9", 80) };
  const PlModelFlow *flow;

  for (int i = 0; i < 2; i++)
    {
      updates[i].flow.state = PL_STATE_SYN_SENT;
      updates[i].flow.last_us = updates[i].story.syn_us = T0 + i * SECOND;
      updates[i].story.n_syn = 1;
    }
  pl_model_apply_flows (fixture->model, updates, 2);
  commit_after (fixture, 0);
  flow = pl_model_get_flow (fixture->model, 1);
  g_assert_cmpint (flow->diagnosis.failure, ==, PL_FAILURE_NONE);
  g_assert_cmpint (pl_model_get_due_us (fixture->model), ==, fixture->now_us + 2 * SECOND);
  commit_after (fixture, 2 * SECOND);
  flow = pl_model_get_flow (fixture->model, 1);
  g_assert_cmpint (flow->diagnosis.failure, ==, PL_FAILURE_NO_ANSWER);
  g_assert_false (flow->diagnosis.is_certain);
  g_assert_cmpint (pl_model_get_flow (fixture->model, 2)->diagnosis.failure, ==, PL_FAILURE_NONE);
  g_assert_cmpuint (fixture->n_updated, ==, 2);

  updates[1].flow.state = PL_STATE_ESTABLISHED; /* the second one is answered in time */
  updates[1].story.syn_ack_us = updates[1].story.established_us = T0 + 2 * SECOND;
  pl_model_apply_flows (fixture->model, &updates[1], 1);
  commit_after (fixture, 0);
  g_assert_cmpint (pl_model_get_due_us (fixture->model), ==, -1);
  commit_after (fixture, 60 * SECOND);
  g_assert_cmpint (pl_model_get_flow (fixture->model, 2)->diagnosis.failure, ==, PL_FAILURE_NONE);
}

/* Those of before, whose flows go on, are from an hour ahead. */
static void
test_clock_set_back (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate updates[2] = { flow_of (1, PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 80),
                              flow_of (2, PL_PROTO_TCP, "192.0.2.1", 50001, "198.51.100.9", 80) };
  PlModelTotals totals = { .last_us = T0 + 3600 * SECOND };

  updates[0].flow.last_us = totals.last_us;
  pl_model_set_wall (fixture->model, totals.last_us);
  pl_model_apply_flows (fixture->model, &updates[0], 1);
  pl_model_set_totals (fixture->model, &totals);
  commit_after (fixture, SECOND);

  updates[1].flow.state = PL_STATE_SYN_SENT;
  updates[1].story.syn_us = T0;
  updates[1].story.n_syn = 1;
  pl_model_set_wall (fixture->model, T0);
  pl_model_apply_flows (fixture->model, updates, 2);
  totals.received = 1;
  pl_model_set_totals (fixture->model, &totals);
  commit_after (fixture, SECOND / 10);
  g_assert_cmpint (pl_model_get_flow (fixture->model, 2)->diagnosis.failure, ==, PL_FAILURE_NONE);
  commit_after (fixture, (gint64)PL_NO_ANSWER_AFTER_US);
  g_assert_cmpint (pl_model_get_flow (fixture->model, 2)->diagnosis.failure, ==, PL_FAILURE_NO_ANSWER);
}

/* A question to DNS becomes a failure by time alone, too. */
static void
test_no_answer_to_datagram (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_UDP, "192.0.2.1", 50000, "198.51.100.9", 53);

  update.flow.sent[update.flow.initiator_end].packets = 1;
  update.flow.first_us = update.flow.last_us = T0;
  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, 0);
  g_assert_cmpint (get_only (fixture)->diagnosis.failure, ==, PL_FAILURE_NONE);
  g_assert_cmpint (pl_model_get_due_us (fixture->model), >, 0);
  commit_after (fixture, 3 * SECOND);
  g_assert_cmpint (get_only (fixture)->diagnosis.failure, ==, PL_FAILURE_NO_ANSWER);
}

/* In a file only its own packets tell the time. */
static void
test_no_answer_in_file (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = flow_of (1, PL_PROTO_TCP, "192.0.2.1", 50000, "198.51.100.9", 80);

  pl_model_set_live (fixture->model, FALSE);
  update.flow.state = PL_STATE_SYN_SENT;
  update.story.syn_us = T0;
  update.story.n_syn = 1;
  pl_model_apply_flows (fixture->model, &update, 1);
  commit_after (fixture, 100 * SECOND);
  g_assert_cmpint (get_only (fixture)->diagnosis.failure, ==, PL_FAILURE_NONE);
  g_assert_cmpint (pl_model_get_due_us (fixture->model), ==, -1);
  pl_model_set_totals (fixture->model, &(PlModelTotals){ .last_us = T0 + 4 * SECOND });
  commit_after (fixture, 0);
  g_assert_cmpint (get_only (fixture)->diagnosis.failure, ==, PL_FAILURE_NO_ANSWER);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "empty", test_empty },
    { "packets", test_packets },
    { "reused-tuple", test_reused_tuple },
    { "local-end", test_local_end },
    { "owners-swap", test_owners_swap },
    { "confidence", test_confidence },
    { "early-answer", test_early_answer },
    { "early-cap", test_early_cap },
    { "late-answer", test_late_answer },
    { "fading", test_fading },
    { "gone-in-file", test_gone_in_file },
    { "order", test_order },
    { "cap", test_cap },
    { "cap-fading", test_cap_fading },
    { "foreach-stops", test_foreach_stops },
    { "reset", test_reset },
    { "totals", test_totals },
    { "no-answer", test_no_answer },
    { "clock-set-back", test_clock_set_back },
    { "no-answer-to-datagram", test_no_answer_to_datagram },
    { "no-answer-in-file", test_no_answer_in_file },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/model/flows/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
