/* The capture thread's flow table; flow-table.h tells how it works. Here: flows come, packets are counted, flows leave.
 * Per packet no allocation, no lock, no system call. */
#include "flow-table-private.h"
#include "flow-state.h"
#include "bounds.h"
#include "reserve.h"
#include "siphash.h"
#include <string.h>

/**
 * pl_flow_table_new:
 * @options: its caps and helpers; copied
 *
 * Returns: (transfer full) (nullable): an empty table
 */
PlFlowTable *
pl_flow_table_new (const PlFlowTableOptions *options)
{
  PlFlowTable *table = g_new0 (PlFlowTable, 1);
  gsize max_flows = options->max_flows;

  g_assert (max_flows >= 1 && max_flows < PL_NO_SLOT);
  table->options = *options;
  pl_siphash_secret (table->secret);
  table->flows = pl_reserve (max_flows * sizeof *table->flows);
  table->stories = pl_reserve (max_flows * sizeof *table->stories);
  table->notes = pl_reserve (max_flows * sizeof *table->notes);
  table->stamps = pl_reserve (max_flows * sizeof *table->stamps);
  table->free_slot = PL_NO_SLOT;
  table->next_id = 1;
  pl_flow_table_init_time (table);
  pl_flow_index_init (&table->index);
  table->queue_capacity = 1024;
  table->queue = g_new0 (guint32, table->queue_capacity);
  table->gone = g_array_new (FALSE, FALSE, sizeof (guint64));
  table->gone_why = g_byte_array_new ();
  if (!table->flows || !table->stories || !table->notes || !table->stamps)
    g_clear_pointer (&table, pl_flow_table_free);
  return table;
}

void
pl_flow_table_free (PlFlowTable *table)
{
  gsize max_flows;

  if (!table)
    return;
  max_flows = table->options.max_flows;
  pl_release (table->flows, max_flows * sizeof *table->flows);
  pl_release (table->stories, max_flows * sizeof *table->stories);
  pl_release (table->notes, max_flows * sizeof *table->notes);
  pl_release (table->stamps, max_flows * sizeof *table->stamps);
  pl_flow_index_clear (&table->index);
  g_free (table->victims);
  g_free (table->queue);
  g_array_unref (table->gone);
  g_byte_array_unref (table->gone_why);
  g_free (table);
}

/* ---- flows come and go ---- */

static inline guint32
lookup (const PlFlowTable *table, const PlFlowKey *key, guint32 hash)
{
  const PlFlowIndex *index = &table->index;

  for (guint32 position = pl_flow_index_start (index, hash);; position = pl_flow_index_next (index, position))
    {
      const PlIndexEntry *entry = &index->entries[position];

      if (entry->slot == PL_NO_SLOT)
        return PL_NO_SLOT;
      if (entry->hash == hash && memcmp (&table->flows[entry->slot].key, key, sizeof *key) == 0)
        return entry->slot;
    }
}

guint32
pl_flow_table_lookup (const PlFlowTable *table, const PlFlowKey *key)
{
  return lookup (table, key, (guint32)pl_flow_key_hash (key, table->secret));
}

static void
add_to_sums (PlCaptureStats *stats, const PlFlow *flow, PlGoneWhy why)
{
  guint64 packets = flow->sent[0].packets + flow->sent[1].packets;
  guint64 bytes = flow->sent[0].bytes + flow->sent[1].bytes;
  guint64 payload_bytes = flow->sent[0].payload_bytes + flow->sent[1].payload_bytes;

  if (why == PL_GONE_EVICTED)
    {
      stats->others_flows++;
      stats->others_packets += packets;
      stats->others_bytes += bytes;
      stats->others_payload_bytes += payload_bytes;
    }
  else
    {
      stats->ended_flows++;
      stats->ended_packets += packets;
      stats->ended_bytes += bytes;
      stats->ended_payload_bytes += payload_bytes;
    }
}

void
pl_flow_table_remove (PlFlowTable *table, guint32 slot, PlGoneWhy why)
{
  PlFlow *flow = &table->flows[slot];
  PlSlotNotes *notes = &table->notes[slot];

  add_to_sums (&table->stats, flow, why);
  pl_flow_index_remove (&table->index, notes->hash, slot);
  if (notes->marks & PL_MARK_ANNOUNCED)
    {
      guint8 byte = why;

      g_array_append_val (table->gone, flow->id);
      g_byte_array_append (table->gone_why, &byte, 1);
    }
  flow->id = 0;
  pl_flow_table_set_phase (table, slot, PL_PHASE_FREE);
  notes->hash = table->free_slot;
  table->free_slot = slot;
  table->stats.n_flows--;
}

