/* From a flow's end to the process that owns it, in the order of what is sure and cheap (socket, inode cache, newest and
 * recent processes, cgroup); what needs a full scan is said, not done. Owner thread only; an answer takes well under a
 * millisecond. A wrong process is a bug, a missing one a pity. */
#pragma once
#include "case.h"
#include "helper-link.h"
#include "holder-search.h"
#include "process-watch.h"
#include "scan.h"
#include "sock-diag.h"

typedef struct _PlResolver PlResolver;

/* NULL when neither /proc nor sock_diag can be read; @error says why. */
PlResolver *pl_resolver_new (const char *proc_root, GError **error);
void pl_resolver_free (PlResolver *resolver);
PlSockDiag *pl_resolver_get_diag (PlResolver *resolver);
/* Hands over the link to portlight-helper: from then on its tracepoints tell who sends, and it looks into processes that we
 * may not. @link must stay until another, or NULL, takes its place. */
void pl_resolver_use_helper (PlResolver *resolver, PlHelperLink *link);
/* NULL while there is none. */
PlHelperLink *pl_resolver_get_helper (PlResolver *resolver);
/* Whether a helper is to come that others have still: until then what it may tell is not given up. */
void pl_resolver_set_awaits_helper (PlResolver *resolver, gboolean awaits);
/* Whether every process may be looked into, without a helper too. */
gboolean pl_resolver_sees_all (PlResolver *resolver);
/* Whether nothing can be asked before the helper comes, or says something. */
gboolean pl_resolver_waits_for_helper (PlResolver *resolver);
/* How many senders tracepoints told so far. */
guint64 pl_resolver_get_n_senders (PlResolver *resolver);
/* News of processes, off until it is set on. NULL in a Flatpak. */
PlProcessWatch *pl_resolver_get_watch (PlResolver *resolver);
/* Whether tracepoints told who sent @one's packet; FALSE may change within PL_SENDER_WAIT_US. */
gboolean pl_resolver_knows_sender (PlResolver *resolver, const PlCase *one);
/* Asks nothing but that, of a case that pl_resolver_ask() left unnamed. */
gboolean pl_resolver_ask_sender (PlResolver *resolver, PlCase *one);
/* Whether @addr is one of another network namespace of this machine, whose processes can be named. */
gboolean pl_resolver_is_elsewhere (PlResolver *resolver, const PlAddr *addr);
/* A port of UDP that changed hands since: another process sends from it, and the one before has its socket no more. */
gboolean pl_resolver_next_reuse (PlResolver *resolver, PlPortReuse *reuse);
/* How many such changes were missed for want of room. */
guint64 pl_resolver_get_n_reuses_lost (PlResolver *resolver);
/* Whether the sockets at the port of @one, whose question and end are set, are others than pl_resolver_ask() found for the
 * same flow, or than this found last. Some ten microseconds. */
gboolean pl_resolver_has_changed_hands (PlResolver *resolver, PlCase *one);
/* Whether one that is no more may have come there since, and gone: then @one, whose question's packet that was, is worth a second
 * look. Where pl_resolver_follow_ports() is on. */
gboolean pl_resolver_may_have_changed_hands (PlResolver *resolver, PlCase *one);
/* Answers and looks to which a change of hands may be unknown, as too many sockets closed, or flows of datagrams were asked about. */
guint64 pl_resolver_get_n_hands_untold (PlResolver *resolver);
/* Has the kernel tell of sockets of UDP that close, and takes what it told: a port whose holder is asked for may have been
 * another's when the packet was sent. Returns a descriptor that is readable when there is more; -1. */
int pl_resolver_follow_ports (PlResolver *resolver, gboolean on);
/* Whether that was so of @one at any time, or tracepoints told. */
gboolean pl_resolver_is_mixed (PlResolver *resolver, const PlCase *one);
/* Where tracepoints see every sender and told of none in time, and there is no socket, or its holder is in doubt: names a raw
 * socket's, or has the case need a scan, because a packet socket may have sent it. */
