/* The reader: equal to libpcap on every capture file there is in the tests and on files of every kind made here, in
 * whatever pieces the bytes come; and beyond what libpcap reads. */
#include "frames.h"
#include "capture.h"
#include "reader.h"
#include <pcap/pcap.h>
#include <string.h>

#define START_US (1700000000 * (guint64)G_USEC_PER_SEC)

typedef struct
{
  GArray *records; /* PlRecord; bytes are copies */
  GPtrArray *bytes;
  PlReaderStep end;
  GError *error;
  guint64 kernel_dropped, interface_dropped;
} Read;

static void
read_clear (Read *read)
{
  g_array_unref (read->records);
  g_ptr_array_unref (read->bytes);
  g_clear_error (&read->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Read, read_clear)

/* Reads @bytes, given in pieces of at most @piece. */
static void
read_bytes (const guint8 *bytes, gsize n_bytes, gsize piece, Read *read)
{
  PlIfaces *ifaces = pl_ifaces_new (FALSE);
  PlReader *reader = pl_reader_new ("the file", ifaces);
  gsize at = 0;

  *read = (Read){ .records = g_array_new (FALSE, FALSE, sizeof (PlRecord)),
                  .bytes = g_ptr_array_new_with_free_func (g_free) };
  for (;;)
    {
      PlRecord records[5];
      guint n_records;

      read->end = pl_reader_next (reader, records, MIN (piece, G_N_ELEMENTS (records)), &n_records, &read->error);
      g_assert_cmpint (n_records > 0, ==, read->end == PL_READER_RECORD);
      if (read->end == PL_READER_RECORD)
        for (guint i = 0; i < n_records; i++)
          {
            records[i].bytes = g_memdup2 (records[i].bytes, records[i].captured);
            g_ptr_array_add (read->bytes, (gpointer)records[i].bytes);
            g_array_append_val (read->records, records[i]);
          }
      else if (read->end == PL_READER_MORE)
        {
          gsize n_space, n_given;
          gpointer space = pl_reader_get_space (reader, &n_space);

          g_assert_cmpuint (n_space, >, 0);
          n_given = MIN (MIN (n_space, piece), n_bytes - at);
          if (n_given == 0)
            pl_reader_end (reader);
          else
            memcpy (space, bytes + at, n_given);
          pl_reader_commit (reader, n_given);
          at += n_given;
        }
      else if (read->end != PL_READER_AGAIN)
        break;
    }
  g_assert_cmpint (read->end == PL_READER_FAILED, ==, read->error != NULL);
  read->kernel_dropped = pl_reader_get_kernel_dropped (reader);
  read->interface_dropped = pl_reader_get_interface_dropped (reader);
  pl_reader_free (reader);
  pl_ifaces_free (ifaces);
}

static const PlRecord *
record_at (const Read *read, guint i)
{
  return &g_array_index (read->records, PlRecord, i);
}

static void
expect_equal (const Read *a, const Read *b)
{
  g_assert_cmpuint (a->records->len, ==, b->records->len);
  g_assert_cmpint (a->end, ==, b->end);
  if (a->error)
    g_assert_cmpstr (a->error->message, ==, b->error->message);
  for (guint i = 0; i < a->records->len; i++)
    {
      const PlRecord *first = record_at (a, i), *second = record_at (b, i);

      g_assert_cmpmem (first->bytes, first->captured, second->bytes, second->captured);
      g_assert_cmpuint (first->wire, ==, second->wire);
      g_assert_cmpuint (first->time_us, ==, second->time_us);
      g_assert_cmpint (first->datalink, ==, second->datalink);
    }
}

/* ---- against libpcap ---- */

/* Whether libpcap reads the file at all. Then all must be equal up to where it gives up, which in pcapng files that mix
 * link types, snapshot lengths or byte orders is earlier than we do. */
static gboolean
compare_with_libpcap (const char *path, const Read *ours)
{
  char errbuf[PCAP_ERRBUF_SIZE];
  pcap_t *pcap = pcap_open_offline (path, errbuf);
  struct pcap_pkthdr *header;
  const u_char *bytes;
  guint n = 0;
  int status;

  if (!pcap)
    return FALSE;
  while ((status = pcap_next_ex (pcap, &header, &bytes)) == 1)
    {
      const PlRecord *record;

      g_assert_cmpuint (n, <, ours->records->len);
      record = record_at (ours, n++);
      g_assert_cmpmem (record->bytes, record->captured, bytes, header->caplen);
      g_assert_cmpuint (record->wire, ==, MAX (header->len, header->caplen));
      /* libpcap takes seconds as signed. */
      g_assert_cmpint ((gint32)(record->time_us / G_USEC_PER_SEC), ==, (gint32)header->ts.tv_sec);
      g_assert_cmpuint (record->time_us % G_USEC_PER_SEC, ==, header->ts.tv_usec);
      if (record->datalink != 101 && record->datalink != 14) /* in files raw IP has numbers of its own */
        g_assert_cmpint (record->datalink, ==, pcap_datalink (pcap));
    }
  if (status == PCAP_ERROR_BREAK)
    {
      g_assert_cmpuint (ours->records->len, ==, n);
      if (!ours->error || !g_error_matches (ours->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_LINK_TYPE))
        g_assert_no_error (ours->error);
    }
  else if (strstr (pcap_geterr (pcap), "truncated"))
    g_assert_cmpuint (ours->records->len, ==, n);
  pcap_close (pcap);
  return TRUE;
}

static void
check_file (const char *path)
{
  g_autofree char *contents = NULL;
  gsize n_bytes;
  g_auto (Read) whole = { 0 }, pieces = { 0 }, packed = { 0 };
  g_autoptr (GByteArray) gz = NULL;

  g_test_message ("%s", path);
  g_assert_true (g_file_get_contents (path, &contents, &n_bytes, NULL));
  read_bytes ((guint8 *)contents, n_bytes, G_MAXSIZE, &whole);
  read_bytes ((guint8 *)contents, n_bytes, 7, &pieces);
  expect_equal (&whole, &pieces);
  gz = test_make_gzip ((guint8 *)contents, n_bytes);
  read_bytes (gz->data, gz->len, 100, &packed);
  expect_equal (&whole, &packed);
  if (!compare_with_libpcap (path, &whole))
    g_assert_cmpint (whole.end, ==, PL_READER_FAILED);
}

/* Every .pcap and .pcapng under the tests. */
static guint
check_directory (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        n += check_directory (child);
      else if (g_str_has_suffix (name, ".pcap") || g_str_has_suffix (name, ".pcapng"))
        {
          check_file (child);
          n++;
        }
    }
  return n;
}

