/* All 65,536 ports of this computer in one line: legend of the ranges, filter, and a light for each port in use. */
#pragma once
#include <gtk/gtk.h>
#include "model.h"

#define PL_TYPE_PORT_RULER (pl_port_ruler_get_type ())
G_DECLARE_FINAL_TYPE (PlPortRuler, pl_port_ruler, PL, PORT_RULER, GtkWidget)

/* Signals: "ports-hovered" (int low, int high): the pointer or the keys came to these ports, -1 and -1 for none;
 * "ports-selected" (int low, int high); "range-toggled" (int range): a heading was pressed, PL_RANGE_NONE when it was
 * pressed again. Follows the model only while it is seen. */
GtkWidget *pl_port_ruler_new (void);
/* @is_live: the flows are this computer's, now; only then closed flows give their ports back, and the kernel's range is
 * shown. */
void pl_port_ruler_set_model (PlPortRuler *self, PlModel *model, gboolean is_live); /* nullable */
/* What this kernel hands out to clients, both inclusive; 0, 0 unknown. */
void pl_port_ruler_set_kernel_range (PlPortRuler *self, guint16 low, guint16 high);
/* What is filtered for from elsewhere; emits nothing. */
void pl_port_ruler_set_range (PlPortRuler *self, PlRange range);
/* Ids of the flows that use ports from @low to @high. (transfer full) (element-type guint64) */
GArray *pl_port_ruler_get_flows (PlPortRuler *self, guint low, guint high);
