/* The colours of port ranges and of the graph, one table for the graph, its style sheet and every other part of the window
 * that marks a port. Pure. The same colours are CSS named colours once the first graph view exists: @pl_well_known,
 * @pl_registered, @pl_dynamic, @pl_no_port, @pl_failed. */
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

/**
 * pl_avatar_rgba:
 * @seed: any number that stays with who is shown
 *
 * Returns: a background on which white letters have a contrast of 4.5:1, in light and dark.
 */
GdkRGBA pl_avatar_rgba (guint seed);

/* What the graph draws itself with: text on its own cards, lines on its own background. */
typedef struct
{
  gboolean is_dark, is_high_contrast;
  GdkRGBA text, dim_text, background, card, accent, rule, failed_text;
} PlGraphColors;

PlGraphColors pl_graph_colors (gboolean is_dark, gboolean is_high_contrast);

/**
 * pl_range_zone_rgba:
 * @colors: what the graph draws itself with
 *
 * Returns: the opaque tint of a whole zone of ports, as on the ruler.
 */
GdkRGBA pl_range_zone_rgba (PlRange range, const PlGraphColors *colors);

/**
 * pl_range_light_rgba:
 * @colors: what the graph draws itself with
 *
 * Returns: the opaque colour of one port's light on its zone's tint, with a contrast of at least 3:1 to it.
 */
GdkRGBA pl_range_light_rgba (PlRange range, const PlGraphColors *colors);
