/* What is concluded from the senders that tracepoints tell: which are found for a flow's end, which of them sent its packet, and
 * which ports changed hands. The records are made up; each verdict that is too sure would name a wrong process. */
#include <glib.h>
#include <string.h>
#include <sys/resource.h>

#include "bounds.h"
#include "sender-judge.h"

#define OWN_NETWORK 77
#define OTHER_NETWORK 88
#define MS 1000000ull /* ns */

static const guint8 here[4] = { 10, 0, 0, 2 }, there[4] = { 192, 0, 2, 1 };

static PlTraceSender
make_sender (guint32 pid, guint8 protocol, guint64 time_ns)
{
  PlTraceSender sender = { .time_ns = time_ns,
                           .pid = pid,
                           .tid = pid,
                           .family = 4,
                           .protocol = protocol,
                           .local_port = 40000,
                           .remote_port = 53 };
  memcpy (sender.local, here, sizeof here);
  memcpy (sender.remote, there, sizeof there);
  return sender;
}

static void
add (PlSenders *senders, guint32 pid, guint64 time_ns)
{
  PlTraceSender sender = make_sender (pid, PL_PROTO_UDP, time_ns);
  pl_senders_add (senders, &sender);
}

static void
describe (PlSenders *senders, gint32 pid, guint32 network, guint32 uid)
{
  PlSenderProcess process = { .facts = { .pid = pid, .start_time = 5, .network = network, .uid = uid } };
  process.facts.comm = g_strdup ("sender");
  pl_senders_describe (senders, pid, &process);
  g_assert_null (process.facts.comm); /* taken over */
}

static int
make_key (PlFlowKey *key, guint8 protocol)
{
  PlAddr local = pl_addr_from_v4 (here), remote = pl_addr_from_v4 (there);
  return pl_flow_key_from_ends (protocol, PL_KIND_PORTS, &local, 40000, &remote, 53, 0, key);
}

/* ---- which are found ---- */

/* "12 10", the newest first; all of 20 s. */
static char *
find (PlSenders *senders, guint64 from_ns, guint64 to_ns, guint max)
{
  PlSender found[16];
  PlFlowKey key;
  GString *text = g_string_new (NULL);
  int end = make_key (&key, PL_PROTO_UDP);
  guint n = pl_senders_find (senders, &key, end, from_ns, to_ns, found, max);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, i == 0 ? "%d" : " %d", found[i].pid);
  return g_string_free (text, FALSE);
}

