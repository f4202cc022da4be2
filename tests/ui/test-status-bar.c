/* The status bar in a narrow window with large text: all that it says is read. In process, under Xvfb. */
#include <adwaita.h>

#include "graph-fixture.h"
#include "status-bar.h"

static void
check_whole (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget))
    g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    check_whole (child);
}

/* Whatever it counts nothing is cut, and it is as high as before: else all above it would move. */
static void
test_narrow (gconstpointer data)
{
  static const PlModelTotals totals[] = {
    { .n_flows = 7, .packets = 9 },
    { .n_flows = 1234, .packets = 9, .rate_in = 4.3e6, .rate_out = 212e3 },
    { .n_flows = 48213, .packets = 9, .kernel_dropped = 3, .rate_in = 88.8e6, .rate_out = 77.7e6 },
    { .n_flows = 48213, .packets = 9, .kernel_dropped = 3, .rate_in = 888.8e6, .rate_out = 777.7e6 },
    { .n_flows = 0 },
    { .n_flows = 0, .packets = 48213 },
  };
  GtkWidget *window = gtk_window_new (), *bar = g_object_new (PL_TYPE_STATUS_BAR, NULL);
  int scale = GPOINTER_TO_INT (data), height = 0;

  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", scale * 96 * 1024, NULL);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 360, 80);
  gtk_widget_set_valign (bar, GTK_ALIGN_END);
  gtk_window_set_child (GTK_WINDOW (window), bar);
  gtk_window_present (GTK_WINDOW (window));
  pl_status_bar_set_narrow (PL_STATUS_BAR (bar), TRUE, 360);
  for (guint i = 0; i < G_N_ELEMENTS (totals); i++)
    {
      pl_status_bar_update (PL_STATUS_BAR (bar), &totals[i], TRUE, "wlan0 · 02:41");
      paint_frame (bar);
      g_assert_cmpint (gtk_widget_get_width (window), ==, 360);
      check_whole (bar);
      if (i == 0)
        height = gtk_widget_get_height (bar);
      g_assert_cmpint (gtk_widget_get_height (bar), ==, height);
    }
  g_test_message ("%d px high", height);
  gtk_window_destroy (GTK_WINDOW (window));
  gtk_settings_reset_property (gtk_settings_get_default (), "gtk-xft-dpi");
}

static int
count_labels (GtkWidget *widget, GtkWidget **last)
{
  int n = 0;

  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) && *gtk_label_get_text (GTK_LABEL (widget)) != 0)
    {
      *last = widget;
      n++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    n += count_labels (child, last);
  return n;
}

/* What is counted is one text: in two with room between them the point would stand nearer to one side, and on the wrong one from
 * right to left. */
static void
test_one_text (void)
{
  static const PlModelTotals totals = { .n_flows = 8, .packets = 132, .kernel_dropped = 0, .interface_dropped = 0 };
  GtkWidget *window = gtk_window_new (), *bar = g_object_new (PL_TYPE_STATUS_BAR, NULL), *label = NULL;

  gtk_window_set_child (GTK_WINDOW (window), bar);
  gtk_window_present (GTK_WINDOW (window));
  pl_status_bar_update (PL_STATUS_BAR (bar), &totals, FALSE, "");
  paint_frame (bar);
  g_assert_cmpint (count_labels (bar, &label), ==, 1);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==, "8 flows · 132 packets, 0 dropped");
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkCssProvider) style = NULL;

  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  style = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (style, "/io/github/portlight/portlight/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_test_add_data_func ("/status-bar/narrow", GINT_TO_POINTER (1), test_narrow);
  g_test_add_data_func ("/status-bar/narrow-large", GINT_TO_POINTER (2), test_narrow);
  g_test_add_func ("/status-bar/one-text", test_one_text);
  return g_test_run ();
}
