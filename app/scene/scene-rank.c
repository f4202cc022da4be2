/* When there are too many edges to read: which apps, ports and endpoints stay single and which join the rest. Busiest first,
 * with a bonus for what is shown already, so that nothing flips to and fro. Pure; no geometry in here. */
#include "limits.h"
#include "scene-private.h"

#define LEVEL_HOLD_US 5000000 /* how long a level of folding stays before a finer one is tried */
#define SHOWN_BONUS 1.5

/* How many of each stay single at a level. The last ones show port classes only. */
static const struct
{
  guint n_apps, n_services, n_endpoints;
} levels[] = {
  { G_MAXUINT, G_MAXUINT, G_MAXUINT },
  { 24, 4, 40 },
  { 16, 3, 24 },
  { 12, 2, 14 },
  { 8, 1, 9 },
  { 6, 0, 6 },
  { 4, 0, 3 },
  { 2, 0, 0 },
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

static gboolean
is_candidate_shown (const SceneRanking *ranking, const NodeKey *key)
{
  const SceneCandidate *candidate = g_hash_table_lookup (ranking->candidates, key);

  return candidate != NULL && candidate->is_shown;
}

static NodeKey
folded_port_key (const SceneRanking *ranking, const Fine *fine, PlLane lane, guint32 app)
{
  NodeKey key = port_key (fine, lane);

  key.app = app;
  if (!scene_has_ports (fine) || (is_ranked_port (fine, lane) && is_candidate_shown (ranking, &key)))
    return key;
  key = (NodeKey){ .lane = lane, .app = app };
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
guint
scene_rank_nodes (const SceneRanking *ranking, const Fine *fine, NodeKey keys[PL_N_LANES])
{
  guint32 app = fine->app->id;

  keys[PL_LANE_APP] = (NodeKey){ .lane = PL_LANE_APP, .kind = KEY_PLAIN };
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
          PlScope scope = scene_coarse_scope (keys[PL_LANE_ENDPOINT].range);

          keys[PL_LANE_ENDPOINT] = (NodeKey){ .lane = PL_LANE_ENDPOINT, .kind = KEY_OTHERS, .range = scope };
        }
    }
  return fine->key.is_listener ? PL_LANE_LOCAL_PORT + 1 : PL_N_LANES;
}

/* ---- ranking ---- */

static void
add_candidate (SceneRanking *ranking, const NodeKey *key, double score)
{
  SceneCandidate *candidate = g_hash_table_lookup (ranking->candidates, key);

  if (candidate == NULL)
    {
      candidate = g_new0 (SceneCandidate, 1);
      candidate->key = *key;
      g_ptr_array_add (ranking->list, candidate);
      g_hash_table_insert (ranking->candidates, &candidate->key, candidate);
    }
  candidate->score += score;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const SceneCandidate *one = *(SceneCandidate *const *)a, *other = *(SceneCandidate *const *)b;

  if (one->key.lane != other->key.lane)
    return one->key.lane < other->key.lane ? -1 : 1;
  if (one->key.lane != PL_LANE_ENDPOINT && one->key.app != other->key.app)
    return one->key.app < other->key.app ? -1 : 1;
  if (one->score != other->score)
    return one->score > other->score ? -1 : 1;
  return memcmp (&one->key, &other->key, sizeof (NodeKey));
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
rank_apps (PlScene *scene, guint n_shown)
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
    ((App *)apps->pdata[i])->is_shown = i < n_shown;
}

static void
rank_candidates (PlScene *scene, SceneRanking *ranking)
{
  guint rank = 0;

  for (guint i = 0; i < ranking->list->len; i++)
    {
      SceneCandidate *candidate = ranking->list->pdata[i];

      if (scene->level > 0 && is_drawn_now (scene, &candidate->key))
        candidate->score *= SHOWN_BONUS;
    }
  g_ptr_array_sort (ranking->list, compare_candidates);
  for (guint i = 0; i < ranking->list->len; i++)
    {
      SceneCandidate *candidate = ranking->list->pdata[i];
      const SceneCandidate *before = i > 0 ? ranking->list->pdata[i - 1] : NULL;
      gboolean is_endpoint = candidate->key.lane == PL_LANE_ENDPOINT;

      if (before == NULL || before->key.lane != candidate->key.lane
          || (!is_endpoint && before->key.app != candidate->key.app))
        rank = 0;
      candidate->is_shown =
          rank++ < (is_endpoint ? levels[ranking->level].n_endpoints : levels[ranking->level].n_services);
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
  if (level == 0)
    return;
  ranking->candidates = g_hash_table_new (scene_node_key_hash, scene_node_key_equal);
  ranking->list = g_ptr_array_new_with_free_func (g_free);
  rank_apps (scene, levels[level].n_apps);
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];
      guint n_lanes = fine->key.is_listener ? PL_LANE_REMOTE_PORT : PL_LANE_ENDPOINT;

      for (PlLane lane = PL_LANE_LOCAL_PORT; scene_has_ports (fine) && lane < n_lanes; lane++)
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
pair_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, 2 * sizeof (guint64)) == 0;
}

/* Whether @ranking's level draws at most @limit edges. Edges are told apart by a 64-bit digest of their nodes here: the
 * answer chooses a level, no sum depends on it. */
static gboolean
fits (PlScene *scene, const SceneRanking *ranking, guint limit)
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
      guint n = scene_rank_nodes (ranking, fine, keys);

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
  else if (level > 1 && scene->now_us - scene->level_us > LEVEL_HOLD_US)
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
