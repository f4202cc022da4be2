/* What the parts of the canvas share. */
#pragma once
#include "edge-layer.h"
#include "edge-strokes.h"
#include "graph-canvas.h"
#include "graph-filter.h"
#include "graph-node.h"
#include "node-pictures.h"

#define GRAPH_MIN_WIDTH_UNITS 320

typedef enum
{
  PICK_NONE,
  PICK_NODE,
  PICK_EDGE,
  PICK_FLOWS, /* from outside: flows, whatever draws them */
} PickKind;

typedef struct
{
  PickKind kind;
  guint64 id; /* of the node, edge or flow */
} Pick;

/* What is lit: what was picked, and for PICK_FLOWS which flows and the edges that draw them now. */
typedef struct
{
  Pick pick;
  GHashTable *flows, *edges; /* sets of guint64; nullable */
} Lit;

/* A place of the plane: its part of the width, 0 to 1 from the left, and px of the scene downwards. */
typedef struct
{
  double x, y;
} GraphPlace;

/* What was chosen when somebody filtered: a node (0: nothing), and how far below the view's upper end it stood, px. */
typedef struct
{
  guint64 node_id;
  double y;
  gboolean is_seen;
} GraphChosen;

/* What the pointer rested on then, which stays where it is, to the pixel. */
typedef struct
{
  Pick pick; /* PICK_NONE: nothing */
  double x; /* px of the scene */
  double y; /* px below the view's upper end: of the node, or of the line at @x */
} GraphHeld;

/* For which width the lanes are laid out: graph-width.c. Px of the widget. */
typedef struct
{
  double laid_px; /* 0: for the widget's */
  double from_px; /* while it eases to the widget's: where from, */
  gint64 start_us; /* and since when; 0: it does not */
  double seen_px, origin_x, window_px; /* as allocated last: own width, where it begins in the window, the window's */
  double shift_px; /* by which the horizontal scroll has yet to follow */
  gint64 followed_us; /* when the lanes followed the widget last */
  guint rest_id, gone_id; /* timers: the pointer rests on bare ground, is not there */
} LaidWidth;

/* The flows are being looked through: graph-search.c. */
typedef struct _GraphLook GraphLook;

/* In which form a lane's bundles of one kind say what they are, and for which of them, and what room, that was found out. */
typedef struct
{
  char *asked; /* nullable */
  gboolean is_brief;
} LaneWords;

#define PL_TYPE_GRAPH_PULSES (pl_graph_pulses_get_type ())
G_DECLARE_FINAL_TYPE (PlGraphPulses, pl_graph_pulses, PL, GRAPH_PULSES, GtkWidget)

struct _PlGraphCanvas
{
  GtkWidget parent_instance;

  PlModel *model; /* nullable */
  PlGraphFilter *filter;
  PlScene *scene;
  PlGraphColors colors;
  double unit; /* px of the scene for one at text of ordinary size */
  double zoom; /* px of the widget for one of the scene */
  double roomy; /* the same at 100 %: 1, or more on a very wide screen */
  GHashTable *nodes; /* guint64 id → PlGraphNode, a child */
  LaneWords lane_words[PL_N_LANES][2]; /* of the ports' lanes, by kind: graph-lane-words.c */
  PlEdgeLayer *edges, *lit;
  GskRenderNode *rules; /* nullable: the lines between the lanes, */
  GskRenderNode *numbers[2]; /* nullable: beside the crosses of all lines, of those lit; as seen unscrolled */
  PlNodePictures *pictures;
  double drawn_view[3]; /* where it was scrolled to, both ways, and the zoom */
  double rules_x[PL_N_LANES - 1], rules_height; /* as they stood */
  guint64 structure; /* digest of who is connected with whom, for the words of screen readers */

  GtkAdjustment *adjustments[2]; /* GtkOrientation */
  GtkScrollablePolicy policies[2];
  guint tick_id;
  gboolean was_moving; /* at the last tick: the next one brings it to rest */
  gboolean is_unsynced; /* the nodes' widgets may not be as the scene is */
  gboolean has_new_lines; /* the scene is not as the lines were drawn */
  double line_height, drawn_width, drawn_span; /* drawn for, as graph_canvas_laid_width() and graph_canvas_span() */
  LaidWidth width;
  double origin_y; /* where it began in the window when it was allocated last; 0: not yet */
  double push_px; /* by which the vertical scroll has yet to follow */
  gboolean has_air; /* the view may reach beyond the graph's ends: graph-air.c; */
  gboolean is_landing; /* it is on its way back */
  GraphChosen chosen;
  GraphHeld held;
  gpointer brought_back; /* nullable; how it was drawn, to be brought back once what is filtered to is taken over */
  guint64 anchor_id; /* of the node that stayed where it was when lanes turned into a list or back last; 0: none */
  gboolean is_stale; /* the model went on while we were not seen, or there is other room */
  gboolean has_other_room; /* for more or for fewer */
  guint gather_source; /* 0: what the scene needs is not being gathered */
  gboolean is_gathered; /* all of it, but not taken over yet */
  gboolean is_behind; /* the model went on meanwhile */
  gboolean is_to_settle; /* once all is taken over, */
  void (*then) (PlGraphCanvas *self); /* and this done; nullable */

