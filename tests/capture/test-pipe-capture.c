/* Pipes through the whole capture thread: slow, silent, cut and endless writers, and the helper's message channel beside
 * one. Stopping never waits for anyone. */
#include "collect.h"
#include "frames.h"
#include "bounds.h"
#include "protocol.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_US (1700000000 * (guint64)G_USEC_PER_SEC)

static guint
count_descriptors (void)
{
  DIR *dir = opendir ("/proc/self/fd");
  guint n = 0;

  g_assert_nonnull (dir);
  while (readdir (dir))
    n++;
  closedir (dir);
  return n;
}

static GByteArray *
make_pcap_of (guint n_packets, guint64 start_us)
{
  GByteArray *pcap = test_pcap_new ();

  for (guint i = 0; i < n_packets; i++)
    {
      const TestFrame frame = {
        .proto = 17, .src = 1, .dst = 2, .src_port = 1000 + i, .dst_port = 53, .time_us = start_us + i
      };

      test_pcap_add (pcap, &frame);
    }
  return pcap;
}

static GByteArray *
make_pcap (guint n_packets)
{
  return make_pcap_of (n_packets, START_US);
}

static void
write_all (int fd, const guint8 *bytes, gsize n_bytes)
{
  while (n_bytes > 0)
    {
      gssize n = write (fd, bytes, n_bytes);

      g_assert_cmpint (n, >, 0);
      bytes += n;
      n_bytes -= n;
    }
}

static PlCapture *
start_on (Collector *collector, int fd, int control_fd, gboolean is_live)
{
  const PlCaptureOptions options = {
    .kind = PL_SOURCE_PIPE,
    .name = "the pipe",
    .fd = fd,
    .control_fd = control_fd,
    .is_live = is_live,
  };

  return pl_capture_start (&options, collector->mailbox);
}

static gboolean
has_packets (Collector *collector, gpointer data)
{
  g_assert_no_error (collector->error);
  return collector->stats.packets == GPOINTER_TO_UINT (data);
}

/* Byte by byte: what is complete is told while the pipe is still open, and an end inside a record is said. */
static void
test_trickle (void)
{
  g_autoptr (GByteArray) pcap = make_pcap (3);
  g_autoptr (Collector) collector = collector_new ();
  int fds[2];
  PlCapture *capture;

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  capture = start_on (collector, fds[0], -1, FALSE);
  for (guint i = 0; i < pcap->len - 1; i++)
    write_all (fds[1], pcap->data + i, 1);
  collector_wait (collector, has_packets, GUINT_TO_POINTER (2));
  close (fds[1]);
  collector_wait_for_end (collector);
  pl_capture_stop (capture);
  g_assert_error (collector->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_TRUNCATED);
  g_assert_cmpuint (collector->stats.packets, ==, 2);
  collector_check_totals (collector);
}

/* While a writer is silent the thread sleeps, from a pipe into which a file comes without end. */
static void
test_rest (void)
{
  for (int is_live = FALSE; is_live <= TRUE; is_live++)
    {
      g_autoptr (GByteArray) pcap = make_pcap (3);
      g_autoptr (Collector) collector = collector_new ();
      gsize n_early = is_live ? 24 : pcap->len / 2; /* the file's header; one packet and a piece */
      int fds[2];
      PlCapture *capture;

      g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
      capture = start_on (collector, fds[0], -1, is_live);
      write_all (fds[1], pcap->data, n_early);
      collector_wait (collector, has_packets, GUINT_TO_POINTER (is_live ? 0 : 1));
      collector_wait_for_rest (collector);
      write_all (fds[1], pcap->data + n_early, pcap->len - n_early);
      collector_wait (collector, has_packets, GUINT_TO_POINTER (3));
      close (fds[1]);
      collector_wait_for_end (collector);
      pl_capture_stop (capture);
      g_assert_no_error (collector->error);
      collector_check_totals (collector);
    }
}

