/* A capture file that is dropped on the window. Main loop only. Where both sides know it, GTK takes the file by the file
 * transfer portal, which lets a sandbox see it; what cannot be taken is said, never passed over. */
#include <glib/gi18n.h>

#include "capture.h"
#include "stack.h"
#include "window-private.h"

/* GTK only tells which formats it could not convert; the portal takes no folders, nor what has no path here. */
static void
say_failure (PlWindow *self)
{
  pl_notice_show (self->notice, _ ("What Was Dropped Cannot Be Read"),
                  _ ("The other program did not hand it over, as with a folder, or with a file on another computer. "
                     "Drop a capture file of this computer, or choose it with “Open File…”."),
                  NULL, _ ("Open File…"), "win.open");
}

static void
take (PlWindow *self, const GValue *value)
{
  g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));
  g_autofree char *name = NULL, *shown = NULL, *text = NULL;

  if (files == NULL)
    {
      say_failure (self);
      return;
    }
  pl_window_open_file (self, files->data);
  if (files->next == NULL)
    return;
  name = g_file_get_basename (files->data);
  shown = g_filename_display_name (name);
  text = g_strdup_printf (_ ("One file at a time: this is “%s”"), shown);
  pl_window_toast (self, text);
}

/* Takes the reference that waited for it. */
static void
value_read (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (PlWindow) self = data;
  const GValue *value = gdk_drop_read_value_finish (GDK_DROP (object), result, NULL);

  gdk_drop_finish (GDK_DROP (object), value != NULL ? GDK_ACTION_COPY : 0);
  if (gtk_window_get_application (GTK_WINDOW (self)) == NULL)
    return; /* closed */
  if (value != NULL)
    take (self, value);
  else
    say_failure (self);
}

static gboolean
dropped (PlWindow *self, GdkDrop *drop)
{
  /* GTK 4.8 leaves that to who takes the drop. */
  gtk_widget_unset_state_flags (GTK_WIDGET (self->stack), GTK_STATE_FLAG_DROP_ACTIVE);
  gdk_drop_read_value_async (drop, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL, value_read, g_object_ref (self));
  return TRUE;
}

void
pl_window_add_drop (PlWindow *self)
{
  GdkContentFormats *formats = gdk_content_formats_new_for_gtype (GDK_TYPE_FILE_LIST);
  GtkDropTargetAsync *drop =
      gtk_drop_target_async_new (gdk_content_formats_union_deserialize_mime_types (formats), GDK_ACTION_COPY);

  g_signal_connect_swapped (drop, "drop", G_CALLBACK (dropped), self);
  gtk_widget_add_controller (GTK_WIDGET (self->stack), GTK_EVENT_CONTROLLER (drop));
}
