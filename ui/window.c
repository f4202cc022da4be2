/* One window: one source, its graph, the details of what is selected. Main loop only. What it says comes from ui/words;
 * what it shows is written anew when the session has something new, and not at all while nobody can see it. */
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "compat.h"
#include "detail-pane.h"
#include "graph-view.h"
#include "helper-client.h"
#include "helper-host.h"
#include "helper-launch.h"
#include "notice.h"
#include "permission-words.h"
#include "portlight-config.h"
#include "session.h"
#include "settings.h"
#include "situation.h"
#include "source-button.h"
#include "split.h"
#include "stack.h"
#include "status-bar.h"
#include "window.h"

#define NARROW_PX 620 /* of the surface, with its shadows: below this icons must do without words */
#define CLOCK_INTERVAL_S 1
#define FIRST_DUMP_MS 1200 /* until then an empty graph means that the sockets have not been listed yet */

struct _PlWindow
{
  AdwApplicationWindow parent_instance;

  PlSession *session;
  char *interface; /* to capture on: a name or "any" */
  char *document_title; /* of the file or pipe on view; NULL for this computer */
  char *document_uri; /* until it is among the recent files; nullable */
  GError *open_error; /* what the session never saw; nullable */
  gint64 started_us; /* of the capture, monotonic */
  gboolean was_stopped;
  gboolean is_flow_picked; /* from a node's list: the graph marks it, the pane keeps the list */
  guint first_dump_id;
  guint clock_id; /* while it captures and is seen */
  GdkSurface *surface; /* while realized */

  AdwWindowTitle *title;
  PlSourceButton *source_button;
  GtkWidget *capture_button;
  GtkImage *capture_icon;
  GtkLabel *capture_label;
  GtkWidget *progress_row;
  GtkProgressBar *progress;
  PlNotice *notice;
  PlSplit *split;
  GtkStack *stack;
  PlGraphView *graph;
  AdwStatusPage *page;
  GtkButton *page_button;
  GtkLabel *permission_command;
  GtkLabel *permission_risk;
  GtkCheckButton *permission_check;
  PlDetailPane *pane;
  PlStatusBar *status_bar;
};

G_DEFINE_FINAL_TYPE (PlWindow, pl_window, ADW_TYPE_APPLICATION_WINDOW)

static GSettings *
get_settings (PlWindow *self)
{
  return pl_application_get_settings (PL_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
}

/* ---- what is the case ---- */

static PlSituation
get_situation (PlWindow *self)
{
  PlModel *model = pl_session_get_model (self->session);
  const char *source = pl_session_get_source_name (self->session);
  PlSituation situation = {
    .state = pl_session_get_state (self->session),
    .kind = pl_session_get_source_kind (self->session),
    .error = pl_session_get_error (self->session),
    .totals = pl_model_get_totals (model),
    .n_drawn = pl_model_get_n_flows (model),
    .was_stopped = self->was_stopped,
    .progress = pl_session_get_progress (self->session),
    .running_us = (guint64)(g_get_monotonic_time () - self->started_us),
  };

  if (self->document_title != NULL)
    situation.source = self->document_title;
  else if (source != NULL)
    situation.source = g_str_equal (source, "any") ? _ ("All interfaces") : source;
  if (self->open_error != NULL)
    {
      situation.state = PL_SESSION_FAILED;
      situation.kind = PL_OPEN_FILE;
      situation.error = self->open_error;
    }
  return situation;
}

/* ---- showing it ---- */

static void
show_page (PlWindow *self, const PlSituation *situation)
{
  g_auto (PlSituationPage) page = { 0 };

  if (pl_stack_shows (self->stack, "permission"))
    return;
  pl_situation_page (situation, &page);
  if (page.icon == NULL)
    {
      pl_stack_show (self->stack, "graph");
      return;
    }
  adw_status_page_set_icon_name (self->page, page.icon);
  adw_status_page_set_title (self->page, page.title);
  adw_status_page_set_description (self->page, page.body);
  gtk_widget_set_visible (GTK_WIDGET (self->page_button), page.button != NULL);
  if (page.button != NULL)
    gtk_button_set_label (self->page_button, page.button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->page_button), page.action);
  pl_stack_show (self->stack, "page");
}

