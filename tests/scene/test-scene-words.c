/* What nodes say and count in words: short forms, failures, and nothing that has ended. */
#include "scene-checks.h"
#include "scene-steps.h"
#include "synthetic.h"

static void
expect_short_titles (const PlSceneNode *node, const char *first, const char *second)
{
  g_auto (GStrv) titles = pl_scene_node_dup_short_titles (node);

  g_assert_cmpstr (titles[0], ==, first);
  g_assert_cmpstr (first ? titles[1] : NULL, ==, second);
}

/* As wide as those of a neighbour who has more, so that both are told in words or both in brief. */
static void
expect_wide_words (const char *words, const char *expected)
{
  g_autofree char *wide = pl_scene_dup_wide_words (words);

  g_assert_cmpstr (wide, ==, expected);
}

/* "12 more" and "+12" for "12 more hosts": all of the number, however the locale parts its digits. */
static void
test_short_titles (void)
{
  static const char *const titles[][3] = { { "12 more hosts", "12 more", "+12" },
                                           { "1,234 more hosts", "1,234 more", "+1,234" },
                                           { "1\u202f234\u202f567 autres", "1\u202f234\u202f567 more",
                                             "+1\u202f234\u202f567" },
                                           { "1.234 weitere", "1.234 more", "+1.234" },
                                           { "weitere 12" } };
  const PlSceneNode ports = {
    .lane = PL_LANE_LOCAL_PORT, .flags = PL_SCENE_BUNDLE, .title = "32 registered", .n_ports = 32
  };
  const PlSceneNode rest = {
    .lane = PL_LANE_LOCAL_PORT, .flags = PL_SCENE_BUNDLE | PL_SCENE_UNFOLDED, .title = "168 more ports", .n_ports = 168
  };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      const PlSceneNode node = { .flags = PL_SCENE_OTHERS, .title = titles[i][0] };

      expect_short_titles (&node, titles[i][1], titles[i][2]);
    }
  expect_short_titles (&ports, "32 ports", "×32");
  expect_short_titles (&rest, "168 more", "+168");
  expect_wide_words ("4 ports", "004 ports");
  expect_wide_words ("32 ports", "032 ports");
  expect_wide_words ("168 more", "168 more");
}

/* What failed in several ways is not told of in one of them. */
static void
test_failure_words (void)
{
  static const PlFailure failures[] = { PL_FAILURE_REFUSED, PL_FAILURE_REFUSED, PL_FAILURE_NO_ANSWER };
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("curl", "curl", 1);
  const PlSceneEdge *edges;
  const PlSceneNode *nodes;
  guint n;

  pl_scene_set_size (scene, 1000, 18);
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      add_plain (flows, i + 1, app, 50000 + i, 34, 443);
      g_array_index (flows, PlModelFlow, i).diagnosis.failure = failures[i];
      update (scene, flows, (i + 1) * SECOND_US);
      edges = pl_scene_get_edges (scene, &n);
      g_assert_cmpuint (n, ==, 1);
      g_assert_cmpuint (edges[0].n_flows, ==, i + 1);
      g_assert_cmpstr (pl_scene_failure_words (edges[0].failures), ==, i < 2 ? "refused" : "failed");
      nodes = pl_scene_get_nodes (scene, &n);
      g_assert_cmpstr (nodes[edges[0].node[PL_LANE_APP]].subtitle, ==, i < 2 ? "failed: refused" : "failed");
      g_assert_true (g_str_has_suffix (nodes[edges[0].node[PL_LANE_ENDPOINT]].subtitle, i < 2 ? "refused" : "failed"));
    }
  pl_process_unref (app);
}

/* "More" ports are more than those of their range that stand by themselves. */
static void
test_more_than_what (void)
{
  guint n_more = 0, n_all = 0;

  for (guint seed = 0; seed < 8; seed++)
    {
      g_autoptr (Synthetic) world = synthetic_new (8000 + seed);
      g_autoptr (PlScene) scene = pl_scene_new ();
      const PlSceneNode *nodes;
      guint n;

      synthetic_add (world, 1000 << seed % 4);
      update (scene, synthetic_get_flows (world), SECOND_US);
      nodes = pl_scene_get_nodes (scene, &n);
      for (guint i = 0; i < n; i++)
        {
          gboolean has_single = FALSE;

          if (!scene_is_port_lane (nodes[i].lane) || (nodes[i].flags & PL_SCENE_OTHERS) == 0)
            continue;
          for (guint j = 0; j < n; j++)
            has_single |= nodes[j].lane == nodes[i].lane && nodes[j].range == nodes[i].range
                          && (nodes[j].flags & PL_SCENE_BUNDLE) == 0;
          g_assert_true ((strstr (nodes[i].title, " more port") != NULL) == has_single);
          n_more += has_single;
          n_all++;
        }
    }
  g_test_message ("%u of %u say more", n_more, n_all);
  g_assert_cmpuint (n_more, >, 0);
  g_assert_cmpuint (n_more, <, n_all);
}

