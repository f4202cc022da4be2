/* The graph as a widget: what it shows, says and selects, and that it rests. In process, under Xvfb. */
#include <adwaita.h>
#include <sys/resource.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-view-private.h"
#include "graph-view.h"
#include "shot.h"
#include "synthetic.h"

typedef struct
{
  GtkWidget *window, *view;
  PlGraphCanvas *canvas;
  PlModel *model;
  guint n_selections;
} Fixture;

static void
on_selection (Fixture *fixture)
{
  fixture->n_selections++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->window = gtk_window_new ();
  fixture->view = pl_graph_view_new ();
  fixture->canvas = PL_GRAPH_CANVAS (find_canvas (fixture->view));
  fixture->model = pl_model_new ();
  gtk_window_set_decorated (GTK_WINDOW (fixture->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 940, 700);
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->view);
  g_signal_connect_swapped (fixture->view, "selection-changed", G_CALLBACK (on_selection), fixture);
  gtk_window_present (GTK_WINDOW (fixture->window));
  while (!gtk_widget_get_mapped (GTK_WIDGET (fixture->canvas)))
    g_main_context_iteration (NULL, TRUE);
  wait_ms (50);
  pl_graph_view_set_model (PL_GRAPH_VIEW (fixture->view), fixture->model);
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

static void
show_desktop (Fixture *fixture)
{
  synthetic_desktop (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (300);
}

static const PlSceneNode *
scene_node (Fixture *fixture, PlLane lane, const char *title)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);

  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == lane && g_str_equal (nodes[i].title, title))
      return &nodes[i];
  g_assert_not_reached ();
}

static PlGraphNode *
node_widget (Fixture *fixture, PlLane lane, const char *title)
{
  guint64 id = scene_node (fixture, lane, title)->id;

  return PL_GRAPH_NODE (g_hash_table_lookup (fixture->canvas->nodes, &id));
}

static guint
count_children (GtkWidget *widget)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    n++;
  return n;
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  GtkWidget *child = gtk_widget_get_last_child (fixture->view);

  wait_ms (50);
  g_assert_cmpstr (adw_status_page_get_title (ADW_STATUS_PAGE (child)), ==, "No Connections Yet");
  g_assert_true (gtk_widget_get_mapped (child));
  show_desktop (fixture);
  g_assert_false (gtk_widget_get_mapped (child));
  pl_model_reset (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (100);
  g_assert_true (gtk_widget_get_mapped (child));
  g_assert_cmpuint (count_children (GTK_WIDGET (fixture->canvas)), ==, 0);
}

/* @words: its second line. */
static void
assert_says_rate (Fixture *fixture, PlLane lane, const char *title, const char *words)
{
  PlGraphNode *node = node_widget (fixture, lane, title);
  g_autofree char *rate = pl_scene_format_rate (pl_graph_node_get (node)->rate),
                  *said = g_strdup_printf ("%s · %s", words, rate);

  g_assert_cmpfloat (pl_graph_node_get (node)->rate, >, 1);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, said);
}

/* Each node says its name, its role, what it is connected with and its rate, and can be pressed. */
static void
test_words (Fixture *fixture, gconstpointer data)
{
  PlGraphNode *node;

  show_desktop (fixture);
  node = node_widget (fixture, PL_LANE_APP, "Firefox");
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_ROLE_BUTTON);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Firefox, app, 19 flows, connects to 93.184.216.34, 2606:2800:220:1::17");
  node = node_widget (fixture, PL_LANE_APP, "python3"); /* what waits for others to call is no flow */
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "python3, app, 1 flow, listens on 1 port, called by 192.168.1.31");
  node = node_widget (fixture, PL_LANE_LOCAL_PORT, ":8080");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       ":8080, local port, listening, registered range, TCP, any machine that finds "
                                       "this computer can reach it, called by 192.168.1.31");
  node = node_widget (fixture, PL_LANE_ENDPOINT, "localhost");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "localhost, endpoint, 1 flow, failed, called by curl");
  node = node_widget (fixture, PL_LANE_ENDPOINT, "192.168.1.31");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "192.168.1.31, endpoint, 1 flow, connects to python3");
  assert_says_rate (fixture, PL_LANE_ENDPOINT, "93.184.216.34", "internet");
  assert_says_rate (fixture, PL_LANE_LOCAL_PORT, ":8080", "http-alt");
}

