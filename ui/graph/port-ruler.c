/* The ruler: three headings over the strip with the lights. Main loop only; counts once for each update of the model, only
 * while it is mapped, and touches its widgets only where a number changed. */
#include "port-ruler.h"

#include <glib/gi18n.h>

#include "graph-style.h"
#include "port-strip.h"
#include "range-mark.h"
#include "ruler-words.h"

#define MARK_UNITS 19 /* with the space after it */
#define SIDE_UNITS 12
#define COUNT_SPACING_PX 8
#define COUNT_CHARS 10 /* "12345 open" */
#define BRIEF_BELOW 220 /* units: text twice as large in a window of 360 px */
#define BUTTON_PADDING_PX 6 /* as in graph.css: a heading's mark stands at its zone's edge */

/* How the headings stand, as the width wants it. */
typedef enum
{
  HEADINGS_BESIDE, /* each over its zone, its count beside its name */
  HEADINGS_BELOW, /* its count below its name */
  HEADINGS_LISTED, /* one below the other, where a zone has no room for a name */
  HEADINGS_BRIEF, /* each over its zone, its number alone: a list would take half of the graph's height */
} Arrangement;

typedef struct
{
  GtkWidget *button, *words, *name, *count;
  guint n_ports;
} Heading;

struct _PlPortRuler
{
  GtkWidget parent_instance;

  PlModel *model; /* nullable */
  PlPortCensus *census;
  gboolean is_live;
  guint16 kernel_low, kernel_high;
  PlRange range;
  gboolean is_stale; /* the model went on while we were not seen */
  gboolean is_setting; /* a heading is pressed by us */
  Arrangement arrangement;
  guint turn_id;

  Heading headings[PL_RANGE_NONE];
  GtkWidget *strip;
};

enum
{
  SIGNAL_PORTS_HOVERED,
  SIGNAL_PORTS_SELECTED,
  SIGNAL_RANGE_TOGGLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlPortRuler, pl_port_ruler, GTK_TYPE_WIDGET)

/* ---- following the model ---- */

