/* portlight-helper's arguments, of every wrong kind: one line that says what is wrong, before anything is opened. */
#include "helper-run.h"
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

static void
assert_refused (int code, const char *words, const char *first, const char *second)
{
  g_autofree char *said = NULL;
  Run run;

  run_start (&run, &(RunOptions){ .input = RUN_PIPE }, first, second, NULL);
  g_assert_cmpint (run_wait (&run, 5000), ==, code);
  said = run_read_said (&run);
  g_test_message ("%s", said);
  g_assert_true (g_str_has_prefix (said, "portlight-helper: "));
  g_assert_nonnull (strstr (said, words));
  g_assert_true (strchr (said, '\n') == said + strlen (said) - 1); /* one line */
  run_read_stream (&run, 100);
  g_assert_cmpuint (run.bytes->len, ==, 0);
  run_clear (&run);
}

/* libpcap would open some of these. */
static void
test_interfaces (void)
{
  static const char *const names[] = { "nfqueue",
                                       "nflog:5",
                                       "usbmon0",
                                       "bluetooth0",
                                       "dbus-system",
                                       "dbus-session",
                                       "rdma0",
                                       "netmap:lo",
                                       "snf0",
                                       "../x",
                                       "lo/../lo",
                                       "",
                                       " lo",
                                       "lo ",
                                       "*",
                                       "any2",
                                       "ANY",
                                       "-",
                                       "rpcap://127.0.0.1/lo",
                                       "eth0\n\033[31m",
                                       "0123456789abcdef" };
  g_autofree char *longest = g_strnfill (300, 'x'), *huge = g_strnfill (100000, 'y');

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    assert_refused (PL_HELPER_EXIT_FAILED, "this computer has no network interface", "-i", names[i]);
  assert_refused (PL_HELPER_EXIT_FAILED, "this computer has no network interface", "-i", longest);
  assert_refused (PL_HELPER_EXIT_FAILED, "this computer has no network interface", "-i", huge);
}

static void
test_numbers (void)
{
  static const char *const numbers[] = {
    "0", "63", "262145", "-1", "", "x", "12x", " 100", "0x100", "4294967296", "1e3", "+100", "99999999999999999999999"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    assert_refused (PL_HELPER_EXIT_USAGE, "--snaplen takes a number from 64 to 262144", "-s", numbers[i]);
  assert_refused (PL_HELPER_EXIT_USAGE, "--give-up takes a number from 1 to 86400", "--give-up", "0");
}

static void
test_unknown (void)
{
  assert_refused (PL_HELPER_EXIT_USAGE, "unknown option", "--nonsense", NULL);
  assert_refused (PL_HELPER_EXIT_USAGE, "unknown option", "-z", NULL);
  assert_refused (PL_HELPER_EXIT_USAGE, "missing value", "-i", NULL);
  assert_refused (PL_HELPER_EXIT_USAGE, "unknown option or missing value", "--version=3", NULL);
  assert_refused (PL_HELPER_EXIT_USAGE, "unknown argument lo", "lo", NULL);
  assert_refused (PL_HELPER_EXIT_USAGE, "unknown argument", "--", "-i");
}

static void
test_prints (void)
{
  static const struct
  {
    const char *option, *start;
  } cases[] = { { "--version", "portlight-helper " }, { "--help", "Usage: portlight-helper " } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Run run;

      run_start (&run, &(RunOptions){ .input = RUN_PIPE }, cases[i].option, NULL);
      g_assert_cmpint (run_wait (&run, 5000), ==, PL_HELPER_EXIT_OK);
      run_read_stream (&run, 100);
      g_byte_array_append (run.bytes, (const guint8 *)"", 1);
      g_assert_true (g_str_has_prefix ((char *)run.bytes->data, cases[i].start));
      run_clear (&run);
    }
}

static void
test_terminal (void)
{
  char text[512];
  int terminal, status;

  pid_t pid = forkpty (&terminal, NULL, NULL, NULL);
  g_assert_no_errno (pid);
  if (pid == 0)
    {
      execl (g_getenv ("PORTLIGHT_HELPER"), "portlight-helper", "-i", "lo", NULL);
      _exit (96);
    }
  gssize n_bytes = read (terminal, text, sizeof text - 1);
  g_assert_cmpint (n_bytes, >, 0);
  text[n_bytes] = '\0';
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (WEXITSTATUS (status), ==, PL_HELPER_EXIT_USAGE);
  g_assert_nonnull (strstr (text, "packets are not for a terminal"));
  close (terminal);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/arguments/interfaces", test_interfaces);
  g_test_add_func ("/helper/arguments/numbers", test_numbers);
  g_test_add_func ("/helper/arguments/unknown", test_unknown);
  g_test_add_func ("/helper/arguments/prints", test_prints);
  g_test_add_func ("/helper/arguments/terminal", test_terminal);
  return g_test_run ();
}
