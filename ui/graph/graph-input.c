/* Pointer and keys of the graph. Main loop only. */
#include <glib/gi18n.h>

#include "graph-canvas-private.h"

#include <math.h>

#define EDGE_TOLERANCE_PX 5.0
#define ARROW_PX 26.0
#define FINGER_PX 12.0 /* beside what it means, a finger still means it */

Pick
graph_canvas_pick (PlGraphCanvas *self, double x, double y)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);
  const PlSceneEdge *edge;

  graph_canvas_to_scene (self, &x, &y);
  for (guint i = 0; i < n; i++)
    if (!(nodes[i].flags & PL_SCENE_LEAVING) && x >= nodes[i].x && x < nodes[i].x + nodes[i].width && y >= nodes[i].y
        && y < nodes[i].y + nodes[i].height)
      return (Pick){ PICK_NODE, nodes[i].id };
  edge = pl_scene_edge_at (self->scene, x, y, EDGE_TOLERANCE_PX / MIN (self->zoom, 1));
  if (edge)
    return (Pick){ PICK_EDGE, edge->id };
  return (Pick){ PICK_NONE, 0 };
}

/* What a finger means that touches nothing: the node nearest to it, or else a line. */
static Pick
pick_near (PlGraphCanvas *self, double x, double y)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n), *nearest = NULL;
  const PlSceneEdge *edge;
  double best = FINGER_PX / self->zoom;

  graph_canvas_to_scene (self, &x, &y);
  for (guint i = 0; i < n; i++)
    {
      double beside = MAX (MAX (nodes[i].x - x, x - nodes[i].x - nodes[i].width), 0);
      double above = MAX (MAX (nodes[i].y - y, y - nodes[i].y - nodes[i].height), 0);

      if ((nodes[i].flags & PL_SCENE_LEAVING) || hypot (beside, above) >= best)
        continue;
      best = hypot (beside, above);
      nearest = &nodes[i];
    }
  if (nearest)
    return (Pick){ PICK_NODE, nearest->id };
  edge = pl_scene_edge_at (self->scene, x, y, FINGER_PX / self->zoom);
  return edge ? (Pick){ PICK_EDGE, edge->id } : (Pick){ PICK_NONE, 0 };
}

static Pick
pick_by (PlGraphCanvas *self, GtkGesture *gesture, double x, double y)
{
  Pick pick = graph_canvas_pick (self, x, y);

  return pick.kind == PICK_NONE && graph_is_touch (gesture) ? pick_near (self, x, y) : pick;
}

void
graph_canvas_hover_changed (PlGraphCanvas *self)
{
  graph_canvas_update_marks (self);
  graph_canvas_update_lines (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
set_hover (PlGraphCanvas *self, Pick pick, gboolean by_keys)
{
  gboolean was_by_keys = self->is_lit_by_keys;

  self->is_lit_by_keys = by_keys && pick.kind != PICK_NONE;
  if (pick.kind == self->hover.pick.kind && pick.id == self->hover.pick.id && was_by_keys == self->is_lit_by_keys)
    return;
  graph_canvas_hide_tip (self);
  graph_lit_set (&self->hover, pick, NULL);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), pick.kind != PICK_NONE && !by_keys ? "pointer" : NULL);
  graph_canvas_hover_changed (self);
}

void
graph_canvas_hover_nothing (PlGraphCanvas *self)
{
  set_hover (self, (Pick){ PICK_NONE, 0 }, FALSE);
}

/* GTK tells it once more, too, after the details came over the pointer, and when they are about to go. */
static void
on_leave (PlGraphCanvas *self)
{
  gboolean had_pointer = self->has_pointer;

  self->has_pointer = FALSE;
  graph_canvas_hide_tip (self);
  if (!self->is_lit_by_keys)
    graph_canvas_hover_nothing (self);
  if (had_pointer && !self->is_dragging && self->menu_pick.kind == PICK_NONE)
    graph_canvas_let_go (self);
}

Pick
graph_canvas_under_pointer (PlGraphCanvas *self)
{
  return self->has_pointer && !self->has_stale_pointer ? graph_canvas_pick (self, self->pointer_x, self->pointer_y)
                                                       : (Pick){ PICK_NONE, 0 };
}

