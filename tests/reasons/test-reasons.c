/* Every row of the tables that name a failure: TCP endings, silence, and each ICMP and ICMPv6 type and code. */
#include <glib.h>
#include "reasons.h"
#include "bounds.h"

#define T0 1700000000000000ull /* when the flow began */
#define SECOND 1000000ull

static PlFlow
make_flow (gboolean is_v6, guint8 proto)
{
  PlFlow flow = { 0 };
  PlAddr client, server;

  g_assert_true (pl_addr_parse (is_v6 ? "2001:db8::1" : "192.0.2.1", &client));
  g_assert_true (pl_addr_parse (is_v6 ? "2001:db8::2" : "192.0.2.2", &server));
  flow.initiator_end = pl_flow_key_from_ends (proto, PL_KIND_PORTS, &client, 51514, &server, 443, 0, &flow.key);
  flow.local_end = flow.initiator_end;
  flow.first_us = flow.last_us = T0;
  flow.id = 1;
  return flow;
}

static void
assert_diagnosis (
    const char *what, const PlFlow *flow, const PlFlowStory *story, guint64 now_us, PlFailure failure, bool is_certain)
{
  PlDiagnosis diagnosis = pl_diagnose (flow, story, now_us);

  g_test_message ("%s: %s", what, pl_failure_id (diagnosis.failure) != NULL ? pl_failure_id (diagnosis.failure) : "-");
  g_assert_cmpint (diagnosis.failure, ==, failure);
  g_assert_cmpint (diagnosis.is_certain, ==, is_certain);
}

static void
assert_place (const char *what, const PlFlow *flow, const PlFlowStory *story, PlPlace place)
{
  g_test_message ("%s", what);
  g_assert_cmpint (pl_diagnose (flow, story, T0 + 9 * SECOND).place, ==, place);
}

/* ---- ICMP ---- */

typedef struct
{
  gboolean is_v6;
  guint8 type, first_code, last_code;
  PlFailure failure;
  bool is_certain;
  const char *what;
} IcmpRow;

static const IcmpRow icmp_rows[] = {
  { FALSE, 3, 0, 2, PL_FAILURE_UNREACHABLE, true, "network, host, protocol unreachable" },
  { FALSE, 3, 3, 3, PL_FAILURE_REFUSED, true, "nobody has the port" },
  { FALSE, 3, 4, 4, PL_FAILURE_NONE, false, "fragmentation needed" },
  { FALSE, 3, 5, 8, PL_FAILURE_UNREACHABLE, true, "source route failed, unknown, isolated" },
  { FALSE, 3, 9, 10, PL_FAILURE_PROHIBITED, true, "network, host prohibited" },
  { FALSE, 3, 11, 12, PL_FAILURE_UNREACHABLE, true, "unreachable for this type of service" },
  { FALSE, 3, 13, 15, PL_FAILURE_PROHIBITED, true, "communication prohibited, precedence" },
  { FALSE, 3, 16, 255, PL_FAILURE_UNREACHABLE, true, "codes not assigned" },
  { FALSE, 4, 0, 0, PL_FAILURE_NONE, false, "source quench" },
  { FALSE, 5, 0, 3, PL_FAILURE_NONE, false, "redirect" },
  { FALSE, 11, 0, 0, PL_FAILURE_UNREACHABLE, false, "time exceeded in transit" },
  { FALSE, 11, 1, 1, PL_FAILURE_NONE, false, "fragment reassembly" },
  { FALSE, 12, 0, 2, PL_FAILURE_UNREACHABLE, false, "parameter problem" },
  { TRUE, 1, 0, 0, PL_FAILURE_UNREACHABLE, true, "no route" },
  { TRUE, 1, 1, 1, PL_FAILURE_PROHIBITED, true, "administratively prohibited" },
  { TRUE, 1, 2, 3, PL_FAILURE_UNREACHABLE, true, "beyond scope, address" },
  { TRUE, 1, 4, 4, PL_FAILURE_REFUSED, true, "nobody has the port" },
  { TRUE, 1, 5, 6, PL_FAILURE_PROHIBITED, true, "policy, reject route" },
  { TRUE, 1, 7, 255, PL_FAILURE_UNREACHABLE, true, "source routing header and later codes" },
  { TRUE, 2, 0, 0, PL_FAILURE_NONE, false, "packet too big" },
  { TRUE, 3, 0, 0, PL_FAILURE_UNREACHABLE, false, "hop limit exceeded" },
  { TRUE, 3, 1, 1, PL_FAILURE_NONE, false, "fragment reassembly" },
  { TRUE, 4, 0, 0, PL_FAILURE_UNREACHABLE, false, "erroneous header field" },
  { TRUE, 4, 1, 1, PL_FAILURE_UNREACHABLE, true, "unknown next header" },
  { TRUE, 4, 2, 2, PL_FAILURE_UNREACHABLE, false, "unknown option" },
};

