/* Who sent what, as the kernel's tracepoints told. Sets of a few places each, found by a hash over all but the local address,
 * which the kernel may not have chosen yet when it looks a route up. */
#include "senders.h"

#include <netinet/in.h>
#include <string.h>

#include "bounds.h"

#define WAYS \
  8 /* places of one set: as many processes may send from one port to one end before the oldest is forgotten */
#define DESCRIBED_LASTS_NS 50000 /* nobody sends, is moved, and sends again in that time */
#define N_SETS (PL_LIMIT_SENDERS / WAYS)
#define N_BEGUN 4096 /* by the low bits of their pid */

typedef struct
{
  guint64 time_ns; /* 0: free */
  gint32 pid;
  guint16 local_port, remote_port; /* local port 0: early */
  PlAddr local, remote; /* local unspecified: not chosen yet */
  guint8 protocol;
} Place;

typedef struct
{
  gint32 pid;
  guint64 time_ns;
} Begun;

struct _PlSenders
{
  Place sets[N_SETS][WAYS]; /* in the order of their first use, so that few senders are on few pages */
  guint n_sets;
  guint16 used[N_SETS]; /* by hash: which of them, from 1 on; 0 none yet */
  Begun begun[N_BEGUN]; /* of those that the helper told of */
  GHashTable *processes; /* pid → PlSenderProcess */
  gint32 described_pid; /* whose next record is what it was described for; 0 none */
  guint64 n_added;
  PlSenderChange changes[PL_LIMIT_PORT_REUSES];
  guint n_changes;
  guint64 n_changes_lost;
};

static void
process_free (gpointer data)
{
  PlSenderProcess *process = data;
  pl_proc_facts_clear (&process->facts);
  g_free (process);
}

PlSenders *
pl_senders_new (void)
{
  PlSenders *senders = g_new0 (PlSenders, 1);
  senders->processes = g_hash_table_new_full (NULL, NULL, NULL, process_free);
  return senders;
}

void
pl_senders_free (PlSenders *senders)
{
  if (senders == NULL)
    return;
  g_hash_table_unref (senders->processes);
  g_free (senders);
}

/* Where the number of their set is. Not keyed: who could aim at one set makes his own flows forgotten sooner, which leaves
 * them to the other ways. */
static guint16 *
used_at (PlSenders *senders, const PlAddr *remote, guint16 local_port, guint16 remote_port, guint8 protocol)
{
  guint64 value = 0xcbf29ce484222325ull ^ ((guint64)local_port << 32 | (guint64)remote_port << 16 | protocol);
  for (gsize i = 0; i < sizeof *remote; i++)
    value = (value ^ ((const guint8 *)remote)[i]) * 0x100000001b3ull; /* FNV-1a */
  return &senders->used[(value ^ value >> 32) % N_SETS];
}

static PlAddr
addr_from (const guint8 *bytes, guint8 family)
{
  return family == 4 ? pl_addr_from_v4 (bytes) : pl_addr_from_v6 (bytes);
}

/* Another process sends from where one sent before. Where the address is not chosen yet, it is not known whether. */
static void
note_change (PlSenders *senders, const Place *set, const Place *now)
{
  const Place *before = NULL;
  for (guint i = 0; i < WAYS; i++)
    if (set[i].time_ns != 0 && set[i].local_port == now->local_port && set[i].remote_port == now->remote_port
        && set[i].protocol == now->protocol && pl_addr_equal (&set[i].remote, &now->remote)
        && (pl_addr_is_zero (&set[i].local) || pl_addr_is_zero (&now->local)
            || pl_addr_equal (&set[i].local, &now->local))
        && (before == NULL || set[i].time_ns > before->time_ns))
      before = &set[i];
  if (before == NULL || before->pid == now->pid)
    return;
  const PlAddr *local = pl_addr_is_zero (&now->local) ? &before->local : &now->local;
  if (pl_addr_is_zero (local))
    return;
  if (senders->n_changes == PL_LIMIT_PORT_REUSES)
    {
      senders->n_changes_lost++;
      return;
    }
  PlSenderChange *change = &senders->changes[senders->n_changes];
  *change = (PlSenderChange){ .before_pid = before->pid, .pid = now->pid, .time_ns = now->time_ns };
  change->end = pl_flow_key_from_ends (now->protocol, PL_KIND_PORTS, local, now->local_port, &now->remote,
                                       now->remote_port, 0, &change->key);
  senders->n_changes++;
}

