/* From a flow's end to the kernel's socket or sockets for it. Owner thread only; some ten microseconds a question. What the
 * kernel does not tell for sure is marked so (a listener for a connection, rivals, a guess): nothing here decides. */
#include "socket-finder.h"

#include <net/if.h>
#include <sys/socket.h>

#include "proc-net.h"
#include "rights.h"

#define DEVICES_INTERVAL_US (5 * G_USEC_PER_SEC)
#define N_LONE 64 /* by port */
/* A dump of UDP walks every bucket of the kernel's table, some 70 to 300 us. That a socket is alone is believed for as long as
 * it has been seen alone, within these bounds: a group of workers forms as their server starts. */
#define LONE_MIN_US 50000
#define LONE_MAX_US G_USEC_PER_SEC

typedef struct
{
  guint64 inode; /* alone at its port at that time; 0: none */
  gint64 since_us, time_us; /* first and last dump that said so */
  guint16 port;
  guint8 proto;
  gboolean is_v4;
} Lone;

struct _PlSocketFinder
{
  PlSockDiag *diag;
  char *proc_root;
  guint32 devices[PL_DIAG_DEVICES];
  guint n_devices;
  gint64 devices_read_us;
  guint32 stranger_uid; /* PL_UNKNOWN_U32: every user is known here */
  Lone lone[N_LONE];
};

static gboolean
is_stream (guint8 proto)
{
  return proto == PL_PROTO_TCP || proto == PL_PROTO_SCTP;
}

static gboolean
is_v4 (const PlCase *one)
{
  return pl_addr_is_v4 (&one->question.key.addr[one->end]);
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
  if (one->n_inodes == 0)
    one->cookie = socket->cookie;
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
  gboolean takes_family = is_v4 (rivals->one) ? !socket->is_v6_only : found->family == AF_INET6;
  if (socket->remote_port == 0 && is_bound_alike && takes_family && socket->local_port == chosen->local_port)
    {
      if (socket->uid != rivals->one->uid)
        rivals->one->uid = PL_UNKNOWN_U32;
      add_inode (rivals->one, socket->inode);
    }
  return TRUE;
}

static Lone *
lone_at (PlSocketFinder *finder, const PlCase *one, const PlSocket *socket)
{
  return &finder->lone[(socket->local_port ^ socket->proto ^ (guint)is_v4 (one)) % N_LONE];
}

/* Of a datagram that was received, the socket that the kernel picks for us is the one it picked, with rivals too: that is why an
 * older answer will do. Who sends may be any of them, and which listener took a connection is not to be asked. */
static gboolean
may_use_lone (const PlCase *one, guint8 proto)
{
  return pl_case_is_called (one) && !is_stream (proto);
}

static gboolean
is_still_alone (const Lone *lone, gint64 now_us)
{
  return now_us < lone->time_us + CLAMP (lone->time_us - lone->since_us, LONE_MIN_US, LONE_MAX_US);
}

static gboolean
is_of (const Lone *lone, const PlCase *one, const PlSocket *socket)
{
  return lone->inode != 0 && lone->inode == socket->inode && lone->port == socket->local_port
         && lone->proto == socket->proto && lone->is_v4 == is_v4 (one);
}

static void
remember_lone (PlSocketFinder *finder, const PlCase *one, const PlSocket *socket, guint64 inode, gint64 now_us)
{
  Lone *lone = lone_at (finder, one, socket);
  gint64 since_us = inode != 0 && is_of (lone, one, socket) ? lone->since_us : now_us;
  *lone = (Lone){
    .inode = inode,
    .since_us = since_us,
    .time_us = now_us,
    .port = socket->local_port,
    .proto = socket->proto,
    .is_v4 = is_v4 (one),
  };
}

