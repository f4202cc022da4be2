/* From the threads into the model. Main loop only; never blocks, never polls.
 *
 * One GSource waits for everything: the mailbox's eventfd, the owners' eventfd, and a time at which rates fall or flows
 * have faded. Each wake takes what waits; the model is committed at most every PL_COMMIT_INTERVAL_US, so that a storm
 * of answers costs no more redraws than a trickle. With nothing arriving and nothing moving there is no wake at all.
 *
 * Of a large batch each turn of the main loop takes a slice, and between two of them whatever else waits has its turn. The
 * model is committed with whole batches alone: at an update the flows are those that the totals speak of. */
#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "session-private.h"
#include "bounds.h"

#define CARRY_ON_PRIORITY (G_PRIORITY_HIGH_IDLE + 30) /* after input, layout and drawing (GDK_PRIORITY_REDRAW) */
#define CARRY_ON_WITHIN_US 20000 /* where those would leave no time at all */

typedef struct
{
  GSource source;
  PlSession *session;
  gpointer mailbox_tag, owners_tag;
  GSource *carry_on; /* while a batch is taken in part; nullable */
} Pump;

static void
set_owner_totals (PlSession *self, PlModelTotals *totals)
{
  PlOwnerStats stats;

  pl_owners_get_stats (self->owners, &stats);
  totals->answers_dropped = stats.dropped_answers;
  totals->owners.asked = stats.asked;
  totals->owners.exact = stats.exact;
  totals->owners.records_lost = stats.records_lost;
  totals->owners.reuses_lost += stats.reuses_lost;
  totals->owners.hands_untold = stats.hands_untold;
  totals->owners.unaided = stats.unaided;
  totals->owners.holds_cut = stats.holds_cut;
  totals->owners.sockets_cut = stats.sockets_cut;
  totals->owners.processes_missed = stats.processes_missed;
  totals->owners.lists_cut = stats.lists_cut;
  totals->owners.looks_cut = stats.looks_cut;
  totals->owners.scans_cut = stats.scans_cut;
  totals->owners.scans = stats.full_scans;
  totals->owners.p50_us = stats.answer_p50_us;
  totals->owners.p95_us = stats.answer_p95_us;
  totals->owners.has_scanned = stats.has_scanned;
}

static void
begin_batch (PlSession *self, const PlBatch *batch)
{
  const PlCaptureStats *stats = &batch->stats;
  PlModelTotals totals = { .packets = stats->packets,
                           .bytes = stats->bytes,
                           .received = stats->received,
                           .kernel_dropped = stats->kernel_dropped,
                           .interface_dropped = stats->interface_dropped,
                           .others_flows = stats->others_flows,
                           .others_packets = stats->others_packets,
                           .others_bytes = stats->others_bytes,
                           .others_payload_bytes = stats->others_payload_bytes,
                           .ended_flows = stats->ended_flows,
                           .ended_packets = stats->ended_packets,
                           .ended_bytes = stats->ended_bytes,
                           .ended_payload_bytes = stats->ended_payload_bytes,
                           .questions_dropped = stats->questions_dropped,
                           .names_lost = stats->names_lost,
                           .messages_refused = stats->messages_refused,
                           .unread = stats->unread,
                           .owners.reuses_lost = stats->reuses_dropped,
                           .bytes_read = stats->bytes_read,
                           .bytes_total = stats->bytes_total,
                           .first_us = stats->first_us,
                           .last_us = stats->last_us,
                           .is_interface_gone = stats->is_interface_gone };

  for (guint i = 0; i < PL_N_UNDECODABLE; i++)
    {
      totals.undecodable[i] = stats->undecodable[i];
      totals.undecodable_total += i > 0 ? stats->undecodable[i] : 0;
    }
  if (self->owners != NULL)
    set_owner_totals (self, &totals);
  if (batch->ifaces != NULL)
    pl_model_set_ifaces (self->model, batch->ifaces);
  pl_model_set_totals (self->model, &totals);
}

static gboolean
is_taken_whole (PlSession *self)
{
  return self->n_names_taken == self->batch->n_names && self->n_flows_taken == self->batch->n_flows
         && self->n_gone_taken == self->batch->n_gone;
}

/* Takes @n_max at most of what the batch still has to tell: names first, then flows, then those that are gone. What it has none
 * of is NULL, from which nothing is reckoned. */
static void
take_slice (PlSession *self, guint n_max)
{
  const PlBatch *batch = self->batch;
  guint n_names = MIN (batch->n_names - self->n_names_taken, n_max), n_flows, n_gone;

  if (n_names > 0)
    pl_model_apply_names (self->model, batch->names + self->n_names_taken, n_names);
  self->n_names_taken += n_names;
  n_max -= n_names;
  n_flows = MIN (batch->n_flows - self->n_flows_taken, n_max);
  if (n_flows > 0)
    pl_model_apply_flows (self->model, batch->flows + self->n_flows_taken, n_flows);
  self->n_flows_taken += n_flows;
  n_gone = MIN (batch->n_gone - self->n_gone_taken, n_max - n_flows);
  if (n_gone > 0)
    pl_model_apply_gone (self->model, batch->gone + self->n_gone_taken, n_gone);
  self->n_gone_taken += n_gone;
}

