/* What the capture thread hands to the main loop a few times a second, and the mailbox it travels in.
 *
 * The mailbox holds one batch at most. The thread fills a batch of its own and posts it only when the mailbox is empty;
 * until then flows simply stay marked as changed in its table, so that a slow main loop costs freshness, never memory.
 * A pthread mutex and an eventfd: GLib's own locks show as false races under TSan. */
#pragma once
#include <glib.h>
#include "name.h"

typedef enum
{
  PL_CAPTURE_STARTING,
  PL_CAPTURE_RUNNING,
  PL_CAPTURE_ENDED,  /* end of file, end of pipe, or stopped */
  PL_CAPTURE_FAILED, /* PlBatch.error says why; what was read so far stands */
} PlCaptureState;

typedef struct
{
  guint64 packets, bytes;      /* decoded into flows, wire bytes */
  guint64 received;            /* packets handed to us by the source: packets + the undecodable */
  guint64 kernel_dropped;      /* G_MAXUINT64: unknown */
  guint64 interface_dropped;   /* G_MAXUINT64: unknown */
  guint64 undecodable[PL_N_UNDECODABLE]; /* by reason; [0] unused */
  guint64 undecodable_bytes;
  guint64 n_flows_seen;        /* flows ever made */
  guint64 n_flows;             /* in the table now */
  /* "others": flows that left the table at its cap, and "ended": flows that left after their linger. Their sums. */
  guint64 others_flows, others_packets, others_bytes, others_payload_bytes;
  guint64 ended_flows, ended_packets, ended_bytes, ended_payload_bytes;
  guint64 questions_dropped;   /* new flows the owner queue had no room for */
  guint64 reuses_dropped;      /* ports that changed hands, past PL_LIMIT_PORT_REUSES: their flows stay one */
  guint64 names_lost;          /* past PL_LIMIT_NAMES_TOLD */
  guint64 messages_refused;    /* records of the helper that were none we know */
  guint64 unread;              /* packets that the helper had when it was told to stop, and did not hand over in time: "about", as
                                * it may have dropped some itself; G_MAXUINT64: it did not tell how many */
  guint64 bytes_read, bytes_total; /* of a file, for progress; total 0 when unknown */
  guint64 first_us, last_us;   /* time of the first and last packet; 0 before any */
  gboolean is_interface_gone;  /* a helper's: not there now; counting goes on as soon as it is back */
} PlCaptureStats;

typedef struct
{
  PlFlowUpdate *flows; /* changed since the last batch, whole facts, at most PL_LIMIT_BATCH_FLOWS */
  guint n_flows;
  guint64 *gone;       /* ids that left the table; their last facts came before or in this batch, but for what the cap
                        * evicted while changed: its sums are in "others", which is all that is left of it */
  guint n_gone;
  guint8 *gone_why;    /* per id: 0 its linger was over, 1 the cap evicted it */
  PlNameTold *names;   /* told since the last batch, in order; of flows in this batch or a later one, too */
  guint n_names;
  PlCaptureStats stats; /* running totals, not differences */
  PlCaptureState state;
  GError *error;       /* with PL_CAPTURE_FAILED */
  GPtrArray *ifaces;   /* (element-type utf8): interface names by PlFlow.iface; complete each time */
} PlBatch;

void pl_batch_free (PlBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlBatch, pl_batch_free)

typedef struct _PlMailbox PlMailbox;

PlMailbox *pl_mailbox_new (void);
void pl_mailbox_free (PlMailbox *mailbox);
/* Readable while a batch waits: for g_unix_fd_add(). Owned by the mailbox. */
int pl_mailbox_get_fd (PlMailbox *mailbox);
/* Capture thread. Takes @batch and returns TRUE, or leaves it with the caller and returns FALSE when one still waits. */
gboolean pl_mailbox_post (PlMailbox *mailbox, PlBatch *batch);
/* Capture thread. Posts even when one waits: what a capture told to stop leaves behind, so that no last count is lost. */
void pl_mailbox_post_last (PlMailbox *mailbox, PlBatch *batch);
/* Capture thread. Whether pl_mailbox_post() would succeed, and a descriptor readable while it would. */
gboolean pl_mailbox_is_empty (PlMailbox *mailbox);
int pl_mailbox_get_empty_fd (PlMailbox *mailbox);
/* Main loop. The waiting batch (transfer full), or NULL. After pl_capture_stop() take until NULL: several may wait. */
PlBatch *pl_mailbox_take (PlMailbox *mailbox);
