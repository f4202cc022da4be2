/* All that fork(2) made of one program have its arguments at the same address, which the kernel picks at random at each exec(2): so
 * relatives are known where nobody links them any more. A list of who that is is kept for a while, and what began since is added.
 * Where a program was started in between that does not hold, and the kernel's news tell who started whom. */
#include "kin.h"

#include "heirs.h"
#include "bounds.h"

#define ORPHANS 64
#define CHILDREN_LISTED 512
#define PROGRAMS_LOOKED_AT 4
#define ELDERS 64
#define MOVED_FDS 64 /* looked at of a parent or child for one that was moved to another descriptor */

typedef struct
{
  guint64 exec_mark; /* 0 not told yet */
  guint64 child_faults; /* see PlProcFacts */
  gint64 unchanged_us; /* monotonic: since when at the latest those two, and its parent, are what they are */
  gint32 pid, parent_pid;
  gboolean is_young; /* it may become another program yet, with another mark: 10 µs each time to see */
  gboolean is_ending; /* its memory is gone, and its mark with it */
  gboolean is_closed; /* to us, and made by fork(2) alone, of whom is not told */
  gint64 zombie_us; /* monotonic: since when at the latest it has ended; 0 it has not */
} Member;

struct _PlKin
{
  PlProcfs *procfs;
  PlProcessWatch *watch;
  GArray *members; /* Member, of all processes whose mark is told, as they were met */
  GArray *pids; /* gint32, to add */
  gint32 last_pid; /* up to which they are added */
  gint64 began_us; /* monotonic: when the list was; 0 there is none */
};

/* FALSE when it has ended, or will never be told of. A young one may be in the midst of exec(2), or another user's still. */
static gboolean
read_member (PlKin *kin, gint32 pid, Member *member)
{
  g_auto (PlProcFacts) facts = { 0 };
  gint64 now_us = g_get_monotonic_time ();
  if (!pl_procfs_read_identity (kin->procfs, pid, &facts))
    return FALSE;
  *member = (Member){ .exec_mark = facts.exec_mark,
                      .child_faults = facts.child_faults,
                      .unchanged_us = now_us,
                      .pid = pid,
                      .parent_pid = facts.parent_pid,
                      .is_young = pl_proc_facts_is_young (&facts),
                      .is_ending = facts.is_ending,
                      .is_closed = facts.exec_mark == 0 && facts.is_forked && !facts.is_ending && !facts.is_zombie,
                      .zombie_us = facts.is_zombie ? now_us : 0 };
  return member->exec_mark != 0 || member->is_young || member->is_ending || member->is_closed;
}

/* What has ended @before stays so, until its parent hears of it. */
static void
recall (const Member *before, Member *member)
{
  if (before->zombie_us != 0 && member->zombie_us != 0)
    member->zombie_us = before->zombie_us;
  if (before->exec_mark == member->exec_mark && before->child_faults == member->child_faults
      && before->parent_pid == member->parent_pid)
    member->unchanged_us = before->unchanged_us;
}

static gboolean
read_again (PlKin *kin, Member *member)
{
  Member before = *member;
  gboolean is_there = read_member (kin, member->pid, member);
  if (is_there)
    recall (&before, member);
  return is_there;
}

/* @before: an older list, from *@place on, where the next one will be found: both are by number, but for what began since. */
static void
recall_from (const GArray *before, guint *place, Member *member)
{
  while (*place < before->len && g_array_index (before, Member, *place).pid < member->pid)
    (*place)++;
  if (*place < before->len && g_array_index (before, Member, *place).pid == member->pid)
    recall (&g_array_index (before, Member, *place), member);
}

static void
refresh (PlKin *kin)
{
  gint64 now_us = g_get_monotonic_time ();
  gint32 last_pid = pl_procfs_last_pid (kin->procfs);
  gboolean is_new = kin->began_us == 0 || now_us - kin->began_us > PL_KIN_LASTS_US || last_pid < kin->last_pid;
  gint32 first = is_new ? 1 : kin->last_pid + 1;
  g_autoptr (GArray) before = NULL;
  guint place = 0;
  if (is_new)
    {
      before = g_steal_pointer (&kin->members);
      kin->members = g_array_new (FALSE, FALSE, sizeof (Member));
      kin->began_us = now_us;
    }
  g_array_set_size (kin->pids, 0);
  if (is_new || last_pid >= first)
    pl_procfs_list_pids (kin->procfs, first, is_new ? G_MAXINT32 : last_pid, kin->pids);
  kin->last_pid = last_pid;
  for (guint i = 0; i < kin->members->len; i++)
    {
      Member *member = &g_array_index (kin->members, Member, i);
      if ((member->is_young || member->is_ending) && !read_again (kin, member))
        member->is_young = member->is_ending = FALSE;
    }
  for (guint i = 0; i < kin->pids->len && kin->members->len < PL_LIMIT_PROCESSES; i++)
    {
      Member member;
      if (!read_member (kin, g_array_index (kin->pids, gint32, i), &member))
        continue;
      if (is_new)
        recall_from (before, &place, &member);
      g_array_append_val (kin->members, member);
    }
}

