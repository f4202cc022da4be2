/* The graph as SVG: headings, lanes, lines, nodes and legend; see scene-svg.h. Colours are scene-colors.h's, ways are
 * scene-path.c's, so that the picture is the window's. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <math.h>

#include "scene-svg-private.h"

#define FONT "Cantarell"
#define OTHER_FONTS "'Adwaita Sans', 'Noto Sans', 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif"
#define FONT_OF_LINE 0.81 /* size of the font by the height of a line */
#define EMPTY_HEIGHT 120.0 /* units */

static double
title_height (const Svg *svg)
{
  double height = 0;

  if (svg->options.title)
    height += 26 * svg->unit;
  if (svg->options.caption)
    height += 20 * svg->unit;
  return height > 0 ? height + 12 * svg->unit : 8 * svg->unit;
}

static double
headings_height (const Svg *svg)
{
  return 28 * svg->unit;
}

static void
add_title (Svg *svg)
{
  double u = svg->unit, x = svg_x (svg, 14 * u), y = 8 * u, room = svg->width - 28 * u;

  if (svg->options.title)
    {
      g_autofree char *title = pl_svg_fit (svg->options.title, svg->font_px * 1.25, room, FALSE);

      pl_svg_text (svg->out, x, y + 20 * u, svg->font_px * 1.25, 700, svg_leading (svg), svg->colors.text, title);
      y += 26 * u;
    }
  if (svg->options.caption)
    {
      g_autofree char *caption = pl_svg_fit (svg->options.caption, svg->font_px * 0.9, room, FALSE);

      pl_svg_text (svg->out, x, y + 14 * u, svg->font_px * 0.9, 400, svg_leading (svg), svg->colors.dim_text, caption);
    }
}

static void
add_headings (Svg *svg, double y)
{
  gboolean is_stacked = pl_scene_get_is_stacked (svg->scene);
  const char *words[2][PL_N_LANES] = { { _ ("APPS"), _ ("LOCAL PORTS"), _ ("REMOTE PORTS"), _ ("ENDPOINTS") },
                                       { _ ("APPS"), _ ("LOCAL"), _ ("REMOTE"), _ ("ENDPOINTS") } };

  for (PlLane lane = is_stacked ? PL_LANE_LOCAL_PORT : PL_LANE_APP; lane < PL_N_LANES; lane++)
    {
      double x, width, size = svg->font_px * 0.8;
      g_autofree char *text = NULL;

      pl_scene_get_lane (svg->scene, lane, &x, &width);
      if (lane < PL_LANE_ENDPOINT) /* it may reach into the gap beside its lane */
        {
          double next_x, next_width;

          pl_scene_get_lane (svg->scene, lane + 1, &next_x, &next_width);
          width = next_x - x - 8 * svg->unit;
        }
      text = pl_svg_fit (words[is_stacked][lane], size * 1.15, width, FALSE);
      pl_svg_text (svg->out, svg_x (svg, x), y + 17 * svg->unit, size, 700, svg_leading (svg), svg->colors.dim_text,
                   text);
    }
}

static void
add_rules (Svg *svg, double y, double height)
{
  for (PlLane lane = PL_LANE_APP; lane < PL_LANE_ENDPOINT && !pl_scene_get_is_stacked (svg->scene); lane++)
    {
      double x, width, next_x, next_width;

      pl_scene_get_lane (svg->scene, lane, &x, &width);
      pl_scene_get_lane (svg->scene, lane + 1, &next_x, &next_width);
      x = svg_x (svg, floor ((x + width + next_x) / 2) + 0.5);
      pl_svg_open (svg->out, "line");
      pl_svg_number (svg->out, "x1", x);
      pl_svg_number (svg->out, "x2", x);
      pl_svg_number (svg->out, "y1", y);
      pl_svg_number (svg->out, "y2", y + height);
      pl_svg_color (svg->out, "stroke", svg->colors.rule);
      pl_svg_string (svg->out, "stroke-dasharray", "2 5");
      pl_svg_close (svg->out);
    }
}

/* As a list of strings: an unquoted name could have no digit in front, and may be a keyword. */
char *
pl_scene_svg_dup_fonts (const char *font)
{
  g_auto (GStrv) families = g_strsplit (font ? font : "", ",", 16);
  GString *list = g_string_new (NULL);

  for (char **family = families; *family != NULL; family++)
    if (*g_strstrip (*family) != 0 && !g_str_equal (*family, FONT) && strpbrk (*family, "'\\\n") == NULL)
      g_string_append_printf (list, "'%s', ", *family);
  g_string_append (list, FONT ", " OTHER_FONTS);
  return g_string_free (list, FALSE);
}

