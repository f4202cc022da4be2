/* Flow keys: both directions make one key, the sender is told, zones part link-local twins, quotes find their flow. */
#include "flow.h"
#include "frame.h"

static PlPacket
packet_of (const char *src, uint16_t src_port, const char *dst, uint16_t dst_port)
{
  return (PlPacket){ .src = addr_of (src),
                     .dst = addr_of (dst),
                     .src_port = src_port,
                     .dst_port = dst_port,
                     .proto = 6,
                     .flags = PL_PACKET_HAS_PORTS };
}

static void
test_both_directions (void)
{
  PlPacket there = packet_of ("192.0.2.9", 51514, "10.0.0.1", 443),
           back = packet_of ("10.0.0.1", 443, "192.0.2.9", 51514);
  PlFlowKey a, b;

  memset (&a, 0x5a, sizeof a); /* what was there before must not show */
  memset (&b, 0xa5, sizeof b);
  g_assert_cmpint (pl_flow_key_from_packet (&there, &a), ==, PL_END_B);
  g_assert_cmpint (pl_flow_key_from_packet (&back, &b), ==, PL_END_A);
  g_assert_true (pl_flow_key_equal (&a, &b));
  assert_addr (a.addr[0], "10.0.0.1");
  g_assert_cmpuint (a.port[0], ==, 443);
  g_assert_cmpuint (a.port[1], ==, 51514);
  g_assert_cmpuint (a.kind, ==, PL_KIND_PORTS);
  there.proto = 17;
  pl_flow_key_from_packet (&there, &b);
  g_assert_false (pl_flow_key_equal (&a, &b));
}

static void
test_same_address (void)
{
  PlPacket there = packet_of ("127.0.0.1", 50000, "127.0.0.1", 80),
           back = packet_of ("127.0.0.1", 80, "127.0.0.1", 50000);
  PlFlowKey a, b;

  g_assert_cmpint (pl_flow_key_from_packet (&there, &a), ==, PL_END_B);
  g_assert_cmpint (pl_flow_key_from_packet (&back, &b), ==, PL_END_A);
  g_assert_true (pl_flow_key_equal (&a, &b));
}

static void
test_echo (void)
{
  PlPacket request = packet_of ("127.0.0.1", 7, "127.0.0.1", 7), reply, ports;
  PlFlowKey a, b, c;

  request.proto = 1;
  ports = request;
  request.flags = PL_PACKET_ECHO;
  reply = request;
  reply.flags |= PL_PACKET_ECHO_REPLY;
  g_assert_cmpint (pl_flow_key_from_packet (&request, &a), ==, PL_END_A);
  g_assert_cmpint (pl_flow_key_from_packet (&reply, &b), ==, PL_END_B);
  g_assert_true (pl_flow_key_equal (&a, &b));
  g_assert_cmpuint (a.kind, ==, PL_KIND_ECHO);
  pl_flow_key_from_packet (&ports, &c); /* the kind is part of the key */
  g_assert_false (pl_flow_key_equal (&a, &c));
}

static void
test_zone (void)
{
  PlPacket packet = packet_of ("fe80::1", 1, "fe80::2", 2);
  PlFlowKey a, b;

  packet.ifindex = 3;
  pl_flow_key_from_packet (&packet, &a); /* not known */
  g_assert_cmpuint (a.zone, ==, 0);
  packet.flags |= PL_PACKET_HAS_IFINDEX;
  pl_flow_key_from_packet (&packet, &a);
  packet.ifindex = 4;
  pl_flow_key_from_packet (&packet, &b);
  g_assert_cmpuint (a.zone, ==, 3);
  g_assert_false (pl_flow_key_equal (&a, &b));
  packet.src = addr_of ("2001:db8::1");
  packet.dst = addr_of ("2001:db8::2");
  pl_flow_key_from_packet (&packet, &b); /* elsewhere the interface is no part of it */
  g_assert_cmpuint (b.zone, ==, 0);
}

static void
test_quote (void)
{
  PlPacket original = packet_of ("192.0.2.9", 51514, "10.0.0.1", 443);
  PlPacket error = { .src = addr_of ("203.0.113.1"), .dst = addr_of ("192.0.2.9"), .proto = 1 };
  PlFlowKey a, b;

  g_assert_cmpint (pl_flow_key_from_quote (&error, &b), ==, PL_END_UNKNOWN);
  error.flags = PL_PACKET_QUOTES;
  error.quoted_src = original.src;
  error.quoted_dst = original.dst;
  error.quoted_src_port = 51514;
  error.quoted_dst_port = 443;
  error.quoted_proto = 6;
  error.quoted_flags = PL_PACKET_HAS_PORTS;
  g_assert_cmpint (pl_flow_key_from_packet (&original, &a), ==, pl_flow_key_from_quote (&error, &b));
  g_assert_true (pl_flow_key_equal (&a, &b));
}

static void
test_hash (void)
{
  PlPacket there = packet_of ("192.0.2.9", 51514, "10.0.0.1", 443),
           back = packet_of ("10.0.0.1", 443, "192.0.2.9", 51514);
  const uint64_t secret[2] = { 1, 2 }, other[2] = { 1, 3 };
  PlFlowKey a, b;
  unsigned n_in_bucket[256] = { 0 };

  pl_flow_key_from_packet (&there, &a);
  pl_flow_key_from_packet (&back, &b);
  g_assert_cmphex (pl_flow_key_hash (&a, secret), ==, pl_flow_key_hash (&b, secret));
  g_assert_cmphex (pl_flow_key_hash (&a, secret), !=, pl_flow_key_hash (&a, other));
  for (unsigned port = 0; port < 25600; port++)
    {
      a.port[1] = (uint16_t)(40000 + port);
      n_in_bucket[pl_flow_key_hash (&a, secret) & 0xff]++;
    }
  for (unsigned i = 0; i < 256; i++) /* 100 expected, standard deviation 10 */
    {
      g_assert_cmpuint (n_in_bucket[i], >, 40);
      g_assert_cmpuint (n_in_bucket[i], <, 160);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow-key/both-directions", test_both_directions);
  g_test_add_func ("/flow-key/same-address", test_same_address);
  g_test_add_func ("/flow-key/echo", test_echo);
  g_test_add_func ("/flow-key/zone", test_zone);
  g_test_add_func ("/flow-key/quote", test_quote);
  g_test_add_func ("/flow-key/hash", test_hash);
  return g_test_run ();
}
