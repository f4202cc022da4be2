/* The quick search for sockets' holders. Owner thread only. A program that lived five milliseconds was among the newest when it
 * sent its packet; a browser's new connection is in the process that made the last ones, most often at a descriptor close to
 * theirs. Both are found without reading more than some hundred links (3 µs each), and all that is wanted is looked for in
 * one go, so that a burst of questions costs no more than one. */
#include "holder-search.h"

#include <string.h>

#include "bounds.h"
#include "newest.h"
#include "processor-time.h"
#include "socket.h"
#include "urgent.h"

#define RECENT_PROCESSES 16
#define FIRST_NEWEST 6 /* newest processes looked at before the recent ones */
#define BUSY_NEWEST 12 /* … at all, while many questions wait */
#define CGROUP_PROCESSES 64 /* a cgroup with more says too little */
#define NEAR_BELOW 4 /* descriptors tried around the last one of a recent process */
#define NEAR_ABOVE 12
#define CHILDREN_LOOKED_AT 64
#define AHEAD_PROCESSES 3 /* looked into before it is known what for: 10 to 20 µs each */
#define EXPECTED_PROCESSES 8
#define AHEAD_FDS 16
#define AHEAD_SOCKETS 16 /* of these processes */
#define AHEAD_NOTED 32 /* more, that somebody else saw: of all questions that are answered at once */
#define LISTENER_FDS 4096 /* of a listener's process, 3 µs each */
#define NEAR_STEP_COST_US 2000 /* µs that a step is taken to cost at most */
#define NEAR_STEP_FDS 128 /* … before others have their turn */
#define BEYOND_FDS 32 /* connections accepted since, some µs each */
#define NEAR_REST 50 /* times its own duration that a look near a listener lasts: a fiftieth of one processor */

struct _PlSearch
{
  PlProcfs *procfs;
  PlNewest *newest;
  PlCgroups *cgroups;
  gboolean sees_all;
  PlHolder recent[RECENT_PROCESSES]; /* the last first */
  guint n_recent;
  PlHolder ahead[AHEAD_NOTED + AHEAD_SOCKETS];
  guint n_ahead;
  gint32 expected[EXPECTED_PROCESSES]; /* programs started, the last first; some have ended */
  guint n_expected;
  GHashTable *near; /* &PlHolder.inode → PlHolder: what was met near near_listener */
  guint64 near_listener;
  gint32 near_pid, near_fd; /* of that listener's holder, and its last descriptor that is a socket; -1 */
  gint64 near_us, near_until_us; /* monotonic */
  gint64 near_cost_us; /* processor time */
  PlSearchBetweenFunc between; /* nullable */
  gpointer between_data;
};

typedef struct
{
  PlWanted *wanted;
  guint n, n_missing;
  PlSearchFunc found; /* nullable */
  gpointer data;
} Hunt;

PlSearch *
pl_search_new (PlProcfs *procfs, PlCgroups *cgroups, gboolean sees_all)
{
  PlSearch *search = g_new0 (PlSearch, 1);
  search->procfs = procfs;
  search->newest = pl_newest_new (procfs);
  search->cgroups = cgroups;
  search->sees_all = sees_all;
  search->near = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  return search;
}

void
pl_search_free (PlSearch *search)
{
  if (search == NULL)
    return;
  pl_newest_free (search->newest);
  g_hash_table_unref (search->near);
  g_free (search);
}

static gboolean
is_missing (const PlWanted *wanted)
{
  return wanted->holder.pid == 0 && !wanted->is_gone;
}

static gboolean
meet_socket (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Hunt *hunt = data;
  for (guint i = 0; i < hunt->n; i++)
    if (hunt->wanted[i].inode == inode && is_missing (&hunt->wanted[i]))
      {
        hunt->wanted[i].holder = (PlHolder){ .inode = inode, .pid = pid, .fd = fd };
        hunt->n_missing--;
        if (hunt->found != NULL)
          hunt->found (&hunt->wanted[i], hunt->data);
      }
  return hunt->n_missing > 0;
}

static gboolean
is_wanted_uid (const Hunt *hunt, guint32 uid)
{
  for (guint i = 0; i < hunt->n; i++)
    if (is_missing (&hunt->wanted[i]) && hunt->wanted[i].uid == uid)
      return TRUE;
  return FALSE;
}

