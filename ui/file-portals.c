/* Asks the portals for files whether they are there. */
#include "file-portals.h"

#define DESKTOP "org.freedesktop.portal.Desktop"
#define DOCUMENTS "org.freedesktop.portal.Documents"
#define SLOW_MS 1500
#define SILENT_MS 15000 /* a slow computer takes some seconds to start them just after the login */

typedef struct
{
  PlFilePortalsFunc told;
  gpointer data;
  guint slow_source;
} Question;

static gboolean
tell_slow (gpointer data)
{
  Question *question = data;

  question->slow_source = 0;
  question->told (PL_FILE_PORTALS_SLOW, question->data);
  return G_SOURCE_REMOVE;
}

static void
tell (Question *question, PlFilePortals state)
{
  g_clear_handle_id (&question->slow_source, g_source_remove);
  question->told (state, question->data);
  g_free (question);
}

static PlFilePortals
state_of (const GError *error, PlFilePortals otherwise)
{
  gboolean is_silent = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
                       || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT)
                       || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT);

  return is_silent ? PL_FILE_PORTALS_SILENT : otherwise;
}

static void
documents_answered (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) place = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  tell (data, place != NULL ? PL_FILE_PORTALS_READY : state_of (error, PL_FILE_PORTALS_NO_DOCUMENTS));
}

static void
desktop_answered (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) version = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (version == NULL)
    tell (data, state_of (error, PL_FILE_PORTALS_NO_DIALOG));
  else
    g_dbus_connection_call (G_DBUS_CONNECTION (bus), DOCUMENTS, "/org/freedesktop/portal/documents", DOCUMENTS,
                            "GetMountPoint", NULL, G_VARIANT_TYPE ("(ay)"), G_DBUS_CALL_FLAGS_NONE, SILENT_MS, NULL,
                            documents_answered, data);
}

void
pl_file_portals_ask (GDBusConnection *bus, PlFilePortalsFunc told, gpointer data)
{
  Question *question = g_new0 (Question, 1);

  question->told = told;
  question->data = data;
  question->slow_source = g_timeout_add (SLOW_MS, tell_slow, question);
  g_dbus_connection_call (bus, DESKTOP, "/org/freedesktop/portal/desktop", "org.freedesktop.DBus.Properties", "Get",
                          g_variant_new ("(ss)", "org.freedesktop.portal.FileChooser", "version"),
                          G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, SILENT_MS, NULL, desktop_answered, question);
}

guint
pl_file_portals_watch (GDBusConnection *bus, GBusNameVanishedCallback gone, gpointer data)
{
  return g_bus_watch_name_on_connection (bus, DESKTOP, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, gone, data, NULL);
}
