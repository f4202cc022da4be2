/* The window that says what a sandbox was not given, each with the line that gives it back. */
#pragma once
#include <adwaita.h>

#define PL_TYPE_PERMISSIONS_WINDOW (pl_permissions_window_get_type ())
G_DECLARE_FINAL_TYPE (PlPermissionsWindow, pl_permissions_window, PL, PERMISSIONS_WINDOW, AdwWindow)

/* @parent: (nullable). @info: as pl_sandbox_words_list_lacks() takes it. */
void pl_permissions_window_show (GtkWindow *parent, GKeyFile *info);
