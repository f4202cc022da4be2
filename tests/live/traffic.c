/* Sends exactly what it is told to and says what it sent, for tests that count it. One line of JSON on standard output
 * when it is done; "ready" first from the modes that wait. libc only.
 *
 *   traffic udp-send ADDR PORT COUNT PER_SECOND BYTES   datagrams, evenly paced; PER_SECOND 0 is as fast as can be
 *   traffic udp-sink ADDR PORT                          takes datagrams until it is told to end
 *   traffic tcp-serve ADDR PORT UP DOWN                 one connection: reads UP bytes, writes DOWN, waits for its end
 *   traffic tcp-send ADDR PORT UP DOWN                  the other side of it */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DATAGRAM_MAX_BYTES 65507
#define CHUNK_BYTES 16384
#define NS_PER_S 1000000000ll

typedef union
{
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} Address;

static volatile sig_atomic_t told_to_end;

static void
fail (const char *what)
{
  fprintf (stderr, "traffic: %s: %s\n", what, strerror (errno));
  exit (1);
}

static socklen_t
parse_address (const char *text, const char *port, Address *address)
{
  memset (address, 0, sizeof *address);
  if (inet_pton (AF_INET, text, &address->v4.sin_addr) == 1)
    {
      address->v4.sin_family = AF_INET;
      address->v4.sin_port = htons ((uint16_t)atoi (port));
      return sizeof address->v4;
    }
  if (inet_pton (AF_INET6, text, &address->v6.sin6_addr) != 1)
    fail (text);
  address->v6.sin6_family = AF_INET6;
  address->v6.sin6_port = htons ((uint16_t)atoi (port));
  return sizeof address->v6;
}

static unsigned
local_port (int fd)
{
  Address address;
  socklen_t length = sizeof address;

  if (getsockname (fd, &address.any, &length) != 0)
    fail ("getsockname");
  return ntohs (address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

static int
new_socket (const Address *address, int type)
{
  int fd = socket (address->any.sa_family, type | SOCK_CLOEXEC, 0);

  if (fd < 0)
    fail ("socket");
  return fd;
}

static void
wait_until (int64_t at_ns)
{
  struct timespec at = { at_ns / NS_PER_S, at_ns % NS_PER_S };

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
    ;
}

/* A connected socket, so that its owner can be told; an ICMP error for an earlier datagram must not stop the next. */
static int
udp_send (char **argv)
{
  Address to;
  socklen_t length = parse_address (argv[0], argv[1], &to);
  long count = atol (argv[2]), per_second = atol (argv[3]), n_bytes = atol (argv[4]), n_errors = 0;
  static char payload[DATAGRAM_MAX_BYTES];
  struct timespec now;
  int fd = new_socket (&to, SOCK_DGRAM);

  if (connect (fd, &to.any, length) != 0)
    fail ("connect");
  memset (payload, 'p', sizeof payload);
  clock_gettime (CLOCK_MONOTONIC, &now);
  int64_t begin_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
  for (long i = 0; i < count; i++)
    {
      if (per_second > 0)
        wait_until (begin_ns + i * NS_PER_S / per_second);
      while (send (fd, payload, (size_t)n_bytes, 0) != n_bytes)
        if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != ENOBUFS && errno != EINTR)
          fail ("send");
        else
          n_errors++;
    }
  printf ("{\"pid\":%d,\"port\":%u,\"sent\":%ld,\"payload_bytes\":%ld,\"errors\":%ld}\n", (int)getpid (),
          local_port (fd), count, count * n_bytes, n_errors);
  return 0;
}

static void
on_signal (int signal_number)
{
  told_to_end = 1;
}

static int
udp_sink (char **argv)
{
  Address at;
  socklen_t length = parse_address (argv[0], argv[1], &at);
  struct sigaction action = { .sa_handler = on_signal };
  static char payload[DATAGRAM_MAX_BYTES];
  long n_received = 0;
  int fd = new_socket (&at, SOCK_DGRAM);

  sigaction (SIGTERM, &action, NULL);
  if (bind (fd, &at.any, length) != 0)
    fail ("bind");
  printf ("ready\n");
  fflush (stdout);
  while (!told_to_end)
    if (recv (fd, payload, sizeof payload, 0) >= 0)
      n_received++;
  printf ("{\"pid\":%d,\"received\":%ld}\n", (int)getpid (), n_received);
  return 0;
}

static void
write_bytes (int fd, long n_bytes)
{
  static char chunk[CHUNK_BYTES];

  memset (chunk, 's', sizeof chunk);
  while (n_bytes > 0)
    {
      ssize_t n = send (fd, chunk, (size_t)(n_bytes < CHUNK_BYTES ? n_bytes : CHUNK_BYTES), MSG_NOSIGNAL);
      if (n < 0)
        fail ("send");
      n_bytes -= n;
    }
}

static void
read_bytes (int fd, long n_bytes)
{
  static char chunk[CHUNK_BYTES];

  while (n_bytes > 0)
    {
      ssize_t n = recv (fd, chunk, (size_t)(n_bytes < CHUNK_BYTES ? n_bytes : CHUNK_BYTES), 0);
      if (n <= 0)
        fail ("recv");
      n_bytes -= n;
    }
}

static int
tcp_serve (char **argv)
{
  Address at;
  socklen_t length = parse_address (argv[0], argv[1], &at);
  int one = 1, listener = new_socket (&at, SOCK_STREAM);
  char end;

  setsockopt (listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (listener, &at.any, length) != 0 || listen (listener, 1) != 0)
    fail ("listen");
  printf ("ready\n");
  fflush (stdout);
  int fd = accept (listener, NULL, NULL);
  if (fd < 0)
    fail ("accept");
  read_bytes (fd, atol (argv[2]));
  write_bytes (fd, atol (argv[3]));
  if (recv (fd, &end, 1, 0) != 0)
    fail ("more than was agreed");
  printf ("{\"pid\":%d}\n", (int)getpid ());
  return 0;
}

static int
tcp_send (char **argv)
{
  Address to;
  socklen_t length = parse_address (argv[0], argv[1], &to);
  int fd = new_socket (&to, SOCK_STREAM);
  int error = connect (fd, &to.any, length) == 0 ? 0 : errno;

  if (error == 0)
    {
      write_bytes (fd, atol (argv[2]));
      read_bytes (fd, atol (argv[3]));
    }
  printf ("{\"pid\":%d,\"port\":%u,\"errno\":%d}\n", (int)getpid (), local_port (fd), error);
  return 0;
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    int n_args;
    int (*run) (char **argv);
  } modes[] = {
    { "udp-send", 5, udp_send }, { "udp-sink", 2, udp_sink }, { "tcp-serve", 4, tcp_serve }, { "tcp-send", 4, tcp_send }
  };

  for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++)
    if (strcmp (argv[1], modes[i].name) == 0 && argc == modes[i].n_args + 2)
      return modes[i].run (argv + 2);
  fprintf (stderr, "traffic: unknown mode or wrong count of arguments\n");
  return 2;
}
