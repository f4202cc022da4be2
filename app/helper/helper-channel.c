/* Descriptor 0 of portlight-helper: what it is, when it has ended, and the messages on it. Never waits: what the other
 * side has no room for is dropped. */
#include "helper.h"

static bool
is_seqpacket (int fd, int *type)
{
  socklen_t length = sizeof *type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, type, &length) == 0 && *type == SOCK_SEQPACKET;
}

/* It is not to block from then on: another process may hold this end too, and be faster to read what poll() saw. */
enum pl_input
pl_channel_input (void)
{
  struct stat status;
  int type = 0;
  bool is_channel = is_seqpacket (STDIN_FILENO, &type);

  if (type == 0 && (fstat (STDIN_FILENO, &status) != 0 || !S_ISFIFO (status.st_mode)))
    return isatty (STDIN_FILENO) ? PL_INPUT_HANGUP : PL_INPUT_NONE;
  fcntl (STDIN_FILENO, F_SETFL, fcntl (STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  return is_channel ? PL_INPUT_CHANNEL : PL_INPUT_STREAM;
}

/* The socket for the owner child, if the app has sent one before we started; else -1. */
int
pl_channel_take_owners (void)
{
  struct pl_helper_header header = { 0 };
  struct iovec bytes = { &header, sizeof header };
  _Alignas(struct cmsghdr) char control[CMSG_SPACE (sizeof (int))];
  struct msghdr message = {
    .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };
  int fd = -1, type;

  if (recvmsg (STDIN_FILENO, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != sizeof header
      || header.version != PL_HELPER_PROTOCOL || header.type != PL_HELPER_OWNERS || header.length != 0)
    return -1;
  struct cmsghdr *rights = CMSG_FIRSTHDR (&message);
  if (rights == NULL || rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN (sizeof fd))
    return -1;
  memcpy (&fd, CMSG_DATA (rights), sizeof fd);
  return is_seqpacket (fd, &type) ? fd : -1;
}

/* Nothing else is asked of it: a message is read so that an end behind it is seen, and dropped. One without a byte is not
 * the end. */
bool
pl_channel_ended (short revents)
{
  uint8_t dropped[512];
  bool is_hung_up = (revents & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL)) != 0;

  if ((revents & POLLIN) == 0)
    return is_hung_up;
  ssize_t n_bytes = read (STDIN_FILENO, dropped, sizeof dropped);
  return (n_bytes == 0 && is_hung_up) || (n_bytes < 0 && errno != EAGAIN && errno != EINTR);
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
