/* TCP, UDP, UDP-Lite, SCTP, ICMP and ICMPv6: fields, payload, how few bytes suffice, and lengths that contradict. */
#include "frame.h"
#include "link-layer.h"
#include "transport.h"

#define RAW PL_DATALINK_RAW
#define assert_result(result, reason) g_assert_cmpstr (pl_undecodable_id (result), ==, pl_undecodable_id (reason))

/* Of @frame's first @captured bytes: fewer than @needed are "cut", from there on all is told. */
static void
assert_needs (const Frame *frame, uint32_t needed)
{
  PlPacket packet;

  for (uint32_t captured = 20; captured < needed; captured++)
    assert_result (decode_cut (RAW, frame, captured, &packet), PL_UNDECODABLE_CUT_TRANSPORT);
  for (uint32_t captured = needed; captured <= frame->n; captured++)
    assert_result (decode_cut (RAW, frame, captured, &packet), PL_DECODED);
}

static void
test_tcp (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 6, 20 + 5, 1, 0);
  put_tcp (&frame, 51514, 443, PL_TCP_SYN | PL_TCP_ACK);
  memcpy (frame.bytes + frame.n, "hello", 5);
  frame.n += 5;
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  assert_addr (packet.src, "192.0.2.1");
  assert_addr (packet.dst, "198.51.100.7");
  g_assert_cmpuint (packet.src_port, ==, 51514);
  g_assert_cmpuint (packet.dst_port, ==, 443);
  g_assert_cmpint (packet.proto, ==, 6);
  g_assert_cmphex (packet.tcp_flags, ==, 0x12);
  g_assert_cmphex (packet.tcp_seq, ==, 0x01020304);
  g_assert_cmphex (packet.tcp_ack, ==, 0x05060708);
  g_assert_cmphex (packet.tcp_window, ==, 0xfaf0);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_HAS_PORTS);
  g_assert_cmpuint (packet.wire_bytes, ==, 45);
  g_assert_cmpuint (packet.payload_bytes, ==, 5);
  g_assert_cmpmem (packet.payload, packet.payload_captured_bytes, "hello", 5);
  assert_needs (&frame, 20 + 14);

  assert_result (decode_cut (RAW, &frame, 20 + 14, &packet), PL_DECODED);
  g_assert_cmphex (packet.tcp_flags, ==, 0x12);
  g_assert_cmpuint (packet.tcp_window, ==, 0);
  g_assert_cmpuint (packet.payload_bytes, ==, 5);
  g_assert_null (packet.payload);
}

static void
test_tcp_options (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 6, 32 + 1, 1, 0);
  put_tcp (&frame, 1, 2, PL_TCP_ACK);
  put_zeros (&frame, 13);
  frame.bytes[32] = 0x80;
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.payload_bytes, ==, 1);
  frame.bytes[32] = 0x90; /* header longer than the packet */
  assert_result (decode_frame (RAW, &frame, &packet), PL_UNDECODABLE_BAD_TRANSPORT);
  frame.bytes[32] = 0x40; /* and shorter than a header */
  assert_result (decode_frame (RAW, &frame, &packet), PL_UNDECODABLE_BAD_TRANSPORT);
}

static void
test_tcp_too_short (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 6, 19, 1, 0);
  put_tcp (&frame, 1, 2, PL_TCP_ACK);
  assert_result (decode_frame (RAW, &frame, &packet), PL_UNDECODABLE_BAD_TRANSPORT);
}

/* RFC 1858 section 3: the flags hide in the second fragment. The flow is told, without flags. */
static void
test_tcp_tiny_fragment (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 6, 8, 1, 0x2000);
  put_tcp (&frame, 1000, 2000, PL_TCP_SYN);
  frame.n = 28;
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.src_port, ==, 1000);
  g_assert_cmpuint (packet.dst_port, ==, 2000);
  g_assert_cmphex (packet.tcp_flags, ==, 0);
  g_assert_cmpuint (packet.payload_bytes, ==, 0);
  assert_result (decode_cut (RAW, &frame, 27, &packet), PL_UNDECODABLE_CUT_TRANSPORT);
}

static void
test_udp (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 17, 8 + 3, 1, 0);
  put_udp (&frame, 5353, 53, 3);
  memcpy (frame.bytes + frame.n, "abc", 3);
  frame.n += 3;
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.src_port, ==, 5353);
  g_assert_cmpuint (packet.dst_port, ==, 53);
  g_assert_cmpuint (packet.payload_bytes, ==, 3);
  g_assert_cmpmem (packet.payload, packet.payload_captured_bytes, "abc", 3);
  assert_needs (&frame, 24);
}

