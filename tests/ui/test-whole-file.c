/* A picture that does not fit: on a disk that is full, here for a process that may write no more than so much. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "whole-file.h"

#define ROOM 4096 /* bytes */

typedef struct
{
  char *folder, *path;
  GMainLoop *loop;
  gboolean is_written;
  GError *error;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("portlight-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "p.png", NULL);
  fixture->loop = g_main_loop_new (NULL, FALSE);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_main_loop_unref (fixture->loop);
  g_clear_error (&fixture->error);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
done (GObject *file, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;

  fixture->is_written = pl_whole_file_write_finish (G_FILE (file), result, &fixture->error);
  g_main_loop_quit (fixture->loop);
}

static void
write_picture (Fixture *fixture, gsize length)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (length), length);

  g_clear_error (&fixture->error);
  pl_whole_file_write_async (file, bytes, done, fixture);
  g_main_loop_run (fixture->loop);
}

static void
write_where_there_is_no_room (Fixture *fixture)
{
  struct rlimit was, limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &was), ==, 0);
  limit = was;
  limit.rlim_cur = ROOM;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  write_picture (fixture, (gsize)10 * ROOM);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &was), ==, 0);
  g_assert_false (fixture->is_written);
  g_assert_nonnull (fixture->error);
}

static void
test_written (Fixture *fixture, gconstpointer data)
{
  g_autofree char *content = NULL;
  gsize length;

  write_picture (fixture, 3);
  g_assert_true (fixture->is_written);
  write_picture (fixture, (gsize)10 * ROOM); /* over the one before */
  g_assert_true (fixture->is_written);
  g_assert_true (g_file_get_contents (fixture->path, &content, &length, NULL));
  g_assert_cmpuint (length, ==, 10 * ROOM);
}

static void
test_new_one_goes (Fixture *fixture, gconstpointer data)
{
  write_where_there_is_no_room (fixture);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);
}

static void
test_old_one_stays (Fixture *fixture, gconstpointer data)
{
  g_autofree char *content = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "the old one", -1, NULL));
  write_where_there_is_no_room (fixture);
  g_assert_true (g_file_get_contents (fixture->path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "the old one");
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);
}

/* What leads to a picture in another folder still does, and who may read it stays as it was. */
static void
test_link_and_mode (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("portlight-XXXXXX", NULL),
                  *target = g_build_filename (folder, "real.png", NULL);
  g_autofree char *content = NULL;
  GStatBuf found;

  g_assert_true (g_file_set_contents (target, "the old one", -1, NULL));
  g_assert_cmpint (g_chmod (target, 0600), ==, 0);
  g_assert_cmpint (symlink (target, fixture->path), ==, 0);
  write_where_there_is_no_room (fixture);
  g_assert_true (g_file_get_contents (target, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "the old one");
  write_picture (fixture, 3);
  g_assert_true (fixture->is_written);
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_stat (target, &found), ==, 0);
  g_assert_cmpint (found.st_size, ==, 3);
  g_assert_cmpint (found.st_mode & 0777, ==, 0600);
  g_assert_cmpuint (count_files (folder), ==, 1);
  g_assert_cmpint (g_unlink (target), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Nobody reads there: to open it would wait for ever. */
static void
test_pipe (Fixture *fixture, gconstpointer data)
{
  GStatBuf found;

  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  write_picture (fixture, 3);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
  g_assert_cmpint (g_stat (fixture->path, &found), ==, 0);
  g_assert_true (S_ISFIFO (found.st_mode));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/whole-file/written", Fixture, NULL, setup, test_written, teardown);
  g_test_add ("/whole-file/pipe", Fixture, NULL, setup, test_pipe, teardown);
  g_test_add ("/whole-file/new-one-goes", Fixture, NULL, setup, test_new_one_goes, teardown);
  g_test_add ("/whole-file/old-one-stays", Fixture, NULL, setup, test_old_one_stays, teardown);
  g_test_add ("/whole-file/link-and-mode", Fixture, NULL, setup, test_link_and_mode, teardown);
  return g_test_run ();
}
