/* The scroll follows what eases: as long, by the same curve, so that what is held stays where it is on the screen. Whoever
 * scrolls by hand in the midst of it has the scroll. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define GLIDE_US 200000 /* as scene/ has nodes ease */

void
graph_canvas_glide (PlGraphCanvas *self, double value)
{
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];

  self->glide_start_us = 0;
  if (vertical == NULL)
    return;
  if (!self->is_animated || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      gtk_adjustment_set_value (vertical, value);
      return;
    }
  self->glide_from = self->glide_at = gtk_adjustment_get_value (vertical);
  self->glide_to = value;
  self->glide_start_us = self->glide_from != value ? graph_canvas_now_us (self) : 0;
  graph_canvas_start_tick (self);
}

gboolean
graph_canvas_glide_step (PlGraphCanvas *self, gint64 now_us)
{
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];
  double left = 1 - CLAMP ((double)(now_us - self->glide_start_us) / GLIDE_US, 0, 1);

  if (self->glide_start_us == 0)
    return FALSE;
  if (vertical == NULL || fabs (gtk_adjustment_get_value (vertical) - self->glide_at) > 0.5)
    self->glide_start_us = 0;
  else
    {
      gtk_adjustment_set_value (vertical, self->glide_to + (self->glide_from - self->glide_to) * left * left * left);
      self->glide_at = gtk_adjustment_get_value (vertical);
      if (left == 0)
        self->glide_start_us = 0;
    }
  return self->glide_start_us != 0;
}
