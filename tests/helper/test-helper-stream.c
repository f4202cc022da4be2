/* What portlight-helper streams, and that it ends: counts against what was sent in network namespaces of our own, first
 * packets, a reader that stalls, and every way in which one of its three ends can go. Runs the real helper as root. */
#include "helper-run.h"
#include "helper-stream.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLL2_BYTES 20

typedef struct
{
  struct pl_helper_header header;
  union
  {
    struct pl_helper_first first;
    struct pl_helper_stats stats;
    struct pl_helper_text text;
  };
} Message;

static gboolean
is_udp_to (const guint8 *packet, guint n_bytes, guint wire_bytes, gpointer data)
{
  return packet_is (packet, n_bytes, IPPROTO_UDP, GPOINTER_TO_UINT (data));
}

/* @name is $0 in @script. */
static void
run_shell (const char *script, const char *name)
{
  char *argv[] = { "sh", "-c", (char *)script, (char *)name, NULL };
  int status;

  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

/* Reads messages of @type until none came for @quiet_ms; the last one is kept. Returns how many. */
static guint
receive_all (Run *run, guint16 type, int quiet_ms, Message *last)
{
  Message message;
  guint n = 0;

  while (run_receive (run, &message, sizeof message, quiet_ms) > 0)
    if (message.header.type == type)
      {
        n++;
        *last = message;
      }
  return n;
}

static void
test_counts (void)
{
  static const struct
  {
    const char *interface;
    guint n_lo, n_va;
  } cases[] = { { "any", 3000, 2000 }, { "lo", 3000, 0 }, { "va", 0, 2000 }, { "vb", 0, 0 } };
  char *name;

  if (!need_root () || !netns_add (&name))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Run run;
      guint cut_bytes;

      run_start (&run, &(RunOptions){ .netns = name }, "-i", cases[i].interface, NULL);
      g_assert_true (run_is_ready (&run, 5000));
      netns_send_udp (name, "127.0.0.1", 4001, 3000, 100, 50);
      netns_send_udp (name, "10.99.7.2", 4002, 2000, 1400, 50);
      run_read_stream (&run, 500);
      g_assert_cmpuint (run_count (&run, is_udp_to, GUINT_TO_POINTER (4001), &cut_bytes), ==, cases[i].n_lo);
      g_assert_cmpuint (cut_bytes, ==, 0);
      if (g_str_equal (cases[i].interface, "any")) /* both ends of the pair are in there: out at va, in at vb */
        g_assert_cmpuint (run_count (&run, is_udp_to, GUINT_TO_POINTER (4002), NULL), ==, 2 * cases[i].n_va);
      else if (!g_str_equal (cases[i].interface, "vb"))
        g_assert_cmpuint (run_count (&run, is_udp_to, GUINT_TO_POINTER (4002), NULL), ==, cases[i].n_va);
      run_clear (&run);
    }
  netns_remove (name);
}

static gboolean
is_snapped (const guint8 *packet, guint n_bytes, guint wire_bytes, gpointer data)
{
  return packet_is (packet, n_bytes, IPPROTO_UDP, 4003) && n_bytes == 128 && wire_bytes == SLL2_BYTES + 28 + 1000;
}

static void
test_snaplen (void)
{
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-s", "128", "-i", "lo", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  netns_send_udp (name, "127.0.0.1", 4003, 50, 1000, 10);
  run_read_stream (&run, 500);
  g_assert_cmpuint (run_count (&run, is_snapped, NULL, NULL), ==, 50);
  run_clear (&run);
  netns_remove (name);
}

static void
test_hello_and_stats (void)
{
  Message message;
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "any", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  g_assert_cmpint (run_receive (&run, &message, sizeof message, 1000), ==, sizeof message.header);
  g_assert_cmpuint (message.header.version, ==, PL_HELPER_PROTOCOL);
  g_assert_cmpuint (message.header.type, ==, PL_HELPER_HELLO);
  g_assert_cmpuint (message.header.length, ==, 0);
  receive_all (&run, PL_HELPER_STATS, 1200, &message); /* what the new interfaces say */
  run_read_stream (&run, 100);
  guint64 before = message.header.type == PL_HELPER_STATS ? message.stats.received : 0;
  netns_send_udp (name, "127.0.0.1", 4001, 100, 100, 10);
  g_assert_cmpuint (receive_all (&run, PL_HELPER_STATS, 1500, &message), >=, 1);
  g_assert_cmpuint (message.stats.received, >=, before + 200); /* and as many answers by ICMP */
  g_assert_cmpuint (message.stats.kernel_dropped, ==, 0);
  g_assert_cmpint (run_receive (&run, &message, sizeof message, 1500), ==, -1); /* nothing changes, nothing is said */
  run_clear (&run);
  netns_remove (name);
}

