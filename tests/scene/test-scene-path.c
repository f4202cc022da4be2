/* The edges' ways: whole lines, and under the pointer the nearest one. */
#include <math.h>

#include "scene-checks.h"
#include "scene-steps.h"
#include "scene-svg.h"
#include "synthetic.h"

static double
brute_distance (PlScene *scene, const PlSceneEdge *edge, double x, double y)
{
  PlScenePiece pieces[PL_N_PIECES];
  guint n = pl_scene_edge_pieces (scene, edge, pieces);
  double best = INFINITY;

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j <= 1500; j++)
      {
        double t = j / 1500.0, at_x = pieces[i].x0 + t * (pieces[i].x1 - pieces[i].x0);
        double at_y = pieces[i].y0 + (pieces[i].y1 - pieces[i].y0) * t * t * (3 - 2 * t);

        best = MIN (best, hypot (at_x - x, at_y - y));
      }
  return best;
}

static void
check_point (PlScene *scene, double x, double y, double tolerance)
{
  const PlSceneEdge *hit = pl_scene_edge_at (scene, x, y, tolerance);
  double hit_distance = hit ? brute_distance (scene, hit, x, y) : INFINITY;
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n);
  double best = INFINITY;

  for (guint i = 0; i < n; i++)
    {
      gboolean is_there = !(edges[i].flags & (PL_SCENE_COVERED | PL_SCENE_LEAVING));
      double distance = is_there ? brute_distance (scene, &edges[i], x, y) : INFINITY;

      g_assert_true (is_there || &edges[i] != hit);
      if (distance <= tolerance + edges[i].width_px / 2 - 0.25)
        {
          g_assert_false (&edges[i] > hit && distance == hit_distance); /* drawn above it, as in a trunk */
          best = MIN (best, distance);
        }
    }
  if (hit == NULL)
    g_assert_true (isinf (best));
  else
    {
      g_assert_cmpfloat (hit_distance, <=, tolerance + hit->width_px / 2 + 0.25);
      g_assert_cmpfloat (hit_distance, <=, best + 0.25);
    }
}

/* Where a line runs that fades. */
static void
check_middle (PlScene *scene, const PlSceneEdge *edge)
{
  PlScenePiece pieces[PL_N_PIECES];

  if ((edge->flags & PL_SCENE_LEAVING) && pl_scene_edge_pieces (scene, edge, pieces) > 0)
    check_point (scene, (pieces[0].x0 + pieces[0].x1) / 2, (pieces[0].y0 + pieces[0].y1) / 2, 5);
}

/* Near edges, also those that fade, and anywhere. Returns how often there was one. */
static guint
check_points (PlScene *scene, GRand *random, double width)
{
  guint n, n_hits = 0;

  for (guint i = 0; i < 25; i++)
    {
      const PlSceneEdge *edges = pl_scene_get_edges (scene, &n), *edge = &edges[g_rand_int_range (random, 0, n)];
      double x = g_rand_double_range (random, 0, width);
      double y = pl_scene_edge_y (scene, edge, x);

      if (isnan (y) || i % 4 == 0)
        y = g_rand_double_range (random, 0, pl_scene_get_height (scene));
      check_point (scene, x, y + g_rand_double_range (random, -4, 4), 5);
      n_hits += pl_scene_edge_at (scene, x, y, 5) != NULL;
    }
  for (guint i = 0; i < n; i++)
    check_middle (scene, &pl_scene_get_edges (scene, &n)[i]);
  return n_hits;
}

static guint
count_flagged (PlScene *scene, guint flag)
{
  guint n, n_such = 0;
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n);

  for (guint i = 0; i < n; i++)
    n_such += (edges[i].flags & flag) != 0;
  return n_such;
}

