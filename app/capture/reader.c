/* Capture files: buffers, gzip and the choice of format. Capture thread only; does no input of its own. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include "reader-private.h"
#include "bounds.h"
#include <string.h>

/* 1 MiB a read(2): measured best; larger gains nothing, mmap is slower (notes/performance.md). */
#define INPUT_BYTES (1 << 20)
/* The first read: most files that are opened by hand are small, and tests open a hundred thousand. */
#define FIRST_INPUT_BYTES (64 << 10)
#define INFLATED_BYTES (256 << 10)

void
pl_buffer_init (PlBuffer *buffer, gsize capacity)
{
  *buffer = (PlBuffer){ .bytes = g_malloc (capacity), .capacity = capacity };
}

void
pl_buffer_clear (PlBuffer *buffer)
{
  g_clear_pointer (&buffer->bytes, g_free);
}

void
pl_buffer_reserve (PlBuffer *buffer, gsize n_needed)
{
  gsize n_waiting = pl_buffer_get_waiting (buffer);

  if (buffer->start > 0)
    {
      memmove (buffer->bytes, buffer->bytes + buffer->start, n_waiting);
      buffer->start = 0;
      buffer->end = n_waiting;
    }
  if (n_needed > buffer->capacity)
    {
      buffer->bytes = g_realloc (buffer->bytes, n_needed);
      buffer->capacity = n_needed;
    }
}

/**
 * pl_reader_new:
 * @name: what messages call the file or pipe
 * @ifaces: where interface names are numbered; outlives the reader
 *
 * Returns: (transfer full): a reader that has seen nothing yet
 */
PlReader *
pl_reader_new (const char *name, PlIfaces *ifaces)
{
  PlReader *self = g_new0 (PlReader, 1);

  self->name = g_strdup (name);
  self->ifaces = ifaces;
  pl_buffer_init (&self->input, FIRST_INPUT_BYTES);
  self->n_wanted = 4;
  return self;
}

void
pl_reader_free (PlReader *self)
{
  if (!self)
    return;
  pl_buffer_clear (&self->input);
  pl_buffer_clear (&self->inflated);
  g_clear_pointer (&self->gunzip, pl_gunzip_free);
  g_clear_pointer (&self->pcapng.ifaces, g_array_unref);
  g_free (self->name);
  g_free (self);
}

gpointer
pl_reader_get_space (PlReader *self, gsize *n_bytes)
{
  gsize n_wanted = self->gunzip ? 1 : self->n_wanted;

  if (self->input.end > 0 && self->input.capacity < INPUT_BYTES)
    pl_buffer_reserve (&self->input, INPUT_BYTES);
  /* Room for what the parser wants, and for at least half a buffer besides, so that reads stay large. */
  if (self->input.capacity - self->input.end < INPUT_BYTES / 2)
    pl_buffer_reserve (&self->input, MAX (n_wanted, self->input.capacity));
  if (self->input.end == self->input.capacity)
    pl_buffer_reserve (&self->input, self->input.capacity + INPUT_BYTES);
  *n_bytes = self->input.capacity - self->input.end;
  return self->input.bytes + self->input.end;
}

void
pl_reader_commit (PlReader *self, gsize n_bytes)
{
  g_assert (n_bytes <= self->input.capacity - self->input.end);
  self->input.end += n_bytes;
}

void
pl_reader_end (PlReader *self)
{
  self->input_ended = TRUE;
}

/* Decides on gzip and format from the first bytes; @buffer holds at least two. */
static PlReaderStep
detect (PlReader *self, PlBuffer *buffer, GError **error)
{
  const guint8 *bytes = buffer->bytes + buffer->start;
  gsize n_bytes = pl_buffer_get_waiting (buffer);

  if (!self->gunzip && n_bytes >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b)
    {
      self->gunzip = pl_gunzip_new ();
      pl_buffer_init (&self->inflated, INFLATED_BYTES);
      return PL_READER_AGAIN; /* the other buffer */
    }
  if (n_bytes >= 4 && (pl_reader_detect_pcap (self, bytes) || pl_reader_detect_pcapng (self, bytes)))
    return PL_READER_AGAIN;
  if (n_bytes < 16 && !self->input_ended)
    {
      self->n_wanted = 16; /* enough to name what it is instead */
      return PL_READER_MORE;
    }
  pl_reader_set_not_capture (self, bytes, n_bytes, error);
  return PL_READER_FAILED;
}

