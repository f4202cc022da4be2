/* The owner thread against real sockets of this process and its children, on loopback: every family and mode, the sockets
 * source, the queue. Runs as root and as an ordinary user. */
#include "owner-fixture.h"

#include <glib/gstdio.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "first-scan.h"
#include "bounds.h"
#include "pending.h"
#include "procfs.h"
#include "protocol.h"

/* ---- TCP ---- */

static void
test_tcp (Fixture *fixture, gconstpointer data)
{
  const char *address = data;
  guint16 port = 0;
  int listener = open_bound (SOCK_STREAM, address, &port, FALSE);
  int client = open_connected (SOCK_STREAM, address, port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, getpid ());
  g_assert_cmpuint (answers.caller.process->uid, ==, geteuid ());
  g_assert_cmpuint (answers.caller.uid, ==, geteuid ());
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_EXACT);
  g_assert_cmpstr (answers.caller.process->name, ==, "test-owners");
  g_assert_true (g_str_has_suffix (answers.caller.process->exe, "/test-owners"));
  g_assert_nonnull (answers.called.process);
  g_assert_cmpint (answers.called.process->pid, ==, getpid ());
  g_assert_cmpuint (answers.called.confidence, ==, PL_CONFIDENCE_LISTENER);
  close (client);
  close (listener);
}

/* An IPv6 socket that carries IPv4, against a server of both: the packets are IPv4. */
static void
test_tcp_mapped (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int listener = open_bound (SOCK_STREAM, "::", &port, FALSE);
  int client = open_connected (SOCK_STREAM, "::ffff:127.0.0.1", port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  g_assert_true (pl_addr_is_v4 (&question.key.addr[0]));
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, getpid ());
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_EXACT);
  g_assert_nonnull (answers.called.process);
  g_assert_cmpuint (answers.called.confidence, ==, PL_CONFIDENCE_LISTENER);
  close (client);
  close (listener);
}

/* Begun before anybody looked: which end called is not known. */
static void
test_midstream (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  int accepted = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  close (listener);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  guint8 caller_end = question.initiator_end;
  question.initiator_end = PL_END_UNKNOWN;
  g_assert_true (pl_owners_ask (fixture->owners, &question));
  question.initiator_end = caller_end;
  for (guint n = 0; n < 2;)
    {
      struct pollfd ready = { .fd = pl_owners_get_fd (fixture->owners), .events = POLLIN };
      g_assert_cmpint (poll (&ready, 1, 10000), ==, 1);
      g_autoptr (GArray) some = pl_owners_take_answers (fixture->owners);
      for (guint i = 0; some != NULL && i < some->len; i++, n++)
        {
          const PlOwnerAnswer *answer = &g_array_index (some, PlOwnerAnswer, i);
          g_assert_nonnull (answer->process);
          g_assert_cmpint (answer->process->pid, ==, getpid ());
          g_assert_cmpuint (answer->confidence, ==, PL_CONFIDENCE_EXACT);
        }
    }
  close (accepted);
  close (client);
}

/* ---- programs ---- */

static void
assert_exe (GPid pid, const char *path)
{
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  g_auto (PlProcFacts) facts = { 0 };
  g_assert_true (pl_procfs_read (procfs, pid, &facts));
  g_assert_cmpstr (facts.exe, ==, path);
}

