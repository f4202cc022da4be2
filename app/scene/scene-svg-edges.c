/* The lines of the graph as SVG: one path an edge, its colour running from range to range, solid, dashed or dotted by
 * protocol, paler where the app is not sure, red up to where it failed, an arrow at the end that was called. */
#include "scene-svg-private.h"

#define PLAIN_ALPHA 0.9
#define UNSURE_ALPHA 0.45 /* of the alpha it would have */
#define CROSS_FONT 0.78 /* of the ordinary size */
#define BEYOND_ALPHA 0.35 /* past the cross: where it would have gone */
#define DOT_WIDTH 4.0 /* units: the widest dotted line; wider, dots are blocks */
#define STACKED_WIDTH 3.5 /* units: widest where the ways are short */
#define TRUNK_WIDTH 1.5 /* units: from an app down to its ports while stacked */

typedef struct
{
  Svg *svg;
  GString *paths; /* what is drawn, for the gradients come before */
  GHashTable *gradients; /* ids that are defined */
  double width, alpha;
  const PlSceneEdge *edge;
} Pen;

static void
move_to (Pen *pen, GString *path, const PlScenePiece *piece)
{
  g_string_append (path, "M ");
  pl_svg_append (path, svg_x (pen->svg, piece->x0));
  pl_svg_append (path, piece->y0);
}

/* y runs by 3t² − 2t³ while x runs evenly: a cubic Bézier curve with its controls at the thirds. */
static void
curve_to (Pen *pen, GString *path, const PlScenePiece *piece)
{
  double third = (piece->x1 - piece->x0) / 3;

  if (piece->y0 == piece->y1)
    {
      g_string_append (path, "L ");
      pl_svg_append (path, svg_x (pen->svg, piece->x1));
      pl_svg_append (path, piece->y1);
      return;
    }
  g_string_append (path, "C ");
  pl_svg_append (path, svg_x (pen->svg, piece->x0 + third));
  pl_svg_append (path, piece->y0);
  pl_svg_append (path, svg_x (pen->svg, piece->x1 - third));
  pl_svg_append (path, piece->y1);
  pl_svg_append (path, svg_x (pen->svg, piece->x1));
  pl_svg_append (path, piece->y1);
}

/* The part of @piece from the parameter @from to @to, as a Bézier curve of its own (de Casteljau). */
static void
part_of (Pen *pen, GString *path, const PlScenePiece *piece, double from, double to)
{
  double x0 = piece->x0 + (piece->x1 - piece->x0) * from, x1 = piece->x0 + (piece->x1 - piece->x0) * to;
  double rise = piece->y1 - piece->y0, third = (to - from) / 3;
  double y0 = piece->y0 + rise * from * from * (3 - 2 * from), y1 = piece->y0 + rise * to * to * (3 - 2 * to);

  g_string_append (path, "M ");
  pl_svg_append (path, svg_x (pen->svg, x0));
  pl_svg_append (path, y0);
  g_string_append (path, "C ");
  pl_svg_append (path, svg_x (pen->svg, x0 + (x1 - x0) / 3));
  pl_svg_append (path, y0 + rise * 6 * from * (1 - from) * third);
  pl_svg_append (path, svg_x (pen->svg, x1 - (x1 - x0) / 3));
  pl_svg_append (path, y1 - rise * 6 * to * (1 - to) * third);
  pl_svg_append (path, svg_x (pen->svg, x1));
  pl_svg_append (path, y1);
}

static guint32
range_color (const Pen *pen, PlRange range)
{
  return pl_scene_range_rgb (range, pen->svg->colors.is_dark);
}

