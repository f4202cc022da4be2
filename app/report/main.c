/* portlight-report: the engine without a screen. Runs the main loop until the source ends, the time is over or a signal
 * comes, then writes one report to standard output; faults go to standard error as one line. Never links GTK. */
#include "portlight-config.h"

#include "capture.h"
#include "flatpak-document.h"
#include "flatpak.h"
#include "helper-client.h"
#include "helper-host.h"
#include "options.h"
#include "report-graph.h"
#include "rights.h"
#include "safe-text.h"
#include "screen.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFRESH_MS 1000
#define SOCKETS_MS 1200 /* without -d sockets alone are told once, when a second dump has brought the slower owners, */
#define SOCKETS_PATIENCE_MS 20000 /* and every process was looked into, which on a busy machine takes seconds */
#define OWNERS_GRACE_MS 150 /* the last flows' owners answer within a few ms; a slow /proc gets no more than this */

enum
{
  STATUS_FINE = 0,
  STATUS_FAULT = 1, /* the source or the output failed */
  STATUS_USAGE = 2, /* the command line can't work */
};

typedef struct
{
  PlReportOptions options;
  PlSession *session;
  GMainLoop *loop;
  PlScreen *screen; /* while the live table is shown */
  GError *refusal; /* why the device could not be opened here, while the helper is tried */
  GError *fault; /* what the report ends with */
  guint settle_source, duration_source, refresh_source, grace_source;
  guint signal_sources[3];
  guint reader_source, answer_source;
  int graph_fd; /* -1 without --graph, or where a file is put in place of another at the end */
  gboolean is_ending, has_reader_left;
} Program;

static void
say (const char *message)
{
  GString *line = g_string_new ("portlight-report: ");

  pl_safe_text_append (line, message, !g_get_charset (NULL));
  g_string_append_c (line, '\n');
  fputs (line->str, stderr);
  g_string_free (line, TRUE);
}

/* Descriptors 0 to 2 must be taken before anything else is opened, or a capture could land in one of them. Returns
 * whether standard output was open. */
