/* The cards and chips of the graph as SVG, laid out as the window's: mark, title, second word, a cut where there is no room. */
#include "scene-svg-private.h"

#define MOSTLY 0.75 /* of a chip's second word must be seen, or it says nothing */
#define LONG_WORD 48 /* units */
#define SMALLEST 0.8 /* of its size, to which a title shrinks before it is cut */
#define SMALLEST_SECOND 0.85 /* the same of a second line or word, which is small already */
#define WORD_GAP 7 /* units between a chip's title and its second word */
#define SCOPE_ROOM 15 /* units of a listener's icon with what parts it from the word */
#define ARROW_ROOM 12 /* units */
#define ROOMY_CARD 145 /* units: a narrower card has no room for an icon beside an address */
#define CARD_RADIUS 12
#define REGULAR 0.93 /* widths by those of a semi-bold face */
#define MOST_DIGITS 3 /* of an app's number, that a circle has room for */
#define HINT_CHARS 300
#define BASELINE 0.35 /* of the font's size below the middle of its capitals */

typedef struct
{
  Svg *svg;
  const Node *node;
  const PlSceneNode *pub;
  char *title, *subtitle; /* owned */
  double x, y, width, height; /* the box, px; x is mirrored already */
} Box;

static gboolean
is_card (const Box *box)
{
  return !scene_is_port_lane (box->pub->lane);
}

/* @x: px from the box's leading edge. */
static double
from_start (const Box *box, double x)
{
  return box->svg->options.is_rtl ? box->x + box->width - x : box->x + x;
}

static void
add_text (
    const Box *box, double x, double middle, double size, guint weight, gboolean at_end, guint32 rgb, const char *text)
{
  pl_svg_text (box->svg->out, from_start (box, x), middle + BASELINE * size, size, weight,
               at_end ? svg_trailing (box->svg) : svg_leading (box->svg), rgb, text);
}

/* ---- frames ---- */

static double
corner (const Box *box)
{
  static const double radii[] = { [PL_RANGE_WELL_KNOWN] = 4, [PL_RANGE_REGISTERED] = 9, [PL_RANGE_NONE] = 6 };

  if (is_card (box))
    return CARD_RADIUS;
  return box->pub->range == PL_RANGE_DYNAMIC ? box->height / 2 : MIN (radii[box->pub->range], box->height / 2);
}

static void
open_frame (const Box *box, double drop, double inset)
{
  GString *out = box->svg->out;

  pl_svg_open (out, "rect");
  pl_svg_number (out, "x", box->x + inset);
  pl_svg_number (out, "y", box->y + drop + inset);
  pl_svg_number (out, "width", box->width - 2 * inset);
  pl_svg_number (out, "height", box->height - 2 * inset);
  pl_svg_number (out, "rx", corner (box) - inset);
}

static void
add_frame (const Box *box)
{
  Svg *svg = box->svg;
  guint32 color = is_card (box) ? svg->colors.text : pl_scene_range_rgb (box->pub->range, svg->colors.is_dark);

  /* No line shines through what fades. */
  if (box->pub->opacity < 1)
    {
      open_frame (box, 0, 0);
      pl_svg_color (svg->out, "fill", svg->colors.background);
      pl_svg_close (svg->out);
    }
  pl_svg_open (svg->out, "g");
  if (box->pub->opacity < 1)
    pl_svg_number (svg->out, "opacity", box->pub->opacity);
  pl_svg_children (svg->out);
  if (!is_card (box) && (box->pub->flags & PL_SCENE_BUNDLE)) /* a second edge peeps out below */
    {
      open_frame (box, 3 * svg->unit, 1);
      pl_svg_color (svg->out, "fill", svg->colors.background);
      pl_svg_color (svg->out, "stroke", color);
      pl_svg_number (svg->out, "stroke-width", 1.5);
      pl_svg_number (svg->out, "stroke-opacity", 0.7);
      pl_svg_close (svg->out);
    }
  open_frame (box, 0, is_card (box) ? 0.5 : 1);
  pl_svg_color (svg->out, "fill", svg->colors.card);
  pl_svg_color (svg->out, "stroke", color);
  pl_svg_number (svg->out, "stroke-width", is_card (box) ? 1 : 2);
  if (is_card (box))
    pl_svg_number (svg->out, "stroke-opacity", svg->colors.is_high_contrast ? 0.6 : 0.1);
  if (box->pub->flags & PL_SCENE_LISTENER)
    pl_svg_string (svg->out, "stroke-dasharray", "4 3");
  pl_svg_close (svg->out);
}

