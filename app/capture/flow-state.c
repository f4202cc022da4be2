/* A flow's life, told from its packets alone.
 *
 * TCP, as an onlooker sees it:
 *
 *   SYN ─▶ SYN_SENT ─SYN-ACK─▶ SYN_RECEIVED ─ACK─▶ ESTABLISHED ─FIN─▶ FIN_WAIT ─other FIN─▶ CLOSED
 *             └─RST─▶ RESET, refused     any of them ─RST─▶ RESET      (CLOSED stays CLOSED)
 *
 * An onlooker misses segments: an ACK or data from the end that must have seen what we missed moves the state all the
 * same, and a flow first met without its SYN starts as ESTABLISHED with PL_FLOW_MIDSTREAM. CLOSED means that both ends
 * sent FIN: the last ACK may still come and is counted. A SYN with another initial sequence number than the flow's is
 * another connection (RFC 9293 3.4.1), whatever state the flow is in: we may have missed its end, and one tuple holds one
 * connection at a time. The same number again is a retransmission. */
#include "flow-state.h"

/* Linux hands out client ports from here on by default (ip_local_port_range); nothing registered listens above. */
#define TEMPORARY_PORT_MIN 32768
#define WELL_KNOWN_PORT_MAX 1023

static bool
is_syn (const PlPacket *packet)
{
  return (packet->tcp_flags & (PL_TCP_SYN | PL_TCP_ACK | PL_TCP_RST)) == PL_TCP_SYN;
}

static bool
is_syn_ack (const PlPacket *packet)
{
  return (packet->tcp_flags & (PL_TCP_SYN | PL_TCP_ACK | PL_TCP_RST)) == (PL_TCP_SYN | PL_TCP_ACK);
}

/* A reset that answers a SYN: what answers any later segment bears a number, and no ACK (RFC 9293 3.10.7.1). */
static bool
is_refusal (const PlPacket *packet)
{
  return (packet->tcp_flags & (PL_TCP_SYN | PL_TCP_ACK | PL_TCP_RST | PL_TCP_FIN)) == (PL_TCP_RST | PL_TCP_ACK)
         && packet->tcp_seq == 0;
}

/* The end that @port is the service's side of, of a connection whose start was not seen; PL_END_UNKNOWN when not clear. */
static int
service_end (const PlFlowKey *key)
{
  for (int end = 0; end < 2; end++)
    {
      uint16_t port = key->port[end], other = key->port[!end];

      if (port <= WELL_KNOWN_PORT_MAX && other > WELL_KNOWN_PORT_MAX)
        return end;
      if (port < TEMPORARY_PORT_MIN && other >= TEMPORARY_PORT_MIN && pl_service_name (key->proto, port))
        return end;
    }
  return PL_END_UNKNOWN;
}

static void
begin_tcp (PlFlow *flow, const PlPacket *packet, int sender)
{
  if (is_syn (packet))
    {
      flow->initiator_end = sender;
      flow->tcp_isn = packet->tcp_seq;
      flow->state = PL_STATE_SYN_SENT;
    }
  else if (is_syn_ack (packet) || is_refusal (packet))
    {
      flow->initiator_end = !sender;
      flow->tcp_isn = packet->tcp_ack - 1; /* what the SYN we did not see must have carried */
      flow->state = PL_STATE_SYN_SENT;
    }
  else
    {
      int service = service_end (&flow->key);

      flow->initiator_end = service == PL_END_UNKNOWN ? PL_END_UNKNOWN : !service;
      flow->state = PL_STATE_ESTABLISHED;
      flow->flags |= PL_FLOW_MIDSTREAM;
    }
}

/* Whose first datagram comes from a service's port answers one that was sent before the capture began. */
static void
begin_udp (PlFlow *flow, int sender)
{
  if (service_end (&flow->key) != sender)
    return;
  flow->initiator_end = !sender;
  flow->flags |= PL_FLOW_MIDSTREAM;
}

void
pl_flow_state_begin (PlFlow *flow, const PlPacket *packet, int sender)
{
  flow->initiator_end = packet->flags & PL_PACKET_ECHO_REPLY ? !sender : sender;
  flow->state = PL_STATE_ACTIVE;
  if (flow->key.kind != PL_KIND_PORTS)
    return;
  if (flow->key.proto == PL_PROTO_TCP)
    begin_tcp (flow, packet, sender);
  else if (flow->key.proto == PL_PROTO_UDP)
    begin_udp (flow, sender);
}