static gboolean
secure_descriptors (void)
{
  gboolean has_stdout = fcntl (STDOUT_FILENO, F_GETFD) != -1;

  for (int fd = 0; fd <= 2; fd++)
    if (fcntl (fd, F_GETFD) == -1 && open ("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
      _exit (STATUS_FAULT);
  return has_stdout;
}

static gboolean
is_live_source (Program *program)
{
  return program->options.file == NULL;
}

/* The graph then stands in place of the report. */
static gboolean
has_graph_on_stdout (Program *program)
{
  return program->options.graph != NULL && strcmp (program->options.graph, "-") == 0;
}

static gboolean
on_grace_over (gpointer data)
{
  Program *program = data;

  program->grace_source = 0;
  g_main_loop_quit (program->loop);
  return G_SOURCE_REMOVE;
}

/* Stops the capture and lets the owners of the last flows answer; then the loop ends. */
static void
end (Program *program)
{
  if (program->is_ending)
    return;
  program->is_ending = TRUE;
  pl_session_stop (program->session);
  program->grace_source =
      g_timeout_add (program->options.interface != NULL ? OWNERS_GRACE_MS : 0, on_grace_over, program);
}

static gboolean
on_duration_over (gpointer data)
{
  Program *program = data;

  program->duration_source = 0;
  end (program);
  return G_SOURCE_REMOVE;
}

/* A second signal finds its default action again: nobody has to wait for a long report. */
static gboolean
on_signal (gpointer data)
{
  Program *program = data;

  if (program->options.file != NULL && !program->is_ending)
    g_set_error_literal (&program->fault, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                         _ ("Interrupted: the report covers only what was read of the file"));
  for (guint i = 0; i < G_N_ELEMENTS (program->signal_sources); i++)
    g_clear_handle_id (&program->signal_sources[i], g_source_remove);
  end (program);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_reader_left (int fd, GIOCondition condition, gpointer data)
{
  Program *program = data;

  program->reader_source = 0;
  program->has_reader_left = TRUE;
  end (program);
  return G_SOURCE_REMOVE;
}

/* @n_most: rows that can be shown, 0 any number. */
static void
collect (Program *program, PlReport *report, guint n_most)
{
  guint top = program->options.top;

  *report = (PlReport){
    .source = pl_session_get_source_name (program->session),
    .is_live = is_live_source (program),
    .is_sockets_alone = program->options.has_sockets && program->options.interface == NULL,
    .has_sockets = program->options.has_sockets,
    .fault = program->fault != NULL ? program->fault->message : NULL,
  };
  pl_report_collect (report, pl_session_get_model (program->session), program->options.sort,
                     n_most > 0 && (top == 0 || n_most < top) ? n_most : top);
}

static gboolean
on_refresh (gpointer data)
{
  Program *program = data;
  PlReport report;

  if (program->is_ending)
    return G_SOURCE_CONTINUE;
  collect (program, &report, pl_screen_get_n_rows (program->screen));
  pl_screen_draw (program->screen, &report);
  pl_report_clear (&report);
  if (pl_screen_get_error (program->screen) != 0)
    {
      program->has_reader_left = TRUE;
      end (program);
    }
  return G_SOURCE_CONTINUE;
}

static void
begin_live (Program *program)
{
  if (program->options.duration_ms > 0 && program->duration_source == 0)
    program->duration_source = g_timeout_add (program->options.duration_ms, on_duration_over, program);
  if (has_graph_on_stdout (program) || program->options.format != PL_FORMAT_TEXT || !is_live_source (program)
      || program->screen != NULL)
    return;
  program->screen = pl_screen_new (STDOUT_FILENO);
  if (program->screen == NULL)
    return;
  program->refresh_source = g_timeout_add (REFRESH_MS, on_refresh, program);
  on_refresh (program);
}

static gboolean
open_source (Program *program, gboolean through_helper, GError **error)
{
  const PlReportOptions *options = &program->options;
  g_autofree char *documents = pl_flatpak_document_dup_root ();
  g_autofree char *path = options->file != NULL ? pl_flatpak_document_find (options->file, documents) : NULL;
  PlOpen request = {
    .kind = options->file != NULL ? PL_OPEN_FILE
            : options->is_stdin   ? PL_OPEN_FD
                                  : PL_OPEN_DEVICE,
    .name = path != NULL ? path : options->interface,
    .fd = -1,
    .filter = options->filter,
    .local = (const char *const *)options->local,
    .keep_all = TRUE,
  };

  if (options->is_stdin)
    {
      request.name = _ ("standard input");
      request.fd = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    }
  if (through_helper)
    request.kind = PL_OPEN_HELPER;
  return pl_session_open (program->session, &request, error);
}

/* Where the helper could not even ask, the device's own refusal says better what to do. */
static gboolean
says_less_than_refusal (const GError *error)
{
  return g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND)
         || g_error_matches (error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NO_PKEXEC);
}

/* TRUE: the helper is being tried, nothing is over yet. */
static gboolean
try_helper (Program *program, const GError *failure)
{
  if (program->options.interface == NULL || program->refusal != NULL
      || !g_error_matches (failure, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_PERMISSION))
    return FALSE;
  program->refusal = g_error_copy (failure);
  if (isatty (STDERR_FILENO))
    say (_ ("Watching the network needs more rights: portlight-helper is asked for, which may ask for a password."));
  return open_source (program, TRUE, NULL);
}

/* ---- in a Flatpak ---- */

static void
capture_on_host (Program *program)
{
  if (!open_source (program, TRUE, &program->fault))
    end (program);
}

static gboolean
on_answer (int fd, GIOCondition condition, gpointer data)
{
  Program *program = data;
  char answer[16];
  gssize n_bytes = read (fd, answer, sizeof answer);

  program->answer_source = 0;
  if (n_bytes > 0 && (answer[0] == 'y' || answer[0] == 'Y'))
    {
      capture_on_host (program);
      return G_SOURCE_REMOVE;
    }
  g_set_error_literal (
      &program->fault, G_IO_ERROR, G_IO_ERROR_CANCELLED,
      _ ("Nothing was captured. Install Portlight for all users (flatpak install --system), or answer y"));
  end (program);
  return G_SOURCE_REMOVE;
}

/* What the system is about to ask; and where others could change what then runs as administrator, whether to go on. */
static void
host_checked (gboolean is_safe, gboolean names_command, const char *prompt, gpointer data)
{
  Program *program = data;
  g_autoptr (PlHelperLaunch) launch = pl_helper_launch_find (NULL);

  if (launch != NULL && isatty (STDERR_FILENO))
    {
      launch->names_command = names_command;
      launch->prompt = g_strdup (prompt);
      g_autofree char *asked = pl_helper_launch_dup_prompt (launch);
      g_autofree char *text = g_strdup_printf (_ ("The system may ask: %s. That is Portlight's helper."), asked);
      say (text);
    }
  if (!is_safe)
    say (_ ("Take care: Portlight is installed for one user only, or it cannot be told who may change its helper. Any "
            "program "
            "of that user could replace it, and what is there now will run as administrator."));
  if (is_safe || program->options.accepts_risk)
    {
      capture_on_host (program);
      return;
    }
  if (!isatty (STDIN_FILENO))
    {
      g_set_error_literal (&program->fault, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           _ ("Nothing was captured: there is no terminal to ask at. Install Portlight for all users "
                              "(flatpak install --system), or add --accept-risk"));
      end (program);
      return;
    }
  fputs (_ ("Continue? [y/N] "), stderr);
  program->answer_source = g_unix_fd_add (STDIN_FILENO, G_IO_IN, on_answer, program);
}

/* A report without apps that does not say why would look as if nobody had them. The helper names what it captures all the same. */
static void
say_what_is_hidden (const Program *program)
{
  g_autoptr (GError) error = NULL;

  if (!pl_rights_has_network (&error))
    {
      if (!program->options.has_sockets) /* else that fails, and says it */
        say (error->message);
    }
  else if (program->options.interface == NULL && pl_rights_get_cgroups () == PL_RIGHTS_CGROUPS_WITHHELD)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("Flatpak hides from Portlight what names the app of a socket (its cgroup). Allow it with “%s”."),
          PL_FLATPAK_GRANT_CGROUPS);
      say (text);
    }
}

