/* Which end of a flow is this machine's. Capture thread only; no allocation after creation.
 *
 * The election of the address that takes part in most flows counts with the summary of Misra and Gries (1982): at most
 * PL_LIMIT_LOCAL_CANDIDATES counters; an address without one takes a free one, or else all are lowered by one, which
 * each time cancels as many earlier votes, so that a vote costs O(1) amortised. With no more addresses than counters the
 * result is exact; beyond that an address with more than 1/65 of all votes is still found. One address is elected per
 * kind (IPv4, IPv6 link-local, other IPv6), since a machine has one of each; a tie elects nobody. */
#include "local-end.h"
#include "bounds.h"
#include <string.h>

enum
{
  KIND_V4,
  KIND_V6_LINK,
  KIND_V6,
  N_KINDS,
};

/* Of this many flows all are asked, beyond them a sample: by then it changes little and would cost a tenth of a flood. */
#define ALL_VOTE 65536
#define SAMPLE 8

/* Twice the candidates, so that probing stays short. */
#define N_BUCKETS (2 * PL_LIMIT_LOCAL_CANDIDATES)
G_STATIC_ASSERT ((N_BUCKETS & (N_BUCKETS - 1)) == 0);

typedef struct
{
  PlAddr addr;
  guint64 votes; /* 0: free */
} Candidate;

struct _PlLocalEnd
{
  gboolean is_live;
  guint n_prefixes, n_own, n_candidates;
  PlPrefix prefixes[PL_LIMIT_LOCAL_PREFIXES];
  PlAddr own[PL_LIMIT_LOCAL_PREFIXES]; /* sorted */
  Candidate candidates[N_BUCKETS]; /* open addressing, linear probing */
  guint64 n_noted, n_noted_at_election;
  PlAddr elected[N_KINDS];
  gboolean has_elected[N_KINDS];
};

/**
 * pl_local_end_new:
 * @is_live: whether this machine's own addresses decide
 * @prefixes: (array length=n_prefixes): addresses and networks the person called local; copied
 *
 * Returns: (transfer full): the judge of local ends
 */
PlLocalEnd *
pl_local_end_new (gboolean is_live, const PlPrefix *prefixes, guint n_prefixes)
{
  PlLocalEnd *self = g_new0 (PlLocalEnd, 1);

  self->is_live = is_live;
  self->n_prefixes = MIN (n_prefixes, PL_LIMIT_LOCAL_PREFIXES);
  if (self->n_prefixes > 0)
    memcpy (self->prefixes, prefixes, self->n_prefixes * sizeof *prefixes);
  return self;
}

void
pl_local_end_free (PlLocalEnd *self)
{
  g_free (self);
}

static int
compare_addrs (const void *a, const void *b)
{
  return pl_addr_compare (a, b);
}

static gboolean
is_own (const PlLocalEnd *self, const PlAddr *addr)
{
  return bsearch (addr, self->own, self->n_own, sizeof *addr, compare_addrs) != NULL;
}

gboolean
pl_local_end_set_own (PlLocalEnd *self, const PlAddr *addrs, guint n_addrs)
{
  gboolean has_new = FALSE;

  n_addrs = MIN (n_addrs, PL_LIMIT_LOCAL_PREFIXES);
  for (guint i = 0; i < n_addrs && !has_new; i++)
    has_new = !is_own (self, &addrs[i]);
  self->n_own = n_addrs;
  if (n_addrs > 0)
    memcpy (self->own, addrs, n_addrs * sizeof *addrs);
  qsort (self->own, n_addrs, sizeof *self->own, compare_addrs);
  return has_new;
}

/* ---- election ---- */

static gboolean
can_be_local (const PlAddr *addr)
{
  PlScope scope = pl_addr_scope (addr);

  return scope != PL_SCOPE_UNSPECIFIED && scope != PL_SCOPE_MULTICAST && scope != PL_SCOPE_BROADCAST;
}

static guint
bucket_of (const PlAddr *addr)
{
  guint64 halves[2];

  memcpy (halves, addr, sizeof halves);
  return (guint)(((halves[0] ^ (halves[1] >> 7)) + halves[1]) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 32)
         & (N_BUCKETS - 1);
}

static Candidate *
find_candidate (PlLocalEnd *self, const PlAddr *addr)
{
  guint bucket = bucket_of (addr);

  while (self->candidates[bucket].votes > 0 && !pl_addr_equal (&self->candidates[bucket].addr, addr))
    bucket = (bucket + 1) & (N_BUCKETS - 1);
  return &self->candidates[bucket];
}

/* Takes one vote from every candidate; those left without any make room. */
static void
lower_all (PlLocalEnd *self)
{
  Candidate old[N_BUCKETS];

  memcpy (old, self->candidates, sizeof old);
  memset (self->candidates, 0, sizeof self->candidates);
  self->n_candidates = 0;
  for (guint i = 0; i < N_BUCKETS; i++)
    if (old[i].votes > 1)
      {
        Candidate *candidate = find_candidate (self, &old[i].addr);

        candidate->addr = old[i].addr;
        candidate->votes = old[i].votes - 1;
        self->n_candidates++;
      }
}

