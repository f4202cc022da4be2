/* The scrolled world of the graph. Follows the model while it is seen, eases what moves by the frame clock and is otherwise
 * still: no timer, no tick. Main loop only. */
#include "graph-canvas-private.h"

#include <adwaita.h>
#include <math.h>

#include "graph-style.h"

#define NATURAL_WIDTH_UNITS 940
#define NATURAL_HEIGHT_UNITS 480
#define DIMMED_LINES 0.18

enum
{
  PROP_HADJUSTMENT = 1,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

enum
{
  SIGNAL_SELECTION_CHANGED,
  SIGNAL_SCENE_CHANGED,
  SIGNAL_ZOOMED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (PlGraphCanvas,
                               pl_graph_canvas,
                               GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

/* ---- geometry ---- */

static double
line_height (PlGraphCanvas *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  double height = (double)pango_font_metrics_get_height (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);
  return CLAMP (round (height), 8, 200);
}

static void
allocate_node (PlGraphCanvas *self, const PlSceneNode *node, GtkWidget *widget)
{
  double x = node->x, y = node->y;
  int scale = gtk_widget_get_scale_factor (widget);
  GskTransform *transform;

  graph_canvas_from_scene (self, &x, &y, node->width);
  /* whole device pixels: frames and letters are crisp, and look the same wherever they are scrolled to */
  x = round (x * scale) / scale;
  y = round (y * scale) / scale;
  transform = gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (x, y));
  transform = gsk_transform_scale (transform, self->zoom, self->zoom);
  gtk_widget_allocate (widget, node->width, node->height, -1, transform);
}

static void
allocate_nodes (PlGraphCanvas *self)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);

  for (guint i = 0; i < n; i++)
    {
      GtkWidget *widget = g_hash_table_lookup (self->nodes, &nodes[i].id);
      int minimum;

      if (widget == NULL)
        continue;
      gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      allocate_node (self, &nodes[i], widget);
      gtk_widget_set_opacity (widget, nodes[i].opacity);
    }
}

/* ---- lines ---- */

/* One axis of it: in the widget's pixels whole ones, given back in the scene's. */
static void
lines_span (PlGraphCanvas *self, GtkOrientation orientation, double page, double margin, double *from, double *length)
{
  double start = graph_canvas_scroll (self, orientation);
  double scene = orientation == GTK_ORIENTATION_VERTICAL ? pl_scene_get_height (self->scene) : graph_canvas_span (self);
  double end = MIN (start + page + margin, MAX (ceil (scene * self->zoom), page));

  start = MAX (orientation == GTK_ORIENTATION_VERTICAL ? floor (pl_scene_get_top (self->scene) * self->zoom) : 0,
               floor (start - margin));
  *from = start / self->zoom;
  *length = (ceil (end) - start) / self->zoom;
}

static void
lines_region (PlGraphCanvas *self, gboolean is_generous, graphene_rect_t *region)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  double x, y, length_x, length_y;

  lines_span (self, GTK_ORIENTATION_HORIZONTAL, width, is_generous ? width / 2 : 0, &x, &length_x);
  lines_span (self, GTK_ORIENTATION_VERTICAL, height, is_generous ? height / 2 : 0, &y, &length_y);
  if (graph_canvas_is_mirrored (self))
    x = graph_canvas_span (self) - x - length_x;
  graphene_rect_init (region, x, y, length_x, length_y);
}

static gboolean
is_lit_edge (const PlSceneEdge *edge, gpointer canvas)
{
  PlGraphCanvas *self = canvas;

  return graph_canvas_lights_edge (self, &self->hover, edge) || graph_canvas_lights_edge (self, &self->selection, edge);
}

static gboolean
has_lit (PlGraphCanvas *self)
{
  return self->hover.pick.kind != PICK_NONE || self->selection.pick.kind != PICK_NONE;
}

