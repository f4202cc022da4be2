/* Ports of UDP that changed hands. An empty box costs its taker one relaxed load. */
#include "reuse-box.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bounds.h"
#include "wake.h"

struct _PlReuseBox
{
  pthread_mutex_t mutex;
  atomic_bool has_any;
  int fd; /* eventfd */
  PlPortReuse reuses[PL_LIMIT_PORT_REUSES]; /* mutex */
  guint n; /* mutex */
  guint64 n_lost; /* mutex */
};

PlReuseBox *
pl_reuse_box_new (void)
{
  PlReuseBox *box = g_new0 (PlReuseBox, 1);
  pthread_mutex_init (&box->mutex, NULL);
  box->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  return box;
}

void
pl_reuse_box_free (PlReuseBox *box)
{
  if (box == NULL)
    return;
  pthread_mutex_destroy (&box->mutex);
  if (box->fd >= 0)
    close (box->fd);
  g_free (box);
}

void
pl_reuse_box_put (PlReuseBox *box, const PlPortReuse *reuse)
{
  pthread_mutex_lock (&box->mutex);
  if (box->n < PL_LIMIT_PORT_REUSES)
    box->reuses[box->n++] = *reuse;
  else
    box->n_lost++;
  atomic_store (&box->has_any, true);
  pl_wake_fd (box->fd);
  pthread_mutex_unlock (&box->mutex);
}

void
pl_reuse_box_wake (PlReuseBox *box)
{
  pthread_mutex_lock (&box->mutex);
  atomic_store (&box->has_any, true);
  pl_wake_fd (box->fd);
  pthread_mutex_unlock (&box->mutex);
}

guint
pl_reuse_box_take (PlReuseBox *box, PlPortReuse *reuses, guint max)
{
  if (!atomic_load_explicit (&box->has_any, memory_order_relaxed))
    return 0;
  pthread_mutex_lock (&box->mutex);
  guint n = MIN (box->n, max);
  box->n -= n;
  memcpy (reuses, box->reuses, n * sizeof *reuses);
  memmove (box->reuses, box->reuses + n, box->n * sizeof *reuses);
  atomic_store (&box->has_any, box->n > 0);
  if (box->n == 0)
    pl_drain_fd (box->fd);
  pthread_mutex_unlock (&box->mutex);
  return n;
}

int
pl_reuse_box_get_fd (PlReuseBox *box)
{
  return box->fd;
}

guint64
pl_reuse_box_get_n_lost (PlReuseBox *box)
{
  pthread_mutex_lock (&box->mutex);
  guint64 n_lost = box->n_lost;
  pthread_mutex_unlock (&box->mutex);
  return n_lost;
}