static void
look_into (PlSearch *search, gint32 pid, guint max_fds, Hunt *hunt)
{
  if (hunt->n_missing > 0)
    pl_procfs_foreach_socket (search->procfs, pid, max_fds, meet_socket, hunt);
}

/* The newest from the @from-th to the @to-th: processes of the sockets' users first; with full rights then the others, since
 * a daemon changes its user after it has opened its sockets. Those that ended are forgotten. */
static void
look_into_newest (PlSearch *search, guint from, guint to, Hunt *hunt)
{
  gint32 others[PL_LIMIT_NEWEST_PIDS];
  guint n_others = 0;
  for (guint at = from; hunt->n_missing > 0 && at < MIN (to, pl_newest_get_n (search->newest));)
    {
      gint32 pid = pl_newest_get (search->newest, at);
      guint32 uid = pl_procfs_dir_uid (search->procfs, pid);
      if (uid == PL_UNKNOWN_U32)
        {
          pl_newest_remove (search->newest, at);
          continue;
        }
      if (is_wanted_uid (hunt, uid))
        look_into (search, pid, PL_LIMIT_NEWEST_FDS, hunt);
      else
        others[n_others++] = pid;
      at++;
    }
  for (guint i = 0; search->sees_all && i < n_others; i++)
    look_into (search, others[i], PL_LIMIT_NEWEST_FDS, hunt);
}

static void
forget_the_dead (PlSearch *search)
{
  guint n_kept = 0;
  for (guint i = 0; i < search->n_recent; i++)
    if (pl_procfs_dir_uid (search->procfs, search->recent[i].pid) != PL_UNKNOWN_U32)
      search->recent[n_kept++] = search->recent[i];
  search->n_recent = n_kept;
}

static void
look_near (PlSearch *search, const PlHolder *recent, Hunt *hunt)
{
  if (recent->fd < 0)
    return; /* the helper told, without a number */
  for (gint32 fd = MAX (recent->fd - NEAR_BELOW, 0); hunt->n_missing > 0 && fd <= recent->fd + NEAR_ABOVE; fd++)
    {
      guint64 inode = pl_procfs_read_socket (search->procfs, recent->pid, fd);
      if (inode != 0)
        meet_socket (recent->pid, fd, inode, hunt);
    }
}

static void
look_into_recent (PlSearch *search, gboolean is_busy, Hunt *hunt)
{
  forget_the_dead (search);
  for (guint i = 0; i < search->n_recent; i++)
    look_near (search, &search->recent[i], hunt);
  for (guint i = 0; !is_busy && i < search->n_recent; i++)
    look_into (search, search->recent[i].pid, PL_LIMIT_RECENT_FDS, hunt);
}

static void
look_into_cgroup (PlSearch *search, guint64 cgroup_id, Hunt *hunt)
{
  gint32 pids[CGROUP_PROCESSES];
  const char *path = pl_cgroups_get_path (search->cgroups, cgroup_id);
  if (path == NULL || g_str_equal (path, "/"))
    return;
  guint n = pl_cgroups_get_pids (search->cgroups, path, pids, CGROUP_PROCESSES);
  for (guint i = 0; n < CGROUP_PROCESSES && i < n; i++)
    look_into (search, pids[i], PL_LIMIT_NEWEST_FDS, hunt);
}

static gboolean
note_ahead (gint32 pid, int fd, guint64 inode, gpointer data)
{
  PlSearch *search = data;
  search->ahead[search->n_ahead++] = (PlHolder){ .inode = inode, .pid = pid, .fd = fd };
  return search->n_ahead < G_N_ELEMENTS (search->ahead);
}

void
pl_search_look_ahead (PlSearch *search)
{
  guint n_alive = 0;
  for (guint i = 0;
       i < search->n_expected && n_alive < AHEAD_PROCESSES && search->n_ahead < G_N_ELEMENTS (search->ahead); i++)
    n_alive += pl_procfs_foreach_socket (search->procfs, search->expected[i], AHEAD_FDS, note_ahead, search);
}

