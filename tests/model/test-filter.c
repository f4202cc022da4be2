/* The filter: each condition by example, terms together, and that a copy lives on its own. */
#include "facts.h"
#include "flow-filter.h"

static PlModelFlow
model_flow (
    guint64 id, guint8 proto, const char *from, guint16 from_port, const char *to, guint16 to_port, PlProcess *app)
{
  PlFlowUpdate update = flow_of (id, proto, from, from_port, to, to_port);
  PlModelFlow flow = { .id = id, .flow = update.flow, .local_end = update.flow.local_end, .app = app };

  return flow;
}

static void
assert_matches (const PlModelFlow *flow, PlFlowMatch match, gboolean is_expected)
{
  g_autoptr (PlFlowMatch) copy = pl_flow_match_copy (&match);

  g_assert_cmpint (pl_flow_match_matches (copy, flow), ==, is_expected);
  g_assert_true (pl_flow_match_equal (copy, copy));
}

static void
test_conditions (void)
{
  PlProcess *app = process_of (42, "Firefox");
  PlModelFlow flow = model_flow (7, PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, app);
  PlModelFlow unknown = model_flow (8, PL_PROTO_UDP, "192.168.1.20", 40000, "192.168.1.1", 53, NULL);

  assert_matches (&flow, (PlFlowMatch){ 0 }, TRUE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_APP, .app_key = (char *)"Firefox" }, TRUE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_APP, .app_key = (char *)"" }, FALSE);
  assert_matches (&unknown, (PlFlowMatch){ PL_MATCH_APP, .app_key = (char *)"" }, TRUE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_PEER_APP, .peer_key = (char *)"Firefox" }, FALSE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_PROCESS, .pid = 42 }, TRUE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_PROCESS, .pid = 43 }, FALSE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_PROTO, .proto = PL_PROTO_TCP }, TRUE);
  assert_matches (&unknown, (PlFlowMatch){ PL_MATCH_PROTO, .proto = PL_PROTO_TCP }, FALSE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_LOCAL_PORT, .local = { 51514, 51514 } }, TRUE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_LOCAL_PORT, .local = { 51515, 65535 } }, FALSE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_REMOTE_PORT, .remote = pl_port_span_of_range (PL_RANGE_WELL_KNOWN) },
                  TRUE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_REMOTE_PORT, .remote = pl_port_span_of_range (PL_RANGE_DYNAMIC) },
                  FALSE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_ENDPOINT, .endpoint = addr_of ("93.184.216.34") }, TRUE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_ENDPOINT, .endpoint = addr_of ("192.168.1.20") }, FALSE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_FAILED }, FALSE);
  flow.diagnosis.failure = PL_FAILURE_REFUSED;
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_FAILED }, TRUE);
  flow.diagnosis.failure = PL_FAILURE_RESET;
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_FAILED }, FALSE);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_LISTENING }, FALSE);
  flow.flow.state = PL_STATE_LISTEN;
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_LISTENING }, TRUE);
  pl_process_unref (app);
}

/* Words are found in any case and in any order; ports by their numbers and services. */
static void
test_text (void)
{
  PlProcess *app = process_of (42, "Éclair Browser");
  PlModelFlow flow = model_flow (7, PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, app);
  static const char *const found[] = {
    "éclair", "ÉCLAIR", "browser tcp", "https", ":443", "93.184.216", "51514 TCP", ""
  };
  static const char *const missed[] = { "firefox", "éclair udp", ":4433", "ssh" };

  for (guint i = 0; i < G_N_ELEMENTS (found); i++)
    assert_matches (&flow, (PlFlowMatch){ PL_MATCH_TEXT, .text = (char *)found[i] }, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (missed); i++)
    assert_matches (&flow, (PlFlowMatch){ PL_MATCH_TEXT, .text = (char *)missed[i] }, FALSE);
  flow = model_flow (8, PL_PROTO_UDP, "192.168.1.20", 41873, "192.168.1.1", 53, app);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_TEXT, .text = (char *)"dns" }, TRUE); /* as people say, */
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_TEXT, .text = (char *)"domain" }, TRUE); /* and as it is registered */
  pl_process_unref (app);
}

/* A port of this computer is either end's of a flow within it, and the local end's of any other. */
static void
test_own_port (void)
{
  PlModelFlow within = model_flow (1, PL_PROTO_TCP, "127.0.0.1", 40000, "127.0.0.1", 5432, NULL);
  PlModelFlow away = model_flow (2, PL_PROTO_TCP, "192.168.1.20", 40001, "192.168.1.9", 5432, NULL);
  const PlFlowMatch called = { PL_MATCH_OWN_PORT, .own = { 5432, 5432 } };
  const PlFlowMatch temporary = { PL_MATCH_OWN_PORT, .own = { 40000, 40001 } };

  assert_matches (&within, called, TRUE);
  assert_matches (&within, temporary, TRUE);
  assert_matches (&away, called, FALSE);
  assert_matches (&away, temporary, TRUE);
}

static void
test_flows (void)
{
  PlModelFlow flow = model_flow (7, PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, NULL);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GHashTable) set = NULL;
  guint64 id = 7;

  g_array_append_val (ids, id);
  set = pl_flow_match_set_of (ids);
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_FLOWS, .flows = set }, TRUE);
  flow.id = 8;
  assert_matches (&flow, (PlFlowMatch){ PL_MATCH_FLOWS, .flows = set }, FALSE);
}

/* Terms that show all must match, none that hides may; the same is not taken twice. */
static void
test_terms (void)
{
  PlModelFlow web = model_flow (1, PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, NULL);
  PlModelFlow dns = model_flow (2, PL_PROTO_UDP, "192.168.1.20", 41873, "192.168.1.1", 53, NULL);
  PlModelFlow ssh = model_flow (3, PL_PROTO_TCP, "192.168.1.20", 53760, "192.168.1.9", 22, NULL);
  const PlFlowMatch tcp = { PL_MATCH_PROTO, .proto = PL_PROTO_TCP };
  const PlFlowMatch port_22 = { PL_MATCH_REMOTE_PORT, .remote = { 22, 22 } };
  g_autoptr (PlFlowFilter) filter = pl_flow_filter_new ();
  g_autoptr (PlFlowFilter) copy = NULL;

  g_assert_true (pl_flow_filter_passes (filter, &dns));
  g_assert_true (pl_flow_filter_add (filter, FALSE, &tcp, "TCP"));
  g_assert_false (pl_flow_filter_add (filter, FALSE, &tcp, "TCP"));
  g_assert_true (pl_flow_filter_add (filter, TRUE, &port_22, ":22"));
  g_assert_true (pl_flow_filter_passes (filter, &web));
  g_assert_false (pl_flow_filter_passes (filter, &dns));
  g_assert_false (pl_flow_filter_passes (filter, &ssh));
  copy = pl_flow_filter_copy (filter);
  pl_flow_filter_remove (filter, 1);
  g_assert_true (pl_flow_filter_passes (filter, &ssh));
  g_assert_false (pl_flow_filter_passes (copy, &ssh));
  g_assert_cmpuint (pl_flow_filter_get_n_terms (copy), ==, 2);
  g_assert_cmpstr (pl_flow_filter_get_term (copy, 1)->title, ==, ":22");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/filter/conditions", test_conditions);
  g_test_add_func ("/model/filter/text", test_text);
  g_test_add_func ("/model/filter/own-port", test_own_port);
  g_test_add_func ("/model/filter/flows", test_flows);
  g_test_add_func ("/model/filter/terms", test_terms);
  return g_test_run ();
}
