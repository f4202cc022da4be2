/* The app's side of portlight-helper: found, started, cancelled, freed in every order, with the real helper where we are
 * root and with small stand-ins for pkexec and for helpers that misbehave where it is the client's words that are tested. */
#include "helper-client.h"
#include "protocol.h"
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

/* As root the client starts the helper itself; what it does by pkexec is in test-polkit.sh. */
static gboolean
is_root (void)
{
  if (geteuid () == 0)
    return TRUE;
  g_test_skip ("needs root: the helper is started directly");
  return FALSE;
}

/* A program that stands in for a helper that misbehaves. It is the one that is found until drop_stand_in(). */
static void
set_stand_in (const char *script)
{
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, "\n", NULL);
  g_autofree char *dir = g_dir_make_tmp ("pl-helper-client-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "portlight-helper", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
  g_setenv ("PORTLIGHT_HELPER", path, TRUE);
}

static void
drop_stand_in (const char *real)
{
  g_autofree char *dir = g_path_get_dirname (g_getenv ("PORTLIGHT_HELPER"));

  g_assert_no_errno (g_unlink (g_getenv ("PORTLIGHT_HELPER")));
  g_assert_no_errno (g_rmdir (dir));
  g_setenv ("PORTLIGHT_HELPER", real, TRUE);
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
  guint32 pcap[6];
  Start start;

  if (!is_root ())
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

/* Whether @channel has something to read in two seconds of the main loop; it stays there. */
static gboolean
has_message (int channel)
{
  guint8 byte;

  for (gint64 start_us = g_get_monotonic_time (); g_get_monotonic_time () - start_us < 2 * G_USEC_PER_SEC;)
    {
      g_main_context_iteration (NULL, FALSE);
      if (recv (channel, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) > 0)
        return TRUE;
      g_usleep (1000);
    }
  return FALSE;
}

/* Whoever captures reads what the helper says. At rest the main loop does, so that the helper knows that somebody is there. */
static void
test_rest (void)
{
  static const struct pl_helper_header end = { .version = PL_HELPER_PROTOCOL, .type = PL_HELPER_END };
  Start start;

  if (!is_root ())
    return;
  start_and_wait (&start, NULL);
  g_assert_no_error (start.error);
  int channel = pl_helper_client_steal_channel (start.client);
  g_assert_cmpint (send (channel, &end, sizeof end, 0), ==, sizeof end); /* it answers with its counts */
  g_assert_true (has_message (channel));
  pl_helper_client_rest (start.client);
  pl_helper_client_rest (start.client);
  g_assert_false (has_message (channel));
  close (pl_helper_client_steal_channel (start.client));
  pl_helper_client_free (start.client);
  assert_no_children ();
  close (channel);
}

/* With the owners socket, and with nothing else. */
static void
test_owners (void)
{
  static const PlHelperClientFlags flags[] = { PL_HELPER_CLIENT_OWNERS,
                                               PL_HELPER_CLIENT_OWNERS | PL_HELPER_CLIENT_SOCKETS_ONLY };

  if (!is_root ())
    return;
  guint n_fds = count_descriptors ();
  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      Start start = { 0 };
      struct pl_helper_header header = { 0 };

      pl_helper_client_start_with_async ("lo", flags[i], NULL, on_started, &start);
      while (!start.is_done)
        g_main_context_iteration (NULL, TRUE);
      g_assert_no_error (start.error);
      int owners = pl_helper_client_steal_owners (start.client);
      g_assert_cmpint (pl_helper_client_steal_owners (start.client), ==, -1);
      g_assert_true (fcntl (owners, F_GETFD) & FD_CLOEXEC);
      while (header.type != PL_HELPER_READY)
        {
          struct pollfd poll_fd = { .fd = owners, .events = POLLIN };

          g_assert_cmpint (poll (&poll_fd, 1, 5000), ==, 1);
          g_assert_cmpint (recv (owners, &header, sizeof header, 0), ==, sizeof header);
        }
      pl_helper_client_free (start.client);
      assert_no_children ();
      for (gssize n_bytes = 1; n_bytes > 0;) /* the owner child ends with the helper */
        {
          struct pollfd poll_fd = { .fd = owners, .events = POLLIN };

          g_assert_cmpint (poll (&poll_fd, 1, 1000), ==, 1);
          n_bytes = recv (owners, &header, sizeof header, 0);
        }
      close (owners);
    }
  g_assert_cmpuint (count_descriptors (), ==, n_fds);
}

