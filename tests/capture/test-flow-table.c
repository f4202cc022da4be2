/* The flow table against a naive model of it: a plain list, searched from end to end. Random packets over few tuples, small
 * caps, random pauses; after every packet both must agree on every flow and on all sums. */
#include "flow-state.h"
#include "flow-table.h"
#include "bounds.h"
#include <string.h>

#define N_ROUNDS 60
#define N_PACKETS 400
#define START_US (1700000000 * (guint64)G_USEC_PER_SEC)
#define SECOND_US ((guint64)1 << 20) /* as the table counts them */
#define LINGER_US (15 * (guint64)G_USEC_PER_SEC)

typedef struct
{
  PlFlow flow; /* local_end, id: as the table has them */
  PlFlowStory story;
  gboolean is_current; /* packets on the tuple go here */
  guint64 id;
} ModelFlow;

typedef struct
{
  GRand *rand;
  PlLocalEnd *local;
  PlFlowTable *table;
  gsize max_flows;
  guint64 linger_us, now_us, packets, bytes, n_seen;
  GPtrArray *flows; /* ModelFlow */
  PlCaptureStats gone; /* others_* and ended_* */
  GHashTable *announced; /* id → itself: what batches told and have not called gone */
} World;

/* ---- the model ---- */

static guint64
packets_of (const PlFlow *flow)
{
  return flow->sent[0].packets + flow->sent[1].packets;
}

static guint64
bytes_of (const PlFlow *flow)
{
  return flow->sent[0].bytes + flow->sent[1].bytes;
}

static void
model_remove (World *world, guint at, gboolean is_evicted)
{
  const ModelFlow *flow = g_ptr_array_index (world->flows, at);

  if (is_evicted)
    {
      world->gone.others_flows++;
      world->gone.others_packets += packets_of (&flow->flow);
      world->gone.others_bytes += bytes_of (&flow->flow);
    }
  else
    {
      world->gone.ended_flows++;
      world->gone.ended_packets += packets_of (&flow->flow);
      world->gone.ended_bytes += bytes_of (&flow->flow);
    }
  g_ptr_array_remove_index (world->flows, at);
}

static ModelFlow *
model_find (World *world, const PlFlowKey *key)
{
  for (guint i = 0; i < world->flows->len; i++)
    {
      ModelFlow *flow = g_ptr_array_index (world->flows, i);

      if (flow->is_current && pl_flow_key_equal (&flow->flow.key, key))
        return flow;
    }
  return NULL;
}

typedef struct
{
  const PlFlow *flow;
  const PlFlowStory *story;
  guint64 id;
  guint n;
} Seen;

static void
look_for_id (const PlFlow *flow, const PlFlowStory *story, gpointer data)
{
  Seen *seen = data;

  seen->n++;
  if (flow->id != seen->id)
    return;
  g_assert_null (seen->flow);
  seen->flow = g_memdup2 (flow, sizeof *flow);
  seen->story = g_memdup2 (story, sizeof *story);
}

static gboolean
table_has (World *world, guint64 id)
{
  Seen seen = { .id = id };
  gboolean has;

  pl_flow_table_foreach (world->table, look_for_id, &seen);
  has = seen.flow != NULL;
  g_free ((gpointer)seen.flow);
  g_free ((gpointer)seen.story);
  return has;
}

/* The table had to evict one: it must be among the idlest by the second. */
static void
model_follow_eviction (World *world)
{
  guint64 idlest = G_MAXUINT64;
  guint victim = G_MAXUINT;

  for (guint i = 0; i < world->flows->len; i++)
    {
      const ModelFlow *flow = g_ptr_array_index (world->flows, i);

      idlest = MIN (idlest, flow->flow.last_us >> 20);
      if (!table_has (world, flow->id))
        {
          g_assert_cmpuint (victim, ==, G_MAXUINT);
          victim = i;
        }
    }
  g_assert_cmpuint (victim, !=, G_MAXUINT);
  g_assert_cmpuint (((const ModelFlow *)g_ptr_array_index (world->flows, victim))->flow.last_us >> 20, ==, idlest);
  model_remove (world, victim, TRUE);
}

