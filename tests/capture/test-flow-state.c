/* The life of a flow from its segments. A case is a line of segments: > from the end that spoke first, < from the other;
 * S, A, F, R, P (data) are flags; a digit after S tells initial sequence numbers apart; 0 after A: it is no number's. */
#include "flow-state.h"
#include <glib.h>
#include <string.h>

typedef struct
{
  const char *segments;
  PlFlowState state;
  int initiator; /* 0: the first speaker, 1: the other, PL_END_UNKNOWN */
  guint flags; /* of PL_FLOW_MIDSTREAM, REFUSED, ENDED */
  guint n_syn;
} Case;

static const Case cases[] = {
  { ">S1", PL_STATE_SYN_SENT, 0, 0, 1 },
  { ">S1 >S1 >S1", PL_STATE_SYN_SENT, 0, 0, 3 },
  { ">S1 <S9A1", PL_STATE_SYN_RECEIVED, 0, 0, 1 },
  { ">S1 <S9A1 <S9A1", PL_STATE_SYN_RECEIVED, 0, 0, 1 },
  { ">S1 <S9A1 >A", PL_STATE_ESTABLISHED, 0, 0, 1 },
  { ">S1 <S9A1 >A >AP <A <AP", PL_STATE_ESTABLISHED, 0, 0, 1 },
  { ">S1 <S9A1 >A >AF", PL_STATE_FIN_WAIT, 0, 0, 1 },
  { ">S1 <S9A1 >A >AF <A <AP", PL_STATE_FIN_WAIT, 0, 0, 1 },
  { ">S1 <S9A1 >A >AF >AF", PL_STATE_FIN_WAIT, 0, 0, 1 },
  { ">S1 <S9A1 >A >AF <AF", PL_STATE_CLOSED, 0, PL_FLOW_ENDED, 1 },
  { ">S1 <S9A1 >A <AF >A >AF <A", PL_STATE_CLOSED, 0, PL_FLOW_ENDED, 1 },
  { ">S1 <S9A1 >A >AF <AF >R", PL_STATE_CLOSED, 0, PL_FLOW_ENDED, 1 },
  { ">S1 <S9A1 >AP >AF <AR", PL_STATE_RESET, 0, PL_FLOW_ENDED, 1 },
  { ">S1 <AR", PL_STATE_RESET, 0, PL_FLOW_ENDED | PL_FLOW_REFUSED, 1 },
  { ">S1 >R", PL_STATE_RESET, 0, PL_FLOW_ENDED, 1 },
  { ">S1 <S9A1 <R", PL_STATE_RESET, 0, PL_FLOW_ENDED, 1 },
  /* Windows retries a refused SYN with the same number. */
  { ">S1 <AR >S1 <AR", PL_STATE_RESET, 0, PL_FLOW_ENDED | PL_FLOW_REFUSED, 2 },
  /* Segments the capture missed. */
  { ">S1 >A", PL_STATE_ESTABLISHED, 0, 0, 1 },
  { ">S1 <A", PL_STATE_SYN_SENT, 0, 0, 1 },
  { ">S1 <AP", PL_STATE_ESTABLISHED, 0, 0, 1 },
  { ">S1 <AF", PL_STATE_FIN_WAIT, 0, 0, 1 },
  { ">S9A1", PL_STATE_SYN_RECEIVED, 1, 0, 0 },
  { ">S9A1 <A", PL_STATE_ESTABLISHED, 1, 0, 0 },
  { ">S9A1 <S1", PL_STATE_SYN_RECEIVED, 1, 0, 1 }, /* the SYN came late */
  /* Simultaneous open, RFC 9293 figure 7. */
  { ">S1 <S9", PL_STATE_SYN_RECEIVED, 0, 0, 1 },
  { ">S1 <S9 >S1A9 <A", PL_STATE_SYN_RECEIVED, 0, 0, 1 },
  { ">S1 <S9 >S1A9 <S9A1 >A", PL_STATE_ESTABLISHED, 0, 0, 1 },
  /* From the middle: the first speaker has port 50000, the other 443. */
  { ">AP", PL_STATE_ESTABLISHED, 0, PL_FLOW_MIDSTREAM, 0 },
  { ">AF <AF", PL_STATE_CLOSED, 0, PL_FLOW_MIDSTREAM | PL_FLOW_ENDED, 0 },
  { ">R", PL_STATE_RESET, 0, PL_FLOW_MIDSTREAM | PL_FLOW_ENDED, 0 },
  { ">AR", PL_STATE_RESET, 0, PL_FLOW_MIDSTREAM | PL_FLOW_ENDED, 0 },
  /* The answer to a SYN that was not seen, as this computer's own firewall kept it in. */
  { ">A0R", PL_STATE_RESET, 1, PL_FLOW_ENDED | PL_FLOW_REFUSED, 0 },
};

