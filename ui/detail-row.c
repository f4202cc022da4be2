/* A labelled value. Lays its texts out by itself: a GtkBox (4.8) beside whose other children a text wraps asks for that text's
 * size at some ten widths, and boxes in boxes do so for each of these, which for the thirty rows of a flow took 150 ms. Main
 * loop only. */
#include <string.h>

#include "data-label.h"
#include "detail-row.h"
#include "range-mark.h"

#define BRIEF_LINES 2
#define LONG_BYTES 160 /* what eight lines hold at most, or a little less */
#define LONG_LINES 8
#define LEAST_CHARS 4 /* of a line: measured for less, each letter would be shaped on a line of its own */
#define GAP 12 /* px, between the label and its value */
#define MARK_GAP 6
#define LINE_GAP 2

struct _PlDetailRow
{
  GtkWidget parent_instance;

  GtkWidget *label, *mark, *value, *note;
};

G_DEFINE_FINAL_TYPE (PlDetailRow, pl_detail_row, GTK_TYPE_WIDGET)

static GtkWidget *
text_label (const char *css_class, gboolean is_selectable)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), LEAST_CHARS);
  gtk_label_set_selectable (GTK_LABEL (label), is_selectable);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

/* ---- layout ---- */

static void
widths_of (GtkWidget *widget, int gap, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  if (!gtk_widget_get_visible (widget))
    return;
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, minimum, natural, NULL, NULL);
  *minimum += gap;
  *natural += gap;
}

static int
height_of (GtkWidget *widget, int width)
{
  int height;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  return height;
}

/* Px from where the row begins to where its value does, and the note, which stands under the mark. */
static int
label_width (PlDetailRow *self)
{
  int minimum, natural;

  widths_of (self->label, GAP, &minimum, &natural);
  return natural;
}

static int
mark_width (PlDetailRow *self)
{
  int minimum, natural;

  widths_of (self->mark, MARK_GAP, &minimum, &natural);
  return natural;
}

/* Whether the value stands below its label: beside it, it would get less room than that, as with large text. */
static gboolean
is_stacked (PlDetailRow *self, int width)
{
  int before = label_width (self);

  return width - before < before - GAP;
}

static void
measure_width (PlDetailRow *self, int *minimum, int *natural)
{
  int value, value_natural, note, note_natural, before = label_width (self), mark = mark_width (self);

  widths_of (self->value, mark, &value, &value_natural);
  widths_of (self->note, 0, &note, &note_natural);
  *minimum = MAX (before - GAP, MAX (value, note));
  *natural = before + MAX (value_natural, note_natural);
}

static void
pl_detail_row_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  PlDetailRow *self = PL_DETAIL_ROW (widget);
  gboolean is_below;
  int before = label_width (self), width, rest, height, label_height;

  measure_width (self, minimum, natural);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;
  width = for_size < 0 ? *natural : MAX (for_size, *minimum);
  is_below = for_size >= 0 && is_stacked (self, width);
  rest = is_below ? width : width - before;
  height = height_of (self->value, rest - mark_width (self));
  if (gtk_widget_get_visible (self->note))
    height += LINE_GAP + height_of (self->note, rest);
  label_height = height_of (self->label, before - GAP);
  *minimum = *natural = is_below ? label_height + height : MAX (height, label_height);
}

static void
place (GtkWidget *child, gboolean is_rtl, int row_width, int x, int y, int width, int height)
{
  gtk_widget_allocate (child, width, height, -1,
                       gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (is_rtl ? row_width - x - width : x, y)));
}

static void
pl_detail_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  PlDetailRow *self = PL_DETAIL_ROW (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int label = label_width (self) - GAP, label_height = height_of (self->label, label), mark = mark_width (self);
  gboolean is_below = is_stacked (self, width);
  int x = is_below ? 0 : label + GAP, y = is_below ? label_height : 0;
  int value_height = height_of (self->value, width - x - mark);

  place (self->label, is_rtl, width, 0, 0, label, label_height);
  if (mark > 0)
    place (self->mark, is_rtl, width, x, y, mark - MARK_GAP, value_height);
  place (self->value, is_rtl, width, x + mark, y, width - x - mark, value_height);
  y += value_height + LINE_GAP;
  if (gtk_widget_get_visible (self->note))
    place (self->note, is_rtl, width, x, y, width - x, height_of (self->note, width - x));
}

static GtkSizeRequestMode
pl_detail_row_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* ---- the widget ---- */

static void
pl_detail_row_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pl_detail_row_parent_class)->dispose (object);
}

static void
pl_detail_row_class_init (PlDetailRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_detail_row_dispose;
  widget_class->measure = pl_detail_row_measure;
  widget_class->size_allocate = pl_detail_row_size_allocate;
  widget_class->get_request_mode = pl_detail_row_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "detailrow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
pl_detail_row_init (PlDetailRow *self)
{
  GtkWidget **children[] = { &self->label, &self->mark, &self->value, &self->note };

  self->label = text_label ("dim-label", FALSE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 12);
  self->mark = pl_range_mark_new ();
  self->value = text_label ("value", TRUE);
  pl_data_label_setup (GTK_LABEL (self->value));
  self->note = text_label ("caption", TRUE);
  gtk_widget_add_css_class (self->note, "dim-label");
  gtk_widget_set_visible (self->note, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    gtk_widget_set_parent (*children[i], GTK_WIDGET (self));
}

GtkWidget *
pl_detail_row_new (PlDetailGroup group)
{
  PlDetailRow *self = g_object_new (PL_TYPE_DETAIL_ROW, NULL);

  gtk_label_set_width_chars (GTK_LABEL (self->label), group == PL_DETAILS_TIMELINE ? 8 : 12);
  return GTK_WIDGET (self);
}

/* Setting the same one again asks the X server where the pointer is, and waits for its answer. */
static void
set_tooltip (GtkWidget *widget, const char *text)
{
  if (g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) != 0)
    gtk_widget_set_tooltip_text (widget, text);
}

/* What Pango wraps anywhere it shapes anew for each line: all lines of a command of 4,000 bytes take 1.4 s each time that they are
 * measured, eight take 11 ms. */
static void
set_value (PlDetailRow *self, const PlDetail *detail)
{
  GtkLabel *value = GTK_LABEL (self->value);
  gboolean is_long = strlen (detail->value) > LONG_BYTES, is_cut = detail->is_brief || is_long;

  gtk_label_set_lines (value, detail->is_brief ? BRIEF_LINES : is_long ? LONG_LINES : -1);
  gtk_label_set_ellipsize (value, is_cut ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  gtk_label_set_text (value, detail->value);
  set_tooltip (self->value, is_cut ? detail->value : NULL);
}

void
pl_detail_row_set (PlDetailRow *self, const PlDetail *detail)
{
  g_return_if_fail (PL_IS_DETAIL_ROW (self));
  if (!g_str_equal (gtk_label_get_text (GTK_LABEL (self->label)), detail->label))
    {
      gtk_label_set_text (GTK_LABEL (self->label), detail->label);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->value), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, detail->label,
                                      -1);
    }
  set_value (self, detail);
  gtk_label_set_text (GTK_LABEL (self->note), detail->note != NULL ? detail->note : "");
  gtk_widget_set_visible (self->note, detail->note != NULL);
  pl_range_mark_set_range (PL_RANGE_MARK (self->mark), detail->mark);
}