static void
model_count (World *world, const PlTablePacket *item)
{
  const PlPacket *packet = &item->packet;
  ModelFlow *flow = model_find (world, &item->key);
  PlFlowCounts *sent;
  guint8 flags = 0;

  if (flow && packet->proto == PL_PROTO_TCP && pl_flow_state_is_reuse (&flow->flow, &flow->story, packet, item->sender))
    {
      flow->is_current = FALSE;
      flow->flow.flags |= PL_FLOW_ENDED;
      flow = NULL;
      flags = PL_FLOW_REUSED;
    }
  if (!flow)
    {
      if (world->flows->len == world->max_flows)
        model_follow_eviction (world);
      flow = g_new0 (ModelFlow, 1);
      g_ptr_array_add (world->flows, flow);
      flow->is_current = TRUE;
      flow->id = ++world->n_seen;
      flow->flow.key = item->key;
      flow->flow.flags = flags;
      flow->flow.first_us = flow->flow.last_us = packet->time_us;
      flow->story.fin_end = flow->story.rst_end = PL_END_UNKNOWN;
      pl_flow_state_begin (&flow->flow, packet, item->sender);
    }
  sent = &flow->flow.sent[item->sender];
  sent->packets++;
  sent->bytes += packet->wire_bytes;
  sent->payload_bytes += packet->payload_bytes;
  flow->flow.last_us = MAX (flow->flow.last_us, packet->time_us);
  flow->flow.first_us = MIN (flow->flow.first_us, packet->time_us);
  if (flow->flow.sent[0].packets > 0 && flow->flow.sent[1].packets > 0)
    flow->flow.flags |= PL_FLOW_ANSWERED;
  if (flow->flow.state == PL_STATE_IDLE)
    flow->flow.state = PL_STATE_ACTIVE;
  if (packet->proto == PL_PROTO_TCP)
    pl_flow_state_tcp (&flow->flow, &flow->story, packet, item->sender);
  world->packets++;
  world->bytes += packet->wire_bytes;
}

/* Two sweeps of the table, what changed told before each. */
static void
model_sweep (World *world)
{
  for (guint i = world->flows->len; i > 0; i--)
    {
      ModelFlow *flow = g_ptr_array_index (world->flows, i - 1);
      guint64 silent_us = world->now_us - flow->flow.last_us;
      gboolean is_ended = flow->flow.flags & PL_FLOW_ENDED;

      if (flow->flow.state == PL_STATE_ACTIVE && silent_us >= PL_IDLE_AFTER_US)
        flow->flow.state = PL_STATE_IDLE;
      if (world->linger_us == 0)
        continue;
      if (is_ended ? silent_us >= world->linger_us
                   : flow->flow.state != PL_STATE_ESTABLISHED && silent_us >= PL_IDLE_LINGER_US)
        model_remove (world, i - 1, FALSE);
    }
}

/* When silence next changes something in the table, which was looked through just now; G_MAXUINT64: never. */
static guint64
model_next_us (const World *world)
{
  guint64 next_us = G_MAXUINT64;

  for (guint i = 0; i < world->flows->len; i++)
    {
      const PlFlow *flow = &((const ModelFlow *)g_ptr_array_index (world->flows, i))->flow;

      if (world->linger_us > 0 && flow->flags & PL_FLOW_ENDED)
        next_us = MIN (next_us, flow->last_us + world->linger_us);
      else if (world->now_us - flow->last_us < PL_IDLE_AFTER_US)
        next_us = MIN (next_us, flow->last_us + PL_IDLE_AFTER_US);
      else if (world->linger_us > 0 && flow->state != PL_STATE_ESTABLISHED)
        next_us = MIN (next_us, flow->last_us + PL_IDLE_LINGER_US);
    }
  return next_us;
}

/* ---- comparing ---- */