/* What is deleted is named by where it was, and what is called so by its own name, deleted or not. */
static void
test_deleted_program (void)
{
  g_autofree char *folder = g_dir_make_tmp ("portlight-XXXXXX", NULL), *sleep_path = g_find_program_in_path ("sleep");
  g_autofree char *program = NULL;
  gsize n_bytes;
  g_assert_true (g_file_get_contents (sleep_path, &program, &n_bytes, NULL));
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *path = g_build_filename (folder, i == 0 ? "odd" : "odd (deleted)", NULL);
      char *argv[] = { path, (char *)"60", NULL };
      GPid pid;
      g_assert_true (g_file_set_contents_full (path, program, n_bytes, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
      g_assert_true (g_spawn_async (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL));
      assert_exe (pid, path);
      g_autofree char *away = g_strconcat (path, " (deleted)", NULL);
      g_assert_true (
          g_file_set_contents (away, "", 0, NULL)); /* another file at just the name that the link has then */
      g_assert_cmpint (unlink (path), ==, 0);
      assert_exe (pid, path);
      g_assert_cmpint (unlink (away), ==, 0);
      assert_exe (pid, path);
      kill (pid, SIGKILL);
      waitpid (pid, NULL, 0);
    }
  g_assert_cmpint (rmdir (folder), ==, 0);
}

/* ---- UDP ---- */

static void
test_udp_connected (Fixture *fixture, gconstpointer data)
{
  const char *address = data;
  guint16 port = 0;
  int server = open_bound (SOCK_DGRAM, address, &port, FALSE);
  int client = open_connected (SOCK_DGRAM, address, port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_UDP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, getpid ());
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_EXACT);
  g_assert_nonnull (answers.called.process);
  g_assert_cmpint (answers.called.process->pid, ==, getpid ());
  g_assert_cmpuint (answers.called.confidence, ==, PL_CONFIDENCE_EXACT);
  close (client);
  close (server);
}

static int
bind_udp (gconstpointer address)
{
  guint16 port = 0;
  return open_bound (SOCK_DGRAM, address, &port, FALSE);
}

/* Two children with unconnected sockets of both families: each is answered for its own port. */
static void
test_udp_unconnected (Fixture *fixture, gconstpointer data)
{
  const char *address = data;
  Child sender = start_child (bind_udp, address), receiver = start_child (bind_udp, address);
  const char *to = strchr (address, ':') != NULL ? "::1" : "127.0.0.1";
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, to, sender.port, to, receiver.port);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, sender.pid);
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_EXACT);
  g_assert_nonnull (answers.called.process);
  g_assert_cmpint (answers.called.process->pid, ==, receiver.pid);
  end_child (&sender);
  end_child (&receiver);
}

/* A packet that was seen before the holder of its port began, and is asked about late, as from a pipe that collects a buffer
 * full: by then the port is another's. */
static void
test_asked_late (Fixture *fixture, gconstpointer data)
{
  Child sender = start_child (bind_udp, "127.0.0.1"), receiver = start_child (bind_udp, "127.0.0.1");
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", sender.port, "127.0.0.1", receiver.port);
  question.first_us = (guint64)g_get_real_time () - 5 * G_USEC_PER_SEC;
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_null (answers.caller.process);
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_UNKNOWN);
  /* And one stamped in the future, the clock having been set back, is of now. */
  question.flow_id++;
  question.asked_us = g_get_monotonic_time ();
  question.first_us = (guint64)g_get_real_time () + 5 * G_USEC_PER_SEC;
  g_auto (Answers) again = ask (fixture, &question);
  g_assert_nonnull (again.caller.process);
  g_assert_cmpint (again.caller.process->pid, ==, sender.pid);
  end_child (&sender);
  end_child (&receiver);
}

static int
bind_device (gconstpointer data)
{
  struct sockaddr_storage storage;
  socklen_t length = make_sockaddr ("127.0.0.1", 0, &storage);
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), ==, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&storage, length), ==, 0);
  return fd;
}

/* A lookup without the device's index does not find it (DHCP clients, VPN). */
static void
test_bound_to_device (Fixture *fixture, gconstpointer data)
{
  Child sender = start_child (bind_device, NULL), receiver = start_child (bind_udp, "127.0.0.1");
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", sender.port, "127.0.0.1", receiver.port);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, sender.pid);
  end_child (&sender);
  end_child (&receiver);
}

/* ---- the sockets source ---- */