static void
test_udp_length (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 17, 8 + 10, 1, 0);
  put_udp (&frame, 1, 2, 10);
  put_zeros (&frame, 10);
  frame.bytes[25] = 7; /* shorter than its header */
  assert_result (decode_frame (RAW, &frame, &packet), PL_UNDECODABLE_BAD_TRANSPORT);
  frame.bytes[25] = 8 + 4; /* shorter than the packet: the rest is no payload */
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.payload_bytes, ==, 4);
  frame.bytes[25] = 0; /* jumbogram: the IP length counts */
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.payload_bytes, ==, 10);
  frame.bytes[24] = 0xff; /* beyond the packet */
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.payload_bytes, ==, 10);
  frame.bytes[3] = 27; /* no room for a header */
  assert_result (decode_frame (RAW, &frame, &packet), PL_UNDECODABLE_BAD_TRANSPORT);
}

static void
test_udplite_and_sctp (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 136, 8 + 6, 1, 0);
  put_udp (&frame, 7000, 8000, 0); /* RFC 3828: coverage of the header only */
  put_zeros (&frame, 6);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.src_port, ==, 7000);
  g_assert_cmpuint (packet.payload_bytes, ==, 6);
  assert_needs (&frame, 24);

  frame.n = 0;
  put_ipv4 (&frame, 132, 12 + 20, 1, 0);
  put16 (&frame, 38412);
  put16 (&frame, 38413);
  put_zeros (&frame, 8 + 20);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpuint (packet.src_port, ==, 38412);
  g_assert_cmpuint (packet.dst_port, ==, 38413);
  g_assert_cmpuint (packet.payload_bytes, ==, 20);
  assert_needs (&frame, 24);
  frame.bytes[3] = 20 + 11;
  assert_result (decode_frame (RAW, &frame, &packet), PL_UNDECODABLE_BAD_TRANSPORT);
}

static void
test_bare (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 47, 30, 1, 0);
  put_zeros (&frame, 30);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmpint (packet.proto, ==, 47);
  g_assert_cmphex (packet.flags, ==, 0);
  g_assert_cmpuint (packet.payload_bytes, ==, 30);
  assert_result (decode_cut (RAW, &frame, 20, &packet), PL_DECODED); /* nothing of it is needed */
  g_assert_cmpuint (packet.payload_bytes, ==, 30);
}

static void
put_echo (Frame *frame, unsigned type, unsigned identifier)
{
  put8 (frame, type);
  put8 (frame, 0);
  put16 (frame, 0);
  put16 (frame, identifier);
  put16 (frame, 1);
}

static void
test_echo (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 1, 8 + 56, 1, 0);
  put_echo (&frame, 8, 0x1234);
  put_zeros (&frame, 56);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_ECHO);
  g_assert_cmphex (packet.src_port, ==, 0x1234);
  g_assert_cmphex (packet.dst_port, ==, 0x1234);
  g_assert_cmpuint (packet.icmp_type, ==, 8);
  g_assert_cmpuint (packet.payload_bytes, ==, 56);
  assert_needs (&frame, 26);
  frame.bytes[20] = 0;
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_ECHO | PL_PACKET_ECHO_REPLY);
  frame.bytes[3] = 27; /* no room for the header */
  assert_result (decode_frame (RAW, &frame, &packet), PL_UNDECODABLE_BAD_TRANSPORT);

  frame.n = 0;
  put_ipv6 (&frame, 58, 8);
  put_echo (&frame, 129, 0x4321);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_ECHO | PL_PACKET_ECHO_REPLY);
  g_assert_cmphex (packet.src_port, ==, 0x4321);
}

static void
test_icmp_other (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv6 (&frame, 58, 24); /* neighbour solicitation */
  put8 (&frame, 135);
  put_zeros (&frame, 23);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, 0);
  g_assert_cmpuint (packet.src_port, ==, 0);
  g_assert_cmpuint (packet.icmp_type, ==, 135);
  g_assert_cmpuint (packet.payload_bytes, ==, 16);

  frame.n = 0;
  put_ipv4 (&frame, 1, 3, 1, 0);
  put_zeros (&frame, 3);
  assert_result (decode_frame (RAW, &frame, &packet), PL_UNDECODABLE_BAD_TRANSPORT);
}