static void
refresh_devices (PlSocketFinder *finder)
{
  gint64 now_us = g_get_monotonic_time ();
  if (finder->devices_read_us != 0 && now_us - finder->devices_read_us < DEVICES_INTERVAL_US)
    return;
  finder->devices_read_us = now_us;
  finder->n_devices = 0;
  struct if_nameindex *list = if_nameindex ();
  for (struct if_nameindex *at = list; at != NULL && at->if_index != 0 && finder->n_devices < PL_DIAG_DEVICES; at++)
    finder->devices[finder->n_devices++] = at->if_index;
  if_freenameindex (list);
}

/* Whether a socket that is bound to a device, and to @local or to no address, has the port of @chosen. */
static gboolean
has_bound (PlSocketFinder *finder, const PlSocket *chosen, const PlAddr *local)
{
  PlDiagSocket found;
  PlAddr nobody = pl_addr_is_v4 (local) ? pl_addr_from_v4 ((const guint8[4]){ 0 }) : (PlAddr){ 0 };
  return pl_sock_diag_lookup_bound (finder->diag, chosen->proto, local, chosen->local_port, &nobody, 0, finder->devices,
                                    finder->n_devices, &found);
}

/* Whether a socket of IPv6 may have the port of @found, and the IPv4 address of @one's end. Where @found is IPv4's and bound to no
 * address, one of IPv6 that was bound to the very address would have been found before it, but for those bound to a device; and one
 * that was bound to none is found at [::1] as well. Three lookups, where a dump takes as long as thirty. */
static gboolean
may_have_v6_rivals (PlSocketFinder *finder, const PlCase *one, const PlDiagSocket *found)
{
  const PlSocket *chosen = &found->socket;
  PlAddr loopback = pl_addr_from_v6 ((const guint8[16]){ [15] = 1 }), nobody = { 0 };
  PlDiagSocket other;
  refresh_devices (finder);
  return is_stream (chosen->proto) || found->family != AF_INET || !pl_addr_is_zero (&chosen->local)
         || chosen->remote_port != 0 || finder->n_devices == PL_DIAG_DEVICES
         || pl_sock_diag_lookup (finder->diag, chosen->proto, &loopback, chosen->local_port, &nobody, 0, 0, &other)
                != PL_DIAG_NONE
         || has_bound (finder, chosen, &loopback) || has_bound (finder, chosen, &one->question.key.addr[one->end]);
}

static gboolean
dump_rivals (PlSocketFinder *finder, int family, guint32 states, Rivals *rivals)
{
  return pl_sock_diag_dump (finder->diag, rivals->chosen->proto, family, states, rivals->chosen->local_port, add_rival,
                            rivals, NULL)
         != PL_DIAG_FAILED;
}

/* SO_REUSEPORT, or SO_REUSEADDR on UDP: the kernel picks one socket for us, and it need not be the one that sent. */
static void
find_rivals (PlSocketFinder *finder, PlCase *one, const PlDiagSocket *found)
{
  Rivals rivals = { .one = one, .chosen = &found->socket };
  guint8 proto = found->socket.proto;
  guint32 states = is_stream (proto) ? 1u << PL_DIAG_LISTEN : 1u << PL_DIAG_CLOSE;
  guint32 uid = one->uid;
  gboolean is_whole = TRUE;
  gint64 now_us = g_get_monotonic_time ();
  const Lone *lone = lone_at (finder, one, &found->socket);
  if (one->needs_no_rivals
      || (may_use_lone (one, proto) && is_of (lone, one, &found->socket) && is_still_alone (lone, now_us)))
    return;
  if (!is_v4 (one) || may_have_v6_rivals (finder, one, found))
    is_whole &= dump_rivals (finder, AF_INET6, states, &rivals);
  if (is_v4 (one)) /* no socket of IPv4 takes IPv6 */
    is_whole &= dump_rivals (finder, AF_INET, states, &rivals);
  if (one->n_inodes <= 1)
    one->uid = uid;
  if (!is_stream (proto))
    remember_lone (finder, one, &found->socket, is_whole && one->n_inodes == 1 ? one->inodes[0] : 0, now_us);
}