static guint32
take_slot (PlFlowTable *table)
{
  guint32 slot;

  if (table->free_slot == PL_NO_SLOT && table->n_slots == table->options.max_flows)
    pl_flow_table_evict (table);
  if (table->free_slot == PL_NO_SLOT)
    return table->n_slots++;
  slot = table->free_slot;
  table->free_slot = table->notes[slot].hash;
  return slot;
}

/* Writes the record of a new flow into @slot, which may still be queued for its former flow. */
static void
begin_flow (PlFlowTable *table, guint32 slot, const PlTablePacket *item, guint8 flags)
{
  PlFlow *flow = &table->flows[slot];
  guint8 queued = flow->flags & PL_SLOT_QUEUED;
  guint32 marks = 0;

  if (table->first_second == 0)
    table->first_second = (gint64)(item->packet.time_us >> 20) - PL_STAMP_SECOND_MAX / 2;
  *flow = (PlFlow){
    .key = item->key,
    .iface = item->iface,
    .id = table->next_id++,
    .first_us = item->packet.time_us,
    .last_us = item->packet.time_us,
    .flags = flags,
  };
  table->stories[slot] = (PlFlowStory){ .rst_end = PL_END_UNKNOWN, .fin_end = PL_END_UNKNOWN };
  pl_flow_table_set_stamp (table, slot, pl_flow_table_stamp (table, item->packet.time_us, PL_PHASE_LIVE));
  pl_flow_state_begin (flow, &item->packet, item->sender);
  pl_local_end_note (table->options.local, &flow->key);
  if (pl_local_end_decide (table->options.local, flow, item->sender, item->packet.direction))
    marks = PL_MARK_LOCAL_SETTLED;
  table->notes[slot] = (PlSlotNotes){ .hash = (guint32)item->hash, .marks = marks };
  if (table->options.new_flow && !table->options.new_flow (flow, table->options.new_flow_data))
    table->stats.questions_dropped++;
  flow->flags |= queued;
}

/* Makes the flow of @item. @older: the slot of the earlier flow on the same tuple that it follows, or PL_NO_SLOT. */
/* For PlSlotNotes.heard_ms. */
static inline guint32
heard_ms (guint64 time_us)
{
  return (guint32)(time_us / 1000) & ((1u << 28) - 1);
}

static guint32
add_flow (PlFlowTable *table, const PlTablePacket *item, guint32 older)
{
  guint32 slot, hash = (guint32)item->hash;

  if (older != PL_NO_SLOT)
    pl_flow_index_remove (&table->index, hash, older);
  slot = take_slot (table);
  begin_flow (table, slot, item, older != PL_NO_SLOT ? PL_FLOW_REUSED : 0);
  table->notes[slot].heard_ms = heard_ms (item->packet.time_us);
  pl_flow_index_add (&table->index, hash, slot);
  table->shortcuts[item->shortcut] = slot;
  table->stats.n_flows++;
  table->stats.n_flows_seen++;
  pl_flow_table_mark_changed (table, slot);
  return slot;
}

/* ---- packets ---- */

/* Up to this many flows all of them stay in the processor's caches: to look ahead costs more than it gains, and the
 * shortcuts pay. */
#define FEW_SLOTS PL_TABLE_SHORTCUTS

static inline void
set_hash (const PlFlowTable *table, PlTablePacket *item)
{
  item->hash =
      pl_flow_key_hash (&item->key, table->secret) | (guint64)1 << 63; /* never 0; the index uses the low half */
}

guint16
pl_flow_table_shortcut (const PlFlowKey *key)
{
  guint32 addr_a, addr_b, mixed;

  memcpy (&addr_a, key->addr[PL_END_A].bytes + 12, 4);
  memcpy (&addr_b, key->addr[PL_END_B].bytes + 12, 4);
  mixed = addr_a * 0x9e3779b1u ^ addr_b * 0x85ebca77u ^ ((guint32)key->port[0] << 16 | key->port[1]) * 0xc2b2ae3du;
  return (mixed ^ mixed >> 15) % PL_TABLE_SHORTCUTS;
}

