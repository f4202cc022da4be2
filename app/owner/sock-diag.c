/* The kernel's own list of sockets, over NETLINK_SOCK_DIAG. Runs on the owner thread (or a test); never blocks on anything
 * but the kernel's immediate answer, never scans /proc, and believes no length that the kernel's message does not cover.
 *
 * Three things every reader of this file must know (kernel: net/ipv4/udp_diag.c, inet_diag.c, inet_hashtables.c):
 * - an exact lookup of UDP takes source and destination the other way round than one of TCP;
 * - an exact lookup of TCP that finds no connection answers with the listener of the local port, if there is one;
 * - sockets in TIME_WAIT and FIN_WAIT2 may be minisocks: inode 0 and uid 0 there mean "not known". */
#include "sock-diag.h"

#include "portlight-config.h"
#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "flow.h"
#include "bounds.h"

#define DIAG_BUFFER_BYTES 65536
#define ANSWER_BYTES (DIAG_BUFFER_BYTES / PL_DIAG_DEVICES) /* one socket takes some 400 */

/* Attributes of linux/inet_diag.h that older headers do not name. */
#define DIAG_ATTR_INFO 2
#define DIAG_ATTR_SKV6ONLY 11
#define DIAG_ATTR_CGROUP_ID 21

struct _PlSockDiag
{
  int fd;
  guint32 seq;
  guint32 *buffer; /* aligned for netlink headers */
};

typedef struct
{
  struct nlmsghdr header;
  struct inet_diag_req_v2 body;
} DiagRequest;

PlSockDiag *
pl_sock_diag_new (GError **error)
{
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0)
    {
      int saved = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   _ ("The kernel does not list its sockets (%s). Check that it has INET_DIAG and that the sandbox "
                      "allows netlink."),
                   g_strerror (saved));
      return NULL;
    }
  struct timeval wait = { .tv_sec = PL_LIMIT_NETLINK_WAIT_MS / 1000,
                          .tv_usec = PL_LIMIT_NETLINK_WAIT_MS % 1000 * 1000 };
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  int bytes = 1 << 20;
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  PlSockDiag *diag = g_new0 (PlSockDiag, 1);
  diag->fd = fd;
  diag->buffer = g_malloc (DIAG_BUFFER_BYTES);
  return diag;
}

void
pl_sock_diag_free (PlSockDiag *diag)
{
  if (diag == NULL)
    return;
  close (diag->fd);
  g_free (diag->buffer);
  g_free (diag);
}

static PlAddr
addr_from_words (int family, const __be32 words[4])
{
  guint8 bytes[16];
  memcpy (bytes, words, sizeof bytes);
  return family == AF_INET6 ? pl_addr_from_v6 (bytes) : pl_addr_from_v4 (bytes);
}

static void
addr_to_words (int family, const PlAddr *addr, __be32 words[4])
{
  memset (words, 0, 16);
  if (family == AF_INET6)
    memcpy (words, addr->bytes, 16);
  else
    memcpy (words, addr->bytes + 12, 4);
}

static guint8
flow_state_from_kernel (guint8 proto, guint8 state)
{
  switch (state)
    {
    case PL_DIAG_ESTABLISHED:
      return proto == PL_PROTO_TCP || proto == PL_PROTO_SCTP ? PL_STATE_ESTABLISHED : PL_STATE_ACTIVE;
    case PL_DIAG_SYN_SENT:
      return PL_STATE_SYN_SENT;
    case PL_DIAG_SYN_RECV:
    case PL_DIAG_NEW_SYN_RECV:
      return PL_STATE_SYN_RECEIVED;
    case PL_DIAG_LISTEN:
      return PL_STATE_LISTEN;
    case PL_DIAG_CLOSE:
      return proto == PL_PROTO_TCP ? PL_STATE_CLOSED : PL_STATE_LISTEN;
    case PL_DIAG_TIME_WAIT:
      return PL_STATE_CLOSED;
    default:
      return PL_STATE_FIN_WAIT;
    }
}

/* Older kernels give fewer bytes of tcp_info: a field counts only when the attribute reaches past its end. */
#define INFO_HAS(field, length) (offsetof (struct tcp_info, field) + sizeof (((struct tcp_info *)0)->field) <= (length))

/* The kernel's bytes_received counts the peer's FIN for a byte. Where the state tells that it came, or no data did, that is
 * taken back; of a socket already closed the dump before may tell (sockets-source.c), else its total may be one too many. */