/* ---- marks ---- */

void
scene_svg_mark (Svg *svg, PlRange range, gboolean is_hollow, double x, double middle, double size)
{
  static const double corners[] = {
    [PL_RANGE_WELL_KNOWN] = 0.12, [PL_RANGE_REGISTERED] = 0.3, [PL_RANGE_DYNAMIC] = 0.5, [PL_RANGE_NONE] = 0.5
  };
  double thick = MAX (1.5, svg->unit * 2), inset = is_hollow ? thick / 2 : 0;
  guint32 color = pl_scene_range_rgb (range, svg->colors.is_dark);

  pl_svg_open (svg->out, "rect");
  pl_svg_number (svg->out, "x", x + inset);
  pl_svg_number (svg->out, "y", middle - size / 2 + inset);
  pl_svg_number (svg->out, "width", size - 2 * inset);
  pl_svg_number (svg->out, "height", size - 2 * inset);
  pl_svg_number (svg->out, "rx", MAX (size * corners[range] - inset, 0));
  if (is_hollow)
    {
      pl_svg_string (svg->out, "fill", "none");
      pl_svg_color (svg->out, "stroke", color);
      pl_svg_number (svg->out, "stroke-width", thick);
    }
  else
    pl_svg_color (svg->out, "fill", color);
  pl_svg_close (svg->out);
}

/* Where an address lies, in a square of 24: a screen, a house, three around one, a globe. */
static const char *
scope_path (PlScope scope)
{
  switch (scope)
    {
    case PL_SCOPE_LOOPBACK:
      return "M2 3H22V17H2ZM7 22H17M12 17V22";
    case PL_SCOPE_LINK:
    case PL_SCOPE_PRIVATE:
      return "M1 12.5L12 2.5L23 12.5M5 11V22H19V11";
    case PL_SCOPE_MULTICAST:
    case PL_SCOPE_BROADCAST:
      return "M12 13V3.5M12 13L20.5 18M12 13L3.5 18M12 2a1.5 1.5 0 1 0 .1 0M20.5 17a1.5 1.5 0 1 0 .1 0M3.5 17a1.5 1.5 "
             "0 1 0 .1 0";
    default:
      return "M12 1.5a10.5 10.5 0 1 0 .1 0M12 1.5a4.7 10.5 0 1 0 .1 0M1.5 12H22.5";
    }
}

static void
add_scope (const Box *box, PlScope scope, double x, double y, double size, guint32 rgb)
{
  GString *out = box->svg->out;

  pl_svg_open (out, "path");
  g_string_append (out, " transform=\"translate(");
  pl_svg_append (out, x);
  pl_svg_append (out, y);
  g_string_append (out, ") scale(");
  pl_svg_append (out, size / 24);
  g_string_append (out, ")\"");
  pl_svg_string (out, "d", scope_path (scope));
  pl_svg_string (out, "fill", "none");
  pl_svg_color (out, "stroke", rgb);
  pl_svg_number (out, "stroke-width", 2.2);
  pl_svg_string (out, "stroke-linejoin", "round");
  pl_svg_close (out);
}

/* ---- cards ---- */

static gboolean
shows_scope (const Box *box)
{
  return box->pub->lane == PL_LANE_ENDPOINT && !(box->pub->flags & PL_SCENE_PEER_APP);
}

/* The first letter; of what is redacted its number. */
static void
letter (const Box *box, char utf8[7])
{
  gsize start = strcspn (box->title, "0123456789"), n_digits = strspn (box->title + start, "0123456789");
  gunichar first = g_utf8_get_char_validated (box->title, -1);

  memset (utf8, 0, 7);
  if (box->svg->options.redactor && n_digits > 0 && !(box->pub->flags & PL_SCENE_OTHERS))
    g_strlcpy (utf8, n_digits <= MOST_DIGITS ? box->title + start : "#", MIN (n_digits, MOST_DIGITS) + 1);
  else if (box->pub->flags & PL_SCENE_OTHERS)
    utf8[0] = '+';
  else if ((box->pub->flags & PL_SCENE_UNKNOWN_APP) || first >= (gunichar)-2 || !g_unichar_isgraph (first))
    utf8[0] = '?';
  else
    g_unichar_to_utf8 (g_unichar_toupper (first), utf8);
}

