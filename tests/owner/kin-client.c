/* A call or a datagram from a socket that somebody else has, too, or by the time that anybody can look. Says "PORT PID" of who sent,
 * and all of its processes end some 150 ms later, sooner than a call is looked at again; but for forked-child, bidden and
 * thread.
 *
 * kin-client KIND tcp|udp PORT     to that port of 127.0.0.1. KIND: see kinds[] */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS 1000
#define BEFORE_US (100 * MS) /* until all of them have come and whoever watches knows them */
#define LIVES_US (150 * MS)
#define GIVEN_FD 9
#define SLOW_FDS 3 /* of 128 that a user may have */

static struct sockaddr_in to = { .sin_family = AF_INET };
static const char *self, *protocol;

static void
rest (int us)
{
  struct timespec left = { us / 1000000, us % 1000000 * 1000L };
  while (nanosleep (&left, &left) != 0)
    continue;
}

static int
open_socket (void)
{
  int fd = socket (AF_INET, strcmp (protocol, "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM, 0);
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  if (fd < 0 || bind (fd, (struct sockaddr *)&any, sizeof any) != 0)
    exit (3);
  return fd;
}

static void
send_from (int fd)
{
  int result = strcmp (protocol, "tcp") == 0 ? connect (fd, (struct sockaddr *)&to, sizeof to)
                                             : (int)sendto (fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to);
  if (result < 0)
    exit (4);
}

static void
say (int fd)
{
  struct sockaddr_in own = { 0 };
  socklen_t length = sizeof own;
  getsockname (fd, (struct sockaddr *)&own, &length);
  printf ("%d %d\n", ntohs (own.sin_port), getpid ());
  fflush (stdout);
}

static int
act (int fd)
{
  rest (BEFORE_US);
  send_from (fd);
  say (fd);
  rest (LIVES_US);
  return 0;
}

static void
stay (void)
{
  for (char byte; read (STDIN_FILENO, &byte, 1) > 0;)
    continue;
}

static int
hold (void)
{
  rest (BEFORE_US + LIVES_US);
  return 0;
}

/* Whether the grandchild is meant. In between somebody closes it, and stays or ends. */
static pid_t
fork_twice (int fd, int stays)
{
  pid_t child = fork ();
  if (child != 0)
    {
      if (!stays)
        waitpid (child, NULL, 0);
      return child;
    }
  pid_t grandchild = fork ();
  if (grandchild == 0)
    return 0;
  close (fd);
  _exit (stays ? hold () : 0);
}

/* A grandchild has it, too; who is in between closed it. */
static int
by_grandparent (void)
{
  int fd = open_socket ();
  return fork_twice (fd, 1) == 0 ? hold () : act (fd);
}

static int
by_grandchild (void)
{
  int fd = open_socket ();
  return fork_twice (fd, 1) == 0 ? act (fd) : hold ();
}

/* Who is in between has ended. */
static int
by_forebear (void)
{
  int fd = open_socket ();
  return fork_twice (fd, 0) == 0 ? hold () : act (fd);
}

/* A son and his nephew have it; their father closed it. */
static int
by_uncle (void)
{
  int fd = open_socket ();
  if (fork () == 0)
    return act (fd);
  if (fork_twice (fd, 1) == 0)
    return hold ();
  close (fd);
  return hold ();
}

/* Two cousins; everybody else closed it. */
static int
by_cousin (void)
{
  int fd = open_socket ();
  if (fork_twice (fd, 1) == 0)
    return act (fd);
  if (fork_twice (fd, 1) == 0)
    return hold ();
  close (fd);
  return hold ();
}

/* A child has it at another descriptor. */
static int
by_parent_of_mover (void)
{
  int fd = open_socket ();
  if (fork () != 0)
    return act (fd);
  int other = fcntl (fd, F_DUPFD, fd + 1);
  close (fd);
  return other < 0 || open ("/dev/null", O_RDONLY) != fd || hold (); /* no number is free */
}

/* The same, of a program that begins long after fork(2) made it, while relatives are looked for of somebody else. */
static int
by_late_parent_of_mover (void)
{
  char port[8];
  pid_t late = fork ();
  if (late == 0)
    {
      snprintf (port, sizeof port, "%d", ntohs (to.sin_port));
      rest (BEFORE_US);
      execl (self, "kin-client", "parent-of-mover", protocol, port, NULL);
      _exit (5);
    }
  if (fork () == 0)
    {
      rest (BEFORE_US / 2);
      send_from (open_socket ());
      rest (BEFORE_US);
      _exit (0);
    }
  return waitpid (late, NULL, 0) != late;
}

/* A grandchild is another program, whose parent has ended. */
static int
by_starter (void)
{
  int fd = open_socket ();
  if (fork_twice (fd, 0) != 0)
    return act (fd);
  execl (self, "kin-holder", "hold", protocol, "0", NULL);
  return 5;
}

/* Nobody else has it: a child's own. As long as standard input. */
static int
by_forked_child (void)
{
  pid_t child = fork ();
  if (child != 0)
    return waitpid (child, NULL, 0) != child;
  int fd = open_socket ();
  send_from (fd);
  say (fd);
  stay ();
  return 0;
}

/* From another socket for each byte of standard input, all of which it keeps. */
static int
by_bidden (void)
{
  puts ("");
  fflush (stdout);
  for (char byte; read (STDIN_FILENO, &byte, 1) > 0;)
    {
      int fd = open_socket ();
      send_from (fd);
      say (fd);
    }
  return 0;
}

/* Who connects a socket of datagrams is not who sends from it. */
static int
by_child_of_connector (void)
{
  int fd = open_socket ();
  if (connect (fd, (struct sockaddr *)&to, sizeof to) != 0)
    return 4;
  if (fork () != 0)
    return hold ();
  rest (BEFORE_US);
  if (send (fd, "x", 1, 0) != 1)
    return 4;
  say (fd);
  rest (LIVES_US);
  return 0;
}

/* The same, and it is gone at once. */
static int
by_heir_of_connector (void)
{
  int fd = open_socket ();
  if (connect (fd, (struct sockaddr *)&to, sizeof to) != 0)
    return 4;
  pid_t child = fork ();
  if (child != 0)
    {
      close (fd);
      return waitpid (child, NULL, 0) != child || hold ();
    }
  rest (BEFORE_US);
  say (fd);
  _exit (send (fd, "x", 1, 0) != 1);
}

/* Another one's socket at the same port is connected there, which is the one that the kernel picks. */
static int
by_unconnected (void)
{
  int fd = open_socket (), other, on = 1;
  struct sockaddr_in own;
  socklen_t length = sizeof own;
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (getsockname (fd, (struct sockaddr *)&own, &length) != 0 || fork () != 0)
    return act (fd);
  close (fd);
  other = socket (AF_INET, SOCK_DGRAM, 0);
  setsockopt (other, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind (other, (struct sockaddr *)&own, length) != 0 || connect (other, (struct sockaddr *)&to, sizeof to) != 0)
    return 4;
  return hold ();
}

static void *
act_alone (void *data)
{
  int fd = unshare (CLONE_FILES) == 0 ? open_socket () : -1;
  if (fork () != 0)
    {
      rest (BEFORE_US);
      send_from (fd);
      say (fd);
    }
  stay ();
  return data;
}

/* A thread with descriptors of its own, which a child has as well. */
static int
by_thread (void)
{
  pthread_t thread;
  return pthread_create (&thread, NULL, act_alone, NULL) != 0 || pthread_join (thread, NULL) != 0;
}

/* Becomes another program at once. */
static int
by_former (int flags)
{
  int fd = open_socket ();
  fcntl (fd, F_SETFD, flags);
  rest (BEFORE_US);
  send_from (fd);
  say (fd);
  execl (self, "kin-holder", "hold", protocol, "0", NULL);
  return 5;
}

static int
by_former_kept (void)
{
  return by_former (0);
}

static int
by_former_closed (void)
{
  return by_former (FD_CLOEXEC);
}

/* A child that shares all of its memory and descriptors, until it becomes a program. */
static int
by_vforked (void)
{
  int fd = open_socket ();
  rest (BEFORE_US);
  pid_t child = vfork ();
  if (child == 0)
    {
      send_from (fd);
      say (fd);
      execl (self, "kin-holder", "hold", protocol, "0", NULL);
      _exit (5);
    }
  return hold ();
}

/* What takes the kernel some ten milliseconds to close when this process ends, while it shows nothing any more that this one had. */
static void
open_slow (void)
{
  for (int i = 0; i < SLOW_FDS; i++)
    if (inotify_add_watch (inotify_init1 (0), "/", IN_CREATE) < 0)
      exit (5);
}

static int
act_and_end (int fd)
{
  open_slow ();
  rest (BEFORE_US);
  send_from (fd);
  say (fd);
  _exit (0);
}

static int
open_private_socket (void)
{
  int fd = open_socket ();
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

/* A program that the socket is for, and that ends as it has sent. */
static int
by_given (void)
{
  rest (BEFORE_US);
  send_from (GIVEN_FD);
  say (GIVEN_FD);
  return 0;
}

static int
by_ended_program (void)
{
  char port[8];
  int fd = open_socket ();
  if (fork () != 0)
    return hold ();
  snprintf (port, sizeof port, "%d", ntohs (to.sin_port));
  dup2 (fd, GIVEN_FD);
  close (fd);
  execl (self, "kin-client", "given", protocol, port, NULL);
  return 5;
}

/* Who sends ends while everybody looks, and has hidden all that it has. A child has it, too. */
static int
by_ending_parent (void)
{
  int fd = open_private_socket ();
  return fork () == 0 ? hold () : act_and_end (fd);
}

/* The parent has it, too. */
static int
by_ending_child (void)
{
  int fd = open_private_socket ();
  return fork () == 0 ? act_and_end (fd) : hold ();
}

/* A brother has it, too; their parent closed it. */
static int
by_ending_brother (void)
{
  int fd = open_private_socket ();
  if (fork () == 0)
    return hold ();
  if (fork () == 0)
    return act_and_end (fd);
  close (fd);
  return hold ();
}

/* A grandchild has it, too, whose parent has ended. */
static int
by_ending_forebear (void)
{
  int fd = open_private_socket ();
  return fork_twice (fd, 0) == 0 ? hold () : act_and_end (fd);
}

/* The grandchild is another program. */
static int
by_ending_starter (void)
{
  int fd = open_socket ();
  if (fork_twice (fd, 0) != 0)
    return act_and_end (fd);
  execl (self, "kin-holder", "hold", protocol, "0", NULL);
  return 5;
}

/* Sends what is at @fd by an io_uring(7), which keeps it when that is closed. */
static int
send_by_ring (int fd)
{
  struct io_uring_params params = { 0 };
  struct iovec part = { "x", 1 };
  struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1 };
  int is_stream = strcmp (protocol, "tcp") == 0, ring = (int)syscall (SYS_io_uring_setup, 1, &params);
  if (ring < 0 || syscall (SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) != 0)
    return -1;
  close (fd);
  size_t ring_bytes = params.sq_off.array + params.sq_entries * sizeof (uint32_t);
  uint8_t *queue = mmap (NULL, ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  struct io_uring_sqe *entry =
      mmap (NULL, sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (queue == MAP_FAILED || entry == MAP_FAILED)
    return -1;
  *entry = (struct io_uring_sqe){ .opcode = is_stream ? IORING_OP_CONNECT : IORING_OP_SENDMSG,
                                  .flags = IOSQE_FIXED_FILE,
                                  .off = is_stream ? sizeof to : 0,
                                  .addr = is_stream ? (uintptr_t)&to : (uintptr_t)&message,
                                  .len = is_stream ? 0 : 1 };
  *(uint32_t *)(void *)(queue + params.sq_off.array) = 0;
  __atomic_store_n ((uint32_t *)(void *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  return syscall (SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1 ? 0 : -1;
}

/* A child has it in a ring alone. */
static int
by_ringed_child (void)
{
  int fd = open_socket ();
  if (fork () != 0)
    return hold ();
  rest (BEFORE_US);
  say (fd);
  if (send_by_ring (fd) != 0)
    send_from (fd);
  rest (LIVES_US);
  return 0;
}

/* Nobody but root may look into the child. */
static int
by_closed_child (void)
{
  int fd = open_socket ();
  return fork () != 0 ? hold () : prctl (PR_SET_DUMPABLE, 0) != 0 || act (fd);
}

/* It becomes another program, which has it no more. */
static int
by_becoming_child (void)
{
  int fd = open_socket ();
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  if (fork () != 0)
    return hold ();
  rest (BEFORE_US);
  send_from (fd);
  say (fd);
  execl (self, "kin-holder", "hold", protocol, "0", NULL);
  return 5;
}

static const struct
{
  const char *name;
  int (*run) (void);
} kinds[] = {
  { "hold", hold },
  { "grandparent", by_grandparent },
  { "grandchild", by_grandchild },
  { "forebear", by_forebear },
  { "uncle", by_uncle },
  { "cousin", by_cousin },
  { "parent-of-mover", by_parent_of_mover },
  { "late-parent-of-mover", by_late_parent_of_mover },
  { "starter", by_starter },
  { "given", by_given },
  { "ended-program", by_ended_program },
  { "ending-parent", by_ending_parent },
  { "ending-child", by_ending_child },
  { "ending-brother", by_ending_brother },
  { "ending-forebear", by_ending_forebear },
  { "ending-starter", by_ending_starter },
  { "ringed-child", by_ringed_child },
  { "closed-child", by_closed_child },
  { "becoming-child", by_becoming_child },
  { "forked-child", by_forked_child },
  { "bidden", by_bidden },
  { "child-of-connector", by_child_of_connector },
  { "heir-of-connector", by_heir_of_connector },
  { "unconnected", by_unconnected },
  { "thread", by_thread },
  { "former-kept", by_former_kept },
  { "former-closed", by_former_closed },
  { "vforked", by_vforked },
};

int
main (int argc, char **argv)
{
  if (argc != 4)
    return 2;
  self = "/proc/self/exe";
  protocol = argv[2];
  to.sin_port = htons ((uint16_t)atoi (argv[3]));
  to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp (kinds[i].name, argv[1]) == 0)
      return kinds[i].run ();
  return 2;
}
