/* A flow's life, told from its packets alone: who initiated it, its TCP state (RFC 9293 3.3.2, seen from outside), and
 * what its story records. Pure functions, capture thread; no allocation, no table. */
#pragma once
#include <stdbool.h>
#include "flow.h"

/* Sets initiator, state, flags and ISN of a new @flow from its first @packet, which @sender sent. Counts nothing. */
void pl_flow_state_begin (PlFlow *flow, const PlPacket *packet, int sender);
/* Whether @packet, a TCP segment on the tuple of @flow, opens another connection than @flow. */
bool pl_flow_state_is_reuse (const PlFlow *flow, const PlFlowStory *story, const PlPacket *packet, int sender);
/* Follows a TCP segment of @flow that pl_flow_state_is_reuse() said belongs to it. */
void pl_flow_state_tcp (PlFlow *flow, PlFlowStory *story, const PlPacket *packet, int sender);
