/* What the owner tests share. */
#include "owner-fixture.h"

#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>

#define TOLD_MS 10000

/* The owner thread is one of this process, which holds the sockets as well: one opened beside a descriptor of that thread's has a
 * number above one that is free soon, as if it had been passed here. */
static void
wait_for_rest (void)
{
  int lowest = -1;
  for (guint n_same = 0; n_same < 20;)
    {
      int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
      n_same = fd == lowest ? n_same + 1 : 0;
      lowest = fd;
      close (fd);
      g_usleep (1000);
    }
}

/* Returns when the thread is at work, as it is when packets come: what happened before is less sure. */
void
set_up (Fixture *fixture, gconstpointer data)
{
  PlOwnerStats stats = { 0 };
  fixture->owners = pl_owners_new ();
  fixture->sockets = NULL;
  for (gint64 until_us = g_get_monotonic_time () + PATIENCE_US;
       stats.full_scans == 0 && g_get_monotonic_time () < until_us; g_usleep (1000))
    pl_owners_get_stats (fixture->owners, &stats);
  wait_for_rest ();
}

void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->sockets, g_array_unref);
  pl_owners_free (fixture->owners);
}

static void
raise_loopback (void)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (ioctl (fd, SIOCSIFFLAGS, &request), ==, 0);
  close (fd);
}

void
be_alone (void)
{
  if (geteuid () != 0 || unshare (CLONE_NEWNET) != 0)
    return;
  raise_loopback ();
  int fd = open ("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC); /* of the new namespace */
  g_assert_cmpint (write (fd, "0 2147483647", 12), ==, 12);
  close (fd);
}

void
drop_user (void)
{
  const char *text = g_getenv ("PL_TEST_UID");
  if (text == NULL || geteuid () != 0)
    return;
  uid_t uid = (uid_t)atoi (text);
  g_assert_cmpint (setgroups (0, NULL), ==, 0);
  g_assert_cmpint (setresgid (uid, uid, uid), ==, 0);
  g_assert_cmpint (setresuid (uid, uid, uid), ==, 0);
  prctl (PR_SET_DUMPABLE, 1);
}

/* ---- sockets ---- */

socklen_t
make_sockaddr (const char *address, guint16 port, struct sockaddr_storage *storage)
{
  struct sockaddr_in *in = (void *)storage;
  struct sockaddr_in6 *in6 = (void *)storage;
  memset (storage, 0, sizeof *storage);
  if (strchr (address, ':') == NULL)
    {
      in->sin_family = AF_INET;
      in->sin_port = htons (port);
      g_assert_cmpint (inet_pton (AF_INET, address, &in->sin_addr), ==, 1);
      return sizeof *in;
    }
  in6->sin6_family = AF_INET6;
  in6->sin6_port = htons (port);
  g_assert_cmpint (inet_pton (AF_INET6, address, &in6->sin6_addr), ==, 1);
  return sizeof *in6;
}

PlAddr
addr_of (int fd, gboolean peer, guint16 *port)
{
  struct sockaddr_storage storage = { 0 };
  socklen_t length = sizeof storage;
  int result = peer ? getpeername (fd, (struct sockaddr *)&storage, &length)
                    : getsockname (fd, (struct sockaddr *)&storage, &length);
  g_assert_cmpint (result, ==, 0);
  if (storage.ss_family == AF_INET)
    {
      const struct sockaddr_in *in = (const void *)&storage;
      *port = ntohs (in->sin_port);
      return pl_addr_from_v4 ((const guint8 *)&in->sin_addr);
    }
  const struct sockaddr_in6 *in6 = (const void *)&storage;
  *port = ntohs (in6->sin6_port);
  return pl_addr_from_v6 (in6->sin6_addr.s6_addr);
}

int
open_bound (int type, const char *address, guint16 *port, gboolean reuse_port)
{
  struct sockaddr_storage storage;
  socklen_t length = make_sockaddr (address, *port, &storage);
  int one = 1, off = 0;
  int fd = socket (storage.ss_family, type | SOCK_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  if (storage.ss_family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (reuse_port)
    g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one), ==, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&storage, length), ==, 0);
  if (type == SOCK_STREAM)
    g_assert_cmpint (listen (fd, 16), ==, 0);
  addr_of (fd, FALSE, port);
  return fd;
}

