/* The first packets of flows, told at once as PL_HELPER_FIRST: the bulk comes up to 50 ms later, when a short-lived client
 * is gone. Two small packet sockets with filters in the kernel: what opens a flow (TCP SYN, SCTP INIT, ICMP), and UDP
 * datagrams but QUIC's short headers, which are never first. Each has a budget of its own, so that a stream of datagrams
 * does not hide the SYNs. Over it, a socket takes nothing for a moment: what is not told here is in the bulk anyway. */
#include "helper.h"
#include "protocol.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RECEIVE_BYTES (1 << 20) /* about 1200 small packets: a burst of new flows within one scheduling delay */
#define CLOSED_MS 100
#define BATCH 64 /* told before the loop looks at the rest */
#define KEPT_BYTES (PL_HELPER_FIRST_BYTES - sizeof (struct sll2_header))

/* pcap-filter(7) for DLT_RAW: like that, a SOCK_DGRAM packet socket begins at the network header. Datagrams come first, so
 * that one is told before the ICMP error that answers it. */
static const char *const filters[PL_N_FIRST] = {
  "udp and not (port 443 and ((ip and udp[8] & 0xc0 = 0x40) or (ip6 and ip6[48] & 0xc0 = 0x40)))",
  "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn or (ip6[6] = 6 and ip6[53] & 0x12 = 2) or icmp or icmp6"
  " or (ip and sctp[12] = 1) or (ip6[6] = 132 and ip6[52] = 1)",
};
static const int per_second[PL_N_FIRST] = { 2000, 10000 }; /* 10 k SYNs at once fit: about 3 us each */

/* No protocol until the filter is on, so that nothing unasked is ever queued. */
static int
open_socket (const char *filter, unsigned ifindex)
{
  struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons (ETH_P_ALL), .sll_ifindex = ifindex };
  int on = 1, receive_bytes = RECEIVE_BYTES, fd = socket (AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  pcap_t *compiler = pcap_open_dead (DLT_RAW, KEPT_BYTES);
  struct bpf_program program;

  if (compiler == NULL || pcap_compile (compiler, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "libpcap does not know its own filters: %s",
             compiler ? pcap_geterr (compiler) : "");
  struct sock_fprog code = { program.bf_len, (struct sock_filter *)program.bf_insns };
  if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &code, sizeof code) != 0
      || setsockopt (fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0
      || setsockopt (fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) != 0
      || bind (fd, (struct sockaddr *)&address, sizeof address) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot open a packet socket: %s", strerror (errno));
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes); /* less, by rmem_max, will do */
  pcap_freecode (&program);
  pcap_close (compiler);
  return fd;
}

void
pl_first_open (struct pl_first first[PL_N_FIRST], unsigned ifindex)
{
  for (int i = 0; i < PL_N_FIRST; i++)
    first[i] = (struct pl_first){ .fd = open_socket (filters[i], ifindex),
                                  .per_second = per_second[i],
                                  .tokens = per_second[i],
                                  .filled_ms = pl_now_ms () };
}

static void
refill (struct pl_first *first, int64_t now_ms)
{
  int64_t tokens = first->tokens + (now_ms - first->filled_ms) * first->per_second / 1000;

  first->tokens = tokens < first->per_second ? tokens : first->per_second;
  first->filled_ms = now_ms;
}

/* What came while it was closed is old and in the bulk by now: away with it. */
int
pl_first_check (struct pl_first *first, int64_t now_ms)
{
  uint8_t dropped;

  if (first->tokens > 0)
    return -1;
  if (now_ms < first->filled_ms + CLOSED_MS)
    return first->filled_ms + CLOSED_MS - now_ms;
  for (int n = 0; n < RECEIVE_BYTES / 256 && recv (first->fd, &dropped, sizeof dropped, MSG_DONTWAIT) >= 0; n++)
    ;
  refill (first, now_ms);
  return -1;
}

/* Fills in the time and the wire length; either is missing only on a kernel that does not know the option. */
static void
read_control (struct msghdr *message, struct pl_helper_first *body)
{
  struct timespec time = { 0 };
  struct tpacket_auxdata aux;

  for (struct cmsghdr *control = CMSG_FIRSTHDR (message); control != NULL; control = CMSG_NXTHDR (message, control))
    if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS)
      memcpy (&time, CMSG_DATA (control), sizeof time);
    else if (control->cmsg_level == SOL_PACKET && control->cmsg_type == PACKET_AUXDATA)
      {
        memcpy (&aux, CMSG_DATA (control), sizeof aux);
        body->wire_bytes = aux.tp_len;
      }
  body->time_us = time.tv_sec * 1000000ull + time.tv_nsec / 1000;
}

static bool
forward_one (struct pl_first *first)
{
  struct pl_helper_first body = { 0 };
  struct sockaddr_ll from = { 0 };
  _Alignas(struct cmsghdr) char control[256];
  struct iovec kept = { .iov_base = body.bytes + sizeof (struct sll2_header), .iov_len = KEPT_BYTES };
  struct msghdr message = { .msg_name = &from,
                            .msg_namelen = sizeof from,
                            .msg_iov = &kept,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof control };
  ssize_t n_bytes = recvmsg (first->fd, &message, MSG_DONTWAIT);

  if (n_bytes < 0)
    return false;
  if (from.sll_hatype == ARPHRD_LOOPBACK && from.sll_pkttype == PACKET_OUTGOING)
    return true; /* it comes in again */
  read_control (&message, &body);
  struct sll2_header sll2 = {
    from.sll_protocol, 0, htonl (from.sll_ifindex), htons (from.sll_hatype), from.sll_pkttype, from.sll_halen, { 0 }
  };
  memcpy (body.bytes, &sll2, sizeof sll2);
  body.captured_bytes = sizeof sll2 + n_bytes;
  body.wire_bytes = sizeof sll2 + (body.wire_bytes > n_bytes ? body.wire_bytes : n_bytes);
  pl_channel_send (PL_HELPER_FIRST, &body, sizeof body);
  return true;
}

void
pl_first_forward (struct pl_first *first, int64_t now_ms)
{
  refill (first, now_ms);
  for (int n = 0; first->tokens > 0 && n < BATCH && forward_one (first); n++)
    first->tokens--;
}
