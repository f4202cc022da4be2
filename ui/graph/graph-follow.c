/* The scene follows the model while it is seen, the widgets follow the scene; what eases moves by the frame clock, and then
 * it is still: no timer, no tick. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define GATHER_FROM 8192 /* flows: fewer are taken over at once, in 3 ms where most are known */
#define GATHER_FLOWS 2048 /* of more in one turn of the main loop: 2 ms where all are new */
#define GATHER_PRIORITY (GDK_PRIORITY_REDRAW + 10)

static void
on_node_command (PlGraphCanvas *self, const char *command, PlGraphNode *node)
{
  Pick pick = { PICK_NODE, pl_graph_node_get (node)->id };
  graphene_rect_t bounds;

  gtk_widget_grab_focus (GTK_WIDGET (node)); /* which leaves the line of another node */
  if (self->line_id != 0) /* that one stands at */
    pick = (Pick){ PICK_EDGE, self->line_id };
  if (g_str_equal (command, "press"))
    graph_canvas_press (self, pick);
  else if (!g_str_equal (command, "menu"))
    graph_canvas_command (self, pick, command);
  else if (gtk_widget_compute_bounds (GTK_WIDGET (node), GTK_WIDGET (self), &bounds))
    graph_canvas_popup (self, pick, bounds.origin.x + bounds.size.width / 2, bounds.origin.y + bounds.size.height);
}

/* Whether @a is read before @b: lane by lane from top to bottom, of a list line by line. */
static gboolean
is_read_before (const PlSceneNode *a, const PlSceneNode *b, gboolean is_list)
{
  if (a->lane != b->lane && !is_list)
    return a->lane < b->lane;
  if (a->target_y != b->target_y)
    return a->target_y < b->target_y;
  return a->lane != b->lane ? a->lane < b->lane : a->x < b->x;
}

/* The child after which @node is read: @last, or one before it. (nullable) */
static GtkWidget *
find_previous (PlGraphCanvas *self, GtkWidget *last, const PlSceneNode *node)
{
  gboolean is_list = pl_scene_get_is_stacked (self->scene);

  while (last && (!PL_IS_GRAPH_NODE (last) || is_read_before (node, pl_graph_node_get (PL_GRAPH_NODE (last)), is_list)))
    last = gtk_widget_get_prev_sibling (last);
  return last;
}

/* Assistive technology reads the nodes in the order of the children. */
static void
order_nodes (PlGraphCanvas *self)
{
  GtkWidget *next;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child; child = next)
    {
      GtkWidget *before = gtk_widget_get_prev_sibling (child), *previous = before;

      next = gtk_widget_get_next_sibling (child);
      if (PL_IS_GRAPH_NODE (child))
        previous = find_previous (self, before, pl_graph_node_get (PL_GRAPH_NODE (child)));
      if (previous != before)
        gtk_widget_insert_after (child, GTK_WIDGET (self), previous);
    }
}

static GtkWidget *
add_node (PlGraphCanvas *self, const PlSceneNode *node)
{
  GtkWidget *widget = pl_graph_node_new (), *last = gtk_widget_get_last_child (GTK_WIDGET (self));

  gtk_widget_insert_after (widget, GTK_WIDGET (self), find_previous (self, last, node));
  g_hash_table_insert (self->nodes, g_memdup2 (&node->id, sizeof node->id), widget);
  g_signal_connect_object (widget, "command", G_CALLBACK (on_node_command), self, G_CONNECT_SWAPPED);
  return widget;
}

static gboolean
drop_if_absent (gpointer id, gpointer widget, gpointer scene)
{
  if (pl_scene_find_node (scene, *(guint64 *)id) != NULL)
    return FALSE;
  gtk_widget_unparent (widget);
  return TRUE;
}

/* That the keys of the window go to. */
PlGraphNode *
graph_canvas_focused_node (PlGraphCanvas *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;

  return focus && PL_IS_GRAPH_NODE (focus) && gtk_widget_get_parent (focus) == GTK_WIDGET (self) ? PL_GRAPH_NODE (focus)
                                                                                                 : NULL;
}

/* The focused node is about to leave for good: the nearest of its lane takes the keys, for in a window without a focus they
 * would reach nobody here. */
