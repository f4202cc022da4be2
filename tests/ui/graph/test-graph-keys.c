/* What the keys and a search light, and what they act on, while a pointer rests on the graph; and what is said where
 * lanes are empty. In process, under Xvfb. */
#include <adwaita.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-node-words.h"
#include "graph-search-bar.h"
#include "graph-view-private.h"
#include "shot.h"
#include "synthetic.h"

typedef struct
{
  GtkWidget *window, *view;
  PlGraphCanvas *canvas;
  PlModel *model;
} Fixture;

/* A window too low for the graph, with the pointer at rest where nothing is drawn. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->window = gtk_window_new ();
  fixture->view = pl_graph_view_new ();
  fixture->canvas = PL_GRAPH_CANVAS (find_canvas (fixture->view));
  fixture->model = pl_model_new ();
  gtk_window_set_decorated (GTK_WINDOW (fixture->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 940, 300);
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->view);
  gtk_window_present (GTK_WINDOW (fixture->window));
  while (!gtk_widget_get_mapped (GTK_WIDGET (fixture->canvas)))
    g_main_context_iteration (NULL, TRUE);
  wait_ms (50);
  pl_graph_view_set_model (PL_GRAPH_VIEW (fixture->view), fixture->model);
  synthetic_desktop (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (300);
  fixture->canvas->has_pointer = TRUE;
  fixture->canvas->pointer_x = gtk_widget_get_width (GTK_WIDGET (fixture->canvas)) - 1;
  fixture->canvas->pointer_y = 1;
  g_assert_cmpint (graph_canvas_pick (fixture->canvas, fixture->canvas->pointer_x, fixture->canvas->pointer_y).kind, ==,
                   PICK_NONE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_ref_sink (fixture->view);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  wait_ms (20);
  g_assert_finalize_object (fixture->view);
  g_assert_finalize_object (fixture->model);
}

static GtkWidget *
node_called (Fixture *fixture, const char *title)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (nodes[i].title, title))
      return g_hash_table_lookup (fixture->canvas->nodes, &nodes[i].id);
  g_assert_not_reached ();
}

/* As the canvas hears of it from GTK. */
static void
press_key (Fixture *fixture, guint key, GdkModifierType state)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (fixture->canvas));
  gboolean is_taken = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, state, &is_taken);
    }
  g_assert_true (is_taken);
}

static gboolean
is_lit (GtkWidget *node)
{
  return gtk_widget_has_css_class (node, "lit");
}

static void
assert_stays_lit (Fixture *fixture, GtkWidget *node)
{
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (is_lit (node));
      g_assert_true (gtk_widget_has_css_class (node_called (fixture, "curl"), "unlit"));
      graph_canvas_refresh (fixture->canvas);
      wait_ms (30);
    }
}

/* From the last of what was found a step leads to the first, and back. */
static void
test_search_goes_round (Fixture *fixture, gconstpointer data)
{
  guint n, at, n_flows;

  pl_graph_canvas_search (fixture->canvas, ":");
  pl_graph_canvas_get_found (fixture->canvas, &n, &at, &n_flows);
  g_assert_cmpuint (n, >, 2);
  g_assert_cmpuint (at, ==, 1);
  pl_graph_canvas_search_step (fixture->canvas, -1);
  pl_graph_canvas_get_found (fixture->canvas, &n, &at, &n_flows);
  g_assert_cmpuint (at, ==, n);
  pl_graph_canvas_search_step (fixture->canvas, 1);
  pl_graph_canvas_get_found (fixture->canvas, &n, &at, &n_flows);
  g_assert_cmpuint (at, ==, 1);
  pl_graph_canvas_search (fixture->canvas, NULL);
}

/* News of the model leaves lit what a search found: only the pointer's next move takes over. */
static void
test_search_stays_lit (Fixture *fixture, gconstpointer data)
{
  pl_graph_canvas_search (fixture->canvas, "imaps");
  assert_stays_lit (fixture, node_called (fixture, ":993"));
  pl_graph_canvas_search (fixture->canvas, NULL);
  g_assert_false (gtk_widget_has_css_class (node_called (fixture, "curl"), "unlit"));
}