static void
test_fixtures (void)
{
  const char *root = g_getenv ("G_TEST_SRCDIR");

  if (!root || check_directory (root) == 0)
    g_test_skip ("no capture files under G_TEST_SRCDIR");
}

/* ---- pcap variants ---- */

static guint32
put_order (guint32 value, gboolean is_swapped)
{
  return is_swapped ? GUINT32_SWAP_LE_BE (value) : value;
}

static void
put_32 (GByteArray *array, guint32 value, gboolean is_swapped)
{
  value = put_order (value, is_swapped);
  g_byte_array_append (array, (guint8 *)&value, 4);
}

static void
put_16 (GByteArray *array, guint16 value, gboolean is_swapped)
{
  value = is_swapped ? GUINT16_SWAP_LE_BE (value) : value;
  g_byte_array_append (array, (guint8 *)&value, 2);
}

static GByteArray *
make_variant (guint32 magic, guint16 minor, guint32 snaplen, guint32 link_type, gboolean is_swapped)
{
  GByteArray *pcap = g_byte_array_new ();
  static const guint8 frame[60] = { 1, 2, 3 };

  put_32 (pcap, magic, is_swapped);
  put_16 (pcap, 2, is_swapped);
  put_16 (pcap, minor, is_swapped);
  put_32 (pcap, 0, is_swapped);
  put_32 (pcap, 0, is_swapped);
  put_32 (pcap, snaplen, is_swapped);
  put_32 (pcap, link_type, is_swapped);
  for (guint i = 0; i < 3; i++)
    {
      put_32 (pcap, 1700000000 + i, is_swapped);
      put_32 (pcap, 123456 + i, is_swapped);
      put_32 (pcap, minor < 3 ? 100 : 60, is_swapped);
      put_32 (pcap, minor < 3 ? 60 : 100, is_swapped);
      if (magic == 0xa1b2cd34u)
        g_byte_array_append (pcap, frame + 8, 8);
      g_byte_array_append (pcap, frame, sizeof frame);
    }
  return pcap;
}

