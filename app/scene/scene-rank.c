/* When there are too many edges to read: which apps, ports and endpoints stay single and which join the rest. Busiest first,
 * with a bonus for what is shown already, so that nothing flips to and fro. Pure; no geometry in here. */
#include "bounds.h"
#include "scene-private.h"

#define LEVEL_HOLD_US 5000000 /* how long a level of folding stays before a finer one is tried */
#define CHECK_EVERY_US 1000000
#define CHECK_GROWTH 8 /* by an eighth: a check is due before its time */
#define LINES_PER_THING 4 /* that unfolding shows; a busy host has dozens */
#define LEAST_THINGS 4
#define SHOWN_BONUS 1.5
#define ROOM_SLACK 1.25 /* so many times what is seen before what there was room for is bundled again */
#define PINNED_SLACK 2 /* so many times the ports before an app's are bundled while somebody points at it */

/* An app whose temporary ports alone would be a column longer than most screens, with the other lanes empty beside it,
 * shows one chip a range at every level. The two are apart so that nothing flips to and fro. */
#define DENSE_PORTS 24
#define SPARSE_PORTS 16

/* How many apps, and of each app how many called ports and how many hosts, stay single at a level. From level 1 on an app's
 * temporary ports are one chip a range. */
static const struct
{
  guint n_apps, n_services, n_hosts;
} levels[] = {
  { G_MAXUINT, 10, 10 }, { 40, 5, 6 }, { 24, 4, 5 }, { 16, 3, 4 }, { 12, 2, 3 },
  { 8, 1, 2 },           { 6, 0, 1 },  { 4, 0, 0 },  { 2, 0, 0 },
};

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

void
scene_rank_init (PlScene *scene)
{
  scene->candidates = g_hash_table_new (candidate_hash, candidate_equal);
  scene->candidate_list = g_ptr_array_new_with_free_func (g_free);
  scene->ranked_apps = g_ptr_array_new ();
  scene->others = g_hash_table_new_full (scene_node_key_hash, scene_node_key_equal, NULL, g_free);
}

void
scene_rank_finalize (PlScene *scene)
{
  g_hash_table_unref (scene->candidates);
  g_ptr_array_unref (scene->candidate_list);
  g_ptr_array_unref (scene->ranked_apps);
  g_hash_table_unref (scene->others);
}

/* The others are swept once the update is taken over. */
static gboolean
is_gathered (const PlScene *scene, const Fine *fine)
{
  return fine->stamp == scene->gathering;
}

/* ---- candidates ---- */

double
scene_fine_score (const Fine *fine)
{
  return fine->score + 10 * fine->rate + fine->n_flows;
}

static SceneOthers *
find_others (PlScene *scene, const SceneCandidate *candidate)
{
  const NodeKey key = scene_rank_others (candidate);
  SceneOthers *others = g_hash_table_lookup (scene->others, &key);

  if (others == NULL)
    {
      others = g_new0 (SceneOthers, 1);
      others->key = key;
      g_hash_table_insert (scene->others, &others->key, others);
    }
  return others;
}

static SceneCandidate *
find_candidate (PlScene *scene, const NodeKey *node, guint32 app)
{
  const SceneCandidateKey key = { .node = *node, .app = app };
  SceneCandidate *candidate = g_hash_table_lookup (scene->candidates, &key);

  if (candidate == NULL)
    {
      candidate = g_new0 (SceneCandidate, 1);
      candidate->key = key;
      candidate->others = find_others (scene, candidate);
      g_ptr_array_add (scene->candidate_list, candidate);
      g_hash_table_insert (scene->candidates, &candidate->key, candidate);
    }
  return candidate;
}

static void
count_candidate (PlScene *scene, SceneCandidate *candidate, const Fine *fine)
{
  if (candidate->ranking != scene->next_ranking)
    {
      candidate->ranking = scene->next_ranking;
      candidate->score = 0;
      candidate->n_lines = 0;
      candidate->is_shown = candidate->is_lonely = candidate->is_asked = candidate->is_live = FALSE;
    }
  candidate->score += scene_fine_score (fine);
  candidate->is_live |= fine->n_flows > fine->n_gone;
  candidate->n_lines++;
}

