/* Finding nodes by what they are called. The match that one stands at is lit like a hovered node, the others are marked.
 * What no node bears in its name is looked for in the flows that lines and bundles stand for. Main loop only. */
#include "graph-canvas-private.h"

#define LOOK_FLOWS 4096 /* in one turn of the main loop: 2 ms */

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

/* ---- in the flows ---- */

struct _GraphLook
{
  PlFlowMatch *match;
  GArray *ids; /* (element-type guint64) of the flows found so far */
  guint64 next_id; /* to be looked at */
  guint source; /* 0: at none of them yet */
};

typedef struct
{
  GraphLook *look;
  const PlFlowFilter *filter;
  guint n_left; /* flows in this turn */
  gboolean is_last;
} Part;

static gboolean
look_at (const PlModelFlow *flow, gpointer data)
{
  Part *part = data;

  part->is_last = part->n_left > 0;
  if (!part->is_last)
    return FALSE;
  part->n_left--;
  part->look->next_id = flow->id + 1;
  if (pl_flow_filter_passes (part->filter, flow) && pl_flow_match_matches (part->look->match, flow))
    g_array_append_val (part->look->ids, flow->id);
  return TRUE;
}

void
graph_canvas_stop_looking (PlGraphCanvas *self)
{
  if (self->look == NULL)
    return;
  g_clear_handle_id (&self->look->source, g_source_remove);
  pl_flow_match_free (self->look->match);
  g_array_unref (self->look->ids);
  g_clear_pointer (&self->look, g_free);
}

/* Some of the flows. TRUE once it was the last of them. */
static gboolean
look_on (PlGraphCanvas *self)
{
  Part part = { self->look, pl_graph_filter_get (self->filter), LOOK_FLOWS, TRUE };
  g_autoptr (GArray) found = NULL;

  pl_model_foreach_from (self->model, self->look->next_id, look_at, &part);
  if (!part.is_last)
    return FALSE;
  found = g_array_ref (self->look->ids);
  graph_canvas_stop_looking (self);
  self->n_found_flows = found->len;
  pl_graph_canvas_hover_flows (self, found);
  return TRUE;
}

static gboolean
look_idle (gpointer canvas)
{
  if (look_on (canvas))
    graph_canvas_scene_changed (canvas);
  return G_SOURCE_CONTINUE; /* unless it was removed */
}

/* The flows of what no node bears in its name any more, or not yet; of very many, with drawing and input in between. What was
 * lit stays so meanwhile. */
static void
look_in_flows (PlGraphCanvas *self)
{
  graph_canvas_stop_looking (self);
  if (self->model == NULL)
    return;
  self->look = g_new0 (GraphLook, 1);
  self->look->match = pl_flow_match_copy (&(PlFlowMatch){ .conditions = PL_MATCH_TEXT, .text = self->search });
  self->look->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  if (!look_on (self))
    self->look->source = g_idle_add (look_idle, self);
}

/* ---- in the nodes ---- */

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

/* The scene is another one: the same search in it. What was found may have folded away; its flows are still there. */
void
graph_canvas_search_again (PlGraphCanvas *self)
{
  gboolean had_nodes = self->found->len > 0;

  if (self->search == NULL)
    return;
  find_nodes (self);
  if (self->found->len > 0)
    graph_canvas_stop_looking (self);
  else if (had_nodes)
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
  graph_canvas_stop_looking (self);
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

/* Whether the flows are being looked through still, and what is found is not known yet. */
gboolean
pl_graph_canvas_is_searching (PlGraphCanvas *self)
{
  return self->look != NULL;
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
