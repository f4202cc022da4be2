/* What somebody asked to see one by one: which bundles are unfolded, by how much, and folded again. Pure; no geometry in
 * here. A bundle is known by its node's key, so that what joins it later follows; a line of several flows by the groups of
 * temporary ports that it consists of, which then share one allowance. */
#include "bounds.h"
#include "scene-private.h"

const NodeKey scene_more_apps = { .lane = PL_LANE_APP, .kind = KEY_OTHERS, .app = SCENE_OTHERS_APP };

struct _PlSceneFolds
{
  GHashTable *unfolded, *split;
};

/* ---- the table ---- */

static void
unfolded_unref (gpointer data)
{
  Unfolded *unfolded = data;

  if (--unfolded->n_refs == 0)
    g_free (unfolded);
}

static GHashTable *
new_table (void)
{
  return g_hash_table_new_full (scene_node_key_hash, scene_node_key_equal, g_free, unfolded_unref);
}

static void
insert (GHashTable *table, const NodeKey *key, Unfolded *unfolded)
{
  unfolded->n_refs++;
  g_hash_table_insert (table, g_memdup2 (key, sizeof *key), unfolded);
}

/* Keys that share one Unfolded do so in the copy, too. */
static GHashTable *
copy_table (GHashTable *table)
{
  g_autoptr (GHashTable) copies = g_hash_table_new (NULL, NULL); /* Unfolded → its copy */
  GHashTable *copy = new_table ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      Unfolded *same = g_hash_table_lookup (copies, value);

      if (same == NULL)
        {
          same = g_memdup2 (value, sizeof *same);
          same->n_refs = 0;
          g_hash_table_insert (copies, value, same);
        }
      insert (copy, key, same);
    }
  return copy;
}

static GHashTable *
copy_set (GHashTable *set)
{
  GHashTable *copy = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (copy, key);
  return copy;
}

/* Whose apps stay single for it. */
static void
list_apps (PlScene *scene)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_remove_all (scene->unfolded_apps);
  g_hash_table_iter_init (&iter, scene->unfolded);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (scene->unfolded_apps, GUINT_TO_POINTER (((NodeKey *)key)->app));
}

void
scene_unfold_init (PlScene *scene)
{
  scene->unfolded = new_table ();
  scene->unfolded_apps = g_hash_table_new (NULL, NULL);
}

void
scene_unfold_finalize (PlScene *scene)
{
  g_hash_table_unref (scene->unfolded);
  g_hash_table_unref (scene->unfolded_apps);
}

void
scene_unfold_clear (PlScene *scene)
{
  g_hash_table_remove_all (scene->unfolded);
  g_hash_table_remove_all (scene->unfolded_apps);
}

/* ---- asked while the scene is made ---- */

guint
scene_unfolded_budget (PlScene *scene, const NodeKey *bundle)
{
  const Unfolded *unfolded =
      g_hash_table_size (scene->unfolded) > 0 ? g_hash_table_lookup (scene->unfolded, bundle) : NULL;

  return unfolded ? unfolded->budget : 0;
}

static PlLane
temporary_lane (const FineKey *fine)
{
  return fine->side == SIDE_LOCAL ? PL_LANE_REMOTE_PORT : PL_LANE_LOCAL_PORT;
}

/* The two bundles that a temporary port may be unfolded from: its line's group, and its app's ports of one range. */
static void
bundles_of_port (const FineKey *fine, const App *app, NodeKey bundles[2])
{
  gboolean is_ranked_away = app->ranking != 0 && !app->is_shown;

  bundles[0] = scene_group_key (fine, temporary_lane (fine));
  bundles[1] = (NodeKey){ .lane = temporary_lane (fine), .kind = KEY_CLASS, .proto = fine->proto };
  bundles[1].range = fine->temp_range;
  bundles[1].app = is_ranked_away ? SCENE_OTHERS_APP : app->id;
}

