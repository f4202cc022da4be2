/* The flows of a node or bundle, to pick one from. Main loop only. The list holds their places; only rows that can be seen, and some
 * beside them, ask the model, when the pane refreshes, so that ten thousand flows cost no more than two hundred. */
#include "flow-list.h"

#include <glib/gi18n.h>
#include <math.h>

#include "flow-order.h"
#include "flow-row.h"
#include "format.h"
#include "range-mark.h"
#include "scene.h"

/* GTK (4.8) makes rows for 200 around what is seen, all at once, which takes 100 ms: of another node's flows as many are
 * shown first as fit into a large window, then so many more whenever nothing else is to be done. */
#define STEP 16
#define ALL_ROWS 240 /* from here on no rows are made for what is added below, so that more may come: */
#define STEP_WITHOUT_ROWS 2048 /* flows in one turn, or gone: 1 to 2 ms */
#define RATE_CHARS 9 /* of pl_scene_format_rate(), at most */
/* In lines of text: */
#define LEAST_LINES 5 /* high: a row of three, and that there are more */
#define NARROW_LINES 23 /* a list less wide gives what is said of a flow three lines */

/* ---- a flow as a list sees it ---- */

#define PL_TYPE_FLOW_ITEM (pl_flow_item_get_type ())
G_DECLARE_FINAL_TYPE (PlFlowItem, pl_flow_item, PL, FLOW_ITEM, GObject)

struct _PlFlowItem
{
  GObject parent_instance;

  guint64 place;
};

G_DEFINE_FINAL_TYPE (PlFlowItem, pl_flow_item, G_TYPE_OBJECT)

static void
pl_flow_item_class_init (PlFlowItemClass *klass)
{
}

static void
pl_flow_item_init (PlFlowItem *self)
{
}

static PlFlowItem *
pl_flow_item_new (guint64 place)
{
  PlFlowItem *item = g_object_new (PL_TYPE_FLOW_ITEM, NULL);

  item->place = place;
  return item;
}

/* ---- the list ---- */

/* A list of GTK's. There are two: its rows take longer to be taken away (200 of them 40 ms) than to be made, so that another
 * node's flows come into the one that is empty, and the other one is hidden and emptied whenever nothing else is to be done. Where
 * yet another node is shown before that is through, its flows wait, and nothing is shown, until one of the two is empty. */
typedef struct
{
  PlFlowList *list; /* whose it is */
  GtkWidget *scrolled, *view;
  GListStore *store; /* of PlFlowItem */
  GArray *places; /* of what is in it; of guint64, ascending */
  GHashTable *bound; /* GtkListItem → Row: what can be seen */
} Page;

struct _PlFlowList
{
  GtkWidget parent_instance;

  Page pages[2];
  Page *shown; /* one of them */
  double painted_px; /* what it was scrolled to when it was drawn last; NAN: rows came or went since */
  GArray *places; /* of all, also those without a row yet; of guint64, ascending */
  guint grow_idle, empty_idle;
  gboolean is_waiting; /* for an empty page: the shown one is hidden, and its rows are another node's */
  PlModel *model; /* of the last refresh, for rows that scroll in; nullable */
  PlWordsContext context;
  gboolean is_narrow;
  guint narrow_idle;
};

typedef struct
{
  PlRangeMark *mark;
  GtkInscription *title;
  GtkInscription *subtitle;
  GtkInscription *third; /* in a narrow list: what follows the ports */
  GtkInscription *rate;
  char *words; /* nullable: as said last */
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->words);
  g_free (row);
}

enum
{
  SIGNAL_FLOW_ACTIVATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlFlowList, pl_flow_list, GTK_TYPE_WIDGET)

/* No label: each new text of one has all of the up to 200 rows asked how wide they are, 5 ms a time, and all is laid out anew. Never
 * wrapped: a GtkListView (4.8) of rows whose height follows from their width is laid out over and over. */
static GtkInscription *
row_text (const char *const *css_classes)
{
  float start = gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL ? 1 : 0; /* no inscription turns it round */

  return g_object_new (GTK_TYPE_INSCRIPTION, "xalign", start, "min-lines", 1, "text-overflow",
                       GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END, "css-classes", css_classes, NULL);
}

