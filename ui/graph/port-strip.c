/* The ruler's bar as a widget: which port is current, by pointer or by keys, and what a screen reader hears of it. It has no
 * timer and draws anew only when it is told that something changed. Main loop only. */
#include <adwaita.h>
#include <glib/gi18n.h>

#include "port-strip-private.h"
#include "ruler-words.h"

#define REACH_PX 6 /* a light is hit from so far away, unless another one is nearer */
#define GAP 3 /* units between two zones */

enum
{
  SIGNAL_HOVERED,
  SIGNAL_SELECTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlPortStrip, pl_port_strip, GTK_TYPE_WIDGET)

void
pl_port_strip_get_scale (PlPortStrip *self, PlRulerScale *scale)
{
  *scale = (PlRulerScale){ .width_px = gtk_widget_get_width (GTK_WIDGET (self)),
                           .gap_px = GAP * self->unit,
                           .is_mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL };
}

static void
forget_drawn (PlPortStrip *self)
{
  g_clear_pointer (&self->drawn, gsk_render_node_unref);
  g_clear_pointer (&self->labels, gsk_render_node_unref);
}

static void
draw_anew (PlPortStrip *self)
{
  forget_drawn (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- the current port ---- */

static char *
summary (PlPortStrip *self)
{
  GString *text = g_string_new (_ ("Ports of this computer"));

  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE && self->census != NULL; range++)
    {
      g_autofree char *count = pl_ruler_count_words (pl_port_census_count (self->census, range), self->is_live);

      g_string_append_printf (text, ", %s: %s", pl_ruler_range_name (range), count);
    }
  return g_string_free (text, FALSE);
}

static void
update_accessible (PlPortStrip *self)
{
  g_autofree char *words =
      self->low >= 0 ? pl_ruler_spoken (self->model, self->is_live, self->census, (guint)self->low) : summary (self);

  if (g_strcmp0 (self->spoken, words) == 0)
    return; /* a screen reader says it again whenever it is set */
  g_free (self->spoken);
  self->spoken = g_strdup (words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, (double)MAX (self->low, 0),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, words, -1);
}

static void
set_current (PlPortStrip *self, int low, int high, gboolean by_keys)
{
  self->by_keys = by_keys && low >= 0;
  if (self->low == low && self->high == high)
    return;
  self->low = low;
  self->high = high;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), low >= 0 && !by_keys ? "pointer" : NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  update_accessible (self);
  g_signal_emit (self, signals[SIGNAL_HOVERED], 0, low, high);
}

/* The ports of the pixel column that has one in use and is nearest to @x. */
static gboolean
ports_near (PlPortStrip *self, double x, int *low, int *high)
{
  PlRulerScale scale;

  pl_port_strip_get_scale (self, &scale);
  for (int i = 0; self->census != NULL && i <= 2 * REACH_PX; i++)
    {
      int column = (int)floor (x) + (i % 2 != 0 ? -(i + 1) / 2 : i / 2), first;
      guint from, to;

      if (!pl_ruler_scale_ports_at (&scale, column, &from, &to))
        continue;
      first = pl_port_census_next (self->census, (int)from - 1, 1);
      if (first < 0 || first > (int)to)
        continue;
      *low = first;
      *high = pl_port_census_next (self->census, (int)to + 1, -1);
      return TRUE;
    }
  return FALSE;
}

static void
pick_again (PlPortStrip *self)
{
  int low = -1, high = -1;

  if (self->has_pointer)
    ports_near (self, self->pointer_x, &low, &high);
  set_current (self, low, high, FALSE);
}

/* ---- pointer ---- */

static void
on_motion (PlPortStrip *self, double x, double y)
{
  gboolean has_moved = fabs (x - self->pointer_x) >= 1;

  self->has_pointer = TRUE;
  self->pointer_x = x;
  if (has_moved || !self->by_keys) /* GTK tells of a resting pointer, too, whenever something is laid out */
    pick_again (self);
}

static void
on_leave (PlPortStrip *self)
{
  self->has_pointer = FALSE;
  if (!self->by_keys)
    set_current (self, -1, -1, FALSE);
}

static void
select_current (PlPortStrip *self)
{
  if (self->low >= 0)
    g_signal_emit (self, signals[SIGNAL_SELECTED], 0, self->low, self->high);
}

