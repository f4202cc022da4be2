/* What was read of a process a moment ago. One answer weighs the same process several times, and each read of /proc takes some ten
 * microseconds. Who has to know what has become of it since reads it anew. */
#include "procfs-private.h"

#include <string.h>

#define MOMENT_US 1000 /* on a busy machine a thread is kept waiting, and much may happen meanwhile */

void
pl_procfs_begin_moment (PlProcfs *procfs)
{
  procfs->moment_us = g_get_monotonic_time ();
}

gboolean
pl_procfs_is_of_moment (PlProcfs *procfs, gint64 read_us)
{
  return procfs->moment_us != 0 && read_us >= procfs->moment_us && g_get_monotonic_time () - read_us < MOMENT_US;
}

static PlProcRecall *
recall_of (PlProcfs *procfs, gint32 pid)
{
  return &procfs->recalled[(guint32)pid % PL_PROCFS_RECALLED];
}

gboolean
pl_procfs_recall_identity (PlProcfs *procfs, gint32 pid, PlProcFacts *facts)
{
  PlProcRecall *recall = recall_of (procfs, pid);
  if (recall->identity.pid != pid || !pl_procfs_is_of_moment (procfs, recall->identity_us))
    {
      gint64 now_us = g_get_monotonic_time ();
      pl_proc_facts_clear (&recall->identity);
      if (!pl_procfs_read_identity (procfs, pid, &recall->identity))
        pl_proc_facts_clear (&recall->identity);
      recall->identity_us = now_us;
    }
  *facts = recall->identity;
  facts->comm = g_strdup (recall->identity.comm);
  return facts->pid == pid;
}

guint
pl_procfs_recall_children (PlProcfs *procfs, gint32 pid, gint32 *pids, guint max)
{
  PlProcRecall *recall = recall_of (procfs, pid);
  if (recall->children_of != pid || !pl_procfs_is_of_moment (procfs, recall->children_us))
    {
      recall->children_us = g_get_monotonic_time ();
      recall->n_children = pl_procfs_children (procfs, pid, recall->children, PL_PROCFS_RECALLED_CHILDREN);
      recall->children_of = pid;
    }
  guint n = MIN (recall->n_children, max);
  memcpy (pids, recall->children, n * sizeof *pids);
  return n;
}

void
pl_procfs_forget_moment (PlProcfs *procfs)
{
  for (guint i = 0; i < PL_PROCFS_RECALLED; i++)
    pl_proc_facts_clear (&procfs->recalled[i].identity);
}
