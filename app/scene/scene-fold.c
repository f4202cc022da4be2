/* From fine edges to what is drawn: the nodes that each runs through, counted and flagged. Sums are conserved: every flow
 * is in exactly one drawn edge. No geometry in here. */
#include <math.h>

#include "scene-private.h"

#define WIDTHS_EVERY_US 1000000
#define WIDTH_SLACK_PX 0.4 /* more than the half of a step */

static void
node_restart (PlScene *scene, Node *node)
{
  node->stamp = scene->stamp;
  node->n_gone = node->n_closed = node->n_failed = node->n_unsure = node->n_inbound = 0;
  node->n_listeners = node->n_gone_listeners = 0;
  node->pub.failures = 0;
  node->app = NULL;
  node->host = NULL;
  node->has_other_hosts = node->is_host_sure = FALSE;
  node->n_members = 0;
  node->is_unfolded = FALSE;
  node->min_port = G_MAXUINT16;
  node->max_port = 0;
  node->pub.n_flows = 0;
  node->pub.rate = node->score = 0;
  node->pub.flags = 0;
  node->pub.role = PL_ROLE_NONE;
}

/* @last: (nullable): what a fine edge ran through at the last update; most still do. */
static Node *
take_node (PlScene *scene, const NodeKey *key, Node *last)
{
  Node *node = last;

  if (node == NULL || memcmp (&node->key, key, sizeof *key) != 0)
    node = g_hash_table_lookup (scene->nodes, key);

  if (node == NULL)
    {
      node = g_new0 (Node, 1);
      node->key = *key;
      node->pub.id = ++scene->next_id;
      node->pub.lane = key->lane;
      node->pub.proto = key->proto;
      node->pub.port = key->kind == KEY_PLAIN && key->lane != PL_LANE_ENDPOINT ? key->port : 0;
      node->pub.range = scene_is_port_lane (key->lane) ? key->range : PL_RANGE_NONE;
      node->pub.scope = key->lane == PL_LANE_ENDPOINT ? key->range : PL_SCOPE_UNSPECIFIED;
      g_hash_table_insert (scene->nodes, &node->key, node);
      g_ptr_array_add (scene->node_list, node);
    }
  if (node->stamp != scene->stamp)
    node_restart (scene, node);
  return node;
}

static void
count_port (Node *node, const Fine *fine)
{
  gboolean is_local = node->key.lane == PL_LANE_LOCAL_PORT;
  gboolean is_fixed = fine->key.side == SIDE_BOTH || (fine->key.side == SIDE_LOCAL) == is_local;
  guint16 low = is_fixed ? (is_local && fine->key.side == SIDE_BOTH ? fine->key.exact_port : fine->key.service_port)
                         : fine->min_port;
  guint16 high = is_fixed ? low : fine->max_port;

  node->min_port = MIN (node->min_port, low);
  node->max_port = MAX (node->max_port, high);
  if (!scene_has_ports (fine))
    return;
  if (fine->key.side == SIDE_BOTH)
    {
      PlRole role = is_local ? fine->local_role : fine->remote_role;

      node->pub.role = node->pub.role == PL_ROLE_NONE ? role : node->pub.role;
    }
  else if (!is_fixed)
    node->pub.role = node->pub.role == PL_ROLE_NONE ? PL_ROLE_TEMPORARY : node->pub.role;
  else
    node->pub.role = is_local ? PL_ROLE_LISTENING : PL_ROLE_SERVICE;
}

static void
count_host (Node *node, const Fine *fine)
{
  if (fine->n_named == 0)
    return;
  if (node->host == NULL)
    node->host = fine->host;
  node->has_other_hosts |= fine->has_other_hosts || strcmp (node->host, fine->host) != 0;
  node->is_host_sure |= fine->is_host_sure;
}

static void
count_node (Node *node, const Fine *fine)
{
  node->pub.n_flows += fine->n_flows;
  node->pub.rate += fine->rate;
  node->score += scene_fine_score (fine);
  node->n_gone += fine->n_gone;
  node->n_closed += fine->n_closed;
  node->n_failed += fine->key.is_failed ? fine->n_flows : 0;
  node->n_unsure += fine->n_unsure;
  node->n_inbound += fine->n_inbound;
  if (fine->key.is_listener)
    {
      /* of several the widest: who reads "this computer only" must be able to rely on it */
      if (node->key.lane == PL_LANE_LOCAL_PORT
          && (node->n_listeners == 0 || scene_openness (fine->bind_scope) > scene_openness (node->pub.scope)))
        node->pub.scope = fine->bind_scope;
      node->n_listeners += fine->n_flows;
      node->n_gone_listeners += fine->n_gone;
    }
  node->pub.failures |= fine->failures;
  node->app = node->key.lane == PL_LANE_ENDPOINT ? fine->peer : fine->app;
  node->whole = node->app ? node->app->whole : 0;
  node->pid = node->app ? node->app->pid : 0;
  if (scene_is_port_lane (node->key.lane))
    count_port (node, fine);
  else if (node->key.lane == PL_LANE_ENDPOINT)
    count_host (node, fine);
}

