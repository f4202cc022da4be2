/* Names of hosts in the model: which flow gets which, how long they are kept, and their caps. */
#include "facts.h"
#include "flow-match.h"
#include "bounds.h"
#include "model-private.h"

#define HOST "198.51.100.7"

typedef struct
{
  PlModel *model;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->model = pl_model_new ();
  pl_model_set_live (fixture->model, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->model);
}

static void
tell_dns (PlModel *model, const char *name, const char *addr, guint64 time_us)
{
  g_autofree char *copy = g_strdup (name); /* gone after the call */
  PlNameTold told = {
    .addr = addr_of (addr), .time_us = time_us, .name = copy, .end = PL_END_UNKNOWN, .source = PL_NAME_DNS
  };

  pl_model_apply_names (model, &told, 1);
}

/* The flow's initiator asks for @name. */
static void
tell_tls (PlModel *model, const char *name, const PlFlowUpdate *update, guint64 time_us)
{
  g_autofree char *copy = g_strdup (name);
  int called = update->flow.initiator_end == PL_END_A ? PL_END_B : PL_END_A;
  PlNameTold told = { .key = update->flow.key,
                      .addr = update->flow.key.addr[called],
                      .time_us = time_us,
                      .name = copy,
                      .end = (guint8)called,
                      .source = PL_NAME_TLS };

  pl_model_apply_names (model, &told, 1);
}

static PlFlowUpdate
call (guint64 id, guint16 from_port, const char *to, guint64 first_us)
{
  PlFlowUpdate update = flow_of (id, PL_PROTO_TCP, "192.0.2.1", from_port, to, 443);

  update.flow.first_us = first_us;
  send_bytes (&update, update.flow.initiator_end, 60, first_us + 10);
  return update;
}

static const PlModelFlow *
flow_by (PlModel *model, guint64 capture_id)
{
  const PlRecord *record = pl_model_find_capture (model, capture_id);

  g_assert_nonnull (record);
  return &record->pub;
}

static void
assert_host (PlModel *model, guint64 capture_id, const char *host, PlNameSource source)
{
  g_assert_cmpstr (flow_by (model, capture_id)->host, ==, host);
  g_assert_cmpint (flow_by (model, capture_id)->host_source, ==, source);
}

/* The newest that was told before the flow began; what is told later changes nothing. */
static void
test_dns (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate updates[] = { call (1, 1001, HOST, T0), call (2, 1002, HOST, T0 + 150), call (3, 1003, HOST, T0 + 250),
                             call (4, 1004, "198.51.100.8", T0 + 250) };

  tell_dns (fixture->model, "old.example", HOST, T0 + 100);
  tell_dns (fixture->model, "new.example", HOST, T0 + 200);
  pl_model_apply_flows (fixture->model, updates, G_N_ELEMENTS (updates));
  tell_dns (fixture->model, "late.example", HOST, T0 + 300);
  updates[0].flow.last_us = T0 + 1000;
  pl_model_apply_flows (fixture->model, updates, 1);
  assert_host (fixture->model, 1, NULL, PL_NAME_NONE);
  assert_host (fixture->model, 2, "old.example", PL_NAME_DNS);
  assert_host (fixture->model, 3, "new.example", PL_NAME_DNS);
  assert_host (fixture->model, 4, NULL, PL_NAME_NONE);
  for (guint i = 0; i < PL_LIMIT_NAMES_OF_ADDRESS; i++)
    tell_dns (fixture->model, "more.example", HOST, T0 + 400 + 100 * i);
  updates[0] = call (5, 1005, HOST, T0 + 350);
  updates[1] = call (6, 1006, HOST, T0 + 450);
  pl_model_apply_flows (fixture->model, updates, 2);
  assert_host (fixture->model, 5, "late.example", PL_NAME_DNS); /* one name is kept once, since it was first told */
  assert_host (fixture->model, 6, "more.example", PL_NAME_DNS);
  for (guint i = 0; i < PL_LIMIT_NAMES_OF_ADDRESS; i++)
    tell_dns (fixture->model, i % 2 == 0 ? "one.example" : "other.example", HOST, T0 + 900);
  updates[0] = call (7, 1007, HOST, T0 + 850);
  pl_model_apply_flows (fixture->model, updates, 1);
  assert_host (fixture->model, 7, NULL, PL_NAME_NONE); /* what was told by then is forgotten */
}

