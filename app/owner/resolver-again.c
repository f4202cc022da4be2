/* What is asked again of the resolver: sockets of each dump, ports that may have changed hands, connections that were accepted
 * meanwhile. Owner thread only. */
#include "resolver-private.h"

#include "bounds.h"
#include "question-time.h"

#define NEWCOMERS 512 /* sockets of a dump looked for among the newest processes */
#define LOOKS_BEFORE_SCAN \
  2 /* at a socket of datagrams: those that are gone after PL_HANDED_LOOK_US are not worth a scan */

/* ---- ports that change hands ---- */

static gboolean
meet_inode (gint32 pid, int fd, guint64 inode, gpointer data)
{
  guint64 *wanted = data;
  if (inode == *wanted)
    *wanted = 0;
  return *wanted != 0;
}

/* After fork(2), or with a socket for each at one port, processes take turns: that is one flow still. */
static gboolean
is_taken_over (PlResolver *resolver, const PlSenderChange *change)
{
  PlCase one = { .question.key = change->key, .end = (guint8)change->end, .uid = PL_UNKNOWN_U32 };
  pl_socket_finder_find (resolver->finder, &one);
  if (one.n_inodes != 1)
    return one.n_inodes == 0 && pl_procfs_dir_uid (resolver->procfs, change->before_pid) == PL_UNKNOWN_U32;
  guint64 wanted = one.inodes[0];
  pl_procfs_foreach_socket (resolver->procfs, change->before_pid, PL_LIMIT_PROCESS_FDS, meet_inode, &wanted);
  return wanted != 0;
}

gboolean
pl_resolver_next_reuse (PlResolver *resolver, PlPortReuse *reuse)
{
  PlSenderChange change;
  while (resolver->senders != NULL && !resolver->is_flatpak && pl_senders_next_change (resolver->senders, &change))
    {
      const PlSenderProcess *told = pl_senders_get_process (resolver->senders, change.pid);
      guint32 network = told != NULL ? told->facts.network : pl_procfs_get_network (resolver->procfs, change.pid);
      if (network != resolver->own_network || !is_taken_over (resolver, &change))
        continue;
      gint64 ago_us = g_get_monotonic_time () - (gint64)(change.time_ns / 1000);
      *reuse = (PlPortReuse){ change.key, (guint64)(g_get_real_time () - ago_us) };
      return TRUE;
    }
  return FALSE;
}

guint64
pl_resolver_get_n_reuses_lost (PlResolver *resolver)
{
  return resolver->n_changes_lost + (resolver->senders != NULL ? pl_senders_get_n_changes_lost (resolver->senders) : 0);
}

/* Tracepoints tell of the flow's own end alone. */
gboolean
pl_resolver_is_mixed (PlResolver *resolver, const PlCase *one)
{
  gboolean is_traced = resolver->helper != NULL && pl_helper_link_has_trace (resolver->helper);
  return is_traced ? pl_case_is_caller (one) : pl_port_memory_is_mixed (resolver->ports, one);
}

gboolean
pl_resolver_has_changed_hands (PlResolver *resolver, PlCase *one)
{
  pl_socket_finder_find (resolver->finder, one);
  if (pl_port_memory_has_changed (resolver->ports, one))
    return TRUE;
  if (one->n_inodes > 0)
    return FALSE;
  one->cookie = pl_port_memory_get_cookie (resolver->ports, one);
  if (!pl_port_graves_has_other (resolver->graves, one))
    {
      pl_port_graves_can_tell (resolver->graves, one); /* or it is counted */
      return FALSE;
    }
  pl_port_memory_set_mixed (resolver->ports, one);
  return TRUE;
}

guint64
pl_resolver_get_n_hands_untold (PlResolver *resolver)
{
  return pl_port_memory_get_n_untold (resolver->ports) + pl_port_graves_get_n_untold (resolver->graves);
}

