/* Transport headers and ICMP. libc only. */
#pragma once
#include "cursor.h"
#include "packet.h"

/* Whether packets of @proto name a flow by something beyond their addresses, so that a later fragment needs its first. */
bool pl_transport_has_header (uint8_t proto);

/* Fills ports, flags, payload and what an ICMP error quotes, from @cursor at the header of @packet->proto. */
PlUndecodable pl_transport_decode (PlCursor *cursor, bool is_first_fragment, PlPacket *packet);
