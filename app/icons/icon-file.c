/* Files that others wrote, read with a cap; see icon-file.h. */
#include "icon-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static GBytes *
read_all (int fd, gsize size)
{
  g_autofree guint8 *data = g_malloc (size);
  gsize done = 0;

  while (done < size)
    {
      gssize got = read (fd, data + done, size - done);

      if (got <= 0)
        return NULL;
      done += got;
    }
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

GBytes *
pl_icon_file_read (const char *path, gsize limit_bytes, gboolean *is_too_large)
{
  GBytes *bytes = NULL;
  struct stat info;
  int fd;

  *is_too_large = FALSE;
  if (stat (path, &info) != 0 || !S_ISREG (info.st_mode)) /* to open a device may do something */
    return NULL;
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return NULL;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size > 0)
    {
      *is_too_large = (gsize)info.st_size > limit_bytes;
      if (!*is_too_large)
        bytes = read_all (fd, info.st_size);
    }
  close (fd);
  return bytes;
}