static void
write_count (PlPortRuler *self, PlRange range)
{
  Heading *heading = &self->headings[range];
  g_autofree char *count = pl_ruler_count_words (heading->n_ports, self->is_live);
  g_autofree char *number = pl_ruler_short_count (heading->n_ports);
  g_autofree char *label = g_strdup_printf ("%s: %s", pl_ruler_range_about (range), count);

  gtk_inscription_set_text (GTK_INSCRIPTION (heading->count), self->arrangement == HEADINGS_BRIEF ? number : count);
  gtk_accessible_update_property (GTK_ACCESSIBLE (heading->button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
refresh (PlPortRuler *self)
{
  self->is_stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->is_stale)
    return;
  if (!pl_port_census_update (self->census, self->model, self->is_live))
    {
      pl_port_strip_refresh_words (PL_PORT_STRIP (self->strip));
      return;
    }
  pl_port_strip_update (PL_PORT_STRIP (self->strip));
  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    {
      guint n_ports = pl_port_census_count (self->census, range);

      if (self->headings[range].n_ports == n_ports)
        continue;
      self->headings[range].n_ports = n_ports;
      write_count (self, range);
    }
}

static void
pl_port_ruler_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (pl_port_ruler_parent_class)->map (widget);
  if (PL_PORT_RULER (widget)->is_stale)
    refresh (PL_PORT_RULER (widget));
}

/* ---- layout ---- */

static double
unit_of (PlPortRuler *self)
{
  PangoFontMetrics *metrics = pango_context_get_metrics (gtk_widget_get_pango_context (GTK_WIDGET (self)), NULL, NULL);
  double line = (double)pango_font_metrics_get_height (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);
  return CLAMP (round (line), 8, 200) / 18;
}

static int
natural_size (GtkWidget *widget, GtkOrientation orientation)
{
  int natural;

  gtk_widget_measure (widget, orientation, -1, NULL, &natural, NULL, NULL);
  return natural;
}

/* Also while it is not shown. */
static int
name_size (const Heading *heading, GtkOrientation orientation)
{
  const char *name = gtk_label_get_text (GTK_LABEL (heading->name));
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (heading->name, name);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  return orientation == GTK_ORIENTATION_HORIZONTAL ? width : height;
}

/* Counts stand beside the names where all three zones have room for both, else below them. */
static Arrangement
arrange (PlPortRuler *self, int width)
{
  double u = unit_of (self), room = (width - 2 * SIDE_UNITS * u) / 3 - MARK_UNITS * u - 2 * BUTTON_PADDING_PX;
  Arrangement arrangement = HEADINGS_BESIDE;

  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    {
      const Heading *heading = &self->headings[range];
      int name = name_size (heading, GTK_ORIENTATION_HORIZONTAL);
      int count = natural_size (heading->count, GTK_ORIENTATION_HORIZONTAL);

      if (name > room)
        return width < BRIEF_BELOW * u ? HEADINGS_BRIEF : HEADINGS_LISTED;
      if (name + count + COUNT_SPACING_PX > room)
        arrangement = HEADINGS_BELOW;
    }
  return arrangement;
}

static GtkSizeRequestMode
pl_port_ruler_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* How high one heading is. Only computed: to turn them round while they are measured would have them measured again, for
 * ever. */
static int
heading_height (PlPortRuler *self, Arrangement arrangement)
{
  int height = 0;

  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    {
      const Heading *heading = &self->headings[range];
      int name = name_size (heading, GTK_ORIENTATION_VERTICAL),
          count = natural_size (heading->count, GTK_ORIENTATION_VERTICAL);
      int frame = natural_size (heading->button, GTK_ORIENTATION_VERTICAL)
                  - natural_size (heading->words, GTK_ORIENTATION_VERTICAL);

      height = MAX (height, frame + (arrangement == HEADINGS_BELOW ? name + count : MAX (name, count)));
    }
  return height;
}

/* All of them. */
static int
headings_height (PlPortRuler *self, Arrangement arrangement)
{
  return heading_height (self, arrangement) * (arrangement == HEADINGS_LISTED ? PL_RANGE_NONE : 1);
}

static gboolean
turn_headings (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  PlPortRuler *self = PL_PORT_RULER (widget);
  GtkOrientation orientation =
      self->arrangement == HEADINGS_BELOW ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;

  self->turn_id = 0;
  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    {
      write_count (self, range);
      gtk_widget_set_visible (self->headings[range].name, self->arrangement != HEADINGS_BRIEF);
      gtk_orientable_set_orientation (GTK_ORIENTABLE (self->headings[range].words), orientation);
      gtk_label_set_ellipsize (GTK_LABEL (self->headings[range].name),
                               self->arrangement == HEADINGS_LISTED ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
      gtk_box_set_spacing (GTK_BOX (self->headings[range].words),
                           orientation == GTK_ORIENTATION_HORIZONTAL ? COUNT_SPACING_PX : 0);
    }
  return G_SOURCE_REMOVE;
}

static void
pl_port_ruler_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  PlPortRuler *self = PL_PORT_RULER (widget);
  int strip_height;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 200;
      *natural = 940;
      return;
    }
  gtk_widget_measure (self->strip, GTK_ORIENTATION_VERTICAL, -1, NULL, &strip_height, NULL, NULL);
  /* For no width the least of all: GTK (4.18) asks that of whoever would be as high as a wide one is. */
  *minimum = *natural =
      strip_height + headings_height (self, for_size > 0 ? arrange (self, for_size) : HEADINGS_BESIDE);
}

static void
pl_port_ruler_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  PlPortRuler *self = PL_PORT_RULER (widget);
  double u = unit_of (self), side = round (SIDE_UNITS * u);
  Arrangement arrangement = arrange (self, width);
  int top = headings_height (self, arrangement), each = heading_height (self, arrangement);
  int strip_width = MAX (width - 2 * (int)side, 60);
  PlRulerScale scale;

  /* At the next tick: what asks for another size in the midst of an allocation is drawn without one. */
  if (self->arrangement != arrangement && self->turn_id == 0)
    self->turn_id = gtk_widget_add_tick_callback (widget, turn_headings, NULL, NULL);
  self->arrangement = arrangement;
  gtk_widget_allocate (self->strip, strip_width, MAX (height - top, 0), -1,
                       gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (side, top)));
  pl_port_strip_get_scale (PL_PORT_STRIP (self->strip), &scale);
  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    {
      double x, zone;
      int minimum, natural;

      pl_ruler_scale_zone (&scale, range, &x, &zone);
      if (arrangement == HEADINGS_LISTED)
        {
          x = 0;
          zone = strip_width;
        }
      gtk_widget_measure (self->headings[range].button, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
      natural = CLAMP (natural, minimum, MAX ((int)zone + BUTTON_PADDING_PX, minimum));
      x = scale.is_mirrored ? x + zone + BUTTON_PADDING_PX - natural : x - BUTTON_PADDING_PX;
      gtk_widget_allocate (
          self->headings[range].button, natural, each, -1,
          gsk_transform_translate (
              NULL, &GRAPHENE_POINT_INIT (round (side + x), arrangement == HEADINGS_LISTED ? (int)range * each : 0)));
    }
}