/* The table may be looked at a little late, not in vain; where packets came since it was looked through, maybe in vain. */
static void
compare_due (const World *world, gboolean was_swept)
{
  guint64 next_us = model_next_us (world), due_us = pl_flow_table_get_due_us (world->table);

  if (next_us != G_MAXUINT64)
    g_assert_cmpuint (due_us, <=, MAX (next_us, world->now_us) + 2 * SECOND_US);
  if (was_swept)
    g_assert_cmpuint (due_us, >=, next_us);
}

static void
drain (World *world)
{
  while (pl_flow_table_has_changes (world->table))
    {
      PlBatch *batch = g_new0 (PlBatch, 1);

      pl_flow_table_take (world->table, batch, G_MAXUINT);
      for (guint i = 0; i < batch->n_flows; i++)
        {
          guint64 id = batch->flows[i].flow.id;

          g_assert_cmpuint (batch->flows[i].flow.flags & 0x80, ==, 0);
          g_hash_table_add (world->announced, g_memdup2 (&id, sizeof id));
        }
      for (guint i = 0; i < batch->n_gone; i++)
        g_assert_true (g_hash_table_remove (world->announced, &batch->gone[i]));
      pl_batch_free (batch);
    }
}

static void
compare_flow (World *world, const ModelFlow *expected)
{
  Seen seen = { .id = expected->id };
  PlFlow flow;

  pl_flow_table_foreach (world->table, look_for_id, &seen);
  g_assert_nonnull (seen.flow);
  g_assert_cmpuint (seen.n, ==, world->flows->len);
  flow = expected->flow; /* and what the model does not know: */
  flow.id = seen.flow->id;
  flow.iface = seen.flow->iface;
  flow.local_end = seen.flow->local_end;
  flow.flags |= seen.flow->flags & PL_FLOW_LOCAL_GUESSED;
  g_assert_cmpmem (&flow, sizeof flow, seen.flow, sizeof *seen.flow);
  g_assert_cmpuint (seen.story->n_syn, ==, expected->story.n_syn);
  g_assert_cmpuint (seen.story->fin_end, ==, expected->story.fin_end);
  g_free ((gpointer)seen.flow);
  g_free ((gpointer)seen.story);
}

static void
compare (World *world, gboolean flows_too)
{
  PlCaptureStats stats = { 0 };
  guint64 packets = 0;

  pl_flow_table_get_stats (world->table, &stats);
  g_assert_cmpuint (stats.n_flows, ==, world->flows->len);
  g_assert_cmpuint (stats.n_flows_seen, ==, world->n_seen);
  g_assert_cmpuint (stats.packets, ==, world->packets);
  g_assert_cmpuint (stats.bytes, ==, world->bytes);
  g_assert_cmpuint (stats.others_flows, ==, world->gone.others_flows);
  g_assert_cmpuint (stats.others_packets, ==, world->gone.others_packets);
  g_assert_cmpuint (stats.others_bytes, ==, world->gone.others_bytes);
  g_assert_cmpuint (stats.ended_flows, ==, world->gone.ended_flows);
  g_assert_cmpuint (stats.ended_packets, ==, world->gone.ended_packets);
  for (guint i = 0; i < world->flows->len; i++)
    {
      const ModelFlow *flow = g_ptr_array_index (world->flows, i);

      packets += packets_of (&flow->flow);
      if (flows_too)
        compare_flow (world, flow);
    }
  g_assert_cmpuint (packets + stats.others_packets + stats.ended_packets, ==, stats.packets);
}

/* ---- random traffic ---- */

