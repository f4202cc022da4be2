/* From a flow's end to the process that owns it. Owner thread only; never scans all of /proc, and never names a process
 * that it has not seen holding the very socket. */
#include "resolver.h"

#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <linux/capability.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "limits.h"

struct _PlResolver
{
  PlProcfs *procfs;
  PlSockDiag *diag;
  PlNames *names;
  PlProcesses *processes;
  PlHolders *holders;
  gboolean sees_all; /* CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH: other users' descriptors too */
  guint32 own_uid;
  gint64 ticks_per_second;
};

void
pl_case_clear (PlCase *one)
{
  pl_process_unref (one->process);
  one->process = NULL;
}

/* Reading another user's descriptors takes both at once: the directory's mode, and ptrace access (proc(5)). */
static gboolean
has_capabilities (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[2] = { 0 };
  if (syscall (SYS_capget, &header, data) != 0)
    return FALSE;
  guint32 may_read = 1u << CAP_DAC_READ_SEARCH | 1u << CAP_DAC_OVERRIDE;
  return (data[0].effective & 1u << CAP_SYS_PTRACE) != 0 && (data[0].effective & may_read) != 0;
}

PlResolver *
pl_resolver_new (const char *proc_root, GError **error)
{
  PlSockDiag *diag = pl_sock_diag_new (error);
  if (diag == NULL)
    return NULL;
  PlProcfs *procfs = pl_procfs_new (proc_root);
  if (procfs == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   _ ("%s can't be read. Check that it is mounted and that the sandbox shows it."), proc_root);
      pl_sock_diag_free (diag);
      return NULL;
    }
  PlResolver *resolver = g_new0 (PlResolver, 1);
  resolver->diag = diag;
  resolver->procfs = procfs;
  resolver->names = pl_names_new (procfs);
  resolver->processes = pl_processes_new (procfs, resolver->names);
  resolver->holders = pl_holders_new ();
  resolver->sees_all = has_capabilities ();
  resolver->own_uid = geteuid ();
  resolver->ticks_per_second = sysconf (_SC_CLK_TCK);
  return resolver;
}

void
pl_resolver_free (PlResolver *resolver)
{
  if (resolver == NULL)
    return;
  pl_holders_free (resolver->holders);
  pl_processes_free (resolver->processes);
  pl_names_free (resolver->names);
  pl_procfs_free (resolver->procfs);
  pl_sock_diag_free (resolver->diag);
  g_free (resolver);
}

PlSockDiag *
pl_resolver_get_diag (PlResolver *resolver)
{
  return resolver->diag;
}

gboolean
pl_resolver_may_see (PlResolver *resolver, guint32 uid)
{
  return resolver->sees_all || uid == resolver->own_uid;
}

/* ---- the socket ---- */

static gboolean
is_stream (guint8 proto)
{
  return proto == PL_PROTO_TCP || proto == PL_PROTO_SCTP;
}

static gboolean
is_of_flow (const PlDiagSocket *found, guint16 local_port, guint16 remote_port)
{
  return found->socket.local_port == local_port && found->socket.remote_port == remote_port
         && found->kernel_state != PL_DIAG_LISTEN;
}

static void
take_socket (PlCase *one, const PlSocket *socket)
{
  one->inode = socket->inode;
  one->cgroup_id = socket->cgroup_id;
  /* Without an inode uid 0 is what a minisock or an orphan of an older kernel says: not known. */
  one->uid = socket->inode == 0 && socket->uid == 0 ? PL_UNKNOWN_U32 : socket->uid;
}

typedef struct
{
  const PlSocket *chosen;
  guint n_others; /* other sockets that could have sent from, or listen on, the same port and address */
} Rivals;

static gboolean
count_rival (const PlDiagSocket *found, gpointer data)
{
  Rivals *rivals = data;
  const PlSocket *socket = &found->socket;
  gboolean is_bound_alike = pl_addr_is_zero (&socket->local) || pl_addr_is_zero (&rivals->chosen->local)
                            || pl_addr_equal (&socket->local, &rivals->chosen->local);
  if (socket->remote_port == 0 && is_bound_alike && socket->inode != rivals->chosen->inode
      && socket->local_port == rivals->chosen->local_port)
    rivals->n_others++;
  return TRUE;
}