static void
test_press (Fixture *fixture, gconstpointer data)
{
  PlGraphNode *node;
  g_autoptr (GArray) flows = NULL, none = NULL;

  show_desktop (fixture);
  node = node_widget (fixture, PL_LANE_APP, "Firefox");
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (node), "node.press", NULL));
  g_assert_cmpuint (fixture->n_selections, ==, 1);
  g_assert_cmpstr (pl_graph_view_get_selected_node_title (PL_GRAPH_VIEW (fixture->view)), ==, "Firefox");
  flows = pl_graph_view_get_selected_flows (PL_GRAPH_VIEW (fixture->view));
  g_assert_cmpuint (flows->len, ==, 19);
  gtk_test_accessible_assert_state (GTK_ACCESSIBLE (node), GTK_ACCESSIBLE_STATE_PRESSED, GTK_ACCESSIBLE_TRISTATE_TRUE);
  pl_graph_view_select_flow (PL_GRAPH_VIEW (fixture->view), 0);
  g_assert_cmpuint (fixture->n_selections, ==, 2);
  g_assert_null (pl_graph_view_get_selected_node_title (PL_GRAPH_VIEW (fixture->view)));
  none = pl_graph_view_get_selected_flows (PL_GRAPH_VIEW (fixture->view));
  g_assert_cmpuint (none->len, ==, 0);
}

/* Every flow can be selected from outside; what is selected is what draws it. */
static void
test_select_flow (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) all = NULL;

  show_desktop (fixture);
  all = pl_scene_node_flows (fixture->canvas->scene, scene_node (fixture, PL_LANE_APP, "Firefox")->id);
  for (guint i = 0; i < all->len; i++)
    {
      guint64 id = g_array_index (all, guint64, i);
      g_autoptr (GArray) flows = NULL;

      pl_graph_view_select_flow (PL_GRAPH_VIEW (fixture->view), id);
      flows = pl_graph_view_get_selected_flows (PL_GRAPH_VIEW (fixture->view));
      g_assert_cmpuint (flows->len, ==, 1);
      g_assert_cmpuint (g_array_index (flows, guint64, 0), ==, id);
    }
  pl_graph_view_select_flow (PL_GRAPH_VIEW (fixture->view), 123456);
  g_assert_cmpint (fixture->canvas->selection.pick.kind, ==, PICK_NONE);
}

static void
name_anew (Fixture *fixture, guint64 id, const char *name)
{
  PlProcess *process = synthetic_process (name, name, 4711);
  const PlModelFlow *flow = pl_model_get_flow (fixture->model, id);

  pl_model_apply_owner (fixture->model, id, flow->local_end, PL_CONFIDENCE_EXACT, 1000, process);
  pl_process_unref (process);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (400);
}

/* What is selected stays so when its app becomes known, though another node and line draw it from then on. */
static void
test_selection_stays (Fixture *fixture, gconstpointer data)
{
  const PlSceneNode *nodes;
  guint n, at = 0;
  guint64 id;
  Pick pick;

  show_desktop (fixture);
  nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);
  while (nodes[at].lane != PL_LANE_LOCAL_PORT || nodes[at].n_flows != 1 || (nodes[at].flags & PL_SCENE_LISTENER))
    g_assert_cmpuint (++at, <, n);
  pick = (Pick){ PICK_NODE, nodes[at].id };
  for (guint i = 0; i < 2; i++) /* a node, then its line */
    {
      g_autoptr (GArray) before = NULL, after = NULL;

      graph_canvas_select (fixture->canvas, pick);
      before = pl_graph_view_get_selected_flows (PL_GRAPH_VIEW (fixture->view));
      g_assert_cmpuint (before->len, ==, 1);
      id = g_array_index (before, guint64, 0);
      name_anew (fixture, id, i == 0 ? "Newcomer" : "Another");
      after = pl_graph_view_get_selected_flows (PL_GRAPH_VIEW (fixture->view));
      g_assert_cmpuint (after->len, ==, 1);
      g_assert_cmpuint (g_array_index (after, guint64, 0), ==, id);
      g_assert_cmpint (fixture->canvas->selection.pick.kind, ==, pick.kind);
      g_assert_cmpuint (fixture->canvas->selection.pick.id, !=, pick.id);
      pick = (Pick){ PICK_EDGE, pl_scene_flow_edge (fixture->canvas->scene, id) };
    }
}

