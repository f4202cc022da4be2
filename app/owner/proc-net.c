/* The lists under /proc/net. Any thread; reads at most PL_LIMIT_SOCKETS lines. */
#include "proc-net.h"

#include <stdio.h>
#include <string.h>

#include "bounds.h"
#include "packet.h"

/* Addresses are printed as 32-bit words in the machine's own order (net/ipv4/raw.c, net/ipv6/datagram.c). */
static gboolean
parse_addr (const char *hex, PlAddr *addr)
{
  guint32 words[4];
  gsize length = strlen (hex);
  if (length == 8 && sscanf (hex, "%8x", &words[0]) == 1)
    {
      guint8 bytes[4];
      memcpy (bytes, words, sizeof bytes);
      *addr = pl_addr_from_v4 (bytes);
      return TRUE;
    }
  if (length == 32 && sscanf (hex, "%8x%8x%8x%8x", &words[0], &words[1], &words[2], &words[3]) == 4)
    {
      guint8 bytes[16];
      memcpy (bytes, words, sizeof bytes);
      *addr = pl_addr_from_v6 (bytes);
      return TRUE;
    }
  return FALSE;
}

/* "sl local:port remote:port st tx:rx tr:when retrnsmt uid timeout inode …" */
gboolean
pl_proc_net_parse (const char *line, PlProcNetList list, gboolean is_v6, PlSocket *socket)
{
  char local[33], remote[33];
  unsigned int port, remote_port, uid;
  unsigned long long inode;
  memset (socket, 0, sizeof *socket);
  if (sscanf (line, " %*d: %32[0-9A-Fa-f]:%x %32[0-9A-Fa-f]:%x %*x %*x:%*x %*x:%*x %*x %u %*d %llu", local, &port,
              remote, &remote_port, &uid, &inode)
          != 6
      || !parse_addr (local, &socket->local) || !parse_addr (remote, &socket->remote))
    return FALSE;
  socket->uid = uid;
  socket->inode = inode;
  socket->payload_sent = socket->payload_received = PL_UNKNOWN_U64;
  socket->rtt_us = socket->min_rtt_us = socket->n_retransmits = socket->n_data_in = PL_UNKNOWN_U32;
  if (list == PL_PROC_NET_RAW)
    socket->proto = port & 0xff;
  else
    {
      static const guint8 protos[] = { [PL_PROC_NET_TCP] = PL_PROTO_TCP, [PL_PROC_NET_UDP] = PL_PROTO_UDP };
      socket->proto = list != PL_PROC_NET_PING ? protos[list] : is_v6 ? PL_PROTO_ICMPV6 : PL_PROTO_ICMP;
      socket->local_port = port & 0xffff;
      socket->remote_port = list != PL_PROC_NET_PING ? remote_port & 0xffff : 0;
    }
  return TRUE;
}

void
pl_proc_net_foreach (const char *proc_root, PlProcNetList list, PlProcNetFunc func, gpointer data)
{
  static const char *const names[][2] = {
    { "icmp", "icmp6" }, { "raw", "raw6" }, { "tcp", "tcp6" }, { "udp", "udp6" }
  };
  for (int v6 = 0; v6 < 2; v6++)
    {
      char line[512];
      PlSocket socket;
      gboolean is_wanted = TRUE;
      g_autofree char *path = g_strdup_printf ("%s/net/%s", proc_root, names[list][v6]);
      FILE *file = fopen (path, "re");
      for (guint n = 0; file != NULL && is_wanted && n < PL_LIMIT_SOCKETS && fgets (line, sizeof line, file) != NULL;
           n++)
        if (pl_proc_net_parse (line, list, v6, &socket))
          is_wanted = func (&socket, data);
      if (file != NULL)
        fclose (file);
    }
}