/* Defines the gradient where it is new. Returns: (transfer full): a paint to stroke with */
static char *
paint (Pen *pen, guint32 from, guint32 to, double x0, double x1)
{
  g_autofree char *id = NULL;
  Svg *svg = pen->svg;

  if (from == to)
    return g_strdup_printf ("#%06x", from);
  id = g_strdup_printf ("g%06x-%06x-%d", from, to, (int)x1);
  if (g_hash_table_add (pen->gradients, g_strdup (id)))
    {
      pl_svg_open (svg->out, "linearGradient");
      pl_svg_string (svg->out, "id", id);
      pl_svg_string (svg->out, "gradientUnits", "userSpaceOnUse");
      pl_svg_number (svg->out, "x1", svg_x (svg, x0));
      pl_svg_number (svg->out, "x2", svg_x (svg, x1));
      pl_svg_number (svg->out, "y1", 0);
      pl_svg_number (svg->out, "y2", 0);
      pl_svg_children (svg->out);
      for (guint i = 0; i < 2; i++)
        {
          pl_svg_open (svg->out, "stop");
          pl_svg_number (svg->out, "offset", i);
          pl_svg_color (svg->out, "stop-color", i == 0 ? from : to);
          pl_svg_close (svg->out);
        }
      pl_svg_end (svg->out, "linearGradient");
    }
  return g_strdup_printf ("url(#%s)", id);
}

/* What is neither TCP nor UDP. */
gboolean
scene_svg_is_dotted (const PlSceneEdge *edge)
{
  return edge->proto != PL_PROTO_TCP && edge->proto != PL_PROTO_UDP && edge->proto != PL_PROTO_UDPLITE
         && !(edge->flags & PL_SCENE_LISTENER);
}

static void
add_pattern (Pen *pen)
{
  double unit = pen->svg->unit, dash, gap;

  if (pen->edge->flags & PL_SCENE_LISTENER)
    {
      dash = 2 * unit;
      gap = 4 * unit;
    }
  else if (pen->edge->proto == PL_PROTO_UDP || pen->edge->proto == PL_PROTO_UDPLITE)
    {
      dash = PL_SCENE_DASH_UNITS * unit;
      gap = PL_SCENE_GAP_UNITS * unit;
    }
  else if (pen->edge->proto != PL_PROTO_TCP)
    {
      dash = MAX (pen->width, 2 * unit);
      gap = 2 * dash;
    }
  else
    return;
  g_string_append (pen->paths, " stroke-dasharray=\"");
  pl_svg_append (pen->paths, dash);
  pl_svg_append (pen->paths, gap);
  g_string_append_c (pen->paths, '"');
}

static void
add_path (Pen *pen, const char *path, const char *stroke, double width, double alpha)
{
  pl_svg_open (pen->paths, "path");
  pl_svg_string (pen->paths, "d", path);
  pl_svg_string (pen->paths, "stroke", stroke);
  pl_svg_number (pen->paths, "stroke-width", width);
  if (alpha < 1)
    pl_svg_number (pen->paths, "stroke-opacity", alpha);
  add_pattern (pen);
  pl_svg_close (pen->paths);
}

/* From the app to its port: under the app's card there is room for thin lines only. */
static void
add_trunk (Pen *pen, const PlScenePiece *piece, guint32 color, double alpha)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *stroke = g_strdup_printf ("#%06x", color);
  gboolean is_stacked = pl_scene_get_is_stacked (pen->svg->scene);

  move_to (pen, path, piece);
  curve_to (pen, path, piece);
  add_path (pen, path->str, stroke, is_stacked ? TRUNK_WIDTH * pen->svg->unit : pen->width, alpha);
}

/* From the side that called to the cross, and palely on to where it would have gone. */
static void
add_failed (Pen *pen, const PlScenePiece *pieces, double cross_x)
{
  const PlScenePiece *across = &pieces[PL_PIECE_LOCAL_REMOTE];
  guint32 local = range_color (pen, pen->edge->local_range), remote = range_color (pen, pen->edge->remote_range);
  guint32 red = pen->svg->colors.failed;
  gboolean is_inbound = (pen->edge->flags & PL_SCENE_INBOUND) != 0;
  double at = across->x1 > across->x0 ? (cross_x - across->x0) / (across->x1 - across->x0) : 1;
  double pale = pen->alpha * BEYOND_ALPHA;
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *stroke =
      is_inbound ? paint (pen, red, remote, cross_x, across->x1) : paint (pen, local, red, across->x0, cross_x);
  g_autofree char *beyond = g_strdup_printf ("#%06x", red);

  add_trunk (pen, &pieces[PL_PIECE_APP_LOCAL], is_inbound ? red : local, is_inbound ? pale : pen->alpha);
  part_of (pen, path, across, 0, at);
  add_path (pen, path->str, is_inbound ? beyond : stroke, pen->width, is_inbound ? pale : pen->alpha);
  g_string_truncate (path, 0);
  part_of (pen, path, across, at, 1);
  for (guint i = PL_PIECE_REMOTE; i < PL_N_PIECES; i++)
    curve_to (pen, path, &pieces[i]);
  add_path (pen, path->str, is_inbound ? stroke : beyond, pen->width, is_inbound ? pen->alpha : pale);
}

