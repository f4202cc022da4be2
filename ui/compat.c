/* Dialogs and states that differ between versions of GTK. Main loop only. */
#include <glib/gi18n.h>

#include "compat.h"
#include "flatpak.h"

static gboolean lacks_documents; /* when it was last asked */
static gboolean is_asking;

static void
tell (GtkNativeDialog *dialog, GFile *file)
{
  void (*chosen) (GtkWindow * parent, GFile * file) = g_object_get_data (G_OBJECT (dialog), "chosen");

  chosen (gtk_native_dialog_get_transient_for (dialog), file);
}

gboolean
pl_lacks_documents (void)
{
  return lacks_documents;
}

static void
answered (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    tell (dialog, file);
  g_object_unref (dialog);
}

/* The window may be closed by now. */
static void
show_or_refuse (GtkNativeDialog *dialog, gboolean is_possible)
{
  is_asking = FALSE;
  if (is_possible && gtk_native_dialog_get_transient_for (dialog) != NULL)
    {
      gtk_native_dialog_show (dialog);
      return;
    }
  if (gtk_native_dialog_get_transient_for (dialog) != NULL)
    tell (dialog, NULL);
  g_object_unref (dialog);
}

/* What is chosen is handed over by the portal for documents, without which no answer ever comes. */
static void
documents_answered (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (GVariant) place = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, NULL);

  lacks_documents = place == NULL;
  show_or_refuse (data, place != NULL);
}

static void
portal_answered (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (GVariant) version = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, NULL);

  if (version != NULL)
    g_dbus_connection_call (G_DBUS_CONNECTION (bus), "org.freedesktop.portal.Documents",
                            "/org/freedesktop/portal/documents", "org.freedesktop.portal.Documents", "GetMountPoint",
                            NULL, G_VARIANT_TYPE ("(ay)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, documents_answered, data);
  else
    {
      lacks_documents = FALSE;
      show_or_refuse (data, FALSE);
    }
}

/* A native dialog is owned by whoever shows it: it lives until its answer. Where its portals are not there GTK would show nothing, or
 * a dialog that leads nowhere, and say nothing: they are asked first. */
static void
show (GtkNativeDialog *dialog, void (*chosen) (GtkWindow *parent, GFile *file))
{
  g_autoptr (GDBusConnection) bus = pl_is_flatpak () ? g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL) : NULL;

  gtk_native_dialog_set_modal (dialog, TRUE);
  g_object_set_data (G_OBJECT (dialog), "chosen", chosen);
  g_signal_connect (dialog, "response", G_CALLBACK (answered), NULL);
  if (bus == NULL)
    gtk_native_dialog_show (dialog);
  else if (is_asking)
    g_object_unref (dialog);
  else
    {
      is_asking = TRUE;
      g_dbus_connection_call (bus, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                              "org.freedesktop.DBus.Properties", "Get",
                              g_variant_new ("(ss)", "org.freedesktop.portal.FileChooser", "version"),
                              G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, portal_answered, dialog);
    }
}

static GtkFileFilter *
capture_filter (void)
{
  static const char *const suffixes[] = { "pcap", "pcapng", "cap", "dmp", "ntar", "pcap.gz", "pcapng.gz", "cap.gz" };
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Captures (pcap, pcapng)"));
  gtk_file_filter_add_mime_type (filter, "application/vnd.tcpdump.pcap");
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    gtk_file_filter_add_suffix (filter, suffixes[i]);
  return filter;
}

void
pl_choose_capture_file (GtkWindow *parent, void (*chosen) (GtkWindow *parent, GFile *file))
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Open a Capture File"), parent, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  g_autoptr (GtkFileFilter) captures = capture_filter ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();

  gtk_file_filter_set_name (all, _ ("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), captures);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), all);
  show (GTK_NATIVE_DIALOG (dialog), chosen);
}

void
pl_choose_picture_file (GtkWindow *parent, const char *name, void (*chosen) (GtkWindow *parent, GFile *file))
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Save the Picture"), parent, GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  const char *folder = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  if (folder != NULL)
    {
      g_autoptr (GFile) pictures = g_file_new_for_path (folder);

      gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), pictures, NULL);
    }
  show (GTK_NATIVE_DIALOG (dialog), chosen);
}

gboolean
pl_surface_is_seen (GdkSurface *surface)
{
  GdkToplevelState unseen = GDK_TOPLEVEL_STATE_MINIMIZED;

#if GTK_CHECK_VERSION(4, 12, 0)
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS /* newer than the version asked for, and guarded here */
      unseen |= GDK_TOPLEVEL_STATE_SUSPENDED;
  G_GNUC_END_IGNORE_DEPRECATIONS
#endif
  return surface != NULL && GDK_IS_TOPLEVEL (surface)
         && (gdk_toplevel_get_state (GDK_TOPLEVEL (surface)) & unseen) == 0;
}