/* No more bytes will come, and the parser wants some. */
static PlReaderStep
finish (PlReader *self, PlBuffer *buffer, GError **error)
{
  if (pl_buffer_get_waiting (buffer) > 0 || (self->gunzip && !pl_gunzip_is_between_members (self->gunzip)))
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_TRUNCATED,
                   _ ("%s ends inside a record after %" PRIu64
                      " packets: it was cut short, or is still being written; what came before is complete"),
                   self->name, self->n_records);
      return PL_READER_FAILED;
    }
  if (!self->parse)
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_EMPTY,
                   _ ("%s is empty: nothing was captured into it, or it is not written yet"), self->name);
      return PL_READER_FAILED;
    }
  return pl_pcapng_check_link_types (self, error) ? PL_READER_END : PL_READER_FAILED;
}

/* Gets more bytes for the parser out of what the caller gave. PL_READER_AGAIN when there are some: one read of gzip data
 * may inflate to a thousand times its size, so that the caller gets a word in between. */
static PlReaderStep
refill (PlReader *self, GError **error)
{
  if (!self->gunzip)
    return self->input_ended ? PL_READER_END : PL_READER_MORE;
  if (self->is_inflated)
    return PL_READER_END;
  pl_buffer_reserve (&self->inflated, MAX (self->n_wanted, INFLATED_BYTES));
  switch (pl_gunzip_step (self->gunzip, &self->input, &self->inflated, self->input_ended))
    {
    case PL_GUNZIP_PROGRESS:
      return PL_READER_AGAIN;
    case PL_GUNZIP_STARVED:
      return self->input_ended ? PL_READER_END : PL_READER_MORE;
    case PL_GUNZIP_END:
      self->is_inflated = TRUE;
      return PL_READER_END;
    case PL_GUNZIP_DAMAGED:
    default:
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_CORRUPT,
                   _ ("%s has damaged gzip data after %" PRIu64 " packets: get the file again from where it was made"),
                   self->name, self->n_records);
      return PL_READER_FAILED;
    }
}

/**
 * pl_reader_next:
 * @self: a reader
 * @records: (out caller-allocates) (array length=n_max): the next packets; valid until the next call on @self
 * @n_max: how many at most, at least 1
 * @n_records: (out): how many there are, with %PL_READER_RECORD
 * @error: why it failed
 *
 * Returns: %PL_READER_RECORD with @records filled; %PL_READER_MORE when it wants bytes
 */
PlReaderStep
pl_reader_next (PlReader *self, PlRecord *records, guint n_max, guint *n_records, GError **error)
{
  PlBuffer *buffer = self->gunzip ? &self->inflated : &self->input;
  PlReaderStep step = PL_READER_MORE;

  *n_records = 0;
  if (self->parse)
    step = self->parse (self, buffer, records, n_max, n_records, error);
  else if (pl_buffer_get_waiting (buffer) >= 4 || (self->input_ended && pl_buffer_get_waiting (buffer) > 0))
    step = detect (self, buffer, error);
  if (*n_records > 0)
    return PL_READER_RECORD;
  if (step != PL_READER_MORE)
    return step;
  step = refill (self, error);
  return step == PL_READER_END ? finish (self, buffer, error) : step;
}

static guint64
sum_statistics (const PlReader *self, gboolean is_told, guint64 before, gsize offset)
{
  guint64 sum = before;

  if (!is_told)
    return G_MAXUINT64;
  for (guint i = 0; i < self->pcapng.ifaces->len; i++)
    {
      guint64 value = G_STRUCT_MEMBER (guint64, &g_array_index (self->pcapng.ifaces, PlPcapngIface, i), offset);

      if (value != G_MAXUINT64)
        sum += value;
    }
  return sum;
}

guint64
pl_reader_get_kernel_dropped (const PlReader *self)
{
  return sum_statistics (self, self->pcapng.has_osdrop, self->pcapng.osdrop_before,
                         G_STRUCT_OFFSET (PlPcapngIface, osdrop));
}

guint64
pl_reader_get_interface_dropped (const PlReader *self)
{
  return sum_statistics (self, self->pcapng.has_ifdrop, self->pcapng.ifdrop_before,
                         G_STRUCT_OFFSET (PlPcapngIface, ifdrop));
}

/**
 * pl_reader_get_datalink:
 * @self: a reader that came to its end
 *
 * Returns: the link type of the file, or of its section's first interface; Ethernet's when it names none
 */
int
pl_reader_get_datalink (const PlReader *self)
{
  if (!self->pcapng.ifaces)
    return self->pcap.datalink;
  return self->pcapng.ifaces->len > 0 ? g_array_index (self->pcapng.ifaces, PlPcapngIface, 0).datalink : 1;
}
