/* A few parents by the low bits of their pid. A number may be given to another process at any time, so that each is kept by its open
 * directory in /proc, which is empty once it has ended: 1 µs, where reading a process's stat takes 15. Who is in a pid namespace
 * below ours is not kept: that directory would keep the namespace, long after its last process. */
#include "parents.h"

#include <unistd.h>
#include <fcntl.h>

#define N_PARENTS 64
#define LASTS_US 500000 /* then it may have another name */

typedef struct
{
  gint64 read_us; /* monotonic */
  guint64 start_time;
  gint32 pid; /* 0: nobody */
  int dir_fd;
  char comm[64]; /* the kernel's own workers have such */
} Parent;

struct _PlParents
{
  PlProcfs *procfs;
  Parent parents[N_PARENTS]; /* at pid modulo that */
};

PlParents *
pl_parents_new (PlProcfs *procfs)
{
  PlParents *parents = g_new0 (PlParents, 1);
  parents->procfs = procfs;
  return parents;
}

static void
forget (Parent *parent)
{
  if (parent->pid != 0)
    close (parent->dir_fd);
  parent->pid = 0;
}

void
pl_parents_free (PlParents *parents)
{
  if (parents == NULL)
    return;
  for (guint i = 0; i < N_PARENTS; i++)
    forget (&parents->parents[i]);
  g_free (parents);
}

static gboolean
is_known (const Parent *parent, gint32 pid)
{
  return parent->pid == pid && g_get_monotonic_time () - parent->read_us < LASTS_US
         && faccessat (parent->dir_fd, "stat", F_OK, 0) == 0;
}

static gboolean
get (PlParents *parents, Parent *parent, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  forget (parent);
  int dir_fd = pl_procfs_open_process (parents->procfs, pid);
  if (dir_fd < 0)
    return FALSE;
  *parent = (Parent){ .read_us = g_get_monotonic_time (), .pid = pid, .dir_fd = dir_fd };
  if (!pl_procfs_read_identity (parents->procfs, pid, &facts) || !is_known (parent, pid))
    {
      forget (parent);
      return FALSE;
    }
  if (pl_procfs_is_contained (parents->procfs, pid))
    forget (parent);
  parent->start_time = facts.start_time;
  g_strlcpy (parent->comm, facts.comm, sizeof parent->comm);
  return TRUE;
}

const char *
pl_parents_get_comm (PlParents *parents, gint32 pid, guint64 child_start_time)
{
  Parent *parent = &parents->parents[(guint32)pid % N_PARENTS];
  if (pid <= 0 || (!is_known (parent, pid) && !get (parents, parent, pid)))
    return NULL;
  return child_start_time == 0 || parent->start_time <= child_start_time ? parent->comm : NULL;
}