/* The same for what the arrow keys walk to; what they lit goes out with them. */
static void
test_walk_stays_lit (Fixture *fixture, gconstpointer data)
{
  gtk_widget_grab_focus (node_called (fixture, "Thunderbird"));
  press_key (fixture, GDK_KEY_Right, 0);
  assert_stays_lit (fixture, node_called (fixture, ":50112"));
  gtk_root_set_focus (GTK_ROOT (fixture->window), NULL);
  g_assert_false (is_lit (node_called (fixture, ":50112")));
}

static const PlSceneNode *
focused (Fixture *fixture)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (fixture->window));

  g_assert_true (PL_IS_GRAPH_NODE (focus));
  return pl_graph_node_get (PL_GRAPH_NODE (focus));
}

/* To the ends of a lane, by the number pad too, and from right to left the other way. */
static void
test_walk_ways (Fixture *fixture, gconstpointer data)
{
  const PlSceneNode *first, *last;
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);

  gtk_widget_grab_focus (node_called (fixture, "Thunderbird"));
  press_key (fixture, GDK_KEY_Home, 0);
  first = focused (fixture);
  press_key (fixture, GDK_KEY_End, 0);
  last = focused (fixture);
  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == PL_LANE_APP)
      {
        g_assert_cmpfloat (nodes[i].target_y, >=, first->target_y);
        g_assert_cmpfloat (nodes[i].target_y, <=, last->target_y);
      }
  press_key (fixture, GDK_KEY_KP_Right, 0);
  g_assert_cmpint (focused (fixture)->lane, ==, PL_LANE_LOCAL_PORT);
  press_key (fixture, GDK_KEY_KP_Left, 0);
  g_assert_cmpint (focused (fixture)->lane, ==, PL_LANE_APP);
  gtk_widget_set_direction (GTK_WIDGET (fixture->canvas), GTK_TEXT_DIR_RTL);
  press_key (fixture, GDK_KEY_Left, 0);
  g_assert_cmpint (focused (fixture)->lane, ==, PL_LANE_LOCAL_PORT);
  press_key (fixture, GDK_KEY_Right, 0);
  g_assert_cmpint (focused (fixture)->lane, ==, PL_LANE_APP);
}

/* Shows connections of two programs, by two services each, with one host that all of them share. */
static void
show_shared_host (Fixture *fixture)
{
  static const guint16 services[] = { 443, 993 };
  PlSocket sockets[6] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      PlSocket *socket = &sockets[i];

      *socket = (PlSocket){ .proto = PL_PROTO_TCP,
                            .state = PL_STATE_ESTABLISHED,
                            .inode = i + 1,
                            .cookie = i + 1,
                            .local_port = 40000 + i,
                            .remote_port = services[i % 2] };
      socket->process = i < 3 ? synthetic_process ("one", "one", 11) : synthetic_process ("other", "other", 12);
      g_assert_true (pl_addr_parse ("192.0.2.1", &socket->local) && pl_addr_parse ("198.51.100.7", &socket->remote));
    }
  pl_model_reset (fixture->model);
  pl_model_apply_sockets (fixture->model, sockets, G_N_ELEMENTS (sockets));
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    pl_process_unref (sockets[i].process);
  graph_canvas_reset (fixture->canvas);
  wait_ms (300);
}

static guint64
focused_id (Fixture *fixture)
{
  return pl_graph_node_get (graph_canvas_focused_node (fixture->canvas))->id;
}

