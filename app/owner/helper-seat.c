/* See helper-seat.h. A pthread mutex, since GLib's own locks show as false races under TSan. */
#include "helper-seat.h"

#include <pthread.h>

#include "wake.h"

struct _PlHelperSeat
{
  gatomicrefcount ref_count;
  pthread_mutex_t mutex; /* what follows */
  PlHelperLink *link; /* NULL while its holder has it */
  int wanter_fd, holder_fd; /* eventfds; -1: nobody */
};

PlHelperSeat *
pl_helper_seat_new (int fd)
{
  PlHelperSeat *seat = g_new0 (PlHelperSeat, 1);
  g_atomic_ref_count_init (&seat->ref_count);
  pthread_mutex_init (&seat->mutex, NULL);
  seat->link = pl_helper_link_new (fd);
  seat->wanter_fd = seat->holder_fd = -1;
  return seat;
}

PlHelperSeat *
pl_helper_seat_ref (PlHelperSeat *seat)
{
  g_atomic_ref_count_inc (&seat->ref_count);
  return seat;
}

void
pl_helper_seat_unref (PlHelperSeat *seat)
{
  if (!g_atomic_ref_count_dec (&seat->ref_count))
    return;
  pl_helper_link_free (seat->link);
  pthread_mutex_destroy (&seat->mutex);
  g_free (seat);
}

void
pl_helper_seat_want (PlHelperSeat *seat, int wake_fd)
{
  pthread_mutex_lock (&seat->mutex);
  seat->wanter_fd = wake_fd;
  if (seat->holder_fd >= 0 && seat->holder_fd != wake_fd)
    pl_wake_fd (seat->holder_fd);
  pthread_mutex_unlock (&seat->mutex);
}

gboolean
pl_helper_seat_is_wanted_by (PlHelperSeat *seat, int wake_fd)
{
  pthread_mutex_lock (&seat->mutex);
  gboolean is_wanted = seat->wanter_fd == wake_fd;
  pthread_mutex_unlock (&seat->mutex);
  return is_wanted;
}

PlHelperLink *
pl_helper_seat_take (PlHelperSeat *seat, int wake_fd)
{
  PlHelperLink *taken = NULL;
  pthread_mutex_lock (&seat->mutex);
  if (seat->wanter_fd == wake_fd && seat->link != NULL)
    {
      taken = g_steal_pointer (&seat->link);
      seat->holder_fd = wake_fd;
    }
  pthread_mutex_unlock (&seat->mutex);
  return taken;
}

void
pl_helper_seat_put (PlHelperSeat *seat, PlHelperLink *link)
{
  pthread_mutex_lock (&seat->mutex);
  seat->link = link;
  seat->holder_fd = -1;
  if (seat->wanter_fd >= 0)
    pl_wake_fd (seat->wanter_fd);
  pthread_mutex_unlock (&seat->mutex);
}

void
pl_helper_seat_forgo (PlHelperSeat *seat, int wake_fd)
{
  pthread_mutex_lock (&seat->mutex);
  if (seat->wanter_fd == wake_fd)
    seat->wanter_fd = -1;
  pthread_mutex_unlock (&seat->mutex);
}
