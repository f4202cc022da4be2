/* Pointer and keys of the graph. Main loop only. */
#include "graph-canvas-private.h"

#define EDGE_TOLERANCE_PX 5.0
#define UNFOLD_PX 26.0 /* the end of a bundle's chip that unfolds it */

Pick
graph_canvas_pick (PlGraphCanvas *self, double x, double y)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);
  const PlSceneEdge *edge;

  graph_canvas_to_scene (self, &x, &y);
  for (guint i = 0; i < n; i++)
    if (x >= nodes[i].x && x < nodes[i].x + nodes[i].width && y >= nodes[i].y && y < nodes[i].y + nodes[i].height)
      return (Pick){ PICK_NODE, nodes[i].id };
  edge = pl_scene_edge_at (self->scene, x, y, EDGE_TOLERANCE_PX / MIN (self->zoom, 1));
  if (edge)
    return (Pick){ PICK_EDGE, edge->id };
  return (Pick){ PICK_NONE, 0 };
}

void
graph_canvas_hover_changed (PlGraphCanvas *self)
{
  graph_canvas_update_marks (self);
  graph_canvas_update_lines (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
set_hover (PlGraphCanvas *self, Pick pick)
{
  if (pick.kind == self->hover.pick.kind && pick.id == self->hover.pick.id)
    return;
  graph_lit_set (&self->hover, pick, NULL);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), pick.kind != PICK_NONE ? "pointer" : NULL);
  graph_canvas_hover_changed (self);
}

/* The world moved under a pointer that stands still. */
void
graph_canvas_pick_again (PlGraphCanvas *self)
{
  if (self->has_pointer && !self->is_dragging)
    set_hover (self, graph_canvas_pick (self, self->pointer_x, self->pointer_y));
}

static void
on_motion (PlGraphCanvas *self, double x, double y)
{
  self->has_pointer = TRUE;
  self->pointer_x = x;
  self->pointer_y = y;
  if (!self->is_dragging)
    set_hover (self, graph_canvas_pick (self, x, y));
}

static void
on_leave (PlGraphCanvas *self)
{
  self->has_pointer = FALSE;
  set_hover (self, (Pick){ PICK_NONE, 0 });
}

static gboolean
is_on_unfold (PlGraphCanvas *self, Pick pick, double x)
{
  const PlSceneNode *node = pick.kind == PICK_NODE ? graph_find_node (self->scene, pick.id) : NULL;
  double y = 0;

  graph_canvas_to_scene (self, &x, &y);
  return node && (node->flags & (PL_SCENE_BUNDLE | PL_SCENE_MANY | PL_SCENE_PROCESS))
         && x >= node->x + node->width - UNFOLD_PX * self->unit;
}

static void
on_released (PlGraphCanvas *self, int n_press, double x, double y)
{
  Pick pick = graph_canvas_pick (self, x, y);
  GtkWidget *node = pick.kind == PICK_NODE ? g_hash_table_lookup (self->nodes, &pick.id) : NULL;

  if (is_on_unfold (self, pick, x))
    {
      if (pl_graph_canvas_toggle_processes (self, pick.id))
        return;
      if (pl_scene_unfold (self->scene, pick.id))
        {
          graph_canvas_refresh (self);
          return;
        }
    }
  gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), node);
  graph_canvas_select (self, pick);
}

static gboolean
on_query_tooltip (PlGraphCanvas *self, int x, int y, gboolean is_keyboard, GtkTooltip *tooltip)
{
  Pick pick = is_keyboard ? self->hover.pick : graph_canvas_pick (self, x, y);
  g_autofree char *text = graph_canvas_describe (self, pick);

  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

/* ---- keys ---- */

static PlGraphNode *
focused_node (PlGraphCanvas *self)
{
  GtkWidget *child = gtk_widget_get_focus_child (GTK_WIDGET (self));

  return child ? PL_GRAPH_NODE (child) : NULL;
}

static gboolean
go_to (PlGraphCanvas *self, const PlSceneNode *node)
{
  GtkWidget *widget = node ? g_hash_table_lookup (self->nodes, &node->id) : NULL;

  if (widget == NULL)
    return FALSE;
  gtk_widget_grab_focus (widget);
  set_hover (self, (Pick){ PICK_NODE, node->id });
  return TRUE;
}

static const PlSceneNode *
walk (PlGraphCanvas *self, const PlSceneNode *from, guint key)
{
  int forward = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? -1 : 1;

  switch (key)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      return graph_walk_lane (self->scene, from, -1);
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      return graph_walk_lane (self->scene, from, 1);
    case GDK_KEY_Home:
      return graph_walk_lane (self->scene, from, G_MININT);
    case GDK_KEY_End:
      return graph_walk_lane (self->scene, from, G_MAXINT);
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      return graph_walk_edge (self->scene, from, -forward);
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      return graph_walk_edge (self->scene, from, forward);
    default:
      return NULL;
    }
}

static gboolean
on_key (PlGraphCanvas *self, guint key, guint code, GdkModifierType state)
{
  PlGraphNode *focus = focused_node (self);
  const PlSceneNode *from = focus ? graph_find_node (self->scene, pl_graph_node_get (focus)->id) : NULL;

  if (key == GDK_KEY_Escape)
    {
      gboolean had_something = self->selection.pick.kind != PICK_NONE || self->hover.pick.kind != PICK_NONE;

      set_hover (self, (Pick){ PICK_NONE, 0 });
      graph_canvas_select (self, (Pick){ PICK_NONE, 0 });
      return had_something;
    }
  if (from == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)))
    return FALSE;
  return go_to (self, walk (self, from, key));
}

/* + and − and 0 wherever the keys go in the window, unless somebody writes there. */
static gboolean
on_zoom_key (GtkWidget *widget, GVariant *action, gpointer data)
{
  return gtk_widget_get_mapped (widget)
         && gtk_widget_activate_action (widget, g_variant_get_string (action, NULL), NULL);
}

static void
add_zoom_keys (PlGraphCanvas *self)
{
  static const struct
  {
    const char *keys, *action;
  } zooms[] = { { "plus|equal|KP_Add", "graph.zoom-in" },
                { "minus|KP_Subtract", "graph.zoom-out" },
                { "0|KP_0", "graph.zoom-fit" } };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller), GTK_SHORTCUT_SCOPE_GLOBAL);
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      GtkShortcut *shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (zooms[i].keys),
                                                gtk_callback_action_new (on_zoom_key, NULL, NULL));

      gtk_shortcut_set_arguments (shortcut, g_variant_new_string (zooms[i].action));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
    }
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

void
graph_canvas_add_input (PlGraphCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (widget, keys);
  g_signal_connect_swapped (click, "released", G_CALLBACK (on_released), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  g_signal_connect_swapped (self, "query-tooltip", G_CALLBACK (on_query_tooltip), self);
  gtk_widget_set_has_tooltip (widget, TRUE);
  add_zoom_keys (self);
}