  Lit hover, selection;
  gboolean is_lit_by_keys; /* by a search, or from elsewhere: a pointer that rests takes no light */
  char *selected_title;
  guint64 selection_serial; /* counts what was selected; what is handed on to another node is the same still */
  Pick pressed; /* that a second click would be for */
  gboolean is_second_press; /* and this is one */
  guint64 line_id; /* the edge that the keys stand at; 0: at the node */
  guint64 line_node_id; /* whose edge that is */
  guint64 trail[PL_N_LANES]; /* of nodes that the keys came by along edges; 0: by none of that lane */
  double unfold_zoom; /* at which something was unfolded in passing last; 0: not since it was small */
  GtkWidget *menu; /* nullable */
  Pick menu_pick; /* while it is open */
  guint64 menu_focus_id; /* of the node that had the keys before */
  guint menu_idle_id;

  char *search; /* case-folded; NULL while nothing is searched */
  GArray *found; /* (element-type guint64) nodes */
  guint64 found_id; /* of the match one stands at */
  guint n_found_flows; /* while no node is found */
  GraphLook *look; /* nullable: not through the flows, or not any more */
  gboolean has_pointer;
  gboolean has_stale_pointer; /* it rests since another document was shown, and means nothing in this one */
  double pointer_x, pointer_y; /* in the widget */
  graphene_point_t pointer_at; /* in the window */
  gboolean is_dragging;
  double drag_start[2], pinch_zoom;
  GraphPlace pinch_place; /* between the fingers */
  guint64 pinch_node_id; /* near it: stays there when something unfolds; 0: nobody pinches */
  guint32 tap_time_ms; /* of the last tap of a finger, and where that was */
  double tap_x, tap_y;
  double seen_scroll_x;
  double glide_from, glide_to, glide_at; /* px of the vertical scroll: it follows what eases; glide_at: as it was set last */
  gint64 glide_start_us; /* 0: it stands */
  gboolean has_pulses, is_animated;
  PlGraphPulses *pulses;
  GtkWidget *tip;
  Pick tip_pick; /* that it is about */
};

/* graph-canvas.c */
void graph_canvas_show_node (PlGraphCanvas *self, const PlSceneNode *node);
void graph_canvas_scroll_to (PlGraphCanvas *self, const PlSceneNode *node, double margin); /* units around it */
void graph_canvas_update_lines (PlGraphCanvas *self);
void graph_canvas_scene_changed (PlGraphCanvas *self); /* emits the signal */
void graph_canvas_zoomed (PlGraphCanvas *self);        /* the same */
void graph_canvas_selection_changed (PlGraphCanvas *self); /* the same */

/* graph-selection.c */
void graph_canvas_select (PlGraphCanvas *self, Pick pick);
const PlSceneNode *graph_canvas_first_port (PlGraphCanvas *self, GHashTable *flows); /* (nullable) */
const PlSceneNode *graph_canvas_choose_flows (PlGraphCanvas *self, GArray *ids); /* (nullable): what to scroll to */

/* graph-zoom.c: between the widget and the scene */
gboolean graph_canvas_use_room (PlGraphCanvas *self, double width);
double graph_canvas_scroll (PlGraphCanvas *self, GtkOrientation orientation); /* px of the widget */
double graph_canvas_world_width (PlGraphCanvas *self);                        /* px of the scene */
double graph_canvas_world_for (PlGraphCanvas *self, double width);            /* the same for @width px of the widget */
double graph_canvas_span (PlGraphCanvas *self); /* px of the scene: its world, or the view where that is wider */
gboolean graph_canvas_is_mirrored (PlGraphCanvas *self);
void graph_canvas_to_scene (PlGraphCanvas *self, double *x, double *y);
void graph_canvas_from_scene (PlGraphCanvas *self, double *x, double *y, double width);
void graph_canvas_configure_adjustments (PlGraphCanvas *self);
void graph_canvas_get_scroll_range (PlGraphCanvas *self, double *lowest, double *highest); /* px, of the vertical scroll */
GraphPlace graph_canvas_place_at (PlGraphCanvas *self, double x, double y); /* px of the widget */
void graph_canvas_hold (PlGraphCanvas *self, double zoom, const GraphPlace *place, double x, double y);
void graph_canvas_zoom_by (PlGraphCanvas *self, double factor);

