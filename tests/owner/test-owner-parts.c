/* The owner room's parts one by one: messages of the kernel's as they may come, histograms, the question ring, made-up
 * trees for everything that reads files. */
#include "fake-proc.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "cgroups.h"
#include "desktop-index.h"
#include "flow.h"
#include "holders.h"
#include "keepers.h"
#include "latency.h"
#include "bounds.h"
#include "newest.h"
#include "port-graves.h"
#include "port-memory.h"
#include "proc-net.h"
#include "processes.h"
#include "question-ring.h"
#include "scan.h"
#include "sock-diag.h"
#include "sockets-source.h"

typedef struct
{
  char *dir, *proc;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = g_dir_make_tmp ("portlight-parts-XXXXXX", NULL);
  fixture->proc = g_build_filename (fixture->dir, "proc", NULL);
  g_assert_cmpint (g_mkdir (fixture->proc, 0700), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_tree (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->proc);
}

/* ---- sock-diag: messages ---- */

static gsize
add_attribute (guint8 *message, gsize at, guint16 type, const void *bytes, gsize length)
{
  struct rtattr head = { .rta_len = (unsigned short)RTA_LENGTH (length), .rta_type = type };
  memcpy (message + at, &head, sizeof head);
  memcpy (message + at + RTA_LENGTH (0), bytes, length);
  return at + RTA_ALIGN (head.rta_len);
}

static gsize
make_message (guint8 *message, gsize info_bytes)
{
  struct inet_diag_msg head = {
    .idiag_family = AF_INET6, .idiag_state = PL_DIAG_ESTABLISHED, .idiag_uid = 1000, .idiag_inode = 77
  };
  struct tcp_info info = { .tcpi_rtt = 1500, .tcpi_total_retrans = 3 };
  guint64 cgroup = 4711;
  head.id.idiag_sport = htons (50000);
  head.id.idiag_dport = htons (443);
  head.id.idiag_cookie[0] = 5;
  head.id.idiag_cookie[1] = 1;
  inet_pton (AF_INET6, "::ffff:10.0.0.1", head.id.idiag_src);
  inet_pton (AF_INET6, "::ffff:10.0.0.2", head.id.idiag_dst);
  info.tcpi_min_rtt = 900;
  info.tcpi_bytes_acked = 1001;
  info.tcpi_bytes_received = 2000;
  info.tcpi_bytes_sent = 1100;
  info.tcpi_bytes_retrans = 100;
  memcpy (message, &head, sizeof head);
  gsize length = add_attribute (message, NLMSG_ALIGN (sizeof head), 2, &info, info_bytes);
  return add_attribute (message, length, 21, &cgroup, sizeof cgroup);
}

static void
test_diag_message (void)
{
  guint8 message[1024];
  PlDiagSocket found;
  gsize length = make_message (message, sizeof (struct tcp_info));
  g_assert_true (pl_sock_diag_parse (PL_PROTO_TCP, message, length, &found));
  g_assert_true (pl_addr_is_v4 (&found.socket.local));
  g_assert_cmpuint (found.socket.local_port, ==, 50000);
  g_assert_cmpuint (found.socket.remote_port, ==, 443);
  g_assert_cmpuint (found.socket.uid, ==, 1000);
  g_assert_cmpuint (found.socket.inode, ==, 77);
  g_assert_cmpuint (found.socket.cookie, ==, 0x100000005u);
  g_assert_cmpuint (found.socket.cgroup_id, ==, 4711);
  g_assert_cmpuint (found.socket.rtt_us, ==, 1500);
  g_assert_cmpuint (found.socket.min_rtt_us, ==, 900);
  g_assert_cmpuint (found.socket.n_retransmits, ==, 3);
  g_assert_cmpuint (found.socket.payload_sent, ==, 1000);
  g_assert_cmpuint (found.socket.payload_received, ==, 2000);
  g_assert_cmpuint (found.socket.state, ==, PL_STATE_ESTABLISHED);
}

/* Older kernels give fewer bytes of tcp_info: what they do not give is unknown, never 0. */
static void
test_diag_old_kernel (void)
{
  guint8 message[1024];
  PlDiagSocket found;
  for (gsize bytes = 0; bytes <= sizeof (struct tcp_info); bytes++)
    {
      gsize length = make_message (message, bytes);
      g_assert_true (pl_sock_diag_parse (PL_PROTO_TCP, message, length, &found));
      gboolean has_rtt = bytes >= offsetof (struct tcp_info, tcpi_rtt) + 4;
      gboolean has_received = bytes >= offsetof (struct tcp_info, tcpi_bytes_received) + 8;
      gboolean has_acked = bytes >= offsetof (struct tcp_info, tcpi_bytes_acked) + 8;
      gboolean has_sent = bytes >= offsetof (struct tcp_info, tcpi_bytes_retrans) + 8;
      g_assert_cmpuint (found.socket.rtt_us, ==, has_rtt ? 1500 : PL_UNKNOWN_U32);
      g_assert_cmpuint (found.socket.payload_received, ==, has_received ? 2000 : PL_UNKNOWN_U64);
      g_assert_cmpuint (found.socket.payload_sent, ==, has_sent ? 1000 : has_acked ? 1001 : PL_UNKNOWN_U64);
      g_assert_cmpuint (found.socket.cgroup_id, ==, 4711);
    }
}

/* Cut anywhere, and with lengths that lie. Each copy ends at its allocation's end, so that the sanitizer sees a read past it. */
static void
test_diag_hostile (void)
{
  guint8 message[1024];
  PlDiagSocket found;
  gsize length = make_message (message, sizeof (struct tcp_info));
  for (gsize cut = 0; cut <= length; cut++)
    {
      g_autofree guint8 *copy = g_memdup2 (message, MAX (cut, 1));
      g_assert_cmpint (pl_sock_diag_parse (PL_PROTO_TCP, copy, cut, &found), ==, cut >= sizeof (struct inet_diag_msg));
    }
  for (guint lie = 0; lie < 65536; lie += 37)
    {
      g_autofree guint8 *copy = g_memdup2 (message, length);
      guint16 value = (guint16)lie;
      memcpy (copy + NLMSG_ALIGN (sizeof (struct inet_diag_msg)), &value, sizeof value);
      pl_sock_diag_parse (PL_PROTO_TCP, copy, length, &found);
    }
  message[0] = AF_UNIX;
  g_assert_false (pl_sock_diag_parse (PL_PROTO_TCP, message, length, &found));
}

/* A minisock's uid and inode of 0 are "not known". */
static void
test_diag_minisock (void)
{
  struct inet_diag_msg head = { .idiag_family = AF_INET, .idiag_state = PL_DIAG_TIME_WAIT };
  PlDiagSocket found;
  g_assert_true (pl_sock_diag_parse (PL_PROTO_TCP, &head, sizeof head, &found));
  g_assert_cmpuint (found.socket.uid, ==, PL_UNKNOWN_U32);
  g_assert_cmpuint (found.socket.state, ==, PL_STATE_CLOSED);
  head.idiag_state = PL_DIAG_LISTEN;
  head.idiag_inode = 5;
  g_assert_true (pl_sock_diag_parse (PL_PROTO_TCP, &head, sizeof head, &found));
  g_assert_cmpuint (found.socket.uid, ==, 0);
  g_assert_cmpuint (found.socket.state, ==, PL_STATE_LISTEN);
}

static gboolean
count_socket (const PlDiagSocket *found, gpointer data)
{
  return ++*(guint *)data < 3;
}

/* A protocol that this kernel has no diagnostics for is an empty dump, not an error. */
static void
test_diag_dumps (void)
{
  static const guint8 protos[] = { 6, 17, 136, 132, 255, 33, 200 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PlSockDiag) diag = pl_sock_diag_new (&error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (protos); i++)
    {
      guint n = 0;
      PlDiagResult result =
          pl_sock_diag_dump (diag, protos[i], AF_INET, PL_DIAG_ALL_STATES, 0, count_socket, &n, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (n, <=, 3);
      g_assert_true (result == PL_DIAG_FOUND || result == PL_DIAG_UNSUPPORTED);
      g_assert_true (result == PL_DIAG_FOUND || protos[i] > 17);
    }
}

/* Of many devices the one that a socket is bound to; no answer is left over for the next question. */
static void
test_diag_bound (void)
{
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  PlAddr local = pl_addr_from_v4 ((const guint8[4]){ 127, 0, 0, 1 }), nobody = pl_addr_from_v4 ((const guint8[4]){ 0 });
  guint32 devices[PL_DIAG_DEVICES], loopback = if_nametoindex ("lo");
  g_autoptr (PlSockDiag) diag = pl_sock_diag_new (NULL);
  PlDiagSocket found = { 0 }, open = { 0 };
  int bound_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
      open_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_nonnull (diag);
  g_assert_cmpint (bind (open_fd, (struct sockaddr *)&own, sizeof own), ==, 0);
  g_assert_cmpint (getsockname (open_fd, (struct sockaddr *)&own, &(socklen_t){ sizeof own }), ==, 0);
  guint16 open_port = ntohs (own.sin_port);
  own.sin_port = 0;
  g_assert_cmpint (setsockopt (bound_fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), ==, 0);
  g_assert_cmpint (bind (bound_fd, (struct sockaddr *)&own, sizeof own), ==, 0);
  g_assert_cmpint (getsockname (bound_fd, (struct sockaddr *)&own, &(socklen_t){ sizeof own }), ==, 0);
  guint16 bound_port = ntohs (own.sin_port);
  for (guint n = 0; n <= PL_DIAG_DEVICES; n++)
    {
      for (guint i = 0; i < n; i++)
        devices[i] = i == n - 1 ? loopback : 1000000 + i;
      g_assert_false (
          pl_sock_diag_lookup_bound (diag, PL_PROTO_UDP, &local, open_port, &nobody, 0, devices, n, &found));
      gboolean is_found =
          pl_sock_diag_lookup_bound (diag, PL_PROTO_UDP, &local, bound_port, &nobody, 0, devices, n, &found);
      g_assert_cmpint (is_found, ==, n > 0);
      g_assert_cmpuint (found.socket.ifindex, ==, n > 0 ? loopback : 0);
      g_assert_cmpint (pl_sock_diag_lookup (diag, PL_PROTO_UDP, &local, open_port, &nobody, 0, 0, &open), ==,
                       PL_DIAG_FOUND);
      g_assert_cmpuint (open.socket.local_port, ==, open_port);
    }
  close (bound_fd);
  close (open_fd);
}

/* ---- latency ---- */

static void
test_latency (void)
{
  PlLatency latency = { 0 };
  g_assert_cmpuint (pl_latency_percentile (&latency, 50), ==, 0);
  for (gint64 us = 1; us <= 1000; us++)
    pl_latency_add (&latency, us);
  guint64 p50 = pl_latency_percentile (&latency, 50), p95 = pl_latency_percentile (&latency, 95);
  g_assert_cmpuint (p50, >=, 500);
  g_assert_cmpuint (p50, <=, 500 * 9 / 8 + 1);
  g_assert_cmpuint (p95, >=, 950);
  g_assert_cmpuint (p95, <=, 950 * 9 / 8 + 1);
  pl_latency_add (&latency, -5);
  pl_latency_add (&latency, G_MAXINT64);
  g_assert_cmpuint (pl_latency_percentile (&latency, 100), >, G_USEC_PER_SEC);
}

/* ---- question ring ---- */

#define RING_QUESTIONS 300000

static void *
push_questions (void *data)
{
  PlOwnerQuestion question = { 0 };
  for (guint64 i = 1; i <= RING_QUESTIONS;)
    {
      question.flow_id = i;
      if (pl_question_ring_push (data, &question))
        i++;
      else
        g_usleep (10);
    }
  return NULL;
}

/* Every question arrives once and in order, and no wake-up is lost. */
static void
test_ring (void)
{
  pthread_t asker;
  PlOwnerQuestion question;
  guint64 expected = 1, count;
  int fd = eventfd (0, EFD_CLOEXEC);
  PlQuestionRing *ring = pl_question_ring_new (fd);
  g_assert_cmpint (pthread_create (&asker, NULL, push_questions, ring), ==, 0);
  while (expected <= RING_QUESTIONS)
    {
      if (pl_question_ring_pop (ring, &question))
        g_assert_cmpuint (question.flow_id, ==, expected++);
      else if (pl_question_ring_prepare_sleep (ring))
        {
          g_assert_cmpint (read (fd, &count, sizeof count), ==,
                           sizeof count); /* blocks for ever if a wake-up is lost */
          pl_question_ring_awake (ring);
        }
    }
  pthread_join (asker, NULL);
  g_assert_cmpuint (pl_question_ring_get_waiting (ring), ==, 0);
  g_assert_cmpuint (pl_question_ring_get_asked (ring) - pl_question_ring_get_dropped (ring), ==, RING_QUESTIONS);
  pl_question_ring_free (ring);
  close (fd);
}

/* ---- cgroups: any tree will do, an id is its directory's inode ---- */

static guint64
inode_of (const char *path)
{
  struct stat info;
  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_ino;
}

static void
test_cgroups (Fixture *fixture, gconstpointer data)
{
  gint32 pids[8];
  write_file ("12\n34\n", -1, fixture->dir, "cg/user.slice/app.slice/cgroup.procs", NULL);
  write_file ("", -1, fixture->dir, "cg/system.slice/cgroup.procs", NULL);
  g_autofree char *root = g_build_filename (fixture->dir, "cg", NULL);
  g_autofree char *deep = g_build_filename (root, "user.slice/app.slice", NULL);
  PlCgroups *cgroups = pl_cgroups_new (root);
  g_assert_cmpstr (pl_cgroups_get_path (cgroups, inode_of (deep)), ==, "/user.slice/app.slice");
  g_assert_cmpstr (pl_cgroups_get_path (cgroups, inode_of (root)), ==, "/");
  g_assert_null (pl_cgroups_get_path (cgroups, 0));
  g_assert_null (pl_cgroups_get_path (cgroups, G_MAXUINT64));
  g_assert_cmpuint (pl_cgroups_get_pids (cgroups, "/user.slice/app.slice", pids, 8), ==, 2);
  g_assert_cmpint (pids[1], ==, 34);
  g_assert_cmpuint (pl_cgroups_get_pids (cgroups, "/system.slice", pids, 8), ==, 0);
  g_assert_cmpuint (pl_cgroups_get_pids (cgroups, "/gone", pids, 8), ==, 0);
  /* The id outlives the directory. */
  guint64 id = inode_of (deep);
  remove_tree (deep);
  g_assert_cmpstr (pl_cgroups_get_path (cgroups, id), ==, "/user.slice/app.slice");
  pl_cgroups_free (cgroups);
}

/* ---- /proc/net ---- */

static gboolean
collect_socket (const PlSocket *socket, gpointer data)
{
  g_array_append_val ((GArray *)data, *socket);
  return TRUE;
}

static void
test_proc_net (Fixture *fixture, gconstpointer data)
{
  static const char head[] = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
                             "timeout inode ref pointer drops\n";
  static const char icmp[] = "    7: 0100007F:0D05 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000       "
                             " 0 4242 2 0000000000000000 0\n"
                             "this is no line\n";
  static const char raw6[] = "   58: 00000000000000000000000000000000:003A 00000000000000000000000000000000:0000 07 "
                             "00000000:00000000 00:00000000 00000000     0        0 99 2 0000000000000000 0\n";
  g_autofree char *icmp_text = g_strconcat (head, icmp, NULL), *raw6_text = g_strconcat (head, raw6, NULL);
  g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (PlSocket));
  char text[PL_ADDR_STRLEN];
  write_file (icmp_text, -1, fixture->proc, "net/icmp", NULL);
  write_file (raw6_text, -1, fixture->proc, "net/raw6", NULL);
  pl_proc_net_foreach (fixture->proc, PL_PROC_NET_PING, collect_socket, sockets);
  g_assert_cmpuint (sockets->len, ==, 1);
  const PlSocket *ping = &g_array_index (sockets, PlSocket, 0);
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  g_assert_cmpstr (pl_addr_format (&ping->local, text), ==, "127.0.0.1");
#endif
  g_assert_cmpuint (ping->local_port, ==, 0x0d05);
  g_assert_cmpuint (ping->proto, ==, PL_PROTO_ICMP);
  g_assert_cmpuint (ping->uid, ==, 1000);
  g_assert_cmpuint (ping->inode, ==, 4242);
  g_array_set_size (sockets, 0);
  pl_proc_net_foreach (fixture->proc, PL_PROC_NET_RAW, collect_socket, sockets);
  g_assert_cmpuint (sockets->len, ==, 1);
  g_assert_cmpuint (g_array_index (sockets, PlSocket, 0).proto, ==, PL_PROTO_ICMPV6);
  g_assert_cmpuint (g_array_index (sockets, PlSocket, 0).local_port, ==, 0);
}

/* ---- newest processes ---- */

static void
make_plain (Fixture *fixture, gint32 pid, gint32 parent)
{
  make_process (fixture->proc, &(Made){ pid, parent, 0, "x", "/usr/bin/x", "x|", NULL });
}

static void
test_newest (Fixture *fixture, gconstpointer data)
{
  for (gint32 pid = 100; pid < 160; pid++)
    make_plain (fixture, pid, 1);
  make_plain (fixture, 30000, 1); /* from before the numbers began anew */
  write_file ("0.1 0.2 0.3 1/200 159\n", -1, fixture->proc, "loadavg", NULL);
  g_autoptr (PlProcfs) procfs = pl_procfs_new (fixture->proc);
  PlNewest *newest = pl_newest_new (procfs);
  pl_newest_refresh (newest);
  g_assert_cmpuint (pl_newest_get_n (newest), >=, PL_LIMIT_NEWEST_PIDS);
  g_assert_cmpint (pl_newest_get (newest, 0), ==, 159);
  g_assert_cmpint (pl_newest_get (newest, 1), ==, 158);
  make_plain (fixture, 170, 1);
  write_file ("0.1 0.2 0.3 1/200 171\n", -1, fixture->proc, "loadavg", NULL);
  pl_newest_refresh (newest);
  g_assert_cmpint (pl_newest_get (newest, 0), ==, 170);
  pl_newest_remove (newest, 0);
  g_assert_cmpint (pl_newest_get (newest, 0), ==, 159);
  /* The numbers begin anew. */
  make_plain (fixture, 90, 1);
  write_file ("0.1 0.2 0.3 1/200 95\n", -1, fixture->proc, "loadavg", NULL);
  pl_newest_refresh (newest);
  g_assert_cmpint (pl_newest_get (newest, 0), ==, 90);
  g_assert_cmpuint (pl_newest_get_n (newest), ==, 1);
  pl_newest_free (newest);
}

/* The kernel's own /proc, read from a pid on, lists what reading it whole does. */
static void
test_list_pids (void)
{
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (gint32)),
                     some = g_array_new (FALSE, FALSE, sizeof (gint32));
  gint32 own = getpid ();
  pl_procfs_list_pids (procfs, 1, own, all);
  pl_procfs_list_pids (procfs, own, own, some);
  g_assert_cmpuint (all->len, >=, 1);
  g_assert_cmpint (g_array_index (all, gint32, all->len - 1), ==, own);
  g_assert_cmpuint (some->len, ==, 1);
  g_assert_cmpint (g_array_index (some, gint32, 0), ==, own);
  g_assert_cmpint (pl_procfs_last_pid (procfs), >, 0);
}

