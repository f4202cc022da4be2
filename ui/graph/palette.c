/* The graph's colours as GTK takes them; the numbers are scene-colors.c's. Pure; never reads a widget. Distances for
 * colour-blind eyes and contrasts are computed by tests/ui/graph/test-graph-palette.c. */
#include "palette.h"

#include "scene-colors.h"

static GdkRGBA
rgba (guint32 rgb)
{
  return (GdkRGBA){ (rgb >> 16 & 0xff) / 255.f, (rgb >> 8 & 0xff) / 255.f, (rgb & 0xff) / 255.f, 1 };
}

GdkRGBA
pl_range_rgba (PlRange range, gboolean is_dark)
{
  return rgba (pl_scene_range_rgb (range, is_dark));
}

GdkRGBA
pl_failed_rgba (gboolean is_dark)
{
  return rgba (pl_scene_colors (is_dark, FALSE).failed);
}

GdkRGBA
pl_avatar_rgba (guint seed)
{
  return rgba (pl_scene_avatar_rgb (seed));
}

PlGraphColors
pl_graph_colors (gboolean is_dark, gboolean is_high_contrast)
{
  const PlSceneColors colors = pl_scene_colors (is_dark, is_high_contrast);

  return (PlGraphColors){ colors.is_dark,         colors.is_high_contrast,  rgba (colors.text),
                          rgba (colors.dim_text), rgba (colors.background), rgba (colors.card),
                          rgba (colors.accent),   rgba (colors.rule),       rgba (colors.failed_text) };
}

static GdkRGBA
mix (GdkRGBA a, GdkRGBA b, float share_of_b)
{
  return (GdkRGBA){ a.red + (b.red - a.red) * share_of_b, a.green + (b.green - a.green) * share_of_b,
                    a.blue + (b.blue - a.blue) * share_of_b, 1 };
}

GdkRGBA
pl_range_zone_rgba (PlRange range, const PlGraphColors *colors)
{
  return mix (colors->background, pl_range_rgba (range, colors->is_dark), colors->is_high_contrast ? 0.1f : 0.2f);
}

GdkRGBA
pl_range_light_rgba (PlRange range, const PlGraphColors *colors)
{
  /* The tint takes some of a range colour's 3:1 against the background; a little of the text's gives it back. */
  return mix (pl_range_rgba (range, colors->is_dark), colors->text, 0.3f);
}