static void
make_packet (World *world, PlTablePacket *item)
{
  static const guint8 flags[] = { 0x02, 0x02, 0x12, 0x10, 0x10, 0x18, 0x11, 0x04, 0x14 };
  static const guint8 protos[] = { PL_PROTO_TCP, PL_PROTO_TCP, PL_PROTO_UDP, PL_PROTO_ICMP, 47 };
  PlPacket *packet = &item->packet;
  guint8 src[4] = { 10, 0, 0, g_rand_int_range (world->rand, 1, 5) };
  guint8 dst[4] = { 10, 0, 1, g_rand_int_range (world->rand, 1, 5) };
  gboolean is_back = g_rand_boolean (world->rand);

  memset (item, 0, sizeof *item);
  packet->proto = protos[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (protos))];
  packet->src = pl_addr_from_v4 (is_back ? dst : src);
  packet->dst = pl_addr_from_v4 (is_back ? src : dst);
  packet->time_us = world->now_us;
  packet->wire_bytes = g_rand_int_range (world->rand, 60, 1500);
  if (packet->proto == PL_PROTO_ICMP)
    packet->flags = PL_PACKET_ECHO | (is_back ? PL_PACKET_ECHO_REPLY : 0);
  else if (packet->proto != 47)
    {
      guint16 near = g_rand_int_range (world->rand, 40000, 40003);

      packet->flags = PL_PACKET_HAS_PORTS;
      packet->src_port = is_back ? 443 : near;
      packet->dst_port = is_back ? near : 443;
      packet->payload_bytes = g_rand_boolean (world->rand) ? 10 : 0;
    }
  if (packet->proto == PL_PROTO_TCP)
    {
      packet->tcp_flags = flags[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (flags))];
      packet->tcp_seq = g_rand_int_range (world->rand, 1, 4);
      packet->tcp_ack = g_rand_int_range (world->rand, 1, 4);
    }
  pl_flow_table_prepare (world->table, item);
}

static void
pass_time (World *world)
{
  guint dice = g_rand_int_range (world->rand, 0, 100);

  if (dice < 70)
    world->now_us += g_rand_int_range (world->rand, 0, 800000);
  else if (dice < 97)
    world->now_us += g_rand_int_range (world->rand, 0, 12000000);
  else
    world->now_us += g_rand_int_range (world->rand, 0, 200000000);
}

static void
run_round (guint32 seed, gsize max_flows, guint64 linger_us)
{
  World world = {
    .rand = g_rand_new_with_seed (seed), .max_flows = max_flows, .linger_us = linger_us, .now_us = START_US
  };
  PlFlowTableOptions options = { .max_flows = max_flows, .ended_linger_us = linger_us };

  world.local = options.local = pl_local_end_new (FALSE, NULL, 0);
  world.table = pl_flow_table_new (&options);
  world.flows = g_ptr_array_new_with_free_func (g_free);
  world.announced = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < N_PACKETS; i++)
    {
      PlTablePacket item;

      pass_time (&world);
      make_packet (&world, &item);
      if (g_rand_boolean (world.rand))
        pl_flow_table_prefetch (world.table, &item); /* may only ever be a hint */
      pl_flow_table_count (world.table, &item);
      model_count (&world, &item);
      compare (&world, i % 8 == 0);
      compare_due (&world, FALSE);
      if (g_rand_int_range (world.rand, 0, 10) > 0)
        continue;
      for (int sweep = 0; sweep < 2; sweep++)
        {
          drain (&world);
          pl_flow_table_sweep (world.table, world.now_us, TRUE);
        }
      model_sweep (&world);
      compare (&world, TRUE);
      compare_due (&world, TRUE);
    }
  drain (&world);
  g_assert_cmpuint (g_hash_table_size (world.announced), ==, world.flows->len);
  pl_flow_table_free (world.table);
  pl_local_end_free (world.local);
  g_ptr_array_unref (world.flows);
  g_hash_table_unref (world.announced);
  g_rand_free (world.rand);
}

static void
test_model (void)
{
  static const gsize caps[] = { 1, 2, 5, 20, 1000 };

  for (guint i = 0; i < N_ROUNDS; i++)
    run_round (g_test_rand_int (), caps[i % G_N_ELEMENTS (caps)], i % 2 ? LINGER_US : 0);
}

/* ---- single facts ---- */

static void
fill_udp (PlFlowTable *table, PlTablePacket *item, guint32 flow, guint64 time_us)
{
  memset (item, 0, sizeof *item);
  item->packet.proto = PL_PROTO_UDP;
  item->packet.flags = PL_PACKET_HAS_PORTS;
  item->packet.src = pl_addr_from_v4 ((guint8[]){ 10, 0, flow >> 16, 1 });
  item->packet.dst = pl_addr_from_v4 ((guint8[]){ 192, 0, 2, 1 });
  item->packet.src_port = flow & 0xffff;
  item->packet.dst_port = 53;
  item->packet.wire_bytes = 100;
  item->packet.time_us = time_us;
  pl_flow_table_prepare (table, item);
}

