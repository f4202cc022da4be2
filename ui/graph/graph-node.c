/* A node of the graph. The frame (background, border, corners, focus ring) comes from graph.css; mark, icon and words are
 * drawn here, the texts from cached layouts. Main loop only. */
#include "graph-node-private.h"
#include "graph-node-words.h"

#include "app-icon.h"
#include "scope-icon.h"

#define SAY_INTERVAL_US (2 * G_USEC_PER_SEC) /* rates change ten times a second: nobody can listen to that */
#define SMALLEST 0.8 /* of its size, to which a title shrinks before it is cut */
#define SMALLEST_SECOND 0.85 /* the same of a second line or word, which is small already */
#define ROOMY_CARD 145 /* units: a narrower card has no room for an icon beside an address */

/* Sizes of text, in px of the screen at text of ordinary size. */
#define TITLE_PX 14.7
#define SUBTITLE_PX 12.0
#define SMALLEST_SUBTITLE_PX 9.0 /* smaller is not written: the title then takes the room, */
#define SMALLEST_TITLE_PX 8.0 /* and below this nothing is */
#define GOOD_TITLE_PX 11.5
#define LARGEST_ON_CARD 2.6 /* of a title's size that has a card, or a chip, for itself: as high as that is */
#define LARGEST_ON_CHIP 1.75

enum
{
  SIGNAL_COMMAND,
  SIGNAL_ACTIVATE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlGraphNode, pl_graph_node, GTK_TYPE_WIDGET)

static gboolean
is_card (const PlGraphNode *self)
{
  return self->node.lane == PL_LANE_APP || self->node.lane == PL_LANE_ENDPOINT;
}

/* Down to unfold it; up to fold again what it is one of. */
gboolean
graph_node_has_arrow (const PlGraphNode *self)
{
  return (self->node.flags & (PL_SCENE_BUNDLE | PL_SCENE_UNFOLDED | PL_SCENE_MANY | PL_SCENE_PROCESS)) != 0;
}

static gboolean
is_arrow_up (const PlGraphNode *self)
{
  return (self->node.flags & PL_SCENE_PROCESS)
         || ((self->node.flags & PL_SCENE_UNFOLDED) && !(self->node.flags & (PL_SCENE_BUNDLE | PL_SCENE_MANY)));
}

/* ---- drawing ---- */

GdkRGBA
graph_node_shade (const PlGraphNode *self, GdkRGBA color)
{
  const GdkRGBA *card = &self->colors.card;

  if (!(self->marks & PL_NODE_DIMMED))
    return color;
  /* mixed, not transparent: the lines run behind */
  return (GdkRGBA){ card->red + (color.red - card->red) * .35f, card->green + (color.green - card->green) * .35f,
                    card->blue + (color.blue - card->blue) * .35f, color.alpha };
}

static void
drop_layouts (PlGraphNode *self)
{
  g_clear_object (&self->title_layout);
  g_clear_object (&self->subtitle_layout);
  g_clear_object (&self->letter_layout);
  self->fitted_width = 0;
}

static char *
avatar_letter (const PlGraphNode *self)
{
  char utf8[7] = { 0 };

  if (self->node.flags & PL_SCENE_OTHERS)
    return g_strdup ("+");
  if (self->node.flags & PL_SCENE_UNKNOWN_APP)
    return g_strdup ("?");
  g_unichar_to_utf8 (g_unichar_toupper (g_utf8_get_char (self->title)), utf8);
  return g_strdup (utf8);
}

static double
title_scale (const PlGraphNode *self)
{
  return (is_card (self) ? 1 : 0.96) * self->title_scale;
}

PlNodeFont
graph_node_title_font (const PlGraphNode *self)
{
  double px = TITLE_PX * self->seen * self->title_scale;

  return (PlNodeFont){ PANGO_WEIGHT_SEMIBOLD, title_scale (self), CLAMP (SMALLEST_TITLE_PX / px, SMALLEST, 1) };
}

PlNodeFont
graph_node_subtitle_font (void)
{
  return (PlNodeFont){ PANGO_WEIGHT_NORMAL, 0.82, SMALLEST_SECOND };
}