/* A flow that is made known by a look ahead is named once the packets before its first have told, too. */
static void
test_told_ahead (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate counted = call (1, 1001, HOST, T0), announced = counted;

  memset (announced.flow.sent, 0, sizeof announced.flow.sent);
  pl_model_apply_flows (fixture->model, &announced, 1);
  tell_dns (fixture->model, "site.example", HOST, T0 - 50);
  assert_host (fixture->model, 1, NULL, PL_NAME_NONE);
  pl_model_apply_flows (fixture->model, &counted, 1);
  assert_host (fixture->model, 1, "site.example", PL_NAME_DNS);
}

static void
test_tls (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate early = call (1, 1001, HOST, T0), late = call (2, 1002, HOST, T0);

  tell_dns (fixture->model, "cdn.example", HOST, T0 - 5);
  tell_tls (fixture->model, "early.example", &early, T0 + 5);
  pl_model_apply_flows (fixture->model, &early, 1);
  pl_model_apply_flows (fixture->model, &late, 1);
  assert_host (fixture->model, 2, "cdn.example", PL_NAME_DNS);
  tell_tls (fixture->model, "late.example", &late, T0 + 20);
  tell_tls (fixture->model, "again.example", &late, T0 + 30);
  assert_host (fixture->model, 1, "early.example", PL_NAME_TLS);
  assert_host (fixture->model, 2, "late.example", PL_NAME_TLS);
}

/* Two names that were told of one flow before its first batch: the first counts then, too. */
static void
test_early_twice (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = call (1, 1001, HOST, T0);

  tell_tls (fixture->model, "first.example", &update, T0 + 5);
  tell_tls (fixture->model, "second.example", &update, T0 + 8);
  pl_model_apply_flows (fixture->model, &update, 1);
  assert_host (fixture->model, 1, "first.example", PL_NAME_TLS);
}

static void
count_signal (guint *n)
{
  (*n)++;
}

/* Views hear of a name that came while nothing else did. */
static void
test_updated (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = call (1, 1001, HOST, T0);
  guint n_updated = 0;
  gint64 now_us = SECOND;

  pl_model_apply_flows (fixture->model, &update, 1);
  g_signal_connect_swapped (fixture->model, "updated", G_CALLBACK (count_signal), &n_updated);
  do /* until the rates have fallen */
    {
      n_updated = 0;
      pl_model_commit (fixture->model, now_us += SECOND);
    }
  while (n_updated > 0);
  tell_tls (fixture->model, "site.example", &update, T0 + 5);
  pl_model_commit (fixture->model, now_us += SECOND);
  g_assert_cmpuint (n_updated, ==, 1);
}

static gboolean
append_host (const PlModelFlow *flow, gpointer text)
{
  g_string_append_printf (text, "%s ", flow->host);
  return TRUE;
}

/* One key, three flows in a batch, and a name of a fourth that never comes. */
static void
test_same_key (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate updates[] = { call (1, 1001, HOST, T0), call (2, 1001, HOST, T0 + 100), call (3, 1001, HOST, T0 + 300) };
  g_autoptr (GString) hosts = g_string_new (NULL);

  tell_tls (fixture->model, "first.example", &updates[0], T0 + 5);
  tell_tls (fixture->model, "second.example", &updates[0], T0 + 105);
  tell_tls (fixture->model, "never.example", &updates[0], T0 + 205);
  tell_tls (fixture->model, "third.example", &updates[0], T0 + 305);
  for (guint i = 0; i < G_N_ELEMENTS (updates); i++)
    {
      pl_model_apply_flows (fixture->model, &updates[i], 1);
      pl_model_apply_gone (fixture->model, &updates[i].flow.id, 1);
    }
  g_assert_cmpuint (g_hash_table_size (fixture->model->early_names), ==, 0);
  pl_model_foreach (fixture->model, append_host, hosts);
  g_assert_cmpstr (hosts->str, ==, "first.example second.example third.example ");
}

