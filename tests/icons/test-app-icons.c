/* Which file is an app's icon, and what is taken along of it, in themes made here. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app-icons.h"
#include "icon-theme.h"
#include "bounds.h"
#include "svg-check.h"

#define SVG_START \
  "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"48\" height=\"48\">"

static char *root;

static void
put_data (const char *path, gconstpointer data, gsize size)
{
  g_autofree char *whole = g_build_filename (root, path, NULL), *dir = g_path_get_dirname (whole);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_file_set_contents (whole, data, size, &error);
  g_assert_no_error (error);
}

static void
put (const char *path, const char *text)
{
  put_data (path, text, strlen (text));
}

/* The head of a PNG, which is all that is looked at, and @size bytes in all. */
static void
put_png (const char *path, guint side, gsize size)
{
  g_autofree guint8 *data = g_malloc0 (size);

  memcpy (data, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  for (guint i = 0; i < 4; i++)
    data[16 + i] = data[20 + i] = side >> (24 - 8 * i);
  put_data (path, data, size);
}

static void
put_index (const char *base, const char *theme, const char *inherits)
{
  g_autofree char *path = g_build_filename (base, theme, "index.theme", NULL);
  g_autofree char *text = g_strdup_printf (
      "[Icon Theme]\nName=%s\n%s%s\nDirectories=16x16/apps,48x48/apps,64x64@2/apps,128x128/apps,scalable/apps\n"
      "[16x16/apps]\nSize=16\nType=Fixed\n[48x48/apps]\nSize=48\nType=Threshold\n[64x64@2/apps]\nSize=64\nScale=2\n"
      "[128x128/apps]\nSize=128\n[scalable/apps]\nSize=48\nMinSize=8\nMaxSize=512\nType=Scalable\n",
      theme, inherits ? "Inherits=" : "", inherits ? inherits : "");

  put (path, text);
}

/* Two bases and a folder of pixmaps, below @root. (transfer full) */
static GStrv
folders (const char *one, const char *other)
{
  GStrv dirs = g_new0 (char *, 3);

  dirs[0] = g_build_filename (root, one, NULL);
  dirs[1] = other ? g_build_filename (root, other, NULL) : NULL;
  return dirs;
}

static PlIconTheme *
theme_new (const char *name)
{
  g_auto (GStrv) bases = folders ("home", "system"), pixmaps = folders ("pixmaps", NULL);

  return pl_icon_theme_new (name, (const char *const *)bases, (const char *const *)pixmaps);
}

/* @wanted: the paths below the root, joined by blanks. */
static void
assert_found (const char *theme_name, const char *icon, int size_px, const char *wanted)
{
  g_autoptr (PlIconTheme) theme = theme_new (theme_name);
  g_auto (GStrv) paths = pl_icon_theme_lookup (theme, icon, size_px);
  g_autofree char *found = NULL;

  for (char **path = paths; *path; path++)
    {
      char *below = g_strdup (*path + strlen (root) + 1);

      g_free (*path);
      *path = below;
    }
  found = g_strjoinv (" ", paths);
  g_assert_cmpstr (found, ==, wanted);
}

static void
test_lookup (void)
{
  put_index ("system", "hicolor", NULL);
  put_index ("system", "Adwaita", "hicolor");
  put_index ("system", "Child", "Ring,Adwaita");
  put_index ("system", "Ring", "Child"); /* inherits who inherits it */
  put_png ("system/hicolor/16x16/apps/mail.png", 16, 64);
  put_png ("system/hicolor/48x48/apps/mail.png", 48, 64);
  put_png ("system/hicolor/64x64@2/apps/mail.png", 128, 64);
  put ("system/hicolor/scalable/apps/web.svg", SVG_START "</svg>");
  put_png ("system/hicolor/128x128/apps/web.png", 128, 64);
  put ("home/hicolor/scalable/apps/own.svg", SVG_START "</svg>");
  put_png ("system/Adwaita/48x48/apps/both.png", 48, 64);
  put_png ("system/hicolor/48x48/apps/both.png", 48, 64);
  put_png ("system/Ring/48x48/apps/both.png", 48, 64);
  put_png ("pixmaps/old.png", 32, 64);
  put_png ("system/loose.png", 32, 64);
  put_png ("secret.png", 32, 64);
  /* Of pixels the smallest that is large enough, then the larger ones, then what would have to be magnified. */
  assert_found (
      NULL, "mail", 26,
      "system/hicolor/48x48/apps/mail.png system/hicolor/64x64@2/apps/mail.png system/hicolor/16x16/apps/mail.png");
  assert_found (
      NULL, "mail", 104,
      "system/hicolor/64x64@2/apps/mail.png system/hicolor/48x48/apps/mail.png system/hicolor/16x16/apps/mail.png");
  assert_found (
      NULL, "mail", 16,
      "system/hicolor/16x16/apps/mail.png system/hicolor/48x48/apps/mail.png system/hicolor/64x64@2/apps/mail.png");
  assert_found (NULL, "web", 104, "system/hicolor/scalable/apps/web.svg system/hicolor/128x128/apps/web.png");
  assert_found (NULL, "own", 26, "home/hicolor/scalable/apps/own.svg"); /* by the index of another base */
  assert_found (NULL, "both", 26, "system/Adwaita/48x48/apps/both.png");
  assert_found ("Child", "both", 26, "system/Ring/48x48/apps/both.png");
  assert_found ("hicolor", "both", 26, "system/hicolor/48x48/apps/both.png");
  assert_found ("No such theme", "both", 26, "system/hicolor/48x48/apps/both.png");
  assert_found ("../..", "both", 26, "system/hicolor/48x48/apps/both.png");
  assert_found (NULL, "old", 26, "pixmaps/old.png");
  assert_found (NULL, "loose", 26, "system/loose.png");
  assert_found (NULL, "none", 26, "");
  assert_found (NULL, "", 26, "");
  assert_found (NULL, "../secret", 26, "");
}

static PlAppIcons *
icons_new (void)
{
  g_auto (GStrv) bases = folders ("home", "system"), pixmaps = folders ("pixmaps", NULL);

  return pl_app_icons_new_for_dirs (NULL, (const char *const *)bases, (const char *const *)pixmaps);
}

/* The bytes of the file are in the URI, as they are. */
static void
test_uri (void)
{
  g_autoptr (PlAppIcons) icons = icons_new ();
  g_autofree char *svg = NULL, *png = NULL, *path = g_build_filename (root, "secret.png", NULL), *absolute = NULL;
  g_autofree char *text = g_base64_encode ((const guchar *)SVG_START "</svg>", strlen (SVG_START "</svg>"));
  g_autofree char *wanted = g_strconcat ("data:image/svg+xml;base64,", text, NULL);

  svg = pl_app_icons_dup_uri (icons, "web", 104);
  g_assert_cmpstr (svg, ==, wanted);
  png = pl_app_icons_dup_uri (icons, "mail", 52);
  g_assert_true (g_str_has_prefix (png, "data:image/png;base64,iVBORw0KGgo"));
  absolute = pl_app_icons_dup_uri (icons, path, 52); /* a desktop file may name one so */
  g_assert_nonnull (absolute);
  g_assert_null (pl_app_icons_dup_uri (icons, "none", 52));
  g_assert_null (pl_app_icons_dup_uri (icons, "/none.png", 52));
  g_assert_cmpuint (pl_app_icons_get_n_left_out (icons), ==, 0); /* what is not there is not left out */
  g_assert_null (pl_app_icons_dup_left_out_words (icons));
}

/* What is too large, unpacks to too much, is no picture or never ends is left out and counted; another of the same name is taken. */
static void
test_hostile_files (void)
{
  g_autoptr (PlAppIcons) icons = icons_new ();
  g_autofree char *pipe = g_build_filename (root, "pipe.png", NULL), *words = NULL, *other = NULL;

  put_png ("system/hicolor/48x48/apps/large.png", 48, PL_LIMIT_ICON_BYTES + 1);
  put_png ("system/hicolor/48x48/apps/bomb.png", 30000, 64);
  put ("system/hicolor/48x48/apps/text.png", "root:x:0:0");
  put ("system/hicolor/48x48/apps/empty.png", "");
  put ("system/hicolor/scalable/apps/live.svg", SVG_START "<script>alert(1)</script></svg>");
  put ("system/hicolor/scalable/apps/two.svg", SVG_START "<script>alert(1)</script></svg>");
  put_png ("system/hicolor/48x48/apps/two.png", 48, 64);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (pl_app_icons_dup_uri (icons, "large", 52));
  g_assert_null (pl_app_icons_dup_uri (icons, "bomb", 52));
  g_assert_null (pl_app_icons_dup_uri (icons, "text", 52));
  g_assert_null (pl_app_icons_dup_uri (icons, "live", 52));
  g_assert_null (pl_app_icons_dup_uri (icons, "live", 52)); /* counted once */
  g_assert_cmpuint (pl_app_icons_get_n_left_out (icons), ==, 4);
  g_assert_null (pl_app_icons_dup_uri (icons, "empty", 52));
  g_assert_null (pl_app_icons_dup_uri (icons, pipe, 52)); /* nobody writes into it */
  g_assert_null (pl_app_icons_dup_uri (icons, "/dev/zero", 52));
  g_assert_cmpuint (pl_app_icons_get_n_left_out (icons), ==, 4);
  other = pl_app_icons_dup_uri (icons, "two", 52);
  g_assert_true (g_str_has_prefix (other, "data:image/png"));
  words = pl_app_icons_dup_left_out_words (icons);
  g_assert_true (g_str_has_prefix (words, "4 icons are not in the picture"));
}

/* What GTK shows and a picture can't hold is counted, by name or by path; of the same name, what it can hold is taken. */
static void
test_xpm (void)
{
  g_autoptr (PlAppIcons) icons = icons_new ();
  g_autofree char *path = g_build_filename (root, "pixmaps", "older.xpm", NULL), *other = NULL;

  put ("pixmaps/older.xpm", "/* XPM */\nstatic char *older[] = { \"1 1 1 1\", \"a c red\", \"a\" };\n");
  put ("pixmaps/both.xpm", "/* XPM */\n");
  put_png ("pixmaps/both.png", 16, 64);
  g_assert_null (pl_app_icons_dup_uri (icons, path, 52));
  g_assert_cmpuint (pl_app_icons_get_n_left_out (icons), ==, 1);
  g_assert_null (pl_app_icons_dup_uri (icons, "older", 52));
  g_assert_cmpuint (pl_app_icons_get_n_left_out (icons), ==, 2);
  other = pl_app_icons_dup_uri (icons, "both", 52);
  g_assert_true (g_str_has_prefix (other, "data:image/png"));
  g_assert_cmpuint (pl_app_icons_get_n_left_out (icons), ==, 2);
}

/* All icons of a picture together: the rest are letters. */
static void
test_total (void)
{
  g_autoptr (PlAppIcons) icons = icons_new ();
  guint n_taken = 0;

  put_png ("system/hicolor/48x48/apps/heavy.png", 48, PL_LIMIT_ICON_BYTES);
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *uri = pl_app_icons_dup_uri (icons, "heavy", 52);

      n_taken += uri != NULL;
    }
  g_assert_cmpuint (n_taken, >, 10);
  g_assert_cmpuint (n_taken, <=, PL_LIMIT_ICON_TOTAL_BYTES / PL_LIMIT_ICON_BYTES);
  g_assert_cmpuint (pl_app_icons_get_n_left_out (icons), ==, 100 - n_taken);
}

