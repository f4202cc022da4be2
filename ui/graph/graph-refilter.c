/* Somebody filters the graph, or takes it back: what is left stands together, in the order that it had when the same was
 * drawn before. What the pointer rests on stays there, or else what was chosen as near to where it stood on the screen as the
 * room allows. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define BAR_UNITS 48 /* that the filter's bar may take from the height once it is there, with some to spare */

/* How it was drawn when somebody filtered. Counts its references. */
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

/* What one looks at: what a menu was opened for, or else a selected node, or one at an end of what else is selected, or that the keys stand at; nullable. */
static const PlSceneNode *
chosen_node (PlGraphCanvas *self)
{
  const Pick *pick = self->menu_pick.kind != PICK_NONE ? &self->menu_pick : &self->selection.pick;
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

/* ---- under the pointer ---- */

static GraphHeld
find_held (PlGraphCanvas *self)
{
  GraphHeld held = { { PICK_NONE, 0 }, self->pointer_x, self->pointer_y };
  const PlSceneNode *node = NULL;
  const PlSceneEdge *edge = NULL;
  double y = self->pointer_y;

  if (!graph_canvas_holds (self))
    return held;
  graph_canvas_to_scene (self, &held.x, &y);
  held.pick = self->hover.pick;
  if (held.pick.kind == PICK_NODE)
    node = pl_scene_find_node (self->scene, held.pick.id);
  else
    edge = pl_scene_find_edge (self->scene, held.pick.id);
  y = node ? node->y : edge ? pl_scene_edge_y (self->scene, edge, held.x) : NAN;
  if (!isnan (y))
    held.y = y * self->zoom - graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL);
  return held;
}

/* Where it will stand, px of the scene; or what was selected, and now is what draws the same. NAN when it went. */
static double
held_target (PlGraphCanvas *self, const GraphHeld *held)
{
  const Pick picks[] = { held->pick, self->selection.pick };

  for (guint i = 0; i < G_N_ELEMENTS (picks) && held->pick.kind != PICK_NONE; i++)
    {
      gboolean is_node = picks[i].kind == PICK_NODE, is_edge = picks[i].kind == PICK_EDGE;
      const PlSceneNode *node = is_node ? pl_scene_find_node (self->scene, picks[i].id) : NULL;
      const PlSceneEdge *edge = is_edge ? pl_scene_find_edge (self->scene, picks[i].id) : NULL;

      if (node && !(node->flags & PL_SCENE_LEAVING))
        return node->target_y;
      if (edge && !(edge->flags & PL_SCENE_LEAVING))
        return pl_scene_edge_target_y (self->scene, edge, held->x);
    }
  return NAN;
}

static gboolean
glide_held (PlGraphCanvas *self, const GraphHeld *held)
{
  double target = held_target (self, held);

  if (isnan (target))
    return FALSE;
  self->has_air = TRUE;
  self->is_landing = FALSE;
  graph_canvas_glide (self, round (target * self->zoom - held->y));
  graph_canvas_pick_again (self); /* where nothing eases, all moved while the scroll had yet to */
  return TRUE;
}

/* ---- as near as the room allows ---- */

static GraphChosen
find_chosen (PlGraphCanvas *self)
{
  const PlSceneNode *node = chosen_node (self);
  double y = node ? node->y * self->zoom - graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL) : 0;
  gboolean is_seen = node && y + node->height * self->zoom > 0 && y < gtk_widget_get_height (GTK_WIDGET (self));

  return (GraphChosen){ node ? node->id : 0, y, is_seen };
}

/* Has it stand where it did, if need be in the air where that may be, or else as near as there is something to scroll to. FALSE when it is not there any longer. */
static gboolean
glide_chosen (PlGraphCanvas *self, const GraphChosen *chosen)
{
  gboolean has_bar = pl_flow_filter_get_n_terms (pl_graph_filter_get (self->filter)) > 0;
  double page = gtk_widget_get_height (GTK_WIDGET (self)) - (has_bar ? BAR_UNITS * self->unit : 0);
  const PlSceneNode *node = chosen->node_id != 0 ? pl_scene_find_node (self->scene, chosen->node_id) : NULL;
  double lowest, highest, value;

  if (node == NULL || (node->flags & PL_SCENE_LEAVING))
    node = chosen_node (self); /* what draws the same now */
  if (node == NULL)
    return FALSE;
  value = round (node->target_y * self->zoom - CLAMP (chosen->y, 0, MAX (page - node->height * self->zoom, 0)));
  graph_canvas_get_scroll_range (self, &lowest, &highest);
  if (graph_canvas_may_rest (self, value, page))
    {
      self->has_air = TRUE;
      self->is_landing = FALSE;
    }
  else
    value = CLAMP (value, lowest, MAX (pl_scene_get_height (self->scene) * self->zoom - page, lowest));
  graph_canvas_glide (self, value);
  return TRUE;
}

static void
kept_clear (gpointer data)
{
  Kept *kept = data;

  pl_scene_order_free (kept->order);
}

static void
kept_unref (gpointer kept)
{
  g_rc_box_release_full (kept, kept_clear);
}

void
graph_canvas_bring_nothing_back (PlGraphCanvas *self)
{
  g_clear_pointer (&self->brought_back, kept_unref);
}

static void
put_back (PlGraphCanvas *self, const Kept *kept)
{
  GraphHeld held = find_held (self);
  double lowest, highest;

  pl_scene_set_order (self->scene, kept->order, graph_canvas_now_us (self));
  graph_canvas_set_out (self);
  graph_canvas_get_scroll_range (self, &lowest, &highest);
  if (!glide_held (self, &held) && !(self->chosen.is_seen && glide_chosen (self, &self->chosen)))
    graph_canvas_glide (self, CLAMP (kept->scroll, lowest, highest));
}

/* What the filter leaves is taken over. */
static void
filtered (PlGraphCanvas *self)
{
  graph_canvas_close_up (self);
  if (!glide_held (self, &self->held) && !glide_chosen (self, &self->chosen))
    graph_canvas_glide (self, 0);
  if (self->brought_back != NULL)
    put_back (self, self->brought_back);
  graph_canvas_bring_nothing_back (self);
}

static void
refilter (PlGraphCanvas *self)
{
  graph_canvas_bring_nothing_back (self);
  self->held = find_held (self);
  graph_canvas_hide_tip (self);
  self->chosen = find_chosen (self);
  pl_scene_set_filter (self->scene, pl_graph_filter_get (self->filter));
  graph_canvas_refresh_then (self, filtered);
}

static gpointer
keep (gpointer canvas)
{
  PlGraphCanvas *self = canvas;
  Kept *kept = g_rc_box_new0 (Kept);

  kept->order = pl_scene_copy_order (self->scene);
  kept->scroll = vertical (self) ? gtk_adjustment_get_value (vertical (self)) : 0;
  return kept;
}

static void
bring_back (gpointer canvas, gpointer data)
{
  PlGraphCanvas *self = canvas;

  if (self->then == filtered)
    self->brought_back = g_rc_box_acquire (data);
  else
    put_back (self, data);
}

void
graph_canvas_follow_filter (PlGraphCanvas *self)
{
  g_signal_connect_object (self->filter, "changed", G_CALLBACK (refilter), self, G_CONNECT_SWAPPED);
  pl_graph_filter_set_keeper (self->filter, keep, bring_back, self, kept_unref);
}