PlKin *
pl_kin_new (PlProcfs *procfs, PlProcessWatch *watch)
{
  PlKin *kin = g_new0 (PlKin, 1);
  kin->procfs = procfs;
  kin->watch = watch;
  kin->members = g_array_new (FALSE, FALSE, sizeof (Member));
  kin->pids = g_array_new (FALSE, FALSE, sizeof (gint32));
  refresh (kin); /* who loses a child or its parent from now on is told from who did before */
  return kin;
}

void
pl_kin_free (PlKin *kin)
{
  if (kin == NULL)
    return;
  g_array_unref (kin->members);
  g_array_unref (kin->pids);
  g_free (kin);
}

typedef struct
{
  guint64 inode;
  gint32 fd; /* -1: not met */
  gint32 pid; /* who has it there, a thread maybe */
} Wanted;

static gboolean
meet (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Wanted *wanted = data;
  if (inode == wanted->inode)
    {
      wanted->fd = fd;
      wanted->pid = pid;
    }
  return wanted->fd < 0;
}

static gboolean
try_one (PlKin *kin, PlHolder *holder, gint32 pid, gboolean is_near)
{
  Wanted wanted = { holder->inode, -1, pid };
  if (pid == holder->pid)
    return FALSE;
  if (pl_procfs_has_socket (kin->procfs, pid, holder->fd, holder->inode))
    wanted.fd = holder->fd;
  else if (is_near)
    pl_procfs_foreach_socket (kin->procfs, pid, MOVED_FDS, meet, &wanted);
  if (is_near && wanted.fd < 0)
    pl_procfs_foreach_thread_socket (kin->procfs, pid, meet, &wanted);
  if (wanted.fd < 0)
    return FALSE;
  holder->others[0].pid = wanted.pid;
  holder->others[0].fd = wanted.fd;
  return TRUE;
}

/* Whose kin is asked for. */
typedef struct
{
  PlHolder *holder;
  const PlProcFacts *facts;
  gint64 packet_us; /* monotonic */
  gboolean is_told; /* who ended since, and what all of those were */
  gboolean is_untold; /* nothing of who ended was */
  gboolean has_lost; /* one may have had the socket that hides what it had */
} Query;

static gboolean
is_ending (PlKin *kin, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  return !pl_procfs_read_identity (kin->procfs, pid, &facts) || facts.is_ending;
}

/* One that ended since, with @mark and @parent_pid. Its mark is gone before it is. */
static gboolean
is_of_family (const Query *query, guint64 mark, gint32 parent_pid)
{
  return (mark != 0 && mark == query->facts->exec_mark) || parent_pid == query->holder->pid
         || (query->facts->is_forked && parent_pid == query->facts->parent_pid);
}

/* Of those that began before the kernel's news did that tells no more than that they have ended. */
static void
seek_lost_elders (PlKin *kin, Query *query)
{
  gint32 pids[ELDERS];
  guint n = pl_process_watch_list_lost_elders (kin->watch, query->packet_us, pids, ELDERS);
  query->has_lost |= n == ELDERS; /* as beside a build: one more may be of the family */
  for (guint i = 0; i < n; i++)
    {
      Member member = { 0 };
      for (guint j = 0; j < kin->members->len && member.pid == 0; j++)
        if (g_array_index (kin->members, Member, j).pid == pids[i])
          member = g_array_index (kin->members, Member, j);
      if (member.pid != 0 || read_member (kin, pids[i], &member))
        query->has_lost |= is_of_family (query, member.exec_mark, member.parent_pid);
      query->is_told &=
          member.exec_mark != 0 && !member.is_young; /* it may have been another program when it was met */
    }
}

/* Whether @member, who may have started the holder or been started by it, or by whom it was, may have the socket unseen. Another user's is
 * not asked for: one of the two has become that since fork(2), as a rule before it opened any. */
