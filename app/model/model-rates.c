/* Bytes a second. Main loop only.
 *
 * A live rate is an exponentially weighted mean of the last seconds: what came since the last sample, spread over the time
 * since then, replaces 1 - e^(-dt/T) of the old value. Only flows whose rate is not at rest are visited, so that a
 * thousand quiet flows cost nothing. A file's rate is the flow's bytes over the whole time that the file tells of: rates
 * that are added up then say what went through in that time, and a sum of flows is never more than the file's own rate. It
 * depends on the file alone, not on how it was cut into batches. */
#include "model-private.h"
#include "bounds.h"
#include <math.h>

#define RATE_FLOOR_BYTES 1.0 /* bytes a second below which a rate is at rest */
/* µs between two deliveries while bytes move. A missing delivery means silence only after this and half as much again. */
#define PACKETS_INTERVAL_US ((gint64)PL_BATCH_INTERVAL_US)
#define SOCKETS_INTERVAL_US ((gint64)PL_SOCKETS_INTERVAL_US)

/* What @end sent so far, in the unit its rate is told in: wire bytes, or payload while only a socket is known. */
static guint64
get_bytes (const PlRecord *record, int end)
{
  guint64 payload;

  if (pl_record_has_packets (record))
    return record->pub.flow.sent[end].bytes;
  payload = end == record->pub.local_end ? record->pub.payload_sent : record->pub.payload_received;
  return payload != PL_UNKNOWN_U64 ? payload : 0;
}

void
pl_record_show_rates (PlRecord *record)
{
  record->pub.rate_out = record->rate[record->pub.local_end];
  record->pub.rate_in = record->rate[1 - record->pub.local_end];
}

/* The record's counters may have moved. */
void
pl_model_note_bytes (PlModel *self, PlRecord *record)
{
  gboolean has_moved = FALSE;

  if (!self->is_live)
    {
      self->has_new_bytes = TRUE;
      return;
    }
  for (int end = 0; end < 2; end++)
    has_moved |= get_bytes (record, end) != record->sampled_bytes[end];
  if (!has_moved)
    return;
  record->is_touched = TRUE;
  if (record->is_busy)
    return;
  record->is_busy = TRUE;
  record->sampled_us = 0;
  g_ptr_array_add (self->busy, record);
}

/* Sets the rates to 0 and counts from here on. */
void
pl_model_rest_rates (PlModel *self, PlRecord *record)
{
  for (int end = 0; end < 2; end++)
    {
      record->rate[end] = 0;
      record->sampled_bytes[end] = get_bytes (record, end);
    }
  record->is_touched = FALSE;
  pl_record_show_rates (record);
}

static void
sample_rate (PlRecord *record, int end, gint64 dt_us)
{
  guint64 bytes = get_bytes (record, end);
  /* A local end that was revised swaps what a socket's counters mean: no bytes were sent back. */
  guint64 delta = bytes > record->sampled_bytes[end] ? bytes - record->sampled_bytes[end] : 0;
  double weight = -expm1 (-(double)dt_us / PL_RATE_TIME_CONSTANT_US);

  record->rate[end] += weight * (delta * 1e6 / dt_us - record->rate[end]);
  record->sampled_bytes[end] = bytes;
}

/* Returns FALSE when the rates came to rest. */
static gboolean
advance_record (PlModel *self, PlRecord *record, gint64 now_us)
{
  gint64 interval_us = pl_record_has_packets (record) ? PACKETS_INTERVAL_US : SOCKETS_INTERVAL_US;
  gint64 dt_us = record->sampled_us != 0 ? now_us - record->sampled_us : interval_us;

  if (record->pub.is_gone)
    {
      pl_model_rest_rates (self, record);
      return FALSE;
    }
  if (dt_us <= 0 || (!record->is_touched && dt_us < interval_us + interval_us / 2))
    return TRUE;
  if (record->is_touched)
    record->last_bytes_us = now_us;
  record->is_touched = FALSE;
  record->sampled_us = now_us;
  sample_rate (record, 0, dt_us);
  sample_rate (record, 1, dt_us);
  if (now_us - record->last_bytes_us >= PL_RATE_SILENCE_US
      || (record->rate[0] < RATE_FLOOR_BYTES && record->rate[1] < RATE_FLOOR_BYTES
          && now_us - record->last_bytes_us > interval_us))
    {
      pl_model_rest_rates (self, record);
      return FALSE;
    }
  pl_record_show_rates (record);
  return TRUE;
}

static void
set_mean_rates (PlRecord *record, double span_s)
{
  for (int end = 0; end < 2; end++)
    record->rate[end] = record->pub.flow.sent[end].bytes / span_s;
  pl_record_show_rates (record);
}

/* Of a file: all anew when there are more bytes, or more time that they are spread over. */
static void
advance_means (PlModel *self)
{
  const PlModelTotals *totals = &self->totals;
  guint64 span_us = totals->last_us > totals->first_us ? totals->last_us - totals->first_us : 0;
  double span_s = MAX (span_us, G_USEC_PER_SEC) / 1e6;

  if (!self->has_new_bytes && span_s == self->mean_span_s)
    return;
  self->has_new_bytes = FALSE;
  self->mean_span_s = span_s;
  for (guint i = 0; i < self->slots->len; i++)
    {
      PlRecord *record = g_array_index (self->slots, PlSlot, i).record;

      if (record != NULL && !record->pub.is_gone)
        set_mean_rates (record, span_s);
    }
  self->totals.rate_out = self->sum_out / span_s;
  self->totals.rate_in = self->sum_in / span_s;
}

/* Once a round: moves every rate that is not at rest to @now_us. */
void
pl_model_advance_rates (PlModel *self, gint64 now_us)
{
  guint kept = 0;

  if (!self->is_live)
    {
      advance_means (self);
      return;
    }
  self->totals.rate_out = self->totals.rate_in = 0;
  self->is_changed |= self->busy->len > 0;
  for (guint i = 0; i < self->busy->len; i++)
    {
      PlRecord *record = self->busy->pdata[i];

      record->is_busy = advance_record (self, record, now_us);
      if (!record->is_busy)
        continue;
      self->busy->pdata[kept++] = record;
      self->totals.rate_out += record->pub.rate_out;
      self->totals.rate_in += record->pub.rate_in;
    }
  g_ptr_array_set_size (self->busy, kept);
}

/* Forgets every live rate, before records are freed or their rates change their meaning. */
void
pl_model_clear_rates (PlModel *self)
{
  for (guint i = 0; i < self->busy->len; i++)
    {
      PlRecord *record = self->busy->pdata[i];

      pl_model_rest_rates (self, record);
      record->is_busy = FALSE;
    }
  g_ptr_array_set_size (self->busy, 0);
}
