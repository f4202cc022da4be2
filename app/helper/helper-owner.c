/* The owner child: reads /proc and the rings of the kernel's tracepoints for the app, which has not the right to. It keeps
 * CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, as descriptors of other users' processes need both; opens no socket, writes no file, never
 * sees a packet, concludes nothing. Its questions are not trusted: fixed size, one at a time, each costs what one process costs. */
#include "helper.h"
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>

#define MAX_PIDS 65536

/* Reads @name in @dir, cut at @size - 1 and NUL-terminated. Returns its length, 0 when it can't be read. */
size_t
pl_owner_read (int dir, const char *name, char *text, size_t size)
{
  int fd = openat (dir, name, O_RDONLY | O_CLOEXEC);
  ssize_t n_bytes = fd >= 0 ? read (fd, text, size - 1) : -1;

  close (fd);
  text[n_bytes > 0 ? n_bytes : 0] = '\0';
  return n_bytes > 0 ? n_bytes : 0;
}

/* What proc(5) says in stat, from its third field on: behind a name that may hold anything, brackets too. */
static void
read_stat (int dir, struct pl_helper_process *process)
{
  char text[1024];
  uint64_t fields[49] = { 0 };

  pl_owner_read (dir, "stat", text, sizeof text);
  char *begin = strchr (text, '('), *at = strrchr (text, ')');
  if (begin == NULL || at == NULL)
    return;
  snprintf (process->comm, sizeof process->comm, "%.*s", (int)(at - begin - 1), begin + 1);
  for (int field = 3; field <= 48 && (at = strchr (at + 1, ' ')) != NULL; field++)
    fields[field] = strtoull (at, NULL, 10);
  process->parent_pid = fields[4];
  process->tty = fields[7];
  process->start_time = fields[22];
  process->exec_mark = fields[48];
}

/* Returns how much of @process is filled in. One directory is open all the while: below it there is no other process. */
size_t
pl_owner_describe (uint64_t id, uint32_t pid, struct pl_helper_process *process)
{
  char path[32], *text = process->text;
  struct stat own = { .st_uid = UINT32_MAX }, tcp = { 0 };

  snprintf (path, sizeof path, "/proc/%u", pid);
  int dir = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  fstatat (dir, ".", &own, 0);
  fstatat (dir, "net/tcp", &tcp, 0);
  *process = (struct pl_helper_process){ .id = id, .pid = pid, .uid = own.st_uid, .network = tcp.st_ino };
  read_stat (dir, process);
  ssize_t n_bytes = readlinkat (dir, "exe", text, 1024);
  process->exe_bytes = n_bytes > 0 ? n_bytes : 0;
  text += process->exe_bytes;
  process->cmdline_bytes = pl_owner_read (dir, "cmdline", text, 1024);
  process->cgroup_bytes = pl_owner_read (dir, "cgroup", text + process->cmdline_bytes, 1024);
  close (dir);
  return text + process->cmdline_bytes + process->cgroup_bytes - (char *)process;
}

/* Sends PL_HELPER_PIDS. /proc lists by number; the newest are those up to the number given last, downwards. */
static void
list (const struct pl_helper_question *question)
{
  static uint32_t found[MAX_PIDS];
  struct pl_helper_pids pids = { .id = question->id };
  char text[128];
  uint32_t n = 0, n_old = 0, max = sizeof pids.pids / sizeof *pids.pids;
  char *last = pl_owner_read (AT_FDCWD, "/proc/loadavg", text, sizeof text) > 0 ? strrchr (text, ' ') : NULL;
  uint32_t newest = last != NULL ? strtoul (last, NULL, 10) : UINT32_MAX;
  DIR *dir = opendir ("/proc");

  for (struct dirent *entry; dir != NULL && n < MAX_PIDS && (entry = readdir (dir)) != NULL;)
    if ((found[n] = strtoul (entry->d_name, NULL, 10)) > 0) /* else it is no process */
      n_old += found[n++] <= newest;
  if (dir != NULL)
    closedir (dir);
  for (; pids.n_pids < n && pids.n_pids < max; pids.n_pids++)
    pids.pids[pids.n_pids] = found[(n_old + n - 1 - pids.n_pids) % n];
  pl_channel_send (PL_HELPER_PIDS, &pids, offsetof (struct pl_helper_pids, pids) + pids.n_pids * sizeof *pids.pids);
}

