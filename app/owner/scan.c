/* The full search through every process's descriptors. The worker owns its procfs handle; a job and a result cross under
 * one mutex, and nothing else is shared. It never names a process and never answers a question by itself. */
#include "scan.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bounds.h"
#include "processor-time.h"
#include "socket.h"

#define CLIMB_STEPS 16
#define SCAN_NICE 10
#define KTHREADD_PID 2 /* parent of every kernel thread */
#define GROUP_MEMBERS 64 /* holders of one socket compared with each other */

typedef struct
{
  GHashTable *missing; /* &inode: wanted and not yet met */
  guint64 *inodes;
  guint n_inodes;
  guint32 *uids;
  guint n_uids;
} Job;

struct _PlScan
{
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t cond;
  atomic_bool is_ending;
  int wake_fd;
  PlProcfs *procfs; /* the worker's */
  Job *job; /* mutex */
  gboolean is_busy; /* mutex: from start to take */
  PlScanResult *result; /* mutex */
};

void
pl_scan_result_free (PlScanResult *result)
{
  if (result == NULL)
    return;
  g_array_unref (result->holders);
  g_array_unref (result->met);
  g_array_unref (result->hidden);
  g_free (result);
}

const PlHolder *
pl_scan_result_find (const PlScanResult *result, guint64 inode)
{
  guint low = 0, high = result->holders->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const PlHolder *holder = &g_array_index (result->holders, PlHolder, middle);
      if (holder->inode == inode)
        return holder;
      if (holder->inode < inode)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

gboolean
pl_scan_result_has_all (const PlScanResult *result, GArray *inodes)
{
  for (guint i = 0; i < inodes->len; i++)
    if (pl_scan_result_find (result, g_array_index (inodes, guint64, i)) == NULL)
      return FALSE;
  return inodes->len > 0;
}

static void
job_free (Job *job)
{
  if (job == NULL)
    return;
  g_hash_table_unref (job->missing);
  g_free (job->inodes);
  g_free (job->uids);
  g_free (job);
}

typedef struct
{
  Job *job;
  GArray *met; /* PlHolder, any order, several an inode */
  GArray *hidden; /* gint32 */
  gboolean has_unlisted;
  gint32 pid; /* whose threads are looked at */
} Search;

static gboolean
meet_socket (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Search *search = data;
  gboolean is_wanted = g_hash_table_remove (search->job->missing, &inode);
  PlHolder holder = { .inode = inode, .pid = pid, .fd = fd };
  if (is_wanted || search->met->len < PL_LIMIT_INODES)
    g_array_append_val (search->met, holder);
  return TRUE;
}

static gboolean
is_of_job (const Job *job, guint32 uid)
{
  for (guint i = 0; i < job->n_uids; i++)
    if (job->uids[i] == uid)
      return TRUE;
  return FALSE;
}

/* @pid did not let us look. It may just have ended; and the kernel's own have no descriptors. TRUE when there was something
 * to see. */
static gboolean
note_hidden (PlScan *scan, Search *search, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  if (pl_procfs_dir_uid (scan->procfs, pid) == PL_UNKNOWN_U32)
    return FALSE;
  if (pl_procfs_read_identity (scan->procfs, pid, &facts) && pid != KTHREADD_PID && facts.parent_pid != KTHREADD_PID)
    g_array_append_val (search->hidden, pid);
  return TRUE;
}

static gboolean
meet_thread_socket (gint32 tid, int fd, guint64 inode, gpointer data)
{
  Search *search = data;
  PlHolder holder = { .inode = inode, .pid = search->pid, .tid = tid, .fd = fd };
  if (g_hash_table_remove (search->job->missing, &inode))
    g_array_append_val (search->met, holder);
  return g_hash_table_size (search->job->missing) > 0;
}

/* What no process has at its first thread's descriptors; a microsecond a thread. */
static void
search_threads (PlScan *scan, Search *search)
{
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (gint32));
  pl_procfs_list_pids (scan->procfs, 1, G_MAXINT32, pids);
  for (guint i = pids->len; i-- > 0 && g_hash_table_size (search->job->missing) > 0;)
    {
      if (atomic_load_explicit (&scan->is_ending, memory_order_relaxed))
        return;
      search->pid = g_array_index (pids, gint32, i);
      pl_procfs_foreach_thread_socket (scan->procfs, search->pid, meet_thread_socket, search);
    }
}

