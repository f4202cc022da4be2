/* The scrolled world of the graph: the scene's nodes as child widgets over the cached lines. Main loop only. */
#pragma once
#include <gtk/gtk.h>
#include "graph-filter.h"
#include "palette.h"
#include "scene.h"

#define PL_TYPE_GRAPH_CANVAS (pl_graph_canvas_get_type ())
G_DECLARE_FINAL_TYPE (PlGraphCanvas, pl_graph_canvas, PL, GRAPH_CANVAS, GtkWidget)

/* Signals: "selection-changed" (void); "scene-changed" (void): lanes, counts or emptiness may be others now. */
GtkWidget *pl_graph_canvas_new (void);
void pl_graph_canvas_set_model (PlGraphCanvas *self, PlModel *model); /* nullable */
PlScene *pl_graph_canvas_get_scene (PlGraphCanvas *self);
/* How large 100 % is: 1, or more on a very wide screen. */
double pl_graph_canvas_get_roomy (PlGraphCanvas *self);             /* (transfer none), to read */
void pl_graph_canvas_tidy (PlGraphCanvas *self);
void pl_graph_canvas_settle (PlGraphCanvas *self);

/* Zoom: 1 is 100 %. Signal "zoomed" (void). */
#define PL_GRAPH_MIN_ZOOM 0.25
#define PL_GRAPH_MAX_ZOOM 4.0
double pl_graph_canvas_get_zoom (PlGraphCanvas *self);
void pl_graph_canvas_set_zoom (PlGraphCanvas *self, double zoom); /* about the middle */
#define PL_TAPS_APART_PX 30.0 /* two taps of one finger */
void pl_graph_canvas_add_pinch (PlGraphCanvas *self, GtkScrolledWindow *scroller);
void pl_graph_canvas_second_click (PlGraphCanvas *self);
void pl_graph_canvas_expect_second (PlGraphCanvas *self, gboolean is_second); /* the click that was pressed now is one */
void pl_graph_canvas_zoom_at (PlGraphCanvas *self, double zoom, double x, double y);
void pl_graph_canvas_zoom_step (PlGraphCanvas *self, int step);
void pl_graph_canvas_fit (PlGraphCanvas *self);

/* Left edge and width of a lane as it is seen, px of the widget. */
void pl_graph_canvas_get_lane (PlGraphCanvas *self, PlLane lane, double *x, double *width);

/* Draws the app @node_id process by process, or those as one app again; FALSE when it is neither. Action "graph.split"
 * (parameter "t": the node's id, 0: the focused or selected one) does the same. */
gboolean pl_graph_canvas_toggle_processes (PlGraphCanvas *self, guint64 node_id);
guint pl_graph_canvas_get_selected_flags (PlGraphCanvas *self); /* PlSceneNode.flags of the selected node, or 0 */

/* Selection */
GArray *pl_graph_canvas_get_selected_flows (PlGraphCanvas *self); /* (transfer full) */
const char *pl_graph_canvas_get_selected_title (PlGraphCanvas *self);
guint64 pl_graph_canvas_get_selection_serial (PlGraphCanvas *self); /* pl_graph_view_get_selection_serial() */
/* (element-type guint64) (nullable): those of them that are drawn; empty clears. */
void pl_graph_canvas_select_flows (PlGraphCanvas *self, GArray *ids);
/* The same as if the pointer rested on them. */
void pl_graph_canvas_hover_flows (PlGraphCanvas *self, GArray *ids);
PlGraphFilter *pl_graph_canvas_get_filter (PlGraphCanvas *self); /* (transfer none) */
/* For tests and screenshots: as if the pointer rested on that node; 0 for none. */
void pl_graph_canvas_hover_node (PlGraphCanvas *self, guint64 node_id);
/* (transfer none): what says what the pointer rests on; its place is over the canvas. */
GtkWidget *pl_graph_canvas_get_tip (PlGraphCanvas *self);
gboolean pl_graph_canvas_place_tip (PlGraphCanvas *self, GdkRectangle *place);
/* How often the lines were drawn anew. */
guint pl_graph_canvas_get_n_drawn (PlGraphCanvas *self);

/* Whether pulses run along the lines while packets flow; the system's reduced motion is obeyed besides. */
void pl_graph_canvas_set_pulses (PlGraphCanvas *self, gboolean has_pulses);
/* (transfer none): what draws them; its place is over the canvas, where that is seen. */
GtkWidget *pl_graph_canvas_get_pulses (PlGraphCanvas *self);

/* Search: NULL ends it. */
void pl_graph_canvas_search (PlGraphCanvas *self, const char *text);
gboolean pl_graph_canvas_is_searching (PlGraphCanvas *self); /* "scene-changed" follows */
void pl_graph_canvas_search_step (PlGraphCanvas *self, int step);
void pl_graph_canvas_get_found (PlGraphCanvas *self, guint *n_nodes, guint *at, guint *n_flows);
gboolean pl_graph_canvas_focus_found (PlGraphCanvas *self);
