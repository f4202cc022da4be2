/* The graph as geometry: four lanes of nodes, edges that run through them, order that stays. Pure: reads a PlModel, knows
 * no GTK, no clock and no screen (time and sizes come in as arguments). The same input gives the same output.
 *
 * Every app has a band, a stretch of y of its own; its ports and the endpoints that it was the first to reach stand in it.
 * What comes later takes its place after its siblings, what goes leaves a hole that the next newcomer fills, so that nobody
 * else moves far. Flows merge into edges by rule; nothing is dropped: the flows of all edges sum up to the model's. */
#pragma once
#include <glib.h>
#include "flow-filter.h"
#include "model.h"

typedef enum
{
  PL_LANE_APP,
  PL_LANE_LOCAL_PORT,
  PL_LANE_REMOTE_PORT,
  PL_LANE_ENDPOINT,
  PL_N_LANES,
} PlLane;

enum /* PlSceneNode.flags, PlSceneEdge.flags */
{
  PL_SCENE_LISTENER = 1 << 0,   /* a dock: waits for clients */
  PL_SCENE_FAILED = 1 << 1,     /* all its flows failed */
  PL_SCENE_FADING = 1 << 2,     /* all its flows ended; opacity says how far */
  PL_SCENE_BUNDLE = 1 << 3,     /* stands for several ports, apps or endpoints */
  PL_SCENE_INBOUND = 1 << 4,    /* the remote end initiated */
  PL_SCENE_UNSURE = 1 << 5,     /* attribution below exact, of more than half of its flows */
  PL_SCENE_UNKNOWN_APP = 1 << 6,
  PL_SCENE_PEER_APP = 1 << 7,   /* an endpoint that is an app on this computer */
  PL_SCENE_OTHERS = 1 << 8,     /* a bundle made for want of room: the rest after the busiest */
  PL_SCENE_OUTBOUND = 1 << 9,   /* the local end initiated; neither bit: unknown */
  PL_SCENE_COVERED = 1 << 10,   /* a listener's edge whose dock has clients: not drawn, not hit */
  PL_SCENE_MANY = 1 << 11,      /* an app of several processes: pl_scene_split_app() */
  PL_SCENE_PROCESS = 1 << 12,   /* one process of an app that is split */
  PL_SCENE_UNFOLDED = 1 << 13,  /* by itself, or fewer in it, as somebody unfolded it: pl_scene_fold() */
  PL_SCENE_LEAVING = 1 << 14,   /* nothing is behind it any longer: it fades where it stood, and is not hit */
  PL_SCENE_PARTLY_UNSURE = 1 << 15, /* attribution below exact of some of its flows, but not of all */
  PL_SCENE_LIKELY_NAME = 1 << 16, /* an endpoint whose name DNS alone told: others may have its address, too */
};

/* Of UDP's lines, whatever their width: those that lie upon one another are a dashed line still. */
#define PL_SCENE_DASH_UNITS 11
#define PL_SCENE_GAP_UNITS 7

#define PL_SCENE_NO_NODE G_MAXUINT /* PlSceneEdge.node: a listener's edge ends at its dock */

typedef struct
{
  guint64 id;      /* stable over updates */
  PlLane lane;
  guint flags;
  double x, y, width, height; /* where it stands now, px; y eases towards target_y */
  double target_y;
  double opacity;
  const char *title, *subtitle; /* owned by the scene until the next update; never NULL */
  const char *icon_name;        /* apps; nullable */
  guint16 port; PlRange range; PlRole role; guint8 proto; /* port lanes */
  PlScope scope;                /* endpoints; of listeners: who can reach them (unspecified: any address) */
  guint n_flows;                /* all behind it, those that ended and fade, too */
  guint n_live, n_listeners;    /* of those that did not: so many flows, and so many that wait for others to call */
  guint n_ports;                /* port lanes: so many numbers, though several flows may go through one; as n_live, or where
                                 * all ended as n_flows */
  guint n_processes;            /* apps: of those that could be named by pid */
  guint failures;               /* 1 << PlFailure of each kind among its flows */
  double rate;                  /* bytes a second, both ways */
} PlSceneNode;

