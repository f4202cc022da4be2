/* Whole frames: what layers tell together, fragments of one datagram, records that lie, and every cut of every frame. */
#include "frame.h"
#include "bounds.h"
#include "link-layer.h"

#define assert_result(result, reason) g_assert_cmpstr (pl_undecodable_id (result), ==, pl_undecodable_id (reason))

static void
test_padding (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ethernet (&frame, 0x0800);
  put_ipv4 (&frame, 6, 20, 1, 0);
  put_tcp (&frame, 1, 2, PL_TCP_ACK);
  put_zeros (&frame, 6); /* to Ethernet's 60 */
  assert_result (decode_frame (PL_DATALINK_ETHERNET, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.wire_bytes, ==, 60);
  g_assert_cmpuint (packet.payload_bytes, ==, 0);
  g_assert_cmpint (packet.direction, ==, PL_DIRECTION_UNKNOWN);
  g_assert_cmpuint (packet.time_us, ==, 1);
}

static void
test_snapped (void)
{
  PlDecoder *decoder = pl_decoder_new ();
  Frame frame = { 0 };
  PlPacket packet;

  put_ethernet (&frame, 0x0800);
  put_ipv4 (&frame, 6, 20 + 1400, 1, 0);
  put_tcp (&frame, 1, 2, PL_TCP_ACK);
  put_zeros (&frame, 14);
  assert_result (decode_at (decoder, PL_DATALINK_ETHERNET, &frame, 68, 1454, 7, &packet), PL_DECODED);
  g_assert_cmpuint (packet.wire_bytes, ==, 1454);
  g_assert_cmpuint (packet.payload_bytes, ==, 1400);
  g_assert_cmpuint (packet.payload_captured_bytes, ==, 14);
  pl_decoder_free (decoder);
}

static void
test_bad_record (void)
{
  PlDecoder *decoder = pl_decoder_new ();
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 47, 0, 1, 0);
  assert_result (decode_at (decoder, PL_DATALINK_RAW, &frame, 20, 19, 7, &packet), PL_UNDECODABLE_BAD_RECORD);
  g_assert_cmpuint (packet.wire_bytes, ==, 19);
  assert_result (decode_at (decoder, 9999, &frame, 20, 20, 7, &packet), PL_UNDECODABLE_LINK_TYPE);
  assert_result (decode_at (decoder, PL_DATALINK_RAW, &frame, 0, 20, 7, &packet), PL_UNDECODABLE_CUT_NETWORK);
  assert_result (decode_at (decoder, PL_DATALINK_ETHERNET, &frame, 0, 0, 7, &packet), PL_UNDECODABLE_CUT_LINK);
  pl_decoder_free (decoder);
  pl_decoder_free (NULL);
}

/* A fragment of the UDP datagram @id; @offset in 8-byte units. */
static Frame
v4_fragment (unsigned id, unsigned offset, gboolean more, unsigned proto)
{
  Frame frame = { 0 };

  put_ipv4 (&frame, proto, 16, id, (more ? 0x2000 : 0) | offset);
  if (offset == 0)
    put_udp (&frame, 40000, 53, 24);
  put_zeros (&frame, offset == 0 ? 8 : 16);
  return frame;
}