/* From a port to a host that others use too, and on the same way back: by the same service, port and app. */
static void
test_way_back (Fixture *fixture, gconstpointer data)
{
  guint n_nodes, n_walks = 0;

  show_shared_host (fixture);
  pl_scene_get_nodes (fixture->canvas->scene, &n_nodes);
  for (guint i = 0; i < n_nodes; i++)
    {
      const PlSceneNode *node = &pl_scene_get_nodes (fixture->canvas->scene, &n_nodes)[i];
      guint64 id = node->id, way[PL_N_LANES];

      if (node->lane != PL_LANE_LOCAL_PORT)
        continue;
      gtk_widget_grab_focus (g_hash_table_lookup (fixture->canvas->nodes, &id));
      press_key (fixture, GDK_KEY_Left, 0);
      for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
        {
          way[lane] = focused_id (fixture);
          press_key (fixture, GDK_KEY_Right, 0); /* of the endpoint: one stays */
        }
      g_assert_cmpuint (way[PL_LANE_LOCAL_PORT], ==, id);
      for (PlLane lane = PL_LANE_ENDPOINT; lane > PL_LANE_APP; lane--)
        {
          g_assert_cmpuint (focused_id (fixture), ==, way[lane]);
          press_key (fixture, GDK_KEY_Left, 0);
        }
      g_assert_cmpuint (focused_id (fixture), ==, way[PL_LANE_APP]);
      n_walks++;
    }
  g_assert_cmpuint (n_walks, >=, 4);
}

/* Unlit nodes hide the lines behind them all the same. */
static void
test_unlit_hides (Fixture *fixture, gconstpointer data)
{
  GHashTableIter nodes;
  gpointer node;
  guint n = 0;

  pl_graph_canvas_search (fixture->canvas, "imaps");
  wait_ms (500); /* the style changes by degrees */
  g_hash_table_iter_init (&nodes, fixture->canvas->nodes);
  while (g_hash_table_iter_next (&nodes, NULL, &node))
    {
      g_autoptr (GdkTexture) texture = gtk_widget_has_css_class (node, "unlit") ? shot_take (node) : NULL;
      int width = gtk_widget_get_width (node), height = gtk_widget_get_height (node);
      g_autofree guint32 *pixels = g_new (guint32, width * height);

      if (texture == NULL) /* lit, or out of sight */
        continue;
      gdk_texture_download (texture, (guint8 *)pixels, width * 4);
      g_assert_cmpuint (pixels[height / 2 * width + width / 2] >> 24, ==, 255);
      n++;
    }
  g_assert_cmpuint (n, >, 0);
}

/* The search is as wide as its words, whatever room the bar has. */
static void
test_search_is_narrow (Fixture *fixture, gconstpointer data)
{
  GtkWidget *text;

  pl_graph_search_bar_open (PL_GRAPH_SEARCH_BAR (PL_GRAPH_VIEW (fixture->view)->search));
  wait_ms (500); /* it is unrolled */
  text = gtk_root_get_focus (GTK_ROOT (fixture->window));
  g_assert_true (GTK_IS_TEXT (text));
  g_assert_cmpint (gtk_widget_get_width (text), <, gtk_widget_get_width (fixture->window) / 3);
}

/* Tab lights each node that it comes to and brings it into view, wherever the pointer is. */
static void
test_tab (Fixture *fixture, gconstpointer data)
{
  guint n_nodes = g_hash_table_size (fixture->canvas->nodes), n = 0;

  while (n <= n_nodes && gtk_widget_child_focus (GTK_WIDGET (fixture->canvas), GTK_DIR_TAB_FORWARD))
    {
      GtkWidget *node = GTK_WIDGET (graph_canvas_focused_node (fixture->canvas));
      graphene_rect_t bounds;

      wait_ms (20);
      g_assert_true (is_lit (node));
      g_assert_true (gtk_widget_compute_bounds (node, GTK_WIDGET (fixture->canvas), &bounds));
      g_assert_cmpfloat (bounds.origin.y, >=, 0);
      g_assert_cmpfloat (bounds.origin.y + bounds.size.height, <=,
                         gtk_widget_get_height (GTK_WIDGET (fixture->canvas)));
      n++;
    }
  g_assert_cmpuint (n, ==, n_nodes);
}

