/* Descriptor 0 of portlight-helper: what it is, when it has ended, and the messages on it. Never waits: what the other
 * side has no room for is dropped. */
#include "helper.h"
#include "protocol.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum pl_input
pl_channel_input (void)
{
  struct stat status;
  int type = 0;
  socklen_t length = sizeof type;

  if (getsockopt (STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &length) == 0)
    return type == SOCK_SEQPACKET ? PL_INPUT_CHANNEL : PL_INPUT_STREAM;
  if (fstat (STDIN_FILENO, &status) == 0 && S_ISFIFO (status.st_mode))
    return PL_INPUT_STREAM;
  return isatty (STDIN_FILENO) ? PL_INPUT_HANGUP : PL_INPUT_NONE;
}

/* Another process may hold this end too and be faster than us: a read must not wait for what poll() saw. */
void
pl_channel_set_nonblocking (void)
{
  int flags = fcntl (STDIN_FILENO, F_GETFL);

  if (flags < 0 || fcntl (STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot watch standard input: %s", strerror (errno));
}

/* Nothing is asked of the helper yet: a message is read so that an end behind it is seen, and dropped. */
bool
pl_channel_ended (short revents)
{
  uint8_t dropped[512];

  if ((revents & POLLIN) == 0)
    return (revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
  ssize_t n_bytes = read (STDIN_FILENO, dropped, sizeof dropped);
  return n_bytes == 0 || (n_bytes < 0 && errno != EAGAIN && errno != EINTR);
}

bool
pl_channel_send (uint16_t type, const void *body, size_t body_bytes)
{
  struct pl_helper_header header = { .version = PL_HELPER_PROTOCOL, .type = type, .length = body_bytes };
  uint8_t record[sizeof header + sizeof (struct pl_helper_text)];

  _Static_assert(sizeof (struct pl_helper_first) <= sizeof (struct pl_helper_text), "the longest body");
  if (body_bytes > sizeof record - sizeof header)
    return false;
  memcpy (record, &header, sizeof header);
  if (body_bytes > 0)
    memcpy (record + sizeof header, body, body_bytes);
  return sendto (STDIN_FILENO, record, sizeof header + body_bytes, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0) >= 0;
}
