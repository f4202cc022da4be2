/* How wide the lanes are laid out. Where the details open, close or are dragged beside the graph while the pointer rests on
 * something in it, the lanes stay as they are, so that nothing slides away from under the pointer: the details cover the rest,
 * which can be panned to. The lanes ease to the width there is once the pointer has left the graph or rests on bare ground,
 * for what is covered must not stay so; and they follow at once where nothing is under the pointer, or where that or what is
 * selected would be covered. When the window itself gets another size all is laid out as always: it moves under the pointer
 * anyhow, and was asked for to see more. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define EASE_US 200000 /* as scene/ has nodes ease */
#define STILL_US 500000 /* so long without another width: what comes then is another change */
#define REST_MS 800 /* longer than a hand takes from one node to the next */

double
graph_canvas_laid_width (PlGraphCanvas *self)
{
  return self->width.laid_px > 0 ? self->width.laid_px : gtk_widget_get_width (GTK_WIDGET (self));
}

/* Px of the widget from where the lanes begin to where they, or the view, end. */
static double
total (PlGraphCanvas *self, double laid_px, double seen_px)
{
  return MAX (graph_canvas_world_for (self, laid_px) * self->zoom, seen_px);
}

/* ---- whether it is held ---- */

/* Whether all that was seen of it still is, once the view is @width px wide and begins @shift px further on. */
static gboolean
stays_seen (PlGraphCanvas *self, const Pick *pick, double shift, double width)
{
  GtkWidget *node = pick->kind == PICK_NODE ? g_hash_table_lookup (self->nodes, &pick->id) : NULL;
  graphene_rect_t bounds;
  double left, right;

  if (node == NULL || !gtk_widget_compute_bounds (node, GTK_WIDGET (self), &bounds))
    return TRUE;
  left = MAX (bounds.origin.x, 0);
  right = MIN (bounds.origin.x + bounds.size.width, self->width.seen_px);
  return left >= right || (left - shift > -1 && right - shift < width + 1);
}

static gboolean
may_hold (PlGraphCanvas *self, double shift, double width)
{
  double x = self->pointer_x - shift;

  return self->has_pointer && x >= 0 && x < width && stays_seen (self, &self->hover.pick, shift, width)
         && stays_seen (self, &self->selection.pick, shift, width);
}

static void
set_out (PlGraphCanvas *self)
{
  self->width.from_px = self->width.laid_px;
  self->width.start_us = self->is_animated ? graph_canvas_now_us (self) : 1; /* long ago */
  graph_canvas_start_tick (self);
}

static void
decide (PlGraphCanvas *self, double shift, double width, double window_px)
{
  LaidWidth *laid = &self->width;
  gint64 now_us = graph_canvas_now_us (self);
  gboolean was_still = now_us - laid->followed_us > STILL_US;

  if (window_px != laid->window_px)
    graph_canvas_drop_width (self);
  else if (laid->laid_px > 0 && laid->start_us == 0 && !may_hold (self, shift, width))
    set_out (self);
  else if (laid->laid_px == 0 && was_still && self->hover.pick.kind != PICK_NONE && !self->is_lit_by_keys
           && may_hold (self, shift, width))
    laid->laid_px = laid->seen_px;
  if (laid->laid_px == width)
    graph_canvas_drop_width (self);
  if (laid->laid_px == 0 || laid->start_us != 0)
    laid->followed_us = now_us; /* what comes under the pointer now is only on its way */
}

/* ---- with an allocation ---- */

