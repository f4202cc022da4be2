/* The window's part in the graph: actions with shortcuts that reach it from everywhere, and what is remembered of it. Main
 * loop only. */
#include "settings.h"
#include "window-private.h"

static void
activate_in_graph (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *name = g_strconcat ("graph.", g_action_get_name (G_ACTION (action)), NULL);

  gtk_widget_activate_action (GTK_WIDGET (PL_WINDOW (data)->graph), name, NULL);
}

static void
activate_show_processes (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  pl_graph_view_toggle_processes (PL_WINDOW (data)->graph);
}

static void
change_pulses (GSimpleAction *action, GVariant *value, gpointer data)
{
  PlWindow *self = data;

  g_simple_action_set_state (action, value);
  pl_graph_view_set_pulses (self->graph, g_variant_get_boolean (value));
  pl_settings_set_boolean (pl_window_get_settings (self), "graph-pulses", g_variant_get_boolean (value));
}

/* A stream was looked at while it came. */
void
pl_window_settle_graph (PlWindow *self)
{
  if (pl_session_get_state (self->session) == PL_SESSION_ENDED
      && pl_session_get_source_kind (self->session) == PL_OPEN_FILE)
    pl_graph_view_settle (self->graph);
}

static const GActionEntry actions[] = {
  { .name = "pulses", .state = "true", .change_state = change_pulses },
  { .name = "tidy", .activate = activate_in_graph },
  { .name = "find", .activate = activate_in_graph },
  { .name = "show-all", .activate = activate_in_graph },
  { .name = "show-processes", .activate = activate_show_processes, .state = "false" },
  { .name = "zoom-in", .activate = activate_in_graph },
  { .name = "zoom-out", .activate = activate_in_graph },
  { .name = "zoom-fit", .activate = activate_in_graph },
  { .name = "zoom-normal", .activate = activate_in_graph },
};

void
pl_window_add_graph_actions (PlWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}

void
pl_window_restore_graph (PlWindow *self)
{
  gboolean has_pulses = pl_settings_get_boolean (pl_window_get_settings (self), "graph-pulses", TRUE);

  g_action_group_change_action_state (G_ACTION_GROUP (self), "pulses", g_variant_new_boolean (has_pulses));
  g_object_set (self->graph, "zoom", pl_settings_get_int (pl_window_get_settings (self), "graph-zoom", 100) / 100.0,
                NULL);
}

void
pl_window_remember_graph (PlWindow *self)
{
  double zoom;

  g_object_get (self->graph, "zoom", &zoom, NULL);
  pl_settings_set_int (pl_window_get_settings (self), "graph-zoom", (int)(zoom * 100 + 0.5));
}
