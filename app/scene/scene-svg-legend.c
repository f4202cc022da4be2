/* What the picture's colours, shapes and lines mean, below the graph: it may hang on a wall where no hint can be asked. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include "scene-svg-private.h"

#define ROW 20.0 /* units */
#define SAMPLE 26.0 /* units: of a line */
#define GAP 18.0 /* units between two entries */

typedef enum
{
  ENTRY_WELL_KNOWN,
  ENTRY_REGISTERED,
  ENTRY_DYNAMIC,
  ENTRY_LISTENING,
  ENTRY_TCP,
  ENTRY_UDP,
  ENTRY_OTHER,
  ENTRY_FAILED,
  ENTRY_UNSURE,
  N_ENTRIES,
} Entry;

static const char *
entry_words (Entry entry)
{
  switch (entry)
    {
    case ENTRY_WELL_KNOWN:
      return _ ("well-known 0–1023");
    case ENTRY_REGISTERED:
      return _ ("registered 1024–49151");
    case ENTRY_DYNAMIC:
      return _ ("dynamic 49152–65535");
    case ENTRY_LISTENING:
      return _ ("listens here");
    case ENTRY_TCP:
      return "TCP";
    case ENTRY_UDP:
      return "UDP";
    case ENTRY_OTHER:
      return _ ("others");
    case ENTRY_FAILED:
      return _ ("failed there");
    default:
      return _ ("app not certain");
    }
}

static gboolean
is_line (Entry entry)
{
  return entry >= ENTRY_TCP && entry != ENTRY_FAILED;
}

static double
sample_width (Entry entry)
{
  return is_line (entry) ? SAMPLE : 12;
}

/* Whether the picture shows it; ranges, TCP and UDP are always told. */
static gboolean
is_needed (Svg *svg, Entry entry)
{
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (svg->scene, &n);

  if (entry <= ENTRY_DYNAMIC || entry == ENTRY_TCP || entry == ENTRY_UDP)
    return TRUE;
  for (guint i = 0; i < n; i++)
    if ((entry == ENTRY_FAILED && (edges[i].flags & PL_SCENE_FAILED))
        || (entry == ENTRY_UNSURE && (edges[i].flags & PL_SCENE_UNSURE))
        || (entry == ENTRY_LISTENING && (edges[i].flags & PL_SCENE_LISTENER))
        || (entry == ENTRY_OTHER && scene_svg_is_dotted (&edges[i])))
      return TRUE;
  return FALSE;
}

static void
add_sample_line (Svg *svg, Entry entry, double x, double middle)
{
  double u = svg->unit;

  pl_svg_open (svg->out, "line");
  pl_svg_number (svg->out, "x1", x);
  pl_svg_number (svg->out, "x2", x + SAMPLE * u);
  pl_svg_number (svg->out, "y1", middle);
  pl_svg_number (svg->out, "y2", middle);
  pl_svg_color (svg->out, "stroke", svg->colors.dim_text);
  pl_svg_number (svg->out, "stroke-width", 2 * u);
  if (entry == ENTRY_UNSURE)
    pl_svg_number (svg->out, "stroke-opacity", 0.45);
  if (entry == ENTRY_UDP || entry == ENTRY_OTHER)
    {
      g_string_append (svg->out, " stroke-dasharray=\"");
      pl_svg_append (svg->out, (entry == ENTRY_UDP ? 7 : 2) * u);
      pl_svg_append (svg->out, 4 * u);
      g_string_append_c (svg->out, '"');
    }
  pl_svg_close (svg->out);
}

static void
add_sample (Svg *svg, Entry entry, double x, double middle)
{
  double u = svg->unit, left = svg_left (svg, x, sample_width (entry) * u);

  if (is_line (entry))
    add_sample_line (svg, entry, left, middle);
  else if (entry == ENTRY_FAILED)
    scene_svg_cross (svg, left + 6 * u, middle, 1);
  else if (entry == ENTRY_LISTENING)
    {
      pl_svg_open (svg->out, "rect");
      pl_svg_number (svg->out, "x", left);
      pl_svg_number (svg->out, "y", middle - 5 * u);
      pl_svg_number (svg->out, "width", 12 * u);
      pl_svg_number (svg->out, "height", 10 * u);
      pl_svg_number (svg->out, "rx", 3 * u);
      pl_svg_string (svg->out, "fill", "none");
      pl_svg_color (svg->out, "stroke", svg->colors.dim_text);
      pl_svg_number (svg->out, "stroke-width", 1.5 * u);
      pl_svg_string (svg->out, "stroke-dasharray", "3 2");
      pl_svg_close (svg->out);
    }
  else
    scene_svg_mark (svg, (PlRange)entry, FALSE, left, middle, 11 * u);
}

/* Lays the entries out in rows; draws them where @y is not negative. Returns how high they are, px. */
static double
lay_out (Svg *svg, double y)
{
  double u = svg->unit, size = svg->font_px * 0.82, margin = 12 * u, x = margin;
  guint row = 0;

  for (Entry entry = 0; entry < N_ENTRIES; entry++)
    {
      double sample = sample_width (entry) * u, width;

      if (!is_needed (svg, entry))
        continue;
      width = sample + 6 * u + pl_svg_text_width (entry_words (entry), size);
      if (x > margin && x + width > svg->width - margin)
        {
          x = margin;
          row++;
        }
      if (y >= 0)
        {
          double middle = y + (row + 0.5) * ROW * u;

          add_sample (svg, entry, x, middle);
          pl_svg_text (svg->out, svg_x (svg, x + sample + 6 * u), middle + 0.35 * size, size, 400, svg_leading (svg),
                       svg->colors.dim_text, entry_words (entry));
        }
      x += width + GAP * u;
    }
  return (row + 1) * ROW * u;
}

double
scene_svg_legend_height (Svg *svg)
{
  return lay_out (svg, -1);
}

void
scene_svg_legend (Svg *svg, double y)
{
  pl_svg_open (svg->out, "g");
  pl_svg_children (svg->out);
  lay_out (svg, y);
  pl_svg_end (svg->out, "g");
}
