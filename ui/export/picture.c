/* SVG to PNG with librsvg and cairo. Any thread; holds at most PL_LIMIT_PICTURE_PIXELS × 4 bytes. */
#include <glib/gi18n.h>
#include <librsvg/rsvg.h>
#include <math.h>
#include <string.h>

#include "bounds.h"
#include "picture.h"

#define CAIRO_MAX_SIDE 32767

G_DEFINE_QUARK (pl - picture - error - quark, pl_picture_error)

static RsvgHandle *
parse (const char *svg, GError **error)
{
  g_autoptr (GError) parse_error = NULL;
  RsvgHandle *handle = rsvg_handle_new_from_data ((const guint8 *)svg, strlen (svg), &parse_error);

  if (handle == NULL)
    g_set_error (error, PL_PICTURE_ERROR, PL_PICTURE_ERROR_UNREADABLE, _ ("The picture could not be drawn: %s"),
                 parse_error->message);
  return handle;
}

static gboolean
size_of (RsvgHandle *handle, int *width, int *height, GError **error)
{
  double natural_width, natural_height;

  if (!rsvg_handle_get_intrinsic_size_in_pixels (handle, &natural_width, &natural_height) || !(natural_width >= 1)
      || !(natural_height >= 1) || natural_width > G_MAXINT / 2 || natural_height > G_MAXINT / 2)
    {
      g_set_error_literal (error, PL_PICTURE_ERROR, PL_PICTURE_ERROR_UNREADABLE,
                           _ ("The picture could not be drawn: it has no size."));
      return FALSE;
    }
  *width = (int)ceil (natural_width);
  *height = (int)ceil (natural_height);
  return TRUE;
}

static gboolean
is_within (int width, int height, int scale)
{
  gint64 wide = (gint64)width * scale, high = (gint64)height * scale;

  return wide <= CAIRO_MAX_SIDE && high <= CAIRO_MAX_SIDE && wide * high <= PL_LIMIT_PICTURE_PIXELS;
}

gboolean
pl_picture_check_size (int width, int height, int scale, GError **error)
{
  if (is_within (width, height, scale))
    return TRUE;
  if (scale > 1 && is_within (width, height, 1))
    g_set_error (
        error, PL_PICTURE_ERROR, PL_PICTURE_ERROR_TOO_LARGE,
        _ ("This would be %1$.0f × %2$.0f pixels, more than a PNG of Portlight may have. Choose a smaller scale, "
           "filter the graph, or take SVG, which may be of any size."),
        (double)width * scale, (double)height * scale);
  else
    g_set_error (error, PL_PICTURE_ERROR, PL_PICTURE_ERROR_TOO_LARGE,
                 _ ("Even without magnification this would be %1$.0f × %2$.0f pixels, more than a PNG of Portlight may "
                    "have. Filter "
                    "the graph, or export it as SVG, which may be of any size."),
                 (double)width, (double)height);
  return FALSE;
}

static cairo_status_t
append_bytes (void *array, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (array, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static GBytes *
encode (cairo_surface_t *surface, GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  cairo_status_t status = cairo_surface_write_to_png_stream (surface, append_bytes, bytes);

  if (status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes (bytes);
  g_byte_array_unref (bytes);
  g_set_error (error, PL_PICTURE_ERROR, PL_PICTURE_ERROR_NO_MEMORY,
               _ ("The picture could not be drawn: %s. Filter the graph, or export it as SVG."),
               cairo_status_to_string (status));
  return NULL;
}

static GBytes *
render (RsvgHandle *handle, int width, int height, GError **error)
{
  const RsvgRectangle viewport = { 0, 0, width, height };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = cairo_create (surface); /* in an error state for want of memory, which encode() tells */
  g_autoptr (GError) draw_error = NULL;
  GBytes *png = NULL;

  if (rsvg_handle_render_document (handle, cr, &viewport, &draw_error)
      || cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    png = encode (surface, error);
  else
    g_set_error (error, PL_PICTURE_ERROR, PL_PICTURE_ERROR_UNREADABLE, _ ("The picture could not be drawn: %s"),
                 draw_error->message);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return png;
}

GBytes *
pl_picture_render_png (const char *svg, int scale, GError **error)
{
  RsvgHandle *handle = parse (svg, error);
  GBytes *png = NULL;
  int width, height;

  if (handle != NULL && size_of (handle, &width, &height, error) && pl_picture_check_size (width, height, scale, error))
    png = render (handle, width * scale, height * scale, error);
  g_clear_object (&handle);
  return png;
}

double
pl_picture_text_width (const char *fonts, const char *words)
{
  g_autofree char *svg =
      g_markup_printf_escaped ("<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"%s\">"
                               "<text id=\"words\" font-size=\"100\" font-weight=\"600\">%s</text></svg>",
                               fonts, words);
  RsvgHandle *handle = parse (svg, NULL);
  RsvgRectangle ink, logical = { 0 };

  if (handle != NULL)
    rsvg_handle_get_geometry_for_element (handle, "#words", &ink, &logical, NULL);
  g_clear_object (&handle);
  return logical.width;
}
