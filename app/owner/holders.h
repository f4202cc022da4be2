/* Which process holds which socket inode: a cache that is never believed, only checked. An entry counts when the
 * descriptor it names still is that socket; what no process was found to hold is remembered for a while too. Owner
 * thread only. */
#pragma once
#include "procfs.h"

typedef enum
{
  PL_HELD_ALONE,
  PL_HELD_BY_FAMILY,    /* after fork(2): pid is the eldest, which made it */
  PL_HELD_BY_STRANGERS, /* passed on (SCM_RIGHTS), or the parent in between is gone: pid is one of them */
  PL_HELD_BY_APPS,      /* several, of different apps */
} PlHeld;

#define PL_HOLDER_OTHERS 3

typedef struct
{
  guint64 inode;
  gint32 pid;
  gint32 tid; /* whose descriptor it is, of a thread that has its own ones; else 0 */
  gint32 fd;
  PlHeld held;
  gboolean is_manager; /* it keeps sockets for others: a service manager, Wine's server */
  struct
  {
    gint32 pid, fd;
  } others[PL_HOLDER_OTHERS]; /* that a scan met too; pid 0: no more */
  gint64 met_us; /* monotonic: when it was first met with it; 0 just now */
  gint64 scanned_us; /* monotonic: a scan that began then met no others than these; 0 none did */
  guint64 alone_mark; /* pl_holder_mark() when nobody shared it; 0 not known */
} PlHolder;

typedef struct _PlHolders PlHolders;

PlHolders *pl_holders_new (void);
void pl_holders_free (PlHolders *holders);
void pl_holders_add (PlHolders *holders, const PlHolder *holder);
/* The holder of @inode, checked against /proc now. */
gboolean pl_holders_get (PlHolders *holders, PlProcfs *procfs, guint64 inode, PlHolder *holder);
/* Remembers for PL_LIMIT_ELUSIVE_US that the quick search did not find the holder of @inode: a scan will. */
void pl_holders_add_elusive (PlHolders *holders, guint64 inode, gint64 now_us);
gboolean pl_holders_is_elusive (PlHolders *holders, guint64 inode, gint64 now_us);
/* Remembers for PL_LIMIT_NOBODY_US that a whole scan found no holder of @inode that we may see. */
void pl_holders_add_nobody (PlHolders *holders, guint64 inode, gint64 now_us);
gboolean pl_holders_is_nobody (PlHolders *holders, guint64 inode, gint64 now_us);

/* Looks whether parents or children of the holder have the same socket at the same descriptor, as after fork(2), and moves
 * @holder up to the eldest, which made it; only a service manager that passed a socket on is never named for it. @parent_pid: where the holder may have ended, what
 * its parent was; else 0. @is_childless: the holder is known to have started nobody. */
void pl_holder_settle (PlHolder *holder, PlProcfs *procfs, gint32 parent_pid, gboolean is_childless);

#define PL_HOLDER_SHARERS 32

/* The processes that share @holder's socket now, itself first: what a scan met, and children at the same descriptor, or at the
 * standard input that it was moved to. Room for PL_HOLDER_SHARERS; returns how many. One that closed it but has a child that did not
 * is not seen through. */
guint pl_holder_list_sharers (const PlHolder *holder, PlProcfs *procfs, gint32 *pids);

/* A number for the children that @holder has: while it stays the same nobody has come to share a descriptor. Never 0. */
guint64 pl_holder_mark (const PlHolder *holder, PlProcfs *procfs);
/* Remembers @mark for the holder of @inode, if that is remembered. */
void pl_holders_set_alone (PlHolders *holders, guint64 inode, guint64 mark);

/* Whether @pid, called @comm, keeps sockets for others: pid 1, a user's own manager ("systemd"), Wine's server. */
gboolean pl_holder_is_manager_comm (gint32 pid, const char *comm);
/* The same of a process that may be gone. */
gboolean pl_holder_is_service_manager (PlProcfs *procfs, gint32 pid);
