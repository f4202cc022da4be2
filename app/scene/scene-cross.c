/* Crosses of failed attempts as they are drawn: those that would lie upon one another are one that says how many. Pure. */
#include <math.h>

#include "scene-private.h"

#define APART_X 46.0 /* units: a cross with its number beside it */
#define APART_Y 16.0

/* Joins a cross that @edge's would lie upon, or adds its own. */
static void
add_edge (PlScene *scene, GArray *crosses, const PlSceneEdge *edge)
{
  PlScenePiece pieces[PL_N_PIECES];
  PlSceneCross own = { .n_flows = edge->n_flows, .opacity = edge->opacity };
  double unit = scene->metrics.unit;

  if (!pl_scene_edge_cross (scene, edge, &own.x, &own.y))
    return;
  pl_scene_edge_pieces (scene, edge, pieces);
  own.before_px = own.x - pieces[PL_PIECE_LOCAL_REMOTE].x0;
  own.after_px = pieces[PL_PIECE_LOCAL_REMOTE].x1 - own.x;
  for (guint i = 0; i < crosses->len; i++)
    {
      PlSceneCross *cross = &g_array_index (crosses, PlSceneCross, i);

      if (fabs (cross->x - own.x) >= APART_X * unit || fabs (cross->y - own.y) >= APART_Y * unit)
        continue;
      cross->n_flows += own.n_flows;
      cross->opacity = MAX (cross->opacity, own.opacity);
      return;
    }
  g_array_append_val (crosses, own);
}

/* Behind a cross there is no room where the next one's number is. */
static void
leave_room (GArray *crosses, double unit)
{
  for (guint i = 0; i < crosses->len; i++)
    for (guint j = 0; j < crosses->len; j++)
      {
        PlSceneCross *cross = &g_array_index (crosses, PlSceneCross, i);
        const PlSceneCross *next = &g_array_index (crosses, PlSceneCross, j);

        if (next->x > cross->x && fabs (next->y - cross->y) < APART_Y * unit)
          cross->after_px = MIN (cross->after_px, next->x - cross->x - APART_X * unit);
      }
}

int
pl_scene_cross_side (const PlSceneCross *cross, double reach_px)
{
  if (reach_px <= cross->before_px)
    return -1;
  return reach_px <= cross->after_px ? 1 : 0;
}

/**
 * pl_scene_crosses:
 * @scene: a scene
 * @filter: (nullable): which edges are asked for
 * @data: for it
 *
 * Returns: (transfer full) (element-type PlSceneCross): crosses that keep apart, each where the oldest line that it stands
 *   for has its own, so that newcomers move none; every failed flow that is drawn is counted in exactly one
 */
GArray *
pl_scene_crosses (PlScene *scene, PlSceneEdgeFilter filter, gpointer data)
{
  GArray *crosses = g_array_new (FALSE, FALSE, sizeof (PlSceneCross));

  for (guint i = 0; i < scene->public_edges->len; i++)
    {
      const PlSceneEdge *edge = &g_array_index (scene->public_edges, PlSceneEdge, i);

      if (filter == NULL || filter (edge, data))
        add_edge (scene, crosses, edge);
    }
  leave_room (crosses, scene->metrics.unit);
  return crosses;
}
