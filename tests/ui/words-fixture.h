/* Flows and apps for the tests of words. Header only. */
#pragma once
#include <string.h>

#include "flow-words.h"

#define NBSP "\u00a0" /* between a number and its unit */

static const PlWordsContext live = { .is_live = TRUE, .kernel_low_port = 32768, .kernel_high_port = 60999 };
static const PlWordsContext file = { .is_live = FALSE };

/* A flow from @local to @remote as the model would hold it; @initiator is "local", "remote" or "". */
static inline PlModelFlow
make_flow (
    guint8 proto, const char *local, guint16 local_port, const char *remote, guint16 remote_port, const char *initiator)
{
  PlModelFlow flow = { .sources = PL_SEEN_PACKETS,
                       .uid = PL_UNKNOWN_U32,
                       .payload_sent = PL_UNKNOWN_U64,
                       .payload_received = PL_UNKNOWN_U64,
                       .rtt_us = PL_UNKNOWN_U32,
                       .min_rtt_us = PL_UNKNOWN_U32,
                       .n_retransmits = PL_UNKNOWN_U32 };
  gboolean has_ports = proto == PL_PROTO_TCP || proto == PL_PROTO_UDP;
  PlAddr here, there;

  g_assert_true (pl_addr_parse (local, &here));
  g_assert_true (pl_addr_parse (remote, &there));
  flow.local_end = (guint8)pl_flow_key_from_ends (proto, has_ports ? PL_KIND_PORTS : PL_KIND_BARE, &here, local_port,
                                                  &there, remote_port, 0, &flow.flow.key);
  flow.flow.local_end = flow.local_end;
  flow.flow.initiator_end = PL_END_UNKNOWN;
  if (g_str_equal (initiator, "local"))
    flow.flow.initiator_end = flow.local_end;
  else if (g_str_equal (initiator, "remote"))
    flow.flow.initiator_end = !flow.local_end;
  flow.flow.state = proto == PL_PROTO_TCP ? PL_STATE_ESTABLISHED : PL_STATE_ACTIVE;
  flow.flow.flags = PL_FLOW_ANSWERED;
  flow.flow.first_us = flow.flow.last_us = 1000000;
  return flow;
}

static inline PlProcess *
make_app (const char *name)
{
  PlProcess *process = pl_process_new ();

  process->name = strdup (name);
  process->app_key = strdup (name);
  return process;
}
