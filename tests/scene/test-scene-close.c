/* What somebody does to the picture closes up: without holes, without a jump of what is pinned, and with a way back. */
#include <math.h>

#include "scene-checks.h"
#include "scene-steps.h"
#include "synthetic.h"

/* The tallest stretch without anything in a lane of one band, px. */
static double
widest_gap (PlScene *scene)
{
  double widest = 0;

  for (guint i = 0; i < scene->bands->len; i++)
    {
      const Band *band = scene->bands->pdata[i];
      double used = 0;

      for (guint lane = 0; lane < PL_N_LANES; lane++)
        {
          double rows = band->lanes[lane]->len;

          used = MAX (used, lane == PL_LANE_APP || lane == PL_LANE_ENDPOINT ? rows * 46 + (rows - 1) * 12
                                                                            : rows * 30 + (rows - 1) * 10);
        }
      widest = MAX (widest, band->height - used);
    }
  return widest;
}

static const PlSceneNode *
find_folded (PlScene *scene, GRand *random)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = 0; i < n; i++)
    if (pl_scene_can_unfold (scene, nodes[i].id))
      g_ptr_array_add (all, (gpointer)&nodes[i]);
  return all->len > 0 ? all->pdata[g_rand_int_range (random, 0, all->len)] : NULL;
}

static void
test_folding_leaves_no_hole (void)
{
  guint n_folded = 0, n_holes = 0;

  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (21000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      GArray *flows = synthetic_get_flows (world);
      gint64 now_us = SECOND_US;
      const PlSceneNode *bundle, *held;
      guint64 id;
      double y;
      guint n;

      synthetic_add (world, seed % 2 ? 300 : 900);
      update (scene, flows, now_us);
      settle (scene, &now_us);
      synthetic_remove (world, 20);
      update (scene, flows, now_us += SECOND_US);
      settle (scene, &now_us);
      n_holes += count_holes (scene);
      bundle = find_folded (scene, random);
      if (bundle == NULL || !pl_scene_unfold (scene, bundle->id))
        continue;
      held = &pl_scene_get_nodes (scene, &n)[g_rand_int_range (random, 0, n)];
      id = seed % 3 ? held->id : 0; /* else nothing is */
      y = held->y;
      pl_scene_pin (scene, id, 0);
      for (guint round = 0; round < 2; round++)
        {
          update (scene, flows, now_us += SECOND_US);
          pl_scene_close_gaps (scene, now_us);
          settle_holding (scene, id, y, &now_us);
          g_assert_cmpuint (count_holes (scene), ==, 0);
          g_assert_cmpfloat (widest_gap (scene), <, 1);
          check_no_overlap (scene, 960);
          check_sums (scene, flows);
          pl_scene_fold_all (scene);
        }
      n_folded++;
    }
  g_assert_cmpuint (n_folded, >, 20);
  g_assert_cmpuint (n_holes, >, 20);
}

/* Keys of all that is seen, lane by lane from top to bottom. */
static GArray *
copy_picture (PlScene *scene)
{
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (NodeKey));

  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    {
      g_autoptr (GPtrArray) list = lane_nodes (scene, lane);

      for (guint i = 0; i < list->len; i++)
        g_array_append_val (keys, scene_get_node (scene, ((const PlSceneNode *)list->pdata[i])->id)->key);
    }
  return keys;
}

/* Those of @keys that are in @others, too: ports near the number from which they are bundled may be so afterwards. */
static GArray *
common_of (GArray *keys, GArray *others)
{
  GArray *common = g_array_new (FALSE, FALSE, sizeof (NodeKey));

  for (guint i = 0; i < keys->len; i++)
    for (guint j = 0; j < others->len; j++)
      if (memcmp (&g_array_index (keys, NodeKey, i), &g_array_index (others, NodeKey, j), sizeof (NodeKey)) == 0)
        g_array_append_vals (common, &g_array_index (keys, NodeKey, i), 1);
  return common;
}

static gboolean
is_same_picture (GArray *before, GArray *after)
{
  g_autoptr (GArray) one = common_of (before, after);
  g_autoptr (GArray) other = common_of (after, before);

  g_assert_cmpuint (one->len, >=, before->len * 4 / 5);
  return one->len == other->len && memcmp (one->data, other->data, one->len * sizeof (NodeKey)) == 0;
}