/* Who stood at a line and comes to another node acts on that node, and neither says that line any more. */
static void
test_line_is_left (Fixture *fixture, gconstpointer data)
{
  GtkWidget *port = node_called (fixture, ":993"), *other = node_called (fixture, "Thunderbird");

  gtk_widget_grab_focus (port);
  press_key (fixture, GDK_KEY_Down, GDK_CONTROL_MASK);
  g_assert_cmpuint (fixture->canvas->line_id, !=, 0);
  g_assert_true (gtk_widget_activate_action (port, "node.press", NULL));
  g_assert_cmpint (fixture->canvas->selection.pick.kind, ==, PICK_EDGE);
  gtk_widget_grab_focus (other);
  g_assert_true (gtk_widget_activate_action (other, "node.press", NULL));
  g_assert_cmpint (fixture->canvas->selection.pick.kind, ==, PICK_NODE);
  gtk_widget_grab_focus (port);
  press_key (fixture, GDK_KEY_Down, GDK_CONTROL_MASK);
  g_assert_true (gtk_widget_activate_action (other, "node.press", NULL)); /* assistive technology asks no focus first */
  g_assert_cmpint (fixture->canvas->selection.pick.kind, ==, PICK_NODE);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (port), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       ":993, remote port, well-known range, TCP, 1 flow, connects to "
                                       "198.51.100.7");
}

/* Where only listeners are to be seen, that is said where the others would be, clear of the lines between the lanes. */
static void
test_nobody (Fixture *fixture, gconstpointer data)
{
  PlSocket socket = { .proto = PL_PROTO_TCP, .local_port = 8080, .state = PL_STATE_LISTEN, .inode = 1, .cookie = 1 };
  GtkWidget *nobody = PL_GRAPH_VIEW (fixture->view)->nobody;
  graphene_rect_t box;

  g_assert_false (gtk_widget_get_mapped (nobody));
  pl_model_reset (fixture->model);
  socket.process = synthetic_process ("python3", "python3", 1);
  g_assert_true (pl_addr_parse ("0.0.0.0", &socket.local) && pl_addr_parse ("0.0.0.0", &socket.remote));
  pl_model_apply_sockets (fixture->model, &socket, 1);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  for (gint64 end_us = g_get_monotonic_time () + 30 * G_USEC_PER_SEC; gtk_widget_get_width (nobody) == 0; wait_ms (50))
    g_assert_cmpint (g_get_monotonic_time (), <, end_us); /* first the others fade */
  g_assert_true (gtk_widget_compute_bounds (nobody, GTK_WIDGET (fixture->canvas), &box));
  g_assert_nonnull (fixture->canvas->rules);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->canvas->rules_x); i++)
    {
      double x = fixture->canvas->rules_x[i];

      g_assert_true (x + 1 < box.origin.x || x > box.origin.x + box.size.width);
    }
  pl_process_unref (socket.process);
}

static double
room_at_end (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment)
         - gtk_adjustment_get_value (adjustment);
}

static void
assert_reading_order (Fixture *fixture)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (fixture->canvas)), *next;
  gboolean is_list = pl_scene_get_is_stacked (fixture->canvas->scene);
  guint n_nodes = 1;

  for (; (next = gtk_widget_get_next_sibling (child)) != NULL; child = next, n_nodes++)
    {
      const PlSceneNode *one = pl_graph_node_get (PL_GRAPH_NODE (child));
      const PlSceneNode *other = pl_graph_node_get (PL_GRAPH_NODE (next));

      if (!is_list)
        g_assert_cmpint (one->lane, <=, other->lane);
      if (is_list || one->lane == other->lane)
        g_assert_cmpfloat (one->target_y, <=, other->target_y);
    }
  g_assert_cmpuint (n_nodes, ==, g_hash_table_size (fixture->canvas->nodes));
}

/* Assistive technology reads the children one after another: lane by lane from top to bottom, newcomers in their places; a list
 * line by line. */
