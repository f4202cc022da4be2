/* The texts of a node: cached layouts, and how a text is made to fit the room there is: a little smaller, in fewer words,
 * and only then cut. Main loop only. */
#pragma once
#include <gtk/gtk.h>

typedef struct
{
  PangoWeight weight;
  double scale;    /* of the widget's font */
  double smallest; /* of @scale, to which it shrinks before anything is left out */
} PlNodeFont;

/* (transfer full) */
PangoLayout *node_text_new (GtkWidget *widget, const char *text, const PlNodeFont *font);
double node_text_width (PangoLayout *layout); /* px that it would like; whatever width was set is forgotten */
double node_text_height (PangoLayout *layout);

/**
 * node_text_fit:
 * @layout: made with @font
 * @texts: (array zero-terminated=1): what it may say, the fullest first
 * @font: its font
 * @width: px
 * @keeps_ends: whether of the last text both ends tell, so that it is cut in the middle
 *
 * Makes it say the first of @texts that fits, if need be a little smaller.
 *
 * Returns: whether it had to be cut
 */
gboolean node_text_fit (
    PangoLayout *layout, const char *const *texts, const PlNodeFont *font, double width, gboolean keeps_ends);