int
open_connected (int type, const char *address, guint16 port)
{
  struct sockaddr_storage storage;
  socklen_t length = make_sockaddr (address, port, &storage);
  int fd = socket (storage.ss_family, type | SOCK_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *)&storage, length), ==, 0);
  return fd;
}

/* ---- children ---- */

Child
start_child (ChildFunc func, gconstpointer data)
{
  Child child = { 0 };
  int from[2];
  g_assert_cmpint (pipe (from), ==, 0);
  child.pid = fork ();
  g_assert_cmpint (child.pid, >=, 0);
  if (child.pid == 0)
    {
      guint16 port = 0;
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      close (from[0]);
      int fd = func (data);
      if (fd >= 0)
        addr_of (fd, FALSE, &port);
      if (write (from[1], &port, sizeof port) == sizeof port)
        pause ();
      _exit (0);
    }
  close (from[1]);
  child.from_fd = from[0];
  g_assert_cmpint (read (child.from_fd, &child.port, sizeof child.port), ==, sizeof child.port);
  return child;
}

typedef struct
{
  guint16 port;
  gboolean has_own_fds;
  int told_fd;
} ThreadHolder;

static void *
call_and_tell (void *data)
{
  const ThreadHolder *holder = data;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (holder->has_own_fds && unshare (CLONE_FILES) != 0)
    _exit (1);
  PlOwnerQuestion question = question_of (open_connected (SOCK_STREAM, "127.0.0.1", holder->port), PL_PROTO_TCP);
  g_assert_cmpint (write (holder->told_fd, &question, sizeof question), ==, sizeof question);
  for (;;)
    pause ();
}

pid_t
start_thread_holder (guint16 port, gboolean has_own_fds, PlOwnerQuestion *question)
{
  int to[2];
  g_assert_cmpint (pipe (to), ==, 0);
  ThreadHolder holder = { port, has_own_fds, to[1] };
  struct pollfd told = { .fd = to[0], .events = POLLIN };
  for (;;)
    {
      pid_t child = fork ();
      if (child == 0)
        {
          pthread_t thread;
          pthread_create (&thread, NULL, call_and_tell, &holder);
          if (has_own_fds)
            pause ();
          pthread_exit (NULL);
        }
      /* Another thread may have held a sanitizer's lock just then, for which this child waits for ever. */
      if (poll (&told, 1, TOLD_MS) == 1)
        {
          g_assert_cmpint (read (to[0], question, sizeof *question), ==, sizeof *question);
          close (to[0]);
          close (to[1]);
          return child;
        }
      kill (child, SIGKILL);
      waitpid (child, NULL, 0);
    }
}

void
end_child (Child *child)
{
  kill (child->pid, SIGKILL);
  close (child->from_fd);
  g_assert_cmpint (waitpid (child->pid, NULL, 0), ==, child->pid);
}

/* ---- questions ---- */

static guint64
next_id (void)
{
  return (guint64)g_get_monotonic_time ();
}

PlOwnerQuestion
make_question (guint8 proto, const char *local, guint16 local_port, const char *remote, guint16 remote_port)
{
  PlOwnerQuestion question = { .flow_id = next_id (), .asked_us = g_get_monotonic_time (), .both_local = TRUE };
  PlAddr local_addr, remote_addr;
  g_assert_true (pl_addr_parse (local, &local_addr));
  g_assert_true (pl_addr_parse (remote, &remote_addr));
  question.initiator_end = (guint8)pl_flow_key_from_ends (proto, PL_KIND_PORTS, &local_addr, local_port, &remote_addr,
                                                          remote_port, 0, &question.key);
  question.local_end = question.initiator_end;
  return question;
}