static GArray *
collect_strokes (PlGraphCanvas *self, gboolean is_lit)
{
  GArray *strokes = g_array_new (FALSE, TRUE, sizeof (PlStroke));
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (self->scene, &n);
  g_autoptr (GArray) crosses = pl_scene_crosses (self->scene, is_lit ? is_lit_edge : NULL, self);
  g_autoptr (GArray) above = NULL;

  for (guint i = 0; i < n; i++)
    {
      if (is_lit && !is_lit_edge (&edges[i], self))
        continue;
      pl_edge_strokes_add (strokes, self->scene, &edges[i], &self->colors, is_lit ? PL_STROKES_LIT : PL_STROKES_PLAIN,
                           self->unit);
    }
  pl_edge_strokes_add_crosses (strokes, crosses, &self->colors, self->unit);
  if (!is_lit && has_lit (self))
    above = pl_scene_crosses (self->scene, is_lit_edge, self);
  graph_canvas_update_crosses (self, crosses, above, is_lit);
  return strokes;
}

/* Has the lines drawn as the scene is now, for what is seen and half a page more. */
void
graph_canvas_update_lines (PlGraphCanvas *self)
{
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self)) * self->zoom;
  double mirror = graph_canvas_is_mirrored (self) ? graph_canvas_span (self) : 0;
  graphene_rect_t region, seen;

  if (gtk_widget_get_width (GTK_WIDGET (self)) < 1)
    return;
  self->has_new_lines = FALSE;
  lines_region (self, TRUE, &region);
  lines_region (self, FALSE, &seen);
  /* Scrolling within the margin keeps the picture. */
  if (pl_edge_layer_covers (self->edges, &seen, scale))
    pl_edge_layer_get_region (self->edges, &region);
  pl_edge_layer_set (self->edges, collect_strokes (self, FALSE), &region, scale, mirror);
  if (has_lit (self))
    pl_edge_layer_set (self->lit, collect_strokes (self, TRUE), &region, scale, mirror);
}

/* ---- the widget ---- */

static void
pl_graph_canvas_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = GRAPH_MIN_WIDTH_UNITS * self->unit;
      *natural = NATURAL_WIDTH_UNITS * self->unit;
    }
  else
    {
      *minimum = 0;
      *natural = NATURAL_HEIGHT_UNITS * self->unit;
    }
}

/* Only places what is there: whoever adds, takes away or changes a widget in the midst of an allocation leaves one that is
 * drawn without. What a new size asks for beyond that waits for the next tick. */
static void
pl_graph_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (widget);
  double line = line_height (self);
  gboolean is_other_unit = line != self->line_height, is_other_size,
           was_stacked = pl_scene_get_is_stacked (self->scene);
  double anchor_y;
  guint64 anchor_id = graph_canvas_anchor (self, &anchor_y);
  graphene_rect_t seen;

  graph_canvas_follow_top (self);
  is_other_unit |= graph_canvas_follow_width (self, width, line / 18);
  is_other_size = is_other_unit || graph_canvas_laid_width (self) != self->drawn_width
                  || graph_canvas_span (self) != self->drawn_span;
  if (is_other_unit)
    pl_scene_set_size (self->scene, graph_canvas_world_width (self), line);
  else
    pl_scene_set_width (self->scene, graph_canvas_world_width (self));
  self->line_height = line;
  if (pl_scene_set_room (self->scene, height / self->roomy) && self->model)
    {
      self->is_stale = self->has_other_room = TRUE;
      graph_canvas_start_tick (self);
    }
  graph_canvas_configure_adjustments (self);
  if (was_stacked != pl_scene_get_is_stacked (self->scene))
    graph_canvas_keep_anchor (self, anchor_id, anchor_y);
  self->has_new_lines |= is_other_size;
  if (is_other_size)
    graph_canvas_sync_later (self);
  allocate_nodes (self);
  lines_region (self, FALSE, &seen);
  if (self->has_new_lines
      || !pl_edge_layer_covers (self->edges, &seen,
                                gtk_widget_get_scale_factor (widget)
                                    * self->zoom)) /* a pan within what is drawn draws nothing */
    graph_canvas_update_lines (self);
  self->drawn_width = graph_canvas_laid_width (self);
  self->drawn_span = graph_canvas_span (self);
  if (self->menu && gtk_widget_get_visible (self->menu)) /* it asks the X server for the work area: 9 % of a frame */
    gtk_popover_present (GTK_POPOVER (self->menu));
}