/* FALSE where there is nothing to ask about: the helper's own failure then says why. */
static gboolean
check_host (Program *program)
{
  g_autoptr (PlHelperLaunch) launch =
      program->options.interface != NULL && pl_is_flatpak () ? pl_helper_launch_find (NULL) : NULL;

  if (launch != NULL)
    pl_helper_host_check_async (launch, host_checked, program);
  return launch != NULL;
}

static void
on_sockets_updated (PlModel *model, Program *program)
{
  if (pl_model_get_totals (model)->owners.has_scanned)
    end (program);
}

static gboolean
on_sockets_due (gpointer data)
{
  Program *program = data;
  PlModel *model = pl_session_get_model (program->session);

  program->duration_source = g_timeout_add (SOCKETS_PATIENCE_MS, on_duration_over, program);
  g_signal_connect (model, "updated", G_CALLBACK (on_sockets_updated), program);
  on_sockets_updated (model, program);
  return G_SOURCE_REMOVE;
}

/* What the kernel tells, without a capture. */
static void
watch_sockets_alone (Program *program)
{
  begin_live (program);
  if (program->duration_source == 0 && program->screen == NULL)
    program->duration_source = g_timeout_add (SOCKETS_MS, on_sockets_due, program);
}

static void
take_sockets_error (Program *program)
{
  g_autofree char *error = program->options.has_sockets ? pl_session_dup_sockets_error (program->session) : NULL;

  if (error != NULL && program->fault == NULL)
    g_set_error_literal (&program->fault, G_IO_ERROR, G_IO_ERROR_FAILED, error);
}

