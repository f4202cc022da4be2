/* The session over this machine itself: its sockets, its loopback interface, and both at once, directly and through the
 * helper. What needs root or a kernel's leave is skipped where that lacks. */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "capture.h"
#include "helper-client.h"
#include "sockets.h"

#define SENDER "--send" /* what this program is for then, and through which descriptor it tells its port */

/* ---- traffic of our own ---- */

/* A TCP connection to ourselves: a listener, the caller, the called. */
typedef struct
{
  int listener, client, server;
  guint16 listener_port, client_port;
} Connection;

static Connection
make_connection (void)
{
  Connection connection;

  connection.listener = make_socket (SOCK_STREAM, &connection.listener_port);
  g_assert_no_errno (listen (connection.listener, 4));
  connection.client = make_socket (SOCK_STREAM, &connection.client_port);
  connect_to (connection.client, connection.listener_port);
  connection.server = accept (connection.listener, NULL, NULL);
  g_assert_cmpint (connection.server, >=, 0);
  return connection;
}

static void
talk (const Connection *connection, guint n_bytes)
{
  char bytes[1000] = { 0 };

  g_assert_cmpint (send (connection->client, bytes, n_bytes, 0), ==, n_bytes);
  g_assert_cmpint (recv (connection->server, bytes, n_bytes, MSG_WAITALL), ==, n_bytes);
}

static void
close_connection (const Connection *connection)
{
  close (connection->client);
  close (connection->server);
  close (connection->listener);
}

/* ---- what is looked for ---- */

static gboolean
is_listener_on (const PlModelFlow *flow, guint port)
{
  return pl_model_flow_is_listener (flow) && flow->flow.key.port[flow->local_end] == port && !flow->is_gone;
}

/* The server's end of a connection has an owner once it is accepted: a dump may come a moment before. */
static gboolean
has_both_owners (const PlModelFlow *flow, guint port)
{
  return is_from (flow, port) && flow->app != NULL && flow->remote_app != NULL;
}

/* On a busy machine which apps they likely are may be told before which processes. */
static gboolean
has_both_pids (const PlModelFlow *flow, guint port)
{
  return has_both_owners (flow, port) && flow->app->pid != 0 && flow->remote_app->pid != 0;
}

static gboolean
is_owned_from (const PlModelFlow *flow, guint port)
{
  return is_counted_from (flow, port) && has_both_owners (flow, port);
}

static gboolean
is_anything (const PlModelFlow *flow, guint number)
{
  return !flow->is_gone;
}

static gboolean
finds_not (PlSession *session, gpointer search)
{
  return !finds (session, search);
}

/* What a flow has come to, when all that was sent is told: @payload_bytes by its socket, @packets by the capture. */
typedef struct
{
  Search *search;
  guint64 payload_bytes, packets;
} Sent;

static gboolean
has_sent (PlSession *session, gpointer data)
{
  const Sent *sent = data;

  return finds (session, sent->search)
         && (sent->payload_bytes == 0 || sent->search->found->payload_sent == sent->payload_bytes)
         && sent->search->found->flow.sent[sent->search->found->local_end].packets >= sent->packets;
}

/* Over some seconds: it comes a moment later than the packets, and goes when they stay away. */
static gboolean
has_rate (PlSession *session, gpointer search)
{
  return finds (session, search) && ((Search *)search)->found->rate_out > 0;
}

static PlSession *
new_watching_session (void)
{
  PlSession *session = pl_session_new ();
  Search anything = { is_anything, 0, NULL };
  int fd;
  guint16 port;
  g_autofree char *error = NULL;

  fd = make_socket (SOCK_DGRAM, &port); /* so that there is something to see */
  pl_session_watch_sockets (session, TRUE);
  if (!run_until (session, PATIENCE_MS, finds, &anything))
    {
      error = pl_session_dup_sockets_error (session);
      g_test_skip (error != NULL ? error : "the kernel lists no sockets here");
      g_clear_object (&session);
    }
  close (fd);
  return session;
}

static gboolean
has_none (PlSession *session, gpointer data)
{
  return pl_model_get_n_flows (pl_session_get_model (session)) == 0;
}

/* ---- sockets ---- */

