/* What the owner thread is asked: questions in by batches, those that wait for the helper's word, second looks, what waited for a
 * scan, and answers out. A question whose holder only a full scan can find waits in `pending` and keeps nobody else waiting. */
#include "owners-private.h"

#include "answer-lists.h"
#include "bounds.h"
#include "question-time.h"
#include "urgent.h"
#include "wake.h"

#define BATCH_QUESTIONS 32 /* answered at once; when more wait, less thoroughly */
#define URGENT_QUESTIONS 8 /* when more wait, they come too late whatever the thread's priority */
#define LOOKS_BOUT_US 500 /* µs of second looks before new questions and records get their turn */
#define OUTSIDE_STEP 8 /* processes the helper is asked to look into before new questions get their turn */
#define FLUSH_ANSWERS 64 /* answers collected at most before they are handed over */

/* ---- answers out ---- */

static void
flush_answers (PlOwners *owners)
{
  if (owners->outgoing->len == 0)
    return;
  gint64 now_us = g_get_monotonic_time ();
  pthread_mutex_lock (&owners->mutex);
  gboolean is_told = owners->answers->len > 0; /* the main loop, and has not taken those yet */
  owners->stats.looks_cut = pl_second_looks_get_n_cut (owners->second_looks);
  owners->stats.scans_cut = pl_pending_get_n_cut (owners->pending);
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
  if (!is_told)
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

PlHelperLink *
pl_owners_get_helper (PlOwners *owners)
{
  return owners->resolver != NULL ? pl_resolver_get_helper (owners->resolver) : NULL;
}

void
pl_owners_await_helper (PlOwners *owners)
{
  if (owners->resolver != NULL)
    pl_resolver_set_awaits_helper (owners->resolver, pl_helper_guest_is_waiting (owners->guest, owners->resolver));
}

/* A listener was named for a connection that it, another or a program that it starts will have: look again then. And where nothing
 * tells of senders, at a socket of datagrams, whose port may have changed hands without a pause. */
static void
want_second_look (PlOwners *owners, PlCase *one)
{
  pl_resolver_note_named (one, one->process);
  if (one->is_revision && pl_resolver_seeks_sharers (one)
      && !(pl_case_is_stream (one) && pl_resolver_is_for_another (one)))
    return; /* it came of one */
  PlHelperLink *helper = pl_owners_get_helper (owners);
  gboolean is_traced = helper != NULL && pl_helper_link_has_trace (helper);
  if ((is_traced && pl_resolver_seeks_sharers (one) && !pl_resolver_is_for_another (one))
      || !pl_resolver_wants_second_look (owners->resolver, one))
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
  PlHelperLink *helper = pl_owners_get_helper (owners);
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
  pl_owners_await_helper (owners); /* it is sent before there are packets to ask about */
  if (owners->resolver != NULL && batch->n > 0)
    pl_resolver_ask (owners->resolver, batch->cases, batch->n, pl_question_ring_get_waiting (owners->ring) > 0);
  for (guint i = 0; i < batch->n; i++)
    if (!wait_for_late_sender (owners, &batch->cases[i]))
      scan_or_emit (owners, &batch->cases[i]);
  flush_answers (owners);
}

int
pl_owners_look_for_late_senders (PlOwners *owners)
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
add_caller (PlOwners *owners, const PlOwnerQuestion *question, Batch *callers)
{
  guint8 first = first_end (question);
  if (question->local_end >= PL_END_UNKNOWN || has_owner_here (owners, question, first))
    add_case (owners, callers, question, first);
}

static void
add_other (PlOwners *owners, const PlOwnerQuestion *question, Batch *others)
{
  guint8 other = 1 - first_end (question);
  if (has_owner_here (owners, question, other))
    add_case (owners, others, question, other);
}

/* Whether the helper may still tell who sent the first packet: it and the packet come by different ways. */
static gboolean
waits_for_sender (PlOwners *owners, const PlOwnerQuestion *question, gint64 now_us)
{
  PlHelperLink *helper = pl_owners_get_helper (owners);
  if (helper == NULL || !pl_helper_link_has_trace (helper) || now_us >= question->asked_us + PL_SENDER_WAIT_US
      || question->key.kind != PL_KIND_PORTS || question->initiator_end >= PL_END_UNKNOWN)
    return FALSE;
  PlCase caller = make_case (owners, question, question->initiator_end);
  return !pl_resolver_knows_sender (owners->resolver, &caller);
}

/* Who called, of those that waited and are done with it. */
static void
take_waiting (PlOwners *owners, Batch *callers)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n_kept = 0;
  for (guint i = 0; i < owners->waiting->len; i++)
    {
      PlOwnerQuestion *question = &g_array_index (owners->waiting, PlOwnerQuestion, i);
      if (callers->n >= BATCH_QUESTIONS || waits_for_sender (owners, question, now_us))
        g_array_index (owners->waiting, PlOwnerQuestion, n_kept++) = *question;
      else
        add_caller (owners, question, callers);
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
  PlHelperLink *helper = pl_owners_get_helper (owners);
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
 * come first: they may be gone in a millisecond, a listener stays. The other ends do not wait for the sender: mostly he has been
 * told when they are done with, so that the thread wakes once for both. */
void
pl_owners_answer_questions (PlOwners *owners)
{
  PlOwnerQuestion question;
  Batch callers, others; /* 20 KB, of which most rounds use a few hundred bytes */
  callers.n = others.n = 0;
  if (pl_question_ring_get_waiting (owners->ring) > URGENT_QUESTIONS)
    pl_urgent_end ();
  if (owners->waiting->len > 0)
    take_waiting (owners, &callers);
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
        add_caller (owners, &question, &callers);
      add_other (owners, &question, &others);
    }
  answer_batch (owners, &callers);
  answer_batch (owners, &others);
}

/* ---- second looks and scans ---- */

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

int
pl_owners_look_again (PlOwners *owners)
{
  PlCase one;
  gint64 began_us = g_get_monotonic_time (), now_us = began_us;
  for (; pl_question_ring_get_waiting (owners->ring) == 0 && now_us < began_us + LOOKS_BOUT_US
         && pl_second_looks_next (owners->second_looks, now_us, &one);
       now_us = g_get_monotonic_time ())
    {
      if (now_us == began_us)
        {
          pl_urgent_end ();
          pl_resolver_begin_looks (owners->resolver);
        }
      look_at (owners, &one);
    }
  flush_answers (owners);
  return pl_second_looks_get_wait_ms (owners->second_looks, g_get_monotonic_time ());
}

static void
answer_scanned (PlCase *one, gpointer data)
{
  if (one->is_revision && one->process == NULL && !one->is_shared)
    return; /* the answer before stands */
  want_second_look (data, one);
  emit (data, one);
}

int
pl_owners_look_outside (PlOwners *owners)
{
  if (owners->resolver == NULL)
    return -1;
  gboolean is_round_over = pl_resolver_look_outside (owners->resolver, OUTSIDE_STEP);
  pl_pending_take_outside (owners->pending, is_round_over, answer_scanned, owners);
  flush_answers (owners);
  if (is_round_over)
    pl_sockets_source_scanned (owners->source);
  return pl_resolver_get_outside_wait_ms (owners->resolver);
}

void
pl_owners_take_scan (PlOwners *owners)
{
  if (!pl_pending_take_scan (owners->pending, answer_scanned, owners))
    return;
  flush_answers (owners);
  pl_sockets_source_scanned (owners->source);
}

void
pl_owners_start_scan (PlOwners *owners)
{
  if (!pl_pending_start_scan (owners->pending))
    return;
  pthread_mutex_lock (&owners->mutex);
  owners->stats.full_scans++;
  pthread_mutex_unlock (&owners->mutex);
}