/* How each way to fail is put into words. */
static void
test_words (void)
{
  static const struct
  {
    const char *script;
    PlHelperClientError code;
    const char *words;
  } cases[] = {
    { "echo 'portlight-helper: the moon is down' >&2; exit 1", PL_HELPER_CLIENT_ERROR_FAILED,
      "The capture could not start: the moon is down." },
    { "echo noise >&2; printf 'portlight-helper: \\377last\\n' >&2; exit 1", PL_HELPER_CLIENT_ERROR_FAILED,
      "The capture could not start: \357\277\275last." },
    { "yes 'portlight-helper: too much' | head -n 20000 >&2; exit 1", PL_HELPER_CLIENT_ERROR_FAILED, "too much" },
    { "exit 1", PL_HELPER_CLIENT_ERROR_FAILED, "stopped without a word (status 1)" },
    { "exit 0", PL_HELPER_CLIENT_ERROR_FAILED, "stopped without a word (status 0)" },
    { "exit 126", PL_HELPER_CLIENT_ERROR_FAILED, "stopped without a word (status 126)" }, /* no pkexec was there */
    { "exit 3", PL_HELPER_CLIENT_ERROR_NO_RIGHT, "no right to capture here" },
    { "exit 2", PL_HELPER_CLIENT_ERROR_TOO_OLD, "is of another version" },
    { "kill -9 $$", PL_HELPER_CLIENT_ERROR_FAILED, "could not start: portlight-helper was stopped by signal 9" },
    { "exit 139", PL_HELPER_CLIENT_ERROR_FAILED, "could not start: portlight-helper was stopped by signal 11" },
    { "printf 'pcap'; sleep 9", PL_HELPER_CLIENT_ERROR_TOO_OLD, "is of another version" },
    { "printf '\\377\\377\\001\\000\\000\\000\\000\\000' >&0; printf 'pcap'; sleep 9", PL_HELPER_CLIENT_ERROR_TOO_OLD,
      "is of another version" },
    { "printf 'x' >&0; printf 'pcap'; sleep 9", PL_HELPER_CLIENT_ERROR_TOO_OLD, "is of another version" },
    { "exec >&-; exec 2>&-; sleep 0.1; exit 1", PL_HELPER_CLIENT_ERROR_FAILED, "stopped without a word" },
  };
  g_autofree char *real = g_strdup (g_getenv ("PORTLIGHT_HELPER"));

  if (!is_root ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Start start;

      g_test_message ("%s", cases[i].script);
      set_stand_in (cases[i].script);
      start_and_wait (&start, NULL);
      g_assert_error (start.error, PL_HELPER_CLIENT_ERROR, (int)cases[i].code);
      g_test_message ("%s", start.error->message);
      g_assert_nonnull (strstr (start.error->message, cases[i].words));
      g_assert_null (strchr (start.error->message, '\n'));
      g_clear_error (&start.error);
      assert_no_children ();
      drop_stand_in (real);
    }
}

static void
test_not_found (void)
{
  g_autofree char *real = g_strdup (g_getenv ("PORTLIGHT_HELPER"));
  Start start;

  g_setenv ("PORTLIGHT_HELPER", "/nonexistent/portlight-helper", TRUE);
  g_assert_false (pl_helper_client_will_ask ());
  start_and_wait (&start, NULL);
  g_assert_error (start.error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND);
  g_clear_error (&start.error);
  g_setenv ("PORTLIGHT_HELPER", "/", TRUE); /* a folder is none either */
  start_and_wait (&start, NULL);
  g_assert_error (start.error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_NOT_FOUND);
  g_clear_error (&start.error);
  g_setenv ("PORTLIGHT_HELPER", real, TRUE);
}

static void
test_not_executable (void)
{
  g_autofree char *real = g_strdup (g_getenv ("PORTLIGHT_HELPER"));
  Start start;

  if (!is_root ())
    return;
  set_stand_in ("exit 0");
  g_assert_no_errno (g_chmod (g_getenv ("PORTLIGHT_HELPER"), 0644));
  start_and_wait (&start, NULL);
  g_assert_error (start.error, PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_FAILED);
  g_test_message ("%s", start.error->message);
  g_clear_error (&start.error);
  drop_stand_in (real);
}

/* Without $PORTLIGHT_HELPER a program of the build tree takes the helper of its build. */
static void
test_of_this_build (void)
{
  g_autofree char *real = g_strdup (g_getenv ("PORTLIGHT_HELPER"));
  Start start;

  if (!is_root ())
    return;
  g_unsetenv ("PORTLIGHT_HELPER");
  start_and_wait (&start, NULL);
  g_assert_no_error (start.error);
  pl_helper_client_free (start.client);
  assert_no_children ();
  g_setenv ("PORTLIGHT_HELPER", real, TRUE);
}

typedef struct
{
  char *message;
  guint n;
} Ended;

static void
on_ended (PlHelperClient *client, const GError *error, gpointer data)
{
  Ended *ended = data;

  ended->message = g_strdup (error->message);
  ended->n++;
}

