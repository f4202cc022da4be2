/* Icons of apps; see app-icon.h. */
#include "app-icon.h"

GtkIconPaintable *
pl_app_icon_lookup (GtkWidget *widget, const char *icon_name, int size_px)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
  int scale = gtk_widget_get_scale_factor (widget);

  if (g_path_is_absolute (icon_name))
    {
      g_autoptr (GFile) file = g_file_new_for_path (icon_name);

      /* a pipe would be waited for */
      return g_file_test (icon_name, G_FILE_TEST_IS_REGULAR) ? gtk_icon_paintable_new_for_file (file, size_px, scale)
                                                             : NULL;
    }
  if (g_str_has_suffix (icon_name, "-symbolic") || !gtk_icon_theme_has_icon (theme, icon_name))
    return NULL;
  return gtk_icon_theme_lookup_icon (theme, icon_name, NULL, size_px, scale, gtk_widget_get_direction (widget), 0);
}
