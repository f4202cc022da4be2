/* How many rows the list of a node's flows makes and takes away in one turn of the main loop: a window that does either for
 * hundreds answers nobody meanwhile. And that who looks at some of them has them where they were, whatever comes and goes. In process,
 * under Xvfb. */
#include "detail-pane.h"
#include "flow-list.h"
#include "flow-order.h"
#include "graph-fixture.h"
#include "range-mark.h"
#include "short-scroller.h"
#include "synthetic.h"

#define STEP 16 /* as in flow-list.c */
#define STEP_WITHOUT_ROWS 2048 /* the same */
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
page_of (GtkWidget *list)
{
  GtkWidget *shown = NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (list); child; child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_visible (child))
      {
        g_assert_null (shown);
        shown = child;
      }
  g_assert_nonnull (shown);
  return shown;
}

static GtkWidget *
shown_page (Fixture *fixture)
{
  return page_of (fixture->list);
}

static GtkAdjustment *
vertical_of (GtkWidget *list)
{
  return gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page_of (list)));
}

static double
scrolled_to (Fixture *fixture)
{
  return gtk_adjustment_get_value (vertical_of (fixture->list));
}

static void
note_items (GListModel *model, guint at, guint n_removed, guint n_added, guint *most)
{
  *most = MAX (*most, MAX (n_removed, n_added));
}

static GListModel *
items_of (GtkWidget *page)
{
  return G_LIST_MODEL (
      gtk_list_view_get_model (GTK_LIST_VIEW (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (page)))));
}

/* Also what has no row comes and goes in steps, larger ones: each is an object. */
static void
test_items (Fixture *fixture, gconstpointer data)
{
  guint most = 0;

  for (GtkWidget *page = gtk_widget_get_first_child (fixture->list); page; page = gtk_widget_get_next_sibling (page))
    g_signal_connect (items_of (page), "items-changed", G_CALLBACK (note_items), &most);
  for (guint i = 0; i < 3; i++)
    {
      guint n = i == 1 ? 1 : MANY;

      show (fixture, 0, n, TRUE);
      settle (fixture);
      g_assert_cmpuint (g_list_model_get_n_items (items_of (shown_page (fixture))), ==, n);
      show (fixture, 0, n, FALSE);
    }
  g_assert_cmpuint (most, <=, STEP_WITHOUT_ROWS);
  g_assert_cmpuint (most, >, MANY / 2); /* it was heard of */
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

static guint
n_items (Fixture *fixture)
{
  guint n = 0;

  for (GtkWidget *page = gtk_widget_get_first_child (fixture->list); page; page = gtk_widget_get_next_sibling (page))
    n += g_list_model_get_n_items (items_of (page));
  return n;
}

/* Yet another node while the rows of the first are still being taken away: none of the second goes at once, either. */
static void
test_haste (Fixture *fixture, gconstpointer data)
{
  guint at_once, most;

  show (fixture, 0, 1000, TRUE);
  settle (fixture);
  show (fixture, 1000, 1000, TRUE);
  while (g_list_model_get_n_items (items_of (shown_page (fixture))) < 6 * STEP)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_items (fixture), >, g_list_model_get_n_items (items_of (shown_page (fixture))) + STEP);
  at_once = show (fixture, 2000, 300, TRUE);
  g_assert_cmpuint (at_once, <=, STEP);
  at_once = show (fixture, 2000, 400, TRUE);
  g_assert_cmpuint (at_once, <=, STEP);
  at_once = show (fixture, 2000, 400, FALSE);
  g_assert_cmpuint (at_once, <=, STEP);
  most = settle (fixture);
  g_assert_cmpuint (most, <=, 2 * STEP);
  g_assert_cmpuint (n_items (fixture), ==, 400);
  g_assert_cmpuint (g_list_model_get_n_items (items_of (shown_page (fixture))), ==, 400);
  g_assert_cmpuint (n_rows (fixture->list), ==, n_rows (shown_page (fixture)));
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

/* ---- flows come and go by hundreds ---- */

#define LASTING 7 /* each so manieth flow lasts */
#define AT_ONCE 70 /* so many come and as many go between two looks */
#define LOOKS 25
#define ABOVE 3 /* so many rows are seen over the one that lasts, and none of those lasts */

typedef struct
{
  guint n; /* flows at a time */
  gboolean is_focused; /* that one */
} Churn;

static const Churn some = { 210, TRUE }, many = { 1000, TRUE }, unfocused = { 1000, FALSE };

/* The flows of look @nth: of those before the last @n all but the lasting ones are gone. */
static GArray *
flows_at (Fixture *fixture, guint nth, guint n)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint end = n + nth * AT_ONCE;

  g_assert_cmpuint (end, <=, fixture->ids->len);
  for (guint i = 0; i < end; i++)
    if (i >= end - n || i % LASTING == 0)
      g_array_append_val (ids, g_array_index (fixture->ids, guint64, i));
  return ids;
}