static void
take_batch (PlSession *self)
{
  self->batch = self->mailbox != NULL ? pl_mailbox_take (self->mailbox) : NULL;
  self->n_names_taken = self->n_flows_taken = self->n_gone_taken = 0;
  if (self->batch != NULL)
    begin_batch (self, self->batch);
}

static void
apply_answers (PlSession *self)
{
  g_autoptr (GArray) answers = pl_owners_take_answers (self->owners);

  for (guint i = 0; answers != NULL && i < answers->len; i++)
    {
      const PlOwnerAnswer *answer = &g_array_index (answers, PlOwnerAnswer, i);

      if (!pl_session_is_current_question (self, answer->flow_id))
        continue;
      (answer->is_revision ? pl_model_correct_owner
                           : pl_model_apply_owner) (self->model, pl_session_get_question_flow (answer->flow_id),
                                                    answer->end, answer->confidence, answer->uid, answer->process);
    }
}

static void
apply_sockets (PlSession *self)
{
  gboolean is_alone = self->capture == NULL; /* no batch tells of limits */
  PlModelTotals totals = *pl_model_get_totals (self->model);
  g_autoptr (GArray) sockets = NULL;

  totals.owners.reuses_lost = 0;
  if (is_alone) /* before the sockets are taken: it is true of these, or of older ones */
    set_owner_totals (self, &totals);
  sockets = pl_owners_take_sockets (self->owners);
  if (sockets != NULL && self->is_watching)
    pl_model_apply_sockets (self->model, (const PlSocket *)sockets->data, sockets->len);
  if (sockets != NULL && is_alone)
    pl_model_set_totals (self->model, &totals);
}

static void
take_owners (PlSession *self)
{
  if (self->owners == NULL)
    return;
  apply_answers (self);
  apply_sockets (self);
}

static void
set_owners_waiting (PlSession *self, gboolean is_waiting)
{
  Pump *pump = (Pump *)self->pump;

  if (pump != NULL && pump->owners_tag != NULL)
    g_source_modify_unix_fd (self->pump, pump->owners_tag, is_waiting ? G_IO_IN : 0);
}

static gboolean
carry_on (gpointer pump)
{
  g_source_set_ready_time (pump, 0);
  return G_SOURCE_CONTINUE;
}

/* Between the slices of a batch nothing else is taken: the rest of it goes behind all that others have to do. */
static void
set_carrying_on (PlSession *self, gboolean is_carrying_on)
{
  Pump *pump = (Pump *)self->pump;

  if (pump == NULL || (pump->carry_on != NULL) == is_carrying_on)
    return;
  g_source_modify_unix_fd (self->pump, pump->mailbox_tag, is_carrying_on ? 0 : G_IO_IN);
  set_owners_waiting (self, !is_carrying_on);
  if (is_carrying_on)
    {
      pump->carry_on = g_idle_source_new ();
      g_source_set_priority (pump->carry_on, CARRY_ON_PRIORITY);
      g_source_set_callback (pump->carry_on, carry_on, self->pump, NULL);
      g_source_attach (pump->carry_on, g_source_get_context (self->pump));
      return;
    }
  g_source_destroy (pump->carry_on);
  g_clear_pointer (&pump->carry_on, g_source_unref);
}

/* Forgets what is left of a batch that was taken in part. */
void
pl_session_drop_batch (PlSession *self)
{
  g_clear_pointer (&self->batch, pl_batch_free);
  set_carrying_on (self, FALSE);
}

/* Takes all that waits. FALSE when there was no batch. */
gboolean
pl_session_take_all (PlSession *self)
{
  gboolean has_batch;

  if (self->batch == NULL)
    take_batch (self);
  has_batch = self->batch != NULL;
  if (has_batch)
    take_slice (self, G_MAXUINT);
  pl_session_drop_batch (self);
  take_owners (self);
  return has_batch;
}

/* Its clock may have been set since the last round. */
static void
tell_time (PlSession *self)
{
  if (!pl_session_is_foreign (self))
    pl_model_set_wall (self->model, (guint64)g_get_real_time ());
}

/* Ends the round, with all of a batch that was taken in part, and sleeps until something arrives or is due. */
void
pl_session_commit (PlSession *self)
{
  gint64 due_us;

  tell_time (self);
  if (self->batch != NULL)
    take_slice (self, G_MAXUINT);
  self->committed_us = g_get_monotonic_time ();
  set_owners_waiting (self, TRUE);
  pl_model_commit (self->model, self->committed_us);
  if (self->pump == NULL) /* whoever heard of it let us go */
    return;
  due_us = pl_model_get_due_us (self->model);
  g_source_set_ready_time (self->pump, due_us < 0 ? -1 : MAX (due_us, self->committed_us + PL_COMMIT_INTERVAL_US));
}

