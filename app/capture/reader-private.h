/* What the reader's files share: the bytes at hand and the formats' own state. Capture thread only. */
#pragma once
#include "capture.h"
#include "reader.h"

/* Bytes between start and end wait to be parsed. */
typedef struct
{
  guint8 *bytes;
  gsize start, end, capacity;
} PlBuffer;

void pl_buffer_init (PlBuffer *buffer, gsize capacity);
void pl_buffer_clear (PlBuffer *buffer);
/* Makes room for @n_needed bytes from start on; what waits moves to the front. */
void pl_buffer_reserve (PlBuffer *buffer, gsize n_needed);

typedef struct _PlGunzip PlGunzip;
PlGunzip *pl_gunzip_new (void);
void pl_gunzip_free (PlGunzip *self);
typedef enum
{
  PL_GUNZIP_PROGRESS, /* bytes were added to the output */
  PL_GUNZIP_STARVED,  /* it needs more input */
  PL_GUNZIP_END,      /* the last member is complete, and what follows is none */
  PL_GUNZIP_DAMAGED,
} PlGunzipStep;
/* Inflates from @input to the end of @output, which has room. */
PlGunzipStep pl_gunzip_step (PlGunzip *self, PlBuffer *input, PlBuffer *output, gboolean input_ended);
gboolean pl_gunzip_is_between_members (const PlGunzip *self);

typedef struct
{
  gboolean is_swapped, is_nanosecond, lengths_swapped;
  guint record_header_bytes; /* 16, or 24 in Kuznetzov's variant */
  guint32 snaplen, iface;
  int datalink;
} PlPcapState;

typedef struct
{
  int datalink;
  guint32 snaplen; /* 0: no limit */
  guint32 iface;
  guint8 resolution;      /* if_tsresol: 10^-n s, or 2^-n with the high bit */
  gint64 offset_us;       /* if_tsoffset */
  guint64 osdrop, ifdrop; /* latest statistics; G_MAXUINT64: none */
} PlPcapngIface;

typedef struct
{
  gboolean is_swapped;
  GArray *ifaces; /* PlPcapngIface, of this section */
  gboolean has_osdrop, has_ifdrop; /* whether any interface said */
  guint64 osdrop_before, ifdrop_before; /* of sections gone by */
  guint64 n_known, n_unknown; /* packets by whether the decoder knows their link type */
  int unknown_datalink;
} PlPcapngState;

struct _PlReader
{
  char *name;
  PlIfaces *ifaces;
  PlBuffer input, inflated; /* the latter only when the input is gzip */
  PlGunzip *gunzip;         /* nullable */
  gboolean input_ended, is_inflated; /* is_inflated: no more will come out of the gzip stream */
  guint64 n_records;        /* told so far */
  gsize n_wanted;           /* bytes the parser wants to see at once */
  /* Parses up to @n_max records of the bytes that wait and adds their number to *@n_records; NULL until the format is
   * known. PL_READER_RECORD when there may be more; sets n_wanted with PL_READER_MORE. */
  PlReaderStep (*parse) (PlReader *self, PlBuffer *buffer, PlRecord *records, guint n_max, guint *n_records, GError **error);
  PlPcapState pcap;
  PlPcapngState pcapng;
};

/* The magic number of @bytes (at least 4) as one of ours: sets parse. FALSE when it is another. */
gboolean pl_reader_detect_pcap (PlReader *self, const guint8 bytes[4]);
gboolean pl_reader_detect_pcapng (PlReader *self, const guint8 bytes[4]);
/* What @bytes look like instead, as an error. */
void pl_reader_set_not_capture (PlReader *self, const guint8 *bytes, gsize n_bytes, GError **error);
/* At the end of a pcapng file: FALSE when there were packets, all of unknown link types. */
gboolean pl_pcapng_check_link_types (PlReader *self, GError **error);
void pl_reader_set_unknown_link_type (PlReader *self, int datalink, GError **error);

static inline gsize
pl_buffer_get_waiting (const PlBuffer *buffer)
{
  return buffer->end - buffer->start;
}

static inline guint16
pl_read_16 (const guint8 *bytes, gboolean is_swapped)
{
  guint16 value;

  __builtin_memcpy (&value, bytes, sizeof value);
  return is_swapped ? __builtin_bswap16 (value) : value;
}

static inline guint32
pl_read_32 (const guint8 *bytes, gboolean is_swapped)
{
  guint32 value;

  __builtin_memcpy (&value, bytes, sizeof value);
  return is_swapped ? __builtin_bswap32 (value) : value;
}

static inline guint64
pl_read_64 (const guint8 *bytes, gboolean is_swapped)
{
  guint64 value;

  __builtin_memcpy (&value, bytes, sizeof value);
  return is_swapped ? __builtin_bswap64 (value) : value;
}
