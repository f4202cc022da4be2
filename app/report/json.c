/* JSON written piece by piece; see json.h. */
#include "json.h"

#include <string.h>

void
pl_json_init (PlJson *json, PlWriter *writer)
{
  memset (json, 0, sizeof *json);
  json->writer = writer;
}

/* @key NULL: the outermost value. */
static void
begin_member (PlJson *json, const char *key)
{
  if (json->has_member[json->depth])
    pl_writer_char (json->writer, ',');
  json->has_member[json->depth] = json->depth > 0;
  if (key == NULL)
    return;
  pl_writer_char (json->writer, '"');
  pl_writer_text (json->writer, key);
  pl_writer_text (json->writer, "\":");
}

void
pl_json_open (PlJson *json, const char *key)
{
  begin_member (json, key);
  pl_writer_char (json->writer, '{');
  g_assert (json->depth + 1 < PL_JSON_DEPTH);
  json->has_member[++json->depth] = FALSE;
}

void
pl_json_close (PlJson *json)
{
  g_assert (json->depth > 0);
  json->depth--;
  pl_writer_char (json->writer, '}');
}

/* \uNNNN, RFC 8259 section 7; only the basic plane is ever escaped. */
static void
escape (PlWriter *writer, guint character)
{
  static const char hex[] = "0123456789abcdef";
  char escaped[6] = {
    '\\', 'u', hex[character >> 12 & 15], hex[character >> 8 & 15], hex[character >> 4 & 15], hex[character & 15]
  };

  pl_writer_bytes (writer, escaped, sizeof escaped);
}

static void
put_string (PlWriter *writer, const char *text)
{
  pl_writer_char (writer, '"');
  while (*text != '\0')
    {
      gunichar character = (guchar)*text < 0x80 ? (guchar)*text : g_utf8_get_char_validated (text, -1);

      if (character == (gunichar)-1 || character == (gunichar)-2)
        {
          pl_writer_text (writer, "\xef\xbf\xbd"); /* U+FFFD */
          text++;
          continue;
        }
      const char *next = g_utf8_next_char (text);
      if (character == '"' || character == '\\')
        {
          pl_writer_char (writer, '\\');
          pl_writer_char (writer, (char)character);
        }
      else if (character < 0x20 || (character >= 0x7f && character < 0xa0)
               || (character >= 0x2028 && character <= 0x202e) /* line ends, and what turns the text around it */
               || (character >= 0x2066 && character <= 0x2069))
        escape (writer, character);
      else
        pl_writer_bytes (writer, text, (gsize)(next - text));
      text = next;
    }
  pl_writer_char (writer, '"');
}

void
pl_json_string (PlJson *json, const char *key, const char *value)
{
  begin_member (json, key);
  if (value == NULL)
    pl_writer_text (json->writer, "null");
  else
    put_string (json->writer, value);
}

void
pl_json_u64 (PlJson *json, const char *key, guint64 value)
{
  begin_member (json, key);
  pl_writer_u64 (json->writer, value);
}

void
pl_json_known_u64 (PlJson *json, const char *key, guint64 value)
{
  if (value == G_MAXUINT64)
    pl_json_string (json, key, NULL);
  else
    pl_json_u64 (json, key, value);
}

void
pl_json_boolean (PlJson *json, const char *key, gboolean value)
{
  begin_member (json, key);
  pl_writer_text (json->writer, value ? "true" : "false");
}
