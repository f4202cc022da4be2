/* Files that are written whole or not at all. */
#pragma once
#include <gio/gio.h>

/* Writes @bytes to @file, in place of what it may hold, in a thread of GTask's. Where that fails half-way the file is as it was
 * before, or not there, as far as its folder allows new files beside it. (GIO's g_file_replace_contents_async() puts what it could
 * write in its place.) */
void pl_whole_file_write_async (GFile *file, GBytes *bytes, GAsyncReadyCallback callback, gpointer user_data);
gboolean pl_whole_file_write_finish (GFile *file, GAsyncResult *result, GError **error);
