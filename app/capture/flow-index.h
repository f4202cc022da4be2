/* The hash index of the flow table: from the hash of a key to the slot of its record. Open addressing with linear
 * probing; an entry is eight bytes, half of them hash, so that probing, growing and removing never touch a record.
 * Capture thread only. */
#pragma once
#include <glib.h>

#define PL_NO_SLOT G_MAXUINT32

typedef struct
{
  guint32 hash;
  guint32 slot; /* PL_NO_SLOT: free */
} PlIndexEntry;

typedef struct
{
  PlIndexEntry *entries;
  guint32 mask;    /* entries - 1, a power of two less one */
  guint32 n_used;
} PlFlowIndex;

void pl_flow_index_init (PlFlowIndex *index);
void pl_flow_index_clear (PlFlowIndex *index);
/* Adds @slot, which is not in there; grows when too full to probe quickly. */
void pl_flow_index_add (PlFlowIndex *index, guint32 hash, guint32 slot);
/* Removes @slot if it is in there: an older flow of a reused tuple is not. */
void pl_flow_index_remove (PlFlowIndex *index, guint32 hash, guint32 slot);

/* Where a probe for @hash starts; walk with pl_flow_index_next() until an entry is free. */
static inline guint32
pl_flow_index_start (const PlFlowIndex *index, guint32 hash)
{
  return hash & index->mask;
}

static inline guint32
pl_flow_index_next (const PlFlowIndex *index, guint32 position)
{
  return (position + 1) & index->mask;
}
