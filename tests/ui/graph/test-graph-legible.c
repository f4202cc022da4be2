/* Every text of the graph and its ruler, at every size: nothing overlaps, nothing is cut but long names, nothing is too
 * small. In process, under Xvfb with a screen of 3840×2160. */
#include <adwaita.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-node.h"
#include "graph-view.h"
#include "legible.h"
#include "port-ruler.h"
#include "shot.h"
#include "synthetic.h"

#define SMALLEST_PX 9.5 /* at 100 % and text of ordinary size */
#define SMALLEST_ZOOMED_PX 8.0
/* Letters of what may be cut where its lane is narrow: more than an IPv4 address, "systemd-resolved", "postgresql". */
#define LONG_NAME 15
#define LONG_APP 16
#define LONG_SERVICE 9
#define FRAMES_MS 40
#define MAX_ROUNDS 50
#define DESKTOP G_MAXUINT /* in place of a number of flows */
#define FAILURES (G_MAXUINT - 1)

typedef struct
{
  const char *name;
  int width, height;
  double text, zoom;
  gboolean is_rtl, is_for_few; /* for few: with thousands of flows the same as another, and slow */
} Look;

static const Look looks[] = {
  { "ordinary", 900, 640, 1, 1, FALSE, FALSE },
  { "narrow", 360, 640, 1, 1, FALSE, FALSE },
  { "right to left", 900, 640, 1, 1, TRUE, TRUE },
  { "text at 2x", 1280, 760, 2, 1, FALSE, FALSE },
  { "4K", 3840, 2160, 1, 1, FALSE, FALSE },
  { "zoomed out", 900, 640, 1, 0.66, FALSE, FALSE },
  { "far out", 900, 640, 1, 0.4, FALSE, TRUE },
  { "zoomed in", 900, 640, 1, 1.5, FALSE, TRUE },
  { "narrow, to left", 360, 640, 1, 1, TRUE, TRUE },
  { "narrow, text at 2x", 720, 900, 2, 1, FALSE, TRUE },
  { "small desktop", 640, 480, 1, 1, FALSE, FALSE },
  { "full HD", 1920, 1080, 1, 1, FALSE, TRUE },
  { "phone, text at 2x", 360, 760, 2, 1, FALSE, TRUE },
  { "farthest out", 1280, 640, 1, 0.25, FALSE, TRUE },
};

static gboolean
may_cut (GtkWidget *widget, double y, gpointer data)
{
  const PlSceneNode *node = PL_IS_GRAPH_NODE (widget) ? pl_graph_node_get (PL_GRAPH_NODE (widget)) : NULL;

  if (node == NULL)
    return FALSE;
  if (node->lane == PL_LANE_LOCAL_PORT || node->lane == PL_LANE_REMOTE_PORT)
    return g_utf8_strlen (node->subtitle, -1) > LONG_SERVICE && !(node->flags & PL_SCENE_OTHERS);
  if (y > gtk_widget_get_height (widget) / 2.0 && *node->subtitle != 0)
    return FALSE; /* rates, counts and scopes: always whole */
  return g_utf8_strlen (node->title, -1) > (node->lane == PL_LANE_APP ? LONG_APP : LONG_NAME);
}

static GtkWidget *
open_window (const Look *look, PlModel *model, GtkWidget **canvas)
{
  GtkWidget *window = gtk_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *view, *ruler;

  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", (int)(96 * 1024 * look->text), NULL);
  gtk_widget_set_default_direction (look->is_rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
  view = pl_graph_view_new ();
  ruler = pl_port_ruler_new ();
  *canvas = find_canvas (view);
  pl_port_ruler_set_kernel_range (PL_PORT_RULER (ruler), 32768, 60999);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), look->width, look->height);
  gtk_widget_set_vexpand (view, TRUE);
  gtk_box_append (GTK_BOX (box), view);
  gtk_box_append (GTK_BOX (box), ruler);
  gtk_window_set_child (GTK_WINDOW (window), box);
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  pl_port_ruler_set_model (PL_PORT_RULER (ruler), model, TRUE);
  pl_graph_canvas_set_zoom (PL_GRAPH_CANVAS (*canvas), look->zoom);
  gtk_window_present (GTK_WINDOW (window));
  while (!gtk_widget_get_mapped (*canvas))
    g_main_context_iteration (NULL, TRUE);
  return window;
}

/* As it is once it rests: as many texts twice, and as many problems. */
static GPtrArray *
check_at_rest (GtkWidget *window, double smallest)
{
  GPtrArray *problems = NULL;
  guint n_seen, n_problems, n_rounds = 0;

  do
    {
      n_seen = problems ? legible_get_n_seen () : 0;
      n_problems = problems ? problems->len : 0;
      g_clear_pointer (&problems, g_ptr_array_unref);
      wait_ms (FRAMES_MS);
      problems = legible_check (window, smallest, may_cut, NULL);
    }
  while ((n_seen != legible_get_n_seen () || n_problems != problems->len || n_seen <= 5) && ++n_rounds < MAX_ROUNDS);
  return problems;
}