/* SO_REUSEPORT, or SO_REUSEADDR on UDP: the kernel then picks one socket for us, and it may not be the one that sent. */
static gboolean
has_rivals (PlResolver *resolver, const PlDiagSocket *found)
{
  Rivals rivals = { .chosen = &found->socket };
  guint32 states = is_stream (found->socket.proto) ? 1u << PL_DIAG_LISTEN : 1u << PL_DIAG_CLOSE;
  pl_sock_diag_dump (resolver->diag, found->socket.proto, AF_INET, states, found->socket.local_port, count_rival,
                     &rivals, NULL);
  pl_sock_diag_dump (resolver->diag, found->socket.proto, AF_INET6, states, found->socket.local_port, count_rival,
                     &rivals, NULL);
  return rivals.n_others > 0;
}

static gboolean
find_listener (PlResolver *resolver, PlCase *one, PlDiagSocket *found)
{
  const PlFlowKey *key = &one->question.key;
  static const PlAddr none;
  PlAddr nobody = none;
  if (pl_addr_is_v4 (&key->addr[one->end]))
    nobody = pl_addr_from_v4 ((const guint8[4]){ 0 });
  return pl_sock_diag_lookup (resolver->diag, key->proto, &key->addr[one->end], key->port[one->end], &nobody, 0,
                              key->zone, found)
             == PL_DIAG_FOUND
         && found->kernel_state == PL_DIAG_LISTEN;
}

/* A connection's socket, or, for the end that was called, the listener: at the first packet there is no more than that. */
static gboolean
find_stream_socket (PlResolver *resolver, PlCase *one, PlDiagSocket *found)
{
  const PlFlowKey *key = &one->question.key;
  guint8 end = one->end, other = 1 - end;
  gboolean is_caller = one->question.initiator_end == end;
  PlDiagResult result = pl_sock_diag_lookup (resolver->diag, key->proto, &key->addr[end], key->port[end],
                                             &key->addr[other], key->port[other], key->zone, found);
  if (result == PL_DIAG_FOUND && is_of_flow (found, key->port[end], key->port[other]) && found->socket.inode != 0)
    {
      take_socket (one, &found->socket);
      return TRUE;
    }
  if (is_caller)
    {
      /* Closed already, or an orphan that has no inode any more but knows its user and its cgroup. */
      if (result == PL_DIAG_FOUND && is_of_flow (found, key->port[end], key->port[other]))
        take_socket (one, &found->socket);
      return FALSE;
    }
  if ((result != PL_DIAG_FOUND || found->kernel_state != PL_DIAG_LISTEN) && !find_listener (resolver, one, found))
    return FALSE;
  take_socket (one, &found->socket);
  one->is_listener = TRUE;
  one->is_ambiguous = has_rivals (resolver, found);
  return TRUE;
}

static gboolean
find_datagram_socket (PlResolver *resolver, PlCase *one, PlDiagSocket *found)
{
  const PlFlowKey *key = &one->question.key;
  guint8 end = one->end, other = 1 - end;
  if (pl_sock_diag_lookup (resolver->diag, key->proto, &key->addr[end], key->port[end], &key->addr[other],
                           key->port[other], key->zone, found)
          != PL_DIAG_FOUND
      || found->socket.local_port != key->port[end]
      || (found->socket.remote_port != 0 && found->socket.remote_port != key->port[other]))
    return FALSE;
  take_socket (one, &found->socket);
  one->is_ambiguous = found->socket.remote_port == 0 && has_rivals (resolver, found);
  return one->inode != 0;
}

/* ---- the process ---- */

typedef struct
{
  guint64 inode;
  PlHolder holder;
} Wanted;

static gboolean
meet_wanted (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Wanted *wanted = data;
  if (inode != wanted->inode)
    return TRUE;
  wanted->holder = (PlHolder){ .inode = inode, .pid = pid, .fd = fd };
  return FALSE;
}

/* The process that opened a socket for a first packet is most often among those started last. Those of the socket's user
 * come first; with full rights the others too, since a daemon changes its user after it has opened its sockets. */
static gboolean
search_newest (PlResolver *resolver, const PlCase *one, PlHolder *holder)
{
  gint32 pids[PL_LIMIT_NEWEST_PIDS];
  Wanted wanted = { .inode = one->inode };
  guint n = pl_procfs_newest_pids (resolver->procfs, pids, PL_LIMIT_NEWEST_PIDS);
  for (int pass = 0; pass < (resolver->sees_all ? 2 : 1); pass++)
    for (guint i = 0; i < n; i++)
      {
        if (pids[i] == 0 || (pass == 0 && pl_procfs_dir_uid (resolver->procfs, pids[i]) != one->uid))
          continue;
        pl_procfs_foreach_socket (resolver->procfs, pids[i], PL_LIMIT_NEWEST_FDS, meet_wanted, &wanted);
        if (wanted.holder.pid != 0)
          {
            *holder = wanted.holder;
            return TRUE;
          }
        pids[i] = 0;
      }
  return FALSE;
}

