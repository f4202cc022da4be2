/* What portlight-helper captures: libpcap's rings on every interface ("any", SLL2). One takes everything and becomes the
 * pcap stream on descriptor 1. Two small ones in immediate mode take only what may open a flow and tell it at once: the
 * bulk comes up to 50 ms later, when a short-lived client is gone. Nothing here blocks: a reader that stalls fills the
 * buffer, then the kernel's ring, then costs counted drops. A named interface is a bound "any", so that libpcap never sees
 * a name from outside and the link type is always SLL2. */
#include "helper.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pcap/pcap.h>

#define RING_BYTES (16 << 20) /* 0 lost in a 200 ms stall at 200 k packets/s */
#define FIRST_RING_BYTES (1 << 20) /* some thousand small packets: new flows within one scheduling delay */
#define TIMEOUT_MS 50 /* of a ring block: idle costs nothing, the window refreshes at 5 Hz */
#define OUTPUT_BYTES (1 << 20)
#define PIPE_BYTES (1 << 20) /* what a process without privilege may ask for */
#define WINDOW_MS 250 /* of a budget for first packets */

struct record /* of the pcap format on disk and in pipes */
{
  uint32_t seconds, microseconds, captured_bytes, wire_bytes;
};

/* Attached even where it takes all: without a filter the kernel copies whole frames into the ring. What goes out on
 * loopback (interface 1 of every network namespace) comes in again. */
static const char bulk_filter[] = "not (outbound and ifindex 1)";

/* Each with a budget of its own, so that a stream of datagrams does not hide the SYNs; datagrams are read before the ICMP
 * errors that answer them. QUIC's short headers (RFC 9000 17.3) are never first. */
static const struct
{
  const char *filter;
  int per_window;
} firsts[PL_N_FIRST] = {
  { "udp and not (port 443 and ((ip and udp[8] & 0xc0 = 0x40) or (ip6 and ip6[48] & 0xc0 = 0x40)))", 500 },
  { "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn or (ip6[6] = 6 and ip6[53] & 0x12 = 2) or icmp or icmp6"
    " or sctp[12] = 1 or (ip6[6] = 132 and ip6[52] = 1)",
    4000 }, /* about 3 us each: the rest of a burst is told by the bulk */
};

