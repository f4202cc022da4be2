/* From the kernel's news of processes to the search's newest and to what is noted of new programs. News is taken before
 * questions are answered, programs are read after: that takes 60 to 90 µs each. Owner thread only. */
#include "process-watch.h"

#include <string.h>
#include <unistd.h>

#include "bounds.h"
#include "socket.h"

#define N_BEGUN 1024 /* by the low bits of their pid */
/* For so long after news, only programs wake us: they may be gone in a millisecond, while what else is told is needed when somebody
 * asks, and read then. On a machine that compiles that is one wake-up instead of three a process. */
#define REST_US 20000
#define STEPS 16 /* from a process to who started who started it */

typedef struct
{
  gint32 pid, parent_pid;
  gint64 time_us;
  gint64 execed_us; /* when exec(2) made a program of it, last; 0 not yet */
} Begun;

typedef struct
{
  gint32 pid;
  gint64 time_us;
} Ended;

struct _PlProcessWatch
{
  PlProcfs *procfs;
  PlSearch *search;
  PlProcesses *processes;
  guint32 uid;
  PlProcEvents *events; /* nullable */
  PlProcEvents *bell; /* nullable; the same news, of programs alone */
  gint64 news_us, now_us; /* when the last was taken, and while it is; monotonic */
  gboolean has_rung; /* the bell, and was not read since */
  gboolean has_failed;
  gboolean is_told; /* the search is */
  gint64 since_us; /* since when no news was lost; monotonic */
  GArray *execed; /* gint32, not read yet */
  gint32 last_begun_pid;
  Begun begun[N_BEGUN];
  Ended ended[N_BEGUN];
  Ended bereaved[N_BEGUN]; /* whose child ended then */
  guint64 n_missed;
  PlFirstLook *look; /* nullable */
};

PlProcessWatch *
pl_process_watch_new (PlProcfs *procfs, PlSearch *search, PlProcesses *processes, guint32 uid)
{
  PlProcessWatch *watch = g_new0 (PlProcessWatch, 1);
  watch->procfs = procfs;
  watch->search = search;
  watch->processes = processes;
  watch->uid = uid;
  watch->execed = g_array_new (FALSE, FALSE, sizeof (gint32));
  return watch;
}

void
pl_process_watch_free (PlProcessWatch *watch)
{
  if (watch == NULL)
    return;
  pl_proc_events_free (watch->events);
  pl_proc_events_free (watch->bell);
  g_array_unref (watch->execed);
  g_free (watch);
}

static void
stop (PlProcessWatch *watch)
{
  watch->n_missed += pl_proc_events_get_overruns (watch->events);
  if (watch->look != NULL)
    pl_first_look_forget_all (watch->look);
  g_clear_pointer (&watch->events, pl_proc_events_free);
  g_clear_pointer (&watch->bell, pl_proc_events_free);
  g_array_set_size (watch->execed, 0);
  memset (watch->begun, 0, sizeof watch->begun);
  memset (watch->ended, 0, sizeof watch->ended);
  memset (watch->bereaved, 0, sizeof watch->bereaved);
  if (watch->is_told)
    pl_search_set_told (watch->search, FALSE);
  watch->is_told = FALSE;
}

void
pl_process_watch_set_on (PlProcessWatch *watch, gboolean is_on)
{
  if (!is_on && watch->events != NULL)
    stop (watch);
  else if (is_on && watch->events == NULL && !watch->has_failed)
    {
      /* The kernel tells who came last first: who hears the bell finds the news. */
      watch->bell = pl_proc_events_new (TRUE);
      watch->events = pl_proc_events_new (FALSE);
      watch->has_failed = watch->events == NULL;
      if (watch->has_failed)
        g_clear_pointer (&watch->bell, pl_proc_events_free);
    }
}

void
pl_process_watch_tell (PlProcessWatch *watch, PlFirstLook *look)
{
  watch->look = look;
}