/* A first packet is told before the bulk has it, with the same bytes and, but for some µs, the same time. */
static void
test_first (void)
{
  Message message;
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "lo", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  run_read_stream (&run, 200);
  receive_all (&run, PL_HELPER_FIRST, 200, &message);
  guint stream_before = run.bytes->len;
  gint64 start_us = g_get_real_time ();
  netns_connect (name, "127.0.0.1", 4004);
  g_assert_cmpint (run_receive (&run, &message, sizeof message, 1000), ==,
                   sizeof message.header + sizeof message.first);
  g_assert_cmpint (message.header.type, ==, PL_HELPER_FIRST);
  struct pl_helper_first first = message.first;
  g_assert_true (packet_is (first.bytes, first.captured_bytes, IPPROTO_TCP, 4004));
  g_assert_cmpuint (first.captured_bytes, ==, SLL2_BYTES + 60);
  g_assert_cmpuint (first.wire_bytes, ==, SLL2_BYTES + 60);
  g_assert_cmpuint (first.time_us, >=, start_us);
  g_assert_cmpuint (first.time_us, <=, g_get_real_time ());
  run_read_stream (&run, 300);
  guint32 record[4];
  memcpy (record, run.bytes->data + stream_before, sizeof record);
  g_assert_cmpint (ABS ((gint64)(record[0] * 1000000ull + record[1] - first.time_us)), <, 1000);
  g_assert_cmpuint (record[2], ==, first.captured_bytes);
  g_assert_cmpuint (record[3], ==, first.wire_bytes);
  g_assert_cmpmem (run.bytes->data + stream_before + sizeof record, record[2], first.bytes, first.captured_bytes);
  g_assert_cmpuint (receive_all (&run, PL_HELPER_FIRST, 200, &message), ==, 0); /* the RST opens nothing */
  netns_send_udp (name, "127.0.0.1", 4005, 1, 1000, 1);
  g_assert_cmpint (run_receive (&run, &message, sizeof message, 1000), ==,
                   sizeof message.header + sizeof message.first);
  g_assert_cmpuint (message.first.captured_bytes, ==, PL_HELPER_FIRST_BYTES);
  g_assert_cmpuint (message.first.wire_bytes, ==, SLL2_BYTES + 1028);
  run_clear (&run);
  netns_remove (name);
}

/* QUIC's short headers are left: a form bit of 0 and a fixed bit of 1 at port 443. */
static void
test_first_leaves_quic (void)
{
  Message message;
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "va", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  receive_all (&run, PL_HELPER_FIRST, 300, &message);
  run_shell ("ip netns exec $0 bash -c 'for i in 1 2 3; do printf \"\\x41short\" >/dev/udp/10.99.7.2/443; done; "
             "printf \"\\xc1long\" >/dev/udp/10.99.7.2/443; printf \"\\x41dns\" >/dev/udp/10.99.7.2/53'",
             name);
  g_assert_cmpuint (receive_all (&run, PL_HELPER_FIRST, 300, &message), ==, 2);
  g_assert_true (packet_is (message.first.bytes, message.first.captured_bytes, IPPROTO_UDP, 53));
  run_clear (&run);
  netns_remove (name);
}

static gpointer
flood (gpointer netns)
{
  netns_send_udp (netns, "10.99.7.2", 4008, 10000, 20, 20);
  netns_send_flows (netns, "10.99.7.2", 4006, 20000, 20);
  netns_connect (netns, "10.99.7.2", 4007);
  netns_send_flows (netns, "10.99.7.2", 4006, 2000, 20);
  return NULL;
}