static gboolean
is_own_listener (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_TCP && socket->state == PL_STATE_LISTEN && socket->local_port == *(guint16 *)data
         && socket->process != NULL && socket->process->pid == getpid () && socket->confidence == PL_CONFIDENCE_EXACT
         && socket->rtt_us == PL_UNKNOWN_U32 && socket->payload_sent == PL_UNKNOWN_U64 && socket->remote_port == 0
         && socket->uid == geteuid () && socket->inode != 0 && socket->cookie != 0;
}

static gboolean
is_own_transfer (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_TCP && socket->state == PL_STATE_ESTABLISHED
         && socket->remote_port == *(guint16 *)data && socket->process != NULL && socket->process->pid == getpid ()
         && socket->payload_sent == 5 && socket->payload_received == 0 && socket->rtt_us != PL_UNKNOWN_U32;
}

static gboolean
is_own_receiver (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_TCP && socket->state == PL_STATE_ESTABLISHED
         && socket->local_port == *(guint16 *)data && socket->payload_sent == 0 && socket->payload_received == 5;
}

static gboolean
is_own_udp (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_UDP && socket->state == PL_STATE_LISTEN && socket->local_port == *(guint16 *)data
         && socket->process != NULL && socket->process->pid == getpid () && socket->payload_sent == PL_UNKNOWN_U64;
}

static void
test_sockets (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0, udp_port = 0;
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  int udp = open_bound (SOCK_DGRAM, "::1", &udp_port, FALSE);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  int accepted = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  char text[5];
  g_assert_cmpint (send (client, "hello", 5, 0), ==, 5);
  g_assert_cmpint (recv (accepted, text, sizeof text, 0), ==, 5);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  g_assert_true (wait_socket (fixture, is_own_listener, &port));
  g_assert_true (wait_socket (fixture, is_own_transfer, &port));
  g_assert_true (wait_socket (fixture, is_own_receiver, &port));
  g_assert_true (wait_socket (fixture, is_own_udp, &udp_port));
  pl_owners_watch_sockets (fixture->owners, FALSE);
  close (accepted);
  close (client);
  close (udp);
  close (listener);
}

static gboolean
is_v6_only (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_TCP && socket->local_port == *(guint16 *)data && socket->is_v6_only;
}

static void
test_v6_only (Fixture *fixture, gconstpointer data)
{
  struct sockaddr_storage storage;
  socklen_t length = make_sockaddr ("::1", 0, &storage);
  guint16 port;
  int one = 1;
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&storage, length), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  addr_of (fd, FALSE, &port);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  g_assert_true (wait_socket (fixture, is_v6_only, &port));
  close (fd);
}

static gboolean
is_half_closed (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_TCP && socket->state == PL_STATE_FIN_WAIT && socket->local_port == *(guint16 *)data
         && socket->payload_received == 5 && socket->payload_sent == 0;
}

/* The peer has closed, its FIN is no payload. */
static void
test_half_closed (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  int accepted = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (send (client, "hello", 5, 0), ==, 5);
  shutdown (client, SHUT_WR);
  close (listener);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  g_assert_true (wait_socket (fixture, is_half_closed, &port));
  close (accepted);
  close (client);
}

typedef struct
{
  guint16 local_port, remote_port;
  guint64 sent, received;
  gboolean is_quiet; /* nothing went over since the last dump */
} Closing;

static gboolean
is_closed_with (const PlSocket *socket, gpointer data)
{
  const Closing *closing = data;
  if (socket->proto != PL_PROTO_TCP || socket->state != PL_STATE_CLOSED || socket->local_port != closing->local_port
      || socket->remote_port != closing->remote_port)
    return FALSE;
  g_assert_cmpuint (socket->payload_sent, ==, closing->sent);
  /* The peer's FIN may have counted for a byte: the kernel's word on a closed socket does not tell. */
  g_assert_cmpuint (socket->payload_received, >=, closing->received);
  g_assert_cmpuint (socket->payload_received, <=, closing->received + (closing->received > 0 && !closing->is_quiet));
  g_assert_nonnull (socket->process);
  g_assert_cmpint (socket->process->pid, ==, getpid ());
  return TRUE;
}

