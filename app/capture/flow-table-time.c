/* The flow table and time: idle flows, flows whose linger is over, and who leaves at the cap. Capture thread only. Both
 * walks read four bytes a flow in sequence, about a thousand flows a microsecond. */
#include "flow-table-private.h"
#include "bounds.h"
#include <stdlib.h>

#define VICTIMS_AHEAD 4

/* ---- once a second ---- */

static guint64
before (guint64 now_us, guint64 span_us)
{
  return now_us > span_us ? now_us - span_us : 0;
}

/* Of a stamp only the second is known: it is over in the one after that in which the last of it would be. */
static guint32
seconds_after (guint64 span_us)
{
  return (guint32)(span_us >> 20) + 2;
}

void
pl_flow_table_init_time (PlFlowTable *table)
{
  table->spans[PL_PHASE_FREE] = table->spans[PL_PHASE_KEPT] = PL_STAMP_SECOND_MAX;
  table->spans[PL_PHASE_LIVE] = seconds_after (PL_IDLE_AFTER_US);
  table->spans[PL_PHASE_QUIET] = seconds_after (PL_IDLE_LINGER_US);
  table->spans[PL_PHASE_ENDED] = seconds_after (table->options.ended_linger_us);
  table->due_second = PL_STAMP_SECOND_MAX;
}

/* Whether silence will end @flow, rather than only its own last words. */
static gboolean
leaves_when_quiet (const PlFlowTable *table, const PlFlow *flow)
{
  return table->options.ended_linger_us > 0 && flow->state != PL_STATE_ESTABLISHED;
}

static void
fall_quiet (PlFlowTable *table, guint32 slot)
{
  PlFlow *flow = &table->flows[slot];

  if (flow->state == PL_STATE_ACTIVE)
    {
      flow->state = PL_STATE_IDLE;
      pl_flow_table_mark_changed (table, slot);
    }
  pl_flow_table_set_phase (table, slot, leaves_when_quiet (table, flow) ? PL_PHASE_QUIET : PL_PHASE_KEPT);
}

/* One whose time is up in its phase, by the second; by the microsecond it may have a little left. */
static void
let_pass (PlFlowTable *table, guint32 slot, const guint64 limits_us[PL_N_PHASES])
{
  const PlFlow *flow = &table->flows[slot];
  PlPhase phase = pl_stamp_phase (table->stamps[slot]);

  if (flow->last_us > limits_us[phase])
    return;
  if (phase == PL_PHASE_LIVE)
    fall_quiet (table, slot);
  else if (!(flow->flags & PL_SLOT_QUEUED)) /* its last facts go out first */
    pl_flow_table_remove (table, slot, PL_GONE_ENDED);
}

void
pl_flow_table_set_back (PlFlowTable *table, guint32 slot, guint64 time_us)
{
  PlFlow *flow = &table->flows[slot];
  PlFlowStory *story = &table->stories[slot];
  guint64 ahead_us = flow->last_us - time_us;
  guint64 *times_us[] = { &flow->first_us,
                          &flow->last_us,
                          &story->syn_us,
                          &story->syn_ack_us,
                          &story->established_us,
                          &story->first_payload_us[PL_END_A],
                          &story->first_payload_us[PL_END_B],
                          &story->fin_us,
                          &story->rst_us,
                          &story->icmp_error_us };

  for (guint i = 0; i < G_N_ELEMENTS (times_us); i++)
    if (*times_us[i] != 0)
      *times_us[i] = MAX (*times_us[i], ahead_us + 1) - ahead_us;
  pl_flow_table_set_stamp (table, slot, pl_flow_table_stamp (table, time_us, pl_stamp_phase (table->stamps[slot])));
  pl_flow_table_mark_changed (table, slot);
}