static void
vote (PlLocalEnd *self, const PlAddr *addr)
{
  Candidate *candidate;

  if (!can_be_local (addr))
    return;
  candidate = find_candidate (self, addr);
  if (candidate->votes == 0)
    {
      if (self->n_candidates == PL_LIMIT_LOCAL_CANDIDATES)
        {
          lower_all (self);
          return;
        }
      candidate->addr = *addr;
      self->n_candidates++;
    }
  candidate->votes++;
}

void
pl_local_end_note (PlLocalEnd *self, const PlFlowKey *key)
{
  if (self->is_live || self->n_prefixes > 0)
    return;
  self->n_noted++;
  if (self->n_noted > ALL_VOTE && self->n_noted % SAMPLE != 0)
    return;
  vote (self, &key->addr[PL_END_A]);
  if (!pl_addr_equal (&key->addr[PL_END_A], &key->addr[PL_END_B]))
    vote (self, &key->addr[PL_END_B]);
}

static int
kind_of (const PlAddr *addr)
{
  if (pl_addr_is_v4 (addr))
    return KIND_V4;
  return pl_addr_scope (addr) == PL_SCOPE_LINK ? KIND_V6_LINK : KIND_V6;
}

gboolean
pl_local_end_elect (PlLocalEnd *self, gboolean is_final)
{
  guint64 most[N_KINDS] = { 0 };
  PlAddr elected[N_KINDS] = { 0 };
  gboolean has_elected[N_KINDS] = { FALSE };
  gboolean changed = FALSE;

  if (self->n_noted == self->n_noted_at_election)
    return FALSE;
  if (!is_final && self->n_noted < self->n_noted_at_election + self->n_noted_at_election / 4)
    return FALSE;
  self->n_noted_at_election = self->n_noted;
  for (guint i = 0; i < N_BUCKETS; i++)
    {
      const Candidate *candidate = &self->candidates[i];
      int kind = kind_of (&candidate->addr);

      if (candidate->votes == 0 || candidate->votes < most[kind])
        continue;
      has_elected[kind] = candidate->votes > most[kind];
      most[kind] = candidate->votes;
      elected[kind] = candidate->addr;
    }
  for (int kind = 0; kind < N_KINDS; kind++)
    {
      changed |= has_elected[kind] != self->has_elected[kind]
                 || (has_elected[kind] && !pl_addr_equal (&elected[kind], &self->elected[kind]));
      self->has_elected[kind] = has_elected[kind];
      self->elected[kind] = elected[kind];
    }
  return changed;
}

/* ---- decision ---- */

/* Named by the person, owned by this machine, or loopback, which is local wherever it was captured. */
static gboolean
is_named_or_own (const PlLocalEnd *self, const PlAddr *addr)
{
  for (guint i = 0; i < self->n_prefixes; i++)
    if (pl_prefix_contains (&self->prefixes[i], addr))
      return TRUE;
  return pl_addr_scope (addr) == PL_SCOPE_LOOPBACK || (self->is_live && is_own (self, addr));
}

static gboolean
is_elected (const PlLocalEnd *self, const PlAddr *addr)
{
  int kind = kind_of (addr);

  return self->has_elected[kind] && pl_addr_equal (addr, &self->elected[kind]);
}

/* The local end when @is_local says so of one or both; PL_END_UNKNOWN when of neither. */
static int
choose (const PlFlow *flow, const gboolean is_local[2])
{
  if (is_local[PL_END_A] && is_local[PL_END_B])
    return flow->initiator_end == PL_END_UNKNOWN ? PL_END_A : flow->initiator_end;
  if (is_local[PL_END_A] || is_local[PL_END_B])
    return is_local[PL_END_A] ? PL_END_A : PL_END_B;
  return PL_END_UNKNOWN;
}

/* By what the link layer noted. Live, "out" includes what this machine only forwards and "in" what it will forward, so
 * that there it is asked only about what was sent to a group, to which the machine listens without owning the address. */
static int
choose_by_direction (const PlLocalEnd *self, const PlFlow *flow, int sender, PlDirection direction)
{
  const PlAddr *receiver = &flow->key.addr[!sender];

  if (self->is_live && can_be_local (receiver))
    return PL_END_UNKNOWN;
  if (direction == PL_DIRECTION_OUT)
    return sender;
  return direction == PL_DIRECTION_IN ? !sender : PL_END_UNKNOWN;
}

gboolean
pl_local_end_decide (PlLocalEnd *self, PlFlow *flow, int sender, PlDirection direction)
{
  gboolean is_local[2], is_settled;
  int end;

  for (int i = 0; i < 2; i++)
    is_local[i] = is_named_or_own (self, &flow->key.addr[i]);
  end = choose (flow, is_local);
  if (end == PL_END_UNKNOWN && self->n_prefixes == 0)
    end = choose_by_direction (self, flow, sender, direction);
  is_settled = end != PL_END_UNKNOWN || (self->n_prefixes > 0 && !self->is_live);
  if (!is_settled && !self->is_live)
    {
      for (int i = 0; i < 2; i++)
        is_local[i] = is_elected (self, &flow->key.addr[i]);
      end = choose (flow, is_local);
    }
  if (end == PL_END_UNKNOWN)
    {
      flow->local_end = flow->initiator_end;
      flow->flags |= PL_FLOW_LOCAL_GUESSED;
    }
  else
    {
      flow->local_end = end;
      flow->flags &= ~PL_FLOW_LOCAL_GUESSED;
    }
  return is_settled;
}
