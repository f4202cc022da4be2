/* What the graph costs the main thread: a model tick, a pan frame, one in which a node changed, one in which everything is drawn
 * anew, the lines in their worker, memory, render nodes (under the cairo renderer a node's picture counts as one). Medians of
 * main-thread CPU; made-up traffic; the renderer that the environment chooses. A missed goal is said; it fails nothing, for it
 * depends on the machine. */
#include <adwaita.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "graph-canvas-private.h"
#include "graph-fixture.h"
#include "graph-view.h"
#include "synthetic.h"

#define PAN_GOAL_MS 8

#define BATCH_LIMIT 32767 /* draw batches, at which GTK 4.8's gl renderer ends the program */

#define N_ROUNDS 40

static double
cpu_ms (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static double
thread_ms (void)
{
  return cpu_ms (CLOCK_THREAD_CPUTIME_ID);
}

static int
compare_doubles (const void *a, const void *b)
{
  double one = *(const double *)a, other = *(const double *)b;

  return one < other ? -1 : one > other;
}

static double
median (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

static double
bench_tick (PlGraphCanvas *canvas, PlModel *model)
{
  double values[N_ROUNDS];
  g_autoptr (PlScene) scene = pl_scene_new ();
  gint64 now_us = g_get_monotonic_time ();

  pl_scene_update (scene, model, now_us);
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      double start = thread_ms ();

      pl_scene_update (scene, model, now_us += 200000);
      values[i] = thread_ms () - start;
    }
  return median (values, N_ROUNDS);
}

static double
bench_refresh (PlGraphCanvas *canvas)
{
  double values[N_ROUNDS];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      double start = thread_ms ();

      graph_canvas_refresh (canvas);
      values[i] = thread_ms () - start;
    }
  return median (values, N_ROUNDS);
}

static double
bench_pan (PlGraphCanvas *canvas)
{
  double values[N_ROUNDS];
  GtkAdjustment *adjustment = canvas->adjustments[GTK_ORIENTATION_VERTICAL];

  if (gtk_adjustment_get_upper (adjustment) < gtk_adjustment_get_page_size (adjustment) + 300)
    return 0; /* nothing to pan */
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      double start;

      gtk_adjustment_set_value (adjustment, i % 2 ? 10 + i * 4 : 200 - i * 4);
      start = thread_ms ();
      paint_frame (GTK_WIDGET (canvas));
      values[i] = thread_ms () - start;
    }
  return median (values, N_ROUNDS);
}

static double
bench_redraw (PlGraphCanvas *canvas)
{
  double values[N_ROUNDS];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      double start;

      gtk_widget_queue_draw (GTK_WIDGET (canvas));
      start = thread_ms ();
      paint_frame (GTK_WIDGET (canvas));
      values[i] = thread_ms () - start;
    }
  return median (values, N_ROUNDS);
}

/* A frame in which one node of many looks other than before. */
static double
bench_change (PlGraphCanvas *canvas)
{
  double values[N_ROUNDS];
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (canvas->scene, &n);
  PlGraphNode *node = n > 0 ? g_hash_table_lookup (canvas->nodes, &nodes[0].id) : NULL;

  for (guint i = 0; i < N_ROUNDS && node; i++)
    {
      double start;

      pl_graph_node_set_marks (node, i % 2 ? 0 : PL_NODE_FOUND);
      start = thread_ms ();
      paint_frame (GTK_WIDGET (canvas));
      values[i] = thread_ms () - start;
    }
  return node ? median (values, N_ROUNDS) : 0;
}

/* A frame in which nothing but pulses has moved on. */
static double
bench_pulses (PlGraphCanvas *canvas)
{
  double values[N_ROUNDS];

  graph_pulses_flowed (canvas->pulses);
  if (!graph_pulses_are_running (canvas->pulses))
    return 0; /* lines with packets are too many, or none */
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      double start;

      graph_pulses_flowed (canvas->pulses);
      run_ms (20);
      gtk_widget_queue_draw (GTK_WIDGET (canvas->pulses));
      start = thread_ms ();
      paint_frame (GTK_WIDGET (canvas));
      values[i] = thread_ms () - start;
    }
  return median (values, N_ROUNDS);
}

static double
bench_lines (PlGraphCanvas *canvas)
{
  double values[9];
  int width = gtk_widget_get_width (GTK_WIDGET (canvas)), height = gtk_widget_get_height (GTK_WIDGET (canvas)) * 2;
  PlRaster raster = { .width = width, .height = height, .stride_words = width, .scale = 1 };
  guint n;
  const PlSceneEdge *edges = pl_scene_get_edges (canvas->scene, &n);
  g_autoptr (GArray) strokes = g_array_new (FALSE, FALSE, sizeof (PlStroke));

  raster.pixels = g_malloc ((gsize)width * height * 4);
  for (guint i = 0; i < n; i++)
    pl_edge_strokes_add (strokes, canvas->scene, &edges[i], &canvas->colors, PL_STROKES_PLAIN, canvas->unit);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      double start = thread_ms ();

      memset (raster.pixels, 0, (gsize)width * height * 4);
      pl_edge_raster (&raster, (const PlStroke *)(gpointer)strokes->data, strokes->len);
      values[i] = thread_ms () - start;
    }
  g_free (raster.pixels);
  return median (values, G_N_ELEMENTS (values));
}

