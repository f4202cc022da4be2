/* portlight-helper: the only privileged program of Portlight. It opens packet sockets, gives up every right, then streams:
 * pcap (SLL2) on descriptor 1, messages on descriptor 0 when that is a SOCK_SEQPACKET socket (protocol.h). It never decodes
 * a packet, never waits for its reader, and ends when descriptor 0 ends or descriptor 1 breaks, whatever else goes on. */
#include "helper.h"
#include "portlight-config.h"
#include <getopt.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>

#define SNAPLEN_DEFAULT_BYTES 2688 /* a ClientHello fits that the network card cuts */
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
  int64_t taken_ms; /* when the reader was last seen to have taken something, or all */
  size_t n_waiting; /* bytes for it, as we began to wait */
};

static const char usage[] =
    "Usage: portlight-helper [-i any|IFACE] [-s SNAPLEN] [--no-owners | --sockets-only] [--give-up SECONDS]\n"
    "Captures packets and writes them as pcap (LINUX_SLL2) to standard output, for example\n"
    "  sudo portlight-helper -i wlan0 | wireshark -k -i -\n"
    "  -i, --interface   any (default) or an interface of this machine; never promiscuous\n"
    "  -s, --snaplen     bytes kept of a packet, 64 to 262144 (default 2688)\n"
    "  --no-owners       does not say whose sockets they are, --sockets-only says nothing else\n"
    "  --give-up         seconds a reader may take nothing before it ends (default 300)\n"
    "It ends with standard input where that is a pipe or a socket, and with standard output. It keeps no rights.\n";

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
  long number = strtol (text, &end, 10);

  if (*text < '0' || *text > '9' || *end != '\0' || number < min || number > max)
    pl_fail (PL_HELPER_EXIT_USAGE, "%s takes a number from %d to %d; see --help", option, min, max);
  return number;
}

static void
parse_arguments (int argc, char **argv, struct pl_options *options)
{
  /* clang-format off */
  const struct option longs[] = {
    { "interface", 1, NULL, 'i' }, { "snaplen", 1, NULL, 's' }, { "give-up", 1, NULL, 'G' },
    { "no-owners", 0, &options->no_owners, 1 }, { "sockets-only", 0, &options->sockets_only, 1 },
    { "version", 0, NULL, 'V' }, { "help", 0, NULL, 'h' }, { 0 },
  }; /* clang-format on */
  const char *print = NULL;

  opterr = 0;
  for (int option; (option = getopt_long (argc, argv, "i:s:h", longs, NULL)) != -1;)
    if (option == 'i')
      options->interface = optarg;
    else if (option == 's')
      options->snaplen_bytes = parse_number ("--snaplen", optarg, 64, SNAPLEN_MAX_BYTES);
    else if (option == 'G')
      options->give_up_ms = 1000 * parse_number ("--give-up", optarg, 1, 86400);
    else if (option == 'V' || option == 'h')
      print = option == 'h' ? usage : "portlight-helper " PL_VERSION "\n";
    else if (option != 0)
      pl_fail (PL_HELPER_EXIT_USAGE, "unknown option or missing value; see --help");
  if (print != NULL)
    _exit (write (STDOUT_FILENO, print, strlen (print)) > 0 ? PL_HELPER_EXIT_OK : PL_HELPER_EXIT_FAILED);
  if (optind < argc)
    pl_fail (PL_HELPER_EXIT_USAGE, "unknown argument %.64s; see --help", argv[optind]);
  if (options->no_owners && options->sockets_only)
    pl_fail (PL_HELPER_EXIT_USAGE, "--no-owners and --sockets-only leave nothing to do; see --help");
  if (strnlen (options->interface, IFNAMSIZ) < IFNAMSIZ)
    options->ifindex = if_nametoindex (options->interface);
  /* libpcap takes far more than interfaces (nfqueue, usbmon0, dbus-system): it is never given this name. */
  if (options->ifindex == 0 && strcmp (options->interface, "any") != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "this computer has no network interface %.32s; \"ip link\" lists them",
             *options->interface != '\0' ? options->interface : "without a name");
}

#define RINGS 2 /* poll() looks at descriptors 0 and 1, then at the rings */
#define N_FDS (RINGS + PL_HELPER_N_RINGS)

