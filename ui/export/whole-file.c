/* A file that is there is replaced by a new one beside it when that is complete; GIO does so when the stream is closed, and does
 * not if that is cancelled (g_file_replace()). Only where nothing new may be made beside it is it written over. */
#include "whole-file.h"

#include <stdlib.h>

/* Of a link, what it leads to, as GIO would write over that rather than make it anew. (transfer full) */
static GFile *
follow_links (GFile *file)
{
  const char *path = g_file_peek_path (file);
  char *target = path ? realpath (path, NULL) : NULL;
  GFile *followed = target ? g_file_new_for_path (target) : g_object_ref (file);

  free (target);
  return followed;
}

static void
give_up (GFile *file, GOutputStream *stream, gboolean is_new)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  g_output_stream_close (stream, cancelled, NULL);
  if (is_new)
    g_file_delete (file, NULL, NULL);
}

static void
write_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GFile) file = follow_links (source);
  gboolean is_new = !g_file_query_exists (file, NULL);
  gsize length;
  const void *start = g_bytes_get_data (data, &length);
  GError *error = NULL;
  g_autoptr (GFileOutputStream) file_stream = NULL;
  GOutputStream *stream;

  /* To open a pipe would wait for somebody who reads there. */
  if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, cancellable) == G_FILE_TYPE_SPECIAL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "Not a regular file");
      return;
    }
  file_stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, cancellable, &error);
  stream = (GOutputStream *)file_stream;
  if (stream == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (!g_output_stream_write_all (stream, start, length, NULL, cancellable, &error)
      || !g_output_stream_close (stream, cancellable, &error))
    {
      give_up (file, stream, is_new);
      g_task_return_error (task, error);
      return;
    }
  g_task_return_boolean (task, TRUE);
}

void
pl_whole_file_write_async (GFile *file, GBytes *bytes, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (file, NULL, callback, user_data);

  g_task_set_source_tag (task, pl_whole_file_write_async);
  g_task_set_task_data (task, g_bytes_ref (bytes), (GDestroyNotify)g_bytes_unref);
  g_task_run_in_thread (task, write_thread);
}

gboolean
pl_whole_file_write_finish (GFile *file, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, file), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
