/* How much is read of a process, by the kernel's own count of this thread's read(2), and that less of it is as true. */
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "procfs.h"

#define ATTEMPTS 10000 /* a busy machine may take a moment's time away between two reads */
#define STRANGER 65533

/* -1 where the kernel does not count (CONFIG_TASK_IO_ACCOUNTING). */
static gint64
count_reads (void)
{
  char line[64];
  long long n = -1;
  FILE *file = fopen ("/proc/thread-self/io", "re");
  while (file != NULL && n < 0 && fgets (line, sizeof line, file) != NULL)
    sscanf (line, "syscr: %lld", &n);
  if (file != NULL)
    fclose (file);
  return n;
}

static gboolean
skips (void)
{
  if (count_reads () < 0)
    g_test_skip ("the kernel does not count what is read");
  return count_reads () < 0;
}

/* A child of @uid (0: ours) that waits, or a shell that does. */
static gint32
start (guint uid, gboolean is_program)
{
  int ready[2];
  char byte;
  g_assert_cmpint (pipe (ready), ==, 0);
  gint32 pid = fork ();
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      close (ready[0]);
      if (uid != 0 && setuid (uid) != 0)
        _exit (1);
      if (is_program)
        {
          dup2 (ready[1], STDOUT_FILENO);
          execl ("/bin/sh", "sh", "-c", "echo; kill -STOP $$", NULL);
          _exit (1);
        }
      (void)!write (ready[1], "", 1);
      for (;;)
        pause ();
    }
  g_assert_cmpint (pid, >, 0);
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  return pid;
}

static void
end (gint32 pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

static void
assert_same (const PlProcFacts *one, const PlProcFacts *other)
{
  g_assert_cmpint (one->pid, ==, other->pid);
  g_assert_cmpint (one->parent_pid, ==, other->parent_pid);
  g_assert_cmpuint (one->uid, ==, other->uid);
  g_assert_cmpint (one->is_contained, ==, other->is_contained);
  g_assert_cmpuint (one->start_time, ==, other->start_time);
  g_assert_cmpuint (one->exec_mark, ==, other->exec_mark);
  g_assert_cmpuint (one->network, ==, other->network);
  g_assert_cmpstr (one->comm, ==, other->comm);
  g_assert_cmpstr (one->exe, ==, other->exe);
  g_assert_cmpmem (one->cmdline, one->cmdline_bytes, other->cmdline, other->cmdline_bytes);
  g_assert_cmpstr (one->cgroup, ==, other->cgroup);
}

/* Of a program that was just told of less is read, also of one that may not be looked into by its like (setuid). */
static void
test_program (void)
{
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  if (skips ())
    return;
  /* Of one in the background less is read, and the whole suite may be run there, as by nice(1). */
  if (getpriority (PRIO_PROCESS, 0) > 0 && setpriority (PRIO_PROCESS, 0, 0) != 0)
    {
      g_test_skip ("only root can leave the background");
      return;
    }
  for (int stranger = 0; stranger < (geteuid () == 0 ? 2 : 1); stranger++)
    {
      g_auto (PlProcFacts) whole = { 0 }, program = { 0 };
      gint32 pid = start (stranger ? STRANGER : 0, stranger == 0);
      gint64 began = count_reads ();
      g_assert_true (pl_procfs_read (procfs, pid, &whole));
      gint64 then = count_reads ();
      g_assert_true (pl_procfs_read_program (procfs, pid, &program));
      gint64 ended = count_reads ();
      g_test_message ("%d reads, of a program %d", (int)(then - began - 1), (int)(ended - then - 1));
      assert_same (&whole, &program);
      g_assert_cmpuint (program.uid, ==, stranger ? STRANGER : geteuid ());
      g_assert_cmpint (ended - then, <=, then - began - 2); /* neither its status nor its state once more */
      end (pid);
    }
}

/* Reads of @pid from here on that said again what was read before cost nothing, if all of it took less than a moment. */
static gboolean
recalls (PlProcfs *procfs, gint32 pid)
{
  gint32 children[2];
  pl_procfs_begin_moment (procfs);
  for (int i = 0; i < 2; i++)
    {
      g_auto (PlProcFacts) facts = { 0 };
      g_assert_true (pl_procfs_recall_identity (procfs, pid, &facts));
      g_assert_cmpstr (facts.comm, ==, "sh");
      g_assert_cmpuint (pl_procfs_recall_children (procfs, pid, children, 2), ==, 0);
    }
  gint64 began = count_reads ();
  g_auto (PlProcFacts) facts = { 0 };
  g_assert_true (pl_procfs_recall_identity (procfs, pid, &facts));
  pl_procfs_recall_children (procfs, pid, children, 2);
  return count_reads () == began + 1; /* the count's own */
}

static void
test_recall (void)
{
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  gint32 children[2] = { 0 };
  int n = 0;
  if (skips ())
    return;
  gint32 pid = start (0, TRUE);
  while (n < ATTEMPTS && !recalls (procfs, pid))
    n++;
  g_assert_cmpint (n, <, ATTEMPTS);
  /* What happens after it was read is seen in the next moment, at the latest. */
  guint n_before = pl_procfs_recall_children (procfs, getpid (), children, 2);
  gint32 other = start (0, FALSE);
  pl_procfs_begin_moment (procfs);
  g_assert_cmpuint (pl_procfs_recall_children (procfs, getpid (), children, 2), ==, n_before + 1);
  g_assert_cmpint (children[n_before], ==, other);
  end (other);
  end (pid);
  g_auto (PlProcFacts) facts = { 0 };
  pl_procfs_begin_moment (procfs);
  g_assert_false (pl_procfs_recall_identity (procfs, pid, &facts));
  g_assert_cmpuint (pl_procfs_recall_children (procfs, pid, children, 2), ==, 0);
}

/* Who has not said that a moment begins is told what is true now. */
static void
test_no_moment (void)
{
  g_autoptr (PlProcfs) procfs = pl_procfs_new ("/proc");
  g_auto (PlProcFacts) facts = { 0 }, gone = { 0 };
  gint32 pid = start (0, FALSE);
  g_assert_true (pl_procfs_recall_identity (procfs, pid, &facts));
  end (pid);
  g_assert_false (pl_procfs_recall_identity (procfs, pid, &gone));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/procfs-reads/program", test_program);
  g_test_add_func ("/procfs-reads/recall", test_recall);
  g_test_add_func ("/procfs-reads/no-moment", test_no_moment);
  return g_test_run ();
}