gboolean
graph_canvas_follow_width (PlGraphCanvas *self, double width, double unit)
{
  LaidWidth *laid = &self->width;
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self)));
  graphene_point_t origin = GRAPHENE_POINT_INIT (0, 0);
  gboolean is_first = laid->seen_px == 0, is_other_room;
  double shift = 0, end_shift = 0, before = width;

  if (!is_first)
    before = total (self, laid->laid_px > 0 ? laid->laid_px : laid->seen_px, laid->seen_px);
  self->unit = unit;
  if (window == NULL)
    return graph_canvas_use_room (self, graph_canvas_laid_width (self));
  if (width != laid->seen_px)
    {
      if (gtk_widget_compute_point (GTK_WIDGET (self), window, &origin, &origin) && !is_first)
        shift = origin.x - laid->origin_x;
      if (!is_first)
        {
          /* The end stays where it is on the screen; but of a window of another size, where it is from the window's own. */
          end_shift = gtk_widget_get_width (window) != laid->window_px ? laid->seen_px - width : shift;
          decide (self, shift, width, gtk_widget_get_width (window));
        }
      laid->seen_px = width;
      laid->origin_x = origin.x;
      laid->window_px = gtk_widget_get_width (window);
    }
  self->pointer_x -= shift;
  is_other_room = graph_canvas_use_room (self, graph_canvas_laid_width (self));
  /* What is counted from the end stays as far from it, and at first it begins there. */
  if (graph_canvas_is_mirrored (self))
    laid->shift_px += end_shift + total (self, graph_canvas_laid_width (self), width) - before;
  return is_other_room;
}

/* ---- letting go ---- */

gboolean
graph_canvas_width_step (PlGraphCanvas *self, gint64 now_us)
{
  LaidWidth *laid = &self->width;
  double width = gtk_widget_get_width (GTK_WIDGET (self)), left, before;

  if (laid->start_us == 0)
    return FALSE;
  before = total (self, laid->laid_px, width);
  left = 1 - CLAMP ((double)(now_us - laid->start_us) / EASE_US, 0, 1);
  laid->laid_px = round (width + (laid->from_px - width) * left * left * left);
  laid->followed_us = now_us;
  if (left == 0)
    graph_canvas_drop_width (self);
  if (graph_canvas_is_mirrored (self))
    laid->shift_px += total (self, graph_canvas_laid_width (self), width) - before;
  self->has_new_lines = TRUE;
  graph_canvas_zoomed (self); /* the lanes are elsewhere */
  return laid->start_us != 0;
}

void
graph_canvas_expect_width (PlGraphCanvas *self)
{
  self->width.followed_us = 0;
}

void
graph_canvas_let_width_go (PlGraphCanvas *self)
{
  g_clear_handle_id (&self->width.rest_id, g_source_remove);
  if (self->width.laid_px > 0 && self->width.start_us == 0)
    set_out (self);
}

void
graph_canvas_let_go (PlGraphCanvas *self)
{
  graph_canvas_let_width_go (self);
  graph_canvas_land (self);
}

gboolean
graph_canvas_uncover (PlGraphCanvas *self, double left, double right)
{
  if (self->width.laid_px == 0 || (left >= 0 && right <= gtk_widget_get_width (GTK_WIDGET (self))))
    return FALSE;
  graph_canvas_let_width_go (self);
  return self->zoom <= self->roomy; /* else it has to be scrolled to still */
}

void
graph_canvas_drop_width (PlGraphCanvas *self)
{
  g_clear_handle_id (&self->width.rest_id, g_source_remove);
  self->width.laid_px = 0;
  self->width.start_us = 0;
}

