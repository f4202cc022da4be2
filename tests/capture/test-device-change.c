/* Live capture while the machine changes under it: an interface goes down or disappears, an address comes, loopback on
 * "any" beside another interface. In a network namespace of this program's own, which ends with it; needs root. */
#include "collect.h"
#include "frames.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static gboolean has_namespace;
static pid_t far_pid; /* a process that does nothing but hold the far namespace */

static void
run (const char *command)
{
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  g_autofree char *words = NULL;
  GError *error = NULL;
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &words, &status, &error));
  g_assert_no_error (error);
  if (status != 0)
    g_test_message ("%s: %s", command, words);
  g_assert_cmpint (status, ==, 0);
}

static gboolean
may_run (void)
{
  if (!has_namespace)
    g_test_skip ("no right to make a network namespace, or no ip(8)");
  return has_namespace;
}

/* A pair of interfaces: what is sent into one comes out of the other. */
static gboolean
make_pair (void)
{
  if (!may_run ())
    return FALSE;
  run ("ip link add pl-capture-a type veth peer name pl-capture-b");
  run ("ip link set pl-capture-a up");
  run ("ip link set pl-capture-b up");
  return TRUE;
}

/* An interface whose other end lies in another namespace, so that "any" sees what is sent once. */
static void
make_way_out (void)
{
  g_autofree char *add =
      g_strdup_printf ("ip link add pl-capture-a type veth peer name pl-capture-b netns %d", far_pid);
  g_autofree char *up = g_strdup_printf ("nsenter -t %d -n ip link set pl-capture-b up", far_pid);

  run (add);
  run (up);
  run ("ip link set pl-capture-a up");
  run ("ip address add 192.0.2.1/24 dev pl-capture-a");
  run ("ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev pl-capture-a");
}

static gboolean
is_running (Collector *collector, gpointer data)
{
  g_assert_no_error (collector->error);
  return collector->state == PL_CAPTURE_RUNNING;
}

static PlCapture *
start_on (Collector *collector, const char *name)
{
  const PlCaptureOptions options = {
    .kind = PL_SOURCE_DEVICE, .name = name, .fd = -1, .control_fd = -1, .is_live = TRUE
  };
  PlCapture *capture = pl_capture_start (&options, collector->mailbox);

  collector_wait (collector, is_running, NULL);
  return capture;
}

static void
expect_gone (const char *command, const char *words)
{
  g_autoptr (Collector) collector = collector_new ();
  PlCapture *capture = start_on (collector, "pl-capture-a");

  run (command);
  collector_wait_for_end (collector);
  pl_capture_stop (capture);
  g_assert_error (collector->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE);
  g_test_message ("%s", collector->error->message);
  g_assert_nonnull (strstr (collector->error->message, words));
  collector_check_totals (collector);
}

static void
test_goes_down (void)
{
  g_autoptr (Collector) collector = collector_new ();
  const PlCaptureOptions options = {
    .kind = PL_SOURCE_DEVICE, .name = "pl-capture-a", .fd = -1, .control_fd = -1, .is_live = TRUE
  };

  if (!make_pair ())
    return;
  expect_gone ("ip link set pl-capture-a down", "is down");
  /* And to begin with. */
  collector_run (collector, &options);
  g_assert_error (collector->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE);
  run ("ip link delete pl-capture-a");
}

static void
test_disappears (void)
{
  if (!make_pair ())
    return;
  expect_gone ("ip link delete pl-capture-a", "has disappeared");
}

/* UDP from a socket to @address, whether or not anyone is there. */
static void
send_to (const char *address, guint16 port)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (inet_pton (AF_INET, address, &to.sin_addr), ==, 1);
  g_assert_cmpint (sendto (fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to), ==, 1);
  close (fd);
}

typedef struct
{
  guint16 port;
  guint n;
} Wanted;

/* Whether flows to the port have counted as many packets as wanted. */
static gboolean
has_counted (Collector *collector, gpointer data)
{
  const Wanted *wanted = data;
  GHashTableIter iter;
  gpointer value;
  guint64 n = 0;

  g_assert_no_error (collector->error);
  g_hash_table_iter_init (&iter, collector->flows);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const PlFlow *flow = &((const PlFlowUpdate *)value)->flow;

      if (flow->key.proto == PL_PROTO_UDP && (flow->key.port[0] == wanted->port || flow->key.port[1] == wanted->port))
        n += flow->sent[0].packets + flow->sent[1].packets;
    }
  g_assert_cmpuint (n, <=, wanted->n);
  return n == wanted->n;
}

