/* The newest processes, newest first, kept from question to question so that only those that came since are listed: a
 * listing of /proc costs 3 µs a process. One thread. */
#pragma once
#include "procfs.h"

typedef struct _PlNewest PlNewest;

PlNewest *pl_newest_new (PlProcfs *procfs); /* which must outlive it */
void pl_newest_free (PlNewest *newest);
/* Adds what was started since the last call; does nothing while it is told. */
void pl_newest_refresh (PlNewest *newest);
/* From now on, or no more, all that begins is told by pl_newest_add(); what is there already is listed once. */
void pl_newest_set_told (PlNewest *newest, gboolean is_told);
/* @pid began, or has become another program: it is the newest. */
void pl_newest_add (PlNewest *newest, gint32 pid);
void pl_newest_forget (PlNewest *newest, gint32 pid);
/* How many are remembered, at most PL_LIMIT_NEWEST_KEPT; some may have ended since. */
guint pl_newest_get_n (PlNewest *newest);
/* The @at-th newest, from 0. */
gint32 pl_newest_get (PlNewest *newest, guint at);
/* Strikes out the @at-th, which has ended; those after it move up. */
void pl_newest_remove (PlNewest *newest, guint at);