/* graph-width.c: how wide the lanes are laid out, and what stays where it is when that changes */
double graph_canvas_laid_width (PlGraphCanvas *self); /* px of the widget */
void graph_canvas_follow_top (PlGraphCanvas *self);
gboolean graph_canvas_follow_width (PlGraphCanvas *self, double width, double unit); /* TRUE: 100 % is another zoom now */
void graph_canvas_expect_width (PlGraphCanvas *self); /* somebody does what may change it: that is another change */
gboolean graph_canvas_width_step (PlGraphCanvas *self, gint64 now_us); /* TRUE while it eases */
void graph_canvas_let_width_go (PlGraphCanvas *self); /* eases to what there is */
void graph_canvas_let_go (PlGraphCanvas *self); /* the same up and down, too: nothing is under the pointer */
void graph_canvas_let_go_soon (PlGraphCanvas *self); /* unless a pointer comes */
/* Whether it does so to have in view what begins at @left and ends at @right, px of the widget. */
gboolean graph_canvas_uncover (PlGraphCanvas *self, double left, double right);
void graph_canvas_drop_width (PlGraphCanvas *self); /* the same at once, with what is laid out next */
void graph_canvas_watch_rest (PlGraphCanvas *self, gboolean has_moved);
guint64 graph_canvas_anchor (PlGraphCanvas *self, double *y); /* 0: none */
void graph_canvas_keep_anchor (PlGraphCanvas *self, guint64 node_id, double y);

/* graph-follow.c: the scene follows the model, the widgets follow the scene */
void graph_canvas_refresh (PlGraphCanvas *self);
void graph_canvas_follow_model (PlGraphCanvas *self); /* the same, of very many flows not at once */
/* So, too, and then calls @then; of two such in a row that differ the first is over before the second begins. */
void graph_canvas_refresh_then (PlGraphCanvas *self, void (*then) (PlGraphCanvas *self));
void graph_canvas_stop_gathering (PlGraphCanvas *self);
void graph_canvas_close_up (PlGraphCanvas *self); /* was asked for: no place is kept free, nothing held */
void graph_canvas_close_gaps (PlGraphCanvas *self); /* the same after folding: what is pinned is held */
void graph_canvas_set_out (PlGraphCanvas *self); /* the scene was told to move */
void graph_canvas_reset (PlGraphCanvas *self); /* another source */
void graph_canvas_sync_nodes (PlGraphCanvas *self);
PlGraphNode *graph_canvas_focused_node (PlGraphCanvas *self); /* nullable: the keys go elsewhere */
void graph_canvas_sync_later (PlGraphCanvas *self); /* at the next tick, with all that follows from it */
void graph_canvas_update_pin (PlGraphCanvas *self);
void graph_canvas_start_tick (PlGraphCanvas *self);
gint64 graph_canvas_now_us (PlGraphCanvas *self);

/* graph-lane-words.c: one form of words for the bundles of a lane */
void graph_canvas_agree_on_words (PlGraphCanvas *self);
void graph_canvas_forget_words (PlGraphCanvas *self); /* letters are of another size */

/* graph-refilter.c: other flows are drawn */
void graph_canvas_follow_filter (PlGraphCanvas *self);
void graph_canvas_bring_nothing_back (PlGraphCanvas *self);

/* graph-air.c: what the pointer rests on stays, though there is nothing to scroll to */
gboolean graph_canvas_holds (PlGraphCanvas *self); /* whether the pointer rests on something */
gboolean graph_canvas_is_in_air (PlGraphCanvas *self);
/* Whether what is selected may stay there in a view @page px high that is scrolled to @value. */
gboolean graph_canvas_may_rest (PlGraphCanvas *self, double value, double page);
/* Widens what can be scrolled to, so that @value can. px */
void graph_canvas_add_air (PlGraphCanvas *self, double value, double page, double *lower, double *upper);
/* Eases to where there is something, unless what is selected may rest there. */
void graph_canvas_land (PlGraphCanvas *self);
void graph_canvas_landed (PlGraphCanvas *self); /* it does so no longer */

/* graph-glide.c: the scroll eases as the nodes do */
void graph_canvas_shift_glide (PlGraphCanvas *self, double by); /* px: what it leads to is that much further */
void graph_canvas_glide (PlGraphCanvas *self, double value); /* px, of the vertical scroll */
gboolean graph_canvas_glide_step (PlGraphCanvas *self, gint64 now_us); /* TRUE while it moves */

