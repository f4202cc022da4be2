/* Unfolding by hand: a line or a bundle becomes what it stands for and nothing else does, it folds again from any of its
 * parts, and all that holds of a scene holds meanwhile. */
#include "bounds.h"
#include "scene-checks.h"
#include "scene-steps.h"
#include "synthetic.h"

static void
settled (PlScene *scene, GArray *flows, gint64 *now_us)
{
  update (scene, flows, *now_us += SECOND_US);
  settle (scene, now_us);
  update (scene, flows, *now_us += SECOND_US);
  check_sums (scene, flows);
  check_lists (scene, flows);
}

static guint
count_lane (PlScene *scene, PlLane lane)
{
  guint n, n_lane = 0;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = 0; i < n; i++)
    n_lane += nodes[i].lane == lane;
  return n_lane;
}

static const PlSceneEdge *
edge_of (PlScene *scene, guint64 flow_id)
{
  guint64 id = pl_scene_flow_edge (scene, flow_id);
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n);

  for (guint i = 0; i < n; i++)
    if (edges[i].id == id)
      return &edges[i];
  g_assert_not_reached ();
}

/* A line ×5 becomes five lines of one flow, the other line stays; and one again from any of the five. */
static void
test_line (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  gint64 now_us = SECOND_US;

  for (guint i = 0; i < 5; i++)
    add_plain (flows, 1 + i, app, 50000 + i, 34, 443);
  for (guint i = 0; i < 3; i++)
    add_plain (flows, 11 + i, app, 50100 + i, 35, 443);
  settled (scene, flows, &now_us);
  g_assert_cmpuint (count_edges (scene), ==, 2);
  g_assert_cmpuint (edge_of (scene, 1)->n_flows, ==, 5);
  g_assert_false (pl_scene_fold (scene, edge_of (scene, 1)->id));
  g_assert_true (pl_scene_can_unfold (scene, edge_of (scene, 1)->id));
  g_assert_true (pl_scene_unfold (scene, edge_of (scene, 1)->id));
  settled (scene, flows, &now_us);
  g_assert_cmpuint (count_edges (scene), ==, 6);
  g_assert_cmpuint (edge_of (scene, 11)->n_flows, ==, 3);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpuint (edge_of (scene, 1 + i)->n_flows, ==, 1);
      g_assert_true (edge_of (scene, 1 + i)->flags & PL_SCENE_UNFOLDED);
    }
  g_assert_true (find_title (scene, PL_LANE_LOCAL_PORT, ":50003")->flags & PL_SCENE_UNFOLDED);
  g_assert_false (edge_of (scene, 11)->flags & PL_SCENE_UNFOLDED);
  g_assert_false (pl_scene_can_unfold (scene, edge_of (scene, 1)->id));
  /* a sixth joins those that are shown */
  add_plain (flows, 6, app, 50005, 34, 443);
  settled (scene, flows, &now_us);
  g_assert_cmpuint (edge_of (scene, 6)->n_flows, ==, 1);
  g_assert_true (pl_scene_fold (scene, edge_of (scene, 4)->id));
  settled (scene, flows, &now_us);
  g_assert_cmpuint (count_edges (scene), ==, 2);
  g_assert_cmpuint (edge_of (scene, 1)->n_flows, ==, 6);
  g_assert_false (pl_scene_has_unfolded (scene));
  pl_process_unref (app);
}

/* The bundle of @lane that stands for most flows; NULL when there is none. */
static const PlSceneNode *
largest_bundle (PlScene *scene, PlLane lane)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n), *most = NULL;

  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == lane && (nodes[i].flags & PL_SCENE_BUNDLE)
        && (most == NULL || nodes[i].n_flows > most->n_flows))
      most = &nodes[i];
  return most;
}

static guint64
any_unfolded (PlScene *scene, PlLane lane)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = n; i-- > 0;)
    if (nodes[i].lane == lane && (nodes[i].flags & PL_SCENE_UNFOLDED))
      return nodes[i].id;
  return 0;
}

