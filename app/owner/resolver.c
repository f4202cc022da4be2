/* From a flow's end to the process that owns it. Owner thread only; never scans all of /proc, and never names a process that
 * it has not seen holding the very socket, but where the answer's confidence says so. */
#include "resolver-private.h"

#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "first-look.h"
#include "flatpak.h"
#include "heirs.h"
#include "bounds.h"
#include "question-time.h"
#include "reception.h"
#include "rights.h"
#include "sender-judge.h"

#define INIT_PID_NAMESPACE 0xEFFFFFFCu /* linux/proc_ns.h, PROC_PID_INIT_INO */

PlResolver *
pl_resolver_new (const char *proc_root, GError **error)
{
  struct stat info;
  if (!pl_rights_has_network (error))
    return NULL;
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
  resolver->finder = pl_socket_finder_new (diag, proc_root);
  resolver->procfs = procfs;
  resolver->proc_root = g_strdup (proc_root);
  resolver->names = pl_names_new (procfs, pl_desktop_index_new (NULL), "");
  resolver->processes = pl_processes_new (procfs, resolver->names);
  resolver->holders = pl_holders_new ();
  resolver->ports = pl_port_memory_new ();
  resolver->graves = pl_port_graves_new ();
  resolver->keepers = pl_keepers_new ();
  resolver->cgroups = pl_cgroups_new (NULL);
  resolver->sees_all = pl_rights_see_all ();
  resolver->hides_pids = stat ("/proc/1", &info) != 0;
  resolver->sees_every_pid =
      !resolver->hides_pids && stat ("/proc/self/ns/pid", &info) == 0 && info.st_ino == INIT_PID_NAMESPACE;
  resolver->search = pl_search_new (procfs, resolver->cgroups, resolver->sees_all);
  resolver->is_flatpak = pl_is_flatpak ();
  resolver->own_uid = geteuid ();
  resolver->watch = pl_process_watch_new (procfs, resolver->search, resolver->processes,
                                          resolver->sees_all ? PL_UNKNOWN_U32 : resolver->own_uid);
  resolver->kin = pl_kin_new (procfs, resolver->watch);
  resolver->own_network = pl_procfs_get_network (procfs, getpid ());
  resolver->networks = pl_networks_new (procfs, resolver->is_flatpak ? NULL : proc_root);
  resolver->outside = resolver->is_flatpak ? pl_outside_new (resolver->processes) : NULL;
  resolver->ticks_per_second = sysconf (_SC_CLK_TCK);
  return resolver;
}

void
pl_resolver_free (PlResolver *resolver)
{
  if (resolver == NULL)
    return;
  pl_senders_free (resolver->senders);
  pl_networks_free (resolver->networks);
  pl_kin_free (resolver->kin);
  pl_process_watch_free (resolver->watch);
  pl_outside_free (resolver->outside);
  pl_search_free (resolver->search);
  pl_cgroups_free (resolver->cgroups);
  pl_holders_free (resolver->holders);
  pl_port_memory_free (resolver->ports);
  pl_port_graves_free (resolver->graves);
  pl_keepers_free (resolver->keepers);
  pl_processes_free (resolver->processes);
  pl_names_free (resolver->names);
  pl_procfs_free (resolver->procfs);
  pl_socket_finder_free (resolver->finder);
  pl_sock_diag_free (resolver->diag);
  g_free (resolver->proc_root);
  g_free (resolver);
}

PlSockDiag *
pl_resolver_get_diag (PlResolver *resolver)
{
  return resolver->diag;
}

/* What an earlier link told of senders is too old: who sent from the same port meanwhile was told to others. */
void
pl_resolver_use_helper (PlResolver *resolver, PlHelperLink *link)
{
  pl_procfs_use_helper (resolver->procfs, NULL);
  if (resolver->senders != NULL)
    resolver->n_changes_lost += pl_senders_get_n_changes_lost (resolver->senders);
  g_clear_pointer (&resolver->senders, pl_senders_free);
  resolver->helper = link;
  pl_networks_use_helper (resolver->networks, link);
  if (resolver->outside != NULL)
    pl_outside_use_helper (resolver->outside, link);
  if (link == NULL)
    return;
  resolver->senders = pl_senders_new ();
  pl_helper_link_set_senders (link, resolver->senders);
  resolver->traced_since_us = g_get_monotonic_time ();
  if (!resolver->sees_all && !resolver->is_flatpak)
    pl_procfs_use_helper (resolver->procfs, link);
}

