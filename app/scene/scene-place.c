/* Where everything stands. Bands from top to bottom; in a band the tallest lane is stacked evenly and the others stand as
 * near to what they are connected with as their order and the gaps allow. A band to which nothing came stays as it is, and
 * in the others what stood already wishes itself no further away than a row, so that nothing ever jumps. Sets targets;
 * easing is scene.c's. */
#include <math.h>

#include "scene-private.h"

#define LINE_HEIGHT_PX 18.0 /* that the sizes below are for */
#define STACKED_BELOW 600.0 /* units of width */
#define STACKED_LEAST 334.0 /* the same: less has no room for a port of five digits. A window of 360 px has just that */
#define NEAR_FIRST 200.0 /* units below the first of many neighbours, in which a node stands: near_first() */
#define DOCK_STEP 5.0 /* units between two edges that meet at a node */
#define LEAST_DOCK_STEP 2.5 /* the same: less would have them lie upon one another in a knot */

/* Widths of the cards and chips by the width of the whole, in units; linear between. */
static const struct
{
  double width, card, chip, margin;
} sizes[] = {
  { 600, 146, 108, 12 }, { 760, 168, 122, 18 }, { 950, 190, 138, 24 }, { 1600, 300, 172, 48 }, { 2600, 420, 250, 90 }
};

static double
between (double at, double from, double to, double low, double high)
{
  return low + (high - low) * CLAMP ((at - from) / (to - from), 0, 1);
}

static void
stacked_lanes (Metrics *metrics, double width)
{
  double u = metrics->unit;
  double margin = 8 * u, gap = between (width / u, 360, 500, 14, 28) * u;
  double room = MAX (width - 2 * margin, STACKED_LEAST * u) - metrics->indent - 2 * gap;
  double chip = round (MIN (room * 0.28, 138 * u));

  metrics->lane_x[PL_LANE_APP] = round (margin);
  metrics->lane_width[PL_LANE_APP] = round (MAX (width - 2 * margin, STACKED_LEAST * u));
  metrics->lane_x[PL_LANE_LOCAL_PORT] = round (margin + metrics->indent);
  metrics->lane_width[PL_LANE_LOCAL_PORT] = metrics->lane_width[PL_LANE_REMOTE_PORT] = chip;
  metrics->lane_width[PL_LANE_ENDPOINT] = round (room - 2 * chip);
  metrics->lane_x[PL_LANE_ENDPOINT] =
      metrics->lane_x[PL_LANE_APP] + metrics->lane_width[PL_LANE_APP] - metrics->lane_width[PL_LANE_ENDPOINT];
  metrics->lane_x[PL_LANE_REMOTE_PORT] =
      round ((metrics->lane_x[PL_LANE_LOCAL_PORT] + metrics->lane_x[PL_LANE_ENDPOINT]) / 2);
}

static void
four_lanes (Metrics *metrics, double width)
{
  double u = metrics->unit, units = width / u;
  double used = MIN (units, sizes[G_N_ELEMENTS (sizes) - 1].width);
  double card = 0, chip = 0, margin = 0, gap, x;

  for (guint i = 0; i + 1 < G_N_ELEMENTS (sizes); i++)
    if (used >= sizes[i].width)
      {
        card = between (used, sizes[i].width, sizes[i + 1].width, sizes[i].card, sizes[i + 1].card);
        chip = between (used, sizes[i].width, sizes[i + 1].width, sizes[i].chip, sizes[i + 1].chip);
        margin = between (used, sizes[i].width, sizes[i + 1].width, sizes[i].margin, sizes[i + 1].margin);
      }
  gap = (used - 2 * margin - 2 * card - 2 * chip) / 3;
  x = margin + (units - used) / 2;
  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    {
      double lane_width = lane == PL_LANE_APP || lane == PL_LANE_ENDPOINT ? card : chip;

      metrics->lane_x[lane] = round (x * u);
      metrics->lane_width[lane] = round (lane_width * u);
      x += lane_width + gap;
    }
}