static gboolean
takes (PlScene *scene, Unfolded *unfolded)
{
  if (unfolded == NULL)
    return FALSE;
  if (unfolded->stamp != scene->gathering)
    unfolded->n_used = 0;
  unfolded->stamp = scene->gathering;
  return unfolded->n_used++ < unfolded->budget;
}

/* Whether one more flow's temporary port is drawn by itself: the oldest flows' are. */
gboolean
scene_takes_unfolded (PlScene *scene, const FineKey *fine, const App *app)
{
  NodeKey bundles[2];

  if (g_hash_table_size (scene->unfolded) == 0)
    return FALSE;
  bundles_of_port (fine, app, bundles);
  return takes (scene, g_hash_table_lookup (scene->unfolded, &bundles[0]))
         || takes (scene, g_hash_table_lookup (scene->unfolded, &bundles[1]));
}

/* The key of what a fine edge's node in @lane was unfolded from; FALSE when it stands there by rule. */
static gboolean
find_unfolded (PlScene *scene, const Fine *fine, PlLane lane, NodeKey *bundle)
{
  const SceneCandidate *candidate = fine->candidates[lane];
  NodeKey bundles[2];

  if (lane == PL_LANE_APP)
    *bundle = scene_more_apps;
  else if (candidate && candidate->is_asked)
    *bundle = candidate->others->key;
  else if (lane != PL_LANE_ENDPOINT && scene_is_asked_port (fine) && lane == temporary_lane (&fine->key))
    {
      bundles_of_port (&fine->key, fine->app, bundles);
      *bundle = bundles[g_hash_table_contains (scene->unfolded, &bundles[0]) ? 0 : 1];
    }
  else
    return FALSE;
  return (lane != PL_LANE_APP || fine->app->is_asked) && g_hash_table_contains (scene->unfolded, bundle);
}

gboolean
scene_is_unfolded (PlScene *scene, const Fine *fine, PlLane lane)
{
  NodeKey bundle;

  return find_unfolded (scene, fine, lane, &bundle);
}

/* ---- unfolding ---- */

/* The groups of temporary ports that an edge draws as one; where it has none, whatever "more" it runs through. */
static void
collect_edge (PlScene *scene, const Edge *edge, GArray *keys)
{
  if (edge->pub.n_flows < 2 || edge->key.is_listener)
    return;
  for (guint i = 0; i < scene->fine_list->len && keys->len < PL_LIMIT_SCENE_UNFOLDED; i++)
    {
      const Fine *fine = scene->fine_list->pdata[i];
      NodeKey key;

      if (fine->edge != edge || (fine->key.side == SIDE_BOTH && scene_has_ports (fine)) || scene_is_asked_port (fine))
        continue;
      key = scene_group_key (&fine->key, temporary_lane (&fine->key));
      g_array_append_val (keys, key);
    }
  for (guint lane = 0; keys->len == 0 && lane < PL_N_LANES; lane++)
    if (edge->node[PL_N_LANES - 1 - lane]->key.kind == KEY_OTHERS)
      g_array_append_val (keys, edge->node[PL_N_LANES - 1 - lane]->key);
}

/* Keys (element-type NodeKey) of what @id would unfold. */
static GArray *
collect (PlScene *scene, guint64 id)
{
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (NodeKey));
  const Node *node = scene_get_node (scene, id);
  const Edge *edge = node ? NULL : scene_get_edge (scene, id);

  if (node && node->state == STATE_LIVE && (node->pub.flags & PL_SCENE_BUNDLE))
    g_array_append_val (keys, node->key);
  else if (edge && edge->state == STATE_LIVE)
    collect_edge (scene, edge, keys);
  return keys;
}

/* The next number of things that unfolding shows: twice as many with every click; 0 when it is the most already. */
static guint
more_of (guint budget)
{
  if (budget >= PL_LIMIT_SCENE_UNFOLDED)
    return 0;
  return budget == 0 ? PL_SCENE_UNFOLD_STEP : MIN (2 * budget, PL_LIMIT_SCENE_UNFOLDED);
}

