/* A port's node: a chip with a mark of its range and as many of its words as there is room for. Main loop only. */
#include "graph-node-private.h"

#define MOSTLY 0.75 /* of a chip's second word must be seen, or it says nothing */
#define LONG_WORD 48 /* units */
#define WORD_GAP 7 /* units between a chip's title and its second word */
#define TIGHT_GAP 3 /* the same between a listener's port and its icon alone */
#define ARROW 8 /* units of a chip's */
#define ARROW_ROOM 12 /* the same with what parts it from the words */
#define SCOPE_ICON 11 /* units of a listener's icon */
#define SCOPE_ROOM 15 /* the same with what parts it from the word */
#define SMALLEST_PORT 0.7 /* of its size, to which a listener’s port shrinks: its icon says more than larger digits */

/* Square, rounded square, circle: the range once more, for those who do not see its colour. */
static void
append_mark (PlGraphNode *self, GtkSnapshot *snapshot, double x, double middle, double size)
{
  static const double corners[] = {
    [PL_RANGE_WELL_KNOWN] = 0.12, [PL_RANGE_REGISTERED] = 0.3, [PL_RANGE_DYNAMIC] = 0.5, [PL_RANGE_NONE] = 0.5
  };
  double left = graph_node_is_rtl (self) ? gtk_widget_get_width (GTK_WIDGET (self)) - x - size : x;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (left, middle - size / 2, size, size);
  GskRoundedRect shape;
  GdkRGBA color = graph_node_shade (self, pl_range_rgba (self->node.range, self->colors.is_dark));

  gsk_rounded_rect_init_from_rect (&shape, &bounds, size * corners[self->node.range]);
  if (self->node.role == PL_ROLE_LISTENING || self->node.range == PL_RANGE_NONE)
    {
      const float thick = MAX (1.5, self->unit * 2);
      const float widths[4] = { thick, thick, thick, thick };
      const GdkRGBA colors[4] = { color, color, color, color };

      gtk_snapshot_append_border (snapshot, &shape, widths, colors);
      return;
    }
  gtk_snapshot_push_rounded_clip (snapshot, &shape);
  gtk_snapshot_append_color (snapshot, &color, &bounds);
  gtk_snapshot_pop (snapshot);
}

/* Fits the second word into @room px beside the title: a short one whole or not at all, of a long one most is told. */
static gboolean
fit_word (PlGraphNode *self, double room)
{
  const char *words[] = { self->subtitle, NULL };
  const PlNodeFont font = graph_node_subtitle_font ();
  double natural;

  if (self->detail != DETAIL_ALL || *self->subtitle == 0)
    return FALSE;
  if (!node_text_fit (self->subtitle_layout, words, &font, room, FALSE))
    return TRUE;
  natural = node_text_width (self->subtitle_layout);
  if ((self->node.flags & (PL_SCENE_LISTENER | PL_SCENE_BUNDLE)) || natural <= LONG_WORD * self->unit
      || natural * MOSTLY > room)
    return FALSE;
  self->is_cut = TRUE;
  return TRUE;
}

/* Words, or only the count: as those beside it have it, too. (transfer none) */
static const char *const *
brief_enough (PlGraphNode *self, const char *const *titles, double room)
{
  const PlNodeFont font = graph_node_title_font (self);
  g_autofree char *wide = pl_scene_dup_wide_words (titles[0]);
  const char *words[] = { wide, NULL };

  return titles[1] && node_text_fit (self->title_layout, words, &font, room, FALSE) ? titles + 1 : titles;
}

/* What of a chip's words has room: of a bundle at least how many it is; of a listener who can reach it as a word and an
 * icon, or only the word, or only the icon. A port that has no room beside that takes @mark_room, too: its outline tells its
 * range as well, and small digits are hard to read. */
