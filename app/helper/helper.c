/* portlight-helper: the only privileged program of Portlight. It opens packet sockets, gives up every right, then streams:
 * pcap (SLL2) on descriptor 1, messages on descriptor 0 when that is a SOCK_SEQPACKET socket (protocol.h).
 *
 * This file: arguments and the one loop. It never decodes a packet, never waits for its reader, asks no name service,
 * and ends when descriptor 0 ends or descriptor 1 breaks, whatever the rest is doing. */
#include "helper.h"
#include "protocol.h"
#include "portlight-config.h"
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SNAPLEN_DEFAULT_BYTES 1600 /* a ClientHello or QUIC Initial fits */
#define SNAPLEN_MAX_BYTES 262144 /* libpcap's own MAXIMUM_SNAPLEN */
#define GIVE_UP_DEFAULT_S 300 /* a reader stopped in a debugger for minutes may still come back */
#define STATS_EVERY_MS 1000
#define FLUSH_AT_END_MS 200 /* told to end by a signal: how long the stream's last whole records may take */

struct pl_helper
{
  struct pl_options options;
  enum pl_input input;
  struct pl_capture *capture;
  struct pl_first first[PL_N_FIRST];
  int64_t stats_sent_ms;
  bool stats_due; /* something may have changed since */
};

static volatile sig_atomic_t told_to_end;

static const char usage[] =
    "Usage: portlight-helper [-i any|IFACE] [-s SNAPLEN] [--give-up SECONDS]\n"
    "       portlight-helper --version | --protocol | --help\n\n"
    "Captures packets and writes them as pcap (LINUX_SLL2) to standard output, for example\n"
    "  sudo portlight-helper -i wlan0 | wireshark -k -i -\n\n"
    "  -i, --interface   any (default) or an interface of this machine; never promiscuous\n"
    "  -s, --snaplen     bytes kept of a packet, 64 to 262144 (default 1600)\n"
    "  --give-up         seconds a reader may take nothing before it ends (default 300)\n"
    "  --protocol        print the version of the messages on descriptor 0\n\n"
    "It needs CAP_NET_RAW or root to open its sockets and keeps neither. It ends when standard\n"
    "output is closed, or standard input is: a pipe or socket there means \"run until its end\",\n"
    "a terminal, a file or /dev/null there means nothing.\n";

int64_t
pl_now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

void
pl_fail (int code, const char *format, ...)
{
  static const char prefix[] = "portlight-helper: ";
  struct pl_helper_text body = { 0 };
  char line[sizeof prefix + sizeof body.text];
  va_list args;

  va_start (args, format);
  vsnprintf (body.text, sizeof body.text, format, args);
  va_end (args);
  for (char *c = body.text; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f)
      *c = '?'; /* one line, whatever a name in it holds */
  if (pl_channel_input () == PL_INPUT_CHANNEL)
    pl_channel_send (PL_HELPER_ERROR, &body, sizeof body);
  int length = snprintf (line, sizeof line, "%s%s\n", prefix, body.text);
  if (write (STDERR_FILENO, line, length) != length)
    code = code == PL_HELPER_EXIT_OK ? PL_HELPER_EXIT_FAILED : code;
  _exit (code);
}

static int
parse_number (const char *option, const char *text, int min, int max)
{
  char *end;

  errno = 0;
  long number = strtol (text, &end, 10);
  if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || number < min || number > max)
    pl_fail (PL_HELPER_EXIT_USAGE, "%s takes a number from %d to %d; see --help", option, min, max);
  return number;
}

/* libpcap takes far more than interfaces (nfqueue, usbmon0, dbus-system): it is never given this name. */
static void
check_interface (struct pl_options *options)
{
  if (strcmp (options->interface, "any") == 0)
    return;
  if (strnlen (options->interface, IFNAMSIZ) < IFNAMSIZ)
    options->ifindex = if_nametoindex (options->interface);
  if (options->ifindex == 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "this computer has no network interface %.32s; \"ip link\" lists them",
             *options->interface != '\0' ? options->interface : "without a name");
}

static void
print_and_exit (const char *text)
{
  size_t length = strlen (text);

  _exit (write (STDOUT_FILENO, text, length) == (ssize_t)length ? PL_HELPER_EXIT_OK : PL_HELPER_EXIT_FAILED);
}

