/* What the flow table's files share: packets (flow-table.c), time (flow-table-time.c), batches (flow-table-batch.c).
 * Capture thread only. */
#pragma once
#include "flow-index.h"
#include "flow-table.h"
#include "bounds.h"

/* Internal bit of PlFlow.flags, cleared in what is handed out: the slot waits in the queue of changes. It belongs to the
 * slot and outlives its flow, so that a slot is never queued twice. */
#define PL_SLOT_QUEUED 0x80

typedef enum /* what passing time means to a slot; three bits of its stamp */
{
  PL_PHASE_FREE,
  PL_PHASE_LIVE,  /* had packets lately */
  PL_PHASE_QUIET, /* none for PL_IDLE_AFTER_US, and leaves when that lasts: no lifecycle, or a TCP start or end that hangs */
  PL_PHASE_KEPT,  /* none for PL_IDLE_AFTER_US, but stays: established, or nothing leaves by time */
  PL_PHASE_ENDED, /* its life is over; leaves after the linger */
  PL_N_PHASES,
} PlPhase;

enum /* PlSlotNotes.marks */
{
  PL_MARK_ANNOUNCED = 1 << 0,     /* some batch carried it, so that its leaving must be told */
  PL_MARK_LOCAL_SETTLED = 1 << 1, /* no election changes its local end */
};

typedef struct
{
  guint32 hash; /* low half of the key's, as the index has it; of a free slot, the next free one */
  guint32 marks : 4;
  guint32 heard_ms : 28; /* when its last datagram was announced, in Unix time without the upper bits */
} PlSlotNotes;

typedef struct /* what a flow of datagrams had counted when it fell silent for PL_DATAGRAM_PAUSE_MS */
{
  guint64 id; /* 0: none */
  guint64 last_us, resumed_us; /* its last packet before, its first after */
  PlFlowCounts sent[2];
  guint8 sender, direction; /* of the first after */
} PlPause;

#define PL_CLOCKS_US 100 /* what two clocks may differ by */
#define PL_TABLE_SHORTCUTS 4096 /* 16 KiB: half of a first-level cache */

typedef enum /* PlBatch.gone_why */
{
  PL_GONE_ENDED = 0,
  PL_GONE_EVICTED = 1,
} PlGoneWhy;

struct _PlFlowTable
{
  PlFlowTableOptions options;
  guint64 secret[2];
  PlFlow *flows; /* these four are reserved for max_flows and touched as used */
  PlFlowStory *stories;
  PlSlotNotes *notes;
  guint32 *stamps;     /* pl_flow_table_stamp(): the second of the flow's last packet, and its phase */
  guint32 n_slots;     /* ever used */
  guint32 free_slot;   /* head of the free ones, or PL_NO_SLOT */
  PlFlowIndex index;
  guint32 shortcuts[PL_TABLE_SHORTCUTS]; /* slots, by a plain hash of the key; any may be wrong */
  gint64 first_second; /* of the epoch, where the stamps' count begins; 0 before any flow */
  guint64 *victims;    /* second << 32 | slot, the idlest first; stale where the second has changed */
  guint32 n_victims, next_victim;
  guint32 swept_second;
  guint32 due_second;         /* of the flow whose phase is the first to be over, or earlier */
  guint32 spans[PL_N_PHASES]; /* seconds after a flow's stamp when its phase is over */
  guint32 *queue;      /* ring of changed slots */
  guint32 queue_head, n_queued, queue_capacity; /* capacity a power of two */
  GArray *gone;        /* guint64: ids to be told */
  GByteArray *gone_why;
  gsize gone_taken;    /* of both, from their beginning */
  guint64 next_id;
  guint64 resumed_span; /* of PL_RESUMED_SPAN_US, in which */
  guint n_resumed;      /* flows were told of as resumed */
  guint n_reuses; /* that wait for a packet */
  PlPortReuse reuses[PL_LIMIT_PORT_REUSES];
  guint next_pause;
  PlPause pauses[PL_LIMIT_PAUSES]; /* a ring */
  PlCaptureStats stats; /* the fields the table keeps */
};

