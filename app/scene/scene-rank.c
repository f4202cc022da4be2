/* When there are too many edges to read: which apps, ports and endpoints stay single and which join the rest. Busiest first,
 * with a bonus for what is shown already, so that nothing flips to and fro. Pure; no geometry in here. */
#include "limits.h"
#include "scene-private.h"

#define LEVEL_HOLD_US 5000000 /* how long a level of folding stays before a finer one is tried */
#define SHOWN_BONUS 1.5

/* How many apps, and of each app how many called ports and how many hosts, stay single at a level. From level 1 on an app's
 * temporary ports are one chip a range. */
static const struct
{
  guint n_apps, n_services, n_hosts;
} levels[] = {
  { G_MAXUINT, 10, 10 }, { 40, 5, 6 }, { 24, 4, 5 }, { 16, 3, 4 }, { 12, 2, 3 },
  { 8, 1, 2 },           { 6, 0, 1 },  { 4, 0, 0 },  { 2, 0, 0 },
};

/* The key of a port that stays single: the service's own, or the one temporary port there is, or the group of them. */
static NodeKey
port_key (const Fine *fine, PlLane lane)
{
  NodeKey key = { .lane = lane, .kind = KEY_PLAIN, .proto = fine->key.proto };
  gboolean is_service = (fine->key.side == SIDE_LOCAL) == (lane == PL_LANE_LOCAL_PORT);

  if (!scene_has_ports (fine))
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

PlScope
scene_coarse_scope (PlScope scope)
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
is_ranked_port (const Fine *fine, PlLane lane)
{
  if (fine->key.side == SIDE_BOTH)
    return lane == PL_LANE_REMOTE_PORT;
  return (fine->key.side == SIDE_LOCAL) == (lane == PL_LANE_LOCAL_PORT);
}

static guint
candidate_hash (gconstpointer key)
{
  return scene_key_hash (key, sizeof (SceneCandidateKey));
}

static gboolean
candidate_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (SceneCandidateKey)) == 0;
}

static gboolean
is_candidate_shown (const SceneRanking *ranking, const NodeKey *node, guint32 app)
{
  const SceneCandidateKey key = { .node = *node, .app = app };
  const SceneCandidate *candidate = g_hash_table_lookup (ranking->candidates, &key);

  return candidate != NULL && candidate->is_shown;
}

static NodeKey
folded_port_key (const Fine *fine, PlLane lane, guint32 app)
{
  NodeKey key = { .lane = lane, .app = app };

  if (is_ranked_port (fine, lane))
    {
      key.kind = KEY_OTHERS;
      key.range = pl_port_range (fine->key.service_port);
      return key;
    }
  key.kind = KEY_CLASS;
  key.proto = fine->key.proto;
  key.range = fine->key.side == SIDE_BOTH ? pl_port_range (fine->key.exact_port) : fine->key.temp_range;
  return key;
}

static NodeKey
folded_endpoint_key (const NodeKey *endpoint, guint32 app)
{
  return (NodeKey){
    .lane = PL_LANE_ENDPOINT, .kind = KEY_OTHERS, .range = scene_coarse_scope (endpoint->range), .app = app
  };
}

/* The app that @fine counts for at @ranking's level: its own, or "more apps". */
static guint32
app_shown (const SceneRanking *ranking, const Fine *fine)
{
  return fine->app->is_shown ? fine->app->id : SCENE_OTHERS_APP;
}

static gboolean
is_unfolded (const SceneRanking *ranking, guint32 app)
{
  return g_hash_table_contains (ranking->unfolded_apps, GUINT_TO_POINTER (app));
}

/**
 * scene_rank_nodes:
 * @ranking: what stays single
 * @fine: a fine edge
 * @keys: (out): its nodes
 * @is_folded: (out): whether any of them stands for others, too, by rule
 *
 * Returns: how many nodes it has: two for a listener, else four
 */