static guint
sum_of_lane (PlScene *scene, PlLane lane)
{
  guint n, sum = 0;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = 0; i < n; i++)
    sum += nodes[i].lane == lane ? nodes[i].n_live : 0;
  return sum;
}

static const PlSceneNode *
only_node (PlScene *scene, PlLane lane)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n), *found = NULL;

  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == lane)
      {
        g_assert_null (found);
        found = &nodes[i];
      }
  return found;
}

/* What fades is drawn, and counted no more: the status bar's count beside it says the same. */
static void
test_words_without_gone (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  g_autofree char *before = NULL, *after = NULL;
  guint n;

  for (guint i = 0; i < 10; i++)
    add_plain (flows, 1 + i, app, 50000 + i, 30, 443);
  update (scene, flows, SECOND_US);
  before = pl_scene_dup_fold_words (scene);
  for (guint i = 0; i < 3; i++)
    g_array_index (flows, PlModelFlow, i).is_gone = TRUE;
  g_assert_cmpstr (only_node (scene, PL_LANE_APP)->subtitle, ==, "10 flows");
  update (scene, flows, 2 * SECOND_US);
  after = pl_scene_dup_fold_words (scene);
  g_assert_cmpstr (only_node (scene, PL_LANE_APP)->subtitle, ==, "7 flows");
  g_assert_cmpstr (only_node (scene, PL_LANE_LOCAL_PORT)->title, ==, "7 dynamic");
  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    g_assert_cmpuint (sum_of_lane (scene, lane), ==, 7);
  g_assert_cmpuint (pl_scene_get_edges (scene, &n)[0].n_live, ==, 7);
  for (guint i = 3; i < 10; i++)
    g_array_index (flows, PlModelFlow, i).is_gone = TRUE;
  update (scene, flows, 3 * SECOND_US);
  g_assert_cmpstr (only_node (scene, PL_LANE_APP)->subtitle, ==, "closed");
  g_assert_cmpuint (sum_of_lane (scene, PL_LANE_APP), ==, 0);
  g_assert_cmpstr (before, ==, "1 line stands for 10 flows");
  g_assert_cmpstr (after, ==, "1 line stands for 7 flows");
  pl_process_unref (app);
}

/* An endpoint is called what packets told; what several are called that share its address, the first is. */
static void
test_hosts (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  char host[] = "shop.example"; /* changed once told: a scene keeps what the model may have let go of */

  for (guint i = 0; i < 3; i++)
    add_plain (flows, 1 + i, app, 50000 + i, 30, 443 + i);
  update (scene, flows, SECOND_US);
  g_assert_cmpstr (only_node (scene, PL_LANE_ENDPOINT)->title, ==, "93.184.216.30");
  g_assert_cmpstr (only_node (scene, PL_LANE_ENDPOINT)->subtitle, ==, "internet");
  g_array_index (flows, PlModelFlow, 1).host = host;
  update (scene, flows, 2 * SECOND_US);
  g_assert_cmpstr (only_node (scene, PL_LANE_ENDPOINT)->title, ==, "shop.example");
  g_assert_cmpstr (only_node (scene, PL_LANE_ENDPOINT)->subtitle, ==, "93.184.216.30 · internet");
  g_assert_cmpuint (only_node (scene, PL_LANE_ENDPOINT)->flags & PL_SCENE_LIKELY_NAME, !=, 0);
  host[0] = 'c';
  g_assert_cmpstr (only_node (scene, PL_LANE_ENDPOINT)->title, ==, "shop.example");
  g_array_index (flows, PlModelFlow, 2).host = "blog.example";
  g_array_index (flows, PlModelFlow, 2).host_source = PL_NAME_TLS;
  update (scene, flows, 3 * SECOND_US);
  g_assert_cmpstr (only_node (scene, PL_LANE_ENDPOINT)->title, ==, "chop.example and others");
  g_assert_cmpuint (only_node (scene, PL_LANE_ENDPOINT)->flags & PL_SCENE_LIKELY_NAME, ==, 0);
  g_array_remove_index (flows, 2);
  g_array_index (flows, PlModelFlow, 1).host = NULL;
  update (scene, flows, 4 * SECOND_US);
  g_assert_cmpstr (only_node (scene, PL_LANE_ENDPOINT)->title, ==, "93.184.216.30");
  pl_process_unref (app);
}

/* Of two dozen hosts and as many listeners only the busiest @n_live of each have not ended. */
static void
end_but (GArray *flows, guint n_live)
{
  for (guint i = 0; i < flows->len; i++)
    g_array_index (flows, PlModelFlow, i).is_gone = i % 24 >= n_live;
}

