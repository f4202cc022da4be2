/* What the files that write a scene as SVG share. */
#pragma once
#include "redactor.h"
#include "scene-colors.h"
#include "scene-private.h"
#include "scene-svg.h"
#include "svg-writer.h"

typedef struct
{
  GString *out;
  PlScene *scene;
  PlSceneSvgOptions options;
  PlSceneColors colors;
  double unit;          /* px; 1 at a line height of 18 px */
  double font_px;
  double font_width;    /* times what pl_svg_text_width() thinks, at least 1 */
  double width, height; /* of the picture, px */
  double top;           /* from the picture's top to the scene's y 0, px */
} Svg;

/* Mirrors @x from right to left. */
static inline double
svg_x (const Svg *svg, double x)
{
  return svg->options.is_rtl ? svg->width - x : x;
}

static inline double
svg_left (const Svg *svg, double x, double width)
{
  return svg->options.is_rtl ? svg->width - x - width : x;
}

static inline PlSvgAnchor
svg_leading (const Svg *svg)
{
  return svg->options.is_rtl ? PL_SVG_END : PL_SVG_START;
}

static inline PlSvgAnchor
svg_trailing (const Svg *svg)
{
  return svg->options.is_rtl ? PL_SVG_START : PL_SVG_END;
}

/* scene-svg-edges.c */
void scene_svg_edges (Svg *svg);
gboolean scene_svg_is_dotted (const PlSceneEdge *edge);
void scene_svg_cross (Svg *svg, double x, double y, double opacity);

/* scene-svg-nodes.c */
void scene_svg_nodes (Svg *svg);
void scene_svg_mark (Svg *svg, PlRange range, gboolean is_hollow, double x, double middle, double size);

/* scene-svg-legend.c */
double scene_svg_legend_height (Svg *svg);
void scene_svg_legend (Svg *svg, double y);