/* Under the pointer: the node, or the edge, where they are drawn; mirrored where text runs right to left; zoomed. */
static void
test_pick (Fixture *fixture, gconstpointer data)
{
  static const double zooms[] = { 1, 0.5, 1.7 };

  for (guint round = 0; round < 2 * G_N_ELEMENTS (zooms); round++)
    {
      gboolean is_rtl = round % 2;
      guint n_nodes, n_edges;
      const PlSceneNode *nodes;
      const PlSceneEdge *edges;

      gtk_widget_set_direction (GTK_WIDGET (fixture->canvas), is_rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
      pl_graph_canvas_set_zoom (fixture->canvas, zooms[round / 2]);
      show_desktop (fixture);
      nodes = pl_scene_get_nodes (fixture->canvas->scene, &n_nodes);
      for (guint i = 0; i < n_nodes; i++)
        {
          GtkWidget *widget = g_hash_table_lookup (fixture->canvas->nodes, &nodes[i].id);
          graphene_rect_t bounds;
          Pick pick;

          g_assert_true (gtk_widget_compute_bounds (widget, GTK_WIDGET (fixture->canvas), &bounds));
          pick = graph_canvas_pick (fixture->canvas, bounds.origin.x + 5, bounds.origin.y + 5);
          g_assert_cmpint (pick.kind, ==, PICK_NODE);
          g_assert_cmpuint (pick.id, ==, nodes[i].id);
        }
      edges = pl_scene_get_edges (fixture->canvas->scene, &n_edges);
      for (guint i = 0; i < n_edges; i++)
        {
          PlScenePiece pieces[PL_N_PIECES];
          double x, y;

          if (edges[i].flags & (PL_SCENE_COVERED | PL_SCENE_LISTENER))
            continue;
          pl_scene_edge_pieces (fixture->canvas->scene, &edges[i], pieces);
          x = pieces[PL_PIECE_LOCAL_REMOTE].x0 + 8;
          y = pl_scene_edge_y (fixture->canvas->scene, &edges[i], x);
          graph_canvas_from_scene (fixture->canvas, &x, &y, 0);
          g_assert_cmpint (graph_canvas_pick (fixture->canvas, x, y).kind, ==, PICK_EDGE);
        }
    }
}

/* What is at the point of zooming stays there; all fits when it is asked to; small text is left out, not made illegible. */
static void
test_zoom (Fixture *fixture, gconstpointer data)
{
  PlGraphCanvas *canvas = fixture->canvas;
  const PlSceneNode *node;
  double x, y, new_x, new_y, height;
  g_autoptr (Synthetic) world = synthetic_new (3);

  show_desktop (fixture);
  height = gtk_widget_get_height (GTK_WIDGET (canvas)); /* before it is seen, newer GTK has given it none */
  node = scene_node (fixture, PL_LANE_REMOTE_PORT, ":993");
  x = new_x = node->x + 5;
  y = new_y = node->y + 5;
  graph_canvas_from_scene (canvas, &x, &y, 0);
  pl_graph_canvas_zoom_at (canvas, 2.5, x, y);
  wait_ms (60);
  graph_canvas_from_scene (canvas, &new_x, &new_y, 0);
  g_assert_cmpfloat_with_epsilon (new_x, x, 2);
  g_assert_cmpfloat_with_epsilon (new_y, y, 2);
  g_assert_cmpint (graph_canvas_pick (canvas, x, y).kind, ==, PICK_NODE);
  pl_graph_canvas_fit (canvas);
  for (double width = 1900; width < 2500;
       width++) /* details that slide in beside a wide graph: no rounding error adds up */
    {
      graph_canvas_use_room (canvas, width);
      g_assert_cmpfloat (pl_graph_canvas_get_zoom (canvas), ==, 1);
    }
  synthetic_fill (world, fixture->model, 25);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (400);
  pl_graph_canvas_fit (canvas);
  g_assert_cmpfloat (pl_graph_canvas_get_zoom (canvas), <, 1);
  g_assert_cmpfloat (pl_scene_get_height (canvas->scene) * pl_graph_canvas_get_zoom (canvas), <=, height + 1);
  pl_graph_canvas_set_zoom (canvas, 0.01);
  g_assert_cmpfloat (pl_graph_canvas_get_zoom (canvas), ==, PL_GRAPH_MIN_ZOOM);
}

/* From an app to its endpoint and back, and down the lane, by arrow keys. */
static void
test_walk (Fixture *fixture, gconstpointer data)
{
  PlScene *scene = fixture->canvas->scene;
  const guint64 anew[PL_N_LANES] = { 0 };
  const PlSceneNode *node;

  show_desktop (fixture);
  node = scene_node (fixture, PL_LANE_APP, "Thunderbird");
  node = graph_walk_edge (scene, node, 1, anew);
  g_assert_cmpstr (node->title, ==, ":50112");
  node = graph_walk_edge (scene, node, 1, anew);
  g_assert_cmpstr (node->title, ==, ":993");
  node = graph_walk_edge (scene, node, 1, anew);
  g_assert_cmpstr (node->title, ==, "198.51.100.7");
  g_assert_null (graph_walk_edge (scene, node, 1, anew));
  g_assert_cmpstr (graph_walk_edge (scene, node, -1, anew)->title, ==, ":993");
  node = graph_walk_lane (scene, scene_node (fixture, PL_LANE_APP, "curl"), G_MININT);
  g_assert_null (graph_walk_lane (scene, node, -1));
  for (guint i = 0; i < 5; i++)
    {
      const PlSceneNode *next = graph_walk_lane (scene, node, 1);

      g_assert_nonnull (next);
      g_assert_cmpfloat (next->target_y, >, node->target_y);
      g_assert_true (graph_walk_lane (scene, next, -1) == node);
      node = next;
    }
  g_assert_null (graph_walk_lane (scene, node, 1));
}

/* Hovering lights exactly the path: the nodes of its edges and no others. */
static void
test_hover (Fixture *fixture, gconstpointer data)
{
  static const char *const lit[] = { "Thunderbird", ":50112", ":993", "198.51.100.7" };
  guint n;
  const PlSceneNode *nodes;

  show_desktop (fixture);
  pl_graph_canvas_hover_node (fixture->canvas, scene_node (fixture, PL_LANE_REMOTE_PORT, ":993")->id);
  nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);
  for (guint i = 0; i < n; i++)
    {
      GtkWidget *widget = g_hash_table_lookup (fixture->canvas->nodes, &nodes[i].id);
      gboolean is_on_path = g_str_equal (nodes[i].title, lit[nodes[i].lane]);

      g_assert_cmpint (gtk_widget_has_css_class (widget, "lit"), ==, is_on_path);
      g_assert_cmpint (gtk_widget_has_css_class (widget, "unlit"), ==, !is_on_path);
    }
  pl_graph_canvas_hover_node (fixture->canvas, 0);
  for (guint i = 0; i < n; i++)
    g_assert_false (gtk_widget_has_css_class (g_hash_table_lookup (fixture->canvas->nodes, &nodes[i].id), "unlit"));
}

