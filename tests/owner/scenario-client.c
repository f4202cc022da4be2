/* Sends once to a port of 127.0.0.1 in a way of its own, says "KIND PORT PID" of who sent, and lives 300 ms more, or as long
 * as its standard input for whose packet socket it is, since only a scan tells that.
 *
 * scenario-client KIND PORT     KIND: sendfile splice (TCP), sendmmsg io-uring io-worker passed forked raw ping sctp packet
 * (from port 4712) again (from 4713) forged (from 4714, by a raw socket) forged-packet (from 4715, by a packet socket) */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in to = { .sin_family = AF_INET };

static int
open_socket (int type)
{
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  if (fd < 0 || bind (fd, (struct sockaddr *)&any, sizeof any) != 0)
    exit (3);
  return fd;
}

static int
open_connected (int type)
{
  int fd = open_socket (type);
  if (connect (fd, (struct sockaddr *)&to, sizeof to) != 0)
    exit (4);
  return fd;
}

static int
finish (const char *kind, int fd)
{
  struct sockaddr_in own = { 0 };
  socklen_t length = sizeof own;
  if (fd >= 0)
    getsockname (fd, (struct sockaddr *)&own, &length);
  printf ("%s %d %d\n", kind, ntohs (own.sin_port), getpid ());
  fflush (stdout);
  /* Until it is let go. */
  for (char byte; read (STDIN_FILENO, &byte, 1) > 0;)
    continue;
  return 0;
}

static int
by_port (int port)
{
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  own.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (bind (fd, (struct sockaddr *)&own, sizeof own) != 0 || connect (fd, (struct sockaddr *)&to, sizeof to) != 0)
    return -1;
  return send (fd, "x", 1, 0) == 1 ? fd : -1;
}

