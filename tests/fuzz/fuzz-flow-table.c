/* Fuzz target of the flow table. The first two bytes choose cap and linger; then each four bytes are one step: a packet,
 * a pause, a sweep, an announcement or a batch. At the end the sums must be right and every flow told and not called gone
 * must be in the table. */
#include "flow-table.h"
#include "bounds.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define START_US (1700000000 * (guint64)G_USEC_PER_SEC)

typedef struct
{
  PlFlowTable *table;
  guint64 now_us, packets, bytes;
  GHashTable *told; /* ids */
} World;

static void
check (gboolean is_right)
{
  if (!is_right)
    abort ();
}

static void
fill (World *world, const uint8_t step[4], PlTablePacket *item)
{
  static const uint8_t protos[] = { PL_PROTO_TCP, PL_PROTO_TCP, PL_PROTO_TCP, PL_PROTO_UDP, PL_PROTO_ICMP, 47 };
  PlPacket *packet = &item->packet;

  memset (item, 0, sizeof *item);
  packet->proto = protos[step[1] % G_N_ELEMENTS (protos)];
  packet->src = pl_addr_from_v4 ((uint8_t[]){ 10, 0, 0, step[1] >> 6 });
  packet->dst = pl_addr_from_v4 ((uint8_t[]){ 10, 0, 0, (step[1] >> 4) & 3 });
  packet->time_us = world->now_us - (step[0] & 0x80 ? 1500000 : 0); /* some come late */
  packet->wire_bytes = 60 + step[3];
  packet->payload_bytes = step[3] & 1;
  packet->tcp_flags = step[2] & 0x1f;
  packet->tcp_seq = step[3] >> 6;
  packet->tcp_ack = (step[3] >> 4) & 3;
  if (packet->proto == PL_PROTO_ICMP && step[2] & 1)
    {
      packet->flags = PL_PACKET_QUOTES;
      packet->quoted_src = packet->dst;
      packet->quoted_dst = packet->src;
      packet->quoted_proto = PL_PROTO_UDP;
      packet->quoted_flags = PL_PACKET_HAS_PORTS;
    }
  else if (packet->proto == PL_PROTO_ICMP)
    packet->flags = PL_PACKET_ECHO | (step[2] & 2 ? PL_PACKET_ECHO_REPLY : 0);
  else if (packet->proto != 47)
    {
      packet->flags = PL_PACKET_HAS_PORTS;
      packet->src_port = step[2] >> 5;
      packet->dst_port = step[3] >> 5;
    }
}

static void
take_batch (World *world)
{
  PlBatch *batch = g_new0 (PlBatch, 1);

  pl_flow_table_take (world->table, batch, G_MAXUINT);
  for (guint i = 0; i < batch->n_flows; i++)
    {
      guint64 id = batch->flows[i].flow.id;

      check (id != 0);
      g_hash_table_add (world->told, g_memdup2 (&id, sizeof id));
    }
  for (guint i = 0; i < batch->n_gone; i++)
    check (g_hash_table_remove (world->told, &batch->gone[i]));
  pl_batch_free (batch);
}

static void
run_step (World *world, const uint8_t step[4])
{
  PlTablePacket item;

  switch (step[0] & 7)
    {
    case 0:
      world->now_us += (guint64)step[1] << (step[2] % 21);
      break;
    case 1:
      pl_flow_table_sweep (world->table, world->now_us, step[1] & 1);
      break;
    case 2:
      take_batch (world);
      break;
    case 3:
      fill (world, step, &item);
      pl_flow_table_announce (world->table, &item);
      break;
    default:
      fill (world, step, &item);
      pl_flow_table_prepare (world->table, &item);
      if (step[0] & 8)
        pl_flow_table_prefetch (world->table, &item);
      pl_flow_table_count (world->table, &item);
      world->packets++;
      world->bytes += item.packet.wire_bytes;
      break;
    }
}

typedef struct
{
  World *world;
  guint64 n, packets, bytes;
} Sums;

static void
add_flow (const PlFlow *flow, const PlFlowStory *story, gpointer data)
{
  Sums *sums = data;

  check (flow->id != 0 && flow->first_us <= flow->last_us && flow->local_end <= PL_END_UNKNOWN);
  check (g_hash_table_remove (sums->world->told, &flow->id));
  sums->n++;
  sums->packets += flow->sent[0].packets + flow->sent[1].packets;
  sums->bytes += flow->sent[0].bytes + flow->sent[1].bytes;
}

static void
check_sums (World *world)
{
  PlCaptureStats stats = { 0 };
  Sums sums = { .world = world };

  pl_flow_table_get_stats (world->table, &stats);
  pl_flow_table_foreach (world->table, add_flow, &sums);
  check (stats.packets == world->packets && stats.bytes == world->bytes);
  check (stats.n_flows == sums.n);
  check (stats.n_flows_seen == sums.n + stats.others_flows + stats.ended_flows);
  check (stats.packets == sums.packets + stats.others_packets + stats.ended_packets);
  check (stats.bytes == sums.bytes + stats.others_bytes + stats.ended_bytes);
  check (g_hash_table_size (world->told) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);
  PlFlowTableOptions options = { .max_flows = 1, .local = local };
  World world = { .now_us = START_US };

  if (size >= 2)
    {
      options.max_flows = 1 + data[0];
      options.ended_linger_us = data[1] & 1 ? PL_ENDED_LINGER_US : 0;
      world.table = pl_flow_table_new (&options);
      world.told = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      for (size_t at = 2; at + 4 <= size; at += 4)
        run_step (&world, data + at);
      if (pl_local_end_elect (local, TRUE))
        pl_flow_table_revise_local (world.table, TRUE);
      while (pl_flow_table_has_changes (world.table))
        take_batch (&world);
      check_sums (&world);
      pl_flow_table_free (world.table);
      g_hash_table_unref (world.told);
    }
  pl_local_end_free (local);
  return 0;
}
