/* The whole story of what is selected: one flow's facts, or the list of a node's flows. */
#pragma once
#include <gtk/gtk.h>
#include "model.h"

#define PL_TYPE_DETAIL_PANE (pl_detail_pane_get_type ())
G_DECLARE_FINAL_TYPE (PlDetailPane, pl_detail_pane, PL, DETAIL_PANE, GtkWidget)

/* Signal "flow-picked" (guint64 PlModelFlow.id): one was picked from the list, or 0: back to the list. */

/* @is_live: the flows are this computer's own, now. */
void pl_detail_pane_set_model (PlDetailPane *self, PlModel *model, gboolean is_live);
/* @ids (element-type guint64), not empty: one is shown as a flow, more as a list. @serial: another one where something
 * else is selected. @node_title: (nullable) */
void pl_detail_pane_set_selection (PlDetailPane *self, GArray *ids, guint64 serial, const char *node_title);
/* Whether the node's processes can be drawn one by one in the graph, or are (action win.show-processes). */
void pl_detail_pane_set_can_show_processes (PlDetailPane *self, gboolean can);
/* Writes anew what the model now says; a flow that is gone keeps its last facts. */
void pl_detail_pane_refresh (PlDetailPane *self);
