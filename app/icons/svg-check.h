/* Whether an SVG of somebody else's is a picture and no more. Pure. */
#pragma once
#include <glib.h>

/* TRUE for a whole SVG document that runs nothing, asks for nothing from elsewhere and defines no entities. Whoever draws it as an
 * image must not run or fetch anything either (SVG 2, 2.7.1 "secure static mode"); this holds where it is taken out of the image. */
gboolean pl_svg_is_plain (const char *text, gsize length);
