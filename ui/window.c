/* One window: one source, its graph, the details of what is selected. Main loop only. This file is the object: its parts, its
 * size, and whether anybody sees it; window-view.c fills it and window-source.c chooses what it looks at. */
#include <glib/gi18n.h>

#include "button-name.h"
#include "compat.h"
#include "flatpak.h"
#include "settings.h"
#include "stack.h"
#include "window-private.h"

#define NARROW_PX 620 /* of the surface, with its shadows: below this icons must do without words */
#define SHORT_PX 420 /* the same: below this the ruler leaves its room to the graph */
#define FIRST_DUMP_MS 1200 /* until then an empty graph means that the sockets have not been listed yet */

G_DEFINE_FINAL_TYPE (PlWindow, pl_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- seen or not ---- */

static void
update_watch (PlWindow *self)
{
  gboolean is_seen = gtk_widget_get_mapped (GTK_WIDGET (self)) && pl_surface_is_seen (self->surface);

  if (self->session == NULL)
    return;
  pl_session_watch_sockets (self->session, is_seen);
  if (is_seen)
    pl_window_update (self);
}

static gboolean
first_dump_is_over (gpointer data)
{
  PlWindow *self = data;

  self->first_dump_id = 0;
  pl_window_update (self);
  return G_SOURCE_REMOVE;
}

static void
pl_window_map (GtkWidget *widget)
{
  PlWindow *self = PL_WINDOW (widget);

  GTK_WIDGET_CLASS (pl_window_parent_class)->map (widget);
  update_watch (self);
  if (self->first_dump_id == 0)
    self->first_dump_id = g_timeout_add (FIRST_DUMP_MS, first_dump_is_over, self);
}

static void
pl_window_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (pl_window_parent_class)->unmap (widget);
  update_watch (PL_WINDOW (widget));
}

/* Comes before the children get their places, so that the window may become narrower than all its words, and begin so. */
static void
follow_size (PlWindow *self)
{
  gboolean is_narrow;
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  if (self->surface != NULL)
    {
      width = gdk_surface_get_width (self->surface);
      height = gdk_surface_get_height (self->surface);
    }
  is_narrow = width < NARROW_PX;
  gtk_widget_set_visible (GTK_WIDGET (self->title), !is_narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->capture_label), !is_narrow);
  pl_source_button_set_narrow (self->source_button, is_narrow);
  pl_status_bar_set_narrow (self->status_bar, is_narrow, width);
  gtk_widget_set_visible (GTK_WIDGET (self->ruler), height >= SHORT_PX);
}

static void
pl_window_realize (GtkWidget *widget)
{
  PlWindow *self = PL_WINDOW (widget);

  GTK_WIDGET_CLASS (pl_window_parent_class)->realize (widget);
  self->surface = gtk_native_get_surface (GTK_NATIVE (widget));
  g_signal_connect_object (self->surface, "notify::state", G_CALLBACK (update_watch), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->surface, "notify::width", G_CALLBACK (follow_size), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->surface, "notify::height", G_CALLBACK (follow_size), self, G_CONNECT_SWAPPED);
}

static void
pl_window_unrealize (GtkWidget *widget)
{
  PL_WINDOW (widget)->surface = NULL;
  GTK_WIDGET_CLASS (pl_window_parent_class)->unrealize (widget);
}

/* ---- object ---- */

static gboolean
pl_window_close_request (GtkWindow *window)
{
  PlWindow *self = PL_WINDOW (window);
  GSettings *settings = pl_window_get_settings (self);
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  pl_settings_set_int (settings, "window-width", width);
  pl_settings_set_int (settings, "window-height", height);
  pl_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
  pl_settings_set_int (settings, "pane-width", pl_split_get_pane_width (self->split));
  pl_window_remember_graph (self);
  return GTK_WINDOW_CLASS (pl_window_parent_class)->close_request (window);
}

static void
pl_window_dispose (GObject *object)
{
  PlWindow *self = PL_WINDOW (object);

  g_clear_handle_id (&self->first_dump_id, g_source_remove);
  g_clear_handle_id (&self->status_id, g_source_remove);
  pl_window_unwatch_focus (self);
  pl_window_clear_tool (self);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_weak_pointer (&self->toasts);
  G_OBJECT_CLASS (pl_window_parent_class)->dispose (object);
}