/* The candidates of @fine, kept from update to update: they change only when its app joins or leaves "more apps". */
static void
find_candidates (PlScene *scene, Fine *fine, guint32 app)
{
  for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
    {
      gboolean is_ranked = lane == PL_LANE_ENDPOINT ? !fine->key.is_listener
                                                    : scene_has_ports (fine) && scene_is_ranked_port (fine, lane);
      NodeKey key;

      if (!is_ranked || (fine->candidates[lane] && fine->candidates[lane]->key.app == app))
        continue;
      key = lane == PL_LANE_ENDPOINT ? scene_endpoint_key (fine) : scene_port_key (fine, lane);
      if (lane != PL_LANE_ENDPOINT)
        key.app = app;
      fine->candidates[lane] = find_candidate (scene, &key, app);
    }
}

void
scene_rank_expect (PlScene *scene, Fine *fine)
{
  find_candidates (scene, fine, fine->app->id);
}

static void
count_fine (PlScene *scene, Fine *fine)
{
  find_candidates (scene, fine, scene_app_shown (scene, fine)->id);
  for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
    if (fine->candidates[lane])
      count_candidate (scene, fine->candidates[lane], fine);
}

/* ---- the busiest of each app ---- */

static gboolean
is_busier (const SceneCandidate *one, const SceneCandidate *other)
{
  if (one->score != other->score)
    return one->score > other->score;
  return memcmp (&one->key, &other->key, sizeof one->key) < 0;
}

static SceneGroup *
group_of (const SceneCandidate *candidate)
{
  return &candidate->owner->groups[candidate->key.node.lane - PL_LANE_LOCAL_PORT];
}

static void
enter_group (SceneCandidate *candidate)
{
  SceneGroup *group = group_of (candidate);
  guint place;

  if (candidate->has_bonus)
    candidate->score *= SHOWN_BONUS;
  group->n++;
  place = MIN (group->n - 1, SCENE_GROUP_TOP);
  while (place > 0 && is_busier (candidate, group->top[place - 1]))
    {
      if (place < SCENE_GROUP_TOP)
        group->top[place] = group->top[place - 1];
      place--;
    }
  if (place < SCENE_GROUP_TOP)
    group->top[place] = candidate;
}

/* A single one that would be left over is shown, too: "1 more host" takes as much room as the host. */
static void
show_top (SceneGroup *group, guint limit)
{
  if (limit > 0 && group->n == limit + 1)
    limit++;
  for (guint i = 0; i < MIN (MIN (group->n, limit), SCENE_GROUP_TOP); i++)
    group->top[i]->is_shown = TRUE;
}

static int
compare_apps (gconstpointer a, gconstpointer b)
{
  const App *one = *(App *const *)a, *other = *(App *const *)b;

  if (one->score != other->score)
    return one->score > other->score ? -1 : 1;
  return one->id < other->id ? -1 : one->id > other->id;
}

/* The keys of what is pinned: of an edge all it runs through. */
static void
find_pinned (PlScene *scene)
{
  const Node *node = scene->pinned != 0 ? scene_get_node (scene, scene->pinned) : NULL;
  const Edge *edge = scene->pinned != 0 && node == NULL ? scene_get_edge (scene, scene->pinned) : NULL;

  scene->n_pinned = 0;
  memset (scene->pinned_nodes, 0, sizeof scene->pinned_nodes);
  if (node)
    scene->pinned_nodes[node->key.lane] = node;
  else if (edge)
    memcpy (scene->pinned_nodes, edge->node, sizeof edge->node);
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    if (scene->pinned_nodes[lane])
      scene->pinned_keys[scene->n_pinned++] = scene->pinned_nodes[lane]->key;
}

static gboolean
is_pinned_app (PlScene *scene, const App *app)
{
  for (guint i = 0; i < scene->n_pinned; i++)
    if (scene->pinned_keys[i].app == app->id && scene->pinned_keys[i].kind != KEY_PEER)
      return TRUE;
  return FALSE;
}