int
pl_process_watch_get_fd (PlProcessWatch *watch, int *wait_ms)
{
  gint64 rest_us = watch->bell != NULL ? watch->news_us + REST_US - g_get_monotonic_time () : 0;
  *wait_ms = rest_us > 0 ? (int)(rest_us / 1000) + 1 : -1;
  if (rest_us > 0)
    return pl_proc_events_get_fd (watch->bell);
  return watch->events != NULL ? pl_proc_events_get_fd (watch->events) : -1;
}

static void
forget_execed (PlProcessWatch *watch, gint32 pid)
{
  for (guint i = 0; i < watch->execed->len; i++)
    if (g_array_index (watch->execed, gint32, i) == pid)
      {
        g_array_remove_index (watch->execed, i);
        return;
      }
}

static const Begun *
find_begun (const PlProcessWatch *watch, gint32 pid)
{
  const Begun *begun = &watch->begun[(guint32)pid % N_BEGUN];
  return begun->pid == pid ? begun : NULL;
}

static gint64
get_time (const Ended *table, gint32 pid)
{
  const Ended *ended = &table[(guint32)pid % N_BEGUN];
  return ended->pid == pid ? ended->time_us : 0;
}

static void
note_end (PlProcessWatch *watch, gint32 pid, gint64 time_us)
{
  const Begun *begun = find_begun (watch, pid);
  watch->ended[(guint32)pid % N_BEGUN] = (Ended){ pid, time_us };
  if (begun != NULL)
    watch->bereaved[(guint32)begun->parent_pid % N_BEGUN] = (Ended){ begun->parent_pid, time_us };
}

/* Whoever had the number before is another. */
static void
note_beginning (PlProcessWatch *watch, gint32 pid, gint32 parent_pid, gint64 time_us)
{
  guint32 at = (guint32)pid % N_BEGUN;
  watch->last_begun_pid = pid;
  watch->begun[at] = (Begun){ .pid = pid, .parent_pid = parent_pid, .time_us = time_us };
  if (watch->ended[at].pid == pid)
    watch->ended[at].pid = 0;
  if (watch->bereaved[at].pid == pid)
    watch->bereaved[at].pid = 0;
}

static void
take_event (PlProcEvent event, gint32 pid, gint32 parent_pid, gint64 time_us, gpointer data)
{
  PlProcessWatch *watch = data;
  watch->news_us = watch->now_us;
  if (event == PL_PROC_ENDED)
    {
      /* What was noted of it stays: it is asked for when it is gone. */
      note_end (watch, pid, time_us);
      pl_search_forget_newest (watch->search, pid);
      forget_execed (watch, pid);
      if (watch->look != NULL)
        pl_first_look_forget (watch->look, pid);
      return;
    }
  watch->has_rung |= event == PL_PROC_EXECED;
  if (event == PL_PROC_BEGAN)
    note_beginning (watch, pid, parent_pid, time_us);
  else if (watch->begun[(guint32)pid % N_BEGUN].pid == pid)
    watch->begun[(guint32)pid % N_BEGUN].execed_us = time_us;
  pl_search_add_newest (watch->search, pid);
  pl_processes_forget_exec (watch->processes, pid);
  if (event == PL_PROC_BEGAN || (watch->uid != PL_UNKNOWN_U32 && pl_procfs_dir_uid (watch->procfs, pid) != watch->uid))
    return;
  pl_search_expect (watch->search, pid);
  if (watch->look != NULL)
    pl_first_look_expect (watch->look, pid);
  forget_execed (watch, pid); /* once is enough; and when it ends it is forgotten whole */
  if (watch->execed->len < PL_LIMIT_EXECED)
    g_array_append_val (watch->execed, pid);
  else
    watch->n_missed++;
}

static void
hear_bell (PlProcEvent event, gint32 pid, gint32 parent_pid, gint64 time_us, gpointer data)
{
}

void
pl_process_watch_ring (PlProcessWatch *watch)
{
  watch->has_rung = TRUE;
}

/* The bell first: what rings it from then on is news of which nothing was read. A question asks for news four times, which mostly
 * is none: then the bell is left alone. */
static gboolean
read_news (PlProcessWatch *watch)
{
  if (watch->has_rung && watch->bell != NULL)
    pl_proc_events_read (watch->bell, hear_bell, NULL);
  watch->has_rung = FALSE;
  watch->now_us = g_get_monotonic_time ();
  return pl_proc_events_read (watch->events, take_event, watch);
}