/* A packet socket that is bound gets ENETDOWN when its interface goes down or away; "any" never does. */
static void
bind_interface (pcap_t *pcap, const struct pl_options *options)
{
  struct sockaddr_ll address = { AF_PACKET, htons (ETH_P_ALL), options->ifindex, 0, 0, 0, { 0 } };

  if (options->ifindex != 0 && bind (pcap_fileno (pcap), (struct sockaddr *)&address, sizeof address) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture on %s: %s", options->interface, strerror (errno));
}

/* Needs CAP_NET_RAW. Ends the program with a line that says why when it can't. */
static pcap_t *
open_ring (const struct pl_options *options, int snaplen_bytes, int ring_bytes, bool is_immediate, const char *filter)
{
  char error[PCAP_ERRBUF_SIZE] = "", text[512];
  pcap_t *pcap = pcap_create ("any", error);
  struct bpf_program program;

  if (pcap == NULL)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture: %s", error);
  pcap_set_snaplen (pcap, snaplen_bytes);
  pcap_set_promisc (pcap, 0);
  pcap_set_immediate_mode (pcap, is_immediate);
  pcap_set_timeout (pcap, TIMEOUT_MS);
  pcap_set_buffer_size (pcap, ring_bytes);
  int status = pcap_activate (pcap);
  if (status < 0)
    pl_fail (status == PCAP_ERROR_PERM_DENIED ? PL_HELPER_EXIT_NO_RIGHT : PL_HELPER_EXIT_FAILED, "cannot capture: %s",
             *pcap_geterr (pcap) != '\0' ? pcap_geterr (pcap) : pcap_statustostr (status));
  snprintf (text, sizeof text, options->ifindex != 0 ? "(%s) and ifindex %u" : "%s", filter, options->ifindex);
  if (pcap_set_datalink (pcap, DLT_LINUX_SLL2) != 0 || pcap_compile (pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0
      || pcap_setfilter (pcap, &program) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "libpcap cannot do what is needed (1.10 can): %s", pcap_geterr (pcap));
  pcap_freecode (&program);
  if (pcap_setnonblock (pcap, 1, error) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture: %s", error);
  bind_interface (pcap, options);
  return pcap;
}

static void
open_output (struct pl_capture *capture, int snaplen_bytes)
{
  struct pcap_file_header header = { 0xa1b2c3d4, 2, 4, 0, 0, snaplen_bytes, DLT_LINUX_SLL2 };
  int flags = fcntl (STDOUT_FILENO, F_GETFL);

  capture->longest_record_bytes = sizeof (struct record) + snaplen_bytes;
  capture->out_bytes = OUTPUT_BYTES + 4 * capture->longest_record_bytes;
  capture->out = malloc (capture->out_bytes);
  if (capture->out == NULL || flags < 0 || fcntl (STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot prepare standard output: %s", strerror (errno));
  fcntl (STDOUT_FILENO, F_SETPIPE_SZ, PIPE_BYTES); /* not a pipe, or over the user's quota: the size it has will do */
  memcpy (capture->out, &header, sizeof header);
  capture->end = sizeof header;
  capture->moved_ms = pl_now_ms ();
}

struct pl_capture *
pl_capture_open (const struct pl_options *options, bool with_first)
{
  struct pl_capture *capture = calloc (1, sizeof *capture);

  if (capture == NULL)
    pl_fail (PL_HELPER_EXIT_FAILED, "out of memory");
  open_output (capture, options->snaplen_bytes);
  if (options->sockets_only)
    return capture;
  capture->pcap = open_ring (options, options->snaplen_bytes, RING_BYTES, false, bulk_filter);
  for (int i = 0; with_first && i < PL_N_FIRST; i++)
    capture->first[i] = open_ring (options, PL_HELPER_FIRST_BYTES, FIRST_RING_BYTES, true, firsts[i].filter);
  return capture;
}

static size_t
get_room (const struct pl_capture *capture)
{
  return (capture->out_bytes - (capture->end - capture->start)) / capture->longest_record_bytes;
}

int
pl_capture_poll_fd (const struct pl_capture *capture)
{
  return capture->pcap != NULL && get_room (capture) > 0 ? pcap_fileno (capture->pcap) : -1;
}

static void
on_packet (u_char *data, const struct pcap_pkthdr *packet, const u_char *bytes)
{
  struct pl_capture *capture = (struct pl_capture *)data;
  struct record record = { packet->ts.tv_sec, packet->ts.tv_usec, packet->caplen, packet->len };

  if (sizeof record + packet->caplen > capture->longest_record_bytes)
    return;
  memcpy (capture->out + capture->end, &record, sizeof record);
  memcpy (capture->out + capture->end + sizeof record, bytes, packet->caplen);
  capture->end += sizeof record + packet->caplen;
}

void
pl_capture_read (struct pl_capture *capture, short revents)
{
  int error = 0;
  socklen_t length = sizeof error;

  if ((revents & POLLERR) != 0 && getsockopt (pcap_fileno (capture->pcap), SOL_SOCKET, SO_ERROR, &error, &length) == 0
      && error != 0)
    pl_fail (PL_HELPER_EXIT_FAILED,
             error == ENETDOWN ? "the interface is down or gone: start again when it is up" : "the capture broke: %s",
             strerror (error));
  if (capture->start > 0)
    memmove (capture->out, capture->out + capture->start, capture->end - capture->start);
  capture->end -= capture->start;
  capture->start = 0;
  if (capture->end == 0)
    capture->moved_ms = pl_now_ms ();
  if (get_room (capture) > 0 /* 0 would mean "no limit" */
      && pcap_dispatch (capture->pcap, get_room (capture), on_packet, (u_char *)capture) < 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "the capture broke: %s", pcap_geterr (capture->pcap));
}

bool
pl_capture_write (struct pl_capture *capture)
{
  while (capture->end > capture->start)
    {
      ssize_t n_bytes = write (STDOUT_FILENO, capture->out + capture->start, capture->end - capture->start);

      if (n_bytes < 0)
        {
          if (errno == EPIPE || errno == ECONNRESET || errno == EAGAIN)
            return errno == EAGAIN;
          pl_fail (PL_HELPER_EXIT_FAILED, "cannot write the packets: %s", strerror (errno));
        }
      capture->start += n_bytes;
      capture->moved_ms = pl_now_ms ();
    }
  return true;
}

/* libpcap knows interface drops only for a promiscuous capture of one interface: unknown here. */
bool
pl_capture_send_stats (struct pl_capture *capture)
{
  struct tpacket_stats_v3 now = { 0 };
  socklen_t length = sizeof now;

  if (getsockopt (pcap_fileno (capture->pcap), SOL_PACKET, PACKET_STATISTICS, &now, &length) != 0)
    return false;
  capture->stats.received += now.tp_packets - now.tp_drops; /* since the last time: the kernel starts again at 0 */
  capture->stats.kernel_dropped += now.tp_drops;
  capture->stats.interface_dropped = PL_HELPER_UNKNOWN;
  capture->is_told = (capture->is_told && now.tp_packets == 0)
                     || pl_channel_send (PL_HELPER_STATS, &capture->stats, sizeof capture->stats);
  return capture->is_told;
}

static void
on_first (u_char *data, const struct pcap_pkthdr *packet, const u_char *bytes)
{
  int *n_left = (int *)data;
  uint64_t time_us = packet->ts.tv_sec * 1000000ull + packet->ts.tv_usec;
  struct pl_helper_first body = { time_us, packet->len, packet->caplen, { 0 } };

  if ((*n_left)-- <= 0 || packet->caplen > sizeof body.bytes)
    return;
  memcpy (body.bytes, bytes, packet->caplen);
  pl_channel_send (PL_HELPER_FIRST, &body, sizeof body);
}

int
pl_capture_poll_first (struct pl_capture *capture, int which, int64_t now_ms, int *opens_ms)
{
  int budget = firsts[which].per_window, none = 0;

  if (capture->first[which] != NULL && now_ms >= capture->window_ms[which] + WINDOW_MS)
    {
      if (capture->n_told[which] >= budget) /* what came while it was closed is old, and in the bulk: away with it */
        pcap_dispatch (capture->first[which], -1, on_first, (u_char *)&none);
      capture->n_told[which] = 0;
      capture->window_ms[which] = now_ms;
    }
  *opens_ms = capture->n_told[which] >= budget ? capture->window_ms[which] + WINDOW_MS - now_ms : -1;
  return capture->first[which] != NULL && *opens_ms < 0 ? pcap_fileno (capture->first[which]) : -1;
}

void
pl_capture_tell_first (struct pl_capture *capture, int which)
{
  int n_left = firsts[which].per_window - capture->n_told[which], budget = n_left;

  pcap_dispatch (capture->first[which], 64, on_first, (u_char *)&n_left);
  capture->n_told[which] += budget - n_left;
}
