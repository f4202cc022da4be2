/* Link layers: Ethernet (II, 802.3 with SNAP, 802.1Q and 802.1ad tags, PPPoE sessions), Linux cooked captures, BSD
 * loopback, raw IP. Capture thread; never allocates, never reads a byte but through the cursor. */
#include "link-layer.h"

#include "bounds.h"

enum
{
  ETHERTYPE_IPV4 = 0x0800,
  ETHERTYPE_8021Q = 0x8100,
  ETHERTYPE_IPV6 = 0x86dd,
  ETHERTYPE_PPPOE_SESSION = 0x8864,
  ETHERTYPE_8021AD = 0x88a8,
  ETHERTYPE_QINQ_OLD = 0x9100, /* before 802.1ad; still met */
  ETHERTYPE_LEAST = 0x0600, /* below it is a length, IEEE 802.3 3.2.6 */
};

enum
{
  SLL_OTHER_HOST = 3,
  SLL_OUTGOING = 4,
  SLL_PROTOCOL_LLC = 4, /* linux/if_ether.h ETH_P_802_2 */
  ARPHRD_NETLINK_ = 824, /* the protocol field is a netlink family, not an EtherType */
};

static PlUndecodable decode_ethertype (PlCursor *cursor, unsigned ethertype, PlLinkLayer *link);

/* RFC 1042: AA-AA-03 00-00-00 EtherType. Any other LLC carries no IP. */
static PlUndecodable
decode_llc (PlCursor *cursor, PlLinkLayer *link)
{
  const uint8_t *llc = pl_cursor_take (cursor, 8);

  if (llc == NULL)
    {
      llc = pl_cursor_peek (cursor, 2);
      return llc != NULL && pl_be16 (llc) != 0xaaaa ? PL_UNDECODABLE_NOT_IP : PL_UNDECODABLE_CUT_LINK;
    }
  if (pl_be16 (llc) != 0xaaaa || llc[2] != 0x03 || llc[3] != 0 || llc[4] != 0 || llc[5] != 0)
    return PL_UNDECODABLE_NOT_IP;
  return decode_ethertype (cursor, pl_be16 (llc + 6), link);
}

/* RFC 2516 section 4 (version and type, code, session, length), then the PPP protocol (RFC 1661, never compressed here). */
static PlUndecodable
decode_pppoe (PlCursor *cursor, PlLinkLayer *link)
{
  const uint8_t *header = pl_cursor_take (cursor, 8);

  if (header == NULL)
    return PL_UNDECODABLE_CUT_LINK;
  if (header[0] != 0x11 || header[1] != 0)
    return PL_UNDECODABLE_NOT_IP;
  switch (pl_be16 (header + 6))
    {
    case 0x0021:
      link->ip_version = 4;
      return PL_DECODED;
    case 0x0057:
      link->ip_version = 6;
      return PL_DECODED;
    default:
      return PL_UNDECODABLE_NOT_IP;
    }
}

/* From behind an EtherType field: through the tags to IP. */
static PlUndecodable
decode_ethertype (PlCursor *cursor, unsigned ethertype, PlLinkLayer *link)
{
  for (int n_tags = 0;; n_tags++)
    {
      const uint8_t *tag;

      switch (ethertype)
        {
        case ETHERTYPE_IPV4:
          link->ip_version = 4;
          return PL_DECODED;
        case ETHERTYPE_IPV6:
          link->ip_version = 6;
          return PL_DECODED;
        case ETHERTYPE_PPPOE_SESSION:
          return decode_pppoe (cursor, link);
        case ETHERTYPE_8021Q:
        case ETHERTYPE_8021AD:
        case ETHERTYPE_QINQ_OLD:
          break;
        default:
          return PL_UNDECODABLE_NOT_IP;
        }
      if (n_tags == PL_LIMIT_VLAN_TAGS)
        return PL_UNDECODABLE_TOO_MANY_HEADERS;
      tag = pl_cursor_take (cursor, 4); /* IEEE 802.1Q 9.6: control information, then the next EtherType */
      if (tag == NULL)
        return PL_UNDECODABLE_CUT_LINK;
      ethertype = pl_be16 (tag + 2);
    }
}

static PlUndecodable
decode_ethernet (PlCursor *cursor, PlLinkLayer *link)
{
  const uint8_t *header = pl_cursor_take (cursor, 14);
  unsigned ethertype;

  if (header == NULL)
    return PL_UNDECODABLE_CUT_LINK;
  ethertype = pl_be16 (header + 12);
  return ethertype < ETHERTYPE_LEAST ? decode_llc (cursor, link) : decode_ethertype (cursor, ethertype, link);
}

static PlDirection
direction_from_sll (unsigned packet_type)
{
  if (packet_type == SLL_OUTGOING)
    return PL_DIRECTION_OUT;
  if (packet_type == SLL_OTHER_HOST)
    return PL_DIRECTION_OTHER;
  return packet_type < SLL_OTHER_HOST ? PL_DIRECTION_IN : PL_DIRECTION_UNKNOWN;
}

