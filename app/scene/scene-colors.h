/* The colours of the graph as numbers, one table for what is drawn in the window and what is written as SVG. Pure.
 * tests/ui/graph/test-graph-palette.c computes contrasts and distances for colour-blind eyes. */
#pragma once
#include <glib.h>
#include "port.h"

/* 0xRRGGBB each. */
typedef struct
{
  gboolean is_dark, is_high_contrast;
  guint32 text, dim_text, background, card, accent, rule;
  guint32 failed; /* failed flows and their cross */
  guint32 failed_text; /* the same in words: on a card under the pointer, too, 4.5:1, in high contrast 7:1 */
  guint32 plain;  /* behind the white mark of an endpoint or of an unknown app */
} PlSceneColors;

PlSceneColors pl_scene_colors (gboolean is_dark, gboolean is_high_contrast);
/* What marks a range in lines, outlines and marks; PL_RANGE_NONE: flows without ports. */
guint32 pl_scene_range_rgb (PlRange range, gboolean is_dark);
/* A background for a white letter; the same for the same @seed, in light and dark. */
guint32 pl_scene_avatar_rgb (guint seed);
