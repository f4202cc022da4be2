/* Which flows a person wants to see. Pure; main loop only. */
#include "flow-filter.h"

#include "bounds.h"

struct _PlFlowFilter
{
  GPtrArray *terms; /* (element-type PlFilterTerm) in the order they came */
};

static void
term_free (gpointer data)
{
  PlFilterTerm *term = data;

  pl_flow_match_free (term->match);
  g_free (term->title);
  g_free (term);
}

PlFlowFilter *
pl_flow_filter_new (void)
{
  PlFlowFilter *filter = g_new0 (PlFlowFilter, 1);

  filter->terms = g_ptr_array_new_with_free_func (term_free);
  return filter;
}

PlFlowFilter *
pl_flow_filter_copy (const PlFlowFilter *filter)
{
  PlFlowFilter *copy = pl_flow_filter_new ();

  for (guint i = 0; i < filter->terms->len; i++)
    {
      const PlFilterTerm *term = filter->terms->pdata[i];

      pl_flow_filter_add (copy, term->is_hiding, term->match, term->title);
    }
  return copy;
}

void
pl_flow_filter_free (PlFlowFilter *filter)
{
  g_ptr_array_unref (filter->terms);
  g_free (filter);
}

gboolean
pl_flow_filter_add (PlFlowFilter *filter, gboolean is_hiding, const PlFlowMatch *match, const char *title)
{
  PlFilterTerm *term;
  g_autoptr (PlFlowMatch) copy = pl_flow_match_copy (match);

  if (filter->terms->len >= PL_LIMIT_FILTER_TERMS)
    return FALSE;
  for (guint i = 0; i < filter->terms->len; i++)
    {
      term = filter->terms->pdata[i];
      if (term->is_hiding == is_hiding && pl_flow_match_equal (term->match, copy))
        return FALSE;
    }
  term = g_new0 (PlFilterTerm, 1);
  term->is_hiding = is_hiding;
  term->match = g_steal_pointer (&copy);
  term->title = g_strdup (title);
  g_ptr_array_add (filter->terms, term);
  return TRUE;
}

void
pl_flow_filter_remove (PlFlowFilter *filter, guint index)
{
  if (index < filter->terms->len)
    g_ptr_array_remove_index (filter->terms, index);
}

guint
pl_flow_filter_get_n_terms (const PlFlowFilter *filter)
{
  return filter->terms->len;
}

const PlFilterTerm *
pl_flow_filter_get_term (const PlFlowFilter *filter, guint index)
{
  return filter->terms->pdata[index];
}

/**
 * pl_flow_filter_passes:
 * @filter: a filter
 * @flow: a flow
 *
 * Returns: whether @flow matches every term that shows and none that hides
 */
gboolean
pl_flow_filter_passes (const PlFlowFilter *filter, const PlModelFlow *flow)
{
  for (guint i = 0; i < filter->terms->len; i++)
    {
      const PlFilterTerm *term = filter->terms->pdata[i];

      if (pl_flow_match_matches (term->match, flow) == term->is_hiding)
        return FALSE;
    }
  return TRUE;
}
