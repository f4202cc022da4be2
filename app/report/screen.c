/* The terminal that the live table is drawn on; see screen.h. Control sequences: ECMA-48 and xterm's private mode 1049.
 */
#include "screen.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DUMB_ROWS 20 /* of each frame where frames follow one another */

struct _PlScreen
{
  int fd;
  PlWriter *writer;
  gboolean can_address; /* the cursor can be moved: else each frame follows the one before */
};

static gboolean
is_capable (void)
{
  const char *term = g_getenv ("TERM");

  return term != NULL && *term != '\0' && strcmp (term, "dumb") != 0;
}

void
pl_text_layout_for (int fd, PlTextLayout *layout)
{
  struct winsize size;
  const char *no_colour = g_getenv ("NO_COLOR"); /* no-color.org */

  memset (layout, 0, sizeof *layout);
  layout->is_ascii = !g_get_charset (NULL);
  if (!isatty (fd))
    return;
  if (ioctl (fd, TIOCGWINSZ, &size) == 0)
    layout->columns = size.ws_col;
  layout->has_colour = is_capable () && (no_colour == NULL || *no_colour == '\0');
}

PlScreen *
pl_screen_new (int fd)
{
  if (!isatty (fd))
    return NULL;
  PlScreen *self = g_new0 (PlScreen, 1);
  self->fd = fd;
  self->writer = pl_writer_new (fd);
  self->can_address = is_capable ();
  if (self->can_address)
    pl_writer_text (self->writer, "\033[?1049h");
  return self;
}

void
pl_screen_free (PlScreen *self)
{
  if (self == NULL)
    return;
  if (self->can_address)
    pl_writer_text (self->writer, "\033[?1049l");
  pl_writer_free (self->writer);
  g_free (self);
}

static guint
get_lines (PlScreen *self)
{
  struct winsize size;

  return ioctl (self->fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

guint
pl_screen_get_n_rows (PlScreen *self)
{
  return self->can_address ? get_lines (self) : DUMB_ROWS;
}

void
pl_screen_draw (PlScreen *self, const PlReport *report)
{
  PlTextLayout layout;

  pl_text_layout_for (self->fd, &layout);
  if (self->can_address)
    {
      layout.lines = get_lines (self);
      layout.columns = layout.columns > 0 ? layout.columns : 80;
      pl_writer_text (self->writer, "\033[H");
    }
  pl_report_write_text (report, &layout, self->writer);
  pl_writer_text (self->writer, self->can_address ? "\033[J" : "\n");
  pl_writer_flush (self->writer);
}

int
pl_screen_get_error (PlScreen *self)
{
  return pl_writer_get_error (self->writer);
}
