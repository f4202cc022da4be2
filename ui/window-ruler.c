/* The ruler below the graph and the graph itself tell each other what is hovered, selected and filtered. Main loop only. */
#include "flow-words.h"
#include "ruler-scale.h"
#include "window-private.h"

void
pl_window_ports_hovered (PlWindow *self, int low, int high)
{
  g_autoptr (GArray) ids = low >= 0 ? pl_port_ruler_get_flows (self->ruler, (guint)low, (guint)high) : NULL;

  pl_graph_view_hover_flows (self->graph, ids);
}

void
pl_window_ports_selected (PlWindow *self, int low, int high)
{
  g_autoptr (GArray) ids = pl_port_ruler_get_flows (self->ruler, (guint)low, (guint)high);

  pl_graph_view_select_flows (self->graph, ids);
}

void
pl_window_range_toggled (PlWindow *self, int range)
{
  guint16 from, to;

  if (range != PL_RANGE_NONE)
    pl_graph_view_filter_ports (self->graph, (guint16)pl_ruler_first_port ((PlRange)range),
                                (guint16)pl_ruler_last_port ((PlRange)range));
  else if (pl_graph_view_get_filtered_ports (self->graph, &from, &to))
    pl_graph_view_filter_ports (self->graph, from, to); /* the same once more takes it away */
}

/* The filter may also change in the graph: a heading is pressed while its whole range is what is filtered for. */
void
pl_window_filter_changed (PlWindow *self)
{
  PlRange shown = PL_RANGE_NONE;
  guint16 from, to;

  if (pl_graph_view_get_filtered_ports (self->graph, &from, &to))
    for (PlRange range = PL_RANGE_WELL_KNOWN; range < PL_RANGE_NONE; range++)
      if (from == pl_ruler_first_port (range) && to == pl_ruler_last_port (range))
        shown = range;
  pl_port_ruler_set_range (self->ruler, shown);
}

/* Read once: a kernel's range hardly ever changes while a window is open. */
void
pl_window_read_kernel_range (PlWindow *self)
{
  g_autofree char *text = NULL;
  guint16 low, high;

  if (g_file_get_contents ("/proc/sys/net/ipv4/ip_local_port_range", &text, NULL, NULL)
      && pl_words_parse_kernel_ports (text, &low, &high))
    pl_port_ruler_set_kernel_range (self->ruler, low, high);
}