static void
test_pcap_variants (void)
{
  static const struct
  {
    guint32 magic, snaplen, link_type;
    guint16 minor;
  } variants[] = {
    { 0xa1b2c3d4u, 65535, 1, 4 },       { 0xa1b23c4du, 65535, 1, 4 },           { 0xa1b2cd34u, 65535, 1, 4 },
    { 0xa1b2c3d4u, 65535, 1, 2 },       { 0xa1b2c3d4u, 65535, 1, 3 },           { 0xa1b2c3d4u, 0, 1, 4 },
    { 0xa1b2c3d4u, 40, 1, 4 },          { 0xa1b2c3d4u, 65535, 276, 4 },         { 0xa1b2c3d4u, 65535, 101, 4 },
    { 0xa1b2c3d4u, 0xffffffffu, 1, 4 }, { 0xa1b2c3d4u, 65535, 0x14000001u, 4 }, { 0xa1b2c3d4u, 65535, 147, 4 },
    { 0xdeadbeefu, 65535, 1, 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    for (int is_swapped = 0; is_swapped < 2; is_swapped++)
      {
        g_autoptr (GByteArray) pcap =
            make_variant (variants[i].magic, variants[i].minor, variants[i].snaplen, variants[i].link_type, is_swapped);
        g_autofree char *path = test_write_array ("variant.pcap", pcap);

        if (variants[i].link_type == 147)
          {
            g_auto (Read) read = { 0 };

            read_bytes (pcap->data, pcap->len, G_MAXSIZE, &read);
            g_assert_error (read.error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_LINK_TYPE);
          }
        else
          check_file (path);
      }
}

static void
test_nanoseconds (void)
{
  g_autoptr (GByteArray) pcap = make_variant (0xa1b23c4du, 4, 65535, 1, FALSE);
  g_auto (Read) read = { 0 };

  read_bytes (pcap->data, pcap->len, G_MAXSIZE, &read);
  g_assert_cmpuint (read.records->len, ==, 3);
  g_assert_cmpuint (record_at (&read, 1)->time_us, ==, (1700000001 * (guint64)G_USEC_PER_SEC) + 123);
}

/* ---- pcapng ---- */

typedef struct
{
  GByteArray *bytes;
  gboolean is_swapped;
} Ng;

static void
ng_block (Ng *ng, guint32 type, const GByteArray *body)
{
  guint padding = (4 - body->len % 4) % 4;
  guint32 length = 12 + body->len + padding;

  put_32 (ng->bytes, type, ng->is_swapped);
  put_32 (ng->bytes, length, ng->is_swapped);
  g_byte_array_append (ng->bytes, body->data, body->len);
  g_byte_array_append (ng->bytes, (const guint8 *)"\0\0\0", padding);
  put_32 (ng->bytes, length, ng->is_swapped);
}

static void
ng_section (Ng *ng)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  put_32 (body, 0x1a2b3c4du, ng->is_swapped);
  put_16 (body, 1, ng->is_swapped);
  put_16 (body, 0, ng->is_swapped);
  put_32 (body, 0xffffffffu, FALSE);
  put_32 (body, 0xffffffffu, FALSE);
  ng_block (ng, 0x0a0d0d0au, body);
}

static void
ng_option (Ng *ng, GByteArray *body, guint16 code, const void *value, guint16 length)
{
  put_16 (body, code, ng->is_swapped);
  put_16 (body, length, ng->is_swapped);
  g_byte_array_append (body, value, length);
  g_byte_array_append (body, (const guint8 *)"\0\0\0", (4 - length % 4) % 4);
}

/* @resolution: if_tsresol, or -1 for none. */
static void
ng_interface (Ng *ng, guint16 link_type, guint32 snaplen, const char *name, int resolution, gint64 offset_s)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  guint8 tsresol = (guint8)resolution;
  guint64 offset = ng->is_swapped ? GUINT64_SWAP_LE_BE ((guint64)offset_s) : (guint64)offset_s;

  put_16 (body, link_type, ng->is_swapped);
  put_16 (body, 0, ng->is_swapped);
  put_32 (body, snaplen, ng->is_swapped);
  if (name)
    ng_option (ng, body, 2, name, strlen (name));
  if (resolution >= 0)
    ng_option (ng, body, 9, &tsresol, 1);
  if (offset_s != 0)
    ng_option (ng, body, 14, &offset, 8);
  ng_option (ng, body, 0, "", 0);
  ng_block (ng, 1, body);
}