/* ---- holders and scans ---- */

static PlScanResult *
scan_for (PlScan *scan, int fd, const guint64 *inodes, guint n)
{
  guint32 uid = getuid ();
  guint64 count;
  g_assert_true (pl_scan_start (scan, inodes, n, &uid, 1));
  g_assert_false (pl_scan_start (scan, inodes, n, &uid, 1));
  g_assert_cmpint (read (fd, &count, sizeof count), ==, sizeof count);
  PlScanResult *result = pl_scan_take (scan);
  g_assert_nonnull (result);
  return result;
}

static void
assert_holder (const PlScanResult *result, guint64 inode, gint32 pid, PlHeld held)
{
  const PlHolder *holder = pl_scan_result_find (result, inode);
  g_assert_nonnull (holder);
  g_assert_cmpint (holder->pid, ==, pid);
  g_assert_cmpint (holder->held, ==, held);
}

static void
test_scan (Fixture *fixture, gconstpointer data)
{
  int fd = eventfd (0, EFD_CLOEXEC);
  make_plain (fixture, 10, 1);
  make_plain (fixture, 20, 10); /* a worker of 10 */
  make_plain (fixture, 21, 10);
  make_plain (fixture, 30, 1); /* a stranger */
  make_process (fixture->proc, &(Made){ 1, 0, 0, "systemd", NULL, "init|", NULL });
  make_fd (fixture->proc, 10, 5, "socket:[100]");
  make_fd (fixture->proc, 10, 6, "socket:[101]");
  make_fd (fixture->proc, 10, 7, "socket:[101]"); /* dup(2) is no sharing */
  make_fd (fixture->proc, 10, 8, "/dev/null");
  make_fd (fixture->proc, 10, 9, "pipe:[100]");
  make_fd (fixture->proc, 20, 5, "socket:[100]");
  make_fd (fixture->proc, 21, 5, "socket:[100]");
  make_fd (fixture->proc, 21, 6, "socket:[102]");
  make_fd (fixture->proc, 30, 3, "socket:[102]");
  make_fd (fixture->proc, 1, 40, "socket:[103]");
  make_fd (fixture->proc, 30, 4, "socket:[103]");
  make_fd (fixture->proc, 1, 41, "socket:[104]");
  PlScan *scan = pl_scan_new (fixture->proc, fd);
  g_assert_null (pl_scan_take (scan));
  const guint64 wanted[] = { 102, 999 };
  g_autoptr (PlScanResult) result = scan_for (scan, fd, wanted, 2);
  assert_holder (result, 100, 10, PL_HELD_BY_FAMILY);
  assert_holder (result, 101, 10, PL_HELD_ALONE);
  assert_holder (result, 102, 21, PL_HELD_BY_STRANGERS);
  assert_holder (result, 103, 30, PL_HELD_ALONE); /* what the manager keeps for it */
  assert_holder (result, 104, 1, PL_HELD_ALONE);
  g_assert_true (pl_scan_result_find (result, 104)->is_manager);
  g_assert_null (pl_scan_result_find (result, 999));
  g_autoptr (PlScanResult) every = scan_for (scan, fd, NULL, 0);
  g_assert_cmpuint (every->holders->len, ==, 5);
  pl_scan_free (scan);
  close (fd);
}