static void
show_progress (PlWindow *self, const PlSituation *situation)
{
  gboolean is_shown = situation->progress >= 0 && pl_situation_is_busy (situation);
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->progress_row, is_shown);
  if (!is_shown)
    return;
  text = pl_situation_source (situation);
  gtk_progress_bar_set_fraction (self->progress, situation->progress);
  gtk_progress_bar_set_text (self->progress, text);
}

/* What changes with every batch. */
static void
update (PlWindow *self)
{
  PlSituation situation;
  g_autofree char *source = NULL, *sockets_error = NULL;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  situation = get_situation (self);
  sockets_error = pl_session_dup_sockets_error (self->session);
  situation.sockets_error = sockets_error;
  source = pl_situation_source (&situation);
  pl_status_bar_update (self->status_bar, situation.totals, pl_session_is_live (self->session), source);
  show_page (self, &situation);
  show_progress (self, &situation);
  if (!pl_split_get_show_pane (self->split))
    return;
  if (!self->is_flow_picked)
    {
      g_autoptr (GArray) ids = pl_graph_view_get_selected_flows (self->graph);

      if (ids->len > 0)
        pl_detail_pane_set_selection (self->pane, ids, pl_graph_view_get_selected_node_title (self->graph));
    }
  pl_detail_pane_refresh (self->pane);
}

static gboolean
clock_ticked (gpointer data)
{
  update (data);
  return G_SOURCE_CONTINUE;
}

/* A capture without packets has no batches; its clock goes on all the same, while somebody looks. */
static void
update_clock (PlWindow *self)
{
  gboolean is_wanted = gtk_widget_get_mapped (GTK_WIDGET (self)) && pl_surface_is_seen (self->surface)
                       && self->document_title == NULL && pl_session_get_state (self->session) == PL_SESSION_RUNNING;

  if (is_wanted && self->clock_id == 0)
    self->clock_id = g_timeout_add_seconds (CLOCK_INTERVAL_S, clock_ticked, self);
  else if (!is_wanted)
    g_clear_handle_id (&self->clock_id, g_source_remove);
}

static void
set_capture_action (PlWindow *self, gboolean is_busy)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "capture");

  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (is_busy));
}

static void
set_action_enabled (PlWindow *self, const char *name, gboolean is_enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), is_enabled);
}

/* A file that could be read is worth remembering. */
static void
remember_document (PlWindow *self)
{
  GtkRecentData data = { .mime_type = (char *)"application/vnd.tcpdump.pcap",
                         .app_name = (char *)g_get_application_name (),
                         .app_exec = (char *)"portlight %u" };
  g_autofree char *uri = g_steal_pointer (&self->document_uri);

  if (uri != NULL)
    gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}

/* What changes with the state of the session. */
static void
state_changed (PlWindow *self)
{
  PlSituation situation = get_situation (self);
  g_auto (PlSituationNotice) notice = { 0 };
  gboolean is_busy = pl_situation_is_busy (&situation);
  gboolean is_live = pl_session_is_live (self->session) && self->document_title == NULL;
  g_autofree char *title = NULL;

  if (situation.state == PL_SESSION_RUNNING)
    self->started_us = g_get_monotonic_time ();
  if (!is_busy && situation.totals->received > 0)
    remember_document (self);
  pl_detail_pane_set_model (self->pane, pl_session_get_model (self->session), is_live);
  set_capture_action (self, is_busy);
  set_action_enabled (self, "stop", is_busy);
  set_action_enabled (self, "close-file", self->document_title != NULL);
  gtk_label_set_text (self->capture_label, pl_situation_capture_label (&situation));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->capture_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  pl_situation_capture_label (&situation), -1);
  gtk_widget_set_tooltip_text (self->capture_button, is_busy ? _ ("Stop (F5)") : _ ("Start to capture packets (F5)"));

  if (self->document_title != NULL)
    pl_source_button_set_other (self->source_button, self->document_title, NULL);
  else
    pl_source_button_set_interface (self->source_button, self->interface);
  title = self->document_title != NULL ? g_strdup_printf (_ ("%s – Portlight"), self->document_title)
                                       : g_strdup (_ ("Portlight"));
  gtk_window_set_title (GTK_WINDOW (self), title);

  pl_situation_notice (&situation, &notice);
  if (notice.title != NULL)
    pl_notice_show (self->notice, notice.title, notice.body, notice.button, notice.action);
  else
    pl_notice_hide (self->notice);
  update_clock (self);
  update (self);
}

