/* TCP, UDP, UDP-Lite, SCTP, ICMP and ICMPv6. Capture thread; never allocates, never reads a byte but through the cursor.
 *
 * What counts as cut: TCP needs 14 bytes (to the flags), UDP, UDP-Lite and SCTP 4 (the ports; UDP's length is used if it
 * is there), ICMP 4 (type and code), an echo 6 (the identifier). What else a header holds is 0 when the capture lacks it.
 * Payload is what the IP length leaves behind the header, captured or not. In SCTP that is all its chunks. */
#include "transport.h"

#include "ip.h"

#include <string.h>

enum
{
  TCP_HEADER_BYTES = 20,
  TCP_WANTED_BYTES = 14,
  UDP_HEADER_BYTES = 8,
  SCTP_HEADER_BYTES = 12,
  ICMP_HEADER_BYTES = 8,
};

static PlUndecodable
too_short (const PlCursor *cursor, uint32_t n_bytes)
{
  return pl_cursor_had (cursor, n_bytes) ? PL_UNDECODABLE_CUT_TRANSPORT : PL_UNDECODABLE_BAD_TRANSPORT;
}

static bool
has_ports (uint8_t proto)
{
  return proto == PL_PROTO_TCP || proto == PL_PROTO_UDP || proto == PL_PROTO_UDPLITE || proto == PL_PROTO_SCTP;
}

bool
pl_transport_has_header (uint8_t proto)
{
  return has_ports (proto) || proto == PL_PROTO_ICMP || proto == PL_PROTO_ICMPV6;
}

/* All behind the next @header_bytes is payload. */
static void
set_payload (PlCursor *cursor, uint32_t header_bytes, PlPacket *packet)
{
  pl_cursor_advance (cursor, header_bytes);
  packet->payload_bytes = cursor->wire_bytes;
  packet->payload_captured_bytes = cursor->captured_bytes;
  packet->payload = cursor->captured_bytes > 0 ? cursor->at : NULL;
}

static void
read_ports (const uint8_t *header, PlPacket *packet)
{
  packet->src_port = pl_be16 (header);
  packet->dst_port = pl_be16 (header + 2);
  packet->flags |= PL_PACKET_HAS_PORTS;
}

/* A first fragment may be too small for the header (RFC 1858 section 3): its flow is known all the same, its flags are not. */
static PlUndecodable
decode_tiny_tcp (PlCursor *cursor, PlPacket *packet)
{
  const uint8_t *header = pl_cursor_peek (cursor, 8);

  if (header == NULL)
    return too_short (cursor, 8);
  read_ports (header, packet);
  packet->tcp_seq = pl_be32 (header + 4);
  return PL_DECODED;
}

/* RFC 9293 3.1: ports, sequence, acknowledgment, data offset (4 bits) and flags, window. */
static PlUndecodable
decode_tcp (PlCursor *cursor, bool is_first_fragment, PlPacket *packet)
{
  const uint8_t *header = pl_cursor_peek (cursor, TCP_WANTED_BYTES), *to_window;
  uint32_t header_bytes;

  if (is_first_fragment && !pl_cursor_had (cursor, TCP_HEADER_BYTES))
    return decode_tiny_tcp (cursor, packet);
  if (!pl_cursor_had (cursor, TCP_HEADER_BYTES))
    return PL_UNDECODABLE_BAD_TRANSPORT;
  if (header == NULL)
    return PL_UNDECODABLE_CUT_TRANSPORT;
  header_bytes = (header[12] >> 4) * 4u;
  if (header_bytes < TCP_HEADER_BYTES || (!pl_cursor_had (cursor, header_bytes) && !is_first_fragment))
    return PL_UNDECODABLE_BAD_TRANSPORT;
  read_ports (header, packet);
  packet->tcp_seq = pl_be32 (header + 4);
  packet->tcp_ack = pl_be32 (header + 8);
  packet->tcp_flags = header[13];
  to_window = pl_cursor_peek (cursor, 16);
  if (to_window != NULL)
    packet->tcp_window = pl_be16 (to_window + 14);
  set_payload (cursor, header_bytes, packet);
  return PL_DECODED;
}

/* RFC 768: ports, length, checksum. A length of 0 is a jumbogram's (RFC 2675 section 4); one beyond the packet, as in
 * the first fragment of a longer datagram, limits nothing. */
static PlUndecodable
decode_udp (PlCursor *cursor, PlPacket *packet)
{
  const uint8_t *header = pl_cursor_peek (cursor, 4), *to_length;

  if (!pl_cursor_had (cursor, UDP_HEADER_BYTES))
    return PL_UNDECODABLE_BAD_TRANSPORT;
  if (header == NULL)
    return PL_UNDECODABLE_CUT_TRANSPORT;
  to_length = pl_cursor_peek (cursor, 6);
  if (to_length != NULL)
    {
      uint16_t length = pl_be16 (to_length + 4);

      if (length > 0 && length < UDP_HEADER_BYTES)
        return PL_UNDECODABLE_BAD_TRANSPORT;
      if (length > 0)
        pl_cursor_limit (cursor, length);
    }
  read_ports (header, packet);
  set_payload (cursor, UDP_HEADER_BYTES, packet);
  return PL_DECODED;
}

