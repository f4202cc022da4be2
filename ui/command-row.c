/* See command-row.h. Main loop only. The button bears a tick from the click on until something else is copied. */
#include <glib/gi18n.h>

#include "command-row.h"

struct _PlCommandRow
{
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkLabel *label;
  GtkButton *button;
  char *copy_label; /* (nullable): what the button says of itself to a screen reader */
};

G_DEFINE_FINAL_TYPE (PlCommandRow, pl_command_row, GTK_TYPE_WIDGET)

enum
{
  PROP_COPY_LABEL = 1,
};

static void
set_copied (PlCommandRow *self, gboolean is_copied)
{
  const char *copy = self->copy_label != NULL ? self->copy_label : _ ("Copy This Line");

  gtk_button_set_icon_name (self->button, is_copied ? "object-select-symbolic" : "edit-copy-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), is_copied ? _ ("Copied") : _ ("Copy This Line"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  is_copied ? _ ("Copied") : copy, -1);
}

static void
clipboard_changed (PlCommandRow *self)
{
  set_copied (self, FALSE);
}

static void
copy (PlCommandRow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), gtk_label_get_text (self->label));
  set_copied (self, TRUE);
}

/* The label would select all it says. */
static gboolean
pl_command_row_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PL_COMMAND_ROW (widget)->button));
}

static void
pl_command_row_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (pl_command_row_parent_class)->realize (widget);
  g_signal_connect_object (gtk_widget_get_clipboard (widget), "changed", G_CALLBACK (clipboard_changed), widget,
                           G_CONNECT_SWAPPED);
}

static void
pl_command_row_unrealize (GtkWidget *widget)
{
  g_signal_handlers_disconnect_by_func (gtk_widget_get_clipboard (widget), clipboard_changed, widget);
  GTK_WIDGET_CLASS (pl_command_row_parent_class)->unrealize (widget);
}

static void
pl_command_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PlCommandRow *self = PL_COMMAND_ROW (object);

  if (id != PROP_COPY_LABEL)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  g_free (self->copy_label);
  self->copy_label = g_value_dup_string (value);
}

static void
pl_command_row_dispose (GObject *object)
{
  g_clear_pointer (&PL_COMMAND_ROW (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (pl_command_row_parent_class)->dispose (object);
}

static void
pl_command_row_finalize (GObject *object)
{
  g_free (PL_COMMAND_ROW (object)->copy_label);
  G_OBJECT_CLASS (pl_command_row_parent_class)->finalize (object);
}

static void
pl_command_row_class_init (PlCommandRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pl_command_row_dispose;
  object_class->finalize = pl_command_row_finalize;
  object_class->set_property = pl_command_row_set_property;
  widget_class->grab_focus = pl_command_row_grab_focus;
  widget_class->realize = pl_command_row_realize;
  widget_class->unrealize = pl_command_row_unrealize;
  g_object_class_install_property (
      object_class, PROP_COPY_LABEL,
      g_param_spec_string ("copy-label", NULL, NULL, NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/command-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PlCommandRow, content);
  gtk_widget_class_bind_template_child (widget_class, PlCommandRow, label);
  gtk_widget_class_bind_template_child (widget_class, PlCommandRow, button);
  gtk_widget_class_bind_template_callback (widget_class, copy);
}

static void
pl_command_row_init (PlCommandRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
pl_command_row_set_command (PlCommandRow *self, const char *command)
{
  g_return_if_fail (PL_IS_COMMAND_ROW (self));
  gtk_widget_set_visible (GTK_WIDGET (self), command != NULL);
  if (command == NULL || g_str_equal (gtk_label_get_text (self->label), command))
    return; /* it may be marked just now */
  gtk_label_set_text (self->label, command);
  set_copied (self, FALSE);
}
