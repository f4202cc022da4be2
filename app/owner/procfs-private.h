/* Shared by the files that read /proc: the handle, and how directories and files in there are read. */
#pragma once
#include "procfs.h"

#define PL_PROCFS_DENTS_BYTES 16384
#define PL_PROCFS_SHORT_DENTS_BYTES 512 /* some twenty pids */
#define PL_PROCFS_TEXT_BYTES 8192

#define PL_PROCFS_RECALLED 8 /* processes, by the low bits of their pid */
#define PL_PROCFS_RECALLED_CHILDREN 512

/* What was read of a process lately. */
typedef struct
{
  PlProcFacts identity; /* pid 0: nothing */
  gint64 identity_us, children_us; /* monotonic */
  gint32 children_of; /* pid */
  guint n_children;
  gint32 children[PL_PROCFS_RECALLED_CHILDREN];
} PlProcRecall;

struct _PlProcfs
{
  int root_fd;
  gboolean can_seek; /* it is the kernel's: a directory offset is a pid plus seek_base */
  gint64 seek_base;
  PlHelperLink *helper; /* nullable; not owned */
  guint64 n_unlisted; /* processes that may have sockets in no list */
  char *own_mounts; /* our mount namespace: "mnt:[4026531841]"; nullable */
  gint64 moment_us; /* monotonic, of pl_procfs_begin_moment(); 0 before the first */
  PlProcRecall recalled[PL_PROCFS_RECALLED];
  guint64 *dents; /* aligned for struct dirent64 */
  char text[PL_PROCFS_TEXT_BYTES];
};

typedef gboolean (*PlNameFunc) (const char *name, gint64 next_offset, gpointer data);

/* Reads directory @fd from its present offset; FALSE when @func stopped it. @buffer_bytes: at most PL_PROCFS_DENTS_BYTES. */
gboolean pl_procfs_foreach_name (PlProcfs *procfs, int fd, gsize buffer_bytes, PlNameFunc func, gpointer data);
/* 0 when @name is no number. */
gint32 pl_procfs_pid_from_name (const char *name);
/* Appends (element-type gint32) all numbers that directory @fd has as names. */
void pl_procfs_list_numbers (PlProcfs *procfs, int fd, GArray *pids);
/* Transfer full; NULL when it can't be read. */
char *pl_procfs_read_link (int dir_fd, const char *name);
/* A file that the kernel writes in one piece, which one read(2) brings; NUL-terminated. -1 when it can't be read. */
gssize pl_procfs_read_short (int dir_fd, const char *name, char *buffer, gsize size);
/* Up to @size - 1 bytes of @name below @dir_fd, NUL-terminated; -1 when it can't be read. */
gssize pl_procfs_read_file (int dir_fd, const char *name, char *buffer, gsize size);
/* Of the text of proc_pid_status(5): whether the process is in a pid namespace below that of /proc. */
gboolean pl_procfs_status_is_contained (const char *status);
/* Frees what pl_procfs_recall_…() keep. */
void pl_procfs_forget_moment (PlProcfs *procfs);
