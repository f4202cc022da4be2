/* The live graph: draws a PlScene of a PlModel. Edges are a cached layer, nodes are widgets. */
#pragma once
#include <gtk/gtk.h>
#include "flow-filter.h"
#include "model.h"
#include "scene.h"

#define PL_TYPE_GRAPH_VIEW (pl_graph_view_get_type ())
G_DECLARE_FINAL_TYPE (PlGraphView, pl_graph_view, PL, GRAPH_VIEW, GtkWidget)

/* Signals "selection-changed" (void), "filter-changed" (void). Property "model" (PlModel, nullable). It is put into the window as it is and brings
 * its own scrolling. */
GtkWidget *pl_graph_view_new (void);
void pl_graph_view_set_model (PlGraphView *self, PlModel *model);
/* PlModelFlow.id of what is selected (an edge's or a node's flows); (transfer full) (element-type guint64), empty for none. */
GArray *pl_graph_view_get_selected_flows (PlGraphView *self);
/* Title of the selected node, or NULL when an edge or nothing is selected. */
const char *pl_graph_view_get_selected_node_title (PlGraphView *self);
guint64 pl_graph_view_get_selection_serial (PlGraphView *self); /* another one as soon as something else is selected */
void pl_graph_view_select_flow (PlGraphView *self, guint64 flow_id); /* 0 clears */
void pl_graph_view_select_flows (PlGraphView *self, GArray *ids); /* NULL or empty clears */
void pl_graph_view_hover_flows (PlGraphView *self, GArray *ids);  /* lights their paths; NULL or empty ends it */

/* Filter: what does not pass is not drawn, and how much that is stands below the graph. */
const PlFlowFilter *pl_graph_view_get_filter (PlGraphView *self); /* (transfer none), until "filter-changed" */
void pl_graph_view_filter_ports (PlGraphView *self, guint16 from, guint16 to);
gboolean pl_graph_view_get_filtered_ports (PlGraphView *self, guint16 *from, guint16 *to);
void pl_graph_view_clear_filter (PlGraphView *self);
gboolean pl_graph_view_undo_filter (PlGraphView *self);
PlScene *pl_graph_view_get_scene (PlGraphView *self); /* (transfer none), to read: what is drawn */
void pl_graph_view_set_pulses (PlGraphView *self, gboolean has_pulses); /* along lines on which packets flow */
void pl_graph_view_tidy (PlGraphView *self);
void pl_graph_view_settle (PlGraphView *self);
/* Draws the selected app process by process, or those as one app again. */
void pl_graph_view_toggle_processes (PlGraphView *self);
/* PlSceneNode.flags of the selected node, 0 for none: PL_SCENE_MANY or PL_SCENE_PROCESS where the above can do something. */
guint pl_graph_view_get_selected_flags (PlGraphView *self);
