/* pcapng files (draft-ietf-opsawg-pcapng): several sections, each of its own byte order, each with interfaces of their
 * own link type and time resolution. Capture thread only. Blocks that hold no packet, interface or statistics are skipped.
 *
 *   block: type, total length, body …, total length again        option: code, length, value padded to 32 bits
 */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include "reader-private.h"
#include "bounds.h"
#include "packet.h"
#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 2 /* obsolete */
#define BLOCK_SIMPLE_PACKET 3
#define BLOCK_STATISTICS 5
#define BLOCK_ENHANCED_PACKET 6
#define BYTE_ORDER_MAGIC 0x1a2b3c4du

#define OPTION_END 0
#define OPTION_IF_NAME 2
#define OPTION_IF_TSRESOL 9
#define OPTION_IF_TSOFFSET 14
#define OPTION_ISB_IFDROP 5
#define OPTION_ISB_OSDROP 7

#define FRAME_BYTES 12 /* type and both lengths */

static PlReaderStep
corrupt (PlReader *self, GError **error, const char *what)
{
  g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_CORRUPT,
               _ ("%s is damaged after %" PRIu64 " packets: %s; what came before was read"), self->name,
               self->n_records, what);
  return PL_READER_FAILED;
}

/* ---- options ---- */

typedef struct
{
  const guint8 *bytes;
  gsize n_bytes;
  gboolean is_swapped;
} Options;

/* The next option, its value within bounds; FALSE at the end, or where an option says more than the block holds. */
static gboolean
next_option (Options *options, guint16 *code, const guint8 **value, guint16 *length)
{
  gsize padded;

  if (options->n_bytes < 4)
    return FALSE;
  *code = pl_read_16 (options->bytes, options->is_swapped);
  *length = pl_read_16 (options->bytes + 2, options->is_swapped);
  *value = options->bytes + 4;
  padded = ((gsize)*length + 3) & ~(gsize)3;
  if (*code == OPTION_END || padded > options->n_bytes - 4)
    return FALSE;
  options->bytes += 4 + padded;
  options->n_bytes -= 4 + padded;
  return TRUE;
}

/* ---- blocks without packets ---- */

static void
begin_section (PlReader *self)
{
  PlPcapngState *pcapng = &self->pcapng;

  if (!pcapng->ifaces)
    {
      pcapng->ifaces = g_array_new (FALSE, FALSE, sizeof (PlPcapngIface));
      return;
    }
  for (guint i = 0; i < pcapng->ifaces->len; i++)
    {
      const PlPcapngIface *iface = &g_array_index (pcapng->ifaces, PlPcapngIface, i);

      pcapng->osdrop_before += iface->osdrop == G_MAXUINT64 ? 0 : iface->osdrop;
      pcapng->ifdrop_before += iface->ifdrop == G_MAXUINT64 ? 0 : iface->ifdrop;
    }
  g_array_set_size (pcapng->ifaces, 0);
}

static PlReaderStep
parse_interface (PlReader *self, const guint8 *body, gsize n_body, GError **error)
{
  PlPcapngState *pcapng = &self->pcapng;
  PlPcapngIface iface = { .resolution = 6, .osdrop = G_MAXUINT64, .ifdrop = G_MAXUINT64 };
  Options options;
  const guint8 *value;
  guint16 code, length;
  g_autofree char *name = NULL;

  if (n_body < 8)
    return corrupt (self, error, "an interface block is too short");
  if (pcapng->ifaces->len == PL_LIMIT_PCAPNG_INTERFACES)
    return corrupt (self, error, "it has too many interfaces");
  iface.datalink = pl_read_16 (body, pcapng->is_swapped);
  iface.snaplen = pl_read_32 (body + 4, pcapng->is_swapped);
  options = (Options){ body + 8, n_body - 8, pcapng->is_swapped };
  while (next_option (&options, &code, &value, &length))
    {
      if (code == OPTION_IF_NAME && length > 0 && !name)
        name = g_strndup ((const char *)value, MIN (length, 64));
      else if (code == OPTION_IF_TSRESOL && length == 1)
        iface.resolution = value[0];
      else if (code == OPTION_IF_TSOFFSET && length == 8)
        iface.offset_us = (gint64)(pl_read_64 (value, pcapng->is_swapped) * G_USEC_PER_SEC);
    }
  if ((iface.resolution & 0x80) ? (iface.resolution & 0x7f) > 63 : iface.resolution > 19)
    return corrupt (self, error, "an interface has an impossible time resolution");
  if (!name || name[0] == '\0')
    {
      g_free (name);
      name = g_strdup_printf ("if%u", pcapng->ifaces->len);
    }
  iface.iface = pl_ifaces_get_by_name (self->ifaces, name);
  g_array_append_val (pcapng->ifaces, iface);
  return PL_READER_RECORD;
}

