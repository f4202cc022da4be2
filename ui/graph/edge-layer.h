/* The graph's lines as one cached picture. It is drawn anew only when they changed: at once while they are few, else in a
 * worker thread and at most ten times a second. Main loop only; the worker gets a copy and gives back pixels. */
#pragma once
#include <gtk/gtk.h>
#include "edge-raster.h"

#define PL_TYPE_EDGE_LAYER (pl_edge_layer_get_type ())
G_DECLARE_FINAL_TYPE (PlEdgeLayer, pl_edge_layer, PL, EDGE_LAYER, GObject)

/* Signal "updated" (void): there is another picture to snapshot. */
PlEdgeLayer *pl_edge_layer_new (void);
/* @strokes (element-type PlStroke) (transfer full); @region: what of their plane is wanted, px; @scale: device pixels each;
 * @mirror_px: width of the whole plane where it is shown mirrored, else 0. */
void pl_edge_layer_set (PlEdgeLayer *self, GArray *strokes, const graphene_rect_t *region, double scale,
                        double mirror_px);
/* Whether the picture there is, or on its way, holds all of @area at @scale: scrolling may keep it. */
gboolean pl_edge_layer_covers (PlEdgeLayer *self, const graphene_rect_t *area, double scale);
void pl_edge_layer_get_region (PlEdgeLayer *self, graphene_rect_t *region); /* of pl_edge_layer_set() */
/* Appends the picture, the origin of the strokes' plane at the snapshot's. @zoom: pixels for each of the plane's; @is_cairo:
 * what suits GTK's cairo renderer. */
void pl_edge_layer_snapshot (PlEdgeLayer *self, GtkSnapshot *snapshot, double zoom, gboolean is_cairo);
/* How often strokes were drawn, for tests and benches. */
guint pl_edge_layer_get_n_drawn (PlEdgeLayer *self);
/* Whether the picture there is shows what was set last: none is drawn, or waits to be. For tests. */
gboolean pl_edge_layer_is_current (PlEdgeLayer *self);
