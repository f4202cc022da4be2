/* Moving the graph by hand: drag its background, or anything with the middle button; pinch; scroll with Ctrl. A finger's
 * drag and flick are the scrolled window's. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define SCROLL_STEP 1.15 /* zoom of one notch of the wheel */
#define CLICK_SLOP_PX 4.0 /* less is a click whose hand trembled */

static gboolean
is_touch (GtkGesture *gesture)
{
  GdkEvent *event = gtk_gesture_get_last_event (gesture, gtk_gesture_get_last_updated_sequence (gesture));
  GdkDevice *device = event ? gdk_event_get_device (event) : NULL;

  return device && gdk_device_get_source (device) == GDK_SOURCE_TOUCHSCREEN;
}

static void
on_drag_begin (PlGraphCanvas *self, double x, double y, GtkGesture *drag)
{
  gboolean is_middle = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (drag)) == GDK_BUTTON_MIDDLE;

  if (is_touch (drag) || (!is_middle && graph_canvas_pick (self, x, y).kind != PICK_NONE))
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
}

static gboolean
on_scroll (PlGraphCanvas *self, double dx, double dy, GtkEventController *scroll)
{
  if (!(gtk_event_controller_get_current_event_state (scroll) & GDK_CONTROL_MASK) || dy == 0)
    return FALSE;
  if (self->has_pointer)
    pl_graph_canvas_zoom_at (self, pl_graph_canvas_get_zoom (self) * pow (SCROLL_STEP, -dy), self->pointer_x,
                             self->pointer_y);
  else
    pl_graph_canvas_set_zoom (self, pl_graph_canvas_get_zoom (self) * pow (SCROLL_STEP, -dy));
  graph_canvas_zoomed_by_hand (self, self->pointer_x, self->pointer_y);
  return TRUE;
}

static void
on_pinch_begin (PlGraphCanvas *self, GdkEventSequence *sequence, GtkGesture *pinch)
{
  self->pinch_start = pl_graph_canvas_get_zoom (self);
  gtk_gesture_set_state (pinch, GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
on_pinch (PlGraphCanvas *self, double scale, GtkGesture *pinch)
{
  double x, y;

  if (!gtk_gesture_get_bounding_box_center (pinch, &x, &y))
    return;
  pl_graph_canvas_zoom_at (self, self->pinch_start * scale, x, y);
  graph_canvas_zoomed_by_hand (self, x, y);
}

void
graph_canvas_add_gestures (PlGraphCanvas *self)
{
  GtkGesture *pinch = gtk_gesture_zoom_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
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
  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (on_pinch_begin), self);
  g_signal_connect_swapped (pinch, "scale-changed", G_CALLBACK (on_pinch), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (pinch));
}
