/* The graph in a real window under everything at once: flows come and go, the graph changes its size and its zoom,
 * the pointer is everywhere. GTK must find nothing to complain of (its warnings are fatal here), and the canvas must leave
 * its widgets alone while it is allocated. Under Xvfb. */
#include <adwaita.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-view.h"
#include "port-ruler.h"
#include "split.h"
#include "synthetic.h"

#define N_ROUNDS 150
#define ROUND_MS 12

static struct
{
  void (*size_allocate) (GtkWidget *widget, int width, int height, int baseline);
  gboolean is_allocating, is_same_size;
  int width, height;
  guint n_allocations;
} watched;

/* As many children in the same order before and after. */
static guint
digest_children (GtkWidget *widget)
{
  guint digest = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    digest = digest * 31 + g_direct_hash (child) + 1;
  return digest;
}

static void
watch_allocation (GtkWidget *widget, int width, int height, int baseline)
{
  guint before = digest_children (widget);

  watched.is_same_size = width == watched.width && height == watched.height;
  watched.width = width;
  watched.height = height;
  watched.is_allocating = TRUE;
  watched.size_allocate (widget, width, height, baseline);
  watched.is_allocating = FALSE;
  watched.n_allocations++;
  g_assert_cmpuint (digest_children (widget), ==, before);
}

/* The view changes its labels then, a hovered node its style. */
static void
never_while_allocating (void)
{
  g_assert_false (watched.is_allocating);
}

/* What can be scrolled to is told beforehand: GTK 4.8 forgets, where only the canvas is allocated and a scrollbar asks to be
 * in the midst of it, that the scrolled window has been seen to, and then does not allocate the canvas the next time. */
static void
never_while_allocating_alone (void)
{
  g_assert_false (watched.is_allocating && watched.is_same_size);
}

static void
hover_somewhere (PlGraphCanvas *canvas, GRand *random)
{
  canvas->has_pointer = TRUE;
  canvas->pointer_x = g_rand_int_range (random, 0, MAX (gtk_widget_get_width (GTK_WIDGET (canvas)), 1));
  canvas->pointer_y = g_rand_int_range (random, 0, MAX (gtk_widget_get_height (GTK_WIDGET (canvas)), 1));
  graph_canvas_pick_again (canvas);
}

static void
unfold_something (PlGraphCanvas *canvas)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    if (nodes[i].flags & PL_SCENE_BUNDLE)
      {
        graph_canvas_command (canvas, (Pick){ PICK_NODE, nodes[i].id }, "unfold");
        return;
      }
}

static void
do_something (PlSplit *split, GtkWidget *view, PlGraphCanvas *canvas, GRand *random)
{
  switch (g_rand_int_range (random, 0, 8))
    {
    case 0:
    case 1:
      gtk_window_set_default_size (GTK_WINDOW (gtk_widget_get_root (view)), g_rand_int_range (random, 360, 1280),
                                   g_rand_int_range (random, 300, 800));
      break;
    case 2:
      pl_graph_canvas_set_zoom (canvas, g_rand_double_range (random, PL_GRAPH_MIN_ZOOM, PL_GRAPH_MAX_ZOOM));
      break;
    case 3:
      pl_graph_canvas_fit (canvas);
      break;
    case 4:
      unfold_something (canvas);
      break;
    case 5:
      pl_graph_view_tidy (PL_GRAPH_VIEW (view));
      break;
    case 6:
      pl_split_set_show_pane (split, !pl_split_get_show_pane (split));
      break;
    default:
      break;
    }
}

static void
test_everything_at_once (void)
{
  GtkWidget *window = gtk_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *view = pl_graph_view_new (),
            *ruler = pl_port_ruler_new (), *split = g_object_new (PL_TYPE_SPLIT, NULL);
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  GtkWidgetClass *klass = GTK_WIDGET_GET_CLASS (canvas);
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (Synthetic) world = synthetic_new (11);
  g_autoptr (GRand) random = g_rand_new_with_seed (g_test_rand_int ());

  watched.size_allocate = klass->size_allocate;
  klass->size_allocate = watch_allocation;
  g_signal_connect (canvas, "scene-changed", G_CALLBACK (never_while_allocating), NULL);
  g_signal_connect (canvas, "zoomed", G_CALLBACK (never_while_allocating), NULL);
  g_signal_connect (canvas, "selection-changed", G_CALLBACK (never_while_allocating), NULL);
  g_signal_connect (canvas->adjustments[GTK_ORIENTATION_VERTICAL], "changed", G_CALLBACK (never_while_allocating_alone),
                    NULL);
  gtk_widget_set_vexpand (view, TRUE);
  gtk_box_append (GTK_BOX (box), view);
  gtk_box_append (GTK_BOX (box), ruler);
  g_object_set (split, "content", box, "pane", gtk_label_new ("Details"), NULL);
  gtk_window_set_child (GTK_WINDOW (window), split);
  gtk_window_set_default_size (GTK_WINDOW (window), 940, 700);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  pl_port_ruler_set_model (PL_PORT_RULER (ruler), model, TRUE);
  gtk_window_present (GTK_WINDOW (window));
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      if (round % 40 == 39)
        pl_model_reset (model);
      synthetic_fill (world, model, g_rand_int_range (random, 1, 40));
      pl_model_commit (model, g_get_monotonic_time ());
      do_something (PL_SPLIT (split), view, canvas, random);
      hover_somewhere (canvas, random);
      run_ms (g_rand_int_range (random, 0, 2 * ROUND_MS));
    }
  g_test_message ("%u allocations", watched.n_allocations);
  g_assert_cmpuint (watched.n_allocations, >, 20);
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
}