/* ---- details ---- */

static void
selection_changed (PlWindow *self)
{
  g_autoptr (GArray) ids = NULL;

  if (self->is_flow_picked)
    return;
  ids = pl_graph_view_get_selected_flows (self->graph);
  if (ids->len > 0)
    pl_detail_pane_set_selection (self->pane, ids, pl_graph_view_get_selected_node_title (self->graph));
  pl_split_set_show_pane (self->split, ids->len > 0);
}

/* A flow picked from a node's list is marked in the graph, while the list stays what it is. */
static void
flow_picked (PlWindow *self, guint64 id)
{
  self->is_flow_picked = TRUE;
  pl_graph_view_select_flow (self->graph, id);
}

static void
close_details (PlWindow *self)
{
  self->is_flow_picked = FALSE;
  pl_graph_view_select_flow (self->graph, 0);
  pl_split_set_show_pane (self->split, FALSE);
}

/* ---- sources ---- */

static void
set_document (PlWindow *self, const char *title, const char *uri)
{
  g_free (self->document_title);
  self->document_title = g_strdup (title);
  g_free (self->document_uri);
  self->document_uri = g_strdup (uri);
  g_clear_error (&self->open_error);
  self->was_stopped = FALSE;
  close_details (self);
  pl_stack_show (self->stack, "graph");
}

static void
open_source (PlWindow *self, const PlOpen *open)
{
  if (!pl_session_open (self->session, open, &self->open_error) && open->fd >= 0)
    close (open->fd);
  state_changed (self);
}

void
pl_window_open_file (PlWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *uri = g_file_get_uri (file);
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *title = NULL;

  g_return_if_fail (PL_IS_WINDOW (self));
  title = g_filename_display_name (name != NULL ? name : uri);
  set_document (self, title, uri);
  if (path == NULL)
    {
      pl_session_close (self->session);
      g_set_error (&self->open_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _ ("“%s” is not on this computer. Copy it here first, then open the copy."), uri);
      state_changed (self);
      return;
    }
  open_source (self, &(PlOpen){ .kind = PL_OPEN_FILE, .name = path, .fd = -1 });
}

void
pl_window_open_fd (PlWindow *self, int fd, const char *name)
{
  g_return_if_fail (PL_IS_WINDOW (self));
  set_document (self, name, NULL);
  open_source (self, &(PlOpen){ .kind = PL_OPEN_FD, .name = name, .fd = fd });
}

static void
capture_now (PlWindow *self)
{
  set_document (self, NULL, NULL);
  pl_settings_set_string (get_settings (self), "interface", self->interface);
  open_source (self, &(PlOpen){ .kind = PL_OPEN_HELPER, .name = self->interface, .fd = -1 });
}

static gboolean
needs_explanation (PlWindow *self)
{
  return pl_helper_client_will_ask () && pl_settings_get_boolean (get_settings (self), "explain-capture", TRUE);
}

/* Before the prompt comes: what will be asked, by what, and why. @risk: nullable. */
static void
explain_capture (PlWindow *self, const PlHelperLaunch *launch, const char *risk)
{
  g_autofree char *text = pl_permission_words_prompt (launch, self->interface);

  gtk_label_set_text (self->permission_command, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->permission_command), text != NULL);
  gtk_label_set_text (self->permission_risk, risk != NULL ? risk : "");
  gtk_widget_set_visible (GTK_WIDGET (self->permission_risk), risk != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->permission_check), risk == NULL); /* a risk is asked about each time */
  pl_notice_hide (self->notice);
  close_details (self);
  pl_stack_show (self->stack, "permission");
}

/* Takes the reference that waited for it. */
static void
helper_checked (gboolean is_safe, gpointer data)
{
  g_autoptr (PlWindow) self = data;
  g_autoptr (PlHelperLaunch) launch = pl_helper_launch_find (NULL);
  g_autofree char *risk = NULL;

  if (gtk_window_get_application (GTK_WINDOW (self)) == NULL || launch == NULL || pl_window_is_busy (self))
    return; /* closed, or overtaken by something else */
  if (!is_safe)
    risk = pl_permission_words_risk (launch);
  if (risk == NULL && !needs_explanation (self))
    capture_now (self);
  else
    explain_capture (self, launch, risk);
}

