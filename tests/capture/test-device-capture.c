/* Live capture on loopback and in network namespaces of our own. Needs the right to capture; skipped where it lacks.
 * All traffic is between sockets of this program on 127.0.0.1 and ::1. */
#include "collect.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's ring holds 48,000 of our datagrams on loopback, each twice: measured, with nobody reading. */
#define FITS_THE_RING 40000

/* The bulk hands over what the kernel's ring holds within its timeout; this is well past it. */
#define SETTLE_US (400 * 1000)

static gboolean
may_capture (void)
{
  int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

  if (fd < 0)
    {
      g_test_skip ("no right to capture (CAP_NET_RAW)");
      return FALSE;
    }
  close (fd);
  return TRUE;
}

static gboolean
is_running (Collector *collector, gpointer data)
{
  g_assert_no_error (collector->error);
  return collector->state == PL_CAPTURE_RUNNING;
}

static PlCapture *
start (Collector *collector, const PlCaptureOptions *options)
{
  PlCapture *capture = pl_capture_start (options, collector->mailbox);

  collector_wait (collector, is_running, NULL);
  return capture;
}

static void
stop (Collector *collector, PlCapture *capture)
{
  pl_capture_stop (capture);
  collector_take (collector);
  g_assert_cmpint (collector->state, ==, PL_CAPTURE_ENDED);
  collector_check_totals (collector);
}

/* A UDP socket bound to loopback; *port is what it got. */
static int
bind_udp (int family, guint16 *port)
{
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct sockaddr *address = family == AF_INET6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
  socklen_t length = family == AF_INET6 ? sizeof v6 : sizeof v4;
  int fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, address, length), ==, 0);
  g_assert_cmpint (getsockname (fd, address, &length), ==, 0);
  *port = ntohs (family == AF_INET6 ? v6.sin6_port : v4.sin_port);
  return fd;
}

static void
send_udp (int from, int to, guint n_packets)
{
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  guint8 payload[22] = { 0 }; /* 64 bytes on the wire over IPv4 */

  g_assert_cmpint (getsockname (to, (struct sockaddr *)&address, &length), ==, 0);
  for (guint i = 0; i < n_packets; i++)
    g_assert_cmpint (sendto (from, payload, sizeof payload, 0, (struct sockaddr *)&address, length), ==,
                     sizeof payload);
}

/* Each packet is counted once, whether on lo or on "any", where loopback shows it twice. @settle_us: between the last
 * packet and the stop. */
static void
count_udp (const char *device, int family, guint n_packets, gulong settle_us)
{
  g_autoptr (Collector) collector = collector_new ();
  g_autofree char *filter = NULL;
  PlCaptureOptions options = { .kind = PL_SOURCE_DEVICE, .name = device, .fd = -1, .control_fd = -1, .is_live = TRUE };
  guint16 from_port, to_port;
  int from = bind_udp (family, &from_port), to = bind_udp (family, &to_port);
  const PlFlowUpdate *update;
  const PlFlow *flow;
  guint header = family == AF_INET6 ? 40 + 8 : 20 + 8;
  guint link = g_str_equal (device, "any") ? 20 : 14;
  int sender;
  PlCapture *capture;

  filter = g_strdup_printf ("udp port %u", to_port);
  options.filter = filter;
  capture = start (collector, &options);
  send_udp (from, to, n_packets);
  g_usleep (settle_us);
  stop (collector, capture);
  g_assert_cmpuint (collector->stats.packets, ==, n_packets);
  g_assert_cmpuint (collector->stats.kernel_dropped, ==, 0);
  update = collector_get_by_port (collector, to_port);
  flow = &update->flow;
  sender = flow->key.port[0] == from_port ? 0 : 1;
  g_assert_cmpuint (flow->sent[sender].packets, ==, n_packets);
  g_assert_cmpuint (flow->sent[sender].bytes, ==, (guint64)n_packets * (link + header + 22));
  g_assert_cmpuint (flow->sent[sender].payload_bytes, ==, (guint64)n_packets * 22);
  g_assert_cmpuint (flow->sent[!sender].packets, ==, 0);
  g_assert_cmpint (flow->initiator_end, ==, sender);
  g_assert_cmpint (flow->local_end, ==, sender);
  g_assert_cmpstr (g_ptr_array_index (collector->ifaces, flow->iface), ==, "lo");
  close (from);
  close (to);
}

