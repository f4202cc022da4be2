/* The command line of portlight-report; see options.h. */
#include "options.h"
#include "portlight-config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

G_DEFINE_QUARK (pl - options - error - quark, pl_options_error)

/* As GOption delivers them. */
typedef struct
{
  char **interfaces;
  char *duration;
  char *filter;
  char **local;
  char *format;
  char *sort;
  char *top;
  char *graph, *graph_style;
  gboolean is_redacted;
  char **files;
  gboolean has_sockets;
  gboolean accepts_risk;
  gboolean wants_version;
} RawOptions;

static void
clear_raw (RawOptions *raw)
{
  g_strfreev (raw->interfaces);
  g_free (raw->duration);
  g_free (raw->filter);
  g_strfreev (raw->local);
  g_free (raw->format);
  g_free (raw->sort);
  g_free (raw->top);
  g_free (raw->graph);
  g_free (raw->graph_style);
  g_strfreev (raw->files);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RawOptions, clear_raw)

static gboolean wrong (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
wrong (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *message = NULL;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, PL_OPTIONS_ERROR, PL_OPTIONS_ERROR_WRONG, message);
  return FALSE;
}

static gboolean
read_command_line (RawOptions *raw, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "interface", 'i', 0, G_OPTION_ARG_STRING_ARRAY, &raw->interfaces,
      N_ ("Watch this interface; 'any' (the default) is all of them"), N_ ("IFACE") },
    { "sockets", 's', 0, G_OPTION_ARG_NONE, &raw->has_sockets,
      N_ ("Tell what the kernel knows of this computer's sockets and listeners; without -i nothing is captured"),
      NULL },
    { "duration", 'd', 0, G_OPTION_ARG_STRING, &raw->duration, N_ ("End after so many seconds"), N_ ("SECONDS") },
    { "capture-filter", 0, 0, G_OPTION_ARG_STRING, &raw->filter,
      N_ ("Count only packets that match, in pcap-filter(7) syntax"), N_ ("BPF") },
    { "local", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw->local,
      N_ ("An address or network that is the local end; may be given again"), N_ ("ADDR[/BITS]") },
    { "format", 0, 0, G_OPTION_ARG_STRING, &raw->format, N_ ("text (the default), jsonl or csv"), N_ ("FORMAT") },
    { "sort", 0, 0, G_OPTION_ARG_STRING, &raw->sort,
      N_ ("Order of the flows: bytes, packets, rate, app, port, first, last, …"), N_ ("KEY") },
    { "top", 0, 0, G_OPTION_ARG_STRING, &raw->top, N_ ("Show only the first N flows in that order"), N_ ("N") },
    { "graph", 0, 0, G_OPTION_ARG_FILENAME, &raw->graph,
      N_ ("Draw the graph as SVG into FILE, too; '-' is standard output"), N_ ("FILE") },
    { "graph-style", 0, 0, G_OPTION_ARG_STRING, &raw->graph_style, N_ ("Of the graph: light (the default) or dark"),
      N_ ("STYLE") },
    { "redact", 0, 0, G_OPTION_ARG_NONE, &raw->is_redacted,
      N_ ("No app, process, name or address in the graph: 'app 1', 'address 1'"), NULL },
    { "accept-risk", 0, 0, G_OPTION_ARG_NONE, &raw->accepts_risk,
      N_ ("Do not ask where others could change the helper, as in a Flatpak of one user; needed without a terminal"),
      NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &raw->wants_version, N_ ("Show the version and end"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &raw->files, NULL, N_ ("[FILE | -]") },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autofree char *keys = pl_sort_keys_text ();
  g_autofree char *description =
      g_strdup_printf (_ ("Without FILE the network is watched until Ctrl-C; '-' reads a capture from standard input.\n"
                          "FILE is a pcap or pcapng capture, also gzip'd.\nKEY is one of: %s."),
                       keys);

  g_option_context_add_main_entries (context, entries, PL_GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _ ("Shows which app on this computer talks through which port to whom."));
  g_option_context_set_description (context, description);
  return g_option_context_parse (context, &argc, &argv, error);
}

static gboolean
parse_source (PlReportOptions *options, RawOptions *raw, GError **error)
{
  guint n_files = raw->files != NULL ? g_strv_length (raw->files) : 0;
  guint n_interfaces = raw->interfaces != NULL ? g_strv_length (raw->interfaces) : 0;

  if (n_files > 1)
    return wrong (error, _ ("One file at a time: '%s' and '%s' were given; mergecap can join captures"), raw->files[0],
                  raw->files[1]);
  if (n_interfaces > 1)
    return wrong (error, _ ("One -i at a time: use '-i any' to watch all interfaces"));
  if (n_files == 1 && n_interfaces == 1)
    return wrong (error, _ ("Either -i or a file, not both: leave out '-i %s' or '%s'"), raw->interfaces[0],
                  raw->files[0]);
  if (n_interfaces == 1 && *raw->interfaces[0] == '\0')
    return wrong (error, _ ("-i needs the name of an interface, or 'any'"));
  if (n_files == 1 && *raw->files[0] == '\0')
    return wrong (error, _ ("The name of the file is empty: give the path of a capture, or '-' for standard input"));

  if (n_files == 1 && raw->has_sockets)
    return wrong (error, _ ("--sockets is about this computer, now: leave out --sockets or '%s'"), raw->files[0]);

  options->has_sockets = raw->has_sockets;
  if (n_files == 1 && strcmp (raw->files[0], "-") == 0)
    options->is_stdin = TRUE;
  else if (n_files == 1)
    options->file = g_strdup (raw->files[0]);
  else if (n_interfaces == 1 || !raw->has_sockets)
    options->interface = g_strdup (n_interfaces == 1 ? raw->interfaces[0] : "any");
  return TRUE;
}

