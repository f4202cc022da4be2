/* The way an edge takes: S-curves between its nodes, straight behind the chips; and which edge lies under a point. Pure. */
#include <math.h>

#include "scene-private.h"

#define CROSS 9.0 /* units from its middle to what it must not touch */
#define HIT_SAMPLES 24 /* stretches of a curve tried around the pointer */
#define WIDEST_PX 8.0 /* of an edge, as scene-fold.c draws it */

static double
smooth (double t)
{
  return t * t * (3 - 2 * t);
}

static double
piece_y (const PlScenePiece *piece, double x)
{
  double t = piece->x1 > piece->x0 ? (x - piece->x0) / (piece->x1 - piece->x0) : 1;

  return piece->y0 + (piece->y1 - piece->y0) * smooth (CLAMP (t, 0, 1));
}

static const PlSceneNode *
node_at (PlScene *scene, const PlSceneEdge *edge, PlLane lane)
{
  return edge->node[lane] < scene->public_nodes->len
             ? &g_array_index (scene->public_nodes, PlSceneNode, edge->node[lane])
             : NULL;
}

static double
dock_y (const PlSceneNode *node, const PlSceneEdge *edge, PlLane lane)
{
  return node->y + node->height / 2 + edge->dock_px[lane];
}

guint
pl_scene_edge_pieces (PlScene *scene, const PlSceneEdge *edge, PlScenePiece pieces[static PL_N_PIECES])
{
  const PlSceneNode *app = node_at (scene, edge, PL_LANE_APP), *local = node_at (scene, edge, PL_LANE_LOCAL_PORT);
  const PlSceneNode *remote = node_at (scene, edge, PL_LANE_REMOTE_PORT),
                    *end = node_at (scene, edge, PL_LANE_ENDPOINT);
  double x, y, next_y;

  if (scene->metrics.is_stacked) /* from under the app's card into the indent */
    {
      x = app->x + round (scene->metrics.indent * 0.6);
      y = app->y + app->height;
    }
  else
    {
      x = app->x + app->width;
      y = dock_y (app, edge, PL_LANE_APP);
    }
  next_y = dock_y (local, edge, PL_LANE_LOCAL_PORT);
  pieces[PL_PIECE_APP_LOCAL] = (PlScenePiece){ x, y, local->x, next_y };
  if (remote == NULL || end == NULL)
    return 1;
  pieces[PL_PIECE_LOCAL] = (PlScenePiece){ local->x, next_y, local->x + local->width, next_y };
  y = dock_y (remote, edge, PL_LANE_REMOTE_PORT);
  pieces[PL_PIECE_LOCAL_REMOTE] = (PlScenePiece){ local->x + local->width, next_y, remote->x, y };
  pieces[PL_PIECE_REMOTE] = (PlScenePiece){ remote->x, y, remote->x + remote->width, y };
  next_y = dock_y (end, edge, PL_LANE_ENDPOINT);
  pieces[PL_PIECE_REMOTE_ENDPOINT] = (PlScenePiece){ remote->x + remote->width, y, end->x, next_y };
  return PL_N_PIECES;
}

double
pl_scene_edge_y (PlScene *scene, const PlSceneEdge *edge, double x)
{
  PlScenePiece pieces[PL_N_PIECES];
  guint n = pl_scene_edge_pieces (scene, edge, pieces);

  for (guint i = 0; i < n; i++)
    if (x >= pieces[i].x0 && x <= pieces[i].x1)
      return piece_y (&pieces[i], x);
  return NAN;
}

static double
target_dock_y (const Edge *edge, PlLane lane)
{
  return scene_node_middle (edge->node[lane]) + edge->target_dock[lane];
}

/* The y of the edge's centre line at @x once everything stands at its target; beyond its ends the end's. */
double
scene_edge_target_y (const Edge *edge, double x)
{
  g_assert (edge->node[PL_LANE_LOCAL_PORT] != NULL);
  for (PlLane lane = PL_LANE_APP; lane < PL_LANE_ENDPOINT && edge->node[lane + 1]; lane++)
    {
      const PlSceneNode *left = &edge->node[lane]->pub, *right = &edge->node[lane + 1]->pub;
      PlScenePiece piece = { left->x + left->width, target_dock_y (edge, lane), right->x,
                             target_dock_y (edge, lane + 1) };

      if (piece.x0 >= piece.x1) /* stacked: the app stands above its ports */
        continue;
      if (x <= piece.x1 || lane + 1 == PL_LANE_ENDPOINT || edge->node[lane + 2] == NULL)
        return piece_y (&piece, x);
    }
  return target_dock_y (edge, PL_LANE_LOCAL_PORT);
}

double
pl_scene_edge_target_y (PlScene *scene, const PlSceneEdge *edge, double x)
{
  return scene_edge_target_y (scene_get_edge (scene, edge->id), x);
}

/* How far from the caller's port an attempt came that failed on the way: where no answer came nobody knows, so that the cross
 * stands half way; a firewall is near what it guards; without a route it did not get far. */
static double
part_of_way (PlFailure failure)
{
  return failure == PL_FAILURE_UNREACHABLE ? 0.28 : failure == PL_FAILURE_PROHIBITED ? 0.7 : 0.5;
}

