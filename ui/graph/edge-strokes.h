/* From the scene's edges to strokes in their colours. Pure; knows colours, no widgets. */
#pragma once
#include "edge-raster.h"
#include "palette.h"
#include "scene.h"

typedef enum
{
  PL_STROKES_PLAIN,
  PL_STROKES_LIT, /* hovered or selected: a little stronger */
} PlStrokesStyle;

/* Appends @edge's strokes to @strokes (element-type PlStroke). @unit: the scene's px for one at text of ordinary size. */
void pl_edge_strokes_add (GArray *strokes, PlScene *scene, const PlSceneEdge *edge, const PlGraphColors *colors,
                          PlStrokesStyle style, double unit);
/* And the crosses (element-type PlSceneCross) of those that failed, upon all of them. */
void pl_edge_strokes_add_crosses (GArray *strokes, GArray *crosses, const PlGraphColors *colors, double unit);
