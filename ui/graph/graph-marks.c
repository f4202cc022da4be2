/* What is lit and what is selected in the graph, and what that says in words. Main loop only. */
#include <glib/gi18n.h>

#include "graph-canvas-private.h"
#include "graph-node-words.h"
#include "scope-icon.h"
#include "service-words.h"

#define NAMED_CONNECTIONS 3 /* spoken before "and N more" */

void
graph_lit_set (Lit *lit, Pick pick, GHashTable *flows)
{
  g_clear_pointer (&lit->flows, g_hash_table_unref);
  g_clear_pointer (&lit->edges, g_hash_table_unref);
  lit->pick = pick;
  lit->flows = flows;
}

/* Whether @edge is on the path: the picked edge itself, one through the picked node, or one that draws a picked flow. */
gboolean
graph_canvas_lights_edge (PlGraphCanvas *self, const Lit *lit, const PlSceneEdge *edge)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);

  if (lit->pick.kind == PICK_EDGE)
    return edge->id == lit->pick.id;
  if (lit->pick.kind == PICK_FLOWS)
    return lit->edges && g_hash_table_contains (lit->edges, &edge->id);
  if (lit->pick.kind == PICK_NODE)
    for (guint lane = 0; lane < PL_N_LANES; lane++)
      if (edge->node[lane] != PL_SCENE_NO_NODE && nodes[edge->node[lane]].id == lit->pick.id)
        return TRUE;
  return FALSE;
}

static void
mark_path (PlGraphCanvas *self, Lit *lit, guint8 *marks, guint8 mark)
{
  guint n_nodes, n_edges;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (self->scene, &n_edges);

  g_clear_pointer (&lit->edges, g_hash_table_unref);
  if (lit->pick.kind == PICK_FLOWS)
    lit->edges = pl_scene_flows_edges (self->scene, lit->flows);
  for (guint i = 0; i < n_edges; i++)
    if (graph_canvas_lights_edge (self, lit, &edges[i]))
      for (guint lane = 0; lane < PL_N_LANES; lane++)
        if (edges[i].node[lane] != PL_SCENE_NO_NODE)
          marks[edges[i].node[lane]] |= mark;
  for (guint i = 0; lit->pick.kind == PICK_NODE && i < n_nodes; i++)
    if (nodes[i].id == lit->pick.id)
      marks[i] |= mark;
}

/* Hovering dims what is not on the path; selecting only sets its own path off. */
void
graph_canvas_update_marks (PlGraphCanvas *self)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);
  g_autofree guint8 *marks = g_new0 (guint8, n + 1);
  const Pick *selected = &self->selection.pick;

  graph_canvas_update_pin (self);
  if (self->hover.pick.kind != PICK_NONE)
    mark_path (self, &self->hover, marks, PL_NODE_LIT);
  if (selected->kind != PICK_NONE)
    mark_path (self, &self->selection, marks, PL_NODE_ON_PATH);
  for (guint i = 0; i < n; i++)
    {
      PlGraphNode *widget = g_hash_table_lookup (self->nodes, &nodes[i].id);

      if (graph_canvas_is_found (self, nodes[i].id))
        marks[i] |= PL_NODE_FOUND;
      else if (self->hover.pick.kind != PICK_NONE && !(marks[i] & PL_NODE_LIT))
        marks[i] |= PL_NODE_DIMMED;
      if (selected->kind == PICK_NODE && selected->id == nodes[i].id)
        marks[i] |= PL_NODE_SELECTED;
      if (widget)
        pl_graph_node_set_marks (widget, marks[i]);
    }
}

/* ---- words ---- */

/* Who called, as the node's own side has it. */
typedef enum
{
  WAY_OUT,
  WAY_IN,
  WAY_UNKNOWN,
  N_WAYS,
} Way;

static Way
way_of (const PlSceneEdge *edge)
{
  if (edge->flags & PL_SCENE_OUTBOUND)
    return WAY_OUT;
  return edge->flags & PL_SCENE_INBOUND ? WAY_IN : WAY_UNKNOWN;
}

