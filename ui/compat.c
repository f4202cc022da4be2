/* Dialogs and states that differ between versions of GTK. Main loop only. */
#include <glib/gi18n.h>

#include "compat.h"
#include "flatpak.h"

#define IS_CHOOSING "portlight-is-choosing" /* set on a window whose dialog for files is open, or is asked for */

/* A native dialog is owned by whoever shows it: it lives until its answer. */
typedef struct
{
  GtkNativeDialog *dialog;
  PlFileChosen chosen;
  GDBusConnection *bus; /* inside a Flatpak; else NULL */
  guint watch_id; /* of its portal, while it is shown */
} Choice;

static void
choice_free (Choice *choice)
{
  GtkWindow *parent = gtk_native_dialog_get_transient_for (choice->dialog);

  if (parent != NULL)
    g_object_set_data (G_OBJECT (parent), IS_CHOOSING, NULL);
  g_clear_handle_id (&choice->watch_id, g_bus_unwatch_name);
  g_clear_object (&choice->bus);
  gtk_native_dialog_destroy (choice->dialog);
  g_object_unref (choice->dialog);
  g_free (choice);
}

/* The window may be closed by now. */
static void
tell (const Choice *choice, GFile *file, PlFilePortals state)
{
  GtkWindow *parent = gtk_native_dialog_get_transient_for (choice->dialog);

  if (parent != NULL)
    choice->chosen (parent, file, state);
}

static void
answered (GtkNativeDialog *dialog, int response, gpointer data)
{
  Choice *choice = data;
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    tell (choice, file, PL_FILE_PORTALS_READY);
  choice_free (choice);
}

/* GTK waits for an answer of that one for ever, and keeps the window shut off meanwhile. */
static void
portal_gone (GDBusConnection *bus, const char *name, gpointer data)
{
  Choice *choice = data;

  gtk_native_dialog_hide (choice->dialog);
  tell (choice, NULL, PL_FILE_PORTALS_GONE);
  choice_free (choice);
}

static void
portals_told (PlFilePortals state, gpointer data)
{
  Choice *choice = data;
  gboolean has_parent = gtk_native_dialog_get_transient_for (choice->dialog) != NULL;

  if (state != PL_FILE_PORTALS_READY)
    tell (choice, NULL, state);
  if (state == PL_FILE_PORTALS_SLOW)
    return;
  if (state != PL_FILE_PORTALS_READY || !has_parent)
    {
      choice_free (choice);
      return;
    }
  gtk_native_dialog_show (choice->dialog);
  choice->watch_id = pl_file_portals_watch (choice->bus, portal_gone, choice);
}

static void
show_nothing (GtkNativeDialog *dialog, PlFileChosen chosen, PlFilePortals state)
{
  chosen (gtk_native_dialog_get_transient_for (dialog), NULL, state);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

/* Where its portals are not there GTK would show nothing, or a dialog that leads nowhere, and say nothing. */
static void
show (GtkNativeDialog *dialog, PlFileChosen chosen)
{
  g_autoptr (GDBusConnection) bus = pl_is_flatpak () ? g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL) : NULL;
  GtkWindow *parent = gtk_native_dialog_get_transient_for (dialog);
  Choice *choice;

  if (pl_is_flatpak () && bus == NULL)
    {
      show_nothing (dialog, chosen, PL_FILE_PORTALS_NO_BUS);
      return;
    }
  if (g_object_get_data (G_OBJECT (parent), IS_CHOOSING) != NULL)
    {
      show_nothing (dialog, chosen, PL_FILE_PORTALS_SLOW);
      return;
    }
  choice = g_new0 (Choice, 1);
  choice->dialog = dialog;
  choice->chosen = chosen;
  choice->bus = g_steal_pointer (&bus);
  g_object_set_data (G_OBJECT (parent), IS_CHOOSING, dialog);
  gtk_native_dialog_set_modal (dialog, TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (answered), choice);
  if (choice->bus != NULL)
    pl_file_portals_ask (choice->bus, portals_told, choice);
  else
    gtk_native_dialog_show (dialog);
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
pl_choose_capture_file (GtkWindow *parent, PlFileChosen chosen)
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
pl_choose_picture_file (GtkWindow *parent, const char *name, PlFileChosen chosen)
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

/* Its window may be closed by now. */
static gboolean
show_shortcuts (gpointer window)
{
  GtkShortcutsWindow *shortcuts = gtk_application_window_get_help_overlay (window);

  if (shortcuts != NULL)
    gtk_window_present (GTK_WINDOW (shortcuts));
  return G_SOURCE_REMOVE;
}

void
pl_show_shortcuts (GtkApplicationWindow *window, const char *path)
{
  if (gtk_application_window_get_help_overlay (window) == NULL)
    {
      g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (path);

      gtk_application_window_set_help_overlay (window,
                                               GTK_SHORTCUTS_WINDOW (gtk_builder_get_object (builder, "help_overlay")));
    }
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, show_shortcuts, g_object_ref (window), g_object_unref);
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
