/* The flow table and ports of UDP that change hands. Capture thread only.
 *
 * Who has the port is found out beside the packets: told before the newcomer's first packet is counted, that packet begins a
 * flow; told later, as on a busy machine, packets of both are in one. But hands change while a flow is silent, and what it had
 * counted then is remembered: so it is parted after all. Only where there was no pause, or it is forgotten, the flow stays of
 * both and is nobody's. */
#include "flow-table-private.h"
#include "bounds.h"
#include <string.h>

/* ---- told in time ---- */

gboolean
pl_flow_table_takes_port_over (PlFlowTable *table, const PlTablePacket *item, guint32 slot)
{
  guint64 time_us = item->packet.time_us;

  for (guint i = 0; i < table->n_reuses; i++)
    {
      PlPortReuse *reuse = &table->reuses[i];
      gboolean is_it = pl_flow_key_equal (&reuse->key, &item->key) && time_us + PL_CLOCKS_US >= reuse->time_us;
      guint64 reuse_us = reuse->time_us;

      if (!is_it && time_us < reuse_us + PL_PORT_REUSE_AGE_US)
        continue;
      *reuse = table->reuses[--table->n_reuses];
      i--;
      if (is_it)
        return table->flows[slot].first_us + PL_CLOCKS_US < reuse_us; /* else it began with this socket */
    }
  return FALSE;
}

/* ---- told late ---- */

void
pl_flow_table_note_pause (PlFlowTable *table, guint32 slot, const PlTablePacket *item)
{
  const PlFlow *flow = &table->flows[slot];

  if (table->options.mixed == NULL || flow->sent[0].packets + flow->sent[1].packets == 0)
    return;
  table->pauses[table->next_pause++ % PL_LIMIT_PAUSES] = (PlPause){
    .id = flow->id,
    .last_us = flow->last_us,
    .resumed_us = item->packet.time_us,
    .sent = { flow->sent[0], flow->sent[1] },
    .sender = item->sender,
    .direction = item->packet.direction,
  };
}

/* The pause of @flow in which another took its port at @time_us; NULL when it is not known. */
static const PlPause *
find_pause (const PlFlowTable *table, const PlFlow *flow, guint64 time_us)
{
  for (guint i = 0; i < PL_LIMIT_PAUSES; i++)
    {
      const PlPause *pause = &table->pauses[i];

      if (pause->id == flow->id && pause->last_us + PL_CLOCKS_US < time_us
          && time_us <= pause->resumed_us + PL_CLOCKS_US)
        return pause;
    }
  return NULL;
}

static void
subtract (PlFlowCounts *counts, const PlFlowCounts *part)
{
  counts->packets -= part->packets;
  counts->bytes -= part->bytes;
  counts->payload_bytes -= part->payload_bytes;
}

static void
mark_answered (PlFlow *flow)
{
  flow->flags &= ~PL_FLOW_ANSWERED;
  if (flow->sent[0].packets > 0 && flow->sent[1].packets > 0)
    flow->flags |= PL_FLOW_ANSWERED;
}

/* Takes from the flow in @slot what it counted after @pause, into a flow of its own. */
static void
part (PlFlowTable *table, guint32 slot, const PlPause *pause)
{
  PlFlow *flow = &table->flows[slot];
  PlFlow later = *flow;
  PlFlowStory *story = &table->stories[slot];
  guint64 first_payload_us[2] = { 0 };
  PlTablePacket item = {
    .packet = { .proto = flow->key.proto, .time_us = pause->resumed_us, .direction = pause->direction },
    .key = flow->key,
    .iface = flow->iface,
    .sender = pause->sender,
    .shortcut = pl_flow_table_shortcut (&flow->key),
  };

  for (int end = 0; end < 2; end++)
    {
      subtract (&later.sent[end], &pause->sent[end]);
      flow->sent[end] = pause->sent[end];
      if (later.sent[end].payload_bytes > 0)
        first_payload_us[end] = MAX (story->first_payload_us[end], pause->resumed_us);
      if (flow->sent[end].payload_bytes == 0)
        story->first_payload_us[end] = 0;
    }
  flow->last_us = pause->last_us;
  mark_answered (flow);
  pl_flow_table_mark_changed (table, slot);
  slot = pl_flow_table_begin_anew (table, &item, slot);
  flow = &table->flows[slot];
  memcpy (flow->sent, later.sent, sizeof flow->sent);
  flow->last_us = later.last_us;
  mark_answered (flow);
  memcpy (table->stories[slot].first_payload_us, first_payload_us, sizeof first_payload_us);
  pl_flow_table_set_stamp (table, slot, pl_flow_table_stamp (table, flow->last_us, PL_PHASE_LIVE));
}

void
pl_flow_table_expect_reuse (PlFlowTable *table, const PlPortReuse *reuse)
{
  guint32 slot = pl_flow_table_lookup (table, &reuse->key);
  const PlFlow *flow = slot != PL_NO_SLOT ? &table->flows[slot] : NULL;

  if (flow != NULL && table->options.mixed && flow->first_us + PL_CLOCKS_US < reuse->time_us
      && flow->last_us + PL_CLOCKS_US >= reuse->time_us)
    {
      const PlPause *pause = find_pause (table, flow, reuse->time_us);

      if (pause != NULL)
        {
          part (table, slot, pause);
          return;
        }
      table->options.mixed (flow, table->options.new_flow_data);
    }
  if (table->n_reuses < PL_LIMIT_PORT_REUSES)
    table->reuses[table->n_reuses++] = *reuse;
  else
    table->stats.reuses_dropped++;
}