/* Nothing runs by the clock while no packet comes, but for watch_reader(): there is a timeout only while something waits. */
static void
wait_for_any (struct pl_helper *helper, struct pollfd fds[N_FDS])
{
  struct pl_capture *capture = helper->capture;
  bool has_output = capture->end > capture->start, is_watched = has_output || helper->input == PL_INPUT_CHANNEL;
  int64_t now_ms = pl_now_ms (), wake_ms = is_watched ? helper->taken_ms + helper->options.give_up_ms : INT64_MAX;

  fds[STDIN_FILENO].fd = helper->input == PL_INPUT_NONE ? -1 : STDIN_FILENO;
  fds[STDIN_FILENO].events = helper->input == PL_INPUT_HANGUP ? 0 : POLLIN | POLLRDHUP;
  fds[STDOUT_FILENO] = (struct pollfd){ capture->is_paused ? -1 : STDOUT_FILENO, has_output ? POLLOUT : 0, 0 };
  fds[RINGS] = (struct pollfd){ pl_capture_poll_fd (capture), POLLIN, 0 };
  for (int i = 1; i < PL_HELPER_N_RINGS; i++)
    fds[RINGS + i] = (struct pollfd){ pl_capture_poll_first (capture, i, now_ms, &wake_ms), POLLIN, 0 };
  if (!has_output && capture->ends_ms != 0)
    wake_ms = MIN (wake_ms, capture->ends_ms);
  if (helper->stats_due)
    wake_ms = MIN (wake_ms, helper->stats_sent_ms + STATS_EVERY_MS);
  if (poll (fds, N_FDS, wake_ms == INT64_MAX ? -1 : wake_ms > now_ms ? wake_ms - now_ms : 0) < 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot wait for packets: %s", strerror (errno));
}

/* What came on descriptor 0; only a channel's messages mean something. False at its end. */
static bool
take_message (struct pl_helper *helper, short revents)
{
  struct pl_request request;
  int fd = -1;
  ssize_t n_bytes = (revents & POLLIN) != 0 ? pl_channel_receive (&request, &fd) : 0;
  uint16_t type = n_bytes > 0 && helper->input == PL_INPUT_CHANNEL ? request.header.type : 0;

  if (type == PL_HELPER_STREAM && fd >= 0)
    pl_capture_go_on (helper->capture, fd);
  else if (type == PL_HELPER_FILTER && request.filter.n_instructions <= PL_HELPER_MAX_INSTRUCTIONS
           && request.header.length == offsetof (struct pl_helper_filter, instructions[request.filter.n_instructions]))
    pl_capture_filter (helper->capture, request.filter.ring, &request.filter);
  else if (type == PL_HELPER_END)
    pl_capture_close (helper->capture, false), pl_capture_send_stats (helper->capture); /* how much was captured */
  if (fd >= 0)
    close (fd);
  if (n_bytes == 0) /* a message without a byte, or the end */
    return (revents & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL)) == 0;
  return n_bytes > 0 || errno == EAGAIN || errno == EINTR;
}

/* What the reader has not taken yet: messages, by SO_MEMINFO, for a pipe takes packets that nobody reads; without a channel those. */
static size_t
get_waiting (const struct pl_helper *helper)
{
  uint32_t memory[SK_MEMINFO_VARS] = { [SK_MEMINFO_WMEM_ALLOC] = helper->capture->end - helper->capture->start };
  int fd = helper->input == PL_INPUT_CHANNEL ? STDIN_FILENO : -1;
  getsockopt (fd, SOL_SOCKET, SO_MEMINFO, memory, &(socklen_t){ sizeof memory });
  return memory[SK_MEMINFO_WMEM_ALLOC];
}

/* Ends where the reader stalls. A stopped app that was told nothing looks like one that took all: so it is told what it knows. */
static void
watch_reader (struct pl_helper *helper, int64_t now_ms)
{
  size_t n_waiting = get_waiting (helper);
  bool is_due = now_ms - helper->taken_ms >= helper->options.give_up_ms;

  if (n_waiting == 0 || n_waiting < helper->n_waiting)
    helper->taken_ms = now_ms;
  else if (is_due)
    pl_fail (PL_HELPER_EXIT_FAILED, "the reader took nothing for %d seconds, so the capture ended",
             helper->options.give_up_ms / 1000);
  if (is_due && helper->input == PL_INPUT_CHANNEL)
    helper->capture->is_told = false, pl_capture_send_stats (helper->capture);
}

