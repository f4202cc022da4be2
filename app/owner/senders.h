/* Who sent what, as the kernel's tracepoints told: from a flow's end and a time to the processes that sent there. Owner
 * thread only. A table of a fixed size: what is new takes the oldest one's place, since a question follows its packet within
 * milliseconds. It concludes nothing. */
#pragma once
#include "flow.h"
#include "procfs.h"
#include "trace-records.h"

typedef struct _PlSenders PlSenders;

/* A process as it was when it began to send; it may be gone by now. */
typedef struct
{
  guint64 sent_ns; /* CLOCK_MONOTONIC: when that was sent for which it was described; 0 not told */
  PlProcFacts facts; /* cwd, flatpak_info and appimage unset; pid 0: it was gone before it could be looked at */
} PlSenderProcess;

typedef struct
{
  gint32 pid;
  guint64 time_ns; /* CLOCK_MONOTONIC */
  gboolean is_early; /* TCP over IPv6 before its port was chosen: of the process no more is known than whom it called */
} PlSender;

PlSenders *pl_senders_new (void);
void pl_senders_free (PlSenders *senders);
void pl_senders_add (PlSenders *senders, const PlTraceSender *sender);
/* The same for its time alone, of a record of @pid that tells nothing else that is new: what was described just before was described for
 * it. */
void pl_senders_note_sample (PlSenders *senders, gint32 pid, guint64 time_ns);
/* Takes @process's facts over; they are empty but for the pid when it was gone already. */
void pl_senders_describe (PlSenders *senders, gint32 pid, PlSenderProcess *process);
/* The number @pid is a new process's since @time_ns (CLOCK_MONOTONIC). */
void pl_senders_note_beginning (PlSenders *senders, gint32 pid, guint64 time_ns);
/* Whether who had the number @pid at @time_ns has ended: who has it by now is another one. */
gboolean pl_senders_has_ended (PlSenders *senders, gint32 pid, guint64 time_ns);
/* NULL when it was never described, or was gone before, or another one had its number by then. */
const PlSenderProcess *pl_senders_get_process (PlSenders *senders, gint32 pid);
/* Senders from @end of @key between the two times, one for each process with its latest time, newest first; at most @max.
 * Those that are early come only when there are no others. */
guint pl_senders_find (PlSenders *senders,
                       const PlFlowKey *key,
                       int end,
                       guint64 from_ns,
                       guint64 to_ns,
                       PlSender *found,
                       guint max);
/* Processes that sent from a raw socket to the other end of @key between the two times, what they wrote into their packets is
 * not known; else the same. */
guint pl_senders_find_raw (PlSenders *senders,
                           const PlFlowKey *key,
                           int end,
                           guint64 from_ns,
                           guint64 to_ns,
                           PlSender *found,
                           guint max);
/* A port of UDP from which another process sent than before; FALSE when there is none, more. */
typedef struct
{
  gint32 before_pid, pid;
  guint64 time_ns;
  PlFlowKey key;
  int end; /* the sender's */
} PlSenderChange;
gboolean pl_senders_next_change (PlSenders *senders, PlSenderChange *change);
/* How many more than PL_LIMIT_PORT_REUSES came before they were taken. */
guint64 pl_senders_get_n_changes_lost (PlSenders *senders);
/* Whether @process was described after what it sent at @time_ns, or too soon before for anything to have become of it. */
gboolean pl_sender_process_is_of (const PlSenderProcess *process, guint64 time_ns);
/* How many were added so far. */
guint64 pl_senders_get_n_added (PlSenders *senders);
