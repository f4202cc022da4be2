/* Every situation a flow can be in has its sentence, and no number is coloured by a lie. */
#include "flows-summary.h"
#include "words-fixture.h"

static void
assert_sentence (const PlWordsContext *context, const PlModelFlow *flow, const char *expected)
{
  g_autofree char *sentence = pl_words_sentence (context, flow);

  g_assert_cmpstr (sentence, ==, expected);
}

static void
assert_port (const PlWordsContext *context, const PlModelFlow *flow, int end, const char *expected)
{
  g_autofree char *text = pl_words_port (context, flow, end);

  g_assert_cmpstr (text, ==, expected);
}

/* ---- sentences ---- */

static void
test_outgoing (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");
  PlProcess *firefox = make_app ("Firefox");
  g_autofree char *title = NULL, *anonymous = NULL, *named = NULL;

  assert_sentence (
      &live, &flow,
      "An unknown app opened temporary port 51514 on this computer to reach the https service (port 443) of "
      "93.184.216.34.");
  assert_sentence (&file, &flow,
                   "192.168.1.20 used port 51514 to reach the https service (port 443) of 93.184.216.34.");
  anonymous = pl_words_title (&file, &flow);
  g_assert_cmpstr (anonymous, ==, "192.168.1.20 → 93.184.216.34");
  flow.app = firefox;
  assert_sentence (&live, &flow,
                   "Firefox opened temporary port 51514 on this computer to reach the https service (port 443) of "
                   "93.184.216.34.");
  title = pl_words_title (&live, &flow);
  g_assert_cmpstr (title, ==, "Firefox → 93.184.216.34");
  flow.host = "example.com";
  flow.host_source = PL_NAME_TLS;
  assert_sentence (&live, &flow,
                   "Firefox opened temporary port 51514 on this computer to reach the https service (port 443) of "
                   "example.com (93.184.216.34).");
  named = pl_words_title (&live, &flow);
  g_assert_cmpstr (named, ==, "Firefox → example.com");

  flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "192.168.1.9", 4711, "local");
  flow.app = firefox;
  assert_sentence (
      &live, &flow,
      "Firefox opened temporary port 51514 on this computer to reach port 4711 of 192.168.1.9 on the local "
      "network.");
  /* The kernel hands out the first and the last of its ports, too. */
  for (guint i = 0; i < 2; i++)
    {
      guint16 port = i == 0 ? live.kernel_low_port : live.kernel_high_port;
      g_autofree char *expected = g_strdup_printf ("Firefox opened temporary port %u on this computer to reach the "
                                                   "https service (port 443) of 9.9.9.9.",
                                                   port);

      flow = make_flow (PL_PROTO_TCP, "192.168.1.20", port, "9.9.9.9", 443, "local");
      flow.app = firefox;
      assert_sentence (&live, &flow, expected);
    }
  /* A port that this kernel never hands out was not picked by it. */
  flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 872, "192.168.1.9", 2049, "local");
  flow.app = firefox;
  assert_sentence (
      &live, &flow,
      "Firefox used port 872 of this computer, which it chose itself, to reach the nfs service (port 2049) of "
      "192.168.1.9 on the local network.");
  pl_process_unref (firefox);
}

static void
test_incoming (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 8080, "192.168.1.31", 62110, "remote");
  PlProcess *python = make_app ("python3");
  g_autofree char *title = NULL, *ports = NULL;

  assert_sentence (
      &live, &flow,
      "192.168.1.31 on the local network used its temporary port 62110 to reach port 8080 (http-alt) of this "
      "computer.");
  flow.app = python;
  assert_sentence (
      &live, &flow,
      "192.168.1.31 on the local network used its temporary port 62110 to reach python3, which listens on port "
      "8080 (http-alt) of this computer.");
  title = pl_words_title (&live, &flow);
  g_assert_cmpstr (title, ==, "python3 ← 192.168.1.31");
  ports = pl_words_ports (&flow);
  g_assert_cmpstr (ports, ==, ":8080 http-alt ← :62110");
  pl_process_unref (python);
}

