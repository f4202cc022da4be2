/* Frames and capture files made for tests. Test programs only. */
#include "frames.h"
#include <glib/gstdio.h>
#include <string.h>
#include <zlib.h>

static void
put_16 (guint8 *bytes, guint16 value)
{
  bytes[0] = value >> 8;
  bytes[1] = value & 0xff;
}

static void
put_32 (guint8 *bytes, guint32 value)
{
  put_16 (bytes, value >> 16);
  put_16 (bytes + 2, value & 0xffff);
}

GByteArray *
test_frame_build (const TestFrame *frame)
{
  guint n_transport = frame->proto == 6 ? 20 : 8;
  guint n_total = 14 + 20 + n_transport + frame->n_payload;
  GByteArray *bytes = g_byte_array_sized_new (n_total);
  guint8 *ip, *transport;

  g_byte_array_set_size (bytes, n_total);
  memset (bytes->data, 0, n_total);
  put_16 (bytes->data + 12, 0x0800);
  ip = bytes->data + 14;
  ip[0] = 0x45;
  put_16 (ip + 2, n_total - 14);
  ip[8] = 64;
  ip[9] = frame->proto;
  memcpy (ip + 12, (guint8[]){ 10, 0, 0, frame->src }, 4);
  memcpy (ip + 16, (guint8[]){ 10, 0, 0, frame->dst }, 4);
  transport = ip + 20;
  put_16 (transport, frame->src_port);
  put_16 (transport + 2, frame->dst_port);
  if (frame->proto == 6)
    {
      put_32 (transport + 4, frame->seq);
      put_32 (transport + 8, frame->ack);
      transport[12] = 5 << 4;
      transport[13] = frame->tcp_flags;
    }
  else
    put_16 (transport + 4, 8 + frame->n_payload);
  return bytes;
}

static void
append (GByteArray *array, gconstpointer bytes, gsize n_bytes)
{
  g_byte_array_append (array, bytes, n_bytes);
}

GByteArray *
test_pcap_new (void)
{
  const guint32 header[] = { 0xa1b2c3d4u, 2 | 4 << 16, 0, 0, 262144, 1 };
  GByteArray *pcap = g_byte_array_new ();

#if G_BYTE_ORDER == G_BIG_ENDIAN
#error "the version's two halves are written for little endian"
#endif
  append (pcap, header, sizeof header);
  return pcap;
}

void
test_pcap_add_bytes (GByteArray *pcap, guint64 time_us, const guint8 *bytes, guint n_bytes, guint wire)
{
  const guint32 header[] = { time_us / 1000000, time_us % 1000000, n_bytes, wire };

  append (pcap, header, sizeof header);
  append (pcap, bytes, n_bytes);
}

void
test_pcap_add (GByteArray *pcap, const TestFrame *frame)
{
  g_autoptr (GByteArray) bytes = test_frame_build (frame);

  test_pcap_add_bytes (pcap, frame->time_us, bytes->data, bytes->len, bytes->len);
}

static char *directory;

const char *
test_get_directory (void)
{
  if (!directory)
    directory = g_dir_make_tmp ("pl-test-capture-XXXXXX", NULL);
  g_assert_nonnull (directory);
  return directory;
}

void
test_remove_files (void)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!directory)
    return;
  dir = g_dir_open (directory, 0, NULL);
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      g_remove (path);
    }
  g_rmdir (directory);
  g_clear_pointer (&directory, g_free);
}

char *
test_write_file (const char *name, const guint8 *bytes, gsize n_bytes)
{
  char *path = g_build_filename (test_get_directory (), name, NULL);

  g_assert_true (g_file_set_contents (path, (const char *)bytes, n_bytes, NULL));
  return path;
}

char *
test_write_array (const char *name, const GByteArray *bytes)
{
  return test_write_file (name, bytes->data, bytes->len);
}

GByteArray *
test_make_gzip (const guint8 *bytes, gsize n_bytes)
{
  GByteArray *out = g_byte_array_new ();
  z_stream stream = { 0 };

  g_assert_cmpint (deflateInit2 (&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
  g_byte_array_set_size (out, deflateBound (&stream, n_bytes));
  stream.next_in = (guint8 *)bytes;
  stream.avail_in = n_bytes;
  stream.next_out = out->data;
  stream.avail_out = out->len;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  g_byte_array_set_size (out, stream.total_out);
  deflateEnd (&stream);
  return out;
}
