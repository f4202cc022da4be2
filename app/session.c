/* Starts, stops and joins capture, owners and model, and carries what the threads hand over into the model. Main loop
 * only; never blocks for longer than a thread needs to notice its eventfd, never polls.
 *
 * One GSource waits for everything: the mailbox's eventfd, the owners' eventfd, and a time at which rates fall or flows
 * have faded. Each wake takes all that waits; the model is committed at most every PL_COMMIT_INTERVAL_US, so that a storm
 * of answers costs no more redraws than a trickle. With nothing arriving and nothing moving there is no wake at all. */
#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include <unistd.h>
#include "session-private.h"
#include "limits.h"

enum
{
  PROP_STATE = 1,
  PROP_MODEL,
  N_PROPS,
};

enum
{
  SIGNAL_UPDATED,
  N_SIGNALS,
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlSession, pl_session, G_TYPE_OBJECT)

/* ---- state ---- */

static void
set_state (PlSession *self, PlSessionState state, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  if (state == self->state && error == NULL)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

static gboolean
is_foreign (PlSession *self)
{
  return self->source_name != NULL && (self->kind == PL_OPEN_FILE || self->kind == PL_OPEN_FD);
}

/* ---- the pump: from the threads into the model ---- */

typedef struct
{
  GSource source;
  PlSession *session;
  gpointer mailbox_tag, owners_tag;
} Pump;

static void
apply_batch (PlSession *self, const PlBatch *batch)
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
                           .bytes_read = stats->bytes_read,
                           .bytes_total = stats->bytes_total,
                           .first_us = stats->first_us,
                           .last_us = stats->last_us };

  for (guint i = 0; i < PL_N_UNDECODABLE; i++)
    {
      totals.undecodable[i] = stats->undecodable[i];
      totals.undecodable_total += i > 0 ? stats->undecodable[i] : 0;
    }
  if (self->owners != NULL)
    {
      PlOwnerStats owner_stats;

      pl_owners_get_stats (self->owners, &owner_stats);
      totals.answers_dropped = owner_stats.dropped_answers;
    }
  if (batch->ifaces != NULL)
    pl_model_set_ifaces (self->model, batch->ifaces);
  pl_model_set_totals (self->model, &totals);
  pl_model_apply_flows (self->model, batch->flows, batch->n_flows);
  pl_model_apply_gone (self->model, batch->gone, batch->n_gone);
}

static void
apply_answers (PlSession *self)
{
  g_autoptr (GArray) answers = pl_owners_take_answers (self->owners);

  for (guint i = 0; answers != NULL && i < answers->len; i++)
    {
      const PlOwnerAnswer *answer = &g_array_index (answers, PlOwnerAnswer, i);

      if (pl_session_is_current_question (self, answer->flow_id))
        pl_model_apply_owner (self->model, pl_session_get_question_flow (answer->flow_id), answer->end,
                              answer->confidence, answer->uid, answer->process);
    }
}

static void
apply_sockets (PlSession *self)
{
  g_autoptr (GArray) sockets = pl_owners_take_sockets (self->owners);

  if (sockets != NULL && self->is_watching)
    pl_model_apply_sockets (self->model, (const PlSocket *)sockets->data, sockets->len);
}

/* Takes all that waits. Returns the batch, for what it says of the capture, or NULL. */
static PlBatch *
take_all (PlSession *self)
{
  PlBatch *batch = pl_mailbox_take (self->mailbox);

  if (batch != NULL)
    apply_batch (self, batch);
  if (self->owners != NULL)
    {
      apply_answers (self);
      apply_sockets (self);
    }
  return batch;
}

static void
set_owners_waiting (PlSession *self, gboolean is_waiting)
{
  Pump *pump = (Pump *)self->pump;

  if (pump != NULL && pump->owners_tag != NULL)
    g_source_modify_unix_fd (self->pump, pump->owners_tag, is_waiting ? G_IO_IN : 0);
}

