/* What the kernel says of sockets when they close (net/core/sock_diag.c, sock_diag_broadcast_destroy). Owner thread only;
 * never waits. A message is an inet_diag_msg with TCP's tcp_info, its inode and uid 0. */
#include "destroy-events.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include "flow.h"
#include "bounds.h"

#define EVENT_BYTES 32768

struct _PlDestroyEvents
{
  int fd;
  guint8 proto;
  guint32 *buffer; /* aligned for netlink headers */
  guint64 n_overruns;
};

static gboolean
join (int fd, int group)
{
  return setsockopt (fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
}

PlDestroyEvents *
pl_destroy_events_new (guint8 proto)
{
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
  struct sockaddr_nl own = { .nl_family = AF_NETLINK };
  int bytes = PL_LIMIT_DESTROY_BUFFER_BYTES;
  if (fd < 0)
    return NULL;
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (bind (fd, (struct sockaddr *)&own, sizeof own) != 0
      || !join (fd, proto == PL_PROTO_TCP ? SKNLGRP_INET_TCP_DESTROY : SKNLGRP_INET_UDP_DESTROY))
    {
      close (fd);
      return NULL;
    }
  join (fd, proto == PL_PROTO_TCP ? SKNLGRP_INET6_TCP_DESTROY
                                  : SKNLGRP_INET6_UDP_DESTROY); /* fails where there is no IPv6 */
  PlDestroyEvents *events = g_new0 (PlDestroyEvents, 1);
  events->fd = fd;
  events->proto = proto;
  events->buffer = g_malloc (EVENT_BYTES);
  return events;
}

void
pl_destroy_events_free (PlDestroyEvents *events)
{
  if (events == NULL)
    return;
  close (events->fd);
  g_free (events->buffer);
  g_free (events);
}

int
pl_destroy_events_get_fd (PlDestroyEvents *events)
{
  return events->fd;
}

/* The message does not tell its protocol; the groups that were joined do. */
static gboolean
read_datagram (PlDestroyEvents *events, gsize left, PlDiagFunc func, gpointer data)
{
  for (struct nlmsghdr *header = (void *)events->buffer; NLMSG_OK (header, left); header = NLMSG_NEXT (header, left))
    {
      PlDiagSocket found;
      if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY
          && pl_sock_diag_parse (events->proto, NLMSG_DATA (header), NLMSG_PAYLOAD (header, 0), &found)
          && !func (&found, data))
        return FALSE;
    }
  return TRUE;
}

void
pl_destroy_events_read (PlDestroyEvents *events, PlDiagFunc func, gpointer data)
{
  gboolean is_wanted = TRUE;
  for (;;)
    {
      struct sockaddr_nl from = { 0 };
      socklen_t from_length = sizeof from;
      ssize_t n = recvfrom (events->fd, events->buffer, EVENT_BYTES, 0, (struct sockaddr *)&from, &from_length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == ENOBUFS)
        {
          events->n_overruns++;
          continue;
        }
      if (n <= 0)
        return;
      /* Anybody may send to our port; the kernel's port is 0. */
      if (is_wanted && from_length >= sizeof from && from.nl_pid == 0)
        is_wanted = read_datagram (events, (gsize)n, func, data);
    }
}

guint64
pl_destroy_events_get_overruns (PlDestroyEvents *events)
{
  return events->n_overruns;
}