/* A flow of datagrams is told once in a quarter of a second, a flood of flows in part; it does not hide a SYN. */
static void
test_first_flood (void)
{
  Message message;
  gboolean is_syn_told = FALSE;
  guint n_udp = 0, n_of_one = 0;
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "va", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  gint64 start_us = g_get_monotonic_time ();
  GThread *sender = g_thread_new ("flood", flood, name);
  while (run_receive (&run, &message, sizeof message, 500) > 0)
    if (message.header.type == PL_HELPER_FIRST)
      {
        n_udp += packet_is (message.first.bytes, message.first.captured_bytes, IPPROTO_UDP, 4006);
        n_of_one += packet_is (message.first.bytes, message.first.captured_bytes, IPPROTO_UDP, 4008);
        is_syn_told |= packet_is (message.first.bytes, message.first.captured_bytes, IPPROTO_TCP, 4007);
      }
  g_thread_join (sender);
  gdouble seconds = (g_get_monotonic_time () - start_us) / 1e6;
  g_test_message ("%u of 22000 flows and one flow %u times of 10000 were told in %.1f s", n_udp, n_of_one, seconds);
  g_assert_cmpuint (n_of_one, >=, 1);
  g_assert_cmpuint (n_of_one, <=, 4 * seconds + 2);
  g_assert_cmpuint (n_udp, >, 1000);
  g_assert_cmpuint (n_udp, <, 2000 * (seconds + 1.5));
  g_assert_true (is_syn_told);
  run_read_stream (&run, 300);
  g_assert_cmpuint (run_count (&run, is_udp_to, GUINT_TO_POINTER (4006), NULL), ==, 22000);
  g_assert_cmpuint (run_count (&run, is_udp_to, GUINT_TO_POINTER (4008), NULL), ==, 10000);
  run_clear (&run);
  netns_remove (name);
}

static gpointer
go_on_and_on (gpointer netns)
{
  netns_send_in_turn (netns, "10.99.7.2", 4009, 6000, 400, 5);
  netns_send_udp (netns, "10.99.7.2", 4010, 1, 20, 1);
  netns_send_in_turn (netns, "10.99.7.2", 4009, 1000, 1, 5);
  return NULL;
}

/* Of flows that are known and go on some are told again in each quarter of a second, of those between them every new one. */
static void
test_first_goes_on (void)
{
  Message message;
  guint n_known = 0, n_new = 0;
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "va", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  guint64 before_ns = get_cpu_ns (run.pid);
  gint64 start_us = g_get_monotonic_time ();
  GThread *sender = g_thread_new ("sender", go_on_and_on, name);
  while (run_receive (&run, &message, sizeof message, 500) > 0)
    if (message.header.type == PL_HELPER_FIRST)
      {
        n_known += packet_is (message.first.bytes, message.first.captured_bytes, IPPROTO_UDP, 4009);
        n_new += packet_is (message.first.bytes, message.first.captured_bytes, IPPROTO_UDP, 4010);
      }
  g_thread_join (sender);
  gdouble seconds = (g_get_monotonic_time () - start_us) / 1e6;
  g_test_message ("400 flows were told %u times in %.1f s, with %.1f ms of a processor", n_known, seconds,
                  (get_cpu_ns (run.pid) - before_ns) / 1e6);
  g_assert_cmpuint (n_new, ==, 1);
  g_assert_cmpuint (n_known, >=, 400);
  /* 64 in a window, and whichever have one place in the helper's memory: of 400 some pairs, told 30 times a second */
  g_assert_cmpuint (n_known, <=, 400 + (4 * 64 + 300) * (seconds + 0.5));
  run_clear (&run);
  netns_remove (name);
}

/* Nobody reads the stream while more comes than fits: the kernel drops and counts, and what is read later is whole. */
static void
test_stalled_reader (void)
{
  Message message = { 0 };
  guint cut_bytes;
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "va", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  netns_send_udp (name, "10.99.7.2", 4008, 30000, 1400, 100); /* 43 MB against 16 of ring, 1 of buffer, 1 of pipe */
  g_assert_cmpuint (receive_all (&run, PL_HELPER_STATS, 1500, &message), >=, 0);
  g_assert_cmpuint (message.stats.kernel_dropped, >, 1000);
  run_read_stream (&run, 1000);
  guint n = run_count (&run, is_udp_to, GUINT_TO_POINTER (4008), &cut_bytes);
  g_test_message ("%u of 30000 came, %" G_GUINT64_FORMAT " were dropped", n, message.stats.kernel_dropped);
  g_assert_cmpuint (cut_bytes, ==, 0);
  g_assert_cmpuint (n + message.stats.kernel_dropped, >=, 30000);
  g_assert_cmpuint (n + message.stats.kernel_dropped, <=, 30100);
  netns_send_udp (name, "10.99.7.2", 4009, 100, 100, 10); /* and it goes on as before */
  run_read_stream (&run, 500);
  g_assert_cmpuint (run_count (&run, is_udp_to, GUINT_TO_POINTER (4009), NULL), ==, 100);
  run_clear (&run);
  netns_remove (name);
}

