/* Whose socket it is: the owner thread, what it follows, and what is handed to others (answers, socket dumps).
 *
 * The thread owns the resolver and everything below it. Questions come by a lock-free ring, so that the capture thread
 * never waits; answers and dumps leave under one mutex that is held for a swap of pointers only. A pthread mutex, since
 * GLib's own locks show as false races under TSan. */
#include "owners-private.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "answer-lists.h"
#include "flatpak.h"
#include "short-slice.h"
#include "wake.h"

#define OWNER_NICE -5
#define UNAIDED_US \
  G_USEC_PER_SEC /* after the end of the helper's owner child: by then a helper that ends whole asks no more */

/* ---- the helper and news of processes ---- */

/* A new sender at a port that another process had sent from: a new flow, if that one is rid of the port. */
static void
tell_reuses (PlOwners *owners)
{
  PlPortReuse reuse;
  while (pl_resolver_next_reuse (owners->resolver, &reuse))
    pl_reuse_box_put (owners->reuses, &reuse);
}

/* What is asked while packets come from a helper whose owner child has ended is answered as if there were none. */
static void
count_unaided (PlOwners *owners)
{
  PlHelperLink *helper = pl_owners_get_helper (owners);
  gint64 now_us = g_get_monotonic_time ();
  guint64 n_asked = pl_question_ring_get_asked (owners->ring);
  if (helper == NULL || !pl_helper_link_has_ended (helper))
    owners->unaided_us = 0;
  else if (owners->unaided_us == 0)
    owners->unaided_us = now_us;
  else if (now_us - owners->unaided_us > UNAIDED_US && n_asked != owners->n_asked)
    {
      pthread_mutex_lock (&owners->mutex);
      owners->stats.unaided += n_asked - owners->n_asked;
      pthread_mutex_unlock (&owners->mutex);
    }
  owners->n_asked = n_asked;
}

/* Takes what the helper told. */
static void
read_helper (PlOwners *owners, PlHelperLink *helper)
{
  pl_helper_link_read (helper);
  tell_reuses (owners);
  pthread_mutex_lock (&owners->mutex);
  owners->stats.records_lost = pl_helper_link_get_n_lost (helper);
  owners->stats.lists_cut = pl_resolver_get_n_outside_cut (owners->resolver);
  owners->stats.holds_cut = pl_helper_link_get_n_cut (helper);
  pthread_mutex_unlock (&owners->mutex);
}

static void
follow_helper (PlOwners *owners)
{
  if (pl_helper_guest_follow (owners->guest, owners->resolver))
    pl_pending_set_new_helper (owners->pending);
  pl_owners_await_helper (owners);
  PlHelperLink *helper = pl_owners_get_helper (owners);
  if (helper != NULL && pl_helper_link_get_fd (helper) >= 0)
    read_helper (owners, helper);
  count_unaided (owners);
}

/* Without tracepoints, and once there are packets to ask for, what the kernel tells of new processes helps, and of ports. */
static int
follow_processes (PlOwners *owners, int *ports_fd, int *wait_ms)
{
  PlProcessWatch *watch = owners->resolver != NULL ? pl_resolver_get_watch (owners->resolver) : NULL;
  PlHelperLink *helper = pl_owners_get_helper (owners);
  gboolean is_traced = helper != NULL && pl_helper_link_has_trace (helper);
  gboolean is_on = pl_question_ring_get_asked (owners->ring) > 0 && !is_traced;
  if (pl_question_ring_set_urgent (owners->ring, !is_traced))
    pl_reuse_box_wake (owners->reuses); /* who asks learns of it before it waits, and may wait without end */
  *ports_fd = owners->resolver != NULL ? pl_resolver_follow_ports (owners->resolver, is_on) : -1;
  *wait_ms = -1;
  if (watch == NULL)
    return -1;
  pl_process_watch_tell (watch, owners->look);
  pl_process_watch_set_on (watch, is_on);
  pl_process_watch_read (watch);
  pthread_mutex_lock (&owners->mutex);
  owners->stats.processes_missed = pl_process_watch_get_n_missed (watch);
  pthread_mutex_unlock (&owners->mutex);
  return pl_process_watch_get_fd (watch, wait_ms);
}