static void
need_layouts (PlGraphNode *self)
{
  const PlNodeFont title = graph_node_title_font (self), subtitle = graph_node_subtitle_font (),
                   bold = { PANGO_WEIGHT_BOLD, 1, 1 };
  g_autofree char *letter = NULL;

  if (self->title_layout != NULL)
    return;
  self->title_layout = node_text_new (GTK_WIDGET (self), self->title, &title);
  self->subtitle_layout = node_text_new (GTK_WIDGET (self), self->subtitle, &subtitle);
  if (is_card (self) && *self->title != 0)
    {
      letter = avatar_letter (self);
      self->letter_layout = node_text_new (GTK_WIDGET (self), letter, &bold);
    }
}

gboolean
graph_node_is_rtl (PlGraphNode *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* Appends @layout in a box that begins @x after the widget's leading edge. */
void
graph_node_append_text (PlGraphNode *self,
                        GtkSnapshot *snapshot,
                        PangoLayout *layout,
                        double x,
                        double y,
                        double width,
                        gboolean at_end,
                        GdkRGBA color)
{
  int natural_width, height;
  double total = gtk_widget_get_width (GTK_WIDGET (self)), left;

  if (width < 4)
    return;
  pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
  pango_layout_get_pixel_size (layout, &natural_width, &height);
  left = at_end ? x + width - natural_width : x;
  if (graph_node_is_rtl (self))
    left = total - left - natural_width;
  /* A layout of given width aligns by its text's direction within it: shift it back to its first pixel. */
  {
    PangoRectangle logical;

    pango_layout_get_pixel_extents (layout, NULL, &logical);
    left -= logical.x;
  }
  color = graph_node_shade (self, color);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (round (left), round (y)));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static guint
hue_of (const PlGraphNode *self)
{
  return self->node.lane == PL_LANE_ENDPOINT && !(self->node.flags & PL_SCENE_PEER_APP) ? g_str_hash (self->title) * 7
                                                                                        : g_str_hash (self->title);
}

/* An endpoint that has no name yet shows where it lies, not the first digit of its address. */
static gboolean
shows_scope (const PlGraphNode *self)
{
  return self->node.lane == PL_LANE_ENDPOINT && !(self->node.flags & PL_SCENE_PEER_APP);
}

void
graph_node_append_scope (PlGraphNode *self, GtkSnapshot *snapshot, double x, double y, double size, GdkRGBA color)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (x - 1, y - 1, size + 2, size + 2);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

  color = graph_node_shade (self, color);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_translate (cr, x, y);
  pl_scope_icon_draw (cr, self->node.scope, size);
  cairo_destroy (cr);
}

static void
append_avatar (PlGraphNode *self, GtkSnapshot *snapshot, double x, double middle, double size)
{
  double total = gtk_widget_get_width (GTK_WIDGET (self)), left = graph_node_is_rtl (self) ? total - x - size : x;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (left, middle - size / 2, size, size);
  GskRoundedRect circle;
  GdkRGBA color = pl_avatar_rgba (hue_of (self)), white = { 1, 1, 1, 1 };
  int width, height;

  if (self->icon != NULL)
    {
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &bounds.origin);
      if (self->marks & PL_NODE_DIMMED)
        gtk_snapshot_push_opacity (snapshot, 0.4);
      gdk_paintable_snapshot (GDK_PAINTABLE (self->icon), snapshot, size, size);
      if (self->marks & PL_NODE_DIMMED)
        gtk_snapshot_pop (snapshot);
      gtk_snapshot_restore (snapshot);
      return;
    }
  if (shows_scope (self) || (self->node.flags & (PL_SCENE_UNKNOWN_APP | PL_SCENE_OTHERS)))
    color = self->colors.is_dark ? (GdkRGBA){ .34f, .34f, .36f, 1 } : (GdkRGBA){ .42f, .42f, .45f, 1 };
  gsk_rounded_rect_init_from_rect (&circle, &bounds, size / 2);
  color = graph_node_shade (self, color);
  gtk_snapshot_push_rounded_clip (snapshot, &circle);
  gtk_snapshot_append_color (snapshot, &color, &bounds);
  gtk_snapshot_pop (snapshot);
  if (shows_scope (self))
    {
      graph_node_append_scope (self, snapshot, left + size * 0.25, middle - size * 0.25, size * 0.5, white);
      return;
    }
  if (self->letter_layout == NULL || TITLE_PX * self->seen < SMALLEST_TITLE_PX)
    return;
  white = graph_node_shade (self, white);
  pango_layout_get_pixel_size (self->letter_layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (round (left + (size - width) / 2), round (middle - height / 2.0)));
  gtk_snapshot_append_layout (snapshot, self->letter_layout, &white);
  gtk_snapshot_restore (snapshot);
}

