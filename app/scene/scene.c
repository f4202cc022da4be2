/* The scene's life: updates in, easing by the caller's clock, nodes and edges out. Main loop only (or one test's thread);
 * never draws, never waits. */
#include <math.h>

#include "aside.h"
#include "bounds.h"
#include "scene-private.h"

/* Multiply and fold, eight bytes a step (a multiplicative hash with a shift between the steps); keys are multiples of eight bytes. */
guint
scene_key_hash (gconstpointer bytes, gsize length)
{
  const char *at = bytes;
  guint64 hash = 0x9e3779b97f4a7c15u ^ length, word;

  for (gsize i = 0; i + 8 <= length; i += 8)
    {
      memcpy (&word, at + i, 8);
      hash = (hash ^ word) * 0xd6e8feb86659fd93u;
      hash ^= hash >> 32;
    }
  return (guint)(hash ^ (hash >> 29));
}

guint
scene_node_key_hash (gconstpointer key)
{
  return scene_key_hash (key, sizeof (NodeKey));
}

gboolean
scene_node_key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (NodeKey)) == 0;
}

static guint
edge_hash (gconstpointer key)
{
  return scene_key_hash (key, sizeof (EdgeKey));
}

static gboolean
edge_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (EdgeKey)) == 0;
}

static void
node_free (gpointer data)
{
  Node *node = data;

  g_free (node->title);
  g_free (node->subtitle);
  g_free (node->icon_name);
  g_free (node->app_key);
  g_free (node);
}

/**
 * pl_scene_new:
 *
 * Returns: (transfer full): an empty scene, 960 px wide with lines of 18 px
 */
PlScene *
pl_scene_new (void)
{
  PlScene *scene = g_new0 (PlScene, 1);

  G_STATIC_ASSERT (sizeof (NodeKey) % 8 == 0 && sizeof (FineKey) % 8 == 0 && sizeof (EdgeKey) % 8 == 0);
  scene->width = 960;
  scene->line_height = 18;
  scene->is_animated = TRUE;
  scene->held_y = NAN;
  scene->nodes = g_hash_table_new (scene_node_key_hash, scene_node_key_equal);
  scene->node_list = g_ptr_array_new_with_free_func (node_free);
  scene->edges = g_hash_table_new (edge_hash, edge_equal);
  scene->edge_list = g_ptr_array_new_with_free_func (g_free);
  scene->bands = g_ptr_array_new ();
  scene->adjacency = g_ptr_array_new ();
  scene_unfold_init (scene);
  scene->public_nodes = g_array_new (FALSE, FALSE, sizeof (PlSceneNode));
  scene->public_edges = g_array_new (FALSE, FALSE, sizeof (PlSceneEdge));
  scene_rank_init (scene);
  scene_merge_init (scene);
  scene_place_metrics (scene);
  return scene;
}

void
pl_scene_free (PlScene *scene)
{
  scene_merge_finalize (scene);
  scene_rank_finalize (scene);
  g_ptr_array_set_free_func (scene->bands, scene_band_free);
  g_ptr_array_unref (scene->bands);
  g_ptr_array_unref (scene->adjacency);
  g_hash_table_unref (scene->edges);
  g_hash_table_unref (scene->nodes);
  g_ptr_array_unref (scene->edge_list);
  g_ptr_array_unref (scene->node_list);
  scene_unfold_finalize (scene);
  g_array_unref (scene->public_nodes);
  g_array_unref (scene->public_edges);
  g_clear_pointer (&scene->filter, pl_flow_filter_free);
  g_free (scene);
}

Node *
scene_get_node (PlScene *scene, guint64 node_id)
{
  for (guint i = 0; i < scene->node_list->len; i++)
    if (((Node *)scene->node_list->pdata[i])->pub.id == node_id)
      return scene->node_list->pdata[i];
  return NULL;
}