/* It dies after it had started. */
static void
test_ended (void)
{
  static const struct
  {
    const char *end, *words;
  } cases[] = { { "kill -9 $$", "stopped by signal 9" }, { "echo 'portlight-helper: enough' >&2; exit 1", "enough" } };
  g_autofree char *real = g_strdup (g_getenv ("PORTLIGHT_HELPER"));

  if (!is_root ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *script = g_strconcat (
          "printf '\\00" G_STRINGIFY (PL_HELPER_PROTOCOL) "\\000\\001\\000\\000\\000\\000\\000' >&0; printf 'pcap'; "
                                                          "sleep 0.3; ",
          cases[i].end, NULL);
      Ended ended = { 0 };
      Start start;

      set_stand_in (script);
      start_and_wait (&start, NULL);
      g_assert_no_error (start.error);
      pl_helper_client_watch (start.client, on_ended, &ended);
      while (ended.n == 0)
        g_main_context_iteration (NULL, TRUE);
      g_test_message ("%s", ended.message);
      g_assert_nonnull (strstr (ended.message, cases[i].words));
      pl_helper_client_free (start.client);
      assert_no_children ();
      g_assert_cmpuint (ended.n, ==, 1);
      g_free (ended.message);
      drop_stand_in (real);
    }
}

/* No end is told to a client that is freed. */
static void
test_freed_is_not_told (void)
{
  Ended ended = { 0 };
  Start start;

  if (!is_root ())
    return;
  start_and_wait (&start, NULL);
  g_assert_no_error (start.error);
  pl_helper_client_watch (start.client, on_ended, &ended);
  pl_helper_client_free (start.client);
  assert_no_children ();
  g_assert_cmpuint (ended.n, ==, 0);
}

static void
iterate (guint n_times)
{
  for (guint i = 0; i < n_times; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (g_test_rand_int_range (0, 2000));
    }
}

static void
wait_cancelled (Start *start)
{
  while (!start->is_done)
    g_main_context_iteration (NULL, TRUE);
  if (start->client != NULL) /* it was faster */
    g_clear_pointer (&start->client, pl_helper_client_free);
  else
    g_assert_error (start->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&start->error);
}

static void
one_order (guint order)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Start start = { 0 };
  int stream = -1, channel = -1;

  switch (order)
    {
    case 0: /* cancelled before it starts */
      g_cancellable_cancel (cancellable);
      pl_helper_client_start_async ("lo", cancellable, on_started, &start);
      wait_cancelled (&start);
      break;
    case 1: /* at once after */
      pl_helper_client_start_async ("lo", cancellable, on_started, &start);
      g_cancellable_cancel (cancellable);
      wait_cancelled (&start);
      break;
    case 2: /* somewhere on the way */
      pl_helper_client_start_async ("lo", cancellable, on_started, &start);
      iterate (g_test_rand_int_range (0, 30));
      g_cancellable_cancel (cancellable);
      wait_cancelled (&start);
      break;
    case 3: /* nobody takes it */
      pl_helper_client_start_async ("lo", cancellable, NULL, NULL);
      iterate (g_test_rand_int_range (0, 30));
      break;
    case 4: /* cancelled when it is long there: nothing happens */
      start_and_wait (&start, cancellable);
      g_cancellable_cancel (cancellable);
      iterate (2);
      pl_helper_client_free (start.client);
      break;
    case 5: /* descriptors taken, closed after */
    case 6: /* or before it is freed */
      start_and_wait (&start, cancellable);
      stream = pl_helper_client_steal_stream (start.client);
      channel = pl_helper_client_steal_channel (start.client);
      if (order == 5)
        pl_helper_client_free (start.client);
      close (stream);
      close (channel);
      if (order == 6)
        pl_helper_client_free (start.client);
      break;
    default: /* two at a time, freed with the other on its way */
      pl_helper_client_start_async ("lo", cancellable, on_started, &start);
      one_order (order - 6);
      wait_cancelled (&start);
      break;
    }
}

static void
test_every_order (void)
{
  g_autofree char *real = g_strdup (g_getenv ("PORTLIGHT_HELPER"));

  if (!is_root ())
    return;
  one_order (5);
  assert_no_children ();
  guint n_fds = count_descriptors ();
  for (guint i = 0; i < 100; i++)
    {
      gboolean is_silent = i % 10 < 3; /* as pkexec while it asks */

      if (is_silent)
        set_stand_in ("exec sleep 60");
      one_order (is_silent ? i % 3 : i % 12);
      if (i % 4 == 0 || is_silent)
        assert_no_children ();
      if (is_silent)
        drop_stand_in (real);
    }
  assert_no_children ();
  g_assert_cmpuint (count_descriptors (), ==, n_fds);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper-client/start", test_start);
  g_test_add_func ("/helper-client/owners", test_owners);
  g_test_add_func ("/helper/client/rest", test_rest);
  g_test_add_func ("/helper-client/words", test_words);
  g_test_add_func ("/helper-client/not-found", test_not_found);
  g_test_add_func ("/helper-client/not-executable", test_not_executable);
  g_test_add_func ("/helper-client/of-this-build", test_of_this_build);
  g_test_add_func ("/helper-client/ended", test_ended);
  g_test_add_func ("/helper-client/freed-is-not-told", test_freed_is_not_told);
  g_test_add_func ("/helper-client/every-order", test_every_order);
  return g_test_run ();
}