guint
scene_rank_nodes (const SceneRanking *ranking, const Fine *fine, NodeKey keys[PL_N_LANES], gboolean *is_folded)
{
  guint32 app = app_shown (ranking, fine);
  guint n_lanes = fine->key.is_listener ? PL_LANE_LOCAL_PORT + 1 : PL_N_LANES;
  gboolean is_host_shown = TRUE, is_port_shown[PL_N_LANES] = { TRUE, TRUE, TRUE, TRUE };

  keys[PL_LANE_APP] =
      (NodeKey){ .lane = PL_LANE_APP, .kind = app == SCENE_OTHERS_APP ? KEY_OTHERS : KEY_PLAIN, .app = app };
  for (PlLane lane = PL_LANE_LOCAL_PORT; lane <= PL_LANE_REMOTE_PORT; lane++)
    {
      keys[lane] = port_key (fine, lane);
      keys[lane].app = app;
    }
  keys[PL_LANE_ENDPOINT] = endpoint_key (fine);
  *is_folded = app == SCENE_OTHERS_APP;
  if (is_unfolded (ranking, app))
    return n_lanes;
  if (!fine->key.is_listener)
    is_host_shown = is_candidate_shown (ranking, &keys[PL_LANE_ENDPOINT], app);
  for (PlLane lane = PL_LANE_LOCAL_PORT; scene_has_ports (fine) && lane <= PL_LANE_REMOTE_PORT; lane++)
    if (is_ranked_port (fine, lane))
      is_port_shown[lane] = is_candidate_shown (ranking, &keys[lane], app);
    else
      is_port_shown[lane] = is_host_shown && ranking->level == 0;
  for (PlLane lane = PL_LANE_LOCAL_PORT; lane <= PL_LANE_REMOTE_PORT; lane++)
    if (!is_port_shown[lane])
      keys[lane] = folded_port_key (fine, lane, app);
  if (!is_host_shown)
    keys[PL_LANE_ENDPOINT] = folded_endpoint_key (&keys[PL_LANE_ENDPOINT], app);
  *is_folded |= !is_host_shown || !is_port_shown[PL_LANE_LOCAL_PORT] || !is_port_shown[PL_LANE_REMOTE_PORT];
  return n_lanes;
}

/* What "others" counts a candidate that is not shown with. */
NodeKey
scene_rank_others (const SceneCandidate *candidate)
{
  NodeKey key = { .lane = candidate->key.node.lane, .kind = KEY_OTHERS, .app = candidate->key.app };

  key.range = key.lane == PL_LANE_ENDPOINT ? scene_coarse_scope (candidate->key.node.range) : candidate->key.node.range;
  return key;
}

/* ---- ranking ---- */

static void
add_candidate (SceneRanking *ranking, const NodeKey *node, guint32 app, double score)
{
  const SceneCandidateKey key = { .node = *node, .app = app };
  SceneCandidate *candidate = g_hash_table_lookup (ranking->candidates, &key);

  if (candidate == NULL)
    {
      candidate = g_new0 (SceneCandidate, 1);
      candidate->key = key;
      g_ptr_array_add (ranking->list, candidate);
      g_hash_table_insert (ranking->candidates, &candidate->key, candidate);
    }
  candidate->score += score;
}

static int
compare_groups (const SceneCandidate *one, const SceneCandidate *other)
{
  if (one->key.app != other->key.app)
    return one->key.app < other->key.app ? -1 : 1;
  return (int)one->key.node.lane - (int)other->key.node.lane;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const SceneCandidate *one = *(SceneCandidate *const *)a, *other = *(SceneCandidate *const *)b;
  int order = compare_groups (one, other);

  if (order != 0)
    return order;
  if (one->score != other->score)
    return one->score > other->score ? -1 : 1;
  return memcmp (&one->key, &other->key, sizeof one->key);
}

static int
compare_apps (gconstpointer a, gconstpointer b)
{
  const App *one = *(App *const *)a, *other = *(App *const *)b;

  if (one->score != other->score)
    return one->score > other->score ? -1 : 1;
  return one->id < other->id ? -1 : one->id > other->id;
}

static gboolean
is_drawn_now (PlScene *scene, const NodeKey *key)
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
rank_apps (PlScene *scene, SceneRanking *ranking)
{
  g_autoptr (GPtrArray) apps = g_ptr_array_new ();
  guint n_shown = is_unfolded (ranking, SCENE_OTHERS_APP) ? G_MAXUINT : levels[ranking->level].n_apps;
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

      if (is_drawn_now (scene, &key))
        app->score *= SHOWN_BONUS;
    }
  g_ptr_array_sort (apps, compare_apps);
  for (guint i = 0; i < apps->len; i++)
    ((App *)apps->pdata[i])->is_shown = i < n_shown || is_unfolded (ranking, ((App *)apps->pdata[i])->id);
}

