/* What bundles of a lane say is told in the same form, at any width and number of flows. In process, under Xvfb. */
#include <adwaita.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-node-private.h"
#include "graph-view.h"
#include "synthetic.h"

#define MAX_ROUNDS 100

/* How many bundles of @lane (@is_rest: those of "more ports", else of a range) say all of their title, and how many less. */
static void
count_forms (PlGraphCanvas *canvas, PlLane lane, gboolean is_rest, guint *n_whole, guint *n_brief)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (canvas->scene, &n);

  *n_whole = *n_brief = 0;
  for (guint i = 0; i < n; i++)
    {
      PlGraphNode *chip = g_hash_table_lookup (canvas->nodes, &nodes[i].id);
      const char *shown;

      if (nodes[i].lane != lane || !chip->title_layout || chip->fitted_width == 0 || !(nodes[i].flags & PL_SCENE_BUNDLE)
          || (strstr (nodes[i].title, " more ") != NULL) != is_rest)
        continue;
      shown = pango_layout_get_text (chip->title_layout);
      if (g_str_equal (shown, nodes[i].title))
        ++*n_whole;
      else
        ++*n_brief;
    }
}

static void
resize (GtkWidget *window, int width)
{
  gtk_window_set_default_size (GTK_WINDOW (window), width, 2000);
  for (guint i = 0; i < MAX_ROUNDS && (i < 2 || gtk_widget_get_width (window) != width); i++)
    wait_ms (30);
  g_assert_cmpint (gtk_widget_get_width (window), ==, width);
}

static void
test_agree (gconstpointer data)
{
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (Synthetic) world = synthetic_new (1);
  guint n_all_whole = 0, n_all_brief = 0;

  synthetic_fill (world, model, GPOINTER_TO_UINT (data));
  pl_model_commit (model, g_get_monotonic_time ());
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_child (GTK_WINDOW (window), view);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  gtk_window_set_default_size (GTK_WINDOW (window), 1300, 2000);
  gtk_window_present (GTK_WINDOW (window));
  for (int width = 1280; width >= 640; width -= 40)
    {
      resize (window, width);
      for (guint i = 0; i < 4; i++)
        {
          guint n_whole, n_brief;

          count_forms (canvas, PL_LANE_LOCAL_PORT + i / 2, i % 2, &n_whole, &n_brief);
          g_test_message ("%d px, %u: %u and %u", width, i, n_whole, n_brief);
          g_assert_true (n_whole == 0 || n_brief == 0);
          n_all_whole += n_whole;
          n_all_brief += n_brief;
        }
    }
  g_assert_cmpuint (n_all_whole, >, 0);
  g_assert_cmpuint (n_all_brief, >, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
}

/* In a narrow window a listener's port is written as large as any other, of five digits, too, with who can reach it beside it. */
static void
test_docks (void)
{
  static const guint16 ports[] = { 22, 8080, 34567, 48888, 58302, 60123 };
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  g_autoptr (PlModel) model = pl_model_new ();
  PlSocket sockets[G_N_ELEMENTS (ports)] = { 0 };
  PlProcess *app = synthetic_process ("nginx", "nginx", 1);
  const PlSceneNode *nodes;
  guint n, n_seen = 0;

  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    sockets[i] = (PlSocket){ .local = pl_addr_from_v4 ((guint8[4]){ 0, 0, 0, 0 }),
                             .remote = pl_addr_from_v4 ((guint8[4]){ 0, 0, 0, 0 }),
                             .local_port = ports[i],
                             .proto = PL_PROTO_TCP,
                             .state = PL_STATE_LISTEN,
                             .confidence = PL_CONFIDENCE_EXACT,
                             .inode = i + 1,
                             .cookie = i + 1,
                             .process = app };
  pl_model_apply_sockets (model, sockets, G_N_ELEMENTS (ports));
  pl_model_commit (model, g_get_monotonic_time ());
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_child (GTK_WINDOW (window), view);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  gtk_window_set_default_size (GTK_WINDOW (window), 360, 2000);
  gtk_window_present (GTK_WINDOW (window));
  resize (window, 360);
  nodes = pl_scene_get_nodes (canvas->scene, &n);
  for (guint i = 0; i < n; i++)
    {
      PlGraphNode *chip = g_hash_table_lookup (canvas->nodes, &nodes[i].id);
      const PlNodeFont font = graph_node_title_font (chip);
      g_autoptr (PangoLayout) whole = node_text_new (GTK_WIDGET (chip), nodes[i].title, &font);

      if (nodes[i].lane != PL_LANE_LOCAL_PORT)
        continue;
      g_assert_cmpfloat (chip->fitted_width, >, 0);
      g_assert_cmpfloat (node_text_width (chip->title_layout), ==, node_text_width (whole));
      g_assert_true (chip->has_scope);
      n_seen++;
    }
  g_assert_cmpuint (n_seen, ==, G_N_ELEMENTS (ports));
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
  pl_process_unref (app);
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-font-name", "Cantarell 11", NULL);
  g_test_add_data_func ("/graph/lane-words/500", GUINT_TO_POINTER (500), test_agree);
  g_test_add_data_func ("/graph/lane-words/5000", GUINT_TO_POINTER (5000), test_agree);
  g_test_add_func ("/graph/lane-words/docks", test_docks);
  return g_test_run ();
}