void
scene_place_metrics (PlScene *scene)
{
  Metrics *metrics = &scene->metrics;
  double u = scene->line_height / LINE_HEIGHT_PX;

  metrics->unit = u;
  metrics->is_stacked = scene->width / u < STACKED_BELOW;
  metrics->card_height = round (46 * u);
  metrics->chip_height = round (30 * u);
  metrics->card_gap = round (12 * u);
  metrics->chip_gap = round (10 * u);
  metrics->band_gap = round (30 * u);
  metrics->margin_y = round (10 * u);
  metrics->indent = round (14 * u);
  if (metrics->is_stacked)
    stacked_lanes (metrics, scene->width);
  else
    four_lanes (metrics, scene->width);
}

/**
 * scene_space_out:
 * @wishes: where each middle would like to be, in the order that they keep
 * @heights: px
 * @gap: px between two
 * @n: how many
 * @top: no higher than this
 * @bottom: no lower than this
 * @middles: (out): where they are: in order, @gap apart at least, the sum of squared distances to the wishes least
 *
 * Isotonic regression by pooling adjacent violators (Barlow et al. 1972), clamped. Everything must fit.
 */
void
scene_space_out (
    const double *wishes, const double *heights, double gap, guint n, double top, double bottom, double *middles)
{
  g_autofree double *offsets = g_new (double, n + 1);
  g_autofree double *means = g_new (double, n + 1);
  g_autofree guint *counts = g_new (guint, n + 1);
  guint n_pools = 0, next = 0;
  double low, high;

  if (n == 0)
    return;
  offsets[0] = 0;
  for (guint i = 1; i < n; i++)
    offsets[i] = offsets[i - 1] + (heights[i - 1] + heights[i]) / 2 + gap;
  low = top + heights[0] / 2;
  high = bottom - heights[n - 1] / 2 - offsets[n - 1];
  for (guint i = 0; i < n; i++)
    {
      means[n_pools] = wishes[i] - offsets[i];
      counts[n_pools++] = 1;
      while (n_pools > 1 && means[n_pools - 2] > means[n_pools - 1])
        {
          guint both = counts[n_pools - 2] + counts[n_pools - 1];

          means[n_pools - 2] =
              (means[n_pools - 2] * counts[n_pools - 2] + means[n_pools - 1] * counts[n_pools - 1]) / both;
          counts[n_pools - 2] = both;
          n_pools--;
        }
    }
  for (guint pool = 0; pool < n_pools; pool++)
    for (guint i = 0; i < counts[pool]; i++, next++)
      middles[next] = MAX (MIN (means[pool], high), low) + offsets[next];
}

static double
lane_node_height (const Metrics *metrics, PlLane lane)
{
  return lane == PL_LANE_APP || lane == PL_LANE_ENDPOINT ? metrics->card_height : metrics->chip_height;
}

static double
lane_gap (const Metrics *metrics, PlLane lane)
{
  return lane == PL_LANE_APP || lane == PL_LANE_ENDPOINT ? metrics->card_gap : metrics->chip_gap;
}

static double
lane_height (const Metrics *metrics, const Band *band, PlLane lane)
{
  guint n = band->lanes[lane]->len;

  return n == 0 ? 0 : n * lane_node_height (metrics, lane) + (n - 1) * lane_gap (metrics, lane);
}

static void
set_target (PlScene *scene, Node *node, double y)
{
  PlLane lane = node->key.lane;

  node->pub.x = scene->metrics.lane_x[lane];
  node->pub.width = scene->metrics.lane_width[lane];
  node->pub.height = lane_node_height (&scene->metrics, lane);
  if (!node->is_placed && node->n_moves == 0)
    node->from_y = NAN; /* it has no place to come from */
  node->pub.target_y = y;
  node->is_placed = TRUE;
  node->offset_y = y + node->pub.height / 2 - node->band->top;
}

/* How far below the first of many neighbours a node stands, px: where large text leaves room for a few rows alone it would be cut. */
static double
near_first (PlScene *scene)
{
  double near = NEAR_FIRST * scene->metrics.unit;

  return scene->room > 0 ? MIN (near, MAX (scene->room / 2 - scene->metrics.card_height, 0)) : near;
}

