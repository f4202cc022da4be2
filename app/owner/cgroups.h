/* Paths of cgroups by the id that sock_diag tells: the inode number of the directory in the cgroup2 mount. One thread. */
#pragma once
#include <glib.h>

typedef struct _PlCgroups PlCgroups;

/* @root: where cgroup2 is mounted, NULL to look it up. Never NULL; without a mount every lookup finds nothing. */
PlCgroups *pl_cgroups_new (const char *root);
void pl_cgroups_free (PlCgroups *cgroups);
/* The path below the mount, beginning with '/', (transfer none) until the next call; NULL when unknown. Reads the tree anew
 * for an id not met yet, at most once a second. Ids outlive their directories: what was seen once is remembered. */
const char *pl_cgroups_get_path (PlCgroups *cgroups, guint64 id);
/* Processes in the cgroup at @path, at most @max; 0 when there are none or it is gone. */
guint pl_cgroups_get_pids (PlCgroups *cgroups, const char *path, gint32 *pids, guint max);