void
pl_process_watch_read (PlProcessWatch *watch)
{
  if (watch->events == NULL)
    return;
  gboolean had_rung = watch->has_rung, is_complete = read_news (watch);
  if (!had_rung && watch->has_rung)
    is_complete &= read_news (watch);
  if (!is_complete) /* a number may be another process's by now */
    memset (watch->begun, 0, sizeof watch->begun);
  if (!is_complete && watch->look != NULL)
    pl_first_look_forget_all (watch->look);
  if (!is_complete || !watch->is_told)
    watch->since_us = g_get_monotonic_time ();
  if (!pl_proc_events_is_telling (watch->events) || (watch->is_told && is_complete))
    return;
  /* From here on; or once more, after news was lost. */
  pl_search_set_told (watch->search, TRUE);
  watch->is_told = TRUE;
}

gint64
pl_process_watch_get_begun_us (const PlProcessWatch *watch, gint32 pid)
{
  const Begun *begun = find_begun (watch, pid);
  return begun != NULL ? begun->time_us : 0;
}

gint32
pl_process_watch_get_starter (const PlProcessWatch *watch, gint32 pid)
{
  const Begun *begun = find_begun (watch, pid);
  return begun != NULL ? begun->parent_pid : 0;
}

gint32
pl_process_watch_get_forebear (const PlProcessWatch *watch, gint32 pid)
{
  for (guint step = 0; step < STEPS; step++)
    {
      pid = pl_process_watch_get_starter (watch, pid);
      if (pid == 0 || get_time (watch->ended, pid) == 0)
        return pid;
    }
  return 0;
}

gboolean
pl_process_watch_is_forked (const PlProcessWatch *watch, gint32 pid)
{
  const Begun *begun = find_begun (watch, pid);
  return begun != NULL && begun->execed_us == 0;
}

gint64
pl_process_watch_get_ended_us (const PlProcessWatch *watch, gint32 pid)
{
  return get_time (watch->ended, pid);
}

gint64
pl_process_watch_get_bereaved_us (const PlProcessWatch *watch, gint32 pid)
{
  return get_time (watch->bereaved, pid);
}

guint
pl_process_watch_list_orphans (const PlProcessWatch *watch, gint32 *pids, guint max)
{
  guint n = 0;
  for (guint i = 0; i < N_BEGUN && n < max; i++)
    {
      const Begun *begun = &watch->begun[i];
      if (begun->pid != 0 && get_time (watch->ended, begun->pid) == 0
          && get_time (watch->ended, begun->parent_pid) != 0)
        pids[n++] = begun->pid;
    }
  return n;
}

/* The first of those that fork(2) alone made @pid of, as far as the kernel told. */
static gint32
find_root (const PlProcessWatch *watch, gint32 pid)
{
  const Begun *begun = find_begun (watch, pid);
  for (guint step = 0; step < STEPS && begun != NULL && begun->execed_us == 0; step++)
    {
      pid = begun->parent_pid;
      begun = find_begun (watch, pid);
    }
  return pid;
}

/* Whom fork(2) alone made it of, where the kernel did not tell that it began. */
static gint32
forked_before_news (const PlProcessWatch *watch, gint32 pid, gint32 forked_by)
{
  return find_begun (watch, pid) == NULL ? forked_by : 0;
}

/* Whether fork(2) alone made @pid of @root, or of @holder, which is a root where the kernel did not tell that it began. */
static gboolean
is_of (const PlProcessWatch *watch, gint32 pid, gint32 root, gint32 holder)
{
  gint32 own_root = find_root (watch, pid);
  return own_root == root || own_root == holder;
}

/* Whether it has closed by exec(2), since @since_us, what @pid may have of the same @root. */
static gboolean
has_become_another (const PlProcessWatch *watch, const Begun *begun, gint32 pid, gint32 root, gint64 since_us)
{
  return begun->pid != 0 && begun->pid != pid && begun->execed_us >= since_us && begun->time_us < since_us
         && is_of (watch, begun->parent_pid, root, pid);
}