static void
test_udp (void)
{
  if (!may_capture ())
    return;
  count_udp ("lo", AF_INET, 1000, SETTLE_US);
  count_udp ("lo", AF_INET6, 1000, SETTLE_US);
  count_udp ("any", AF_INET, 1000, SETTLE_US);
  count_udp ("any", AF_INET6, 1000, SETTLE_US);
}

/* What fits the ring is counted to the last one, however late we come to read it. */
static void
test_burst (void)
{
  if (!may_capture ())
    return;
  count_udp ("lo", AF_INET, FITS_THE_RING, SETTLE_US);
}

/* What does not fit, where the machine gives us no time to read, is said: on loopback the kernel drops both copies. */
static void
test_flood (void)
{
  g_autoptr (Collector) collector = collector_new ();
  g_autofree char *filter = NULL;
  PlCaptureOptions options = { .kind = PL_SOURCE_DEVICE, .name = "lo", .fd = -1, .control_fd = -1, .is_live = TRUE };
  guint16 from_port, to_port;
  const guint n_packets = 100000;
  int from, to;
  guint64 n_missing;
  PlCapture *capture;

  if (!may_capture ())
    return;
  from = bind_udp (AF_INET, &from_port);
  to = bind_udp (AF_INET, &to_port);
  filter = g_strdup_printf ("udp port %u", to_port);
  options.filter = filter;
  capture = start (collector, &options);
  send_udp (from, to, n_packets);
  g_usleep (SETTLE_US);
  stop (collector, capture);
  n_missing = n_packets - collector->stats.packets;
  g_test_message ("%" G_GUINT64_FORMAT " missing", n_missing);
  g_assert_cmpuint (collector->stats.packets, <=, n_packets);
  g_assert_cmpuint (collector->stats.kernel_dropped, >=, n_missing);
  g_assert_cmpuint (collector->stats.kernel_dropped, <=, 2 * n_packets - FITS_THE_RING);
  close (from);
  close (to);
}

/* What was sent before the stop is counted, though the kernel still holds it. */
static void
test_stop_at_once (void)
{
  if (!may_capture ())
    return;
  for (int i = 0; i < 5; i++)
    {
      count_udp ("lo", AF_INET, 20, 0);
      count_udp ("any", AF_INET6, 20, 0);
    }
}

static gboolean
count_new_flow (const PlFlow *flow, gpointer data)
{
  gint *n = data;

  g_assert_cmpuint (flow->id, >, 0);
  g_assert_cmpuint (flow->sent[0].packets + flow->sent[1].packets, ==, 0);
  g_atomic_int_inc (n);
  return TRUE;
}

/* A new flow is known within milliseconds, before the bulk has counted it. */
static void
test_first_packet (void)
{
  g_autoptr (Collector) collector = collector_new ();
  gint n_new = 0;
  g_autofree char *filter = NULL;
  PlCaptureOptions options = { .kind = PL_SOURCE_DEVICE,
                               .name = "lo",
                               .fd = -1,
                               .control_fd = -1,
                               .is_live = TRUE,
                               .new_flow = count_new_flow,
                               .new_flow_data = &n_new };
  guint16 from_port, to_port;
  int from[9], to; /* all open till the end, so that no two have the same port */
  gint64 sent_us, seen_us[G_N_ELEMENTS (from)], soonest_us = G_MAXINT64;
  PlCapture *capture;

  if (!may_capture ())
    return;
  to = bind_udp (AF_INET, &to_port);
  filter = g_strdup_printf ("udp port %u", to_port);
  options.filter = filter;
  capture = start (collector, &options);
  for (guint i = 0; i < G_N_ELEMENTS (seen_us); i++)
    {
      from[i] = bind_udp (AF_INET, &from_port);
      sent_us = g_get_monotonic_time ();
      send_udp (from[i], to, 1);
      while (g_atomic_int_get (&n_new) <= (gint)i && g_get_monotonic_time () - sent_us < SETTLE_US)
        g_usleep (100);
      seen_us[i] = g_get_monotonic_time () - sent_us;
    }
  g_usleep (SETTLE_US);
  stop (collector, capture);
  g_assert_cmpint (g_atomic_int_get (&n_new), ==, G_N_ELEMENTS (seen_us));
  g_assert_cmpuint (collector->stats.packets, ==, G_N_ELEMENTS (seen_us));
  for (guint i = 0; i < G_N_ELEMENTS (seen_us); i++)
    {
      g_test_message ("new flow known after %" G_GINT64_FORMAT " µs", seen_us[i]);
      soonest_us = MIN (soonest_us, seen_us[i]);
      close (from[i]);
    }
  g_assert_cmpint (soonest_us, <, 20000); /* any of them: the machine may be busy */
  close (to);
}

