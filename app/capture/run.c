/* One run of the capture thread: decode in groups, count, and hand over. It never waits for the main loop while packets
 * may come: what the mailbox has no room for stays marked as changed in the table. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "run.h"
#include "bounds.h"
#include "local-addrs.h"
#include "urgent.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The passing of time is looked for in flows, and told of those that changed: with more of them than this no longer with the
 * priority of first packets. With 10,000 it takes 15 µs, and the telling at most 500; without that priority, on a machine
 * that compiles, 30 to 60 ms in which nobody's first packet is looked at. */
#define URGENT_FLOWS 20000

/* While a file is read, batches only show how far it is: all of its flows come at the end. With a million of them, larger
 * batches would cost a quarter of all the time. */
#define FILE_BATCH_FLOWS 8192

static void
copy_options (PlRun *run, const PlCaptureOptions *options)
{
  run->options = *options;
  run->options.name = g_strdup (options->name ? options->name : "standard input");
  run->options.filter = options->filter && options->filter[0] != '\0' ? g_strdup (options->filter) : NULL;
  run->options.local = NULL; /* pl_local_end_new() keeps its own copy */
}

PlRun *
pl_run_new (const PlCaptureOptions *options, PlMailbox *mailbox, GError **error)
{
  PlRun *run = g_new0 (PlRun, 1);
  PlFlowTableOptions table_options;

  copy_options (run, options);
  run->mailbox = mailbox;
  run->stats.kernel_dropped = run->stats.interface_dropped = G_MAXUINT64;
  run->cancel_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  run->decoder = pl_decoder_new ();
  run->ifaces = pl_ifaces_new (options->is_live);
  run->names = pl_host_names_new ();
  run->local = pl_local_end_new (options->is_live, options->local, options->n_local);
  table_options = (PlFlowTableOptions){
    .max_flows = options->max_flows > 0 ? options->max_flows : PL_LIMIT_FLOWS,
    .ended_linger_us = options->ended_linger_us,
    .is_live = options->is_live,
    .local = run->local,
    .new_flow = options->is_live ? options->new_flow : NULL,
    .resumed = options->is_live ? options->resumed : NULL,
    .mixed = options->is_live ? options->mixed : NULL,
    .new_flow_data = options->new_flow_data,
  };
  run->table = pl_flow_table_new (&table_options);
  if (run->options.filter && options->kind != PL_SOURCE_DEVICE)
    run->filter = pl_filter_new (run->options.filter);
  if (run->cancel_fd < 0 || !run->decoder || !run->table)
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED,
                   _ ("Could not start to capture: %s; close other programs"),
                   g_strerror (run->cancel_fd < 0 ? EMFILE : ENOMEM));
      g_clear_pointer (&run, pl_run_free);
    }
  return run;
}

void
pl_run_free (PlRun *run)
{
  if (!run)
    return;
  g_clear_pointer (&run->filter, pl_filter_free);
  g_clear_pointer (&run->table, pl_flow_table_free);
  g_clear_pointer (&run->local, pl_local_end_free);
  g_clear_pointer (&run->ifaces, pl_ifaces_free);
  g_clear_pointer (&run->names, pl_host_names_free);
  g_clear_pointer (&run->decoder, pl_decoder_free);
  if (run->cancel_fd >= 0)
    close (run->cancel_fd);
  if (run->options.fd >= 0 && run->options.kind == PL_SOURCE_PIPE)
    close (run->options.fd);
  if (run->options.control_fd >= 0 && run->options.kind == PL_SOURCE_PIPE)
    close (run->options.control_fd);
  g_free ((char *)run->options.name);
  g_free ((char *)run->options.filter);
  g_free (run);
}

gboolean
pl_run_is_cancelled (const PlRun *run)
{
  struct pollfd poll_fd = { .fd = run->cancel_fd, .events = POLLIN };

  return poll (&poll_fd, 1, 0) > 0;
}

/* ---- packets ---- */

static inline PlTablePacket *
in_line (PlRun *run, guint n)
{
  return &run->line[n % PL_RUN_LINE];
}

/* Counts what is in line. */
static void
flush (PlRun *run)
{
  while (run->n_out != run->n_in)
    pl_flow_table_count (run->table, in_line (run, run->n_out++));
}

