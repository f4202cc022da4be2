/* Whose sockets they are, where only portlight-helper sees the processes. One round lists the processes and asks what each
 * holds, which is some hundred microseconds a process; rests keep that to a fifth of one processor. */
#include "outside.h"

#include "bounds.h"

#define REST 4 /* times its own duration that a round is followed by rest */
#define UNANSWERED_US 100000 /* until a helper that did not say which processes there are is asked again */

typedef struct
{
  PlHolder holder; /* inode is the key; pid 0: nobody was found */
  PlProcess *process;
  gint64 nobody_until_us;
} Entry;

struct _PlOutside
{
  PlProcesses *processes;
  PlHelperLink *helper; /* nullable */
  GHashTable *known; /* &Entry.holder.inode → Entry */
  GHashTable *wanted; /* guint64: for the next round */
  GHashTable *sought; /* guint64: in this round */
  GArray *pids; /* PlHelperPid, of this round */
  guint n_left; /* of these, that were not looked into yet */
  gint64 began_us, next_us; /* monotonic */
  guint64 n_cut; /* rounds that did not have the oldest */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  pl_process_unref (entry->process);
  g_free (entry);
}

static GHashTable *
new_inodes (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

PlOutside *
pl_outside_new (PlProcesses *processes)
{
  PlOutside *outside = g_new0 (PlOutside, 1);
  outside->processes = processes;
  outside->known = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, entry_free);
  outside->wanted = new_inodes ();
  outside->sought = new_inodes ();
  outside->pids = g_array_new (FALSE, FALSE, sizeof (PlHelperPid));
  return outside;
}

void
pl_outside_free (PlOutside *outside)
{
  if (outside == NULL)
    return;
  g_hash_table_unref (outside->known);
  g_hash_table_unref (outside->wanted);
  g_hash_table_unref (outside->sought);
  g_array_unref (outside->pids);
  g_free (outside);
}

void
pl_outside_use_helper (PlOutside *outside, PlHelperLink *helper)
{
  outside->helper = helper;
  g_hash_table_remove_all (outside->known);
  outside->next_us = 0;
}

static gboolean
is_ready (PlOutside *outside)
{
  return outside->helper != NULL && pl_helper_link_is_ready (outside->helper);
}

static void
want (PlOutside *outside, guint64 inode)
{
  if (g_hash_table_size (outside->wanted) < PL_LIMIT_SOCKETS)
    g_hash_table_add (outside->wanted, g_memdup2 (&inode, sizeof inode));
}

PlProcess *
pl_outside_get (PlOutside *outside, guint64 inode, PlHolder *holder)
{
  const Entry *entry = g_hash_table_lookup (outside->known, &inode);
  if (inode == 0 || !is_ready (outside))
    return NULL;
  if (entry != NULL && entry->process != NULL && pl_helper_link_holds (outside->helper, entry->holder.pid, inode))
    {
      *holder = entry->holder;
      return pl_process_ref (entry->process);
    }
  if (entry == NULL || entry->process != NULL || entry->nobody_until_us <= g_get_monotonic_time ())
    want (outside, inode);
  return NULL;
}

gboolean
pl_outside_is_wanted (PlOutside *outside, guint64 inode)
{
  return g_hash_table_contains (outside->wanted, &inode);
}

/* ---- a round ---- */

static void
put (PlOutside *outside, Entry *entry)
{
  if (g_hash_table_size (outside->known) >= PL_LIMIT_INODES)
    g_hash_table_remove_all (outside->known);
  g_hash_table_replace (outside->known, &entry->holder.inode, entry);
}

/* Start times are of 10 ms. */
static gboolean
is_elder (const PlProcess *process, const PlProcFacts *than)
{
  return process->start_time < than->start_time
         || (process->start_time == than->start_time && process->pid < than->pid);
}

/* Of several holders the eldest: it made the socket. What a service manager shares with others, it opened for them. */
static void
meet (PlOutside *outside, guint64 inode, const PlSenderProcess *told)
{
  Entry *before = g_hash_table_lookup (outside->known, &inode);
  gboolean is_manager = pl_holder_is_manager_comm (told->facts.pid, told->facts.comm);
  PlProcess *process = pl_processes_get_told (outside->processes, &told->facts, TRUE);
  gboolean is_other =
      before != NULL && before->process != NULL && before->holder.pid != told->facts.pid && !before->holder.is_manager;
  if (is_other && is_manager)
    {
      pl_process_unref (process);
      return;
    }
  gboolean is_other_app =
      is_other && (before->holder.held == PL_HELD_BY_APPS || !g_str_equal (before->process->app_key, process->app_key));
  PlHeld held = is_other_app ? PL_HELD_BY_APPS : is_other ? PL_HELD_BY_FAMILY : PL_HELD_ALONE;
  if (is_other && is_elder (before->process, &told->facts))
    {
      before->holder.held = held;
      pl_process_unref (process);
      return;
    }
  Entry *entry = g_new0 (Entry, 1);
  entry->holder = (PlHolder){ .inode = inode,
                              .pid = told->facts.pid,
                              .fd = -1,
                              .is_manager = is_manager,
                              .held = held,
                              .met_us = g_get_monotonic_time () };
  entry->process = process;
  put (outside, entry);
}

