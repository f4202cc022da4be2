/* Whose socket it is: the owner thread, what comes in (questions, scans' results) and what goes out (answers, socket dumps).
 *
 * The thread owns the resolver and everything below it. Questions come by a lock-free ring, so that the capture thread
 * never waits; answers and dumps leave under one mutex that is held for a swap of pointers only. A pthread mutex, since
 * GLib's own locks show as false races under TSan. A question whose holder only a full scan can find waits in `pending`
 * and keeps nobody else waiting. */
#include "owners.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "answer-lists.h"
#include "first-look.h"
#include "flatpak.h"
#include "helper-guest.h"
#include "latency.h"
#include "limits.h"
#include "own-addresses.h"
#include "pending.h"
#include "question-ring.h"
#include "question-time.h"
#include "resolver.h"
#include "reuse-box.h"
#include "second-looks.h"
#include "short-slice.h"
#include "sockets-source.h"
#include "urgent.h"
#include "wake.h"

#define OWNER_NICE -5
#define BATCH_QUESTIONS 32 /* answered at once; when more wait, less thoroughly */
#define URGENT_QUESTIONS 8 /* when more wait, they come too late whatever the thread's priority */
#define LOOKS_BOUT_US 500 /* µs of second looks before new questions and records get their turn */
#define OUTSIDE_STEP 8 /* processes the helper is asked to look into before new questions get their turn */
#define UNAIDED_US \
  G_USEC_PER_SEC /* after the end of the helper's owner child: by then a helper that ends whole asks no more */
#define FLUSH_ANSWERS 64 /* answers collected at most before they are handed over */

struct _PlOwners
{
  pthread_t thread;
  gboolean has_thread;
  int wake_fd; /* to the thread */
  int ready_fd; /* to the main loop */
  PlQuestionRing *ring;
  atomic_bool is_ending, is_watching;
  PlHelperGuest *guest;
  PlReuseBox *reuses;
  PlFirstLook *look;
  pthread_mutex_t mutex; /* what follows, down to stats */
  GArray *answers; /* PlOwnerAnswer */
  GArray *sockets; /* PlSocket; nullable */
  char *sockets_error;
  PlLatency latency;
  PlOwnerStats stats;
  /* the thread's own */
  PlResolver *resolver; /* NULL when there is nothing to resolve with */
  char *resolver_error;
  PlSocketsSource *source;
  PlOwnAddresses *own;
  GArray *outgoing; /* PlOwnerAnswer, not handed over yet */
  GArray *outgoing_asked; /* gint64, when the packet was there, in step with outgoing */
  GArray *waiting; /* PlOwnerQuestion, until its sender is told or PL_SENDER_WAIT_US after it was asked */
  GArray *late; /* PlCase, unnamed, whose sender may still be told; in order of look_again_us */
  gint64 unaided_us; /* monotonic, since when the helper's owner child is gone; 0 */
  guint64 n_asked; /* when that was looked at last */
  guint64 n_senders; /* told when late was looked through */
  PlPending *pending; /* those that wait for a scan */
  PlSecondLooks *second_looks;
};

/* ---- answers out ---- */

static void
flush_answers (PlOwners *owners)
{
  if (owners->outgoing->len == 0)
    return;
  gint64 now_us = g_get_monotonic_time ();
  pthread_mutex_lock (&owners->mutex);
  owners->stats.looks_cut = pl_second_looks_get_n_cut (owners->second_looks);
  if (owners->resolver != NULL)
    {
      owners->stats.hands_untold = pl_resolver_get_n_hands_untold (owners->resolver);
      owners->stats.reuses_lost = pl_resolver_get_n_reuses_lost (owners->resolver);
    }
  for (guint i = 0; i < owners->outgoing->len; i++)
    {
      PlOwnerAnswer *answer = &g_array_index (owners->outgoing, PlOwnerAnswer, i);
      gint64 asked_us = g_array_index (owners->outgoing_asked, gint64, i);
      if (asked_us > 0)
        pl_latency_add (&owners->latency, now_us - asked_us);
      owners->stats.exact += answer->confidence == PL_CONFIDENCE_EXACT;
      if (owners->answers->len < PL_LIMIT_OWNER_ANSWERS)
        {
          g_array_append_val (owners->answers, *answer);
          answer->process = NULL;
        }
      else
        owners->stats.dropped_answers++;
    }
  pthread_mutex_unlock (&owners->mutex);
  g_array_set_size (owners->outgoing, 0);
  g_array_set_size (owners->outgoing_asked, 0);
  pl_wake_fd (owners->ready_fd);
}

