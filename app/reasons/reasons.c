/* Why a flow failed or ails. Pure: any thread, no state, no clock. Never guesses where the packets say nothing.
 *
 * What an ICMP error means is told by its type and code: RFC 792 and RFC 1122 3.2.2.1 for IPv4, RFC 1812 5.2.7.1 for the
 * codes routers send, RFC 4443 3 for IPv6. Errors that only ask for smaller packets or report a lost fragment are part
 * of a healthy flow. */
#include "reasons.h"
#include "bounds.h"

static const PlDiagnosis healthy = { PL_FAILURE_NONE, false, PL_PLACE_WAY };

enum /* ICMP types, RFC 792 */
{
  ICMP4_UNREACHABLE = 3,
  ICMP4_TIME_EXCEEDED = 11,
  ICMP4_PARAMETER_PROBLEM = 12,
  ICMP4_CODE_HOST = 1, /* of "unreachable" */
  ICMP4_CODE_PORT = 3,
};

enum /* ICMPv6 types, RFC 4443 */
{
  ICMP6_UNREACHABLE = 1,
  ICMP6_TIME_EXCEEDED = 3,
  ICMP6_PARAMETER_PROBLEM = 4,
  ICMP6_CODE_HOST = 3, /* of "unreachable": its "address unreachable" */
  ICMP6_CODE_PORT = 4,
};

static PlDiagnosis
failed (PlFailure failure, bool is_certain)
{
  return (PlDiagnosis){ failure, is_certain, PL_PLACE_WAY };
}

static PlDiagnosis
diagnose_icmp4 (uint8_t type, uint8_t code)
{
  switch (type)
    {
    case ICMP4_UNREACHABLE:
      switch (code)
        {
        case 4: /* fragmentation needed: path MTU discovery at work, RFC 1191 */
          return healthy;
        case 9: /* network administratively prohibited */
        case 10: /* host administratively prohibited */
        case 13: /* communication administratively prohibited, RFC 1812 */
        case 14: /* host precedence violation */
        case 15: /* precedence cutoff in effect */
          return failed (PL_FAILURE_PROHIBITED, true);
        default:
          return failed (PL_FAILURE_UNREACHABLE, true);
        }
    case ICMP4_TIME_EXCEEDED: /* 0: its hops ran out on the way; 1: a fragment was lost, which is repaired */
      return code == 0 ? failed (PL_FAILURE_UNREACHABLE, false) : healthy;
    case ICMP4_PARAMETER_PROBLEM:
      return failed (PL_FAILURE_UNREACHABLE, false);
    default: /* source quench, redirect: advice, no failure */
      return healthy;
    }
}

static PlDiagnosis
diagnose_icmp6 (uint8_t type, uint8_t code)
{
  switch (type)
    {
    case ICMP6_UNREACHABLE:
      switch (code)
        {
        case 1: /* administratively prohibited */
        case 5: /* source address failed ingress or egress policy: a subset of 1 */
        case 6: /* reject route: a subset of 1 */
          return failed (PL_FAILURE_PROHIBITED, true);
        default:
          return failed (PL_FAILURE_UNREACHABLE, true);
        }
    case ICMP6_TIME_EXCEEDED:
      return code == 0 ? failed (PL_FAILURE_UNREACHABLE, false) : healthy;
    case ICMP6_PARAMETER_PROBLEM: /* 1: the host knows no such protocol */
      return failed (PL_FAILURE_UNREACHABLE, code == 1);
    default: /* packet too big: path MTU discovery at work, RFC 8201 */
      return healthy;
    }
}

/* The end that was called, PL_END_UNKNOWN when nobody saw who opened the flow. */
static int
get_target_end (const PlFlow *flow)
{
  return flow->initiator_end == PL_END_UNKNOWN ? PL_END_UNKNOWN : 1 - flow->initiator_end;
}

/* Whether the error says "unreachable", of IPv4 with @code4, of IPv6 with @code6. */
static bool
says_unreachable (const PlFlowStory *story, bool is_v4, uint8_t code4, uint8_t code6)
{
  if (is_v4)
    return story->icmp_type == ICMP4_UNREACHABLE && story->icmp_code == code4;
  return story->icmp_type == ICMP6_UNREACHABLE && story->icmp_code == code6;
}

/* Where the machine stands that sent the error. Of two ends at one address it is the one that was sent to. */
static PlPlace
place_of_error (const PlFlow *flow, const PlFlowStory *story)
{
  int target = get_target_end (flow);

  if (target == PL_END_UNKNOWN)
    return PL_PLACE_WAY;
  if (pl_addr_equal (&flow->key.addr[0], &flow->key.addr[1]))
    return story->icmp_end == target ? PL_PLACE_CALLER : PL_PLACE_CALLED;
  if (pl_addr_equal (&story->icmp_from, &flow->key.addr[target]))
    return PL_PLACE_CALLED;
  return pl_addr_equal (&story->icmp_from, &flow->key.addr[!target]) ? PL_PLACE_CALLER : PL_PLACE_WAY;
}

