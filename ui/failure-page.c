/* See failure-page.h. Main loop only; its buttons run actions of the window. */
#include <glib/gi18n.h>

#include "button-name.h"
#include "command-row.h"
#include "failure-page.h"

struct _PlFailurePage
{
  GtkWidget parent_instance;

  GtkWidget *content;
  AdwStatusPage *page;
  GtkLabel *tried, *mend, *paste_where;
  PlCommandRow *command, *paste;
  GtkButton *again;
  GtkWidget *paste_way, *dumpcap_way;
};

G_DEFINE_FINAL_TYPE (PlFailurePage, pl_failure_page, GTK_TYPE_WIDGET)

static void
pl_failure_page_dispose (GObject *object)
{
  g_clear_pointer (&PL_FAILURE_PAGE (object)->content, gtk_widget_unparent);
  G_OBJECT_CLASS (pl_failure_page_parent_class)->dispose (object);
}

/* The keyboard begins at what a person wants first, and a screen reader says then what has happened. */
static gboolean
pl_failure_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PL_FAILURE_PAGE (widget)->again));
}

static void
pl_failure_page_class_init (PlFailurePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_failure_page_dispose;
  widget_class->grab_focus = pl_failure_page_grab_focus;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  g_type_ensure (PL_TYPE_COMMAND_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/portlight/portlight/failure-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, content);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, page);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, tried);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, mend);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, command);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, paste);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, paste_way);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, paste_where);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, again);
  gtk_widget_class_bind_template_child (widget_class, PlFailurePage, dumpcap_way);
}

static void
pl_failure_page_init (PlFailurePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pl_name_buttons (GTK_WIDGET (self));
}

void
pl_failure_page_set (PlFailurePage *self, const char *title, const PlFailureWords *words)
{
  g_autofree char *escaped = g_markup_escape_text (words->why, -1);

  g_return_if_fail (PL_IS_FAILURE_PAGE (self));
  adw_status_page_set_title (self->page, title);
  adw_status_page_set_description (self->page, escaped);
  gtk_label_set_text (self->tried, words->tried);
  gtk_label_set_text (self->paste_where, words->paste_where);
  pl_command_row_set_command (self->paste, words->paste);
  gtk_widget_set_visible (self->paste_way, words->paste != NULL);
  gtk_widget_set_visible (self->dumpcap_way, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  pl_failure_page_set_mend (self, words);
}

void
pl_failure_page_set_mend (PlFailurePage *self, const PlFailureWords *words)
{
  g_return_if_fail (PL_IS_FAILURE_PAGE (self));
  gtk_button_set_label (self->again, words->must_quit ? _ ("_Quit") : _ ("_Try Again"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->again), words->must_quit ? "app.quit" : "win.capture");
  pl_name_buttons (GTK_WIDGET (self->again));
  gtk_label_set_text (self->mend, words->mend);
  pl_command_row_set_command (self->command, words->command);
  g_autofree char *heard =
      g_strjoin (". ", adw_status_page_get_title (self->page), words->why, words->mend, words->command, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->again), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, heard, -1);
}

void
pl_failure_page_set_command (PlFailurePage *self, const char *command)
{
  g_return_if_fail (PL_IS_FAILURE_PAGE (self));
  pl_command_row_set_command (self->command, command);
}

void
pl_failure_page_offer_dumpcap (PlFailurePage *self)
{
  g_return_if_fail (PL_IS_FAILURE_PAGE (self));
  gtk_widget_set_visible (self->dumpcap_way, TRUE);
}
