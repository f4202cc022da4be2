/* How the ruler's bar is drawn. All that stands still is one render node, kept until something changes. Main loop only. */
#include <glib/gi18n.h>

#include "port-strip-private.h"
#include "ruler-words.h"

#define SMALL 0.82 /* of the text's size */
#define KERNEL_SPACE 24 /* units between the kernel's range and the next number */
#define N_LABELS 6 /* the caption, four numbers, the kernel's range */

typedef struct
{
  PangoLayout *layout;
  double x, width; /* where it may stand: -1 for nowhere */
} Label;

static PangoLayout *
make_layout (PlPortStrip *self, const char *text, PangoWeight weight)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoLayout *layout = pango_layout_new (context);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (SMALL));
  pango_attr_list_insert (attributes, pango_attr_weight_new (weight));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  return layout;
}

static double
layout_width (PangoLayout *layout)
{
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

int
port_strip_text_height (PlPortStrip *self)
{
  g_autoptr (PangoLayout) layout = make_layout (self, "65535", PANGO_WEIGHT_NORMAL);
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static double
text_y (PlPortStrip *self)
{
  return (STRIP_TOP + STRIP_BAR + STRIP_BELOW) * self->unit;
}

static void
append_layout (GtkSnapshot *snapshot, PangoLayout *layout, double x, double y, GdkRGBA color)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (round (x), round (y)));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* ---- zones and lights ---- */

static gboolean
steps_back (PlPortStrip *self, PlRange range)
{
  return self->range != PL_RANGE_NONE && self->range != range;
}

static void
append_zone (PlPortStrip *self, GtkSnapshot *snapshot, PlRange range)
{
  PlRulerScale scale;
  double x, width, u = self->unit;
  GskRoundedRect shape;
  GdkRGBA color = pl_range_zone_rgba (range, &self->colors), edge = pl_range_rgba (range, self->colors.is_dark);

  pl_port_strip_get_scale (self, &scale);
  pl_ruler_scale_zone (&scale, range, &x, &width);
  gsk_rounded_rect_init_from_rect (&shape, &GRAPHENE_RECT_INIT (x, STRIP_TOP * u, width, STRIP_BAR * u), 4 * u);
  if (steps_back (self, range))
    gtk_snapshot_push_opacity (snapshot, 0.4);
  gtk_snapshot_push_rounded_clip (snapshot, &shape);
  gtk_snapshot_append_color (snapshot, &color, &shape.bounds);
  gtk_snapshot_pop (snapshot);
  if (self->colors.is_high_contrast || self->range == range)
    gtk_snapshot_append_border (snapshot, &shape, (float[4]){ 1, 1, 1, 1 }, (GdkRGBA[4]){ edge, edge, edge, edge });
  if (steps_back (self, range))
    gtk_snapshot_pop (snapshot);
}

/* A temporary port is a short line. */
static void
add_line (PlPortStrip *self, cairo_t *cr, double x)
{
  double u = self->unit, half = MAX (u, 1);

  x = round (x - half) + half; /* whole pixels */
  cairo_rectangle (cr, x - half, (STRIP_TOP + 4) * u, 2 * half, (STRIP_BAR - 8) * u);
}

/* One that listens stands out of the bar, and its head is open. */
static void
draw_listener (PlPortStrip *self, cairo_t *cr, double x)
{
  double u = self->unit, top = STRIP_TOP * u, half = MAX (u, 1);

  x = round (x - half) + half;
  cairo_rectangle (cr, x - half, top + u, 2 * half, (STRIP_BAR - 1) * u);
  cairo_fill (cr);
  cairo_set_line_width (cr, 1.7 * u);
  cairo_arc (cr, x, top - 2.2 * u, 2.9 * u, 0, 2 * G_PI);
  cairo_stroke (cr);
}

/* One light for each pixel column of a zone, however many ports lie in it. */
static void
draw_lights (PlPortStrip *self, cairo_t *cr, const PlRulerScale *scale, PlRange range, gboolean listens)
{
  GdkRGBA color = pl_range_light_rgba (range, &self->colors);
  int last = (int)pl_ruler_last_port (range), column = G_MININT;

  color.alpha = steps_back (self, range) ? 0.3f : 1;
  gdk_cairo_set_source_rgba (cr, &color);
  for (int port = pl_port_census_next (self->census, (int)pl_ruler_first_port (range) - 1, 1);
       port >= 0 && port <= last; port = pl_port_census_next (self->census, port, 1))
    {
      guint uses = pl_port_census_get (self->census, (guint)port);
      double x = pl_ruler_scale_x (scale, (guint)port);

      if (((uses & PL_PORT_LISTENS) != 0) != listens || (int)floor (x) == column)
        continue;
      column = (int)floor (x);
      if (listens)
        draw_listener (self, cr, x);
      else
        add_line (self, cr, x);
    }
  cairo_fill (cr);
}

static void
append_lights (PlPortStrip *self, GtkSnapshot *snapshot)
{
  double u = self->unit, margin = 4 * u;
  PlRulerScale scale;
  cairo_t *cr;

  if (self->census == NULL || pl_port_census_next (self->census, -1, 1) < 0)
    return;
  pl_port_strip_get_scale (self, &scale);
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (-margin, 0, scale.width_px + 2 * margin, (STRIP_TOP + STRIP_BAR + 1) * u));
  for (guint i = 0; i < 2 * PL_RANGE_NONE; i++) /* listeners over the others */
    draw_lights (self, cr, &scale, (PlRange)(i % PL_RANGE_NONE), i >= PL_RANGE_NONE);
  cairo_destroy (cr);
}

