/* The graph of a report as an SVG file. The file is opened before anything is captured, so that a name that can't work is
 * told at once, and written when all is known. Main thread. */
#pragma once
#include "model.h"

typedef struct
{
  const char *file; /* "-": standard output */
  gboolean is_dark, is_redacted;
  const char *source; /* what was read, for people; nullable */
} PlReportGraph;

/* Returns: a descriptor to write @file with, which is not emptied yet; -1 and @error when it can't be opened. */
int pl_report_graph_open (const char *file, GError **error);
/* Draws @model and writes it to @fd (which stays the caller's) in place of what the file held. */
gboolean pl_report_graph_write (const PlReportGraph *graph, PlModel *model, int fd, GError **error);