void
pl_window_start_capture (PlWindow *self, const char *interface)
{
  g_autoptr (PlHelperLaunch) launch = NULL;

  g_return_if_fail (PL_IS_WINDOW (self));
  if (interface != NULL)
    {
      g_free (self->interface);
      self->interface = g_strdup (interface);
    }
  launch = pl_helper_launch_find (NULL);
  if (launch != NULL && launch->is_flatpak)
    pl_helper_host_check_async (launch, helper_checked, g_object_ref (self));
  else if (needs_explanation (self))
    explain_capture (self, launch, NULL);
  else
    capture_now (self);
}

gboolean
pl_window_is_busy (PlWindow *self)
{
  PlSituation situation;

  g_return_val_if_fail (PL_IS_WINDOW (self), FALSE);
  situation = get_situation (self);
  return pl_situation_is_busy (&situation);
}

static void
show_this_computer (PlWindow *self)
{
  set_document (self, NULL, NULL);
  pl_session_close (self->session);
  state_changed (self);
}

/* ---- actions ---- */

static void
file_chosen (GtkWindow *window, GFile *file)
{
  pl_window_open_file (PL_WINDOW (window), file);
}

static void
activate_open (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  pl_choose_capture_file (data, file_chosen);
}

static void
activate_open_uri (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  pl_window_open_file (data, file);
}

static void
activate_stop (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;

  self->was_stopped = TRUE;
  pl_session_stop (self->session);
}

static void
activate_capture (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  if (pl_window_is_busy (data))
    activate_stop (action, parameter, data);
  else
    pl_window_start_capture (data, NULL);
}

static void
activate_capture_now (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;

  if (gtk_check_button_get_active (self->permission_check))
    pl_settings_set_boolean (get_settings (self), "explain-capture", FALSE);
  capture_now (self);
}

static void
activate_interface (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;
  gboolean was_capturing = pl_window_is_busy (self) && self->document_title == NULL;

  g_free (self->interface);
  self->interface = g_variant_dup_string (parameter, NULL);
  pl_settings_set_string (get_settings (self), "interface", self->interface);
  if (was_capturing)
    capture_now (self);
  else if (self->document_title != NULL)
    show_this_computer (self);
  else
    state_changed (self);
}

static void
activate_close_file (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  show_this_computer (data);
}

static void
activate_close_details (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  close_details (data);
}

/* Escape: away with what is in front. */
static void
activate_dismiss (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;

  if (pl_stack_shows (self->stack, "permission"))
    {
      pl_stack_show (self->stack, "graph");
      state_changed (self);
    }
  else
    close_details (self);
}

static void
activate_tidy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  pl_graph_view_tidy (PL_WINDOW (data)->graph);
}

static const GActionEntry actions[] = {
  { .name = "open", .activate = activate_open },
  { .name = "open-uri", .activate = activate_open_uri, .parameter_type = "s" },
  { .name = "capture", .activate = activate_capture, .state = "false" },
  { .name = "capture-now", .activate = activate_capture_now },
  { .name = "stop", .activate = activate_stop },
  { .name = "interface", .activate = activate_interface, .parameter_type = "s" },
  { .name = "close-file", .activate = activate_close_file },
  { .name = "close-details", .activate = activate_close_details },
  { .name = "dismiss", .activate = activate_dismiss },
  { .name = "tidy", .activate = activate_tidy },
};

static gboolean
files_dropped (PlWindow *self, const GValue *value)
{
  g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

  if (files == NULL)
    return FALSE;
  pl_window_open_file (self, files->data);
  return TRUE;
}

/* ---- seen or not ---- */

static void
update_watch (PlWindow *self)
{
  gboolean is_seen = gtk_widget_get_mapped (GTK_WIDGET (self)) && pl_surface_is_seen (self->surface);

  if (self->session == NULL)
    return;
  pl_session_watch_sockets (self->session, is_seen);
  update_clock (self);
  if (is_seen)
    update (self);
}

