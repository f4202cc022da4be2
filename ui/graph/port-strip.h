/* The ruler's bar: three zones with a light for each port in use, and the numbers below. Main loop only. */
#pragma once
#include "palette.h"
#include "port-census.h"
#include "ruler-scale.h"

#define PL_TYPE_PORT_STRIP (pl_port_strip_get_type ())
G_DECLARE_FINAL_TYPE (PlPortStrip, pl_port_strip, PL, PORT_STRIP, GtkWidget)

/* Signals: "hovered" (int low, int high): the pointer or the keys came to these ports, -1 and -1 for none; "selected"
 * (int low, int high): they were clicked, or Enter pressed. One light may stand for several ports. */
GtkWidget *pl_port_strip_new (void);
/* @census stays the caller's and must outlive the strip, or be taken away with NULL; @model (nullable) is who is asked for
 * words. */
void pl_port_strip_set_census (PlPortStrip *self, const PlPortCensus *census, PlModel *model, gboolean is_live);
/* The census is not as it was. */
void pl_port_strip_update (PlPortStrip *self);
/* The same ports are in use, but the current one may have another app. */
void pl_port_strip_refresh_words (PlPortStrip *self);
/* What the kernel hands out to clients, both inclusive; 0, 0: not known, not shown. */
void pl_port_strip_set_kernel_range (PlPortStrip *self, guint16 low, guint16 high);
/* The other zones step back; PL_RANGE_NONE: none does. */
void pl_port_strip_set_range (PlPortStrip *self, PlRange range);
void pl_port_strip_get_scale (PlPortStrip *self, PlRulerScale *scale);
