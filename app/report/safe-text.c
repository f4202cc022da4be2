/* Text from outside made fit for a terminal; see safe-text.h. */
#include "safe-text.h"

static gboolean
may_show (gunichar character, gboolean ascii_only)
{
  if (ascii_only && character > 0x7e)
    return FALSE;
  switch (g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* direction overrides and joiners: they change how the rest of the line reads */
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
      return FALSE;
    default:
      return TRUE;
    }
}

/* What our own messages use, for a terminal that has no more than ASCII. */
static const char *
ascii_for (gunichar character)
{
  switch (character)
    {
    case 0x2018: /* quotes */
    case 0x2019:
    case 0x201c:
    case 0x201d:
      return "'";
    case 0x2013: /* dashes */
    case 0x2014:
      return "-";
    case 0x2026:
      return "...";
    default:
      return NULL;
    }
}

void
pl_safe_text_append (GString *out, const char *text, gboolean ascii_only)
{
  while (*text != '\0')
    {
      gunichar character = g_utf8_get_char_validated (text, -1);

      if (character == (gunichar)-1 || character == (gunichar)-2)
        {
          g_string_append_printf (out, "\\x%02x", (guint)(guchar)*text++);
          continue;
        }
      if (ascii_only && ascii_for (character) != NULL)
        g_string_append (out, ascii_for (character));
      else if (may_show (character, ascii_only))
        g_string_append_unichar (out, character);
      else if (character == '\n')
        g_string_append (out, "\\n");
      else if (character == '\t')
        g_string_append (out, "\\t");
      else if (character < 0x80)
        g_string_append_printf (out, "\\x%02x", character);
      else
        g_string_append_printf (out, "\\u{%x}", character);
      text = g_utf8_next_char (text);
    }
}

static guint
columns_of (gunichar character)
{
  if (character < 0x80) /* nearly all there is */
    return 1;
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

guint
pl_safe_text_columns (const char *text)
{
  guint columns = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    columns += columns_of (g_utf8_get_char (text));
  return columns;
}

gsize
pl_safe_text_fit (const char *text, guint columns, guint *used)
{
  const char *at = text;
  guint left = columns;

  while (*at != '\0')
    {
      guint width = columns_of (g_utf8_get_char (at));

      if (width > left)
        break;
      left -= width;
      at = g_utf8_next_char (at);
    }
  if (used != NULL)
    *used = columns - left;
  return (gsize)(at - text);
}
