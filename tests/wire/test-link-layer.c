/* Every link layer to its IP header, and what happens to frames that carry none or end too early. */
#include "frame.h"
#include "bounds.h"
#include "link-layer.h"

/* Where the IP header starts, or -1 with the reason in @result. */
static int
ip_at (int datalink, const Frame *frame, PlLinkLayer *link, PlUndecodable *result)
{
  g_autofree uint8_t *copy = g_memdup2 (frame->bytes, frame->n);
  PlCursor cursor = { copy, frame->n, frame->n };

  *result = pl_link_layer_decode (datalink, &cursor, link);
  g_assert_cmpuint (cursor.captured_bytes, <=, frame->n);
  return *result == PL_DECODED ? (int)(frame->n - cursor.captured_bytes) : -1;
}

static void
assert_ip (int datalink, const Frame *frame, int version, int offset)
{
  PlLinkLayer link;
  PlUndecodable result;

  g_assert_cmpint (ip_at (datalink, frame, &link, &result), ==, offset);
  g_assert_cmpint (link.ip_version, ==, version);
}

static void
assert_not (int datalink, const Frame *frame, PlUndecodable reason)
{
  PlLinkLayer link;
  PlUndecodable result;

  g_assert_cmpint (ip_at (datalink, frame, &link, &result), ==, -1);
  g_assert_cmpstr (pl_undecodable_id (result), ==, pl_undecodable_id (reason));
}

/* Cutting @frame anywhere before @needed is said as @reason, never decoded. */
static void
assert_cut_before (int datalink, Frame frame, uint32_t needed, PlUndecodable reason)
{
  for (frame.n = 0; frame.n < needed; frame.n++)
    assert_not (datalink, &frame, reason);
}

static void
test_ethernet (void)
{
  Frame frame = { 0 };

  put_ethernet (&frame, 0x0800);
  assert_ip (PL_DATALINK_ETHERNET, &frame, 4, 14);
  assert_cut_before (PL_DATALINK_ETHERNET, frame, 14, PL_UNDECODABLE_CUT_LINK);
  frame.n = 0;
  put_ethernet (&frame, 0x86dd);
  assert_ip (PL_DATALINK_ETHERNET, &frame, 6, 14);
  frame.n = 0;
  put_ethernet (&frame, 0x0806); /* ARP */
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);
  frame.n = 0;
  put_ethernet (&frame, 0x88cc); /* LLDP */
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);
}

static void
test_vlan (void)
{
  Frame frame = { 0 };

  put_ethernet (&frame, 0x8100);
  put16 (&frame, 100);
  put16 (&frame, 0x0800);
  assert_ip (PL_DATALINK_ETHERNET, &frame, 4, 18);
  assert_cut_before (PL_DATALINK_ETHERNET, frame, 18, PL_UNDECODABLE_CUT_LINK);

  frame.n = 0;
  put_ethernet (&frame, 0x88a8); /* 802.1ad */
  put16 (&frame, 7);
  put16 (&frame, 0x8100);
  put16 (&frame, 100);
  put16 (&frame, 0x86dd);
  assert_ip (PL_DATALINK_ETHERNET, &frame, 6, 22);

  frame.n = 0;
  put_ethernet (&frame, 0x9100);
  put16 (&frame, 7);
  put16 (&frame, 0x0806);
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);
}

static void
test_vlan_limit (void)
{
  for (int n_tags = 1; n_tags <= PL_LIMIT_VLAN_TAGS + 1; n_tags++)
    {
      Frame frame = { 0 };

      put_ethernet (&frame, 0x8100);
      for (int i = 1; i <= n_tags; i++)
        {
          put16 (&frame, 1);
          put16 (&frame, i < n_tags ? 0x8100 : 0x0800);
        }
      if (n_tags <= PL_LIMIT_VLAN_TAGS)
        assert_ip (PL_DATALINK_ETHERNET, &frame, 4, 14 + 4 * n_tags);
      else
        assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_TOO_MANY_HEADERS);
    }
}