static void
keep_focus (PlGraphCanvas *self)
{
  PlGraphNode *node = graph_canvas_focused_node (self);
  const PlSceneNode *was = node ? pl_graph_node_get (node) : NULL;
  GtkWidget *widget;
  const PlSceneNode *nearest = NULL;
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);

  if (was == NULL || pl_scene_find_node (self->scene, was->id) != NULL)
    return;
  for (guint i = 0; i < n; i++)
    if (nodes[i].lane == was->lane
        && (nearest == NULL || fabs (nodes[i].target_y - was->y) < fabs (nearest->target_y - was->y)))
      nearest = &nodes[i];
  widget = nearest ? g_hash_table_lookup (self->nodes, &nearest->id) : NULL;
  graph_canvas_leave_line (self);
  if (widget)
    gtk_widget_grab_focus (widget);
}

/* One child for every node, no more. Never while the canvas is allocated. */
void
graph_canvas_sync_nodes (PlGraphCanvas *self)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);

  for (guint i = 0; i < n; i++)
    {
      GtkWidget *widget = g_hash_table_lookup (self->nodes, &nodes[i].id);

      if (widget == NULL)
        widget = add_node (self, &nodes[i]);
      pl_graph_node_set (PL_GRAPH_NODE (widget), &nodes[i], &self->colors, self->unit, self->zoom);
    }
  order_nodes (self);
  if (g_hash_table_size (self->nodes) > n)
    {
      keep_focus (self);
      g_hash_table_foreach_remove (self->nodes, drop_if_absent, self->scene);
    }
  graph_canvas_agree_on_words (self);
  self->is_unsynced = FALSE;
}

void
graph_canvas_sync_later (PlGraphCanvas *self)
{
  self->is_unsynced = TRUE;
  graph_canvas_start_tick (self);
}

static gboolean
is_drawn (const Pick *pick)
{
  return pick->kind == PICK_NODE || pick->kind == PICK_EDGE;
}

/* What two fingers hold, or what the pointer rests on, or else what is selected (of flows what draws the first), stays where
 * it is and the rest makes room. */
void
graph_canvas_update_pin (PlGraphCanvas *self)
{
  const Pick *pick = is_drawn (&self->hover.pick) ? &self->hover.pick : &self->selection.pick;
  const PlSceneNode *port = pick->kind == PICK_FLOWS ? graph_canvas_first_port (self, self->selection.flows) : NULL;
  guint64 id = is_drawn (pick) ? pick->id : port ? port->id : 0;
  double x = self->pointer_x, y = self->pointer_y;

  graph_canvas_to_scene (self, &x, &y);
  pl_scene_pin (self->scene, self->pinch_node_id != 0 ? self->pinch_node_id : id, x);
}

/* Whose node has faded leaves after every step: taken away while its parent is allocated, that one would be drawn without. */
static void
drop_faded (PlGraphCanvas *self)
{
  guint n;

  pl_scene_get_nodes (self->scene, &n);
  if (n != g_hash_table_size (self->nodes))
    graph_canvas_sync_nodes (self);
}

static gboolean
is_there (PlGraphCanvas *self, const Lit *lit)
{
  g_autoptr (GHashTable) edges = NULL;

  switch (lit->pick.kind)
    {
    case PICK_NODE:
      return pl_scene_find_node (self->scene, lit->pick.id) != NULL;
    case PICK_EDGE:
      return pl_scene_find_edge (self->scene, lit->pick.id) != NULL;
    case PICK_FLOWS:
      edges = pl_scene_flows_edges (self->scene, lit->flows);
      return g_hash_table_size (edges) > 0;
    default:
      return TRUE;
    }
}

/* A selected node or edge that is no more is no longer selected. */
static void
check_picks (PlGraphCanvas *self)
{
  if (!is_there (self, &self->hover))
    {
      graph_lit_set (&self->hover, (Pick){ PICK_NONE, 0 }, NULL);
      self->is_lit_by_keys = FALSE;
    }
  if (!is_there (self, &self->selection))
    graph_canvas_select (self, (Pick){ PICK_NONE, 0 });
}

