/* What the windows cost the main thread, for tests and reports of slowness; nothing is counted before it is asked for. */
#pragma once
#include <gtk/gtk.h>

/* Adds the action app.print-statistics: prints one line of JSON to standard output for every window, about the time since it
 * was last asked. `gapplication action io.github.portlight.portlight print-statistics` asks from outside. */
void pl_statistics_add_action (GtkApplication *application);
