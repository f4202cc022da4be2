/* What the owner thread answered. Main loop only.
 *
 * An answer is often faster than its flow: the question goes out with the first packet, the flow comes with the next batch.
 * So an answer for an id that is not known waits a little; one for a flow that is gone waits in vain and expires, for ids
 * are never given twice. */
#include "model-private.h"
#include "bounds.h"

void
pl_early_answer_free (gpointer data)
{
  PlEarlyAnswer *answer = data;

  for (int end = 0; end < 2; end++)
    pl_process_unref (answer->owner[end].process);
  g_free (answer);
}

static void
keep_answer (PlModel *self, guint64 capture_id, guint end, PlConfidence confidence, guint32 uid, PlProcess *process)
{
  PlEarlyAnswer *answer = g_hash_table_lookup (self->early, &capture_id);
  PlOwnerFacts *owner;

  if (answer == NULL)
    {
      PlWaiting waiting = { capture_id, 0 };

      if (g_hash_table_size (self->early) >= PL_LIMIT_EARLY_ANSWERS)
        {
          self->n_early_dropped++;
          self->totals.answers_dropped++;
          self->is_changed = TRUE;
          return;
        }
      answer = g_new0 (PlEarlyAnswer, 1);
      answer->capture_id = capture_id;
      answer->owner[0].uid = answer->owner[1].uid = PL_UNKNOWN_U32;
      g_hash_table_insert (self->early, &answer->capture_id, answer);
      g_queue_push_tail (&self->early_order, g_memdup2 (&waiting, sizeof waiting));
    }

  answer->is_answered[end] = TRUE;
  owner = &answer->owner[end];
  if (confidence < owner->confidence || (process == NULL && owner->process != NULL))
    return;
  pl_process_unref (owner->process);
  *owner = (PlOwnerFacts){ .process = process != NULL ? pl_process_ref (process) : NULL,
                           .uid = uid != PL_UNKNOWN_U32 ? uid : owner->uid,
                           .confidence = confidence };
}

static gboolean
is_of_sender (PlConfidence confidence, const PlProcess *process)
{
  return process != NULL && (confidence == PL_CONFIDENCE_LIKELY || confidence == PL_CONFIDENCE_EXACT);
}

/* A connection that was there before the capture is its holder's: nobody was to be seen as it began. */
static gboolean
is_of_nobody (const PlRecord *record, PlConfidence confidence)
{
  const PlFlow *flow = &record->pub.flow;
  gboolean was_there = flow->key.proto == PL_PROTO_TCP && (flow->flags & PL_FLOW_MIDSTREAM) != 0;

  return !was_there && (confidence == PL_CONFIDENCE_UNKNOWN || confidence == PL_CONFIDENCE_CGROUP);
}

/* Who was asked for as the packets came counts more than who has the socket now, at the end that called: what one of them only likely sent
 * is another's maybe, and what was passed on is another's for sure. */
static void
tell_owner (PlModel *self, PlRecord *record, guint end, PlConfidence confidence, guint32 uid, PlProcess *process)
{
  PlOwnerFacts *owner = &record->owner[end];
  gboolean is_caller = end == record->pub.flow.initiator_end;
  gboolean is_missed = is_caller && is_of_nobody (record, confidence);
  gboolean is_held = owner->process != NULL && !owner->is_told; /* by whom the list of sockets told */

  if (is_held && is_caller && is_of_sender (confidence, process))
    {
      pl_model_revise_owner (self, record, (int)end, confidence, uid, process);
    }
  else if (is_held && is_missed && !owner->is_missed)
    {
      PlProcess *holder = pl_process_ref (owner->process);
      PlConfidence holder_confidence = MIN (owner->confidence, PL_CONFIDENCE_LIKELY);
      guint32 holder_uid = owner->uid;

      owner->is_missed = TRUE;
      pl_model_revise_owner (self, record, (int)end, confidence, uid, process);
      pl_model_offer_holder (self, record, (int)end, holder_confidence, holder_uid, holder);
      pl_process_unref (holder);
    }
  else
    {
      pl_model_offer_owner (self, record, (int)end, confidence, uid, process);
    }
  owner->is_told |= is_of_sender (confidence, process);
  owner->is_missed |= is_missed;
}