void
pl_search_note_ahead (PlSearch *search, const PlHolder *holder)
{
  if (search->n_ahead < AHEAD_NOTED)
    search->ahead[search->n_ahead++] = *holder;
}

static void
use_ahead (PlSearch *search, Hunt *hunt)
{
  for (guint i = 0; i < search->n_ahead && hunt->n_missing > 0; i++)
    meet_socket (search->ahead[i].pid, search->ahead[i].fd, search->ahead[i].inode, hunt);
  search->n_ahead = 0;
}

void
pl_search_find (PlSearch *search,
                PlWanted *wanted,
                guint n_wanted,
                gboolean is_busy,
                PlSearchFunc still_there,
                PlSearchFunc found,
                gpointer data)
{
  Hunt hunt = { .wanted = wanted, .n = n_wanted, .n_missing = n_wanted, .found = found, .data = data };
  use_ahead (search, &hunt); /* also where nothing is wanted: what was noted is for this one alone */
  if (n_wanted == 0)
    return;
  for (guint i = 0; i < n_wanted; i++)
    if (is_missing (&wanted[i]) && wanted[i].hint_pid != 0)
      look_into (search, wanted[i].hint_pid, PL_LIMIT_RECENT_FDS, &hunt);
  if (hunt.n_missing == 0)
    return;
  pl_newest_refresh (search->newest);
  look_into_newest (search, 0, FIRST_NEWEST, &hunt);
  /* What is not there is an older process's, or was closed between two system calls of ours. The rest takes a millisecond. */
  for (guint i = 0; i < n_wanted; i++)
    if (is_missing (&wanted[i]))
      {
        still_there (&wanted[i], data);
        hunt.n_missing -= wanted[i].is_gone;
      }
  if (hunt.n_missing > 0)
    pl_urgent_end ();
  if (hunt.n_missing > 0)
    look_into_recent (search, is_busy, &hunt);
  look_into_newest (search, FIRST_NEWEST, is_busy ? BUSY_NEWEST : PL_LIMIT_NEWEST_PIDS, &hunt);
  for (guint i = 0; !is_busy && i < n_wanted; i++)
    if (is_missing (&wanted[i]))
      look_into_cgroup (search, wanted[i].cgroup_id, &hunt);
}

void
pl_search_find_newest (PlSearch *search, PlWanted *wanted, guint n_wanted, PlSearchFunc found, gpointer data)
{
  Hunt hunt = { .wanted = wanted, .n = n_wanted, .n_missing = n_wanted, .found = found, .data = data };
  pl_newest_refresh (search->newest);
  for (guint from = 0; from < PL_LIMIT_NEWEST_KEPT; from += PL_LIMIT_NEWEST_PIDS)
    look_into_newest (search, from, from + PL_LIMIT_NEWEST_PIDS, &hunt);
}

static gboolean
meet_near (gint32 pid, int fd, guint64 inode, gpointer data)
{
  PlSearch *search = data;
  PlHolder *holder = g_new (PlHolder, 1);
  *holder = (PlHolder){ .inode = inode, .pid = pid, .fd = fd };
  g_hash_table_replace (search->near, &holder->inode, holder);
  if (pid == search->near_pid)
    search->near_fd = MAX (search->near_fd, fd);
  return g_hash_table_size (search->near) < PL_LIMIT_INODES;
}

/* What a step cost: the helper's work, too, where it is asked, which is some of the time that it is waited for. */
static gint64
cost_since_us (PlSearch *search, gint64 began_us, gint64 began_processor_us)
{
  return search->sees_all ? pl_processor_time_us () - began_processor_us
                          : MIN (g_get_monotonic_time () - began_us, NEAR_STEP_COST_US);
}

/* In steps of some 0.4 ms: a server's thousands of descriptors keep nobody waiting. */
static void
meet_near_process (PlSearch *search, gint32 pid, guint max_fds)
{
  gint64 offset = 0;
  for (guint n = 0; n < max_fds && offset >= 0; n += NEAR_STEP_FDS)
    {
      gint64 began_us = g_get_monotonic_time (), began_processor_us = pl_processor_time_us ();
      pl_procfs_foreach_socket_from (search->procfs, pid, &offset, NEAR_STEP_FDS, meet_near, search);
      search->near_cost_us += cost_since_us (search, began_us, began_processor_us);
      if (search->between != NULL)
        search->between (search->between_data);
    }
}

