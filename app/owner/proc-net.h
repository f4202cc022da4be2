/* The lists under /proc/net of sockets that sock_diag does not tell on every kernel: ping and raw sockets. */
#pragma once
#include <glib.h>
#include "socket.h"

/* FALSE stops. Of @socket are set: local, remote, local_port (the echo identifier of a ping socket, else 0), proto, uid, inode. */
typedef gboolean (*PlProcNetFunc) (const PlSocket *socket, gpointer data);

typedef enum
{
  PL_PROC_NET_PING, /* icmp, icmp6: SOCK_DGRAM with IPPROTO_ICMP */
  PL_PROC_NET_RAW,  /* raw, raw6 */
} PlProcNetList;

/* Reads both families; a list that is not there is empty. */
void pl_proc_net_foreach (const char *proc_root, PlProcNetList list, PlProcNetFunc func, gpointer data);
