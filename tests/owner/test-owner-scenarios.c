/* The cases in which a wrong process is easily named: shared descriptors, passed sockets, processes that are gone, that changed
 * their user or their program; test-owner-ports.c has those of shared ports. Each fails on a wrong process; a missing one is allowed
 * only where nobody could know. Runs as root and as an ordinary user. */
#include "first-scan.h"
#include "owner-fixture.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <netinet/ip_icmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* ---- listeners ---- */

static int
listen_v4 (gconstpointer data)
{
  guint16 port = 0;
  return open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
}

static void
test_listener (Fixture *fixture, gconstpointer data)
{
  Child server = start_child (listen_v4, NULL);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", server.port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.called.process);
  g_assert_cmpint (answers.called.process->pid, ==, server.pid);
  g_assert_cmpuint (answers.called.confidence, ==, PL_CONFIDENCE_LISTENER);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, getpid ());
  close (client);
  end_child (&server);
}

/* A server that has been there for long, with many newer processes: a full scan finds it. */
static void
test_old_process (Fixture *fixture, gconstpointer data)
{
  Child server = start_child (listen_v4, NULL), others[40];
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    others[i] = start_child (listen_v4, NULL);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", server.port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.called.process);
  g_assert_cmpint (answers.called.process->pid, ==, server.pid);
  close (client);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    end_child (&others[i]);
  end_child (&server);
}

typedef struct
{
  int listener;
  int report_fd;
} Prefork;

static int
accept_one (gconstpointer data)
{
  const Prefork *prefork = data;
  int fd = accept4 (prefork->listener, NULL, NULL, SOCK_CLOEXEC);
  pid_t pid = getpid ();
  g_assert_cmpint (write (prefork->report_fd, &pid, sizeof pid), ==, sizeof pid);
  return fd;
}

/* Two workers accept from one listener: its maker is named at first, and then the worker that took the connection. */
static void
test_prefork (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int pipe_fds[2];
  pid_t pids[2], taker;
  Prefork prefork = { .listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE) };
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  prefork.report_fd = pipe_fds[1];
  for (guint i = 0; i < 2; i++)
    if ((pids[i] = fork ()) == 0)
      {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        accept_one (&prefork);
        pause ();
        _exit (0);
      }
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_cmpint (read (pipe_fds[0], &taker, sizeof taker), ==, sizeof taker);
  g_assert_nonnull (answers.called.process);
  if (answers.called.confidence == PL_CONFIDENCE_EXACT)
    g_assert_cmpint (answers.called.process->pid, ==, taker);
  else
    {
      PlOwnerAnswer second;
      g_assert_cmpint (answers.called.process->pid, ==, getpid ());
      g_assert_true (wait_second_answer (fixture, &question, 3000, &second));
      g_assert_cmpuint (second.confidence, ==, PL_CONFIDENCE_EXACT);
      g_assert_cmpint (second.process->pid, ==, taker);
      pl_process_unref (second.process);
    }
  for (guint i = 0; i < 2; i++)
    {
      kill (pids[i], SIGKILL);
      waitpid (pids[i], NULL, 0);
    }
  close (client);
  close (prefork.listener);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

static int
be_manager (gconstpointer data)
{
  int *service_pid = *(int *const *)data;
  guint16 port = 0;
  prctl (PR_SET_NAME, "systemd");
  int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  char byte;
  int renamed[2];
  g_assert_cmpint (pipe (renamed), ==, 0);
  pid_t pid = fork ();
  if (pid == 0)
    {
      prctl (PR_SET_NAME, "service");
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      g_assert_cmpint (write (renamed[1], "x", 1), ==, 1);
      pause ();
      _exit (0);
    }
  g_assert_cmpint (read (renamed[0], &byte, 1), ==, 1);
  *service_pid = pid;
  return listener;
}