/* Where @node wants its middle: the mean of what its edges lead to in the lane @to that is placed already, as far as it
 * lies in this band, but near the first of them: who looks at the top of a tall band is to see whose it is. NAN when nothing
 * does. */
static double
wish_of (PlScene *scene, const Node *node, PlLane to)
{
  double sum = 0, first = G_MAXDOUBLE;
  guint n = 0;

  for (guint i = 0; i < node->n_edges; i++)
    {
      const Edge *edge = scene->adjacency->pdata[node->first_edge + i];
      const Node *other = edge->node[to];

      if (other && other->band == node->band)
        {
          sum += scene_node_middle (other);
          first = MIN (first, scene_node_middle (other));
          n++;
        }
    }
  return n > 0 ? MIN (sum / n, first + near_first (scene)) : NAN;
}

/* Those without a wish (on their way out, holes, or used by other bands only) follow the one before them. */
static void
fill_wishes (double *wishes, guint n, double pitch, double middle)
{
  guint first = 0;

  while (first < n && isnan (wishes[first]))
    first++;
  if (first == n)
    {
      for (guint i = 0; i < n; i++)
        wishes[i] = middle + (i - (n - 1) / 2.0) * pitch;
      return;
    }
  for (guint i = first; i > 0; i--)
    wishes[i - 1] = wishes[i] - pitch;
  for (guint i = first + 1; i < n; i++)
    if (isnan (wishes[i]))
      wishes[i] = wishes[i - 1] + pitch;
}

/* Keeps those that stood already within @reach of where they stood, and newcomers between their neighbours, so that one
 * wish from afar does not drag the others along. */
static void
temper_wishes (const Band *band, GPtrArray *nodes, double *wishes, double reach)
{
  double below = G_MAXDOUBLE;

  for (guint i = 0; i < nodes->len; i++)
    {
      const Node *node = nodes->pdata[i];
      double stood = band->top + node->offset_y;

      if (node->is_placed)
        wishes[i] = CLAMP (wishes[i], stood - reach, stood + reach);
      else if (i > 0)
        wishes[i] = MAX (wishes[i], wishes[i - 1]);
    }
  for (guint i = nodes->len; i > 0; i--)
    {
      if (!((Node *)nodes->pdata[i - 1])->is_placed)
        wishes[i - 1] = MIN (wishes[i - 1], below);
      below = wishes[i - 1];
    }
}

/* Places one lane between @top and the band's bottom: evenly from @start on when nothing of the band is placed yet, else by
 * the wishes that the first of the @placed lanes with an answer gives. */
static void
place_lane (PlScene *scene,
            Band *band,
            PlLane lane,
            const PlLane *placed,
            guint n_placed,
            double top,
            double start,
            PlaceMode mode)
{
  GPtrArray *nodes = band->lanes[lane];
  double height = lane_node_height (&scene->metrics, lane), gap = lane_gap (&scene->metrics, lane);
  double bottom = band->top + band->height;
  g_autofree double *wishes = g_new (double, nodes->len + 1);
  g_autofree double *heights = g_new (double, nodes->len + 1);
  g_autofree double *middles = g_new (double, nodes->len + 1);

  for (guint i = 0; i < nodes->len; i++)
    {
      const Node *node = nodes->pdata[i];

      heights[i] = height;
      wishes[i] = n_placed == 0 ? start + height / 2 + i * (height + gap) : NAN;
      for (guint j = 0; j < n_placed && isnan (wishes[i]); j++)
        wishes[i] = wish_of (scene, node, placed[j]);
      if (isnan (wishes[i]) && mode == PLACE_CALMLY && node->is_placed)
        wishes[i] = band->top + node->offset_y;
    }
  fill_wishes (wishes, nodes->len, height + gap, (top + bottom) / 2);
  if (mode == PLACE_CALMLY)
    temper_wishes (band, nodes, wishes, height + gap);
  scene_space_out (wishes, heights, gap, nodes->len, top, bottom, middles);
  for (guint i = 0; i < nodes->len; i++)
    set_target (scene, nodes->pdata[i], round (middles[i] - height / 2));
}

