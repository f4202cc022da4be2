/* See helper-guest.h. Never blocks. */
#include "helper-guest.h"

#include <stdatomic.h>

#include "wake.h"

struct _PlHelperGuest
{
  int wake_fd;
  _Atomic (PlHelperSeat *) new_seat; /* to the thread, which takes it; NULL */
  PlHelperSeat *seat; /* the thread's own: where it has, or waits for, a helper; nullable */
};

PlHelperGuest *
pl_helper_guest_new (int wake_fd)
{
  PlHelperGuest *guest = g_new0 (PlHelperGuest, 1);
  guest->wake_fd = wake_fd;
  return guest;
}

static void
forgo (PlHelperGuest *guest, PlHelperSeat *seat)
{
  if (seat == NULL)
    return;
  pl_helper_seat_forgo (seat, guest->wake_fd);
  pl_helper_seat_unref (seat);
}

void
pl_helper_guest_free (PlHelperGuest *guest)
{
  forgo (guest, atomic_load (&guest->new_seat));
  g_free (guest);
}

void
pl_helper_guest_send_to (PlHelperGuest *guest, PlHelperSeat *seat)
{
  pl_helper_seat_want (seat, guest->wake_fd); /* first: the thread drops a seat that it is not to have */
  PlHelperSeat *untaken = atomic_exchange (&guest->new_seat, pl_helper_seat_ref (seat));
  pl_wake_fd (guest->wake_fd);
  if (untaken != seat)
    forgo (guest, untaken);
  else
    pl_helper_seat_unref (untaken);
}

/* Gets up. That it is to have the helper again may have been said meanwhile, and stands. */
static void
get_up (PlHelperGuest *guest, PlResolver *resolver)
{
  PlHelperLink *helper = resolver != NULL ? pl_resolver_get_helper (resolver) : NULL;
  if (helper == NULL)
    return;
  pl_resolver_use_helper (resolver, NULL);
  pl_helper_seat_put (guest->seat, helper);
}

void
pl_helper_guest_leave (PlHelperGuest *guest, PlResolver *resolver)
{
  get_up (guest, resolver);
  forgo (guest, g_steal_pointer (&guest->seat));
}

gboolean
pl_helper_guest_follow (PlHelperGuest *guest, PlResolver *resolver)
{
  g_autoptr (PlHelperSeat) seat = atomic_exchange (&guest->new_seat, NULL);
  if (seat != NULL && seat != guest->seat)
    {
      pl_helper_guest_leave (guest, resolver);
      guest->seat = g_steal_pointer (&seat);
    }
  if (guest->seat == NULL || resolver == NULL)
    return FALSE;
  if (!pl_helper_seat_is_wanted_by (guest->seat, guest->wake_fd))
    {
      get_up (guest, resolver);
      g_clear_pointer (&guest->seat, pl_helper_seat_unref);
      return FALSE;
    }
  PlHelperLink *helper =
      pl_resolver_get_helper (resolver) == NULL ? pl_helper_seat_take (guest->seat, guest->wake_fd) : NULL;
  if (helper != NULL)
    pl_resolver_use_helper (resolver, helper);
  return helper != NULL;
}

gboolean
pl_helper_guest_is_waiting (PlHelperGuest *guest, PlResolver *resolver)
{
  return atomic_load (&guest->new_seat) != NULL || (guest->seat != NULL && pl_resolver_get_helper (resolver) == NULL);
}
