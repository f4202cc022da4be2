/* What a node or a line of the graph stands for, as conditions on flows: so that filtering to it and hiding it holds for the
 * flows to come, too. Main loop only. */
#include "graph-canvas-private.h"

static GArray *
flows_of (PlGraphCanvas *self, Pick pick)
{
  switch (pick.kind)
    {
    case PICK_NODE:
      return pl_scene_node_flows (self->scene, pick.id);
    case PICK_EDGE:
      return pl_scene_edge_flows (self->scene, pick.id);
    default:
      return pl_graph_canvas_get_selected_flows (self);
    }
}

/* The first of the flows that @pick draws; nullable, valid until the model changes. */
const PlModelFlow *
graph_canvas_first_flow (PlGraphCanvas *self, Pick pick)
{
  g_autoptr (GArray) ids = flows_of (self, pick);

  return self->model && ids->len > 0 ? pl_model_get_flow (self->model, g_array_index (ids, guint64, 0)) : NULL;
}

static PlPortSpan
span_of (const PlSceneNode *node)
{
  if (node->flags & PL_SCENE_BUNDLE)
    return pl_port_span_of_range (node->range);
  return (PlPortSpan){ node->port, node->port };
}

static void
match_port (PlFlowMatch *match, const PlSceneNode *node)
{
  match->conditions |= PL_MATCH_PROTO;
  match->proto = node->proto;
  if (node->range == PL_RANGE_NONE)
    return;
  if (node->lane == PL_LANE_LOCAL_PORT)
    {
      match->conditions |= PL_MATCH_LOCAL_PORT;
      match->local = span_of (node);
    }
  else
    {
      match->conditions |= PL_MATCH_REMOTE_PORT;
      match->remote = span_of (node);
    }
}

static void
match_endpoint (PlFlowMatch *match, const PlSceneNode *node, const PlModelFlow *flow)
{
  if ((node->flags & PL_SCENE_PEER_APP) && flow->remote_app)
    {
      match->conditions |= PL_MATCH_PEER_APP;
      match->peer_key = flow->remote_app->app_key;
      return;
    }
  match->conditions |= PL_MATCH_ENDPOINT;
  match->endpoint = flow->flow.key.addr[flow->local_end == PL_END_B ? PL_END_A : PL_END_B];
  match->zone = flow->flow.key.zone;
}

/* Adds what @node says of its flows, of which @flow is one. FALSE when that cannot be said but by naming them. */
static gboolean
match_node (PlFlowMatch *match, const PlSceneNode *node, const PlModelFlow *flow)
{
  if (node->flags & PL_SCENE_OTHERS)
    return FALSE;
  if (node->lane == PL_LANE_ENDPOINT)
    {
      match_endpoint (match, node, flow);
      return TRUE;
    }
  match->conditions |= PL_MATCH_APP;
  match->app_key = (char *)pl_model_flow_app_key (flow);
  if ((node->flags & PL_SCENE_PROCESS) && flow->app)
    {
      match->conditions |= PL_MATCH_PROCESS;
      match->pid = flow->app->pid;
    }
  if (node->lane != PL_LANE_APP)
    match_port (match, node);
  if (node->flags & PL_SCENE_LISTENER)
    match->proto = flow->flow.key.proto;
  return TRUE;
}

/* All nodes of an edge at once; of a port bundle, too, the service and the host, which belong to it. */
static gboolean
match_edge (PlGraphCanvas *self, PlFlowMatch *match, const PlSceneEdge *edge, const PlModelFlow *flow)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);

  if (edge->flags & PL_SCENE_LISTENER)
    match->conditions |= PL_MATCH_LISTENING;
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    if (edge->node[lane] != PL_SCENE_NO_NODE && !match_node (match, &nodes[edge->node[lane]], flow))
      return FALSE;
  return TRUE;
}

