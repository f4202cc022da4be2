/* What time alone changes: flows that departed fade and are dropped, and a question that nobody answers becomes a failure. Main
 * loop only; time comes in as an argument.
 *
 * Packets carry the clock of the machine that captured them, which may be another one, or long ago. Their latest time,
 * carried on by our monotonic clock, is the time flows are judged by, but for this computer's, by its own clock. */
#include "model-private.h"
#include "bounds.h"

/* A fact was stamped with @wall_us. */
void
pl_model_note_wall (PlModel *self, guint64 wall_us)
{
  if (wall_us <= self->wall_us || self->is_wall_set)
    return;
  self->wall_us = wall_us;
  self->is_wall_new = TRUE;
}

/**
 * pl_model_set_wall:
 * @self: a model whose packets are this computer's, as they happen
 * @wall_us: Unix time, which may be earlier than the last time: clocks are set back
 *
 * What time it is, until pl_model_reset(). By the latest packet's time alone each attempt after a clock was set back would count as
 * unanswered at once.
 */
void
pl_model_set_wall (PlModel *self, guint64 wall_us)
{
  g_return_if_fail (PL_IS_MODEL (self));

  self->wall_us = wall_us;
  self->is_wall_new = self->is_wall_set = TRUE;
}

static void
set_diagnosis (PlModel *self, PlRecord *record, guint64 wall_us)
{
  PlDiagnosis diagnosis = pl_diagnose (&record->pub.flow, &record->pub.story, wall_us);

  if (diagnosis.failure == record->pub.diagnosis.failure && diagnosis.is_certain == record->pub.diagnosis.is_certain
      && diagnosis.place == record->pub.diagnosis.place)
    return;
  record->pub.diagnosis = diagnosis;
  self->is_changed = TRUE;
}

/* When time alone makes a failure of @record; 0: never. */
static guint64
get_answer_due_us (const PlRecord *record)
{
  if (record->pub.diagnosis.failure != PL_FAILURE_NONE)
    return 0;
  return pl_diagnosis_due_us (&record->pub.flow, &record->pub.story);
}

/* Judges @record by what is known now, and sees to it that an attempt without an answer is judged again. */
void
pl_model_diagnose (PlModel *self, PlRecord *record)
{
  set_diagnosis (self, record, self->wall_us);
  if (record->is_awaited || get_answer_due_us (record) == 0)
    return;
  record->is_awaited = TRUE;
  g_array_append_val (self->awaited, record->pub.id);
}

/* The first attempt that still waits for its answer; sweeps those that got one, or are gone. */
static PlRecord *
peek_awaited (PlModel *self)
{
  for (; self->awaited_head < self->awaited->len; self->awaited_head++)
    {
      PlRecord *record = pl_model_find_id (self, g_array_index (self->awaited, guint64, self->awaited_head));

      if (record == NULL)
        continue;
      if (!record->pub.is_gone && get_answer_due_us (record) != 0)
        return record;
      record->is_awaited = FALSE;
    }
  return NULL;
}

static void
judge_awaited (PlModel *self, guint64 wall_us)
{
  PlRecord *record;

  /* In order of arrival, so nearly in order of their SYNs: the first that is not due ends the round. */
  while ((record = peek_awaited (self)) != NULL && get_answer_due_us (record) <= wall_us)
    {
      record->is_awaited = FALSE;
      self->awaited_head++;
      set_diagnosis (self, record, wall_us);
    }
  if (self->awaited_head > self->awaited->len / 2)
    {
      g_array_remove_range (self->awaited, 0, self->awaited_head);
      self->awaited_head = 0;
    }
}

/* The flows that departed since the last round begin to fade. */
static void
begin_fading (PlModel *self, gint64 now_us)
{
  for (GList *link = self->fading.tail; link != NULL; link = link->prev)
    {
      PlWaiting *fading = link->data;
      PlRecord *record;

      if (fading->since_us != 0)
        break;
      fading->since_us = now_us;
      record = pl_model_find_id (self, fading->id);
      if (record != NULL && record->pub.is_gone && record->pub.gone_us == 0)
        record->pub.gone_us = now_us;
    }
}

static void
drop_faded (PlModel *self, gint64 now_us)
{
  gint64 linger_us = self->is_live ? PL_GONE_LINGER_US : 0;
  PlWaiting *fading;

  while ((fading = g_queue_peek_head (&self->fading)) != NULL && fading->since_us + linger_us <= now_us)
    {
      PlRecord *record = pl_model_find_id (self, fading->id);

      /* One that came back and went again stands in the queue a second time. */
      if (record != NULL && record->pub.is_gone && record->pub.gone_us == fading->since_us)
        pl_model_drop_record (self, record);
      g_free (g_queue_pop_head (&self->fading));
    }
}

/* Closes the holes in the order of ids once they are as many as the flows. */
static void
sweep_slots (PlModel *self)
{
  guint kept = 0;

  if (self->slots->len < 2 * self->n_records + 64)
    return;
  for (guint i = 0; i < self->slots->len; i++)
    {
      PlSlot slot = g_array_index (self->slots, PlSlot, i);

      if (slot.record != NULL)
        g_array_index (self->slots, PlSlot, kept++) = slot;
    }
  g_array_set_size (self->slots, kept);
}

/* Once a round. Rates must have been advanced: a departed flow is no longer among the busy. */
void
pl_model_advance_clock (PlModel *self, gint64 now_us)
{
  if (self->is_wall_new)
    {
      gint64 offset_us = (gint64)self->wall_us - now_us;
      self->wall_offset_us = self->is_wall_set ? offset_us : MAX (self->wall_offset_us, offset_us);
      self->is_wall_new = FALSE;
    }
  pl_model_expire_answers (self, now_us);
  begin_fading (self, now_us);
  drop_faded (self, now_us);
  judge_awaited (self, self->is_live ? (guint64)MAX (now_us + self->wall_offset_us, 0) : self->wall_us);
  sweep_slots (self);
}

/**
 * pl_model_get_due_us:
 * @self: a model
 *
 * Returns: the monotonic time at which the next commit is due though nothing arrives, or -1 when nothing moves
 */
gint64
pl_model_get_due_us (PlModel *self)
{
  gint64 due_us = G_MAXINT64;
  const PlWaiting *fading;
  const PlRecord *awaited;

  g_return_val_if_fail (PL_IS_MODEL (self), -1);

  if (self->busy->len > 0)
    due_us = self->committed_us + PL_DECAY_INTERVAL_US;
  fading = g_queue_peek_head (&self->fading);
  if (fading != NULL)
    due_us = MIN (due_us, fading->since_us + PL_GONE_LINGER_US);
  awaited = self->is_live ? peek_awaited (self) : NULL;
  if (awaited != NULL)
    due_us = MIN (due_us, (gint64)get_answer_due_us (awaited) - self->wall_offset_us);
  return due_us < G_MAXINT64 ? due_us : -1;
}