static void
test_sockets (void)
{
  PlSession *session = new_watching_session ();
  Connection connection;
  Search listener, flow;

  if (session == NULL)
    return;
  connection = make_connection ();
  listener = (Search){ is_listener_on, connection.listener_port, NULL };
  flow = (Search){ has_both_pids, connection.client_port, NULL };
  g_assert_true (run_until (session, PATIENCE_MS, finds, &listener));
  g_assert_true (run_until (session, PATIENCE_MS, finds, &flow));
  g_assert_cmpint (flow.found->flow.state, ==, PL_STATE_ESTABLISHED);
  g_assert_cmpuint (flow.found->sources, ==, PL_SEEN_SOCKET);
  g_assert_cmpuint (flow.found->flow.key.port[1 - flow.found->local_end], ==, connection.listener_port);
  g_assert_nonnull (flow.found->app);
  g_assert_cmpint (flow.found->app->pid, ==, getpid ());
  g_assert_nonnull (flow.found->remote_app);
  g_assert_cmpint (flow.found->remote_app->pid, ==, getpid ());
  g_assert_cmpuint (flow.found->uid, ==, getuid ());
  g_assert_cmpuint (flow.found->payload_sent, ==, 0);

  talk (&connection, 777);
  g_assert_true (run_until (session, PATIENCE_MS, has_sent, &(Sent){ &flow, 777, 0 }));

  close_connection (&connection);
  g_assert_true (run_until (session, PATIENCE_MS, finds_not, &flow));
  g_assert_true (run_until (session, PATIENCE_MS, finds_not, &listener));
  g_assert_finalize_object (session);
}

/* A file puts the sockets to rest; without it they are on view again. */
static void
test_sockets_rest (void)
{
  PlSession *session = new_watching_session ();
  Search anything = { is_anything, 0, NULL };

  if (session == NULL)
    return;
  pl_session_open (session, &(PlOpen){ .kind = PL_OPEN_FILE, .name = "/nonexistent", .fd = -1 }, NULL);
  g_assert_true (run_until (session, PATIENCE_MS, is_over, NULL));
  run_for (session, 1500);
  g_assert_cmpuint (pl_model_get_n_flows (pl_session_get_model (session)), ==, 0);
  pl_session_close (session);
  g_assert_true (run_until (session, PATIENCE_MS, finds, &anything));
  pl_session_watch_sockets (session, FALSE);
  g_assert_false (finds (session, &anything));
  g_assert_true (run_until (session, PATIENCE_MS, has_none, NULL)); /* they fade */
  g_assert_finalize_object (session);
}

/* ---- packets ---- */

/* This process; or, where nobody tells who sends, only its program: another process might have passed it the socket over one of
 * its UNIX domain ones (app/owner/reception.h). */
static void
assert_is_self (const PlProcess *app, PlConfidence confidence)
{
  if (confidence == PL_CONFIDENCE_EXACT)
    {
      g_assert_cmpint (app->pid, ==, getpid ());
      return;
    }
  g_assert_cmpint (confidence, ==, PL_CONFIDENCE_LIKELY);
  g_assert_cmpint (app->pid, ==, 0);
  g_assert_cmpstr (app->name, ==, "test-session-live");
}

/* Every datagram is counted once, and both ends' owner is this process. */
static void
test_datagrams (gconstpointer data)
{
  PlSession *session = pl_session_new ();
  guint16 from, to;
  int sender, receiver;
  Search search;

  if (!open_loopback (session, GPOINTER_TO_INT (data)))
    {
      g_assert_finalize_object (session);
      return;
    }
  sender = make_socket (SOCK_DGRAM, &from);
  receiver = make_socket (SOCK_DGRAM, &to);
  connect_to (sender, to);
  connect_to (receiver, from);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (send (sender, "0123456789", 10, 0), ==, 10);
  search = (Search){ is_owned_from, from, NULL };
  g_assert_true (run_until (session, PATIENCE_MS, finds, &search));
  g_assert_true (run_until (session, PATIENCE_MS, has_sent, &(Sent){ &search, 0, 100 }));
  g_assert_true (run_until (session, PATIENCE_MS, has_rate, &search));
  run_for (session, 300); /* and no more */
  g_assert_true (finds (session, &search));
  g_assert_cmpuint (search.found->flow.sent[search.found->local_end].packets, ==, 100);
  g_assert_cmpuint (search.found->flow.sent[search.found->local_end].payload_bytes, ==, 1000);
  g_assert_cmpuint (search.found->flow.sent[1 - search.found->local_end].packets, ==, 0);
  assert_is_self (search.found->app, search.found->app_confidence);
  assert_is_self (search.found->remote_app, search.found->remote_confidence);

  pl_session_stop (session);
  g_assert_cmpint (pl_session_get_state (session), ==, PL_SESSION_IDLE);
  g_assert_true (finds (session, &search));
  close (sender);
  close (receiver);
  g_assert_finalize_object (session);
}