PlHelperLink *
pl_resolver_get_helper (PlResolver *resolver)
{
  return resolver->helper;
}

gboolean
pl_resolver_sees_all (PlResolver *resolver)
{
  return resolver->sees_all;
}

PlProcessWatch *
pl_resolver_get_watch (PlResolver *resolver)
{
  return resolver->is_flatpak ? NULL : resolver->watch;
}

guint64
pl_resolver_get_n_senders (PlResolver *resolver)
{
  return resolver->senders != NULL ? pl_senders_get_n_added (resolver->senders) : 0;
}

void
pl_resolver_refresh (PlResolver *resolver)
{
  pl_names_refresh (resolver->names);
}

void
pl_resolver_set_awaits_helper (PlResolver *resolver, gboolean awaits)
{
  resolver->awaits_helper = awaits;
}

/* Whether the helper is on its way. */
static gboolean
awaits_helper (PlResolver *resolver)
{
  return resolver->helper != NULL ? pl_helper_link_is_beginning (resolver->helper) : resolver->awaits_helper;
}

gboolean
pl_resolver_waits_for_helper (PlResolver *resolver)
{
  return awaits_helper (resolver) || (resolver->helper != NULL && pl_helper_link_is_slow (resolver->helper));
}

/* Whether the helper looks into other users' processes, or will in a moment. */
static gboolean
has_helpers_eyes (PlResolver *resolver)
{
  return awaits_helper (resolver) || (resolver->helper != NULL && pl_helper_link_is_ready (resolver->helper));
}

gboolean
pl_resolver_may_see (PlResolver *resolver, guint32 uid)
{
  return !resolver->is_flatpak
         && (resolver->sees_all || uid == resolver->own_uid || (has_helpers_eyes (resolver) && !resolver->hides_pids));
}

/* ---- sockets ---- */

gboolean
pl_resolver_is_elsewhere (PlResolver *resolver, const PlAddr *addr)
{
  return pl_networks_have (resolver->networks, addr);
}

/* At an address that is not ours the kernel would find whoever listens at that port of every address of ours. */
static void
find_socket (PlResolver *resolver, PlCase *one)
{
  PlSocket socket = { 0 };
  if (one->is_local)
    {
      one->needs_no_rivals = !pl_case_is_stream (one) && pl_resolver_knows_sender (resolver, one);
      if (!pl_first_look_get_socket (one))
        pl_socket_finder_find (resolver->finder, one);
      if (one->question.key.proto == PL_PROTO_UDP)
        pl_port_memory_note (resolver->ports, one);
    }
  else if (one->question.key.kind == PL_KIND_PORTS
           && pl_networks_find (resolver->networks, &one->question.key, one->end,
                                pl_question_time_packet_us (&one->question), &socket, &one->is_listener))
    {
      one->is_elsewhere = TRUE;
      one->inodes[0] = socket.inode;
      one->n_inodes = 1;
      one->uid = socket.uid;
    }
}

/* The sender that was told is not sure enough: now it matters. */
static void
find_socket_whole (PlResolver *resolver, PlCase *one)
{
  one->needs_no_rivals = one->is_crowded = FALSE;
  one->n_inodes = 0;
  pl_socket_finder_find (resolver->finder, one);
  pl_port_memory_note (resolver->ports, one);
}

/* ---- holders ---- */

/* Whether the kernel still has the sockets of the case. */
static void
check_still_there (PlWanted *wanted, gpointer data)
{
  PlResolver *resolver = data;
  PlCase *one = wanted->data;
  PlCase again = { .question = one->question, .end = one->end, .needs_no_rivals = TRUE };
  if (one->is_elsewhere)
    return;
  pl_socket_finder_find (resolver->finder, &again);
  one->is_gone = again.n_inodes == 0 || again.inodes[0] != one->inodes[0];
  wanted->is_gone = one->is_gone;
}

