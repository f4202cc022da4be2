/* Sockets of other network namespaces, from real ones: a process in each, with an address and sockets of its own. Two of them may have
 * one address; then nobody is named. As read by ourselves, or (PL_TEST_BY_HELPER) by the real helper. Needs root. */
#include <arpa/inet.h>
#include <glib.h>
#include <linux/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "networks.h"
#ifdef PL_TEST_BY_HELPER
#include "helper-run.h"
#endif

#define TCP_PORT 7001
#define UDP_PORT 7002
#define TWIN_PORT 7003 /* a socket for each family, as of many servers */
#define MANY 5000 /* sockets: more than the helper reads of a list */

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

#ifdef PL_TEST_BY_HELPER
static PlHelperLink *
get_link (void)
{
  static PlHelperLink *link;
  static Run run;
  RunOptions options = { .with_owners = TRUE, .without_tracepoints = TRUE };
  if (link == NULL)
    {
      run_start (&run, &options, "-i", "lo", NULL);
      link = pl_helper_link_new (run.owners);
      pl_helper_link_set_senders (link, pl_senders_new ());
    }
  for (int i = 0; i < 500 && (!pl_helper_link_is_ready (link) || pl_helper_link_is_slow (link)); i++, g_usleep (10000))
    pl_helper_link_read (link);
  g_assert_true (pl_helper_link_is_ready (link));
  return link;
}
#endif

static PlNetworks *
new_networks (PlProcfs *procfs)
{
#ifdef PL_TEST_BY_HELPER
  PlNetworks *networks = pl_networks_new (procfs, NULL);
  PlAddr its = pl_addr_from_v4 ((const guint8[4]){ 10, 99, 0, 254 });
  g_assert_false (pl_networks_have (networks, &its)); /* nobody reads */
  pl_networks_use_helper (networks, get_link ());
  return networks;
#else
  return pl_networks_new (procfs, "/proc");
#endif
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

/* So many sockets, until the parent writes. */
static void
open_many (int from_parent)
{
  struct rlimit limit = { MANY + 100, MANY + 100 };
  char byte;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  for (guint i = 0; i < MANY; i++)
    bind_to (SOCK_DGRAM, "127.0.0.1", (guint16)(10000 + i));
  g_assert_cmpint (read (from_parent, &byte, 1), ==, 1);
  for (int fd = 3; fd < MANY + 100; fd++)
    {
      struct sockaddr_in at = { 0 };
      socklen_t length = sizeof at;
      if (getsockname (fd, (struct sockaddr *)&at, &length) == 0 && at.sin_addr.s_addr == htonl (INADDR_LOOPBACK))
        close (fd);
    }
}

/* @crowd: two descriptors, to be told by and to tell by, for one that has very many sockets first; NULL for none. */
static void
live_elsewhere (const char *address, int to_parent, const int *crowd)
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
  if (crowd != NULL)
    {
      open_many (crowd[0]);
      g_assert_cmpint (write (crowd[1], "x", 1), ==, 1);
    }
  for (;;)
    pause ();
}

/* A process in a network namespace of its own that has @address; pid 0 where that is not allowed. */
static Elsewhere
start_elsewhere (const char *address, const int *crowd)
{
  Elsewhere there = { 0 };
  int fds[2];
  g_assert_cmpint (pipe (fds), ==, 0);
  pid_t pid = fork ();
  if (pid == 0)
    {
      close (fds[0]);
      if (unshare (CLONE_NEWNET) == 0)
        live_elsewhere (address, fds[1], crowd);
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
  PlNetworks *networks = new_networks (procfs);
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
  Elsewhere there = start_elsewhere (an_address (), NULL);
  gboolean is_listener = FALSE;
  if (there.pid == 0)
    {
      g_test_skip ("needs root, for network namespaces");
      return;
    }
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  PlNetworks *networks = new_networks (procfs);
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

/* Who has more sockets than the helper reads is not named by it, nor waited for; and is, once it has fewer. */
static void
test_many (void)
{
  int to_child[2], from_child[2];
  gboolean is_listener;
  char byte;
  g_assert_cmpint (pipe (to_child), ==, 0);
  g_assert_cmpint (pipe (from_child), ==, 0);
  Elsewhere there = start_elsewhere (an_address (), (const int[]){ to_child[0], from_child[1] });
  if (there.pid == 0)
    {
      g_test_skip ("needs root, for network namespaces");
      return;
    }
#ifdef PL_TEST_BY_HELPER
  for (guint n_found = 1; n_found > 0; g_usleep (10000)) /* until it has so many */
    n_found = find (PL_PROTO_UDP, an_address (), UDP_PORT, &is_listener) != 0;
#endif
  g_assert_cmpuint (find (PL_PROTO_TCP, an_address (), TCP_PORT, &is_listener), ==, there.listener);
  g_assert_cmpint (write (to_child[1], "x", 1), ==, 1);
  g_assert_cmpint (read (from_child[0], &byte, 1), ==, 1);
  g_assert_cmpuint (find (PL_PROTO_UDP, an_address (), UDP_PORT, &is_listener), ==, there.datagrams);
  end_elsewhere (&there);
  g_assert_cmpuint (find (PL_PROTO_UDP, an_address (), UDP_PORT, &is_listener), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      close (to_child[i]);
      close (from_child[i]);
    }
}

#ifndef PL_TEST_BY_HELPER
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
      Elsewhere elsewhere = start_elsewhere (an_address (), NULL);
      PlSocket first = { 0 }, kept = { 0 }, late = { 0 };
      gboolean is_listener;
      if (elsewhere.pid == 0)
        {
          g_test_skip ("needs root, for network namespaces");
          return;
        }
      PlNetworks *networks = new_networks (procfs);
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
#endif

/* Two containers with one address: whichever was named could be the wrong one. */
static void
test_twice (void)
{
  Elsewhere first = start_elsewhere (an_address (), NULL), second = start_elsewhere (an_address (), NULL);
  gboolean is_listener;
  if (first.pid == 0 || second.pid == 0)
    {
      g_test_skip ("needs root, for network namespaces");
      return;
    }
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  PlNetworks *networks = new_networks (procfs);
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
  g_test_add_func ("/networks/many", test_many);
#ifndef PL_TEST_BY_HELPER
  g_test_add_func ("/networks/list-is-kept", test_list_is_kept);
#endif
  g_test_add_func ("/networks/twice", test_twice);
  return g_test_run ();
}