/* A flow that was on view as a socket keeps its id when its packets are seen, and its id again when capture ends. */
static void
test_both_sources (gconstpointer data)
{
  PlSession *session = new_watching_session ();
  Connection connection;
  Search socket, packets;
  guint64 id;

  if (session == NULL)
    return;
  connection = make_connection ();
  socket = (Search){ is_from, connection.client_port, NULL };
  packets = (Search){ is_counted_from, connection.client_port, NULL };
  g_assert_true (run_until (session, PATIENCE_MS, finds, &socket));
  id = socket.found->id;
  if (!open_loopback (session, GPOINTER_TO_INT (data)))
    goto out;
  g_assert_true (finds (session, &socket));
  talk (&connection, 500);
  g_assert_true (run_until (session, PATIENCE_MS, finds, &packets));
  g_assert_cmpuint (packets.found->id, ==, id);
  g_assert_true (run_until (session, PATIENCE_MS, has_sent, &(Sent){ &packets, 500, 0 }));
  g_assert_cmpuint (packets.found->flow.sent[packets.found->local_end].payload_bytes, ==, 500);
  g_assert_cmpuint (packets.found->payload_sent, ==, 500);
  g_assert_cmpuint (packets.found->rtt_us, !=, PL_UNKNOWN_U32);
  packets.matches = is_owned_from; /* the connection was listed before its owner was looked for */
  g_assert_true (run_until (session, PATIENCE_MS, finds, &packets));
  assert_is_self (packets.found->app, packets.found->app_confidence);
  pl_session_close (session);
  g_assert_true (finds (session, &socket));
  g_assert_cmpuint (socket.found->id, ==, id);
  g_assert_cmpuint (socket.found->sources, ==, PL_SEEN_SOCKET);
out:
  close_connection (&connection);
  g_assert_finalize_object (session);
}

/* Starting and stopping over and over leaves no thread, no descriptor and no child behind. */
static void
test_restarts (gconstpointer data)
{
  PlSession *session = pl_session_new ();
  PlOpen open = { .kind = GPOINTER_TO_INT (data), .name = "lo", .fd = -1 };

  if (getuid () != 0)
    {
      g_test_skip ("capturing needs root");
      g_assert_finalize_object (session);
      return;
    }
  for (guint i = 0; i < 20; i++)
    {
      gint64 before_us;

      g_assert_true (pl_session_open (session, &open, NULL));
      run_for (session, g_test_rand_int_range (0, 60));
      before_us = g_get_monotonic_time ();
      if (i % 3 == 0)
        pl_session_stop (session);
      else if (i % 3 == 1)
        pl_session_close (session);
      g_assert_cmpint (g_get_monotonic_time () - before_us, <, 10 * G_USEC_PER_SEC);
    }
  g_assert_finalize_object (session);
  for (guint i = 0; i < 50; i++) /* whoever was on the way up finds nobody */
    {
      g_usleep (10000);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
    }
}

static void
test_no_device (gconstpointer data)
{
  PlSession *session = pl_session_new ();
  PlOpen open = { .kind = GPOINTER_TO_INT (data), .name = "pl-nosuch0", .fd = -1 };

  if (getuid () != 0)
    {
      g_test_skip ("capturing needs root");
    }
  else
    {
      g_assert_true (pl_session_open (session, &open, NULL));
      g_assert_true (run_until (session, PATIENCE_MS, is_over, NULL));
      g_assert_cmpint (pl_session_get_state (session), ==, PL_SESSION_FAILED);
      g_test_message ("%s", pl_session_get_error (session)->message);
      g_assert_null (strchr (pl_session_get_error (session)->message, '\n'));
      g_assert_nonnull (strstr (pl_session_get_error (session)->message, "pl-nosuch0"));
    }
  g_assert_finalize_object (session);
}

/* ---- the helper's end ---- */

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