/* The packet that was decoded into the line's next place enters it; one half a line back gets ahead, the oldest leaves. */
static inline void
push (PlRun *run)
{
  pl_flow_table_prepare (run->table, in_line (run, run->n_in++));
  if (run->n_in - run->n_out > PL_RUN_STEP)
    pl_flow_table_prefetch (run->table, in_line (run, run->n_in - 1 - PL_RUN_STEP));
  if (run->n_in - run->n_out == PL_RUN_LINE)
    pl_flow_table_count (run->table, in_line (run, run->n_out++));
}

static void
note_time (PlRun *run, guint64 time_us)
{
  PlCaptureStats *stats = &run->stats;

  if (run->options.is_live && time_us + PL_CLOCK_BACK_US < stats->last_us)
    {
      guint64 span_us = stats->last_us - stats->first_us;

      stats->first_us = MAX (time_us, span_us + 1) - span_us;
      stats->last_us = time_us;
    }
  if (time_us > stats->last_us)
    stats->last_us = time_us;
  if (stats->first_us == 0 || time_us < stats->first_us)
    stats->first_us = time_us;
}

static guint32
number_of_iface (PlRun *run, const PlPacket *packet, guint32 iface)
{
  return packet->flags & PL_PACKET_HAS_IFINDEX ? pl_ifaces_get_by_ifindex (run->ifaces, packet->ifindex) : iface;
}

void
pl_run_packet (PlRun *run, const PlRecord *record)
{
  PlTablePacket *item = in_line (run, run->n_in);
  PlUndecodable reason = pl_decoder_packet (run->decoder, record->datalink, record->bytes, record->captured,
                                            record->wire, record->time_us, &item->packet);

  run->stats.received++;
  note_time (run, record->time_us);
  if (reason != PL_DECODED)
    {
      run->stats.undecodable[reason]++;
      run->stats.undecodable_bytes += record->wire;
      run->is_changed = TRUE;
      return;
    }
  item->iface = number_of_iface (run, &item->packet, record->iface);
  pl_host_names_read (run->names, &item->packet);
  push (run);
}

void
pl_run_announce (PlRun *run, const PlRecord *record)
{
  PlTablePacket item;

  if (pl_decoder_packet (run->decoder, record->datalink, record->bytes, record->captured, record->wire, record->time_us,
                         &item.packet)
      != PL_DECODED)
    return;
  item.iface = number_of_iface (run, &item.packet, record->iface);
  pl_flow_table_announce (run->table, &item);
}

/* ---- handing over ---- */

static PlBatch *
make_batch (PlRun *run, guint n_max_flows)
{
  PlBatch *batch = g_new0 (PlBatch, 1);

  pl_flow_table_take (run->table, batch, n_max_flows);
  pl_host_names_take (run->names, batch);
  batch->stats = run->stats;
  batch->stats.names_lost = pl_host_names_get_n_lost (run->names);
  pl_flow_table_get_stats (run->table, &batch->stats);
  batch->state = run->state;
  batch->ifaces = pl_ifaces_dup_names (run->ifaces);
  run->is_changed = FALSE;
  return batch;
}

static void
post_if_room (PlRun *run)
{
  gboolean is_file = run->options.kind == PL_SOURCE_FILE;

  if ((run->is_changed || pl_flow_table_has_changes (run->table)) && pl_mailbox_is_empty (run->mailbox)
      && pl_mailbox_post (run->mailbox, make_batch (run, is_file ? FILE_BATCH_FLOWS : PL_LIMIT_BATCH_FLOWS)))
    run->posted_us = g_get_monotonic_time ();
}

gboolean
pl_run_is_stalled (const PlRun *run)
{
  return !pl_mailbox_is_empty (run->mailbox) && g_get_monotonic_time () - run->posted_us >= PL_LIMIT_STALL_US;
}

void
pl_run_set_running (PlRun *run)
{
  run->state = PL_CAPTURE_RUNNING;
  run->is_changed = TRUE;
  post_if_room (run);
}

static void
pass_time (PlRun *run, gboolean is_final)
{
  flush (run);
  pl_flow_table_sweep (run->table, run->options.is_live && !is_final ? (guint64)g_get_real_time () : run->stats.last_us,
                       is_final);
  if (pl_local_end_elect (run->local, is_final))
    pl_flow_table_revise_local (run->table, TRUE);
}