/* Has the nodes placed anew. What can be scrolled to is told now, for in the midst of an allocation the scrollbars would ask
 * for one of their own, and then GTK 4.8 leaves a mark on the scrolled window that has the next one pass the canvas by. */
static void
allocate_later (PlGraphCanvas *self)
{
  if (gtk_widget_get_height (GTK_WIDGET (self)) > 0)
    graph_canvas_configure_adjustments (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* There is room for more or for fewer, which nobody asked for. */
static void
use_other_room (PlGraphCanvas *self)
{
  self->has_other_room = FALSE;
  pl_scene_fit_room (self->scene, graph_canvas_now_us (self));
  graph_canvas_set_out (self);
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (widget);
  gboolean is_moving, was_unsynced;

  if (self->is_stale)
    graph_canvas_follow_model (self);
  was_unsynced = self->is_unsynced;
  is_moving = pl_scene_tick (self->scene, gdk_frame_clock_get_frame_time (clock));
  self->has_new_lines |= is_moving || self->was_moving; /* else it is only scrolled */
  is_moving |= graph_canvas_glide_step (self, gdk_frame_clock_get_frame_time (clock));
  is_moving |= graph_canvas_width_step (self, gdk_frame_clock_get_frame_time (clock));
  if (self->has_new_lines || was_unsynced)
    graph_canvas_sync_nodes (self);
  if (was_unsynced)
    graph_canvas_update_marks (self);
  if (self->seen_scroll_x != graph_canvas_scroll (self, GTK_ORIENTATION_HORIZONTAL))
    graph_canvas_zoomed (self); /* the lanes are elsewhere */
  self->seen_scroll_x = graph_canvas_scroll (self, GTK_ORIENTATION_HORIZONTAL);
  self->was_moving = is_moving;
  graph_canvas_pick_again (self);
  allocate_later (self);
  if (is_moving)
    return G_SOURCE_CONTINUE;
  self->tick_id = 0;
  check_picks (self); /* what faded is gone only now */
  graph_canvas_update_marks (self);
  graph_canvas_scene_changed (self);
  return G_SOURCE_REMOVE;
}

void
graph_canvas_start_tick (PlGraphCanvas *self)
{
  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

gint64
graph_canvas_now_us (PlGraphCanvas *self)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));

  return self->tick_id != 0 && clock ? gdk_frame_clock_get_frame_time (clock) : g_get_monotonic_time ();
}

/* ---- the keys and the selection stay with what they stood at ---- */

typedef struct
{
  guint64 id, flow_id; /* of a node and of one of its flows; 0: none */
  PlLane lane;
} Stand;

static Stand
remember (PlGraphCanvas *self, const PlSceneNode *node)
{
  Stand stand = { 0 };
  guint n_nodes, n_edges;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (self->scene, &n_edges);

  if (node == NULL)
    return stand;
  stand.id = node->id;
  stand.lane = node->lane;
  for (guint i = 0; i < n_edges && stand.flow_id == 0; i++)
    if (edges[i].node[stand.lane] != PL_SCENE_NO_NODE && nodes[edges[i].node[stand.lane]].id == stand.id)
      stand.flow_id = edges[i].flow_id;
  return stand;
}

static Stand
remember_focus (PlGraphCanvas *self)
{
  PlGraphNode *node = graph_canvas_focused_node (self);

  return remember (self, node ? pl_graph_node_get (node) : NULL);
}

static Stand
remember_selection (PlGraphCanvas *self)
{
  const Pick *pick = &self->selection.pick;
  const PlSceneEdge *edge = pick->kind == PICK_EDGE ? pl_scene_find_edge (self->scene, pick->id) : NULL;

  if (edge)
    return (Stand){ edge->id, edge->flow_id, PL_N_LANES };
  return remember (self, pick->kind == PICK_NODE ? pl_scene_find_node (self->scene, pick->id) : NULL);
}

/* Whether flows are behind a node or an edge still. */
static gboolean
is_live (PlGraphCanvas *self, guint64 id)
{
  const PlSceneNode *node = pl_scene_find_node (self->scene, id);
  const PlSceneEdge *edge = pl_scene_find_edge (self->scene, id);

  return (node && !(node->flags & PL_SCENE_LEAVING)) || (edge && !(edge->flags & PL_SCENE_LEAVING));
}

