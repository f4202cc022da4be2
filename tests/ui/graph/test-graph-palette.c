/* The palette's promises, computed: ranges apart for every kind of eye, contrast, and the style sheets say the same. */
#include <math.h>
#include <string.h>

#include "palette.h"

/* Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB. */
static const double eyes[][3][3] = {
  { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
  { { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } },
  { { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } },
  { { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } },
};
static const char *const eye_names[] = { "ordinary", "protanopia", "deuteranopia", "tritanopia" };

static double
linear (double value)
{
  return value <= 0.04045 ? value / 12.92 : pow ((value + 0.055) / 1.055, 2.4);
}

static void
to_linear (GdkRGBA color, double rgb[3])
{
  rgb[0] = linear (color.red);
  rgb[1] = linear (color.green);
  rgb[2] = linear (color.blue);
}

static double
lab_part (double value)
{
  return value > 216.0 / 24389 ? cbrt (value) : (24389.0 / 27 * value + 16) / 116;
}

/* CIE L*a*b* (D65) of @color as the eye sees it. */
static void
see (GdkRGBA color, guint eye, double lab[3])
{
  double in[3], rgb[3], x, y, z;

  to_linear (color, in);
  for (guint i = 0; i < 3; i++)
    rgb[i] = CLAMP (eyes[eye][i][0] * in[0] + eyes[eye][i][1] * in[1] + eyes[eye][i][2] * in[2], 0, 1);
  x = lab_part ((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505);
  y = lab_part (0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
  z = lab_part ((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089);
  lab[0] = 116 * y - 16;
  lab[1] = 500 * (x - y);
  lab[2] = 200 * (y - z);
}

static double
hue_of (double a, double b)
{
  double hue = atan2 (b, a) * 180 / G_PI;

  return hue < 0 ? hue + 360 : hue;
}

static double
cosine (double degrees)
{
  return cos (degrees * G_PI / 180);
}

/* CIEDE2000 of two L*a*b* colours: Sharma, Wu, Dalal 2005, equations 2 to 22, with all weights 1. */
static double
ciede2000 (const double one[3], const double other[3])
{
  double chroma = pow ((hypot (one[1], one[2]) + hypot (other[1], other[2])) / 2, 7);
  double grow = 1.5 - 0.5 * sqrt (chroma / (chroma + pow (25, 7)));
  double c1 = hypot (one[1] * grow, one[2]), c2 = hypot (other[1] * grow, other[2]);
  double h1 = hue_of (one[1] * grow, one[2]), h2 = hue_of (other[1] * grow, other[2]);
  double dl = other[0] - one[0], dc = c2 - c1, dh = c1 * c2 > 0 ? h2 - h1 : 0;
  double l = (one[0] + other[0]) / 2, c = (c1 + c2) / 2, h = (h1 + h2) / 2, t, rotation, sl, sc, sh;

  if (fabs (h2 - h1) > 180)
    {
      dh += dh > 0 ? -360 : 360;
      h += h < 180 ? 180 : -180;
    }
  dh = 2 * sqrt (c1 * c2) * sin (dh / 2 * G_PI / 180);
  t = 1 - 0.17 * cosine (h - 30) + 0.24 * cosine (2 * h) + 0.32 * cosine (3 * h + 6) - 0.2 * cosine (4 * h - 63);
  rotation =
      -2 * sqrt (pow (c, 7) / (pow (c, 7) + pow (25, 7))) * sin (60 * exp (-pow ((h - 275) / 25, 2)) * G_PI / 180);
  sl = dl / (1 + 0.015 * pow (l - 50, 2) / sqrt (20 + pow (l - 50, 2)));
  sc = dc / (1 + 0.045 * c);
  sh = dh / (1 + 0.015 * c * t);
  return sqrt (sl * sl + sc * sc + sh * sh + rotation * sc * sh);
}

static double
difference (GdkRGBA a, GdkRGBA b, guint eye)
{
  double one[3], other[3];

  see (a, eye, one);
  see (b, eye, other);
  return ciede2000 (one, other);
}

static double
contrast (GdkRGBA a, GdkRGBA b)
{
  double one[3], other[3], light, dark;

  to_linear (a, one);
  to_linear (b, other);
  light = 0.2126 * one[0] + 0.7152 * one[1] + 0.0722 * one[2] + 0.05;
  dark = 0.2126 * other[0] + 0.7152 * other[1] + 0.0722 * other[2] + 0.05;
  return light > dark ? light / dark : dark / light;
}

/* The pairs that the paper's authors give for a check of one's formula (table 1: 1, 7, 17, 25). */
static void
test_formula (void)
{
  static const double pairs[][7] = {
    { 50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425 },
    { 50, 0, 0, 50, -1, 2, 2.3669 },
    { 50, 2.5, 0, 73, 25, -18, 27.1492 },
    { 60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_assert_cmpfloat_with_epsilon (ciede2000 (pairs[i], pairs[i] + 3), pairs[i][6], 0.0001);
      g_assert_cmpfloat_with_epsilon (ciede2000 (pairs[i] + 3, pairs[i]), pairs[i][6], 0.0001);
    }
}

/* CIEDE2000, where 1 is just seen side by side and 2 to 3 at a glance: two ranges are 13 apart, for lines are thin, and
 * failure and what has no ports 9 from each other and from every range. */
#define APART_RANGES 13
#define APART_ALL 9

static void
test_apart (void)
{
  static const char *const names[] = { "well-known", "registered", "dynamic", "no ports", "failed" };

  for (gboolean is_dark = FALSE; is_dark <= TRUE; is_dark++)
    for (guint eye = 0; eye < G_N_ELEMENTS (eyes); eye++)
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        for (guint j = i + 1; j < G_N_ELEMENTS (names); j++)
          {
            GdkRGBA one = pl_range_rgba (i, is_dark);
            GdkRGBA other = j > PL_RANGE_NONE ? pl_failed_rgba (is_dark) : pl_range_rgba (j, is_dark);
            double apart = difference (one, other, eye);

            g_test_message ("%s, %s: %s and %s: %.1f", is_dark ? "dark" : "light", eye_names[eye], names[i], names[j],
                            apart);
            g_assert_cmpfloat (apart, >=, j < PL_RANGE_NONE ? APART_RANGES : APART_ALL);
          }
}

static GdkRGBA
mixed (GdkRGBA a, GdkRGBA b, float share)
{
  return (GdkRGBA){ a.red + (b.red - a.red) * share, a.green + (b.green - a.green) * share,
                    a.blue + (b.blue - a.blue) * share, 1 };
}

/* WCAG 2.1: text 4.5:1 (1.4.3), in high contrast 7:1 (1.4.6), lines and marks 3:1 (1.4.11). */
static void
assert_contrast (const char *what, guint look, GdkRGBA front, GdkRGBA back, double least)
{
  double found = contrast (front, back);

  g_test_message ("%s%s, %s: %.2f", look & 1 ? "dark" : "light", look & 2 ? ", high contrast" : "", what, found);
  g_assert_cmpfloat (found, >=, least);
}

static void
test_text (void)
{
  for (guint look = 0; look < 4; look++)
    {
      PlGraphColors colors = pl_graph_colors (look & 1, look & 2);
      /* cards, the graph itself with the ruler's numbers, and a card or a heading under the pointer, as in graph.css */
      const GdkRGBA backs[] = { colors.card, colors.background, mixed (colors.card, colors.text, 0.06f),
                                mixed (colors.background, colors.text, 0.07f) };
      const GdkRGBA white = { 1, 1, 1, 1 };

      for (guint i = 0; i < G_N_ELEMENTS (backs); i++)
        {
          assert_contrast ("text", look, colors.text, backs[i], (look & 2) ? 7 : 4.5);
          assert_contrast ("dim text", look, colors.dim_text, backs[i], (look & 2) ? 7 : 4.5);
          assert_contrast ("failed, in words", look, colors.failed_text, backs[i], (look & 2) ? 7 : 4.5);
        }
      for (guint seed = 0; seed < 64; seed++)
        assert_contrast ("letter", look, white, pl_avatar_rgba (seed), 4.5);
    }
}

static void
test_lines (void)
{
  for (guint look = 0; look < 4; look++)
    {
      PlGraphColors colors = pl_graph_colors (look & 1, look & 2);

      for (PlRange range = PL_RANGE_WELL_KNOWN; range <= PL_RANGE_NONE; range++)
        {
          assert_contrast ("line", look, pl_range_rgba (range, look & 1), colors.background, 3);
          assert_contrast ("mark", look, pl_range_rgba (range, look & 1), colors.card, 3);
        }
      for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
        {
          GdkRGBA zone = pl_range_zone_rgba (range, &colors);

          assert_contrast ("light", look, pl_range_light_rgba (range, &colors), zone, 3);
          assert_contrast ("head of a light", look, pl_range_light_rgba (range, &colors), colors.background, 3);
        }
      assert_contrast ("a failed line and its cross", look, pl_failed_rgba (look & 1), colors.background, 3);
      assert_contrast ("ring of what is chosen", look, colors.accent, colors.background, 3);
      assert_contrast ("the kernel's range", look, colors.dim_text, colors.background, 3);
    }
}

static void
assert_css (const char *css, const char *name, GdkRGBA color)
{
  g_autofree char *line = g_strdup_printf ("@define-color %s #%02x%02x%02x;", name, (guint)(color.red * 255 + 0.5f),
                                           (guint)(color.green * 255 + 0.5f), (guint)(color.blue * 255 + 0.5f));

  g_test_message ("%s", line);
  g_assert_nonnull (strstr (css, line));
}

static void
test_css_is_the_same (void)
{
  static const char *const files[] = { "palette-light.css", "palette-dark.css", "palette-light-contrast.css",
                                       "palette-dark-contrast.css" };

  for (guint look = 0; look < 4; look++)
    {
      gboolean is_dark = look & 1;
      PlGraphColors colors = pl_graph_colors (is_dark, look & 2);
      g_autofree char *path = g_strconcat ("/io/github/portlight/portlight/", files[look], NULL);
      g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, NULL);
      const char *css;

      g_assert_nonnull (bytes);
      css = g_bytes_get_data (bytes, NULL);
      assert_css (css, "pl_well_known", pl_range_rgba (PL_RANGE_WELL_KNOWN, is_dark));
      assert_css (css, "pl_registered", pl_range_rgba (PL_RANGE_REGISTERED, is_dark));
      assert_css (css, "pl_dynamic", pl_range_rgba (PL_RANGE_DYNAMIC, is_dark));
      assert_css (css, "pl_no_port", pl_range_rgba (PL_RANGE_NONE, is_dark));
      assert_css (css, "pl_failed", pl_failed_rgba (is_dark));
      assert_css (css, "pl_graph_text", colors.text);
      assert_css (css, "pl_graph_dim_text", colors.dim_text);
      assert_css (css, "pl_graph_background", colors.background);
      assert_css (css, "pl_graph_card", colors.card);
      assert_css (css, "pl_graph_accent", colors.accent);
      assert_css (css, "pl_graph_rule", colors.rule);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/palette/formula", test_formula);
  g_test_add_func ("/graph/palette/apart", test_apart);
  g_test_add_func ("/graph/palette/text", test_text);
  g_test_add_func ("/graph/palette/lines", test_lines);
  g_test_add_func ("/graph/palette/css-is-the-same", test_css_is_the_same);
  return g_test_run ();
}
