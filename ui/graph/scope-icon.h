/* Small line drawings of where an address lies: this computer, the local network, the internet, a group. Pure cairo. */
#pragma once
#include <gtk/gtk.h>
#include "addr.h"

/* Draws into the square of @size px at the origin, in the source that is set. */
void pl_scope_icon_draw (cairo_t *cr, PlScope scope, double size);
/* In words, translated, who can reach a listener that is bound to an address of @scope. */
const char *pl_scope_reach_words (PlScope scope);
