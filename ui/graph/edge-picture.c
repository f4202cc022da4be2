/* Lines to pixels to tiles to render nodes. Pixels are made in any thread and never change; nodes belong to the main loop. */
#include "edge-picture.h"

#include <math.h>
#include <string.h>

#define TILE_PX 128 /* 64 kB: stays in the cache while it is drawn */
#define MAX_SIDE_PX 8192 /* of a picture */

typedef struct
{
  guint32 *pixels;
  int width, height;
  GskRenderNode *node; /* nullable: made when first shown */
  cairo_surface_t *surface; /* nullable: of the pixels; a drawing of it would copy them if it went before */
} Tile;

struct _PlEdgePicture
{
  graphene_rect_t region; /* where it stands, mirrored already */
  double scale;
  int width, height, n_columns, n_rows;
  Tile **tiles; /* (nullable elements: empty) rows of them */
  guint n_tiles; /* that are not empty */
  GskRenderNode *node; /* nullable: of all tiles */
};

static void
tile_clear (gpointer data)
{
  Tile *tile = data;

  g_clear_pointer (&tile->node, gsk_render_node_unref);
  g_clear_pointer (&tile->surface, cairo_surface_destroy);
  g_free (tile->pixels);
}

static void
tile_unref (gpointer tile)
{
  g_atomic_rc_box_release_full (tile, tile_clear);
}

/* ---- any thread ---- */

static int
side (double length, double scale)
{
  return CLAMP ((int)(length * scale + 0.5), 1, MAX_SIDE_PX);
}

static gboolean
is_blank (const guint32 *pixels, int stride_words, int width, int height)
{
  for (int row = 0; row < height; row++)
    for (int x = 0; x < width; x++)
      if (pixels[(gsize)row * stride_words + x] != 0)
        return FALSE;
  return TRUE;
}

static gboolean
is_same (const Tile *tile, const guint32 *pixels, int stride_words)
{
  for (int row = 0; row < tile->height; row++)
    if (memcmp (tile->pixels + (gsize)row * tile->width, pixels + (gsize)row * stride_words, (gsize)tile->width * 4)
        != 0)
      return FALSE;
  return TRUE;
}

static Tile *
cut_tile (const guint32 *pixels, int stride_words, int width, int height)
{
  Tile *tile = g_atomic_rc_box_new0 (Tile);

  tile->width = width;
  tile->height = height;
  tile->pixels = g_new (guint32, (gsize)width * height);
  for (int row = 0; row < height; row++)
    memcpy (tile->pixels + (gsize)row * width, pixels + (gsize)row * stride_words, (gsize)width * 4);
  return tile;
}

/* @before, if any, has its tiles where @picture has them. */
static void
cut (PlEdgePicture *picture, const PlRaster *raster, PlEdgePicture *before)
{
  for (int i = 0; i < picture->n_columns * picture->n_rows; i++)
    {
      int x = i % picture->n_columns * TILE_PX, y = i / picture->n_columns * TILE_PX;
      int width = MIN (TILE_PX, raster->width - x), height = MIN (TILE_PX, raster->height - y);
      const guint32 *pixels = raster->pixels + (gsize)y * raster->stride_words + x;

      if (is_blank (pixels, raster->stride_words, width, height))
        continue;
      picture->n_tiles++;
      if (before != NULL && before->tiles[i] != NULL && is_same (before->tiles[i], pixels, raster->stride_words))
        picture->tiles[i] = g_atomic_rc_box_acquire (before->tiles[i]);
      else
        picture->tiles[i] = cut_tile (pixels, raster->stride_words, width, height);
    }
}