/* FALSE when the helper leaves something unanswered: that is none of what @pid has. */
static gboolean
look_into (PlOutside *outside, gint32 pid)
{
  guint n = 0, n_left = 0;
  const guint64 *told = pl_helper_link_get_sockets (outside->helper, pid, &n, &n_left);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint64));
  for (guint i = 0; told != NULL && i < n; i++)
    if (g_hash_table_contains (outside->sought, &told[i]))
      g_array_append_val (found, told[i]);
  PlSenderProcess process = { 0 };
  gboolean is_told = found->len > 0 && pl_helper_link_describe (outside->helper, pid, &process);
  for (guint i = 0; is_told && i < found->len; i++)
    meet (outside, g_array_index (found, guint64, i), &process);
  pl_proc_facts_clear (&process.facts);
  return is_told || !pl_helper_link_is_slow (outside->helper);
}

/* FALSE when the helper does not answer: that somebody is not in its list says nothing then. */
static gboolean
begin (PlOutside *outside)
{
  GHashTableIter iter;
  gpointer inode;
  GHashTable *empty = outside->sought;
  g_array_set_size (outside->pids, 0);
  gboolean is_whole = pl_helper_link_list_processes (outside->helper, outside->pids);
  outside->began_us = g_get_monotonic_time ();
  if (outside->pids->len == 0)
    {
      outside->next_us = outside->began_us + UNANSWERED_US;
      return FALSE;
    }
  outside->n_cut += !is_whole;
  outside->sought = outside->wanted;
  outside->wanted = empty;
  g_hash_table_iter_init (&iter, outside->sought);
  while (g_hash_table_iter_next (&iter, &inode, NULL))
    g_hash_table_remove (outside->known, inode); /* who held it holds it no more */
  outside->n_left = outside->pids->len;
  return TRUE;
}

static void
finish (PlOutside *outside)
{
  GHashTableIter iter;
  gpointer inode;
  gint64 now_us = g_get_monotonic_time ();
  g_hash_table_iter_init (&iter, outside->sought);
  while (g_hash_table_iter_next (&iter, &inode, NULL))
    if (!g_hash_table_contains (outside->known, inode))
      {
        Entry *entry = g_new0 (Entry, 1);
        entry->holder.inode = *(guint64 *)inode;
        entry->nobody_until_us = now_us + PL_LIMIT_NOBODY_US;
        put (outside, entry);
      }
  g_hash_table_remove_all (outside->sought);
  g_array_set_size (outside->pids, 0);
  outside->next_us = now_us + (now_us - outside->began_us) * REST;
}

gboolean
pl_outside_step (PlOutside *outside, guint n_processes)
{
  if (pl_outside_get_wait_ms (outside) != 0)
    return FALSE;
  if (g_hash_table_size (outside->sought) == 0 && !begin (outside))
    return FALSE;
  for (; outside->n_left > 0 && n_processes > 0; outside->n_left--, n_processes--) /* mostly the newest first */
    if (!look_into (outside, g_array_index (outside->pids, PlHelperPid, outside->n_left - 1).pid))
      return FALSE; /* it is asked again: who has a socket besides may be the one that made it */
  if (outside->n_left > 0)
    return FALSE;
  finish (outside);
  return TRUE;
}

int
pl_outside_get_wait_ms (PlOutside *outside)
{
  if (!is_ready (outside))
    return -1;
  if (g_hash_table_size (outside->sought) > 0)
    return pl_helper_link_is_slow (outside->helper) ? -1 : 0;
  if (g_hash_table_size (outside->wanted) == 0)
    return -1;
  gint64 left_us = outside->next_us - g_get_monotonic_time ();
  return left_us > 0 ? (int)((left_us + 999) / 1000) : 0;
}

guint64
pl_outside_get_n_cut (PlOutside *outside)
{
  return outside->n_cut;
}