/* ---- what a frame is made of ---- */

/* What @node draws through, or NULL where it draws itself or has several children. */
static GskRenderNode *
only_child (GskRenderNode *node)
{
  switch (gsk_render_node_get_node_type (node))
    {
    case GSK_TRANSFORM_NODE:
      return gsk_transform_node_get_child (node);
    case GSK_OPACITY_NODE:
      return gsk_opacity_node_get_child (node);
    case GSK_CLIP_NODE:
      return gsk_clip_node_get_child (node);
    case GSK_ROUNDED_CLIP_NODE:
      return gsk_rounded_clip_node_get_child (node);
    case GSK_SHADOW_NODE:
      return gsk_shadow_node_get_child (node);
    case GSK_DEBUG_NODE:
      return gsk_debug_node_get_child (node);
    case GSK_COLOR_MATRIX_NODE:
      return gsk_color_matrix_node_get_child (node);
    default:
      return NULL;
    }
}

/* Nodes that draw, in and below @node: about a batch each in GTK 4.8, or less, for like ones in a row share one. */
static guint
count_drawing (GskRenderNode *node)
{
  GskRenderNode *child = only_child (node);
  guint n = 0;

  if (child != NULL)
    return count_drawing (child);
  if (gsk_render_node_get_node_type (node) != GSK_CONTAINER_NODE)
    return 1;
  for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
    n += count_drawing (gsk_container_node_get_child (node, i));
  return n;
}

/* How many nodes draw a frame of @widget as it is now. */
static guint
count_frame (GtkWidget *widget)
{
  GdkPaintable *paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  guint n = 0;

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  node = gtk_snapshot_free_to_node (snapshot);
  if (node != NULL)
    n = count_drawing (node);
  g_clear_pointer (&node, gsk_render_node_unref);
  g_object_unref (paintable);
  return n;
}

static double
resident_mb (void)
{
  g_autofree char *statm = NULL;
  long pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL))
    sscanf (statm, "%*d %ld", &pages);
  return pages * (double)sysconf (_SC_PAGESIZE) / 1e6;
}

static void
bench_size (guint n_flows)
{
  g_autoptr (Synthetic) world = synthetic_new (1);
  g_autoptr (PlModel) model = pl_model_new ();
  GtkWidget *window = gtk_window_new (), *view = pl_graph_view_new ();
  PlGraphCanvas *canvas = PL_GRAPH_CANVAS (find_canvas (view));
  double tick_ms, pan_ms, refresh_ms, change_ms, redraw_ms, pulses_ms, lines_ms, before_ms, after_ms;
  guint n_edges, n_nodes;

  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 800);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  run_ms (200);
  synthetic_fill (world, model, n_flows);
  pl_model_commit (model, g_get_monotonic_time ());
  pl_graph_view_set_model (PL_GRAPH_VIEW (view), model);
  run_ms (600);
  tick_ms = bench_tick (canvas, model);
  refresh_ms = bench_refresh (canvas);
  run_ms (100);
  pan_ms = bench_pan (canvas);
  change_ms = bench_change (canvas);
  redraw_ms = bench_redraw (canvas);
  pulses_ms = bench_pulses (canvas);
  lines_ms = bench_lines (canvas);
  run_ms (2500); /* a scrollbar fades out meanwhile */
  before_ms = cpu_ms (CLOCK_PROCESS_CPUTIME_ID);
  run_ms (2000);
  after_ms = cpu_ms (CLOCK_PROCESS_CPUTIME_ID);
  pl_scene_get_edges (canvas->scene, &n_edges);
  pl_scene_get_nodes (canvas->scene, &n_nodes);
  g_print (
      "%6u flows: %3u edges %3u nodes | tick %.2f ms, refresh %.2f ms, pan frame %.2f ms, one node changed %.2f ms, "
      "redraw %.2f ms, pulses alone %.2f ms, lines (worker) %.1f ms, idle %.2f %%, %.0f MB, %u render nodes of %d "
      "batches that GTK 4.8 can "
      "draw by gl\n",
      n_flows, n_edges, n_nodes, tick_ms, refresh_ms, pan_ms, change_ms, redraw_ms, pulses_ms, lines_ms,
      (after_ms - before_ms) / 20, resident_mb (), count_frame (view), BATCH_LIMIT);
  if (n_flows == 5000)
    g_print ("       the goals for 5000 flows: tick 2 ms%s, pan frame %d ms%s\n", tick_ms > 2 ? " (missed)" : "",
             PAN_GOAL_MS, pan_ms > PAN_GOAL_MS ? " (missed)" : "");
  gtk_window_destroy (GTK_WINDOW (window));
  run_ms (50);
}

int
main (int argc, char **argv)
{
  static const guint sizes[] = { 0, 5, 50, 500, 5000, 50000 };

  adw_init ();
  for (int i = 1; i < argc; i++)
    bench_size (atoi (argv[i]));
  for (guint i = 0; argc == 1 && i < G_N_ELEMENTS (sizes); i++)
    bench_size (sizes[i]);
  return EXIT_SUCCESS;
}
