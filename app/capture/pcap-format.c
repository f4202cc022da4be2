/* pcap files (draft-ietf-opsawg-pcap) and their variants that libpcap reads too. Capture thread only.
 *
 *   magic, version, -, -, snaplen, link type │ seconds, fraction, captured length, wire length, bytes │ …
 */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include "reader-private.h"
#include "bounds.h"
#include "packet.h"

#define FILE_HEADER_BYTES 24
#define MAGIC_MICROSECOND 0xa1b2c3d4u
#define MAGIC_NANOSECOND 0xa1b23c4du
#define MAGIC_KUZNETZOV 0xa1b2cd34u /* Linux of the nineties: eight more bytes a record */
/* The link type; above it lies what is known of the frame check sequence. */
#define LINK_TYPE_MASK 0x03ffffffu

static PlReaderStep
fail_on_length (PlReader *self, guint32 captured, GError **error)
{
  g_set_error (
      error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_CORRUPT,
      _ ("%s is damaged: packet %" PRIu64 " claims %u bytes, more than a packet can have; what came before was read"),
      self->name, self->n_records + 1, captured);
  return PL_READER_FAILED;
}

/* The record at @bytes, of which @n_bytes are there. Returns its length, or how many bytes it takes to go on when that
 * is more than there are; 0 when its captured length is impossible. */
static inline gsize
read_record (const PlPcapState *pcap, gboolean is_swapped, const guint8 *bytes, gsize n_bytes, PlRecord *record)
{
  guint32 fraction, captured, wire;

  if (n_bytes < pcap->record_header_bytes)
    return pcap->record_header_bytes;
  fraction = pl_read_32 (bytes + 4, is_swapped);
  captured = pl_read_32 (bytes + 8, is_swapped);
  wire = pl_read_32 (bytes + 12, is_swapped);
  if (pcap->lengths_swapped && captured > wire)
    {
      guint32 swap = captured;

      captured = wire;
      wire = swap;
    }
  record->captured = captured;
  if (captured > PL_LIMIT_FRAME_BYTES)
    return 0;
  record->bytes = bytes + pcap->record_header_bytes;
  record->captured = MIN (captured, pcap->snaplen);
  record->wire = MAX (wire, record->captured);
  record->time_us =
      (guint64)pl_read_32 (bytes, is_swapped) * G_USEC_PER_SEC + (pcap->is_nanosecond ? fraction / 1000 : fraction);
  record->datalink = pcap->datalink;
  record->iface = pcap->iface;
  return pcap->record_header_bytes + captured;
}

/* Reads what is whole; returns what read_record() said of what is not. */
static inline gsize
read_records (
    const PlPcapState *pcap, gboolean is_swapped, PlBuffer *buffer, PlRecord *records, guint n_max, guint *n_records)
{
  gsize length = 0;

  for (guint n = 0; n < n_max; n++)
    {
      gsize n_bytes = pl_buffer_get_waiting (buffer);

      length = read_record (pcap, is_swapped, buffer->bytes + buffer->start, n_bytes, &records[n]);
      if (length == 0 || length > n_bytes)
        break;
      buffer->start += length;
      *n_records = n + 1;
    }
  return length;
}

static PlReaderStep
parse_records (PlReader *self, PlBuffer *buffer, PlRecord *records, guint n_max, guint *n_records, GError **error)
{
  const PlPcapState *pcap = &self->pcap;
  gsize length;

  /* Two loops for the compiler, one without any turning of bytes. */
  if (pcap->is_swapped)
    length = read_records (pcap, TRUE, buffer, records, n_max, n_records);
  else
    length = read_records (pcap, FALSE, buffer, records, n_max, n_records);
  self->n_records += *n_records;
  if (*n_records > 0)
    return PL_READER_RECORD; /* what stopped us will do so again */
  if (length == 0)
    return fail_on_length (self, records[0].captured, error);
  self->n_wanted = length;
  return PL_READER_MORE;
}

static PlReaderStep
parse_header (PlReader *self, PlBuffer *buffer, PlRecord *records, guint n_max, guint *n_records, GError **error)
{
  PlPcapState *pcap = &self->pcap;
  const guint8 *bytes = buffer->bytes + buffer->start;
  guint16 major, minor;

  if (pl_buffer_get_waiting (buffer) < FILE_HEADER_BYTES)
    {
      self->n_wanted = FILE_HEADER_BYTES;
      return PL_READER_MORE;
    }
  major = pl_read_16 (bytes + 4, pcap->is_swapped);
  minor = pl_read_16 (bytes + 6, pcap->is_swapped);
  if (major != 2)
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_NOT_CAPTURE,
                   _ ("%s is a pcap file of version %u.%u, which nobody writes: convert it with editcap -F pcap"),
                   self->name, major, minor);
      return PL_READER_FAILED;
    }
  /* Before 2.3 the two lengths stood the other way round, and some 2.3 writers did as well. */
  pcap->lengths_swapped = minor <= 3;
  pcap->snaplen = pl_read_32 (bytes + 16, pcap->is_swapped);
  if (pcap->snaplen == 0 || pcap->snaplen > G_MAXINT32)
    pcap->snaplen = PL_LIMIT_FRAME_BYTES;
  pcap->datalink = pl_read_32 (bytes + 20, pcap->is_swapped) & LINK_TYPE_MASK;
  if (!pl_decoder_knows (pcap->datalink))
    {
      pl_reader_set_unknown_link_type (self, pcap->datalink, error);
      return PL_READER_FAILED;
    }
  pcap->iface = pl_ifaces_get_by_name (self->ifaces, "if0");
  buffer->start += FILE_HEADER_BYTES;
  self->parse = parse_records;
  return parse_records (self, buffer, records, n_max, n_records, error);
}

gboolean
pl_reader_detect_pcap (PlReader *self, const guint8 bytes[4])
{
  for (int is_swapped = 0; is_swapped < 2; is_swapped++)
    {
      guint32 magic = pl_read_32 (bytes, is_swapped);

      if (magic != MAGIC_MICROSECOND && magic != MAGIC_NANOSECOND && magic != MAGIC_KUZNETZOV)
        continue;
      self->pcap.is_swapped = is_swapped;
      self->pcap.is_nanosecond = magic == MAGIC_NANOSECOND;
      self->pcap.record_header_bytes = magic == MAGIC_KUZNETZOV ? 24 : 16;
      self->parse = parse_header;
      return TRUE;
    }
  return FALSE;
}
