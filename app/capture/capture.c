/* The capture thread's start and end. Whoever starts it waits for nothing: opening happens on the thread, and a failure
 * arrives through the mailbox. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "capture.h"
#include "run.h"
#include "short-slice.h"
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#define LIVE_NICE -5 /* where it may: as the owner thread has it, for when neither is urgent (urgent.h) */

struct _PlCapture
{
  pthread_t thread;
  PlRun *run; /* NULL when there is no thread */
};

G_DEFINE_QUARK (pl - capture - error, pl_capture_error)

static void *
run_thread (void *data)
{
  PlRun *run = data;
  GError *error = NULL;
  gboolean ok;

  if (run->options.is_live)
    pl_short_slice (LIVE_NICE); /* what sent a packet may be gone in a millisecond */
  if (run->options.kind == PL_SOURCE_DEVICE)
    ok = pl_device_source_run (run, &error);
  else
    ok = pl_stream_source_run (run, &error);
  pl_run_finish (run, ok ? PL_CAPTURE_ENDED : PL_CAPTURE_FAILED, error);
  return NULL;
}

/* Signals are the main thread's. */
static int
start_thread (PlCapture *capture)
{
  sigset_t all, before;
  int result;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  result = pthread_create (&capture->thread, NULL, run_thread, capture->run);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (result == 0)
    pthread_setname_np (capture->thread, "pl-capture");
  return result;
}

static void
post_failure (PlMailbox *mailbox, GError *error)
{
  PlBatch *batch = g_new0 (PlBatch, 1);

  batch->state = PL_CAPTURE_FAILED;
  batch->error = error;
  batch->ifaces = g_ptr_array_new_with_free_func (g_free);
  batch->stats.kernel_dropped = batch->stats.interface_dropped = G_MAXUINT64;
  pl_mailbox_post_last (mailbox, batch);
}

/**
 * pl_capture_start:
 * @options: what to capture and how; copied, its descriptors taken over
 * @mailbox: where batches go; outlives the capture
 *
 * Returns: (transfer full): a running capture; never %NULL: what fails is told through @mailbox
 */
PlCapture *
pl_capture_start (const PlCaptureOptions *options, PlMailbox *mailbox)
{
  PlCapture *capture = g_new0 (PlCapture, 1);
  GError *error = NULL;
  int result;

  capture->run = pl_run_new (options, mailbox, &error);
  if (!capture->run)
    {
      post_failure (mailbox, error);
      return capture;
    }
  result = start_thread (capture);
  if (result != 0)
    {
      post_failure (mailbox, g_error_new (PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FAILED,
                                          _ ("Could not start a thread to capture: %s; close other programs"),
                                          g_strerror (result)));
      g_clear_pointer (&capture->run, pl_run_free);
    }
  return capture;
}

/**
 * pl_capture_stop:
 * @capture: (transfer full) (nullable): a capture
 *
 * Wakes the thread wherever it waits, joins it and frees everything. Take from the mailbox until it is empty: several
 * last batches may wait.
 */
void
pl_capture_stop (PlCapture *capture)
{
  if (!capture)
    return;
  if (capture->run)
    {
      eventfd_write (capture->run->cancel_fd, 1);
      pthread_join (capture->thread, NULL);
      pl_run_free (capture->run);
    }
  g_free (capture);
}
