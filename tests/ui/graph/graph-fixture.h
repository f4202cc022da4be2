/* What the tests of the graph's widgets share. */
#pragma once
#include <gtk/gtk.h>

#include "scene.h"

/* Before g_test_init(): lets pass what GDK's X11 backend of GTK 4.24 says of its own clock under Xvfb, though warnings end a test.
 * Nobody but GDK calls the function that it complains of. */
void let_gdks_clock_pass (void);

/* Runs the main loop for @ms. */
void run_ms (guint ms);

/* Runs the main loop for @ms, and until one more frame is painted where a window is shown: on a busy machine the last one may
 * have been long ago, and what moves does so with the frames. */
void wait_ms (guint ms);

/* Runs the main loop until the next frame of @widget's window is painted. */
void paint_frame (GtkWidget *widget);

/* The graph's canvas at or below @widget. (transfer none) (nullable) */
GtkWidget *find_canvas (GtkWidget *widget);

/* The id of the lowest remote port of an app by itself, 0 for none. That of a bundle of apps is another node as soon as it is
 * filtered to. */
/* Whether the first port that @label speaks of has its colon to the left of its number. */
gboolean reads_port (GtkLabel *label);
guint64 find_lowest_port (PlScene *scene);
/* The label at or below @widget that says @text; NULL: none. */
GtkWidget *find_label (GtkWidget *widget, const char *text);