Edge *
scene_get_edge (PlScene *scene, guint64 edge_id)
{
  for (guint i = 0; i < scene->edge_list->len; i++)
    if (((Edge *)scene->edge_list->pdata[i])->pub.id == edge_id)
      return scene->edge_list->pdata[i];
  return NULL;
}

/* ---- easing ---- */

/* Ease-out cubic; 1 when @now_us is past the end. Sets @is_moving when it is not. */
static double
progress (gint64 start_us, gint64 now_us, gint64 duration_us, gboolean *is_moving)
{
  double left;

  if (now_us - start_us >= duration_us)
    return 1;
  *is_moving = TRUE;
  left = 1 - CLAMP ((double)(now_us - start_us) / duration_us, 0, 1);
  return 1 - left * left * left;
}

static gint64
fade_duration (double target_opacity)
{
  return target_opacity == 0 ? SCENE_LEAVE_US : SCENE_EASE_US;
}

static double
fade (double from, double target, gint64 start_us, gint64 now_us, gboolean *is_moving)
{
  if (from == target)
    return target;
  return from + (target - from) * progress (start_us, now_us, fade_duration (target), is_moving);
}

static void
ease_node (Node *node, gint64 now_us, gboolean *is_moving)
{
  if (node->from_y != node->pub.target_y)
    {
      gboolean moves = FALSE;
      double done = progress (node->move_start_us, now_us, SCENE_EASE_US, &moves);

      node->pub.y = node->from_y + (node->pub.target_y - node->from_y) * done;
      if (!moves)
        node->from_y = node->pub.y = node->pub.target_y;
      *is_moving |= moves;
    }
  node->pub.opacity = fade (node->from_opacity, node->target_opacity, node->fade_start_us, now_us, is_moving);
  if (node->state == STATE_LEAVING && node->pub.opacity <= 0)
    {
      node->state = STATE_HOLE;
      node->hole_us = now_us;
    }
}

static void
ease_edge (Edge *edge, gint64 now_us, gboolean *is_moving)
{
  if (memcmp (edge->pub.dock_px, edge->target_dock, sizeof edge->target_dock) != 0)
    {
      double done = progress (edge->move_start_us, now_us, SCENE_EASE_US, is_moving);

      for (guint lane = 0; lane < PL_N_LANES; lane++)
        edge->pub.dock_px[lane] =
            done >= 1 ? edge->target_dock[lane]
                      : edge->from_dock[lane] + (edge->target_dock[lane] - edge->from_dock[lane]) * done;
    }
  edge->pub.opacity = fade (edge->from_opacity, edge->target_opacity, edge->fade_start_us, now_us, is_moving);
}

/* Frees edges that have faded, then holes that nobody keeps a place for and no fading edge runs through. */
static void
sweep (PlScene *scene)
{
  guint n_kept = 0;

  for (guint i = 0; i < scene->node_list->len; i++)
    ((Node *)scene->node_list->pdata[i])->is_marked = FALSE;
  g_ptr_array_set_free_func (scene->edge_list, NULL);
  g_ptr_array_set_free_func (scene->node_list, NULL);
  for (guint i = 0; i < scene->edge_list->len; i++)
    {
      Edge *edge = scene->edge_list->pdata[i];

      if (edge->state == STATE_LEAVING && edge->pub.opacity <= 0)
        {
          g_hash_table_remove (scene->edges, &edge->key);
          g_free (edge);
          continue;
        }
      for (guint lane = 0; lane < PL_N_LANES; lane++)
        if (edge->node[lane])
          edge->node[lane]->is_marked = TRUE;
      scene->edge_list->pdata[n_kept++] = edge;
    }
  g_ptr_array_set_size (scene->edge_list, n_kept);
  n_kept = 0;
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];

      if (node->state == STATE_HOLE && node->band == NULL && !node->is_marked)
        {
          g_hash_table_remove (scene->nodes, &node->key);
          node_free (node);
        }
      else
        scene->node_list->pdata[n_kept++] = node;
    }
  g_ptr_array_set_size (scene->node_list, n_kept);
  g_ptr_array_set_free_func (scene->edge_list, g_free);
  g_ptr_array_set_free_func (scene->node_list, node_free);
}

