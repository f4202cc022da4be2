/* The mailbox: one batch at most, both descriptors tell the truth, and two threads lose nothing. */
#include "batch.h"
#include <poll.h>
#include <pthread.h>

#define N_BATCHES 20000

static gboolean
is_readable (int fd)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

  return poll (&poll_fd, 1, 0) == 1;
}

static PlBatch *
make_batch (guint64 number)
{
  PlBatch *batch = g_new0 (PlBatch, 1);

  batch->stats.received = number;
  batch->flows = g_new0 (PlFlowUpdate, 1);
  batch->gone = g_new0 (guint64, 1);
  batch->gone_why = g_new0 (guint8, 1);
  batch->ifaces = g_ptr_array_new_with_free_func (g_free);
  batch->error = g_error_new_literal (g_quark_from_static_string ("test"), 1, "test");
  return batch;
}

static void
expect_state (PlMailbox *mailbox, gboolean is_full)
{
  g_assert_cmpint (is_readable (pl_mailbox_get_fd (mailbox)), ==, is_full);
  g_assert_cmpint (is_readable (pl_mailbox_get_empty_fd (mailbox)), ==, !is_full);
  g_assert_cmpint (pl_mailbox_is_empty (mailbox), ==, !is_full);
}

static void
test_one_at_most (void)
{
  PlMailbox *mailbox = pl_mailbox_new ();
  PlBatch *first = make_batch (1), *second = make_batch (2);

  expect_state (mailbox, FALSE);
  g_assert_null (pl_mailbox_take (mailbox));
  g_assert_true (pl_mailbox_post (mailbox, first));
  expect_state (mailbox, TRUE);
  g_assert_false (pl_mailbox_post (mailbox, second));
  g_assert_true (pl_mailbox_take (mailbox) == first);
  expect_state (mailbox, FALSE);
  g_assert_true (pl_mailbox_post (mailbox, second));
  pl_batch_free (first);
  pl_batch_free (NULL);
  pl_mailbox_free (mailbox); /* with the second in it */
}

static void
test_last (void)
{
  PlMailbox *mailbox = pl_mailbox_new ();
  PlBatch *batch;

  for (guint i = 0; i < 3; i++)
    pl_mailbox_post_last (mailbox, make_batch (i));
  for (guint i = 0; i < 3; i++)
    {
      expect_state (mailbox, TRUE);
      batch = pl_mailbox_take (mailbox);
      g_assert_cmpuint (batch->stats.received, ==, i);
      pl_batch_free (batch);
    }
  expect_state (mailbox, FALSE);
  pl_mailbox_free (mailbox);
}

static void *
post_all (void *data)
{
  PlMailbox *mailbox = data;

  for (guint64 i = 0; i < N_BATCHES; i++)
    {
      PlBatch *batch = make_batch (i);

      while (!pl_mailbox_post (mailbox, batch))
        {
          struct pollfd poll_fd = { .fd = pl_mailbox_get_empty_fd (mailbox), .events = POLLIN };

          poll (&poll_fd, 1, -1);
        }
    }
  return NULL;
}

static void
test_threads (void)
{
  PlMailbox *mailbox = pl_mailbox_new ();
  pthread_t thread;
  guint64 n_taken = 0;

  g_assert_cmpint (pthread_create (&thread, NULL, post_all, mailbox), ==, 0);
  while (n_taken < N_BATCHES)
    {
      struct pollfd poll_fd = { .fd = pl_mailbox_get_fd (mailbox), .events = POLLIN };
      PlBatch *batch;

      g_assert_cmpint (poll (&poll_fd, 1, 10000), ==, 1);
      batch = pl_mailbox_take (mailbox);
      if (!batch)
        continue;
      g_assert_cmpuint (batch->stats.received, ==, n_taken++);
      pl_batch_free (batch);
    }
  pthread_join (thread, NULL);
  pl_mailbox_free (mailbox);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mailbox/one-at-most", test_one_at_most);
  g_test_add_func ("/mailbox/last", test_last);
  g_test_add_func ("/mailbox/threads", test_threads);
  return g_test_run ();
}
