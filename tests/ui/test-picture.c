/* The graph as a picture file: size, pixels, what is too large, and that a redacted one tells nothing. No display. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <librsvg/rsvg.h>
#include <string.h>

#include "bounds.h"
#include "picture.h"
#include "scene-svg.h"
#include "synthetic.h"

static char *
draw (gboolean is_dark, gboolean is_redacted)
{
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (PlRedactor) redactor = is_redacted ? pl_redactor_new () : NULL;
  const PlSceneSvgOptions options = { .is_dark = is_dark, .redactor = redactor };

  synthetic_desktop (model);
  pl_model_commit (model, 1000000);
  pl_scene_set_animated (scene, FALSE);
  pl_scene_set_size (scene, 900, 18);
  pl_scene_update (scene, model, 1000000);
  return pl_scene_to_svg (scene, &options);
}

typedef struct
{
  const guint8 *data;
  gsize left;
} Reader;

static cairo_status_t
read_bytes (void *closure, unsigned char *out, unsigned int length)
{
  Reader *reader = closure;

  if (reader->left < length)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (out, reader->data, length);
  reader->data += length;
  reader->left -= length;
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
decode (GBytes *png)
{
  Reader reader = { g_bytes_get_data (png, NULL), g_bytes_get_size (png) };
  cairo_surface_t *surface = cairo_image_surface_create_from_png_stream (read_bytes, &reader);

  g_assert_cmpint (cairo_surface_status (surface), ==, CAIRO_STATUS_SUCCESS);
  return surface;
}

static guint
count_colours (cairo_surface_t *surface)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  int stride = cairo_image_surface_get_stride (surface);

  for (int y = 0; y < cairo_image_surface_get_height (surface); y += 4)
    for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
      {
        guint32 pixel;

        memcpy (&pixel, cairo_image_surface_get_data (surface) + y * stride + x * 4, sizeof pixel);
        g_hash_table_add (seen, GUINT_TO_POINTER (pixel));
      }
  return g_hash_table_size (seen);
}

static guint8
corner_lightness (cairo_surface_t *surface)
{
  cairo_surface_flush (surface);
  return cairo_image_surface_get_data (surface)[cairo_image_surface_get_stride (surface) * 2 + 8];
}

static void
test_png (void)
{
  static const int scales[] = { 1, 2, 4 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (scales) - 1; i++) /* a dark one of 4× tells no more */
    {
      int scale = scales[i / 2], width, height;
      g_autofree char *svg = draw (i % 2, FALSE);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) png = NULL;
      cairo_surface_t *surface;

      g_assert_cmpint (sscanf (strstr (svg, " width="), " width=\"%d\" height=\"%d\"", &width, &height), ==, 2);
      g_assert_cmpint (width, ==, 900);
      png = pl_picture_render_png (svg, scale, &error);
      g_assert_no_error (error);
      surface = decode (png);
      g_assert_cmpint (cairo_image_surface_get_width (surface), ==, width * scale);
      g_assert_cmpint (cairo_image_surface_get_height (surface), ==, height * scale);
      g_assert_cmpuint (count_colours (surface), >, 100);
      if (i % 2)
        g_assert_cmpuint (corner_lightness (surface), <, 64);
      else
        g_assert_cmpuint (corner_lightness (surface), >, 192);
      cairo_surface_destroy (surface);
    }
}

