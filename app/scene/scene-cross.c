/* Crosses of failed attempts as they are drawn: those that would lie upon one another are one that says how many. Pure. */
#include <math.h>

#include "scene-private.h"

#define APART_X 46.0 /* units: a cross with its number beside it */
#define APART_Y 16.0

/* Joins a cross that @edge's would lie upon, or adds its own. */
static void
add_edge (PlScene *scene, GArray *crosses, const PlSceneEdge *edge)
{
  PlSceneCross own = { .n_flows = edge->n_flows, .opacity = edge->opacity };
  double unit = scene->metrics.unit;

  if (!pl_scene_edge_cross (scene, edge, &own.x, &own.y))
    return;
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
  return crosses;
}
