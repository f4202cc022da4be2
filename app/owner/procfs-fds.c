/* The descriptors of processes, as /proc and the helper tell of them. */
#include "procfs-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "helper-link.h"
#include "bounds.h"

#define FD_DENT_BYTES 24 /* of a name up to five bytes long: what lies beyond is made up by the kernel in vain */
#define RING_LINK "anon_inode:[io_uring]"
#define PIDFD_LINK "anon_inode:[pidfd]"
#define FD_OFFSET(fd) ((fd) + 2) /* in /proc/PID/fd, after "." and ".." */
#define TASK_LINKS 3 /* of the task directory: ".", itself, and its only thread's */

/* "socket:[12345]" → 12345; 0 for every other link. */
static guint64
inode_from_link (const char *link, gssize length)
{
  static const char prefix[] = "socket:[";
  guint64 inode = 0;
  gssize at = sizeof prefix - 1;
  if (length < at + 2 || memcmp (link, prefix, at) != 0 || link[length - 1] != ']')
    return 0;
  for (; at < length - 1; at++)
    {
      if (link[at] < '0' || link[at] > '9')
        return 0;
      inode = inode * 10 + (link[at] - '0');
    }
  return inode;
}

typedef struct
{
  int dir_fd;
  gint32 pid;
  guint n_left;
  gint64 next_offset; /* of the first that was not visited; -1 for none */
  PlFdFunc func;
  gpointer data;
  guint n_rings; /* of io_uring(7) */
  PlFdsBeside beside;
} FdWalk;

static gboolean
is_link (const char *link, gssize length, const char *wanted)
{
  return length == (gssize)strlen (wanted) && memcmp (link, wanted, (gsize)length) == 0;
}

static gboolean
visit_fd (const char *name, gint64 next_offset, gpointer data)
{
  FdWalk *walk = data;
  char link[64];
  if (name[0] == '.')
    return TRUE;
  if (walk->n_left-- == 0)
    return FALSE;
  walk->next_offset = next_offset;
  gint32 fd = atoi (name);
  walk->beside.free_fd += fd == walk->beside.free_fd;
  ssize_t n = readlinkat (walk->dir_fd, name, link, sizeof link);
  guint64 inode = n > 0 ? inode_from_link (link, n) : 0;
  walk->n_rings += is_link (link, n, RING_LINK);
  walk->beside.n_pidfds += is_link (link, n, PIDFD_LINK);
  walk->beside.is_whole &= n > 0;
  if (inode == 0 || walk->func (walk->pid, fd, inode, walk->data))
    return TRUE;
  walk->next_offset = -1;
  return FALSE;
}

/* Without a descriptor of its own: the first thread may have ended, and the descriptors are the others'. */
static gboolean
has_threads (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  struct stat task;
  g_snprintf (name, sizeof name, "%d/task", pid);
  return fstatat (procfs->root_fd, name, &task, 0) == 0 && task.st_nlink > TASK_LINKS;
}

/* Who has no sockets may have descriptors all the same. */
static gboolean
has_lost_first_thread (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  g_snprintf (name, sizeof name, "%d/stat", pid);
  const char *close_paren = pl_procfs_read_short (procfs->root_fd, name, procfs->text, PL_PROCFS_TEXT_BYTES) > 0
                                ? strrchr (procfs->text, ')')
                                : NULL;
  return close_paren != NULL && g_str_has_prefix (close_paren, ") Z");
}

/* All of them: they are at hand once the helper has answered. */
static gboolean
foreach_told_socket (PlProcfs *procfs, gint32 pid, PlFdFunc func, gpointer data)
{
  guint n = 0, n_rings = 0, n_left = 0;
  const guint64 *told = procfs->helper != NULL ? pl_helper_link_get_sockets (procfs->helper, pid, &n, &n_left) : NULL;
  if (told == NULL)
    return FALSE;
  g_autofree guint64 *inodes = g_memdup2 (told, n * sizeof *told); /* @func may ask it again */
  for (guint i = 0; i < n; i++)
    if (inodes[i] == 0)
      n_rings++;
    else if (!func (pid, -1, inodes[i], data))
      break;
  procfs->n_unlisted +=
      n_rings > 0 || n_left > 0 || (n == 0 && has_threads (procfs, pid) && has_lost_first_thread (procfs, pid));
  return TRUE;
}

gboolean
pl_procfs_foreach_socket (PlProcfs *procfs, gint32 pid, guint max_fds, PlFdFunc func, gpointer data)
{
  gint64 offset = 0;
  return pl_procfs_foreach_socket_from (procfs, pid, &offset, max_fds, func, data);
}

gboolean
pl_procfs_foreach_socket_from (
    PlProcfs *procfs, gint32 pid, gint64 *offset, guint max_fds, PlFdFunc func, gpointer data)
{
  PlFdsBeside beside;
  return pl_procfs_foreach_socket_beside (procfs, pid, offset, max_fds, func, data, &beside);
}

gboolean
pl_procfs_foreach_socket_beside (
    PlProcfs *procfs, gint32 pid, gint64 *offset, guint max_fds, PlFdFunc func, gpointer data, PlFdsBeside *beside)
{
  char name[32];
  gint64 from = *offset;
  *offset = -1;
  *beside = (PlFdsBeside){ .free_fd = -1 };
  g_snprintf (name, sizeof name, "%d/fd", pid);
  int dir_fd = openat (procfs->root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0)
    return errno == EACCES && foreach_told_socket (procfs, pid, func, data);
  FdWalk walk = { .dir_fd = dir_fd, .pid = pid, .n_left = max_fds, .next_offset = from, .func = func, .data = data };
  if (from > 0)
    lseek (dir_fd, from, SEEK_SET);
  gsize dents_bytes = CLAMP (max_fds * (gsize)FD_DENT_BYTES, PL_PROCFS_SHORT_DENTS_BYTES, PL_PROCFS_DENTS_BYTES);
  if (!pl_procfs_foreach_name (procfs, dir_fd, dents_bytes, visit_fd, &walk))
    *offset = walk.next_offset;
  close (dir_fd);
  *beside = walk.beside;
  procfs->n_unlisted += walk.n_rings > 0 || (from == 0 && walk.n_left == max_fds && has_threads (procfs, pid));
  return TRUE;
}

