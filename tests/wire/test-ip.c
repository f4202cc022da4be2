/* IPv4 and IPv6 headers: the example of RFC 791 appendix A, options, extension headers, fragments, lengths that lie. */
#include "frame.h"
#include "ip.h"
#include "bounds.h"

typedef struct
{
  PlIp ip;
  PlUndecodable result;
  uint32_t left_captured, left_wire;
} Outcome;

static Outcome
decode_ip (const Frame *frame, int version, uint32_t captured, uint32_t wire)
{
  g_autofree uint8_t *copy = g_memdup2 (frame->bytes, captured);
  PlCursor cursor = { copy, captured, wire };
  Outcome outcome;

  outcome.result = pl_ip_decode (&cursor, version, &outcome.ip);
  outcome.left_captured = cursor.captured_bytes;
  outcome.left_wire = cursor.wire_bytes;
  return outcome;
}

static Outcome
decode_whole (const Frame *frame, int version)
{
  return decode_ip (frame, version, frame->n, frame->n);
}

#define assert_result(outcome, reason) \
  g_assert_cmpstr (pl_undecodable_id ((outcome).result), ==, pl_undecodable_id (reason))

/* Example 1: the minimal datagram, 21 octets, protocol 1, identification 111. */
static void
test_rfc791_example_1 (void)
{
  static const uint8_t example[] = { 0x45, 0, 0, 21, 0, 111, 0, 0, 123, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 'd' };
  Frame frame = { 0 };
  Outcome outcome;

  memcpy (frame.bytes, example, sizeof example);
  frame.n = sizeof example;
  outcome = decode_whole (&frame, 4);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpint (outcome.ip.proto, ==, 1);
  g_assert_false (outcome.ip.is_fragment);
  g_assert_cmpuint (outcome.ip.fragment_id, ==, 111);
  g_assert_cmpuint (outcome.left_wire, ==, 1);
  assert_addr (outcome.ip.src, "10.0.0.1");
  assert_addr (outcome.ip.dst, "10.0.0.2");
}

/* Example 2: a datagram of 472 octets as two fragments, the second at offset 32 (256 octets). */
static void
test_rfc791_example_2 (void)
{
  Frame first = { 0 }, second = { 0 };
  Outcome outcome;

  put_ipv4 (&first, 6, 256, 111, 0x2000);
  put_zeros (&first, 256);
  outcome = decode_whole (&first, 4);
  assert_result (outcome, PL_DECODED);
  g_assert_true (outcome.ip.is_fragment);
  g_assert_cmpuint (outcome.ip.fragment_offset_bytes, ==, 0);
  g_assert_cmpuint (outcome.left_wire, ==, 256);

  put_ipv4 (&second, 6, 196, 111, 32);
  put_zeros (&second, 196);
  outcome = decode_whole (&second, 4);
  assert_result (outcome, PL_DECODED);
  g_assert_true (outcome.ip.is_fragment);
  g_assert_cmpuint (outcome.ip.fragment_offset_bytes, ==, 256);
  g_assert_cmpuint (outcome.ip.fragment_id, ==, 111);
}

/* Example 3: header of 8 words, with options. */
static void
test_v4_options (void)
{
  Frame frame = { 0 };
  Outcome outcome;

  put_ipv4 (&frame, 17, 12 + 8, 111, 0x4000);
  frame.bytes[0] = 0x48;
  put_zeros (&frame, 12 + 8);
  outcome = decode_whole (&frame, 4);
  assert_result (outcome, PL_DECODED);
  g_assert_false (outcome.ip.is_fragment); /* don't-fragment is none */
  g_assert_cmpuint (outcome.left_wire, ==, 8);
  for (uint32_t captured = 0; captured < 32; captured++)
    assert_result (decode_ip (&frame, 4, captured, frame.n), PL_UNDECODABLE_CUT_NETWORK);
  assert_result (decode_ip (&frame, 4, 32, frame.n), PL_DECODED);
}

static void
test_v4_contradictions (void)
{
  Frame frame = { 0 };

  put_ipv4 (&frame, 17, 8, 1, 0);
  put_zeros (&frame, 8);
  frame.bytes[0] = 0x44; /* header shorter than a header */
  assert_result (decode_whole (&frame, 4), PL_UNDECODABLE_BAD_NETWORK);
  frame.bytes[0] = 0x65;
  assert_result (decode_whole (&frame, 4), PL_UNDECODABLE_BAD_NETWORK);
  frame.bytes[0] = 0x48; /* header longer than the packet: the packet is wrong, not the capture */
  assert_result (decode_whole (&frame, 4), PL_UNDECODABLE_BAD_NETWORK);
  frame.bytes[0] = 0x45;
  frame.bytes[3] = 19; /* total shorter than the header */
  assert_result (decode_whole (&frame, 4), PL_UNDECODABLE_BAD_NETWORK);
  frame.bytes[3] = 0;
  frame.bytes[9] = 47; /* 0 is offload's only in TCP and UDP */
  assert_result (decode_whole (&frame, 4), PL_UNDECODABLE_BAD_NETWORK);
  assert_result (decode_ip (&frame, 4, 12, 12), PL_UNDECODABLE_BAD_NETWORK); /* a frame too short for a header */
}

