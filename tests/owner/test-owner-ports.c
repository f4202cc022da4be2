/* Ports that several sockets have, at once or one after another. Each case fails on a wrong process; a missing one is allowed only
 * where nobody could know. Runs as root and as an ordinary user. */
#include "first-scan.h"
#include "owner-fixture.h"

#include <pthread.h>
#include <signal.h>

typedef struct
{
  int type;
  guint16 port;
} Shared;

static int
bind_shared (gconstpointer data)
{
  const Shared *shared = data;
  guint16 port = shared->port;
  return open_bound (shared->type, "127.0.0.1", &port, TRUE);
}

/* Nobody can tell which of two sockets on one port has sent: the app at most, no pid. */
static void
test_reuseport_udp (Fixture *fixture, gconstpointer data)
{
  Shared shared = { SOCK_DGRAM, 0 };
  Child first = start_child (bind_shared, &shared);
  shared.port = first.port;
  Child second = start_child (bind_shared, &shared);
  for (guint16 port = 1; port < 20; port++)
    {
      PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", first.port, "127.0.0.1", port);
      g_auto (Answers) answers = ask (fixture, &question);
      g_assert_cmpuint (answers.caller.confidence, <=, PL_CONFIDENCE_LIKELY);
      g_assert_true (answers.caller.process == NULL || answers.caller.process->pid == 0);
    }
  end_child (&first);
  /* With one of them gone the other is sure, as soon as the kernel has told of that end, which it does from a queue of its own:
   * until then a packet may be the first one's, and is nobody's. */
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;
  gboolean is_named = FALSE;
  for (guint n = 1; !is_named; n++)
    {
      PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", second.port, "127.0.0.1", 1);
      g_auto (Answers) answers = ask (fixture, &question);
      is_named = answers.caller.process != NULL && answers.caller.process->pid != 0;
      if (is_named)
        g_assert_cmpint (answers.caller.process->pid, ==, second.pid);
      else
        g_test_message ("nobody at question %u", n);
      g_assert_true (is_named || g_get_monotonic_time () < until_us);
    }
  end_child (&second);
}

typedef struct
{
  const char *address;
  gboolean is_bound; /* to the loopback device */
  guint16 port;
} OfFamily;

static int
bind_of_family (gconstpointer data)
{
  const OfFamily *of = data;
  guint16 port = of->port;
  int fd = open_bound (SOCK_DGRAM, of->address, &port, TRUE);
  if (of->is_bound && setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof "lo") != 0)
    g_test_message ("may not be bound to a device: it is not");
  return fd;
}

/* A socket of IPv6 sends from the same port of IPv4, too. */
static void
test_rival_of_ipv6 (Fixture *fixture, gconstpointer data)
{
  static const OfFamily rivals[] = {
    { "::", FALSE, 0 }, { "::ffff:127.0.0.1", FALSE, 0 }, { "::", TRUE, 0 }, { "::ffff:127.0.0.1", TRUE, 0 }
  };
  for (guint i = 0; i < 2 * G_N_ELEMENTS (rivals); i++)
    {
      OfFamily one = { i % 2 == 0 ? "0.0.0.0" : "127.0.0.1", FALSE, 0 }, other = rivals[i / 2];
      Child first = start_child (bind_of_family, &one);
      other.port = first.port;
      Child second = start_child (bind_of_family, &other);
      PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", first.port, "127.0.0.1", 1);
      g_auto (Answers) answers = ask (fixture, &question);
      g_test_message ("%s and %s: %u", one.address, other.address, answers.caller.confidence);
      g_assert_cmpuint (answers.caller.confidence, <=, PL_CONFIDENCE_LIKELY);
      g_assert_true (answers.caller.process == NULL || answers.caller.process->pid == 0);
      end_child (&first);
      end_child (&second);
    }
}

typedef struct
{
  int listener; /* or the port to listen at, 0 for any */
  int report_fd; /* which gets the pid of whoever accepted */
} Sharer;

static int
accept_shared (gconstpointer data)
{
  const Sharer *sharer = data;
  guint16 port = (guint16)sharer->listener;
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, TRUE);
  pid_t pid = fork ();
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      for (;;)
        {
          pid = getpid ();
          if (accept4 (listener, NULL, NULL, SOCK_CLOEXEC) < 0 || write (sharer->report_fd, &pid, sizeof pid) < 0)
            _exit (0);
        }
    }
  return listener;
}

