/* What is true now, main loop only. Batches, socket dumps and owners' answers come in; flows, apps, ports and endpoints
 * can be read. A flow is a plain struct (PlModelFlow), valid until the next call that applies something: keep ids, not
 * pointers. Views redraw on PlModel::updated, which comes at most once for each applied batch or dump. */
#pragma once
#include <gio/gio.h>
#include "name.h"
#include "process.h"
#include "reasons.h"
#include "socket.h"

enum /* PlModelFlow.sources */
{
  PL_SEEN_PACKETS = 1 << 0, /* counters and story come from packets */
  PL_SEEN_SOCKET = 1 << 1,  /* the kernel has (had) a socket for it on this machine */
};

typedef struct
{
  guint64 id;        /* model's own, never reused; stays when packets are seen for a flow known as a socket */
  guint64 capture_id; /* PlFlow.id, 0 while only a socket is known */
  PlFlow flow;
  PlFlowStory story;
  guint8 sources;
  guint8 local_end;  /* PL_END_A or PL_END_B: always decided here (else the initiator's, else A) */
  guint8 app_confidence, remote_confidence; /* PlConfidence */
  gboolean is_gone;  /* it left the table or the kernel; it fades and is dropped at gone_us + PL_GONE_LINGER_US. Its
                        counters are in the totals' "ended" or "others" already: sums leave it out */
  gint64 gone_us;    /* monotonic */
  PlProcess *app;    /* owner of the local end; nullable */
  PlProcess *remote_app; /* loopback: owner of the other end; nullable */
  guint32 uid;       /* of the local socket, PL_UNKNOWN_U32 */
  double rate_out, rate_in; /* wire bytes a second, last seconds; payload when only a socket is known. Of a file: the mean
                               over all the time that it tells of, so that they sum up, and it always reads the same */
  guint64 payload_sent, payload_received; /* from the socket, PL_UNKNOWN_U64 */
  guint32 rtt_us, min_rtt_us, n_retransmits; /* from the socket, PL_UNKNOWN_U32 */
  const char *host;  /* what the other end is called, as packets told; interned; nullable */
  guint8 host_source; /* PlNameSource */
  PlDiagnosis diagnosis;
} PlModelFlow;

typedef struct
{
  guint64 packets, bytes, received;
  guint64 kernel_dropped, interface_dropped; /* G_MAXUINT64 unknown */
  guint64 undecodable[PL_N_UNDECODABLE], undecodable_total;
  guint64 others_flows, others_packets, others_bytes, others_payload_bytes;
  guint64 ended_flows, ended_packets, ended_bytes, ended_payload_bytes;
  guint64 questions_dropped;
  guint64 names_lost; /* names of hosts, past the program's limits */
  guint64 messages_refused; /* records of the helper that were none we know */
  guint64 unread; /* packets that the helper had when the capture was stopped, and could not hand over; G_MAXUINT64 unknown */
  guint64 bytes_read, bytes_total;
  guint64 first_us, last_us;
  gboolean is_interface_gone; /* what is captured on; counting goes on as soon as it is back */
  guint n_flows;     /* that are neither gone nor listeners */
  guint n_apps;      /* with at least one such flow or listener */
  guint n_listeners; /* not gone */
  guint64 flows_turned_away; /* that PL_LIMIT_MODEL_FLOWS had no room for */
  guint64 answers_dropped; /* owners' answers that nobody took in time, or that found no room to wait for their flow */
  struct
  {
    guint64 asked, exact;  /* owners: questions, and answers that are sure */
    guint64 records_lost;  /* of the kernel, about who sends: the owner is found by other ways, or not */
    guint64 lists_cut;     /* of processes outside the sandbox: some were not looked into */
    guint64 looks_cut;     /* accepted connections that were not looked at again, in case that another process has them */
    guint64 scans_cut;     /* flows whose app was not looked for among all processes, being too many at a time */
    guint64 reuses_lost;   /* ports of UDP that changed hands, untold for want of room: their packets may be one flow's */
    guint64 hands_untold;  /* answers to which such a change may be unknown */
    guint64 unaided;       /* flows whose owner was asked for after the helper's owner child had ended, alone */
    guint64 holds_cut;     /* looks of the helper into a process that had more sockets than it tells */
    guint64 sockets_cut;   /* sockets, or closings, past the program's limits */
    guint64 processes_missed; /* news of the kernel's of new processes, that was lost or not looked into */
    guint64 scans;         /* of all processes' descriptors */
    guint64 p50_us, p95_us; /* from a flow's first packet to its owner */
    gboolean has_scanned;  /* so that the sockets on view have whatever owner can be found */
  } owners;
  double rate_out, rate_in; /* wire bytes a second over all flows */
} PlModelTotals;