/* ---- sockets bound to a device, which a lookup finds only when it names that device ---- */

/* The lookup for @end of @one's flow, with @remote and @remote_port at the other end. */
static PlDiagResult
lookup (PlSocketFinder *finder,
        const PlCase *one,
        const PlAddr *remote,
        guint16 remote_port,
        guint32 ifindex,
        PlDiagSocket *found)
{
  const PlFlowKey *key = &one->question.key;
  return pl_sock_diag_lookup (finder->diag, key->proto, &key->addr[one->end], key->port[one->end], remote, remote_port,
                              ifindex, found);
}

static gboolean
lookup_bound (PlSocketFinder *finder, const PlCase *one, const PlAddr *remote, guint16 remote_port, PlDiagSocket *found)
{
  if (one->question.key.zone != 0)
    return FALSE; /* the device was named already */
  refresh_devices (finder);
  const PlFlowKey *key = &one->question.key;
  return pl_sock_diag_lookup_bound (finder->diag, key->proto, &key->addr[one->end], key->port[one->end], remote,
                                    remote_port, finder->devices, finder->n_devices, found);
}

/* ---- TCP, SCTP ---- */

static gboolean
is_listening (const PlCase *one, const PlDiagSocket *found)
{
  return found->kernel_state == PL_DIAG_LISTEN && found->socket.local_port == one->question.key.port[one->end];
}

static gboolean
is_connection (const PlCase *one, const PlDiagSocket *found)
{
  return found->kernel_state != PL_DIAG_LISTEN && found->socket.local_port == one->question.key.port[one->end]
         && found->socket.remote_port == one->question.key.port[1 - one->end];
}

/* The other end of a socket that is not connected. */
static PlAddr
nobody_for (const PlCase *one)
{
  return is_v4 (one) ? pl_addr_from_v4 ((const guint8[4]){ 0 }) : (PlAddr){ 0 };
}

static gboolean
find_listener (PlSocketFinder *finder, const PlCase *one, PlDiagSocket *found)
{
  PlAddr nobody = nobody_for (one);
  if (lookup (finder, one, &nobody, 0, one->question.key.zone, found) == PL_DIAG_FOUND && is_listening (one, found))
    return TRUE;
  return lookup_bound (finder, one, &nobody, 0, found) && is_listening (one, found);
}

/* A connection's own socket; for the end that was called the listener, which is there from the first packet on and belongs
 * to a process that is known already, while the connection may not be accepted yet. */
static void
find_stream (PlSocketFinder *finder, PlCase *one)
{
  PlDiagSocket found = { 0 };
  const PlFlowKey *key = &one->question.key;
  const PlAddr *remote = &key->addr[1 - one->end];
  guint16 remote_port = key->port[1 - one->end];
  gboolean is_found = lookup (finder, one, remote, remote_port, key->zone, &found) == PL_DIAG_FOUND;
  if (!is_found)
    is_found = lookup_bound (finder, one, remote, remote_port, &found);
  /* Without an inode it is closed already or, at the called end, not accepted yet; an orphan still knows user and cgroup. */
  if (is_found && is_connection (one, &found))
    take_socket (one, &found.socket);
  if (pl_case_is_caller (one) || (one->n_inodes > 0 && !pl_case_is_called (one)))
    return;
  if (!(is_found && is_listening (one, &found)) && !find_listener (finder, one, &found))
    return;
  one->own_inode = one->n_inodes > 0 ? one->inodes[0] : 0;
  one->n_inodes = 0;
  take_socket (one, &found.socket);
  one->is_listener = TRUE;
  find_rivals (finder, one, &found);
}

