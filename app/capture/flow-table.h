/* The capture thread's flow table: which flows there are and what each has counted. Capture thread only.
 *
 * Theory of operation. A flow is a slot: its hot record (PlFlow, two cache lines), its story and its links lie in three
 * parallel arrays of reserved address space, so that nothing moves as the table grows. An index of hashes leads from key
 * to slot. Packets come in small groups: their hashes are known before the first is counted, and index, record and links
 * are prefetched meanwhile, since with many flows cache misses are the cost (notes: 378 to 72 ns a packet).
 *
 * Each slot is on one of four lists (flow-table.c), each ordered by the second of its flows' last packets. The idlest of
 * all is the head of one of them: at the cap it leaves into "others". A packet moves its flow in a list only if it is the
 * flow's first in this second, so that order costs next to nothing and eviction O(1).
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
  PlLocalEnd *local;       /* outlives the table */
  /* Called for each new flow; FALSE counts into questions_dropped. Nullable. */
  gboolean (*new_flow) (const PlFlow *flow, gpointer data);
  gpointer new_flow_data;
} PlFlowTableOptions;

/* A decoded packet on its way into the table. */
typedef struct
{
  PlPacket packet;
  PlFlowKey key;
  guint64 hash;
  guint32 iface;
  gint sender; /* PL_END_A or PL_END_B */
} PlTablePacket;

#define PL_TABLE_GROUP 32 /* packets counted together; their facts stay in the first-level cache */

typedef struct _PlFlowTable PlFlowTable;

/* NULL when the address space for @options' flows can't be had. */
PlFlowTable *pl_flow_table_new (const PlFlowTableOptions *options);
void pl_flow_table_free (PlFlowTable *table);

/* Fills key, sender and hash of @item, whose packet and iface are set, and starts to fetch its index entry. */
void pl_flow_table_prepare (PlFlowTable *table, PlTablePacket *item);
/* Counts @n_items prepared packets, in order. */
void pl_flow_table_count (PlFlowTable *table, PlTablePacket *items, guint n_items);
/* A new flow's first packet, seen early: makes the flow without counting, if there is none on that tuple. */
void pl_flow_table_announce (PlFlowTable *table, PlTablePacket *item);
/* Lets time pass: what is idle at @now_us is marked, what has ended or idled long enough leaves. */
void pl_flow_table_sweep (PlFlowTable *table, guint64 now_us);
/* Decides local ends anew: of guessed flows, and if @all of those an election decided. */
void pl_flow_table_revise_local (PlFlowTable *table, gboolean all);

gboolean pl_flow_table_has_changes (const PlFlowTable *table);
/* Moves changed flows and ids that left into @batch, up to its caps. */
void pl_flow_table_take (PlFlowTable *table, PlBatch *batch);
/* Sets the fields of @stats that the table knows; the rest stays. */
void pl_flow_table_get_stats (const PlFlowTable *table, PlCaptureStats *stats);
/* Bytes of memory in use for flows, index included. */
gsize pl_flow_table_get_bytes (const PlFlowTable *table);
/* For tests: calls @func for each flow in the table. */
void pl_flow_table_foreach (const PlFlowTable *table, void (*func) (const PlFlow *flow, const PlFlowStory *story, gpointer data),
                            gpointer data);
