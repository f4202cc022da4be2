/* What the pointer rests on, in words, beside it. GTK's own tooltip stands where the pointer is, over whatever is there: this
 * one takes the place where it covers least, above all nothing of what is lit, and never what it is about. When it is to come
 * GTK says. Main loop only. */
#include "graph-canvas-private.h"

#include <math.h>

#define GAP_PX 8.0
#define LONGEST_LINE 50 /* characters */
#define MAX_LINES 64 /* that it makes way for */
#define SAMPLE_PX 8.0 /* of such a line */
#define LIT_WEIGHT 6.0 /* to cover what is lit is so much worse than something else */
#define AWAY_WEIGHT 12.0 /* px² of something covered that make up for one px further away */

GtkWidget *
graph_tip_new (void)
{
  GtkWidget *tip =
      g_object_new (GTK_TYPE_LABEL, "css-name", "tooltip", "accessible-role", GTK_ACCESSIBLE_ROLE_TOOLTIP, "wrap", TRUE,
                    "max-width-chars", LONGEST_LINE, "xalign", 0.0, "visible", FALSE, "can-target", FALSE, NULL);

  gtk_widget_add_css_class (tip, "background");
  gtk_widget_add_css_class (tip, "graph-tip");
  return tip;
}

void
graph_canvas_hide_tip (PlGraphCanvas *self)
{
  self->tip_pick = (Pick){ PICK_NONE, 0 };
  if (self->tip) /* what leaves as the canvas is disposed of may still ask */
    gtk_widget_set_visible (self->tip, FALSE);
}

void
graph_canvas_show_tip (PlGraphCanvas *self, Pick pick, const char *text)
{
  if (gtk_widget_get_visible (self->tip) && pick.kind == self->tip_pick.kind && pick.id == self->tip_pick.id)
    return;
  self->tip_pick = pick;
  gtk_widget_set_size_request (self->tip, -1, -1);
  gtk_label_set_text (GTK_LABEL (self->tip), text);
  gtk_widget_set_visible (self->tip, TRUE);
}

/* What it says goes on while the pointer rests: rates and counts are those of now. It becomes no narrower, so that it stands
 * still while the digits change. */
void
graph_canvas_follow_tip (PlGraphCanvas *self)
{
  g_autofree char *text = gtk_widget_get_visible (self->tip) ? graph_canvas_describe (self, self->tip_pick) : NULL;
  int width;

  if (text == NULL || g_str_equal (text, gtk_label_get_text (GTK_LABEL (self->tip))))
    return;
  gtk_widget_measure (self->tip, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
  gtk_widget_set_size_request (self->tip, MIN (width, gtk_widget_get_width (GTK_WIDGET (self))), -1);
  gtk_label_set_text (GTK_LABEL (self->tip), text);
}

/* ---- where ---- */

/* Px of the widget. */
static graphene_rect_t
node_rect (PlGraphCanvas *self, const PlSceneNode *node)
{
  double x = node->x, y = node->target_y;

  graph_canvas_from_scene (self, &x, &y, node->width);
  return GRAPHENE_RECT_INIT (x, y, node->width * self->zoom, node->height * self->zoom);
}

/* What the tip is about. */
static graphene_rect_t
anchor_rect (PlGraphCanvas *self)
{
  const PlSceneNode *node =
      self->tip_pick.kind == PICK_NODE ? pl_scene_find_node (self->scene, self->tip_pick.id) : NULL;

  return node ? node_rect (self, node)
              : GRAPHENE_RECT_INIT (self->pointer_x - GAP_PX, self->pointer_y - GAP_PX, 2 * GAP_PX, 2 * GAP_PX);
}

/* Points of what is lit, px of the widget. (element-type graphene_point_t) (transfer full) */
static GArray *
sample_lit_lines (PlGraphCanvas *self)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (graphene_point_t));
  guint n, n_lit = 0;
  const PlSceneEdge *edges = pl_scene_get_edges (self->scene, &n);
  double end = graph_canvas_span (self);

  for (guint i = 0; i < n && n_lit < MAX_LINES; i++)
    {
      if (!graph_canvas_lights_edge (self, &self->hover, &edges[i]))
        continue;
      n_lit++;
      for (double at = 0; at < end; at += SAMPLE_PX / self->zoom)
        {
          double x = at, y = pl_scene_edge_y (self->scene, &edges[i], at);

          if (isnan (y))
            continue;
          graph_canvas_from_scene (self, &x, &y, 0);
          g_array_append_val (points, GRAPHENE_POINT_INIT (x, y));
        }
    }
  return points;
}