/* Its stream breaks off first, its end is seen a little later. */
static gboolean
says_how_it_ended (PlSession *session, gpointer data)
{
  return g_error_matches (pl_session_get_error (session), PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_ENDED);
}

/* Counts datagrams that @session sees from a new flow on loopback. */
static void
expect_datagrams (PlSession *session, gboolean is_expected)
{
  guint16 from, to;
  int sender = make_socket (SOCK_DGRAM, &from), receiver = make_socket (SOCK_DGRAM, &to);
  Search search = { is_counted_from, from, NULL };

  connect_to (sender, to);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (send (sender, "x", 1, 0), ==, 1);
  g_assert_cmpint (run_until (session, is_expected ? PATIENCE_MS : 700, finds, &search), ==, is_expected);
  if (is_expected)
    {
      g_assert_true (run_until (session, PATIENCE_MS, has_sent, &(Sent){ &search, 0, 10 }));
      g_assert_cmpuint (search.found->flow.sent[search.found->local_end].packets, ==, 10);
    }
  close (sender);
  close (receiver);
}

/* One helper for the whole run, and so one password: stop, start, another interface, another window. */
static void
test_one_helper (void)
{
  static const char *const interfaces[] = { "lo", "any", "pl-nosuch0", "lo" };
  g_autoptr (PlHelperKeeper) keeper = pl_helper_keeper_new ();
  PlSession *session = pl_session_new (), *other = pl_session_new ();
  pid_t first = 0, pid;

  pl_session_set_helper_keeper (session, keeper);
  pl_session_set_helper_keeper (other, keeper);
  for (guint i = 0; getuid () == 0 && i < 2 * G_N_ELEMENTS (interfaces); i++)
    {
      const char *interface = interfaces[i / 2];
      PlOpen open = { .kind = PL_OPEN_HELPER, .name = interface, .fd = -1 };

      g_assert_true (pl_session_open (session, &open, NULL));
      if (!g_str_equal (interface, "pl-nosuch0"))
        {
          g_assert_true (run_until (session, PATIENCE_MS, is_running, NULL));
          expect_datagrams (session, TRUE);
          if (i % 2 == 0)
            pl_session_stop (session);
          expect_datagrams (session, i % 2 != 0);
        }
      else
        g_assert_true (run_until (session, PATIENCE_MS, is_over, NULL));
      g_assert_true (find_child (&pid));
      g_assert_true (first == 0 || pid == first);
      first = pid;
    }
  if (first != 0)
    {
      g_assert_true (pl_session_open (other, &(PlOpen){ .kind = PL_OPEN_HELPER, .name = "lo", .fd = -1 }, NULL));
      g_assert_error (pl_session_get_error (session), PL_HELPER_CLIENT_ERROR, PL_HELPER_CLIENT_ERROR_TAKEN);
      g_assert_true (run_until (other, PATIENCE_MS, is_running, NULL));
      expect_datagrams (other, TRUE);
      g_assert_true (find_child (&pid) && pid == first);
    }
  else
    g_test_skip ("capturing needs root");
  g_assert_finalize_object (session);
  g_assert_finalize_object (other);
  g_assert_true (first == 0 || (find_child (&pid) && pid == first)); /* the keeper keeps it */
  g_clear_pointer (&keeper, pl_helper_keeper_unref);
  while (find_child (&pid))
    g_main_context_iteration (NULL, TRUE);
}

/* Sends datagrams to itself, once @told has heard from which port. */
static int
send_on (int told)
{
  guint16 from, to;
  int sender = make_socket (SOCK_DGRAM, &from), receiver = make_socket (SOCK_DGRAM, &to);

  connect_to (sender, to);
  if (write (told, &from, sizeof from) != sizeof from)
    return 1;
  for (char byte; send (sender, "x", 1, 0) == 1 && recv (receiver, &byte, 1, 0) == 1;)
    g_usleep (50000);
  return 1;
}

/* Another program, alone with its socket: sends to itself until it is killed. Writes the port it sends from to @port. One that fork(2)
 * alone made might have been passed its socket over one of ours. */
