/* Pulses along the lines on which packets flow. They run by a slow timer and only while the model brings news of such lines,
 * somebody sees it, and neither the person nor the system wants it still. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define INTERVAL_MS 66 /* 15 a second: each is a frame, though a small one */
#define LINGER_US 1500000 /* without news: no packets flow */
#define MAX_PULSES 40 /* more is unrest */
#define SPEED 110.0 /* units a second */
#define RADIUS 2.6 /* units */

static gboolean
is_wanted (PlGraphCanvas *self)
{
  return self->has_pulses && self->is_animated && gtk_widget_get_mapped (GTK_WIDGET (self))
         && g_get_monotonic_time () - self->flowed_us < LINGER_US;
}

static gboolean
on_timeout (gpointer data)
{
  PlGraphCanvas *self = data;

  gtk_widget_queue_draw (GTK_WIDGET (self)); /* once more at the end, without them */
  if (is_wanted (self))
    return G_SOURCE_CONTINUE;
  self->pulse_id = 0;
  return G_SOURCE_REMOVE;
}

/* The model has news: as long as more of it comes, packets may flow. */
void
graph_canvas_flowed (PlGraphCanvas *self)
{
  self->flowed_us = g_get_monotonic_time ();
  if (self->pulse_id == 0 && is_wanted (self))
    self->pulse_id = g_timeout_add (INTERVAL_MS, on_timeout, self);
}

void
pl_graph_canvas_set_pulses (PlGraphCanvas *self, gboolean has_pulses)
{
  g_return_if_fail (PL_IS_GRAPH_CANVAS (self));
  self->has_pulses = has_pulses;
}

/* Each line has its own phase, so that they do not march in step. From the end that called to the one that was called. */
static void
append_pulse (PlGraphCanvas *self, GtkSnapshot *snapshot, const PlSceneEdge *edge, gint64 now_us)
{
  PlScenePiece pieces[PL_N_PIECES];
  double x, y, from, length, radius = RADIUS * self->unit * self->zoom,
                             way = SPEED * self->unit * now_us / G_USEC_PER_SEC;
  graphene_rect_t bounds;
  GskRoundedRect circle;

  pl_scene_edge_pieces (self->scene, edge, pieces);
  from = pieces[PL_PIECE_APP_LOCAL].x0;
  length = pieces[PL_PIECE_REMOTE_ENDPOINT].x1 - from;
  if (length <= 0)
    return;
  x = fmod (way + (edge->id * 2654435761u) % 4096, length);
  x = from + ((edge->flags & PL_SCENE_INBOUND) ? length - x : x);
  y = pl_scene_edge_y (self->scene, edge, x);
  if (isnan (y))
    return;
  graph_canvas_from_scene (self, &x, &y, 0);
  bounds = GRAPHENE_RECT_INIT (x - radius, y - radius, 2 * radius, 2 * radius);
  if (y < -radius || y > gtk_widget_get_height (GTK_WIDGET (self)) + radius)
    return;
  gsk_rounded_rect_init_from_rect (&circle, &bounds, radius);
  gtk_snapshot_push_rounded_clip (snapshot, &circle);
  gtk_snapshot_append_color (snapshot, &self->colors.text, &bounds);
  gtk_snapshot_pop (snapshot);
}

static int
by_rate (gconstpointer a, gconstpointer b)
{
  const PlSceneEdge *one = *(const PlSceneEdge *const *)a, *other = *(const PlSceneEdge *const *)b;

  return one->rate > other->rate ? -1 : one->rate < other->rate;
}

/* Over the lines, behind the nodes; of the busiest lines, and while a path is lit on that alone. */
void
graph_canvas_append_pulses (PlGraphCanvas *self, GtkSnapshot *snapshot)
{
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (self->scene, &n);
  gboolean is_lit = self->hover.pick.kind != PICK_NONE;
  g_autoptr (GPtrArray) busy = NULL;
  gint64 now_us = g_get_monotonic_time () % (3600 * (gint64)G_USEC_PER_SEC); /* small enough for the arithmetic above */

  if (self->pulse_id == 0 || !is_wanted (self) || pl_scene_get_is_stacked (self->scene))
    return;
  busy = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    if (edges[i].rate >= 1
        && !(edges[i].flags & (PL_SCENE_LISTENER | PL_SCENE_FAILED | PL_SCENE_FADING | PL_SCENE_COVERED))
        && (!is_lit || graph_canvas_lights_edge (self, &self->hover, &edges[i])))
      g_ptr_array_add (busy, (gpointer)&edges[i]);
  g_ptr_array_sort (busy, by_rate);
  for (guint i = 0; i < busy->len && i < MAX_PULSES; i++)
    append_pulse (self, snapshot, busy->pdata[i], now_us);
}