/* The dashed lines between the lanes, kept while the lanes stay: a new node would have its whole area painted anew. */
static GskRenderNode *
make_rules (PlGraphCanvas *self, const double xs[PL_N_LANES - 1], double height)
{
  const double dashes[] = { 2, 5 };
  GskRenderNode *rules[PL_N_LANES - 1], *all;

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      cairo_t *cr;

      rules[i] = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (xs[i], 0, 1, height));
      cr = gsk_cairo_node_get_draw_context (rules[i]);
      gdk_cairo_set_source_rgba (cr, &self->colors.rule);
      cairo_set_line_width (cr, 1);
      cairo_set_dash (cr, dashes, 2, 0);
      cairo_move_to (cr, xs[i] + 0.5, 0);
      cairo_line_to (cr, xs[i] + 0.5, height);
      cairo_stroke (cr);
      cairo_destroy (cr);
    }
  all = gsk_container_node_new (rules, G_N_ELEMENTS (rules));
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    gsk_render_node_unref (rules[i]);
  return all;
}

static void
append_rules (PlGraphCanvas *self, GtkSnapshot *snapshot)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self)), xs[PL_N_LANES - 1];

  if (pl_scene_get_is_stacked (self->scene) || pl_scene_get_height (self->scene) <= 0 || height <= 0)
    return;
  for (PlLane lane = PL_LANE_APP; lane < PL_LANE_ENDPOINT; lane++)
    {
      double x, y = 0, width, next_x, next_width;

      pl_scene_get_lane (self->scene, lane, &x, &width);
      pl_scene_get_lane (self->scene, lane + 1, &next_x, &next_width);
      x = (x + width + next_x) / 2;
      graph_canvas_from_scene (self, &x, &y, 1);
      xs[lane] = floor (x);
    }
  if (self->rules == NULL || height != self->rules_height || memcmp (xs, self->rules_x, sizeof xs) != 0)
    {
      g_clear_pointer (&self->rules, gsk_render_node_unref);
      self->rules = make_rules (self, xs, height);
      self->rules_height = height;
      memcpy (self->rules_x, xs, sizeof xs);
    }
  gtk_snapshot_append_node (snapshot, self->rules);
}

static gboolean
is_drawn_by_cairo (PlGraphCanvas *self)
{
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (GTK_WIDGET (self)));

  return renderer && g_str_equal (G_OBJECT_TYPE_NAME (renderer), "GskCairoRenderer");
}

/* Whether all stands elsewhere than in the frame before, as large as it was: while somebody zooms no picture holds. */
static gboolean
is_scrolled (PlGraphCanvas *self)
{
  double view[] = { graph_canvas_scroll (self, GTK_ORIENTATION_HORIZONTAL),
                    graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL), self->zoom };
  gboolean is_other = memcmp (view, self->drawn_view, sizeof view) != 0 && view[2] == self->drawn_view[2];

  memcpy (self->drawn_view, view, sizeof view);
  return is_other;
}