static void
test_v4_lengths (void)
{
  Frame frame = { 0 };
  Outcome outcome;

  put_ipv4 (&frame, 17, 8, 1, 0);
  put_zeros (&frame, 8 + 18); /* 18 bytes of padding */
  outcome = decode_whole (&frame, 4);
  g_assert_cmpuint (outcome.left_wire, ==, 8);
  g_assert_cmpuint (outcome.left_captured, ==, 8);

  outcome = decode_ip (&frame, 4, 24, 1500); /* snapped */
  assert_result (outcome, PL_DECODED);
  g_assert_cmpuint (outcome.left_wire, ==, 8);
  g_assert_cmpuint (outcome.left_captured, ==, 4);

  frame.bytes[2] = 0xff; /* longer than the frame: believed to the frame's end */
  outcome = decode_whole (&frame, 4);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpuint (outcome.left_wire, ==, 26);

  frame.bytes[2] = frame.bytes[3] = 0; /* segmentation offload */
  outcome = decode_ip (&frame, 4, frame.n, 200000);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpuint (outcome.left_wire, ==, 200000 - 20);
}

static void
test_v4_authentication_header (void)
{
  Frame frame = { 0 };
  Outcome outcome;

  put_ipv4 (&frame, 51, 24 + 8, 1, 0);
  put8 (&frame, 17);
  put8 (&frame, 4); /* (4 + 2) words */
  put_zeros (&frame, 22 + 8);
  outcome = decode_whole (&frame, 4);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpint (outcome.ip.proto, ==, 17);
  g_assert_cmpint (outcome.ip.fragment_proto, ==, 51);
  g_assert_cmpuint (outcome.left_wire, ==, 8);

  frame.n = 0; /* IPv6's extension headers are none in IPv4 */
  put_ipv4 (&frame, 60, 8, 1, 0);
  put_zeros (&frame, 8);
  outcome = decode_whole (&frame, 4);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpint (outcome.ip.proto, ==, 60);
}

/* An extension header of @n_units + 1 eights. */
static void
put_extension (Frame *frame, unsigned next, unsigned n_units)
{
  put8 (frame, next);
  put8 (frame, n_units);
  put_zeros (frame, 6 + 8 * n_units);
}

static void
put_fragment_header (Frame *frame, unsigned next, unsigned offset_and_more, uint32_t id)
{
  put8 (frame, next);
  put8 (frame, 0);
  put16 (frame, offset_and_more);
  put32 (frame, id);
}

static void
test_v6 (void)
{
  Frame frame = { 0 };
  Outcome outcome;

  put_ipv6 (&frame, 17, 8);
  put_zeros (&frame, 8 + 6); /* padded */
  outcome = decode_whole (&frame, 6);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpint (outcome.ip.proto, ==, 17);
  g_assert_cmpuint (outcome.left_wire, ==, 8);
  assert_addr (outcome.ip.src, "2001:db8::1");
  assert_addr (outcome.ip.dst, "2001:db8::2");
  for (uint32_t captured = 0; captured < 40; captured++)
    {
      assert_result (decode_ip (&frame, 6, captured, frame.n), PL_UNDECODABLE_CUT_NETWORK);
      assert_result (decode_ip (&frame, 6, captured, captured), PL_UNDECODABLE_BAD_NETWORK);
    }
  frame.bytes[0] = 0x45;
  assert_result (decode_whole (&frame, 6), PL_UNDECODABLE_BAD_NETWORK);
}

/* RFC 8200 4.1, the recommended order: hop-by-hop, destination, routing, fragment, authentication, destination. */
static void
test_v6_extensions (void)
{
  Frame frame = { 0 };
  Outcome outcome;
  uint32_t n_headers = 8 + 16 + 24 + 8 + 24 + 8;

  put_ipv6 (&frame, 0, n_headers + 20);
  put_extension (&frame, 60, 0);
  put_extension (&frame, 43, 1);
  put_extension (&frame, 44, 2);
  put_fragment_header (&frame, 51, 0, 0xabcdef01); /* atomic */
  put8 (&frame, 60);
  put8 (&frame, 4);
  put_zeros (&frame, 22);
  put_extension (&frame, 6, 0);
  put_zeros (&frame, 20);
  outcome = decode_whole (&frame, 6);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpint (outcome.ip.proto, ==, 6);
  g_assert_false (outcome.ip.is_fragment);
  g_assert_cmphex (outcome.ip.fragment_id, ==, 0xabcdef01);
  g_assert_cmpuint (outcome.left_wire, ==, 20);
  for (uint32_t captured = 40; captured < 40 + n_headers; captured++)
    assert_result (decode_ip (&frame, 6, captured, frame.n), PL_UNDECODABLE_CUT_NETWORK);

  frame.bytes[5] = (uint8_t)(n_headers - 4); /* the packet ends inside its own extension header */
  assert_result (decode_whole (&frame, 6), PL_UNDECODABLE_BAD_NETWORK);
}