/* First the processes of the wanted uids, then, while something is missing, the others. TRUE when none was closed to us. */
static gboolean
search_processes (PlScan *scan, Search *search)
{
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (gint32));
  pl_procfs_list_pids (scan->procfs, 1, G_MAXINT32, pids);
  gboolean sees_all = pids->len < PL_LIMIT_PROCESSES;
  for (int pass = 0; pass < 2; pass++)
    {
      if (pass == 1 && search->job->n_inodes > 0 && g_hash_table_size (search->job->missing) == 0)
        return FALSE; /* found everything, but did not look everywhere */
      for (guint i = pids->len; i-- > 0;)
        {
          gint32 pid = g_array_index (pids, gint32, i);
          if (pid == 0)
            continue;
          if (atomic_load_explicit (&scan->is_ending, memory_order_relaxed))
            return FALSE;
          if (pass == 0 && !is_of_job (search->job, pl_procfs_dir_uid (scan->procfs, pid)))
            continue;
          guint64 n_unlisted = pl_procfs_get_n_unlisted (scan->procfs);
          if (!pl_procfs_foreach_socket (scan->procfs, pid, PL_LIMIT_PROCESS_FDS, meet_socket, search))
            sees_all &= !note_hidden (scan, search, pid);
          else if (pl_procfs_get_n_unlisted (scan->procfs) != n_unlisted)
            search->has_unlisted |= pl_procfs_dir_uid (scan->procfs, pid) == 0;
          g_array_index (pids, gint32, i) = 0;
        }
    }
  search_threads (scan, search);
  return sees_all;
}

static int
compare_holders (gconstpointer a, gconstpointer b)
{
  const PlHolder *left = a, *right = b;
  if (left->inode != right->inode)
    return left->inode < right->inode ? -1 : 1;
  if (left->pid != right->pid)
    return left->pid < right->pid ? -1 : 1;
  return (left->fd > right->fd) - (left->fd < right->fd);
}

static gboolean
descends_from (PlProcfs *procfs, gint32 pid, gint32 ancestor)
{
  for (int step = 0; step < CLIMB_STEPS && pid > 1; step++)
    {
      g_auto (PlProcFacts) facts = { 0 };
      if (!pl_procfs_read_identity (procfs, pid, &facts))
        return FALSE;
      pid = facts.parent_pid;
      if (pid == ancestor)
        return TRUE;
    }
  return FALSE;
}

/* Of several holders: the one that all others descend from made the socket; else, passed between strangers, the first. */
static PlHolder
choose_holder (PlProcfs *procfs, const PlHolder *group, guint n)
{
  PlHolder chosen = group[0];
  n = MIN (n, GROUP_MEMBERS);
  chosen.held = PL_HELD_BY_STRANGERS;
  for (guint i = 0; i < n; i++)
    {
      gboolean is_root = TRUE;
      for (guint j = 0; j < n && is_root; j++)
        is_root = j == i || descends_from (procfs, group[j].pid, group[i].pid);
      if (!is_root)
        continue;
      chosen = group[i];
      chosen.held = PL_HELD_BY_FAMILY;
      break;
    }
  for (guint i = 0, n_others = 0; i < n && n_others < PL_HOLDER_OTHERS; i++)
    if (group[i].pid != chosen.pid)
      {
        chosen.others[n_others].pid = group[i].pid;
        chosen.others[n_others++].fd = group[i].fd;
      }
  return chosen;
}

/* Asked once a process. */
static gboolean
is_manager (PlProcfs *procfs, GHashTable *known, gint32 pid)
{
  gpointer value;
  if (g_hash_table_lookup_extended (known, GINT_TO_POINTER (pid), NULL, &value))
    return GPOINTER_TO_INT (value);
  gboolean is = pl_holder_is_service_manager (procfs, pid);
  g_hash_table_insert (known, GINT_TO_POINTER (pid), GINT_TO_POINTER (is));
  return is;
}

static PlHolder
settle_group (PlProcfs *procfs, GHashTable *managers, PlHolder *group, guint n)
{
  guint n_kept = 0, n_own = 0;
  /* One entry a process: group is sorted by pid. */
  for (guint i = 0; i < n; i++)
    if (i == 0 || group[i].pid != group[n_kept - 1].pid)
      {
        group[n_kept] = group[i];
        group[n_kept].is_manager = is_manager (procfs, managers, group[i].pid);
        n_kept++;
      }
  /* What a manager shares with others, it opened for them. */
  for (guint i = 0; i < n_kept; i++)
    if (!group[i].is_manager)
      group[n_own++] = group[i];
  if (n_own > 0)
    n_kept = n_own;
  return n_kept == 1 ? group[0] : choose_holder (procfs, group, n_kept);
}

static GArray *
one_an_inode (PlProcfs *procfs, GArray *met)
{
  g_autoptr (GHashTable) managers = g_hash_table_new (NULL, NULL);
  GArray *holders = g_array_sized_new (FALSE, FALSE, sizeof (PlHolder), met->len);
  g_array_sort (met, compare_holders);
  for (guint i = 0; i < met->len;)
    {
      guint end = i + 1;
      while (end < met->len && g_array_index (met, PlHolder, end).inode == g_array_index (met, PlHolder, i).inode)
        end++;
      PlHolder holder = settle_group (procfs, managers, &g_array_index (met, PlHolder, i), end - i);
      g_array_append_val (holders, holder);
      i = end;
    }
  return holders;
}

gboolean
pl_scan_result_meet (gint32 pid, int fd, guint64 inode, gpointer data)
{
  PlScanResult *result = data;
  PlHolder holder = { .inode = inode, .pid = pid, .fd = fd };
  if (result->met->len < PL_LIMIT_INODES)
    g_array_append_val (result->met, holder);
  return TRUE;
}

