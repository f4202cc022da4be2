/* Files through the whole capture thread: flows, totals, and each error a file can give. */
#include "collect.h"
#include "frames.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define START_US (1700000000 * (guint64)G_USEC_PER_SEC)

static GByteArray *
make_conversation (void)
{
  GByteArray *pcap = test_pcap_new ();
  const TestFrame frames[] = {
    { .proto = 6,
      .src = 1,
      .dst = 2,
      .src_port = 50000,
      .dst_port = 443,
      .tcp_flags = 0x02,
      .seq = 100,
      .time_us = START_US },
    { .proto = 6,
      .src = 2,
      .dst = 1,
      .src_port = 443,
      .dst_port = 50000,
      .tcp_flags = 0x12,
      .seq = 7,
      .ack = 101,
      .time_us = START_US + 10 },
    { .proto = 6,
      .src = 1,
      .dst = 2,
      .src_port = 50000,
      .dst_port = 443,
      .tcp_flags = 0x10,
      .seq = 101,
      .ack = 8,
      .time_us = START_US + 20 },
    { .proto = 6,
      .src = 1,
      .dst = 2,
      .src_port = 50000,
      .dst_port = 443,
      .tcp_flags = 0x18,
      .seq = 101,
      .ack = 8,
      .n_payload = 100,
      .time_us = START_US + 30 },
    { .proto = 17, .src = 1, .dst = 3, .src_port = 40000, .dst_port = 53, .n_payload = 30, .time_us = START_US + 40 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    test_pcap_add (pcap, &frames[i]);
  return pcap;
}

static void
test_conversation (void)
{
  g_autoptr (GByteArray) pcap = make_conversation ();
  g_autofree char *path = test_write_array ("conversation.pcap", pcap);
  g_autoptr (Collector) collector = collector_new ();
  const PlFlowUpdate *tcp, *udp;
  int client;

  collector_run_file (collector, path);
  g_assert_no_error (collector->error);
  g_assert_cmpuint (collector->stats.packets, ==, 5);
  g_assert_cmpuint (collector->stats.n_flows, ==, 2);
  g_assert_cmpuint (collector->stats.bytes_read, ==, pcap->len);
  g_assert_cmpuint (collector->stats.bytes_total, ==, pcap->len);
  g_assert_cmpuint (collector->stats.first_us, ==, START_US);
  g_assert_cmpuint (collector->stats.last_us, ==, START_US + 40);
  g_assert_cmpuint (collector->stats.kernel_dropped, ==, G_MAXUINT64);
  collector_check_totals (collector);
  tcp = collector_get_by_port (collector, 443);
  client = tcp->flow.key.port[0] == 50000 ? 0 : 1;
  g_assert_cmpint (tcp->flow.state, ==, PL_STATE_ESTABLISHED);
  g_assert_cmpint (tcp->flow.initiator_end, ==, client);
  g_assert_cmpint (tcp->flow.local_end, ==, client); /* 10.0.0.1 takes part in both flows */
  g_assert_cmpint (tcp->flow.flags, ==, PL_FLOW_ANSWERED);
  g_assert_cmpuint (tcp->flow.sent[client].packets, ==, 3);
  g_assert_cmpuint (tcp->flow.sent[client].bytes, ==, 54 * 3 + 100);
  g_assert_cmpuint (tcp->flow.sent[client].payload_bytes, ==, 100);
  g_assert_cmpuint (tcp->flow.sent[!client].packets, ==, 1);
  g_assert_cmpuint (tcp->story.syn_us, ==, START_US);
  g_assert_cmpuint (tcp->story.syn_ack_us, ==, START_US + 10);
  g_assert_cmpuint (tcp->story.established_us, ==, START_US + 20);
  g_assert_cmpuint (tcp->story.first_payload_us[client], ==, START_US + 30);
  g_assert_cmpuint (tcp->story.n_syn, ==, 1);
  udp = collector_get_by_port (collector, 53);
  g_assert_cmpint (udp->flow.state, ==, PL_STATE_ACTIVE);
  g_assert_cmpuint (collector->ifaces->len, ==, 1);
}

static void
expect_error (const char *path, PlCaptureError code, const char *words)
{
  g_autoptr (Collector) collector = collector_new ();

  collector_run_file (collector, path);
  g_assert_cmpint (collector->state, ==, PL_CAPTURE_FAILED);
  g_assert_error (collector->error, PL_CAPTURE_ERROR, (gint)code);
  g_assert_nonnull (strstr (collector->error->message, words));
  g_assert_null (strchr (collector->error->message, '\n'));
  collector_check_totals (collector);
}

static void
test_errors (void)
{
  g_autoptr (GByteArray) pcap = make_conversation ();
  g_autofree char *empty = test_write_file ("empty", (const guint8 *)"", 0);
  g_autofree char *text = test_write_file ("text", (const guint8 *)"Dear Sir or Madam,\n", 19);
  g_autofree char *zip = test_write_file ("zip", (const guint8 *)"PK\003\004abcdefgh", 12);
  g_autofree char *header = test_write_file ("header", pcap->data, 10);
  g_autofree char *link_type = NULL, *huge = NULL;

  expect_error ("/nonexistent/file", PL_CAPTURE_ERROR_NOT_FOUND, "There is no file");
  expect_error (test_get_directory (), PL_CAPTURE_ERROR_IS_DIRECTORY, "directory");
  expect_error (empty, PL_CAPTURE_ERROR_EMPTY, "empty");
  expect_error (text, PL_CAPTURE_ERROR_NOT_CAPTURE, "text");
  expect_error (zip, PL_CAPTURE_ERROR_NOT_CAPTURE, "unzip");
  expect_error (header, PL_CAPTURE_ERROR_TRUNCATED, "cut short");
  pcap->data[20] = 147; /* LINKTYPE_USER0 */
  link_type = test_write_array ("link-type", pcap);
  expect_error (link_type, PL_CAPTURE_ERROR_LINK_TYPE, "147");
  pcap->data[20] = 1;
  memset (pcap->data + 24 + 8, 0xff, 4); /* the first record's captured length */
  huge = test_write_array ("huge", pcap);
  expect_error (huge, PL_CAPTURE_ERROR_CORRUPT, "damaged");
}

static void
test_permission (void)
{
  g_autofree char *path = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root may read everything");
      return;
    }
  path = test_write_file ("secret", (const guint8 *)"x", 1);
  g_chmod (path, 0);
  expect_error (path, PL_CAPTURE_ERROR_PERMISSION, "may not read");
}

/* Cut at each length: the flows of the records before the cut stand, and the error says so. */
static void
test_truncated (void)
{
  g_autoptr (GByteArray) pcap = make_conversation ();

  for (gsize length = 25; length < pcap->len; length += 7)
    {
      g_autofree char *path = test_write_file ("cut", pcap->data, length);
      g_autoptr (Collector) collector = collector_new ();
      gsize at = 24;
      guint n_whole = 0;

      for (guint32 captured; at + 16 <= length; n_whole++)
        {
          memcpy (&captured, pcap->data + at + 8, sizeof captured);
          if (at + 16 + captured > length)
            break;
          at += 16 + captured;
        }
      collector_run_file (collector, path);
      g_assert_cmpuint (collector->stats.received, ==, n_whole);
      if (at == length)
        g_assert_no_error (collector->error);
      else
        g_assert_error (collector->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_TRUNCATED);
      collector_check_totals (collector);
    }
}

/* More flows than a batch holds: the thread waits for us at the end, and everything arrives. */
static void
test_many_flows (void)
{
  g_autoptr (GByteArray) pcap = test_pcap_new ();
  g_autofree char *path = NULL;
  g_autoptr (Collector) collector = collector_new ();

  for (guint i = 0; i < 150000; i++)
    {
      const TestFrame frame = {
        .proto = 17,
        .src = 1 + i / 60000,
        .dst = 9,
        .src_port = 1 + i % 60000,
        .dst_port = 9,
        .time_us = START_US + i,
      };

      test_pcap_add (pcap, &frame);
    }
  path = test_write_array ("many.pcap", pcap);
  collector_run_file (collector, path);
  g_assert_no_error (collector->error);
  g_assert_cmpuint (collector->stats.n_flows, ==, 150000);
  g_assert_cmpuint (collector->n_batches, >=, 3);
  collector_check_totals (collector);
}

/* Stopped anywhere in a file, whether or not anyone took batches meanwhile. */
static void
test_stop_midway (void)
{
  g_autoptr (GByteArray) pcap = test_pcap_new ();
  g_autofree char *path = NULL;

  for (guint i = 0; i < 100000; i++)
    {
      const TestFrame frame = {
        .proto = 17, .src = i % 200, .dst = 9, .src_port = 1 + i % 3000, .dst_port = 9, .time_us = START_US + i
      };

      test_pcap_add (pcap, &frame);
    }
  path = test_write_array ("midway.pcap", pcap);
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (Collector) collector = collector_new ();
      const PlCaptureOptions options = { .kind = PL_SOURCE_FILE, .name = path, .fd = -1, .control_fd = -1 };
      PlCapture *capture = pl_capture_start (&options, collector->mailbox);

      g_usleep (i % 40 * 200);
      if (i % 2)
        collector_take (collector);
      pl_capture_stop (capture);
      collector_take (collector);
      g_assert_no_error (collector->error);
      g_assert_cmpint (collector->state, ==, PL_CAPTURE_ENDED);
      collector_check_totals (collector);
    }
}

