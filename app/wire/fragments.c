/* The table of first fragments. Capture thread; allocates once, when it is made.
 *
 * Theory of operation: slots are a ring in order of arrival, so that the oldest is always the next to be overwritten;
 * buckets chain slots by index. Nothing is ever searched but one bucket, which a keyed hash keeps short. */
#include "fragments.h"

#include "bounds.h"
#include "siphash.h"

#include <stdlib.h>
#include <string.h>

#define N_BUCKETS PL_LIMIT_FRAGMENTS
#define NO_SLOT UINT16_MAX

_Static_assert(PL_LIMIT_FRAGMENTS < NO_SLOT, "slots are counted in 16 bits");
_Static_assert(sizeof (PlFragmentKey) == 40, "the key is hashed as bytes");

typedef struct
{
  PlFragmentKey key;
  PlFragmentFacts facts;
  uint64_t time_us;
  uint16_t bucket; /* the bucket it is chained in, or NO_SLOT when the slot is empty */
  uint16_t next; /* in the chain */
} Slot;

struct _PlFragments
{
  uint64_t secret[2];
  uint16_t next_slot; /* the oldest */
  uint16_t buckets[N_BUCKETS];
  Slot slots[PL_LIMIT_FRAGMENTS];
};

PlFragments *
pl_fragments_new (void)
{
  PlFragments *fragments = calloc (1, sizeof *fragments);

  if (fragments == NULL)
    return NULL;
  pl_siphash_secret (fragments->secret);
  for (size_t i = 0; i < N_BUCKETS; i++)
    fragments->buckets[i] = NO_SLOT;
  for (size_t i = 0; i < PL_LIMIT_FRAGMENTS; i++)
    fragments->slots[i].bucket = NO_SLOT;
  return fragments;
}

void
pl_fragments_free (PlFragments *fragments)
{
  free (fragments);
}

static uint16_t
bucket_of (const PlFragments *fragments, const PlFragmentKey *key)
{
  return (uint16_t)(pl_siphash13 (key, sizeof *key, fragments->secret) % N_BUCKETS);
}

static uint16_t
find_slot (const PlFragments *fragments, uint16_t bucket, const PlFragmentKey *key)
{
  uint16_t i = fragments->buckets[bucket];

  while (i != NO_SLOT && memcmp (&fragments->slots[i].key, key, sizeof *key) != 0)
    i = fragments->slots[i].next;
  return i;
}

static void
empty_slot (PlFragments *fragments, uint16_t index)
{
  Slot *slot = &fragments->slots[index];
  uint16_t *link;

  if (slot->bucket == NO_SLOT)
    return;
  link = &fragments->buckets[slot->bucket];
  while (*link != index)
    link = &fragments->slots[*link].next;
  *link = slot->next;
  slot->bucket = NO_SLOT;
}

void
pl_fragments_remember (PlFragments *fragments, const PlFragmentKey *key, const PlFragmentFacts *facts, uint64_t time_us)
{
  uint16_t bucket = bucket_of (fragments, key);
  uint16_t index = find_slot (fragments, bucket, key);
  Slot *slot;

  if (index != NO_SLOT) /* so that one datagram sent again and again can't lengthen its chain */
    empty_slot (fragments, index);
  index = fragments->next_slot;
  fragments->next_slot = (uint16_t)((index + 1) % PL_LIMIT_FRAGMENTS);
  empty_slot (fragments, index);

  slot = &fragments->slots[index];
  slot->key = *key;
  slot->facts = *facts;
  slot->time_us = time_us;
  slot->bucket = bucket;
  slot->next = fragments->buckets[bucket];
  fragments->buckets[bucket] = index;
}

const PlFragmentFacts *
pl_fragments_find (const PlFragments *fragments, const PlFragmentKey *key, uint64_t time_us)
{
  uint16_t index = find_slot (fragments, bucket_of (fragments, key), key);
  const Slot *slot;

  if (index == NO_SLOT)
    return NULL;
  slot = &fragments->slots[index];
  /* A file's clock may step back; only what is surely old is dropped. */
  if (time_us > slot->time_us && time_us - slot->time_us > PL_LIMIT_FRAGMENT_AGE_US)
    return NULL;
  return &slot->facts;
}