static void
publish_edges (PlScene *scene)
{
  g_array_set_size (scene->public_edges, 0);
  for (guint i = 0; i < scene->edge_list->len; i++)
    {
      Edge *edge = scene->edge_list->pdata[i];
      gboolean is_whole = TRUE;

      for (guint lane = 0; lane < PL_N_LANES; lane++)
        {
          edge->pub.node[lane] = edge->node[lane] ? edge->node[lane]->index : PL_SCENE_NO_NODE;
          is_whole &= edge->node[lane] == NULL || edge->node[lane]->index != G_MAXUINT;
        }
      if (is_whole)
        g_array_append_val (scene->public_edges, edge->pub);
    }
}

static void
publish (PlScene *scene)
{
  g_array_set_size (scene->public_nodes, 0);
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];

      node->index = G_MAXUINT;
      if (node->state == STATE_HOLE)
        continue;
      node->index = scene->public_nodes->len;
      g_array_append_val (scene->public_nodes, node->pub);
    }
  publish_edges (scene);
}

gboolean
pl_scene_tick (PlScene *scene, gint64 now_us)
{
  gboolean is_moving = FALSE;

  if (!scene->is_animated)
    now_us += SCENE_LEAVE_US; /* as if it had been waited for */
  for (guint i = 0; i < scene->node_list->len; i++)
    ease_node (scene->node_list->pdata[i], now_us, &is_moving);
  for (guint i = 0; i < scene->edge_list->len; i++)
    ease_edge (scene->edge_list->pdata[i], now_us, &is_moving);
  if (!is_moving)
    sweep (scene);
  publish (scene);
  return is_moving;
}

/* ---- updates ---- */

/* Forgets what was gathered for an update that did not come. */
void
scene_begin (PlScene *scene)
{
  scene->gathering++;
  scene->gather_id = 0;
  scene->next_past = 0;
  scene->n_next_left_out = scene->n_gathered = 0;
  scene_rank_forget (scene);
  g_array_set_size (scene->next_refs, 0);
  g_hash_table_remove_all (scene->processes);
  g_hash_table_remove_all (scene->pids);
}

static void
appear_at_once (PlScene *scene)
{
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];

      node->from_opacity = node->pub.opacity = node->target_opacity;
    }
  for (guint i = 0; i < scene->edge_list->len; i++)
    {
      Edge *edge = scene->edge_list->pdata[i];

      edge->from_opacity = edge->pub.opacity = edge->target_opacity;
    }
}

/* Whether anybody came since it was sorted, and nobody cares yet who stands where. */
static gboolean
is_unsorted (PlScene *scene)
{
  if (!scene->is_young || scene->pinned != 0 || pl_scene_has_unfolded (scene))
    return FALSE;
  for (guint i = scene->node_list->len; i > 0; i--)
    if (((Node *)scene->node_list->pdata[i - 1])->pub.id > scene->sorted_id)
      return TRUE;
  return FALSE;
}

static void
lay_out (PlScene *scene, PlaceMode mode)
{
  scene_order_tidy (scene);
  scene_place (scene, mode);
  scene->sorted_id = scene->next_id;
}

/* The first layout is not over with the first few flows that happened to be told of: those of the same moment may come in
 * several rounds, and their apps are found out after them. */
static gboolean
is_to_be_sorted (PlScene *scene)
{
  return scene->now_us - scene->laid_out_us < SCENE_FILL_US && is_unsorted (scene) && scene_order_hides_busy (scene);
}

/* What was gathered is the scene from now on. */
static void
take_gathered (PlScene *scene)
{
  GArray *past = scene->flow_refs;

  scene->flow_refs = scene->next_refs;
  scene->next_refs = past;
  scene->n_left_out = scene->n_next_left_out;
}