static double
seen_y (Fixture *fixture, const char *title)
{
  graphene_rect_t bounds;

  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (node_widget (fixture, PL_LANE_APP, title)),
                                            GTK_WIDGET (fixture->canvas), &bounds));
  return bounds.origin.y;
}

/* What the pointer rests on stays under it, whatever goes and comes above it. */
static void
test_pinned (Fixture *fixture, gconstpointer data)
{
  const PlFlowMatch firefox = { .conditions = PL_MATCH_APP, .app_key = (char *)"Firefox" };
  g_autoptr (PlFlowFilter) filter = pl_flow_filter_new ();
  double y;

  pl_flow_filter_add (filter, TRUE, &firefox, "Firefox");
  show_desktop (fixture);
  pl_graph_canvas_hover_node (fixture->canvas, scene_node (fixture, PL_LANE_APP, "Thunderbird")->id);
  y = seen_y (fixture, "Thunderbird");
  for (guint round = 0; round < 2; round++)
    {
      pl_scene_set_filter (fixture->canvas->scene, round == 0 ? filter : NULL); /* nobody asked: as if they had ended */
      graph_canvas_refresh (fixture->canvas);
      for (guint i = 0; i < 5; i++)
        {
          wait_ms (100);
          g_assert_cmpfloat_with_epsilon (seen_y (fixture, "Thunderbird"), y, 1.01);
        }
    }
}