/* Reads new programs while nobody asks. */
static void
note_programs (PlOwners *owners, int watch_fd)
{
  PlProcessWatch *watch = watch_fd >= 0 ? pl_resolver_get_watch (owners->resolver) : NULL;
  while (watch != NULL && pl_question_ring_get_waiting (owners->ring) == 0 && pl_process_watch_note (watch))
    continue;
}

/* ---- sockets ---- */

static void
publish_sockets (PlOwners *owners)
{
  char *error = NULL;
  GArray *sockets = NULL;
  if (!pl_sockets_source_take (owners->source, &sockets, &error))
    return;
  pthread_mutex_lock (&owners->mutex);
  GArray *untaken = owners->sockets;
  if (untaken != NULL)
    pl_sockets_source_keep_closings (owners->source, sockets, untaken);
  g_free (owners->sockets_error);
  owners->sockets = sockets;
  owners->sockets_error = error;
  owners->stats.sockets_cut = pl_sockets_source_get_n_cut (owners->source);
  owners->stats.has_scanned = pl_pending_has_scanned (owners->pending);
  pthread_mutex_unlock (&owners->mutex);
  g_clear_pointer (&untaken, g_array_unref);
  pl_wake_fd (owners->ready_fd);
}

/* ---- rest ---- */

enum
{
  WAKE,
  SOCKETS,
  HELPER,
  PROCESSES,
  PORTS,
  N_FDS
};

/* Whether nothing waits for what the helper tells: then it is taken, and remembered for whom will be asked about. */
static gboolean
is_told_ahead (PlOwners *owners)
{
  PlHelperLink *helper = pl_owners_get_helper (owners);
  return owners->waiting->len == 0 && owners->late->len == 0 && helper != NULL && pl_helper_link_has_trace (helper)
         && !pl_resolver_waits_for_helper (owners->resolver);
}

/* Sleeps until there is something to do. Most senders are told before their packet is asked about: that takes no turn of its own. */
static void
rest (PlOwners *owners, struct pollfd *fds, int wait_ms)
{
  gint64 until_us = g_get_monotonic_time () + wait_ms * (gint64)1000;
  while (poll (fds, N_FDS, wait_ms) == 1 && fds[HELPER].revents == POLLIN && is_told_ahead (owners))
    {
      read_helper (owners, pl_owners_get_helper (owners));
      if (!is_told_ahead (owners))
        return; /* it has ended */
      if (wait_ms >= 0)
        wait_ms = (int)(MAX (until_us - g_get_monotonic_time (), 0) / 1000);
      if (wait_ms == 0)
        return; /* also where the helper always has more to tell */
    }
}

/* ---- the thread ---- */

/* Amid a longer look: questions go first. */
static void
answer_meanwhile (gpointer data)
{
  PlOwners *owners = data;
  int ports_fd, wait_ms;
  if (pl_question_ring_get_waiting (owners->ring) == 0 && owners->waiting->len == 0)
    return;
  follow_helper (owners);
  follow_processes (owners, &ports_fd, &wait_ms);
  pl_owners_answer_questions (owners);
}

static void
thread_open (PlOwners *owners)
{
  g_autoptr (GError) error = NULL;
  PlScan *scan = NULL;
  owners->resolver = pl_resolver_new ("/proc", &error);
  if (owners->resolver == NULL)
    owners->resolver_error = g_strdup (error->message);
  else if (!pl_is_flatpak ()) /* /proc in there shows the sandbox's processes, numbered as others are outside */
    scan = pl_scan_new ("/proc", owners->wake_fd);
  if (owners->resolver != NULL)
    pl_resolver_set_between (owners->resolver, answer_meanwhile, owners);
  owners->source = pl_sockets_source_new (owners->resolver, owners->resolver_error);
  owners->own = pl_own_addresses_new ();
  owners->outgoing = pl_answers_new ();
  owners->outgoing_asked = g_array_new (FALSE, FALSE, sizeof (gint64));
  owners->waiting = g_array_new (FALSE, FALSE, sizeof (PlOwnerQuestion));
  owners->late = pl_cases_new ();
  owners->pending = pl_pending_new (scan, owners->resolver, owners->source);
  owners->second_looks = pl_second_looks_new ();
}

