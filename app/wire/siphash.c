/* SipHash-1-3. Pure functions, any thread; never allocates. */
#include "siphash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

static inline uint64_t
rotate (uint64_t word, int bits)
{
  return word << bits | word >> (64 - bits);
}

static inline void
sip_round (uint64_t v[4])
{
  v[0] += v[1];
  v[1] = rotate (v[1], 13) ^ v[0];
  v[0] = rotate (v[0], 32);
  v[2] += v[3];
  v[3] = rotate (v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = rotate (v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = rotate (v[1], 17) ^ v[2];
  v[2] = rotate (v[2], 32);
}

static inline void
sip_word (uint64_t v[4], uint64_t word)
{
  v[3] ^= word;
  sip_round (v);
  v[0] ^= word;
}

static inline void
sip_begin (uint64_t v[4], const uint64_t secret[2])
{
  v[0] = secret[0] ^ 0x736f6d6570736575ull;
  v[1] = secret[1] ^ 0x646f72616e646f6dull;
  v[2] = secret[0] ^ 0x6c7967656e657261ull;
  v[3] = secret[1] ^ 0x7465646279746573ull;
}

static inline uint64_t
sip_end (uint64_t v[4], uint64_t last)
{
  sip_word (v, last);
  v[2] ^= 0xff;
  sip_round (v);
  sip_round (v);
  sip_round (v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/**
 * pl_siphash13:
 * @data: what to hash
 * @n_bytes: its length
 * @secret: the key
 *
 * Words are read in little-endian order, as the reference does, whatever the machine.
 *
 * Returns: the hash
 */
uint64_t
pl_siphash13 (const void *data, size_t n_bytes, const uint64_t secret[2])
{
  const uint8_t *bytes = data;
  uint64_t v[4];
  uint64_t last = (uint64_t)n_bytes << 56;
  size_t left = n_bytes;

  sip_begin (v, secret);
  for (; left >= 8; left -= 8, bytes += 8)
    {
      uint64_t word;

      memcpy (&word, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
      word = __builtin_bswap64 (word);
#endif
      sip_word (v, word);
    }
  for (size_t i = 0; i < left; i++)
    last |= (uint64_t)bytes[i] << (8 * i);
  return sip_end (v, last);
}

/**
 * pl_siphash13_18:
 * @word_1: the first eight bytes, as a little-endian number
 * @word_2: the next eight
 * @tail: the last two
 * @secret: the key
 *
 * Returns: what pl_siphash13() returns for these 18 bytes, without a detour through memory
 */
uint64_t
pl_siphash13_18 (uint64_t word_1, uint64_t word_2, uint16_t tail, const uint64_t secret[2])
{
  uint64_t v[4];

  sip_begin (v, secret);
  sip_word (v, word_1);
  sip_word (v, word_2);
  return sip_end (v, (uint64_t)18 << 56 | tail);
}

void
pl_siphash_secret (uint64_t secret[2])
{
  struct timespec now;

  /* Never blocks: at the very first moment of a boot the clock must do. */
  if (getrandom (secret, 2 * sizeof secret[0], GRND_NONBLOCK) == (ssize_t)(2 * sizeof secret[0]))
    return;
  clock_gettime (CLOCK_REALTIME, &now);
  secret[0] = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15ull;
  secret[1] = (uint64_t)now.tv_sec ^ (uintptr_t)secret;
}