/* The only edge through @node; NULL when there are more. */
static const PlSceneEdge *
only_edge (PlGraphCanvas *self, const PlSceneNode *node)
{
  const Lit lit = { .pick = { PICK_NODE, node->id } };
  const PlSceneEdge *found = NULL;
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (self->scene, &n);

  for (guint i = 0; i < n; i++)
    {
      if (!graph_canvas_lights_edge (self, &lit, &edges[i]))
        continue;
      if (found)
        return NULL;
      found = &edges[i];
    }
  return found;
}

typedef struct
{
  const PlFlowFilter *filter;
  const PlFlowMatch *match;
  guint n;
} Count;

static gboolean
count_flow (const PlModelFlow *flow, gpointer data)
{
  Count *count = data;

  count->n += pl_flow_match_matches (count->match, flow) && pl_flow_filter_passes (count->filter, flow);
  return TRUE;
}

/* Whether, of what is drawn, @match holds for the flows of @pick alone, for which it does hold: their app may have ports of their
 * range that are drawn one by one. */
static gboolean
is_exact (PlGraphCanvas *self, const PlFlowMatch *match, Pick pick)
{
  g_autoptr (GArray) ids = flows_of (self, pick);
  Count count = { pl_graph_filter_get (self->filter), match, 0 };

  pl_model_foreach (self->model, count_flow, &count);
  return count.n == ids->len;
}

static gboolean
match_pick (PlGraphCanvas *self, PlFlowMatch *match, Pick pick, const PlModelFlow *flow)
{
  const PlSceneNode *node = pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, pick.id) : NULL;
  const PlSceneEdge *edge = pick.kind == PICK_EDGE ? pl_scene_find_edge (self->scene, pick.id) : NULL;
  gboolean is_group = node && (node->flags & PL_SCENE_BUNDLE) && !(node->flags & PL_SCENE_OTHERS);

  if (is_group)
    edge = only_edge (self, node);
  if (edge)
    return match_edge (self, match, edge, flow);
  return node && match_node (match, node, flow) && (!is_group || is_exact (self, match, pick));
}

/**
 * graph_canvas_match:
 * @self: a canvas
 * @pick: a node, an edge or the selected flows
 *
 * Returns: (transfer full) (nullable): conditions that its flows hold and others do not; those flows by name where there
 *   are none, %NULL when it draws nothing
 */
PlFlowMatch *
graph_canvas_match (PlGraphCanvas *self, Pick pick)
{
  const PlModelFlow *flow = graph_canvas_first_flow (self, pick);
  PlFlowMatch match = { 0 };
  g_autoptr (GArray) ids = NULL;
  g_autoptr (GHashTable) flows = NULL;

  if (flow == NULL)
    return NULL;
  if (match_pick (self, &match, pick, flow))
    return pl_flow_match_copy (&match);
  ids = flows_of (self, pick);
  flows = pl_flow_match_set_of (ids);
  return pl_flow_match_copy (&(PlFlowMatch){ .conditions = PL_MATCH_FLOWS, .flows = flows });
}

/* What a person calls it, in a line. (transfer full) */
char *
graph_canvas_title (PlGraphCanvas *self, Pick pick)
{
  const PlSceneNode *node = pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, pick.id) : NULL;
  const PlSceneEdge *edge = pick.kind == PICK_EDGE ? pl_scene_find_edge (self->scene, pick.id) : NULL;
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n), *end;

  if (node && node->lane == PL_LANE_REMOTE_PORT && *node->subtitle && !(node->flags & PL_SCENE_BUNDLE))
    return g_strdup_printf ("%s %s", node->title, node->subtitle);
  if (node)
    return g_strdup (node->title);
  if (edge == NULL)
    return NULL;
  end = &nodes[edge->node[edge->node[PL_LANE_ENDPOINT] == PL_SCENE_NO_NODE ? PL_LANE_LOCAL_PORT : PL_LANE_ENDPOINT]];
  return g_strconcat (nodes[edge->node[PL_LANE_APP]].title, graph_edge_arrow (edge), end->title, NULL);
}
