/* SVG written piece by piece into a string: numbers in the C locale, text and attributes escaped and free of what XML 1.0 does
 * not allow. Also how wide a text will be about, for no font is asked. Pure. */
#pragma once
#include <glib.h>

/* <NAME a="…" …; then any attributes, then one of pl_svg_close() (empty element) and pl_svg_children(). */
void pl_svg_open (GString *svg, const char *name);
void pl_svg_close (GString *svg);                      /* /> */
void pl_svg_children (GString *svg);                   /* > */
void pl_svg_end (GString *svg, const char *name);      /* </NAME> */
void pl_svg_number (GString *svg, const char *attribute, double value);
void pl_svg_string (GString *svg, const char *attribute, const char *value);
void pl_svg_color (GString *svg, const char *attribute, guint32 rgb);
void pl_svg_text_content (GString *svg, const char *text);
/* A number as such, in paths: at most two decimals, no exponent; followed by a space. */
void pl_svg_append (GString *svg, double value);

typedef enum
{
  PL_SVG_START,
  PL_SVG_MIDDLE,
  PL_SVG_END,
} PlSvgAnchor;

/* A line of text; @y is its baseline. @x is its left, middle or right, whichever way it runs. */
void pl_svg_text (
    GString *svg, double x, double y, double size, guint weight, PlSvgAnchor anchor, guint32 rgb, const char *text);

/* Width of @text in px at a font size of @size px, for a semi-bold sans-serif face; other faces come within some 15 %. */
double pl_svg_text_width (const char *text, double size);
/* Returns: (transfer full): @text, cut with an ellipsis (at its end, or in its middle) where it is wider than @width. */
char *pl_svg_fit (const char *text, double size, double width, gboolean in_middle);
