/* The table of first fragments: found, replaced, aged, pushed out in order, and never lost among 10 times its size. */
#include "fragments.h"
#include "bounds.h"

#include <glib.h>

static PlFragmentKey
key_of (uint32_t id)
{
  PlFragmentKey key = { .id = id, .proto = 17 };

  g_assert_true (pl_addr_parse ("192.0.2.1", &key.src) && pl_addr_parse ("192.0.2.2", &key.dst));
  return key;
}

static void
remember (PlFragments *fragments, uint32_t id, uint16_t src_port, uint64_t time_us)
{
  PlFragmentKey key = key_of (id);
  PlFragmentFacts facts = { .src_port = src_port, .dst_port = 53, .flags = PL_PACKET_HAS_PORTS, .proto = 17 };

  pl_fragments_remember (fragments, &key, &facts, time_us);
}

/* The remembered source port, or -1. */
static int
find (PlFragments *fragments, uint32_t id, uint64_t time_us)
{
  PlFragmentKey key = key_of (id);
  const PlFragmentFacts *facts = pl_fragments_find (fragments, &key, time_us);

  return facts != NULL ? facts->src_port : -1;
}

static void
test_find (void)
{
  PlFragments *fragments = pl_fragments_new ();
  PlFragmentKey key = key_of (1);

  g_assert_cmpint (find (fragments, 1, 0), ==, -1);
  remember (fragments, 1, 1000, 0);
  remember (fragments, 2, 2000, 0);
  g_assert_cmpint (find (fragments, 1, 0), ==, 1000);
  g_assert_cmpint (find (fragments, 2, 0), ==, 2000);
  remember (fragments, 1, 1001, 0); /* the id came round again */
  g_assert_cmpint (find (fragments, 1, 0), ==, 1001);
  key.proto = 6; /* each part of the key counts */
  g_assert_null (pl_fragments_find (fragments, &key, 0));
  key = key_of (1);
  key.src = key.dst;
  g_assert_null (pl_fragments_find (fragments, &key, 0));
  pl_fragments_free (fragments);
}

static void
test_age (void)
{
  PlFragments *fragments = pl_fragments_new ();

  remember (fragments, 1, 1000, 5000000);
  g_assert_cmpint (find (fragments, 1, 5000000 + PL_LIMIT_FRAGMENT_AGE_US), ==, 1000);
  g_assert_cmpint (find (fragments, 1, 5000001 + PL_LIMIT_FRAGMENT_AGE_US), ==, -1);
  g_assert_cmpint (find (fragments, 1, 0), ==, 1000); /* a clock that stepped back proves no age */
  pl_fragments_free (fragments);
}

static void
test_oldest_leaves (void)
{
  PlFragments *fragments = pl_fragments_new ();

  for (uint32_t id = 0; id < PL_LIMIT_FRAGMENTS; id++)
    remember (fragments, id, 1, 0);
  g_assert_cmpint (find (fragments, 0, 0), ==, 1);
  remember (fragments, 0, 2, 0); /* renewed: now the youngest; it takes the oldest place, which was its own */
  remember (fragments, PL_LIMIT_FRAGMENTS, 3, 0);
  g_assert_cmpint (find (fragments, 0, 0), ==, 2);
  g_assert_cmpint (find (fragments, 1, 0), ==, -1);
  g_assert_cmpint (find (fragments, 2, 0), ==, 1);
  g_assert_cmpint (find (fragments, PL_LIMIT_FRAGMENTS, 0), ==, 3);
  pl_fragments_free (fragments);
}

static void
test_churn (void)
{
  PlFragments *fragments = pl_fragments_new ();

  for (uint32_t id = 0; id < 10 * PL_LIMIT_FRAGMENTS; id++)
    {
      remember (fragments, id, (uint16_t)id, 0);
      if (id % 7 == 0)
        remember (fragments, id, (uint16_t)(id + 1), 0);
      g_assert_cmpint (find (fragments, id, 0), ==, (uint16_t)(id + (id % 7 == 0)));
    }
  /* A renewed one leaves its old slot empty: the last 4096 * 7 / 8 are sure to be there. */
  for (uint32_t i = 1; i <= PL_LIMIT_FRAGMENTS * 7 / 8; i++)
    g_assert_cmpint (find (fragments, 10 * PL_LIMIT_FRAGMENTS - i, 0), >=, 0);
  g_assert_cmpint (find (fragments, 8 * PL_LIMIT_FRAGMENTS, 0), ==, -1);
  pl_fragments_free (fragments);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fragments/find", test_find);
  g_test_add_func ("/fragments/age", test_age);
  g_test_add_func ("/fragments/oldest-leaves", test_oldest_leaves);
  g_test_add_func ("/fragments/churn", test_churn);
  return g_test_run ();
}
