/* The facts of a flow and of processes: each value beside its own label, none that is not known. */
#include "flow-details.h"
#include "bounds.h"
#include "service-words.h"
#include "words-fixture.h"

#define N_PURPOSES 112 /* rows of the table */

static const PlDetail *
find_detail (GPtrArray *details, PlDetailGroup group, const char *label)
{
  for (guint i = 0; i < details->len; i++)
    {
      const PlDetail *detail = g_ptr_array_index (details, i);

      if (detail->group == group && g_str_equal (detail->label, label))
        return detail;
    }
  return NULL;
}

static void
test_details (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");
  g_autoptr (GPtrArray) details = NULL;
  g_autofree char *text = NULL;

  flow.flow.sent[flow.local_end] = (PlFlowCounts){ .packets = 10, .bytes = 1500, .payload_bytes = 900 };
  flow.flow.sent[!flow.local_end] = (PlFlowCounts){ .packets = 1, .bytes = 9000, .payload_bytes = 8500 };
  flow.story.syn_us = 1000000;
  flow.host = "example.com";
  flow.host_source = PL_NAME_DNS;
  flow.story.syn_ack_us = 1018000;
  details = pl_flow_details (&file, &flow, "eth0");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_ENDPOINTS, "Local")->value, ==, "192.168.1.20 :51514");
  g_assert_cmpint (find_detail (details, PL_DETAILS_ENDPOINTS, "Local")->mark, ==, PL_RANGE_DYNAMIC);
  g_assert_cmpint (find_detail (details, PL_DETAILS_ENDPOINTS, "Remote")->mark, ==, PL_RANGE_WELL_KNOWN);
  g_assert_cmpstr (find_detail (details, PL_DETAILS_ENDPOINTS, "Name")->value, ==, "example.com");
  g_assert_true (g_str_has_prefix (find_detail (details, PL_DETAILS_ENDPOINTS, "Name")->note, "likely: "));
  g_assert_cmpstr (find_detail (details, PL_DETAILS_TRAFFIC, "Sent")->value, ==, "1.5" NBSP "kB");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_TRAFFIC, "Sent")->note, ==, "10 packets, 900 bytes of payload");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_TRAFFIC, "Received")->note, ==,
                   "1 packet, 8.5" NBSP "kB of payload");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_CONNECTION, "Interface")->value, ==, "eth0");
  g_assert_null (find_detail (details, PL_DETAILS_CONNECTION, "Round trip"));
  g_assert_cmpstr (find_detail (details, PL_DETAILS_TIMELINE, "0.018 s")->value, ==, "SYN-ACK: port 443 is open");
  g_assert_null (find_detail (details, PL_DETAILS_APP, "Name")); /* a file knows no apps */

  text = pl_flow_details_as_text (&file, &flow, "eth0");
  g_assert_nonnull (strstr (text, "192.168.1.20 → example.com\n"));
  g_assert_nonnull (strstr (text, "  Local: 192.168.1.20 :51514 ("));
}

static void
assert_detail (GPtrArray *details, PlDetailGroup group, const char *label, const char *value, const char *note)
{
  const PlDetail *detail = find_detail (details, group, label);

  g_assert_nonnull (detail);
  g_assert_cmpstr (detail->value, ==, value);
  g_assert_cmpstr (detail->note, ==, note);
}

static const char *
purpose (PlModelFlow flow, const char *service)
{
  g_autoptr (GPtrArray) details = pl_flow_details (&live, &flow, NULL);
  const PlDetail *detail = find_detail (details, PL_DETAILS_ENDPOINTS, "Service");
  const char *prefix = "usually: ";

  g_assert_true ((detail != NULL) == (service != NULL));
  if (detail == NULL)
    return NULL;
  g_assert_cmpstr (detail->value, ==, service);
  g_assert_true (g_str_has_prefix (detail->note, prefix));
  g_assert_cmpstr (detail->note + strlen (prefix), ==, pl_words_purpose (service));
  return pl_words_purpose (service);
}