/* ---- what a person does ---- */

static void
show_range (PlPortRuler *self, PlRange range)
{
  self->range = range;
  self->is_setting = TRUE;
  for (PlRange each = PL_RANGE_WELL_KNOWN; each < PL_RANGE_NONE; each++)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->headings[each].button), each == range);
  self->is_setting = FALSE;
  pl_port_strip_set_range (PL_PORT_STRIP (self->strip), range);
}

static void
on_toggled (PlPortRuler *self, GtkToggleButton *button)
{
  PlRange range = PL_RANGE_NONE;

  if (self->is_setting)
    return;
  for (PlRange each = PL_RANGE_WELL_KNOWN; each < PL_RANGE_NONE; each++)
    if (self->headings[each].button == GTK_WIDGET (button) && gtk_toggle_button_get_active (button))
      range = each;
  show_range (self, range);
  g_signal_emit (self, signals[SIGNAL_RANGE_TOGGLED], 0, range);
}

static void
on_hovered (PlPortRuler *self, int low, int high)
{
  g_signal_emit (self, signals[SIGNAL_PORTS_HOVERED], 0, low, high);
}

static void
on_selected (PlPortRuler *self, int low, int high)
{
  g_signal_emit (self, signals[SIGNAL_PORTS_SELECTED], 0, low, high);
}

/* ---- the widget ---- */

static void
pl_port_ruler_dispose (GObject *object)
{
  PlPortRuler *self = PL_PORT_RULER (object);
  GtkWidget *child;

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (pl_port_ruler_parent_class)->dispose (object);
}

static void
pl_port_ruler_finalize (GObject *object)
{
  pl_port_census_free (PL_PORT_RULER (object)->census);
  G_OBJECT_CLASS (pl_port_ruler_parent_class)->finalize (object);
}

