/* A button that runs an action of a widget's class above it. Main loop only. */
#pragma once
#include <gtk/gtk.h>

/* @action: static. Not by the button's action name: with that, in a window of an application (GTK 4.8), it stays insensitive. */
void pl_action_button_set (GtkWidget *button, const char *action);
