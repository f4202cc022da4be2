/* No text of the export's dialog is laid out with a letter a line, which takes longer than all else that shows it. In process,
 * under Xvfb. */
#include "export-dialog.h"
#include "graph-fixture.h"
#include "wrapped-labels.h"

/* How many labels that wrap are at or below @widget, each with room for some letters. */
static guint
n_wrapped (GtkWidget *widget)
{
  guint n = 0;

  if (GTK_IS_LABEL (widget) && gtk_label_get_wrap (GTK_LABEL (widget)))
    {
      g_test_message ("%d letters: %s", gtk_label_get_width_chars (GTK_LABEL (widget)),
                      gtk_label_get_text (GTK_LABEL (widget)));
      g_assert_cmpint (gtk_label_get_width_chars (GTK_LABEL (widget)), >=, PL_WRAPPED_CHARS);
      n = 1;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    n += n_wrapped (child);
  return n;
}

static int
height_at_least_width (GtkWidget *label)
{
  int least, height;

  gtk_widget_measure (label, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  gtk_widget_measure (label, GTK_ORIENTATION_VERTICAL, least, &height, NULL, NULL, NULL);
  return height;
}

/* A text of a hundred letters needs no hundred lines; a width that was chosen stays. */
static void
test_lines (void)
{
  GtkWidget *box = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  GtkWidget *label =
      gtk_label_new ("mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm");
  GtkWidget *chosen = gtk_label_new ("chosen"), *single = gtk_label_new ("one line");
  int before;

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_CHAR);
  gtk_label_set_wrap (GTK_LABEL (chosen), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (chosen), 3);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), chosen);
  gtk_box_append (GTK_BOX (box), single);
  before = height_at_least_width (label);
  pl_wrapped_labels_widen (box);
  g_assert_cmpint (height_at_least_width (label) * 3, <, before);
  g_assert_cmpint (gtk_label_get_width_chars (GTK_LABEL (chosen)), ==, 3);
  g_assert_cmpint (gtk_label_get_width_chars (GTK_LABEL (single)), ==, -1);
  g_object_unref (box);
}

static void
test_export (void)
{
  const PlExportChoice choice = { .scale = 2 };
  GtkWidget *parent = gtk_window_new (), *dialog;

  dialog = pl_export_dialog_new (GTK_WINDOW (parent), &choice, 1000, 2000);
  g_assert_cmpuint (n_wrapped (dialog), >=, 4);
  gtk_window_destroy (GTK_WINDOW (dialog));
  gtk_window_destroy (GTK_WINDOW (parent));
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/wrapped-labels/lines", test_lines);
  g_test_add_func ("/wrapped-labels/export", test_export);
  return g_test_run ();
}