/* Addresses and ports, as pl_data_label_setup() has them in a label. */
static void
set_up_data (GtkInscription *text)
{
  gtk_widget_set_direction (GTK_WIDGET (text), GTK_TEXT_DIR_LTR);
}

/* What follows a title, in two parts. */
static void
row_parts (const PlModelFlow *flow, char **first, char **second)
{
  const char *proto = pl_proto_title (flow->flow.key.proto);

  if (pl_model_flow_is_listener (flow))
    {
      *first = g_strdup_printf ("%s · %s", proto, pl_words_state (flow));
      *second = g_strdup (pl_words_reach (flow));
      return;
    }
  if (!pl_flow_has_ports (&flow->flow))
    {
      *first = g_strdup (proto);
      *second = g_strdup (pl_words_state (flow));
      return;
    }
  *first = pl_words_ports (flow);
  *second = g_strdup_printf ("%s · %s", proto, pl_words_state (flow));
}

/* Where there is no room for all of it. Only when asked: to set it has the X server asked where the pointer is. */
static gboolean
query_tooltip (Row *row, int x, int y, gboolean is_by_keys, GtkTooltip *tooltip)
{
  const char *third = gtk_inscription_get_text (row->third);
  g_autofree char *text = g_strdup_printf ("%s\n%s%s%s", gtk_inscription_get_text (row->title),
                                           gtk_inscription_get_text (row->subtitle), *third != 0 ? " · " : "", third);

  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* What has the focus is the list's own widget around the row, which takes no name from what is in it. */
static void
row_say (Row *row, const char *title, const char *subtitle, const char *rate)
{
  GtkWidget *texts = gtk_widget_get_parent (GTK_WIDGET (row->title));
  GtkWidget *item = gtk_widget_get_parent (gtk_widget_get_parent (texts));
  g_autofree char *words = g_strjoin (", ", title, subtitle, *rate != 0 ? rate : NULL, NULL);

  if (item == NULL || g_strcmp0 (words, row->words) == 0)
    return;
  gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  g_free (row->words);
  row->words = g_steal_pointer (&words);
}

static void
row_write (PlFlowList *self, Row *row, guint64 id)
{
  const PlModelFlow *flow = self->model != NULL ? pl_model_get_flow (self->model, id) : NULL;
  g_autofree char *title = NULL, *subtitle = NULL, *first = NULL, *second = NULL, *rate = NULL;
  PlFlow decided;

  if (flow == NULL)
    return;
  decided = pl_words_decided (flow);
  title = pl_words_title (&self->context, flow);
  row_parts (flow, &first, &second);
  subtitle = g_strdup_printf ("%s · %s", first, second);
  rate = flow->rate_in + flow->rate_out >= 1 ? pl_scene_format_rate (flow->rate_in + flow->rate_out) : g_strdup ("");
  pl_range_mark_set_range (row->mark, pl_flow_range (&decided, flow->local_end));
  /* The other end stays whole where there is no room for both. */
  gtk_inscription_set_text_overflow (row->title, pl_model_flow_is_listener (flow)
                                                     ? GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END
                                                     : GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_START);
  gtk_inscription_set_text (row->title, title);
  /* Of two ports the called one stays. */
  gtk_inscription_set_text_overflow (row->subtitle, self->is_narrow && flow->flow.initiator_end == flow->local_end
                                                        ? GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_START
                                                        : GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_text (row->subtitle, self->is_narrow ? first : subtitle);
  gtk_inscription_set_text (row->third, self->is_narrow ? second : "");
  gtk_widget_set_visible (GTK_WIDGET (row->third), self->is_narrow);
  gtk_inscription_set_text (row->rate, rate);
  gtk_widget_set_visible (GTK_WIDGET (row->rate), *rate != 0);
  row_say (row, title, subtitle, rate);
}

static void
setup_row (Page *page, GtkListItem *item)
{
  GtkWidget *box = pl_flow_row_new (item);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *second = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  Row *row = g_new0 (Row, 1);

  row->mark = PL_RANGE_MARK (pl_range_mark_new ());
  row->title = row_text ((const char *[]){ "value", NULL });
  row->subtitle = row_text ((const char *[]){ "caption", "dim-label", NULL });
  row->third = row_text ((const char *[]){ "caption", "dim-label", NULL });
  row->rate = row_text ((const char *[]){ "caption", "numeric", NULL });
  gtk_inscription_set_min_chars (row->rate, RATE_CHARS);
  gtk_inscription_set_xalign (row->rate, gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL ? 0 : 1);
  set_up_data (row->title);
  set_up_data (row->subtitle);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_has_tooltip (texts, TRUE);
  g_signal_connect_swapped (texts, "query-tooltip", G_CALLBACK (query_tooltip), row);
  gtk_widget_set_hexpand (GTK_WIDGET (row->subtitle), TRUE);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->title));
  gtk_box_append (GTK_BOX (texts), second);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->third));
  gtk_box_append (GTK_BOX (second), GTK_WIDGET (row->subtitle));
  gtk_box_append (GTK_BOX (second), GTK_WIDGET (row->rate));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (row->mark));
  gtk_box_append (GTK_BOX (box), texts);
  g_object_set_data_full (G_OBJECT (item), "row", row, row_free);
  gtk_list_item_set_child (item, box);
}

