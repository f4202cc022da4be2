/* The owner child: reads /proc and the rings of the kernel's tracepoints for the app, which has not the right to. It keeps
 * CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, as descriptors of other users' processes need both; opens no socket, writes no file, never
 * sees a packet, concludes nothing. Its questions are not trusted: fixed size, one at a time, each costs what one process costs. */
#include "helper.h"
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>

/* Reads @name in @dir, cut at @size - 1 and NUL-terminated. Returns its length, 0 when it can't be read. */
size_t
pl_owner_read (int dir, const char *name, char *text, size_t size)
{
  int fd = openat (dir, name, O_RDONLY | O_CLOEXEC);
  size_t n_bytes = 0;

  for (ssize_t n_read = 1024; n_read >= 1024; n_bytes += MAX (n_read, 0)) /* proc(5): whole pages, and a rest */
    n_read = read (fd, text + n_bytes, size - 1 - n_bytes);
  close (fd);
  text[n_bytes] = '\0';
  return n_bytes;
}

/* Returns how much of @process is filled in. One directory is open all the while: below it there is no other process. What tells
 * one program from the next is read first: should exec(2) come in between, the rest is read again. */
size_t
pl_owner_describe (uint64_t id, uint32_t pid, struct pl_helper_process *process)
{
  char path[32], *text = process->text;
  struct stat own = { .st_uid = UINT32_MAX }, tcp = { 0 };

  snprintf (path, sizeof path, "/proc/%u", pid);
  int dir = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  fstat (dir, &own);
  fstatat (dir, "net/tcp", &tcp, 0);
  *process = (struct pl_helper_process){ .id = id, .pid = pid, .uid = own.st_uid, .network = tcp.st_ino };
  text += process->stat_bytes = pl_owner_read (dir, "stat", text, 1024);
  ssize_t n_bytes = readlinkat (dir, "exe", text, 1024);
  text += process->exe_bytes = n_bytes > 0 ? n_bytes : 0;
  text += process->cmdline_bytes = pl_owner_read (dir, "cmdline", text, 1024);
  text += process->cgroup_bytes = pl_owner_read (dir, "cgroup", text, 1024);
  close (dir);
  return text - (char *)process;
}

/* Sends PL_HELPER_PIDS. */
static void
list (const struct pl_helper_question *question)
{
  struct pl_helper_pids pids = { .id = question->id };
  struct stat tcp;
  char path[32];
  DIR *dir = opendir ("/proc"); /* in the order of numbers */

  for (struct dirent *entry; dir != NULL && pids.n_pids < PL_HELPER_MAX_PIDS && (entry = readdir (dir)) != NULL;)
    {
      uint32_t pid = strtoul (entry->d_name, NULL, 10); /* 0: it is no process */
      if (pid <= question->about)
        continue;
      snprintf (path, sizeof path, "/proc/%u/net/tcp", pid);
      pids.pids[pids.n_pids++] = (struct pl_helper_pid){ pid, stat (path, &tcp) == 0 ? tcp.st_ino : 0 };
    }
  if (dir != NULL)
    closedir (dir);
  pl_channel_send (PL_HELPER_PIDS, &pids, offsetof (struct pl_helper_pids, pids[pids.n_pids]));
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

/* Sends PL_HELPER_LINES. Nothing of the network namespace stays open. */
static void
list_lines (const struct pl_helper_question *question)
{
  static const char *const names[] = { "fib_trie", "if_inet6", "tcp", "tcp6", "udp", "udp6" };
  static char list[1 << 19]; /* some 3,500 connections take the kernel 10 ms, 4,000 sockets of datagrams 30 */
  struct pl_helper_lines lines = { .id = question->id };
  unsigned local, remote, n_seen = 0;
  size_t n_bytes = 0, n_line;

  snprintf (list, sizeof list, "/proc/%u/net/%s", question->about, question->list < 6 ? names[question->list] : "");
  lines.n_read_bytes = pl_owner_read (AT_FDCWD, list, list, sizeof list);
  lines.is_cut = lines.n_read_bytes == sizeof list - 1;
  for (char *line = list, *end; (end = strchr (line, '\n')) != NULL; line += n_line)
    {
      *end = '\0';
      n_line = end + 1 - line;
      if ((sscanf (line, "%*[^:]: %*[^:]:%x %*[^:]:%x", &local, &remote) == 2
           && (local != question->local_port || (remote != 0 && remote != question->remote_port)))
          || n_seen++ < question->from)
        continue;
      lines.is_cut |= n_line > sizeof lines.text - n_bytes;
      if (lines.is_cut)
        break;
      memcpy (lines.text + n_bytes, line, n_line);
      n_bytes += n_line;
    }
  pl_channel_send (PL_HELPER_LINES, &lines, offsetof (struct pl_helper_lines, text[n_bytes]));
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
  else if (type == PL_HELPER_READ)
    list_lines (&message.question);
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