PlEdgePicture *
pl_edge_picture_new (const PlEdgeJob *job, PlEdgePicture *before)
{
  PlEdgePicture *picture = g_new0 (PlEdgePicture, 1);
  PlRaster raster = { .origin_x = job->region.origin.x,
                      .origin_y = job->region.origin.y,
                      .scale = job->scale,
                      .is_mirrored = job->mirror_px > 0 };

  picture->region = job->region;
  if (job->mirror_px > 0)
    picture->region.origin.x = job->mirror_px - job->region.origin.x - job->region.size.width;
  picture->scale = job->scale;
  picture->width = raster.width = raster.stride_words = side (job->region.size.width, job->scale);
  picture->height = raster.height = side (job->region.size.height, job->scale);
  picture->n_columns = (picture->width + TILE_PX - 1) / TILE_PX;
  picture->n_rows = (picture->height + TILE_PX - 1) / TILE_PX;
  picture->tiles = g_new0 (Tile *, (gsize)picture->n_columns * picture->n_rows);
  if (job->strokes->len == 0)
    return picture;
  if (before != NULL && (before->width != picture->width || before->height != picture->height))
    before = NULL;
  raster.pixels = g_malloc0 ((gsize)raster.width * raster.height * 4);
  pl_edge_raster (&raster, (const PlStroke *)(gpointer)job->strokes->data, job->strokes->len);
  cut (picture, &raster, before);
  g_free (raster.pixels);
  return picture;
}

void
pl_edge_picture_free (PlEdgePicture *picture)
{
  for (int i = 0; i < picture->n_columns * picture->n_rows; i++)
    g_clear_pointer (&picture->tiles[i], tile_unref);
  g_clear_pointer (&picture->node, gsk_render_node_unref);
  g_free (picture->tiles);
  g_free (picture);
}

/* ---- main loop ---- */

/* For the cairo renderer: GTK 4.8 converts a texture pixel by pixel, through floats, in every frame (60 ms for 8 MB); an
 * image surface it copies. */
static GskRenderNode *
make_drawing (Tile *tile, const graphene_rect_t *bounds)
{
  GskRenderNode *node = gsk_cairo_node_new (bounds);
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);

  tile->surface = cairo_image_surface_create_for_data ((guchar *)tile->pixels, CAIRO_FORMAT_ARGB32, tile->width,
                                                       tile->height, tile->width * 4);
  cairo_set_source_surface (cr, tile->surface, bounds->origin.x, bounds->origin.y);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
  return node;
}

static GskRenderNode *
make_texture (Tile *tile, const graphene_rect_t *bounds)
{
  gsize size = (gsize)tile->width * tile->height * 4;
  g_autoptr (GBytes) bytes = g_bytes_new (tile->pixels, size);
  g_autoptr (GdkTexture) texture =
      gdk_memory_texture_new (tile->width, tile->height, GDK_MEMORY_DEFAULT, bytes, (gsize)tile->width * 4);

  return gsk_texture_node_new (texture, bounds);
}

/* Every tile has its place, filled or not, so that GTK compares it with itself. */
static GskRenderNode *
make_node (PlEdgePicture *picture, gboolean is_cairo)
{
  guint n = (guint)(picture->n_columns * picture->n_rows);
  g_autoptr (GPtrArray) places = g_ptr_array_new_full (n, (GDestroyNotify)gsk_render_node_unref);

  for (guint i = 0; i < n; i++)
    {
      Tile *tile = picture->tiles[i];
      graphene_rect_t bounds;

      if (tile != NULL)
        {
          graphene_rect_init (&bounds, (int)i % picture->n_columns * TILE_PX, (int)i / picture->n_columns * TILE_PX,
                              tile->width, tile->height);
          if (tile->node == NULL)
            tile->node = is_cairo ? make_drawing (tile, &bounds) : make_texture (tile, &bounds);
        }
      g_ptr_array_add (places, gsk_container_node_new (tile ? &tile->node : NULL, tile ? 1 : 0));
    }
  return gsk_container_node_new ((GskRenderNode **)places->pdata, n);
}

/* What is a whole number but for rounding. */
static double
whole (double value)
{
  return fabs (value - round (value)) < 1e-3 ? round (value) : value;
}

void
pl_edge_picture_snapshot (PlEdgePicture *picture, GtkSnapshot *snapshot, double zoom, gboolean is_cairo)
{
  double step = zoom / picture->scale; /* of one of the picture's pixels */

  if (picture->n_tiles == 0)
    return;
  if (picture->node == NULL)
    picture->node = make_node (picture, is_cairo);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (whole (picture->region.origin.x * zoom),
                                                          whole (picture->region.origin.y * zoom)));
  if (fabs (step - 1) > 1e-6)
    gtk_snapshot_scale (snapshot, step, step);
  gtk_snapshot_append_node (snapshot, picture->node);
  gtk_snapshot_restore (snapshot);
}