/* Socket activation: the manager that opened the listener keeps it, the service is who answers. */
static void
test_socket_activation (Fixture *fixture, gconstpointer data)
{
  int *service_pid = mmap (NULL, sizeof (int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  wait_first_scan (fixture->owners); /* if that saw the manager alone, the manager it would be */
  Child manager = start_child (be_manager, &service_pid);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", manager.port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.called.process);
  g_assert_cmpint (answers.called.process->pid, ==, *service_pid);
  close (client);
  end_child (&manager);
  munmap (service_pid, sizeof (int));
}

/* ---- descriptors of several processes ---- */

static int
wait_only (gconstpointer data)
{
  return -1;
}

/* After fork(2) both have the socket, and either may have sent: their program is likely, and neither process is named. */
static void
test_fork_shared (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int server = open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
  int fd = open_connected (SOCK_DGRAM, "127.0.0.1", port);
  Child child = start_child (wait_only, NULL);
  PlOwnerQuestion question = question_of (fd, PL_PROTO_UDP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_cmpint (answers.caller.process->pid, ==, 0);
  g_assert_cmpstr (answers.caller.process->comm, ==, "test-owner-scen");
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_LIKELY);
  end_child (&child);
  close (fd);
  close (server);
}

static void
send_fd (int channel, int fd)
{
  char byte = 0, control[CMSG_SPACE (sizeof (int))] = { 0 };
  struct iovec iov = { &byte, 1 };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof (int));
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  g_assert_cmpint (sendmsg (channel, &message, 0), ==, 1);
}

static int
receive_fd (gconstpointer data)
{
  char byte, control[CMSG_SPACE (sizeof (int))];
  struct iovec iov = { &byte, 1 };
  struct msghdr message = {
    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };
  int fd = -1;
  g_assert_cmpint (recvmsg (*(const int *)data, &message, 0), ==, 1);
  memcpy (&fd, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof fd);
  return fd;
}

/* Made here, passed on over SCM_RIGHTS and closed here: the process that has it now; for an ordinary user, who looks later, that one's program. */
static void
test_passed_on (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int channel[2];
  int server = open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, channel), ==, 0);
  int fd = -1;
  /* The socket is opened by a child of its own, so that the receiver does not inherit it. */
  pid_t opener = fork ();
  if (opener == 0)
    {
      fd = open_connected (SOCK_DGRAM, "127.0.0.1", port);
      send_fd (channel[0], fd);
      _exit (0);
    }
  waitpid (opener, NULL, 0);
  Child receiver = start_child (receive_fd, &channel[1]);
  PlOwnerQuestion question = make_question (PL_PROTO_UDP, "127.0.0.1", receiver.port, "127.0.0.1", port);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==,
                   answers.caller.confidence == PL_CONFIDENCE_LIKELY ? 0 : receiver.pid);
  end_child (&receiver);
  close (channel[0]);
  close (channel[1]);
  close (server);
}

/* ---- gone, changed ---- */

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int server = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  int accepted = accept4 (server, NULL, NULL, SOCK_CLOEXEC);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  close (client); /* FIN_WAIT2, then TIME_WAIT */
  g_auto (Answers) half = ask (fixture, &question);
  g_assert_null (half.caller.process);
  close (accepted);
  close (server);
  question.flow_id++;
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_null (answers.caller.process);
  g_assert_null (answers.called.process);
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_UNKNOWN);
  g_assert_cmpuint (answers.caller.uid, ==, PL_UNKNOWN_U32);
}

/* A refused attempt: nobody listens, and the caller's socket has no connection any more. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int taken = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  close (taken);
  PlOwnerQuestion question = make_question (PL_PROTO_TCP, "127.0.0.1", 40000, "127.0.0.1", port);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_null (answers.caller.process);
  g_assert_null (answers.called.process);
}

static int
open_then_change_user (gconstpointer data)
{
  int fd = listen_v4 (NULL);
  g_assert_cmpint (setresuid (65533, 65533, 65533), ==, 0);
  return fd;
}

/* A daemon that opened its socket as root: found with the user it has now. */
static void
test_changed_user (Fixture *fixture, gconstpointer data)
{
  if (geteuid () != 0)
    {
      g_test_skip ("needs root");
      return;
    }
  Child server = start_child (open_then_change_user, NULL);
  int client = open_connected (SOCK_STREAM, "127.0.0.1", server.port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.called.process);
  g_assert_cmpint (answers.called.process->pid, ==, server.pid);
  g_assert_cmpuint (answers.called.process->uid, ==, 65533);
  g_assert_cmpuint (answers.called.uid, ==, 0);
  close (client);
  end_child (&server);
}

