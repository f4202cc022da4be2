/* What the drawing of cards and that of chips share. */
#pragma once
#include "graph-node.h"
#include "node-text.h"

typedef enum
{
  DETAIL_ALL,
  DETAIL_TITLE,
  DETAIL_NONE,
} Detail;

struct _PlGraphNode
{
  GtkWidget parent_instance;

  PlSceneNode node; /* title, subtitle and icon_name are own copies */
  char *title, *subtitle, *icon_name, *connections, *line;
  gint64 said_us; /* when assistive technologies were told last */
  gboolean is_unsaid;
  PlGraphColors colors;
  double unit;
  double seen; /* unit, zoomed */
  Detail detail;
  double title_scale; /* 1, or more where the title stands alone */
  double fitted_width; /* px that the texts were made to fit; 0: not yet */
  gboolean has_mark, has_word, has_scope; /* of a chip: what has room beside its title */
  gboolean is_brief; /* of a bundle: it says less than all, as another of its lane has to */
  gboolean is_cut; /* as it was drawn last: a text did not fit, though smaller or in fewer words */
  PlNodeMarks marks;
  PangoLayout *title_layout, *subtitle_layout;
  PangoLayout *letter_layout; /* nullable: of a card's avatar */
  GtkIconPaintable *icon; /* nullable */
};

/* graph-node.c */
GdkRGBA graph_node_shade (const PlGraphNode *self, GdkRGBA color); /* fainter where another path is lit */
gboolean graph_node_has_arrow (const PlGraphNode *self);
gboolean graph_node_is_rtl (PlGraphNode *self);
PlNodeFont graph_node_title_font (const PlGraphNode *self);
PlNodeFont graph_node_subtitle_font (void);
void graph_node_append_text (PlGraphNode *self,
                             GtkSnapshot *snapshot,
                             PangoLayout *layout,
                             double x,
                             double y,
                             double width,
                             gboolean at_end,
                             GdkRGBA color);
void graph_node_append_scope (
    PlGraphNode *self, GtkSnapshot *snapshot, double x, double y, double size, GdkRGBA color);
void graph_node_append_unfold_arrow (PlGraphNode *self, GtkSnapshot *snapshot, double x, double middle);

/* graph-node-chip.c */
void graph_node_snapshot_chip (PlGraphNode *self, GtkSnapshot *snapshot);
