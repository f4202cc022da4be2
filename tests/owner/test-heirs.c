/* A socket that several processes had after fork(2), of whom one used it and ended before anybody looked: who is alone with it by then is
 * not named for sure. As root, an ordinary user, and where the kernel tells no news of processes. */
#include "owner-fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

/* What processes tell each other. */
typedef struct
{
  gint32 heir_pid;
  guint64 sent_us; /* by the wall clock */
  guint16 port;
} Shared;

static Shared *
share (void)
{
  return mmap (NULL, sizeof (Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* Has the kernel's news of processes followed, as while there are packets. */
static void
follow_news (Fixture *fixture)
{
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", 40000, "127.0.0.1", 9);
  Answers answers = ask (fixture, &question);
  answers_clear (&answers);
  g_usleep (100000);
}

static gboolean
is_orphan_of_init (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid), *text = NULL;
  int parent = 0;
  return g_file_get_contents (path, &text, NULL, NULL) && sscanf (strrchr (text, ')'), ") %*c %d", &parent) == 1
         && parent == 1;
}

/* Starts a program that is left with the socket, sends, and is gone. */
static void
leave_it (Shared *shared)
{
  int fd = open_bound (SOCK_DGRAM, "127.0.0.1", &shared->port, FALSE);
  struct sockaddr_storage to;
  socklen_t length = make_sockaddr ("127.0.0.1", 9, &to);
  fcntl (fd, F_SETFD, 0);
  pid_t heir = fork ();
  if (heir == 0)
    {
      execlp ("sleep", "sleep", "30", NULL);
      _exit (1);
    }
  shared->heir_pid = heir;
  g_usleep (100000);
  shared->sent_us = (guint64)g_get_real_time ();
  sendto (fd, "x", 1, 0, (struct sockaddr *)&to, length);
  _exit (0);
}

static void
test_left_alone (Fixture *fixture, gconstpointer data)
{
  Shared *shared = share ();
  follow_news (fixture);
  pid_t child = fork ();
  if (child == 0)
    leave_it (shared);
  waitpid (child, NULL, 0);
  g_assert_cmpint (shared->heir_pid, >, 0);
  gboolean can_be_told = is_orphan_of_init (shared->heir_pid);
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", shared->port, "127.0.0.1", 9);
  question.first_us = shared->sent_us;
  g_auto (Answers) answers = ask (fixture, &question);
  kill (shared->heir_pid, SIGKILL);
  if (can_be_told)
    g_assert_cmpuint (answers.caller.confidence, <=, PL_CONFIDENCE_LIKELY);
  else
    g_test_skip ("orphans here are taken over by another process than the first");
  munmap (shared, sizeof *shared);
}

/* A child sends from the socket of its parent, which is asked about when the child is gone. */
static void
test_child_gone (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  follow_news (fixture);
  int fd = open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
  struct sockaddr_storage to;
  socklen_t length = make_sockaddr ("127.0.0.1", 9, &to);
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", port, "127.0.0.1", 9);
  fcntl (fd, F_SETFD, 0);
  question.first_us = (guint64)g_get_real_time ();
  pid_t child = fork ();
  if (child == 0)
    _exit (sendto (fd, "x", 1, 0, (struct sockaddr *)&to, length) == 1 ? 0 : 1);
  waitpid (child, NULL, 0);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, 0); /* ours would be wrong */
  g_assert_cmpstr (answers.caller.process->comm, ==, "test-heirs");
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_LIKELY);
  close (fd);
}

/* A child of who closed it is left with a socket that a brother of that one sent from, who has ended. */
static void
test_nephew_left (Fixture *fixture, gconstpointer data)
{
  Shared *shared = share ();
  follow_news (fixture);
  int fd = open_bound (SOCK_DGRAM, "127.0.0.1", &shared->port, FALSE), ready[2];
  struct sockaddr_storage to;
  socklen_t length = make_sockaddr ("127.0.0.1", 9, &to);
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", shared->port, "127.0.0.1", 9);
  g_assert_no_errno (pipe (ready));
  pid_t brother = fork ();
  if (brother == 0)
    {
      close (ready[0]);
      pid_t heir = fork ();
      if (heir != 0)
        {
          shared->heir_pid = heir;
          close (fd);
        }
      close (ready[1]);
      pause ();
    }
  close (ready[1]);
  char byte;
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 0);
  question.first_us = (guint64)g_get_real_time ();
  pid_t uncle = fork ();
  if (uncle == 0)
    _exit (sendto (fd, "x", 1, 0, (struct sockaddr *)&to, length) == 1 ? 0 : 1);
  close (fd);
  waitpid (uncle, NULL, 0);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_cmpint (shared->heir_pid, >, 0);
  prctl (PR_SET_CHILD_SUBREAPER, 1); /* whose end the next test would take for a relative's */
  kill (brother, SIGKILL);
  kill (shared->heir_pid, SIGKILL);
  waitpid (brother, NULL, 0);
  waitpid (shared->heir_pid, NULL, 0);
  prctl (PR_SET_CHILD_SUBREAPER, 0);
  g_assert_cmpuint (answers.caller.confidence, <=, PL_CONFIDENCE_LIKELY);
  g_assert_true (answers.caller.process == NULL || answers.caller.process->pid == 0);
  close (ready[0]);
  munmap (shared, sizeof *shared);
}

static gboolean
is_exact_of_own (Fixture *fixture)
{
  guint16 port = 0;
  int fd = open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
  g_usleep (20000);
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", port, "127.0.0.1", 9);
  question.first_us = (guint64)g_get_real_time ();
  g_auto (Answers) answers = ask (fixture, &question);
  gboolean is_exact = answers.caller.confidence == PL_CONFIDENCE_EXACT;
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, is_exact ? getpid () : 0);
  close (fd);
  return is_exact;
}

/* A socket that exec(2) closes is who opened it's, whatever has begun and ended beside: once the kernel has told, on a busy machine late,
 * of whom the tests before ended. */
static void
test_kept_to_itself (Fixture *fixture, gconstpointer data)
{
  guint n = 1;
  while (!is_exact_of_own (fixture))
    g_assert_cmpuint (n++, <, 50);
}

int
main (int argc, char **argv)
{
  if (g_getenv ("PL_TEST_OWN_NETWORK") != NULL)
    be_alone ();
  drop_user ();
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/heirs/left-alone", Fixture, NULL, set_up, test_left_alone, tear_down);
  g_test_add ("/heirs/child-gone", Fixture, NULL, set_up, test_child_gone, tear_down);
  g_test_add ("/heirs/kept-to-itself", Fixture, NULL, set_up, test_kept_to_itself, tear_down);
  g_test_add ("/heirs/nephew-left", Fixture, NULL, set_up, test_nephew_left, tear_down);
  return g_test_run ();
}