static void
test_icmp (void)
{
  static const guint8 protos[] = { PL_PROTO_TCP, PL_PROTO_UDP, PL_PROTO_SCTP };

  for (guint i = 0; i < G_N_ELEMENTS (icmp_rows); i++)
    for (guint code = icmp_rows[i].first_code; code <= icmp_rows[i].last_code; code++)
      for (guint p = 0; p < G_N_ELEMENTS (protos); p++)
        {
          const IcmpRow *row = &icmp_rows[i];
          PlFlow flow = make_flow (row->is_v6, protos[p]);
          PlFlowStory story = { .icmp_error_us = T0 + 1, .icmp_type = row->type, .icmp_code = (guint8)code };

          flow.flags = PL_FLOW_ICMP_ERROR;
          flow.state = protos[p] == PL_PROTO_TCP ? PL_STATE_SYN_SENT : PL_STATE_ACTIVE;
          if (protos[p] == PL_PROTO_TCP)
            {
              story.syn_us = T0;
              story.n_syn = 1;
            }
          story.icmp_from = flow.key.addr[1 - flow.initiator_end];
          story.icmp_end = flow.initiator_end;
          if (row->failure == PL_FAILURE_REFUSED && protos[p] == PL_PROTO_TCP) /* whose closed ports send a reset */
            assert_diagnosis ("only a firewall says so", &flow, &story, T0 + 2, PL_FAILURE_PROHIBITED, false);
          else
            assert_diagnosis (row->what, &flow, &story, T0 + 2, row->failure, row->is_certain);
        }
}

/* An error that the flow outlived is no failure. */
static void
test_icmp_outlived (void)
{
  PlFlow flow = make_flow (FALSE, PL_PROTO_TCP);
  PlFlowStory story = {
    .syn_us = T0, .n_syn = 1, .icmp_error_us = T0 + 10, .icmp_type = 3, .icmp_code = 1, .syn_ack_us = T0 + 20
  };
  int target;

  flow.flags = PL_FLOW_ICMP_ERROR | PL_FLOW_ANSWERED;
  flow.state = PL_STATE_ESTABLISHED;
  story.icmp_from = flow.key.addr[1 - flow.initiator_end];
  assert_diagnosis ("answered after it", &flow, &story, T0 + 30, PL_FAILURE_NONE, false);

  story.syn_ack_us = 0;
  flow.flags = PL_FLOW_ICMP_ERROR | PL_FLOW_MIDSTREAM;
  assert_diagnosis ("under way before the capture", &flow, &story, T0 + 30, PL_FAILURE_NONE, false);

  flow = make_flow (FALSE, PL_PROTO_UDP);
  flow.flags = PL_FLOW_ICMP_ERROR | PL_FLOW_ANSWERED;
  target = 1 - flow.initiator_end;
  story = (PlFlowStory){ .icmp_error_us = T0 + 10, .icmp_type = 3, .icmp_code = 3 };
  story.icmp_from = flow.key.addr[target];
  story.first_payload_us[target] = T0 + 5;
  assert_diagnosis ("the server's port closed under way", &flow, &story, T0 + 30, PL_FAILURE_REFUSED, true);
  g_assert_true (pl_addr_parse ("203.0.113.200", &story.icmp_from));
  assert_diagnosis ("a router says so", &flow, &story, T0 + 30, PL_FAILURE_PROHIBITED, false);
  assert_place ("the router", &flow, &story, PL_PLACE_WAY);
  story.icmp_from = flow.key.addr[flow.initiator_end];
  story.icmp_end = target;
  assert_diagnosis ("the client had left", &flow, &story, T0 + 30, PL_FAILURE_NONE, false);
  story.is_kept_out = true;
  assert_diagnosis ("it had not, and met it again", &flow, &story, T0 + 30, PL_FAILURE_PROHIBITED, false);
  assert_place ("its own firewall", &flow, &story, PL_PLACE_CALLER);
  story.is_kept_out = false;
  story.icmp_code = 13;
  story.first_payload_us[target] = T0 + 20;
  assert_diagnosis ("the answer was not let in", &flow, &story, T0 + 30, PL_FAILURE_PROHIBITED, true);
  story.icmp_code = 1;
  assert_diagnosis ("nor was it here", &flow, &story, T0 + 30, PL_FAILURE_PROHIBITED, false);
  assert_place ("the caller’s firewall", &flow, &story, PL_PLACE_CALLER);
  story.icmp_code = 3;
  flow.initiator_end = PL_END_UNKNOWN;
  assert_diagnosis ("nobody saw who called", &flow, &story, T0 + 30, PL_FAILURE_UNREACHABLE, true);
}