/* Both texts of a card, at most @width px wide. Of an address or host name both ends tell; a second line says less before
 * it is cut. */
static void
fit_card (PlGraphNode *self, double width)
{
  g_auto (GStrv) shorter_titles = pl_scene_node_dup_short_titles (&self->node);
  const char *whole[] = { self->title, NULL };
  g_autofree char *shorter = pl_scene_node_dup_short_subtitle (&self->node);
  const char *subtitles[] = { self->subtitle, shorter, NULL };
  const PlNodeFont title = graph_node_title_font (self), subtitle = graph_node_subtitle_font ();

  if (self->fitted_width == width)
    return;
  self->fitted_width = width;
  self->is_cut =
      node_text_fit (self->title_layout, whole, &title, width, self->node.lane == PL_LANE_ENDPOINT && !*shorter_titles);
  if (self->is_cut && *shorter_titles)
    self->is_cut = node_text_fit (self->title_layout, (const char *const *)shorter_titles, &title, width, FALSE);
  if (self->detail == DETAIL_ALL)
    self->is_cut |= node_text_fit (self->subtitle_layout, subtitles, &subtitle, width, FALSE);
}

void
graph_node_append_unfold_arrow (PlGraphNode *self, GtkSnapshot *snapshot, double x, double middle)
{
  double u = self->unit, width = gtk_widget_get_width (GTK_WIDGET (self)),
         left = graph_node_is_rtl (self) ? width - x - 8 * u : x;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (left - 1, middle - 4 * u, 8 * u + 2, 8 * u);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  GdkRGBA color = graph_node_shade (self, self->colors.dim_text);
  double rise = (is_arrow_up (self) ? -1.5 : 1.5) * u;

  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 1.5 * u);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_move_to (cr, left + u, middle - rise);
  cairo_line_to (cr, left + 4 * u, middle + rise);
  cairo_line_to (cr, left + 7 * u, middle - rise);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
snapshot_card (PlGraphNode *self, GtkSnapshot *snapshot)
{
  double u = self->unit, width = gtk_widget_get_width (GTK_WIDGET (self));
  double middle = gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;
  gboolean has_avatar = width >= ROOMY_CARD * u;
  double avatar = 26 * u, lead = 11 * u, text_x = has_avatar ? lead + avatar + 9 * u : 9 * u;
  gboolean has_subtitle = *self->subtitle != 0 && self->detail == DETAIL_ALL;
  double end = width - (has_avatar ? 8 : 7) * u, title_height, subtitle_height, top;
  GdkRGBA second = (self->node.flags & PL_SCENE_FAILED) ? self->colors.failed_text : self->colors.dim_text;

  if (graph_node_has_arrow (self))
    {
      graph_node_append_unfold_arrow (self, snapshot, end - 8 * u, middle);
      end -= 12 * u;
    }
  if (has_avatar)
    append_avatar (self, snapshot, lead, middle, avatar);
  if (self->detail == DETAIL_NONE)
    return;
  fit_card (self, end - text_x);
  title_height = node_text_height (self->title_layout);
  subtitle_height = node_text_height (self->subtitle_layout);
  top = middle - (title_height + (has_subtitle ? subtitle_height : 0)) / 2;
  graph_node_append_text (self, snapshot, self->title_layout, text_x, top, end - text_x, FALSE, self->colors.text);
  if (has_subtitle)
    graph_node_append_text (self, snapshot, self->subtitle_layout, text_x, top + title_height, end - text_x, FALSE,
                            second);
}

static void
pl_graph_node_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PlGraphNode *self = PL_GRAPH_NODE (widget);

  if (self->title == NULL)
    return;
  need_layouts (self);
  if (is_card (self))
    snapshot_card (self, snapshot);
  else
    graph_node_snapshot_chip (self, snapshot);
}

/* ---- the widget ---- */

static void
pl_graph_node_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  PlGraphNode *self = PL_GRAPH_NODE (widget);

  *minimum = 0;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? self->node.width : self->node.height;
}