static gboolean
is_connected_to (const PlSocket *socket, gpointer data)
{
  const Closing *closing = data;
  return socket->proto == PL_PROTO_TCP && socket->state == PL_STATE_ESTABLISHED
         && socket->local_port == closing->local_port && socket->confidence == PL_CONFIDENCE_EXACT;
}

static void
move_bytes (int from, int to, guint n)
{
  guint8 bytes[10000] = { 0 };
  for (guint left = n; left > 0;)
    {
      ssize_t sent = send (from, bytes, MIN (left, sizeof bytes), 0);
      g_assert_cmpint (sent, >, 0);
      left -= (guint)sent;
      for (ssize_t got = 0; got < sent;)
        {
          ssize_t part = recv (to, bytes, sizeof bytes, 0);
          g_assert_cmpint (part, >, 0);
          got += part;
        }
    }
}

static void
wait_closings (Fixture *fixture, Closing *of_client, Closing *of_server)
{
  Closing *wanted[] = { of_client, of_server };
  guint n_found = 0;
  for (gint64 until_us = g_get_monotonic_time () + PATIENCE_US; n_found < 2 && g_get_monotonic_time () < until_us;)
    {
      struct pollfd ready = { .fd = pl_owners_get_fd (fixture->owners), .events = POLLIN };
      poll (&ready, 1, 100);
      g_autoptr (GArray) sockets = pl_owners_take_sockets (fixture->owners);
      for (guint i = 0; sockets != NULL && i < sockets->len; i++)
        for (guint j = 0; j < 2; j++)
          n_found += is_closed_with (&g_array_index (sockets, PlSocket, i), wanted[j]) ? 1 : 0;
    }
  g_assert_cmpuint (n_found, ==, 2);
}

/* What went over after the last dump is told when the socket closes, to the byte, at both ends. */
static void
test_closing_totals (Fixture *fixture, gconstpointer data)
{
  const char *address = data;
  guint16 port = 0, client_port;
  int listener = open_bound (SOCK_STREAM, address, &port, FALSE);
  int client = open_connected (SOCK_STREAM, address, port);
  int accepted = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  addr_of (client, FALSE, &client_port);
  Closing of_client = { client_port, port, 123457, 4321 }, of_server = { port, client_port, 4321, 123457 };
  move_bytes (client, accepted, 1000);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  g_assert_true (wait_socket (fixture, is_connected_to, &of_client));
  g_assert_true (wait_socket (fixture, is_connected_to, &of_server));
  move_bytes (client, accepted, 122457);
  move_bytes (accepted, client, 4321);
  close (client);
  close (accepted);
  wait_closings (fixture, &of_client, &of_server);
  close (listener);
}

static gboolean
has_received (const PlSocket *socket, gpointer data)
{
  return is_connected_to (socket, data) && socket->payload_received == ((const Closing *)data)->received;
}

/* One that was quiet before it closed: to the byte, though the kernel counts the FIN for one, and though one end is in no
 * dump any more when its program lets go of it. */
static void
test_quiet_closing_totals (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0, client_port;
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  int accepted = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  addr_of (client, FALSE, &client_port);
  Closing of_client = { client_port, port, 999, 777, TRUE }, of_server = { port, client_port, 777, 999, TRUE };
  move_bytes (client, accepted, 999);
  move_bytes (accepted, client, 777);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  g_assert_true (wait_socket (fixture, has_received, &of_server));
  shutdown (client, SHUT_WR);
  shutdown (accepted, SHUT_WR);
  g_usleep (1100 * 1000); /* a dump passes */
  close (accepted);
  close (client);
  wait_closings (fixture, &of_client, &of_server);
  close (listener);
}