static void
test_loopback (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "127.0.0.1", 56002, "127.0.0.1", 5432, "local");
  PlProcess *psql = make_app ("psql");
  PlProcess *postgres = make_app ("postgres");
  g_autofree char *title = NULL;

  flow.app = psql;
  assert_sentence (&live, &flow,
                   "psql opened temporary port 56002 to reach port 5432 (postgresql) on this computer itself.");
  flow.remote_app = postgres;
  assert_sentence (
      &live, &flow,
      "psql opened temporary port 56002 to reach postgres, which listens on port 5432 (postgresql). Both are "
      "on this computer: nothing of it goes out to a network.");
  title = pl_words_title (&live, &flow);
  g_assert_cmpstr (title, ==, "psql → postgres");

  /* Seen from the listening side the caller is still the one who opened it. */
  flow = make_flow (PL_PROTO_TCP, "127.0.0.1", 5432, "127.0.0.1", 56002, "remote");
  flow.app = postgres;
  flow.remote_app = psql;
  assert_sentence (
      &live, &flow,
      "psql opened temporary port 56002 to reach postgres, which listens on port 5432 (postgresql). Both are "
      "on this computer: nothing of it goes out to a network.");
  pl_process_unref (psql);
  pl_process_unref (postgres);
}

static void
test_listener (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "0.0.0.0", 22, "0.0.0.0", 0, "");
  PlProcess *sshd = make_app ("sshd");
  g_autofree char *title = NULL, *end = NULL;

  flow.app = sshd;
  flow.flow.state = PL_STATE_LISTEN;
  flow.sources = PL_SEEN_SOCKET;
  assert_sentence (&live, &flow, "sshd waits for connections on port 22 (ssh), at every address of this computer.");
  title = pl_words_title (&live, &flow);
  g_assert_cmpstr (title, ==, "sshd on port 22");
  end = pl_words_end (&flow, flow.local_end);
  g_assert_cmpstr (end, ==, "every address :22");
  assert_port (&live, &flow, !flow.local_end, NULL);
  assert_port (&live, &flow, flow.local_end, "well-known range (0–1023), listens here: ssh");

  flow = make_flow (PL_PROTO_UDP, "127.0.0.53", 53, "0.0.0.0", 0, "");
  flow.app = sshd;
  flow.flow.state = PL_STATE_LISTEN;
  assert_sentence (&live, &flow,
                   "sshd waits for packets on port 53 (dns) at 127.0.0.53, where only apps on this computer can reach "
                   "it.");
  flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 4711, "0.0.0.0", 0, "");
  flow.app = sshd;
  flow.flow.state = PL_STATE_LISTEN;
  assert_sentence (&live, &flow, "sshd waits for connections on port 4711 at 192.168.1.20.");
  pl_process_unref (sshd);
}

static void
test_undirected (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 40000, "93.184.216.34", 50000, "");
  g_autofree char *title = NULL;

  flow.flow.flags |= PL_FLOW_MIDSTREAM;
  assert_sentence (
      &file, &flow,
      "192.168.1.20 talks through its port 40000 with port 50000 of 93.184.216.34. Which of them began is not "
      "known: the first packet was not seen. It was already open when the capture began.");
  title = pl_words_title (&file, &flow);
  g_assert_cmpstr (title, ==, "192.168.1.20 ↔ 93.184.216.34");
}

static void
test_multicast (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_UDP, "192.168.1.20", 5353, "224.0.0.251", 5353, "local");
  PlProcess *avahi = make_app ("avahi-daemon");

  flow.app = avahi;
  flow.flow.flags = 0; /* nobody answers a group's packets, and that is no failure */
  assert_sentence (&live, &flow,
                   "avahi-daemon sends from port 5353 to everyone on the local network who listens at 224.0.0.251, the "
                   "mdns service (port 5353).");
  pl_process_unref (avahi);
}