void
pl_run_load_addrs (PlRun *run)
{
  PlAddr addrs[PL_LIMIT_LOCAL_PREFIXES];
  guint n_addrs = pl_local_addrs_load (addrs, PL_LIMIT_LOCAL_PREFIXES);

  /* An address that has gone was ours while its flows began: only those that had none are decided anew. */
  if (pl_local_end_set_own (run->local, addrs, n_addrs))
    pl_flow_table_revise_local (run->table, FALSE);
}

void
pl_run_hear_reuses (PlRun *run)
{
  PlPortReuse reuses[16];
  guint n;

  if (!run->options.take_reuses)
    return;
  n = run->options.take_reuses (reuses, G_N_ELEMENTS (reuses), run->options.new_flow_data);
  for (guint i = 0; i < n; i++)
    pl_flow_table_expect_reuse (run->table, &reuses[i]);
}

int
pl_run_get_reuses_fd (const PlRun *run)
{
  return run->options.get_reuses_fd ? run->options.get_reuses_fd (run->options.new_flow_data) : -1;
}

void
pl_run_tick (PlRun *run)
{
  gint64 now_us = g_get_monotonic_time ();
  PlCaptureStats stats = { 0 };

  /* Early while something waits to be told; a flow after a silence is told at once. */
  flush (run);
  if (now_us < run->next_tick_us)
    return;
  pl_flow_table_get_stats (run->table, &stats);
  if (run->is_urgent && stats.n_flows > URGENT_FLOWS)
    pl_urgent_end ();
  pass_time (run, FALSE);
  post_if_room (run);
  run->next_tick_us = now_us + PL_BATCH_INTERVAL_US;
  run->received_at_tick = run->stats.received;
}

void
pl_run_prepare_wait (PlRun *run)
{
  gboolean was_urgent = run->is_urgent;

  run->is_urgent =
      run->options.is_live && run->options.is_urgent && run->options.is_urgent (run->options.new_flow_data);
  if (run->is_urgent)
    pl_urgent_begin ();
  else if (was_urgent)
    pl_urgent_end ();
}

/* Whether all that came has been told and time has passed since. */
static gboolean
is_at_rest (const PlRun *run)
{
  return !run->is_changed && !pl_flow_table_has_changes (run->table) && run->stats.received == run->received_at_tick;
}

int
pl_run_get_timeout_ms (const PlRun *run)
{
  gint64 wait_us = run->next_tick_us - g_get_monotonic_time ();

  if (is_at_rest (run))
    {
      guint64 due_us = run->options.is_live ? pl_flow_table_get_due_us (run->table) : G_MAXUINT64;

      if (due_us == G_MAXUINT64)
        return -1;
      wait_us = MAX (wait_us, (gint64)due_us - g_get_real_time ());
      wait_us = MIN (wait_us, (gint64)PL_IDLE_LINGER_US); /* nothing lasts longer: the clock was set back */
    }
  return wait_us <= 0 ? 0 : (int)((wait_us + 999) / 1000);
}

/* Waits until the mailbox is empty. FALSE when told to stop instead. */
static gboolean
wait_for_room (const PlRun *run)
{
  struct pollfd poll_fds[] = {
    { .fd = pl_mailbox_get_empty_fd (run->mailbox), .events = POLLIN },
    { .fd = run->cancel_fd, .events = POLLIN },
  };

  while (poll (poll_fds, G_N_ELEMENTS (poll_fds), -1) < 0 && errno == EINTR)
    ;
  return !(poll_fds[1].revents & POLLIN);
}

void
pl_run_finish (PlRun *run, PlCaptureState state, GError *error)
{
  PlBatch *batch;

  pass_time (run, TRUE);
  do
    {
      gboolean has_room = wait_for_room (run);

      batch = make_batch (run, PL_LIMIT_BATCH_FLOWS);
      if (!pl_flow_table_has_changes (run->table))
        {
          batch->state = run->state = state;
          batch->error = error;
        }
      if (!has_room || !pl_mailbox_post (run->mailbox, batch))
        pl_mailbox_post_last (run->mailbox, batch);
    }
  while (pl_flow_table_has_changes (run->table));
}
