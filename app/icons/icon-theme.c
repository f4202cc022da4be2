/* Icon themes by their names alone; see icon-theme.h. A theme's directories are looked for once; of an icon each of them that is
 * there is asked. */
#include "icon-theme.h"

#include <string.h>

#include "icon-file.h"
#include "bounds.h"

#define GROUP "Icon Theme"
#define TOO_SMALL 10000 /* of a penalty: any that is large enough is better */
#define NAME_MAX_BYTES 250 /* with its ending a file name of 255 */

typedef struct
{
  char *path;
  int size_px, min_px, max_px; /* pixels: of the directory's size, times its scale */
  gboolean is_scalable;
} Folder;

typedef struct
{
  char *name;
  GArray *folders; /* Folder: those that are there, by base and then in the theme's own order */
} Theme;

struct _PlIconTheme
{
  GStrv bases, pixmaps;
  GPtrArray *themes; /* Theme, in the order in which they are asked */
  guint n_folders, n_left_out;
};

static void
clear_folder (gpointer folder)
{
  g_free (((Folder *)folder)->path);
}

static void
theme_free (gpointer data)
{
  Theme *theme = data;

  g_free (theme->name);
  g_array_unref (theme->folders);
  g_free (theme);
}

/* ---- where themes lie ---- */

static void
add_base (GPtrArray *bases, const char *start, const char *below)
{
  g_autofree char *dir = g_build_filename (start, below, NULL);

  if (!g_ptr_array_find_with_equal_func (bases, dir, g_str_equal, NULL))
    g_ptr_array_add (bases, g_steal_pointer (&dir));
}

/* The same places as desktop files are looked for in (desktop-index.c), so that who has a name from there has its icon. */
static GStrv
standard_bases (void)
{
  GPtrArray *bases = g_ptr_array_new ();

  add_base (bases, g_get_user_data_dir (), "icons");
  add_base (bases, g_get_home_dir (), ".icons");
  add_base (bases, g_get_user_data_dir (), "flatpak/exports/share/icons");
  for (const char *const *dir = g_get_system_data_dirs (); *dir != NULL; dir++)
    add_base (bases, *dir, "icons");
  add_base (bases, "/usr/local/share", "icons");
  add_base (bases, "/usr/share", "icons");
  add_base (bases, "/var/lib/flatpak/exports/share", "icons");
  add_base (bases, "/run/host/usr/share", "icons"); /* inside Flatpak, where the host's are shown */
  g_ptr_array_add (bases, NULL);
  return (GStrv)g_ptr_array_free (bases, FALSE);
}

static GStrv
standard_pixmaps (void)
{
  GPtrArray *dirs = g_ptr_array_new ();

  for (const char *const *dir = g_get_system_data_dirs (); *dir != NULL; dir++)
    add_base (dirs, *dir, "pixmaps");
  add_base (dirs, "/usr/share", "pixmaps");
  add_base (dirs, "/run/host/usr/share", "pixmaps");
  g_ptr_array_add (dirs, NULL);
  return (GStrv)g_ptr_array_free (dirs, FALSE);
}

/* ---- one theme ---- */

static int
number (GKeyFile *index, const char *group, const char *key, int otherwise)
{
  g_autoptr (GError) error = NULL;
  int value = g_key_file_get_integer (index, group, key, &error);

  return error == NULL && value > 0 && value <= 4096 ? value : otherwise;
}