/* Sends PL_HELPER_SOCKETS. */
static void
list_sockets (const struct pl_helper_question *question)
{
  struct pl_helper_sockets sockets = { .id = question->id };
  char text[64];

  snprintf (text, sizeof text, "/proc/%u/fd", question->about);
  DIR *dir = opendir (text);
  for (struct dirent *entry; dir != NULL && (entry = readdir (dir)) != NULL;)
    {
      ssize_t n_bytes = readlinkat (dirfd (dir), entry->d_name, text, sizeof text - 1);

      text[n_bytes > 0 ? n_bytes : 0] = '\0';
      if (strncmp (text, "socket:[", 8) != 0 && strcmp (text, "anon_inode:[io_uring]") != 0) /* of these 0 */
        continue;
      if (sockets.n_sockets == sizeof sockets.inodes / sizeof *sockets.inodes && ++sockets.n_left > 0)
        continue;
      uint64_t inode = strtoull (text + 8, NULL, 10);
      snprintf (text, sizeof text, "../fdinfo/%.16s", entry->d_name);
      pl_owner_read (dirfd (dir), text, text, sizeof text); /* "flags:" in octal, among the first lines */
      char *flags = strstr (text, "flags:");
      if (inode != 0 && flags != NULL && (strtoul (flags + 6, NULL, 8) & O_CLOEXEC) != 0)
        inode |= PL_HELPER_CLOSED_BY_EXEC;
      sockets.inodes[sockets.n_sockets++] = inode;
    }
  if (dir == NULL || closedir (dir) != 0)
    sockets.n_left = UINT32_MAX;
  pl_channel_send (PL_HELPER_SOCKETS, &sockets,
                   offsetof (struct pl_helper_sockets, inodes) + sockets.n_sockets * sizeof *sockets.inodes);
}

/* One message; what is not a question is dropped. False at the end of the socket. */
static bool
answer (short revents)
{
  struct pl_helper_asked message;
  struct pl_helper_process process = { 0 };
  ssize_t n_bytes = recv (STDIN_FILENO, &message, sizeof message, MSG_DONTWAIT | MSG_TRUNC);

  if (n_bytes <= 0)
    return (revents & (POLLHUP | POLLRDHUP | POLLERR)) == 0;
  bool is_question = n_bytes == sizeof message && message.header.length == sizeof message.question;
  uint16_t type = is_question && message.header.version == PL_HELPER_PROTOCOL ? message.header.type : 0;
  if (type == PL_HELPER_DESCRIBE)
    pl_channel_send (PL_HELPER_PROCESS, &process,
                     pl_owner_describe (message.question.id, message.question.about, &process));
  else if (type == PL_HELPER_LIST)
    list (&message.question);
  else if (type == PL_HELPER_HOLDS)
    list_sockets (&message.question);
  return true;
}

/* What the owner child does, on descriptor 0, from the fork to the end of that socket or of its parent. */
void
pl_owner_run (uid_t target_uid, uint64_t rights, pid_t parent)
{
  int trace_fd;
  struct pl_trace *trace = pl_trace_open (&trace_fd);
  struct pollfd fds[] = { { STDIN_FILENO, POLLIN | POLLRDHUP, 0 }, { trace_fd, POLLIN, 0 } };

  pl_drop_leave (target_uid, rights);
  pl_drop_limits (PL_MAX_CPUS * 4 + 16);
  if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid () != parent)
    _exit (PL_HELPER_EXIT_FAILED);
  pl_seccomp_confine (true);
  for (pl_channel_send (PL_HELPER_READY, NULL, 0);;)
    {
      if (poll (fds, 2, -1) < 0 && errno != EINTR)
        _exit (PL_HELPER_EXIT_FAILED);
      pl_trace_forward (trace);
      if (fds[0].revents != 0 && !answer (fds[0].revents))
        _exit (PL_HELPER_EXIT_OK);
    }
}