/* A holder was met that may end before it is named: what /proc tells of it now is kept. */
static void
remember_process (PlWanted *wanted, gpointer data)
{
  PlResolver *resolver = data;
  wanted->process = pl_resolver_get_process (resolver, wanted->holder.pid);
}

static void
wanted_clear (gpointer data)
{
  pl_process_unref (((PlWanted *)data)->process);
}

static void
want (PlResolver *resolver, GArray *wanted, PlCase *one, guint64 inode)
{
  PlHolder holder;
  gint64 now_us = g_get_monotonic_time ();
  if (inode == 0 || !pl_resolver_may_see (resolver, one->uid) || pl_holders_is_nobody (resolver->holders, inode, now_us)
      || pl_holders_is_elusive (resolver->holders, inode, now_us)
      || pl_holders_get (resolver->holders, resolver->procfs, inode, &holder))
    return;
  for (guint i = 0; i < wanted->len; i++)
    if (g_array_index (wanted, PlWanted, i).inode == inode)
      return;
  PlWanted entry = {
    .inode = inode, .uid = one->uid, .cgroup_id = one->cgroup_id, .hint_pid = one->hint_pid, .data = one
  };
  g_array_append_val (wanted, entry);
}

static void
learn_found (PlResolver *resolver, GArray *wanted)
{
  if (wanted->len > 0)
    pl_process_watch_read (resolver->watch);
  for (guint i = 0; i < wanted->len; i++)
    {
      PlWanted *one = &g_array_index (wanted, PlWanted, i);
      gint32 pid = one->holder.pid;
      if (pid == 0 && !one->is_gone)
        pl_holders_add_elusive (resolver->holders, one->inode, g_get_monotonic_time ());
      if (pid == 0)
        continue;
      pl_holder_settle (&one->holder, resolver->procfs, one->process != NULL ? one->process->parent_pid : 0,
                        pl_process_watch_is_childless (resolver->watch, pid));
      pl_holders_add (resolver->holders, &one->holder);
      if (one->holder.pid == pid)
        continue;
      pl_process_unref (one->process);
      one->process = pl_resolver_get_process (resolver, one->holder.pid);
    }
}

/* The holder of @inode and its process (transfer full): just met, or remembered and checked. */
gboolean
pl_resolver_get_holder (
    PlResolver *resolver, GArray *wanted, guint64 inode, gboolean is_called, PlHolder *holder, PlProcess **process)
{
  for (guint i = 0; wanted != NULL && i < wanted->len; i++)
    {
      const PlWanted *one = &g_array_index (wanted, PlWanted, i);
      if (one->inode == inode && one->process != NULL)
        {
          *holder = one->holder;
          *process = pl_process_ref (one->process);
          return TRUE;
        }
    }
  if (!pl_holders_get (resolver->holders, resolver->procfs, inode, holder))
    return FALSE;
  *process = is_called ? pl_processes_get_server (resolver->processes, holder->pid)
                       : pl_processes_get (resolver->processes, holder->pid);
  return *process != NULL;
}

gboolean
pl_resolver_has_begun_since (PlResolver *resolver, const PlProcess *process, const PlOwnerQuestion *question)
{
  gint64 started_us = (gint64)(process->start_time * G_USEC_PER_SEC / (guint64)resolver->ticks_per_second);
  return process->start_time != 0 && started_us > pl_question_time_packet_boot_us (question);
}

/* The same of one that is there, of which the kernel's news may tell to the microsecond. */
static gboolean
is_too_young (PlResolver *resolver, const PlProcess *process, const PlOwnerQuestion *question)
{
  gint64 begun_us = pl_process_watch_get_begun_us (resolver->watch, process->pid);
  if (begun_us != 0)
    return begun_us > pl_question_time_packet_us (question);
  return pl_resolver_has_begun_since (resolver, process, question);
}

/* Of several holders any may be the one meant. All of one app: it is that app, and likely the eldest of them; else it is open.
 * Who has begun since it called is out; that another had it a moment ago leaves a doubt. */