static void
test_portless (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_ICMP, "192.168.1.20", 7, "1.1.1.1", 7, "local");

  flow.flow.key.kind = PL_KIND_ECHO;
  assert_sentence (&file, &flow, "192.168.1.20 asks 1.1.1.1 whether it is there (ping). It answers.");
  flow.flow.flags = 0;
  assert_sentence (&file, &flow, "192.168.1.20 asks 1.1.1.1 whether it is there (ping). No answer has been seen.");
  flow = make_flow (PL_PROTO_ICMP, "192.168.1.20", 7, "1.1.1.1", 7, "remote");
  flow.flow.key.kind = PL_KIND_ECHO;
  assert_sentence (&file, &flow, "1.1.1.1 asks 192.168.1.20 whether it is there (ping). It answers.");
  flow = make_flow (47, "192.168.1.20", 0, "1.1.1.1", 0, "local");
  assert_sentence (&file, &flow, "192.168.1.20 and 1.1.1.1 exchange GRE packets, a protocol without ports.");
  assert_port (&file, &flow, flow.local_end, NULL);
}

/* ---- how it went ---- */

static void
assert_outcome_in (const PlWordsContext *context, const PlModelFlow *flow, const char *expected)
{
  g_autofree char *sentence = pl_words_sentence (context, flow);
  const char *first_ends = strstr (sentence, "93.184.216.34.");

  g_assert_nonnull (first_ends);
  g_assert_cmpstr (first_ends + strlen ("93.184.216.34."), ==, expected);
}

static void
assert_outcome (const PlModelFlow *flow, const char *expected)
{
  assert_outcome_in (&file, flow, expected);
}

static void
test_failures (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");

  assert_outcome (&flow, "");
  flow.flow.state = PL_STATE_RESET;
  flow.diagnosis.failure = PL_FAILURE_REFUSED;
  assert_outcome (&flow, " It was refused: nothing listens on that port there, or a firewall rejects it.");
  g_assert_cmpstr (pl_words_state (&flow), ==, "refused");

  flow.flow.state = PL_STATE_SYN_SENT;
  flow.diagnosis.failure = PL_FAILURE_NO_ANSWER;
  flow.story.n_syn = 3;
  assert_outcome (&flow,
                  " No answer came to 3 attempts: a firewall on the way likely drops them, or no machine is there.");
  flow.story.n_syn = 1;
  assert_outcome (&flow, " No answer came: a firewall on the way likely drops it, or no machine is there.");
  g_assert_cmpstr (pl_words_state (&flow), ==, "not answered");

  g_assert_true (pl_addr_parse ("10.0.0.1", &flow.story.icmp_from));
  flow.story.icmp_type = 3;
  flow.story.icmp_code = 1;
  flow.diagnosis.failure = PL_FAILURE_UNREACHABLE;
  assert_outcome (&flow, " It could not be reached: 10.0.0.1 answered “host unreachable”.");
  flow.story.icmp_code = 13;
  flow.flow.flags |= PL_FLOW_ICMP_ERROR;
  flow.diagnosis.failure = PL_FAILURE_PROHIBITED;
  flow.diagnosis.is_certain = true;
  flow.story.icmp_end = flow.flow.initiator_end;
  assert_outcome (&flow, " A firewall forbade it: 10.0.0.1 answered “prohibited by a firewall”.");
  flow.diagnosis.is_certain = false;
  flow.story.icmp_code = 3;
  assert_outcome (&flow, " A firewall likely forbade it: 10.0.0.1 answered “port unreachable”.");
  g_assert_cmpstr (pl_words_state (&flow), ==, "likely forbidden by a firewall");
  flow.story.icmp_end = 1 - flow.flow.initiator_end;
  assert_outcome (&flow, " The answer did not get back: 10.0.0.1 turned it away (“port unreachable”).");
  flow.story.icmp_from = flow.flow.key.addr[1 - flow.local_end];
  flow.story.icmp_code = 1;
  flow.diagnosis.failure = PL_FAILURE_UNREACHABLE;
  flow.diagnosis.place = PL_PLACE_CALLED;
  assert_outcome (
      &flow, " It could not be reached: 93.184.216.34 itself answered “host unreachable”, so that a firewall there "
             "likely rejects it.");

  flow.flow.state = PL_STATE_RESET;
  flow.diagnosis.failure = PL_FAILURE_RESET;
  flow.story.rst_end = flow.local_end;
  assert_outcome (&flow, " This end cut the connection off (reset).");
  flow.story.rst_end = !flow.local_end;
  assert_outcome (&flow, " The other end cut the connection off (reset).");
}