static void
assert_ends (Run *run, int expected)
{
  gint64 start_us = g_get_monotonic_time ();
  int code =
      run_wait (run, 10000); /* a tenth of a second; where the machine is busy the kernel takes more to close it all */

  g_test_message ("ended after %" G_GINT64_FORMAT " ms", (g_get_monotonic_time () - start_us) / 1000);
  g_assert_cmpint (code, ==, expected);
}

static void
start_ready (Run *run, RunInput input)
{
  run_start (run, &(RunOptions){ .input = input }, "-i", "lo", NULL);
  g_assert_true (run_is_ready (run, 5000));
}

static void
close_end (int *fd)
{
  close (*fd);
  *fd = -1;
}

static void
test_ends_with_input (void)
{
  static const RunInput inputs[] = { RUN_CHANNEL, RUN_PIPE };

  if (!need_root ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      Run run;

      start_ready (&run, inputs[i]);
      g_assert_cmpint (run_wait (&run, 300), ==, -1);
      g_assert_cmpint (write (run.input, "unasked", 7), ==, 7); /* says nothing to it, ends nothing */
      g_assert_cmpint (run_wait (&run, 100), ==, -1);
      close_end (&run.input);
      assert_ends (&run, PL_HELPER_EXIT_OK);
      run_clear (&run);
    }
}

static void
test_ends_with_output (void)
{
  static const RunInput inputs[] = { RUN_PIPE, RUN_NULL };

  if (!need_root ())
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      Run run;

      start_ready (&run, inputs[i]);
      g_assert_cmpint (run_wait (&run, 300), ==, -1);
      close_end (&run.stream); /* no packet need come for it to notice */
      assert_ends (&run, PL_HELPER_EXIT_OK);
      run_clear (&run);
    }
}

static guint
count_udp (Run *run, guint port)
{
  return run_count (run, is_udp_to, GUINT_TO_POINTER (port), NULL);
}

/* With a channel the end of a stream is a rest: nothing is captured, told or burnt until another stream is asked for, which
 * begins anew, with what was chosen, and holds nothing from before. */
static void
test_rests (void)
{
  guint8 message[PL_HELPER_MESSAGE_BYTES];
  g_autoptr (GError) error = NULL;
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "any", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  for (guint i = 0; i < 3; i++)
    {
      gboolean only_lo = i != 1;

      netns_send_udp (name, "127.0.0.1", 4020, 300, 100, 100);
      close_end (&run.stream);
      g_assert_cmpint (run_wait (&run, 100), ==, -1);
      while (run_receive (&run, message, sizeof message, 0) > 0)
        ;
      guint64 before_ns = get_cpu_ns (run.pid);
      netns_send_udp (name, "127.0.0.1", 4020, 20000, 100, 200);
      g_assert_cmpint (run_receive (&run, message, sizeof message, 1200), ==, -1);
      g_test_message ("resting takes %.2f ms of 20,000 packets and a second", (get_cpu_ns (run.pid) - before_ns) / 1e6);
      g_assert_cmpuint (get_cpu_ns (run.pid) - before_ns, <, 15000000);
      g_byte_array_set_size (run.bytes, 0);
      run.stream =
          pl_helper_stream_begin (run.input, only_lo ? 1 : 0, only_lo ? "port 4021 or port 4022" : NULL, &error);
      g_assert_no_error (error);
      g_assert_true (run_is_ready (&run, 5000));
      netns_send_udp (name, "127.0.0.1", 4021, 500, 100, 50);
      netns_send_udp (name, "127.0.0.1", 4023, 500, 100, 50);
      netns_send_udp (name, "10.99.7.2", 4022, 500, 100, 50);
      run_read_stream (&run, 500);
      g_assert_cmpuint (count_udp (&run, 4020), ==, 0);
      g_assert_cmpuint (count_udp (&run, 4021), ==, 500);
      g_assert_cmpuint (count_udp (&run, 4023), ==, only_lo ? 0 : 500);
      g_assert_cmpuint (count_udp (&run, 4022), ==, only_lo ? 0 : 1000);
    }
  close_end (&run.stream);
  g_assert_cmpint (run_wait (&run, 100), ==, -1);
  close_end (&run.input); /* it ends at rest, too */
  assert_ends (&run, PL_HELPER_EXIT_OK);
  run_clear (&run);
  netns_remove (name);
}