/* The caller's own machine speaks: its firewall rejects, or nobody has the address. */
static void
test_icmp_own (void)
{
  PlFlow flow = make_flow (FALSE, PL_PROTO_TCP);
  PlFlowStory story = { .icmp_error_us = T0 + 10, .icmp_type = 3, .icmp_code = 3 };

  flow.flags = PL_FLOW_ICMP_ERROR;
  flow.state = PL_STATE_SYN_SENT;
  story.icmp_from = flow.key.addr[flow.initiator_end];
  story.icmp_end = flow.initiator_end;
  assert_diagnosis ("its own firewall", &flow, &story, T0 + 30, PL_FAILURE_PROHIBITED, true);
  assert_place ("before it left", &flow, &story, PL_PLACE_CALLER);
  story.icmp_code = 0;
  assert_diagnosis ("it knows no such route by then", &flow, &story, T0 + 30, PL_FAILURE_PROHIBITED, false);
  story.icmp_code = 1;
  assert_diagnosis ("nobody there", &flow, &story, T0 + 30, PL_FAILURE_UNREACHABLE, true);
  flow = make_flow (FALSE, PL_PROTO_UDP);
  flow.flags = PL_FLOW_ICMP_ERROR;
  story.icmp_from = flow.key.addr[flow.initiator_end];
  story.icmp_end = flow.initiator_end;
  assert_diagnosis ("nobody there for a datagram", &flow, &story, T0 + 30, PL_FAILURE_UNREACHABLE, true);
  story.icmp_code = 3;
  assert_diagnosis ("its own firewall and a datagram", &flow, &story, T0 + 30, PL_FAILURE_PROHIBITED, true);
}

/* On loopback the caller and the called have one address: the sender of the error does not tell them apart. */
static void
test_icmp_loopback (void)
{
  PlFlow flow = { .flags = PL_FLOW_ICMP_ERROR };
  PlFlowStory story = { .icmp_error_us = T0 + 10, .icmp_type = 3, .icmp_code = 3 };
  PlAddr loopback;

  g_assert_true (pl_addr_parse ("127.0.0.1", &loopback));
  flow.initiator_end =
      pl_flow_key_from_ends (PL_PROTO_UDP, PL_KIND_PORTS, &loopback, 40000, &loopback, 9, 0, &flow.key);
  story.icmp_from = loopback;
  story.icmp_end = flow.initiator_end;
  assert_diagnosis ("closed port on loopback", &flow, &story, T0 + 30, PL_FAILURE_REFUSED, true);
  story.icmp_end = 1 - flow.initiator_end;
  assert_diagnosis ("the client had left", &flow, &story, T0 + 30, PL_FAILURE_NONE, false);
  story.is_kept_out = true;
  assert_diagnosis ("it had not, and met it again", &flow, &story, T0 + 30, PL_FAILURE_PROHIBITED, false);
  assert_place ("its own firewall", &flow, &story, PL_PLACE_CALLER);
  story.is_kept_out = false;
}

/* ---- TCP ---- */

static void
test_refused (void)
{
  PlFlow flow = make_flow (FALSE, PL_PROTO_TCP);
  PlFlowStory story = { .syn_us = T0, .rst_us = T0 + 100, .n_syn = 1 };

  flow.state = PL_STATE_RESET;
  flow.flags = PL_FLOW_REFUSED | PL_FLOW_ENDED | PL_FLOW_ANSWERED;
  story.rst_end = 1 - flow.initiator_end;
  assert_diagnosis ("RST answered the SYN", &flow, &story, T0 + 200, PL_FAILURE_REFUSED, true);
  assert_place ("at its door", &flow, &story, PL_PLACE_CALLED);
  story = (PlFlowStory){ .rst_us = T0 + 100, .rst_end = 1 - flow.initiator_end, .is_unsent = true };
  assert_diagnosis ("RST answered a SYN that never left", &flow, &story, T0 + 200, PL_FAILURE_PROHIBITED, true);
  assert_place ("before it left", &flow, &story, PL_PLACE_CALLER);
}

