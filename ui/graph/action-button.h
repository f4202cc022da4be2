/* A button that runs an action of a widget's class above it. Main loop only. */
#pragma once
#include <gtk/gtk.h>

/* @action: static. Not by the button's action name: with that these buttons were insensitive in Portlight's window (GTK 4.8.3),
 * why is not known. It is not that GTK does not follow a class's action in a window of an application: in a small program
 * such a button is sensitive as soon as it is in the widget's tree, with and without an application. */
void pl_action_button_set (GtkWidget *button, const char *action);