static guint8
confidence_of_sharers (PlResolver *resolver, const PlCase *one, const PlHolder *holder, const PlProcess *process)
{
  gint32 pids[PL_HOLDER_SHARERS];
  gboolean is_alone = holder->held == PL_HELD_ALONE && holder->others[0].pid == 0;
  if (is_alone && pl_process_watch_is_childless (resolver->watch, holder->pid))
    return PL_CONFIDENCE_EXACT;
  guint64 mark = is_alone ? pl_holder_mark (holder, resolver->procfs) : 0;
  if (is_alone && holder->alone_mark == mark)
    return PL_CONFIDENCE_EXACT; /* as most often: some ten microseconds, where a look at many children takes a millisecond */
  guint n = pl_holder_list_sharers (holder, resolver->procfs, pids);
  if (is_alone && n == 1)
    pl_holders_set_alone (resolver->holders, holder->inode, mark);
  guint8 confidence = holder->held == PL_HELD_ALONE ? PL_CONFIDENCE_EXACT : PL_CONFIDENCE_LIKELY;
  for (guint i = 1; i < n && confidence != PL_CONFIDENCE_UNKNOWN; i++)
    {
      PlProcess *other = pl_processes_get (resolver->processes, pids[i]);
      gboolean is_out = other != NULL && pl_case_is_caller (one) && pl_case_is_stream (one)
                        && is_too_young (resolver, other, &one->question);
      gboolean is_same_app = other != NULL && g_str_equal (other->app_key, process->app_key);
      if (!is_out)
        confidence = is_same_app ? PL_CONFIDENCE_LIKELY : PL_CONFIDENCE_UNKNOWN;
      pl_process_unref (other);
    }
  return confidence;
}

guint8
pl_resolver_confidence_of (PlResolver *resolver, const PlCase *one, const PlHolder *holder, const PlProcess *process)
{
  if (one->is_guess)
    return PL_CONFIDENCE_LIKELY;
  if (one->is_listener)
    return holder->held == PL_HELD_BY_STRANGERS ? PL_CONFIDENCE_LIKELY : PL_CONFIDENCE_LISTENER;
  /* A connection is asked about as it begins; a socket of datagrams may have been shared since its holder was learnt. */
  if (pl_case_is_stream (one) && holder->held == PL_HELD_ALONE && holder->others[0].pid == 0)
    return PL_CONFIDENCE_EXACT;
  return confidence_of_sharers (resolver, one, holder, process);
}

/* Whether the first look saw that nobody can have passed @holder the socket of @one. */
static gboolean
has_no_way (const PlCase *one, const PlHolder *holder)
{
  const PlOwnerQuestion *question = &one->question;
  return question->seen_no_way && question->seen_inode == holder->inode && question->seen_pid == holder->pid
         && question->seen_fd == holder->fd && holder->tid == 0;
}

/* Whether @holder, who called with @one's socket, is known to have it only since, and may have been passed it by who sent, or had it
 * before, and may have passed it on to who sent and has none of it any more. Whom an answer is revised for has it now, and that was asked.
 * Tracepoints tell of another one who sent, if that is so, also of one that was gone before it could be looked at; the record of a call
 * may be lost, or late, as on a busy machine. */
static gboolean
may_have_received (PlResolver *resolver, const PlCase *one, const PlHolder *holder, const PlProcFacts *facts)
{
  PlSenderFound told;
  gboolean is_traced = resolver->helper != NULL && pl_helper_link_has_trace (resolver->helper);
  gboolean is_told = pl_resolver_judge_sender (resolver, one, &told) != PL_SENDER_NONE && !told.is_early;
  if (one->is_revision)
    return FALSE;
  if (is_told && !told.is_elsewhere)
    return told.pid != holder->pid;
  gboolean is_met_before = holder->met_us != 0 && holder->met_us < pl_question_time_packet_us (&one->question);
  if (is_traced && (is_told || !pl_case_is_stream (one)))
    return FALSE;
  gint32 relatives[PL_RELATIVES + 1];
  guint n_relatives = pl_kin_list (resolver->kin, facts, relatives, PL_RELATIVES + 1);
  return pl_reception_is_possible (&resolver->receptions, resolver->procfs, resolver->diag, holder, facts,
                                   is_met_before, has_no_way (one, holder))
         || pl_reception_is_possible_from (&resolver->receptions, resolver->procfs, resolver->diag, relatives,
                                           n_relatives);
}