static pid_t
start_sender (guint16 *port)
{
  int pair[2];
  pid_t pid;

  g_assert_no_errno (pipe (pair));
  pid = fork ();
  g_assert_no_errno (pid);
  if (pid == 0)
    {
      g_autofree char *told = g_strdup_printf ("%d", pair[1]);

      prctl (PR_SET_PDEATHSIG, SIGKILL);
      execl ("/proc/self/exe", "test-session-live", SENDER, told, NULL);
      _exit (1);
    }
  close (pair[1]);
  g_assert_cmpint (read (pair[0], port, sizeof *port), ==, sizeof *port);
  close (pair[0]);
  return pid;
}

/* What is known in the end of a flow that was to have owners. */
static void
tell_what_is_there (PlSession *session, guint16 port)
{
  const PlModelTotals *totals = pl_model_get_totals (pl_session_get_model (session));
  Search search = { is_from, port, NULL };

  g_test_message ("%" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT " asked, %" G_GUINT64_FORMAT
                  " scans, %" G_GUINT64_FORMAT " us; euid %u",
                  totals->packets, totals->owners.asked, totals->owners.scans, totals->owners.p95_us, geteuid ());
  if (finds (session, &search))
    g_test_message ("sources %u, uid %u, owner %d (%u), the other end's %d", search.found->sources, search.found->uid,
                    search.found->app != NULL ? search.found->app->pid : 0, search.found->app_confidence,
                    search.found->remote_app != NULL ? search.found->remote_app->pid : 0);
}

static gboolean
has_exact_owner (const PlModelFlow *flow, guint port)
{
  return is_owned_from (flow, port) && flow->app_confidence == PL_CONFIDENCE_EXACT;
}

static void
expect_owner (PlSession *session, guint16 port, pid_t pid)
{
  Search search = { has_exact_owner, port, NULL };

  if (!run_until (session, PATIENCE_MS, finds, &search))
    tell_what_is_there (session, port);
  g_assert_nonnull (search.found);
  g_assert_cmpint (search.found->app->pid, ==, pid);
}

/* Whoever captures knows the owners that only the helper may see: also a session that has it second, and one that has it
 * again. */
static void
test_owners_go_along (void)
{
  PlOpen open = { .kind = PL_OPEN_HELPER, .name = "lo", .fd = -1 };
  g_autoptr (PlHelperKeeper) keeper = pl_helper_keeper_new ();
  PlSession *sessions[] = { pl_session_new (), pl_session_new (), pl_session_new () };
  guint16 port;
  pid_t sender = getuid () == 0 ? start_sender (&port) : -1;

  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++)
    pl_session_set_helper_keeper (sessions[i], keeper);
  for (guint i = 0; sender > 0 && i < 4; i++)
    {
      PlSession *session = sessions[i == 3 ? 1 : i];

      g_assert_true (pl_session_open (session, &open, NULL));
      g_assert_true (run_until (session, PATIENCE_MS, is_running, NULL));
      expect_owner (session, port, sender);
      if (i == 1) /* one that is stopped, and one that is gone, keep it from nobody */
        pl_session_stop (session);
      else if (i == 2)
        g_assert_finalize_object (g_steal_pointer (&sessions[2]));
      g_assert_no_errno (seteuid (65534)); /* from the first on: only the helper may look */
    }
  if (sender > 0)
    {
      g_assert_no_errno (seteuid (0));
      g_assert_no_errno (prctl (PR_SET_DUMPABLE, 1));
      kill (sender, SIGKILL);
      waitpid (sender, NULL, 0);
    }
  else
    g_test_skip ("capturing needs root");
  g_clear_object (&sessions[2]);
  g_assert_finalize_object (sessions[0]);
  g_assert_finalize_object (sessions[1]);
}

/* A helper that is killed is said; the flows stay, and it can be started again. */
static void
test_helper_killed (void)
{
  PlSession *session = pl_session_new ();
  Search search;
  guint16 from, to;
  int sender;
  pid_t pid;

  if (!open_loopback (session, PL_OPEN_HELPER))
    {
      g_assert_finalize_object (session);
      return;
    }
  close (make_socket (SOCK_DGRAM, &to));
  sender = make_socket (SOCK_DGRAM, &from);
  connect_to (sender, to);
  send (sender, "x", 1, 0);
  search = (Search){ is_counted_from, from, NULL };
  g_assert_true (run_until (session, PATIENCE_MS, finds, &search));
  g_assert_true (find_child (&pid));
  g_assert_no_errno (kill (pid, SIGKILL));
  g_assert_true (run_until (session, PATIENCE_MS, says_how_it_ended, NULL));
  g_test_message ("%s", pl_session_get_error (session)->message);
  g_assert_nonnull (strstr (pl_session_get_error (session)->message, "stopped by signal 9"));
  g_assert_true (finds (session, &search));
  open_loopback (session, PL_OPEN_HELPER);
  close (sender);
  g_assert_finalize_object (session);
  while (find_child (&pid)) /* it ends, for nobody reads any more */
    g_main_context_iteration (NULL, TRUE);
}

