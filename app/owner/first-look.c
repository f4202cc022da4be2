/* The asker's own look at a new flow's socket and at what the programs started last hold, before it wakes the owner thread: the
 * socket of a client that sends and ends at once is there for some 100 µs, and each wake-up of an ordinary thread takes 30 or
 * more. Where it may run at once (urgent.h), too: the owner thread may just read a program whose memory the kernel has locked
 * for it, which on a busy machine takes 40 to 90 ms whatever its priority. What is read here is locked by nobody.
 * The owner thread then does not look again for what was seen, so that it costs nothing more. No scan, no names. */
#include "first-look.h"

#include <stdatomic.h>
#include <unistd.h>

#include "case.h"
#include "flatpak.h"
#include "held-fds.h"
#include "bounds.h"
#include "proc-events.h"
#include "procfs.h"
#include "rights.h"
#include "sock-diag.h"
#include "socket-finder.h"

#define EXPECTED_PROCESSES 8 /* as holder-search.c has them */
#define EXECED_PROCESSES 64
#define EXECED_SPAN_US \
  (2 * G_USEC_PER_SEC) /* what began before is no program that ends at once: the owner thread finds it */
#define MET_PROCESSES 64
#define LOOKED_INTO_FIRST 1
#define LOOKED_INTO_THEN 32
#define LOOKED_INTO_A_SPAN 400 /* then: at most a twentieth of a processor, some 12 µs each */
#define LOOKED_AT_FDS 16
#define SOCKETS_NOTED 64
#define SPAN_US 100000 /* for which a burst uses up the looks that there are */

typedef struct
{
  gint32 pid; /* 0: it has ended, or hides its descriptors, which is the same */
  gint64 time_us; /* monotonic */
} Program;

struct _PlFirstLook
{
  PlProcfs *procfs; /* nullable */
  PlSockDiag *diag;
  PlSocketFinder *finder; /* nullable */
  gboolean sees_all;
  gint64 span_us; /* when the span began in which n_taken were taken */
  guint n_taken, n_looked_into;
  gint32 met[MET_PROCESSES]; /* a socket of theirs was seen; the last ones, at their number modulo the length */
  guint n_met;
  /* The news of programs that the owner thread reads comes late while that one is busy, so it is read here too, before each look. */
  PlProcEvents *events; /* nullable */
  gboolean has_asked; /* for them */
  Program execed[EXECED_PROCESSES];
  guint n_execed; /* ever, since some news was lost; the last ones are in execed, at their number modulo its length */
  atomic_uint n_told; /* programs ever; the last ones are in expected, at their number modulo its length */
  atomic_int expected[EXPECTED_PROCESSES];
  PlHeldFds *held;
};

PlFirstLook *
pl_first_look_new (void)
{
  PlFirstLook *look = g_new0 (PlFirstLook, 1);
  look->held = pl_held_fds_new ();
  if (pl_is_flatpak ()) /* /proc in there shows the sandbox's processes */
    return look;
  look->procfs = pl_procfs_new ("/proc");
  look->sees_all = pl_rights_see_all ();
  look->diag = pl_sock_diag_new (NULL);
  look->finder = look->diag != NULL ? pl_socket_finder_new (look->diag, "/proc") : NULL;
  return look;
}

void
pl_first_look_free (PlFirstLook *look)
{
  if (look == NULL)
    return;
  g_clear_pointer (&look->procfs, pl_procfs_free);
  pl_socket_finder_free (look->finder);
  pl_sock_diag_free (look->diag);
  pl_proc_events_free (look->events);
  pl_held_fds_free (look->held);
  g_free (look);
}

void
pl_first_look_expect (PlFirstLook *look, gint32 pid)
{
  guint n = atomic_load (&look->n_told);
  atomic_store (&look->expected[n % EXPECTED_PROCESSES], pid);
  atomic_store (&look->n_told, n + 1);
}

void
pl_first_look_hold (PlFirstLook *look, gint32 pid, int dir_fd)
{
  pl_held_fds_put (look->held, pid, dir_fd);
}

