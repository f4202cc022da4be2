/* Where the keyboard goes between the details and what is beside them: F6 there and back, there by itself where they cover the
 * graph, and back when they close. Main loop only. */
#include "window-private.h"

static gboolean
is_in_details (PlWindow *self, GtkWidget *widget)
{
  return widget != NULL && gtk_widget_is_ancestor (widget, GTK_WIDGET (self->pane));
}

/* Where they cover the graph, as in a narrow window: GTK takes the keyboard away from it then, to anywhere. */
static gboolean
are_details_all (PlWindow *self)
{
  return pl_split_get_show_pane (self->split) && !gtk_widget_get_mapped (GTK_WIDGET (self->graph));
}

static void
focus_changed (PlWindow *self)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));

  if (focus != NULL && !is_in_details (self, focus) && !are_details_all (self))
    g_set_weak_pointer (&self->focus_before, focus);
}

/* To who had it before, or into the graph: a node's widget may be gone by now. */
void
pl_window_leave_details (PlWindow *self)
{
  GtkWidget *before = self->focus_before;

  if (!is_in_details (self, gtk_root_get_focus (GTK_ROOT (self))) && !are_details_all (self))
    return;
  if (before == NULL || !gtk_widget_is_visible (before) || !gtk_widget_grab_focus (before))
    gtk_widget_child_focus (GTK_WIDGET (self->graph), GTK_DIR_TAB_FORWARD);
}

static gboolean
enter_details (gpointer data)
{
  PlWindow *self = data;

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && are_details_all (self)
      && !is_in_details (self, gtk_root_get_focus (GTK_ROOT (self))))
    gtk_widget_child_focus (GTK_WIDGET (self->pane), GTK_DIR_TAB_FORWARD);
  return G_SOURCE_REMOVE;
}

/* The details came over the graph, and who was there goes on in them; but not in the midst of an allocation. */
static void
graph_unmapped (PlWindow *self)
{
  if (are_details_all (self) && self->focus_before != NULL
      && gtk_widget_is_ancestor (self->focus_before, GTK_WIDGET (self->graph)))
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, enter_details, g_object_ref (self), g_object_unref);
}

static void
activate_switch_pane (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;

  if (is_in_details (self, gtk_root_get_focus (GTK_ROOT (self))))
    {
      if (!are_details_all (self))
        pl_window_leave_details (self);
    }
  else if (pl_split_get_show_pane (self->split))
    gtk_widget_child_focus (GTK_WIDGET (self->pane), GTK_DIR_TAB_FORWARD);
}

void
pl_window_watch_focus (PlWindow *self)
{
  static const GActionEntry actions[] = { { .name = "switch-pane", .activate = activate_switch_pane } };

  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  g_signal_connect (self, "notify::focus-widget", G_CALLBACK (focus_changed), NULL);
  g_signal_connect_object (self->graph, "unmap", G_CALLBACK (graph_unmapped), self, G_CONNECT_SWAPPED);
}

void
pl_window_unwatch_focus (PlWindow *self)
{
  g_signal_handlers_disconnect_by_func (self, focus_changed, NULL);
  g_clear_weak_pointer (&self->focus_before);
}
