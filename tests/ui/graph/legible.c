/* Texts as the renderer gets them; see legible.h. */
#include "legible.h"

#include "graph-node.h"

#define OVERLAP_PX 2.0 /* both ways: letters may reach that far out of their box */
#define CUT_PX 1.5
#define RUNS_APART_PX 8.0 /* a space, and some */

typedef struct
{
  double x, y, scale_x, scale_y; /* from here to the widget's px */
  graphene_rect_t clip; /* in the widget's px */
} Place;

typedef struct
{
  graphene_rect_t box, whole; /* what is seen of it, and all of it; px of the widget */
  graphene_point_t baseline; /* where it begins, px of the widget */
  double font_px;
  gboolean is_cut;
} Text;

static guint n_seen;

static graphene_rect_t
moved (const Place *place, const graphene_rect_t *rect)
{
  return GRAPHENE_RECT_INIT (place->x + rect->origin.x * place->scale_x, place->y + rect->origin.y * place->scale_y,
                             rect->size.width * place->scale_x, rect->size.height * place->scale_y);
}

static gboolean
has_ellipsis (GskRenderNode *node)
{
  PangoFont *font = gsk_text_node_get_font (node);
  hb_font_t *shapes = pango_font_get_hb_font (font);
  hb_codepoint_t ellipsis = 0;
  guint n = gsk_text_node_get_num_glyphs (node);
  const PangoGlyphInfo *glyphs = gsk_text_node_get_glyphs (node, NULL); /* declared pure: it can't tell how many */

  if (!hb_font_get_nominal_glyph (shapes, 0x2026, &ellipsis))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (glyphs[i].glyph == ellipsis)
      return TRUE;
  return FALSE;
}

/* Whether @next is of the same line: an ellipsis and a change of font begin a node of their own. */
static gboolean
continues (const Text *text, const Text *next)
{
  return text->baseline.y == next->baseline.y
         && ABS (next->box.origin.x - text->box.origin.x - text->box.size.width) < RUNS_APART_PX;
}

static void
append (Text *text, const Text *next)
{
  graphene_rect_union (&text->box, &next->box, &text->box);
  graphene_rect_union (&text->whole, &next->whole, &text->whole);
  text->is_cut |= next->is_cut;
}

static void
add_text (GskRenderNode *node, const Place *place, GArray *texts)
{
  PangoFontDescription *font = pango_font_describe_with_absolute_size (gsk_text_node_get_font (node));
  graphene_rect_t bounds, offset;
  Text text = { .is_cut = has_ellipsis (node) };

  text.font_px = (double)pango_font_description_get_size (font) / PANGO_SCALE * place->scale_y;
  pango_font_description_free (font);
  gsk_render_node_get_bounds (node, &bounds);
  text.whole = moved (place, &bounds);
  offset = GRAPHENE_RECT_INIT (gsk_text_node_get_offset (node)->x, gsk_text_node_get_offset (node)->y, 0, 0);
  text.baseline = moved (place, &offset).origin;
  if (!graphene_rect_intersection (&text.whole, &place->clip, &text.box) || text.box.size.width <= CUT_PX
      || text.box.size.height <= CUT_PX)
    return;
  if (texts->len > 0 && continues (&g_array_index (texts, Text, texts->len - 1), &text))
    append (&g_array_index (texts, Text, texts->len - 1), &text);
  else
    g_array_append_val (texts, text);
}

static void walk (GskRenderNode *node, Place place, GArray *texts);

static void
walk_clipped (GskRenderNode *child, const graphene_rect_t *clip, Place place, GArray *texts)
{
  graphene_rect_t inner = moved (&place, clip);

  if (graphene_rect_intersection (&place.clip, &inner, &place.clip))
    walk (child, place, texts);
}

static void
walk_transformed (GskRenderNode *node, Place place, GArray *texts)
{
  GskTransform *transform = gsk_transform_node_get_transform (node);
  float scale_x = 1, scale_y = 1, x = 0, y = 0;

  if (gsk_transform_get_category (transform) < GSK_TRANSFORM_CATEGORY_2D_AFFINE)
    return;
  gsk_transform_to_affine (transform, &scale_x, &scale_y, &x, &y);
  place.x += x * place.scale_x;
  place.y += y * place.scale_y;
  place.scale_x *= scale_x;
  place.scale_y *= scale_y;
  walk (gsk_transform_node_get_child (node), place, texts);
}

static void
walk (GskRenderNode *node, Place place, GArray *texts)
{
  switch ((guint)gsk_render_node_get_node_type (node))
    {
    case GSK_TEXT_NODE:
      add_text (node, &place, texts);
      break;
    case GSK_CONTAINER_NODE:
      for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
        walk (gsk_container_node_get_child (node, i), place, texts);
      break;
    case GSK_TRANSFORM_NODE:
      walk_transformed (node, place, texts);
      break;
    case GSK_CLIP_NODE:
      walk_clipped (gsk_clip_node_get_child (node), gsk_clip_node_get_clip (node), place, texts);
      break;
    case GSK_ROUNDED_CLIP_NODE:
      walk_clipped (gsk_rounded_clip_node_get_child (node), &gsk_rounded_clip_node_get_clip (node)->bounds, place,
                    texts);
      break;
    case GSK_OPACITY_NODE:
      if (gsk_opacity_node_get_opacity (node) > 0)
        walk (gsk_opacity_node_get_child (node), place, texts);
      break;
    case GSK_SHADOW_NODE:
      walk (gsk_shadow_node_get_child (node), place, texts);
      break;
    case GSK_DEBUG_NODE:
      walk (gsk_debug_node_get_child (node), place, texts);
      break;
    default:
      break;
    }
}