/* Whether it stands by itself in a lane only because what it was in is unfolded. */
static void
count_unfolded (PlScene *scene, const Fine *fine, guint n_lanes)
{
  for (PlLane lane = PL_LANE_APP; g_hash_table_size (scene->unfolded) > 0 && lane < n_lanes; lane++)
    if (scene_is_unfolded (scene, fine, lane))
      fine->nodes[lane]->is_unfolded = fine->edge->is_unfolded = TRUE;
}

static Edge *
take_edge (PlScene *scene, const Fine *fine, Node *const nodes[PL_N_LANES], gboolean is_folded)
{
  EdgeKey key = { .proto = fine->key.proto, .is_failed = fine->key.is_failed, .is_listener = fine->key.is_listener };
  Edge *edge;

  key.side = fine->key.side;
  if (!is_folded)
    key.fine_id = fine->id;
  else
    for (guint lane = 0; lane < PL_N_LANES; lane++)
      key.node[lane] = nodes[lane] ? nodes[lane]->pub.id : 0;
  edge = fine->edge;
  if (edge == NULL || memcmp (&edge->key, &key, sizeof key) != 0)
    edge = g_hash_table_lookup (scene->edges, &key);
  if (edge == NULL)
    {
      edge = g_new0 (Edge, 1);
      edge->key = key;
      edge->pub.id = ++scene->next_id;
      edge->pub.proto = key.proto;
      edge->fade_start_us = scene->now_us;
      edge->is_new = TRUE;
      g_hash_table_insert (scene->edges, &edge->key, edge);
      g_ptr_array_add (scene->edge_list, edge);
    }
  if (edge->stamp != scene->stamp)
    {
      edge->stamp = scene->stamp;
      edge->pub.flow_id = fine->first_flow_id;
      edge->pub.n_flows = edge->n_gone = edge->n_unsure = edge->n_inbound = edge->n_outbound = 0;
      edge->pub.rate = 0;
      edge->is_unfolded = FALSE;
      edge->pub.failure = PL_FAILURE_NONE;
      edge->pub.failures = 0;
      edge->pub.local_range = nodes[PL_LANE_LOCAL_PORT]->pub.range;
      edge->pub.remote_range = nodes[PL_LANE_REMOTE_PORT] ? nodes[PL_LANE_REMOTE_PORT]->pub.range : PL_RANGE_NONE;
      memcpy (edge->node, nodes, sizeof edge->node);
    }
  return edge;
}

static void
count_edge (Edge *edge, const Fine *fine)
{
  edge->pub.n_flows += fine->n_flows;
  edge->pub.rate += fine->rate;
  edge->n_gone += fine->n_gone;
  edge->n_unsure += fine->n_unsure;
  edge->n_inbound += fine->n_inbound;
  edge->n_outbound += fine->n_outbound;
  if (edge->pub.failure == PL_FAILURE_NONE)
    {
      edge->pub.failure = fine->failure;
      edge->pub.place = fine->place;
    }
  edge->pub.failures |= fine->failures;
}

static gboolean
set_fade (double *from, double *target, gint64 *start_us, double now, double wanted, gint64 now_us)
{
  if (*target == wanted)
    return FALSE;
  *from = now;
  *target = wanted;
  *start_us = now_us;
  return TRUE;
}

/* Of so many of @n flows the app is likely only. */
static guint
unsure_flags (guint n_unsure, guint n)
{
  return (2 * n_unsure > n ? PL_SCENE_UNSURE : 0) | (n_unsure > 0 && n_unsure < n ? PL_SCENE_PARTLY_UNSURE : 0);
}

/* Whether flows of several ports are behind it, gone ones among them. */
static gboolean
is_range (const Node *node)
{
  return (node->key.kind == KEY_GROUP || node->key.kind == KEY_CLASS) && node->min_port != node->max_port;
}