/* Which end is local may be learnt late: a caller here is not called what it asks for. */
static void
test_ends (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = call (1, 1001, HOST, T0);

  tell_tls (fixture->model, "me.example", &update, T0 + 5);
  update.flow.local_end = 1 - update.flow.local_end;
  pl_model_apply_flows (fixture->model, &update, 1);
  assert_host (fixture->model, 1, NULL, PL_NAME_NONE);
  update.flow.local_end = 1 - update.flow.local_end;
  pl_model_apply_flows (fixture->model, &update, 1);
  assert_host (fixture->model, 1, "me.example", PL_NAME_TLS);
}

static void
test_caps (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = call (1, 1001, HOST, T0), kept = call (3, 1003, "198.51.100.8", T0);
  char addr[PL_ADDR_STRLEN];

  tell_dns (fixture->model, "first.example", HOST, T0);
  tell_dns (fixture->model, "again.example", "198.51.100.8", T0);
  for (guint i = 0; i < PL_LIMIT_NAMED_ADDRESSES; i++)
    {
      g_snprintf (addr, sizeof addr, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
      tell_dns (fixture->model, "site.example", addr, T0);
      if (i == PL_LIMIT_NAMED_ADDRESSES / 2)
        tell_dns (fixture->model, "again.example", "198.51.100.8", T0);
    }
  g_assert_cmpuint (g_hash_table_size (fixture->model->addresses), ==, PL_LIMIT_NAMED_ADDRESSES);
  pl_model_apply_flows (fixture->model, &update, 1);
  assert_host (fixture->model, 1, NULL, PL_NAME_NONE);
  pl_model_apply_flows (fixture->model, &kept, 1);
  assert_host (fixture->model, 3, "again.example", PL_NAME_DNS); /* told of not long ago */
  for (guint i = 0; i < PL_LIMIT_EARLY_NAMES + 10; i++)
    {
      PlFlowUpdate other = call (2, (guint16)(2000 + i % 100), HOST, T0);

      tell_tls (fixture->model, "site.example", &other, T0 + i);
    }
  g_assert_cmpuint (fixture->model->early_name_order.length, ==, PL_LIMIT_EARLY_NAMES);
  pl_model_reset (fixture->model);
  g_assert_cmpuint (g_hash_table_size (fixture->model->addresses), ==, 0);
  g_assert_cmpuint (g_hash_table_size (fixture->model->early_names), ==, 0);
}

/* A search finds it by name. */
static void
test_search (Fixture *fixture, gconstpointer data)
{
  PlFlowUpdate update = call (1, 1001, HOST, T0);
  g_autoptr (PlFlowMatch) shop =
      pl_flow_match_copy (&(PlFlowMatch){ .conditions = PL_MATCH_TEXT, .text = (char *)"Shop.ex" });

  pl_model_apply_flows (fixture->model, &update, 1);
  g_assert_false (pl_flow_match_matches (shop, flow_by (fixture->model, 1)));
  tell_tls (fixture->model, "shop.example", &update, T0 + 5);
  g_assert_true (pl_flow_match_matches (shop, flow_by (fixture->model, 1)));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "dns", test_dns },         { "told-ahead", test_told_ahead },
    { "tls", test_tls },         { "same-key", test_same_key },
    { "ends", test_ends },       { "caps", test_caps },
    { "search", test_search },   { "early-twice", test_early_twice },
    { "updated", test_updated },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/model/names/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
