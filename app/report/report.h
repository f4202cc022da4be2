/* One report: the flows chosen and ordered, and three ways to write them. Main thread; the rows are the model's own and
 * valid only until something is applied to it, so collect, write and clear without returning to the main loop. */
#pragma once
#include "model.h"
#include "sort.h"
#include "writer.h"

typedef enum
{
  PL_FORMAT_TEXT,
  PL_FORMAT_JSONL,
  PL_FORMAT_CSV,
} PlFormat;

typedef struct
{
  PlModel *model;
  const char *source; /* what was read, for people; nullable */
  gboolean is_live;
  gboolean is_sockets_alone; /* no packet is counted */
  gboolean has_sockets; /* flows and listeners that only the kernel told of are rows too */
  const char *fault; /* why the capture ended early; nullable */
  const PlModelFlow **rows;
  guint n_rows;
  guint n_listeners; /* among the rows that could be */
  guint64 n_flows; /* rows that could be rows: those that --top left out too */
  guint64 payload_bytes; /* of all flows, the ended and the others included */
} PlReport;

typedef struct
{
  guint columns; /* of the terminal; 0: as wide as need be */
  guint lines; /* of the terminal; 0: as many as need be */
  gboolean has_colour;
  gboolean is_ascii; /* the terminal's character set is not UTF-8 */
} PlTextLayout;

/* Fills @report from the model: all flows in the order of @key, of them the first @top (0: all). */
void pl_report_collect (PlReport *report, PlModel *model, PlSortKey key, guint top);
void pl_report_clear (PlReport *report);

/* All flows there were: also those that left the table, and those the model had no room for. */
guint64 pl_report_n_flows (const PlReport *report);

/* Which end initiated, in machine form: "local", "remote" or "unknown". */
const char *pl_report_initiator (const PlModelFlow *row);
/* Role of an end with the model's idea of which end is local, which a flow may lack. */
PlRole pl_report_role (const PlModelFlow *row, int end);
/* Service name of @end's port, unless that port is known to be a temporary one; NULL when there is none. */
const char *pl_report_service (const PlModelFlow *row, int end);

/* Payload bytes that the local end sent, or received: what packets counted, else what the kernel did; PL_UNKNOWN_U64. */
guint64 pl_report_payload (const PlModelFlow *row, gboolean is_sent);
gboolean pl_report_has_packets (const PlModelFlow *row);
/* Who can reach a listener: "this-computer", "this-network", "everyone" or "group"; NULL for a flow. */
const char *pl_report_reach (const PlModelFlow *row);

/* JSON Lines: one flow a line, then {"summary":{…}}. */
void pl_report_write_jsonl (const PlReport *report, PlWriter *writer);
/* RFC 4180 with a header record; it has no room for a summary. */
void pl_report_write_csv (const PlReport *report, PlWriter *writer);
/* A table for people and the summary below it (above it when @layout limits the lines, so that it stays in sight). */
void pl_report_write_text (const PlReport *report, const PlTextLayout *layout, PlWriter *writer);
