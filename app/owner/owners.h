/* Whose socket it is. One thread of its own: sock_diag, procfs, cgroups. Asked by flow id from the capture thread, read
 * from the main loop; answers carry their confidence and may come after the flow is gone. */
#pragma once
#include <glib.h>
#include "flow.h"
#include "helper-seat.h"
#include "process.h"
#include "socket.h"

typedef struct
{
  guint64 flow_id;
  PlFlowKey key;
  guint8 local_end, initiator_end; /* PL_END_… */
  guint8 both_local; /* loopback: both ends have an owner */
  guint8 is_check; /* of a flow asked about before: no answer is wanted, but whether its port has changed hands */
  guint8 is_mixed; /* of a flow asked about before: it has packets of two sockets, so that nobody is its owner */
  gint64 asked_us;  /* g_get_monotonic_time () */
  guint64 first_us; /* Unix time of the first packet, 0 unknown: whoever began later did not send it */
  /* Filled by pl_owners_ask(): the socket of the end that called (inode 0: not seen), and who held it (pid 0: not seen). */
  guint64 seen_inode, seen_cookie, seen_cgroup_id;
  guint32 seen_uid;
  gint32 seen_pid, seen_fd;
  gboolean seen_no_way; /* by which that one can have been passed it: see reception.h */
} PlOwnerQuestion;

typedef struct
{
  guint64 flow_id;
  guint8 end; /* which end this process owns */
  guint8 confidence; /* PlConfidence */
  guint32 uid; /* of the socket, PL_UNKNOWN_U32 when not known */
  gboolean is_revision; /* it takes the place of the answer before, however sure that was */
  PlProcess *process; /* owned; nullable: nothing but uid and confidence are known */
} PlOwnerAnswer;

typedef struct
{
  guint64 asked, dropped_questions, exact, dropped_answers, full_scans;
  guint64 records_lost; /* of the kernel's tracepoints, for want of room */
  guint64 lists_cut; /* of processes outside the sandbox: there were more than are remembered */
  guint64 looks_cut; /* connections not looked at again, being more than PL_LIMIT_SECOND_LOOKS at a time */
  guint64 scans_cut; /* questions answered without the scan that they needed, being more than PL_LIMIT_OWNER_PENDING at a time */
  guint64 processes_missed; /* news of processes that was lost, or new programs left unread, for want of room or time */
  guint64 reuses_lost; /* ports of UDP that changed hands, more than PL_LIMIT_PORT_REUSES at a time */
  guint64 hands_untold; /* answers to which a change of a port's hands may be unknown: pl_resolver_get_n_hands_untold() */
  guint64 unaided; /* questions since the helper's owner child ended, alone */
  guint64 holds_cut; /* answers of the helper about a process that has more sockets than one tells */
  guint64 sockets_cut; /* sockets, or news of their closing, that the caps turned away */
  guint64 answer_p50_us, answer_p95_us; /* from the packet to the answer */
  gboolean has_scanned; /* before the newest dump of sockets, so that it has whatever owner can be found */
} PlOwnerStats;

typedef struct _PlOwners PlOwners;

/* Starts the thread. Never fails for want of privilege: what can't be seen is answered as unknown. */
PlOwners *pl_owners_new (void);
void pl_owners_free (PlOwners *owners); /* stops and joins */
/* Main loop. From now on it has the link to portlight-helper of @seat (a reference is taken), whoever had it before: the
 * kernel's tracepoints then tell who sends, and other users' processes are looked into. Until others want it, or another
 * seat comes. */
void pl_owners_use_helper (PlOwners *owners, PlHelperSeat *seat);
/* From the capture thread, which waits for nothing: ports of UDP that changed hands, at most @max; returns how many.
 * Tracepoints tell them; else questions that only check, after each pause of a flow of datagrams. */
guint pl_owners_take_reuses (PlOwners *owners, PlPortReuse *reuses, guint max);
int pl_owners_get_reuses_fd (PlOwners *owners); /* readable while there are some; any thread */
/* From the capture thread; never waits. Some 60 µs of system calls where that finds who would be gone later (first-look.h),
 * else at most one eventfd write. FALSE when the queue is full. */
gboolean pl_owners_ask (PlOwners *owners, const PlOwnerQuestion *question);
/* Any thread: whether an answer depends on how soon the question comes, since nobody tells who sent. */
gboolean pl_owners_is_urgent (PlOwners *owners);
/* Readable while answers or a socket dump wait: for g_unix_fd_add(). */
int pl_owners_get_fd (PlOwners *owners);
/* Main loop: all waiting answers. (transfer full) (element-type PlOwnerAnswer), or NULL. Elements are cleared by the array. */
GArray *pl_owners_take_answers (PlOwners *owners);
/* While @on: the kernel's sockets once a second, each with its process: TCP, UDP, UDP-Lite, SCTP, raw (ports 0). Those that
 * closed since the last dump come once more, with PL_STATE_CLOSED and their final totals, before the others; with packets also those
 * that no dump had, one dump later. */
void pl_owners_watch_sockets (PlOwners *owners, gboolean on);
/* Main loop: the newest dump (transfer full) (element-type PlSocket), or NULL. Elements are cleared by the array. */
GArray *pl_owners_take_sockets (PlOwners *owners);
/* Why the last dump failed (transfer full), or NULL. */
char *pl_owners_dup_sockets_error (PlOwners *owners);
void pl_owners_get_stats (PlOwners *owners, PlOwnerStats *stats);