static void
on_released (PlPortStrip *self, int n_press, double x, double y)
{
  int low, high;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!ports_near (self, x, &low, &high))
    return;
  set_current (self, low, high, FALSE);
  select_current (self);
}

static gboolean
on_query_tooltip (PlPortStrip *self, int x, int y, gboolean is_keyboard, GtkTooltip *tooltip)
{
  g_autofree char *text = NULL;
  int low = self->low, high = self->high;

  if (self->census == NULL)
    return FALSE;
  if (is_keyboard ? low >= 0 : ports_near (self, x, &low, &high))
    text = pl_ruler_tooltip (self->model, self->is_live, self->census, (guint)low, (guint)high);
  else if (self->kernel_high != 0 && y >= (STRIP_TOP + STRIP_BAR) * self->unit)
    text = g_strdup_printf (
        _ ("This kernel hands out %1$u–%2$u to apps that open a connection and do not ask for a port of "
           "their own"),
        self->kernel_low, self->kernel_high);
  else if (y < (STRIP_TOP + STRIP_BAR) * self->unit)
    text = g_strdup (_ ("Each light is a port in use: with an open head it listens, a short one is temporary"));
  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

/* ---- keys ---- */

static int
next_zone (PlPortStrip *self, int from, int step)
{
  int range = (from < 0 ? 0 : (int)pl_port_range ((guint16)from)) + step;

  for (; range >= PL_RANGE_WELL_KNOWN && range < PL_RANGE_NONE; range += step)
    {
      int port = pl_port_census_next (self->census, (int)pl_ruler_first_port ((PlRange)range) - 1, 1);

      if (port >= 0 && pl_port_range ((guint16)port) == (PlRange)range)
        return port;
    }
  return -1;
}

static int
walk (PlPortStrip *self, guint key)
{
  int forward = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? -1 : 1;

  switch (key)
    {
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      return pl_port_census_next (self->census, self->low < 0 && forward < 0 ? 65536 : self->low, forward);
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      return pl_port_census_next (self->census, self->low < 0 && forward > 0 ? 65536 : self->low, -forward);
    case GDK_KEY_Home:
      return pl_port_census_next (self->census, -1, 1);
    case GDK_KEY_End:
      return pl_port_census_next (self->census, 65536, -1);
    case GDK_KEY_Page_Down:
      return next_zone (self, self->low, 1);
    case GDK_KEY_Page_Up:
      return next_zone (self, self->low, -1);
    default:
      return -1;
    }
}

static gboolean
on_key (PlPortStrip *self, guint key, guint code, GdkModifierType state)
{
  int port;

  if (self->census == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)))
    return FALSE;
  if (key == GDK_KEY_Escape)
    {
      gboolean had_one = self->low >= 0;

      set_current (self, -1, -1, FALSE);
      return had_one;
    }
  port = walk (self, key);
  if (port < 0)
    return FALSE;
  set_current (self, port, port, TRUE);
  return TRUE;
}

static void
on_focus_left (PlPortStrip *self)
{
  if (self->by_keys)
    set_current (self, -1, -1, FALSE);
}

static void
activate_port (GtkWidget *widget, const char *action, GVariant *parameter)
{
  select_current (PL_PORT_STRIP (widget));
}

/* ---- the widget ---- */

static void
pl_port_strip_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  PlPortStrip *self = PL_PORT_STRIP (widget);
  PangoFontMetrics *metrics = pango_context_get_metrics (gtk_widget_get_pango_context (widget), NULL, NULL);
  double line = (double)pango_font_metrics_get_height (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);
  self->unit = CLAMP (round (line), 8, 200) / 18; /* as the graph's */
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 60;
      *natural = 940;
    }
  else
    *minimum = *natural =
        (int)ceil ((STRIP_TOP + STRIP_BAR + STRIP_BELOW) * self->unit) + port_strip_text_height (self);
}

static void
pl_port_strip_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  forget_drawn (PL_PORT_STRIP (widget));
}

static void
pl_port_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  port_strip_snapshot (PL_PORT_STRIP (widget), snapshot);
}

