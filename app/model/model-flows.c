/* What the capture told, noted in the records. Main loop only. */
#include "model-private.h"

/* The flow a socket was on view for, now that its packets are seen: same key, or the same without the interface that only
 * one of the two sources knew. */
static PlRecord *
find_socket_flow (PlModel *self, const PlFlowKey *key)
{
  PlRecord *record = pl_model_find_key (self, key);

  if (record == NULL && key->zone != 0)
    {
      PlFlowKey bare = *key;

      bare.zone = 0;
      record = pl_model_find_key (self, &bare);
    }
  return record != NULL && !pl_record_has_packets (record) ? record : NULL;
}

/* The record that takes @flow's updates from now on: the socket's, or a new one. NULL past the cap. */
static PlRecord *
adopt_flow (PlModel *self, const PlFlow *flow)
{
  PlRecord *record = find_socket_flow (self, &flow->key);

  if (record == NULL)
    record = pl_model_add_record (self, &flow->key);
  else if (!pl_flow_key_equal (&record->pub.flow.key, &flow->key))
    pl_model_rekey_record (self, record, &flow->key);
  if (record == NULL)
    {
      if (flow->id > self->last_refused_id) /* ids grow: the others were counted when they first came */
        self->n_refused_flows++;
      self->last_refused_id = MAX (self->last_refused_id, flow->id);
      self->is_changed = TRUE;
      return NULL;
    }

  pl_model_revive_record (self, record);
  record->pub.capture_id = flow->id;
  record->pub.sources |= PL_SEEN_PACKETS;
  /* Wire bytes are counted from here on, no longer the socket's payload. */
  record->sampled_bytes[0] = record->sampled_bytes[1] = 0;
  g_hash_table_insert (self->by_capture, &record->pub.capture_id, record);
  record->pub.flow.initiator_end = flow->initiator_end; /* the answers are of who called, */
  record->pub.flow.flags = flow->flags; /* and since when */
  pl_model_adopt_answers (self, record);
  return record;
}

/* A flow may be told of before its first packet is counted, which comes with the others, and with it what they told of names. */
static gboolean
is_first_counted (const PlFlowCounts before[2], const PlFlowCounts now[2])
{
  return before[0].packets + before[1].packets == 0 && now[0].packets + now[1].packets > 0;
}

static void
apply_flow (PlModel *self, const PlFlowUpdate *update)
{
  PlRecord *record = pl_model_find_capture (self, update->flow.id);
  PlFlowCounts before[2];
  guint8 local_end;

  if (record == NULL)
    record = adopt_flow (self, &update->flow);
  if (record == NULL)
    return;

  memcpy (before, record->pub.flow.sent, sizeof before);
  local_end = record->pub.local_end;
  record->pub.flow = update->flow;
  record->pub.story = update->story;
  record->capture_local_end = update->flow.local_end;
  record->capture_initiator_end = update->flow.initiator_end;
  pl_model_refresh_record (self, record);
  if (is_first_counted (before, record->pub.flow.sent))
    pl_model_adopt_names (self, record);
  self->sum_out += record->pub.flow.sent[record->pub.local_end].bytes - before[local_end].bytes;
  self->sum_in += record->pub.flow.sent[1 - record->pub.local_end].bytes - before[1 - local_end].bytes;
  pl_model_note_bytes (self, record);
  pl_model_note_wall (self, update->flow.last_us);
  pl_model_diagnose (self, record);
}

/**
 * pl_model_apply_flows:
 * @self: a model
 * @updates: (array length=n_updates): the whole facts of the flows that changed
 * @n_updates: how many
 *
 * Takes over what the capture counted. A flow known as a socket keeps its id.
 */
void
pl_model_apply_flows (PlModel *self, const PlFlowUpdate *updates, guint n_updates)
{
  g_return_if_fail (PL_IS_MODEL (self));

  for (guint i = 0; i < n_updates; i++)
    apply_flow (self, &updates[i]);
}

/* The capture counts @record no longer, but its socket lives on: a flow without packets again. What was counted is in the
 * capture's "ended" or "others" and must not stand here too. Packets that come later may be another's. */
static void
demote_to_socket (PlModel *self, PlRecord *record)
{
  PlFlow *flow = &record->pub.flow;

  record->pub.sources = PL_SEEN_SOCKET;
  record->capture_local_end = record->capture_initiator_end = PL_END_UNKNOWN;
  memset (flow->sent, 0, sizeof flow->sent);
  flow->id = 0;
  flow->flags = 0;
  flow->iface = PL_IFACE_NONE;
  flow->tcp_isn = 0;
  record->pub.story = (PlFlowStory){ 0 };
  record->pub.diagnosis = (PlDiagnosis){ 0 };
  for (int end = 0; end < 2; end++)
    record->owner[end].is_told = record->owner[end].is_missed = FALSE;
  pl_model_refresh_record (self, record);
  pl_model_rest_rates (self, record);
}

/* Ends @record's part in the capture. Returns TRUE when it stays, as a socket's flow; else it is the caller's to mark gone
 * or drop. */
gboolean
pl_model_leave_capture (PlModel *self, PlRecord *record)
{
  g_hash_table_remove (self->by_capture, &record->pub.capture_id);
  record->pub.capture_id = 0;
  if (!record->has_socket)
    return FALSE;
  if (!pl_record_is_over (record))
    {
      demote_to_socket (self, record);
      return TRUE;
    }
  record->has_socket = false;
  g_ptr_array_remove_fast (self->with_socket, record);
  return FALSE;
}

/**
 * pl_model_apply_gone:
 * @self: a model
 * @capture_ids: (array length=n_ids): ids of flows that left the capture's table
 * @n_ids: how many
 *
 * They fade, unless a socket still stands for them. Unknown ids are nothing new.
 */
void
pl_model_apply_gone (PlModel *self, const guint64 *capture_ids, guint n_ids)
{
  g_return_if_fail (PL_IS_MODEL (self));

  for (guint i = 0; i < n_ids; i++)
    {
      PlRecord *record = pl_model_find_capture (self, capture_ids[i]);

      if (record != NULL && !pl_model_leave_capture (self, record))
        pl_model_mark_gone (self, record);
    }
}
