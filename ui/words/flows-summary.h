/* Many flows in one sentence: what a node of the graph or a bundle stands for. Pure. */
#pragma once
#include "flow-words.h"

typedef struct _PlFlowsSummary PlFlowsSummary;

PlFlowsSummary *pl_flows_summary_new (void);
void pl_flows_summary_free (PlFlowsSummary *summary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlFlowsSummary, pl_flows_summary_free)
void pl_flows_summary_add (PlFlowsSummary *summary, const PlModelFlow *flow);
/* "19 flows · ↓ 4.2 MB/s ↑ 96 kB/s" */
char *pl_flows_summary_subtitle (PlFlowsSummary *summary);
/* "Firefox has 19 flows, through 17 local ports to 2 endpoints. 2 of them failed." */
char *pl_flows_summary_sentence (PlFlowsSummary *summary);