static void
test_llc (void)
{
  Frame frame = { 0 };

  put_ethernet (&frame, 46); /* a length */
  put32 (&frame, 0xaaaa0300);
  put32 (&frame, 0x00000800);
  assert_ip (PL_DATALINK_ETHERNET, &frame, 4, 22);
  assert_cut_before (PL_DATALINK_ETHERNET, frame, 22, PL_UNDECODABLE_CUT_LINK);

  frame.bytes[17] = 0x01; /* another organisation's protocol */
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);

  frame.n = 0;
  put_ethernet (&frame, 38); /* spanning tree, cut or not */
  put32 (&frame, 0x42420300);
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);
  put32 (&frame, 0);
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);

  frame.n = 0;
  put_ethernet (&frame, 46); /* SNAP that says "a length follows" must not recurse */
  put32 (&frame, 0xaaaa0300);
  put32 (&frame, 0x00000004);
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);
}

static void
test_pppoe (void)
{
  Frame frame = { 0 };

  put_ethernet (&frame, 0x8864);
  put32 (&frame, 0x11000001);
  put16 (&frame, 42);
  put16 (&frame, 0x0021);
  assert_ip (PL_DATALINK_ETHERNET, &frame, 4, 22);
  assert_cut_before (PL_DATALINK_ETHERNET, frame, 22, PL_UNDECODABLE_CUT_LINK);
  frame.bytes[21] = 0x57;
  assert_ip (PL_DATALINK_ETHERNET, &frame, 6, 22);
  frame.bytes[15] = 0x09; /* discovery in a session frame */
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);
  frame.bytes[15] = 0;
  frame.bytes[20] = 0xc0; /* LCP */
  assert_not (PL_DATALINK_ETHERNET, &frame, PL_UNDECODABLE_NOT_IP);
}

static void
put_sll (Frame *frame, unsigned type, unsigned hardware, unsigned protocol)
{
  put16 (frame, type);
  put16 (frame, hardware);
  put16 (frame, 6);
  put_zeros (frame, 8);
  put16 (frame, protocol);
}

static void
put_sll2 (Frame *frame, unsigned type, uint32_t ifindex, unsigned protocol)
{
  put16 (frame, protocol);
  put16 (frame, 0);
  put32 (frame, ifindex);
  put16 (frame, 1);
  put8 (frame, type);
  put8 (frame, 6);
  put_zeros (frame, 8);
}

static void
test_sll (void)
{
  static const PlDirection directions[] = { PL_DIRECTION_IN,    PL_DIRECTION_IN,  PL_DIRECTION_IN,
                                            PL_DIRECTION_OTHER, PL_DIRECTION_OUT, PL_DIRECTION_UNKNOWN };
  Frame frame = { 0 };

  for (unsigned type = 0; type < G_N_ELEMENTS (directions); type++)
    {
      PlLinkLayer link;
      PlUndecodable result;

      frame.n = 0;
      put_sll (&frame, type, 1, 0x0800);
      g_assert_cmpint (ip_at (PL_DATALINK_LINUX_SLL, &frame, &link, &result), ==, 16);
      g_assert_cmpint (link.direction, ==, directions[type]);
      g_assert_false (link.has_ifindex);
    }
  assert_cut_before (PL_DATALINK_LINUX_SLL, frame, 16, PL_UNDECODABLE_CUT_LINK);

  frame.n = 0;
  put_sll (&frame, 0, 1, 0x8100);
  put16 (&frame, 100);
  put16 (&frame, 0x86dd);
  assert_ip (PL_DATALINK_LINUX_SLL, &frame, 6, 20);

  frame.n = 0;
  put_sll (&frame, 0, 1, 4); /* 802.2 */
  put32 (&frame, 0xaaaa0300);
  put32 (&frame, 0x000086dd);
  assert_ip (PL_DATALINK_LINUX_SLL, &frame, 6, 24);

  frame.n = 0;
  put_sll (&frame, 0, 824, 0x0800); /* netlink monitor: a family, not an EtherType */
  assert_not (PL_DATALINK_LINUX_SLL, &frame, PL_UNDECODABLE_NOT_IP);
}