/* What fails at this computer, called by it and calling it. */
static void
test_failures_here (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");

  flow.flow.state = PL_STATE_SYN_SENT;
  flow.flow.flags = PL_FLOW_ICMP_ERROR;
  flow.story.icmp_from = flow.flow.key.addr[flow.local_end];
  flow.story.icmp_end = flow.local_end;
  flow.story.icmp_type = 3;
  flow.story.icmp_code = 3;
  flow.diagnosis = (PlDiagnosis){ PL_FAILURE_PROHIBITED, true, PL_PLACE_CALLER };
  assert_outcome_in (&live, &flow, " This computer’s own firewall forbade it.");
  assert_outcome (&flow, " A firewall forbade it: 192.168.1.20 answered “port unreachable”.");
  flow.diagnosis.is_certain = false;
  flow.story.icmp_code = 0;
  assert_outcome_in (
      &live, &flow,
      " It did not leave this computer (“no route to that network”): its own firewall likely rejects it.");
  flow.story.icmp_end = 1 - flow.local_end;
  assert_outcome_in (
      &live, &flow,
      " The answer came, but this computer turned it away (“no route to that network”): its own firewall "
      "likely rejects it.");
  flow.diagnosis.failure = PL_FAILURE_UNREACHABLE;
  flow.story.icmp_end = flow.local_end;
  flow.story.icmp_code = 1;
  assert_outcome_in (
      &live, &flow,
      " It did not leave this computer (“host unreachable”): most likely no machine on its network has that address.");
  flow.flow.flags = 0;
  flow.diagnosis = (PlDiagnosis){ PL_FAILURE_PROHIBITED, true, PL_PLACE_CALLER };
  assert_outcome_in (&live, &flow, " This computer’s own firewall rejected it before it left.");

  flow.diagnosis = (PlDiagnosis){ PL_FAILURE_NO_ANSWER, false, PL_PLACE_WAY };
  flow.sources = PL_SEEN_SOCKET;
  assert_outcome_in (
      &live, &flow, " No answer came: a firewall, maybe this computer’s own, likely drops it, or no machine is there.");
  flow.sources = PL_SEEN_PACKETS;
  flow.story.syn_ack_us = 1;
  flow.diagnosis.place = PL_PLACE_CALLER;
  assert_outcome_in (&live, &flow,
                     " The answer came, but the connection was never completed: this computer’s own firewall likely "
                     "drops the answer.");
  g_assert_cmpstr (pl_words_state (&flow), ==, "not completed");
}

/* What failed never was open. */
static void
test_age_of_failure (void)
{
  PlWordsContext context = live;
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");
  g_autofree char *age = NULL;

  context.now_us = flow.flow.first_us + 9 * G_USEC_PER_SEC;
  flow.flow.state = PL_STATE_SYN_SENT;
  flow.diagnosis = (PlDiagnosis){ PL_FAILURE_NO_ANSWER, false, PL_PLACE_WAY };
  age = pl_words_age (&context, &flow);
  g_assert_true (g_str_has_prefix (age, "seen for "));
}