/* @record's flow has arrived: it is given what was known of its owners. */
void
pl_model_adopt_answers (PlModel *self, PlRecord *record)
{
  const PlEarlyAnswer *answer = g_hash_table_lookup (self->early, &record->pub.capture_id);

  if (answer == NULL)
    return;
  for (guint end = 0; end < 2; end++)
    if (answer->is_answered[end])
      tell_owner (self, record, end, answer->owner[end].confidence, answer->owner[end].uid, answer->owner[end].process);
  g_hash_table_remove (self->early, &record->pub.capture_id);
}

/* Once a round: lets go of answers whose flow never came. */
void
pl_model_expire_answers (PlModel *self, gint64 now_us)
{
  PlWaiting *waiting;

  for (GList *link = self->early_order.tail; link != NULL; link = link->prev)
    {
      waiting = link->data;
      if (waiting->since_us != 0)
        break;
      waiting->since_us = now_us;
    }
  while ((waiting = g_queue_peek_head (&self->early_order)) != NULL
         && (waiting->since_us + PL_EARLY_ANSWER_AGE_US <= now_us || g_hash_table_size (self->early) == 0))
    {
      g_hash_table_remove (self->early, &waiting->id);
      g_free (g_queue_pop_head (&self->early_order));
    }
}

void
pl_model_clear_answers (PlModel *self)
{
  g_hash_table_remove_all (self->early);
  g_queue_clear_full (&self->early_order, g_free);
}

/**
 * pl_model_apply_owner:
 * @self: a model
 * @capture_id: the flow's id in the capture
 * @end: which end of its key
 * @confidence: how sure it is
 * @uid: the socket's user, or %PL_UNKNOWN_U32
 * @process: (nullable): who it is
 *
 * An answer for a flow that is gone is dropped; one for a flow that has not come yet waits for it.
 */
void
pl_model_apply_owner (
    PlModel *self, guint64 capture_id, guint end, PlConfidence confidence, guint32 uid, PlProcess *process)
{
  PlRecord *record;

  g_return_if_fail (PL_IS_MODEL (self));
  g_return_if_fail (end < 2);

  record = pl_model_find_capture (self, capture_id);
  if (record != NULL)
    tell_owner (self, record, end, confidence, uid, process);
  else
    keep_answer (self, capture_id, end, confidence, uid, process);
}

/**
 * pl_model_correct_owner:
 * @self: a model
 * @capture_id: the flow's id in the capture
 * @end: which end of its key
 * @confidence: how sure it is
 * @uid: the socket's user, or %PL_UNKNOWN_U32
 * @process: (nullable): who it is; %NULL takes back whoever was named
 *
 * As pl_model_apply_owner(), but it counts more than every answer before.
 */
void
pl_model_correct_owner (
    PlModel *self, guint64 capture_id, guint end, PlConfidence confidence, guint32 uid, PlProcess *process)
{
  PlRecord *record;
  PlEarlyAnswer *early;

  g_return_if_fail (PL_IS_MODEL (self));
  g_return_if_fail (end < 2);

  record = pl_model_find_capture (self, capture_id);
  early = g_hash_table_lookup (self->early, &capture_id);
  if (early != NULL)
    {
      g_clear_pointer (&early->owner[end].process, pl_process_unref);
      early->owner[end].confidence = PL_CONFIDENCE_UNKNOWN;
    }
  if (record != NULL)
    {
      pl_model_revise_owner (self, record, (int)end, confidence, uid, process);
      record->owner[end].is_told = TRUE;
    }
  else
    keep_answer (self, capture_id, end, confidence, uid, process);
}