/* Points at the port that was called: into the remote chip, or back into the local one. */
static void
add_arrow (Pen *pen, const PlScenePiece *piece)
{
  gboolean is_inbound = (pen->edge->flags & PL_SCENE_INBOUND) != 0;
  double unit = pen->svg->unit, arm = pen->width / 2 + 3 * unit, depth = arm * 0.8;
  double tip = is_inbound ? piece->x0 + 3 * unit : piece->x1 - 3 * unit, tail = is_inbound ? tip + depth : tip - depth;
  double y = is_inbound ? piece->y0 : piece->y1;
  g_autoptr (GString) path = g_string_new (NULL);

  if (piece->x1 - piece->x0 < 4 * depth)
    return;
  g_string_append (path, "M ");
  pl_svg_append (path, svg_x (pen->svg, tail));
  pl_svg_append (path, y - arm);
  g_string_append (path, "L ");
  pl_svg_append (path, svg_x (pen->svg, tip));
  pl_svg_append (path, y);
  pl_svg_append (path, svg_x (pen->svg, tail));
  pl_svg_append (path, y + arm);
  pl_svg_open (pen->paths, "path");
  pl_svg_string (pen->paths, "d", path->str);
  pl_svg_color (pen->paths, "stroke", range_color (pen, is_inbound ? pen->edge->local_range : pen->edge->remote_range));
  pl_svg_number (pen->paths, "stroke-width", 1.75 * unit);
  pl_svg_string (pen->paths, "stroke-linecap", "round");
  if (pen->alpha < 1)
    pl_svg_number (pen->paths, "stroke-opacity", pen->alpha);
  pl_svg_close (pen->paths);
}

static void
add_edge (Pen *pen)
{
  PlScenePiece pieces[PL_N_PIECES];
  guint n = pl_scene_edge_pieces (pen->svg->scene, pen->edge, pieces);
  const PlScenePiece *across = &pieces[PL_PIECE_LOCAL_REMOTE];
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *stroke = NULL;
  double cross_x, cross_y;

  if (n == PL_N_PIECES && pl_scene_edge_cross (pen->svg->scene, pen->edge, &cross_x, &cross_y))
    {
      add_failed (pen, pieces, cross_x);
      return;
    }
  add_trunk (pen, &pieces[PL_PIECE_APP_LOCAL], range_color (pen, pen->edge->local_range), pen->alpha);
  if (n < PL_N_PIECES)
    return;
  move_to (pen, path, &pieces[PL_PIECE_LOCAL]);
  for (guint i = PL_PIECE_LOCAL; i < n; i++)
    curve_to (pen, path, &pieces[i]);
  stroke = paint (pen, range_color (pen, pen->edge->local_range), range_color (pen, pen->edge->remote_range),
                  across->x0, across->x1);
  add_path (pen, path->str, stroke, pen->width, pen->alpha);
  if (pen->edge->flags & (PL_SCENE_INBOUND | PL_SCENE_OUTBOUND))
    add_arrow (pen, across);
}

