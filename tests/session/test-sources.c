/* The session over real files and pipes: what is opened arrives, what fails says why, what is stopped stops, and nothing is
 * left behind. */
#include <fcntl.h>
#include <unistd.h>
#include "capture.h"
#include "frames.h"
#include "bounds.h"
#include "loop.h"

#define T0 1700000000000000ull

typedef struct
{
  PlSession *session;
  guint n_updated;
} Fixture;

static void
count_signal (guint *n)
{
  (*n)++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->session = pl_session_new ();
  g_signal_connect_swapped (fixture->session, "updated", G_CALLBACK (count_signal), &fixture->n_updated);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->session);
}

/* @n_flows UDP flows of one question and one answer, a second apart. */
static GByteArray *
make_pcap (guint n_flows)
{
  GByteArray *pcap = test_pcap_new ();

  for (guint i = 0; i < n_flows; i++)
    {
      TestFrame question = { .proto = 17, .src = 1, .dst = 2, .src_port = 1024 + i, .dst_port = 53, .n_payload = 30 };
      TestFrame answer = { .proto = 17, .src = 2, .dst = 1, .src_port = 53, .dst_port = 1024 + i, .n_payload = 90 };

      question.time_us = T0 + i * 10;
      answer.time_us = T0 + i * 10 + G_USEC_PER_SEC;
      test_pcap_add (pcap, &question);
      test_pcap_add (pcap, &answer);
    }
  return pcap;
}

static char *
make_file (const char *name, guint n_flows)
{
  g_autoptr (GByteArray) pcap = make_pcap (n_flows);

  return test_write_array (name, pcap);
}

static void
open_file (PlSession *session, const char *path)
{
  g_assert_true (pl_session_open (session, &(PlOpen){ .kind = PL_OPEN_FILE, .name = path, .fd = -1 }, NULL));
  g_assert_cmpint (pl_session_get_state (session), ==, PL_SESSION_STARTING);
}

static void
open_fd (PlSession *session, int fd)
{
  g_assert_true (pl_session_open (session, &(PlOpen){ .kind = PL_OPEN_FD, .name = "a pipe", .fd = fd }, NULL));
}

static void
make_pipe (int fds[2])
{
  g_assert_no_errno (pipe2 (fds, O_CLOEXEC));
}

static void
write_all (int fd, const GByteArray *bytes)
{
  g_assert_cmpint (write (fd, bytes->data, bytes->len), ==, bytes->len);
}

static const PlModelTotals *
get_totals (Fixture *fixture)
{
  return pl_model_get_totals (pl_session_get_model (fixture->session));
}

static void
test_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file ("ten.pcap", 10);

  g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_IDLE);
  g_assert_null (pl_session_get_source_name (fixture->session));
  g_assert_true (pl_session_is_live (fixture->session));
  open_file (fixture->session, path);
  g_assert_false (pl_session_is_live (fixture->session));
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_ENDED);
  g_assert_null (pl_session_get_error (fixture->session));
  g_assert_cmpstr (pl_session_get_source_name (fixture->session), ==, path);
  g_assert_cmpint (pl_session_get_source_kind (fixture->session), ==, PL_OPEN_FILE);
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 10);
  g_assert_cmpuint (get_totals (fixture)->packets, ==, 20);
  g_assert_cmpuint (get_totals (fixture)->received, ==, 20);
  g_assert_cmpuint (get_totals (fixture)->bytes, ==, 10 * (42 + 30 + 42 + 90));
  g_assert_cmpuint (get_totals (fixture)->bytes_read, ==, get_totals (fixture)->bytes_total);
  g_assert_cmpuint (get_totals (fixture)->first_us, ==, T0);
  g_assert_cmpuint (fixture->n_updated, >, 0);
  g_assert_cmpfloat (pl_session_get_progress (fixture->session), ==, -1);

  open_file (fixture->session, pl_session_get_source_name (fixture->session)); /* once more, by its own words */
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 0);
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 10);
  pl_session_close (fixture->session);
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 0);
  g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_IDLE);
  g_assert_null (pl_session_get_source_name (fixture->session));
}