static void
parse_statistics (PlReader *self, const guint8 *body, gsize n_body)
{
  PlPcapngState *pcapng = &self->pcapng;
  PlPcapngIface *iface;
  Options options;
  const guint8 *value;
  guint16 code, length;
  guint32 id;

  if (n_body < 12)
    return;
  id = pl_read_32 (body, pcapng->is_swapped);
  if (id >= pcapng->ifaces->len)
    return;
  iface = &g_array_index (pcapng->ifaces, PlPcapngIface, id);
  options = (Options){ body + 12, n_body - 12, pcapng->is_swapped };
  while (next_option (&options, &code, &value, &length))
    {
      if (code == OPTION_ISB_OSDROP && length == 8)
        {
          iface->osdrop = pl_read_64 (value, pcapng->is_swapped);
          pcapng->has_osdrop = TRUE;
        }
      else if (code == OPTION_ISB_IFDROP && length == 8)
        {
          iface->ifdrop = pl_read_64 (value, pcapng->is_swapped);
          pcapng->has_ifdrop = TRUE;
        }
    }
}

/* ---- packets ---- */

static guint64
time_from_ticks (const PlPcapngIface *iface, guint64 ticks)
{
  static const guint64 powers[] = { 1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u };
  guint resolution = iface->resolution & 0x7f;
  guint64 time_us;

  if (iface->resolution & 0x80)
    time_us = (guint64)(((unsigned __int128)ticks * G_USEC_PER_SEC) >> resolution);
  else if (resolution <= 6)
    time_us = ticks * powers[6 - resolution];
  else
    {
      time_us = ticks;
      for (; resolution > 12; resolution -= 6)
        time_us /= powers[6];
      time_us /= powers[resolution - 6];
    }
  return time_us + (guint64)iface->offset_us;
}

/* Fills @record with @captured bytes at @bytes, of which @n_there are in the block. */
static PlReaderStep
fill_record (PlReader *self,
             guint32 interface_id,
             guint64 ticks,
             const guint8 *bytes,
             guint32 captured,
             guint32 wire,
             gsize n_there,
             PlRecord *record,
             GError **error)
{
  const PlPcapngIface *iface;

  if (interface_id >= self->pcapng.ifaces->len)
    return corrupt (self, error, "a packet names an interface that was not described");
  if (captured > n_there)
    return corrupt (self, error, "a packet claims more bytes than its block has");
  iface = &g_array_index (self->pcapng.ifaces, PlPcapngIface, interface_id);
  record->bytes = bytes;
  record->captured = MIN (captured, PL_LIMIT_FRAME_BYTES);
  record->wire = MAX (wire, record->captured);
  record->time_us = time_from_ticks (iface, ticks);
  record->datalink = iface->datalink;
  record->iface = iface->iface;
  if (pl_decoder_knows (iface->datalink))
    self->pcapng.n_known++;
  else
    {
      self->pcapng.n_unknown++;
      self->pcapng.unknown_datalink = iface->datalink;
    }
  return PL_READER_RECORD;
}

static PlReaderStep
parse_enhanced (PlReader *self, const guint8 *body, gsize n_body, PlRecord *record, GError **error)
{
  gboolean is_swapped = self->pcapng.is_swapped;
  guint64 ticks;

  if (n_body < 20)
    return corrupt (self, error, "a packet block is too short");
  ticks = (guint64)pl_read_32 (body + 4, is_swapped) << 32 | pl_read_32 (body + 8, is_swapped);
  return fill_record (self, pl_read_32 (body, is_swapped), ticks, body + 20, pl_read_32 (body + 12, is_swapped),
                      pl_read_32 (body + 16, is_swapped), n_body - 20, record, error);
}

static PlReaderStep
parse_obsolete (PlReader *self, const guint8 *body, gsize n_body, PlRecord *record, GError **error)
{
  gboolean is_swapped = self->pcapng.is_swapped;
  guint64 ticks;

  if (n_body < 20)
    return corrupt (self, error, "a packet block is too short");
  ticks = (guint64)pl_read_32 (body + 4, is_swapped) << 32 | pl_read_32 (body + 8, is_swapped);
  return fill_record (self, pl_read_16 (body, is_swapped), ticks, body + 20, pl_read_32 (body + 12, is_swapped),
                      pl_read_32 (body + 16, is_swapped), n_body - 20, record, error);
}

/* A simple packet belongs to the section's first interface and has no time; its captured length is what fits of the wire
 * length into the interface's snaplen. */
static PlReaderStep
parse_simple (PlReader *self, const guint8 *body, gsize n_body, PlRecord *record, GError **error)
{
  guint32 wire, captured, snaplen;
  PlReaderStep step;

  if (n_body < 4 || self->pcapng.ifaces->len == 0)
    return corrupt (self, error, n_body < 4 ? "a packet block is too short" : "a packet comes before any interface");
  wire = captured = pl_read_32 (body, self->pcapng.is_swapped);
  snaplen = g_array_index (self->pcapng.ifaces, PlPcapngIface, 0).snaplen;
  if (snaplen > 0)
    captured = MIN (captured, snaplen);
  step = fill_record (self, 0, 0, body + 4, captured, wire, n_body - 4, record, error);
  record->time_us = 0;
  return step;
}

