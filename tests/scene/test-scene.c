/* The scene's promises, over thousands of random worlds and updates: no overlap, order kept, bounded movement, sums
 * conserved, the same input gives the same output. */
#include <math.h>
#include <stdlib.h>

#include "bounds.h"
#include "scene-checks.h"
#include "scene-steps.h"
#include "synthetic.h"

/* Up to 40 flows come and up to 20 go at a time. */
static void
test_worlds (void)
{
  for (guint seed = 0; seed < property_rounds (400); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      double width = g_rand_int_range (random, 320, 2000);
      gint64 now_us = SECOND_US;

      pl_scene_set_size (scene, width, seed % 3 ? 18 : 36); /* text at 2x, too */
      for (guint round = 0; round < 8; round++)
        {
          g_autoptr (GArray) was = remember (scene);

          synthetic_add (world, g_rand_int_range (random, 0, 40));
          synthetic_remove (world, g_rand_int_range (random, 0, 20));
          synthetic_stir (world);
          update (scene, synthetic_get_flows (world), now_us);
          check_no_overlap (scene, width);
          check_sums (scene, synthetic_get_flows (world));
          check_lists (scene, synthetic_get_flows (world));
          check_order_kept (scene, was);
          if (round % 2)
            settle (scene, &now_us);
          now_us += g_rand_int_range (random, 50000, SECOND_US);
        }
      synthetic_remove (world, G_MAXUINT);
      update (scene, synthetic_get_flows (world), now_us);
      settle (scene, &now_us);
      update (scene, synthetic_get_flows (world), now_us += 40 * SECOND_US);
      settle (scene, &now_us);
      g_assert_cmpuint (scene->node_list->len, ==, 0);
      g_assert_cmpuint (scene->edge_list->len, ==, 0);
      g_assert_cmpuint (scene->bands->len, ==, 0);
      g_assert_cmpfloat (pl_scene_get_height (scene), ==, 0);
    }
}

/* One flow comes: nobody moves further than two rows (a row more for each that folding brings besides), most not at all;
 * none when it joins an edge that is there. */
static void
test_bounded_movement (void)
{
  double total = 0, worst = 0;
  guint n_moves = 0;

  for (guint seed = 0; seed < property_rounds (300); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (1000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      gint64 now_us = SECOND_US;

      synthetic_add (world, 10 + seed % 120);
      update (scene, synthetic_get_flows (world), now_us);
      settle (scene, &now_us);
      for (guint round = 0; round < 10; round++)
        {
          g_autoptr (GArray) was = remember (scene);
          double row = scene->metrics.card_height + scene->metrics.card_gap, furthest;
          guint n_edges = count_edges (scene);

          synthetic_add (world, 1);
          update (scene, synthetic_get_flows (world), now_us);
          furthest = check_order_kept (scene, was);
          if (count_edges (scene) == n_edges && count_newcomers (scene, was) == 0)
            g_assert_cmpfloat (furthest, ==, 0);
          g_assert_cmpfloat (furthest, <=, (1 + MAX (1, count_newcomers (scene, was))) * row);
          worst = MAX (worst, furthest);
          total += furthest;
          n_moves++;
          settle (scene, &now_us);
        }
    }
  g_test_message ("one new flow moves the furthest node by %.1f px on average, %.0f at worst", total / n_moves, worst);
}

/* As many come as go: holes are filled, so that most stand still. */
static void
test_churn_is_calm (void)
{
  double total = 0;
  guint n_rounds = 0;

  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (5000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      gint64 now_us = SECOND_US;

      synthetic_add (world, 80);
      update (scene, synthetic_get_flows (world), now_us);
      for (guint round = 0; round < 30; round++)
        {
          g_autoptr (GArray) was = remember (scene);
          double moved = 0;
          guint n = 0;

          synthetic_add (world, 1);
          synthetic_remove (world, 1);
          update (scene, synthetic_get_flows (world), now_us);
          settle (scene, &now_us);
          for (guint i = 0; i < was->len; i++)
            {
              const PlSceneNode *node = pl_scene_find_node (scene, g_array_index (was, Was, i).id);

              if (node)
                {
                  moved += fabs (node->target_y - g_array_index (was, Was, i).target_y);
                  n++;
                }
            }
          total += n > 0 ? moved / n : 0;
          n_rounds++;
          now_us += SECOND_US / 5;
        }
    }
  g_test_message ("mean move at one come, one gone: %.2f px", total / n_rounds);
  g_assert_cmpfloat (total / n_rounds, <, 14);
}

static void
test_same_input_same_output (void)
{
  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (2000 + seed);
      g_autoptr (PlScene) one = pl_scene_new (), other = pl_scene_new ();
      gint64 now_us = SECOND_US;

      for (guint round = 0; round < 6; round++)
        {
          synthetic_add (world, seed % 9 == 0 ? 400 : 25);
          synthetic_remove (world, 8);
          synthetic_stir (world);
          update (one, synthetic_get_flows (world), now_us);
          update (other, synthetic_get_flows (world), now_us);
          check_same (one, other);
          now_us += 70000;
          g_assert_cmpint (pl_scene_tick (one, now_us), ==, pl_scene_tick (other, now_us));
          check_same (one, other);
        }
      pl_scene_tidy (one, now_us);
      pl_scene_tidy (other, now_us);
      check_same (one, other);
    }
}

