/* Somebody filters the graph, or takes it back: what is left stands together, in the order that it had when the same was
 * drawn before, and what was chosen stays as near to where it stood on the screen as the room allows. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define BAR_UNITS 64 /* that the filter's bar may take from the height once it is there, with some to spare */

/* How it was drawn when somebody filtered. */
typedef struct
{
  PlSceneOrder *order;
  double scroll; /* px */
} Kept;

static GtkAdjustment *
vertical (PlGraphCanvas *self)
{
  return self->adjustments[GTK_ORIENTATION_VERTICAL];
}

/* What one looks at: a selected node, or one at an end of what else is selected, or that the keys stand at; nullable. */
static const PlSceneNode *
chosen_node (PlGraphCanvas *self)
{
  const Pick *pick = &self->selection.pick;
  const PlSceneEdge *edge = pick->kind == PICK_EDGE ? pl_scene_find_edge (self->scene, pick->id) : NULL;
  PlGraphNode *focused = graph_canvas_focused_node (self);
  const PlSceneNode *node = NULL;
  guint n;

  if (pick->kind == PICK_NODE)
    node = pl_scene_find_node (self->scene, pick->id);
  else if (pick->kind == PICK_FLOWS)
    node = graph_canvas_first_port (self, self->selection.flows);
  else if (edge)
    node = &pl_scene_get_nodes (self->scene, &n)[edge->node[PL_LANE_LOCAL_PORT]];
  return node || !focused ? node : pl_scene_find_node (self->scene, pl_graph_node_get (focused)->id);
}

/* Has @node stand @y px below the view's upper end, or nearer to that than all else within what there is to scroll. */
static void
glide_with (PlGraphCanvas *self, const PlSceneNode *node, double y)
{
  gboolean has_bar = pl_flow_filter_get_n_terms (pl_graph_filter_get (self->filter)) > 0;
  double page = gtk_widget_get_height (GTK_WIDGET (self)) - (has_bar ? BAR_UNITS * self->unit : 0);
  double lowest = pl_scene_get_height (self->scene) * self->zoom - page, height = node->height * self->zoom;

  y = CLAMP (y, 0, MAX (page - height, 0));
  graph_canvas_glide (self, CLAMP (node->target_y * self->zoom - y, 0, MAX (lowest, 0)));
}

static void
refilter (PlGraphCanvas *self)
{
  const PlSceneNode *node = chosen_node (self);
  double y = node ? node->y * self->zoom - graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL) : 0;

  pl_scene_set_filter (self->scene, pl_graph_filter_get (self->filter));
  graph_canvas_refresh (self);
  graph_canvas_close_up (self);
  node = chosen_node (self);
  if (node)
    glide_with (self, node, y);
  else
    graph_canvas_glide (self, 0);
}

static gpointer
keep (gpointer canvas)
{
  PlGraphCanvas *self = canvas;
  Kept *kept = g_new0 (Kept, 1);

  kept->order = pl_scene_copy_order (self->scene);
  kept->scroll = vertical (self) ? gtk_adjustment_get_value (vertical (self)) : 0;
  return kept;
}

static void
bring_back (gpointer canvas, gpointer data)
{
  PlGraphCanvas *self = canvas;
  const Kept *kept = data;

  pl_scene_set_order (self->scene, kept->order, graph_canvas_now_us (self));
  graph_canvas_set_out (self);
  graph_canvas_glide (self, kept->scroll);
}

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  pl_scene_order_free (kept->order);
  g_free (kept);
}

void
graph_canvas_follow_filter (PlGraphCanvas *self)
{
  g_signal_connect_object (self->filter, "changed", G_CALLBACK (refilter), self, G_CONNECT_SWAPPED);
  pl_graph_filter_set_keeper (self->filter, keep, bring_back, self, kept_free);
}
