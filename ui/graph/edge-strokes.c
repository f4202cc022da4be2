/* What an edge looks like: colour from the local port's range to the remote port's, solid, dashed or dotted by protocol,
 * lighter where the app is not sure, red from where it failed, a chevron at the end that was called. */
#include "edge-strokes.h"

#define PLAIN_ALPHA 0.9
#define UNSURE_ALPHA 0.45 /* of the alpha it would have */
#define STACKED_WIDTH 3.5 /* units: widest where the ways are short */
#define TRUNK_WIDTH 1.5 /* units: from an app down to its ports while stacked */
#define DOT_WIDTH 4.0 /* units: the widest dotted line */
#define CORNER 16.0 /* units: the largest radius of a chip's corner, and a little */
#define BEYOND_ALPHA 0.35 /* past the cross: where it would have gone */

typedef struct
{
  GArray *strokes;
  double width, dash, gap, phase;
} Pen;

static PlInk
ink (GdkRGBA color, double alpha)
{
  return (PlInk){ color.red, color.green, color.blue, color.alpha * alpha };
}

static PlInk
faded (PlInk from, double alpha)
{
  from.alpha *= alpha;
  return from;
}

static void
add_part (Pen *pen, const PlScenePiece *piece, double from_x, double to_x, PlInk ink0, PlInk ink1)
{
  PlStroke stroke = { piece->x0, piece->y0, piece->x1,  piece->y1, from_x, to_x, pen->width,
                      pen->dash, pen->gap,  pen->phase, ink0,      ink1,   FALSE };

  g_array_append_val (pen->strokes, stroke);
}

static void
add_piece (Pen *pen, const PlScenePiece *piece, PlInk ink0, PlInk ink1)
{
  add_part (pen, piece, piece->x0, piece->x1, ink0, ink1);
  if (pen->dash > 0)
    {
      const PlStroke *stroke = &g_array_index (pen->strokes, PlStroke, pen->strokes->len - 1);

      pen->phase += pl_stroke_length (stroke);
    }
}

/* Behind a chip only what its round corners may let through is drawn. */
static void
add_behind (Pen *pen, const PlScenePiece *piece, double unit, PlInk color)
{
  double corner = MIN (CORNER * unit, (piece->x1 - piece->x0) / 2);

  add_part (pen, piece, piece->x0, piece->x0 + corner, color, color);
  add_part (pen, piece, piece->x1 - corner, piece->x1, color, color);
  if (pen->dash > 0)
    pen->phase += piece->x1 - piece->x0;
}

static void
add_line (GArray *strokes, double x0, double y0, double x1, double y1, double width, PlInk color)
{
  PlStroke stroke = { x0, y0, x1, y1, x0, x1, width, 0, 0, 0, color, color, TRUE };

  g_array_append_val (strokes, stroke);
}

static void
add_cross (GArray *strokes, double x, double y, double unit, PlInk color, PlInk halo)
{
  double arm = 5 * unit;

  add_line (strokes, x - arm - unit, y - arm - unit, x + arm + unit, y + arm + unit, 6 * unit, halo);
  add_line (strokes, x - arm - unit, y + arm + unit, x + arm + unit, y - arm - unit, 6 * unit, halo);
  add_line (strokes, x - arm, y - arm, x + arm, y + arm, 2.75 * unit, color);
  add_line (strokes, x - arm, y + arm, x + arm, y - arm, 2.75 * unit, color);
}

/* Points at the port that was called: into the remote chip, or back into the local one. */
static void
add_chevron (Pen *pen, const PlScenePiece *piece, gboolean is_inbound, double unit, PlInk color)
{
  double arm = pen->width / 2 + 3 * unit, depth = arm * 0.8;
  double tip = is_inbound ? piece->x0 + 3 * unit : piece->x1 - 3 * unit;
  double tail = is_inbound ? tip + depth : tip - depth;
  double y = is_inbound ? piece->y0 : piece->y1;

  if (piece->x1 - piece->x0 < 4 * depth)
    return;
  add_line (pen->strokes, MIN (tip, tail), is_inbound ? y : y - arm, MAX (tip, tail), is_inbound ? y - arm : y,
            1.75 * unit, color);
  add_line (pen->strokes, MIN (tip, tail), is_inbound ? y : y + arm, MAX (tip, tail), is_inbound ? y + arm : y,
            1.75 * unit, color);
}

static void
set_pattern (Pen *pen, const PlSceneEdge *edge, double unit)
{
  if (edge->flags & PL_SCENE_LISTENER)
    {
      pen->dash = 2 * unit;
      pen->gap = 4 * unit;
    }
  else if (edge->proto == PL_PROTO_UDP || edge->proto == PL_PROTO_UDPLITE)
    {
      pen->dash = PL_SCENE_DASH_UNITS * unit;
      pen->gap = PL_SCENE_GAP_UNITS * unit;
    }
  else if (edge->proto != PL_PROTO_TCP)
    {
      pen->width = MIN (pen->width, DOT_WIDTH * unit); /* wider, dots are blocks */
      pen->dash = MAX (pen->width, 2 * unit);
      pen->gap = 2 * pen->dash;
    }
}