/* Nothing changed: nothing moves, and nothing asks for another frame. */
static void
test_rest (void)
{
  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (3000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) was = NULL;
      gint64 now_us = SECOND_US;

      synthetic_add (world, seed % 7 == 0 ? 1500 : 60);
      update (scene, synthetic_get_flows (world), now_us);
      g_assert_false (pl_scene_tick (scene, now_us)); /* the first layout is simply there */
      was = remember (scene);
      for (guint round = 0; round < 5; round++)
        {
          update (scene, synthetic_get_flows (world), now_us += SECOND_US);
          g_assert_cmpfloat (check_order_kept (scene, was), ==, 0);
          g_assert_cmpuint (count_newcomers (scene, was), ==, 0);
          g_assert_false (pl_scene_tick (scene, now_us += 16000));
        }
    }
}

static void
test_folding (void)
{
  static const guint sizes[] = { 250, 500, 2000, 5000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint seed = 0; seed < 4; seed++)
      {
        g_autoptr (Synthetic) world = synthetic_new (4000 + seed);
        g_autoptr (PlScene) scene = pl_scene_new ();
        gint64 now_us = SECOND_US;
        guint n_edges, n_nodes;

        synthetic_add (world, sizes[i]);
        update (scene, synthetic_get_flows (world), now_us);
        check_sums (scene, synthetic_get_flows (world));
        check_no_overlap (scene, 960);
        pl_scene_get_edges (scene, &n_edges);
        pl_scene_get_nodes (scene, &n_nodes);
        g_test_message ("%u flows: %u edges, %u nodes, level %u, %.0f px, %u folded", sizes[i], n_edges, n_nodes,
                        scene->depth.level, pl_scene_get_height (scene), pl_scene_get_n_folded (scene));
        g_assert_cmpuint (n_edges, <=, PL_LIMIT_SCENE_EDGES);
        /* It folds back when they go. */
        synthetic_remove (world, sizes[i] - 40);
        for (guint round = 0; round < 4; round++)
          {
            update (scene, synthetic_get_flows (world), now_us += 6 * SECOND_US);
            check_sums (scene, synthetic_get_flows (world));
            settle (scene, &now_us);
          }
        g_assert_cmpuint (scene->depth.level, ==, 0);
      }
}

/* Whether no known app stands above another that is more than four times as busy. */
static gboolean
is_busiest_first (PlScene *scene)
{
  g_autoptr (GPtrArray) apps = lane_nodes (scene, PL_LANE_APP);
  double least = G_MAXDOUBLE;

  for (guint i = 0; i < apps->len; i++)
    {
      const Node *app = scene_get_node (scene, ((PlSceneNode *)apps->pdata[i])->id);

      if (app->state != STATE_LIVE || (app->pub.flags & PL_SCENE_UNKNOWN_APP) || app->key.kind == KEY_OTHERS)
        continue;
      if (app->score > 4 * least)
        return FALSE;
      least = MIN (least, app->score);
    }
  return TRUE;
}

