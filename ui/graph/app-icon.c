/* Icons of apps; see app-icon.h. */
#include "app-icon.h"

#define PNG_SCALE 2 /* sharp when the picture is magnified, and still some kilobytes */

GtkIconPaintable *
pl_app_icon_lookup (GtkWidget *widget, const char *icon_name, int size_px)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
  int scale = gtk_widget_get_scale_factor (widget);

  if (g_path_is_absolute (icon_name))
    {
      g_autoptr (GFile) file = g_file_new_for_path (icon_name);

      return g_file_query_exists (file, NULL) ? gtk_icon_paintable_new_for_file (file, size_px, scale) : NULL;
    }
  if (!gtk_icon_theme_has_icon (theme, icon_name))
    return NULL;
  return gtk_icon_theme_lookup_icon (theme, icon_name, NULL, size_px, scale, gtk_widget_get_direction (widget), 0);
}

static cairo_status_t
append_bytes (void *array, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (array, data, length);
  return CAIRO_STATUS_SUCCESS;
}

GBytes *
pl_app_icon_to_png (GtkWidget *widget, const char *icon_name, int size_px)
{
  int size = size_px * PNG_SCALE;
  g_autoptr (GtkIconPaintable) icon = pl_app_icon_lookup (widget, icon_name, size);
  GtkSnapshot *snapshot = icon ? gtk_snapshot_new () : NULL;
  GByteArray *bytes = NULL;
  cairo_surface_t *surface;
  GskRenderNode *node;
  cairo_t *cr;

  if (icon == NULL)
    return NULL;
  gdk_paintable_snapshot (GDK_PAINTABLE (icon), snapshot, size, size);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return NULL;
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size, size);
  cr = cairo_create (surface);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  gsk_render_node_unref (node);
  bytes = g_byte_array_new ();
  if (cairo_surface_write_to_png_stream (surface, append_bytes, bytes) != CAIRO_STATUS_SUCCESS)
    g_byte_array_set_size (bytes, 0);
  cairo_surface_destroy (surface);
  if (bytes->len > 0)
    return g_byte_array_free_to_bytes (bytes);
  g_byte_array_unref (bytes);
  return NULL;
}