/* Whether the flow went on, or had long been past the point, where an ICMP error could end it. */
static bool
outlived_icmp_error (const PlFlow *flow, const PlFlowStory *story, PlPlace place)
{
  int target = get_target_end (flow);
  bool is_v4 = pl_addr_is_v4 (&flow->key.addr[0]);

  /* RFC 5927: what is established is not torn down by ICMP. */
  if (flow->key.proto == PL_PROTO_TCP)
    return (story->syn_ack_us != 0 && story->icmp_end != target) || story->established_us != 0
           || (flow->flags & PL_FLOW_MIDSTREAM) != 0;

  /* The initiator's own host says of an answer that its port is closed: the question had been given up by then, unless who
   * asked goes on asking from that port and meets the same. */
  return place == PL_PLACE_CALLER && story->icmp_end == target && !story->is_kept_out
         && says_unreachable (story, is_v4, ICMP4_CODE_PORT, ICMP6_CODE_PORT);
}

/* "Port unreachable" is true from the called host alone, and of TCP that says so by a reset (RFC 9293 3.10.7.1): anybody
 * else, and of TCP it, too, is a firewall, whose REJECT is this one where nobody chose another. */
static PlDiagnosis
diagnose_port_closed (const PlFlow *flow, const PlFlowStory *story, PlPlace place)
{
  if (place == PL_PLACE_CALLED && flow->key.proto != PL_PROTO_TCP && story->icmp_end != get_target_end (flow))
    return (PlDiagnosis){ PL_FAILURE_REFUSED, true, place };
  return (PlDiagnosis){ PL_FAILURE_PROHIBITED, place == PL_PLACE_CALLER && !story->is_kept_out, place };
}

/* The caller's own host knows that nobody on its network has the address. Whatever else it says of what it sends, and all
 * that it says of an answer, is its firewall's. */
static bool
is_own_firewall (const PlFlow *flow, const PlFlowStory *story, const PlDiagnosis *diagnosis)
{
  return diagnosis->place == PL_PLACE_CALLER && diagnosis->failure == PL_FAILURE_UNREACHABLE && diagnosis->is_certain
         && (story->icmp_end == get_target_end (flow)
             || !says_unreachable (story, pl_addr_is_v4 (&flow->key.addr[0]), ICMP4_CODE_HOST, ICMP6_CODE_HOST));
}

static PlDiagnosis
diagnose_icmp (const PlFlow *flow, const PlFlowStory *story)
{
  bool is_v4 = pl_addr_is_v4 (&flow->key.addr[0]);
  PlPlace place = place_of_error (flow, story);
  PlDiagnosis diagnosis;

  if (outlived_icmp_error (flow, story, place))
    return healthy;
  diagnosis =
      is_v4 ? diagnose_icmp4 (story->icmp_type, story->icmp_code) : diagnose_icmp6 (story->icmp_type, story->icmp_code);
  diagnosis.place = place;
  if (flow->initiator_end != PL_END_UNKNOWN && says_unreachable (story, is_v4, ICMP4_CODE_PORT, ICMP6_CODE_PORT))
    return diagnose_port_closed (flow, story, place);
  if (is_own_firewall (flow, story, &diagnosis))
    return (PlDiagnosis){ PL_FAILURE_PROHIBITED, false, place };
  return diagnosis;
}

/* A RST in place of an orderly end. After a FIN it only sweeps up (close() with unread data, RFC 2525 2.17), and an
 * initiator that takes its own SYN back has not failed. */
static PlDiagnosis
diagnose_reset (const PlFlow *flow, const PlFlowStory *story)
{
  bool was_open = story->established_us != 0 || (flow->flags & PL_FLOW_MIDSTREAM) != 0;
  bool by_target = story->rst_end == get_target_end (flow) && story->syn_ack_us != 0;

  if (story->fin_us != 0 && story->fin_us <= story->rst_us)
    return healthy;
  if (was_open || by_target)
    return failed (PL_FAILURE_RESET, true);
  return healthy;
}

/* Whether one machine asks another what is answered at once, or never: an echo, or a datagram to a service that answers each
 * caller's first. Other datagrams may well be one-way. */