static void
parse_segment (const char *text, const PlFlowKey *key, guint64 time_us, PlPacket *packet, int *sender)
{
  memset (packet, 0, sizeof *packet);
  packet->proto = PL_PROTO_TCP;
  packet->flags = PL_PACKET_HAS_PORTS;
  packet->time_us = time_us;
  packet->tcp_seq = packet->tcp_ack = 5555;
  *sender = text[0] == '>' ? PL_END_A : PL_END_B;
  for (const char *at = text + 1; *at; at++)
    switch (*at)
      {
      case 'S':
        packet->tcp_flags |= PL_TCP_SYN;
        packet->tcp_seq = (at[1] - '0') * 1000;
        at++;
        break;
      case 'A':
        packet->tcp_flags |= PL_TCP_ACK;
        if (at[1] == '0')
          {
            packet->tcp_seq = 0;
            at++;
          }
        else if (g_ascii_isdigit (at[1]))
          {
            packet->tcp_ack = (at[1] - '0') * 1000 + 1;
            at++;
          }
        break;
      case 'F':
        packet->tcp_flags |= PL_TCP_FIN;
        break;
      case 'R':
        packet->tcp_flags |= PL_TCP_RST;
        break;
      case 'P':
        packet->payload_bytes = 10;
        break;
      default:
        g_assert_not_reached ();
      }
}

/* Runs @segments; the index of the one that opened another connection, or -1. */
static int
run (const char *segments, PlFlow *flow, PlFlowStory *story)
{
  g_auto (GStrv) parts = g_strsplit (segments, " ", -1);

  for (int i = 0; parts[i]; i++)
    {
      PlPacket packet;
      int sender;

      parse_segment (parts[i], &flow->key, 1000 + i, &packet, &sender);
      if (i == 0)
        pl_flow_state_begin (flow, &packet, sender);
      else if (pl_flow_state_is_reuse (flow, story, &packet, sender))
        return i;
      pl_flow_state_tcp (flow, story, &packet, sender);
    }
  return -1;
}

static PlFlow
make_flow (guint16 port_a, guint16 port_b)
{
  PlFlow flow = { .key = { .proto = PL_PROTO_TCP, .kind = PL_KIND_PORTS, .port = { port_a, port_b } } };

  return flow;
}

/* A reset over the loopback that answers what was not seen: this computer's own firewall, before anything left. */
static void
test_unsent (void)
{
  static const struct
  {
    const char *segments;
    guint32 ifindex;
    bool is_unsent;
  } rows[] = { { "<A0R", 1, true }, { "<A0R", 2, false }, { ">S1 <A0R", 1, false }, { "<AR", 1, false } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) parts = g_strsplit (rows[i].segments, " ", -1);
      PlFlow flow = make_flow (50000, 443);
      PlFlowStory story = { 0 };

      for (guint n = 0; parts[n] != NULL; n++)
        {
          PlPacket packet;
          int sender;

          parse_segment (parts[n], &flow.key, 1000 + n, &packet, &sender);
          packet.flags |= PL_PACKET_HAS_IFINDEX;
          packet.ifindex = rows[i].ifindex;
          if (n == 0)
            pl_flow_state_begin (&flow, &packet, sender);
          pl_flow_state_tcp (&flow, &story, &packet, sender);
        }
      g_test_message ("%s", rows[i].segments);
      g_assert_cmpint (story.is_unsent, ==, rows[i].is_unsent);
    }
}

static void
test_lives (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlFlow flow = make_flow (50000, 443);
      PlFlowStory story = { .fin_end = PL_END_UNKNOWN, .rst_end = PL_END_UNKNOWN };

      g_test_message ("%s", cases[i].segments);
      g_assert_cmpint (run (cases[i].segments, &flow, &story), ==, -1);
      g_assert_cmpstr (pl_state_id (flow.state), ==, pl_state_id (cases[i].state));
      g_assert_cmpint (flow.initiator_end, ==, cases[i].initiator);
      g_assert_cmpuint (flow.flags, ==, cases[i].flags);
      g_assert_cmpuint (story.n_syn, ==, cases[i].n_syn);
    }
}

