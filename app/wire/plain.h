/* The packets nearly all traffic is made of, decoded in one straight line: IPv4 without options and IPv6 without extension
 * headers, not fragments, carrying TCP or UDP, their headers captured and their lengths in order. libc only. */
#pragma once
#include "cursor.h"
#include "packet.h"

/* Fills @packet as pl_ip_decode() and pl_transport_decode() would, from @cursor at an IP header of @version. False, with
 * nothing done, for whatever is not plain. */
bool pl_plain_decode (const PlCursor *cursor, int version, PlPacket *packet);
