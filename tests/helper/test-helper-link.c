/* The app's end of the owners socket, against a helper that tells without a pause and never answers. */
#include "helper-link.h"
#include "protocol.h"
#include <sys/socket.h>
#include <unistd.h>

#define N_TELLERS 3

/* Until nobody listens. */
static gpointer
tell (gpointer data)
{
  struct
  {
    struct pl_helper_header header;
    guint64 n_dropped;
  } message = { { PL_HELPER_PROTOCOL, PL_HELPER_RECORDS, sizeof message.n_dropped }, 0 };

  while (send (GPOINTER_TO_INT (data), &message, sizeof message, MSG_NOSIGNAL) == sizeof message)
    continue;
  return NULL;
}

static void
test_flood (void)
{
  struct pl_helper_header ready = { PL_HELPER_PROTOCOL, PL_HELPER_READY, 0 };
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (PlHelperPid));
  GThread *tellers[N_TELLERS];
  int pair[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
  PlHelperLink *link = pl_helper_link_new (pair[0]);
  g_assert_cmpint (send (pair[1], &ready, sizeof ready, 0), ==, sizeof ready);
  pl_helper_link_read (link);
  g_assert_true (pl_helper_link_is_ready (link));
  for (guint i = 0; i < N_TELLERS; i++)
    tellers[i] = g_thread_new ("tell", tell, GINT_TO_POINTER (pair[1]));
  g_usleep (20000); /* until the socket is full */
  gint64 before_us = g_get_monotonic_time ();
  pl_helper_link_list_processes (link, pids);
  gint64 took_us = g_get_monotonic_time () - before_us;
  g_test_message ("waited %.1f ms", took_us / 1e3);
  g_assert_cmpint (took_us, <, 500000);
  g_assert_cmpuint (pids->len, ==, 0);
  g_assert_cmpuint (pl_helper_link_get_n_unanswered (link), ==, 1);
  g_assert_true (pl_helper_link_is_slow (link));
  g_assert_cmpuint (pl_helper_link_get_n_lost (link), ==, 0);
  pl_helper_link_free (link);
  for (guint i = 0; i < N_TELLERS; i++)
    g_thread_join (tellers[i]);
  close (pair[1]);
}

/* It says that the descriptors of a process cannot be read, and lists one all the same: none is told, nor believed later. */
static void
test_unreadable_list (void)
{
  struct pl_helper_header ready = { PL_HELPER_PROTOCOL, PL_HELPER_READY, 0 };
  struct
  {
    struct pl_helper_header header;
    guint64 id;
    guint32 n_sockets, n_left;
    guint64 inode;
  } answer = { { PL_HELPER_PROTOCOL, PL_HELPER_SOCKETS, 3 * sizeof (guint64) }, 1, 1, G_MAXUINT32, 4711 };
  guint n_sockets = 0, n_left = 0;
  int pair[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
  PlHelperLink *link = pl_helper_link_new (pair[0]);
  g_assert_cmpint (send (pair[1], &ready, sizeof ready, 0), ==, sizeof ready);
  pl_helper_link_read (link);
  g_assert_cmpint (send (pair[1], &answer, sizeof answer, 0), ==, sizeof answer); /* to the question that comes */
  g_assert_null (pl_helper_link_get_sockets (link, 42, &n_sockets, &n_left));
  g_assert_cmpuint (n_sockets, ==, 0);
  answer.id = 2;
  g_assert_cmpint (send (pair[1], &answer, sizeof answer, 0), ==, sizeof answer);
  g_assert_false (pl_helper_link_holds (link, 42, 4711));
  answer.id = 3;
  answer.n_left = 0; /* the same list of one that can be read */
  g_assert_cmpint (send (pair[1], &answer, sizeof answer, 0), ==, sizeof answer);
  g_assert_true (pl_helper_link_holds (link, 42, 4711));
  pl_helper_link_free (link);
  close (pair[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper-link/flood", test_flood);
  g_test_add_func ("/helper-link/unreadable-list", test_unreadable_list);
  return g_test_run ();
}