static void
test_hit (void)
{
  guint n_hits = 0, n_leaving = 0;

  for (guint seed = 0; seed < 24; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (7000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      double width = seed % 3 ? 960 : 420;
      gint64 now_us = SECOND_US;

      pl_scene_set_size (scene, width, 18);
      synthetic_add (world, 6 + seed * 2);
      update (scene, synthetic_get_flows (world), now_us);
      n_hits += check_points (scene, random, width);
      settle (scene, &now_us);
      synthetic_remove (world, 3 + seed);
      update (scene, synthetic_get_flows (world), now_us += SECOND_US);
      pl_scene_tick (scene, now_us += 16000);
      n_leaving += count_flagged (scene, PL_SCENE_LEAVING);
      n_hits += check_points (scene, random, width);
    }
  g_assert_cmpuint (n_hits, >, 300);
  g_assert_cmpuint (n_leaving, >, 50);
}

/* A listener's line below a client's is neither drawn nor hit; without a client it is both. */
static void
test_covered (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *server = synthetic_process ("server", "server", 10);
  guint n;

  add_dock (flows, server, 8080, TRUE);
  add_dock (flows, server, 9090, TRUE);
  add_plain (flows, 1, server, 8080, 31, 50001);
  update (scene, flows, SECOND_US);
  g_assert_cmpuint (count_flagged (scene, PL_SCENE_COVERED), ==, 1);
  pl_scene_get_edges (scene, &n);
  for (guint i = 0; i < n; i++)
    {
      const PlSceneEdge *edge = &pl_scene_get_edges (scene, &n)[i], *hit;
      PlScenePiece pieces[PL_N_PIECES];

      g_assert_cmpuint (pl_scene_edge_pieces (scene, edge, pieces), >, 0);
      hit = pl_scene_edge_at (scene, (pieces[0].x0 + pieces[0].x1) / 2, (pieces[0].y0 + pieces[0].y1) / 2, 5);
      g_assert_nonnull (hit);
      g_assert_false (hit->flags & PL_SCENE_COVERED);
      g_assert_true (hit == edge || edge->flags & PL_SCENE_COVERED);
    }
  pl_process_unref (server);
}

/* An edge's line is whole: every piece begins where the one before it ended. */
static void
test_continuous (void)
{
  g_autoptr (Synthetic) world = synthetic_new (77);
  g_autoptr (PlScene) scene = pl_scene_new ();
  guint n;

  synthetic_add (world, 200);
  update (scene, synthetic_get_flows (world), SECOND_US);
  for (guint stacked = 0; stacked < 2; stacked++)
    {
      const PlSceneEdge *edges;

      pl_scene_set_size (scene, stacked ? 400 : 1200, 18);
      g_assert_cmpint (pl_scene_get_is_stacked (scene), ==, stacked);
      edges = pl_scene_get_edges (scene, &n);
      for (guint i = 0; i < n; i++)
        {
          PlScenePiece pieces[PL_N_PIECES];
          guint n_pieces = pl_scene_edge_pieces (scene, &edges[i], pieces);

          g_assert_cmpuint (n_pieces, ==, (edges[i].flags & PL_SCENE_LISTENER) ? 1 : PL_N_PIECES);
          for (guint j = 0; j < n_pieces; j++)
            {
              g_assert_cmpfloat (pieces[j].x0, <, pieces[j].x1);
              if (j > 0)
                {
                  g_assert_cmpfloat (pieces[j].x0, ==, pieces[j - 1].x1);
                  g_assert_cmpfloat (pieces[j].y0, ==, pieces[j - 1].y1);
                }
            }
        }
    }
}

/* UDP from one socket of @app to @n hosts; each sends far more than the one before it. */
static void
add_peers (GArray *flows, PlProcess *app, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      PlModelFlow *flow;

      add_plain (flows, i + 1, app, 51413, 1 + i, 5000);
      flow = &g_array_index (flows, PlModelFlow, i);
      flow->flow.key.proto = PL_PROTO_UDP;
      flow->flow.state = PL_STATE_ACTIVE;
      flow->rate_out = pow (10, i);
    }
}

/* So many different docks do the edges of one socket have in @lane. */
static guint
count_docks (PlScene *scene, PlLane lane)
{
  g_autoptr (GHashTable) docks = g_hash_table_new (g_double_hash, g_double_equal);
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n);

  for (guint i = 0; i < n; i++)
    g_hash_table_add (docks, (gpointer)&edges[i].dock_px[lane]);
  return g_hash_table_size (docks);
}

/* Few lines to one port keep apart; many run as one until they part, with no knot before. */
static void
test_trunk (void)
{
  PlProcess *app = synthetic_process ("transmission", "transmission", 1);

  for (guint n = 2; n <= 10; n += 2)
    {
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
      guint n_docks = n <= 8 ? n : 1; /* a chip of 30 px has room for eight */

      add_peers (flows, app, n);
      update (scene, flows, SECOND_US);
      g_assert_cmpuint (count_edges (scene), ==, n);
      g_assert_cmpuint (count_docks (scene, PL_LANE_LOCAL_PORT), ==, n_docks);
      g_assert_cmpuint (count_docks (scene, PL_LANE_APP), ==, n_docks);
      g_assert_cmpuint (count_docks (scene, PL_LANE_REMOTE_PORT), ==, n_docks);
    }
  pl_process_unref (app);
}

/* Lines of any rate that lie upon one another are dashed still: the dashes of all are as long. */
static void
test_dashes (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("transmission", "transmission", 1);
  g_autofree char *svg = NULL;
  const char *dashes;
  const PlSceneEdge *edges;
  guint n;

  add_peers (flows, app, 8);
  update (scene, flows, SECOND_US);
  edges = pl_scene_get_edges (scene, &n);
  g_assert_cmpfloat (edges[n - 1].width_px, >, edges[0].width_px);
  svg = pl_scene_to_svg (scene, NULL);
  n = 0;
  for (dashes = svg; (dashes = strstr (dashes, "stroke-dasharray=\"11 7 \"")) != NULL; dashes++)
    n++;
  g_assert_cmpuint (n, >=, 8);
  pl_process_unref (app);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/path/hit", test_hit);
  g_test_add_func ("/scene/path/covered", test_covered);
  g_test_add_func ("/scene/path/continuous", test_continuous);
  g_test_add_func ("/scene/path/trunk", test_trunk);
  g_test_add_func ("/scene/path/dashes", test_dashes);
  return g_test_run ();
}
