/* What scrolls once it is too high. */
#pragma once
#include <gtk/gtk.h>

#define PL_TYPE_SHORT_SCROLLER (pl_short_scroller_get_type ())
G_DECLARE_FINAL_TYPE (PlShortScroller, pl_short_scroller, PL, SHORT_SCROLLER, GtkWidget)

/* Properties: "child" (GtkWidget), "most-height" (int, px; -1, the default: no limit). As high as the child is at the width that it
 * gets, but not higher than that: GtkScrolledWindow (4.8) asks how high it would be as wide as it likes, where text that wraps is one
 * line. */
