/* The edges' ways: whole lines, and under the pointer the nearest one. */
#include <math.h>

#include "scene-steps.h"
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
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n);
  double best = INFINITY;

  for (guint i = 0; i < n; i++)
    {
      double distance = edges[i].flags & PL_SCENE_COVERED ? INFINITY : brute_distance (scene, &edges[i], x, y);

      if (distance <= tolerance + edges[i].width_px / 2 - 0.25)
        best = MIN (best, distance);
    }
  if (hit == NULL)
    g_assert_true (isinf (best));
  else
    {
      double distance = brute_distance (scene, hit, x, y);

      g_assert_cmpfloat (distance, <=, tolerance + hit->width_px / 2 + 0.25);
      g_assert_cmpfloat (distance, <=, best + 0.25);
    }
}

static void
test_hit (void)
{
  guint n_hits = 0;

  for (guint seed = 0; seed < 24; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (7000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      double width = seed % 3 ? 960 : 420;
      guint n;

      pl_scene_set_size (scene, width, 18);
      synthetic_add (world, 6 + seed * 2);
      update (scene, synthetic_get_flows (world), SECOND_US);
      pl_scene_get_edges (scene, &n);
      for (guint i = 0; i < 25; i++)
        {
          const PlSceneEdge *edge = &pl_scene_get_edges (scene, &n)[g_rand_int_range (random, 0, n)];
          double x = g_rand_double_range (random, 0, width);
          double y = pl_scene_edge_y (scene, edge, x);

          if (isnan (y) || i % 4 == 0)
            y = g_rand_double_range (random, 0, pl_scene_get_height (scene));
          check_point (scene, x, y + g_rand_double_range (random, -4, 4), 5);
          n_hits += pl_scene_edge_at (scene, x, y, 5) != NULL;
        }
    }
  g_assert_cmpuint (n_hits, >, 200);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/path/hit", test_hit);
  g_test_add_func ("/scene/path/continuous", test_continuous);
  return g_test_run ();
}