static void
test_failures_of_callers (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 22, "93.184.216.34", 51514, "remote");
  g_autofree char *first = pl_words_sentence (&live, &flow);
  static const struct
  {
    PlDiagnosis diagnosis;
    const char *outcome;
  } rows[] = {
    { { PL_FAILURE_REFUSED, true, PL_PLACE_CALLED },
      " It was refused: nothing listens on that port here, or this computer’s own firewall rejects it." },
    { { PL_FAILURE_PROHIBITED, true, PL_PLACE_CALLED },
      " This computer’s own firewall turned it away (“prohibited by a firewall”)." },
    { { PL_FAILURE_PROHIBITED, false, PL_PLACE_CALLED },
      " This computer turned it away (“prohibited by a firewall”): its own firewall likely rejects it." },
    { { PL_FAILURE_NO_ANSWER, false, PL_PLACE_WAY },
      " This computer did not answer 3 attempts: its own firewall likely drops them." },
  };

  flow.flow.flags = PL_FLOW_ICMP_ERROR;
  flow.story.icmp_from = flow.flow.key.addr[flow.local_end];
  flow.story.icmp_end = 1 - flow.local_end;
  flow.story.icmp_type = 3;
  flow.story.icmp_code = 13;
  flow.story.n_syn = 3;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *expected = g_strconcat (first, rows[i].outcome, NULL), *sentence = NULL;

      flow.diagnosis = rows[i].diagnosis;
      sentence = pl_words_sentence (&live, &flow);
      g_assert_cmpstr (sentence, ==, expected);
    }
  flow.story.syn_ack_us = 1;
  g_free (first);
  first = pl_words_sentence (&live, &flow);
  g_assert_true (g_str_has_suffix (first,
                                   " An answer was sent, but the connection was never completed: it likely got lost on "
                                   "its way, or the caller wanted none."));
}

static void
test_states (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");

  flow.flow.state = PL_STATE_SYN_SENT;
  assert_outcome (&flow, " It waits for an answer.");
  flow.flow.state = PL_STATE_SYN_RECEIVED;
  assert_outcome (&flow, " The answer is there; the connection is being set up.");
  flow.flow.state = PL_STATE_FIN_WAIT;
  assert_outcome (&flow, " One end has said that it is done.");
  flow.flow.state = PL_STATE_CLOSED;
  assert_outcome (&flow, " The connection has ended.");
  /* Whether a socket was there before the capture is nothing to say when nothing is captured. */
  flow.flow.state = PL_STATE_ESTABLISHED;
  flow.flow.flags |= PL_FLOW_MIDSTREAM;
  assert_outcome (&flow, " It was already open when the capture began.");
  flow.sources = PL_SEEN_SOCKET;
  assert_outcome (&flow, "");
  for (guint state = 0; state < PL_N_STATES; state++)
    {
      flow.flow.state = (guint8)state;
      g_assert_cmpstr (pl_words_state (&flow), !=, "unknown");
    }
}

/* ---- ports ---- */

static void
test_ports (void)
{
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");

  assert_port (&live, &flow, flow.local_end, "dynamic range, picked by this kernel as a temporary port");
  assert_port (&live, &flow, !flow.local_end, "well-known range (0–1023), the service that was called: https");
  assert_port (&file, &flow, flow.local_end, "dynamic range (49152–65535), temporary port of the caller");

  flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 40000, "93.184.216.34", 443, "local");
  assert_port (&live, &flow, flow.local_end, "registered range, but picked by this kernel as a temporary port");
  flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 61000, "93.184.216.34", 443, "local");
  assert_port (&live, &flow, flow.local_end,
               "dynamic range (49152–65535), chosen by the app itself: this kernel hands out 32768–60999");
  flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 8080, "192.168.1.31", 62110, "remote");
  assert_port (&live, &flow, flow.local_end, "registered range (1024–49151), listens here: http-alt");
  assert_port (&live, &flow, !flow.local_end, "dynamic range (49152–65535), temporary port of the caller");
}

static void
test_kernel_ports (void)
{
  guint16 low, high;

  g_assert_true (pl_words_parse_kernel_ports ("32768\t60999\n", &low, &high));
  g_assert_cmpuint (low, ==, 32768);
  g_assert_cmpuint (high, ==, 60999);
  for (guint i = 0; i < 6; i++)
    {
      const char *const bad[] = { NULL, "", "32768", "60999 32768", "0 5", "1 65536" };

      g_assert_false (pl_words_parse_kernel_ports (bad[i], &low, &high));
      g_assert_cmpuint (low, ==, 0);
      g_assert_cmpuint (high, ==, 0);
    }
}