gboolean
pl_resolver_may_have_changed_hands (PlResolver *resolver, PlCase *one)
{
  return one->n_inodes == 0 && one->cookie != 0 && pl_port_graves_get_fd (resolver->graves) >= 0;
}

int
pl_resolver_follow_ports (PlResolver *resolver, gboolean on)
{
  pl_port_graves_set_on (resolver->graves, on);
  pl_port_graves_read (resolver->graves);
  return pl_port_graves_get_fd (resolver->graves);
}

/* ---- a dump's sockets ---- */

/* A server and its workers: which of them accepts is open, whose port it is is not. */
static void
name_socket (PlResolver *resolver, PlCase *one, const PlHolder *holder, gboolean is_listening)
{
  one->is_listener = is_listening && pl_case_is_stream (one) && holder->held != PL_HELD_ALONE;
  one->confidence = pl_resolver_confidence_of (resolver, one, holder, one->process);
  if (one->confidence == PL_CONFIDENCE_LIKELY && is_listening && holder->held == PL_HELD_BY_FAMILY)
    one->confidence = PL_CONFIDENCE_LISTENER;
  if (one->confidence == PL_CONFIDENCE_UNKNOWN)
    g_clear_pointer (&one->process, pl_process_unref);
}

gboolean
pl_resolver_own_socket (PlResolver *resolver, PlSocket *socket)
{
  PlHolder holder;
  PlCase one = { .cgroup_id = socket->cgroup_id, .uid = socket->uid, .n_inodes = socket->inode != 0, .end = PL_END_A };
  one.inodes[0] = socket->inode;
  pl_socket_finder_judge_user (resolver->finder, &one);
  socket->uid = one.uid;
  gboolean wants_scan = FALSE, is_met = FALSE;
  one.question = (PlOwnerQuestion){ .key.proto = socket->proto, .initiator_end = PL_END_UNKNOWN };
  if (pl_resolver_get_holder (resolver, NULL, socket->inode, FALSE, &holder, &one.process))
    {
      is_met = TRUE;
      name_socket (resolver, &one, &holder, socket->state == PL_STATE_LISTEN);
    }
  else if (resolver->outside != NULL)
    wants_scan =
        !pl_resolver_name_from_outside (resolver, &one) && pl_outside_is_wanted (resolver->outside, socket->inode);
  else if (socket->inode != 0)
    wants_scan = pl_resolver_may_see (resolver, socket->uid)
                 && !pl_holders_is_nobody (resolver->holders, socket->inode, g_get_monotonic_time ());
  if (one.process == NULL && !is_met)
    pl_resolver_name_by_cgroup (resolver, &one);
  socket->process = one.process;
  socket->confidence = one.process != NULL ? one.confidence : PL_CONFIDENCE_UNKNOWN;
  return wants_scan;
}

static void
name_newcomer (PlWanted *wanted, gpointer data)
{
  PlResolver *resolver = data;
  PlSocket *socket = wanted->data;
  PlProcess *process = pl_resolver_get_process (resolver, wanted->holder.pid);
  if (process == NULL)
    return;
  pl_process_unref (socket->process);
  socket->process = pl_process_app_of (process);
  socket->confidence = PL_CONFIDENCE_LIKELY;
  pl_process_unref (process);
}

void
pl_resolver_own_newcomers (PlResolver *resolver, PlSocket *const *sockets, guint n)
{
  n = resolver->is_flatpak ? 0 : MIN (n, NEWCOMERS);
  g_autofree PlWanted *wanted = g_new0 (PlWanted, n);
  for (guint i = 0; i < n; i++)
    wanted[i] = (PlWanted){ .inode = sockets[i]->inode, .uid = sockets[i]->uid, .data = sockets[i] };
  pl_search_find_newest (resolver->search, wanted, n, name_newcomer, resolver);
}

/* ---- connections that were accepted meanwhile ---- */

