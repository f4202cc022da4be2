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
difference (GdkRGBA a, GdkRGBA b, guint eye)
{
  double one[3], other[3];

  see (a, eye, one);
  see (b, eye, other);
  return sqrt (pow (one[0] - other[0], 2) + pow (one[1] - other[1], 2) + pow (one[2] - other[2], 2));
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

/* 10 is seen at a glance; 20 keeps thin lines apart. */
static void
test_ranges_apart (void)
{
  for (gboolean is_dark = FALSE; is_dark <= TRUE; is_dark++)
    for (guint eye = 0; eye < G_N_ELEMENTS (eyes); eye++)
      for (PlRange a = PL_RANGE_WELL_KNOWN; a < PL_RANGE_NONE; a++)
        for (PlRange b = a + 1; b < PL_RANGE_NONE; b++)
          {
            double apart = difference (pl_range_rgba (a, is_dark), pl_range_rgba (b, is_dark), eye);

            g_test_message ("%s, %s: %s and %s: %.0f", is_dark ? "dark" : "light", eye_names[eye], pl_range_id (a),
                            pl_range_id (b), apart);
            g_assert_cmpfloat (apart, >=, 20);
          }
}

static void
test_contrast (void)
{
  for (guint look = 0; look < 4; look++)
    {
      PlGraphColors colors = pl_graph_colors (look & 1, look & 2);
      GdkRGBA red = pl_failed_rgba (look & 1), white = { 1, 1, 1, 1 };

      for (PlRange range = PL_RANGE_WELL_KNOWN; range <= PL_RANGE_NONE; range++)
        {
          g_assert_cmpfloat (contrast (pl_range_rgba (range, look & 1), colors.background), >=, 3);
          g_assert_cmpfloat (contrast (pl_range_rgba (range, look & 1), colors.card), >=, 3);
        }
      g_assert_cmpfloat (contrast (red, colors.background), >=, 4);
      g_assert_cmpfloat (contrast (colors.text, colors.card), >=, (look & 2) ? 7 : 4.5);
      g_assert_cmpfloat (contrast (colors.dim_text, colors.card), >=, (look & 2) ? 7 : 4.5);
      g_assert_cmpfloat (contrast (colors.dim_text, colors.background), >=, 4.5);
      for (guint seed = 0; seed < 64; seed++)
        g_assert_cmpfloat (contrast (white, pl_avatar_rgba (seed)), >=, 4.5);
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
      g_autofree char *path = g_strconcat ("/io/github/portlight/Portlight/", files[look], NULL);
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
  g_test_add_func ("/graph/palette/ranges-apart", test_ranges_apart);
  g_test_add_func ("/graph/palette/contrast", test_contrast);
  g_test_add_func ("/graph/palette/css-is-the-same", test_css_is_the_same);
  return g_test_run ();
}
