/* The dialog with the choices for a picture. Main loop only. */
#include <glib/gi18n.h>

#include "button-name.h"
#include "export-dialog.h"
#include "picture.h"
#include "wrapped-labels.h"

static const int scales[] = { 1, 2, 4 };

struct _PlExportDialog
{
  AdwWindow parent_instance;

  int width, height; /* px at scale 1 */
  AdwComboRow *format_row, *scale_row, *style_row;
  GtkSwitch *redact_switch;
  GtkLabel *size_label;
  GtkButton *save_button;
};

enum
{
  SIGNAL_ACCEPTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlExportDialog, pl_export_dialog, ADW_TYPE_WINDOW)

/* How large it will be, or that it is too large and what to do. */
static void
update (PlExportDialog *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  PlExportChoice choice;
  gboolean can_save;

  if (self->width == 0)
    return; /* being built */
  pl_export_dialog_get_choice (self, &choice);
  gtk_widget_set_sensitive (GTK_WIDGET (self->scale_row), !choice.is_svg);
  can_save = choice.is_svg || pl_picture_check_size (self->width, self->height, choice.scale, &error);
  if (choice.is_svg)
    text = g_strdup (_ ("The whole graph, sharp at every size"));
  else if (can_save)
    /* Translators: width and height of the picture */
    text = g_strdup_printf (_ ("The whole graph, %1$d × %2$d pixels"), self->width * choice.scale,
                            self->height * choice.scale);
  gtk_label_set_text (self->size_label, can_save ? text : error->message);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), can_save);
}

/* What is chosen, which libadwaita's row does not say to a screen reader. Where it describes itself by its subtitle, of which
 * there is none, that would be all that is said. */
static void
say_chosen (AdwComboRow *row)
{
  GtkStringObject *chosen = adw_combo_row_get_selected_item (row);

  gtk_accessible_reset_relation (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY);
  if (chosen != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    gtk_string_object_get_string (chosen), -1);
}

static void
accept (PlExportDialog *self)
{
  g_signal_emit (self, signals[SIGNAL_ACCEPTED], 0);
}

static void
pl_export_dialog_class_init (PlExportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  signals[SIGNAL_ACCEPTED] =
      g_signal_new ("accepted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/export/export-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PlExportDialog, format_row);
  gtk_widget_class_bind_template_child (widget_class, PlExportDialog, scale_row);
  gtk_widget_class_bind_template_child (widget_class, PlExportDialog, style_row);
  gtk_widget_class_bind_template_child (widget_class, PlExportDialog, redact_switch);
  gtk_widget_class_bind_template_child (widget_class, PlExportDialog, size_label);
  gtk_widget_class_bind_template_child (widget_class, PlExportDialog, save_button);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, accept);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
pl_export_dialog_init (PlExportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (AdwComboRow **row = (AdwComboRow *[]){ self->format_row, self->scale_row, self->style_row, NULL }; *row; row++)
    {
      g_signal_connect (*row, "notify::selected", G_CALLBACK (say_chosen), NULL);
      say_chosen (*row);
    }
  pl_name_buttons (GTK_WIDGET (self));
}

GtkWidget *
pl_export_dialog_new (GtkWindow *parent, const PlExportChoice *choice, int width, int height)
{
  PlExportDialog *self = g_object_new (PL_TYPE_EXPORT_DIALOG, "transient-for", parent, NULL);

  adw_combo_row_set_selected (self->format_row, choice->is_svg);
  adw_combo_row_set_selected (self->style_row, choice->style);
  gtk_switch_set_active (self->redact_switch, choice->is_redacted);
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    if (scales[i] == choice->scale)
      adw_combo_row_set_selected (self->scale_row, i);
  self->width = width;
  self->height = height;
  update (self);
  pl_wrapped_labels_widen (GTK_WIDGET (self));
  return GTK_WIDGET (self);
}

void
pl_export_dialog_get_choice (PlExportDialog *self, PlExportChoice *choice)
{
  g_return_if_fail (PL_IS_EXPORT_DIALOG (self));
  *choice = (PlExportChoice){ .is_svg = adw_combo_row_get_selected (self->format_row) == 1,
                              .scale = scales[MIN (adw_combo_row_get_selected (self->scale_row), 2)],
                              .style = (PlPictureStyle)MIN (adw_combo_row_get_selected (self->style_row), 2),
                              .is_redacted = gtk_switch_get_active (self->redact_switch) };
}
