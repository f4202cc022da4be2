/* An update whose flows were gathered in parts: the scene stays what it is until the last, and is then what it would be at once. */
#include "scene-checks.h"
#include "scene-steps.h"
#include "synthetic.h"

typedef struct
{
  Synthetic *world;
  PlModel *model;
  GRand *random;
  gint64 now_us;
} Fixture;

static void
set_up (Fixture *fixture, guint seed)
{
  fixture->world = synthetic_new (9000 + seed);
  fixture->model = pl_model_new ();
  fixture->random = g_rand_new_with_seed (seed);
  fixture->now_us = SECOND_US;
  pl_model_set_live (fixture->model, TRUE);
}

static void
tear_down (Fixture *fixture)
{
  synthetic_free (fixture->world);
  g_assert_finalize_object (fixture->model);
  g_rand_free (fixture->random);
}

/* Flows come, a few go. */
static void
change (Fixture *fixture, guint n)
{
  synthetic_fill (fixture->world, fixture->model, n);
  for (guint i = 0; i < 5; i++)
    {
      guint64 id = (guint64)g_rand_int_range (fixture->random, 1, (gint32)synthetic_get_flows (fixture->world)->len);

      pl_model_apply_gone (fixture->model, &id, 1);
    }
  pl_model_commit (fixture->model, fixture->now_us += 2 * SECOND_US);
}

static gboolean
gather_some (Fixture *fixture, PlScene *scene)
{
  return pl_scene_gather (scene, fixture->model, (guint)g_rand_int_range (fixture->random, 1, 60), fixture->now_us);
}

/* Somebody points at a node of both, as often as not after what was gathered was ranked. */
static void
point (Fixture *fixture, PlScene *one, PlScene *other)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (one, &n);
  const PlSceneNode *node = n > 0 ? &nodes[g_rand_int_range (fixture->random, 0, (gint32)n)] : NULL;

  if (node == NULL || g_rand_int_range (fixture->random, 0, 3) > 0)
    return;
  pl_scene_pin (one, node->id, node->x);
  pl_scene_pin (other, node->id, node->x);
}

/* Takes over what was gathered, which was ranked for that already, but for whoever points elsewhere now. */
static void
take_over (PlScene *scene, gint64 now_us)
{
  guint64 n_rankings = scene->next_ranking;
  gboolean is_pin_same = scene->ranked_pin == scene->pinned;

  pl_scene_update_gathered (scene, now_us);
  g_assert_true ((n_rankings == scene->next_ranking) == is_pin_same);
}

static void
test_same_as_at_once (void)
{
  for (guint seed = 0; seed < property_rounds (40); seed++)
    {
      g_autoptr (PlScene) one = pl_scene_new (), other = pl_scene_new ();
      Fixture fixture;

      set_up (&fixture, seed);
      for (guint round = 0; round < 6; round++)
        {
          change (&fixture, seed % 9 == 0 ? 400 : 25);
          point (&fixture, one, other);
          pl_scene_begin_gathering (other);
          for (gboolean is_last = FALSE; !is_last;)
            {
              is_last = gather_some (&fixture, other);
              check_same (one, other);
              g_assert_cmpuint (pl_scene_get_n_flows (one), ==, pl_scene_get_n_flows (other));
              g_assert_cmpuint (pl_scene_flow_edge (one, 1), ==, pl_scene_flow_edge (other, 1));
              if (is_last && g_rand_int_range (fixture.random, 0, 4) == 0) /* as when somebody filters meanwhile */
                {
                  pl_scene_begin_gathering (other);
                  is_last = FALSE;
                }
            }
          point (&fixture, one, other);
          pl_scene_update (one, fixture.model, fixture.now_us);
          if (g_rand_int_range (fixture.random, 0, 4) == 0)
            pl_scene_update (other, fixture.model, fixture.now_us);
          else
            take_over (other, fixture.now_us);
          check_same (one, other);
          g_assert_cmpuint (pl_scene_get_n_flows (other), ==, pl_model_get_n_flows (fixture.model));
        }
      tear_down (&fixture);
    }
}

/* Whose flows go while they are gathered, with their processes, stays until the next update. */
static void
test_gone_meanwhile (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  Fixture fixture;

  set_up (&fixture, 1);
  for (guint round = 0; round < 3; round++)
    {
      change (&fixture, 300);
      pl_scene_begin_gathering (scene);
      for (guint i = 0; i < 3; i++)
        g_assert_false (pl_scene_gather (scene, fixture.model, 50, fixture.now_us));
      pl_model_reset (fixture.model);
      g_assert_true (pl_scene_gather (scene, fixture.model, 50, fixture.now_us));
      pl_scene_update_gathered (scene, fixture.now_us);
      g_assert_cmpuint (pl_scene_get_n_flows (scene), ==, 150);
      check_no_overlap (scene, 960);
      settle (scene, &fixture.now_us);
      pl_scene_update (scene, fixture.model, fixture.now_us);
      g_assert_cmpuint (pl_scene_get_n_flows (scene), ==, 0);
      settle (scene, &fixture.now_us);
    }
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/gather/same-as-at-once", test_same_as_at_once);
  g_test_add_func ("/scene/gather/gone-meanwhile", test_gone_meanwhile);
  return g_test_run ();
}
