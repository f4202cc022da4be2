/* Buttons for actions of a widget's class; see action-button.h. */
#include "action-button.h"

static void
run_action (GtkWidget *button, const char *action)
{
  gtk_widget_activate_action (button, action, NULL);
}

void
pl_action_button_set (GtkWidget *button, const char *action)
{
  g_signal_connect (button, "clicked", G_CALLBACK (run_action), (gpointer)action);
}
