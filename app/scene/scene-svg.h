/* The graph as a picture that can be taken along: SVG 1.1, drawn from the scene as it stands, with the window's look and no
 * screen. Main loop only; changes nothing in the scene. */
#pragma once
#include "redactor.h"
#include "scene.h"

#define PL_SCENE_SVG_SAMPLE ":0123456789"

typedef struct
{
  gboolean is_dark, is_high_contrast;
  gboolean is_rtl;     /* mirrored, as the window is from right to left */
  PlRedactor *redactor; /* nullable; where it is set, apps, processes, names and addresses become its "app 1", "address 1", the
                           same in all pictures with the same one; ports and counts stay, and no app has an icon. Only @title
                           and @caption are the caller's own words */
  const char *title, *caption; /* above the lanes; nullable */
  /* The icon of an app, to be shown @size px wide, as a data: URI of an image (app-icons.h); NULL: it has none, and its first
   * letter stands for it. (transfer full) (nullable) */
  char *(*icon) (const char *icon_name, double size, gpointer data);
  gpointer icon_data;
  const char *font;    /* a family, or several parted by commas; nullable. Cantarell and what resembles it stand behind it */
  double sample_px;    /* how wide PL_SCENE_SVG_SAMPLE is in it, semi-bold at 100 px, where it will be drawn; 0: not known */
} PlSceneSvgOptions;

/* @options: (nullable): light, nothing redacted. Returns: (transfer full): a whole SVG document in UTF-8, as wide as the
 * scene (pl_scene_set_size()) and as high as it needs; whole edges, lanes, a legend, and how many flows the lines stand for. */
char *pl_scene_to_svg (PlScene *scene, const PlSceneSvgOptions *options);

/* How large that document would be, px, without drawing it. Both (out). */
void pl_scene_svg_get_size (PlScene *scene, const PlSceneSvgOptions *options, int *width, int *height);

/* The families that text in a picture with @font (nullable) is drawn with, as CSS has them. (transfer full) */
char *pl_scene_svg_dup_fonts (const char *font);

/* "3 flows · 2 apps": what a picture of all of @model may be captioned with. (transfer full) */
char *pl_scene_svg_dup_counts (PlModel *model);
