/* What the kernel's tracepoints say about who sends, from the records portlight-helper hands on (protocol.h): route lookups
 * of IPv4 and IPv6 and TCP states, decoded by the kernel's own format texts. Pure: one thread, no system call. */
#pragma once
#include <glib.h>

/* The kernel looked up the route of a packet that a process sends, in that process's own context and before the packet
 * could be seen. For TCP over IPv6 it is known when the handshake ends, one way or the other; when it begins it is told too, with
 * local_port 0. What a raw socket sends has no ports here, whatever it wrote into its packet. */
typedef struct
{
  guint64 time_ns; /* CLOCK_MONOTONIC */
  guint32 pid, tid;
  guint8 family; /* 4 or 6 */
  guint8 protocol; /* IPPROTO_TCP, IPPROTO_UDP; IPPROTO_RAW: whatever the process wrote */
  guint16 local_port, remote_port;
  guint8 local[16], remote[16]; /* network order, IPv4 in the first four; local all 0: not chosen yet */
} PlTraceSender;

typedef void (*PlTraceFunc) (const PlTraceSender *sender, gpointer data);

/* A record that is not the kernel's, PERF_RECORD_FORK, or a sample that tells of no sender, or of none that is news: @bytes follow its
 * header, for the time of the call. */
typedef void (*PlTraceOtherFunc) (guint32 type, const guint8 *bytes, gsize n_bytes, gpointer data);

typedef struct _PlTraceRecords PlTraceRecords;

PlTraceRecords *pl_trace_records_new (void);
void pl_trace_records_free (PlTraceRecords *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlTraceRecords, pl_trace_records_free)
/* @text: a tracepoint's format file (body of PL_HELPER_FORMAT). FALSE when it is of none that is known, or lacks a field. */
gboolean pl_trace_records_add_format (PlTraceRecords *self, const char *text, gsize n_bytes);
/* Whether the format of the route lookups of @family, 4 or 6, is known. */
gboolean pl_trace_records_has_routes (PlTraceRecords *self, guint family);
/* @bytes: records (PlHelperRecords.bytes). Calls @found for each sender; the same one at most once a second, but for those of raw
 * sockets; and @other (nullable), in between, for the others. Returns how many records the kernel had no room for,
 * as far as these say. */
guint64 pl_trace_records_read (PlTraceRecords *self,
                               const guint8 *bytes,
                               gsize n_bytes,
                               PlTraceFunc found,
                               PlTraceOtherFunc other,
                               gpointer data);
