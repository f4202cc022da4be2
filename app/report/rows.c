/* The flows of one report, chosen and ordered; see report.h. */
#include "report.h"

typedef struct
{
  PlReport *report;
  guint n_room;
} Collect;

/* A flow that left the table is already in "others" or "ended": it must not count twice. */
static gboolean
collect_row (const PlModelFlow *flow, gpointer data)
{
  Collect *collect = data;
  PlReport *report = collect->report;

  if (flow->is_gone || (!pl_report_has_packets (flow) && !report->has_sockets) || report->n_rows == collect->n_room)
    return TRUE;
  report->rows[report->n_rows++] = flow;
  report->n_listeners += pl_model_flow_is_listener (flow);
  report->payload_bytes += flow->flow.sent[0].payload_bytes + flow->flow.sent[1].payload_bytes;
  return TRUE;
}

void
pl_report_collect (PlReport *report, PlModel *model, PlSortKey key, guint top)
{
  const PlModelTotals *totals = pl_model_get_totals (model);
  Collect collect = { report, pl_model_get_n_flows (model) };

  report->model = model;
  report->rows = g_new (const PlModelFlow *, MAX (collect.n_room, 1));
  report->n_rows = report->n_listeners = 0;
  report->payload_bytes = totals->others_payload_bytes + totals->ended_payload_bytes;
  pl_model_foreach (model, collect_row, &collect);
  report->n_flows = report->n_rows;
  if (top > 0 && report->n_rows > top)
    report->n_rows = top;
  if (key != PL_SORT_ID) /* the model walks in that order */
    pl_sort_rows (report->rows, (guint)report->n_flows, key, report->n_rows);
}

void
pl_report_clear (PlReport *report)
{
  g_clear_pointer (&report->rows, g_free);
  report->n_rows = 0;
}

guint64
pl_report_n_flows (const PlReport *report)
{
  const PlModelTotals *totals = pl_model_get_totals (report->model);

  return report->n_flows - report->n_listeners + totals->others_flows + totals->ended_flows + totals->flows_turned_away;
}

const char *
pl_report_initiator (const PlModelFlow *row)
{
  if (row->flow.initiator_end == PL_END_UNKNOWN)
    return "unknown";
  return row->flow.initiator_end == row->local_end ? "local" : "remote";
}

PlRole
pl_report_role (const PlModelFlow *row, int end)
{
  PlFlow flow = row->flow;

  flow.local_end = row->local_end;
  return pl_flow_role (&flow, end);
}

const char *
pl_report_service (const PlModelFlow *row, int end)
{
  if (!pl_flow_has_ports (&row->flow) || pl_report_role (row, end) == PL_ROLE_TEMPORARY)
    return NULL;
  return pl_service_name (row->flow.key.proto, row->flow.key.port[end]);
}

gboolean
pl_report_has_packets (const PlModelFlow *row)
{
  return (row->sources & PL_SEEN_PACKETS) != 0;
}

guint64
pl_report_payload (const PlModelFlow *row, gboolean is_sent)
{
  if (pl_report_has_packets (row))
    return row->flow.sent[is_sent ? row->local_end : 1 - row->local_end].payload_bytes;
  return is_sent ? row->payload_sent : row->payload_received;
}

const char *
pl_report_reach (const PlModelFlow *row)
{
  if (!pl_model_flow_is_listener (row))
    return NULL;
  switch (pl_model_flow_bind_scope (row))
    {
    case PL_SCOPE_LOOPBACK:
      return "this-computer";
    case PL_SCOPE_LINK:
    case PL_SCOPE_PRIVATE:
    case PL_SCOPE_BROADCAST:
      return "this-network";
    case PL_SCOPE_MULTICAST:
      return "group";
    case PL_SCOPE_UNSPECIFIED:
    case PL_SCOPE_INTERNET:
    default:
      return "everyone";
    }
}
