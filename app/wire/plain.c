/* The shortcut for plain packets. Capture thread; never allocates, reads no byte before it knows that it is captured.
 *
 * It decides nothing of its own: what is not exactly as expected is left to ip.c and transport.c, and a test holds both
 * ways equal. Measured: decoding costs a third of what it does by the long way. */
#include "plain.h"

#include <string.h>

enum
{
  V4_BYTES = 20,
  V6_BYTES = 40,
  TCP_BYTES = 20,
  UDP_BYTES = 8,
};

/* What lies behind the IP header, limited to the IP length. */
typedef struct
{
  const uint8_t *at;
  uint32_t captured_bytes, wire_bytes;
} Rest;

static inline bool
limit_rest (const PlCursor *cursor, uint32_t header_bytes, uint32_t total_bytes, Rest *rest)
{
  uint32_t captured_bytes = cursor->captured_bytes < total_bytes ? cursor->captured_bytes : total_bytes;

  if (total_bytes > cursor->wire_bytes || captured_bytes < header_bytes + UDP_BYTES)
    return false;
  rest->at = cursor->at + header_bytes;
  rest->captured_bytes = captured_bytes - header_bytes;
  rest->wire_bytes = total_bytes - header_bytes;
  return true;
}

/* Either half of an address is stored as the number that later reads of it load: a load across two stores has to wait. */
static inline void
store_v4 (const uint8_t *bytes, PlAddr *addr)
{
  uint8_t tail[8] = { 0, 0, 0xff, 0xff, bytes[0], bytes[1], bytes[2], bytes[3] };

  memset (addr->bytes, 0, 8);
  memcpy (addr->bytes + 8, tail, 8);
}

static inline void
set_payload (const Rest *rest, uint32_t header_bytes, PlPacket *packet)
{
  packet->payload_bytes = rest->wire_bytes - header_bytes;
  if (rest->captured_bytes <= header_bytes)
    return;
  packet->payload_captured_bytes = rest->captured_bytes - header_bytes;
  packet->payload = rest->at + header_bytes;
}

static inline bool
decode_tcp (const Rest *rest, PlPacket *packet)
{
  const uint8_t *header = rest->at;
  uint32_t header_bytes;

  if (rest->captured_bytes < TCP_BYTES)
    return false;
  header_bytes = (header[12] >> 4) * 4u;
  if (header_bytes < TCP_BYTES || header_bytes > rest->wire_bytes)
    return false;
  packet->tcp_seq = pl_be32 (header + 4);
  packet->tcp_ack = pl_be32 (header + 8);
  packet->tcp_flags = header[13];
  packet->tcp_window = pl_be16 (header + 14);
  set_payload (rest, header_bytes, packet);
  return true;
}

static inline bool
decode_udp (Rest *rest, PlPacket *packet)
{
  uint32_t length = pl_be16 (rest->at + 4);

  if (length < UDP_BYTES || length > rest->wire_bytes)
    return false;
  rest->wire_bytes = length;
  if (rest->captured_bytes > length)
    rest->captured_bytes = length;
  set_payload (rest, UDP_BYTES, packet);
  return true;
}

static inline bool
decode_transport (Rest *rest, uint8_t proto, PlPacket *packet)
{
  if (proto == PL_PROTO_TCP ? !decode_tcp (rest, packet) : proto != PL_PROTO_UDP || !decode_udp (rest, packet))
    return false;
  packet->proto = proto;
  packet->src_port = pl_be16 (rest->at);
  packet->dst_port = pl_be16 (rest->at + 2);
  packet->flags |= PL_PACKET_HAS_PORTS;
  return true;
}

bool
pl_plain_decode (const PlCursor *cursor, int version, PlPacket *packet)
{
  const uint8_t *header = cursor->at;
  Rest rest;

  if (version == 4)
    {
      if (cursor->captured_bytes < V4_BYTES || header[0] != 0x45 || (pl_be16 (header + 6) & 0x3fff) != 0
          || !limit_rest (cursor, V4_BYTES, pl_be16 (header + 2), &rest)
          || !decode_transport (&rest, header[9], packet))
        return false;
      store_v4 (header + 12, &packet->src);
      store_v4 (header + 16, &packet->dst);
      return true;
    }
  if (cursor->captured_bytes < V6_BYTES || header[0] >> 4 != 6 || pl_be16 (header + 4) == 0
      || !limit_rest (cursor, V6_BYTES, V6_BYTES + pl_be16 (header + 4), &rest)
      || !decode_transport (&rest, header[6], packet))
    return false;
  memcpy (packet->src.bytes, header + 8, 16);
  memcpy (packet->dst.bytes, header + 24, 16);
  return true;
}