static void
rank_apps (PlScene *scene, guint level)
{
  guint n_shown = levels[level].n_apps, n_asked = scene_unfolded_budget (scene, &scene_more_apps);

  g_ptr_array_set_size (scene->ranked_apps, 0);
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];
      App *app = fine->app;

      if (!is_gathered (scene, fine))
        continue;
      if (app->ranking != scene->next_ranking)
        {
          app->ranking = scene->next_ranking;
          app->score = 0;
          app->is_live = FALSE;
          memset (app->groups, 0, sizeof app->groups);
          g_ptr_array_add (scene->ranked_apps, app);
        }
      app->score += scene_fine_score (fine);
      app->is_live |= fine->n_flows > fine->n_gone;
    }
  for (guint i = 0; i < scene->ranked_apps->len; i++)
    {
      App *app = scene->ranked_apps->pdata[i];

      app->score *= app->was_shown ? SHOWN_BONUS : 1;
    }
  g_ptr_array_sort (scene->ranked_apps, compare_apps);
  for (guint i = 0; i < scene->ranked_apps->len; i++)
    {
      App *app = scene->ranked_apps->pdata[i];

      app->is_asked = i >= n_shown && i - n_shown < n_asked;
      app->is_shown = i < n_shown || app->is_asked || is_pinned_app (scene, app)
                      || g_hash_table_contains (scene->unfolded_apps, GUINT_TO_POINTER (app->id));
    }
}

/* What is pinned does not vanish among others while somebody looks at it. */
static void
show_pinned (PlScene *scene)
{
  for (guint i = 0; scene->n_pinned > 0 && i < scene->candidate_list->len; i++)
    {
      SceneCandidate *candidate = scene->candidate_list->pdata[i];

      for (guint j = 0; candidate->ranking == scene->next_ranking && candidate->was_shown && j < scene->n_pinned; j++)
        candidate->is_shown |= memcmp (&scene->pinned_keys[j], &candidate->key.node, sizeof candidate->key.node) == 0;
    }
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const SceneCandidate *one = *(SceneCandidate *const *)a, *other = *(SceneCandidate *const *)b;

  return is_busier (one, other) ? -1 : is_busier (other, one);
}

/* How many of these, busiest first, can be shown without a hairball. It is settled once, when they are unfolded: nothing
 * comes and goes with the number of its lines. */
static guint
count_showable (GPtrArray *all, Unfolded *unfolded)
{
  guint n_lines = 0, n = 0;

  if (unfolded->n_shown == 0)
    {
      for (; n < MIN (all->len, unfolded->budget); n++)
        {
          n_lines += ((SceneCandidate *)all->pdata[n])->n_lines;
          if (n >= LEAST_THINGS && n_lines > LINES_PER_THING * unfolded->budget)
            break;
        }
      unfolded->n_shown = n;
    }
  return MIN (all->len, unfolded->n_shown);
}

/* The busiest of what an unfolded "more" stands for, as many as were asked for. */
static void
show_unfolded_of (PlScene *scene, const NodeKey *others, Unfolded *unfolded)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; i < scene->candidate_list->len; i++)
    {
      SceneCandidate *candidate = scene->candidate_list->pdata[i];

      if (candidate->ranking == scene->next_ranking && !candidate->is_shown
          && scene_node_key_equal (&candidate->others->key, others))
        g_ptr_array_add (all, candidate);
    }
  g_ptr_array_sort (all, compare_candidates);
  for (guint i = 0; i < count_showable (all, unfolded); i++)
    ((SceneCandidate *)all->pdata[i])->is_shown = ((SceneCandidate *)all->pdata[i])->is_asked = TRUE;
}

static void
show_unfolded (PlScene *scene)
{
  GHashTableIter iter;
  gpointer key, unfolded;

  g_hash_table_iter_init (&iter, scene->unfolded);
  while (g_hash_table_iter_next (&iter, &key, &unfolded))
    if (((NodeKey *)key)->kind == KEY_OTHERS && ((NodeKey *)key)->lane != PL_LANE_APP)
      show_unfolded_of (scene, key, unfolded);
}