static void
pl_graph_node_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  drop_layouts (PL_GRAPH_NODE (widget));
  GTK_WIDGET_CLASS (pl_graph_node_parent_class)->css_changed (widget, change);
}

static void
pl_graph_node_direction_changed (GtkWidget *widget, GtkTextDirection previous)
{
  drop_layouts (PL_GRAPH_NODE (widget));
  gtk_widget_queue_draw (widget);
}

static void
press (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_COMMAND], 0, "press");
}

static gboolean
run_command (GtkWidget *widget, GVariant *command, gpointer data)
{
  g_signal_emit (widget, signals[SIGNAL_COMMAND], 0, g_variant_get_string (command, NULL));
  return TRUE;
}

static void
pl_graph_node_activate (PlGraphNode *self)
{
  g_signal_emit (self, signals[SIGNAL_COMMAND], 0, "press");
}

static void
pl_graph_node_finalize (GObject *object)
{
  PlGraphNode *self = PL_GRAPH_NODE (object);

  drop_layouts (self);
  g_clear_object (&self->icon);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->icon_name);
  g_free (self->connections);
  g_free (self->line);
  G_OBJECT_CLASS (pl_graph_node_parent_class)->finalize (object);
}

static void
pl_graph_node_class_init (PlGraphNodeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pl_graph_node_finalize;
  widget_class->snapshot = pl_graph_node_snapshot;
  widget_class->measure = pl_graph_node_measure;
  widget_class->css_changed = pl_graph_node_css_changed;
  widget_class->direction_changed = pl_graph_node_direction_changed;
  signals[SIGNAL_COMMAND] = g_signal_new ("command", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_ACTIVATE] =
      g_signal_new_class_handler ("activate", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
                                  G_CALLBACK (pl_graph_node_activate), NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "graphnode");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_BUTTON);
  /* The only action: assistive technologies take the first, and GTK lists several in no order. */
  gtk_widget_class_install_action (widget_class, "node.press", NULL, press);
  gtk_widget_class_set_activate_signal (widget_class, signals[SIGNAL_ACTIVATE]);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, run_command, "s", "menu");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, run_command, "s", "menu");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Delete, 0, run_command, "s", "hide");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, GDK_SHIFT_MASK, run_command, "s", "fold");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Enter, GDK_SHIFT_MASK, run_command, "s", "fold");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, 0, "node.press", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Enter, 0, "node.press", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_space, 0, "node.press", NULL);
}

static void
pl_graph_node_init (PlGraphNode *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  self->unit = self->seen = self->title_scale = 1;
}

GtkWidget *
pl_graph_node_new (void)
{
  return g_object_new (PL_TYPE_GRAPH_NODE, NULL);
}

static gboolean
replace (char **text, const char *next)
{
  if (g_strcmp0 (*text, next) == 0)
    return FALSE;
  g_free (*text);
  *text = g_strdup (next);
  return TRUE;
}

static void
look_up_icon (PlGraphNode *self)
{
  g_clear_object (&self->icon);
  if (self->icon_name)
    self->icon = pl_app_icon_lookup (GTK_WIDGET (self), self->icon_name, (int)(26 * self->unit));
}

static void
set_classes (PlGraphNode *self)
{
  static const char *const lanes[] = { "app", "port", "port", "endpoint" };
  static const char *const ranges[] = { "well-known", "registered", "dynamic", "no-port" };
  GtkWidget *widget = GTK_WIDGET (self);
  const char *classes[9] = { lanes[self->node.lane] };
  guint n = 1;

  if (!is_card (self))
    classes[n++] = ranges[self->node.range];
  if (self->node.flags & PL_SCENE_LISTENER)
    classes[n++] = "listener";
  if ((self->node.flags & PL_SCENE_BUNDLE) && !is_card (self))
    classes[n++] = "bundle";
  if (self->marks & PL_NODE_DIMMED)
    classes[n++] = "unlit"; /* libadwaita 1.7 has a style of its own for "dimmed" */
  if (self->marks & (PL_NODE_LIT | PL_NODE_ON_PATH))
    classes[n++] = "lit";
  if (self->marks & PL_NODE_SELECTED)
    classes[n++] = "chosen";
  if (self->marks & PL_NODE_FOUND)
    classes[n++] = "found";
  gtk_widget_set_css_classes (widget, classes);
}