static void
run_ip (const char *commands)
{
  g_autofree char *script = g_strconcat ("set -e; ", commands, NULL);
  char *argv[] = { "sh", "-c", script, NULL };
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

/* A datagram out of the interface of that address is counted. */
static void
expect_datagram_out (PlSession *session)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (9), .sin_addr = { inet_addr ("10.98.0.2") } };
  socklen_t length = sizeof to;
  struct sockaddr_in from;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  Search search;

  g_assert_no_errno (connect (fd, (struct sockaddr *)&to, sizeof to));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *)&from, &length));
  search = (Search){ is_counted_from, ntohs (from.sin_port), NULL };
  g_assert_cmpint (send (fd, "x", 1, 0), ==, 1);
  g_assert_true (run_until (session, PATIENCE_MS, finds, &search));
  close (fd);
}

static gboolean
has_no_interface (PlSession *session, gpointer data)
{
  return pl_model_get_totals (pl_session_get_model (session))->is_interface_gone;
}

static gboolean
has_interface (PlSession *session, gpointer data)
{
  return !has_no_interface (session, data);
}

/* A device that is taken out and comes back, as another to the kernel, needs nothing; meanwhile it is said. In a network namespace from here on:
 * the last test. */
static void
test_device_comes_back (void)
{
  static const char add[] = "ip link add pl0 type veth peer name pl1; ip link set pl1 up; ip link set pl0 up; "
                            "ip addr add 10.98.0.1/24 dev pl0; ip neigh add 10.98.0.2 lladdr 02:00:00:00:00:02 dev pl0";
  PlSession *session = pl_session_new ();
  pid_t pid;

  if (getuid () != 0 || unshare (CLONE_NEWNET) != 0)
    {
      g_test_skip ("needs root and a network namespace");
      g_assert_finalize_object (session);
      return;
    }
  run_ip ("ip link set lo up");
  run_ip (add);
  g_assert_true (pl_session_open (session, &(PlOpen){ .kind = PL_OPEN_HELPER, .name = "pl0", .fd = -1 }, NULL));
  g_assert_true (run_until (session, PATIENCE_MS, is_running, NULL));
  expect_datagram_out (session);
  g_assert_true (has_interface (session, NULL));
  run_ip ("ip link del pl0");
  g_assert_true (run_until (session, PATIENCE_MS, has_no_interface, NULL));
  g_assert_true (is_running (session, NULL));
  run_ip (add);
  g_assert_true (run_until (session, PATIENCE_MS, has_interface, NULL));
  expect_datagram_out (session);
  g_assert_finalize_object (session);
  while (find_child (&pid))
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    PlOpenKind kind;
  } ways[] = { { "device", PL_OPEN_DEVICE }, { "helper", PL_OPEN_HELPER } };
  static const struct
  {
    const char *name;
    GTestDataFunc test;
  } tests[] = { { "datagrams", test_datagrams },
                { "both-sources", test_both_sources },
                { "restarts", test_restarts },
                { "no-device", test_no_device } };

  if (argc == 3 && g_str_equal (argv[1], SENDER))
    return send_on (atoi (argv[2]));
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/live/sockets", test_sockets);
  g_test_add_func ("/session/live/sockets-rest", test_sockets_rest);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    for (guint j = 0; j < G_N_ELEMENTS (tests); j++)
      {
        g_autofree char *path = g_strdup_printf ("/session/live/%s/%s", ways[i].name, tests[j].name);

        g_test_add_data_func (path, GINT_TO_POINTER (ways[i].kind), tests[j].test);
      }
  g_test_add_func ("/session/live/helper/one", test_one_helper);
  g_test_add_func ("/session/live/helper/owners-go-along", test_owners_go_along);
  g_test_add_func ("/session/live/helper/killed", test_helper_killed);
  g_test_add_func ("/session/live/helper/device-comes-back", test_device_comes_back);
  return g_test_run ();
}
