/* Draws the graph of made-up traffic or of a capture file into a PNG, to be looked at: not installed, not a test.
 *   graph-demo --flows=30 --dark --size=940x700 --out=/tmp/graph.png */
#include <adwaita.h>
#include <stdlib.h>

#include "graph-canvas.h"
#include "graph-fixture.h"
#include "graph-view.h"
#include "port-ruler.h"
#include "session.h"
#include "shot.h"
#include "synthetic.h"

static int n_flows = -1, seed = 1, settle_ms = 500;
static gboolean is_desktop, is_dark, is_contrast, is_rtl, wants_live;
static double text_scale = 1, zoom = 1;
static char *size = NULL, *out = NULL, *pcap = NULL, *hover = NULL, *chosen = NULL;

static GOptionEntry entries[] = {
  { "desktop", 0, 0, G_OPTION_ARG_NONE, &is_desktop, "The desktop of the design pictures", NULL },
  { "flows", 0, 0, G_OPTION_ARG_INT, &n_flows, "So many made-up flows", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of the generator", "N" },
  { "pcap", 0, 0, G_OPTION_ARG_FILENAME, &pcap, "The flows of a capture file", "FILE" },
  { "dark", 0, 0, G_OPTION_ARG_NONE, &is_dark, "Dark", NULL },
  { "contrast", 0, 0, G_OPTION_ARG_NONE, &is_contrast, "High contrast", NULL },
  { "rtl", 0, 0, G_OPTION_ARG_NONE, &is_rtl, "Right to left", NULL },
  { "text", 0, 0, G_OPTION_ARG_DOUBLE, &text_scale, "Text so many times as large", "X" },
  { "zoom", 0, 0, G_OPTION_ARG_DOUBLE, &zoom, "So large; 0 fits all in", "X" },
  { "size", 0, 0, G_OPTION_ARG_STRING, &size, "Of the window", "WxH" },
  { "hover", 0, 0, G_OPTION_ARG_STRING, &hover, "As if the pointer rested on this node", "TITLE" },
  { "select", 0, 0, G_OPTION_ARG_STRING, &chosen, "Select the first flow of this node", "TITLE" },
  { "settle", 0, 0, G_OPTION_ARG_INT, &settle_ms, "Wait before the picture", "MS" },
  { "live", 0, 0, G_OPTION_ARG_NONE, &wants_live, "Stay open", NULL },
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "PNG to write", "FILE" },
  G_OPTION_ENTRY_NULL
};

static guint64
node_id (PlScene *scene, const char *title)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (scene, &n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (nodes[i].title, title))
      return nodes[i].id;
  return 0;
}

static PlModel *
make_model (PlSession **session)
{
  g_autoptr (Synthetic) world = NULL;
  PlModel *model;

  if (pcap)
    {
      const PlOpen open = { .kind = PL_OPEN_FILE, .name = pcap, .fd = -1 };

      *session = pl_session_new ();
      pl_session_open (*session, &open, NULL);
      return g_object_ref (pl_session_get_model (*session));
    }
  model = pl_model_new ();
  world = synthetic_new (seed);
  if (is_desktop)
    synthetic_desktop (model);
  else if (n_flows > 0)
    synthetic_fill (world, model, n_flows);
  pl_model_commit (model, g_get_monotonic_time ());
  return model;
}

static void
apply_options (GtkWidget *window)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  adw_style_manager_set_color_scheme (manager, is_dark ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", (int)(96 * 1024 * text_scale), "gtk-font-name",
                "Cantarell 11", NULL);
  if (is_rtl)
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
}

static GtkWidget *
put_above (GtkWidget *view, GtkWidget *ruler)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_set_vexpand (view, TRUE);
  gtk_box_append (GTK_BOX (box), view);
  gtk_box_append (GTK_BOX (box), ruler);
  return box;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlModel) model = NULL;
  g_autoptr (PlSession) session = NULL;
  GtkWidget *window, *view, *canvas, *ruler;
  int width = 940, height = 700;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  if (size)
    sscanf (size, "%dx%d", &width, &height);
  if (is_contrast)
    g_setenv ("GTK_THEME", "Adwaita:hc", FALSE);
  adw_init ();
  window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  apply_options (window);
  view = pl_graph_view_new ();
  canvas = find_canvas (view);
  ruler = pl_port_ruler_new ();
  pl_port_ruler_set_kernel_range (PL_PORT_RULER (ruler), 32768, 60999);
  gtk_window_set_child (GTK_WINDOW (window), put_above (view, ruler));
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_present (GTK_WINDOW (window));
  wait_ms (200);
  model = make_model (&session);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  pl_port_ruler_set_model (PL_PORT_RULER (ruler), model, pcap == NULL);
  wait_ms (settle_ms);
  if (zoom > 0)
    pl_graph_canvas_set_zoom (PL_GRAPH_CANVAS (canvas), zoom);
  else
    pl_graph_canvas_fit (PL_GRAPH_CANVAS (canvas));
  wait_ms (200);
  if (hover)
    pl_graph_canvas_hover_node (PL_GRAPH_CANVAS (canvas),
                                node_id (pl_graph_canvas_get_scene (PL_GRAPH_CANVAS (canvas)), hover));
  if (chosen)
    {
      PlScene *scene = pl_graph_canvas_get_scene (PL_GRAPH_CANVAS (canvas));
      g_autoptr (GArray) flows = pl_scene_node_flows (scene, node_id (scene, chosen));

      if (flows->len > 0)
        pl_graph_view_select_flow (PL_GRAPH_VIEW (view), g_array_index (flows, guint64, 0));
    }
  wait_ms (200);
  if (out && !shot_save (window, out))
    g_printerr ("Could not write %s\n", out);
  while (wants_live && gtk_widget_get_visible (window))
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
  return EXIT_SUCCESS;
}
