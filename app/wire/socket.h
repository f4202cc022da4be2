/* One socket as the kernel's sock_diag told it (linux/inet_diag.h). What the kernel does not tell is PL_UNKNOWN_U64,
 * never 0. libc only. */
#pragma once
#include "addr.h"
#include "process.h"

#define PL_UNKNOWN_U64 UINT64_MAX
#define PL_UNKNOWN_U32 UINT32_MAX

typedef struct
{
  PlAddr local, remote; /* remote unspecified: a listener or an unconnected socket */
  uint16_t local_port, remote_port;
  uint8_t proto;
  uint8_t state;      /* PlFlowState: LISTEN for listeners and unconnected UDP */
  uint8_t confidence; /* PlConfidence of process */
  bool is_v6_only;    /* an IPv6 listener that takes no IPv4 */
  uint32_t ifindex;   /* bound to this interface, or 0 */
  uint32_t uid;       /* PL_UNKNOWN_U32 */
  uint64_t inode, cookie, cgroup_id; /* 0 unknown */
  uint64_t payload_sent, payload_received; /* bytes, or PL_UNKNOWN_U64 */
  uint32_t rtt_us, min_rtt_us, n_retransmits; /* or PL_UNKNOWN_U32 */
  uint32_t n_data_in; /* segments received that had payload, or PL_UNKNOWN_U32 */
  PlProcess *process; /* owned reference; nullable */
} PlSocket;