static void
append_nodes (PlGraphCanvas *self, GtkSnapshot *snapshot)
{
  gboolean is_cairo = is_drawn_by_cairo (self);
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);
  double margin = 8 * self->unit, top = graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL) / self->zoom - margin;
  double bottom = top + gtk_widget_get_height (GTK_WIDGET (self)) / self->zoom + 2 * margin;

  pl_node_pictures_begin (self->pictures, is_scrolled (self));
  for (guint i = 0; i < n; i++)
    {
      GtkWidget *widget = g_hash_table_lookup (self->nodes, &nodes[i].id);

      if (!widget || nodes[i].y + nodes[i].height < top || nodes[i].y > bottom)
        continue;
      if (is_cairo)
        pl_node_pictures_append (self->pictures, GTK_WIDGET (self), widget, scale, snapshot);
      else
        gtk_widget_snapshot_child (GTK_WIDGET (self), widget, snapshot);
    }
  pl_node_pictures_end (self->pictures);
}

static void
append_lines (PlGraphCanvas *self, GtkSnapshot *snapshot)
{
  gboolean is_cairo = is_drawn_by_cairo (self);
  gboolean is_dimmed = self->hover.pick.kind != PICK_NONE;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (-graph_canvas_scroll (self, GTK_ORIENTATION_HORIZONTAL),
                                                          -graph_canvas_scroll (self, GTK_ORIENTATION_VERTICAL)));
  if (is_dimmed)
    gtk_snapshot_push_opacity (snapshot, DIMMED_LINES);
  pl_edge_layer_snapshot (self->edges, snapshot, self->zoom, is_cairo);
  if (is_dimmed && self->numbers[FALSE])
    gtk_snapshot_append_node (snapshot, self->numbers[FALSE]);
  if (is_dimmed)
    gtk_snapshot_pop (snapshot);
  if (has_lit (self))
    pl_edge_layer_snapshot (self->lit, snapshot, self->zoom, is_cairo);
  /* above the lit lines: these may pass where another line's number stands */
  if (!is_dimmed && self->numbers[FALSE])
    gtk_snapshot_append_node (snapshot, self->numbers[FALSE]);
  if (has_lit (self) && self->numbers[TRUE])
    gtk_snapshot_append_node (snapshot, self->numbers[TRUE]);
  gtk_snapshot_restore (snapshot);
}

static void
pl_graph_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (widget);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));

  gtk_snapshot_push_clip (snapshot, &bounds);
  append_rules (self, snapshot);
  append_lines (self, snapshot);
  append_nodes (self, snapshot);
  gtk_snapshot_pop (snapshot);
}

static void
pl_graph_canvas_map (GtkWidget *widget)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (widget);

  GTK_WIDGET_CLASS (pl_graph_canvas_parent_class)->map (widget);
  if (self->is_stale)
    graph_canvas_start_tick (self); /* a parent may map it while it is allocated itself */
}

static void
pl_graph_canvas_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (pl_graph_canvas_parent_class)->css_changed (widget, change);
  graph_canvas_forget_words (PL_GRAPH_CANVAS (widget));
  gtk_widget_queue_resize (widget);
}

void
graph_canvas_scroll_to (PlGraphCanvas *self, const PlSceneNode *node, double margin)
{
  double x = node->x, seen_x;

  margin *= self->unit;
  if (self->adjustments[GTK_ORIENTATION_VERTICAL] == NULL)
    return;
  if (graph_canvas_is_mirrored (self))
    x = graph_canvas_span (self) - x - node->width;
  gtk_adjustment_clamp_page (self->adjustments[GTK_ORIENTATION_VERTICAL], (node->target_y - margin) * self->zoom,
                             (node->target_y + node->height + margin) * self->zoom);
  seen_x = x * self->zoom - graph_canvas_scroll (self, GTK_ORIENTATION_HORIZONTAL);
  if (!graph_canvas_uncover (self, seen_x, seen_x + node->width * self->zoom))
    gtk_adjustment_clamp_page (self->adjustments[GTK_ORIENTATION_HORIZONTAL], (x - margin) * self->zoom,
                               (x + node->width + margin) * self->zoom);
}

void
graph_canvas_show_node (PlGraphCanvas *self, const PlSceneNode *node)
{
  graph_canvas_scroll_to (self, node, 16);
}