/* ---- the walk from block to block ---- */

/* The length of the block at @bytes, of which 12 are there; 0 with @error when it can't be one. */
static guint32
block_length (PlReader *self, const guint8 *bytes, GError **error)
{
  guint32 length;

  if (pl_read_32 (bytes, FALSE) == BLOCK_SECTION) /* a palindrome: the same in either byte order */
    {
      if (pl_read_32 (bytes + 8, FALSE) == BYTE_ORDER_MAGIC)
        self->pcapng.is_swapped = FALSE;
      else if (pl_read_32 (bytes + 8, TRUE) == BYTE_ORDER_MAGIC)
        self->pcapng.is_swapped = TRUE;
      else
        {
          corrupt (self, error, "a section has no byte order");
          return 0;
        }
    }
  length = pl_read_32 (bytes + 4, self->pcapng.is_swapped);
  if (length >= FRAME_BYTES && length % 4 == 0 && length <= PL_LIMIT_PCAPNG_BLOCK_BYTES)
    return length;
  corrupt (self, error, "a block has an impossible length");
  return 0;
}

/* One whole block; PL_READER_RECORD with @is_packet unset means that there was nothing to tell. */
static PlReaderStep
parse_body (PlReader *self,
            guint32 type,
            const guint8 *body,
            gsize n_body,
            PlRecord *record,
            gboolean *is_packet,
            GError **error)
{
  *is_packet = type == BLOCK_ENHANCED_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_PACKET;
  switch (type)
    {
    case BLOCK_ENHANCED_PACKET:
      return parse_enhanced (self, body, n_body, record, error);
    case BLOCK_SIMPLE_PACKET:
      return parse_simple (self, body, n_body, record, error);
    case BLOCK_PACKET:
      return parse_obsolete (self, body, n_body, record, error);
    case BLOCK_SECTION:
      if (n_body < 16 || pl_read_16 (body + 4, self->pcapng.is_swapped) != 1)
        return corrupt (self, error, "a section is of an unknown version");
      begin_section (self);
      return PL_READER_RECORD;
    case BLOCK_INTERFACE:
      return parse_interface (self, body, n_body, error);
    case BLOCK_STATISTICS:
      parse_statistics (self, body, n_body);
      return PL_READER_RECORD;
    default:
      return PL_READER_RECORD;
    }
}

/* The next block that holds a packet. */
static PlReaderStep
parse_packet (PlReader *self, PlBuffer *buffer, PlRecord *record, GError **error)
{
  for (;;)
    {
      const guint8 *bytes = buffer->bytes + buffer->start;
      gsize n_bytes = pl_buffer_get_waiting (buffer);
      guint32 length;
      gboolean is_packet;
      PlReaderStep step;

      self->n_wanted = FRAME_BYTES;
      if (n_bytes < FRAME_BYTES)
        return PL_READER_MORE;
      length = block_length (self, bytes, error);
      if (length == 0)
        return PL_READER_FAILED;
      self->n_wanted = length;
      if (n_bytes < length)
        return PL_READER_MORE;
      if (pl_read_32 (bytes + length - 4, self->pcapng.is_swapped) != length)
        return corrupt (self, error, "the two lengths of a block differ");
      step = parse_body (self, pl_read_32 (bytes, self->pcapng.is_swapped), bytes + 8, length - FRAME_BYTES, record,
                         &is_packet, error);
      if (step == PL_READER_FAILED)
        return step;
      buffer->start += length;
      if (is_packet)
        return step;
    }
}

static PlReaderStep
parse_packets (PlReader *self, PlBuffer *buffer, PlRecord *records, guint n_max, guint *n_records, GError **error)
{
  PlReaderStep step = PL_READER_RECORD;

  /* What stops us after some packets is told by the next call, which meets it again. */
  while (*n_records < n_max && step == PL_READER_RECORD)
    {
      step = parse_packet (self, buffer, &records[*n_records], *n_records == 0 ? error : NULL);
      *n_records += step == PL_READER_RECORD;
      self->n_records += step == PL_READER_RECORD;
    }
  return step;
}

gboolean
pl_reader_detect_pcapng (PlReader *self, const guint8 bytes[4])
{
  if (pl_read_32 (bytes, FALSE) != BLOCK_SECTION)
    return FALSE;
  self->parse = parse_packets;
  return TRUE;
}

gboolean
pl_pcapng_check_link_types (PlReader *self, GError **error)
{
  if (self->pcapng.n_unknown == 0 || self->pcapng.n_known > 0)
    return TRUE;
  pl_reader_set_unknown_link_type (self, self->pcapng.unknown_datalink, error);
  return FALSE;
}
