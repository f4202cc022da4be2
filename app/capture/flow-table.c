/* The capture thread's flow table; flow-table.h tells how it works. Per packet no allocation, no lock, no system call.
 *
 * The four lists, each in the order of PlFlow.last_us by the second:
 *   LIST_LIVE   packets lately, or nothing decided yet
 *   LIST_QUIET  no packet for PL_IDLE_AFTER_US, and will leave when that lasts (no lifecycle, or a TCP start or end that hangs)
 *   LIST_KEPT   no packet for PL_IDLE_AFTER_US, but established: stays
 *   LIST_ENDED  its life is over; leaves after the linger
 * While flows never leave by time (linger 0) all but LIST_LIVE and LIST_KEPT stay empty. */
#include "flow-table.h"
#include "flow-index.h"
#include "flow-state.h"
#include "limits.h"
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* Internal bit of PlFlow.flags, cleared in what is handed out: the slot waits in the queue of changes. It belongs to the
 * slot and outlives its flow, so that a slot is never queued twice. */
#define QUEUED 0x80

enum
{
  LIST_LIVE,
  LIST_QUIET,
  LIST_KEPT,
  LIST_ENDED,
  N_LISTS,
};

enum /* Links.marks */
{
  MARK_ANNOUNCED = 1 << 0, /* some batch carried it, so that its leaving must be told */
  MARK_LOCAL_SETTLED = 1 << 1, /* no election changes its local end */
};

typedef struct
{
  guint32 prev, next; /* in its list; next also chains free slots */
  guint32 hash; /* low half of the key's, as the index has it */
  guint8 list, marks;
  guint16 reserved;
} Links;

typedef struct
{
  guint32 head, tail;
} List;

struct _PlFlowTable
{
  PlFlowTableOptions options;
  guint64 secret[2];
  PlFlow *flows; /* reserved for max_flows, touched as used */
  PlFlowStory *stories;
  Links *links;
  guint32 n_slots; /* ever used */
  guint32 free_slot; /* head of the free ones */
  PlFlowIndex index;
  List lists[N_LISTS];
  guint32 *queue; /* ring of changed slots */
  guint32 queue_head, n_queued, queue_capacity; /* capacity a power of two */
  GArray *gone; /* guint64: ids to be told */
  GByteArray *gone_why;
  gsize gone_taken; /* of both, from their beginning */
  guint64 next_id;
  PlCaptureStats stats; /* the fields the table keeps */
};

/* ---- memory ---- */

static void *
reserve (gsize n, gsize size)
{
  void *memory = mmap (NULL, n * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return memory == MAP_FAILED ? NULL : memory;
}

static void
release (void *memory, gsize n, gsize size)
{
  if (memory)
    munmap (memory, n * size);
}

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
  gsize max_flows;

  g_assert (options->max_flows >= 1 && options->max_flows < PL_NO_SLOT);
  table->options = *options;
  max_flows = options->max_flows;
  if (getrandom (table->secret, sizeof table->secret, 0) != sizeof table->secret)
    {
      table->secret[0] = (guint64)g_get_real_time () * 0x9e3779b97f4a7c15u;
      table->secret[1] = (guint64)g_get_monotonic_time () ^ ((guint64)getpid () << 32) ^ (guintptr)table;
    }
  table->flows = reserve (max_flows, sizeof *table->flows);
  table->stories = reserve (max_flows, sizeof *table->stories);
  table->links = reserve (max_flows, sizeof *table->links);
  table->free_slot = PL_NO_SLOT;
  table->next_id = 1;
  for (int i = 0; i < N_LISTS; i++)
    table->lists[i] = (List){ PL_NO_SLOT, PL_NO_SLOT };
  pl_flow_index_init (&table->index);
  table->queue_capacity = 1024;
  table->queue = g_new (guint32, table->queue_capacity);
  table->gone = g_array_new (FALSE, FALSE, sizeof (guint64));
  table->gone_why = g_byte_array_new ();
  if (!table->flows || !table->stories || !table->links)
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
  release (table->flows, max_flows, sizeof *table->flows);
  release (table->stories, max_flows, sizeof *table->stories);
  release (table->links, max_flows, sizeof *table->links);
  pl_flow_index_clear (&table->index);
  g_free (table->queue);
  g_array_unref (table->gone);
  g_byte_array_unref (table->gone_why);
  g_free (table);
}

