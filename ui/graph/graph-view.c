/* The live graph as it stands in the window: lane headings, the scrolled canvas, a word where there is nothing to draw, and
 * how much is folded. Main loop only. */
#include "graph-view-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "action-button.h"
#include "button-name.h"
#include "filter-bar.h"
#include "graph-search-bar.h"
#include "graph-style.h"

#define HEADING_GAP 10 /* px at least between two headings */

enum
{
  PROP_MODEL = 1,
  PROP_ZOOM,
  N_PROPS
};

enum
{
  SIGNAL_SELECTION_CHANGED,
  SIGNAL_FILTER_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlGraphView, pl_graph_view, GTK_TYPE_WIDGET)

/* ---- layout ---- */

static void
pl_graph_view_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  PlGraphView *self = PL_GRAPH_VIEW (widget);
  GtkWidget *children[] = { self->scroller, self->empty };

  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int child_minimum, child_natural;

      gtk_widget_measure (children[i], orientation, -1, &child_minimum, &child_natural, NULL, NULL);
      *minimum = MAX (*minimum, child_minimum);
      *natural = MAX (*natural, child_natural);
    }
}

/* The words over the lanes; shorter ones where the lanes are narrow. */
static const char *
heading_words (PlLane lane, gboolean is_short)
{
  const char *words[2][PL_N_LANES] = { { _ ("APPS"), _ ("LOCAL PORTS"), _ ("REMOTE PORTS"), _ ("ENDPOINTS") },
                                       { _ ("APPS"), _ ("LOCAL"), _ ("REMOTE"), _ ("ENDPOINTS") } };

  return words[is_short][lane];
}

/* As large as the nodes below. */
static PangoAttrList *
heading_attributes (PlGraphView *self)
{
  PangoAttrList *attributes = pango_attr_list_new ();

  if (self->headings_scale > 1)
    pango_attr_list_insert (attributes, pango_attr_scale_new (self->headings_scale));
  return attributes;
}

static void
set_heading_words (PlGraphView *self)
{
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    {
      PangoAttrList *attributes = heading_attributes (self);

      gtk_label_set_label (GTK_LABEL (self->headings[lane]), heading_words (lane, self->has_short_headings));
      gtk_label_set_attributes (GTK_LABEL (self->headings[lane]), attributes);
      pango_attr_list_unref (attributes);
    }
}

static gboolean
on_headings_idle (gpointer data)
{
  PlGraphView *self = data;

  self->headings_idle = 0;
  set_heading_words (self);
  return G_SOURCE_REMOVE;
}

/* Px from where the heading of @lane begins to where the next one does, or the view ends. */
static double
heading_room (PlGraphView *self, PlLane lane)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  double x, width, next_x, next_width;

  pl_graph_canvas_get_lane (self->canvas, lane, &x, &width);
  if (lane == PL_LANE_ENDPOINT)
    return width;
  pl_graph_canvas_get_lane (self->canvas, lane + 1, &next_x, &next_width);
  return (is_rtl ? x + width - (next_x + next_width) : next_x - x) - HEADING_GAP;
}

static double
heading_width (PlGraphView *self, PlLane lane, gboolean is_short)
{
  g_autoptr (PangoLayout) layout =
      gtk_widget_create_pango_layout (self->headings[lane], heading_words (lane, is_short));
  PangoAttrList *attributes = heading_attributes (self);
  int width;

  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width + 1;
}

static gboolean
needs_short_headings (PlGraphView *self, gboolean is_stacked)
{
  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    if (heading_width (self, lane, FALSE) > heading_room (self, lane))
      return TRUE;
  return is_stacked;
}

/* Headings stand over their lanes, and may reach into the gap beside it. */
static void
allocate_headings (PlGraphView *self, int top, int height)
{
  PlScene *scene = pl_graph_canvas_get_scene (self->canvas);
  gboolean is_stacked = pl_scene_get_is_stacked (scene), is_short = needs_short_headings (self, is_stacked);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  double scale = pl_graph_canvas_get_roomy (self->canvas);

  /* Another width changes nothing in a scene that rests. Not now: a new text asks for a new size. */
  if ((is_short != self->has_short_headings || scale != self->headings_scale) && self->headings_idle == 0)
    self->headings_idle = g_idle_add_full (G_PRIORITY_DEFAULT, on_headings_idle, self, NULL);
  self->has_short_headings = is_short;
  self->headings_scale = scale;
  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    {
      double x, lane_width, heading;
      int minimum;

      pl_graph_canvas_get_lane (self->canvas, lane, &x, &lane_width);
      gtk_widget_set_child_visible (self->headings[lane], lane != PL_LANE_APP || !is_stacked);
      gtk_widget_measure (self->headings[lane], GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      heading = MAX (MAX (lane_width, minimum), floor (heading_room (self, lane)));
      gtk_widget_allocate (
          self->headings[lane], heading, height, -1,
          gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (round (is_rtl ? x + lane_width - heading : x), top)));
    }
}