/* A single one that would be left over is shown, too: "1 more host" takes as much room as the host. */
static void
rank_candidates (PlScene *scene, SceneRanking *ranking)
{
  guint first = 0;

  for (guint i = 0; i < ranking->list->len; i++)
    {
      SceneCandidate *candidate = ranking->list->pdata[i];

      if (is_drawn_now (scene, &candidate->key.node))
        candidate->score *= SHOWN_BONUS;
    }
  g_ptr_array_sort (ranking->list, compare_candidates);
  while (first < ranking->list->len)
    {
      const SceneCandidate *head = ranking->list->pdata[first];
      gboolean is_host = head->key.node.lane == PL_LANE_ENDPOINT;
      guint limit = is_host ? levels[ranking->level].n_hosts : levels[ranking->level].n_services, end = first + 1;

      while (end < ranking->list->len && compare_groups (head, ranking->list->pdata[end]) == 0)
        end++;
      if (limit > 0 && end - first == limit + 1)
        limit++;
      for (guint i = first; i < end; i++)
        ((SceneCandidate *)ranking->list->pdata[i])->is_shown = i - first < limit;
      first = end;
    }
}

void
scene_rank_clear (SceneRanking *ranking)
{
  g_clear_pointer (&ranking->candidates, g_hash_table_unref);
  g_clear_pointer (&ranking->list, g_ptr_array_unref);
}

static void
ranking_init (PlScene *scene, SceneRanking *ranking, guint level)
{
  ranking->level = level;
  ranking->unfolded_apps = scene->unfolded_apps;
  ranking->candidates = g_hash_table_new (candidate_hash, candidate_equal);
  ranking->list = g_ptr_array_new_with_free_func (g_free);
  rank_apps (scene, ranking);
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      const Fine *fine = scene->fine_list->pdata[i];
      guint32 app = app_shown (ranking, fine);
      guint n_lanes = fine->key.is_listener ? PL_LANE_REMOTE_PORT : PL_LANE_ENDPOINT;
      NodeKey key;

      for (PlLane lane = PL_LANE_LOCAL_PORT; scene_has_ports (fine) && lane < n_lanes; lane++)
        if (is_ranked_port (fine, lane))
          {
            key = port_key (fine, lane);
            key.app = app;
            add_candidate (ranking, &key, app, fine_score (fine));
          }
      if (!fine->key.is_listener)
        {
          key = endpoint_key (fine);
          add_candidate (ranking, &key, app, fine_score (fine));
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
pair_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 2 * sizeof (guint64)) == 0;
}

/* Whether @ranking's level draws at most @limit edges. Edges are told apart by a 64-bit digest of their nodes here: the
 * answer chooses a level, no sum depends on it. */
static gboolean
fits (PlScene *scene, const SceneRanking *ranking, guint limit)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (pair_hash, pair_equal, g_free, NULL);

  if (scene->fine_list->len <= limit)
    return TRUE;
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      const Fine *fine = scene->fine_list->pdata[i];
      NodeKey keys[PL_N_LANES] = { 0 };
      guint64 pair[2] = { 0, 0 };
      gboolean is_folded;
      guint n = scene_rank_nodes (ranking, fine, keys, &is_folded);

      if (is_unfolded (ranking, app_shown (ranking, fine)))
        continue; /* somebody wants to see them all */
      for (guint lane = 0; lane < n; lane++)
        {
          pair[0] = pair[0] * 31 + scene_node_key_hash (&keys[lane]);
          pair[1] = pair[1] * 0x9e3779b97f4a7c15u + scene_node_key_hash (&keys[lane]);
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

void
scene_rank_choose (PlScene *scene, SceneRanking *ranking)
{
  const guint comfortable = PL_LIMIT_SCENE_EDGES * 3 / 4;
  guint level = scene->level;

  if (level > 0 && scene->fine_list->len <= comfortable)
    level = 0;
  else if (level > 0 && scene->now_us - scene->level_us > LEVEL_HOLD_US)
    {
      ranking_init (scene, ranking, level - 1);
      scene->level_us = scene->now_us;
      if (fits (scene, ranking, comfortable))
        level--;
      scene_rank_clear (ranking);
    }
  ranking_init (scene, ranking, level);
  while (level + 1 < G_N_ELEMENTS (levels) && !fits (scene, ranking, PL_LIMIT_SCENE_EDGES))
    {
      scene_rank_clear (ranking);
      ranking_init (scene, ranking, ++level);
    }
  if (level != scene->level)
    scene->level_us = scene->now_us;
  scene->level = level;
}
