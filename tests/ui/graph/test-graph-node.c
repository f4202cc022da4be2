/* A node by itself: how it is drawn, a port's mark by its range and its role, in which colour a card tells what failed; and
 * whether it says that it is unfolded. In process, under Xvfb. */
#include <adwaita.h>

#include "graph-fixture.h"
#include "graph-node.h"

#define SAME 1e-3

/* @node as it is drawn, 160 by 40 px. (transfer full) */
static GskRenderNode *
draw (const PlSceneNode *node, const PlGraphColors *colors)
{
  GtkWidget *window = gtk_window_new (), *widget = pl_graph_node_new ();
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gtk_window_set_child (GTK_WINDOW (window), widget);
  pl_graph_node_set (PL_GRAPH_NODE (widget), node, colors, 1, 1);
  gtk_widget_size_allocate (widget, &(GtkAllocation){ 0, 0, 160, 40 }, -1);
  GTK_WIDGET_GET_CLASS (widget)->snapshot (widget, snapshot);
  gtk_window_destroy (GTK_WINDOW (window));
  return gtk_snapshot_free_to_node (snapshot);
}

/* The first of that @type. (nullable) (transfer none) */
static GskRenderNode *
find (GskRenderNode *node, GskRenderNodeType type)
{
  GskRenderNode *found = gsk_render_node_get_node_type (node) == type ? node : NULL;

  if (gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE)
    for (guint i = 0; i < gsk_container_node_get_n_children (node) && !found; i++)
      found = find (gsk_container_node_get_child (node, i), type);
  return found;
}

/* How round it is: of its mark's width so much is a corner. */
static double
roundness (PlRange range, const PlGraphColors *colors)
{
  const PlSceneNode port = { .lane = PL_LANE_REMOTE_PORT,
                             .role = PL_ROLE_SERVICE,
                             .proto = PL_PROTO_TCP,
                             .port = 443,
                             .range = range,
                             .width = 160,
                             .height = 40,
                             .title = ":443",
                             .subtitle = "" };
  g_autoptr (GskRenderNode) node = draw (&port, colors);
  GskRenderNode *clip = find (node, GSK_ROUNDED_CLIP_NODE);
  const GskRoundedRect *shape;

  g_assert_nonnull (clip);
  g_assert_null (find (node, GSK_BORDER_NODE));
  shape = gsk_rounded_clip_node_get_clip (clip);
  return shape->corner[0].width / shape->bounds.size.width;
}

/* Square, rounded, circle; of a port that listens the outline alone. */
static void
test_marks (void)
{
  const PlGraphColors colors = pl_graph_colors (FALSE, FALSE);
  const PlSceneNode listener = { .lane = PL_LANE_LOCAL_PORT,
                                 .flags = PL_SCENE_LISTENER,
                                 .role = PL_ROLE_LISTENING,
                                 .proto = PL_PROTO_TCP,
                                 .port = 22,
                                 .range = PL_RANGE_WELL_KNOWN,
                                 .width = 160,
                                 .height = 40,
                                 .title = ":22",
                                 .subtitle = "" };
  g_autoptr (GskRenderNode) node = draw (&listener, &colors);

  g_assert_cmpfloat (roundness (PL_RANGE_WELL_KNOWN, &colors), <, 0.2);
  g_assert_cmpfloat (roundness (PL_RANGE_REGISTERED, &colors), >, 0.25);
  g_assert_cmpfloat (roundness (PL_RANGE_REGISTERED, &colors), <, 0.4);
  g_assert_cmpfloat_with_epsilon (roundness (PL_RANGE_DYNAMIC, &colors), 0.5, SAME);
  g_assert_nonnull (find (node, GSK_BORDER_NODE));
  g_assert_null (find (node, GSK_ROUNDED_CLIP_NODE));
}

/* Whether a text is drawn in @color. */
static gboolean
has_text_in (GskRenderNode *node, GdkRGBA color)
{
  if (gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE)
    for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
      if (has_text_in (gsk_container_node_get_child (node, i), color))
        return TRUE;
  return gsk_render_node_get_node_type (node) == GSK_TEXT_NODE
         && gdk_rgba_equal (gsk_text_node_get_color (node), &color);
}

static void
test_failed (void)
{
  for (guint is_dark = FALSE; is_dark <= TRUE; is_dark++)
    {
      const PlGraphColors colors = pl_graph_colors (is_dark, FALSE);
      PlSceneNode card = { .lane = PL_LANE_ENDPOINT,
                           .range = PL_RANGE_NONE,
                           .width = 160,
                           .height = 40,
                           .title = "10.0.0.9",
                           .subtitle = "refused" };
      g_autoptr (GskRenderNode) fine = draw (&card, &colors), failed = NULL;

      card.flags = PL_SCENE_FAILED;
      failed = draw (&card, &colors);
      g_assert_true (has_text_in (fine, colors.text) && has_text_in (failed, colors.text));
      g_assert_true (has_text_in (fine, colors.dim_text) && !has_text_in (fine, colors.failed_text));
      g_assert_true (has_text_in (failed, colors.failed_text) && !has_text_in (failed, colors.dim_text));
    }
}

/* What can be unfolded or folded again says which; what can be neither says nothing of it. */
static void
test_expanded (void)
{
  static const struct
  {
    guint flags;
    int is_expanded; /* -1: there is no such state */
  } rows[] = { { 0, -1 },
               { PL_SCENE_BUNDLE, FALSE },
               { PL_SCENE_MANY, FALSE },
               { PL_SCENE_UNFOLDED | PL_SCENE_BUNDLE, FALSE },
               { PL_SCENE_UNFOLDED, TRUE },
               { PL_SCENE_PROCESS, TRUE },
               { 0, -1 } };
  const PlGraphColors colors = pl_graph_colors (FALSE, FALSE);
  PlSceneNode card = {
    .lane = PL_LANE_APP, .range = PL_RANGE_NONE, .width = 160, .height = 40, .title = "curl", .subtitle = ""
  };
  GtkWidget *widget = g_object_ref_sink (pl_graph_node_new ());

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GtkAccessible *accessible = GTK_ACCESSIBLE (widget);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      card.flags = rows[i].flags;
      pl_graph_node_set (PL_GRAPH_NODE (widget), &card, &colors, 1, 1);
      if (rows[i].is_expanded >= 0)
        gtk_test_accessible_assert_state (accessible, GTK_ACCESSIBLE_STATE_EXPANDED, rows[i].is_expanded);
      else
        g_assert_false (gtk_test_accessible_has_state (accessible, GTK_ACCESSIBLE_STATE_EXPANDED));
    }
  g_object_unref (widget);
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/graph/node/marks", test_marks);
  g_test_add_func ("/graph/node/failed", test_failed);
  g_test_add_func ("/graph/node/expanded", test_expanded);
  return g_test_run ();
}