/* The session's state is looked at from the loop, never inside its own call. */
static gboolean
on_settle (gpointer data)
{
  Program *program = data;
  const GError *error;

  program->settle_source = 0;
  if (program->is_ending)
    return G_SOURCE_REMOVE;
  switch (pl_session_get_state (program->session))
    {
    case PL_SESSION_RUNNING:
      begin_live (program);
      break;
    case PL_SESSION_FAILED:
      if (try_helper (program, pl_session_get_error (program->session)))
        break;
      G_GNUC_FALLTHROUGH;
    case PL_SESSION_ENDED:
      error = pl_session_get_error (program->session);
      if (program->refusal != NULL && says_less_than_refusal (error))
        error = program->refusal;
      if (error != NULL)
        program->fault = g_error_copy (error);
      end (program);
      break;
    case PL_SESSION_IDLE:
    case PL_SESSION_STARTING:
      break;
    }
  return G_SOURCE_REMOVE;
}

static void
on_state (PlSession *session, GParamSpec *pspec, gpointer data)
{
  Program *program = data;

  if (program->settle_source == 0)
    program->settle_source = g_idle_add (on_settle, program);
}

/* A fault in the middle leaves flows worth having; one at the door leaves nothing to report. */
static gboolean
is_worth_writing (Program *program)
{
  return program->fault == NULL || pl_model_get_totals (pl_session_get_model (program->session))->received > 0
         || g_error_matches (program->fault, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_TRUNCATED)
         || g_error_matches (program->fault, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_CORRUPT)
         || g_error_matches (program->fault, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE);
}

/* Seen to before anything is captured; nothing to do without --graph. */
static gboolean
open_graph (Program *program, GError **error)
{
  return program->options.graph == NULL || pl_report_graph_open (program->options.graph, &program->graph_fd, error);
}

static gboolean
write_graph (Program *program, GError **error)
{
  const PlReportGraph graph = { program->options.graph, program->options.is_graph_dark, program->options.is_redacted,
                                pl_session_get_source_name (program->session) };

  if (program->options.graph == NULL)
    return TRUE;
  return pl_report_graph_write (&graph, pl_session_get_model (program->session), program->graph_fd, error);
}

/* Returns 0 or an errno. A reader that left has had enough: no fault. */
static int
write_report (Program *program)
{
  g_autoptr (PlWriter) writer = pl_writer_new (STDOUT_FILENO);
  PlTextLayout layout;
  PlReport report;

  collect (program, &report, 0);
  switch (program->options.format)
    {
    case PL_FORMAT_JSONL:
      pl_report_write_jsonl (&report, writer);
      break;
    case PL_FORMAT_CSV:
      pl_report_write_csv (&report, writer);
      break;
    case PL_FORMAT_TEXT:
      pl_text_layout_for (STDOUT_FILENO, &layout);
      pl_report_write_text (&report, &layout, writer);
      break;
    }
  pl_report_clear (&report);
  return pl_writer_flush (writer) == EPIPE ? 0 : pl_writer_get_error (writer);
}

static void
watch_for_the_end (Program *program)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  struct stat info;

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    program->signal_sources[i] = g_unix_signal_add (signals[i], on_signal, program);
  signal (SIGPIPE, SIG_IGN); /* EPIPE tells the same, and the helper is ended properly */
  if (fstat (STDOUT_FILENO, &info) == 0 && (S_ISFIFO (info.st_mode) || S_ISSOCK (info.st_mode)))
    program->reader_source = g_unix_fd_add (STDOUT_FILENO, G_IO_ERR, on_reader_left, program);
}