static gboolean
note_new_flow (const PlFlow *flow, gpointer data)
{
  GArray *ids = data;

  g_assert_cmpuint (flow->flags & 0x80, ==, 0);
  g_array_append_val (ids, flow->id);
  return ids->len != 2; /* no room for the second */
}

/* An announced flow is told at once, counts nothing, and takes its first packet's time from the bulk. */
static void
test_announce (void)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  PlLocalEnd *local = pl_local_end_new (TRUE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 10, .local = local, .new_flow = note_new_flow, .new_flow_data = ids };
  PlFlowTable *table = pl_flow_table_new (&options);
  PlTablePacket item;
  PlCaptureStats stats = { 0 };
  PlBatch *batch = g_new0 (PlBatch, 1);

  fill_udp (table, &item, 1, START_US + 7);
  pl_flow_table_announce (table, &item);
  pl_flow_table_announce (table, &item);
  fill_udp (table, &item, 2, START_US);
  pl_flow_table_announce (table, &item);
  pl_flow_table_get_stats (table, &stats);
  g_assert_cmpuint (ids->len, ==, 2);
  g_assert_cmpuint (stats.questions_dropped, ==, 1);
  g_assert_cmpuint (stats.packets, ==, 0);
  g_assert_cmpuint (stats.n_flows, ==, 2);
  fill_udp (table, &item, 1, START_US);
  pl_flow_table_count (table, &item);
  pl_flow_table_take (table, batch, G_MAXUINT);
  g_assert_cmpuint (batch->n_flows, ==, 2);
  g_assert_cmpuint (batch->flows[0].flow.id, ==, g_array_index (ids, guint64, 0));
  g_assert_cmpuint (packets_of (&batch->flows[0].flow), ==, 1);
  g_assert_cmpuint (batch->flows[0].flow.first_us, ==, START_US);
  g_assert_cmpuint (batch->flows[0].flow.last_us, ==, START_US);
  g_assert_cmpuint (packets_of (&batch->flows[1].flow), ==, 0);
  pl_batch_free (batch);
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

/* A batch has a cap; the rest comes in order with the next, each flow once. */
static void
test_batches (void)
{
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 200000, .local = local };
  PlFlowTable *table = pl_flow_table_new (&options);
  PlTablePacket item;
  guint64 next_id = 1;

  for (guint i = 0; i < 150000; i++)
    {
      fill_udp (table, &item, i, START_US);
      pl_flow_table_count (table, &item);
      pl_flow_table_count (table, &item);
    }
  while (pl_flow_table_has_changes (table))
    {
      PlBatch *batch = g_new0 (PlBatch, 1);

      pl_flow_table_take (table, batch, G_MAXUINT);
      g_assert_cmpuint (batch->n_flows, <=, PL_LIMIT_BATCH_FLOWS);
      for (guint i = 0; i < batch->n_flows; i++)
        {
          g_assert_cmpuint (batch->flows[i].flow.id, ==, next_id++);
          g_assert_cmpuint (packets_of (&batch->flows[i].flow), ==, 2);
        }
      pl_batch_free (batch);
    }
  g_assert_cmpuint (next_id, ==, 150001);
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

/* Far more flows than the cap, never told to anyone: nobody is told that they left. */
static void
test_flood (void)
{
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 1000, .local = local };
  PlFlowTable *table = pl_flow_table_new (&options);
  PlTablePacket item;
  PlCaptureStats stats = { 0 };
  PlBatch *batch = g_new0 (PlBatch, 1);

  for (guint i = 0; i < 100000; i++)
    {
      fill_udp (table, &item, i, START_US + i * 100);
      pl_flow_table_count (table, &item);
    }
  pl_flow_table_get_stats (table, &stats);
  g_assert_cmpuint (stats.n_flows, ==, 1000);
  g_assert_cmpuint (stats.others_flows, ==, 99000);
  g_assert_cmpuint (stats.others_bytes, ==, 9900000);
  pl_flow_table_take (table, batch, G_MAXUINT);
  g_assert_cmpuint (batch->n_flows, ==, 1000);
  g_assert_cmpuint (batch->n_gone, ==, 0);
  pl_batch_free (batch);
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

