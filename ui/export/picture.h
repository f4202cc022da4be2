/* A drawn graph as a picture file: SVG as it comes from the scene, PNG rendered from that. Pure, any thread. */
#pragma once
#include <gio/gio.h>

#define PL_PICTURE_ERROR (pl_picture_error_quark ())
GQuark pl_picture_error_quark (void);
typedef enum
{
  PL_PICTURE_ERROR_TOO_LARGE,
  PL_PICTURE_ERROR_UNREADABLE, /* librsvg does not take the SVG */
  PL_PICTURE_ERROR_NO_MEMORY,
} PlPictureError;

/* Whether a picture of this size and scale is within PL_LIMIT_PICTURE_PIXELS and what cairo takes; else @error says how
 * large it would be and what to do. */
gboolean pl_picture_check_size (int width, int height, int scale, GError **error);

/**
 * pl_picture_render_png:
 * @svg: a whole SVG document with its size in px
 * @scale: pixels for each px
 *
 * Returns: (transfer full): a PNG file, or %NULL with @error (%PL_PICTURE_ERROR)
 */
GBytes *pl_picture_render_png (const char *svg, int scale, GError **error);

/* How wide @words are in semi-bold letters of 100 px of @fonts (as CSS has them), by what draws them; 0 where that is not known. */
double pl_picture_text_width (const char *fonts, const char *words);
