/* A main loop's side of a capture, for tests. Test programs only. */
#include "collect.h"
#include <poll.h>
#include <string.h>

#define PATIENCE_US (10 * G_USEC_PER_SEC)
#define REST_US (2500 * 1000)

Collector *
collector_new (void)
{
  Collector *self = g_new0 (Collector, 1);

  self->mailbox = pl_mailbox_new ();
  g_assert_nonnull (self->mailbox);
  self->flows = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  return self;
}

void
collector_free (Collector *self)
{
  pl_mailbox_free (self->mailbox);
  g_hash_table_unref (self->flows);
  g_clear_error (&self->error);
  g_clear_pointer (&self->ifaces, g_ptr_array_unref);
  g_free (self);
}

static void
apply (Collector *self, PlBatch *batch)
{
  for (guint i = 0; i < batch->n_flows; i++)
    {
      PlFlowUpdate *update = g_memdup2 (&batch->flows[i], sizeof *update);

      g_assert_cmpuint (update->flow.id, >, 0);
      g_assert_false (update->flow.flags & 0x80);
      g_hash_table_replace (self->flows, &update->flow.id, update);
    }
  for (guint i = 0; i < batch->n_gone; i++)
    {
      g_assert_cmpuint (batch->gone_why[i], <=, 1);
      g_assert_true (g_hash_table_remove (self->flows, &batch->gone[i]));
    }
  self->n_gone += batch->n_gone;
  self->stats = batch->stats;
  self->state = batch->state;
  g_assert_true ((batch->error != NULL) == (batch->state == PL_CAPTURE_FAILED));
  g_assert_null (self->error);
  self->error = g_steal_pointer (&batch->error);
  g_clear_pointer (&self->ifaces, g_ptr_array_unref);
  self->ifaces = g_ptr_array_ref (batch->ifaces);
  self->n_batches++;
  pl_batch_free (batch);
}

void
collector_take (Collector *self)
{
  PlBatch *batch;

  while ((batch = pl_mailbox_take (self->mailbox)))
    apply (self, batch);
}

void
collector_wait (Collector *self, gboolean (*is_done) (Collector *self, gpointer data), gpointer data)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  for (collector_take (self); !is_done (self, data); collector_take (self))
    {
      struct pollfd poll_fd = { .fd = pl_mailbox_get_fd (self->mailbox), .events = POLLIN };

      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      poll (&poll_fd, 1, 1000);
    }
}

static gboolean
is_over (Collector *self, gpointer data)
{
  return self->state == PL_CAPTURE_ENDED || self->state == PL_CAPTURE_FAILED;
}

void
collector_wait_for_end (Collector *self)
{
  collector_wait (self, is_over, NULL);
}

/* How often the capture thread went to sleep so far. */
static guint64
count_sleeps (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *tid;

  while ((tid = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", tid, "status", NULL), *status = NULL;

      if (g_file_get_contents (path, &status, NULL, NULL) && g_str_has_prefix (status, "Name:\tpl-capture\n"))
        return g_ascii_strtoull (strstr (status, "\nvoluntary_ctxt_switches:") + strlen ("\nvoluntary_ctxt_switches:"),
                                 NULL, 10);
    }
  g_assert_not_reached ();
}

void
collector_wait_for_rest (Collector *self)
{
  guint64 n_before, n = count_sleeps ();
  guint n_tries = 0;

  do
    {
      g_assert_cmpuint (n_tries++, <, 10);
      collector_take (self);
      n_before = n;
      g_usleep (REST_US);
      n = count_sleeps ();
    }
  while (n != n_before);
}

void
collector_run (Collector *self, const PlCaptureOptions *options)
{
  PlCapture *capture = pl_capture_start (options, self->mailbox);

  collector_wait_for_end (self);
  pl_capture_stop (capture);
  g_assert_null (pl_mailbox_take (self->mailbox));
}

void
collector_run_file (Collector *self, const char *path)
{
  const PlCaptureOptions options = { .kind = PL_SOURCE_FILE, .name = path, .fd = -1, .control_fd = -1 };

  collector_run (self, &options);
}

const PlFlowUpdate *
collector_get_by_port (Collector *self, guint16 port)
{
  const PlFlowUpdate *found = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->flows);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const PlFlowUpdate *update = value;

      if (update->flow.key.port[0] != port && update->flow.key.port[1] != port)
        continue;
      g_assert_null (found);
      found = update;
    }
  g_assert_nonnull (found);
  return found;
}

void
collector_check_totals (Collector *self)
{
  guint64 packets = self->stats.others_packets + self->stats.ended_packets;
  guint64 bytes = self->stats.others_bytes + self->stats.ended_bytes;
  guint64 undecodable = 0;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->flows);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const PlFlow *flow = &((const PlFlowUpdate *)value)->flow;

      packets += flow->sent[0].packets + flow->sent[1].packets;
      bytes += flow->sent[0].bytes + flow->sent[1].bytes;
    }
  for (int i = 0; i < PL_N_UNDECODABLE; i++)
    undecodable += self->stats.undecodable[i];
  g_assert_cmpuint (packets, ==, self->stats.packets);
  g_assert_cmpuint (bytes, ==, self->stats.bytes);
  g_assert_cmpuint (self->stats.received, ==, self->stats.packets + undecodable);
  g_assert_cmpuint (g_hash_table_size (self->flows), ==, self->stats.n_flows);
}
