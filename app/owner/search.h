/* The quick search for a socket's holder: the processes that most likely opened it, not all of them. Owner thread only. */
#pragma once
#include "cgroups.h"
#include "holders.h"

typedef struct _PlSearch PlSearch;

/* @procfs and @cgroups must outlive it. @sees_all: other users' processes may be looked into. */
PlSearch *pl_search_new (PlProcfs *procfs, PlCgroups *cgroups, gboolean sees_all);
void pl_search_free (PlSearch *search);
/* Looks for @inode, a socket of @uid (PL_UNKNOWN_U32) and @cgroup_id (0), among the newest processes, those that lately
 * answered, and those of its cgroup. @is_busy: less thoroughly. Fills inode, pid and fd of @holder. */
gboolean pl_search_find (PlSearch *search, guint64 inode, guint32 uid, guint64 cgroup_id, gboolean is_busy, PlHolder *holder);
/* Looks for @inode in the process that holds @listener, and in its children. */
gboolean pl_search_find_near (PlSearch *search, guint64 inode, guint64 listener, PlHolders *holders, PlHolder *holder);
/* @holder answered a question: it is likely to answer the next. */
void pl_search_note (PlSearch *search, const PlHolder *holder);
