/* See flatpak-document.h. */
#include "flatpak-document.h"

#include <string.h>

char *
pl_flatpak_document_dup_root (void)
{
  return g_build_filename (g_get_user_runtime_dir (), "doc", NULL);
}

/* (transfer full) (nullable): its name, where it is the only one in @folder. */
static char *
only_name_in (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *name = dir != NULL ? g_strdup (g_dir_read_name (dir)) : NULL;

  return name != NULL && g_dir_read_name (dir) == NULL ? g_steal_pointer (&name) : NULL;
}

gboolean
pl_flatpak_document_has (const char *path, const char *root)
{
  g_autofree char *inside = g_strconcat (root, "/", NULL);

  return g_str_has_prefix (path, inside);
}

char *
pl_flatpak_document_find (const char *path, const char *root)
{
  g_autofree char *folder = g_path_get_dirname (path), *above = g_path_get_dirname (folder), *name = NULL;

  if (strcmp (above, root) != 0 || g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup (path);
  name = only_name_in (folder);
  return name != NULL ? g_build_filename (folder, name, NULL) : g_strdup (path);
}
