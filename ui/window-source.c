/* What the window looks at: files, pipes, interfaces; the actions that choose, start and stop. Main loop only. */
#include <glib/gi18n.h>
#include <unistd.h>

#include "compat.h"
#include "flatpak-document.h"
#include "helper-client.h"
#include "helper-host.h"
#include "helper-launch.h"
#include "permission-words.h"
#include "settings.h"
#include "stack.h"
#include "window-private.h"

GSettings *
pl_window_get_settings (PlWindow *self)
{
  return pl_application_get_settings (PL_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
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
  pl_window_close_details (self);
  pl_stack_show (self->stack, "graph");
}

static void
open_source (PlWindow *self, const PlOpen *open)
{
  if (!pl_session_open (self->session, open, &self->open_error) && open->fd >= 0)
    close (open->fd);
  pl_window_state_changed (self);
}

void
pl_window_open_file (PlWindow *self, GFile *chosen)
{
  g_autofree char *named = g_file_get_path (chosen), *name = g_file_get_basename (chosen);
  g_autofree char *documents = pl_flatpak_document_dup_root ();
  g_autofree char *path = named != NULL ? pl_flatpak_document_find (named, documents) : NULL;
  g_autoptr (GFile) file = path != NULL ? g_file_new_for_path (path) : g_object_ref (chosen);
  g_autofree char *uri = g_file_get_uri (file), *title = NULL;

  g_return_if_fail (PL_IS_WINDOW (self));
  title = g_filename_display_name (name != NULL ? name : uri);
  set_document (self, title, uri);
  if (path == NULL)
    {
      pl_session_close (self->session);
      g_set_error (&self->open_error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _ ("“%s” is not on this computer. Copy it here first, then open the copy."), uri);
      pl_window_state_changed (self);
      return;
    }
  open_source (self, &(PlOpen){ .kind = PL_OPEN_FILE, .name = path, .fd = -1 });
}

void
pl_window_open_fd (PlWindow *self, int fd, const char *name)
{
  g_return_if_fail (PL_IS_WINDOW (self));
  set_document (self, name, NULL);
  open_source (self, name != NULL ? &(PlOpen){ .kind = PL_OPEN_FD, .name = name, .fd = fd }
                                  : &(PlOpen){ .kind = PL_OPEN_TOOL, .name = _ ("The terminal"), .fd = fd });
}

void
pl_window_open_source (PlWindow *self, const PlOpen *open)
{
  set_document (self, NULL, NULL);
  open_source (self, open);
}

static void
capture_now (PlWindow *self)
{
  set_document (self, NULL, NULL);
  pl_settings_set_string (pl_window_get_settings (self), "interface", self->interface);
  open_source (self, &(PlOpen){ .kind = PL_OPEN_HELPER, .name = self->interface, .fd = -1 });
}

/* The helper is there, so that nothing will be asked. */
static gboolean
is_granted (PlWindow *self)
{
  PlApplication *application = PL_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));

  return pl_helper_keeper_is_up (pl_application_get_helper_keeper (application));
}

static gboolean
needs_explanation (PlWindow *self)
{
  return !self->was_explained && pl_helper_client_will_ask ()
         && pl_settings_get_boolean (pl_window_get_settings (self), "explain-capture", TRUE);
}

void
pl_window_show_risk_mend (PlWindow *self)
{
  g_autoptr (PlHelperLaunch) launch = pl_helper_launch_find (NULL);
  gboolean is_risk = launch != NULL && gtk_widget_get_visible (GTK_WIDGET (self->permission_risk));

  pl_command_row_set_command (self->permission_mend, is_risk ? pl_permission_words_mend (launch, self->origin) : NULL);
}

