/* The other network namespaces of this machine. Two steps, each rare: which namespaces there are and what addresses they
 * have, and then, only for a flow with such an address, the list of sockets of that namespace, which answers for all
 * whose packets were there before it was read: a page's dozen connections cost one reading. Where portlight-helper reads for us,
 * it hands on the sockets of one pair of ports, and what it read is counted as time spent. */
#include "networks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "allowance.h"
#include "bounds.h"
#include "proc-net.h"
#include "protocol.h"

#define LOOK_INTERVAL_US (2 * G_USEC_PER_SEC)
#define LOOK_REST 10 /* times its own duration that a look is followed by rest, at least */
#define SHARE 5 /* a fifth of one processor at most, */
#define CREDIT_US 20000 /* but so much at once */
#define HELPER_BYTES_PER_US 20 /* of a list, which the kernel writes: 15 to 65 were measured */

typedef struct
{
  PlAddr local, remote;
  guint16 local_port, remote_port;
  guint32 uid;
  guint64 inode;
} Socket;

typedef struct
{
  GArray *sockets; /* Socket; NULL before it is read */
  gint64 read_us; /* when that began */
} List;

enum
{
  LIST_TCP,
  LIST_UDP,
  N_LISTS
};

typedef struct
{
  guint32 number; /* pl_procfs_get_network() */
  gint32 pid; /* one of its processes */
  List lists[N_LISTS];
} Network;

typedef struct
{
  PlAddr addr;
  guint network;
} Address;

struct _PlNetworks
{
  PlProcfs *procfs;
  char *proc_root; /* NULL: the helper reads */
  PlHelperLink *helper; /* nullable; only where it reads */
  GArray *told; /* Socket, that it told last */
  guint32 own_number;
  GArray *networks; /* Network */
  GArray *addresses; /* Address */
  guint n_kept; /* sockets in all lists */
  gint64 next_look_us;
  PlAllowance allowance; /* for reading their lists */
};

static void
clear_network (gpointer data)
{
  Network *network = data;
  for (guint i = 0; i < N_LISTS; i++)
    g_clear_pointer (&network->lists[i].sockets, g_array_unref);
}

PlNetworks *
pl_networks_new (PlProcfs *procfs, const char *proc_root)
{
  PlNetworks *networks = g_new0 (PlNetworks, 1);
  networks->procfs = procfs;
  networks->proc_root = g_strdup (proc_root);
  networks->own_number = pl_procfs_get_network (procfs, getpid ());
  networks->networks = g_array_new (FALSE, FALSE, sizeof (Network));
  g_array_set_clear_func (networks->networks, clear_network);
  networks->addresses = g_array_new (FALSE, FALSE, sizeof (Address));
  networks->told = g_array_new (FALSE, FALSE, sizeof (Socket));
  return networks;
}

void
pl_networks_free (PlNetworks *networks)
{
  if (networks == NULL)
    return;
  g_array_unref (networks->networks);
  g_array_unref (networks->addresses);
  g_array_unref (networks->told);
  g_free (networks->proc_root);
  g_free (networks);
}

static void
forget (PlNetworks *networks)
{
  g_array_set_size (networks->networks, 0);
  g_array_set_size (networks->addresses, 0);
  networks->n_kept = 0;
}

void
pl_networks_use_helper (PlNetworks *networks, PlHelperLink *helper)
{
  if (networks->proc_root != NULL)
    return;
  forget (networks);
  networks->helper = helper;
  networks->next_look_us = 0;
}

/* ---- which there are ---- */

static void
add_address (PlNetworks *networks, guint network, PlAddr addr)
{
  Address entry = { addr, network };
  for (guint i = 0; i < networks->addresses->len; i++)
    {
      const Address *known = &g_array_index (networks->addresses, Address, i);
      if (known->network == network && pl_addr_equal (&known->addr, &addr))
        return;
    }
  if (pl_addr_scope (&addr) != PL_SCOPE_LOOPBACK && networks->addresses->len < PL_LIMIT_NETWORK_ADDRESSES)
    g_array_append_val (networks->addresses, entry);
}