static guint
check_look (const Look *look, const char *flows, PlModel *model)
{
  GtkWidget *canvas, *window = open_window (look, model, &canvas);
  g_autoptr (GPtrArray) problems =
      check_at_rest (window, look->zoom < 1 ? SMALLEST_ZOOMED_PX : SMALLEST_PX * look->text);
  guint n = problems->len;

  g_assert_cmpint (gtk_widget_get_width (window), ==, look->width);
  g_assert_cmpuint (legible_get_n_seen (), >, 5);
  for (guint i = 0; i < n; i++)
    g_test_message ("%s, %s: %s", flows, look->name, (char *)problems->pdata[i]);
  if (g_getenv ("PL_LEGIBLE_SHOTS"))
    {
      g_autofree char *path = g_strdup_printf ("%s/%s, %s.png", g_getenv ("PL_LEGIBLE_SHOTS"), flows, look->name);

      shot_save (window, path);
    }
  gtk_window_destroy (GTK_WINDOW (window));
  return n;
}

static char *
name_of_flows (guint n_flows)
{
  return n_flows == DESKTOP    ? g_strdup ("desktop")
         : n_flows == FAILURES ? g_strdup ("failures")
                               : g_strdup_printf ("%u", n_flows);
}

static void
test_all (gconstpointer data)
{
  guint n_flows = GPOINTER_TO_UINT (data), n = 0;
  g_autofree char *flows = name_of_flows (n_flows);
  g_autoptr (PlModel) model = pl_model_new ();
  g_autoptr (Synthetic) world = synthetic_new (1);

  if (g_getenv ("DISPLAY") == NULL)
    {
      g_test_skip ("no display");
      return;
    }
  if (n_flows == DESKTOP)
    synthetic_desktop (model);
  else if (n_flows == FAILURES)
    synthetic_failures (model);
  else if (n_flows > 0)
    synthetic_fill (world, model, n_flows);
  pl_model_commit (model, g_get_monotonic_time ());
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    if (!looks[i].is_for_few || n_flows < 5000 || n_flows >= FAILURES)
      n += check_look (&looks[i], flows, model);
  if (n > 0)
    g_test_fail_printf ("%u texts can't be read", n);
}

/* The check itself can fail: at two labels in one place, at one with too little room, at one that is clipped. */
static void
test_check (void)
{
  GtkWidget *window = gtk_window_new (), *fixed = gtk_fixed_new ();
  GtkWidget *labels[] = { gtk_label_new ("one label"), gtk_label_new ("another"), gtk_label_new ("a long label") };
  g_autoptr (GPtrArray) problems = NULL;

  gtk_widget_set_overflow (fixed, GTK_OVERFLOW_HIDDEN);
  gtk_label_set_ellipsize (GTK_LABEL (labels[2]), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (labels[2]), 5);
  gtk_fixed_put (GTK_FIXED (fixed), labels[0], 10, 10);
  gtk_fixed_put (GTK_FIXED (fixed), labels[1], 30, 14);
  gtk_fixed_put (GTK_FIXED (fixed), labels[2], 10, 60);
  gtk_window_set_child (GTK_WINDOW (window), fixed);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_present (GTK_WINDOW (window));
  while (!gtk_widget_get_mapped (fixed))
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < MAX_ROUNDS && (problems == NULL || legible_get_n_seen () < G_N_ELEMENTS (labels)); i++)
    {
      g_clear_pointer (&problems, g_ptr_array_unref);
      wait_ms (FRAMES_MS);
      problems = legible_check (fixed, 1, NULL, NULL);
    }
  for (guint i = 0; i < problems->len; i++)
    g_test_message ("%s", (char *)problems->pdata[i]);
  g_assert_cmpuint (problems->len, ==, 2);
  g_assert_true (g_str_has_prefix (problems->pdata[0], "overlap: "));
  g_assert_true (g_str_has_prefix (problems->pdata[1], "cut: "));
  g_clear_pointer (&problems, g_ptr_array_unref);
  gtk_fixed_move (GTK_FIXED (fixed), labels[1], -20, 100);
  for (guint i = 0; i < MAX_ROUNDS && (problems == NULL || problems->len < 5); i++)
    {
      g_clear_pointer (&problems, g_ptr_array_unref);
      wait_ms (FRAMES_MS);
      problems = legible_check (fixed, 100, NULL, NULL);
    }
  g_assert_cmpuint (problems->len, ==, 5); /* the cut one, one clipped, all too small */
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  static const guint counts[] = { 0, 1, 5, 50, 500, 5000, 50000, FAILURES, DESKTOP };

  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-font-name", "Cantarell 11", NULL);
  g_test_add_func ("/graph/legible/check", test_check);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree char *flows = name_of_flows (counts[i]), *path = g_strconcat ("/graph/legible/", flows, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (counts[i]), test_all);
    }
  return g_test_run ();
}