static void
emit (PlOwners *owners, PlCase *one)
{
  PlOwnerAnswer answer = {
    .flow_id = one->question.flow_id,
    .end = one->end,
    .confidence = one->confidence,
    .uid = one->uid,
    .is_revision = one->is_revision,
    .process = g_steal_pointer (&one->process),
  };
  g_array_append_val (owners->outgoing, answer);
  gint64 packet_us = one->question.asked_us != 0 ? pl_question_time_packet_us (&one->question) : 0;
  g_array_append_val (owners->outgoing_asked, packet_us);
  if (owners->outgoing->len >= FLUSH_ANSWERS)
    flush_answers (owners);
}

/* ---- questions in ---- */

static PlHelperLink *
get_helper (PlOwners *owners)
{
  return owners->resolver != NULL ? pl_resolver_get_helper (owners->resolver) : NULL;
}

static void
await_helper (PlOwners *owners)
{
  if (owners->resolver != NULL)
    pl_resolver_set_awaits_helper (owners->resolver, pl_helper_guest_is_waiting (owners->guest, owners->resolver));
}

/* A listener was named for a connection that it, another or a program that it starts will have: look again then. And where nothing
 * tells of senders, at a socket of datagrams, whose port may have changed hands without a pause. */
static void
want_second_look (PlOwners *owners, PlCase *one)
{
  one->named_pid = one->process != NULL ? one->process->pid : 0;
  if (one->is_revision && pl_resolver_seeks_sharers (one)
      && !(pl_case_is_stream (one) && pl_resolver_is_for_another (one)))
    return; /* it came of one */
  PlHelperLink *helper = get_helper (owners);
  gboolean is_traced = helper != NULL && pl_helper_link_has_trace (helper);
  if (!pl_resolver_wants_second_look (owners->resolver, one)
      || (pl_resolver_seeks_sharers (one) && is_traced && !pl_resolver_is_for_another (one)))
    return;
  if (one->n_looks > 0)
    pl_second_looks_add_again (owners->second_looks, one, g_get_monotonic_time ());
  else
    pl_second_looks_add (owners->second_looks, one, g_get_monotonic_time ());
}

typedef struct
{
  PlCase cases[BATCH_QUESTIONS];
  guint n;
} Batch;

/* An address that is not ours, nor one that several listen to. */
static gboolean
is_strange (PlOwners *owners, const PlAddr *addr)
{
  PlScope scope = pl_addr_scope (addr);
  return (scope == PL_SCOPE_PRIVATE || scope == PL_SCOPE_LINK || scope == PL_SCOPE_INTERNET)
         && !pl_own_addresses_has (owners->own, addr);
}

static gboolean
is_elsewhere (PlOwners *owners, const PlAddr *addr)
{
  return owners->resolver != NULL && pl_resolver_is_elsewhere (owners->resolver, addr);
}

/* Which end is local may be a guess of the capture's; and an address may be newer than our list. */
static PlCase
make_case (PlOwners *owners, const PlOwnerQuestion *question, guint8 end)
{
  const PlAddr *addr = &question->key.addr[end];
  gboolean is_local = question->both_local || !is_strange (owners, addr)
                      || (question->local_end == end && !is_elsewhere (owners, addr));
  return (PlCase){ .question = *question, .end = end, .is_local = is_local, .uid = PL_UNKNOWN_U32 };
}

static void
add_case (PlOwners *owners, Batch *batch, const PlOwnerQuestion *question, guint8 end)
{
  batch->cases[batch->n++] = make_case (owners, question, end);
}

/* Takes @one over. */
static void
scan_or_emit (PlOwners *owners, PlCase *one)
{
  if (one->needs_scan && pl_pending_add (owners->pending, one))
    return;
  if (one->needs_scan && one->is_revision)
    return; /* the answer before stands */
  want_second_look (owners, one);
  emit (owners, one);
}