/* exec(2) keeps pid, start time and descriptors: the name must change all the same. */
static void
test_exec (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int to[2], from[2];
  char byte;
  g_assert_true (pipe (to) == 0 && pipe (from) == 0);
  int server = open_bound (SOCK_DGRAM, "127.0.0.1", &port, FALSE);
  int fd = open_connected (SOCK_DGRAM, "127.0.0.1", port);
  PlOwnerQuestion question = question_of (fd, PL_PROTO_UDP);
  pid_t pid = fork ();
  if (pid == 0)
    {
      dup2 (fd, STDERR_FILENO + 1); /* no number below is free, as of a socket that was opened by who has it */
      close (to[1]);
      g_assert_cmpint (write (from[1], "x", 1), ==, 1);
      if (read (to[0], &byte, 1) == 1)
        execlp ("sleep", "sleep", "60", NULL);
      _exit (1);
    }
  close (fd); /* the child's alone */
  g_assert_cmpint (read (from[0], &byte, 1), ==, 1);
  question.asked_us = g_get_monotonic_time ();
  g_auto (Answers) before = ask (fixture, &question);
  g_assert_cmpint (before.caller.process->pid, ==, pid);
  g_assert_cmpstr (before.caller.process->name, ==, "test-owner-scenarios");
  g_assert_cmpint (write (to[1], "x", 1), ==, 1);
  for (int i = 0; i < 100; i++)
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/comm", pid), *comm = NULL;
      if (g_file_get_contents (path, &comm, NULL, NULL) && g_str_equal (comm, "sleep\n"))
        break;
      g_usleep (10000);
    }
  question.flow_id++;
  g_auto (Answers) after = ask (fixture, &question);
  g_assert_cmpint (after.caller.process->pid, ==, pid);
  g_assert_cmpstr (after.caller.process->name, ==, "sleep");
  g_assert_cmpstr (after.caller.process->cmdline, ==, "sleep 60");
  end_child (&(Child){ .pid = pid, .from_fd = from[0] });
  close (from[1]);
  close (server);
  close (to[0]);
  close (to[1]);
}

/* ---- cgroups ---- */

/* Where cgroup2 is mounted, or NULL. */
static char *
find_cgroup_mount (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/proc/self/mounts", &text, NULL, NULL))
    return NULL;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) words = g_strsplit (*line, " ", 4);
      if (g_strv_length (words) == 4 && g_str_equal (words[2], "cgroup2"))
        return g_strdup (words[1]);
    }
  return NULL;
}

typedef struct
{
  const char *procs; /* cgroup.procs of the group to enter */
  guint16 port;
} Orphan;