static void
test_no_answer (void)
{
  PlFlow flow = make_flow (TRUE, PL_PROTO_TCP);
  PlFlowStory story = { .syn_us = T0, .n_syn = 1 };

  flow.state = PL_STATE_SYN_SENT;
  assert_diagnosis ("just asked", &flow, &story, T0, PL_FAILURE_NONE, false);
  assert_diagnosis ("clock behind the packets", &flow, &story, T0 - SECOND, PL_FAILURE_NONE, false);
  assert_diagnosis ("almost 3 s", &flow, &story, T0 + 3 * SECOND - 1, PL_FAILURE_NONE, false);
  assert_diagnosis ("3 s", &flow, &story, T0 + 3 * SECOND, PL_FAILURE_NO_ANSWER, false);
  story.n_syn = 2;
  assert_diagnosis ("one retry", &flow, &story, T0 + SECOND, PL_FAILURE_NONE, false);
  story.n_syn = 3;
  assert_diagnosis ("two retries", &flow, &story, T0 + SECOND, PL_FAILURE_NO_ANSWER, false);
  flow.flags = PL_FLOW_ANSWERED;
  assert_diagnosis ("answered", &flow, &story, T0 + 9 * SECOND, PL_FAILURE_NONE, false);
  flow.flags = 0;
  story.syn_ack_us = T0 + SECOND;
  assert_diagnosis ("SYN-ACK", &flow, &story, T0 + 9 * SECOND, PL_FAILURE_NONE, false);

  flow.flags = PL_FLOW_ANSWERED;
  flow.state = PL_STATE_SYN_RECEIVED;
  assert_diagnosis ("answered, and asked again and again", &flow, &story, T0 + SECOND, PL_FAILURE_NO_ANSWER, false);
  story.n_syn = 1;
  assert_diagnosis ("answered, and about to go on", &flow, &story, T0 + SECOND, PL_FAILURE_NONE, false);
  assert_diagnosis ("nothing followed", &flow, &story, T0 + 3 * SECOND, PL_FAILURE_NO_ANSWER, false);
  assert_place ("the answer came here", &flow, &story, PL_PLACE_CALLER);
  flow.local_end = 1 - flow.initiator_end;
  assert_place ("the answer went from here", &flow, &story, PL_PLACE_WAY);
  story.icmp_error_us = T0 + 2;
  story.icmp_type = 1;
  story.icmp_code = 1;
  story.icmp_end = flow.local_end;
  story.icmp_from = flow.key.addr[flow.initiator_end];
  flow.flags |= PL_FLOW_ICMP_ERROR;
  assert_diagnosis ("the caller forbids the answer", &flow, &story, T0 + 3, PL_FAILURE_PROHIBITED, true);
  story.established_us = T0 + 4;
  assert_diagnosis ("and let it in again", &flow, &story, T0 + 9 * SECOND, PL_FAILURE_NONE, false);

  flow = make_flow (TRUE, PL_PROTO_UDP);
  story = (PlFlowStory){ 0 };
  assert_diagnosis ("UDP may well be one-way", &flow, &story, T0 + 9 * SECOND, PL_FAILURE_NONE, false);
}

/* Of datagrams those are unanswered that ask what is answered at once: an echo, DNS, NTP, QUIC. */
static void
test_no_answer_to_datagrams (void)
{
  static const guint16 ports[] = { 53, 123, 443, 5004 };
  PlFlow flow = make_flow (FALSE, PL_PROTO_UDP);
  PlFlowStory story = { 0 };
  PlAddr group;

  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      PlFailure failure = ports[i] == 5004 ? PL_FAILURE_NONE : PL_FAILURE_NO_ANSWER;

      flow = make_flow (FALSE, PL_PROTO_UDP);
      flow.key.port[1 - flow.initiator_end] = ports[i];
      assert_diagnosis ("nothing was sent yet", &flow, &story, T0 + 3 * SECOND, PL_FAILURE_NONE, false);
      flow.sent[flow.initiator_end].packets = 1;
      assert_diagnosis ("almost 3 s", &flow, &story, T0 + 3 * SECOND - 1, PL_FAILURE_NONE, false);
      assert_diagnosis ("3 s", &flow, &story, T0 + 3 * SECOND, failure, false);
      flow.flags = PL_FLOW_ANSWERED;
      assert_diagnosis ("answered", &flow, &story, T0 + 3 * SECOND, PL_FAILURE_NONE, false);
    }
  flow = make_flow (FALSE, PL_PROTO_ICMP);
  flow.key.kind = PL_KIND_ECHO;
  flow.sent[flow.initiator_end].packets = 1;
  assert_diagnosis ("an echo", &flow, &story, T0 + 3 * SECOND, PL_FAILURE_NO_ANSWER, false);
  g_assert_true (pl_addr_parse ("224.0.0.1", &group));
  flow.key.addr[1 - flow.initiator_end] = group;
  assert_diagnosis ("to a group", &flow, &story, T0 + 3 * SECOND, PL_FAILURE_NONE, false);
}

