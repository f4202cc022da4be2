/* The texts of a node; see node-text.h. */
#include "node-text.h"

static void
set_scale (PangoLayout *layout, PangoWeight weight, double scale)
{
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_weight_new (weight));
  pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
}

PangoLayout *
node_text_new (GtkWidget *widget, const char *text, const PlNodeFont *font)
{
  PangoContext *context = gtk_widget_create_pango_context (widget);
  PangoLayout *layout;

  pango_context_set_base_dir (context, PANGO_DIRECTION_LTR); /* ":443" reads so everywhere; words find their own way */
  layout = pango_layout_new (context);
  g_object_unref (context);
  pango_layout_set_text (layout, text, -1);
  set_scale (layout, font->weight, font->scale);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  return layout;
}

double
node_text_width (PangoLayout *layout)
{
  int width;

  pango_layout_set_width (layout, -1);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

double
node_text_height (PangoLayout *layout)
{
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

/* Whether it fits, as large as it can. Hinted letters take whole pixels each: a tenth less of size is not a tenth less of
 * width, so that it goes down in steps. */
static gboolean
shrink (PangoLayout *layout, const PlNodeFont *font, double width)
{
  double natural, scale;

  set_scale (layout, font->weight, font->scale);
  natural = node_text_width (layout);
  if (natural <= width)
    return TRUE;
  for (scale = MAX (font->smallest, width / natural - 0.01);; scale = MAX (font->smallest, scale - 0.04))
    {
      set_scale (layout, font->weight, font->scale * scale);
      if (node_text_width (layout) <= width)
        return TRUE;
      if (scale <= font->smallest)
        return FALSE;
    }
}

static void
set_middle_cut (PangoLayout *layout, const char *text, glong n_kept)
{
  g_autofree char *head = g_utf8_substring (text, 0, (n_kept + 1) / 2);
  g_autofree char *tail = g_utf8_substring (text, g_utf8_strlen (text, -1) - n_kept / 2, -1);
  g_autofree char *both = g_strconcat (head, "…", tail, NULL);

  pango_layout_set_text (layout, both, -1);
}

/* Pango's own middle ellipsis may leave a gap. */
static void
cut_middle (PangoLayout *layout, const char *text, double width)
{
  glong low = 2, high = g_utf8_strlen (text, -1);

  while (low < high)
    {
      glong n_kept = (low + high + 1) / 2;

      set_middle_cut (layout, text, n_kept);
      if (node_text_width (layout) <= width)
        low = n_kept;
      else
        high = n_kept - 1;
    }
  set_middle_cut (layout, text, low);
}

gboolean
node_text_fit (PangoLayout *layout, const char *const *texts, const PlNodeFont *font, double width, gboolean keeps_ends)
{
  const char *last = "";

  for (; *texts != NULL; texts++)
    {
      last = *texts;
      pango_layout_set_text (layout, last, -1);
      if (shrink (layout, font, width))
        return FALSE;
    }
  if (keeps_ends)
    cut_middle (layout, last, width);
  return TRUE;
}