/* Joins the capture thread; what waits in the mailbox stays there. */
void
pl_session_join_capture (PlSession *self)
{
  g_clear_pointer (&self->capture, pl_capture_stop);
  if (self->keeper != NULL)
    pl_helper_keeper_rest (self->keeper, self);
  g_clear_pointer (&self->asker, g_free);
  if (self->kind == PL_OPEN_FD)
    pl_model_set_live (self->model, FALSE); /* a stream that ended is a document */
}

static gboolean
is_terminal (const PlBatch *batch)
{
  return batch->state == PL_CAPTURE_ENDED || batch->state == PL_CAPTURE_FAILED;
}

/* Why a capture that ended has failed; NULL when it came to its proper end. (transfer full) */
static GError *
take_failure (PlSession *self, PlBatch *batch)
{
  if (batch->state == PL_CAPTURE_FAILED)
    return g_steal_pointer (&batch->error);
  if (self->kind == PL_OPEN_HELPER) /* its stream never ends by itself while all is well */
    return g_error_new (PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED,
                        _ ("The capture of %s broke off: start it again"), self->source_name);
  return NULL;
}

/* Tells what became of the capture by @batch, whose facts are in the model. */
static void
follow_capture (PlSession *self, PlBatch *batch)
{
  GError *error;

  if (!is_terminal (batch))
    {
      if (batch->state == PL_CAPTURE_RUNNING && self->state == PL_SESSION_STARTING)
        pl_session_set_state (self, PL_SESSION_RUNNING, NULL);
      return;
    }
  error = take_failure (self, batch);
  /* A document that breaks off is still worth its reading. */
  if (error == NULL || (batch->stats.received > 0 && pl_session_is_foreign (self)))
    pl_session_set_state (self, PL_SESSION_ENDED, error);
  else
    pl_session_set_state (self, PL_SESSION_FAILED, error);
}

/* Ends a round in which @self->batch, if there is one, was taken whole. */
static void
end_round (PlSession *self)
{
  g_autoptr (PlBatch) batch = g_steal_pointer (&self->batch);
  gint64 next_us = self->committed_us + PL_COMMIT_INTERVAL_US;
  guint16 generation = self->generation;
  gboolean is_last = batch != NULL && is_terminal (batch);

  set_carrying_on (self, FALSE);
  if (is_last)
    pl_session_join_capture (self);
  if (is_last || g_get_monotonic_time () >= next_us)
    {
      pl_session_commit (self);
    }
  else
    {
      /* Answers can wait for the next round; a batch can't, for the capture has one on its way behind it. */
      set_owners_waiting (self, FALSE);
      g_source_set_ready_time (self->pump, next_us);
    }
  /* Whoever heard of the commit may have opened something else. */
  if (batch != NULL && self->pump != NULL && self->generation == generation)
    follow_capture (self, batch);
}

static gboolean
pump_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  g_autoptr (PlSession) self = g_object_ref (((Pump *)source)->session);

  tell_time (self);
  if (self->batch == NULL)
    take_batch (self);
  if (self->batch != NULL)
    take_slice (self, PL_LIMIT_SLICE_FLOWS);
  take_owners (self);
  if (self->batch != NULL && !is_taken_whole (self))
    {
      set_carrying_on (self, TRUE);
      g_source_set_ready_time (source, g_get_monotonic_time () + CARRY_ON_WITHIN_US);
    }
  else
    {
      end_round (self);
    }
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs pump_funcs = { .dispatch = pump_dispatch };

void
pl_session_start_pump (PlSession *self)
{
  Pump *pump;

  self->pump = g_source_new (&pump_funcs, sizeof (Pump));
  pump = (Pump *)self->pump;
  pump->session = self;
  g_source_set_static_name (self->pump, "PlSession");
  g_source_attach (self->pump, g_main_context_get_thread_default ());
}

void
pl_session_stop_pump (PlSession *self)
{
  g_source_destroy (self->pump);
  g_clear_pointer (&self->pump, g_source_unref);
}

/* The mailbox of all captures. FALSE when the process has no descriptor left for it. */
gboolean
pl_session_need_mailbox (PlSession *self, GError **error)
{
  if (self->mailbox != NULL)
    return TRUE;
  self->mailbox = pl_mailbox_new ();
  if (self->mailbox == NULL)
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED,
                   _ ("Could not open %s: too many files are open. Close some windows and try again."),
                   self->source_name);
      return FALSE;
    }
  ((Pump *)self->pump)->mailbox_tag = g_source_add_unix_fd (self->pump, pl_mailbox_get_fd (self->mailbox), G_IO_IN);
  return TRUE;
}

/* The owner thread, which files do not need. */
void
pl_session_need_owners (PlSession *self)
{
  Pump *pump = (Pump *)self->pump;

  if (self->owners != NULL)
    return;
  self->owners = pl_owners_new ();
  pump->owners_tag = g_source_add_unix_fd (self->pump, pl_owners_get_fd (self->owners), G_IO_IN);
}