/* The app's own icon, where the caller has it. */
static gboolean
add_icon (const Box *box, double x, double y, double size)
{
  Svg *svg = box->svg;
  const char *name = svg->options.redactor ? NULL : box->pub->icon_name;
  g_autofree char *link = name && svg->options.icon ? svg->options.icon (name, size, svg->options.icon_data) : NULL;

  if (link == NULL)
    return FALSE;
  pl_svg_open (svg->out, "image");
  pl_svg_number (svg->out, "x", x);
  pl_svg_number (svg->out, "y", y);
  pl_svg_number (svg->out, "width", size);
  pl_svg_number (svg->out, "height", size);
  pl_svg_string (svg->out, "xlink:href", link);
  pl_svg_close (svg->out);
  return TRUE;
}

static void
add_avatar (const Box *box, double x, double size)
{
  Svg *svg = box->svg;
  double middle = box->y + box->height / 2, center = from_start (box, x + size / 2);
  gboolean is_plain = shows_scope (box) || (box->pub->flags & (PL_SCENE_UNKNOWN_APP | PL_SCENE_OTHERS));
  char utf8[7];

  if (add_icon (box, center - size / 2, middle - size / 2, size))
    return;
  pl_svg_open (svg->out, "circle");
  pl_svg_number (svg->out, "cx", center);
  pl_svg_number (svg->out, "cy", middle);
  pl_svg_number (svg->out, "r", size / 2);
  pl_svg_color (svg->out, "fill", is_plain ? svg->colors.plain : pl_scene_avatar_rgb (g_str_hash (box->title)));
  pl_svg_close (svg->out);
  if (shows_scope (box))
    {
      add_scope (box, box->pub->scope, center - size * 0.25, middle - size * 0.25, size * 0.5, 0xffffff);
      return;
    }
  letter (box, utf8);
  pl_svg_text (svg->out, center, middle + BASELINE * svg->font_px, svg->font_px, 700, PL_SVG_MIDDLE, 0xffffff, utf8);
}

/* @of_bold: how wide its face is beside the semi-bold one. */
static double
text_width (const Box *box, const char *text, double size, double of_bold)
{
  return pl_svg_text_width (text, size * of_bold * box->svg->font_width);
}

static char *
fit (const Box *box, const char *text, double size, double of_bold, double room, gboolean in_middle)
{
  return pl_svg_fit (text, size * of_bold * box->svg->font_width, room, in_middle);
}

/* Makes a text of @size px fit: as large as it can, down to @smallest of it. FALSE: that is not enough. */
static gboolean
shrink (const Box *box, const char *text, double of_bold, double smallest, double room, double *size)
{
  double natural = text_width (box, text, *size, of_bold);

  if (natural > room)
    *size *= MAX (smallest, room / natural - 0.005);
  return natural * smallest <= room;
}

static void
add_unfold_arrow (const Box *box, double x, double middle)
{
  double u = box->svg->unit;
  GString *out = box->svg->out;

  pl_svg_open (out, "path");
  g_string_append (out, " d=\"M ");
  pl_svg_append (out, from_start (box, x + u));
  pl_svg_append (out, middle - 1.5 * u);
  g_string_append (out, "L ");
  pl_svg_append (out, from_start (box, x + 4 * u));
  pl_svg_append (out, middle + 1.5 * u);
  pl_svg_append (out, from_start (box, x + 7 * u));
  pl_svg_append (out, middle - 1.5 * u);
  g_string_append (out, "\"");
  pl_svg_string (out, "fill", "none");
  pl_svg_color (out, "stroke", box->svg->colors.dim_text);
  pl_svg_number (out, "stroke-width", 1.5 * u);
  pl_svg_close (out);
}

