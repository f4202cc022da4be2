/* The lists under /proc/net of sockets that sock_diag does not tell on every kernel, ping and raw sockets; and those of TCP
 * and UDP, for network namespaces that are not ours. */
#pragma once
#include <glib.h>
#include "socket.h"

/* FALSE stops. Of @socket are set: local, remote, local_port (the echo identifier of a ping socket; 0 of a raw one), remote_port of TCP and UDP, proto, uid, inode. */
typedef gboolean (*PlProcNetFunc) (const PlSocket *socket, gpointer data);

typedef enum
{
  PL_PROC_NET_PING, /* icmp, icmp6: SOCK_DGRAM with IPPROTO_ICMP */
  PL_PROC_NET_RAW,  /* raw, raw6 */
  PL_PROC_NET_TCP,  /* tcp, tcp6 */
  PL_PROC_NET_UDP,  /* udp, udp6 */
} PlProcNetList;

/* One line of a list. FALSE when it is of no socket, as the first is. */
gboolean pl_proc_net_parse (const char *line, PlProcNetList list, gboolean is_v6, PlSocket *socket);
/* @proc_root: "/proc", or "/proc/PID" for the network namespace of that process. Reads both families; a list that is not there is empty. */
void pl_proc_net_foreach (const char *proc_root, PlProcNetList list, PlProcNetFunc func, gpointer data);