static char *
name_of (GtkWidget *widget, const Text *text)
{
  const char *label = "";

  if (GTK_IS_LABEL (widget))
    label = gtk_label_get_label (GTK_LABEL (widget));
  else if (PL_IS_GRAPH_NODE (widget))
    label = pl_graph_node_get (PL_GRAPH_NODE (widget))->title;

  return g_strdup_printf ("%s “%s” at %.0f,%.0f (%.0f×%.0f px)", G_OBJECT_TYPE_NAME (widget), label, text->box.origin.x,
                          text->box.origin.y, text->box.size.width, text->box.size.height);
}

static GtkWidget *
under (GtkWidget *widget, const Text *text)
{
  graphene_point_t middle, at;
  GtkWidget *found;

  graphene_rect_get_center (&text->box, &middle);
  found = gtk_widget_pick (widget, middle.x, middle.y, GTK_PICK_INSENSITIVE);
  if (found && gtk_widget_get_ancestor (found, GTK_TYPE_SCROLLBAR)) /* lies over what it scrolls */
    {
      GtkWidget *scrolled = gtk_widget_get_ancestor (found, GTK_TYPE_SCROLLED_WINDOW);

      found = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (scrolled));
      if (gtk_widget_compute_point (widget, found, &middle, &at)
          && gtk_widget_pick (found, at.x, at.y, GTK_PICK_DEFAULT))
        found = gtk_widget_pick (found, at.x, at.y, GTK_PICK_DEFAULT);
    }
  return found ? found : widget;
}

/* Whether it can be scrolled to, sideways. */
static gboolean
is_scrolled_aside (GtkWidget *widget)
{
  GtkWidget *scrolled = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *across = scrolled ? gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scrolled)) : NULL;

  return across && gtk_adjustment_get_upper (across) > gtk_adjustment_get_page_size (across) + 1;
}

/* Whether a label that ends in an ellipsis shows all of its text: it is one of its own. */
static gboolean
is_whole_label (GtkWidget *widget)
{
  return GTK_IS_LABEL (widget) && !pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget)));
}

/* The node that is drawn over an end of @text, if there is one. */
static GtkWidget *
node_over (GtkWidget *widget, const Text *text, double x)
{
  Text end = *text;

  end.box.origin.x = x;
  end.box.size.width = 0;
  return gtk_widget_get_ancestor (under (widget, &end), PL_TYPE_GRAPH_NODE);
}

/* Whether a node covers a part of it: it begins in one and ends in another, or beside it. */
static gboolean
is_under_node (GtkWidget *widget, const Text *text)
{
  double left = text->box.origin.x, right = left + text->box.size.width;

  return node_over (widget, text, left + 1) != node_over (widget, text, right - 1);
}

static void
check_alone (
    GtkWidget *widget, const Text *text, double smallest_px, LegibleMayCut may_cut, gpointer data, GPtrArray *problems)
{
  GtkWidget *inner = under (widget, text);
  g_autofree char *name = name_of (inner, text);
  graphene_point_t middle, at = { 0, 0 };

  graphene_rect_get_center (&text->box, &middle);
  if (!gtk_widget_compute_point (widget, inner, &middle, &at))
    at = middle;
  if (text->is_cut && !is_whole_label (inner) && !(may_cut && may_cut (inner, at.y, data)))
    g_ptr_array_add (problems, g_strdup_printf ("cut: %s", name));
  if (text->whole.size.width - text->box.size.width > CUT_PX && !is_scrolled_aside (inner))
    g_ptr_array_add (problems, g_strdup_printf ("cut at a side: %s", name));
  if (is_under_node (widget, text))
    g_ptr_array_add (problems, g_strdup_printf ("half under a node: %s", name));
  if (text->font_px < smallest_px - 0.05)
    g_ptr_array_add (problems, g_strdup_printf ("only %.1f px: %s", text->font_px, name));
}

static void
check_pair (GtkWidget *widget, const Text *one, const Text *other, GPtrArray *problems)
{
  graphene_rect_t both;
  g_autofree char *name = NULL, *other_name = NULL;

  if (!graphene_rect_intersection (&one->box, &other->box, &both) || both.size.width < OVERLAP_PX
      || both.size.height < OVERLAP_PX)
    return;
  name = name_of (under (widget, one), one);
  other_name = name_of (under (widget, other), other);
  g_ptr_array_add (problems, g_strdup_printf ("overlap: %s and %s", name, other_name));
}

static GskRenderNode *
drawing_of (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  return gtk_snapshot_free_to_node (snapshot);
}

GPtrArray *
legible_check (GtkWidget *widget, double smallest_px, LegibleMayCut may_cut, gpointer data)
{
  GPtrArray *problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) texts = g_array_new (FALSE, FALSE, sizeof (Text));
  GskRenderNode *node = drawing_of (widget);
  Place place = { .scale_x = 1, .scale_y = 1 };

  place.clip = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  if (node)
    walk (node, place, texts);
  g_clear_pointer (&node, gsk_render_node_unref);
  n_seen = texts->len;
  for (guint i = 0; i < texts->len; i++)
    {
      check_alone (widget, &g_array_index (texts, Text, i), smallest_px, may_cut, data, problems);
      for (guint j = 0; j < i; j++)
        check_pair (widget, &g_array_index (texts, Text, i), &g_array_index (texts, Text, j), problems);
    }
  return problems;
}

guint
legible_get_n_seen (void)
{
  return n_seen;
}
