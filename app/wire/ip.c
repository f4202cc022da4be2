/* IPv4 (RFC 791) and IPv6 (RFC 8200) headers. Capture thread; never allocates, never reads a byte but through the cursor.
 *
 * Lengths. The header's own length decides how much is payload, so that Ethernet's padding never counts. A length larger
 * than the frame is believed only up to the frame's end. A length of 0 is what segmentation offload leaves in frames of
 * more than 64 KiB before the card cuts them (and the jumbo payload option of RFC 2675 in IPv6): then the frame's length counts.
 *
 * What counts as cut: the capture lacks a byte of the fixed header, of an extension header, or of the room IPv4 options take. */
#include "ip.h"

#include "bounds.h"
#include "transport.h"

enum
{
  NEXT_HOP_BY_HOP = 0,
  NEXT_ROUTING = 43,
  NEXT_FRAGMENT = 44,
  NEXT_AH = 51,
  NEXT_DESTINATION_OPTIONS = 60,
};

static PlUndecodable
too_short (const PlCursor *cursor, uint32_t n_bytes)
{
  return pl_cursor_had (cursor, n_bytes) ? PL_UNDECODABLE_CUT_NETWORK : PL_UNDECODABLE_BAD_NETWORK;
}

/* RFC 8200 4.5: next header, reserved, offset in 8-byte units (13 bits), two reserved bits, M, identification. */
static void
read_fragment_header (const uint8_t *header, PlIp *ip)
{
  uint16_t field = pl_be16 (header + 2);

  ip->fragment_offset_bytes = field & 0xfff8;
  ip->is_fragment = (field & 0xfff9) != 0;
  ip->fragment_id = pl_be32 (header + 4);
}

/* Length of the extension header of type @next whose first two bytes are @header; 0 when @next is no extension header. */
static uint32_t
extension_bytes (unsigned next, const uint8_t *header)
{
  switch (next)
    {
    case NEXT_HOP_BY_HOP:
    case NEXT_ROUTING:
    case NEXT_DESTINATION_OPTIONS:
      return (header[1] + 1u) * 8;
    case NEXT_FRAGMENT:
      return 8;
    case NEXT_AH: /* RFC 4302 2.2: in 4-byte units, minus 2 */
      return (header[1] + 2u) * 4;
    default:
      return 0;
    }
}

static bool
is_extension (int version, unsigned next)
{
  static const uint8_t any[2];

  /* IPv4 carries the Authentication Header as a protocol; the others are IPv6's. */
  return version == 4 ? next == NEXT_AH : extension_bytes (next, any) != 0;
}

/* Walks the extension headers; stops at the upper layer, or behind the fragment header of a later fragment, where no
 * header follows. */
static PlUndecodable
walk_extensions (PlCursor *cursor, int version, PlIp *ip)
{
  for (int n_headers = 0; is_extension (version, ip->proto); n_headers++)
    {
      const uint8_t *header = pl_cursor_peek (cursor, 2);
      uint32_t n_bytes;

      if (n_headers == PL_LIMIT_IPV6_EXTENSIONS)
        return PL_UNDECODABLE_TOO_MANY_HEADERS;
      if (header == NULL)
        return too_short (cursor, 2);
      n_bytes = extension_bytes (ip->proto, header);
      if (pl_cursor_take (cursor, n_bytes) == NULL)
        return too_short (cursor, n_bytes);
      if (ip->proto == NEXT_FRAGMENT)
        read_fragment_header (header, ip);
      ip->proto = header[0];
      if (ip->fragment_offset_bytes > 0)
        break;
    }
  return PL_DECODED;
}

static PlUndecodable
decode_v4 (PlCursor *cursor, PlIp *ip)
{
  const uint8_t *header = pl_cursor_peek (cursor, 20);
  uint32_t header_bytes, total_bytes;
  uint16_t field;

  if (header == NULL)
    return too_short (cursor, 20);
  header_bytes = (header[0] & 0xfu) * 4;
  total_bytes = pl_be16 (header + 2);
  if (header[0] >> 4 != 4 || header_bytes < 20)
    return PL_UNDECODABLE_BAD_NETWORK;
  ip->proto = ip->fragment_proto = header[9];
  if (total_bytes == 0 && (ip->proto == PL_PROTO_TCP || ip->proto == PL_PROTO_UDP))
    total_bytes = cursor->wire_bytes;
  pl_cursor_limit (cursor, total_bytes); /* a total below the header's length leaves no room for it */
  if (pl_cursor_take (cursor, header_bytes) == NULL)
    return too_short (cursor, header_bytes);

  ip->src = pl_addr_from_v4 (header + 12);
  ip->dst = pl_addr_from_v4 (header + 16);
  field = pl_be16 (header + 6); /* reserved, DF, MF, offset in 8-byte units (13 bits) */
  ip->fragment_offset_bytes = (field & 0x1fffu) * 8;
  ip->is_fragment = (field & 0x3fff) != 0;
  ip->fragment_id = pl_be16 (header + 4);
  return ip->fragment_offset_bytes > 0 ? PL_DECODED : walk_extensions (cursor, 4, ip);
}

static PlUndecodable
decode_v6 (PlCursor *cursor, PlIp *ip)
{
  const uint8_t *header = pl_cursor_take (cursor, 40);
  uint32_t payload_bytes;

  if (header == NULL)
    return too_short (cursor, 40);
  if (header[0] >> 4 != 6)
    return PL_UNDECODABLE_BAD_NETWORK;
  payload_bytes = pl_be16 (header + 4);
  ip->proto = header[6];
  ip->src = pl_addr_from_v6 (header + 8);
  ip->dst = pl_addr_from_v6 (header + 24);
  if (payload_bytes > 0 || !(ip->proto == PL_PROTO_TCP || ip->proto == PL_PROTO_UDP || is_extension (6, ip->proto)))
    pl_cursor_limit (cursor, payload_bytes);
  return walk_extensions (cursor, 6, ip);
}

/**
 * pl_ip_decode:
 * @cursor: at an IP header; moved behind the last header walked
 * @version: 4 or 6
 * @ip: (out): the header's facts
 *
 * Returns: %PL_DECODED, or why there is nothing to be read
 */
PlUndecodable
pl_ip_decode (PlCursor *cursor, int version, PlIp *ip)
{
  *ip = (PlIp){ 0 };
  return version == 4 ? decode_v4 (cursor, ip) : decode_v6 (cursor, ip);
}

bool
pl_ip_needs_first_fragment (const PlIp *ip)
{
  return pl_transport_has_header (ip->proto) || is_extension (pl_addr_is_v4 (&ip->src) ? 4 : 6, ip->proto);
}
