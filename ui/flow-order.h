/* In which order a list has its flows: attempts that failed, listeners by port, and all others, oldest first. */
#pragma once
#include "model.h"

/* A flow's place: the lower one comes first. It holds the flow's id, of which the model never gives so many. */
#define PL_FLOW_PLACE_ID_BITS 44
#define PL_FLOW_PLACE_ID(place) ((place) & (((guint64)1 << PL_FLOW_PLACE_ID_BITS) - 1))

/**
 * pl_flow_order_places:
 * @ids: (element-type guint64): PlModelFlow.id of each
 * @before: (element-type guint64) (nullable): places of before, ascending: whose flow has one keeps it, as nobody looks for a row that moved
 *
 * Returns: (transfer full) (element-type guint64): a place for each, ascending
 */
GArray *pl_flow_order_places (PlModel *model, const GArray *ids, GArray *before);