static void
look (Fixture *fixture, guint nth, guint n)
{
  g_autoptr (GArray) ids = flows_at (fixture, nth, n);

  pl_flow_list_set_flows (PL_FLOW_LIST (fixture->list), ids, FALSE);
  pl_flow_list_refresh (PL_FLOW_LIST (fixture->list), fixture->model, &fixture->context);
}

static GtkWidget *
view_of (Fixture *fixture)
{
  return gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (shown_page (fixture)));
}

static double
y_of (Fixture *fixture, GtkWidget *row)
{
  graphene_rect_t bounds;

  g_assert_true (gtk_widget_compute_bounds (row, fixture->list, &bounds));
  return bounds.origin.y;
}

/* What it says of which flow. (transfer full) */
static char *
words_of (GtkWidget *widget)
{
  GString *words =
      g_string_new (GTK_IS_INSCRIPTION (widget) ? gtk_inscription_get_text (GTK_INSCRIPTION (widget)) : "");

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    {
      g_autofree char *more = words_of (child);

      g_string_append_printf (words, "|%s", more);
    }
  return g_string_free (words, FALSE);
}

/* The only row that says @words; nullable. */
static GtkWidget *
row_saying (Fixture *fixture, const char *words)
{
  GtkWidget *found = NULL;

  for (GtkWidget *row = gtk_widget_get_first_child (view_of (fixture)); row; row = gtk_widget_get_next_sibling (row))
    {
      g_autofree char *said = words_of (row);

      if (!g_str_equal (said, words))
        continue;
      g_assert_null (found);
      found = row;
    }
  return found;
}

/* What the row of the @nth flow says. (transfer full) */
static char *
words_of_flow (Fixture *fixture, guint nth)
{
  show (fixture, nth, 1, TRUE);
  settle (fixture);
  paint_frame (fixture->list);
  return words_of (gtk_widget_get_first_child (view_of (fixture)));
}

/* Some thousand flows pass by in a list scrolled to one that lasts: it stays where it stands, to the pixel, with the keys
 * that it has, and the list is as long as its flows are many. */
static void
test_churn (Fixture *fixture, gconstpointer data)
{
  const Churn *churn = data;
  guint n = churn->n, lasting = n / 2 / LASTING * LASTING;
  g_autofree char *words = words_of_flow (fixture, lasting);
  GtkWidget *row, *page;
  double y;

  show (fixture, 0, n, TRUE);
  settle (fixture);
  paint_frame (fixture->list);
  page = shown_page (fixture);
  gtk_adjustment_set_value (vertical_of (fixture->list),
                            gtk_adjustment_get_upper (vertical_of (fixture->list)) / n * (lasting - ABOVE));
  paint_frame (fixture->list);
  row = row_saying (fixture, words);
  g_assert_nonnull (row);
  if (churn->is_focused)
    gtk_widget_grab_focus (row);
  paint_frame (fixture->list);
  y = y_of (fixture, row);
  g_assert_cmpfloat (y, >=, 0);
  g_assert_cmpfloat (y, <, gtk_widget_get_height (fixture->list) - 40);
  for (guint i = 1; i <= LOOKS; i++)
    {
      look (fixture, i, n);
      g_assert_cmpuint (n_rows (fixture->list), >=, MIN (n, 200) - AT_ONCE);
      if (i % 3 == 0)
        settle (fixture); /* what else grows does so at leisure; mostly there is none */
      paint_frame (fixture->list);
      g_assert_true (shown_page (fixture) == page);
      row = row_saying (fixture, words);
      g_assert_nonnull (row);
      g_assert_cmpfloat (y_of (fixture, row), ==, y);
      g_assert_true (!churn->is_focused || gtk_root_get_focus (gtk_widget_get_root (row)) == row);
    }
}