void
pl_resolver_note_named (PlCase *one, const PlProcess *process)
{
  one->named_pid = process != NULL ? process->pid : 0;
  one->is_managers = one->named_pid > 1 && pl_holder_is_manager_comm (one->named_pid, process->comm);
}

gboolean
pl_resolver_is_for_another (const PlCase *one)
{
  return one->process != NULL && one->process->comm != NULL && g_str_has_prefix (one->process->comm, "wineserver");
}

gboolean
pl_resolver_seeks_sharers (const PlCase *one)
{
  return !pl_case_is_stream (one)
         || (pl_case_is_caller (one) && !one->is_listener && one->named_pid > 1
             && one->confidence == PL_CONFIDENCE_EXACT);
}

/* Whoever began by fork(2) alone has what its forebears had, and is found before they are, being younger. */
static gboolean
is_forked (PlResolver *resolver, gint32 pid)
{
  g_auto (PlProcFacts) facts = { 0 };
  return pl_procfs_recall_identity (resolver->procfs, pid, &facts) && facts.is_forked;
}

gboolean
pl_resolver_wants_second_look (PlResolver *resolver, const PlCase *one)
{
  guint8 proto = one->question.key.proto;
  gboolean is_likely = one->confidence == PL_CONFIDENCE_LIKELY && pl_case_is_caller (one) && !one->is_guess;
  gboolean is_datagram =
      proto == PL_PROTO_UDP && (one->confidence == PL_CONFIDENCE_EXACT || is_likely) && one->n_inodes > 0;
  gboolean is_open = proto == PL_PROTO_TCP && (one->is_listener || pl_resolver_is_for_another (one));
  return !one->is_elsewhere
         && (is_open || is_datagram
             || (proto == PL_PROTO_TCP && pl_resolver_seeks_sharers (one) && is_forked (resolver, one->named_pid)));
}

gboolean
pl_resolver_is_shared (const PlCase *one)
{
  return one->confidence != PL_CONFIDENCE_LISTENER || one->n_inodes > 1 || one->is_crowded || one->is_shared_listener;
}

void
pl_resolver_set_between (PlResolver *resolver, PlSearchBetweenFunc between, gpointer data)
{
  pl_search_set_between (resolver->search, between, data);
}

/* Nobody but the one process that accepts @one, if it is one, has had it in many looks. */
static gboolean
is_kept_for_sure (PlResolver *resolver, const PlCase *one)
{
  return one->is_listener && !pl_resolver_is_shared (one)
         && pl_keepers_is_trusted (resolver->keepers, resolver->procfs, resolver->holders, one->inodes[0],
                                   g_get_monotonic_time ());
}

/* @holder (nullable) has a connection that the listener of @one accepted. */
static void
note_kept (PlResolver *resolver, const PlCase *one, const PlHolder *holder)
{
  PlHolder keeper;
  if (one->n_inodes != 1 || one->is_shared_listener
      || !pl_holders_get (resolver->holders, resolver->procfs, one->inodes[0], &keeper))
    return;
  pl_keepers_note (resolver->keepers, resolver->procfs, &keeper,
                   holder != NULL && holder->pid == keeper.pid && holder->held == PL_HELD_ALONE);
}

/* Whoever holds the connection of @again, which has one: at or near the listener of @one, met before or now. */
static gboolean
find_accepter (PlResolver *resolver,
               const PlCase *one,
               const PlCase *again,
               PlHolder *holder,
               PlProcess **process,
               gboolean *has_looked)
{
  gint64 accepted_us = g_get_monotonic_time () - PL_HANDED_LOOK_US;
  PlWanted wanted = { .inode = again->inodes[0], .uid = again->uid };
  if (pl_resolver_get_holder (resolver, NULL, again->inodes[0], FALSE, holder, process))
    return TRUE;
  for (guint i = 0; i < one->n_inodes && wanted.holder.pid == 0; i++)
    *has_looked |= pl_search_find_near (resolver->search, &wanted, one->inodes[i], accepted_us, resolver->holders);
  if (wanted.holder.pid == 0)
    return FALSE;
  pl_holder_settle (&wanted.holder, resolver->procfs, 0, FALSE);
  pl_holders_add (resolver->holders, &wanted.holder);
  *holder = wanted.holder;
  *process = pl_processes_get (resolver->processes, holder->pid);
  return *process != NULL;
}

