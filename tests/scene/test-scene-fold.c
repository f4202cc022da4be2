/* Folding at any size: sums stay equal, a count says what is folded, unfolding shows more by bounded steps and folds back. */
#include <math.h>

#include "bounds.h"
#include "scene-checks.h"
#include "scene-steps.h"
#include "synthetic.h"

static guint
count_nodes (PlScene *scene)
{
  guint n;

  pl_scene_get_nodes (scene, &n);
  return n;
}

/* The bundle of @lane that stands for most flows; 0 when there is none. */
static guint64
largest_bundle (PlScene *scene, PlLane lane)
{
  guint n, most = 0;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);
  guint64 id = 0;

  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == lane && (nodes[i].flags & PL_SCENE_BUNDLE) && nodes[i].n_flows > most)
      {
        most = nodes[i].n_flows;
        id = nodes[i].id;
      }
  return id;
}

/* Checks that are linear: check_no_overlap() compares every pair. */
static void
check_lanes (PlScene *scene)
{
  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    {
      g_autoptr (GPtrArray) nodes = lane_nodes (scene, lane);

      for (guint i = 1; i < nodes->len; i++)
        {
          const PlSceneNode *above = nodes->pdata[i - 1], *below = nodes->pdata[i];

          g_assert_cmpfloat (below->target_y, >=, above->target_y + above->height + 6);
        }
    }
}

/* A file that is read within a second folds with its last flows, for nothing comes after them. */
static void
test_read_at_once (void)
{
  g_autoptr (Synthetic) world = synthetic_new (12);
  g_autoptr (PlScene) scene = pl_scene_new ();
  GArray *flows = synthetic_get_flows (world);

  pl_scene_set_room (scene, 700);
  synthetic_add (world, 20);
  update (scene, flows, SECOND_US);
  synthetic_add (world, 5000);
  update (scene, flows, SECOND_US + SECOND_US / 5);
  g_assert_cmpuint (count_edges (scene), <=, PL_LIMIT_SCENE_EDGES);
  check_sums (scene, flows);
}

/* A bundle counts ports, however many flows go through each. */
static void
test_counts_ports (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("nmap", "nmap", 1);
  const PlSceneNode *bundle;

  for (guint i = 0; i < 600; i++)
    add_plain (flows, i + 1, app, 50000 + i % 3, 1 + i % 200, 1000 + i);
  update (scene, flows, SECOND_US);
  bundle = find_title (scene, PL_LANE_LOCAL_PORT, "3 dynamic");
  g_assert_nonnull (bundle);
  g_assert_cmpuint (bundle->n_ports, ==, 3);
  g_assert_cmpuint (bundle->n_flows, ==, 600);
  check_sums (scene, flows);
  pl_process_unref (app);
}

static void
test_fifty_thousand (void)
{
  g_autoptr (Synthetic) world = synthetic_new (12);
  g_autoptr (PlScene) scene = pl_scene_new ();
  GArray *flows = synthetic_get_flows (world);
  gint64 now_us = SECOND_US;
  guint n_folded, before, after;

  synthetic_add (world, 50000);
  update (scene, flows, now_us);
  check_sums (scene, flows);
  check_lanes (scene);
  g_assert_cmpuint (count_edges (scene), <=, PL_LIMIT_SCENE_EDGES);
  n_folded = pl_scene_get_n_folded (scene);
  g_assert_cmpuint (n_folded, >, 49000);
  before = count_nodes (scene);
  for (guint click = 0; click < 3; click++)
    {
      guint64 id = largest_bundle (scene, PL_LANE_ENDPOINT);

      g_assert_cmpuint (id, !=, 0);
      g_assert_true (pl_scene_unfold (scene, id));
      for (guint i = 0; i < 3; i++)
        update (scene, flows, now_us += SECOND_US);
      settle (scene, &now_us);
      check_sums (scene, flows);
      check_lanes (scene);
      after = count_nodes (scene);
      g_test_message ("unfolded %u times: %u nodes, %u edges, %u flows folded", click + 1, after, count_edges (scene),
                      pl_scene_get_n_folded (scene));
      g_assert_cmpuint (after, >, before);
    }
  pl_scene_fold_all (scene);
  for (guint i = 0; i < 4; i++)
    {
      update (scene, flows, now_us += 12 * SECOND_US);
      settle (scene, &now_us);
    }
  check_sums (scene, flows);
  g_assert_cmpuint (count_edges (scene), <=, PL_LIMIT_SCENE_EDGES);
  g_assert_cmpuint (pl_scene_get_n_folded (scene), >, 49000);
}

