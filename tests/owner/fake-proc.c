/* Made-up /proc trees. */
#include "fake-proc.h"

void
write_file (const char *content, gssize length, const char *first, ...)
{
  va_list args;
  va_start (args, first);
  g_autofree char *path = g_build_filename_valist (first, &args);
  va_end (args);
  g_autofree char *dir = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, content, length, NULL));
}

void
make_process (const char *proc, const Made *made)
{
  char pid[16];
  g_snprintf (pid, sizeof pid, "%d", made->pid);
  g_autofree char *stat = g_strdup_printf (
      "%d (%s) S %d %d %d %d -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 %d 1000 100 0 1 2 3 0 0 0 0 0 "
      "0 0 0 0 17 0 0 0 0 0 0 0 0 0 %d 4243 0 0 0\n",
      made->pid, made->comm, made->parent, made->pid, made->pid, made->tty, made->pid * 10, made->pid * 4096);
  g_autofree char *status =
      g_strdup_printf ("Name:\t%s\nTgid:\t%d\nUid:\t1000\t1000\t1000\t1000\n", made->comm, made->pid);
  g_autofree char *cgroup =
      g_strdup_printf ("1:name=systemd:/elsewhere\n0::%s\n", made->cgroup != NULL ? made->cgroup : "/");
  g_autofree char *cmdline = g_strdup (made->cmdline != NULL ? made->cmdline : "");
  gsize length = strlen (cmdline);
  g_strdelimit (cmdline, "|", '\0');
  write_file (stat, -1, proc, pid, "stat", NULL);
  write_file (status, -1, proc, pid, "status", NULL);
  write_file (cgroup, -1, proc, pid, "cgroup", NULL);
  write_file (cmdline, (gssize)length, proc, pid, "cmdline", NULL);
  g_autofree char *exe = g_build_filename (proc, pid, "exe", NULL);
  g_autofree char *cwd = g_build_filename (proc, pid, "cwd", NULL);
  if (made->exe != NULL)
    g_assert_cmpint (symlink (made->exe, exe), ==, 0);
  g_assert_cmpint (symlink ("/home/me/own", cwd), ==, 0);
}

void
make_fd (const char *proc, gint32 pid, int fd, const char *target)
{
  g_autofree char *dir = g_strdup_printf ("%s/%d/fd", proc, pid), *link = g_strdup_printf ("%s/%d", dir, fd);
  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
}

void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);
      remove_tree (below);
    }
  g_remove (path);
}