static gboolean
has_counted_fin (guint8 state, const struct tcp_info *info, gsize length)
{
  if (info->tcpi_bytes_received == 0)
    return FALSE;
  return state == PL_DIAG_CLOSE_WAIT || state == PL_DIAG_LAST_ACK || state == PL_DIAG_CLOSING
         || (info->tcpi_bytes_received == 1 && INFO_HAS (tcpi_data_segs_in, length) && info->tcpi_data_segs_in == 0);
}

static void
take_tcp_info (PlDiagSocket *found, const void *bytes, gsize length)
{
  struct tcp_info info;
  PlSocket *socket = &found->socket;

  /* A listener's tcp_info holds its queue lengths in these places. */
  if (found->kernel_state == PL_DIAG_LISTEN || found->kernel_state == PL_DIAG_TIME_WAIT)
    return;
  memset (&info, 0, sizeof info);
  memcpy (&info, bytes, MIN (length, sizeof info));
  if (INFO_HAS (tcpi_rtt, length) && info.tcpi_rtt > 0)
    socket->rtt_us = info.tcpi_rtt;
  if (INFO_HAS (tcpi_min_rtt, length) && info.tcpi_min_rtt != G_MAXUINT32 && info.tcpi_min_rtt > 0)
    socket->min_rtt_us = info.tcpi_min_rtt;
  if (INFO_HAS (tcpi_total_retrans, length))
    socket->n_retransmits = info.tcpi_total_retrans;
  if (INFO_HAS (tcpi_data_segs_in, length))
    socket->n_data_in = info.tcpi_data_segs_in;
  if (INFO_HAS (tcpi_bytes_received, length))
    socket->payload_received =
        info.tcpi_bytes_received - (has_counted_fin (found->kernel_state, &info, length) ? 1 : 0);
  /* bytes_sent less bytes_retrans is payload as packets carry it; bytes_acked also counts the SYN. */
  if (INFO_HAS (tcpi_bytes_retrans, length) && info.tcpi_bytes_sent >= info.tcpi_bytes_retrans)
    socket->payload_sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
  else if (INFO_HAS (tcpi_bytes_acked, length))
    socket->payload_sent = info.tcpi_bytes_acked;
}

static void
take_attribute (PlDiagSocket *found, const struct rtattr *attr)
{
  const void *bytes = RTA_DATA (attr);
  gsize length = RTA_PAYLOAD (attr);

  switch (attr->rta_type & NLA_TYPE_MASK)
    {
    case DIAG_ATTR_INFO:
      if (found->socket.proto == PL_PROTO_TCP)
        take_tcp_info (found, bytes, length);
      break;
    case DIAG_ATTR_SKV6ONLY:
      if (length >= 1)
        found->socket.is_v6_only = *(const guint8 *)bytes != 0;
      break;
    case DIAG_ATTR_CGROUP_ID:
      if (length >= sizeof (guint64))
        memcpy (&found->socket.cgroup_id, bytes, sizeof (guint64));
      break;
    default:
      break;
    }
}

gboolean
pl_sock_diag_parse (guint8 proto, const void *message, gsize length, PlDiagSocket *found)
{
  struct inet_diag_msg head;
  if (length < sizeof head)
    return FALSE;
  memcpy (&head, message, sizeof head);
  if (head.idiag_family != AF_INET && head.idiag_family != AF_INET6)
    return FALSE;

  memset (found, 0, sizeof *found);
  found->family = head.idiag_family;
  found->kernel_state = head.idiag_state;
  PlSocket *socket = &found->socket;
  socket->proto = proto;
  socket->state = flow_state_from_kernel (proto, head.idiag_state);
  socket->confidence = PL_CONFIDENCE_UNKNOWN;
  socket->local = addr_from_words (head.idiag_family, head.id.idiag_src);
  socket->remote = addr_from_words (head.idiag_family, head.id.idiag_dst);
  socket->local_port = g_ntohs (head.id.idiag_sport);
  socket->remote_port = g_ntohs (head.id.idiag_dport);
  socket->ifindex = head.id.idiag_if;
  socket->inode = head.idiag_inode;
  socket->cookie = (guint64)head.id.idiag_cookie[1] << 32 | head.id.idiag_cookie[0];
  gboolean is_mini = head.idiag_inode == 0
                     && (head.idiag_state == PL_DIAG_TIME_WAIT || head.idiag_state == PL_DIAG_FIN_WAIT2
                         || head.idiag_state == PL_DIAG_SYN_RECV || head.idiag_state == PL_DIAG_NEW_SYN_RECV);
  socket->uid = is_mini && head.idiag_uid == 0 ? PL_UNKNOWN_U32 : head.idiag_uid;
  socket->payload_sent = socket->payload_received = PL_UNKNOWN_U64;
  socket->rtt_us = socket->min_rtt_us = socket->n_retransmits = socket->n_data_in = PL_UNKNOWN_U32;

  gsize offset = NLMSG_ALIGN (sizeof head);
  while (length >= offset + sizeof (struct rtattr))
    {
      const struct rtattr *attr = (const void *)((const guint8 *)message + offset);
      if (attr->rta_len < sizeof *attr || attr->rta_len > length - offset)
        break;
      take_attribute (found, attr);
      offset += RTA_ALIGN (attr->rta_len);
    }
  return TRUE;
}

