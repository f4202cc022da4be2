/* What must hold of every scene; see scene-checks.h. */
#include "scene-checks.h"

#include <math.h>
#include <stdlib.h>

static int
compare_target (gconstpointer a, gconstpointer b)
{
  const PlSceneNode *one = *(const PlSceneNode *const *)a, *other = *(const PlSceneNode *const *)b;

  return one->target_y < other->target_y ? -1 : one->target_y > other->target_y;
}

GPtrArray *
lane_nodes (PlScene *scene, PlLane lane)
{
  GPtrArray *lane_list = g_ptr_array_new ();
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == lane)
      g_ptr_array_add (lane_list, (gpointer)&nodes[i]);
  g_ptr_array_sort (lane_list, compare_target);
  return lane_list;
}

void
check_no_overlap (PlScene *scene, double width)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    {
      g_autoptr (GPtrArray) list = lane_nodes (scene, lane);

      for (guint i = 1; i < list->len; i++)
        {
          const PlSceneNode *above = list->pdata[i - 1], *below = list->pdata[i];

          g_assert_cmpfloat (below->target_y - above->target_y - above->height, >=, 6);
        }
    }
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpfloat (nodes[i].x, >=, 0);
      g_assert_cmpfloat (nodes[i].x + nodes[i].width, <=, MAX (width, 352 * scene->metrics.unit));
      g_assert_cmpfloat (nodes[i].target_y, >=, pl_scene_get_top (scene));
      g_assert_cmpfloat (nodes[i].target_y + nodes[i].height, <=, pl_scene_get_height (scene));
      g_assert_true (nodes[i].title != NULL && *nodes[i].title != 0 && nodes[i].subtitle != NULL);
      /* Two lanes never share a place: boxes of any two nodes are apart. */
      for (guint j = 0; j < i; j++)
        g_assert_true (nodes[i].x >= nodes[j].x + nodes[j].width || nodes[j].x >= nodes[i].x + nodes[i].width
                       || nodes[i].target_y >= nodes[j].target_y + nodes[j].height
                       || nodes[j].target_y >= nodes[i].target_y + nodes[i].height);
    }
}

/* A bundle of one range says how many ports its flows have, each counted once; those that fade only where all do. */
static void
check_ports (PlScene *scene, GArray *flows)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer node, count;

  for (guint i = 0; i < flows->len && scene->flow_refs->len == flows->len; i++)
    {
      const PlModelFlow *flow = &g_array_index (flows, PlModelFlow, i);
      int local = flow->local_end == PL_END_B ? PL_END_B : PL_END_A;

      for (PlLane lane = PL_LANE_LOCAL_PORT; lane <= PL_LANE_REMOTE_PORT; lane++)
        {
          const Node *one = g_array_index (scene->flow_refs, FlowRef, i).fine->nodes[lane];
          guint16 port = flow->flow.key.port[lane == PL_LANE_LOCAL_PORT ? local : !local];
          guint64 key = one ? one->pub.id << 16 | port : 0;

          if (one && one->key.kind == KEY_CLASS && one->min_port != one->max_port
              && (!flow->is_gone || (one->pub.n_live == 0 && one->pub.n_listeners == 0))
              && g_hash_table_add (seen, g_memdup2 (&key, sizeof key)))
            g_hash_table_insert (counts, (gpointer)one,
                                 GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, one)) + 1));
        }
    }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &node, &count))
    g_assert_cmpuint (((Node *)node)->pub.n_ports, ==, GPOINTER_TO_UINT (count));
}

