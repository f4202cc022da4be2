/* Which process holds which socket inode. Owner thread only; one readlink a question, no scan. Two generations of entries:
 * when the young one is full it becomes the old one, so that the cap costs nothing to keep. */
#include "holders.h"

#include <string.h>
#include <unistd.h>

#include "bounds.h"

#define CLIMB_STEPS 16
#define CHILDREN_LOOKED_AT 64
#define SHARER_CHILDREN 512
#define UNSETTLED_LASTS_US 100000 /* µs for which a holder that may change hands is believed */

typedef struct
{
  PlHolder holder; /* inode is the key */
  gint64 settled_us;
  gint64 nobody_until_us, elusive_until_us; /* pid 0: not held by anybody we may see; not found quickly */
} Entry;

struct _PlHolders
{
  GHashTable *young, *old; /* &Entry.holder.inode → Entry */
};

static GHashTable *
new_generation (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
}

PlHolders *
pl_holders_new (void)
{
  PlHolders *holders = g_new0 (PlHolders, 1);
  holders->young = new_generation ();
  holders->old = new_generation ();
  return holders;
}

void
pl_holders_free (PlHolders *holders)
{
  if (holders == NULL)
    return;
  g_hash_table_unref (holders->young);
  g_hash_table_unref (holders->old);
  g_free (holders);
}

static void
put (PlHolders *holders, const Entry *entry)
{
  if (g_hash_table_size (holders->young) >= PL_LIMIT_INODES / 2)
    {
      g_hash_table_unref (holders->old);
      holders->old = holders->young;
      holders->young = new_generation ();
    }
  Entry *copy = g_memdup2 (entry, sizeof *entry);
  g_hash_table_replace (holders->young, &copy->holder.inode, copy);
}

static const Entry *
find (PlHolders *holders, guint64 inode)
{
  const Entry *entry = g_hash_table_lookup (holders->young, &inode);
  if (entry != NULL)
    return entry;
  entry = g_hash_table_lookup (holders->old, &inode);
  if (entry == NULL)
    return NULL;
  put (holders, entry);
  return g_hash_table_lookup (holders->young, &inode);
}

void
pl_holders_add (PlHolders *holders, const PlHolder *holder)
{
  Entry entry = { .holder = *holder, .settled_us = g_get_monotonic_time () };
  const Entry *known = holder->inode != 0 ? find (holders, holder->inode) : NULL;
  if (holder->met_us == 0)
    entry.holder.met_us = known != NULL && known->holder.pid == holder->pid ? known->holder.met_us : entry.settled_us;
  if (holder->inode != 0)
    put (holders, &entry);
}

gboolean
pl_holders_get (PlHolders *holders, PlProcfs *procfs, guint64 inode, PlHolder *holder)
{
  const Entry *entry = inode != 0 ? find (holders, inode) : NULL;
  if (entry == NULL || entry->holder.pid == 0)
    return FALSE;
  guint64 n_unanswered = pl_procfs_get_n_unanswered (procfs);
  if (!pl_procfs_has_socket (procfs, entry->holder.tid != 0 ? entry->holder.tid : entry->holder.pid, entry->holder.fd,
                             inode))
    {
      if (pl_procfs_get_n_unanswered (procfs) != n_unanswered)
        return FALSE; /* it may hold it still */
      g_hash_table_remove (holders->young, &inode);
      g_hash_table_remove (holders->old, &inode);
      return FALSE;
    }
  *holder = entry->holder;
  gint64 now_us = g_get_monotonic_time ();
  if (now_us - entry->settled_us <= UNSETTLED_LASTS_US)
    return TRUE;
  /* The service that it was opened for may have it by now, at another descriptor: that takes a search. */
  if (holder->is_manager)
    return FALSE;
  /* A child between its fork and its exec has everything its parent has, but not for long: look anew. */
  if (holder->held == PL_HELD_BY_FAMILY)
    {
      holder->held = PL_HELD_ALONE;
      pl_holder_settle (holder, procfs, 0, FALSE);
      pl_holders_add (holders, holder);
    }
  return TRUE;
}

static void
put_absent (PlHolders *holders, guint64 inode, gint64 nobody_until_us, gint64 elusive_until_us)
{
  Entry entry = { .holder.inode = inode, .nobody_until_us = nobody_until_us, .elusive_until_us = elusive_until_us };
  if (inode != 0)
    put (holders, &entry);
}

void
pl_holders_add_elusive (PlHolders *holders, guint64 inode, gint64 now_us)
{
  put_absent (holders, inode, 0, now_us + PL_LIMIT_ELUSIVE_US);
}

gboolean
pl_holders_is_elusive (PlHolders *holders, guint64 inode, gint64 now_us)
{
  const Entry *entry = find (holders, inode);
  return entry != NULL && entry->elusive_until_us > now_us;
}

void
pl_holders_add_nobody (PlHolders *holders, guint64 inode, gint64 now_us)
{
  put_absent (holders, inode, now_us + PL_LIMIT_NOBODY_US, 0);
}

gboolean
pl_holders_is_nobody (PlHolders *holders, guint64 inode, gint64 now_us)
{
  const Entry *entry = find (holders, inode);
  return entry != NULL && entry->nobody_until_us > now_us;
}

/* pid 1, and a user's own manager: they hold listening sockets of services that they have started with them (sd_listen_fds(3)).
 * Wine's server opens, connects and accepts the sockets of all its programs, which get a descriptor as they first send or read. */
gboolean
pl_holder_is_manager_comm (gint32 pid, const char *comm)
{
  return pid == 1 || g_strcmp0 (comm, "systemd") == 0 || (comm != NULL && g_str_has_prefix (comm, "wineserver"));
}