static void
node_finish (PlScene *scene, Node *node)
{
  gboolean is_live = node->stamp == scene->stamp;
  guint n = node->pub.n_flows;
  double opacity = !is_live ? 0 : node->n_gone == n ? SCENE_GONE_OPACITY : 1;

  if (is_live)
    {
      node->state = STATE_LIVE;
      node->pub.n_listeners = node->n_listeners - node->n_gone_listeners;
      node->pub.n_live = n - node->n_gone - node->pub.n_listeners;
      node->pub.flags = (node->n_failed == n ? PL_SCENE_FAILED : 0) | (node->n_gone == n ? PL_SCENE_FADING : 0)
                        | (node->n_listeners > 0 && node->key.lane == PL_LANE_LOCAL_PORT ? PL_SCENE_LISTENER : 0)
                        | unsure_flags (node->n_unsure, n) | (node->n_inbound > 0 ? PL_SCENE_INBOUND : 0)
                        | (node->key.kind == KEY_OTHERS ? PL_SCENE_OTHERS | PL_SCENE_BUNDLE : 0)
                        | (node->key.kind == KEY_PEER ? PL_SCENE_PEER_APP : 0)
                        | (node->host != NULL && !node->is_host_sure ? PL_SCENE_LIKELY_NAME : 0);
      if (node->is_unfolded || scene_unfolded_budget (scene, &node->key) > 0)
        node->pub.flags |= PL_SCENE_UNFOLDED;
      if (is_range (node) && (node->last_port == 0 || (node->pub.flags & PL_SCENE_UNFOLDED)))
        node->pub.flags |= PL_SCENE_BUNDLE;
      if (node->key.lane == PL_LANE_APP && node->app->is_unknown && node->key.kind == KEY_PLAIN)
        node->pub.flags |= PL_SCENE_UNKNOWN_APP;
      if (node->key.lane == PL_LANE_APP && node->key.kind == KEY_PLAIN)
        {
          node->pub.n_processes = node->app->n_processes;
          node->pub.flags |= node->app->pid != 0 ? PL_SCENE_PROCESS : node->pub.n_processes > 1 ? PL_SCENE_MANY : 0;
        }
      if (node->key.kind == KEY_CLASS || node->key.kind == KEY_GROUP)
        node->pub.port = (node->pub.flags & PL_SCENE_BUNDLE) ? 0 : node->last_port ? node->last_port : node->min_port;
    }
  else if (node->state == STATE_LIVE)
    {
      node->state = STATE_LEAVING;
      node->pub.flags |= PL_SCENE_LEAVING;
    }
  set_fade (&node->from_opacity, &node->target_opacity, &node->fade_start_us, node->pub.opacity, opacity,
            scene->now_us);
}

/* A thin line for next to nothing, 8 px past 100 MB/s; in half pixels. A line changes when its rate really did, and all of
 * them at one time, once a second, so that a steady rate draws a steady line and the lines are seldom drawn anew. */
static void
set_width (PlScene *scene, Edge *edge)
{
  double width = CLAMP (1.5 + 1.1 * log10 (1 + MAX (edge->pub.rate, 0) / 300), 1.5, 8);
  gboolean is_first = edge->pub.width_px == 0;

  if (is_first || (scene->widths_us == scene->now_us && fabs (width - edge->pub.width_px) > WIDTH_SLACK_PX))
    edge->pub.width_px = round (width * 2) / 2;
}

static void
edge_finish (PlScene *scene, Edge *edge)
{
  gboolean is_live = edge->stamp == scene->stamp;
  guint n = edge->pub.n_flows;
  double opacity = !is_live ? 0 : edge->n_gone == n ? SCENE_GONE_OPACITY : 1;

  if (is_live)
    {
      edge->state = STATE_LIVE;
      edge->pub.n_live = n - edge->n_gone;
      edge->pub.flags = (edge->key.is_failed ? PL_SCENE_FAILED : 0) | (edge->n_gone == n ? PL_SCENE_FADING : 0)
                        | (edge->key.is_listener ? PL_SCENE_LISTENER : 0) | (n > 1 ? PL_SCENE_BUNDLE : 0)
                        | unsure_flags (edge->n_unsure, n) | (2 * edge->n_inbound > n ? PL_SCENE_INBOUND : 0)
                        | (2 * edge->n_outbound > n ? PL_SCENE_OUTBOUND : 0)
                        | (edge->is_unfolded ? PL_SCENE_UNFOLDED : 0);
      set_width (scene, edge);
      scene->n_folded += n > 1 ? n : 0;
    }
  else
    {
      edge->state = STATE_LEAVING;
      edge->pub.flags |= PL_SCENE_LEAVING;
    }
  set_fade (&edge->from_opacity, &edge->target_opacity, &edge->fade_start_us, edge->pub.opacity, opacity,
            scene->now_us);
}

/* Where an edge's node in a lane is another than before and nobody else uses the old one, the new one takes its place: a
 * port that becomes "2 dynamic" changes its words, not where it stands. */