static void
place (GtkWidget *child, int x, int y, int width, int height)
{
  gtk_widget_allocate (child, width, height, -1, gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (x, y)));
}

/* Where the endpoints would be: the lines between the lanes run through none of its words. The stacked list has no room of its own
 * for it. */
static void
allocate_nobody (PlGraphView *self, int top, int height)
{
  double x, width;
  int natural;

  if (!gtk_widget_get_visible (self->nobody))
    return;
  pl_graph_canvas_get_lane (self->canvas, PL_LANE_ENDPOINT, &x, &width);
  width = MAX (width, 1);
  gtk_widget_measure (self->nobody, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  gtk_widget_set_child_visible (self->nobody, natural <= height);
  place (self->nobody, x, top, width, MAX (height, natural));
}

static int
headings_height (PlGraphView *self)
{
  int height = 0;

  for (PlLane lane = PL_LANE_APP; lane < PL_N_LANES; lane++)
    {
      int natural;

      gtk_widget_measure (self->headings[lane], GTK_ORIENTATION_VERTICAL, -1, NULL, &natural, NULL, NULL);
      height = MAX (height, natural);
    }
  return height;
}

/* Between the counts and the zoom in the footer's row, of @footer px, where there is room: there the chips of a filter move
 * nothing as they come and go. Else in a row of their own above that. Returns the height of both rows. */
static int
allocate_filter_bar (PlGraphView *self, int width, int height, int footer)
{
  int least = 0, counts = 0, wanted = 0, natural, bar = 0, at, room;

  if (!gtk_widget_get_visible (self->filter_bar))
    return footer;
  gtk_widget_measure (self->filter_bar, GTK_ORIENTATION_HORIZONTAL, -1, &least, &wanted, NULL, NULL);
  gtk_widget_measure (self->filter_bar, GTK_ORIENTATION_VERTICAL, -1, &bar, NULL, NULL, NULL);
  if (footer >= bar)
    {
      gtk_widget_measure (self->counts, GTK_ORIENTATION_HORIZONTAL, -1, &counts, &natural, NULL, NULL);
      gtk_widget_measure (self->footer, GTK_ORIENTATION_HORIZONTAL, -1, &at, NULL, NULL, NULL);
      room = width - (at - counts) - natural; /* beside the zoom and all of the counts */
      at = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? width - natural - room : natural;
      if (room >= wanted)
        {
          place (self->filter_bar, at, MAX (height - footer, 0), room, footer);
          return footer;
        }
    }
  place (self->filter_bar, 0, MAX (height - footer - bar, 0), MAX (width, least), bar);
  return footer + bar;
}

static void
pl_graph_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  PlGraphView *self = PL_GRAPH_VIEW (widget);
  int heading = headings_height (self), top_width, above = 0, top, bottom = 0, room;
  GdkRectangle tip;

  /* A view narrower than what stands on top cuts that off: no widget may be asked for its height at less than its least width. */
  gtk_widget_measure (self->top, GTK_ORIENTATION_HORIZONTAL, -1, &top_width, NULL, NULL, NULL);
  top_width = MAX (top_width, width);
  gtk_widget_measure (self->top, GTK_ORIENTATION_VERTICAL, top_width, NULL, &above, NULL, NULL);
  gtk_widget_allocate (self->top, top_width, above, -1, NULL);
  top = above + 2 * heading;

  if (gtk_widget_get_visible (self->footer))
    {
      gtk_widget_measure (self->footer, GTK_ORIENTATION_VERTICAL, width, NULL, &bottom, NULL, NULL);
      place (self->footer, 0, MAX (height - bottom, 0), width, bottom);
    }
  bottom = allocate_filter_bar (self, width, height, bottom);
  room = MAX (height - top - bottom, 0);
  place (self->scroller, 0, top, width, room);
  place (pl_graph_canvas_get_pulses (self->canvas), 0, top, width, room);
  allocate_headings (self, above + heading * 0.6, heading); /* the canvas knows its lanes only now */
  allocate_nobody (self, top, room);
  if (pl_graph_canvas_place_tip (self->canvas, &tip))
    place (pl_graph_canvas_get_tip (self->canvas), tip.x, top + tip.y, tip.width, tip.height);
  if (gtk_widget_get_visible (self->empty))
    place (self->empty, 0, above, width, MAX (height - above - bottom, 0));
}