/* One line of many ports: its oldest show first, twice as many with every click, and never more than the limit. */
static void
test_group_by_steps (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  gint64 now_us = SECOND_US;
  guint expected = PL_SCENE_UNFOLD_STEP;

  for (guint i = 0; i < 3000; i++)
    add_plain (flows, 1 + i, app, 50000 + i, 34, 443);
  update (scene, flows, now_us);
  g_assert_cmpuint (count_edges (scene), ==, 1);
  while (pl_scene_unfold (scene, largest_bundle (scene, PL_LANE_LOCAL_PORT)))
    {
      update (scene, flows, now_us += SECOND_US);
      settle (scene, &now_us);
      if (expected < PL_LIMIT_SCENE_EDGES / 2) /* past that the rule folds other things */
        {
          g_assert_cmpuint (count_edges (scene), ==, expected + 1);
          g_assert_nonnull (find_title (scene, PL_LANE_LOCAL_PORT, ":50000"));
        }
      check_sums (scene, flows);
      check_lanes (scene);
      expected *= 2;
      if (largest_bundle (scene, PL_LANE_LOCAL_PORT) == 0)
        break;
    }
  g_assert_cmpuint (count_edges (scene), <=, PL_LIMIT_SCENE_UNFOLDED + 1);
  pl_scene_fold_all (scene);
  update (scene, flows, now_us += SECOND_US);
  settle (scene, &now_us);
  g_assert_cmpuint (count_edges (scene), ==, 1);
  pl_process_unref (app);
}

/* Folded listeners are as open as the most open of them, in whatever order they come. */
static void
test_widest_reach (void)
{
  PlProcess *app = synthetic_process ("Server", "server", 1);

  for (guint parity = 0; parity < 2; parity++)
    {
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
      gint64 now_us = SECOND_US;
      guint n, n_bundles = 0;
      const PlSceneNode *nodes;

      pl_scene_set_room (scene, 300);
      for (guint i = 0; i < 400; i++)
        add_dock (flows, app, 2000 + i, i % 2 == parity);
      for (guint round = 0; round < 4; round++)
        update (scene, flows, now_us += 12 * SECOND_US);
      nodes = pl_scene_get_nodes (scene, &n);
      for (guint i = 0; i < n; i++)
        if ((nodes[i].flags & PL_SCENE_LISTENER) && nodes[i].n_listeners > 1)
          {
            n_bundles++;
            g_assert_cmpint (nodes[i].scope, ==, PL_SCOPE_UNSPECIFIED);
          }
      g_assert_cmpuint (n_bundles, >, 0);
    }
  pl_process_unref (app);
}

