/* The graph of a report; see report-graph.h. */
#include "portlight-config.h"

#include "report-graph.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app-icons.h"
#include "flatpak.h"
#include "rights.h"
#include "scene-svg.h"
#include "writer.h"

#define WIDTH_PX 1100
#define LINE_PX 18 /* height of a line of text */

/* Where the graph will be put in place of @file: what a link leads to. (transfer full) */
static char *
target_of (const char *file)
{
  g_autofree char *real = realpath (file, NULL);

  return g_strdup (real ? real : file);
}

/* Whether a file can be made beside @target; made and taken away again, for only that tells. Sets errno. */
static gboolean
can_make_beside (const char *target)
{
  g_autofree char *folder = g_path_get_dirname (target);
  g_autofree char *name = g_build_filename (folder, ".portlight-XXXXXX", NULL);
  int fd = g_mkstemp_full (name, O_WRONLY | O_CLOEXEC, 0600);

  if (fd < 0)
    return FALSE;
  close (fd);
  unlink (name);
  return TRUE;
}

/* Of what is mounted there; 0 where the kernel does not tell (before Linux 5.8) or nothing is there. */
static guint64
mount_of (const char *path)
{
  struct statx info;

  return statx (AT_FDCWD, path, 0, STATX_MNT_ID, &info) == 0 && (info.stx_mask & STATX_MNT_ID) ? info.stx_mnt_id : 0;
}

/* Whether the person would look for it in vain: what a sandbox has of its own by these names is other folders outside, or none
 * (flatpak-run(1)). */
static gboolean
is_of_sandbox_alone (const char *target)
{
  const char *const own[] = { "/",           "/dev",      "/tmp",     "/var/cache",
                              "/var/config", "/var/data", "/var/tmp", g_get_user_runtime_dir () };
  g_autofree char *folder = g_path_get_dirname (target);
  g_autoptr (GKeyFile) info = g_key_file_new ();
  guint64 mount = mount_of (folder);

  if (!g_key_file_load_from_file (info, PL_FLATPAK_INFO, G_KEY_FILE_NONE, NULL))
    return FALSE;
  if (access (folder, F_OK) != 0)
    return TRUE;
  for (gsize i = 0; mount != 0 && i < G_N_ELEMENTS (own); i++)
    if (mount_of (own[i]) == mount && !pl_rights_is_given (info, own[i]))
      return TRUE;
  return FALSE;
}

gboolean
pl_report_graph_open (const char *file, int *fd, GError **error)
{
  g_autofree char *target = target_of (file);
  gboolean is_output = strcmp (file, "-") == 0;
  struct stat info;
  gboolean is_there = !is_output && stat (target, &info) == 0;
  gboolean is_file = !is_output && (!is_there || S_ISREG (info.st_mode));
  int opened = -1;

  if (is_file && is_of_sandbox_alone (target))
    {
      g_set_error (
          error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
          _ ("The graph can't be written to '%s', which is outside Portlight's sandbox: use --graph=- and send "
             "it there with '>'"),
          file);
      return FALSE;
    }
  if (is_file && can_make_beside (target))
    {
      *fd = -1;
      return TRUE;
    }
  if (is_output)
    opened = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  else if (is_there) /* a file of ours in a folder of others, a pipe, a device */
    opened = open (target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (opened >= 0)
    {
      *fd = opened;
      return TRUE;
    }
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               _ ("The graph can't be written to '%s': %s; name a file in a folder of yours"), file,
               g_strerror (errno));
  return FALSE;
}

/* Whether settings can be asked for: no bus is started for it, root's are not the person's, and where dconf can't have its file it
 * complains. */
static gboolean
has_settings (void)
{
  return g_getenv ("GSETTINGS_BACKEND") != NULL
         || (geteuid () != 0 && g_getenv ("DBUS_SESSION_BUS_ADDRESS") != NULL
             && access (g_get_user_runtime_dir (), W_OK) == 0);
}

/* Of the desktop's icon theme. (transfer full) (nullable) */
static char *
icon_theme (void)
{
  GSettingsSchemaSource *schemas = has_settings () ? g_settings_schema_source_get_default () : NULL;
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autoptr (GSettings) settings = NULL;

  schema = schemas ? g_settings_schema_source_lookup (schemas, "org.gnome.desktop.interface", TRUE) : NULL;
  if (schema == NULL || !g_settings_schema_has_key (schema, "icon-theme"))
    return NULL;
  settings = g_settings_new_full (schema, NULL, NULL);
  return g_settings_get_string (settings, "icon-theme");
}

static char *
icon_uri (const char *icon_name, double size, gpointer icons)
{
  return pl_app_icons_dup_uri (icons, icon_name, (int)ceil (size * PL_APP_ICONS_SVG_SCALE));
}

/* (transfer full) */
static char *
draw (const PlReportGraph *graph, PlModel *model)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autoptr (PlRedactor) redactor = graph->is_redacted ? pl_redactor_new () : NULL;
  g_autofree char *title = NULL, *counts = pl_scene_svg_dup_counts (model), *theme = icon_theme (), *left_out = NULL,
                  *svg = NULL;
  g_autoptr (PlAppIcons) icons = pl_app_icons_new (theme);
  PlSceneSvgOptions options = {
    .is_dark = graph->is_dark, .redactor = redactor, .caption = counts, .icon = icon_uri, .icon_data = icons
  };

  if (graph->source && !graph->is_redacted) /* a name of a file tells, too, and its folder more: often who it was */
    title = g_path_get_basename (graph->source);
  options.title = title ? title : "Portlight";
  pl_scene_set_size (scene, WIDTH_PX, LINE_PX);
  pl_scene_set_animated (scene, FALSE);
  pl_scene_update (scene, model, g_get_monotonic_time ());
  svg = pl_scene_to_svg (scene, &options);
  left_out = pl_app_icons_dup_left_out_words (icons);
  if (left_out != NULL)
    g_printerr ("portlight-report: %s\n", left_out);
  return g_steal_pointer (&svg);
}

/* A pipe or a device has no length to cut. */
static int
write_all (int fd, const char *svg)
{
  g_autoptr (PlWriter) writer = NULL;
  struct stat info;

  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && ftruncate (fd, 0) != 0)
    return errno;
  writer = pl_writer_new (fd);
  pl_writer_text (writer, svg);
  return pl_writer_flush (writer);
}

/* As a whole, or not at all. */
static gboolean
replace_file (const char *file, const char *svg, GError **error)
{
  g_autofree char *target = target_of (file);
  struct stat info;
  int mode = stat (target, &info) == 0 ? info.st_mode & 0777 : 0666;

  return g_file_set_contents_full (target, svg, -1, G_FILE_SET_CONTENTS_CONSISTENT, mode, error);
}

gboolean
pl_report_graph_write (const PlReportGraph *graph, PlModel *model, int fd, GError **error)
{
  g_autofree char *svg = draw (graph, model);
  int fault;

  if (fd < 0)
    {
      g_autoptr (GError) cause = NULL;

      if (replace_file (graph->file, svg, &cause))
        return TRUE;
      g_set_error (error, G_FILE_ERROR, cause->code,
                   _ ("The graph could not be written to '%s': %s; send it somewhere else with --graph"), graph->file,
                   cause->message);
      return FALSE;
    }
  fault = write_all (fd, svg);
  if (fault == 0 || (fault == EPIPE && strcmp (graph->file, "-") == 0))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (fault),
               _ ("The graph could not be written to '%s': %s; send it somewhere else with --graph"), graph->file,
               g_strerror (fault));
  return FALSE;
}