static guint64
structure_digest (PlScene *scene)
{
  guint n_nodes, n_edges;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n_edges);
  guint64 digest = n_nodes;

  for (guint i = 0; i < n_edges; i++)
    for (guint lane = 0; lane < PL_N_LANES; lane++)
      if (edges[i].node[lane] != PL_SCENE_NO_NODE)
        digest = (digest ^ nodes[edges[i].node[lane]].id ^ way_of (&edges[i])) * 0x9e3779b97f4a7c15u + (digest >> 17);
  for (guint i = 0; i < n_nodes; i++)
    if (nodes[i].lane == PL_LANE_ENDPOINT)
      digest = digest * 31 + g_str_hash (nodes[i].title);
  return digest | 1;
}

static char *
way_words (PlLane lane, Way way, const char *names)
{
  /* Translators: whom a node of the graph is connected with, for a screen reader */
  if (way == WAY_UNKNOWN)
    return g_strdup_printf (_ ("connected with %s"), names);
  if ((way == WAY_OUT) == (lane != PL_LANE_ENDPOINT))
    return g_strdup_printf (_ ("connects to %s"), names);
  return g_strdup_printf (_ ("called by %s"), names);
}

static void
append_connections (GString *words, PlLane lane, Way way, GPtrArray *ends)
{
  guint n_more = ends->len > NAMED_CONNECTIONS ? ends->len - NAMED_CONNECTIONS : 0;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *all = NULL, *phrase = NULL;

  if (ends->len == 0)
    return;
  for (guint i = 0; i < ends->len - n_more; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", ((const PlSceneNode *)ends->pdata[i])->title);
  if (n_more > 0)
    /* Translators: some names, and how many there are besides */
    all = g_strdup_printf (ngettext ("%1$s and %2$u more", "%1$s and %2$u more", n_more), names->str, n_more);
  phrase = way_words (lane, way, all ? all : names->str);
  g_string_append_printf (words, "%s%s", words->len > 0 ? ", " : "", phrase);
}

/* The other ends of a node's edges, each once: of an endpoint the apps, else the endpoints. */
static void
add_connection (GPtrArray *lists, guint node, const PlSceneEdge *edge, const PlSceneNode *end)
{
  GPtrArray *ends = lists->pdata[N_WAYS * node + way_of (edge)];

  if (!g_ptr_array_find (ends, end, NULL))
    g_ptr_array_add (ends, (gpointer)end);
}

void
graph_canvas_update_connections (PlGraphCanvas *self)
{
  guint64 structure = structure_digest (self->scene);
  guint n_nodes, n_edges;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (self->scene, &n_edges);
  g_autoptr (GPtrArray) lists = NULL;

  if (structure == self->structure)
    return;
  self->structure = structure;
  lists = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  for (guint i = 0; i < N_WAYS * n_nodes; i++)
    g_ptr_array_add (lists, g_ptr_array_new ());
  for (guint i = 0; i < n_edges; i++)
    for (guint lane = 0; lane < PL_N_LANES; lane++)
      {
        guint end = edges[i].node[lane == PL_LANE_ENDPOINT ? PL_LANE_APP : PL_LANE_ENDPOINT];

        if (edges[i].node[lane] != PL_SCENE_NO_NODE && end != PL_SCENE_NO_NODE)
          add_connection (lists, edges[i].node[lane], &edges[i], &nodes[end]);
      }
  for (guint i = 0; i < n_nodes; i++)
    {
      g_autoptr (GString) words = g_string_new (NULL);
      PlGraphNode *widget = g_hash_table_lookup (self->nodes, &nodes[i].id);

      for (Way way = 0; widget && way < N_WAYS; way++)
        append_connections (words, nodes[i].lane, way, lists->pdata[N_WAYS * i + way]);
      if (widget)
        pl_graph_node_set_connections (widget, words->str);
    }
}

const char *
graph_edge_arrow (const PlSceneEdge *edge)
{
  static const char *const arrows[] = { " → ", " ← ", " ↔ " };

  return arrows[edge->flags & PL_SCENE_LISTENER ? WAY_OUT : way_of (edge)];
}

/* With a mark before a port: from right to left, too, its colon is to the left of its number. */
static void
append_title (GString *text, const PlSceneNode *node)
{
  g_string_append_printf (text, "%s%s", node->title[0] == ':' ? "\u200e" : "", node->title);
}

static void
append_unsure (GString *text, guint flags)
{
  if (flags & PL_SCENE_PARTLY_UNSURE)
    g_string_append_printf (text, "\n%s", _ ("Of some flows the app is likely, not certain"));
  else if (flags & PL_SCENE_UNSURE)
    g_string_append_printf (text, "\n%s", _ ("The app is likely, not certain"));
}

static char *
describe_edge (PlGraphCanvas *self, const PlSceneEdge *edge)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);
  GString *text = g_string_new (NULL);
  g_autofree char *rate = pl_scene_format_rate (edge->rate);

  for (guint lane = 0; lane < PL_N_LANES; lane++)
    if (edge->node[lane] != PL_SCENE_NO_NODE)
      {
        g_string_append (text, lane > 0 ? graph_edge_arrow (edge) : "");
        append_title (text, &nodes[edge->node[lane]]);
      }
  g_string_append_printf (text, "\n%s", pl_proto_title (edge->proto));
  if (edge->n_live > 1)
    g_string_append_printf (text, " · ×%u", edge->n_live);
  if (edge->rate >= 1)
    g_string_append_printf (text, " · %s", rate);
  if (edge->flags & PL_SCENE_LISTENER)
    g_string_append_printf (text, " · %s", pl_scope_reach_words (nodes[edge->node[PL_LANE_LOCAL_PORT]].scope));
  else if (edge->flags & PL_SCENE_INBOUND)
    g_string_append_printf (text, " · %s", _ ("opened by the other side"));
  else if (edge->flags & PL_SCENE_OUTBOUND)
    g_string_append_printf (text, " · %s", _ ("opened from here"));
  if (edge->flags & PL_SCENE_FAILED)
    g_string_append_printf (text, " · %s", pl_scene_failure_words (edge->failures));
  append_unsure (text, edge->flags);
  return g_string_free (text, FALSE);
}

