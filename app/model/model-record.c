/* One flow's record: found, made, its ends' owners kept, marked gone, dropped. Main loop only; knows no clock. */
#include "model-private.h"
#include "bounds.h"

/* ---- finding ---- */

guint
pl_record_hash (gconstpointer record)
{
  return ((const PlRecord *)record)->key_hash;
}

gboolean
pl_record_equal (gconstpointer a, gconstpointer b)
{
  return pl_flow_key_equal (&((const PlRecord *)a)->pub.flow.key, &((const PlRecord *)b)->pub.flow.key);
}

static guint
hash_key (PlModel *self, const PlFlowKey *key)
{
  guint64 hash = pl_flow_key_hash (key, self->secret);

  return (guint)(hash ^ hash >> 32);
}

/* The slot of @id or, where it is gone, of the next greater one. */
guint
pl_model_find_slot (PlModel *self, guint64 id)
{
  guint low = 0, high = self->slots->len, next = self->found_slot + 1;

  if (next < high && g_array_index (self->slots, PlSlot, next).id == id)
    return self->found_slot = next;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->slots, PlSlot, middle).id < id)
        low = middle + 1;
      else
        high = middle;
    }
  return self->found_slot = low;
}

PlRecord *
pl_model_find_id (PlModel *self, guint64 id)
{
  guint i = pl_model_find_slot (self, id);

  if (i == self->slots->len || g_array_index (self->slots, PlSlot, i).id != id)
    return NULL;
  return g_array_index (self->slots, PlSlot, i).record;
}

PlRecord *
pl_model_find_capture (PlModel *self, guint64 capture_id)
{
  return g_hash_table_lookup (self->by_capture, &capture_id);
}

PlRecord *
pl_model_find_key (PlModel *self, const PlFlowKey *key)
{
  PlRecord probe;

  probe.pub.flow.key = *key;
  probe.key_hash = hash_key (self, key);
  return g_hash_table_lookup (self->by_key, &probe);
}

/* ---- counting ---- */

static void
release_app (PlModel *self, PlOwnerFacts *owner)
{
  PlAppUse *app = g_steal_pointer (&owner->app);

  if (app != NULL && --app->n_uses == 0)
    g_hash_table_remove (self->apps, app->key);
}

static void
count_app (PlModel *self, PlOwnerFacts *owner)
{
  const char *key = owner->process->app_key;
  PlAppUse *app;

  if (key == NULL || key[0] == '\0')
    {
      release_app (self, owner);
      return;
    }
  app = g_hash_table_lookup (self->apps, key);
  if (app == owner->app && app != NULL)
    return;
  if (app == NULL)
    {
      app = g_new0 (PlAppUse, 1);
      app->key = g_strdup (key);
      g_hash_table_insert (self->apps, app->key, app);
    }
  app->n_uses++;
  release_app (self, owner);
  owner->app = app;
}

static void
count_record (PlModel *self, PlRecord *record)
{
  PlCounted counted = record->pub.is_gone                         ? PL_COUNTED_NOT
                      : record->pub.flow.state == PL_STATE_LISTEN ? PL_COUNTED_LISTENER
                                                                  : PL_COUNTED_FLOW;

  if (counted == record->counted)
    return;
  self->totals.n_flows += (counted == PL_COUNTED_FLOW) - (record->counted == PL_COUNTED_FLOW);
  self->totals.n_listeners += (counted == PL_COUNTED_LISTENER) - (record->counted == PL_COUNTED_LISTENER);
  record->counted = counted;
}

/* ---- life ---- */

void
pl_record_free (PlRecord *record)
{
  for (int end = 0; end < 2; end++)
    pl_process_unref (record->owner[end].process);
  pl_record_clear_names (record);
  g_free (record->sockets);
  g_free (record);
}

/* Whether there is no room for one more. What fades is in the capture's sums already and must not keep out what is not; it
 * has as much room again. */
static gboolean
is_full (const PlModel *self)
{
  return self->n_records >= self->max_records + MIN (self->fading.length, self->max_records);
}

/* The caller fills sources and facts, then calls pl_model_refresh_record(). NULL past the cap, for
 * the caller to count. */
PlRecord *
pl_model_add_record (PlModel *self, const PlFlowKey *key)
{
  PlRecord *record;
  PlSlot slot;

  if (is_full (self))
    return NULL;

  record = g_new0 (PlRecord, 1);
  record->pub.id = ++self->last_id;
  record->pub.flow.key = *key;
  record->pub.flow.iface = PL_IFACE_NONE;
  record->pub.flow.local_end = record->pub.flow.initiator_end = PL_END_UNKNOWN;
  record->pub.uid = PL_UNKNOWN_U32;
  record->pub.payload_sent = record->pub.payload_received = PL_UNKNOWN_U64;
  record->pub.rtt_us = record->pub.min_rtt_us = record->pub.n_retransmits = PL_UNKNOWN_U32;
  record->key_hash = hash_key (self, key);
  record->capture_local_end = record->capture_initiator_end = PL_END_UNKNOWN;
  record->socket_local_end = record->socket_initiator_end = PL_END_UNKNOWN;
  record->owner[0].uid = record->owner[1].uid = PL_UNKNOWN_U32;

  slot = (PlSlot){ record->pub.id, record };
  g_array_append_val (self->slots, slot);
  self->n_records++;
  g_hash_table_replace (self->by_key, record, record);
  self->is_changed = TRUE;
  return record;
}