/* What this computer tells itself of a SYN that never left makes its flow, without packets; what others say, and what is
 * said of a segment of a connection, makes none. */
static void
test_unsent (void)
{
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 10, .local = local };
  PlFlowTable *table = pl_flow_table_new (&options);
  PlTablePacket item = { 0 };
  PlBatch *batch = g_new0 (PlBatch, 1);
  const PlFlowUpdate *told;

  item.packet.proto = PL_PROTO_ICMP;
  item.packet.flags = PL_PACKET_QUOTES;
  item.packet.icmp_type = 3;
  item.packet.icmp_code = 1;
  item.packet.src = pl_addr_from_v4 ((guint8[]){ 198, 51, 100, 7 });
  item.packet.dst = item.packet.quoted_src = pl_addr_from_v4 ((guint8[]){ 10, 0, 0, 1 });
  item.packet.quoted_dst = pl_addr_from_v4 ((guint8[]){ 10, 0, 0, 99 });
  item.packet.wire_bytes = 70;
  item.packet.time_us = START_US;
  item.packet.quoted_proto = PL_PROTO_TCP;
  item.packet.quoted_flags = PL_PACKET_HAS_PORTS;
  item.packet.quoted_tcp_flags = PL_TCP_SYN;
  item.packet.quoted_src_port = 40000;
  item.packet.quoted_dst_port = 631;
  pl_flow_table_prepare (table, &item);
  pl_flow_table_count (table, &item);
  item.packet.src = item.packet.dst;
  item.packet.quoted_tcp_flags = PL_TCP_ACK;
  pl_flow_table_prepare (table, &item);
  pl_flow_table_count (table, &item);
  pl_flow_table_take (table, batch, G_MAXUINT);
  g_assert_cmpuint (batch->n_flows, ==, 2);
  pl_batch_free (batch);

  batch = g_new0 (PlBatch, 1);
  item.packet.quoted_tcp_flags = PL_TCP_SYN;
  pl_flow_table_count (table, &item);
  pl_flow_table_count (table, &item);
  pl_flow_table_take (table, batch, G_MAXUINT);
  g_assert_cmpuint (batch->n_flows, ==, 2);
  told = &batch->flows[batch->flows[0].flow.key.proto == PL_PROTO_TCP ? 0 : 1];
  g_assert_cmpuint (told->flow.key.proto, ==, PL_PROTO_TCP);
  g_assert_cmpuint (told->flow.state, ==, PL_STATE_SYN_SENT);
  g_assert_cmpuint (told->flow.key.port[told->flow.initiator_end], ==, 40000);
  g_assert_cmpuint (told->flow.local_end, ==, told->flow.initiator_end);
  g_assert_true (told->flow.flags & PL_FLOW_ICMP_ERROR);
  g_assert_cmpuint (told->story.icmp_code, ==, 1);
  g_assert_cmpuint (told->story.icmp_end, ==, told->flow.initiator_end);
  g_assert_true (told->story.is_unsent);
  g_assert_cmpuint (packets_of (&told->flow), ==, 0);
  pl_batch_free (batch);
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

