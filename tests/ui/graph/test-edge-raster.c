/* The rasteriser against a slow one that knows only distances: every pixel sampled 6 × 6 times against a fine polyline. */
#include <math.h>
#include <string.h>

#include "edge-raster.h"

#define SIDE 96
#define N_POINTS 3000
#define N_SAMPLES 6

static double
curve (const PlStroke *stroke, double t)
{
  return stroke->y0 + (stroke->y1 - stroke->y0) * (stroke->is_straight ? t : t * t * (3 - 2 * t));
}

/* Squared distance of a sample to the stroke's line, butt ends left to the caller. */
static double
distance_to (const double *xs, const double *ys, double x, double y)
{
  double best = 1e18;

  for (guint i = 0; i < N_POINTS; i++)
    {
      double dx = xs[i] - x, dy = ys[i] - y;

      best = MIN (best, dx * dx + dy * dy);
    }
  return best;
}

static void
slow_raster (const PlStroke *stroke, double *cover)
{
  static double xs[N_POINTS], ys[N_POINTS];

  for (guint i = 0; i < N_POINTS; i++)
    {
      double t = i / (double)(N_POINTS - 1);

      xs[i] = stroke->x0 + t * (stroke->x1 - stroke->x0);
      ys[i] = curve (stroke, t);
    }
  for (guint row = 0; row < SIDE; row++)
    for (guint column = 0; column < SIDE; column++)
      {
        guint inside = 0;

        if (distance_to (xs, ys, column + 0.5, row + 0.5) > (stroke->width / 2 + 1.5) * (stroke->width / 2 + 1.5))
          {
            cover[row * SIDE + column] = 0;
            continue;
          }
        for (guint i = 0; i < N_SAMPLES * N_SAMPLES; i++)
          {
            double x = column + (i % N_SAMPLES + 0.5) / N_SAMPLES, y = row + (i / N_SAMPLES + 0.5) / N_SAMPLES;

            inside += x >= stroke->from_x && x <= stroke->to_x
                      && distance_to (xs, ys, x, y) <= stroke->width * stroke->width / 4;
          }
        cover[row * SIDE + column] = inside / (double)(N_SAMPLES * N_SAMPLES);
      }
}

static PlRaster
clear_raster (guint32 *pixels)
{
  memset (pixels, 0, SIDE * SIDE * 4);
  return (PlRaster){ .pixels = pixels, .width = SIDE, .height = SIDE, .stride_words = SIDE, .scale = 1 };
}

static const PlInk white = { 1, 1, 1, 1 };

static void
test_against_slow (void)
{
  static guint32 pixels[SIDE * SIDE];
  static double cover[SIDE * SIDE];
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  double sum = 0;
  guint n = 0, n_bad = 0;

  for (guint round = 0; round < 30; round++)
    {
      PlStroke stroke = { .width = g_rand_double_range (random, 1.2, 8), .ink0 = white, .ink1 = white };
      PlRaster raster = clear_raster (pixels);
      double area = 0, expected = 0;

      /* from level to a drop of 86 px in 8 */
      stroke.x0 = stroke.from_x = g_rand_double_range (random, 6, 20);
      stroke.x1 = stroke.to_x = round % 3 ? g_rand_double_range (random, 60, 90) : stroke.x0 + 8 + round / 3.0;
      stroke.y0 = round % 2 ? 6 : 90;
      stroke.y1 = round % 5 ? g_rand_double_range (random, 6, 92) : stroke.y0;
      stroke.is_straight = round % 7 == 6 && stroke.x1 - stroke.x0 > 40; /* of crosses and chevrons: never steep */
      pl_edge_raster (&raster, &stroke, 1);
      slow_raster (&stroke, cover);
      for (guint i = 0; i < SIDE * SIDE; i++)
        {
          double got = (pixels[i] >> 24) / 255.0, error = fabs (got - cover[i]);

          area += got;
          expected += cover[i];
          if (got > 0 || cover[i] > 0)
            {
              n_bad += error > 0.5;
              sum += error;
              n++;
            }
        }
      g_test_message ("x %.1f..%.1f y %.1f..%.1f width %.2f: %.0f, expected %.0f", stroke.x0, stroke.x1, stroke.y0,
                      stroke.y1, stroke.width, area, expected);
      g_assert_cmpfloat (fabs (area - expected), <, 0.03 * expected + 8);
    }
  g_test_message ("%u pixels: mean error %.3f, %u off by more than half", n, sum / n, n_bad);
  g_assert_cmpfloat (sum / n, <, 0.02);
  g_assert_cmpuint (n_bad, <, n / 300); /* at the ends of lines that are thicker than they are wide */
}

static double
covered (const guint32 *pixels)
{
  double sum = 0;

  for (guint i = 0; i < SIDE * SIDE; i++)
    sum += (pixels[i] >> 24) / 255.0;
  return sum;
}

