/* The details with text that is twice as large, which leaves words half the room. In process, under Xvfb. */
#include "detail-pane.h"
#include "detail-row.h"
#include "flow-list.h"
#include "graph-fixture.h"
#include "synthetic.h"

static GtkWidget *
shown_window (void)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 380, 600);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* How far below its label the value of a row of @width px stands. */
static double
value_below_label (GtkWidget *window, int width)
{
  const PlDetail detail = { .label = (char *)"Remote",
                            .value = (char *)"192.168.120.200 :8080",
                            .note = (char *)"registered range" };
  GtkWidget *row = pl_detail_row_new (PL_DETAILS_ENDPOINTS), *value;
  graphene_rect_t label_box, value_box;
  int height;

  gtk_widget_set_halign (row, GTK_ALIGN_START);
  gtk_window_set_child (GTK_WINDOW (window), row);
  pl_detail_row_set (PL_DETAIL_ROW (row), &detail);
  value = find_label (row, detail.value);
  gtk_widget_measure (row, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  gtk_widget_allocate (row, width, height, -1, NULL);
  g_assert_true (gtk_widget_compute_bounds (find_label (row, detail.label), row, &label_box));
  g_assert_true (gtk_widget_compute_bounds (value, row, &value_box));
  return value_box.origin.y - label_box.origin.y;
}

/* With large text, where a column of labels leaves the values no room. */
static void
test_rows (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  GtkWidget *window = shown_window ();
  int dpi;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_assert_cmpfloat (value_below_label (window, 310), ==, 0);
  g_object_set (settings, "gtk-xft-dpi", 2 * (dpi > 0 ? dpi : 96 * 1024), NULL);
  g_assert_cmpfloat (value_below_label (window, 310), >, 0);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* With large text, where all of the window is no wider than 360 px. */
static void
test_button (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  GtkWidget *window = shown_window ();
  GtkWidget *pane = g_object_new (PL_TYPE_DETAIL_PANE, NULL);
  int dpi, width;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  gtk_window_set_child (GTK_WINDOW (window), pane);
  pl_detail_pane_set_can_show_processes (PL_DETAIL_PANE (pane), TRUE);
  g_object_set (settings, "gtk-xft-dpi", 2 * (dpi > 0 ? dpi : 96 * 1024), NULL);
  gtk_widget_measure (find_label (pane, "Show Each Process in the Graph"), GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL,
                      NULL, NULL);
  g_assert_cmpint (width, <=, 300);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
add_id (const PlModelFlow *flow, gpointer ids)
{
  g_array_append_val ((GArray *)ids, flow->id);
  return TRUE;
}

/* What is of the class @name, at or below @widget. */
static GtkWidget *
find_named (GtkWidget *widget, const char *name)
{
  GtkWidget *found = g_str_equal (G_OBJECT_TYPE_NAME (widget), name) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_named (child, name);
  return found;
}

/* The text of a row that tells the ports of a flow. */
static GtkInscription *
find_ports (GtkWidget *widget)
{
  GtkInscription *found = NULL;

  if (GTK_IS_INSCRIPTION (widget) && g_str_has_prefix (gtk_inscription_get_text (GTK_INSCRIPTION (widget)), ":"))
    return GTK_INSCRIPTION (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_ports (child);
  return found;
}

/* Beside all that is said of an app a flow of it is seen whole, too, in a window as high as a phone. */
static void
test_list (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (PlModel) model = pl_model_new ();
  GtkWidget *window = shown_window (), *pane = g_object_new (PL_TYPE_DETAIL_PANE, NULL), *list, *row;
  graphene_rect_t box;
  int dpi, width;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", 2 * (dpi > 0 ? dpi : 96 * 1024), NULL);
  gtk_window_set_child (GTK_WINDOW (window), pane);
  synthetic_desktop (model);
  pl_model_commit (model, g_get_monotonic_time ());
  pl_model_foreach (model, add_id, ids);
  pl_detail_pane_set_model (PL_DETAIL_PANE (pane), model, TRUE);
  pl_detail_pane_set_selection (PL_DETAIL_PANE (pane), ids, 1, "An app with a name that takes two lines");
  pl_detail_pane_refresh (PL_DETAIL_PANE (pane));
  list = find_named (pane, "PlFlowList");
  for (guint i = 0; i < 100 && find_named (list, "PlRangeMark") == NULL; i++)
    wait_ms (20);
  paint_frame (pane);
  g_assert_cmpint (gtk_widget_get_height (window), ==, 600);
  g_assert_true (gtk_widget_get_mapped (find_label (find_named (pane, "PlShortScroller"), "Processes")));
  row = gtk_widget_get_first_child (find_named (list, "GtkListView"));
  g_assert_true (gtk_widget_compute_bounds (row, list, &box));
  g_assert_cmpfloat (box.size.height, >, 0);
  g_assert_cmpfloat (box.origin.y + box.size.height, <=, gtk_widget_get_height (list));
  g_assert_true (gtk_widget_compute_bounds (list, pane, &box));
  g_assert_cmpfloat (box.origin.y + box.size.height, <=, gtk_widget_get_height (pane));
  /* Not both ports have room beside the rate: it is the called one that tells. */
  for (guint i = 0; i < 100 && strstr (gtk_inscription_get_text (find_ports (list)), " · ") != NULL; i++)
    wait_ms (20); /* three lines */
  g_assert_nonnull (strstr (gtk_inscription_get_text (find_ports (list)), "→"));
  g_assert_cmpint (gtk_inscription_get_text_overflow (find_ports (list)), ==, GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_START);
  gtk_widget_measure (pane, GTK_ORIENTATION_HORIZONTAL, 500, &width, NULL, NULL, NULL);
  g_assert_cmpint (width, <=, 300);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add_func ("/large-text/rows", test_rows);
  g_test_add_func ("/large-text/button", test_button);
  g_test_add_func ("/large-text/list", test_list);
  return g_test_run ();
}
