/* The flows of a node or bundle, to pick one from. */
#pragma once
#include <gtk/gtk.h>
#include "flow-words.h"

#define PL_TYPE_FLOW_LIST (pl_flow_list_get_type ())
G_DECLARE_FINAL_TYPE (PlFlowList, pl_flow_list, PL, FLOW_LIST, GtkWidget)

/* Signal "flow-activated" (guint64 PlModelFlow.id). */

/* @places (element-type guint64), of pl_flow_order_places(): those that stay keep their rows, unless they are @is_other than what was shown: then the list
 * begins at its top. */
void pl_flow_list_set_flows (PlFlowList *self, GArray *places, gboolean is_other);
/* Writes the rows that can be seen anew. */
void pl_flow_list_refresh (PlFlowList *self, PlModel *model, const PlWordsContext *context);