int
pl_procfs_open_fds (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  g_snprintf (name, sizeof name, "%d/fd", pid);
  int dir_fd = openat (procfs->root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd >= 0)
    (void)!getdents64 (dir_fd, procfs->dents, PL_PROCFS_SHORT_DENTS_BYTES);
  return dir_fd;
}

gboolean
pl_procfs_foreach_socket_in (PlProcfs *procfs,
                             int dir_fd,
                             gint32 pid,
                             gint32 first_fd,
                             guint max_fds,
                             PlFdFunc func,
                             gpointer data,
                             PlFdsBeside *beside)
{
  FdWalk walk = { .dir_fd = dir_fd, .pid = pid, .n_left = max_fds, .func = func, .data = data };
  walk.beside = (PlFdsBeside){ .free_fd = first_fd, .is_whole = TRUE };
  gboolean is_there = lseek (dir_fd, FD_OFFSET (first_fd), SEEK_SET) >= 0;
  gboolean is_whole = is_there && pl_procfs_foreach_name (procfs, dir_fd, PL_PROCFS_SHORT_DENTS_BYTES, visit_fd, &walk);
  *beside = walk.beside;
  beside->is_whole &= is_whole && walk.n_rings == 0;
  return walk.n_left < max_fds;
}

gboolean
pl_procfs_has_standard_in (int dir_fd)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    {
      char link[64], name[] = { (char)('0' + fd), '\0' };
      ssize_t n = readlinkat (dir_fd, name, link, sizeof link);
      if (n <= 0 || is_link (link, n, PIDFD_LINK) || (fd == STDIN_FILENO && inode_from_link (link, n) != 0))
        return FALSE;
    }
  return TRUE;
}

guint64
pl_procfs_get_n_unlisted (PlProcfs *procfs)
{
  return procfs->n_unlisted;
}

guint64
pl_procfs_read_socket (PlProcfs *procfs, gint32 pid, int fd)
{
  char name[48], link[64];
  g_snprintf (name, sizeof name, "%d/fd/%d", pid, fd);
  ssize_t n = readlinkat (procfs->root_fd, name, link, sizeof link);
  return n > 0 ? inode_from_link (link, n) : 0;
}

gboolean
pl_procfs_has_socket (PlProcfs *procfs, gint32 pid, int fd, guint64 inode)
{
  if (fd < 0)
    return inode != 0 && procfs->helper != NULL && pl_helper_link_holds (procfs->helper, pid, inode);
  return inode != 0 && pl_procfs_read_socket (procfs, pid, fd) == inode;
}

guint64
pl_procfs_get_n_unanswered (PlProcfs *procfs)
{
  return procfs->helper != NULL ? pl_helper_link_get_n_unanswered (procfs->helper) : 0;
}

/* "flags:\t02000002", octal as open(2) has them. */
gboolean
pl_procfs_is_inherited (PlProcfs *procfs, gint32 pid, int fd, guint64 inode)
{
  char name[48];
  if (fd < 0)
    return procfs->helper == NULL || pl_helper_link_is_inherited (procfs->helper, pid, inode);
  g_snprintf (name, sizeof name, "%d/fdinfo/%d", pid, fd);
  const char *line = pl_procfs_read_short (procfs->root_fd, name, procfs->text, PL_PROCFS_TEXT_BYTES) > 0
                         ? strstr (procfs->text, "flags:")
                         : NULL;
  return line == NULL || (strtoul (line + strlen ("flags:"), NULL, 8) & O_CLOEXEC) == 0;
}

/* socket(7) does not say it, lsof(8) asks so: each socket has its protocol's name as an attribute, "UNIX" or "UNIX-STREAM". */
gboolean
pl_procfs_is_unix (PlProcfs *procfs, gint32 pid, int fd)
{
  char path[80], protocol[32] = "";
  if (fd < 0)
    return FALSE;
  g_snprintf (path, sizeof path, "/proc/self/fd/%d/%d/fd/%d", procfs->root_fd, pid, fd);
  if (getxattr (path, "system.sockprotoname", protocol, sizeof protocol - 1) < 0)
    return FALSE;
  return g_str_has_prefix (protocol, "UNIX");
}

void
pl_procfs_foreach_thread_socket (PlProcfs *procfs, gint32 pid, PlFdFunc func, gpointer data)
{
  char name[32];
  g_snprintf (name, sizeof name, "%d/task", pid);
  int dir_fd = has_threads (procfs, pid) ? openat (procfs->root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (dir_fd < 0)
    return;
  g_autoptr (GArray) tids = g_array_new (FALSE, FALSE, sizeof (gint32));
  pl_procfs_list_numbers (procfs, dir_fd, tids);
  close (dir_fd);
  for (guint i = 0; i < tids->len; i++)
    {
      gint32 tid = g_array_index (tids, gint32, i);
      if (tid != pid && syscall (SYS_kcmp, pid, tid, KCMP_FILES, 0, 0) > 0)
        pl_procfs_foreach_socket (procfs, tid, PL_LIMIT_PROCESS_FDS, func, data);
    }
}