static void
test_sll2 (void)
{
  Frame frame = { 0 };
  PlLinkLayer link;
  PlUndecodable result;

  put_sll2 (&frame, 4, 0x01020304, 0x86dd);
  g_assert_cmpint (ip_at (PL_DATALINK_LINUX_SLL2, &frame, &link, &result), ==, 20);
  g_assert_cmpint (link.direction, ==, PL_DIRECTION_OUT);
  g_assert_true (link.has_ifindex);
  g_assert_cmphex (link.ifindex, ==, 0x01020304);
  assert_cut_before (PL_DATALINK_LINUX_SLL2, frame, 20, PL_UNDECODABLE_CUT_LINK);

  frame.n = 0; /* what is not IP still says where it came from */
  put_sll2 (&frame, 1, 3, 0x0806);
  g_assert_cmpint (ip_at (PL_DATALINK_LINUX_SLL2, &frame, &link, &result), ==, -1);
  g_assert_cmpint (result, ==, PL_UNDECODABLE_NOT_IP);
  g_assert_cmpint (link.direction, ==, PL_DIRECTION_IN);
  g_assert_cmpuint (link.ifindex, ==, 3);
}

static void
test_bsd_loopback (void)
{
  static const struct
  {
    uint32_t family;
    int version;
  } cases[] = { { 2, 4 }, { 10, 6 }, { 24, 6 }, { 28, 6 }, { 30, 6 } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Frame big = { 0 }, little = { 0 };

      put32 (&big, cases[i].family);
      put32 (&little, GUINT32_SWAP_LE_BE (cases[i].family));
      assert_ip (PL_DATALINK_NULL, &big, cases[i].version, 4);
      assert_ip (PL_DATALINK_NULL, &little, cases[i].version, 4);
      assert_ip (PL_DATALINK_LOOP, &big, cases[i].version, 4);
      assert_cut_before (PL_DATALINK_NULL, big, 4, PL_UNDECODABLE_CUT_LINK);
    }
  {
    Frame frame = { 0 };

    put32 (&frame, 23); /* IPX */
    assert_not (PL_DATALINK_NULL, &frame, PL_UNDECODABLE_NOT_IP);
    frame.n = 0;
    put32 (&frame, 0x02000200);
    assert_not (PL_DATALINK_NULL, &frame, PL_UNDECODABLE_NOT_IP);
  }
}

static void
test_raw (void)
{
  static const int raw[] = { PL_DATALINK_RAW, PL_DATALINK_RAW_BSD, PL_DATALINK_RAW_OPENBSD };
  Frame v4 = { 0 }, v6 = { 0 }, other = { 0 }, none = { 0 };

  put8 (&v4, 0x45);
  put8 (&v6, 0x60);
  put8 (&other, 0x20);
  for (size_t i = 0; i < G_N_ELEMENTS (raw); i++)
    {
      assert_ip (raw[i], &v4, 4, 0);
      assert_ip (raw[i], &v6, 6, 0);
      assert_not (raw[i], &other, PL_UNDECODABLE_BAD_NETWORK);
      assert_not (raw[i], &none, PL_UNDECODABLE_BAD_NETWORK);
    }
  assert_ip (PL_DATALINK_IPV4, &v4, 4, 0);
  assert_ip (PL_DATALINK_IPV6, &v6, 6, 0);
}

static void
test_known (void)
{
  static const int known[] = { 0, 1, 12, 14, 101, 108, 113, 228, 229, 276 };
  Frame frame = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    g_assert_true (pl_decoder_knows (known[i]));
  g_assert_false (pl_decoder_knows (127)); /* radiotap */
  g_assert_false (pl_decoder_knows (-1));
  put_zeros (&frame, 40);
  assert_not (127, &frame, PL_UNDECODABLE_LINK_TYPE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link-layer/ethernet", test_ethernet);
  g_test_add_func ("/link-layer/vlan", test_vlan);
  g_test_add_func ("/link-layer/vlan-limit", test_vlan_limit);
  g_test_add_func ("/link-layer/llc", test_llc);
  g_test_add_func ("/link-layer/pppoe", test_pppoe);
  g_test_add_func ("/link-layer/sll", test_sll);
  g_test_add_func ("/link-layer/sll2", test_sll2);
  g_test_add_func ("/link-layer/bsd-loopback", test_bsd_loopback);
  g_test_add_func ("/link-layer/raw", test_raw);
  g_test_add_func ("/link-layer/known", test_known);
  return g_test_run ();
}