static void
bind_row (Page *page, GtkListItem *item)
{
  Row *row = g_object_get_data (G_OBJECT (item), "row");
  PlFlowItem *flow_item = gtk_list_item_get_item (item);

  g_hash_table_insert (page->bound, item, row);
  row_write (page->list, row, PL_FLOW_PLACE_ID (flow_item->place));
}

static void
unbind_row (Page *page, GtkListItem *item)
{
  g_hash_table_remove (page->bound, item);
}

static void
write_rows (PlFlowList *self)
{
  GHashTableIter iter;
  gpointer item, row;

  g_hash_table_iter_init (&iter, self->shown->bound);
  while (g_hash_table_iter_next (&iter, &item, &row))
    {
      PlFlowItem *flow_item = gtk_list_item_get_item (item);

      row_write (self, row, PL_FLOW_PLACE_ID (flow_item->place));
    }
}

static gboolean
on_narrow_idle (gpointer data)
{
  PlFlowList *self = data;

  self->narrow_idle = 0;
  write_rows (self);
  return G_SOURCE_REMOVE;
}

static double
line_px (PlFlowList *self)
{
  PangoFontMetrics *metrics = pango_context_get_metrics (gtk_widget_get_pango_context (GTK_WIDGET (self)), NULL, NULL);
  double line = (double)pango_font_metrics_get_height (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);
  return line;
}

/* The list has another width: told while it is allocated, when no text may change. */
static void
width_changed (PlFlowList *self, GParamSpec *pspec, GtkAdjustment *adjustment)
{
  double width = gtk_adjustment_get_page_size (adjustment);
  gboolean is_narrow = width < NARROW_LINES * line_px (self);

  if (width <= 0 || is_narrow == self->is_narrow)
    return;
  self->is_narrow = is_narrow;
  if (self->narrow_idle == 0)
    self->narrow_idle = g_idle_add (on_narrow_idle, self);
}

static GtkAdjustment *
vertical (const Page *page)
{
  return gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page->scrolled));
}

static void
activate_row (Page *page, guint position)
{
  g_autoptr (PlFlowItem) item = g_list_model_get_item (G_LIST_MODEL (page->store), position);

  if (item != NULL)
    g_signal_emit (page->list, signals[SIGNAL_FLOW_ACTIVATED], 0, PL_FLOW_PLACE_ID (item->place));
}

static void
pl_flow_list_dispose (GObject *object)
{
  PlFlowList *self = PL_FLOW_LIST (object);

  g_clear_handle_id (&self->narrow_idle, g_source_remove);
  g_clear_handle_id (&self->grow_idle, g_source_remove);
  g_clear_handle_id (&self->empty_idle, g_source_remove);
  for (guint i = 0; i < G_N_ELEMENTS (self->pages); i++)
    {
      g_clear_pointer (&self->pages[i].scrolled, gtk_widget_unparent);
      g_clear_object (&self->pages[i].store);
      g_clear_pointer (&self->pages[i].places, g_array_unref);
      g_clear_pointer (&self->pages[i].bound, g_hash_table_unref);
    }
  g_clear_object (&self->model);
  g_clear_pointer (&self->places, g_array_unref);
  G_OBJECT_CLASS (pl_flow_list_parent_class)->dispose (object);
}

