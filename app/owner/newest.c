/* The newest processes, newest first. One thread. Where the numbers of processes begin anew, so does the list. */
#include "newest.h"

#include <string.h>

#include "bounds.h"

struct _PlNewest
{
  PlProcfs *procfs;
  GArray *pids; /* gint32, the newest last */
  gint32 last; /* the pid that was given last when they were listed; 0 before the first listing */
  gboolean is_told; /* what begins: no listing is needed */
};

PlNewest *
pl_newest_new (PlProcfs *procfs)
{
  PlNewest *newest = g_new0 (PlNewest, 1);
  newest->procfs = procfs;
  newest->pids = g_array_new (FALSE, FALSE, sizeof (gint32));
  return newest;
}

void
pl_newest_free (PlNewest *newest)
{
  if (newest == NULL)
    return;
  g_array_unref (newest->pids);
  g_free (newest);
}

/* Threads use up numbers too: look further and further back until there are enough processes to begin with. */
static void
begin (PlNewest *newest, gint32 last)
{
  for (gint32 window = PL_LIMIT_NEWEST_PIDS * 4;; window = window > G_MAXINT32 / 8 ? G_MAXINT32 : window * 8)
    {
      gint32 first = window < last ? last - window : 1;
      g_array_set_size (newest->pids, 0);
      pl_procfs_list_pids (newest->procfs, first, last, newest->pids);
      if (first == 1 || newest->pids->len >= PL_LIMIT_NEWEST_PIDS)
        return;
    }
}

static void
keep_newest (PlNewest *newest)
{
  if (newest->pids->len > PL_LIMIT_NEWEST_KEPT)
    g_array_remove_range (newest->pids, 0, newest->pids->len - PL_LIMIT_NEWEST_KEPT);
}

static void
list (PlNewest *newest)
{
  gint32 last = pl_procfs_last_pid (newest->procfs);
  if (last == newest->last && last != 0)
    return;
  if (newest->last == 0 || last < newest->last)
    begin (newest, last != 0 ? last : G_MAXINT32);
  else
    pl_procfs_list_pids (newest->procfs, newest->last + 1, last, newest->pids);
  newest->last = last;
  keep_newest (newest);
}

void
pl_newest_refresh (PlNewest *newest)
{
  if (!newest->is_told)
    list (newest);
}

void
pl_newest_set_told (PlNewest *newest, gboolean is_told)
{
  newest->last = 0; /* in the order of their numbers again, whatever was told meanwhile */
  list (newest);
  newest->is_told = is_told;
}

void
pl_newest_forget (PlNewest *newest, gint32 pid)
{
  for (guint at = 0; at < newest->pids->len; at++)
    if (pl_newest_get (newest, at) == pid)
      {
        pl_newest_remove (newest, at);
        return;
      }
}

void
pl_newest_add (PlNewest *newest, gint32 pid)
{
  pl_newest_forget (newest, pid);
  g_array_append_val (newest->pids, pid);
  keep_newest (newest);
}

guint
pl_newest_get_n (PlNewest *newest)
{
  return newest->pids->len;
}

gint32
pl_newest_get (PlNewest *newest, guint at)
{
  return g_array_index (newest->pids, gint32, newest->pids->len - 1 - at);
}

void
pl_newest_remove (PlNewest *newest, guint at)
{
  g_array_remove_index (newest->pids, newest->pids->len - 1 - at);
}
