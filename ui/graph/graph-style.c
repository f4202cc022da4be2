/* The graph's style sheets. Main loop only; one pair of providers a display, kept as long as it lives. */
#include "graph-style.h"

#include <adwaita.h>

#define RESOURCE_ROOT "/io/github/portlight/portlight/"
#define REDUCED_MOTION "gtk-interface-reduced-motion"

static void
load_palette (GtkCssProvider *palette)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  gboolean is_dark = adw_style_manager_get_dark (manager);
  const char *names[2][2] = { { "palette-light.css", "palette-light-contrast.css" },
                              { "palette-dark.css", "palette-dark-contrast.css" } };
  g_autofree char *path =
      g_strconcat (RESOURCE_ROOT, names[is_dark][adw_style_manager_get_high_contrast (manager)], NULL);

  gtk_css_provider_load_from_resource (palette, path);
}

void
pl_graph_style_load (GdkDisplay *display)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  g_autoptr (GtkCssProvider) palette = NULL, sheet = NULL;

  if (g_object_get_data (G_OBJECT (display), "pl-graph-palette"))
    return;
  palette = gtk_css_provider_new ();
  sheet = gtk_css_provider_new ();
  load_palette (palette);
  gtk_css_provider_load_from_resource (sheet, RESOURCE_ROOT "graph.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (palette),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (sheet),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_signal_connect_object (manager, "notify::dark", G_CALLBACK (load_palette), palette, G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast", G_CALLBACK (load_palette), palette, G_CONNECT_SWAPPED);
  g_object_set_data_full (G_OBJECT (display), "pl-graph-palette", g_object_ref (palette), g_object_unref);
}

gboolean
pl_graph_wants_motion (GtkSettings *settings)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (settings), REDUCED_MOTION);
  gboolean is_animated;
  int is_reduced = 0; /* GtkReducedMotion: 0 is no preference */

  g_object_get (settings, "gtk-enable-animations", &is_animated, NULL);
  if (pspec != NULL && G_IS_PARAM_SPEC_ENUM (pspec))
    g_object_get (settings, REDUCED_MOTION, &is_reduced, NULL);
  return is_animated && is_reduced == 0;
}
