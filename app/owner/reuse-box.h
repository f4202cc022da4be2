/* Ports of UDP that changed hands, from the owner thread to the capture thread, which waits for nothing. */
#pragma once
#include "flow.h"
#include <glib.h>

typedef struct _PlReuseBox PlReuseBox;

PlReuseBox *pl_reuse_box_new (void);
void pl_reuse_box_free (PlReuseBox *box);
/* Owner thread. Beyond PL_LIMIT_PORT_REUSES untaken ones it is lost, and counted. */
void pl_reuse_box_put (PlReuseBox *box, const PlPortReuse *reuse);
/* Owner thread: wakes who waits for one, though there may be none. */
void pl_reuse_box_wake (PlReuseBox *box);
/* Capture thread: takes the oldest, @max at most; returns how many. */
guint pl_reuse_box_take (PlReuseBox *box, PlPortReuse *reuses, guint max);
/* Readable while there is any, for poll(). */
int pl_reuse_box_get_fd (PlReuseBox *box);
guint64 pl_reuse_box_get_n_lost (PlReuseBox *box); /* any thread */
