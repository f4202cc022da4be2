/* Icons of apps as they are put into a picture: the files themselves, read with caps, as data: URIs. One for a picture. One thread. */
#pragma once
#include <glib.h>

#define PL_APP_ICONS_SVG_SCALE 4 /* of the size that an SVG shows: it may be magnified so far until an icon of pixels is soft */

typedef struct _PlAppIcons PlAppIcons;

/* @theme: of the desktop; nullable: Adwaita. */
PlAppIcons *pl_app_icons_new (const char *theme);
/* @bases, @pixmaps: as for pl_icon_theme_new(). */
PlAppIcons *pl_app_icons_new_for_dirs (const char *theme, const char *const *bases, const char *const *pixmaps);
void pl_app_icons_free (PlAppIcons *icons);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlAppIcons, pl_app_icons_free)

/**
 * pl_app_icons_dup_uri:
 * @name: of the icon theme, or an absolute path
 * @size_px: how many pixels wide it will be drawn
 *
 * Whatever is drawn of the URI in an image is inert, by SVG 2, 2.7.1; SVG that asks for anything elsewhere, or could run something,
 * is not taken all the same, and no PNG that is huge when it is unpacked. Symbolic icons, which take the colour of a text, are none.
 *
 * Returns: (transfer full) (nullable): "data:image/…;base64,…"; %NULL where there is none that may be taken along
 */
char *pl_app_icons_dup_uri (PlAppIcons *icons, const char *name, int size_px);

/* How many icons that are there were not taken: too large, too many, or more than pictures. */
guint pl_app_icons_get_n_left_out (PlAppIcons *icons);
/* The same in words, with what of themes was too much. (transfer full) (nullable): NULL where none was */
char *pl_app_icons_dup_left_out_words (PlAppIcons *icons);
