/* SVG piece by piece; see svg-writer.h. */
#include "svg-writer.h"

#include <math.h>
#include <string.h>

/* Hundredths of an em of the characters from space to '~': measured, the wider of Cantarell Semi-Bold and 93 % of DejaVu
 * Sans. */
static const guint8 widths[] = {
  30, 37, 47, 78, 59, 101, 73, 26,  36, 36, 48, 78, 30, 41, 30, 37, 63, 59, 59, 59, 62, 59, 60, 59,
  60, 60, 31, 31, 78, 78,  78, 49,  99, 66, 65, 65, 73, 60, 58, 72, 74, 29, 43, 65, 53, 88, 77, 77,
  61, 78, 65, 59, 59, 70,  64, 100, 64, 63, 65, 37, 37, 37, 78, 50, 50, 57, 59, 49, 59, 54, 37, 59,
  59, 27, 27, 54, 30, 91,  59, 58,  59, 59, 41, 48, 38, 59, 55, 82, 55, 55, 49, 59, 31, 59, 78,
};

#define OTHER_WIDTH 68 /* letters beyond ASCII */

void
pl_svg_open (GString *svg, const char *name)
{
  g_string_append_c (svg, '<');
  g_string_append (svg, name);
}

void
pl_svg_close (GString *svg)
{
  g_string_append (svg, "/>\n");
}

void
pl_svg_children (GString *svg)
{
  g_string_append (svg, ">\n");
}

void
pl_svg_end (GString *svg, const char *name)
{
  g_string_append (svg, "</");
  g_string_append (svg, name);
  g_string_append (svg, ">\n");
}

static void
append_number (GString *svg, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  gsize length;

  g_return_if_fail (isfinite (value));
  g_ascii_formatd (text, sizeof text, "%.2f", fabs (value) < 0.005 ? 0 : value);
  length = strlen (text);
  while (text[length - 1] == '0')
    length--;
  if (text[length - 1] == '.')
    length--;
  g_string_append_len (svg, text, length);
}

void
pl_svg_append (GString *svg, double value)
{
  append_number (svg, value);
  g_string_append_c (svg, ' ');
}

void
pl_svg_number (GString *svg, const char *attribute, double value)
{
  g_string_append_printf (svg, " %s=\"", attribute);
  append_number (svg, value);
  g_string_append_c (svg, '"');
}

/* Leaves out what XML 1.0 can't hold and what would turn the direction of the text around it. */
static gboolean
is_allowed (gunichar character)
{
  if (character < 0x20 || (character >= 0x7f && character < 0xa0))
    return FALSE;
  if ((character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069))
    return FALSE;
  return character != 0xfffe && character != 0xffff && character != 0x2028 && character != 0x2029;
}

static void
append_escaped (GString *svg, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (const char *at = valid; *at != 0; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (character == '&')
        g_string_append (svg, "&amp;");
      else if (character == '<')
        g_string_append (svg, "&lt;");
      else if (character == '>')
        g_string_append (svg, "&gt;");
      else if (character == '"')
        g_string_append (svg, "&quot;");
      else if (is_allowed (character))
        g_string_append_unichar (svg, character);
    }
}

void
pl_svg_string (GString *svg, const char *attribute, const char *value)
{
  g_string_append_printf (svg, " %s=\"", attribute);
  append_escaped (svg, value);
  g_string_append_c (svg, '"');
}

void
pl_svg_color (GString *svg, const char *attribute, guint32 rgb)
{
  g_string_append_printf (svg, " %s=\"#%06x\"", attribute, rgb & 0xffffff);
}

void
pl_svg_text_content (GString *svg, const char *text)
{
  append_escaped (svg, text);
}

/* Whether its first letter belongs to a script that is written from right to left: such a text runs so as a whole, with the
 * Latin words and numbers in it (Unicode Standard Annex 9, P2 and P3, by scripts). */
static gboolean
is_rtl_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  const char *at = valid;

  while (*at != 0 && !g_unichar_isalpha (g_utf8_get_char (at)))
    at = g_utf8_next_char (at);
  switch (g_unichar_get_script (g_utf8_get_char (at)))
    {
    case G_UNICODE_SCRIPT_ARABIC:
    case G_UNICODE_SCRIPT_HEBREW:
    case G_UNICODE_SCRIPT_SYRIAC:
    case G_UNICODE_SCRIPT_THAANA:
    case G_UNICODE_SCRIPT_NKO:
      return TRUE;
    default:
      return FALSE;
    }
}

void
pl_svg_text (
    GString *svg, double x, double y, double size, guint weight, PlSvgAnchor anchor, guint32 rgb, const char *text)
{
  static const char *const anchors[] = { "start", "middle", "end" };

  pl_svg_open (svg, "text");
  pl_svg_number (svg, "x", x);
  pl_svg_number (svg, "y", y);
  pl_svg_number (svg, "font-size", size);
  if (weight != 400)
    pl_svg_number (svg, "font-weight", weight);
  if (is_rtl_text (text)) /* an anchor is where a text starts or ends, not its left or right */
    {
      pl_svg_string (svg, "direction", "rtl");
      anchor = (PlSvgAnchor)(PL_SVG_END - anchor);
    }
  if (anchor != PL_SVG_START)
    pl_svg_string (svg, "text-anchor", anchors[anchor]);
  pl_svg_color (svg, "fill", rgb);
  g_string_append_c (svg, '>');
  pl_svg_text_content (svg, text);
  g_string_append (svg, "</text>\n");
}

static guint
character_width (gunichar character)
{
  if (character >= ' ' && character < ' ' + G_N_ELEMENTS (widths))
    return widths[character - ' '];
  if (g_unichar_iszerowidth (character) || !is_allowed (character))
    return 0;
  return g_unichar_iswide (character) ? 100 : OTHER_WIDTH;
}

double
pl_svg_text_width (const char *text, double size)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  guint hundredths = 0;

  for (const char *at = valid; *at != 0; at = g_utf8_next_char (at))
    hundredths += character_width (g_utf8_get_char (at));
  return hundredths * size / 100;
}

char *
pl_svg_fit (const char *text, double size, double width, gboolean in_middle)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  glong length = g_utf8_strlen (valid, -1);

  for (glong n_kept = length; n_kept > 0; n_kept--)
    {
      glong n_tail = in_middle ? n_kept / 2 : 0;
      g_autofree char *head = g_utf8_substring (valid, 0, n_kept - n_tail);
      g_autofree char *tail = g_utf8_substring (valid, length - n_tail, length);
      g_autofree char *both = g_strconcat (head, n_kept < length ? "…" : "", tail, NULL);

      if (pl_svg_text_width (both, size) <= width)
        return g_steal_pointer (&both);
      if (n_kept > 400)
        n_kept = 400; /* no card is that wide */
    }
  return g_strdup ("");
}