/* "Fixed, Scalable and Threshold": what lies in a scalable one may be drawn at any size between two. */
static void
add_folder (PlIconTheme *self, Theme *theme, GKeyFile *index, const char *base, const char *subdir)
{
  Folder folder = { .path = g_build_filename (base, theme->name, subdir, NULL) };
  g_autofree char *type = NULL;
  int size, scale;

  if (!g_key_file_has_group (index, subdir) || !g_file_test (folder.path, G_FILE_TEST_IS_DIR))
    {
      g_free (folder.path);
      return;
    }
  if (self->n_folders >= PL_LIMIT_ICON_FOLDERS)
    {
      self->n_left_out++;
      g_free (folder.path);
      return;
    }
  type = g_key_file_get_string (index, subdir, "Type", NULL);
  size = number (index, subdir, "Size", 48);
  scale = number (index, subdir, "Scale", 1);
  folder.is_scalable = g_strcmp0 (type, "Scalable") == 0;
  folder.size_px = size * scale;
  folder.min_px = number (index, subdir, "MinSize", size) * scale;
  folder.max_px = number (index, subdir, "MaxSize", size) * scale;
  g_array_append_val (theme->folders, folder);
  self->n_folders++;
}

static void
add_folders (PlIconTheme *self, Theme *theme, GKeyFile *index)
{
  static const char *const keys[] = { "Directories", "ScaledDirectories" };

  for (char **base = self->bases; *base != NULL; base++)
    {
      g_autofree char *root = g_build_filename (*base, theme->name, NULL);

      if (!g_file_test (root, G_FILE_TEST_IS_DIR))
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
        {
          g_auto (GStrv) subdirs = g_key_file_get_string_list (index, GROUP, keys[i], NULL, NULL);

          for (guint at = 0; subdirs != NULL && subdirs[at] != NULL; at++)
            if (at >= PL_LIMIT_ICON_FOLDERS)
              self->n_left_out++;
            else if (!g_path_is_absolute (subdirs[at]) && strstr (subdirs[at], "..") == NULL)
              add_folder (self, theme, index, *base, subdirs[at]);
        }
    }
}

/* The first index.theme that there is of @name. (transfer full) (nullable) */
static GKeyFile *
read_index (PlIconTheme *self, const char *name)
{
  for (char **base = self->bases; *base != NULL; base++)
    {
      g_autofree char *path = g_build_filename (*base, name, "index.theme", NULL);
      gboolean is_too_large;
      g_autoptr (GBytes) bytes = pl_icon_file_read (path, PL_LIMIT_ICON_INDEX_BYTES, &is_too_large);
      g_autoptr (GKeyFile) index = g_key_file_new ();

      g_key_file_set_list_separator (index, ',');
      self->n_left_out += is_too_large;
      if (bytes != NULL && g_key_file_load_from_bytes (index, bytes, G_KEY_FILE_NONE, NULL))
        return g_steal_pointer (&index);
    }
  return NULL;
}

static gboolean
has_theme (PlIconTheme *self, const char *name)
{
  for (guint i = 0; i < self->themes->len; i++)
    if (g_str_equal (((Theme *)self->themes->pdata[i])->name, name))
      return TRUE;
  return FALSE;
}

/* @name and, behind it, what it inherits; hicolor comes last of all, whoever inherits it. */
static void
add_theme (PlIconTheme *self, const char *name)
{
  g_auto (GStrv) parents = NULL;
  g_autoptr (GKeyFile) index = NULL;
  Theme *theme;

  if (*name == 0 || *name == '.' || strchr (name, '/') != NULL || has_theme (self, name))
    return;
  if (self->themes->len >= PL_LIMIT_ICON_THEMES)
    {
      self->n_left_out++;
      return;
    }
  index = read_index (self, name);
  if (index == NULL)
    return;
  theme = g_new0 (Theme, 1);
  theme->name = g_strdup (name);
  theme->folders = g_array_new (FALSE, FALSE, sizeof (Folder));
  g_array_set_clear_func (theme->folders, clear_folder);
  g_ptr_array_add (self->themes, theme);
  add_folders (self, theme, index);
  parents = g_key_file_get_string_list (index, GROUP, "Inherits", NULL, NULL);
  for (guint i = 0; parents != NULL && parents[i] != NULL; i++)
    if (!g_str_equal (parents[i], "hicolor"))
      add_theme (self, parents[i]);
}

