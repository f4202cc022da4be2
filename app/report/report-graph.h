/* The graph of a report as an SVG file. Before anything is captured it is seen to that the name can work; the file is put in
 * place as a whole when all is known, so that what fails leaves nothing behind, and what was there before. Main thread. */
#pragma once
#include "model.h"

typedef struct
{
  const char *file; /* "-": standard output */
  gboolean is_dark, is_redacted;
  const char *source; /* what was read, for people; nullable */
} PlReportGraph;

/* @fd: (out): a descriptor to write @file with, the caller's to close, where that is an output, a pipe or a device (or a file in
 * a folder that is closed to us); -1 where a file is to be replaced. FALSE and @error when it can't be written. */
gboolean pl_report_graph_open (const char *file, int *fd, GError **error);
/* Draws @model and writes it to @fd (which stays the caller's), or, -1, puts it in place of graph->file. */
gboolean pl_report_graph_write (const PlReportGraph *graph, PlModel *model, int fd, GError **error);