static void
shift_band (PlScene *scene, Band *band, double top)
{
  band->top = top;
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    for (guint i = 0; i < band->lanes[lane]->len; i++)
      {
        Node *node = band->lanes[lane]->pdata[i];

        set_target (scene, node, top + node->offset_y - lane_node_height (&scene->metrics, lane) / 2);
      }
}

static PlLane
tallest_lane (const Metrics *metrics, const Band *band)
{
  PlLane tallest = PL_LANE_ENDPOINT;

  for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_LANE_ENDPOINT; lane++)
    if (lane_height (metrics, band, lane) > lane_height (metrics, band, tallest))
      tallest = lane;
  return tallest;
}

static void
place_band (PlScene *scene, Band *band, double top, PlaceMode mode)
{
  /* By the tallest lane: that one first, then its neighbours outward, the app last. */
  static const PlLane orders[][PL_N_LANES] = {
    [PL_LANE_LOCAL_PORT] = { PL_LANE_LOCAL_PORT, PL_LANE_REMOTE_PORT, PL_LANE_ENDPOINT, PL_LANE_APP },
    [PL_LANE_REMOTE_PORT] = { PL_LANE_REMOTE_PORT, PL_LANE_ENDPOINT, PL_LANE_LOCAL_PORT, PL_LANE_APP },
    [PL_LANE_ENDPOINT] = { PL_LANE_ENDPOINT, PL_LANE_REMOTE_PORT, PL_LANE_LOCAL_PORT, PL_LANE_APP },
  };
  const Metrics *metrics = &scene->metrics;
  PlLane tallest = tallest_lane (metrics, band);
  double tallest_height = lane_height (metrics, band, tallest), height = tallest_height;
  double lanes_top = top, start;

  if (!metrics->is_stacked)
    height = MAX (height, lane_height (metrics, band, PL_LANE_APP));
  else if (band->lanes[PL_LANE_APP]->len > 0)
    lanes_top += metrics->card_height + metrics->card_gap;
  band->top = top;
  band->height = lanes_top - top + height;
  start = lanes_top + (height - tallest_height) / 2;
  for (guint i = 0; i < PL_N_LANES; i++)
    {
      PlLane lane = orders[tallest][i];

      if (lane == PL_LANE_APP && metrics->is_stacked)
        place_lane (scene, band, lane, orders[tallest], 0, top, top, mode);
      else
        place_lane (scene, band, lane, orders[tallest], i, lanes_top, start, mode);
    }
}

/* ---- docks ---- */

static double
middle_in (const Edge *edge, PlLane lane)
{
  return edge->node[lane] ? scene_node_middle (edge->node[lane]) : 0;
}

static int
compare_at (const Edge *one, const Edge *other, const PlLane *lanes)
{
  for (guint i = 0; i < PL_N_LANES - 1; i++)
    {
      double a = middle_in (one, lanes[i]), b = middle_in (other, lanes[i]);

      if (a != b)
        return a < b ? -1 : 1;
    }
  return one->pub.id < other->pub.id ? -1 : one->pub.id > other->pub.id;
}

/* What the edges at a node of each lane are put in order by: first of all by what they lead to. */
static const PlLane dock_order[PL_N_LANES][PL_N_LANES - 1] = {
  [PL_LANE_APP] = { PL_LANE_LOCAL_PORT, PL_LANE_REMOTE_PORT, PL_LANE_ENDPOINT },
  [PL_LANE_LOCAL_PORT] = { PL_LANE_REMOTE_PORT, PL_LANE_ENDPOINT, PL_LANE_APP },
  [PL_LANE_REMOTE_PORT] = { PL_LANE_ENDPOINT, PL_LANE_LOCAL_PORT, PL_LANE_APP },
  [PL_LANE_ENDPOINT] = { PL_LANE_REMOTE_PORT, PL_LANE_LOCAL_PORT, PL_LANE_APP },
};

static int
compare_docks (gconstpointer a, gconstpointer b, gpointer lane)
{
  return compare_at (*(Edge *const *)a, *(Edge *const *)b, dock_order[GPOINTER_TO_UINT (lane)]);
}