/* Who stands at a flow that goes stands at the next one. */
static void
test_focus_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autofree char *words = words_of_flow (fixture, 31);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  GtkWidget *row;

  show (fixture, 0, 300, TRUE);
  settle (fixture);
  paint_frame (fixture->list);
  gtk_adjustment_set_value (vertical_of (fixture->list),
                            gtk_adjustment_get_upper (vertical_of (fixture->list)) / 300 * 26);
  paint_frame (fixture->list);
  row = row_saying (fixture, words);
  g_assert_nonnull (row);
  gtk_widget_grab_focus (gtk_widget_get_prev_sibling (row));
  for (guint i = 0; i < 300; i++)
    if (i != 30)
      g_array_append_val (ids, g_array_index (fixture->ids, guint64, i));
  pl_flow_list_set_flows (PL_FLOW_LIST (fixture->list), ids, FALSE);
  settle (fixture);
  paint_frame (fixture->list);
  row = row_saying (fixture, words);
  g_assert_nonnull (row);
  g_assert_true (gtk_root_get_focus (gtk_widget_get_root (row)) == row);
}

/* 0: an attempt that failed, 1: a listener, 2: another. */
static guint
class_of (Fixture *fixture, guint64 place, guint16 *port)
{
  const PlModelFlow *flow = pl_model_get_flow (fixture->model, PL_FLOW_PLACE_ID (place));

  *port = pl_model_flow_is_listener (flow) ? flow->flow.key.port[flow->local_end] : 0;
  return pl_model_flow_is_listener (flow) ? 1 : pl_model_flow_has_failed (flow) ? 0 : 2;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  guint64 one = *(const guint64 *)a, other = *(const guint64 *)b;

  return one < other ? -1 : one > other;
}

static guint64
place_of_id (const GArray *places, guint64 id)
{
  for (guint i = 0; i < places->len; i++)
    if (PL_FLOW_PLACE_ID (g_array_index (places, guint64, i)) == id)
      return g_array_index (places, guint64, i);
  return 0;
}

/* Whatever of before is asked for, in whatever order, among newcomers: who had a place keeps it. */
static void
test_places_are_kept (Fixture *fixture, gconstpointer data)
{
  synthetic_failures (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  g_array_set_size (fixture->ids, 0);
  pl_model_foreach (fixture->model, add_id, fixture->ids);
  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (GArray) places = pl_flow_order_places (fixture->model, fixture->ids, NULL), kept = NULL;
      g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

      for (guint i = 0; i < fixture->ids->len; i++)
        {
          guint64 id = g_array_index (fixture->ids, guint64, i);
          guint64 other = g_array_index (places, guint64, g_test_rand_int_range (0, (gint32)places->len));
          guint64 place = (other >> PL_FLOW_PLACE_ID_BITS << PL_FLOW_PLACE_ID_BITS) | id;

          if (g_test_rand_bit ())
            g_array_append_val (before, place); /* it has become what it is since */
          if (g_test_rand_bit ())
            g_array_insert_val (ids, round % 2 ? ids->len : (guint)g_test_rand_int_range (0, (gint32)ids->len + 1), id);
        }
      g_array_sort (before, compare_places);
      kept = pl_flow_order_places (fixture->model, ids, before);
      g_assert_cmpuint (kept->len, ==, ids->len);
      for (guint i = 0; i < kept->len; i++)
        {
          guint64 place = g_array_index (kept, guint64, i), id = PL_FLOW_PLACE_ID (place);
          guint64 wanted = place_of_id (before, id);

          g_assert_cmpuint (place, ==, wanted != 0 ? wanted : place_of_id (places, id));
          g_assert_true (i == 0 || g_array_index (kept, guint64, i - 1) < place);
        }
    }
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) places = NULL, kept = NULL, late = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint n_of[3] = { 0 };
  guint64 failed;
  guint16 port, port_before;

  synthetic_failures (fixture->model);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  g_array_set_size (fixture->ids, 0);
  pl_model_foreach (fixture->model, add_id, fixture->ids);
  places = pl_flow_order_places (fixture->model, fixture->ids, NULL);
  g_assert_cmpuint (places->len, ==, fixture->ids->len);
  for (guint i = 0; i < places->len; i++)
    {
      guint64 place = g_array_index (places, guint64, i), before = i > 0 ? g_array_index (places, guint64, i - 1) : 0;
      guint class = class_of (fixture, place, &port);

      n_of[class]++;
      if (i == 0)
        continue;
      g_assert_cmpuint (class_of (fixture, before, &port_before), <=, class);
      if (class != class_of (fixture, before, &port_before))
        continue;
      g_assert_cmpuint (port_before, <=, port);
      if (port_before == port)
        g_assert_cmpuint (PL_FLOW_PLACE_ID (before), <, PL_FLOW_PLACE_ID (place));
    }
  for (guint i = 0; i < G_N_ELEMENTS (n_of); i++)
    g_assert_cmpuint (n_of[i], >, 0);
  /* What has failed since it came into the list stays where it stands: here among those that did not. */
  failed = (g_array_index (places, guint64, places->len - 1) >> PL_FLOW_PLACE_ID_BITS << PL_FLOW_PLACE_ID_BITS)
           | PL_FLOW_PLACE_ID (g_array_index (places, guint64, 0));
  g_array_append_val (late, failed);
  kept = pl_flow_order_places (fixture->model, fixture->ids, late);
  g_assert_cmpuint (g_array_index (kept, guint64, 0), ==, g_array_index (places, guint64, 1));
  g_assert_true (g_array_binary_search (kept, &failed, compare_places, NULL));
}