static GArray *
some_of (GArray *flows, guint every)
{
  GArray *some = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));

  for (guint i = 0; i < flows->len; i += every)
    g_array_append_val (some, g_array_index (flows, PlModelFlow, i));
  return some;
}

/* Filtered, then all again: everybody stands where they stood, however long it was filtered. */
static void
test_order_comes_back (void)
{
  guint n_mixed = 0;

  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (22000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) some = NULL;
      g_autoptr (GArray) before = NULL;
      g_autoptr (GArray) between = NULL;
      g_autoptr (GArray) after = NULL;
      g_autoptr (PlSceneOrder) order = NULL;
      gint64 now_us = SECOND_US;

      for (guint i = 0; i < 8; i++) /* they came one after the other, and found their places so */
        {
          synthetic_add (world, 8);
          update (scene, synthetic_get_flows (world), now_us += SECOND_US);
          settle (scene, &now_us);
        }
      before = copy_picture (scene);
      order = pl_scene_copy_order (scene);
      some = some_of (synthetic_get_flows (world), 2 + seed % 4);
      for (guint i = 0; i < 3; i++)
        {
          update (scene, some, now_us += SECOND_US);
          pl_scene_close_up (scene, now_us);
          settle (scene, &now_us);
          check_no_overlap (scene, 960);
        }
      update (scene, synthetic_get_flows (world), now_us += SECOND_US);
      between = copy_picture (scene);
      pl_scene_set_order (scene, order, now_us);
      settle (scene, &now_us);
      after = copy_picture (scene);
      check_no_overlap (scene, 960);
      check_sums (scene, synthetic_get_flows (world));
      g_assert_true (is_same_picture (before, after));
      n_mixed += !is_same_picture (before, between);
    }
  g_assert_cmpuint (n_mixed, >, 20); /* it would not have come back by itself */
}

static GHashTable *
set_of (GArray *keys)
{
  GHashTable *set = g_hash_table_new (scene_node_key_hash, scene_node_key_equal);

  for (guint i = 0; i < keys->len; i++)
    g_hash_table_add (set, &g_array_index (keys, NodeKey, i));
  return set;
}

/* For each port chip that is not one of @known: id → id of the one of these above it in its app's lane, 0 for none. */
static GHashTable *
find_followed (PlScene *scene, GHashTable *known)
{
  GHashTable *followed = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < scene->bands->len; i++)
    for (PlLane lane = PL_LANE_LOCAL_PORT; lane <= PL_LANE_REMOTE_PORT; lane++)
      {
        GPtrArray *nodes = ((Band *)scene->bands->pdata[i])->lanes[lane];
        guint64 last = 0;

        for (guint j = 0; j < nodes->len; j++)
          {
            const Node *node = nodes->pdata[j];

            if (g_hash_table_contains (known, &node->key))
              last = node->pub.id;
            else
              g_hash_table_insert (followed, GSIZE_TO_POINTER (node->pub.id), GSIZE_TO_POINTER (last));
          }
      }
  return followed;
}

static gboolean
is_other (gpointer id, gpointer last, gpointer others)
{
  return g_hash_table_lookup (others, id) != last;
}

