/* What the files of the model share. Main loop only.
 *
 * Theory of operation. A record is one flow, whatever its sources. It stands in `slots` in order of id (ids only grow, so
 * that a newcomer is appended and a lookup is a binary search), in `by_capture` while a capture counts it, and in `by_key`
 * while a packet or a socket with its key would be the same flow. The writers only note facts and mark the record; what
 * needs a clock (rates, fading, attempts that stay unanswered) happens once a round, in pl_model_commit().
 *
 * What is known of an end is kept by end of the key, and the public struct shows it by local and remote: when the local
 * end is revised, owners swap by themselves. */
#pragma once
#include "model.h"

typedef struct
{
  char *key;
  guint n_uses; /* ends of flows that are not gone */
} PlAppUse;

typedef struct
{
  PlProcess *process; /* nullable */
  guint32 uid;        /* PL_UNKNOWN_U32 */
  guint8 confidence;  /* PlConfidence */
  gboolean is_told;   /* of who sent its packets: who has the socket by now may be another */
  gboolean is_missed; /* that was not found out but for its cgroup, and who has the socket by now is likely at most */
  PlAppUse *app;      /* counted while the flow is not gone; nullable */
} PlOwnerFacts;

/* Answers that came before their flow: the owner thread is asked at its first packet, the main loop hears of it with the
 * next batch. */
typedef struct
{
  guint64 capture_id;
  PlOwnerFacts owner[2];
  gboolean is_answered[2];
} PlEarlyAnswer;

/* What the kernel's socket at one end told. */
typedef struct
{
  guint64 payload_sent, payload_received;
  guint32 rtt_us, min_rtt_us, n_retransmits;
  guint32 dump;  /* serial of the last dump that held it; 0 never */
  guint8 state;  /* PlFlowState */
  bool is_closed; /* payload_received may count the peer's FIN for a byte */
  guint64 cookie; /* which socket it was; 0 not told */
} PlSocketFacts;

typedef enum
{
  PL_COUNTED_NOT,
  PL_COUNTED_FLOW,
  PL_COUNTED_LISTENER,
} PlCounted;

typedef struct
{
  PlModelFlow pub; /* first: readers are given this */
  guint key_hash;
  guint8 capture_local_end, capture_initiator_end; /* as the capture told, PL_END_UNKNOWN without */
  guint8 socket_local_end, socket_initiator_end;   /* as the sockets told */
  guint8 counted;     /* PlCounted */
  bool has_socket;    /* in model->with_socket: the last dump held it */
  bool is_busy;       /* in model->busy: its rates are not settled */
  bool is_touched;    /* bytes were delivered since the last commit */
  bool is_awaited;    /* in model->awaited */
  PlOwnerFacts owner[2];  /* by end */
  char *name[2];          /* by end: interned; nullable */
  guint8 name_source[2];  /* PlNameSource */
  PlSocketFacts *sockets; /* [2] by end; NULL while no socket was seen */
  double rate[2];         /* by sending end, bytes a second */
  guint64 sampled_bytes[2]; /* by sending end, when the rates were last computed */
  gint64 sampled_us;      /* monotonic, then; 0 while the rates were at rest */
  gint64 last_bytes_us;   /* monotonic, when bytes last moved */
} PlRecord;

typedef struct
{
  guint64 id;
  PlRecord *record; /* NULL: a hole, swept up when holes are many */
} PlSlot;

typedef struct
{
  guint64 id;
  gint64 since_us; /* monotonic; 0 until the next commit */
} PlWaiting;

struct _PlModel
{
  GObject parent_instance;

  GArray *slots;           /* PlSlot, in order of id */
  guint found_slot;        /* found last: who asks for many asks for the next one then */
  guint n_records;
  guint max_records;
  guint64 last_id;
  guint64 n_refused_flows;   /* that max_records had no room for, of this capture */
  guint n_refused_sockets;   /* of the last dump */
  guint64 last_refused_id;   /* PlFlow.id */
  GHashTable *by_capture;  /* &pub.capture_id → PlRecord */
  GHashTable *by_key;      /* PlRecord by key_hash and key → itself */
  GHashTable *apps;        /* app_key → PlAppUse */
  guint64 secret[2];       /* of the key's hash */

  GPtrArray *with_socket;  /* PlRecord whose socket was in the last dump */
  GPtrArray *busy;         /* PlRecord with rates that move */
  GQueue fading;           /* PlWaiting, in order of since_us */
  GArray *awaited;         /* guint64 ids of SYNs without an answer, in order of arrival */
  guint awaited_head;      /* first that is still awaited */
  guint32 dump;            /* serial of the last dump */

