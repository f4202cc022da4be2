/* Another document in the same window: it stands as in a window of its own, whatever was done to the one before and wherever the
 * pointer rests since. In process, under Xvfb. */
#include <adwaita.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-view.h"
#include "synthetic.h"

#define POINTER_X 360.0
#define MAX_ROUNDS 100

typedef struct
{
  GtkWidget *window;
  PlGraphCanvas *canvas;
  PlModel *model;
} Graph;

static Graph
open_window (void)
{
  Graph graph = { gtk_window_new () };
  GtkWidget *view = pl_graph_view_new ();

  graph.canvas = PL_GRAPH_CANVAS (find_canvas (view));
  graph.model = pl_model_new ();
  gtk_window_set_decorated (GTK_WINDOW (graph.window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (graph.window), 940, 400);
  gtk_window_set_child (GTK_WINDOW (graph.window), view);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), graph.model);
  gtk_window_present (GTK_WINDOW (graph.window));
  while (!gtk_widget_get_mapped (GTK_WIDGET (graph.canvas)))
    g_main_context_iteration (NULL, TRUE);
  wait_ms (50);
  return graph;
}

static void
close_window (Graph *graph)
{
  gtk_window_destroy (GTK_WINDOW (graph->window));
  run_ms (20);
  g_assert_finalize_object (graph->model);
}

static void
come_to_rest (Graph *graph)
{
  for (guint i = 0; i < MAX_ROUNDS && (i < 2 || graph->canvas->tick_id != 0); i++)
    wait_ms (50);
  g_assert_cmpuint (graph->canvas->tick_id, ==, 0);
}

/* As the canvas hears of it from GTK. */
static void
point_at (Graph *graph, double x, double y)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (graph->canvas));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_MOTION (controller))
        g_signal_emit_by_name (controller, "motion", x, y);
    }
}

/* A file that is told of in two parts, of which the second has the busier apps, and its end. @y: px, where a pointer rests that
 * GTK tells of whenever something is laid out; NAN for none. */
static void
read_document (Graph *graph, double y)
{
  g_autoptr (Synthetic) world = synthetic_new (5);

  for (guint i = 0; i < 2; i++)
    {
      synthetic_fill (world, graph->model, 30);
      pl_model_commit (graph->model, g_get_monotonic_time ());
      wait_ms (50);
      if (!isnan (y))
        point_at (graph, POINTER_X, y);
      come_to_rest (graph);
    }
  pl_graph_canvas_settle (graph->canvas);
  come_to_rest (graph);
}

/* Where all stands in the widget, a line for each node. */
static char *
describe_places (Graph *graph)
{
  g_autoptr (GString) places = g_string_new (NULL);
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (graph->canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    {
      double x = nodes[i].x, y = nodes[i].y;

      graph_canvas_from_scene (graph->canvas, &x, &y, nodes[i].width);
      g_string_append_printf (places, "%u %s %s: %.0f, %.0f\n", nodes[i].lane, nodes[i].title, nodes[i].subtitle, x, y);
    }
  return g_string_free (g_steal_pointer (&places), FALSE);
}

static char *
places_of_fresh (void)
{
  Graph graph = open_window ();
  char *places;

  read_document (&graph, NAN);
  places = describe_places (&graph);
  close_window (&graph);
  return places;
}

static double
middle_of_a_node (Graph *graph)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (graph->canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    {
      double x = nodes[i].x, y = nodes[i].y;

      graph_canvas_from_scene (graph->canvas, &x, &y, nodes[i].width);
      if (x < POINTER_X && x + nodes[i].width > POINTER_X && y > 40
          && y < gtk_widget_get_height (GTK_WIDGET (graph->canvas)) - 40)
        return y + nodes[i].height / 2;
    }
  g_assert_not_reached ();
}

static void
scroll_down (Graph *graph)
{
  gtk_adjustment_set_value (graph->canvas->adjustments[GTK_ORIENTATION_VERTICAL], 300);
  wait_ms (50);
  g_assert_cmpfloat (graph_canvas_scroll (graph->canvas, GTK_ORIENTATION_VERTICAL), >, 100);
}

/* And what is left glides to where that was. */
static void
filter_below (Graph *graph)
{
  guint64 id = find_lowest_port (graph->canvas->scene);

  scroll_down (graph);
  graph_canvas_select (graph->canvas, (Pick){ PICK_NODE, id });
  graph_canvas_command (graph->canvas, (Pick){ PICK_NODE, id }, "filter");
  g_assert_cmpint (graph->canvas->glide_start_us, !=, 0);
}

static void
zoom_out (Graph *graph)
{
  pl_graph_canvas_set_zoom (graph->canvas, 0.5);
  come_to_rest (graph);
}

/* Whatever was done to the document before. */
static void
test_another (gconstpointer data)
{
  void (*const *disturb) (Graph *) = data;
  g_autofree char *fresh = places_of_fresh (), *places = NULL;
  Graph graph = open_window ();
  g_autoptr (Synthetic) world = synthetic_new (6);

  synthetic_fill (world, graph.model, 150);
  pl_model_commit (graph.model, g_get_monotonic_time ());
  come_to_rest (&graph);
  (*disturb) (&graph);
  pl_model_reset (graph.model);
  g_assert_cmpint (graph.canvas->selection.pick.kind, ==, PICK_NONE);
  read_document (&graph, NAN);
  places = describe_places (&graph);
  g_assert_cmpstr (places, ==, fresh);
  close_window (&graph);
}

/* A pointer that rests where it was takes no part in it, and does as soon as it moves. */
static void
test_resting_pointer (void)
{
  g_autofree char *fresh = places_of_fresh (), *places = NULL;
  Graph graph = open_window ();
  g_autoptr (Synthetic) world = synthetic_new (6);
  double y;

  synthetic_fill (world, graph.model, 150);
  pl_model_commit (graph.model, g_get_monotonic_time ());
  come_to_rest (&graph);
  scroll_down (&graph);
  y = middle_of_a_node (&graph);
  point_at (&graph, POINTER_X, y);
  g_assert_cmpint (graph.canvas->hover.pick.kind, ==, PICK_NODE);
  pl_model_reset (graph.model);
  read_document (&graph, y);
  g_assert_cmpint (graph.canvas->hover.pick.kind, ==, PICK_NONE);
  places = describe_places (&graph);
  g_assert_cmpstr (places, ==, fresh);
  point_at (&graph, POINTER_X, middle_of_a_node (&graph) + 3);
  g_assert_cmpint (graph.canvas->hover.pick.kind, ==, PICK_NODE);
  close_window (&graph);
}

int
main (int argc, char **argv)
{
  static void (*const disturb[]) (Graph *) = { filter_below, zoom_out };

  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_data_func ("/graph/reset/filtered", &disturb[0], test_another);
  g_test_add_data_func ("/graph/reset/zoomed", &disturb[1], test_another);
  g_test_add_func ("/graph/reset/resting-pointer", test_resting_pointer);
  return g_test_run ();
}
