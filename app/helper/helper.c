/* portlight-helper: the only privileged program of Portlight. It opens packet sockets, gives up every right, then streams:
 * pcap (SLL2) on descriptor 1, messages on descriptor 0 when that is a SOCK_SEQPACKET socket (protocol.h). It never decodes
 * a packet, never waits for its reader, and ends when descriptor 0 ends or descriptor 1 breaks, whatever else goes on. */
#include "helper.h"
#include "portlight-config.h"
#include <getopt.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <time.h>

#define SNAPLEN_DEFAULT_BYTES 1600 /* a ClientHello or QUIC Initial fits */
#define SNAPLEN_MAX_BYTES 262144 /* libpcap's own MAXIMUM_SNAPLEN */
#define GIVE_UP_DEFAULT_S 300 /* a reader stopped in a debugger for minutes may still come back */
#define MAX_DESCRIPTORS 16 /* of a running helper; ppoll() counts its own against it too */
#define STATS_EVERY_MS 1000

#define OWNER_RIGHTS (BIT (CAP_SYS_PTRACE) | BIT (CAP_DAC_READ_SEARCH))
#define TRACE_RIGHTS (BIT (CAP_PERFMON) | BIT (CAP_IPC_LOCK) | BIT (CAP_SYS_ADMIN)) /* the last before Linux 5.8 */

struct pl_helper
{
  struct pl_options options;
  enum pl_input input;
  struct pl_capture *capture;
  int64_t stats_sent_ms;
  bool stats_due; /* something may have changed since */
};

static const char usage[] =
    "Usage: portlight-helper [-i any|IFACE] [-s SNAPLEN] [--no-owners | --sockets-only] [--give-up SECONDS]\n"
    "       portlight-helper --version | --protocol | --help\n"
    "Captures packets and writes them as pcap (LINUX_SLL2) to standard output, for example\n"
    "  sudo portlight-helper -i wlan0 | wireshark -k -i -\n\n"
    "  -i, --interface   any (default) or an interface of this machine; never promiscuous\n"
    "  -s, --snaplen     bytes kept of a packet, 64 to 262144 (default 1600)\n"
    "  --no-owners       does not say whose sockets they are, --sockets-only says nothing else\n"
    "  --give-up         seconds a reader may take nothing before it ends (default 300)\n"
    "It ends with standard output, and with standard input where that is a pipe or a socket.\n"
    "It keeps none of the rights it opened its sockets with.\n";

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
  _exit (write (STDERR_FILENO, line, length) == length ? code : PL_HELPER_EXIT_FAILED);
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
  _exit (write (STDOUT_FILENO, text, strlen (text)) > 0 ? PL_HELPER_EXIT_OK : PL_HELPER_EXIT_FAILED);
}

static void
parse_arguments (int argc, char **argv, struct pl_options *options)
{
  const struct option longs[] = {
    { "interface", 1, NULL, 'i' },
    { "no-owners", 0, &options->no_owners, 1 },
    { "version", 0, NULL, 'V' },
    { "snaplen", 1, NULL, 's' },
    { "sockets-only", 0, &options->sockets_only, 1 },
    { "protocol", 0, NULL, 'P' },
    { "give-up", 1, NULL, 'G' },
    { "help", 0, NULL, 'h' },
    { 0 },
  };
  char number[16];

  opterr = 0;
  for (int option; (option = getopt_long (argc, argv, "i:s:h", longs, NULL)) != -1;)
    if (option == 'i')
      options->interface = optarg;
    else if (option == 's')
      options->snaplen_bytes = parse_number ("--snaplen", optarg, 64, SNAPLEN_MAX_BYTES);
    else if (option == 'G')
      options->give_up_ms = 1000 * parse_number ("--give-up", optarg, 1, 86400);
    else if (option == 'V')
      print_and_exit ("portlight-helper " PL_VERSION "\n");
    else if (option == 'P' && snprintf (number, sizeof number, "%d\n", PL_HELPER_PROTOCOL) > 0)
      print_and_exit (number);
    else if (option == 'h')
      print_and_exit (usage);
    else if (option != 0)
      pl_fail (PL_HELPER_EXIT_USAGE, "unknown option or missing value; see --help");
  if (optind < argc)
    pl_fail (PL_HELPER_EXIT_USAGE, "unknown argument %.64s; see --help", argv[optind]);
  if (options->no_owners && options->sockets_only)
    pl_fail (PL_HELPER_EXIT_USAGE, "--no-owners and --sockets-only leave nothing to do; see --help");
}

/* The owner child speaks on a socket of its own, as descriptor 0; the stream it must not hold open. */
static void
start_owner (uid_t target_uid, int owners_fd)
{
  pid_t parent = getpid ();

  if (fork () != 0)
    return;
  if (dup2 (owners_fd, STDIN_FILENO) < 0 || close (STDOUT_FILENO) != 0 || open ("/dev/null", O_WRONLY) != STDOUT_FILENO)
    _exit (PL_HELPER_EXIT_FAILED);
  pl_owner_run (target_uid, OWNER_RIGHTS, parent);
}

/* Room for what poll() looks at: descriptors 0 and 1, the bulk, and the first packets. */
#define INPUT 0
#define OUTPUT 1
#define BULK 2
#define FIRST 3
#define N_FDS (FIRST + PL_N_FIRST)

static void
lower (int *timeout_ms, int64_t other_ms)
{
  if (*timeout_ms < 0 || other_ms < *timeout_ms)
    *timeout_ms = other_ms > 0 ? other_ms : 0;
}