/* ---- numbers and the kernel's range ---- */

static void
append_kernel_bar (PlPortStrip *self, GtkSnapshot *snapshot)
{
  double u = self->unit, y = (STRIP_TOP + STRIP_BAR + 2) * u, from, to;
  const GdkRGBA *color = &self->colors.dim_text;
  PlRulerScale scale;

  if (self->kernel_high == 0)
    return;
  pl_port_strip_get_scale (self, &scale);
  from = pl_ruler_scale_x (&scale, self->kernel_low);
  to = pl_ruler_scale_x (&scale, self->kernel_high);
  if (from > to)
    {
      double swap = from;

      from = to;
      to = swap;
    }
  gtk_snapshot_append_color (snapshot, color, &GRAPHENE_RECT_INIT (from, y, to - from, 2 * u));
  gtk_snapshot_append_color (snapshot, color, &GRAPHENE_RECT_INIT (from, y - 2 * u, 1.5 * u, 4 * u));
  gtk_snapshot_append_color (snapshot, color, &GRAPHENE_RECT_INIT (to - 1.5 * u, y - 2 * u, 1.5 * u, 4 * u));
}

static gboolean
collides (const Label *labels, guint n, double x, double width, double space)
{
  for (guint i = 0; i < n; i++)
    if (labels[i].x >= 0 && x < labels[i].x + labels[i].width + space && labels[i].x < x + width + space)
      return TRUE;
  return FALSE;
}

static void
place_number (PlPortStrip *self, Label *labels, guint n, guint number, gboolean at_end)
{
  g_autofree char *text = g_strdup_printf ("%u", number);
  PlRulerScale scale;
  double x, width;

  pl_port_strip_get_scale (self, &scale);
  pl_ruler_scale_zone (&scale, pl_port_range ((guint16)number), &x, &width);
  labels[n].layout = make_layout (self, text, PANGO_WEIGHT_NORMAL);
  labels[n].width = layout_width (labels[n].layout);
  if (at_end != scale.is_mirrored)
    x += width - labels[n].width;
  /* not below 0 by a rounding error, as that of 65535 at the left end is */
  labels[n].x = collides (labels, n, x, labels[n].width, 3 * self->unit) ? -1 : MAX (x, 0);
}

/* Finds the @n-th label a place below the kernel's bar, from @from to @to, that is clear of the others: as near as the numbers
 * stand to each other it would read as one list with them. */
static gboolean
find_place (const PlPortStrip *self, Label *labels, guint n, double from, double to, double whole)
{
  const Label *border = &labels[3];
  double width = labels[n].width, space = KERNEL_SPACE * self->unit;
  /* below its middle, at its ends, at either side of the number in between */
  const double places[] = { (from + to - width) / 2, from, to - width, border->x - space - width - 1,
                            border->x + border->width + space + 1 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (places[i] >= 0 && places[i] + width <= whole && places[i] < to && places[i] + width > from
        && !collides (labels, n, places[i], width, space))
      {
        labels[n].x = places[i];
        return TRUE;
      }
  return FALSE;
}

/* In words if there is room below the kernel's bar, else in fewer; in a narrow window they take the room of 49152, where
 * two headings meet anyway. What finds no room at all is still in the tooltip. */
static void
place_kernel_words (PlPortStrip *self, Label *labels, guint n)
{
  g_autofree char *words = g_strdup_printf (_ ("this kernel hands out %1$u–%2$u"), self->kernel_low, self->kernel_high);
  /* Translators: short for “this kernel hands out …” */
  g_autofree char *few = g_strdup_printf (_ ("kernel: %1$u–%2$u"), self->kernel_low, self->kernel_high);
  g_autofree char *numbers = g_strdup_printf ("%u–%u", self->kernel_low, self->kernel_high);
  const char *texts[] = { words, few, few, numbers };
  double border = labels[3].x, from, to;
  PlRulerScale scale;

  labels[n].x = -1;
  if (self->kernel_high == 0)
    return;
  pl_port_strip_get_scale (self, &scale);
  from = pl_ruler_scale_x (&scale, self->kernel_low);
  to = pl_ruler_scale_x (&scale, self->kernel_high);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      labels[3].x = i < 2 ? border : -1;
      g_clear_object (&labels[n].layout);
      labels[n].layout = make_layout (self, texts[i], PANGO_WEIGHT_NORMAL);
      labels[n].width = layout_width (labels[n].layout);
      if (find_place (self, labels, n, MIN (from, to), MAX (from, to), scale.width_px))
        return;
    }
  labels[3].x = border;
}