void
pl_flow_table_prepare (PlFlowTable *table, PlTablePacket *item)
{
  item->sender = pl_flow_key_from_packet (&item->packet, &item->key);
  item->shortcut = pl_flow_table_shortcut (&item->key);
  item->hash = 0;
  if (table->n_slots <= FEW_SLOTS)
    return;
  set_hash (table, item);
  __builtin_prefetch (&table->index.entries[pl_flow_index_start (&table->index, (guint32)item->hash)]);
}

void
pl_flow_table_prefetch (PlFlowTable *table, const PlTablePacket *item)
{
  const PlFlowIndex *index = &table->index;
  guint32 hash = (guint32)item->hash;

  if (item->hash == 0)
    return;
  for (guint32 position = pl_flow_index_start (index, hash); index->entries[position].slot != PL_NO_SLOT;
       position = pl_flow_index_next (index, position))
    if (index->entries[position].hash == hash)
      {
        guint32 slot = index->entries[position].slot;

        __builtin_prefetch (&table->flows[slot], 1);
        __builtin_prefetch ((const char *)&table->flows[slot] + 64, 1);
        return;
      }
}

/* The slot of @item's flow, or PL_NO_SLOT. A shortcut is right when its slot holds the key: the newest flow of a tuple
 * always takes the shortcut over from an older one, and only the index, which knows the newest alone, gives it back. */
static inline guint32
find_flow (PlFlowTable *table, PlTablePacket *item)
{
  guint32 slot = table->shortcuts[item->shortcut];

  if (item->hash != 0) /* many flows: to look at a wrong one would only miss the caches once more */
    return lookup (table, &item->key, (guint32)item->hash);
  if (slot < table->n_slots && table->flows[slot].id != 0
      && memcmp (&table->flows[slot].key, &item->key, sizeof item->key) == 0)
    return slot;
  set_hash (table, item);
  slot = lookup (table, &item->key, (guint32)item->hash);
  if (slot != PL_NO_SLOT)
    table->shortcuts[item->shortcut] = slot;
  return slot;
}

/* What this computer tells itself of a packet that never left it, as its firewall rejects it or no machine on its network
 * has the address: only so is that attempt seen. Makes its flow, without a packet, or returns PL_NO_SLOT. */
static guint32
add_unsent (PlFlowTable *table, const PlTablePacket *error)
{
  const PlPacket *packet = &error->packet;
  PlTablePacket item = { .iface = error->iface };
  guint32 slot;

  if (!pl_addr_equal (&packet->src, &packet->dst) || !pl_addr_equal (&packet->src, &packet->quoted_src)
      || packet->quoted_flags == 0
      || (packet->quoted_proto == PL_PROTO_TCP && (packet->quoted_tcp_flags & (PL_TCP_SYN | PL_TCP_ACK)) != PL_TCP_SYN))
    return PL_NO_SLOT;
  item.packet.time_us = packet->time_us;
  item.packet.ifindex = packet->ifindex;
  item.packet.proto = packet->quoted_proto;
  item.packet.tcp_flags = packet->quoted_tcp_flags;
  item.packet.flags = packet->quoted_flags;
  item.packet.src = packet->quoted_src;
  item.packet.dst = packet->quoted_dst;
  item.packet.src_port = packet->quoted_src_port;
  item.packet.dst_port = packet->quoted_dst_port;
  item.packet.direction = PL_DIRECTION_OUT;
  pl_flow_table_prepare (table, &item);
  if (item.key.zone != 0) /* the loopback's, over which the error came */
    return PL_NO_SLOT;
  set_hash (table, &item);
  slot = add_flow (table, &item, PL_NO_SLOT);
  table->stories[slot].is_unsent = true;
  return slot;
}

/* An ICMP error tells of the flow it quotes. */
static void
mark_quoted (PlFlowTable *table, const PlTablePacket *item)
{
  const PlPacket *packet = &item->packet;
  PlFlowKey key;
  int end = pl_flow_key_from_quote (packet, &key);
  guint32 slot;
  PlFlowStory *story;

  if (end == PL_END_UNKNOWN)
    return;
  slot = pl_flow_table_lookup (table, &key);
  if (slot == PL_NO_SLOT)
    slot = add_unsent (table, item);
  if (slot == PL_NO_SLOT)
    return;
  story = &table->stories[slot];
  story->n_let_in = 0;
  story->is_kept_out |= story->has_asked_on && end != table->flows[slot].initiator_end;
  story->icmp_error_us = packet->time_us;
  story->icmp_from = packet->src;
  story->icmp_type = packet->icmp_type;
  story->icmp_code = packet->icmp_code;
  story->icmp_end = (guint8)end;
  table->flows[slot].flags |= PL_FLOW_ICMP_ERROR;
  pl_flow_table_mark_changed (table, slot);
}