static gboolean
first_dump_is_over (gpointer data)
{
  PlWindow *self = data;

  self->first_dump_id = 0;
  update (self);
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

/* Comes before the children get their places, so that the window may become narrower than all its words. */
static void
surface_resized (PlWindow *self)
{
  gboolean is_narrow = self->surface != NULL && gdk_surface_get_width (self->surface) < NARROW_PX;

  gtk_widget_set_visible (GTK_WIDGET (self->title), !is_narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->capture_label), !is_narrow);
  pl_source_button_set_narrow (self->source_button, is_narrow);
  pl_status_bar_set_narrow (self->status_bar, is_narrow);
}

static void
pl_window_realize (GtkWidget *widget)
{
  PlWindow *self = PL_WINDOW (widget);

  GTK_WIDGET_CLASS (pl_window_parent_class)->realize (widget);
  self->surface = gtk_native_get_surface (GTK_NATIVE (widget));
  g_signal_connect_object (self->surface, "notify::state", G_CALLBACK (update_watch), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->surface, "notify::width", G_CALLBACK (surface_resized), self, G_CONNECT_SWAPPED);
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
  GSettings *settings = get_settings (self);
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  pl_settings_set_int (settings, "window-width", width);
  pl_settings_set_int (settings, "window-height", height);
  pl_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
  pl_settings_set_int (settings, "pane-width", pl_split_get_pane_width (self->split));
  return GTK_WINDOW_CLASS (pl_window_parent_class)->close_request (window);
}

static void
pl_window_dispose (GObject *object)
{
  PlWindow *self = PL_WINDOW (object);

  g_clear_handle_id (&self->first_dump_id, g_source_remove);
  g_clear_handle_id (&self->clock_id, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (pl_window_parent_class)->dispose (object);
}

static void
pl_window_finalize (GObject *object)
{
  PlWindow *self = PL_WINDOW (object);

  g_free (self->interface);
  g_free (self->document_title);
  g_free (self->document_uri);
  g_clear_error (&self->open_error);
  G_OBJECT_CLASS (pl_window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/Portlight/window.ui");
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
  gtk_widget_class_bind_template_child (widget_class, PlWindow, page);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, page_button);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_command);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_risk);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, permission_check);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, pane);
  gtk_widget_class_bind_template_child (widget_class, PlWindow, status_bar);
  gtk_widget_class_bind_template_callback (widget_class, selection_changed);
  gtk_widget_class_bind_template_callback (widget_class, flow_picked);
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
  g_type_ensure (PL_TYPE_SOURCE_BUTTON);
  g_type_ensure (PL_TYPE_NOTICE);
  g_type_ensure (PL_TYPE_DETAIL_PANE);
  g_type_ensure (PL_TYPE_STATUS_BAR);
  bind_template (widget_class);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.dismiss", NULL);
}

static void
pl_window_init (PlWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  gtk_widget_init_template (GTK_WIDGET (self));
  pl_stack_show (self->stack, "graph");
  g_signal_connect_swapped (drop, "drop", G_CALLBACK (files_dropped), self);
  gtk_widget_add_controller (GTK_WIDGET (self->stack), GTK_EVENT_CONTROLLER (drop));

  self->session = pl_session_new ();
  pl_graph_view_set_model (self->graph, pl_session_get_model (self->session));
  g_signal_connect_object (self->session, "updated", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::state", G_CALLBACK (state_changed), self, G_CONNECT_SWAPPED);
}

PlWindow *
pl_window_new (PlApplication *application)
{
  PlWindow *self = g_object_new (PL_TYPE_WINDOW, "application", application, NULL);
  GSettings *settings = pl_application_get_settings (application);

  gtk_window_set_default_size (GTK_WINDOW (self), pl_settings_get_int (settings, "window-width", 1180),
                               pl_settings_get_int (settings, "window-height", 760));
  if (pl_settings_get_boolean (settings, "window-maximized", FALSE))
    gtk_window_maximize (GTK_WINDOW (self));
  pl_split_set_pane_width (self->split, pl_settings_get_int (settings, "pane-width", 380));
  self->interface = pl_settings_get_string (settings, "interface", "any");
  state_changed (self);
  return self;
}