/* RFC 792: an unreachable quotes the header and 64 bits of the datagram. */
static void
test_quote_v4 (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 1, 8 + 20 + 8, 1, 0);
  put8 (&frame, 3);
  put8 (&frame, 3);
  put_zeros (&frame, 6);
  put_ipv4 (&frame, 17, 500, 9, 0); /* its own length, not what is quoted of it */
  put_udp (&frame, 40000, 33434, 492);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_QUOTES);
  g_assert_cmpuint (packet.icmp_type, ==, 3);
  g_assert_cmpuint (packet.icmp_code, ==, 3);
  g_assert_cmpuint (packet.quoted_proto, ==, 17);
  g_assert_cmphex (packet.quoted_flags, ==, PL_PACKET_HAS_PORTS);
  g_assert_cmpuint (packet.quoted_src_port, ==, 40000);
  g_assert_cmpuint (packet.quoted_dst_port, ==, 33434);
  assert_addr (packet.quoted_src, "192.0.2.1");
  for (uint32_t captured = 24; captured < 52; captured++) /* a cut quote is no quote, and no undecodable packet */
    {
      assert_result (decode_cut (RAW, &frame, captured, &packet), PL_DECODED);
      g_assert_cmphex (packet.flags, ==, 0);
    }
  frame.bytes[20] = 5; /* a redirect is no failure */
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, 0);
}

static void
test_quote_v6 (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv6 (&frame, 58, 8 + 40 + 8 + 14);
  put8 (&frame, 1);
  put8 (&frame, 4);
  put_zeros (&frame, 6);
  put_ipv6 (&frame, 60, 1000);
  put8 (&frame, 6);
  put_zeros (&frame, 7);
  put16 (&frame, 50000);
  put16 (&frame, 443);
  put_zeros (&frame, 9);
  put8 (&frame, PL_TCP_SYN);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_QUOTES);
  g_assert_cmphex (packet.quoted_tcp_flags, ==, PL_TCP_SYN);
  g_assert_cmpuint (packet.quoted_proto, ==, 6);
  g_assert_cmpuint (packet.quoted_src_port, ==, 50000);
  g_assert_cmpuint (packet.quoted_dst_port, ==, 443);
  assert_result (decode_cut (RAW, &frame, frame.n - 1, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_QUOTES);
  g_assert_cmphex (packet.quoted_tcp_flags, ==, 0);
}

static void
test_quote_echo_and_bare (void)
{
  Frame frame = { 0 };
  PlPacket packet;

  put_ipv4 (&frame, 1, 8 + 20 + 8, 1, 0);
  put8 (&frame, 11);
  put_zeros (&frame, 7);
  put_ipv4 (&frame, 1, 64, 9, 0);
  put_echo (&frame, 8, 77);
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_QUOTES);
  g_assert_cmphex (packet.quoted_flags, ==, PL_PACKET_ECHO);
  g_assert_cmpuint (packet.quoted_src_port, ==, 77);

  frame.bytes[28 + 9] = 47;
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, PL_PACKET_QUOTES);
  g_assert_cmphex (packet.quoted_flags, ==, 0);
  g_assert_cmpuint (packet.quoted_proto, ==, 47);

  frame.bytes[28 + 9] = 17;
  frame.bytes[28 + 7] = 5; /* a later fragment's ports are not quoted */
  assert_result (decode_frame (RAW, &frame, &packet), PL_DECODED);
  g_assert_cmphex (packet.flags, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transport/tcp", test_tcp);
  g_test_add_func ("/transport/tcp-options", test_tcp_options);
  g_test_add_func ("/transport/tcp-too-short", test_tcp_too_short);
  g_test_add_func ("/transport/tcp-tiny-fragment", test_tcp_tiny_fragment);
  g_test_add_func ("/transport/udp", test_udp);
  g_test_add_func ("/transport/udp-length", test_udp_length);
  g_test_add_func ("/transport/udplite-and-sctp", test_udplite_and_sctp);
  g_test_add_func ("/transport/bare", test_bare);
  g_test_add_func ("/transport/echo", test_echo);
  g_test_add_func ("/transport/icmp-other", test_icmp_other);
  g_test_add_func ("/transport/quote-v4", test_quote_v4);
  g_test_add_func ("/transport/quote-v6", test_quote_v6);
  g_test_add_func ("/transport/quote-echo-and-bare", test_quote_echo_and_bare);
  return g_test_run ();
}