/* ---- age and summaries ---- */

static void
test_age (void)
{
  PlWordsContext now = live;
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 51514, "93.184.216.34", 443, "local");
  g_autofree char *open = NULL, *seen = NULL, *lasted = NULL, *subtitle = NULL;

  now.now_us = 162 * 1000000ull;
  open = pl_words_age (&now, &flow);
  g_assert_cmpstr (open, ==, "open for 2 min 41 s");
  subtitle = pl_words_subtitle (&now, &flow);
  g_assert_cmpstr (subtitle, ==, "TCP · established · open for 2 min 41 s");
  flow.sources = PL_SEEN_SOCKET; /* it may be older than we know */
  seen = pl_words_age (&now, &flow);
  g_assert_cmpstr (seen, ==, "seen for 2 min 41 s");
  flow.flow.state = PL_STATE_CLOSED;
  flow.flow.last_us = 4200000;
  lasted = pl_words_age (&now, &flow);
  g_assert_cmpstr (lasted, ==, "lasted 3.2 s");
}

static void
test_summary (void)
{
  g_autoptr (PlFlowsSummary) summary = pl_flows_summary_new ();
  PlProcess *app = make_app ("Firefox");
  g_autofree char *sentence = NULL, *subtitle = NULL;

  for (guint i = 0; i < 3; i++)
    {
      PlModelFlow flow =
          make_flow (PL_PROTO_TCP, "192.168.1.20", (guint16)(51514 + i), i < 2 ? "1.1.1.1" : "9.9.9.9", 443, "local");

      flow.app = app;
      flow.rate_in = 1000;
      flow.diagnosis.failure = i == 0 ? PL_FAILURE_REFUSED : PL_FAILURE_NONE;
      pl_flows_summary_add (summary, &flow);
      flow.is_gone = TRUE; /* one that fades */
      pl_flows_summary_add (summary, &flow);
    }
  sentence = pl_flows_summary_sentence (summary);
  subtitle = pl_flows_summary_subtitle (summary);
  g_assert_cmpstr (sentence, ==, "Firefox: 3 flows, through 3 local ports to 2 endpoints. 1 of them failed.");
  g_assert_cmpstr (subtitle, ==, "3 flows · ↓ 3.0" NBSP "kB/s ↑ 0" NBSP "B/s");
  pl_process_unref (app);
}

/* Of many flows each app, port and endpoint counts once: a port of TCP is none of UDP. */
static void
test_summary_of_many (void)
{
  g_autoptr (PlFlowsSummary) summary = pl_flows_summary_new ();
  PlProcess *apps[] = { make_app ("Firefox"), make_app ("curl"), make_app ("Firefox") };
  g_autofree char *sentence = NULL;

  for (guint i = 0; i < 6000; i++)
    {
      g_autofree char *address = g_strdup_printf ("10.1.%u.%u", i % 300 / 100, 1 + i % 100);
      PlModelFlow flow = make_flow (i % 2 == 0 ? PL_PROTO_TCP : PL_PROTO_UDP, "192.168.1.20",
                                    (guint16)(i % 4 < 2 ? 0 : 64536 + i % 1000), address, 443, "local");

      flow.app = apps[i % G_N_ELEMENTS (apps)];
      pl_flows_summary_add (summary, &flow);
    }
  sentence = pl_flows_summary_sentence (summary);
  g_assert_cmpstr (sentence, ==, "2 apps: 6000 flows, through 502 local ports to 300 endpoints.");
  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    pl_process_unref (apps[i]);
}

