/* See wrapped-labels.h. Main loop only. */
#include "wrapped-labels.h"

void
pl_wrapped_labels_widen (GtkWidget *root)
{
  g_return_if_fail (GTK_IS_WIDGET (root));

  if (GTK_IS_LABEL (root) && gtk_label_get_wrap (GTK_LABEL (root)) && gtk_label_get_width_chars (GTK_LABEL (root)) < 0)
    gtk_label_set_width_chars (GTK_LABEL (root), PL_WRAPPED_CHARS);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    pl_wrapped_labels_widen (child);
}
