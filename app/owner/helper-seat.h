/* One helper's link for many owner threads, one after the other: who wants it last gets it, with all that the helper told at
 * its start, as soon as the one before has put it back. Any thread; never blocks for longer than a pointer is moved.
 *
 * Each owner thread is known by the eventfd that wakes it. */
#pragma once
#include "helper-link.h"

typedef struct _PlHelperSeat PlHelperSeat;

/* @fd: the helper's owners socket, taken over. */
PlHelperSeat *pl_helper_seat_new (int fd);
PlHelperSeat *pl_helper_seat_ref (PlHelperSeat *seat);
void pl_helper_seat_unref (PlHelperSeat *seat); /* the last one closes the socket */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlHelperSeat, pl_helper_seat_unref)

/* From now on @wake_fd's thread is to have it. Wakes the holder, if that is another. */
void pl_helper_seat_want (PlHelperSeat *seat, int wake_fd);
gboolean pl_helper_seat_is_wanted_by (PlHelperSeat *seat, int wake_fd);
/* (transfer full) (nullable): the link, when @wake_fd's thread is to have it and nobody has it. */
PlHelperLink *pl_helper_seat_take (PlHelperSeat *seat, int wake_fd);
/* Its holder gives @link (transfer full) back. Wakes who waits for it. */
void pl_helper_seat_put (PlHelperSeat *seat, PlHelperLink *link);
/* @wake_fd's thread wants it no more. Must come before @wake_fd is closed. */
void pl_helper_seat_forgo (PlHelperSeat *seat, int wake_fd);
