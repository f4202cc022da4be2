/* From fine edges to what is drawn: the nodes each edge runs through, and, when there are too many edges to read, which
 * apps, ports and endpoints stay single and which join the rest. Busiest first, with a bonus for what is shown already, so
 * that nothing flips to and fro. Sums are conserved: every flow is in exactly one drawn edge. No geometry in here. */
#include <math.h>

#include "limits.h"
#include "scene-private.h"

#define LEVEL_HOLD_US 5000000 /* how long a level of folding stays before a finer one is tried */
#define SHOWN_BONUS 1.5

/* How many of each stay single at a level. The last one shows port classes only. */
static const struct
{
  guint n_apps, n_services, n_endpoints;
} levels[] = { { G_MAXUINT, G_MAXUINT, G_MAXUINT }, { 24, 4, 40 }, { 16, 3, 24 }, { 12, 2, 14 }, { 8, 1, 9 }, { 6, 0, 6 } };

typedef struct
{
  NodeKey key;
  double score;
  gboolean is_shown;
} Candidate;

typedef struct
{
  GHashTable *candidates; /* NodeKey → Candidate, within list */
  GPtrArray *list;
  guint level;
} Ranking;

static guint
node_hash (gconstpointer key)
{
  return scene_key_hash (key, sizeof (NodeKey));
}

static gboolean
node_equal (gconstpointer a,
            gconstpointer b)
{
  return memcmp (a, b, sizeof (NodeKey)) == 0;
}

static gboolean
has_ports (const Fine *fine)
{
  return fine->key.kind == PL_KIND_PORTS;
}

/* The key of a port that stays single: the service's own, or the one temporary port there is, or the group of them. */
static NodeKey
port_key (const Fine *fine,
          PlLane lane)
{
  NodeKey key = { .lane = lane, .kind = KEY_PLAIN, .proto = fine->key.proto };
  gboolean is_service = (fine->key.side == SIDE_LOCAL) == (lane == PL_LANE_LOCAL_PORT);

  if (!has_ports (fine))
    {
      key.kind = KEY_NO_PORT;
      key.range = PL_RANGE_NONE;
      key.port = fine->key.kind;
    }
  else if (fine->key.side == SIDE_BOTH)
    key.port = lane == PL_LANE_LOCAL_PORT ? fine->key.exact_port : fine->key.service_port;
  else if (is_service)
    key.port = fine->key.service_port;
  else if (fine->min_port == fine->max_port)
    key.port = fine->min_port;
  else
    key = scene_group_key (&fine->key, lane);
  if (key.kind == KEY_PLAIN)
    key.range = pl_port_range (key.port);
  key.app = fine->app->id;
  return key;
}

static NodeKey
endpoint_key (const Fine *fine)
{
  NodeKey key = { .lane = PL_LANE_ENDPOINT, .kind = KEY_PLAIN };

  if (fine->peer)
    {
      key.kind = KEY_PEER;
      key.app = fine->peer->id;
      key.range = PL_SCOPE_LOOPBACK;
      return key;
    }
  key.addr = fine->key.addr;
  key.zone = fine->key.zone;
  key.range = pl_addr_scope (&key.addr);
  return key;
}

static PlScope
coarse_scope (PlScope scope)
{
  switch (scope)
    {
    case PL_SCOPE_LINK:
      return PL_SCOPE_PRIVATE;
    case PL_SCOPE_BROADCAST:
      return PL_SCOPE_MULTICAST;
    case PL_SCOPE_UNSPECIFIED:
      return PL_SCOPE_INTERNET;
    default:
      return scope;
    }
}

/* Whether the port of this lane is one that was called (or has no temporary counterpart), so that it is ranked. */
static gboolean
is_ranked_port (const Fine *fine,
                PlLane lane)
{
  if (fine->key.side == SIDE_BOTH)
    return lane == PL_LANE_REMOTE_PORT;
  return (fine->key.side == SIDE_LOCAL) == (lane == PL_LANE_LOCAL_PORT);
}

