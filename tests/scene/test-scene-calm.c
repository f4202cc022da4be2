/* Calm: what the pointer rests on stays under it whatever comes and goes. */
#include <math.h>

#include "scene-checks.h"
#include "scene-steps.h"
#include "synthetic.h"

static guint64
random_node (PlScene *scene, GRand *random)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  return nodes[g_rand_int_range (random, 0, n)].id;
}

static void
test_pinned_node_stays (void)
{
  guint n_shifts = 0;

  for (guint seed = 0; seed < property_rounds (150); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (7000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      gint64 now_us = SECOND_US;

      pl_scene_set_size (scene, seed % 3 ? 960 : 400, seed % 2 ? 18 : 36);
      synthetic_add (world, seed % 5 ? 60 : 700);
      update (scene, synthetic_get_flows (world), now_us);
      settle (scene, &now_us);
      for (guint round = 0; round < 6; round++)
        {
          gboolean is_there = TRUE;
          guint64 id;
          double y;

          settle (scene, &now_us);
          id = random_node (scene, random);
          y = pl_scene_find_node (scene, id)->y;
          pl_scene_pin (scene, id, 0);
          for (guint i = 0; i < 3 && is_there; i++)
            {
              synthetic_add (world, g_rand_int_range (random, 0, 12));
              synthetic_remove (world, g_rand_int_range (random, 0, 12));
              synthetic_stir (world);
              update (scene, synthetic_get_flows (world), now_us += SECOND_US / 3);
              is_there = settle_holding (scene, id, y, &now_us);
              check_no_overlap (scene, 960);
              check_sums (scene, synthetic_get_flows (world));
              n_shifts += pl_scene_get_top (scene) < 0;
            }
          if (round % 2) /* let go: the upper end is y 0 again */
            {
              pl_scene_pin (scene, 0, 0);
              update (scene, synthetic_get_flows (world), now_us += SECOND_US / 3);
              settle (scene, &now_us);
              g_assert_cmpfloat (pl_scene_get_top (scene), ==, 0);
            }
        }
    }
  g_test_message ("%u updates had to make room upwards", n_shifts);
  g_assert_cmpuint (n_shifts, >, 0);
}

/* Where an edge ends up is where it stood, at the x of the pointer. */
static void
test_pinned_edge_stays (void)
{
  for (guint seed = 0; seed < property_rounds (150); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (8000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      gint64 now_us = SECOND_US;

      synthetic_add (world, 60);
      update (scene, synthetic_get_flows (world), now_us);
      settle (scene, &now_us);
      for (guint round = 0; round < 6; round++)
        {
          guint n;
          const PlSceneEdge *edges = pl_scene_get_edges (scene, &n), *edge = &edges[g_rand_int_range (random, 0, n)];
          guint64 id = edge->id;
          double x = g_rand_double_range (random, 230, (edge->flags & PL_SCENE_LISTENER) ? 280 : 700);
          double y = pl_scene_edge_y (scene, edge, x);

          pl_scene_pin (scene, id, x);
          synthetic_add (world, g_rand_int_range (random, 0, 12));
          update (scene, synthetic_get_flows (world), now_us += SECOND_US / 3);
          settle (scene, &now_us);
          if (pl_scene_find_edge (scene, id) == NULL || isnan (y))
            continue;
          g_assert_cmpfloat_with_epsilon (pl_scene_edge_y (scene, pl_scene_find_edge (scene, id), x), y, 0.75);
        }
    }
}

/* Three apps of four flows each, all to services and hosts of their own: app 1 has the ports 50010 to 50013, and so on. */
static GArray *
three_apps (PlProcess *apps[3])
{
  GArray *flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("app%u", i);

      apps[i] = synthetic_process (name, name, i + 1);
      for (guint j = 0; j < 4; j++)
        add_plain (flows, 1 + 10 * i + j, apps[i], 50000 + 10 * i + j, 10 * i + j, 443 + 10 * i + j);
    }
  return flows;
}

static void
close_flow (GArray *flows, guint16 port)
{
  for (guint i = 0; i < flows->len; i++)
    if (g_array_index (flows, PlModelFlow, i).id == port - 50000u + 1)
      g_array_remove_index (flows, i--);
}

/* The local port of those between @first and the one @n further that is the @place-th from above. */
static guint16
port_at (PlScene *scene, guint16 first, guint n, guint place)
{
  g_autoptr (GPtrArray) ports = lane_nodes (scene, PL_LANE_LOCAL_PORT);

  for (guint i = 0; i < ports->len; i++)
    {
      const PlSceneNode *node = ports->pdata[i];

      if (node->port >= first && node->port < first + n && place-- == 0)
        return node->port;
    }
  g_assert_not_reached ();
}

static const PlSceneNode *
node_of (PlScene *scene, guint16 port)
{
  g_autofree char *title = g_strdup_printf (":%u", port);
  const PlSceneNode *node = find_title (scene, PL_LANE_LOCAL_PORT, title);

  g_assert_nonnull (node);
  return node;
}

/* What closes is no reason for all that is above the pointer to come down; and a newcomer takes what it left. */
static void
test_others_stay_too (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  PlProcess *apps[3];
  g_autoptr (GArray) flows = three_apps (apps);
  gint64 now_us = SECOND_US;
  guint16 top, middle, low, pinned;
  double stood[2];

  update (scene, flows, now_us);
  settle (scene, &now_us);
  top = port_at (scene, 50000, 100, 0);
  middle = port_at (scene, 50000, 100, 4);
  low = port_at (scene, 50000, 100, 8);
  pinned = port_at (scene, 50000, 100, 10);
  g_assert_cmpuint (low / 10, ==, pinned / 10);
  stood[0] = node_of (scene, middle)->y;
  stood[1] = node_of (scene, pinned)->y;
  pl_scene_pin (scene, node_of (scene, pinned)->id, 0);
  close_flow (flows, top);
  close_flow (flows, low);
  for (guint second = 0; second < 15; second++) /* it has faded, and keeps its place no longer */
    {
      update (scene, flows, now_us += SECOND_US);
      settle (scene, &now_us);
    }
  g_assert_cmpuint (count_holes (scene), ==, 0);
  g_assert_cmpfloat (node_of (scene, middle)->y, ==, stood[0]);
  g_assert_cmpfloat (node_of (scene, pinned)->y, ==, stood[1]);
  add_plain (flows, 100, apps[top / 10 % 10], 50009, 99, 22);
  update (scene, flows, now_us += SECOND_US);
  settle (scene, &now_us);
  g_assert_cmpfloat (node_of (scene, middle)->y, ==, stood[0]);
  g_assert_cmpfloat (node_of (scene, pinned)->y, ==, stood[1]);
  check_no_overlap (scene, 960);
  pl_scene_pin (scene, 0, 0); /* the pointer left: they stand together again */
  update (scene, flows, now_us += SECOND_US);
  settle (scene, &now_us);
  g_assert_cmpfloat (node_of (scene, pinned)->y, <, stood[1]);
  for (guint i = 0; i < 3; i++)
    pl_process_unref (apps[i]);
}

/* More width, or less, as when the details open: nobody stands higher or lower for it, in the midst of a move or not. */
static void
test_width_moves_nobody (void)
{
  for (guint seed = 0; seed < 20; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (8700 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GArray) was = NULL;
      gint64 now_us = SECOND_US;
      guint64 id;
      double y;

      pl_scene_set_size (scene, 1200, 18);
      synthetic_add (world, 60);
      update (scene, synthetic_get_flows (world), now_us);
      id = random_node (scene, random);
      pl_scene_pin (scene, id, 0);
      synthetic_add (world, 20);
      synthetic_remove (world, 10);
      update (scene, synthetic_get_flows (world), now_us += SECOND_US);
      pl_scene_tick (scene, now_us += 50000);
      was = remember (scene);
      y = pl_scene_find_node (scene, id)->y;
      pl_scene_set_width (scene, 820);
      g_assert_cmpfloat (check_order_kept (scene, was), ==, 0);
      g_assert_cmpfloat (pl_scene_find_node (scene, id)->y, ==, y);
      settle (scene, &now_us);
      check_no_overlap (scene, 820);
    }
}

/* What is pinned is not folded away, however quiet it is. */
static void
test_pinned_is_not_bundled (void)
{
  guint n_folded = 0;

  for (guint seed = 0; seed < 12; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (8500 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      GArray *flows = synthetic_get_flows (world);
      gint64 now_us = SECOND_US;
      guint64 id = 0, app_id = 0;
      guint n;
      const PlSceneNode *nodes;

      synthetic_add (world, 40);
      update (scene, flows, now_us);
      nodes = pl_scene_get_nodes (scene, &n);
      for (guint i = 0; i < n; i++)
        {
          if (nodes[i].lane == PL_LANE_REMOTE_PORT && nodes[i].role == PL_ROLE_SERVICE)
            id = nodes[i].id;
          if (nodes[i].lane == PL_LANE_APP)
            app_id = nodes[i].id;
        }
      for (guint i = 0; i < flows->len; i++) /* nobody is quieter than these */
        g_array_index (flows, PlModelFlow, i).rate_in = g_array_index (flows, PlModelFlow, i).flow.sent[0].bytes = 0;
      pl_scene_pin (scene, seed % 2 ? id : app_id, 0);
      synthetic_add (world, 3000);
      for (guint round = 0; round < 3; round++)
        update (scene, flows, now_us += 2 * SECOND_US);
      n_folded += scene->depth.level > 0;
      g_assert_nonnull (pl_scene_find_node (scene, seed % 2 ? id : app_id));
      check_sums (scene, flows);
    }
  g_assert_cmpuint (n_folded, >, 3);
}

static void
read_document (PlScene *scene, guint seed, gint64 *now_us)
{
  g_autoptr (Synthetic) world = synthetic_new (seed);

  for (guint round = 0; round < 3; round++)
    {
      synthetic_add (world, 5 + seed % 7 * 40);
      update (scene, synthetic_get_flows (world), *now_us += SECOND_US / 5);
    }
  pl_scene_settle (scene, *now_us);
  settle (scene, now_us);
}

/* Another document is laid out as if no other had been there, though something of that one was held. */
static void
test_other_document (void)
{
  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (PlScene) fresh = pl_scene_new (), used = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
      gint64 now_us = SECOND_US, fresh_us;
      guint n, n_used;
      const PlSceneNode *nodes, *used_nodes;

      read_document (used, 9100 + seed, &now_us);
      pl_scene_unfold (used, random_node (used, random));
      pl_scene_pin (used, random_node (used, random), 0);
      update (used, none, now_us += SECOND_US);
      pl_scene_clear (used);
      update (used, none, now_us += SECOND_US / 100);
      fresh_us = now_us;
      read_document (used, 9500 + seed, &now_us);
      read_document (fresh, 9500 + seed, &fresh_us);
      nodes = pl_scene_get_nodes (fresh, &n);
      used_nodes = pl_scene_get_nodes (used, &n_used);
      g_assert_cmpuint (n, ==, n_used);
      for (guint i = 0; i < n; i++)
        {
          g_assert_cmpstr (used_nodes[i].title, ==, nodes[i].title);
          g_assert_cmpfloat (used_nodes[i].y, ==, nodes[i].y);
          g_assert_cmpfloat (used_nodes[i].x, ==, nodes[i].x);
        }
    }
}

/* The kernel tells a server's sockets in an order of its own, and their owner one by one. */
static void
test_docks_stand_by_number (void)
{
  static const guint16 ports[] = { 8011, 80, 443, 8000, 22, 8080, 5432 };
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *server = synthetic_process ("server", "server", 10);
  gint64 now_us = SECOND_US;
  const PlSceneNode *nodes;
  guint n;

  pl_scene_set_size (scene, 960, 18);
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      add_dock (flows, server, ports[i], TRUE);
      update (scene, flows, now_us += SECOND_US);
      settle (scene, &now_us);
    }
  nodes = pl_scene_get_nodes (scene, &n);
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++)
      if (nodes[i].lane == PL_LANE_LOCAL_PORT && nodes[j].lane == PL_LANE_LOCAL_PORT && nodes[i].port < nodes[j].port)
        g_assert_cmpfloat (nodes[i].y, <, nodes[j].y);
  g_assert_cmpuint (n, ==, 1 + G_N_ELEMENTS (ports));
  pl_process_unref (server);
}