static gboolean
may_hide (PlKin *kin, const Query *query, const Member *member)
{
  return member->is_closed
         && (is_of_family (query, 0, member->parent_pid)
             || (query->facts->is_forked && member->pid == query->facts->parent_pid))
         && pl_procfs_dir_uid (kin->procfs, member->pid) == pl_procfs_dir_uid (kin->procfs, query->holder->pid);
}

/* Who began by fork(2) alone is of the same program as who started it, who may be gone by now. */
static gboolean
is_orphan (PlKin *kin, const PlProcFacts *facts)
{
  g_auto (PlProcFacts) parent = { 0 };
  if (!facts->is_forked || facts->parent_pid == 0)
    return FALSE;
  if (!pl_procfs_read_identity (kin->procfs, facts->parent_pid, &parent) || parent.is_ending)
    return TRUE;
  return parent.exec_mark != facts->exec_mark; /* which of the first process is told to few */
}

static gboolean
has_ended_since (const Query *query, const Member *member)
{
  return member->is_ending && (member->zombie_us == 0 || member->zombie_us >= query->packet_us);
}

/* Where nobody tells who ended since: whether @member, of the same program, has lost a child or its parent, which may have had the
 * socket, or is such a child. What it had lost when it was first looked at may be of then, too; later losses count once. */
static gboolean
may_have_lost (PlKin *kin, const Query *query, Member *member)
{
  g_auto (PlProcFacts) now = { 0 };
  gint64 now_us = g_get_monotonic_time ();
  gboolean has_ended = has_ended_since (query, member), is_known = member->unchanged_us < query->packet_us;
  gint32 pid = has_ended ? member->parent_pid : member->pid;
  if (!query->is_untold || pid == query->holder->pid || (!has_ended && member->exec_mark != query->facts->exec_mark)
      || !pl_procfs_read_identity (kin->procfs, pid, &now) || now.exec_mark != query->facts->exec_mark)
    return FALSE;
  if (has_ended)
    return TRUE;
  if (!is_known)
    return now.child_faults != 0 || is_orphan (kin, &now);
  if (now.child_faults == member->child_faults && now.parent_pid == member->parent_pid)
    return FALSE;
  member->child_faults = now.child_faults;
  member->parent_pid = now.parent_pid;
  member->unchanged_us = now_us;
  return TRUE;
}

/* Of one that began lately, and of one that has ended, the kernel's news tell more; but it tells of an end after all see it, and on a
 * busy machine that takes long. */
static void
weigh_member (PlKin *kin, Query *query, Member *member)
{
  query->has_lost |= may_hide (kin, query, member) || may_have_lost (kin, query, member);
  if (member->pid == query->holder->pid || pl_process_watch_get_begun_us (kin->watch, member->pid) != 0
      || pl_process_watch_get_ended_us (kin->watch, member->pid) != 0)
    return;
  if (member->exec_mark != 0)
    query->has_lost |= member->exec_mark == query->facts->exec_mark && is_ending (kin, member->pid);
  else if (has_ended_since (query, member))
    {
      query->has_lost |= is_of_family (query, 0, member->parent_pid) || member->pid == query->facts->parent_pid;
      query->is_told = FALSE; /* it may be who started what started an orphan */
    }
}

/* Of those that are the same program. The youngest first. */
static gboolean
find_in_family (PlKin *kin, Query *query)
{
  PlHolder *holder = query->holder;
  const PlProcFacts *facts = query->facts;
  if (facts->is_forked && try_one (kin, holder, facts->parent_pid, TRUE))
    return TRUE;
  seek_lost_elders (kin, query);
  refresh (kin);
  for (guint i = kin->members->len; i-- > 0;)
    {
      Member *member = &g_array_index (kin->members, Member, i);
      gboolean is_near = member->pid == facts->parent_pid || member->parent_pid == holder->pid;
      if (member->exec_mark == facts->exec_mark && try_one (kin, holder, member->pid, is_near))
        return TRUE;
      weigh_member (kin, query, member);
    }
  query->has_lost |= !query->is_told && is_orphan (kin, facts);
  return FALSE;
}