/* ---- lists and the queue of changes ---- */

/* The second, as powers of two have it, that orders the lists. */
static inline guint64
second_of (guint64 time_us)
{
  return time_us >> 20;
}

static void
unlink_slot (PlFlowTable *table, guint32 slot)
{
  Links *links = &table->links[slot];
  List *list = &table->lists[links->list];

  if (links->prev == PL_NO_SLOT)
    list->head = links->next;
  else
    table->links[links->prev].next = links->next;
  if (links->next == PL_NO_SLOT)
    list->tail = links->prev;
  else
    table->links[links->next].prev = links->prev;
}

static void
link_slot (PlFlowTable *table, guint32 slot, int which)
{
  Links *links = &table->links[slot];
  List *list = &table->lists[which];

  links->list = which;
  links->prev = list->tail;
  links->next = PL_NO_SLOT;
  if (list->tail == PL_NO_SLOT)
    list->head = slot;
  else
    table->links[list->tail].next = slot;
  list->tail = slot;
}

static void
move_slot (PlFlowTable *table, guint32 slot, int which)
{
  unlink_slot (table, slot);
  link_slot (table, slot, which);
}

static void
grow_queue (PlFlowTable *table)
{
  guint32 old = table->queue_capacity;

  table->queue = g_renew (guint32, table->queue, old * 2);
  /* What had wrapped around goes behind the old end, where the ring now continues. */
  memcpy (table->queue + old, table->queue, table->queue_head * sizeof *table->queue);
  table->queue_capacity = old * 2;
}

