/* The small mark of a port range, drawn by CSS alone. Main loop only. */
#include "range-mark.h"

struct _PlRangeMark
{
  GtkWidget parent_instance;

  PlRange range;
};

G_DEFINE_FINAL_TYPE (PlRangeMark, pl_range_mark, GTK_TYPE_WIDGET)

static void
pl_range_mark_class_init (PlRangeMarkClass *klass)
{
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "rangemark");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
pl_range_mark_init (PlRangeMark *self)
{
  self->range = PL_RANGE_NONE;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

GtkWidget *
pl_range_mark_new (void)
{
  return g_object_new (PL_TYPE_RANGE_MARK, NULL);
}

void
pl_range_mark_set_range (PlRangeMark *self, PlRange range)
{
  GtkWidget *widget;

  g_return_if_fail (PL_IS_RANGE_MARK (self));
  if (self->range == range)
    return;
  widget = GTK_WIDGET (self);
  if (self->range != PL_RANGE_NONE)
    gtk_widget_remove_css_class (widget, pl_range_id (self->range));
  if (range != PL_RANGE_NONE)
    gtk_widget_add_css_class (widget, pl_range_id (range));
  gtk_widget_set_visible (widget, range != PL_RANGE_NONE);
  self->range = range;
}