void
pl_scan_result_settle (PlScanResult *result, PlProcfs *procfs)
{
  g_clear_pointer (&result->holders, g_array_unref);
  result->holders = one_an_inode (procfs, result->met);
}

static PlScanResult *
run_job (PlScan *scan, Job *job)
{
  gint64 before_us = pl_processor_time_us ();
  PlScanResult *result = g_new0 (PlScanResult, 1);
  result->began_us = g_get_monotonic_time ();
  result->met = g_array_new (FALSE, FALSE, sizeof (PlHolder));
  result->hidden = g_array_new (FALSE, FALSE, sizeof (gint32));
  Search search = { .job = job, .met = result->met, .hidden = result->hidden };
  result->sees_all = search_processes (scan, &search);
  result->has_unlisted = search.has_unlisted;
  pl_scan_result_settle (result, scan->procfs);
  result->is_cancelled = atomic_load (&scan->is_ending);
  result->cost_us = pl_processor_time_us () - before_us;
  return result;
}

static void *
scan_thread (void *data)
{
  PlScan *scan = data;
  /* Behind everybody, but not idle: on a busy machine an idle thread would take seconds for one scan. */
  struct sched_param param = { 0 };
  pthread_setschedparam (pthread_self (), SCHED_BATCH, &param);
  setpriority (PRIO_PROCESS, (id_t)gettid (), SCAN_NICE);
  pthread_mutex_lock (&scan->mutex);
  while (!atomic_load (&scan->is_ending))
    {
      if (scan->job == NULL)
        {
          pthread_cond_wait (&scan->cond, &scan->mutex);
          continue;
        }
      Job *job = g_steal_pointer (&scan->job);
      pthread_mutex_unlock (&scan->mutex);
      PlScanResult *result = run_job (scan, job);
      job_free (job);
      pthread_mutex_lock (&scan->mutex);
      scan->result = result;
      guint64 one = 1;
      if (write (scan->wake_fd, &one, sizeof one) < 0)
        continue; /* the counter is full: it is readable already */
    }
  pthread_mutex_unlock (&scan->mutex);
  return NULL;
}

PlScan *
pl_scan_new (const char *proc_root, int wake_fd)
{
  PlProcfs *procfs = pl_procfs_new (proc_root);
  if (procfs == NULL)
    return NULL;
  PlScan *scan = g_new0 (PlScan, 1);
  scan->procfs = procfs;
  scan->wake_fd = wake_fd;
  pthread_mutex_init (&scan->mutex, NULL);
  pthread_cond_init (&scan->cond, NULL);
  if (pthread_create (&scan->thread, NULL, scan_thread, scan) != 0)
    {
      pthread_mutex_destroy (&scan->mutex);
      pthread_cond_destroy (&scan->cond);
      pl_procfs_free (procfs);
      g_free (scan);
      return NULL;
    }
  pthread_setname_np (scan->thread, "owner-scan");
  return scan;
}

void
pl_scan_free (PlScan *scan)
{
  if (scan == NULL)
    return;
  pthread_mutex_lock (&scan->mutex);
  atomic_store (&scan->is_ending, true);
  pthread_cond_signal (&scan->cond);
  pthread_mutex_unlock (&scan->mutex);
  pthread_join (scan->thread, NULL);
  pthread_mutex_destroy (&scan->mutex);
  pthread_cond_destroy (&scan->cond);
  job_free (scan->job);
  pl_scan_result_free (scan->result);
  pl_procfs_free (scan->procfs);
  g_free (scan);
}

gboolean
pl_scan_start (PlScan *scan, const guint64 *inodes, guint n_inodes, const guint32 *uids, guint n_uids)
{
  pthread_mutex_lock (&scan->mutex);
  gboolean is_free = !scan->is_busy;
  scan->is_busy = TRUE;
  pthread_mutex_unlock (&scan->mutex);
  if (!is_free)
    return FALSE;

  Job *job = g_new0 (Job, 1);
  job->inodes = g_memdup2 (inodes, n_inodes * sizeof *inodes);
  job->n_inodes = n_inodes;
  job->uids = g_memdup2 (uids, n_uids * sizeof *uids);
  job->n_uids = n_uids;
  job->missing = g_hash_table_new (g_int64_hash, g_int64_equal);
  for (guint i = 0; i < n_inodes; i++)
    g_hash_table_add (job->missing, &job->inodes[i]);

  pthread_mutex_lock (&scan->mutex);
  scan->job = job;
  pthread_cond_signal (&scan->cond);
  pthread_mutex_unlock (&scan->mutex);
  return TRUE;
}

PlScanResult *
pl_scan_take (PlScan *scan)
{
  pthread_mutex_lock (&scan->mutex);
  PlScanResult *result = g_steal_pointer (&scan->result);
  if (result != NULL)
    scan->is_busy = FALSE;
  pthread_mutex_unlock (&scan->mutex);
  return result;
}
