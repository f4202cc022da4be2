/* What there is and what was lost, in one line; the rest of the counters a click away. */
#pragma once
#include <gtk/gtk.h>
#include "model.h"

#define PL_TYPE_STATUS_BAR (pl_status_bar_get_type ())
G_DECLARE_FINAL_TYPE (PlStatusBar, pl_status_bar, PL, STATUS_BAR, GtkWidget)

/* @source: what is looked at and for how long, "wlan0 · 02:41" */
void pl_status_bar_update (PlStatusBar *self, const PlModelTotals *totals, gboolean is_live, const char *source);
/* Without @source, in two lines where one would be too long; @width: px of the window. */
void pl_status_bar_set_narrow (PlStatusBar *self, gboolean is_narrow, int width);