static void
forget_key (PlModel *self, PlRecord *record)
{
  /* An older flow may have left the key to a newer one. */
  if (g_hash_table_lookup (self->by_key, record) == record)
    g_hash_table_remove (self->by_key, record);
}

void
pl_model_rekey_record (PlModel *self, PlRecord *record, const PlFlowKey *key)
{
  forget_key (self, record);
  record->pub.flow.key = *key;
  record->key_hash = hash_key (self, key);
  g_hash_table_replace (self->by_key, record, record);
}

/* It fades from the next commit on. What packets told of it is complete: another packet with its key is another flow. */
void
pl_model_mark_gone (PlModel *self, PlRecord *record)
{
  PlWaiting fading = { record->pub.id, 0 };

  if (record->pub.is_gone)
    return;
  if (pl_record_has_packets (record))
    forget_key (self, record);
  record->pub.is_gone = TRUE;
  record->pub.gone_us = 0;
  g_queue_push_tail (&self->fading, g_memdup2 (&fading, sizeof fading));
  for (int end = 0; end < 2; end++)
    release_app (self, &record->owner[end]);
  count_record (self, record);
  self->is_changed = TRUE;
}

/* A socket's flow that was missed by one dump is back, or its packets came after all. */
void
pl_model_revive_record (PlModel *self, PlRecord *record)
{
  if (!record->pub.is_gone)
    return;
  record->pub.is_gone = FALSE;
  record->pub.gone_us = 0;
  for (int end = 0; end < 2; end++)
    if (record->owner[end].process != NULL)
      count_app (self, &record->owner[end]);
  count_record (self, record);
  self->is_changed = TRUE;
}

/* Frees @record. It must be in none of the lists that only a round of its own sweeps. */
void
pl_model_drop_record (PlModel *self, PlRecord *record)
{
  guint i = pl_model_find_slot (self, record->pub.id);

  g_assert (!record->has_socket && !record->is_busy);
  if (!record->pub.is_gone)
    {
      record->pub.is_gone = TRUE;
      count_record (self, record);
    }
  for (int end = 0; end < 2; end++)
    release_app (self, &record->owner[end]);
  if (record->pub.capture_id != 0)
    g_hash_table_remove (self->by_capture, &record->pub.capture_id);
  forget_key (self, record);
  g_array_index (self->slots, PlSlot, i).record = NULL;
  self->n_records--;
  self->is_changed = TRUE;
  pl_record_free (record);
}

/* ---- what is shown of it ---- */

/* Who called: the capture that saw the SYN knows; of a flow it met mid-stream it can only guess, and a socket knows better. */
static guint8
decide_initiator_end (const PlRecord *record)
{
  gboolean is_guess =
      (record->pub.flow.flags & PL_FLOW_MIDSTREAM) != 0 && record->socket_initiator_end != PL_END_UNKNOWN;

  if (record->capture_initiator_end != PL_END_UNKNOWN && !is_guess)
    return record->capture_initiator_end;
  return record->socket_initiator_end;
}

/* Whether both ends are sockets of this machine: then the local end is whoever called. */
static gboolean
has_twin_sockets (const PlRecord *record)
{
  return record->sockets != NULL && record->sockets[0].dump != 0 && record->sockets[1].dump != 0;
}

/* What the capture knows for sure, then what a socket here knows, then the capture's guess, then the initiator, then A. */
static guint8
decide_local_end (const PlRecord *record)
{
  gboolean is_guess = (record->pub.flow.flags & PL_FLOW_LOCAL_GUESSED) != 0;
  guint8 initiator_end = record->pub.flow.initiator_end;

  if (has_twin_sockets (record) && initiator_end != PL_END_UNKNOWN)
    return initiator_end;
  if (record->capture_local_end != PL_END_UNKNOWN && !is_guess)
    return record->capture_local_end;
  if (record->socket_local_end != PL_END_UNKNOWN)
    return record->socket_local_end;
  if (record->capture_local_end != PL_END_UNKNOWN)
    return record->capture_local_end;
  return initiator_end != PL_END_UNKNOWN ? initiator_end : PL_END_A;
}

