/* pcap files (draft-ietf-opsawg-pcap) and their variants that libpcap reads too. Capture thread only.
 *
 *   magic, version, -, -, snaplen, link type │ seconds, fraction, captured length, wire length, bytes │ …
 */
#include "reader-private.h"
#include "limits.h"
#include "packet.h"

#define FILE_HEADER_BYTES 24
#define MAGIC_MICROSECOND 0xa1b2c3d4u
#define MAGIC_NANOSECOND 0xa1b23c4du
#define MAGIC_KUZNETZOV 0xa1b2cd34u /* Linux of the nineties: eight more bytes a record */
/* The link type; above it lies what is known of the frame check sequence. */
#define LINK_TYPE_MASK 0x03ffffffu

static PlReaderStep
parse_record (PlReader *self, PlBuffer *buffer, PlRecord *record, GError **error)
{
  const PlPcapState *pcap = &self->pcap;
  const guint8 *bytes = buffer->bytes + buffer->start;
  gsize n_bytes = pl_buffer_get_waiting (buffer);
  guint32 fraction, captured, wire;

  if (n_bytes < pcap->record_header_bytes)
    {
      self->n_wanted = pcap->record_header_bytes;
      return PL_READER_MORE;
    }
  fraction = pl_read_32 (bytes + 4, pcap->is_swapped);
  captured = pl_read_32 (bytes + 8, pcap->is_swapped);
  wire = pl_read_32 (bytes + 12, pcap->is_swapped);
  if (pcap->lengths_swapped && captured > wire)
    {
      guint32 swap = captured;

      captured = wire;
      wire = swap;
    }
  if (captured > PL_LIMIT_FRAME_BYTES)
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_CORRUPT,
                   "%s is damaged: packet %" G_GUINT64_FORMAT
                   " claims %u bytes, more than a packet can have; what came "
                   "before was read",
                   self->name, self->n_records + 1, captured);
      return PL_READER_FAILED;
    }
  if (n_bytes < pcap->record_header_bytes + captured)
    {
      self->n_wanted = pcap->record_header_bytes + captured;
      return PL_READER_MORE;
    }
  record->bytes = bytes + pcap->record_header_bytes;
  record->captured = MIN (captured, pcap->snaplen);
  record->wire = MAX (wire, record->captured);
  record->time_us = (guint64)pl_read_32 (bytes, pcap->is_swapped) * G_USEC_PER_SEC
                    + (pcap->is_nanosecond ? fraction / 1000 : fraction);
  record->datalink = pcap->datalink;
  record->iface = pcap->iface;
  pl_reader_consume (self, buffer, pcap->record_header_bytes + captured);
  return PL_READER_RECORD;
}

static PlReaderStep
parse_header (PlReader *self, PlBuffer *buffer, PlRecord *record, GError **error)
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
                   "%s is a pcap file of version %u.%u, which nobody writes: convert it with editcap -F pcap",
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
  pl_reader_consume (self, buffer, FILE_HEADER_BYTES);
  self->parse = parse_record;
  return parse_record (self, buffer, record, error);
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