gboolean
pl_senders_next_change (PlSenders *senders, PlSenderChange *change)
{
  if (senders->n_changes == 0)
    return FALSE;
  *change = senders->changes[--senders->n_changes];
  return TRUE;
}

guint64
pl_senders_get_n_changes_lost (PlSenders *senders)
{
  return senders->n_changes_lost;
}

void
pl_senders_add (PlSenders *senders, const PlTraceSender *sender)
{
  Place place = { .time_ns = MAX (sender->time_ns, 1),
                  .pid = (gint32)sender->pid,
                  .local_port = sender->local_port,
                  .remote_port = sender->remote_port,
                  .local = addr_from (sender->local, sender->family),
                  .remote = addr_from (sender->remote, sender->family),
                  .protocol = sender->protocol };
  guint16 *used = used_at (senders, &place.remote, place.local_port, place.remote_port, place.protocol);
  if (*used == 0)
    *used = (guint16)++senders->n_sets;
  Place *set = senders->sets[*used - 1], *oldest = set;
  for (guint i = 0; i < WAYS; i++)
    if (set[i].time_ns < oldest->time_ns)
      oldest = &set[i];
  if (sender->protocol == PL_PROTO_UDP && sender->local_port != 0)
    note_change (senders, set, &place);
  *oldest = place;
  senders->n_added++;
  pl_senders_note_sample (senders, place.pid, place.time_ns);
}

void
pl_senders_note_sample (PlSenders *senders, gint32 pid, guint64 time_ns)
{
  if (pid == 0 || pid != senders->described_pid) /* 0: the kernel's own */
    return;
  PlSenderProcess *process = g_hash_table_lookup (senders->processes, GINT_TO_POINTER (pid));
  process->sent_ns = time_ns;
  senders->described_pid = 0;
}

void
pl_senders_describe (PlSenders *senders, gint32 pid, PlSenderProcess *process)
{
  senders->described_pid = 0;
  /* Only a cache: the helper tells of a process again after an exec, and what is missing is read from /proc. */
  if (g_hash_table_size (senders->processes) >= PL_LIMIT_SENDER_PROCESSES)
    g_hash_table_remove_all (senders->processes);
  if (process->facts.start_time == 0)
    pl_proc_facts_clear (&process->facts);
  process->sent_ns = 0;
  senders->described_pid = pid;
  g_hash_table_replace (senders->processes, GINT_TO_POINTER (pid), g_memdup2 (process, sizeof *process));
  memset (&process->facts, 0, sizeof process->facts);
}

/* They come in no order. */
void
pl_senders_note_beginning (PlSenders *senders, gint32 pid, guint64 time_ns)
{
  Begun *begun = &senders->begun[(guint32)pid % N_BEGUN];
  if (begun->pid != pid || begun->time_ns < time_ns)
    *begun = (Begun){ pid, time_ns };
}

static gboolean
has_begun_since (PlSenders *senders, gint32 pid, guint64 time_ns)
{
  const Begun *begun = &senders->begun[(guint32)pid % N_BEGUN];
  return begun->pid == pid && begun->time_ns > time_ns;
}

static const PlSenderProcess *
get_described (PlSenders *senders, gint32 pid)
{
  return g_hash_table_lookup (senders->processes, GINT_TO_POINTER (pid));
}

