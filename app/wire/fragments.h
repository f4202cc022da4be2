/* What the first fragment of a datagram told, for its later fragments: they carry no ports. libc only. */
#pragma once
#include "packet.h"

typedef struct
{
  PlAddr src, dst;
  uint32_t id;
  uint32_t proto; /* PlIp.fragment_proto; a whole word, so that the key has no padding */
} PlFragmentKey;

typedef struct
{
  uint16_t src_port, dst_port;
  uint16_t flags; /* of PlPacket: HAS_PORTS, ECHO, ECHO_REPLY */
  uint8_t proto;
  uint8_t icmp_type;
} PlFragmentFacts;

typedef struct _PlFragments PlFragments;

PlFragments *pl_fragments_new (void); /* PL_LIMIT_FRAGMENTS datagrams, allocated once; NULL only when memory is out */
void pl_fragments_free (PlFragments *fragments);

/* Remembers a first fragment, in place of an earlier one with the same key; when full, the oldest leaves. */
void pl_fragments_remember (PlFragments *fragments, const PlFragmentKey *key, const PlFragmentFacts *facts,
                            uint64_t time_us);
/* What the first fragment told, or NULL: never seen, pushed out, or older than PL_LIMIT_FRAGMENT_AGE_US. Valid until the next call. */
const PlFragmentFacts *pl_fragments_find (const PlFragments *fragments, const PlFragmentKey *key, uint64_t time_us);