static gboolean
has_idle (Collector *collector, gpointer data)
{
  GHashTableIter iter;
  const PlFlowUpdate *update;

  g_hash_table_iter_init (&iter, collector->flows);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&update))
    if (update->flow.state == PL_STATE_IDLE)
      return TRUE;
  return FALSE;
}

static gboolean
has_none (Collector *collector, gpointer data)
{
  return g_hash_table_size (collector->flows) == 0;
}

/* Nor does it wake for live flows that are silent, until one has been for long enough to be idle, or to leave. */
static void
test_silent_flows (void)
{
  const struct
  {
    guint64 silent_us;
    gboolean (*is_done) (Collector *collector, gpointer data);
  } cases[] = { { PL_IDLE_AFTER_US - 4 * G_USEC_PER_SEC, has_idle },
                { PL_IDLE_LINGER_US - 5 * G_USEC_PER_SEC, has_none } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) pcap = make_pcap_of (5, g_get_real_time () - cases[i].silent_us);
      g_autoptr (Collector) collector = collector_new ();
      PlCaptureOptions options = {
        .kind = PL_SOURCE_PIPE, .name = "the pipe", .control_fd = -1, .is_live = TRUE, .ended_linger_us = G_USEC_PER_SEC
      };
      int fds[2];
      PlCapture *capture;

      g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
      options.fd = fds[0];
      capture = pl_capture_start (&options, collector->mailbox);
      write_all (fds[1], pcap->data, pcap->len);
      collector_wait (collector, has_packets, GUINT_TO_POINTER (5));
      collector_wait_for_rest (collector);
      collector_wait (collector, cases[i].is_done, NULL);
      pl_capture_stop (capture);
      close (fds[1]);
    }
}

static void
test_packed (void)
{
  g_autoptr (GByteArray) pcap = make_pcap (100);
  g_autoptr (GByteArray) packed = test_make_gzip (pcap->data, pcap->len);
  g_autoptr (Collector) collector = collector_new ();
  int fds[2];
  PlCapture *capture;

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  capture = start_on (collector, fds[0], -1, FALSE);
  write_all (fds[1], packed->data, packed->len);
  close (fds[1]);
  collector_wait_for_end (collector);
  pl_capture_stop (capture);
  g_assert_no_error (collector->error);
  g_assert_cmpuint (collector->stats.packets, ==, 100);
}

static void
test_empty (void)
{
  g_autoptr (Collector) collector = collector_new ();
  int fds[2];
  PlCapture *capture;

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  close (fds[1]);
  capture = start_on (collector, fds[0], -1, FALSE);
  collector_wait_for_end (collector);
  pl_capture_stop (capture);
  g_assert_error (collector->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_EMPTY);
}

/* Silent writers, at each stage of a file; also a FIFO that nobody opened. */
static void
test_silent_writer (void)
{
  g_autoptr (GByteArray) pcap = make_pcap (2);
  g_autofree char *fifo = g_build_filename (test_get_directory (), "fifo", NULL);
  guint n_before = count_descriptors ();

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (Collector) collector = collector_new ();
      const PlCaptureOptions on_fifo = { .kind = PL_SOURCE_FILE, .name = fifo, .fd = -1, .control_fd = -1 };
      int fds[2] = { -1, -1 };
      PlCapture *capture;

      if (i % 4 == 3)
        capture = pl_capture_start (&on_fifo, collector->mailbox);
      else
        {
          g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
          write_all (fds[1], pcap->data, i * 7 % pcap->len);
          capture = start_on (collector, fds[0], -1, FALSE);
        }
      if (i % 8 == 0)
        g_usleep (2000);
      pl_capture_stop (capture);
      collector_take (collector);
      g_assert_no_error (collector->error);
      g_assert_cmpint (collector->state, ==, PL_CAPTURE_ENDED);
      collector_check_totals (collector);
      if (fds[1] >= 0)
        close (fds[1]);
    }
  g_assert_cmpuint (count_descriptors (), ==, n_before);
}

/* ---- the helper's side ---- */

#define SLL2_BYTES 20

