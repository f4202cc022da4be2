/* A content and, at its end side, a pane that can be shown, hidden and made wider. Where both do not fit, the pane covers
 * the content. */
#pragma once
#include <adwaita.h>

#define PL_TYPE_SPLIT (pl_split_get_type ())
G_DECLARE_FINAL_TYPE (PlSplit, pl_split, PL, SPLIT, GtkWidget)

/* Properties: "content", "pane" (GtkWidget), "show-pane" (gboolean), "pane-width" (int, px), "folded" (gboolean, read
 * only): the pane covers the content while it is shown. */
gboolean pl_split_get_show_pane (PlSplit *self);
void pl_split_set_show_pane (PlSplit *self, gboolean show_pane);
int pl_split_get_pane_width (PlSplit *self);
void pl_split_set_pane_width (PlSplit *self, int width_px);