static void
thread_close (PlOwners *owners)
{
  pl_helper_guest_leave (owners->guest, owners->resolver);
  pl_pending_free (owners->pending);
  pl_sockets_source_free (owners->source);
  pl_own_addresses_free (owners->own);
  g_array_unref (owners->outgoing);
  g_array_unref (owners->outgoing_asked);
  g_array_unref (owners->waiting);
  g_array_unref (owners->late);
  pl_second_looks_free (owners->second_looks);
  pl_resolver_free (owners->resolver);
  g_free (owners->resolver_error);
}

static void *
owner_thread (void *data)
{
  PlOwners *owners = data;
  thread_open (owners);
  /* What it is asked about may be gone in a millisecond; it takes a few microseconds a question. After the scan's thread began,
   * which would be so too. */
  pl_short_slice (OWNER_NICE);
  while (!atomic_load (&owners->is_ending))
    {
      follow_helper (owners);
      int ports_fd, rest_ms, watch_fd = follow_processes (owners, &ports_fd, &rest_ms);
      pl_owners_answer_questions (owners);
      note_programs (owners, watch_fd);
      pl_owners_take_scan (owners);
      int wait_ms = pl_sooner_ms (pl_owners_look_for_late_senders (owners), pl_owners_look_again (owners));
      pl_sockets_source_set_has_packets (owners->source, pl_question_ring_get_asked (owners->ring) > 0);
      wait_ms = pl_sooner_ms (wait_ms, pl_sockets_source_step (owners->source, atomic_load (&owners->is_watching),
                                                               g_get_monotonic_time ()));
      wait_ms = pl_sooner_ms (wait_ms, pl_owners_look_outside (owners));
      publish_sockets (owners);
      pl_owners_start_scan (owners);
      wait_ms = pl_sooner_ms (wait_ms, pl_sooner_ms (rest_ms, pl_pending_get_wait_ms (owners->pending)));
      if (owners->waiting->len > 0)
        wait_ms = pl_sooner_ms (wait_ms, 1);
      if (!pl_question_ring_prepare_sleep (owners->ring))
        {
          pl_sockets_source_ring (owners->source); /* it is not known whether */
          continue;
        }
      PlHelperLink *helper = pl_owners_get_helper (owners);
      struct pollfd fds[N_FDS] = {
        [WAKE] = { .fd = owners->wake_fd, .events = POLLIN },
        [SOCKETS] = { .fd = pl_sockets_source_get_fd (owners->source), .events = POLLIN },
        [HELPER] = { .fd = helper != NULL ? pl_helper_link_get_fd (helper) : -1, .events = POLLIN },
        [PROCESSES] = { .fd = watch_fd, .events = POLLIN },
        [PORTS] = { .fd = ports_fd, .events = POLLIN },
      };
      rest (owners, fds, wait_ms);
      pl_question_ring_awake (owners->ring);
      if (fds[PROCESSES].revents != 0)
        pl_process_watch_ring (pl_resolver_get_watch (owners->resolver));
      if (fds[SOCKETS].revents != 0)
        pl_sockets_source_ring (owners->source);
      if (fds[WAKE].revents != 0)
        pl_drain_fd (owners->wake_fd);
      if (owners->resolver != NULL)
        pl_resolver_refresh (owners->resolver);
    }
  thread_close (owners);
  return NULL;
}

/* ---- public ---- */

PlOwners *
pl_owners_new (void)
{
  PlOwners *owners = g_new0 (PlOwners, 1);
  owners->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  owners->ready_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  owners->guest = pl_helper_guest_new (owners->wake_fd);
  owners->reuses = pl_reuse_box_new ();
  owners->look = pl_first_look_new ();
  owners->ring = pl_question_ring_new (owners->wake_fd);
  owners->answers = pl_answers_new ();
  pthread_mutex_init (&owners->mutex, NULL);
  owners->has_thread = pthread_create (&owners->thread, NULL, owner_thread, owners) == 0;
  if (owners->has_thread)
    pthread_setname_np (owners->thread, "owner");
  return owners;
}