void
scene_end (PlScene *scene, gint64 now_us)
{
  scene->now_us = now_us;
  scene->stamp++;
  take_gathered (scene);
  scene_merge_sweep (scene);
  scene_fold (scene);
  scene_index_edges (scene);
  scene_order_drop_holes (scene);
  scene_order_newcomers (scene);
  if (!scene->is_laid_out && scene->fine_list->len > 0)
    {
      lay_out (scene, PLACE_AT_ONCE);
      appear_at_once (scene);
      scene->is_laid_out = scene->is_young = TRUE;
      scene->laid_out_us = scene->now_us;
    }
  else
    {
      scene_place (scene, PLACE_CALMLY);
      if (is_to_be_sorted (scene))
        lay_out (scene, PLACE_AFRESH);
    }
  scene_text_update (scene);
  pl_scene_tick (scene, scene->now_us);
}

static gboolean
add_flow (const PlModelFlow *flow, gpointer data)
{
  PlScene *scene = data;

  if (scene->filter == NULL || pl_flow_filter_passes (scene->filter, flow))
    scene_add_flow (scene, flow);
  else
    scene->n_next_left_out += !flow->is_gone;
  return TRUE;
}

void
pl_scene_update (PlScene *scene, PlModel *model, gint64 now_us)
{
  scene_begin (scene);
  pl_model_foreach (model, add_flow, scene);
  scene_end (scene, now_us);
}

typedef struct
{
  PlScene *scene;
  guint n_left;
  gboolean is_last;
} Part;

static gboolean
add_flow_of_part (const PlModelFlow *flow, gpointer data)
{
  Part *part = data;

  part->is_last = part->n_left > 0;
  if (!part->is_last)
    return FALSE;
  part->n_left--;
  part->scene->gather_id = flow->id + 1;
  return add_flow (flow, part->scene);
}

void
pl_scene_begin_gathering (PlScene *scene)
{
  scene_begin (scene);
}

gboolean
pl_scene_gather (PlScene *scene, PlModel *model, guint n_max, gint64 now_us)
{
  Part part = { scene, n_max, TRUE };

  pl_model_foreach_from (model, scene->gather_id, add_flow_of_part, &part);
  if (!part.is_last || part.n_left < n_max / 2) /* to rank takes a turn of its own, though new flows may come in each */
    return FALSE;
  scene->now_us = now_us;
  scene_rank (scene);
  return TRUE;
}

void
pl_scene_update_gathered (PlScene *scene, gint64 now_us)
{
  scene_end (scene, now_us);
}

void
pl_scene_set_filter (PlScene *scene, const PlFlowFilter *filter)
{
  scene->is_young = FALSE;
  scene_begin (scene);
  g_clear_pointer (&scene->filter, pl_flow_filter_free);
  if (filter && pl_flow_filter_get_n_terms (filter) > 0)
    scene->filter = pl_flow_filter_copy (filter);
}

/* Of a copy: what flows were merged to, and how it was ranked. */
static gpointer
free_merged (gpointer data)
{
  scene_merge_finalize (data);
  scene_rank_finalize (data);
  g_free (data);
  return NULL;
}

void
pl_scene_clear (PlScene *scene)
{
  scene_begin (scene);
  g_hash_table_remove_all (scene->edges);
  g_hash_table_remove_all (scene->nodes);
  g_ptr_array_set_size (scene->edge_list, 0);
  g_ptr_array_set_size (scene->node_list, 0);
  g_ptr_array_set_size (scene->adjacency, 0);
  for (guint i = 0; i < scene->bands->len; i++)
    scene_band_free (scene->bands->pdata[i]);
  g_ptr_array_set_size (scene->bands, 0);
  scene_unfold_clear (scene);
  pl_free_aside (scene->fine_list->len, free_merged, g_memdup2 (scene, sizeof *scene));
  scene_rank_init (scene);
  scene_merge_init (scene);
  g_array_set_size (scene->public_nodes, 0);
  g_array_set_size (scene->public_edges, 0);
  scene->is_laid_out = scene->is_young = FALSE;
  scene->depth = (SceneDepth){ 0 };
  scene->n_folded = 0;
  scene->height = scene->origin = 0;
  scene->pinned = 0;
  scene->held_y = NAN;
}