/* graph-marks.c: what is lit, what is selected, in words */
gboolean graph_canvas_lights_edge (PlGraphCanvas *self, const Lit *lit, const PlSceneEdge *edge);
/* Takes @flows over (nullable). */
void graph_lit_set (Lit *lit, Pick pick, GHashTable *flows);
void graph_canvas_update_marks (PlGraphCanvas *self);
void graph_canvas_update_connections (PlGraphCanvas *self);
const char *graph_edge_arrow (const PlSceneEdge *edge); /* from whoever called, with spaces; both ways where nobody knows */
char *graph_canvas_describe (PlGraphCanvas *self, Pick pick); /* (transfer full) (nullable), for the tooltip */

/* graph-input.c: pointer and keys */
void graph_canvas_add_input (PlGraphCanvas *self);
void graph_canvas_leave_line (PlGraphCanvas *self); /* the keys stand at their node again */
void graph_canvas_keys_come (PlGraphCanvas *self, PlGraphNode *node); /* nullable: they go elsewhere */
void graph_canvas_keys_tabbed (PlGraphCanvas *self);
Pick graph_canvas_pick (PlGraphCanvas *self, double x, double y);
void graph_canvas_hover_changed (PlGraphCanvas *self);
void graph_canvas_hover_nothing (PlGraphCanvas *self);
Pick graph_canvas_under_pointer (PlGraphCanvas *self);
void graph_canvas_pick_again (PlGraphCanvas *self);

/* graph-gestures.c: moved by hand */
void graph_canvas_add_gestures (PlGraphCanvas *self);
gboolean graph_is_touch (GtkGesture *gesture); /* by a finger */

/* graph-match.c: what a node or an edge stands for */
PlFlowMatch *graph_canvas_match (PlGraphCanvas *self, Pick pick);
char *graph_canvas_title (PlGraphCanvas *self, Pick pick); /* (transfer full) (nullable) */
const PlModelFlow *graph_canvas_first_flow (PlGraphCanvas *self, Pick pick);

/* graph-commands.c: what can be done with it */
void graph_canvas_install_commands (GtkWidgetClass *klass);
void graph_canvas_command (PlGraphCanvas *self, Pick pick, const char *command);
void graph_canvas_press (PlGraphCanvas *self, Pick pick);
void graph_canvas_popup (PlGraphCanvas *self, Pick pick, double x, double y);

/* graph-unfold.c: one by one, and together again */
gboolean graph_canvas_unfold (PlGraphCanvas *self, Pick pick);
gboolean graph_canvas_fold (PlGraphCanvas *self, Pick pick);
void graph_canvas_fold_all (PlGraphCanvas *self);
gboolean graph_canvas_can_unfold (PlGraphCanvas *self, Pick pick);
gboolean graph_canvas_can_fold (PlGraphCanvas *self, Pick pick);
void graph_canvas_remember_folds (PlGraphCanvas *self, PlSceneFolds *folds);
/* Somebody looks closer, or no longer: at a point of the widget, px. */
void graph_canvas_zoomed_by_hand (PlGraphCanvas *self, double x, double y);

/* graph-crosses.c: (element-type PlSceneCross) */
/* @above: (nullable): crosses that are drawn over these, with numbers of their own. */
void graph_canvas_update_crosses (PlGraphCanvas *self, GArray *crosses, GArray *above, gboolean is_lit);

/* graph-tip.c */
GtkWidget *graph_tip_new (void); /* (transfer floating) */
void graph_canvas_show_tip (PlGraphCanvas *self, Pick pick, const char *text);
void graph_canvas_follow_tip (PlGraphCanvas *self); /* after another round of the model */
void graph_canvas_hide_tip (PlGraphCanvas *self);

/* graph-pulses.c */
PlGraphPulses *graph_pulses_new (PlGraphCanvas *canvas); /* (transfer floating) */
void graph_pulses_flowed (PlGraphPulses *self);
gboolean graph_pulses_are_running (PlGraphPulses *self); /* for tests */

/* graph-search.c */
void graph_canvas_search_again (PlGraphCanvas *self);
void graph_canvas_stop_looking (PlGraphCanvas *self);
gboolean graph_canvas_is_found (PlGraphCanvas *self, guint64 node_id);

/* graph-walk.c: from node to node by arrow keys. NULL: nowhere to go. Pure. */
const PlSceneNode *graph_walk_lane (PlScene *scene, const PlSceneNode *from, int step);
const PlSceneNode *graph_walk_edge (PlScene *scene, const PlSceneNode *from, int step,
                                    const guint64 trail[static PL_N_LANES]);

/* graph-processes.c: action graph.split */
void graph_canvas_install_actions (GtkWidgetClass *widget_class);
/* From one of the node's edges (0: none) to the next (1) or the one before (-1); 0 past either end. */
guint64 graph_walk_lines (PlScene *scene, const PlSceneNode *node, guint64 edge_id, int step, guint *at, guint *n);
