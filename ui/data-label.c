/* Labels of addresses, ports and arrows. Main loop only. */
#include "data-label.h"

void
pl_data_label_setup (GtkLabel *label)
{
  gtk_widget_set_direction (GTK_WIDGET (label), GTK_TEXT_DIR_LTR);
  gtk_label_set_xalign (label, gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL ? 1 : 0);
}