void
pl_first_look_forget (PlFirstLook *look, gint32 pid)
{
  pl_held_fds_forget (look->held, pid);
}

void
pl_first_look_forget_all (PlFirstLook *look)
{
  pl_held_fds_forget_all (look->held);
}

typedef struct
{
  PlHolder holders[SOCKETS_NOTED];
  guint n;
  guint64 wanted; /* inode; 0 while it is not known */
  gboolean has_wanted;
} Seen;

static gboolean
note_socket (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Seen *seen = data;
  seen->holders[seen->n++] = (PlHolder){ .inode = inode, .pid = pid, .fd = fd };
  seen->has_wanted |= inode == seen->wanted;
  return !seen->has_wanted && seen->n < SOCKETS_NOTED;
}

typedef struct
{
  gint32 pids[EXECED_PROCESSES];
  guint n, n_unmet, at;
} Programs;

static gboolean
has_been_met (const PlFirstLook *look, gint32 pid)
{
  for (guint i = 0; i < MET_PROCESSES; i++)
    if (look->met[i] == pid)
      return TRUE;
  return FALSE;
}

static void
take_event (PlProcEvent event, gint32 pid, gint32 parent_pid, gint64 time_us, gpointer data)
{
  PlFirstLook *look = data;
  if (event == PL_PROC_EXECED && (look->sees_all || pl_procfs_dir_uid (look->procfs, pid) == geteuid ()))
    look->execed[look->n_execed++ % EXECED_PROCESSES] = (Program){ pid, time_us };
}

static void
read_events (PlFirstLook *look)
{
  if (look->events == NULL && !look->has_asked)
    look->events = pl_proc_events_new (TRUE);
  look->has_asked = TRUE;
  if (look->events != NULL && !pl_proc_events_read (look->events, take_event, look))
    look->n_execed = 0; /* the last ones are lost first */
}

static void
stop_listening (PlFirstLook *look)
{
  g_clear_pointer (&look->events, pl_proc_events_free);
  look->has_asked = FALSE;
  look->n_execed = 0;
}

static void
forget (PlFirstLook *look, gint32 pid)
{
  for (guint i = 0; i < EXECED_PROCESSES; i++)
    if (look->execed[i].pid == pid)
      look->execed[i].pid = 0;
}

static void
add_program (Programs *programs, gint32 pid)
{
  if (pid == 0)
    return;
  for (guint i = 0; i < programs->n; i++)
    if (programs->pids[i] == pid)
      return;
  programs->pids[programs->n++] = pid;
}

/* The last ones first; of them those that no socket was seen of yet, since most that begin now call once. */
static void
list_programs (PlFirstLook *look, Programs *programs)
{
  guint n_told = atomic_load (&look->n_told), n_execed = look->n_execed;
  gint64 since_us = g_get_monotonic_time () - EXECED_SPAN_US;
  Programs all = { .n = 0 };
  for (guint i = 1; i <= MIN (n_execed, EXECED_PROCESSES); i++)
    if (look->execed[(n_execed - i) % EXECED_PROCESSES].time_us >= since_us)
      add_program (&all, look->execed[(n_execed - i) % EXECED_PROCESSES].pid);
  for (guint i = 1; n_execed == 0 && i <= MIN (n_told, EXPECTED_PROCESSES); i++)
    add_program (&all, atomic_load (&look->expected[(n_told - i) % EXPECTED_PROCESSES]));
  programs->n = programs->at = 0;
  for (guint i = 0; i < all.n; i++)
    if (!has_been_met (look, all.pids[i]))
      programs->pids[programs->n++] = all.pids[i];
  programs->n_unmet = programs->n;
  for (guint i = 0; i < all.n; i++)
    if (has_been_met (look, all.pids[i]))
      programs->pids[programs->n++] = all.pids[i];
}

/* By the directory that is held open, also of a process that ends (held-fds.h). FALSE when there is none, or nothing in it. Most
 * have their standard descriptors from others, and each takes 3 µs. */