/* It scrolls, and takes what height there is, a row at least: none of its rows, two hundred at most, is asked how high it would
 * like to be. */
static void
pl_flow_list_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  PlFlowList *self = PL_FLOW_LIST (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      gtk_widget_measure (self->shown->scrolled, orientation, -1, minimum, natural, NULL, NULL);
      return;
    }
  *minimum = *natural = (int)ceil (LEAST_LINES * line_px (self));
}

static void
pl_flow_list_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate (PL_FLOW_LIST (widget)->shown->scrolled, width, height, baseline, NULL);
}

static void
pl_flow_list_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PlFlowList *self = PL_FLOW_LIST (widget);

  self->painted_px = gtk_adjustment_get_value (vertical (self->shown));
  GTK_WIDGET_CLASS (pl_flow_list_parent_class)->snapshot (widget, snapshot);
}

static void
pl_flow_list_class_init (PlFlowListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pl_flow_list_dispose;
  signals[SIGNAL_FLOW_ACTIVATED] = g_signal_new ("flow-activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                                 NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
  GTK_WIDGET_CLASS (klass)->measure = pl_flow_list_measure;
  GTK_WIDGET_CLASS (klass)->size_allocate = pl_flow_list_size_allocate;
  GTK_WIDGET_CLASS (klass)->snapshot = pl_flow_list_snapshot;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "flowlist");
}

static void
page_init (Page *page, PlFlowList *list)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  page->list = list;
  page->store = g_list_store_new (PL_TYPE_FLOW_ITEM);
  page->places = g_array_new (FALSE, FALSE, sizeof (guint64));
  page->bound = g_hash_table_new (NULL, NULL);
  g_signal_connect_swapped (factory, "setup", G_CALLBACK (setup_row), page);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (bind_row), page);
  g_signal_connect_swapped (factory, "unbind", G_CALLBACK (unbind_row), page);
  page->view = gtk_list_view_new (
      GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (page->store)))), factory);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (page->view), TRUE);
  gtk_widget_add_css_class (page->view, "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (page->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Flows"), -1);
  g_signal_connect_swapped (page->view, "activate", G_CALLBACK (activate_row), page);

  page->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (page->scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (page->scrolled), page->view);
  g_signal_connect_object (gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (page->scrolled)),
                           "notify::page-size", G_CALLBACK (width_changed), list, G_CONNECT_SWAPPED);
  gtk_widget_set_parent (page->scrolled, GTK_WIDGET (list));
}

static void
pl_flow_list_init (PlFlowList *self)
{
  self->places = g_array_new (FALSE, FALSE, sizeof (guint64));
  for (guint i = 0; i < G_N_ELEMENTS (self->pages); i++)
    page_init (&self->pages[i], self);
  self->shown = &self->pages[0];
  self->painted_px = NAN;
  gtk_widget_set_visible (self->pages[1].scrolled, FALSE);
}

/* ---- its flows ---- */

static int
compare_places (gconstpointer a, gconstpointer b)
{
  guint64 one = *(const guint64 *)a, other = *(const guint64 *)b;

  return one < other ? -1 : one > other;
}

static guint64
place_at (const GArray *places, guint position)
{
  return g_array_index (places, guint64, position);
}

/* Puts @n of @places, from the @from-th on, in the place of the @n_old rows at @at. Whose place stays keeps its item: by that GTK
 * knows its widget, moves it with what has the keys, and has it stand where it did if it is what is scrolled to. */
static void
replace_rows (Page *page, guint at, guint n_old, const GArray *places, guint from, guint n)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  guint old = at;

  while (n_old > 0 && n > 0 && place_at (page->places, at) == place_at (places, from))
    old = ++at, from++, n_old--, n--;
  while (n_old > 0 && n > 0 && place_at (page->places, at + n_old - 1) == place_at (places, from + n - 1))
    n_old--, n--;
  if (n_old == 0 && n == 0)
    return;
  for (guint i = from; i < from + n; i++)
    {
      while (old < at + n_old && place_at (page->places, old) < place_at (places, i))
        old++;
      if (old < at + n_old && place_at (page->places, old) == place_at (places, i))
        g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (page->store), old));
      else
        g_ptr_array_add (items, pl_flow_item_new (place_at (places, i)));
    }
  if (n_old > 0)
    g_array_remove_range (page->places, at, n_old);
  if (n > 0)
    g_array_insert_vals (page->places, at, &g_array_index (places, guint64, from), n);
  g_list_store_splice (page->store, at, n_old, items->pdata, n);
}

