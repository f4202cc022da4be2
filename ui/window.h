/* One window: one source, its graph, the details of what is selected. */
#pragma once
#include "application.h"

#define PL_TYPE_WINDOW (pl_window_get_type ())
G_DECLARE_FINAL_TYPE (PlWindow, pl_window, PL, WINDOW, AdwApplicationWindow)

PlWindow *pl_window_new (PlApplication *application);
/* Whether it captures or reads just now, so that another source would interrupt something. */
gboolean pl_window_is_busy (PlWindow *self);
void pl_window_open_file (PlWindow *self, GFile *file);
/* Takes @fd over. @name: (nullable): what to call it; NULL for what a program captures on this computer just now. */
void pl_window_open_fd (PlWindow *self, int fd, const char *name);
/* @interface: NULL for the one used last. */
void pl_window_start_capture (PlWindow *self, const char *interface);
