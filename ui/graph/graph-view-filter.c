/* The graph view's filter, as the rest of the window uses it. Main loop only. */
#include <glib/gi18n.h>

#include "graph-view-private.h"

/**
 * pl_graph_view_get_filter:
 * @self: a graph view
 *
 * Returns: (transfer none): what is drawn: valid until the next "filter-changed"
 */
const PlFlowFilter *
pl_graph_view_get_filter (PlGraphView *self)
{
  g_return_val_if_fail (PL_IS_GRAPH_VIEW (self), NULL);
  return pl_graph_filter_get (pl_graph_canvas_get_filter (self->canvas));
}

/**
 * pl_graph_view_filter_ports:
 * @self: a graph view
 * @from: lowest port
 * @to: highest port, too
 *
 * Draws only flows through these ports of this computer, in place of the ports that were filtered to before; the same
 * ports once more take the filter back.
 */
void
pl_graph_view_filter_ports (PlGraphView *self, guint16 from, guint16 to)
{
  const PlFlowMatch match = { .conditions = PL_MATCH_OWN_PORT, .own = { MIN (from, to), MAX (from, to) } };
  g_autofree char *title = NULL;

  g_return_if_fail (PL_IS_GRAPH_VIEW (self));

  title = from == to ? g_strdup_printf (_ ("port %u"), from) : g_strdup_printf (_ ("ports %u–%u"), from, to);
  pl_graph_filter_toggle (pl_graph_canvas_get_filter (self->canvas), &match, title);
}

/**
 * pl_graph_view_get_filtered_ports:
 * @self: a graph view
 * @from: (out) (optional): lowest port
 * @to: (out) (optional): highest port
 *
 * Returns: whether pl_graph_view_filter_ports() is in force; else @from and @to stay untouched
 */
gboolean
pl_graph_view_get_filtered_ports (PlGraphView *self, guint16 *from, guint16 *to)
{
  const PlFlowFilter *filter = pl_graph_view_get_filter (self);

  for (guint i = 0; filter && i < pl_flow_filter_get_n_terms (filter); i++)
    {
      const PlFilterTerm *term = pl_flow_filter_get_term (filter, i);

      if (term->is_hiding || term->match->conditions != PL_MATCH_OWN_PORT)
        continue;
      if (from)
        *from = term->match->own.from;
      if (to)
        *to = term->match->own.to;
      return TRUE;
    }
  return FALSE;
}

/**
 * pl_graph_view_clear_filter:
 * @self: a graph view
 *
 * Shows all again: nothing is filtered to, nothing hidden. It can be undone.
 */
void
pl_graph_view_clear_filter (PlGraphView *self)
{
  g_return_if_fail (PL_IS_GRAPH_VIEW (self));
  pl_graph_filter_clear (pl_graph_canvas_get_filter (self->canvas));
}

/**
 * pl_graph_view_undo_filter:
 * @self: a graph view
 *
 * Takes the last filtering, hiding or showing back.
 *
 * Returns: whether there was something to take back
 */
gboolean
pl_graph_view_undo_filter (PlGraphView *self)
{
  PlGraphFilter *filter;

  g_return_val_if_fail (PL_IS_GRAPH_VIEW (self), FALSE);

  filter = pl_graph_canvas_get_filter (self->canvas);
  if (!pl_graph_filter_can_undo (filter))
    return FALSE;
  pl_graph_filter_undo (filter);
  return TRUE;
}
