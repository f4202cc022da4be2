/* Where the icon of an app lies: the freedesktop.org Icon Theme Specification 0.13, as far as pictures of the graph need it.
 * Without a screen, and without a cache: one is made for a picture. One thread. */
#pragma once
#include <glib.h>

typedef struct _PlIconTheme PlIconTheme;

/* @name: of the theme; nullable: Adwaita. Behind it come what it inherits, and hicolor.
 * @bases: (nullable): directories that themes lie in, the most important first; NULL for those of the home, XDG_DATA_DIRS, Flatpak
 * and what it shows of the host.
 * @pixmaps: (nullable): directories of icons that belong to no theme; NULL: XDG_DATA_DIRS' "pixmaps". */
PlIconTheme *pl_icon_theme_new (const char *name, const char *const *bases, const char *const *pixmaps);
void pl_icon_theme_free (PlIconTheme *theme);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlIconTheme, pl_icon_theme_free)

/* Paths of files, SVG and PNG, that are the icon @name, the one that is best for a square of @size_px pixels first. Only names
 * were looked at. Of themes the first alone that has any. Returns: (transfer full): empty where there is none. */
GStrv pl_icon_theme_lookup (PlIconTheme *theme, const char *name, int size_px);

/* Directories, themes and their lists that a cap of bounds.h turned away. */
guint pl_icon_theme_get_n_left_out (PlIconTheme *theme);
