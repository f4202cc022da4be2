/* Whether an SVG is a picture and no more; see svg-check.h. GLib's markup parser knows no entities but XML's own five and reads no
 * DTD, so that nothing can be hidden in either. */
#include "svg-check.h"

#include <string.h>

typedef struct
{
  guint depth, n_style;
  gboolean has_root;
  GString *style; /* of the element that is being read: comments may stand in the middle of a word */
} Check;

static const char *
local_name (const char *name)
{
  const char *colon = strrchr (name, ':');

  return colon ? colon + 1 : name;
}

/* A part of this document, or a picture that is in it. */
static gboolean
is_own_link (const char *link)
{
  static const char *const own[] = { "#", "data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp" };

  while (g_ascii_isspace (*link) || *link == '"' || *link == '\'')
    link++;
  if (*link == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_str_has_prefix (link, own[i]))
      return TRUE;
  return FALSE;
}

/* CSS, or what may be: every url() leads to the document itself. A backslash could spell it otherwise. */
static gboolean
is_plain_style (const char *text)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);

  if (strstr (lower, "@import") != NULL || (strchr (lower, '\\') != NULL))
    return FALSE;
  for (const char *at = lower; (at = strstr (at, "url(")) != NULL;)
    {
      at += strlen ("url(");
      if (!is_own_link (at))
        return FALSE;
    }
  return TRUE;
}

/* Attributes of other namespaces say nothing to who draws, but for links. */
static gboolean
is_plain_attribute (const char *name, const char *value)
{
  static const char *const links[] = { "href", "src", "base", NULL };
  const char *local = local_name (name);

  if (g_strv_contains (links, local))
    return is_own_link (value);
  if (local != name)
    return TRUE;
  return g_ascii_strncasecmp (name, "on", 2) != 0 && is_plain_style (value);
}

static void
refuse (GError **error, const char *what)
{
  g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "not a plain picture: %s", what);
}

static void
on_start (GMarkupParseContext *context,
          const char *element,
          const char **names,
          const char **values,
          gpointer data,
          GError **error)
{
  static const char *const live[] = { "script", "foreignObject", "iframe", "object",  "embed", "audio",
                                      "video",  "handler",       "set",    "animate", NULL };
  const char *local = local_name (element);
  Check *check = data;

  if (g_strv_contains (live, local) || (check->depth == 0 && (check->has_root || !g_str_equal (local, "svg"))))
    {
      refuse (error, element);
      return;
    }
  check->has_root = TRUE;
  check->depth++;
  check->n_style += g_str_equal (local, "style");
  for (guint i = 0; names[i] != NULL; i++)
    if (!is_plain_attribute (names[i], values[i]))
      {
        refuse (error, names[i]);
        return;
      }
}

static void
on_end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Check *check = data;

  check->depth--;
  if (!g_str_equal (local_name (element), "style"))
    return;
  check->n_style--;
  if (!is_plain_style (check->style->str))
    refuse (error, element);
}

static void
on_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  if (((Check *)data)->n_style > 0)
    g_string_append_len (((Check *)data)->style, text, length);
}

/* Comments, processing instructions, and the DTD's name, with its entities. */
static void
on_other (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  if (g_str_has_prefix (text, "<?xml-stylesheet") || (g_str_has_prefix (text, "<!DOCTYPE") && strchr (text, '[')))
    refuse (error, "a document of several parts");
}

gboolean
pl_svg_is_plain (const char *text, gsize length)
{
  const GMarkupParser parser = { on_start, on_end, on_text, on_other, NULL };
  g_autoptr (GString) style = g_string_new (NULL);
  Check check = { .style = style };
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &check, NULL);

  return g_markup_parse_context_parse (context, text, length, NULL) && g_markup_parse_context_end_parse (context, NULL)
         && check.has_root;
}
