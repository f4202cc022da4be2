/* The only place for API newer than GTK 4.8, GLib 2.74 or libadwaita 1.2, or deprecated after them. */
#pragma once
#include <adwaita.h>

#include "file-portals.h"

/* With @file as it was chosen; or %NULL, and @state says why there is none, or none yet. */
typedef void (*PlFileChosen) (GtkWindow *parent, GFile *file, PlFilePortals state);

/**
 * pl_choose_capture_file:
 * @parent: the window that asks
 * @chosen: called with the file once one was chosen, with %NULL where the desktop's portals are in the way, and not at all where
 *   the person chose none
 *
 * GtkFileChooserNative: there since 4.0, deprecated since 4.10 for GtkFileDialog, which 4.8 has not.
 */
void pl_choose_capture_file (GtkWindow *parent, PlFileChosen chosen);

/**
 * pl_choose_picture_file:
 * @parent: the window that asks
 * @name: what the file shall be called unless the person says otherwise
 * @chosen: as there
 *
 * As pl_choose_capture_file(), to save; through the portal inside a Flatpak.
 */
void pl_choose_picture_file (GtkWindow *parent, const char *name, PlFileChosen chosen);

/**
 * pl_show_shortcuts:
 * @window: whose keyboard shortcuts are shown
 * @path: of the resource with a GtkShortcutsWindow, which is built when it is first shown: it takes a third as long as the window itself
 *
 * GtkShortcutsWindow: there since 4.0, deprecated since 4.18.
 */
void pl_show_shortcuts (GtkApplicationWindow *window, const char *path);

/**
 * pl_surface_is_seen:
 * @surface: (nullable): a window's surface
 *
 * Returns: whether anybody may see it: neither minimised nor, where GTK can tell (4.12), fully covered or on another
 *   workspace
 */
gboolean pl_surface_is_seen (GdkSurface *surface);