/* One socket, its holder, and that one's process (transfer full). */
void
pl_resolver_name_holder (PlResolver *resolver, PlCase *one, const PlHolder *holder, PlProcess *process)
{
  if (!one->is_listener && pl_case_is_caller (one) && is_too_young (resolver, process, &one->question))
    {
      if (one->question.key.proto != PL_PROTO_TCP)
        pl_case_forget_user (one);
      pl_process_unref (process);
      return;
    }
  PlHolder known = *holder;
  gboolean is_alone = known.held == PL_HELD_ALONE && known.others[0].pid == 0;
  gboolean is_ours = !one->is_listener && pl_case_is_caller (one) && !resolver->is_flatpak;
  g_auto (PlProcFacts) facts = { 0 };
  if (is_ours && !pl_procfs_recall_identity (resolver->procfs, holder->pid, &facts))
    pl_proc_facts_clear (&facts);
  gint64 packet_us = pl_question_time_packet_us (&one->question);
  gboolean has_lost_kin = is_ours && is_alone && pl_kin_find (resolver->kin, &known, &facts, packet_us);
  one->confidence = pl_resolver_confidence_of (resolver, one, &known, process);
  gboolean has_just_connected = one->is_just_connected && one->hint_pid == holder->pid;
  if (one->confidence == PL_CONFIDENCE_EXACT && is_ours && !has_just_connected
      && (has_lost_kin || pl_heirs_is_one (resolver->procfs, resolver->watch, holder, &facts, packet_us)
          || may_have_received (resolver, one, holder, &facts)))
    one->confidence = PL_CONFIDENCE_LIKELY;
  one->is_shared_listener = one->is_listener && holder->held != PL_HELD_ALONE;
  pl_search_note (resolver->search, holder);
  if (one->confidence == PL_CONFIDENCE_LIKELY && !one->is_guess
      && pl_case_is_caller (one)) /* which of them sent nobody knows */
    one->process = pl_process_app_of (process);
  else if (one->confidence != PL_CONFIDENCE_UNKNOWN)
    one->process = pl_process_ref (process);
  pl_process_unref (process);
}

/* Several sockets share the port. One process for all of them is as sure as one socket; one app is likely; else nobody. */
static void
name_rivals (PlResolver *resolver, PlCase *one, const PlHolder *holders, PlProcess *const *processes)
{
  gboolean is_one_pid = TRUE, is_one_app = TRUE;
  for (guint i = 0; i < one->n_inodes; i++)
    {
      is_one_pid &= holders[i].pid == holders[0].pid && holders[i].held == PL_HELD_ALONE;
      is_one_app &= g_str_equal (processes[i]->app_key, processes[0]->app_key);
    }
  if (is_one_pid)
    pl_resolver_name_holder (resolver, one, &holders[0], pl_process_ref (processes[0]));
  else if (is_one_app)
    {
      one->process = pl_process_app_of (processes[0]);
      one->confidence = PL_CONFIDENCE_LIKELY;
    }
}

/* ---- without a holder ---- */

/* Whether no dump names who sent with @one's socket: it is in no list of ours, or stands there without the other end. */
static gboolean
is_in_no_row (const PlCase *one)
{
  return one->is_elsewhere || (!pl_case_is_stream (one) && !one->is_connected && !pl_case_is_called (one));
}

/* What the socket of @one, which called, was met with only since, and its descriptors are out of sight: who sent may have passed it on. */
static void
name_likely_caller (PlResolver *resolver, PlCase *one, const PlHolder *holder)
{
  PlProcess *process = g_steal_pointer (&one->process);
  if (holder->held != PL_HELD_BY_APPS && !pl_resolver_has_begun_since (resolver, process, &one->question))
    {
      one->process = pl_process_app_of (process);
      one->confidence = PL_CONFIDENCE_LIKELY;
    }
  pl_process_unref (process);
}