/* Of the end that was called or listens, whichever that is; never of a number that was picked by chance. */
static void
test_service (void)
{
  g_assert_cmpstr (purpose (make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 993, "local"), "imaps"),
                   ==, "reading mail, encrypted");
  purpose (make_flow (PL_PROTO_TCP, "192.168.1.20", 22, "93.184.216.34", 3306, "remote"), "ssh");
  purpose (make_flow (PL_PROTO_TCP, "192.168.1.20", 5432, "93.184.216.34", 40000, ""), "postgresql");
  purpose (make_flow (PL_PROTO_UDP, "192.168.1.20", 5353, "224.0.0.251", 5353, "local"), "mdns");
  purpose (make_flow (PL_PROTO_TCP, "192.168.1.20", 3306, "93.184.216.34", 7001, "local"), NULL);
}

/* Every row of the table is found, so that it is in order, and some port has its service. */
static void
test_purposes (void)
{
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint port = 1; port <= G_MAXUINT16; port++)
    for (guint i = 0; i < 2; i++)
      {
        const char *service = pl_service_title (i == 0 ? PL_PROTO_TCP : PL_PROTO_UDP, (guint16)port);

        if (pl_words_purpose (service) != NULL)
          g_hash_table_add (found, (gpointer)service);
      }
  g_assert_cmpuint (g_hash_table_size (found), ==, N_PURPOSES);
  g_assert_null (pl_words_purpose (NULL));
  g_assert_null (pl_words_purpose ("tcpmux"));
}

/* Each way has its own sum and its own rate. */
static void
test_traffic (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");
  g_autoptr (GPtrArray) packets = NULL, socket = NULL;

  flow.flow.sent[flow.local_end] = (PlFlowCounts){ .packets = 10, .bytes = 1500, .payload_bytes = 900 };
  flow.flow.sent[!flow.local_end] = (PlFlowCounts){ .packets = 20, .bytes = 9000, .payload_bytes = 8500 };
  flow.rate_out = 2000;
  flow.rate_in = 3000;
  packets = pl_flow_details (&live, &flow, NULL);
  assert_detail (packets, PL_DETAILS_TRAFFIC, "Sent", "1.5" NBSP "kB · 2.0" NBSP "kB/s",
                 "10 packets, 900 bytes of payload");
  assert_detail (packets, PL_DETAILS_TRAFFIC, "Received", "9.0" NBSP "kB · 3.0" NBSP "kB/s",
                 "20 packets, 8.5" NBSP "kB of payload");

  flow.sources = PL_SEEN_SOCKET;
  flow.payload_sent = 900;
  flow.payload_received = 8500;
  socket = pl_flow_details (&live, &flow, NULL);
  assert_detail (socket, PL_DETAILS_TRAFFIC, "Sent", "900 bytes",
                 "payload, as the kernel counts it: capture to see packets");
  assert_detail (socket, PL_DETAILS_TRAFFIC, "Received", "8.5" NBSP "kB",
                 "payload, as the kernel counts it: capture to see packets");
}

static void
test_round_trip (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");
  g_autoptr (GPtrArray) once = NULL, often = NULL;

  flow.rtt_us = 18400;
  flow.min_rtt_us = 12000;
  flow.n_retransmits = 1;
  once = pl_flow_details (&live, &flow, NULL);
  assert_detail (once, PL_DETAILS_CONNECTION, "Round trip", "18.4 ms", "shortest 12.0 ms");
  assert_detail (once, PL_DETAILS_CONNECTION, "Retransmitted", "1 segment", NULL);
  flow.n_retransmits = 3;
  often = pl_flow_details (&live, &flow, NULL);
  assert_detail (often, PL_DETAILS_CONNECTION, "Retransmitted", "3 segments", NULL);
}

