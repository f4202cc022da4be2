/* The app's end of portlight-helper's message channel (protocol.h). Capture thread only. A record of the wrong version,
 * type or length is dropped and counted (PlCaptureStats.messages_refused); it never ends anything. */
#pragma once
#include "run.h"
#include <string.h>

#define PL_CONTROL_DATALINK 276 /* LINKTYPE_LINUX_SLL2, the link type of the helper's stream */

/* Whether a record of the helper's stream or messages is of another interface than what was chosen. */
static inline gboolean
pl_control_is_other_iface (const PlRun *run, const PlRecord *record)
{
  guint32 ifindex; /* https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */

  if (run->only_ifindex == 0 || record->captured < 8)
    return FALSE;
  memcpy (&ifindex, record->bytes + 4, sizeof ifindex);
  return GUINT32_FROM_BE (ifindex) != run->only_ifindex;
}

typedef struct _PlControlChannel PlControlChannel;

/* @fd: a SOCK_SEQPACKET socket, not taken over. */
PlControlChannel *pl_control_channel_new (int fd);
void pl_control_channel_free (PlControlChannel *self);
/* The descriptor to poll for input, or -1 once the helper has closed it. */
int pl_control_channel_get_fd (const PlControlChannel *self);
/* Told to stop: what it captured is to be told once more. */
void pl_control_channel_begin_last (PlControlChannel *self);
/* How many packets it has captured for this stream, as it told since; G_MAXUINT64: it has not. */
guint64 pl_control_channel_get_captured (const PlControlChannel *self);
/* Takes what waits, some records at most, so that a flood of them does not starve the stream. FALSE when no more wait. */
gboolean pl_control_channel_read (PlControlChannel *self, PlRun *run);
/* After the stream's end, which @ok says was in order: what the helper said of why. A helper never ends by itself, so
 * that an end nobody asked for is a failure: FALSE with @error. */
gboolean pl_control_channel_finish (PlControlChannel *self, PlRun *run, gboolean ok, GError **error);
