/* A picture of the graph's lines, cut into tiles. Tiles that are the same as in the picture before are taken over, and with
 * them their render nodes: GTK then finds them unchanged and paints only what differs. Empty tiles cost nothing. */
#pragma once
#include <gtk/gtk.h>
#include "edge-raster.h"

typedef struct
{
  GArray *strokes; /* (element-type PlStroke) */
  graphene_rect_t region; /* of their plane */
  double scale; /* device pixels for each of its */
  double mirror_px; /* width of the whole plane where it is shown mirrored, else 0 */
} PlEdgeJob;

typedef struct _PlEdgePicture PlEdgePicture;

/* Any thread. @before: (nullable) whose tiles may be taken over */
PlEdgePicture *pl_edge_picture_new (const PlEdgeJob *job, PlEdgePicture *before);
void pl_edge_picture_free (PlEdgePicture *picture);

/* Main loop only. Appends the picture, its plane's origin at the snapshot's and @zoom pixels for each of the plane's.
 * @is_cairo: what suits GTK's cairo renderer. */
void pl_edge_picture_snapshot (PlEdgePicture *picture, GtkSnapshot *snapshot, double zoom, gboolean is_cairo);
