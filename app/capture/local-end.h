/* Which end of a flow is this machine's. Capture thread only.
 *
 * In this order: --local; this machine's own addresses (live); the direction the link layer noted (in a file, and for
 * multicast); the address that takes part in most flows (files); else the initiator's end, marked PL_FLOW_LOCAL_GUESSED.
 * Where both ends are local, the local end is the initiator's. */
#pragma once
#include <glib.h>
#include "flow.h"

typedef struct _PlLocalEnd PlLocalEnd;

/* @is_live: decide by this machine's own addresses, given by pl_local_end_set_own(); else by what the packets tell. */
PlLocalEnd *pl_local_end_new (gboolean is_live, const PlPrefix *prefixes, guint n_prefixes);
void pl_local_end_free (PlLocalEnd *self);

/* This machine's addresses now, copied. TRUE when one is new, so that flows that were guessed may know better. */
gboolean pl_local_end_set_own (PlLocalEnd *self, const PlAddr *addrs, guint n_addrs);
/* Weighs the ends of a new flow. A no-op when live. */
void pl_local_end_note (PlLocalEnd *self, const PlFlowKey *key);
/* Elects the address that takes part in most flows. TRUE when the answer of pl_local_end_decide() may have changed.
 * @is_final: also when too few flows came since the last election to be worth it. */
gboolean pl_local_end_elect (PlLocalEnd *self, gboolean is_final);

/* Sets local_end and PL_FLOW_LOCAL_GUESSED of @flow, whose initiator is known by now or never. @sender sent a packet
 * noted with @direction. Returns whether that is settled for good: no election changes it. */
gboolean pl_local_end_decide (PlLocalEnd *self, PlFlow *flow, int sender, PlDirection direction);