/* The world moved under a pointer that stands still, or the view ends before it now. */
void
graph_canvas_pick_again (PlGraphCanvas *self)
{
  if (!self->has_pointer || self->is_dragging)
    return;
  if (self->pointer_x < 0 || self->pointer_x >= gtk_widget_get_width (GTK_WIDGET (self)))
    on_leave (self);
  else if (!self->is_lit_by_keys)
    set_hover (self, graph_canvas_under_pointer (self), FALSE);
  graph_canvas_watch_rest (self, FALSE);
}

/* GTK tells of a resting pointer, too, whenever something is laid out, and where that moves the graph, of another place in it. */
static gboolean
has_moved (PlGraphCanvas *self, double x, double y)
{
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self)));
  graphene_point_t before = self->pointer_at;

  return !gtk_widget_compute_point (GTK_WIDGET (self), window, &GRAPHENE_POINT_INIT (x, y), &self->pointer_at)
         || !graphene_point_near (&before, &self->pointer_at, 1);
}

static void
on_motion (PlGraphCanvas *self, double x, double y)
{
  gboolean is_moved = has_moved (self, x, y);

  self->has_pointer = TRUE;
  self->has_stale_pointer &= !is_moved;
  self->pointer_x = x;
  self->pointer_y = y;
  if (!self->is_dragging && (is_moved || !self->is_lit_by_keys))
    set_hover (self, graph_canvas_under_pointer (self), FALSE);
  graph_canvas_watch_rest (self, is_moved);
}

/* The arrow at a node's end: that draws an app's processes one by one, or together again, or folds what was unfolded. FALSE
 * where there is none. */
static gboolean
press_arrow (PlGraphCanvas *self, Pick pick, double x)
{
  const PlSceneNode *node = pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, pick.id) : NULL;
  double y = 0;

  graph_canvas_to_scene (self, &x, &y);
  if (node == NULL || x < node->x + node->width - ARROW_PX * self->unit)
    return FALSE;
  if (node->flags & (PL_SCENE_MANY | PL_SCENE_PROCESS))
    return pl_graph_canvas_toggle_processes (self, pick.id);
  return !(node->flags & PL_SCENE_BUNDLE) && graph_canvas_fold (self, pick);
}

/* A finger seldom taps twice as near to the first place as GTK wants it of two clicks. */
static gboolean
is_second_tap (PlGraphCanvas *self, GtkGesture *click, double x, double y)
{
  guint32 time_ms = gtk_event_controller_get_current_event_time (GTK_EVENT_CONTROLLER (click));
  int apart_ms = 0;
  gboolean is_second;

  if (!graph_is_touch (click))
    return FALSE;
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-double-click-time", &apart_ms, NULL);
  is_second = self->tap_time_ms != 0 && time_ms - self->tap_time_ms <= (guint)apart_ms
              && hypot (x - self->tap_x, y - self->tap_y) < PL_TAPS_APART_PX;
  self->tap_time_ms = is_second ? 0 : time_ms;
  self->tap_x = x;
  self->tap_y = y;
  return is_second;
}

/* The first click chooses, the second of a double click filters to what the first was for. What stands for several
 * unfolds. */
static void
on_released (PlGraphCanvas *self, int n_press, double x, double y, GtkGesture *click)
{
  Pick pick = pick_by (self, click, x, y);
  GtkWidget *node = pick.kind == PICK_NODE ? g_hash_table_lookup (self->nodes, &pick.id) : NULL;
  gboolean is_second = is_second_tap (self, click, x, y) || n_press == 2 || self->is_second_press;

  self->has_stale_pointer = FALSE;
  if (is_second && self->pressed.kind != PICK_NONE)
    {
      graph_canvas_command (self, self->pressed, "filter");
      return;
    }
  if (press_arrow (self, pick, x))
    {
      self->pressed = (Pick){ PICK_NONE, 0 };
      return;
    }
  gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), node);
  graph_canvas_expect_width (self);
  graph_canvas_leave_line (self);
  self->pressed = pick;
  graph_canvas_press (self, pick);
  if (self->selection.pick.kind == PICK_FLOWS) /* unfolded: it is there no longer */
    self->pressed = self->selection.pick;
}

