/* Frames for tests, written field by field; decoding from a heap block of exactly the captured size, so that the address
 * sanitizer sees every byte read too far. */
#pragma once
#include "packet.h"

#include <glib.h>
#include <string.h>

typedef struct
{
  uint8_t bytes[4096];
  uint32_t n;
} Frame;

static inline void
put8 (Frame *frame, unsigned value)
{
  if (frame->n >= sizeof frame->bytes)
    g_assert_not_reached (); /* never returns, as the compiler has to know */
  frame->bytes[frame->n++] = (uint8_t)value;
}

static inline void
put16 (Frame *frame, unsigned value)
{
  put8 (frame, value >> 8 & 0xff);
  put8 (frame, value & 0xff);
}

static inline void
put32 (Frame *frame, uint32_t value)
{
  put16 (frame, value >> 16);
  put16 (frame, value & 0xffff);
}

static inline void
put_zeros (Frame *frame, unsigned n)
{
  while (n-- > 0)
    put8 (frame, 0);
}

static inline PlAddr
addr_of (const char *text)
{
  PlAddr addr;

  g_assert_true (pl_addr_parse (text, &addr));
  return addr;
}

static inline void
put_addr (Frame *frame, const char *text)
{
  PlAddr addr = addr_of (text);
  int first = pl_addr_is_v4 (&addr) ? 12 : 0;

  for (int i = first; i < 16; i++)
    put8 (frame, addr.bytes[i]);
}

static inline void
put_ethernet (Frame *frame, unsigned ethertype)
{
  put32 (frame, 0x02000000);
  put32 (frame, 0x00010200);
  put32 (frame, 0x00000002);
  put16 (frame, ethertype);
}

/* An IPv4 header without options, its total length that of itself and @n_payload bytes. @fragment: flags and offset. */
static inline void
put_ipv4 (Frame *frame, unsigned proto, unsigned n_payload, unsigned id, unsigned fragment)
{
  put8 (frame, 0x45);
  put8 (frame, 0);
  put16 (frame, 20 + n_payload);
  put16 (frame, id);
  put16 (frame, fragment);
  put8 (frame, 64);
  put8 (frame, proto);
  put16 (frame, 0);
  put_addr (frame, "192.0.2.1");
  put_addr (frame, "198.51.100.7");
}

static inline void
put_ipv6 (Frame *frame, unsigned next, unsigned n_payload)
{
  put32 (frame, 0x60000000);
  put16 (frame, n_payload);
  put8 (frame, next);
  put8 (frame, 64);
  put_addr (frame, "2001:db8::1");
  put_addr (frame, "2001:db8::2");
}

static inline void
put_udp (Frame *frame, unsigned src, unsigned dst, unsigned n_payload)
{
  put16 (frame, src);
  put16 (frame, dst);
  put16 (frame, 8 + n_payload);
  put16 (frame, 0);
}

static inline void
put_tcp (Frame *frame, unsigned src, unsigned dst, unsigned flags)
{
  put16 (frame, src);
  put16 (frame, dst);
  put32 (frame, 0x01020304);
  put32 (frame, 0x05060708);
  put8 (frame, 0x50);
  put8 (frame, flags);
  put16 (frame, 0xfaf0);
  put32 (frame, 0);
}

static inline PlUndecodable
decode_at (PlDecoder *decoder,
           int datalink,
           const Frame *frame,
           uint32_t captured,
           uint32_t wire,
           uint64_t time_us,
           PlPacket *packet)
{
  g_autofree uint8_t *copy = g_memdup2 (frame->bytes, captured);
  PlUndecodable result = pl_decoder_packet (decoder, datalink, copy, captured, wire, time_us, packet);

  if (packet->payload != NULL) /* what it points at must lie in the capture, and goes with it */
    {
      g_assert_true (packet->payload >= copy && packet->payload + packet->payload_captured_bytes <= copy + captured);
      packet->payload = frame->bytes + (packet->payload - copy);
    }
  else
    g_assert_cmpuint (packet->payload_captured_bytes, ==, 0);
  return result;
}

/* Whole frame, fresh decoder. */
static inline PlUndecodable
decode_frame (int datalink, const Frame *frame, PlPacket *packet)
{
  PlDecoder *decoder = pl_decoder_new ();
  PlUndecodable result = decode_at (decoder, datalink, frame, frame->n, frame->n, 1, packet);

  pl_decoder_free (decoder);
  return result;
}

/* The first @captured bytes of it. */
static inline PlUndecodable
decode_cut (int datalink, const Frame *frame, uint32_t captured, PlPacket *packet)
{
  PlDecoder *decoder = pl_decoder_new ();
  PlUndecodable result = decode_at (decoder, datalink, frame, captured, frame->n, 1, packet);

  pl_decoder_free (decoder);
  return result;
}

#define assert_addr(addr, text) \
  G_STMT_START \
  { \
    char buffer_[PL_ADDR_STRLEN]; \
    g_assert_cmpstr (pl_addr_format (&(addr), buffer_), ==, text); \
  } \
  G_STMT_END
