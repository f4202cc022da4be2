/* The report as a table for people: two passes over the rows, one for the columns' widths and one that writes, so that
 * no row is kept. On a terminal the columns that matter least give way where it is narrow. Main thread. */
#include "report.h"

#include "safe-text.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

typedef enum
{
  COL_PROTO,
  COL_APP,
  COL_LOCAL,
  COL_LOCAL_RANGE,
  COL_ARROW,
  COL_REMOTE,
  COL_REMOTE_RANGE,
  COL_REMOTE_NAME,
  COL_SERVICE,
  COL_REMOTE_APP,
  COL_STATE,
  COL_OUT_PACKETS,
  COL_OUT_BYTES,
  COL_IN_PACKETS,
  COL_IN_BYTES,
  COL_RATE,
  N_COLS,
} Column;

static const struct
{
  const char *heading;
  gboolean is_number;
  guint gives_way; /* 1 goes first where the terminal is narrow; 0 never goes */
  guint most; /* columns it may take; 0 as many as it needs */
} columns[N_COLS] = {
  [COL_PROTO] = { N_ ("PROTO"), FALSE, 0, 0 },
  [COL_APP] = { N_ ("APP"), FALSE, 0, 24 },
  [COL_LOCAL] = { N_ ("LOCAL"), FALSE, 0, 0 },
  [COL_LOCAL_RANGE] = { N_ ("RANGE"), FALSE, 2, 0 },
  [COL_ARROW] = { "", FALSE, 0, 0 },
  [COL_REMOTE] = { N_ ("REMOTE"), FALSE, 0, 0 },
  [COL_REMOTE_RANGE] = { N_ ("RANGE"), FALSE, 1, 0 },
  [COL_REMOTE_NAME] = { N_ ("REMOTE NAME"), FALSE, 6, 32 },
  [COL_SERVICE] = { N_ ("SERVICE"), FALSE, 6, 0 },
  [COL_REMOTE_APP] = { N_ ("REMOTE APP"), FALSE, 4, 24 },
  [COL_STATE] = { N_ ("STATE"), FALSE, 7, 0 },
  [COL_OUT_PACKETS] = { N_ ("OUT PKTS"), TRUE, 3, 0 },
  [COL_OUT_BYTES] = { N_ ("OUT"), TRUE, 8, 0 },
  [COL_IN_PACKETS] = { N_ ("IN PKTS"), TRUE, 3, 0 },
  [COL_IN_BYTES] = { N_ ("IN"), TRUE, 8, 0 },
  [COL_RATE] = { N_ ("RATE"), TRUE, 5, 0 },
};

typedef struct
{
  const PlTextLayout *layout;
  PlWriter *writer;
  GString *cells[N_COLS];
  guint widths[N_COLS]; /* 0: not shown */
  PlRange ranges[2]; /* of the row's local and remote port */
} Table;

