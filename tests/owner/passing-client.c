/* A call or a datagram from a socket that the sender passes to another program (SCM_RIGHTS) and closes at once; or from one that
 * nobody else has had, by a program that has UNIX domain sockets, too. Says "PORT PID" of who sent. All of its processes stay until
 * standard input ends.
 *
 * passing-client KIND tcp|udp PORT     to that port of 127.0.0.1. KIND: see passings[] and lones[]; or
 * stolen, from a program that did not pass it on; to-child or to-parent, of the same program */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BEFORE_NS (100 * 1000 * 1000L) /* until all have begun and whoever watches knows them */

static const char *kind, *protocol, *port;
static char number[12]; /* of a descriptor, as an argument */

static void
rest (void)
{
  struct timespec left = { 0, BEFORE_NS };
  while (nanosleep (&left, &left) != 0)
    continue;
}

static void
stay (void)
{
  for (char byte; read (STDIN_FILENO, &byte, 1) > 0;)
    continue;
}

/* Descriptors of a number that is agreed upon: only they outlive exec(2). */
static int
open_pair (int type, int *other)
{
  int ends[2];
  if (socketpair (AF_UNIX, type, 0, ends) != 0)
    exit (3);
  *other = ends[1];
  return ends[0];
}

static int
open_named (int type)
{
  int fd = socket (AF_UNIX, type, 0);
  struct sockaddr_un any = { .sun_family = AF_UNIX };
  if (fd < 0 || bind (fd, (struct sockaddr *)&any, sizeof any.sun_family) != 0) /* the kernel makes a name up */
    exit (3);
  return fd;
}

static int
open_to (int type, int named)
{
  int fd = socket (AF_UNIX, type, 0);
  struct sockaddr_un name;
  socklen_t length = sizeof name;
  if (fd < 0 || getsockname (named, (struct sockaddr *)&name, &length) != 0
      || connect (fd, (struct sockaddr *)&name, length) != 0)
    exit (3);
  return fd;
}