static bool
is_question (const PlFlow *flow)
{
  static const uint16_t ports[] = { 53, 123, 443 }; /* DNS, NTP, QUIC */
  int target = get_target_end (flow);
  PlScope scope;

  if (target == PL_END_UNKNOWN || flow->sent[!target].packets == 0 || (flow->flags & PL_FLOW_MIDSTREAM) != 0)
    return false;
  scope = pl_addr_scope (&flow->key.addr[target]);
  if (scope == PL_SCOPE_MULTICAST || scope == PL_SCOPE_BROADCAST)
    return false;
  if (flow->key.kind == PL_KIND_ECHO)
    return true;
  for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
    if (flow->key.proto == PL_PROTO_UDP && flow->key.port[target] == ports[i])
      return true;
  return false;
}

/* When an attempt began that nobody answered yet; 0 for what is none. Also one whose answer was seen, but did not get through:
 * then nothing follows it. */
static uint64_t
get_unanswered_since_us (const PlFlow *flow, const PlFlowStory *story)
{
  bool is_half_open = flow->state == PL_STATE_SYN_RECEIVED && story->syn_ack_us != 0;

  if (!is_half_open && (flow->flags & PL_FLOW_ANSWERED) != 0)
    return 0;
  if (flow->key.proto != PL_PROTO_TCP)
    return is_question (flow) ? flow->first_us : 0;
  if (story->established_us != 0 || (flow->flags & PL_FLOW_MIDSTREAM) != 0
      || (!is_half_open && (flow->state != PL_STATE_SYN_SENT || story->syn_ack_us != 0)))
    return 0;
  return story->syn_us;
}

uint64_t
pl_diagnosis_due_us (const PlFlow *flow, const PlFlowStory *story)
{
  uint64_t since_us = get_unanswered_since_us (flow, story);

  return since_us != 0 ? since_us + PL_NO_ANSWER_AFTER_US : 0;
}

static bool
is_unanswered (const PlFlow *flow, const PlFlowStory *story, uint64_t now_us)
{
  uint64_t due_us = pl_diagnosis_due_us (flow, story);

  return due_us != 0 && (story->n_syn > PL_NO_ANSWER_RETRIES || now_us >= due_us);
}

/* An answer that was seen and did not get through failed where it was last seen: at the caller, if that is where we look. */
static PlDiagnosis
diagnose_unanswered (const PlFlow *flow, const PlFlowStory *story)
{
  bool is_answer_here = story->syn_ack_us != 0 && flow->initiator_end == flow->local_end;

  return (PlDiagnosis){ PL_FAILURE_NO_ANSWER, false, is_answer_here ? PL_PLACE_CALLER : PL_PLACE_WAY };
}

static PlDiagnosis
diagnose_refused (const PlFlowStory *story)
{
  if (story->is_unsent)
    return (PlDiagnosis){ PL_FAILURE_PROHIBITED, true, PL_PLACE_CALLER };
  return (PlDiagnosis){ PL_FAILURE_REFUSED, true, PL_PLACE_CALLED };
}

/**
 * pl_diagnose:
 * @flow: the flow's counters and state
 * @story: what happened when
 * @now_us: Unix time to judge by: the clock's for a live flow, the last packet's in a file
 *
 * Returns: why @flow failed and how sure that is; %PL_FAILURE_NONE for one that is well, or of which nothing is known
 */
PlDiagnosis
pl_diagnose (const PlFlow *flow, const PlFlowStory *story, uint64_t now_us)
{
  if (flow->flags & PL_FLOW_REFUSED)
    return diagnose_refused (story);
  if (flow->flags & PL_FLOW_ICMP_ERROR)
    {
      PlDiagnosis diagnosis = diagnose_icmp (flow, story);
      if (diagnosis.failure != PL_FAILURE_NONE)
        return diagnosis;
    }
  if (flow->state == PL_STATE_RESET)
    {
      PlDiagnosis diagnosis = diagnose_reset (flow, story);
      if (diagnosis.failure != PL_FAILURE_NONE)
        return diagnosis;
    }
  if (is_unanswered (flow, story, now_us))
    return diagnose_unanswered (flow, story);
  return healthy;
}

/**
 * pl_failure_id:
 * @failure: a failure
 *
 * Returns: (nullable): its machine-readable name, static and untranslated; %NULL for %PL_FAILURE_NONE
 */
const char *
pl_failure_id (PlFailure failure)
{
  switch (failure)
    {
    case PL_FAILURE_REFUSED:
      return "refused";
    case PL_FAILURE_UNREACHABLE:
      return "unreachable";
    case PL_FAILURE_PROHIBITED:
      return "prohibited";
    case PL_FAILURE_NO_ANSWER:
      return "no-answer";
    case PL_FAILURE_RESET:
      return "reset";
    case PL_FAILURE_NONE:
    default:
      return NULL;
    }
}