/**
 * pl_graph_canvas_second_click:
 * @self: a canvas
 *
 * The second of two clicks came to what the first has opened: filters to what that was for.
 */
void
pl_graph_canvas_second_click (PlGraphCanvas *self)
{
  if (self->pressed.kind != PICK_NONE)
    graph_canvas_command (self, self->pressed, "filter");
}

void
pl_graph_canvas_expect_second (PlGraphCanvas *self, gboolean is_second)
{
  self->is_second_press = is_second;
}

static void
on_right_pressed (PlGraphCanvas *self, int n_press, double x, double y, GtkGesture *click)
{
  gtk_gesture_set_state (click, GTK_EVENT_SEQUENCE_CLAIMED);
  graph_canvas_popup (self, pick_by (self, click, x, y), x, y);
}

static void
on_long_press (PlGraphCanvas *self, double x, double y, GtkGesture *press)
{
  on_right_pressed (self, 1, x, y, press);
}

/* GTK asks when it would show one of its own: never that, but ours, of what is lit. */
static gboolean
on_query_tooltip (PlGraphCanvas *self, int x, int y, gboolean is_keyboard, GtkTooltip *tooltip)
{
  Pick pick = graph_canvas_pick (self, x, y);
  gboolean is_lit = graph_canvas_holds (self) && pick.kind == self->hover.pick.kind && pick.id == self->hover.pick.id;
  g_autofree char *text = is_lit && self->menu_pick.kind == PICK_NONE ? graph_canvas_describe (self, pick) : NULL;

  if (text)
    graph_canvas_show_tip (self, pick, text);
  else
    graph_canvas_hide_tip (self);
  return FALSE;
}

/* ---- keys ---- */

static PlGraphNode *
focused_node (PlGraphCanvas *self)
{
  GtkWidget *child = gtk_widget_get_focus_child (GTK_WIDGET (self));

  return child && PL_IS_GRAPH_NODE (child) ? PL_GRAPH_NODE (child) : NULL;
}

/* What the keys stand at, said by the node that has them and lit like what the pointer rests on. */
static void
stand_at (PlGraphCanvas *self, PlGraphNode *node, guint64 line_id, guint at, guint n)
{
  Pick pick = line_id ? (Pick){ PICK_EDGE, line_id } : (Pick){ PICK_NODE, pl_graph_node_get (node)->id };
  g_autofree char *edge = line_id ? graph_canvas_describe (self, pick) : NULL;
  /* Translators: for a screen reader: at which of its lines one stands, and what that is */
  g_autofree char *words = edge ? g_strdup_printf (_ ("Line %u of %u: %s"), at, n, edge) : NULL;

  self->line_id = line_id;
  self->line_node_id = pl_graph_node_get (node)->id;
  pl_graph_node_set_line (node, words);
  set_hover (self, pick, TRUE);
}

void
graph_canvas_leave_line (PlGraphCanvas *self)
{
  PlGraphNode *node = g_hash_table_lookup (self->nodes, &self->line_node_id);

  self->line_id = self->line_node_id = 0;
  if (node)
    pl_graph_node_set_line (node, NULL);
}

/* Whoever brought them there: a line is left when they come to another node, and when they go elsewhere, what they lit is not
 * lit any more. */
void
graph_canvas_keys_come (PlGraphCanvas *self, PlGraphNode *node)
{
  if (node == NULL && self->is_lit_by_keys && self->search == NULL && self->hover.pick.kind != PICK_FLOWS)
    set_hover (self, (Pick){ PICK_NONE, 0 }, FALSE);
  if (node != NULL && pl_graph_node_get (node)->id != self->line_node_id)
    graph_canvas_leave_line (self);
}

/* They come to a node by the Tab key: it is lit and in view, as by the arrow keys. */
void
graph_canvas_keys_tabbed (PlGraphCanvas *self)
{
  PlGraphNode *node = focused_node (self);

  if (node == NULL)
    return;
  graph_canvas_show_node (self, pl_graph_node_get (node));
  stand_at (self, node, 0, 0, 0);
}

