/* This machine's own addresses, followed live by rtnetlink(7). Capture thread only.
 *
 * The messages are not parsed: any of them, and a lost one too, means "look again", and looking is getifaddrs(3). Addresses
 * change some times a day. */
#include "local-addrs.h"
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

struct _PlLocalAddrs
{
  int fd;
};

PlLocalAddrs *
pl_local_addrs_new (void)
{
  PlLocalAddrs *self = g_new0 (PlLocalAddrs, 1);
  struct sockaddr_nl address = {
    .nl_family = AF_NETLINK,
    .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_LINK,
  };

  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (self->fd >= 0 && bind (self->fd, (struct sockaddr *)&address, sizeof address) < 0)
    {
      close (self->fd);
      self->fd = -1;
    }
  return self;
}

void
pl_local_addrs_free (PlLocalAddrs *self)
{
  if (!self)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

int
pl_local_addrs_get_fd (const PlLocalAddrs *self)
{
  return self->fd;
}

void
pl_local_addrs_drain (PlLocalAddrs *self)
{
  char bytes[4096];
  ssize_t n_read;

  /* ENOBUFS: messages were lost, and more may wait behind. */
  do
    n_read = recv (self->fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_TRUNC);
  while (n_read > 0 || (n_read < 0 && (errno == EINTR || errno == ENOBUFS)));
}

guint
pl_local_addrs_load (PlAddr *addrs, guint n_max)
{
  struct ifaddrs *list;
  guint n = 0;

  if (getifaddrs (&list) < 0)
    return 0;
  for (const struct ifaddrs *entry = list; entry && n < n_max; entry = entry->ifa_next)
    {
      if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP))
        continue;
      if (entry->ifa_addr->sa_family == AF_INET)
        addrs[n++] = pl_addr_from_v4 ((const uint8_t *)&((struct sockaddr_in *)entry->ifa_addr)->sin_addr);
      else if (entry->ifa_addr->sa_family == AF_INET6)
        addrs[n++] = pl_addr_from_v6 ((const uint8_t *)&((struct sockaddr_in6 *)entry->ifa_addr)->sin6_addr);
    }
  freeifaddrs (list);
  return n;
}