/* iface of a flow that no packet was seen of. */
#define PL_IFACE_NONE G_MAXUINT32

#define PL_TYPE_MODEL (pl_model_get_type ())
G_DECLARE_FINAL_TYPE (PlModel, pl_model, PL, MODEL, GObject)

/* Signals: "updated" (void): something was applied. "reset" (void): all flows are gone, another source. */
PlModel *pl_model_new (void);

/* ---- writers: session only ---- */
void pl_model_reset (PlModel *self);
/* What packets told is forgotten and what a socket of the last dump told stays, with its id: a capture begins where the
 * sockets were already on view. */
void pl_model_drop_packets (PlModel *self);
/* @is_live: rates and fading follow the clock; else the packets' own time. */
void pl_model_set_live (PlModel *self, gboolean is_live);
void pl_model_set_wall (PlModel *self, guint64 wall_us);
/* Before the flows of the same batch. */
void pl_model_apply_names (PlModel *self, const PlNameTold *told, guint n_told);
void pl_model_apply_flows (PlModel *self, const PlFlowUpdate *updates, guint n_updates);
void pl_model_apply_gone (PlModel *self, const guint64 *capture_ids, guint n_ids);
void pl_model_apply_sockets (PlModel *self, const PlSocket *sockets, guint n_sockets);
/* Takes a reference on @process (nullable). An answer for a flow that is gone is dropped;
 * one that comes before its flow's first batch waits for it. @end is of the capture's key. */
void pl_model_apply_owner (PlModel *self, guint64 capture_id, guint end, PlConfidence confidence, guint32 uid, PlProcess *process);
/* The same, in place of the answer before, however sure that was. */
void pl_model_correct_owner (PlModel *self, guint64 capture_id, guint end, PlConfidence confidence, guint32 uid, PlProcess *process);
void pl_model_set_ifaces (PlModel *self, GPtrArray *names);
/* Fields n_flows, n_apps, n_listeners, flows_turned_away and rates are the model's own and ignored here. */
void pl_model_set_totals (PlModel *self, const PlModelTotals *totals);
/* Ends one round of apply calls at @now_us (monotonic): rates, fading, then "updated" if anything changed. */
void pl_model_commit (PlModel *self, gint64 now_us);
/* When the next commit is due though nothing arrives, for rates fall, flows fade and attempts stay unanswered: a
 * monotonic time, or -1 when all is still. */
gint64 pl_model_get_due_us (PlModel *self);

/* ---- readers ---- */
guint pl_model_get_n_flows (PlModel *self); /* that pl_model_foreach() visits, those that fade too */
const PlModelFlow *pl_model_get_flow (PlModel *self, guint64 id); /* NULL when gone */
/* In order of id (oldest first). @func returns FALSE to stop. */
void pl_model_foreach (PlModel *self, gboolean (*func) (const PlModelFlow *flow, gpointer data), gpointer data);
void pl_model_foreach_from (PlModel *self, guint64 id, gboolean (*func) (const PlModelFlow *flow, gpointer data), gpointer data);
const PlModelTotals *pl_model_get_totals (PlModel *self);
const char *pl_model_get_iface (PlModel *self, guint32 iface); /* NULL when unknown */

/* Names for people, of one flow; (transfer none) until the next apply. */
const char *pl_model_flow_app_name (const PlModelFlow *flow); /* never NULL; "Unknown app" translated */
const char *pl_model_flow_app_key (const PlModelFlow *flow);  /* never NULL; "" while the app is unknown */
gboolean pl_model_flow_is_listener (const PlModelFlow *flow);
gboolean pl_model_flow_has_failed (const PlModelFlow *flow); /* an attempt; to reset what worked is how many programs hang up */
/* Of a listener: the scope of the address it is bound to, and loopback for any address of the loopback device only. */
PlScope pl_model_flow_bind_scope (const PlModelFlow *flow);