/* What waits for others to call is none of the flows, nor is its port one that they go through. */
static void
test_summary_of_server (void)
{
  g_autoptr (PlFlowsSummary) summary = pl_flows_summary_new (), pings = pl_flows_summary_new ();
  PlModelFlow flow = make_flow (PL_PROTO_TCP, "192.168.1.20", 50000, "1.1.1.1", 443, "local");
  PlModelFlow listener = make_flow (PL_PROTO_TCP, "0.0.0.0", 8080, "0.0.0.0", 0, "");
  PlModelFlow ping = make_flow (PL_PROTO_ICMP, "192.168.1.20", 0, "1.1.1.1", 0, "local");
  PlProcess *app = make_app ("server");
  g_autofree char *sentence = NULL, *portless = NULL;

  flow.app = listener.app = ping.app = app;
  flow.diagnosis.failure = PL_FAILURE_REFUSED;
  listener.flow.state = PL_STATE_LISTEN;
  g_assert_true (pl_model_flow_is_listener (&listener));
  pl_flows_summary_add (summary, &flow);
  pl_flows_summary_add (summary, &listener);
  sentence = pl_flows_summary_sentence (summary);
  g_assert_cmpstr (sentence, ==,
                   "server: 1 flow, through 1 local port to 1 endpoint. 1 of them failed. 1 port waits for others to "
                   "call.");
  pl_flows_summary_add (pings, &ping);
  portless = pl_flows_summary_sentence (pings);
  g_assert_cmpstr (portless, ==, "server: 1 flow to 1 endpoint.");
  pl_process_unref (app);
}

static void
test_reach_and_raw (void)
{
  static const struct
  {
    const char *addr, *words;
  } cases[] = { { "127.0.0.1", "this computer only" },
                { "::1", "this computer only" },
                { "192.168.1.20", "this network" },
                { "fe80::1", "this network" },
                { "0.0.0.0", "everyone" },
                { "::", "everyone" },
                { "93.184.216.34", "everyone" },
                { "239.0.0.1", "members of the group" } };
  g_autofree char *title = NULL, *sentence = NULL;
  PlWordsContext context = { .is_live = TRUE };
  PlModelFlow flow;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      flow = make_flow (PL_PROTO_TCP, cases[i].addr, 80, "0.0.0.0", 0, "unknown");
      g_assert_null (pl_words_reach (&flow));
      flow.flow.state = PL_STATE_LISTEN;
      g_assert_cmpstr (pl_words_reach (&flow), ==, cases[i].words);
    }
  /* A raw socket has no port, so none is spoken of. */
  flow = make_flow (PL_PROTO_ICMP, "0.0.0.0", 0, "0.0.0.0", 0, "unknown");
  flow.flow.key.kind = PL_KIND_BARE;
  flow.flow.state = PL_STATE_LISTEN;
  title = pl_words_title (&context, &flow);
  sentence = pl_words_sentence (&context, &flow);
  g_assert_cmpstr (title, ==, "Unknown app, ICMP");
  g_assert_cmpstr (sentence, ==, "An unknown app takes ICMP packets at every address of this computer (raw socket).");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/outgoing", test_outgoing);
  g_test_add_func ("/words/incoming", test_incoming);
  g_test_add_func ("/words/loopback", test_loopback);
  g_test_add_func ("/words/listener", test_listener);
  g_test_add_func ("/words/undirected", test_undirected);
  g_test_add_func ("/words/multicast", test_multicast);
  g_test_add_func ("/words/portless", test_portless);
  g_test_add_func ("/words/failures", test_failures);
  g_test_add_func ("/words/failures-here", test_failures_here);
  g_test_add_func ("/words/age-of-failure", test_age_of_failure);
  g_test_add_func ("/words/failures-of-callers", test_failures_of_callers);
  g_test_add_func ("/words/states", test_states);
  g_test_add_func ("/words/ports", test_ports);
  g_test_add_func ("/words/kernel-ports", test_kernel_ports);
  g_test_add_func ("/words/age", test_age);
  g_test_add_func ("/words/summary", test_summary);
  g_test_add_func ("/words/summary-of-many", test_summary_of_many);
  g_test_add_func ("/words/summary-of-server", test_summary_of_server);
  g_test_add_func ("/words/reach-and-raw", test_reach_and_raw);
  return g_test_run ();
}
