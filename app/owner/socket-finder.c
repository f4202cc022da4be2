/* From a flow's end to the kernel's socket or sockets for it. Owner thread only; some ten microseconds a question. What the
 * kernel does not tell for sure is marked so (a listener for a connection, rivals, a guess): nothing here decides. */
#include "socket-finder.h"

#include <sys/socket.h>

#include "proc-net.h"

static gboolean
is_stream (guint8 proto)
{
  return proto == PL_PROTO_TCP || proto == PL_PROTO_SCTP;
}

static void
add_inode (PlCase *one, guint64 inode)
{
  for (guint i = 0; i < one->n_inodes; i++)
    if (one->inodes[i] == inode)
      return;
  if (inode == 0)
    return;
  if (one->n_inodes < PL_CASE_INODES)
    one->inodes[one->n_inodes++] = inode;
  else
    one->is_crowded = TRUE;
}

static void
take_socket (PlCase *one, const PlSocket *socket)
{
  add_inode (one, socket->inode);
  one->cgroup_id = socket->cgroup_id;
  /* Without an inode uid 0 is what a minisock, or an orphan of an older kernel, says: not known. */
  one->uid = socket->inode == 0 && socket->uid == 0 ? PL_UNKNOWN_U32 : socket->uid;
}

/* ---- rivals: several sockets with one port ---- */

typedef struct
{
  PlCase *one;
  const PlSocket *chosen;
} Rivals;

static gboolean
add_rival (const PlDiagSocket *found, gpointer data)
{
  Rivals *rivals = data;
  const PlSocket *socket = &found->socket, *chosen = rivals->chosen;
  gboolean is_bound_alike = pl_addr_is_zero (&socket->local) || pl_addr_is_zero (&chosen->local)
                            || pl_addr_equal (&socket->local, &chosen->local);
  gboolean is_v4 = pl_addr_is_v4 (&rivals->one->question.key.addr[rivals->one->end]);
  gboolean takes_family = is_v4 ? !socket->is_v6_only : found->family == AF_INET6;
  if (socket->remote_port == 0 && is_bound_alike && takes_family && socket->local_port == chosen->local_port)
    {
      if (socket->uid != rivals->one->uid)
        rivals->one->uid = PL_UNKNOWN_U32;
      add_inode (rivals->one, socket->inode);
    }
  return TRUE;
}

/* SO_REUSEPORT, or SO_REUSEADDR on UDP: the kernel picks one socket for us, and it need not be the one that sent. */
static void
find_rivals (PlSockDiag *diag, PlCase *one, const PlDiagSocket *found)
{
  static const int families[] = { AF_INET, AF_INET6 };
  Rivals rivals = { .one = one, .chosen = &found->socket };
  guint8 proto = found->socket.proto;
  guint32 states = is_stream (proto) ? 1u << PL_DIAG_LISTEN : 1u << PL_DIAG_CLOSE;
  guint32 uid = one->uid;
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    pl_sock_diag_dump (diag, proto, families[i], states, found->socket.local_port, add_rival, &rivals, NULL);
  if (one->n_inodes <= 1)
    one->uid = uid;
}

/* ---- sockets bound to a device, which an exact lookup without that device does not find ---- */

typedef struct
{
  const PlCase *one;
  gboolean is_listener; /* wanted */
  PlDiagSocket *found;
  gboolean is_found;
} Bound;

static gboolean
match_bound (const PlDiagSocket *found, gpointer data)
{
  Bound *bound = data;
  const PlFlowKey *key = &bound->one->question.key;
  guint8 end = bound->one->end, other = 1 - end;
  const PlSocket *socket = &found->socket;
  gboolean is_local = pl_addr_is_zero (&socket->local) || pl_addr_equal (&socket->local, &key->addr[end]);
  gboolean is_remote = socket->remote_port == key->port[other] && pl_addr_equal (&socket->remote, &key->addr[other]);
  if (socket->ifindex == 0 || !is_local || socket->local_port != key->port[end]
      || (bound->is_listener ? found->kernel_state != PL_DIAG_LISTEN : !is_remote && socket->remote_port != 0))
    return TRUE;
  *bound->found = *found;
  bound->is_found = TRUE;
  return FALSE;
}

static gboolean
find_bound (PlSockDiag *diag, const PlCase *one, gboolean is_listener, PlDiagSocket *found)
{
  static const int families[] = { AF_INET, AF_INET6 };
  const PlFlowKey *key = &one->question.key;
  Bound bound = { .one = one, .is_listener = is_listener, .found = found };
  guint32 states = PL_DIAG_ALL_STATES & ~(1u << PL_DIAG_TIME_WAIT);
  if (is_stream (key->proto))
    states = is_listener ? 1u << PL_DIAG_LISTEN : states & ~(1u << PL_DIAG_LISTEN);
  for (guint i = 0; i < G_N_ELEMENTS (families) && !bound.is_found; i++)
    pl_sock_diag_dump (diag, key->proto, families[i], states, key->port[one->end], match_bound, &bound, NULL);
  return bound.is_found;
}

/* ---- TCP, SCTP ---- */

