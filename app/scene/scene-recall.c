/* The order in which things stood, to be gone back to when what took them away is taken back. Nodes are known by their keys:
 * those that left in between come back under them. No pixels in here. */
#include <math.h>

#include "scene-private.h"

typedef struct
{
  guint32 app;
  guint n[PL_N_LANES];
} BandStood;

struct _PlSceneOrder
{
  GArray *bands; /* (element-type BandStood) */
  GArray *keys; /* (element-type NodeKey), band after band, lane after lane */
};

typedef struct
{
  guint band, place;
} Place;

/**
 * pl_scene_copy_order:
 * @scene: a scene
 *
 * Returns: (transfer full): who stands next to whom now, those that have faded among them while their places are kept
 */
PlSceneOrder *
pl_scene_copy_order (PlScene *scene)
{
  PlSceneOrder *order = g_new0 (PlSceneOrder, 1);

  order->bands = g_array_new (FALSE, TRUE, sizeof (BandStood));
  order->keys = g_array_new (FALSE, FALSE, sizeof (NodeKey));
  for (guint i = 0; i < scene->bands->len; i++)
    {
      const Band *band = scene->bands->pdata[i];
      BandStood stood = { .app = band->app };

      for (guint lane = 0; lane < PL_N_LANES; lane++)
        {
          stood.n[lane] = band->lanes[lane]->len;
          for (guint j = 0; j < stood.n[lane]; j++)
            g_array_append_val (order->keys, ((Node *)band->lanes[lane]->pdata[j])->key);
        }
      g_array_append_val (order->bands, stood);
    }
  return order;
}

void
pl_scene_order_free (PlSceneOrder *order)
{
  g_array_unref (order->bands);
  g_array_unref (order->keys);
  g_free (order);
}

/* NodeKey → Place; keys belong to @order. */
static GHashTable *
index_places (const PlSceneOrder *order)
{
  GHashTable *places = g_hash_table_new_full (scene_node_key_hash, scene_node_key_equal, NULL, g_free);
  guint next = 0;

  for (guint i = 0; i < order->bands->len; i++)
    for (guint lane = 0; lane < PL_N_LANES; lane++)
      for (guint j = 0; j < g_array_index (order->bands, BandStood, i).n[lane]; j++)
        {
          const Place place = { i, j };

          g_hash_table_insert (places, &g_array_index (order->keys, NodeKey, next++), g_memdup2 (&place, sizeof place));
        }
  return places;
}

static Band *
find_band (PlScene *scene, guint32 app)
{
  for (guint i = 0; i < scene->bands->len; i++)
    if (((Band *)scene->bands->pdata[i])->app == app)
      return scene->bands->pdata[i];
  return NULL;
}

/* An endpoint of several apps stood in the band of one, and may have come back in another's. */
static void
send_home (PlScene *scene, const PlSceneOrder *order, GHashTable *places)
{
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];
      const Place *place = g_hash_table_lookup (places, &node->key);
      Band *home = place ? find_band (scene, g_array_index (order->bands, BandStood, place->band).app) : NULL;

      if (node->key.lane == PL_LANE_ENDPOINT && home && node->band && node->band != home)
        scene_order_move (home, node);
    }
}

static int
compare_wishes (gconstpointer a, gconstpointer b)
{
  double one = (*(Node *const *)a)->wish, other = (*(Node *const *)b)->wish;

  return one < other ? -1 : one > other;
}

/* Stable: who has no place of its own follows the one before. */
static void
sort_lane (Band *band, GPtrArray *lane, GHashTable *places)
{
  double last = -1;

  for (guint i = 0; i < lane->len; i++)
    {
      Node *node = lane->pdata[i];
      const Place *place = g_hash_table_lookup (places, &node->key);

      node->wish = last = place ? place->place : last;
    }
  g_ptr_array_sort (lane, compare_wishes);
  for (guint i = 0; i < lane->len; i++)
    ((Node *)lane->pdata[i])->place = i;
  band->has_news = TRUE;
}

static int
compare_bands (gconstpointer a, gconstpointer b)
{
  double one = (*(Band *const *)a)->wish, other = (*(Band *const *)b)->wish;

  return one < other ? -1 : one > other;
}

static void
sort_bands (PlScene *scene, const PlSceneOrder *order)
{
  double last = -1;

  for (guint i = 0; i < scene->bands->len; i++)
    {
      Band *band = scene->bands->pdata[i];

      for (guint j = 0; j < order->bands->len; j++)
        if (g_array_index (order->bands, BandStood, j).app == band->app)
          {
            last = j;
            break;
          }
      band->wish = last;
    }
  g_ptr_array_sort (scene->bands, compare_bands);
}

/**
 * pl_scene_set_order:
 * @scene: a scene
 * @order: from pl_scene_copy_order() of the same scene
 * @now_us: monotonic
 *
 * Goes back to @order as far as those that stood in it are there. What came since stays behind whom it came after.
 */
void
pl_scene_set_order (PlScene *scene, const PlSceneOrder *order, gint64 now_us)
{
  g_autoptr (GHashTable) places = index_places (order);

  scene->now_us = now_us;
  scene->held_y = NAN;
  send_home (scene, order, places);
  scene_order_close_up (scene);
  sort_bands (scene, order);
  for (guint i = 0; i < scene->bands->len; i++)
    for (guint lane = 0; lane < PL_N_LANES; lane++)
      sort_lane (scene->bands->pdata[i], ((Band *)scene->bands->pdata[i])->lanes[lane], places);
  scene_place (scene, PLACE_AFRESH);
  pl_scene_tick (scene, now_us);
}
