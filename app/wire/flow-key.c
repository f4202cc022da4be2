/* Flow keys: canonical order, equality, keyed hash. Capture thread (and any other: pure functions); never allocates. */
#include "flow.h"
#include "siphash.h"

#include <endian.h>
#include <string.h>

_Static_assert(sizeof (PlFlowKey) == 44, "the key has no padding: it is compared and hashed as bytes");

/* As pl_addr_compare(), in line: once a packet. */
int
pl_flow_key_from_ends (uint8_t proto,
                       uint8_t kind,
                       const PlAddr *addr_1,
                       uint16_t port_1,
                       const PlAddr *addr_2,
                       uint16_t port_2,
                       uint32_t zone,
                       PlFlowKey *key)
{
  uint64_t words_1[2], words_2[2];
  int end_1;

  memcpy (words_1, addr_1->bytes, 16);
  memcpy (words_2, addr_2->bytes, 16);
  if (words_1[0] != words_2[0])
    end_1 = be64toh (words_1[0]) < be64toh (words_2[0]) ? PL_END_A : PL_END_B;
  else if (words_1[1] != words_2[1])
    end_1 = be64toh (words_1[1]) < be64toh (words_2[1]) ? PL_END_A : PL_END_B;
  else
    end_1 = port_1 <= port_2 ? PL_END_A : PL_END_B;
  memcpy (key->addr[end_1].bytes, words_1, 16);
  key->port[end_1] = port_1;
  memcpy (key->addr[!end_1].bytes, words_2, 16);
  key->port[!end_1] = port_2;
  key->zone = zone;
  key->proto = proto;
  key->kind = kind;
  key->reserved = 0;
  return end_1;
}

static uint32_t
zone_of (const PlPacket *packet, const PlAddr *src, const PlAddr *dst)
{
  if ((packet->flags & PL_PACKET_HAS_IFINDEX) == 0)
    return 0;
  return pl_addr_scope (src) == PL_SCOPE_LINK || pl_addr_scope (dst) == PL_SCOPE_LINK ? packet->ifindex : 0;
}

static uint8_t
kind_of (unsigned flags)
{
  if (flags & PL_PACKET_HAS_PORTS)
    return PL_KIND_PORTS;
  return flags & PL_PACKET_ECHO ? PL_KIND_ECHO : PL_KIND_BARE;
}

/* Who pings itself has two equal ends; then the reply is the other end's, so that both directions count. */
static int
sender (const PlFlowKey *key, int end, unsigned flags)
{
  if (key->kind == PL_KIND_ECHO && (flags & PL_PACKET_ECHO_REPLY) && pl_addr_equal (&key->addr[0], &key->addr[1]))
    return PL_END_B;
  return end;
}

int
pl_flow_key_from_packet (const PlPacket *packet, PlFlowKey *key)
{
  int end = pl_flow_key_from_ends (packet->proto, kind_of (packet->flags), &packet->src, packet->src_port, &packet->dst,
                                   packet->dst_port, zone_of (packet, &packet->src, &packet->dst), key);

  return sender (key, end, packet->flags);
}

int
pl_flow_key_from_quote (const PlPacket *packet, PlFlowKey *key)
{
  int end;

  if ((packet->flags & PL_PACKET_QUOTES) == 0)
    return PL_END_UNKNOWN;
  end = pl_flow_key_from_ends (packet->quoted_proto, kind_of (packet->quoted_flags), &packet->quoted_src,
                               packet->quoted_src_port, &packet->quoted_dst, packet->quoted_dst_port,
                               zone_of (packet, &packet->quoted_src, &packet->quoted_dst), key);
  return sender (key, end, packet->quoted_flags);
}

bool
pl_flow_key_equal (const PlFlowKey *a, const PlFlowKey *b)
{
  return memcmp (a, b, sizeof *a) == 0;
}

/* An IPv4 key is hashed without the constant bytes of its addresses, 18 bytes instead of 44. No IPv6 key collides with it,
 * since SipHash takes in the length. */
static uint64_t
hash_v4 (const PlFlowKey *key, const uint64_t secret[2])
{
  uint32_t addr_a, addr_b;

  memcpy (&addr_a, key->addr[PL_END_A].bytes + 12, 4);
  memcpy (&addr_b, key->addr[PL_END_B].bytes + 12, 4);
  return pl_siphash13_18 (addr_a | (uint64_t)addr_b << 32,
                          key->port[0] | (uint32_t)key->port[1] << 16 | (uint64_t)key->zone << 32,
                          key->proto | key->kind << 8, secret);
}

/* Whether both addresses are IPv4, as two comparisons of numbers. */
static bool
is_v4 (const PlFlowKey *key)
{
  static const uint8_t mapped[8] = { 0, 0, 0, 0, 0, 0, 0xff, 0xff }; /* bytes 4 to 11 */
  uint64_t expected, words[2];
  uint32_t heads[2];

  memcpy (&expected, mapped, 8);
  for (int end = 0; end < 2; end++)
    {
      memcpy (&heads[end], key->addr[end].bytes, 4);
      memcpy (&words[end], key->addr[end].bytes + 4, 8);
    }
  return (heads[0] | heads[1]) == 0 && ((words[0] ^ expected) | (words[1] ^ expected)) == 0;
}

uint64_t
pl_flow_key_hash (const PlFlowKey *key, const uint64_t secret[2])
{
  if (is_v4 (key))
    return hash_v4 (key, secret);
  return pl_siphash13 (key, sizeof *key, secret);
}
