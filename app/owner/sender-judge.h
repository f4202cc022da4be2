/* Which of the senders that tracepoints told sent a question's packet. Owner thread only; no system call but where a
 * sender's network namespace is not known yet. */
#pragma once
#include "case.h"
#include "senders.h"

typedef enum
{
  PL_SENDER_NONE,
  PL_SENDER_HINT,   /* this process called the same end just then: look whether it holds the socket */
  PL_SENDER_LIKELY, /* it is this one, or one of another network namespace with the same addresses */
  PL_SENDER_EXACT,
} PlSenderVerdict;

typedef struct
{
  gint32 pid;
  guint64 time_ns; /* CLOCK_MONOTONIC; 0 of a raw socket's */
  const PlSenderProcess *process; /* as it was then; NULL: nobody looked in time. Valid until the next description */
  gboolean is_gone; /* and who has its number is another one */
  gboolean is_elsewhere; /* in another network namespace of this machine */
  gboolean is_early; /* as in PlSender: it may have been another port's */
} PlSenderFound;

/* Where none is told to have sent it: whether it is likely by a raw socket, from which one process alone sent to its other end
 * just then; never surer. */
PlSenderVerdict
pl_sender_judge_raw (PlSenders *senders, PlProcfs *procfs, guint32 own_network, const PlCase *one, PlSenderFound *found);
/* @procfs: nullable, where processes have other numbers than the kernel told. @own_network: pl_procfs_get_network() of ourselves. */
PlSenderVerdict
pl_sender_judge (PlSenders *senders, PlProcfs *procfs, guint32 own_network, const PlCase *one, PlSenderFound *found);