static GtkWidget *
find_list (GtkWidget *widget)
{
  GtkWidget *found = PL_IS_FLOW_LIST (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_list (child);
  return found;
}

/* Another node's list begins at its top, though it is called the same; that of the same node stays where it is, though its app has
 * another name by now. */
static void
test_nodes (Fixture *fixture, gconstpointer data)
{
  GtkWidget *pane = g_object_new (PL_TYPE_DETAIL_PANE, NULL);

  g_object_ref (fixture->list);
  gtk_window_set_child (GTK_WINDOW (fixture->window), pane);
  pl_detail_pane_set_model (PL_DETAIL_PANE (pane), fixture->model, TRUE);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

      /* The next node, and then the same again; of what the one before has, too. */
      g_array_append_vals (ids, &g_array_index (fixture->ids, guint64, i == 0 ? 0 : 100), 400);
      pl_detail_pane_set_selection (PL_DETAIL_PANE (pane), ids, i == 0 ? 7 : 8, i == 2 ? "Firefox" : "Unknown app");
      settle (fixture);
      paint_frame (pane);
      if (i == 2)
        g_assert_cmpfloat (gtk_adjustment_get_value (vertical_of (find_list (pane))), ==, 3000);
      else
        g_assert_cmpfloat (gtk_adjustment_get_value (vertical_of (find_list (pane))), ==, 0);
      gtk_adjustment_set_value (vertical_of (find_list (pane)), 3000);
      paint_frame (pane);
    }
  gtk_window_set_child (GTK_WINDOW (fixture->window), NULL);
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->list);
  g_object_unref (fixture->list);
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

static gboolean
add_busier (const PlModelFlow *flow, gpointer updates)
{
  PlFlowUpdate update = { .flow = flow->flow, .story = flow->story };

  update.flow.id = flow->capture_id;
  update.flow.sent[0].bytes = 2 * update.flow.sent[0].bytes;
  if (flow->capture_id != 0)
    g_array_append_val ((GArray *)updates, update);
  return TRUE;
}

static void
count (guint *n)
{
  (*n)++;
}

/* Other rates of the same flows need no other room: else all rows are asked how wide they are with each update. */
static void
test_rates (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) updates = g_array_new (FALSE, FALSE, sizeof (PlFlowUpdate));
  g_autofree char *words = NULL, *busier = NULL;
  guint n_layouts = 0;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (fixture->list);

  show (fixture, 0, 100, TRUE);
  settle (fixture);
  paint_frame (fixture->list);
  words = words_of (fixture->list);
  pl_model_foreach (fixture->model, add_busier, updates);
  pl_model_apply_flows (fixture->model, (const PlFlowUpdate *)(gpointer)updates->data, updates->len);
  pl_model_commit (fixture->model, g_get_monotonic_time ());
  g_signal_connect_swapped (clock, "layout", G_CALLBACK (count), &n_layouts);
  pl_flow_list_refresh (PL_FLOW_LIST (fixture->list), fixture->model, &fixture->context);
  paint_frame (fixture->list);
  g_signal_handlers_disconnect_by_data (clock, &n_layouts);
  busier = words_of (fixture->list);
  g_assert_cmpstr (busier, !=, words);
  g_assert_cmpuint (n_layouts, ==, 0);
}

/* A text that wraps, in one that is @height_px high at least. */
static int
short_height (int height_px, int width_px, int *wanted_px)
{
  GtkWidget *label = gtk_label_new ("/usr/bin/server --with --many --options --and --a --long --path /srv/www/pages");
  GtkWidget *scroller =
      g_object_ref_sink (g_object_new (PL_TYPE_SHORT_SCROLLER, "child", label, "most-height", 280, NULL));
  int natural_px;

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_size_request (label, -1, height_px);
  gtk_widget_measure (label, GTK_ORIENTATION_VERTICAL, width_px, NULL, wanted_px, NULL, NULL);
  gtk_widget_measure (scroller, GTK_ORIENTATION_VERTICAL, width_px, NULL, &natural_px, NULL, NULL);
  g_assert_finalize_object (scroller);
  return natural_px;
}