static void
count_lanes (PlScene *scene, guint n[PL_N_LANES])
{
  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    n[lane] = count_lane (scene, lane);
}

/* Of thousands of flows only the clicked bundle's lane grows, by no more than one step; the line to it as well. */
static void
test_only_what_was_clicked (void)
{
  for (guint seed = 0; seed < 6; seed++)
    for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
      {
        g_autoptr (Synthetic) world = synthetic_new (15000 + seed);
        g_autoptr (PlScene) scene = pl_scene_new ();
        GArray *flows = synthetic_get_flows (world);
        guint before[PL_N_LANES], after[PL_N_LANES];
        const PlSceneNode *bundle;
        gint64 now_us = SECOND_US;

        synthetic_add (world, 5000);
        settled (scene, flows, &now_us);
        count_lanes (scene, before);
        bundle = largest_bundle (scene, lane);
        g_assert_nonnull (bundle);
        g_assert_true (pl_scene_unfold (scene, bundle->id));
        settled (scene, flows, &now_us);
        count_lanes (scene, after);
        for (PlLane other = PL_LANE_APP; other < PL_N_LANES; other++)
          if (other != lane)
            g_assert_cmpuint (after[other], ==, before[other]);
        g_assert_cmpuint (after[lane], >, before[lane]);
        g_assert_cmpuint (after[lane], <=, before[lane] + PL_SCENE_UNFOLD_STEP);
        g_assert_true (pl_scene_fold (scene, any_unfolded (scene, lane)));
        settled (scene, flows, &now_us);
        count_lanes (scene, after);
        g_assert_cmpmem (after, sizeof after, before, sizeof before);
      }
}

/* Anything that can be is unfolded and folded at random, while flows come and go: sums, order and places hold, nobody moves
 * further than what came pushes it, and with all folded again it is as if nobody had. */
static void
check_round (PlScene *scene, GArray *flows, gint64 *now_us)
{
  g_autoptr (GArray) was = remember (scene);
  double row = scene->metrics.card_height + scene->metrics.card_gap + scene->metrics.band_gap, furthest;
  guint n_before = count_edges (scene), n_holes = count_holes (scene); /* that may close */

  update (scene, flows, *now_us += SECOND_US / 4);
  check_sums (scene, flows);
  check_lists (scene, flows);
  check_no_overlap (scene, scene->width);
  furthest = check_order_kept (scene, was);
  if (count_edges (scene) == n_before && count_newcomers (scene, was) == 0 && n_holes == 0)
    g_assert_cmpfloat (furthest, ==, 0);
  g_assert_cmpfloat (furthest, <=, (1 + MAX (1, count_newcomers (scene, was)) + n_holes) * row);
  settle (scene, now_us);
}

static void
stir_folds (PlScene *scene, GRand *random)
{
  guint n_nodes, n_edges;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n_edges);
  guint64 id = g_rand_boolean (random) ? edges[g_rand_int_range (random, 0, n_edges)].id
                                       : nodes[g_rand_int_range (random, 0, n_nodes)].id;
  gboolean could = pl_scene_can_unfold (scene, id);

  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      pl_scene_fold (scene, id);
      break;
    case 1:
      pl_scene_unfold_passing (scene, id);
      break;
    default:
      g_assert_cmpint (pl_scene_unfold (scene, id), ==, could);
    }
}