void
pl_flow_table_sweep (PlFlowTable *table, guint64 now_us, gboolean at_once)
{
  const guint64 limits_us[PL_N_PHASES] = {
    [PL_PHASE_LIVE] = before (now_us, PL_IDLE_AFTER_US),
    [PL_PHASE_QUIET] = before (now_us, PL_IDLE_LINGER_US),
    [PL_PHASE_ENDED] = before (now_us, table->options.ended_linger_us),
  };
  guint32 limits[1 << PL_STAMP_PHASE_BITS] = { 0 }; /* stamps below which to look; 0: of this phase none */
  guint64 present_us =
      table->options.is_live ? now_us + PL_CLOCK_BACK_US : G_MAXUINT64; /* beyond it nothing was heard */
  guint32 present = pl_flow_table_second (table, present_us), due = PL_STAMP_SECOND_MAX;

  if (!at_once && pl_flow_table_second (table, now_us) == table->swept_second)
    return;
  table->swept_second = pl_flow_table_second (table, now_us);
  for (int phase = 0; phase < PL_N_PHASES; phase++)
    if (limits_us[phase] > 0)
      limits[phase] = pl_flow_table_stamp (table, limits_us[phase], phase) + 1;
  for (guint32 slot = 0; slot < table->n_slots; slot++)
    {
      if (table->stamps[slot] < limits[pl_stamp_phase (table->stamps[slot])])
        let_pass (table, slot, limits_us);
      else if (pl_stamp_second (table->stamps[slot]) > present && pl_stamp_phase (table->stamps[slot]) != PL_PHASE_FREE)
        pl_flow_table_set_back (table, slot, now_us);
      due = MIN (due, pl_flow_table_stamp_due (table, table->stamps[slot]));
    }
  table->due_second = MAX (due, table->swept_second + 1); /* one whose last facts are still to go out waits */
}

guint64
pl_flow_table_get_due_us (const PlFlowTable *table)
{
  if (table->due_second >= PL_STAMP_SECOND_MAX)
    return G_MAXUINT64;
  return (guint64)(table->first_second + table->due_second) << 20;
}

/* ---- at the cap ---- */

/* Restores the max-heap @heap of @n after its top was replaced: the least idle of the victims is on top. */
static void
sift_down (guint64 *heap, guint32 n)
{
  guint64 value = heap[0];
  guint32 at = 0;

  for (guint32 child = 1; child < n; child = 2 * at + 1)
    {
      if (child + 1 < n && heap[child + 1] > heap[child])
        child++;
      if (heap[child] <= value)
        break;
      heap[at] = heap[child];
      at = child;
    }
  heap[at] = value;
}

static int
compare_victims (const void *a, const void *b)
{
  guint64 first = *(const guint64 *)a, second = *(const guint64 *)b;

  return (first > second) - (first < second);
}

/* Finds the idlest 64th of all flows, at least one, and sorts it. */
static void
choose_victims (PlFlowTable *table)
{
  guint32 n_wanted = MAX (table->n_slots / 64, 1);

  if (!table->victims)
    table->victims = g_new (guint64, n_wanted);
  for (guint32 i = 0; i < n_wanted; i++)
    table->victims[i] = G_MAXUINT64;
  for (guint32 slot = 0; slot < table->n_slots; slot++)
    {
      guint64 victim = (guint64)pl_stamp_second (table->stamps[slot]) << 32 | slot;

      if (victim < table->victims[0])
        {
          table->victims[0] = victim;
          sift_down (table->victims, n_wanted);
        }
    }
  qsort (table->victims, n_wanted, sizeof *table->victims, compare_victims);
  table->n_victims = n_wanted;
  table->next_victim = 0;
}

/* Starts to fetch what the eviction of a victim further down the list will touch: first its notes, then, nearer, what they
 * lead to. */
static inline void
prefetch_victims (const PlFlowTable *table)
{
  guint32 slot;

  if (table->next_victim + 2 * VICTIMS_AHEAD >= table->n_victims)
    return;
  __builtin_prefetch (&table->notes[(guint32)table->victims[table->next_victim + 2 * VICTIMS_AHEAD]]);
  slot = (guint32)table->victims[table->next_victim + VICTIMS_AHEAD];
  __builtin_prefetch (&table->flows[slot], 1);
  __builtin_prefetch ((const char *)&table->flows[slot] + 64, 1);
  __builtin_prefetch (&table->index.entries[pl_flow_index_start (&table->index, table->notes[slot].hash)], 1);
}

void
pl_flow_table_evict (PlFlowTable *table)
{
  /* Every slot is taken, so that a fresh choice always has a victim; a victim chosen earlier whose stamp is the same may
   * be another flow by now, but one just as idle. */
  for (;;)
    {
      guint64 victim;
      guint32 slot;

      if (table->next_victim == table->n_victims)
        choose_victims (table);
      prefetch_victims (table);
      victim = table->victims[table->next_victim++];
      slot = (guint32)victim;
      if (pl_stamp_second (table->stamps[slot]) == victim >> 32)
        {
          pl_flow_table_remove (table, slot, PL_GONE_EVICTED);
          return;
        }
    }
}