static gboolean
is_candidate_shown (const Ranking *ranking,
                    const NodeKey *key)
{
  const Candidate *candidate = g_hash_table_lookup (ranking->candidates, key);

  return candidate != NULL && candidate->is_shown;
}

static NodeKey
folded_port_key (const Ranking *ranking,
                 const Fine *fine,
                 PlLane lane,
                 guint32 app)
{
  NodeKey key = port_key (fine, lane);

  key.app = app;
  if (!has_ports (fine) || (is_ranked_port (fine, lane) && is_candidate_shown (ranking, &key)))
    return key;
  key = (NodeKey) { .lane = lane, .app = app };
  key.kind = is_ranked_port (fine, lane) ? KEY_OTHERS : KEY_CLASS;
  if (key.kind == KEY_CLASS)
    {
      key.proto = fine->key.proto;
      key.range = fine->key.side == SIDE_BOTH ? pl_port_range (fine->key.exact_port) : fine->key.temp_range;
    }
  else
    key.range = pl_port_range (fine->key.service_port);
  return key;
}

/* The four nodes of @fine at @ranking's level; returns how many it has. */
static guint
fine_nodes (const Ranking *ranking,
            const Fine *fine,
            NodeKey keys[PL_N_LANES])
{
  guint32 app = fine->app->id;

  keys[PL_LANE_APP] = (NodeKey) { .lane = PL_LANE_APP, .kind = KEY_PLAIN };
  if (ranking->level > 0 && !fine->app->is_shown)
    {
      app = SCENE_OTHERS_APP;
      keys[PL_LANE_APP].kind = KEY_OTHERS;
    }
  keys[PL_LANE_APP].app = app;
  if (ranking->level == 0)
    {
      keys[PL_LANE_LOCAL_PORT] = port_key (fine, PL_LANE_LOCAL_PORT);
      keys[PL_LANE_REMOTE_PORT] = port_key (fine, PL_LANE_REMOTE_PORT);
      keys[PL_LANE_ENDPOINT] = endpoint_key (fine);
    }
  else
    {
      keys[PL_LANE_LOCAL_PORT] = folded_port_key (ranking, fine, PL_LANE_LOCAL_PORT, app);
      keys[PL_LANE_REMOTE_PORT] = folded_port_key (ranking, fine, PL_LANE_REMOTE_PORT, app);
      keys[PL_LANE_ENDPOINT] = endpoint_key (fine);
      if (!fine->key.is_listener && !is_candidate_shown (ranking, &keys[PL_LANE_ENDPOINT]))
        {
          PlScope scope = coarse_scope (keys[PL_LANE_ENDPOINT].range);

          keys[PL_LANE_ENDPOINT] = (NodeKey) { .lane = PL_LANE_ENDPOINT, .kind = KEY_OTHERS, .range = scope };
        }
    }
  return fine->key.is_listener ? PL_LANE_LOCAL_PORT + 1 : PL_N_LANES;
}

/* ---- ranking ---- */

static void
add_candidate (Ranking *ranking,
               const NodeKey *key,
               double score)
{
  Candidate *candidate = g_hash_table_lookup (ranking->candidates, key);

  if (candidate == NULL)
    {
      candidate = g_new0 (Candidate, 1);
      candidate->key = *key;
      g_ptr_array_add (ranking->list, candidate);
      g_hash_table_insert (ranking->candidates, &candidate->key, candidate);
    }
  candidate->score += score;
}

static int
compare_candidates (gconstpointer a,
                    gconstpointer b)
{
  const Candidate *one = *(Candidate *const *) a, *other = *(Candidate *const *) b;

  if (one->key.lane != other->key.lane)
    return one->key.lane < other->key.lane ? -1 : 1;
  if (one->key.lane != PL_LANE_ENDPOINT && one->key.app != other->key.app)
    return one->key.app < other->key.app ? -1 : 1;
  if (one->score != other->score)
    return one->score > other->score ? -1 : 1;
  return memcmp (&one->key, &other->key, sizeof (NodeKey));
}