static gboolean
find_listener (PlSockDiag *diag, const PlCase *one, PlDiagSocket *found)
{
  const PlFlowKey *key = &one->question.key;
  PlAddr nobody = { 0 };
  if (pl_addr_is_v4 (&key->addr[one->end]))
    nobody = pl_addr_from_v4 ((const guint8[4]){ 0 });
  if (pl_sock_diag_lookup (diag, key->proto, &key->addr[one->end], key->port[one->end], &nobody, 0, key->zone, found)
          == PL_DIAG_FOUND
      && found->kernel_state == PL_DIAG_LISTEN)
    return TRUE;
  return find_bound (diag, one, TRUE, found);
}

/* A connection's own socket, or, for the end that was called, the listener: at the first packet there is no more. */
static void
find_stream (PlSockDiag *diag, gboolean is_busy, PlCase *one)
{
  PlDiagSocket found = { 0 };
  const PlFlowKey *key = &one->question.key;
  guint8 end = one->end, other = 1 - end;
  PlDiagResult result = pl_sock_diag_lookup (diag, key->proto, &key->addr[end], key->port[end], &key->addr[other],
                                             key->port[other], key->zone, &found);
  gboolean is_listener = result == PL_DIAG_FOUND && found.kernel_state == PL_DIAG_LISTEN;
  gboolean is_own = result == PL_DIAG_FOUND && !is_listener && found.socket.local_port == key->port[end]
                    && found.socket.remote_port == key->port[other];
  if (!is_own && !is_listener && !is_busy && pl_case_is_caller (one))
    is_own = find_bound (diag, one, FALSE, &found);
  /* Without an inode it is closed already or, at the called end, not accepted yet; an orphan still knows user and cgroup. */
  if (is_own)
    take_socket (one, &found.socket);
  if (one->n_inodes > 0 || pl_case_is_caller (one))
    return;
  if (!is_listener && !find_listener (diag, one, &found))
    return;
  take_socket (one, &found.socket);
  one->is_listener = TRUE;
  find_rivals (diag, one, &found);
}

/* ---- UDP, UDP-Lite ---- */

static void
find_datagram (PlSockDiag *diag, PlCase *one)
{
  PlDiagSocket found = { 0 };
  const PlFlowKey *key = &one->question.key;
  guint8 end = one->end, other = 1 - end;
  gboolean is_found = pl_sock_diag_lookup (diag, key->proto, &key->addr[end], key->port[end], &key->addr[other],
                                           key->port[other], key->zone, &found)
                          == PL_DIAG_FOUND
                      && found.socket.local_port == key->port[end]
                      && (found.socket.remote_port == 0 || found.socket.remote_port == key->port[other]);
  if (!is_found && !find_bound (diag, one, FALSE, &found))
    return;
  take_socket (one, &found.socket);
  if (found.socket.remote_port == 0)
    find_rivals (diag, one, &found);
}

/* ---- ping and raw sockets ---- */

static gboolean
match_ping (const PlSocket *socket, gpointer data)
{
  PlCase *one = data;
  const PlFlowKey *key = &one->question.key;
  if (socket->proto == key->proto && socket->local_port == key->port[one->end]
      && (pl_addr_is_zero (&socket->local) || pl_addr_equal (&socket->local, &key->addr[one->end])))
    take_socket (one, socket);
  return TRUE;
}

static gboolean
match_raw (const PlSocket *socket, gpointer data)
{
  PlCase *one = data;
  const PlFlowKey *key = &one->question.key;
  guint8 end = one->end;
  gboolean is_proto = socket->proto == key->proto || socket->proto == 255; /* IPPROTO_RAW sends any */
  if (is_proto && pl_addr_is_v4 (&socket->local) == pl_addr_is_v4 (&key->addr[end])
      && (pl_addr_is_zero (&socket->local) || pl_addr_equal (&socket->local, &key->addr[end]))
      && (pl_addr_is_zero (&socket->remote) || pl_addr_equal (&socket->remote, &key->addr[1 - end])))
    {
      guint32 uid = one->uid;
      gboolean is_first = one->n_inodes == 0;
      take_socket (one, socket);
      if (!is_first && uid != one->uid)
        one->uid = PL_UNKNOWN_U32;
    }
  return TRUE;
}

static void
find_raw (const char *proc_root, PlCase *one)
{
  gboolean is_echo = one->question.key.kind == PL_KIND_ECHO;
  if (is_echo && one->question.initiator_end == 1 - one->end)
    {
      one->is_kernels = TRUE; /* it answers pings itself: RFC 1122 3.2.2.6 */
      return;
    }
  if (is_echo)
    pl_proc_net_foreach (proc_root, PL_PROC_NET_PING, match_ping, one);
  if (one->n_inodes > 0)
    return;
  pl_proc_net_foreach (proc_root, PL_PROC_NET_RAW, match_raw, one);
  one->is_guess = TRUE;
}

void
pl_socket_finder_find (PlSockDiag *diag, const char *proc_root, gboolean is_busy, PlCase *one)
{
  guint8 proto = one->question.key.proto;
  one->uid = PL_UNKNOWN_U32;
  if (one->question.key.kind != PL_KIND_PORTS)
    find_raw (proc_root, one);
  else if (is_stream (proto))
    find_stream (diag, is_busy, one);
  else if (proto == PL_PROTO_UDP || proto == PL_PROTO_UDPLITE)
    find_datagram (diag, one);
}