/* All flows of a file stay on view, however long ago they ended. */
static void
test_ended_flows_stay (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) pcap = test_pcap_new ();
  g_autofree char *path = NULL;

  for (guint i = 0; i < 100; i++)
    for (guint packet = 0; packet < 3; packet++)
      test_pcap_add (pcap, &(TestFrame){ .proto = 6,
                                         .src = packet == 1 ? 2 : 1,
                                         .dst = packet == 1 ? 1 : 2,
                                         .src_port = packet == 1 ? 80 : 2000 + i,
                                         .dst_port = packet == 1 ? 2000 + i : 80,
                                         .tcp_flags = (guint8[]){ 0x02, 0x14, 0x10 }[packet],
                                         .seq = packet,
                                         .ack = packet,
                                         .time_us = T0 + i * 60 * G_USEC_PER_SEC + packet });
  path = test_write_array ("ended.pcap", pcap);
  open_file (fixture->session, path);
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 100);
  g_assert_cmpuint (get_totals (fixture)->ended_flows, ==, 0);
}

static void
test_failures (Fixture *fixture, gconstpointer data)
{
  g_autofree char *empty = test_write_file ("empty.pcap", NULL, 0);
  g_autofree char *text = test_write_file ("text.pcap", (const guint8 *)"this is no capture file\n", 24);
  g_autofree char *missing = g_build_filename (test_get_directory (), "missing.pcap", NULL);
  const struct
  {
    const char *path;
    PlCaptureError code;
  } rows[] = { { missing, PL_CAPTURE_ERROR_NOT_FOUND },
               { test_get_directory (), PL_CAPTURE_ERROR_IS_DIRECTORY },
               { empty, PL_CAPTURE_ERROR_EMPTY },
               { text, PL_CAPTURE_ERROR_NOT_CAPTURE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      open_file (fixture->session, rows[i].path);
      g_assert_null (pl_session_get_error (fixture->session));
      g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
      g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_FAILED);
      g_assert_error (pl_session_get_error (fixture->session), PL_CAPTURE_ERROR, (int)rows[i].code);
      g_assert_null (strchr (pl_session_get_error (fixture->session)->message, '\n'));
      g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 0);
    }
  pl_session_close (fixture->session);
  g_assert_null (pl_session_get_error (fixture->session));
}

/* A file that breaks off is still worth its reading, and says that it broke off. */
static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) pcap = make_pcap (5);
  g_autofree char *path = test_write_file ("truncated.pcap", pcap->data, pcap->len - 7);

  open_file (fixture->session, path);
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_ENDED);
  g_assert_error (pl_session_get_error (fixture->session), PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_TRUNCATED);
  g_assert_cmpuint (get_totals (fixture)->packets, ==, 9);
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 5);
}

static gboolean
has_local_port (const PlModelFlow *flow, guint port)
{
  return flow->flow.key.port[flow->local_end] == port;
}

static void
test_local (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file ("local.pcap", 3);
  g_autoptr (GError) error = NULL;
  PlOpen open = { .kind = PL_OPEN_FILE, .name = path, .fd = -1, .local = (const char *[]){ "10.0.0.2/32", NULL } };
  Search search = { has_local_port, 1024, NULL };

  g_assert_true (pl_session_open (fixture->session, &open, NULL));
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  search.number = 53;
  g_assert_true (finds (fixture->session, &search));
  search.number = 1024;
  g_assert_false (finds (fixture->session, &search));

  /* What can never work changes nothing. */
  open.local = (const char *[]){ "10.0.0.2", "10.0.0.300", NULL };
  g_assert_false (pl_session_open (fixture->session, &open, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "10.0.0.300"));
  g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_ENDED);
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 3);
}

static gboolean
has_packets (PlSession *session, gpointer n)
{
  return pl_model_get_totals (pl_session_get_model (session))->packets >= GPOINTER_TO_UINT (n);
}

