/* What /proc tells about processes and their descriptors (proc(5)). One handle a thread. Every read is relative to an open
 * directory of the process, so that a pid given away meanwhile is never mistaken for its predecessor. The root can be
 * another directory, for tests. */
#pragma once
#include <glib.h>

typedef struct
{
  gint32 pid, parent_pid;
  guint32 uid; /* effective; PL_UNKNOWN_U32 when not told */
  gint32 tty; /* device number of the controlling terminal; 0 none */
  gint32 nice;
  gboolean is_ending; /* closes its descriptors, or has */
  gboolean is_zombie; /* has, and waits for its parent to hear of it */
  gboolean is_forked; /* by fork(2), without an exec(2) since */
  gboolean is_contained; /* in a pid namespace below that of /proc, as in a container; FALSE when not told */
  guint64 start_time; /* clock ticks since boot */
  guint64 child_faults; /* page faults of the children that have ended and it waited for; 0: of none, as each has some */
  guint64 exec_mark; /* address of the arguments: another one after every exec; 0 when not told */
  guint32 network; /* pl_procfs_get_network(); 0 when not told */
  char *comm; /* never NULL */
  char *exe; /* without " (deleted)"; nullable */
  char *cmdline; /* arguments, each ended by a NUL; nullable */
  gsize cmdline_bytes;
  char *cgroup; /* path in the unified hierarchy, or the systemd one of cgroup v1; nullable */
  char *cwd;          /* read only for interpreters, and where exe is not told; nullable */
  char *flatpak_info; /* text of /.flatpak-info in the process's root; nullable */
  char *appimage;     /* APPIMAGE of its environment, read only for what runs from an AppImage's mount; nullable */
} PlProcFacts;

void pl_proc_facts_clear (PlProcFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlProcFacts, pl_proc_facts_clear)

/* Whether it began in the last two seconds: who started an older one is long gone, or still there, and it has become the
 * program that it was started for. */
gboolean pl_proc_facts_is_young (const PlProcFacts *facts);

/* The fields as proc(5) has them: the link with " (deleted)" maybe, the arguments with a NUL behind each, all lines of the
 * cgroup file (@text is written over). */
gboolean pl_proc_facts_set_stat (PlProcFacts *facts, const char *text); /* FALSE when it is none */
void pl_proc_facts_set_exe (PlProcFacts *facts, const char *link, gsize n_bytes);
/* The same of a process whose files are closed to us, when comm and the arguments are set: " (deleted)" stays where these say that
 * the file is called so in earnest. */
void pl_proc_facts_set_told_exe (PlProcFacts *facts, const char *link, gsize n_bytes);
void pl_proc_facts_set_cmdline (PlProcFacts *facts, const char *bytes, gsize n_bytes);
void pl_proc_facts_set_cgroup (PlProcFacts *facts, char *text);

typedef struct _PlProcfs PlProcfs;

/* Of @pid, by which it can be told later whether that process has ended: then nothing is there. -1 when it is gone. */
int pl_procfs_open_process (PlProcfs *procfs, gint32 pid);

/* @root: "/proc". NULL when it can't be opened. */
PlProcfs *pl_procfs_new (const char *root);
void pl_procfs_free (PlProcfs *procfs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlProcfs, pl_procfs_free)

/* What this process may not read is then asked of @helper (nullable), which must outlive its use here: the descriptors of
 * other users' processes, without their numbers, and their programs. */
typedef struct _PlHelperLink PlHelperLink;
void pl_procfs_use_helper (PlProcfs *procfs, PlHelperLink *helper);

/* Reads everything; FALSE when the process is gone (@facts is then empty). A field that may not be read is unset. */
gboolean pl_procfs_read (PlProcfs *procfs, gint32 pid, PlProcFacts *facts);
/* The same of a program, whose exec(2) the kernel just told, and will tell the next one of. Of one in the background (nice(2)) only what
 * identifies it, and FALSE. */
gboolean pl_procfs_read_program (PlProcfs *procfs, gint32 pid, PlProcFacts *facts);
/* Only what identifies: pid, parent, start time, exec mark, tty and comm; one read. */
gboolean pl_procfs_read_identity (PlProcfs *procfs, gint32 pid, PlProcFacts *facts);
/* From here on pl_procfs_recall_…() say again what they said since, for a millisecond at most: one look at a few processes, whose parts
 * need no read each. Before the first time they read. */
void pl_procfs_begin_moment (PlProcfs *procfs);
/* Whether what was read at @read_us (monotonic) is of that look. */
gboolean pl_procfs_is_of_moment (PlProcfs *procfs, gint64 read_us);
gboolean pl_procfs_recall_identity (PlProcfs *procfs, gint32 pid, PlProcFacts *facts);
/* At most 512. */
guint pl_procfs_recall_children (PlProcfs *procfs, gint32 pid, gint32 *pids, guint max);
/* As in PlProcFacts (transfer full); NULL when the process is gone, or that may not be read. 8 µs. */
char *pl_procfs_read_cgroup (PlProcfs *procfs, gint32 pid);
/* Owner of the process's directory: its effective uid, also when it is not dumpable, unlike that of what is in there
 * (fs/proc/base.c, task_dump_owner). PL_UNKNOWN_U32 when gone. */
