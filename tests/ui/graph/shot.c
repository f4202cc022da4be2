/* A picture of a widget, drawn by its window's own renderer. Test code. */
#include "shot.h"

GdkTexture *
shot_take (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autoptr (GskRenderNode) node = NULL;

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return NULL;
  return gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)), node,
                                      &GRAPHENE_RECT_INIT (0, 0, width, height));
}

gboolean
shot_save (GtkWidget *widget, const char *path)
{
  g_autoptr (GdkTexture) texture = shot_take (widget);

  return texture && gdk_texture_save_to_png (texture, path);
}
