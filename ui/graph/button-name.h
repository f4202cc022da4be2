/* What assistive technologies call a button whose label has a mnemonic. Main loop only. */
#pragma once
#include <gtk/gtk.h>

/**
 * pl_name_buttons:
 * @widget: a button, or what has buttons in it
 *
 * GTK (4.8.3) names a button by what its label was set to, "Show _All", and by the label itself once more: "Show _All Show
 * All". From here on it is the label alone. To be called again where the label is set to another one.
 */
void pl_name_buttons (GtkWidget *widget);
