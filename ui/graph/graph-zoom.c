/* Where the scene stands in the widget: scrolled, zoomed, and mirrored where text runs right to left. Below 100 % the scene
 * gets more room, so that it still fills the width; above, it is magnified and wider than the widget. On a very wide screen
 * 100 % itself is larger: lanes with nothing but empty space between them can't be followed. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define STEP 1.2 /* of one + or − */
#define ROOMY_UNITS 1920.0 /* of width, from which on 100 % grows with it */
#define ROOMIEST 1.6
#define FIT_ROUNDS 3 /* lanes that turn into a list, or back, change the height once */

double
graph_canvas_scroll (PlGraphCanvas *self, GtkOrientation orientation)
{
  GtkAdjustment *adjustment = self->adjustments[orientation];

  /* whole pixels: texts and lines stay crisp while a flick runs out */
  return adjustment ? round (gtk_adjustment_get_value (adjustment)) : 0;
}

double
graph_canvas_world_for (PlGraphCanvas *self, double width)
{
  width = MAX (width, GRAPH_MIN_WIDTH_UNITS * self->unit);
  return self->zoom != 1 ? ceil (width / MIN (self->zoom, self->roomy)) : width;
}

double
graph_canvas_world_width (PlGraphCanvas *self)
{
  return graph_canvas_world_for (self, graph_canvas_laid_width (self));
}

/* Right to left it begins at the end of this. */
double
graph_canvas_span (PlGraphCanvas *self)
{
  return MAX (graph_canvas_world_width (self), gtk_widget_get_width (GTK_WIDGET (self)) / self->zoom);
}

/* For @width px; what was shown at 100 % still is. Returns whether anything changes. */
gboolean
graph_canvas_use_room (PlGraphCanvas *self, double width)
{
  double roomy = CLAMP (width / (ROOMY_UNITS * self->unit), 1, ROOMIEST), zoom;

  if (roomy == self->roomy)
    return FALSE;
  zoom = pl_graph_canvas_get_zoom (self);
  /* 100 % is not a rounding error more: that would want a bar, which then wakes amid an allocation. */
  self->zoom = (fabs (zoom - 1) < 0.001 ? 1 : zoom) * roomy;
  self->roomy = roomy;
  return TRUE;
}

gboolean
graph_canvas_is_mirrored (PlGraphCanvas *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

void
graph_canvas_to_scene (PlGraphCanvas *self, double *x, double *y)
{
  *x = (*x + graph_canvas_scroll (self, GTK_ORIENTATION_HORIZONTAL)) / self->zoom;
  *y = (*y + graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL)) / self->zoom;
  if (graph_canvas_is_mirrored (self))
    *x = graph_canvas_span (self) - *x;
}

/* @x is the left edge of something @width wide; both in the scene, as is @width. */
void
graph_canvas_from_scene (PlGraphCanvas *self, double *x, double *y, double width)
{
  if (graph_canvas_is_mirrored (self))
    *x = graph_canvas_span (self) - *x - width;
  *x = *x * self->zoom - graph_canvas_scroll (self, GTK_ORIENTATION_HORIZONTAL);
  *y = *y * self->zoom - graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL);
}

static void
configure (PlGraphCanvas *self, GtkOrientation orientation, double shift, double page, double lower, double upper)
{
  GtkAdjustment *adjustment = self->adjustments[orientation];
  double value;

  if (adjustment == NULL)
    return;
  value = gtk_adjustment_get_value (adjustment) + shift;
  upper = MAX (upper, lower + page);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    graph_canvas_add_air (self, value, page, &lower, &upper);
  gtk_adjustment_configure (adjustment, value, lower, upper, page * 0.1, page * 0.9, page);
}

/* What can be scrolled to, as the scene and the zoom are now. */
void
graph_canvas_configure_adjustments (PlGraphCanvas *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  double top, bottom,
      world = MAX (graph_canvas_laid_width (self), GRAPH_MIN_WIDTH_UNITS * self->unit)
              * (self->zoom > self->roomy ? self->zoom / self->roomy : 1);

  configure (self, GTK_ORIENTATION_HORIZONTAL, self->width.shift_px, width, 0, world);
  self->width.shift_px = 0;
  /* While nodes are on their way, as far as these are still: else the view would be there at once and they later. */
  pl_scene_get_extent (self->scene, &top, &bottom);
  bottom *= self->zoom;
  /* Who looks at places that are kept for who has just gone goes on to do so, but nobody is led there. */
  bottom = MAX (bottom, MIN (pl_scene_get_height (self->scene) * self->zoom,
                             graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL) + self->push_px + height));
  configure (self, GTK_ORIENTATION_VERTICAL, self->push_px, height, floor (top * self->zoom), bottom);
  self->push_px = 0;
}

/* As the scene will stand. */
void
graph_canvas_get_scroll_range (PlGraphCanvas *self, double *lowest, double *highest)
{
  double page = gtk_widget_get_height (GTK_WIDGET (self));

  *lowest = floor (pl_scene_get_top (self->scene) * self->zoom);
  *highest = MAX (pl_scene_get_height (self->scene) * self->zoom - page, *lowest);
}

