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

  application = pl_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
