/* Files and pipes as a source of packets: reads bytes, asks the reader for records. Capture thread only. A regular file is
 * read in large pieces, looking between two whether to stop; anything else is read only when poll(2) says that there is
 * something, beside the descriptor that says stop, so that a silent writer never holds us. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "run.h"
#include "control-channel.h"
#include "flatpak-document.h"
#include "flatpak.h"
#include "helper-stream.h"
#include "bounds.h"
#include "local-addrs.h"
#include "reader.h"
#include "urgent.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDS_AT_ONCE 64

typedef struct
{
  PlRun *run;
  PlReader *reader;
  PlControlChannel *control; /* nullable */
  PlLocalAddrs *addrs; /* live only; nullable */
  int fd;
  gboolean is_regular;
  gint64 stop_us, moved_us; /* monotonic: when it was told to stop, and when something came since; 0 */
  guint64 n_records; /* read so far */
  gboolean has_ended;
} Stream;

/* Whether a sandbox keeps us from seeing whether @name is there: all but what the document portal brings in. */
static gboolean
may_be_hidden (const char *name)
{
  g_autofree char *documents = pl_flatpak_document_dup_root ();

  return pl_is_flatpak () && !pl_flatpak_document_has (name, documents);
}

static gboolean
fail_to_open (const char *name, int error_number, GError **error)
{
  switch (error_number)
    {
    case ENOENT:
    case ENOTDIR:
      if (may_be_hidden (name))
        {
          g_set_error (
              error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_HIDDEN,
              _ ("%s is outside Portlight’s sandbox, or is not there. Choose the file in the window with “Open File…”: "
                 "that lets Portlight read it. In a terminal the option --file-forwarding of flatpak-run(1) does"),
              name);
          return FALSE;
        }
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_NOT_FOUND, _ ("There is no file %s: check the name"),
                   name);
      break;
    case EACCES:
    case EPERM:
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_PERMISSION,
                   _ ("You may not read %s: ask its owner, or copy it with sudo to a place of yours"), name);
      break;
    case EISDIR:
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_IS_DIRECTORY, _ ("%s is a directory: choose a file in it"),
                   name);
      break;
    default:
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED, _ ("Could not read %s: %s"), name,
                   g_strerror (error_number));
      break;
    }
  return FALSE;
}

/* The stream of a helper that is up, with its filters. The run keeps the descriptor. */
static gboolean
begin_helper_stream (PlRun *run, GError **error)
{
  PlCaptureOptions *options = &run->options;
  GError *local_error = NULL;

  run->only_ifindex = pl_helper_stream_find (options->name, &local_error);
  if (!local_error && (!run->filter || pl_filter_compile (run->filter, PL_CONTROL_DATALINK, &local_error)))
    options->fd = pl_helper_stream_begin (options->control_fd, run->only_ifindex, options->filter, &local_error);
  if (local_error)
    g_propagate_error (error, local_error);
  return options->fd >= 0;
}

/* An interface that was taken out and put in again has another index. While it is out, that is told. */
static void
follow_interface (PlRun *run)
{
  guint ifindex = run->only_ifindex != 0 ? pl_helper_stream_find (run->options.name, NULL) : 0;
  gboolean is_gone = run->only_ifindex != 0 && ifindex == 0;

  run->is_changed |= is_gone != run->stats.is_interface_gone;
  run->stats.is_interface_gone = is_gone;
  if (ifindex == 0 || ifindex == run->only_ifindex)
    return;
  run->only_ifindex = ifindex;
  pl_helper_stream_select (run->options.control_fd, ifindex, run->options.filter);
}

/* Sets fd, is_regular and the size. */
static gboolean
open_stream (Stream *stream, GError **error)
{
  PlRun *run = stream->run;
  const char *name = run->options.name;
  struct stat status;

  /* Not blocking: opening a FIFO that nobody writes to would wait for a writer. */
  if (run->options.kind == PL_SOURCE_FILE)
    stream->fd = open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  else
    stream->fd = run->options.fd;
  if (stream->fd < 0 || fstat (stream->fd, &status) < 0)
    return fail_to_open (name, stream->fd < 0 && run->options.kind == PL_SOURCE_PIPE ? EBADF : errno, error);
  if (S_ISDIR (status.st_mode))
    return fail_to_open (name, EISDIR, error);
  if (isatty (stream->fd))
    {
      g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_NOT_CAPTURE,
                   _ ("%s is a terminal: pipe a capture into it, as in tcpdump -U -w - | portlight -"), name);
      return FALSE;
    }
  stream->is_regular = S_ISREG (status.st_mode);
  if (stream->is_regular)
    run->stats.bytes_total = status.st_size;
  return TRUE;
}