/* A frame of link type SLL2 on loopback: UDP from 127.0.0.1:@port to 127.0.0.1:53, outgoing. */
static GByteArray *
make_sll2 (guint16 port)
{
  const TestFrame frame = { .proto = 17, .src_port = port, .dst_port = 53, .n_payload = 4 };
  g_autoptr (GByteArray) ethernet = test_frame_build (&frame);
  guint8 header[SLL2_BYTES] = { 0x08, 0x00, [10] = 4 };
  guint32 ifindex = GUINT32_TO_BE (if_nametoindex ("lo"));
  GByteArray *bytes = g_byte_array_new ();

  memcpy (header + 4, &ifindex, sizeof ifindex);
  g_byte_array_append (bytes, header, sizeof header);
  g_byte_array_append (bytes, ethernet->data + 14, ethernet->len - 14);
  memcpy (bytes->data + SLL2_BYTES + 12, (guint8[]){ 127, 0, 0, 1, 127, 0, 0, 1 }, 8);
  return bytes;
}

static void
send_message (int fd, guint16 version, guint16 type, guint32 length, gconstpointer body, gsize n_body)
{
  guint8 record[1024];
  const struct pl_helper_header header = { .version = version, .type = type, .length = length };

  memcpy (record, &header, sizeof header);
  if (n_body > 0)
    memcpy (record + sizeof header, body, n_body);
  g_assert_cmpint (send (fd, record, sizeof header + n_body, 0), ==, sizeof header + n_body);
}

static void
send_first (int fd, const GByteArray *frame, guint32 captured)
{
  struct pl_helper_first first = { .time_us = START_US, .wire_bytes = frame->len, .captured_bytes = captured };

  memcpy (first.bytes, frame->data, MIN (frame->len, sizeof first.bytes));
  send_message (fd, PL_HELPER_PROTOCOL, PL_HELPER_FIRST, sizeof first, &first, sizeof first);
}

#define N_RUBBISH 7

/* Each of these is dropped and counted, and what comes after is still understood. */
static void
send_rubbish (int fd, const GByteArray *frame)
{
  const struct pl_helper_stats stats = { 1, 2 };
  guint8 zeros[600] = { 0 };

  send_message (fd, PL_HELPER_PROTOCOL + 1, PL_HELPER_STATS, sizeof stats, &stats, sizeof stats);
  send_message (fd, PL_HELPER_PROTOCOL, PL_HELPER_STATS, sizeof stats - 1, &stats, sizeof stats);
  send_message (fd, PL_HELPER_PROTOCOL, PL_HELPER_STATS, sizeof stats, &stats, sizeof stats - 1);
  send_message (fd, PL_HELPER_PROTOCOL, 4711, 0, NULL, 0);
  send_message (fd, PL_HELPER_PROTOCOL, PL_HELPER_FIRST, sizeof zeros, zeros, sizeof zeros);
  g_assert_cmpint (send (fd, zeros, 3, 0), ==, 3);
  send_first (fd, frame, PL_HELPER_FIRST_BYTES + 1);
}

static gboolean
count_new (const PlFlow *flow, gpointer data)
{
  g_atomic_int_inc ((gint *)data);
  return TRUE;
}

static gboolean
has_drops (Collector *collector, gpointer data)
{
  g_assert_no_error (collector->error);
  return collector->stats.kernel_dropped == 5 && collector->stats.interface_dropped == G_MAXUINT64;
}

