/* The capture thread's flow table: which flows there are and what each has counted. Capture thread only.
 *
 * Theory of operation. A flow is a slot: its hot record (PlFlow, two cache lines), its story and its notes lie in parallel
 * arrays of reserved address space, so that nothing moves as the table grows. An index of hashes leads from key to slot.
 * Once flows no longer fit the processor's caches, misses are the cost (notes: 378 to 72 ns a packet), so that a packet
 * passes through in three steps, some packets apart: prepare (its hash; its index entry is fetched), prefetch (its slot;
 * the record is fetched) and count. Only the last decides anything; the others may be wrong or left out.
 *
 * While flows are few, the keyed hash is the cost. Then a small array of shortcuts leads from a plain hash of the key to
 * the slot it led to last; only where that holds another flow is the index asked. Nobody gains by aiming at it.
 *
 * The second of each flow's last packet is stamped in an array of its own, four bytes a flow. Passing time (idle,
 * ended) is a walk over that array once a second, or when it is due for the first of them where all are silent; at the
 * cap one walk finds the idlest 64th of all flows, which then leave into "others" one by one, the idlest first, as long
 * as they stay silent.
 *
 * A changed flow waits in a queue, once, until a batch takes it. Totals are right at any time:
 * packets = sum over flows + others + ended. */
#pragma once
#include "batch.h"
#include "local-end.h"

typedef struct
{
  gsize max_flows;         /* at least 1 */
  guint64 ended_linger_us; /* 0: flows leave only at the cap */
  gboolean is_live;        /* packets bear the time of this computer's clock, which may be set back */
  PlLocalEnd *local;       /* outlives the table */
  /* Called for each new flow; FALSE counts into questions_dropped. Nullable. */
  gboolean (*new_flow) (const PlFlow *flow, gpointer data);
  /* Called when a flow of datagrams goes on after a pause of PL_DATAGRAM_PAUSE_MS: it may be another socket's. Nullable. */
  void (*resumed) (const PlFlow *flow, guint64 time_us, gpointer data);
  /* Called for a flow of datagrams with packets of two sockets in it: that its port had changed hands was told too late. Nullable. */
  void (*mixed) (const PlFlow *flow, gpointer data);
  gpointer new_flow_data;
} PlFlowTableOptions;

/* A decoded packet on its way into the table. */
typedef struct
{
  PlPacket packet;
  PlFlowKey key;
  guint64 hash;     /* 0: not computed yet */
  guint32 iface;
  guint16 shortcut; /* the key's place among the table's shortcuts */
  guint8 sender;    /* PL_END_A or PL_END_B */
} PlTablePacket;

typedef struct _PlFlowTable PlFlowTable;

/* NULL when the address space for @options' flows can't be had. */
PlFlowTable *pl_flow_table_new (const PlFlowTableOptions *options);
void pl_flow_table_free (PlFlowTable *table);

/* Fills key, sender and, where it will be wanted, hash of @item, whose packet and iface are set. */
void pl_flow_table_prepare (PlFlowTable *table, PlTablePacket *item);
/* Fetches what pl_flow_table_count() of the prepared @item will touch. */
void pl_flow_table_prefetch (PlFlowTable *table, const PlTablePacket *item);
/* Counts the prepared @item. */
void pl_flow_table_count (PlFlowTable *table, PlTablePacket *item);
/* A new flow's first packet, seen early: makes the flow without counting, if there is none on that tuple. */
void pl_flow_table_announce (PlFlowTable *table, PlTablePacket *item);

/* A port of UDP changed hands: its flow ends with the first packet that is not older, which begins another. */
void pl_flow_table_expect_reuse (PlFlowTable *table, const PlPortReuse *reuse);

/* Lets time pass: what is idle at @now_us is marked, what has ended or idled long enough leaves. Looks once a second at
 * most unless @at_once. */
void pl_flow_table_sweep (PlFlowTable *table, guint64 now_us, gboolean at_once);
/* When, by the clock of @now_us, the next such look will find something if no packet comes; it may also find nothing.
 * G_MAXUINT64: never. */
guint64 pl_flow_table_get_due_us (const PlFlowTable *table);
/* Decides local ends anew: of guessed flows, and if @all of those an election decided. */
void pl_flow_table_revise_local (PlFlowTable *table, gboolean all);

gboolean pl_flow_table_has_changes (const PlFlowTable *table);
/* Moves changed flows, @n_max at most, and ids that left into @batch, up to its caps. */
void pl_flow_table_take (PlFlowTable *table, PlBatch *batch, guint n_max);
/* Sets the fields of @stats that the table knows; the rest stays. */
void pl_flow_table_get_stats (const PlFlowTable *table, PlCaptureStats *stats);
/* For tests: calls @func for each flow in the table. */
void pl_flow_table_foreach (const PlFlowTable *table,
                            void (*func) (const PlFlow *flow, const PlFlowStory *story, gpointer data),
                            gpointer data);