/* Sends more than the other side takes, so that the connection outlives this process. */
static int
send_much (gconstpointer data)
{
  const Orphan *orphan = data;
  static const char bytes[65536];
  g_autofree char *pid = g_strdup_printf ("%d", getpid ());
  int procs = open (orphan->procs, O_WRONLY);
  g_assert_cmpint (write (procs, pid, strlen (pid)), >, 0);
  close (procs);
  int fd = open_connected (SOCK_STREAM, "127.0.0.1", orphan->port);
  while (send (fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
    continue;
  return fd;
}

/* The process is gone, its socket is not: the kernel still knows the cgroup, and that names the service. */
static void
test_cgroup (Fixture *fixture, gconstpointer data)
{
  g_autofree char *mount = find_cgroup_mount ();
  g_autofree char *name = g_strdup_printf ("pl-owner-%d.service", getpid ());
  g_autofree char *dir = g_build_filename (mount != NULL ? mount : "/", name, NULL);
  g_autofree char *procs = g_build_filename (dir, "cgroup.procs", NULL);
  if (mount == NULL || mkdir (dir, 0755) != 0)
    {
      g_test_skip ("needs a cgroup2 mount that may be written to");
      return;
    }
  Orphan orphan = { .procs = procs };
  int server = open_bound (SOCK_STREAM, "127.0.0.1", &orphan.port, FALSE);
  Child child = start_child (send_much, &orphan);
  int accepted = accept4 (server, NULL, NULL, SOCK_CLOEXEC);
  PlOwnerQuestion question = make_question (PL_PROTO_TCP, "127.0.0.1", child.port, "127.0.0.1", orphan.port);
  g_auto (Answers) before = ask (fixture, &question);
  g_assert_nonnull (before.caller.process);
  g_assert_cmpint (before.caller.process->pid, ==, child.pid);
  end_child (&child);
  question.flow_id++;
  g_auto (Answers) after = ask (fixture, &question);
  g_assert_nonnull (after.caller.process);
  g_assert_cmpint (after.caller.process->pid, ==, 0);
  g_assert_cmpuint (after.caller.confidence, ==, PL_CONFIDENCE_CGROUP);
  g_assert_cmpstr (after.caller.process->unit, ==, name);
  g_assert_true (g_str_has_prefix (after.caller.process->app_key, "service:pl-owner-"));
  close (accepted);
  close (server);
  for (int i = 0; i < 100 && rmdir (dir) != 0; i++)
    g_usleep (10000);
}

/* The first thread has ended, or another has descriptors of its own, which /proc does not list as the process's: it is not the kernel. */
static void
test_first_thread_ended (Fixture *fixture, gconstpointer data)
{
  guint16 port = 0;
  int server = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
  PlOwnerQuestion question;
  pid_t child = start_thread_holder (port, data != NULL, &question);
  g_auto (Answers) answers = ask (fixture, &question);
  if (answers.caller.process != NULL)
    g_assert_cmpstr (answers.caller.process->app_key, !=, "kernel");
  if (data != NULL && syscall (SYS_kcmp, child, getpid (), KCMP_FILES, 0, 0) >= 0)
    g_assert_cmpint (answers.caller.process != NULL ? answers.caller.process->pid : 0, ==, child);
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  close (server);
}

/* ---- pings and raw sockets ---- */

static PlOwnerQuestion
echo_question (guint16 identifier)
{
  PlOwnerQuestion question = make_question (PL_PROTO_ICMP, "127.0.0.1", identifier, "127.0.0.2", identifier);
  question.key.kind = PL_KIND_ECHO;
  return question;
}

static void
test_ping_socket (Fixture *fixture, gconstpointer data)
{
  struct sockaddr_in to = { .sin_family = AF_INET };
  struct icmphdr echo = { .type = ICMP_ECHO };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (fd < 0)
    {
      g_test_skip ("net.ipv4.ping_group_range allows this user no ping socket");
      return;
    }
  inet_pton (AF_INET, "127.0.0.2", &to.sin_addr);
  g_assert_cmpint (sendto (fd, &echo, sizeof echo, 0, (struct sockaddr *)&to, sizeof to), ==, sizeof echo);
  guint16 identifier;
  addr_of (fd, FALSE, &identifier);
  PlOwnerQuestion question = echo_question (identifier);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, getpid ());
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_EXACT);
  g_assert_nonnull (answers.called.process);
  g_assert_cmpstr (answers.called.process->app_key, ==, "kernel");
  close (fd);
}

static int
open_raw (gconstpointer data)
{
  int fd = socket (AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  g_assert_cmpint (fd, >=, 0);
  return -1;
}

/* A raw socket of the right protocol is a guess: likely while one process has such, nobody when two have. */
static void
test_raw_socket (Fixture *fixture, gconstpointer data)
{
  if (geteuid () != 0)
    {
      g_test_skip ("needs root, for raw sockets");
      return;
    }
  Child pinger = start_child (open_raw, NULL);
  PlOwnerQuestion question = echo_question (7);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, pinger.pid);
  g_assert_cmpuint (answers.caller.confidence, ==, PL_CONFIDENCE_LIKELY);
  Child other = start_child (open_raw, NULL);
  question.flow_id++;
  g_auto (Answers) both = ask (fixture, &question);
  g_assert_true (both.caller.process == NULL || both.caller.process->pid == 0);
  end_child (&other);
  end_child (&pinger);
}