static void
ng_packet (Ng *ng, guint32 iface, guint64 ticks, guint32 captured, guint32 wire)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  put_32 (body, iface, ng->is_swapped);
  put_32 (body, ticks >> 32, ng->is_swapped);
  put_32 (body, (guint32)ticks, ng->is_swapped);
  put_32 (body, captured, ng->is_swapped);
  put_32 (body, wire, ng->is_swapped);
  for (guint i = 0; i < captured; i++)
    g_byte_array_append (body, (const guint8 *)"\x42", 1);
  ng_block (ng, 6, body);
}

static void
ng_simple_packet (Ng *ng, guint32 captured, guint32 wire)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  put_32 (body, wire, ng->is_swapped);
  for (guint i = 0; i < captured; i++)
    g_byte_array_append (body, (const guint8 *)"\x43", 1);
  ng_block (ng, 3, body);
}

static void
ng_obsolete_packet (Ng *ng, guint16 iface, guint64 ticks, guint32 captured)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  put_16 (body, iface, ng->is_swapped);
  put_16 (body, 0xffff, ng->is_swapped);
  put_32 (body, ticks >> 32, ng->is_swapped);
  put_32 (body, (guint32)ticks, ng->is_swapped);
  put_32 (body, captured, ng->is_swapped);
  put_32 (body, captured, ng->is_swapped);
  for (guint i = 0; i < captured; i++)
    g_byte_array_append (body, (const guint8 *)"\x44", 1);
  ng_block (ng, 2, body);
}

static void
ng_statistics (Ng *ng, guint32 iface, guint64 ifdrop, guint64 osdrop)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  if (ng->is_swapped)
    {
      ifdrop = GUINT64_SWAP_LE_BE (ifdrop);
      osdrop = GUINT64_SWAP_LE_BE (osdrop);
    }
  put_32 (body, iface, ng->is_swapped);
  put_32 (body, 0, FALSE);
  put_32 (body, 0, FALSE);
  ng_option (ng, body, 5, &ifdrop, 8);
  ng_option (ng, body, 7, &osdrop, 8);
  ng_option (ng, body, 0, "", 0);
  ng_block (ng, 5, body);
}

static void
ng_other_blocks (Ng *ng)
{
  static const guint32 types[] = { 4, 7, 0x0bad, 0x40000bad, 0x80000001 };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GByteArray) body = g_byte_array_new ();

      for (guint n = 0; n < i * 5; n++)
        g_byte_array_append (body, (const guint8 *)"\xff", 1);
      ng_block (ng, types[i], body);
    }
}

/* What libpcap reads too: one link type, one snaplen, in both byte orders. */
static void
test_pcapng_against_libpcap (void)
{
  for (int is_swapped = 0; is_swapped < 2; is_swapped++)
    {
      Ng ng = { g_byte_array_new (), is_swapped };
      g_autofree char *path = NULL;
      g_autoptr (GByteArray) bytes G_GNUC_UNUSED = ng.bytes;

      ng_section (&ng);
      ng_interface (&ng, 1, 65535, "eth0", -1, 0);
      ng_interface (&ng, 1, 65535, NULL, 9, 0);
      ng_interface (&ng, 1, 65535, "eth2", 0x80 | 20, 0);
      ng_interface (&ng, 1, 65535, "eth3", 3, 1600000000);
      ng_other_blocks (&ng);
      ng_packet (&ng, 0, START_US, 60, 60);
      ng_packet (&ng, 1, START_US * 1000 + 999, 61, 1500);
      ng_packet (&ng, 2, ((guint64)1700000000 << 20) + 1234, 62, 62);
      ng_packet (&ng, 3, 100000000123, 63, 63);
      ng_simple_packet (&ng, 64, 64);
      ng_obsolete_packet (&ng, 1, START_US * 1000, 65);
      ng_section (&ng);
      ng_interface (&ng, 1, 65535, "eth9", -1, 0);
      ng_packet (&ng, 0, START_US + 5, 60, 60);
      ng_statistics (&ng, 0, 3, 4);
      path = test_write_array ("plain.pcapng", ng.bytes);
      check_file (path);
    }
}