typedef struct
{
  guint64 id;      /* stable */
  guint64 flow_id; /* PlModelFlow.id of its first flow */
  guint node[PL_N_LANES]; /* indices into the scene's nodes, or PL_SCENE_NO_NODE */
  double dock_px[PL_N_LANES]; /* from each node's middle to where this edge passes, px */
  guint flags;
  guint8 proto;
  PlRange local_range, remote_range; /* colour runs from one to the other; PL_RANGE_NONE without ports */
  double width_px; /* by a log of the rate, 1..8 */
  double opacity;
  guint n_flows;   /* those that ended and fade, too */
  guint n_live;    /* those that did not: ×N */
  double rate;
  PlFailure failure; /* of its first */
  PlPlace place;     /* where that failed */
  guint failures;    /* 1 << PlFailure of each kind among its flows */
} PlSceneEdge;

/* One stretch of an edge's centre line: y runs from y0 to y1 by 3t² − 2t³ while x runs from x0 to x1 (x0 < x1). */
typedef struct
{
  double x0, y0, x1, y1;
} PlScenePiece;

enum /* an edge's pieces in their order; a listener has the first alone */
{
  PL_PIECE_APP_LOCAL,
  PL_PIECE_LOCAL, /* behind the local port's chip */
  PL_PIECE_LOCAL_REMOTE,
  PL_PIECE_REMOTE,
  PL_PIECE_REMOTE_ENDPOINT,
  PL_N_PIECES,
};

typedef struct _PlScene PlScene;

PlScene *pl_scene_new (void);
void pl_scene_free (PlScene *scene);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlScene, pl_scene_free)
/* The room there is, px, and the height of one text line, px (text at 2x keeps its layout). */
void pl_scene_set_size (PlScene *scene, double width, double line_height);
/* The same for another width alone, as when something opens beside the graph: lanes become wider or narrower, and nobody stands
 * higher or lower for it, unless lanes turn into a stacked list or back. */
void pl_scene_set_width (PlScene *scene, double width);
/* How much of its height is seen at once, px; 0 (at first): not known. More hosts and ports stay single where there is room for
 * them. Returns whether the next update may draw others for it. */
gboolean pl_scene_set_room (PlScene *scene, double height);
/* FALSE: everything is at its place at once (reduced motion). TRUE at first. */
void pl_scene_set_animated (PlScene *scene, gboolean is_animated);
/* Takes the model's facts over; newcomers find their place by order-preserving insert. @now_us monotonic. */
void pl_scene_update (PlScene *scene, PlModel *model, gint64 now_us);
/* The same for so many flows that it would hold the main loop up: pl_scene_gather() finds out of @n_max flows what an update needs,
 * or where few are left ranks all, and returns whether it did. Until pl_scene_update_gathered() the scene stays what it is; what of
 * the model changes in between, or is unfolded, may wait for the next update. pl_scene_update(), another filter and pl_scene_clear()
 * forget what was gathered. */
void pl_scene_begin_gathering (PlScene *scene);
gboolean pl_scene_gather (PlScene *scene, PlModel *model, guint n_max, gint64 now_us);
void pl_scene_update_gathered (PlScene *scene, gint64 now_us);
/* Only flows that pass @filter (nullable; copied) are drawn, from the next update on. */
void pl_scene_set_filter (PlScene *scene, const PlFlowFilter *filter);
/* Forgets everything at once, for another source. */
void pl_scene_clear (PlScene *scene);
/* Moves what eases; TRUE while something still moves (200 ms eases). */
gboolean pl_scene_tick (PlScene *scene, gint64 now_us);
/* Closes what those that went left free, in the order that there is, from the top: nothing is held any longer. */
void pl_scene_close_up (PlScene *scene, gint64 now_us);
/* The same for somebody who folded or unfolded something: what is pinned stays, and bands in which nothing is free keep
 * their shape. */
void pl_scene_close_gaps (PlScene *scene, gint64 now_us);
/* The same for other room, which nobody asked for: what is to be sorted still is. */
void pl_scene_fit_room (PlScene *scene, gint64 now_us);
/* Who stands next to whom, to be taken back to: of those that left in between each finds its place again, who came since
 * stays behind whom it came after. */