static gboolean
look_into_held (PlFirstLook *look, gint32 pid, Seen *seen, PlFdsBeside *beside)
{
  int dir_fd = pl_held_fds_borrow (look->held, pid);
  if (dir_fd < 0)
    return FALSE;
  gboolean is_there = pl_procfs_foreach_socket_in (look->procfs, dir_fd, pid, STDERR_FILENO + 1, LOOKED_AT_FDS,
                                                   note_socket, seen, beside);
  pl_held_fds_give_back (look->held, pid);
  return is_there;
}

/* The likeliest program, the last one that lives and of which no socket was seen yet, where its directory is held: some 5 µs. */
static gint32
look_into_likeliest (PlFirstLook *look, Seen *seen, PlFdsBeside *beside)
{
  for (guint i = 0; i < PL_LIMIT_HELD_FDS; i++)
    {
      gint32 pid = pl_held_fds_get_pid (look->held, i);
      if (pid != 0 && !has_been_met (look, pid))
        return look_into_held (look, pid, seen, beside) ? pid : 0;
    }
  return 0;
}

/* The next of @programs, until @n_max of them lived. Returns how many did. */
static guint
look_into (PlFirstLook *look, Programs *programs, guint end, guint n_max, Seen *seen)
{
  guint n = 0;
  while (programs->at < end && n < n_max && !seen->has_wanted && seen->n < SOCKETS_NOTED)
    {
      PlFdsBeside beside;
      gint64 offset = STDERR_FILENO + 3; /* "." and ".." come before them */
      gint32 pid = programs->pids[programs->at++];
      if (look_into_held (look, pid, seen, &beside)
          || pl_procfs_foreach_socket_from (look->procfs, pid, &offset, LOOKED_AT_FDS, note_socket, seen))
        n++;
      else
        forget (look, pid);
    }
  return n;
}

static gboolean
take_holder (PlFirstLook *look, const Seen *seen, PlOwnerQuestion *question)
{
  for (guint i = 0; i < seen->n; i++)
    if (seen->holders[i].inode == question->seen_inode)
      {
        question->seen_pid = seen->holders[i].pid;
        question->seen_fd = seen->holders[i].fd;
        if (!has_been_met (look, question->seen_pid))
          look->met[look->n_met++ % MET_PROCESSES] = question->seen_pid;
        return TRUE;
      }
  return FALSE;
}

/* FALSE when the socket is gone, or is not the only one at its port: that one need not be the one that sent. Those are weighed
 * by the owner thread. */
static gboolean
take_socket (PlFirstLook *look, PlOwnerQuestion *question)
{
  PlCase one = { .question = *question, .end = question->initiator_end, .is_local = TRUE, .uid = PL_UNKNOWN_U32 };
  pl_socket_finder_find (look->finder, &one);
  if (one.n_inodes != 1 || one.is_crowded || one.is_listener || one.is_guess)
    return FALSE;
  question->seen_inode = one.inodes[0];
  question->seen_cookie = one.cookie;
  question->seen_uid = one.uid;
  question->seen_cgroup_id = one.cgroup_id;
  return TRUE;
}

/* Whether who was seen with the socket has no other, nor a free number below that socket's: as most that call once. The owner thread
 * would read all its descriptors again for that. */
static gboolean
has_no_way (PlFirstLook *look, const Seen *seen, const PlFdsBeside *beside, const PlOwnerQuestion *question)
{
  if (seen->n != 1 || !beside->is_whole || beside->n_pidfds > 0 || beside->free_fd < question->seen_fd)
    return FALSE;
  int dir_fd = pl_held_fds_borrow (look->held, question->seen_pid);
  gboolean has_standard = dir_fd >= 0 && pl_procfs_has_standard_in (dir_fd);
  if (dir_fd >= 0)
    pl_held_fds_give_back (look->held, question->seen_pid);
  return has_standard;
}

