/* What portlight-helper captures: libpcap's rings on "any" (SLL2), bound where an interface is named, so that libpcap never sees a
 * name from outside. One becomes the pcap stream on descriptor 1. Two small ones in immediate mode tell at once what may open a
 * flow: the bulk comes up to 50 ms later. Nothing blocks: a reader that stalls fills buffer and ring, then costs counted drops. */
#include "helper.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pcap/pcap.h>

#define RING_BYTES (16 << 20) /* 0 lost in a 200 ms stall at 200 k packets/s */
#define FIRST_RING_BYTES (1 << 20) /* some thousand small packets: new flows within one scheduling delay */
#define TIMEOUT_MS 50 /* of a ring block: idle costs nothing, the window refreshes at 5 Hz */
#define LAST_BLOCK_MS (TIMEOUT_MS + 30) /* after which the kernel has handed over the one it was filling */
#define OUTPUT_BYTES (1 << 20)
#define PIPE_BYTES (1 << 20) /* what a process without privilege may ask for */
#define RECORD_BYTES 16 /* before each packet in the stream, pcap-savefile(5) */
#define SLL2_BYTES 20
#define WINDOW_MS 250 /* of a budget for first packets */
#define KNOWN_PER_WINDOW 64 /* flows of datagrams told again, as their ports may be others': the app looks at no more */
#define BUSY 500 /* packets of a window that open nothing: more do not wake us each, */
#define REST_MS 10 /* but are read so often, up to 8 times as many */

/* The bulk's is attached though it takes nearly all: without a filter the kernel copies whole frames. First packets have budgets
 * of their own: no stream of datagrams hides the SYNs; datagrams are read before the ICMP errors that answer them. */
static const struct
{
  const char *filter;
  int budget;
} rings[PL_HELPER_N_RINGS] = {
  { PL_HELPER_TAKES_BULK, 0 },
  { PL_HELPER_TAKES_DATAGRAMS, 500 },
  { PL_HELPER_TAKES_OTHER, 4000 }, /* about 3 us each: the rest of a burst is told by the bulk */
};

