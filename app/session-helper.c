/* How a session captures through portlight-helper: takes it from its keeper, waits without blocking, reads its stream, and
 * gives it back. Main loop only. Whoever opens something else meanwhile is not kept waiting. */
#include "session-private.h"
#include "bounds.h"

struct _PlHelperStart
{
  char *filter; /* nullable */
  PlPrefix *local;
  guint n_local;
  guint64 ended_linger_us;
};

static void
helper_start_free (PlHelperStart *start)
{
  g_free (start->filter);
  g_free (start->local);
  g_free (start);
}

/* Gives the helper back, also one that is on its way up. */
void
pl_session_release_helper (PlSession *self)
{
  if (self->keeper != NULL)
    pl_helper_keeper_release (self->keeper, self);
  g_clear_pointer (&self->helper_start, helper_start_free);
}

static void
helper_ready (PlHelperClient *client, const GError *error, gpointer data)
{
  PlSession *self = data;
  PlHelperStart *start = g_steal_pointer (&self->helper_start);

  if (client == NULL)
    pl_session_set_state (self, PL_SESSION_FAILED, g_error_copy (error));
  else
    {
      pl_session_start_capture (self, &(PlCaptureOptions){ .kind = PL_SOURCE_PIPE,
                                                           .name = self->source_name,
                                                           .fd = -1,
                                                           .control_fd = pl_helper_client_steal_channel (client),
                                                           .filter = start->filter,
                                                           .local = start->local,
                                                           .n_local = start->n_local,
                                                           .is_live = TRUE,
                                                           .ended_linger_us = start->ended_linger_us });
      pl_session_use_owners (self, client);
    }
  helper_start_free (start);
}

/* Its end tells more than that of its stream, which may have been told already. */
static void
helper_lost (const GError *error, gpointer data)
{
  g_autoptr (PlSession) self = g_object_ref (data);

  pl_session_fail (self, g_error_copy (error));
}

void
pl_session_start_helper (PlSession *self, const PlOpen *open, const PlPrefix *local, guint n_local)
{
  PlHelperStart *start = g_new0 (PlHelperStart, 1);

  start->filter = g_strdup (open->filter);
  start->local = g_memdup2 (local, n_local * sizeof *local);
  start->n_local = n_local;
  start->ended_linger_us = open->keep_all ? 0 : PL_ENDED_LINGER_US;
  self->helper_start = start;
  if (self->keeper == NULL)
    self->keeper = pl_helper_keeper_new ();
  pl_helper_keeper_take (self->keeper, &(PlHelperUser){ helper_ready, helper_lost, self });
}

/**
 * pl_session_set_helper_keeper:
 * @self: a session that has not captured yet
 * @keeper: who keeps the one helper of this run
 */
void
pl_session_set_helper_keeper (PlSession *self, PlHelperKeeper *keeper)
{
  g_return_if_fail (PL_IS_SESSION (self));
  g_return_if_fail (self->keeper == NULL);

  self->keeper = pl_helper_keeper_ref (keeper);
}
