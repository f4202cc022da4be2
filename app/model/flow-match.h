/* Conditions on a flow, as a person filters for it: plain values, pure. Main loop only, as the flows that it looks at. */
#pragma once
#include "model.h"

enum /* PlFlowMatch.conditions */
{
  PL_MATCH_APP = 1 << 0,         /* app_key: of the local end's owner; "" is the unknown app */
  PL_MATCH_PEER_APP = 1 << 1,    /* peer_key: of the other owner of a flow between two apps on this computer */
  PL_MATCH_PROCESS = 1 << 2,     /* pid: of either end's owner */
  PL_MATCH_PROTO = 1 << 3,       /* proto: the IP protocol */
  PL_MATCH_LOCAL_PORT = 1 << 4,  /* local: from … to, both inclusive */
  PL_MATCH_REMOTE_PORT = 1 << 5, /* remote: the same for the other end */
  PL_MATCH_OWN_PORT = 1 << 6,    /* own: a port of this computer, which of a flow within it is either end's */
  PL_MATCH_ENDPOINT = 1 << 7,    /* endpoint and zone: the remote address */
  PL_MATCH_FAILED = 1 << 8,      /* an attempt that failed; a reset after it worked is none */
  PL_MATCH_LISTENING = 1 << 9,   /* listeners */
  PL_MATCH_TEXT = 1 << 10,       /* text: each of its words is found in what the flow is called */
  PL_MATCH_FLOWS = 1 << 11,      /* flows: these and no others */
};

typedef struct
{
  guint16 from, to;
} PlPortSpan;

/* A flow matches when each condition that is set holds; without any, every flow does. */
typedef struct
{
  guint conditions;
  char *app_key, *peer_key; /* owned where set by pl_flow_match_copy() */
  char *text;
  gint32 pid;
  guint8 proto;
  PlPortSpan local, remote, own;
  PlAddr endpoint;
  guint32 zone;
  GHashTable *flows; /* (element-type guint64): a set of PlModelFlow.id */
} PlFlowMatch;

PlFlowMatch *pl_flow_match_copy (const PlFlowMatch *match); /* (transfer full) */
void pl_flow_match_free (PlFlowMatch *match);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlFlowMatch, pl_flow_match_free)
gboolean pl_flow_match_equal (const PlFlowMatch *a, const PlFlowMatch *b);
gboolean pl_flow_match_matches (const PlFlowMatch *match, const PlModelFlow *flow);
/* The ports of a range; of PL_RANGE_NONE all. */
PlPortSpan pl_port_span_of_range (PlRange range);
/* (transfer full): a set for PlFlowMatch.flows; @ids: (element-type guint64) */
GHashTable *pl_flow_match_set_of (GArray *ids);
