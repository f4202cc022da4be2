/* The flow table and its batches: the queue of changes, and what is handed over. Capture thread only. */
#include "flow-table-private.h"
#include "bounds.h"
#include <string.h>

#define QUEUE_AHEAD 8

void
pl_flow_table_grow_queue (PlFlowTable *table)
{
  guint32 old = table->queue_capacity;

  table->queue = g_renew (guint32, table->queue, old * 2);
  /* What had wrapped around goes behind the old end, where the ring now continues. */
  memcpy (table->queue + old, table->queue, table->queue_head * sizeof *table->queue);
  table->queue_capacity = old * 2;
}

gboolean
pl_flow_table_has_changes (const PlFlowTable *table)
{
  return table->n_queued > 0 || table->gone->len > table->gone_taken;
}

/* Starts to fetch a flow that is taken some places later in the queue; what lies behind its end does no harm. */
static inline void
prefetch_queued (const PlFlowTable *table)
{
  guint32 slot = table->queue[(table->queue_head + QUEUE_AHEAD) & (table->queue_capacity - 1)];

  if (slot >= table->n_slots)
    return;
  __builtin_prefetch (&table->flows[slot], 1);
  __builtin_prefetch ((const char *)&table->flows[slot] + 64, 1);
  __builtin_prefetch (&table->stories[slot]);
  __builtin_prefetch ((const char *)&table->stories[slot] + 64);
}

static void
take_changed (PlFlowTable *table, PlBatch *batch, guint n_max)
{
  n_max = MIN (n_max, MIN (table->n_queued, PL_LIMIT_BATCH_FLOWS));
  if (n_max > 0)
    batch->flows = g_new (PlFlowUpdate, n_max);
  while (table->n_queued > 0 && batch->n_flows < n_max)
    {
      guint32 slot = table->queue[table->queue_head];
      PlFlow *flow = &table->flows[slot];

      prefetch_queued (table);
      table->queue_head = (table->queue_head + 1) & (table->queue_capacity - 1);
      table->n_queued--;
      flow->flags &= ~PL_SLOT_QUEUED;
      g_assert (flow->id != 0); /* a queued flow leaves only to make room for another in its slot */
      batch->flows[batch->n_flows].flow = *flow;
      batch->flows[batch->n_flows].story = table->stories[slot];
      batch->n_flows++;
      table->notes[slot].marks |= PL_MARK_ANNOUNCED;
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

/**
 * pl_flow_table_take:
 * @table: a table
 * @batch: an empty batch
 * @n_max: how many flows at most, beside the cap of a batch
 *
 * Fills flows and gone of @batch with what changed longest ago. The rest waits for the next batch.
 */
void
pl_flow_table_take (PlFlowTable *table, PlBatch *batch, guint n_max)
{
  take_changed (table, batch, n_max);
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
  stats->reuses_dropped = own->reuses_dropped;
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

        flow.flags &= ~PL_SLOT_QUEUED;
        func (&flow, &table->stories[slot], data);
      }
}
