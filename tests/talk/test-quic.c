/* Names in QUIC's first packets: those that the RFCs print, and others sealed with their keys. */
#include "quic-writer.h"
#include "quic.h"

#include <glib.h>
#include <string.h>

#define HELLO_AT 4 /* in the RFCs' frames: behind the head of the one that carries it */
#define HELLO_BYTES 241
#define PADDED_BYTES 1162 /* of frames: such a datagram has 1,200 bytes */

/* RFC 9001 A.2, without its 917 bytes of padding; RFC 9369 A.2 has the same. */
static const char rfc_frames[] = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868"
                                 "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578"
                                 "616d706c652e636f6dff01000100000a00080006001d00170018001000070005"
                                 "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba"
                                 "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400"
                                 "0d0010000e0403050306030203080408050806002d00020101001c0002400100"
                                 "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
                                 "75300901100f088394c8f03e51570806048000ffff";
/* RFC 9001 A.3: what the server sends. */
static const char rfc_server[] = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a"
                                 "5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3"
                                 "dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
                                 "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4"
                                 "2158407dd074ee";

static GByteArray *
from_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (gsize i = 0; hex[i]; i += 2)
    {
      guint8 byte = (guint8)(g_ascii_xdigit_value (hex[i]) << 4 | g_ascii_xdigit_value (hex[i + 1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

static void
pad (GByteArray *frames, guint n_bytes)
{
  guint n_before = frames->len;

  g_byte_array_set_size (frames, n_bytes);
  memset (frames->data + n_before, 0, n_bytes - n_before);
}

/* Appends to @datagram an Initial of @frames, which are padded. */
static void
put_initial (GByteArray *datagram, guint version, guint number, GByteArray *frames)
{
  guint n_before = datagram->len;

  pad (frames, MAX (frames->len, PADDED_BYTES));
  g_byte_array_set_size (datagram, n_before + QUIC_WRITER_HEADER_BYTES + frames->len + QUIC_WRITER_TAG_BYTES);
  quic_write_initial (datagram->data + n_before, version, number, frames->data, frames->len);
}

static GByteArray *
rfc_initial (guint version)
{
  g_autoptr (GByteArray) frames = from_hex (rfc_frames);
  GByteArray *datagram = g_byte_array_new ();

  put_initial (datagram, version, 2, frames);
  return datagram;
}

/* From a block of its own, so that a sanitizer sees each byte read too far. */
static gboolean
reads (PlQuic *quic, const guint8 *bytes, guint n_bytes, char name[static PL_NAME_ROOM])
{
  g_autofree guint8 *copy = g_memdup2 (bytes, n_bytes);

  return pl_quic_read_name (quic, copy, n_bytes, name);
}

static void
assert_names (PlQuic *quic, const GByteArray *datagram, const char *expected)
{
  char name[PL_NAME_ROOM] = "";
  gboolean is_named = reads (quic, datagram->data, datagram->len, name);

  g_assert_cmpint (is_named, ==, expected != NULL);
  if (expected != NULL)
    g_assert_cmpstr (name, ==, expected);
}

/* What is sealed here is what the RFCs print: their headers, and the tags, which are right for nothing else. */
static void
test_rfc (gconstpointer data)
{
  static const char *const heads[] = { "c000000001088394c8f03e5157080000449e7b9aec34",
                                       "d76b3343cf088394c8f03e5157080000449ea0c95e82" };
  static const char *const tags[] = { "e221af44860018ab0856972e194cd934", "a18b2faa745b6fe189cf772a9f84cbfc" };
  guint version = GPOINTER_TO_UINT (data);
  g_autoptr (GByteArray) datagram = rfc_initial (version), head = from_hex (heads[version - 1]);
  g_autoptr (GByteArray) tag = from_hex (tags[version - 1]);
  PlQuic quic = { 0 };

  g_assert_cmpmem (datagram->data, head->len, head->data, head->len);
  g_assert_cmpmem (datagram->data + datagram->len - tag->len, tag->len, tag->data, tag->len);
  g_assert_true (pl_quic_may_begin (datagram->data, datagram->len));
  assert_names (&quic, datagram, "example.com");
  assert_names (&quic, datagram, NULL); /* sent again */
}

static void
test_server (void)
{
  g_autoptr (GByteArray) server = from_hex (rfc_server), client = rfc_initial (1);
  PlQuic quic = { 0 };

  g_assert_false (pl_quic_may_begin (server->data, server->len));
  assert_names (&quic, server, NULL);
  assert_names (&quic, client, "example.com");
}

static void
test_cut (void)
{
  g_autoptr (GByteArray) datagram = rfc_initial (1);
  char name[PL_NAME_ROOM];
  PlQuic quic = { 0 };

  for (guint n = 0; n < datagram->len; n++)
    {
      g_assert_false (reads (&quic, datagram->data, n, name));
      g_assert_false (pl_quic_may_begin (datagram->data, n));
    }
  g_assert_true (reads (&quic, datagram->data, datagram->len, name));
}

/* No byte of a packet can be another. */
static void
test_changed (void)
{
  g_autoptr (GByteArray) datagram = rfc_initial (2);
  PlQuic quic = { 0 };

  for (guint i = 0; i < datagram->len; i++)
    {
      guint8 bit = (guint8)(1u << i % 8);

      datagram->data[i] ^= bit;
      assert_names (&quic, datagram, NULL);
      datagram->data[i] ^= bit;
    }
  g_assert_cmpuint (quic.n_from_start, ==, 0);
  assert_names (&quic, datagram, "example.com");
}

/* A frame with @n_bytes of the RFCs' ClientHello, cut where @offset says. */
static void
put_piece (GByteArray *frames, guint offset, guint n_bytes)
{
  g_autoptr (GByteArray) rfc = from_hex (rfc_frames);
  const guint8 head[] = { 6, (guint8)(0x40 | offset >> 8), (guint8)offset, (guint8)(0x40 | n_bytes >> 8),
                          (guint8)n_bytes };

  g_byte_array_append (frames, head, sizeof head);
  g_byte_array_append (frames, rfc->data + HELLO_AT + offset, n_bytes);
}

/* As Chromium sends it: in pieces, the last ones first, with pings and padding between, over several packets. */
static void
test_pieces (void)
{
  for (guint n_piece = 1; n_piece < HELLO_BYTES; n_piece++)
    {
      g_autoptr (GByteArray) first = g_byte_array_new (), second = g_byte_array_new ();
      g_autoptr (GByteArray) even = g_byte_array_new (), odd = g_byte_array_new ();
      guint n_pieces = (HELLO_BYTES + n_piece - 1) / n_piece;
      PlQuic quic = { 0 };

      for (guint i = n_pieces; i-- > 0;)
        {
          GByteArray *frames = i % 2 == 0 ? even : odd;

          put_piece (frames, i * n_piece, MIN (n_piece, HELLO_BYTES - i * n_piece));
          g_byte_array_append (frames, (const guint8[]){ 1, 0, 0 }, 3);
        }
      put_initial (first, 1, 1, odd);
      put_initial (second, 1, 0, even);
      assert_names (&quic, first, NULL);
      assert_names (&quic, second, "example.com");
      g_byte_array_append (first, second->data, second->len); /* handed over as one */
      quic = (PlQuic){ 0 };
      assert_names (&quic, first, "example.com");
    }
}

/* Pieces from the wrong place, past the cap, longer than their packet, or behind a frame that is unknown, add nothing. */
static void
test_wrong_frames (void)
{
  static const char *const wrong[] = { "06bfffffff04010203ff",
                                       "06ffffffffffffffff04010203ff",
                                       "064fff44ff",
                                       "0600ffffffffffffffff01",
                                       "06",
                                       "40",
                                       "1e060003010203",
                                       "0600" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GByteArray) datagram = g_byte_array_new (), frames = from_hex (wrong[i]), right = rfc_initial (1);
      PlQuic quic = { 0 };

      pad (frames, MAX (frames->len, 4));
      g_byte_array_set_size (datagram, QUIC_WRITER_HEADER_BYTES + frames->len + QUIC_WRITER_TAG_BYTES);
      quic_write_initial (datagram->data, 1, 0, frames->data, frames->len);
      assert_names (&quic, datagram, NULL);
      g_assert_cmpuint (quic.n_from_start, ==, 0);
      assert_names (&quic, right, "example.com");
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/talk/quic/rfc-9001", GUINT_TO_POINTER (1), test_rfc);
  g_test_add_data_func ("/talk/quic/rfc-9369", GUINT_TO_POINTER (2), test_rfc);
  g_test_add_func ("/talk/quic/server", test_server);
  g_test_add_func ("/talk/quic/cut", test_cut);
  g_test_add_func ("/talk/quic/changed", test_changed);
  g_test_add_func ("/talk/quic/pieces", test_pieces);
  g_test_add_func ("/talk/quic/wrong-frames", test_wrong_frames);
  return g_test_run ();
}