/* A pipe shows what came while its writer is still at it, and is a document when the writer ends. */
static void
test_pipe (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) pcap = make_pcap (4);
  int fds[2];

  make_pipe (fds);
  open_fd (fixture->session, fds[0]);
  g_assert_false (pl_session_is_live (fixture->session));
  write_all (fds[1], pcap);
  g_assert_true (run_until (fixture->session, 10000, is_running, NULL));
  g_assert_true (run_until (fixture->session, 10000, has_packets, GUINT_TO_POINTER (8)));
  g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_RUNNING);
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 4);
  g_byte_array_remove_range (pcap, 0, 24);
  write_all (fds[1], pcap);
  close (fds[1]);
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_ENDED);
  g_assert_null (pl_session_get_error (fixture->session));
  g_assert_cmpuint (get_totals (fixture)->packets, ==, 16);
  g_assert_cmpfloat (get_totals (fixture)->rate_out, >, 0);
  g_assert_cmpint (pl_model_get_due_us (pl_session_get_model (fixture->session)), ==, -1);
}

/* A pipe that says nothing is stopped at once; what came before stays on view. */
static void
test_silent_pipe (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) pcap = make_pcap (4);
  int fds[2];
  gint64 before_us;

  make_pipe (fds);
  open_fd (fixture->session, fds[0]);
  write_all (fds[1], pcap);
  g_assert_true (run_until (fixture->session, 10000, has_packets, GUINT_TO_POINTER (8)));
  before_us = g_get_monotonic_time ();
  pl_session_stop (fixture->session);
  g_assert_cmpint (g_get_monotonic_time () - before_us, <, 10 * G_USEC_PER_SEC);
  g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_IDLE);
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 4);
  pl_session_stop (fixture->session); /* twice is nothing */
  g_assert_cmpint (write (fds[1], "x", 1), ==, -1); /* nobody reads any more */
  close (fds[1]);

  make_pipe (fds);
  open_fd (fixture->session, fds[0]);
  run_for (fixture->session, 50);
  before_us = g_get_monotonic_time ();
  pl_session_close (fixture->session);
  g_assert_cmpint (g_get_monotonic_time () - before_us, <, 10 * G_USEC_PER_SEC);
  close (fds[1]);
}

/* Stopped right after it was opened: what was counted until then is on view, and the sums agree. */
static void
test_stop_at_once (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file ("many.pcap", 20000);

  for (guint i = 0; i < 20; i++)
    {
      open_file (fixture->session, path);
      run_for (fixture->session, i);
      pl_session_stop (fixture->session);
      g_assert_cmpuint (get_totals (fixture)->packets, <=, 40000);
      g_assert_cmpuint (get_totals (fixture)->packets, <=, 2 * get_totals (fixture)->n_flows);
      g_assert_cmpuint (get_totals (fixture)->n_flows, <=, get_totals (fixture)->packets);
    }
}

static guint
count_entries (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* A hundred switches at random moments, many in mid-read; at the end only the last one's flows, and no thread, no
 * descriptor more than before. */
/* A thread that was joined is listed a moment longer: the kernel wakes who waits for it before it forgets it. */
static void
assert_threads (guint n_at_most)
{
  for (guint i = 0; i < 10000 && count_entries ("/proc/self/task") > n_at_most; i++)
    g_usleep (1000);
  g_assert_cmpuint (count_entries ("/proc/self/task"), <=, n_at_most);
}

static void
test_switches (Fixture *fixture, gconstpointer data)
{
  g_autofree char *small = make_file ("small.pcap", 7), *large = make_file ("large.pcap", 30000);
  guint n_fds, n_threads = count_entries ("/proc/self/task");
  int writers[100];

  open_file (fixture->session, small);
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  n_fds = count_entries ("/proc/self/fd");
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    {
      int fds[2];

      writers[i] = -1;
      switch (g_test_rand_int_range (0, 5))
        {
        case 0:
          open_file (fixture->session, small);
          break;
        case 1:
          open_file (fixture->session, large);
          break;
        case 2:
          open_file (fixture->session, "/nonexistent");
          break;
        case 3:
          make_pipe (fds);
          writers[i] = fds[1];
          open_fd (fixture->session, fds[0]);
          break;
        default:
          pl_session_stop (fixture->session);
          break;
        }
      if (g_test_rand_bit ())
        run_for (fixture->session, g_test_rand_int_range (0, 20));
      assert_threads (n_threads + 1);
    }
  open_file (fixture->session, small);
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 7);
  g_assert_cmpuint (get_totals (fixture)->packets, ==, 14);
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    if (writers[i] >= 0)
      close (writers[i]);
  g_assert_cmpuint (count_entries ("/proc/self/task"), ==, n_threads);
  g_assert_cmpuint (count_entries ("/proc/self/fd"), ==, n_fds);
}

