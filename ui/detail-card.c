/* One group of facts: a heading and a card of labelled values that can be selected and copied. Main loop only. Rows are
 * kept and only their texts change, so that a selection in one outlives the next update of another. */
#include "detail-card.h"
#include "detail-row.h"

struct _PlDetailCard
{
  GtkWidget parent_instance;

  PlDetailGroup group;
  GtkWidget *heading;
  GtkWidget *rows_box;
  GPtrArray *rows; /* (element-type PlDetailRow), children of the box */
};

G_DEFINE_FINAL_TYPE (PlDetailCard, pl_detail_card, GTK_TYPE_WIDGET)

static void
pl_detail_card_dispose (GObject *object)
{
  PlDetailCard *self = PL_DETAIL_CARD (object);

  g_clear_pointer (&self->heading, gtk_widget_unparent);
  g_clear_pointer (&self->rows_box, gtk_widget_unparent);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (pl_detail_card_parent_class)->dispose (object);
}

static void
pl_detail_card_class_init (PlDetailCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pl_detail_card_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "detailcard");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
pl_detail_card_init (PlDetailCard *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_layout_manager (widget)), GTK_ORIENTATION_VERTICAL);
  self->rows = g_ptr_array_new ();
  self->heading =
      g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "css-classes", (const char *[]){ "heading", NULL }, NULL);
  gtk_widget_set_parent (self->heading, widget);
  self->rows_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->rows_box, "facts");
  gtk_widget_set_parent (self->rows_box, widget);
  gtk_widget_set_visible (widget, FALSE);
}

GtkWidget *
pl_detail_card_new (PlDetailGroup group)
{
  PlDetailCard *self = g_object_new (PL_TYPE_DETAIL_CARD, NULL);

  self->group = group;
  gtk_label_set_text (GTK_LABEL (self->heading), pl_detail_group_title (group));
  if (group == PL_DETAILS_TIMELINE)
    {
      gtk_widget_remove_css_class (self->rows_box, "facts");
      gtk_widget_add_css_class (self->rows_box, "timeline");
    }
  return GTK_WIDGET (self);
}

void
pl_detail_card_set_details (PlDetailCard *self, GPtrArray *details)
{
  guint n_rows = 0;

  g_return_if_fail (PL_IS_DETAIL_CARD (self));
  for (guint i = 0; i < details->len; i++)
    {
      const PlDetail *detail = g_ptr_array_index (details, i);

      if (detail->group != self->group)
        continue;
      if (n_rows == self->rows->len)
        {
          GtkWidget *row = pl_detail_row_new (self->group);

          g_ptr_array_add (self->rows, row);
          gtk_box_append (GTK_BOX (self->rows_box), row);
        }
      pl_detail_row_set (g_ptr_array_index (self->rows, n_rows++), detail);
    }
  while (self->rows->len > n_rows)
    {
      gtk_box_remove (GTK_BOX (self->rows_box), g_ptr_array_index (self->rows, self->rows->len - 1));
      g_ptr_array_set_size (self->rows, (int)self->rows->len - 1);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), n_rows > 0);
}