static void
clear_program (Program *program)
{
  g_clear_handle_id (&program->settle_source, g_source_remove);
  g_clear_handle_id (&program->duration_source, g_source_remove);
  g_clear_handle_id (&program->refresh_source, g_source_remove);
  g_clear_handle_id (&program->grace_source, g_source_remove);
  g_clear_handle_id (&program->reader_source, g_source_remove);
  g_clear_handle_id (&program->answer_source, g_source_remove);
  for (guint i = 0; i < G_N_ELEMENTS (program->signal_sources); i++)
    g_clear_handle_id (&program->signal_sources[i], g_source_remove);
  g_clear_pointer (&program->screen, pl_screen_free);
  g_clear_object (&program->session);
  g_clear_pointer (&program->loop, g_main_loop_unref);
  if (program->graph_fd >= 0)
    close (program->graph_fd);
  g_clear_error (&program->refusal);
  g_clear_error (&program->fault);
  pl_report_options_clear (&program->options);
}

/* Runs until the end and writes the report. Returns the exit status. */
static int
run (Program *program)
{
  g_autoptr (GError) error = NULL;
  int output_error = 0;

  program->loop = g_main_loop_new (NULL, FALSE);
  program->session = pl_session_new ();
  g_signal_connect (program->session, "notify::state", G_CALLBACK (on_state), program);
  watch_for_the_end (program);
  if (!open_graph (program, &error))
    {
      say (error->message);
      return STATUS_USAGE;
    }
  if (program->options.has_sockets || program->options.interface != NULL)
    say_what_is_hidden (program);
  if (program->options.has_sockets)
    pl_session_watch_sockets (program->session, TRUE);
  if (program->options.has_sockets && program->options.interface == NULL)
    watch_sockets_alone (program);
  else if (!check_host (program)
           && !open_source (program, program->options.interface != NULL && pl_is_flatpak (), &error))
    {
      say (error->message);
      return STATUS_USAGE;
    }
  g_main_loop_run (program->loop);

  take_sockets_error (program);
  g_clear_handle_id (&program->refresh_source, g_source_remove);
  g_clear_pointer (&program->screen, pl_screen_free);
  if (!program->has_reader_left && is_worth_writing (program) && !has_graph_on_stdout (program))
    output_error = write_report (program);
  if (is_worth_writing (program))
    write_graph (program, &error);
  if (program->fault != NULL)
    say (program->fault->message);
  else if (output_error != 0)
    {
      g_autofree char *message = g_strdup_printf (
          _ ("The report could not be written: %s; send it somewhere else with '>'"), g_strerror (output_error));
      say (message);
    }
  if (error != NULL)
    say (error->message);
  return program->fault != NULL || output_error != 0 || error != NULL ? STATUS_FAULT : STATUS_FINE;
}

static void
use_locale (void)
{
  setlocale (LC_ALL, "");
  bindtextdomain (PL_GETTEXT_PACKAGE, PL_LOCALEDIR);
  bind_textdomain_codeset (PL_GETTEXT_PACKAGE, "UTF-8");
  textdomain (PL_GETTEXT_PACKAGE);
}

int
main (int argc, char *argv[])
{
  gboolean has_stdout = secure_descriptors ();
  Program program = { .graph_fd = -1 };
  g_autoptr (GError) error = NULL;
  int status;

  use_locale ();
  g_set_prgname ("portlight-report");
  if (!pl_report_options_parse (&program.options, argc, argv, &error))
    {
      g_autofree char *message = g_error_matches (error, PL_OPTIONS_ERROR, PL_OPTIONS_ERROR_WRONG)
                                     ? g_strdup (error->message)
                                     : g_strdup_printf (_ ("%s; see portlight-report --help"), error->message);
      say (message);
      return STATUS_USAGE;
    }
  if (program.options.wants_version)
    status = printf ("portlight-report %s\n", PL_VERSION) > 0 && fflush (stdout) == 0 ? STATUS_FINE : STATUS_FAULT;
  else if (!has_stdout)
    {
      say (_ ("Standard output is closed: give it a place to go, as in '> report.txt'"));
      status = STATUS_FAULT;
    }
  else if (program.options.is_stdin && isatty (STDIN_FILENO))
    {
      say (_ ("Standard input is a terminal: pipe a capture into it, as in "
              "'ssh HOST tcpdump -U -w - | portlight-report -'"));
      status = STATUS_USAGE;
    }
  else
    status = run (&program);
  clear_program (&program);
  return status;
}
