/* What a flow's facts mean: names of states, roles and ranges of its ports. Pure functions, any thread. */
#include "flow.h"

const char *
pl_state_id (PlFlowState state)
{
  static const char *const ids[PL_N_STATES] = {
    [PL_STATE_ACTIVE] = "active",           [PL_STATE_IDLE] = "idle",
    [PL_STATE_SYN_SENT] = "syn-sent",       [PL_STATE_SYN_RECEIVED] = "syn-received",
    [PL_STATE_ESTABLISHED] = "established", [PL_STATE_FIN_WAIT] = "fin-wait",
    [PL_STATE_CLOSED] = "closed",           [PL_STATE_RESET] = "reset",
    [PL_STATE_LISTEN] = "listen",
  };

  return state < PL_N_STATES ? ids[state] : "unknown";
}

/* Whether the end that spoke first has a port of its own rather than one picked for the occasion: symmetric protocols over
 * UDP and the like (NTP 123-123, mDNS, IKE, DHCP 68-67). A TCP client with a low port (NFS, rlogin) picked it all the same. */
static bool
initiator_is_bound (const PlFlow *flow)
{
  uint16_t port = flow->key.port[flow->initiator_end];

  if (flow->key.proto == PL_PROTO_TCP)
    return false;
  return port == flow->key.port[!flow->initiator_end] || pl_port_range (port) == PL_RANGE_WELL_KNOWN;
}

/**
 * pl_flow_role:
 * @flow: a flow
 * @end: %PL_END_A or %PL_END_B
 *
 * Returns: what @end's port does here; %PL_ROLE_NONE without ports, or while it is unknown which end initiated
 */
PlRole
pl_flow_role (const PlFlow *flow, int end)
{
  if (!pl_flow_has_ports (flow) || flow->initiator_end > PL_END_B || end > PL_END_B)
    return PL_ROLE_NONE;
  if (end == flow->initiator_end && !initiator_is_bound (flow))
    return PL_ROLE_TEMPORARY;
  return end == flow->local_end ? PL_ROLE_LISTENING : PL_ROLE_SERVICE;
}

PlRange
pl_flow_range (const PlFlow *flow, int end)
{
  if (!pl_flow_has_ports (flow) || end > PL_END_B)
    return PL_RANGE_NONE;
  return pl_port_range (flow->key.port[end]);
}
