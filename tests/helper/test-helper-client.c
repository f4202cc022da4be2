/* The app's side of portlight-helper: found, started, cancelled, freed in every order, with the real helper where we are
 * root and with small stand-ins for pkexec and for helpers that misbehave where it is the client's words that are tested. */
#include "helper-client.h"
#include "protocol.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  PlHelperClient *client;
  GError *error;
  gboolean is_done;
} Start;

static void
on_started (GObject *object, GAsyncResult *result, gpointer data)
{
  Start *start = data;

  start->client = pl_helper_client_start_finish (result, &start->error);
  start->is_done = TRUE;
  g_main_context_wakeup (NULL);
}

static void
start_and_wait (Start *start, GCancellable *cancellable)
{
  *start = (Start){ 0 };
  pl_helper_client_start_async ("lo", cancellable, on_started, start);
  while (!start->is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true ((start->client == NULL) == (start->error != NULL));
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Iterates until no child is left, at most 5 s: the client has to have reaped them, so that wait() finds none. */
static void
assert_no_children (void)
{
  gint64 until_us = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  siginfo_t info = { 0 };

  while (waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (2000);
    }
  g_assert_cmpint (errno, ==, ECHILD);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static gboolean
may_capture (void)
{
  if (geteuid () == 0)
    return TRUE;
  g_test_skip ("needs root: the real helper opens packet sockets");
  return FALSE;
}

static void
read_exactly (int fd, void *bytes, gsize n_bytes)
{
  for (gsize n_read = 0; n_read < n_bytes;)
    {
      struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

      g_assert_cmpint (poll (&poll_fd, 1, 5000), ==, 1);
      gssize n = read (fd, (char *)bytes + n_read, n_bytes - n_read);
      g_assert_cmpint (n, >, 0);
      n_read += n;
    }
}

static void
test_start (void)
{
  struct pl_helper_header hello;
  guint32 pcap[6];
  Start start;

  if (!may_capture ())
    return;
  g_assert_false (pl_helper_client_will_ask ());
  start_and_wait (&start, NULL); /* GLib keeps two descriptors for children from its first one on */
  g_assert_no_error (start.error);
  pl_helper_client_free (start.client);
  assert_no_children ();
  guint n_fds = count_descriptors ();
  start_and_wait (&start, NULL);
  g_assert_no_error (start.error);
  int stream = pl_helper_client_steal_stream (start.client), channel = pl_helper_client_steal_channel (start.client);
  g_assert_cmpint (pl_helper_client_steal_stream (start.client), ==, -1);
  g_assert_cmpint (recv (channel, &hello, sizeof hello, MSG_DONTWAIT), ==, sizeof hello);
  g_assert_cmpint (hello.version, ==, PL_HELPER_PROTOCOL);
  g_assert_cmpint (hello.type, ==, PL_HELPER_HELLO);
  read_exactly (stream, pcap, sizeof pcap);
  g_assert_cmphex (pcap[0], ==, 0xa1b2c3d4);
  g_assert_cmpuint (pcap[5], ==, 276); /* LINKTYPE_LINUX_SLL2 */
  g_assert_true (fcntl (stream, F_GETFD) & FD_CLOEXEC);
  g_assert_true (fcntl (channel, F_GETFD) & FD_CLOEXEC);
  pl_helper_client_free (start.client); /* ends it although the duplicates are still open */
  struct pollfd ended = { .fd = channel, .events = POLLIN };
  g_assert_cmpint (poll (&ended, 1, 1000), ==, 1);
  assert_no_children ();
  close (stream);
  close (channel);
  g_assert_cmpuint (count_descriptors (), ==, n_fds);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper-client/start", test_start);
  return g_test_run ();
}
