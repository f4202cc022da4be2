/* The command line of portlight-report: what is asked for, checked as far as it can be without opening anything. */
#pragma once
#include "report.h"

typedef struct
{
  char *interface; /* a name or "any"; NULL when a file or standard input is read */
  char *file; /* NULL when not; "-" never */
  gboolean is_stdin;
  gboolean has_sockets; /* the kernel's sockets too; without an interface they alone */
  guint duration_ms; /* 0: no end */
  char *filter; /* nullable */
  char **local; /* nullable */
  PlFormat format;
  PlSortKey sort;
  guint top; /* 0: all */
  char *graph; /* file to draw the graph into, "-" for standard output; nullable */
  gboolean is_graph_dark, is_redacted;
  gboolean accepts_risk; /* a helper that others could change is started without a question */
  gboolean wants_version;
} PlReportOptions;

#define PL_OPTIONS_ERROR (pl_options_error_quark ())
GQuark pl_options_error_quark (void);
typedef enum
{
  PL_OPTIONS_ERROR_WRONG, /* one line: what is wrong and what would be right */
} PlOptionsError;

/* Prints and ends the process on --help. @argv is changed. On failure @options is left cleared. */
gboolean pl_report_options_parse (PlReportOptions *options, int argc, char **argv, GError **error);
void pl_report_options_clear (PlReportOptions *options);