/* UDP-Lite (RFC 3828: the length field is a checksum's coverage) and SCTP (RFC 9260 3.1: ports, tag, checksum). */
static PlUndecodable
decode_ports (PlCursor *cursor, uint32_t header_bytes, PlPacket *packet)
{
  const uint8_t *header = pl_cursor_peek (cursor, 4);

  if (!pl_cursor_had (cursor, header_bytes))
    return PL_UNDECODABLE_BAD_TRANSPORT;
  if (header == NULL)
    return PL_UNDECODABLE_CUT_TRANSPORT;
  read_ports (header, packet);
  set_payload (cursor, header_bytes, packet);
  return PL_DECODED;
}

static bool
is_echo (uint8_t proto, uint8_t type)
{
  return proto == PL_PROTO_ICMP ? type == 8 || type == 0 : type == 128 || type == 129;
}

static bool
is_echo_reply (uint8_t proto, uint8_t type)
{
  return type == (proto == PL_PROTO_ICMP ? 0 : 129);
}

/* Messages about a packet that failed: RFC 792 (unreachable, source quench, time exceeded, parameter problem; a redirect
 * is no failure) and RFC 4443 section 3 (unreachable, too big, time exceeded, parameter problem). */
static bool
is_error (uint8_t proto, uint8_t type)
{
  if (proto == PL_PROTO_ICMP)
    return type == 3 || type == 4 || type == 11 || type == 12;
  return type >= 1 && type <= 4;
}

/* The packet an error quotes: a whole IP header and at least the ports or the echo's identifier, or nothing is told. */
static void
read_quote (PlCursor cursor, PlPacket *packet)
{
  PlIp ip;
  const uint8_t *header;

  if (pl_ip_decode (&cursor, packet->proto == PL_PROTO_ICMP ? 4 : 6, &ip) != PL_DECODED)
    return;
  if (ip.fragment_offset_bytes > 0 && pl_transport_has_header (ip.proto))
    return;
  if (has_ports (ip.proto))
    {
      header = pl_cursor_peek (&cursor, 4);
      if (header == NULL)
        return;
      packet->quoted_src_port = pl_be16 (header);
      packet->quoted_dst_port = pl_be16 (header + 2);
      packet->quoted_flags = PL_PACKET_HAS_PORTS;
      header = ip.proto == PL_PROTO_TCP ? pl_cursor_peek (&cursor, 14) : NULL;
      if (header != NULL) /* RFC 792 asks for no more than the ports and the number */
        packet->quoted_tcp_flags = header[13];
    }
  else if (ip.proto == PL_PROTO_ICMP || ip.proto == PL_PROTO_ICMPV6)
    {
      header = pl_cursor_peek (&cursor, 6);
      if (header == NULL)
        return;
      if (is_echo (ip.proto, header[0]))
        {
          packet->quoted_src_port = packet->quoted_dst_port = pl_be16 (header + 4);
          packet->quoted_flags = PL_PACKET_ECHO;
          if (is_echo_reply (ip.proto, header[0]))
            packet->quoted_flags |= PL_PACKET_ECHO_REPLY;
        }
    }
  packet->quoted_src = ip.src;
  packet->quoted_dst = ip.dst;
  packet->quoted_proto = ip.proto;
  packet->flags |= PL_PACKET_QUOTES;
}

/* RFC 792, RFC 4443 2.1: type, code, checksum; an echo goes on with identifier and sequence, an error with four bytes and
 * the start of the packet that failed. */
static PlUndecodable
decode_icmp (PlCursor *cursor, PlPacket *packet)
{
  const uint8_t *header = pl_cursor_peek (cursor, 4);

  if (header == NULL)
    return too_short (cursor, 4);
  packet->icmp_type = header[0];
  packet->icmp_code = header[1];
  if (is_echo (packet->proto, packet->icmp_type))
    {
      if (!pl_cursor_had (cursor, ICMP_HEADER_BYTES))
        return PL_UNDECODABLE_BAD_TRANSPORT;
      header = pl_cursor_peek (cursor, 6);
      if (header == NULL)
        return PL_UNDECODABLE_CUT_TRANSPORT;
      packet->src_port = packet->dst_port = pl_be16 (header + 4);
      packet->flags |= PL_PACKET_ECHO;
      if (is_echo_reply (packet->proto, packet->icmp_type))
        packet->flags |= PL_PACKET_ECHO_REPLY;
    }
  set_payload (cursor, ICMP_HEADER_BYTES, packet);
  if (is_error (packet->proto, packet->icmp_type))
    read_quote (*cursor, packet);
  return PL_DECODED;
}

/**
 * pl_transport_decode:
 * @cursor: behind the IP headers, limited to the IP length
 * @is_first_fragment: whether the rest of the datagram comes in later fragments
 * @packet: its addresses and proto are set; ports, flags and payload are filled
 *
 * Returns: %PL_DECODED, or why the flow can't be told
 */
PlUndecodable
pl_transport_decode (PlCursor *cursor, bool is_first_fragment, PlPacket *packet)
{
  switch (packet->proto)
    {
    case PL_PROTO_TCP:
      return decode_tcp (cursor, is_first_fragment, packet);
    case PL_PROTO_UDP:
      return decode_udp (cursor, packet);
    case PL_PROTO_UDPLITE:
      return decode_ports (cursor, UDP_HEADER_BYTES, packet);
    case PL_PROTO_SCTP:
      return decode_ports (cursor, SCTP_HEADER_BYTES, packet);
    case PL_PROTO_ICMP:
    case PL_PROTO_ICMPV6:
      return decode_icmp (cursor, packet);
    default:
      set_payload (cursor, 0, packet);
      return PL_DECODED;
    }
}
