/* How many rows the list of a node's flows makes and takes away in one turn of the main loop: a window that does either for
 * hundreds answers nobody meanwhile. In process, under Xvfb. */
#include "flow-list.h"
#include "graph-fixture.h"
#include "range-mark.h"
#include "synthetic.h"

#define STEP 16 /* as in flow-list.c */
#define MANY 3000

typedef struct
{
  GtkWidget *window, *list;
  PlModel *model;
  GArray *ids; /* of guint64, of all flows */
  PlWordsContext context;
} Fixture;

static gboolean
add_id (const PlModelFlow *flow, gpointer ids)
{
  g_array_append_val ((GArray *)ids, flow->id);
  return TRUE;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Synthetic) world = synthetic_new (5);

  fixture->model = pl_model_new ();
  synthetic_fill (world, fixture->model, MANY + MANY / 4); /* some are the same */
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  fixture->ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  pl_model_foreach (fixture->model, add_id, fixture->ids);
  g_assert_cmpuint (fixture->ids->len, >=, MANY);
  fixture->window = gtk_window_new ();
  fixture->list = g_object_new (PL_TYPE_FLOW_LIST, NULL);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 380, 600);
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->list);
  gtk_window_present (GTK_WINDOW (fixture->window));
  pl_flow_list_refresh (PL_FLOW_LIST (fixture->list), fixture->model, &fixture->context);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_ref_sink (fixture->list);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  wait_ms (20);
  g_array_unref (fixture->ids);
  g_assert_finalize_object (fixture->list);
  g_assert_finalize_object (fixture->model);
}

static guint
n_rows (GtkWidget *widget)
{
  guint n = PL_IS_RANGE_MARK (widget);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    n += n_rows (child);
  return n;
}

/* Has @n flows shown, from the @from-th on. Returns how many rows came or went with that. */
static guint
show (Fixture *fixture, guint from, guint n, gboolean is_other)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint before = n_rows (fixture->list), after;

  g_array_append_vals (ids, &g_array_index (fixture->ids, guint64, from), n);
  pl_flow_list_set_flows (PL_FLOW_LIST (fixture->list), ids, is_other);
  after = n_rows (fixture->list);
  return MAX (before, after) - MIN (before, after);
}

/* Runs the main loop until nothing is left to do at leisure. Returns how many rows came or went in one turn, at most. */
static guint
settle (Fixture *fixture)
{
  guint most = 0, before = n_rows (fixture->list), after;

  for (guint n_idle = 0; n_idle < 3; before = after)
    {
      n_idle = g_main_context_iteration (NULL, FALSE) ? 0 : n_idle + 1;
      after = n_rows (fixture->list);
      most = MAX (most, MAX (before, after) - MIN (before, after));
    }
  return most;
}

static GtkWidget *
shown_page (Fixture *fixture)
{
  GtkWidget *shown = NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (fixture->list); child;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_visible (child))
      {
        g_assert_null (shown);
        shown = child;
      }
  g_assert_nonnull (shown);
  return shown;
}

static double
scrolled_to (Fixture *fixture)
{
  return gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (shown_page (fixture))));
}

/* From one node to another and to a single flow: rows come and go in steps, and none is left but those of what is shown. */
static void
test_steps (Fixture *fixture, gconstpointer data)
{
  static const guint lists[][2] = { { 0, 1000 },   { 1000, 1000 }, { 2000, 40 }, { 0, 1 },
                                    { 500, 1500 }, { 2100, 3 },    { 0, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      guint n = lists[i][1], at_once = show (fixture, lists[i][0], n, TRUE), most = settle (fixture);

      paint_frame (fixture->list);
      g_test_message ("%u flows: %u rows at once, then %u in a turn; %u rows", n, at_once, most,
                      n_rows (fixture->list));
      g_assert_cmpuint (at_once, <=, STEP);
      g_assert_cmpuint (most, <=, 2 * STEP); /* one page grows, the other is emptied */
      g_assert_cmpuint (n_rows (fixture->list), ==, n_rows (shown_page (fixture)));
      g_assert_cmpuint (n_rows (fixture->list), >=, MIN (n, 8));
      g_assert_cmpuint (n_rows (fixture->list), <=, MIN (n, 240));
    }
}

/* What is emptied makes no rows in the place of those that go, wherever it was scrolled to; the other list begins at its top. */
static void
test_scrolled (Fixture *fixture, gconstpointer data)
{
  GtkAdjustment *vertical;

  for (guint i = 0; i < 2; i++)
    {
      show (fixture, i * 1500, 1000, TRUE);
      settle (fixture);
      paint_frame (fixture->list);
      g_assert_cmpfloat (scrolled_to (fixture), ==, 0);
      vertical = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (shown_page (fixture)));
      gtk_adjustment_set_value (vertical, gtk_adjustment_get_upper (vertical) / 2);
      settle (fixture);
      g_assert_cmpfloat (scrolled_to (fixture), >, 1000);
    }
  g_assert_cmpuint (show (fixture, 0, 700, TRUE), <=, STEP);
  g_assert_cmpuint (settle (fixture), <=, 2 * STEP);
  g_assert_cmpfloat (scrolled_to (fixture), ==, 0);
}

/* The same node's flows come and go where they are: what is scrolled to stays in view. */
static void
test_stays (Fixture *fixture, gconstpointer data)
{
  GtkWidget *page;
  GtkAdjustment *vertical;

  show (fixture, 0, 600, TRUE);
  settle (fixture);
  paint_frame (fixture->list);
  page = shown_page (fixture);
  vertical = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page));
  gtk_adjustment_set_value (vertical, 2000);
  g_assert_cmpuint (show (fixture, 0, 610, FALSE), <=, STEP);
  settle (fixture);
  g_assert_true (shown_page (fixture) == page);
  g_assert_cmpfloat (scrolled_to (fixture), ==, 2000);
}

/* However many rows it has, it asks for no more height than one takes. */
static void
test_height (Fixture *fixture, gconstpointer data)
{
  int natural[2];

  for (guint i = 0; i < 2; i++)
    {
      show (fixture, 0, i == 0 ? 1 : 1000, TRUE);
      settle (fixture);
      paint_frame (fixture->list);
      gtk_widget_measure (fixture->list, GTK_ORIENTATION_VERTICAL, -1, NULL, &natural[i], NULL, NULL);
    }
  g_assert_cmpint (natural[0], ==, natural[1]);
  g_assert_cmpint (gtk_widget_get_height (shown_page (fixture)), ==, gtk_widget_get_height (fixture->list));
  g_assert_cmpint (gtk_widget_get_width (shown_page (fixture)), ==, gtk_widget_get_width (fixture->list));
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add ("/flow-list/steps", Fixture, NULL, set_up, test_steps, tear_down);
  g_test_add ("/flow-list/scrolled", Fixture, NULL, set_up, test_scrolled, tear_down);
  g_test_add ("/flow-list/stays", Fixture, NULL, set_up, test_stays, tear_down);
  g_test_add ("/flow-list/height", Fixture, NULL, set_up, test_height, tear_down);
  return g_test_run ();
}