gboolean
pl_socket_finder_find_connection (PlSocketFinder *finder, PlCase *one)
{
  PlDiagSocket found = { 0 };
  const PlFlowKey *key = &one->question.key;
  const PlAddr *remote = &key->addr[1 - one->end];
  guint16 remote_port = key->port[1 - one->end];
  one->uid = PL_UNKNOWN_U32;
  if (lookup (finder, one, remote, remote_port, key->zone, &found) != PL_DIAG_FOUND
      && !lookup_bound (finder, one, remote, remote_port, &found))
    return FALSE;
  if (!is_connection (one, &found))
    return FALSE;
  take_socket (one, &found.socket);
  pl_socket_finder_judge_user (finder, one);
  return TRUE;
}

/* ---- UDP, UDP-Lite ---- */

/* The kernel picks the socket that is connected, as whoever answers reaches it; another one at its port sends, too. */
static gboolean
find_unconnected (PlSocketFinder *finder, const PlCase *one, PlDiagSocket *found)
{
  PlAddr nobody = nobody_for (one);
  return pl_case_is_caller (one) && lookup (finder, one, &nobody, 0, one->question.key.zone, found) == PL_DIAG_FOUND
         && found->socket.remote_port == 0 && found->socket.local_port == one->question.key.port[one->end];
}

static void
find_datagram (PlSocketFinder *finder, PlCase *one)
{
  PlDiagSocket found = { 0 };
  const PlFlowKey *key = &one->question.key;
  const PlAddr *remote = &key->addr[1 - one->end];
  guint16 remote_port = key->port[1 - one->end];
  if (lookup (finder, one, remote, remote_port, key->zone, &found) != PL_DIAG_FOUND
      && !lookup_bound (finder, one, remote, remote_port, &found))
    return;
  if (found.socket.local_port != key->port[one->end]
      || (found.socket.remote_port != 0 && found.socket.remote_port != remote_port))
    return;
  take_socket (one, &found.socket);
  one->is_connected = found.socket.remote_port != 0;
  if (one->needs_no_rivals || (one->is_connected && !find_unconnected (finder, one, &found)))
    return;
  find_rivals (finder, one, &found);
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
find_raw (PlSocketFinder *finder, PlCase *one)
{
  gboolean is_echo = one->question.key.kind == PL_KIND_ECHO;
  if (is_echo && one->question.initiator_end == 1 - one->end)
    {
      one->is_kernels = TRUE; /* it answers pings itself: RFC 1122 3.2.2.6 */
      return;
    }
  if (is_echo)
    pl_proc_net_foreach (finder->proc_root, PL_PROC_NET_PING, match_ping, one);
  if (one->n_inodes > 0)
    return;
  pl_proc_net_foreach (finder->proc_root, PL_PROC_NET_RAW, match_raw, one);
  one->is_guess = TRUE;
}

PlSocketFinder *
pl_socket_finder_new (PlSockDiag *diag, const char *proc_root)
{
  PlSocketFinder *finder = g_new0 (PlSocketFinder, 1);
  finder->diag = diag;
  finder->proc_root = g_strdup (proc_root);
  finder->stranger_uid = pl_rights_get_stranger_uid ();
  return finder;
}

void
pl_socket_finder_free (PlSocketFinder *finder)
{
  if (finder == NULL)
    return;
  g_free (finder->proc_root);
  g_free (finder);
}

void
pl_socket_finder_find (PlSocketFinder *finder, PlCase *one)
{
  guint8 proto = one->question.key.proto;
  one->uid = PL_UNKNOWN_U32;
  if (one->question.key.kind != PL_KIND_PORTS)
    find_raw (finder, one);
  else if (is_stream (proto))
    find_stream (finder, one);
  else if (proto == PL_PROTO_UDP || proto == PL_PROTO_UDPLITE)
    find_datagram (finder, one);
  pl_socket_finder_judge_user (finder, one);
}

void
pl_socket_finder_judge_user (const PlSocketFinder *finder, PlCase *one)
{
  one->is_strangers = one->uid != PL_UNKNOWN_U32 && one->uid == finder->stranger_uid;
  if (one->is_strangers)
    one->uid = PL_UNKNOWN_U32;
}