guint32 pl_procfs_dir_uid (PlProcfs *procfs, gint32 pid);

/* A number for the network namespace of @pid, that of its net/tcp: /proc has other files for each, and unlike ns/net it may
 * be asked of any user's process. 0 when gone. */
guint32 pl_procfs_get_network (PlProcfs *procfs, gint32 pid);

/* Whether @pid is in a pid namespace below ours. */
gboolean pl_procfs_is_contained (PlProcfs *procfs, gint32 pid);

/* Whether @pid sees the files that we see. Where that may not be asked, whether it is not contained; TRUE when it is gone. */
gboolean pl_procfs_shares_mounts (PlProcfs *procfs, gint32 pid);

/* Called for each socket descriptor; FALSE stops. @fd is -1 where the helper told. */
typedef gboolean (*PlFdFunc) (gint32 pid, int fd, guint64 inode, gpointer data);
/* At most @max_fds descriptors are looked at, but all that the helper tells. FALSE when the process is gone or its descriptors may not be read. */
gboolean pl_procfs_foreach_socket (PlProcfs *procfs, gint32 pid, guint max_fds, PlFdFunc func, gpointer data);
/* The same from *@offset on, at first 0, which becomes where the next call goes on; -1 at the end, or when @func stopped. */
gboolean pl_procfs_foreach_socket_from (
    PlProcfs *procfs, gint32 pid, gint64 *offset, guint max_fds, PlFdFunc func, gpointer data);
typedef struct
{
  gint32 free_fd; /* the lowest number, from 0 on, that none of those looked at has; -1 where the helper told */
  guint n_pidfds; /* among them: handles of other processes (pidfd_open(2)) */
  gboolean is_whole; /* all were looked at, and none lists nothing; of pl_procfs_foreach_socket_in() alone */
} PlFdsBeside;
/* The same; @beside becomes what else was met. */
gboolean pl_procfs_foreach_socket_beside (
    PlProcfs *procfs, gint32 pid, gint64 *offset, guint max_fds, PlFdFunc func, gpointer data, PlFdsBeside *beside);
/* The descriptors of those threads of @pid that have their own ones (unshare(2), CLONE_FILES), for each with its number as the pid. */
void pl_procfs_foreach_thread_socket (PlProcfs *procfs, gint32 pid, PlFdFunc func, gpointer data);
/* The directory of the descriptors of @pid, to be closed by the caller; -1 when it may not be read. Has the kernel make up what it
 * shows in there: the first to look waits for that, some 30 µs. */
int pl_procfs_open_fds (PlProcfs *procfs, gint32 pid);
/* As pl_procfs_foreach_socket_beside(), of the directory @dir_fd of @pid from descriptor @first_fd on. FALSE when no descriptor was
 * there. */
gboolean pl_procfs_foreach_socket_in (PlProcfs *procfs,
                                      int dir_fd,
                                      gint32 pid,
                                      gint32 first_fd,
                                      guint max_fds,
                                      PlFdFunc func,
                                      gpointer data,
                                      PlFdsBeside *beside);
/* Whether the three standard descriptors are in the directory @dir_fd, the first is no socket and none a handle of a process. */
gboolean pl_procfs_has_standard_in (int dir_fd);
/* Grows when pl_procfs_foreach_socket() met a process that may have sockets in no list: io_uring's own, those of threads that
 * outlive the first one, or more than the helper tells. */
guint64 pl_procfs_get_n_unlisted (PlProcfs *procfs);
/* The socket at descriptor @fd of @pid, now; 0 when there is none. */
guint64 pl_procfs_read_socket (PlProcfs *procfs, gint32 pid, int fd);
/* Whether descriptor @fd of @pid is the socket @inode, now; with @fd -1 any of those that the helper sees. */
gboolean pl_procfs_has_socket (PlProcfs *procfs, gint32 pid, int fd, guint64 inode);
/* Whether a program that @pid starts has descriptor @fd, which is the socket @inode, too: it is not closed by exec(2). TRUE also
 * where that is not told. */
gboolean pl_procfs_is_inherited (PlProcfs *procfs, gint32 pid, int fd, guint64 inode);
/* Whether descriptor @fd of @pid is a UNIX domain socket, over which others pass descriptors. With @fd -1 that is not told: FALSE. */
gboolean pl_procfs_is_unix (PlProcfs *procfs, gint32 pid, int fd);
/* Grows when the helper left something unanswered: what these two said meanwhile is not all. */
guint64 pl_procfs_get_n_unanswered (PlProcfs *procfs);

/* Appends (element-type gint32) the processes from pid @first to pid @last, ascending, at most PL_LIMIT_PROCESSES. Threads
 * are not among them. Costs only what lies in between, where the kernel's /proc allows it. */
void pl_procfs_list_pids (PlProcfs *procfs, gint32 first, gint32 last, GArray *pids);
/* The pid that was given last, of a thread maybe; 0 when not told. */
gint32 pl_procfs_last_pid (PlProcfs *procfs);
/* Children of @pid's main thread; 0 where the kernel does not tell (no CONFIG_PROC_CHILDREN). */
guint pl_procfs_children (PlProcfs *procfs, gint32 pid, gint32 *pids, guint max);
