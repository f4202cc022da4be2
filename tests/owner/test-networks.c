/* Sockets of other network namespaces, from real ones: a process in each, with an address and sockets of its own. Two of them may have
 * one address; then nobody is named. Needs root. */
#include <arpa/inet.h>
#include <glib.h>
#include <linux/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "networks.h"

#define TCP_PORT 7001
#define UDP_PORT 7002
#define TWIN_PORT 7003 /* a socket for each family, as of many servers */

typedef struct
{
  pid_t pid;
  guint64 listener, server, datagrams, twin; /* inodes */
  guint16 client_port;
} Elsewhere;

static int test_pid; /* set once, before there are children */

/* Nobody else's on this machine, most likely: other tests make namespaces too. */
static const char *
an_address (void)
{
  static char text[16];
  g_snprintf (text, sizeof text, "10.%d.%d.2", test_pid >> 8 & 255, test_pid & 255);
  return text;
}

static guint64
inode_of (int fd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd), *link = g_file_read_link (path, NULL);
  return g_ascii_strtoull (link + strlen ("socket:["), NULL, 10);
}

/* A second address of its loopback device: the first is everybody's. */
static void
set_address (const char *name, const char *address)
{
  struct ifreq request = { 0 };
  struct sockaddr_in *at = (struct sockaddr_in *)(void *)&request.ifr_addr;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  at->sin_family = AF_INET;
  inet_pton (AF_INET, address, &at->sin_addr);
  g_assert_cmpint (ioctl (fd, SIOCSIFADDR, &request), ==, 0);
  request.ifr_flags = IFF_UP;
  g_assert_cmpint (ioctl (fd, SIOCSIFFLAGS, &request), ==, 0);
  close (fd);
}

static int
bind_to (int type, const char *address, guint16 port)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  inet_pton (AF_INET, address, &at.sin_addr);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&at, sizeof at), ==, 0);
  return fd;
}

/* Takes IPv6 alone. */
static int
bind_v6 (int type, guint16 port)
{
  struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons (port) };
  int fd = socket (AF_INET6, type | SOCK_CLOEXEC, 0), yes = 1;
  g_assert_cmpint (setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes), ==, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&at, sizeof at), ==, 0);
  return fd;
}

static void
live_elsewhere (const char *address, int to_parent)
{
  Elsewhere self = { .pid = getpid () };
  struct sockaddr_in at;
  socklen_t length = sizeof at;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  set_address ("lo", "127.0.0.1");
  set_address ("lo:1", address);
  int listener = bind_to (SOCK_STREAM, "0.0.0.0", TCP_PORT), client = bind_to (SOCK_STREAM, address, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons (TCP_PORT) };
  inet_pton (AF_INET, address, &at.sin_addr);
  g_assert_cmpint (connect (client, (struct sockaddr *)&at, sizeof at), ==, 0);
  int server = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (getsockname (client, (struct sockaddr *)&at, &length), ==, 0);
  self.client_port = ntohs (at.sin_port);
  self.listener = inode_of (listener);
  self.server = inode_of (server);
  self.datagrams = inode_of (bind_to (SOCK_DGRAM, address, UDP_PORT));
  self.twin = inode_of (bind_to (SOCK_DGRAM, "0.0.0.0", TWIN_PORT));
  bind_v6 (SOCK_DGRAM, TWIN_PORT);
  g_assert_cmpint (write (to_parent, &self, sizeof self), ==, sizeof self);
  for (;;)
    pause ();
}

/* A process in a network namespace of its own that has @address; pid 0 where that is not allowed. */
static Elsewhere
start_elsewhere (const char *address)
{
  Elsewhere there = { 0 };
  int fds[2];
  g_assert_cmpint (pipe (fds), ==, 0);
  pid_t pid = fork ();
  if (pid == 0)
    {
      close (fds[0]);
      if (unshare (CLONE_NEWNET) == 0)
        live_elsewhere (address, fds[1]);
      _exit (0);
    }
  close (fds[1]);
  if (read (fds[0], &there, sizeof there) != sizeof there)
    {
      waitpid (pid, NULL, 0);
      there.pid = 0;
    }
  close (fds[0]);
  return there;
}

static void
end_elsewhere (const Elsewhere *there)
{
  kill (there->pid, SIGKILL);
  waitpid (there->pid, NULL, 0);
}

static PlAddr
addr (const char *text)
{
  guint8 bytes[4];
  inet_pton (AF_INET, text, bytes);
  return pl_addr_from_v4 (bytes);
}

/* What takes time is rationed, and a busy machine takes long for it: each question has the whole ration. */
static guint64
find_at (const PlFlowKey *key, int end, gboolean *is_listener)
{
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  PlNetworks *networks = pl_networks_new (procfs, "/proc");
  PlSocket found = { 0 };
  guint64 inode = pl_networks_find (networks, key, end, G_MAXINT64, &found, is_listener) ? found.inode : 0;
  pl_networks_free (networks);
  return inode;
}

