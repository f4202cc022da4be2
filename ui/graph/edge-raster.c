/* The rasteriser of the graph's lines. Where a stroke is gentle, every column of it is a run of pixels around its y; where it
 * is steep, every row is one around its x; the normals at slope 1 part the two. How far a pixel is from the line follows
 * from the slope. Of a steep stroke that is thick for its width (the trunk under an app's card) every pixel is projected
 * onto the tangent, again and again. Any thread. */
#include "edge-raster.h"

#include <math.h>

#define STEEP 0.6 /* slope of the whole: the curve itself reaches 1.5 times that */
#define ROOMY 5.0 /* radii on each side that a steep curve must be wide to be drawn in parts */
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

/* By Simpson's rule over @n pairs of stretches. */
static double
arc_length (const Line *line, double from, double to, int n)
{
  double h = (to - from) / (2 * n), sum = 0;

  for (int i = 0; i <= 2 * n; i++)
    {
      double slope = line_slope (line, from + i * h);

      sum += (i == 0 || i == 2 * n ? 1 : i % 2 ? 4 : 2) * sqrt (1 + slope * slope);
    }
  return sum * h / 3;
}

double
pl_stroke_length (const PlStroke *stroke)
{
  const Line line = { .x0 = stroke->x0,
                      .y0 = stroke->y0,
                      .dx = MAX (stroke->x1 - stroke->x0, 1e-3),
                      .dy = stroke->y1 - stroke->y0,
                      .is_straight = stroke->is_straight };

  return arc_length (&line, line.x0, line.x0 + line.dx, 12);
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
  sum =
      line->phase + (first_column > line->x0 ? arc_length (line, line->x0, first_column, 12) : first_column - line->x0);
  for (int i = 0; i < line->n_columns; i++)
    {
      double x = first_column + i;

      line->lengths[i] = sum;
      sum += arc_length (line, x, x + 1, line->is_steep ? 2 : 1);
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

static inline guint
divide_255 (guint value)
{
  value += 128;
  return (value + (value >> 8)) >> 8;
}

/* An ink made ready for many pixels: premultiplied, 0..255. */
typedef struct
{
  guint alpha, red, green, blue;
} Paint;

static Paint
make_paint (const PlInk *ink, double share)
{
  double alpha = ink->alpha * share * 255;

  return (Paint){ alpha + 0.5, ink->red * alpha + 0.5, ink->green * alpha + 0.5, ink->blue * alpha + 0.5 };
}

/* @cover: 0..256. */
static inline void
blend (guint32 *pixel, const Paint *paint, guint cover)
{
  guint rest = 255 - (paint->alpha * cover >> 8);
  guint32 old = *pixel;
  guint alpha = (paint->alpha * cover >> 8) + divide_255 ((old >> 24) * rest);
  guint red = (paint->red * cover >> 8) + divide_255 ((old >> 16 & 0xff) * rest);
  guint green = (paint->green * cover >> 8) + divide_255 ((old >> 8 & 0xff) * rest);
  guint blue = (paint->blue * cover >> 8) + divide_255 ((old & 0xff) * rest);

  *pixel = alpha << 24 | MIN (red, alpha) << 16 | MIN (green, alpha) << 8 | MIN (blue, alpha);
}

static PlInk
mix (const PlInk *a, const PlInk *b, double t)
{
  t = CLAMP (t, 0, 1);
  return (PlInk){ a->red + (b->red - a->red) * t, a->green + (b->green - a->green) * t,
                  a->blue + (b->blue - a->blue) * t, a->alpha + (b->alpha - a->alpha) * t };
}

/* Distance of (x, y) to a steep line; @near is where along x. */
static double
distance (const Line *line, double x, double y, double *near)
{
  double at = fabs (line->dy) > VERY_STEEP * line->dx ? line_x (line, y) : x, offset;

  for (int i = 0; i < N_PROJECTIONS; i++)
    {
      double slope = line_slope (line, at);

      offset = y - line_y (line, at);
      at += ((x - at) + slope * offset) / (1 + slope * slope);
      at = CLAMP (at, line->x0, line->x0 + line->dx);
    }
  *near = at;
  offset = y - line_y (line, at);
  return sqrt ((x - at) * (x - at) + offset * offset); /* short of the nearest point it is too much, never too little */
}

/* The point of slope 1, and what lies beyond its normal. */
typedef struct
{
  double x, y, tilt; /* tilt: ±1, the slope there */
} Joint;

static gboolean
is_beyond (const Joint *joint, double x, double y)
{
  return (x - joint->x) + joint->tilt * (y - joint->y) > 0;
}

static guint32 *
column_start (const PlRaster *raster, int column)
{
  return raster->pixels + (raster->is_mirrored ? raster->width - 1 - column : column);
}

/* Where the line is gentle, one distance down the column does: along the normal it grows by the cosine of the slope. Only
 * what is before @until and beyond @after (each nullable) is drawn; past them the line goes on straight, however tightly it
 * really bends. */
static void
draw_gentle_column (
    const PlRaster *raster, const Line *line, int column, const Paint *paint, const Joint *until, const Joint *after)
{
  double x = column + 0.5, y = line_y (line, x), slope = line_slope (line, x), cosine, extent;
  const Joint *past = until && x > until->x ? until : after && x < after->x ? after : NULL;
  double thin = MIN (1, 2 * line->radius);
  int first, last;
  guint32 *pixel;

  if (past)
    {
      slope = past->tilt;
      y = past->y + past->tilt * (x - past->x);
    }
  cosine = 1 / sqrt (1 + slope * slope);
  extent = (line->radius + 0.5) / cosine;
  first = MAX ((int)ceil (y - extent - 0.5), 0);
  last = MIN ((int)floor (y + extent - 0.5), raster->height - 1);
  pixel = column_start (raster, column) + (gsize)first * raster->stride_words;
  for (int row = first; row <= last; row++, pixel += raster->stride_words)
    {
      double cover = line->radius + 0.5 - fabs (row + 0.5 - y) * cosine;

      if (cover > 0 && !(until && is_beyond (until, x, row + 0.5)) && !(after && !is_beyond (after, x, row + 0.5)))
        blend (pixel, paint, (guint)(MIN (cover, thin) * 256));
    }
}

static void
draw_steep_column (const PlRaster *raster, const Line *line, int column, const Paint *paint)
{
  double x = column + 0.5, reach = line->radius + 0.75;
  double left = line_y (line, x - reach - 0.5), right = line_y (line, x + reach + 0.5);
  int first = MAX ((int)floor (MIN (left, right) - reach), 0);
  int last = MIN ((int)ceil (MAX (left, right) + reach), raster->height - 1);
  double thin = MIN (1, 2 * line->radius);
  guint32 *pixel = column_start (raster, column) + (gsize)MAX (first, 0) * raster->stride_words;

  for (int row = first; row <= last; row++, pixel += raster->stride_words)
    {
      double near, cover = line->radius + 0.5 - distance (line, x, row + 0.5, &near);

      if (cover <= 0)
        continue;
      cover = MIN (cover, thin);
      if (line->dash > 0)
        cover *= dash_cover (line, near);
      blend (pixel, paint, (guint)(cover * 256));
    }
}

static Paint
paint_at (const Line *line, double x, double share)
{
  PlInk ink = mix (&line->stroke->ink0, &line->stroke->ink1, (x - line->x0) / line->dx);

  return make_paint (&ink, share);
}

/* How much of a column is between the stroke's ends, 0..1. */
static double
column_share (const Line *line, int column)
{
  return CLAMP (MIN (column + 1.0, line->to) - MAX ((double)column, line->from), 0, 1);
}

static void
draw_columns (const PlRaster *raster, const Line *line, int first, int last, const Joint *until, const Joint *after)
{
  for (int column = MAX (first, 0); column <= MIN (last, raster->width - 1); column++)
    {
      double share = column_share (line, column);
      Paint paint;

      if (line->dash > 0)
        share *= dash_cover (line, column + 0.5);
      if (share <= 0)
        continue;
      paint = paint_at (line, column + 0.5, share);
      draw_gentle_column (raster, line, column, &paint, until, after);
    }
}

static void
draw_row (const PlRaster *raster, const Line *line, int row, const Joint *after, const Joint *until)
{
  double y = row + 0.5, x = line_x (line, y), slope = fabs (line_slope (line, x)), sine, extent;
  const Joint *past = (y - after->y) * after->tilt < 0 ? after : (y - until->y) * until->tilt > 0 ? until : NULL;
  int first, last;
  double thin = MIN (1, 2 * line->radius), share = line->dash > 0 ? dash_cover (line, x) : 1;
  guint32 *row_start = raster->pixels + (gsize)row * raster->stride_words;
  Paint paint;

  if (share <= 0)
    return;
  if (past)
    {
      slope = 1;
      x = past->x + past->tilt * (y - past->y);
    }
  sine = slope / sqrt (1 + slope * slope);
  extent = (line->radius + 0.5) / sine;
  first = MAX ((int)ceil (x - extent - 0.5), 0);
  last = MIN ((int)floor (x + extent - 0.5), raster->width - 1);
  paint = paint_at (line, x, share);
  for (int column = first; column <= last; column++)
    {
      double cover = line->radius + 0.5 - fabs (column + 0.5 - x) * sine;

      if (cover > 0 && column_share (line, column) > 0.5 && is_beyond (after, column + 0.5, y)
          && !is_beyond (until, column + 0.5, y))
        blend (row_start + (raster->is_mirrored ? raster->width - 1 - column : column), &paint,
               (guint)(MIN (cover, thin) * 256));
    }
}

/* A steep curve: gentle up to slope 1, rows in between, gentle again. */
static void
draw_in_parts (const PlRaster *raster, const Line *line)
{
  double t = (1 - sqrt (1 - 2 * line->dx / (3 * fabs (line->dy)))) / 2, reach = line->radius + 1;
  double tilt = line->dy > 0 ? 1 : -1;
  Joint start = { line->x0 + t * line->dx, 0, tilt }, end = { line->x0 + (1 - t) * line->dx, 0, tilt };
  int first, last;

  start.y = line_y (line, start.x);
  end.y = line_y (line, end.x);
  draw_columns (raster, line, (int)floor (line->from), (int)ceil (MIN (line->to, start.x + reach)), &start, NULL);
  first = MAX ((int)floor (MIN (start.y, end.y) - reach), 0);
  last = MIN ((int)ceil (MAX (start.y, end.y) + reach), raster->height - 1);
  for (int row = first; row <= last; row++)
    draw_row (raster, line, row, &start, &end);
  draw_columns (raster, line, (int)floor (MAX (line->from, end.x - reach)), (int)ceil (line->to), NULL, &end);
}

static void
draw_projected (const PlRaster *raster, const Line *line, int first, int last)
{
  for (int column = first; column <= last; column++)
    {
      double share = column_share (line, column);
      Paint paint = paint_at (line, column + 0.5, share);

      if (share > 0)
        draw_steep_column (raster, line, column, &paint);
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
      if (!line.is_steep || fabs (line.dy) * 3 <= line.dx * 2)
        draw_columns (raster, &line, first, last, NULL, NULL);
      else if (line.dx >= ROOMY * 2 * line.radius)
        draw_in_parts (raster, &line);
      else
        draw_projected (raster, &line, first, last);
      g_free (line.lengths);
    }
}