/* As high as the text at its width, as long as that is not too high. */
static void
test_short (void)
{
  int wanted_px, last_px = G_MAXINT;

  for (int width_px = 100; width_px <= 400; width_px += 100, last_px = wanted_px)
    {
      g_assert_cmpint (short_height (-1, width_px, &wanted_px), ==, wanted_px);
      g_assert_cmpint (wanted_px, <=, last_px);
    }
  g_assert_cmpint (short_height (1000, 200, &wanted_px), ==, 280);
}

/* A port is read the same way in a language that is written from right to left; and as it is marked, so it is copied. */
static void
test_port_mirrored (Fixture *fixture, gconstpointer data)
{
  GtkWidget *pane;

  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  pane = g_object_new (PL_TYPE_DETAIL_PANE, NULL);
  gtk_window_set_child (GTK_WINDOW (fixture->window), pane);
  pl_detail_pane_set_model (PL_DETAIL_PANE (pane), fixture->model, TRUE);
  pl_detail_pane_set_selection (PL_DETAIL_PANE (pane), fixture->ids, 1, ":993");
  g_assert_true (reads_port (GTK_LABEL (find_label (pane, ":993"))));
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->list);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

static void
expect_at_right (GtkWidget *widget, guint *n)
{
  if (GTK_IS_INSCRIPTION (widget) && gtk_widget_get_mapped (widget) && !gtk_widget_has_css_class (widget, "numeric"))
    {
      g_assert_cmpfloat (gtk_inscription_get_xalign (GTK_INSCRIPTION (widget)), ==, 1);
      (*n)++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child; child = gtk_widget_get_next_sibling (child))
    expect_at_right (child, n);
}

/* All three lines of a narrow row begin where reading does: no inscription turns its alignment round by itself. */
static void
test_rows_mirrored (Fixture *fixture, gconstpointer data)
{
  guint n = 0;

  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  fixture->list = g_object_new (PL_TYPE_FLOW_LIST, NULL);
  gtk_window_set_child (GTK_WINDOW (fixture->window), fixture->list);
  pl_flow_list_refresh (PL_FLOW_LIST (fixture->list), fixture->model, &fixture->context);
  show (fixture, 0, 1, TRUE);
  settle (fixture);
  gtk_widget_set_size_request (fixture->list, 200, -1);
  gtk_widget_set_halign (fixture->list, GTK_ALIGN_START);
  paint_frame (fixture->list);
  settle (fixture); /* it is narrow from now on */
  paint_frame (fixture->list);
  expect_at_right (fixture->list, &n);
  g_assert_cmpuint (n, ==, 3);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

int
main (int argc, char **argv)
{
  let_gdks_clock_pass ();
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add_func ("/flow-list/short", test_short);
  g_test_add ("/flow-list/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/flow-list/places-are-kept", Fixture, NULL, set_up, test_places_are_kept, tear_down);
  g_test_add ("/flow-list/steps", Fixture, NULL, set_up, test_steps, tear_down);
  g_test_add ("/flow-list/haste", Fixture, NULL, set_up, test_haste, tear_down);
  g_test_add ("/flow-list/items", Fixture, NULL, set_up, test_items, tear_down);
  g_test_add ("/flow-list/scrolled", Fixture, NULL, set_up, test_scrolled, tear_down);
  g_test_add ("/flow-list/stays", Fixture, NULL, set_up, test_stays, tear_down);
  g_test_add ("/flow-list/churn/some", Fixture, &some, set_up, test_churn, tear_down);
  g_test_add ("/flow-list/churn/many", Fixture, &many, set_up, test_churn, tear_down);
  g_test_add ("/flow-list/churn/unfocused", Fixture, &unfocused, set_up, test_churn, tear_down);
  g_test_add ("/flow-list/focus-goes-on", Fixture, NULL, set_up, test_focus_goes_on, tear_down);
  g_test_add ("/flow-list/nodes", Fixture, NULL, set_up, test_nodes, tear_down);
  g_test_add ("/flow-list/height", Fixture, NULL, set_up, test_height, tear_down);
  g_test_add ("/flow-list/rates", Fixture, NULL, set_up, test_rates, tear_down);
  g_test_add ("/flow-list/port-mirrored", Fixture, NULL, set_up, test_port_mirrored, tear_down);
  g_test_add ("/flow-list/rows-mirrored", Fixture, NULL, set_up, test_rows_mirrored, tear_down);
  return g_test_run ();
}