static void
test_holders (Fixture *fixture, gconstpointer data)
{
  PlHolder holder = { .inode = 50, .pid = 20, .fd = 3 }, found;
  make_plain (fixture, 10, 1);
  make_plain (fixture, 20, 10);
  make_fd (fixture->proc, 20, 3, "socket:[50]");
  g_autoptr (PlProcfs) procfs = pl_procfs_new (fixture->proc);
  PlHolders *holders = pl_holders_new ();
  g_assert_false (pl_holders_get (holders, procfs, 50, &found));
  pl_holders_add (holders, &holder);
  g_assert_true (pl_holders_get (holders, procfs, 50, &found));
  g_assert_cmpint (found.pid, ==, 20);
  /* The descriptor is another socket now: what was remembered does not count. */
  g_autofree char *link = g_build_filename (fixture->proc, "20/fd/3", NULL);
  g_assert_cmpint (g_remove (link), ==, 0);
  make_fd (fixture->proc, 20, 3, "socket:[51]");
  g_assert_false (pl_holders_get (holders, procfs, 50, &found));
  gint64 now_us = g_get_monotonic_time ();
  pl_holders_add_nobody (holders, 60, now_us);
  g_assert_true (pl_holders_is_nobody (holders, 60, now_us));
  g_assert_false (pl_holders_is_nobody (holders, 60, now_us + PL_LIMIT_NOBODY_US + 1));
  g_assert_false (pl_holders_get (holders, procfs, 60, &found));
  /* The parent has it at the same place: it made it. */
  make_fd (fixture->proc, 10, 3, "socket:[51]");
  PlHolder child = { .inode = 51, .pid = 20, .fd = 3 };
  pl_holder_settle (&child, procfs, 0, FALSE);
  g_assert_cmpint (child.pid, ==, 10);
  g_assert_cmpint (child.held, ==, PL_HELD_BY_FAMILY);
  /* Full twice over: the cap holds, the newest are there. */
  for (guint64 inode = 1000; inode < 1000 + 2 * PL_LIMIT_INODES; inode++)
    pl_holders_add (holders, &(PlHolder){ .inode = inode, .pid = 20, .fd = 3 });
  PlHolder last = { .inode = 51, .pid = 20, .fd = 3 };
  pl_holders_add (holders, &last);
  g_assert_true (pl_holders_get (holders, procfs, 51, &found));
  pl_holders_free (holders);
}