/* Refused with its size before any memory is taken; what fits exactly is not. */
static void
test_too_large (void)
{
  static const int scales[] = { 1, 2, 4 };
  g_autofree char *svg = g_strdup_printf ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\"/>",
                                          8192, PL_LIMIT_PICTURE_PIXELS / 8192);
  g_autoptr (GError) error = NULL, tall = NULL;

  g_assert_true (pl_picture_check_size (8192, PL_LIMIT_PICTURE_PIXELS / 8192, 1, NULL));
  g_assert_null (pl_picture_render_png (svg, 2, &error));
  g_assert_error (error, PL_PICTURE_ERROR, PL_PICTURE_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "16384 × 16384 pixels"));
  g_assert_nonnull (strstr (error->message, "Choose a smaller scale"));
  g_assert_false (pl_picture_check_size (100, 20000, 2, &tall)); /* few pixels, but too high for cairo */
  g_assert_error (tall, PL_PICTURE_ERROR, PL_PICTURE_ERROR_TOO_LARGE);
  /* Where no smaller scale would do, none is advised. */
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      g_autoptr (GError) whatever = NULL;

      g_assert_false (pl_picture_check_size (100, 40000, scales[i], &whatever));
      g_assert_nonnull (strstr (whatever->message, "100 × 40000 pixels"));
      g_assert_null (strstr (whatever->message, "smaller scale"));
      g_assert_nonnull (strstr (whatever->message, "Filter the graph, or export it as SVG"));
    }
}

static void
test_no_picture (void)
{
  static const char *const texts[] = { "", "no picture", "<svg xmlns=\"http://www.w3.org/2000/svg\"", "<html/>" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pl_picture_render_png (texts[i], 1, &error));
      g_assert_error (error, PL_PICTURE_ERROR, PL_PICTURE_ERROR_UNREADABLE);
    }
}

typedef struct
{
  const char *svg;
  guint n_found, n_looked_for;
} Search;

static void
look_for (Search *search, const char *text)
{
  search->n_looked_for++;
  if (strstr (search->svg, text) != NULL)
    {
      g_test_message ("found “%s”", text);
      search->n_found++;
    }
}

static gboolean
look_for_flow (const PlModelFlow *flow, gpointer data)
{
  char text[PL_ADDR_STRLEN];

  for (int end = PL_END_A; end <= PL_END_B; end++)
    if (!pl_addr_is_zero (&flow->flow.key.addr[end]))
      look_for (data, pl_addr_format (&flow->flow.key.addr[end], text));
  if (flow->app != NULL && !g_str_equal (flow->app->name, "ssh")) /* also a service's name, and ports stay */
    look_for (data, flow->app->name);
  return TRUE;
}

/* No name and no address of the model is in the redacted picture; the same search finds them in the other one. */
static void
test_redacted (void)
{
  g_autofree char *plain = draw (FALSE, FALSE), *redacted = draw (FALSE, TRUE);
  g_autoptr (PlModel) model = pl_model_new ();
  Search in_plain = { plain, 0, 0 }, in_redacted = { redacted, 0, 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = NULL;

  synthetic_desktop (model);
  pl_model_commit (model, 1000000);
  pl_model_foreach (model, look_for_flow, &in_redacted);
  g_assert_cmpuint (in_redacted.n_looked_for, >, 40);
  g_assert_cmpuint (in_redacted.n_found, ==, 0);
  pl_model_foreach (model, look_for_flow, &in_plain);
  g_assert_cmpuint (in_plain.n_found, >, 40);
  g_assert_nonnull (strstr (redacted, ":8080")); /* ports stay */
  png = pl_picture_render_png (redacted, 1, &error);
  g_assert_no_error (error);
}

/* ---- icons ---- */

static gboolean
give_icon_name (const PlModelFlow *flow, gpointer data)
{
  if (flow->app != NULL && flow->app->icon_name == NULL)
    flow->app->icon_name = strdup ("icon");
  return TRUE;
}

static char *
icon_uri (const char *icon_name, double size, gpointer uri)
{
  return g_strdup (uri);
}

/* How many pixels there are of a colour, in a picture at @scale whose apps have the icon @svg, a document. */
static guint
count_in_picture (const char *icon_svg, int scale, guint32 wanted)
{
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autofree char *base64 = g_base64_encode ((const guchar *)icon_svg, strlen (icon_svg)), *svg = NULL;
  g_autofree char *uri = g_strconcat ("data:image/svg+xml;base64,", base64, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = NULL;
  cairo_surface_t *surface;
  guint n = 0;

  synthetic_desktop (model);
  pl_model_commit (model, 1000000);
  pl_model_foreach (model, give_icon_name, NULL);
  pl_scene_set_animated (scene, FALSE);
  pl_scene_set_size (scene, 900, 18);
  pl_scene_update (scene, model, 1000000);
  svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .icon = icon_uri, .icon_data = uri });
  g_assert_nonnull (strstr (svg, uri));
  png = pl_picture_render_png (svg, scale, &error);
  g_assert_no_error (error);
  surface = decode (png);
  for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
    for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
      {
        guint32 pixel;

        memcpy (&pixel, cairo_image_surface_get_data (surface) + y * cairo_image_surface_get_stride (surface) + x * 4,
                sizeof pixel);
        n += (pixel & 0xffffff) == wanted;
      }
  cairo_surface_destroy (surface);
  return n;
}

