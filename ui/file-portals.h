/* Whether this desktop can let a person choose a file inside a Flatpak. Main loop only.
 * https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.FileChooser.html, …Documents.html */
#pragma once
#include <gio/gio.h>

typedef enum
{
  PL_FILE_PORTALS_READY,
  PL_FILE_PORTALS_SLOW,         /* no answer yet; another of these follows */
  PL_FILE_PORTALS_NO_BUS,       /* no session bus, by which to reach them */
  PL_FILE_PORTALS_NO_DIALOG,    /* nothing is there that would show one */
  PL_FILE_PORTALS_NO_DOCUMENTS, /* nothing would hand over what is chosen: GTK's dialog leads nowhere then */
  PL_FILE_PORTALS_SILENT,       /* one of them never answered */
  PL_FILE_PORTALS_GONE,         /* it ended while its dialog was open */
} PlFilePortals;

typedef void (*PlFilePortalsFunc) (PlFilePortals state, gpointer data);

/**
 * pl_file_portals_ask:
 * @bus: the session's
 * @told: called once or, with %PL_FILE_PORTALS_SLOW first, twice; never with %PL_FILE_PORTALS_NO_BUS or
 *   %PL_FILE_PORTALS_GONE
 *
 * Both portals are started by this if they don't run.
 */
void pl_file_portals_ask (GDBusConnection *bus, PlFilePortalsFunc told, gpointer data);

/**
 * pl_file_portals_watch:
 * @bus: the session's
 * @gone: called once, when the one that shows dialogs has ended
 *
 * Returns: for g_bus_unwatch_name()
 */
guint pl_file_portals_watch (GDBusConnection *bus, GBusNameVanishedCallback gone, gpointer data);
