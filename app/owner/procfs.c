/* What /proc tells: the handle, how its files and directories are read, the lists of processes, and single facts about one of
 * them. Runs on the owner thread and on its scan worker, each with a handle of its own; never follows a link out of /proc but
 * to read .flatpak-info, and never trusts a file's length. */
#include "procfs-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "helper-link.h"
#include "bounds.h"
#include "socket.h"

#define SHORT_LIST_PIDS 64

/* ---- files and directories ---- */

gboolean
pl_procfs_foreach_name (PlProcfs *procfs, int fd, gsize buffer_bytes, PlNameFunc func, gpointer data)
{
  for (;;)
    {
      ssize_t n = getdents64 (fd, procfs->dents, buffer_bytes);
      if (n <= 0)
        return TRUE;
      for (ssize_t at = 0; at < n;)
        {
          const struct dirent64 *entry = (const void *)((const char *)procfs->dents + at);
          if (!func (entry->d_name, entry->d_off, data))
            return FALSE;
          at += entry->d_reclen;
        }
    }
}

gint32
pl_procfs_pid_from_name (const char *name)
{
  gint64 value = 0;
  if (*name == '\0')
    return 0;
  for (; *name != '\0'; name++)
    {
      if (*name < '0' || *name > '9' || value > G_MAXINT32 / 10 - 1)
        return 0;
      value = value * 10 + (*name - '0');
    }
  return (gint32)value;
}

char *
pl_procfs_read_link (int dir_fd, const char *name)
{
  char path[4096];
  ssize_t n = readlinkat (dir_fd, name, path, sizeof path);
  return n > 0 ? g_strndup (path, n) : NULL;
}