static int
compare_apps (gconstpointer a,
              gconstpointer b)
{
  const App *one = *(App *const *) a, *other = *(App *const *) b;

  if (one->score != other->score)
    return one->score > other->score ? -1 : 1;
  return one->id < other->id ? -1 : one->id > other->id;
}

static gboolean
is_drawn_now (PlScene *scene,
              const NodeKey *key)
{
  const Node *node = g_hash_table_lookup (scene->nodes, key);

  return node != NULL && node->state == STATE_LIVE;
}

static double
fine_score (const Fine *fine)
{
  return fine->score + 10 * fine->rate + fine->n_flows;
}

static void
rank_apps (PlScene *scene,
           guint n_shown)
{
  g_autoptr (GPtrArray) apps = g_ptr_array_new ();
  guint64 stamp = ++scene->next_ranking;

  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];
      App *app = fine->app;

      if (app->ranked_stamp == stamp)
        continue;
      app->ranked_stamp = stamp;
      app->score = 0;
      g_ptr_array_add (apps, app);
    }
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];

      fine->app->score += fine_score (fine);
    }
  for (guint i = 0; i < apps->len; i++)
    {
      App *app = apps->pdata[i];
      NodeKey key = { .lane = PL_LANE_APP, .kind = KEY_PLAIN, .app = app->id };

      if (scene->level > 0 && is_drawn_now (scene, &key))
        app->score *= SHOWN_BONUS;
    }
  g_ptr_array_sort (apps, compare_apps);
  for (guint i = 0; i < apps->len; i++)
    ((App *) apps->pdata[i])->is_shown = i < n_shown;
}

static void
rank_candidates (PlScene *scene,
                 Ranking *ranking)
{
  guint rank = 0;

  for (guint i = 0; i < ranking->list->len; i++)
    {
      Candidate *candidate = ranking->list->pdata[i];

      if (scene->level > 0 && is_drawn_now (scene, &candidate->key))
        candidate->score *= SHOWN_BONUS;
    }
  g_ptr_array_sort (ranking->list, compare_candidates);
  for (guint i = 0; i < ranking->list->len; i++)
    {
      Candidate *candidate = ranking->list->pdata[i];
      const Candidate *before = i > 0 ? ranking->list->pdata[i - 1] : NULL;
      gboolean is_endpoint = candidate->key.lane == PL_LANE_ENDPOINT;

      if (before == NULL || before->key.lane != candidate->key.lane
          || (!is_endpoint && before->key.app != candidate->key.app))
        rank = 0;
      candidate->is_shown
          = rank++ < (is_endpoint ? levels[ranking->level].n_endpoints : levels[ranking->level].n_services);
    }
}

static void
ranking_clear (Ranking *ranking)
{
  g_clear_pointer (&ranking->candidates, g_hash_table_unref);
  g_clear_pointer (&ranking->list, g_ptr_array_unref);
}

static void
ranking_init (PlScene *scene,
              Ranking *ranking,
              guint level)
{
  ranking->level = level;
  if (level == 0)
    return;
  ranking->candidates = g_hash_table_new (node_hash, node_equal);
  ranking->list = g_ptr_array_new_with_free_func (g_free);
  rank_apps (scene, levels[level].n_apps);
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];
      guint n_lanes = fine->key.is_listener ? PL_LANE_REMOTE_PORT : PL_LANE_ENDPOINT;

      for (PlLane lane = PL_LANE_LOCAL_PORT; has_ports (fine) && lane < n_lanes; lane++)
        if (is_ranked_port (fine, lane))
          {
            NodeKey key = port_key (fine, lane);

            key.app = fine->app->is_shown ? key.app : SCENE_OTHERS_APP;
            add_candidate (ranking, &key, fine_score (fine));
          }
      if (!fine->key.is_listener)
        {
          NodeKey key = endpoint_key (fine);

          add_candidate (ranking, &key, fine_score (fine));
        }
    }
  rank_candidates (scene, ranking);
}

/* ---- which level ---- */

