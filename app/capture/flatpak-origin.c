/* See flatpak-origin.h. Main loop only; nothing here waits for the other program.
 *
 * Sources: flatpak-run(1) for /.flatpak-info, flatpak-info(1), flatpak-remotes(1). A bundle that names no repository leaves
 * a remote without an address, from which nothing can be fetched (Flatpak 1.14). */
#include "flatpak-origin.h"
#include "flatpak.h"
#include "helper-host.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  PlFlatpakOriginKnown known;
  gpointer user_data;
} Question;

/* The session's environment says where installations are, but FLATPAK_USER_DIR may have been set for this start alone; its PATH
 * is not asked, into which any program of the user may put what it likes. */
static const char question[] = "[ -z \"$3\" ] || export FLATPAK_USER_DIR=\"$3\"; "
                               "flatpak info \"$1\" --show-origin \"$2\" && "
                               "exec flatpak remotes \"$1\" --show-disabled --columns=name,url";

/* FLATPAK_USER_DIR and XDG_DATA_HOME put it anywhere (flatpak(1)); then whose the files are tells, for those of the system’s are
 * root’s. */
gboolean
pl_flatpak_origin_is_of_one_user (const char *path, const char *files)
{
  struct stat status;

  return strstr (path, "/.local/share/flatpak/") != NULL
         || (getuid () != 0 && stat (files, &status) == 0 && status.st_uid == getuid ());
}

char *
pl_flatpak_origin_read (const char *report)
{
  g_auto (GStrv) lines = g_strsplit (report, "\n", -1);
  const char *name = lines[0];

  /* It becomes a word of a line for a terminal. */
  if (name == NULL || *name == '\0' || *name == '-'
      || name[strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-")] != '\0')
    return NULL;
  for (char **line = lines + 1; *line != NULL; line++)
    {
      g_auto (GStrv) cells = g_strsplit (*line, "\t", 2);

      if (g_strcmp0 (cells[0], name) == 0)
        return g_strdup (cells[1] != NULL && *g_strstrip (cells[1]) != '\0' ? name : "");
    }
  return NULL;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Question *asked = data;
  g_autofree char *report = NULL, *origin = NULL;

  if (g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &report, NULL, NULL) && report != NULL
      && g_subprocess_get_successful (G_SUBPROCESS (source)))
    origin = pl_flatpak_origin_read (report);
  asked->known (origin, asked->user_data);
}

void
pl_flatpak_origin_ask_async (const char *info_path, PlFlatpakOriginKnown known, gpointer user_data)
{
  g_autoptr (GKeyFile) info = g_key_file_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *path = NULL;

  if (g_key_file_load_from_file (info, info_path, G_KEY_FILE_NONE, NULL))
    path = g_key_file_get_string (info, "Instance", "app-path", NULL);
  if (path != NULL)
    {
      gboolean is_of_one_user = pl_flatpak_origin_is_of_one_user (path, PL_FLATPAK_FILES);
      const char *app = strstr (path, "/app/" PL_APP_ID "/");
      g_autofree char *place = is_of_one_user && app != NULL ? g_strndup (path, (gsize)(app - path)) : g_strdup ("");

      process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                                  "/usr/bin/flatpak-spawn", "--host", "--watch-bus", "--directory=/", "/usr/bin/env",
                                  PL_HELPER_HOST_PATH, "sh", "-c", question, "sh",
                                  is_of_one_user ? "--user" : "--system", PL_APP_ID, place, NULL);
    }
  if (process == NULL)
    {
      known (NULL, user_data);
      return;
    }
  Question *asked = g_new0 (Question, 1);
  *asked = (Question){ known, user_data };
  g_subprocess_communicate_utf8_async (process, NULL, NULL, on_answered, asked);
}
