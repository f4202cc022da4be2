/* Paths of cgroups by id. Owner thread only; a walk over some hundred directories takes a few milliseconds, so it is made
 * only for an id never met before. cgroups(7); the id is kernfs' inode number, which needs no privilege to read. */
#include "cgroups.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bounds.h"

#define WALK_DEPTH 24

struct _PlCgroups
{
  char *root; /* nullable */
  GHashTable *paths; /* guint64 id → path */
  gint64 walked_us;
};

/* proc_pid_mountinfo(5): the mount point is the fifth field, the file system's type the first after " - ". */
static char *
find_mount (void)
{
  char line[4096], point[2048];
  char *found = NULL;
  FILE *file = fopen ("/proc/self/mountinfo", "re");
  while (file != NULL && found == NULL && fgets (line, sizeof line, file) != NULL)
    {
      const char *dash = strstr (line, " - ");
      if (dash != NULL && g_str_has_prefix (dash + 3, "cgroup2 ")
          && sscanf (line, "%*s %*s %*s %*s %2047s", point) == 1)
        found = g_strcompress (point); /* octal escapes */
    }
  if (file != NULL)
    fclose (file);
  return found;
}

PlCgroups *
pl_cgroups_new (const char *root)
{
  PlCgroups *cgroups = g_new0 (PlCgroups, 1);
  cgroups->root = root != NULL ? g_strdup (root) : find_mount ();
  cgroups->paths = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return cgroups;
}

void
pl_cgroups_free (PlCgroups *cgroups)
{
  if (cgroups == NULL)
    return;
  g_free (cgroups->root);
  g_hash_table_unref (cgroups->paths);
  g_free (cgroups);
}

static void
walk (PlCgroups *cgroups, int parent_fd, const char *name, const char *path, int depth)
{
  struct stat info;
  int fd = openat (parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return;
    }
  if (fstat (fd, &info) == 0)
    {
      guint64 id = info.st_ino;
      g_hash_table_replace (cgroups->paths, g_memdup2 (&id, sizeof id), g_strdup (path));
    }
  for (const struct dirent *entry; (entry = readdir (dir)) != NULL;)
    {
      if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || depth == 0
          || g_hash_table_size (cgroups->paths) >= PL_LIMIT_CGROUPS)
        continue;
      g_autofree char *below = g_strdup_printf ("%s%s%s", path, g_str_has_suffix (path, "/") ? "" : "/", entry->d_name);
      walk (cgroups, fd, entry->d_name, below, depth - 1);
    }
  closedir (dir);
}

const char *
pl_cgroups_get_path (PlCgroups *cgroups, guint64 id)
{
  const char *path = id != 0 ? g_hash_table_lookup (cgroups->paths, &id) : NULL;
  gint64 now_us = g_get_monotonic_time ();
  if (path != NULL || id == 0 || cgroups->root == NULL
      || (cgroups->walked_us != 0 && now_us - cgroups->walked_us < PL_CGROUP_WALK_INTERVAL_US))
    return path;
  cgroups->walked_us = now_us;
  /* Beyond the cap only the dead are forgotten. */
  if (g_hash_table_size (cgroups->paths) >= PL_LIMIT_CGROUPS)
    g_hash_table_remove_all (cgroups->paths);
  walk (cgroups, AT_FDCWD, cgroups->root, "/", WALK_DEPTH);
  return g_hash_table_lookup (cgroups->paths, &id);
}

guint
pl_cgroups_get_pids (PlCgroups *cgroups, const char *path, gint32 *pids, guint max)
{
  guint n = 0;
  long pid;
  if (cgroups->root == NULL)
    return 0;
  g_autofree char *file_name = g_strdup_printf ("%s%s/cgroup.procs", cgroups->root, path);
  FILE *file = fopen (file_name, "re");
  while (file != NULL && n < max && fscanf (file, "%ld", &pid) == 1)
    if (pid > 0)
      pids[n++] = (gint32)pid;
  if (file != NULL)
    fclose (file);
  return n;
}