static void
assert_found (PlSenders *senders, guint64 from_ns, guint64 to_ns, const char *expected)
{
  g_autofree char *text = find (senders, from_ns, to_ns, 16);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_find (void)
{
  PlSenders *senders = pl_senders_new ();
  assert_found (senders, 0, G_MAXUINT64, "");
  add (senders, 10, 100 * MS);
  add (senders, 11, 300 * MS);
  add (senders, 10, 200 * MS); /* once, with its latest time */
  assert_found (senders, 0, 1000 * MS, "11 10");
  assert_found (senders, 0, 250 * MS, "10");
  assert_found (senders, 250 * MS, 1000 * MS, "11");
  assert_found (senders, 301 * MS, 1000 * MS, "");
  g_autofree char *one = find (senders, 0, 1000 * MS, 1);
  g_assert_cmpuint (strlen (one), ==, 2);
  g_assert_cmpuint (pl_senders_get_n_added (senders), ==, 3);

  /* Another port, address, protocol or family is another's. */
  PlTraceSender other = make_sender (20, PL_PROTO_UDP, 400 * MS);
  other.local_port = 40001;
  pl_senders_add (senders, &other);
  other = make_sender (21, PL_PROTO_UDP, 400 * MS);
  other.remote[3] = 9;
  pl_senders_add (senders, &other);
  other = make_sender (22, PL_PROTO_TCP, 400 * MS);
  pl_senders_add (senders, &other);
  other = make_sender (23, PL_PROTO_UDP, 400 * MS);
  other.local[3] = 9;
  pl_senders_add (senders, &other);
  assert_found (senders, 0, 1000 * MS, "11 10");
  /* Where the kernel has not chosen an address yet it may be any. */
  other = make_sender (24, PL_PROTO_UDP, 500 * MS);
  memset (other.local, 0, sizeof other.local);
  pl_senders_add (senders, &other);
  assert_found (senders, 0, 1000 * MS, "24 11 10");
  pl_senders_free (senders);
}

/* Who sends much makes others at the same port forgotten, the oldest first, and nobody else. */
static void
test_forget (void)
{
  PlSenders *senders = pl_senders_new ();
  for (guint32 i = 0; i < 12; i++)
    add (senders, 100 + i, (1 + i) * MS);
  assert_found (senders, 0, G_MAXUINT64, "111 110 109 108 107 106 105 104");
  pl_senders_free (senders);
}

static glong
count_faults (void)
{
  struct rusage usage = { 0 };
  g_assert_cmpint (getrusage (RUSAGE_THREAD, &usage), ==, 0);
  return usage.ru_minflt;
}

/* What is remembered of a few lies together: each page of memory that is touched first takes the kernel some microseconds. */
static void
test_pages (void)
{
  PlSenders *senders = pl_senders_new ();
  PlTraceSender sender = make_sender (100, PL_PROTO_UDP, MS);
  PlFlowKey key;
  PlSender found;
  int end = make_key (&key, PL_PROTO_UDP);
  glong n_faults = count_faults ();
  for (guint i = 0; i < 1000; i++)
    {
      sender.local_port = key.port[end] = (guint16)(32768 + i * 28);
      g_assert_cmpuint (pl_senders_find (senders, &key, end, 0, 10 * MS, &found, 1), ==, 0);
      pl_senders_add (senders, &sender);
      g_assert_cmpuint (pl_senders_find (senders, &key, end, 0, 10 * MS, &found, 1), ==, 1);
    }
  g_assert_cmpint (count_faults () - n_faults, <, 400);
  pl_senders_free (senders);
}

/* TCP over IPv6 is told before its port is chosen: that counts only while nothing better is known. */
static void
test_early (void)
{
  static const guint8 v6_here[16] = { 0xfd, [15] = 1 }, v6_there[16] = { 0xfd, [15] = 2 };
  PlSenders *senders = pl_senders_new ();
  PlAddr local = pl_addr_from_v6 (v6_here), remote = pl_addr_from_v6 (v6_there);
  PlFlowKey key;
  PlSender found[4];
  int end = pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, &local, 40000, &remote, 443, 0, &key);
  PlTraceSender sender = { .time_ns = MS, .pid = 30, .family = 6, .protocol = PL_PROTO_TCP, .remote_port = 443 };
  memcpy (sender.remote, v6_there, 16);
  pl_senders_add (senders, &sender);
  g_assert_cmpuint (pl_senders_find (senders, &key, end, 0, G_MAXUINT64, found, 4), ==, 1);
  g_assert_true (found[0].is_early);
  sender.pid = 31;
  sender.local_port = 40000;
  memcpy (sender.local, v6_here, 16);
  pl_senders_add (senders, &sender);
  g_assert_cmpuint (pl_senders_find (senders, &key, end, 0, G_MAXUINT64, found, 4), ==, 1);
  g_assert_cmpint (found[0].pid, ==, 31);
  g_assert_false (found[0].is_early);
  pl_senders_free (senders);
}

static void
test_describe (void)
{
  PlSenders *senders = pl_senders_new ();
  PlSenderProcess gone = { .facts = { .pid = 10 } };
  g_assert_null (pl_senders_get_process (senders, 10));
  describe (senders, 10, OWN_NETWORK, 1000);
  g_assert_cmpuint (pl_senders_get_process (senders, 10)->facts.uid, ==, 1000);
  describe (senders, 10, OWN_NETWORK, 1001); /* after an exec */
  g_assert_cmpuint (pl_senders_get_process (senders, 10)->facts.uid, ==, 1001);
  pl_senders_describe (senders, 10, &gone); /* the pid is another's now, of whom nothing is known */
  g_assert_null (pl_senders_get_process (senders, 10));
  pl_senders_free (senders);
}

