/* One node of the graph: an app's or endpoint's card, or a port's chip. A light widget: its frame is CSS, its words and
 * marks are drawn. Main loop only. */
#pragma once
#include <gtk/gtk.h>
#include "palette.h"
#include "scene.h"

#define PL_TYPE_GRAPH_NODE (pl_graph_node_get_type ())
G_DECLARE_FINAL_TYPE (PlGraphNode, pl_graph_node, PL, GRAPH_NODE, GtkWidget)

typedef enum
{
  PL_NODE_DIMMED = 1 << 0,   /* another path is lit */
  PL_NODE_LIT = 1 << 1,      /* on the path under the pointer */
  PL_NODE_ON_PATH = 1 << 2,  /* on the selected path */
  PL_NODE_SELECTED = 1 << 3, /* selected itself */
  PL_NODE_FOUND = 1 << 4,    /* by the search */
} PlNodeMarks;

/* Action "node.press" and signal "command" (string): "press" (chosen by keyboard or a screen reader), "menu", "hide". */
GtkWidget *pl_graph_node_new (void);
/* Takes @node over; its texts are copied. @unit: px for one at text of ordinary size; @zoom: how large it is seen. */
void pl_graph_node_set (PlGraphNode *self, const PlSceneNode *node, const PlGraphColors *colors, double unit,
                        double zoom);
/* Whether a port's chip as this one has room for @title and an arrow, and (@has_scope) an icon beside it. */
gboolean pl_graph_node_has_room (PlGraphNode *self, const char *title, gboolean has_scope);
/* Whether a bundle says less than all, as another of its lane has to. */
void pl_graph_node_set_brief (PlGraphNode *self, gboolean is_brief);
const PlSceneNode *pl_graph_node_get (PlGraphNode *self);
void pl_graph_node_set_marks (PlGraphNode *self, PlNodeMarks marks);
PlNodeMarks pl_graph_node_get_marks (PlGraphNode *self);
/* What a screen reader says: "Firefox, app, 19 flows, connects to …". */
void pl_graph_node_set_connections (PlGraphNode *self, const char *connections);
/* What is said instead while the keys stand at one of its lines; NULL ends it. */
void pl_graph_node_set_line (PlGraphNode *self, const char *words);
/* Tells assistive technologies at once what they are otherwise told every other second. */
void pl_graph_node_say (PlGraphNode *self);
