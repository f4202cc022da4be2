/* Answers that the caller's own host turns away, by the flow table. */
#include "flow-table.h"
#include "bounds.h"

#define START_US (1700000000 * 1000000ull)

/* A question to 198.51.100.7:53, its answer, or what the caller's own host says of that answer. */
typedef enum
{
  QUESTION,
  ANSWER,
  REJECTION,
} Step;

static void
count_step (PlFlowTable *table, Step step, guint64 time_us)
{
  const PlAddr caller = pl_addr_from_v4 ((guint8[]){ 10, 0, 0, 1 });
  const PlAddr called = pl_addr_from_v4 ((guint8[]){ 198, 51, 100, 7 });
  PlTablePacket item = { 0 };
  PlPacket *packet = &item.packet;

  packet->proto = step == REJECTION ? PL_PROTO_ICMP : PL_PROTO_UDP;
  packet->flags = step == REJECTION ? PL_PACKET_QUOTES : PL_PACKET_HAS_PORTS;
  packet->src = step == ANSWER ? called : caller;
  packet->dst = step == ANSWER ? caller : called;
  packet->wire_bytes = 70;
  packet->time_us = time_us;
  if (step == REJECTION)
    {
      packet->icmp_type = packet->icmp_code = 3;
      packet->quoted_proto = PL_PROTO_UDP;
      packet->quoted_flags = PL_PACKET_HAS_PORTS;
      packet->quoted_src = called;
      packet->quoted_dst = caller;
      packet->quoted_src_port = 53;
      packet->quoted_dst_port = 40000;
    }
  else
    {
      packet->src_port = step == ANSWER ? 53 : 40000;
      packet->dst_port = step == ANSWER ? 40000 : 53;
    }
  pl_flow_table_prepare (table, &item);
  pl_flow_table_count (table, &item);
}

/* The caller's host turns an answer away: once, as the caller had left; again, though the caller asked on; and no more. */
static void
test_kept_out (void)
{
  static const struct
  {
    Step step;
    guint64 after_ms;
    gboolean has_error, is_kept_out;
  } rows[] = {
    { QUESTION, 0, FALSE, FALSE }, { ANSWER, 1, FALSE, FALSE },   { REJECTION, 1, TRUE, FALSE },
    { ANSWER, 1, TRUE, FALSE },    { REJECTION, 1, TRUE, FALSE }, { QUESTION, 1, TRUE, FALSE },
    { ANSWER, 1, TRUE, FALSE },    { REJECTION, 1, TRUE, TRUE },  { ANSWER, 1, TRUE, TRUE },
    { ANSWER, 1000, TRUE, TRUE },  { ANSWER, 1, TRUE, TRUE },     { ANSWER, 1500, TRUE, TRUE },
    { REJECTION, 1, TRUE, TRUE },  { ANSWER, 2500, TRUE, TRUE },  { ANSWER, 1, TRUE, TRUE },
    { QUESTION, 1, TRUE, TRUE },   { ANSWER, 1, FALSE, FALSE },   { REJECTION, 1, TRUE, FALSE },
    { QUESTION, 1, TRUE, FALSE },  { REJECTION, 1, TRUE, TRUE },
  };
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 10, .local = local };
  PlFlowTable *table = pl_flow_table_new (&options);
  guint64 time_us = START_US;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PlBatch *batch = g_new0 (PlBatch, 1);
      const PlFlowUpdate *told;

      time_us += rows[i].after_ms * 1000;
      count_step (table, rows[i].step, time_us);
      pl_flow_table_take (table, batch, G_MAXUINT);
      told = &batch->flows[batch->flows[0].flow.key.proto == PL_PROTO_UDP ? 0 : 1];
      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpuint (told->flow.key.proto, ==, PL_PROTO_UDP);
      g_assert_cmpint ((told->flow.flags & PL_FLOW_ICMP_ERROR) != 0, ==, rows[i].has_error);
      g_assert_cmpint (told->story.is_kept_out, ==, rows[i].is_kept_out);
      pl_batch_free (batch);
    }
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow-rejected/kept-out", test_kept_out);
  return g_test_run ();
}