PlOwnerQuestion
question_of (int fd, guint8 proto)
{
  char local_text[PL_ADDR_STRLEN], remote_text[PL_ADDR_STRLEN];
  guint16 local_port, remote_port;
  PlAddr local = addr_of (fd, FALSE, &local_port), remote = addr_of (fd, TRUE, &remote_port);
  return make_question (proto, pl_addr_format (&local, local_text), local_port, pl_addr_format (&remote, remote_text),
                        remote_port);
}

/* Takes answers to @question as they come; those to others are from before and dropped. FALSE when the time is over. */
static gboolean
wait_answer (Fixture *fixture, const PlOwnerQuestion *question, gint64 until_us, Answers *answers)
{
  struct pollfd ready = { .fd = pl_owners_get_fd (fixture->owners), .events = POLLIN };
  poll (&ready, 1, (int)CLAMP ((until_us - g_get_monotonic_time ()) / 1000, 0, 1000));
  g_autoptr (GArray) some = pl_owners_take_answers (fixture->owners);
  for (guint i = 0; some != NULL && i < some->len; i++)
    {
      PlOwnerAnswer *answer = &g_array_index (some, PlOwnerAnswer, i);
      if (answer->flow_id != question->flow_id)
        continue;
      gboolean is_caller = answer->end == question->initiator_end;
      PlOwnerAnswer *place = is_caller ? &answers->caller : &answers->called;
      pl_process_unref (place->process);
      *place = *answer;
      answer->process = NULL;
      if (is_caller)
        answers->n_caller++;
      else
        answers->n_called++;
    }
  return g_get_monotonic_time () < until_us;
}

Answers
ask (Fixture *fixture, const PlOwnerQuestion *question)
{
  Answers answers = { 0 };
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;
  g_assert_true (pl_owners_ask (fixture->owners, question));
  while ((answers.n_caller == 0 || answers.n_called == 0) && wait_answer (fixture, question, until_us, &answers))
    continue;
  g_assert_cmpuint (answers.n_caller, ==, 1);
  g_assert_cmpuint (answers.n_called, >=, 1);
  return answers;
}

void
answers_clear (Answers *answers)
{
  pl_process_unref (answers->caller.process);
  pl_process_unref (answers->called.process);
}

gboolean
wait_second_answer (Fixture *fixture, const PlOwnerQuestion *question, int ms, PlOwnerAnswer *answer)
{
  Answers answers = { 0 };
  gint64 until_us = g_get_monotonic_time () + ms * 1000;
  while (answers.n_called == 0 && wait_answer (fixture, question, until_us, &answers))
    continue;
  g_assert_cmpuint (answers.n_caller, ==, 0);
  *answer = answers.called;
  return answers.n_called > 0;
}

gboolean
wait_socket (Fixture *fixture, gboolean (*func) (const PlSocket *socket, gpointer data), gpointer data)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;
  while (g_get_monotonic_time () < until_us)
    {
      for (guint i = 0; fixture->sockets != NULL && i < fixture->sockets->len; i++)
        if (func (&g_array_index (fixture->sockets, PlSocket, i), data))
          return TRUE;
      struct pollfd ready = { .fd = pl_owners_get_fd (fixture->owners), .events = POLLIN };
      poll (&ready, 1, 100);
      GArray *sockets = pl_owners_take_sockets (fixture->owners);
      if (sockets == NULL)
        continue;
      g_clear_pointer (&fixture->sockets, g_array_unref);
      fixture->sockets = sockets;
    }
  g_autofree char *error = pl_owners_dup_sockets_error (fixture->owners);
  g_test_message ("sockets error: %s", error != NULL ? error : "none");
  return FALSE;
}
