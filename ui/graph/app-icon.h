/* Icons of apps as the icon theme has them. Main loop only. */
#pragma once
#include <gtk/gtk.h>

/* @icon_name: of the theme, or a file's path. Returns: (transfer full) (nullable): NULL where there is none */
GtkIconPaintable *pl_app_icon_lookup (GtkWidget *widget, const char *icon_name, int size_px);
/* The same drawn into a PNG of twice @size_px, for pictures that are taken along. (transfer full) (nullable) */
GBytes *pl_app_icon_to_png (GtkWidget *widget, const char *icon_name, int size_px);