/* On "any" nothing ends: interfaces go and come, and are seen when they are back. */
static void
test_any_goes_on (void)
{
  g_autoptr (Collector) collector = collector_new ();
  Wanted before = { 7001, 1 }, between = { 7002, 1 }, after = { 7003, 1 };
  PlCapture *capture;

  if (!may_run ())
    return;
  make_way_out ();
  capture = start_on (collector, "any");
  send_to ("192.0.2.2", 7001);
  collector_wait (collector, has_counted, &before);
  run ("ip link delete pl-capture-a");
  send_to ("127.0.0.1", 7002);
  collector_wait (collector, has_counted, &between);
  make_way_out ();
  send_to ("192.0.2.2", 7003);
  collector_wait (collector, has_counted, &after);
  g_assert_cmpstr (g_ptr_array_index (collector->ifaces, collector_get_by_port (collector, 7003)->flow.iface), ==,
                   "pl-capture-a");
  g_assert_cmpstr (g_ptr_array_index (collector->ifaces, collector_get_by_port (collector, 7002)->flow.iface), ==,
                   "lo");
  pl_capture_stop (capture);
  collector_take (collector);
  collector_check_totals (collector);
  run ("ip link delete pl-capture-a");
}

/* A frame as another machine at the far end would send it. */
static void
inject (const char *name, const TestFrame *frame)
{
  g_autoptr (GByteArray) bytes = test_frame_build (frame);
  const struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex (name), .sll_halen = 6 };
  int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

  g_assert_cmpint (sendto (fd, bytes->data, bytes->len, 0, (const struct sockaddr *)&to, sizeof to), ==, bytes->len);
  close (fd);
}

static gboolean
is_called_end_local (Collector *collector, gpointer data)
{
  const PlFlow *flow = &collector_get_by_port (collector, 7004)->flow;

  return flow->local_end == !flow->initiator_end && !(flow->flags & PL_FLOW_LOCAL_GUESSED);
}

/* A flow whose local end had to be guessed is decided when an address of it turns out to be ours. */
static void
test_address_comes (void)
{
  g_autoptr (Collector) collector = collector_new ();
  const TestFrame frame = { .proto = 17, .src = 1, .dst = 9, .src_port = 50000, .dst_port = 7004 };
  Wanted wanted = { 7004, 1 };
  PlCapture *capture;
  const PlFlow *flow;

  if (!make_pair ())
    return;
  capture = start_on (collector, "pl-capture-a");
  inject ("pl-capture-b", &frame);
  collector_wait (collector, has_counted, &wanted);
  flow = &collector_get_by_port (collector, 7004)->flow;
  g_assert_cmpint (flow->local_end, ==, flow->initiator_end);
  g_assert_true (flow->flags & PL_FLOW_LOCAL_GUESSED);
  run ("ip address add 10.0.0.9/32 dev pl-capture-a");
  collector_wait (collector, is_called_end_local, NULL);
  pl_capture_stop (capture);
  collector_take (collector);
  collector_check_totals (collector);
  run ("ip link delete pl-capture-a");
}

static pid_t
hold_far_namespace (void)
{
  int ready[2];
  char byte;
  pid_t pid;

  g_assert_cmpint (pipe2 (ready, O_CLOEXEC), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      if (unshare (CLONE_NEWNET) != 0 || write (ready[1], "", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  return pid;
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (geteuid () == 0 && unshare (CLONE_NEWNET) == 0)
    {
      g_autofree char *ip = g_find_program_in_path ("ip");

      has_namespace = ip != NULL;
      if (has_namespace)
        {
          run ("ip link set lo up");
          far_pid = hold_far_namespace ();
        }
    }
  g_test_add_func ("/device-change/goes-down", test_goes_down);
  g_test_add_func ("/device-change/disappears", test_disappears);
  g_test_add_func ("/device-change/any-goes-on", test_any_goes_on);
  g_test_add_func ("/device-change/address-comes", test_address_comes);
  status = g_test_run ();
  if (far_pid > 0)
    kill (far_pid, SIGKILL);
  return status;
}