/* "1 more host" would say less than the host. */
static void
test_no_lonely_others (void)
{
  for (guint seed = 0; seed < property_rounds (40); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (13000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();

      synthetic_add (world, 300 + 40 * seed);
      update (scene, synthetic_get_flows (world), SECOND_US);
      check_sums (scene, synthetic_get_flows (world));
      for (guint i = 0; i < scene->node_list->len; i++)
        {
          const Node *node = scene->node_list->pdata[i];

          if (node->key.kind == KEY_OTHERS && node->key.lane != PL_LANE_APP)
            g_assert_cmpuint (node->n_members, >, 1);
        }
    }
}

/* Rates that go up and down a little change nothing in what is folded. */
static void
test_folding_is_steady (void)
{
  for (guint seed = 0; seed < property_rounds (8); seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (14000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      g_autoptr (GArray) was = NULL, rates = g_array_new (FALSE, FALSE, sizeof (double));
      GArray *flows = synthetic_get_flows (world);
      gint64 now_us = SECOND_US;
      guint level;

      synthetic_add (world, 1200);
      for (guint i = 0; i < 12; i++)
        update (scene, flows, now_us += SECOND_US);
      settle (scene, &now_us);
      was = remember (scene);
      level = scene->depth.level;
      for (guint i = 0; i < flows->len; i++)
        g_array_append_val (rates, g_array_index (flows, PlModelFlow, i).rate_in);
      for (guint round = 0; round < 40; round++)
        {
          for (guint i = 0; i < flows->len; i++)
            g_array_index (flows, PlModelFlow, i).rate_in =
                g_array_index (rates, double, i) * g_rand_double_range (random, 0.9, 1.1);
          update (scene, flows, now_us += SECOND_US / 2);
          settle (scene, &now_us);
          g_assert_cmpuint (scene->depth.level, ==, level);
        }
      g_assert_cmpuint (count_newcomers (scene, was), ==, 0);
      g_assert_cmpfloat (check_order_kept (scene, was), ==, 0);
    }
}

/* ---- where attempts end ---- */

static double
cross_of (PlFailure failure, PlPlace place, gboolean is_inbound, double width, double *from, double *to)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("curl", "curl", 1);
  PlScenePiece pieces[PL_N_PIECES];
  const PlSceneEdge *edges;
  PlModelFlow *flow;
  double x, y;
  guint n;

  pl_scene_set_size (scene, width, 18);
  add_plain (flows, 1, app, is_inbound ? 443 : 50000, 34, is_inbound ? 50000 : 443);
  flow = &g_array_index (flows, PlModelFlow, 0);
  flow->diagnosis.failure = failure;
  flow->diagnosis.place = place;
  if (is_inbound)
    flow->flow.initiator_end = !flow->local_end;
  update (scene, flows, SECOND_US);
  edges = pl_scene_get_edges (scene, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (pl_scene_edge_cross (scene, &edges[0], &x, &y));
  pl_scene_edge_pieces (scene, &edges[0], pieces);
  *from = pieces[PL_PIECE_LOCAL_REMOTE].x0;
  *to = pieces[PL_PIECE_LOCAL_REMOTE].x1;
  g_assert_cmpfloat (x, >, *from);
  g_assert_cmpfloat (x, <, *to);
  g_assert_cmpfloat_with_epsilon (pl_scene_edge_y (scene, &edges[0], x), y, 1e-6);
  pl_process_unref (app);
  return x;
}

static void
test_crosses (void)
{
  static const double widths[] = { 360, 640, 960, 1600 };

  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      double from, to, refused = cross_of (PL_FAILURE_REFUSED, PL_PLACE_CALLED, FALSE, widths[i], &from, &to);
      double silent = cross_of (PL_FAILURE_NO_ANSWER, PL_PLACE_WAY, FALSE, widths[i], &from, &to);
      double unreachable = cross_of (PL_FAILURE_UNREACHABLE, PL_PLACE_WAY, FALSE, widths[i], &from, &to);
      double prohibited = cross_of (PL_FAILURE_PROHIBITED, PL_PLACE_WAY, FALSE, widths[i], &from, &to);
      double kept_in = cross_of (PL_FAILURE_PROHIBITED, PL_PLACE_CALLER, FALSE, widths[i], &from, &to);
      double refused_here = cross_of (PL_FAILURE_REFUSED, PL_PLACE_CALLED, TRUE, widths[i], &from, &to);
      double lost_answer = cross_of (PL_FAILURE_NO_ANSWER, PL_PLACE_CALLER, TRUE, widths[i], &from, &to);

      g_assert_cmpfloat_with_epsilon (silent, (from + to) / 2, 0.51);
      if (to - from < 40)
        continue; /* stacked: all stand in the middle */
      g_assert_cmpfloat (unreachable, <, silent);
      g_assert_cmpfloat (silent, <, prohibited);
      g_assert_cmpfloat (prohibited, <, refused);
      g_assert_cmpfloat (to - refused, <, 12); /* at the port's door */
      g_assert_cmpfloat (kept_in - from, <, 12);
      g_assert_cmpfloat (refused_here - from, <, 12);
      g_assert_cmpfloat (to - lost_answer, <, 12);
    }
}

/* Crosses keep apart, numbers and all, and every failed flow that is drawn is in one of them. */
static void
test_crosses_keep_apart (void)
{
  static const guint sizes[] = { 20, 500, 5000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint seed = 0; seed < 6; seed++)
      {
        g_autoptr (Synthetic) world = synthetic_new (19000 + seed);
        g_autoptr (PlScene) scene = pl_scene_new ();
        g_autoptr (GArray) crosses = NULL;
        guint n_edges, n_failed = 0, n_crossed = 0;
        const PlSceneEdge *edges;

        synthetic_add (world, sizes[i]);
        update (scene, synthetic_get_flows (world), SECOND_US);
        edges = pl_scene_get_edges (scene, &n_edges);
        for (guint j = 0; j < n_edges; j++)
          n_failed += edges[j].flags & PL_SCENE_FAILED ? edges[j].n_flows : 0;
        crosses = pl_scene_crosses (scene, NULL, NULL);
        for (guint j = 0; j < crosses->len; j++)
          {
            const PlSceneCross *one = &g_array_index (crosses, PlSceneCross, j);

            n_crossed += one->n_flows;
            for (guint k = 0; k < j; k++)
              {
                const PlSceneCross *other = &g_array_index (crosses, PlSceneCross, k);

                g_assert_true (fabs (one->x - other->x) >= 40 || fabs (one->y - other->y) >= 14);
              }
          }
        g_assert_cmpuint (n_crossed, ==, n_failed);
        if (sizes[i] == 5000)
          g_assert_cmpuint (n_failed, >, crosses->len);
      }
}

/* One app that talks from hundreds of ports, as all traffic of a capture file does: no column of ports that leaves the other
 * lanes empty on any screen. Its ports come one by one as the file is read. */
static void
test_no_lane_runs_away (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  gint64 now_us = SECOND_US;
  guint n_nodes;

  for (guint round = 0; round < 60; round++)
    {
      for (guint i = 0; i < 20; i++)
        add_plain (flows, flows->len + 1, app, 30000 + flows->len * 17, 1 + flows->len % 40, 400 + flows->len % 9);
      update (scene, flows, now_us += SECOND_US / 10);
      settle (scene, &now_us);
      check_sums (scene, flows);
      check_lanes (scene);
      g_assert_cmpfloat (pl_scene_get_height (scene), <, 1400);
    }
  n_nodes = count_nodes (scene);
  g_assert_true (pl_scene_unfold (scene, largest_bundle (scene, PL_LANE_LOCAL_PORT)));
  update (scene, flows, now_us += SECOND_US);
  settle (scene, &now_us);
  g_assert_cmpuint (count_nodes (scene), ==, n_nodes + PL_SCENE_UNFOLD_STEP);
  pl_process_unref (app);
}

/* One app and so many hosts. */
static void
add_hosts (GArray *flows, PlProcess *app, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      add_plain (flows, i + 1, app, 50000 + i, i, 443);
      g_array_index (flows, PlModelFlow, i).flow.sent[0].bytes = 1000000 - 1000 * i;
    }
}

