/* Draws the graph's lines into pixels: S-curves, straight strokes, dashes, colours that run, anti-aliased. Any thread; pure;
 * knows no GTK. */
#pragma once
#include <glib.h>

typedef struct
{
  float red, green, blue, alpha; /* straight, 0..1 */
} PlInk;

/* One stroke from (x0, y0) to (x1, y1), x0 < x1: y goes by 3t² − 2t³ of x, or straight. */
typedef struct
{
  float x0, y0, x1, y1;
  float from_x, to_x; /* the part that is drawn */
  float width;
  float dash, gap, phase; /* along the line; dash 0: solid */
  PlInk ink0, ink1;       /* at x0 and x1 */
  gboolean is_straight;
} PlStroke;

typedef struct
{
  guint32 *pixels; /* premultiplied ARGB in native words (GDK_MEMORY_DEFAULT, CAIRO_FORMAT_ARGB32) */
  int width, height, stride_words;
  double origin_x, origin_y, scale; /* what a stroke says, to pixels */
  gboolean is_mirrored;             /* right to left: the first column is written last */
} PlRaster;

/* Draws @strokes over what is there, in their order. */
void pl_edge_raster (const PlRaster *raster, const PlStroke *strokes, guint n_strokes);
/* Length of the whole line of @stroke. */
double pl_stroke_length (const PlStroke *stroke);
