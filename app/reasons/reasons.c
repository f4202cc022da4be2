/* Why a flow failed or ails. Pure: any thread, no state, no clock. Never guesses where the packets say nothing.
 *
 * What an ICMP error means is told by its type and code: RFC 792 and RFC 1122 3.2.2.1 for IPv4, RFC 1812 5.2.7.1 for the
 * codes routers send, RFC 4443 3 for IPv6. Errors that only ask for smaller packets or report a lost fragment are part
 * of a healthy flow. */
#include "reasons.h"
#include "limits.h"

static const PlDiagnosis healthy = { PL_FAILURE_NONE, false };

enum /* ICMP types, RFC 792 */
{
  ICMP4_UNREACHABLE = 3,
  ICMP4_TIME_EXCEEDED = 11,
  ICMP4_PARAMETER_PROBLEM = 12,
  ICMP4_CODE_PORT = 3, /* of "unreachable" */
};

enum /* ICMPv6 types, RFC 4443 */
{
  ICMP6_UNREACHABLE = 1,
  ICMP6_TIME_EXCEEDED = 3,
  ICMP6_PARAMETER_PROBLEM = 4,
  ICMP6_CODE_PORT = 4, /* of "unreachable" */
};

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
          return (PlDiagnosis){ PL_FAILURE_PROHIBITED, true };
        default:
          return (PlDiagnosis){ PL_FAILURE_UNREACHABLE, true };
        }
    case ICMP4_TIME_EXCEEDED: /* 0: its hops ran out on the way; 1: a fragment was lost, which is repaired */
      return code == 0 ? (PlDiagnosis){ PL_FAILURE_UNREACHABLE, false } : healthy;
    case ICMP4_PARAMETER_PROBLEM:
      return (PlDiagnosis){ PL_FAILURE_UNREACHABLE, false };
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
          return (PlDiagnosis){ PL_FAILURE_PROHIBITED, true };
        default:
          return (PlDiagnosis){ PL_FAILURE_UNREACHABLE, true };
        }
    case ICMP6_TIME_EXCEEDED:
      return code == 0 ? (PlDiagnosis){ PL_FAILURE_UNREACHABLE, false } : healthy;
    case ICMP6_PARAMETER_PROBLEM: /* 1: the host knows no such protocol */
      return (PlDiagnosis){ PL_FAILURE_UNREACHABLE, code == 1 };
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

static bool
says_port_closed (const PlFlow *flow, const PlFlowStory *story)
{
  if (pl_addr_is_v4 (&flow->key.addr[0]))
    return story->icmp_type == ICMP4_UNREACHABLE && story->icmp_code == ICMP4_CODE_PORT;
  return story->icmp_type == ICMP6_UNREACHABLE && story->icmp_code == ICMP6_CODE_PORT;
}

/* Whether the flow went on, or had long been past the point, where an ICMP error could end it. */
static bool
outlived_icmp_error (const PlFlow *flow, const PlFlowStory *story)
{
  int target = get_target_end (flow);

  /* RFC 5927: what is established is not torn down by ICMP. */
  if (flow->key.proto == PL_PROTO_TCP)
    return story->syn_ack_us != 0 || story->established_us != 0 || (flow->flags & PL_FLOW_MIDSTREAM) != 0;

  /* The initiator's own host says that its port is closed: the answer came after the question was given up. */
  if (target != PL_END_UNKNOWN && says_port_closed (flow, story)
      && pl_addr_equal (&story->icmp_from, &flow->key.addr[flow->initiator_end])
      && !pl_addr_equal (&flow->key.addr[0], &flow->key.addr[1]))
    return true;
  return target != PL_END_UNKNOWN && story->first_payload_us[target] > story->icmp_error_us;
}

/* The called host itself says that nobody has the port: what a RST says of TCP. Anybody else who says so did not let it
 * through. */
static bool
is_port_closed (const PlFlow *flow, const PlFlowStory *story)
{
  int target = get_target_end (flow);

  return target != PL_END_UNKNOWN && says_port_closed (flow, story)
         && pl_addr_equal (&story->icmp_from, &flow->key.addr[target]);
}

/* The caller's own machine says so of its SYN: that is how its firewall rejects what would leave it. */
static bool
is_kept_in (const PlFlow *flow, const PlFlowStory *story)
{
  return flow->key.proto == PL_PROTO_TCP && flow->initiator_end != PL_END_UNKNOWN && says_port_closed (flow, story)
         && pl_addr_equal (&story->icmp_from, &flow->key.addr[flow->initiator_end]);
}

static PlDiagnosis
diagnose_icmp (const PlFlow *flow, const PlFlowStory *story)
{
  if (outlived_icmp_error (flow, story))
    return healthy;
  if (is_port_closed (flow, story))
    return (PlDiagnosis){ PL_FAILURE_REFUSED, true };
  if (is_kept_in (flow, story))
    return (PlDiagnosis){ PL_FAILURE_PROHIBITED, true };
  if (pl_addr_is_v4 (&flow->key.addr[0]))
    return diagnose_icmp4 (story->icmp_type, story->icmp_code);
  return diagnose_icmp6 (story->icmp_type, story->icmp_code);
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
    return (PlDiagnosis){ PL_FAILURE_RESET, true };
  return healthy;
}

static bool
is_unanswered (const PlFlow *flow, const PlFlowStory *story, uint64_t now_us)
{
  if (story->syn_us == 0 || story->syn_ack_us != 0 || story->established_us != 0
      || (flow->flags & (PL_FLOW_ANSWERED | PL_FLOW_MIDSTREAM)) != 0)
    return false;
  return story->n_syn > PL_NO_ANSWER_RETRIES || now_us >= story->syn_us + PL_NO_ANSWER_AFTER_US;
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
    return (PlDiagnosis){ PL_FAILURE_REFUSED, true };
  if (flow->flags & PL_FLOW_ICMP_ERROR)
    {
      PlDiagnosis diagnosis = diagnose_icmp (flow, story);
      if (diagnosis.failure != PL_FAILURE_NONE)
        return diagnosis;
    }
  if (flow->key.proto != PL_PROTO_TCP)
    return healthy;
  if (flow->state == PL_STATE_RESET)
    {
      PlDiagnosis diagnosis = diagnose_reset (flow, story);
      if (diagnosis.failure != PL_FAILURE_NONE)
        return diagnosis;
    }
  if (is_unanswered (flow, story, now_us))
    return (PlDiagnosis){ PL_FAILURE_NO_ANSWER, false };
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