/* The first layout is sorted by who is busy, and so is that of a document which came in pieces, once it is whole; what
 * anybody pinned or arranged meanwhile stays. */
static void
test_first_layout (void)
{
  guint n_unsorted = 0;

  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (7500 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) was = NULL;
      gint64 now_us = SECOND_US;

      for (guint round = 0; round < 6; round++)
        {
          synthetic_add (world, 1 + seed * 2);
          update (scene, synthetic_get_flows (world), now_us += SECOND_US / 5);
          g_assert_true (round > 0 || is_busiest_first (scene));
        }
      n_unsorted += !is_busiest_first (scene);
      settle (scene, &now_us);
      was = remember (scene);
      if (seed % 2)
        pl_scene_pin (scene, g_array_index (was, Was, 0).id, 0);
      pl_scene_settle (scene, now_us);
      if (seed % 2)
        g_assert_cmpfloat (check_order_kept (scene, was), ==, 0);
      else
        g_assert_true (is_busiest_first (scene));
      settle (scene, &now_us);
      check_no_overlap (scene, 960);
      check_sums (scene, synthetic_get_flows (world));
    }
  g_test_message ("%u pictures that came in pieces were not sorted before", n_unsorted);
  g_assert_cmpuint (n_unsorted, >, 10); /* or it was too easy */
}

/* Puts 50,000 flows in as they come from a file, a few first. Returns whether that left the apps unsorted. */
static gboolean
read_large_document (PlScene *scene, Synthetic *world, gint64 *now_us)
{
  for (guint round = 0; round < 5; round++)
    {
      synthetic_add (world, round == 0 ? 8 : 12498);
      update (scene, synthetic_get_flows (world), *now_us += SECOND_US / 5);
    }
  g_assert_cmpuint (synthetic_get_flows (world)->len, ==, 50000);
  return !is_busiest_first (scene);
}

/* So is a large file that comes in pieces; once it is sorted, nothing is left to be sorted. */
static void
test_large_document (void)
{
  guint n_unsorted = 0;

  for (guint seed = 1; seed <= 5; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) was = NULL;
      gint64 now_us = SECOND_US;
      guint n_nodes;

      n_unsorted += read_large_document (scene, world, &now_us);
      pl_scene_settle (scene, now_us);
      g_assert_true (is_busiest_first (scene));
      settle (scene, &now_us);
      check_no_overlap (scene, 960);
      check_sums (scene, synthetic_get_flows (world));
      pl_scene_get_nodes (scene, &n_nodes);
      g_assert_cmpuint (n_nodes, <, 1000); /* a widget each */
      was = remember (scene);
      pl_scene_settle (scene, now_us);
      settle (scene, &now_us);
      g_assert_cmpfloat (check_order_kept (scene, was), ==, 0);
    }
  g_assert_cmpuint (n_unsorted, >, 0); /* or it was too easy */
}

/* Thirty small apps come first, then a browser with two hundred flows, as sockets are told of: @pause_us between them. Returns
 * where the browser stands, px. */
