/* Finding nodes by what they are called. The match that one stands at is lit like a hovered node, the others are marked.
 * What no node bears in its name is looked for in the flows that lines and bundles stand for. Main loop only. */
#include "graph-canvas-private.h"

static gboolean
has_text (const char *text, const char *folded)
{
  g_autofree char *mine = g_utf8_casefold (text, -1);

  return strstr (mine, folded) != NULL;
}

static gboolean
is_match (const PlSceneNode *node, const char *folded)
{
  g_autofree char *both = NULL;

  if (has_text (node->title, folded) || has_text (node->subtitle, folded))
    return TRUE;
  both = g_strconcat (node->title, " ", node->subtitle, NULL);
  return has_text (both, folded);
}

static int
by_place (gconstpointer a, gconstpointer b)
{
  const PlSceneNode *one = *(const PlSceneNode *const *)a, *other = *(const PlSceneNode *const *)b;

  if (one->lane != other->lane)
    return one->lane < other->lane ? -1 : 1;
  return one->target_y < other->target_y ? -1 : one->target_y > other->target_y;
}

static void
find_nodes (PlGraphCanvas *self)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    if (!(nodes[i].flags & PL_SCENE_LEAVING) && is_match (&nodes[i], self->search))
      g_ptr_array_add (found, (gpointer)&nodes[i]);
  g_ptr_array_sort (found, by_place);
  g_array_set_size (self->found, 0);
  for (guint i = 0; i < found->len; i++)
    g_array_append_val (self->found, ((const PlSceneNode *)found->pdata[i])->id);
}

typedef struct
{
  PlFlowMatch *match;
  const PlFlowFilter *filter;
  GArray *ids;
} Looking;

static gboolean
look_at (const PlModelFlow *flow, gpointer data)
{
  Looking *looking = data;

  if (pl_flow_filter_passes (looking->filter, flow) && pl_flow_match_matches (looking->match, flow))
    g_array_append_val (looking->ids, flow->id);
  return TRUE;
}

static GArray *
find_flows (PlGraphCanvas *self)
{
  g_autoptr (PlFlowMatch) match =
      pl_flow_match_copy (&(PlFlowMatch){ .conditions = PL_MATCH_TEXT, .text = self->search });
  Looking looking = { match, pl_graph_filter_get (self->filter), g_array_new (FALSE, FALSE, sizeof (guint64)) };

  if (self->model)
    pl_model_foreach (self->model, look_at, &looking);
  return looking.ids;
}

/* Where one stands among what was found; -1 where at none of it. */
static int
found_at (PlGraphCanvas *self)
{
  for (guint i = 0; i < self->found->len; i++)
    if (g_array_index (self->found, guint64, i) == self->found_id)
      return i;
  return -1;
}

static void
go_to_found (PlGraphCanvas *self, guint at)
{
  const PlSceneNode *node;

  self->found_id = g_array_index (self->found, guint64, at);
  node = pl_scene_find_node (self->scene, self->found_id);
  if (node)
    graph_canvas_show_node (self, node);
  pl_graph_canvas_hover_node (self, self->found_id);
}

/* The flows of what no node bears in its name any more, or not yet. */
static void
look_in_flows (PlGraphCanvas *self)
{
  g_autoptr (GArray) flows = find_flows (self);

  self->n_found_flows = flows->len;
  pl_graph_canvas_hover_flows (self, flows);
}

/* The scene is another one: the same search in it. What was found may have folded away; its flows are still there. */
void
graph_canvas_search_again (PlGraphCanvas *self)
{
  gboolean had_nodes = self->found->len > 0;

  if (self->search == NULL)
    return;
  find_nodes (self);
  if (self->found->len == 0 && had_nodes)
    look_in_flows (self);
}

gboolean
graph_canvas_is_found (PlGraphCanvas *self, guint64 node_id)
{
  for (guint i = 0; self->search && i < self->found->len; i++)
    if (g_array_index (self->found, guint64, i) == node_id)
      return TRUE;
  return FALSE;
}

/**
 * pl_graph_canvas_search:
 * @self: a canvas
 * @text: (nullable): to find in names, ports, addresses; %NULL or empty ends it
 *
 * Goes to the first node that matches.
 */
void
pl_graph_canvas_search (PlGraphCanvas *self, const char *text)
{
  g_clear_pointer (&self->search, g_free);
  g_array_set_size (self->found, 0);
  self->n_found_flows = 0;
  self->found_id = 0;
  if (text == NULL || *text == 0)
    {
      pl_graph_canvas_hover_node (self, 0);
      return;
    }
  self->search = g_utf8_casefold (text, -1);
  find_nodes (self);
  if (self->found->len > 0)
    {
      go_to_found (self, 0);
      return;
    }
  look_in_flows (self);
}

void
pl_graph_canvas_search_step (PlGraphCanvas *self, int step)
{
  guint n = self->found->len;

  if (n > 0)
    go_to_found (self, (found_at (self) + step + n) % n);
}

/* How many nodes are found (or, when no node is, flows) and at which of them one stands, from 1. */
void
pl_graph_canvas_get_found (PlGraphCanvas *self, guint *n_nodes, guint *at, guint *n_flows)
{
  *n_nodes = self->found->len;
  *at = found_at (self) + 1;
  *n_flows = self->n_found_flows;
}

/* The keys go on from what was found. */
gboolean
pl_graph_canvas_focus_found (PlGraphCanvas *self)
{
  GtkWidget *node = g_hash_table_lookup (self->nodes, &self->found_id);

  return node && gtk_widget_grab_focus (node);
}
