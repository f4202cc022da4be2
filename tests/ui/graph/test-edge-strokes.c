/* What a line says by its look: ranges by colour, the protocol by its pattern, the rate by its width, who called by its
 * chevron, how sure the app is by its strength, where an attempt failed by red. No display. */
#include <math.h>

#include "edge-strokes.h"
#include "scene-checks.h"
#include "scene-steps.h"
#include "synthetic.h"

#define SAME 1e-4 /* of a colour's part */
#define NEAR_PX 0.01 /* strokes are floats */

/* From :50001, dynamic, to :443, well known, unless a test makes it another. */
typedef struct
{
  PlScene *scene;
  GArray *flows, *strokes; /* (element-type PlModelFlow) (element-type PlStroke) */
  PlProcess *app;
  PlGraphColors colors;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->scene = pl_scene_new ();
  fixture->flows = g_array_new (FALSE, FALSE, sizeof (PlModelFlow));
  fixture->strokes = g_array_new (FALSE, FALSE, sizeof (PlStroke));
  fixture->app = synthetic_process ("Browser", "browser", 1);
  fixture->colors = pl_graph_colors (FALSE, FALSE);
  add_plain (fixture->flows, 1, fixture->app, 50001, 31, 443);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pl_scene_free (fixture->scene);
  g_array_unref (fixture->flows);
  g_array_unref (fixture->strokes);
  pl_process_unref (fixture->app);
}

static PlModelFlow *
first_flow (Fixture *fixture)
{
  return &g_array_index (fixture->flows, PlModelFlow, 0);
}

/* The only line of what the flows are by now. */
static const PlSceneEdge *
draw (Fixture *fixture)
{
  gint64 now_us = SECOND_US;
  guint n;
  const PlSceneEdge *edge;

  update (fixture->scene, fixture->flows, now_us);
  settle (fixture->scene, &now_us);
  edge = pl_scene_get_edges (fixture->scene, &n);
  g_assert_cmpuint (n, ==, 1);
  g_array_set_size (fixture->strokes, 0);
  pl_edge_strokes_add (fixture->strokes, fixture->scene, edge, &fixture->colors, PL_STROKES_PLAIN, 1);
  g_assert_cmpuint (fixture->strokes->len, >, 0);
  return edge;
}

/* The stroke of the line that begins where @piece does; the chevron's are straight. */
static const PlStroke *
stroke_of (Fixture *fixture, const PlSceneEdge *edge, guint piece)
{
  PlScenePiece pieces[PL_N_PIECES];

  g_assert_cmpuint (pl_scene_edge_pieces (fixture->scene, edge, pieces), >, piece);
  for (guint i = 0; i < fixture->strokes->len; i++)
    {
      const PlStroke *stroke = &g_array_index (fixture->strokes, PlStroke, i);

      if (!stroke->is_straight && fabs (stroke->from_x - pieces[piece].x0) < NEAR_PX
          && fabs (stroke->y0 - pieces[piece].y0) < NEAR_PX)
        return stroke;
    }
  g_assert_not_reached ();
}

static void
assert_hue (PlInk ink, GdkRGBA color)
{
  g_assert_cmpfloat_with_epsilon (ink.red, color.red, SAME);
  g_assert_cmpfloat_with_epsilon (ink.green, color.green, SAME);
  g_assert_cmpfloat_with_epsilon (ink.blue, color.blue, SAME);
}

/* One way without a gap, coloured by the local port's range up to the local port and by the remote port's from there on. */
static void
test_colours (Fixture *fixture, gconstpointer data)
{
  const PlSceneEdge *edge = draw (fixture);
  const PlStroke *first = stroke_of (fixture, edge, PL_PIECE_APP_LOCAL),
                 *across = stroke_of (fixture, edge, PL_PIECE_LOCAL_REMOTE),
                 *last = stroke_of (fixture, edge, PL_PIECE_REMOTE_ENDPOINT);
  GdkRGBA local = pl_range_rgba (PL_RANGE_DYNAMIC, FALSE), remote = pl_range_rgba (PL_RANGE_WELL_KNOWN, FALSE);

  assert_hue (first->ink0, local);
  assert_hue (first->ink1, local);
  assert_hue (across->ink0, local);
  assert_hue (across->ink1, remote);
  assert_hue (last->ink0, remote);
  assert_hue (last->ink1, remote);
  g_assert_cmpfloat_with_epsilon (first->y1, across->y0, NEAR_PX);
  g_assert_cmpfloat_with_epsilon (across->y1, last->y0, NEAR_PX);
}

