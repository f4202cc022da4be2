#include "flow-order.h"

#define FIRST_LISTENER 1
#define LAST (FIRST_LISTENER + G_MAXUINT16 + 1)

static guint
rank_of (const PlModelFlow *flow)
{
  if (flow == NULL)
    return LAST;
  if (pl_model_flow_is_listener (flow))
    return FIRST_LISTENER + flow->flow.key.port[flow->local_end];
  return pl_model_flow_has_failed (flow) ? 0 : LAST;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  guint64 one = *(const guint64 *)a, other = *(const guint64 *)b;

  return one < other ? -1 : one > other;
}

static guint64
place_of (guint rank, guint64 id)
{
  return (guint64)rank << PL_FLOW_PLACE_ID_BITS | id;
}

/* The places of before. Of very many flows most are the last by rank, and are asked for in the order that they have there. */
typedef struct
{
  GArray *places; /* nullable */
  guint next; /* of them, behind the last that was found */
  GHashTable *first; /* id → place of all that are not last by rank */
} Before;

static void
index_places (Before *before, GArray *places)
{
  *before = (Before){ places, 0, g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL) };
  for (guint i = 0; places != NULL && i < places->len; i++)
    {
      guint64 *place = &g_array_index (places, guint64, i), id = PL_FLOW_PLACE_ID (*place);

      if (*place >= place_of (LAST, 0))
        return;
      g_hash_table_insert (before->first, g_memdup2 (&id, sizeof id), place);
    }
}

/* Returns: (transfer none) (nullable) */
static const guint64 *
find_place (Before *before, guint64 id)
{
  guint64 last = place_of (LAST, id);

  if (before->places == NULL)
    return NULL;
  if (before->next >= before->places->len || g_array_index (before->places, guint64, before->next) != last)
    if (!g_array_binary_search (before->places, &last, compare_places, &before->next))
      return g_hash_table_lookup (before->first, &id);
  return &g_array_index (before->places, guint64, before->next++);
}

GArray *
pl_flow_order_places (PlModel *model, const GArray *ids, GArray *before)
{
  GArray *places = g_array_sized_new (FALSE, FALSE, sizeof (guint64), ids->len);
  gboolean is_sorted = TRUE;
  Before known;

  index_places (&known, before);
  for (guint i = 0; i < ids->len; i++)
    {
      guint64 id = g_array_index (ids, guint64, i);
      const guint64 *kept = find_place (&known, id);
      guint64 place = kept != NULL ? *kept : place_of (rank_of (pl_model_get_flow (model, id)), id);

      is_sorted = is_sorted && (i == 0 || g_array_index (places, guint64, i - 1) < place);
      g_array_append_val (places, place);
    }
  if (!is_sorted)
    g_array_sort (places, compare_places);
  g_hash_table_unref (known.first);
  return places;
}