static gboolean
is_sharer (PlResolver *resolver, const PlHolder *holder, gint32 pid)
{
  gint32 pids[PL_HOLDER_SHARERS];
  guint n = pl_holder_list_sharers (holder, resolver->procfs, pids);
  for (guint i = 0; i < n; i++)
    if (pids[i] == pid)
      return TRUE;
  return FALSE;
}

/* What @holder, who has the connection now, makes of the answer that stands. */
static PlLook
compare (PlResolver *resolver, PlCase *one, const PlHolder *holder, PlProcess *process)
{
  PlCase again = *one;
  again.is_listener = FALSE;
  again.confidence = pl_resolver_confidence_of (resolver, &again, holder, process);
  /* Several have it, who was named among them: it is as good as any. */
  gboolean is_same = again.confidence == PL_CONFIDENCE_EXACT
                         ? one->confidence == PL_CONFIDENCE_EXACT && one->named_pid == process->pid
                         : one->named_pid != 0 && is_sharer (resolver, holder, one->named_pid);
  if (is_same)
    {
      pl_process_unref (process);
      return PL_LOOK_SAME;
    }
  if (again.confidence == PL_CONFIDENCE_UNKNOWN)
    g_clear_pointer (&process, pl_process_unref);
  one->confidence = again.confidence;
  pl_resolver_note_named (one, process);
  one->process = process;
  return PL_LOOK_NEWS;
}

/* A server's one socket has many flows, and is looked at once in half a round. */
static gboolean
is_just_seen (PlResolver *resolver, const PlCase *one)
{
  return one->inodes[0] == resolver->seen_inode && g_get_monotonic_time () < resolver->seen_us + PL_LOOK_ROUND_US / 2;
}

static void
note_seen (PlResolver *resolver, const PlCase *one, guint64 inode)
{
  if (!pl_case_is_called (one))
    return;
  resolver->seen_inode = inode;
  resolver->seen_us = g_get_monotonic_time ();
}

/* The socket of @one, which called, is there still: somebody else may have it by now, or have had it before the packet, since its
 * holder was learnt (SCM_RIGHTS). Only a scan tells; that is for those that stay. */
static PlLook
look_for_sharers (PlResolver *resolver, PlCase *one)
{
  PlHolder holder;
  if (!pl_case_is_caller (one) || one->n_inodes != 1 || one->named_pid == 0)
    return PL_LOOK_OVER;
  if (one->n_looks < LOOKS_BEFORE_SCAN)
    return PL_LOOK_SAME;
  if (pl_holders_get (resolver->holders, resolver->procfs, one->inodes[0], &holder)
      && holder.scanned_us >= pl_question_time_packet_us (&one->question) && holder.pid == one->named_pid
      && holder.held == PL_HELD_ALONE && holder.others[0].pid == 0)
    return PL_LOOK_OVER;
  one->needs_scan = pl_resolver_could_scan_help (resolver, one);
  return one->needs_scan ? PL_LOOK_LOST : PL_LOOK_OVER;
}

void
pl_resolver_weigh_sharers (PlResolver *resolver, PlCase *one)
{
  PlHolder holder;
  PlProcess *process;
  one->needs_scan = FALSE;
  if (!pl_resolver_get_holder (resolver, NULL, one->inodes[0], FALSE, &holder, &process))
    return;
  guint8 confidence = pl_resolver_confidence_of (resolver, one, &holder, process);
  one->is_shared = confidence < PL_CONFIDENCE_EXACT;
  if (confidence == PL_CONFIDENCE_LIKELY) /* any of them */
    one->process = pl_process_app_of (process);
  one->confidence = confidence;
  pl_process_unref (process);
}

