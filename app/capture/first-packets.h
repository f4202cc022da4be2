/* New flows at once. The bulk capture hands over packets up to 100 ms late, when the process that sent one may be gone
 * (notes/attribution.md: attribution falls from 98 to 15 %). So a second, small socket in immediate mode sees what can
 * begin a flow and makes the flow known; the bulk counts it. Capture thread only. */
#pragma once
#include "run.h"

typedef struct _PlFirstPackets PlFirstPackets;

/* NULL where it can't be had: flows are then merely known later. */
PlFirstPackets *pl_first_packets_new (PlRun *run, guint32 iface);
void pl_first_packets_free (PlFirstPackets *self);
/* The descriptor to poll, or -1 while it rests because of a flood. */
int pl_first_packets_get_fd (PlFirstPackets *self);
void pl_first_packets_read (PlFirstPackets *self);