/* What hears of an update or a new state may open another source, or let the session go. */
typedef struct
{
  const char *path;
  PlSession *session;
} Reaction;

static void
react (PlSession *session, Reaction *reaction)
{
  const char *path = g_steal_pointer (&reaction->path);

  if (path != NULL)
    open_file (session, path);
  else
    g_clear_object (&reaction->session);
}

static void
react_to_state (PlSession *session, GParamSpec *pspec, Reaction *reaction)
{
  if (is_over (session, NULL) && (reaction->path != NULL || reaction->session != NULL))
    react (session, reaction);
}

static void
test_open_in_handler (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = make_file ("first.pcap", 3), *second = make_file ("second.pcap", 5);

  for (int i = 0; i < 2; i++)
    {
      Reaction reaction = { second, NULL };
      gulong handler;

      open_file (fixture->session, first);
      handler = i == 0 ? g_signal_connect (fixture->session, "updated", G_CALLBACK (react), &reaction)
                       : g_signal_connect (fixture->session, "notify::state", G_CALLBACK (react_to_state), &reaction);
      while (reaction.path != NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
      g_signal_handler_disconnect (fixture->session, handler);
      g_assert_cmpstr (pl_session_get_source_name (fixture->session), ==, second);
      g_assert_cmpint (pl_session_get_state (fixture->session), ==, PL_SESSION_ENDED);
      g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 5);
    }
}

