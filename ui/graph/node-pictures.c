/* The nodes as pixels; see node-pictures.h. A widget that has nothing new to draw hands out the render node of before: by that
 * it is known whether its picture holds. */
#include "node-pictures.h"

#include <math.h>

#define REST_FRAMES \
  10 /* undrawn for so long, a node is one whose words seldom change: a picture of it will do for a while */
#define AT_ONCE 4 /* of those, in a frame */

struct _PlNodePictures
{
  GHashTable *pictures; /* GtkWidget (a key, no more) → Picture */
  guint frame, n_painted; /* in this frame, of nodes at rest */
  gboolean is_scrolled;
};

typedef struct
{
  GskRenderNode *drawn; /* what the widget drew, unplaced: as long as it is the same, so are the pixels */
  guint n_same; /* frames since it drew that */
  GskRenderNode *node; /* nullable: a copy of the pixels */
  cairo_surface_t *surface; /* nullable: the pixels; a drawing of it would copy them if it went before */
  double zoom, scale; /* of what was drawn, and of the screen */
  float left, top; /* of the pixels, from where it is placed, px */
  guint frame; /* that it was last in */
} Picture;

static void
picture_free (gpointer data)
{
  Picture *picture = data;

  g_clear_pointer (&picture->node, gsk_render_node_unref);
  gsk_render_node_unref (picture->drawn);
  g_clear_pointer (&picture->surface, cairo_surface_destroy);
  g_free (picture);
}

/* The whole device pixel that @value is in. What lies after it is the same wherever a node is scrolled to, and pictured with it:
 * a node stands at a whole pixel with its frame, and what is within that may not. */
static float
on_pixel (float value, double scale)
{
  return floor (value * scale + 0.01) / scale;
}

/* Where @node places what it draws: FALSE when it is not simply moved and magnified. */
static gboolean
is_placed (GskRenderNode *node, double scale, float *x, float *y, float *zoom)
{
  float zoom_y;

  *x = *y = 0;
  *zoom = 1;
  if (gsk_render_node_get_node_type (node) != GSK_TRANSFORM_NODE)
    return TRUE;
  if (gsk_transform_get_category (gsk_transform_node_get_transform (node)) < GSK_TRANSFORM_CATEGORY_2D_AFFINE)
    return FALSE;
  gsk_transform_to_affine (gsk_transform_node_get_transform (node), zoom, &zoom_y, x, y);
  *x = on_pixel (*x, scale);
  *y = on_pixel (*y, scale);
  return *zoom == zoom_y;
}

static GskRenderNode *
unplaced (GskRenderNode *node)
{
  return gsk_render_node_get_node_type (node) == GSK_TRANSFORM_NODE ? gsk_transform_node_get_child (node) : node;
}

static Picture *
remember (PlNodePictures *self, GtkWidget *child, GskRenderNode *node, double zoom, double scale)
{
  Picture *picture = g_new0 (Picture, 1);

  picture->drawn = gsk_render_node_ref (unplaced (node));
  picture->zoom = zoom;
  picture->scale = scale;
  g_hash_table_replace (self->pictures, child, picture);
  return picture;
}

static void
paint (Picture *picture, GskRenderNode *node, float x, float y)
{
  graphene_rect_t bounds;
  double scale = picture->scale, right, bottom;
  int width, height;
  cairo_t *cr;

  gsk_render_node_get_bounds (node, &bounds);
  picture->left = floor ((bounds.origin.x - x) * scale) / scale;
  picture->top = floor ((bounds.origin.y - y) * scale) / scale;
  right = ceil ((bounds.origin.x + bounds.size.width - x) * scale);
  bottom = ceil ((bounds.origin.y + bounds.size.height - y) * scale);
  width = MAX (right - round (picture->left * scale), 1);
  height = MAX (bottom - round (picture->top * scale), 1);
  picture->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cr = cairo_create (picture->surface);
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, -picture->left - x, -picture->top - y);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  picture->node = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (0, 0, width, height));
  cr = gsk_cairo_node_get_draw_context (picture->node);
  cairo_set_source_surface (cr, picture->surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_destroy (cr);
}

/* Whether a picture shall be made now of what has none. */
static gboolean
is_due (PlNodePictures *self, const Picture *picture)
{
  if (self->is_scrolled)
    return TRUE;
  return picture->n_same >= REST_FRAMES && self->n_painted++ < AT_ONCE;
}

static void
append_pixels (const Picture *picture, float x, float y, GtkSnapshot *snapshot)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x + picture->left, y + picture->top));
  if (picture->scale != 1)
    gtk_snapshot_scale (snapshot, 1 / picture->scale, 1 / picture->scale);
  gtk_snapshot_append_node (snapshot, picture->node);
  gtk_snapshot_restore (snapshot);
}

PlNodePictures *
pl_node_pictures_new (void)
{
  PlNodePictures *self = g_new0 (PlNodePictures, 1);

  self->pictures = g_hash_table_new_full (NULL, NULL, NULL, picture_free);
  return self;
}

void
pl_node_pictures_free (PlNodePictures *self)
{
  g_hash_table_unref (self->pictures);
  g_free (self);
}

void
pl_node_pictures_begin (PlNodePictures *self, gboolean is_scrolled)
{
  self->frame++;
  self->n_painted = 0;
  self->is_scrolled = is_scrolled;
}

void
pl_node_pictures_append (PlNodePictures *self, GtkWidget *parent, GtkWidget *child, double scale, GtkSnapshot *snapshot)
{
  GtkSnapshot *own = gtk_snapshot_new ();
  GskRenderNode *node;
  Picture *picture = g_hash_table_lookup (self->pictures, child);
  float x, y, zoom;

  gtk_widget_snapshot_child (parent, child, own);
  node = gtk_snapshot_free_to_node (own);
  if (node == NULL)
    return;
  if (is_placed (node, scale, &x, &y, &zoom))
    {
      if (picture != NULL && picture->drawn == unplaced (node) && picture->zoom == zoom && picture->scale == scale)
        picture->n_same++;
      else
        picture = remember (self, child, node, zoom, scale);
      picture->frame = self->frame;
      if (picture->node == NULL && is_due (self, picture))
        paint (picture, node, x, y);
    }
  if (picture != NULL && picture->node != NULL)
    append_pixels (picture, x, y, snapshot);
  else
    gtk_snapshot_append_node (snapshot, node);
  gsk_render_node_unref (node);
}

static gboolean
is_left (gpointer widget, gpointer picture, gpointer self)
{
  return ((Picture *)picture)->frame != ((PlNodePictures *)self)->frame;
}

void
pl_node_pictures_end (PlNodePictures *self)
{
  g_hash_table_foreach_remove (self->pictures, is_left, self);
}

guint
pl_node_pictures_count (PlNodePictures *self)
{
  GHashTableIter iter;
  gpointer picture;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->pictures);
  while (g_hash_table_iter_next (&iter, NULL, &picture))
    n += ((Picture *)picture)->node != NULL;
  return n;
}