static void
test_reading_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Synthetic) world = synthetic_new (6);

  assert_reading_order (fixture);
  for (guint i = 0; i < 4; i++)
    {
      synthetic_fill (world, fixture->model, 10);
      pl_model_commit (fixture->model, g_get_monotonic_time ());
      wait_ms (300);
      assert_reading_order (fixture);
    }
  pl_graph_view_tidy (PL_GRAPH_VIEW (fixture->view));
  wait_ms (300);
  assert_reading_order (fixture);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 300);
  for (gint64 end_us = g_get_monotonic_time () + 30 * G_USEC_PER_SEC; !pl_scene_get_is_stacked (fixture->canvas->scene);
       wait_ms (50))
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
  wait_ms (300);
  assert_reading_order (fixture);
}

/* Where text runs to the left the lanes begin at the right, and are in view still when the window becomes narrower. */
static void
test_narrower_mirrored (Fixture *fixture, gconstpointer data)
{
  GtkWidget *canvas = GTK_WIDGET (fixture->canvas);
  GtkAdjustment *adjustment = fixture->canvas->adjustments[GTK_ORIENTATION_HORIZONTAL];
  int width = gtk_widget_get_width (canvas);

  fixture->canvas->has_pointer = FALSE;
  gtk_widget_set_direction (canvas, GTK_TEXT_DIR_RTL);
  pl_graph_canvas_set_zoom (fixture->canvas, 2);
  for (guint i = 0; i < 300 && gtk_adjustment_get_upper (adjustment) < 1.9 * width; i++)
    wait_ms (100);
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  wait_ms (100);
  g_assert_cmpfloat (room_at_end (adjustment), <=, 1);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 640, 300);
  for (guint i = 0; i < 300 && gtk_widget_get_width (canvas) == width; i++)
    wait_ms (100);
  g_assert_cmpint (gtk_widget_get_width (canvas), <, width);
  for (guint i = 0; i < 100 && room_at_end (adjustment) > 1; i++)
    wait_ms (100);
  g_assert_cmpfloat (room_at_end (adjustment), <=, 1);
}

/* Animations that are off, and a system that wants less motion where GTK tells of one. */
static void
test_motion (Fixture *fixture, gconstpointer data)
{
  GtkSettings *settings = gtk_settings_get_default ();
  const char *reduced = "gtk-interface-reduced-motion";

  g_object_set (settings, "gtk-enable-animations", TRUE, NULL);
  g_assert_true (fixture->canvas->is_animated);
  g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  g_assert_false (fixture->canvas->is_animated);
  g_object_set (settings, "gtk-enable-animations", TRUE, NULL);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (settings), reduced) != NULL)
    {
      g_object_set (settings, reduced, 1, NULL);
      g_assert_false (fixture->canvas->is_animated);
      g_object_set (settings, reduced, 0, NULL);
      g_assert_true (fixture->canvas->is_animated);
    }
  else
    g_test_message ("this GTK does not tell that less motion is wanted");
  gtk_settings_reset_property (settings, "gtk-enable-animations");
}

/* What the dashes of its lines show is said, too: of two ports of one number which is TCP's and which UDP's; and what a port that is
 * waited on is known for, whose chip says who can reach it. */
static void
test_protocols (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Synthetic) world = synthetic_new (7);
  guint n, n_tcp = 0, n_udp = 0, n_services = 0;
  const PlSceneNode *nodes;

  synthetic_fill (world, fixture->model, 200);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (300);
  nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *tip = graph_canvas_describe (fixture->canvas, (Pick){ PICK_NODE, nodes[i].id });
      g_autofree char *label = graph_node_words (&nodes[i], NULL);
      const char *service = nodes[i].port ? pl_service_title (nodes[i].proto, nodes[i].port) : NULL;
      gboolean is_tcp = nodes[i].proto == PL_PROTO_TCP, is_udp = nodes[i].proto == PL_PROTO_UDP;

      if (nodes[i].range == PL_RANGE_NONE || nodes[i].proto == 0)
        continue;
      g_assert_true ((strstr (label, ", TCP, ") != NULL) == is_tcp && (strstr (tip, "\nTCP") != NULL) == is_tcp);
      g_assert_true ((strstr (label, ", UDP, ") != NULL) == is_udp && (strstr (tip, "\nUDP") != NULL) == is_udp);
      if ((nodes[i].flags & PL_SCENE_LISTENER) && service)
        {
          g_assert_nonnull (strstr (tip, service));
          n_services++;
        }
      n_tcp += is_tcp;
      n_udp += is_udp;
    }
  g_assert_true (n_tcp > 0 && n_udp > 0 && n_services > 0);
}