gboolean
pl_senders_has_ended (PlSenders *senders, gint32 pid, guint64 time_ns)
{
  const PlSenderProcess *process = get_described (senders, pid);
  return has_begun_since (senders, pid, time_ns)
         || (process != NULL && process->facts.pid == 0 && time_ns <= process->sent_ns);
}

/* What was described for a packet from before the number began anew may be either of the two. */
const PlSenderProcess *
pl_senders_get_process (PlSenders *senders, gint32 pid)
{
  const PlSenderProcess *process = get_described (senders, pid);
  return process != NULL && process->facts.pid != 0 && !has_begun_since (senders, pid, process->sent_ns) ? process
                                                                                                         : NULL;
}

gboolean
pl_sender_process_is_of (const PlSenderProcess *process, guint64 time_ns)
{
  return process->sent_ns != 0 && time_ns < process->sent_ns + DESCRIBED_LASTS_NS;
}

static void
note (PlSender *found, guint *n, guint max, const Place *place)
{
  guint at = 0;
  while (at < *n && found[at].pid != place->pid)
    at++;
  if (at == *n && *n < max)
    found[(*n)++] = (PlSender){ place->pid, 0, place->local_port == 0 };
  if (at < *n)
    found[at].time_ns = MAX (found[at].time_ns, place->time_ns);
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  guint64 time_a = ((const PlSender *)a)->time_ns, time_b = ((const PlSender *)b)->time_ns;
  return (time_a < time_b) - (time_a > time_b);
}

/* What is looked for: a sender as it would have been told, between the two times. */
typedef struct
{
  const PlAddr *local, *remote;
  guint16 local_port, remote_port;
  guint8 protocol;
  guint64 from_ns, to_ns;
} Wanted;

/* Adds to the @n that were @found. */
static guint
find_wanted (PlSenders *senders, const Wanted *wanted, PlSender *found, guint n, guint max)
{
  guint16 used = *used_at (senders, wanted->remote, wanted->local_port, wanted->remote_port, wanted->protocol);
  const Place *set = used != 0 ? senders->sets[used - 1] : NULL;
  for (guint i = 0; set != NULL && i < WAYS; i++)
    if (set[i].time_ns != 0 && set[i].time_ns >= wanted->from_ns && set[i].time_ns <= wanted->to_ns
        && set[i].local_port == wanted->local_port && set[i].remote_port == wanted->remote_port
        && set[i].protocol == wanted->protocol && pl_addr_equal (&set[i].remote, wanted->remote)
        && (pl_addr_is_zero (&set[i].local) || pl_addr_equal (&set[i].local, wanted->local)))
      note (found, &n, max, &set[i]);
  qsort (found, n, sizeof *found, compare_newest_first);
  return n;
}

guint
pl_senders_find (
    PlSenders *senders, const PlFlowKey *key, int end, guint64 from_ns, guint64 to_ns, PlSender *found, guint max)
{
  Wanted wanted = {
    &key->addr[end], &key->addr[1 - end], key->port[end], key->port[1 - end], key->proto, from_ns, to_ns
  };
  guint n = find_wanted (senders, &wanted, found, 0, max);
  wanted.local_port = 0;
  if (n == 0 && key->proto == PL_PROTO_TCP && !pl_addr_is_v4 (&key->addr[end]))
    n = find_wanted (senders, &wanted, found, 0, max);
  return n;
}

guint
pl_senders_find_raw (
    PlSenders *senders, const PlFlowKey *key, int end, guint64 from_ns, guint64 to_ns, PlSender *found, guint max)
{
  Wanted wanted = { &key->addr[end], &key->addr[1 - end], 0, 0, IPPROTO_RAW, from_ns, to_ns };
  guint n = find_wanted (senders, &wanted, found, 0, max);
  wanted.protocol = PL_PROTO_UDP;
  return key->proto == PL_PROTO_UDP ? find_wanted (senders, &wanted, found, n, max) : n;
}

guint64
pl_senders_get_n_added (PlSenders *senders)
{
  return senders->n_added;
}
