/* Which end is local: every rule, and their order. */
#include "local-end.h"
#include "bounds.h"

static PlAddr
addr (const char *text)
{
  PlAddr result;

  g_assert_true (pl_addr_parse (text, &result));
  return result;
}

/* A flow from @from to @to, which initiated. */
static PlFlow
flow_between (const char *from, const char *to, int *initiator)
{
  PlFlow flow = { 0 };
  PlAddr from_addr = addr (from), to_addr = addr (to);

  *initiator = pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, &from_addr, 50000, &to_addr, 443, 0, &flow.key);
  flow.initiator_end = *initiator;
  return flow;
}

typedef enum
{
  FROM,
  TO,
  GUESSED, /* the initiator's, which is FROM */
} Answer;

static void
expect (PlLocalEnd *local, const char *from, const char *to, PlDirection direction, Answer answer)
{
  int sender;
  PlFlow flow = flow_between (from, to, &sender);

  flow.flags = PL_FLOW_LOCAL_GUESSED | PL_FLOW_ANSWERED; /* must be cleared, must be kept */
  g_test_message ("%s > %s", from, to);
  pl_local_end_decide (local, &flow, sender, direction);
  g_assert_cmpint (flow.local_end, ==, answer == TO ? !sender : sender);
  g_assert_cmpuint (flow.flags, ==, PL_FLOW_ANSWERED | (answer == GUESSED ? PL_FLOW_LOCAL_GUESSED : 0));
}

static void
note (PlLocalEnd *local, const char *from, const char *to)
{
  int sender;
  PlFlow flow = flow_between (from, to, &sender);

  pl_local_end_note (local, &flow.key);
}

static void
test_live (void)
{
  PlLocalEnd *local = pl_local_end_new (TRUE, NULL, 0);
  PlAddr own[] = { addr ("192.168.1.20"), addr ("fe80::1"), addr ("10.9.9.9") };

  expect (local, "192.168.1.20", "1.1.1.1", PL_DIRECTION_UNKNOWN, GUESSED);
  g_assert_true (pl_local_end_set_own (local, own, 3));
  g_assert_false (pl_local_end_set_own (local, own, 2));
  expect (local, "192.168.1.20", "1.1.1.1", PL_DIRECTION_UNKNOWN, FROM);
  expect (local, "1.1.1.1", "192.168.1.20", PL_DIRECTION_UNKNOWN, TO);
  expect (local, "192.168.1.20", "192.168.1.20", PL_DIRECTION_UNKNOWN, FROM);
  expect (local, "127.0.0.1", "127.0.0.53", PL_DIRECTION_UNKNOWN, FROM);
  expect (local, "192.168.1.20", "fe80::1", PL_DIRECTION_UNKNOWN, FROM); /* both ours */
  /* Forwarded: "out" does not make it ours. */
  expect (local, "172.17.0.2", "1.1.1.1", PL_DIRECTION_OUT, GUESSED);
  expect (local, "172.17.0.2", "1.1.1.1", PL_DIRECTION_IN, GUESSED);
  /* A group we listen to. */
  expect (local, "192.168.1.77", "224.0.0.251", PL_DIRECTION_IN, TO);
  expect (local, "192.168.1.20", "224.0.0.251", PL_DIRECTION_OUT, FROM);
  pl_local_end_free (local);
}

static void
test_prefixes (void)
{
  PlPrefix prefixes[2];
  PlLocalEnd *local;

  g_assert_true (pl_prefix_parse ("10.0.0.0/8", &prefixes[0]));
  g_assert_true (pl_prefix_parse ("2001:db8::5", &prefixes[1]));
  local = pl_local_end_new (FALSE, prefixes, 2);
  expect (local, "1.1.1.1", "10.1.2.3", PL_DIRECTION_OUT, TO); /* before the direction */
  expect (local, "2001:db8::5", "2001:db8::6", PL_DIRECTION_UNKNOWN, FROM);
  expect (local, "10.0.0.1", "10.0.0.2", PL_DIRECTION_UNKNOWN, FROM);
  expect (local, "1.1.1.1", "8.8.8.8", PL_DIRECTION_IN, GUESSED);
  for (int i = 0; i < 5; i++)
    note (local, "1.1.1.1", "8.8.8.8");
  g_assert_false (pl_local_end_elect (local, TRUE));
  pl_local_end_free (local);
}

static void
test_direction (void)
{
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);

  expect (local, "10.0.0.1", "10.0.0.2", PL_DIRECTION_OUT, FROM);
  expect (local, "10.0.0.1", "10.0.0.2", PL_DIRECTION_IN, TO);
  expect (local, "10.0.0.1", "10.0.0.2", PL_DIRECTION_OTHER, GUESSED);
  expect (local, "10.0.0.1", "10.0.0.2", PL_DIRECTION_UNKNOWN, GUESSED);
  expect (local, "127.0.0.1", "127.0.0.2", PL_DIRECTION_IN, FROM); /* loopback's incoming copy */
  pl_local_end_free (local);
}

static void
test_election (void)
{
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);

  note (local, "10.0.0.1", "1.1.1.1");
  pl_local_end_elect (local, TRUE);
  expect (local, "1.1.1.1", "10.0.0.1", PL_DIRECTION_UNKNOWN, GUESSED); /* a tie elects nobody */
  note (local, "10.0.0.1", "224.0.0.251");
  note (local, "10.0.0.1", "224.0.0.251");
  note (local, "10.0.0.7", "224.0.0.251");
  note (local, "fe80::1", "fe80::2");
  note (local, "fe80::1", "fe80::3");
  note (local, "2001:db8::1", "2001:db8::2");
  note (local, "2001:db8::1", "2001:db8::3");
  g_assert_true (pl_local_end_elect (local, TRUE));
  g_assert_false (pl_local_end_elect (local, TRUE));
  expect (local, "1.1.1.1", "10.0.0.1", PL_DIRECTION_UNKNOWN, TO);
  expect (local, "fe80::2", "fe80::1", PL_DIRECTION_UNKNOWN, TO);
  expect (local, "2001:db8::2", "2001:db8::1", PL_DIRECTION_UNKNOWN, TO);
  expect (local, "8.8.8.8", "9.9.9.9", PL_DIRECTION_UNKNOWN, GUESSED);
  pl_local_end_free (local);
}

/* Far more addresses than counters: one that takes part in a twentieth of all flows still wins. */
static void
test_heavy_hitter (void)
{
  PlLocalEnd *local = pl_local_end_new (FALSE, NULL, 0);

  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *from = g_strdup_printf ("11.%u.%u.%u", i >> 16, (i >> 8) & 255, i & 255);
      g_autofree char *to = g_strdup_printf ("12.%u.%u.%u", i >> 16, (i >> 8) & 255, i & 255);

      note (local, from, i % 20 == 0 ? "192.168.1.20" : to);
    }
  g_assert_true (pl_local_end_elect (local, TRUE));
  expect (local, "1.1.1.1", "192.168.1.20", PL_DIRECTION_UNKNOWN, TO);
  pl_local_end_free (local);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local-end/live", test_live);
  g_test_add_func ("/local-end/prefixes", test_prefixes);
  g_test_add_func ("/local-end/direction", test_direction);
  g_test_add_func ("/local-end/election", test_election);
  g_test_add_func ("/local-end/heavy-hitter", test_heavy_hitter);
  return g_test_run ();
}