/* "12 more hosts" are those that are there, and so are listeners. */
static void
test_members_without_gone (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  g_autofree char *before = NULL, *after = NULL, *none = NULL;

  for (guint i = 0; i < 24; i++)
    {
      add_plain (flows, 1 + i, app, 50000, 30 + i, 443);
      g_array_index (flows, PlModelFlow, i).flow.sent[0].bytes = 100 - i;
    }
  for (guint i = 0; i < 24; i++)
    {
      add_dock (flows, app, 2000 + i, FALSE);
      g_array_index (flows, PlModelFlow, 24 + i).flow.sent[0].bytes = 100 - i;
    }
  update (scene, flows, SECOND_US);
  g_assert_nonnull (find_title (scene, PL_LANE_ENDPOINT, "14 more hosts"));
  g_assert_nonnull (find_title (scene, PL_LANE_LOCAL_PORT, "14 more ports"));
  before = pl_scene_dup_fold_words (scene);
  end_but (flows, 16);
  update (scene, flows, 2 * SECOND_US);
  g_assert_nonnull (find_title (scene, PL_LANE_ENDPOINT, "6 more hosts"));
  g_assert_nonnull (find_title (scene, PL_LANE_LOCAL_PORT, "6 more ports"));
  after = pl_scene_dup_fold_words (scene);
  end_but (flows, 10); /* those that are told of in a number all fade: then these are counted */
  update (scene, flows, 3 * SECOND_US);
  g_assert_nonnull (find_title (scene, PL_LANE_ENDPOINT, "14 more hosts"));
  none = pl_scene_dup_fold_words (scene);
  g_assert_cmpstr (before, ==, "22 lines stand for 24 flows and 24 listeners");
  g_assert_cmpstr (after, ==, "22 lines stand for 16 flows and 16 listeners");
  g_assert_null (none);
  pl_process_unref (app);
}

/* The same of "12 more apps". */
static void
test_apps_without_gone (void)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  g_autoptr (GPtrArray) apps = g_ptr_array_new_with_free_func ((GDestroyNotify)pl_process_unref);
  const guint n_all = 900;
  guint n_shown = 0;
  g_autofree char *title = NULL;

  for (guint i = 0; i < n_all; i++)
    {
      g_autofree char *name = g_strdup_printf ("app-%u", i);

      g_ptr_array_add (apps, synthetic_process (name, name, 1 + i));
      add_plain (flows, 1 + i, apps->pdata[i], 50000, 30 + i % 200, 443);
      g_array_index (flows, PlModelFlow, i).flow.sent[0].bytes = 10 * (n_all - i);
    }
  update (scene, flows, SECOND_US);
  for (guint i = 0; i < n_all; i++)
    n_shown += find_title (scene, PL_LANE_APP, ((PlProcess *)apps->pdata[i])->name) != NULL;
  title = g_strdup_printf ("%u more apps", n_all - n_shown);
  g_assert_nonnull (find_title (scene, PL_LANE_APP, title));
  for (guint i = n_all - 5; i < n_all; i++)
    g_array_index (flows, PlModelFlow, i).is_gone = TRUE;
  update (scene, flows, 2 * SECOND_US);
  g_free (title);
  title = g_strdup_printf ("%u more apps", n_all - n_shown - 5);
  g_assert_nonnull (find_title (scene, PL_LANE_APP, title));
}

/* Of so many of three flows of one line the app is likely. */
static void
expect_unsure (guint n_unsure, guint expected)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (GArray) flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  PlProcess *app = synthetic_process ("Browser", "browser", 1);
  const guint mask = PL_SCENE_UNSURE | PL_SCENE_PARTLY_UNSURE;
  guint n;

  for (guint i = 0; i < 3; i++)
    {
      add_plain (flows, 1 + i, app, 50000 + i, 30, 443);
      g_array_index (flows, PlModelFlow, i).app_confidence = i < n_unsure ? PL_CONFIDENCE_LIKELY : PL_CONFIDENCE_EXACT;
    }
  update (scene, flows, SECOND_US);
  g_assert_cmpuint (count_edges (scene), ==, 1);
  g_assert_cmpuint (pl_scene_get_edges (scene, &n)->flags & mask, ==, expected);
  g_assert_cmpuint (find_title (scene, PL_LANE_APP, "Browser")->flags & mask, ==, expected);
  pl_process_unref (app);
}

/* A line is unsure where most of its flows are, and says of any that is. */
static void
test_unsure (void)
{
  expect_unsure (0, 0);
  expect_unsure (1, PL_SCENE_PARTLY_UNSURE);
  expect_unsure (2, PL_SCENE_PARTLY_UNSURE | PL_SCENE_UNSURE);
  expect_unsure (3, PL_SCENE_UNSURE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/words/failure-words", test_failure_words);
  g_test_add_func ("/scene/words/short-titles", test_short_titles);
  g_test_add_func ("/scene/words/words-without-gone", test_words_without_gone);
  g_test_add_func ("/scene/words/hosts", test_hosts);
  g_test_add_func ("/scene/words/members-without-gone", test_members_without_gone);
  g_test_add_func ("/scene/words/apps-without-gone", test_apps_without_gone);
  g_test_add_func ("/scene/words/more-than-what", test_more_than_what);
  g_test_add_func ("/scene/words/unsure", test_unsure);
  return g_test_run ();
}
