/* Capture files, byte by byte: pcap and pcapng, each also gzip'd, from wherever the bytes come. Capture thread only.
 *
 * The reader does no input of its own: its caller puts bytes where pl_reader_get_space() says and asks for records, so
 * that a file, a slow pipe and a fuzzer take one path and nothing here can block. Formats: draft-ietf-opsawg-pcap,
 * draft-ietf-opsawg-pcapng. Why not libpcap's: it costs more than all the rest (notes/performance.md) and would block. */
#pragma once
#include "ifaces.h"

/* One packet. */
typedef struct
{
  const guint8 *bytes;
  guint32 captured, wire; /* captured <= wire */
  guint64 time_us;        /* Unix time */
  int datalink;           /* LINKTYPE_ value */
  guint32 iface;          /* number in PlIfaces */
} PlRecord;

typedef enum
{
  PL_READER_RECORD, /* one or more */
  PL_READER_AGAIN, /* nothing yet: look whether you were told to stop, and call again */
  PL_READER_MORE,  /* give it more bytes, or say that there are none */
  PL_READER_END,
  PL_READER_FAILED,
} PlReaderStep;

typedef struct _PlReader PlReader;

/* @name: what messages call it; @ifaces outlives the reader. */
PlReader *pl_reader_new (const char *name, PlIfaces *ifaces);
void pl_reader_free (PlReader *self);

/* Where to put up to @n_bytes (out, at least 1) bytes of input. Only after PL_READER_MORE, or first. */
gpointer pl_reader_get_space (PlReader *self, gsize *n_bytes);
void pl_reader_commit (PlReader *self, gsize n_bytes);
/* No more bytes will come. */
void pl_reader_end (PlReader *self);

/* Up to @n_max packets at a time, *@n_records of them (out) with PL_READER_RECORD, valid until the next call on the
 * reader. On failure @error is a PL_CAPTURE_ERROR_…: EMPTY, NOT_CAPTURE, TRUNCATED, CORRUPT or LINK_TYPE. */
PlReaderStep pl_reader_next (PlReader *self, PlRecord *records, guint n_max, guint *n_records, GError **error);

/* At its end: the link type of the file or of its first interface, Ethernet's when it names none. */
int pl_reader_get_datalink (const PlReader *self);
/* What the file says its capturer lost (pcapng interface statistics); G_MAXUINT64 when it does not say. */
guint64 pl_reader_get_kernel_dropped (const PlReader *self);
guint64 pl_reader_get_interface_dropped (const PlReader *self);
