/* Loads the graph's style sheet and the palette of the light or dark, plain or high-contrast look into a display. */
#pragma once
#include <gtk/gtk.h>

/* Once a display; later calls do nothing. Follows AdwStyleManager from then on. */
void pl_graph_style_load (GdkDisplay *display);

/**
 * pl_graph_wants_motion:
 * @settings: of the display
 *
 * Returns: whether things may move: unless animations are off, or the system says that less motion is wanted, which GTK
 *   tells from 4.22 on ("gtk-interface-reduced-motion")
 */
gboolean pl_graph_wants_motion (GtkSettings *settings);
