/* IPv4 and IPv6 with their options, extension headers and fragment fields. libc only. */
#pragma once
#include "cursor.h"
#include "packet.h"

typedef struct
{
  PlAddr src, dst;
  uint8_t proto;             /* of what follows the last header walked */
  uint8_t fragment_proto;    /* which names the datagram beside its id: the IPv4 protocol field; 0 for IPv6, RFC 8200 4.5 */
  bool is_fragment;          /* one of several: an "atomic" fragment (RFC 6946) is none */
  uint32_t fragment_offset_bytes; /* 0 for the first */
  uint32_t fragment_id;
} PlIp;

/* Moves @cursor from an IP header of @version (4 or 6) to what it carries, and limits it to the length the header gives. */
PlUndecodable pl_ip_decode (PlCursor *cursor, int version, PlIp *ip);
/* Whether a later fragment says too little without its first: its protocol has ports or an echo's identifier, or an
 * extension header comes between. */
bool pl_ip_needs_first_fragment (const PlIp *ip);
