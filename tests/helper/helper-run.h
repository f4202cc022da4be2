/* Runs the real portlight-helper for a test, with full say over its descriptors, and reads what it streams. */
#pragma once
#include "protocol.h"
#include <glib.h>
#include <sys/types.h>

typedef enum
{
  RUN_CHANNEL, /* descriptor 0 is a SOCK_SEQPACKET socket */
  RUN_PIPE, /* descriptor 0 is a pipe */
  RUN_NULL, /* descriptor 0 is /dev/null */
  RUN_LISTENER, /* descriptor 0 is a SOCK_SEQPACKET socket that listens */
} RunInput;

typedef struct
{
  const char *exe; /* NULL: the one of this build */
  const char *netns; /* name of the network namespace to run in, nullable */
  const char *const *environment; /* "NAME=VALUE", nullable: none */
  uid_t uid; /* 0: as we are */
  RunInput input;
  gboolean with_log; /* descriptor 2 is a file, not a pipe: read it after run_wait() */
  gboolean with_owners; /* send it an owners socket; RUN_CHANNEL only */
  gboolean with_pidfds; /* whoever writes into the channel is told with each message, by a descriptor, where the kernel can */
  gboolean
      with_tracefs; /* in a mount namespace of its own with tracefs, which a machine without systemd has not mounted */
  gboolean without_tracepoints; /* without the rights that they take */
} RunOptions;

typedef struct
{
  pid_t pid; /* 0 when it was waited for */
  int input, stream, said, owners; /* our ends, -1 */
  GByteArray *bytes; /* of the stream, as read */
} Run;

/* The arguments end with NULL. */
void run_start (Run *run, const RunOptions *options, ...) G_GNUC_NULL_TERMINATED;
/* Its exit code, or 128 + the signal that ended it; -1 when it has not ended in @timeout_ms. */
int run_wait (Run *run, int timeout_ms);
/* Kills it if it still runs, and closes everything. */
void run_clear (Run *run);
/* All it said on descriptor 2. Waits for its end. (transfer full) */
char *run_read_said (Run *run);
/* Waits at most @timeout_ms for its pcap header: then it has given up all rights and captures. */
gboolean run_is_ready (Run *run, int timeout_ms);
/* Reads the stream until nothing came for @quiet_ms, or its end. */
void run_read_stream (Run *run, int quiet_ms);
/* Counts whole records for which @match is TRUE (all if NULL). The bytes of a record cut at the end go to @cut_bytes. */
typedef gboolean (*RunMatch) (const guint8 *packet, guint n_bytes, guint wire_bytes, gpointer data);
guint run_count (Run *run, RunMatch match, gpointer data, guint *cut_bytes);
/* A message of at most @size bytes; 0 at the end of the channel, -1 when none came in @timeout_ms. */
int run_receive (Run *run, void *message, gsize size, int timeout_ms);

/* Sends bytes as they are; FALSE when there is no room. */
gboolean run_send (int fd, const void *bytes, gsize n_bytes);

/* What RunMatch gets: an SLL2 packet that holds IPv4, @protocol to @port. */
gboolean packet_is (const guint8 *packet, guint n_bytes, guint8 protocol, guint16 port);

/* A network namespace of our own with "lo" up and a veth pair va 10.99.7.1 – vb (its peer, without an address). FALSE with
 * a skip message when it can't be made. */
gboolean netns_add (char **name);
void netns_remove (char *name); /* (transfer full) */
/* Sends @n datagrams of @n_bytes, the first byte 0x80 | its number's low bits, from @netns to @address:@port, @per_ms of
 * them a millisecond. */
void netns_send_udp (const char *netns, const char *address, guint16 port, guint n, guint n_bytes, guint per_ms);
/* The same with @n_bytes of 20, each from a socket of its own. */
void netns_send_flows (const char *netns, const char *address, guint16 port, guint n, guint per_ms);
/* The same from @n_flows sockets in turn. */
void netns_send_in_turn (const char *netns, const char *address, guint16 port, guint n, guint n_flows, guint per_ms);
/* A TCP connect, whatever comes of it. */
void netns_connect (const char *netns, const char *address, guint16 port);

/* Skips the test and returns FALSE unless we are root with the rights to make namespaces and sockets. */
gboolean need_root (void);
/* The value of "Name:" in /proc/PID/status. (transfer full) */
char *read_status (pid_t pid, const char *name);
guint64 get_cpu_ns (pid_t pid); /* that it has spent so far */
