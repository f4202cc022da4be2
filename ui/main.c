/* Start of the window program. Decides what must be decided before GTK starts, then hands over to PlApplication. */
#include <glib/gi18n.h>
#include <locale.h>

#include "application.h"
#include "portlight-config.h"

/* Without a GPU, GTK would draw by llvmpipe: 49 ms a frame and twice the memory of the cairo renderer. */
static void
choose_renderer (void)
{
  g_autoptr (GDir) dri = NULL;
  const char *name;

  if (g_getenv ("GSK_RENDERER") != NULL)
    return;
  dri = g_dir_open ("/dev/dri", 0, NULL);
  while (dri != NULL && (name = g_dir_read_name (dri)) != NULL)
    if (g_str_has_prefix (name, "renderD"))
      return;
  g_setenv ("GSK_RENDERER", "cairo", TRUE);
}

/* The cairo renderer never asks for GL, yet GDK loads it when it opens the display, and without a GPU a compiler with it:
 * 60 MB resident, five threads. GDK_DEBUG had the switch until 4.15, GDK_DISABLE has it since. */
static void
do_without_gl (void)
{
  if (g_strcmp0 (g_getenv ("GSK_RENDERER"), "cairo") != 0)
    return;
  if (gtk_get_minor_version () >= 15)
    g_setenv ("GDK_DISABLE", "gl", FALSE);
  else
    g_setenv ("GDK_DEBUG", "gl-disable", FALSE);
}

int
main (int argc, char **argv)
{
  g_autoptr (PlApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (PL_GETTEXT_PACKAGE, PL_LOCALEDIR);
  bind_textdomain_codeset (PL_GETTEXT_PACKAGE, "UTF-8");
  textdomain (PL_GETTEXT_PACKAGE);
  g_set_application_name (_ ("Portlight"));
  choose_renderer ();
  do_without_gl ();

  application = pl_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
