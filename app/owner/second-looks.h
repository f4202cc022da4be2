/* Connections that were answered with their listener, or with whoever had just accepted them, until they are looked at again:
 * a server may hand each to a worker, or to a program that it starts for it (inetd(8)). Owner thread only. */
#pragma once
#include "case.h"

typedef struct _PlSecondLooks PlSecondLooks;

PlSecondLooks *pl_second_looks_new (void);
void pl_second_looks_free (PlSecondLooks *looks);
/* Looks at @one again PL_SECOND_LOOK_US after @now_us, if several processes may have accepted it, and at the later times, each in
 * the round (PL_LOOK_ROUND_US) that follows. Beyond
 * PL_LIMIT_SECOND_LOOKS of a kind it is not. */
void pl_second_looks_add (PlSecondLooks *looks, const PlCase *one, gint64 now_us);
/* The next one that is due at @now_us; FALSE for none. It holds no process. */
gboolean pl_second_looks_next (PlSecondLooks *looks, gint64 now_us, PlCase *one);
/* @one is still open: once more, later, unless that was the last time. */
void pl_second_looks_add_again (PlSecondLooks *looks, const PlCase *one, gint64 now_us);
/* Milliseconds from @now_us until the next one is due, -1 for none. */
int pl_second_looks_get_wait_ms (PlSecondLooks *looks, gint64 now_us);
/* How many the cap turned away. */
guint64 pl_second_looks_get_n_cut (PlSecondLooks *looks);