/* Told to stop: a helper is asked for what the kernel holds by now, and for the end behind it. FALSE when nothing is to be
 * waited for. */
static gboolean
begin_last (Stream *stream)
{
  if (stream->stop_us != 0)
    return TRUE;
  if (stream->control == NULL)
    return FALSE;
  if (!pl_helper_stream_end (stream->run->options.control_fd))
    {
      stream->run->stats.unread = G_MAXUINT64;
      return FALSE;
    }
  pl_control_channel_begin_last (stream->control);
  stream->stop_us = stream->moved_us = g_get_monotonic_time ();
  return TRUE;
}

/* How long poll() may wait, ms; below 0: without end. FALSE: told to stop, it has taken long enough. */
static gboolean
get_wait_ms (const Stream *stream, int *wait_ms)
{
  gint64 now_us = g_get_monotonic_time (),
         end_us = MIN (stream->stop_us + PL_LIMIT_STOP_US, stream->moved_us + PL_LIMIT_STOP_SILENCE_US);

  if (stream->stop_us != 0)
    {
      *wait_ms = (int)((end_us - now_us + 999) / 1000);
      return now_us < end_us;
    }
  *wait_ms = pl_run_get_timeout_ms (stream->run);
  /* The main loop may come to stall. */
  if ((*wait_ms < 0 || *wait_ms > PL_LIMIT_STALL_US / 1000) && stream->control
      && !pl_mailbox_is_empty (stream->run->mailbox))
    *wait_ms = PL_LIMIT_STALL_US / 1000;
  return TRUE;
}

/* Waits until there is something to read, keeping time and the helper's messages going. FALSE when told to stop, or with
 * @error. While the main loop stalls, this thread does too: nobody is to capture for an app that hangs, and a helper that is not
 * listened to ends by itself. */
static gboolean
wait_for_input (Stream *stream, GError **error)
{
  PlRun *run = stream->run;
  struct pollfd poll_fds[] = {
    { .fd = stream->fd, .events = POLLIN },
    { .fd = run->cancel_fd, .events = POLLIN },
    { .fd = -1, .events = POLLIN }, /* the helper's messages, until it closes them */
    { .fd = stream->addrs ? pl_local_addrs_get_fd (stream->addrs) : -1, .events = POLLIN },
    { .fd = pl_run_get_reuses_fd (run), .events = POLLIN },
    { .fd = -1, .events = POLLIN }, /* the main loop is back */
  };

  for (;;)
    {
      int wait_ms;
      gboolean is_stalled = stream->control && stream->stop_us == 0 && pl_run_is_stalled (run);

      if (!get_wait_ms (stream, &wait_ms))
        return FALSE;
      poll_fds[0].fd = is_stalled ? -1 : stream->fd;
      poll_fds[5].fd = is_stalled ? pl_mailbox_get_empty_fd (run->mailbox) : -1;
      poll_fds[1].fd = stream->stop_us == 0 ? run->cancel_fd : -1;
      poll_fds[2].fd = stream->control && !is_stalled ? pl_control_channel_get_fd (stream->control) : -1;
      pl_run_prepare_wait (run);
      if (poll (poll_fds, G_N_ELEMENTS (poll_fds), wait_ms) < 0)
        {
          if (errno != EINTR)
            return fail_to_open (run->options.name, errno, error);
          continue;
        }
      if (poll_fds[1].revents && !begin_last (stream))
        return FALSE;
      /* The helper's first packets before the bulk, which counts them. */
      if (poll_fds[2].revents)
        pl_control_channel_read (stream->control, run);
      if (poll_fds[3].revents)
        {
          pl_local_addrs_drain (stream->addrs);
          follow_interface (run);
          pl_run_load_addrs (run);
        }
      if (poll_fds[4].revents)
        pl_run_hear_reuses (run);
      if (poll_fds[0].revents)
        {
          if (run->state != PL_CAPTURE_RUNNING) /* the helper begins a stream when its filters are in place */
            pl_run_set_running (run);
          pl_run_hear_reuses (run);
          return TRUE;
        }
      pl_run_tick (run);
    }
}

/* Gives the reader more. FALSE when told to stop, or with @error. */
static gboolean
feed (Stream *stream, GError **error)
{
  PlRun *run = stream->run;
  gsize n_space;
  gpointer space = pl_reader_get_space (stream->reader, &n_space);
  gssize n_read;

  pl_run_tick (run);
  if (stream->is_regular ? pl_run_is_cancelled (run) : !wait_for_input (stream, error))
    return FALSE;
  do
    n_read = read (stream->fd, space, n_space);
  while (n_read < 0 && errno == EINTR);
  if (n_read < 0 && errno == EAGAIN)
    return TRUE;
  if (n_read < 0)
    return fail_to_open (run->options.name, errno, error);
  stream->has_ended |= n_read == 0;
  if (n_read == 0)
    pl_reader_end (stream->reader);
  pl_reader_commit (stream->reader, n_read);
  run->stats.bytes_read += n_read;
  if (stream->stop_us != 0)
    stream->moved_us = g_get_monotonic_time ();
  return TRUE;
}