void
pl_scene_set_size (PlScene *scene, double width, double line_height)
{
  if (scene->width == width && scene->line_height == line_height)
    return;
  scene->width = MAX (width, 1);
  scene->line_height = MAX (line_height, 1);
  scene_place_metrics (scene);
  scene_place (scene, PLACE_AT_ONCE);
  publish (scene);
}

void
pl_scene_set_width (PlScene *scene, double width)
{
  gboolean was_stacked = scene->metrics.is_stacked;

  if (scene->width == width)
    return;
  scene->width = MAX (width, 1);
  scene_place_metrics (scene);
  if (scene->metrics.is_stacked == was_stacked)
    scene_place_lanes (scene);
  else
    scene_place (scene, PLACE_AT_ONCE);
  publish (scene);
}

gboolean
pl_scene_set_room (PlScene *scene, double height)
{
  double row = scene->metrics.card_height + scene->metrics.card_gap;

  if (floor (height / row) == floor (scene->room / row))
    return FALSE;
  scene->room = height;
  scene->depth.checked_us = scene->depth_before.checked_us = 0; /* with the next update */
  return scene->n_folded > 0 || scene->depth.n_extra > 0;
}

void
pl_scene_set_animated (PlScene *scene, gboolean is_animated)
{
  scene->is_animated = is_animated;
}

/* Eases to where all stands once @order has changed who stands next to whom. */
static void
rearrange (PlScene *scene, void (*order) (PlScene *), PlaceMode mode, gint64 now_us)
{
  scene->now_us = now_us;
  scene->is_young = FALSE;
  order (scene);
  scene_place (scene, mode);
  pl_scene_tick (scene, now_us);
}

void
pl_scene_close_up (PlScene *scene, gint64 now_us)
{
  scene->held_y = NAN;
  rearrange (scene, scene_order_close_up, PLACE_AFRESH, now_us);
}

void
pl_scene_close_gaps (PlScene *scene, gint64 now_us)
{
  rearrange (scene, scene_order_close_up, PLACE_CLOSED, now_us);
}

void
pl_scene_fit_room (PlScene *scene, gint64 now_us)
{
  gboolean is_young = scene->is_young;

  pl_scene_close_gaps (scene, now_us);
  scene->is_young = is_young;
}

void
pl_scene_tidy (PlScene *scene, gint64 now_us)
{
  rearrange (scene, scene_order_tidy, PLACE_AFRESH, now_us);
}

void
pl_scene_settle (PlScene *scene, gint64 now_us)
{
  if (scene->is_laid_out && is_unsorted (scene))
    rearrange (scene, scene_order_tidy, PLACE_AFRESH, now_us);
  scene->is_young = FALSE;
}

/* ---- questions ---- */

const PlSceneNode *
pl_scene_get_nodes (PlScene *scene, guint *n_nodes)
{
  *n_nodes = scene->public_nodes->len;
  return (const PlSceneNode *)(gpointer)scene->public_nodes->data;
}

const PlSceneEdge *
pl_scene_get_edges (PlScene *scene, guint *n_edges)
{
  *n_edges = scene->public_edges->len;
  return (const PlSceneEdge *)(gpointer)scene->public_edges->data;
}

const PlSceneNode *
pl_scene_find_node (PlScene *scene, guint64 id)
{
  for (guint i = 0; i < scene->public_nodes->len; i++)
    if (g_array_index (scene->public_nodes, PlSceneNode, i).id == id)
      return &g_array_index (scene->public_nodes, PlSceneNode, i);
  return NULL;
}