void
check_sums (PlScene *scene, GArray *flows)
{
  guint n_nodes, n_edges, n_listeners = 0, n_single = 0;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n_edges);
  guint in_lane[PL_N_LANES] = { 0 }, live_in_lane[PL_N_LANES] = { 0 }, in_edges = 0, live_in_edges = 0, n_live = 0;
  double rate = 0, edge_rate = 0, lane_rate[PL_N_LANES] = { 0 };

  check_ports (scene, flows);
  for (guint i = 0; i < flows->len; i++)
    {
      const PlModelFlow *flow = &g_array_index (flows, PlModelFlow, i);

      rate += flow->rate_in + flow->rate_out;
      n_listeners += pl_model_flow_is_listener (flow);
      n_live += !flow->is_gone && !pl_model_flow_is_listener (flow);
      if (i % 97 == 0)
        g_assert_cmpuint (pl_scene_flow_edge (scene, flow->id), !=, 0);
    }
  for (guint i = 0; i < n_edges; i++)
    if (scene_get_edge (scene, edges[i].id)->state == STATE_LIVE)
      {
        in_edges += edges[i].n_flows;
        live_in_edges += edges[i].flags & PL_SCENE_LISTENER ? 0 : edges[i].n_live;
        edge_rate += edges[i].rate;
        n_single += edges[i].n_flows == 1;
        for (guint lane = 0; lane < PL_N_LANES; lane++)
          if (edges[i].node[lane] != PL_SCENE_NO_NODE)
            g_assert_cmpuint (nodes[edges[i].node[lane]].lane, ==, lane);
          else
            g_assert_true ((edges[i].flags & PL_SCENE_LISTENER) && lane > PL_LANE_LOCAL_PORT);
      }
  for (guint i = 0; i < n_nodes; i++)
    if (scene_get_node (scene, nodes[i].id)->state == STATE_LIVE)
      {
        in_lane[nodes[i].lane] += nodes[i].n_flows;
        live_in_lane[nodes[i].lane] += nodes[i].n_live;
        lane_rate[nodes[i].lane] += nodes[i].rate;
      }
  g_assert_cmpuint (in_edges, ==, flows->len);
  g_assert_cmpuint (live_in_edges, ==, n_live);
  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    g_assert_cmpuint (live_in_lane[lane], ==, n_live);
  g_assert_cmpuint (pl_scene_get_n_flows (scene), ==, flows->len);
  g_assert_cmpuint (pl_scene_get_n_folded (scene), ==, flows->len - n_single);
  g_assert_cmpfloat_with_epsilon (edge_rate, rate, 1e-3);
  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    g_assert_cmpuint (in_lane[lane], ==, lane <= PL_LANE_LOCAL_PORT ? flows->len : flows->len - n_listeners);
  g_assert_cmpfloat_with_epsilon (lane_rate[PL_LANE_APP], rate, 1e-3);
  g_assert_cmpfloat_with_epsilon (lane_rate[PL_LANE_ENDPOINT], rate, 1e-3);
}

/* Every flow is in exactly one edge's list and, lane by lane, in exactly one node's. */
void
check_lists (PlScene *scene, GArray *flows)
{
  guint n_nodes, n_edges, listed = 0;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n_edges);

  for (guint i = 0; i < n_edges; i++)
    {
      g_autoptr (GArray) ids = pl_scene_edge_flows (scene, edges[i].id);

      for (guint j = 0; j < ids->len; j++)
        {
          guint64 id = g_array_index (ids, guint64, j);

          g_assert_cmpuint (pl_scene_flow_edge (scene, id), ==, edges[i].id);
          listed++;
        }
    }
  g_assert_cmpuint (listed, ==, flows->len);
  listed = 0;
  for (guint i = 0; i < n_nodes; i++)
    if (nodes[i].lane == PL_LANE_APP)
      {
        g_autoptr (GArray) ids = pl_scene_node_flows (scene, nodes[i].id);

        listed += ids->len;
      }
  g_assert_cmpuint (listed, ==, flows->len);
}

/* How often a node went to another band: an endpoint leaves the unknown app's once its own is known. */
static guint
count_moves (PlScene *scene, guint64 id)
{
  for (guint i = 0; i < scene->node_list->len; i++)
    if (((Node *)scene->node_list->pdata[i])->pub.id == id)
      return ((Node *)scene->node_list->pdata[i])->n_moves;
  return 0;
}

GArray *
remember (PlScene *scene)
{
  GArray *was = g_array_new (FALSE, FALSE, sizeof (Was));

  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    {
      g_autoptr (GPtrArray) list = lane_nodes (scene, lane);

      for (guint i = 0; i < list->len; i++)
        {
          const PlSceneNode *node = list->pdata[i];
          Was one = { node->id, lane, node->target_y, count_moves (scene, node->id) };

          g_array_append_val (was, one);
        }
    }
  return was;
}

/* Who was above stays above. Returns how far anybody moved. */
double
check_order_kept (PlScene *scene, GArray *was)
{
  double furthest = 0;
  const PlSceneNode *before = NULL;

  for (guint i = 0; i < was->len; i++)
    {
      const Was *one = &g_array_index (was, Was, i);
      const PlSceneNode *node = pl_scene_find_node (scene, one->id);

      if (node == NULL || count_moves (scene, node->id) != one->n_moves)
        continue;
      furthest = MAX (furthest, fabs (node->target_y - one->target_y));
      if (before && before->lane == node->lane)
        g_assert_cmpfloat (before->target_y, <, node->target_y);
      before = node;
    }
  return furthest;
}