/* As a file of 500 flows, the lowest remote port of which is chosen and scrolled to. Returns its id. */
static guint64
show_lowest (Fixture *fixture)
{
  g_autoptr (Synthetic) world = synthetic_new (3);
  guint64 id, before = 0;

  synthetic_fill (world, fixture->model, 500);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  wait_ms (400);
  while ((id = find_lowest_port (fixture->canvas->scene))
         != before) /* what folds does so with the frames: a busy machine has few */
    {
      before = id;
      wait_ms (200);
    }
  g_assert_cmpuint (id, !=, 0);
  graph_canvas_press (fixture->canvas, (Pick){ PICK_NODE, id });
  graph_canvas_show_node (fixture->canvas, pl_scene_find_node (fixture->canvas->scene, id));
  pl_graph_canvas_hover_node (fixture->canvas, id); /* the pointer rests on it */
  wait_ms (100);
  g_assert_nonnull (pl_scene_find_node (fixture->canvas->scene, id));
  return id;
}

static void
assert_in_view (Fixture *fixture, guint64 id)
{
  GtkWidget *widget = g_hash_table_lookup (fixture->canvas->nodes, &id);
  graphene_rect_t bounds;

  g_assert_nonnull (widget);
  g_assert_true (gtk_widget_compute_bounds (widget, GTK_WIDGET (fixture->canvas), &bounds));
  g_assert_cmpfloat (bounds.origin.y, >=, 0);
  g_assert_cmpfloat (bounds.origin.y + bounds.size.height, <=, gtk_widget_get_height (GTK_WIDGET (fixture->canvas)));
}

/* Filtered to a node far below, what is left stands together at the top, in its order; taken back, the node is in view. */
static void
test_filter_closes_up (Fixture *fixture, gconstpointer data)
{
  guint64 id = show_lowest (fixture);
  PlScene *scene = fixture->canvas->scene;
  double height = pl_scene_get_height (scene), y = pl_scene_find_node (scene, id)->target_y;

  g_assert_cmpfloat (graph_canvas_scroll (fixture->canvas, GTK_ORIENTATION_VERTICAL), >, 0);
  graph_canvas_command (fixture->canvas, (Pick){ PICK_NODE, id }, "filter");
  for (guint i = 0; i < 75 && (i == 0 || pl_scene_get_height (scene) >= height / 2); i++)
    wait_ms (400);
  assert_in_view (fixture, id);
  g_assert_cmpfloat (pl_scene_find_node (scene, id)->y, <, y / 2);
  g_assert_cmpfloat (pl_scene_get_height (scene), <, height / 2);
  g_assert_cmpfloat (pl_scene_get_top (scene), ==, 0);
  g_assert_true (pl_graph_view_undo_filter (PL_GRAPH_VIEW (fixture->view)));
  for (guint i = 0; i < 75 && (i == 0 || pl_scene_get_height (scene) > height * 1.05); i++)
    wait_ms (400); /* a busy machine has few frames */
  assert_in_view (fixture, id);
  g_assert_cmpfloat (pl_scene_get_height (scene), <=, height * 1.05);
}

