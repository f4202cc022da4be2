/* Small line drawings of where an address lies: this computer, the local network, the internet, a group. Pure cairo. */
#pragma once
#include <gtk/gtk.h>
#include "addr.h"

/* Draws into the square of @size px at the origin, in the source that is set. */
void pl_scope_icon_draw (cairo_t *cr, PlScope scope, double size);
/* In words, translated: "this computer", "local network", "internet", …; for a listener's bound address who can reach it. */
const char *pl_scope_words (PlScope scope);
const char *pl_scope_reach_words (PlScope scope);