/* What it has just started may have it at any number. */
static gboolean
find_in_programs (PlKin *kin, Query *query)
{
  gint32 children[CHILDREN_LISTED];
  guint n = pl_procfs_recall_children (kin->procfs, query->holder->pid, children, CHILDREN_LISTED);
  for (guint i = n; i-- > 0 && n - i <= PROGRAMS_LOOKED_AT;)
    {
      g_auto (PlProcFacts) facts = { 0 };
      if (pl_procfs_read_identity (kin->procfs, children[i], &facts) && !pl_proc_facts_is_young (&facts))
        return FALSE;
      if (try_one (kin, query->holder, children[i], TRUE))
        return TRUE;
      query->has_lost |= facts.pid == 0 || (facts.is_ending && !facts.is_zombie);
    }
  return FALSE;
}

/* The next of those above @pid that lives, where one or more in between have ended; 0 where that is not so, or not told. */
static gint32
find_forebear (PlKin *kin, gint32 pid)
{
  gint32 forebear = pl_process_watch_get_forebear (kin->watch, pid);
  return forebear != pl_process_watch_get_starter (kin->watch, pid) ? forebear : 0;
}

static gboolean
find_over_the_dead (PlKin *kin, PlHolder *holder)
{
  gint32 orphans[ORPHANS], forebear = find_forebear (kin, holder->pid);
  if (forebear != 0 && try_one (kin, holder, forebear, FALSE))
    return TRUE;
  if (pl_process_watch_get_bereaved_us (kin->watch, holder->pid) == 0)
    return FALSE;
  guint n = pl_process_watch_list_orphans (kin->watch, orphans, ORPHANS);
  for (guint i = 0; i < n; i++)
    if (find_forebear (kin, orphans[i]) == holder->pid && try_one (kin, holder, orphans[i], FALSE))
      return TRUE;
  return FALSE;
}

/* One that has ended: only the kernel's news tell who is kin to it. */
static void
find_of_the_dead (PlKin *kin, PlHolder *holder)
{
  gint32 pids[ORPHANS];
  guint n = pl_process_watch_list_kin (kin->watch, holder->pid, 0, pids, ORPHANS);
  for (guint i = 0; i < n && !try_one (kin, holder, pids[i], FALSE);)
    i++;
}

/* Whether it was all the while that was looked at. Who ends has no children any more, nor has it one whose end it has heard of; on a busy
 * machine that is so from one read to the next. */
static gboolean
has_stayed (PlKin *kin, const PlProcFacts *facts)
{
  g_auto (PlProcFacts) now = { 0 };
  return pl_procfs_read_identity (kin->procfs, facts->pid, &now) && !now.is_ending
         && now.child_faults == facts->child_faults;
}

gboolean
pl_kin_find (PlKin *kin, PlHolder *holder, const PlProcFacts *facts, gint64 packet_us)
{
  gint32 child;
  if (holder->fd < 0 || holder->tid != 0)
    return FALSE;
  pl_process_watch_read (kin->watch);
  gboolean is_told = pl_process_watch_knows (kin->watch, packet_us);
  Query query = { holder, facts, packet_us, is_told, !is_told, FALSE };
  guint64 n_unlisted = pl_procfs_get_n_unlisted (kin->procfs);
  if (find_over_the_dead (kin, holder))
    return FALSE;
  if (facts->pid == 0)
    {
      find_of_the_dead (kin, holder);
      return FALSE;
    }
  gboolean has_children = facts->child_faults != 0
                          || (!pl_process_watch_is_childless (kin->watch, holder->pid)
                              && pl_procfs_recall_children (kin->procfs, holder->pid, &child, 1) > 0);
  gboolean is_found = has_children && find_in_programs (kin, &query);
  if (!is_found && facts->exec_mark == 0 && facts->is_forked)
    pl_heirs_find_brother (kin->procfs, facts->parent_pid, holder);
  else if (!is_found && facts->exec_mark != 0 && (facts->is_forked || has_children))
    find_in_family (kin, &query);
  if (holder->others[0].pid != 0)
    return FALSE;
  query.has_lost |= pl_procfs_get_n_unlisted (kin->procfs) != n_unlisted;
  return query.has_lost || (!pl_process_watch_is_childless (kin->watch, holder->pid) && !has_stayed (kin, facts));
}

guint
pl_kin_list (PlKin *kin, const PlProcFacts *facts, gint32 *pids, guint max)
{
  guint n = 0;
  for (guint i = kin->members->len; facts->exec_mark != 0 && i-- > 0 && n < max;)
    {
      const Member *member = &g_array_index (kin->members, Member, i);
      if (member->exec_mark == facts->exec_mark && member->pid != facts->pid && member->zombie_us == 0)
        pids[n++] = member->pid;
    }
  return n;
}
