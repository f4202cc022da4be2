/* A client that began, or holds its socket, in an unusual way, each a kind of its own: connects to a port of 127.0.0.1 and sends a byte.
 * Says "port pid", of who sent, and stays until its standard input ends. Arguments: kind, tcp or udp, port. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OTHER_UID 65532

extern char **environ;

static char *own_path, *protocol, *port_text;

static int
is_tcp (void)
{
  return strcmp (protocol, "tcp") == 0;
}

static int
make_socket (void)
{
  return socket (AF_INET, (is_tcp () ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
}

static struct sockaddr_in
address_of (int port)
{
  return (struct sockaddr_in){ .sin_family = AF_INET,
                               .sin_port = htons ((uint16_t)port),
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
}

static int
port_of (int fd)
{
  struct sockaddr_in own;
  socklen_t length = sizeof own;

  return getsockname (fd, (struct sockaddr *)&own, &length) == 0 ? ntohs (own.sin_port) : -1;
}

static int
call (int fd)
{
  struct sockaddr_in to = address_of (atoi (port_text));

  return connect (fd, (struct sockaddr *)&to, sizeof to);
}

static void
stay (void)
{
  char byte;

  while (read (STDIN_FILENO, &byte, 1) > 0)
    continue;
}

static int
tell (int fd)
{
  printf ("%d %d\n", port_of (fd), (int)getpid ());
  fflush (stdout);
  stay ();
  return 0;
}

static int
send_plainly (void)
{
  int fd = make_socket ();

  return call (fd) == 0 && send (fd, "x", 1, 0) == 1 ? tell (fd) : 1;
}

static int
end_with (pid_t child)
{
  int status;

  return child > 0 && waitpid (child, &status, 0) == child && WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}

/* ---- how it began ---- */

static int
by_spawn (void)
{
  char *const arguments[] = { own_path, "plain", protocol, port_text, NULL };
  pid_t child;

  return posix_spawn (&child, own_path, NULL, NULL, arguments, environ) == 0 ? end_with (child) : 1;
}

static pid_t
clone_with (uint64_t flags)
{
  struct clone_args arguments = { .flags = flags, .exit_signal = SIGCHLD };

  return (pid_t)syscall (SYS_clone3, &arguments, sizeof arguments);
}

static int
become_plain (void)
{
  execl (own_path, own_path, "plain", protocol, port_text, NULL);
  return 1;
}

static int
by_clone3 (void)
{
  pid_t child = clone_with (0);

  if (child == 0)
    _exit (become_plain ());
  return end_with (child);
}

static int
by_vfork (void)
{
  pid_t child = vfork ();

  if (child == 0)
    {
      execl (own_path, own_path, "plain", protocol, port_text, NULL);
      _exit (1);
    }
  return end_with (child);
}

/* Both have one table of descriptors, so that who began it has the child's socket, too. */
static int
by_shared_table (void)
{
  pid_t child = clone_with (CLONE_FILES);

  if (child == 0)
    _exit (send_plainly ());
  return end_with (child);
}

static void *
in_thread (void *data)
{
  *(int *)data = unshare (CLONE_FILES) == 0 ? send_plainly () : 1;
  return NULL;
}

/* The table of descriptors that /proc/PID/fd shows is the first thread's. */
static int
by_thread_of_own_table (void)
{
  pthread_t thread;
  int result = 1;

  return pthread_create (&thread, NULL, in_thread, &result) == 0 && pthread_join (thread, NULL) == 0 ? result : 1;
}

static int
by_other_user (void)
{
  if (geteuid () == 0 && setresuid (OTHER_UID, OTHER_UID, OTHER_UID) != 0)
    return 1;
  return send_plainly ();
}

static int
by_memory (void)
{
  int memory = memfd_create ("payload", MFD_CLOEXEC), file = open (own_path, O_RDONLY | O_CLOEXEC);
  char *const arguments[] = { "updater", "plain", protocol, port_text, NULL };
  char bytes[65536];

  for (ssize_t n; (n = read (file, bytes, sizeof bytes)) > 0;)
    if (write (memory, bytes, (size_t)n) != n)
      return 1;
  fexecve (memory, arguments, environ);
  return 1;
}

static int
by_another_name (void)
{
  int fd = make_socket (), result;

  prctl (PR_SET_NAME, "before");
  result = call (fd);
  prctl (PR_SET_NAME, "after");
  return result == 0 && send (fd, "x", 1, 0) == 1 ? tell (fd) : 1;
}

/* ---- how it sends ---- */

static int
without_copies (void)
{
  int fd = make_socket (), on = 1;

  if (setsockopt (fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on) != 0)
    return 1;
  return call (fd) == 0 && send (fd, "x", 1, MSG_ZEROCOPY) == 1 ? tell (fd) : 1;
}

