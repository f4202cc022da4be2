/* How a person wants the graph as a picture, remembered between runs. Main loop only. */
#pragma once
#include <gio/gio.h>
#include "scene-svg.h"

typedef enum
{
  PL_PICTURE_STYLE_WINDOW, /* light or dark as the window is */
  PL_PICTURE_STYLE_LIGHT,
  PL_PICTURE_STYLE_DARK,
  PL_N_PICTURE_STYLES,
} PlPictureStyle;

typedef struct
{
  gboolean is_svg;
  int scale; /* of a PNG: 1, 2 or 4 */
  PlPictureStyle style;
  gboolean is_redacted;
} PlExportChoice;

/* @settings: nullable: then these are the defaults. */
void pl_export_choice_load (PlExportChoice *choice, GSettings *settings);
void pl_export_choice_save (const PlExportChoice *choice, GSettings *settings);
/* @is_dark: whether the window is. */
gboolean pl_export_choice_is_dark (const PlExportChoice *choice, gboolean is_dark);
