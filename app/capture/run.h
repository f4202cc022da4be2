/* One run of the capture thread: all that the thread owns, and what its sources have in common. Capture thread only, but
 * for pl_run_new() and pl_run_free(), which the starter calls while there is no thread. */
#pragma once
#include "capture.h"
#include "filter.h"
#include "flow-table.h"
#include "ifaces.h"
#include "host-names.h"
#include "reader.h"

/* Packets on their way through the table's three steps, and how far apart the steps are: far enough that memory answers
 * in between, near enough that the packets' facts stay in the first-level cache. */
#define PL_RUN_LINE 32
#define PL_RUN_STEP (PL_RUN_LINE / 2)

typedef struct
{
  PlCaptureOptions options; /* name, filter and local are copies of our own */
  PlMailbox *mailbox;
  int cancel_fd;            /* readable when the thread is to stop */
  PlDecoder *decoder;
  PlIfaces *ifaces;
  PlLocalEnd *local;
  PlFlowTable *table;
  PlHostNames *names;
  PlFilter *filter;         /* of files and pipes; nullable */
  guint only_ifindex;       /* of a helper's stream: packets of this interface; 0: of all */
  PlTablePacket line[PL_RUN_LINE]; /* packets between decoding and counting: a ring, in order */
  guint n_in, n_out;               /* packets that ever entered and left it */
  PlCaptureStats stats;     /* the fields the table does not keep */
  PlCaptureState state;
  gboolean is_changed;      /* something besides the table's flows is new since the last post */
  gboolean is_urgent;       /* when it waited last */
  gint64 next_tick_us;      /* monotonic */
  guint64 received_at_tick; /* packets, when time last passed */
  gint64 posted_us;         /* when a batch last went into the mailbox; monotonic */
} PlRun;

/* @options is copied, its descriptors taken over. NULL when memory or descriptors are out, with @error. */
PlRun *pl_run_new (const PlCaptureOptions *options, PlMailbox *mailbox, GError **error);
void pl_run_free (PlRun *run);

/* The source is open. */
void pl_run_set_running (PlRun *run);
/* Takes one frame in; its iface is used unless the frame itself names one. */
void pl_run_packet (PlRun *run, const PlRecord *record);
/* A frame seen early: makes its flow known without counting it. */
void pl_run_announce (PlRun *run, const PlRecord *record);
/* Live: looks up this machine's addresses, at the start and when they changed. */
void pl_run_load_addrs (PlRun *run);
/* Before packets are counted, and when the descriptor (-1: none) is readable: hears which ports changed hands. */
void pl_run_hear_reuses (PlRun *run);
int pl_run_get_reuses_fd (const PlRun *run);
/* Whenever the source pauses: lets time pass and posts a batch if it is due. */
void pl_run_tick (PlRun *run);
/* Live, before poll(): with the priority that first packets want now. */
void pl_run_prepare_wait (PlRun *run);
/* Milliseconds until pl_run_tick() wants to be called, for poll(); below 0: not before something comes. */
int pl_run_get_timeout_ms (const PlRun *run);
/* The main loop has left a batch for PL_LIMIT_STALL_US: pl_mailbox_get_empty_fd() tells when it is back. */
gboolean pl_run_is_stalled (const PlRun *run);
gboolean pl_run_is_cancelled (const PlRun *run);
/* The last call: posts all that is left, the end of it with @state and @error (transfer full). Waits for the main loop to
 * take batches, unless told to stop. */
void pl_run_finish (PlRun *run, PlCaptureState state, GError *error);

/* ---- sources: each runs until its end, a failure (FALSE with @error), or cancellation ---- */
gboolean pl_stream_source_run (PlRun *run, GError **error);
gboolean pl_device_source_run (PlRun *run, GError **error);