/* Ends the round and sleeps until something arrives or is due. */
static void
commit (PlSession *self)
{
  gint64 due_us;

  self->committed_us = g_get_monotonic_time ();
  set_owners_waiting (self, TRUE);
  pl_model_commit (self->model, self->committed_us);
  if (self->pump == NULL) /* whoever heard of it let us go */
    return;
  due_us = pl_model_get_due_us (self->model);
  g_source_set_ready_time (self->pump, due_us < 0 ? -1 : MAX (due_us, self->committed_us + PL_COMMIT_INTERVAL_US));
}

static gboolean
is_terminal (const PlBatch *batch)
{
  return batch->state == PL_CAPTURE_ENDED || batch->state == PL_CAPTURE_FAILED;
}

/* Tells what became of the capture by @batch, whose facts are in the model. */
static void
follow_capture (PlSession *self, PlBatch *batch)
{
  if (batch->state == PL_CAPTURE_RUNNING && self->state == PL_SESSION_STARTING)
    set_state (self, PL_SESSION_RUNNING, NULL);
  else if (batch->state == PL_CAPTURE_ENDED)
    set_state (self, PL_SESSION_ENDED, NULL);
  else if (batch->state == PL_CAPTURE_FAILED) /* a document that breaks off is still worth its reading */
    set_state (self, batch->stats.received > 0 && is_foreign (self) ? PL_SESSION_ENDED : PL_SESSION_FAILED,
               g_steal_pointer (&batch->error));
}

static gboolean
pump_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  g_autoptr (PlSession) self = g_object_ref (((Pump *)source)->session);
  g_autoptr (PlBatch) batch = take_all (self);
  gint64 next_us = self->committed_us + PL_COMMIT_INTERVAL_US;
  guint16 generation = self->generation;
  gboolean is_last = batch != NULL && is_terminal (batch);

  if (is_last)
    pl_session_end_capture (self);
  if (is_last || g_get_monotonic_time () >= next_us)
    {
      commit (self);
    }
  else
    {
      /* Answers can wait for the next round; a batch can't, for the capture has one on its way behind it. */
      set_owners_waiting (self, FALSE);
      g_source_set_ready_time (source, next_us);
    }
  /* Whoever heard of the commit may have opened something else. */
  if (batch != NULL && self->pump != NULL && self->generation == generation)
    follow_capture (self, batch);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs pump_funcs = { .dispatch = pump_dispatch };

static void
start_pump (PlSession *self)
{
  Pump *pump;

  self->pump = g_source_new (&pump_funcs, sizeof (Pump));
  pump = (Pump *)self->pump;
  pump->session = self;
  pump->mailbox_tag = g_source_add_unix_fd (self->pump, pl_mailbox_get_fd (self->mailbox), G_IO_IN);
  g_source_set_static_name (self->pump, "PlSession");
  g_source_attach (self->pump, g_main_context_get_thread_default ());
}

/* ---- parts ---- */

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

/* Joins the capture thread and lets go of the helper; what waits in the mailbox stays there. */
void
pl_session_end_capture (PlSession *self)
{
  g_clear_pointer (&self->capture, pl_capture_stop);
  g_clear_pointer (&self->asker, g_free);
  pl_session_cancel_helper (self);
  if (self->kind == PL_OPEN_FD)
    pl_model_set_live (self->model, FALSE); /* a stream that ended is a document */
}

/* Stops what runs and forgets what it had still to say. */
static void
abandon_capture (PlSession *self)
{
  PlBatch *batch;

  pl_session_end_capture (self);
  while ((batch = pl_mailbox_take (self->mailbox)) != NULL)
    pl_batch_free (batch);
}

