/* The bulk capture of portlight-helper: libpcap's ring on every interface ("any", SLL2), and the pcap stream it becomes on
 * descriptor 1. A named interface is the same capture bound to that interface, so that the link type is always SLL2 and
 * libpcap never sees a name from outside.
 *
 * It never blocks: a reader that stalls fills the buffer here, then the kernel's ring, then costs counted drops. A record
 * is put into the buffer whole or not at all. */
#include "helper.h"
#include "protocol.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING_BYTES (16 << 20) /* 0 lost in a 200 ms stall at 200 k packets/s */
#define TIMEOUT_MS 50 /* of a ring block: idle costs nothing, the window refreshes at 5 Hz */
#define OUTPUT_BYTES (1 << 20)
#define PIPE_BYTES (1 << 20) /* what a process without privilege may ask for */

struct record /* of the pcap format on disk and in pipes */
{
  uint32_t seconds, microseconds, captured_bytes, wire_bytes;
};

struct pl_capture
{
  pcap_t *pcap;
  int fd; /* the ring's socket */
  uint32_t ifindex_be;
  size_t longest_record_bytes;
  uint8_t *out;
  size_t out_bytes, start, end; /* out[start..end) waits for descriptor 1 */
  int64_t moved_ms;
  struct pl_helper_stats stats;
  bool is_told; /* stats, as they are now */
};

/* A packet socket that is bound gets ENETDOWN when its interface goes down or away; "any" never does. */
static void
bind_interface (struct pl_capture *capture, const struct pl_options *options)
{
  struct sockaddr_ll address = { .sll_family = AF_PACKET,
                                 .sll_protocol = htons (ETH_P_ALL),
                                 .sll_ifindex = options->ifindex };

  if (options->ifindex == 0)
    return;
  capture->ifindex_be = htonl (options->ifindex);
  if (bind (capture->fd, (struct sockaddr *)&address, sizeof address) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture on %s: %s", options->interface, strerror (errno));
}

/* An attached filter, even one that takes all, keeps the kernel from copying whole frames into the ring. This one also
 * leaves what goes out on loopback, which comes in again: libpcap would drop it only after it has been copied. */
static void
attach_filter (struct pl_capture *capture, int snaplen_bytes)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_HATYPE),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_LOOPBACK, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, 0),
    BPF_STMT (BPF_RET | BPF_K, snaplen_bytes),
  };
  struct sock_fprog filter = { .len = sizeof code / sizeof *code, .filter = code };

  if (setsockopt (capture->fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot attach a capture filter: %s", strerror (errno));
}

static void
open_output (struct pl_capture *capture, int snaplen_bytes)
{
  struct pcap_file_header header = {
    .magic = 0xa1b2c3d4, .version_major = 2, .version_minor = 4, .snaplen = snaplen_bytes, .linktype = DLT_LINUX_SLL2
  };
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

/* Needs CAP_NET_RAW. Ends the program with a line that says why when it can't. */
struct pl_capture *
pl_capture_open (const struct pl_options *options)
{
  struct pl_capture *capture = calloc (1, sizeof *capture);
  char error[PCAP_ERRBUF_SIZE] = "";

  if (capture == NULL || (capture->pcap = pcap_create ("any", error)) == NULL)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture: %s", capture == NULL ? strerror (errno) : error);
  pcap_set_snaplen (capture->pcap, options->snaplen_bytes);
  pcap_set_promisc (capture->pcap, 0);
  pcap_set_immediate_mode (capture->pcap, 0);
  pcap_set_timeout (capture->pcap, TIMEOUT_MS);
  pcap_set_buffer_size (capture->pcap, RING_BYTES);
  int status = pcap_activate (capture->pcap);
  if (status < 0)
    pl_fail (status == PCAP_ERROR_PERM_DENIED ? PL_HELPER_EXIT_NO_RIGHT : PL_HELPER_EXIT_FAILED, "cannot capture: %s",
             *pcap_geterr (capture->pcap) != '\0' ? pcap_geterr (capture->pcap) : pcap_statustostr (status));
  if (pcap_set_datalink (capture->pcap, DLT_LINUX_SLL2) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "this libpcap is too old (1.10 is needed): %s", pcap_geterr (capture->pcap));
  if (pcap_setnonblock (capture->pcap, 1, error) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot capture: %s", error);
  capture->fd = pcap_fileno (capture->pcap);
  attach_filter (capture, options->snaplen_bytes);
  bind_interface (capture, options);
  open_output (capture, options->snaplen_bytes);
  return capture;
}

static size_t
get_room (struct pl_capture *capture)
{
  return (capture->out_bytes - (capture->end - capture->start)) / capture->longest_record_bytes;
}

int
pl_capture_poll_fd (struct pl_capture *capture)
{
  return get_room (capture) > 0 ? capture->fd : -1;
}

bool
pl_capture_has_output (struct pl_capture *capture)
{
  return capture->end > capture->start;
}

int64_t
pl_capture_moved_ms (struct pl_capture *capture)
{
  return capture->moved_ms;
}

/* Between activate and bind the ring took what every interface had: the SLL2 header libpcap made says which it was. */
static void
on_packet (u_char *data, const struct pcap_pkthdr *packet, const u_char *bytes)
{
  struct pl_capture *capture = (struct pl_capture *)data;
  struct record record = { packet->ts.tv_sec, packet->ts.tv_usec, packet->caplen, packet->len };
  const struct sll2_header *sll2 = (const struct sll2_header *)bytes;

  if (packet->caplen < sizeof *sll2 || sizeof record + packet->caplen > capture->longest_record_bytes
      || (capture->ifindex_be != 0 && sll2->sll2_if_index != capture->ifindex_be))
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

  if ((revents & POLLERR) != 0 && getsockopt (capture->fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0)
    pl_fail (PL_HELPER_EXIT_FAILED,
             error == ENETDOWN ? "the interface is down or gone: start again when it is up" : "the capture broke: %s",
             strerror (error));
  if (capture->start > 0)
    memmove (capture->out, capture->out + capture->start, capture->end - capture->start);
  capture->end -= capture->start;
  capture->start = 0;
  if (capture->end == 0)
    capture->moved_ms = pl_now_ms ();
  if (get_room (capture) == 0) /* 0 would mean "no limit" to libpcap */
    return;
  if (pcap_dispatch (capture->pcap, get_room (capture), on_packet, (u_char *)capture) < 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "the capture broke: %s", pcap_geterr (capture->pcap));
}

bool
pl_capture_write (struct pl_capture *capture, int64_t now_ms)
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
      capture->moved_ms = now_ms;
    }
  return true;
}

/* libpcap knows interface drops only for a promiscuous capture of one interface: unknown here. */
bool
pl_capture_send_stats (struct pl_capture *capture)
{
  struct tpacket_stats_v3 now = { 0 };
  socklen_t length = sizeof now;

  if (getsockopt (capture->fd, SOL_PACKET, PACKET_STATISTICS, &now, &length) != 0)
    return false;
  capture->stats.received += now.tp_packets - now.tp_drops; /* since the last time: the kernel starts again at 0 */
  capture->stats.kernel_dropped += now.tp_drops;
  capture->stats.interface_dropped = PL_HELPER_UNKNOWN;
  capture->is_told = (capture->is_told && now.tp_packets == 0)
                     || pl_channel_send (PL_HELPER_STATS, &capture->stats, sizeof capture->stats);
  return capture->is_told;
}
