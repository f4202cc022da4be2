/* Type to search: an entry above the graph that goes to what is found. Main loop only. */
#pragma once
#include "graph-canvas.h"

#define PL_TYPE_GRAPH_SEARCH_BAR (pl_graph_search_bar_get_type ())
G_DECLARE_FINAL_TYPE (PlGraphSearchBar, pl_graph_search_bar, PL, GRAPH_SEARCH_BAR, GtkWidget)

GtkWidget *pl_graph_search_bar_new (PlGraphCanvas *canvas);
void pl_graph_search_bar_open (PlGraphSearchBar *self);
/* Returns whether it was open. The keys go on from what was found, where they were in it. */
gboolean pl_graph_search_bar_close (PlGraphSearchBar *self);
/* A key that nobody took: a letter begins a search. Returns whether it did. */
gboolean pl_graph_search_bar_take_key (PlGraphSearchBar *self, GtkEventControllerKey *keys, guint key);
