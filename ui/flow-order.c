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

/* id → its place. */
static GHashTable *
index_places (const GArray *places)
{
  GHashTable *known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < places->len; i++)
    {
      guint64 *place = &g_array_index (places, guint64, i), id = PL_FLOW_PLACE_ID (*place);

      g_hash_table_insert (known, g_memdup2 (&id, sizeof id), place);
    }
  return known;
}

GArray *
pl_flow_order_places (PlModel *model, const GArray *ids, const GArray *before)
{
  GArray *places = g_array_sized_new (FALSE, FALSE, sizeof (guint64), ids->len);
  g_autoptr (GHashTable) known = before != NULL ? index_places (before) : NULL;

  for (guint i = 0; i < ids->len; i++)
    {
      guint64 id = g_array_index (ids, guint64, i);
      const guint64 *kept = known != NULL ? g_hash_table_lookup (known, &id) : NULL;
      guint64 place =
          kept != NULL ? *kept : (guint64)rank_of (pl_model_get_flow (model, id)) << PL_FLOW_PLACE_ID_BITS | id;

      g_array_append_val (places, place);
    }
  g_array_sort (places, compare_places);
  return places;
}