/* Who speaks comes above the ports that wait, also to a service that nobody spoke to before; they make room by a row. */
static void
test_newcomer_above_docks (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *server = synthetic_process ("server", "server", 10);
  gint64 now_us = SECOND_US;

  pl_scene_set_size (scene, 960, 18);
  for (guint i = 0; i < 6; i++)
    add_dock (flows, server, 8000 + i, TRUE);
  add_plain (flows, 1, server, 50000, 1, 443);
  update (scene, flows, now_us);
  pl_scene_settle (scene, now_us);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GArray) was = remember (scene);
      g_autoptr (GPtrArray) ports = NULL;

      add_plain (flows, 2 + i, server, 50001 + i, 2 + i, 5432 + i);
      update (scene, flows, now_us += SECOND_US);
      settle (scene, &now_us);
      g_assert_cmpfloat (check_order_kept (scene, was), <=, scene->metrics.card_height + scene->metrics.card_gap);
      ports = lane_nodes (scene, PL_LANE_LOCAL_PORT);
      for (guint j = 0; j < ports->len; j++)
        g_assert_cmpint ((((PlSceneNode *)ports->pdata[j])->flags & PL_SCENE_LISTENER) != 0, ==, j >= 2 + i);
    }
  pl_process_unref (server);
}

/* How many pairs of those that stayed from one update to the next stand the other way round. */
static guint
count_inversions (PlScene *scene, GArray *was)
{
  guint n = 0;

  for (guint i = 0; i < was->len; i++)
    for (guint j = i + 1; j < was->len && g_array_index (was, Was, j).lane == g_array_index (was, Was, i).lane; j++)
      {
        const PlSceneNode *above = pl_scene_find_node (scene, g_array_index (was, Was, i).id),
                          *below = pl_scene_find_node (scene, g_array_index (was, Was, j).id);

        n += above && below && above->target_y > below->target_y;
      }
  return n;
}