/* Between two packets it may have been moved into another cgroup. */
static void
test_described_for (void)
{
  PlSenders *senders = pl_senders_new ();
  describe (senders, 10, OWN_NETWORK, 1000);
  add (senders, 0, MS); /* the kernel's own */
  add (senders, 11, MS);
  g_assert_false (pl_sender_process_is_of (pl_senders_get_process (senders, 10), MS)); /* what for is not told yet */
  add (senders, 10, 2 * MS);
  add (senders, 10, 3 * MS);
  g_assert_true (pl_sender_process_is_of (pl_senders_get_process (senders, 10), MS));
  g_assert_true (pl_sender_process_is_of (pl_senders_get_process (senders, 10), 2 * MS));
  g_assert_false (pl_sender_process_is_of (pl_senders_get_process (senders, 10), 3 * MS));
  describe (senders, 10, OWN_NETWORK, 1000); /* after an exec */
  add (senders, 10, 4 * MS);
  g_assert_true (pl_sender_process_is_of (pl_senders_get_process (senders, 10), 3 * MS));
  pl_senders_free (senders);
}

/* What is described for a packet is who has the number by then; what tells when that began comes in no order. */
static void
test_number_used_again (void)
{
  PlSenders *senders = pl_senders_new ();
  PlSenderProcess gone = { 0 };
  describe (senders, 10, OWN_NETWORK, 1000);
  add (senders, 10, 2 * MS);
  pl_senders_note_beginning (senders, 10, MS);
  g_assert_nonnull (pl_senders_get_process (senders, 10));
  g_assert_false (pl_senders_has_ended (senders, 10, 2 * MS));
  pl_senders_note_beginning (senders, 10, 3 * MS);
  pl_senders_note_beginning (senders, 10, MS);
  g_assert_null (pl_senders_get_process (senders, 10));
  g_assert_true (pl_senders_has_ended (senders, 10, 2 * MS));
  describe (senders, 10, OWN_NETWORK, 1000);
  add (senders, 10, 4 * MS);
  g_assert_nonnull (pl_senders_get_process (senders, 10));
  g_assert_false (pl_senders_has_ended (senders, 10, 4 * MS));
  g_assert_true (pl_senders_has_ended (senders, 10, 2 * MS));
  /* A record that tells of no new sender has a time all the same. */
  pl_senders_note_beginning (senders, 12, MS);
  describe (senders, 12, OWN_NETWORK, 1000);
  g_assert_null (pl_senders_get_process (senders, 12));
  pl_senders_note_sample (senders, 12, 2 * MS);
  g_assert_nonnull (pl_senders_get_process (senders, 12));
  pl_senders_note_beginning (senders, 12, 3 * MS);
  g_assert_null (pl_senders_get_process (senders, 12));
  pl_senders_describe (senders, 11, &gone);
  add (senders, 11, 5 * MS);
  g_assert_null (pl_senders_get_process (senders, 11));
  g_assert_true (pl_senders_has_ended (senders, 11, 5 * MS));
  pl_senders_free (senders);
}

/* ---- ports that change hands ---- */

static void
test_change (void)
{
  PlSenders *senders = pl_senders_new ();
  PlSenderChange change;
  PlFlowKey key;
  int end = make_key (&key, PL_PROTO_UDP);
  add (senders, 10, MS);
  add (senders, 10, 2 * MS);
  PlTraceSender other = make_sender (11, PL_PROTO_UDP, 3 * MS);
  other.local_port = 40001;
  pl_senders_add (senders, &other);
  other = make_sender (12, PL_PROTO_TCP, 4 * MS);
  pl_senders_add (senders, &other);
  other.pid = 13;
  pl_senders_add (senders, &other); /* a new handshake tells by itself */
  g_assert_false (pl_senders_next_change (senders, &change));
  add (senders, 14, 5 * MS);
  g_assert_true (pl_senders_next_change (senders, &change));
  g_assert_cmpint (change.before_pid, ==, 10);
  g_assert_cmpint (change.pid, ==, 14);
  g_assert_cmpuint (change.time_ns, ==, 5 * MS);
  g_assert_cmpint (change.end, ==, end);
  g_assert_true (pl_flow_key_equal (&change.key, &key));
  g_assert_false (pl_senders_next_change (senders, &change));
  /* More than are taken are lost, and the table does not overflow. */
  for (guint32 i = 0; i < 2 * PL_LIMIT_PORT_REUSES; i++)
    add (senders, 1000 + i, (10 + i) * MS);
  guint n = 0;
  while (pl_senders_next_change (senders, &change))
    n++;
  g_assert_cmpuint (n, ==, PL_LIMIT_PORT_REUSES);
  g_assert_cmpuint (pl_senders_get_n_changes_lost (senders), ==, PL_LIMIT_PORT_REUSES);
  pl_senders_free (senders);
}

