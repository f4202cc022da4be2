/* This machine's own addresses, followed live. Capture thread only; no privilege needed. */
#pragma once
#include <glib.h>
#include "addr.h"

typedef struct _PlLocalAddrs PlLocalAddrs;

/* Never fails: without rtnetlink (some sandboxes) the addresses of the start are all that is known. */
PlLocalAddrs *pl_local_addrs_new (void);
void pl_local_addrs_free (PlLocalAddrs *self);
/* Readable when an address or a link changed; -1 when that can't be followed. */
int pl_local_addrs_get_fd (const PlLocalAddrs *self);
/* Drains the descriptor. The messages only say that it is time to look. */
void pl_local_addrs_drain (PlLocalAddrs *self);
/* Fills up to @n_max addresses of up interfaces; returns how many. */
guint pl_local_addrs_load (PlAddr *addrs, guint n_max);
