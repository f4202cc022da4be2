/* What is true now: the flows, whatever their sources. Main loop only. Here are its life, its rounds and its readers; the
 * facts are noted in model-flows.c, model-answers.c and model-sockets.c, records kept in model-record.c, and what a clock changes in
 * model-rates.c and model-clock.c. */
#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "model-private.h"
#include "aside.h"
#include "bounds.h"

enum
{
  SIGNAL_UPDATED,
  SIGNAL_RESET,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlModel, pl_model, G_TYPE_OBJECT)

static void
app_use_free (gpointer data)
{
  PlAppUse *app = data;

  g_free (app->key);
  g_free (app);
}

static gpointer
free_slots (gpointer data)
{
  GArray *slots = data;

  for (guint i = 0; i < slots->len; i++)
    if (g_array_index (slots, PlSlot, i).record != NULL)
      pl_record_free (g_array_index (slots, PlSlot, i).record);
  g_array_unref (slots);
  return NULL;
}

/* Frees all records and forgets everything but settings; says nothing. */
static void
clear (PlModel *self)
{
  g_hash_table_remove_all (self->by_capture);
  g_hash_table_remove_all (self->by_key);
  pl_free_aside (self->slots->len, free_slots, self->slots);
  self->slots = g_array_new (FALSE, FALSE, sizeof (PlSlot));
  g_hash_table_remove_all (self->apps);
  g_ptr_array_set_size (self->with_socket, 0);
  g_ptr_array_set_size (self->busy, 0);
  g_queue_clear_full (&self->fading, g_free);
  g_array_set_size (self->awaited, 0);
  pl_model_clear_answers (self);
  pl_model_clear_names (self);
  self->awaited_head = 0;
  self->n_records = 0;
  self->n_refused_sockets = 0;
  self->totals = (PlModelTotals){ .kernel_dropped = PL_UNKNOWN_U64, .interface_dropped = PL_UNKNOWN_U64 };
  self->n_early_dropped = self->n_refused_flows = self->last_refused_id = 0;
  self->sum_out = self->sum_in = 0;
  self->wall_us = 0;
  self->wall_offset_us = G_MININT64 / 2;
  self->is_wall_new = self->is_wall_set = FALSE;
  self->committed_us = 0;
}

static void
pl_model_finalize (GObject *object)
{
  PlModel *self = PL_MODEL (object);

  clear (self);
  g_array_unref (self->slots);
  g_hash_table_unref (self->by_capture);
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->apps);
  g_ptr_array_unref (self->with_socket);
  g_ptr_array_unref (self->busy);
  g_array_unref (self->awaited);
  g_hash_table_unref (self->early);
  pl_model_finalize_names (self);
  g_clear_pointer (&self->ifaces, g_ptr_array_unref);
  G_OBJECT_CLASS (pl_model_parent_class)->finalize (object);
}