static void
add_card (const Box *box)
{
  Svg *svg = box->svg;
  double u = svg->unit, middle = box->y + box->height / 2, size = svg->font_px, small = svg->font_px * 0.82,
         tiny = small;
  gboolean has_avatar = box->width >= ROOMY_CARD * u, is_endpoint = box->pub->lane == PL_LANE_ENDPOINT;
  double text_x = (has_avatar ? 46 : 9) * u, room = box->width - text_x - (has_avatar ? 8 : 7) * u;
  double title_middle = middle;
  guint32 second = (box->pub->flags & PL_SCENE_FAILED) ? svg->colors.failed_text : svg->colors.dim_text;
  g_autofree char *title = NULL, *subtitle = NULL, *shorter = scene_text_shorten (box->subtitle, box->pub->flags);

  if (has_avatar)
    add_avatar (box, 11 * u, 26 * u);
  if (box->pub->flags & PL_SCENE_BUNDLE)
    {
      add_unfold_arrow (box, box->width - (has_avatar ? 16 : 15) * u, middle);
      room -= ARROW_ROOM * u;
    }
  shrink (box, box->title, 1, SMALLEST, room, &size);
  title = fit (box, box->title, size, 1, room, is_endpoint);
  if (shrink (box, box->subtitle, REGULAR, SMALLEST_SECOND, room, &small) || shorter == NULL)
    subtitle = fit (box, box->subtitle, small, REGULAR, room, FALSE);
  else
    {
      shrink (box, shorter, REGULAR, SMALLEST_SECOND, room, &tiny);
      small = tiny;
      subtitle = fit (box, shorter, small, REGULAR, room, FALSE);
    }
  if (*subtitle != 0)
    {
      title_middle = middle - 7.5 * u;
      add_text (box, text_x, middle + 8.5 * u, small, 400, FALSE, second, subtitle);
    }
  add_text (box, text_x, title_middle, size, 600, FALSE, svg->colors.text, title);
}

/* ---- chips ---- */

/* Fits the second word into @room px: a short one whole or not at all, of a long one most is told. */
static gboolean
fit_word (const Box *box, double room, double *size)
{
  double natural = text_width (box, box->subtitle, *size * SMALLEST_SECOND, REGULAR);
  gboolean is_whole = (box->pub->flags & (PL_SCENE_LISTENER | PL_SCENE_OTHERS)) != 0;
  double fitted = *size;

  if (*box->subtitle == 0)
    return FALSE;
  if (!shrink (box, box->subtitle, REGULAR, SMALLEST_SECOND, room, &fitted)
      && (is_whole || natural <= LONG_WORD * box->svg->unit || natural * MOSTLY > room))
    return FALSE;
  *size = fitted;
  return TRUE;
}

/* Beside a title, from @text_x to @end: who can reach a listener, as a word and an icon, or only one of them; or the second
 * word. */
static void
add_word (const Box *box, double text_x, double end)
{
  Svg *svg = box->svg;
  double u = svg->unit, middle = box->y + box->height / 2, room = end - text_x - WORD_GAP * u,
         size = svg->font_px * 0.82;
  gboolean is_listener = (box->pub->flags & PL_SCENE_LISTENER) != 0;
  gboolean has_both = is_listener && fit_word (box, room - SCOPE_ROOM * u, &size);
  gboolean has_word = has_both || fit_word (box, room, &size);
  g_autofree char *word = NULL;

  if (has_both || (is_listener && !has_word && room > 11 * u))
    {
      add_scope (box, box->pub->scope, from_start (box, svg->options.is_rtl ? end : end - 11 * u), middle - 5.5 * u,
                 11 * u, svg->colors.dim_text);
      end -= SCOPE_ROOM * u;
    }
  if (!has_word)
    return;
  word = fit (box, box->subtitle, size, REGULAR, end - text_x - WORD_GAP * u, FALSE);
  add_text (box, end, middle, size, 400, TRUE, svg->colors.dim_text, word);
}

