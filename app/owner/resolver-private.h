/* Shared by the files of the resolver. Owner thread only. */
#pragma once
#include "cgroups.h"
#include "holder-search.h"
#include "holders.h"
#include "keepers.h"
#include "kin.h"
#include "networks.h"
#include "outside.h"
#include "port-graves.h"
#include "port-memory.h"
#include "processes.h"
#include "resolver.h"
#include "reception.h"
#include "sender-judge.h"
#include "socket-finder.h"

struct _PlResolver
{
  PlProcfs *procfs;
  PlSockDiag *diag;
  PlSocketFinder *finder;
  PlNames *names;
  PlProcesses *processes;
  PlHolders *holders;
  PlCgroups *cgroups;
  PlSearch *search;
  PlProcessWatch *watch;
  PlPortMemory *ports;
  PlPortGraves *graves;
  PlKeepers *keepers;
  PlKin *kin;
  PlReceptions receptions;
  guint64 seen_inode; /* a called socket of datagrams that was there still at a second look, at seen_us (monotonic) */
  gint64 seen_us;
  PlNetworks *networks;
  PlOutside *outside; /* in a Flatpak alone */
  PlSenders *senders; /* NULL while there is no helper */
  guint64 n_changes_lost; /* of senders before these */
  PlHelperLink *helper; /* nullable */
  gboolean awaits_helper; /* it comes soon */
  gint64 traced_since_us; /* when the helper was handed over */
  char *proc_root;
  guint32 own_network; /* pl_procfs_get_network() */
  gboolean sees_all; /* CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH: other users' descriptors too */
  gboolean has_unlisted; /* PlScanResult.has_unlisted, of the newest scan that found no holder of something */
  gboolean hides_pids; /* /proc, of other users' processes (hidepid=, proc(5)): the helper cannot be asked about them */
  gboolean sees_every_pid; /* in the machine's first pid namespace */
  gboolean is_flatpak; /* /proc shows the sandbox's processes, by numbers that mean others outside */
  guint32 own_uid;
  gint64 ticks_per_second;
};

/* Whether processes of @uid may be looked into, by us or by the helper. */
gboolean pl_resolver_may_see (PlResolver *resolver, guint32 uid);
/* The holder of @inode and its process (transfer full): of @wanted (nullable), or remembered and checked. @is_called: it is the socket
 * that others call, whose process is asked for again and again. */
gboolean pl_resolver_get_holder (
    PlResolver *resolver, GArray *wanted, guint64 inode, gboolean is_called, PlHolder *holder, PlProcess **process);
/* How sure it is that @holder, which is @process, is who @one asks for; PL_CONFIDENCE_UNKNOWN when others hold the socket as well,
 * that are of another app. */
guint8 pl_resolver_confidence_of (PlResolver *resolver, const PlCase *one, const PlHolder *holder, const PlProcess *process);
/* Whether all holders of @one could be found by a scan. */
gboolean pl_resolver_could_scan_help (PlResolver *resolver, const PlCase *one);
/* Names @process (transfer full), who holds a socket of @one, unless it began too late. */
void pl_resolver_name_holder (PlResolver *resolver, PlCase *one, const PlHolder *holder, PlProcess *process);
/* Whether @process began after the packet, by its start time, of 10 ms: then it did not send it, whatever it holds by now. */
gboolean pl_resolver_has_begun_since (PlResolver *resolver, const PlProcess *process, const PlOwnerQuestion *question);
/* What tracepoints told of who sent @one's packet. */
PlSenderVerdict pl_resolver_judge_sender (PlResolver *resolver, const PlCase *one, PlSenderFound *found);
/* TRUE when that names the owner, at least as surely; else it may leave a hint where to look. */
gboolean pl_resolver_name_by_sender (PlResolver *resolver, PlCase *one, PlSenderVerdict at_least);
/* Nobody holds the socket of @one: was it closed meanwhile? Then who connected it just before the packet sent it. */
void pl_resolver_check_connected (PlResolver *resolver, PlCase *one);
/* Process @pid, which is there, by what the helper told of it if that is so still (transfer full); NULL when it is gone. */
PlProcess *pl_resolver_get_process (PlResolver *resolver, gint32 pid);
/* The process as it is, or as it was when it sent (transfer full); NULL when it was gone before anybody looked. */
PlProcess *pl_resolver_process_of_sender (PlResolver *resolver, const PlSenderFound *found);
/* Nobody's where the port had another socket, which closed after the packet. Where tracepoints told each sender, and none of this
 * packet: an answer by the socket is no more than likely, and a raw socket's process may have sent it. */
void pl_resolver_doubt (PlResolver *resolver, PlCase *one);
/* After a scan, where packet sockets are guessed at: leaves those out that only listen, our own helper's. TRUE when that is the
 * answer already. */
gboolean pl_resolver_weigh_packet_sockets (PlResolver *resolver, PlCase *one);
/* After a scan that was begun by a look at a socket of datagrams: whether others have it, too. */
void pl_resolver_weigh_sharers (PlResolver *resolver, PlCase *one);
/* After a scan: @one, which is in doubt, keeps its name where nobody else has a packet socket. */
void pl_resolver_settle_doubt (PlResolver *resolver, PlCase *one);
/* By what the helper said that processes outside the sandbox hold. */
gboolean pl_resolver_name_from_outside (PlResolver *resolver, PlCase *one);
/* By the socket's cgroup, which the kernel tells of every user's sockets; else by its user, where that is another one whose
 * processes are closed to us. */
void pl_resolver_name_by_cgroup (PlResolver *resolver, PlCase *one);
