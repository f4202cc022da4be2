/* One group of facts: a heading and a card of labelled values that can be selected and copied. Main loop only. Rows are
 * kept and only their texts change, so that a selection in one outlives the next update of another. */
#include <string.h>

#include "data-label.h"
#include "detail-card.h"
#include "range-mark.h"

#define BRIEF_LINES 2
#define LONG_BYTES 160 /* what eight lines hold at most, or a little less */
#define LONG_LINES 8

struct _PlDetailCard
{
  GtkWidget parent_instance;

  PlDetailGroup group;
  GtkWidget *heading;
  GtkWidget *rows_box;
  GPtrArray *rows; /* (element-type Row) */
};

typedef struct
{
  GtkWidget *box;
  GtkLabel *label;
  PlRangeMark *mark;
  GtkLabel *value;
  GtkLabel *note;
} Row;

G_DEFINE_FINAL_TYPE (PlDetailCard, pl_detail_card, GTK_TYPE_WIDGET)

static GtkLabel *
text_label (const char *css_class, gboolean is_selectable)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), is_selectable);
  gtk_widget_add_css_class (label, css_class);
  return GTK_LABEL (label);
}

static Row *
row_new (PlDetailGroup group)
{
  Row *row = g_new0 (Row, 1);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *value_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  row->label = text_label ("dim-label", FALSE);
  gtk_label_set_width_chars (row->label, group == PL_DETAILS_TIMELINE ? 8 : 12);
  gtk_label_set_max_width_chars (row->label, 12);
  gtk_widget_set_valign (GTK_WIDGET (row->label), GTK_ALIGN_START);
  row->mark = PL_RANGE_MARK (pl_range_mark_new ());
  row->value = text_label ("value", TRUE);
  pl_data_label_setup (row->value);
  gtk_widget_set_hexpand (GTK_WIDGET (row->value), TRUE);
  row->note = text_label ("caption", TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (row->note), "dim-label");

  gtk_box_append (GTK_BOX (value_box), GTK_WIDGET (row->mark));
  gtk_box_append (GTK_BOX (value_box), GTK_WIDGET (row->value));
  gtk_box_append (GTK_BOX (texts), value_box);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->note));

  row->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_add_css_class (row->box, "detail-row");
  gtk_box_append (GTK_BOX (row->box), GTK_WIDGET (row->label));
  gtk_box_append (GTK_BOX (row->box), texts);
  return row;
}

/* What Pango wraps anywhere it shapes anew for each line: all lines of a command of 4,000 bytes take 1.4 s each time that they are
 * measured, eight take 11 ms. */
static void
set_value (Row *row, const PlDetail *detail)
{
  gboolean is_long = strlen (detail->value) > LONG_BYTES, is_cut = detail->is_brief || is_long;

  gtk_label_set_lines (row->value, detail->is_brief ? BRIEF_LINES : is_long ? LONG_LINES : -1);
  gtk_label_set_ellipsize (row->value, is_cut ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  gtk_label_set_text (row->value, detail->value);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row->value), is_cut ? detail->value : NULL);
}

static void
row_set (Row *row, const PlDetail *detail)
{
  gtk_label_set_text (row->label, detail->label);
  set_value (row, detail);
  gtk_label_set_text (row->note, detail->note != NULL ? detail->note : "");
  gtk_widget_set_visible (GTK_WIDGET (row->note), detail->note != NULL);
  pl_range_mark_set_range (row->mark, detail->mark);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->value), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, detail->label, -1);
}

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
  self->rows = g_ptr_array_new_with_free_func (g_free);
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
          Row *row = row_new (self->group);

          g_ptr_array_add (self->rows, row);
          gtk_box_append (GTK_BOX (self->rows_box), row->box);
        }
      row_set (g_ptr_array_index (self->rows, n_rows++), detail);
    }
  while (self->rows->len > n_rows)
    {
      Row *last = g_ptr_array_index (self->rows, self->rows->len - 1);

      gtk_box_remove (GTK_BOX (self->rows_box), last->box);
      g_ptr_array_set_size (self->rows, (int)self->rows->len - 1);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), n_rows > 0);
}