/* How many are new, in the lane that has most of them. */
gboolean
settle_holding (PlScene *scene, guint64 id, double y, gint64 *now_us)
{
  const PlSceneNode *node;
  gboolean is_moving = TRUE;

  for (guint frame = 0; frame < 60 && is_moving; frame++)
    {
      node = pl_scene_find_node (scene, id);
      if (node)
        g_assert_cmpfloat (node->y, ==, y);
      is_moving = pl_scene_tick (scene, *now_us += 16000);
    }
  g_assert_false (is_moving);
  return pl_scene_find_node (scene, id) != NULL;
}

guint
count_newcomers (PlScene *scene, GArray *was)
{
  guint n_nodes, n[PL_N_LANES] = { 0 };
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n_nodes);

  for (guint i = 0; i < n_nodes; i++)
    {
      gboolean is_old = FALSE;

      for (guint j = 0; j < was->len && !is_old; j++)
        is_old = g_array_index (was, Was, j).id == nodes[i].id
                 && g_array_index (was, Was, j).n_moves == count_moves (scene, nodes[i].id);
      n[nodes[i].lane] += !is_old;
    }
  return MAX (MAX (n[0], n[1]), MAX (n[2], n[3]));
}

guint
count_holes (PlScene *scene)
{
  guint n = 0;

  for (guint i = 0; i < scene->node_list->len; i++)
    n += ((Node *)scene->node_list->pdata[i])->state == STATE_HOLE;
  return n;
}

void
check_same (PlScene *one, PlScene *other)
{
  guint n, m;
  const PlSceneNode *nodes = pl_scene_get_nodes (one, &n), *other_nodes = pl_scene_get_nodes (other, &m);
  const PlSceneEdge *edges, *other_edges;

  g_assert_cmpuint (n, ==, m);
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpuint (nodes[i].id, ==, other_nodes[i].id);
      g_assert_cmpfloat (nodes[i].y, ==, other_nodes[i].y);
      g_assert_cmpfloat (nodes[i].target_y, ==, other_nodes[i].target_y);
      g_assert_cmpfloat (nodes[i].opacity, ==, other_nodes[i].opacity);
      g_assert_cmpstr (nodes[i].title, ==, other_nodes[i].title);
      g_assert_cmpstr (nodes[i].subtitle, ==, other_nodes[i].subtitle);
    }
  edges = pl_scene_get_edges (one, &n);
  other_edges = pl_scene_get_edges (other, &m);
  g_assert_cmpuint (n, ==, m);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (memcmp (&edges[i], &other_edges[i], sizeof edges[i]), ==, 0);
}

const PlSceneNode *
find_title (PlScene *scene, PlLane lane, const char *title)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == lane && g_str_equal (nodes[i].title, title))
      return &nodes[i];
  return NULL;
}

void
add_plain (GArray *flows, guint64 id, PlProcess *app, guint16 local_port, guint8 host, guint16 port)
{
  PlModelFlow flow = { .id = id, .app = app, .app_confidence = PL_CONFIDENCE_EXACT, .sources = PL_SEEN_PACKETS };
  PlAddr here = pl_addr_from_v4 ((guint8[4]){ 10, 0, 0, 1 }),
         there = pl_addr_from_v4 ((guint8[4]){ 93, 184, 216, host });
  int end = pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, &here, local_port, &there, port, 0, &flow.flow.key);

  flow.local_end = flow.flow.local_end = flow.flow.initiator_end = end;
  flow.flow.state = PL_STATE_ESTABLISHED;
  g_array_append_val (flows, flow);
}

guint
count_edges (PlScene *scene)
{
  guint n;

  pl_scene_get_edges (scene, &n);
  return n;
}

void
add_dock (GArray *flows, PlProcess *app, guint16 port, gboolean is_open)
{
  PlModelFlow flow = { .id = port, .app = app, .app_confidence = PL_CONFIDENCE_EXACT, .sources = PL_SEEN_SOCKET };
  PlAddr any = pl_addr_from_v4 ((guint8[4]){ 0, 0, 0, 0 }), loopback = pl_addr_from_v4 ((guint8[4]){ 127, 0, 0, 1 });
  int end =
      pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, is_open ? &any : &loopback, port, &any, 0, 0, &flow.flow.key);

  flow.local_end = flow.flow.local_end = end;
  flow.flow.initiator_end = PL_END_UNKNOWN;
  flow.flow.state = PL_STATE_LISTEN;
  g_array_append_val (flows, flow);
}
