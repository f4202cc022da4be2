/* Descriptor 0 of portlight-helper: what it is, its end, the messages on it. Never waits: what there is no room for is dropped. */
#include "helper.h"

static int
get_socket_type (int fd) /* 0: it is none */
{
  int type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){ sizeof type }) == 0 ? type : 0;
}

/* It is not to block from then on: another process may hold this end too, and be faster to read what poll() saw. */
enum pl_input
pl_channel_input (void)
{
  struct stat status;
  int type = get_socket_type (STDIN_FILENO);

  if (type == 0 && (fstat (STDIN_FILENO, &status) != 0 || !S_ISFIFO (status.st_mode)))
    return isatty (STDIN_FILENO) ? PL_INPUT_HANGUP : PL_INPUT_NONE;
  fcntl (STDIN_FILENO, F_SETFL, fcntl (STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  return type == SOCK_SEQPACKET ? PL_INPUT_CHANNEL : PL_INPUT_STREAM;
}

/* One message, and the descriptor that came with it (there is room for one), else -1; or what is in a pipe. As recvmsg(2). */
ssize_t
pl_channel_receive (struct pl_request *request, int *fd)
{
  struct iovec bytes = { request, sizeof *request };
  _Alignas(struct cmsghdr) char control[CMSG_SPACE (sizeof (int))];
  struct msghdr message = {
    .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_LEN (sizeof *fd)
  };
  ssize_t n_bytes = recvmsg (STDIN_FILENO, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n_bytes < 0 && errno == ENOTSOCK)
    n_bytes = read (STDIN_FILENO, request, sizeof *request);
  struct cmsghdr *rights = n_bytes >= 0 ? CMSG_FIRSTHDR (&message) : NULL;
  *fd = -1;
  int kind = rights != NULL && rights->cmsg_len == CMSG_LEN (sizeof *fd) ? rights->cmsg_type : 0;
  if (kind == SCM_RIGHTS || kind == 4) /* SCM_PIDFD, which whoever made the socket may have asked for: not to be kept */
    memcpy (fd, CMSG_DATA (rights), sizeof *fd);
  if (n_bytes < (ssize_t)sizeof request->header || request->header.version != PL_HELPER_PROTOCOL
      || request->header.length != n_bytes - sizeof request->header || (message.msg_flags & MSG_TRUNC) != 0)
    request->header.type = 0; /* no message that is known */
  return n_bytes;
}

/* The socket for the owner child, if the app has sent one before we started; else -1. */
int
pl_channel_take_owners (void)
{
  struct pl_request request = { 0 };
  int fd;

  pl_channel_receive (&request, &fd);
  return request.header.type == PL_HELPER_OWNERS && get_socket_type (fd) == SOCK_SEQPACKET ? fd : -1;
}

bool
pl_channel_send (uint16_t type, const void *body, size_t body_bytes)
{
  struct pl_helper_header header = { .version = PL_HELPER_PROTOCOL, .type = type, .length = body_bytes };
  uint8_t record[PL_HELPER_MESSAGE_BYTES];

  if (body_bytes > sizeof record - sizeof header)
    return false;
  memcpy (record, &header, sizeof header);
  if (body_bytes > 0)
    memcpy (record + sizeof header, body, body_bytes);
  return sendto (STDIN_FILENO, record, sizeof header + body_bytes, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0) >= 0;
}