static void
parse_arguments (int argc, char **argv, struct pl_options *options)
{
  enum
  {
    OPTION_VERSION = 256,
    OPTION_PROTOCOL,
    OPTION_GIVE_UP
  };
  static const struct option longs[] = { { "interface", required_argument, NULL, 'i' },
                                         { "snaplen", required_argument, NULL, 's' },
                                         { "give-up", required_argument, NULL, OPTION_GIVE_UP },
                                         { "version", no_argument, NULL, OPTION_VERSION },
                                         { "protocol", no_argument, NULL, OPTION_PROTOCOL },
                                         { "help", no_argument, NULL, 'h' },
                                         { 0 } };
  char number[16];
  int option;

  opterr = 0;
  while ((option = getopt_long (argc, argv, "i:s:h", longs, NULL)) != -1)
    switch (option)
      {
      case 'i':
        options->interface = optarg;
        break;
      case 's':
        options->snaplen_bytes = parse_number ("--snaplen", optarg, 64, SNAPLEN_MAX_BYTES);
        break;
      case OPTION_GIVE_UP:
        options->give_up_ms = 1000 * parse_number ("--give-up", optarg, 1, 86400);
        break;
      case OPTION_VERSION:
        print_and_exit ("portlight-helper " PL_VERSION "\n");
        break;
      case OPTION_PROTOCOL:
        snprintf (number, sizeof number, "%d\n", PL_HELPER_PROTOCOL);
        print_and_exit (number);
        break;
      case 'h':
        print_and_exit (usage);
        break;
      default:
        pl_fail (PL_HELPER_EXIT_USAGE, "unknown option or missing value; see --help");
      }
  if (optind < argc)
    pl_fail (PL_HELPER_EXIT_USAGE, "unknown argument %.64s; see --help", argv[optind]);
}

static void
on_signal (int signal_number)
{
  told_to_end = 1;
}

/* Signals only ever interrupt ppoll(), never a half written record. Fills in @during_poll, the mask for ppoll(). */
static void
catch_signals (sigset_t *during_poll)
{
  static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
  struct sigaction action = { .sa_handler = on_signal };
  sigset_t blocked;

  sigemptyset (&blocked);
  sigemptyset (during_poll);
  for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
    {
      sigaction (ending[i], &action, NULL);
      sigaddset (&blocked, ending[i]);
    }
  sigprocmask (SIG_SETMASK, &blocked, NULL);
  signal (SIGPIPE, SIG_IGN);
}

static int
sooner (int a_ms, int64_t b_ms)
{
  if (b_ms < 0)
    b_ms = 0;
  return a_ms < 0 || b_ms < a_ms ? (int)b_ms : a_ms;
}

enum
{
  FD_INPUT,
  FD_OUTPUT,
  FD_BULK,
  FD_FIRST,
  N_FDS = FD_FIRST + PL_N_FIRST
};

/* What to wait for, and how long. Nothing runs by the clock while no packet comes: there is a timeout, in ms, only while
 * something waits; else -1. */
static int
prepare_poll (struct pl_helper *helper, struct pollfd fds[N_FDS])
{
  int64_t now_ms = pl_now_ms ();
  int timeout_ms = -1;

  fds[FD_INPUT] = (struct pollfd){ .fd = helper->input == PL_INPUT_NONE ? -1 : STDIN_FILENO,
                                   .events = helper->input == PL_INPUT_HANGUP ? 0 : POLLIN };
  fds[FD_OUTPUT] = (struct pollfd){ .fd = STDOUT_FILENO };
  fds[FD_BULK] = (struct pollfd){ .fd = pl_capture_poll_fd (helper->capture), .events = POLLIN };
  if (pl_capture_has_output (helper->capture))
    {
      fds[FD_OUTPUT].events = POLLOUT;
      timeout_ms = sooner (timeout_ms, pl_capture_moved_ms (helper->capture) + helper->options.give_up_ms - now_ms);
    }
  for (int i = 0; i < PL_N_FIRST; i++)
    {
      int opens_ms = helper->input == PL_INPUT_CHANNEL ? pl_first_check (&helper->first[i], now_ms) : -1;

      fds[FD_FIRST + i] =
          (struct pollfd){ .fd = helper->input == PL_INPUT_CHANNEL && opens_ms < 0 ? helper->first[i].fd : -1,
                           .events = POLLIN };
      if (opens_ms >= 0)
        timeout_ms = sooner (timeout_ms, opens_ms);
    }
  if (helper->stats_due && helper->input == PL_INPUT_CHANNEL)
    timeout_ms = sooner (timeout_ms, helper->stats_sent_ms + STATS_EVERY_MS - now_ms);
  return timeout_ms;
}

