/* gzip streams of one or more members (RFC 1952), inflated as their bytes come. Capture thread only. */
#include "reader-private.h"
#include <zlib.h>

struct _PlGunzip
{
  z_stream stream;
  gboolean is_between; /* a member has ended and no other begun */
};

PlGunzip *
pl_gunzip_new (void)
{
  PlGunzip *self = g_new0 (PlGunzip, 1);

  /* 15: the largest window; 16: a gzip header is required. Fails only for want of memory, where GLib ends us too. */
  if (inflateInit2 (&self->stream, 15 + 16) != Z_OK)
    g_abort ();
  return self;
}

void
pl_gunzip_free (PlGunzip *self)
{
  inflateEnd (&self->stream);
  g_free (self);
}

gboolean
pl_gunzip_is_between_members (const PlGunzip *self)
{
  return self->is_between;
}

/* After a member: the next one, or what gzip(1) ignores too. */
static PlGunzipStep
begin_member (PlGunzip *self, const PlBuffer *input, gboolean input_ended)
{
  const guint8 *bytes = input->bytes + input->start;
  gsize n_bytes = pl_buffer_get_waiting (input);

  if (n_bytes < 2)
    return input_ended ? PL_GUNZIP_END : PL_GUNZIP_STARVED;
  if (bytes[0] != 0x1f || bytes[1] != 0x8b)
    return PL_GUNZIP_END;
  inflateReset (&self->stream);
  self->is_between = FALSE;
  return PL_GUNZIP_PROGRESS;
}

PlGunzipStep
pl_gunzip_step (PlGunzip *self, PlBuffer *input, PlBuffer *output, gboolean input_ended)
{
  gsize old_end = output->end;

  g_assert (output->end < output->capacity);
  for (;;)
    {
      int result;
      gsize n_given = pl_buffer_get_waiting (input), n_room = output->capacity - output->end;

      if (self->is_between)
        {
          PlGunzipStep step = begin_member (self, input, input_ended);

          if (step != PL_GUNZIP_PROGRESS)
            return step;
          continue;
        }
      self->stream.next_in = input->bytes + input->start;
      self->stream.avail_in = n_given;
      self->stream.next_out = output->bytes + output->end;
      self->stream.avail_out = n_room;
      result = inflate (&self->stream, Z_NO_FLUSH);
      input->start += n_given - self->stream.avail_in;
      output->end += n_room - self->stream.avail_out;
      self->is_between = result == Z_STREAM_END;
      if (output->end > old_end)
        return PL_GUNZIP_PROGRESS;
      if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)
        return PL_GUNZIP_DAMAGED;
      if (!self->is_between && pl_buffer_get_waiting (input) == 0)
        return PL_GUNZIP_STARVED;
    }
}