/* ---- the current port ---- */

static void
append_current_light (PlPortStrip *self, GtkSnapshot *snapshot, const PlRulerScale *scale)
{
  double u = self->unit, x = pl_ruler_scale_x (scale, (guint)self->low),
         far = pl_ruler_scale_x (scale, (guint)self->high);
  double left = floor (MIN (x, far)) - 3 * u, right = ceil (MAX (x, far)) + 3 * u;
  GskRoundedRect ring;
  cairo_t *cr;

  gsk_rounded_rect_init_from_rect (
      &ring, &GRAPHENE_RECT_INIT (left, STRIP_TOP * u - 1, right - left, STRIP_BAR * u + 2), 3 * u);
  gtk_snapshot_push_rounded_clip (snapshot, &ring);
  gtk_snapshot_append_color (snapshot, &self->colors.background, &ring.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_border (
      snapshot, &ring, (float[4]){ 2, 2, 2, 2 },
      (GdkRGBA[4]){ self->colors.accent, self->colors.accent, self->colors.accent, self->colors.accent });
  cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (left - 4 * u, 0, right - left + 8 * u, (STRIP_TOP + STRIP_BAR) * u));
  gdk_cairo_set_source_rgba (cr, &self->colors.text);
  for (int port = self->low; port >= 0 && port <= self->high; port = pl_port_census_next (self->census, port, 1))
    if (pl_port_census_get (self->census, (guint)port) & PL_PORT_LISTENS)
      draw_listener (self, cr, pl_ruler_scale_x (scale, (guint)port));
    else
      add_line (self, cr, pl_ruler_scale_x (scale, (guint)port));
  cairo_fill (cr);
  cairo_destroy (cr);
}

/* What the current port is, below it: of the other labels' places it takes what it needs. */
static void
place_caption (PlPortStrip *self, Label *label)
{
  g_autofree char *text = NULL;
  PlRulerScale scale;

  label->x = -1;
  if (self->low < 0 || self->census == NULL)
    return;
  pl_port_strip_get_scale (self, &scale);
  text = pl_ruler_caption (self->model, self->is_live, self->census, (guint)self->low, (guint)self->high);
  label->layout = make_layout (self, text, PANGO_WEIGHT_SEMIBOLD);
  label->width = MIN (layout_width (label->layout), scale.width_px);
  pango_layout_set_ellipsize (label->layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (label->layout, (int)ceil (label->width) * PANGO_SCALE);
  pango_layout_set_auto_dir (label->layout, FALSE); /* numbers first, in every language */
  label->x = CLAMP (pl_ruler_scale_x (&scale, (guint)self->low) - label->width / 2, 0, scale.width_px - label->width);
}

static void
append_labels (PlPortStrip *self, GtkSnapshot *snapshot)
{
  Label labels[N_LABELS] = { 0 };

  place_caption (self, &labels[0]);
  place_number (self, labels, 1, 0, FALSE);
  place_number (self, labels, 2, 65535, TRUE);
  place_number (self, labels, 3, 49152, FALSE);
  place_number (self, labels, 4, 1024, FALSE);
  place_kernel_words (self, labels, 5);
  for (guint i = 0; i < N_LABELS; i++)
    {
      if (labels[i].x >= 0)
        append_layout (snapshot, labels[i].layout, labels[i].x, text_y (self),
                       i == 0 ? self->colors.text : self->colors.dim_text);
      g_clear_object (&labels[i].layout);
    }
}

static GskRenderNode *
draw_labels (PlPortStrip *self)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  append_labels (self, snapshot);
  return gtk_snapshot_free_to_node (snapshot);
}

static GskRenderNode *
draw_still (PlPortStrip *self)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
    append_zone (self, snapshot, range);
  append_kernel_bar (self, snapshot);
  append_lights (self, snapshot);
  return gtk_snapshot_free_to_node (snapshot);
}

void
port_strip_snapshot (PlPortStrip *self, GtkSnapshot *snapshot)
{
  PlRulerScale scale;

  if (self->drawn == NULL)
    self->drawn = draw_still (self);
  if (self->drawn != NULL)
    gtk_snapshot_append_node (snapshot, self->drawn);
  if (self->low >= 0 && self->census != NULL)
    {
      pl_port_strip_get_scale (self, &scale);
      append_current_light (self, snapshot, &scale);
      append_labels (self, snapshot); /* its caption takes the place of others */
      return;
    }
  if (self->labels == NULL)
    self->labels = draw_labels (self);
  if (self->labels != NULL)
    gtk_snapshot_append_node (snapshot, self->labels);
}
