/* A picture of a widget as it is drawn now. */
#pragma once
#include <gtk/gtk.h>

GdkTexture *shot_take (GtkWidget *widget); /* (transfer full) (nullable) */
gboolean shot_save (GtkWidget *widget, const char *path);