static gboolean
on_rested (gpointer data)
{
  PlGraphCanvas *self = data;

  self->width.rest_id = 0;
  graph_canvas_let_go (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_gone (gpointer data)
{
  PlGraphCanvas *self = data;

  self->width.gone_id = 0;
  if (!self->has_pointer)
    graph_canvas_let_go (self);
  return G_SOURCE_REMOVE;
}

/* Unless a pointer comes back until then, as it does from a menu over what that was for, or where the details were. */
void
graph_canvas_let_go_soon (PlGraphCanvas *self)
{
  if (self->width.gone_id == 0)
    self->width.gone_id = g_timeout_add (REST_MS, on_gone, self);
}

/* A hand on its way from one node to the next crosses bare ground: only where it rests there nothing is aimed at. */
void
graph_canvas_watch_rest (PlGraphCanvas *self, gboolean has_moved)
{
  gboolean is_held = (self->width.laid_px > 0 && self->width.start_us == 0) || graph_canvas_is_in_air (self);
  gboolean is_bare = is_held && self->has_pointer && !self->is_dragging && self->hover.pick.kind == PICK_NONE;

  if (has_moved || !is_bare)
    g_clear_handle_id (&self->width.rest_id, g_source_remove);
  if (is_bare && self->width.rest_id == 0)
    self->width.rest_id = g_timeout_add (REST_MS, on_rested, self);
}

/* ---- what opens above ---- */

/* A search or a notice pushes all down, and up again as it closes. What the pointer rests on stays, and
 * so does what it is to rest on once the filter has had its way; and what is selected, as far as there is something to scroll to. */
void
graph_canvas_follow_top (PlGraphCanvas *self)
{
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self)));
  graphene_point_t origin = GRAPHENE_POINT_INIT (0, 0);
  double before = self->origin_y;
  gboolean is_held;

  if (window == NULL || !gtk_widget_compute_point (GTK_WIDGET (self), window, &origin, &origin))
    return;
  self->origin_y = origin.y;
  if (before == 0 || before == origin.y)
    return;
  if (!self->has_pointer)
    is_held = FALSE;
  else if (self->glide_start_us != 0)
    is_held = self->has_air && !self->is_landing;
  else
    is_held = !self->is_lit_by_keys && graph_canvas_under_pointer (self).kind != PICK_NONE;
  self->has_air |= is_held;
  if (is_held || self->selection.pick.kind != PICK_NONE)
    {
      self->push_px += origin.y - before;
      graph_canvas_shift_glide (self, origin.y - before);
    }
  self->pointer_y -= origin.y - before;
}

/* ---- lanes turn into a list, or back ---- */

/* What should be where it was on the screen then: what is selected, or else what is under the pointer, or else what it was the
 * last time. That was selected until the details closed, and else each opening and closing would leave the view elsewhere. */
guint64
graph_canvas_anchor (PlGraphCanvas *self, double *y)
{
  const Pick *pick = self->selection.pick.kind != PICK_NONE ? &self->selection.pick : &self->hover.pick;
  const PlSceneEdge *edge = pick->kind == PICK_EDGE ? pl_scene_find_edge (self->scene, pick->id) : NULL;
  const PlSceneNode *node = NULL;
  guint n;

  *y = 0;
  if (gtk_widget_get_width (GTK_WIDGET (self)) == self->width.seen_px
      && graph_canvas_laid_width (self) == self->drawn_width)
    return 0; /* it is only scrolled */
  if (pick->kind == PICK_NODE)
    node = pl_scene_find_node (self->scene, pick->id);
  else if (edge)
    node = &pl_scene_get_nodes (self->scene, &n)[edge->node[PL_LANE_LOCAL_PORT]];
  else if (pick->kind == PICK_FLOWS)
    node = graph_canvas_first_port (self, pick == &self->selection.pick ? self->selection.flows : self->hover.flows);
  else
    node = pl_scene_find_node (self->scene, self->anchor_id);
  if (node == NULL)
    return 0;
  *y = node->y * self->zoom - graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL);
  if (*y + node->height * self->zoom < 0 || *y > gtk_widget_get_height (GTK_WIDGET (self)))
    return 0; /* out of view: somebody scrolled */
  return node->id;
}

void
graph_canvas_keep_anchor (PlGraphCanvas *self, guint64 node_id, double y)
{
  const PlSceneNode *node = node_id != 0 ? pl_scene_find_node (self->scene, node_id) : NULL;

  self->anchor_id = node_id;
  if (node && self->adjustments[GTK_ORIENTATION_VERTICAL])
    gtk_adjustment_set_value (self->adjustments[GTK_ORIENTATION_VERTICAL], round (node->y * self->zoom - y));
}
