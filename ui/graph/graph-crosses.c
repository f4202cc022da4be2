/* How many failed attempts a cross stands for, where it is more than one: small numbers above the lines, kept as one render
 * node until the lines change. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define FONT_PX 11.0
#define SMALLEST_FONT_PX 8.0 /* smaller is not written */
#define COVERS_X 46.0 /* units: nearer than this two numbers would lie upon one another */
#define COVERS_Y 14.0
#define BESIDE 8.0 /* units from the cross's middle to the number */
#define AROUND_PX 2 /* its ground */

static PangoLayout *
make_layout (PlGraphCanvas *self, guint n_flows, double size)
{
  g_autofree char *text = g_strdup_printf ("\u200e×%u", n_flows); /* the mark: not "18×" from right to left */
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_size_new_absolute (size * PANGO_SCALE));
  pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_SEMIBOLD));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

/* Before the cross, so that it keeps off the port at whose door it stands, or behind it; nowhere rather than under a port. */
static void
append_number (PlGraphCanvas *self, GtkSnapshot *snapshot, const PlSceneCross *cross, double size)
{
  g_autoptr (PangoLayout) layout = make_layout (self, cross->n_flows, size);
  GdkRGBA color = pl_failed_rgba (self->colors.is_dark), ground = self->colors.background;
  double x = cross->x, beside = BESIDE * self->unit * self->zoom;
  gboolean is_mirrored = graph_canvas_is_mirrored (self);
  int width, height, side;
  graphene_rect_t box;
  GskRoundedRect pill;

  pango_layout_get_pixel_size (layout, &width, &height);
  side = pl_scene_cross_side (cross, (beside + width + AROUND_PX) / self->zoom);
  if (side == 0)
    return;
  if (is_mirrored)
    x = graph_canvas_span (self) - x;
  x = round (x * self->zoom + (is_mirrored == (side < 0) ? beside : -beside - width));
  graphene_rect_init (&box, x - AROUND_PX, round (cross->y * self->zoom - height / 2.0), width + 2 * AROUND_PX, height);
  gsk_rounded_rect_init_from_rect (&pill, &box, height / 3.0);
  color.alpha = cross->opacity;
  ground.alpha = 0.85 * cross->opacity;
  gtk_snapshot_push_rounded_clip (snapshot, &pill);
  gtk_snapshot_append_color (snapshot, &ground, &box);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, box.origin.y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static gboolean
is_covered (PlGraphCanvas *self, const PlSceneCross *cross, GArray *above)
{
  for (guint i = 0; above && i < above->len; i++)
    {
      const PlSceneCross *other = &g_array_index (above, PlSceneCross, i);

      if (fabs (other->x - cross->x) < COVERS_X * self->unit && fabs (other->y - cross->y) < COVERS_Y * self->unit)
        return TRUE;
    }
  return FALSE;
}

void
graph_canvas_update_crosses (PlGraphCanvas *self, GArray *crosses, GArray *above, gboolean is_lit)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  double size = FONT_PX * self->unit * self->zoom;

  for (guint i = 0; size >= SMALLEST_FONT_PX && i < crosses->len; i++)
    if (g_array_index (crosses, PlSceneCross, i).n_flows > 1
        && !is_covered (self, &g_array_index (crosses, PlSceneCross, i), above))
      append_number (self, snapshot, &g_array_index (crosses, PlSceneCross, i), size);
  g_clear_pointer (&self->numbers[is_lit], gsk_render_node_unref);
  self->numbers[is_lit] = gtk_snapshot_free_to_node (snapshot);
}