/* By what the helper said that processes outside the sandbox hold. */
gboolean
pl_resolver_name_from_outside (PlResolver *resolver, PlCase *one)
{
  PlHolder holder;
  if (resolver->outside == NULL || one->n_inodes != 1)
    return FALSE;
  one->process = pl_outside_get (resolver->outside, one->inodes[0], &holder);
  if (one->process == NULL)
    return FALSE;
  gboolean is_met_since = one->is_elsewhere || holder.met_us > pl_question_time_packet_us (&one->question);
  if (is_met_since && is_in_no_row (one) && pl_case_is_caller (one))
    {
      name_likely_caller (resolver, one, &holder);
      return TRUE;
    }
  /* The numbers of processes in there mean others here: what is known of them is what was told. */
  gboolean is_alone = holder.held == PL_HELD_ALONE && !one->is_guess;
  one->confidence = !is_alone ? PL_CONFIDENCE_LIKELY : one->is_listener ? PL_CONFIDENCE_LISTENER : PL_CONFIDENCE_EXACT;
  if (holder.held == PL_HELD_BY_APPS && !one->is_listener)
    {
      one->confidence = PL_CONFIDENCE_UNKNOWN;
      g_clear_pointer (&one->process, pl_process_unref);
    }
  return TRUE;
}

/* Nothing but whose it is: not an app, and no more sure than that. */
static void
name_by_user (PlResolver *resolver, PlCase *one)
{
  gboolean is_told = one->is_strangers || (one->uid != PL_UNKNOWN_U32 && !resolver->is_flatpak);
  if (!is_told || one->is_guess || one->n_inodes > 1 || pl_resolver_may_see (resolver, one->uid)
      || (resolver->is_flatpak && has_helpers_eyes (resolver)))
    return;
  one->process = pl_names_another_user (resolver->names, one->uid);
  one->confidence = PL_CONFIDENCE_UNKNOWN;
}

/* No process: what the cgroup of the socket names, which the kernel tells of every user's sockets. */
void
pl_resolver_name_by_cgroup (PlResolver *resolver, PlCase *one)
{
  const char *path = one->cgroup_id != 0 ? pl_cgroups_get_path (resolver->cgroups, one->cgroup_id) : NULL;
  if (path != NULL && one->n_inodes <= 1 && !one->is_guess)
    one->process = pl_names_cgroup (resolver->names, path, one->uid);
  if (one->process == NULL)
    {
      name_by_user (resolver, one);
      return;
    }
  one->confidence = PL_CONFIDENCE_CGROUP;
  if (one->is_strangers && one->process->user == NULL)
    one->process->user = g_strdup (_ ("another user"));
}

static void
name_without_holder (PlResolver *resolver, PlCase *one)
{
  pl_resolver_check_connected (resolver, one);
  if (pl_resolver_name_by_sender (resolver, one, PL_SENDER_LIKELY) || pl_resolver_name_from_outside (resolver, one))
    return;
  if (one->is_kernels)
    {
      one->process = pl_names_kernel (resolver->names);
      one->confidence = PL_CONFIDENCE_EXACT;
      return;
    }
  /* A socket that is there, while every process was looked into: a kernel service's (NFS, WireGuard), or one in flight
   * between processes, so no more than likely; and not even that while one of root's may have it unlisted. */
  if (one->n_inodes == 1 && !one->is_guess && !one->is_elsewhere && one->uid == 0 && resolver->sees_every_pid
      && !resolver->has_unlisted && pl_holders_is_nobody (resolver->holders, one->inodes[0], g_get_monotonic_time ()))
    {
      PlCase again = { .question = one->question, .end = one->end };
      pl_socket_finder_find (resolver->finder, &again);
      if (again.n_inodes == 1 && again.inodes[0] == one->inodes[0])
        {
          one->process = pl_names_kernel (resolver->names);
          one->confidence = PL_CONFIDENCE_LIKELY;
          return;
        }
    }
  pl_resolver_name_by_cgroup (resolver, one);
}

/* Whether the helper looks for the holder of @one's socket, and no dump could name it. */
static gboolean
is_sought_outside (PlResolver *resolver, const PlCase *one)
{
  return resolver->outside != NULL && is_in_no_row (one) && one->process == NULL && one->n_inodes == 1
         && pl_outside_is_wanted (resolver->outside, one->inodes[0]);
}

gboolean
pl_resolver_finish_outside (PlResolver *resolver, PlCase *one, gboolean is_last)
{
  if (!is_last && is_sought_outside (resolver, one))
    return FALSE; /* by the next round */
  one->needs_scan = FALSE;
  name_without_holder (resolver, one);
  pl_resolver_doubt (resolver, one);
  return TRUE;
}