void
scene_svg_cross (Svg *svg, double x, double y, double opacity)
{
  const double arms[] = { 6 * svg->unit, 5 * svg->unit }, widths[] = { 6 * svg->unit, 2.75 * svg->unit };

  for (guint i = 0; i < 2; i++) /* a halo, and the cross upon it */
    {
      g_autoptr (GString) path = g_string_new (NULL);

      for (int turn = -1; turn <= 1; turn += 2)
        {
          g_string_append (path, "M ");
          pl_svg_append (path, x - arms[i]);
          pl_svg_append (path, y - turn * arms[i]);
          g_string_append (path, "L ");
          pl_svg_append (path, x + arms[i]);
          pl_svg_append (path, y + turn * arms[i]);
        }
      pl_svg_open (svg->out, "path");
      pl_svg_string (svg->out, "d", path->str);
      pl_svg_color (svg->out, "stroke", i == 0 ? svg->colors.background : svg->colors.failed);
      pl_svg_number (svg->out, "stroke-width", widths[i]);
      pl_svg_number (svg->out, "stroke-opacity", opacity);
      pl_svg_close (svg->out);
    }
}

/* "×12" before the cross, so that it keeps off the port at whose door it stands, or behind it, where there is room. */
static void
add_number (Svg *svg, const PlSceneCross *cross)
{
  g_autofree char *text = g_strdup_printf ("×%u", cross->n_flows);
  double size = svg->font_px * CROSS_FONT, width = pl_svg_text_width (text, size) + 4 * svg->unit;
  double beside = 8 * svg->unit;
  int side = pl_scene_cross_side (cross, beside + width);
  double left = svg_left (svg, side < 0 ? cross->x - beside - width : cross->x + beside, width);

  if (side == 0)
    return;
  pl_svg_open (svg->out, "rect");
  pl_svg_number (svg->out, "x", left);
  pl_svg_number (svg->out, "y", cross->y - 7 * svg->unit);
  pl_svg_number (svg->out, "width", width);
  pl_svg_number (svg->out, "height", 14 * svg->unit);
  pl_svg_number (svg->out, "rx", 4 * svg->unit);
  pl_svg_color (svg->out, "fill", svg->colors.background);
  pl_svg_number (svg->out, "fill-opacity", 0.85);
  pl_svg_close (svg->out);
  pl_svg_text (svg->out, left + width / 2, cross->y + size * 0.36, size, 600, PL_SVG_MIDDLE, svg->colors.failed, text);
}

static void
add_crosses (Svg *svg)
{
  g_autoptr (GArray) crosses = pl_scene_crosses (svg->scene, NULL, NULL);

  for (guint i = 0; i < crosses->len; i++)
    {
      const PlSceneCross *cross = &g_array_index (crosses, PlSceneCross, i);

      scene_svg_cross (svg, svg_x (svg, cross->x), cross->y, cross->opacity);
      if (cross->n_flows > 1)
        add_number (svg, cross);
    }
}

/* All lines, under the nodes. */
void
scene_svg_edges (Svg *svg)
{
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (svg->scene, &n);
  g_autoptr (GHashTable) gradients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) paths = g_string_new (NULL);
  Pen pen = { svg, paths, gradients, 0, 0, NULL };

  pl_svg_open (svg->out, "defs");
  pl_svg_children (svg->out);
  for (guint i = 0; i < n; i++)
    {
      pen.edge = &edges[i];
      if (edges[i].flags & PL_SCENE_COVERED)
        continue;
      pen.width = edges[i].width_px * svg->unit;
      if (pl_scene_get_is_stacked (svg->scene))
        pen.width = MIN (pen.width, STACKED_WIDTH * svg->unit);
      if (scene_svg_is_dotted (&edges[i]))
        pen.width = MIN (pen.width, DOT_WIDTH * svg->unit);
      pen.alpha = PLAIN_ALPHA * edges[i].opacity * (edges[i].flags & PL_SCENE_UNSURE ? UNSURE_ALPHA : 1);
      add_edge (&pen);
    }
  pl_svg_end (svg->out, "defs");
  pl_svg_open (svg->out, "g");
  pl_svg_string (svg->out, "fill", "none");
  pl_svg_children (svg->out);
  g_string_append_len (svg->out, paths->str, paths->len);
  add_crosses (svg);
  pl_svg_end (svg->out, "g");
}
