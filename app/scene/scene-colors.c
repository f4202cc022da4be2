/* The graph's colours; see scene-colors.h. */
#include "scene-colors.h"

/* Blue, green and orange, set apart in lightness, too. Index 1 is for dark backgrounds. */
static const guint32 ranges[2][PL_RANGE_NONE + 1] = {
  { [PL_RANGE_WELL_KNOWN] = 0x1c71d8,
    [PL_RANGE_REGISTERED] = 0x26a269,
    [PL_RANGE_DYNAMIC] = 0xe66100,
    [PL_RANGE_NONE] = 0x77767b },
  { [PL_RANGE_WELL_KNOWN] = 0x62a0ea,
    [PL_RANGE_REGISTERED] = 0x5ce8a0,
    [PL_RANGE_DYNAMIC] = 0xffa030,
    [PL_RANGE_NONE] = 0x9a9996 },
};

static const guint32 avatars[] = {
  0x1a5fb4, 0xb3420a, 0x1b7a4b, 0x613583, 0xa51d2d, 0x865e3c, 0x5e5c64, 0x0d6e78, 0x4a5a78, 0x99336b,
};

PlSceneColors
pl_scene_colors (gboolean is_dark, gboolean is_high_contrast)
{
  static const PlSceneColors light = { .text = 0x2e2e2e,
                                       .dim_text = 0x6a6a6a,
                                       .background = 0xfafafa,
                                       .card = 0xffffff,
                                       .accent = 0x1c71d8,
                                       .rule = 0xdcdcdc,
                                       .failed = 0xc01c28,
                                       .failed_text = 0xc01c28,
                                       .plain = 0x6b6b73 };
  static const PlSceneColors dark = { .is_dark = TRUE,
                                      .text = 0xffffff,
                                      .dim_text = 0xb4b4b4,
                                      .background = 0x242424,
                                      .card = 0x363636,
                                      .accent = 0x78aeed,
                                      .rule = 0x3c3c3c,
                                      .failed = 0xff7077,
                                      .failed_text = 0xff9096,
                                      .plain = 0x57575c };
  PlSceneColors colors = is_dark ? dark : light;

  if (is_high_contrast)
    {
      colors.is_high_contrast = TRUE;
      colors.text = colors.dim_text = is_dark ? 0xffffff : 0x000000;
      colors.failed_text = is_dark ? 0xffcdd0 : 0x97111c;
      colors.rule = is_dark ? 0x9a9996 : 0x5e5c64;
    }
  return colors;
}

guint32
pl_scene_range_rgb (PlRange range, gboolean is_dark)
{
  return ranges[is_dark != FALSE][MIN (range, PL_RANGE_NONE)];
}

guint32
pl_scene_avatar_rgb (guint seed)
{
  return avatars[seed % G_N_ELEMENTS (avatars)];
}
