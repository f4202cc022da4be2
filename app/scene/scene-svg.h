/* The graph as a picture that can be taken along: SVG 1.1, drawn from the scene as it stands, with the window's look and no
 * screen. Main loop only; changes nothing in the scene. */
#pragma once
#include "scene.h"

typedef struct
{
  gboolean is_dark, is_high_contrast;
  gboolean is_rtl;     /* mirrored, as the window is from right to left */
  gboolean is_redacted; /* apps, processes, names and addresses become "app 1", "address 1"; ports and counts stay. Only
                           @title and @caption are the caller's own words */
  const char *title, *caption; /* above the lanes; nullable */
  /* The icon of an app as a PNG to be shown @size px wide, for icons are the business of who has a screen; NULL: it has none,
   * and its first letter stands for it. (transfer full) (nullable) */
  GBytes *(*icon) (const char *icon_name, double size, gpointer data);
  gpointer icon_data;
  const char *font;    /* a CSS font-family list; nullable: Cantarell and what resembles it */
} PlSceneSvgOptions;

/* @options: (nullable): light, nothing redacted. Returns: (transfer full): a whole SVG document in UTF-8, as wide as the
 * scene (pl_scene_set_size()) and as high as it needs; whole edges, lanes, a legend, and how many flows the lines stand for. */
char *pl_scene_to_svg (PlScene *scene, const PlSceneSvgOptions *options);