/* A busy helper tells late; takes @one over if that may be so. */
static gboolean
wait_for_late_sender (PlOwners *owners, PlCase *one)
{
  PlHelperLink *helper = get_helper (owners);
  if (helper == NULL || !pl_helper_link_has_trace (helper) || !pl_case_is_caller (one)
      || one->confidence > PL_CONFIDENCE_LIKELY || one->question.key.kind != PL_KIND_PORTS
      || owners->late->len >= PL_LIMIT_OWNER_PENDING)
    return FALSE;
  one->look_again_us = g_get_monotonic_time () + PL_SENDER_LATE_US;
  g_array_append_val (owners->late, *one);
  return TRUE;
}

static void
answer_batch (PlOwners *owners, Batch *batch)
{
  await_helper (owners); /* it is sent before there are packets to ask about */
  if (owners->resolver != NULL)
    pl_resolver_ask (owners->resolver, batch->cases, batch->n, pl_question_ring_get_waiting (owners->ring) > 0);
  for (guint i = 0; i < batch->n; i++)
    if (!wait_for_late_sender (owners, &batch->cases[i]))
      scan_or_emit (owners, &batch->cases[i]);
  flush_answers (owners);
}

/* Names those whose sender was told at last. Returns the milliseconds until the next one gives up, -1 for none. */
static int
look_for_late_senders (PlOwners *owners)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n_kept = 0;
  if (owners->late->len == 0)
    return -1;
  guint64 n_senders = pl_resolver_get_n_senders (owners->resolver);
  gboolean is_news = n_senders != owners->n_senders;
  owners->n_senders = n_senders;
  for (guint i = 0; i < owners->late->len; i++)
    {
      PlCase one = g_array_index (owners->late, PlCase, i);
      g_array_index (owners->late, PlCase, i).process = NULL;
      if (is_news && pl_resolver_ask_sender (owners->resolver, &one))
        emit (owners, &one);
      else if (one.look_again_us <= now_us)
        {
          pl_resolver_ask_without_sender (owners->resolver, &one);
          scan_or_emit (owners, &one);
        }
      else
        g_array_index (owners->late, PlCase, n_kept++) = one;
    }
  g_array_set_size (owners->late, n_kept);
  flush_answers (owners);
  return n_kept > 0 ? (int)((g_array_index (owners->late, PlCase, 0).look_again_us - now_us) / 1000) + 1 : -1;
}

/* The end whose owner is asked for first: who called, as far as that is known. */
static guint8
first_end (const PlOwnerQuestion *question)
{
  guint8 first = question->initiator_end < PL_END_UNKNOWN ? question->initiator_end : question->local_end;
  return first < PL_END_UNKNOWN ? first : PL_END_A;
}

/* Whether @end is on this machine, in another network namespace maybe. */
static gboolean
has_owner_here (PlOwners *owners, const PlOwnerQuestion *question, guint8 end)
{
  return question->both_local || question->local_end == end || is_elsewhere (owners, &question->key.addr[end]);
}

static void
add_question (PlOwners *owners, const PlOwnerQuestion *question, Batch *callers, Batch *others)
{
  guint8 first = first_end (question);
  if (question->local_end >= PL_END_UNKNOWN || has_owner_here (owners, question, first))
    add_case (owners, callers, question, first);
  if (has_owner_here (owners, question, 1 - first))
    add_case (owners, others, question, 1 - first);
}

/* Whether the helper may still tell who sent the first packet: it and the packet come by different ways. */
static gboolean
waits_for_sender (PlOwners *owners, const PlOwnerQuestion *question, gint64 now_us)
{
  PlHelperLink *helper = get_helper (owners);
  if (helper == NULL || !pl_helper_link_has_trace (helper) || now_us >= question->asked_us + PL_SENDER_WAIT_US
      || question->key.kind != PL_KIND_PORTS || question->initiator_end >= PL_END_UNKNOWN)
    return FALSE;
  PlCase caller = make_case (owners, question, question->initiator_end);
  return !pl_resolver_knows_sender (owners->resolver, &caller);
}

/* Those that waited and are done with it. */
static void
take_waiting (PlOwners *owners, Batch *callers, Batch *others)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n_kept = 0;
  for (guint i = 0; i < owners->waiting->len; i++)
    {
      PlOwnerQuestion *question = &g_array_index (owners->waiting, PlOwnerQuestion, i);
      if (callers->n >= BATCH_QUESTIONS || others->n >= BATCH_QUESTIONS || waits_for_sender (owners, question, now_us))
        g_array_index (owners->waiting, PlOwnerQuestion, n_kept++) = *question;
      else
        add_question (owners, question, callers, others);
    }
  g_array_set_size (owners->waiting, n_kept);
}