/* Who came while it was filtered stays behind whom they came after, and nobody is lost. */
static void
test_newcomers_join_the_order (void)
{
  guint n_newcomers = 0;

  for (guint seed = 0; seed < property_rounds (30); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (23000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (PlSceneOrder) order = NULL;
      g_autoptr (GArray) some = NULL;
      g_autoptr (GArray) picture = NULL;
      g_autoptr (GHashTable) known = NULL;
      g_autoptr (GHashTable) before = NULL;
      g_autoptr (GHashTable) after = NULL;
      gint64 now_us = SECOND_US;

      synthetic_add (world, 60);
      update (scene, synthetic_get_flows (world), now_us);
      settle (scene, &now_us);
      order = pl_scene_copy_order (scene);
      picture = copy_picture (scene);
      known = set_of (picture);
      some = some_of (synthetic_get_flows (world), 3);
      update (scene, some, now_us += SECOND_US);
      pl_scene_close_up (scene, now_us);
      synthetic_add (world, 10);
      synthetic_remove (world, 10);
      update (scene, synthetic_get_flows (world), now_us += SECOND_US);
      pl_scene_close_up (scene, now_us);
      before = find_followed (scene, known);
      pl_scene_set_order (scene, order, now_us);
      after = find_followed (scene, known);
      n_newcomers += g_hash_table_size (after);
      g_assert_cmpuint (g_hash_table_size (after), ==, g_hash_table_size (before));
      g_assert_null (g_hash_table_find (after, is_other, before));
      settle (scene, &now_us);
      check_no_overlap (scene, 960);
      check_sums (scene, synthetic_get_flows (world));
    }
  g_assert_cmpuint (n_newcomers, >, 20);
}

/* Whom a filter takes away fades at its place while the others close up. */
static void
test_leavers_fade (void)
{
  g_autoptr (Synthetic) world = synthetic_new (24000);
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) some = NULL;
  g_autoptr (GArray) was = NULL;
  gint64 now_us = SECOND_US;
  guint n_leaving = 0, n_replaced = 0;
  double bottom, top;

  synthetic_add (world, 80);
  update (scene, synthetic_get_flows (world), now_us);
  settle (scene, &now_us);
  was = remember (scene);
  some = some_of (synthetic_get_flows (world), 5);
  update (scene, some, now_us += SECOND_US);
  pl_scene_close_up (scene, now_us);
  pl_scene_tick (scene, now_us += 16000);
  pl_scene_get_extent (scene, &top, &bottom);
  for (guint i = 0; i < was->len; i++)
    {
      const Was *one = &g_array_index (was, Was, i);
      const PlSceneNode *node = pl_scene_find_node (scene, one->id);

      n_replaced += node == NULL; /* "3 dynamic" is ":50123" now, at the same place */
      if (node == NULL)
        continue;
      g_assert_cmpfloat (node->y + node->height, <=, bottom);
      if (!(node->flags & PL_SCENE_LEAVING))
        continue;
      n_leaving++;
      g_assert_cmpfloat (node->y, ==, one->target_y);
      g_assert_cmpfloat (node->opacity, >, 0);
      g_assert_cmpfloat (node->opacity, <, 1);
    }
  g_assert_cmpuint (n_leaving, >, 10);
  g_assert_cmpuint (n_replaced, <, n_leaving / 5); /* nobody else vanishes at once */
  g_assert_cmpfloat (bottom, >, pl_scene_get_height (scene)); /* there is more to see than there will be */
  settle (scene, &now_us);
  pl_scene_get_extent (scene, &top, &bottom);
  g_assert_cmpfloat (bottom, ==, pl_scene_get_height (scene));
}

/* What has ended and is told of still is fainter where it stood, its line too; what goes on is not. */
static void
test_ended_is_faint (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1), *other = synthetic_process ("Mail", "mail", 2);
  gint64 now_us = SECOND_US;
  const PlSceneNode *ended, *goes_on;
  double y;

  add_plain (flows, 1, app, 50001, 31, 443);
  add_plain (flows, 2, other, 50002, 32, 993);
  update (scene, flows, now_us);
  settle (scene, &now_us);
  y = find_title (scene, PL_LANE_ENDPOINT, "93.184.216.31")->y;
  g_array_index (flows, PlModelFlow, 0).is_gone = TRUE;
  update (scene, flows, now_us += SECOND_US);
  settle (scene, &now_us);
  ended = find_title (scene, PL_LANE_ENDPOINT, "93.184.216.31");
  goes_on = find_title (scene, PL_LANE_ENDPOINT, "93.184.216.32");
  g_assert_cmpfloat (ended->opacity, >, 0.2);
  g_assert_cmpfloat (ended->opacity, <, 0.6);
  g_assert_cmpfloat (ended->y, ==, y);
  g_assert_cmpfloat (goes_on->opacity, ==, 1);
  g_assert_cmpfloat (pl_scene_find_edge (scene, pl_scene_flow_edge (scene, 1))->opacity, <, 0.6);
  g_assert_cmpfloat (pl_scene_find_edge (scene, pl_scene_flow_edge (scene, 2))->opacity, ==, 1);
  pl_process_unref (app);
  pl_process_unref (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/close/folding-leaves-no-hole", test_folding_leaves_no_hole);
  g_test_add_func ("/scene/close/order-comes-back", test_order_comes_back);
  g_test_add_func ("/scene/close/newcomers-join-the-order", test_newcomers_join_the_order);
  g_test_add_func ("/scene/close/leavers-fade", test_leavers_fade);
  g_test_add_func ("/scene/close/ended-is-faint", test_ended_is_faint);
  return g_test_run ();
}