/* Nothing runs by the clock while no packet comes: there is a timeout, in ms, only while something waits; else -1. */
static int
prepare_poll (struct pl_helper *helper, struct pollfd fds[N_FDS])
{
  struct pl_capture *capture = helper->capture;
  int64_t now_ms = pl_now_ms ();
  int timeout_ms = -1, opens_ms;

  fds[INPUT].fd = helper->input == PL_INPUT_NONE ? -1 : STDIN_FILENO;
  fds[INPUT].events = helper->input == PL_INPUT_HANGUP ? 0 : POLLIN | POLLRDHUP;
  fds[OUTPUT] = (struct pollfd){ STDOUT_FILENO, capture->end > capture->start ? POLLOUT : 0, 0 };
  fds[BULK] = (struct pollfd){ pl_capture_poll_fd (capture), POLLIN, 0 };
  if (fds[OUTPUT].events != 0)
    lower (&timeout_ms, capture->moved_ms + helper->options.give_up_ms - now_ms);
  for (int i = 0; i < PL_N_FIRST; i++)
    {
      fds[FIRST + i] = (struct pollfd){ pl_capture_poll_first (capture, i, now_ms, &opens_ms), POLLIN, 0 };
      if (opens_ms >= 0)
        lower (&timeout_ms, opens_ms);
    }
  if (helper->stats_due)
    lower (&timeout_ms, helper->stats_sent_ms + STATS_EVERY_MS - now_ms);
  return timeout_ms;
}

/* Serves what poll() found. False when it is time to end. */
static bool
serve (struct pl_helper *helper, const struct pollfd fds[N_FDS])
{
  struct pl_capture *capture = helper->capture;
  int64_t now_ms = pl_now_ms ();

  if (fds[INPUT].revents != 0 && pl_channel_ended (fds[INPUT].revents))
    return false;
  for (int i = 0; i < PL_N_FIRST; i++)
    if (fds[FIRST + i].revents != 0)
      pl_capture_tell_first (capture, i);
  if (fds[BULK].revents != 0)
    {
      pl_capture_read (capture, fds[BULK].revents);
      helper->stats_due = helper->input == PL_INPUT_CHANNEL;
    }
  if ((fds[OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 || !pl_capture_write (capture))
    return false;
  if (capture->end > capture->start && now_ms - capture->moved_ms >= helper->options.give_up_ms)
    pl_fail (PL_HELPER_EXIT_FAILED, "the reader took nothing for %d seconds, so the capture ended",
             helper->options.give_up_ms / 1000);
  if (helper->stats_due && now_ms - helper->stats_sent_ms >= STATS_EVERY_MS)
    { /* while the ring is not read it may lose packets: statistics go on without a packet to prompt them */
      helper->stats_due = !pl_capture_send_stats (capture) || pl_capture_poll_fd (capture) < 0;
      helper->stats_sent_ms = now_ms;
    }
  return true;
}

int
main (int argc, char **argv)
{
  struct pl_helper helper = { .options = { "any", 0, SNAPLEN_DEFAULT_BYTES, GIVE_UP_DEFAULT_S * 1000, false, false } };
  struct pl_options *options = &helper.options;
  struct pollfd fds[N_FDS];

  uid_t target_uid = pl_drop_enter ();
  setpriority (PRIO_PROCESS, 0, -10); /* where it may: who sends may be gone in a millisecond */
  parse_arguments (argc, argv, options);
  if (isatty (STDOUT_FILENO))
    pl_fail (PL_HELPER_EXIT_USAGE, "packets are not for a terminal: add \"> file.pcap\" or \"| wireshark -k -i -\"");
  check_interface (options);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGCHLD, SIG_IGN); /* the owner child is nobody's zombie */
  helper.input = pl_channel_input ();
  int owners_fd = helper.input == PL_INPUT_CHANNEL ? pl_channel_take_owners () : -1;
  uint64_t needed = options->sockets_only ? OWNER_RIGHTS : BIT (CAP_NET_RAW);
  uint64_t rights = pl_drop_narrow (BIT (CAP_NET_RAW) | OWNER_RIGHTS | TRACE_RIGHTS);
  if ((rights & needed) != needed)
    pl_fail (PL_HELPER_EXIT_NO_RIGHT, "no right to capture packets: start it with sudo or pkexec");
  if (owners_fd >= 0 && !options->no_owners && (rights & OWNER_RIGHTS) == OWNER_RIGHTS)
    start_owner (target_uid, owners_fd);
  close (owners_fd); /* without a child it ends without a message */
  pl_drop_narrow (BIT (CAP_NET_RAW));
  helper.capture = pl_capture_open (options, helper.input == PL_INPUT_CHANNEL);
  pl_drop_leave (target_uid, 0);
  pl_drop_limits (MAX_DESCRIPTORS);
  pl_seccomp_confine (false);
  if (helper.input == PL_INPUT_CHANNEL)
    pl_channel_send (PL_HELPER_HELLO, NULL, 0);
  do
    {
      int timeout_ms = prepare_poll (&helper, fds);

      if (poll (fds, N_FDS, timeout_ms) < 0)
        pl_fail (PL_HELPER_EXIT_FAILED, "cannot wait for packets: %s", strerror (errno));
    }
  while (serve (&helper, fds));
  _exit (PL_HELPER_EXIT_OK);
}
