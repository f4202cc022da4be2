/* The box of a row of flows; see flow-row.h. A list of GTK 4.8 names no action of a row that could be invoked from outside. Main loop
 * only. */
#include "flow-row.h"

#define SPACING_PX 10

struct _PlFlowRow
{
  GtkBox parent_instance;

  GtkListItem *item; /* owns this */
};

G_DEFINE_FINAL_TYPE (PlFlowRow, pl_flow_row, GTK_TYPE_BOX)

static void
show (GtkWidget *widget, const char *action, GVariant *parameter)
{
  guint position = gtk_list_item_get_position (PL_FLOW_ROW (widget)->item);

  if (position != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (widget, "list.activate-item", "u", position);
}

static void
pl_flow_row_class_init (PlFlowRowClass *klass)
{
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "flow.show", NULL, show);
}

static void
pl_flow_row_init (PlFlowRow *self)
{
  gtk_box_set_spacing (GTK_BOX (self), SPACING_PX);
  gtk_widget_add_css_class (GTK_WIDGET (self), "flow-row");
}

GtkWidget *
pl_flow_row_new (GtkListItem *item)
{
  PlFlowRow *self = g_object_new (PL_TYPE_FLOW_ROW, NULL);

  self->item = item;
  return GTK_WIDGET (self);
}
