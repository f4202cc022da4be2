/* Loads the graph's style sheet and the palette of the light or dark, plain or high-contrast look into a display. */
#pragma once
#include <gtk/gtk.h>

/* Once a display; later calls do nothing. Follows AdwStyleManager from then on. */
void pl_graph_style_load (GdkDisplay *display);