static void
show_ends (PlRecord *record)
{
  const PlOwnerFacts *local = &record->owner[record->pub.local_end];
  const PlOwnerFacts *remote = &record->owner[1 - record->pub.local_end];

  record->pub.app = local->process;
  record->pub.app_confidence = local->confidence;
  record->pub.uid = local->uid;
  record->pub.remote_app = remote->process;
  record->pub.remote_confidence = remote->confidence;
  record->pub.host = record->name[1 - record->pub.local_end];
  record->pub.host_source = record->name_source[1 - record->pub.local_end];
}

/* Where there are packets, what they carried tells whether the last total counts the peer's FIN. */
static gboolean
has_counted_fin (const PlRecord *record, const PlSocketFacts *socket)
{
  return socket->is_closed && pl_record_has_packets (record) && socket->payload_received > 0
         && socket->payload_received - 1 == record->pub.flow.sent[1 - record->pub.local_end].payload_bytes;
}

static void
show_socket (PlRecord *record)
{
  const PlSocketFacts *socket = &record->sockets[record->pub.local_end];

  if (socket->dump == 0) /* only the other end's socket was seen */
    return;
  record->pub.payload_sent = socket->payload_sent;
  record->pub.payload_received = socket->payload_received - has_counted_fin (record, socket);
  record->pub.rtt_us = socket->rtt_us;
  record->pub.min_rtt_us = socket->min_rtt_us;
  record->pub.n_retransmits = socket->n_retransmits;
  if (!pl_record_has_packets (record))
    record->pub.flow.state = socket->state;
}

/* Makes the public struct say what the record knows. */
void
pl_model_refresh_record (PlModel *self, PlRecord *record)
{
  record->pub.flow.initiator_end = decide_initiator_end (record);
  record->pub.local_end = record->pub.flow.local_end = decide_local_end (record);
  show_ends (record);
  pl_record_show_rates (record);
  if (record->sockets != NULL)
    show_socket (record);
  count_record (self, record);
  self->is_changed = TRUE;
}

/* What was said of the owner of @end was true no longer, or of another's socket: this takes its place, whatever it is. */
void
pl_model_revise_owner (
    PlModel *self, PlRecord *record, int end, PlConfidence confidence, guint32 uid, PlProcess *process)
{
  PlOwnerFacts *owner = &record->owner[end];

  if (owner->process != process)
    {
      release_app (self, owner);
      g_clear_pointer (&owner->process, pl_process_unref);
      self->is_changed = TRUE;
    }
  owner->confidence = PL_CONFIDENCE_UNKNOWN;
  owner->uid = PL_UNKNOWN_U32;
  show_ends (record);
  pl_model_offer_owner (self, record, end, confidence, uid, process);
}

/* One answer about the owner of @end. A better confidence is never replaced by a worse one, nor a process by none. */
void
pl_model_offer_owner (
    PlModel *self, PlRecord *record, int end, PlConfidence confidence, guint32 uid, PlProcess *process)
{
  PlOwnerFacts *owner = &record->owner[end];
  gboolean is_better = confidence > owner->confidence || (confidence == owner->confidence && process != NULL);
  gboolean is_changed = FALSE;

  if (uid != PL_UNKNOWN_U32 && uid != owner->uid && (is_better || owner->uid == PL_UNKNOWN_U32))
    {
      owner->uid = uid;
      is_changed = TRUE;
    }
  if (is_better && (confidence != owner->confidence || process != owner->process)
      && (process != NULL || owner->process == NULL))
    {
      owner->confidence = confidence;
      if (process != owner->process)
        {
          pl_process_unref (owner->process);
          owner->process = process != NULL ? pl_process_ref (process) : NULL;
        }
      if (process != NULL && !record->pub.is_gone)
        count_app (self, owner);
      is_changed = TRUE;
    }
  if (is_changed)
    {
      show_ends (record);
      self->is_changed = TRUE;
    }
}

/* Who has the socket of @end by now; where who called was not found out, its app is likely, and nobody whom it was passed to from another
 * cgroup. */
void
pl_model_offer_holder (
    PlModel *self, PlRecord *record, int end, PlConfidence confidence, guint32 uid, PlProcess *process)
{
  PlOwnerFacts *owner = &record->owner[end];
  const PlProcess *known = owner->process;
  const char *unit = known != NULL ? known->unit : NULL;
  PlProcess *app;

  if (!owner->is_missed || process == NULL || !pl_record_has_packets (record))
    {
      pl_model_offer_owner (self, record, end, confidence, uid, process);
      return;
    }
  if (unit != NULL && g_strcmp0 (unit, process->unit) != 0)
    return;
  if (owner->confidence == PL_CONFIDENCE_LIKELY && known != NULL && g_strcmp0 (known->app_key, process->app_key) == 0)
    return;
  app = pl_process_app_of (process);
  if (unit != NULL && owner->confidence == PL_CONFIDENCE_CGROUP && process->pid != 0)
    pl_model_revise_owner (self, record, end, confidence, uid, app);
  else
    pl_model_offer_owner (self, record, end, confidence, uid, app);
  pl_process_unref (app);
}
