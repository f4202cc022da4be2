/* A strip above the graph that says what happened. Main loop only; stays until it is dismissed or replaced: what failed is
 * not taken away by a timer before it was read. */
#include "command-row.h"
#include "notice.h"

struct _PlNotice
{
  GtkWidget parent_instance;

  GtkRevealer *revealer;
  GtkLabel *title;
  GtkLabel *body;
  PlCommandRow *command;
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (PlNotice, pl_notice, GTK_TYPE_WIDGET)

static guint dismissed_signal;

/* Once folded away it is gone for screen readers, too. */
static void
child_revealed (PlNotice *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), gtk_revealer_get_reveal_child (self->revealer));
}

static void
dismiss (PlNotice *self)
{
  pl_notice_dismiss (self);
}

static void
pl_notice_dispose (GObject *object)
{
  PlNotice *self = PL_NOTICE (object);

  g_clear_pointer ((GtkWidget **)&self->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (pl_notice_parent_class)->dispose (object);
}

static void
pl_notice_class_init (PlNoticeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_notice_dispose;
  dismissed_signal = g_signal_new ("dismissed", PL_TYPE_NOTICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "plnotice");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
  g_type_ensure (PL_TYPE_COMMAND_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/notice.ui");
  gtk_widget_class_bind_template_child (widget_class, PlNotice, revealer);
  gtk_widget_class_bind_template_child (widget_class, PlNotice, title);
  gtk_widget_class_bind_template_child (widget_class, PlNotice, body);
  gtk_widget_class_bind_template_child (widget_class, PlNotice, command);
  gtk_widget_class_bind_template_child (widget_class, PlNotice, button);
  gtk_widget_class_bind_template_callback (widget_class, dismiss);
  gtk_widget_class_bind_template_callback (widget_class, child_revealed);
}

static void
pl_notice_init (PlNotice *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
pl_notice_show (
    PlNotice *self, const char *title, const char *body, const char *command, const char *button, const char *action)
{
  g_return_if_fail (PL_IS_NOTICE (self));
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->body, body != NULL ? body : "");
  gtk_widget_set_visible (GTK_WIDGET (self->body), body != NULL);
  pl_command_row_set_command (self->command, command);
  gtk_widget_set_visible (GTK_WIDGET (self->button), button != NULL);
  if (button != NULL)
    gtk_button_set_label (self->button, button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), action);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

gboolean
pl_notice_dismiss (PlNotice *self)
{
  g_return_val_if_fail (PL_IS_NOTICE (self), FALSE);
  if (!gtk_revealer_get_reveal_child (self->revealer))
    return FALSE;
  pl_notice_hide (self);
  g_signal_emit (self, dismissed_signal, 0);
  return TRUE;
}

void
pl_notice_hide (PlNotice *self)
{
  g_return_if_fail (PL_IS_NOTICE (self));
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
}

void
pl_notice_take_back (PlNotice *self, const char *title)
{
  g_return_if_fail (PL_IS_NOTICE (self));
  if (g_str_equal (gtk_label_get_text (self->title), title))
    pl_notice_hide (self);
}
