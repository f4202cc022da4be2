/* Icons of apps for pictures; see app-icons.h. */
#include "portlight-config.h"

#define GETTEXT_PACKAGE PL_GETTEXT_PACKAGE
#include <glib/gi18n-lib.h>

#include <string.h>

#include "app-icons.h"
#include "icon-file.h"
#include "icon-theme.h"
#include "bounds.h"
#include "svg-check.h"

#define PNG_HEADER 24 /* bytes: of the signature and IHDR up to the height */

struct _PlAppIcons
{
  PlIconTheme *theme;
  GHashTable *uris; /* "name size" → URI, "" where there is none; both owned */
  guint n_files, n_left_out;
  gsize n_bytes; /* of all that was handed out */
};

PlAppIcons *
pl_app_icons_new_for_dirs (const char *theme, const char *const *bases, const char *const *pixmaps)
{
  PlAppIcons *self = g_new0 (PlAppIcons, 1);

  self->theme = pl_icon_theme_new (theme, bases, pixmaps);
  self->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

PlAppIcons *
pl_app_icons_new (const char *theme)
{
  return pl_app_icons_new_for_dirs (theme, NULL, NULL);
}

void
pl_app_icons_free (PlAppIcons *self)
{
  pl_icon_theme_free (self->theme);
  g_hash_table_unref (self->uris);
  g_free (self);
}

static guint32
read_be32 (const guint8 *at)
{
  return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

/* PNG specification 5.2 and 11.2.2: a signature, then IHDR with width and height. */
static gboolean
is_small_png (const guint8 *data, gsize size)
{
  guint32 width, height;

  if (size < PNG_HEADER || memcmp (data, "\x89PNG\r\n\x1a\n", 8) != 0 || memcmp (data + 12, "IHDR", 4) != 0)
    return FALSE;
  width = read_be32 (data + 16);
  height = read_be32 (data + 20);
  return width > 0 && height > 0 && width <= PL_LIMIT_ICON_SIDE_PX && height <= PL_LIMIT_ICON_SIDE_PX;
}

/* What it is by what is in it, whatever its name says. (nullable) */
static const char *
kind_of (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (is_small_png (data, size))
    return "image/png";
  return pl_svg_is_plain ((const char *)data, size) ? "image/svg+xml" : NULL;
}

/* (transfer full) (nullable); @is_there is set where something is there that is not taken */
static char *
uri_of_file (PlAppIcons *self, const char *path, gboolean *is_there)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  gboolean is_too_large = FALSE;
  const char *kind;

  if (self->n_files >= PL_LIMIT_ICON_FILES)
    {
      *is_there = TRUE;
      return NULL;
    }
  self->n_files++;
  bytes = pl_icon_file_read (path, PL_LIMIT_ICON_BYTES, &is_too_large);
  *is_there |= bytes != NULL || is_too_large;
  kind = bytes ? kind_of (bytes) : NULL;
  if (kind == NULL)
    return NULL;
  text = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return g_strdup_printf ("data:%s;base64,%s", kind, text);
}

static char *
look_up (PlAppIcons *self, const char *name, int size_px)
{
  const char *const given[] = { name, NULL };
  g_auto (GStrv) paths =
      g_path_is_absolute (name) ? g_strdupv ((char **)given) : pl_icon_theme_lookup (self->theme, name, size_px);
  gboolean is_there = FALSE;

  for (char **path = paths; *path != NULL; path++)
    {
      char *uri = uri_of_file (self, *path, &is_there);

      if (uri != NULL)
        return uri;
    }
  self->n_left_out += is_there;
  return g_strdup ("");
}

char *
pl_app_icons_dup_uri (PlAppIcons *self, const char *name, int size_px)
{
  g_autofree char *key = g_strdup_printf ("%d %s", size_px, name);
  const char *uri = g_hash_table_lookup (self->uris, key);

  if (g_str_has_suffix (name, "-symbolic"))
    return NULL;
  if (uri == NULL)
    {
      char *found = look_up (self, name, size_px);

      g_hash_table_insert (self->uris, g_steal_pointer (&key), found);
      uri = found;
    }
  if (*uri == 0)
    return NULL;
  if (self->n_bytes + strlen (uri) > PL_LIMIT_ICON_TOTAL_BYTES)
    {
      self->n_left_out++;
      return NULL;
    }
  self->n_bytes += strlen (uri);
  return g_strdup (uri);
}

guint
pl_app_icons_get_n_left_out (PlAppIcons *self)
{
  return self->n_left_out;
}

char *
pl_app_icons_dup_left_out_words (PlAppIcons *self)
{
  guint n = self->n_left_out + pl_icon_theme_get_n_left_out (self->theme);
  g_autofree char *icons = NULL;

  if (n == 0)
    return NULL;
  icons = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u icon is not in the picture", "%u icons are not in the picture", n), n);
  /* Translators: "2 icons are not in the picture"; such an SVG holds a script, or asks for another file */
  return g_strdup_printf (_ ("%s: too large, neither PNG nor SVG, or an SVG that is more than a picture"), icons);
}