/* The ends of a flow whose port changed hands, after packets of both were counted as one flow's: nobody is named for them. */
static void
withdraw (PlOwners *owners, const PlOwnerQuestion *question)
{
  for (guint8 end = 0; question->is_mixed && owners->resolver != NULL && end < 2; end++)
    {
      PlCase one = make_case (owners, question, end);
      one.question.asked_us = 0;
      one.is_revision = TRUE;
      one.confidence = PL_CONFIDENCE_UNKNOWN;
      if (one.is_local && pl_resolver_is_mixed (owners->resolver, &one))
        emit (owners, &one);
    }
}

/* TRUE when @question only asks whether the port of a flow of datagrams, after a pause, is the same socket's still. */
static gboolean
check_hands (PlOwners *owners, const PlOwnerQuestion *question)
{
  PlHelperLink *helper = get_helper (owners);
  gboolean has_changed = FALSE, is_traced = helper != NULL && pl_helper_link_has_trace (helper);
  for (guint8 end = 0; question->is_check && owners->resolver != NULL && !is_traced && end < 2; end++)
    {
      PlCase one = make_case (owners, question, end);
      has_changed |= one.is_local && pl_resolver_has_changed_hands (owners->resolver, &one);
      if (!has_changed && pl_resolver_may_have_changed_hands (owners->resolver, &one))
        pl_second_looks_add (owners->second_looks, &one, g_get_monotonic_time ());
    }
  if (has_changed)
    pl_reuse_box_put (owners->reuses, &(PlPortReuse){ question->key, question->first_us });
  withdraw (owners, question);
  return question->is_check || question->is_mixed;
}

/* One batch of what waits; the rest in the next round, so that scans begin and answers leave meanwhile. The ends that called
 * come first: they may be gone in a millisecond, a listener stays. */
static void
answer_questions (PlOwners *owners)
{
  PlOwnerQuestion question;
  Batch callers = { 0 }, others = { 0 };
  if (pl_question_ring_get_waiting (owners->ring) > URGENT_QUESTIONS)
    pl_urgent_end ();
  if (owners->waiting->len > 0)
    take_waiting (owners, &callers, &others);
  while (callers.n < BATCH_QUESTIONS && others.n < BATCH_QUESTIONS && pl_question_ring_pop (owners->ring, &question))
    {
      if (check_hands (owners, &question))
        continue;
      /* Between two of this machine's own addresses there are two owners too. */
      question.both_local |= question.local_end < PL_END_UNKNOWN
                             && pl_own_addresses_has (owners->own, &question.key.addr[1 - question.local_end]);
      if (owners->waiting->len < BATCH_QUESTIONS && waits_for_sender (owners, &question, g_get_monotonic_time ()))
        g_array_append_val (owners->waiting, question);
      else
        add_question (owners, &question, &callers, &others);
    }
  answer_batch (owners, &callers);
  answer_batch (owners, &others);
}

/* ---- the helper ---- */

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
  PlHelperLink *helper = get_helper (owners);
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
follow_helper (PlOwners *owners)
{
  if (pl_helper_guest_follow (owners->guest, owners->resolver))
    pl_pending_set_new_helper (owners->pending);
  await_helper (owners);
  PlHelperLink *helper = get_helper (owners);
  gboolean has_link = helper != NULL && pl_helper_link_get_fd (helper) >= 0;
  if (has_link)
    pl_helper_link_read (helper);
  count_unaided (owners);
  if (!has_link)
    return;
  tell_reuses (owners);
  pthread_mutex_lock (&owners->mutex);
  owners->stats.records_lost = pl_helper_link_get_n_lost (helper);
  owners->stats.lists_cut = pl_resolver_get_n_outside_cut (owners->resolver);
  owners->stats.holds_cut = pl_helper_link_get_n_cut (helper);
  pthread_mutex_unlock (&owners->mutex);
}

