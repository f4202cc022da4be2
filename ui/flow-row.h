/* What a list shows of a flow, as far as assistive technology can do something with it. */
#pragma once
#include <gtk/gtk.h>

#define PL_TYPE_FLOW_ROW (pl_flow_row_get_type ())
G_DECLARE_FINAL_TYPE (PlFlowRow, pl_flow_row, PL, FLOW_ROW, GtkBox)

/* A horizontal box for the child of @item, which owns it, with an action that does what a click on the row does. */
GtkWidget *pl_flow_row_new (GtkListItem *item);