static void
note_often (PlKeepers *keepers, PlProcfs *procfs, const PlHolder *holder, guint n, gboolean is_kept)
{
  for (guint i = 0; i < n; i++)
    pl_keepers_note (keepers, procfs, holder, is_kept);
}

static void
test_keepers (Fixture *fixture, gconstpointer data)
{
  const gint64 later_us = PL_LOOK_ROUND_US + 1;
  PlHolder holder = { .inode = 50, .pid = 20, .fd = 3 };
  make_plain (fixture, 20, 1);
  make_fd (fixture->proc, 20, 3, "socket:[50]");
  write_file ("", -1, fixture->proc, "20", "task", "20", "children", NULL);
  g_autoptr (PlProcfs) procfs = pl_procfs_new (fixture->proc);
  PlHolders *holders = pl_holders_new ();
  PlKeepers *keepers = pl_keepers_new ();
  gint64 now_us = 10 * G_USEC_PER_SEC;
  pl_holders_add (holders, &holder);
  note_often (keepers, procfs, &holder, 7, TRUE);
  g_assert_false (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us));
  note_often (keepers, procfs, &holder, 1, TRUE);
  /* So many at once, and then one in each while, are looked at all the same. */
  for (guint i = 0; i < PL_KEEPER_CREDIT; i++)
    g_assert_false (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us));
  g_assert_true (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us));
  g_assert_false (pl_keepers_is_trusted (keepers, procfs, holders, 51, now_us));
  g_assert_false (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us += PL_KEEPER_SAMPLE_US));
  g_assert_true (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us));
  /* One that another has. */
  note_often (keepers, procfs, &holder, 1, FALSE);
  g_assert_false (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us));
  note_often (keepers, procfs, &holder, 8, TRUE);
  g_assert_true (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us));
  /* Another child. */
  write_file ("21 ", -1, fixture->proc, "20", "task", "20", "children", NULL);
  g_assert_false (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us += later_us));
  g_assert_false (pl_keepers_is_trusted (keepers, procfs, holders, 50, now_us));
  pl_keepers_free (keepers);
  pl_holders_free (holders);
}