static double
place_of_browser (gint64 pause_us, gboolean is_pinned)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow)), was = NULL;
  g_autoptr (GPtrArray) apps = g_ptr_array_new_with_free_func ((GDestroyNotify)pl_process_unref);
  gint64 now_us = SECOND_US;
  double moved;

  pl_scene_set_room (scene, 600);
  for (guint i = 0; i < 31; i++)
    {
      g_autofree char *key = g_strdup_printf ("app:%u", i);

      g_ptr_array_add (apps, synthetic_process (i < 30 ? key + 4 : "browser", key, 100 + i));
    }
  for (guint i = 0; i < 30; i++)
    add_plain (flows, i + 1, apps->pdata[i], 40000 + i, i, 443);
  update (scene, flows, now_us);
  settle (scene, &now_us);
  was = remember (scene);
  if (is_pinned)
    pl_scene_pin (scene, g_array_index (was, Was, 0).id, 0);
  for (guint i = 0; i < 200; i++)
    add_plain (flows, 31 + i, apps->pdata[30], 50000 + i, 100 + i % 20, i % 3 ? 443 : 80);
  update (scene, flows, now_us += pause_us);
  settle (scene, &now_us);
  moved = is_pinned || pause_us > SCENE_FILL_US ? check_order_kept (scene, was) : 0;
  g_assert_cmpfloat (moved, <=, pause_us > SCENE_FILL_US ? 5 * 58 : 1e6);
  check_no_overlap (scene, 960);
  return find_title (scene, PL_LANE_APP, "browser")->target_y;
}

static void
test_late_browser (void)
{
  g_assert_cmpfloat (place_of_browser (SECOND_US / 2, FALSE), <, 300);
  g_assert_cmpfloat (place_of_browser (SECOND_US / 2, TRUE), >, 600); /* somebody looks at what is there */
  g_assert_cmpfloat (place_of_browser (10 * SECOND_US, FALSE), >, 600);
}

static gboolean
is_idle (PlScene *scene, const Node *node)
{
  for (guint i = 0; i < node->n_edges; i++)
    {
      const Edge *edge = scene->adjacency->pdata[node->first_edge + i];

      if (edge->node[PL_LANE_REMOTE_PORT] || edge->node[PL_LANE_ENDPOINT])
        return FALSE;
    }
  return TRUE;
}

/* Ports that wait for callers stand below their app's others, by number. */
static void
check_idle_last (PlScene *scene)
{
  for (guint i = 0; i < scene->bands->len; i++)
    {
      const GPtrArray *ports = ((Band *)scene->bands->pdata[i])->lanes[PL_LANE_LOCAL_PORT];

      for (guint j = 1; j < ports->len; j++)
        if (is_idle (scene, ports->pdata[j - 1]))
          {
            g_assert_true (is_idle (scene, ports->pdata[j]));
            g_assert_cmpuint (((Node *)ports->pdata[j - 1])->pub.port, <=, ((Node *)ports->pdata[j])->pub.port);
          }
    }
}