static int
open_bound (void)
{
  int fd = socket (AF_INET, strcmp (protocol, "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM, 0);
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  if (bind (fd, (struct sockaddr *)&own, sizeof own) != 0)
    exit (4);
  return fd;
}

static void
send_from (int fd, uint16_t to_port)
{
  struct sockaddr_in to = { .sin_family = AF_INET,
                            .sin_port = htons (to_port),
                            .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  if ((strcmp (protocol, "tcp") == 0 ? connect (fd, (struct sockaddr *)&to, sizeof to)
                                     : sendto (fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to))
      < 0)
    exit (4);
}

static void
say (int fd)
{
  struct sockaddr_in own;
  socklen_t length = sizeof own;
  if (getsockname (fd, (struct sockaddr *)&own, &length) != 0)
    exit (4);
  printf ("%d %d\n", ntohs (own.sin_port), getpid ());
}

/* Returns the socket. */
static int
send_and_say (void)
{
  int fd = open_bound ();
  say (fd);
  send_from (fd, (uint16_t)atoi (port));
  return fd;
}

/* @fd over @box, or, with @fd -1, what comes there, which it returns. */
static int
pass (int box, int fd)
{
  char byte = 'x';
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof fd)];
  } control;
  struct iovec data = { &byte, 1 };
  struct msghdr message = {
    .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  if (fd < 0)
    {
      if (recvmsg (box, &message, 0) != 1)
        exit (5);
      memcpy (&fd, CMSG_DATA (&control.header), sizeof fd);
      return fd;
    }
  control.header =
      (struct cmsghdr){ .cmsg_len = CMSG_LEN (sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
  memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
  if (sendmsg (box, &message, 0) != 1)
    exit (5);
  return fd;
}

/* What is taken (pidfd_getfd(2)) of who says its pid, then the descriptor of what it sent from, over a pipe; it closes that when it
 * hears that it is taken. */
static int
start_thief (void)
{
  int pipe_fds[2], said[2], signal;
  sigset_t taken;
  sigemptyset (&taken);
  sigaddset (&taken, SIGUSR1);
  if (pipe (pipe_fds) != 0 || sigprocmask (SIG_BLOCK, &taken, NULL) != 0)
    return 3;
  if (fork () != 0)
    {
      prctl (PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
      rest ();
      said[0] = getpid ();
      said[1] = send_and_say ();
      if (write (pipe_fds[1], said, sizeof said) != sizeof said || sigwait (&taken, &signal) != 0)
        return 5;
      close (said[1]);
      stay ();
      return wait (NULL) < 0;
    }
  snprintf (number, sizeof number, "%d", pipe_fds[0]);
  execl ("/proc/self/exe", "passing-client", kind, protocol, port, "steal", number, NULL);
  return 6;
}

static int
steal (int from)
{
  int said[2];
  if (read (from, said, sizeof said) != sizeof said)
    return 5;
  int pid_fd = (int)syscall (SYS_pidfd_open, said[0], 0);
  if (syscall (SYS_pidfd_getfd, pid_fd, said[1], 0) < 0 || kill (said[0], SIGUSR1) != 0)
    return 5;
  stay ();
  return 0;
}

static const struct
{
  const char *name;
  int type;
  int is_named; /* the giver sends to the taker's name, else over one of a pair */
  int taker_closes, giver_ends;
} passings[] = {
  { "open", SOCK_STREAM, 0, 0, 0 },     { "open-datagrams", SOCK_DGRAM, 0, 0, 0 }, { "closed", SOCK_STREAM, 0, 1, 0 },
  { "ended", SOCK_STREAM, 0, 0, 1 },    { "closed-ended", SOCK_STREAM, 0, 1, 1 },  { "named", SOCK_DGRAM, 1, 0, 0 },
  { "accepted", SOCK_STREAM, 1, 1, 0 }, { "lent", SOCK_STREAM, 0, 0, 0 },
};

static int
give (int i, int box)
{
  rest ();
  int fd = send_and_say ();
  pass (box, fd);
  close (fd);
  if (!passings[i].giver_ends)
    stay ();
  return 0;
}

static int
take (int i, int box)
{
  int from = passings[i].is_named && passings[i].type == SOCK_STREAM ? accept (box, NULL, NULL) : box;
  pass (from, -1);
  if (passings[i].taker_closes)
    close (from);
  stay ();
  return 0;
}

/* Who has sent from it itself, elsewhere, long enough before to be known. */
static int
lend (int box)
{
  rest ();
  int fd = open_bound ();
  if (strcmp (protocol, "udp") == 0)
    send_from (fd, (uint16_t)(atoi (port) ^ 1));
  rest ();
  pass (box, fd);
  stay ();
  return 0;
}

static int
borrow (int box)
{
  int fd = pass (box, -1);
  say (fd);
  send_from (fd, (uint16_t)atoi (port));
  close (fd);
  stay ();
  return 0;
}

/* The program again, as @role with @box. */
static void
start (const char *role, int box, int other)
{
  if (fork () != 0)
    return;
  if (other >= 0)
    close (other);
  snprintf (number, sizeof number, "%d", dup2 (box, STDERR_FILENO + 1));
  for (int fd = STDERR_FILENO + 2; fd < STDERR_FILENO + 6; fd++)
    close (fd);
  execl ("/proc/self/exe", "passing-client", kind, protocol, port, role, number, NULL);
  _exit (6);
}

static int
start_both (int i)
{
  int given = -1, taken;
  if (passings[i].is_named)
    {
      taken = open_named (passings[i].type);
      if (passings[i].type == SOCK_STREAM)
        listen (taken, 1);
      given = open_to (passings[i].type, taken);
    }
  else
    taken = open_pair (passings[i].type, &given);
  start ("take", taken, given);
  start ("give", given, taken);
  close (taken);
  close (given);
  int failed = 0;
  for (int status; wait (&status) > 0;)
    failed |= status;
  return failed != 0;
}

/* It comes at a lower number than the socket that it came over, which its taker closes then. */
static int
pass_to_relative (int is_to_child)
{
  int low = dup (STDIN_FILENO), given, taken = open_pair (SOCK_STREAM, &given);
  pid_t child = fork ();
  if ((child == 0) == is_to_child)
    {
      close (low);
      close (given);
      pass (taken, -1);
      close (taken);
    }
  else
    {
      rest ();
      int fd = send_and_say ();
      pass (given, fd);
      close (fd);
    }
  stay ();
  return child != 0 && wait (NULL) < 0;
}

static void
have_nothing (void)
{
}

/* To wake up an event loop. */
static void
have_pair (void)
{
  int other;
  open_pair (SOCK_STREAM, &other);
}

/* As syslog(3) has one: nobody can answer it. The log is another program's, which started this one. */
static void
have_logger (void)
{
  int log = open_named (SOCK_DGRAM), fd = open_to (SOCK_DGRAM, log);
  if (fork () == 0)
    {
      dup2 (fd, log);
      close (fd);
      execl ("/proc/self/exe", "passing-client", kind, protocol, port, "send", "", NULL);
      _exit (6);
    }
  stay ();
  exit (wait (NULL) < 0);
}

/* Connected nowhere. */
static void
have_unused (void)
{
  if (socket (AF_UNIX, SOCK_STREAM, 0) < 0)
    exit (3);
}

static const struct
{
  const char *name;
  void (*have) (void);
} lones[] = {
  { "nothing", have_nothing },
  { "pair", have_pair },
  { "logger", have_logger },
  { "unused", have_unused },
};

int
main (int argc, char **argv)
{
  if (argc != 4 && argc != 6)
    return 2;
  kind = argv[1];
  protocol = argv[2];
  port = argv[3];
  setlinebuf (stdout);
  if (strcmp (kind, "stolen") == 0)
    return argc == 4 ? start_thief () : steal (atoi (argv[5]));
  if (strcmp (kind, "to-child") == 0 || strcmp (kind, "to-parent") == 0)
    return pass_to_relative (strcmp (kind, "to-child") == 0);
  if (argc == 6 && strcmp (kind, "lent") == 0)
    return strcmp (argv[4], "give") == 0 ? lend (atoi (argv[5])) : borrow (atoi (argv[5]));
  for (int i = 0; i < (int)(sizeof passings / sizeof *passings); i++)
    if (strcmp (passings[i].name, kind) == 0)
      return argc == 4                       ? start_both (i)
             : strcmp (argv[4], "give") == 0 ? give (i, atoi (argv[5]))
                                             : take (i, atoi (argv[5]));
  for (size_t i = 0; i < sizeof lones / sizeof *lones; i++)
    if (strcmp (lones[i].name, kind) == 0)
      {
        if (argc == 4)
          lones[i].have ();
        rest ();
        send_and_say ();
        stay ();
        return 0;
      }
  return 2;
}