static double
scrolled (PlGraphCanvas *self, GtkOrientation orientation)
{
  return self->adjustments[orientation] ? gtk_adjustment_get_value (self->adjustments[orientation]) : 0;
}

GraphPlace
graph_canvas_place_at (PlGraphCanvas *self, double x, double y)
{
  return (GraphPlace){ (x + scrolled (self, GTK_ORIENTATION_HORIZONTAL))
                           / (graph_canvas_world_width (self) * self->zoom),
                       (y + scrolled (self, GTK_ORIENTATION_VERTICAL)) / self->zoom };
}

static void
set_zoom (PlGraphCanvas *self, double zoom)
{
  self->zoom = zoom;
  if (gtk_widget_get_width (GTK_WIDGET (self)) > 0)
    {
      pl_scene_set_size (self->scene, graph_canvas_world_width (self), self->line_height);
      graph_canvas_configure_adjustments (self);
    }
  self->has_new_lines = TRUE;
  graph_canvas_sync_later (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* Zooms, and brings the place to (@x, @y), px of the widget, as far as there is something to scroll. */
void
graph_canvas_hold (PlGraphCanvas *self, double zoom, const GraphPlace *place, double x, double y)
{
  gboolean is_other;
  double lowest, highest;

  zoom = CLAMP (zoom, PL_GRAPH_MIN_ZOOM, PL_GRAPH_MAX_ZOOM);
  if (fabs (zoom - 1) < 0.02)
    zoom = 1;
  zoom *= self->roomy;
  is_other = zoom != self->zoom;
  if (is_other)
    set_zoom (self, zoom);
  if (gtk_widget_get_width (GTK_WIDGET (self)) > 0)
    {
      gtk_adjustment_set_value (self->adjustments[GTK_ORIENTATION_HORIZONTAL],
                                place->x * graph_canvas_world_width (self) * zoom - x);
      graph_canvas_get_scroll_range (self, &lowest, &highest);
      gtk_adjustment_set_value (self->adjustments[GTK_ORIENTATION_VERTICAL],
                                CLAMP (place->y * zoom - y, lowest, highest));
    }
  if (is_other)
    graph_canvas_zoomed (self);
}

/**
 * pl_graph_canvas_zoom_at:
 * @self: a canvas
 * @zoom: 1 for 100 %; clamped to what is allowed
 * @x: in the widget, px
 * @y: in the widget, px
 *
 * Zooms; what stands at (@x, @y) stays there as far as there is something to scroll.
 */
void
pl_graph_canvas_zoom_at (PlGraphCanvas *self, double zoom, double x, double y)
{
  GraphPlace place = graph_canvas_place_at (self, x, y);

  graph_canvas_hold (self, zoom, &place, x, y);
}

double
pl_graph_canvas_get_roomy (PlGraphCanvas *self)
{
  return self->roomy;
}

double
pl_graph_canvas_get_zoom (PlGraphCanvas *self)
{
  return self->zoom / self->roomy;
}

void
pl_graph_canvas_set_zoom (PlGraphCanvas *self, double zoom)
{
  pl_graph_canvas_zoom_at (self, zoom, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                           gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
}

/* So many times larger, at the pointer where there is one. */
void
graph_canvas_zoom_by (PlGraphCanvas *self, double factor)
{
  double x = self->has_pointer ? self->pointer_x : gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;
  double y = self->has_pointer ? self->pointer_y : gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;

  pl_graph_canvas_zoom_at (self, pl_graph_canvas_get_zoom (self) * factor, x, y);
  graph_canvas_zoomed_by_hand (self, x, y);
}

/* One step in (1) or out (-1). */
void
pl_graph_canvas_zoom_step (PlGraphCanvas *self, int step)
{
  graph_canvas_zoom_by (self, pow (STEP, step));
}

/* All in view, and no place kept free; nothing is magnified for it. */
void
pl_graph_canvas_fit (PlGraphCanvas *self)
{
  double page = gtk_widget_get_height (GTK_WIDGET (self));

  graph_canvas_drop_width (self);
  if (pl_scene_fold_passing (self->scene)) /* else room were made for what is about to fold */
    graph_canvas_refresh (self);
  graph_canvas_close_up (self);
  for (guint round = 0; round < FIT_ROUNDS && page > 0; round++)
    {
      double height = pl_scene_get_height (self->scene);

      pl_graph_canvas_zoom_at (self, height > 0 ? MIN (1, page / height / self->roomy) : 1, 0, 0);
    }
  graph_canvas_zoomed_by_hand (self, 0, 0);
}

void
pl_graph_canvas_get_lane (PlGraphCanvas *self, PlLane lane, double *x, double *width)
{
  double y = 0;

  pl_scene_get_lane (self->scene, lane, x, width);
  graph_canvas_from_scene (self, x, &y, *width);
  *width *= self->zoom;
}