static void
test_tidy (void)
{
  for (guint seed = 0; seed < property_rounds (100); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (6000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      gint64 now_us = SECOND_US;
      guint before;

      for (guint round = 0; round < 6; round++)
        {
          synthetic_add (world, 15);
          synthetic_remove (world, 5);
          update (scene, synthetic_get_flows (world), now_us += SECOND_US);
          settle (scene, &now_us);
        }
      before = is_busiest_first (scene) ? pl_scene_count_crossings (scene) : G_MAXUINT;
      pl_scene_tidy (scene, now_us);
      g_assert_cmpuint (pl_scene_count_crossings (scene), <=, before);
      g_assert_true (is_busiest_first (scene));
      check_idle_last (scene);
      settle (scene, &now_us);
      check_no_overlap (scene, 960);
      check_sums (scene, synthetic_get_flows (world));
    }
}

/* Whoever sees the top of a tall band sees whose it is. */
static void
test_head (void)
{
  double tallest = 0;

  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (7000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();

      synthetic_add (world, 20 + seed % 13 * 20);
      update (scene, synthetic_get_flows (world), SECOND_US);
      for (guint i = 0; i < scene->bands->len; i++)
        {
          const Band *band = scene->bands->pdata[i];
          const Node *app = band->lanes[PL_LANE_APP]->len > 0 ? band->lanes[PL_LANE_APP]->pdata[0] : NULL;
          double first = G_MAXDOUBLE;

          tallest = MAX (tallest, band->height);
          for (guint j = 0; app && j < app->n_edges; j++)
            {
              const Node *port = ((Edge *)scene->adjacency->pdata[app->first_edge + j])->node[PL_LANE_LOCAL_PORT];

              if (port && port->band == band)
                first = MIN (first, scene_node_middle (port));
            }
          if (app)
            g_assert_cmpfloat (scene_node_middle (app) - first, <=, 300); /* 200 from those of the tallest lane */
        }
    }
  g_assert_cmpfloat (tallest, >, 1000); /* or it was too easy */
}

/* ---- single stories ---- */

static void
test_ports_merge_in_place (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  double y;
  guint64 edge;
  guint n;
  gint64 now_us = SECOND_US;

  add_plain (flows, 1, app, 51514, 34, 443);
  add_plain (flows, 2, app, 50000, 35, 443);
  update (scene, flows, now_us);
  y = find_title (scene, PL_LANE_LOCAL_PORT, ":51514")->target_y;
  edge = pl_scene_flow_edge (scene, 1);
  add_plain (flows, 3, app, 51516, 34, 443);
  update (scene, flows, now_us);
  g_assert_null (find_title (scene, PL_LANE_LOCAL_PORT, ":51514"));
  g_assert_cmpfloat (find_title (scene, PL_LANE_LOCAL_PORT, "2 dynamic")->target_y, ==, y);
  g_assert_cmpfloat (find_title (scene, PL_LANE_LOCAL_PORT, "2 dynamic")->opacity, ==, 1);
  g_assert_cmpuint (pl_scene_flow_edge (scene, 3), ==, edge);
  g_assert_cmpuint (pl_scene_get_n_folded (scene), ==, 2);
  /* A port of the other range is a line and a chip of its own. */
  add_plain (flows, 4, app, 40000, 34, 443);
  update (scene, flows, now_us);
  g_assert_cmpint (find_title (scene, PL_LANE_LOCAL_PORT, ":40000")->range, ==, PL_RANGE_REGISTERED);
  g_assert_cmpuint (pl_scene_flow_edge (scene, 4), !=, edge);
  /* Unfolded, all three stand alone; folded again, two merge. */
  g_assert_true (pl_scene_unfold (scene, find_title (scene, PL_LANE_LOCAL_PORT, "2 dynamic")->id));
  g_assert_false (pl_scene_unfold (scene, find_title (scene, PL_LANE_LOCAL_PORT, ":40000")->id));
  update (scene, flows, now_us);
  settle (scene, &now_us);
  g_assert_nonnull (find_title (scene, PL_LANE_LOCAL_PORT, ":51514"));
  g_assert_nonnull (find_title (scene, PL_LANE_LOCAL_PORT, ":51516"));
  pl_scene_get_edges (scene, &n);
  g_assert_cmpuint (n, ==, 4);
  pl_scene_fold_all (scene);
  update (scene, flows, now_us);
  settle (scene, &now_us);
  pl_scene_get_edges (scene, &n);
  g_assert_cmpuint (n, ==, 3);
  pl_process_unref (app);
}

/* What is left of a bundle is no bundle, though those that ended fade in it: it is a port, and says which. */
static void
test_last_port_says_which (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  const PlSceneNode *chip;
  guint64 id;

  for (guint i = 0; i < 3; i++)
    add_plain (flows, 1 + i, app, 50000 + i, 34, 443);
  update (scene, flows, SECOND_US);
  id = find_title (scene, PL_LANE_LOCAL_PORT, "3 dynamic")->id;
  g_array_index (flows, PlModelFlow, 0).is_gone = g_array_index (flows, PlModelFlow, 2).is_gone = TRUE;
  update (scene, flows, 2 * SECOND_US);
  chip = pl_scene_find_node (scene, id);
  g_assert_cmpstr (chip->title, ==, ":50001");
  g_assert_cmpuint (chip->port, ==, 50001);
  g_assert_cmpuint (chip->n_flows, ==, 3);
  g_assert_cmpuint (chip->flags & PL_SCENE_BUNDLE, ==, 0);
  g_assert_false (pl_scene_unfold (scene, id));
  /* The same flows again: nothing has changed. */
  update (scene, flows, 3 * SECOND_US);
  g_assert_cmpstr (pl_scene_find_node (scene, id)->title, ==, ":50001");
  add_plain (flows, 4, app, 50009, 34, 443);
  update (scene, flows, 4 * SECOND_US);
  chip = pl_scene_find_node (scene, id);
  g_assert_cmpstr (chip->title, ==, "2 dynamic");
  g_assert_cmpuint (chip->port, ==, 0);
  for (guint i = 0; i < 4; i++)
    g_array_index (flows, PlModelFlow, i).is_gone = TRUE;
  update (scene, flows, 5 * SECOND_US);
  g_assert_cmpstr (pl_scene_find_node (scene, id)->title, ==, "4 dynamic");
  pl_process_unref (app);
}

static void
test_gone_fade_where_they_stood (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  gint64 now_us = SECOND_US;
  double y, opacity = 1;
  guint64 id;

  for (guint i = 0; i < 5; i++)
    add_plain (flows, 1 + i, app, 50000 + i, 30 + i, 443);
  update (scene, flows, now_us);
  id = find_title (scene, PL_LANE_LOCAL_PORT, ":50002")->id;
  y = pl_scene_find_node (scene, id)->y;
  g_array_remove_index (flows, 2);
  update (scene, flows, now_us);
  for (guint i = 0; i < 10 && pl_scene_find_node (scene, id); i++)
    {
      g_assert_cmpfloat (pl_scene_find_node (scene, id)->y, ==, y);
      g_assert_cmpfloat (pl_scene_find_node (scene, id)->opacity, <=, opacity);
      opacity = pl_scene_find_node (scene, id)->opacity;
      pl_scene_tick (scene, now_us += 50000);
    }
  g_assert_null (pl_scene_find_node (scene, id));
  g_assert_cmpuint (count_holes (scene), ==, 2); /* its chip and its endpoint */
  /* The next one takes the hole, and nobody else moves. */
  {
    g_autoptr (GArray) was = remember (scene);

    add_plain (flows, 9, app, 50009, 99, 443);
    update (scene, flows, now_us);
    g_assert_cmpfloat (check_order_kept (scene, was), ==, 0);
    g_assert_cmpfloat (find_title (scene, PL_LANE_LOCAL_PORT, ":50009")->y, ==, y);
  }
  pl_process_unref (app);
}

static void
test_reduced_motion (void)
{
  g_autoptr (Synthetic) world = synthetic_new (11);
  g_autoptr (PlScene) scene = pl_scene_new ();
  guint n;
  const PlSceneNode *nodes;

  pl_scene_set_animated (scene, FALSE);
  for (guint round = 0; round < 5; round++)
    {
      synthetic_add (world, 20);
      synthetic_remove (world, 10);
      update (scene, synthetic_get_flows (world), (round + 1) * SECOND_US);
      g_assert_false (pl_scene_tick (scene, (round + 1) * SECOND_US));
      nodes = pl_scene_get_nodes (scene, &n);
      for (guint i = 0; i < n; i++)
        g_assert_cmpfloat (nodes[i].y, ==, nodes[i].target_y);
    }
}

/* The desktop of the design pictures, through a real model. */
static void
test_desktop (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (PlScene) scene = pl_scene_new ();
  const PlSceneNode *node;
  const PlSceneEdge *edges;
  guint n, n_failed = 0, n_inbound = 0, n_docks = 0;
  double x, y;

  synthetic_desktop (model);
  pl_model_commit (model, SECOND_US);
  pl_scene_update (scene, model, SECOND_US);
  node = find_title (scene, PL_LANE_APP, "Firefox");
  g_assert_cmpuint (node->n_flows, ==, 19);
  g_assert_true (g_str_has_prefix (node->subtitle, "19 flows"));
  node = find_title (scene, PL_LANE_LOCAL_PORT, ":8080");
  g_assert_true (node->flags & PL_SCENE_LISTENER);
  g_assert_cmpint (node->scope, ==, PL_SCOPE_UNSPECIFIED);
  g_assert_cmpint (node->role, ==, PL_ROLE_LISTENING);
  g_assert_cmpstr (find_title (scene, PL_LANE_APP, "curl")->subtitle, ==, "failed: refused");
  g_assert_nonnull (find_title (scene, PL_LANE_ENDPOINT, "localhost"));
  g_assert_cmpstr (find_title (scene, PL_LANE_REMOTE_PORT, ":993")->subtitle, ==, "imaps");
  g_assert_nonnull (find_title (scene, PL_LANE_LOCAL_PORT, "4 registered"));
  edges = pl_scene_get_edges (scene, &n);
  for (guint i = 0; i < n; i++)
    {
      n_failed += pl_scene_edge_cross (scene, &edges[i], &x, &y);
      n_inbound += (edges[i].flags & PL_SCENE_INBOUND) != 0;
      n_docks += (edges[i].flags & PL_SCENE_LISTENER) != 0;
    }
  g_assert_cmpuint (n_failed, ==, 1);
  g_assert_cmpuint (n_inbound, ==, 1);
  g_assert_cmpuint (n_docks, ==, 1);
}

/* An endpoint seen before its app was known does not stay behind in the unknown app's band. */
static void
test_endpoint_follows_its_app (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *known = synthetic_process ("Browser", "browser", 1), *found = synthetic_process ("Mail", "mail", 2);
  gint64 now_us = SECOND_US;
  double app_y, endpoint_y, stood;

  add_plain (flows, 1, known, 50001, 31, 443);
  update (scene, flows, now_us);
  for (guint i = 0; i < 6; i++)
    add_plain (flows, 2 + i, NULL, 50100 + i, 100 + i, 6000 + i);
  update (scene, flows, now_us += SECOND_US);
  stood = find_title (scene, PL_LANE_ENDPOINT, "93.184.216.105")->target_y;
  g_array_index (flows, PlModelFlow, flows->len - 1).app = found;
  g_array_index (flows, PlModelFlow, flows->len - 1).app_confidence = PL_CONFIDENCE_EXACT;
  update (scene, flows, now_us += SECOND_US);
  app_y = find_title (scene, PL_LANE_APP, "Mail")->target_y;
  endpoint_y = find_title (scene, PL_LANE_ENDPOINT, "93.184.216.105")->target_y;
  g_assert_cmpfloat (fabs (endpoint_y - app_y), <, 50);
  g_assert_cmpfloat (fabs (endpoint_y - stood), >, 50);
  pl_process_unref (known);
  pl_process_unref (found);
}

static guint
count_apps (PlScene *scene, const char *title, guint flags)
{
  g_autoptr (GPtrArray) apps = lane_nodes (scene, PL_LANE_APP);
  guint n = 0;

  for (guint i = 0; i < apps->len; i++)
    {
      const PlSceneNode *app = apps->pdata[i];

      n += g_str_equal (app->title, title) && (app->flags & flags) == flags && app->opacity > 0;
    }
  return n;
}

static double
top_of (PlScene *scene)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);
  double top = G_MAXDOUBLE;

  for (guint i = 0; i < n; i++)
    top = MIN (top, nodes[i].target_y);
  return top;
}