static void
test_ends_by_signal (void)
{
  static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
  guint cut_bytes;
  char *name;

  if (!need_root () || !netns_add (&name))
    return;
  signal (SIGHUP, SIG_DFL); /* nohup(1) has it ignored, by all that is started */
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      Run run;

      run_start (&run, &(RunOptions){ .netns = name }, "-i", "lo", NULL);
      g_assert_true (run_is_ready (&run, 5000));
      netns_send_udp (name, "127.0.0.1", 4010, 500, 1000, 100);
      g_usleep (200000); /* for the ring's block to be handed over */
      kill (run.pid, signals[i]);
      assert_ends (&run, 128 + signals[i]);
      run_read_stream (&run, 100);
      g_assert_cmpuint (run_count (&run, is_udp_to, GUINT_TO_POINTER (4010), &cut_bytes), ==, 500);
      g_assert_cmpuint (cut_bytes, ==, 0);
      run_clear (&run);
    }
  netns_remove (name);
}

/* The reader stalls with everything full, then the channel ends. */
static void
test_ends_while_stalled (void)
{
  char *name;
  Run run;

  if (!need_root () || !netns_add (&name))
    return;
  run_start (&run, &(RunOptions){ .netns = name }, "-i", "va", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  netns_send_udp (name, "10.99.7.2", 4011, 20000, 1400, 100);
  g_assert_cmpint (run_wait (&run, 500), ==, -1);
  close_end (&run.input);
  assert_ends (&run, PL_HELPER_EXIT_OK);
  run_clear (&run);

  /* With "2>log" too its last words must be there: of all its files, the limits let it grow those two. */
  run_start (&run, &(RunOptions){ .netns = name, .with_log = TRUE }, "-i", "va", "--give-up", "1", NULL);
  g_assert_true (run_is_ready (&run, 5000));
  netns_send_udp (name, "10.99.7.2", 4011, 20000, 1400, 100); /* 0.2 s at least: it may begin to wait in there */
  g_assert_cmpint (run_wait (&run, 3000), ==, PL_HELPER_EXIT_FAILED);
  g_autofree char *said = run_read_said (&run);
  g_assert_true (
      g_str_has_suffix (said, "portlight-helper: the reader took nothing for 1 seconds, so the capture ended\n"));
  run_clear (&run);
  netns_remove (name);
}

/* A reader that stops while nothing is captured: one with the stream, one that gave it back, and one for whom now and then a packet
 * comes, which its pipe takes. As long as it listens, they stay. */
static void
test_ends_while_stopped (void)
{
  char *name;
  Run runs[3];
  guint n_told[3] = { 0 };

  if (!need_root () || !netns_add (&name))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      run_start (&runs[i], &(RunOptions){ .netns = name, .with_log = TRUE }, "-i", i < 2 ? "lo" : "va", "--give-up",
                 "4", NULL);
      g_assert_true (run_is_ready (&runs[i], 5000));
    }
  close_end (&runs[1].stream);
  for (gint64 end_us = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
       (n_told[0] == 0 || n_told[1] == 0 || n_told[2] == 0) && g_get_monotonic_time () < end_us;)
    for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
      {
        Message message;

        n_told[i] += run_receive (&runs[i], &message, sizeof message, 50) > 0 && message.header.type == PL_HELPER_STATS;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_assert_cmpint (run_wait (&runs[i], 0), ==, -1);
      g_assert_cmpuint (n_told[i], >=, 1); /* or nobody was asked */
    }
  for (gsize i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      int status = -1;

      for (guint n_packets = 0; status == -1 && n_packets < 100; n_packets++)
        {
          netns_send_udp (name, "10.99.7.2", 4011, 1, 100, 1);
          status = run_wait (&runs[i], 300);
        }
      g_assert_cmpint (status, ==, PL_HELPER_EXIT_FAILED);
      g_autofree char *said = run_read_said (&runs[i]);
      g_assert_true (
          g_str_has_suffix (said, "portlight-helper: the reader took nothing for 4 seconds, so the capture ended\n"));
      run_clear (&runs[i]);
    }
  netns_remove (name);
}

