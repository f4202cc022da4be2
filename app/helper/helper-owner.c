/* The owner child: reads /proc and the rings of the kernel's tracepoints for the app, which has not the right to. It keeps
 * CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, because the descriptors of other users' processes need both; it opens no
 * socket, writes no file, never sees a packet, searches and concludes nothing. Its questions are not trusted: fixed size,
 * one at a time, and each costs what one process costs. What comes faster waits in the kernel, then with the app. */
#include "helper.h"
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>

#define MAX_PIDS 65536

/* Reads /proc/@pid/@name, cut at @size - 1 and NUL-terminated. Returns its length, 0 when it can't be read. */
static size_t
read_proc (uint32_t pid, const char *name, char *text, size_t size)
{
  char path[64];
  ssize_t n_bytes = -1;

  snprintf (path, sizeof path, "/proc/%u/%s", pid, name);
  int fd = openat (AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    {
      n_bytes = read (fd, text, size - 1);
      close (fd);
    }
  text[n_bytes > 0 ? n_bytes : 0] = '\0';
  return n_bytes > 0 ? n_bytes : 0;
}

static struct stat
look (uint32_t pid, const char *name)
{
  char path[64];
  struct stat status;

  snprintf (path, sizeof path, "/proc/%u/%s", pid, name);
  return fstatat (AT_FDCWD, path, &status, 0) == 0 ? status : (struct stat){ .st_uid = UINT32_MAX };
}

/* Start time of @pid, 0 when it is gone. Fills in its parent and name. */
static uint64_t
read_stat (uint32_t pid, struct pl_helper_process *process)
{
  char text[1024];
  unsigned long long start_time = 0;

  read_proc (pid, "stat", text, sizeof text);
  char *begin = strchr (text, '('), *end = strrchr (text, ')'); /* a name may hold anything, brackets too */
  if (begin == NULL || end == NULL
      || sscanf (end + 1, " %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                 &process->parent_pid, &start_time)
             != 2)
    return 0;
  snprintf (process->comm, sizeof process->comm, "%.*s", (int)(end - begin - 1), begin + 1);
  return start_time;
}

/* Sends PL_HELPER_PROCESS; for one that is another process by the end of the reading, as for one that is gone. */
void
pl_owner_describe (uint64_t id, uint32_t pid)
{
  struct pl_helper_process process = { .id = id, .pid = pid, .uid = look (pid, "").st_uid }, gone = process;
  char path[32], *text = process.text;

  process.network = look (pid, "net/tcp").st_ino;
  process.start_time = read_stat (pid, &process);
  snprintf (path, sizeof path, "/proc/%u/exe", pid);
  ssize_t n_bytes = readlinkat (AT_FDCWD, path, text, 1024);
  process.exe_bytes = n_bytes > 0 ? n_bytes : 0;
  text += process.exe_bytes;
  process.cmdline_bytes = read_proc (pid, "cmdline", text, 1024);
  process.cgroup_bytes = read_proc (pid, "cgroup", text + process.cmdline_bytes, 1024);
  text += process.cmdline_bytes + process.cgroup_bytes;
  if (process.start_time == 0 || read_stat (pid, &gone) != process.start_time)
    process = (struct pl_helper_process){ .id = id, .pid = pid }, text = process.text;
  pl_channel_send (PL_HELPER_PROCESS, &process, text - (char *)&process);
}

/* Sends PL_HELPER_PIDS. /proc lists by number; the newest are those up to the number given last, downwards. */
static void
list (const struct pl_helper_question *question)
{
  static uint32_t found[MAX_PIDS];
  struct pl_helper_pids pids = { .id = question->id };
  char text[128];
  uint32_t n = 0, n_old = 0, max = sizeof pids.pids / sizeof *pids.pids;
  char *last = read_proc (1, "../loadavg", text, sizeof text) > 0 ? strrchr (text, ' ') : NULL;
  uint32_t newest = last != NULL ? strtoul (last, NULL, 10) : UINT32_MAX;
  DIR *dir = opendir ("/proc");

  for (struct dirent *entry; dir != NULL && n < MAX_PIDS && (entry = readdir (dir)) != NULL;)
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
      {
        found[n] = strtoul (entry->d_name, NULL, 10);
        n_old += found[n++] <= newest;
      }
  if (dir != NULL)
    closedir (dir);
  for (uint32_t i = 0; i < n && pids.n_pids < max && pids.n_pids < question->max; i++)
    {
      uint32_t pid = found[(n_old + n - 1 - i) % n];

      if (question->about == UINT32_MAX || look (pid, "").st_uid == question->about)
        pids.pids[pids.n_pids++] = pid;
    }
  pl_channel_send (PL_HELPER_PIDS, &pids, offsetof (struct pl_helper_pids, pids) + pids.n_pids * sizeof *pids.pids);
}

/* Sends PL_HELPER_SOCKETS. */
static void
list_sockets (const struct pl_helper_question *question)
{
  struct pl_helper_sockets sockets = { .id = question->id };
  uint32_t max = sizeof sockets.inodes / sizeof *sockets.inodes;
  char text[64];

  snprintf (text, sizeof text, "/proc/%u/fd", question->about);
  DIR *dir = opendir (text);
  for (struct dirent *entry; dir != NULL && (entry = readdir (dir)) != NULL;)
    {
      ssize_t n_bytes = readlinkat (dirfd (dir), entry->d_name, text, sizeof text - 1);

      if (n_bytes < 9 || memcmp (text, "socket:[", 8) != 0)
        continue;
      text[n_bytes] = '\0';
      if (sockets.n_sockets < max)
        sockets.inodes[sockets.n_sockets++] = strtoull (text + 8, NULL, 10);
      else
        sockets.n_left++;
    }
  if (dir != NULL)
    closedir (dir);
  else
    sockets.n_left = UINT32_MAX;
  pl_channel_send (PL_HELPER_SOCKETS, &sockets,
                   offsetof (struct pl_helper_sockets, inodes) + sockets.n_sockets * sizeof *sockets.inodes);
}

/* One message; what is not a question is dropped. False at the end of the socket. */
static bool
answer (short revents)
{
  struct
  {
    struct pl_helper_header header;
    struct pl_helper_question question;
  } message;
  ssize_t n_bytes = recv (STDIN_FILENO, &message, sizeof message, MSG_DONTWAIT | MSG_TRUNC);

  if (n_bytes <= 0)
    return (revents & (POLLHUP | POLLERR)) == 0;
  if (n_bytes != sizeof message || message.header.version != PL_HELPER_PROTOCOL
      || message.header.length != sizeof message.question)
    return true;
  if (message.header.type == PL_HELPER_DESCRIBE)
    pl_owner_describe (message.question.id, message.question.about);
  else if (message.header.type == PL_HELPER_LIST)
    list (&message.question);
  else if (message.header.type == PL_HELPER_HOLDS)
    list_sockets (&message.question);
  return true;
}

/* What the owner child does, on descriptor 0, from the fork to the end of that socket or of its parent. */
void
pl_owner_run (uid_t target_uid, uint64_t rights, pid_t parent)
{
  struct pollfd fds[1 + PL_MAX_CPUS];
  struct pl_trace *trace = pl_trace_open ();

  pl_drop_leave (target_uid, rights);
  pl_drop_limits (PL_MAX_CPUS * 4 + 16);
  if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid () != parent)
    _exit (PL_HELPER_EXIT_FAILED);
  pl_seccomp_confine (true);
  for (pl_channel_send (PL_HELPER_READY, NULL, 0);;)
    {
      fds[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
      if (poll (fds, 1 + pl_trace_poll_fds (trace, fds + 1), -1) < 0 && errno != EINTR)
        _exit (PL_HELPER_EXIT_FAILED);
      pl_trace_forward (trace);
      if (fds[0].revents != 0 && !answer (fds[0].revents))
        _exit (PL_HELPER_EXIT_OK);
    }
}