typedef struct
{
  PlNetworks *networks;
  guint network; /* its index */
  guint bytes[4]; /* of the IPv4 address in the line before */
} Reading;

/* "   |-- 10.0.0.2" and below it "      /32 host LOCAL": net/ipv4/fib_trie.c. */
static void
read_v4_address (const char *line, gpointer data)
{
  Reading *reading = data;
  guint *bytes = reading->bytes;
  const char *dashes = strstr (line, "|-- ");
  if (dashes != NULL && sscanf (dashes + 4, "%3u.%3u.%3u.%3u", &bytes[0], &bytes[1], &bytes[2], &bytes[3]) != 4)
    memset (bytes, 0, sizeof reading->bytes);
  else if (strstr (line, "/32 host LOCAL") != NULL && bytes[0] != 0)
    add_address (
        reading->networks, reading->network,
        pl_addr_from_v4 ((const guint8[4]){ (guint8)bytes[0], (guint8)bytes[1], (guint8)bytes[2], (guint8)bytes[3] }));
}

/* "fe80000000000000a1b2c3fffed4e5f6 02 40 20 80 eth0": net/ipv6/addrconf.c. */
static void
read_v6_address (const char *line, gpointer data)
{
  Reading *reading = data;
  guint8 bytes[16];
  guint at = 0, byte;
  while (at < 16 && sscanf (line + 2 * at, "%2x", &byte) == 1)
    bytes[at++] = (guint8)byte;
  if (at == 16)
    add_address (reading->networks, reading->network, pl_addr_from_v6 (bytes));
}

/* Calls @func for each line of the list @name. */
static void
foreach_line (PlNetworks *networks, gint32 pid, const char *name, PlHelperLineFunc func, gpointer data)
{
  char line[256];
  g_autofree char *path = g_strdup_printf ("%s/%d/net/%s", networks->proc_root, pid, name);
  FILE *file = fopen (path, "re");
  for (guint n = 0; file != NULL && n < PL_LIMIT_NETWORK_LINES && fgets (line, sizeof line, file) != NULL; n++)
    func (line, data);
  if (file != NULL)
    fclose (file);
}

static void
read_addresses (PlNetworks *networks, gint32 pid)
{
  Reading reading = { .networks = networks, .network = networks->networks->len - 1 };
  if (networks->helper != NULL)
    {
      pl_helper_link_read_list (networks->helper, pid, PL_HELPER_FIB_TRIE, 0, 0, read_v4_address, &reading);
      pl_helper_link_read_list (networks->helper, pid, PL_HELPER_IF_INET6, 0, 0, read_v6_address, &reading);
      return;
    }
  foreach_line (networks, pid, "fib_trie", read_v4_address, &reading);
  foreach_line (networks, pid, "if_inet6", read_v6_address, &reading);
}

static gboolean
is_known (PlNetworks *networks, guint32 number)
{
  for (guint i = 0; i < networks->networks->len; i++)
    if (g_array_index (networks->networks, Network, i).number == number)
      return TRUE;
  return FALSE;
}

/* Appends all processes (PlHelperPid), with their networks. */
static void
list_processes (PlNetworks *networks, GArray *processes)
{
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (gint32));
  if (networks->helper != NULL)
    {
      pl_helper_link_list_processes (networks->helper, processes);
      return;
    }
  pl_procfs_list_pids (networks->procfs, 1, G_MAXINT32, pids);
  for (guint i = 0; i < pids->len; i++)
    {
      gint32 pid = g_array_index (pids, gint32, i);
      PlHelperPid process = { pid, pl_procfs_get_network (networks->procfs, pid) };
      g_array_append_val (processes, process);
    }
}