#define ICON \
  "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"26\" height=\"26\">" \
  "<rect width=\"13\" height=\"26\" fill=\"#ff0000\"/><rect x=\"13\" width=\"13\" height=\"26\" fill=\"#0000ff\"/>"

/* Drawn at the scale of the picture: red up to the middle, with no pixel between red and blue but the edge's own. */
static void
test_icons (void)
{
  guint n_small = count_in_picture (ICON "</svg>", 1, 0xff0000),
        n_large = count_in_picture (ICON "</svg>", 4, 0xff0000);

  g_assert_cmpuint (n_small, >=, 6 * 12 * 25); /* of six apps */
  g_assert_cmpuint (n_large, >=, 6 * 50 * 102);
  g_assert_cmpuint (n_large, <=, 7 * 52 * 104);
}

/* An icon is an image: nothing is fetched for it, even where the check of what is taken along would let it through. The same
 * picture inside of the icon is drawn, so that it would be seen. */
static void
test_icons_fetch_nothing (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "portlight-picture-XXXXXX.png", NULL), *data = NULL,
                  *base64 = NULL, *inside = NULL, *outside = NULL;
  cairo_surface_t *green = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 26, 26);
  cairo_t *cr = cairo_create (green);
  gsize size;
  int fd = g_mkstemp (path);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  cairo_set_source_rgb (cr, 0, 1, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
  g_assert_cmpint (cairo_surface_write_to_png (green, path), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_destroy (green);
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  base64 = g_base64_encode ((const guchar *)data, size);
  inside = g_strdup_printf (ICON "<image width=\"26\" height=\"26\" xlink:href=\"data:image/png;base64,%s\"/></svg>",
                            base64);
  outside = g_strdup_printf (
      ICON "<script>alert(1)</script><image width=\"26\" height=\"26\" xlink:href=\"file://%s\"/></svg>", path);
  g_assert_cmpuint (count_in_picture (inside, 1, 0x00ff00), >, 1000);
  g_assert_cmpuint (count_in_picture (outside, 1, 0x00ff00), ==, 0);
  g_assert_cmpuint (count_in_picture (outside, 1, 0xff0000), >, 1000);
  g_unlink (path);
}

/* A port of TCP that waits for callers on this computer. */
static void
listen_on (PlModel *model, PlProcess *app, guint16 port)
{
  PlAddr here;
  PlSocket socket = { .local_port = port,
                      .proto = PL_PROTO_TCP,
                      .state = PL_STATE_LISTEN,
                      .confidence = PL_CONFIDENCE_EXACT,
                      .uid = 1000,
                      .inode = port,
                      .cookie = port,
                      .payload_sent = PL_UNKNOWN_U64,
                      .payload_received = PL_UNKNOWN_U64,
                      .rtt_us = PL_UNKNOWN_U32,
                      .min_rtt_us = PL_UNKNOWN_U32,
                      .n_retransmits = PL_UNKNOWN_U32,
                      .process = app };

  pl_addr_parse ("127.0.0.1", &here);
  socket.local = here;
  socket.remote = pl_addr_from_v4 ((guint8[4]){ 0, 0, 0, 0 });
  pl_model_apply_sockets (model, &socket, 1);
  pl_model_commit (model, 1000000);
}

typedef struct
{
  const char *fonts;
  GString *words;
  double x, size, right; /* right: end of the text before, which starts at its x */
  gboolean is_semi_bold, is_at_end;
  guint n_pairs;
} Texts;

static void
start_text (GMarkupParseContext *context,
            const char *element,
            const char **names,
            const char **values,
            gpointer data,
            GError **error)
{
  Texts *texts = data;

  g_string_truncate (texts->words, 0);
  texts->is_semi_bold = texts->is_at_end = FALSE;
  for (guint i = 0; g_str_equal (element, "text") && names[i] != NULL; i++)
    if (g_str_equal (names[i], "x"))
      texts->x = g_ascii_strtod (values[i], NULL);
    else if (g_str_equal (names[i], "font-size"))
      texts->size = g_ascii_strtod (values[i], NULL);
    else if (g_str_equal (names[i], "font-weight"))
      texts->is_semi_bold = g_str_equal (values[i], "600");
    else if (g_str_equal (names[i], "text-anchor"))
      texts->is_at_end = g_str_equal (values[i], "end");
}

static void
take_words (GMarkupParseContext *context, const char *words, gsize length, gpointer data, GError **error)
{
  g_string_append_len (((Texts *)data)->words, words, length);
}

/* A chip's second word ends at its x, the semi-bold title before it starts at its own. */
static void
end_text (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Texts *texts = data;
  double width = pl_picture_text_width (texts->fonts, texts->words->str) * texts->size / 100;

  if (!g_str_equal (element, "text"))
    return;
  if (texts->is_semi_bold)
    texts->right = texts->x + width;
  else if (texts->is_at_end)
    {
      g_assert_cmpfloat (texts->right, <, texts->x - width * 0.87); /* regular letters are narrower by that at least */
      texts->n_pairs++;
    }
}

/* Whatever the font that draws, a port's number and the word beside it keep apart. */
static void
test_words_keep_apart (void)
{
  static const char *const families[] = { "Cantarell", "DejaVu Sans", "monospace" };
  static const GMarkupParser parser = { start_text, end_text, take_words, NULL, NULL };
  PlProcess *app = synthetic_process ("server", "server", 10);
  guint n_pairs = 0;

  for (guint i = 0; i < G_N_ELEMENTS (families) * 6; i++)
    {
      g_autoptr (PlScene) scene = pl_scene_new ();
      g_autoptr (PlModel) model = pl_model_new ();
      g_autofree char *fonts = pl_scene_svg_dup_fonts (families[i / 6]), *svg = NULL;
      Texts texts = { .fonts = fonts, .words = g_string_new (NULL) };
      g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &texts, NULL);

      listen_on (model, app, 33311);
      pl_scene_set_size (scene, 700 + 150 * (i % 6), 18);
      pl_scene_update (scene, model, 1000000);
      svg = pl_scene_to_svg (scene,
                             &(PlSceneSvgOptions){ .font = families[i / 6],
                                                   .sample_px = pl_picture_text_width (fonts, PL_SCENE_SVG_SAMPLE) });
      g_assert_true (g_markup_parse_context_parse (context, svg, -1, NULL));
      n_pairs += texts.n_pairs;
      g_string_free (texts.words, TRUE);
    }
  g_assert_cmpuint (n_pairs, >, 6); /* or it was too easy */
  pl_process_unref (app);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picture/png", test_png);
  g_test_add_func ("/picture/words-keep-apart", test_words_keep_apart);
  g_test_add_func ("/picture/too-large", test_too_large);
  g_test_add_func ("/picture/no-picture", test_no_picture);
  g_test_add_func ("/picture/redacted", test_redacted);
  g_test_add_func ("/picture/icons", test_icons);
  g_test_add_func ("/picture/icons-fetch-nothing", test_icons_fetch_nothing);
  return g_test_run ();
}