static void
test_random_unfolding (void)
{
  for (guint seed = 0; seed < property_rounds (60); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (16000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      GArray *flows = synthetic_get_flows (world);
      gint64 now_us = SECOND_US;

      pl_scene_set_size (scene, seed % 3 ? 960 : 400, 18);
      synthetic_add (world, seed % 10 == 9 ? 900 : 20 + 3 * (seed % 40));
      update (scene, flows, now_us);
      for (guint round = 0; round < 12; round++)
        {
          stir_folds (scene, random);
          check_round (scene, flows, &now_us);
          synthetic_add (world, 1);
          check_round (scene, flows, &now_us);
          synthetic_remove (world, 1);
          check_round (scene, flows, &now_us);
        }
      pl_scene_fold_all (scene);
      check_round (scene, flows, &now_us);
      for (guint i = 0; i < scene->fine_list->len; i++)
        g_assert_false (scene_is_asked_port (scene->fine_list->pdata[i]));
    }
}

/* Each step of unfolding and folding can be taken back, in any number. */
static void
test_taken_back (void)
{
  for (guint seed = 0; seed < 10; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (17000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GPtrArray) past = g_ptr_array_new_with_free_func ((GDestroyNotify)pl_scene_folds_free);
      g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (guint));
      GArray *flows = synthetic_get_flows (world);
      gint64 now_us = SECOND_US;

      synthetic_add (world, 150);
      settled (scene, flows, &now_us);
      for (guint i = 0; i < 8; i++)
        {
          guint n = count_edges (scene);

          g_ptr_array_add (past, pl_scene_copy_folds (scene));
          g_array_append_val (edges, n);
          stir_folds (scene, random);
          settled (scene, flows, &now_us);
        }
      for (guint i = past->len; i-- > 0;)
        {
          pl_scene_set_folds (scene, past->pdata[i]);
          settled (scene, flows, &now_us);
          g_assert_cmpuint (count_edges (scene), ==, g_array_index (edges, guint, i));
        }
      g_assert_false (pl_scene_has_unfolded (scene));
    }
}

/* What is shown as long as somebody looks closely folds when they no longer do; what was unfolded by hand stays. */
static void
test_passing (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  gint64 now_us = SECOND_US;

  for (guint i = 0; i < 4; i++)
    {
      add_plain (flows, 1 + i, app, 50000 + i, 34, 443);
      add_plain (flows, 11 + i, app, 50100 + i, 35, 443);
    }
  settled (scene, flows, &now_us);
  g_assert_true (pl_scene_unfold_passing (scene, edge_of (scene, 1)->id));
  g_assert_true (pl_scene_unfold (scene, edge_of (scene, 11)->id));
  settled (scene, flows, &now_us);
  g_assert_cmpuint (count_edges (scene), ==, 8);
  g_assert_true (pl_scene_fold_passing (scene));
  g_assert_false (pl_scene_fold_passing (scene));
  settled (scene, flows, &now_us);
  g_assert_cmpuint (count_edges (scene), ==, 5);
  g_assert_cmpuint (edge_of (scene, 11)->n_flows, ==, 1);
  pl_process_unref (app);
}

/* However much was unfolded in a long while: what has ended takes nothing from what all together may show. */
static void
test_ended_takes_no_share (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  gint64 now_us = SECOND_US;

  for (guint round = 0; round < PL_LIMIT_SCENE_UNFOLDED_ALL / PL_SCENE_UNFOLD_STEP + 3; round++)
    {
      g_array_set_size (flows, 0);
      for (guint i = 0; i < 5; i++)
        add_plain (flows, 1 + 5 * round + i, app, 50000 + i, 34 + round, 443);
      settled (scene, flows, &now_us);
      g_assert_true (pl_scene_can_unfold (scene, edge_of (scene, 1 + 5 * round)->id));
      g_assert_true (pl_scene_unfold (scene, edge_of (scene, 1 + 5 * round)->id));
      settled (scene, flows, &now_us);
      g_assert_cmpuint (edge_of (scene, 1 + 5 * round)->n_flows, ==, 1);
    }
  pl_process_unref (app);
}