/* Two listeners on one port, each with a worker: no pid until the connection was accepted, and then the right one. */
static void
test_reuseport_tcp (Fixture *fixture, gconstpointer data)
{
  int pipe_fds[2];
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  Sharer sharer = { .listener = 0, .report_fd = pipe_fds[1] };
  Child first = start_child (accept_shared, &sharer);
  sharer.listener = first.port;
  Child second = start_child (accept_shared, &sharer);
  for (int i = 0; i < 8; i++)
    {
      pid_t taker;
      PlOwnerAnswer later = { 0 };
      int client = open_connected (SOCK_STREAM, "127.0.0.1", first.port);
      PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
      g_auto (Answers) answers = ask (fixture, &question);
      g_assert_cmpint (read (pipe_fds[0], &taker, sizeof taker), ==, sizeof taker);
      if (answers.called.process != NULL && answers.called.process->pid != 0)
        g_assert_cmpint (answers.called.process->pid, ==, taker);
      else
        g_assert_cmpuint (answers.called.confidence, <=, PL_CONFIDENCE_LIKELY);
      if (wait_second_answer (fixture, &question, 200, &later))
        g_assert_cmpint (later.process->pid, ==, taker);
      pl_process_unref (later.process);
      close (client);
    }
  end_child (&first);
  end_child (&second);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

static void *
accept_and_tell (void *data)
{
  const Sharer *sharer = data;
  pid_t pid = getpid ();
  while (accept4 (sharer->listener, NULL, NULL, SOCK_CLOEXEC) >= 0 && write (sharer->report_fd, &pid, sizeof pid) > 0)
    continue;
  return NULL;
}

static int
accept_alone (gconstpointer data)
{
  static Sharer own;
  guint16 port = (guint16)((const Sharer *)data)->listener;
  pthread_t thread;
  own = (Sharer){ open_bound (SOCK_STREAM, "127.0.0.1", &port, TRUE), ((const Sharer *)data)->report_fd };
  return pthread_create (&thread, NULL, accept_and_tell, &own) == 0 ? own.listener : -1;
}

/* As a server is restarted without a gap: the port had one listener until just now, and has two. What is asked while nobody has
 * accepted yet is not answered from memory. */
static void
test_second_listener (Fixture *fixture, gconstpointer data)
{
  int pipe_fds[2];
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  Sharer sharer = { .listener = 0, .report_fd = pipe_fds[1] };
  Child first = start_child (accept_alone, &sharer), second = { 0 };
  sharer.listener = first.port;
  for (int i = 0; i < 12; i++)
    {
      pid_t taker;
      if (i == 4)
        second = start_child (accept_alone, &sharer);
      kill (first.pid, SIGSTOP);
      if (second.pid != 0)
        kill (second.pid, SIGSTOP);
      int client = open_connected (SOCK_STREAM, "127.0.0.1", first.port);
      PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
      g_auto (Answers) answers = ask (fixture, &question);
      kill (first.pid, SIGCONT);
      if (second.pid != 0)
        kill (second.pid, SIGCONT);
      g_assert_cmpint (read (pipe_fds[0], &taker, sizeof taker), ==, sizeof taker);
      if (answers.called.process != NULL && answers.called.process->pid != 0)
        g_assert_cmpint (answers.called.process->pid, ==, taker);
      close (client);
    }
  end_child (&first);
  end_child (&second);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

/* A port that another process took over since the packet went out: the newcomer did not send it. */
static void
test_port_used_again (Fixture *fixture, gconstpointer data)
{
  Shared shared = { SOCK_DGRAM, 0 };
  Child first = start_child (bind_shared, &shared);
  shared.port = first.port;
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", first.port, "127.0.0.1", 9);
  end_child (&first);
  g_usleep (30000); /* start times count in hundredths of a second */
  Child second = start_child (bind_shared, &shared);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_null (answers.caller.process);
  g_assert_cmpuint (answers.caller.uid, ==, PL_UNKNOWN_U32);
  end_child (&second);
}

/* Another socket comes to the port at once, without a pause by which the capture could notice: packets of both may have been
 * counted as one flow's, so that the name is taken back. */
static void
test_port_changed_hands (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  gboolean is_taken_back = FALSE;
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;
  int fd = open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", port, "127.0.0.1", 9);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_EXACT);
  close (fd);
  fd = open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
  while (!is_taken_back && g_get_monotonic_time () < until_us)
    {
      struct pollfd ready = { .fd = pl_owners_get_fd (fixture->owners), .events = POLLIN };
      poll (&ready, 1, 1000);
      g_autoptr (GArray) some = pl_owners_take_answers (fixture->owners);
      for (guint i = 0; some != NULL && i < some->len; i++)
        {
          const PlOwnerAnswer *answer = &g_array_index (some, PlOwnerAnswer, i);
          is_taken_back |= answer->flow_id == question.flow_id && answer->end == question.initiator_end
                           && answer->is_revision && answer->process == NULL;
        }
    }
  g_assert_true (is_taken_back);
  PlPortReuse reuse;
  g_assert_cmpuint (pl_owners_take_reuses (fixture->owners, &reuse, 1), ==, 1);
  g_assert_true (pl_flow_key_equal (&reuse.key, &question.key));
  close (fd);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  be_alone ();
  drop_user ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/ports/reuseport-udp", test_reuseport_udp);
  ADD ("/ports/rival-of-ipv6", test_rival_of_ipv6);
  ADD ("/ports/reuseport-tcp", test_reuseport_tcp);
  ADD ("/ports/second-listener", test_second_listener);
  ADD ("/ports/port-used-again", test_port_used_again);
  ADD ("/ports/port-changed-hands", test_port_changed_hands);
  return g_test_run ();
}