static void
pl_graph_canvas_set_focus_child (GtkWidget *widget, GtkWidget *child)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (widget);

  if (child && PL_IS_GRAPH_NODE (child))
    pl_graph_node_say (PL_GRAPH_NODE (child));
  if (child == NULL || PL_IS_GRAPH_NODE (child)) /* else the menu has them for a while */
    graph_canvas_keys_come (self, child ? PL_GRAPH_NODE (child) : NULL);
  GTK_WIDGET_CLASS (pl_graph_canvas_parent_class)->set_focus_child (widget, child);
  if (child && PL_IS_GRAPH_NODE (child) && !self->has_pointer)
    graph_canvas_show_node (self, pl_graph_node_get (PL_GRAPH_NODE (child)));
}

static gboolean
pl_graph_canvas_focus (GtkWidget *widget, GtkDirectionType direction)
{
  gboolean is_taken = GTK_WIDGET_CLASS (pl_graph_canvas_parent_class)->focus (widget, direction);

  if (is_taken)
    graph_canvas_keys_tabbed (PL_GRAPH_CANVAS (widget));
  return is_taken;
}

static void
set_adjustment (PlGraphCanvas *self, GtkOrientation orientation, GtkAdjustment *adjustment)
{
  if (self->adjustments[orientation] == adjustment && adjustment != NULL)
    return;
  if (self->adjustments[orientation])
    g_signal_handlers_disconnect_by_data (self->adjustments[orientation], self);
  g_clear_object (&self->adjustments[orientation]);
  if (adjustment == NULL)
    adjustment = gtk_adjustment_new (0, 0, 0, 0, 0, 0);
  self->adjustments[orientation] = g_object_ref_sink (adjustment);
  /* Adjustments also change while a scrolled window lays out its bars, after this was allocated: allocating is then left to
   * the next tick, for a widget that asks in the midst of it would be drawn without an allocation. */
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (graph_canvas_start_tick), self, G_CONNECT_SWAPPED);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
pl_graph_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
      g_value_set_object (value, self->adjustments[GTK_ORIENTATION_HORIZONTAL]);
      break;
    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->adjustments[GTK_ORIENTATION_VERTICAL]);
      break;
    case PROP_HSCROLL_POLICY:
      g_value_set_enum (value, self->policies[GTK_ORIENTATION_HORIZONTAL]);
      break;
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, self->policies[GTK_ORIENTATION_VERTICAL]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
pl_graph_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
      set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, g_value_get_object (value));
      break;
    case PROP_VADJUSTMENT:
      set_adjustment (self, GTK_ORIENTATION_VERTICAL, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
      self->policies[GTK_ORIENTATION_HORIZONTAL] = g_value_get_enum (value);
      break;
    case PROP_VSCROLL_POLICY:
      self->policies[GTK_ORIENTATION_VERTICAL] = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
on_style_changed (PlGraphCanvas *self)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  g_clear_pointer (&self->rules, gsk_render_node_unref);
  self->colors = pl_graph_colors (adw_style_manager_get_dark (manager), adw_style_manager_get_high_contrast (manager));
  self->has_new_lines = TRUE;
  graph_canvas_sync_later (self);
}

static void
on_animations_changed (PlGraphCanvas *self)
{
  self->is_animated = pl_graph_wants_motion (gtk_widget_get_settings (GTK_WIDGET (self)));
  pl_scene_set_animated (self->scene, self->is_animated);
}