static guint
pair_hash (gconstpointer key)
{
  return scene_key_hash (key, 2 * sizeof (guint64));
}

static gboolean
pair_equal (gconstpointer a,
            gconstpointer b)
{
  return memcmp (a, b, 2 * sizeof (guint64)) == 0;
}

/* Whether @ranking's level draws at most @limit edges. Edges are told apart by a 64-bit digest of their nodes here: the
 * answer chooses a level, no sum depends on it. */
static gboolean
fits (PlScene *scene,
      const Ranking *ranking,
      guint limit)
{
  g_autoptr (GHashTable) seen = NULL;

  if (ranking->level == 0)
    return scene->fine_list->len <= limit;
  seen = g_hash_table_new_full (pair_hash, pair_equal, g_free, NULL);
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      const Fine *fine = scene->fine_list->pdata[i];
      NodeKey keys[PL_N_LANES] = { 0 };
      guint64 pair[2] = { 0, 0 };
      guint n = fine_nodes (ranking, fine, keys);

      for (guint lane = 0; lane < n; lane++)
        {
          pair[0] = pair[0] * 31 + node_hash (&keys[lane]);
          pair[1] = pair[1] * 0x9e3779b97f4a7c15u + node_hash (&keys[lane]);
        }
      pair[1] += fine->key.is_failed + 2 * fine->key.side + 8 * fine->key.is_listener + 16u * fine->key.proto;
      if (!g_hash_table_contains (seen, pair))
        {
          g_hash_table_add (seen, g_memdup2 (pair, sizeof pair));
          if (g_hash_table_size (seen) > limit)
            return FALSE;
        }
    }
  return TRUE;
}

static void
choose_level (PlScene *scene,
              Ranking *ranking)
{
  const guint comfortable = PL_LIMIT_SCENE_EDGES * 3 / 4;
  guint level = scene->level;

  if (level > 0 && scene->fine_list->len <= comfortable)
    level = 0;
  else if (level > 1 && scene->now_us - scene->level_us > LEVEL_HOLD_US)
    {
      ranking_init (scene, ranking, level - 1);
      scene->level_us = scene->now_us;
      if (fits (scene, ranking, comfortable))
        level--;
      ranking_clear (ranking);
    }
  ranking_init (scene, ranking, level);
  while (level + 1 < G_N_ELEMENTS (levels) && !fits (scene, ranking, PL_LIMIT_SCENE_EDGES))
    {
      ranking_clear (ranking);
      ranking_init (scene, ranking, ++level);
    }
  if (level != scene->level)
    scene->level_us = scene->now_us;
  scene->level = level;
}

/* ---- nodes and edges ---- */

static void
node_restart (PlScene *scene,
              Node *node)
{
  node->stamp = scene->stamp;
  node->n_ended = node->n_failed = node->n_unsure = node->n_listeners = node->n_inbound = 0;
  node->failure = PL_FAILURE_NONE;
  node->app = NULL;
  node->n_members = 0;
  node->min_port = G_MAXUINT16;
  node->max_port = 0;
  node->pub.n_flows = 0;
  node->pub.rate = 0;
  node->pub.flags = 0;
  node->pub.role = PL_ROLE_NONE;
}

static Node *
take_node (PlScene *scene,
           const NodeKey *key)
{
  Node *node = g_hash_table_lookup (scene->nodes, key);

  if (node == NULL)
    {
      node = g_new0 (Node, 1);
      node->key = *key;
      node->pub.id = ++scene->next_id;
      node->pub.lane = key->lane;
      node->pub.proto = key->proto;
      node->pub.port = key->kind == KEY_PLAIN && key->lane != PL_LANE_ENDPOINT ? key->port : 0;
      node->pub.range = key->lane == PL_LANE_LOCAL_PORT || key->lane == PL_LANE_REMOTE_PORT ? key->range : PL_RANGE_NONE;
      node->pub.scope = key->lane == PL_LANE_ENDPOINT ? key->range : PL_SCOPE_UNSPECIFIED;
      g_hash_table_insert (scene->nodes, &node->key, node);
      g_ptr_array_add (scene->node_list, node);
    }
  if (node->stamp != scene->stamp)
    node_restart (scene, node);
  return node;
}