/* In the order of time, whichever end something came from, and of a caller elsewhere as well. */
static void
test_timeline (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 443, "93.184.216.34", 51514, "remote");
  PlFlowStory *story = &flow.story;
  const char *const expected[] = { "0.000 s SYN sent from :51514, 2 times",
                                   "0.100 s SYN-ACK: port 443 is open",
                                   "0.200 s handshake done",
                                   "0.300 s first data received",
                                   "0.400 s first data sent",
                                   "0.500 s RST: the other end cut it off",
                                   "0.600 s FIN: this end is done",
                                   "0.700 s 10.0.0.1 says: host unreachable" };
  g_autoptr (GPtrArray) details = NULL;
  guint n = 0;

  story->syn_us = 1000000;
  story->n_syn = 2;
  story->syn_ack_us = 1100000;
  story->established_us = 1200000;
  story->first_payload_us[!flow.local_end] = 1300000;
  story->first_payload_us[flow.local_end] = 1400000;
  story->rst_us = 1500000;
  story->rst_end = !flow.local_end;
  story->fin_us = 1600000;
  story->fin_end = flow.local_end;
  story->icmp_error_us = 1700000;
  story->icmp_type = 3;
  story->icmp_code = 1;
  g_assert_true (pl_addr_parse ("10.0.0.1", &story->icmp_from));
  details = pl_flow_details (&live, &flow, NULL);
  for (guint i = 0; i < details->len; i++)
    {
      const PlDetail *detail = g_ptr_array_index (details, i);
      g_autofree char *line = g_strdup_printf ("%s %s", detail->label, detail->value);

      if (detail->group != PL_DETAILS_TIMELINE)
        continue;
      g_assert_cmpuint (n, <, G_N_ELEMENTS (expected));
      g_assert_cmpstr (line, ==, expected[n++]);
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected));
}

/* An app that is named without its process, or lives in another network, says so. */
static void
test_app_elsewhere (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "10.0.0.2", 51514, "93.184.216.34", 443, "local");
  PlProcess *app = make_app ("curl");
  g_autoptr (GPtrArray) here = NULL, elsewhere = NULL;

  flow.app = app;
  flow.app_confidence = PL_CONFIDENCE_CGROUP;
  here = pl_flow_details (&live, &flow, NULL);
  g_assert_null (find_detail (here, PL_DETAILS_APP, "Process"));
  g_assert_null (find_detail (here, PL_DETAILS_APP, "Network"));
  app->pid = 12;
  app->is_elsewhere = TRUE;
  elsewhere = pl_flow_details (&live, &flow, NULL);
  assert_detail (elsewhere, PL_DETAILS_APP, "Process", "pid 12", NULL);
  assert_detail (elsewhere, PL_DETAILS_APP, "Network", "in another network namespace",
                 "As in a container: its addresses and ports are not those of this computer.");
  pl_process_unref (app);
}

/* What the kernel does not tell is unknown, never 0. */
static void
test_unknown (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_UDP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");
  g_autoptr (GPtrArray) details = NULL;

  flow.sources = PL_SEEN_SOCKET;
  details = pl_flow_details (&live, &flow, NULL);
  g_assert_cmpstr (find_detail (details, PL_DETAILS_TRAFFIC, "Sent")->value, ==, "unknown");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_APP, "Name")->value, ==, "unknown");
  flow.payload_sent = 0;
  g_ptr_array_unref (g_steal_pointer (&details));
  details = pl_flow_details (&live, &flow, NULL);
  g_assert_cmpstr (find_detail (details, PL_DETAILS_TRAFFIC, "Sent")->value, ==, "0 bytes");
}

static void
test_app (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "127.0.0.1", 51514, "127.0.0.1", 443, "local");
  PlProcess *app = make_app ("Firefox");
  g_autoptr (GPtrArray) details = NULL;

  app->pid = 4211;
  app->uid = 1000;
  app->user = strdup ("ana");
  app->exe = strdup ("/usr/lib/firefox/firefox");
  app->unit = strdup ("app-firefox-4211.scope");
  flow.app = app;
  flow.app_confidence = PL_CONFIDENCE_EXACT;
  flow.remote_app = app;
  flow.remote_confidence = PL_CONFIDENCE_LIKELY;
  details = pl_flow_details (&live, &flow, NULL);
  g_assert_cmpstr (find_detail (details, PL_DETAILS_APP, "Name")->value, ==, "Firefox");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_APP, "Name")->note, ==,
                   "Certain: the socket was found in this process.");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_APP, "Process")->value, ==, "pid 4211");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_APP, "User")->value, ==, "ana (uid 1000)");
  g_assert_cmpstr (find_detail (details, PL_DETAILS_APP, "Unit")->value, ==, "app-firefox-4211.scope");
  g_assert_true (g_str_has_prefix (find_detail (details, PL_DETAILS_OTHER_APP, "Name")->note, "Likely"));

  /* As in a sandbox, where a socket's user may have no number. */
  g_clear_pointer (&app->user, free);
  app->uid = 4711234;
  flow.uid = 65534;
  g_ptr_array_unref (g_steal_pointer (&details));
  details = pl_flow_details (&live, &flow, NULL);
  g_assert_cmpstr (find_detail (details, PL_DETAILS_APP, "User")->value, ==, "uid 4711234");
  pl_process_unref (app);
}

