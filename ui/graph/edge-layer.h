/* The graph's lines as one cached picture. It is drawn anew only when they changed: at once while they are few, else in a
 * worker thread and at most ten times a second. Main loop only; the worker gets a copy and gives back pixels. */
#pragma once
#include <gtk/gtk.h>
#include "edge-raster.h"

#define PL_TYPE_EDGE_LAYER (pl_edge_layer_get_type ())
G_DECLARE_FINAL_TYPE (PlEdgeLayer, pl_edge_layer, PL, EDGE_LAYER, GObject)

/* Signal "updated" (void): there is another picture to snapshot. */
PlEdgeLayer *pl_edge_layer_new (void);
/* @strokes (element-type PlStroke) (transfer full); @region: what of their plane is wanted, px; @scale: device pixels each. */
void pl_edge_layer_set (PlEdgeLayer *self, GArray *strokes, const graphene_rect_t *region, int scale,
                        gboolean is_mirrored);
/* Whether the picture there is, or on its way, is as wide as @area and holds all of it: scrolling may keep it. */
gboolean pl_edge_layer_covers (PlEdgeLayer *self, const graphene_rect_t *area);
void pl_edge_layer_get_region (PlEdgeLayer *self, graphene_rect_t *region); /* of pl_edge_layer_set() */
/* Appends the picture with the strokes' plane at (@x, @y). @is_cairo: what suits GTK's cairo renderer. */
void pl_edge_layer_snapshot (PlEdgeLayer *self, GtkSnapshot *snapshot, double x, double y, gboolean is_cairo);
/* How often strokes were drawn, for tests and benches. */
guint pl_edge_layer_get_n_drawn (PlEdgeLayer *self);
