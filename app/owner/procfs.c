/* What /proc tells about processes and their descriptors. Runs on the owner thread and on its scan worker, each with a
 * handle of its own; never follows a link out of /proc but to read .flatpak-info, and never trusts a file's length. */
#include "procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "appimage.h"
#include "helper-link.h"
#include "limits.h"
#include "socket.h"

#define DENTS_BYTES 16384
#define SHORT_DENTS_BYTES 512 /* some twenty pids */
#define FD_DENT_BYTES 24 /* of a name up to five bytes long: what lies beyond is made up by the kernel in vain */
#define TORN_READS 4 /* an exec(2) under way takes some hundred microseconds */
#define TORN_WAIT_US 50
#define SHORT_LIST_PIDS 64
#define TEXT_BYTES 8192
#define PF_EXITING 4u /* linux/sched.h */
#define PF_FORKNOEXEC 0x40u

struct _PlProcfs
{
  int root_fd;
  gboolean can_seek; /* it is the kernel's: a directory offset is a pid plus seek_base */
  gint64 seek_base;
  PlHelperLink *helper; /* nullable; not owned */
  guint64 n_unlisted; /* processes that may have sockets in no list */
  char *own_mounts; /* our mount namespace: "mnt:[4026531841]"; nullable */
  guint64 *dents; /* aligned for struct dirent64 */
  char text[TEXT_BYTES];
};

typedef gboolean (*NameFunc) (const char *name, gint64 next_offset, gpointer data);

/* Reads directory @fd from its present offset; FALSE when @func stopped it. */
static gboolean
foreach_name (PlProcfs *procfs, int fd, gsize buffer_bytes, NameFunc func, gpointer data)
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

static gint32
pid_from_name (const char *name)
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
  gint32 pid = pid_from_name (name);
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
  foreach_name (procfs, procfs->root_fd, DENTS_BYTES, calibrate_name, &calibration);
  procfs->can_seek = calibration.is_constant && calibration.n_pids >= 2;
  procfs->seek_base = calibration.base;
}

static char *
read_link (int dir_fd, const char *name)
{
  char path[4096];
  ssize_t n = readlinkat (dir_fd, name, path, sizeof path);
  return n > 0 ? g_strndup (path, n) : NULL;
}

PlProcfs *
pl_procfs_new (const char *root)
{
  int fd = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  PlProcfs *procfs = g_new0 (PlProcfs, 1);
  procfs->root_fd = fd;
  procfs->dents = g_malloc (DENTS_BYTES);
  procfs->own_mounts = read_link (fd, "self/ns/mnt");
  calibrate (procfs);
  return procfs;
}

void
pl_procfs_free (PlProcfs *procfs)
{
  if (procfs == NULL)
    return;
  close (procfs->root_fd);
  g_free (procfs->own_mounts);
  g_free (procfs->dents);
  g_free (procfs);
}

void
pl_procfs_use_helper (PlProcfs *procfs, PlHelperLink *helper)
{
  procfs->helper = helper;
}

