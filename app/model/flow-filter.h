/* Which flows a person wants to see: all that they filtered to, without what they hid. A plain value, pure. */
#pragma once
#include "flow-match.h"

typedef struct
{
  gboolean is_hiding; /* what matches is left out; else only what matches is shown */
  PlFlowMatch *match;
  char *title; /* what a person calls it: "Firefox", ":443 https" */
} PlFilterTerm;

typedef struct _PlFlowFilter PlFlowFilter;

PlFlowFilter *pl_flow_filter_new (void); /* lets everything pass */
PlFlowFilter *pl_flow_filter_copy (const PlFlowFilter *filter);
void pl_flow_filter_free (PlFlowFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlFlowFilter, pl_flow_filter_free)
/* Copies @match and @title. FALSE when the same term is there already, or no room for it. */
gboolean pl_flow_filter_add (PlFlowFilter *filter, gboolean is_hiding, const PlFlowMatch *match, const char *title);
void pl_flow_filter_remove (PlFlowFilter *filter, guint index);
guint pl_flow_filter_get_n_terms (const PlFlowFilter *filter);
const PlFilterTerm *pl_flow_filter_get_term (const PlFlowFilter *filter, guint index); /* (transfer none) */
gboolean pl_flow_filter_passes (const PlFlowFilter *filter, const PlModelFlow *flow);
