/* Writes the graph of made-up traffic as SVG to standard output, to be looked at: not installed, not a test.
 *   svg-demo --flows=500 --dark --width=1100 > graph.svg */
#include <stdio.h>
#include <stdlib.h>

#include "scene-svg.h"
#include "synthetic.h"

static int n_flows = -1, seed = 1;
static double width = 1000, line_height = 18;
static gboolean is_dark, is_contrast, is_rtl, is_redacted;

static GOptionEntry entries[] = {
  { "flows", 0, 0, G_OPTION_ARG_INT, &n_flows, "So many made-up flows, else a desktop's", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of the generator", "N" },
  { "width", 0, 0, G_OPTION_ARG_DOUBLE, &width, "Of the picture", "PX" },
  { "line", 0, 0, G_OPTION_ARG_DOUBLE, &line_height, "Height of a line of text", "PX" },
  { "dark", 0, 0, G_OPTION_ARG_NONE, &is_dark, "Dark", NULL },
  { "contrast", 0, 0, G_OPTION_ARG_NONE, &is_contrast, "High contrast", NULL },
  { "rtl", 0, 0, G_OPTION_ARG_NONE, &is_rtl, "Right to left", NULL },
  { "redact", 0, 0, G_OPTION_ARG_NONE, &is_redacted, "Without names and addresses", NULL },
  G_OPTION_ENTRY_NULL
};

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (PlRedactor) redactor = NULL;
  g_autoptr (Synthetic) world = NULL;
  g_autoptr (PlScene) scene = pl_scene_new ();
  g_autofree char *svg = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  world = synthetic_new (seed);
  if (n_flows < 0)
    synthetic_desktop (model);
  else
    synthetic_fill (world, model, n_flows);
  pl_model_commit (model, G_USEC_PER_SEC);
  pl_scene_set_size (scene, width, line_height);
  pl_scene_update (scene, model, G_USEC_PER_SEC);
  redactor = is_redacted ? pl_redactor_new () : NULL;
  svg = pl_scene_to_svg (scene, &(PlSceneSvgOptions){ .is_dark = is_dark,
                                                      .is_high_contrast = is_contrast,
                                                      .is_rtl = is_rtl,
                                                      .redactor = redactor,
                                                      .title = "Portlight",
                                                      .caption = "Made-up traffic" });
  return fputs (svg, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