int
pl_procfs_open_process (PlProcfs *procfs, gint32 pid)
{
  char name[16];
  g_snprintf (name, sizeof name, "%d", pid);
  return openat (procfs->root_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* A file that the kernel writes in one piece, which one read(2) brings. */
static gssize
read_short (int dir_fd, const char *name, char *buffer, gsize size)
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

/* Up to @size - 1 bytes of @name below @dir_fd, NUL-terminated; -1 when it can't be read. */
static gssize
read_file (int dir_fd, const char *name, char *buffer, gsize size)
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

/* proc_pid_stat(5): "pid (comm) state ppid pgrp session tty_nr … starttime(22) … arg_start(48)". comm may hold anything,
 * parentheses too, so fields are counted from the last one. */
static gboolean
parse_stat (char *text, PlProcFacts *facts)
{
  char *open_paren = strchr (text, '(');
  char *close_paren = strrchr (text, ')');
  if (open_paren == NULL || close_paren == NULL || close_paren < open_paren || close_paren[1] != ' ')
    return FALSE;
  facts->pid = atoi (text);
  facts->comm = g_strndup (open_paren + 1, close_paren - open_paren - 1);
  char *at = close_paren + 2;
  for (int field = 3; *at != '\0'; field++)
    {
      char *end = strchrnul (at, ' ');
      if (field == 4)
        facts->parent_pid = atoi (at);
      else if (field == 7)
        facts->tty = atoi (at);
      else if (field == 9)
        {
          guint64 flags = g_ascii_strtoull (at, NULL, 10);
          facts->is_ending = (flags & PF_EXITING) != 0;
          facts->is_forked = (flags & PF_FORKNOEXEC) != 0;
        }
      else if (field == 11)
        facts->has_had_children = *at != '0'; /* their page faults: no process has none */
      else if (field == 19)
        facts->nice = atoi (at);
      else if (field == 22)
        facts->start_time = g_ascii_strtoull (at, NULL, 10);
      else if (field == 48)
        facts->exec_mark = g_ascii_strtoull (at, NULL, 10);
      at = *end == '\0' ? end : end + 1;
    }
  return TRUE;
}

static gboolean
read_stat (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  return read_short (dir_fd, "stat", procfs->text, TEXT_BYTES) > 0 && parse_stat (procfs->text, facts);
}

/* "NSpid:\tN\tN…": one for each pid namespace that it is in, below that of /proc. */
static gboolean
is_contained (const char *status)
{
  char tab[2];
  const char *line = strstr (status, "\nNSpid:");
  return line != NULL && sscanf (line, "\nNSpid: %*u%1[\t]", tab) == 1;
}

/* "Uid:\treal\teffective\tsaved\tfs", "Tgid:\tN" of status: what was read may be a thread's, whose stat has its own number. */
static guint32
uid_of_status (const char *status)
{
  unsigned int effective;
  const char *line = strstr (status, "\nUid:");
  return line != NULL && sscanf (line, "\nUid: %*u %u", &effective) == 1 ? effective : PL_UNKNOWN_U32;
}

static void
read_status (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  facts->uid = PL_UNKNOWN_U32;
  if (read_short (dir_fd, "status", procfs->text, TEXT_BYTES) <= 0)
    return;
  facts->uid = uid_of_status (procfs->text);
  const char *line = strstr (procfs->text, "\nTgid:");
  if (line != NULL && atoi (line + 6) > 0)
    facts->pid = atoi (line + 6);
  facts->is_contained = is_contained (procfs->text);
}

/* The kernel adds " (deleted)" to the link; a file may be called so in earnest. */
static gboolean
is_at (int dir_fd, const char *path)
{
  struct stat running, named;
  return fstatat (dir_fd, "exe", &running, 0) == 0 && stat (path, &named) == 0 && running.st_ino == named.st_ino
         && running.st_dev == named.st_dev;
}

static void
read_exe (int dir_fd, PlProcFacts *facts)
{
  char path[4096];
  ssize_t n = readlinkat (dir_fd, "exe", path, sizeof path - 1);
  path[MAX (n, 0)] = '\0';
  pl_proc_facts_set_exe (facts, path, MAX (n, 0));
  if (facts->exe == NULL || strlen (facts->exe) == (gsize)n || !is_at (dir_fd, path))
    return;
  g_free (facts->exe);
  facts->exe = g_strdup (path);
}

static void
read_cgroup (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  if (read_short (dir_fd, "cgroup", procfs->text, TEXT_BYTES) > 0)
    pl_proc_facts_set_cgroup (facts, procfs->text);
}

static void
read_cmdline (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  char bytes[PL_LIMIT_CMDLINE_BYTES + 1];
  gssize n = read_short (dir_fd, "cmdline", bytes, sizeof bytes);
  pl_proc_facts_set_cmdline (facts, bytes, MAX (n, 0));
}

/* Flatpak's sandbox stands on a tmpfs of its own. A root of any other kind is not touched: it may be a file system that
 * somebody serves by hand, and lets us wait for ever. proc_pid_mountinfo(5): "id parent dev root MOUNTPOINT … - TYPE …". */
static gboolean
is_root_on_tmpfs (PlProcfs *procfs, int dir_fd)
{
  if (read_file (dir_fd, "mountinfo", procfs->text, TEXT_BYTES) <= 0)
    return FALSE;
  gboolean is_tmpfs = FALSE;
  char *rest = NULL;
  for (char *line = strtok_r (procfs->text, "\n", &rest); line != NULL; line = strtok_r (NULL, "\n", &rest))
    {
      char mount_point[8];
      const char *dash = strstr (line, " - ");
      if (sscanf (line, "%*s %*s %*s %*s %7s", mount_point) == 1 && g_str_equal (mount_point, "/") && dash != NULL)
        is_tmpfs = g_str_has_prefix (dash + 3, "tmpfs "); /* the last one mounted there is the one that shows */
    }
  return is_tmpfs;
}

static void
read_flatpak_info (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  struct stat info;
  g_autofree char *namespace = read_link (dir_fd, "ns/mnt");
  if (namespace == NULL || g_strcmp0 (namespace, procfs->own_mounts) == 0 || !is_root_on_tmpfs (procfs, dir_fd)
      || fstatat (dir_fd, "root/.flatpak-info", &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG (info.st_mode))
    return;
  if (read_file (dir_fd, "root/.flatpak-info", procfs->text, TEXT_BYTES) > 0)
    facts->flatpak_info = g_strdup (procfs->text);
}

/* Of an AppImage only the environment tells the file. */
static void
read_appimage (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  if (pl_appimage_runs (facts))
    facts->appimage =
        pl_appimage_of_environment (procfs->text, read_file (dir_fd, "environ", procfs->text, TEXT_BYTES));
}

/* The program of another user's process. */
static void
ask_exe (PlProcfs *procfs, PlProcFacts *facts)
{
  PlSenderProcess told;
  if (pl_helper_link_describe (procfs->helper, facts->pid, &told) && told.facts.start_time == facts->start_time)
    facts->exe = g_steal_pointer (&told.facts.exe);
  pl_proc_facts_clear (&told.facts);
}

static gboolean
read_all (PlProcfs *procfs, int dir_fd, gboolean unless_nice, PlProcFacts *facts)
{
  struct stat info;
  memset (facts, 0, sizeof *facts);
  if (!read_stat (procfs, dir_fd, facts) || (unless_nice && facts->nice > 0))
    return FALSE;
  read_exe (dir_fd, facts);
  read_cmdline (procfs, dir_fd, facts);
  read_cgroup (procfs, dir_fd, facts);
  read_status (procfs, dir_fd, facts);
  if (fstatat (dir_fd, "net/tcp", &info, 0) == 0)
    facts->network = (guint32)info.st_ino;
  if (facts->exe == NULL && facts->cmdline != NULL && procfs->helper != NULL)
    ask_exe (procfs, facts);
  facts->cwd = read_link (dir_fd, "cwd");
  read_flatpak_info (procfs, dir_fd, facts);
  read_appimage (procfs, dir_fd, facts);
  return TRUE;
}

/* Whether the process went through exec(2) while it was read, or is in the midst of it: then the facts are of two programs. */
static gboolean
is_torn (PlProcfs *procfs, int dir_fd, const PlProcFacts *facts)
{
  g_auto (PlProcFacts) now = { 0 };
  if (facts->exe != NULL && facts->cmdline == NULL && facts->exec_mark == 0)
    return TRUE;
  return read_stat (procfs, dir_fd, &now)
         && (now.exec_mark != facts->exec_mark || g_strcmp0 (now.comm, facts->comm) != 0);
}

static gboolean
read_process (PlProcfs *procfs, gint32 pid, gboolean unless_nice, PlProcFacts *facts)
{
  memset (facts, 0, sizeof *facts);
  int dir_fd = pl_procfs_open_process (procfs, pid);
  if (dir_fd < 0)
    return FALSE;
  gboolean is_there = read_all (procfs, dir_fd, unless_nice, facts);
  for (int again = 0; again < TORN_READS && is_there && is_torn (procfs, dir_fd, facts); again++)
    {
      g_usleep (TORN_WAIT_US);
      pl_proc_facts_clear (facts);
      is_there = read_all (procfs, dir_fd, unless_nice, facts);
    }
  close (dir_fd);
  return is_there;
}

gboolean
pl_procfs_read (PlProcfs *procfs, gint32 pid, PlProcFacts *facts)
{
  return read_process (procfs, pid, FALSE, facts);
}

gboolean
pl_procfs_read_unless_nice (PlProcfs *procfs, gint32 pid, PlProcFacts *facts)
{
  return read_process (procfs, pid, TRUE, facts);
}

gboolean
pl_procfs_read_identity (PlProcfs *procfs, gint32 pid, PlProcFacts *facts)
{
  char name[32];
  memset (facts, 0, sizeof *facts);
  facts->uid = PL_UNKNOWN_U32;
  g_snprintf (name, sizeof name, "%d/stat", pid);
  return read_short (procfs->root_fd, name, procfs->text, TEXT_BYTES) > 0 && parse_stat (procfs->text, facts);
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
pl_procfs_get_uid (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  guint32 uid = pl_procfs_dir_uid (procfs, pid);
  g_snprintf (name, sizeof name, "%d/status", pid);
  if (uid == 0)
    return read_short (procfs->root_fd, name, procfs->text, TEXT_BYTES) > 0 ? uid_of_status (procfs->text)
                                                                            : PL_UNKNOWN_U32;
  return uid;
}

guint32
pl_procfs_get_network (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  struct stat info;
  g_snprintf (name, sizeof name, "%d/net/tcp", pid);
  return fstatat (procfs->root_fd, name, &info, 0) == 0 ? (guint32)info.st_ino : 0;
}

/* By its status, which anybody may read. */
gboolean
pl_procfs_is_contained (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  g_snprintf (name, sizeof name, "%d/status", pid);
  return read_short (procfs->root_fd, name, procfs->text, TEXT_BYTES) > 0 && is_contained (procfs->text);
}

gboolean
pl_procfs_shares_mounts (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  g_snprintf (name, sizeof name, "%d/ns/mnt", pid);
  g_autofree char *mounts = read_link (procfs->root_fd, name);
  return mounts != NULL ? g_strcmp0 (mounts, procfs->own_mounts) == 0 : !pl_procfs_is_contained (procfs, pid);
}

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
} FdWalk;

#define RING_LINK "anon_inode:[io_uring]"
#define TASK_LINKS 3 /* of the task directory: ".", itself, and its only thread's */

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
  ssize_t n = readlinkat (walk->dir_fd, name, link, sizeof link);
  guint64 inode = n > 0 ? inode_from_link (link, n) : 0;
  walk->n_rings += n == strlen (RING_LINK) && memcmp (link, RING_LINK, (gsize)n) == 0;
  if (inode == 0 || walk->func (walk->pid, atoi (name), inode, walk->data))
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
  const char *close_paren =
      read_short (procfs->root_fd, name, procfs->text, TEXT_BYTES) > 0 ? strrchr (procfs->text, ')') : NULL;
  return close_paren != NULL && g_str_has_prefix (close_paren, ") Z");
}

/* All of them: they are at hand once the helper has answered. */
static gboolean
foreach_told_socket (PlProcfs *procfs, gint32 pid, PlFdFunc func, gpointer data)
{
  guint n = 0, n_rings = 0, n_left = 0;
  const guint64 *told = procfs->helper != NULL ? pl_helper_link_get_sockets (procfs->helper, pid, &n, &n_left) : NULL;
  g_autofree guint64 *inodes = told != NULL ? g_memdup2 (told, n * sizeof *told) : NULL; /* @func may ask it again */
  for (guint i = 0; i < n; i++)
    if (inodes[i] == 0)
      n_rings++;
    else if (!func (pid, -1, inodes[i], data))
      break;
  if (told == NULL)
    return FALSE;
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
  char name[32];
  gint64 from = *offset;
  *offset = -1;
  g_snprintf (name, sizeof name, "%d/fd", pid);
  int dir_fd = openat (procfs->root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0)
    return errno == EACCES && foreach_told_socket (procfs, pid, func, data);
  FdWalk walk = { .dir_fd = dir_fd, .pid = pid, .n_left = max_fds, .next_offset = from, .func = func, .data = data };
  if (from > 0)
    lseek (dir_fd, from, SEEK_SET);
  gsize dents_bytes = CLAMP (max_fds * (gsize)FD_DENT_BYTES, SHORT_DENTS_BYTES, DENTS_BYTES);
  if (!foreach_name (procfs, dir_fd, dents_bytes, visit_fd, &walk))
    *offset = walk.next_offset;
  close (dir_fd);
  procfs->n_unlisted += walk.n_rings > 0 || (from == 0 && walk.n_left == max_fds && has_threads (procfs, pid));
  return TRUE;
}

static gboolean
ignore_name (const char *name, gint64 next_offset, gpointer data)
{
  return TRUE;
}

int
pl_procfs_open_fds (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  g_snprintf (name, sizeof name, "%d/fd", pid);
  int dir_fd = openat (procfs->root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd >= 0)
    foreach_name (procfs, dir_fd, SHORT_DENTS_BYTES, ignore_name, NULL);
  return dir_fd;
}

gboolean
pl_procfs_foreach_socket_in (
    PlProcfs *procfs, int dir_fd, gint32 pid, gint64 offset, guint max_fds, PlFdFunc func, gpointer data)
{
  FdWalk walk = { .dir_fd = dir_fd, .pid = pid, .n_left = max_fds, .func = func, .data = data };
  if (lseek (dir_fd, offset, SEEK_SET) < 0)
    return FALSE;
  foreach_name (procfs, dir_fd, SHORT_DENTS_BYTES, visit_fd, &walk);
  return walk.n_left < max_fds;
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
  const char *line =
      read_short (procfs->root_fd, name, procfs->text, TEXT_BYTES) > 0 ? strstr (procfs->text, "flags:") : NULL;
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

typedef struct
{
  gint32 first, last;
  GArray *pids;
} PidList;

static gboolean
collect_pid (const char *name, gint64 next_offset, gpointer data)
{
  PidList *list = data;
  gint32 pid = pid_from_name (name);
  if (pid >= list->first && pid > 0 && pid <= list->last)
    g_array_append_val (list->pids, pid);
  return list->pids->len < PL_LIMIT_PROCESSES;
}

static gboolean
collect_pid_in_order (const char *name, gint64 next_offset, gpointer data)
{
  return collect_pid (name, next_offset, data) && pid_from_name (name) <= ((PidList *)data)->last;
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
      foreach_name (procfs, procfs->root_fd, is_short ? SHORT_DENTS_BYTES : DENTS_BYTES, collect_pid_in_order, &list);
      return;
    }
  lseek (procfs->root_fd, 0, SEEK_SET);
  foreach_name (procfs, procfs->root_fd, DENTS_BYTES, collect_pid, &list);
  g_array_sort (pids, compare_pids);
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
  PidList list = { .first = 1, .last = G_MAXINT32, .pids = tids };
  foreach_name (procfs, dir_fd, DENTS_BYTES, collect_pid, &list);
  close (dir_fd);
  for (guint i = 0; i < tids->len; i++)
    {
      gint32 tid = g_array_index (tids, gint32, i);
      if (tid != pid && syscall (SYS_kcmp, pid, tid, KCMP_FILES, 0, 0) > 0)
        pl_procfs_foreach_socket (procfs, tid, PL_LIMIT_PROCESS_FDS, func, data);
    }
}

/* The fifth word of /proc/loadavg. */
gint32
pl_procfs_last_pid (PlProcfs *procfs)
{
  if (read_short (procfs->root_fd, "loadavg", procfs->text, TEXT_BYTES) <= 0)
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
  if (read_file (procfs->root_fd, name, procfs->text, TEXT_BYTES) <= 0)
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