/* Raw sockets carry their IP protocol where others carry the port. */
static void
settle_raw (PlDiagSocket *found)
{
  found->socket.proto = found->socket.local_port & 0xff;
  found->socket.local_port = found->socket.remote_port = 0;
}

static void
number (PlSockDiag *diag, struct nlmsghdr *request, gsize bytes, guint16 flags)
{
  *request = (struct nlmsghdr){
    .nlmsg_len = (guint32)bytes,
    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
    .nlmsg_flags = NLM_F_REQUEST | flags,
    .nlmsg_seq = ++diag->seq,
  };
}

/* One request or several. */
static gboolean
send_numbered (PlSockDiag *diag, const void *requests, gsize bytes)
{
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  ssize_t sent;
  do
    sent = sendto (diag->fd, requests, bytes, 0, (struct sockaddr *)&kernel, sizeof kernel);
  while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)bytes;
}

/* @request of @bytes, the header included, which is filled in here. */
static gboolean
diag_send (PlSockDiag *diag, struct nlmsghdr *request, gsize bytes, guint16 flags)
{
  number (diag, request, bytes, flags);
  return send_numbered (diag, request, bytes);
}

/* One datagram of the kernel's; 0 when none came in time. */
static gsize
diag_receive (PlSockDiag *diag)
{
  struct sockaddr_nl from;
  socklen_t from_length = sizeof from;
  for (;;)
    {
      ssize_t n = recvfrom (diag->fd, diag->buffer, DIAG_BUFFER_BYTES, 0, (struct sockaddr *)&from, &from_length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return 0;
      if (from_length >= sizeof from && from.nl_pid == 0)
        return (gsize)n;
      from_length = sizeof from;
    }
}

/* 0 or an errno; NLMSG_DONE of older kernels carries none. */
static int
error_of_message (const struct nlmsghdr *header)
{
  int error = 0;
  if (header->nlmsg_len < NLMSG_LENGTH (sizeof error))
    return header->nlmsg_type == NLMSG_DONE ? 0 : EPROTO;
  memcpy (&error, NLMSG_DATA (header), sizeof error);
  return error < 0 ? -error : 0;
}

/* Reads the one answer; FALSE when that is not understood. */
typedef gboolean (*ParseFunc) (guint8 proto, const void *message, gsize length, gpointer found);

static PlDiagResult
lookup_answer (PlSockDiag *diag, guint8 proto, ParseFunc parse, gpointer found)
{
  for (;;)
    {
      gsize left = diag_receive (diag);
      if (left == 0)
        return PL_DIAG_FAILED;
      for (struct nlmsghdr *header = (void *)diag->buffer; NLMSG_OK (header, left); header = NLMSG_NEXT (header, left))
        {
          if (header->nlmsg_seq != diag->seq)
            continue; /* the late end of an earlier, abandoned question */
          if (header->nlmsg_type == NLMSG_ERROR)
            {
              int code = error_of_message (header);
              return code == ENOENT                         ? PL_DIAG_NONE
                     : code == EINVAL || code == EOPNOTSUPP ? PL_DIAG_UNSUPPORTED
                                                            : PL_DIAG_FAILED;
            }
          if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY
              && parse (proto, NLMSG_DATA (header), NLMSG_PAYLOAD (header, 0), found))
            return PL_DIAG_FOUND;
        }
    }
}

static gboolean
parse_internet (guint8 proto, const void *message, gsize length, gpointer found)
{
  return pl_sock_diag_parse (proto, message, length, found);
}