gboolean
pl_process_watch_has_lost_kin (const PlProcessWatch *watch, gint32 pid, gint32 forked_by, gint64 since_us)
{
  gint32 parent_pid = forked_before_news (watch, pid, forked_by);
  gint32 root = find_root (watch, parent_pid != 0 ? parent_pid : pid);
  gint32 starter = parent_pid != 0 ? parent_pid : pl_process_watch_get_starter (watch, pid);
  for (guint i = 0; i < N_BEGUN; i++)
    {
      const Ended *ended = &watch->ended[i];
      if (has_become_another (watch, &watch->begun[i], pid, root, since_us)
          || (ended->pid != 0 && ended->pid != pid && ended->time_us >= since_us
              && is_of (watch, ended->pid, root, pid)))
        return TRUE;
    }
  for (guint step = 0; step < STEPS && starter != 0; step++)
    {
      gint64 ended_us = get_time (watch->ended, starter);
      if (ended_us >= since_us)
        return TRUE;
      starter = ended_us != 0 ? pl_process_watch_get_starter (watch, starter) : 0;
    }
  return get_time (watch->bereaved, pid) >= since_us;
}

guint
pl_process_watch_list_lost_elders (const PlProcessWatch *watch, gint64 since_us, gint32 *pids, guint max)
{
  guint n = 0;
  for (guint i = 0; i < N_BEGUN && n < max; i++)
    {
      const Ended *ended = &watch->ended[i];
      if (ended->pid != 0 && ended->time_us >= since_us && find_begun (watch, ended->pid) == NULL)
        pids[n++] = ended->pid;
    }
  return n;
}

guint
pl_process_watch_list_kin (const PlProcessWatch *watch, gint32 pid, gint32 forked_by, gint32 *pids, guint max)
{
  gint32 parent_pid = forked_before_news (watch, pid, forked_by);
  gint32 root = find_root (watch, parent_pid != 0 ? parent_pid : pid);
  guint n = 0;
  if (root != pid && max > 0 && get_time (watch->ended, root) == 0)
    pids[n++] = root;
  for (guint i = 0; i < N_BEGUN && n < max; i++)
    {
      const Begun *begun = &watch->begun[i];
      if (begun->pid != 0 && begun->pid != pid && begun->pid != root && get_time (watch->ended, begun->pid) == 0
          && (begun->parent_pid == pid || (begun->execed_us == 0 && is_of (watch, begun->pid, root, pid))))
        pids[n++] = begun->pid;
    }
  return n;
}

/* Of so few numbers since its own none took another's place. */
gboolean
pl_process_watch_is_childless (const PlProcessWatch *watch, gint32 pid)
{
  gint32 n_since = watch->last_begun_pid - pid;
  if (!watch->is_told || find_begun (watch, pid) == NULL || n_since < 0 || n_since >= N_BEGUN / 2)
    return FALSE;
  for (guint i = 0; i < N_BEGUN; i++)
    if (watch->begun[i].parent_pid == pid)
      return FALSE;
  return TRUE;
}

gboolean
pl_process_watch_knows (const PlProcessWatch *watch, gint64 since_us)
{
  return watch->is_told && watch->since_us <= since_us;
}

gboolean
pl_process_watch_note (PlProcessWatch *watch)
{
  if (watch->execed->len == 0)
    return FALSE;
  gint32 pid = g_array_index (watch->execed, gint32, watch->execed->len - 1); /* the older ones may be gone already */
  g_array_set_size (watch->execed, watch->execed->len - 1);
  int dir_fd = pl_procfs_open_fds (watch->procfs, pid);
  if (watch->look != NULL)
    pl_first_look_hold (watch->look, pid, dir_fd);
  else if (dir_fd >= 0)
    close (dir_fd);
  pl_processes_note_exec (watch->processes, pid);
  return TRUE;
}

guint64
pl_process_watch_get_n_missed (PlProcessWatch *watch)
{
  guint64 n_overruns = watch->events != NULL ? pl_proc_events_get_overruns (watch->events) : 0;
  return watch->n_missed + n_overruns + pl_processes_get_n_unread (watch->processes);
}