static gboolean
meet_number (gint32 pid, int fd, guint64 inode, gpointer data)
{
  guint64 *met = data;
  *met |= 1ull << (inode - 100);
  return inode != 140;
}

/* A directory of a made-up /proc goes on where it was left, as the kernel's does. */
static void
test_sockets_in_steps (Fixture *fixture, gconstpointer data)
{
  gint64 offset = 0;
  guint64 met = 0;
  guint n_steps = 0;
  make_plain (fixture, 20, 1);
  for (int fd = 0; fd < 40; fd++)
    {
      g_autofree char *target = g_strdup_printf ("socket:[%d]", 100 + fd);
      make_fd (fixture->proc, 20, fd, target);
    }
  g_autoptr (PlProcfs) procfs = pl_procfs_new (fixture->proc);
  while (offset >= 0 && n_steps++ < 20)
    g_assert_true (pl_procfs_foreach_socket_from (procfs, 20, &offset, 7, meet_number, &met));
  g_assert_cmpuint (n_steps, >=, 6);
  g_assert_cmpuint (n_steps, <=, 7);
  g_assert_cmphex (met, ==, (1ull << 40) - 1);
  met = offset = 0;
  g_assert_true (pl_procfs_foreach_socket_from (procfs, 20, &offset, 100, meet_number, &met));
  g_assert_cmphex (met, ==, (1ull << 40) - 1);
  g_assert_cmpint (offset, ==, -1);
  offset = 0;
  g_assert_false (pl_procfs_foreach_socket_from (procfs, 30, &offset, 7, meet_number, &met));
  g_assert_cmpint (offset, ==, -1);
}

