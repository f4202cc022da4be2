/* Link layers: from the first byte of a frame to the first byte of its IP header. libc only. */
#pragma once
#include "cursor.h"
#include "packet.h"

enum /* LINKTYPE_ and DLT_ values, tcpdump.org/linktypes.html */
{
  PL_DATALINK_NULL = 0,
  PL_DATALINK_ETHERNET = 1,
  PL_DATALINK_RAW_BSD = 12,
  PL_DATALINK_RAW_OPENBSD = 14,
  PL_DATALINK_RAW = 101,
  PL_DATALINK_LOOP = 108,
  PL_DATALINK_LINUX_SLL = 113,
  PL_DATALINK_IPV4 = 228,
  PL_DATALINK_IPV6 = 229,
  PL_DATALINK_LINUX_SLL2 = 276,
};

typedef struct
{
  uint8_t ip_version; /* 4 or 6, as the link layer says */
  uint8_t direction;  /* PlDirection */
  bool has_ifindex;
  uint32_t ifindex;
} PlLinkLayer;

/* Moves @cursor to the IP header. @link's direction and ifindex are set as soon as they are read, on failure too. */
PlUndecodable pl_link_layer_decode (int datalink, PlCursor *cursor, PlLinkLayer *link);