/* ---- the verdict ---- */

typedef struct
{
  PlSenders *senders;
  PlCase one;
  guint64 packet_ns;
} Trial;

static void
set_up (Trial *trial, gconstpointer data)
{
  gint64 now_us = g_get_monotonic_time ();
  trial->senders = pl_senders_new ();
  trial->packet_ns = (guint64)now_us * 1000;
  trial->one = (PlCase){ .is_local = TRUE, .uid = PL_UNKNOWN_U32 };
  trial->one.question.asked_us = now_us;
  trial->one.end = (guint8)make_key (&trial->one.question.key, PL_PROTO_UDP);
  trial->one.question.initiator_end = trial->one.question.local_end = trial->one.end;
}

static void
tear_down (Trial *trial, gconstpointer data)
{
  pl_senders_free (trial->senders);
}

static void
assert_verdict (Trial *trial, PlSenderVerdict expected, gint32 pid)
{
  PlSenderFound found = { 0 };
  g_assert_cmpint (pl_sender_judge (trial->senders, NULL, OWN_NETWORK, &trial->one, &found), ==, expected);
  if (expected != PL_SENDER_NONE)
    g_assert_cmpint (found.pid, ==, pid);
}

static void
test_last_before (Trial *trial, gconstpointer data)
{
  assert_verdict (trial, PL_SENDER_NONE, 0);
  describe (trial->senders, 10, OWN_NETWORK, 1000);
  describe (trial->senders, 11, OWN_NETWORK, 1000);
  describe (trial->senders, 12, OWN_NETWORK, 1000);
  add (trial->senders, 10, trial->packet_ns - 50 * MS);
  assert_verdict (trial, PL_SENDER_EXACT, 10);
  add (trial->senders, 11, trial->packet_ns - 10 * MS);
  assert_verdict (trial, PL_SENDER_EXACT, 11);
  add (trial->senders, 12, trial->packet_ns + 5 * MS); /* sent later */
  assert_verdict (trial, PL_SENDER_EXACT, 11);
}

static void
test_too_old (Trial *trial, gconstpointer data)
{
  describe (trial->senders, 10, OWN_NETWORK, 1000);
  add (trial->senders, 10, trial->packet_ns - (PL_SENDER_AGE_US + 1000) * 1000ull);
  assert_verdict (trial, PL_SENDER_NONE, 0);
}

/* Two within a millisecond could be taken for each other: only the socket can tell. */
static void
test_close (Trial *trial, gconstpointer data)
{
  describe (trial->senders, 10, OWN_NETWORK, 1000);
  describe (trial->senders, 11, OWN_NETWORK, 1000);
  add (trial->senders, 10, trial->packet_ns - MS);
  add (trial->senders, 11, trial->packet_ns - MS / 2);
  assert_verdict (trial, PL_SENDER_HINT, 11);
}

/* A process of another network namespace has the same addresses: with a socket of ours there it was not that one. */
static void
test_elsewhere (Trial *trial, gconstpointer data)
{
  describe (trial->senders, 10, OTHER_NETWORK, 1000);
  add (trial->senders, 10, trial->packet_ns - MS);
  assert_verdict (trial, PL_SENDER_HINT, 10);
  trial->one.is_local = FALSE; /* its packet came by on a bridge */
  assert_verdict (trial, PL_SENDER_EXACT, 10);
  trial->one.n_inodes = 1;
  assert_verdict (trial, PL_SENDER_HINT, 10);
  trial->one.is_local = TRUE;
  describe (trial->senders, 11, OWN_NETWORK, 1000);
  add (trial->senders, 11, trial->packet_ns - 20 * MS);
  assert_verdict (trial, PL_SENDER_EXACT, 11);
}

