/* Buffered output; see writer.h. */
#include "writer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES 65536

struct _PlWriter
{
  int fd;
  int error; /* errno, 0 while all is well */
  gsize used;
  char buffer[BUFFER_BYTES];
};

PlWriter *
pl_writer_new (int fd)
{
  PlWriter *self = g_new (PlWriter, 1);

  self->fd = fd;
  self->error = 0;
  self->used = 0;
  return self;
}

void
pl_writer_free (PlWriter *self)
{
  if (self == NULL)
    return;
  pl_writer_flush (self);
  g_free (self);
}

/* The descriptor may be non-blocking (a terminal shared with a program that made it so): then wait for room. */
static void
write_all (PlWriter *self, const char *bytes, gsize n_bytes)
{
  while (n_bytes > 0 && self->error == 0)
    {
      ssize_t n = write (self->fd, bytes, n_bytes);

      if (n >= 0)
        {
          bytes += n;
          n_bytes -= (gsize)n;
        }
      else if (errno == EAGAIN)
        {
          struct pollfd wait = { .fd = self->fd, .events = POLLOUT };
          poll (&wait, 1, -1);
        }
      else if (errno != EINTR)
        self->error = errno;
    }
}

int
pl_writer_flush (PlWriter *self)
{
  write_all (self, self->buffer, self->used);
  self->used = 0;
  return self->error;
}

int
pl_writer_get_error (PlWriter *self)
{
  return self->error;
}

void
pl_writer_bytes (PlWriter *self, const char *bytes, gsize n_bytes)
{
  if (n_bytes > BUFFER_BYTES - self->used)
    pl_writer_flush (self);
  if (n_bytes > BUFFER_BYTES)
    {
      write_all (self, bytes, n_bytes);
      return;
    }
  memcpy (self->buffer + self->used, bytes, n_bytes);
  self->used += n_bytes;
}

void
pl_writer_text (PlWriter *self, const char *text)
{
  pl_writer_bytes (self, text, strlen (text));
}

void
pl_writer_char (PlWriter *self, char character)
{
  if (self->used == BUFFER_BYTES)
    pl_writer_flush (self);
  self->buffer[self->used++] = character;
}

void
pl_writer_u64 (PlWriter *self, guint64 number)
{
  char digits[20]; /* 2^64 - 1 has twenty */
  guint at = sizeof digits;

  do
    {
      digits[--at] = (char)('0' + number % 10);
      number /= 10;
    }
  while (number > 0);
  pl_writer_bytes (self, digits + at, sizeof digits - at);
}

void
pl_writer_fill (PlWriter *self, char character, guint count)
{
  while (count-- > 0)
    pl_writer_char (self, character);
}