static guint
count_hosts (PlScene *scene)
{
  g_autoptr (GPtrArray) list = lane_nodes (scene, PL_LANE_ENDPOINT);

  return list->len;
}

/* A taller view shows more hosts before they are bundled, what stood there stays, and nothing comes and goes. */
static void
test_room (void)
{
  static const double rooms[] = { 0, 400, 900, 1400, 1350, 1200, 700, 1900 };
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("firefox", "firefox", 1);
  guint n[G_N_ELEMENTS (rooms)];
  gint64 now_us = SECOND_US;

  add_hosts (flows, app, 60);
  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_autoptr (GArray) was = remember (scene);

      pl_scene_set_room (scene, rooms[i]);
      for (guint j = 0; j < 4; j++)
        {
          update (scene, flows, now_us += 2 * SECOND_US);
          pl_scene_close_gaps (scene, now_us);
          settle (scene, &now_us);
          check_no_overlap (scene, 960);
          check_sums (scene, flows);
          check_order_kept (scene, was);
          g_assert_true (j == 0 || count_hosts (scene) == n[i]);
          n[i] = count_hosts (scene);
        }
      if (n[i] > 11)
        g_assert_cmpfloat (pl_scene_get_height (scene), <=, rooms[i] * 1.25 + 30);
    }
  g_assert_cmpuint (n[0], ==, 11); /* ten, and the rest */
  g_assert_cmpuint (n[1], ==, 11);
  g_assert_cmpuint (n[2], ==, 15);
  g_assert_cmpuint (n[3], ==, 23);
  g_assert_cmpuint (n[4], ==, 23); /* a little less room bundles nothing */
  g_assert_cmpuint (n[5], ==, 23);
  g_assert_cmpuint (n[6], <, 15);
  g_assert_cmpuint (n[7], >, 30);
  pl_process_unref (app);
}

