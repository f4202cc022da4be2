/* What is selected in the graph view, as the rest of the window uses it. Main loop only. */
#include "graph-view-private.h"

/**
 * pl_graph_view_get_selected_flows:
 * @self: a graph view
 *
 * Returns: (transfer full) (element-type guint64): ids of the flows of what is selected; empty for none
 */
GArray *
pl_graph_view_get_selected_flows (PlGraphView *self)
{
  g_return_val_if_fail (PL_IS_GRAPH_VIEW (self), NULL);
  return pl_graph_canvas_get_selected_flows (self->canvas);
}

/**
 * pl_graph_view_get_selected_node_title:
 * @self: a graph view
 *
 * Returns: (nullable) (transfer none): what the selected node is called, until the selection changes
 */
const char *
pl_graph_view_get_selected_node_title (PlGraphView *self)
{
  g_return_val_if_fail (PL_IS_GRAPH_VIEW (self), NULL);
  return pl_graph_canvas_get_selected_title (self->canvas);
}

/**
 * pl_graph_view_get_selection_serial:
 * @self: a graph view
 *
 * Returns: a number that is another as soon as something else is selected: two nodes may be called the same, and what is
 *   selected may be drawn as another node while it is still what somebody selected
 */
guint64
pl_graph_view_get_selection_serial (PlGraphView *self)
{
  g_return_val_if_fail (PL_IS_GRAPH_VIEW (self), 0);
  return pl_graph_canvas_get_selection_serial (self->canvas);
}

/**
 * pl_graph_view_select_flow:
 * @self: a graph view
 * @flow_id: id of a flow in the model, or 0 to clear the selection
 *
 * Selects the flow, lights the edge that draws it and scrolls there.
 */
void
pl_graph_view_select_flow (PlGraphView *self, guint64 flow_id)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  if (flow_id != 0)
    g_array_append_val (ids, flow_id);
  pl_graph_view_select_flows (self, ids);
}

/**
 * pl_graph_view_select_flows:
 * @self: a graph view
 * @ids: (nullable) (element-type guint64): ids of flows in the model; %NULL or empty clears the selection
 *
 * Selects these flows, lights the edges that draw them and scrolls to the first. Those that are not drawn stay out; when
 * none is, nothing is selected.
 */
void
pl_graph_view_select_flows (PlGraphView *self, GArray *ids)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));
  pl_graph_canvas_select_flows (self->canvas, ids);
}

/**
 * pl_graph_view_hover_flows:
 * @self: a graph view
 * @ids: (nullable) (element-type guint64): ids of flows in the model; %NULL or empty when nothing is hovered any more
 *
 * Lights the paths of these flows and dims the rest, as if the pointer rested on them.
 */
void
pl_graph_view_hover_flows (PlGraphView *self, GArray *ids)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));
  pl_graph_canvas_hover_flows (self->canvas, ids);
}

guint
pl_graph_view_get_selected_flags (PlGraphView *self)
{
  g_return_val_if_fail (PL_IS_GRAPH_VIEW (self), 0);
  return pl_graph_canvas_get_selected_flags (self->canvas);
}