/* Gone before anybody could look: alone it is sure when what was told of it fits the socket, else likely at most. */
static void
test_gone (Trial *trial, gconstpointer data)
{
  add (trial->senders, 10, trial->packet_ns - MS);
  assert_verdict (trial, PL_SENDER_LIKELY, 10);
  describe (trial->senders, 10, 0, 1000);
  assert_verdict (trial, PL_SENDER_EXACT, 10);
  trial->one.n_inodes = 1;
  trial->one.uid = 1001; /* another user's socket */
  assert_verdict (trial, PL_SENDER_LIKELY, 10);
  trial->one.uid = 1000;
  assert_verdict (trial, PL_SENDER_EXACT, 10);
  add (trial->senders, 11, trial->packet_ns - 2 * MS); /* of another, as little is known */
  assert_verdict (trial, PL_SENDER_LIKELY, 10);
  describe (trial->senders, 12, OWN_NETWORK, 1000);
  add (trial->senders, 12, trial->packet_ns - 3 * MS); /* ours, but not the last: its socket must tell */
  assert_verdict (trial, PL_SENDER_HINT, 12);
}

static void
add_raw (Trial *trial, guint32 pid, guint8 protocol, guint64 time_ns)
{
  PlTraceSender sender = make_sender (pid, protocol, time_ns);
  sender.local_port = sender.remote_port = 0;
  pl_senders_add (trial->senders, &sender);
}

static void
assert_raw (Trial *trial, PlSenderVerdict expected, gint32 pid)
{
  PlSenderFound found = { 0 };
  g_assert_cmpint (pl_sender_judge_raw (trial->senders, NULL, OWN_NETWORK, &trial->one, &found), ==, expected);
  if (expected != PL_SENDER_NONE)
    g_assert_cmpint (found.pid, ==, pid);
}

/* What a raw socket wrote nobody knows: the one process that used one at just that time is likely, of two neither is. */
static void
test_raw (Trial *trial, gconstpointer data)
{
  PlSenderChange change;
  assert_raw (trial, PL_SENDER_NONE, 0);
  add_raw (trial, 10, 255, trial->packet_ns - 20 * MS); /* too early */
  assert_raw (trial, PL_SENDER_NONE, 0);
  add_raw (trial, 11, PL_PROTO_UDP, trial->packet_ns - MS / 10);
  assert_raw (trial, PL_SENDER_LIKELY, 11);
  assert_verdict (trial, PL_SENDER_NONE, 0);
  g_assert_false (pl_senders_next_change (trial->senders, &change)); /* it has no port */
  add_raw (trial, 12, PL_PROTO_UDP, trial->packet_ns - MS / 20);
  assert_raw (trial, PL_SENDER_NONE, 0);
  g_assert_false (pl_senders_next_change (trial->senders, &change));
  describe (trial->senders, 12, OTHER_NETWORK, 1000);
  assert_raw (trial, PL_SENDER_LIKELY, 11);
  add_raw (trial, 13, 255, trial->packet_ns - MS / 10);
  assert_raw (trial, PL_SENDER_NONE, 0);
}

#define ADD(path, func) g_test_add (path, Trial, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/senders/pages", test_pages); /* first: memory that was freed is given out again */
  g_test_add_func ("/senders/find", test_find);
  g_test_add_func ("/senders/forget", test_forget);
  g_test_add_func ("/senders/early", test_early);
  g_test_add_func ("/senders/describe", test_describe);
  g_test_add_func ("/senders/described-for", test_described_for);
  g_test_add_func ("/senders/number-used-again", test_number_used_again);
  g_test_add_func ("/senders/change", test_change);
  ADD ("/sender-judge/last-before", test_last_before);
  ADD ("/sender-judge/too-old", test_too_old);
  ADD ("/sender-judge/close", test_close);
  ADD ("/sender-judge/elsewhere", test_elsewhere);
  ADD ("/sender-judge/gone", test_gone);
  ADD ("/sender-judge/raw", test_raw);
  return g_test_run ();
}
