/* See graph-fixture.h. Main thread of a test program. */
#include "graph-fixture.h"

#include "graph-canvas.h"

static gboolean
stop (gpointer is_waiting)
{
  *(gboolean *)is_waiting = FALSE;
  return G_SOURCE_REMOVE;
}

void
paint_frame (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gboolean is_waiting = TRUE;
  gulong handler = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (stop), &is_waiting);

  gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_AFTER_PAINT);
  while (is_waiting)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, handler);
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0 && fields[i].length < 0
        && strcmp (fields[i].value, "gdk_frame_timings_submitted() called on submitted frame.") == 0)
      return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, data);
}

void
let_gdks_clock_pass (void)
{
  g_log_set_writer_func (write_log, NULL, NULL);
}

void
run_ms (guint ms)
{
  gboolean is_waiting = TRUE;

  g_timeout_add (ms, stop, &is_waiting);
  while (is_waiting)
    g_main_context_iteration (NULL, TRUE);
}

void
wait_ms (guint ms)
{
  g_autoptr (GtkWidget) window = NULL;

  run_ms (ms);
  window = g_list_model_get_item (gtk_window_get_toplevels (), 0);
  if (window && gtk_widget_get_mapped (window))
    paint_frame (window);
}

GtkWidget *
find_canvas (GtkWidget *widget)
{
  GtkWidget *found = PL_IS_GRAPH_CANVAS (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_canvas (child);
  return found;
}

guint64
find_lowest_port (PlScene *scene)
{
  guint n, n_nodes;
  const PlSceneNode *lowest = NULL, *nodes = pl_scene_get_nodes (scene, &n_nodes);
  const PlSceneEdge *edges = pl_scene_get_edges (scene, &n);

  for (guint i = 0; i < n; i++)
    if (edges[i].node[PL_LANE_REMOTE_PORT] < n_nodes)
      {
        const PlSceneNode *port = &nodes[edges[i].node[PL_LANE_REMOTE_PORT]];
        const PlSceneNode *app = &nodes[edges[i].node[PL_LANE_APP]];

        if (!((port->flags | app->flags) & PL_SCENE_BUNDLE) && (!lowest || port->target_y > lowest->target_y))
          lowest = port;
      }
  return lowest ? lowest->id : 0;
}

gboolean
reads_port (GtkLabel *label)
{
  g_autoptr (PangoLayout) layout = pango_layout_copy (gtk_label_get_layout (label));
  const char *text = pango_layout_get_text (layout), *colon = strchr (text, ':');
  PangoRectangle mark, digit;

  g_assert_nonnull (colon);
  pango_layout_set_width (layout, -1); /* the label may be too narrow yet for more than a letter a line */
  pango_layout_index_to_pos (layout, (int)(colon - text), &mark);
  pango_layout_index_to_pos (layout, (int)(colon - text) + 1, &digit);
  return mark.x < digit.x;
}

GtkWidget *
find_label (GtkWidget *widget, const char *text)
{
  GtkWidget *found =
      GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_label (child, text);
  return found;
}