static void
succeed (PlScene *scene, Node *old, Node *node)
{
  guint place;

  if (old == NULL || old == node || node->band != NULL || old->stamp == node->stamp || old->band == NULL)
    return;
  if (g_ptr_array_find (old->band->lanes[old->key.lane], old, &place))
    {
      node->band = old->band;
      node->pub.y = old->pub.y;
      node->from_y = old->from_y;
      node->pub.target_y = node->ease_y = old->pub.target_y;
      node->move_start_us = old->move_start_us;
      node->pub.opacity = node->from_opacity = old->pub.opacity;
      node->place = place;
      node->is_placed = old->is_placed;
      node->offset_y = old->offset_y;
      node->band->lanes[node->key.lane]->pdata[place] = node;
      if (scene->pinned == old->pub.id)
        scene->pinned = node->pub.id;
      old->band = NULL; /* it leaves without a trace */
      old->state = STATE_HOLE;
    }
}

/* What fades is counted only where there is nothing else. */
static void
add_members (PlScene *scene, const NodeKey *key, guint n, guint n_live)
{
  Node *node = n > 0 ? g_hash_table_lookup (scene->nodes, key) : NULL;

  if (node && node->stamp == scene->stamp)
    node->n_members += n_live > 0 ? n_live : n;
}

/* How many apps, ports and hosts each of the "others" stands for. */
static void
count_members (PlScene *scene)
{
  guint n_apps = 0, n_live_apps = 0;
  GHashTableIter iter;
  gpointer key, value;

  for (guint i = 0; i < scene->candidate_list->len; i++)
    {
      const SceneCandidate *candidate = scene->candidate_list->pdata[i];
      SceneOthers *others = candidate->others;

      if (others->stamp != scene->stamp)
        {
          others->stamp = scene->stamp;
          others->n_members = others->n_live_members = 0;
        }
      others->n_members += !candidate->is_shown;
      others->n_live_members += !candidate->is_shown && candidate->is_live;
    }
  g_hash_table_iter_init (&iter, scene->others);
  while (g_hash_table_iter_next (&iter, &key, &value))
    add_members (scene, key, ((SceneOthers *)value)->n_members, ((SceneOthers *)value)->n_live_members);
  for (guint i = 0; i < scene->ranked_apps->len; i++)
    {
      const App *app = scene->ranked_apps->pdata[i];

      n_apps += !app->is_shown;
      n_live_apps += !app->is_shown && app->is_live;
    }
  add_members (scene, &scene_more_apps, n_apps, n_live_apps);
}

/* ---- how many ports a bundle stands for ---- */

#define N_PORT_BYTES (65536 / 8)

/* Of a group, which is one line, each flow has its own: only which one is left is to be found. */
static gboolean
needs_count (const PlScene *scene, const Node *node)
{
  return node->stamp == scene->stamp && is_range (node)
         && (node->key.kind == KEY_CLASS || node->pub.n_flows - node->n_gone == 1);
}

/* What ended is told of only where there is nothing else. */
static gboolean
is_told (const Node *node, const FlowRef *ref)
{
  return !ref->is_gone || node->n_gone == node->pub.n_flows;
}

static void
see_port (Node *node, const FlowRef *ref)
{
  guint port = ref->port; /* of the temporary side: no others are bundled by range */

  if (!is_told (node, ref) || (node->seen_ports[port / 8] & (1u << port % 8)))
    return;
  node->seen_ports[port / 8] |= (guint8)(1u << port % 8);
  node->pub.n_ports++;
  node->last_port = node->pub.n_ports == 1 ? ref->port : 0;
}

/* Whether the same flows have the same ports as at the last update. */
static gboolean
are_flows_same (const PlScene *scene)
{
  const GArray *now = scene->flow_refs, *past = scene->next_refs;

  return now->len == past->len && (now->len == 0 || memcmp (now->data, past->data, now->len * sizeof (FlowRef)) == 0);
}