/* The inode of who takes what comes to @port of @address; 0 for none. */
static guint64
find (guint8 proto, const char *address, guint16 port, gboolean *is_listener)
{
  PlFlowKey key;
  PlAddr here = addr (address), there = addr ("10.99.0.254");
  int end = pl_flow_key_from_ends (proto, PL_KIND_PORTS, &here, port, &there, 1, 0, &key);
  return find_at (&key, end, is_listener);
}

/* The connection of @client_port, where both ends have one address. */
static guint64
find_server (const char *address, guint16 client_port, gboolean *is_listener)
{
  PlFlowKey key;
  PlAddr both = addr (address);
  int end = pl_flow_key_from_ends (PL_PROTO_TCP, PL_KIND_PORTS, &both, TCP_PORT, &both, client_port, 0, &key);
  return find_at (&key, end, is_listener);
}

static void
test_find (void)
{
  Elsewhere there = start_elsewhere (an_address ());
  gboolean is_listener = FALSE;
  if (there.pid == 0)
    {
      g_test_skip ("needs root, for network namespaces");
      return;
    }
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  PlNetworks *networks = pl_networks_new (procfs, "/proc");
  PlAddr its = addr (an_address ()), nobodys = addr ("10.99.0.255"), loopback = addr ("127.0.0.1");
  g_assert_true (pl_networks_have (networks, &its));
  g_assert_false (pl_networks_have (networks, &nobodys));
  g_assert_false (pl_networks_have (networks, &loopback)); /* every namespace has that one */

  g_assert_cmpuint (find_server (an_address (), there.client_port, &is_listener), ==, there.server);
  g_assert_false (is_listener);
  g_assert_cmpuint (find (PL_PROTO_TCP, an_address (), TCP_PORT, &is_listener), ==, there.listener);
  g_assert_true (is_listener);
  g_assert_cmpuint (find (PL_PROTO_UDP, an_address (), UDP_PORT, &is_listener), ==, there.datagrams);
  g_assert_false (is_listener);
  g_assert_cmpuint (find (PL_PROTO_UDP, an_address (), TWIN_PORT, &is_listener), ==, there.twin);
  g_assert_cmpuint (find (PL_PROTO_TCP, an_address (), UDP_PORT, &is_listener), ==, 0);
  g_assert_cmpuint (find (PL_PROTO_SCTP, an_address (), TCP_PORT, &is_listener), ==, 0);
  pl_networks_free (networks);
  end_elsewhere (&there);
}

/* A list that was read answers for whoever sent before that, though all have ended, and for nobody later. */
static void
test_list_is_kept (void)
{
  PlFlowKey key;
  PlAddr here = addr (an_address ()), there = addr ("10.99.0.254");
  int end = pl_flow_key_from_ends (PL_PROTO_UDP, PL_KIND_PORTS, &here, UDP_PORT, &there, 1, 0, &key);
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  gint64 begun_us;
  do /* which namespaces there are is found out again after two seconds */
    {
      Elsewhere elsewhere = start_elsewhere (an_address ());
      PlSocket first = { 0 }, kept = { 0 }, late = { 0 };
      gboolean is_listener;
      if (elsewhere.pid == 0)
        {
          g_test_skip ("needs root, for network namespaces");
          return;
        }
      PlNetworks *networks = pl_networks_new (procfs, "/proc");
      begun_us = g_get_monotonic_time ();
      g_assert_true (pl_networks_find (networks, &key, end, begun_us, &first, &is_listener));
      end_elsewhere (&elsewhere);
      gboolean is_kept = pl_networks_find (networks, &key, end, begun_us, &kept, &is_listener);
      g_assert_false (pl_networks_find (networks, &key, end, g_get_monotonic_time (), &late, &is_listener));
      pl_networks_free (networks);
      if (g_get_monotonic_time () - begun_us < G_USEC_PER_SEC)
        {
          g_assert_true (is_kept);
          g_assert_cmpuint (kept.inode, ==, elsewhere.datagrams);
        }
    }
  while (g_get_monotonic_time () - begun_us >= G_USEC_PER_SEC);
}

/* Two containers with one address: whichever was named could be the wrong one. */
static void
test_twice (void)
{
  Elsewhere first = start_elsewhere (an_address ()), second = start_elsewhere (an_address ());
  gboolean is_listener;
  if (first.pid == 0 || second.pid == 0)
    {
      g_test_skip ("needs root, for network namespaces");
      return;
    }
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  PlNetworks *networks = pl_networks_new (procfs, "/proc");
  PlAddr its = addr (an_address ());
  g_assert_false (pl_networks_have (networks, &its));
  g_assert_cmpuint (find_server (an_address (), first.client_port, &is_listener), ==, 0);
  end_elsewhere (&second);
  pl_networks_free (networks);
  /* Nothing of ours keeps the one alive that is gone. */
  g_assert_cmpuint (find_server (an_address (), first.client_port, &is_listener), ==, first.server);
  end_elsewhere (&first);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_pid = getpid ();
  g_test_add_func ("/networks/find", test_find);
  g_test_add_func ("/networks/list-is-kept", test_list_is_kept);
  g_test_add_func ("/networks/twice", test_twice);
  return g_test_run ();
}
