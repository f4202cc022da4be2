/* One window: one source, its graph, the details of what is selected. */
#pragma once
#include "application.h"

#define PL_TYPE_WINDOW (pl_window_get_type ())
G_DECLARE_FINAL_TYPE (PlWindow, pl_window, PL, WINDOW, AdwApplicationWindow)

PlWindow *pl_window_new (PlApplication *application);