/* A bundle has no port, and a temporary one stands for nothing. */
static const char *
purpose_of (const PlSceneNode *node)
{
  if (node->port == 0 || node->role == PL_ROLE_TEMPORARY)
    return NULL;
  return pl_words_purpose (pl_service_title (node->proto, node->port));
}

static char *
describe_node (const PlSceneNode *node)
{
  GString *text = g_string_new (NULL);
  g_autofree char *description = graph_node_description (node);
  const char *proto = graph_node_proto (node), *purpose = purpose_of (node);

  append_title (text, node);
  if (proto || *description)
    g_string_append_printf (text, "\n%s%s%s", proto ? proto : "", proto && *description ? " · " : "", description);
  if (purpose)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _ ("usually: %s"), purpose);
    }
  if (node->flags & PL_SCENE_LISTENER)
    {
      g_string_append_c (text, '\n');
      /* Translators: a port that is waited on, then who can reach it */
      g_string_append_printf (text, _ ("listens: %s"), pl_scope_reach_words (node->scope));
    }
  if ((node->lane == PL_LANE_LOCAL_PORT || node->lane == PL_LANE_REMOTE_PORT) && (node->flags & PL_SCENE_FAILED))
    g_string_append_printf (text, "\n%s", pl_scene_failure_words (node->failures));
  if (node->lane == PL_LANE_APP && node->n_processes > 1)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, ngettext ("%u process", "%u processes", node->n_processes), node->n_processes);
    }
  if (node->lane == PL_LANE_LOCAL_PORT && node->role == PL_ROLE_TEMPORARY)
    g_string_append_printf (text, "\n%s",
                            node->range == PL_RANGE_REGISTERED
                                ? _ ("Registered range, but picked by the kernel as a temporary port")
                                : _ ("Temporary: picked by the kernel"));
  append_unsure (text, node->flags);
  return g_string_free (text, FALSE);
}

char *
graph_canvas_describe (PlGraphCanvas *self, Pick pick)
{
  const PlSceneNode *node = pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, pick.id) : NULL;
  const PlSceneEdge *edge = pick.kind == PICK_EDGE ? pl_scene_find_edge (self->scene, pick.id) : NULL;

  if (node)
    return describe_node (node);
  return edge ? describe_edge (self, edge) : NULL;
}
