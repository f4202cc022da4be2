/* The full search through every process's descriptors, in a thread of its own at low priority: tens of milliseconds that
 * neither packets nor the owner thread may wait for. One scan answers all questions that wait when it starts. */
#pragma once
#include "holders.h"

typedef struct
{
  GArray
      *holders; /* (element-type PlHolder) one an inode, ascending by inode: every socket met, not only those wanted */
  gboolean sees_all; /* no process kept its descriptors from us: a socket not met is held by nobody */
  gboolean has_unlisted; /* a process of root's may have sockets that it does not list */
  gboolean is_cancelled;
  GArray *met;         /* (element-type PlHolder) each socket of each process, from which holders were chosen */
  GArray *hidden;      /* (element-type gint32) processes that kept their descriptors from us */
  guint n_looked_into; /* of those, since then, by others' rights */
  gint64 cost_us;      /* processor time */
  gint64 began_us;     /* monotonic */
} PlScanResult;

void pl_scan_result_free (PlScanResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlScanResult, pl_scan_result_free)
/* A PlFdFunc: adds a socket to @result, that counts from the next pl_scan_result_settle() on. */
gboolean pl_scan_result_meet (gint32 pid, int fd, guint64 inode, gpointer result);
void pl_scan_result_settle (PlScanResult *result, PlProcfs *procfs);
/* The holder of @inode in @result, or NULL. */
const PlHolder *pl_scan_result_find (const PlScanResult *result, guint64 inode);

/* Whether there are any of @inodes (element-type guint64), and all of them have a holder in @result. */
gboolean pl_scan_result_has_all (const PlScanResult *result, GArray *inodes);

typedef struct _PlScan PlScan;

/* Starts the worker. @wake_fd, an eventfd of the caller's, is written when a result waits. NULL when @proc_root can't be read. */
PlScan *pl_scan_new (const char *proc_root, int wake_fd);
void pl_scan_free (PlScan *scan); /* cancels and joins */
/* Owner thread. Starts one scan for @inodes, or with none of them for every socket; processes of @uids are looked at first, and when that finds all, alone. FALSE
 * when one is running or its result was not taken yet. */
gboolean pl_scan_start (PlScan *scan, const guint64 *inodes, guint n_inodes, const guint32 *uids, guint n_uids);
/* The finished result (transfer full), or NULL. */
PlScanResult *pl_scan_take (PlScan *scan);
