/* The status bar's words. Pure. What a cap or a loss turned away has a row of its own, never hidden in a sum. */
#include <glib/gi18n.h>

#include "format.h"
#include "scene.h"
#include "status-words.h"

static char *
flows_words (guint64 n)
{
  g_autofree char *count = pl_format_count (n);

  return g_strdup_printf (ngettext ("%s flow", "%s flows", n), count);
}

static char *
packets_words (guint64 n)
{
  g_autofree char *count = pl_format_count (n);

  return g_strdup_printf (ngettext ("%s packet", "%s packets", n), count);
}

/* Without packets it is what the kernel counts, the payload of TCP; of the rest it tells nothing. */
static char *
rates_words (const PlModelTotals *totals)
{
  g_autofree char *in = pl_scene_format_rate (totals->rate_in), *out = pl_scene_format_rate (totals->rate_out);

  return g_strdup_printf (totals->packets == 0 && totals->received == 0 ? "TCP ↓ %s ↑ %s" : "↓ %s ↑ %s", in, out);
}

char *
pl_status_brief (const PlModelTotals *totals, gboolean is_live, gboolean is_in_two_lines)
{
  g_autofree char *flows = flows_words (totals->n_flows), *rates = NULL;

  if (!is_live)
    return g_steal_pointer (&flows);
  rates = rates_words (totals);
  return g_strconcat (flows, is_in_two_lines ? "\n" : " · ", rates, NULL);
}

char *
pl_status_flows (const PlModelTotals *totals, gboolean is_live)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (parts, flows_words (totals->n_flows));
  if (totals->n_apps > 0)
    g_ptr_array_add (parts, g_strdup_printf (ngettext ("%u app", "%u apps", totals->n_apps), totals->n_apps));
  if (totals->n_listeners > 0)
    g_ptr_array_add (
        parts, g_strdup_printf (ngettext ("%u listening", "%u listening", totals->n_listeners), totals->n_listeners));
  if (is_live)
    g_ptr_array_add (parts, rates_words (totals));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **)parts->pdata);
}

static guint64
known (guint64 count)
{
  return count == G_MAXUINT64 ? 0 : count;
}

guint64
pl_status_dropped (const PlModelTotals *totals)
{
  return known (totals->kernel_dropped) + known (totals->interface_dropped) + known (totals->unread);
}

/* What came, though it be of no flow: "0 packets" would deny it. */
static char *
came_words (const PlModelTotals *totals)
{
  guint64 n = totals->undecodable_total;
  g_autofree char *count = pl_format_count (n);

  if (totals->packets > 0 || n == 0)
    return packets_words (totals->packets);
  return g_strdup_printf (ngettext ("%s packet of no flow", "%s packets of no flow", n), count);
}

char *
pl_status_packets (const PlModelTotals *totals)
{
  g_autofree char *packets = NULL, *dropped = NULL;

  if (totals->packets == 0 && totals->received == 0)
    return NULL;
  packets = came_words (totals);
  if (totals->kernel_dropped == G_MAXUINT64 && totals->interface_dropped == G_MAXUINT64)
    return g_steal_pointer (&packets);
  dropped = pl_format_count (pl_status_dropped (totals));
  /* Translators: 1,204,311 packets, 0 dropped */
  return g_strdup_printf (_ ("%1$s, %2$s dropped"), packets, dropped);
}

static void
status_row_free (gpointer data)
{
  PlStatusRow *row = data;

  g_free (row->label);
  g_free (row->value);
  g_free (row);
}

/* Takes @value. */
static void
add (GPtrArray *rows, const char *label, char *value, gboolean is_loss)
{
  PlStatusRow *row = g_new0 (PlStatusRow, 1);

  *row = (PlStatusRow){ .label = g_strdup (label), .value = value, .is_loss = is_loss };
  g_ptr_array_add (rows, row);
}

static void
add_count (GPtrArray *rows, const char *label, guint64 count, gboolean is_loss)
{
  add (rows, label, pl_format_count (count), is_loss && count != 0 && count != G_MAXUINT64);
}

/* Flows that are counted but no longer drawn. */
static void
add_departed (GPtrArray *rows, const char *label, guint64 n_flows, guint64 n_packets, guint64 n_bytes)
{
  g_autofree char *flows = NULL, *packets = NULL, *bytes = NULL;

  if (n_flows == 0)
    return;
  flows = flows_words (n_flows);
  packets = packets_words (n_packets);
  bytes = pl_format_bytes (n_bytes);
  /* Translators: “12 flows”, “3,400 packets”, “1.2 MB” */
  add (rows, label, g_strdup_printf (_ ("%1$s, %2$s, %3$s"), flows, packets, bytes), FALSE);
}