/* Needs CAP_NET_RAW. Ends the program with a line that says why when it can't. */
static pcap_t *
open_ring (const struct pl_options *options, int which)
{
  struct sockaddr_ll address = { AF_PACKET, htons (ETH_P_ALL), options->ifindex, 0, 0, 0, { 0 } };
  char error[PCAP_ERRBUF_SIZE] = "", text[512];
  pcap_t *pcap = pcap_create ("any", error);
  struct bpf_program program;

  if (pcap == NULL)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture: %s", error);
  bool is_set = pcap_set_snaplen (pcap, which == 0 ? options->snaplen_bytes : PL_HELPER_FIRST_BYTES) == 0
                && pcap_set_buffer_size (pcap, which == 0 ? RING_BYTES : FIRST_RING_BYTES) == 0
                && pcap_set_promisc (pcap, 0) == 0 && pcap_set_immediate_mode (pcap, which != 0) == 0
                && pcap_set_timeout (pcap, TIMEOUT_MS) == 0;
  int status = is_set ? pcap_activate (pcap) : PCAP_ERROR_ACTIVATED; /* what else keeps one from being set up */
  if (status < 0)
    pl_fail (status == PCAP_ERROR_PERM_DENIED ? PL_HELPER_EXIT_NO_RIGHT : PL_HELPER_EXIT_FAILED, "cannot capture: %s",
             *pcap_geterr (pcap) != '\0' ? pcap_geterr (pcap) : pcap_statustostr (status));
  snprintf (text, sizeof text, address.sll_ifindex != 0 ? "(%s) and ifindex %u" : "%s", rings[which].filter,
            options->ifindex);
  if (pcap_set_datalink (pcap, DLT_LINUX_SLL2) != 0 || pcap_compile (pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0
      || pcap_setfilter (pcap, &program) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "libpcap cannot do what is needed (1.10 can): %s", pcap_geterr (pcap));
  pcap_freecode (&program);
  if (pcap_setnonblock (pcap, 1, error) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture: %s", error);
  if (options->ifindex != 0 /* once bound it gets ENETDOWN when its interface goes down or away; "any" never does */
      && bind (pcap_fileno (pcap), (struct sockaddr *)&address, sizeof address) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture on %s: %s", options->interface, strerror (errno));
  return pcap;
}

/* The stream begins, with its file header. */
static void
begin_output (struct pl_capture *capture)
{
  if (fcntl (STDOUT_FILENO, F_SETFL, fcntl (STDOUT_FILENO, F_GETFL) | O_NONBLOCK) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot prepare standard output: %s", strerror (errno));
  fcntl (STDOUT_FILENO, F_SETPIPE_SZ, PIPE_BYTES); /* not a pipe, or over the user's quota: the size it has will do */
  *(struct pcap_file_header *)capture->out =
      (struct pcap_file_header){ 0xa1b2c3d4, 2, 4, 0, 0, capture->snaplen_bytes, DLT_LINUX_SLL2 };
  capture->start = capture->ends_ms = 0;
  capture->end = sizeof (struct pcap_file_header);
}

struct pl_capture *
pl_capture_open (const struct pl_options *options, bool with_first)
{
  struct pl_capture *capture = calloc (1, sizeof *capture);

  if (capture == NULL || (capture->out = malloc (OUTPUT_BYTES + 4 * options->snaplen_bytes)) == NULL)
    pl_fail (PL_HELPER_EXIT_FAILED, "out of memory");
  capture->snaplen_bytes = options->snaplen_bytes;
  begin_output (capture);
  for (int i = 0; !options->sockets_only && i < (with_first ? PL_HELPER_N_RINGS : 1); i++)
    capture->rings[i] = open_ring (options, i);
  return capture;
}

/* With the socket alone: libpcap's own way needs calls that are barred by now. */
void
pl_capture_filter (struct pl_capture *capture, uint32_t ring, const struct pl_helper_filter *filter)
{
  struct sock_fprog program = { filter->n_instructions, (struct sock_filter *)filter->instructions };

  if (ring < PL_HELPER_N_RINGS && capture->rings[ring] != NULL)
    setsockopt (pcap_fileno (capture->rings[ring]), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static void
take_stats (struct pl_capture *capture)
{
  struct tpacket_stats_v3 now = { 0 }; /* since the last time */

  if (capture->rings[0] != NULL)
    getsockopt (pcap_fileno (capture->rings[0]), SOL_PACKET, PACKET_STATISTICS, &now, &(socklen_t){ sizeof now });
  capture->stats.received += now.tp_packets - now.tp_drops;
  capture->stats.kernel_dropped += now.tp_drops;
  capture->n_received += now.tp_packets - now.tp_drops;
  capture->is_told &= now.tp_packets == 0;
}

void
pl_capture_close (struct pl_capture *capture, bool at_once)
{
  static const struct pl_helper_filter none = { .n_instructions = 1, .instructions = { { BPF_RET | BPF_K, 0, 0, 0 } } };

  for (int i = 0; i < PL_HELPER_N_RINGS; i++)
    pl_capture_filter (capture, i, &none), capture->first[i].span.n_left = 0;
  capture->is_paused |= at_once;
  capture->is_told &= at_once;
  capture->ends_ms = pl_now_ms () + LAST_BLOCK_MS;
  if (capture->is_paused)
    capture->start = capture->end = capture->ends_ms = 0;
}

void
pl_capture_go_on (struct pl_capture *capture, int fd)
{
  if (dup3 (fd, STDOUT_FILENO, 0) != STDOUT_FILENO)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot take another pipe: %s", strerror (errno));
  begin_output (capture);
  take_stats (capture);
  memset (capture->first, 0, sizeof capture->first);
  capture->stats = (struct pl_helper_stats){ 0 };
  capture->is_paused = capture->is_told = false;
}

static size_t
get_room (const struct pl_capture *capture)
{
  return (OUTPUT_BYTES + 4 * capture->snaplen_bytes - (capture->end - capture->start))
         / (RECORD_BYTES + capture->snaplen_bytes);
}

int
pl_capture_poll_fd (const struct pl_capture *capture)
{
  return capture->rings[0] != NULL && get_room (capture) > 0 ? pcap_fileno (capture->rings[0]) : -1;
}

static void
on_packet (u_char *data, const struct pcap_pkthdr *packet, const u_char *bytes)
{
  struct pl_capture *capture = (struct pl_capture *)data;
  uint32_t record[] = { packet->ts.tv_sec, packet->ts.tv_usec, packet->caplen, packet->len };

  capture->n_taken++;
  if (capture->is_paused || packet->caplen > (bpf_u_int32)capture->snaplen_bytes)
    return;
  memcpy (capture->out + capture->end, record, RECORD_BYTES);
  memcpy (capture->out + capture->end + RECORD_BYTES, bytes, packet->caplen);
  capture->end += RECORD_BYTES + packet->caplen;
}

void
pl_capture_read (struct pl_capture *capture, short revents)
{
  int error = 0;

  if ((revents & POLLERR) != 0
      && getsockopt (pcap_fileno (capture->rings[0]), SOL_SOCKET, SO_ERROR, &error, &(socklen_t){ sizeof error }) == 0
      && error != 0)
    pl_fail (PL_HELPER_EXIT_FAILED,
             error == ENETDOWN ? "the interface is down or gone: start again when it is up" : "the capture broke: %s",
             strerror (error));
  memmove (capture->out, capture->out + capture->start, capture->end - capture->start);
  capture->end -= capture->start;
  capture->start = 0;
  if (get_room (capture) > 0 /* 0 would mean "no limit" */
      && pcap_dispatch (capture->rings[0], get_room (capture), on_packet, (u_char *)capture) < 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "the capture broke: %s", pcap_geterr (capture->rings[0]));
}

bool
pl_capture_write (struct pl_capture *capture)
{
  for (ssize_t n_bytes; capture->end > capture->start; capture->start += n_bytes)
    {
      n_bytes = write (STDOUT_FILENO, capture->out + capture->start, capture->end - capture->start);
      if (n_bytes < 0 && (errno == EPIPE || errno == ECONNRESET || errno == EAGAIN))
        return errno == EAGAIN;
      if (n_bytes < 0)
        pl_fail (PL_HELPER_EXIT_FAILED, "cannot write the packets: %s", strerror (errno));
    }
  return true;
}

bool
pl_capture_send_stats (struct pl_capture *capture)
{
  take_stats (capture);
  return capture->is_told
         || (capture->is_told = pl_channel_send (PL_HELPER_STATS, &capture->stats, sizeof capture->stats));
}

/* The counts say at once that the ring is empty, but for what libpcap sorts out by itself as it starts; else time does. */
void
pl_capture_finish (struct pl_capture *capture)
{
  if (capture->ends_ms == 0 || capture->end > capture->start)
    return;
  pl_capture_send_stats (capture);
  if (capture->n_taken != capture->n_received
      && (pl_capture_read (capture, 0), capture->end > capture->start || pl_now_ms () < capture->ends_ms))
    return;
  capture->n_taken = capture->n_received;
  dup3 (STDERR_FILENO, STDOUT_FILENO, 0); /* closes the pipe; nothing is written while it pauses */
  pl_capture_close (capture, true);
}

/* Whether a datagram's flow was told in this window, or earlier, as enough others; guessed, by where ports are most often. */
static bool
is_dull (struct pl_first *first, const u_char *bytes, size_t n_bytes)
{
  const u_char *ip = bytes + SLL2_BYTES;
  size_t at = 12, end = 24; /* of IPv4 */
  uint32_t key = 0x811c9dc5; /* FNV-1a */

  if (n_bytes >= SLL2_BYTES + 44 && ip[0] >> 4 == 6 && ip[6] == IPPROTO_UDP)
    at = 8, end = 44;
  else if (n_bytes < SLL2_BYTES + 24 || ip[0] != 0x45 || ip[9] != IPPROTO_UDP)
    return false;
  for (; at < end; at++)
    key = (key ^ ip[at]) * 0x01000193;
  struct pl_told *told = &first->told[key % PL_N_TOLD];
  if (told->key == key >> 16 && (told->window == first->span.nth || first->span.n_known++ >= KNOWN_PER_WINDOW))
    return first->span.n_dull++, true;
  return *told = (struct pl_told){ key >> 16, first->span.nth }, false;
}

static void
on_first (u_char *data, const struct pcap_pkthdr *packet, const u_char *bytes)
{
  struct pl_first *first = (struct pl_first *)data;
  uint64_t time_us = packet->ts.tv_sec * 1000000ull + packet->ts.tv_usec;
  struct pl_helper_first body = { time_us, packet->len, packet->caplen, { 0 } };

  if (first->span.n_left <= 0 || packet->caplen > sizeof body.bytes || is_dull (first, bytes, packet->caplen))
    return;
  first->span.n_left--;
  memcpy (body.bytes, bytes, packet->caplen);
  pl_channel_send (PL_HELPER_FIRST, &body, sizeof body);
}

int
pl_capture_poll_first (struct pl_capture *capture, int which, int64_t now_ms, int64_t *wake_ms)
{
  struct pl_first *first = &capture->first[which];
  struct pl_span *span = &first->span;
  bool is_spent = span->n_left <= 0 || span->n_dull >= 8 * BUSY;
  int64_t next_ms = is_spent ? span->ends_ms : span->is_busy || span->n_dull >= BUSY ? span->next_ms : 0;

  if (capture->rings[which] == NULL)
    return -1;
  if (now_ms < next_ms)
    return *wake_ms = MIN (*wake_ms, next_ms), -1;
  /* What came while it was closed is old, and in the bulk: away with it. One that broke says so on the bulk's ring. */
  if (is_spent && (span->n_left = 0, pcap_dispatch (capture->rings[which], -1, on_first, (u_char *)first) < 0))
    return -1;
  if (now_ms >= span->ends_ms)
    *span = (struct pl_span){ rings[which].budget, 0, 0, span->n_dull >= BUSY, span->nth + 1, now_ms + WINDOW_MS, 0 };
  return pcap_fileno (capture->rings[which]);
}

void
pl_capture_tell_first (struct pl_capture *capture, int which, int64_t now_ms)
{
  capture->first[which].span.next_ms = now_ms + REST_MS;
  if (pcap_dispatch (capture->rings[which], 128, on_first, (u_char *)&capture->first[which]) < 0)
    capture->first[which].span.n_left = 0; /* it broke: closed for this window */
}