/* Hosts that would bring more ports along than there is room for do not come and go with them. */
static void
test_room_is_steady (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("firefox", "firefox", 1);
  gint64 now_us = SECOND_US;

  add_hosts (flows, app, 60);
  for (guint i = 0; i < 12; i++) /* the next two have seven services each */
    {
      add_plain (flows, 61 + i, app, 51000 + i, 10 + i % 2, 500 + i / 2);
      g_array_index (flows, PlModelFlow, 60 + i).flow.sent[0].bytes = 10;
    }
  pl_scene_set_room (scene, 790);
  for (guint i = 0; i < 6; i++)
    {
      update (scene, flows, now_us += 2 * SECOND_US);
      settle (scene, &now_us);
      g_test_message ("%u hosts, %.0f px", count_hosts (scene), pl_scene_get_height (scene));
      g_assert_cmpuint (count_hosts (scene), ==, 11);
    }
  pl_process_unref (app);
}

/* Whose all the hosts are is seen without scrolling also where large text leaves room for few of them. */
static void
test_app_is_seen (void)
{
  static const double lines[] = { 18, 27, 36 }, rooms[] = { 500, 430, 360 };
  PlProcess *app = synthetic_process ("firefox", "firefox", 1);

  for (guint i = 0; i < G_N_ELEMENTS (lines) * G_N_ELEMENTS (rooms); i++)
    {
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
      double room = rooms[i % G_N_ELEMENTS (rooms)];

      add_hosts (flows, app, 17);
      pl_scene_set_size (scene, 1280, lines[i / G_N_ELEMENTS (rooms)]);
      pl_scene_set_room (scene, room);
      update (scene, flows, SECOND_US);
      for (guint j = 0; j < 2; j++)
        {
          g_autoptr (GPtrArray) nodes = lane_nodes (scene, j ? PL_LANE_REMOTE_PORT : PL_LANE_APP);
          const PlSceneNode *first = nodes->pdata[0];

          g_assert_cmpfloat (first->target_y + first->height, <, room);
        }
    }
  pl_process_unref (app);
}

