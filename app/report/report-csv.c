/* The report as CSV (RFC 4180): a header record, CRLF, quotes where needed. What is unknown is an empty field. Names
 * from outside are made safe for a terminal, as a CSV is often looked at in one. Main thread. */
#include "report.h"

#include "safe-text.h"

#include <string.h>

static const char header[] = "id,proto,iface,"
                             "local_addr,local_port,local_range,local_role,local_service,"
                             "remote_addr,remote_port,remote_range,remote_role,remote_service,"
                             "initiator,out_packets,out_bytes,out_payload_bytes,in_packets,in_bytes,in_payload_bytes,"
                             "first_us,last_us,state,failure,"
                             "app_name,app_pid,app_exe,app_uid,app_confidence,"
                             "remote_app_name,remote_app_pid,remote_app_exe,remote_app_uid,remote_app_confidence,"
                             "reach,rtt_us,min_rtt_us,retransmits,"
                             "remote_name,remote_name_source\r\n";

typedef struct
{
  PlWriter *writer;
  GString *scratch;
  gboolean has_field;
} Csv;

static void
begin_field (Csv *csv)
{
  if (csv->has_field)
    pl_writer_char (csv->writer, ',');
  csv->has_field = TRUE;
}

/* @text NULL: an empty field. */
static void
put_text (Csv *csv, const char *text)
{
  begin_field (csv);
  if (text == NULL)
    return;
  g_string_truncate (csv->scratch, 0);
  pl_safe_text_append (csv->scratch, text, FALSE);
  if (strpbrk (csv->scratch->str, ",\"") == NULL)
    {
      pl_writer_text (csv->writer, csv->scratch->str);
      return;
    }
  pl_writer_char (csv->writer, '"');
  for (const char *at = csv->scratch->str; *at != '\0'; at++)
    {
      if (*at == '"')
        pl_writer_char (csv->writer, '"');
      pl_writer_char (csv->writer, *at);
    }
  pl_writer_char (csv->writer, '"');
}

static void
put_u64 (Csv *csv, guint64 number)
{
  begin_field (csv);
  pl_writer_u64 (csv->writer, number);
}

static void
put_nothing (Csv *csv, guint n_fields)
{
  while (n_fields-- > 0)
    begin_field (csv);
}

static void
put_end (Csv *csv, const PlModelFlow *row, int end)
{
  char addr[PL_ADDR_STRLEN];

  put_text (csv, pl_addr_format (&row->flow.key.addr[end], addr));
  if (!pl_flow_has_ports (&row->flow))
    {
      put_nothing (csv, 4);
      return;
    }
  put_u64 (csv, row->flow.key.port[end]);
  put_text (csv, pl_range_id (pl_flow_range (&row->flow, end)));
  put_text (csv, pl_role_id (pl_report_role (row, end)));
  put_text (csv, pl_report_service (row, end));
}

static void
put_known (Csv *csv, guint64 number)
{
  if (number == PL_UNKNOWN_U64)
    put_nothing (csv, 1);
  else
    put_u64 (csv, number);
}

static void
put_counts (Csv *csv, const PlModelFlow *row, gboolean is_sent)
{
  const PlFlowCounts *counts = &row->flow.sent[is_sent ? row->local_end : 1 - row->local_end];

  if (pl_report_has_packets (row))
    {
      put_u64 (csv, counts->packets);
      put_u64 (csv, counts->bytes);
    }
  else
    put_nothing (csv, 2);
  put_known (csv, pl_report_payload (row, is_sent));
}

static void
put_socket (Csv *csv, const PlModelFlow *row)
{
  put_text (csv, pl_report_reach (row));
  put_known (csv, row->rtt_us == PL_UNKNOWN_U32 ? PL_UNKNOWN_U64 : row->rtt_us);
  put_known (csv, row->min_rtt_us == PL_UNKNOWN_U32 ? PL_UNKNOWN_U64 : row->min_rtt_us);
  put_known (csv, row->n_retransmits == PL_UNKNOWN_U32 ? PL_UNKNOWN_U64 : row->n_retransmits);
}

static void
put_app (Csv *csv, const PlProcess *process, PlConfidence confidence)
{
  if (process == NULL)
    {
      put_nothing (csv, 5);
      return;
    }
  put_text (csv, process->name);
  if (process->pid > 0)
    put_u64 (csv, (guint64)process->pid);
  else
    put_nothing (csv, 1);
  put_text (csv, process->exe);
  if (process->uid != PL_UNKNOWN_U32)
    put_u64 (csv, process->uid);
  else
    put_nothing (csv, 1);
  put_text (csv, pl_confidence_id (confidence));
}

static void
put_flow (Csv *csv, PlModel *model, const PlModelFlow *row)
{
  const PlFlow *flow = &row->flow;

  csv->has_field = FALSE;
  put_u64 (csv, row->id);
  put_text (csv, pl_proto_name (flow->key.proto));
  put_text (csv, pl_model_get_iface (model, flow->iface));
  put_end (csv, row, row->local_end);
  if (pl_model_flow_is_listener (row))
    put_nothing (csv, 5);
  else
    put_end (csv, row, 1 - row->local_end);
  put_text (csv, pl_report_initiator (row));
  put_counts (csv, row, TRUE);
  put_counts (csv, row, FALSE);
  put_u64 (csv, flow->first_us);
  put_u64 (csv, flow->last_us);
  put_text (csv, pl_state_id ((PlFlowState)flow->state));
  put_text (csv, pl_failure_id (row->diagnosis.failure));
  put_app (csv, row->app, (PlConfidence)row->app_confidence);
  put_app (csv, row->remote_app, (PlConfidence)row->remote_confidence);
  put_socket (csv, row);
  put_text (csv, row->host);
  put_text (csv, pl_name_source_id ((PlNameSource)row->host_source));
  pl_writer_text (csv->writer, "\r\n");
}

void
pl_report_write_csv (const PlReport *report, PlWriter *writer)
{
  Csv csv = { writer, g_string_new (NULL), FALSE };

  pl_writer_text (writer, header);
  for (guint i = 0; i < report->n_rows && pl_writer_get_error (writer) == 0; i++)
    put_flow (&csv, report->model, report->rows[i]);
  g_string_free (csv.scratch, TRUE);
}
