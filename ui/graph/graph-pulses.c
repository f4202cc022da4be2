/* Pulses along the lines on which packets flow, in a widget of their own over the canvas: what is under it is not asked to
 * draw, and only the dots are painted anew. They move with the model's news and once between two of them, stop when no more
 * comes, and do not run where lines are too many, nobody sees them, or the person or the system wants them still. Main loop
 * only. */
#include "graph-canvas-private.h"

#include <math.h>

#define STEP_MS 100 /* from news to the step between it and the next, which is 200 ms away: every step is a frame */
#define LATE_MS 150 /* from there to one more, where none has come */
#define LINGER_US 600000 /* without news: no packets flow */
#define MAX_PULSES 12 /* more is unrest */
#define MAX_LINES 60 /* with packets: among more, none can be followed, and each step costs more */
#define SPEED 60.0 /* units a second */
#define STACKED_SPEED 16.0 /* the same where only short gaps are left between chips: else nobody would see them pass */
#define RADIUS 2.6 /* units */

struct _PlGraphPulses
{
  GtkWidget parent_instance;

  PlGraphCanvas *canvas; /* weak: nullable */
  guint timeout_id; /* while they run */
  gint64 flowed_us; /* when the model had news of packets last */
  gboolean has_dots; /* as they were drawn */
};

G_DEFINE_FINAL_TYPE (PlGraphPulses, pl_graph_pulses, GTK_TYPE_WIDGET)

static gboolean
is_seen (PlGraphPulses *self)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  GdkSurface *surface = native ? gtk_native_get_surface (native) : NULL;

  return gtk_widget_get_mapped (GTK_WIDGET (self)) && GDK_IS_TOPLEVEL (surface)
         && !(gdk_toplevel_get_state (GDK_TOPLEVEL (surface)) & GDK_TOPLEVEL_STATE_MINIMIZED);
}

static gboolean
is_wanted (PlGraphPulses *self)
{
  return self->canvas && self->canvas->has_pulses && self->canvas->is_animated && is_seen (self);
}

static int
by_rate (gconstpointer a, gconstpointer b)
{
  const PlSceneEdge *one = *(const PlSceneEdge *const *)a, *other = *(const PlSceneEdge *const *)b;

  return one->rate > other->rate ? -1 : one->rate < other->rate;
}

/* The lines with packets, the busiest first; while a path is lit, those of it. None when they are too many. */
static GPtrArray *
busy_lines (PlGraphCanvas *canvas)
{
  GPtrArray *busy = g_ptr_array_new ();
  gboolean is_lit = canvas->hover.pick.kind != PICK_NONE;
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    if (edges[i].rate >= 1
        && !(edges[i].flags & (PL_SCENE_LISTENER | PL_SCENE_FAILED | PL_SCENE_FADING | PL_SCENE_COVERED))
        && (!is_lit || graph_canvas_lights_edge (canvas, &canvas->hover, &edges[i])))
      g_ptr_array_add (busy, (gpointer)&edges[i]);
  if (busy->len > MAX_LINES)
    g_ptr_array_set_size (busy, 0);
  g_ptr_array_sort (busy, by_rate);
  return busy;
}

static gboolean
on_timeout (gpointer data)
{
  PlGraphPulses *self = data;
  gint64 now_us = g_get_monotonic_time ();

  if (now_us - self->flowed_us < LINGER_US && is_wanted (self))
    {
      gtk_widget_queue_draw (GTK_WIDGET (self));
      self->timeout_id = g_timeout_add (LATE_MS, on_timeout, self);
      return G_SOURCE_REMOVE;
    }
  self->timeout_id = 0;
  if (self->has_dots)
    gtk_widget_queue_draw (GTK_WIDGET (self)); /* once more, without them */
  return G_SOURCE_REMOVE;
}

/* The model has news; they run while some of it is of packets. */
void
graph_pulses_flowed (PlGraphPulses *self)
{
  g_autoptr (GPtrArray) busy = is_wanted (self) ? busy_lines (self->canvas) : NULL;

  if (busy == NULL || busy->len == 0)
    return;
  self->flowed_us = g_get_monotonic_time ();
  gtk_widget_queue_draw (GTK_WIDGET (self)); /* together with what the news changes */
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  self->timeout_id = g_timeout_add (STEP_MS, on_timeout, self);
}

/* Where a pulse is that has come @way px: from one end to the other, and seen only between the lanes, where no node is. */
static double
place_of (
    const PlScenePiece pieces[static PL_N_PIECES], double way, gboolean is_inbound, double margin, gboolean *is_seen)
{
  double from = pieces[PL_PIECE_APP_LOCAL].x0, length = pieces[PL_PIECE_REMOTE_ENDPOINT].x1 - from, x;

  *is_seen = FALSE;
  if (length <= 0)
    return NAN;
  x = fmod (way, length);
  x = from + (is_inbound ? length - x : x);
  for (guint i = PL_PIECE_APP_LOCAL; i < PL_N_PIECES;
       i += 2) /* the others lie behind the chips, whose words they would hide */
    *is_seen |= x >= pieces[i].x0 + margin && x <= pieces[i].x1 - margin;
  return x;
}