static PlUndecodable
decode_sll_protocol (PlCursor *cursor, unsigned hardware, unsigned protocol, PlLinkLayer *link)
{
  if (hardware == ARPHRD_NETLINK_)
    return PL_UNDECODABLE_NOT_IP;
  if (protocol == SLL_PROTOCOL_LLC)
    return decode_llc (cursor, link);
  return decode_ethertype (cursor, protocol, link);
}

/* LINKTYPE_LINUX_SLL: packet type, ARPHRD_, address length (2 each), address (8), protocol (2). */
static PlUndecodable
decode_sll (PlCursor *cursor, PlLinkLayer *link)
{
  const uint8_t *header = pl_cursor_take (cursor, 16);

  if (header == NULL)
    return PL_UNDECODABLE_CUT_LINK;
  link->direction = direction_from_sll (pl_be16 (header));
  return decode_sll_protocol (cursor, pl_be16 (header + 2), pl_be16 (header + 14), link);
}

/* LINKTYPE_LINUX_SLL2: protocol (2), zero (2), interface index (4), ARPHRD_ (2), packet type, address length (1 each),
 * address (8). */
static PlUndecodable
decode_sll2 (PlCursor *cursor, PlLinkLayer *link)
{
  const uint8_t *header = pl_cursor_take (cursor, 20);

  if (header == NULL)
    return PL_UNDECODABLE_CUT_LINK;
  link->ifindex = pl_be32 (header + 4);
  link->has_ifindex = true;
  link->direction = direction_from_sll (header[10]);
  return decode_sll_protocol (cursor, pl_be16 (header + 8), pl_be16 (header), link);
}

/* LINKTYPE_NULL is in the byte order of the machine that captured, LINKTYPE_LOOP in network order; a family fits into 16
 * bits, so the order shows. The family of IPv6 differs: 10 Linux, 24 NetBSD, OpenBSD and Npcap, 28 FreeBSD, 30 Darwin. */
static PlUndecodable
decode_bsd_loopback (PlCursor *cursor, PlLinkLayer *link)
{
  const uint8_t *header = pl_cursor_take (cursor, 4);
  uint32_t family;

  if (header == NULL)
    return PL_UNDECODABLE_CUT_LINK;
  family = pl_be32 (header);
  if (family > 0xffff)
    family = pl_le32 (header);
  switch (family)
    {
    case 2:
      link->ip_version = 4;
      return PL_DECODED;
    case 10:
    case 24:
    case 28:
    case 30:
      link->ip_version = 6;
      return PL_DECODED;
    default:
      return PL_UNDECODABLE_NOT_IP;
    }
}

static PlUndecodable
decode_raw (const PlCursor *cursor, PlLinkLayer *link)
{
  const uint8_t *first = pl_cursor_peek (cursor, 1);

  if (first == NULL)
    return pl_cursor_had (cursor, 1) ? PL_UNDECODABLE_CUT_NETWORK : PL_UNDECODABLE_BAD_NETWORK;
  link->ip_version = first[0] >> 4;
  return link->ip_version == 4 || link->ip_version == 6 ? PL_DECODED : PL_UNDECODABLE_BAD_NETWORK;
}

bool
pl_decoder_knows (int datalink)
{
  switch (datalink)
    {
    case PL_DATALINK_NULL:
    case PL_DATALINK_ETHERNET:
    case PL_DATALINK_RAW_BSD:
    case PL_DATALINK_RAW_OPENBSD:
    case PL_DATALINK_RAW:
    case PL_DATALINK_LOOP:
    case PL_DATALINK_LINUX_SLL:
    case PL_DATALINK_IPV4:
    case PL_DATALINK_IPV6:
    case PL_DATALINK_LINUX_SLL2:
      return true;
    default:
      return false;
    }
}

/**
 * pl_link_layer_decode:
 * @datalink: a LINKTYPE_ value
 * @cursor: at the frame's first byte; moved to the IP header on success
 * @link: (out): what the link layer says
 *
 * Returns: %PL_DECODED, or why there is no IP header to be found
 */
PlUndecodable
pl_link_layer_decode (int datalink, PlCursor *cursor, PlLinkLayer *link)
{
  *link = (PlLinkLayer){ .direction = PL_DIRECTION_UNKNOWN };
  switch (datalink)
    {
    case PL_DATALINK_ETHERNET:
      return decode_ethernet (cursor, link);
    case PL_DATALINK_LINUX_SLL:
      return decode_sll (cursor, link);
    case PL_DATALINK_LINUX_SLL2:
      return decode_sll2 (cursor, link);
    case PL_DATALINK_NULL:
    case PL_DATALINK_LOOP:
      return decode_bsd_loopback (cursor, link);
    case PL_DATALINK_RAW:
    case PL_DATALINK_RAW_BSD:
    case PL_DATALINK_RAW_OPENBSD:
      return decode_raw (cursor, link);
    case PL_DATALINK_IPV4:
    case PL_DATALINK_IPV6:
      link->ip_version = datalink == PL_DATALINK_IPV4 ? 4 : 6;
      return PL_DECODED;
    default:
      return PL_UNDECODABLE_LINK_TYPE;
    }
}