/* ---- following the canvas ---- */

/* "40 lines stand for 300 flows and 5 listeners · 12 flows left out": what the picture does not show one by one. */
static void
update_counts (PlGraphView *self, PlScene *scene)
{
  guint n_left_out = pl_scene_get_n_left_out (scene);
  g_autofree char *folded = pl_scene_dup_fold_words (scene), *left_out = NULL, *text = NULL;

  if (n_left_out > 0)
    /* Translators: by the filter */
    left_out = g_strdup_printf (ngettext ("%'u flow left out", "%'u flows left out", n_left_out), n_left_out);
  text = folded && left_out ? g_strdup_printf ("%s · %s", folded, left_out) : g_strdup (folded ? folded : left_out);
  gtk_label_set_label (GTK_LABEL (self->counts), text ? text : "");
}

/* What to do next: there is nothing yet, or nothing that passes the filter. */
static void
update_empty (PlGraphView *self, PlScene *scene)
{
  AdwStatusPage *page = ADW_STATUS_PAGE (self->empty);
  gboolean is_filtered = pl_scene_get_n_left_out (scene) > 0;

  gtk_widget_set_visible (self->start, !is_filtered);
  gtk_widget_set_visible (self->show_all, is_filtered);
  adw_status_page_set_icon_name (page, is_filtered ? "system-search-symbolic" : "network-wired-symbolic");
  adw_status_page_set_title (page, is_filtered ? _ ("Nothing Passes the Filter") : _ ("No Connections Yet"));
  adw_status_page_set_description (
      page, is_filtered ? _ ("All flows are left out by what the graph is filtered to, and by what is hidden.")
                        : _ ("Start a capture, or drop a capture file here: each app then stands on the left, with the "
                             "ports that it talks through and whom it talks to."));
}

/* Listeners alone, and no filter that keeps the others back. */
static void
update_nobody (PlGraphView *self, PlScene *scene)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);
  gboolean is_shown = n > 0 && pl_scene_get_n_left_out (scene) == 0 && !pl_scene_get_is_stacked (scene);

  for (guint i = 0; i < n && is_shown; i++)
    is_shown = nodes[i].lane < PL_LANE_REMOTE_PORT;
  gtk_widget_set_visible (self->nobody, is_shown);
}

/* What the details cover is panned to without a bar: one that wakes while all is allocated asks for more of it, which GTK 4.8
 * forgets in the midst of that. What is wider than the view for a longer time has one. */
static void
update_bar (PlGraphView *self)
{
  int width = gtk_widget_get_width (self->scroller), minimum;
  gboolean is_wide;

  gtk_widget_measure (GTK_WIDGET (self->canvas), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  is_wide = pl_graph_canvas_get_zoom (self->canvas) > 1 || (width > 0 && minimum > width);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller),
                                  is_wide ? GTK_POLICY_AUTOMATIC : GTK_POLICY_EXTERNAL, GTK_POLICY_AUTOMATIC);
}

static void
on_scene_changed (PlGraphView *self)
{
  PlScene *scene = pl_graph_canvas_get_scene (self->canvas);
  guint n_nodes;
  gboolean is_empty;

  pl_scene_get_nodes (scene, &n_nodes);
  is_empty = n_nodes == 0;
  gtk_widget_set_visible (self->empty, is_empty);
  if (is_empty)
    update_empty (self, scene);
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    gtk_widget_set_visible (self->headings[lane], !is_empty);
  gtk_widget_set_visible (self->footer, !is_empty);
  update_nobody (self, scene);
  update_bar (self);
  update_counts (self, scene);
}

