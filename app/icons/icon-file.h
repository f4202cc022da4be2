/* Files that others wrote, read with a cap. */
#pragma once
#include <glib.h>

/* Reads @path whole, or not at all: a regular file of at most @limit_bytes; never waits for a pipe's writer.
 * @is_too_large: (out): whether it is there, and larger. Returns: (transfer full) (nullable). */
GBytes *pl_icon_file_read (const char *path, gsize limit_bytes, gboolean *is_too_large);
