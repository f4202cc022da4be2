#include "reception.h"

#include <sys/socket.h>
#include <unistd.h>

#include "bounds.h"

#define WAYS_LOOKED_AT 8
#define KNOWN_US G_USEC_PER_SEC
#define LONG_FDS 64 /* as many take half a millisecond; of those that have more, */
#define SHARE 20 /* a twentieth of one processor is spent on, */
#define CREDIT_US 50000 /* but so much at once */

typedef struct
{
  PlProcfs *procfs;
  PlSockDiag *diag;
  guint64 inode; /* of the socket that is asked about */
  guint64 ways[WAYS_LOOKED_AT]; /* inodes of UNIX domain sockets */
  guint n_ways;
  gboolean is_cut, is_met; /* of the holder's descriptors; the socket, among them */
} Reception;

static gboolean
is_unix (const Reception *reception, gint32 pid, int fd, guint64 inode)
{
  PlDiagUnixSocket found;
  return fd < 0 ? pl_sock_diag_lookup_unix (reception->diag, inode, &found) == PL_DIAG_FOUND
                : pl_procfs_is_unix (reception->procfs, pid, fd);
}

/* What a service's output goes to is a UNIX domain socket as well, its journal's. */
static gboolean
note_way (gint32 pid, int fd, guint64 inode, gpointer data)
{
  Reception *reception = data;
  reception->is_met |= inode == reception->inode;
  if (inode == reception->inode || fd == STDOUT_FILENO || fd == STDERR_FILENO || !is_unix (reception, pid, fd, inode))
    return TRUE;
  reception->is_cut = reception->n_ways == WAYS_LOOKED_AT;
  if (!reception->is_cut)
    reception->ways[reception->n_ways++] = inode;
  return !reception->is_cut;
}

static gboolean
is_own (const Reception *reception, guint64 inode)
{
  for (guint i = 0; i < reception->n_ways; i++)
    if (reception->ways[i] == inode)
      return TRUE;
  return FALSE;
}

/* Whether another process can send to the socket @inode: who is at its other end, or, of datagrams, whoever knows its name. What one
 * process has both ends of is its own, unless it @has_kin, who may have them, too. */
static gboolean
is_open (const Reception *reception, guint64 inode, gboolean has_kin)
{
  PlDiagUnixSocket way, peer;
  if (pl_sock_diag_lookup_unix (reception->diag, inode, &way) != PL_DIAG_FOUND || way.kernel_state == PL_DIAG_LISTEN
      || (way.type == SOCK_DGRAM && way.has_name))
    return TRUE;
  if (!way.has_peer)
    return FALSE;
  if (is_own (reception, way.peer_inode))
    return has_kin;
  /* Who has no name hears from its peer alone, if that is connected to it: syslog(3) hears from nobody. */
  return way.type != SOCK_DGRAM || way.peer_inode == 0
         || pl_sock_diag_lookup_unix (reception->diag, way.peer_inode, &peer) != PL_DIAG_FOUND
         || peer.peer_inode == inode;
}

static gboolean
is_known (const PlReceptions *receptions, const PlProcFacts *facts)
{
  for (guint i = 0; i < PL_RECEIVERS && facts->pid != 0; i++)
    if (receptions->receivers[i].pid == facts->pid && receptions->receivers[i].start_time == facts->start_time
        && receptions->receivers[i].until_us > g_get_monotonic_time ())
      return TRUE;
  return FALSE;
}

static void
remember (PlReceptions *receptions, const PlProcFacts *facts)
{
  guint i = receptions->n_noted++ % PL_RECEIVERS;
  receptions->receivers[i].pid = facts->pid;
  receptions->receivers[i].start_time = facts->start_time;
  receptions->receivers[i].until_us = g_get_monotonic_time () + KNOWN_US;
}

/* Whether @holder may be passed any socket by others. */
static gboolean
can_receive (const Reception *reception, const PlHolder *holder, const PlProcFacts *facts)
{
  gint32 child;
  gboolean has_kin = reception->n_ways > 0
                     && (facts->pid == 0 || facts->is_forked || facts->child_faults != 0
                         || pl_procfs_children (reception->procfs, holder->pid, &child, 1) > 0);
  for (guint i = 0; i < reception->n_ways; i++)
    if (is_open (reception, reception->ways[i], has_kin))
      return TRUE;
  return FALSE;
}

static gboolean
look_into (PlReceptions *receptions,
           Reception *reception,
           const PlHolder *holder,
           const PlProcFacts *facts,
           gboolean is_met_before)
{
  gint64 offset = 0;
  PlFdsBeside beside;
  if (!pl_procfs_foreach_socket_beside (reception->procfs, holder->tid != 0 ? holder->tid : holder->pid, &offset,
                                        PL_LIMIT_RECENT_FDS, note_way, reception, &beside))
    return FALSE;
  if (!is_met_before && reception->is_met && beside.free_fd >= 0 && beside.free_fd < holder->fd)
    return TRUE;
  if (!reception->is_cut && offset <= 0 && beside.n_pidfds == 0 && !can_receive (reception, holder, facts))
    return FALSE;
  remember (receptions, facts);
  return TRUE;
}

gboolean
pl_reception_is_possible (PlReceptions *receptions,
                          PlProcfs *procfs,
                          PlSockDiag *diag,
                          const PlHolder *holder,
                          const PlProcFacts *facts,
                          gboolean is_met_before,
                          gboolean has_no_way)
{
  Reception reception = { .procfs = procfs, .diag = diag, .inode = holder->inode };
  gboolean is_long = holder->fd >= LONG_FDS;
  if (holder->fd >= PL_LIMIT_RECENT_FDS || is_known (receptions, facts))
    return TRUE;
  if (has_no_way)
    return FALSE;
  if (is_long && !pl_allowance_begin (&receptions->allowance, SHARE, CREDIT_US))
    return TRUE;
  gboolean is_possible = look_into (receptions, &reception, holder, facts, is_met_before);
  if (is_long)
    pl_allowance_end (&receptions->allowance);
  return is_possible;
}

/* Whether @pid can pass sockets to relatives, or could. */
static gboolean
can_pass (PlProcfs *procfs, PlSockDiag *diag, gint32 pid)
{
  gint64 offset = 0;
  Reception reception = { .procfs = procfs, .diag = diag };
  if (pid == getpid ()) /* we pass none on that is asked about */
    return FALSE;
  if (!pl_procfs_foreach_socket_from (procfs, pid, &offset, PL_LIMIT_RECENT_FDS, note_way, &reception))
    return FALSE;
  gboolean is_possible = reception.is_cut || offset > 0;
  for (guint i = 0; i < reception.n_ways && !is_possible; i++)
    is_possible = is_open (&reception, reception.ways[i], TRUE);
  return is_possible;
}

gboolean
pl_reception_is_possible_from (
    PlReceptions *receptions, PlProcfs *procfs, PlSockDiag *diag, const gint32 *relatives, guint n_relatives)
{
  if (n_relatives == 0)
    return FALSE;
  if (n_relatives > PL_RELATIVES || !pl_allowance_begin (&receptions->allowance, SHARE, CREDIT_US))
    return TRUE;
  gboolean is_possible = FALSE;
  for (guint i = 0; i < n_relatives && !is_possible; i++)
    is_possible = can_pass (procfs, diag, relatives[i]);
  pl_allowance_end (&receptions->allowance);
  return is_possible;
}
