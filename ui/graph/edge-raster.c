/* The rasteriser of the graph's lines. Every column of a stroke is a run of pixels around its y; how far a pixel is from
 * the line is found by projecting it onto the tangent, again and again where the line is steep. Any thread. */
#include "edge-raster.h"

#include <math.h>

#define STEEP 0.6 /* slope of the whole above which one projection is not enough */
#define VERY_STEEP 2.0 /* slope above which the projections start from the point at the same height */
#define N_PROJECTIONS 3 /* mean error of a pixel 0.01, measured in tests/ui/graph/test-edge-raster.c */

/* A stroke in pixels, with what every pixel of it needs. */
typedef struct
{
  double x0, y0, dx, dy, from, to, radius, steepness;
  double dash, period, phase;
  gboolean is_straight, is_steep;
  const PlStroke *stroke;
  double *lengths; /* of the line up to a column's left edge, from first_column on; NULL without dashes */
  int first_column, n_columns;
} Line;

static double
line_y (const Line *line, double x)
{
  double t = CLAMP ((x - line->x0) / line->dx, 0, 1);

  return line->y0 + line->dy * (line->is_straight ? t : t * t * (3 - 2 * t));
}

/* Where the curve has @y: the inverse of 3t² − 2t³. */
static double
line_x (const Line *line, double y)
{
  double s = CLAMP ((y - line->y0) / line->dy, 0, 1);

  return line->x0 + line->dx * (0.5 - sin (asin (1 - 2 * s) / 3));
}

static double
line_slope (const Line *line, double x)
{
  double t = CLAMP ((x - line->x0) / line->dx, 0, 1);

  return line->dy / line->dx * (line->is_straight ? 1 : 6 * t * (1 - t));
}

static double
arc_length (const Line *line, double from, double to)
{
  int n = CLAMP ((int)(to - from) * 4, 8, 4096);
  double sum = 0, x = from, y = line_y (line, from);

  for (int i = 1; i <= n; i++)
    {
      double next_x = from + (to - from) * i / n, next_y = line_y (line, next_x);

      sum += hypot (next_x - x, next_y - y);
      x = next_x;
      y = next_y;
    }
  return sum;
}

double
pl_stroke_length (const PlStroke *stroke)
{
  const Line line = { .x0 = stroke->x0,
                      .y0 = stroke->y0,
                      .dx = MAX (stroke->x1 - stroke->x0, 1e-3),
                      .dy = stroke->y1 - stroke->y0,
                      .is_straight = stroke->is_straight };

  return arc_length (&line, line.x0, line.x0 + line.dx);
}

static void
line_init (Line *line, const PlRaster *raster, const PlStroke *stroke)
{
  double scale = raster->scale;

  line->stroke = stroke;
  line->x0 = (stroke->x0 - raster->origin_x) * scale;
  line->y0 = (stroke->y0 - raster->origin_y) * scale;
  line->dx = MAX ((stroke->x1 - stroke->x0) * scale, 1e-3);
  line->dy = (stroke->y1 - stroke->y0) * scale;
  line->from = (stroke->from_x - raster->origin_x) * scale;
  line->to = (stroke->to_x - raster->origin_x) * scale;
  line->radius = stroke->width * scale / 2;
  line->dash = stroke->dash * scale;
  line->period = (stroke->dash + stroke->gap) * scale;
  line->phase = stroke->phase * scale;
  line->is_straight = stroke->is_straight;
  line->is_steep = !stroke->is_straight && fabs (line->dy) > STEEP * line->dx;
}

static void
line_measure (Line *line, int first_column, int last_column)
{
  double sum;

  if (line->dash <= 0)
    return;
  line->first_column = first_column;
  line->n_columns = last_column - first_column + 2;
  line->lengths = g_new (double, line->n_columns);
  sum = line->phase + (first_column > line->x0 ? arc_length (line, line->x0, first_column) : first_column - line->x0);
  for (int i = 0; i < line->n_columns; i++)
    {
      double x = first_column + i;

      line->lengths[i] = sum;
      sum += line->is_steep && x + 1 > line->x0 ? arc_length (line, x, x + 1)
                                                : sqrt (1 + line_slope (line, x + 0.5) * line_slope (line, x + 0.5));
    }
}

/* How much of a pixel at @x along the line is dash and not gap. */
static double
dash_cover (const Line *line, double x)
{
  double at = CLAMP (x - line->first_column, 0, line->n_columns - 1.001), u;
  int column = (int)at;

  u = line->lengths[column] + (at - column) * (line->lengths[column + 1] - line->lengths[column]);
  u = fmod (u, line->period);
  if (u < 0)
    u += line->period;
  u = u < line->dash ? MIN (u, line->dash - u) : -MIN (u - line->dash, line->period - u);
  return CLAMP (u + 0.5, 0, 1);
}