/* While each app stands above its ports: out of one gap into the other, for behind the chips it would be most of the time. */
static double
stacked_place_of (const PlScenePiece pieces[static PL_N_PIECES], double way, gboolean is_inbound, double margin)
{
  const PlScenePiece *gaps[] = { &pieces[PL_PIECE_LOCAL_REMOTE], &pieces[PL_PIECE_REMOTE_ENDPOINT] };
  double first = MAX (gaps[0]->x1 - gaps[0]->x0 - 2 * margin, 0), second = gaps[1]->x1 - gaps[1]->x0 - 2 * margin, x;

  if (first + second <= 0)
    return NAN;
  x = fmod (way, first + second);
  if (is_inbound)
    x = first + second - x;
  return x <= first ? gaps[0]->x0 + margin + x : gaps[1]->x0 + margin + x - first;
}

/* While stacked, lines run behind the cards of the apps below. */
static gboolean
is_behind_card (PlScene *scene, double y, double margin)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == PL_LANE_APP && y > nodes[i].y - margin && y < nodes[i].y + nodes[i].height + margin)
      return TRUE;
  return FALSE;
}

/* Each line has its own phase, so that they do not march in step. From the end that called to the one that was called. FALSE:
 * it is out of sight. */
static gboolean
append_pulse (PlGraphPulses *self, GtkSnapshot *snapshot, const PlSceneEdge *edge, gint64 now_us)
{
  PlGraphCanvas *canvas = self->canvas;
  gboolean is_stacked = pl_scene_get_is_stacked (canvas->scene), is_inbound = (edge->flags & PL_SCENE_INBOUND) != 0;
  PlScenePiece pieces[PL_N_PIECES];
  double x, y, margin = RADIUS * canvas->unit, radius = margin * canvas->zoom;
  double way = (is_stacked ? STACKED_SPEED : SPEED) * canvas->unit * now_us / G_USEC_PER_SEC;
  graphene_rect_t bounds;
  GskRoundedRect circle;
  gboolean is_between = TRUE;

  pl_scene_edge_pieces (canvas->scene, edge, pieces);
  way += (edge->id * 2654435761u) % 4096;
  x = is_stacked ? stacked_place_of (pieces, way, is_inbound, margin)
                 : place_of (pieces, way, is_inbound, margin, &is_between);
  y = pl_scene_edge_y (canvas->scene, edge, x);
  if (isnan (y))
    return FALSE;
  is_between &= !is_stacked || !is_behind_card (canvas->scene, y, margin);
  graph_canvas_from_scene (canvas, &x, &y, 0);
  bounds = GRAPHENE_RECT_INIT (x - radius, y - radius, 2 * radius, 2 * radius);
  if (y < -radius || y > gtk_widget_get_height (GTK_WIDGET (self)) + radius)
    return FALSE;
  if (!is_between)
    return TRUE;
  gsk_rounded_rect_init_from_rect (&circle, &bounds, radius);
  gtk_snapshot_push_rounded_clip (snapshot, &circle);
  gtk_snapshot_append_color (snapshot, &canvas->colors.text, &bounds);
  gtk_snapshot_pop (snapshot);
  return TRUE;
}

static void
pl_graph_pulses_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PlGraphPulses *self = PL_GRAPH_PULSES (widget);
  gint64 now_us = g_get_monotonic_time ();
  g_autoptr (GPtrArray) busy = NULL;
  guint n = 0;

  self->has_dots = FALSE;
  if (self->timeout_id == 0 || !is_wanted (self))
    return;
  now_us %= 3600 * (gint64)G_USEC_PER_SEC; /* small enough for the arithmetic of a place */
  busy = busy_lines (self->canvas);
  for (guint i = 0; i < busy->len && n < MAX_PULSES; i++)
    n += append_pulse (self, snapshot, busy->pdata[i], now_us);
  self->has_dots = n > 0;
}

static void
pl_graph_pulses_dispose (GObject *object)
{
  PlGraphPulses *self = PL_GRAPH_PULSES (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_weak_pointer (&self->canvas);
  G_OBJECT_CLASS (pl_graph_pulses_parent_class)->dispose (object);
}

static void
pl_graph_pulses_class_init (PlGraphPulsesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pl_graph_pulses_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = pl_graph_pulses_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
pl_graph_pulses_init (PlGraphPulses *self)
{
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

PlGraphPulses *
graph_pulses_new (PlGraphCanvas *canvas)
{
  PlGraphPulses *self = g_object_new (PL_TYPE_GRAPH_PULSES, NULL);

  g_set_weak_pointer (&self->canvas, canvas);
  return self;
}

gboolean
graph_pulses_are_running (PlGraphPulses *self)
{
  return self->timeout_id != 0;
}
