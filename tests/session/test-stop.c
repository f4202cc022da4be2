/* The end of a live session: what was sent before a stop is counted, and nothing holds a stop up. Directly and through the
 * helper; skipped without root. */
#include <signal.h>
#include <unistd.h>
#include "capture.h"
#include "bounds.h"
#include "sockets.h"

static gboolean
find_child (pid_t *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", getpid ());
  g_autofree char *children = NULL;

  *pid = 0;
  if (!g_file_get_contents (path, &children, NULL, NULL))
    return FALSE;
  *pid = (pid_t)g_ascii_strtoll (children, NULL, 10);
  return *pid > 0;
}

/* They end by themselves, when their session is gone. */
static void
end_children (void)
{
  pid_t pid;

  while (find_child (&pid))
    g_main_context_iteration (NULL, TRUE);
}

/* What was sent before a stop is counted, what is sent after it is not, through a helper: each time, and whatever waits. */
static void
test_stop (gconstpointer data)
{
  PlSession *session = pl_session_new ();
  gboolean is_helper = GPOINTER_TO_INT (data) == PL_OPEN_HELPER;

  for (guint i = 0; i < 5 && open_loopback (session, GPOINTER_TO_INT (data)); i++)
    {
      guint16 from, to;
      int sender = make_socket (SOCK_DGRAM, &from), receiver = make_socket (SOCK_DGRAM, &to);
      Search search = { is_counted_from, from, NULL };
      guint n = i == 0 ? 1 : i == 4 ? 20000 : 1000;

      connect_to (sender, to);
      if (i % 2 != 0)
        run_for (session, 70 * i); /* some packets in a block of the ring's already, or none */
      for (guint j = 0; j < n; j++)
        g_assert_cmpint (send (sender, "0123456789", 10, 0), ==, 10);
      gint64 before_us = g_get_monotonic_time ();
      pl_session_stop (session);
      gint64 took_us = g_get_monotonic_time () - before_us;
      send (sender, "late", 4, 0);
      run_for (session, 50);
      g_assert_true (finds (session, &search));
      g_test_message ("%u of %u are counted; the stop took %.1f ms",
                      (guint)search.found->flow.sent[search.found->local_end].packets, n, took_us / 1e3);
      g_assert_cmpuint (search.found->flow.sent[search.found->local_end].packets, ==, n);
      g_assert_cmpuint (search.found->flow.sent[search.found->local_end].payload_bytes, ==, 10 * n);
      if (is_helper)
        {
          const PlModelTotals *totals = pl_model_get_totals (pl_session_get_model (session));

          g_assert_cmpuint (totals->kernel_dropped, ==, 0);
          g_assert_cmpuint (totals->unread, ==, 0);
        }
      close (sender);
      close (receiver);
    }
  g_assert_finalize_object (session);
  end_children ();
}

/* A helper that stands still, or is gone, keeps no stop waiting for long; one that wakes up again serves the next capture. */
static void
test_helper_stalls (void)
{
  PlSession *session = pl_session_new ();
  guint16 from, to;
  int sender, receiver;
  pid_t pid;

  if (!open_loopback (session, PL_OPEN_HELPER))
    {
      g_assert_finalize_object (session);
      return;
    }
  sender = make_socket (SOCK_DGRAM, &from);
  receiver = make_socket (SOCK_DGRAM, &to);
  connect_to (sender, to);
  g_assert_true (find_child (&pid));
  for (guint i = 0; i < 3; i++)
    {
      gint64 before_us, took_us;

      for (guint j = 0; j < 3000; j++)
        send (sender, "x", 1, 0);
      g_assert_no_errno (kill (pid, i < 2 ? SIGSTOP : SIGKILL));
      before_us = g_get_monotonic_time ();
      pl_session_stop (session);
      took_us = g_get_monotonic_time () - before_us;
      g_test_message ("the stop took %.1f ms", took_us / 1e3);
      g_assert_cmpint (took_us, <, 2 * PL_LIMIT_STOP_US);
      if (i == 2)
        break;
      run_for (session, 50);
      g_assert_cmpuint (pl_model_get_totals (pl_session_get_model (session))->unread, ==, G_MAXUINT64);
      g_assert_no_errno (kill (pid, SIGCONT));
      open_loopback (session, PL_OPEN_HELPER);
    }
  close (sender);
  close (receiver);
  g_assert_finalize_object (session);
  end_children ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/session/stop/device", GINT_TO_POINTER (PL_OPEN_DEVICE), test_stop);
  g_test_add_data_func ("/session/stop/helper", GINT_TO_POINTER (PL_OPEN_HELPER), test_stop);
  g_test_add_func ("/session/stop/helper-stalls", test_helper_stalls);
  return g_test_run ();
}
