/* Which processes stand behind a set of flows: an app of many (browser, server with workers), process by process. */
#pragma once
#include "model.h"

typedef struct
{
  PlProcess *process; /* owned reference */
  PlConfidence confidence; /* the surest of its flows */
  guint n_flows, n_listeners; /* listeners are not among the flows */
  double rate_out, rate_in; /* as PlModelFlow's */
} PlProcessUse;

GPtrArray *pl_model_list_processes (PlModel *self, const guint64 *ids, guint n_ids);