void
pl_owners_free (PlOwners *owners)
{
  if (owners == NULL)
    return;
  atomic_store (&owners->is_ending, true);
  pl_wake_fd (owners->wake_fd);
  if (owners->has_thread)
    pthread_join (owners->thread, NULL);
  pthread_mutex_destroy (&owners->mutex);
  g_array_unref (owners->answers);
  g_clear_pointer (&owners->sockets, g_array_unref);
  g_free (owners->sockets_error);
  pl_question_ring_free (owners->ring);
  pl_helper_guest_free (owners->guest);
  pl_reuse_box_free (owners->reuses);
  pl_first_look_free (owners->look);
  close (owners->wake_fd);
  close (owners->ready_fd);
  g_free (owners);
}

void
pl_owners_use_helper (PlOwners *owners, PlHelperSeat *seat)
{
  pl_helper_guest_send_to (owners->guest, seat);
}

gboolean
pl_owners_ask (PlOwners *owners, const PlOwnerQuestion *question)
{
  return pl_first_look_ask (owners->look, owners->ring, question);
}

gboolean
pl_owners_is_urgent (PlOwners *owners)
{
  return pl_question_ring_is_urgent (owners->ring);
}

guint
pl_owners_take_reuses (PlOwners *owners, PlPortReuse *reuses, guint max)
{
  return pl_reuse_box_take (owners->reuses, reuses, max);
}

int
pl_owners_get_reuses_fd (PlOwners *owners)
{
  return pl_reuse_box_get_fd (owners->reuses);
}

int
pl_owners_get_fd (PlOwners *owners)
{
  return owners->ready_fd;
}

GArray *
pl_owners_take_answers (PlOwners *owners)
{
  GArray *taken = NULL;
  pl_drain_fd (owners->ready_fd);
  pthread_mutex_lock (&owners->mutex);
  if (owners->answers->len > 0)
    {
      taken = owners->answers;
      owners->answers = pl_answers_new ();
    }
  gboolean has_sockets = owners->sockets != NULL;
  pthread_mutex_unlock (&owners->mutex);
  if (has_sockets)
    pl_wake_fd (owners->ready_fd);
  return taken;
}

void
pl_owners_watch_sockets (PlOwners *owners, gboolean on)
{
  if (atomic_exchange (&owners->is_watching, on != FALSE) != (on != FALSE))
    pl_wake_fd (owners->wake_fd);
}

GArray *
pl_owners_take_sockets (PlOwners *owners)
{
  pl_drain_fd (owners->ready_fd);
  pthread_mutex_lock (&owners->mutex);
  GArray *taken = g_steal_pointer (&owners->sockets);
  gboolean has_answers = owners->answers->len > 0;
  pthread_mutex_unlock (&owners->mutex);
  if (has_answers)
    pl_wake_fd (owners->ready_fd);
  return taken;
}

char *
pl_owners_dup_sockets_error (PlOwners *owners)
{
  pthread_mutex_lock (&owners->mutex);
  char *error = g_strdup (owners->sockets_error);
  pthread_mutex_unlock (&owners->mutex);
  return error;
}

void
pl_owners_get_stats (PlOwners *owners, PlOwnerStats *stats)
{
  pthread_mutex_lock (&owners->mutex);
  *stats = owners->stats;
  stats->answer_p50_us = pl_latency_percentile (&owners->latency, 50);
  stats->answer_p95_us = pl_latency_percentile (&owners->latency, 95);
  pthread_mutex_unlock (&owners->mutex);
  stats->asked = pl_question_ring_get_asked (owners->ring);
  stats->dropped_questions = pl_question_ring_get_dropped (owners->ring);
  stats->reuses_lost += pl_reuse_box_get_n_lost (owners->reuses);
}
