/* The report as JSON Lines: keys and their order are an interface, add but never change. Main thread. */
#include "report.h"

#include "json.h"

static void
put_end (PlJson *json, const char *key, const PlModelFlow *row, int end)
{
  const PlFlow *flow = &row->flow;
  const char *role = pl_role_id (pl_report_role (row, end));
  const char *service = pl_report_service (row, end);
  char addr[PL_ADDR_STRLEN];

  pl_json_open (json, key);
  pl_json_string (json, "addr", pl_addr_format (&flow->key.addr[end], addr));
  if (pl_flow_has_ports (flow))
    {
      pl_json_u64 (json, "port", flow->key.port[end]);
      pl_json_string (json, "range", pl_range_id (pl_flow_range (flow, end)));
      if (role != NULL)
        pl_json_string (json, "role", role);
      if (service != NULL)
        pl_json_string (json, "service", service);
    }
  if (row->host != NULL && end != row->local_end)
    {
      pl_json_string (json, "name", row->host);
      pl_json_string (json, "name_source", pl_name_source_id ((PlNameSource)row->host_source));
    }
  pl_json_close (json);
}

/* Without packets only the kernel's payload totals are known, if at all: null is unknown. */
static void
put_counts (PlJson *json, const char *key, const PlModelFlow *row, gboolean is_sent)
{
  const PlFlowCounts *counts = &row->flow.sent[is_sent ? row->local_end : 1 - row->local_end];
  gboolean has_packets = pl_report_has_packets (row);

  pl_json_open (json, key);
  pl_json_known_u64 (json, "packets", has_packets ? counts->packets : PL_UNKNOWN_U64);
  pl_json_known_u64 (json, "bytes", has_packets ? counts->bytes : PL_UNKNOWN_U64);
  pl_json_known_u64 (json, "payload_bytes", pl_report_payload (row, is_sent));
  pl_json_close (json);
}

static void
put_app (PlJson *json, const char *key, const PlProcess *process, PlConfidence confidence)
{
  if (process == NULL)
    return;
  pl_json_open (json, key);
  pl_json_string (json, "name", process->name);
  if (process->pid > 0)
    pl_json_u64 (json, "pid", (guint64)process->pid);
  if (process->exe != NULL)
    pl_json_string (json, "exe", process->exe);
  if (process->uid != PL_UNKNOWN_U32)
    pl_json_u64 (json, "uid", process->uid);
  pl_json_string (json, "confidence", pl_confidence_id (confidence));
  if (process->user != NULL)
    pl_json_string (json, "user", process->user);
  if (process->unit != NULL)
    pl_json_string (json, "unit", process->unit);
  if (process->cmdline != NULL)
    pl_json_string (json, "cmdline", process->cmdline);
  if (process->parent_pid > 0)
    pl_json_u64 (json, "parent_pid", (guint64)process->parent_pid);
  if (process->parent_name != NULL)
    pl_json_string (json, "parent", process->parent_name);
  if (process->icon_name != NULL)
    pl_json_string (json, "icon", process->icon_name);
  if (process->started_us != 0)
    pl_json_u64 (json, "started_us", process->started_us);
  if (process->is_elsewhere)
    pl_json_boolean (json, "other_network_namespace", TRUE);
  pl_json_close (json);
}