/* From the app to its port: under the app's card there is room for thin lines only. */
static void
add_trunk (Pen *pen, const PlScenePiece *piece, PlInk color, gboolean is_stacked, double unit)
{
  double width = pen->width;

  if (is_stacked)
    pen->width = TRUNK_WIDTH * unit;
  add_piece (pen, piece, color, color);
  pen->width = width;
}

/* From the side that called to the cross, and palely on to where it would have gone. */
static void
add_failed (Pen *pen, const PlScenePiece *pieces, gboolean is_inbound, double cross_x, double unit, const PlInk inks[3])
{
  const PlScenePiece *across = &pieces[PL_PIECE_LOCAL_REMOTE];
  PlInk local = inks[0], remote = inks[1], red = inks[2];

  add_behind (pen, &pieces[PL_PIECE_LOCAL], unit, local);
  add_part (pen, across, across->x0, cross_x, local, is_inbound ? local : red);
  add_part (pen, across, cross_x, across->x1, is_inbound ? red : remote, remote);
  add_behind (pen, &pieces[PL_PIECE_REMOTE], unit, remote);
  add_piece (pen, &pieces[PL_PIECE_REMOTE_ENDPOINT], remote, remote);
}

void
pl_edge_strokes_add (GArray *strokes,
                     PlScene *scene,
                     const PlSceneEdge *edge,
                     const PlGraphColors *colors,
                     PlStrokesStyle style,
                     double unit)
{
  PlScenePiece pieces[PL_N_PIECES];
  guint n_pieces = pl_scene_edge_pieces (scene, edge, pieces);
  double alpha = (style == PL_STROKES_LIT ? 1 : PLAIN_ALPHA) * edge->opacity;
  gboolean is_stacked = pl_scene_get_is_stacked (scene);
  double width = (is_stacked ? MIN (edge->width_px, STACKED_WIDTH) : edge->width_px) + (style == PL_STROKES_LIT);
  Pen pen = { strokes, width * unit, 0, 0, 0 };
  PlInk local, remote, red = ink (pl_failed_rgba (colors->is_dark), alpha);
  double cross_x, cross_y;

  if (edge->flags & PL_SCENE_COVERED)
    return;
  if (edge->flags & PL_SCENE_UNSURE)
    alpha *= UNSURE_ALPHA;
  local = ink (pl_range_rgba (edge->local_range, colors->is_dark), alpha);
  remote = ink (pl_range_rgba (edge->remote_range, colors->is_dark), alpha);
  set_pattern (&pen, edge, unit);
  if (n_pieces < PL_N_PIECES)
    {
      add_trunk (&pen, &pieces[PL_PIECE_APP_LOCAL], local, is_stacked, unit);
      return;
    }
  if (pl_scene_edge_cross (scene, edge, &cross_x, &cross_y))
    {
      gboolean is_inbound = (edge->flags & PL_SCENE_INBOUND) != 0;
      PlInk beyond = faded (red, BEYOND_ALPHA);
      PlInk inks[3] = { is_inbound ? beyond : local, is_inbound ? remote : beyond, red };

      add_trunk (&pen, &pieces[PL_PIECE_APP_LOCAL], inks[0], is_stacked, unit);
      add_failed (&pen, pieces, is_inbound, cross_x, unit, inks);
      return;
    }
  add_trunk (&pen, &pieces[PL_PIECE_APP_LOCAL], local, is_stacked, unit);
  add_behind (&pen, &pieces[PL_PIECE_LOCAL], unit, local);
  add_piece (&pen, &pieces[PL_PIECE_LOCAL_REMOTE], local, remote);
  add_behind (&pen, &pieces[PL_PIECE_REMOTE], unit, remote);
  add_piece (&pen, &pieces[PL_PIECE_REMOTE_ENDPOINT], remote, remote);
  if (edge->flags & (PL_SCENE_INBOUND | PL_SCENE_OUTBOUND))
    add_chevron (&pen, &pieces[PL_PIECE_LOCAL_REMOTE], (edge->flags & PL_SCENE_INBOUND) != 0, unit,
                 (edge->flags & PL_SCENE_INBOUND) ? local : remote);
}

void
pl_edge_strokes_add_crosses (GArray *strokes, GArray *crosses, const PlGraphColors *colors, double unit)
{
  for (guint i = 0; i < crosses->len; i++)
    {
      const PlSceneCross *cross = &g_array_index (crosses, PlSceneCross, i);

      add_cross (strokes, cross->x, cross->y, unit,
                 ink (pl_failed_rgba (colors->is_dark), PLAIN_ALPHA * cross->opacity),
                 ink (colors->background, cross->opacity));
    }
}