/* "1 more host" takes as much room as the host itself and says less. */
static void
show_lonely (PlScene *scene)
{
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < scene->candidate_list->len; i++)
    {
      SceneCandidate *candidate = scene->candidate_list->pdata[i];
      SceneOthers *others = candidate->others;

      if (candidate->ranking != scene->next_ranking)
        continue;
      if (others->ranking != scene->next_ranking)
        {
          others->ranking = scene->next_ranking;
          others->n_hidden = 0;
        }
      if (candidate->is_shown)
        continue;
      others->n_hidden++;
      others->one = candidate;
    }
  g_hash_table_iter_init (&iter, scene->others);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SceneOthers *others = value;

      if (others->ranking == scene->next_ranking && others->n_hidden == 1)
        others->one->is_shown = others->one->is_lonely = TRUE;
    }
}

/* How many of an app's stay single in a lane. */
static guint
limit_of (PlLane lane, guint level, guint n_extra)
{
  guint n = lane == PL_LANE_ENDPOINT ? levels[level].n_hosts : levels[level].n_services;

  return n > 0 ? MIN (n + n_extra, SCENE_GROUP_TOP - 1) : 0;
}

static void
show_groups (PlScene *scene, App *app, guint level)
{
  for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
    show_top (&app->groups[lane - PL_LANE_LOCAL_PORT], limit_of (lane, level, scene->depth.n_extra));
}

static void
count_temporary (PlScene *scene, const Fine *fine)
{
  PlLane lane = fine->key.side == SIDE_LOCAL ? PL_LANE_REMOTE_PORT : PL_LANE_LOCAL_PORT;
  const SceneCandidate *host = fine->candidates[PL_LANE_ENDPOINT];

  if (is_gathered (scene, fine) && scene_has_ports (fine) && fine->key.side != SIDE_BOTH && !fine->key.is_listener
      && !scene_is_asked_port (fine) && (host == NULL || (host->is_shown && !host->is_asked)))
    scene_app_shown (scene, fine)->n_temporary[lane - PL_LANE_LOCAL_PORT]++;
}

static void
set_dense (PlScene *scene, App *app)
{
  guint limit = app->was_dense ? SPARSE_PORTS : is_pinned_app (scene, app) ? PINNED_SLACK * DENSE_PORTS : DENSE_PORTS;

  app->is_dense = MAX (app->n_temporary[0], app->n_temporary[1]) > limit;
}

/* Which apps have more temporary ports than anybody reads one by one. */
static void
find_dense (PlScene *scene)
{
  memset (scene->others_app->n_temporary, 0, sizeof scene->others_app->n_temporary);
  for (guint i = 0; i < scene->ranked_apps->len; i++)
    {
      App *app = scene->ranked_apps->pdata[i];

      memset (app->n_temporary, 0, sizeof app->n_temporary);
    }
  for (guint i = 0; i < scene->fine_list->len; i++)
    count_temporary (scene, scene->fine_list->pdata[i]);
  for (guint i = 0; i < scene->ranked_apps->len; i++)
    set_dense (scene, scene->ranked_apps->pdata[i]);
  set_dense (scene, scene->others_app);
}

static void
rank (PlScene *scene, guint level)
{
  scene->next_ranking++;
  scene->ranking_level = level;
  rank_apps (scene, level);
  memset (scene->others_app->groups, 0, sizeof scene->others_app->groups);
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];

      if (!is_gathered (scene, fine))
        continue;
      count_fine (scene, fine);
      for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
        if (fine->candidates[lane])
          fine->candidates[lane]->owner = scene_app_shown (scene, fine);
    }
  for (guint i = 0; i < scene->candidate_list->len; i++)
    {
      SceneCandidate *candidate = scene->candidate_list->pdata[i];

      if (candidate->ranking == scene->next_ranking)
        enter_group (candidate);
    }
  for (guint i = 0; i < scene->ranked_apps->len; i++)
    show_groups (scene, scene->ranked_apps->pdata[i], level);
  show_groups (scene, scene->others_app, level);
  show_unfolded (scene);
  show_pinned (scene);
  show_lonely (scene);
  find_dense (scene);
}

static gboolean
others_are_gone (gpointer key, gpointer value, gpointer data)
{
  return ((SceneOthers *)value)->ranking != ((PlScene *)data)->next_ranking;
}