static void
put_flags (PlJson *json, guint flags)
{
  static const struct
  {
    guint flag;
    const char *key;
  } names[] = {
    { PL_FLOW_MIDSTREAM, "midstream" },
    { PL_FLOW_REUSED, "reused_ports" },
    { PL_FLOW_LOCAL_GUESSED, "local_guessed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if ((flags & names[i].flag) != 0)
      pl_json_boolean (json, names[i].key, TRUE);
}

/* What went wrong with the flow, where something did. */
static void
put_failure (PlJson *json, const PlModelFlow *row)
{
  const char *failure = pl_failure_id (row->diagnosis.failure);
  char addr[PL_ADDR_STRLEN];

  if (failure != NULL)
    {
      pl_json_open (json, "failure");
      pl_json_string (json, "kind", failure);
      pl_json_boolean (json, "certain", row->diagnosis.is_certain);
      pl_json_close (json);
    }
  if ((row->flow.flags & PL_FLOW_ICMP_ERROR) != 0)
    {
      pl_json_open (json, "icmp_error");
      pl_json_u64 (json, "type", row->story.icmp_type);
      pl_json_u64 (json, "code", row->story.icmp_code);
      pl_json_string (json, "from", pl_addr_format (&row->story.icmp_from, addr));
      pl_json_close (json);
    }
}

/* What the kernel told of the local end's socket. */
static void
put_socket (PlJson *json, const PlModelFlow *row)
{
  if (pl_model_flow_is_listener (row))
    {
      pl_json_string (json, "reach", pl_report_reach (row));
      return;
    }
  pl_json_open (json, "socket");
  pl_json_boolean (json, "packets_seen", pl_report_has_packets (row));
  pl_json_known_u64 (json, "payload_sent", row->payload_sent);
  pl_json_known_u64 (json, "payload_received", row->payload_received);
  pl_json_known_u64 (json, "rtt_us", row->rtt_us == PL_UNKNOWN_U32 ? PL_UNKNOWN_U64 : row->rtt_us);
  pl_json_known_u64 (json, "min_rtt_us", row->min_rtt_us == PL_UNKNOWN_U32 ? PL_UNKNOWN_U64 : row->min_rtt_us);
  pl_json_known_u64 (json, "retransmits", row->n_retransmits == PL_UNKNOWN_U32 ? PL_UNKNOWN_U64 : row->n_retransmits);
  pl_json_close (json);
}

static void
put_flow (PlJson *json, PlModel *model, const PlModelFlow *row)
{
  const PlFlow *flow = &row->flow;

  pl_json_open (json, NULL);
  pl_json_u64 (json, "id", row->id);
  pl_json_string (json, "proto", pl_proto_name (flow->key.proto));
  pl_json_string (json, "iface", pl_model_get_iface (model, flow->iface));
  put_end (json, "local", row, row->local_end);
  if (!pl_model_flow_is_listener (row))
    {
      put_end (json, "remote", row, 1 - row->local_end);
      pl_json_string (json, "initiator", pl_report_initiator (row));
      put_counts (json, "out", row, TRUE);
      put_counts (json, "in", row, FALSE);
    }
  pl_json_u64 (json, "first_us", flow->first_us);
  pl_json_u64 (json, "last_us", flow->last_us);
  pl_json_string (json, "state", pl_state_id ((PlFlowState)flow->state));
  put_app (json, "app", row->app, (PlConfidence)row->app_confidence);
  put_app (json, "remote_app", row->remote_app, (PlConfidence)row->remote_confidence);
  if (row->uid != PL_UNKNOWN_U32)
    pl_json_u64 (json, "socket_uid", row->uid);
  if (flow->key.kind == PL_KIND_ECHO)
    pl_json_u64 (json, "echo_id", flow->key.port[0]);
  put_failure (json, row);
  put_flags (json, flow->flags);
  if ((row->sources & PL_SEEN_SOCKET) != 0)
    put_socket (json, row);
  pl_json_close (json);
}

static void
put_sums (PlJson *json, const char *key, guint64 flows, guint64 packets, guint64 bytes, guint64 payload_bytes)
{
  pl_json_open (json, key);
  pl_json_u64 (json, "flows", flows);
  pl_json_u64 (json, "packets", packets);
  pl_json_u64 (json, "bytes", bytes);
  pl_json_u64 (json, "payload_bytes", payload_bytes);
  pl_json_close (json);
}

/* How owners were found; of a file nobody is asked. */
static void
put_owners (PlJson *json, const PlModelTotals *totals)
{
  pl_json_open (json, "owners");
  pl_json_u64 (json, "asked", totals->owners.asked);
  pl_json_u64 (json, "exact", totals->owners.exact);
  pl_json_u64 (json, "answers_dropped", totals->answers_dropped);
  pl_json_u64 (json, "records_lost", totals->owners.records_lost);
  pl_json_u64 (json, "reuses_lost", totals->owners.reuses_lost);
  pl_json_u64 (json, "hands_untold", totals->owners.hands_untold);
  pl_json_u64 (json, "processes_missed", totals->owners.processes_missed);
  pl_json_u64 (json, "lists_cut", totals->owners.lists_cut);
  pl_json_u64 (json, "looks_cut", totals->owners.looks_cut);
  pl_json_u64 (json, "scans_cut", totals->owners.scans_cut);
  pl_json_u64 (json, "unaided", totals->owners.unaided);
  pl_json_u64 (json, "holds_cut", totals->owners.holds_cut);
  pl_json_u64 (json, "sockets_cut", totals->owners.sockets_cut);
  pl_json_u64 (json, "scans", totals->owners.scans);
  pl_json_u64 (json, "p50_us", totals->owners.p50_us);
  pl_json_u64 (json, "p95_us", totals->owners.p95_us);
  pl_json_close (json);
}

static void
put_summary (PlJson *json, const PlReport *report)
{
  const PlModelTotals *totals = pl_model_get_totals (report->model);

  pl_json_open (json, NULL);
  pl_json_open (json, "summary");
  pl_json_string (json, "source", report->source);
  pl_json_boolean (json, "live", report->is_live);
  pl_json_u64 (json, "shown", report->n_rows);
  pl_json_u64 (json, "not_shown", report->n_flows - report->n_rows);
  put_sums (json, "totals", pl_report_n_flows (report), totals->packets, totals->bytes, report->payload_bytes);
  pl_json_u64 (json, "received", totals->received);
  pl_json_u64 (json, "first_us", totals->first_us);
  pl_json_u64 (json, "last_us", totals->last_us);
  pl_json_open (json, "dropped");
  pl_json_known_u64 (json, "kernel", totals->kernel_dropped);
  pl_json_known_u64 (json, "interface", totals->interface_dropped);
  pl_json_u64 (json, "questions", totals->questions_dropped);
  if (report->is_live)
    pl_json_known_u64 (json, "unread", totals->unread);
  pl_json_close (json);
  pl_json_u64 (json, "undecodable_total", totals->undecodable_total);
  pl_json_open (json, "undecodable");
  for (guint i = PL_DECODED + 1; i < PL_N_UNDECODABLE; i++)
    pl_json_u64 (json, pl_undecodable_id ((PlUndecodable)i), totals->undecodable[i]);
  pl_json_close (json);
  put_sums (json, "others", totals->others_flows, totals->others_packets, totals->others_bytes,
            totals->others_payload_bytes);
  put_sums (json, "ended", totals->ended_flows, totals->ended_packets, totals->ended_bytes,
            totals->ended_payload_bytes);
  pl_json_u64 (json, "turned_away", totals->flows_turned_away);
  pl_json_u64 (json, "names_lost", totals->names_lost);
  if (report->is_live)
    {
      put_owners (json, totals);
      pl_json_u64 (json, "messages_refused", totals->messages_refused);
    }
  if (report->has_sockets)
    pl_json_u64 (json, "listeners", report->n_listeners);
  if (report->fault != NULL)
    pl_json_string (json, "error", report->fault);
  pl_json_close (json);
  pl_json_close (json);
}

void
pl_report_write_jsonl (const PlReport *report, PlWriter *writer)
{
  PlJson json;

  pl_json_init (&json, writer);
  for (guint i = 0; i < report->n_rows && pl_writer_get_error (writer) == 0; i++)
    {
      put_flow (&json, report->model, report->rows[i]);
      pl_writer_char (writer, '\n');
    }
  put_summary (&json, report);
  pl_writer_char (writer, '\n');
}
