/* A flow: its canonical key, and the facts that cross from the capture thread to the main loop.
 *
 * The key is protocol and two (address, port) ends in a fixed order (end 0 is the lower). Which end is local and which
 * initiated are attributes that may be learned late and revised, never part of the key. An id is never given twice in a
 * run, so that a late answer for a flow that is gone finds nothing. */
#pragma once
#include "packet.h"
#include "port.h"

typedef struct
{
  PlAddr addr[2];
  uint16_t port[2];   /* host order; ICMP echo: the identifier in both; 0 where there is none */
  uint32_t zone;      /* interface index when an address is link-local and the index is known, else 0 */
  uint8_t proto;
  uint8_t kind;       /* PL_KIND_… */
  uint16_t reserved;  /* 0: the key is compared as bytes */
} PlFlowKey;

enum
{
  PL_KIND_PORTS = 0, /* port[] are ports */
  PL_KIND_ECHO = 1,  /* port[] are an echo identifier */
  PL_KIND_BARE = 2,  /* no ports */
};

enum /* which end; also values of local_end and initiator_end */
{
  PL_END_A = 0,
  PL_END_B = 1,
  PL_END_UNKNOWN = 2,
};

typedef enum
{
  PL_STATE_ACTIVE, /* UDP and others: a packet within PL_IDLE_AFTER_US */
  PL_STATE_IDLE,
  PL_STATE_SYN_SENT,
  PL_STATE_SYN_RECEIVED,
  PL_STATE_ESTABLISHED, /* also a flow first seen mid-stream (PL_FLOW_MIDSTREAM) */
  PL_STATE_FIN_WAIT,
  PL_STATE_CLOSED,
  PL_STATE_RESET,
  PL_STATE_LISTEN, /* sockets source only */
  PL_N_STATES,
} PlFlowState;

enum /* PlFlow.flags */
{
  PL_FLOW_MIDSTREAM = 1 << 0,   /* TCP first seen without its SYN, UDP first seen by its answer */
  PL_FLOW_REFUSED = 1 << 1,     /* RST answered the SYN */
  PL_FLOW_ICMP_ERROR = 1 << 2,  /* an ICMP error quoted it: PlFlowStory.icmp_* */
  PL_FLOW_ENDED = 1 << 3,       /* it will not change again; it leaves the table after its linger */
  PL_FLOW_LOCAL_GUESSED = 1 << 4, /* local_end is the initiator's, for want of better */
  PL_FLOW_ANSWERED = 1 << 5,    /* packets went both ways */
  PL_FLOW_REUSED = 1 << 6,      /* same tuple as an earlier flow that had closed */
};

typedef struct
{
  uint64_t packets;
  uint64_t bytes;         /* on the wire, frame lengths */
  uint64_t payload_bytes; /* transport payload */
} PlFlowCounts;

/* The hot record: 128 bytes, two cache lines, all that a packet touches in the common case. */
typedef struct
{
  PlFlowKey key;
  uint32_t iface; /* index into the capture's interface names */
  uint64_t id;    /* from 1; 0 is no flow */
  PlFlowCounts sent[2]; /* by the sending end, PL_END_A and PL_END_B */
  uint64_t first_us, last_us; /* Unix time */
  uint8_t state;         /* PlFlowState */
  uint8_t local_end;     /* PL_END_… */
  uint8_t initiator_end; /* PL_END_… */
  uint8_t flags;
  uint32_t tcp_isn; /* of the initiator, to tell a new flow on an old tuple */
} PlFlow;
_Static_assert (sizeof (PlFlow) == 128, "the hot record is two cache lines");

/* The cold part: what happened when. 0 is "did not happen". */
typedef struct
{
  uint64_t syn_us, syn_ack_us, established_us, first_payload_us[2], fin_us, rst_us, icmp_error_us;
  PlAddr icmp_from;
  uint8_t icmp_type, icmp_code;
  uint8_t icmp_end;         /* PL_END_… that sent what the error quotes */
  uint8_t rst_end, fin_end; /* PL_END_… that sent the first */
  bool is_unsent;           /* this computer told itself of it by the loopback: nothing of it had left */
  bool has_asked_on;        /* the caller sent again after its own host's error about an answer: it was there to take it */
  bool is_kept_out;         /* and the next answer met the same */
  uint8_t n_let_in;         /* answers since that met nothing, once PL_KEPT_OUT_FOR_US had passed */
  uint32_t n_syn;           /* SYNs sent: more than one is an unanswered attempt retried */
} PlFlowStory;

typedef struct
{
  PlFlow flow;
  PlFlowStory story;
} PlFlowUpdate;

/* From @time_us on the packets of @key are another socket's: a process took over the port of one that was gone. */
typedef struct
{
  PlFlowKey key;
  uint64_t time_us; /* Unix time */
} PlPortReuse;

/* Fills @key from @packet; returns the end (PL_END_A or PL_END_B) that sent it. */
int pl_flow_key_from_packet (const PlPacket *packet, PlFlowKey *key);
/* The key of the flow an ICMP error quotes; returns the end that sent the quoted packet, or PL_END_UNKNOWN if none is quoted. */
int pl_flow_key_from_quote (const PlPacket *packet, PlFlowKey *key);
/* A key from two ends, in any order; returns the end that @addr_1/@port_1 became. */
int pl_flow_key_from_ends (uint8_t proto, uint8_t kind, const PlAddr *addr_1, uint16_t port_1, const PlAddr *addr_2,
                           uint16_t port_2, uint32_t zone, PlFlowKey *key);
bool pl_flow_key_equal (const PlFlowKey *a, const PlFlowKey *b);
/* SipHash-1-3-class keyed hash, so that an attacker cannot aim at one bucket. */
uint64_t pl_flow_key_hash (const PlFlowKey *key, const uint64_t secret[2]);

const char *pl_state_id (PlFlowState state); /* "active", "syn-sent", …; static */
/* Role of @end's port, from initiator and local ends; PL_ROLE_NONE when unknown or without ports. */
PlRole pl_flow_role (const PlFlow *flow, int end);
PlRange pl_flow_range (const PlFlow *flow, int end);
static inline bool
pl_flow_has_ports (const PlFlow *flow)
{
  return flow->key.kind == PL_KIND_PORTS;
}