/* What failed says how, in the tip and to a screen reader: of an endpoint its description does. */
static void
test_failures (Fixture *fixture, gconstpointer data)
{
  guint n, n_ports = 0;
  const PlSceneNode *nodes;

  synthetic_failures (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (300);
  nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *tip = graph_canvas_describe (fixture->canvas, (Pick){ PICK_NODE, nodes[i].id });
      g_autofree char *label = graph_node_words (&nodes[i], NULL);
      gboolean is_port = nodes[i].lane == PL_LANE_LOCAL_PORT || nodes[i].lane == PL_LANE_REMOTE_PORT;
      const char *how = pl_scene_failure_words (nodes[i].failures);

      if (!(nodes[i].flags & PL_SCENE_FAILED))
        continue;
      g_assert_true (nodes[i].lane == PL_LANE_APP || strstr (tip, how));
      g_assert_nonnull (strstr (label, is_port ? how : ", failed"));
      n_ports += is_port && !g_str_equal (how, "failed");
    }
  g_assert_cmpuint (n_ports, >=, 4);
}

/* A line says by its arrow who called, and does not where nobody saw it. */
static void
test_arrows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Synthetic) world = synthetic_new (7);
  guint n, n_seen[3] = { 0 };
  const PlSceneEdge *edges;

  synthetic_fill (world, fixture->model, 200);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (300);
  edges = pl_scene_get_edges (fixture->canvas->scene, &n);
  for (guint i = 0; i < n; i++)
    {
      guint way = edges[i].flags & PL_SCENE_INBOUND                          ? 1
                  : edges[i].flags & (PL_SCENE_OUTBOUND | PL_SCENE_LISTENER) ? 0
                                                                             : 2;
      g_autofree char *tip = graph_canvas_describe (fixture->canvas, (Pick){ PICK_EDGE, edges[i].id });
      g_autofree char *title = graph_canvas_title (fixture->canvas, (Pick){ PICK_EDGE, edges[i].id });

      for (guint j = 0; j < G_N_ELEMENTS (n_seen); j++)
        {
          static const char *const arrows[] = { " → ", " ← ", " ↔ " };

          g_assert_true ((strstr (tip, arrows[j]) != NULL) == (j == way));
          g_assert_true ((strstr (title, arrows[j]) != NULL) == (j == way));
        }
      n_seen[way]++;
    }
  for (guint i = 0; i < G_N_ELEMENTS (n_seen); i++)
    g_assert_cmpuint (n_seen[i], >, 0);
}

/* A port is read from left to right, too, where the words below it are of a language that is not. */
static void
test_tip_mirrored (Fixture *fixture, gconstpointer data)
{
  GtkWidget *tip = pl_graph_canvas_get_tip (fixture->canvas);
  PlGraphNode *port = PL_GRAPH_NODE (node_called (fixture, ":993"));
  Pick pick = { PICK_NODE, pl_graph_node_get (port)->id };
  g_autofree char *text = graph_canvas_describe (fixture->canvas, pick), *hebrew = NULL;

  *strchr (text, '\n') = 0;
  hebrew = g_strconcat (text, "\n\u05e9\u05dc\u05d5\u05dd", NULL);
  gtk_widget_set_direction (tip, GTK_TEXT_DIR_RTL);
  graph_canvas_show_tip (fixture->canvas, pick, hebrew);
  g_assert_true (reads_port (GTK_LABEL (tip)));
}

/* ---- what is copied ---- */