static void
set_dock (PlScene *scene, Edge *edge, PlLane lane, double dock)
{
  if (edge->target_dock[lane] == dock)
    return;
  if (edge->move_start_us != scene->now_us)
    memcpy (edge->from_dock, edge->pub.dock_px, sizeof edge->from_dock);
  edge->move_start_us = scene->now_us;
  edge->target_dock[lane] = dock;
}

/* Whether both leave the app or endpoint for one point of the same port. */
static gboolean
lead_alike (const Edge *one, const Edge *other, PlLane lane)
{
  PlLane next = dock_order[lane][0];

  return !scene_is_port_lane (lane) && one->node[next] == other->node[next]
         && one->target_dock[next] == other->target_dock[next];
}

/* The edges that meet at a node keep a little apart, in the order of what they lead to, so that each can be followed. Where there is
 * no room for that all meet in one point, and so do those at the other end that lead there: a trunk that opens into a fan. */
static void
place_docks_at (PlScene *scene, const Node *node, GPtrArray *edges)
{
  double u = scene->metrics.unit, room = node->pub.height - 12 * u, step = 0;
  PlLane lane = node->key.lane;
  gboolean is_one_point = lane == PL_LANE_APP && scene->metrics.is_stacked;
  guint n_places = 0, place = 0;

  g_ptr_array_set_size (edges, 0);
  for (guint i = 0; i < node->n_edges; i++)
    {
      Edge *edge = scene->adjacency->pdata[node->first_edge + i];

      if (edge->pub.flags & PL_SCENE_COVERED)
        set_dock (scene, edge, lane, 0);
      else
        g_ptr_array_add (edges, edge);
    }
  g_ptr_array_sort_with_data (edges, compare_docks, GUINT_TO_POINTER (lane));
  for (guint i = 0; i < edges->len; i++)
    n_places += i == 0 || !lead_alike (edges->pdata[i - 1], edges->pdata[i], lane);
  if (n_places > 1 && !is_one_point)
    step = MIN (DOCK_STEP * u, room / (n_places - 1));
  if (step < LEAST_DOCK_STEP * u)
    step = 0;
  for (guint i = 0; i < edges->len; i++)
    {
      place += i > 0 && !lead_alike (edges->pdata[i - 1], edges->pdata[i], lane);
      set_dock (scene, edges->pdata[i], lane, (place - (n_places - 1) / 2.0) * step);
    }
}

/* Those at ports first: the others go by them. */
static void
place_docks (PlScene *scene)
{
  g_autoptr (GPtrArray) edges = g_ptr_array_new ();

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < scene->node_list->len; i++)
      {
        const Node *node = scene->node_list->pdata[i];

        if (scene_is_port_lane (node->key.lane) == (round == 0))
          place_docks_at (scene, node, edges);
      }
}

/* ---- what is pinned ---- */

/* Sets out for the targets from where everything is now. */
static void
set_out (PlScene *scene, PlaceMode mode)
{
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];

      if (node->band == NULL)
        continue;
      if (mode == PLACE_AT_ONCE || isnan (node->from_y) || node->pub.opacity <= 0) /* nobody saw it elsewhere */
        node->from_y = node->pub.y = node->pub.target_y;
      else if (node->ease_y != node->pub.target_y)
        {
          node->from_y = node->pub.y;
          node->move_start_us = scene->now_us;
        }
      node->ease_y = node->pub.target_y;
    }
}

/* Where what is pinned stands, or is heading to; NAN when nothing is pinned. */
double
scene_pinned_y (PlScene *scene)
{
  const Node *node = scene->pinned != 0 ? scene_get_node (scene, scene->pinned) : NULL;
  const Edge *edge = scene->pinned != 0 && node == NULL ? scene_get_edge (scene, scene->pinned) : NULL;

  if (node)
    return node->band && node->is_placed ? node->pub.target_y : NAN;
  return edge && edge->is_docked ? scene_edge_target_y (edge, scene->pinned_x) : NAN;
}