/* Of datagrams: connected elsewhere before. */
static int
to_two (void)
{
  int fd = make_socket (), other = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in to = address_of (0);

  if (!is_tcp ()
      && (bind (other, (struct sockaddr *)&to, sizeof to) != 0 || (to = address_of (port_of (other)), 0)
          || connect (fd, (struct sockaddr *)&to, sizeof to) != 0 || send (fd, "x", 1, 0) != 1))
    return 1;
  return call (fd) == 0 && send (fd, "x", 1, 0) == 1 ? tell (fd) : 1;
}

/* One port of two programs, of which this one does not send. */
static int
from_shared_port (void)
{
  int fd = make_socket (), on = 1;
  struct sockaddr_in own = address_of (0);
  char own_port[16];
  pid_t child;

  if (setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0
      || bind (fd, (struct sockaddr *)&own, sizeof own) != 0)
    return 1;
  snprintf (own_port, sizeof own_port, "%d", port_of (fd));
  child = fork ();
  if (child == 0)
    {
      execl (own_path, own_path, "second", protocol, port_text, own_port, NULL);
      _exit (1);
    }
  return end_with (child);
}

static int
send_as_second (int own_port)
{
  int fd = make_socket (), on = 1;
  struct sockaddr_in own = address_of (own_port);

  if (setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0
      || bind (fd, (struct sockaddr *)&own, sizeof own) != 0)
    return 1;
  return call (fd) == 0 && send (fd, "x", 1, 0) == 1 ? tell (fd) : 1;
}

/* ---- who has it, too ---- */

static int
pass (int over, int fd)
{
  char control[CMSG_SPACE (sizeof fd)] = { 0 };
  struct iovec part = { "x", 1 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  *header = (struct cmsghdr){ CMSG_LEN (sizeof fd), SOL_SOCKET, SCM_RIGHTS };
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  return sendmsg (over, &message, 0) == 1 ? 0 : -1;
}

static int
take (int over)
{
  char control[CMSG_SPACE (sizeof (int))], byte;
  struct iovec part = { &byte, 1 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };
  int fd = -1;

  if (recvmsg (over, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR (&message) != NULL)
    memcpy (&fd, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof fd);
  return fd;
}

/* A broker opens sockets for another program and keeps them. @kind: which of the two sends. */
static int
broker (const char *kind)
{
  int pair[2], fd = make_socket (), is_sender = strcmp (kind, "taker-waits") == 0;
  char over[16];
  pid_t child;

  if (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) != 0)
    return 1;
  fcntl (pair[0], F_SETFD, FD_CLOEXEC);
  snprintf (over, sizeof over, "%d", pair[1]);
  child = fork ();
  if (child == 0)
    {
      execl (own_path, own_path, kind, protocol, port_text, over, NULL);
      _exit (1);
    }
  close (pair[1]);
  if (is_sender && (call (fd) != 0 || send (fd, "x", 1, 0) != 1))
    return 1;
  if (pass (pair[0], fd) != 0)
    return 1;
  return is_sender ? tell (fd) : end_with (child);
}

static int
broker_that_sends (void)
{
  return broker ("taker-waits");
}

static int
broker_that_waits (void)
{
  return broker ("taker-sends");
}

static const struct
{
  const char *name;
  int (*run) (void);
} kinds[] = {
  { "plain", send_plainly },
  { "spawn", by_spawn },
  { "clone3", by_clone3 },
  { "vfork", by_vfork },
  { "shared-table", by_shared_table },
  { "own-table", by_thread_of_own_table },
  { "other-user", by_other_user },
  { "memory", by_memory },
  { "renamed", by_another_name },
  { "zerocopy", without_copies },
  { "two-peers", to_two },
  { "shared-port", from_shared_port },
  { "broker-sends", broker_that_sends },
  { "broker-waits", broker_that_waits },
};

int
main (int argc, char **argv)
{
  if (argc < 4)
    return 2;
  own_path = argv[0][0] == '/' ? argv[0] : "/proc/self/exe";
  protocol = argv[2];
  port_text = argv[3];
  if (argc == 5 && strcmp (argv[1], "second") == 0)
    return send_as_second (atoi (argv[4]));
  if (argc == 5)
    {
      int fd = take (atoi (argv[4]));

      if (fd >= 0 && strcmp (argv[1], "taker-waits") == 0)
        stay ();
      return fd >= 0 && strcmp (argv[1], "taker-sends") == 0 && call (fd) == 0 && send (fd, "x", 1, 0) == 1 ? tell (fd)
                                                                                                            : 1;
    }
  for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (strcmp (kinds[i].name, argv[1]) == 0)
      return kinds[i].run ();
  return 2;
}