static void
pl_port_ruler_class_init (PlPortRulerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pl_port_ruler_dispose;
  G_OBJECT_CLASS (klass)->finalize = pl_port_ruler_finalize;
  widget_class->map = pl_port_ruler_map;
  widget_class->get_request_mode = pl_port_ruler_get_request_mode;
  widget_class->measure = pl_port_ruler_measure;
  widget_class->size_allocate = pl_port_ruler_size_allocate;
  signals[SIGNAL_PORTS_HOVERED] = g_signal_new ("ports-hovered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                                NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  signals[SIGNAL_PORTS_SELECTED] = g_signal_new ("ports-selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                                 NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
  signals[SIGNAL_RANGE_TOGGLED] = g_signal_new ("range-toggled", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_css_name (widget_class, "portruler");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

/* Of an inscription 0 is left in every direction. */
static void
stand_at_name (GtkWidget *count)
{
  gtk_inscription_set_xalign (GTK_INSCRIPTION (count), gtk_widget_get_direction (count) == GTK_TEXT_DIR_RTL ? 1 : 0);
}

static void
add_heading (PlPortRuler *self, PlRange range)
{
  Heading *heading = &self->headings[range];
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *mark = pl_range_mark_new ();

  PangoAttrList *small = pango_attr_list_new ();

  pango_attr_list_insert (small, pango_attr_scale_new (0.86)); /* GTK 4.8 takes no font size from CSS here */
  pl_range_mark_set_range (PL_RANGE_MARK (mark), range);
  heading->name = gtk_label_new (pl_ruler_range_name (range));
  gtk_label_set_ellipsize (GTK_LABEL (heading->name), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (heading->name), 0);
  gtk_widget_add_css_class (heading->name, "name");
  heading->count = gtk_inscription_new (NULL); /* its size stays when the number changes: no new layout for that */
  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (heading->count), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  g_signal_connect (heading->count, "direction-changed", G_CALLBACK (stand_at_name), NULL);
  stand_at_name (heading->count);
  gtk_inscription_set_yalign (GTK_INSCRIPTION (heading->count), 0.5);
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (heading->count), 3);
  gtk_inscription_set_nat_chars (GTK_INSCRIPTION (heading->count), COUNT_CHARS);
  gtk_inscription_set_attributes (GTK_INSCRIPTION (heading->count), small);
  pango_attr_list_unref (small);
  gtk_widget_add_css_class (heading->count, "count");
  heading->words = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, COUNT_SPACING_PX);
  gtk_box_append (GTK_BOX (heading->words), heading->name);
  gtk_box_append (GTK_BOX (heading->words), heading->count);
  gtk_box_append (GTK_BOX (row), mark);
  gtk_box_append (GTK_BOX (row), heading->words);
  heading->button = gtk_toggle_button_new ();
  gtk_button_set_child (GTK_BUTTON (heading->button), row);
  gtk_button_set_has_frame (GTK_BUTTON (heading->button), FALSE);
  gtk_widget_set_tooltip_text (heading->button, pl_ruler_range_about (range));
  g_signal_connect_object (heading->button, "toggled", G_CALLBACK (on_toggled), self, G_CONNECT_SWAPPED);
  gtk_widget_set_parent (heading->button, GTK_WIDGET (self));
  write_count (self, range);
}

static void
pl_port_ruler_init (PlPortRuler *self)
{
  pl_graph_style_load (gtk_widget_get_display (GTK_WIDGET (self)));
  self->census = pl_port_census_new ();
  self->range = PL_RANGE_NONE;
  self->is_live = TRUE;
  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    add_heading (self, range);
  self->strip = pl_port_strip_new ();
  pl_port_strip_set_census (PL_PORT_STRIP (self->strip), self->census, NULL, TRUE);
  g_signal_connect_object (self->strip, "hovered", G_CALLBACK (on_hovered), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "selected", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  gtk_widget_set_parent (self->strip, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Port ruler"), -1);
}

/* ---- public ---- */

GtkWidget *
pl_port_ruler_new (void)
{
  return g_object_new (PL_TYPE_PORT_RULER, NULL);
}

void
pl_port_ruler_set_model (PlPortRuler *self, PlModel *model, gboolean is_live)
{
  gboolean has_other_words;

  g_return_if_fail (PL_IS_PORT_RULER (self));
  if (self->model == model && self->is_live == is_live)
    return;
  has_other_words = self->is_live != is_live;
  self->is_live = is_live;
  if (self->model != model)
    {
      if (self->model != NULL)
        g_signal_handlers_disconnect_by_data (self->model, self);
      g_set_object (&self->model, model);
      if (model != NULL)
        {
          g_signal_connect_object (model, "updated", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (model, "reset", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
        }
    }
  pl_port_strip_set_kernel_range (PL_PORT_STRIP (self->strip), is_live ? self->kernel_low : 0,
                                  is_live ? self->kernel_high : 0);
  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE && has_other_words; range++)
    write_count (self, range);
  refresh (self);
  pl_port_strip_set_census (PL_PORT_STRIP (self->strip), self->census, model, is_live);
}

void
pl_port_ruler_set_kernel_range (PlPortRuler *self, guint16 low, guint16 high)
{
  g_return_if_fail (PL_IS_PORT_RULER (self));
  self->kernel_low = low;
  self->kernel_high = high;
  if (self->is_live)
    pl_port_strip_set_kernel_range (PL_PORT_STRIP (self->strip), low, high);
}

void
pl_port_ruler_set_range (PlPortRuler *self, PlRange range)
{
  g_return_if_fail (PL_IS_PORT_RULER (self));
  if (self->range != range)
    show_range (self, range);
}

GArray *
pl_port_ruler_get_flows (PlPortRuler *self, guint low, guint high)
{
  g_return_val_if_fail (PL_IS_PORT_RULER (self), NULL);
  return pl_port_census_flows (self->model, self->is_live, low, high);
}
