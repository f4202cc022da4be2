/* The owner thread against real sockets of this process and its children, on loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "owners.h"

typedef struct
{
  PlOwners *owners;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->owners = pl_owners_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pl_owners_free (fixture->owners);
}

/* The address of a socket's own or, with @peer, other end. */
static PlAddr
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

static int
listen_on (int family, const char *address, guint16 *port)
{
  int fd = socket (family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  if (family == AF_INET)
    {
      struct sockaddr_in in = { .sin_family = AF_INET };
      inet_pton (AF_INET, address, &in.sin_addr);
      g_assert_cmpint (bind (fd, (struct sockaddr *)&in, sizeof in), ==, 0);
    }
  else
    {
      struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
      inet_pton (AF_INET6, address, &in6.sin6_addr);
      g_assert_cmpint (bind (fd, (struct sockaddr *)&in6, sizeof in6), ==, 0);
    }
  g_assert_cmpint (listen (fd, 16), ==, 0);
  addr_of (fd, FALSE, port);
  return fd;
}

static int
connect_to (int type, const char *address, guint16 port)
{
  gboolean is_v6 = strchr (address, ':') != NULL;
  int fd = socket (is_v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons (port) };
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (port) };
  inet_pton (is_v6 ? AF_INET6 : AF_INET, address, is_v6 ? (void *)&in6.sin6_addr : (void *)&in.sin_addr);
  int result =
      is_v6 ? connect (fd, (struct sockaddr *)&in6, sizeof in6) : connect (fd, (struct sockaddr *)&in, sizeof in);
  g_assert_cmpint (result, ==, 0);
  return fd;
}

/* A question about the flow that client socket @fd began. */
static PlOwnerQuestion
question_of (int fd, guint8 proto, guint64 id)
{
  PlOwnerQuestion question = { .flow_id = id, .asked_us = g_get_monotonic_time (), .both_local = TRUE };
  guint16 local_port, remote_port;
  PlAddr local = addr_of (fd, FALSE, &local_port), remote = addr_of (fd, TRUE, &remote_port);
  question.initiator_end =
      pl_flow_key_from_ends (proto, PL_KIND_PORTS, &local, local_port, &remote, remote_port, 0, &question.key);
  question.local_end = question.initiator_end;
  return question;
}

/* Waits for @n answers. */
static GArray *
wait_answers (PlOwners *owners, guint n)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (PlOwnerAnswer));
  gint64 until_us = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  while (all->len < n && g_get_monotonic_time () < until_us)
    {
      struct pollfd ready = { .fd = pl_owners_get_fd (owners), .events = POLLIN };
      poll (&ready, 1, 100);
      g_autoptr (GArray) some = pl_owners_take_answers (owners);
      for (guint i = 0; some != NULL && i < some->len; i++)
        {
          PlOwnerAnswer *answer = &g_array_index (some, PlOwnerAnswer, i);
          g_array_append_val (all, *answer);
          answer->process = NULL;
        }
    }
  g_assert_cmpuint (all->len, ==, n);
  return all;
}

static const PlOwnerAnswer *
answer_for (GArray *answers, guint end)
{
  for (guint i = 0; i < answers->len; i++)
    if (g_array_index (answers, PlOwnerAnswer, i).end == end)
      return &g_array_index (answers, PlOwnerAnswer, i);
  return NULL;
}

static void
free_answers (GArray *answers)
{
  for (guint i = 0; i < answers->len; i++)
    pl_process_unref (g_array_index (answers, PlOwnerAnswer, i).process);
  g_array_unref (answers);
}

static void
test_tcp_both_ends (Fixture *fixture, gconstpointer data)
{
  const char *address = data;
  guint16 port;
  int listener = listen_on (strchr (address, ':') != NULL ? AF_INET6 : AF_INET, address, &port);
  int client = connect_to (SOCK_STREAM, address, port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP, 7);
  g_assert_true (pl_owners_ask (fixture->owners, &question));
  GArray *answers = wait_answers (fixture->owners, 2);
  const PlOwnerAnswer *caller = answer_for (answers, question.initiator_end);
  const PlOwnerAnswer *called = answer_for (answers, 1 - question.initiator_end);
  g_assert_nonnull (caller->process);
  g_assert_cmpint (caller->process->pid, ==, getpid ());
  g_assert_cmpuint (caller->process->uid, ==, geteuid ());
  g_assert_cmpuint (caller->uid, ==, geteuid ());
  g_assert_cmpuint (caller->confidence, ==, PL_CONFIDENCE_EXACT);
  g_assert_cmpstr (caller->process->name, ==, "test-owners");
  g_assert_nonnull (called->process);
  g_assert_cmpint (called->process->pid, ==, getpid ());
  g_assert_cmpuint (called->confidence, ==, PL_CONFIDENCE_LISTENER);
  g_assert_cmpuint (called->flow_id, ==, 7);
  free_answers (answers);
  close (client);
  close (listener);
}

/* The newest dump in which @func is satisfied; a second dump may be needed until a scan has named the holders. */
static void
wait_socket (PlOwners *owners, gboolean (*func) (const PlSocket *socket, gpointer data), gpointer data)
{
  gint64 until_us = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < until_us)
    {
      struct pollfd ready = { .fd = pl_owners_get_fd (owners), .events = POLLIN };
      poll (&ready, 1, 100);
      g_autoptr (GArray) sockets = pl_owners_take_sockets (owners);
      for (guint i = 0; sockets != NULL && i < sockets->len; i++)
        if (func (&g_array_index (sockets, PlSocket, i), data))
          return;
    }
  g_autofree char *error = pl_owners_dup_sockets_error (owners);
  g_test_message ("sockets error: %s", error != NULL ? error : "none");
  g_test_fail_printf ("no dump showed the socket");
}

static gboolean
is_own_listener (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_TCP && socket->state == PL_STATE_LISTEN && socket->local_port == *(guint16 *)data
         && socket->process != NULL && socket->process->pid == getpid () && socket->confidence == PL_CONFIDENCE_EXACT
         && socket->rtt_us == PL_UNKNOWN_U32 && socket->payload_sent == PL_UNKNOWN_U64;
}

static gboolean
is_own_transfer (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_TCP && socket->state == PL_STATE_ESTABLISHED
         && socket->remote_port == *(guint16 *)data && socket->process != NULL && socket->process->pid == getpid ()
         && socket->payload_sent == 5 && socket->payload_received == 0 && socket->rtt_us != PL_UNKNOWN_U32;
}

static void
test_sockets (Fixture *fixture, gconstpointer data)
{
  guint16 port;
  int listener = listen_on (AF_INET, "127.0.0.1", &port);
  int client = connect_to (SOCK_STREAM, "127.0.0.1", port);
  g_assert_cmpint (send (client, "hello", 5, 0), ==, 5);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  wait_socket (fixture->owners, is_own_listener, &port);
  wait_socket (fixture->owners, is_own_transfer, &port);
  close (client);
  close (listener);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/owners/tcp/v4", Fixture, "127.0.0.1", set_up, test_tcp_both_ends, tear_down);
  g_test_add ("/owners/tcp/v6", Fixture, "::1", set_up, test_tcp_both_ends, tear_down);
  g_test_add ("/owners/sockets", Fixture, NULL, set_up, test_sockets, tear_down);
  return g_test_run ();
}