static void
update_accessible (PlGraphNode *self)
{
  g_autofree char *label = graph_node_words (&self->node, self->connections);
  g_autofree char *description = graph_node_description (&self->node);

  self->is_unsaid = FALSE;
  self->said_us = g_get_monotonic_time ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->line ? self->line : label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  if (graph_node_has_arrow (self))
    gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_EXPANDED, is_arrow_up (self), -1);
  else
    gtk_accessible_reset_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_EXPANDED);
}

/* What can be read at this size. Returns whether it is other than before. */
static gboolean
set_size (PlGraphNode *self, double old_width, double unit, double zoom)
{
  double largest = is_card (self) ? LARGEST_ON_CARD : LARGEST_ON_CHIP, seen = unit * zoom, scale = 1;
  Detail detail = DETAIL_ALL;
  gboolean is_other;

  if (SUBTITLE_PX * seen < SMALLEST_SUBTITLE_PX)
    {
      scale = CLAMP (GOOD_TITLE_PX / (TITLE_PX * seen), 1, largest);
      detail = TITLE_PX * seen * scale >= SMALLEST_TITLE_PX ? DETAIL_TITLE : DETAIL_NONE;
    }
  is_other = self->unit != unit || self->seen != seen || self->node.width != old_width || self->detail != detail
             || self->title_scale != scale;
  self->unit = unit;
  self->seen = seen;
  self->detail = detail;
  self->title_scale = scale;
  return is_other;
}

void
pl_graph_node_set (PlGraphNode *self, const PlSceneNode *node, const PlGraphColors *colors, double unit, double zoom)
{
  gboolean looks_other = self->title == NULL || self->node.flags != node->flags || self->node.range != node->range
                         || self->node.role != node->role || self->node.scope != node->scope;
  double width = self->node.width;
  gboolean is_resized;
  gboolean is_recolored = memcmp (&self->colors, colors, sizeof *colors) != 0;
  gboolean has_new_title, has_new_text, has_new_icon,
      has_new_count = self->node.n_live != node->n_live || self->node.n_listeners != node->n_listeners
                      || self->node.n_ports != node->n_ports;
  gboolean has_new_rate = self->node.rate != node->rate;

  g_return_if_fail (PL_IS_GRAPH_NODE (self));

  self->node = *node;
  self->colors = *colors;
  is_resized = set_size (self, width, unit, zoom);
  has_new_text = replace (&self->title, node->title);
  has_new_title = has_new_text;
  has_new_text |= replace (&self->subtitle, node->subtitle);
  has_new_icon = replace (&self->icon_name, node->icon_name);
  self->node.title = self->title;
  self->node.subtitle = self->subtitle;
  self->node.icon_name = self->icon_name;
  if (has_new_icon || (is_resized && self->icon_name))
    look_up_icon (self);
  if (looks_other)
    set_classes (self);
  if (has_new_text || is_resized)
    drop_layouts (self);
  self->is_unsaid |= has_new_text || has_new_rate;
  if (has_new_title || looks_other || has_new_count
      || (self->is_unsaid && g_get_monotonic_time () - self->said_us >= SAY_INTERVAL_US))
    update_accessible (self);
  if (looks_other || is_resized || is_recolored || has_new_text || has_new_icon)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

const PlSceneNode *
pl_graph_node_get (PlGraphNode *self)
{
  return &self->node;
}

PlNodeMarks
pl_graph_node_get_marks (PlGraphNode *self)
{
  return self->marks;
}

void
pl_graph_node_set_marks (PlGraphNode *self, PlNodeMarks marks)
{
  g_return_if_fail (PL_IS_GRAPH_NODE (self));

  if (self->marks == marks)
    return;
  self->marks = marks;
  set_classes (self);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_PRESSED,
      (marks & PL_NODE_SELECTED) ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
pl_graph_node_set_connections (PlGraphNode *self, const char *connections)
{
  g_return_if_fail (PL_IS_GRAPH_NODE (self));

  if (replace (&self->connections, connections))
    update_accessible (self);
}

void
pl_graph_node_set_line (PlGraphNode *self, const char *words)
{
  g_return_if_fail (PL_IS_GRAPH_NODE (self));

  if (replace (&self->line, words))
    update_accessible (self);
}

void
pl_graph_node_say (PlGraphNode *self)
{
  g_return_if_fail (PL_IS_GRAPH_NODE (self));

  if (self->is_unsaid)
    update_accessible (self);
}