/* What one of @keys is unfolded by already; nullable. */
static Unfolded *
find_any (PlScene *scene, GArray *keys)
{
  for (guint i = 0; i < keys->len; i++)
    {
      Unfolded *unfolded = g_hash_table_lookup (scene->unfolded, &g_array_index (keys, NodeKey, i));

      if (unfolded)
        return unfolded;
    }
  return NULL;
}

/* How many things all that is unfolded may show. */
static guint
count_budgets (PlScene *scene)
{
  GHashTableIter iter;
  gpointer value;
  double n = 0;

  g_hash_table_iter_init (&iter, scene->unfolded);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n += (double)((Unfolded *)value)->budget / ((Unfolded *)value)->n_refs;
  return n + 0.5;
}

static gboolean
is_unused (gpointer key, gpointer unfolded, gpointer used)
{
  return !g_hash_table_contains (used, unfolded);
}

/* What was unfolded and has ended leaves its share to others: it keeps one only while something is drawn of it. */
static void
forget_ended (PlScene *scene)
{
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL); /* Unfolded */
  NodeKey bundle;

  for (guint i = 0; i < scene->fine_list->len; i++)
    for (PlLane lane = 0; lane < PL_N_LANES; lane++)
      if (find_unfolded (scene, scene->fine_list->pdata[i], lane, &bundle))
        g_hash_table_add (used, g_hash_table_lookup (scene->unfolded, &bundle));
  for (guint i = 0; i < scene->node_list->len; i++)
    g_hash_table_add (used, g_hash_table_lookup (scene->unfolded, &((Node *)scene->node_list->pdata[i])->key));
  g_hash_table_foreach_remove (scene->unfolded, is_unused, used);
  list_apps (scene);
}

static guint
next_budget (PlScene *scene, GArray *keys)
{
  const Unfolded *unfolded = find_any (scene, keys);
  guint before = unfolded ? unfolded->budget : 0, budget = more_of (before), most = PL_LIMIT_SCENE_UNFOLDED_ALL;

  if (keys->len == 0)
    return 0;
  if (count_budgets (scene) - before + budget > most)
    forget_ended (scene);
  return count_budgets (scene) - before + budget > most ? 0 : budget;
}

static void
unfold (PlScene *scene, GArray *keys, guint budget, gboolean is_passing)
{
  Unfolded *unfolded = find_any (scene, keys);

  if (unfolded == NULL)
    unfolded = g_new0 (Unfolded, 1);
  unfolded->budget = budget;
  unfolded->n_shown = 0;
  unfolded->is_passing = is_passing;
  unfolded->n_refs++; /* while its keys are replaced */
  for (guint i = 0; i < keys->len; i++)
    insert (scene->unfolded, &g_array_index (keys, NodeKey, i), unfolded);
  unfolded_unref (unfolded);
  list_apps (scene);
}

gboolean
pl_scene_can_unfold (PlScene *scene, guint64 id)
{
  g_autoptr (GArray) keys = collect (scene, id);

  return next_budget (scene, keys) > 0;
}

gboolean
pl_scene_unfold (PlScene *scene, guint64 id)
{
  g_autoptr (GArray) keys = collect (scene, id);
  guint budget = next_budget (scene, keys);

  if (budget > 0)
    unfold (scene, keys, budget, FALSE);
  return budget > 0;
}

gboolean
pl_scene_unfold_passing (PlScene *scene, guint64 id)
{
  g_autoptr (GArray) keys = collect (scene, id);

  if (next_budget (scene, keys) == 0 || find_any (scene, keys) != NULL)
    return FALSE;
  unfold (scene, keys, PL_SCENE_UNFOLD_STEP, TRUE);
  return TRUE;
}

/* ---- folding ---- */

static gboolean
is_same (gpointer key, gpointer value, gpointer unfolded)
{
  return value == unfolded;
}

static gboolean
is_passing (gpointer key, gpointer value, gpointer data)
{
  return ((Unfolded *)value)->is_passing;
}

