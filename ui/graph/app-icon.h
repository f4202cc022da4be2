/* Icons of apps as the icon theme has them. Main loop only. */
#pragma once
#include <gtk/gtk.h>

/* @icon_name: of the theme, or a file's path; a symbolic one, which takes the colour of a text, is no app's. Returns: (transfer full) (nullable): NULL where there is none */
GtkIconPaintable *pl_app_icon_lookup (GtkWidget *widget, const char *icon_name, int size_px);