static void
count_port (Node *node,
            const Fine *fine)
{
  gboolean is_local = node->key.lane == PL_LANE_LOCAL_PORT;
  gboolean is_fixed = fine->key.side == SIDE_BOTH || (fine->key.side == SIDE_LOCAL) == is_local;
  guint16 low = is_fixed ? (is_local && fine->key.side == SIDE_BOTH ? fine->key.exact_port : fine->key.service_port)
                         : fine->min_port;
  guint16 high = is_fixed ? low : fine->max_port;

  node->min_port = MIN (node->min_port, low);
  node->max_port = MAX (node->max_port, high);
  if (!has_ports (fine))
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
count_node (Node *node,
            const Fine *fine)
{
  node->pub.n_flows += fine->n_flows;
  node->pub.rate += fine->rate;
  node->n_ended += fine->n_ended;
  node->n_failed += fine->key.is_failed ? fine->n_flows : 0;
  node->n_unsure += fine->n_unsure;
  node->n_inbound += fine->n_inbound;
  if (fine->key.is_listener)
    {
      node->n_listeners += fine->n_flows;
      if (node->key.lane == PL_LANE_LOCAL_PORT)
        node->pub.scope = fine->bind_scope;
    }
  if (node->failure == PL_FAILURE_NONE)
    node->failure = fine->failure;
  node->app = node->key.lane == PL_LANE_ENDPOINT ? fine->peer : fine->app;
  if (node->key.lane == PL_LANE_LOCAL_PORT || node->key.lane == PL_LANE_REMOTE_PORT)
    count_port (node, fine);
}

static guint
edge_hash (gconstpointer key)
{
  return scene_key_hash (key, sizeof (EdgeKey));
}

static gboolean
edge_equal (gconstpointer a,
            gconstpointer b)
{
  return memcmp (a, b, sizeof (EdgeKey)) == 0;
}

static Edge *
take_edge (PlScene *scene,
           const Fine *fine,
           Node *const nodes[PL_N_LANES])
{
  EdgeKey key = { .proto = fine->key.proto, .is_failed = fine->key.is_failed, .is_listener = fine->key.is_listener };
  Edge *edge;

  key.side = fine->key.side;
  if (scene->level == 0)
    key.fine_id = fine->id;
  else
    for (guint lane = 0; lane < PL_N_LANES; lane++)
      key.node[lane] = nodes[lane] ? nodes[lane]->pub.id : 0;
  edge = g_hash_table_lookup (scene->edges, &key);
  if (edge == NULL)
    {
      edge = g_new0 (Edge, 1);
      edge->key = key;
      edge->pub.id = ++scene->next_id;
      edge->pub.proto = key.proto;
      edge->fade_start_us = scene->now_us;
      g_hash_table_insert (scene->edges, &edge->key, edge);
      g_ptr_array_add (scene->edge_list, edge);
    }
  if (edge->stamp != scene->stamp)
    {
      edge->stamp = scene->stamp;
      edge->pub.flow_id = fine->first_flow_id;
      edge->pub.n_flows = edge->n_ended = edge->n_unsure = edge->n_inbound = edge->n_outbound = 0;
      edge->pub.rate = 0;
      edge->pub.failure = PL_FAILURE_NONE;
      edge->pub.local_range = nodes[PL_LANE_LOCAL_PORT]->pub.range;
      edge->pub.remote_range = nodes[PL_LANE_REMOTE_PORT] ? nodes[PL_LANE_REMOTE_PORT]->pub.range : PL_RANGE_NONE;
      memcpy (edge->node, nodes, sizeof edge->node);
    }
  return edge;
}

static void
count_edge (Edge *edge,
            const Fine *fine)
{
  edge->pub.n_flows += fine->n_flows;
  edge->pub.rate += fine->rate;
  edge->n_ended += fine->n_ended;
  edge->n_unsure += fine->n_unsure;
  edge->n_inbound += fine->n_inbound;
  edge->n_outbound += fine->n_outbound;
  if (edge->pub.failure == PL_FAILURE_NONE)
    edge->pub.failure = fine->failure;
}

static gboolean
set_fade (double *from,
          double *target,
          gint64 *start_us,
          double now,
          double wanted,
          gint64 now_us)
{
  if (*target == wanted)
    return FALSE;
  *from = now;
  *target = wanted;
  *start_us = now_us;
  return TRUE;
}

static void
node_finish (PlScene *scene,
             Node *node)
{
  gboolean is_live = node->stamp == scene->stamp;
  guint n = node->pub.n_flows;
  double opacity = !is_live ? 0 : node->n_ended == n ? SCENE_ENDED_OPACITY : 1;

  if (is_live)
    {
      node->state = STATE_LIVE;
      node->pub.flags = (node->n_failed == n ? PL_SCENE_FAILED : 0) | (node->n_ended == n ? PL_SCENE_FADING : 0)
                        | (node->n_listeners > 0 && node->key.lane == PL_LANE_LOCAL_PORT ? PL_SCENE_LISTENER : 0)
                        | (2 * node->n_unsure > n ? PL_SCENE_UNSURE : 0) | (node->n_inbound > 0 ? PL_SCENE_INBOUND : 0)
                        | (node->key.kind == KEY_OTHERS ? PL_SCENE_OTHERS | PL_SCENE_BUNDLE : 0)
                        | (node->key.kind == KEY_PEER ? PL_SCENE_PEER_APP : 0);
      if ((node->key.kind == KEY_GROUP || node->key.kind == KEY_CLASS) && node->min_port != node->max_port)
        node->pub.flags |= PL_SCENE_BUNDLE;
      if (node->key.lane == PL_LANE_APP && node->app->is_unknown && node->key.kind == KEY_PLAIN)
        node->pub.flags |= PL_SCENE_UNKNOWN_APP;
      if (node->key.kind == KEY_CLASS)
        node->pub.port = node->min_port == node->max_port ? node->min_port : 0;
      node->pub.icon_name = node->key.kind != KEY_OTHERS && node->app ? node->app->icon_name : NULL;
    }
  else if (node->state == STATE_LIVE)
    node->state = STATE_LEAVING;
  set_fade (&node->from_opacity, &node->target_opacity, &node->fade_start_us, node->pub.opacity, opacity,
            scene->now_us);
}

/* A thin line for next to nothing, 8 px past 100 MB/s; in quarters of a pixel, so that a steady rate draws a steady line. */
static double
width_of_rate (double rate)
{
  double width = 1.5 + 1.1 * log10 (1 + MAX (rate, 0) / 300);

  return CLAMP (round (width * 4) / 4, 1.5, 8);
}

static void
edge_finish (PlScene *scene,
             Edge *edge)
{
  gboolean is_live = edge->stamp == scene->stamp;
  guint n = edge->pub.n_flows;
  double opacity = !is_live ? 0 : edge->n_ended == n ? SCENE_ENDED_OPACITY : 1;

  if (is_live)
    {
      edge->state = STATE_LIVE;
      edge->pub.flags = (edge->key.is_failed ? PL_SCENE_FAILED : 0) | (edge->n_ended == n ? PL_SCENE_FADING : 0)
                        | (edge->key.is_listener ? PL_SCENE_LISTENER : 0) | (n > 1 ? PL_SCENE_BUNDLE : 0)
                        | (2 * edge->n_unsure > n ? PL_SCENE_UNSURE : 0)
                        | (2 * edge->n_inbound > n ? PL_SCENE_INBOUND : 0)
                        | (2 * edge->n_outbound > n ? PL_SCENE_OUTBOUND : 0);
      edge->pub.width_px = width_of_rate (edge->pub.rate);
      scene->n_folded += n > 1 ? n : 0;
    }
  else
    edge->state = STATE_LEAVING;
  set_fade (&edge->from_opacity, &edge->target_opacity, &edge->fade_start_us, edge->pub.opacity, opacity,
            scene->now_us);
}

/* Where an edge's node in a lane is another than before and nobody else uses the old one, the new one takes its place: a
 * port that becomes "2 dynamic" changes its words, not where it stands. */
static void
succeed (Node *old,
         Node *node)
{
  guint place;

  if (old == NULL || old == node || node->band != NULL || old->stamp == node->stamp || old->band == NULL)
    return;
  if (g_ptr_array_find (old->band->lanes[old->key.lane], old, &place))
    {
      node->band = old->band;
      node->pub.y = node->from_y = old->pub.y;
      node->pub.target_y = old->pub.target_y;
      node->pub.opacity = node->from_opacity = old->pub.opacity;
      node->place = place;
      node->band->lanes[node->key.lane]->pdata[place] = node;
      old->band = NULL; /* it leaves without a trace */
      old->state = STATE_HOLE;
    }
}

static void
add_member (PlScene *scene,
            const NodeKey *key)
{
  Node *node = g_hash_table_lookup (scene->nodes, key);

  if (node && node->stamp == scene->stamp)
    node->n_members++;
}

/* How many apps, ports and hosts each of the "others" stands for. */
static void
count_members (PlScene *scene,
               const Ranking *ranking)
{
  const NodeKey others = { .lane = PL_LANE_APP, .kind = KEY_OTHERS, .app = SCENE_OTHERS_APP };

  for (guint i = 0; i < ranking->list->len; i++)
    {
      const Candidate *candidate = ranking->list->pdata[i];
      NodeKey key = { .lane = candidate->key.lane, .kind = KEY_OTHERS };

      if (candidate->is_shown)
        continue;
      if (key.lane == PL_LANE_ENDPOINT)
        key.range = coarse_scope (candidate->key.range);
      else
        {
          key.range = candidate->key.range;
          key.app = candidate->key.app;
        }
      add_member (scene, &key);
    }
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      App *app = ((Fine *) scene->fine_list->pdata[i])->app;

      if (!app->is_shown && app->score >= 0)
        {
          app->score = -1; /* counted */
          add_member (scene, &others);
        }
    }
}

