/* Which of this computer's 65,536 ports are in use, and what for: counted from a model's flows. Pure, main loop only. */
#pragma once
#include "model.h"

enum /* what a port is used for */
{
  PL_PORT_USED = 1 << 0,
  PL_PORT_LISTENS = 1 << 1,   /* a listener, or the local end that was called */
  PL_PORT_TEMPORARY = 1 << 2, /* of a connection that was opened from here */
};

typedef struct _PlPortCensus PlPortCensus;

PlPortCensus *pl_port_census_new (void);
void pl_port_census_free (PlPortCensus *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlPortCensus, pl_port_census_free)

/**
 * pl_port_census_update:
 * @model: (nullable): whose flows to count; none: every port is free
 * @is_live: the flows are this computer's, now: what is closed has given its port back. In a capture file a port counts
 *   for as long as the file lasts.
 *
 * A flow between two ends of this computer uses two of its ports. Costs one walk over the flows.
 *
 * Returns: whether anything is other than before
 */
gboolean pl_port_census_update (PlPortCensus *self, PlModel *model, gboolean is_live);
guint pl_port_census_get (const PlPortCensus *self, guint port);       /* PL_PORT_…; 0 for a free one */
guint pl_port_census_count (const PlPortCensus *self, PlRange range);  /* ports in use there */
/* The next port in use beyond @from in the direction of @step (1 or -1), or -1; from -1 and 65536 it finds the first, the last. */
int pl_port_census_next (const PlPortCensus *self, int from, int step);
/* How many ports from @low to @high are in use. */
guint pl_port_census_count_between (const PlPortCensus *self, guint low, guint high);

/* Calls @func for each flow that uses one of the ports from @low to @high of this computer, with the end that does. */
void pl_port_census_foreach (PlModel *model, gboolean is_live, guint low, guint high,
                             void (*func) (const PlModelFlow *flow, int end, gpointer data), gpointer data);
/* Ids of those flows. (transfer full) (element-type guint64) */
GArray *pl_port_census_flows (PlModel *model, gboolean is_live, guint low, guint high);
