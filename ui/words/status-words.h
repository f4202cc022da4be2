/* The status bar's words. Pure; strings are (transfer full). */
#pragma once
#include "flow-words.h"

typedef struct
{
  char *label, *value;
  gboolean is_loss; /* something was lost: to be seen */
} PlStatusRow;

/* "30 flows · 6 apps · ↓ 4.3 MB/s ↑ 212 kB/s"; rates only while live */
char *pl_status_flows (const PlModelTotals *totals, gboolean is_live);
/* "30 flows · ↓ 4.3 MB/s ↑ 212 kB/s": what a narrow window has room for; all else is a click away */
char *pl_status_brief (const PlModelTotals *totals, gboolean is_live, gboolean is_in_two_lines);
/* "1,204,311 packets, 0 dropped"; NULL before the first packet */
char *pl_status_packets (const PlModelTotals *totals);
/* What came and belongs to no flow, by reason: "12 × not Internet traffic, 1 × broken record"; empty where nothing did */
char *pl_status_no_flow (const PlModelTotals *totals);
/* Packets the kernel or the interface dropped, as far as known. */
guint64 pl_status_dropped (const PlModelTotals *totals);
/* Every counter there is, as rows; (element-type PlStatusRow). Without packets only what needs none. */
GPtrArray *pl_status_rows (const PlModelTotals *totals);