static void
test_helper (void)
{
  g_autoptr (Collector) collector = collector_new ();
  g_autoptr (GByteArray) frame = make_sll2 (4000), pcap = test_pcap_new ();
  const struct pl_helper_stats stats = { 9, 5 };
  struct pl_helper_text text = { "the interface is gone." };
  gint n_new = 0;
  int fds[2], channel[2];
  PlCaptureOptions options = {
    .kind = PL_SOURCE_PIPE, .name = "the helper", .is_live = TRUE, .new_flow = count_new, .new_flow_data = &n_new
  };
  const PlFlowUpdate *update;
  PlCapture *capture;

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), ==, 0);
  options.fd = fds[0];
  options.control_fd = channel[0];
  capture = pl_capture_start (&options, collector->mailbox);
  send_message (channel[1], PL_HELPER_PROTOCOL, PL_HELPER_HELLO, 0, NULL, 0);
  send_rubbish (channel[1], frame);
  send_first (channel[1], frame, frame->len);
  send_message (channel[1], PL_HELPER_PROTOCOL, PL_HELPER_STATS, sizeof stats, &stats, sizeof stats);
  collector_wait (collector, has_drops, NULL);
  g_assert_cmpint (g_atomic_int_get (&n_new), ==, 1);
  g_assert_cmpuint (collector->stats.packets, ==, 0);
  g_assert_cmpuint (collector->stats.messages_refused, ==, N_RUBBISH);
  pcap->data[20] = 276 & 0xff;
  pcap->data[21] = 276 >> 8;
  test_pcap_add_bytes (pcap, START_US, frame->data, frame->len, frame->len);
  write_all (fds[1], pcap->data, pcap->len);
  collector_wait (collector, has_packets, GUINT_TO_POINTER (1));
  g_assert_cmpint (g_atomic_int_get (&n_new), ==, 1);
  update = collector_get_by_port (collector, 4000);
  g_assert_cmpstr (g_ptr_array_index (collector->ifaces, update->flow.iface), ==, "lo");
  g_assert_cmpint (update->flow.local_end, ==, update->flow.initiator_end);
  g_assert_false (update->flow.flags & PL_FLOW_LOCAL_GUESSED);
  send_message (channel[1], PL_HELPER_PROTOCOL, PL_HELPER_ERROR, sizeof text, &text, sizeof text);
  close (channel[1]);
  close (fds[1]);
  collector_wait_for_end (collector);
  pl_capture_stop (capture);
  g_assert_error (collector->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE);
  g_assert_cmpstr (collector->error->message, ==, "The interface is gone.");
  collector_check_totals (collector);
}

/* A helper that dies without a word; one that closes the channel but goes on capturing. */
static void
test_helper_dies (void)
{
  for (int closes_channel_only = 0; closes_channel_only < 2; closes_channel_only++)
    {
      g_autoptr (Collector) collector = collector_new ();
      g_autoptr (GByteArray) pcap = make_pcap (1);
      int fds[2], channel[2];
      PlCapture *capture;

      g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), ==, 0);
      capture = start_on (collector, fds[0], channel[0], TRUE);
      close (channel[1]);
      write_all (fds[1], pcap->data, pcap->len);
      collector_wait (collector, has_packets, GUINT_TO_POINTER (1));
      if (!closes_channel_only)
        {
          close (fds[1]);
          collector_wait_for_end (collector);
          g_assert_error (collector->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE);
        }
      pl_capture_stop (capture);
      collector_take (collector);
      collector_check_totals (collector);
      if (closes_channel_only)
        {
          g_assert_no_error (collector->error);
          close (fds[1]);
        }
    }
}

/* Answers the question for the stream's end with what it captured; 0: never. Ends with the channel. */
typedef struct
{
  int channel;
  guint64 captured;
} Teller;

static gpointer
tell_captured (gpointer data)
{
  const Teller *teller = data;
  const struct pl_helper_stats stats = { teller->captured, 0 };
  struct pl_helper_header header;

  while (recv (teller->channel, &header, sizeof header, 0) > 0)
    if (header.type == PL_HELPER_END && teller->captured > 0)
      send_message (teller->channel, PL_HELPER_PROTOCOL, PL_HELPER_STATS, sizeof stats, &stats, sizeof stats);
  return NULL;
}