/* All but the header and the device. */
static DiagRequest
lookup_request (guint8 proto, const PlAddr *local, guint16 local_port, const PlAddr *remote, guint16 remote_port)
{
  /* An AF_INET question also finds IPv6 sockets that carry IPv4 (v4-mapped). */
  int family = pl_addr_is_v4 (local) || pl_addr_is_v4 (remote) ? AF_INET : AF_INET6;
  gboolean swapped = proto == PL_PROTO_UDP || proto == PL_PROTO_UDPLITE;
  DiagRequest request = {
    .body = {
      .sdiag_family = family,
      .sdiag_protocol = proto,
      .idiag_ext = 1 << (DIAG_ATTR_INFO - 1),
      .idiag_states = PL_DIAG_ALL_STATES,
      .id = {
        .idiag_sport = g_htons (swapped ? remote_port : local_port),
        .idiag_dport = g_htons (swapped ? local_port : remote_port),
        .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
      },
    },
  };
  addr_to_words (family, swapped ? remote : local, request.body.id.idiag_src);
  addr_to_words (family, swapped ? local : remote, request.body.id.idiag_dst);
  return request;
}

PlDiagResult
pl_sock_diag_lookup (PlSockDiag *diag,
                     guint8 proto,
                     const PlAddr *local,
                     guint16 local_port,
                     const PlAddr *remote,
                     guint16 remote_port,
                     guint32 ifindex,
                     PlDiagSocket *found)
{
  DiagRequest request = lookup_request (proto, local, local_port, remote, remote_port);
  request.body.id.idiag_if = ifindex;
  if (!diag_send (diag, &request.header, sizeof request, 0))
    return PL_DIAG_FAILED;
  return lookup_answer (diag, proto, parse_internet, found);
}

/* What the kernel has ready, each answer at a multiple of ANSWER_BYTES; returns how many, 0 when none came in time. */
static guint
receive_answers (PlSockDiag *diag, guint n_max, gsize lengths[PL_DIAG_DEVICES])
{
  struct sockaddr_nl from[PL_DIAG_DEVICES] = { 0 };
  struct iovec parts[PL_DIAG_DEVICES];
  struct mmsghdr messages[PL_DIAG_DEVICES] = { 0 };
  int n;
  for (guint i = 0; i < n_max; i++)
    {
      parts[i] = (struct iovec){ (guint8 *)diag->buffer + i * ANSWER_BYTES, ANSWER_BYTES };
      messages[i].msg_hdr =
          (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i], .msg_iovlen = 1 };
    }
  do
    n = recvmmsg (diag->fd, messages, n_max, MSG_WAITFORONE, NULL);
  while (n < 0 && errno == EINTR);
  for (int i = 0; i < n; i++)
    lengths[i] = from[i].nl_family == AF_NETLINK && from[i].nl_pid == 0 ? messages[i].msg_len : 0;
  return n > 0 ? (guint)n : 0;
}

/* Each answer comes by itself, in the order of the questions. */
gboolean
pl_sock_diag_lookup_bound (PlSockDiag *diag,
                           guint8 proto,
                           const PlAddr *local,
                           guint16 local_port,
                           const PlAddr *remote,
                           guint16 remote_port,
                           const guint32 *ifindexes,
                           guint n_ifindexes,
                           PlDiagSocket *found)
{
  DiagRequest requests[PL_DIAG_DEVICES];
  gsize lengths[PL_DIAG_DEVICES];
  guint32 first_seq = diag->seq + 1;
  guint n = MIN (n_ifindexes, PL_DIAG_DEVICES), n_answers = 0, n_received;
  gboolean is_found = FALSE;
  for (guint i = 0; i < n; i++)
    {
      requests[i] = lookup_request (proto, local, local_port, remote, remote_port);
      requests[i].body.id.idiag_if = ifindexes[i];
      number (diag, &requests[i].header, sizeof requests[i], 0);
    }
  if (n == 0 || !send_numbered (diag, requests, n * sizeof *requests))
    return FALSE;
  while (n_answers < n && (n_received = receive_answers (diag, n - n_answers, lengths)) > 0)
    for (guint i = 0; i < n_received; i++)
      {
        PlDiagSocket one;
        const struct nlmsghdr *header = (const void *)((const guint8 *)diag->buffer + i * ANSWER_BYTES);
        if (!NLMSG_OK (header, lengths[i]) || header->nlmsg_seq - first_seq >= n)
          continue; /* the late end of an earlier, abandoned question */
        n_answers++;
        if (is_found || header->nlmsg_type != SOCK_DIAG_BY_FAMILY
            || !pl_sock_diag_parse (proto, NLMSG_DATA (header), NLMSG_PAYLOAD (header, 0), &one)
            || one.socket.ifindex == 0)
          continue;
        *found = one;
        is_found = TRUE;
      }
  return is_found;
}