#define PL_STAMP_PHASE_BITS 3
#define PL_STAMP_SECOND_MAX (G_MAXUINT32 >> PL_STAMP_PHASE_BITS)
G_STATIC_ASSERT (PL_N_PHASES <= 1 << PL_STAMP_PHASE_BITS);

/* A second as powers of two have it (1.05 s), from the table's first flow on, which is in the middle of a range of 17
 * years: what lies beyond is as good as its end. */
static inline guint32
pl_flow_table_second (const PlFlowTable *table, guint64 time_us)
{
  gint64 second = (gint64)(time_us >> 20) - table->first_second;

  return (guint32)CLAMP (second, 0, (gint64)PL_STAMP_SECOND_MAX);
}

static inline gboolean
pl_is_another_second (guint64 time_us, guint64 other_us)
{
  return (time_us ^ other_us) >> 20 != 0;
}

static inline guint32
pl_flow_table_stamp (const PlFlowTable *table, guint64 time_us, PlPhase phase)
{
  return pl_flow_table_second (table, time_us) << PL_STAMP_PHASE_BITS | phase;
}

static inline PlPhase
pl_stamp_phase (guint32 stamp)
{
  return stamp & ((1 << PL_STAMP_PHASE_BITS) - 1);
}

static inline guint32
pl_stamp_second (guint32 stamp)
{
  return stamp >> PL_STAMP_PHASE_BITS;
}

/* The second in which the phase of a flow with this stamp is over for certain; PL_STAMP_SECOND_MAX or more: never. */
static inline guint32
pl_flow_table_stamp_due (const PlFlowTable *table, guint32 stamp)
{
  return pl_stamp_second (stamp) + table->spans[pl_stamp_phase (stamp)];
}

static inline void
pl_flow_table_set_stamp (PlFlowTable *table, guint32 slot, guint32 stamp)
{
  table->stamps[slot] = stamp;
  table->due_second = MIN (table->due_second, pl_flow_table_stamp_due (table, stamp));
}

static inline void
pl_flow_table_set_phase (PlFlowTable *table, guint32 slot, PlPhase phase)
{
  pl_flow_table_set_stamp (table, slot, pl_stamp_second (table->stamps[slot]) << PL_STAMP_PHASE_BITS | phase);
}

void pl_flow_table_grow_queue (PlFlowTable *table);

/* Queues @slot for the next batch unless it waits there already. */
static inline void
pl_flow_table_mark_changed (PlFlowTable *table, guint32 slot)
{
  PlFlow *flow = &table->flows[slot];

  if (flow->flags & PL_SLOT_QUEUED)
    return;
  flow->flags |= PL_SLOT_QUEUED;
  if (table->n_queued == table->queue_capacity)
    pl_flow_table_grow_queue (table);
  table->queue[(table->queue_head + table->n_queued++) & (table->queue_capacity - 1)] = slot;
}

/* Ends the flow in @slot, and makes another on its tuple for @item. */
guint32 pl_flow_table_begin_anew (PlFlowTable *table, PlTablePacket *item, guint32 slot);
/* @item, not counted yet, follows a pause of the flow of datagrams in @slot. */
void pl_flow_table_note_pause (PlFlowTable *table, guint32 slot, const PlTablePacket *item);
/* Whether @item is the first of another socket that took over the port of the flow in @slot. */
gboolean pl_flow_table_takes_port_over (PlFlowTable *table, const PlTablePacket *item, guint32 slot);
/* A new table: how long each phase lasts. */
void pl_flow_table_init_time (PlFlowTable *table);
/* The key's place among the table's shortcuts. */
guint16 pl_flow_table_shortcut (const PlFlowKey *key);
/* The slot of the newest flow with @key, or PL_NO_SLOT. */
guint32 pl_flow_table_lookup (const PlFlowTable *table, const PlFlowKey *key);
/* The clock was set back, and the flow in @slot last spoke at @time_us by the clock as it is now: all of its times move. */
void pl_flow_table_set_back (PlFlowTable *table, guint32 slot, guint64 time_us);
/* Takes the flow out of the table, its counts into "others" or "ended". */
void pl_flow_table_remove (PlFlowTable *table, guint32 slot, PlGoneWhy why);
/* At the cap: removes the idlest flow. */
void pl_flow_table_evict (PlFlowTable *table);
