/* What is selected in the graph: a node, a line, or flows that were chosen elsewhere. Main loop only. */
#include "graph-canvas-private.h"

static void
selection_changed (PlGraphCanvas *self)
{
  const Pick *pick = &self->selection.pick;
  const PlSceneNode *node = pick->kind == PICK_NODE ? pl_scene_find_node (self->scene, pick->id) : NULL;

  g_free (self->selected_title);
  self->selected_title = node ? g_strdup (node->title) : NULL;
  graph_canvas_hide_tip (self);
  graph_canvas_update_marks (self);
  graph_canvas_update_lines (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (pick->kind == PICK_NONE && !self->has_pointer)
    graph_canvas_let_go_soon (self);
  graph_canvas_selection_changed (self);
}

void
graph_canvas_select (PlGraphCanvas *self, Pick pick)
{
  if (pick.kind != self->selection.pick.kind || pick.id != self->selection.pick.id)
    self->selection_serial++;
  graph_lit_set (&self->selection, pick, NULL);
  selection_changed (self);
}

static GArray *
drawn_of (PlGraphCanvas *self, GHashTable *flows)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, flows);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (self->model && pl_model_get_flow (self->model, *(guint64 *)id))
      g_array_append_vals (ids, id, 1);
  return ids;
}

GArray *
pl_graph_canvas_get_selected_flows (PlGraphCanvas *self)
{
  g_return_val_if_fail (PL_IS_GRAPH_CANVAS (self), NULL);

  switch (self->selection.pick.kind)
    {
    case PICK_NODE:
      return pl_scene_node_flows (self->scene, self->selection.pick.id);
    case PICK_EDGE:
      return pl_scene_edge_flows (self->scene, self->selection.pick.id);
    case PICK_FLOWS:
      return drawn_of (self, self->selection.flows);
    default:
      return g_array_new (FALSE, FALSE, sizeof (guint64));
    }
}

const char *
pl_graph_canvas_get_selected_title (PlGraphCanvas *self)
{
  return self->selected_title;
}

guint64
pl_graph_canvas_get_selection_serial (PlGraphCanvas *self)
{
  return self->selection_serial;
}

/* The local port of the first edge that draws any of @flows; NULL when none does. */
const PlSceneNode *
graph_canvas_first_port (PlGraphCanvas *self, GHashTable *flows)
{
  g_autoptr (GHashTable) ids = pl_scene_flows_edges (self->scene, flows);
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (self->scene, &n);

  for (guint i = 0; i < n; i++)
    if (g_hash_table_contains (ids, &edges[i].id))
      return &pl_scene_get_nodes (self->scene, &n)[edges[i].node[PL_LANE_LOCAL_PORT]];
  return NULL;
}

/* Returns what to scroll to; nullable: then nothing is selected. */
const PlSceneNode *
graph_canvas_choose_flows (PlGraphCanvas *self, GArray *ids)
{
  GHashTable *flows = ids && ids->len > 0 ? pl_flow_match_set_of (ids) : NULL;
  const PlSceneNode *node = flows ? graph_canvas_first_port (self, flows) : NULL;

  if (node == NULL)
    g_clear_pointer (&flows, g_hash_table_unref);
  self->selection_serial++;
  graph_lit_set (&self->selection, (Pick){ flows ? PICK_FLOWS : PICK_NONE, 0 }, flows);
  selection_changed (self);
  return flows ? graph_canvas_first_port (self, flows) : NULL;
}

void
pl_graph_canvas_select_flows (PlGraphCanvas *self, GArray *ids)
{
  const PlSceneNode *node;

  g_return_if_fail (PL_IS_GRAPH_CANVAS (self));

  node = graph_canvas_choose_flows (self, ids);
  if (node)
    graph_canvas_show_node (self, node);
}