static int
by_file (int (*copy) (int in, int out))
{
  int fd = open_connected (SOCK_STREAM), file = open ("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  return copy (file, fd) > 0 ? fd : -1;
}

static int
copy_by_sendfile (int in, int out)
{
  return (int)sendfile (out, in, NULL, 1000);
}

static int
copy_by_splice (int in, int out)
{
  int pipe_fds[2];
  if (pipe (pipe_fds) != 0 || splice (in, NULL, pipe_fds[1], NULL, 1000, 0) != 1000)
    return -1;
  return (int)splice (pipe_fds[0], NULL, out, NULL, 1000, 0);
}

static int
by_sendmmsg (void)
{
  struct iovec part = { "x", 1 };
  struct mmsghdr messages[2] = { 0 };
  int fd = open_socket (SOCK_DGRAM);
  for (int i = 0; i < 2; i++)
    messages[i].msg_hdr =
        (struct msghdr){ .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1 };
  return sendmmsg (fd, messages, 2, 0) == 2 ? fd : -1;
}

/* One IORING_OP_SENDMSG; @flags with IOSQE_ASYNC has a worker thread of the kernel do it. */
static int
by_io_uring (uint8_t flags)
{
  struct io_uring_params params = { 0 };
  struct iovec part = { "x", 1 };
  struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1 };
  int fd = open_socket (SOCK_DGRAM), ring = (int)syscall (SYS_io_uring_setup, 1, &params);
  if (ring < 0)
    return -1;
  size_t ring_bytes = params.sq_off.array + params.sq_entries * sizeof (uint32_t);
  uint8_t *queue = mmap (NULL, ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  struct io_uring_sqe *entry =
      mmap (NULL, sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (queue == MAP_FAILED || entry == MAP_FAILED)
    return -1;
  *entry = (struct io_uring_sqe){
    .opcode = IORING_OP_SENDMSG, .flags = flags, .fd = fd, .addr = (uintptr_t)&message, .len = 1
  };
  *(uint32_t *)(void *)(queue + params.sq_off.array) = 0;
  __atomic_store_n ((uint32_t *)(void *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  return syscall (SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1 ? fd : -1;
}

/* The socket of another process, which has closed it: received over a UNIX socket. */
static int
by_passed (void)
{
  int pair[2], fd;
  char byte = 0, control[CMSG_SPACE (sizeof fd)] = { 0 };
  struct iovec part = { &byte, 1 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };
  if (socketpair (AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
    return -1;
  pid_t maker = fork ();
  if (maker == 0)
    {
      struct cmsghdr *header = CMSG_FIRSTHDR (&message);
      fd = open_socket (SOCK_DGRAM);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN (sizeof fd);
      memcpy (CMSG_DATA (header), &fd, sizeof fd);
      _exit (sendmsg (pair[0], &message, 0) != 1);
    }
  if (recvmsg (pair[1], &message, 0) != 1)
    return -1;
  waitpid (maker, NULL, 0);
  memcpy (&fd, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof fd);
  return sendto (fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1 ? fd : -1;
}

/* Parent and child have the socket, the child sends: it is the one that is named. */
static int
by_forked (void)
{
  int fd = open_socket (SOCK_DGRAM);
  pid_t child = fork ();
  if (child == 0)
    return sendto (fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1 ? fd : -1;
  waitpid (child, NULL, 0);
  _exit (0);
}

static int
by_raw (int protocol)
{
  struct icmphdr echo = { .type = ICMP_ECHO, .un.echo.id = htons (4711) };
  int fd = socket (AF_INET, SOCK_RAW | SOCK_CLOEXEC, protocol);
  echo.checksum = (uint16_t) ~(uint16_t)(htons (ICMP_ECHO << 8) + htons (4711));
  to.sin_port = 0;
  return fd >= 0 && sendto (fd, &echo, sizeof echo, 0, (struct sockaddr *)&to, sizeof to) == sizeof echo ? fd : -1;
}

/* A datagram from @port that no UDP socket sent, made by hand. */
static int
by_hand (int fd, uint16_t port, const void *address, socklen_t length)
{
  uint8_t bytes[29] = { 0x45, 0, 0, 29, 0, 1, 0, 0, 64, IPPROTO_UDP, 0x7c, 0xcd, 127, 0, 0, 1, 127, 0, 0, 1 };
  bytes[20] = (uint8_t)(port >> 8);
  bytes[21] = (uint8_t)port;
  memcpy (bytes + 22, &to.sin_port, 2);
  bytes[25] = 9;
  bytes[28] = 'x';
  return fd >= 0 && sendto (fd, bytes, sizeof bytes, 0, address, length) == sizeof bytes ? fd : -1;
}

static int
by_packet_socket (uint16_t port)
{
  struct sockaddr_ll lo = { .sll_family = AF_PACKET, .sll_protocol = htons (ETH_P_IP), .sll_halen = 6 };
  lo.sll_ifindex = (int)if_nametoindex ("lo");
  return by_hand (socket (AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), port, &lo, sizeof lo);
}

static int
by_raw_socket (uint16_t port)
{
  struct sockaddr_in there = to;
  there.sin_port = 0;
  return by_hand (socket (AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), port, &there, sizeof there);
}

/* To a listener of its own: nobody else here speaks it. */
static int
by_sctp (void)
{
  socklen_t length = sizeof to;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
  to.sin_port = 0;
  if (listener < 0 || bind (listener, (struct sockaddr *)&to, sizeof to) != 0 || listen (listener, 1) != 0
      || getsockname (listener, (struct sockaddr *)&to, &length) != 0)
    return -1;
  return connect (fd, (struct sockaddr *)&to, sizeof to) == 0 ? fd : -1;
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    return 2;
  const char *kind = argv[1];
  int fd = -1;
  to.sin_port = htons ((uint16_t)atoi (argv[2]));
  to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  signal (SIGPIPE, SIG_IGN);
  if (strcmp (kind, "sendfile") == 0)
    fd = by_file (copy_by_sendfile);
  else if (strcmp (kind, "splice") == 0)
    fd = by_file (copy_by_splice);
  else if (strcmp (kind, "sendmmsg") == 0)
    fd = by_sendmmsg ();
  else if (strcmp (kind, "io-uring") == 0)
    fd = by_io_uring (0);
  else if (strcmp (kind, "io-worker") == 0)
    fd = by_io_uring (IOSQE_ASYNC);
  else if (strcmp (kind, "passed") == 0)
    fd = by_passed ();
  else if (strcmp (kind, "forked") == 0)
    fd = by_forked ();
  else if (strcmp (kind, "raw") == 0)
    fd = by_raw (253); /* RFC 3692: for experiments */
  else if (strcmp (kind, "ping") == 0)
    fd = by_raw (IPPROTO_ICMP);
  else if (strcmp (kind, "sctp") == 0)
    fd = by_sctp ();
  else if (strcmp (kind, "packet") == 0)
    fd = by_packet_socket (4712);
  else if (strcmp (kind, "again") == 0)
    fd = by_port (4713);
  else if (strcmp (kind, "forged") == 0)
    fd = by_raw_socket (4714);
  else if (strcmp (kind, "forged-packet") == 0)
    fd = by_packet_socket (4715);
  return fd < 0 ? 5 : finish (kind, fd);
}