/* Whether other sockets have come to the port of @one, and those that were there have gone; or had, and closed since. Whose packets
 * were whose nobody knows. */
static PlLook
look_at_datagrams (PlResolver *resolver, PlCase *one)
{
  PlCase again = { .question = one->question, .end = one->end };
  if (one->is_managers)
    {
      one->needs_scan = TRUE; /* Wine's program may have its descriptor by now */
      return PL_LOOK_LOST;
    }
  if (is_just_seen (resolver, one))
    return PL_LOOK_OVER;
  if (pl_port_graves_has_other (resolver->graves, one))
    {
      pl_port_memory_set_mixed (resolver->ports, one);
      one->confidence = PL_CONFIDENCE_UNKNOWN;
      pl_case_forget_user (one);
      return PL_LOOK_NEWS;
    }
  pl_socket_finder_find (resolver->finder, &again);
  for (guint i = 0; i < again.n_inodes; i++)
    for (guint j = 0; j < one->n_inodes; j++)
      if (again.inodes[i] == one->inodes[j])
        {
          note_seen (resolver, one, again.inodes[i]);
          return look_for_sharers (resolver, one);
        }
  if (again.n_inodes == 0)
    {
      pl_port_graves_can_tell (resolver->graves, one); /* or it is counted */
      return PL_LOOK_OVER;
    }
  if (pl_port_memory_is_mixed (resolver->ports, one)) /* told already, and since when */
    return PL_LOOK_OVER;
  pl_port_memory_note (resolver->ports, &again);
  one->confidence = PL_CONFIDENCE_UNKNOWN;
  pl_case_forget_user (one);
  return PL_LOOK_NEWS;
}

static PlLook
look_at_call (PlResolver *resolver, PlCase *one)
{
  PlCase again = { .question = one->question, .end = one->end };
  pl_socket_finder_find (resolver->finder, &again);
  return again.n_inodes == 1 && again.inodes[0] == one->inodes[0] ? look_for_sharers (resolver, one) : PL_LOOK_OVER;
}

void
pl_resolver_begin_looks (PlResolver *resolver)
{
  pl_procfs_begin_moment (resolver->procfs);
}

PlLook
pl_resolver_look_again (PlResolver *resolver, PlCase *one)
{
  if (!pl_case_is_stream (one))
    return resolver->is_flatpak ? PL_LOOK_OVER : look_at_datagrams (resolver, one);
  if (pl_resolver_seeks_sharers (one) && !one->is_managers)
    return resolver->is_flatpak ? PL_LOOK_OVER : look_at_call (resolver, one);
  PlCase again = { .question = one->question, .end = one->end };
  PlHolder holder;
  PlProcess *process = NULL;
  if (!resolver->is_flatpak && is_kept_for_sure (resolver, one))
    return PL_LOOK_SAME;
  if (resolver->is_flatpak || !pl_socket_finder_find_connection (resolver->finder, &again))
    return PL_LOOK_OVER;
  if (again.n_inodes == 0) /* not accepted yet, or closed already */
    return PL_LOOK_SAME;
  gboolean has_looked = FALSE;
  if (!find_accepter (resolver, one, &again, &holder, &process, &has_looked))
    {
      if (has_looked)
        note_kept (resolver, one, NULL);
      /* The last look; its listener's processes may have been left out, others' being looked into. Wine's programs are nowhere
       * near their server, and the next look may tell more. */
      again.needs_scan = (one->n_looks >= 3 || one->is_managers) && pl_resolver_could_scan_help (resolver, &again);
      if (!again.needs_scan)
        return PL_LOOK_SAME;
      again.n_looks = one->is_managers ? one->n_looks : 0;
      *one = again;
      return PL_LOOK_LOST;
    }
  note_kept (resolver, one, &holder);
  one->uid = again.uid;
  one->is_strangers = again.is_strangers;
  return compare (resolver, one, &holder, process);
}