/* What it does not: several link types, snaplens and byte orders in one file. */
static void
test_pcapng_mixed (void)
{
  Ng ng = { g_byte_array_new (), FALSE };
  g_autoptr (GByteArray) bytes = ng.bytes;
  g_auto (Read) read = { 0 };

  ng_section (&ng);
  ng_interface (&ng, 1, 100, "eth0", -1, 0);
  ng_interface (&ng, 276, 200, "any", 9, 0);
  ng_interface (&ng, 147, 0, "odd", -1, 0);
  ng_packet (&ng, 1, START_US * 1000, 60, 60);
  ng_packet (&ng, 2, START_US, 60, 60);
  ng_simple_packet (&ng, 100, 1500);
  ng_statistics (&ng, 0, 3, 4);
  ng_statistics (&ng, 1, 10, 20);
  ng_statistics (&ng, 7, 1000, 1000); /* of no interface */
  ng.is_swapped = TRUE;
  ng_section (&ng);
  ng_interface (&ng, 113, 0, NULL, 0, 0);
  ng_packet (&ng, 0, 1700000007, 33, 33);
  ng_statistics (&ng, 0, 100, 200);
  read_bytes (bytes->data, bytes->len, 64, &read);
  g_assert_no_error (read.error);
  g_assert_cmpuint (read.records->len, ==, 4);
  g_assert_cmpint (record_at (&read, 0)->datalink, ==, 276);
  g_assert_cmpuint (record_at (&read, 0)->time_us, ==, START_US);
  g_assert_cmpint (record_at (&read, 1)->datalink, ==, 147);
  g_assert_cmpint (record_at (&read, 2)->datalink, ==, 1);
  g_assert_cmpuint (record_at (&read, 2)->captured, ==, 100);
  g_assert_cmpuint (record_at (&read, 2)->wire, ==, 1500);
  g_assert_cmpint (record_at (&read, 3)->datalink, ==, 113);
  g_assert_cmpuint (record_at (&read, 3)->time_us, ==, 1700000007 * (guint64)G_USEC_PER_SEC);
  g_assert_cmpuint (read.interface_dropped, ==, 113);
  g_assert_cmpuint (read.kernel_dropped, ==, 224);
}

static void
expect_failure (const Ng *ng, PlCaptureError code, const char *words)
{
  g_auto (Read) read = { 0 };

  read_bytes (ng->bytes->data, ng->bytes->len, G_MAXSIZE, &read);
  g_assert_error (read.error, PL_CAPTURE_ERROR, (gint)code);
  g_test_message ("%s", read.error->message);
  g_assert_nonnull (strstr (read.error->message, words));
}

/* Builds a section with one interface, lets @damage continue it. */
static void
check_damage (void (*damage) (Ng *ng), PlCaptureError code, const char *words)
{
  Ng ng = { g_byte_array_new (), FALSE };
  g_autoptr (GByteArray) bytes G_GNUC_UNUSED = ng.bytes;

  ng_section (&ng);
  ng_interface (&ng, 1, 100, "eth0", -1, 0);
  ng_packet (&ng, 0, START_US, 60, 60);
  damage (&ng);
  expect_failure (&ng, code, words);
}

static void
damage_interface_id (Ng *ng)
{
  ng_packet (ng, 1, START_US, 60, 60);
}

static void
damage_resolution (Ng *ng)
{
  ng_interface (ng, 1, 100, "eth1", 20, 0);
}

static void
damage_captured (Ng *ng)
{
  ng_packet (ng, 0, START_US, 60, 60);
  ng->bytes->data[ng->bytes->len - 4 - 60 - 8] = 64; /* captured length: more than the block has */
}

static void
damage_trailer (Ng *ng)
{
  ng_packet (ng, 0, START_US, 60, 60);
  ng->bytes->data[ng->bytes->len - 4] ^= 4;
}

static void
damage_length (Ng *ng)
{
  put_32 (ng->bytes, 6, FALSE);
  put_32 (ng->bytes, 13, FALSE);
  put_32 (ng->bytes, 0, FALSE);
}