static void
fit_chip (PlGraphNode *self, double room, double mark_room)
{
  double u = self->unit;
  g_auto (GStrv) shorter = pl_scene_node_dup_short_titles (&self->node);
  const char *whole[] = { self->title, NULL };
  const PlNodeFont font = graph_node_title_font (self), small = { font.weight, font.scale, SMALLEST_PORT };
  const PlNodeFont large = { font.weight, font.scale, 1 };
  const char *const *narrow = *shorter ? (const char *const *)shorter : whole;
  /* "4 more" with the icon tells more than "4 more ports" without, and so does a port in smaller letters */
  double kept = self->node.flags & PL_SCENE_LISTENER ? (TIGHT_GAP + SCOPE_ICON) * u : 0, gap;

  if (self->fitted_width == room)
    return;
  self->fitted_width = room;
  self->has_mark = kept == 0 || *shorter || !node_text_fit (self->title_layout, whole, &large, room - kept, FALSE);
  room += self->has_mark ? 0 : mark_room;
  self->is_cut = (self->is_brief && *shorter) || node_text_fit (self->title_layout, whole, &font, room - kept, FALSE);
  if (self->is_cut && *shorter)
    self->is_cut =
        node_text_fit (self->title_layout, brief_enough (self, narrow, room - kept), &font, room - kept, FALSE);
  if (self->is_cut && kept > 0)
    self->is_cut = node_text_fit (self->title_layout, narrow, &small, room - kept, FALSE);
  if (self->is_cut && kept > 0)
    self->is_cut = node_text_fit (self->title_layout, narrow, &small, room, FALSE);
  room -= node_text_width (self->title_layout) + TIGHT_GAP * u;
  gap = (WORD_GAP - TIGHT_GAP) * u;
  self->has_scope = (self->node.flags & PL_SCENE_LISTENER) != 0;
  if (self->has_scope && fit_word (self, room - gap - SCOPE_ROOM * u))
    {
      self->has_word = TRUE;
      return;
    }
  self->has_word = fit_word (self, room - gap);
  self->has_scope = self->has_scope && !self->has_word && room >= SCOPE_ICON * u;
}

/* Px of a chip of @width: where its mark begins, and where there is room for its words, which end before an arrow. */
typedef struct
{
  double mark_x, mark, text_x, end;
} ChipPlaces;

static ChipPlaces
chip_places (double u, double width, PlRange range)
{
  double spare = CLAMP ((width / u - 84) / 36, 0, 1), round_ends = range == PL_RANGE_DYNAMIC ? 2 : 0;
  double mark = (8.5 + 1.5 * spare) * u, lead = (7 + 2 * spare + round_ends) * u;

  return (ChipPlaces){ lead, mark, lead + mark + (5 + 2 * spare) * u, width - (6 + 2 * spare + round_ends) * u };
}

void
graph_node_snapshot_chip (PlGraphNode *self, GtkSnapshot *snapshot)
{
  double u = self->unit, width = gtk_widget_get_width (GTK_WIDGET (self));
  double middle = gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;
  const ChipPlaces places = chip_places (u, width, self->node.range);
  double text_x = places.text_x, end = places.end, title_width;

  if (self->detail == DETAIL_NONE)
    {
      append_mark (self, snapshot, places.mark_x, middle, places.mark);
      return;
    }
  if (graph_node_has_arrow (self))
    {
      graph_node_append_unfold_arrow (self, snapshot, end - ARROW * u, middle);
      end -= ARROW_ROOM * u;
    }
  fit_chip (self, end - text_x, text_x - places.mark_x);
  if (self->has_mark)
    append_mark (self, snapshot, places.mark_x, middle, places.mark);
  else
    text_x = places.mark_x;
  title_width = node_text_width (self->title_layout);
  if (self->has_scope)
    {
      graph_node_append_scope (self, snapshot, graph_node_is_rtl (self) ? width - end : end - SCOPE_ICON * u,
                               middle - SCOPE_ICON / 2.0 * u, SCOPE_ICON * u, self->colors.dim_text);
      end -= (self->has_word ? SCOPE_ROOM : SCOPE_ICON + TIGHT_GAP) * u;
    }
  graph_node_append_text (self, snapshot, self->title_layout, text_x,
                          middle - node_text_height (self->title_layout) / 2, MIN (title_width + 1, end - text_x),
                          FALSE, self->colors.text);
  text_x += title_width + WORD_GAP * u;
  if (self->has_word)
    graph_node_append_text (self, snapshot, self->subtitle_layout, text_x,
                            middle - node_text_height (self->subtitle_layout) / 2, end - text_x, TRUE,
                            self->colors.dim_text);
}

gboolean
pl_graph_node_has_room (PlGraphNode *self, const char *title, gboolean has_scope)
{
  const PlNodeFont font = graph_node_title_font (self);
  const ChipPlaces places = chip_places (self->unit, self->node.width, PL_RANGE_DYNAMIC);
  const char *titles[] = { title, NULL };
  double kept = (ARROW_ROOM + (has_scope ? TIGHT_GAP + SCOPE_ICON : 0)) * self->unit;
  g_autoptr (PangoLayout) layout = node_text_new (GTK_WIDGET (self), title, &font);

  return !node_text_fit (layout, titles, &font, places.end - places.text_x - kept, FALSE);
}

void
pl_graph_node_set_brief (PlGraphNode *self, gboolean is_brief)
{
  if (self->is_brief == is_brief)
    return;
  self->is_brief = is_brief;
  self->fitted_width = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