/* ---- other users ---- */

static gboolean
is_foreign (const PlSocket *socket, gpointer data)
{
  return socket->proto == PL_PROTO_TCP && socket->local_port == *(guint16 *)data;
}

/* Of another user's socket everything is known but the process: and then no process is named, but the user. */
static void
test_other_user (Fixture *fixture, gconstpointer data)
{
  if (g_getenv ("PL_TEST_FOREIGN_PORT") == NULL)
    {
      g_test_skip ("no listener of another user was prepared");
      return;
    }
  guint16 port = (guint16)atoi (g_getenv ("PL_TEST_FOREIGN_PORT"));
  int client = open_connected (SOCK_STREAM, "127.0.0.1", port);
  PlOwnerQuestion question = question_of (client, PL_PROTO_TCP);
  g_auto (Answers) answers = ask (fixture, &question);
  g_assert_nonnull (answers.caller.process);
  g_assert_cmpint (answers.caller.process->pid, ==, getpid ());
  g_assert_nonnull (answers.called.process);
  g_assert_cmpint (answers.called.process->pid, ==, 0);
  g_assert_cmpstr (answers.called.process->user, ==, "root");
  if (answers.called.confidence != PL_CONFIDENCE_CGROUP)
    {
      g_assert_cmpuint (answers.called.confidence, ==, PL_CONFIDENCE_UNKNOWN);
      g_assert_cmpstr (answers.called.process->name, ==, "Another user: root");
      g_assert_cmpstr (answers.called.process->app_key, ==, "user:0");
    }
  g_assert_cmpuint (answers.called.uid, ==, 0);
  pl_owners_watch_sockets (fixture->owners, TRUE);
  g_assert_true (wait_socket (fixture, is_foreign, &port));
  close (client);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  be_alone ();
  /* Before the rights are dropped: a listener of root's for the ordinary user to look at. */
  int foreign = -1;
  if (g_getenv ("PL_TEST_UID") != NULL && geteuid () == 0)
    {
      guint16 port = 0;
      int to[2];
      g_autofree char *text = NULL;
      if (pipe (to) != 0)
        return 1;
      int listener = open_bound (SOCK_STREAM, "127.0.0.1", &port, FALSE);
      if (fork () == 0)
        {
          char byte;
          close (to[1]);
          while (read (to[0], &byte, 1) > 0)
            continue;
          _exit (0);
        }
      close (listener);
      close (to[0]);
      foreign = to[1];
      fcntl (foreign, F_SETFD, FD_CLOEXEC);
      text = g_strdup_printf ("%u", port);
      g_setenv ("PL_TEST_FOREIGN_PORT", text, TRUE);
    }
  drop_user ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/scenarios/listener", test_listener);
  ADD ("/scenarios/old-process", test_old_process);
  ADD ("/scenarios/prefork", test_prefork);
  ADD ("/scenarios/socket-activation", test_socket_activation);
  ADD ("/scenarios/fork-shared", test_fork_shared);
  ADD ("/scenarios/passed-on", test_passed_on);
  ADD ("/scenarios/gone", test_gone);
  ADD ("/scenarios/refused", test_refused);
  ADD ("/scenarios/changed-user", test_changed_user);
  ADD ("/scenarios/exec", test_exec);
  ADD ("/scenarios/cgroup", test_cgroup);
  ADD ("/scenarios/first-thread-ended", test_first_thread_ended);
  g_test_add ("/scenarios/own-descriptors", Fixture, "own", set_up, test_first_thread_ended, tear_down);
  ADD ("/scenarios/ping-socket", test_ping_socket);
  ADD ("/scenarios/raw-socket", test_raw_socket);
  ADD ("/scenarios/other-user", test_other_user);
  int result = g_test_run ();
  if (foreign >= 0)
    close (foreign);
  return result;
}