static void
test_v6_extension_limit (void)
{
  for (unsigned n = PL_LIMIT_IPV6_EXTENSIONS - 1; n <= PL_LIMIT_IPV6_EXTENSIONS + 1; n++)
    {
      Frame frame = { 0 };
      Outcome outcome;

      put_ipv6 (&frame, 60, 8 * n + 8);
      for (unsigned i = 1; i <= n; i++)
        put_extension (&frame, i < n ? 60 : 17, 0);
      put_zeros (&frame, 8);
      outcome = decode_whole (&frame, 6);
      assert_result (outcome, n <= PL_LIMIT_IPV6_EXTENSIONS ? PL_DECODED : PL_UNDECODABLE_TOO_MANY_HEADERS);
    }
}

static void
test_v6_fragments (void)
{
  Frame frame = { 0 };
  Outcome outcome;

  put_ipv6 (&frame, 44, 16);
  put_fragment_header (&frame, 17, 0x0001, 77); /* first: more follow */
  put_zeros (&frame, 8);
  outcome = decode_whole (&frame, 6);
  assert_result (outcome, PL_DECODED);
  g_assert_true (outcome.ip.is_fragment);
  g_assert_cmpuint (outcome.ip.fragment_offset_bytes, ==, 0);

  frame.n = 0;
  put_ipv6 (&frame, 44, 16);
  put_fragment_header (&frame, 60, 0x0010, 77); /* at 16; what looks like a header behind it is data */
  put32 (&frame, 0xffffffff);
  put32 (&frame, 0xffffffff);
  outcome = decode_whole (&frame, 6);
  assert_result (outcome, PL_DECODED);
  g_assert_true (outcome.ip.is_fragment);
  g_assert_cmpuint (outcome.ip.fragment_offset_bytes, ==, 16);
  g_assert_cmpuint (outcome.ip.fragment_id, ==, 77);
  g_assert_cmpuint (outcome.left_wire, ==, 8);
  g_assert_true (pl_ip_needs_first_fragment (&outcome.ip));

  frame.bytes[40] = 47; /* GRE has no ports to be missed */
  outcome = decode_whole (&frame, 6);
  g_assert_false (pl_ip_needs_first_fragment (&outcome.ip));
}

static void
test_v6_zero_length (void)
{
  Frame frame = { 0 };
  Outcome outcome;

  put_ipv6 (&frame, 6, 0); /* segmentation offload */
  put_zeros (&frame, 20);
  outcome = decode_ip (&frame, 6, frame.n, 100000);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpuint (outcome.left_wire, ==, 100000 - 40);

  frame.n = 0;
  put_ipv6 (&frame, 0, 0); /* jumbogram: RFC 2675's option in a hop-by-hop header */
  put8 (&frame, 6);
  put8 (&frame, 0);
  put16 (&frame, 0xc204);
  put32 (&frame, 100000 - 40);
  put_zeros (&frame, 20);
  outcome = decode_ip (&frame, 6, frame.n, 100000);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpint (outcome.ip.proto, ==, 6);
  g_assert_cmpuint (outcome.left_wire, ==, 100000 - 48);

  frame.n = 0;
  put_ipv6 (&frame, 59, 0); /* no next header: 0 is 0, the rest is padding */
  put_zeros (&frame, 6);
  outcome = decode_whole (&frame, 6);
  assert_result (outcome, PL_DECODED);
  g_assert_cmpint (outcome.ip.proto, ==, 59);
  g_assert_cmpuint (outcome.left_wire, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ip/rfc791-example-1", test_rfc791_example_1);
  g_test_add_func ("/ip/rfc791-example-2", test_rfc791_example_2);
  g_test_add_func ("/ip/v4-options", test_v4_options);
  g_test_add_func ("/ip/v4-contradictions", test_v4_contradictions);
  g_test_add_func ("/ip/v4-lengths", test_v4_lengths);
  g_test_add_func ("/ip/v4-authentication-header", test_v4_authentication_header);
  g_test_add_func ("/ip/v6", test_v6);
  g_test_add_func ("/ip/v6-extensions", test_v6_extensions);
  g_test_add_func ("/ip/v6-extension-limit", test_v6_extension_limit);
  g_test_add_func ("/ip/v6-fragments", test_v6_fragments);
  g_test_add_func ("/ip/v6-zero-length", test_v6_zero_length);
  return g_test_run ();
}
