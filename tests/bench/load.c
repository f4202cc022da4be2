/* Traffic for the benches of the window, evenly paced until it is ended. libc only.
 *
 *   load udp FLOWS PER_SECOND   datagrams of 100 bytes, each flow in its turn, to hosts in 10.0.0.0/16, where nobody need be
 *   load tcp PER_SECOND         new connections over the loopback, one in ten to a port where nobody listens
 *   load syn FLOWS              so many attempts at once at hosts and ports in 10.0.0.0/16, which wait for their answers */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define N_HOSTS 400
#define N_LISTENERS 5
#define STEP_NS 5000000ll /* between two bursts */
#define NS_PER_S 1000000000ll

static const uint16_t services[] = { 443, 53, 8443, 5222, 993, 3478 };

static _Noreturn void
fail (const char *what)
{
  fprintf (stderr, "load: %s: %s\n", what, strerror (errno));
  exit (1);
}

static int64_t
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Calls @step with 0, 1, 2… so that @per_second of them happen; never returns. */
static _Noreturn void
pace (int64_t per_second, void (*step) (int64_t number, void *data), void *data)
{
  int64_t begin_ns = now_ns (), done = 0;

  for (;;)
    {
      int64_t due = (now_ns () - begin_ns) * per_second / NS_PER_S;
      struct timespec pause = { 0, STEP_NS };

      for (; done < due; done++)
        step (done, data);
      nanosleep (&pause, NULL);
    }
}

/* ---- datagrams ---- */

typedef struct
{
  int *sockets;
  int64_t n;
} Flows;

static int
open_flow (int number)
{
  struct sockaddr_in host = { .sin_family = AF_INET };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int which = number * 7 % N_HOSTS;

  host.sin_addr.s_addr = htonl (0x0a000001u + (uint32_t)(which / 200 * 256 + which % 200 + 1));
  host.sin_port = htons (services[number % (int)(sizeof services / sizeof *services)]);
  if (fd < 0 || connect (fd, (struct sockaddr *)&host, sizeof host) < 0)
    fail ("a flow of datagrams");
  return fd;
}

static void
send_one (int64_t number, void *data)
{
  static const char payload[100];
  const Flows *flows = data;

  if (send (flows->sockets[number % flows->n], payload, sizeof payload, 0) < 0 && errno != ENOBUFS)
    fail ("send");
}

static void
load_udp (int n, int per_second)
{
  Flows flows = { calloc ((size_t)n, sizeof (int)), n };

  if (flows.sockets == NULL)
    fail ("memory");
  for (int i = 0; i < n; i++)
    flows.sockets[i] = open_flow (i);
  pace (per_second, send_one, &flows);
}

/* ---- connections ---- */

static void *
serve (void *data)
{
  static const char answer[1000];
  char request[200];

  for (;;)
    {
      int peer = accept (*(int *)data, NULL, NULL);

      if (peer < 0)
        fail ("accept");
      if (recv (peer, request, sizeof request, 0) > 0)
        send (peer, answer, sizeof answer, MSG_NOSIGNAL);
      close (peer);
    }
}

static void
listen_on (struct sockaddr_in *address)
{
  static int listeners[N_LISTENERS];
  static int n;
  socklen_t length = sizeof *address;
  pthread_t thread;

  listeners[n] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  *address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  if (listeners[n] < 0 || bind (listeners[n], (struct sockaddr *)address, sizeof *address) < 0
      || listen (listeners[n], 512) < 0 || getsockname (listeners[n], (struct sockaddr *)address, &length) < 0)
    fail ("listen");
  if ((errno = pthread_create (&thread, NULL, serve, &listeners[n])) != 0)
    fail ("thread");
  n++;
}

static void
connect_one (int64_t number, void *data)
{
  struct sockaddr_in address = ((struct sockaddr_in *)data)[number % N_LISTENERS];
  char buffer[2000];
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    fail ("socket");
  if (number % 10 == 9)
    address.sin_port = htons (9);
  if (connect (fd, (struct sockaddr *)&address, sizeof address) == 0 && send (fd, buffer, 100, MSG_NOSIGNAL) > 0)
    while (recv (fd, buffer, sizeof buffer, 0) > 0)
      ;
  close (fd);
}

static void
load_tcp (int per_second)
{
  struct sockaddr_in addresses[N_LISTENERS];

  for (int i = 0; i < N_LISTENERS; i++)
    listen_on (&addresses[i]);
  pace (per_second, connect_one, addresses);
}

/* ---- attempts ---- */

static _Noreturn void
load_syn (int n)
{
  for (int i = 0; i < n; i++)
    {
      struct sockaddr_in host = { .sin_family = AF_INET, .sin_port = htons ((uint16_t)(1 + i / N_HOSTS)) };
      int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

      host.sin_addr.s_addr = htonl (0x0a000002u + (uint32_t)(i % N_HOSTS));
      if (fd < 0 || (connect (fd, (struct sockaddr *)&host, sizeof host) < 0 && errno != EINPROGRESS))
        fail ("an attempt");
    }
  for (;;)
    pause ();
}

int
main (int argc, char **argv)
{
  struct rlimit files;

  getrlimit (RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit (RLIMIT_NOFILE, &files);
  if (argc == 4 && strcmp (argv[1], "udp") == 0)
    load_udp (atoi (argv[2]), atoi (argv[3]));
  if (argc == 3 && strcmp (argv[1], "tcp") == 0)
    load_tcp (atoi (argv[2]));
  if (argc == 3 && strcmp (argv[1], "syn") == 0)
    load_syn (atoi (argv[2]));
  fprintf (stderr, "load udp FLOWS PER_SECOND | tcp PER_SECOND | syn FLOWS\n");
  return 2;
}
