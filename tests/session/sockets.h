/* Sockets of this machine itself, their flows and their packets, for the tests of live sessions. Header only. */
#pragma once
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#include "loop.h"

#define PATIENCE_MS 20000 /* for what takes a second at most where nothing else runs */

static inline int
make_socket (int type, guint16 *port)
{
  struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof addr;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_no_errno (bind (fd, (struct sockaddr *)&addr, sizeof addr));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *)&addr, &length));
  *port = ntohs (addr.sin_port);
  return fd;
}

static inline void
connect_to (int fd, guint16 port)
{
  struct sockaddr_in addr = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
                              .sin_port = htons (port) };

  g_assert_no_errno (connect (fd, (struct sockaddr *)&addr, sizeof addr));
}

static inline gboolean
is_from (const PlModelFlow *flow, guint port)
{
  return !pl_model_flow_is_listener (flow) && flow->flow.key.port[flow->local_end] == port && !flow->is_gone;
}

static inline gboolean
is_counted_from (const PlModelFlow *flow, guint port)
{
  return is_from (flow, port) && (flow->sources & PL_SEEN_PACKETS) != 0;
}

/* Both ways to the loopback interface's packets: libpcap here, or the helper. FALSE where it is skipped. */
static inline gboolean
open_loopback (PlSession *session, PlOpenKind kind)
{
  PlOpen open = { .kind = kind, .name = "lo", .fd = -1, .filter = "tcp or udp" };

  if (getuid () != 0)
    {
      g_test_skip ("capturing needs root");
      return FALSE;
    }
  g_assert_true (pl_session_open (session, &open, NULL));
  if (!run_until (session, PATIENCE_MS, is_running, NULL))
    {
      g_test_message ("lo: %s",
                      pl_session_get_error (session) != NULL ? pl_session_get_error (session)->message : "not running");
      g_assert_not_reached ();
    }
  return TRUE;
}