/* SI units, as the window shows them: "999 B", "1.5 kB". */
static void
append_bytes (GString *out, double bytes)
{
  static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
  guint unit = 0;

  while (bytes >= 999.5 && unit + 1 < G_N_ELEMENTS (units))
    {
      bytes /= 1000;
      unit++;
    }
  g_string_append_printf (out, unit == 0 || bytes >= 99.95 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void
append_endpoint (GString *out, const PlFlow *flow, int end)
{
  char addr[PL_ADDR_STRLEN];
  const char *text = pl_addr_format (&flow->key.addr[end], addr);

  if (!pl_flow_has_ports (flow))
    g_string_append (out, text);
  else if (pl_addr_is_v4 (&flow->key.addr[end]))
    g_string_append_printf (out, "%s:%u", text, flow->key.port[end]);
  else
    g_string_append_printf (out, "[%s]:%u", text, flow->key.port[end]);
}

/* A name that is less than sure ends in a question mark. */
static void
append_app (GString *out, const PlProcess *process, guint confidence, gboolean is_ascii)
{
  if (process == NULL)
    return;
  pl_safe_text_append (out, process->name, is_ascii);
  if (process->pid > 0)
    g_string_append_printf (out, " (%d)", process->pid);
  if (confidence == PL_CONFIDENCE_LIKELY || confidence == PL_CONFIDENCE_CGROUP)
    g_string_append_c (out, '?');
  if (process->is_elsewhere)
    g_string_append_printf (out, ", %s", _ ("in another network namespace"));
}

/* As an app's. */
static void
append_name (GString *out, const PlModelFlow *row)
{
  if (row->host != NULL)
    g_string_append_printf (out, "%s%s", row->host, row->host_source == PL_NAME_DNS ? "?" : "");
}

static const char *
arrow (const PlModelFlow *row, gboolean is_ascii)
{
  if (row->flow.initiator_end == PL_END_UNKNOWN)
    return is_ascii ? "--" : "—";
  if (row->flow.initiator_end == row->local_end)
    return is_ascii ? "->" : "→";
  return is_ascii ? "<-" : "←";
}

static void
append_nullable (GString *out, const char *text)
{
  if (text != NULL)
    g_string_append (out, text);
}

/* The kernel counts payload, and of few protocols. */
static void
append_payload (GString *out, guint64 payload_bytes)
{
  if (payload_bytes == PL_UNKNOWN_U64)
    g_string_append (out, _ ("unknown"));
  else
    append_bytes (out, (double)payload_bytes);
}

static void
append_rate (Table *table, const PlModelFlow *row)
{
  if (row->rate_out + row->rate_in < 0.5)
    return;
  append_bytes (table->cells[COL_RATE], row->rate_out + row->rate_in);
  g_string_append (table->cells[COL_RATE], "/s");
}

static void
fill_counters (Table *table, const PlModelFlow *row)
{
  const PlFlowCounts *out = &row->flow.sent[row->local_end];
  const PlFlowCounts *in = &row->flow.sent[1 - row->local_end];

  if (!pl_report_has_packets (row))
    {
      g_string_append (table->cells[COL_OUT_PACKETS], _ ("unknown"));
      append_payload (table->cells[COL_OUT_BYTES], row->payload_sent);
      g_string_append (table->cells[COL_IN_PACKETS], _ ("unknown"));
      append_payload (table->cells[COL_IN_BYTES], row->payload_received);
      append_rate (table, row);
      return;
    }
  g_string_append_printf (table->cells[COL_OUT_PACKETS], "%" G_GUINT64_FORMAT, out->packets);
  append_bytes (table->cells[COL_OUT_BYTES], (double)out->bytes);
  g_string_append_printf (table->cells[COL_IN_PACKETS], "%" G_GUINT64_FORMAT, in->packets);
  append_bytes (table->cells[COL_IN_BYTES], (double)in->bytes);
  append_rate (table, row);
}

/* A listener has no other end: there stands who can reach it. */
static const char *
reach_words (const PlModelFlow *row)
{
  const char *reach = pl_report_reach (row);

  if (strcmp (reach, "this-computer") == 0)
    return _ ("this computer only");
  if (strcmp (reach, "this-network") == 0)
    return _ ("this network");
  return strcmp (reach, "group") == 0 ? _ ("its group") : _ ("everyone");
}

/* The word of the window, "dns"; the machine formats keep the registered one. */
static void
append_service (Table *table, const PlModelFlow *row, int end)
{
  if (pl_report_service (row, end) != NULL)
    append_nullable (table->cells[COL_SERVICE], pl_service_title (row->flow.key.proto, row->flow.key.port[end]));
}

static void
fill_listener (Table *table, const PlModelFlow *row)
{
  g_string_append (table->cells[COL_ARROW], table->layout->is_ascii ? "<-" : "←");
  g_string_append (table->cells[COL_REMOTE], reach_words (row));
  append_service (table, row, row->local_end);
  append_nullable (table->cells[COL_STATE], pl_state_id ((PlFlowState)row->flow.state));
}

static void
fill_cells (Table *table, const PlModelFlow *row)
{
  const PlFlow *flow = &row->flow;
  int local = row->local_end, remote = 1 - row->local_end;
  gboolean is_ascii = table->layout->is_ascii;
  const char *failure = pl_failure_id (row->diagnosis.failure);

  for (guint i = 0; i < N_COLS; i++)
    g_string_truncate (table->cells[i], 0);
  table->ranges[0] = pl_flow_range (flow, local);
  table->ranges[1] = pl_flow_range (flow, remote);
  g_string_append (table->cells[COL_PROTO], pl_proto_name (flow->key.proto));
  append_app (table->cells[COL_APP], row->app, row->app_confidence, is_ascii);
  append_endpoint (table->cells[COL_LOCAL], flow, local);
  append_nullable (table->cells[COL_LOCAL_RANGE], pl_range_id (table->ranges[0]));
  if (pl_model_flow_is_listener (row))
    {
      table->ranges[1] = PL_RANGE_NONE;
      fill_listener (table, row);
      return;
    }
  g_string_append (table->cells[COL_ARROW], arrow (row, is_ascii));
  append_endpoint (table->cells[COL_REMOTE], flow, remote);
  append_nullable (table->cells[COL_REMOTE_RANGE], pl_range_id (table->ranges[1]));
  append_name (table->cells[COL_REMOTE_NAME], row);
  append_service (table, row, flow->initiator_end == remote ? local : remote);
  append_app (table->cells[COL_REMOTE_APP], row->remote_app, row->remote_confidence, is_ascii);
  append_nullable (table->cells[COL_STATE], pl_state_id ((PlFlowState)flow->state));
  if (failure != NULL && strcmp (failure, table->cells[COL_STATE]->str) != 0)
    g_string_append_printf (table->cells[COL_STATE], " (%s%s)", failure, row->diagnosis.is_certain ? "" : "?");
  fill_counters (table, row);
}

static guint
total_width (const Table *table)
{
  guint width = 0;

  for (guint i = 0; i < N_COLS; i++)
    if (table->widths[i] > 0)
      width += table->widths[i] + (width > 0 ? 2 : 0);
  return width;
}

static void
measure (Table *table, const PlReport *report, guint n_rows)
{
  guint step = 1;

  for (guint i = 0; i < n_rows; i++)
    {
      fill_cells (table, report->rows[i]);
      for (guint c = 0; c < N_COLS; c++)
        table->widths[c] = MAX (table->widths[c], pl_safe_text_columns (table->cells[c]->str));
    }
  for (guint c = 0; c < N_COLS; c++)
    {
      if (table->widths[c] == 0) /* nobody has it: no column */
        continue;
      if (*columns[c].heading != '\0')
        table->widths[c] = MAX (table->widths[c], pl_safe_text_columns (_ (columns[c].heading)));
      if (columns[c].most > 0)
        table->widths[c] = MIN (table->widths[c], columns[c].most);
    }
  while (table->layout->columns > 0 && total_width (table) > table->layout->columns && step <= 8)
    {
      for (guint c = 0; c < N_COLS; c++)
        if (columns[c].gives_way == step)
          table->widths[c] = 0;
      step++;
    }
}

static const char *
range_colour (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return "\033[34m";
    case PL_RANGE_REGISTERED:
      return "\033[32m";
    case PL_RANGE_DYNAMIC:
      return "\033[33m";
    default:
      return NULL;
    }
}

/* The colour of the range marks the port, never the address, and is never the only mark: the range has its column. */
static void
write_cell_text (Table *table, Column column, const char *text, gsize n_bytes, gboolean is_heading)
{
  PlRange range = column == COL_LOCAL || column == COL_LOCAL_RANGE ? table->ranges[0] : table->ranges[1];
  const char *colour = range_colour (range);
  gboolean is_end = column == COL_LOCAL || column == COL_REMOTE;
  const char *from = is_end ? g_strrstr_len (text, (gssize)n_bytes, ":") : text;

  if (!table->layout->has_colour || is_heading || colour == NULL || from == NULL
      || (!is_end && column != COL_LOCAL_RANGE && column != COL_REMOTE_RANGE))
    {
      pl_writer_bytes (table->writer, text, n_bytes);
      return;
    }
  pl_writer_bytes (table->writer, text, (gsize)(from - text));
  pl_writer_text (table->writer, colour);
  pl_writer_bytes (table->writer, from, n_bytes - (gsize)(from - text));
  pl_writer_text (table->writer, "\033[0m");
}

/* One line, never longer than the terminal is wide, without trailing blanks. */
static void
write_line (Table *table, gboolean is_heading)
{
  guint room = table->layout->columns > 0 ? table->layout->columns : G_MAXUINT;
  guint owed = 0; /* blanks before the next text */

  for (guint c = 0; c < N_COLS; c++)
    {
      const char *text = is_heading ? *columns[c].heading != '\0' ? _ (columns[c].heading) : "" : table->cells[c]->str;
      guint width = table->widths[c];

      if (width == 0)
        continue;
      guint used;
      gsize n_bytes = pl_safe_text_fit (text, MIN (width, room > owed ? room - owed : 0), &used);
      guint before = columns[c].is_number ? width - used : 0;
      if (n_bytes > 0 && (guint64)owed + before + used <= room)
        {
          pl_writer_fill (table->writer, ' ', owed + before);
          write_cell_text (table, (Column)c, text, n_bytes, is_heading);
          room -= owed + before + used;
          owed = 0;
          before = 0;
        }
      owed += before + (columns[c].is_number && n_bytes > 0 ? 0 : width - used) + 2;
    }
}

static void
end_line (Table *table)
{
  pl_writer_text (table->writer, table->layout->lines > 0 ? "\033[K\r\n" : "\n");
}

/* The line, ready for another of its counts. */
static GString *
after_comma (GString *line)
{
  return line->len > 0 ? g_string_append (line, ", ") : line;
}

static void
append_undecodable (GString *line, const PlModelTotals *totals)
{
  const char *before = " (";

  g_string_append_printf (after_comma (line), _ ("undecodable %" PRIu64), totals->undecodable_total);
  for (guint i = PL_DECODED + 1; i < PL_N_UNDECODABLE; i++)
    if (totals->undecodable[i] > 0)
      {
        g_string_append_printf (line, "%s%s %" G_GUINT64_FORMAT, before, pl_undecodable_id ((PlUndecodable)i),
                                totals->undecodable[i]);
        before = ", ";
      }
  if (*before == ',')
    g_string_append_c (line, ')');
}

static void
append_known (GString *line, const char *label, guint64 number)
{
  if (number == G_MAXUINT64)
    g_string_append_printf (after_comma (line), "%s %s", label, _ ("unknown"));
  else
    g_string_append_printf (after_comma (line), "%s %" G_GUINT64_FORMAT, label, number);
}

static void
write_text_line (Table *table, const char *text)
{
  gsize n_bytes = table->layout->lines > 0 ? pl_safe_text_fit (text, table->layout->columns, NULL) : strlen (text);

  pl_writer_bytes (table->writer, text, n_bytes);
  end_line (table);
}

/* What owners may lack. */
static void
append_owner_caps (GString *line, const PlModelTotals *totals)
{
  if (totals->owners.unaided > 0)
    g_string_append_printf (after_comma (line), _ ("apps looked up without the helper, which broke, %" PRIu64),
                            totals->owners.unaided);
  if (totals->owners.records_lost > 0)
    g_string_append_printf (after_comma (line), _ ("senders missed %" PRIu64), totals->owners.records_lost);
  if (totals->owners.processes_missed > 0)
    g_string_append_printf (after_comma (line), _ ("new processes missed %" PRIu64), totals->owners.processes_missed);
  if (totals->owners.reuses_lost > 0)
    g_string_append_printf (after_comma (line), _ ("changes of a port’s owner missed %" PRIu64),
                            totals->owners.reuses_lost);
  if (totals->owners.hands_untold > 0)
    g_string_append_printf (after_comma (line), _ ("ports that may have changed hands unseen %" PRIu64),
                            totals->owners.hands_untold);
  if (totals->owners.looks_cut > 0)
    g_string_append_printf (after_comma (line), _ ("connections not looked at again %" PRIu64),
                            totals->owners.looks_cut);
  if (totals->owners.scans_cut > 0)
    g_string_append_printf (after_comma (line), _ ("apps not looked for among all processes %" PRIu64),
                            totals->owners.scans_cut);
  if (totals->owners.lists_cut > 0)
    g_string_append_printf (after_comma (line), _ ("searches without all processes %" PRIu64),
                            totals->owners.lists_cut);
  if (totals->owners.holds_cut > 0)
    g_string_append_printf (after_comma (line), _ ("looks without all sockets of a process %" PRIu64),
                            totals->owners.holds_cut);
  if (totals->owners.sockets_cut > 0)
    g_string_append_printf (after_comma (line), _ ("sockets past the program’s limit %" PRIu64),
                            totals->owners.sockets_cut);
}

static void
write_summary (Table *table, const PlReport *report)
{
  const PlModelTotals *totals = pl_model_get_totals (report->model);
  guint64 n_flows = pl_report_n_flows (report);
  GString *line = g_string_new (NULL);

  if (report->source != NULL)
    {
      pl_safe_text_append (line, report->source, table->layout->is_ascii);
      g_string_append (line, ": ");
    }
  g_string_append_printf (line, g_dngettext (NULL, "%" PRIu64 " flow", "%" PRIu64 " flows", n_flows), n_flows);
  if (report->has_sockets)
    g_string_append_printf (after_comma (line), g_dngettext (NULL, "%u listener", "%u listeners", report->n_listeners),
                            report->n_listeners);
  if (report->is_sockets_alone)
    {
      append_owner_caps (line, totals);
      write_text_line (table, line->str);
      g_string_free (line, TRUE);
      return;
    }
  g_string_append_printf (after_comma (line),
                          g_dngettext (NULL, "%" PRIu64 " packet", "%" PRIu64 " packets", totals->packets),
                          totals->packets);
  append_bytes (after_comma (line), (double)totals->bytes);
  write_text_line (table, line->str);

  g_string_truncate (line, 0);
  if (report->is_live || totals->kernel_dropped != G_MAXUINT64) /* few files tell */
    {
      append_known (line, _ ("dropped by the kernel"), totals->kernel_dropped);
      append_known (line, _ ("by the interface"), totals->interface_dropped);
    }
  append_undecodable (line, totals);
  if (totals->unread > 0)
    append_known (line, _ ("captured before the stop but not counted"), totals->unread);
  if (totals->others_flows > 0)
    g_string_append_printf (after_comma (line), _ ("others (flows past the table's limit) %" PRIu64),
                            totals->others_flows);
  if (totals->flows_turned_away > 0)
    g_string_append_printf (after_comma (line), _ ("flows past the program's limit %" PRIu64),
                            totals->flows_turned_away);
  if (totals->questions_dropped > 0)
    g_string_append_printf (after_comma (line), _ ("apps not asked for %" PRIu64), totals->questions_dropped);
  if (totals->names_lost > 0)
    g_string_append_printf (after_comma (line), _ ("names of hosts past the program's limit %" PRIu64),
                            totals->names_lost);
  if (totals->messages_refused > 0)
    g_string_append_printf (after_comma (line), _ ("messages of the helper refused %" PRIu64),
                            totals->messages_refused);
  if (totals->answers_dropped > 0)
    g_string_append_printf (after_comma (line), _ ("apps told too late %" PRIu64), totals->answers_dropped);
  append_owner_caps (line, totals);
  write_text_line (table, line->str);
  g_string_free (line, TRUE);
}

static void
write_rows (Table *table, const PlReport *report, guint n_rows)
{
  g_autofree char *more = NULL;

  measure (table, report, n_rows);
  write_line (table, TRUE);
  end_line (table);
  for (guint i = 0; i < n_rows && pl_writer_get_error (table->writer) == 0; i++)
    {
      fill_cells (table, report->rows[i]);
      write_line (table, FALSE);
      end_line (table);
    }
  if (report->n_flows > n_rows)
    {
      more = g_strdup_printf (_ ("… %" PRIu64 " more"), report->n_flows - n_rows);
      write_text_line (table, table->layout->is_ascii ? more + strlen ("… ") : more);
    }
}

void
pl_report_write_text (const PlReport *report, const PlTextLayout *layout, PlWriter *writer)
{
  Table table = { .layout = layout, .writer = writer };
  gboolean is_screen = layout->lines > 0;
  guint n_rows = report->n_rows;

  for (guint i = 0; i < N_COLS; i++)
    table.cells[i] = g_string_new (NULL);
  if (is_screen)
    {
      write_summary (&table, report);
      end_line (&table);
      n_rows = MIN (n_rows, layout->lines > 6 ? layout->lines - 6 : 1); /* summary 3, heading 1, "more" 1, cursor 1 */
    }
  if (n_rows > 0)
    write_rows (&table, report, n_rows);
  else
    write_text_line (&table, report->is_live && is_screen ? _ ("No packets yet.") : _ ("No flows."));
  if (!is_screen)
    {
      end_line (&table);
      write_summary (&table, report);
    }
  for (guint i = 0; i < N_COLS; i++)
    g_string_free (table.cells[i], TRUE);
}