static void
test_reset (void)
{
  PlFlow flow = make_flow (FALSE, PL_PROTO_TCP);
  PlFlowStory story = { .syn_us = T0, .syn_ack_us = T0 + 1, .established_us = T0 + 2, .rst_us = T0 + 50, .n_syn = 1 };

  flow.state = PL_STATE_RESET;
  flow.flags = PL_FLOW_ANSWERED | PL_FLOW_ENDED;
  story.rst_end = flow.initiator_end;
  assert_diagnosis ("established, reset by the client", &flow, &story, T0 + 60, PL_FAILURE_RESET, true);
  story.rst_end = 1 - flow.initiator_end;
  assert_diagnosis ("established, reset by the server", &flow, &story, T0 + 60, PL_FAILURE_RESET, true);
  story.fin_us = T0 + 40;
  assert_diagnosis ("swept up after a FIN", &flow, &story, T0 + 60, PL_FAILURE_NONE, false);
  story.fin_us = T0 + 51;
  assert_diagnosis ("a FIN after the RST", &flow, &story, T0 + 60, PL_FAILURE_RESET, true);

  story = (PlFlowStory){ .rst_us = T0 + 50, .rst_end = flow.initiator_end };
  flow.flags = PL_FLOW_MIDSTREAM;
  assert_diagnosis ("mid-stream", &flow, &story, T0 + 60, PL_FAILURE_RESET, true);

  flow.flags = PL_FLOW_ANSWERED;
  story = (PlFlowStory){ .syn_us = T0, .syn_ack_us = T0 + 1, .rst_us = T0 + 2, .n_syn = 1 };
  story.rst_end = flow.initiator_end;
  assert_diagnosis ("a port scan's half-open probe", &flow, &story, T0 + 60, PL_FAILURE_NONE, false);
  story.rst_end = 1 - flow.initiator_end;
  assert_diagnosis ("the server took its SYN-ACK back", &flow, &story, T0 + 60, PL_FAILURE_RESET, true);
}

static void
test_healthy (void)
{
  for (int state = 0; state < PL_N_STATES; state++)
    {
      PlFlow flow = make_flow (FALSE, PL_PROTO_TCP);
      PlFlowStory story = {
        .syn_us = T0, .syn_ack_us = T0 + 1, .established_us = T0 + 2, .n_syn = 1, .fin_us = T0 + 9, .rst_us = T0 + 20
      };

      flow.state = state;
      flow.flags = PL_FLOW_ANSWERED;
      assert_diagnosis (pl_state_id (state), &flow, &story, T0 + 60 * SECOND, PL_FAILURE_NONE, false);
    }
}

static void
test_ids (void)
{
  g_assert_null (pl_failure_id (PL_FAILURE_NONE));
  g_assert_cmpstr (pl_failure_id (PL_FAILURE_REFUSED), ==, "refused");
  g_assert_cmpstr (pl_failure_id (PL_FAILURE_UNREACHABLE), ==, "unreachable");
  g_assert_cmpstr (pl_failure_id (PL_FAILURE_PROHIBITED), ==, "prohibited");
  g_assert_cmpstr (pl_failure_id (PL_FAILURE_NO_ANSWER), ==, "no-answer");
  g_assert_cmpstr (pl_failure_id (PL_FAILURE_RESET), ==, "reset");
  g_assert_null (pl_failure_id ((PlFailure)99));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reasons/icmp", test_icmp);
  g_test_add_func ("/reasons/icmp-outlived", test_icmp_outlived);
  g_test_add_func ("/reasons/icmp-loopback", test_icmp_loopback);
  g_test_add_func ("/reasons/icmp-own", test_icmp_own);
  g_test_add_func ("/reasons/refused", test_refused);
  g_test_add_func ("/reasons/no-answer", test_no_answer);
  g_test_add_func ("/reasons/no-answer-to-datagrams", test_no_answer_to_datagrams);
  g_test_add_func ("/reasons/reset", test_reset);
  g_test_add_func ("/reasons/healthy", test_healthy);
  g_test_add_func ("/reasons/ids", test_ids);
  return g_test_run ();
}
