/* What stands for several, one by one and together again: by hand, with a way back, and in passing while one looks closely.
 * Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define CLOSE_ZOOM 1.6 /* from here on what one looks at unfolds, */
#define FAR_ZOOM 1.4 /* and below this it folds again: apart, so that nothing flips to and fro */
#define CLOSER 1.25 /* so much closer before the next one does */

static void
take_back (gpointer canvas, gpointer folds)
{
  PlGraphCanvas *self = canvas;

  pl_scene_set_folds (self->scene, folds);
  graph_canvas_refresh_then (self, graph_canvas_close_gaps);
}

/* Takes @folds over: what was unfolded before the step that is taken now. */
void
graph_canvas_remember_folds (PlGraphCanvas *self, PlSceneFolds *folds)
{
  pl_graph_filter_remember (self->filter, take_back, self, folds, (GDestroyNotify)pl_scene_folds_free);
}

static GArray *
flows_of (PlGraphCanvas *self, Pick pick)
{
  return pick.kind == PICK_NODE ? pl_scene_node_flows (self->scene, pick.id)
                                : pl_scene_edge_flows (self->scene, pick.id);
}

static gboolean
is_drawn (Pick pick)
{
  return pick.kind == PICK_NODE || pick.kind == PICK_EDGE;
}

/* Draws a bundle's ports, hosts or apps, or a line's flows, one by one; what it stood for is selected, so that it is found
 * again. */
gboolean
graph_canvas_unfold (PlGraphCanvas *self, Pick pick)
{
  g_autoptr (PlSceneFolds) before = pl_scene_copy_folds (self->scene);
  g_autoptr (GArray) flows = NULL;

  if (!is_drawn (pick) || !pl_scene_unfold (self->scene, pick.id))
    return FALSE;
  flows = flows_of (self, pick);
  graph_canvas_leave_line (self);
  graph_canvas_remember_folds (self, g_steal_pointer (&before));
  graph_canvas_refresh (self);
  graph_canvas_choose_flows (self, flows); /* and no scrolling there: it unfolds where the pointer is */
  graph_canvas_close_gaps (self);
  return TRUE;
}

/* The other way round, from any part of it. */
gboolean
graph_canvas_fold (PlGraphCanvas *self, Pick pick)
{
  g_autoptr (PlSceneFolds) before = pl_scene_copy_folds (self->scene);

  if (!is_drawn (pick) || !pl_scene_fold (self->scene, pick.id))
    return FALSE;
  graph_canvas_leave_line (self);
  graph_canvas_remember_folds (self, g_steal_pointer (&before));
  graph_canvas_refresh (self);
  graph_canvas_close_gaps (self);
  return TRUE;
}

void
graph_canvas_fold_all (PlGraphCanvas *self)
{
  if (!pl_scene_has_unfolded (self->scene))
    return;
  graph_canvas_remember_folds (self, pl_scene_copy_folds (self->scene));
  pl_scene_fold_all (self->scene);
  graph_canvas_refresh (self);
  graph_canvas_close_gaps (self);
}

gboolean
graph_canvas_can_unfold (PlGraphCanvas *self, Pick pick)
{
  return is_drawn (pick) && pl_scene_can_unfold (self->scene, pick.id);
}

gboolean
graph_canvas_can_fold (PlGraphCanvas *self, Pick pick)
{
  const PlSceneNode *node = pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, pick.id) : NULL;
  const PlSceneEdge *edge = pick.kind == PICK_EDGE ? pl_scene_find_edge (self->scene, pick.id) : NULL;

  return ((node ? node->flags : edge ? edge->flags : 0) & PL_SCENE_UNFOLDED) != 0;
}

/* ---- in passing ---- */

/* The bundle in view whose middle is nearest to a point of the scene; NULL when none is seen. */
static const PlSceneNode *
nearest_bundle (PlGraphCanvas *self, double x, double y)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n), *nearest = NULL;
  double best = G_MAXDOUBLE, width = gtk_widget_get_width (GTK_WIDGET (self)),
         height = gtk_widget_get_height (GTK_WIDGET (self));

  for (guint i = 0; i < n; i++)
    {
      double seen_x = nodes[i].x + nodes[i].width / 2, seen_y = nodes[i].y + nodes[i].height / 2;
      double distance = hypot (seen_x - x, seen_y - y);

      graph_canvas_from_scene (self, &seen_x, &seen_y, 0);
      if (!(nodes[i].flags & PL_SCENE_BUNDLE) || distance >= best || seen_x < 0 || seen_x > width || seen_y < 0
          || seen_y > height)
        continue;
      best = distance;
      nearest = &nodes[i];
    }
  return nearest;
}

/* Under the point, or else nearest to it. */
static guint64
looked_at (PlGraphCanvas *self, double x, double y)
{
  Pick pick = graph_canvas_pick (self, x, y);
  const PlSceneNode *nearest;

  if (is_drawn (pick) && pl_scene_can_unfold (self->scene, pick.id))
    return pick.id;
  graph_canvas_to_scene (self, &x, &y);
  nearest = nearest_bundle (self, x, y);
  return nearest ? nearest->id : 0;
}

void
graph_canvas_zoomed_by_hand (PlGraphCanvas *self, double x, double y)
{
  double zoom = pl_graph_canvas_get_zoom (self);
  gboolean is_other;

  if (zoom >= CLOSE_ZOOM && zoom >= self->unfold_zoom * CLOSER)
    {
      is_other = pl_scene_unfold_passing (self->scene, looked_at (self, x, y));
      if (is_other)
        self->unfold_zoom = zoom;
    }
  else
    {
      is_other = zoom < FAR_ZOOM && pl_scene_fold_passing (self->scene);
      if (zoom < FAR_ZOOM)
        self->unfold_zoom = 0;
    }
  if (is_other)
    graph_canvas_refresh_then (self, graph_canvas_close_gaps);
}