typedef struct _PlSceneOrder PlSceneOrder;
PlSceneOrder *pl_scene_copy_order (PlScene *scene); /* (transfer full) */
void pl_scene_set_order (PlScene *scene, const PlSceneOrder *order, gint64 now_us); /* eases there; nothing is held */
void pl_scene_order_free (PlSceneOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSceneOrder, pl_scene_order_free)
/* All of a document is there: what came while it was read is sorted as if it had come at once, unless somebody has arranged
 * or pinned anything meanwhile. */
void pl_scene_settle (PlScene *scene, gint64 now_us);
/* Sorts anew ("Tidy up"): the busiest apps (by traffic, then by flows) first, and to cross fewer edges. */
void pl_scene_tidy (PlScene *scene, gint64 now_us);
const PlSceneNode *pl_scene_get_nodes (PlScene *scene, guint *n_nodes);
const PlSceneEdge *pl_scene_get_edges (PlScene *scene, guint *n_edges);
const PlSceneNode *pl_scene_find_node (PlScene *scene, guint64 id); /* (nullable): by its id */
const PlSceneEdge *pl_scene_find_edge (PlScene *scene, guint64 id); /* (nullable) */
double pl_scene_get_height (PlScene *scene); /* px needed to show all from y 0 down */
/* From where to where anything is drawn, px: while nodes are on their way further than what is above, and while places are kept below
 * the last that is seen, for who may come back, less far. */
void pl_scene_get_extent (PlScene *scene, double *top, double *bottom);
/* y of the upper end, px: 0, or negative while what is pinned keeps its place though more came above it. */
double pl_scene_get_top (PlScene *scene);
/* Holds a node or an edge (by its id; 0: nothing) where it stands, until another is pinned: the pointer rests on it, or it is
 * selected. The rest makes room for it, upwards if need be; what is pinned is not bundled away either. @x: the px at which
 * an edge is held; ignored for nodes. Once let go, everything eases back with the next update. */
void pl_scene_pin (PlScene *scene, guint64 id, double x);
guint pl_scene_get_n_flows (PlScene *scene);  /* flows in all edges */
guint pl_scene_get_n_folded (PlScene *scene); /* flows not drawn singly */
guint pl_scene_get_n_left_out (PlScene *scene); /* flows that the filter keeps back */
/* The title in fewer words, the fewest last, for where there is little room: "12 more" and "+12" for "12 more hosts"; none
 * where only the whole will do. (transfer full) (array zero-terminated=1) */
char **pl_scene_node_dup_short_titles (const PlSceneNode *node);
/* The same words as wide as a count of three digits has them: where that has no room all of a lane are told in brief, for
 * "×12" beside "4 ports" reads as if they were of two kinds. (transfer full) */
char *pl_scene_dup_wide_words (const char *words);
/* The second line in fewer words, for where there is little room; NULL where it says one thing alone. (transfer full)
 * (nullable) */
char *pl_scene_node_dup_short_subtitle (const PlSceneNode *node);
/* "12 lines stand for 500 flows and 100 listeners", without those that fade, as the model counts them; NULL where each line is
 * one of them. (transfer full) (nullable) */
char *pl_scene_dup_fold_words (PlScene *scene);
/* Whether the room is too narrow for four lanes: then each app stands above its other three. */
gboolean pl_scene_get_is_stacked (PlScene *scene);
/* Left edge and width of a lane, px; of PL_LANE_APP the whole width while stacked. */
void pl_scene_get_lane (PlScene *scene, PlLane lane, double *x, double *width);
/* Flow ids (guint64) of an edge or node. (transfer full) */
GArray *pl_scene_edge_flows (PlScene *scene, guint64 edge_id);
GArray *pl_scene_node_flows (PlScene *scene, guint64 node_id);
/* The edge that draws a flow, 0 when none does. */
guint64 pl_scene_flow_edge (PlScene *scene, guint64 flow_id);
/* The edges that draw any of these flows: set of guint64, as @flows. (transfer full) */
GHashTable *pl_scene_flows_edges (PlScene *scene, GHashTable *flows);
/* Draws one by one what a node or an edge stands for, and nothing else: the ports of a bundle, the flows of a merged edge,
 * the hosts, services or apps of a "more". Of very many PL_SCENE_UNFOLD_STEP come first (of hosts, services and apps the
 * busiest, of flows the oldest), and twice as many each time that what is left is unfolded again. FALSE when @id is neither,
 * or as many are shown already as PL_LIMIT_SCENE_UNFOLDED and its like allow. It shows from the next update on. */
