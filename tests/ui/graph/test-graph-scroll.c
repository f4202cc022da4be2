/* Where the graph can be scrolled to. In process, under Xvfb. */
#include <adwaita.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-view.h"
#include "synthetic.h"

static gboolean
has_leavers (PlScene *scene)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = 0; i < n; i++)
    if (nodes[i].flags & PL_SCENE_LEAVING)
      return TRUE;
  return FALSE;
}

/* Nobody asked for it: as if all others had ended. */
static void
leave_firefox (PlGraphCanvas *canvas)
{
  const PlFlowMatch firefox = { .conditions = PL_MATCH_APP, .app_key = (char *)"Firefox" };
  g_autoptr (PlFlowFilter) filter = pl_flow_filter_new ();

  pl_flow_filter_add (filter, FALSE, &firefox, "Firefox");
  pl_scene_set_filter (canvas->scene, filter);
  do
    {
      graph_canvas_refresh (canvas);
      wait_ms (50);
    }
  while (has_leavers (canvas->scene));
}

/* The view ends below the last that is seen, though places below are kept for a while for who may come back; only who looks at them
 * already is left there as long. */
static void
test_kept_places (gconstpointer looks_below)
{
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  g_autoptr (PlModel) model = pl_model_new ();
  GtkAdjustment *down;
  double looked_at, page, top, bottom;

  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 940, 400);
  gtk_window_set_child (GTK_WINDOW (window), view);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  gtk_window_present (GTK_WINDOW (window));
  while (!gtk_widget_get_mapped (GTK_WIDGET (canvas)))
    g_main_context_iteration (NULL, TRUE);
  synthetic_desktop (model);
  pl_model_commit (model, g_get_monotonic_time ());
  wait_ms (300);
  pl_scene_settle (canvas->scene, g_get_monotonic_time ()); /* who comes and goes now does not have all sorted anew */
  down = canvas->adjustments[GTK_ORIENTATION_VERTICAL];
  page = gtk_adjustment_get_page_size (down);
  gtk_adjustment_set_value (down, looks_below ? gtk_adjustment_get_upper (down) : 0);
  looked_at = gtk_adjustment_get_value (down);
  g_assert_cmpfloat (gtk_adjustment_get_upper (down), >, page + 100);
  leave_firefox (canvas);
  pl_scene_get_extent (canvas->scene, &top, &bottom);
  g_test_message ("%.0f px are seen, %.0f kept", bottom, pl_scene_get_height (canvas->scene));
  if (!looks_below)
    g_assert_cmpfloat (gtk_adjustment_get_upper (down), ==, page); /* of Firefox all is seen */
  else if (pl_scene_get_height (canvas->scene) > bottom) /* on a busy machine they may be given up by now */
    g_assert_cmpfloat (gtk_adjustment_get_value (down), ==, looked_at);
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
}

/* Right to left the apps are at the right end of what is wider than the view: there it begins, and there it stays when the text
 * gets larger. */
static void
test_begins_at_the_apps (void)
{
  GtkSettings *settings = gtk_settings_get_default ();
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  g_autoptr (PlModel) model = pl_model_new ();
  int dpi;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  synthetic_desktop (model);
  pl_model_commit (model, g_get_monotonic_time ());
  for (int scale = 2; scale <= 3; scale++)
    {
      GtkAdjustment *across;
      double before;

      g_object_set (settings, "gtk-xft-dpi", scale * (dpi > 0 ? dpi : 96 * 1024), NULL);
      if (scale == 2)
        {
          gtk_widget_set_direction (GTK_WIDGET (canvas), GTK_TEXT_DIR_RTL);
          gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
          gtk_window_set_default_size (GTK_WINDOW (window), 360, 640);
          gtk_window_set_child (GTK_WINDOW (window), view);
          pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
          gtk_window_present (GTK_WINDOW (window));
        }
      across = canvas->adjustments[GTK_ORIENTATION_HORIZONTAL];
      before = gtk_adjustment_get_upper (across);
      while (gtk_adjustment_get_upper (across) <= MAX (before, gtk_widget_get_width (GTK_WIDGET (canvas))))
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpfloat (gtk_adjustment_get_value (across), ==,
                         gtk_adjustment_get_upper (across) - gtk_adjustment_get_page_size (across));
    }
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_data_func ("/graph/scroll/kept-places", GUINT_TO_POINTER (FALSE), test_kept_places);
  g_test_add_data_func ("/graph/scroll/kept-places-seen", GUINT_TO_POINTER (TRUE), test_kept_places);
  g_test_add_func ("/graph/scroll/begins-at-the-apps", test_begins_at_the_apps);
  return g_test_run ();
}
