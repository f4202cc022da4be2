/* With the kernel's news of processes it is known who ended since a packet, but for those that end just now: they have closed their
 * descriptors before the kernel tells. Without, sockets that exec(2) leaves open are taken for handed on where that may be. */
#include "heirs.h"

#define CHILDREN_LOOKED_AT 64
#define KIN_LOOKED_AT 64
#define CHILDREN_LISTED 1024 /* the first process takes over all who have lost their parent */

static gboolean
is_ending (PlProcfs *procfs, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  return !pl_procfs_read_identity (procfs, pid, &facts) || facts.is_ending;
}

/* Not those that ended before. */
static gboolean
has_ending_child (PlProcfs *procfs, PlProcessWatch *watch, gint32 pid)
{
  gint32 children[CHILDREN_LOOKED_AT];
  guint n = pl_procfs_children (procfs, pid, children, CHILDREN_LOOKED_AT);
  for (guint i = 0; i < n; i++)
    if (pl_process_watch_get_ended_us (watch, children[i]) == 0 && is_ending (procfs, children[i]))
      return TRUE;
  return FALSE;
}

/* Who ends has closed its descriptors before the kernel tells, and who becomes another program, too. */
static gboolean
is_closing (PlProcfs *procfs, PlProcessWatch *watch, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  return !pl_procfs_read_identity (procfs, pid, &facts) || facts.is_ending
         || (!facts.is_forked && pl_process_watch_is_forked (watch, pid));
}

/* Of those of whose end the kernel did not tell yet that is looked at one by one; the children of who ends are another's. */
static gboolean
has_ending_kin (PlProcfs *procfs, PlProcessWatch *watch, gint32 pid, const PlProcFacts *facts, gint64 packet_us)
{
  gint32 pids[KIN_LOOKED_AT], forebear = pl_process_watch_get_forebear (watch, pid);
  guint n = pl_process_watch_list_kin (watch, pid, facts->is_forked ? facts->parent_pid : 0, pids, KIN_LOOKED_AT);
  if (forebear != 0 && is_ending (procfs, forebear))
    return TRUE;
  for (guint i = 0; i < n; i++)
    if (pids[i] != forebear && is_closing (procfs, watch, pids[i]))
      return TRUE;
  /* Without that news its children cannot be known. */
  return n == KIN_LOOKED_AT || (facts->is_ending && !pl_process_watch_knows (watch, packet_us));
}

/* Whether who started it may be gone: then the parent is another, whom a service's is from the start. */
static gboolean
is_orphan (PlProcfs *procfs, const PlProcFacts *facts)
{
  return pl_proc_facts_is_young (facts) && pl_holder_is_service_manager (procfs, facts->parent_pid);
}

/* A child that became a program lately may have sent before: exec(2) closes most of what it had. Only the kernel's news tell when. */
static gboolean
has_new_program (PlProcfs *procfs, gint32 pid)
{
  gint32 children[CHILDREN_LOOKED_AT];
  guint n = pl_procfs_recall_children (procfs, pid, children, CHILDREN_LOOKED_AT);
  for (guint i = 0; i < n; i++)
    {
      g_auto (PlProcFacts) facts = { 0 };
      if (pl_procfs_recall_identity (procfs, children[i], &facts) && !facts.is_forked
          && pl_proc_facts_is_young (&facts))
        return TRUE;
    }
  return FALSE;
}

gboolean
pl_heirs_is_one (
    PlProcfs *procfs, PlProcessWatch *watch, const PlHolder *holder, const PlProcFacts *facts, gint64 packet_us)
{
  pl_process_watch_read (watch);
  if (pl_process_watch_has_lost_kin (watch, holder->pid, facts->is_forked ? facts->parent_pid : 0, packet_us)
      || has_ending_kin (procfs, watch, holder->pid, facts, packet_us)
      || (!pl_process_watch_knows (watch, packet_us) && has_new_program (procfs, holder->pid)))
    return TRUE;
  gboolean has_lost_parent = pl_process_watch_get_forebear (watch, holder->pid) == 0 && is_orphan (procfs, facts);
  gboolean has_lost_child = facts->child_faults != 0 && !pl_process_watch_knows (watch, packet_us);
  if (facts->pid == 0 || (!has_lost_parent && !has_lost_child && pl_process_watch_is_childless (watch, holder->pid)))
    return FALSE;
  return pl_procfs_is_inherited (procfs, holder->tid != 0 ? holder->tid : holder->pid, holder->fd, holder->inode)
         && (has_lost_parent || has_lost_child || has_ending_child (procfs, watch, holder->pid));
}

void
pl_heirs_find_brother (PlProcfs *procfs, gint32 parent_pid, PlHolder *holder)
{
  gint32 brothers[CHILDREN_LISTED];
  guint n = pl_procfs_children (procfs, parent_pid, brothers, CHILDREN_LISTED);
  for (guint i = n; i-- > 0 && n - i <= CHILDREN_LOOKED_AT;)
    if (brothers[i] != holder->pid && pl_procfs_has_socket (procfs, brothers[i], holder->fd, holder->inode))
      {
        holder->others[0].pid = brothers[i];
        holder->others[0].fd = holder->fd;
        return;
      }
}
