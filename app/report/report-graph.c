/* The graph of a report; see report-graph.h. */
#include "portlight-config.h"

#include "report-graph.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scene-svg.h"
#include "writer.h"

#define WIDTH_PX 1100
#define LINE_PX 18 /* height of a line of text */

int
pl_report_graph_open (const char *file, GError **error)
{
  int fd = strcmp (file, "-") == 0 ? fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                   : open (file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

  if (fd < 0)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                 _ ("The graph can't be written to '%s': %s; name a file in a folder of yours"), file,
                 g_strerror (errno));
  return fd;
}

static char *
caption (PlModel *model)
{
  const PlModelTotals *totals = pl_model_get_totals (model);
  g_autofree char *flows =
      g_strdup_printf (g_dngettext (NULL, "%u flow", "%u flows", totals->n_flows), totals->n_flows);
  g_autofree char *apps = g_strdup_printf (g_dngettext (NULL, "%u app", "%u apps", totals->n_apps), totals->n_apps);

  return totals->n_apps > 0 ? g_strdup_printf ("%s · %s", flows, apps) : g_steal_pointer (&flows);
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

gboolean
pl_report_graph_write (const PlReportGraph *graph, PlModel *model, int fd, GError **error)
{
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autofree char *svg = NULL, *title = NULL, *words = caption (model);
  PlSceneSvgOptions options = { .is_dark = graph->is_dark, .is_redacted = graph->is_redacted, .caption = words };
  int fault;

  if (graph->source && !graph->is_redacted) /* a name of a file tells, too, and its folder more: often who it was */
    title = g_path_get_basename (graph->source);
  options.title = title ? title : "Portlight";
  pl_scene_set_size (scene, WIDTH_PX, LINE_PX);
  pl_scene_set_animated (scene, FALSE);
  pl_scene_update (scene, model, g_get_monotonic_time ());
  svg = pl_scene_to_svg (scene, &options);
  fault = write_all (fd, svg);
  if (fault == 0 || (fault == EPIPE && strcmp (graph->file, "-") == 0))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (fault),
               _ ("The graph could not be written to '%s': %s; send it somewhere else with --graph"), graph->file,
               g_strerror (fault));
  return FALSE;
}
