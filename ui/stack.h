/* One page of a stack at a time, for eyes and for screen readers. */
#pragma once
#include <gtk/gtk.h>

/* Shows page @name and truly hides the others: GTK 4.8 tells assistive technologies of all pages alike, unless those not on
 * view are invisible. */
void pl_stack_show (GtkStack *stack, const char *name);
/* The same with a page that asks for something: @focus, in it, has the keyboard, so that a screen reader begins there; when
 * another page is shown, who had it before has it again. */
void pl_stack_show_front (GtkStack *stack, const char *name, GtkWidget *focus);
gboolean pl_stack_shows (GtkStack *stack, const char *name);