static char *
copy (Fixture *fixture, Pick pick, const char *command)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (fixture->canvas));
  g_auto (GValue) value = G_VALUE_INIT;

  gdk_clipboard_set_text (clipboard, "as before");
  graph_canvas_command (fixture->canvas, pick, command);
  g_value_init (&value, G_TYPE_STRING);
  g_assert_true (gdk_content_provider_get_value (gdk_clipboard_get_content (clipboard), &value, NULL));
  return g_value_dup_string (&value);
}

/* Of a line the other end's address, and the port that was called, whichever side called. */
static void
test_copied_line (Fixture *fixture, gconstpointer data)
{
  for (guint is_inbound = FALSE; is_inbound <= TRUE; is_inbound++)
    {
      g_autoptr (PlModel) model = pl_model_new ();
      PlFlowUpdate update = { .flow = { .id = 1, .state = PL_STATE_ESTABLISHED } };
      PlAddr here, there;
      guint n;
      Pick line;
      g_autofree char *address = NULL, *port = NULL;

      g_assert_true (pl_addr_parse ("192.168.1.20", &here) && pl_addr_parse ("203.0.113.9", &there));
      update.flow.local_end =
          (guint8)pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, &here, is_inbound ? 8080 : 50001, &there,
                                         is_inbound ? 50002 : 443, 0, &update.flow.key);
      update.flow.initiator_end = is_inbound ? 1 - update.flow.local_end : update.flow.local_end;
      pl_model_apply_flows (model, &update, 1);
      pl_model_commit (model, g_get_monotonic_time ());
      pl_graph_view_set_model (PL_GRAPH_VIEW (fixture->view), model);
      wait_ms (50);
      line = (Pick){ PICK_EDGE, pl_scene_get_edges (fixture->canvas->scene, &n)[0].id };
      g_assert_cmpuint (n, ==, 1);
      address = copy (fixture, line, "copy-address");
      g_assert_cmpstr (address, ==, "203.0.113.9");
      port = copy (fixture, line, "copy-port");
      g_assert_cmpstr (port, ==, is_inbound ? "8080" : "443");
      pl_graph_view_set_model (PL_GRAPH_VIEW (fixture->view), fixture->model);
    }
}

/* "17 dynamic" is no name that somebody could paste anywhere. */
static void
test_copied_names (Fixture *fixture, gconstpointer data)
{
  guint n, n_bundles = 0, n_named = 0;
  const PlSceneNode *nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    {
      gboolean is_bundle = (nodes[i].flags & PL_SCENE_BUNDLE) != 0;
      g_autofree char *name = copy (fixture, (Pick){ PICK_NODE, nodes[i].id }, "copy-name");

      g_assert_true (g_str_equal (name, "as before") == is_bundle);
      g_assert_true (is_bundle || g_str_has_prefix (name, nodes[i].title));
      n_bundles += is_bundle;
      n_named += !is_bundle;
    }
  g_assert_cmpuint (n_bundles, >, 0);
  g_assert_cmpuint (n_named, >, 0);
}

/* ---- what a bundle is filtered by ---- */

static guint
count_edges_of (Fixture *fixture, guint64 node_id)
{
  const Lit lit = { .pick = { PICK_NODE, node_id } };
  guint n, found = 0;
  const PlSceneEdge *edges = pl_scene_get_edges (fixture->canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    found += graph_canvas_lights_edge (fixture->canvas, &lit, &edges[i]);
  return found;
}

typedef struct
{
  const PlFlowMatch *match;
  guint n;
} Matching;

static gboolean
count_matching (const PlModelFlow *flow, gpointer data)
{
  Matching *matching = data;

  matching->n += pl_flow_match_matches (matching->match, flow);
  return TRUE;
}

static gboolean
says (GtkWidget *widget, const char *words)
{
  gboolean found = GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), words);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = says (child, words);
  return found;
}

static guint64
find_others (Fixture *fixture)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    if ((nodes[i].flags & PL_SCENE_OTHERS) && !(nodes[i].flags & PL_SCENE_LEAVING))
      return nodes[i].id;
  g_assert_not_reached ();
}

/* Ports of a range are filtered by what they are, so that those to come are among them, where that holds for no other flow; what
 * is left after the busiest goes by name, and the filter says so. */