/* A dump that was not taken in time is lost, the news of closings in it is not. */
static void
test_closings_wait (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0, client_port;
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  int accepted = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  addr_of (client, FALSE, &client_port);
  Closing of_client = { client_port, port, 77, 0 };
  move_bytes (client, accepted, 77);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  g_assert_true (wait_socket (fixture, is_connected_to, &of_client));
  close (client);
  close (accepted);
  g_usleep (2500000);
  g_autoptr (GArray) sockets = pl_owners_take_sockets (fixture->owners);
  g_assert_nonnull (sockets);
  guint n_found = 0;
  for (guint i = 0; i < sockets->len; i++)
    n_found += is_closed_with (&g_array_index (sockets, PlSocket, i), &of_client) ? 1 : 0;
  g_assert_cmpuint (n_found, ==, 1);
  close (listener);
}

static gboolean
is_raw (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_ICMP && socket->local_port == 0 && socket->process != NULL
         && socket->process->pid == getpid ();
}

static void
test_raw_listed (Fixture *fixture, gconstpointer data)
{
  int fd = socket (AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd < 0)
    {
      g_test_skip ("needs root, for raw sockets");
      return;
    }
  pl_owners_watch_sockets (fixture->owners, TRUE);
  g_assert_true (wait_socket (fixture, is_raw, NULL));
  close (fd);
}

/* ---- the queue ---- */

typedef struct
{
  guint16 port;
  pid_t pid; /* 0: the app alone is told */
  PlConfidence confidence;
} Newcomer;

static gboolean
is_newcomers (const PlSocket *socket, gpointer data)
{
  const Newcomer *wanted = data;
  return socket->proto == PL_PROTO_UDP && socket->local_port == wanted->port && socket->process != NULL
         && socket->confidence == wanted->confidence && socket->process->pid == wanted->pid;
}

static int
open_datagrams (gconstpointer data)
{
  guint16 port = 0;
  return open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
}

/* A program that begins while the search through all processes does not come to its turn has its name, likely, all the same. */
static void
test_newcomer (Fixture *fixture, gconstpointer data)
{
  wait_first_scan (fixture->owners); /* without dumps there is no second one */
  int hold = hold_scans ();
  Child child = start_child (open_datagrams, NULL);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  Newcomer found = { child.port, 0, PL_CONFIDENCE_LIKELY }, scanned = { child.port, child.pid, PL_CONFIDENCE_EXACT };
  g_assert_true (wait_socket (fixture, is_newcomers, &found));
  g_assert_cmpint (write (hold, "", 1), ==, 1);
  close (hold);
  g_assert_true (wait_socket (fixture, is_newcomers, &scanned));
  end_child (&child);
}

/* More than the ring holds: what is turned away is counted, all else is answered, and the asker is not kept. */
static void
test_overflow (Fixture *fixture, gconstpointer data)
{
  guint n_taken = 0, n_answers = 0, n_asked = PL_LIMIT_OWNER_QUESTIONS * 2;
  PlOwnerStats stats;
  PlOwnerQuestion question = make_question (PL_PROTO_TCP, "127.0.0.1", 1, "127.0.0.1", 2);
  question.both_local = FALSE;
  gint64 began_us = g_get_monotonic_time ();
  for (guint i = 0; i < n_asked; i++)
    {
      question.flow_id = i + 1;
      question.asked_us = g_get_monotonic_time ();
      n_taken += pl_owners_ask (fixture->owners, &question) ? 1 : 0;
    }
  gint64 asking_us = g_get_monotonic_time () - began_us;
  g_test_message ("%u of %u taken, %.2f us a question", n_taken, n_asked, (double)asking_us / n_asked);
  g_assert_cmpuint (n_taken, >=, PL_LIMIT_OWNER_QUESTIONS);
  while (n_answers < n_taken)
    {
      struct pollfd ready = { .fd = pl_owners_get_fd (fixture->owners), .events = POLLIN };
      g_assert_cmpint (poll (&ready, 1, 10000), ==, 1);
      g_autoptr (GArray) some = pl_owners_take_answers (fixture->owners);
      for (guint i = 0; some != NULL && i < some->len; i++)
        {
          g_assert_null (g_array_index (some, PlOwnerAnswer, i).process);
          g_assert_cmpuint (g_array_index (some, PlOwnerAnswer, i).confidence, ==, PL_CONFIDENCE_UNKNOWN);
        }
      n_answers += some != NULL ? some->len : 0;
    }
  pl_owners_get_stats (fixture->owners, &stats);
  g_assert_cmpuint (stats.asked, ==, n_asked);
  g_assert_cmpuint (stats.dropped_questions, ==, n_asked - n_taken);
  g_assert_cmpuint (stats.dropped_answers, ==, 0);
  g_assert_cmpuint (stats.answer_p50_us, <=, stats.answer_p95_us);
  g_assert_cmpuint (stats.answer_p95_us, >, 0);
}

