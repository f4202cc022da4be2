/* When capture could not start: the page that says why, and the other ways to capture that it offers. A line pasted into a
 * terminal writes into a pipe of ours, which is waited on until another way is taken. Main loop only. */
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "capture.h"
#include "failure-words.h"
#include "flatpak-origin.h"
#include "flatpak.h"
#include "helper-host.h"
#include "stack.h"
#include "window-private.h"

static void wait_for_pipe (PlWindow *self);

void
pl_window_clear_tool (PlWindow *self)
{
  g_clear_handle_id (&self->pipe_id, g_source_remove);
  g_clear_pointer (&self->tool, pl_other_tool_free);
}

/* Takes @tool: its packets are on view from here on. */
static void
capture_with (PlWindow *self, PlOtherTool *tool, const char *name)
{
  PlOpen open = { .kind = PL_OPEN_TOOL, .name = name, .fd = pl_other_tool_steal_fd (tool) };

  g_clear_handle_id (&self->pipe_id, g_source_remove);
  self->tool = tool;
  pl_window_open_source (self, &open);
}

static gboolean
pipe_readable (int fd, GIOCondition condition, gpointer data)
{
  PlWindow *self = data;

  self->pipe_id = 0;
  if ((condition & G_IO_IN) != 0)
    capture_with (self, self->tool, _ ("The terminal"));
  else if (pl_other_tool_reopen (self->tool)) /* its writer left without a byte */
    wait_for_pipe (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_pipe (PlWindow *self)
{
  self->pipe_id = g_unix_fd_add (pl_other_tool_get_fd (self->tool), G_IO_IN, pipe_readable, self);
}

/* Takes the reference that waited for it. */
static void
dumpcap_checked (gboolean may_run, gpointer data)
{
  g_autoptr (PlWindow) self = data;

  if (may_run && gtk_window_get_application (GTK_WINDOW (self)) != NULL)
    pl_failure_page_offer_dumpcap (self->failure);
}

/* The bus knows the process outside of the sandbox that starts the helper, whichever user's and however many there are. Takes
 * the reference that waited for it. */
static void
starter_known (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlWindow) self = data;
  /* NULL, too, when another failure's page came in between */
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, NULL);
  g_autofree char *line = NULL;
  guint32 pid = 0;

  if (answer == NULL || gtk_window_get_application (GTK_WINDOW (self)) == NULL)
    return;
  g_variant_get (answer, "(u)", &pid);
  line = pl_failure_agent_line ((int)pid);
  pl_failure_page_set_command (self->failure, line);
}

static void
find_starter (PlWindow *self)
{
  GDBusConnection *bus = g_application_get_dbus_connection (g_application_get_default ());

  self->starter_asked = g_cancellable_new ();
  if (bus != NULL)
    g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                            "GetConnectionUnixProcessID", g_variant_new ("(s)", "org.freedesktop.Flatpak"),
                            G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->starter_asked,
                            starter_known, g_object_ref (self));
}

/* Of a Flatpak that is killed, something on its host takes the pipe away. */
static gboolean
may_leave_no_pipe (const GError *error)
{
  return !g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_HOST)
         && !g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_BUS)
         && pl_helper_host_is_open (PL_FLATPAK_INFO);
}

/* The one that is waited on stays, for whoever has copied its line by now. */
static void
open_pipe (PlWindow *self, const GError *error)
{
  if (self->pipe_id != 0 && g_file_test (pl_other_tool_get_path (self->tool), G_FILE_TEST_EXISTS))
    return;
  pl_window_clear_tool (self);
  if (!may_leave_no_pipe (error))
    return;
  self->tool = pl_other_tool_open_pipe (NULL);
  if (self->tool != NULL)
    wait_for_pipe (self);
}

static gboolean
is_busy_elsewhere (PlWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  for (GList *l = gtk_application_get_windows (application); l != NULL; l = l->next)
    if (l->data != self && PL_IS_WINDOW (l->data) && pl_window_is_busy (l->data))
      return TRUE;
  return FALSE;
}

static void
get_words (PlWindow *self, const PlSituation *situation, PlFailureWords *words)
{
  g_autoptr (PlHelperLaunch) launch = pl_helper_launch_find (NULL);
  g_autofree char *os_release = NULL;
  PlFailureHost host = { .origin = self->origin,
                         .pipe = self->tool != NULL ? pl_other_tool_get_path (self->tool) : NULL,
                         .pid = getpid (),
                         .is_busy_elsewhere = is_busy_elsewhere (self) };

  g_file_get_contents (pl_is_flatpak () ? "/run/host/os-release" : "/etc/os-release", &os_release, NULL, NULL);
  host.os_release = os_release;
  pl_failure_words (situation->error, launch, &host, words);
}