static void
on_zoomed (PlGraphView *self)
{
  /* Translators: how large the graph is shown */
  g_autofree char *text = g_strdup_printf (_ ("%.0f %%"), pl_graph_canvas_get_zoom (self->canvas) * 100);

  gtk_label_set_label (GTK_LABEL (self->zoom_label), text);
  update_bar (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self)); /* the headings follow their lanes */
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM]);
}

static void
on_filter_changed (PlGraphView *self)
{
  g_signal_emit (self, signals[SIGNAL_FILTER_CHANGED], 0);
}

static void
on_selection_changed (PlGraphView *self)
{
  g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

/* ---- the widget ---- */

static void
pl_graph_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PlGraphView *self = PL_GRAPH_VIEW (object);

  if (id == PROP_MODEL)
    g_value_set_object (value, self->model);
  else if (id == PROP_ZOOM)
    g_value_set_double (value, pl_graph_canvas_get_zoom (self->canvas));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pl_graph_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_MODEL)
    pl_graph_view_set_model (PL_GRAPH_VIEW (object), g_value_get_object (value));
  else if (id == PROP_ZOOM)
    pl_graph_canvas_set_zoom (PL_GRAPH_VIEW (object)->canvas, g_value_get_double (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
pl_graph_view_dispose (GObject *object)
{
  PlGraphView *self = PL_GRAPH_VIEW (object);
  GtkWidget *child;

  g_clear_handle_id (&self->headings_idle, g_source_remove);
  g_clear_object (&self->model);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pl_graph_view_parent_class)->dispose (object);
}

/* The first click of two opens the details, and these may lie now where the second one goes: it is for what the first was for.
 * From right to left they push the canvas on, within which the second one is elsewhere then: only here that is known. */
static void
on_pressed_anywhere (PlGraphView *self, int n_press, double x, double y, GtkGesture *click)
{
  GtkWidget *root = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self))), *canvas = GTK_WIDGET (self->canvas);
  GtkWidget *at = gtk_widget_pick (root, x, y, GTK_PICK_DEFAULT);
  gboolean is_first = at && (at == canvas || gtk_widget_is_ancestor (at, canvas));
  guint32 time_ms = gtk_event_controller_get_current_event_time (GTK_EVENT_CONTROLLER (click));
  gboolean is_touch = gtk_gesture_get_last_updated_sequence (click) != NULL;
  int apart_ms, apart_px;
  gboolean is_second;

  g_object_get (gtk_widget_get_settings (root), "gtk-double-click-time", &apart_ms, "gtk-double-click-distance",
                &apart_px, NULL);
  is_second = self->click_time_ms != 0 && time_ms - self->click_time_ms <= (guint)apart_ms
              && hypot (x - self->click_x, y - self->click_y) <= (is_touch ? PL_TAPS_APART_PX : apart_px);
  pl_graph_canvas_expect_second (self->canvas, is_first && is_second && !is_touch);
  if (!is_first && is_second)
    {
      gtk_gesture_set_state (click, GTK_EVENT_SEQUENCE_CLAIMED);
      pl_graph_canvas_second_click (self->canvas);
    }
  self->click_time_ms = is_first && !is_second ? time_ms : 0;
  self->click_x = x;
  self->click_y = y;
}

