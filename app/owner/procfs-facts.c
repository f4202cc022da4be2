/* Reads what /proc tells about one process: program, arguments, cgroup, sandbox. */
#include "procfs-private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appimage.h"
#include "helper-link.h"
#include "bounds.h"
#include "script.h"
#include "socket.h"

#define TORN_READS 4 /* an exec(2) under way takes some hundred microseconds */
#define TORN_WAIT_US 50
#define PF_EXITING 4u /* linux/sched.h */
#define PF_FORKNOEXEC 0x40u

/* "pid (comm) state ppid pgrp session tty_nr … starttime(22) … arg_start(48)". comm may hold anything, parentheses too, so fields
 * are counted from the last one. */
gboolean
pl_proc_facts_set_stat (PlProcFacts *facts, const char *text)
{
  const char *open_paren = strchr (text, '(');
  const char *close_paren = strrchr (text, ')');
  if (open_paren == NULL || close_paren == NULL || close_paren < open_paren || close_paren[1] != ' ')
    return FALSE;
  facts->pid = atoi (text);
  facts->comm = g_strndup (open_paren + 1, close_paren - open_paren - 1);
  const char *at = close_paren + 2;
  for (int field = 3; *at != '\0'; field++)
    {
      const char *end = strchrnul (at, ' ');
      if (field == 3)
        facts->is_zombie = *at == 'Z';
      else if (field == 4)
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
        facts->child_faults = g_ascii_strtoull (at, NULL, 10);
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
  return pl_procfs_read_short (dir_fd, "stat", procfs->text, PL_PROCFS_TEXT_BYTES) > 0
         && pl_proc_facts_set_stat (facts, procfs->text);
}

/* "Uid:\treal\teffective\tsaved\tfs". */
static guint32
uid_of_status (const char *status)
{
  static const char tag[] = "\nUid:\t";
  const char *line = strstr (status, tag);
  line = line != NULL ? strchr (line + sizeof tag - 1, '\t') : NULL;
  return line != NULL ? (guint32)strtoul (line + 1, NULL, 10) : PL_UNKNOWN_U32;
}

/* "Tgid:\tN": what was read may be a thread's, whose stat has its own number. */
static void
read_status (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  facts->uid = PL_UNKNOWN_U32;
  if (pl_procfs_read_short (dir_fd, "status", procfs->text, PL_PROCFS_TEXT_BYTES) <= 0)
    return;
  facts->uid = uid_of_status (procfs->text);
  const char *line = strstr (procfs->text, "\nTgid:");
  if (line != NULL && atoi (line + 6) > 0)
    facts->pid = atoi (line + 6);
  facts->is_contained = pl_procfs_status_is_contained (procfs->text);
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
  if (pl_procfs_read_short (dir_fd, "cgroup", procfs->text, PL_PROCFS_TEXT_BYTES) > 0)
    pl_proc_facts_set_cgroup (facts, procfs->text);
}

char *
pl_procfs_read_cgroup (PlProcfs *procfs, gint32 pid)
{
  char name[32];
  g_auto (PlProcFacts) facts = { 0 };
  g_snprintf (name, sizeof name, "%d/cgroup", pid);
  if (pl_procfs_read_short (procfs->root_fd, name, procfs->text, PL_PROCFS_TEXT_BYTES) > 0)
    pl_proc_facts_set_cgroup (&facts, procfs->text);
  return g_steal_pointer (&facts.cgroup);
}

static void
read_cmdline (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  char bytes[PL_LIMIT_CMDLINE_BYTES + 1];
  gssize n = pl_procfs_read_short (dir_fd, "cmdline", bytes, sizeof bytes);
  pl_proc_facts_set_cmdline (facts, bytes, MAX (n, 0));
}

/* A program whose exec(2) was just told of is no thread's, nor in a container that sees the files that we see: then the directory tells
 * what is wanted, in a tenth of the time. */
static void
read_user (PlProcfs *procfs, int dir_fd, gboolean sees_our_files, PlProcFacts *facts)
{
  struct stat info;
  if (sees_our_files && fstat (dir_fd, &info) == 0)
    facts->uid = info.st_uid;
  else
    read_status (procfs, dir_fd, facts);
}

/* Flatpak's sandbox stands on a tmpfs of its own. A root of any other kind is not touched: it may be a file system that
 * somebody serves by hand, and lets us wait for ever. proc_pid_mountinfo(5): "id parent dev root MOUNTPOINT … - TYPE …". */
static gboolean
is_root_on_tmpfs (PlProcfs *procfs, int dir_fd)
{
  if (pl_procfs_read_file (dir_fd, "mountinfo", procfs->text, PL_PROCFS_TEXT_BYTES) <= 0)
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
  if (!is_root_on_tmpfs (procfs, dir_fd) || fstatat (dir_fd, "root/.flatpak-info", &info, AT_SYMLINK_NOFOLLOW) != 0
      || !S_ISREG (info.st_mode))
    return;
  if (pl_procfs_read_file (dir_fd, "root/.flatpak-info", procfs->text, PL_PROCFS_TEXT_BYTES) > 0)
    facts->flatpak_info = g_strdup (procfs->text);
}

/* Of an AppImage only the environment tells the file. */
static void
read_appimage (PlProcfs *procfs, int dir_fd, PlProcFacts *facts)
{
  if (pl_appimage_runs (facts))
    facts->appimage = pl_appimage_of_environment (
        procfs->text, pl_procfs_read_file (dir_fd, "environ", procfs->text, PL_PROCFS_TEXT_BYTES));
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
read_all (PlProcfs *procfs, int dir_fd, gboolean is_program, PlProcFacts *facts)
{
  struct stat info;
  memset (facts, 0, sizeof *facts);
  if (!read_stat (procfs, dir_fd, facts) || (is_program && facts->nice > 0))
    return FALSE;
  read_exe (dir_fd, facts);
  read_cmdline (procfs, dir_fd, facts);
  read_cgroup (procfs, dir_fd, facts);
  g_autofree char *mounts = pl_procfs_read_link (dir_fd, "ns/mnt");
  gboolean sees_our_files = mounts != NULL && g_strcmp0 (mounts, procfs->own_mounts) == 0;
  read_user (procfs, dir_fd, is_program && sees_our_files, facts);
  if (fstatat (dir_fd, "net/tcp", &info, 0) == 0)
    facts->network = (guint32)info.st_ino;
  if (facts->exe == NULL && facts->cmdline != NULL && procfs->helper != NULL)
    ask_exe (procfs, facts);
  if (facts->exe == NULL || pl_script_is_interpreter (facts->exe))
    facts->cwd = pl_procfs_read_link (dir_fd, "cwd");
  if (mounts != NULL && !sees_our_files)
    read_flatpak_info (procfs, dir_fd, facts);
  read_appimage (procfs, dir_fd, facts);
  return TRUE;
}

/* Whether the process went through exec(2) while it was read, or is in the midst of it: then the facts are of two programs. The former
 * is told of where the news of programs is followed. */
static gboolean
is_torn (PlProcfs *procfs, int dir_fd, gboolean is_program, const PlProcFacts *facts)
{
  g_auto (PlProcFacts) now = { 0 };
  if (facts->exe != NULL && facts->cmdline == NULL && facts->exec_mark == 0)
    return TRUE;
  return !is_program && read_stat (procfs, dir_fd, &now)
         && (now.exec_mark != facts->exec_mark || g_strcmp0 (now.comm, facts->comm) != 0);
}

static gboolean
read_process (PlProcfs *procfs, gint32 pid, gboolean is_program, PlProcFacts *facts)
{
  memset (facts, 0, sizeof *facts);
  int dir_fd = pl_procfs_open_process (procfs, pid);
  if (dir_fd < 0)
    return FALSE;
  gboolean is_there = read_all (procfs, dir_fd, is_program, facts);
  for (int again = 0; again < TORN_READS && is_there && is_torn (procfs, dir_fd, is_program, facts); again++)
    {
      g_usleep (TORN_WAIT_US);
      pl_proc_facts_clear (facts);
      is_there = read_all (procfs, dir_fd, is_program, facts);
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
pl_procfs_read_program (PlProcfs *procfs, gint32 pid, PlProcFacts *facts)
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
  return pl_procfs_read_short (procfs->root_fd, name, procfs->text, PL_PROCFS_TEXT_BYTES) > 0
         && pl_proc_facts_set_stat (facts, procfs->text);
}