bool
pl_flow_state_is_reuse (const PlFlow *flow, const PlFlowStory *story, const PlPacket *packet, int sender)
{
  if (is_syn (packet))
    {
      if (flow->flags & PL_FLOW_MIDSTREAM)
        return true;
      if (sender == flow->initiator_end)
        return packet->tcp_seq != flow->tcp_isn;
      /* A SYN from the called end: simultaneous open (RFC 9293 3.5), unless it had answered already. */
      return !(story->syn_ack_us == 0 && (flow->state == PL_STATE_SYN_SENT || flow->state == PL_STATE_SYN_RECEIVED));
    }
  if (is_syn_ack (packet))
    return flow->flags & PL_FLOW_ENDED
           && (flow->flags & PL_FLOW_MIDSTREAM || sender == flow->initiator_end
               || packet->tcp_ack - 1 != flow->tcp_isn);
  return false;
}

static void
follow_syn (PlFlow *flow, PlFlowStory *story, const PlPacket *packet, int sender)
{
  story->n_syn += sender == flow->initiator_end;
  if (story->syn_us == 0)
    story->syn_us = packet->time_us;
  if (sender != flow->initiator_end && flow->state == PL_STATE_SYN_SENT)
    flow->state = PL_STATE_SYN_RECEIVED;
}

static void
follow_syn_ack (PlFlow *flow, PlFlowStory *story, const PlPacket *packet)
{
  if (story->syn_ack_us == 0)
    story->syn_ack_us = packet->time_us;
  if (flow->state == PL_STATE_SYN_SENT)
    flow->state = PL_STATE_SYN_RECEIVED;
}

/* A segment after the handshake's first two: it shows that its sender is past them. */
static void
follow_established (PlFlow *flow, PlFlowStory *story, const PlPacket *packet, int sender)
{
  bool from_initiator = sender == flow->initiator_end;

  if (!(packet->tcp_flags & PL_TCP_ACK))
    return;
  if (from_initiator || packet->payload_bytes > 0)
    {
      flow->state = PL_STATE_ESTABLISHED;
      story->established_us = packet->time_us;
    }
}

static void
follow_fin (PlFlow *flow, PlFlowStory *story, const PlPacket *packet, int sender)
{
  if (story->fin_us == 0)
    {
      story->fin_us = packet->time_us;
      story->fin_end = sender;
    }
  if (flow->state == PL_STATE_FIN_WAIT && sender != story->fin_end)
    {
      flow->state = PL_STATE_CLOSED;
      flow->flags |= PL_FLOW_ENDED;
    }
  else
    flow->state = PL_STATE_FIN_WAIT;
}

static void
follow_rst (PlFlow *flow, PlFlowStory *story, const PlPacket *packet, int sender)
{
  if (story->rst_us == 0)
    {
      story->rst_us = packet->time_us;
      story->rst_end = sender;
    }
  if (flow->state == PL_STATE_SYN_SENT && sender != flow->initiator_end)
    {
      flow->flags |= PL_FLOW_REFUSED;
      story->is_unsent |= story->n_syn == 0 && pl_packet_is_on_loopback (packet);
    }
  flow->state = PL_STATE_RESET;
  flow->flags |= PL_FLOW_ENDED;
}

void
pl_flow_state_tcp (PlFlow *flow, PlFlowStory *story, const PlPacket *packet, int sender)
{
  if (is_syn (packet))
    follow_syn (flow, story, packet, sender);
  else if (is_syn_ack (packet))
    follow_syn_ack (flow, story, packet);
  if (flow->flags & PL_FLOW_ENDED)
    return;
  if (packet->tcp_flags & PL_TCP_RST)
    {
      follow_rst (flow, story, packet, sender);
      return;
    }
  if ((flow->state == PL_STATE_SYN_SENT || flow->state == PL_STATE_SYN_RECEIVED) && !(packet->tcp_flags & PL_TCP_SYN))
    follow_established (flow, story, packet, sender);
  if (packet->tcp_flags & PL_TCP_FIN)
    follow_fin (flow, story, packet, sender);
}