/* The first band that what is pinned touches; NULL when nothing is. */
static const Band *
pinned_band (PlScene *scene)
{
  const Node *node = scene->pinned != 0 ? scene_get_node (scene, scene->pinned) : NULL;
  const Edge *edge = scene->pinned != 0 && node == NULL ? scene_get_edge (scene, scene->pinned) : NULL;

  if (edge == NULL)
    return node ? node->band : NULL;
  for (guint i = 0; i < scene->bands->len; i++)
    for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
      if (edge->node[lane] && edge->node[lane]->band == scene->bands->pdata[i])
        return scene->bands->pdata[i];
  return NULL;
}

static void
shift_bands (PlScene *scene, guint first, double shift)
{
  for (guint i = first; i < scene->bands->len; i++)
    shift_band (scene, scene->bands->pdata[i], ((Band *)scene->bands->pdata[i])->top + shift);
}

/* Shifts what is pinned back by as much as it would have moved, with its band @place and those below: down alone, and up as far
 * as there is @room above that band. For more than that, or where all is to close up, all others move as well. */
static void
hold_pinned (PlScene *scene, guint place, double room)
{
  double shift = round (scene->held_y - scene_pinned_y (scene)), alone;

  if (isnan (shift) || shift == 0)
    return;
  alone = place < scene->bands->len ? MAX (shift, -room) : 0;
  shift_bands (scene, place, alone);
  shift_bands (scene, 0, shift - alone);
  scene->origin += shift - alone;
}

/* Places all bands one below the other. While something is pinned no band above it moves up, whatever closes: what would hold
 * the pinned one then is that all of them come down. Returns the pinned band's index, G_MAXUINT when all close up or nothing is
 * pinned; @room: what is free above it. */
static guint
place_bands (PlScene *scene, PlaceMode mode, double *room)
{
  const Band *held = mode == PLACE_CALMLY && !isnan (scene->held_y) ? pinned_band (scene) : NULL;
  double y = scene->metrics.margin_y + scene->origin;
  guint place = G_MAXUINT;

  for (guint i = 0; i < scene->bands->len; i++)
    {
      Band *band = scene->bands->pdata[i];
      double top = held && place == G_MAXUINT && band->height > 0 ? MAX (y, band->top) : y;

      if (band == held)
        {
          place = i;
          *room = top - y;
        }
      if (!band->has_news && (mode == PLACE_CALMLY || mode == PLACE_CLOSED))
        shift_band (scene, band, top);
      else
        place_band (scene, band, top, mode == PLACE_CLOSED ? PLACE_AFRESH : mode);
      band->has_news = FALSE;
      y = band->top + band->height + scene->metrics.band_gap;
    }
  return place;
}

/* Sets every node's target; scene.c eases them to it, but for %PLACE_AT_ONCE. */
void
scene_place (PlScene *scene, PlaceMode mode)
{
  double room = 0;
  guint place;

  if (mode == PLACE_AT_ONCE || isnan (scene->held_y) || isnan (scene_pinned_y (scene)))
    {
      scene->held_y = NAN; /* nothing is held, or all is laid out anew */
      scene->origin = 0;
    }
  place = place_bands (scene, mode, &room);
  place_docks (scene);
  hold_pinned (scene, place, room);
  scene->height = 0;
  if (scene->bands->len > 0)
    {
      const Band *last = scene->bands->pdata[scene->bands->len - 1];

      scene->height = last->top + last->height + scene->metrics.margin_y;
    }
  if (isnan (scene->held_y))
    scene->held_y = scene_pinned_y (scene);
  set_out (scene, mode);
  for (guint i = 0; i < scene->edge_list->len; i++)
    {
      Edge *edge = scene->edge_list->pdata[i];

      if (mode == PLACE_AT_ONCE || !edge->is_docked)
        {
          memcpy (edge->pub.dock_px, edge->target_dock, sizeof edge->target_dock);
          memcpy (edge->from_dock, edge->target_dock, sizeof edge->target_dock);
        }
      edge->is_docked = TRUE;
    }
}

void
scene_place_lanes (PlScene *scene)
{
  shift_bands (scene, 0, 0);
  if (!isnan (scene->held_y))
    scene->held_y = scene_pinned_y (scene);
}