static void
begin_document (Svg *svg)
{
  g_autofree char *fonts = pl_scene_svg_dup_fonts (svg->options.font);
  GString *out = svg->out;

  g_string_append (out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  pl_svg_open (out, "svg");
  pl_svg_string (out, "xmlns", "http://www.w3.org/2000/svg");
  pl_svg_string (out, "xmlns:xlink", "http://www.w3.org/1999/xlink");
  pl_svg_number (out, "width", svg->width);
  pl_svg_number (out, "height", svg->height);
  g_string_append (out, " viewBox=\"0 0 ");
  pl_svg_append (out, svg->width);
  pl_svg_append (out, svg->height);
  g_string_append_c (out, '"');
  pl_svg_string (out, "font-family", fonts);
  pl_svg_string (out, "role", "img");
  pl_svg_children (out);
  g_string_append (out, "<title>");
  pl_svg_text_content (out, svg->options.title ? svg->options.title : _ ("Which app talks through which port to whom"));
  g_string_append (out, "</title>\n");
  pl_svg_open (out, "rect");
  pl_svg_number (out, "width", svg->width);
  pl_svg_number (out, "height", svg->height);
  pl_svg_color (out, "fill", svg->colors.background);
  pl_svg_close (out);
}

static void
add_graph (Svg *svg, double height)
{
  GString *out = svg->out;

  pl_svg_open (out, "g");
  g_string_append (out, " transform=\"translate(0 ");
  pl_svg_append (out, svg->top);
  g_string_append (out, ")\"");
  pl_svg_children (out);
  add_rules (svg, 0, height);
  scene_svg_edges (svg);
  scene_svg_nodes (svg);
  pl_svg_end (out, "g");
}

/* Px from the graph's end to the legend. @folded: nullable */
static double
footer_height (const Svg *svg, const char *folded)
{
  return (folded ? 26 : 8) * svg->unit;
}

/* How large it will be, and where the graph begins. Returns the graph's own height. */
static double
measure (Svg *svg, const char *folded)
{
  double top, height;
  guint n_nodes;

  pl_scene_get_nodes (svg->scene, &n_nodes);
  pl_scene_get_extent (svg->scene, &top, &height);
  if (n_nodes == 0)
    height = EMPTY_HEIGHT * svg->unit;
  svg->top = title_height (svg) + (n_nodes > 0 ? headings_height (svg) : 0);
  svg->height = ceil (svg->top + height + footer_height (svg, folded) + scene_svg_legend_height (svg) + 12 * svg->unit);
  return height;
}

static void
add_document (Svg *svg)
{
  guint n_nodes;
  g_autofree char *folded = pl_scene_dup_fold_words (svg->scene);
  double u = svg->unit, height = measure (svg, folded), size = svg->font_px * 0.84;

  pl_scene_get_nodes (svg->scene, &n_nodes);
  begin_document (svg);
  add_title (svg);
  if (n_nodes > 0)
    {
      add_headings (svg, title_height (svg));
      add_graph (svg, height);
    }
  else
    pl_svg_text (svg->out, svg->width / 2, svg->top + height / 2, svg->font_px, 400, PL_SVG_MIDDLE,
                 svg->colors.dim_text, _ ("No Connections Yet"));
  if (folded)
    pl_svg_text (svg->out, svg->width / 2, svg->top + height + 16 * u, size, 400, PL_SVG_MIDDLE, svg->colors.dim_text,
                 folded);
  scene_svg_legend (svg, svg->top + height + footer_height (svg, folded));
  pl_svg_end (svg->out, "svg");
}

static void
svg_init (Svg *svg, PlScene *scene, const PlSceneSvgOptions *options)
{
  *svg = (Svg){ .scene = scene };
  if (options)
    svg->options = *options;
  svg->colors = pl_scene_colors (svg->options.is_dark, svg->options.is_high_contrast);
  svg->unit = scene->metrics.unit;
  svg->font_px = scene->line_height * FONT_OF_LINE;
  svg->font_width = MAX (svg->options.sample_px / pl_svg_text_width (PL_SCENE_SVG_SAMPLE, 100), 1);
  svg->width = ceil (scene->metrics.lane_x[PL_LANE_ENDPOINT] + scene->metrics.lane_width[PL_LANE_ENDPOINT]
                     + MAX (scene->metrics.lane_x[PL_LANE_APP], 8 * svg->unit));
  svg->width = MAX (svg->width, scene->width);
}

char *
pl_scene_to_svg (PlScene *scene, const PlSceneSvgOptions *options)
{
  Svg svg;

  g_return_val_if_fail (scene != NULL, NULL);

  svg_init (&svg, scene, options);
  svg.out = g_string_sized_new (1 << 16);
  add_document (&svg);
  return g_string_free (svg.out, FALSE);
}

void
pl_scene_svg_get_size (PlScene *scene, const PlSceneSvgOptions *options, int *width, int *height)
{
  g_autofree char *folded = pl_scene_dup_fold_words (scene);
  Svg svg;

  svg_init (&svg, scene, options);
  measure (&svg, folded);
  *width = (int)ceil (svg.width);
  *height = (int)svg.height;
}

char *
pl_scene_svg_dup_counts (PlModel *model)
{
  const PlModelTotals *totals = pl_model_get_totals (model);
  g_autofree char *flows =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u flow", "%u flows", totals->n_flows), totals->n_flows);
  g_autofree char *apps =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u app", "%u apps", totals->n_apps), totals->n_apps);

  return totals->n_apps > 0 ? g_strdup_printf ("%s · %s", flows, apps) : g_steal_pointer (&flows);
}
