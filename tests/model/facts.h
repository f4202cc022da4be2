/* Facts for the model's tests: ends, flows as the capture tells them, sockets as the kernel does, processes. Header only. */
#pragma once
#include <string.h>
#include "model.h"

#define T0 1700000000000000ull /* Unix time at which the tests' packets begin */
#define SECOND ((gint64)G_USEC_PER_SEC)

static inline PlAddr
addr_of (const char *text)
{
  PlAddr addr;

  g_assert_true (pl_addr_parse (text, &addr));
  return addr;
}

/* A flow from @from:@from_port, which initiated it and is local, to @to:@to_port. */
static inline PlFlowUpdate
flow_of (guint64 id, guint8 proto, const char *from, guint16 from_port, const char *to, guint16 to_port)
{
  PlFlowUpdate update = { 0 };
  PlAddr a = addr_of (from), b = addr_of (to);
  PlFlow *flow = &update.flow;

  flow->initiator_end = pl_flow_key_from_ends (proto, PL_KIND_PORTS, &a, from_port, &b, to_port, 0, &flow->key);
  flow->local_end = flow->initiator_end;
  flow->id = id;
  flow->first_us = flow->last_us = T0;
  flow->state = proto == PL_PROTO_TCP ? PL_STATE_ESTABLISHED : PL_STATE_ACTIVE;
  return update;
}

/* @end of @update sent one packet of @bytes at @time_us. */
static inline void
send_bytes (PlFlowUpdate *update, int end, guint64 bytes, guint64 time_us)
{
  update->flow.sent[end].packets++;
  update->flow.sent[end].bytes += bytes;
  update->flow.sent[end].payload_bytes += bytes > 40 ? bytes - 40 : 0;
  update->flow.last_us = MAX (update->flow.last_us, time_us);
}

static inline PlSocket
socket_of (guint8 proto, const char *local, guint16 local_port, const char *remote, guint16 remote_port)
{
  PlSocket socket = { .local = addr_of (local),
                      .local_port = local_port,
                      .remote = addr_of (remote),
                      .remote_port = remote_port,
                      .proto = proto,
                      .state = remote_port != 0 ? PL_STATE_ESTABLISHED : PL_STATE_LISTEN,
                      .uid = PL_UNKNOWN_U32,
                      .payload_sent = PL_UNKNOWN_U64,
                      .payload_received = PL_UNKNOWN_U64,
                      .rtt_us = PL_UNKNOWN_U32,
                      .min_rtt_us = PL_UNKNOWN_U32,
                      .n_retransmits = PL_UNKNOWN_U32 };

  return socket;
}

static inline PlProcess *
process_of (int pid, const char *name)
{
  PlProcess *process = pl_process_new ();

  process->pid = pid;
  /* The strings are malloc'd, as libc's strdup() does. */
  process->name = strdup (name);
  process->app_key = strdup (name);
  return process;
}
