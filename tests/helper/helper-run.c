/* See helper-run.h. Main thread of a test program; nothing here outlives the test that called it but by its own fault. */
#include "helper-run.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_PASSPIDFD /* Linux 6.5 */
#define SO_PASSPIDFD 76
#endif
#define FILE_HEADER_BYTES 24
#define RECORD_HEADER_BYTES 16
#define SLL2_BYTES 20

static void
enter_netns (const char *name)
{
  g_autofree char *path = g_strconcat ("/run/netns/", name, NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || setns (fd, CLONE_NEWNET) != 0)
    _exit (99);
  close (fd);
}

static void
child_exec (const RunOptions *options, char **argv, const int fds[3])
{
  if (options->netns != NULL)
    enter_netns (options->netns);
  if (options->with_tracefs && access ("/sys/kernel/tracing/events", F_OK) != 0
      && (unshare (CLONE_NEWNS) != 0 || mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
          || mount ("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) != 0))
    _exit (95);
  if (options->without_tracepoints
      && (prctl (PR_CAPBSET_DROP, CAP_PERFMON) != 0 || prctl (PR_CAPBSET_DROP, CAP_SYS_ADMIN) != 0))
    _exit (94);
  for (int i = 0; i < 3; i++)
    if (dup2 (fds[i], i) != i)
      _exit (98);
  if (options->uid != 0
      && (setresgid (options->uid, options->uid, options->uid) != 0
          || setresuid (options->uid, options->uid, options->uid) != 0))
    _exit (97);
  char *none[] = { NULL };
  execve (argv[0], argv, options->environment != NULL ? (char **)options->environment : none);
  _exit (96);
}

static void
open_input (Run *run, RunInput input, int *theirs)
{
  int pair[2];

  switch (input)
    {
    case RUN_CHANNEL:
      g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
      break;
    case RUN_PIPE:
      g_assert_no_errno (pipe2 (pair, O_CLOEXEC));
      *theirs = pair[0];
      run->input = pair[1];
      return;
    case RUN_NULL:
      *theirs = open ("/dev/null", O_RDONLY | O_CLOEXEC);
      run->input = -1;
      return;
    case RUN_LISTENER:
      *theirs = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
      g_assert_no_errno (bind (*theirs, &(struct sockaddr){ .sa_family = AF_UNIX }, sizeof (sa_family_t)));
      g_assert_no_errno (listen (*theirs, 1));
      run->input = -1;
      return;
    }
  run->input = pair[0];
  *theirs = pair[1];
}

gboolean
run_send (int fd, const void *bytes, gsize n_bytes)
{
  return send (fd, bytes, n_bytes, MSG_DONTWAIT | MSG_NOSIGNAL) == (gssize)n_bytes;
}

/* Puts one end of a new pair into the channel and returns the other. */
static int
send_owners (int channel)
{
  struct pl_helper_header header = { .version = PL_HELPER_PROTOCOL, .type = PL_HELPER_OWNERS };
  struct iovec bytes = { &header, sizeof header };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct msghdr message = {
    .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes
  };
  int pair[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN (sizeof (int));
  memcpy (CMSG_DATA (&control.header), &pair[1], sizeof (int));
  g_assert_cmpint (sendmsg (channel, &message, 0), ==, sizeof header);
  close (pair[1]);
  return pair[0];
}

void
run_start (Run *run, const RunOptions *options, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  int stream[2], said[2], theirs[3];
  va_list args;

  g_ptr_array_add (argv, (char *)(options->exe != NULL ? options->exe : g_getenv ("PORTLIGHT_HELPER")));
  va_start (args, options);
  for (const char *argument = va_arg (args, const char *); argument != NULL; argument = va_arg (args, const char *))
    g_ptr_array_add (argv, (char *)argument);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  open_input (run, options->input, &theirs[0]);
  if (options->with_pidfds)
    setsockopt (theirs[0], SOL_SOCKET, SO_PASSPIDFD, &(int){ 1 }, sizeof (int));
  run->owners = options->with_owners ? send_owners (run->input) : -1;
  g_assert_no_errno (pipe2 (stream, O_CLOEXEC));
  if (options->with_log)
    said[0] = fcntl (said[1] = memfd_create ("log", MFD_CLOEXEC), F_DUPFD_CLOEXEC, 0);
  else
    g_assert_no_errno (pipe2 (said, O_CLOEXEC));
  theirs[1] = stream[1];
  theirs[2] = said[1];
  run->stream = stream[0];
  run->said = said[0];
  run->bytes = g_byte_array_new ();
  run->pid = fork ();
  g_assert_no_errno (run->pid);
  if (run->pid == 0)
    child_exec (options, (char **)argv->pdata, theirs);
  for (int i = 0; i < 3; i++)
    close (theirs[i]);
}

int
run_wait (Run *run, int timeout_ms)
{
  int status;

  for (gint64 until_us = g_get_monotonic_time () + timeout_ms * 1000ll;;)
    {
      pid_t pid = waitpid (run->pid, &status, WNOHANG);

      g_assert_no_errno (pid);
      if (pid == run->pid)
        break;
      if (g_get_monotonic_time () >= until_us)
        return -1;
      g_usleep (1000);
    }
  run->pid = 0;
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

void
run_clear (Run *run)
{
  if (run->pid != 0)
    {
      kill (run->pid, SIGKILL);
      g_assert_cmpint (run_wait (run, 5000), !=, -1);
    }
  int fds[] = { run->input, run->stream, run->said, run->owners };
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i] >= 0)
      close (fds[i]);
  g_clear_pointer (&run->bytes, g_byte_array_unref);
}

char *
run_read_said (Run *run)
{
  g_autoptr (GString) said = g_string_new (NULL);
  char bytes[256];
  gssize n_bytes;

  lseek (run->said, 0, SEEK_SET); /* where it is a file */
  while ((n_bytes = read (run->said, bytes, sizeof bytes)) > 0)
    g_string_append_len (said, bytes, n_bytes);
  return g_string_free (g_steal_pointer (&said), FALSE);
}

/* FALSE when nothing came in time; TRUE also at the end. */
static gboolean
read_some (Run *run, int timeout_ms, gboolean *is_end)
{
  struct pollfd stream = { .fd = run->stream, .events = POLLIN };
  guint8 bytes[65536];

  if (poll (&stream, 1, timeout_ms) != 1)
    return FALSE;
  gssize n_bytes = read (run->stream, bytes, sizeof bytes);
  g_assert_no_errno (n_bytes);
  g_byte_array_append (run->bytes, bytes, n_bytes);
  *is_end = n_bytes == 0;
  return TRUE;
}

gboolean
run_is_ready (Run *run, int timeout_ms)
{
  gboolean is_end = FALSE;

  while (run->bytes->len < FILE_HEADER_BYTES && !is_end)
    if (!read_some (run, timeout_ms, &is_end))
      return FALSE;
  return !is_end;
}

void
run_read_stream (Run *run, int quiet_ms)
{
  for (gboolean is_end = FALSE; !is_end && read_some (run, quiet_ms, &is_end);)
    ;
}

guint
run_count (Run *run, RunMatch match, gpointer data, guint *cut_bytes)
{
  const guint8 *bytes = run->bytes->data;
  guint at = FILE_HEADER_BYTES, n = 0;
  guint32 magic, datalink;

  g_assert_cmpuint (run->bytes->len, >=, FILE_HEADER_BYTES);
  memcpy (&magic, bytes, sizeof magic);
  memcpy (&datalink, bytes + 20, sizeof datalink);
  g_assert_cmphex (magic, ==, 0xa1b2c3d4);
  g_assert_cmpuint (datalink, ==, 276); /* LINKTYPE_LINUX_SLL2 */
  while (at + RECORD_HEADER_BYTES <= run->bytes->len)
    {
      guint32 record[4]; /* seconds, µs, captured, wire */

      memcpy (record, bytes + at, sizeof record);
      g_assert_cmpuint (record[1], <, 1000000);
      g_assert_cmpuint (record[2], <=, record[3]);
      g_assert_cmpuint (record[2], >=, SLL2_BYTES);
      g_assert_cmpint (llabs ((gint64)record[0] - g_get_real_time () / G_USEC_PER_SEC), <, 60);
      if (at + RECORD_HEADER_BYTES + record[2] > run->bytes->len)
        break;
      at += RECORD_HEADER_BYTES;
      n += match == NULL || match (bytes + at, record[2], record[3], data);
      at += record[2];
    }
  if (cut_bytes != NULL)
    *cut_bytes = run->bytes->len - at;
  return n;
}

int
run_receive (Run *run, void *message, gsize size, int timeout_ms)
{
  struct pollfd channel = { .fd = run->input, .events = POLLIN };

  if (poll (&channel, 1, timeout_ms) != 1)
    return -1;
  return recv (run->input, message, size, 0);
}

gboolean
packet_is (const guint8 *packet, guint n_bytes, guint8 protocol, guint16 port)
{
  return n_bytes >= SLL2_BYTES + 24 && packet[0] == 0x08 && packet[1] == 0x00 && packet[SLL2_BYTES + 9] == protocol
         && packet[SLL2_BYTES + 22] == port >> 8 && packet[SLL2_BYTES + 23] == (port & 0xff);
}

gboolean
netns_add (char **name)
{
  static guint n;
  g_autofree char *script = NULL;
  int status;

  *name = g_strdup_printf ("pl-helper-%d-%u", getpid (), n++);
  script = g_strdup_printf ("exec 2>&1; set -e; ip netns add %1$s; ip -n %1$s link set lo up; "
                            "ip -n %1$s link add va type veth peer name vb; ip -n %1$s link set va addrgenmode none; "
                            "ip -n %1$s link set vb addrgenmode none; "
                            "ip -n %1$s addr add 10.99.7.1/24 dev va; "
                            "ip -n %1$s link set va up; ip -n %1$s link set vb up; "
                            "ip -n %1$s neigh add 10.99.7.2 lladdr 02:00:00:00:00:02 dev va",
                            *name);
  char *argv[] = { "sh", "-c", script, NULL };
  if (g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status,
                    NULL)
      && status == 0)
    return TRUE;
  g_test_skip ("network namespaces or veth pairs cannot be made here");
  netns_remove (g_steal_pointer (name));
  return FALSE;
}

void
netns_remove (char *name)
{
  char *argv[] = { "ip", "netns", "del", name, NULL };

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (name);
}

/* A child in @netns (NULL: here) runs on past this with TRUE and ends with _exit(); we wait for it. */
static gboolean
fork_into (const char *netns)
{
  pid_t pid = fork ();
  int status;

  g_assert_no_errno (pid);
  if (pid == 0)
    {
      if (netns != NULL)
        enter_netns (netns);
      return TRUE;
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  return FALSE;
}

/* From @n_sockets in turn, 0: each from one of its own. */
static void
send_datagrams (
    const char *netns, const char *address, guint16 port, guint n, guint n_bytes, guint per_ms, guint n_sockets)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr = { inet_addr (address) } };
  guint8 bytes[2048] = { 0 };
  g_autofree int *fds = g_new (int, MAX (n_sockets, 1));

  if (!fork_into (netns))
    return;
  for (guint i = 0; i < MAX (n_sockets, 1); i++)
    fds[i] = socket (AF_INET, SOCK_DGRAM, 0);
  for (guint i = 0; i < n; i++)
    {
      bytes[0] = 0x80 | (i & 0x3f);
      if (sendto (fds[i % MAX (n_sockets, 1)], bytes, n_bytes, 0, (struct sockaddr *)&to, sizeof to) != (gssize)n_bytes
          && errno != ECONNREFUSED)
        _exit (1);
      if ((i + 1) % per_ms == 0)
        g_usleep (1000);
      if (n_sockets == 0)
        {
          close (*fds);
          *fds = socket (AF_INET, SOCK_DGRAM, 0);
        }
    }
  _exit (0);
}

void
netns_send_udp (const char *netns, const char *address, guint16 port, guint n, guint n_bytes, guint per_ms)
{
  send_datagrams (netns, address, port, n, n_bytes, per_ms, 1);
}

void
netns_send_flows (const char *netns, const char *address, guint16 port, guint n, guint per_ms)
{
  send_datagrams (netns, address, port, n, 20, per_ms, 0);
}

void
netns_send_in_turn (const char *netns, const char *address, guint16 port, guint n, guint n_flows, guint per_ms)
{
  send_datagrams (netns, address, port, n, 20, per_ms, n_flows);
}

void
netns_connect (const char *netns, const char *address, guint16 port)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr = { inet_addr (address) } };

  if (!fork_into (netns))
    return;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connect (fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS || errno == ECONNREFUSED)
    _exit (0);
  _exit (1);
}

guint64
get_cpu_ns (pid_t pid)
{
  struct timespec time;
  clockid_t clock;

  g_assert_cmpint (clock_getcpuclockid (pid, &clock), ==, 0);
  g_assert_no_errno (clock_gettime (clock, &time));
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

gboolean
need_root (void)
{
  g_autofree char *effective = read_status (getpid (), "CapEff");
  guint64 needed = 1ull << 13 | 1ull << 12 | 1ull << 21; /* NET_RAW, NET_ADMIN, SYS_ADMIN */

  if (geteuid () == 0 && (g_ascii_strtoull (effective, NULL, 16) & needed) == needed)
    return TRUE;
  g_test_skip ("needs root with CAP_NET_RAW, CAP_NET_ADMIN and CAP_SYS_ADMIN");
  return FALSE;
}

char *
read_status (pid_t pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *lines = NULL, *key = g_strdup_printf ("\n%s:", name);
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &lines, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *text = g_strconcat ("\n", lines, NULL);
  char *start = strstr (text, key);
  g_assert_nonnull (start);
  start += strlen (key);
  return g_strstrip (g_strndup (start, strcspn (start, "\n")));
}
