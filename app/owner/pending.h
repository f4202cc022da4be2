/* Cases whose holders only a full scan can find, and that scan: one at a time, for all that waits when it begins. What a
 * scan missed because the helper was not there yet, or slow, waits for the next one. In a sandbox, where none is possible, those
 * that the helper looks for (outside.h). Owner thread only. */
#pragma once
#include "scan.h"
#include "sockets-source.h"

typedef struct _PlPending PlPending;
/* Takes @one, answered as well as can be, over. */
typedef void (*PlPendingFunc) (PlCase *one, gpointer data);

/* @scan is taken over; NULL where none is possible, and then @resolver may be NULL too. @resolver and @source must outlive it. */
PlPending *pl_pending_new (PlScan *scan, PlResolver *resolver, PlSocketsSource *source);
void pl_pending_free (PlPending *pending); /* nullable */
/* Takes @one, which needs a scan, over; FALSE when there is no room. */
gboolean pl_pending_add (PlPending *pending, PlCase *one);
/* Another helper than before: the next scan learns by it. */
void pl_pending_set_new_helper (PlPending *pending);
/* When a scan has ended, and the helper has told the rest: those that waited for it go to @answered. TRUE then. */
gboolean pl_pending_take_scan (PlPending *pending, PlPendingFunc answered, gpointer data);
/* In a sandbox. @is_round_over: the helper has looked into all processes since the last time. */
void pl_pending_take_outside (PlPending *pending, gboolean is_round_over, PlPendingFunc answered, gpointer data);
/* Begins a scan if one is wanted, possible and due; TRUE then. */
gboolean pl_pending_start_scan (PlPending *pending);
/* How many there was no room for, but for second looks. */
guint64 pl_pending_get_n_cut (const PlPending *pending);
/* Whether a scan has ended, or none is possible. */
gboolean pl_pending_has_scanned (const PlPending *pending);
/* Milliseconds until the next step is due, -1 for none: whatever else it waits for wakes the thread. */
int pl_pending_get_wait_ms (PlPending *pending);
