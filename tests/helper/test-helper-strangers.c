/* What an ordinary user's owner thread says of other users' programs, with the real helper and no tracepoints: a socket that exec(2)
 * closes is its opener's for sure, one that it leaves open may have been a child's. In a network namespace of its own, where the
 * kernel tells no news of processes; as root. */
#include "helper-run.h"
#include "owner-fixture.h"
#include <signal.h>
#include <sys/mman.h>

#define APP_USER 61236
#define STRANGER_USER 61237
#define SEEN 40

typedef struct
{
  int cloexec; /* SOCK_CLOEXEC or 0 */
  guint8 confidence; /* that is right */
} Setting;

/* What processes tell each other. */
typedef struct
{
  guint64 sent_us; /* by the wall clock; 0 not yet */
  guint16 port;
} Shared;

static void
become (uid_t user)
{
  if (setresgid (user, user, user) != 0 || setresuid (user, user, user) != 0)
    _exit (90);
}

/* Has had a child; then sends, and stays. Of the test's descriptors it has none: some are ways by which a socket may come. */
static void
be_stranger (Shared *shared, int cloexec)
{
  struct sockaddr_storage own, to;
  close_range (STDERR_FILENO + 1, ~0U, 0);
  socklen_t length = make_sockaddr ("127.0.0.1", 0, &own);
  become (STRANGER_USER);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  pid_t child = fork ();
  if (child == 0)
    _exit (0);
  waitpid (child, NULL, 0);
  int fd = socket (AF_INET, SOCK_DGRAM | cloexec, 0);
  if (bind (fd, (struct sockaddr *)&own, length) != 0)
    _exit (91);
  addr_of (fd, FALSE, &shared->port);
  shared->sent_us = (guint64)g_get_real_time ();
  make_sockaddr ("127.0.0.1", 9, &to);
  sendto (fd, "x", 1, 0, (struct sockaddr *)&to, length);
  pause ();
  _exit (0);
}

/* Asks as another user. Ends with SEEN and the confidence of the answer. */
static void
be_app (int owners_fd, const Shared *shared, pid_t stranger)
{
  Fixture fixture = { 0 };
  become (APP_USER);
  set_up (&fixture, NULL);
  g_autoptr (PlHelperSeat) seat = pl_helper_seat_new (owners_fd);
  pl_owners_use_helper (fixture.owners, seat);
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", shared->port, "127.0.0.1", 9);
  question.first_us = shared->sent_us;
  g_auto (Answers) answers = ask (&fixture, &question);
  tear_down (&fixture, NULL);
  const PlProcess *process = answers.caller.process;
  pid_t told =
      answers.caller.confidence == PL_CONFIDENCE_EXACT ? stranger : 0; /* which of its family sent is not known */
  if (process == NULL || process->pid != told || g_strcmp0 (process->comm, "test-helper-str") != 0)
    _exit (92);
  _exit (SEEN + answers.caller.confidence);
}

static int
wait_exit (pid_t pid)
{
  int status;
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

/* Rings for tracepoints take rights, but where the machine's owner has let everybody have them. */
static gboolean
lets_all_trace (void)
{
  g_autofree char *text = NULL;
  return g_file_get_contents ("/proc/sys/kernel/perf_event_paranoid", &text, NULL, NULL) && atoi (text) < 0;
}

static void
test_had_children (gconstpointer data)
{
  const Setting *setting = data;
  Shared *shared = mmap (NULL, sizeof (Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Run run;

  if (!need_root ())
    return;
  if (lets_all_trace ())
    {
      g_test_skip ("kernel.perf_event_paranoid is below 0: who sent is known here");
      return;
    }
  run_start (&run, &(RunOptions){ .with_owners = TRUE, .without_tracepoints = TRUE }, "-i", "lo", NULL);
  g_assert_true (run_is_ready (&run, 20000));
  pid_t stranger = fork ();
  if (stranger == 0)
    be_stranger (shared, setting->cloexec);
  for (guint i = 0; i < 20000 && shared->sent_us == 0; i++)
    g_usleep (1000);
  g_assert_cmpuint (shared->sent_us, >, 0);
  pid_t app = fork ();
  if (app == 0)
    be_app (run.owners, shared, stranger);
  g_assert_cmpint (wait_exit (app), ==, SEEN + setting->confidence);
  kill (stranger, SIGKILL);
  waitpid (stranger, NULL, 0);
  munmap (shared, sizeof *shared);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  static const Setting closed = { SOCK_CLOEXEC, PL_CONFIDENCE_EXACT }, open = { 0, PL_CONFIDENCE_LIKELY };

  be_alone ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/helper/strangers/closed-by-exec", &closed, test_had_children);
  g_test_add_data_func ("/helper/strangers/left-open", &open, test_had_children);
  return g_test_run ();
}