/* Pulses run while there is news, not where less motion is wanted, and end by themselves. */
static void
test_pulses (Fixture *fixture, gconstpointer data)
{
  struct rusage before, after;
  GtkSettings *settings = gtk_widget_get_settings (fixture->view);

  show_desktop (fixture);
  graph_pulses_flowed (fixture->canvas->pulses);
  g_assert_true (graph_pulses_are_running (fixture->canvas->pulses));
  getrusage (RUSAGE_SELF, &before);
  wait_ms (1000);
  getrusage (RUSAGE_SELF, &after);
  g_test_message ("%.1f %% of a core while pulses run", (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 100.0
                                                            + (after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e4
                                                            + (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 100.0
                                                            + (after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e4);
  wait_ms (1000);
  g_assert_false (graph_pulses_are_running (fixture->canvas->pulses));
  g_test_message ("the window is %s", gtk_window_is_active (GTK_WINDOW (fixture->window)) ? "active" : "not active");
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 380, 700); /* a stacked list lives, too */
  wait_ms (200);
  g_assert_true (pl_scene_get_is_stacked (fixture->canvas->scene));
  graph_pulses_flowed (fixture->canvas->pulses);
  g_assert_true (graph_pulses_are_running (fixture->canvas->pulses));
  g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  wait_ms (1000);
  graph_pulses_flowed (fixture->canvas->pulses);
  g_assert_false (graph_pulses_are_running (fixture->canvas->pulses));
  g_object_set (settings, "gtk-enable-animations", TRUE, NULL);
  pl_graph_view_set_pulses (PL_GRAPH_VIEW (fixture->view), FALSE);
  graph_pulses_flowed (fixture->canvas->pulses);
  g_assert_false (graph_pulses_are_running (fixture->canvas->pulses));
}

/* How many dots @node draws; none of them lies over a card or a chip. */
static guint
count_dots (Fixture *fixture, GskRenderNode *node)
{
  PlGraphCanvas *canvas = fixture->canvas;
  guint n_nodes, n = 0;
  const PlSceneNode *nodes = pl_scene_get_nodes (canvas->scene, &n_nodes);
  graphene_rect_t dot;

  if (gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE)
    {
      for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
        n += count_dots (fixture, gsk_container_node_get_child (node, i));
      return n;
    }
  gsk_render_node_get_bounds (node, &dot);
  for (guint i = 0; i < n_nodes; i++)
    {
      double x = nodes[i].x, y = nodes[i].y;
      graphene_rect_t covered;

      graph_canvas_from_scene (canvas, &x, &y, nodes[i].width);
      graphene_rect_init (&covered, x + 1, y + 1, nodes[i].width * canvas->zoom - 2,
                          nodes[i].height * canvas->zoom - 2);
      if (graphene_rect_intersection (&dot, &covered, NULL))
        g_test_message ("a pulse over %s", nodes[i].title);
      g_assert_false (graphene_rect_intersection (&dot, &covered, NULL));
    }
  return 1;
}

/* Pulses run in a widget above the cards and never over one of them. */
static void
assert_beside_cards (Fixture *fixture)
{
  GtkWidget *pulses = GTK_WIDGET (fixture->canvas->pulses);
  guint n_dots = 0;

  for (guint i = 0; i < 60; i++)
    {
      g_autoptr (GdkPaintable) paintable = NULL;
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      g_autoptr (GskRenderNode) node = NULL;

      graph_pulses_flowed (fixture->canvas->pulses);
      wait_ms (20);
      paintable = gtk_widget_paintable_new (pulses);
      gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (pulses), gtk_widget_get_height (pulses));
      node = gtk_snapshot_free_to_node (snapshot);
      n_dots += node ? count_dots (fixture, node) : 0;
    }
  g_test_message ("%u dots in 60 frames", n_dots);
  g_assert_cmpuint (n_dots, >, 0);
}

static void
test_pulses_beside_cards (Fixture *fixture, gconstpointer data)
{
  show_desktop (fixture);
  assert_beside_cards (fixture);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 380, 700);
  wait_ms (500);
  g_assert_true (pl_scene_get_is_stacked (fixture->canvas->scene));
  assert_beside_cards (fixture);
}

/* Updates that change nothing draw nothing and leave no tick behind; a change moves, and then it rests again. */
static void
test_rest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Synthetic) world = synthetic_new (3);
  guint n_drawn;

  show_desktop (fixture);
  n_drawn = pl_graph_canvas_get_n_drawn (fixture->canvas);
  for (guint i = 0; i < 5; i++)
    {
      pl_model_commit (fixture->model, g_get_monotonic_time ());
      graph_canvas_refresh (fixture->canvas);
      wait_ms (20);
    }
  g_assert_cmpuint (pl_graph_canvas_get_n_drawn (fixture->canvas), ==, n_drawn);
  g_assert_cmpuint (fixture->canvas->tick_id, ==, 0);
  synthetic_fill (world, fixture->model, 20);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  g_assert_cmpuint (fixture->canvas->tick_id, !=, 0);
  wait_ms (900);
  g_assert_cmpuint (fixture->canvas->tick_id, ==, 0);
  g_assert_cmpuint (pl_graph_canvas_get_n_drawn (fixture->canvas), >, n_drawn);
}