static void
pl_window_finalize (GObject *object)
{
  PlWindow *self = PL_WINDOW (object);

  g_clear_object (&self->starter_asked);
  g_free (self->origin);
  g_free (self->sockets_error);
  g_clear_pointer (&self->redactor, pl_redactor_free);
  g_free (self->interface);
  g_free (self->document_title);
  g_free (self->document_uri);
  g_clear_error (&self->open_error);
  G_OBJECT_CLASS (pl_window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/window.ui");
  gtk_widget_class_bind_template_child (widget_class, PlWindow, title);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, source_button);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, capture_button);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, capture_icon);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, capture_label);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, progress_row);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, notice);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, split);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, graph);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, ruler);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, page);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, page_command);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, page_button);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_button);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_away);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_command);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_risk);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_mend);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_check);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, pane);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, status_bar);
  gtk_widget_class_bind_template_callback (widget_class, pl_window_selection_changed);
  gtk_widget_class_bind_template_callback (widget_class, pl_window_flow_picked);
  gtk_widget_class_bind_template_callback (widget_class, pl_window_ports_hovered);
  gtk_widget_class_bind_template_callback (widget_class, pl_window_ports_selected);
  gtk_widget_class_bind_template_callback (widget_class, pl_window_range_toggled);
  gtk_widget_class_bind_template_callback (widget_class, pl_window_notice_dismissed);
  gtk_widget_class_bind_template_callback (widget_class, pl_window_filter_changed);
}

static void
pl_window_class_init (PlWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pl_window_dispose;
  object_class->finalize = pl_window_finalize;
  widget_class->map = pl_window_map;
  widget_class->unmap = pl_window_unmap;
  widget_class->realize = pl_window_realize;
  widget_class->unrealize = pl_window_unrealize;
  GTK_WINDOW_CLASS (klass)->close_request = pl_window_close_request;

  g_type_ensure (PL_TYPE_SPLIT);
  g_type_ensure (PL_TYPE_GRAPH_VIEW);
  g_type_ensure (PL_TYPE_PORT_RULER);
  g_type_ensure (PL_TYPE_SOURCE_BUTTON);
  g_type_ensure (PL_TYPE_NOTICE);
  g_type_ensure (PL_TYPE_COMMAND_ROW);
  g_type_ensure (PL_TYPE_DETAIL_PANE);
  g_type_ensure (PL_TYPE_STATUS_BAR);
  bind_template (widget_class);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.dismiss", NULL);
}

static void
pl_window_init (PlWindow *self)
{
  pl_window_add_actions (self);
  pl_window_add_graph_actions (self);
  pl_window_add_export_actions (self);
  gtk_widget_init_template (GTK_WIDGET (self));
  pl_window_watch_focus (self);
  pl_name_buttons (GTK_WIDGET (self));
  pl_window_add_toasts (self);
  pl_stack_show (self->stack, "graph");
  pl_window_add_drop (self);

  self->cgroups = pl_rights_get_cgroups ();
  self->session = pl_session_new ();
  pl_graph_view_set_model (self->graph, pl_session_get_model (self->session));
  pl_window_read_kernel_range (self);
  g_signal_connect_object (self->session, "updated", G_CALLBACK (pl_window_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::state", G_CALLBACK (pl_window_state_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::state", G_CALLBACK (pl_window_notify_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::state", G_CALLBACK (pl_window_settle_graph), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (pl_window_notify_active), NULL);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (pl_window_failure_active), NULL);
}

PlWindow *
pl_window_new (PlApplication *application)
{
  PlWindow *self = g_object_new (PL_TYPE_WINDOW, "application", application, NULL);
  GSettings *settings = pl_application_get_settings (application);

  gtk_window_set_default_size (GTK_WINDOW (self), pl_settings_get_int (settings, "window-width", 1180),
                               pl_settings_get_int (settings, "window-height", 760));
  follow_size (self);
  if (pl_settings_get_boolean (settings, "window-maximized", FALSE))
    gtk_window_maximize (GTK_WINDOW (self));
  pl_split_set_pane_width (self->split, pl_settings_get_int (settings, "pane-width", 380));
  pl_window_restore_graph (self);
  self->interface = pl_settings_get_string (settings, "interface", "any");
  pl_session_set_helper_keeper (self->session, pl_application_get_helper_keeper (application));
  pl_window_state_changed (self);
  return self;
}