static void
test_processes (void)
{
  g_autoptr (GPtrArray) uses = g_ptr_array_new (), details = NULL, one = NULL;
  PlProcess *first = pl_process_new (), *second = pl_process_new ();
  PlProcessUse a = { first, PL_CONFIDENCE_EXACT, 2, 0, 0, 0 }, b = { second, PL_CONFIDENCE_EXACT, 1, 3, 1000, 500 };
  const PlDetail *detail;
  gboolean has_parent = FALSE, has_start = FALSE;

  first->pid = 10;
  first->name = strdup ("Browser");
  first->cmdline = strdup ("/opt/browser --new-window");
  first->parent_pid = 1;
  first->parent_name = strdup ("systemd");
  first->started_us = 1700000000000000u;
  second->pid = 11;
  second->name = strdup ("Browser");
  g_ptr_array_add (uses, &a);
  one = pl_processes_details (uses);
  for (guint i = 0; i < one->len; i++)
    {
      detail = g_ptr_array_index (one, i);
      has_parent |= g_str_equal (detail->value, "systemd (pid 1)");
      has_start |= g_str_equal (detail->value, "pid 10") && g_str_has_prefix (detail->note, "since ");
    }
  g_assert_true (has_parent && has_start);

  g_ptr_array_add (uses, &b);
  details = pl_processes_details (uses);
  g_assert_cmpuint (details->len, ==, 2);
  detail = g_ptr_array_index (details, 0);
  g_assert_cmpstr (detail->label, ==, "pid 10");
  g_assert_cmpstr (detail->value, ==, "/opt/browser --new-window");
  g_assert_cmpstr (detail->note, ==, "2 flows");
  detail = g_ptr_array_index (details, 1);
  g_assert_cmpstr (detail->value, ==, "Browser"); /* for want of better */
  g_assert_cmpstr (detail->note, ==, "1 flow · listens on 3 ports · 1.5\u00a0kB/s");
  pl_process_unref (first);
  pl_process_unref (second);
}

/* Of very many processes the last line counts those that have none. */
static void
test_many_processes (void)
{
  PlProcess *process = make_app ("Browser");
  PlProcessUse use = { process, PL_CONFIDENCE_EXACT, 1, 0, 0, 500 };
  g_autoptr (GPtrArray) uses = g_ptr_array_new ();

  process->pid = 10;
  for (guint i = 0; i < PL_LIMIT_PROCESS_ROWS; i++)
    g_ptr_array_add (uses, &use);
  for (guint n_more = 0; n_more <= 2; n_more++)
    {
      g_autoptr (GPtrArray) details = pl_processes_details (uses);
      const char *const last[] = { "Browser", "1 more process", "2 more processes" };

      g_assert_cmpuint (details->len, ==, PL_LIMIT_PROCESS_ROWS + (n_more > 0));
      g_assert_cmpstr (((PlDetail *)g_ptr_array_index (details, 0))->note, ==, "1 flow · 500" NBSP "B/s");
      g_assert_cmpstr (((PlDetail *)g_ptr_array_index (details, details->len - 1))->value, ==, last[n_more]);
      g_ptr_array_add (uses, &use);
    }
  pl_process_unref (process);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/details/all", test_details);
  g_test_add_func ("/details/service", test_service);
  g_test_add_func ("/details/purposes", test_purposes);
  g_test_add_func ("/details/traffic", test_traffic);
  g_test_add_func ("/details/round-trip", test_round_trip);
  g_test_add_func ("/details/timeline", test_timeline);
  g_test_add_func ("/details/unknown", test_unknown);
  g_test_add_func ("/details/app", test_app);
  g_test_add_func ("/details/app-elsewhere", test_app_elsewhere);
  g_test_add_func ("/details/processes", test_processes);
  g_test_add_func ("/details/many-processes", test_many_processes);
  return g_test_run ();
}