static gboolean
parse_unix (guint8 proto, const void *message, gsize length, gpointer data)
{
  PlDiagUnixSocket *found = data;
  struct unix_diag_msg head;
  if (length < sizeof head)
    return FALSE;
  memcpy (&head, message, sizeof head);
  if (head.udiag_family != AF_UNIX)
    return FALSE;
  *found = (PlDiagUnixSocket){ .type = head.udiag_type, .kernel_state = head.udiag_state };
  for (gsize offset = NLMSG_ALIGN (sizeof head); length >= offset + sizeof (struct rtattr);)
    {
      const struct rtattr *attr = (const void *)((const guint8 *)message + offset);
      if (attr->rta_len < sizeof *attr || attr->rta_len > length - offset)
        break;
      found->has_name |= attr->rta_type == UNIX_DIAG_NAME;
      if (attr->rta_type == UNIX_DIAG_PEER && RTA_PAYLOAD (attr) >= sizeof (guint32))
        {
          guint32 inode;
          memcpy (&inode, RTA_DATA (attr), sizeof inode);
          found->has_peer = TRUE;
          found->peer_inode = inode;
        }
      offset += RTA_ALIGN (attr->rta_len);
    }
  return TRUE;
}

PlDiagResult
pl_sock_diag_lookup_unix (PlSockDiag *diag, guint64 inode, PlDiagUnixSocket *found)
{
  struct
  {
    struct nlmsghdr header;
    struct unix_diag_req body;
  } request = {
    .body = {
      .sdiag_family = AF_UNIX,
      .udiag_states = PL_DIAG_ALL_STATES,
      .udiag_ino = (guint32)inode,
      .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER,
      .udiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
    },
  };
  if (!diag_send (diag, &request.header, sizeof request, 0))
    return PL_DIAG_FAILED;
  return lookup_answer (diag, 0, parse_unix, found);
}

typedef struct
{
  guint8 proto;
  PlDiagFunc func;
  gpointer data;
  gboolean is_stopped;
} DumpTarget;

/* One datagram of a dump; TRUE when it was the last. */
static gboolean
dump_datagram (PlSockDiag *diag, gsize left, DumpTarget *target, int *code)
{
  for (struct nlmsghdr *header = (void *)diag->buffer; NLMSG_OK (header, left); header = NLMSG_NEXT (header, left))
    {
      PlDiagSocket found;
      if (header->nlmsg_seq != diag->seq)
        continue;
      /* Both carry an error number first; a dump that could not begin ends with NLMSG_DONE and one. */
      if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
        {
          *code = error_of_message (header);
          return TRUE;
        }
      if (target->is_stopped || header->nlmsg_type != SOCK_DIAG_BY_FAMILY
          || !pl_sock_diag_parse (target->proto == IPPROTO_RAW ? 0 : target->proto, NLMSG_DATA (header),
                                  NLMSG_PAYLOAD (header, 0), &found))
        continue;
      if (target->proto == IPPROTO_RAW)
        settle_raw (&found);
      target->is_stopped = !target->func (&found, target->data);
    }
  return FALSE;
}

PlDiagResult
pl_sock_diag_dump (PlSockDiag *diag,
                   guint8 proto,
                   int family,
                   guint32 states,
                   guint16 local_port,
                   PlDiagFunc func,
                   gpointer data,
                   GError **error)
{
  DiagRequest request = {
    .body = {
      .sdiag_family = family,
      .sdiag_protocol = proto,
      .idiag_ext = 1 << (DIAG_ATTR_INFO - 1),
      .idiag_states = states,
      .id = { .idiag_sport = g_htons (local_port), .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } },
    },
  };
  DumpTarget target = { .proto = proto, .func = func, .data = data };
  int code = 0;

  if (!diag_send (diag, &request.header, sizeof request, NLM_F_DUMP))
    code = errno;
  else
    for (gboolean is_last = FALSE; !is_last;)
      {
        gsize n = diag_receive (diag);
        if (n == 0)
          {
            code = ETIMEDOUT;
            break;
          }
        is_last = dump_datagram (diag, n, &target, &code);
      }

  if (code == 0)
    return PL_DIAG_FOUND;
  if (code == ENOENT || code == EINVAL || code == EOPNOTSUPP)
    return PL_DIAG_UNSUPPORTED;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
               _ ("Reading the kernel's sockets failed (%s). It is tried again every second."), g_strerror (code));
  return PL_DIAG_FAILED;
}