/* The likeliest process before the socket: one that ends hides its descriptors before it closes them. Only that one, since the
 * socket does not wait: three took 60 to 100 µs, and the socket was gone in most of the flows that were missed. Where nothing
 * is held open of it, the news of programs comes before all. */
void
pl_first_look_take (PlFirstLook *look, PlOwnerQuestion *question)
{
  Seen seen = { .n = 0 };
  PlFdsBeside beside;
  Programs programs;
  guint8 end = question->initiator_end;
  question->seen_inode = 0;
  question->seen_pid = 0;
  question->seen_no_way = FALSE;
  if (look->procfs == NULL || look->finder == NULL || end >= PL_END_UNKNOWN || question->key.kind != PL_KIND_PORTS
      || (question->local_end != end && !question->both_local)) /* called from elsewhere */
    return;
  gint32 likeliest = look_into_likeliest (look, &seen, &beside);
  gboolean has_socket = likeliest != 0 && take_socket (look, question);
  if (has_socket && take_holder (look, &seen, question))
    question->seen_no_way = has_no_way (look, &seen, &beside, question);
  if (likeliest != 0 && (!has_socket || question->seen_pid != 0))
    return;
  read_events (look);
  list_programs (look, &programs);
  if (likeliest == 0)
    {
      look_into (look, &programs, programs.n_unmet, LOOKED_INTO_FIRST, &seen);
      has_socket = take_socket (look, question);
    }
  if (!has_socket || take_holder (look, &seen, question))
    return;
  seen.wanted = question->seen_inode;
  guint n_max = MIN (LOOKED_INTO_THEN, LOOKED_INTO_A_SPAN - MIN (look->n_looked_into, LOOKED_INTO_A_SPAN));
  look->n_looked_into += look_into (look, &programs, programs.n, n_max, &seen);
  take_holder (look, &seen, question);
}

static gboolean
has_time (PlFirstLook *look)
{
  gint64 now_us = g_get_monotonic_time ();
  if (now_us - look->span_us >= SPAN_US)
    {
      look->span_us = now_us;
      look->n_taken = look->n_looked_into = 0;
    }
  return look->n_taken++ < PL_LIMIT_FIRST_LOOKS_HZ * SPAN_US / G_USEC_PER_SEC;
}

gboolean
pl_first_look_ask (PlFirstLook *look, PlQuestionRing *ring, const PlOwnerQuestion *question)
{
  PlOwnerQuestion seen = *question;
  gboolean is_urgent = pl_question_ring_is_urgent (ring);
  if (is_urgent && !question->is_check && has_time (look))
    pl_first_look_take (look, &seen);
  gboolean is_in = pl_question_ring_push (ring, &seen);
  if (!is_urgent)
    stop_listening (look);
  else if (look->procfs != NULL)
    read_events (look); /* so that the next look finds little to read */
  return is_in;
}

gboolean
pl_first_look_get_socket (PlCase *one)
{
  const PlOwnerQuestion *question = &one->question;
  if (!pl_case_is_caller (one) || question->seen_inode == 0)
    return FALSE;
  one->inodes[0] = question->seen_inode;
  one->n_inodes = 1;
  one->cookie = question->seen_cookie;
  one->uid = question->seen_uid;
  one->cgroup_id = question->seen_cgroup_id;
  return TRUE;
}

void
pl_first_look_get_holders (const PlCase *cases, guint n_cases, PlSearch *search)
{
  gboolean has_all = TRUE; /* but those that were called: who listens stays, and is found when it is known what for */
  for (guint i = 0; i < n_cases; i++)
    {
      const PlOwnerQuestion *question = &cases[i].question;
      if (pl_case_is_caller (&cases[i]) && question->seen_pid != 0)
        pl_search_note_ahead (
            search, &(PlHolder){ .inode = question->seen_inode, .pid = question->seen_pid, .fd = question->seen_fd });
      else
        has_all &= pl_case_is_called (&cases[i]);
    }
  if (!has_all)
    pl_search_look_ahead (search);
}