/* Flows come and go for a while: as many widgets as nodes, and none left at the end. */
static void
test_no_widget_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Synthetic) world = synthetic_new (4);
  guint n;

  for (guint i = 0; i < 6; i++)
    {
      synthetic_fill (world, fixture->model, 400);
      pl_model_commit (fixture->model, g_get_monotonic_time ());
      wait_ms (30);
      pl_scene_get_nodes (fixture->canvas->scene, &n);
      g_assert_cmpuint (count_children (GTK_WIDGET (fixture->canvas)), ==, n);
      g_assert_cmpuint (g_hash_table_size (fixture->canvas->nodes), ==, n);
    }
  pl_model_reset (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  g_assert_cmpuint (count_children (GTK_WIDGET (fixture->canvas)), ==, 0);
}

/* Not seen: nothing is done; seen again: it is up to date. */
static void
test_unseen (Fixture *fixture, gconstpointer data)
{
  guint n;

  gtk_widget_set_visible (fixture->view, FALSE);
  synthetic_desktop (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  pl_scene_get_nodes (fixture->canvas->scene, &n);
  g_assert_cmpuint (n, ==, 0);
  gtk_widget_set_visible (fixture->view, TRUE);
  wait_ms (50);
  pl_scene_get_nodes (fixture->canvas->scene, &n);
  g_assert_cmpuint (n, >, 20);
}

/* Narrow: each app above its ports, nothing outside, every width down to 360. */
static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  show_desktop (fixture);
  for (int width = 700; width >= 360; width -= 85)
    {
      guint n;
      const PlSceneNode *nodes;

      gtk_window_set_default_size (GTK_WINDOW (fixture->window), width, 700);
      for (guint i = 0; i < 100 && gtk_widget_get_width (fixture->view) > width; i++) /* the X server takes its time */
        wait_ms (20);
      wait_ms (60);
      nodes = pl_scene_get_nodes (fixture->canvas->scene, &n);
      for (guint i = 0; i < n; i++)
        g_assert_cmpfloat (nodes[i].x + nodes[i].width, <=, width);
    }
  g_assert_true (pl_scene_get_is_stacked (fixture->canvas->scene));
  for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
    {
      GtkLabel *heading = GTK_LABEL (PL_GRAPH_VIEW (fixture->view)->headings[lane]);

      g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (heading)));
    }
}

static guint
count_drawn (Fixture *fixture)
{
  return pl_scene_get_n_flows (fixture->canvas->scene);
}

/* Only what passes is drawn, the rest is counted, and each step can be taken back. */
static void
test_filter (Fixture *fixture, gconstpointer data)
{
  PlGraphView *view = PL_GRAPH_VIEW (fixture->view);
  const PlFlowMatch firefox = { PL_MATCH_APP, .app_key = (char *)"Firefox" };
  PlGraphFilter *filter = pl_graph_canvas_get_filter (fixture->canvas);
  guint n_all;
  guint16 from = 0, to = 0;

  show_desktop (fixture);
  n_all = count_drawn (fixture);
  g_assert_false (pl_graph_view_undo_filter (view));
  pl_graph_view_filter_ports (view, 0, 1023);
  g_assert_cmpuint (count_drawn (fixture), ==, 0);
  pl_graph_view_filter_ports (view, 8080, 8080);
  g_assert_cmpuint (count_drawn (fixture), ==, 2);
  g_assert_cmpuint (pl_scene_get_n_left_out (fixture->canvas->scene), ==, n_all - 2);
  g_assert_true (pl_graph_view_get_filtered_ports (view, &from, &to));
  g_assert_cmpuint (from, ==, 8080);
  pl_graph_view_filter_ports (view, 8080, 8080);
  g_assert_cmpuint (count_drawn (fixture), ==, n_all);
  pl_graph_filter_add (filter, TRUE, &firefox, "Firefox");
  g_assert_cmpuint (count_drawn (fixture), ==, n_all - 19);
  pl_graph_view_clear_filter (view);
  g_assert_cmpuint (count_drawn (fixture), ==, n_all);
  g_assert_true (pl_graph_view_undo_filter (view));
  g_assert_cmpuint (count_drawn (fixture), ==, n_all - 19);
  pl_model_reset (fixture->model);
  g_assert_cmpuint (pl_flow_filter_get_n_terms (pl_graph_view_get_filter (view)), ==, 0);
  g_assert_false (pl_graph_view_undo_filter (view));
}