/* How bad a place is: px² of what it covers, weighed, and how far it is away. */
static double
cost_of (PlGraphCanvas *self, const graphene_rect_t *place, const graphene_rect_t *anchor, GArray *lit)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);
  double cost = 0, away_x = place->origin.x + place->size.width / 2 - anchor->origin.x - anchor->size.width / 2;
  double away_y = place->origin.y + place->size.height / 2 - anchor->origin.y - anchor->size.height / 2;

  for (guint i = 0; i < n; i++)
    {
      graphene_rect_t rect = node_rect (self, &nodes[i]), common;
      PlGraphNode *widget = g_hash_table_lookup (self->nodes, &nodes[i].id);
      gboolean is_lit = widget && (pl_graph_node_get_marks (widget) & (PL_NODE_LIT | PL_NODE_ON_PATH | PL_NODE_FOUND));

      if (graphene_rect_intersection (&rect, place, &common))
        cost += common.size.width * common.size.height * (is_lit ? LIT_WEIGHT : 1);
    }
  for (guint i = 0; i < lit->len; i++)
    if (graphene_rect_contains_point (place, &g_array_index (lit, graphene_point_t, i)))
      cost += SAMPLE_PX * SAMPLE_PX * LIT_WEIGHT;
  return cost + hypot (away_x, away_y) * AWAY_WEIGHT;
}

/* Of what lies around it, the best. */
static graphene_rect_t
best_place (PlGraphCanvas *self, const graphene_rect_t *anchor, double width, double height)
{
  double room_x = MAX (gtk_widget_get_width (GTK_WIDGET (self)) - width, 0);
  double room_y = MAX (gtk_widget_get_height (GTK_WIDGET (self)) - height, 0), best_cost = G_MAXDOUBLE;
  double right = anchor->origin.x + anchor->size.width, bottom = anchor->origin.y + anchor->size.height;
  const double xs[] = { anchor->origin.x - width - GAP_PX, right - width,
                        anchor->origin.x + (anchor->size.width - width) / 2, anchor->origin.x, right + GAP_PX };
  const double ys[] = { anchor->origin.y - height - GAP_PX, bottom - height,
                        anchor->origin.y + (anchor->size.height - height) / 2, anchor->origin.y, bottom + GAP_PX };
  g_autoptr (GArray) lit = sample_lit_lines (self);
  graphene_rect_t best = GRAPHENE_RECT_INIT (CLAMP (xs[2], 0, room_x), CLAMP (ys[4], 0, room_y), width, height);

  for (guint i = 0; i < G_N_ELEMENTS (xs) * G_N_ELEMENTS (ys); i++)
    {
      double x = CLAMP (xs[i % G_N_ELEMENTS (xs)], 0, room_x), y = CLAMP (ys[i / G_N_ELEMENTS (xs)], 0, room_y), cost;
      graphene_rect_t place = GRAPHENE_RECT_INIT (x, y, width, height);

      if (graphene_rect_intersection (&place, anchor, NULL))
        continue;
      cost = cost_of (self, &place, anchor, lit);
      if (cost >= best_cost)
        continue;
      best_cost = cost;
      best = place;
    }
  return best;
}

/**
 * pl_graph_canvas_place_tip:
 * @self: a canvas
 * @place: (out caller-allocates): where its tip is to stand, px of the canvas
 *
 * To be called once the canvas is allocated.
 *
 * Returns: whether there is a tip to be seen
 */
gboolean
pl_graph_canvas_place_tip (PlGraphCanvas *self, GdkRectangle *place)
{
  int least, width, height, room = gtk_widget_get_width (GTK_WIDGET (self));
  graphene_rect_t anchor, best;

  if (!gtk_widget_get_visible (self->tip))
    return FALSE;
  gtk_widget_measure (self->tip, GTK_ORIENTATION_HORIZONTAL, -1, &least, &width, NULL, NULL);
  width = MAX (MIN (width, room), least);
  gtk_widget_measure (self->tip, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  anchor = anchor_rect (self);
  best = best_place (self, &anchor, width, height);
  *place = (GdkRectangle){ round (best.origin.x), round (best.origin.y), width, height };
  return TRUE;
}

GtkWidget *
pl_graph_canvas_get_tip (PlGraphCanvas *self)
{
  return self->tip;
}
