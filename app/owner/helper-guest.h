/* An owner thread's side of a helper's seat: is sent to one, sits down when it is free, and gets up when others want it. */
#pragma once
#include "helper-seat.h"
#include "resolver.h"

typedef struct _PlHelperGuest PlHelperGuest;

/* @wake_fd: the eventfd that wakes the thread; must stay. */
PlHelperGuest *pl_helper_guest_new (int wake_fd);
void pl_helper_guest_free (PlHelperGuest *guest); /* one that has left */
/* Main loop: it is to have the helper of @seat (a reference is taken). */
void pl_helper_guest_send_to (PlHelperGuest *guest, PlHelperSeat *seat);
/* Owner thread, whenever it was woken: takes the helper for @resolver (nullable), or gives it back. TRUE when it has another
 * one than before. */
gboolean pl_helper_guest_follow (PlHelperGuest *guest, PlResolver *resolver);
/* Owner thread: whether it is to have a helper that it has not yet: it comes as soon as whoever has it gets up. */
gboolean pl_helper_guest_is_waiting (PlHelperGuest *guest, PlResolver *resolver);
/* Owner thread: gives the helper back, or waits for it no more. */
void pl_helper_guest_leave (PlHelperGuest *guest, PlResolver *resolver);