PlIconTheme *
pl_icon_theme_new (const char *name, const char *const *bases, const char *const *pixmaps)
{
  PlIconTheme *self = g_new0 (PlIconTheme, 1);

  self->bases = bases != NULL ? g_strdupv ((char **)bases) : standard_bases ();
  self->pixmaps = pixmaps != NULL ? g_strdupv ((char **)pixmaps) : standard_pixmaps ();
  self->themes = g_ptr_array_new_with_free_func (theme_free);
  if (name == NULL || !g_str_equal (name, "hicolor"))
    add_theme (self, name != NULL ? name : "Adwaita");
  add_theme (self, "hicolor");
  return self;
}

void
pl_icon_theme_free (PlIconTheme *self)
{
  g_strfreev (self->bases);
  g_strfreev (self->pixmaps);
  g_ptr_array_unref (self->themes);
  g_free (self);
}

/* ---- looking an icon up ---- */

typedef struct
{
  char *path;
  int penalty; /* the less the better */
} Found;

static void
clear_found (gpointer found)
{
  g_free (((Found *)found)->path);
}

/* What can be drawn at any size; then pixels, that which has to be made smaller least; then that which is magnified least. */
static int
penalty_of (const Folder *folder, gboolean is_svg, int size_px)
{
  if (is_svg && folder->is_scalable && folder->min_px <= size_px)
    return folder->max_px >= size_px ? 0 : 1;
  return 2 + (folder->size_px >= size_px ? folder->size_px - size_px : TOO_SMALL + size_px - folder->size_px);
}

/* An XPM is what GTK would show where there is nothing else: it can't be drawn here, but is not nothing either. */
static void
add_found (GArray *found, const Folder *folder, const char *name, int size_px)
{
  static const char *const endings[] = { ".svg", ".png", ".xpm" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *base = g_strconcat (name, endings[i], NULL);
      Found one = { g_build_filename (folder->path, base, NULL),
                    i == 2 ? G_MAXINT : penalty_of (folder, i == 0, size_px) };

      if (g_file_test (one.path, G_FILE_TEST_IS_REGULAR))
        g_array_append_val (found, one);
      else
        g_free (one.path);
    }
}

/* g_array_sort() is stable only by luck: what came first stays first where all else is the same. */
static GStrv
best_first (GArray *found)
{
  GPtrArray *paths = g_ptr_array_new ();

  while (found->len > 0)
    {
      guint best = 0;

      for (guint i = 1; i < found->len; i++)
        if (g_array_index (found, Found, i).penalty < g_array_index (found, Found, best).penalty)
          best = i;
      g_ptr_array_add (paths, g_strdup (g_array_index (found, Found, best).path));
      g_array_remove_index (found, best);
    }
  g_ptr_array_add (paths, NULL);
  return (GStrv)g_ptr_array_free (paths, FALSE);
}

GStrv
pl_icon_theme_lookup (PlIconTheme *self, const char *name, int size_px)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));

  g_array_set_clear_func (found, clear_found);
  if (*name == 0 || strchr (name, '/') != NULL || strlen (name) > NAME_MAX_BYTES)
    return best_first (found);
  for (guint i = 0; i < self->themes->len && found->len == 0; i++)
    {
      const Theme *theme = self->themes->pdata[i];

      for (guint at = 0; at < theme->folders->len; at++)
        add_found (found, &g_array_index (theme->folders, Folder, at), name, size_px);
    }
  for (char **dir = found->len == 0 ? self->pixmaps : NULL; dir != NULL && *dir != NULL; dir++)
    add_found (found, &(Folder){ .path = *dir, .size_px = 48 }, name, size_px);
  for (char **dir = found->len == 0 ? self->bases : NULL; dir != NULL && *dir != NULL; dir++)
    add_found (found, &(Folder){ .path = *dir, .size_px = 48 }, name, size_px);
  return best_first (found);
}

guint
pl_icon_theme_get_n_left_out (PlIconTheme *self)
{
  return self->n_left_out;
}