/* One socket of datagrams that speaks to many, some of whom called and some as equals, is one port, however many of them fold. */
static void
test_one_socket_is_one_port (void)
{
  static const guint n_peers[] = { 3, 40, 400 };
  PlProcess *app = synthetic_process ("transmission", "transmission", 1);

  for (guint i = 0; i < G_N_ELEMENTS (n_peers) * 2; i++)
    {
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
      g_autoptr (GPtrArray) ports = NULL;
      gboolean are_equals = i % 2;

      for (guint j = 0; j < n_peers[i / 2]; j++)
        {
          PlModelFlow *flow;

          add_plain (flows, j + 1, app, 51413, j % 250, are_equals ? 51413 : 6881 + j);
          flow = &g_array_index (flows, PlModelFlow, j);
          flow->flow.key.proto = PL_PROTO_UDP;
          flow->flow.state = PL_STATE_ACTIVE;
          flow->flow.initiator_end = are_equals ? PL_END_UNKNOWN : j % 2 ? flow->local_end : !flow->local_end;
        }
      update (scene, flows, SECOND_US);
      check_sums (scene, flows);
      ports = lane_nodes (scene, PL_LANE_LOCAL_PORT);
      g_assert_cmpuint (ports->len, ==, 1);
      g_assert_cmpstr (((PlSceneNode *)ports->pdata[0])->title, ==, ":51413");
    }
  pl_process_unref (app);
}

/* Where all stand single there is nothing folded, and yet less room makes a difference. */
static void
test_less_room (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("firefox", "firefox", 1);
  gint64 now_us = SECOND_US;

  add_hosts (flows, app, 20);
  pl_scene_set_room (scene, 1900);
  update (scene, flows, now_us);
  g_assert_cmpuint (count_hosts (scene), ==, 20);
  g_assert_cmpuint (pl_scene_get_n_folded (scene), ==, 0);
  g_assert_true (pl_scene_set_room (scene, 700));
  update (scene, flows, now_us += SECOND_US);
  settle (scene, &now_us);
  g_assert_cmpuint (count_hosts (scene), <, 20);
  pl_process_unref (app);
}

/* Whatever the room, no more lines than can be read, and the sums are right. */
static void
test_room_of_any_world (void)
{
  for (guint seed = 0; seed < 20; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (25000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (GRand) random = g_rand_new_with_seed (seed);
      gint64 now_us = SECOND_US;

      pl_scene_set_size (scene, 1280, 18);
      for (guint i = 0; i < 8; i++)
        {
          synthetic_add (world, seed % 2 ? 40 : 500);
          pl_scene_set_room (scene, g_rand_double_range (random, 300, 3000));
          update (scene, synthetic_get_flows (world), now_us += 6 * SECOND_US);
          settle (scene, &now_us);
          check_no_overlap (scene, 1280);
          check_sums (scene, synthetic_get_flows (world));
          g_assert_true (count_edges (scene) <= PL_LIMIT_SCENE_EDGES);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/read-at-once", test_read_at_once);
  g_test_add_func ("/scene/counts-ports", test_counts_ports);
  g_test_add_func ("/scene/fold/fifty-thousand", test_fifty_thousand);
  g_test_add_func ("/scene/fold/no-lane-runs-away", test_no_lane_runs_away);
  g_test_add_func ("/scene/fold/group-by-steps", test_group_by_steps);
  g_test_add_func ("/scene/fold/widest-reach", test_widest_reach);
  g_test_add_func ("/scene/fold/no-lonely-others", test_no_lonely_others);
  g_test_add_func ("/scene/fold/steady", test_folding_is_steady);
  g_test_add_func ("/scene/fold/crosses", test_crosses);
  g_test_add_func ("/scene/fold/crosses-keep-apart", test_crosses_keep_apart);
  g_test_add_func ("/scene/fold/room", test_room);
  g_test_add_func ("/scene/fold/room-is-steady", test_room_is_steady);
  g_test_add_func ("/scene/fold/app-is-seen", test_app_is_seen);
  g_test_add_func ("/scene/fold/one-socket-is-one-port", test_one_socket_is_one_port);
  g_test_add_func ("/scene/fold/less-room", test_less_room);
  g_test_add_func ("/scene/fold/room-of-any-world", test_room_of_any_world);
  return g_test_run ();
}
