/* SipHash-1-3 against values computed apart from it (a big-integer implementation of the paper), and its spread. */
#include "siphash.h"

#include <glib.h>
#include <string.h>

static void
test_vectors (void)
{
  static const struct
  {
    size_t n_bytes;
    uint64_t hash;
  } cases[] = {
    { 0, 0xabac0158050fc4dcull },  { 1, 0xc9f49bf37d57ca93ull },  { 7, 0xd3927d989bb11140ull },
    { 8, 0x369095118d299a8eull },  { 15, 0xd320d86d2a519956ull }, { 16, 0xcc4fdd1a7d908b66ull },
    { 40, 0xc1d2363299e41531ull }, { 44, 0xc2ca1cedfaf8876bull }, { 63, 0x9d199062b7bbb3a8ull },
  };
  uint8_t data[64], key_bytes[16];
  uint64_t key[2] = { 0, 0 };

  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)i;
  for (size_t i = 0; i < sizeof key_bytes; i++)
    key[i / 8] |= (uint64_t)i << (8 * (i % 8));
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmphex (pl_siphash13 (data, cases[i].n_bytes, key), ==, cases[i].hash);
}

/* 18 bytes as numbers hash as 18 bytes in memory do. */
static void
test_eighteen (void)
{
  const uint64_t key[2] = { 3, 4 };
  uint8_t data[18];
  uint64_t words[2] = { 0, 0 };

  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)(200 - 7 * i);
  for (size_t i = 0; i < 16; i++)
    words[i / 8] |= (uint64_t)data[i] << (8 * (i % 8));
  g_assert_cmphex (pl_siphash13_18 (words[0], words[1], (uint16_t)(data[16] | data[17] << 8), key), ==,
                   pl_siphash13 (data, sizeof data, key));
}

/* One changed bit of data or key changes about half of the hash. */
static void
test_avalanche (void)
{
  uint8_t data[44] = { 0 };
  const uint64_t key[2] = { 1, 2 };
  uint64_t before = pl_siphash13 (data, sizeof data, key);
  unsigned n_changed = 0;

  for (size_t bit = 0; bit < 8 * sizeof data; bit++)
    {
      uint64_t changed;

      data[bit / 8] ^= (uint8_t)(1 << bit % 8);
      changed = pl_siphash13 (data, sizeof data, key) ^ before;
      data[bit / 8] ^= (uint8_t)(1 << bit % 8);
      g_assert_cmphex (changed, !=, 0);
      n_changed += (unsigned)__builtin_popcountll (changed);
    }
  g_assert_cmpuint (n_changed / (8 * sizeof data), >=, 30);
  g_assert_cmpuint (n_changed / (8 * sizeof data), <=, 34);
  g_assert_cmphex (pl_siphash13 (data, sizeof data, (const uint64_t[2]){ 1, 3 }), !=, before);
}

static void
test_secret (void)
{
  uint64_t a[2] = { 0, 0 }, b[2] = { 0, 0 };

  pl_siphash_secret (a);
  pl_siphash_secret (b);
  g_assert_true (memcmp (a, b, sizeof a) != 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/siphash/vectors", test_vectors);
  g_test_add_func ("/siphash/eighteen", test_eighteen);
  g_test_add_func ("/siphash/avalanche", test_avalanche);
  g_test_add_func ("/siphash/secret", test_secret);
  return g_test_run ();
}
