/* AppImages, as their processes look. Nothing is read here, and nothing believed but that strings are strings. */
#include "appimage.h"

#include <string.h>

gboolean
pl_appimage_runs (const PlProcFacts *facts)
{
  static const char *const marks[] = { "/.mount_", "/appimage_extracted_" };
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if ((facts->exe != NULL && strstr (facts->exe, marks[i]) != NULL)
        || (facts->cmdline != NULL
            && memmem (facts->cmdline, facts->cmdline_bytes, marks[i], strlen (marks[i])) != NULL))
      return TRUE;
  return FALSE;
}

char *
pl_appimage_of_environment (const char *text, gssize n_bytes)
{
  static const char key[] = "APPIMAGE=";
  for (gssize at = 0; at < n_bytes; at += (gssize)strlen (text + at) + 1)
    if (g_str_has_prefix (text + at, key))
      return g_strdup (text + at + sizeof key - 1);
  return NULL;
}

/* "/home/me/Krita-5.2.2-x86_64.AppImage" → "Krita". */
char *
pl_appimage_name (const char *path)
{
  static const char *const endings[] = { ".AppImage", ".appimage", "-x86_64", "_x86_64", ".x86_64",
                                         "-amd64",    "-aarch64",  "-linux",  "-Linux" };
  char *name = g_path_get_basename (path);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (name, endings[i]) && strlen (name) > strlen (endings[i]))
      name[strlen (name) - strlen (endings[i])] = '\0';
  for (char *dash = strpbrk (name, "-_"); dash != NULL; dash = strpbrk (dash + 1, "-_"))
    {
      const char *version = dash + 1 + (dash[1] == 'v');
      if (dash > name && g_ascii_isdigit (*version) && strchr (version, '.') != NULL)
        {
          *dash = '\0';
          break;
        }
    }
  return name;
}