/* Very many flows are taken over in parts: with the rest of the window's turns in between, and whatever happens meanwhile. */
static void
test_parts (void)
{
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (Synthetic) world = synthetic_new (12);
  guint n_turns = 0, n_flows;

  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_set_default_size (GTK_WINDOW (window), 940, 700);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  gtk_window_present (GTK_WINDOW (window));
  wait_ms (50);
  synthetic_fill (world, model, 20000);
  n_flows = pl_model_get_n_flows (model);

  /* What is sorted at the end of a document waits for all of it. */
  pl_model_commit (model, g_get_monotonic_time ());
  pl_graph_canvas_settle (canvas);
  g_assert_cmpuint (pl_scene_get_n_flows (canvas->scene), ==, 0);
  g_assert_true (canvas->is_to_settle);
  for (; pl_scene_get_n_flows (canvas->scene) == 0; n_turns++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_turns, >=, n_flows / 2048);
  g_assert_cmpuint (pl_scene_get_n_flows (canvas->scene), ==, n_flows);
  g_assert_false (canvas->is_to_settle);

  /* News in between have their turn afterwards; who asks at once has all of it at once. */
  for (guint round = 0; round < 2; round++)
    {
      synthetic_fill (world, model, 100);
      n_flows = pl_model_get_n_flows (model);
      for (guint i = 0; i < 2; i++)
        pl_model_commit (model, g_get_monotonic_time ());
      g_assert_cmpuint (pl_scene_get_n_flows (canvas->scene), <, n_flows);
      if (round == 0)
        graph_canvas_refresh (canvas);
      while (round == 1 && pl_scene_get_n_flows (canvas->scene) < n_flows)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (pl_scene_get_n_flows (canvas->scene), ==, n_flows);
      g_assert_true (round == 1 || canvas->gather_source == 0);
    }

  /* Other room, as when a bar comes or goes. */
  synthetic_fill (world, model, 100);
  pl_model_commit (model, g_get_monotonic_time ());
  canvas->is_stale = canvas->has_other_room = TRUE;
  graph_canvas_start_tick (canvas);
  for (n_turns = 0; canvas->has_other_room; n_turns++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_turns, >=, n_flows / 2048);

  /* Another source in between, and the end. */
  synthetic_fill (world, model, 100);
  pl_model_commit (model, g_get_monotonic_time ());
  pl_model_reset (model);
  g_assert_cmpuint (pl_scene_get_n_flows (canvas->scene), ==, 0);
  wait_ms (20);
  g_assert_cmpuint (pl_scene_get_n_flows (canvas->scene), ==, 0);
  synthetic_fill (world, model, 100);
  pl_model_commit (model, g_get_monotonic_time ());
  g_assert_cmpuint (canvas->gather_source, !=, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
}

static gboolean
count_text (const PlModelFlow *flow, gpointer data)
{
  guint *n = data;
  g_autoptr (PlFlowMatch) match =
      pl_flow_match_copy (&(PlFlowMatch){ .conditions = PL_MATCH_TEXT, .text = (char *)"tcp" });

  *n += pl_flow_match_matches (match, flow);
  return TRUE;
}

/* What no node bears in its name is looked for in very many flows in parts, too; who types on looks for that alone. */
static void
test_search_parts (void)
{
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (Synthetic) world = synthetic_new (12);
  guint n_turns = 0, n_expected = 0, n_nodes, at, n_flows;

  gtk_window_set_child (GTK_WINDOW (window), view);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  gtk_window_present (GTK_WINDOW (window));
  wait_ms (50);
  synthetic_fill (world, model, 20000);
  pl_model_commit (model, g_get_monotonic_time ());
  graph_canvas_refresh (canvas);
  wait_ms (300);
  pl_model_foreach (model, count_text, &n_expected);

  pl_graph_canvas_search (canvas, "no such thing");
  g_assert_true (pl_graph_canvas_is_searching (canvas));
  pl_graph_canvas_search (canvas, "tcp");
  for (; pl_graph_canvas_is_searching (canvas); n_turns++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_turns, >=, pl_model_get_n_flows (model) / 4096 - 1);
  pl_graph_canvas_get_found (canvas, &n_nodes, &at, &n_flows);
  g_assert_cmpuint (n_nodes, ==, 0);
  g_assert_cmpuint (n_flows, ==, n_expected);
  g_assert_cmpuint (n_flows, >, 0);

  /* It ends with the search, another source, the window. */
  for (guint i = 0; i < 3; i++)
    {
      pl_graph_canvas_search (canvas, "no such thing");
      g_assert_true (pl_graph_canvas_is_searching (canvas));
      if (i == 0)
        pl_graph_canvas_search (canvas, NULL);
      else if (i == 1)
        pl_model_reset (model);
      g_assert_true (i == 2 || !pl_graph_canvas_is_searching (canvas));
      if (i == 1)
        synthetic_fill (world, model, 20000);
    }
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
}

/* Runs the main loop until nothing is gathered any longer, and what was is taken over in a turn of its own. Returns after how many. */
static guint
wait_for_all (PlGraphCanvas *canvas)
{
  guint n_turns = 0;
  gboolean was_gathered = FALSE;

  for (; canvas->gather_source != 0; n_turns++)
    {
      was_gathered = canvas->is_gathered;
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_true (was_gathered);
  return n_turns;
}

static void
wait_for_scroll (PlGraphCanvas *canvas, double value)
{
  while (graph_canvas_scroll (canvas, GTK_ORIENTATION_VERTICAL) != value)
    g_main_context_iteration (NULL, TRUE);
}

/* Very many flows are filtered and sorted in parts, too; who takes that back stands where they stood, however soon. */
static void
test_filter_parts (void)
{
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  PlGraphFilter *filter = pl_graph_canvas_get_filter (canvas);
  const PlFlowMatch tcp = { .conditions = PL_MATCH_TEXT, .text = (char *)"tcp" };
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (Synthetic) world = synthetic_new (12);
  guint n_parts, n_left_out;

  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_set_default_size (GTK_WINDOW (window), 940, 700);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  gtk_window_present (GTK_WINDOW (window));
  wait_ms (50);
  synthetic_fill (world, model, 20000);
  n_parts = pl_model_get_n_flows (model) / 2048;
  pl_model_commit (model, g_get_monotonic_time ());
  wait_for_all (canvas);
  gtk_adjustment_set_value (canvas->adjustments[GTK_ORIENTATION_VERTICAL], 200);

  for (guint round = 0; round < 3; round++)
    {
      wait_for_scroll (canvas, 200);
      pl_graph_filter_add (filter, FALSE, &tcp, "tcp");
      g_assert_cmpuint (pl_scene_get_n_left_out (canvas->scene), ==, 0);
      if (round == 1) /* changes their mind, and again */
        {
          pl_graph_filter_undo (filter);
          pl_graph_filter_add (filter, FALSE, &tcp, "tcp");
        }
      g_assert_cmpuint (wait_for_all (canvas), >=, n_parts);
      n_left_out = pl_scene_get_n_left_out (canvas->scene);
      g_assert_cmpuint (n_left_out, >, 0);
      wait_for_scroll (canvas, 0);
      pl_graph_filter_undo (filter);
      g_assert_cmpuint (pl_scene_get_n_left_out (canvas->scene), ==, n_left_out);
      if (round == 2) /* who asks at once has it at once */
        graph_canvas_refresh (canvas);
      else
        g_assert_cmpuint (wait_for_all (canvas), >=, n_parts);
      g_assert_cmpuint (pl_scene_get_n_left_out (canvas->scene), ==, 0);
    }
  wait_for_scroll (canvas, 200);

  /* One thing after the other. */
  pl_graph_canvas_tidy (canvas);
  pl_graph_filter_add (filter, FALSE, &tcp, "tcp");
  g_assert_cmpuint (wait_for_all (canvas), >=, n_parts);
  g_assert_cmpuint (pl_scene_get_n_left_out (canvas->scene), ==, n_left_out);
  pl_graph_canvas_tidy (canvas);
  g_assert_cmpuint (wait_for_all (canvas), >=, n_parts);

  /* Another source in between, and the end. */
  pl_graph_filter_undo (filter);
  pl_model_reset (model);
  g_assert_null (canvas->then);
  g_assert_null (canvas->brought_back);
  synthetic_fill (world, model, 20000);
  pl_model_commit (model, g_get_monotonic_time ());
  pl_graph_filter_add (filter, FALSE, &tcp, "tcp");
  pl_graph_filter_undo (filter);
  g_assert_nonnull (canvas->brought_back);
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (20);
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/graph/stress/everything-at-once", test_everything_at_once);
  g_test_add_func ("/graph/stress/parts", test_parts);
  g_test_add_func ("/graph/stress/search-parts", test_search_parts);
  g_test_add_func ("/graph/stress/filter-parts", test_filter_parts);
  return g_test_run ();
}