/* Remembers what is shown, for the bonus, and forgets candidates that nothing of this update speaks of. */
void
scene_rank_settle (PlScene *scene)
{
  guint n_kept = 0;

  for (guint i = 0; i < scene->ranked_apps->len; i++)
    {
      App *app = scene->ranked_apps->pdata[i];

      app->was_shown = app->is_shown;
      app->was_dense = app->is_dense;
    }
  scene->others_app->was_dense = scene->others_app->is_dense;
  g_ptr_array_set_free_func (scene->candidate_list, NULL);
  for (guint i = 0; i < scene->candidate_list->len; i++)
    {
      SceneCandidate *candidate = scene->candidate_list->pdata[i];

      if (candidate->ranking == scene->next_ranking)
        {
          candidate->was_shown = candidate->is_shown;
          candidate->has_bonus = candidate->is_shown && !candidate->is_lonely;
          scene->candidate_list->pdata[n_kept++] = candidate;
        }
      else
        {
          g_hash_table_remove (scene->candidates, &candidate->key);
          g_free (candidate);
        }
    }
  g_ptr_array_set_size (scene->candidate_list, n_kept);
  g_ptr_array_set_free_func (scene->candidate_list, g_free);
  g_hash_table_foreach_remove (scene->others, others_are_gone, scene);
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

/* There only because somebody wants to see it: that bundles nothing else. */
static gboolean
is_extra (PlScene *scene, const Fine *fine)
{
  gboolean is_asked = scene_is_asked_port (fine) || fine->app->is_asked;

  for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
    is_asked |= fine->candidates[lane] && fine->candidates[lane]->is_asked;
  return is_asked && g_hash_table_size (scene->unfolded) > 0;
}

/* Whether as it is ranked now at most @limit edges are drawn. Edges are told apart by a 128-bit digest of their nodes here:
 * the answer chooses a level, no sum depends on it. */
static gboolean
fits (PlScene *scene, guint limit)
{
  g_autoptr (GHashTable) seen = NULL;

  if (scene->n_gathered <= limit)
    return TRUE;
  seen = g_hash_table_new_full (pair_hash, pair_equal, g_free, NULL);
  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      const Fine *fine = scene->fine_list->pdata[i];
      NodeKey keys[PL_N_LANES] = { 0 };
      guint64 pair[2] = { 0, 0 };
      gboolean is_folded;
      guint n;

      if (!is_gathered (scene, fine) || is_extra (scene, fine))
        continue;
      n = scene_rank_nodes (scene, fine, keys, &is_folded);
      for (guint lane = 0; lane < n; lane++)
        {
          guint64 hash = scene_node_key_hash (&keys[lane]);

          pair[0] = pair[0] * 31 + hash;
          pair[1] = (pair[1] ^ hash) * 0x9e3779b97f4a7c15u;
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

/* ---- what there is room for ---- */

/* Px that an app's band takes in one lane with so many single ones. */
static double
column_height (PlScene *scene, const App *app, PlLane lane, guint level, guint n_extra)
{
  const Metrics *metrics = &scene->metrics;
  guint limit = limit_of (lane, level, n_extra), n = app->groups[lane - PL_LANE_LOCAL_PORT].n;

  n = MIN (n, limit + 1);
  if (lane == PL_LANE_ENDPOINT)
    return n * (metrics->card_height + metrics->card_gap);
  n += app->is_dense ? 2 : app->n_temporary[lane - PL_LANE_LOCAL_PORT];
  return n * (metrics->chip_height + metrics->chip_gap);
}

static double
rows_height (PlScene *scene, guint level, guint n_extra)
{
  double height = 0;

  for (guint i = 0; i <= scene->ranked_apps->len; i++)
    {
      const App *app = i < scene->ranked_apps->len ? scene->ranked_apps->pdata[i] : scene->others_app;
      double band = 0;

      if (i < scene->ranked_apps->len && !app->is_shown)
        continue;
      for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
        band = MAX (band, column_height (scene, app, lane, level, n_extra));
      height += band > 0 ? band + scene->metrics.band_gap : 0;
    }
  return height;
}

/* Whether as many as there are extra now may stay: hosts bring ports along that are not counted before they are shown. */
static gboolean
extra_fits (PlScene *scene, guint level)
{
  return rows_height (scene, level, scene->depth.n_extra) <= scene->room * ROOM_SLACK
         && fits (scene, PL_LIMIT_SCENE_EDGES * 3 / 4);
}

/* More than the level says stay single while they fit into what is seen, and a little past it once they stand, so that nothing
 * flips to and fro. */
static void
use_room (PlScene *scene, guint level)
{
  guint before = scene->depth.n_extra, n_extra = before;
  double height = rows_height (scene, level, n_extra);

  if (scene->room <= 0 || scene->metrics.is_stacked)
    n_extra = 0;
  else if (height > scene->room * ROOM_SLACK)
    while (n_extra > 0 && rows_height (scene, level, n_extra) > scene->room)
      n_extra--;
  else
    while (n_extra + 1 < SCENE_GROUP_TOP && rows_height (scene, level, n_extra + 1) <= scene->room)
      n_extra++;
  if (n_extra == before)
    return;
  scene->depth.n_extra = n_extra;
  rank (scene, level);
  if (n_extra < before || extra_fits (scene, level))
    return;
  scene->depth.n_extra = before;
  rank (scene, level);
}

/* As many stay single as the level above shows. */
static guint
extra_for_finer (PlScene *scene, guint level)
{
  guint now = levels[level].n_hosts + scene->depth.n_extra, finer = levels[level - 1].n_hosts;

  return now > finer ? now - finer : 0;
}

/* At once while a file is read: nothing may come after its last flows for which a later check would be due. */
static gboolean
is_check_due (PlScene *scene)
{
  return scene->depth.checked_us == 0 || scene->now_us - scene->depth.checked_us >= CHECK_EVERY_US
         || scene->n_gathered > scene->depth.n_checked + scene->depth.n_checked / CHECK_GROWTH;
}

/* Chooses how much is folded. Whether a level still fits is asked once a second, or when it has grown; whether a finer one
 * would do once in five, so that a busy scene is ranked but once an update. */
static void
rank_and_choose (PlScene *scene)
{
  const guint comfortable = PL_LIMIT_SCENE_EDGES * 3 / 4;
  gboolean is_due = is_check_due (scene);
  guint level = scene->depth.level;

  if (level > 0 && scene->n_gathered <= comfortable)
    level = 0;
  rank (scene, level);
  if (level > 0 && scene->now_us - scene->depth.level_us > LEVEL_HOLD_US)
    {
      guint n_extra = scene->depth.n_extra;

      scene->depth.level_us = scene->now_us;
      scene->depth.n_extra = extra_for_finer (scene, level);
      rank (scene, level - 1);
      if (fits (scene, comfortable))
        level--;
      else
        {
          scene->depth.n_extra = n_extra;
          rank (scene, level);
        }
    }
  if (is_due)
    {
      scene->depth.checked_us = scene->now_us;
      scene->depth.n_checked = scene->n_gathered;
      if (scene->depth.n_extra > 0 && !fits (scene, PL_LIMIT_SCENE_EDGES))
        {
          scene->depth.n_extra = 0;
          rank (scene, level);
        }
      while (level + 1 < G_N_ELEMENTS (levels) && !fits (scene, PL_LIMIT_SCENE_EDGES))
        rank (scene, ++level);
      use_room (scene, level);
    }
  if (level != scene->depth.level)
    scene->depth.level_us = scene->now_us;
  scene->depth.level = level;
}

/* Ranks what was gathered, unless it is ranked and nobody points elsewhere by now. */
void
scene_rank (PlScene *scene)
{
  find_pinned (scene);
  if (scene->is_ranked && scene->ranked_pin == scene->pinned)
    return;
  scene_rank_forget (scene);
  scene->depth_before = scene->depth;
  rank_and_choose (scene);
  scene->is_ranked = TRUE;
  scene->ranked_pin = scene->pinned;
}

/* What was gathered and ranked is not drawn. */
void
scene_rank_forget (PlScene *scene)
{
  if (scene->is_ranked)
    scene->depth = scene->depth_before;
  scene->is_ranked = FALSE;
}
