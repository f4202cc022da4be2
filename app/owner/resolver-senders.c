/* By the sender that the kernel's tracepoints told. Owner thread only. */
#include "resolver-private.h"

#include "question-time.h"

#define KTHREADD_PID 2 /* parent of every kernel thread */
#define CONNECTED_US 100 /* µs: fork(2) and a send take longer */
#define CONNECTED_GONE_US 1000 /* the same, and both closed it, or who connected it holds it, and no child does */

PlSenderVerdict
pl_resolver_judge_sender (PlResolver *resolver, const PlCase *one, PlSenderFound *found)
{
  guint8 proto = one->question.key.proto;
  if (resolver->senders == NULL || pl_case_is_called (one) || one->question.key.kind != PL_KIND_PORTS
      || (proto != PL_PROTO_TCP && proto != PL_PROTO_UDP))
    return PL_SENDER_NONE;
  return pl_sender_judge (resolver->senders, resolver->is_flatpak ? NULL : resolver->procfs, resolver->own_network, one,
                          found);
}

gboolean
pl_resolver_knows_sender (PlResolver *resolver, const PlCase *one)
{
  PlSenderFound found;
  return pl_resolver_judge_sender (resolver, one, &found) > PL_SENDER_HINT;
}

/* Whether @told, from when it began to send or first sent after an exec, will do: then /proc, which shows what became of it
 * meanwhile, is left alone. After a loss an exec may have been among what was lost. */
static gboolean
is_told_well (PlResolver *resolver, const PlProcFacts *told)
{
  return !resolver->is_flatpak && resolver->helper != NULL && pl_helper_link_get_n_lost (resolver->helper) == 0
         && pl_names_is_enough (resolver->names, told);
}

/* A session's manager may have put it into another cgroup since, which names it otherwise. */
static gboolean
has_moved (PlResolver *resolver, const PlProcFacts *told)
{
  return pl_processes_has_moved (resolver->processes, told->pid, told->cgroup);
}

/* Whether @process, which /proc has now, is who was @told of: a number that began anew within the same 10 ms is told by its program
 * alone. */
static gboolean
is_still (PlResolver *resolver, const PlProcess *process, const PlProcFacts *told)
{
  g_auto (PlProcFacts) now = { 0 };
  return process->start_time == told->start_time
         && (told->exec_mark == 0 || !pl_procfs_recall_identity (resolver->procfs, told->pid, &now)
             || now.exec_mark == 0 || now.exec_mark == told->exec_mark);
}

PlProcess *
pl_resolver_process_of_sender (PlResolver *resolver, const PlSenderFound *found)
{
  const PlProcFacts *told = found->process != NULL ? &found->process->facts : NULL;
  if (found->is_gone)
    return NULL;
  if (told != NULL && told->parent_pid == KTHREADD_PID)
    return pl_names_kernel (resolver->names);
  if (told != NULL && is_told_well (resolver, told)
      && (pl_sender_process_is_of (found->process, found->time_ns) || !has_moved (resolver, told)))
    return pl_processes_get_told (resolver->processes, told, TRUE);
  PlProcess *process = resolver->is_flatpak ? NULL : pl_processes_get (resolver->processes, found->pid);
  gboolean is_same = process != NULL && (told == NULL || is_still (resolver, process, told));
  if (is_same && (process->exe != NULL || told == NULL || told->exe == NULL))
    return process;
  pl_process_unref (process);
  return told != NULL ? pl_processes_get_told (resolver->processes, told, FALSE) : NULL;
}

PlProcess *
pl_resolver_get_process (PlResolver *resolver, gint32 pid)
{
  g_auto (PlProcFacts) now = { 0 };
  const PlSenderProcess *sender = resolver->senders != NULL ? pl_senders_get_process (resolver->senders, pid) : NULL;
  const PlProcFacts *told = sender != NULL ? &sender->facts : NULL;
  if (told != NULL && pl_procfs_recall_identity (resolver->procfs, pid, &now) && now.start_time == told->start_time
      && now.exec_mark == told->exec_mark && g_strcmp0 (now.comm, told->comm) == 0 && is_told_well (resolver, told)
      && !has_moved (resolver, told))
    return pl_processes_get_told (resolver->processes, told, TRUE);
  return pl_processes_get (resolver->processes, pid);
}

/* A socket of datagrams that is connected asks for its way as it is connected, and not again: whoever has it by then may have sent
 * (fork(2)). Who connected it a moment before the packet did. */
static PlSenderVerdict
weigh_connected (PlCase *one, const PlSenderFound *found, PlSenderVerdict verdict)
{
  gint64 waited_us = pl_question_time_packet_us (&one->question) - (gint64)(found->time_ns / 1000);
  if (one->question.key.proto != PL_PROTO_UDP || verdict < PL_SENDER_LIKELY)
    return verdict;
  one->is_just_connected = one->is_connected && waited_us <= CONNECTED_GONE_US;
  if (one->n_inodes > 0 && !one->is_gone)
    return one->is_connected && waited_us > CONNECTED_US ? PL_SENDER_HINT : verdict;
  return waited_us > CONNECTED_GONE_US ? PL_SENDER_LIKELY : verdict;
}

gboolean
pl_resolver_name_by_sender (PlResolver *resolver, PlCase *one, PlSenderVerdict at_least)
{
  PlSenderFound found;
  PlSenderVerdict verdict = pl_resolver_judge_sender (resolver, one, &found);
  if (verdict == PL_SENDER_NONE)
    return FALSE;
  PlSenderVerdict weighed = weigh_connected (one, &found, verdict);
  gboolean is_open = weighed != verdict;
  verdict = weighed;
  one->hint_pid = found.pid;
  if (verdict < at_least)
    return FALSE;
  PlProcess *process = pl_resolver_process_of_sender (resolver, &found);
  if (process == NULL || pl_resolver_has_begun_since (resolver, process, &one->question))
    {
      pl_process_unref (process);
      return FALSE;
    }
  pl_process_unref (one->process);
  one->process = process;
  one->is_listener = FALSE;
  if (is_open) /* any of its children may have sent */
    {
      one->process = pl_process_app_of (process);
      pl_process_unref (process);
    }
  one->confidence = verdict == PL_SENDER_EXACT ? PL_CONFIDENCE_EXACT : PL_CONFIDENCE_LIKELY;
  return TRUE;
}

/* A connected socket of datagrams whose holder nobody met may have been closed just then. */
void
pl_resolver_check_connected (PlResolver *resolver, PlCase *one)
{
  PlCase again = { .question = one->question, .end = one->end };
  if (one->is_gone || !one->is_connected || resolver->senders == NULL || one->n_inodes != 1)
    return;
  pl_socket_finder_find (resolver->finder, &again);
  one->is_gone = again.n_inodes == 0 || again.inodes[0] != one->inodes[0];
}

gboolean
pl_resolver_ask_sender (PlResolver *resolver, PlCase *one)
{
  return pl_resolver_name_by_sender (resolver, one, PL_SENDER_EXACT);
}
