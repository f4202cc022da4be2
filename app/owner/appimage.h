/* AppImages, as their processes look. Pure functions, any thread. */
#pragma once
#include "procfs.h"

/* Whether exe or arguments of @facts are below an AppImage's mount, $TMPDIR/.mount_NAMExxxxxx, or below appimage_extracted_HASH,
 * where it is unpacked when there is no FUSE: where it is a script the interpreter may be the system's. */
gboolean pl_appimage_runs (const PlProcFacts *facts);
/* The AppImage's path among the @n_bytes of /proc/PID/environ (negative: it could not be read); (transfer full), NULL for none. */
char *pl_appimage_of_environment (const char *text, gssize n_bytes);
/* What a person calls the AppImage at @path; (transfer full). */
char *pl_appimage_name (const char *path);