const PlSceneEdge *
pl_scene_find_edge (PlScene *scene, guint64 id)
{
  for (guint i = 0; i < scene->public_edges->len; i++)
    if (g_array_index (scene->public_edges, PlSceneEdge, i).id == id)
      return &g_array_index (scene->public_edges, PlSceneEdge, i);
  return NULL;
}

double
pl_scene_get_height (PlScene *scene)
{
  return scene->height;
}

void
pl_scene_get_extent (PlScene *scene, double *top, double *bottom)
{
  *bottom = 0;
  *top = pl_scene_get_top (scene);
  for (guint i = 0; i < scene->public_nodes->len; i++)
    {
      const PlSceneNode *node = &g_array_index (scene->public_nodes, PlSceneNode, i);

      *top = MIN (*top, node->y - scene->metrics.margin_y);
      *bottom = MAX (*bottom, MAX (node->y, node->target_y) + node->height + scene->metrics.margin_y);
    }
}

double
pl_scene_get_top (PlScene *scene)
{
  return MIN (scene->origin, 0);
}

void
pl_scene_pin (PlScene *scene, guint64 id, double x)
{
  scene->pinned = id;
  scene->pinned_x = x;
  scene->held_y = scene_pinned_y (scene);
}

guint
pl_scene_get_n_flows (PlScene *scene)
{
  return scene->flow_refs->len;
}

guint
pl_scene_get_n_folded (PlScene *scene)
{
  return scene->n_folded;
}

guint
pl_scene_get_n_left_out (PlScene *scene)
{
  return scene->n_left_out;
}

gboolean
pl_scene_get_is_stacked (PlScene *scene)
{
  return scene->metrics.is_stacked;
}

void
pl_scene_get_lane (PlScene *scene, PlLane lane, double *x, double *width)
{
  *x = scene->metrics.lane_x[lane];
  *width = scene->metrics.lane_width[lane];
}

GArray *
pl_scene_edge_flows (PlScene *scene, guint64 edge_id)
{
  GArray *flows = g_array_new (FALSE, FALSE, sizeof (guint64));
  const Edge *edge = scene_get_edge (scene, edge_id);

  for (guint i = 0; edge && edge->state == STATE_LIVE && i < scene->flow_refs->len; i++)
    {
      const FlowRef *ref = &g_array_index (scene->flow_refs, FlowRef, i);

      if (ref->fine->edge == edge)
        g_array_append_val (flows, ref->flow_id);
    }
  return flows;
}

GArray *
pl_scene_node_flows (PlScene *scene, guint64 node_id)
{
  GArray *flows = g_array_new (FALSE, FALSE, sizeof (guint64));
  const Node *node = scene_get_node (scene, node_id);

  for (guint i = 0; node && node->state == STATE_LIVE && i < scene->flow_refs->len; i++)
    {
      const FlowRef *ref = &g_array_index (scene->flow_refs, FlowRef, i);

      if (ref->fine->edge->node[node->key.lane] == node)
        g_array_append_val (flows, ref->flow_id);
    }
  return flows;
}

guint64
pl_scene_flow_edge (PlScene *scene, guint64 flow_id)
{
  for (guint i = 0; i < scene->flow_refs->len; i++)
    {
      const FlowRef *ref = &g_array_index (scene->flow_refs, FlowRef, i);

      if (ref->flow_id == flow_id)
        return ref->fine->edge->pub.id;
    }
  return 0;
}

GHashTable *
pl_scene_flows_edges (PlScene *scene, GHashTable *flows)
{
  GHashTable *edges = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < scene->flow_refs->len; i++)
    {
      const FlowRef *ref = &g_array_index (scene->flow_refs, FlowRef, i);

      if (g_hash_table_contains (flows, &ref->flow_id) && !g_hash_table_contains (edges, &ref->fine->edge->pub.id))
        g_hash_table_add (edges, g_memdup2 (&ref->fine->edge->pub.id, sizeof (guint64)));
    }
  return edges;
}