/* The node that draws now what @was drew, whose flows all went to others: it unfolded, folded, or their app became known. Of its
 * lane; 0: it has flows still, or they ended. */
static guint64
find_successor (PlGraphCanvas *self, const Stand *was)
{
  const PlSceneEdge *edge;
  guint n, at;

  if (was->id == 0 || was->lane == PL_N_LANES || is_live (self, was->id))
    return 0;
  edge = pl_scene_find_edge (self->scene, pl_scene_flow_edge (self->scene, was->flow_id));
  at = edge ? edge->node[was->lane] : PL_SCENE_NO_NODE;
  return at != PL_SCENE_NO_NODE ? pl_scene_get_nodes (self->scene, &n)[at].id : 0;
}

/* What is selected is what draws the flow that was. FALSE when it is so still, or the flow has ended. */
static gboolean
hand_selection_on (PlGraphCanvas *self, const Stand *was)
{
  Pick next = { PICK_NODE, find_successor (self, was) };

  if (was->lane == PL_N_LANES)
    next = (Pick){ PICK_EDGE, is_live (self, was->id) ? 0 : pl_scene_flow_edge (self->scene, was->flow_id) };
  if (next.id == 0 || next.id == was->id)
    return FALSE;
  graph_lit_set (&self->selection, next, NULL);
  return TRUE;
}

static void
hand_focus_on (PlGraphCanvas *self, const Stand *was)
{
  guint64 id = find_successor (self, was);
  GtkWidget *widget = id ? g_hash_table_lookup (self->nodes, &id) : NULL;

  if (was->id != 0 && (id != 0 || pl_scene_find_edge (self->scene, self->line_id) == NULL))
    graph_canvas_leave_line (self);
  if (widget)
    gtk_widget_grab_focus (widget);
}

static gboolean gather_on (gpointer canvas);

static void
take_over (PlGraphCanvas *self, gboolean is_gathered)
{
  gint64 now;
  Stand focus, selection;
  gboolean is_handed_on;

  self->is_stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->is_stale)
    return;
  focus = remember_focus (self);
  selection = remember_selection (self);
  now = graph_canvas_now_us (self); /* once: what moves begins to move now, however long this takes */
  if (is_gathered)
    pl_scene_update_gathered (self->scene, now);
  else
    pl_scene_update (self->scene, self->model, now);
  is_handed_on = hand_selection_on (self, &selection);
  check_picks (self);
  graph_canvas_sync_nodes (self);
  hand_focus_on (self, &focus);
  if (is_handed_on)
    graph_canvas_select (self, self->selection.pick);
  graph_canvas_search_again (self);
  graph_canvas_update_marks (self);
  graph_canvas_update_connections (self);
  self->was_moving = pl_scene_tick (self->scene, now);
  drop_faded (self);
  if (self->was_moving)
    graph_canvas_start_tick (self);
  graph_canvas_pick_again (self);
  graph_canvas_follow_tip (self);
  self->has_new_lines = TRUE;
  allocate_later (self);
  graph_canvas_scene_changed (self);
  if (self->has_other_room)
    use_other_room (self);
  if (self->is_to_settle && !self->is_behind)
    pl_graph_canvas_settle (self);
}

/* All is taken over: what waited for it has its turn. */
static void
go_on (PlGraphCanvas *self)
{
  void (*then) (PlGraphCanvas *) = self->then;

  self->then = NULL;
  if (then != NULL)
    then (self);
}

/* Takes over what the model says now. */
void
graph_canvas_refresh (PlGraphCanvas *self)
{
  graph_canvas_stop_gathering (self);
  if (self->model != NULL)
    take_over (self, FALSE);
  go_on (self);
}

/* Whether all would hold up the main loop if it were taken over at once. */
static gboolean
are_very_many (PlGraphCanvas *self)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self)) && self->model != NULL
         && pl_model_get_n_flows (self->model) >= GATHER_FROM;
}