/* Second looks that find no room leave the answer before: nobody is told less for it. */
static void
test_pending_cap (void)
{
  PlPending *pending = pl_pending_new (NULL, NULL, NULL);
  PlCase first = { .needs_scan = TRUE }, second = { .needs_scan = TRUE, .is_revision = TRUE };
  for (guint i = 0; i < PL_LIMIT_OWNER_PENDING; i++)
    g_assert_true (pl_pending_add (pending, &first));
  g_assert_cmpuint (pl_pending_get_n_cut (pending), ==, 0);
  g_assert_false (pl_pending_add (pending, &first));
  g_assert_false (pl_pending_add (pending, &second));
  g_assert_false (pl_pending_add (pending, &first));
  g_assert_cmpuint (pl_pending_get_n_cut (pending), ==, 2);
  pl_pending_free (pending);
}

/* ---- tracepoints ---- */

/* A helper that sees who sends over IPv4, and tells of nobody. */
static int
use_silent_helper (Fixture *fixture)
{
  static const char format[] = "name: fib_table_lookup\nID: 7\n\tfield:unsigned char common_flags;\toffset:2;\n"
                               "\tfield:__u8 proto;\toffset:8;\n\tfield:__u8 src[4];\toffset:12;\n"
                               "\tfield:__u8 dst[4];\toffset:16;\n\tfield:u16 sport;\toffset:20;\n"
                               "\tfield:u16 dport;\toffset:22;\n";
  struct
  {
    struct pl_helper_header header;
    char text[sizeof format - 1];
  } told = { .header = { PL_HELPER_PROTOCOL, PL_HELPER_FORMAT, sizeof told.text } };
  struct pl_helper_header is_ready = { PL_HELPER_PROTOCOL, PL_HELPER_READY, 0 };
  int pair[2], n_unread = 1;
  memcpy (told.text, format, sizeof told.text);
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
  g_assert_cmpint (send (pair[1], &told, sizeof told.header + sizeof told.text, 0), >, 0);
  g_assert_cmpint (send (pair[1], &is_ready, sizeof is_ready, 0), ==, sizeof is_ready);
  g_autoptr (PlHelperSeat) seat = pl_helper_seat_new (pair[0]);
  pl_owners_use_helper (fixture->owners, seat);
  for (; n_unread > 0; g_usleep (1000))
    g_assert_no_errno (ioctl (pair[1], SIOCOUTQ, &n_unread));
  return pair[1];
}

/* Who called waits for the helper's word, here for a minute; who was called is known without it, before anything that is asked later. */
static void
test_called_before_caller (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int helper = use_silent_helper (fixture);
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  struct pollfd ready = { .fd = pl_owners_get_fd (fixture->owners), .events = POLLIN };
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP), later = question;
  question.asked_us += 60 * G_USEC_PER_SEC;
  later.flow_id++;
  later.asked_us = 1;
  g_assert_true (pl_owners_ask (fixture->owners, &question));
  g_assert_true (pl_owners_ask (fixture->owners, &later));
  g_assert_cmpint (poll (&ready, 1, PATIENCE_US / 1000), ==, 1);
  g_autoptr (GArray) some = pl_owners_take_answers (fixture->owners);
  const PlOwnerAnswer *first = &g_array_index (some, PlOwnerAnswer, 0);
  g_assert_cmpuint (first->flow_id, ==, question.flow_id);
  g_assert_cmpuint (first->end, ==, 1 - question.initiator_end);
  g_assert_cmpint (first->process->pid, ==, getpid ());
  g_assert_cmpuint (first->confidence, ==, PL_CONFIDENCE_LISTENER);
  close (client);
  close (listener);
  close (helper);
}

