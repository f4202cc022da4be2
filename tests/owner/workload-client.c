/* One short-lived client of the workload test. It is exec'd, talks once, writes the truth about itself to a pipe and lives
 * as long as it was told.
 *
 * workload-client KIND LIFETIME_MS PORT TRUTH_FD     KIND: tcp4 tcp6 tcpm udp4 udp6 udpm udp4u udp6u (m: v4-mapped, u: not
 *                                                    connected); a lifetime of 0 ms is fire and exit
 * workload-client serve TCP_FD UDP_FD                 accepts and reads until its standard input ends
 * workload-client idle N_FDS                         waits for its standard input to end with so many descriptors open */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int
idle (int n_fds)
{
  char byte;
  for (int i = 0; i < n_fds; i++)
    if (open ("/dev/null", O_RDONLY) < 0)
      return 1;
  while (read (STDIN_FILENO, &byte, 1) > 0)
    continue;
  return 0;
}

/* Connections stay open: closed unread they would reset the clients'. */
static int
serve (int tcp_fd, int udp_fd)
{
  char buffer[64];
  struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                          { .fd = tcp_fd, .events = POLLIN },
                          { .fd = udp_fd, .events = POLLIN } };
  while (poll (fds, 3, -1) > 0 && fds[0].revents == 0)
    {
      if (fds[1].revents != 0)
        accept4 (tcp_fd, NULL, NULL, SOCK_CLOEXEC);
      if (fds[2].revents != 0)
        (void)!recv (udp_fd, buffer, sizeof buffer, MSG_DONTWAIT);
    }
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "idle") == 0)
    return idle (atoi (argv[2]));
  if (argc == 4 && strcmp (argv[1], "serve") == 0)
    return serve (atoi (argv[2]), atoi (argv[3]));
  if (argc != 5)
    return 2;
  const char *kind = argv[1];
  int lifetime_ms = atoi (argv[2]);
  in_port_t port = htons ((unsigned short)atoi (argv[3]));
  int is_tcp = kind[0] == 't', is_v4 = kind[3] == '4', is_mapped = kind[3] == 'm';
  int is_unconnected = kind[4] == 'u';
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };
  inet_pton (AF_INET6, is_mapped ? "::ffff:127.0.0.1" : "::1", &in6.sin6_addr);
  const struct sockaddr *to = is_v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6;
  socklen_t to_length = is_v4 ? sizeof in : sizeof in6;

  int fd = socket (is_v4 ? AF_INET : AF_INET6, (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
  if (fd < 0 || (!is_unconnected && connect (fd, to, to_length) != 0))
    return 3;
  if (sendto (fd, "hello", 5, MSG_NOSIGNAL, is_unconnected ? to : NULL, is_unconnected ? to_length : 0) != 5)
    return 4;

  struct sockaddr_in6 own = { 0 };
  socklen_t own_length = sizeof own;
  if (getsockname (fd, (struct sockaddr *)&own, &own_length) != 0)
    return 5;
  /* The port is at the same place in both families' addresses. */
  char truth[64];
  int length =
      snprintf (truth, sizeof truth, "%s %d %u %d\n", kind, lifetime_ms, ntohs (own.sin6_port), (int)getpid ());
  if (write (atoi (argv[4]), truth, (size_t)length) != length)
    return 6;
  struct timespec life = { .tv_sec = lifetime_ms / 1000, .tv_nsec = lifetime_ms % 1000 * 1000000L };
  if (lifetime_ms > 0)
    nanosleep (&life, NULL);
  return 0;
}