static void
pl_model_class_init (PlModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pl_model_finalize;

  /**
   * PlModel::updated:
   *
   * A round of facts was taken over: at most once for each batch or dump, and only when something changed.
   */
  signals[SIGNAL_UPDATED] =
      g_signal_new ("updated", PL_TYPE_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * PlModel::reset:
   *
   * All flows are gone: another source begins.
   */
  signals[SIGNAL_RESET] = g_signal_new ("reset", PL_TYPE_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
pl_model_init (PlModel *self)
{
  self->slots = g_array_new (FALSE, FALSE, sizeof (PlSlot));
  self->by_capture = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->by_key = g_hash_table_new (pl_record_hash, pl_record_equal);
  self->apps = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, app_use_free);
  self->with_socket = g_ptr_array_new ();
  self->busy = g_ptr_array_new ();
  self->awaited = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->early = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, pl_early_answer_free);
  pl_model_init_names (self);
  self->max_records = PL_LIMIT_MODEL_FLOWS;
  for (int i = 0; i < 2; i++)
    self->secret[i] = (guint64)g_random_int () << 32 | g_random_int ();
  clear (self);
}

/**
 * pl_model_new:
 *
 * Returns: (transfer full): a model without flows
 */
PlModel *
pl_model_new (void)
{
  return g_object_new (PL_TYPE_MODEL, NULL);
}

/* ---- writers ---- */

/**
 * pl_model_reset:
 * @self: a model
 *
 * Forgets all flows, interfaces and totals. Ids go on, so that what a view remembers finds nothing.
 */
void
pl_model_reset (PlModel *self)
{
  g_return_if_fail (PL_IS_MODEL (self));

  clear (self);
  g_clear_pointer (&self->ifaces, g_ptr_array_unref);
  self->is_changed = FALSE;
  g_signal_emit (self, signals[SIGNAL_RESET], 0);
}

/**
 * pl_model_drop_packets:
 * @self: a model
 *
 * Forgets what packets told: their flows, totals and interfaces. A flow whose socket was in the last dump stays, without
 * its packets.
 */
void
pl_model_drop_packets (PlModel *self)
{
  PlModelTotals kept;

  g_return_if_fail (PL_IS_MODEL (self));

  pl_model_clear_rates (self);
  pl_model_clear_answers (self);
  pl_model_clear_names (self);
  for (guint i = 0; i < self->slots->len; i++)
    {
      PlRecord *record = g_array_index (self->slots, PlSlot, i).record;

      if (record == NULL || !pl_record_has_packets (record))
        continue;
      if (record->pub.capture_id == 0 || !pl_model_leave_capture (self, record))
        pl_model_drop_record (self, record);
    }
  kept = self->totals;
  self->totals = (PlModelTotals){ .kernel_dropped = PL_UNKNOWN_U64,
                                  .interface_dropped = PL_UNKNOWN_U64,
                                  .n_flows = kept.n_flows,
                                  .n_listeners = kept.n_listeners };
  self->n_early_dropped = self->n_refused_flows = self->last_refused_id = 0;
  self->sum_out = self->sum_in = 0;
  self->wall_us = 0;
  self->wall_offset_us = G_MININT64 / 2;
  g_clear_pointer (&self->ifaces, g_ptr_array_unref);
  self->is_changed = TRUE;
}

/**
 * pl_model_set_live:
 * @self: a model
 * @is_live: whether facts come as they happen
 *
 * Live rates follow the clock and what departs fades; otherwise rates are means over the time from the first packet of all to
 * the last, and what departs is dropped at once. May change under way: a stream that ended is a document.
 */
void
pl_model_set_live (PlModel *self, gboolean is_live)
{
  g_return_if_fail (PL_IS_MODEL (self));

  if (self->is_live == !!is_live)
    return;
  pl_model_clear_rates (self);
  self->is_live = !!is_live;
  self->mean_span_s = 0;
  for (guint i = 0; i < self->slots->len; i++)
    {
      PlRecord *record = g_array_index (self->slots, PlSlot, i).record;

      if (record == NULL)
        continue;
      if (self->is_live)
        pl_model_rest_rates (self, record);
      else
        pl_model_note_bytes (self, record);
      pl_model_diagnose (self, record);
    }
  self->is_changed |= self->n_records > 0;
}

/**
 * pl_model_set_ifaces:
 * @self: a model
 * @names: (element-type utf8): interface names by `PlFlow.iface`; kept by reference
 */
void
pl_model_set_ifaces (PlModel *self, GPtrArray *names)
{
  g_return_if_fail (PL_IS_MODEL (self));

  if (names == self->ifaces)
    return;
  g_clear_pointer (&self->ifaces, g_ptr_array_unref);
  self->ifaces = names != NULL ? g_ptr_array_ref (names) : NULL;
}

/**
 * pl_model_set_totals:
 * @self: a model
 * @totals: the capture's running totals; what the model counts itself is ignored
 */
void
pl_model_set_totals (PlModel *self, const PlModelTotals *totals)
{
  PlModelTotals merged;

  g_return_if_fail (PL_IS_MODEL (self));

  merged = *totals;
  merged.n_flows = self->totals.n_flows;
  merged.n_apps = self->totals.n_apps;
  merged.n_listeners = self->totals.n_listeners;
  merged.flows_turned_away = self->totals.flows_turned_away;
  merged.answers_dropped += self->n_early_dropped;
  merged.rate_out = self->totals.rate_out;
  merged.rate_in = self->totals.rate_in;
  if (memcmp (&merged, &self->totals, sizeof merged) != 0)
    self->is_changed = TRUE;
  self->totals = merged;
  pl_model_note_wall (self, totals->last_us);
}

/**
 * pl_model_commit:
 * @self: a model
 * @now_us: g_get_monotonic_time() of this round
 *
 * Ends a round of facts: rates and fading move to @now_us, and #PlModel::updated is emitted if anything changed.
 */
void
pl_model_commit (PlModel *self, gint64 now_us)
{
  g_return_if_fail (PL_IS_MODEL (self));

  pl_model_advance_rates (self, now_us);
  pl_model_advance_clock (self, now_us);
  self->totals.flows_turned_away = self->n_refused_flows + self->n_refused_sockets;
  self->totals.n_apps = g_hash_table_size (self->apps);
  self->committed_us = now_us;
  if (!self->is_changed)
    return;
  self->is_changed = FALSE;
  g_signal_emit (self, signals[SIGNAL_UPDATED], 0);
}

/* ---- readers ---- */

guint
pl_model_get_n_flows (PlModel *self)
{
  g_return_val_if_fail (PL_IS_MODEL (self), 0);

  return self->n_records;
}

/**
 * pl_model_get_flow:
 * @self: a model
 * @id: a `PlModelFlow.id`
 *
 * Returns: (nullable) (transfer none): the flow until the next call that applies something; %NULL when it is gone
 */
const PlModelFlow *
pl_model_get_flow (PlModel *self, guint64 id)
{
  PlRecord *record;

  g_return_val_if_fail (PL_IS_MODEL (self), NULL);

  record = pl_model_find_id (self, id);
  return record != NULL ? &record->pub : NULL;
}

/**
 * pl_model_foreach:
 * @self: a model
 * @func: (scope call): called for each flow, oldest first, until it returns %FALSE; must not write to the model
 * @data: for @func
 */
void
pl_model_foreach (PlModel *self, gboolean (*func) (const PlModelFlow *flow, gpointer data), gpointer data)
{
  pl_model_foreach_from (self, 0, func, data);
}

/**
 * pl_model_foreach_from:
 * @self: a model
 * @id: a `PlModelFlow.id`
 * @func: (scope call): called for each flow of that id or a later one, as pl_model_foreach() does
 * @data: for @func
 */
void
pl_model_foreach_from (PlModel *self,
                       guint64 id,
                       gboolean (*func) (const PlModelFlow *flow, gpointer data),
                       gpointer data)
{
  g_return_if_fail (PL_IS_MODEL (self));

  for (guint i = pl_model_find_slot (self, id); i < self->slots->len; i++)
    {
      const PlRecord *record = g_array_index (self->slots, PlSlot, i).record;

      if (record != NULL && !func (&record->pub, data))
        return;
    }
}

const PlModelTotals *
pl_model_get_totals (PlModel *self)
{
  g_return_val_if_fail (PL_IS_MODEL (self), NULL);

  return &self->totals;
}

const char *
pl_model_get_iface (PlModel *self, guint32 iface)
{
  g_return_val_if_fail (PL_IS_MODEL (self), NULL);

  return self->ifaces != NULL && iface < self->ifaces->len ? self->ifaces->pdata[iface] : NULL;
}

const char *
pl_model_flow_app_name (const PlModelFlow *flow)
{
  return flow->app != NULL && flow->app->name != NULL ? flow->app->name : _ ("Unknown app");
}

const char *
pl_model_flow_app_key (const PlModelFlow *flow)
{
  return flow->app != NULL && flow->app->app_key != NULL ? flow->app->app_key : "";
}

gboolean
pl_model_flow_is_listener (const PlModelFlow *flow)
{
  return flow->flow.state == PL_STATE_LISTEN;
}

gboolean
pl_model_flow_has_failed (const PlModelFlow *flow)
{
  return flow->diagnosis.failure != PL_FAILURE_NONE && flow->diagnosis.failure != PL_FAILURE_RESET;
}

/* A listener's zone is the device that it is bound to (SO_BINDTODEVICE). In every network namespace of Linux the loopback
 * device is the first one (LOOPBACK_IFINDEX in the kernel's net/net_namespace.h). */
PlScope
pl_model_flow_bind_scope (const PlModelFlow *flow)
{
  const PlFlowKey *key = &flow->flow.key;
  PlScope scope = pl_addr_scope (&key->addr[flow->local_end == PL_END_B ? PL_END_B : PL_END_A]);
  return scope == PL_SCOPE_UNSPECIFIED && key->zone == 1 ? PL_SCOPE_LOOPBACK : scope;
}
