/* From a frame to its packet's facts: link layer, IP, fragments, transport, in that order, each by its own file. Capture
 * thread; allocates only when it is made. */
#include "fragments.h"
#include "ip.h"
#include "link-layer.h"
#include "packet.h"
#include "plain.h"
#include "transport.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct _PlDecoder
{
  PlFragments *fragments;
};

PlDecoder *
pl_decoder_new (void)
{
  PlDecoder *decoder = malloc (sizeof *decoder);

  if (decoder == NULL)
    return NULL;
  decoder->fragments = pl_fragments_new ();
  if (decoder->fragments == NULL)
    {
      free (decoder);
      return NULL;
    }
  return decoder;
}

void
pl_decoder_free (PlDecoder *decoder)
{
  if (decoder == NULL)
    return;
  pl_fragments_free (decoder->fragments);
  free (decoder);
}

static PlFragmentKey
fragment_key (const PlIp *ip)
{
  return (PlFragmentKey){ .src = ip->src, .dst = ip->dst, .id = ip->fragment_id, .proto = ip->fragment_proto };
}

/* Ports and kind as the first fragment told them. What needs no first fragment (GRE, ESP, …) is told without. */
static PlUndecodable
decode_later_fragment (PlDecoder *decoder, const PlCursor *cursor, const PlIp *ip, uint64_t time_us, PlPacket *packet)
{
  PlFragmentKey key = fragment_key (ip);
  const PlFragmentFacts *facts = pl_fragments_find (decoder->fragments, &key, time_us);

  if (facts == NULL && pl_ip_needs_first_fragment (ip))
    return PL_UNDECODABLE_STRAY_FRAGMENT;
  if (facts != NULL)
    {
      packet->proto = facts->proto;
      packet->icmp_type = facts->icmp_type;
      packet->src_port = facts->src_port;
      packet->dst_port = facts->dst_port;
      packet->flags |= facts->flags;
    }
  packet->flags |= PL_PACKET_LATER_FRAGMENT;
  packet->payload_bytes = cursor->wire_bytes;
  return PL_DECODED;
}

static void
remember_first_fragment (PlDecoder *decoder, const PlIp *ip, const PlPacket *packet)
{
  PlFragmentKey key = fragment_key (ip);
  PlFragmentFacts facts = {
    .src_port = packet->src_port,
    .dst_port = packet->dst_port,
    .flags = packet->flags & (PL_PACKET_HAS_PORTS | PL_PACKET_ECHO | PL_PACKET_ECHO_REPLY),
    .proto = packet->proto,
    .icmp_type = packet->icmp_type,
  };

  pl_fragments_remember (decoder->fragments, &key, &facts, packet->time_us);
}

static PlUndecodable
decode_ip (PlDecoder *decoder, PlCursor *cursor, int version, PlPacket *packet)
{
  PlIp ip;
  PlUndecodable result;

  if (pl_plain_decode (cursor, version, packet))
    return PL_DECODED;
  result = pl_ip_decode (cursor, version, &ip);
  if (result != PL_DECODED)
    return result;
  packet->src = ip.src;
  packet->dst = ip.dst;
  packet->proto = ip.proto;
  if (ip.fragment_offset_bytes > 0)
    return decode_later_fragment (decoder, cursor, &ip, packet->time_us, packet);
  result = pl_transport_decode (cursor, ip.is_fragment, packet);
  if (result == PL_DECODED && ip.is_fragment)
    {
      packet->flags |= PL_PACKET_FIRST_FRAGMENT;
      remember_first_fragment (decoder, &ip, packet);
    }
  return result;
}

/**
 * pl_decoder_packet:
 * @decoder: a decoder
 * @datalink: a LINKTYPE_ or DLT_ value
 * @bytes: the captured bytes
 * @captured: how many they are
 * @wire: how many there were on the wire
 * @time_us: when, Unix time
 * @packet: (out): the packet's facts
 *
 * Never reads past @captured, never allocates.
 *
 * Returns: %PL_DECODED, or the reason why @packet can't be told to a flow; then only its wire_bytes, time_us, ifindex and
 *   direction mean anything
 */
PlUndecodable
pl_decoder_packet (PlDecoder *decoder,
                   int datalink,
                   const uint8_t *bytes,
                   uint32_t captured,
                   uint32_t wire,
                   uint64_t time_us,
                   PlPacket *packet)
{
  PlCursor cursor = { .at = bytes, .captured_bytes = captured, .wire_bytes = wire };
  PlLinkLayer link;
  PlUndecodable result;

  /* The ends of a quoted packet mean nothing until they are set. To clear them too would cost more than the headers do:
   * compilers clear so much with a slow string instruction. */
  memset (packet, 0, offsetof (PlPacket, quoted_src));
  packet->payload = NULL;
  packet->payload_captured_bytes = 0;
  packet->wire_bytes = wire;
  packet->time_us = time_us;
  if (captured > wire)
    return PL_UNDECODABLE_BAD_RECORD;
  result = pl_link_layer_decode (datalink, &cursor, &link);
  packet->direction = link.direction;
  packet->ifindex = link.ifindex;
  if (link.has_ifindex)
    packet->flags |= PL_PACKET_HAS_IFINDEX;
  return result != PL_DECODED ? result : decode_ip (decoder, &cursor, link.ip_version, packet);
}

const char *
pl_undecodable_id (PlUndecodable reason)
{
  static const char *const ids[PL_N_UNDECODABLE] = {
    [PL_DECODED] = "decoded",
    [PL_UNDECODABLE_LINK_TYPE] = "link-type",
    [PL_UNDECODABLE_NOT_IP] = "not-ip",
    [PL_UNDECODABLE_CUT_LINK] = "cut-link",
    [PL_UNDECODABLE_CUT_NETWORK] = "cut-network",
    [PL_UNDECODABLE_CUT_TRANSPORT] = "cut-transport",
    [PL_UNDECODABLE_BAD_NETWORK] = "bad-network",
    [PL_UNDECODABLE_BAD_TRANSPORT] = "bad-transport",
    [PL_UNDECODABLE_TOO_MANY_HEADERS] = "too-many-headers",
    [PL_UNDECODABLE_STRAY_FRAGMENT] = "stray-fragment",
    [PL_UNDECODABLE_BAD_RECORD] = "bad-record",
  };

  return reason < PL_N_UNDECODABLE ? ids[reason] : "unknown";
}