static void
test_processes (Fixture *fixture, gconstpointer data)
{
  make_process (fixture->proc, &(Made){ 10, 1, 0, "first", "/usr/bin/first", "first|", NULL });
  g_autoptr (PlProcfs) procfs = pl_procfs_new (fixture->proc);
  const char *const dirs[] = { NULL };
  PlNames *names = pl_names_new (procfs, pl_desktop_index_new (dirs), "");
  PlProcesses *processes = pl_processes_new (procfs, names);
  PlProcess *once = pl_processes_get (processes, 10), *again = pl_processes_get (processes, 10);
  g_assert_true (once == again);
  pl_process_unref (again);
  /* The pid was given anew: another start time. make_process() counts ten ticks a pid, so a look-alike will do. */
  g_autofree char *dir = g_build_filename (fixture->proc, "10", NULL),
                  *other = g_build_filename (fixture->proc, "11", NULL);
  remove_tree (dir);
  g_assert_null (pl_processes_get (processes, 10));
  make_process (fixture->proc, &(Made){ 11, 1, 0, "first", "/usr/bin/second", "second|", NULL });
  g_assert_cmpint (g_rename (other, dir), ==, 0);
  PlProcess *anew = pl_processes_get (processes, 10);
  g_assert_nonnull (anew);
  g_assert_true (anew != once);
  g_assert_cmpstr (anew->name, ==, "second");
  pl_process_unref (anew);
  pl_process_unref (once);
  pl_processes_free (processes);
  pl_names_free (names);
}