gboolean pl_scene_unfold (PlScene *scene, guint64 id);
gboolean pl_scene_can_unfold (PlScene *scene, guint64 id); /* whether that would do anything */
/* The same for as long as somebody looks closely: folded by pl_scene_fold_passing() unless unfolded by pl_scene_unfold(),
 * too. FALSE also when it is unfolded already. */
gboolean pl_scene_unfold_passing (PlScene *scene, guint64 id);
gboolean pl_scene_fold_passing (PlScene *scene); /* FALSE when there was nothing to fold */
/* Folds again what a node or an edge was unfolded from, all of it: any with PL_SCENE_UNFOLDED will do. FALSE for others. It
 * shows from the next update on. */
gboolean pl_scene_fold (PlScene *scene, guint64 id);
/* Draws each process of an app as a node of its own, or (@is_split FALSE, from any of them) all as one again. It shows from
 * the next update on. FALSE when @node_id is no app, or nothing changes. */
gboolean pl_scene_split_app (PlScene *scene, guint64 node_id, gboolean is_split);
void pl_scene_fold_all (PlScene *scene); /* processes, too */
gboolean pl_scene_has_unfolded (PlScene *scene); /* anything of all that */
/* What is unfolded and split, to be taken back to: valid until pl_scene_clear(). */
typedef struct _PlSceneFolds PlSceneFolds;
PlSceneFolds *pl_scene_copy_folds (PlScene *scene); /* (transfer full) */
void pl_scene_set_folds (PlScene *scene, const PlSceneFolds *folds); /* shows from the next update on */
void pl_scene_folds_free (PlSceneFolds *folds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSceneFolds, pl_scene_folds_free)
/* The edge's centre line, left to right; returns how many pieces it has (PL_N_PIECES, or 1 for a listener). */
guint pl_scene_edge_pieces (PlScene *scene, const PlSceneEdge *edge, PlScenePiece pieces[static PL_N_PIECES]);
/* The y of an edge's centre line at @x, from the S-curves between its four nodes; NAN outside. */
double pl_scene_edge_y (PlScene *scene, const PlSceneEdge *edge, double x);
/* The same once everything stands at its target; beyond the edge's ends the end's. */
double pl_scene_edge_target_y (PlScene *scene, const PlSceneEdge *edge, double x);
/* "refused" and the like for a failed edge's or node's failures, "failed" where they are of several kinds; translated, static. */
const char *pl_scene_failure_words (guint failures);
char *pl_scene_format_rate (double rate); /* bytes a second: "4.2 MB/s", "0 B/s" below one. (transfer full) */
/* Where a failed edge's cross stands; FALSE when it did not fail. */
gboolean pl_scene_edge_cross (PlScene *scene, const PlSceneEdge *edge, double *x, double *y);
typedef struct
{
  double x, y, opacity;
  double before_px, after_px; /* room for a number from its middle to what stands to the left and right */
  guint n_flows; /* failed ones that it stands for: "×N" beside it past one */
} PlSceneCross;
typedef gboolean (*PlSceneEdgeFilter) (const PlSceneEdge *edge, gpointer data);
/* The crosses to be drawn of all edges, or those that pass @filter, of which none lies upon another. (element-type
 * PlSceneCross) (transfer full) */
GArray *pl_scene_crosses (PlScene *scene, PlSceneEdgeFilter filter, gpointer data);
/* Where a number that reaches @reach_px from the cross's middle goes: -1 before it, 1 behind it, 0 nowhere. */
int pl_scene_cross_side (const PlSceneCross *cross, double reach_px);
const PlSceneEdge *pl_scene_edge_at (PlScene *scene, double x, double y, double tolerance_px); /* nullable */
/* Crossings of edges between neighbouring lanes, each node at its target. */
guint pl_scene_count_crossings (PlScene *scene);