/* Whoever holds its ends is killed by SIGKILL: nobody says goodbye. */
static void
test_ends_with_parent (void)
{
  int report[2];
  pid_t helper;

  if (!need_root ())
    return;
  g_assert_no_errno (pipe2 (report, O_CLOEXEC));
  pid_t parent = fork ();
  g_assert_no_errno (parent);
  if (parent == 0)
    {
      Run run;

      start_ready (&run, RUN_CHANNEL);
      if (write (report[1], &run.pid, sizeof run.pid) != sizeof run.pid)
        _exit (1);
      pause ();
      _exit (0);
    }
  g_assert_cmpint (read (report[0], &helper, sizeof helper), ==, sizeof helper);
  g_assert_no_errno (kill (helper, 0));
  g_assert_no_errno (kill (parent, SIGKILL));
  g_assert_cmpint (waitpid (parent, NULL, 0), ==, parent);
  gint64 start_us = g_get_monotonic_time ();
  for (gboolean is_alive = TRUE; is_alive;)
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", helper);
      g_autofree char *command = NULL;

      is_alive = g_file_get_contents (path, &command, NULL, NULL) && *command != '\0'; /* a zombie has none */
      g_assert_cmpint (g_get_monotonic_time () - start_us, <, 10 * G_USEC_PER_SEC);
      g_usleep (1000);
    }
  close (report[0]);
  close (report[1]);
}

static void
test_ends_with_interface (void)
{
  static const char words[] = "portlight-helper: the interface is down or gone: start again when it is up\n";
  static const char *const ways[] = { "ip -n $0 link set va down", "ip -n $0 link del va" };
  char *name;

  if (!need_root () || !netns_add (&name))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *said = NULL;
      Run run, any;

      run_shell ("ip -n $0 link set va up", name);
      run_start (&run, &(RunOptions){ .netns = name }, "-i", "va", NULL);
      run_start (&any, &(RunOptions){ .netns = name }, "-i", "any", NULL);
      g_assert_true (run_is_ready (&run, 5000));
      g_assert_true (run_is_ready (&any, 5000));
      run_shell (ways[i], name);
      assert_ends (&run, PL_HELPER_EXIT_FAILED);
      said = run_read_said (&run);
      g_assert_true (g_str_has_suffix (said, words));
      g_assert_cmpint (run_wait (&any, 300), ==, -1); /* "any" minds nothing */
      run_clear (&run);
      run_clear (&any);
    }
  netns_remove (name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/stream/counts", test_counts);
  g_test_add_func ("/helper/stream/snaplen", test_snaplen);
  g_test_add_func ("/helper/stream/hello-and-stats", test_hello_and_stats);
  g_test_add_func ("/helper/stream/first", test_first);
  g_test_add_func ("/helper/stream/first-leaves-quic", test_first_leaves_quic);
  g_test_add_func ("/helper/stream/first-flood", test_first_flood);
  g_test_add_func ("/helper/stream/first-goes-on", test_first_goes_on);
  g_test_add_func ("/helper/stream/stalled-reader", test_stalled_reader);
  g_test_add_func ("/helper/stream/rests", test_rests);
  g_test_add_func ("/helper/ends/input", test_ends_with_input);
  g_test_add_func ("/helper/ends/output", test_ends_with_output);
  g_test_add_func ("/helper/ends/signal", test_ends_by_signal);
  g_test_add_func ("/helper/ends/stalled", test_ends_while_stalled);
  g_test_add_func ("/helper/ends/stopped", test_ends_while_stopped);
  g_test_add_func ("/helper/ends/parent-killed", test_ends_with_parent);
  g_test_add_func ("/helper/ends/interface", test_ends_with_interface);
  return g_test_run ();
}
