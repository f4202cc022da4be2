/* The app's end of portlight-helper's message channel. Capture thread only. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>
#include "control-channel.h"
#include "protocol.h"
#include <errno.h>
#include <sys/socket.h>

/* Records taken at a time before the stream gets its turn. */
#define RECORDS_AT_ONCE 256
/* So often at most when it is stopped: more than a socket holds. */
#define LAST_READS 8

typedef struct
{
  struct pl_helper_header header;
  union
  {
    struct pl_helper_first first;
    struct pl_helper_stats stats;
    struct pl_helper_text text;
  } body;
} Message;

struct _PlControlChannel
{
  int fd; /* -1 once it was closed at the other end */
  char *last_words; /* of the helper; nullable */
  guint64 captured;
};

PlControlChannel *
pl_control_channel_new (int fd)
{
  PlControlChannel *self = g_new0 (PlControlChannel, 1);

  self->fd = fd;
  self->captured = G_MAXUINT64;
  return self;
}

void
pl_control_channel_free (PlControlChannel *self)
{
  if (!self)
    return;
  g_free (self->last_words);
  g_free (self);
}

int
pl_control_channel_get_fd (const PlControlChannel *self)
{
  return self->fd;
}

void
pl_control_channel_begin_last (PlControlChannel *self)
{
  self->captured = G_MAXUINT64;
}

guint64
pl_control_channel_get_captured (const PlControlChannel *self)
{
  return self->captured;
}

static gboolean
take_first (PlRun *run, const struct pl_helper_first *first)
{
  const PlRecord record = {
    .bytes = first->bytes,
    .captured = first->captured_bytes,
    .wire = first->wire_bytes,
    .time_us = first->time_us,
    .datalink = PL_CONTROL_DATALINK,
  };

  if (first->captured_bytes > sizeof first->bytes || first->wire_bytes < first->captured_bytes)
    return FALSE;
  if (!pl_control_is_other_iface (run, &record)
      && (!run->filter
          || pl_filter_matches (run->filter, record.datalink, record.bytes, record.captured, record.wire, NULL)))
    pl_run_announce (run, &record);
  return TRUE;
}

static gboolean
take_stats (PlControlChannel *self, PlRun *run, const struct pl_helper_stats *stats)
{
  self->captured = stats->received;
  run->stats.kernel_dropped = stats->kernel_dropped;
  run->is_changed = TRUE;
  return TRUE;
}

static gboolean
take_text (PlControlChannel *self, const struct pl_helper_text *text)
{
  if (!memchr (text->text, '\0', sizeof text->text) || self->last_words)
    return FALSE;
  self->last_words = g_utf8_make_valid (text->text, -1);
  g_strdelimit (self->last_words, "\n\r", ' ');
  /* A line of stderr there, a sentence in the window here. */
  self->last_words[0] = g_ascii_toupper (self->last_words[0]);
  return TRUE;
}

/* Whether @message, a record of @n_bytes, is one that is known. */
static gboolean
take (PlControlChannel *self, PlRun *run, const Message *message, gsize n_bytes)
{
  gsize n_body;

  if (n_bytes < sizeof message->header)
    return FALSE;
  n_body = n_bytes - sizeof message->header;
  if (message->header.version != PL_HELPER_PROTOCOL || message->header.length != n_body)
    return FALSE;
  switch (message->header.type)
    {
    case PL_HELPER_HELLO:
      return n_body == 0;
    case PL_HELPER_FIRST:
      return n_body == sizeof message->body.first && take_first (run, &message->body.first);
    case PL_HELPER_STATS:
      return n_body == sizeof message->body.stats && take_stats (self, run, &message->body.stats);
    case PL_HELPER_ERROR:
      return n_body == sizeof message->body.text && take_text (self, &message->body.text);
    default:
      return FALSE;
    }
}

gboolean
pl_control_channel_read (PlControlChannel *self, PlRun *run)
{
  Message message;

  for (int i = 0; i < RECORDS_AT_ONCE && self->fd >= 0; i++)
    {
      /* MSG_TRUNC: a record longer than any we know gives its true length, and is bad. */
      ssize_t n_read = recv (self->fd, &message, sizeof message, MSG_DONTWAIT | MSG_TRUNC);

      if (n_read < 0 && errno == EINTR)
        continue;
      if (n_read < 0 && errno == EAGAIN)
        return FALSE;
      if (n_read <= 0)
        self->fd = -1;
      else if ((gsize)n_read > sizeof message || !take (self, run, &message, n_read))
        {
          run->stats.messages_refused++;
          run->is_changed = TRUE;
        }
    }
  return self->fd >= 0;
}

gboolean
pl_control_channel_finish (PlControlChannel *self, PlRun *run, gboolean ok, GError **error)
{
  if (pl_run_is_cancelled (run))
    { /* its last word of what was lost; that it ends is what was wanted */
      for (int i = 0; i < LAST_READS && pl_control_channel_read (self, run); i++)
        ;
      g_clear_error (error);
      return TRUE;
    }
  while (!self->last_words && pl_control_channel_read (self, run))
    ;
  if (!ok && !self->last_words)
    return FALSE;
  g_clear_error (error);
  g_set_error (error, PL_CAPTURE_ERROR, PL_CAPTURE_ERROR_DEVICE_GONE, "%s",
               self->last_words ? self->last_words : _ ("The capture helper has ended: start the capture again"));
  return FALSE;
}
