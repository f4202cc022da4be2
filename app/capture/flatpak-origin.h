/* Where a Flatpak was installed from, which the sandbox is not told: its own host is asked. */
#pragma once
#include <gio/gio.h>

/* @origin: (nullable): the name of the remote that the app can be fetched from; "" when there is none, as after an install from
 * a bundle that names no repository; NULL when it could not be found out. */
typedef void (*PlFlatpakOriginKnown) (const char *origin, gpointer user_data);
/* Asks the host. Never blocks; @known is called once, from the main loop, before or after this returns. @info_path: as
 * PL_FLATPAK_INFO. */
void pl_flatpak_origin_ask_async (const char *info_path, PlFlatpakOriginKnown known, gpointer user_data);
/* (transfer full) (nullable): @origin from what the host's flatpak(1) reported: a line with a name, then a line "NAME\tURL" for
 * each remote, or "NAME" where it has no address. */
char *pl_flatpak_origin_read (const char *report);
/* Whether the file or folder at @path, or that a sentence names, is in the installation of one user alone. @files: as
 * PL_FLATPAK_FILES. */
gboolean pl_flatpak_origin_is_of_one_user (const char *path, const char *files);