static void
test_bundle_filter (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Synthetic) world = synthetic_new (7);
  guint n, n_by_rule = 0;
  guint64 bundle = 0;
  const PlSceneNode *nodes;

  synthetic_fill (world, fixture->model, 900);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (300);
  nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PlFlowMatch) match = graph_canvas_match (fixture->canvas, (Pick){ PICK_NODE, nodes[i].id });
      Matching matching = { match, 0 };

      if (!(nodes[i].flags & PL_SCENE_BUNDLE))
        continue;
      pl_model_foreach (fixture->model, count_matching, &matching);
      g_assert_cmpuint (matching.n, ==, nodes[i].n_flows);
      if ((match->conditions & PL_MATCH_FLOWS) || count_edges_of (fixture, nodes[i].id) < 2)
        continue;
      n_by_rule++;
      bundle = nodes[i].id;
    }
  g_test_message ("%u bundles of several lines go by rule", n_by_rule);
  g_assert_cmpuint (n_by_rule, >, 0);
  graph_canvas_command (fixture->canvas, (Pick){ PICK_NODE, bundle }, "filter");
  g_assert_cmpuint (pl_flow_filter_get_n_terms (pl_graph_view_get_filter (PL_GRAPH_VIEW (fixture->view))), ==, 1);
  g_assert_false (says (fixture->view, "as of now"));
  pl_graph_view_undo_filter (PL_GRAPH_VIEW (fixture->view));
  graph_canvas_command (fixture->canvas, (Pick){ PICK_NODE, find_others (fixture) }, "filter");
  g_assert_true (says (fixture->view, ", as of now"));
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/graph/keys/copied-line", Fixture, NULL, set_up, test_copied_line, tear_down);
  g_test_add ("/graph/keys/walk-ways", Fixture, NULL, set_up, test_walk_ways, tear_down);
  g_test_add ("/graph/keys/search-goes-round", Fixture, NULL, set_up, test_search_goes_round, tear_down);
  g_test_add ("/graph/keys/search-stays-lit", Fixture, NULL, set_up, test_search_stays_lit, tear_down);
  g_test_add ("/graph/keys/unlit-hides", Fixture, NULL, set_up, test_unlit_hides, tear_down);
  g_test_add ("/graph/keys/way-back", Fixture, NULL, set_up, test_way_back, tear_down);
  g_test_add ("/graph/keys/walk-stays-lit", Fixture, NULL, set_up, test_walk_stays_lit, tear_down);
  g_test_add ("/graph/keys/search-is-narrow", Fixture, NULL, set_up, test_search_is_narrow, tear_down);
  g_test_add ("/graph/keys/tab", Fixture, NULL, set_up, test_tab, tear_down);
  g_test_add ("/graph/keys/reading-order", Fixture, NULL, set_up, test_reading_order, tear_down);
  g_test_add ("/graph/keys/line-is-left", Fixture, NULL, set_up, test_line_is_left, tear_down);
  g_test_add ("/graph/keys/narrower-mirrored", Fixture, NULL, set_up, test_narrower_mirrored, tear_down);
  g_test_add ("/graph/keys/motion", Fixture, NULL, set_up, test_motion, tear_down);
  g_test_add ("/graph/keys/nobody", Fixture, NULL, set_up, test_nobody, tear_down);
  g_test_add ("/graph/keys/protocols", Fixture, NULL, set_up, test_protocols, tear_down);
  g_test_add ("/graph/keys/failures", Fixture, NULL, set_up, test_failures, tear_down);
  g_test_add ("/graph/keys/arrows", Fixture, NULL, set_up, test_arrows, tear_down);
  g_test_add ("/graph/keys/tip-mirrored", Fixture, NULL, set_up, test_tip_mirrored, tear_down);
  g_test_add ("/graph/keys/copied-names", Fixture, NULL, set_up, test_copied_names, tear_down);
  g_test_add ("/graph/keys/bundle-filter", Fixture, NULL, set_up, test_bundle_filter, tear_down);
  return g_test_run ();
}