static inline void
mark_changed (PlFlowTable *table, guint32 slot)
{
  PlFlow *flow = &table->flows[slot];

  if (flow->flags & QUEUED)
    return;
  flow->flags |= QUEUED;
  if (table->n_queued == table->queue_capacity)
    grow_queue (table);
  table->queue[(table->queue_head + table->n_queued++) & (table->queue_capacity - 1)] = slot;
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

static void
remove_flow (PlFlowTable *table, guint32 slot, guint8 why)
{
  PlFlow *flow = &table->flows[slot];
  Links *links = &table->links[slot];

  unlink_slot (table, slot);
  pl_flow_index_remove (&table->index, links->hash, slot);
  if (links->marks & MARK_ANNOUNCED)
    {
      g_array_append_val (table->gone, flow->id);
      g_byte_array_append (table->gone_why, &why, 1);
    }
  flow->id = 0;
  links->next = table->free_slot;
  table->free_slot = slot;
  table->stats.n_flows--;
}

static void
remove_into (PlFlowTable *table, guint32 slot, guint8 why)
{
  const PlFlow *flow = &table->flows[slot];
  guint64 packets = flow->sent[0].packets + flow->sent[1].packets;
  guint64 bytes = flow->sent[0].bytes + flow->sent[1].bytes;
  guint64 payload_bytes = flow->sent[0].payload_bytes + flow->sent[1].payload_bytes;
  PlCaptureStats *stats = &table->stats;

  if (why == 1)
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
  remove_flow (table, slot, why);
}

/* The idlest flow is at the head of one of the lists. */
static void
evict_idlest (PlFlowTable *table)
{
  guint32 idlest = PL_NO_SLOT;
  guint64 idlest_second = G_MAXUINT64;

  for (int i = 0; i < N_LISTS; i++)
    {
      guint32 slot = table->lists[i].head;

      if (slot != PL_NO_SLOT && second_of (table->flows[slot].last_us) < idlest_second)
        {
          idlest = slot;
          idlest_second = second_of (table->flows[slot].last_us);
        }
    }
  remove_into (table, idlest, 1);
}

static guint32
take_slot (PlFlowTable *table)
{
  guint32 slot;

  if (table->free_slot == PL_NO_SLOT && table->n_slots == table->options.max_flows)
    evict_idlest (table);
  if (table->free_slot == PL_NO_SLOT)
    return table->n_slots++;
  slot = table->free_slot;
  table->free_slot = table->links[slot].next;
  return slot;
}

/* Makes the flow of @item. @older: the slot of the earlier flow on the same tuple that it follows, or PL_NO_SLOT. */
static guint32
add_flow (PlFlowTable *table, const PlTablePacket *item, guint32 older)
{
  guint32 slot, hash = (guint32)item->hash;
  PlFlow *flow;
  guint8 queued;

  if (older != PL_NO_SLOT)
    pl_flow_index_remove (&table->index, hash, older);
  slot = take_slot (table);
  flow = &table->flows[slot];
  queued = flow->flags & QUEUED;
  *flow = (PlFlow){
    .key = item->key,
    .iface = item->iface,
    .id = table->next_id++,
    .first_us = item->packet.time_us,
    .last_us = item->packet.time_us,
    .flags = older != PL_NO_SLOT ? PL_FLOW_REUSED : 0,
  };
  table->stories[slot] = (PlFlowStory){ .rst_end = PL_END_UNKNOWN, .fin_end = PL_END_UNKNOWN };
  table->links[slot].hash = hash;
  table->links[slot].marks = 0;
  link_slot (table, slot, LIST_LIVE);
  pl_flow_index_add (&table->index, hash, slot);
  table->stats.n_flows++;
  table->stats.n_flows_seen++;
  pl_flow_state_begin (flow, &item->packet, item->sender);
  pl_local_end_note (table->options.local, &flow->key);
  if (pl_local_end_decide (table->options.local, flow, item->sender, item->packet.direction))
    table->links[slot].marks |= MARK_LOCAL_SETTLED;
  if (table->options.new_flow && !table->options.new_flow (flow, table->options.new_flow_data))
    table->stats.questions_dropped++;
  flow->flags |= queued;
  mark_changed (table, slot);
  return slot;
}

/* ---- packets ---- */

void
pl_flow_table_prepare (PlFlowTable *table, PlTablePacket *item)
{
  item->sender = pl_flow_key_from_packet (&item->packet, &item->key);
  item->hash = pl_flow_key_hash (&item->key, table->secret);
  __builtin_prefetch (&table->index.entries[pl_flow_index_start (&table->index, (guint32)item->hash)]);
}

/* Starts to fetch the record and links of the flow that @item most likely belongs to. Returns its slot. */
static guint32
prefetch (const PlFlowTable *table, const PlTablePacket *item)
{
  const PlFlowIndex *index = &table->index;
  guint32 hash = (guint32)item->hash;

  for (guint32 position = pl_flow_index_start (index, hash); index->entries[position].slot != PL_NO_SLOT;
       position = pl_flow_index_next (index, position))
    if (index->entries[position].hash == hash)
      {
        guint32 slot = index->entries[position].slot;

        __builtin_prefetch (&table->flows[slot], 1);
        __builtin_prefetch ((const char *)&table->flows[slot] + 64, 1);
        return slot;
      }
  return PL_NO_SLOT;
}

/* An ICMP error tells of the flow it quotes. */
static void
mark_quoted (PlFlowTable *table, const PlPacket *packet)
{
  PlFlowKey key;
  guint32 slot;
  PlFlowStory *story;

  if (pl_flow_key_from_quote (packet, &key) == PL_END_UNKNOWN)
    return;
  slot = lookup (table, &key, (guint32)pl_flow_key_hash (&key, table->secret));
  if (slot == PL_NO_SLOT)
    return;
  story = &table->stories[slot];
  story->icmp_error_us = packet->time_us;
  story->icmp_from = packet->src;
  story->icmp_type = packet->icmp_type;
  story->icmp_code = packet->icmp_code;
  table->flows[slot].flags |= PL_FLOW_ICMP_ERROR;
  mark_changed (table, slot);
}

/* A flow's first packet in this second, or its first after it was idle. */
static void
refresh (PlFlowTable *table, guint32 slot)
{
  PlFlow *flow = &table->flows[slot];
  gboolean is_ended = flow->flags & PL_FLOW_ENDED && table->options.ended_linger_us > 0;

  if (flow->state == PL_STATE_IDLE)
    flow->state = PL_STATE_ACTIVE;
  move_slot (table, slot, is_ended ? LIST_ENDED : LIST_LIVE);
}

static void
follow_tcp (PlFlowTable *table, guint32 slot, const PlTablePacket *item)
{
  PlFlow *flow = &table->flows[slot];
  gboolean was_ended = flow->flags & PL_FLOW_ENDED;

  pl_flow_state_tcp (flow, &table->stories[slot], &item->packet, item->sender);
  if (flow->flags & PL_FLOW_ENDED && !was_ended && table->options.ended_linger_us > 0)
    move_slot (table, slot, LIST_ENDED);
}

/* The flow of @item, made if need be. */
static guint32
flow_for (PlFlowTable *table, const PlTablePacket *item)
{
  const PlPacket *packet = &item->packet;
  guint32 slot = lookup (table, &item->key, (guint32)item->hash);
  PlFlow *flow;

  if (slot == PL_NO_SLOT)
    return add_flow (table, item, PL_NO_SLOT);
  if (packet->proto != PL_PROTO_TCP || !(packet->tcp_flags & PL_TCP_SYN))
    return slot;
  flow = &table->flows[slot];
  if (!pl_flow_state_is_reuse (flow, &table->stories[slot], packet, item->sender))
    return slot;
  /* The earlier flow stays, out of reach of packets: it ends here, whether or not we saw it end. */
  if (!(flow->flags & PL_FLOW_ENDED))
    {
      flow->flags |= PL_FLOW_ENDED;
      if (table->options.ended_linger_us > 0)
        move_slot (table, slot, LIST_ENDED);
      mark_changed (table, slot);
    }
  return add_flow (table, item, slot);
}

static inline void
note_time (PlFlowTable *table, guint32 slot, guint64 time_us)
{
  PlFlow *flow = &table->flows[slot];
  gboolean is_new_second = FALSE;

  if (time_us > flow->last_us)
    {
      is_new_second = second_of (time_us) != second_of (flow->last_us);
      flow->last_us = time_us;
    }
  else if (time_us < flow->first_us)
    flow->first_us = time_us;
  if (is_new_second || flow->state == PL_STATE_IDLE)
    refresh (table, slot);
}

static inline void
count (PlFlowTable *table, const PlTablePacket *item)
{
  const PlPacket *packet = &item->packet;
  guint32 slot = flow_for (table, item);
  PlFlow *flow = &table->flows[slot];
  PlFlowCounts *sent = &flow->sent[item->sender];

  if (sent->packets == 0)
    {
      if (flow->sent[!item->sender].packets > 0)
        flow->flags |= PL_FLOW_ANSWERED;
      else
        flow->first_us = flow->last_us = packet->time_us; /* an announced flow carries the other socket's clock */
    }
  if (packet->payload_bytes > 0 && sent->payload_bytes == 0)
    table->stories[slot].first_payload_us[item->sender] = packet->time_us;
  sent->packets++;
  sent->bytes += packet->wire_bytes;
  sent->payload_bytes += packet->payload_bytes;
  table->stats.packets++;
  table->stats.bytes += packet->wire_bytes;
  note_time (table, slot, packet->time_us);
  if (packet->proto == PL_PROTO_TCP && flow->key.kind == PL_KIND_PORTS
      && (flow->state != PL_STATE_ESTABLISHED || packet->tcp_flags & (PL_TCP_SYN | PL_TCP_FIN | PL_TCP_RST)))
    follow_tcp (table, slot, item);
  else if (packet->flags & PL_PACKET_QUOTES)
    mark_quoted (table, packet);
  mark_changed (table, slot);
}

/* What will be read of a flow whose place in its list is about to change. */
static void
prefetch_neighbours (const PlFlowTable *table, guint32 slot, guint64 time_us)
{
  const Links *links = &table->links[slot];

  if (second_of (table->flows[slot].last_us) == second_of (time_us))
    return;
  if (links->prev != PL_NO_SLOT)
    __builtin_prefetch (&table->links[links->prev], 1);
  if (links->next != PL_NO_SLOT)
    __builtin_prefetch (&table->links[links->next], 1);
}

void
pl_flow_table_count (PlFlowTable *table, PlTablePacket *items, guint n_items)
{
  guint32 slots[PL_TABLE_GROUP];

  g_assert (n_items <= PL_TABLE_GROUP);
  for (guint i = 0; i < n_items; i++)
    {
      slots[i] = prefetch (table, &items[i]);
      if (slots[i] != PL_NO_SLOT)
        __builtin_prefetch (&table->links[slots[i]], 1);
    }
  for (guint i = 0; i < n_items; i++)
    if (slots[i] != PL_NO_SLOT)
      prefetch_neighbours (table, slots[i], items[i].packet.time_us);
  for (guint i = 0; i < n_items; i++)
    count (table, &items[i]);
}

void
pl_flow_table_announce (PlFlowTable *table, PlTablePacket *item)
{
  pl_flow_table_prepare (table, item);
  if (lookup (table, &item->key, (guint32)item->hash) == PL_NO_SLOT)
    add_flow (table, item, PL_NO_SLOT);
}

/* ---- time ---- */

/* Whether silence will end @flow, rather than only its own last words. */
static gboolean
leaves_when_quiet (const PlFlowTable *table, const PlFlow *flow)
{
  return table->options.ended_linger_us > 0 && flow->state != PL_STATE_ESTABLISHED;
}

static void
sweep_live (PlFlowTable *table, guint64 now_us)
{
  guint64 before_us = now_us - PL_IDLE_AFTER_US;
  guint32 next;

  if (now_us < PL_IDLE_AFTER_US) /* a file whose clock starts at 0 */
    return;
  for (guint32 slot = table->lists[LIST_LIVE].head; slot != PL_NO_SLOT; slot = next)
    {
      PlFlow *flow = &table->flows[slot];

      if (second_of (flow->last_us) > second_of (before_us))
        break;
      next = table->links[slot].next;
      if (flow->last_us > before_us)
        continue;
      if (flow->state == PL_STATE_ACTIVE)
        {
          flow->state = PL_STATE_IDLE;
          mark_changed (table, slot);
        }
      move_slot (table, slot, leaves_when_quiet (table, flow) ? LIST_QUIET : LIST_KEPT);
    }
}

/* Lets the flows of a list leave whose last packet is @after_us ago. One whose last facts still wait for a batch stays
 * until they are told. */
static void
sweep_leaving (PlFlowTable *table, int which, guint64 now_us, guint64 after_us)
{
  guint64 before_us = now_us - after_us;
  guint32 next;

  if (now_us < after_us)
    return;
  for (guint32 slot = table->lists[which].head; slot != PL_NO_SLOT; slot = next)
    {
      const PlFlow *flow = &table->flows[slot];

      if (second_of (flow->last_us) > second_of (before_us))
        break;
      next = table->links[slot].next;
      if (flow->last_us <= before_us && !(flow->flags & QUEUED))
        remove_into (table, slot, 0);
    }
}

void
pl_flow_table_sweep (PlFlowTable *table, guint64 now_us)
{
  sweep_live (table, now_us);
  sweep_leaving (table, LIST_QUIET, now_us, PL_IDLE_LINGER_US);
  sweep_leaving (table, LIST_ENDED, now_us, table->options.ended_linger_us);
}

void
pl_flow_table_revise_local (PlFlowTable *table, gboolean all)
{
  for (guint32 slot = 0; slot < table->n_slots; slot++)
    {
      PlFlow *flow = &table->flows[slot];
      guint8 old_end = flow->local_end, old_flags = flow->flags;

      if (flow->id == 0 || table->links[slot].marks & MARK_LOCAL_SETTLED)
        continue;
      if (!all && !(flow->flags & PL_FLOW_LOCAL_GUESSED))
        continue;
      if (pl_local_end_decide (table->options.local, flow, PL_END_A, PL_DIRECTION_UNKNOWN))
        table->links[slot].marks |= MARK_LOCAL_SETTLED;
      if (flow->local_end != old_end || flow->flags != old_flags)
        mark_changed (table, slot);
    }
}

/* ---- handing over ---- */

gboolean
pl_flow_table_has_changes (const PlFlowTable *table)
{
  return table->n_queued > 0 || table->gone->len > table->gone_taken;
}

static void
take_changed (PlFlowTable *table, PlBatch *batch)
{
  guint n_max = MIN (table->n_queued, PL_LIMIT_BATCH_FLOWS);

  if (n_max > 0)
    batch->flows = g_new (PlFlowUpdate, n_max);
  while (table->n_queued > 0 && batch->n_flows < n_max)
    {
      guint32 slot = table->queue[table->queue_head];
      PlFlow *flow = &table->flows[slot];

      table->queue_head = (table->queue_head + 1) & (table->queue_capacity - 1);
      table->n_queued--;
      flow->flags &= ~QUEUED;
      if (flow->id == 0)
        continue;
      batch->flows[batch->n_flows].flow = *flow;
      batch->flows[batch->n_flows].story = table->stories[slot];
      batch->n_flows++;
      table->links[slot].marks |= MARK_ANNOUNCED;
    }
}

static void
take_gone (PlFlowTable *table, PlBatch *batch)
{
  guint n = MIN (table->gone->len - table->gone_taken, PL_LIMIT_BATCH_GONE);

  if (n == 0)
    return;
  batch->gone = g_memdup2 (&g_array_index (table->gone, guint64, table->gone_taken), n * sizeof (guint64));
  batch->gone_why = g_memdup2 (table->gone_why->data + table->gone_taken, n);
  batch->n_gone = n;
  table->gone_taken += n;
  if (table->gone_taken == table->gone->len)
    {
      g_array_set_size (table->gone, 0);
      g_byte_array_set_size (table->gone_why, 0);
      table->gone_taken = 0;
    }
}

void
pl_flow_table_take (PlFlowTable *table, PlBatch *batch)
{
  take_changed (table, batch);
  take_gone (table, batch);
}

void
pl_flow_table_get_stats (const PlFlowTable *table, PlCaptureStats *stats)
{
  const PlCaptureStats *own = &table->stats;

  stats->packets = own->packets;
  stats->bytes = own->bytes;
  stats->n_flows = own->n_flows;
  stats->n_flows_seen = own->n_flows_seen;
  stats->others_flows = own->others_flows;
  stats->others_packets = own->others_packets;
  stats->others_bytes = own->others_bytes;
  stats->others_payload_bytes = own->others_payload_bytes;
  stats->ended_flows = own->ended_flows;
  stats->ended_packets = own->ended_packets;
  stats->ended_bytes = own->ended_bytes;
  stats->ended_payload_bytes = own->ended_payload_bytes;
  stats->questions_dropped = own->questions_dropped;
}

gsize
pl_flow_table_get_bytes (const PlFlowTable *table)
{
  gsize slot_bytes = sizeof *table->flows + sizeof *table->stories + sizeof *table->links;

  return table->n_slots * slot_bytes + pl_flow_index_get_bytes (&table->index)
         + table->queue_capacity * sizeof *table->queue;
}

void
pl_flow_table_foreach (const PlFlowTable *table,
                       void (*func) (const PlFlow *flow, const PlFlowStory *story, gpointer data),
                       gpointer data)
{
  for (guint32 slot = 0; slot < table->n_slots; slot++)
    if (table->flows[slot].id != 0)
      {
        PlFlow flow = table->flows[slot];

        flow.flags &= ~QUEUED;
        func (&flow, &table->stories[slot], data);
      }
}