static void
test_filter (void)
{
  g_autoptr (GByteArray) pcap = make_conversation ();
  g_autofree char *path = test_write_array ("filter.pcap", pcap);
  PlCaptureOptions options = {
    .kind = PL_SOURCE_FILE, .name = path, .fd = -1, .control_fd = -1, .filter = "udp port 53"
  };
  g_autoptr (Collector) collector = collector_new ();
  g_autoptr (Collector) refused = collector_new ();

  collector_run (collector, &options);
  g_assert_no_error (collector->error);
  g_assert_cmpuint (collector->stats.received, ==, 1);
  options.filter = "udp prot 53";
  collector_run (refused, &options);
  g_assert_error (refused->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FILTER);
  g_assert_nonnull (strstr (refused->error->message, "syntax error"));
}

/* Of a capture without packets too. */
static void
test_filter_unused (void)
{
  g_autoptr (GByteArray) pcap = make_conversation ();
  g_autofree char *path = NULL;
  PlCaptureOptions options = { .kind = PL_SOURCE_FILE, .fd = -1, .control_fd = -1, .filter = "udp prot 53" };
  g_autoptr (Collector) refused = collector_new (), taken = collector_new ();

  g_byte_array_set_size (pcap, 24);
  options.name = path = test_write_array ("filter-unused.pcap", pcap);
  collector_run (refused, &options);
  g_assert_error (refused->error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_FILTER);
  options.filter = "ether broadcast";
  collector_run (taken, &options);
  g_assert_no_error (taken->error);
}

