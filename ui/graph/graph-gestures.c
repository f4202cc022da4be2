/* Moving the graph by hand: drag its background, or anything with the middle button; pinch; scroll with Ctrl. A finger's
 * drag and flick are the scrolled window's. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define SCROLL_STEP 1.15 /* zoom of one notch of the wheel */
#define CLICK_SLOP_PX 4.0 /* less is a click whose hand trembled */

/* A finger has a sequence, a pointer has none. Neither X11 nor Wayland names the touch screen as the device. */
gboolean
graph_is_touch (GtkGesture *gesture)
{
  return gtk_gesture_get_last_updated_sequence (gesture) != NULL;
}

static void
on_drag_begin (PlGraphCanvas *self, double x, double y, GtkGesture *drag)
{
  gboolean is_middle = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (drag)) == GDK_BUTTON_MIDDLE;

  if (graph_is_touch (drag) || (!is_middle && graph_canvas_pick (self, x, y).kind != PICK_NONE))
    {
      gtk_gesture_set_state (drag, GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (self->adjustments); i++)
    self->drag_start[i] = gtk_adjustment_get_value (self->adjustments[i]);
}

static void
on_drag_update (PlGraphCanvas *self, double dx, double dy, GtkGesture *drag)
{
  if (!self->is_dragging)
    {
      if (hypot (dx, dy) < CLICK_SLOP_PX)
        return;
      self->is_dragging = TRUE;
      gtk_gesture_set_state (drag, GTK_EVENT_SEQUENCE_CLAIMED);
      gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
    }
  gtk_adjustment_set_value (self->adjustments[GTK_ORIENTATION_HORIZONTAL],
                            self->drag_start[GTK_ORIENTATION_HORIZONTAL] - dx);
  gtk_adjustment_set_value (self->adjustments[GTK_ORIENTATION_VERTICAL],
                            self->drag_start[GTK_ORIENTATION_VERTICAL] - dy);
}

static void
on_drag_end (PlGraphCanvas *self)
{
  if (!self->is_dragging)
    return;
  self->is_dragging = FALSE;
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
  graph_canvas_pick_again (self);
  if (!self->has_pointer)
    graph_canvas_let_go (self);
}

static gboolean
on_scroll (PlGraphCanvas *self, double dx, double dy, GtkEventController *scroll)
{
  if (!(gtk_event_controller_get_current_event_state (scroll) & GDK_CONTROL_MASK) || dy == 0)
    return FALSE;
  graph_canvas_zoom_by (self, pow (SCROLL_STEP, -dy));
  return TRUE;
}

/* ---- two fingers ---- */

/* Between the fingers, px of the canvas; to half a pixel, else what they hold would tremble. */
static gboolean
middle_of (PlGraphCanvas *self, GtkGesture *pinch, double *x, double *y)
{
  GtkWidget *scroller = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (pinch));
  graphene_point_t middle;
  g_autoptr (GList) sequences = gtk_gesture_get_sequences (pinch);
  guint n = 0;

  *x = *y = 0;
  for (GList *l = sequences; l; l = l->next)
    {
      double point_x, point_y;

      if (!gtk_gesture_get_point (pinch, l->data, &point_x, &point_y))
        continue;
      *x += point_x;
      *y += point_y;
      n++;
    }
  if (n == 0 || !gtk_widget_compute_point (scroller, GTK_WIDGET (self), &GRAPHENE_POINT_INIT (*x / n, *y / n), &middle))
    return FALSE;
  *x = middle.x;
  *y = middle.y;
  return TRUE;
}

/* The scrolled window's own gesture of one finger; NULL where GTK has it otherwise. */
static GtkGesture *
drag_of (GtkWidget *scroller)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (scroller);
  guint n = g_list_model_get_n_items (controllers);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_OBJECT_TYPE (controller) == GTK_TYPE_GESTURE_DRAG
          && gtk_gesture_single_get_touch_only (GTK_GESTURE_SINGLE (controller)))
        return GTK_GESTURE (controller); /* the widget holds it */
    }
  return NULL;
}