void pl_resolver_ask_without_sender (PlResolver *resolver, PlCase *one);
/* Fills each case (question and end are set by the caller) with its answer, or sets needs_scan. @is_busy: many more wait. */
void pl_resolver_ask (PlResolver *resolver, PlCase *cases, guint n_cases, gboolean is_busy);
/* After a scan that began after pl_resolver_ask(), and whether pl_resolver_learn() found it whole: the answer. FALSE while
 * another scan may tell more, since the helper left something unanswered; never with @is_last. */
gboolean pl_resolver_finish (PlResolver *resolver, PlCase *one, gboolean is_whole, gboolean is_last);
/* Has the helper look into @n_max more of the processes that the scan might not; some hundred microseconds each. FALSE while
 * more are left, and while the helper is waited for. */
gboolean pl_resolver_complete (PlResolver *resolver, PlScanResult *result, guint n_max);
/* In a sandbox, where the helper alone sees processes: has it look into @n_max more of them. TRUE when that ended a round, and
 * sockets that pl_resolver_own_socket() could not own may have a process now. */
gboolean pl_resolver_look_outside (PlResolver *resolver, guint n_max);
/* After such a round, of a case that needed a scan there: the answer. FALSE while another round may tell; never with @is_last. */
gboolean pl_resolver_finish_outside (PlResolver *resolver, PlCase *one, gboolean is_last);
/* Milliseconds until it has something to look for, -1 for nothing. */
int pl_resolver_get_outside_wait_ms (PlResolver *resolver);
/* pl_outside_get_n_cut() */
guint64 pl_resolver_get_n_outside_cut (PlResolver *resolver);
/* Learns what a scan found; @wanted are the inodes it was started for. FALSE when the helper did not look into all that the
 * scan might not. */
gboolean pl_resolver_learn (PlResolver *resolver, const PlScanResult *result, const guint64 *wanted, guint n_wanted);
/* The process that holds @socket, from what is known already: fills process and confidence. TRUE when a scan could tell more. */
gboolean pl_resolver_own_socket (PlResolver *resolver, PlSocket *socket);
/* Names those of @n @sockets that one of the newest processes holds, which pl_resolver_own_socket() wants a scan for: on a busy machine
 * that takes seconds. Likely at most, until the scan tells who else has one. */
void pl_resolver_own_newcomers (PlResolver *resolver, PlSocket *const *sockets, guint n);
/* Notes whom the answer names (nullable), for looks at it later. */
void pl_resolver_note_named (PlCase *one, const PlProcess *process);
/* Whether a called end was answered with its listener, so that it is worth a second look when the connection was accepted; or
 * datagrams with the holder of their socket, which may be another's since; or a call with somebody who began by fork(2) alone, whose
 * forebears may have the socket as well, and have called. */
gboolean pl_resolver_wants_second_look (PlResolver *resolver, const PlCase *one);
/* Whether that look is for others who have the socket, too. @one's named_pid is set. */
gboolean pl_resolver_seeks_sharers (const PlCase *one);
/* Whether Wine's server was named, which opens sockets for programs that get a descriptor later: that is worth a second look, too. */
gboolean pl_resolver_is_for_another (const PlCase *one);
/* Whether that listener has several holders, or rivals, so that one of them will accept. */
gboolean pl_resolver_is_shared (const PlCase *one);
typedef enum
{
  PL_LOOK_OVER, /* the connection has ended; or the socket of datagrams is the same, or closed */
  PL_LOOK_SAME, /* it is open, or the socket of datagrams the same; the answer stands, for another look */
  PL_LOOK_LOST, /* it is open, and was not found with its listener's processes or their children, or others may have the socket of
                 * datagrams, too: @one is for a scan now */
  PL_LOOK_NEWS, /* it is open, and another's than named_pid: process (nullable) and confidence are set */
} PlLook;
/* Before some second looks in a row, which have what was read of a process in common. */
void pl_resolver_begin_looks (PlResolver *resolver);
/* That second look, at the connection itself. Where a server keeps all that it accepts it looks at few of them. */
PlLook pl_resolver_look_again (PlResolver *resolver, PlCase *one);
/* @between is called after each half millisecond of a longer look: other questions may be asked meanwhile. */
void pl_resolver_set_between (PlResolver *resolver, PlSearchBetweenFunc between, gpointer data);
/* Desktop files and users may have changed. */
void pl_resolver_refresh (PlResolver *resolver);
