/* Rows that are free: beside many ports the other lanes show more than the level says, as that costs no room. Pure; for
 * scene-rank.c alone. */
#include "scene-private.h"

static SceneGroup *
group_in (App *app, PlLane lane)
{
  return &app->groups[lane - PL_LANE_LOCAL_PORT];
}

/* A host that several apps speak to is counted with each, though it stands beside one. */
static void
count_rows (PlScene *scene)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (scene_candidate_hash, scene_candidate_equal, g_free, NULL);

  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      const Fine *fine = scene->fine_list->pdata[i];
      NodeKey keys[PL_N_LANES];
      App *app;
      gboolean is_folded;
      guint n;

      if (fine->stamp != scene->gathering)
        continue;
      n = scene_rank_nodes (scene, fine, keys, &is_folded);
      app = scene_app_shown (scene, fine);
      for (PlLane lane = PL_LANE_LOCAL_PORT; lane < n; lane++)
        {
          const SceneCandidateKey row = { .node = keys[lane], .app = app->id };

          if (g_hash_table_add (seen, g_memdup2 (&row, sizeof row)))
            group_in (app, lane)->n_rows++;
        }
    }
}

/* How many more of @lane may stand while the band gets no taller than @height, px. Those that stand stay as long as that makes it not
 * much taller, and while somebody has unfolded anything: nothing else changes for it. */
static guint
count_free (PlScene *scene, App *app, PlLane lane, double height)
{
  guint n_rows = group_in (app, lane)->n_rows, n_were = app->n_were_fillers[lane - PL_LANE_LOCAL_PORT];
  double row = scene_row_height (&scene->metrics, lane);
  guint n_free = MAX (height / row - n_rows, 0);

  if (g_hash_table_size (scene->unfolded) > 0
      || (n_were > n_free && (n_rows + n_were) * row <= height * SCENE_ROOM_SLACK))
    return n_were;
  return n_free;
}

/* The busiest of what is left over in @lane; of what is unfolded or pinned they may be shown already. */
static void
fill_lane (PlScene *scene, App *app, PlLane lane, double height)
{
  SceneGroup *group = group_in (app, lane);
  guint n_free = count_free (scene, app, lane, height);

  for (guint i = 0; i < MIN (group->n, SCENE_GROUP_TOP) && group->n_fillers < n_free; i++)
    {
      SceneCandidate *candidate = group->top[i];

      candidate->is_filler |= !candidate->is_shown;
      group->n_fillers += candidate->is_filler || candidate->is_asked;
      candidate->is_shown = TRUE;
    }
}

/* As tall as the ports make it: of the hosts some may stand beside another app. */
static void
fill_band (PlScene *scene, App *app)
{
  guint n_rows = MAX (group_in (app, PL_LANE_LOCAL_PORT)->n_rows, group_in (app, PL_LANE_REMOTE_PORT)->n_rows);
  double height = n_rows * scene_row_height (&scene->metrics, PL_LANE_LOCAL_PORT);

  for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
    fill_lane (scene, app, lane, height);
}

/* Of things that are ranked at level 0. */
void
scene_fill_rows (PlScene *scene)
{
  count_rows (scene);
  for (guint i = 0; i < scene->ranked_apps->len; i++)
    fill_band (scene, scene->ranked_apps->pdata[i]);
  fill_band (scene, scene->others_app);
}