/* One group with the scrolled window's gesture: else whichever finger has begun to scroll is lost for a pinch. */
static void
join_drag (GtkGesture *pinch, GtkWidget *scroller)
{
  GtkGesture *drag = drag_of (scroller);

  if (drag)
    gtk_gesture_group (drag, pinch);
}

/* That will be there whatever unfolds; 0: none. */
static guint64
node_nearest_to (PlGraphCanvas *self, double x, double y)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);
  double best = G_MAXDOUBLE;
  guint64 id = 0;

  graph_canvas_to_scene (self, &x, &y);
  for (guint i = 0; i < n; i++)
    {
      double distance = hypot (nodes[i].x + nodes[i].width / 2 - x, nodes[i].y + nodes[i].height / 2 - y);

      if ((nodes[i].flags & (PL_SCENE_LEAVING | PL_SCENE_BUNDLE)) || distance >= best)
        continue;
      best = distance;
      id = nodes[i].id;
    }
  return id;
}

static void
on_pinch_begin (PlGraphCanvas *self, GdkEventSequence *sequence, GtkGesture *pinch)
{
  GtkWidget *scroller = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (pinch));
  double x, y;

  /* What it does with one finger ends, and the refusals that come of that are for it alone. */
  gtk_gesture_ungroup (pinch);
  gtk_scrolled_window_set_kinetic_scrolling (GTK_SCROLLED_WINDOW (scroller), FALSE);
  gtk_gesture_set_state (pinch, GTK_EVENT_SEQUENCE_CLAIMED);
  if (!middle_of (self, pinch, &x, &y))
    return;
  self->pinch_zoom = pl_graph_canvas_get_zoom (self);
  self->pinch_place = graph_canvas_place_at (self, x, y);
  self->pinch_node_id = node_nearest_to (self, x, y);
  graph_canvas_update_pin (self);
}

static void
on_pinch_end (PlGraphCanvas *self, GdkEventSequence *sequence, GtkGesture *pinch)
{
  GtkWidget *scroller = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (pinch));

  self->pinch_node_id = 0;
  graph_canvas_update_pin (self);
  gtk_scrolled_window_set_kinetic_scrolling (GTK_SCROLLED_WINDOW (scroller), TRUE);
  join_drag (pinch, scroller);
}

/* What was between the fingers stays there, wherever they go. */
static void
on_pinch (PlGraphCanvas *self, GdkEventSequence *sequence, GtkGesture *pinch)
{
  double x, y;

  if (!middle_of (self, pinch, &x, &y))
    return;
  graph_canvas_hold (self, self->pinch_zoom * gtk_gesture_zoom_get_scale_delta (GTK_GESTURE_ZOOM (pinch)),
                     &self->pinch_place, x, y);
  graph_canvas_zoomed_by_hand (self, x, y);
}

/**
 * pl_graph_canvas_add_pinch:
 * @self: a canvas
 * @scroller: the scrolled window that it is in
 *
 * Has two fingers zoom and move it, on a touch screen or a touchpad.
 */
void
pl_graph_canvas_add_pinch (PlGraphCanvas *self, GtkScrolledWindow *scroller)
{
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (pinch), GTK_PHASE_CAPTURE);
  g_signal_connect_object (pinch, "begin", G_CALLBACK (on_pinch_begin), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pinch, "update", G_CALLBACK (on_pinch), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pinch, "end", G_CALLBACK (on_pinch_end), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (scroller), GTK_EVENT_CONTROLLER (pinch));
  join_drag (pinch, GTK_WIDGET (scroller));
}

void
graph_canvas_add_gestures (PlGraphCanvas *self)
{
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  /* The middle one drags nothing on Wayland with GTK 4.8: GDK says there that another button is held. */
  const guint buttons[] = { GDK_BUTTON_PRIMARY, GDK_BUTTON_MIDDLE };

  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      GtkGesture *drag = gtk_gesture_drag_new ();

      gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), buttons[i]);
      g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
      g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (on_drag_update), self);
      g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (on_drag_end), self);
      gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
    }
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (on_scroll), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
}
