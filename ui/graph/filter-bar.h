/* What the graph is filtered to and what is hidden: a chip each, that takes it back. Main loop only. */
#pragma once
#include <gtk/gtk.h>
#include "graph-filter.h"

#define PL_TYPE_FILTER_BAR (pl_filter_bar_get_type ())
G_DECLARE_FINAL_TYPE (PlFilterBar, pl_filter_bar, PL, FILTER_BAR, GtkWidget)

/* Seen only while @filter keeps something back. Its buttons use "graph.show-all" and "graph.undo-filter". */
GtkWidget *pl_filter_bar_new (PlGraphFilter *filter);