/* Folds what is unfolded under @key, with all that shares it. */
static gboolean
fold_key (PlScene *scene, const NodeKey *key)
{
  gpointer unfolded = g_hash_table_lookup (scene->unfolded, key);

  if (unfolded == NULL)
    return FALSE;
  g_hash_table_foreach_remove (scene->unfolded, is_same, unfolded);
  list_apps (scene);
  return TRUE;
}

/* Through the node, or (@node NULL) drawn by the edge: what the first of these fine edges was unfolded from. */
static gboolean
fold_fine (PlScene *scene, const Fine *fine, const Node *node, const Edge *edge)
{
  NodeKey bundle;

  if (node)
    return fine->nodes[node->key.lane] == node && find_unfolded (scene, fine, node->key.lane, &bundle)
           && fold_key (scene, &bundle);
  /* a line's ports first: that is what unfolding a line does */
  if (fine->edge == edge)
    for (PlLane lane = PL_LANE_LOCAL_PORT; lane <= PL_N_LANES; lane++)
      if (find_unfolded (scene, fine, lane % PL_N_LANES, &bundle))
        return fold_key (scene, &bundle);
  return FALSE;
}

gboolean
pl_scene_fold (PlScene *scene, guint64 id)
{
  const Node *node = scene_get_node (scene, id);
  const Edge *edge = node ? NULL : scene_get_edge (scene, id);

  if (node == NULL && edge == NULL)
    return FALSE;
  if (node && fold_key (scene, &node->key))
    return TRUE;
  for (guint i = 0; i < scene->fine_list->len; i++)
    if (fold_fine (scene, scene->fine_list->pdata[i], node, edge))
      return TRUE;
  return FALSE;
}

gboolean
pl_scene_fold_passing (PlScene *scene)
{
  gboolean has_any = g_hash_table_foreach_remove (scene->unfolded, is_passing, NULL) > 0;

  list_apps (scene);
  return has_any;
}

gboolean
pl_scene_split_app (PlScene *scene, guint64 node_id, gboolean is_split)
{
  const Node *node = scene_get_node (scene, node_id);
  gpointer whole;

  if (node == NULL || !(node->pub.flags & (is_split ? PL_SCENE_MANY : PL_SCENE_PROCESS)))
    return FALSE;
  whole = GUINT_TO_POINTER (node->key.zone);
  scene->regrouped = node->key.zone;
  return is_split ? g_hash_table_add (scene->split, whole) : g_hash_table_remove (scene->split, whole);
}

void
pl_scene_fold_all (PlScene *scene)
{
  g_hash_table_remove_all (scene->split);
  scene_unfold_clear (scene);
}

gboolean
pl_scene_has_unfolded (PlScene *scene)
{
  return g_hash_table_size (scene->unfolded) > 0 || g_hash_table_size (scene->split) > 0;
}

/* ---- taking it back ---- */

PlSceneFolds *
pl_scene_copy_folds (PlScene *scene)
{
  PlSceneFolds *folds = g_new0 (PlSceneFolds, 1);

  folds->unfolded = copy_table (scene->unfolded);
  folds->split = copy_set (scene->split);
  return folds;
}

/* The app that one of two sets has and the other has not; 0 for none. */
static guint32
difference (GHashTable *one, GHashTable *other)
{
  GHashTableIter iter;
  gpointer app;

  g_hash_table_iter_init (&iter, one);
  while (g_hash_table_iter_next (&iter, &app, NULL))
    if (!g_hash_table_contains (other, app))
      return GPOINTER_TO_UINT (app);
  return 0;
}

void
pl_scene_set_folds (PlScene *scene, const PlSceneFolds *folds)
{
  guint32 joined = difference (scene->split, folds->split);

  scene->regrouped = joined != 0 ? joined : difference (folds->split, scene->split);
  g_hash_table_unref (scene->unfolded);
  scene->unfolded = copy_table (folds->unfolded);
  g_hash_table_unref (scene->split);
  scene->split = copy_set (folds->split);
  list_apps (scene);
}

void
pl_scene_folds_free (PlSceneFolds *folds)
{
  g_hash_table_unref (folds->unfolded);
  g_hash_table_unref (folds->split);
  g_free (folds);
}