/* The last segment of each opens another connection on the tuple. */
static void
test_reuse (void)
{
  static const char *const reuses[] = {
    ">S1 >S2", /* another attempt from the same port */
    ">S1 <AR >S2", /* after a refusal */
    ">S1 <S9A1 >A >AF <AF >A >S2", /* after a close */
    ">S1 <S9A1 >A >S2", /* its end was not seen */
    ">S1 <S9A1 >A >AF <AF <S3", /* the other way round */
    ">AP >S1", /* after a middle */
    ">S1 <S9A1 >A >AF <AF <S8A2", /* the new SYN was missed */
  };

  for (guint i = 0; i < G_N_ELEMENTS (reuses); i++)
    {
      PlFlow flow = make_flow (50000, 443);
      PlFlowStory story = { .fin_end = PL_END_UNKNOWN, .rst_end = PL_END_UNKNOWN };
      g_auto (GStrv) parts = g_strsplit (reuses[i], " ", -1);

      g_test_message ("%s", reuses[i]);
      g_assert_cmpint (run (reuses[i], &flow, &story), ==, g_strv_length (parts) - 1);
    }
}

static void
test_story (void)
{
  PlFlow flow = make_flow (50000, 443);
  PlFlowStory story = { .fin_end = PL_END_UNKNOWN, .rst_end = PL_END_UNKNOWN };

  g_assert_cmpint (run (">S1 >S1 <S9A1 >A >AP <AF >AF <R", &flow, &story), ==, -1);
  g_assert_cmpuint (flow.tcp_isn, ==, 1000);
  g_assert_cmpuint (story.syn_us, ==, 1000);
  g_assert_cmpuint (story.syn_ack_us, ==, 1002);
  g_assert_cmpuint (story.established_us, ==, 1003);
  g_assert_cmpuint (story.fin_us, ==, 1005);
  g_assert_cmpuint (story.fin_end, ==, PL_END_B);
  g_assert_cmpuint (story.rst_us, ==, 0); /* after the close: no news */
}

/* Who initiated a connection whose start was not seen: only where the ports make it clear. */
static void
test_midstream (void)
{
  static const struct
  {
    guint16 port_a, port_b;
    int initiator;
  } ports[] = {
    { 50000, 443, PL_END_A },  { 22, 50000, PL_END_B },          { 1023, 443, PL_END_UNKNOWN },
    { 2000, 443, PL_END_A },   { 50000, 50001, PL_END_UNKNOWN }, { 50000, 8080, PL_END_A },
    { 8080, 40000, PL_END_B }, { 20000, 8080, PL_END_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    for (int from_b = 0; from_b < 2; from_b++)
      {
        PlFlow flow = make_flow (ports[i].port_a, ports[i].port_b);
        PlFlowStory story = { 0 };

        run (from_b ? "<AP" : ">AP", &flow, &story);
        g_test_message ("%u %u", ports[i].port_a, ports[i].port_b);
        g_assert_cmpint (flow.initiator_end, ==, ports[i].initiator);
      }
}

static void
test_others (void)
{
  PlFlow flow = { .key = { .proto = PL_PROTO_UDP } };
  PlPacket packet = { .proto = PL_PROTO_UDP };

  pl_flow_state_begin (&flow, &packet, PL_END_B);
  g_assert_cmpint (flow.initiator_end, ==, PL_END_B);
  g_assert_cmpint (flow.state, ==, PL_STATE_ACTIVE);
  for (int sender = 0; sender < 2; sender++) /* a resolver's answer is no call from it */
    {
      flow = make_flow (53, 40000);
      flow.key.proto = PL_PROTO_UDP;
      pl_flow_state_begin (&flow, &packet, sender);
      g_assert_cmpint (flow.initiator_end, ==, PL_END_B);
      g_assert_cmpint ((flow.flags & PL_FLOW_MIDSTREAM) != 0, ==, sender == PL_END_A);
    }
  flow = (PlFlow){ .key = { .proto = PL_PROTO_ICMP, .kind = PL_KIND_ECHO } };
  packet = (PlPacket){ .proto = PL_PROTO_ICMP, .flags = PL_PACKET_ECHO | PL_PACKET_ECHO_REPLY };
  pl_flow_state_begin (&flow, &packet, PL_END_B);
  g_assert_cmpint (flow.initiator_end, ==, PL_END_A); /* whom the reply goes to asked */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow-state/lives", test_lives);
  g_test_add_func ("/flow-state/unsent", test_unsent);
  g_test_add_func ("/flow-state/reuse", test_reuse);
  g_test_add_func ("/flow-state/story", test_story);
  g_test_add_func ("/flow-state/midstream", test_midstream);
  g_test_add_func ("/flow-state/others", test_others);
  return g_test_run ();
}