/* Several flows at once: hovered and selected. */
static void
test_flows (Fixture *fixture, gconstpointer data)
{
  PlGraphView *view = PL_GRAPH_VIEW (fixture->view);
  g_autoptr (GArray) ids = NULL, chosen = NULL;

  show_desktop (fixture);
  ids = pl_scene_node_flows (fixture->canvas->scene, scene_node (fixture, PL_LANE_ENDPOINT, "93.184.216.34")->id);
  pl_graph_view_hover_flows (view, ids);
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (node_widget (fixture, PL_LANE_APP, "Firefox")), "lit"));
  g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (node_widget (fixture, PL_LANE_APP, "curl")), "unlit"));
  pl_graph_view_hover_flows (view, NULL);
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (node_widget (fixture, PL_LANE_APP, "curl")), "unlit"));
  pl_graph_view_select_flows (view, ids);
  chosen = pl_graph_view_get_selected_flows (view);
  g_assert_cmpuint (chosen->len, ==, ids->len);
  pl_graph_view_select_flows (view, NULL);
  g_assert_cmpint (fixture->canvas->selection.pick.kind, ==, PICK_NONE);
}

static void
pixel_at (GdkTexture *texture, int x, int y, guint8 rgb[3])
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, width * height);
  guint32 pixel;

  gdk_texture_download (texture, (guint8 *)pixels, width * 4);
  pixel = pixels[y * width + x];
  rgb[0] = pixel >> 16;
  rgb[1] = pixel >> 8;
  rgb[2] = pixel;
}

/* On the screen a line has the colours of its ports' ranges, dark and light. */
static void
test_colours_on_screen (Fixture *fixture, gconstpointer data)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  show_desktop (fixture);
  for (guint is_dark = 0; is_dark < 2; is_dark++)
    {
      const PlSceneNode *local = scene_node (fixture, PL_LANE_LOCAL_PORT, ":50112");
      const PlSceneNode *remote = scene_node (fixture, PL_LANE_REMOTE_PORT, ":993");
      g_autoptr (GdkTexture) texture = NULL;
      GdkRGBA orange = pl_range_rgba (PL_RANGE_DYNAMIC, is_dark), blue = pl_range_rgba (PL_RANGE_WELL_KNOWN, is_dark);
      guint8 rgb[3];
      int y = local->y + local->height / 2;

      adw_style_manager_set_color_scheme (manager,
                                          is_dark ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
      wait_ms (400);
      texture = shot_take (GTK_WIDGET (fixture->canvas));
      pixel_at (texture, local->x - 10, y, rgb);
      g_assert_cmpfloat_with_epsilon (rgb[0] / 255.0, orange.red, 0.16);
      g_assert_cmpfloat_with_epsilon (rgb[2] / 255.0, orange.blue, 0.16);
      pixel_at (texture, remote->x + remote->width + 10, y, rgb);
      g_assert_cmpfloat_with_epsilon (rgb[0] / 255.0, blue.red, 0.16);
      g_assert_cmpfloat_with_epsilon (rgb[2] / 255.0, blue.blue, 0.16);
    }
  adw_style_manager_set_color_scheme (manager, ADW_COLOR_SCHEME_DEFAULT);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = {
    { "/graph/view/empty", test_empty },
    { "/graph/view/words", test_words },
    { "/graph/view/press", test_press },
    { "/graph/view/select-flow", test_select_flow },
    { "/graph/view/selection-stays", test_selection_stays },
    { "/graph/view/pick", test_pick },
    { "/graph/view/zoom", test_zoom },
    { "/graph/view/walk", test_walk },
    { "/graph/view/hover", test_hover },
    { "/graph/view/filter", test_filter },
    { "/graph/view/flows", test_flows },
    { "/graph/view/pinned", test_pinned },
    { "/graph/view/filter-closes-up", test_filter_closes_up },
    { "/graph/view/pulses", test_pulses },
    { "/graph/view/pulses-beside-cards", test_pulses_beside_cards },
    { "/graph/view/rest", test_rest },
    { "/graph/view/no-widget-left", test_no_widget_left },
    { "/graph/view/unseen", test_unseen },
    { "/graph/view/narrow", test_narrow },
    { "/graph/view/colours-on-screen", test_colours_on_screen },
  };

  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