/* Serves what poll() found. False when it is time to end. */
static bool
serve (struct pl_helper *helper, const struct pollfd fds[N_FDS])
{
  struct pl_capture *capture = helper->capture;
  int64_t now_ms = pl_now_ms ();

  if ((fds[STDOUT_FILENO].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 || !pl_capture_write (capture))
    {
      pl_capture_close (capture, true);
      if (helper->input != PL_INPUT_CHANNEL)
        return false;
    }
  watch_reader (helper, now_ms);
  if (fds[STDIN_FILENO].revents != 0 && !take_message (helper, fds[STDIN_FILENO].revents))
    return false;
  for (int i = 1; i < PL_HELPER_N_RINGS; i++)
    if (fds[RINGS + i].revents != 0)
      pl_capture_tell_first (capture, i, now_ms);
  if (fds[RINGS].revents != 0)
    pl_capture_read (capture, fds[RINGS].revents), helper->stats_due = helper->input == PL_INPUT_CHANNEL;
  pl_capture_finish (capture);
  helper->stats_due &= !capture->is_paused;
  /* While the ring is not read it may lose packets: statistics go on without a packet to prompt them. */
  if (helper->stats_due && now_ms - helper->stats_sent_ms >= STATS_EVERY_MS)
    helper->stats_due = !pl_capture_send_stats (capture) || pl_capture_poll_fd (capture) < 0,
    helper->stats_sent_ms = now_ms;
  helper->n_waiting = get_waiting (helper);
  return true;
}

int
main (int argc, char **argv)
{
  struct pl_helper helper = { .options = { "any", 0, SNAPLEN_DEFAULT_BYTES, GIVE_UP_DEFAULT_S * 1000, false, false } };
  struct pl_options *options = &helper.options;
  struct pollfd fds[N_FDS];

  uid_t target_uid = pl_drop_enter ();
  pl_short_slice (-10); /* who sends may be gone in a millisecond */
  parse_arguments (argc, argv, options);
  if (isatty (STDOUT_FILENO))
    pl_fail (PL_HELPER_EXIT_USAGE, "packets are not for a terminal: add \"> file.pcap\" or \"| wireshark -k -i -\"");
  signal (SIGPIPE, SIG_IGN);
  signal (SIGCHLD, SIG_IGN); /* the owner child is nobody's zombie */
  helper.input = pl_channel_input ();
  int owners_fd = helper.input == PL_INPUT_CHANNEL ? pl_channel_take_owners () : -1;
  uint64_t needed = options->sockets_only ? OWNER_RIGHTS : BIT (CAP_NET_RAW);
  uint64_t rights = pl_drop_narrow (BIT (CAP_NET_RAW) | OWNER_RIGHTS | TRACE_RIGHTS);
  if ((rights & needed) != needed)
    pl_fail (PL_HELPER_EXIT_NO_RIGHT, "no right to capture packets: start it with sudo or pkexec");
  pid_t own = getpid ();
  if (owners_fd >= 0 && !options->no_owners && (rights & OWNER_RIGHTS) == OWNER_RIGHTS && fork () == 0)
    { /* the owner child speaks on a socket of its own, as descriptor 0; the stream it must not hold open */
      if (dup2 (owners_fd, STDIN_FILENO) < 0 || close (STDOUT_FILENO) != 0
          || open ("/dev/null", O_WRONLY) != STDOUT_FILENO)
        _exit (PL_HELPER_EXIT_FAILED);
      pl_owner_run (target_uid, OWNER_RIGHTS, own);
    }
  close (owners_fd); /* without a child it ends without a message */
  pl_drop_narrow (BIT (CAP_NET_RAW));
  helper.capture = pl_capture_open (options, helper.input == PL_INPUT_CHANNEL);
  pl_drop_leave (target_uid, 0);
  pl_drop_limits (MAX_DESCRIPTORS);
  pl_seccomp_confine (false);
  if (helper.input == PL_INPUT_CHANNEL && !pl_channel_send (PL_HELPER_HELLO, NULL, 0))
    _exit (PL_HELPER_EXIT_OK); /* nobody is at its other end, and nothing would ever end it where it listens */
  helper.taken_ms = pl_now_ms ();
  do
    wait_for_any (&helper, fds);
  while (serve (&helper, fds));
  _exit (PL_HELPER_EXIT_OK);
}