static void
damage_huge (Ng *ng)
{
  put_32 (ng->bytes, 6, FALSE);
  put_32 (ng->bytes, 0xfffffff0u, FALSE);
  put_32 (ng->bytes, 0, FALSE);
}

static void
damage_byte_order (Ng *ng)
{
  put_32 (ng->bytes, 0x0a0d0d0au, FALSE);
  put_32 (ng->bytes, 28, FALSE);
  put_32 (ng->bytes, 0x12345678, FALSE);
}

static void
damage_cut (Ng *ng)
{
  ng_packet (ng, 0, START_US, 60, 60);
  g_byte_array_set_size (ng->bytes, ng->bytes->len - 1);
}

static void
test_pcapng_damage (void)
{
  Ng unknown = { g_byte_array_new (), FALSE };
  g_autoptr (GByteArray) bytes G_GNUC_UNUSED = unknown.bytes;

  check_damage (damage_interface_id, PL_CAPTURE_ERROR_CORRUPT, "was not described");
  check_damage (damage_resolution, PL_CAPTURE_ERROR_CORRUPT, "time resolution");
  check_damage (damage_captured, PL_CAPTURE_ERROR_CORRUPT, "more bytes than its block");
  check_damage (damage_trailer, PL_CAPTURE_ERROR_CORRUPT, "two lengths");
  check_damage (damage_length, PL_CAPTURE_ERROR_CORRUPT, "impossible length");
  check_damage (damage_huge, PL_CAPTURE_ERROR_CORRUPT, "impossible length");
  check_damage (damage_byte_order, PL_CAPTURE_ERROR_CORRUPT, "byte order");
  check_damage (damage_cut, PL_CAPTURE_ERROR_TRUNCATED, "after 1 packets");
  ng_section (&unknown);
  ng_interface (&unknown, 147, 0, "odd", -1, 0);
  ng_packet (&unknown, 0, START_US, 60, 60);
  expect_failure (&unknown, PL_CAPTURE_ERROR_LINK_TYPE, "147");
}

/* ---- gzip ---- */

static void
test_gzip_members (void)
{
  g_autoptr (GByteArray) pcap = make_variant (0xa1b2c3d4u, 4, 65535, 1, FALSE);
  g_autoptr (GByteArray) first = test_make_gzip (pcap->data, 50),
                         second = test_make_gzip (pcap->data + 50, pcap->len - 50);
  g_auto (Read) plain = { 0 }, joined = { 0 }, cut = { 0 }, damaged = { 0 }, trailing = { 0 };

  read_bytes (pcap->data, pcap->len, G_MAXSIZE, &plain);
  g_byte_array_append (first, second->data, second->len);
  read_bytes (first->data, first->len, 1, &joined);
  expect_equal (&plain, &joined);
  read_bytes (first->data, first->len - 5, G_MAXSIZE, &cut);
  g_assert_error (cut.error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_TRUNCATED);
  g_byte_array_append (first, (const guint8 *)"\0\0\0\0", 4);
  read_bytes (first->data, first->len, 3, &trailing);
  expect_equal (&plain, &trailing);
  memset (first->data + 20, 0xff, 8);
  read_bytes (first->data, first->len, G_MAXSIZE, &damaged);
  g_assert_error (damaged.error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_CORRUPT);
}

static void
test_large_records (void)
{
  g_autoptr (GByteArray) pcap = test_pcap_new ();
  g_autofree guint8 *frame = g_malloc0 (262144);
  g_autofree char *path = NULL;

  for (guint i = 0; i < 40; i++)
    test_pcap_add_bytes (pcap, START_US + i, frame, 262144 - i, 262144);
  path = test_write_array ("large.pcap", pcap);
  check_file (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reader/fixtures", test_fixtures);
  g_test_add_func ("/reader/pcap-variants", test_pcap_variants);
  g_test_add_func ("/reader/nanoseconds", test_nanoseconds);
  g_test_add_func ("/reader/pcapng-against-libpcap", test_pcapng_against_libpcap);
  g_test_add_func ("/reader/pcapng-mixed", test_pcapng_mixed);
  g_test_add_func ("/reader/pcapng-damage", test_pcapng_damage);
  g_test_add_func ("/reader/gzip-members", test_gzip_members);
  g_test_add_func ("/reader/large-records", test_large_records);
  status = g_test_run ();
  test_remove_files ();
  return status;
}
