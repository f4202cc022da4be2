/* The cached picture of the graph's lines. Main loop, but for draw_job(), which runs in a worker on what only it holds. */
#include "edge-layer.h"

#include <string.h>

#include "edge-picture.h"

#define AT_ONCE_STROKES 420 /* about 50 edges: 2 ms, no worth in a thread */
#define INTERVAL_US 100000 /* between two pictures of many strokes */

/* What the worker draws. */
typedef struct
{
  PlEdgeJob job;
  PlEdgePicture *before; /* nullable: the layer's, which stays while the worker is at it */
} Work;

struct _PlEdgeLayer
{
  GObject parent_instance;

  PlEdgeJob wanted; /* strokes NULL: nothing yet */
  gboolean is_drawn; /* the picture is of what is wanted */
  gboolean is_drawing; /* a worker is at it */
  guint timeout_id;
  gint64 drawn_us;
  guint n_drawn;

  PlEdgePicture *picture; /* nullable */
};

enum
{
  SIGNAL_UPDATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlEdgeLayer, pl_edge_layer, G_TYPE_OBJECT)

static void draw_wanted (PlEdgeLayer *self);

static void
work_free (gpointer data)
{
  Work *work = data;

  g_array_unref (work->job.strokes);
  g_free (work);
}

static void
draw_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;

  g_task_return_pointer (task, pl_edge_picture_new (&work->job, work->before), (GDestroyNotify)pl_edge_picture_free);
}

/* Takes @picture over. */
static void
take_picture (PlEdgeLayer *self, PlEdgePicture *picture)
{
  g_clear_pointer (&self->picture, pl_edge_picture_free);
  self->picture = picture;
  self->n_drawn++;
  g_signal_emit (self, signals[SIGNAL_UPDATED], 0);
}

static void
drawn_in_thread (GObject *source, GAsyncResult *result, gpointer data)
{
  PlEdgeLayer *self = PL_EDGE_LAYER (source);

  self->is_drawing = FALSE;
  take_picture (self, g_task_propagate_pointer (G_TASK (result), NULL));
  if (!self->is_drawn)
    draw_wanted (self);
}

static void
draw_in_worker (PlEdgeLayer *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, drawn_in_thread, NULL);
  Work *work = g_new (Work, 1);

  *work = (Work){ self->wanted, self->picture };
  g_array_ref (work->job.strokes);
  g_task_set_task_data (task, work, work_free);
  self->is_drawing = TRUE;
  self->is_drawn = TRUE;
  self->drawn_us = g_get_monotonic_time ();
  g_task_run_in_thread (task, draw_in_thread);
}

static gboolean
on_timeout (gpointer data)
{
  PlEdgeLayer *self = data;

  self->timeout_id = 0;
  draw_wanted (self);
  return G_SOURCE_REMOVE;
}

/* Twice as large, lines have four times as many pixels. */
static gboolean
is_quickly_drawn (const PlEdgeLayer *self)
{
  double scale = MAX (self->wanted.scale, 1);

  return self->wanted.strokes->len * scale * scale <= AT_ONCE_STROKES;
}

static void
draw_wanted (PlEdgeLayer *self)
{
  gint64 wait_us = self->drawn_us + INTERVAL_US - g_get_monotonic_time ();

  if (self->is_drawn || self->is_drawing || self->timeout_id != 0)
    return;
  if (is_quickly_drawn (self))
    {
      self->is_drawn = TRUE;
      take_picture (self, pl_edge_picture_new (&self->wanted, self->picture));
    }
  else if (wait_us > 0)
    self->timeout_id = g_timeout_add (wait_us / 1000 + 1, on_timeout, self);
  else
    draw_in_worker (self);
}

static void
pl_edge_layer_dispose (GObject *object)
{
  PlEdgeLayer *self = PL_EDGE_LAYER (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_pointer (&self->picture, pl_edge_picture_free);
  g_clear_pointer (&self->wanted.strokes, g_array_unref);
  self->is_drawn = TRUE;
  G_OBJECT_CLASS (pl_edge_layer_parent_class)->dispose (object);
}

static void
pl_edge_layer_class_init (PlEdgeLayerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pl_edge_layer_dispose;
  signals[SIGNAL_UPDATED] =
      g_signal_new ("updated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
pl_edge_layer_init (PlEdgeLayer *self)
{
  self->is_drawn = TRUE;
}

PlEdgeLayer *
pl_edge_layer_new (void)
{
  return g_object_new (PL_TYPE_EDGE_LAYER, NULL);
}

static gboolean
is_same (const PlEdgeJob *job, GArray *strokes, const graphene_rect_t *region, double scale, double mirror_px)
{
  return job->strokes != NULL && job->scale == scale && job->mirror_px == mirror_px
         && graphene_rect_equal (&job->region, region) && job->strokes->len == strokes->len
         && (strokes->len == 0 || memcmp (job->strokes->data, strokes->data, strokes->len * sizeof (PlStroke)) == 0);
}

void
pl_edge_layer_set (PlEdgeLayer *self, GArray *strokes, const graphene_rect_t *region, double scale, double mirror_px)
{
  g_return_if_fail (PL_IS_EDGE_LAYER (self));

  if (is_same (&self->wanted, strokes, region, scale, mirror_px))
    {
      g_array_unref (strokes);
      return;
    }
  g_clear_pointer (&self->wanted.strokes, g_array_unref);
  self->wanted = (PlEdgeJob){ strokes, *region, scale, mirror_px };
  self->is_drawn = FALSE;
  draw_wanted (self);
}

gboolean
pl_edge_layer_covers (PlEdgeLayer *self, const graphene_rect_t *area, double scale)
{
  graphene_rect_t region = self->wanted.region;

  graphene_rect_inset (&region, -0.1, -0.1); /* what rounding may have cost */
  return self->wanted.strokes != NULL && self->wanted.scale == scale && graphene_rect_contains_rect (&region, area);
}

void
pl_edge_layer_get_region (PlEdgeLayer *self, graphene_rect_t *region)
{
  *region = self->wanted.region;
}

void
pl_edge_layer_snapshot (PlEdgeLayer *self, GtkSnapshot *snapshot, double zoom, gboolean is_cairo)
{
  if (self->picture != NULL)
    pl_edge_picture_snapshot (self->picture, snapshot, zoom, is_cairo);
}

guint
pl_edge_layer_get_n_drawn (PlEdgeLayer *self)
{
  return self->n_drawn;
}

gboolean
pl_edge_layer_is_current (PlEdgeLayer *self)
{
  return self->is_drawn && !self->is_drawing;
}