/* ---- the answer ---- */

/* Whether @pid, that has accepted a connection, waits for more: it may start another process for this one. */
static gboolean
is_also_listener (PlResolver *resolver, const PlCase *one, gint32 pid)
{
  PlHolder listener;
  return pl_holders_get (resolver->holders, resolver->procfs, one->inodes[0], &listener) && listener.pid == pid;
}

/* From holders that are known; FALSE while some are missing. */
static gboolean
name_from_holders (PlResolver *resolver, GArray *wanted, PlCase *one)
{
  PlHolder holders[PL_CASE_INODES];
  PlProcess *processes[PL_CASE_INODES];
  guint n = 0;
  if (one->n_inodes == 0)
    return FALSE;
  if (one->own_inode != 0
      && pl_resolver_get_holder (resolver, wanted, one->own_inode, FALSE, &holders[0], &processes[0]))
    {
      one->is_listener = FALSE;
      pl_resolver_name_holder (resolver, one, &holders[0], processes[0]);
      if (one->confidence == PL_CONFIDENCE_EXACT && is_also_listener (resolver, one, holders[0].pid))
        {
          one->is_listener = TRUE;
          one->confidence = PL_CONFIDENCE_LISTENER;
        }
      return TRUE;
    }
  gboolean is_called = pl_case_is_called (one);
  while (n < one->n_inodes
         && pl_resolver_get_holder (resolver, wanted, one->inodes[n], is_called, &holders[n], &processes[n]))
    n++;
  gboolean is_complete = n == one->n_inodes;
  if (is_complete && n == 1)
    pl_resolver_name_holder (resolver, one, &holders[0], pl_process_ref (processes[0]));
  else if (is_complete)
    name_rivals (resolver, one, holders, processes);
  for (guint i = 0; i < n; i++)
    pl_process_unref (processes[i]);
  return is_complete;
}

gboolean
pl_resolver_could_scan_help (PlResolver *resolver, const PlCase *one)
{
  gint64 now_us = g_get_monotonic_time ();
  for (guint i = 0; i < one->n_inodes; i++)
    if (pl_holders_is_nobody (resolver->holders, one->inodes[i], now_us))
      return FALSE;
  return one->n_inodes > 0 && !one->is_gone && pl_resolver_may_see (resolver, one->uid);
}

void
pl_resolver_ask (PlResolver *resolver, PlCase *cases, guint n_cases, gboolean is_busy)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (PlWanted));
  g_array_set_clear_func (wanted, wanted_clear);
  pl_procfs_begin_moment (resolver->procfs);
  pl_first_look_get_holders (cases, n_cases, resolver->search);
  /* All sockets first: they are gone sooner than their processes. */
  for (guint i = 0; i < n_cases; i++)
    find_socket (resolver, &cases[i]);
  for (guint i = 0; i < n_cases; i++)
    {
      PlCase *one = &cases[i];
      gboolean is_named = pl_resolver_name_by_sender (resolver, one, PL_SENDER_EXACT);
      if (!is_named && one->needs_no_rivals)
        {
          find_socket_whole (resolver, one);
          is_named = pl_resolver_name_by_sender (resolver, one, PL_SENDER_EXACT);
        }
      if (is_named || one->is_crowded || (pl_case_is_called (one) && name_from_holders (resolver, NULL, one)))
        continue; /* who listens is known, most often */
      for (guint j = 0; j < one->n_inodes; j++)
        want (resolver, wanted, one, one->inodes[j]);
    }
  pl_search_find (resolver->search, (PlWanted *)(void *)wanted->data, wanted->len, is_busy, check_still_there,
                  remember_process, resolver);
  learn_found (resolver, wanted);
  for (guint i = 0; i < n_cases; i++)
    {
      PlCase *one = &cases[i];
      if (one->process != NULL)
        continue;
      one->confidence = PL_CONFIDENCE_UNKNOWN;
      if (one->is_crowded || name_from_holders (resolver, wanted, one))
        continue;
      one->needs_scan = pl_resolver_could_scan_help (resolver, one);
      if (!one->needs_scan)
        name_without_holder (resolver, one);
      one->needs_scan |= is_sought_outside (resolver, one);
    }
  pl_port_graves_read (resolver->graves);
  for (guint i = 0; i < n_cases; i++)
    pl_resolver_doubt (resolver, &cases[i]);
}