char *
pl_status_no_flow (const PlModelTotals *totals)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = PL_DECODED + 1; i < PL_N_UNDECODABLE; i++)
    if (totals->undecodable[i] != 0)
      {
        g_autofree char *count = pl_format_count (totals->undecodable[i]);

        /* Translators: so many packets, and why they belong to no flow: “12 × not Internet traffic” */
        g_ptr_array_add (parts, g_strdup_printf (_ ("%1$s × %2$s"), count, pl_words_undecodable (i)));
      }
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **)parts->pdata);
}

static void
add_packets (GPtrArray *rows, const PlModelTotals *totals)
{
  add_count (rows, _ ("Packets"), totals->packets, FALSE);
  add (rows, _ ("Bytes on the wire"), pl_format_bytes (totals->bytes), FALSE);
  add_count (rows, _ ("Dropped by the kernel"), totals->kernel_dropped, TRUE);
  add_count (rows, _ ("Dropped by the interface"), totals->interface_dropped, TRUE);
  if (totals->unread != 0)
    add_count (rows, _ ("Captured before the stop, not counted"), totals->unread, TRUE);
  add_count (rows, _ ("Packets of no flow"), totals->undecodable_total, FALSE);
  for (guint i = PL_DECODED + 1; i < PL_N_UNDECODABLE; i++)
    if (totals->undecodable[i] != 0)
      {
        g_autofree char *label = g_strdup_printf ("   %s", pl_words_undecodable (i));

        add_count (rows, label, totals->undecodable[i], FALSE);
      }
}

GPtrArray *
pl_status_rows (const PlModelTotals *totals)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func (status_row_free);

  add_count (rows, _ ("Flows shown"), totals->n_flows, FALSE);
  add_count (rows, _ ("Listening ports"), totals->n_listeners, FALSE);
  add_departed (rows, _ ("Ended flows"), totals->ended_flows, totals->ended_packets, totals->ended_bytes);
  add_departed (rows, _ ("Others (too many to keep)"), totals->others_flows, totals->others_packets,
                totals->others_bytes);
  if (totals->flows_turned_away != 0)
    add_count (rows, _ ("Flows past the program’s limit"), totals->flows_turned_away, TRUE);
  if (totals->packets != 0 || totals->received != 0)
    add_packets (rows, totals);
  if (totals->questions_dropped != 0)
    add_count (rows, _ ("Flows whose app was not looked up"), totals->questions_dropped, TRUE);
  if (totals->names_lost != 0)
    add_count (rows, _ ("Names of hosts past the program’s limit"), totals->names_lost, TRUE);
  if (totals->messages_refused != 0)
    add_count (rows, _ ("Messages of the helper not understood"), totals->messages_refused, TRUE);
  if (totals->answers_dropped != 0)
    add_count (rows, _ ("Apps told too late"), totals->answers_dropped, TRUE);
  if (totals->owners.unaided != 0)
    add_count (rows, _ ("Apps looked up without the helper, which broke"), totals->owners.unaided, TRUE);
  if (totals->owners.records_lost != 0)
    add_count (rows, _ ("Records of senders missed"), totals->owners.records_lost, TRUE);
  if (totals->owners.processes_missed != 0)
    add_count (rows, _ ("New processes missed"), totals->owners.processes_missed, TRUE);
  if (totals->owners.reuses_lost != 0)
    add_count (rows, _ ("Changes of a port’s owner missed"), totals->owners.reuses_lost, TRUE);
  if (totals->owners.hands_untold != 0)
    add_count (rows, _ ("Ports that may have changed hands unseen"), totals->owners.hands_untold, TRUE);
  if (totals->owners.lists_cut != 0)
    add_count (rows, _ ("Searches without all processes"), totals->owners.lists_cut, TRUE);
  if (totals->owners.looks_cut != 0)
    add_count (rows, _ ("Connections not looked at again"), totals->owners.looks_cut, TRUE);
  if (totals->owners.scans_cut != 0)
    add_count (rows, _ ("Apps not looked for among all processes"), totals->owners.scans_cut, TRUE);
  if (totals->owners.holds_cut != 0)
    add_count (rows, _ ("Looks without all sockets of a process"), totals->owners.holds_cut, TRUE);
  if (totals->owners.sockets_cut != 0)
    add_count (rows, _ ("Sockets past the program’s limit"), totals->owners.sockets_cut, TRUE);
  return rows;
}