/* The pointer rests on something while very many come: what it rests on stays, and the limit holds all the same. */
static void
test_limit_while_pinned (void)
{
  for (guint seed = 0; seed < 8; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (18000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      GArray *flows = synthetic_get_flows (world);
      gint64 now_us = SECOND_US;
      guint64 id;
      guint n;

      synthetic_add (world, 60);
      settled (scene, flows, &now_us);
      pl_scene_get_edges (scene, &n);
      id = pl_scene_get_edges (scene, &n)[seed * n / 8].id;
      pl_scene_pin (scene, id, 400);
      for (guint round = 0; round < 10; round++)
        {
          synthetic_add (world, 800);
          update (scene, flows, now_us += SECOND_US);
          settle (scene, &now_us);
          check_sums (scene, flows);
          g_assert_cmpuint (count_edges (scene), <=, PL_LIMIT_SCENE_EDGES);
          g_assert_nonnull (scene_get_edge (scene, id));
          g_assert_cmpint (scene_get_edge (scene, id)->state, ==, STATE_LIVE);
        }
    }
}

/* What is left of a bundle says what it is beside those that were unfolded from it. */
static void
test_rest_says_what_it_is (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("firefox", "firefox", 1);
  const PlSceneNode *bundle;

  for (guint i = 0; i < 200; i++)
    add_plain (flows, i + 1, app, 50000 + i, 34, 443);
  update (scene, flows, SECOND_US);
  bundle = find_title (scene, PL_LANE_LOCAL_PORT, "200 dynamic");
  g_assert_nonnull (bundle);
  g_assert_true (pl_scene_unfold (scene, bundle->id));
  update (scene, flows, 2 * SECOND_US);
  bundle = find_title (scene, PL_LANE_LOCAL_PORT, "168 more ports");
  g_assert_nonnull (bundle);
  g_assert_cmpstr (bundle->subtitle, ==, "dynamic");
  pl_process_unref (app);
}

/* Pings of one host are one line, and one by one when asked for, though they have no ports that could tell them apart. */
static void
test_without_ports (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("ping", "ping", 1);
  PlAddr here = pl_addr_from_v4 ((guint8[4]){ 10, 0, 0, 1 }), there = pl_addr_from_v4 ((guint8[4]){ 93, 184, 216, 34 });
  const PlSceneEdge *edges;
  guint n;

  for (guint i = 0; i < 5; i++)
    {
      PlModelFlow flow = { .id = i + 1, .app = app, .app_confidence = PL_CONFIDENCE_EXACT, .sources = PL_SEEN_PACKETS };

      flow.local_end = flow.flow.local_end = flow.flow.initiator_end =
          pl_flow_key_from_ends (PL_PROTO_ICMP, PL_KIND_ECHO, &here, 700 + i, &there, 700 + i, 0, &flow.flow.key);
      g_array_append_val (flows, flow);
    }
  update (scene, flows, SECOND_US);
  edges = pl_scene_get_edges (scene, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (edges[0].n_flows, ==, 5);
  g_assert_true (pl_scene_unfold (scene, edges[0].id));
  for (guint round = 2; round < 4; round++)
    {
      gint64 now_us = round * SECOND_US;
      guint n_single = 0;

      update (scene, flows, now_us);
      settle (scene, &now_us);
      check_sums (scene, flows);
      check_no_overlap (scene, 960);
      edges = pl_scene_get_edges (scene, &n);
      for (guint i = 0; i < n; i++)
        n_single += edges[i].n_flows == 1 && (edges[i].flags & PL_SCENE_UNFOLDED);
      g_assert_cmpuint (n_single, ==, 5);
      g_assert_cmpuint (n, ==, 5);
    }
  g_assert_true (pl_scene_fold (scene, edges[2].id));
  update (scene, flows, 9 * SECOND_US);
  check_sums (scene, flows);
  edges = pl_scene_get_edges (scene, &n);
  g_assert_false (pl_scene_has_unfolded (scene));
  pl_process_unref (app);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/unfold/line", test_line);
  g_test_add_func ("/scene/unfold/only-what-was-clicked", test_only_what_was_clicked);
  g_test_add_func ("/scene/unfold/random", test_random_unfolding);
  g_test_add_func ("/scene/unfold/taken-back", test_taken_back);
  g_test_add_func ("/scene/unfold/passing", test_passing);
  g_test_add_func ("/scene/unfold/ended-takes-no-share", test_ended_takes_no_share);
  g_test_add_func ("/scene/unfold/limit-while-pinned", test_limit_while_pinned);
  g_test_add_func ("/scene/unfold/rest-says-what-it-is", test_rest_says_what_it_is);
  g_test_add_func ("/scene/unfold/without-ports", test_without_ports);
  return g_test_run ();
}
