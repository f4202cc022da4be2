/* What the graph is filtered to, and each state before it. Main loop only. */
#include "graph-filter.h"

#define MAX_STEPS 100 /* that can be taken back */

struct _PlGraphFilter
{
  GObject parent_instance;

  PlFlowFilter *filter;
  GPtrArray *past; /* (element-type Step) oldest first */

  PlGraphKeep keep; /* nullable */
  PlGraphUndo bring_back;
  gpointer keeper;
  GDestroyNotify free_kept;
};

typedef struct
{
  PlFlowFilter *filter; /* nullable: then it is another's step: */
  PlGraphUndo undo;
  gpointer owner, data; /* @data: with a filter what was kept (nullable) */
  GDestroyNotify free_data;
} Step;

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PlGraphFilter, pl_graph_filter, G_TYPE_OBJECT)

static void
step_free (gpointer data)
{
  Step *step = data;

  g_clear_pointer (&step->filter, pl_flow_filter_free);
  if (step->free_data && step->data)
    step->free_data (step->data);
  g_free (step);
}

static void
pl_graph_filter_finalize (GObject *object)
{
  PlGraphFilter *self = PL_GRAPH_FILTER (object);

  pl_flow_filter_free (self->filter);
  g_ptr_array_unref (self->past);
  G_OBJECT_CLASS (pl_graph_filter_parent_class)->finalize (object);
}

static void
pl_graph_filter_class_init (PlGraphFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pl_graph_filter_finalize;
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
pl_graph_filter_init (PlGraphFilter *self)
{
  self->filter = pl_flow_filter_new ();
  self->past = g_ptr_array_new_with_free_func (step_free);
}

PlGraphFilter *
pl_graph_filter_new (void)
{
  return g_object_new (PL_TYPE_GRAPH_FILTER, NULL);
}

const PlFlowFilter *
pl_graph_filter_get (PlGraphFilter *self)
{
  return self->filter;
}

static void
add_step (PlGraphFilter *self, const Step *step)
{
  if (self->past->len >= MAX_STEPS)
    g_ptr_array_remove_index (self->past, 0);
  g_ptr_array_add (self->past, g_memdup2 (step, sizeof *step));
}

static void
remember (PlGraphFilter *self)
{
  gpointer kept = self->keep ? self->keep (self->keeper) : NULL;

  add_step (self, &(Step){ pl_flow_filter_copy (self->filter), NULL, NULL, kept, self->free_kept });
}

static gboolean
is_same (const PlFlowFilter *one, const PlFlowFilter *other)
{
  guint n = pl_flow_filter_get_n_terms (one);

  if (n != pl_flow_filter_get_n_terms (other))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const PlFilterTerm *a = pl_flow_filter_get_term (one, i), *b = pl_flow_filter_get_term (other, i);

      if (a->is_hiding != b->is_hiding || !pl_flow_match_equal (a->match, b->match))
        return FALSE;
    }
  return TRUE;
}

/* The last time that the same was drawn as now. */
static gpointer
find_kept (PlGraphFilter *self)
{
  for (guint i = self->past->len; i > 0; i--)
    {
      const Step *step = self->past->pdata[i - 1];

      if (step->filter && is_same (step->filter, self->filter))
        return step->data;
    }
  return NULL;
}

/* @kept: (nullable): how it looked when the same was drawn. */
static void
changed (PlGraphFilter *self, gpointer kept)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  if (kept)
    self->bring_back (self->keeper, kept);
}

void
pl_graph_filter_add (PlGraphFilter *self, gboolean is_hiding, const PlFlowMatch *match, const char *title)
{
  g_autoptr (PlFlowFilter) next = pl_flow_filter_copy (self->filter);

  if (!pl_flow_filter_add (next, is_hiding, match, title))
    return;
  remember (self);
  pl_flow_filter_free (self->filter);
  self->filter = g_steal_pointer (&next);
  changed (self, find_kept (self));
}

void
pl_graph_filter_toggle (PlGraphFilter *self, const PlFlowMatch *match, const char *title)
{
  guint n = pl_flow_filter_get_n_terms (self->filter);
  gboolean was_there = FALSE;

  remember (self);
  for (guint i = n; i-- > 0;)
    {
      const PlFilterTerm *term = pl_flow_filter_get_term (self->filter, i);

      if (term->is_hiding || term->match->conditions != match->conditions)
        continue;
      was_there |= pl_flow_match_equal (term->match, match);
      pl_flow_filter_remove (self->filter, i);
    }
  if (!was_there)
    pl_flow_filter_add (self->filter, FALSE, match, title);
  changed (self, find_kept (self));
}

void
pl_graph_filter_remove (PlGraphFilter *self, guint index)
{
  g_return_if_fail (index < pl_flow_filter_get_n_terms (self->filter));

  remember (self);
  pl_flow_filter_remove (self->filter, index);
  changed (self, find_kept (self));
}

static void
replace (PlGraphFilter *self, PlFlowFilter *filter, gpointer kept)
{
  pl_flow_filter_free (self->filter);
  self->filter = filter;
  changed (self, kept);
}

void
pl_graph_filter_clear (PlGraphFilter *self)
{
  if (pl_flow_filter_get_n_terms (self->filter) == 0)
    return;
  remember (self);
  pl_flow_filter_free (self->filter);
  self->filter = pl_flow_filter_new ();
  changed (self, find_kept (self));
}

gboolean
pl_graph_filter_can_undo (PlGraphFilter *self)
{
  return self->past->len > 0;
}

void
pl_graph_filter_undo (PlGraphFilter *self)
{
  Step *step;

  if (self->past->len == 0)
    return;
  step = g_ptr_array_steal_index (self->past, self->past->len - 1);
  if (step->filter)
    replace (self, g_steal_pointer (&step->filter), step->data);
  else
    step->undo (step->owner, step->data);
  step_free (step);
}

void
pl_graph_filter_remember (
    PlGraphFilter *self, PlGraphUndo undo, gpointer owner, gpointer data, GDestroyNotify free_data)
{
  add_step (self, &(Step){ NULL, undo, owner, data, free_data });
}

void
pl_graph_filter_set_keeper (
    PlGraphFilter *self, PlGraphKeep keep, PlGraphUndo bring_back, gpointer owner, GDestroyNotify free_kept)
{
  self->keep = keep;
  self->bring_back = bring_back;
  self->keeper = owner;
  self->free_kept = free_kept;
}

void
pl_graph_filter_forget (PlGraphFilter *self)
{
  g_ptr_array_set_size (self->past, 0);
  if (pl_flow_filter_get_n_terms (self->filter) > 0)
    replace (self, pl_flow_filter_new (), NULL);
}
