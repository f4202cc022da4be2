/* Actions of the graph view, and the keys that reach it from everywhere in its window. Main loop only. */
#include "graph-search-bar.h"
#include "graph-view-private.h"

/* ---- keys that nobody in the window took ---- */

static const char *
zoom_of_key (guint key)
{
  switch (key)
    {
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      return "graph.zoom-in";
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      return "graph.zoom-out";
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      return "graph.zoom-fit";
    default:
      return NULL;
    }
}

gboolean
graph_view_key_pressed (PlGraphView *self, guint key, guint code, GdkModifierType state, GtkEventControllerKey *keys)
{
  const char *zoom = zoom_of_key (key);

  if (!gtk_widget_get_mapped (GTK_WIDGET (self->canvas)))
    return FALSE;
  if ((state & GDK_CONTROL_MASK) && gdk_keyval_to_lower (key) == GDK_KEY_z)
    return pl_graph_view_undo_filter (self);
  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK))
    return FALSE;
  if (key == GDK_KEY_Escape)
    return pl_graph_search_bar_close (PL_GRAPH_SEARCH_BAR (self->search));
  if (zoom)
    return gtk_widget_activate_action (GTK_WIDGET (self), zoom, NULL);
  return pl_graph_search_bar_take_key (PL_GRAPH_SEARCH_BAR (self->search), keys, key);
}

/* ---- actions ---- */

static void
filter_by_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  if (g_str_equal (action, "graph.show-all"))
    pl_graph_view_clear_filter (PL_GRAPH_VIEW (widget));
  else
    pl_graph_view_undo_filter (PL_GRAPH_VIEW (widget));
}

static void
tidy_by_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  pl_graph_view_tidy (PL_GRAPH_VIEW (widget));
}

static void
find_by_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  pl_graph_search_bar_open (PL_GRAPH_SEARCH_BAR (PL_GRAPH_VIEW (widget)->search));
}

static void
zoom_by_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PlGraphCanvas *canvas = PL_GRAPH_VIEW (widget)->canvas;

  if (g_str_equal (action, "graph.zoom-fit"))
    pl_graph_canvas_fit (canvas);
  else if (g_str_equal (action, "graph.zoom-normal"))
    pl_graph_canvas_set_zoom (canvas, 1);
  else
    pl_graph_canvas_zoom_step (canvas, g_str_equal (action, "graph.zoom-in") ? 1 : -1);
}

void
graph_view_install_actions (GtkWidgetClass *klass)
{
  gtk_widget_class_install_action (klass, "graph.zoom-in", NULL, zoom_by_action);
  gtk_widget_class_install_action (klass, "graph.zoom-out", NULL, zoom_by_action);
  gtk_widget_class_install_action (klass, "graph.zoom-fit", NULL, zoom_by_action);
  gtk_widget_class_install_action (klass, "graph.zoom-normal", NULL, zoom_by_action);
  gtk_widget_class_install_action (klass, "graph.tidy", NULL, tidy_by_action);
  gtk_widget_class_install_action (klass, "graph.find", NULL, find_by_action);
  gtk_widget_class_install_action (klass, "graph.show-all", NULL, filter_by_action);
  gtk_widget_class_install_action (klass, "graph.undo-filter", NULL, filter_by_action);
}

/**
 * pl_graph_view_settle:
 * @self: a graph view
 *
 * All that there is to read was read: what came piece by piece is laid out as a whole, unless somebody has arranged or pinned
 * something meanwhile.
 */
void
pl_graph_view_settle (PlGraphView *self)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));
  pl_graph_canvas_settle (self->canvas);
}
