/* How a session captures through portlight-helper: asks for it, waits without blocking, reads its stream, lets it go. Main
 * loop only. Whoever opens something else meanwhile is not kept waiting: the helper on its way up finds nobody. */
#include "session-private.h"
#include "limits.h"

struct _PlHelperStart
{
  PlSession *session; /* NULL once nobody waits for it */
  GCancellable *cancellable;
  char *filter; /* nullable */
  PlPrefix *local;
  guint n_local;
  guint64 ended_linger_us;
};

static void
helper_start_free (PlHelperStart *start)
{
  g_object_unref (start->cancellable);
  g_free (start->filter);
  g_free (start->local);
  g_free (start);
}

/* Ends the helper, or lets the one on its way up find that nobody waits. */
void
pl_session_cancel_helper (PlSession *self)
{
  PlHelperStart *start = g_steal_pointer (&self->helper_start);

  g_clear_pointer (&self->helper, pl_helper_client_free);
  if (start == NULL)
    return;
  start->session = NULL;
  g_cancellable_cancel (start->cancellable);
}

static void
helper_started (GObject *source, GAsyncResult *result, gpointer data)
{
  PlHelperStart *start = data;
  PlSession *self = start->session;
  g_autoptr (GError) error = NULL;
  g_autoptr (PlHelperClient) helper = pl_helper_client_start_finish (result, &error);

  if (self == NULL)
    {
      helper_start_free (start);
      return;
    }
  self->helper_start = NULL;
  if (helper == NULL)
    {
      helper_start_free (start);
      pl_session_set_state (self, PL_SESSION_FAILED, g_steal_pointer (&error));
      return;
    }
  pl_session_start_capture (self, &(PlCaptureOptions){ .kind = PL_SOURCE_PIPE,
                                                       .name = self->source_name,
                                                       .fd = pl_helper_client_steal_stream (helper),
                                                       .control_fd = pl_helper_client_steal_channel (helper),
                                                       .filter = start->filter,
                                                       .local = start->local,
                                                       .n_local = start->n_local,
                                                       .is_live = TRUE,
                                                       .ended_linger_us = start->ended_linger_us });
  pl_session_use_owners (self, helper);
  self->helper = g_steal_pointer (&helper);
  helper_start_free (start);
}

void
pl_session_start_helper (PlSession *self, const PlOpen *open, const PlPrefix *local, guint n_local)
{
  PlHelperStart *start = g_new0 (PlHelperStart, 1);

  start->session = self;
  start->cancellable = g_cancellable_new ();
  start->filter = g_strdup (open->filter);
  start->local = g_memdup2 (local, n_local * sizeof *local);
  start->n_local = n_local;
  start->ended_linger_us = open->keep_all ? 0 : PL_ENDED_LINGER_US;
  self->helper_start = start;
  pl_helper_client_start_with_async (open->name, PL_HELPER_CLIENT_OWNERS, start->cancellable, helper_started, start);
}
