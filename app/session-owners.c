/* The owner thread's helper. Main loop only; never blocks. Where the capture runs through portlight-helper, that one tells
 * of owners too. Where this process captures by itself it is root, and starts a helper for nothing else: the tracepoints
 * and the search in other processes are then in the same small program, whoever captures, and no right is needed here that
 * a capture does not need. Root is not asked for a password. */
#include <unistd.h>
#include "session-private.h"

struct _PlOwnersStart
{
  PlSession *session; /* NULL once nobody waits for it */
  GCancellable *cancellable;
};

static void
use_seat (PlSession *self, PlHelperSeat *seat)
{
  pl_session_need_owners (self);
  pl_owners_use_helper (self->owners, seat);
}

/* The kept helper's owners socket, if it has one, goes to whoever captures now. */
void
pl_session_use_owners (PlSession *self, PlHelperClient *helper)
{
  PlHelperSeat *seat = pl_helper_keeper_get_shared (self->keeper);
  int fd = seat == NULL ? pl_helper_client_steal_owners (helper) : -1;

  if (fd >= 0)
    {
      seat = pl_helper_seat_new (fd);
      pl_helper_keeper_set_shared (self->keeper, seat, (GDestroyNotify)pl_helper_seat_unref);
    }
  if (seat != NULL)
    use_seat (self, seat);
}

/* Without it owners are found by the sockets alone: not a fault that anybody has to hear of. */
static void
owners_started (GObject *source, GAsyncResult *result, gpointer data)
{
  PlOwnersStart *start = data;
  PlSession *self = start->session;
  g_autoptr (PlHelperClient) helper = pl_helper_client_start_finish (result, NULL);
  int fd;

  g_object_unref (start->cancellable);
  g_free (start);
  if (self == NULL)
    return;
  self->owners_start = NULL;
  if (helper == NULL)
    return;
  fd = pl_helper_client_steal_owners (helper);
  if (fd >= 0)
    {
      g_autoptr (PlHelperSeat) seat = pl_helper_seat_new (fd);

      use_seat (self, seat);
    }
  self->owners_helper = g_steal_pointer (&helper);
}

/* Once a session, and only where it asks nobody for anything. */
void
pl_session_start_owners_helper (PlSession *self)
{
  PlOwnersStart *start;

  if (geteuid () != 0 || self->owners_helper != NULL || self->owners_start != NULL)
    return;
  start = g_new0 (PlOwnersStart, 1);
  start->session = self;
  start->cancellable = g_cancellable_new ();
  self->owners_start = start;
  pl_helper_client_start_with_async ("any", PL_HELPER_CLIENT_OWNERS | PL_HELPER_CLIENT_SOCKETS_ONLY, start->cancellable,
                                     owners_started, start);
}

void
pl_session_end_owners_helper (PlSession *self)
{
  PlOwnersStart *start = g_steal_pointer (&self->owners_start);

  g_clear_pointer (&self->owners_helper, pl_helper_client_free);
  if (start == NULL)
    return;
  start->session = NULL;
  g_cancellable_cancel (start->cancellable);
}