/* Where the helper left something unanswered, an address that several have may seem to be one's: then none is known. */
static void
look (PlNetworks *networks)
{
  g_autoptr (GArray) processes = g_array_new (FALSE, FALSE, sizeof (PlHelperPid));
  gint64 now_us = g_get_monotonic_time ();
  if (now_us < networks->next_look_us)
    return;
  guint64 n_unanswered = networks->helper != NULL ? pl_helper_link_get_n_unanswered (networks->helper) : 0;
  forget (networks);
  list_processes (networks, processes);
  for (guint i = 0; i < processes->len && networks->networks->len < PL_LIMIT_NETWORKS; i++)
    {
      PlHelperPid process = g_array_index (processes, PlHelperPid, i);
      Network network = { .number = process.network, .pid = process.pid };
      if (network.number == 0 || network.number == networks->own_number || is_known (networks, network.number))
        continue;
      g_array_append_val (networks->networks, network);
      read_addresses (networks, network.pid);
    }
  if (networks->helper != NULL && pl_helper_link_get_n_unanswered (networks->helper) != n_unanswered)
    forget (networks);
  gint64 end_us = g_get_monotonic_time ();
  networks->next_look_us = end_us + MAX (LOOK_INTERVAL_US, (end_us - now_us) * LOOK_REST);
}

/* Its index; -1 when none has @addr, or several have. */
static int
network_of (PlNetworks *networks, const PlAddr *addr)
{
  int index = -1;
  for (guint i = 0; i < networks->addresses->len; i++)
    {
      const Address *known = &g_array_index (networks->addresses, Address, i);
      if (!pl_addr_equal (&known->addr, addr))
        continue;
      if (index >= 0)
        return -1;
      index = (int)known->network;
    }
  return index;
}

gboolean
pl_networks_have (PlNetworks *networks, const PlAddr *addr)
{
  gboolean can_look =
      networks->proc_root != NULL || (networks->helper != NULL && pl_helper_link_is_ready (networks->helper));
  if (!can_look || networks->own_number == 0 || pl_addr_scope (addr) == PL_SCOPE_LOOPBACK)
    return FALSE;
  look (networks);
  return network_of (networks, addr) >= 0;
}

/* ---- its sockets ---- */

static guint
append_socket (GArray *sockets, const PlSocket *socket)
{
  Socket kept = { socket->local, socket->remote, socket->local_port, socket->remote_port, socket->uid, socket->inode };
  if (socket->inode == 0) /* not accepted yet */
    return 0;
  g_array_append_val (sockets, kept);
  return 1;
}

static gboolean
keep_socket (const PlSocket *socket, gpointer data)
{
  PlNetworks *networks = ((gpointer *)data)[0];
  networks->n_kept += append_socket (((gpointer *)data)[1], socket);
  return networks->n_kept < PL_LIMIT_SOCKETS;
}

/* The sockets of @network as they were at @since_us or later; NULL where too much was asked lately. */
static GArray *
read_list (PlNetworks *networks, Network *network, guint8 proto, gint64 since_us)
{
  List *list = &network->lists[proto == PL_PROTO_TCP ? LIST_TCP : LIST_UDP];
  gint64 now_us = g_get_monotonic_time ();
  if (list->sockets != NULL && list->read_us >= since_us)
    return list->sockets;
  if (!pl_allowance_begin (&networks->allowance, SHARE, CREDIT_US))
    return NULL;
  if (list->sockets != NULL)
    {
      networks->n_kept -= list->sockets->len;
      g_array_set_size (list->sockets, 0);
    }
  else
    list->sockets = g_array_new (FALSE, FALSE, sizeof (Socket));
  list->read_us = now_us;
  if (pl_procfs_get_network (networks->procfs, network->pid) == network->number)
    {
      g_autofree char *root = g_strdup_printf ("%s/%d", networks->proc_root, network->pid);
      pl_proc_net_foreach (root, proto == PL_PROTO_TCP ? PL_PROC_NET_TCP : PL_PROC_NET_UDP, keep_socket,
                           (gpointer[]){ networks, list->sockets });
    }
  pl_allowance_end (&networks->allowance);
  return list->sockets;
}

typedef struct
{
  GArray *sockets;
  PlProcNetList list;
  gboolean is_v6;
} Told;