static inline PlPhase
speaking_phase (const PlFlowTable *table, const PlFlow *flow)
{
  return flow->flags & PL_FLOW_ENDED && table->options.ended_linger_us > 0 ? PL_PHASE_ENDED : PL_PHASE_LIVE;
}

static void
end_flow (PlFlowTable *table, guint32 slot)
{
  table->flows[slot].flags |= PL_FLOW_ENDED;
  pl_flow_table_set_phase (table, slot, speaking_phase (table, &table->flows[slot]));
}

static void
follow_tcp (PlFlowTable *table, guint32 slot, const PlTablePacket *item)
{
  PlFlow *flow = &table->flows[slot];
  gboolean was_ended = flow->flags & PL_FLOW_ENDED;

  pl_flow_state_tcp (flow, &table->stories[slot], &item->packet, item->sender);
  if (flow->flags & PL_FLOW_ENDED && !was_ended)
    end_flow (table, slot);
}

guint32
pl_flow_table_begin_anew (PlFlowTable *table, PlTablePacket *item, guint32 slot)
{
  if (item->hash == 0)
    set_hash (table, item);
  /* The earlier flow stays, out of reach of packets: it ends here, whether or not we saw it end. */
  if (!(table->flows[slot].flags & PL_FLOW_ENDED))
    {
      end_flow (table, slot);
      pl_flow_table_mark_changed (table, slot);
    }
  return add_flow (table, item, slot);
}

/* The flow of @item, made if need be. */
static inline guint32
flow_for (PlFlowTable *table, PlTablePacket *item)
{
  const PlPacket *packet = &item->packet;
  guint32 slot = find_flow (table, item);

  if (slot == PL_NO_SLOT)
    return add_flow (table, item, PL_NO_SLOT);
  if (G_UNLIKELY (table->n_reuses > 0) && pl_flow_table_takes_port_over (table, item, slot))
    return pl_flow_table_begin_anew (table, item, slot);
  if (packet->proto != PL_PROTO_TCP || !(packet->tcp_flags & PL_TCP_SYN))
    return slot;
  if (!pl_flow_state_is_reuse (&table->flows[slot], &table->stories[slot], packet, item->sender))
    return slot;
  return pl_flow_table_begin_anew (table, item, slot);
}

static inline void
note_time (PlFlowTable *table, guint32 slot, guint64 time_us)
{
  PlFlow *flow = &table->flows[slot];

  if (flow->state == PL_STATE_IDLE)
    {
      flow->state = PL_STATE_ACTIVE;
      pl_flow_table_set_phase (table, slot, PL_PHASE_LIVE);
    }
  if (time_us > flow->last_us)
    {
      /* A store that misses the caches waits for nobody, but there is no need of one each packet. */
      if (pl_is_another_second (time_us, flow->last_us))
        pl_flow_table_set_stamp (table, slot, pl_flow_table_stamp (table, time_us, speaking_phase (table, flow)));
      flow->last_us = time_us;
    }
  else if (table->options.is_live && time_us + PL_CLOCK_BACK_US < flow->last_us)
    pl_flow_table_set_back (table, slot, time_us);
  else if (time_us < flow->first_us)
    flow->first_us = time_us;
}

/* The first packet from @item's sender. */
static void
note_first (PlFlowTable *table, guint32 slot, const PlTablePacket *item)
{
  PlFlow *flow = &table->flows[slot];

  if (flow->sent[!item->sender].packets > 0)
    {
      flow->flags |= PL_FLOW_ANSWERED;
      return;
    }
  /* An announced flow carries the other socket's clock. */
  flow->first_us = flow->last_us = item->packet.time_us;
  pl_flow_table_set_stamp (table, slot, pl_flow_table_stamp (table, flow->last_us, speaking_phase (table, flow)));
}

/* Whether datagrams get through after an error: one of who was called, when the error was about one to it; several of its
 * answers, when it was about an answer. */
static gboolean
is_error_outlived (const PlFlow *flow, PlFlowStory *story, const PlTablePacket *item)
{
  if (flow->key.proto == PL_PROTO_TCP || flow->initiator_end == PL_END_UNKNOWN
      || item->packet.time_us <= story->icmp_error_us)
    return FALSE;
  if (item->sender == flow->initiator_end)
    {
      story->has_asked_on |= story->icmp_end != flow->initiator_end;
      return FALSE;
    }
  if (story->icmp_end == flow->initiator_end)
    return TRUE;
  if (item->packet.time_us <= story->icmp_error_us + PL_KEPT_OUT_FOR_US || ++story->n_let_in < PL_KEPT_OUT_LET_IN)
    return FALSE;
  story->has_asked_on = story->is_kept_out = FALSE;
  return TRUE;
}

