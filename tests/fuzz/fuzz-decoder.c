/* Fuzz target: the decoder, and what is built on its answer (keys of flows and of quotes).
 *
 * Input: one byte that picks the link type, then frames: two bytes of captured length (big-endian; the last frame may be
 * shorter), one byte of how many 16-byte units more were on the wire, the bytes. Several frames, so that fragments meet.
 * Every frame is also decoded cut at every eighth byte: a cut frame is the same flow, or undecodable, never another flow. */
#include "flow.h"
#include "siphash.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const uint64_t secret[2] = { 1, 2 };

#define CHECK(condition) \
  do \
    { \
      if (!(condition)) \
        abort (); \
    } \
  while (0)

/* From a heap block of its own, so that the address sanitizer sees any byte read too far. */
static PlUndecodable
decode (PlDecoder *decoder, int datalink, const uint8_t *bytes, uint32_t captured, uint32_t wire, PlPacket *packet)
{
  uint8_t *copy = malloc (captured > 0 ? captured : 1);
  PlUndecodable result;

  CHECK (copy != NULL);
  memcpy (copy, bytes, captured);
  result = pl_decoder_packet (decoder, datalink, copy, captured, wire, 1, packet);
  CHECK (result < PL_N_UNDECODABLE);
  CHECK (packet->wire_bytes == wire);
  CHECK (packet->payload_captured_bytes <= packet->payload_bytes && packet->payload_bytes <= wire);
  if (packet->payload != NULL)
    CHECK (packet->payload > copy && packet->payload + packet->payload_captured_bytes <= copy + captured);
  else
    CHECK (packet->payload_captured_bytes == 0);
  packet->payload = NULL;
  free (copy);
  return result;
}

/* Both directions of a packet are one flow, told apart by the end that sent. */
static void
check_key (const PlPacket *packet, PlFlowKey *key)
{
  PlPacket back = *packet;
  PlFlowKey back_key;
  int end = pl_flow_key_from_packet (packet, key), back_end;

  CHECK (end == PL_END_A || end == PL_END_B);
  CHECK (pl_addr_equal (&key->addr[end], &packet->src) && key->port[end] == packet->src_port);
  back.src = packet->dst;
  back.dst = packet->src;
  back.src_port = packet->dst_port;
  back.dst_port = packet->src_port;
  back_end = pl_flow_key_from_packet (&back, &back_key);
  CHECK (pl_flow_key_equal (key, &back_key));
  CHECK (pl_flow_key_hash (key, secret) == pl_flow_key_hash (&back_key, secret));
  CHECK (back_end != end || (pl_addr_equal (&packet->src, &packet->dst) && packet->src_port == packet->dst_port));
}

static void
check_texts (const PlFlowKey *key)
{
  for (int end = 0; end < 2; end++)
    {
      char buffer[PL_ADDR_STRLEN];
      PlAddr back;

      CHECK (pl_addr_parse (pl_addr_format (&key->addr[end], buffer), &back));
      CHECK (pl_addr_equal (&back, &key->addr[end]));
    }
  CHECK (pl_proto_name (key->proto) != NULL);
}

static void
check_frame (PlDecoder *decoder, int datalink, const uint8_t *bytes, uint32_t captured, uint32_t wire)
{
  PlPacket packet;
  PlFlowKey key, quoted;
  PlUndecodable result = decode (decoder, datalink, bytes, captured, wire, &packet);

  if (result != PL_DECODED)
    return;
  check_key (&packet, &key);
  check_texts (&key);
  if (pl_flow_key_from_quote (&packet, &quoted) != PL_END_UNKNOWN)
    check_texts (&quoted);
  for (uint32_t cut = 0; cut < captured && cut < 160; cut += 8)
    {
      PlPacket cut_packet;
      PlFlowKey cut_key;

      result = decode (decoder, datalink, bytes, cut, wire, &cut_packet);
      if (result == PL_DECODED)
        {
          pl_flow_key_from_packet (&cut_packet, &cut_key);
          CHECK (pl_flow_key_equal (&key, &cut_key));
        }
      else
        CHECK (result == PL_UNDECODABLE_CUT_LINK || result == PL_UNDECODABLE_CUT_NETWORK
               || result == PL_UNDECODABLE_CUT_TRANSPORT);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const int datalinks[] = { 1, 113, 276, 101, 0, 108, 12, 14, 228, 229, 9999 };
  PlDecoder *decoder;
  int datalink;

  if (size < 1)
    return 0;
  decoder = pl_decoder_new ();
  CHECK (decoder != NULL);
  datalink = datalinks[data[0] % (sizeof datalinks / sizeof datalinks[0])];
  for (data++, size--; size >= 3;)
    {
      uint32_t captured = (uint32_t)data[0] << 8 | data[1], more = data[2] * 16u;

      data += 3;
      size -= 3;
      if (captured > size)
        captured = (uint32_t)size;
      check_frame (decoder, datalink, data, captured, captured + more);
      data += captured;
      size -= captured;
    }
  pl_decoder_free (decoder);
  return 0;
}
