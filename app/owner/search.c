/* The quick search for a socket's holder. Owner thread only. A program that lived five milliseconds was among the newest when
 * it sent its packet; a browser's new connection is in the process that made the last ones, most often at a descriptor close
 * to theirs. Both are found without reading more than a few hundred links (3 µs each). */
#include "search.h"

#include <string.h>

#include "limits.h"
#include "socket.h"

#define RECENT_PROCESSES 16
#define FIRST_NEWEST 6 /* newest processes looked at before the recent ones */
#define CGROUP_PROCESSES 64 /* a cgroup with more says too little */
#define NEAR_BELOW 4 /* descriptors tried around the last one of a recent process */
#define NEAR_ABOVE 12
#define CHILDREN_LOOKED_AT 64

struct _PlSearch
{
  PlProcfs *procfs;
  PlCgroups *cgroups;
  gboolean sees_all;
  PlHolder recent[RECENT_PROCESSES]; /* the last first */
  guint n_recent;
};

typedef struct
{
  guint64 inode;
  PlHolder *holder;
  gboolean is_found;
} Wanted;

PlSearch *
pl_search_new (PlProcfs *procfs, PlCgroups *cgroups, gboolean sees_all)
{
  PlSearch *search = g_new0 (PlSearch, 1);
  search->procfs = procfs;
  search->cgroups = cgroups;
  search->sees_all = sees_all;
  return search;
}

void
pl_search_free (PlSearch *search)
{
  g_free (search);
}

static gboolean
meet_wanted (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Wanted *wanted = data;
  if (inode != wanted->inode)
    return TRUE;
  *wanted->holder = (PlHolder){ .inode = inode, .pid = pid, .fd = fd };
  wanted->is_found = TRUE;
  return FALSE;
}

static gboolean
look_into (PlSearch *search, gint32 pid, guint max_fds, Wanted *wanted)
{
  pl_procfs_foreach_socket (search->procfs, pid, max_fds, meet_wanted, wanted);
  return wanted->is_found;
}

/* Processes of the socket's user first; with full rights the others too, since a daemon changes its user after it has opened
 * its sockets. What was looked at is struck out. */
static gboolean
look_into_all (PlSearch *search, gint32 *pids, guint n, guint32 uid, Wanted *wanted)
{
  for (int pass = 0; pass < (search->sees_all ? 2 : 1); pass++)
    for (guint i = 0; i < n; i++)
      {
        if (pids[i] == 0 || (pass == 0 && pl_procfs_dir_uid (search->procfs, pids[i]) != uid))
          continue;
        if (look_into (search, pids[i], PL_LIMIT_NEWEST_FDS, wanted))
          return TRUE;
        pids[i] = 0;
      }
  return FALSE;
}

static gboolean
look_near (PlSearch *search, const PlHolder *recent, Wanted *wanted)
{
  for (gint32 fd = MAX (recent->fd - NEAR_BELOW, 0); fd <= recent->fd + NEAR_ABOVE; fd++)
    if (pl_procfs_has_socket (search->procfs, recent->pid, fd, wanted->inode))
      {
        meet_wanted (recent->pid, fd, wanted->inode, wanted);
        return TRUE;
      }
  return FALSE;
}

static gboolean
look_into_recent (PlSearch *search, guint32 uid, gboolean is_busy, Wanted *wanted)
{
  for (guint i = 0; i < search->n_recent; i++)
    if (look_near (search, &search->recent[i], wanted))
      return TRUE;
  if (is_busy)
    return FALSE;
  for (guint i = 0; i < search->n_recent; i++)
    if ((search->sees_all || pl_procfs_dir_uid (search->procfs, search->recent[i].pid) == uid)
        && look_into (search, search->recent[i].pid, PL_LIMIT_RECENT_FDS, wanted))
      return TRUE;
  return FALSE;
}

static gboolean
look_into_cgroup (PlSearch *search, guint64 cgroup_id, guint32 uid, Wanted *wanted)
{
  gint32 pids[CGROUP_PROCESSES];
  const char *path = pl_cgroups_get_path (search->cgroups, cgroup_id);
  if (path == NULL || g_str_equal (path, "/"))
    return FALSE;
  guint n = pl_cgroups_get_pids (search->cgroups, path, pids, CGROUP_PROCESSES);
  return n < CGROUP_PROCESSES && look_into_all (search, pids, n, uid, wanted);
}

gboolean
pl_search_find (PlSearch *search, guint64 inode, guint32 uid, guint64 cgroup_id, gboolean is_busy, PlHolder *holder)
{
  gint32 pids[PL_LIMIT_NEWEST_PIDS];
  Wanted wanted = { .inode = inode, .holder = holder };
  guint n = pl_procfs_newest_pids (search->procfs, pids, PL_LIMIT_NEWEST_PIDS);
  guint n_first = MIN (n, FIRST_NEWEST);
  return look_into_all (search, pids, n_first, uid, &wanted) || look_into_recent (search, uid, is_busy, &wanted)
         || look_into_all (search, pids + n_first, n - n_first, uid, &wanted)
         || (!is_busy && look_into_cgroup (search, cgroup_id, uid, &wanted));
}

gboolean
pl_search_find_near (PlSearch *search, guint64 inode, guint64 listener, PlHolders *holders, PlHolder *holder)
{
  PlHolder keeper;
  gint32 children[CHILDREN_LOOKED_AT];
  Wanted wanted = { .inode = inode, .holder = holder };
  if (!pl_holders_get (holders, search->procfs, listener, &keeper))
    return FALSE;
  if (look_into (search, keeper.pid, PL_LIMIT_NEWEST_FDS, &wanted))
    return TRUE;
  guint n = pl_procfs_children (search->procfs, keeper.pid, children, CHILDREN_LOOKED_AT);
  for (guint i = 0; i < n; i++)
    if (look_into (search, children[i], PL_LIMIT_NEWEST_FDS, &wanted))
      return TRUE;
  return FALSE;
}

void
pl_search_note (PlSearch *search, const PlHolder *holder)
{
  guint at = 0;
  while (at < search->n_recent && search->recent[at].pid != holder->pid)
    at++;
  if (at == search->n_recent)
    {
      at = MIN (search->n_recent, RECENT_PROCESSES - 1);
      search->n_recent = at + 1;
    }
  memmove (&search->recent[1], &search->recent[0], at * sizeof search->recent[0]);
  search->recent[0] = *holder;
}