static void
pl_port_strip_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (pl_port_strip_parent_class)->css_changed (widget, change);
  forget_drawn (PL_PORT_STRIP (widget));
  gtk_widget_queue_resize (widget);
}

static void
pl_port_strip_direction_changed (GtkWidget *widget, GtkTextDirection previous)
{
  draw_anew (PL_PORT_STRIP (widget));
}

static void
on_style_changed (PlPortStrip *self)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  self->colors = pl_graph_colors (adw_style_manager_get_dark (manager), adw_style_manager_get_high_contrast (manager));
  draw_anew (self);
}

static void
pl_port_strip_dispose (GObject *object)
{
  PlPortStrip *self = PL_PORT_STRIP (object);

  self->census = NULL;
  g_clear_object (&self->model);
  forget_drawn (self);
  g_clear_pointer (&self->spoken, g_free);
  G_OBJECT_CLASS (pl_port_strip_parent_class)->dispose (object);
}

static void
pl_port_strip_class_init (PlPortStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_port_strip_dispose;
  widget_class->measure = pl_port_strip_measure;
  widget_class->size_allocate = pl_port_strip_size_allocate;
  widget_class->snapshot = pl_port_strip_snapshot;
  widget_class->css_changed = pl_port_strip_css_changed;
  widget_class->direction_changed = pl_port_strip_direction_changed;
  signals[SIGNAL_HOVERED] = g_signal_new ("hovered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  signals[SIGNAL_SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                           NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  gtk_widget_class_set_css_name (widget_class, "portstrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
  gtk_widget_class_install_action (widget_class, "port.select", NULL, activate_port);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, 0, "port.select", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Enter, 0, "port.select", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_space, 0, "port.select", NULL);
}

static void
add_input (PlPortStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (widget, keys);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_focus_left), self);
  gtk_widget_add_controller (widget, focus);
  g_signal_connect_swapped (click, "released", G_CALLBACK (on_released), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  g_signal_connect_swapped (self, "query-tooltip", G_CALLBACK (on_query_tooltip), self);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_widget_set_focusable (widget, TRUE);
}

static void
pl_port_strip_init (PlPortStrip *self)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  self->unit = 1;
  self->low = self->high = -1;
  self->range = PL_RANGE_NONE;
  g_signal_connect_object (manager, "notify::dark", G_CALLBACK (on_style_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast", G_CALLBACK (on_style_changed), self, G_CONNECT_SWAPPED);
  on_style_changed (self);
  add_input (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 65535.0, -1);
  update_accessible (self);
}

/* ---- public ---- */

GtkWidget *
pl_port_strip_new (void)
{
  return g_object_new (PL_TYPE_PORT_STRIP, NULL);
}

void
pl_port_strip_set_census (PlPortStrip *self, const PlPortCensus *census, PlModel *model, gboolean is_live)
{
  g_return_if_fail (PL_IS_PORT_STRIP (self));
  self->census = census;
  g_set_object (&self->model, model);
  self->is_live = is_live;
  pl_port_strip_update (self);
}

void
pl_port_strip_update (PlPortStrip *self)
{
  g_return_if_fail (PL_IS_PORT_STRIP (self));
  g_clear_pointer (&self->drawn, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (!self->by_keys && self->has_pointer)
    pick_again (self); /* another light may be under the pointer now */
  if (self->low >= 0 && (self->census == NULL || pl_port_census_get (self->census, (guint)self->low) == 0))
    set_current (self, -1, -1, FALSE);
  else
    update_accessible (self);
}

void
pl_port_strip_refresh_words (PlPortStrip *self)
{
  g_return_if_fail (PL_IS_PORT_STRIP (self));
  if (self->low < 0)
    return;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  update_accessible (self);
}

void
pl_port_strip_set_kernel_range (PlPortStrip *self, guint16 low, guint16 high)
{
  g_return_if_fail (PL_IS_PORT_STRIP (self));
  if (self->kernel_low == low && self->kernel_high == high)
    return;
  self->kernel_low = low;
  self->kernel_high = high;
  draw_anew (self);
}

void
pl_port_strip_set_range (PlPortStrip *self, PlRange range)
{
  g_return_if_fail (PL_IS_PORT_STRIP (self));
  if (self->range == range)
    return;
  self->range = range;
  draw_anew (self);
}