/* @is_same: every flow runs through the nodes, and has the ports, that it did at the last update */
static void
count_ports (PlScene *scene, gboolean is_same)
{
  g_autoptr (GPtrArray) bundles = g_ptr_array_new ();

  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];

      if (!is_same || !needs_count (scene, node))
        node->last_port = 0;
      if (!needs_count (scene, node))
        node->pub.n_ports = !scene_is_port_lane (node->key.lane) ? 0
                            : node->n_gone == node->pub.n_flows  ? node->pub.n_flows
                                                                 : node->pub.n_flows - node->n_gone;
      if (is_same || !needs_count (scene, node))
        continue;
      node->pub.n_ports = 0;
      node->seen_ports = g_malloc0 (N_PORT_BYTES);
      g_ptr_array_add (bundles, node);
    }
  for (guint i = 0; bundles->len > 0 && i < scene->flow_refs->len; i++)
    {
      const FlowRef *ref = &g_array_index (scene->flow_refs, FlowRef, i);

      for (PlLane lane = PL_LANE_LOCAL_PORT; lane <= PL_LANE_REMOTE_PORT; lane++)
        if (ref->fine->nodes[lane] && ref->fine->nodes[lane]->seen_ports)
          see_port (ref->fine->nodes[lane], ref);
    }
  for (guint i = 0; i < bundles->len; i++)
    g_clear_pointer (&((Node *)bundles->pdata[i])->seen_ports, g_free);
}

void
scene_fold (PlScene *scene)
{
  g_autoptr (GPtrArray) before = g_ptr_array_new (); /* pairs: old node, new node */
  gboolean is_same = are_flows_same (scene);

  scene_rank (scene);
  scene_rank_settle (scene);
  scene->is_ranked = FALSE;
  scene->n_folded = 0;
  if (scene->now_us - scene->widths_us >= WIDTHS_EVERY_US)
    scene->widths_us = scene->now_us;
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];
      NodeKey keys[PL_N_LANES] = { 0 };
      Node *nodes[PL_N_LANES] = { NULL };
      gboolean is_folded;
      guint n = scene_rank_nodes (scene, fine, keys, &is_folded);
      Edge *old = g_hash_table_size (scene->edges) > 0 ? fine->edge : NULL;

      g_assert (n > PL_LANE_LOCAL_PORT);
      for (guint lane = 0; lane < n; lane++)
        {
          nodes[lane] = take_node (scene, &keys[lane], fine->nodes[lane]);
          count_node (nodes[lane], fine);
          if (old && old->node[lane] != nodes[lane] && nodes[lane]->band == NULL)
            {
              g_ptr_array_add (before, old->node[lane]);
              g_ptr_array_add (before, nodes[lane]);
            }
        }
      fine->edge = take_edge (scene, fine, nodes, is_folded);
      is_same &= memcmp (fine->nodes, nodes, sizeof nodes) == 0;
      memcpy (fine->nodes, nodes, sizeof nodes);
      count_edge (fine->edge, fine);
      count_unfolded (scene, fine, n);
    }
  count_members (scene);
  count_ports (scene, is_same);
  for (guint i = 0; i + 1 < before->len; i += 2)
    succeed (scene, before->pdata[i], before->pdata[i + 1]);
  for (guint i = 0; i < scene->node_list->len; i++)
    node_finish (scene, scene->node_list->pdata[i]);
  for (guint i = 0; i < scene->edge_list->len; i++)
    edge_finish (scene, scene->edge_list->pdata[i]);
}

/* A listener's own line to its dock says nothing once a client's line runs there. */
static void
cover_listener (PlScene *scene, Edge *edge)
{
  const Node *dock = edge->node[PL_LANE_LOCAL_PORT];

  if (edge->state != STATE_LIVE || !edge->key.is_listener)
    return;
  for (guint i = 0; i < dock->n_edges; i++)
    if (!((Edge *)scene->adjacency->pdata[dock->first_edge + i])->key.is_listener)
      edge->pub.flags |= PL_SCENE_COVERED;
}

/* The live edges of every live node, in the order of the edges. */
void
scene_index_edges (PlScene *scene)
{
  guint n_refs = 0;

  for (guint i = 0; i < scene->node_list->len; i++)
    ((Node *)scene->node_list->pdata[i])->n_edges = 0;
  for (guint i = 0; i < scene->edge_list->len; i++)
    {
      Edge *edge = scene->edge_list->pdata[i];

      for (guint lane = 0; edge->state == STATE_LIVE && lane < PL_N_LANES; lane++)
        if (edge->node[lane])
          edge->node[lane]->n_edges++;
    }
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];

      node->first_edge = n_refs;
      n_refs += node->n_edges;
      node->n_edges = 0;
    }
  g_ptr_array_set_size (scene->adjacency, n_refs);
  for (guint i = 0; i < scene->edge_list->len; i++)
    {
      Edge *edge = scene->edge_list->pdata[i];

      for (guint lane = 0; edge->state == STATE_LIVE && lane < PL_N_LANES; lane++)
        {
          Node *node = edge->node[lane];

          if (node)
            scene->adjacency->pdata[node->first_edge + node->n_edges++] = edge;
        }
    }
  for (guint i = 0; i < scene->edge_list->len; i++)
    cover_listener (scene, scene->edge_list->pdata[i]);
}