/* TCP solid, UDP in dashes, all else in dots, and a port that waits for callers in its own. */
static void
test_patterns (Fixture *fixture, gconstpointer data)
{
  const PlStroke *stroke = stroke_of (fixture, draw (fixture), PL_PIECE_LOCAL_REMOTE);
  double dash;

  g_assert_cmpfloat (stroke->dash, ==, 0);
  first_flow (fixture)->flow.key.proto = PL_PROTO_UDP;
  stroke = stroke_of (fixture, draw (fixture), PL_PIECE_LOCAL_REMOTE);
  dash = stroke->dash;
  g_assert_cmpfloat (dash, >, 2 * stroke->width);
  g_assert_cmpfloat (stroke->gap, >, 0);
  g_assert_cmpfloat (stroke->gap, <, dash);
  first_flow (fixture)->flow.key.proto = PL_PROTO_SCTP;
  stroke = stroke_of (fixture, draw (fixture), PL_PIECE_LOCAL_REMOTE);
  g_assert_cmpfloat (stroke->dash, >, 0);
  g_assert_cmpfloat (stroke->dash, <, dash / 2);
  g_assert_cmpfloat (stroke->gap, >, stroke->dash);
  g_array_set_size (fixture->flows, 0);
  add_dock (fixture->flows, fixture->app, 8080, TRUE);
  stroke = stroke_of (fixture, draw (fixture), PL_PIECE_APP_LOCAL);
  g_assert_cmpfloat (stroke->dash, >, 0);
  g_assert_cmpfloat (stroke->dash, <, dash / 2);
}

/* By a log: a thousand times the rate is some pixels more, not a thousand times the width. */
static void
test_width (Fixture *fixture, gconstpointer data)
{
  double widths[3];

  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      first_flow (fixture)->rate_in = pow (1000, i);
      g_clear_pointer (&fixture->scene, pl_scene_free);
      fixture->scene = pl_scene_new ();
      widths[i] = stroke_of (fixture, draw (fixture), PL_PIECE_LOCAL_REMOTE)->width;
    }
  g_assert_cmpfloat (widths[1], >, widths[0]);
  g_assert_cmpfloat (widths[2], >=, widths[1] + 2);
  g_assert_cmpfloat (widths[2], <, 8);
}

/* Under an app's card there is room for thin lines only: in a narrow graph the way down to the port is one, however much goes
 * through. */
static void
test_width_stacked (Fixture *fixture, gconstpointer data)
{
  const PlSceneEdge *edge;
  double trunk, across;

  pl_scene_set_size (fixture->scene, 340, 18);
  first_flow (fixture)->rate_in = 1e6;
  edge = draw (fixture);
  g_assert_true (pl_scene_get_is_stacked (fixture->scene));
  trunk = stroke_of (fixture, edge, PL_PIECE_APP_LOCAL)->width;
  across = stroke_of (fixture, edge, PL_PIECE_LOCAL_REMOTE)->width;
  g_assert_cmpfloat (trunk, <, 2);
  g_assert_cmpfloat (across, >, trunk);
}

/* Lighter where the app is likely only, in the same colours, whatever the evidence below exact. */
static void
test_unsure (Fixture *fixture, gconstpointer data)
{
  static const PlConfidence unsure[] = { PL_CONFIDENCE_LIKELY, PL_CONFIDENCE_CGROUP };
  const PlStroke *stroke = stroke_of (fixture, draw (fixture), PL_PIECE_LOCAL_REMOTE);
  double alpha = stroke->ink0.alpha;

  for (guint i = 0; i < G_N_ELEMENTS (unsure); i++)
    {
      first_flow (fixture)->app_confidence = unsure[i];
      stroke = stroke_of (fixture, draw (fixture), PL_PIECE_LOCAL_REMOTE);
      g_assert_cmpfloat (stroke->ink0.alpha, <, alpha * 0.6);
      g_assert_cmpfloat (stroke->ink1.alpha, <, alpha * 0.6);
      g_assert_cmpfloat (stroke->ink0.alpha, >, 0.2);
      assert_hue (stroke->ink0, pl_range_rgba (PL_RANGE_DYNAMIC, FALSE));
    }
}