static void
remove_rows (Page *page, guint at, guint n)
{
  replace_rows (page, at, n, NULL, 0, 0);
}

/* The flows that shall have rows: those that have one, and of the others the first @n_new. */
static GArray *
choose_places (PlFlowList *self, guint n_new)
{
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (guint64));
  const GArray *rows = self->shown->places;

  for (guint i = 0, row = 0; i < self->places->len; i++)
    {
      guint64 place = place_at (self->places, i);

      while (row < rows->len && place_at (rows, row) < place)
        row++;
      if (row == rows->len || place_at (rows, row) != place)
        {
          if (n_new == 0)
            continue;
          n_new--;
        }
      g_array_append_val (chosen, place);
    }
  return chosen;
}

static guint
n_gone (PlFlowList *self)
{
  g_autoptr (GArray) kept = choose_places (self, 0);

  return self->shown->places->len - kept->len;
}

/* Rows by their position; G_MAXUINT: none. */
typedef struct
{
  guint first, end; /* of those that are seen, and before which they end */
  guint focused; /* that the keys go to */
  guint held; /* seen whole, that stays: the focused one, or else the first */
} Seen;

static Seen
find_seen (const Page *page, const GArray *places)
{
  Seen seen = { G_MAXUINT, 0, G_MAXUINT, G_MAXUINT };
  GtkRoot *root = gtk_widget_get_root (page->scrolled);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  double height = gtk_widget_get_height (page->scrolled);
  gboolean holds_focus = FALSE;
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, page->bound);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    {
      GtkWidget *widget = gtk_widget_get_parent (gtk_list_item_get_child (item));
      guint at = gtk_list_item_get_position (item);
      graphene_rect_t box;
      guint64 place = place_at (page->places, at);

      if (widget == focus)
        seen.focused = at;
      if (!gtk_widget_compute_bounds (widget, page->scrolled, &box) || box.size.height <= 0
          || box.origin.y + box.size.height <= 0 || box.origin.y >= height)
        continue;
      seen.first = MIN (seen.first, at);
      seen.end = MAX (seen.end, at + 1);
      if (box.origin.y < 0 || box.origin.y + box.size.height > height
          || !g_array_binary_search ((GArray *)places, &place, compare_places, NULL))
        continue;
      if (widget == focus || (!holds_focus && at < seen.held))
        seen.held = at;
      holds_focus |= widget == focus;
    }
  return seen;
}

static gboolean
is_same (const GArray *one, const GArray *other)
{
  return one->len == other->len && memcmp (one->data, other->data, one->len * sizeof (guint64)) == 0;
}

/* Has the rows be those of the flows that there are now, with at most @n_new that had none. What is seen or has the keys goes by
 * itself, so that its neighbours are where they were; the rest at once, for then GTK writes the widgets of those that go anew
 * for those that come. */
static void
update_rows (PlFlowList *self, guint n_new)
{
  Page *page = self->shown;
  g_autoptr (GArray) before = g_array_copy (page->places), places = choose_places (self, n_new);
  Seen seen;
  guint at = 0;

  if (is_same (places, before))
    return;
  seen = find_seen (page, places);
  /* It becomes what the view is scrolled to, and stays where it stands: known only as long as nothing moves. */
  if (seen.held != G_MAXUINT && self->painted_px == gtk_adjustment_get_value (vertical (page)))
    gtk_widget_activate_action (page->view, "list.scroll-to-item", "u", seen.held);
  self->painted_px = NAN;
  for (guint row = 0; row <= before->len; row++)
    {
      guint from = row, next = at;

      while (row < before->len && row != seen.focused && (row < seen.first || row >= seen.end))
        row++;
      while (next < places->len && (row == before->len || place_at (places, next) < place_at (before, row)))
        next++;
      replace_rows (page, at, row - from, places, at, next - at);
      at = next;
      if (row < before->len && at < places->len && place_at (places, at) == place_at (before, row))
        at++;
      else if (row < before->len)
        remove_rows (page, at, 1);
    }
}

