/* What the window shows of its session: page, notice, progress, counters, details. Main loop only. The words come from
 * ui/words; it writes them anew when the session has something new, and not at all while nobody can see the window. */
#include <glib/gi18n.h>

#include "compat.h"
#include "scene.h"
#include "stack.h"
#include "window-private.h"

#define LONG_LIST 500 /* flows, from which on the list of a node is written anew only so often: */
#define LONG_LIST_INTERVAL_US G_USEC_PER_SEC
#define STATUS_INTERVAL_US 400000 /* nobody reads faster, and a label with another text has the whole window measured */
#define STATUS_SLACK_US 100000 /* sooner or later, to be in a frame that is drawn for the graph anyway */

/* ---- what is the case ---- */

PlSituation
pl_window_get_situation (PlWindow *self)
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
    .sockets_error = self->sockets_error,
    .cgroups = self->cgroups,
    .progress = pl_session_get_progress (self->session),
    .running_us = (guint64)(g_get_monotonic_time () - self->started_us),
    .began_us = self->began_us,
  };

  if (self->document_title != NULL)
    situation.source = self->document_title;
  else if (source != NULL)
    situation.source = g_str_equal (source, "any") ? _ ("All interfaces") : source;
  if (self->open_error != NULL)
    {
      situation.state = PL_SESSION_FAILED;
      situation.kind = self->document_title != NULL ? PL_OPEN_FILE : PL_OPEN_TOOL;
      situation.error = self->open_error;
    }
  return situation;
}

/* ---- showing it ---- */

static void
show_page (PlWindow *self, const PlSituation *situation)
{
  g_auto (PlSituationPage) page = { 0 };
  g_autofree char *body = NULL;

  if (pl_stack_shows (self->stack, "permission") || pl_stack_shows (self->stack, "failure"))
    return;
  pl_situation_page (situation, &page);
  if (page.icon == NULL)
    {
      pl_stack_show (self->stack, "graph");
      return;
    }
  adw_status_page_set_icon_name (self->page, page.icon);
  adw_status_page_set_title (self->page, page.title);
  /* It is read as markup, and a file may be called “R&D”. */
  body = page.body != NULL ? g_markup_escape_text (page.body, -1) : NULL;
  adw_status_page_set_description (self->page, body);
  pl_command_row_set_command (self->page_command, page.command);
  gtk_widget_set_visible (GTK_WIDGET (self->page_button), page.button != NULL);
  if (page.button != NULL)
    {
      GtkLabel *label;

      gtk_button_set_label (self->page_button, page.button);
      label = GTK_LABEL (gtk_button_get_child (self->page_button));
      gtk_label_set_wrap (label, TRUE); /* with large text it would make a narrow window wider */
      gtk_label_set_justify (label, GTK_JUSTIFY_CENTER);
    }
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

/* Whether the selected app can be drawn process by process, or is. */
static void
update_show_processes (PlWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "show-processes");
  guint flags = pl_graph_view_get_selected_flags (self->graph);
  gboolean can = (flags & (PL_SCENE_MANY | PL_SCENE_PROCESS)) != 0;

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), can);
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean ((flags & PL_SCENE_PROCESS) != 0));
  pl_detail_pane_set_can_show_processes (self->pane, can);
}

static void
set_details (PlWindow *self, GArray *ids)
{
  pl_detail_pane_set_selection (self->pane, ids, pl_graph_view_get_selection_serial (self->graph),
                                pl_graph_view_get_selected_node_title (self->graph));
}

/* Brings the details up to date; a long list of flows less often than it changes. */
static void
update_details (PlWindow *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (!pl_split_get_show_pane (self->split) || now_us < self->details_due_us)
    return;
  update_show_processes (self);
  if (!self->is_flow_picked)
    {
      g_autoptr (GArray) ids = pl_graph_view_get_selected_flows (self->graph);

      if (ids->len > 0)
        set_details (self, ids);
      self->details_due_us = ids->len > LONG_LIST ? now_us + LONG_LIST_INTERVAL_US : 0;
    }
  pl_detail_pane_refresh (self->pane);
}

/* Of the run, which may have several windows. */
#define LASTING_DISMISSED "portlight-lasting-notice-dismissed"

void
pl_window_notice_dismissed (PlWindow *self)
{
  if (self->is_notice_lasting)
    g_object_set_data (G_OBJECT (g_application_get_default ()), LASTING_DISMISSED, GINT_TO_POINTER (TRUE));
}

static gboolean
is_dismissed (const PlSituationNotice *notice)
{
  return notice->is_lasting && g_object_get_data (G_OBJECT (g_application_get_default ()), LASTING_DISMISSED) != NULL;
}