/* Where the two arms of the chevron meet, and where on the whole they are: its tip and its middle, x. */
static void
find_chevron (Fixture *fixture, double *tip, double *middle)
{
  const PlStroke *arms[2];
  guint n = 0;

  for (guint i = 0; i < fixture->strokes->len; i++)
    if (g_array_index (fixture->strokes, PlStroke, i).is_straight)
      {
        g_assert_cmpuint (n, <, G_N_ELEMENTS (arms));
        arms[n++] = &g_array_index (fixture->strokes, PlStroke, i);
      }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (arms));
  g_assert_true ((arms[0]->y0 == arms[1]->y0) != (arms[0]->y1 == arms[1]->y1));
  *tip = arms[0]->y0 == arms[1]->y0 ? arms[0]->x0 : arms[0]->x1;
  *middle = (arms[0]->x0 + arms[0]->x1) / 2;
}

/* It points at the port that was called, and stands there; where nobody knows who called there is none. */
static void
test_chevron (Fixture *fixture, gconstpointer data)
{
  int local = first_flow (fixture)->local_end;
  const PlSceneEdge *edge = draw (fixture);
  PlScenePiece pieces[PL_N_PIECES];
  const PlScenePiece *across = &pieces[PL_PIECE_LOCAL_REMOTE];
  double tip, middle;

  pl_scene_edge_pieces (fixture->scene, edge, pieces);
  find_chevron (fixture, &tip, &middle);
  g_assert_cmpfloat (tip, >, middle);
  g_assert_cmpfloat (across->x1 - tip, <, (across->x1 - across->x0) / 4);
  first_flow (fixture)->flow.initiator_end = !local;
  draw (fixture);
  find_chevron (fixture, &tip, &middle);
  g_assert_cmpfloat (tip, <, middle);
  g_assert_cmpfloat (tip - across->x0, <, (across->x1 - across->x0) / 4);
  first_flow (fixture)->flow.initiator_end = PL_END_UNKNOWN;
  draw (fixture);
  for (guint i = 0; i < fixture->strokes->len; i++)
    g_assert_false (g_array_index (fixture->strokes, PlStroke, i).is_straight);
}

/* Red at the cross, and no more than a hint of where it would have gone behind it. */
static void
test_failed (Fixture *fixture, gconstpointer data)
{
  const PlSceneEdge *edge;
  const PlStroke *across, *last;
  double x, y;

  first_flow (fixture)->flow.state = PL_STATE_RESET;
  first_flow (fixture)->diagnosis.failure = PL_FAILURE_REFUSED;
  edge = draw (fixture);
  g_assert_true (pl_scene_edge_cross (fixture->scene, edge, &x, &y));
  across = stroke_of (fixture, edge, PL_PIECE_LOCAL_REMOTE);
  last = stroke_of (fixture, edge, PL_PIECE_REMOTE_ENDPOINT);
  assert_hue (across->ink0, pl_range_rgba (PL_RANGE_DYNAMIC, FALSE));
  assert_hue (across->ink1, pl_failed_rgba (FALSE));
  g_assert_cmpfloat_with_epsilon (across->to_x, x, NEAR_PX);
  assert_hue (last->ink1, pl_failed_rgba (FALSE));
  g_assert_cmpfloat (last->ink1.alpha, <, across->ink1.alpha / 2);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/graph/edge-strokes/colours", test_colours);
  add ("/graph/edge-strokes/patterns", test_patterns);
  add ("/graph/edge-strokes/width", test_width);
  add ("/graph/edge-strokes/width-stacked", test_width_stacked);
  add ("/graph/edge-strokes/unsure", test_unsure);
  add ("/graph/edge-strokes/chevron", test_chevron);
  add ("/graph/edge-strokes/failed", test_failed);
  return g_test_run ();
}
