/* The hash index of the flow table. Capture thread only. Linear probing with backward-shift removal: no tombstones, so
 * that a table whose flows come and go for days probes as fast as a new one. */
#include "flow-index.h"
#include "reserve.h"

#define FIRST_ENTRIES 1024

static void
allocate (PlFlowIndex *index, guint32 n_entries)
{
  index->entries = pl_reserve (n_entries * sizeof *index->entries);
  if (!index->entries)
    g_abort (); /* as GLib does where memory is out */
  index->mask = n_entries - 1;
  index->n_used = 0;
  for (guint32 i = 0; i < n_entries; i++)
    index->entries[i] = (PlIndexEntry){ .hash = 0, .slot = PL_NO_SLOT };
}

void
pl_flow_index_init (PlFlowIndex *index)
{
  allocate (index, FIRST_ENTRIES);
}

void
pl_flow_index_clear (PlFlowIndex *index)
{
  pl_release (index->entries, ((gsize)index->mask + 1) * sizeof *index->entries);
  index->entries = NULL;
}

static void
put (PlFlowIndex *index, PlIndexEntry entry)
{
  guint32 position = pl_flow_index_start (index, entry.hash);

  while (index->entries[position].slot != PL_NO_SLOT)
    position = pl_flow_index_next (index, position);
  index->entries[position] = entry;
  index->n_used++;
}

void
pl_flow_index_add (PlFlowIndex *index, guint32 hash, guint32 slot)
{
  /* At 5/8 a miss probes four entries on average, half a cache line. */
  if ((guint64)index->n_used * 8 >= ((guint64)index->mask + 1) * 5)
    {
      PlFlowIndex old = *index;

      allocate (index, (old.mask + 1) * 2);
      for (guint32 i = 0; i <= old.mask; i++)
        if (old.entries[i].slot != PL_NO_SLOT)
          put (index, old.entries[i]);
      pl_flow_index_clear (&old);
    }
  put (index, (PlIndexEntry){ .hash = hash, .slot = slot });
}

/* The position of @slot, or G_MAXUINT32. */
static guint32
find_slot (const PlFlowIndex *index, guint32 hash, guint32 slot)
{
  for (guint32 position = pl_flow_index_start (index, hash); index->entries[position].slot != PL_NO_SLOT;
       position = pl_flow_index_next (index, position))
    if (index->entries[position].slot == slot)
      return position;
  return G_MAXUINT32;
}

void
pl_flow_index_remove (PlFlowIndex *index, guint32 hash, guint32 slot)
{
  guint32 hole = find_slot (index, hash, slot);
  guint32 position;

  if (hole == G_MAXUINT32)
    return;
  for (position = pl_flow_index_next (index, hole); index->entries[position].slot != PL_NO_SLOT;
       position = pl_flow_index_next (index, position))
    {
      guint32 home = pl_flow_index_start (index, index->entries[position].hash);

      /* An entry may move back into the hole unless that lies before its home. */
      if (((position - home) & index->mask) >= ((position - hole) & index->mask))
        {
          index->entries[hole] = index->entries[position];
          hole = position;
        }
    }
  index->entries[hole].slot = PL_NO_SLOT;
  index->n_used--;
}