static gboolean
has_packet (Collector *collector, gpointer data)
{
  g_assert_no_error (collector->error);
  return collector->stats.packets == 1;
}

/* No packets, no work: the thread sleeps until one comes, and again behind it. */
static void
test_rest (void)
{
  g_autoptr (Collector) collector = collector_new ();
  g_autofree char *filter = NULL;
  PlCaptureOptions options = { .kind = PL_SOURCE_DEVICE,
                               .name = "lo",
                               .fd = -1,
                               .control_fd = -1,
                               .is_live = TRUE,
                               .ended_linger_us = G_USEC_PER_SEC };
  guint16 port;
  int from, to;
  PlCapture *capture;

  if (!may_capture ())
    return;
  from = bind_udp (AF_INET, &port);
  to = bind_udp (AF_INET, &port);
  filter = g_strdup_printf ("udp port %u", port);
  options.filter = filter;
  capture = start (collector, &options);
  collector_wait_for_rest (collector);
  send_udp (from, to, 1);
  collector_wait (collector, has_packet, NULL);
  collector_wait_for_rest (collector);
  stop (collector, capture);
  close (from);
  close (to);
}

static void
test_errors (void)
{
  g_autoptr (Collector) missing = collector_new (), filter = collector_new ();
  PlCaptureOptions options = {
    .kind = PL_SOURCE_DEVICE, .name = "nosuch0", .fd = -1, .control_fd = -1, .is_live = TRUE
  };

  collector_run (missing, &options);
  g_assert_error (missing->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (missing->error->message, "lo"));
  if (!may_capture ())
    return;
  options.name = "lo";
  options.filter = "tcp prot 80";
  collector_run (filter, &options);
  g_assert_error (filter->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FILTER);
  g_assert_nonnull (strstr (filter->error->message, "syntax error"));
}

static void
test_cycles (void)
{
  PlCaptureOptions options = { .kind = PL_SOURCE_DEVICE, .name = "lo", .fd = -1, .control_fd = -1, .is_live = TRUE };
  const guint n_cycles = 200;

  if (!may_capture ())
    return;
  for (guint i = 0; i < n_cycles; i++)
    {
      g_autoptr (Collector) collector = collector_new ();
      PlCapture *capture = pl_capture_start (&options, collector->mailbox);

      if (i % 4 == 0)
        g_usleep (5000);
      pl_capture_stop (capture);
      collector_take (collector);
      g_assert_no_error (collector->error);
    }
}

static void
test_devices (void)
{
  g_autoptr (GPtrArray) devices = pl_devices_list ();
  gboolean has_loopback = FALSE;

  for (guint i = 0; i < devices->len; i++)
    {
      const PlDevice *device = g_ptr_array_index (devices, i);

      g_assert_cmpuint (device->ifindex, >, 0);
      if (!device->is_loopback)
        continue;
      has_loopback = TRUE;
      g_assert_nonnull (strstr (device->addresses, "127.0.0.1"));
    }
  g_assert_true (has_loopback);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device-capture/udp", test_udp);
  g_test_add_func ("/device-capture/burst", test_burst);
  g_test_add_func ("/device-capture/flood", test_flood);
  g_test_add_func ("/device-capture/stop-at-once", test_stop_at_once);
  g_test_add_func ("/device-capture/first-packet", test_first_packet);
  g_test_add_func ("/device-capture/rest", test_rest);
  g_test_add_func ("/device-capture/errors", test_errors);
  g_test_add_func ("/device-capture/cycles", test_cycles);
  g_test_add_func ("/device-capture/devices", test_devices);
  return g_test_run ();
}