/* An ICMP error marks the flow it quotes and counts in its own. */
static void
test_icmp_error (void)
{
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 10, .local = local };
  PlFlowTable *table = pl_flow_table_new (&options);
  PlTablePacket item;
  PlBatch *batch = g_new0 (PlBatch, 1);
  PlPacket quoted;

  fill_udp (table, &item, 9, START_US);
  quoted = item.packet;
  pl_flow_table_count (table, &item);
  memset (&item, 0, sizeof item);
  item.packet.proto = PL_PROTO_ICMP;
  item.packet.flags = PL_PACKET_QUOTES;
  item.packet.icmp_type = 3;
  item.packet.icmp_code = 3;
  item.packet.src = pl_addr_from_v4 ((guint8[]){ 198, 51, 100, 7 });
  item.packet.dst = quoted.src;
  item.packet.wire_bytes = 70;
  item.packet.time_us = START_US + 5;
  item.packet.quoted_proto = PL_PROTO_UDP;
  item.packet.quoted_flags = PL_PACKET_HAS_PORTS;
  item.packet.quoted_src = quoted.src;
  item.packet.quoted_dst = quoted.dst;
  item.packet.quoted_src_port = quoted.src_port;
  item.packet.quoted_dst_port = quoted.dst_port;
  pl_flow_table_prepare (table, &item);
  pl_flow_table_count (table, &item);
  pl_flow_table_take (table, batch, G_MAXUINT);
  g_assert_cmpuint (batch->n_flows, ==, 2);
  g_assert_true (batch->flows[0].flow.flags & PL_FLOW_ICMP_ERROR);
  g_assert_cmpuint (batch->flows[0].story.icmp_error_us, ==, START_US + 5);
  g_assert_cmpuint (batch->flows[0].story.icmp_type, ==, 3);
  g_assert_cmpuint (batch->flows[0].story.icmp_code, ==, 3);
  g_assert_true (pl_addr_equal (&batch->flows[0].story.icmp_from, &item.packet.src));
  g_assert_cmpuint (packets_of (&batch->flows[0].flow), ==, 1);
  g_assert_cmpuint (packets_of (&batch->flows[1].flow), ==, 1);
  g_assert_cmpuint (batch->flows[1].flow.key.proto, ==, PL_PROTO_ICMP);
  pl_batch_free (batch);

  /* Who was called speaks: before the error, and after it. */
  for (guint i = 0; i < 2; i++)
    {
      item = (PlTablePacket){ .packet = quoted };
      item.packet.src = quoted.dst;
      item.packet.dst = quoted.src;
      item.packet.src_port = quoted.dst_port;
      item.packet.dst_port = quoted.src_port;
      item.packet.time_us = START_US + 4 + 2 * i;
      pl_flow_table_prepare (table, &item);
      pl_flow_table_count (table, &item);
      batch = g_new0 (PlBatch, 1);
      pl_flow_table_take (table, batch, G_MAXUINT);
      g_assert_cmpuint (batch->n_flows, ==, 1);
      g_assert_cmpint ((batch->flows[0].flow.flags & PL_FLOW_ICMP_ERROR) != 0, ==, i == 0);
      pl_batch_free (batch);
    }
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

static void
note_mixed (const PlFlow *flow, gpointer data)
{
  g_array_append_val ((GArray *)data, flow->id);
}

static void
count_udp (PlFlowTable *table, guint64 time_us, PlFlowKey *key)
{
  PlTablePacket item;

  fill_udp (table, &item, 9, time_us);
  *key = item.key;
  item.packet.payload_bytes = 1;
  pl_flow_table_count (table, &item);
}

/* A port that changed hands: told in time, its packets are two flows; told when they were counted, and without a pause between them,
 * there is a flow of both, which is said, and the next packet begins another. */