/* Themes that inherit without end, and a list of more directories than any has. */
static void
test_hostile_themes (void)
{
  g_autoptr (GString) list = g_string_new ("[Icon Theme]\nName=Wide\nDirectories=");
  g_autoptr (PlIconTheme) deep = NULL, wide = NULL;

  for (guint i = 0; i < PL_LIMIT_ICON_THEMES + 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("Deep%u", i), *next = g_strdup_printf ("Deep%u", i + 1);

      put_index ("system", name, next);
    }
  for (guint i = 0; i < PL_LIMIT_ICON_FOLDERS + 7; i++)
    g_string_append_printf (list, "%u,", i);
  g_string_append (list, "../../..,/\n[../../..]\nSize=48\n[/]\nSize=48\n");
  put ("system/Wide/index.theme", list->str);
  deep = theme_new ("Deep0");
  g_assert_cmpuint (pl_icon_theme_get_n_left_out (deep), >=, 1);
  wide = theme_new ("Wide");
  g_assert_cmpuint (pl_icon_theme_get_n_left_out (wide), >=, 7);
}

static void
test_svg_check (void)
{
  static const char *const plain[] = {
    SVG_START "</svg>",
    "<?xml version=\"1.0\"?>\n<!-- <script> --><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" "
    "\"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">" SVG_START "<title>url(http://x) &amp; on</title></svg>\n",
    SVG_START "<style>.a{fill:url(#g)}</style><rect class=\"a\" style=\"filter:url('#f')\" fill=\"url( #g )\"/></svg>",
    SVG_START "<use xlink:href=\"#a\"/><image href=\"data:image/png;base64,AA==\"/></svg>",
    ("<svg:svg xmlns:svg=\"http://www.w3.org/2000/svg\" xmlns:i=\"http://www.inkscape.org/\" "
     "i:export-filename=\"C:\\me.png\"/>"),
  };
  static const char *const refused[] = {
    "",
    "text",
    "<html/>",
    SVG_START,
    SVG_START "</svg>" SVG_START "</svg>",
    SVG_START "<script/></svg>",
    "<svg:svg xmlns:svg=\"http://www.w3.org/2000/svg\"><svg:script/></svg:svg>",
    SVG_START "<rect onclick=\"alert(1)\"/></svg>",
    SVG_START "<a xlink:href=\"javascript:alert(1)\"/></svg>",
    SVG_START "<image xlink:href=\"file:///etc/passwd\"/></svg>",
    SVG_START "<image href=\"/etc/passwd\"/></svg>",
    SVG_START "<use href=\"http://example.com/a.svg#b\"/></svg>",
    SVG_START "<image href=\"data:image/svg+xml;base64,AA==\"/></svg>",
    SVG_START "<g xml:base=\"http://example.com/\"/></svg>",
    SVG_START "<rect style=\"fill:URL( 'http://example.com/a#b')\"/></svg>",
    SVG_START "<rect fill=\"url(http://example.com/a#b)\"/></svg>",
    SVG_START "<rect fill=\"u\\72l(http://example.com/a#b)\"/></svg>",
    SVG_START "<style>@import 'http://example.com/a.css';</style></svg>",
    SVG_START "<style><![CDATA[@IMPORT 'a.css';]]></style></svg>",
    SVG_START "<style>@imp<!-- -->ort 'http://example.com/a.css';</style></svg>",
    SVG_START "<style>@imp</style><style>ort 'a.css'; .a{fill:u<![CDATA[rl(a.svg#b)]]>}</style></svg>",
    SVG_START "<foreignObject/></svg>",
    SVG_START "<set attributeName=\"href\" to=\"http://example.com\"/></svg>",
    "<?xml-stylesheet href=\"http://example.com/a.css\"?>" SVG_START "</svg>",
    "<!DOCTYPE svg [<!ENTITY a \"<script/>\">]>" SVG_START "&a;</svg>",
    "<!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" SVG_START "<text>&a;</text></svg>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    if (!pl_svg_is_plain (plain[i], strlen (plain[i])))
      {
        g_test_message ("refused: %s", plain[i]);
        g_test_fail ();
      }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    if (pl_svg_is_plain (refused[i], strlen (refused[i])))
      {
        g_test_message ("taken: %s", refused[i]);
        g_test_fail ();
      }
  g_assert_false (pl_svg_is_plain ("<svg>\0<script/></svg>", 22));
}

int
main (int argc, char **argv)
{
  g_autofree char *command = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  root = g_dir_make_tmp ("portlight-icons-XXXXXX", NULL);
  g_test_add_func ("/icons/lookup", test_lookup);
  g_test_add_func ("/icons/uri", test_uri);
  g_test_add_func ("/icons/hostile-files", test_hostile_files);
  g_test_add_func ("/icons/xpm", test_xpm);
  g_test_add_func ("/icons/total", test_total);
  g_test_add_func ("/icons/hostile-themes", test_hostile_themes);
  g_test_add_func ("/icons/svg-check", test_svg_check);
  result = g_test_run ();
  command = g_strdup_printf ("rm -rf '%s'", root);
  if (system (command) != 0)
    g_printerr ("%s is left\n", root);
  g_free (root);
  return result;
}
