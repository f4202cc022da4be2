/* The shortcut for plain packets against the long way: whatever it accepts must be told the same, for random packets that
 * are nearly right; and it must accept what it is for. */
#include "ip.h"
#include "plain.h"
#include "transport.h"

#include <glib.h>
#include <string.h>

#define N_PACKETS 200000

typedef struct
{
  uint8_t bytes[160];
  uint32_t captured, wire;
  int version;
} Frame;

static void
put_16 (uint8_t *bytes, unsigned value)
{
  bytes[0] = (uint8_t)(value >> 8);
  bytes[1] = (uint8_t)value;
}

/* A right packet with @n_payload bytes and @n_padding behind it. */
static void
make_frame (Frame *frame, int version, uint8_t proto, uint32_t n_payload, uint32_t n_padding)
{
  uint32_t ip_bytes = version == 4 ? 20 : 40, transport_bytes = proto == PL_PROTO_TCP ? 20 : 8;
  uint8_t *transport = frame->bytes + ip_bytes;

  for (size_t i = 0; i < sizeof frame->bytes; i++)
    frame->bytes[i] = (uint8_t)g_test_rand_int ();
  frame->version = version;
  frame->bytes[0] = version == 4 ? 0x45 : 0x60;
  if (version == 4)
    {
      put_16 (frame->bytes + 2, ip_bytes + transport_bytes + n_payload);
      put_16 (frame->bytes + 6, 0x4000);
      frame->bytes[9] = proto;
    }
  else
    {
      put_16 (frame->bytes + 4, transport_bytes + n_payload);
      frame->bytes[6] = proto;
    }
  if (proto == PL_PROTO_TCP)
    transport[12] = 5 << 4;
  else
    put_16 (transport + 4, transport_bytes + n_payload);
  frame->wire = frame->captured = ip_bytes + transport_bytes + n_payload + n_padding;
}

/* Changes a few bytes of the headers, or cuts. */
static void
spoil_frame (Frame *frame)
{
  static const uint8_t values[] = { 0, 1, 5, 6, 17, 20, 40, 44, 0x45, 0x46, 0x50, 0x60, 0x80, 0xff };

  for (int i = g_test_rand_int_range (0, 3); i > 0; i--)
    frame->bytes[g_test_rand_int_range (0, 60)] = values[g_test_rand_int_range (0, G_N_ELEMENTS (values))];
  if (g_test_rand_bit ())
    frame->captured = (uint32_t)g_test_rand_int_range (0, (int)frame->captured + 1);
  if (g_test_rand_bit ())
    frame->wire += (uint32_t)g_test_rand_int_range (0, 1000);
}

static bool
decode_long_way (PlCursor cursor, int version, PlPacket *packet)
{
  PlIp ip;

  if (pl_ip_decode (&cursor, version, &ip) != PL_DECODED || ip.is_fragment)
    return false;
  packet->src = ip.src;
  packet->dst = ip.dst;
  packet->proto = ip.proto;
  return pl_transport_decode (&cursor, false, packet) == PL_DECODED;
}

/* Whether the shortcut took it. */
static bool
compare (const Frame *frame)
{
  /* From a heap block of its own, so that the address sanitizer sees any byte read too far. */
  g_autofree uint8_t *copy = g_memdup2 (frame->bytes, frame->captured);
  const PlCursor cursor = { .at = copy, .captured_bytes = frame->captured, .wire_bytes = frame->wire };
  PlPacket plain = { 0 }, expected = { 0 };
  const PlPacket untouched = { 0 };

  if (!pl_plain_decode (&cursor, frame->version, &plain))
    {
      g_assert_cmpmem (&plain, sizeof plain, &untouched, sizeof untouched);
      return false;
    }
  g_assert_true (decode_long_way (cursor, frame->version, &expected));
  g_assert_cmpmem (&plain, sizeof plain, &expected, sizeof expected);
  return true;
}

static void
test_plain (void)
{
  static const uint8_t protos[] = { PL_PROTO_TCP, PL_PROTO_UDP };

  for (unsigned i = 0; i < 100; i++)
    {
      Frame frame;

      make_frame (&frame, i & 1 ? 4 : 6, protos[i >> 1 & 1], i % 7 * 10, i % 3 * 6);
      g_assert_true (compare (&frame));
    }
}

static void
test_spoilt (void)
{
  unsigned n_taken = 0;

  for (unsigned i = 0; i < N_PACKETS; i++)
    {
      Frame frame;

      make_frame (&frame, g_test_rand_bit () ? 4 : 6, g_test_rand_bit () ? PL_PROTO_TCP : PL_PROTO_UDP,
                  (uint32_t)g_test_rand_int_range (0, 60), (uint32_t)g_test_rand_int_range (0, 20));
      spoil_frame (&frame);
      n_taken += compare (&frame);
    }
  g_assert_cmpuint (n_taken, >, N_PACKETS / 10);
  g_assert_cmpuint (n_taken, <, N_PACKETS * 9 / 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plain/plain", test_plain);
  g_test_add_func ("/plain/spoilt", test_spoilt);
  return g_test_run ();
}