static void
pl_graph_canvas_dispose (GObject *object)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (object);
  GtkWidget *child;

  self->is_lit_by_keys = FALSE;
  pl_graph_canvas_set_model (self, NULL);
  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  if (self->nodes)
    g_hash_table_remove_all (self->nodes);
  self->menu = NULL;
  g_clear_handle_id (&self->menu_idle_id, g_source_remove);
  g_clear_handle_id (&self->width.rest_id, g_source_remove);
  g_clear_handle_id (&self->width.gone_id, g_source_remove);
  g_clear_object (&self->pulses);
  g_clear_object (&self->tip);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  for (guint i = 0; i < G_N_ELEMENTS (self->adjustments); i++)
    g_clear_object (&self->adjustments[i]);
  g_clear_object (&self->edges);
  g_clear_object (&self->lit);
  g_clear_pointer (&self->rules, gsk_render_node_unref);
  g_clear_pointer (&self->numbers[FALSE], gsk_render_node_unref);
  g_clear_pointer (&self->numbers[TRUE], gsk_render_node_unref);
  G_OBJECT_CLASS (pl_graph_canvas_parent_class)->dispose (object);
}

static void
pl_graph_canvas_finalize (GObject *object)
{
  PlGraphCanvas *self = PL_GRAPH_CANVAS (object);

  graph_canvas_forget_words (self);
  g_hash_table_unref (self->nodes);
  pl_scene_free (self->scene);
  pl_node_pictures_free (self->pictures);
  graph_lit_set (&self->hover, (Pick){ PICK_NONE, 0 }, NULL);
  graph_lit_set (&self->selection, (Pick){ PICK_NONE, 0 }, NULL);
  g_object_unref (self->filter);
  g_array_unref (self->found);
  g_free (self->search);
  g_free (self->selected_title);
  G_OBJECT_CLASS (pl_graph_canvas_parent_class)->finalize (object);
}

