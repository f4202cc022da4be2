/* The newest processes, newest first, kept from question to question so that only those that came since are listed: a
 * listing of /proc costs 3 µs a process. One thread. */
#pragma once
#include "procfs.h"

typedef struct _PlNewest PlNewest;

PlNewest *pl_newest_new (PlProcfs *procfs); /* which must outlive it */
void pl_newest_free (PlNewest *newest);
/* Adds what was started since the last call. */
void pl_newest_refresh (PlNewest *newest);
/* How many are remembered, at most PL_LIMIT_NEWEST_KEPT; some may have ended since. */
guint pl_newest_get_n (PlNewest *newest);
/* The @at-th newest, from 0. */
gint32 pl_newest_get (PlNewest *newest, guint at);
/* Strikes out the @at-th, which has ended; those after it move up. */
void pl_newest_remove (PlNewest *newest, guint at);