static void
pl_graph_view_root (GtkWidget *widget)
{
  PlGraphView *self = PL_GRAPH_VIEW (widget);

  GTK_WIDGET_CLASS (pl_graph_view_parent_class)->root (widget);
  self->keys = gtk_event_controller_key_new ();
  g_signal_connect_swapped (self->keys, "key-pressed", G_CALLBACK (graph_view_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (gtk_widget_get_root (widget)), self->keys);
  self->clicks = GTK_EVENT_CONTROLLER (gtk_gesture_click_new ());
  gtk_event_controller_set_propagation_phase (self->clicks, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (self->clicks, "pressed", G_CALLBACK (on_pressed_anywhere), self);
  gtk_widget_add_controller (GTK_WIDGET (gtk_widget_get_root (widget)), self->clicks);
}

static void
pl_graph_view_unroot (GtkWidget *widget)
{
  PlGraphView *self = PL_GRAPH_VIEW (widget);

  gtk_widget_remove_controller (GTK_WIDGET (gtk_widget_get_root (widget)), self->keys);
  gtk_widget_remove_controller (GTK_WIDGET (gtk_widget_get_root (widget)), self->clicks);
  self->keys = self->clicks = NULL;
  GTK_WIDGET_CLASS (pl_graph_view_parent_class)->unroot (widget);
}

static void
pl_graph_view_class_init (PlGraphViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pl_graph_view_dispose;
  object_class->get_property = pl_graph_view_get_property;
  object_class->set_property = pl_graph_view_set_property;
  widget_class->measure = pl_graph_view_measure;
  widget_class->size_allocate = pl_graph_view_size_allocate;
  widget_class->root = pl_graph_view_root;
  widget_class->unroot = pl_graph_view_unroot;
  /**
   * PlGraphView:model: (nullable)
   *
   * The model that is drawn.
   */
  properties[PROP_MODEL] = g_param_spec_object ("model", NULL, NULL, PL_TYPE_MODEL,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * PlGraphView:zoom:
   *
   * How large it is shown: 1 is 100 %.
   */
  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, PL_GRAPH_MIN_ZOOM, PL_GRAPH_MAX_ZOOM, 1,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  /**
   * PlGraphView::selection-changed:
   *
   * Another node, edge or flow is selected, or none.
   */
  signals[SIGNAL_SELECTION_CHANGED] = g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * PlGraphView::filter-changed:
   *
   * Other flows may be drawn now.
   */
  signals[SIGNAL_FILTER_CHANGED] = g_signal_new ("filter-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
  graph_view_install_actions (widget_class);
  gtk_widget_class_set_css_name (widget_class, "graphview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
add_headings (PlGraphView *self)
{
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    {
      GtkWidget *label = gtk_label_new (NULL);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (label, "lane-heading");
      gtk_widget_set_parent (label, GTK_WIDGET (self));
      self->headings[lane] = label;
    }
  set_heading_words (self);
}

static GtkWidget *
footer_button (const char *action, const char *icon, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  pl_action_button_set (button, action);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  gtk_widget_add_css_class (button, "flat");
  return button;
}

/* Below the graph: what is folded and left out, and how large it is shown. */
static void
add_footer (PlGraphView *self)
{
  GtkWidget *fit = gtk_button_new ();

  self->footer = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->footer, "graph-footer");
  self->counts = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->counts), PANGO_ELLIPSIZE_END);
  gtk_label_set_wrap (GTK_LABEL (self->counts), TRUE); /* what is folded is told in a narrow window, too */
  gtk_label_set_lines (GTK_LABEL (self->counts), 3);
  gtk_label_set_xalign (GTK_LABEL (self->counts), 0);
  gtk_widget_set_hexpand (self->counts, TRUE);
  gtk_widget_add_css_class (self->counts, "counts");
  gtk_box_append (GTK_BOX (self->footer), self->counts);
  gtk_box_append (GTK_BOX (self->footer), footer_button ("graph.zoom-out", "list-remove-symbolic", _ ("Zoom Out")));
  self->zoom_label = gtk_label_new (NULL);
  gtk_label_set_width_chars (GTK_LABEL (self->zoom_label), 5);
  gtk_widget_set_direction (self->zoom_label, GTK_TEXT_DIR_LTR); /* else "% 100" from right to left */
  gtk_button_set_child (GTK_BUTTON (fit), self->zoom_label);
  pl_action_button_set (fit, "graph.zoom-fit");
  gtk_widget_set_tooltip_text (fit, _ ("Show All of It"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (fit), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Show All of It"), -1);
  gtk_widget_add_css_class (fit, "flat");
  gtk_box_append (GTK_BOX (self->footer), fit);
  gtk_box_append (GTK_BOX (self->footer), footer_button ("graph.zoom-in", "list-add-symbolic", _ ("Zoom In")));
  gtk_widget_set_parent (self->footer, GTK_WIDGET (self));
}

static GtkWidget *
add_pill (GtkWidget *box, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  pl_name_buttons (button);
  if (g_str_has_prefix (action, "win."))
    gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  else
    pl_action_button_set (button, action);
  gtk_widget_add_css_class (button, "pill");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static void
add_empty (PlGraphView *self)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->start = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_add_css_class (add_pill (self->start, _ ("_Capture"), "win.capture"), "suggested-action");
  add_pill (self->start, _ ("_Open File…"), "win.open");
  gtk_box_append (GTK_BOX (buttons), self->start);
  self->show_all = add_pill (buttons, _ ("Show _All"), "graph.show-all");
  self->empty = adw_status_page_new ();
  adw_status_page_set_child (ADW_STATUS_PAGE (self->empty), buttons);
}

static void
add_nobody (PlGraphView *self)
{
  self->nobody = gtk_label_new (_ ("No connections now: these apps only listen for some."));
  gtk_label_set_wrap (GTK_LABEL (self->nobody), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->nobody), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->nobody, "dim-label");
  gtk_widget_set_can_target (self->nobody, FALSE); /* the canvas below is clicked and dragged */
  gtk_widget_set_parent (self->nobody, GTK_WIDGET (self));
}

static void
pl_graph_view_init (PlGraphView *self)
{
  GtkWidget *canvas = pl_graph_canvas_new ();

  pl_graph_style_load (gtk_widget_get_display (GTK_WIDGET (self)));
  self->canvas = PL_GRAPH_CANVAS (canvas);
  self->headings_scale = 1;
  self->top = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->search = pl_graph_search_bar_new (self->canvas);
  gtk_box_append (GTK_BOX (self->top), self->search);
  gtk_widget_set_parent (self->top, GTK_WIDGET (self));
  add_headings (self);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), canvas);
  pl_graph_canvas_add_pinch (self->canvas, GTK_SCROLLED_WINDOW (self->scroller));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  gtk_widget_set_parent (pl_graph_canvas_get_pulses (self->canvas), GTK_WIDGET (self));
  add_nobody (self);
  add_footer (self);
  self->filter_bar = pl_filter_bar_new (pl_graph_canvas_get_filter (self->canvas));
  gtk_widget_set_parent (self->filter_bar, GTK_WIDGET (self));
  add_empty (self);
  gtk_widget_set_parent (pl_graph_canvas_get_tip (self->canvas), GTK_WIDGET (self));
  gtk_widget_set_parent (self->empty, GTK_WIDGET (self));
  g_signal_connect_object (canvas, "scene-changed", G_CALLBACK (on_scene_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (pl_graph_canvas_get_filter (self->canvas), "changed", G_CALLBACK (on_filter_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (canvas, "selection-changed", G_CALLBACK (on_selection_changed), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Graph of connections"), -1);
  g_signal_connect_object (canvas, "zoomed", G_CALLBACK (on_zoomed), self, G_CONNECT_SWAPPED);
  on_zoomed (self);
  on_scene_changed (self);
}

/**
 * pl_graph_view_new:
 *
 * Returns: (transfer floating): a graph without a model; it says kindly that there is nothing to draw
 */
GtkWidget *
pl_graph_view_new (void)
{
  return g_object_new (PL_TYPE_GRAPH_VIEW, NULL);
}

/**
 * pl_graph_view_set_model:
 * @self: a graph view
 * @model: (nullable): what to draw; its "updated" signal has it drawn anew
 */
void
pl_graph_view_set_model (PlGraphView *self, PlModel *model)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));

  if (!g_set_object (&self->model, model))
    return;
  pl_graph_canvas_set_model (self->canvas, model);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODEL]);
}

/**
 * pl_graph_view_set_pulses:
 * @self: a graph view
 * @has_pulses: whether pulses run along the lines while packets flow; where the system wants less motion none do
 */
void
pl_graph_view_set_pulses (PlGraphView *self, gboolean has_pulses)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));
  pl_graph_canvas_set_pulses (self->canvas, has_pulses);
}

/**
 * pl_graph_view_tidy:
 * @self: a graph view
 *
 * Folds what was unfolded and sorts the lanes anew so that fewer lines cross ("Tidy up").
 */
void
pl_graph_view_tidy (PlGraphView *self)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));
  pl_graph_canvas_tidy (self->canvas);
}

void
pl_graph_view_toggle_processes (PlGraphView *self)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));
  gtk_widget_activate_action (GTK_WIDGET (self->canvas), "graph.split", "t", (guint64)0);
}

/**
 * pl_graph_view_get_scene:
 * @self: a graph view
 *
 * Returns: (transfer none): what is drawn, to read; it changes with every update
 */
PlScene *
pl_graph_view_get_scene (PlGraphView *self)
{
  g_return_val_if_fail (PL_IS_GRAPH_VIEW (self), NULL);
  return pl_graph_canvas_get_scene (self->canvas);
}
