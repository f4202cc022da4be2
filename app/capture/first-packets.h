/* New flows at once. The bulk capture hands over packets up to 100 ms late, when the process that sent one may be gone
 * (notes/attribution.md: attribution falls from 98 to 15 %). So a second, small socket in immediate mode sees what can
 * begin a flow and makes the flow known; the bulk counts it. Capture thread only. */
#pragma once
#include "run.h"

typedef struct _PlFirstPackets PlFirstPackets;

/* A socket for each, so that a stream of datagrams does not hide the attempts to connect. */
typedef enum
{
  PL_FIRST_DATAGRAMS, /* UDP, but for QUIC's short headers, which are never first (RFC 9000 17.3) */
  PL_FIRST_OTHER,     /* SYN, INIT, ICMP */
  PL_N_FIRST,
} PlFirstKind;

/* NULL where it can't be had: flows are then merely known later. */
PlFirstPackets *pl_first_packets_new (PlRun *run, guint32 iface, PlFirstKind kind);
void pl_first_packets_free (PlFirstPackets *self);
/* The descriptor to poll, or -1 while it rests because of a flood. */
int pl_first_packets_get_fd (PlFirstPackets *self);
void pl_first_packets_read (PlFirstPackets *self);
