/* Which sockets a flow's end had. Owner thread only. Two generations, as in holders.c: when the young one is full it becomes
 * the old one. */
#include "port-memory.h"

#include <string.h>

#include "bounds.h"

typedef struct
{
  guint64 key;
  guint64 inodes[PL_CASE_INODES]; /* ascending, the rest 0 */
  guint64 cookie; /* of the only one; 0 */
  gboolean is_mixed; /* others have come to the port */
} Entry;

struct _PlPortMemory
{
  GHashTable *young, *old; /* &Entry.key → Entry */
  gboolean has_forgotten;
  guint64 n_untold;
};

static GHashTable *
new_generation (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
}

PlPortMemory *
pl_port_memory_new (void)
{
  PlPortMemory *memory = g_new0 (PlPortMemory, 1);
  memory->young = new_generation ();
  memory->old = new_generation ();
  return memory;
}

void
pl_port_memory_free (PlPortMemory *memory)
{
  if (memory == NULL)
    return;
  g_hash_table_unref (memory->young);
  g_hash_table_unref (memory->old);
  g_free (memory);
}

static int
compare_inodes (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *)a, right = *(const guint64 *)b;
  return (left > right) - (left < right);
}

static Entry
entry_of (const PlCase *one)
{
  Entry entry = { .key = one->question.flow_id << 1 | one->end, .cookie = one->n_inodes == 1 ? one->cookie : 0 };
  memcpy (entry.inodes, one->inodes, one->n_inodes * sizeof *one->inodes);
  qsort (entry.inodes, one->n_inodes, sizeof *entry.inodes, compare_inodes);
  return entry;
}

static void
put (PlPortMemory *memory, const Entry *entry)
{
  if (g_hash_table_size (memory->young) >= PL_LIMIT_PORT_MEMORY / 2)
    {
      memory->has_forgotten |= g_hash_table_size (memory->old) > 0;
      g_hash_table_unref (memory->old);
      memory->old = memory->young;
      memory->young = new_generation ();
    }
  Entry *copy = g_memdup2 (entry, sizeof *entry);
  g_hash_table_replace (memory->young, &copy->key, copy);
}

void
pl_port_memory_note (PlPortMemory *memory, const PlCase *one)
{
  Entry entry = entry_of (one);
  put (memory, &entry);
}

static const Entry *
find (PlPortMemory *memory, guint64 key)
{
  const Entry *known = g_hash_table_lookup (memory->young, &key);
  return known != NULL ? known : g_hash_table_lookup (memory->old, &key);
}

gboolean
pl_port_memory_has_changed (PlPortMemory *memory, const PlCase *again)
{
  Entry entry = entry_of (again);
  const Entry *known = find (memory, entry.key);
  if (known == NULL)
    {
      memory->n_untold += memory->has_forgotten;
      return FALSE;
    }
  if (entry.inodes[0] == 0) /* closed since, as a resolver's is when the answer is there: nobody else came */
    return FALSE;
  gboolean has_changed = memcmp (known->inodes, entry.inodes, sizeof entry.inodes) != 0;
  entry.is_mixed = known->is_mixed || has_changed;
  put (memory, &entry);
  return has_changed;
}

guint64
pl_port_memory_get_n_untold (PlPortMemory *memory)
{
  return memory->n_untold;
}

guint64
pl_port_memory_get_cookie (PlPortMemory *memory, const PlCase *one)
{
  const Entry *known = find (memory, entry_of (one).key);
  return known != NULL ? known->cookie : 0;
}

void
pl_port_memory_set_mixed (PlPortMemory *memory, const PlCase *one)
{
  const Entry *known = find (memory, entry_of (one).key);
  Entry entry = known != NULL ? *known : entry_of (one);
  entry.is_mixed = TRUE;
  put (memory, &entry);
}

gboolean
pl_port_memory_is_mixed (PlPortMemory *memory, const PlCase *one)
{
  const Entry *known = find (memory, entry_of (one).key);
  return known != NULL && known->is_mixed;
}