/* Starts or stops the dumps as is wanted and fits what is open. */
static void
update_sockets_watch (PlSession *self)
{
  gboolean is_wanted = self->wants_sockets && !is_foreign (self);

  if (is_wanted == self->is_watching)
    return;
  if (is_wanted)
    pl_session_need_owners (self);
  self->is_watching = is_wanted;
  pl_owners_watch_sockets (self->owners, is_wanted);
  if (!is_wanted)
    pl_model_apply_sockets (self->model, NULL, 0);
}

/* Makes room for another source, or for none: flows go, but for those of this machine's sockets. */
static void
change_source (PlSession *self, PlOpenKind kind, const char *name)
{
  gboolean was_foreign = is_foreign (self);

  abandon_capture (self);
  self->generation++;
  self->kind = kind;
  g_free (self->source_name);
  self->source_name = g_strdup (name);
  if (was_foreign || is_foreign (self))
    pl_model_reset (self->model);
  else
    pl_model_drop_packets (self->model);
  pl_model_set_live (self->model, !is_foreign (self) || kind == PL_OPEN_FD);
  update_sockets_watch (self);
}

/* ---- object ---- */

static void
pl_session_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PlSession *self = PL_SESSION (object);

  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_int (value, self->state);
      break;
    case PROP_MODEL:
      g_value_set_object (value, self->model);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pl_session_dispose (GObject *object)
{
  PlSession *self = PL_SESSION (object);

  if (self->pump != NULL)
    {
      abandon_capture (self);
      g_source_destroy (self->pump);
      g_clear_pointer (&self->pump, g_source_unref);
    }
  g_clear_pointer (&self->owners, pl_owners_free);
  G_OBJECT_CLASS (pl_session_parent_class)->dispose (object);
}

static void
pl_session_finalize (GObject *object)
{
  PlSession *self = PL_SESSION (object);

  pl_mailbox_free (self->mailbox);
  g_object_unref (self->model);
  g_clear_error (&self->error);
  g_free (self->source_name);
  G_OBJECT_CLASS (pl_session_parent_class)->finalize (object);
}