/* While the ring is not read it may lose packets: then statistics go on without a packet to prompt them. */
static void
send_stats (struct pl_helper *helper, int64_t now_ms)
{
  if (helper->input != PL_INPUT_CHANNEL || !helper->stats_due || now_ms - helper->stats_sent_ms < STATS_EVERY_MS)
    return;
  helper->stats_due = !pl_capture_send_stats (helper->capture) || pl_capture_poll_fd (helper->capture) < 0;
  helper->stats_sent_ms = now_ms;
}

/* Serves what poll() found. False when it is time to end. */
static bool
serve (struct pl_helper *helper, const struct pollfd fds[N_FDS])
{
  int64_t now_ms = pl_now_ms ();

  if (fds[FD_INPUT].revents != 0 && pl_channel_ended (fds[FD_INPUT].revents))
    return false;
  for (int i = 0; i < PL_N_FIRST; i++)
    if (fds[FD_FIRST + i].revents != 0)
      pl_first_forward (&helper->first[i], now_ms);
  if (fds[FD_BULK].revents != 0)
    {
      pl_capture_read (helper->capture, fds[FD_BULK].revents);
      helper->stats_due = true;
    }
  if ((fds[FD_OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 || !pl_capture_write (helper->capture, now_ms))
    return false;
  if (pl_capture_has_output (helper->capture)
      && now_ms - pl_capture_moved_ms (helper->capture) >= helper->options.give_up_ms)
    pl_fail (PL_HELPER_EXIT_FAILED, "the reader took nothing for %d seconds, so the capture ended",
             helper->options.give_up_ms / 1000);
  send_stats (helper, now_ms);
  return true;
}

static void
run (struct pl_helper *helper, const sigset_t *during_poll)
{
  struct pollfd fds[N_FDS];

  for (bool alive = true; alive && !told_to_end;)
    {
      int timeout_ms = prepare_poll (helper, fds);
      struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000l };

      if (ppoll (fds, N_FDS, timeout_ms >= 0 ? &timeout : NULL, during_poll) >= 0)
        alive = serve (helper, fds);
      else if (errno != EINTR)
        pl_fail (PL_HELPER_EXIT_FAILED, "cannot wait for packets: %s", strerror (errno));
    }
  struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
  int64_t until_ms = pl_now_ms () + FLUSH_AT_END_MS;
  while (told_to_end && pl_capture_has_output (helper->capture) && pl_now_ms () < until_ms
         && poll (&out, 1, FLUSH_AT_END_MS) > 0 && pl_capture_write (helper->capture, pl_now_ms ()))
    ;
}

int
main (int argc, char **argv)
{
  struct pl_helper helper = {
    .options = { .interface = "any", .snaplen_bytes = SNAPLEN_DEFAULT_BYTES, .give_up_ms = GIVE_UP_DEFAULT_S * 1000 }
  };
  sigset_t during_poll;

  uid_t target_uid = pl_drop_enter ();
  parse_arguments (argc, argv, &helper.options);
  if (isatty (STDOUT_FILENO))
    pl_fail (PL_HELPER_EXIT_USAGE, "packets are not for a terminal: add \"> file.pcap\" or \"| wireshark -k -i -\"");
  check_interface (&helper.options);
  catch_signals (&during_poll);
  if (!pl_drop_narrow ())
    pl_fail (PL_HELPER_EXIT_NO_RIGHT, "no right to capture packets: start it with sudo or pkexec");
  helper.input = pl_channel_input ();
  if (helper.input == PL_INPUT_CHANNEL || helper.input == PL_INPUT_STREAM)
    pl_channel_set_nonblocking ();
  helper.capture = pl_capture_open (&helper.options);
  if (helper.input == PL_INPUT_CHANNEL)
    pl_first_open (helper.first, helper.options.ifindex);
  pl_drop_leave (target_uid);
  pl_drop_limits ();
  pl_seccomp_capture ();
  if (helper.input == PL_INPUT_CHANNEL)
    pl_channel_send (PL_HELPER_HELLO, NULL, 0);
  run (&helper, &during_poll);
  _exit (PL_HELPER_EXIT_OK);
}