static void
test_local_prefix (void)
{
  g_autoptr (GByteArray) pcap = make_conversation ();
  g_autofree char *path = test_write_array ("local.pcap", pcap);
  PlPrefix prefix;
  PlCaptureOptions options = {
    .kind = PL_SOURCE_FILE, .name = path, .fd = -1, .control_fd = -1, .local = &prefix, .n_local = 1
  };
  g_autoptr (Collector) collector = collector_new ();
  const PlFlowUpdate *tcp, *udp;

  g_assert_true (pl_prefix_parse ("10.0.0.2", &prefix));
  collector_run (collector, &options);
  tcp = collector_get_by_port (collector, 443);
  g_assert_cmpuint (tcp->flow.key.port[tcp->flow.local_end], ==, 443);
  g_assert_false (tcp->flow.flags & PL_FLOW_LOCAL_GUESSED);
  udp = collector_get_by_port (collector, 53);
  g_assert_cmpint (udp->flow.local_end, ==, udp->flow.initiator_end);
  g_assert_true (udp->flow.flags & PL_FLOW_LOCAL_GUESSED);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/file-capture/conversation", test_conversation);
  g_test_add_func ("/file-capture/errors", test_errors);
  g_test_add_func ("/file-capture/permission", test_permission);
  g_test_add_func ("/file-capture/truncated", test_truncated);
  g_test_add_func ("/file-capture/many-flows", test_many_flows);
  g_test_add_func ("/file-capture/stop-midway", test_stop_midway);
  g_test_add_func ("/file-capture/filter", test_filter);
  g_test_add_func ("/file-capture/filter-unused", test_filter_unused);
  g_test_add_func ("/file-capture/local-prefix", test_local_prefix);
  status = g_test_run ();
  test_remove_files ();
  return status;
}