static void
begin_gathering (PlGraphCanvas *self)
{
  self->is_behind = self->is_stale = self->is_gathered = FALSE;
  pl_scene_begin_gathering (self->scene);
  self->gather_source = g_idle_add_full (GATHER_PRIORITY, gather_on, self, NULL);
}

static void
gather (PlGraphCanvas *self)
{
  if (!self->is_gathered) /* then all is ranked, too: a turn's work, and to take it over is another's */
    {
      self->is_gathered = pl_scene_gather (self->scene, self->model, GATHER_FLOWS, graph_canvas_now_us (self));
      return;
    }
  g_clear_handle_id (&self->gather_source, g_source_remove);
  take_over (self, TRUE);
  go_on (self);
  if (self->is_behind)
    begin_gathering (self);
}

static gboolean
gather_on (gpointer canvas)
{
  gather (canvas);
  return G_SOURCE_CONTINUE; /* unless it was removed */
}

void
graph_canvas_stop_gathering (PlGraphCanvas *self)
{
  self->is_behind = FALSE;
  g_clear_handle_id (&self->gather_source, g_source_remove);
}

/* There is news: very many flows are taken over in parts, with drawing and input in between. */
void
graph_canvas_follow_model (PlGraphCanvas *self)
{
  if (self->model == NULL)
    return;
  if (self->gather_source != 0)
    {
      self->is_behind = TRUE;
      gather (self); /* also where drawing leaves no time */
    }
  else if (are_very_many (self))
    begin_gathering (self);
  else
    graph_canvas_refresh (self);
}

void
graph_canvas_refresh_then (PlGraphCanvas *self, void (*then) (PlGraphCanvas *self))
{
  if (self->then != NULL && self->then != then)
    graph_canvas_refresh (self);
  self->then = then;
  if (!are_very_many (self))
    {
      graph_canvas_refresh (self);
      return;
    }
  graph_canvas_stop_gathering (self);
  begin_gathering (self);
}

void
graph_canvas_set_out (PlGraphCanvas *self)
{
  self->was_moving = self->has_new_lines = TRUE;
  graph_canvas_sync_nodes (self);
  graph_canvas_start_tick (self);
  allocate_later (self);
}

void
graph_canvas_close_up (PlGraphCanvas *self)
{
  pl_scene_close_up (self->scene, graph_canvas_now_us (self));
  graph_canvas_set_out (self);
}

void
graph_canvas_close_gaps (PlGraphCanvas *self)
{
  if (self->model == NULL || self->is_stale)
    return;
  pl_scene_close_gaps (self->scene, graph_canvas_now_us (self));
  graph_canvas_set_out (self);
}

/* What comes now is seen as in a window of its own: from its beginning, with nothing chosen or held. It is as large as before, unless
 * that was to see all of the other. */
static void
forget_view (PlGraphCanvas *self)
{
  self->structure = 0;
  self->unfold_zoom = 0;
  self->has_stale_pointer = self->has_pointer;
  self->has_air = self->is_landing = FALSE;
  self->glide_start_us = 0;
  self->push_px = self->width.shift_px = 0;
  self->chosen = (GraphChosen){ 0 };
  self->anchor_id = self->pinch_node_id = 0;
  graph_canvas_drop_width (self);
  graph_canvas_leave_line (self);
  if (!self->is_lit_by_keys)
    graph_canvas_hover_nothing (self);
  if (self->selection.pick.kind != PICK_NONE)
    graph_canvas_select (self, (Pick){ PICK_NONE, 0 });
  for (GtkOrientation axis = GTK_ORIENTATION_HORIZONTAL; axis <= GTK_ORIENTATION_VERTICAL; axis++)
    if (self->adjustments[axis])
      gtk_adjustment_set_value (self->adjustments[axis], gtk_adjustment_get_lower (self->adjustments[axis]));
  if (self->zoom < self->roomy)
    pl_graph_canvas_set_zoom (self, 1);
}

void
graph_canvas_reset (PlGraphCanvas *self)
{
  self->is_to_settle = FALSE;
  self->then = NULL;
  graph_canvas_bring_nothing_back (self);
  graph_canvas_stop_looking (self);
  pl_graph_filter_forget (self->filter);
  pl_scene_clear (self->scene);
  forget_view (self);
  graph_canvas_refresh (self);
}
