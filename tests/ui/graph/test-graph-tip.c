/* What is said on hover and to a screen reader of one line that stands for three flows: how sure the app is, and what its port is for.
 * In process, under Xvfb. */
#include <adwaita.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-view.h"
#include "scene-checks.h"
#include "synthetic.h"

#define N_FLOWS 3

static void
fill (PlModel *model, guint n_unsure)
{
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);

  for (guint i = 0; i < N_FLOWS; i++)
    {
      PlFlowUpdate news;

      add_plain (flows, 1 + i, app, 50001 + i, 31, 443);
      news = (PlFlowUpdate){ .flow = g_array_index (flows, PlModelFlow, i).flow };
      news.flow.id = 1 + i;
      pl_model_apply_flows (model, &news, 1);
      pl_model_apply_owner (model, 1 + i, news.flow.local_end,
                            i < n_unsure ? PL_CONFIDENCE_LIKELY : PL_CONFIDENCE_EXACT, 1000, app);
    }
  pl_model_commit (model, g_get_monotonic_time ());
  pl_process_unref (app);
}

static void
expect_tip (PlGraphCanvas *canvas, PickKind kind, guint64 id, const char *words)
{
  g_autofree char *tip = graph_canvas_describe (canvas, (Pick){ kind, id });

  g_test_message ("%s", tip);
  g_assert_cmpint (strstr (tip, "likely") != NULL, ==, words != NULL);
  g_assert_true (words == NULL || g_str_has_suffix (tip, words));
}

static void
expect_purpose (PlGraphCanvas *canvas, PlLane lane, gboolean has_one)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == lane)
      {
        g_autofree char *tip = graph_canvas_describe (canvas, (Pick){ PICK_NODE, nodes[i].id });

        g_assert_true ((strstr (tip, "\nusually: web pages") != NULL) == has_one);
      }
}

static void
check_unsure (guint n_unsure, const char *tip, const char *spoken)
{
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  g_autoptr (PlModel) model = pl_model_new ();
  const PlSceneNode *app;
  const PlSceneEdge *edge = NULL;
  guint n = 0;

  fill (model, n_unsure);
  gtk_window_set_child (GTK_WINDOW (window), view);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  gtk_window_set_default_size (GTK_WINDOW (window), 900, 600);
  gtk_window_present (GTK_WINDOW (window));
  while (n == 0)
    {
      wait_ms (30);
      edge = pl_scene_get_edges (canvas->scene, &n);
    }
  g_assert_cmpuint (n, ==, 1);
  app = find_title (canvas->scene, PL_LANE_APP, "Browser");
  expect_tip (canvas, PICK_EDGE, edge->id, tip);
  expect_tip (canvas, PICK_NODE, app->id, tip);
  expect_purpose (canvas, PL_LANE_REMOTE_PORT, TRUE);
  expect_purpose (canvas, PL_LANE_LOCAL_PORT, FALSE);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (g_hash_table_lookup (canvas->nodes, &app->id)),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, spoken);
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
}

static void
test_unsure (void)
{
  check_unsure (0, NULL, "Browser, app, 3 flows, connects to 93.184.216.31");
  check_unsure (1, "\nOf some flows the app is likely, not certain",
                "Browser, app, likely for some flows, 3 flows, connects to 93.184.216.31");
  check_unsure (N_FLOWS, "\nThe app is likely, not certain",
                "Browser, app, likely, 3 flows, connects to 93.184.216.31");
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  g_test_add_func ("/graph/tip/unsure", test_unsure);
  return g_test_run ();
}
