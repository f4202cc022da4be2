/* The asker's own look at a new flow's socket and at what the programs started last hold, before it wakes the owner thread: the
 * socket of a client that sends and ends at once is there for some 100 µs, and each wake-up of an ordinary thread takes 30 or
 * more. The owner thread then does not look again for what was seen, so that it costs nothing more. No scan, no names. */
#include "first-look.h"

#include <stdatomic.h>

#include "case.h"
#include "flatpak.h"
#include "limits.h"
#include "procfs.h"
#include "sock-diag.h"
#include "socket-finder.h"
#include "urgent.h"

#define EXPECTED_PROCESSES 8 /* as search.c has them */
#define LOOKED_INTO 3
#define LOOKED_AT_FDS 16
#define SOCKETS_NOTED 16

struct _PlFirstLook
{
  PlProcfs *procfs; /* nullable */
  PlSockDiag *diag;
  PlSocketFinder *finder; /* nullable */
  gint64 second_us; /* in which n_taken were taken */
  guint n_taken;
  atomic_uint n_told; /* programs ever; the last ones are in expected, at their number modulo its length */
  atomic_int expected[EXPECTED_PROCESSES];
};

PlFirstLook *
pl_first_look_new (void)
{
  PlFirstLook *look = g_new0 (PlFirstLook, 1);
  if (pl_is_flatpak ()) /* /proc in there shows the sandbox's processes */
    return look;
  look->procfs = pl_procfs_new ("/proc");
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
  g_free (look);
}

void
pl_first_look_expect (PlFirstLook *look, gint32 pid)
{
  guint n = atomic_load (&look->n_told);
  atomic_store (&look->expected[n % EXPECTED_PROCESSES], pid);
  atomic_store (&look->n_told, n + 1);
}

typedef struct
{
  PlHolder holders[SOCKETS_NOTED];
  guint n;
} Seen;

static gboolean
note_socket (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Seen *seen = data;
  seen->holders[seen->n++] = (PlHolder){ .inode = inode, .pid = pid, .fd = fd };
  return seen->n < SOCKETS_NOTED;
}

static void
look_into_programs (PlFirstLook *look, Seen *seen)
{
  guint n = atomic_load (&look->n_told), n_alive = 0;
  for (guint i = 1; i <= MIN (n, EXPECTED_PROCESSES) && n_alive < LOOKED_INTO && seen->n < SOCKETS_NOTED; i++)
    n_alive += pl_procfs_foreach_socket (look->procfs, atomic_load (&look->expected[(n - i) % EXPECTED_PROCESSES]),
                                         LOOKED_AT_FDS, note_socket, seen);
}

/* Processes before the socket: one that ends hides its descriptors before it closes them. */
void
pl_first_look_take (PlFirstLook *look, PlOwnerQuestion *question)
{
  Seen seen = { .n = 0 };
  guint8 end = question->initiator_end;
  question->seen_inode = 0;
  question->seen_pid = 0;
  if (look->procfs == NULL || look->finder == NULL || end >= PL_END_UNKNOWN || question->key.kind != PL_KIND_PORTS
      || (question->local_end != end && !question->both_local)) /* called from elsewhere */
    return;
  look_into_programs (look, &seen);
  PlCase one = { .question = *question, .end = end, .is_local = TRUE, .uid = PL_UNKNOWN_U32 };
  pl_socket_finder_find (look->finder, &one);
  /* One of several at its port need not be the one that sent: those are weighed by the owner thread. */
  if (one.n_inodes != 1 || one.is_crowded || one.is_listener || one.is_guess)
    return;
  question->seen_inode = one.inodes[0];
  question->seen_uid = one.uid;
  question->seen_cgroup_id = one.cgroup_id;
  for (guint i = 0; i < seen.n && question->seen_pid == 0; i++)
    if (seen.holders[i].inode == one.inodes[0])
      {
        question->seen_pid = seen.holders[i].pid;
        question->seen_fd = seen.holders[i].fd;
      }
}

static gboolean
has_time (PlFirstLook *look)
{
  gint64 now_us = g_get_monotonic_time ();
  if (now_us - look->second_us >= G_USEC_PER_SEC)
    {
      look->second_us = now_us;
      look->n_taken = 0;
    }
  return look->n_taken++ < PL_LIMIT_FIRST_LOOKS_HZ;
}

gboolean
pl_first_look_ask (PlFirstLook *look, PlQuestionRing *ring, const PlOwnerQuestion *question)
{
  PlOwnerQuestion seen = *question;
  if (pl_question_ring_is_urgent (ring) && !question->is_check && pl_question_ring_get_waiting (ring) == 0
      && !pl_urgent_is_on () && has_time (look))
    pl_first_look_take (look, &seen);
  return pl_question_ring_push (ring, &seen);
}

gboolean
pl_first_look_get_socket (PlCase *one)
{
  const PlOwnerQuestion *question = &one->question;
  if (!pl_case_is_caller (one) || question->seen_inode == 0)
    return FALSE;
  one->inodes[0] = question->seen_inode;
  one->n_inodes = 1;
  one->uid = question->seen_uid;
  one->cgroup_id = question->seen_cgroup_id;
  return TRUE;
}

void
pl_first_look_get_holders (const PlCase *cases, guint n_cases, PlSearch *search)
{
  gboolean has_all = TRUE;
  for (guint i = 0; i < n_cases; i++)
    has_all &= pl_case_is_caller (&cases[i]) && cases[i].question.seen_pid != 0;
  if (!has_all)
    pl_search_look_ahead (search);
  for (guint i = 0; i < n_cases; i++)
    {
      const PlOwnerQuestion *question = &cases[i].question;
      if (pl_case_is_caller (&cases[i]) && question->seen_pid != 0)
        pl_search_note_ahead (
            search, &(PlHolder){ .inode = question->seen_inode, .pid = question->seen_pid, .fd = question->seen_fd });
    }
}
