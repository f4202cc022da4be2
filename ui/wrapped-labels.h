/* Labels whose text wraps, in widgets that others build. */
#pragma once
#include <gtk/gtk.h>

/* Letters that a wrapped label has room for at least. */
#define PL_WRAPPED_CHARS 8

/* Gives every label at or below @root whose text wraps, and that has no least width yet, so many letters: else GTK (4.8) asks how
 * high it is with one letter on each line, each of them shaped by itself. Of a dialog of four rows that was two thirds of the time
 * in which it was shown first. */
void pl_wrapped_labels_widen (GtkWidget *root);