static void
test_fragments (void)
{
  PlDecoder *decoder = pl_decoder_new ();
  Frame first = v4_fragment (5, 0, TRUE, 17), later = v4_fragment (5, 2, FALSE, 17);
  PlPacket packet;

  assert_result (decode_at (decoder, PL_DATALINK_RAW, &later, 36, 36, 1, &packet), PL_UNDECODABLE_STRAY_FRAGMENT);
  assert_result (decode_at (decoder, PL_DATALINK_RAW, &first, 36, 36, 1, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_HAS_PORTS | PL_PACKET_FIRST_FRAGMENT);
  g_assert_cmpuint (packet.payload_bytes, ==, 8); /* of this fragment, though the datagram says 24 */
  assert_result (decode_at (decoder, PL_DATALINK_RAW, &later, 36, 36, 2, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_HAS_PORTS | PL_PACKET_LATER_FRAGMENT);
  g_assert_cmpuint (packet.src_port, ==, 40000);
  g_assert_cmpuint (packet.dst_port, ==, 53);
  g_assert_cmpuint (packet.payload_bytes, ==, 16);
  g_assert_null (packet.payload); /* the middle of a datagram is nobody's first bytes */

  assert_result (decode_at (decoder, PL_DATALINK_RAW, &later, 36, 36, 2 + PL_LIMIT_FRAGMENT_AGE_US, &packet),
                 PL_UNDECODABLE_STRAY_FRAGMENT);
  later = v4_fragment (6, 2, FALSE, 17);
  assert_result (decode_at (decoder, PL_DATALINK_RAW, &later, 36, 36, 2, &packet), PL_UNDECODABLE_STRAY_FRAGMENT);
  later = v4_fragment (6, 2, FALSE, 47); /* GRE: told by its addresses alone */
  assert_result (decode_at (decoder, PL_DATALINK_RAW, &later, 36, 36, 2, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_LATER_FRAGMENT);
  pl_decoder_free (decoder);
}

/* In IPv6 the first fragment may hold more headers; later ones only name the first of them (RFC 8200 4.5). */
static void
test_fragments_v6 (void)
{
  PlDecoder *decoder = pl_decoder_new ();
  Frame first = { 0 }, later = { 0 };
  PlPacket packet;

  put_ipv6 (&first, 44, 8 + 8 + 8);
  put32 (&first, 60u << 24 | 1);
  put32 (&first, 99);
  put8 (&first, 58);
  put_zeros (&first, 7);
  put32 (&first, 128u << 24);
  put32 (&first, 0x00420001);
  put_ipv6 (&later, 44, 8 + 100);
  put32 (&later, 60u << 24 | 16);
  put32 (&later, 99);
  put_zeros (&later, 100);

  assert_result (decode_at (decoder, PL_DATALINK_RAW, &later, later.n, later.n, 1, &packet),
                 PL_UNDECODABLE_STRAY_FRAGMENT);
  assert_result (decode_at (decoder, PL_DATALINK_RAW, &first, first.n, first.n, 1, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_ECHO | PL_PACKET_FIRST_FRAGMENT);
  assert_result (decode_at (decoder, PL_DATALINK_RAW, &later, later.n, later.n, 1, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_ECHO | PL_PACKET_LATER_FRAGMENT);
  g_assert_cmpuint (packet.proto, ==, 58);
  g_assert_cmpuint (packet.icmp_type, ==, 128);
  g_assert_cmphex (packet.src_port, ==, 0x42);
  g_assert_cmpuint (packet.payload_bytes, ==, 100);
  pl_decoder_free (decoder);
}

static void
test_sll2_facts (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put16 (&frame, 0x0800);
  put16 (&frame, 0);
  put32 (&frame, 42);
  put16 (&frame, 1);
  put8 (&frame, 4);
  put8 (&frame, 6);
  put_zeros (&frame, 8);
  put_ipv4 (&frame, 17, 8, 1, 0);
  put_udp (&frame, 1, 2, 0);
  assert_result (decode_frame (PL_DATALINK_LINUX_SLL2, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_HAS_IFINDEX | PL_PACKET_HAS_PORTS);
  g_assert_cmpuint (packet.ifindex, ==, 42);
  g_assert_cmpint (packet.direction, ==, PL_DIRECTION_OUT);
  assert_result (decode_cut (PL_DATALINK_LINUX_SLL2, &frame, 30, &packet), PL_UNDECODABLE_CUT_NETWORK);
  g_assert_cmpuint (packet.ifindex, ==, 42);
  g_assert_cmpint (packet.direction, ==, PL_DIRECTION_OUT);
}

/* Pseudo-random frames with plausible first bytes, at every link type and every cut: the sanitizers watch. */
static void
test_noise (void)
{
  static const int datalinks[] = { 0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 5000 };
  PlDecoder *decoder = pl_decoder_new ();
  GRand *rand = g_rand_new_with_seed (20240229);
  unsigned counts[PL_N_UNDECODABLE] = { 0 };

  for (int round = 0; round < 3000; round++)
    {
      Frame frame = { 0 };
      PlPacket packet;
      uint32_t n = (uint32_t)g_rand_int_range (rand, 0, 160);

      if (round % 3 == 1)
        put_ipv4 (&frame, (unsigned)g_rand_int_range (rand, 0, 256), 100, 1, round % 2 ? 0 : 0x2000);
      else if (round % 3 == 2)
        put_ipv6 (&frame, (unsigned)g_rand_int_range (rand, 0, 256), 100);
      while (frame.n < n)
        put8 (&frame, (unsigned)g_rand_int_range (rand, 0, 256));
      for (size_t i = 0; i < G_N_ELEMENTS (datalinks); i++)
        {
          uint32_t captured = (uint32_t)g_rand_int_range (rand, 0, (gint32)frame.n + 1);
          PlUndecodable result = decode_at (decoder, datalinks[i], &frame, captured, frame.n, (uint64_t)round, &packet);

          g_assert_cmpuint (result, <, PL_N_UNDECODABLE);
          g_assert_cmpuint (packet.payload_bytes, <=, packet.wire_bytes);
          g_assert_cmpuint (packet.payload_captured_bytes, <=, packet.payload_bytes);
          counts[result]++;
        }
    }
  g_assert_cmpuint (counts[PL_DECODED], >, 500);
  g_assert_cmpuint (counts[PL_UNDECODABLE_CUT_NETWORK], >, 500);
  g_assert_cmpuint (counts[PL_UNDECODABLE_LINK_TYPE], ==, 3000);
  g_rand_free (rand);
  pl_decoder_free (decoder);
}

static void
test_ids (void)
{
  for (unsigned i = 0; i < PL_N_UNDECODABLE; i++)
    {
      g_assert_nonnull (pl_undecodable_id ((PlUndecodable)i));
      for (unsigned j = 0; j < i; j++)
        g_assert_cmpstr (pl_undecodable_id ((PlUndecodable)i), !=, pl_undecodable_id ((PlUndecodable)j));
    }
  g_assert_cmpstr (pl_undecodable_id (PL_UNDECODABLE_CUT_NETWORK), ==, "cut-network");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decoder/padding", test_padding);
  g_test_add_func ("/decoder/snapped", test_snapped);
  g_test_add_func ("/decoder/bad-record", test_bad_record);
  g_test_add_func ("/decoder/fragments", test_fragments);
  g_test_add_func ("/decoder/fragments-v6", test_fragments_v6);
  g_test_add_func ("/decoder/sll2-facts", test_sll2_facts);
  g_test_add_func ("/decoder/noise", test_noise);
  g_test_add_func ("/decoder/ids", test_ids);
  return g_test_run ();
}