/* Three processes of one app are one node that says so; split it is three, side by side, and any of them folds all again. */
static void
test_processes_of_an_app (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *parts[3], *other = synthetic_process ("Mail", "mail", 20), *first;
  gint64 now_us = SECOND_US;
  double top;
  guint64 id;

  for (guint i = 0; i < 3; i++)
    parts[i] = synthetic_process ("Browser", "browser", 10 + i);
  for (guint i = 0; i < 3; i++)
    add_plain (flows, 1 + i, parts[i], 50001 + i, 31, 443);
  add_plain (flows, 4, other, 50100, 31, 443);
  first = synthetic_process ("Browser", "browser", 10); /* the same one, read anew */
  add_plain (flows, 5, first, 50200, 31, 443);
  update (scene, flows, now_us);
  id = find_title (scene, PL_LANE_APP, "Browser")->id;
  g_assert_cmpuint (find_title (scene, PL_LANE_APP, "Browser")->n_processes, ==, 3);
  g_assert_cmpuint (count_apps (scene, "Browser", PL_SCENE_MANY), ==, 1);
  g_assert_false (pl_scene_split_app (scene, id, FALSE));
  g_assert_false (pl_scene_split_app (scene, find_title (scene, PL_LANE_APP, "Mail")->id, TRUE));

  top = top_of (scene);
  g_assert_true (pl_scene_split_app (scene, id, TRUE));
  update (scene, flows, now_us += SECOND_US);
  settle (scene, &now_us);
  update (scene, flows, now_us += SECOND_US);
  g_assert_cmpuint (count_apps (scene, "Browser", PL_SCENE_PROCESS), ==, 3);
  g_assert_cmpuint (count_apps (scene, "Browser", 0), ==, 3);
  check_sums (scene, flows);
  check_lists (scene, flows);
  check_no_overlap (scene, 960);
  g_assert_nonnull (strstr (find_title (scene, PL_LANE_APP, "Browser")->subtitle, "pid 1"));
  g_assert_cmpfloat (top_of (scene), <=, top); /* where the whole app was is no gap */
  {
    g_autoptr (GPtrArray) apps = lane_nodes (scene, PL_LANE_APP);
    guint at = 0;

    while (!g_str_equal (((PlSceneNode *)apps->pdata[at])->title, "Browser"))
      at++;
    for (guint i = 1; i < 3; i++)
      g_assert_cmpstr (((PlSceneNode *)apps->pdata[at + i])->title, ==, "Browser");
  }

  g_assert_true (pl_scene_split_app (scene, find_title (scene, PL_LANE_APP, "Browser")->id, FALSE));
  update (scene, flows, now_us += SECOND_US);
  settle (scene, &now_us);
  update (scene, flows, now_us += SECOND_US);
  g_assert_cmpuint (count_apps (scene, "Browser", PL_SCENE_MANY), ==, 1);
  g_assert_cmpuint (count_apps (scene, "Browser", 0), ==, 1);
  check_sums (scene, flows);
  pl_process_unref (first);
  pl_process_unref (other);
  for (guint i = 0; i < 3; i++)
    pl_process_unref (parts[i]);
}