/* Without tracepoints, and once there are packets to ask for, what the kernel tells of new processes helps, and of ports. */
static int
follow_processes (PlOwners *owners, int *ports_fd, int *wait_ms)
{
  PlProcessWatch *watch = owners->resolver != NULL ? pl_resolver_get_watch (owners->resolver) : NULL;
  PlHelperLink *helper = get_helper (owners);
  gboolean is_traced = helper != NULL && pl_helper_link_has_trace (helper);
  gboolean is_on = pl_question_ring_get_asked (owners->ring) > 0 && !is_traced;
  pl_question_ring_set_urgent (owners->ring, !is_traced);
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

/* Betters an answer that stands; new questions go first. */
static void
look_at (PlOwners *owners, PlCase *one)
{
  PlLook look = pl_resolver_look_again (owners->resolver, one);
  one->is_revision = TRUE;
  one->question.asked_us = 0; /* the first answer was the one in time */
  if (look == PL_LOOK_NEWS && !pl_case_is_stream (one))
    pl_reuse_box_put (owners->reuses, &(PlPortReuse){ one->question.key, (guint64)g_get_real_time () });
  if (look == PL_LOOK_LOST)
    {
      scan_or_emit (owners, one);
      return;
    }
  if (look == PL_LOOK_SAME || (look == PL_LOOK_NEWS && pl_case_is_stream (one)))
    pl_second_looks_add_again (owners->second_looks, one, g_get_monotonic_time ());
  if (look == PL_LOOK_NEWS)
    emit (owners, one);
}

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
  answer_questions (owners);
}

/* Returns the milliseconds until the next one is due, -1 for none. */
static int
look_again (PlOwners *owners)
{
  PlCase one;
  gint64 began_us = g_get_monotonic_time (), now_us = began_us;
  for (; pl_question_ring_get_waiting (owners->ring) == 0 && now_us < began_us + LOOKS_BOUT_US
         && pl_second_looks_next (owners->second_looks, now_us, &one);
       now_us = g_get_monotonic_time ())
    {
      if (now_us == began_us)
        pl_urgent_end ();
      look_at (owners, &one);
    }
  flush_answers (owners);
  return pl_second_looks_get_wait_ms (owners->second_looks, g_get_monotonic_time ());
}

/* ---- scans ---- */

static void
answer_scanned (PlCase *one, gpointer data)
{
  if (one->is_revision && one->process == NULL && !one->is_shared)
    return; /* the answer before stands */
  want_second_look (data, one);
  emit (data, one);
}

/* A scan's result is there: those that waited for it are answered. */
static void
take_scan (PlOwners *owners)
{
  if (!pl_pending_take_scan (owners->pending, answer_scanned, owners))
    return;
  flush_answers (owners);
  pl_sockets_source_scanned (owners->source);
}

static void
start_scan (PlOwners *owners)
{
  if (!pl_pending_start_scan (owners->pending))
    return;
  pthread_mutex_lock (&owners->mutex);
  owners->stats.full_scans++;
  pthread_mutex_unlock (&owners->mutex);
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
  pthread_mutex_unlock (&owners->mutex);
  g_clear_pointer (&untaken, g_array_unref);
  pl_wake_fd (owners->ready_fd);
}

/* ---- the thread ---- */

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
      answer_questions (owners);
      note_programs (owners, watch_fd);
      take_scan (owners);
      int wait_ms = pl_sooner_ms (look_for_late_senders (owners), look_again (owners));
      pl_sockets_source_set_has_packets (owners->source, pl_question_ring_get_asked (owners->ring) > 0);
      wait_ms = pl_sooner_ms (wait_ms, pl_sockets_source_step (owners->source, atomic_load (&owners->is_watching),
                                                               g_get_monotonic_time ()));
      wait_ms = pl_sooner_ms (wait_ms, pl_sockets_source_look_outside (owners->source, OUTSIDE_STEP));
      publish_sockets (owners);
      start_scan (owners);
      wait_ms = pl_sooner_ms (wait_ms, pl_sooner_ms (rest_ms, pl_pending_get_wait_ms (owners->pending)));
      if (owners->waiting->len > 0)
        wait_ms = pl_sooner_ms (wait_ms, 1);
      if (!pl_question_ring_prepare_sleep (owners->ring))
        continue;
      struct pollfd fds[] = {
        { .fd = owners->wake_fd, .events = POLLIN },
        { .fd = pl_sockets_source_get_fd (owners->source), .events = POLLIN },
        { .fd = get_helper (owners) != NULL ? pl_helper_link_get_fd (get_helper (owners)) : -1, .events = POLLIN },
        { .fd = watch_fd, .events = POLLIN },
        { .fd = ports_fd, .events = POLLIN },
      };
      poll (fds, G_N_ELEMENTS (fds), wait_ms);
      pl_question_ring_awake (owners->ring);
      if (fds[0].revents != 0)
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