/* Whether process 10 is said to be there though it is gone. The thread may be kept waiting in between. */
static gboolean
is_believed (const char *proc, PlProcesses *processes)
{
  g_autofree char *dir = g_build_filename (proc, "10", NULL), *other = g_build_filename (proc, "11", NULL);
  pl_process_unref (pl_processes_get (processes, 10)); /* as is the first time that it is asked for */
  PlProcess *seen = pl_processes_get (processes, 10);
  g_assert_cmpint (g_rename (dir, other), ==, 0);
  PlProcess *server = pl_processes_get_server (processes, 10);
  g_assert_cmpint (g_rename (other, dir), ==, 0);
  gboolean is_same = server == seen;
  pl_process_unref (server);
  pl_process_unref (seen);
  return is_same;
}

/* A server that has been there for long is looked at once in a while, not for each of its connections; but anew after news of it. */
static void
test_server (Fixture *fixture, gconstpointer data)
{
  guint n = 0;
  make_process (fixture->proc, &(Made){ 10, 1, 0, "server", "/usr/bin/server", "server|", NULL });
  g_autoptr (PlProcfs) procfs = pl_procfs_new (fixture->proc);
  const char *const dirs[] = { NULL };
  PlNames *names = pl_names_new (procfs, pl_desktop_index_new (dirs), "");
  PlProcesses *processes = pl_processes_new (procfs, names);
  while (n < 10000 && !is_believed (fixture->proc, processes))
    n++;
  g_assert_cmpuint (n, <, 10000);
  pl_processes_forget_exec (processes, 10);
  g_assert_false (is_believed (fixture->proc, processes));
  pl_processes_free (processes);
  pl_names_free (names);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

/* ---- caps that are counted ---- */

static PlCase
make_datagram_case (guint64 flow_id)
{
  return (PlCase){ .question = { .flow_id = flow_id, .key.proto = PL_PROTO_UDP, .asked_us = g_get_monotonic_time () },
                   .inodes = { 7 },
                   .n_inodes = 1,
                   .cookie = 7 };
}

static void
close_datagram_sockets (guint n)
{
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  for (guint i = 0; i < n; i++)
    {
      int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (bind (fd, (struct sockaddr *)&any, sizeof any), ==, 0);
      close (fd);
    }
}

/* More closings since a packet than are remembered, or than the kernel had room for: then it can't be said who had the port. */
static void
test_graves (void)
{
  for (guint at_once = 50; at_once <= 20000; at_once *= 400)
    {
      PlPortGraves *graves = pl_port_graves_new ();
      PlCase one = make_datagram_case (1);
      pl_port_graves_set_on (graves, TRUE);
      if (pl_port_graves_get_fd (graves) < 0)
        g_test_skip ("this kernel does not tell of sockets that close");
      else
        {
          close_datagram_sockets (50);
          pl_port_graves_read (graves);
          g_assert_true (pl_port_graves_can_tell (graves, &one));
          g_assert_cmpuint (pl_port_graves_get_n_untold (graves), ==, 0);
          for (guint i = 0; i < 1000 && pl_port_graves_can_tell (graves, &one); i++)
            {
              close_datagram_sockets (at_once);
              g_usleep (2000); /* they are told a moment later */
              pl_port_graves_read (graves);
            }
          g_assert_cmpuint (pl_port_graves_get_n_untold (graves), ==, 1);
          g_usleep (1000);
          PlCase later = make_datagram_case (2);
          g_assert_true (pl_port_graves_can_tell (graves, &later));
        }
      pl_port_graves_free (graves);
    }
}

static void
test_port_memory (void)
{
  PlPortMemory *memory = pl_port_memory_new ();
  PlCase first = make_datagram_case (1), unknown = make_datagram_case (999999);
  pl_port_memory_note (memory, &first);
  g_assert_false (pl_port_memory_has_changed (memory, &first));
  g_assert_false (pl_port_memory_has_changed (memory, &unknown));
  g_assert_cmpuint (pl_port_memory_get_n_untold (memory), ==, 0);
  for (guint i = 2; i < 2 * PL_LIMIT_PORT_MEMORY; i++)
    {
      PlCase one = make_datagram_case (i);
      pl_port_memory_note (memory, &one);
    }
  first.inodes[0] = 8;
  g_assert_false (pl_port_memory_has_changed (memory, &first)); /* it has, but that left the memory */
  g_assert_cmpuint (pl_port_memory_get_n_untold (memory), ==, 1);
  pl_port_memory_free (memory);
}

static GArray *
make_closings (guint n)
{
  GArray *sockets = g_array_new (FALSE, TRUE, sizeof (PlSocket));
  g_array_set_size (sockets, n);
  for (guint i = 0; i < n; i++)
    g_array_index (sockets, PlSocket, i).state = PL_STATE_CLOSED;
  return sockets;
}

/* Closings that nobody took go with the newer ones, as far as there is room. */
static void
test_closings (void)
{
  PlSocketsSource *source = pl_sockets_source_new (NULL, "no resolver");
  g_autoptr (GArray) sockets = make_closings (100), few = make_closings (10),
                     many = make_closings (PL_LIMIT_CLOSED_SOCKETS);
  pl_sockets_source_keep_closings (source, sockets, few);
  g_assert_cmpuint (sockets->len, ==, 110);
  g_assert_cmpuint (pl_sockets_source_get_n_cut (source), ==, 0);
  pl_sockets_source_keep_closings (source, sockets, many);
  g_assert_cmpuint (sockets->len, ==, PL_LIMIT_CLOSED_SOCKETS);
  g_assert_cmpuint (pl_sockets_source_get_n_cut (source), ==, 110);
  pl_sockets_source_free (source);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parts/diag/message", test_diag_message);
  g_test_add_func ("/parts/diag/old-kernel", test_diag_old_kernel);
  g_test_add_func ("/parts/diag/hostile", test_diag_hostile);
  g_test_add_func ("/parts/diag/minisock", test_diag_minisock);
  g_test_add_func ("/parts/diag/dumps", test_diag_dumps);
  g_test_add_func ("/parts/diag/bound", test_diag_bound);
  g_test_add_func ("/parts/latency", test_latency);
  g_test_add_func ("/parts/ring", test_ring);
  g_test_add_func ("/parts/list-pids", test_list_pids);
  g_test_add_func ("/parts/graves", test_graves);
  g_test_add_func ("/parts/port-memory", test_port_memory);
  g_test_add_func ("/parts/closings", test_closings);
  ADD ("/parts/cgroups", test_cgroups);
  ADD ("/parts/proc-net", test_proc_net);
  ADD ("/parts/newest", test_newest);
  ADD ("/parts/scan", test_scan);
  ADD ("/parts/holders", test_holders);
  ADD ("/parts/keepers", test_keepers);
  ADD ("/parts/sockets-in-steps", test_sockets_in_steps);
  ADD ("/parts/processes", test_processes);
  ADD ("/parts/server", test_server);
  return g_test_run ();
}
