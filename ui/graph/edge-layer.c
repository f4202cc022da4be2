/* The cached picture of the graph's lines. Main loop, but for draw_job(), which runs in a worker on what only it holds. */
#include "edge-layer.h"

#include <string.h>

#define AT_ONCE_STROKES 420 /* about 50 edges: 2 ms, no worth in a thread */
#define INTERVAL_US 100000 /* between two pictures of many strokes */
#define MAX_SIDE_PX 8192 /* of a picture */

typedef struct
{
  GArray *strokes;
  graphene_rect_t region;
  double scale;
  double mirror_px;
} Job;

struct _PlEdgeLayer
{
  GObject parent_instance;

  Job wanted; /* strokes NULL: nothing yet */
  gboolean is_drawn; /* the picture is of what is wanted */
  gboolean is_drawing; /* a worker is at it */
  guint timeout_id;
  gint64 drawn_us;
  guint n_drawn;

  GBytes *pixels; /* of the picture there is; nullable */
  int width, height;
  graphene_rect_t region; /* where it stands, mirrored already */
  GdkTexture *texture; /* of the same pixels, or */
  GskRenderNode *drawing; /* of the same pixels; made when first shown */
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
job_free (gpointer data)
{
  Job *job = data;

  g_array_unref (job->strokes);
  g_free (job);
}

static int
side (double length, double scale)
{
  return CLAMP ((int)(length * scale + 0.5), 1, MAX_SIDE_PX);
}

/* Any thread. */
static GBytes *
draw_job (const Job *job)
{
  PlRaster raster = { .origin_x = job->region.origin.x,
                      .origin_y = job->region.origin.y,
                      .scale = job->scale,
                      .is_mirrored = job->mirror_px > 0 };
  gsize size;

  raster.width = raster.stride_words = side (job->region.size.width, job->scale);
  raster.height = side (job->region.size.height, job->scale);
  size = (gsize)raster.width * raster.height * 4;
  raster.pixels = g_malloc0 (size);
  pl_edge_raster (&raster, (const PlStroke *)(gpointer)job->strokes->data, job->strokes->len);
  return g_bytes_new_take (raster.pixels, size);
}

static void
draw_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, draw_job (data), (GDestroyNotify)g_bytes_unref);
}

static void
drop_picture (PlEdgeLayer *self)
{
  g_clear_object (&self->texture);
  g_clear_pointer (&self->drawing, gsk_render_node_unref);
  g_clear_pointer (&self->pixels, g_bytes_unref);
}

/* Takes @pixels over; NULL for an empty picture. */
static void
take_picture (PlEdgeLayer *self, GBytes *pixels, const Job *job)
{
  drop_picture (self);
  self->pixels = pixels;
  self->width = side (job->region.size.width, job->scale);
  self->height = side (job->region.size.height, job->scale);
  self->region = job->region;
  if (job->mirror_px > 0)
    self->region.origin.x = job->mirror_px - job->region.origin.x - job->region.size.width;
  self->n_drawn++;
  g_signal_emit (self, signals[SIGNAL_UPDATED], 0);
}

static void
drawn_in_thread (GObject *source, GAsyncResult *result, gpointer data)
{
  PlEdgeLayer *self = PL_EDGE_LAYER (source);

  self->is_drawing = FALSE;
  take_picture (self, g_task_propagate_pointer (G_TASK (result), NULL), g_task_get_task_data (G_TASK (result)));
  if (!self->is_drawn)
    draw_wanted (self);
}

static void
draw_in_worker (PlEdgeLayer *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, drawn_in_thread, NULL);
  Job *job = g_new (Job, 1);

  *job = self->wanted;
  g_array_ref (job->strokes);
  g_task_set_task_data (task, job, job_free);
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

static void
draw_wanted (PlEdgeLayer *self)
{
  gint64 wait_us = self->drawn_us + INTERVAL_US - g_get_monotonic_time ();

  if (self->is_drawn || self->is_drawing || self->timeout_id != 0)
    return;
  if (self->wanted.strokes->len <= AT_ONCE_STROKES)
    {
      self->is_drawn = TRUE;
      take_picture (self, self->wanted.strokes->len > 0 ? draw_job (&self->wanted) : NULL, &self->wanted);
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
  drop_picture (self);
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
is_same (const Job *job, GArray *strokes, const graphene_rect_t *region, double scale, double mirror_px)
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
  self->wanted = (Job){ strokes, *region, scale, mirror_px };
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

/* For the cairo renderer: GTK 4.8 converts a texture pixel by pixel, through floats, in every frame (60 ms for 8 MB); an
 * image surface it copies. */
static GskRenderNode *
make_drawing (PlEdgeLayer *self)
{
  GskRenderNode *node = gsk_cairo_node_new (&self->region);
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  cairo_surface_t *surface = cairo_image_surface_create_for_data (
      (guchar *)g_bytes_get_data (self->pixels, NULL), CAIRO_FORMAT_ARGB32, self->width, self->height, self->width * 4);

  cairo_translate (cr, self->region.origin.x, self->region.origin.y);
  cairo_scale (cr, self->region.size.width / self->width, self->region.size.height / self->height);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return node;
}

void
pl_edge_layer_snapshot (PlEdgeLayer *self, GtkSnapshot *snapshot, gboolean is_cairo)
{
  if (self->pixels == NULL)
    return;
  if (is_cairo && self->drawing == NULL)
    self->drawing = make_drawing (self);
  if (!is_cairo && self->texture == NULL)
    self->texture =
        gdk_memory_texture_new (self->width, self->height, GDK_MEMORY_DEFAULT, self->pixels, (gsize)self->width * 4);
  if (is_cairo)
    gtk_snapshot_append_node (snapshot, self->drawing);
  else
    gtk_snapshot_append_texture (snapshot, self->texture, &self->region);
}

guint
pl_edge_layer_get_n_drawn (PlEdgeLayer *self)
{
  return self->n_drawn;
}