static gboolean
parse_duration (PlReportOptions *options, const char *text, GError **error)
{
  char *end;
  double seconds;

  if (text == NULL)
    return TRUE;
  if (options->file != NULL)
    return wrong (error, _ ("-d is for watching the network, and a file is read to its end: leave out -d or the file"));
  seconds = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (seconds) || seconds < 0.001 || seconds > 4000000)
    return wrong (error, _ ("'-d %s' is no time: give seconds between 0.001 and 4000000, as in '-d 10'"), text);
  options->duration_ms = (guint)(seconds * 1000 + 0.5);
  return TRUE;
}

static gboolean
parse_format (PlReportOptions *options, const char *text, GError **error)
{
  static const char *const names[] = { "text", "jsonl", "csv" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (text == NULL || strcmp (text, names[i]) == 0)
      {
        options->format = (PlFormat)i;
        return TRUE;
      }
  return wrong (error, _ ("Unknown format '%s': use text, jsonl or csv"), text);
}

/* For people and for the first N, the greatest; a machine gets the flows in the order of their first packets. */
static gboolean
parse_order (PlReportOptions *options, const char *sort, const char *top, GError **error)
{
  guint64 number = 0;

  if (top != NULL && !g_ascii_string_to_unsigned (top, 10, 1, G_MAXUINT, &number, NULL))
    return wrong (error, _ ("'--top %s' is no count: give a whole number from 1, as in '--top 20'"), top);
  options->top = (guint)number;
  options->sort = options->format == PL_FORMAT_TEXT || options->top > 0 ? PL_SORT_BYTES : PL_SORT_ID;
  if (sort != NULL && !pl_sort_key_parse (sort, &options->sort))
    {
      g_autofree char *keys = pl_sort_keys_text ();
      return wrong (error, _ ("Unknown sort key '%s': use one of %s"), sort, keys);
    }
  return TRUE;
}

static gboolean
parse_graph (PlReportOptions *options, RawOptions *raw, GError **error)
{
  if (raw->graph == NULL && (raw->graph_style != NULL || raw->is_redacted))
    return wrong (error, _ ("--graph-style and --redact are for the graph: add '--graph=FILE.svg'"));
  if (raw->graph != NULL && *raw->graph == '\0')
    return wrong (error, _ ("--graph needs the name of a file, as in '--graph=graph.svg'"));
  if (raw->graph_style != NULL && strcmp (raw->graph_style, "light") != 0 && strcmp (raw->graph_style, "dark") != 0)
    return wrong (error, _ ("Unknown style '%s': use light or dark"), raw->graph_style);
  options->is_graph_dark = raw->graph_style != NULL && strcmp (raw->graph_style, "dark") == 0;
  options->is_redacted = raw->is_redacted;
  options->graph = g_steal_pointer (&raw->graph);
  return TRUE;
}

static gboolean
parse_local (PlReportOptions *options, RawOptions *raw, GError **error)
{
  PlPrefix prefix;

  for (char **local = raw->local; local != NULL && *local != NULL; local++)
    if (!pl_prefix_parse (*local, &prefix))
      return wrong (error, _ ("'--local %s' is no address: give one as 192.168.1.20, 10.0.0.0/8 or 2001:db8::/32"),
                    *local);
  options->local = g_steal_pointer (&raw->local);
  return TRUE;
}

gboolean
pl_report_options_parse (PlReportOptions *options, int argc, char **argv, GError **error)
{
  g_auto (RawOptions) raw = { NULL };

  memset (options, 0, sizeof *options);
  if (!read_command_line (&raw, argc, argv, error))
    return FALSE;
  options->wants_version = raw.wants_version;
  if (raw.wants_version)
    return TRUE;
  if (parse_source (options, &raw, error) && parse_duration (options, raw.duration, error)
      && parse_format (options, raw.format, error) && parse_order (options, raw.sort, raw.top, error)
      && parse_graph (options, &raw, error) && parse_local (options, &raw, error))
    {
      options->filter = g_steal_pointer (&raw.filter);
      options->accepts_risk = raw.accepts_risk;
      return TRUE;
    }
  pl_report_options_clear (options);
  return FALSE;
}

void
pl_report_options_clear (PlReportOptions *options)
{
  g_free (options->interface);
  g_free (options->file);
  g_free (options->filter);
  g_strfreev (options->local);
  g_free (options->graph);
  memset (options, 0, sizeof *options);
}
