/* See permissions-window.h. Main loop only; made anew each time, for what it says does not change while it shows. */
#include <glib/gi18n.h>

#include "command-row.h"
#include "permissions-window.h"
#include "sandbox-words.h"

struct _PlPermissionsWindow
{
  AdwWindow parent_instance;

  GtkBox *list;
};

G_DEFINE_FINAL_TYPE (PlPermissionsWindow, pl_permissions_window, ADW_TYPE_WINDOW)

static void
pl_permissions_window_class_init (PlPermissionsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/permissions-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PlPermissionsWindow, list);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
pl_permissions_window_init (PlPermissionsWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static GtkWidget *
new_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

static void
add_lack (PlPermissionsWindow *self, const PlSandboxLack *lack)
{
  /* Translators: what a screen reader says of a button; what the line gives back, such as “Capture” */
  g_autofree char *copy = g_strdup_printf (_ ("Copy the Line for “%s”"), lack->what);
  GtkWidget *row = g_object_new (PL_TYPE_COMMAND_ROW, "copy-label", copy, NULL);
  GtkWidget *label = new_label (lack->what);

  gtk_widget_set_margin_top (label, 9);
  pl_command_row_set_command (PL_COMMAND_ROW (row), lack->grant);
  gtk_box_append (self->list, label);
  gtk_box_append (self->list, row);
  if (gtk_window_get_focus (GTK_WINDOW (self)) == NULL)
    gtk_widget_grab_focus (row);
}

void
pl_permissions_window_show (GtkWindow *parent, GKeyFile *info)
{
  PlPermissionsWindow *self = g_object_new (PL_TYPE_PERMISSIONS_WINDOW, "transient-for", parent, NULL);
  g_autoptr (GArray) lacks = pl_sandbox_words_list_lacks (info);

  gtk_box_append (self->list, new_label (pl_sandbox_words_before_lacks ()));
  for (guint i = 0; i < lacks->len; i++)
    add_lack (self, &g_array_index (lacks, PlSandboxLack, i));
  gtk_window_present (GTK_WINDOW (self));
}