/* Where between the local and the remote port an attempt ended: at the door of the port it failed at, or on the way. */
static double
failed_at (const PlScenePiece *piece, const PlSceneEdge *edge, double unit)
{
  double length = piece->x1 - piece->x0, door = CROSS * unit, from_caller;

  if (length < 4 * door) /* there is no room for nuances */
    return piece->x0 + length / 2;
  from_caller = edge->place == PL_PLACE_CALLER   ? door
                : edge->place == PL_PLACE_CALLED ? length - door
                                                 : length * part_of_way (edge->failure);
  return edge->flags & PL_SCENE_INBOUND ? piece->x1 - from_caller : piece->x0 + from_caller;
}

gboolean
pl_scene_edge_cross (PlScene *scene, const PlSceneEdge *edge, double *x, double *y)
{
  PlScenePiece pieces[PL_N_PIECES];
  const PlScenePiece *piece = &pieces[PL_PIECE_LOCAL_REMOTE];

  if (!(edge->flags & PL_SCENE_FAILED) || pl_scene_edge_pieces (scene, edge, pieces) < PL_N_PIECES)
    return FALSE;
  *x = failed_at (piece, edge, scene->metrics.unit);
  *y = piece_y (piece, *x);
  return TRUE;
}

static double
distance_to_stretch (double x, double y, double x0, double y0, double x1, double y1)
{
  double dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
  double t = length > 0 ? ((x - x0) * dx + (y - y0) * dy) / length : 0;

  t = CLAMP (t, 0, 1);
  return hypot (x - x0 - t * dx, y - y0 - t * dy);
}

/* The distance from a point to @piece as far as it is below @reach, else something above it. No point of the curve further
 * than @reach to the side can be nearer than @reach, so that only the stretch around @x is looked at. */
static double
distance_to_piece (const PlScenePiece *piece, double x, double y, double reach)
{
  double from = MAX (piece->x0, x - reach), to = MIN (piece->x1, x + reach), best = G_MAXDOUBLE;
  double before_x = from, before_y;

  if (from > to || y < MIN (piece->y0, piece->y1) - reach || y > MAX (piece->y0, piece->y1) + reach)
    return best;
  before_y = piece_y (piece, from);
  for (guint i = 1; i <= HIT_SAMPLES; i++)
    {
      double at_x = from + (to - from) * i / HIT_SAMPLES, at_y = piece_y (piece, at_x);

      best = MIN (best, distance_to_stretch (x, y, before_x, before_y, at_x, at_y));
      before_x = at_x;
      before_y = at_y;
    }
  return best;
}

/**
 * pl_scene_edge_at:
 * @scene: a scene
 * @x: px
 * @y: px
 * @tolerance_px: how far past its drawn border an edge still counts
 *
 * Returns: (nullable): the edge nearest to the point, of those that are no further than half their width and the
 *   tolerance; of two as near the later, which is drawn above. Valid until the next call that changes the scene.
 */
const PlSceneEdge *
pl_scene_edge_at (PlScene *scene, double x, double y, double tolerance_px)
{
  const PlSceneEdge *nearest = NULL;
  const double furthest =
      tolerance_px + WIDEST_PX / 2; /* for all alike, or two upon one another would not be as near */
  double best = G_MAXDOUBLE;

  for (guint i = 0; i < scene->public_edges->len; i++)
    {
      const PlSceneEdge *edge = &g_array_index (scene->public_edges, PlSceneEdge, i);
      double reach = tolerance_px + edge->width_px / 2;
      PlScenePiece pieces[PL_N_PIECES];
      guint n = (edge->flags & (PL_SCENE_COVERED | PL_SCENE_LEAVING)) ? 0 : pl_scene_edge_pieces (scene, edge, pieces);

      for (guint j = 0; j < n; j++)
        {
          double distance = distance_to_piece (&pieces[j], x, y, furthest);

          if (distance <= reach && distance <= best)
            {
              best = distance;
              nearest = edge;
            }
        }
    }
  return nearest;
}

/* Crossings of the live edges between two lanes: pairs in one order here and the other order there. */
static guint
crossings_between (PlScene *scene, PlLane left, PlLane right)
{
  guint n = 0;

  for (guint i = 0; i < scene->edge_list->len; i++)
    for (guint j = i + 1; j < scene->edge_list->len; j++)
      {
        const Edge *one = scene->edge_list->pdata[i], *other = scene->edge_list->pdata[j];

        if (one->state == STATE_LIVE && other->state == STATE_LIVE && one->node[right] && other->node[right])
          {
            double here = scene_node_middle (one->node[left]) - scene_node_middle (other->node[left]);
            double there = scene_node_middle (one->node[right]) - scene_node_middle (other->node[right]);

            n += here * there < 0;
          }
      }
  return n;
}

guint
pl_scene_count_crossings (PlScene *scene)
{
  guint n = 0;

  for (PlLane lane = PL_LANE_APP; lane < PL_LANE_ENDPOINT; lane++)
    n += crossings_between (scene, lane, lane + 1);
  return n;
}