static void
add_chip (const Box *box)
{
  Svg *svg = box->svg;
  double u = svg->unit, middle = box->y + box->height / 2, size = svg->font_px * 0.96;
  double spare = CLAMP ((box->width / u - 84) / 36, 0, 1), ends = box->pub->range == PL_RANGE_DYNAMIC ? 2 : 0;
  double mark = (8.5 + 1.5 * spare) * u, lead = (7 + 2 * spare + ends) * u;
  double text_x = lead + mark + (5 + 2 * spare) * u, end = box->width - (6 + 2 * spare + ends) * u, room;
  gboolean is_bundle = (box->pub->flags & PL_SCENE_BUNDLE) != 0;
  gboolean is_hollow = box->pub->role == PL_ROLE_LISTENING || box->pub->range == PL_RANGE_NONE;
  g_auto (GStrv) shorter = pl_scene_node_dup_short_titles (box->pub);
  g_autofree char *title = NULL;
  const char *words = box->title;

  scene_svg_mark (svg, box->pub->range, is_hollow, svg->options.is_rtl ? from_start (box, lead + mark) : box->x + lead,
                  middle, mark);
  if (is_bundle)
    {
      add_unfold_arrow (box, end - 8 * u, middle);
      end -= ARROW_ROOM * u;
    }
  room = end - text_x;
  if (*shorter
      && (box->pub->flags & PL_SCENE_LISTENER)) /* "4 more" with the icon tells more than "4 more ports" without */
    room -= (WORD_GAP + SCOPE_ROOM) * u;
  for (guint i = 0; !shrink (box, words, 1, SMALLEST, room, &size) && shorter[i]; i++)
    {
      g_autofree char *wide = pl_scene_dup_wide_words (shorter[i]);

      if (shorter[i + 1] && text_width (box, wide, svg->font_px * 0.96 * SMALLEST, 1) > room)
        i++;
      words = shorter[i];
      size = svg->font_px * 0.96;
    }
  title = fit (box, words, size, 1, end - text_x, FALSE);
  add_text (box, text_x, middle, size, 600, FALSE, svg->colors.text, title);
  add_word (box, text_x + text_width (box, title, size, 1), end);
}

static void
add_node (Svg *svg, const Node *node)
{
  const PlSceneNode *pub = &node->pub;
  Box box = { svg, node, pub, NULL, NULL, svg_left (svg, pub->x, pub->width), pub->y, pub->width, pub->height };
  g_autofree char *hint = NULL, *shown = NULL;

  if (svg->options.redactor)
    scene_text_redact (svg->options.redactor, node, &box.title, &box.subtitle);
  else
    {
      box.title = g_strdup (pub->title);
      box.subtitle = g_strdup (pub->subtitle);
    }
  add_frame (&box);
  /* What has no room is told by the pointer and to screen readers. */
  hint = *box.subtitle != 0 ? g_strdup_printf ("%s, %s", box.title, box.subtitle) : g_strdup (box.title);
  g_string_append (svg->out, "<title>");
  shown = pl_svg_fit (hint, 1, HINT_CHARS, FALSE); /* at most as many letters as px: a name may be a book */
  pl_svg_text_content (svg->out, shown);
  g_string_append (svg->out, "</title>\n");
  if (is_card (&box))
    add_card (&box);
  else
    add_chip (&box);
  pl_svg_end (svg->out, "g");
  g_free (box.title);
  g_free (box.subtitle);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Node *one = *(Node *const *)a, *other = *(Node *const *)b;
  gboolean leaves = one->state == STATE_LEAVING, other_leaves = other->state == STATE_LEAVING;

  if (leaves != other_leaves)
    return leaves ? -1 : 1;
  if (one->pub.target_y != other->pub.target_y)
    return one->pub.target_y < other->pub.target_y ? -1 : 1;
  return (int)one->pub.lane - (int)other->pub.lane;
}

/* From top to bottom, so that what is redacted is numbered as one reads. What fades is below what takes its place. */
void
scene_svg_nodes (Svg *svg)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();

  for (guint i = 0; i < svg->scene->node_list->len; i++)
    {
      Node *node = svg->scene->node_list->pdata[i];

      if (node->state != STATE_HOLE && node->index != G_MAXUINT)
        g_ptr_array_add (nodes, node);
    }
  g_ptr_array_sort (nodes, compare_places);
  for (guint i = 0; i < nodes->len; i++)
    add_node (svg, nodes->pdata[i]);
}
