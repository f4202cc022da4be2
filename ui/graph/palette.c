/* The colours of the graph. Pure; never reads a widget. Distances for colour-blind eyes and contrasts are computed by
 * tests/ui/test-graph-palette.c. */
#include "palette.h"

#define RGB(hex) \
  { \
    ((hex) >> 16 & 0xff) / 255.f, ((hex) >> 8 & 0xff) / 255.f, ((hex)&0xff) / 255.f, 1 \
  }

/* Blue, green and orange, set apart in lightness, too. Index 1 is for dark backgrounds. */
static const GdkRGBA ranges[2][PL_RANGE_NONE + 1] = {
  { [PL_RANGE_WELL_KNOWN] = RGB (0x1c71d8),
    [PL_RANGE_REGISTERED] = RGB (0x26a269),
    [PL_RANGE_DYNAMIC] = RGB (0xe66100),
    [PL_RANGE_NONE] = RGB (0x77767b) },
  { [PL_RANGE_WELL_KNOWN] = RGB (0x62a0ea),
    [PL_RANGE_REGISTERED] = RGB (0x57e389),
    [PL_RANGE_DYNAMIC] = RGB (0xff9233),
    [PL_RANGE_NONE] = RGB (0x9a9996) },
};

static const GdkRGBA failed[2] = { RGB (0xc01c28), RGB (0xff6b5e) };

static const GdkRGBA avatars[] = {
  RGB (0x1a5fb4), RGB (0xb3420a), RGB (0x1b7a4b), RGB (0x613583), RGB (0xa51d2d),
  RGB (0x865e3c), RGB (0x5e5c64), RGB (0x0d6e78), RGB (0x3d3846), RGB (0x99336b),
};

GdkRGBA
pl_range_rgba (PlRange range, gboolean is_dark)
{
  return ranges[is_dark != FALSE][MIN (range, PL_RANGE_NONE)];
}

GdkRGBA
pl_failed_rgba (gboolean is_dark)
{
  return failed[is_dark != FALSE];
}

GdkRGBA
pl_avatar_rgba (guint seed)
{
  return avatars[seed % G_N_ELEMENTS (avatars)];
}

PlGraphColors
pl_graph_colors (gboolean is_dark, gboolean is_high_contrast)
{
  static const PlGraphColors light = { FALSE,          FALSE,          RGB (0x2e2e2e), RGB (0x6a6a6a),
                                       RGB (0xfafafa), RGB (0xffffff), RGB (0x1c71d8), RGB (0xdcdcdc) };
  static const PlGraphColors dark = { TRUE,           FALSE,          RGB (0xffffff), RGB (0xb4b4b4),
                                      RGB (0x242424), RGB (0x363636), RGB (0x78aeed), RGB (0x3c3c3c) };
  PlGraphColors colors = is_dark ? dark : light;

  if (is_high_contrast)
    {
      colors.is_high_contrast = TRUE;
      colors.text = colors.dim_text = is_dark ? (GdkRGBA)RGB (0xffffff) : (GdkRGBA)RGB (0x000000);
      colors.rule = is_dark ? (GdkRGBA)RGB (0x9a9996) : (GdkRGBA)RGB (0x5e5c64);
    }
  return colors;
}