/* What went wrong: a page where something has to be mended, else a notice. Who closed the page has the notice. */
static void
show_trouble (PlWindow *self, const PlSituation *situation)
{
  g_auto (PlSituationNotice) notice = { 0 };

  self->was_interface_gone = situation->totals->is_interface_gone;
  pl_situation_notice (situation, &notice);
  if (situation->error == NULL || pl_situation_is_busy (situation))
    self->was_failure_shown = FALSE;
  else if (!self->was_failure_shown && pl_failure_needs_mending (situation->error))
    {
      self->was_failure_shown = TRUE;
      pl_window_show_failure (self, situation);
    }
  self->is_notice_lasting = notice.is_lasting;
  if (notice.title != NULL && !is_dismissed (&notice) && !pl_stack_shows (self->stack, "failure"))
    pl_notice_show (self->notice, notice.title, notice.body, notice.command, notice.button, notice.action);
  else
    pl_notice_hide (self->notice);
}

static void
update_status (PlWindow *self, const PlSituation *situation)
{
  g_autofree char *source = pl_situation_source (situation);

  self->status_us = g_get_monotonic_time ();
  pl_status_bar_update (self->status_bar, situation->totals, pl_session_is_live (self->session), source);
}

static gboolean
status_due (gpointer data)
{
  PlWindow *self = data;
  PlSituation situation = pl_window_get_situation (self);

  self->status_id = 0;
  update_status (self, &situation);
  return G_SOURCE_REMOVE;
}

/* The first change at once, what follows in its turn, with the news; where none come, without. */
static void
show_status (PlWindow *self, const PlSituation *situation)
{
  gint64 wait_us = self->status_us + STATUS_INTERVAL_US - g_get_monotonic_time ();

  if (wait_us <= STATUS_SLACK_US)
    {
      g_clear_handle_id (&self->status_id, g_source_remove);
      update_status (self, situation);
    }
  else if (self->status_id == 0)
    self->status_id = g_timeout_add ((wait_us + STATUS_SLACK_US) / 1000, status_due, self);
}

/* What changes with every batch. */
void
pl_window_update (PlWindow *self)
{
  PlSituation situation;
  g_autofree char *sockets_error = NULL;
  gboolean is_news;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  sockets_error = pl_session_dup_sockets_error (self->session);
  is_news = g_strcmp0 (sockets_error, self->sockets_error) != 0;
  if (is_news)
    {
      g_free (self->sockets_error);
      self->sockets_error = g_steal_pointer (&sockets_error);
    }
  situation = pl_window_get_situation (self);
  show_status (self, &situation);
  show_page (self, &situation);
  show_progress (self, &situation);
  if (is_news || situation.totals->is_interface_gone != self->was_interface_gone)
    show_trouble (self, &situation);
  update_details (self);
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
void
pl_window_state_changed (PlWindow *self)
{
  pl_window_follow_tool (self);
  PlSituation situation = pl_window_get_situation (self);
  gboolean is_busy = pl_situation_is_busy (&situation);
  gboolean is_live = pl_session_is_live (self->session) && self->document_title == NULL;
  g_autofree char *title = NULL;

  if (situation.state == PL_SESSION_RUNNING)
    {
      self->started_us = g_get_monotonic_time ();
      self->began_us = (guint64)g_get_real_time ();
    }
  if (!is_busy && situation.totals->received > 0)
    remember_document (self);
  pl_detail_pane_set_model (self->pane, pl_session_get_model (self->session), is_live);
  pl_port_ruler_set_model (self->ruler, pl_session_get_model (self->session), is_live);
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

  show_trouble (self, &situation);
  pl_window_update (self);
}

/* ---- details ---- */

void
pl_window_selection_changed (PlWindow *self)
{
  g_autoptr (GArray) ids = NULL;

  if (self->is_picking)
    return;
  self->is_flow_picked = FALSE;
  self->details_due_us = 0;
  update_show_processes (self);
  ids = pl_graph_view_get_selected_flows (self->graph);
  if (ids->len > 0)
    set_details (self, ids);
  else
    pl_window_leave_details (self);
  pl_split_set_show_pane (self->split, ids->len > 0);
}

/* A flow picked from a node's list is marked in the graph, while the list stays what it is. */
void
pl_window_flow_picked (PlWindow *self, guint64 id)
{
  self->is_picking = TRUE;
  pl_graph_view_select_flow (self->graph, id);
  self->is_picking = FALSE;
  self->is_flow_picked = TRUE;
}

void
pl_window_close_details (PlWindow *self)
{
  self->is_flow_picked = FALSE;
  pl_window_leave_details (self);
  pl_graph_view_select_flow (self->graph, 0);
  pl_split_set_show_pane (self->split, FALSE);
}