static void
pl_session_class_init (PlSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = pl_session_get_property;
  object_class->dispose = pl_session_dispose;
  object_class->finalize = pl_session_finalize;

  /**
   * PlSession:state:
   *
   * A #PlSessionState. When it is notified, what led to it is in the model.
   */
  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, PL_SESSION_IDLE, PL_SESSION_FAILED, PL_SESSION_IDLE,
                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_MODEL] =
      g_param_spec_object ("model", NULL, NULL, PL_TYPE_MODEL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * PlSession::updated:
   *
   * The model took over something: a batch, a dump of sockets, answers about owners, or time went by.
   */
  signals[SIGNAL_UPDATED] =
      g_signal_new ("updated", PL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
emit_updated (PlSession *self)
{
  g_signal_emit (self, signals[SIGNAL_UPDATED], 0);
}

static void
pl_session_init (PlSession *self)
{
  self->model = pl_model_new ();
  pl_model_set_live (self->model, TRUE);
  g_signal_connect_object (self->model, "updated", G_CALLBACK (emit_updated), self, G_CONNECT_SWAPPED);
  self->mailbox = pl_mailbox_new ();
  start_pump (self);
}

/* ---- public ---- */

/**
 * pl_session_new:
 *
 * Returns: (transfer full): a session that runs in the thread's default main context, with nothing open
 */
PlSession *
pl_session_new (void)
{
  return g_object_new (PL_TYPE_SESSION, NULL);
}

PlModel *
pl_session_get_model (PlSession *self)
{
  g_return_val_if_fail (PL_IS_SESSION (self), NULL);

  return self->model;
}

PlSessionState
pl_session_get_state (PlSession *self)
{
  g_return_val_if_fail (PL_IS_SESSION (self), PL_SESSION_IDLE);

  return self->state;
}

const GError *
pl_session_get_error (PlSession *self)
{
  g_return_val_if_fail (PL_IS_SESSION (self), NULL);

  return self->error;
}

/**
 * pl_session_open:
 * @self: a session
 * @open: what to open; copied, and its descriptor taken over on success
 * @error: return location for an error
 *
 * Stops and joins what runs, then starts @open. What can go wrong with the source itself arrives as #PL_SESSION_FAILED.
 *
 * Returns: %FALSE when @open can never work; then nothing has changed
 */
gboolean
pl_session_open (PlSession *self, const PlOpen *open, GError **error)
{
  g_autofree PlPrefix *local = NULL;
  guint n_local;

  g_return_val_if_fail (PL_IS_SESSION (self), FALSE);
  g_return_val_if_fail (open->name != NULL, FALSE);
  g_return_val_if_fail (self->pump != NULL, FALSE);

  if (!pl_session_parse_local (open->local, &local, &n_local, error))
    return FALSE;

  change_source (self, open->kind, open->name);
  pl_session_start_source (self, open, local, n_local);
  commit (self);
  set_state (self, PL_SESSION_STARTING, NULL);
  return TRUE;
}

/**
 * pl_session_stop:
 * @self: a session
 *
 * Stops and joins the capture, if one runs. What it had counted stays on view.
 */
void
pl_session_stop (PlSession *self)
{
  guint16 generation;
  PlBatch *batch;

  g_return_if_fail (PL_IS_SESSION (self));

  if (self->state != PL_SESSION_STARTING && self->state != PL_SESSION_RUNNING)
    return;
  generation = self->generation;
  pl_session_end_capture (self);
  while ((batch = take_all (self)) != NULL) /* what waited, and what stopping left behind */
    pl_batch_free (batch);
  commit (self);
  if (self->generation == generation)
    set_state (self, PL_SESSION_IDLE, NULL);
}

/**
 * pl_session_close:
 * @self: a session
 *
 * Stops and joins what runs and forgets what it counted. The sockets of this machine are on view again, where wanted.
 */
void
pl_session_close (PlSession *self)
{
  g_return_if_fail (PL_IS_SESSION (self));
  g_return_if_fail (self->pump != NULL);

  change_source (self, self->kind, NULL);
  commit (self);
  set_state (self, PL_SESSION_IDLE, NULL);
}

void
pl_session_watch_sockets (PlSession *self, gboolean on)
{
  g_return_if_fail (PL_IS_SESSION (self));
  g_return_if_fail (self->pump != NULL);

  self->wants_sockets = !!on;
  update_sockets_watch (self);
  commit (self);
}

char *
pl_session_dup_sockets_error (PlSession *self)
{
  g_return_val_if_fail (PL_IS_SESSION (self), NULL);

  return self->is_watching ? pl_owners_dup_sockets_error (self->owners) : NULL;
}

const char *
pl_session_get_source_name (PlSession *self)
{
  g_return_val_if_fail (PL_IS_SESSION (self), NULL);

  return self->source_name;
}

PlOpenKind
pl_session_get_source_kind (PlSession *self)
{
  g_return_val_if_fail (PL_IS_SESSION (self), PL_OPEN_DEVICE);

  return self->kind;
}

gboolean
pl_session_is_live (PlSession *self)
{
  g_return_val_if_fail (PL_IS_SESSION (self), FALSE);

  return !is_foreign (self);
}

double
pl_session_get_progress (PlSession *self)
{
  const PlModelTotals *totals;

  g_return_val_if_fail (PL_IS_SESSION (self), -1);

  totals = pl_model_get_totals (self->model);
  if (self->kind != PL_OPEN_FILE || self->source_name == NULL || totals->bytes_total == 0
      || (self->state != PL_SESSION_STARTING && self->state != PL_SESSION_RUNNING))
    return -1;
  return CLAMP ((double)totals->bytes_read / totals->bytes_total, 0, 1);
}

/* The source could not be started. */
void
pl_session_fail (PlSession *self, GError *error)
{
  set_state (self, PL_SESSION_FAILED, error);
}
