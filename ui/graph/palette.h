/* The colours of port ranges, one table for the graph, its style sheet and every other part of the window that marks a
 * port. Main loop or worker: pure. The same colours are CSS named colours: @pl_well_known, @pl_registered, @pl_dynamic,
 * @pl_no_port, @pl_failed. */
#pragma once
#include <gtk/gtk.h>
#include "port.h"

/**
 * pl_range_rgba:
 * @range: a port range, or PL_RANGE_NONE for flows without ports
 * @is_dark: whether it stands on a dark background
 *
 * Returns: the opaque colour that marks @range in lines, outlines and marks. Its contrast to the graph's background is at
 *   least 3:1 (WCAG 2.1, 1.4.11), and any two ranges stay apart for deuteranopia, protanopia and tritanopia.
 */
GdkRGBA pl_range_rgba (PlRange range, gboolean is_dark);

/**
 * pl_failed_rgba:
 * @is_dark: whether it stands on a dark background
 *
 * Returns: the opaque colour of failed flows and their cross.
 */
GdkRGBA pl_failed_rgba (gboolean is_dark);