  GHashTable *early;       /* &capture_id → PlEarlyAnswer */
  guint64 n_early_dropped; /* the model's own part of totals.answers_dropped */
  GQueue early_order;      /* PlWaiting of capture ids: when each came */

  GHashTable *addresses;   /* set, by address, of its names: model-names.c */
  GQueue address_order;    /* those: the one told longest ago first */
  GHashTable *early_names; /* set, by key, of names whose flow is not known yet */
  GQueue early_name_order; /* those, oldest first */

  GPtrArray *ifaces;
  PlModelTotals totals;
  guint64 sum_out, sum_in; /* wire bytes of all flows ever, for the mean rates of a file */
  double mean_span_s;      /* that those were last computed for; 0 before */
  gboolean has_new_bytes;  /* since then */
  gboolean is_live;
  gboolean is_changed;     /* since the last commit */
  gint64 committed_us;     /* monotonic, last commit; 0 before */
  guint64 wall_us;         /* Unix time of the latest fact: the packets' own clock, which may be another machine's */
  gint64 wall_offset_us;   /* Unix time minus monotonic time, as the latest facts came in */
  gboolean is_wall_new;    /* wall_us moved since the last commit */
  gboolean is_wall_set;    /* to this computer's clock: no fact moves it */
};

/* model-record.c */
guint pl_record_hash (gconstpointer record);
gboolean pl_record_equal (gconstpointer a, gconstpointer b);
guint pl_model_find_slot (PlModel *self, guint64 id); /* of the first with this id or a later one */
PlRecord *pl_model_find_id (PlModel *self, guint64 id);
PlRecord *pl_model_find_capture (PlModel *self, guint64 capture_id);
PlRecord *pl_model_find_key (PlModel *self, const PlFlowKey *key);
PlRecord *pl_model_add_record (PlModel *self, const PlFlowKey *key);
void pl_model_rekey_record (PlModel *self, PlRecord *record, const PlFlowKey *key);
void pl_model_mark_gone (PlModel *self, PlRecord *record);
void pl_model_revive_record (PlModel *self, PlRecord *record);
void pl_model_drop_record (PlModel *self, PlRecord *record);
void pl_model_refresh_record (PlModel *self, PlRecord *record);
void pl_model_revise_owner (PlModel *self, PlRecord *record, int end, PlConfidence confidence, guint32 uid, PlProcess *process);
void pl_model_offer_owner (PlModel *self, PlRecord *record, int end, PlConfidence confidence, guint32 uid, PlProcess *process);
void pl_model_offer_holder (PlModel *self, PlRecord *record, int end, PlConfidence confidence, guint32 uid, PlProcess *process);
void pl_record_free (PlRecord *record);
static inline gboolean
pl_record_has_packets (const PlRecord *record)
{
  return (record->pub.sources & PL_SEEN_PACKETS) != 0;
}

/* A closed TCP flow. A socket that outlived it says nothing about it, and the next one on its tuple may be another's. */
static inline gboolean
pl_record_is_over (const PlRecord *record)
{
  return pl_record_has_packets (record) && record->pub.flow.key.proto == PL_PROTO_TCP
         && (record->pub.flow.flags & PL_FLOW_ENDED) != 0;
}

/* model-flows.c */
gboolean pl_model_leave_capture (PlModel *self, PlRecord *record);

/* model-answers.c */
void pl_model_adopt_answers (PlModel *self, PlRecord *record);
void pl_model_expire_answers (PlModel *self, gint64 now_us);
void pl_model_clear_answers (PlModel *self);
void pl_early_answer_free (gpointer data);

/* model-names.c */
void pl_model_init_names (PlModel *self);
void pl_model_clear_names (PlModel *self);
void pl_model_finalize_names (PlModel *self);
void pl_model_adopt_names (PlModel *self, PlRecord *record);
void pl_record_clear_names (PlRecord *record);

/* model-rates.c */
void pl_record_show_rates (PlRecord *record);
void pl_model_note_bytes (PlModel *self, PlRecord *record);
void pl_model_rest_rates (PlModel *self, PlRecord *record);
void pl_model_advance_rates (PlModel *self, gint64 now_us);
void pl_model_clear_rates (PlModel *self);

/* model-clock.c */
void pl_model_note_wall (PlModel *self, guint64 wall_us);
void pl_model_diagnose (PlModel *self, PlRecord *record);
void pl_model_advance_clock (PlModel *self, gint64 now_us);