/* A hundred flows come and go a second, to the same few hosts, while of thirty apps always other five are there: nobody changes
 * sides with anybody, though whoever spoke to a host first has left. */
static void
test_churn_keeps_order (void)
{
  PlProcess *apps[30];
  guint n_left_behind = 0;

  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    {
      g_autofree char *name = g_strdup_printf ("app%u", i);

      apps[i] = synthetic_process (name, name, i + 1);
    }
  for (guint seed = 0; seed < property_rounds (20); seed++)
    {
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow)), was = NULL;
      gint64 now_us = SECOND_US;

      for (guint i = 0; i < 2000; i++)
        {
          guint app = (i / 200 + g_rand_int_range (random, 0, 5)) % G_N_ELEMENTS (apps);

          add_plain (flows, i + 1, apps[app], 40000 + i, g_rand_int_range (random, 1, 9), i % 3 ? 443 : 80);
          if (flows->len > 40)
            g_array_remove_index (flows, g_rand_int_range (random, 0, 20));
          if (i % 10 != 9)
            continue;
          update (scene, flows, now_us += SECOND_US / 10);
          if (was)
            g_assert_cmpuint (count_inversions (scene, was), ==, 0);
          if (i < 40) /* the first layout is over */
            pl_scene_settle (scene, now_us);
          g_clear_pointer (&was, g_array_unref);
          was = remember (scene);
        }
      check_no_overlap (scene, 960);
      for (guint i = 0; i < scene->bands->len; i++)
        n_left_behind += ((Band *)scene->bands->pdata[i])->lanes[PL_LANE_APP]->len == 0;
    }
  g_test_message ("%u times hosts stayed where an app had been", n_left_behind);
  g_assert_cmpuint (n_left_behind, >, 0); /* or it was too easy */
  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    pl_process_unref (apps[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/pinned-node-stays", test_pinned_node_stays);
  g_test_add_func ("/scene/pinned-edge-stays", test_pinned_edge_stays);
  g_test_add_func ("/scene/others-stay-too", test_others_stay_too);
  g_test_add_func ("/scene/width-moves-nobody", test_width_moves_nobody);
  g_test_add_func ("/scene/pinned-is-not-bundled", test_pinned_is_not_bundled);
  g_test_add_func ("/scene/other-document", test_other_document);
  g_test_add_func ("/scene/docks-stand-by-number", test_docks_stand_by_number);
  g_test_add_func ("/scene/newcomer-above-docks", test_newcomer_above_docks);
  g_test_add_func ("/scene/churn-keeps-order", test_churn_keeps_order);
  return g_test_run ();
}