static guint
step_of (PlFlowList *self)
{
  return self->shown->places->len < ALL_ROWS ? STEP : STEP_WITHOUT_ROWS;
}

static gboolean
on_grow_idle (gpointer data)
{
  PlFlowList *self = data;

  update_rows (self, step_of (self));
  if (self->shown->places->len < self->places->len)
    return G_SOURCE_CONTINUE;
  self->grow_idle = 0;
  return G_SOURCE_REMOVE;
}

/* Takes away some of what has no rows. FALSE: there is no such thing. What is before them goes first: else GTK makes more in the
 * place of those that are taken away. */
static gboolean
remove_without_rows (Page *page)
{
  guint n = page->places->len, first = n, end = 0;
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, page->bound);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    {
      first = MIN (first, gtk_list_item_get_position (item));
      end = MAX (end, gtk_list_item_get_position (item) + 1);
    }
  if (first > 0)
    remove_rows (page, 0, MIN (first, STEP_WITHOUT_ROWS));
  else if (end < n)
    remove_rows (page, n - MIN (n - end, STEP_WITHOUT_ROWS), MIN (n - end, STEP_WITHOUT_ROWS));
  return first > 0 || end < n;
}

static void show_other_page (PlFlowList *self);

static void
grow (PlFlowList *self)
{
  if (self->shown->places->len < self->places->len && self->grow_idle == 0)
    self->grow_idle = g_idle_add_full (G_PRIORITY_LOW, on_grow_idle, self, NULL);
}

static gboolean
on_empty_idle (gpointer data)
{
  PlFlowList *self = data;
  Page *page = self->shown == &self->pages[0] ? &self->pages[1] : &self->pages[0];
  guint n = page->places->len;

  if (n > 0 && remove_without_rows (page))
    return G_SOURCE_CONTINUE;
  if (n <= STEP) /* while it has rows that it may scroll to */
    gtk_adjustment_set_value (vertical (page), 0);
  remove_rows (page, n - MIN (n, STEP), MIN (n, STEP));
  if (n > STEP)
    return G_SOURCE_CONTINUE;
  self->empty_idle = 0;
  if (self->is_waiting)
    {
      self->is_waiting = FALSE;
      show_other_page (self);
      update_rows (self, STEP);
      grow (self);
    }
  return G_SOURCE_REMOVE;
}

static void
show_other_page (PlFlowList *self)
{
  Page *before = self->shown;

  self->shown = before == &self->pages[0] ? &self->pages[1] : &self->pages[0];
  gtk_widget_set_visible (self->shown->scrolled, TRUE);
  gtk_widget_set_visible (before->scrolled, FALSE);
  self->empty_idle = g_idle_add_full (G_PRIORITY_LOW, on_empty_idle, self, NULL);
}

static void
wait_for_page (PlFlowList *self)
{
  self->is_waiting = TRUE;
  g_clear_handle_id (&self->grow_idle, g_source_remove);
  gtk_widget_set_visible (self->shown->scrolled, FALSE);
}

void
pl_flow_list_set_flows (PlFlowList *self, GArray *places, gboolean is_other)
{
  guint n_new = STEP;

  g_return_if_fail (PL_IS_FLOW_LIST (self));
  g_array_set_size (self->places, 0);
  g_array_append_vals (self->places, places->data, places->len);
  if (is_other && self->shown->places->len > STEP && self->empty_idle == 0)
    show_other_page (self);
  else if (is_other && self->shown->places->len > STEP)
    wait_for_page (self);
  if (self->is_waiting)
    return;
  if (is_other)
    gtk_adjustment_set_value (vertical (self->shown), 0);
  else
    n_new = step_of (self)
            + n_gone (self); /* in their places: else the list would shrink, and lose what it is scrolled to */
  update_rows (self, n_new);
  grow (self);
}

void
pl_flow_list_refresh (PlFlowList *self, PlModel *model, const PlWordsContext *context)
{
  g_return_if_fail (PL_IS_FLOW_LIST (self));
  g_set_object (&self->model, model);
  self->context = *context;
  write_rows (self);
}
