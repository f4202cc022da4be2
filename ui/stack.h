/* One page of a stack at a time, for eyes and for screen readers. */
#pragma once
#include <gtk/gtk.h>

/* Shows page @name and truly hides the others: GTK 4.8 tells assistive technologies of all pages alike, unless those not on
 * view are invisible. */
void pl_stack_show (GtkStack *stack, const char *name);
gboolean pl_stack_shows (GtkStack *stack, const char *name);