/* Stopped, but the helper does not come to the end of what it has in time: how much that is, is told or said to be unknown. */
static void
test_helper_is_cut (void)
{
  static const guint64 captured[] = { 10, 3, 0 }, unread[] = { 7, 0, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (captured); i++)
    {
      g_autoptr (Collector) collector = collector_new ();
      g_autoptr (GByteArray) pcap = make_pcap (3);
      int fds[2], channel[2];

      g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), ==, 0);
      Teller teller = { channel[1], captured[i] };
      GThread *thread = g_thread_new ("tell", tell_captured, &teller);
      PlCapture *capture = start_on (collector, fds[0], channel[0], TRUE);
      write_all (fds[1], pcap->data, pcap->len);
      collector_wait (collector, has_packets, GUINT_TO_POINTER (3));
      g_assert_cmpuint (collector->stats.unread, ==, 0);
      pl_capture_stop (capture);
      collector_take (collector);
      g_assert_no_error (collector->error);
      g_assert_cmpuint (collector->stats.unread, ==, unread[i]);
      close (fds[1]);
      shutdown (channel[1], SHUT_RDWR);
      g_thread_join (thread);
      close (channel[1]);
    }
}

static guint
count_waiting (int fd, unsigned long request)
{
  int n_bytes = 0;

  g_assert_no_errno (ioctl (fd, request, &n_bytes));
  return n_bytes;
}

/* A main loop that takes nothing: after PL_LIMIT_STALL_US nobody listens to the helper, which is left to give up by itself. Once
 * it is back, what waited is counted. */
static void
test_main_loop_stalls (void)
{
  const struct pl_helper_stats stats = { 1, 0 };
  g_autoptr (Collector) collector = collector_new ();
  g_autoptr (GByteArray) pcap = make_pcap (1000);
  gsize n_record = (pcap->len - 24) / 1000, n_sent = 24 + n_record;
  int fds[2], channel[2];
  guint n_waiting = 0;

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), ==, 0);
  PlCapture *capture = start_on (collector, fds[0], channel[0], TRUE);
  write_all (fds[1], pcap->data, n_sent);
  collector_wait (collector, has_packets, GUINT_TO_POINTER (1));
  for (gint64 start_us = g_get_monotonic_time (); n_waiting < 10 * n_record; g_usleep (100000))
    { /* the first of them waits in the mailbox */
      n_waiting = count_waiting (fds[1], FIONREAD);
      g_assert_cmpint (g_get_monotonic_time () - start_us, <, 5 * PL_LIMIT_STALL_US);
      write_all (fds[1], pcap->data + n_sent, n_record);
      n_sent += n_record;
    }
  send_message (channel[1], PL_HELPER_PROTOCOL, PL_HELPER_STATS, sizeof stats, &stats, sizeof stats);
  g_usleep (500000);
  g_assert_cmpuint (count_waiting (fds[1], FIONREAD), >=, n_record);
  g_assert_cmpuint (count_waiting (channel[1], SIOCOUTQ), >, 0);
  collector_wait (collector, has_packets, GUINT_TO_POINTER ((n_sent - 24) / n_record));
  for (gint64 start_us = g_get_monotonic_time (); count_waiting (channel[1], SIOCOUTQ) > 0; collector_take (collector))
    g_assert_cmpint (g_get_monotonic_time () - start_us, <, 30 * G_USEC_PER_SEC);
  close (channel[1]);
  close (fds[1]);
  collector_wait_for_end (collector);
  pl_capture_stop (capture);
  collector_check_totals (collector);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pipe-capture/trickle", test_trickle);
  g_test_add_func ("/pipe-capture/rest", test_rest);
  g_test_add_func ("/pipe-capture/silent-flows", test_silent_flows);
  g_test_add_func ("/pipe-capture/gzip", test_packed);
  g_test_add_func ("/pipe-capture/empty", test_empty);
  g_test_add_func ("/pipe-capture/silent-writer", test_silent_writer);
  g_test_add_func ("/pipe-capture/helper", test_helper);
  g_test_add_func ("/pipe-capture/helper-dies", test_helper_dies);
  g_test_add_func ("/pipe-capture/helper-is-cut", test_helper_is_cut);
  g_test_add_func ("/pipe-capture/main-loop-stalls", test_main_loop_stalls);
  status = g_test_run ();
  test_remove_files ();
  return status;
}