static void
take_told (const char *line, gpointer data)
{
  Told *told = data;
  PlSocket socket;
  if (pl_proc_net_parse (line, told->list, told->is_v6, &socket))
    append_socket (told->sockets, &socket);
}

/* The sockets of @network that @end of @key may mean, as they are now; NULL where too much was asked lately, or not all was told. */
static GArray *
ask_helper (PlNetworks *networks, const Network *network, const PlFlowKey *key, int end)
{
  PlHelperLink *helper = networks->helper;
  gboolean is_whole = TRUE, is_tcp = key->proto == PL_PROTO_TCP;
  PlSenderProcess process = { 0 };
  if (!pl_allowance_begin (&networks->allowance, SHARE, CREDIT_US))
    return NULL;
  guint64 n_read_bytes = pl_helper_link_get_n_read_bytes (helper);
  g_array_set_size (networks->told, 0);
  for (guint i = 0; i < 2 && is_whole; i++)
    {
      Told told = { networks->told, is_tcp ? PL_PROC_NET_TCP : PL_PROC_NET_UDP, i == 1 };
      is_whole = pl_helper_link_read_list (helper, network->pid, (is_tcp ? PL_HELPER_TCP : PL_HELPER_UDP) + i,
                                           key->port[end], key->port[1 - end], take_told, &told);
    }
  /* Its number may be another process's by now, and the lists that one's. */
  gboolean is_of_it =
      is_whole && pl_helper_link_describe (helper, network->pid, &process) && process.facts.network == network->number;
  pl_proc_facts_clear (&process.facts);
  pl_allowance_end (&networks->allowance);
  gint64 spent_us = (gint64)((pl_helper_link_get_n_read_bytes (helper) - n_read_bytes) / HELPER_BYTES_PER_US);
  networks->allowance.credit_us -= is_whole ? spent_us : MAX (spent_us, CREDIT_US); /* it may be at it still */
  return is_of_it ? networks->told : NULL;
}

/* How well @socket fits @end of @key: 0 not, 1 it takes what comes to any address of both families, 2 of its own alone, 3 to
 * this address, 4 it is this very connection. */
static guint
rank_of (const Socket *socket, const PlFlowKey *key, int end)
{
  const PlAddr *local = &key->addr[end], *remote = &key->addr[1 - end];
  if (socket->local_port != key->port[end])
    return 0;
  if (socket->remote_port == key->port[1 - end] && pl_addr_equal (&socket->remote, remote))
    return 4;
  if (socket->remote_port != 0)
    return 0;
  if (pl_addr_equal (&socket->local, local))
    return 3;
  if (!pl_addr_is_zero (&socket->local))
    return 0;
  gboolean takes_v4 = pl_addr_is_v4 (&socket->local), is_v4 = pl_addr_is_v4 (local);
  return takes_v4 == is_v4 ? 2 : is_v4 ? 1 : 0;
}

gboolean
pl_networks_find (
    PlNetworks *networks, const PlFlowKey *key, int end, gint64 since_us, PlSocket *found, gboolean *is_listener)
{
  guint best = 0;
  gboolean is_shared = FALSE; /* others are as good */
  if ((key->proto != PL_PROTO_TCP && key->proto != PL_PROTO_UDP) || !pl_networks_have (networks, &key->addr[end]))
    return FALSE;
  Network *network = &g_array_index (networks->networks, Network, network_of (networks, &key->addr[end]));
  GArray *sockets = networks->helper != NULL ? ask_helper (networks, network, key, end)
                                             : read_list (networks, network, key->proto, since_us);
  for (guint i = 0; sockets != NULL && best < 4 && i < sockets->len; i++)
    {
      const Socket *socket = &g_array_index (sockets, Socket, i);
      guint rank = rank_of (socket, key, end);
      if (rank > best)
        *found = (PlSocket){ .inode = socket->inode, .uid = socket->uid };
      is_shared = rank <= best && (is_shared || (rank == best && rank != 0));
      best = MAX (rank, best);
    }
  *is_listener = best < 4 && key->proto == PL_PROTO_TCP;
  return best > 0 && !is_shared;
}
