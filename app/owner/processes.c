/* Processes as they are shown, by pid. Owner thread only; never remembers more than PL_LIMIT_PROCESSES. */
#include "processes.h"

#include <string.h>
#include <unistd.h>

#include "bounds.h"

#define NOTED_LASTS_US 20000
#define SERVER_LASTS_US 20000 /* of a server with 200 connections a second every fourth is read for */

typedef struct
{
  guint64 start_time, exec_mark;
  PlProcess *process;
  char *cgroup; /* which may have named it; nullable */
  gint64 grouped_us; /* monotonic, before that was read; 0 told */
  gint64 old_us; /* monotonic, when it was read and had been there for long; 0 it had not */
  gboolean is_current; /* read since the last news of it */
  gboolean is_noted; /* and to be believed of when it is gone */
} Entry;

typedef struct
{
  PlProcFacts facts; /* as they were after its exec(2) */
  gint64 read_us; /* monotonic */
} Noted;

struct _PlProcesses
{
  PlProcfs *procfs;
  PlNames *names;
  guint32 own_network; /* pl_procfs_get_network() */
  GHashTable *by_pid; /* pid → Entry */
  Noted execed[PL_LIMIT_EXECED]; /* at pid modulo that */
  gint64 second_us; /* in which n_read of them were read */
  guint n_read;
  guint64 n_unread;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  pl_process_unref (entry->process);
  g_free (entry->cgroup);
  g_free (entry);
}

PlProcesses *
pl_processes_new (PlProcfs *procfs, PlNames *names)
{
  PlProcesses *processes = g_new0 (PlProcesses, 1);
  processes->procfs = procfs;
  processes->names = names;
  processes->own_network = pl_procfs_get_network (procfs, getpid ());
  processes->by_pid = g_hash_table_new_full (NULL, NULL, NULL, entry_free);
  return processes;
}

void
pl_processes_free (PlProcesses *processes)
{
  if (processes == NULL)
    return;
  g_hash_table_unref (processes->by_pid);
  for (guint i = 0; i < PL_LIMIT_EXECED; i++)
    pl_proc_facts_clear (&processes->execed[i].facts);
  g_free (processes);
}

/* exec(2) keeps pid and start time but moves the arguments; where their address may not be read, comm has to do. */
static gboolean
is_same (const Entry *entry, const PlProcFacts *now)
{
  return entry->start_time == now->start_time && entry->exec_mark == now->exec_mark
         && g_strcmp0 (entry->process->comm, now->comm) == 0;
}

gboolean
pl_processes_has_moved (PlProcesses *processes, gint32 pid, const char *cgroup)
{
  g_autofree char *now = cgroup != NULL ? pl_procfs_read_cgroup (processes->procfs, pid) : NULL;
  return now != NULL && !g_str_equal (now, cgroup);
}

/* A session's manager may put what it started into its own cgroup at any time. */
static gboolean
is_there_still (PlProcesses *processes, Entry *entry, gint32 pid)
{
  if (pl_procfs_is_of_moment (processes->procfs, entry->grouped_us))
    return TRUE;
  entry->grouped_us = g_get_monotonic_time ();
  return !pl_processes_has_moved (processes, pid, entry->cgroup);
}

/* @read_us: Entry.grouped_us. (transfer full) */
static PlProcess *
remember (PlProcesses *processes, const PlProcFacts *facts, gint64 read_us)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->start_time = facts->start_time;
  entry->exec_mark = facts->exec_mark;
  entry->is_current = TRUE;
  entry->cgroup = g_strdup (facts->cgroup);
  entry->grouped_us = read_us;
  entry->process = pl_names_process (processes->names, facts);
  entry->process->is_elsewhere =
      facts->network != 0 && processes->own_network != 0 && facts->network != processes->own_network;
  /* Only a cache: when it is full of the dead, beginning anew costs one reading of each living process. */
  if (g_hash_table_size (processes->by_pid) >= PL_LIMIT_PROCESSES)
    g_hash_table_remove_all (processes->by_pid);
  g_hash_table_replace (processes->by_pid, GINT_TO_POINTER (facts->pid), entry);
  return pl_process_ref (entry->process);
}

static Noted *
execed_at (PlProcesses *processes, gint32 pid)
{
  return &processes->execed[(guint)pid % PL_LIMIT_EXECED];
}

/* A program that has just begun is what it was when that was told: two reads instead of ten. A daemon may have become another
 * user's meanwhile. */
static gboolean
is_still (PlProcesses *processes, const Noted *noted, gint32 pid)
{
  g_auto (PlProcFacts) now = { 0 };
  return noted->facts.pid == pid && g_get_monotonic_time () - noted->read_us < NOTED_LASTS_US
         && pl_procfs_recall_identity (processes->procfs, pid, &now) && !now.is_ending
         && now.start_time == noted->facts.start_time && now.exec_mark == noted->facts.exec_mark
         && g_strcmp0 (now.comm, noted->facts.comm) == 0
         && pl_procfs_dir_uid (processes->procfs, pid) == noted->facts.uid
         && !pl_processes_has_moved (processes, pid, noted->facts.cgroup);
}

