/* Starts, stops and joins capture, owners and model. Main loop only; never blocks for longer than a thread needs to notice
 * its eventfd. Here are its life, its states and its source; what the threads hand over is carried in session-pump.c. */
#include <unistd.h>
#include "session-private.h"

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

void
pl_session_set_state (PlSession *self, PlSessionState state, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  if (state == self->state && error == NULL)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

/* Whether what is open is not this machine, now. */
gboolean
pl_session_is_foreign (PlSession *self)
{
  return self->source_name != NULL && (self->kind == PL_OPEN_FILE || self->kind == PL_OPEN_FD);
}

/* ---- parts ---- */

/* Stops what runs and forgets what it had still to say. */
static void
abandon_capture (PlSession *self)
{
  PlBatch *batch;

  pl_session_join_capture (self);
  pl_session_release_helper (self);
  pl_session_drop_batch (self);
  while (self->mailbox != NULL && (batch = pl_mailbox_take (self->mailbox)) != NULL)
    pl_batch_free (batch);
}

/* Stops what runs and takes in what it had still to say. */
static void
end_capture (PlSession *self)
{
  pl_session_join_capture (self);
  pl_session_release_helper (self);
  while (pl_session_take_all (self)) /* what waited, and what stopping left behind */
    ;
  pl_session_commit (self);
}

/* Starts or stops the dumps as is wanted and fits what is open. */
static void
update_sockets_watch (PlSession *self)
{
  gboolean is_wanted = self->wants_sockets && !pl_session_is_foreign (self);

  if (is_wanted == self->is_watching)
    return;
  if (is_wanted)
    pl_session_need_owners (self);
  self->is_watching = is_wanted;
  pl_owners_watch_sockets (self->owners, is_wanted);
  if (!is_wanted)
    pl_model_apply_sockets (self->model, NULL, 0);
}

/* Makes room for another source, or for none: flows go, but for those of this machine's sockets.
 * Takes @name. */
static void
change_source (PlSession *self, PlOpenKind kind, char *name)
{
  gboolean was_foreign = pl_session_is_foreign (self);

  abandon_capture (self);
  self->generation++;
  self->kind = kind;
  g_free (self->source_name);
  self->source_name = name;
  if (was_foreign || pl_session_is_foreign (self))
    pl_model_reset (self->model);
  else
    pl_model_drop_packets (self->model);
  pl_model_set_live (self->model, !pl_session_is_foreign (self) || kind == PL_OPEN_FD);
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
      pl_session_end_owners_helper (self);
      pl_session_stop_pump (self);
    }
  g_clear_pointer (&self->owners, pl_owners_free);
  g_clear_pointer (&self->keeper, pl_helper_keeper_unref);
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
  pl_session_start_pump (self);
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
  PlOpen own = *open;
  GError *failure = NULL;
  guint n_local;

  g_return_val_if_fail (PL_IS_SESSION (self), FALSE);
  g_return_val_if_fail (open->name != NULL, FALSE);
  g_return_val_if_fail (self->pump != NULL, FALSE);

  if (!pl_session_parse_local (open->local, &local, &n_local, error))
    return FALSE;

  change_source (self, open->kind, g_strdup (open->name));
  own.name = self->source_name; /* the caller's may have been the old source's, as when it is opened anew */
  if (pl_session_need_mailbox (self, &failure))
    pl_session_start_source (self, &own, local, n_local);
  else if (own.kind == PL_OPEN_FD || own.kind == PL_OPEN_TOOL)
    close (own.fd);
  pl_session_commit (self);
  pl_session_set_state (self, failure != NULL ? PL_SESSION_FAILED : PL_SESSION_STARTING, failure);
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

  g_return_if_fail (PL_IS_SESSION (self));

  if (self->state != PL_SESSION_STARTING && self->state != PL_SESSION_RUNNING)
    return;
  generation = self->generation;
  end_capture (self);
  if (self->generation == generation)
    pl_session_set_state (self, PL_SESSION_IDLE, NULL);
}

/* Ends what runs, if anything, with @error (transfer full). What was counted stays on view. */
void
pl_session_fail (PlSession *self, GError *error)
{
  guint16 generation = self->generation;

  end_capture (self);
  if (self->generation == generation)
    pl_session_set_state (self, PL_SESSION_FAILED, error);
  else
    g_error_free (error);
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
  pl_session_commit (self);
  pl_session_set_state (self, PL_SESSION_IDLE, NULL);
}

void
pl_session_watch_sockets (PlSession *self, gboolean on)
{
  g_return_if_fail (PL_IS_SESSION (self));
  g_return_if_fail (self->pump != NULL);

  self->wants_sockets = !!on;
  update_sockets_watch (self);
  pl_session_commit (self);
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

  return !pl_session_is_foreign (self);
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
