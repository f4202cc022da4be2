/* The desktop files of this machine, by what their processes look like: id, program, directory or script. Read once, and
 * again when a directory changed. One thread. */
#pragma once
#include <glib.h>

typedef struct
{
  char *id; /* without ".desktop" */
  char *name; /* in the person's language */
  char *icon_name; /* nullable */
  char *program; /* that it starts, links followed; nullable */
  gboolean is_terminal; /* a terminal emulator: its cgroup holds anybody's programs */
  gboolean is_hidden; /* NoDisplay */
  guint n_args; /* of Exec, field codes not counted: the fewer, the more it is the program itself */
} PlDesktopEntry;

typedef struct _PlDesktopIndex PlDesktopIndex;

/* @dirs: "applications" directories, the most important first; NULL for those of XDG_DATA_HOME, XDG_DATA_DIRS, Flatpak and Snap. */
PlDesktopIndex *pl_desktop_index_new (const char *const *dirs);
void pl_desktop_index_free (PlDesktopIndex *index);
/* Reads again if a directory's time changed; TRUE when it did. */
gboolean pl_desktop_index_refresh (PlDesktopIndex *index);

/* All (transfer none), valid until the next refresh; NULL when there is none. */
const PlDesktopEntry *pl_desktop_index_by_id (PlDesktopIndex *index, const char *id);
/* What is started by that very path, which need not be a program's: an AppImage's. */
const PlDesktopEntry *pl_desktop_index_by_path (PlDesktopIndex *index, const char *path);
/* The program at @exe: by its path, else the directory that one app has to itself, else, below the system's own directories, by its
 * file name. A file elsewhere that merely bears a known name is not taken for it. */
const PlDesktopEntry *pl_desktop_index_by_exe (PlDesktopIndex *index, const char *exe);
/* The script or jar at @path (absolute). */
const PlDesktopEntry *pl_desktop_index_by_script (PlDesktopIndex *index, const char *path);