static void
blend (guint32 *pixel, const PlInk *ink, double cover)
{
  double alpha = ink->alpha * cover;
  guint a = (guint)(alpha * 255 + 0.5), rest = 255 - a;
  guint32 old = *pixel;
  guint red = (guint)(ink->red * alpha * 255 + 0.5), green = (guint)(ink->green * alpha * 255 + 0.5);
  guint blue = (guint)(ink->blue * alpha * 255 + 0.5);

  a += ((old >> 24) * rest + 127) / 255;
  red += ((old >> 16 & 0xff) * rest + 127) / 255;
  green += ((old >> 8 & 0xff) * rest + 127) / 255;
  blue += ((old & 0xff) * rest + 127) / 255;
  *pixel = MIN (a, 255) << 24 | MIN (red, 255) << 16 | MIN (green, 255) << 8 | MIN (blue, 255);
}

static PlInk
mix (const PlInk *a, const PlInk *b, double t)
{
  t = CLAMP (t, 0, 1);
  return (PlInk){ a->red + (b->red - a->red) * t, a->green + (b->green - a->green) * t,
                  a->blue + (b->blue - a->blue) * t, a->alpha + (b->alpha - a->alpha) * t };
}

/* Distance of (x, y) to the line; @near is where along x. */
static double
distance (const Line *line, double x, double y, double *near)
{
  double at = fabs (line->dy) > VERY_STEEP * line->dx ? line_x (line, y) : x, slope = 0, offset = 0;

  for (int i = 0; i < (line->is_steep ? N_PROJECTIONS : 1); i++)
    {
      slope = line_slope (line, at);
      offset = y - line_y (line, at);
      at += ((x - at) + slope * offset) / (1 + slope * slope);
      at = CLAMP (at, line->x0, line->x0 + line->dx);
    }
  *near = at;
  if (!line->is_steep)
    return fabs (offset) / sqrt (1 + slope * slope);
  return hypot (x - at, y - line_y (line, at)); /* short of the nearest point it is too much, never too little */
}

static void
draw_column (const PlRaster *raster, const Line *line, int column)
{
  double x = column + 0.5, reach = line->radius + 0.75;
  double ends = MIN (x + 0.5, line->to) - MAX (x - 0.5, line->from);
  double left = line_y (line, x - reach - 0.5), right = line_y (line, x + reach + 0.5);
  double slope = line->is_steep ? 0 : line_slope (line, x);
  double extent = reach * sqrt (1 + slope * slope) + fabs (slope);
  PlInk ink = mix (&line->stroke->ink0, &line->stroke->ink1, (x - line->x0) / line->dx);
  int first, last;
  guint32 *pixel;

  if (ends <= 0)
    return;
  if (!line->is_steep)
    left = right = line_y (line, x);
  first = MAX ((int)floor (MIN (left, right) - extent), 0);
  last = MIN ((int)ceil (MAX (left, right) + extent), raster->height - 1);
  pixel = raster->pixels + (raster->is_mirrored ? raster->width - 1 - column : column);
  for (int row = first; row <= last; row++)
    {
      double near, cover = line->radius + 0.5 - distance (line, x, row + 0.5, &near);

      if (cover <= 0)
        continue;
      cover = MIN (cover, MIN (1, 2 * line->radius)) * MIN (ends, 1);
      if (line->dash > 0)
        cover *= dash_cover (line, near);
      if (cover > 1 / 512.0)
        blend (pixel + (gsize)row * raster->stride_words, &ink, cover);
    }
}

void
pl_edge_raster (const PlRaster *raster, const PlStroke *strokes, guint n_strokes)
{
  for (guint i = 0; i < n_strokes; i++)
    {
      Line line = { 0 };
      int first, last;
      double reach;

      line_init (&line, raster, &strokes[i]);
      reach = line.radius + 1;
      first = MAX ((int)floor (line.from), 0);
      last = MIN ((int)ceil (line.to), raster->width - 1);
      if (first > last || line.radius <= 0 || MIN (line.y0, line.y0 + line.dy) - reach > raster->height
          || MAX (line.y0, line.y0 + line.dy) + reach < 0)
        continue;
      line_measure (&line, first, last);
      for (int column = first; column <= last; column++)
        draw_column (raster, &line, column);
      g_free (line.lengths);
    }
}
