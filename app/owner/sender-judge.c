/* Which of the senders that tracepoints told sent a question's packet. The kernel looks a route up in the sender's own
 * context and before the packet can be seen, so it is the last one before the packet, in our own network namespace: the
 * events of all namespaces come together, and 10.0.2.15 or loopback may be in each of them. */
#include "sender-judge.h"

#include "bounds.h"
#include "question-time.h"

#define MAX_SENDERS 4
#define CLOCKS_NS 100000 /* two clocks are compared: so much later than its packet may a sender seem to be */
#define RAW_NS 5000000 /* so long before its packet a raw socket's sender looked up its way */
#define CLOSE_NS 1000000 /* two senders so close to the packet could be taken for each other */

static PlSenderFound
found_from (PlSenders *senders, const PlSender *told)
{
  gboolean is_gone = pl_senders_has_ended (senders, told->pid, told->time_ns);
  return (PlSenderFound){ .pid = told->pid,
                          .time_ns = told->time_ns,
                          .process = is_gone ? NULL : pl_senders_get_process (senders, told->pid),
                          .is_gone = is_gone,
                          .is_early = told->is_early };
}

/* Of a process that was gone before the helper could look at it nobody knows: 0. */
static guint32
network_of (const PlSenderFound *found, PlProcfs *procfs)
{
  if (found->process != NULL && found->process->facts.network != 0)
    return found->process->facts.network;
  return procfs != NULL && !found->is_gone ? pl_procfs_get_network (procfs, found->pid) : 0;
}

static PlSenderVerdict
judge_network (PlProcfs *procfs, guint32 own_network, const PlCase *one, PlSenderFound *found)
{
  guint32 network = network_of (found, procfs);
  if (network == own_network && network != 0)
    return PL_SENDER_EXACT;
  if (network == 0)
    return PL_SENDER_LIKELY;
  /* Its packet came by here, on a bridge or a veth; with a socket of our own at the same addresses it was another. */
  found->is_elsewhere = TRUE;
  return (one->n_inodes == 0 || one->is_elsewhere) && !one->is_local ? PL_SENDER_EXACT : PL_SENDER_HINT;
}

/* Whether what the kernel says of the socket, if it is there still, fits the process. */
static gboolean
agrees (const PlCase *one, const PlSenderFound *found)
{
  if (!one->is_local || found->process == NULL)
    return FALSE;
  return one->n_inodes == 0 || one->uid == PL_UNKNOWN_U32 || one->uid == found->process->facts.uid;
}

/* The times between which who sent @one's packet was told. */
static void
get_times (const PlCase *one, guint64 *from_ns, guint64 *to_ns)
{
  guint64 seen_ns = (guint64)pl_question_time_packet_us (&one->question) * 1000;
  *from_ns = seen_ns - MIN (seen_ns, PL_SENDER_AGE_US * 1000ull);
  *to_ns = seen_ns + CLOCKS_NS;
}

PlSenderVerdict
pl_sender_judge_raw (PlSenders *senders, PlProcfs *procfs, guint32 own_network, const PlCase *one, PlSenderFound *found)
{
  PlSender told[MAX_SENDERS];
  guint64 from_ns, to_ns;
  guint n_ours = 0;
  get_times (one, &from_ns, &to_ns);
  from_ns = to_ns - MIN (to_ns, RAW_NS);
  guint n = pl_senders_find_raw (senders, &one->question.key, one->end, from_ns, to_ns, told, MAX_SENDERS);
  for (guint i = 0; i < n; i++)
    {
      PlSenderFound other = found_from (senders, &told[i]);
      guint32 network = network_of (&other, procfs);
      if (network != own_network && network != 0)
        continue;
      *found = other;
      found->time_ns = 0;
      n_ours++;
    }
  return n_ours == 1 && n < MAX_SENDERS && one->is_local ? PL_SENDER_LIKELY : PL_SENDER_NONE;
}

PlSenderVerdict
pl_sender_judge (PlSenders *senders, PlProcfs *procfs, guint32 own_network, const PlCase *one, PlSenderFound *found)
{
  PlSender told[MAX_SENDERS];
  guint64 from_ns, to_ns;
  PlSenderVerdict best = PL_SENDER_NONE;
  guint64 best_ns = 0;
  guint n_others = 0; /* that may have sent it too */
  get_times (one, &from_ns, &to_ns);
  guint n = pl_senders_find (senders, &one->question.key, one->end, from_ns, to_ns, told, MAX_SENDERS);
  for (guint i = 0; i < n; i++) /* the newest first */
    {
      PlSenderFound other = found_from (senders, &told[i]);
      PlSenderVerdict verdict = judge_network (procfs, own_network, one, &other);
      if (told[i].is_early)
        verdict = MIN (verdict, PL_SENDER_HINT);
      n_others += verdict >= PL_SENDER_LIKELY && best != PL_SENDER_NONE;
      if (verdict == PL_SENDER_EXACT && best == PL_SENDER_EXACT && best_ns - told[i].time_ns < CLOSE_NS)
        return PL_SENDER_HINT; /* only the socket can tell */
      if (verdict <= best)
        continue;
      /* A later one of a namespace that nobody knows: either may have sent it, so that only its socket can tell. */
      if (best == PL_SENDER_LIKELY)
        {
          *found = other;
          return PL_SENDER_HINT;
        }
      *found = other;
      best = verdict;
      best_ns = told[i].time_ns;
    }
  /* It ended before anybody could look, but nobody else sent there from this port: whoever else did had been told too. */
  if (best == PL_SENDER_LIKELY && n_others == 0 && agrees (one, found))
    best = PL_SENDER_EXACT;
  return best;
}