static void
test_let_go_in_handler (void)
{
  g_autofree char *path = make_file ("let-go.pcap", 3);

  for (int i = 0; i < 2; i++)
    {
      Reaction reaction = { NULL, pl_session_new () };
      gpointer watched = reaction.session;

      g_object_add_weak_pointer (G_OBJECT (reaction.session), &watched);
      open_file (reaction.session, path);
      if (i == 0)
        g_signal_connect (reaction.session, "updated", G_CALLBACK (react), &reaction);
      else
        g_signal_connect (reaction.session, "notify::state", G_CALLBACK (react_to_state), &reaction);
      while (watched != NULL)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* Nothing wakes while nothing moves. */
static void
test_quiet (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file ("quiet.pcap", 3);
  gboolean is_late = FALSE;
  guint timeout, n_wakes = 0;

  open_file (fixture->session, path);
  g_assert_true (run_until (fixture->session, 10000, is_over, NULL));
  run_for (fixture->session, 50);
  fixture->n_updated = 0;
  timeout = g_timeout_add (700, set_true, &is_late);
  while (!is_late)
    {
      g_main_context_iteration (NULL, TRUE);
      n_wakes++;
    }
  g_source_remove (timeout);
  g_assert_cmpuint (n_wakes, <=, 2);
  g_assert_cmpuint (fixture->n_updated, ==, 0);
}

/* The views hear at most ten times a second, however fast the capture is. */
static void
test_pace (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file ("pace.pcap", 60000);
  gint64 before_us = g_get_monotonic_time ();

  open_file (fixture->session, path);
  g_assert_true (run_until (fixture->session, 30000, is_over, NULL));
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, 60000);
  g_assert_cmpuint (fixture->n_updated, <=, 4 + (g_get_monotonic_time () - before_us) / 100000);
}

/* ---- a batch that several turns of the main loop take over ---- */

#define N_SLICED 8000 /* in one batch also while a file is read (run.c), so that its totals are those of its flows */

static gboolean
add_packets (const PlModelFlow *flow, gpointer sum)
{
  *(guint64 *)sum += flow->flow.sent[0].packets + flow->flow.sent[1].packets;
  return TRUE;
}

/* @session's model holds a whole batch. */
static void
assert_whole (PlSession *session)
{
  guint64 sum = 0;

  pl_model_foreach (pl_session_get_model (session), add_packets, &sum);
  g_assert_cmpuint (sum, ==, pl_model_get_totals (pl_session_get_model (session))->packets);
}

/* One turn of the main loop. Returns whether it took over any flows; they are no more than a slice. */
static gboolean
turn (PlSession *session)
{
  guint before = pl_model_get_n_flows (pl_session_get_model (session)), now;

  g_main_context_iteration (NULL, TRUE);
  now = pl_model_get_n_flows (pl_session_get_model (session));
  g_assert_cmpuint (now, <=, before + PL_LIMIT_SLICE_FLOWS);
  return now > before;
}

static gboolean
draw_once (gpointer data)
{
  (*(guint *)data)++;
  return G_SOURCE_REMOVE;
}

static gboolean
draw_always (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

#define DRAWING (G_PRIORITY_HIGH_IDLE + 20) /* as GTK has it */

/* No turn takes over more than a slice, what is drawn is drawn between them, and the views hear of whole batches alone. */
static void
test_slices (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file ("slices.pcap", N_SLICED);
  guint n_turns = 0, n_asked = 0, n_drawn = 0, drawing;

  g_signal_connect (fixture->session, "updated", G_CALLBACK (assert_whole), NULL);
  for (guint i = 0; i < 5; i++)
    {
      open_file (fixture->session, path);
      while (!is_over (fixture->session, NULL))
        {
          gboolean is_taking = turn (fixture->session);

          n_turns += is_taking;
          if (is_taking && n_asked == n_drawn)
            {
              g_idle_add_full (DRAWING, draw_once, &n_drawn, NULL);
              n_asked++;
            }
        }
      g_assert_cmpuint (get_totals (fixture)->n_flows, ==, N_SLICED);
    }
  while (n_drawn < n_asked)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_turns, >=, 5 * (N_SLICED / PL_LIMIT_SLICE_FLOWS));
  g_assert_cmpuint (n_drawn, >, n_turns / 2); /* but where this process had to wait for a processor */

  /* Who draws without a pause does not keep a file from its end. */
  drawing = g_idle_add_full (DRAWING, draw_always, NULL, NULL);
  open_file (fixture->session, path);
  g_assert_true (run_until (fixture->session, 30000, is_over, NULL));
  g_assert_cmpuint (get_totals (fixture)->n_flows, ==, N_SLICED);
  g_source_remove (drawing);
}

static void
open_other (PlSession *session)
{
  g_autofree char *path = make_file ("other.pcap", 7);

  open_file (session, path);
  g_assert_true (run_until (session, 10000, is_over, NULL));
  g_assert_cmpuint (pl_model_get_n_flows (pl_session_get_model (session)), ==, 7);
}

static void
commit_at_once (PlSession *session)
{
  pl_session_watch_sockets (session, FALSE);
  assert_whole (session);
  g_assert_true (run_until (session, 10000, is_over, NULL));
  g_assert_cmpuint (pl_model_get_n_flows (pl_session_get_model (session)), ==, N_SLICED);
}

/* Whatever happens between two slices: the rest is taken over with a stop and an update, and is gone with its source. */
static void
test_between_slices (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file ("between.pcap", N_SLICED);
  void (*const acts[]) (PlSession * session) = { pl_session_stop, pl_session_close, open_other, commit_at_once };

  for (guint i = 0; i < 3 * G_N_ELEMENTS (acts); i++)
    {
      open_file (fixture->session, path);
      for (guint n_turns = 0; n_turns < 1 + i / G_N_ELEMENTS (acts) && !is_over (fixture->session, NULL);)
        n_turns += turn (fixture->session);
      acts[i % G_N_ELEMENTS (acts)](fixture->session);
      assert_whole (fixture->session);
      run_for (fixture->session, 20); /* nothing more comes */
      assert_whole (fixture->session);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "file", test_file },
    { "ended-flows-stay", test_ended_flows_stay },
    { "failures", test_failures },
    { "truncated", test_truncated },
    { "local", test_local },
    { "pipe", test_pipe },
    { "silent-pipe", test_silent_pipe },
    { "stop-at-once", test_stop_at_once },
    { "switches", test_switches },
    { "open-in-handler", test_open_in_handler },
    { "quiet", test_quiet },
    { "pace", test_pace },
    { "slices", test_slices },
    { "between-slices", test_between_slices },
  };
  int result;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/session/sources/", tests[i].name, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  g_test_add_func ("/session/sources/let-go-in-handler", test_let_go_in_handler);
  result = g_test_run ();
  test_remove_files ();
  return result;
}