gssize
pl_procfs_read_short (int dir_fd, const char *name, char *buffer, gsize size)
{
  int fd = openat (dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return -1;
  ssize_t n;
  do
    n = read (fd, buffer, size - 1);
  while (n < 0 && errno == EINTR);
  close (fd);
  buffer[MAX (n, 0)] = '\0';
  return n;
}

gssize
pl_procfs_read_file (int dir_fd, const char *name, char *buffer, gsize size)
{
  int fd = openat (dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  gsize used = 0;
  if (fd < 0)
    return -1;
  while (used < size - 1)
    {
      ssize_t n = read (fd, buffer + used, size - 1 - used);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && used == 0)
        {
          close (fd);
          return -1;
        }
      if (n <= 0)
        break;
      used += (gsize)n;
    }
  close (fd);
  buffer[used] = '\0';
  return (gssize)used;
}

/* ---- the handle ---- */

typedef struct
{
  gint64 previous_offset, base;
  guint n_pids;
  gboolean is_constant;
} Calibration;

static gboolean
calibrate_name (const char *name, gint64 next_offset, gpointer data)
{
  Calibration *calibration = data;
  gint32 pid = pl_procfs_pid_from_name (name);
  if (pid > 0 && calibration->previous_offset > 0)
    {
      gint64 base = calibration->previous_offset - pid;
      if (calibration->n_pids++ > 0 && base != calibration->base)
        calibration->is_constant = FALSE;
      calibration->base = base;
    }
  calibration->previous_offset = next_offset;
  return calibration->is_constant;
}

/* The kernel's /proc can be read from any pid on: the offset before an entry is its pid plus a constant
 * (fs/proc/base.c, proc_pid_readdir). Learned from one reading; if it does not hold, lists are read whole. */
static void
calibrate (PlProcfs *procfs)
{
  struct statfs fs;
  Calibration calibration = { .is_constant = TRUE };
  if (fstatfs (procfs->root_fd, &fs) != 0 || fs.f_type != PROC_SUPER_MAGIC)
    return;
  lseek (procfs->root_fd, 0, SEEK_SET);
  pl_procfs_foreach_name (procfs, procfs->root_fd, PL_PROCFS_DENTS_BYTES, calibrate_name, &calibration);
  procfs->can_seek = calibration.is_constant && calibration.n_pids >= 2;
  procfs->seek_base = calibration.base;
}

PlProcfs *
pl_procfs_new (const char *root)
{
  int fd = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  PlProcfs *procfs = g_new0 (PlProcfs, 1);
  procfs->root_fd = fd;
  procfs->dents = g_malloc (PL_PROCFS_DENTS_BYTES);
  procfs->own_mounts = pl_procfs_read_link (fd, "self/ns/mnt");
  calibrate (procfs);
  return procfs;
}

void
pl_procfs_free (PlProcfs *procfs)
{
  if (procfs == NULL)
    return;
  close (procfs->root_fd);
  pl_procfs_forget_moment (procfs);
  g_free (procfs->own_mounts);
  g_free (procfs->dents);
  g_free (procfs);
}

void
pl_procfs_use_helper (PlProcfs *procfs, PlHelperLink *helper)
{
  procfs->helper = helper;
}

/* ---- one process ---- */

int
pl_procfs_open_process (PlProcfs *procfs, gint32 pid)
{
  char name[16];
  g_snprintf (name, sizeof name, "%d", pid);
  return openat (procfs->root_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

guint32
pl_procfs_dir_uid (PlProcfs *procfs, gint32 pid)
{
  char name[16];
  struct stat info;
  g_snprintf (name, sizeof name, "%d", pid);
  return fstatat (procfs->root_fd, name, &info, 0) == 0 ? info.st_uid : PL_UNKNOWN_U32;
}

guint32
pl_procfs_get_network (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  struct stat info;
  g_snprintf (name, sizeof name, "%d/net/tcp", pid);
  return fstatat (procfs->root_fd, name, &info, 0) == 0 ? (guint32)info.st_ino : 0;
}

/* "NSpid:\tN\tN…": one for each pid namespace that it is in, below that of /proc. */
gboolean
pl_procfs_status_is_contained (const char *status)
{
  static const char tag[] = "\nNSpid:\t";
  const char *line = strstr (status, tag);
  if (line == NULL)
    return FALSE;
  line += sizeof tag - 1;
  return line[strspn (line, "0123456789")] == '\t';
}

/* By its status, which anybody may read. */
gboolean
pl_procfs_is_contained (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  g_snprintf (name, sizeof name, "%d/status", pid);
  return pl_procfs_read_short (procfs->root_fd, name, procfs->text, PL_PROCFS_TEXT_BYTES) > 0
         && pl_procfs_status_is_contained (procfs->text);
}

gboolean
pl_procfs_shares_mounts (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  g_snprintf (name, sizeof name, "%d/ns/mnt", pid);
  g_autofree char *mounts = pl_procfs_read_link (procfs->root_fd, name);
  return mounts != NULL ? g_strcmp0 (mounts, procfs->own_mounts) == 0 : !pl_procfs_is_contained (procfs, pid);
}

/* ---- lists of processes ---- */

typedef struct
{
  gint32 first, last;
  GArray *pids;
} PidList;

static gboolean
collect_pid (const char *name, gint64 next_offset, gpointer data)
{
  PidList *list = data;
  gint32 pid = pl_procfs_pid_from_name (name);
  if (pid >= list->first && pid > 0 && pid <= list->last)
    g_array_append_val (list->pids, pid);
  return list->pids->len < PL_LIMIT_PROCESSES;
}

static gboolean
collect_pid_in_order (const char *name, gint64 next_offset, gpointer data)
{
  return collect_pid (name, next_offset, data) && pl_procfs_pid_from_name (name) <= ((PidList *)data)->last;
}

static int
compare_pids (gconstpointer a, gconstpointer b)
{
  gint32 left = *(const gint32 *)a, right = *(const gint32 *)b;
  return (left > right) - (left < right);
}

void
pl_procfs_list_pids (PlProcfs *procfs, gint32 first, gint32 last, GArray *pids)
{
  PidList list = { .first = first, .last = last, .pids = pids };
  if (first > 1 && procfs->can_seek)
    {
      /* Ascending already. A short read: what lies beyond @last would be made up by the kernel in vain. */
      gboolean is_short = last - first < SHORT_LIST_PIDS;
      lseek (procfs->root_fd, first + procfs->seek_base, SEEK_SET);
      pl_procfs_foreach_name (procfs, procfs->root_fd, is_short ? PL_PROCFS_SHORT_DENTS_BYTES : PL_PROCFS_DENTS_BYTES,
                              collect_pid_in_order, &list);
      return;
    }
  lseek (procfs->root_fd, 0, SEEK_SET);
  pl_procfs_foreach_name (procfs, procfs->root_fd, PL_PROCFS_DENTS_BYTES, collect_pid, &list);
  g_array_sort (pids, compare_pids);
}

void
pl_procfs_list_numbers (PlProcfs *procfs, int fd, GArray *pids)
{
  PidList list = { .first = 1, .last = G_MAXINT32, .pids = pids };
  pl_procfs_foreach_name (procfs, fd, PL_PROCFS_DENTS_BYTES, collect_pid, &list);
}

/* The fifth word of /proc/loadavg. */
gint32
pl_procfs_last_pid (PlProcfs *procfs)
{
  if (pl_procfs_read_short (procfs->root_fd, "loadavg", procfs->text, PL_PROCFS_TEXT_BYTES) <= 0)
    return 0;
  g_strchomp (procfs->text);
  const char *word = strrchr (procfs->text, ' ');
  return word != NULL ? atoi (word + 1) : 0;
}

guint
pl_procfs_children (PlProcfs *procfs, gint32 pid, gint32 *pids, guint max)
{
  char name[64];
  guint n = 0;
  g_snprintf (name, sizeof name, "%d/task/%d/children", pid, pid);
  if (pl_procfs_read_file (procfs->root_fd, name, procfs->text, PL_PROCFS_TEXT_BYTES) <= 0)
    return 0;
  for (char *at = procfs->text; *at != '\0' && n < max;)
    {
      char *end;
      long child = strtol (at, &end, 10);
      if (end == at)
        break;
      if (child > 0)
        pids[n++] = (gint32)child;
      at = end;
    }
  return n;
}