void
scene_fold (PlScene *scene)
{
  Ranking ranking = { 0 };
  g_autoptr (GPtrArray) before = g_ptr_array_new (); /* pairs: old node, new node */

  choose_level (scene, &ranking);
  scene->n_folded = 0;
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];
      NodeKey keys[PL_N_LANES] = { 0 };
      Node *nodes[PL_N_LANES] = { NULL };
      guint n = fine_nodes (&ranking, fine, keys);
      Edge *old = g_hash_table_size (scene->edges) > 0 ? fine->edge : NULL;

      for (guint lane = 0; lane < n; lane++)
        {
          nodes[lane] = take_node (scene, &keys[lane]);
          count_node (nodes[lane], fine);
          if (old && old->node[lane] != nodes[lane] && nodes[lane]->band == NULL)
            {
              g_ptr_array_add (before, old->node[lane]);
              g_ptr_array_add (before, nodes[lane]);
            }
        }
      fine->edge = take_edge (scene, fine, nodes);
      count_edge (fine->edge, fine);
    }
  if (ranking.level > 0)
    count_members (scene, &ranking);
  for (guint i = 0; i + 1 < before->len; i += 2)
    succeed (before->pdata[i], before->pdata[i + 1]);
  for (guint i = 0; i < scene->node_list->len; i++)
    node_finish (scene, scene->node_list->pdata[i]);
  for (guint i = 0; i < scene->edge_list->len; i++)
    edge_finish (scene, scene->edge_list->pdata[i]);
  ranking_clear (&ranking);
}

/* The live edges of every live node, in the order of the edges. */
void
scene_index_edges (PlScene *scene)
{
  guint n_refs = 0;

  for (guint i = 0; i < scene->node_list->len; i++)
    ((Node *) scene->node_list->pdata[i])->n_edges = 0;
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
}