/* On view, what to do follows what is the case by now. */
static void
retell_failure (PlWindow *self)
{
  PlSituation situation = pl_window_get_situation (self);
  g_auto (PlFailureWords) words = { 0 };

  if (!pl_stack_shows (self->stack, "failure") || situation.error == NULL)
    return;
  get_words (self, &situation, &words);
  pl_failure_page_set_mend (self->failure, &words);
}

void
pl_window_failure_active (PlWindow *self)
{
  const GError *error = pl_session_get_error (self->session);

  if (gtk_window_is_active (GTK_WINDOW (self))
      && g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_UPDATED))
    retell_failure (self);
}

/* Takes the reference that waited for it. */
static void
origin_known (const char *origin, gpointer data)
{
  g_autoptr (PlWindow) self = data;

  if (gtk_window_get_application (GTK_WINDOW (self)) == NULL)
    return;
  g_free (self->origin);
  self->origin = g_strdup (origin);
  retell_failure (self);
  if (pl_stack_shows (self->stack, "permission"))
    pl_window_show_risk_mend (self);
}

void
pl_window_ask_origin (PlWindow *self)
{
  if (self->was_origin_asked || !pl_is_flatpak ())
    return;
  self->was_origin_asked = TRUE;
  pl_flatpak_origin_ask_async (PL_FLATPAK_INFO, origin_known, g_object_ref (self));
}

static gboolean
needs_origin (const GError *error)
{
  static const PlHelperClientError codes[] = { PL_HELPER_CLIENT_ERROR_NOT_FOUND, PL_HELPER_CLIENT_ERROR_TOO_OLD,
                                               PL_HELPER_CLIENT_ERROR_OTHER_MACHINE,
                                               PL_HELPER_CLIENT_ERROR_NOT_RUNNABLE };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, PL_HELPER_CLIENT_ERROR, (int)codes[i]))
      return TRUE;
  return FALSE;
}

/* Made for the first failure: seldom seen, and much to make. */
static void
need_page (PlWindow *self)
{
  if (self->failure != NULL)
    return;
  self->failure = g_object_new (PL_TYPE_FAILURE_PAGE, NULL);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->failure), "failure");
}

void
pl_window_show_failure (PlWindow *self, const PlSituation *situation)
{
  g_auto (PlFailureWords) words = { 0 };

  need_page (self);
  g_cancellable_cancel (self->starter_asked);
  g_clear_object (&self->starter_asked);
  open_pipe (self, situation->error);
  get_words (self, situation, &words);
  pl_failure_page_set (self->failure, pl_situation_error_title (situation), &words);
  if (pl_is_flatpak () && g_error_matches (situation->error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_AGENT))
    find_starter (self);
  if (needs_origin (situation->error))
    pl_window_ask_origin (self);
  if (!g_error_matches (situation->error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_HOST))
    pl_other_tool_check_dumpcap_async (dumpcap_checked, g_object_ref (self));
  pl_window_close_details (self);
  pl_stack_show_front (self->stack, "failure", GTK_WIDGET (self->failure));
}

/* Whatever it captured with has ended; where nothing came, what it said is why. */
void
pl_window_follow_tool (PlWindow *self)
{
  PlSessionState state = pl_session_get_state (self->session);
  g_autofree char *said = NULL;

  if (self->tool == NULL || self->pipe_id != 0 || state == PL_SESSION_STARTING || state == PL_SESSION_RUNNING)
    return;
  said = pl_other_tool_dup_said (self->tool);
  if ((state == PL_SESSION_FAILED || state == PL_SESSION_ENDED) && said != NULL
      && pl_model_get_totals (pl_session_get_model (self->session))->received == 0 && self->open_error == NULL)
    self->open_error =
        g_error_new (PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED,
                     _ ("Dumpcap does not capture here: %s. Try again to use Portlight’s own helper."), said);
  pl_window_clear_tool (self);
}

void
pl_window_capture_with_dumpcap (PlWindow *self)
{
  g_autoptr (GError) error = NULL;
  PlOtherTool *tool = pl_other_tool_start_dumpcap (self->interface, &error);

  pl_window_clear_tool (self);
  if (tool != NULL)
    {
      capture_with (self, tool, "dumpcap");
      return;
    }
  pl_stack_show (self->stack, "graph");
  g_clear_error (&self->open_error);
  self->open_error =
      g_error_new (PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED,
                   _ ("Dumpcap could not be started: %s. Try again to use Portlight’s own helper."), error->message);
  pl_window_state_changed (self);
}

/* Nobody is to be asked for a password because another interface is chosen: dumpcap is started anew; what was started in a
 * terminal cannot be told, so that it is as if Capture was pressed. */
void
pl_window_change_tool (PlWindow *self)
{
  gboolean is_ours = pl_other_tool_is_ours (self->tool);

  pl_window_close_source (self);
  if (is_ours)
    pl_window_capture_with_dumpcap (self);
  else
    pl_window_start_capture (self, NULL);
}
