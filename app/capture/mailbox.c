/* The mailbox between the capture thread and the main loop: a pthread mutex and two eventfds, one readable while a batch
 * waits (for the main loop), one readable while none does (for the capture thread at the end of a file, when it has
 * batches left and nothing else to do). Either side holds the mutex for a few instructions only. */
#include "batch.h"
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct _PlMailbox
{
  pthread_mutex_t mutex;
  GQueue batches; /* one at most, but for what a stopping capture leaves behind */
  int full_fd, empty_fd;
};

/* Makes @fd readable or not; only called when that changes, so that neither call can block. */
static void
set_readable (int fd, gboolean readable)
{
  eventfd_t value = 1;

  if (readable)
    eventfd_write (fd, value);
  else
    eventfd_read (fd, &value);
}

static void
push_locked (PlMailbox *mailbox, PlBatch *batch)
{
  if (g_queue_is_empty (&mailbox->batches))
    {
      set_readable (mailbox->full_fd, TRUE);
      set_readable (mailbox->empty_fd, FALSE);
    }
  g_queue_push_tail (&mailbox->batches, batch);
}

/**
 * pl_mailbox_new:
 *
 * Returns: (transfer full) (nullable): an empty mailbox, or %NULL when the process has no descriptor left
 */
PlMailbox *
pl_mailbox_new (void)
{
  PlMailbox *mailbox = g_new0 (PlMailbox, 1);

  pthread_mutex_init (&mailbox->mutex, NULL);
  g_queue_init (&mailbox->batches);
  mailbox->full_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  mailbox->empty_fd = eventfd (1, EFD_CLOEXEC | EFD_NONBLOCK);
  if (mailbox->full_fd < 0 || mailbox->empty_fd < 0)
    {
      pl_mailbox_free (mailbox);
      return NULL;
    }
  return mailbox;
}

/**
 * pl_mailbox_free:
 * @mailbox: (transfer full) (nullable): a mailbox no capture uses any more
 *
 * Frees @mailbox and the batches nobody took.
 */
void
pl_mailbox_free (PlMailbox *mailbox)
{
  PlBatch *batch;

  if (!mailbox)
    return;
  while ((batch = g_queue_pop_head (&mailbox->batches)))
    pl_batch_free (batch);
  if (mailbox->full_fd >= 0)
    close (mailbox->full_fd);
  if (mailbox->empty_fd >= 0)
    close (mailbox->empty_fd);
  pthread_mutex_destroy (&mailbox->mutex);
  g_free (mailbox);
}

/**
 * pl_mailbox_get_fd:
 * @mailbox: a mailbox
 *
 * Returns: a descriptor that is readable while a batch waits; owned by @mailbox
 */
int
pl_mailbox_get_fd (PlMailbox *mailbox)
{
  return mailbox->full_fd;
}

/**
 * pl_mailbox_get_empty_fd:
 * @mailbox: a mailbox
 *
 * Returns: a descriptor that is readable while no batch waits; owned by @mailbox
 */
int
pl_mailbox_get_empty_fd (PlMailbox *mailbox)
{
  return mailbox->empty_fd;
}

/**
 * pl_mailbox_is_empty:
 * @mailbox: a mailbox
 *
 * For the capture thread, the only one that posts: when this says %TRUE its next pl_mailbox_post() will succeed.
 *
 * Returns: whether no batch waits
 */
gboolean
pl_mailbox_is_empty (PlMailbox *mailbox)
{
  gboolean is_empty;

  pthread_mutex_lock (&mailbox->mutex);
  is_empty = g_queue_is_empty (&mailbox->batches);
  pthread_mutex_unlock (&mailbox->mutex);
  return is_empty;
}

/**
 * pl_mailbox_post:
 * @mailbox: a mailbox
 * @batch: (transfer full): a batch, taken only on success
 *
 * Returns: %FALSE when an earlier batch still waits
 */
gboolean
pl_mailbox_post (PlMailbox *mailbox, PlBatch *batch)
{
  gboolean has_room;

  pthread_mutex_lock (&mailbox->mutex);
  has_room = g_queue_is_empty (&mailbox->batches);
  if (has_room)
    push_locked (mailbox, batch);
  pthread_mutex_unlock (&mailbox->mutex);
  return has_room;
}

/**
 * pl_mailbox_post_last:
 * @mailbox: a mailbox
 * @batch: (transfer full): a batch
 *
 * Posts although an earlier batch may still wait: what a capture that was told to stop leaves behind, so that the last
 * counts are not lost. Bounded by the flow table that is emptied into it.
 */
void
pl_mailbox_post_last (PlMailbox *mailbox, PlBatch *batch)
{
  pthread_mutex_lock (&mailbox->mutex);
  push_locked (mailbox, batch);
  pthread_mutex_unlock (&mailbox->mutex);
}

/**
 * pl_mailbox_take:
 * @mailbox: a mailbox
 *
 * Returns: (transfer full) (nullable): the oldest waiting batch
 */
PlBatch *
pl_mailbox_take (PlMailbox *mailbox)
{
  PlBatch *batch;

  pthread_mutex_lock (&mailbox->mutex);
  batch = g_queue_pop_head (&mailbox->batches);
  if (batch && g_queue_is_empty (&mailbox->batches))
    {
      set_readable (mailbox->full_fd, FALSE);
      set_readable (mailbox->empty_fd, TRUE);
    }
  pthread_mutex_unlock (&mailbox->mutex);
  return batch;
}
