/* The terminal that the live table is drawn on: the alternate screen while it lives, the person's own screen after.
 * Main thread; writes nothing when it is no terminal. */
#pragma once
#include "report.h"

typedef struct _PlScreen PlScreen;

/* @fd is standard output. NULL when it is no terminal. */
PlScreen *pl_screen_new (int fd);
/* Gives the person's screen back. */
void pl_screen_free (PlScreen *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlScreen, pl_screen_free)
/* How many rows a frame can show at most: more need not be collected. */
guint pl_screen_get_n_rows (PlScreen *self);
/* Draws one frame in a single write, as large as the terminal is now. */
void pl_screen_draw (PlScreen *self, const PlReport *report);
/* Errno of the first write that failed, or 0: the terminal is gone. */
int pl_screen_get_error (PlScreen *self);

/* How a table that is written once should look on @fd: no lines' limit, colours and width only on a terminal. */
void pl_text_layout_for (int fd, PlTextLayout *layout);
