/* An app of the graph, drawn process by process on demand. Main loop only. */
#include "graph-canvas-private.h"

gboolean
pl_graph_canvas_toggle_processes (PlGraphCanvas *self, guint64 node_id)
{
  const PlSceneNode *node;
  g_autoptr (PlSceneFolds) before = NULL;

  g_return_val_if_fail (PL_IS_GRAPH_CANVAS (self), FALSE);

  node = pl_scene_find_node (self->scene, node_id);
  before = pl_scene_copy_folds (self->scene);
  if (node == NULL || !pl_scene_split_app (self->scene, node_id, !(node->flags & PL_SCENE_PROCESS)))
    return FALSE;
  graph_canvas_remember_folds (self, g_steal_pointer (&before));
  graph_canvas_refresh (self);
  graph_canvas_close_gaps (self);
  return TRUE;
}

guint
pl_graph_canvas_get_selected_flags (PlGraphCanvas *self)
{
  const PlSceneNode *node;

  g_return_val_if_fail (PL_IS_GRAPH_CANVAS (self), 0);

  node = self->selection.pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, self->selection.pick.id) : NULL;
  return node ? node->flags : 0;
}

static void
activate_split (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (widget);
  GtkWidget *focus = gtk_widget_get_focus_child (widget);
  guint64 id = g_variant_get_uint64 (parameter);

  if (id == 0 && self->selection.pick.kind == PICK_NODE)
    id = self->selection.pick.id;
  else if (id == 0 && focus && PL_IS_GRAPH_NODE (focus))
    id = pl_graph_node_get (PL_GRAPH_NODE (focus))->id;
  pl_graph_canvas_toggle_processes (self, id);
}

void
graph_canvas_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "graph.split", "t", activate_split);
}