static void
pl_graph_canvas_class_init (PlGraphCanvasClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pl_graph_canvas_dispose;
  object_class->finalize = pl_graph_canvas_finalize;
  object_class->get_property = pl_graph_canvas_get_property;
  object_class->set_property = pl_graph_canvas_set_property;
  widget_class->measure = pl_graph_canvas_measure;
  widget_class->size_allocate = pl_graph_canvas_size_allocate;
  widget_class->snapshot = pl_graph_canvas_snapshot;
  widget_class->map = pl_graph_canvas_map;
  widget_class->css_changed = pl_graph_canvas_css_changed;
  widget_class->set_focus_child = pl_graph_canvas_set_focus_child;
  widget_class->focus = pl_graph_canvas_focus;
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  signals[SIGNAL_SELECTION_CHANGED] = g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SCENE_CHANGED] =
      g_signal_new ("scene-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ZOOMED] =
      g_signal_new ("zoomed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  graph_canvas_install_actions (widget_class);
  graph_canvas_install_commands (widget_class);
  gtk_widget_class_set_css_name (widget_class, "graphcanvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
pl_graph_canvas_init (PlGraphCanvas *self)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (self));

  self->unit = self->zoom = self->roomy = 1;
  self->line_height = 18;
  self->has_pulses = TRUE;
  self->pulses = g_object_ref_sink (graph_pulses_new (self));
  self->tip = g_object_ref_sink (graph_tip_new ());
  self->scene = pl_scene_new ();
  self->pictures = pl_node_pictures_new ();
  self->filter = pl_graph_filter_new ();
  self->found = g_array_new (FALSE, FALSE, sizeof (guint64));
  graph_canvas_follow_filter (self);
  self->nodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->edges = pl_edge_layer_new ();
  self->lit = pl_edge_layer_new ();
  g_signal_connect_object (self->edges, "updated", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->lit, "updated", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::dark", G_CALLBACK (on_style_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast", G_CALLBACK (on_style_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::gtk-enable-animations", G_CALLBACK (on_animations_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::gtk-interface-reduced-motion", G_CALLBACK (on_animations_changed), self,
                           G_CONNECT_SWAPPED);
  on_style_changed (self);
  on_animations_changed (self);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  graph_canvas_add_input (self);
  graph_canvas_add_gestures (self);
}

/* ---- public ---- */

void
graph_canvas_scene_changed (PlGraphCanvas *self)
{
  g_signal_emit (self, signals[SIGNAL_SCENE_CHANGED], 0);
}

void
graph_canvas_selection_changed (PlGraphCanvas *self)
{
  g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

void
graph_canvas_zoomed (PlGraphCanvas *self)
{
  graph_canvas_hide_tip (self);
  g_signal_emit (self, signals[SIGNAL_ZOOMED], 0);
}

GtkWidget *
pl_graph_canvas_new (void)
{
  return g_object_new (PL_TYPE_GRAPH_CANVAS, NULL);
}

void
pl_graph_canvas_set_model (PlGraphCanvas *self, PlModel *model)
{
  g_return_if_fail (PL_IS_GRAPH_CANVAS (self));

  if (self->model == model)
    return;
  graph_canvas_stop_gathering (self);
  self->then = NULL;
  graph_canvas_bring_nothing_back (self);
  graph_canvas_stop_looking (self);
  if (self->model)
    {
      g_signal_handlers_disconnect_by_data (self->model, self);
      g_signal_handlers_disconnect_by_data (self->model, self->pulses);
    }
  g_set_object (&self->model, model);
  if (model == NULL)
    return;
  g_signal_connect_object (model, "updated", G_CALLBACK (graph_canvas_follow_model), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "updated", G_CALLBACK (graph_pulses_flowed), self->pulses, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "reset", G_CALLBACK (graph_canvas_reset), self, G_CONNECT_SWAPPED);
  graph_canvas_reset (self);
}

PlScene *
pl_graph_canvas_get_scene (PlGraphCanvas *self)
{
  return self->scene;
}

static void
tidy (PlGraphCanvas *self)
{
  pl_scene_tidy (self->scene, graph_canvas_now_us (self));
  self->was_moving = TRUE;
  graph_canvas_start_tick (self);
}

void
pl_graph_canvas_tidy (PlGraphCanvas *self)
{
  g_return_if_fail (PL_IS_GRAPH_CANVAS (self));

  graph_canvas_fold_all (self);
  graph_canvas_refresh_then (self, tidy);
}

void
pl_graph_canvas_settle (PlGraphCanvas *self)
{
  g_return_if_fail (PL_IS_GRAPH_CANVAS (self));

  self->is_to_settle = self->gather_source != 0;
  if (self->is_to_settle || self->model == NULL || self->is_stale) /* it lays all out once it is seen */
    return;
  pl_scene_settle (self->scene, graph_canvas_now_us (self));
  graph_canvas_set_out (self);
}

void
pl_graph_canvas_hover_flows (PlGraphCanvas *self, GArray *ids)
{
  gboolean has_flows = ids && ids->len > 0;

  g_return_if_fail (PL_IS_GRAPH_CANVAS (self));

  graph_lit_set (&self->hover, (Pick){ has_flows ? PICK_FLOWS : PICK_NONE, 0 },
                 has_flows ? pl_flow_match_set_of (ids) : NULL);
  self->is_lit_by_keys = has_flows;
  graph_canvas_hover_changed (self);
}

PlGraphFilter *
pl_graph_canvas_get_filter (PlGraphCanvas *self)
{
  return self->filter;
}

void
pl_graph_canvas_hover_node (PlGraphCanvas *self, guint64 node_id)
{
  graph_lit_set (&self->hover, (Pick){ node_id ? PICK_NODE : PICK_NONE, node_id }, NULL);
  self->is_lit_by_keys = node_id != 0;
  graph_canvas_hover_changed (self);
}

void
pl_graph_canvas_set_pulses (PlGraphCanvas *self, gboolean has_pulses)
{
  g_return_if_fail (PL_IS_GRAPH_CANVAS (self));
  self->has_pulses = has_pulses;
}

GtkWidget *
pl_graph_canvas_get_pulses (PlGraphCanvas *self)
{
  return GTK_WIDGET (self->pulses);
}

guint
pl_graph_canvas_get_n_drawn (PlGraphCanvas *self)
{
  return pl_edge_layer_get_n_drawn (self->edges);
}