static void
go_to (PlGraphCanvas *self, const PlSceneNode *node)
{
  GtkWidget *widget = node ? g_hash_table_lookup (self->nodes, &node->id) : NULL;

  if (widget == NULL)
    return;
  gtk_widget_grab_focus (widget);
  graph_canvas_show_node (self, node);
  stand_at (self, PL_GRAPH_NODE (widget), 0, 0, 0);
}

static gboolean
go_to_line (PlGraphCanvas *self, PlGraphNode *focus, const PlSceneNode *from, int step)
{
  guint at, n;
  guint64 line_id = graph_walk_lines (self->scene, from, self->line_id, step, &at, &n);

  stand_at (self, focus, line_id, at, n);
  return TRUE;
}

/* Along an edge, and back by the one that brought the keys there. Who came to @from in another way begins anew. */
static const PlSceneNode *
follow_edge (PlGraphCanvas *self, const PlSceneNode *from, int step)
{
  const PlSceneNode *to;

  if (self->trail[from->lane] != from->id)
    memset (self->trail, 0, sizeof self->trail);
  self->trail[from->lane] = from->id;
  to = graph_walk_edge (self->scene, from, step, self->trail);
  if (to)
    self->trail[to->lane] = to->id;
  return to;
}

/* Whether that key walks. At the end of a lane or an edge one stays: the window would take an arrow key out of the graph, to
 * whatever is nearest. */
static gboolean
walk (PlGraphCanvas *self, const PlSceneNode *from, guint key)
{
  int forward = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? -1 : 1;
  const PlSceneNode *to;

  switch (key)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      to = graph_walk_lane (self->scene, from, -1);
      break;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      to = graph_walk_lane (self->scene, from, 1);
      break;
    case GDK_KEY_Home:
      to = graph_walk_lane (self->scene, from, G_MININT);
      break;
    case GDK_KEY_End:
      to = graph_walk_lane (self->scene, from, G_MAXINT);
      break;
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      to = follow_edge (self, from, -forward);
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      to = follow_edge (self, from, forward);
      break;
    default:
      return FALSE;
    }
  go_to (self, to);
  return TRUE;
}

/* Back by one step: from a line to its node, from what is selected, from what is lit by other than the pointer. */
static gboolean
step_back (PlGraphCanvas *self, PlGraphNode *focus)
{
  if (self->line_id != 0 && focus)
    {
      stand_at (self, focus, 0, 0, 0);
      return TRUE;
    }
  if (self->selection.pick.kind == PICK_NONE && !self->is_lit_by_keys)
    return FALSE;
  set_hover (self, graph_canvas_under_pointer (self), FALSE);
  graph_canvas_expect_width (self);
  if (self->selection.pick.kind != PICK_NONE)
    graph_canvas_select (self, (Pick){ PICK_NONE, 0 });
  return TRUE;
}

static gboolean
on_key (PlGraphCanvas *self, guint key, guint code, GdkModifierType state)
{
  PlGraphNode *focus = focused_node (self);
  const PlSceneNode *from = focus ? pl_scene_find_node (self->scene, pl_graph_node_get (focus)->id) : NULL;
  GdkModifierType mods = state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK);
  gboolean is_up = key == GDK_KEY_Up || key == GDK_KEY_KP_Up, is_down = key == GDK_KEY_Down || key == GDK_KEY_KP_Down;

  if (key == GDK_KEY_Escape)
    return step_back (self, focus);
  if (from == NULL)
    return FALSE;
  if (mods == GDK_CONTROL_MASK && (is_up || is_down))
    return go_to_line (self, focus, from, is_up ? -1 : 1);
  return mods == 0 && walk (self, from, key);
}

void
graph_canvas_add_input (PlGraphCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new (), *right = gtk_gesture_click_new ();
  GtkGesture *held = gtk_gesture_long_press_new ();

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (widget, keys);
  g_signal_connect_swapped (click, "released", G_CALLBACK (on_released), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (right), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (right, "pressed", G_CALLBACK (on_right_pressed), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (right));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (held), TRUE);
  g_signal_connect_swapped (held, "pressed", G_CALLBACK (on_long_press), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (held));
  g_signal_connect_swapped (self, "query-tooltip", G_CALLBACK (on_query_tooltip), self);
  gtk_widget_set_has_tooltip (widget, TRUE);
}
