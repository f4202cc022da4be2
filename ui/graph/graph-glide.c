/* The scroll follows what eases: as long, by the same curve, so that what is held stays where it is on the screen. Whoever
 * scrolls by hand in the midst of it has the scroll. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define GLIDE_US 200000 /* as scene/ has nodes ease */

static void
set_scroll (PlGraphCanvas *self, double value)
{
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];
  double lower = gtk_adjustment_get_lower (vertical), upper = gtk_adjustment_get_upper (vertical);
  double page = gtk_adjustment_get_page_size (vertical);

  graph_canvas_add_air (self, value, page, &lower, &upper);
  gtk_adjustment_configure (vertical, value, lower, upper, page * 0.1, page * 0.9, page);
}

static void
stand (PlGraphCanvas *self)
{
  self->glide_start_us = 0;
  graph_canvas_landed (self);
}

void
graph_canvas_glide (PlGraphCanvas *self, double value)
{
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];

  self->glide_start_us = 0;
  if (vertical == NULL)
    return;
  if (!self->is_animated || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      set_scroll (self, value);
      stand (self);
      return;
    }
  self->glide_from = self->glide_at = gtk_adjustment_get_value (vertical);
  self->glide_to = value;
  self->glide_start_us = self->glide_from != value ? graph_canvas_now_us (self) : 0;
  graph_canvas_start_tick (self);
}

void
graph_canvas_shift_glide (PlGraphCanvas *self, double by)
{
  self->glide_from += by;
  self->glide_to += by;
  self->glide_at += by;
}

gboolean
graph_canvas_glide_step (PlGraphCanvas *self, gint64 now_us)
{
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];
  double left = 1 - CLAMP ((double)(now_us - self->glide_start_us) / GLIDE_US, 0, 1);

  if (self->glide_start_us == 0)
    return FALSE;
  if (vertical == NULL || fabs (gtk_adjustment_get_value (vertical) - self->glide_at) > 0.5)
    {
      self->is_landing = FALSE; /* somebody scrolls, and may do so from the air */
      self->glide_start_us = 0;
      return FALSE;
    }
  set_scroll (self, self->glide_to + (self->glide_from - self->glide_to) * left * left * left);
  self->glide_at = gtk_adjustment_get_value (vertical);
  if (left == 0)
    stand (self);
  return self->glide_start_us != 0;
}