gboolean
pl_holder_is_service_manager (PlProcfs *procfs, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  return pid == 1 || (pl_procfs_recall_identity (procfs, pid, &facts) && pl_holder_is_manager_comm (pid, facts.comm));
}

typedef struct
{
  guint64 inode;
  gint32 fd;
} Wanted;

static gboolean
meet_wanted (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Wanted *wanted = data;
  if (inode == wanted->inode)
    wanted->fd = fd;
  return inode != wanted->inode;
}

/* Whether @pid has the socket too. The descriptor's number need not be the same: what a program is started for is moved to
 * standard input, and for the standard ones, which are duplicates most often, all of its descriptors are looked at. */
static gboolean
has_same (PlProcfs *procfs, gint32 pid, const PlHolder *holder, gint32 *fd)
{
  Wanted wanted = { .inode = holder->inode, .fd = -1 };
  if (pl_procfs_has_socket (procfs, pid, holder->fd, holder->inode))
    wanted.fd = holder->fd;
  else if (holder->fd > STDERR_FILENO && pl_procfs_has_socket (procfs, pid, STDIN_FILENO, holder->inode))
    wanted.fd = STDIN_FILENO;
  else if (holder->fd <= STDERR_FILENO)
    pl_procfs_foreach_socket (procfs, pid, PL_LIMIT_NEWEST_FDS, meet_wanted, &wanted);
  *fd = wanted.fd;
  return wanted.fd >= 0;
}

/* The eldest of the family that has the socket at the same descriptor. */
static void
climb (PlHolder *holder, PlProcfs *procfs, gint32 parent_pid)
{
  gint32 fd;
  for (int step = 0; step < CLIMB_STEPS; step++)
    {
      g_auto (PlProcFacts) facts = { 0 };
      if (pl_procfs_recall_identity (procfs, holder->pid, &facts))
        {
          parent_pid = facts.parent_pid;
          holder->is_manager = pl_holder_is_manager_comm (holder->pid, facts.comm);
        }
      if (parent_pid <= 0 || !has_same (procfs, parent_pid, holder, &fd)
          || pl_holder_is_service_manager (procfs, parent_pid))
        return;
      holder->pid = parent_pid;
      holder->fd = fd;
      holder->met_us = 0;
      holder->held = PL_HELD_BY_FAMILY;
      parent_pid = 0;
    }
}

void
pl_holder_settle (PlHolder *holder, PlProcfs *procfs, gint32 parent_pid, gboolean is_childless)
{
  gint32 children[CHILDREN_LOOKED_AT], fd;
  climb (holder, procfs, parent_pid);
  if (holder->held != PL_HELD_ALONE || is_childless)
    return;
  guint n = pl_procfs_recall_children (procfs, holder->pid, children, CHILDREN_LOOKED_AT);
  for (guint i = 0; i < n; i++)
    {
      if (!has_same (procfs, children[i], holder, &fd))
        continue;
      /* A manager's child that has its socket is the service itself. */
      if (holder->is_manager)
        *holder = (PlHolder){ .inode = holder->inode, .pid = children[i], .fd = fd };
      else
        holder->held = PL_HELD_BY_FAMILY;
      return;
    }
}

static guint
add_sharer (PlHolder *sharers, guint n, const PlHolder *holder, gint32 pid, gint32 fd)
{
  for (guint i = 0; i < n; i++)
    if (sharers[i].pid == pid)
      return n;
  sharers[n] = (PlHolder){ .inode = holder->inode, .pid = pid, .fd = fd };
  return n + 1;
}

guint
pl_holder_list_sharers (const PlHolder *holder, PlProcfs *procfs, gint32 *pids)
{
  PlHolder sharers[PL_HOLDER_SHARERS];
  gint32 children[SHARER_CHILDREN], fd;
  guint n = add_sharer (sharers, 0, holder, holder->pid, holder->fd);
  for (guint i = 0; i < PL_HOLDER_OTHERS && holder->others[i].pid != 0; i++)
    if (pl_procfs_has_socket (procfs, holder->others[i].pid, holder->others[i].fd, holder->inode))
      n = add_sharer (sharers, n, holder, holder->others[i].pid, holder->others[i].fd);
  for (guint at = 0; at < n; at++)
    {
      guint n_children = pl_procfs_recall_children (procfs, sharers[at].pid, children, SHARER_CHILDREN);
      for (guint i = 0; i < n_children && n < PL_HOLDER_SHARERS; i++)
        if (has_same (procfs, children[i], &sharers[at], &fd))
          n = add_sharer (sharers, n, holder, children[i], fd);
    }
  for (guint i = 0; i < n; i++)
    pids[i] = sharers[i].pid;
  return n;
}

guint64
pl_holder_mark (const PlHolder *holder, PlProcfs *procfs)
{
  gint32 children[SHARER_CHILDREN];
  guint n = pl_procfs_recall_children (procfs, holder->pid, children, SHARER_CHILDREN);
  guint64 mark = 0xcbf29ce484222325ull ^ (guint64)holder->pid;
  for (guint i = 0; i < n; i++)
    mark = (mark ^ (guint64)children[i]) * 0x100000001b3ull; /* FNV-1a */
  return MAX (mark, 1);
}

void
pl_holders_set_alone (PlHolders *holders, guint64 inode, guint64 mark)
{
  const Entry *entry = find (holders, inode);
  if (entry != NULL)
    ((Entry *)g_hash_table_lookup (holders->young, &inode))->holder.alone_mark = mark;
}