void
pl_flow_table_count (PlFlowTable *table, PlTablePacket *item)
{
  const PlPacket *packet = &item->packet;
  guint32 slot = flow_for (table, item);
  PlFlow *flow = &table->flows[slot];
  PlFlowCounts *sent = &flow->sent[item->sender];

  if (packet->time_us >= flow->last_us + PL_DATAGRAM_PAUSE_MS * 1000 && packet->proto == PL_PROTO_UDP)
    pl_flow_table_note_pause (table, slot, item);
  if (sent->packets == 0)
    note_first (table, slot, item);
  note_time (table, slot, packet->time_us);
  if (packet->payload_bytes > 0 && sent->payload_bytes == 0)
    table->stories[slot].first_payload_us[item->sender] = packet->time_us;
  sent->packets++;
  sent->bytes += packet->wire_bytes;
  sent->payload_bytes += packet->payload_bytes;
  table->stats.packets++;
  table->stats.bytes += packet->wire_bytes;
  if (flow->flags & PL_FLOW_ICMP_ERROR && is_error_outlived (flow, &table->stories[slot], item))
    flow->flags &= ~PL_FLOW_ICMP_ERROR;
  if (packet->proto == PL_PROTO_TCP && flow->key.kind == PL_KIND_PORTS
      && (flow->state != PL_STATE_ESTABLISHED || packet->tcp_flags & (PL_TCP_SYN | PL_TCP_FIN | PL_TCP_RST)))
    follow_tcp (table, slot, item);
  else if (packet->flags & PL_PACKET_QUOTES)
    mark_quoted (table, item);
  pl_flow_table_mark_changed (table, slot);
}

/* Among many flows with pauses each has its turn: told of no more often than so, those that are not wait as if silent. */
static gboolean
may_tell_resumed (PlFlowTable *table, guint64 time_us)
{
  guint64 span = time_us / PL_RESUMED_SPAN_US;

  if (span != table->resumed_span)
    {
      table->resumed_span = span;
      table->n_resumed = 0;
    }
  return table->n_resumed++ < PL_LIMIT_RESUMED;
}

/* A datagram of the flow in @slot was seen early. */
static void
note_resumed (PlFlowTable *table, guint32 slot, guint64 time_us)
{
  PlSlotNotes *notes = &table->notes[slot];
  gint64 pause_ms = (gint64)heard_ms (time_us) - notes->heard_ms;

  if (pause_ms >= 0 && pause_ms < PL_DATAGRAM_PAUSE_MS)
    notes->heard_ms = heard_ms (time_us);
  else if (may_tell_resumed (table, time_us))
    {
      notes->heard_ms = heard_ms (time_us);
      table->options.resumed (&table->flows[slot], time_us, table->options.new_flow_data);
    }
}

void
pl_flow_table_announce (PlFlowTable *table, PlTablePacket *item)
{
  guint32 slot;

  pl_flow_table_prepare (table, item);
  slot = find_flow (table, item);
  if (slot == PL_NO_SLOT)
    add_flow (table, item, PL_NO_SLOT);
  else if (item->packet.proto == PL_PROTO_UDP && table->options.resumed)
    note_resumed (table, slot, item->packet.time_us);
}

void
pl_flow_table_revise_local (PlFlowTable *table, gboolean all)
{
  for (guint32 slot = 0; slot < table->n_slots; slot++)
    {
      PlFlow *flow = &table->flows[slot];
      PlSlotNotes *notes = &table->notes[slot];
      guint8 old_end = flow->local_end, old_flags = flow->flags;

      if (flow->id == 0 || notes->marks & PL_MARK_LOCAL_SETTLED)
        continue;
      if (!all && !(flow->flags & PL_FLOW_LOCAL_GUESSED))
        continue;
      if (pl_local_end_decide (table->options.local, flow, PL_END_A, PL_DIRECTION_UNKNOWN))
        notes->marks |= PL_MARK_LOCAL_SETTLED;
      if (flow->local_end != old_end || flow->flags != old_flags)
        pl_flow_table_mark_changed (table, slot);
    }
}