static inline gboolean
take_record (PlRun *run, const PlRecord *record, GError **error)
{
  GError *filter_error = NULL;

  if (pl_control_is_other_iface (run, record))
    return TRUE;
  if (run->filter
      && !pl_filter_matches (run->filter, record->datalink, record->bytes, record->captured, record->wire,
                             &filter_error))
    {
      if (!filter_error)
        return TRUE;
      g_propagate_error (error, filter_error);
      return FALSE;
    }
  pl_run_packet (run, record);
  return TRUE;
}

/* A source without a packet never asked the filter, which must be valid all the same. */
static gboolean
check_filter (Stream *stream, GError **error)
{
  PlFilter *filter = stream->run->filter;

  return !filter || pl_filter_is_compiled (filter)
         || pl_filter_compile (filter, pl_reader_get_datalink (stream->reader), error);
}

static gboolean
read_to_end (Stream *stream, GError **error)
{
  PlRun *run = stream->run;
  PlRecord records[RECORDS_AT_ONCE];
  guint n_records;

  for (;;)
    switch (pl_reader_next (stream->reader, records, RECORDS_AT_ONCE, &n_records, error))
      {
      case PL_READER_RECORD:
        stream->n_records += n_records;
        if (run->is_urgent && n_records == RECORDS_AT_ONCE) /* a stream, that takes long */
          pl_urgent_end ();
        for (guint i = 0; i < n_records; i++)
          if (!take_record (run, &records[i], error))
            return FALSE;
        break;
      case PL_READER_AGAIN:
        pl_run_tick (run);
        if (pl_run_is_cancelled (run) && !begin_last (stream))
          return TRUE;
        break;
      case PL_READER_MORE:
        if (!feed (stream, error))
          return error == NULL || *error == NULL;
        break;
      case PL_READER_END:
        return check_filter (stream, error);
      case PL_READER_FAILED:
      default:
        return FALSE;
      }
}

/* What a file says its capturer lost; the helper's own word comes by its messages. */
static void
note_drops (Stream *stream)
{
  PlCaptureStats *stats = &stream->run->stats;

  if (stream->control)
    return;
  stats->kernel_dropped = pl_reader_get_kernel_dropped (stream->reader);
  stats->interface_dropped = pl_reader_get_interface_dropped (stream->reader);
  stream->run->is_changed = TRUE;
}

/* A helper that was told to stop and did not come to its end in time takes packets with it. */
static void
note_unread (Stream *stream)
{
  guint64 captured = stream->stop_us != 0 ? pl_control_channel_get_captured (stream->control) : 0;

  if (captured == G_MAXUINT64)
    stream->run->stats.unread = G_MAXUINT64;
  else if (!stream->has_ended && captured > stream->n_records)
    stream->run->stats.unread = captured - stream->n_records;
  stream->run->is_changed |= stream->run->stats.unread != 0;
}

gboolean
pl_stream_source_run (PlRun *run, GError **error)
{
  Stream stream = { .run = run, .fd = -1 };
  GError *local_error = NULL;
  gboolean ok;

  ok = (run->options.control_fd < 0 || run->options.fd >= 0 || begin_helper_stream (run, &local_error))
       && open_stream (&stream, &local_error);
  if (ok && run->options.control_fd >= 0)
    {
      stream.control = pl_control_channel_new (run->options.control_fd);
      ok = !run->filter || pl_filter_compile (run->filter, PL_CONTROL_DATALINK, &local_error);
    }
  if (ok)
    {
      stream.reader = pl_reader_new (run->options.name, run->ifaces);
      if (run->options.is_live)
        {
          stream.addrs = pl_local_addrs_new ();
          follow_interface (run); /* it may have gone meanwhile */
          pl_run_load_addrs (run);
        }
      if (!stream.control)
        pl_run_set_running (run);
      ok = read_to_end (&stream, &local_error);
      note_drops (&stream);
    }
  if (stream.control)
    {
      ok = pl_control_channel_finish (stream.control, run, ok, &local_error);
      note_unread (&stream);
    }
  pl_reader_free (stream.reader);
  pl_control_channel_free (stream.control);
  pl_local_addrs_free (stream.addrs);
  if (run->options.kind == PL_SOURCE_FILE && stream.fd >= 0)
    close (stream.fd);
  if (local_error)
    g_propagate_error (error, local_error);
  return ok;
}
