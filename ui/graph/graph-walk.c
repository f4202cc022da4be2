/* Walking the graph by arrow keys: up and down in a lane, left and right along edges. Pure. */
#include <math.h>

#include "graph-canvas-private.h"

static gboolean
is_reachable (const PlSceneNode *node)
{
  return node->opacity > 0.05;
}

/**
 * graph_walk_lane:
 * @scene: a scene
 * @from: where from
 * @step: -1 up, 1 down, G_MININT to the first, G_MAXINT to the last of the lane
 *
 * Returns: (nullable): the node there
 */
const PlSceneNode *
graph_walk_lane (PlScene *scene, const PlSceneNode *from, int step)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n), *best = NULL;
  gboolean is_far = step == G_MININT || step == G_MAXINT, is_down = step > 0;

  for (guint i = 0; i < n; i++)
    {
      const PlSceneNode *node = &nodes[i];

      if (node->lane != from->lane || node->id == from->id || !is_reachable (node)
          || (node->target_y > from->target_y) != is_down)
        continue;
      if (best == NULL || (node->target_y < best->target_y) == (is_down != is_far))
        best = node;
    }
  return best;
}

/* How many of the nodes that one came by it passes. */
static guint
count_trodden (const PlSceneNode *nodes, const PlSceneEdge *edge, const guint64 trail[static PL_N_LANES])
{
  guint n = 0;

  for (PlLane lane = 0; lane < PL_N_LANES; lane++)
    n += edge->node[lane] != PL_SCENE_NO_NODE && nodes[edge->node[lane]].id == trail[lane];
  return n;
}

/**
 * graph_walk_edge:
 * @scene: a scene
 * @from: where from
 * @step: -1 towards the apps, 1 towards the endpoints
 * @trail: ids of the nodes that one came by, lane by lane; 0: by none
 *
 * Returns: (nullable): the node in the next lane to which that edge of @from leads that passes most of @trail; of several the
 *   nearest
 */
const PlSceneNode *
graph_walk_edge (PlScene *scene, const PlSceneNode *from, int step, const guint64 trail[static PL_N_LANES])
{
  double nearest = INFINITY;
  guint n_nodes, n_edges, most = 0;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n_nodes), *best = NULL;
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n_edges);
  int lane = (int)from->lane + step;

  if (lane < 0 || lane >= PL_N_LANES)
    return NULL;
  for (guint i = 0; i < n_edges; i++)
    {
      const PlSceneNode *node;
      double apart;
      guint n_trodden;

      if (edges[i].node[from->lane] == PL_SCENE_NO_NODE || edges[i].node[lane] == PL_SCENE_NO_NODE
          || nodes[edges[i].node[from->lane]].id != from->id)
        continue;
      node = &nodes[edges[i].node[lane]];
      n_trodden = count_trodden (nodes, &edges[i], trail);
      apart = fabs (node->target_y - from->target_y);
      if (!is_reachable (node) || n_trodden < most || (n_trodden == most && apart >= nearest))
        continue;
      best = node;
      nearest = apart;
      most = n_trodden;
    }
  return best;
}

/**
 * graph_walk_lines:
 * @scene: a scene
 * @node: whose lines
 * @edge_id: the one that one stands at; 0 for the node itself
 * @step: 1 to the next, -1 to the one before
 * @at: (out): which of them that is, from 1
 * @n: (out): how many it has
 *
 * Returns: the edge's id; 0 for the node itself, before the first and after the last
 */
guint64
graph_walk_lines (PlScene *scene, const PlSceneNode *node, guint64 edge_id, int step, guint *at, guint *n)
{
  guint n_nodes, n_edges;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n_edges);
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (guint64));
  int here = -1, next;

  for (guint i = 0; i < n_edges; i++)
    {
      if (edges[i].node[node->lane] == PL_SCENE_NO_NODE || nodes[edges[i].node[node->lane]].id != node->id
          || (edges[i].flags & PL_SCENE_COVERED))
        continue;
      if (edges[i].id == edge_id)
        here = lines->len;
      g_array_append_val (lines, edges[i].id);
    }
  next = here < 0 && step < 0 ? (int)lines->len - 1 : here + step;
  *n = lines->len;
  *at = next + 1;
  return next >= 0 && next < (int)lines->len ? g_array_index (lines, guint64, next) : 0;
}
