/* portlight-helper's last stage, from inside: what each of its two processes may still do, and what kills it. Every attempt
 * is a process of its own. */
#include "helper.h"
#include <glib.h>
#include <signal.h>
#include <linux/filter.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define REFUSED 50 /* exit codes of an attempt */
#define DONE 51

void
pl_fail (int code, const char *format, ...)
{
  _exit (99);
}

static int
outcome (long result)
{
  return result >= 0 ? DONE : errno == EPERM ? REFUSED : 52;
}

static int
do_socket (void)
{
  return outcome (socket (AF_INET, SOCK_DGRAM, 0));
}

static int
do_exec (void)
{
  execl ("/bin/true", "true", NULL);
  return outcome (-1);
}

static int
do_fork (void)
{
  pid_t pid = fork ();

  if (pid == 0)
    _exit (0);
  return outcome (pid);
}

static int
do_ptrace (void)
{
  return outcome (ptrace (PTRACE_ATTACH, getppid (), NULL, NULL));
}

static int
do_kill (void)
{
  return outcome (kill (getppid (), 0));
}

static int
do_map_code (void)
{
  return outcome (mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static int
do_map_data (void)
{
  return outcome (mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ? 0 : -1);
}

static int
do_protect_code (void)
{
  return outcome (mprotect (&errno, 1, PROT_READ | PROT_WRITE | PROT_EXEC));
}

static int
do_send_elsewhere (void) /* as on a packet socket: a frame on the wire */
{
  return outcome (sendto (3, "x", 1, 0, NULL, 0));
}

static int
do_write_elsewhere (void)
{
  return outcome (write (3, "x", 1));
}

static int
do_send_message (void)
{
  return outcome (sendmsg (0, &(struct msghdr){ 0 }, 0));
}

static int
do_send (void)
{
  return outcome (sendto (0, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0));
}

static int
do_write_out (void)
{
  return outcome (write (1, "", 0));
}

static int
do_open (void)
{
  return outcome (openat (AT_FDCWD, "/proc/self/stat", O_RDONLY));
}

static int
do_open_to_write (void)
{
  return outcome (openat (AT_FDCWD, "/dev/null", O_WRONLY));
}

static int
do_create (void)
{
  return outcome (openat (AT_FDCWD, "/tmp/portlight-helper-test", O_RDONLY | O_CREAT, 0600));
}

static int
do_become_root (void)
{
  return outcome (setresuid (0, 0, 0));
}

static int
do_set_option (void)
{
  return outcome (setsockopt (0, SOL_SOCKET, SO_RCVBUF, &(int){ 1 }, sizeof (int)));
}

static int
do_ioctl (void)
{
  return outcome (isatty (0) ? 0 : -1);
}

/* As libcs have it: musl's dup3() is this where there is one. */
static int
do_take_stream (void)
{
#ifdef SYS_dup2
  return outcome (syscall (SYS_dup3, 0, 1, 0) == 1 ? syscall (SYS_dup2, 0, 1) : -1);
#else
  return outcome (syscall (SYS_dup3, 0, 1, 0));
#endif
}

static int
do_duplicate (void)
{
  return outcome (syscall (SYS_dup3, 0, 7, 0));
}

static int
do_attach_filter (void)
{
  struct sock_filter take = { BPF_RET | BPF_K, 0, 0, 100 };
  struct sock_fprog program = { 1, &take };

  return outcome (setsockopt (0, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
}

static int
do_time (void)
{
  return outcome (pl_now_ms ());
}

int64_t
pl_now_ms (void)
{
  struct timespec now;

  return syscall (SYS_clock_gettime, CLOCK_MONOTONIC, &now) == 0 ? now.tv_sec : -1;
}

static int
try (int (*attempt) (void), bool is_owner)
{
  int pair[2], status;

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, pair));
  pid_t pid = fork ();
  g_assert_no_errno (pid);
  if (pid == 0)
    {
      prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
      prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      if (dup2 (pair[0], 0) != 0 || (pair[1] != 3 && dup2 (pair[1], 3) != 3))
        _exit (98);
      pl_seccomp_confine (is_owner);
      _exit (attempt ());
    }
  close (pair[0]);
  close (pair[1]);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return WIFSIGNALED (status) ? WTERMSIG (status) : WEXITSTATUS (status);
}

static void
test_attempts (void)
{
  static const struct
  {
    const char *name;
    int (*attempt) (void);
    int of_capture, of_owner;
  } attempts[] = {
    { "socket", do_socket, SIGSYS, SIGSYS },
    { "exec", do_exec, SIGSYS, SIGSYS },
    { "fork", do_fork, SIGSYS, SIGSYS },
    { "ptrace", do_ptrace, SIGSYS, SIGSYS },
    { "kill", do_kill, SIGSYS, SIGSYS },
    { "map code", do_map_code, SIGSYS, SIGSYS },
    { "map data", do_map_data, DONE, DONE },
    { "protect as code", do_protect_code, SIGSYS, SIGSYS },
    { "send elsewhere", do_send_elsewhere, SIGSYS, SIGSYS },
    { "write elsewhere", do_write_elsewhere, SIGSYS, SIGSYS },
    { "sendmsg", do_send_message, SIGSYS, SIGSYS },
    { "send", do_send, DONE, DONE },
    { "write to descriptor 1", do_write_out, DONE, SIGSYS },
    { "open", do_open, REFUSED, DONE },
    { "open to write", do_open_to_write, REFUSED, SIGSYS },
    { "create", do_create, REFUSED, SIGSYS },
    { "become root", do_become_root, SIGSYS, SIGSYS },
    { "setsockopt", do_set_option, SIGSYS, SIGSYS },
    { "take another stream", do_take_stream, DONE, SIGSYS },
    { "duplicate elsewhere", do_duplicate, SIGSYS, SIGSYS },
    { "attach a filter", do_attach_filter, DONE, SIGSYS },
    { "ioctl", do_ioctl, REFUSED, REFUSED },
    { "time", do_time, DONE, DONE },
  };

#if PL_HELPER_IS_SANITIZED || !(defined __x86_64__ || defined __aarch64__)
  g_test_skip ("without seccomp: a build with a sanitizer, or a processor it is not made for");
  return;
#endif
  for (gsize i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      g_test_message ("%s", attempts[i].name);
      g_assert_cmpint (try (attempts[i].attempt, FALSE), ==, attempts[i].of_capture);
      g_assert_cmpint (try (attempts[i].attempt, TRUE), ==, attempts[i].of_owner);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/helper/seccomp", test_attempts);
  return g_test_run ();
}