/* However narrow the window and however large its text: a chip has room for a port of five digits beside its mark. */
static void
test_narrowest (void)
{
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (PlScene) scene = pl_scene_new ();

  synthetic_desktop (model);
  for (double line = 14; line <= 40; line += 2)
    {
      double x, width;

      pl_scene_set_size (scene, 350, line);
      pl_scene_update (scene, model, SECOND_US);
      pl_scene_get_lane (scene, PL_LANE_LOCAL_PORT, &x, &width);
      g_assert_cmpfloat (width, >=, 80 * line / 18);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/worlds", test_worlds);
  g_test_add_func ("/scene/bounded-movement", test_bounded_movement);
  g_test_add_func ("/scene/churn-is-calm", test_churn_is_calm);
  g_test_add_func ("/scene/same-input-same-output", test_same_input_same_output);
  g_test_add_func ("/scene/rest", test_rest);
  g_test_add_func ("/scene/folding", test_folding);
  g_test_add_func ("/scene/tidy", test_tidy);
  g_test_add_func ("/scene/head", test_head);
  g_test_add_func ("/scene/first-layout", test_first_layout);
  g_test_add_func ("/scene/large-document", test_large_document);
  g_test_add_func ("/scene/late-browser", test_late_browser);
  g_test_add_func ("/scene/ports-merge-in-place", test_ports_merge_in_place);
  g_test_add_func ("/scene/last-port-says-which", test_last_port_says_which);
  g_test_add_func ("/scene/gone-fade-where-they-stood", test_gone_fade_where_they_stood);
  g_test_add_func ("/scene/reduced-motion", test_reduced_motion);
  g_test_add_func ("/scene/desktop", test_desktop);
  g_test_add_func ("/scene/processes-of-an-app", test_processes_of_an_app);
  g_test_add_func ("/scene/endpoint-follows-its-app", test_endpoint_follows_its_app);
  g_test_add_func ("/scene/narrowest", test_narrowest);
  return g_test_run ();
}
