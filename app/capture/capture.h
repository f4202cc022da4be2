/* Where packets come from: one thread over a device, a file, or a pipe. It decodes, keeps the flow table and posts
 * batches; it never waits for the main loop, never scans /proc, and makes no GLib object and no string per packet. */
#pragma once
#include "batch.h"

typedef enum
{
  PL_SOURCE_DEVICE, /* libpcap on an interface, or "any" */
  PL_SOURCE_FILE,   /* pcap, nanosecond pcap, pcapng; each also gzip'd */
  PL_SOURCE_PIPE,   /* the same formats from a descriptor: stdin, or portlight-helper's stream */
} PlSourceKind;

typedef struct
{
  PlSourceKind kind;
  const char *name;   /* interface or path; for a pipe what to call it in messages */
  int fd;             /* PL_SOURCE_PIPE: read end, taken over by the capture; else -1 */
  /* The helper's message channel, taken over; -1 for none. With it and without fd the helper is asked for a stream, and
   * @name is an interface or "any". */
  int control_fd;
  const char *filter; /* capture filter in pcap-filter(7) syntax; nullable */
  const PlPrefix *local; /* --local, at most PL_LIMIT_LOCAL_PREFIXES */
  guint n_local;
  gboolean is_live;   /* this machine's own packets, now: local end by its own addresses, owners are asked */
  gsize max_flows;    /* 0: PL_LIMIT_FLOWS */
  guint64 ended_linger_us; /* 0: flows stay until the cap (reports); else PL_ENDED_LINGER_US */
  /* Called on the capture thread for the first packet of each flow of a live source; must not block. Nullable.
   * Returns FALSE when it had no room (counted in questions_dropped). */
  gboolean (*new_flow) (const PlFlow *flow, gpointer data);
  /* Likewise when a flow of datagrams goes on after a pause, with the time of its packet. Nullable. */
  void (*resumed) (const PlFlow *flow, guint64 time_us, gpointer new_flow_data);
  /* Likewise for a flow of datagrams that has packets of two sockets. Nullable. */
  void (*mixed) (const PlFlow *flow, gpointer new_flow_data);
  gpointer new_flow_data;
  /* Called on the capture thread before packets are counted, and when the descriptor that get_reuses_fd (nullable) returns is
   * readable, which it is also when is_urgent has changed; must not block. Nullable. Ports that changed hands, at most
   * @max at a time; returns how many, maybe none. */
  guint (*take_reuses) (PlPortReuse *reuses, guint max, gpointer new_flow_data);
  int (*get_reuses_fd) (gpointer new_flow_data);
  /* Called on the capture thread before it waits; must not block. Nullable. Whether first packets are to be told as soon as
   * this machine lets us, at the cost of more switches between threads. */
  gboolean (*is_urgent) (gpointer new_flow_data);
} PlCaptureOptions;

#define PL_CAPTURE_ERROR (pl_capture_error_quark ())
GQuark pl_capture_error_quark (void);
typedef enum
{
  PL_CAPTURE_ERROR_NOT_FOUND,    /* no such file or interface */
  PL_CAPTURE_ERROR_HIDDEN,       /* no such file in our sandbox, whatever there is outside */
  PL_CAPTURE_ERROR_PERMISSION,
  PL_CAPTURE_ERROR_IS_DIRECTORY,
  PL_CAPTURE_ERROR_EMPTY,
  PL_CAPTURE_ERROR_NOT_CAPTURE,  /* wrong magic */
  PL_CAPTURE_ERROR_TRUNCATED,    /* the file ends inside a record; the flows so far stand */
  PL_CAPTURE_ERROR_CORRUPT,
  PL_CAPTURE_ERROR_LINK_TYPE,
  PL_CAPTURE_ERROR_FILTER,
  PL_CAPTURE_ERROR_DEVICE_GONE,
  PL_CAPTURE_ERROR_FAILED,
} PlCaptureError;
/* Every message is one line: what failed and what to do next. */

typedef struct _PlCapture PlCapture;

/* Starts the thread; @options is copied. Whatever can fail (opening included) is told through the mailbox, so that this
 * never blocks. @mailbox must outlive the capture. */
PlCapture *pl_capture_start (const PlCaptureOptions *options, PlMailbox *mailbox);
/* Wakes the thread wherever it waits, joins it and frees everything; a last batch (PL_CAPTURE_ENDED) may be in the mailbox. */
void pl_capture_stop (PlCapture *capture);

/* One interface of this machine. */
typedef struct
{
  char *name;
  char *addresses; /* "192.168.1.20, fe80::1", for people; "" when none */
  guint ifindex;
  gboolean is_up, is_loopback;
} PlDevice;
/* The interfaces of this machine without any privilege (getifaddrs). (transfer full) (element-type PlDevice) */
GPtrArray *pl_devices_list (void);
