/* Packets that no socket of their port sent. A raw or a packet socket writes any source port, another program's too: of what it
 * sends the kernel tells nobody, or a sender without ports. Owner thread only. */
#include "resolver-private.h"

#include "bounds.h"
#include "packet-sockets.h"
#include "question-time.h"

#define HELPER_COMM "portlight-helpe" /* the kernel keeps 15 bytes */

/* Whether tracepoints told each sender of such packets when @one's was sent: none was lost since. */
static gboolean
is_all_told (PlResolver *resolver, const PlCase *one)
{
  gint64 lost_us;
  guint family = pl_addr_is_v4 (&one->question.key.addr[one->end]) ? 4 : 6;
  if (resolver->senders == NULL || resolver->helper == NULL
      || !pl_helper_link_tells_all (resolver->helper, family, &lost_us))
    return FALSE;
  gint64 since_us = MAX (lost_us, resolver->traced_since_us) + PL_SENDER_AGE_US;
  return pl_question_time_packet_us (&one->question) >= since_us;
}

/* The kernel looks no route up for what goes to several, nor again for a socket that is connected. */
static gboolean
asks_for_route (const PlCase *one)
{
  PlScope scope = pl_addr_scope (&one->question.key.addr[1 - one->end]);
  return one->question.key.proto == PL_PROTO_UDP && one->question.key.kind == PL_KIND_PORTS && !one->is_connected
         && scope != PL_SCOPE_MULTICAST && scope != PL_SCOPE_BROADCAST;
}

static gboolean
name_by_raw_sender (PlResolver *resolver, PlCase *one)
{
  PlSenderFound found;
  PlProcfs *procfs = resolver->is_flatpak ? NULL : resolver->procfs;
  if (resolver->senders == NULL
      || pl_sender_judge_raw (resolver->senders, procfs, resolver->own_network, one, &found) == PL_SENDER_NONE)
    return FALSE;
  PlProcess *process = pl_resolver_process_of_sender (resolver, &found);
  if (process == NULL)
    return FALSE;
  pl_process_unref (one->process);
  one->process = process;
  one->confidence = PL_CONFIDENCE_LIKELY;
  one->is_doubted = FALSE;
  return TRUE;
}

/* Nobody, or somebody by the socket alone. */
static gboolean
is_open (const PlCase *one)
{
  return one->is_local && !one->is_elsewhere && pl_case_is_caller (one) && one->question.key.kind == PL_KIND_PORTS
         && (one->is_doubted || (one->process == NULL && one->n_inodes == 0));
}

void
pl_resolver_doubt (PlResolver *resolver, PlCase *one)
{
  PlSenderFound found;
  if (one->process != NULL && pl_port_graves_has_other (resolver->graves, one))
    {
      g_clear_pointer (&one->process, pl_process_unref);
      one->confidence = PL_CONFIDENCE_UNKNOWN;
      pl_case_forget_user (one);
    }
  if (one->process != NULL && one->confidence > PL_CONFIDENCE_LIKELY
      && !pl_port_graves_can_tell (resolver->graves, one))
    one->confidence = PL_CONFIDENCE_LIKELY;
  /* Not the kernel's own sockets, which ask at other times. */
  gboolean is_program = one->process != NULL && (one->process->pid > 0 || one->process->comm != NULL);
  gboolean is_by_socket = is_program && one->n_inodes > 0 && !one->is_guess;
  if (is_by_socket && one->confidence >= PL_CONFIDENCE_LIKELY && asks_for_route (one))
    one->is_doubted = TRUE;
  if (is_open (one) && is_all_told (resolver, one)
      && pl_resolver_judge_sender (resolver, one, &found) == PL_SENDER_NONE)
    {
      one->confidence = MIN (one->confidence, PL_CONFIDENCE_LIKELY);
      name_by_raw_sender (resolver, one);
    }
  else
    one->is_doubted = FALSE;
}

void
pl_resolver_ask_without_sender (PlResolver *resolver, PlCase *one)
{
  if (!is_open (one) || !is_all_told (resolver, one) || name_by_raw_sender (resolver, one) || resolver->is_flatpak)
    return;
  one->needs_scan = pl_packet_sockets_find (resolver->proc_root, resolver->procfs, one);
  if (one->is_doubted && one->is_crowded)
    pl_resolver_settle_doubt (resolver, one);
}

/* Of the packet sockets of @one those that only listen: our own helper's. */
static void
forget_helpers (PlResolver *resolver, PlCase *one)
{
  PlHolder holder;
  for (guint i = 0; i < one->n_inodes; i++)
    {
      g_auto (PlProcFacts) facts = { 0 };
      if (pl_holders_get (resolver->holders, resolver->procfs, one->inodes[i], &holder)
          && pl_procfs_read_identity (resolver->procfs, holder.pid, &facts) && g_strcmp0 (facts.comm, HELPER_COMM) == 0)
        one->inodes[i--] = one->inodes[--one->n_inodes];
    }
}

/* With packet sockets about, it is theirs or the holder's. */
void
pl_resolver_settle_doubt (PlResolver *resolver, PlCase *one)
{
  if (!one->is_guess)
    pl_packet_sockets_find (resolver->proc_root, resolver->procfs, one);
  forget_helpers (resolver, one);
  one->needs_scan = FALSE;
  if (one->n_inodes == 0)
    return;
  g_clear_pointer (&one->process, pl_process_unref);
  one->confidence = PL_CONFIDENCE_UNKNOWN;
  pl_case_forget_user (one);
}

gboolean
pl_resolver_weigh_packet_sockets (PlResolver *resolver, PlCase *one)
{
  if (!one->is_guess || one->question.key.kind != PL_KIND_PORTS)
    return FALSE;
  if (pl_resolver_ask_sender (resolver, one)) /* told meanwhile, by a busy helper */
    one->needs_scan = FALSE;
  else if (one->is_doubted)
    pl_resolver_settle_doubt (resolver, one);
  else
    {
      forget_helpers (resolver, one);
      return FALSE;
    }
  return TRUE;
}
