/* One end of one flow on its way to an answer. Owner thread only. */
#pragma once
#include "owners.h"

#define PL_CASE_INODES 8 /* sockets that share a port and are weighed against each other */

typedef struct
{
  PlOwnerQuestion question;
  guint8 end;
  gboolean is_local; /* this end's address is one of our network namespace, or may be anybody's (multicast) */
  /* the socket, as far as the kernel told it */
  guint64 inodes[PL_CASE_INODES]; /* [0] is the one the kernel picks; the others share its port and may be the one meant */
  guint n_inodes;
  guint64 cookie;       /* of [0], as the kernel names it when it closes; 0 not known */
  guint64 own_inode;    /* of a called end's accepted connection, beside its listener's; 0 */
  guint32 uid;          /* PL_UNKNOWN_U32 */
  gboolean is_strangers; /* the socket is of a user whom our user namespace does not know; uid is not known then */
  guint64 cgroup_id;    /* 0 */
  gboolean is_listener; /* the listener's, for want of the connection's own */
  gboolean is_shared_listener; /* several processes may accept from it */
  gboolean is_gone;     /* the socket was closed while its holder was searched */
  gboolean is_crowded;  /* more rivals than PL_CASE_INODES: nobody can be named */
  gboolean is_guess;    /* a raw socket of the right protocol: it may have sent the packet */
  gboolean is_connected; /* the socket sends to the other end alone, and may have asked its route long ago */
  gboolean is_just_connected; /* hint_pid did that, a moment before the packet */
  gboolean is_doubted;  /* the socket is the holder's, and nobody was told to have sent the packet from it */
  gboolean is_elsewhere; /* the socket is in another network namespace of this machine */
  gboolean is_kernels;  /* the kernel itself answers or sends */
  gboolean needs_no_rivals; /* who sent a datagram is told, or only this socket is asked about: who else has its port makes no difference */
  gint32 hint_pid;      /* called the same end just then: looked at first; 0 */
  /* the answer */
  gboolean needs_scan;  /* sockets are known, not all of their holders: a full scan may tell */
  guint8 confidence;    /* PlConfidence */
  PlProcess *process;   /* owned; nullable */
  guint8 n_looks;       /* it was looked at again so often */
  gint32 named_pid;     /* what the answer before named; 0 */
  gboolean is_managers; /* and that holds sockets of others: pl_holder_is_manager_comm(), but for the first process */
  gboolean is_shared;   /* by now others have the socket, too: process and confidence say no more than may be said of that */
  gboolean is_revision; /* counts more than the answer before, however sure that was */
  gint64 look_again_us; /* monotonic: when a second look is due */
} PlCase;

/* Whether this end is known to have been called, or to have called: neither when nobody saw the beginning. */
static inline gboolean
pl_case_is_called (const PlCase *one)
{
  return one->question.initiator_end == 1 - one->end;
}

static inline gboolean
pl_case_is_caller (const PlCase *one)
{
  return one->question.initiator_end == one->end;
}

/* Connections have a listener, and a socket for each. */
static inline gboolean
pl_case_is_stream (const PlCase *one)
{
  guint8 proto = one->question.key.proto;
  return proto == PL_PROTO_TCP || proto == PL_PROTO_SCTP;
}

static inline void
pl_case_forget_user (PlCase *one)
{
  one->uid = PL_UNKNOWN_U32;
  one->is_strangers = FALSE;
}

static inline void
pl_case_clear (PlCase *one)
{
  pl_process_unref (one->process);
  one->process = NULL;
}
