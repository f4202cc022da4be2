/* Frames and capture files made for tests, by hand and not by the code under test. */
#pragma once
#include <glib.h>

/* An IPv4 TCP, UDP or other frame (protocol from @proto) over Ethernet with @n_payload bytes of zeros. @src, @dst: last
 * byte of 10.0.0.N. */
typedef struct
{
  guint8 proto, src, dst, tcp_flags;
  guint16 src_port, dst_port;
  guint32 seq, ack;
  guint n_payload;
  guint64 time_us;
} TestFrame;

GByteArray *test_frame_build (const TestFrame *frame);

/* A pcap file in memory, Ethernet, microseconds, this machine's byte order. */
GByteArray *test_pcap_new (void);
void test_pcap_add (GByteArray *pcap, const TestFrame *frame);
void test_pcap_add_bytes (GByteArray *pcap, guint64 time_us, const guint8 *bytes, guint n_bytes, guint wire);
/* Writes @bytes to a new file under the test's own directory; free with g_free(). */
char *test_write_file (const char *name, const guint8 *bytes, gsize n_bytes);
char *test_write_array (const char *name, const GByteArray *bytes);
/* Where test_write_file() writes: made at the first call, removed by test_remove_files(). */
const char *test_get_directory (void);
void test_remove_files (void);
/* gzip of @bytes. */
GByteArray *test_make_gzip (const guint8 *bytes, gsize n_bytes);