/* Freed with questions under way and answers not taken. */
static void
test_free_early (void)
{
  for (int i = 0; i < 20; i++)
    {
      PlOwners *owners = pl_owners_new ();
      PlOwnerQuestion question = make_question (PL_PROTO_TCP, "127.0.0.1", 1, "127.0.0.1", 2);
      pl_owners_watch_sockets (owners, TRUE);
      for (int j = 0; j < i * 50; j++)
        pl_owners_ask (owners, &question);
      pl_owners_free (owners);
    }
  pl_owners_free (NULL);
}

/* Who waits for packets without end is told when they become urgent. */
static void
test_urgency_told (void)
{
  PlOwners *owners = pl_owners_new ();
  struct pollfd poll_fd = { .fd = pl_owners_get_reuses_fd (owners), .events = POLLIN };
  PlPortReuse reuse;
  g_assert_cmpint (poll (&poll_fd, 1, 10000), ==, 1);
  g_assert_true (pl_owners_is_urgent (owners));
  g_assert_cmpuint (pl_owners_take_reuses (owners, &reuse, 1), ==, 0);
  g_assert_cmpint (poll (&poll_fd, 1, 0), ==, 0);
  pl_owners_free (owners);
}

#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  be_alone ();
  drop_user ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/owners/tcp/v4", "127.0.0.1", test_tcp);
  ADD ("/owners/tcp/v6", "::1", test_tcp);
  ADD ("/owners/tcp/mapped", NULL, test_tcp_mapped);
  ADD ("/owners/tcp/midstream", NULL, test_midstream);
  ADD ("/owners/udp/connected/v4", "127.0.0.1", test_udp_connected);
  ADD ("/owners/udp/connected/v6", "::1", test_udp_connected);
  ADD ("/owners/udp/unconnected/v4", "127.0.0.1", test_udp_unconnected);
  ADD ("/owners/udp/unconnected/v6", "::1", test_udp_unconnected);
  ADD ("/owners/udp/unconnected/any-v4", "0.0.0.0", test_udp_unconnected);
  ADD ("/owners/udp/unconnected/any-v6", "::", test_udp_unconnected);
  ADD ("/owners/udp/asked-late", NULL, test_asked_late);
  ADD ("/owners/udp/bound-to-device", NULL, test_bound_to_device);
  ADD ("/owners/sockets/all", NULL, test_sockets);
  ADD ("/owners/sockets/v6-only", NULL, test_v6_only);
  ADD ("/owners/sockets/closing-totals/v4", "127.0.0.1", test_closing_totals);
  ADD ("/owners/sockets/closing-totals/v6", "::1", test_closing_totals);
  ADD ("/owners/sockets/closing-totals/quiet", NULL, test_quiet_closing_totals);
  ADD ("/owners/sockets/half-closed", NULL, test_half_closed);
  ADD ("/owners/sockets/closings-wait", NULL, test_closings_wait);
  ADD ("/owners/sockets/raw", NULL, test_raw_listed);
  ADD ("/owners/sockets/newcomer", NULL, test_newcomer);
  ADD ("/owners/queue/overflow", NULL, test_overflow);
  ADD ("/owners/traced/called-before-caller", NULL, test_called_before_caller);
  g_test_add_func ("/owners/queue/pending-cap", test_pending_cap);
  g_test_add_func ("/owners/queue/free-early", test_free_early);
  g_test_add_func ("/owners/urgency-told", test_urgency_told);
  g_test_add_func ("/owners/deleted-program", test_deleted_program);
  return g_test_run ();
}
