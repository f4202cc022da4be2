/* The flow table of a live capture while this computer's clock is set back. */
#include "flow-table.h"
#include "bounds.h"
#include <string.h>

#define START_US (1700000000 * 1000000ull)
#define HOUR_US (3600 * 1000000ull)

static void
count (PlFlowTable *table, guint8 proto, guint64 time_us)
{
  PlTablePacket item = { 0 };

  item.packet.proto = proto;
  item.packet.flags = PL_PACKET_HAS_PORTS;
  item.packet.tcp_flags = proto == PL_PROTO_TCP ? PL_TCP_SYN : 0;
  item.packet.src = pl_addr_from_v4 ((guint8[]){ 192, 0, 2, 1 });
  item.packet.dst = pl_addr_from_v4 ((guint8[]){ 198, 51, 100, 9 });
  item.packet.src_port = 40000;
  item.packet.dst_port = 443;
  item.packet.wire_bytes = 100;
  item.packet.time_us = time_us;
  pl_flow_table_prepare (table, &item);
  pl_flow_table_count (table, &item);
}

static void
sweep (PlFlowTable *table, guint64 now_us)
{
  PlBatch *batch = g_new0 (PlBatch, 1);

  pl_flow_table_take (table, batch, G_MAXUINT);
  pl_batch_free (batch);
  pl_flow_table_sweep (table, now_us, TRUE);
}

typedef struct
{
  PlFlow datagrams, attempt;
  guint64 syn_us;
} Seen;

static void
see (const PlFlow *flow, const PlFlowStory *story, gpointer data)
{
  Seen *seen = data;

  if (flow->key.proto == PL_PROTO_TCP)
    seen->syn_us = story->syn_us;
  *(flow->key.proto == PL_PROTO_TCP ? &seen->attempt : &seen->datagrams) = *flow;
}

/* One flow goes on after that, an attempt is silent. Each is as old as it was, and leaves in time. A file's packets may come in any
 * order. */
static void
test_set_back (gconstpointer data)
{
  gboolean is_live = data != NULL;
  guint64 now_us = START_US - HOUR_US;
  PlLocalEnd *local = pl_local_end_new (is_live, NULL, 0);
  PlFlowTableOptions options = {
    .max_flows = 9, .local = local, .is_live = is_live, .ended_linger_us = PL_ENDED_LINGER_US
  };
  PlFlowTable *table = pl_flow_table_new (&options);
  PlCaptureStats stats = { 0 };
  Seen seen = { 0 };

  count (table, PL_PROTO_UDP, START_US);
  count (table, PL_PROTO_UDP, START_US + 60 * G_USEC_PER_SEC);
  count (table, PL_PROTO_TCP, START_US + 60 * G_USEC_PER_SEC);
  now_us += 60 * G_USEC_PER_SEC;
  count (table, PL_PROTO_UDP, now_us);
  sweep (table, now_us);
  pl_flow_table_foreach (table, see, &seen);
  g_assert_cmpuint (seen.datagrams.first_us, ==, is_live ? START_US - HOUR_US : now_us);
  g_assert_cmpuint (seen.datagrams.last_us, ==, is_live ? now_us : now_us + HOUR_US);
  g_assert_cmpuint (seen.attempt.last_us, ==, is_live ? now_us : now_us + HOUR_US);
  g_assert_cmpuint (seen.syn_us, ==, seen.attempt.last_us);

  for (guint64 after_us = 0; after_us < 2 * PL_IDLE_LINGER_US; after_us += PL_IDLE_AFTER_US / 2)
    sweep (table, now_us + after_us);
  pl_flow_table_get_stats (table, &stats);
  g_assert_cmpuint (stats.n_flows, ==, is_live ? 0 : 2);
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/flow-clock/live", GINT_TO_POINTER (TRUE), test_set_back);
  g_test_add_data_func ("/flow-clock/file", NULL, test_set_back);
  return g_test_run ();
}
