/* The kernel's own list of sockets, over NETLINK_SOCK_DIAG (linux/sock_diag.h, linux/inet_diag.h): one exact lookup, or
 * a dump. Needs no privilege. One handle a thread; it never waits longer than PL_LIMIT_NETLINK_WAIT_MS for the kernel. */
#pragma once
#include <gio/gio.h>
#include "socket.h"

enum /* inet_diag_msg.idiag_state: the kernel's numbers (net/tcp_states.h), for every protocol but SCTP */
{
  PL_DIAG_ESTABLISHED = 1, /* also a connected UDP or raw socket */
  PL_DIAG_SYN_SENT = 2,
  PL_DIAG_SYN_RECV = 3,
  PL_DIAG_FIN_WAIT1 = 4,
  PL_DIAG_FIN_WAIT2 = 5,
  PL_DIAG_TIME_WAIT = 6,
  PL_DIAG_CLOSE = 7, /* also an unconnected UDP or raw socket */
  PL_DIAG_CLOSE_WAIT = 8,
  PL_DIAG_LAST_ACK = 9,
  PL_DIAG_LISTEN = 10,
  PL_DIAG_CLOSING = 11,
  PL_DIAG_NEW_SYN_RECV = 12,
};

#define PL_DIAG_ALL_STATES 0xffffffffu

typedef struct
{
  PlSocket socket; /* process NULL */
  guint8 kernel_state; /* PL_DIAG_… */
  guint8 family; /* AF_INET or AF_INET6: of the socket, not of its addresses */
} PlDiagSocket;

typedef enum
{
  PL_DIAG_FOUND,
  PL_DIAG_NONE, /* no such socket, now */
  PL_DIAG_UNSUPPORTED, /* this kernel has no diagnostics for the protocol */
  PL_DIAG_FAILED, /* the question could not be put */
} PlDiagResult;

typedef struct _PlSockDiag PlSockDiag;

/* NULL when there is no NETLINK_SOCK_DIAG at all; @error says what to do. */
PlSockDiag *pl_sock_diag_new (GError **error);
void pl_sock_diag_free (PlSockDiag *diag);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSockDiag, pl_sock_diag_free)

/* The socket that a packet between @local and @remote belongs to, as the kernel itself would pick it. TCP: the connection,
 * or the listener when there is no such connection (kernel_state tells), so @remote with port 0 asks for a listener. UDP:
 * the connected socket, else the unconnected one. @ifindex: for link-local addresses and bound devices, else 0. */
PlDiagResult pl_sock_diag_lookup (PlSockDiag *diag,
                                  guint8 proto,
                                  const PlAddr *local,
                                  guint16 local_port,
                                  const PlAddr *remote,
                                  guint16 remote_port,
                                  guint32 ifindex,
                                  PlDiagSocket *found);

#define PL_DIAG_DEVICES 16

/* The same at each of @ifindexes (at most PL_DIAG_DEVICES), in the time of about one lookup: the first socket that is bound to
 * its device. FALSE when there is none; @found is untouched then. */
gboolean pl_sock_diag_lookup_bound (PlSockDiag *diag,
                                    guint8 proto,
                                    const PlAddr *local,
                                    guint16 local_port,
                                    const PlAddr *remote,
                                    guint16 remote_port,
                                    const guint32 *ifindexes,
                                    guint n_ifindexes,
                                    PlDiagSocket *found);

typedef struct
{
  guint8 type; /* SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET */
  guint8 kernel_state; /* PL_DIAG_… */
  gboolean has_name;
  gboolean has_peer; /* it is connected; also where that one is gone */
  guint64 peer_inode; /* 0 when it is gone, or not accepted yet */
} PlDiagUnixSocket;

/* The UNIX domain socket (unix(7)) @inode of our network namespace. */
PlDiagResult pl_sock_diag_lookup_unix (PlSockDiag *diag, guint64 inode, PlDiagUnixSocket *found);

/* Called for each socket of a dump; FALSE stops the calls (the rest of the dump is read and dropped). */
typedef gboolean (*PlDiagFunc) (const PlDiagSocket *socket, gpointer data);

/* All sockets of @proto and @family (AF_INET, AF_INET6) in @states (bits 1 << PL_DIAG_…), those with @local_port alone when
 * it is not 0. A protocol that this kernel does not know is an empty dump, PL_DIAG_UNSUPPORTED and no error. */
PlDiagResult pl_sock_diag_dump (PlSockDiag *diag,
                                guint8 proto,
                                int family,
                                guint32 states,
                                guint16 local_port,
                                PlDiagFunc func,
                                gpointer data,
                                GError **error);

/* Fills @found from one inet_diag message of @length bytes (header excluded), as dumps and destroy events carry it.
 * FALSE when it is too short to be one. Exposed for the destroy groups and for tests. */
gboolean pl_sock_diag_parse (guint8 proto, const void *message, gsize length, PlDiagSocket *found);