static void
set_class (GtkWidget *widget, const char *name, gboolean has_it)
{
  if (has_it)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

/* Where there is a risk, the keyboard begins at the way back: Return is often pressed before anything is read. */
static GtkWidget *
choose_button (PlWindow *self, gboolean is_risk)
{
  set_class (GTK_WIDGET (self->permission), "compact", is_risk); /* more is to be read */
  set_class (self->permission_button, "suggested-action", !is_risk);
  set_class (self->permission_button, "destructive-action", is_risk);
  gtk_accessible_reset_property (GTK_ACCESSIBLE (self->permission_away), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
  gtk_accessible_reset_property (GTK_ACCESSIBLE (self->permission_button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
  return is_risk ? self->permission_away : self->permission_button;
}

/* Before the prompt comes: what will be asked, by what, and why. @risk: nullable. */
static void
explain_capture (PlWindow *self, const PlHelperLaunch *launch, const char *risk)
{
  g_autofree char *text = launch != NULL ? pl_permission_words_prompt (launch) : NULL;

  gtk_label_set_text (self->permission_command, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->permission_command), text != NULL);
  gtk_label_set_text (self->permission_risk, risk != NULL ? risk : "");
  gtk_widget_set_visible (GTK_WIDGET (self->permission_risk), risk != NULL);
  pl_window_show_risk_mend (self);
  if (risk != NULL)
    pl_window_ask_origin (self);
  gtk_widget_set_visible (GTK_WIDGET (self->permission_check), risk == NULL); /* a risk is asked about each time */
  pl_notice_hide (self->notice);
  pl_window_close_details (self);
  g_autofree char *heard = g_strjoin (" ", adw_status_page_get_title (self->permission), text, risk, NULL);
  GtkWidget *first = choose_button (self, risk != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (first), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, heard, -1);
  pl_stack_show_front (self->stack, "permission", first);
}

/* Takes the reference that waited for it. */
static void
helper_checked (gboolean is_safe, gboolean names_command, const char *prompt, gpointer data)
{
  g_autoptr (PlWindow) self = data;
  g_autoptr (PlHelperLaunch) launch = pl_helper_launch_find (NULL);
  const char *risk = is_safe ? NULL : pl_permission_words_risk ();

  if (gtk_window_get_application (GTK_WINDOW (self)) == NULL || launch == NULL || pl_window_is_busy (self))
    return; /* closed, or overtaken by something else */
  launch->names_command = names_command;
  launch->prompt = g_strdup (prompt);
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
      if (self->document_title == NULL)
        pl_source_button_set_interface (self->source_button, self->interface);
    }
  launch = pl_helper_launch_find (NULL);
  if (is_granted (self))
    capture_now (self);
  else if (launch != NULL && launch->is_flatpak)
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
  situation = pl_window_get_situation (self);
  return pl_situation_is_busy (&situation);
}

void
pl_window_close_source (PlWindow *self)
{
  set_document (self, NULL, NULL);
  pl_session_close (self->session);
  pl_window_state_changed (self);
}

/* ---- actions ---- */

static void
file_chosen (GtkWindow *window, GFile *file, PlFilePortals state)
{
  if (file != NULL)
    pl_window_open_file (PL_WINDOW (window), file);
  else
    pl_window_tell_no_dialog (PL_WINDOW (window), state, _ ("Drop the file on this window instead."));
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
    pl_settings_set_boolean (pl_window_get_settings (self), "explain-capture", FALSE);
  self->was_explained = TRUE;
  capture_now (self);
}

static void
activate_dumpcap (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  pl_window_capture_with_dumpcap (data);
}

static void
activate_interface (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;
  gboolean was_capturing = pl_window_is_busy (self) && self->document_title == NULL;

  g_free (self->interface);
  self->interface = g_variant_dup_string (parameter, NULL);
  pl_settings_set_string (pl_window_get_settings (self), "interface", self->interface);
  if (was_capturing && self->tool != NULL && self->pipe_id == 0 && !is_granted (self))
    pl_window_change_tool (self);
  else if (was_capturing)
    capture_now (self);
  else if (self->document_title != NULL)
    pl_window_close_source (self);
  else
    pl_window_state_changed (self);
}

static void
activate_close_file (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  pl_window_close_source (data);
}

static void
activate_close_details (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  pl_window_close_details (data);
}

static void
activate_fullscreen (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = data;

  if (gtk_window_is_fullscreen (window))
    gtk_window_unfullscreen (window);
  else
    gtk_window_fullscreen (window);
}

static void
activate_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  pl_show_shortcuts (data, "/io/github/portlight/portlight/help-overlay.ui");
}

/* Escape: away with what is in front; a notice is further back than the details. */
static void
activate_dismiss (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  PlWindow *self = data;

  if (pl_stack_shows (self->stack, "permission") || pl_stack_shows (self->stack, "failure"))
    {
      pl_stack_show (self->stack, "graph");
      pl_window_state_changed (self);
    }
  else if (pl_split_get_show_pane (self->split) || !pl_notice_dismiss (self->notice))
    pl_window_close_details (self);
}

static const GActionEntry actions[] = {
  { .name = "open", .activate = activate_open },
  { .name = "open-uri", .activate = activate_open_uri, .parameter_type = "s" },
  { .name = "capture", .activate = activate_capture, .state = "false" },
  { .name = "capture-now", .activate = activate_capture_now },
  { .name = "capture-dumpcap", .activate = activate_dumpcap },
  { .name = "stop", .activate = activate_stop },
  { .name = "interface", .activate = activate_interface, .parameter_type = "s" },
  { .name = "close-file", .activate = activate_close_file },
  { .name = "close-details", .activate = activate_close_details },
  { .name = "dismiss", .activate = activate_dismiss },
  { .name = "fullscreen", .activate = activate_fullscreen },
  { .name = "show-help-overlay", .activate = activate_shortcuts },
};

void
pl_window_add_actions (PlWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}