static void
test_change_of_hands (void)
{
  g_autoptr (GArray) mixed = g_array_new (FALSE, FALSE, sizeof (guint64));
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 100, .local = local, .mixed = note_mixed, .new_flow_data = mixed };
  PlFlowTable *table = pl_flow_table_new (&options);
  PlCaptureStats stats = { 0 };
  PlFlowKey key;
  Seen seen = { 0 };

  count_udp (table, START_US, &key);
  pl_flow_table_expect_reuse (table, &(PlPortReuse){ key, START_US + 10000 });
  count_udp (table, START_US + 10000, &key);
  pl_flow_table_foreach (table, look_for_id, &seen);
  g_assert_cmpuint (seen.n, ==, 2);
  g_assert_cmpuint (mixed->len, ==, 0);

  /* Of the second one, and too late. */
  count_udp (table, START_US + 11000, &key);
  pl_flow_table_expect_reuse (table, &(PlPortReuse){ key, START_US + 11000 });
  g_assert_cmpuint (mixed->len, ==, 1);
  count_udp (table, START_US + 40000, &key);
  seen.n = 0;
  pl_flow_table_foreach (table, look_for_id, &seen);
  g_assert_cmpuint (seen.n, ==, 3);
  /* What is told of a flow that began with the new socket says nothing. */
  pl_flow_table_expect_reuse (table, &(PlPortReuse){ key, START_US + 40000 });
  g_assert_cmpuint (mixed->len, ==, 1);
  /* More than there is room for are turned away, and counted. */
  for (guint i = 0; i < PL_LIMIT_PORT_REUSES + 5; i++)
    pl_flow_table_expect_reuse (table, &(PlPortReuse){ key, START_US + 50000 });
  pl_flow_table_get_stats (table, &stats);
  g_assert_cmpuint (stats.reuses_dropped, >=, 5);
  g_assert_cmpuint (stats.reuses_dropped, <=, 6);
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

typedef struct
{
  guint n;
  guint64 id[4], packets[4], first_us[4], last_us[4];
} Parts;

static void
add_part (const PlFlow *flow, const PlFlowStory *story, gpointer data)
{
  Parts *parts = data;
  guint i = parts->n++;

  g_assert_cmpuint (i, <, 4);
  parts->id[i] = flow->id;
  parts->packets[i] = packets_of (flow);
  parts->first_us[i] = flow->first_us;
  parts->last_us[i] = flow->last_us;
  g_assert_cmpuint (story->first_payload_us[0] + story->first_payload_us[1], ==, flow->first_us);
  g_assert_cmpuint (bytes_of (flow), >, 0);
}

/* Told late, but while there was a pause: the flow is parted there, whatever came since, and nothing is counted twice. */
static void
test_late_change_of_hands (void)
{
  g_autoptr (GArray) mixed = g_array_new (FALSE, FALSE, sizeof (guint64));
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 100, .local = local, .mixed = note_mixed, .new_flow_data = mixed };
  PlFlowTable *table = pl_flow_table_new (&options);
  PlCaptureStats stats = { 0 };
  PlFlowKey key;
  Parts parts = { 0 };

  count_udp (table, START_US, &key);
  count_udp (table, START_US + 1000, &key);
  count_udp (table, START_US + 51000, &key); /* the newcomer's */
  count_udp (table, START_US + 52000, &key);
  count_udp (table, START_US + 92000, &key);
  pl_flow_table_expect_reuse (table, &(PlPortReuse){ key, START_US + 51000 });
  count_udp (table, START_US + 93000, &key);
  pl_flow_table_foreach (table, add_part, &parts);
  g_assert_cmpuint (mixed->len, ==, 0);
  g_assert_cmpuint (parts.n, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      gboolean is_later = parts.id[i] != 1;

      g_assert_cmpuint (parts.packets[i], ==, is_later ? 4 : 2);
      g_assert_cmpuint (parts.first_us[i], ==, START_US + (is_later ? 51000 : 0));
      g_assert_cmpuint (parts.last_us[i], ==, START_US + (is_later ? 93000 : 1000));
    }
  pl_flow_table_get_stats (table, &stats);
  g_assert_cmpuint (stats.packets, ==, 6);
  g_assert_cmpuint (stats.n_flows, ==, 2);
  pl_flow_table_free (table);
  pl_local_end_free (local);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow-table/model", test_model);
  g_test_add_func ("/flow-table/announce", test_announce);
  g_test_add_func ("/flow-table/batches", test_batches);
  g_test_add_func ("/flow-table/flood", test_flood);
  g_test_add_func ("/flow-table/icmp-error", test_icmp_error);
  g_test_add_func ("/flow-table/unsent", test_unsent);
  g_test_add_func ("/flow-table/change-of-hands", test_change_of_hands);
  g_test_add_func ("/flow-table/late-change-of-hands", test_late_change_of_hands);
  return g_test_run ();
}