/* Dashes cover their share, wherever the line goes. */
static void
test_dashes (void)
{
  static guint32 pixels[SIDE * SIDE];

  for (guint slope = 0; slope < 5; slope++)
    {
      PlStroke stroke = {
        .x0 = 5, .y0 = 5, .x1 = slope == 4 ? 15 : 90, .y1 = 5 + slope * 20, .width = 2, .ink0 = white, .ink1 = white
      };
      PlRaster raster = clear_raster (pixels);
      double whole;

      stroke.from_x = stroke.x0;
      stroke.to_x = stroke.x1;
      pl_edge_raster (&raster, &stroke, 1);
      whole = covered (pixels);
      g_assert_cmpfloat (fabs (whole - 2 * pl_stroke_length (&stroke)), <, 4 + 0.04 * whole);
      stroke.dash = 4;
      stroke.gap = 6;
      raster = clear_raster (pixels);
      pl_edge_raster (&raster, &stroke, 1);
      g_assert_cmpfloat (fabs (covered (pixels) - 0.4 * whole), <, 0.08 * whole);
      /* half a period on: dashes where the gaps were */
      stroke.phase = 5;
      raster = clear_raster (pixels);
      pl_edge_raster (&raster, &stroke, 1);
      g_assert_cmpfloat (fabs (covered (pixels) - 0.4 * whole), <, 0.08 * whole);
    }
}

static void
test_colours_run (void)
{
  static guint32 pixels[SIDE * SIDE];
  PlRaster raster = clear_raster (pixels);
  PlStroke stroke = { .x0 = 0, .y0 = 48, .x1 = SIDE, .y1 = 48, .to_x = SIDE, .width = 6 };
  guint32 left, right;

  stroke.ink0 = (PlInk){ 1, 0, 0, 1 };
  stroke.ink1 = (PlInk){ 0, 0, 1, 0.5 };
  pl_edge_raster (&raster, &stroke, 1);
  left = pixels[48 * SIDE];
  right = pixels[48 * SIDE + SIDE - 1];
  g_assert_cmpuint (left >> 16 & 0xff, >, 250);
  g_assert_cmpuint (left & 0xff, <, 5);
  /* premultiplied: half of the blue at half the alpha */
  g_assert_cmpuint (right >> 24, <, 132);
  g_assert_cmpuint (right & 0xff, >, 120);
  g_assert_cmpuint (right & 0xff, <=, right >> 24);
}

static void
test_mirror_scale_and_bounds (void)
{
  static guint32 pixels[SIDE * SIDE], mirrored[SIDE * SIDE];
  PlRaster raster = clear_raster (pixels);
  PlStroke strokes[] = {
    { .x0 = 3, .y0 = 4, .x1 = 40, .y1 = 30, .from_x = 3, .to_x = 40, .width = 2, .ink0 = white, .ink1 = white },
    { .x0 = -500,
      .y0 = -900,
      .x1 = 700,
      .y1 = 1200,
      .from_x = -500,
      .to_x = 700,
      .width = 4,
      .ink0 = white,
      .ink1 = white },
    { .x0 = 5, .y0 = 5, .x1 = 5, .y1 = 80, .from_x = 5, .to_x = 5, .width = 4, .ink0 = white, .ink1 = white },
    { .x0 = 5, .y0 = 5, .x1 = 30, .y1 = 80, .from_x = 20, .to_x = 10, .width = 4, .ink0 = white, .ink1 = white },
    { .x0 = 5, .y0 = 5, .x1 = 30, .y1 = 80, .from_x = 5, .to_x = 30, .width = 0, .ink0 = white, .ink1 = white },
  };

  raster.scale = 2;
  raster.origin_x = raster.origin_y = 1;
  pl_edge_raster (&raster, strokes, G_N_ELEMENTS (strokes));
  g_assert_cmpfloat (covered (pixels), >, 100);
  raster = clear_raster (mirrored);
  raster.scale = 2;
  raster.origin_x = raster.origin_y = 1;
  raster.is_mirrored = TRUE;
  pl_edge_raster (&raster, strokes, G_N_ELEMENTS (strokes));
  for (guint row = 0; row < SIDE; row++)
    for (guint column = 0; column < SIDE; column++)
      g_assert_cmphex (pixels[row * SIDE + column], ==, mirrored[row * SIDE + SIDE - 1 - column]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/raster/against-slow", test_against_slow);
  g_test_add_func ("/graph/raster/dashes", test_dashes);
  g_test_add_func ("/graph/raster/colours-run", test_colours_run);
  g_test_add_func ("/graph/raster/mirror-scale-and-bounds", test_mirror_scale_and_bounds);
  return g_test_run ();
}