/* What the holder of @listener and its children hold, for all that is looked for in the next while: a busy server's connections
 * would each take a millisecond. */
static void
look_near_listener (PlSearch *search, guint64 listener, PlHolders *holders)
{
  PlHolder keeper;
  gint32 children[CHILDREN_LOOKED_AT];
  gint64 now_us = g_get_monotonic_time ();
  if (now_us < search->near_until_us || !pl_holders_get (holders, search->procfs, listener, &keeper))
    return;
  guint64 n_unanswered = pl_procfs_get_n_unanswered (search->procfs);
  g_hash_table_remove_all (search->near);
  search->near_listener = 0;
  search->near_pid = keeper.pid;
  search->near_fd = -1;
  search->near_cost_us = 0;
  meet_near_process (search, keeper.pid, LISTENER_FDS);
  guint n = pl_procfs_children (search->procfs, keeper.pid, children, CHILDREN_LOOKED_AT);
  for (guint i = 0; i < n; i++)
    meet_near_process (search, children[i], PL_LIMIT_NEWEST_FDS);
  search->near_listener = pl_procfs_get_n_unanswered (search->procfs) == n_unanswered ? listener : 0;
  search->near_us = now_us;
  search->near_until_us = now_us + search->near_cost_us * NEAR_REST;
}

/* A server that closes nothing gets its next connections at its next descriptors. TRUE when it has @inode; of one that has
 * children, who may have it too or instead, that is not enough. */
static gboolean
look_beyond (PlSearch *search, guint64 listener, guint64 inode, PlHolders *holders)
{
  PlHolder keeper;
  gint32 child;
  guint64 met = 0;
  if (search->near_listener != listener || search->near_fd < 0
      || !pl_holders_get (holders, search->procfs, listener, &keeper) || keeper.pid != search->near_pid
      || pl_procfs_recall_children (search->procfs, keeper.pid, &child, 1) > 0)
    return FALSE;
  const PlHolder *known = g_hash_table_lookup (search->near, &inode);
  if (known != NULL)
    return pl_procfs_has_socket (search->procfs, known->pid, known->fd, inode);
  for (gint32 fd = search->near_fd + 1, last = search->near_fd + BEYOND_FDS; fd <= last && met != inode; fd++)
    {
      met = pl_procfs_read_socket (search->procfs, keeper.pid, fd);
      if (met == 0 || !meet_near (keeper.pid, fd, met, search))
        break;
    }
  return met == inode;
}

void
pl_search_set_between (PlSearch *search, PlSearchBetweenFunc between, gpointer data)
{
  search->between = between;
  search->between_data = data;
}

gboolean
pl_search_find_near (PlSearch *search, PlWanted *wanted, guint64 listener, gint64 since_us, PlHolders *holders)
{
  gboolean is_met = look_beyond (search, listener, wanted->inode, holders);
  if (!is_met)
    look_near_listener (search, listener, holders);
  guint64 n_unanswered = pl_procfs_get_n_unanswered (search->procfs);
  const PlHolder *known = g_hash_table_lookup (search->near, &wanted->inode);
  if (known != NULL && (is_met || pl_procfs_has_socket (search->procfs, known->pid, known->fd, known->inode)))
    wanted->holder = *known;
  return search->near_listener == listener && search->near_us >= since_us
         && pl_procfs_get_n_unanswered (search->procfs) == n_unanswered;
}

void
pl_search_set_told (PlSearch *search, gboolean is_told)
{
  pl_newest_set_told (search->newest, is_told);
  search->n_expected = 0;
}

void
pl_search_add_newest (PlSearch *search, gint32 pid)
{
  pl_newest_add (search->newest, pid);
}

void
pl_search_expect (PlSearch *search, gint32 pid)
{
  search->n_expected = MIN (search->n_expected + 1, EXPECTED_PROCESSES);
  memmove (&search->expected[1], &search->expected[0], (search->n_expected - 1) * sizeof search->expected[0]);
  search->expected[0] = pid;
}

void
pl_search_forget_newest (PlSearch *search, gint32 pid)
{
  pl_newest_forget (search->newest, pid);
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