static gboolean
find_holder (PlResolver *resolver, const PlCase *one, PlHolder *holder)
{
  if (pl_holders_get (resolver->holders, resolver->procfs, one->inode, holder))
    return TRUE;
  if (!pl_resolver_may_see (resolver, one->uid) || !search_newest (resolver, one, holder))
    return FALSE;
  pl_holder_settle (holder, resolver->procfs);
  pl_holders_add (resolver->holders, holder);
  return TRUE;
}

/* Whether @process began after the question was asked: then it did not send the packet, whatever it holds by now. */
static gboolean
is_too_young (PlResolver *resolver, const PlProcess *process, gint64 asked_us)
{
  struct timespec boot, mono;
  if (asked_us == 0 || process->start_time == 0)
    return FALSE;
  clock_gettime (CLOCK_BOOTTIME, &boot);
  clock_gettime (CLOCK_MONOTONIC, &mono);
  gint64 slept_us = (boot.tv_sec - mono.tv_sec) * G_USEC_PER_SEC + (boot.tv_nsec - mono.tv_nsec) / 1000;
  gint64 started_us = (gint64)(process->start_time * G_USEC_PER_SEC / resolver->ticks_per_second);
  return started_us > asked_us + slept_us;
}

/* @holder was seen with the socket: its process, and how sure that makes us. */
static void
name_holder (PlResolver *resolver, PlCase *one, const PlHolder *holder)
{
  one->process = pl_processes_get (resolver->processes, holder->pid);
  if (one->process == NULL)
    return;
  gboolean is_caller = one->question.initiator_end == one->end;
  if (one->is_ambiguous
      || (!one->is_listener && is_caller && is_too_young (resolver, one->process, one->question.asked_us)))
    {
      g_clear_pointer (&one->process, pl_process_unref);
      return;
    }
  one->confidence = holder->is_shared  ? PL_CONFIDENCE_LIKELY
                    : one->is_listener ? PL_CONFIDENCE_LISTENER
                                       : PL_CONFIDENCE_EXACT;
}

void
pl_resolver_ask (PlResolver *resolver, PlCase *one)
{
  PlDiagSocket found = { 0 };
  PlHolder holder;
  guint8 proto = one->question.key.proto;

  one->confidence = PL_CONFIDENCE_UNKNOWN;
  one->uid = PL_UNKNOWN_U32;
  if (one->question.key.kind != PL_KIND_PORTS)
    return;
  gboolean is_found = is_stream (proto) ? find_stream_socket (resolver, one, &found)
                      : proto == PL_PROTO_UDP || proto == PL_PROTO_UDPLITE
                          ? find_datagram_socket (resolver, one, &found)
                          : FALSE;
  if (!is_found || one->is_ambiguous)
    return;
  if (find_holder (resolver, one, &holder))
    name_holder (resolver, one, &holder);
  else
    one->needs_scan = pl_resolver_may_see (resolver, one->uid)
                      && !pl_holders_is_nobody (resolver->holders, one->inode, g_get_monotonic_time ());
}

void
pl_resolver_finish (PlResolver *resolver, PlCase *one)
{
  PlHolder holder;
  one->needs_scan = FALSE;
  if (pl_holders_get (resolver->holders, resolver->procfs, one->inode, &holder))
    name_holder (resolver, one, &holder);
}

void
pl_resolver_learn (PlResolver *resolver, const PlScanResult *result, const guint64 *wanted, guint n_wanted)
{
  for (guint i = 0; i < result->holders->len; i++)
    pl_holders_add (resolver->holders, &g_array_index (result->holders, PlHolder, i));
  gint64 now_us = g_get_monotonic_time ();
  for (guint i = 0; i < n_wanted; i++)
    if (pl_scan_result_find (result, wanted[i]) == NULL)
      pl_holders_add_nobody (resolver->holders, wanted[i], now_us);
}

gboolean
pl_resolver_own_socket (PlResolver *resolver, PlSocket *socket)
{
  PlHolder holder;
  if (socket->inode == 0)
    return FALSE;
  if (!pl_holders_get (resolver->holders, resolver->procfs, socket->inode, &holder))
    return pl_resolver_may_see (resolver, socket->uid)
           && !pl_holders_is_nobody (resolver->holders, socket->inode, g_get_monotonic_time ());
  socket->process = pl_processes_get (resolver->processes, holder.pid);
  if (socket->process != NULL)
    socket->confidence = holder.is_shared ? PL_CONFIDENCE_LIKELY : PL_CONFIDENCE_EXACT;
  return FALSE;
}
