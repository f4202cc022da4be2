/* What the pointer rests on stays where it is, though bars open above the graph or a filter leaves little of it, and there is
 * nothing to scroll to: the view then reaches beyond the graph's ends, into the air. It goes no further by hand, only back; and
 * once the pointer has left or rests on bare ground, it eases to where the graph is. Only what is selected stays even then, as
 * long as all of the graph is in view, or enough of it. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define MARGIN_UNITS 8 /* less than what the scene leaves free above its first node and below its last */

gboolean
graph_canvas_holds (PlGraphCanvas *self)
{
  return self->has_pointer && !self->is_lit_by_keys
         && (self->hover.pick.kind == PICK_NODE || self->hover.pick.kind == PICK_EDGE);
}

void
graph_canvas_add_air (PlGraphCanvas *self, double value, double page, double *lower, double *upper)
{
  self->has_air |= graph_canvas_holds (self);
  if (!self->has_air)
    return;
  *lower = MIN (*lower, value);
  *upper = MAX (*upper, value + page);
}

static double
nearest_ground (PlGraphCanvas *self, double value)
{
  double lowest, highest;

  graph_canvas_get_scroll_range (self, &lowest, &highest);
  return CLAMP (value, lowest, highest);
}

gboolean
graph_canvas_is_in_air (PlGraphCanvas *self)
{
  double value = graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL);

  return self->has_air && !self->is_landing && fabs (nearest_ground (self, value) - value) > 1;
}

/* Whether all of it, but for the scene's empty margins, is seen in a view @page px high that is scrolled to @value, be that in
 * the air. */
static gboolean
shows_all (PlGraphCanvas *self, double value, double page)
{
  double margin = MARGIN_UNITS * self->unit * self->zoom;

  return value <= pl_scene_get_top (self->scene) * self->zoom + margin
         && value + page >= pl_scene_get_height (self->scene) * self->zoom - margin;
}

/* Whether what is selected may stay there though the view is in the air: all of the graph is seen, or it fills half of the view. */
gboolean
graph_canvas_may_rest (PlGraphCanvas *self, double value, double page)
{
  return (self->selection.pick.kind != PICK_NONE || self->menu_pick.kind != PICK_NONE)
         && (shows_all (self, value, page) || fabs (nearest_ground (self, value) - value) <= page / 2);
}

void
graph_canvas_land (PlGraphCanvas *self)
{
  if (!self->has_air || self->is_landing
      || graph_canvas_may_rest (self, graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL),
                                gtk_widget_get_height (GTK_WIDGET (self))))
    return;
  self->is_landing = TRUE;
  graph_canvas_glide (self, nearest_ground (self, graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL)));
  if (self->glide_start_us == 0)
    graph_canvas_landed (self);
}

void
graph_canvas_landed (PlGraphCanvas *self)
{
  if (self->is_landing)
    self->has_air = FALSE;
  self->is_landing = FALSE;
}
