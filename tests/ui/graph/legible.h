/* Whether what a widget draws can be read: asks what it draws, not how it meant to. Test code. */
#pragma once
#include <gtk/gtk.h>

/* Returns whether this text of @widget (the innermost under its middle) may be cut: @y is its middle, in @widget's px. */
typedef gboolean (*LegibleMayCut) (GtkWidget *widget, double y, gpointer data);

/**
 * legible_check:
 * @widget: mapped and allocated
 * @smallest_px: of a font, as seen
 * @may_cut: (nullable): none may
 *
 * Looks at every text that @widget draws where it is not scrolled out of sight.
 *
 * Returns: (transfer full) (element-type utf8): what is wrong: two texts that overlap, one that is cut by an ellipsis, at a
 *   side or by a node that lies upon it, one that is too small; empty when all is legible
 */
GPtrArray *legible_check (GtkWidget *widget, double smallest_px, LegibleMayCut may_cut, gpointer data);
/* How many texts were seen by the last check. */
guint legible_get_n_seen (void);