PlProcess *
pl_processes_get (PlProcesses *processes, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  Entry *known = g_hash_table_lookup (processes->by_pid, GINT_TO_POINTER (pid));
  const Noted *noted = execed_at (processes, pid);

  if (known != NULL && pl_procfs_recall_identity (processes->procfs, pid, &facts) && is_same (known, &facts)
      && is_there_still (processes, known, pid))
    {
      known->old_us = pl_proc_facts_is_young (&facts) ? 0 : g_get_monotonic_time ();
      return pl_process_ref (known->process);
    }
  pl_proc_facts_clear (&facts);
  if (is_still (processes, noted, pid))
    return pl_processes_get_told (processes, &noted->facts, TRUE);
  gint64 read_us = g_get_monotonic_time ();
  if (pl_procfs_read (processes->procfs, pid, &facts) && facts.cmdline != NULL)
    return remember (processes, &facts, read_us);
  /* Gone, or its memory is already: what was noted is of the same one, or a beginning would have been told since. */
  if (noted->facts.pid == pid && (facts.pid == 0 || facts.start_time == noted->facts.start_time))
    return pl_processes_get_told (processes, &noted->facts, FALSE);
  if (known != NULL && known->is_noted && (facts.pid == 0 || facts.start_time == known->start_time))
    return pl_process_ref (known->process);
  if (facts.pid != 0)
    return remember (processes, &facts, read_us);
  g_hash_table_remove (processes->by_pid, GINT_TO_POINTER (pid));
  return NULL;
}

PlProcess *
pl_processes_get_server (PlProcesses *processes, gint32 pid)
{
  const Entry *known = g_hash_table_lookup (processes->by_pid, GINT_TO_POINTER (pid));
  if (known != NULL && known->is_current && g_get_monotonic_time () < known->old_us + SERVER_LASTS_US)
    return pl_process_ref (known->process);
  return pl_processes_get (processes, pid);
}

void
pl_processes_forget_exec (PlProcesses *processes, gint32 pid)
{
  PlProcFacts *noted = &execed_at (processes, pid)->facts;
  Entry *known = g_hash_table_lookup (processes->by_pid, GINT_TO_POINTER (pid));
  if (noted->pid == pid)
    pl_proc_facts_clear (noted);
  if (known != NULL)
    known->is_current = known->is_noted = FALSE;
}

void
pl_processes_note_exec (PlProcesses *processes, gint32 pid)
{
  gint64 now_us = g_get_monotonic_time ();
  Entry *known = g_hash_table_lookup (processes->by_pid, GINT_TO_POINTER (pid));
  Noted *noted = execed_at (processes, pid);
  PlProcFacts *facts = &noted->facts;
  pl_proc_facts_clear (facts);
  if (known != NULL && known->is_current)
    {
      known->is_noted = TRUE; /* a question was there first */
      return;
    }
  if (now_us - processes->second_us >= G_USEC_PER_SEC)
    {
      processes->second_us = now_us;
      processes->n_read = 0;
    }
  noted->read_us = now_us;
  /* A program in the background, which on a busy machine waits for its turn, also while the kernel has its memory locked for it:
   * whoever reads its command line waits as long, at whatever priority. 60 to 400 ms were seen, and everybody's questions wait. */
  if (processes->n_read++ >= PL_LIMIT_EXECED_HZ)
    processes->n_unread++;
  else if (!pl_procfs_read_program (processes->procfs, pid, facts))
    processes->n_unread += facts->nice > 0;
  if (facts->pid != pid || facts->cmdline == NULL)
    pl_proc_facts_clear (facts); /* not read; or it has ended, or is about to */
}

guint64
pl_processes_get_n_unread (PlProcesses *processes)
{
  return processes->n_unread;
}

PlProcess *
pl_processes_get_told (PlProcesses *processes, const PlProcFacts *facts, gboolean is_now)
{
  const Entry *known = g_hash_table_lookup (processes->by_pid, GINT_TO_POINTER (facts->pid));

  if (known != NULL && known->start_time == facts->start_time && g_strcmp0 (known->process->comm, facts->comm) == 0
      && (known->exec_mark == facts->exec_mark || known->exec_mark == 0 || facts->exec_mark == 0)
      && (known->process->exe != NULL || facts->exe == NULL)
      && (!is_now || facts->cgroup == NULL || g_strcmp0 (known->cgroup, facts->cgroup) == 0))
    return pl_process_ref (known->process);
  return remember (processes, facts, 0);
}