gboolean
pl_resolver_finish (PlResolver *resolver, PlCase *one, gboolean is_whole, gboolean is_last)
{
  guint64 n_unanswered = pl_procfs_get_n_unanswered (resolver->procfs);
  if (one->is_revision && pl_resolver_seeks_sharers (one))
    {
      pl_resolver_weigh_sharers (resolver, one);
      return TRUE;
    }
  if (pl_resolver_weigh_packet_sockets (resolver, one))
    return TRUE;
  gboolean is_named = name_from_holders (resolver, NULL, one);
  is_whole &= pl_procfs_get_n_unanswered (resolver->procfs) == n_unanswered;
  one->needs_scan = one->n_inodes > 0 && !is_named && !is_whole && !is_last;
  if (!is_named && !one->needs_scan)
    name_without_holder (resolver, one);
  if (!one->needs_scan)
    pl_resolver_doubt (resolver, one);
  if (one->is_doubted)
    pl_resolver_settle_doubt (resolver, one);
  return !one->needs_scan;
}

/* How many of the processes that kept their descriptors from the scan the helper has yet to look into. */
static guint
count_hidden (PlResolver *resolver, const PlScanResult *result)
{
  gboolean may_help =
      awaits_helper (resolver) || (resolver->helper != NULL && pl_helper_link_is_ready (resolver->helper));
  return resolver->sees_all || resolver->is_flatpak || !may_help ? 0 : result->hidden->len - result->n_looked_into;
}

gboolean
pl_resolver_learn (PlResolver *resolver, const PlScanResult *result, const guint64 *wanted, guint n_wanted)
{
  gboolean is_whole = count_hidden (resolver, result) == 0;
  for (guint i = 0; i < result->holders->len; i++)
    {
      PlHolder *holder = &g_array_index (result->holders, PlHolder, i);
      holder->scanned_us = result->began_us;
      pl_holders_add (resolver->holders, holder);
    }
  gint64 now_us = g_get_monotonic_time ();
  for (guint i = 0; is_whole && i < n_wanted; i++)
    if (pl_scan_result_find (result, wanted[i]) == NULL)
      {
        pl_holders_add_nobody (resolver->holders, wanted[i], now_us);
        resolver->has_unlisted = result->has_unlisted;
      }
  return is_whole;
}

gboolean
pl_resolver_complete (PlResolver *resolver, PlScanResult *result, guint n_max)
{
  guint n_left = count_hidden (resolver, result);
  if (n_left > 0 && pl_resolver_waits_for_helper (resolver))
    return FALSE;
  for (; n_left > 0 && n_max > 0; n_max--, n_left--, result->n_looked_into++)
    {
      gint32 pid = g_array_index (result->hidden, gint32, result->n_looked_into);
      guint64 n_unanswered = pl_procfs_get_n_unanswered (resolver->procfs);
      guint64 n_unlisted = pl_procfs_get_n_unlisted (resolver->procfs);
      pl_procfs_foreach_socket (resolver->procfs, pid, PL_LIMIT_PROCESS_FDS, pl_scan_result_meet, result);
      result->has_unlisted |=
          pl_procfs_get_n_unlisted (resolver->procfs) != n_unlisted && pl_procfs_dir_uid (resolver->procfs, pid) == 0;
      if (pl_procfs_get_n_unanswered (resolver->procfs) != n_unanswered)
        return FALSE; /* and asked again */
    }
  if (n_left > 0)
    return FALSE;
  if (result->n_looked_into > 0)
    pl_scan_result_settle (result, resolver->procfs);
  return TRUE;
}

gboolean
pl_resolver_look_outside (PlResolver *resolver, guint n_max)
{
  return resolver->outside != NULL && pl_outside_step (resolver->outside, n_max);
}

guint64
pl_resolver_get_n_outside_cut (PlResolver *resolver)
{
  return resolver->outside != NULL ? pl_outside_get_n_cut (resolver->outside) : 0;
}

int
pl_resolver_get_outside_wait_ms (PlResolver *resolver)
{
  return resolver->outside != NULL ? pl_outside_get_wait_ms (resolver->outside) : -1;
}
