/* Directories that are held open: each is closed once, never while it is borrowed, and never stays behind. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "held-fds.h"
#include "bounds.h"

static int
open_own (void)
{
  int fd = open ("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static gboolean
is_open (int fd)
{
  return fcntl (fd, F_GETFD) >= 0;
}

static guint
count_open (void)
{
  guint n = 0;
  DIR *dir = opendir ("/proc/self/fd");
  g_assert_nonnull (dir);
  while (readdir (dir) != NULL)
    n++;
  closedir (dir);
  return n;
}

static void
test_order (void)
{
  PlHeldFds *held = pl_held_fds_new ();
  guint n_before = count_open ();

  g_assert_cmpint (pl_held_fds_get_pid (held, 0), ==, 0);
  g_assert_cmpint (pl_held_fds_borrow (held, 7), ==, -1);
  pl_held_fds_put (held, 7, -1);
  g_assert_cmpint (pl_held_fds_get_pid (held, 0), ==, 0);
  for (gint32 pid = 1; pid <= PL_LIMIT_HELD_FDS + 3; pid++)
    pl_held_fds_put (held, pid, open_own ());
  g_assert_cmpuint (count_open (), ==, n_before + PL_LIMIT_HELD_FDS);
  g_assert_cmpint (pl_held_fds_get_pid (held, 0), ==, PL_LIMIT_HELD_FDS + 3);
  g_assert_cmpint (pl_held_fds_get_pid (held, PL_LIMIT_HELD_FDS - 1), ==, 4);
  g_assert_cmpint (pl_held_fds_get_pid (held, PL_LIMIT_HELD_FDS), ==, 0);
  g_assert_cmpint (pl_held_fds_borrow (held, 3), ==, -1);
  g_assert_true (is_open (pl_held_fds_borrow (held, 4)));
  pl_held_fds_give_back (held, 4);
  pl_held_fds_forget (held, 4);
  g_assert_cmpint (pl_held_fds_borrow (held, 4), ==, -1);
  pl_held_fds_free (held);
  g_assert_cmpuint (count_open (), ==, n_before);
}

/* What its owner lets go of, or puts another in the place of, while somebody reads it. */
static void
test_borrowed (void)
{
  PlHeldFds *held = pl_held_fds_new ();
  guint n_before = count_open ();

  pl_held_fds_put (held, 1, open_own ());
  int fd = pl_held_fds_borrow (held, 1);
  pl_held_fds_forget (held, 1);
  g_assert_true (is_open (fd));
  pl_held_fds_give_back (held, 1);
  g_assert_false (is_open (fd));

  pl_held_fds_put (held, 1, open_own ());
  fd = pl_held_fds_borrow (held, 1);
  for (gint32 pid = 2; pid <= 2 * PL_LIMIT_HELD_FDS; pid++)
    pl_held_fds_put (held, pid, open_own ());
  g_assert_true (is_open (fd));
  pl_held_fds_give_back (held, 1);
  g_assert_cmpint (pl_held_fds_borrow (held, 1), ==, -1);
  pl_held_fds_free (held);
  g_assert_cmpuint (count_open (), ==, n_before);
}

#define ROUNDS 20000

typedef struct
{
  PlHeldFds *held;
  atomic_bool is_done;
} Both;

static void *
write_all (void *data)
{
  Both *both = data;
  for (gint32 i = 1; i <= ROUNDS; i++)
    {
      pl_held_fds_put (both->held, i, open_own ());
      if (i % 3 == 0)
        pl_held_fds_forget (both->held, i);
      if (i % 1000 == 0)
        pl_held_fds_forget_all (both->held);
    }
  atomic_store (&both->is_done, true);
  return NULL;
}

/* A descriptor that was closed too early is not open, or the number of this file by then. */
static void
test_threads (void)
{
  Both both = { .held = pl_held_fds_new () };
  guint n_before = count_open (), n_borrowed = 0, n_bad = 0;
  struct stat own, info;
  pthread_t writer;
  int other = open_own ();

  g_assert_cmpint (fstat (other, &own), ==, 0);
  close (other);
  g_assert_cmpint (pthread_create (&writer, NULL, write_all, &both), ==, 0);
  while (!atomic_load (&both.is_done) || n_borrowed == 0)
    {
      if (atomic_load (&both.is_done) && n_borrowed == 0) /* it was too fast */
        pl_held_fds_put (both.held, 1, open_own ());
      gint32 pid = pl_held_fds_get_pid (both.held, n_borrowed % 2);
      int fd = pid != 0 ? pl_held_fds_borrow (both.held, pid) : -1;
      int file = open ("/dev/null", O_RDONLY | O_CLOEXEC);
      if (fd >= 0)
        {
          n_bad += fstat (fd, &info) != 0 || info.st_ino != own.st_ino;
          pl_held_fds_give_back (both.held, pid);
          n_borrowed++;
        }
      close (file);
    }
  g_assert_cmpint (pthread_join (writer, NULL), ==, 0);
  g_assert_cmpuint (n_bad, ==, 0);
  pl_held_fds_free (both.held);
  g_assert_cmpuint (count_open (), ==, n_before);
  g_test_message ("%u borrowed", n_borrowed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/held-fds/order", test_order);
  g_test_add_func ("/held-fds/borrowed", test_borrowed);
  g_test_add_func ("/held-fds/threads", test_threads);
  return g_test_run ();
}
