/* What the files of scene/ share. Nothing here leaves the room but to its own tests. */
#pragma once
#include <string.h>

#include "redactor.h"
#include "scene.h"

#define SCENE_EASE_US 200000      /* a node on its way, a newcomer appearing */
#define SCENE_LEAVE_US 300000     /* a node whose flows are gone, until it is invisible */
#define SCENE_HOLE_US 10000000   /* its place stays free for the next newcomer */
#define SCENE_FILL_US 3000000     /* after the first layout: while so young, it may be sorted anew */
#define SCENE_GONE_OPACITY 0.4    /* flows that are gone but still told of */
#define SCENE_OTHERS_APP 0xffffffffu /* NodeKey.app of "more apps" */

typedef enum
{
  KEY_PLAIN,  /* one app, one port, one address */
  KEY_GROUP,  /* the temporary ports of one merged edge */
  KEY_CLASS,  /* an app's temporary ports of one range, as far as they are bundled by rule */
  KEY_OTHERS, /* what is left after the busiest apps, service ports or endpoints */
  KEY_PEER,   /* an endpoint that is an app on this computer */
  KEY_NO_PORT,
} KeyKind;

typedef enum /* whose port is the fixed one that was called */
{
  SIDE_REMOTE,
  SIDE_LOCAL,
  SIDE_BOTH, /* neither end's port is temporary, or there are no ports */
} Side;

/* Keys are hashed and compared as bytes: every one starts zeroed. */
typedef struct
{
  guint8 lane, kind, proto, range; /* range: PlRange, or PlScope of endpoints */
  guint16 port, side;
  guint32 app;
  guint32 zone; /* apps: App.whole */
  PlAddr addr;
} NodeKey;

typedef struct
{
  guint32 app, peer; /* peer: app id of a loopback flow's other owner, or 0 */
  guint32 zone;
  guint16 service_port, exact_port; /* exact_port: 0 where temporary ports merge */
  guint8 proto, kind, side, temp_range;
  guint8 is_failed, is_listener;
  guint16 reserved;
  PlAddr addr;
} FineKey;

#define SCENE_GROUP_TOP 33 /* one more than scene-rank.c's highest limit */

typedef struct _App App;
typedef struct _Node Node;
typedef struct _Edge Edge;
typedef struct _Band Band;

/* A port or host of an app that may stay single or join "more". */
typedef struct
{
  NodeKey node;
  guint32 app, reserved;
} SceneCandidateKey;

typedef struct
{
  NodeKey key;
  guint64 ranking, stamp; /* that @n_hidden and @n_members were counted in */
  guint n_hidden, n_members, n_live_members;
  struct _SceneCandidate *one; /* of those that are hidden */
} SceneOthers;

typedef struct _SceneCandidate
{
  SceneCandidateKey key;
  SceneOthers *others; /* that it is counted with while it is not shown */
  App *owner;
  guint64 ranking; /* that it was counted in */
  double score;
  guint n_lines;       /* that lead to it, at most */
  gboolean is_live;    /* of its flows some did not end */
  gboolean is_shown, was_shown;
  gboolean is_lonely;  /* shown for want of company, not for its score: that earns no bonus */
  gboolean is_asked;   /* shown because somebody unfolded what it was in */
  gboolean has_bonus;
} SceneCandidate;

/* The busiest of an app's local services, remote services or hosts. */
typedef struct
{
  guint n;
  SceneCandidate *top[SCENE_GROUP_TOP];
} SceneGroup;

struct _App
{
  guint32 id, whole; /* whole: id of the app that this is one process of; its own id where it is not split */
  gint32 pid;        /* of the one process; 0 for a whole app */
  guint n_processes; /* counted by pid in this update */
  guint64 stamp, ranking;
  char *key, *name, *icon_name;
  gboolean is_unknown;
  double score;
  gboolean is_live; /* of its flows some did not end */
  gboolean is_shown, was_shown;
  gboolean is_asked; /* shown because "more apps" was unfolded */
  gboolean is_dense, was_dense; /* its temporary ports are one chip a range */
  guint n_temporary[2];         /* ports, or groups of them, that it would show; by side, local first */
  SceneGroup groups[PL_N_LANES - PL_LANE_LOCAL_PORT]; /* by lane, from the local ports on */
};


/* Flows merged by nature: one app, one service, one host, one range of temporary ports. */
typedef struct
{
  FineKey key;
  guint64 id, stamp, first_flow_id;
  App *app, *peer;
  guint n_flows, n_gone, n_closed, n_unsure, n_inbound, n_outbound;
  guint16 min_port, max_port; /* of the temporary side; the fixed ports where there is none */
  PlFailure failure;
  PlPlace place;              /* where that failed */
  guint failures;             /* 1 << PlFailure of each kind */
  PlScope bind_scope;         /* listeners: the widest */
  guint8 local_role, remote_role;
  double rate, score;
  char *host;                 /* what the other end is called, of the first flow of which that is known; nullable */
  guint n_named;              /* of this update: 0 says that host is not its */
  gboolean has_other_hosts;   /* some are called otherwise */
  gboolean is_host_sure;      /* one of them asked for it by that name */
  Edge *edge;                 /* that draws it now */
  Node *nodes[PL_N_LANES];    /* that it ran through at the last update */
  SceneCandidate *candidates[PL_N_LANES]; /* its host, and its ports but for a temporary one; NULL for what stands by no rank */
} Fine;

typedef enum
{
  STATE_LIVE,
  STATE_LEAVING, /* fading where it stood */
  STATE_HOLE,    /* invisible, keeps its place */
} State;

struct _Node
{
  NodeKey key;
  PlSceneNode pub;
  State state;
  guint64 stamp;
  gint64 hole_us;            /* when it became a hole */
  double from_y, from_opacity, target_opacity;
  double ease_y;             /* what the running ease ends at: pub.target_y but while placing */
  gint64 move_start_us, fade_start_us;
  Band *band;
  char *title, *subtitle, *icon_name;
  char *app_key;             /* App.key of it, which outlives the App; nullable */
  guint n_gone, n_closed, n_failed, n_unsure, n_inbound;
  guint n_listeners, n_gone_listeners; /* of n_flows, of n_gone */
  App *app;                  /* only while updating */
  const char *host;          /* only while updating: Fine.host of its first; nullable */
  gboolean has_other_hosts, is_host_sure;
  guint32 whole;             /* App.whole of it */
  gint32 pid;                /* App.pid of it */
  guint16 min_port, max_port;
  guint16 last_port;         /* of a bundle that has one left, all others having ended; else 0 */
  guint8 *seen_ports;        /* a bit for each; only while they are counted */
  guint n_members;           /* apps, ports or hosts that "others" stands for; without those that fade, unless all do */
  guint first_edge, n_edges; /* into PlScene.adjacency */
  guint index;               /* among the public nodes, or G_MAXUINT */
  guint place;               /* in its band's lane */
  double offset_y;           /* its middle's target from its band's top */
  double wish;               /* while ordering: where it would like to be */
  double score;              /* of its flows: bytes, rate and their number, as scene-rank.c has it */
  gboolean is_marked, is_placed;
  gboolean is_at_home;       /* while ordering: an edge of its own band's app leads to it */
  gboolean is_unfolded;      /* by itself only because what it was in is unfolded */
  guint n_moves;             /* from one band to another */
};

typedef struct
{
  guint64 fine_id; /* an edge of one fine edge: keyed by it alone */
  guint64 node[PL_N_LANES];
  guint8 proto, is_failed, side, is_listener;
  guint32 reserved;
} EdgeKey;

struct _Edge
{
  EdgeKey key;
  PlSceneEdge pub;
  State state;
  guint64 stamp;
  Node *node[PL_N_LANES]; /* NULL past a listener's dock */
  guint n_gone, n_unsure, n_inbound, n_outbound;
  double from_opacity, target_opacity;
  gint64 fade_start_us, move_start_us;
  double from_dock[PL_N_LANES], target_dock[PL_N_LANES];
  gboolean is_docked, is_new, is_unfolded;
};

/* One app's stretch of y. An app that left may leave a band behind that still holds endpoints of others. */
struct _Band
{
  guint32 app, whole; /* NodeKey.app and .zone of the app that is or was here */
  GPtrArray *lanes[PL_N_LANES]; /* (element-type Node) in order, holes among them */
  double top, height;
  gboolean has_news; /* a node or edge came, or a hole closed: to be placed anew */
  double wish; /* while tidying */
};

typedef struct
{
  double unit;   /* 1 at a line height of 18 px */
  gboolean is_stacked;
  double lane_x[PL_N_LANES], lane_width[PL_N_LANES];
  double card_height, chip_height, card_gap, chip_gap, band_gap, margin_y, indent;
} Metrics;

/* How many ports of a group are drawn one by one, and how many of this update are already. */
typedef struct
{
  guint n_refs; /* keys that share it: those of a line's groups */
  guint budget, n_used;
  guint n_shown; /* of a "more": so many as have no more lines than LINES_PER_THING allow; 0: not known yet */
  guint64 stamp;
  gboolean is_passing; /* as long as somebody looks at it closely */
} Unfolded;

typedef struct
{
  guint64 flow_id;
  Fine *fine;
  guint16 port; /* of the temporary side, or of the fixed one where there is none */
  guint16 is_gone;     /* it ended, and fades */
  guint16 reserved[2]; /* 0: compared as bytes */
} FlowRef;

/* How much is folded. */
typedef struct
{
  guint level;       /* 0 least */
  guint n_extra;     /* so many hosts and ports of each app more than the level says, as there is room for them */
  gint64 level_us;   /* when the level changed */
  gint64 checked_us; /* when it was asked last whether it fits */
  guint n_checked;   /* fine edges there were then */
} SceneDepth;

struct _PlScene
{
  double width, line_height;
  Metrics metrics;
  gboolean is_animated, is_laid_out;
  gboolean is_young;     /* since it was laid out nobody asked for anything */
  gint64 laid_out_us;    /* when it was laid out first */
  guint64 sorted_id;     /* nodes up to this id were there when it was sorted */
  guint64 stamp, next_id, next_ranking;
  guint64 gathering;     /* stamp of the flows, apps and fine edges of one update; nodes and edges have @stamp */
  guint32 next_app;
  gint64 now_us;

  GHashTable *apps;      /* key → App (owned) */
  GHashTable *processes; /* PlProcess (owned) → App, while gathering */
  GHashTable *pids;      /* counted already, while gathering */
  GHashTable *split;     /* App.whole of apps drawn process by process */
  guint32 regrouped;     /* App.whole of the one split or joined since the last update; 0 none */
  App *unknown_app;
  GHashTable *fines;     /* FineKey → Fine */
  GPtrArray *fine_list;  /* owned, in order of appearance */
  GHashTable *nodes;     /* NodeKey → Node */
  GPtrArray *node_list;  /* owned, in order of appearance */
  GHashTable *edges;     /* EdgeKey → Edge */
  GPtrArray *edge_list;  /* owned, in order of appearance */
  GPtrArray *bands;      /* owned, top to bottom */
  GPtrArray *adjacency;  /* Edge: the live edges of each node */
  GArray *flow_refs;     /* FlowRef, in the model's order */
  GArray *next_refs;     /* the same of the next update, while gathering; of the one before, while updating */
  guint next_past;       /* into flow_refs, while gathering: ids of flows only grow */
  guint64 gather_id;     /* PlModelFlow.id that the next part begins at */
  guint n_next_left_out; /* of next_refs */
  guint n_gathered;      /* fine edges of one update */
  GHashTable *unfolded;  /* NodeKey of a bundle → Unfolded (both owned): what of it is drawn one by one */
  GHashTable *unfolded_apps; /* ids of apps that any of those belongs to */

  GHashTable *candidates;    /* SceneCandidateKey → SceneCandidate */
  GPtrArray *candidate_list; /* owned */
  GHashTable *others;        /* NodeKey → SceneOthers (owned): those that candidates may join */
  GPtrArray *ranked_apps;    /* App, busiest first */
  App *others_app;           /* "more apps" */
  SceneDepth depth, depth_before; /* of folding; before: as it was when what is gathered was ranked */
  gboolean is_ranked;    /* what was gathered is, but it is not drawn yet */
  guint64 ranked_pin;    /* @pinned then */
  double room;           /* px of height that are seen; 0 unknown */
  guint ranking_level;   /* that things are ranked for right now */
  gint64 widths_us;      /* when lines last took the width of their rate */
  guint n_folded;
  PlFlowFilter *filter;  /* nullable */
  guint n_left_out;      /* flows that it keeps back */
  double height;
  double origin;         /* how far down everything is shifted for what is pinned, px */
  guint64 pinned;        /* id of a node or edge, 0 none */
  double pinned_x;       /* px, of an edge */
  double held_y;         /* where it stood when it was pinned, px; NAN when nothing is held */
  NodeKey pinned_keys[PL_N_LANES]; /* while ranking */
  guint n_pinned;
  const Node *pinned_nodes[PL_N_LANES]; /* the same by lane; nullable */
  GArray *public_nodes, *public_edges;
};

/* scene.c */
guint scene_key_hash (gconstpointer bytes, gsize length);
guint scene_node_key_hash (gconstpointer key);
gboolean scene_node_key_equal (gconstpointer a, gconstpointer b);
Node *scene_get_node (PlScene *scene, guint64 node_id);
Edge *scene_get_edge (PlScene *scene, guint64 edge_id);
void scene_begin (PlScene *scene);
void scene_add_flow (PlScene *scene, const PlModelFlow *flow);
void scene_end (PlScene *scene, gint64 now_us);

/* scene-merge.c: flows to fine edges */
guint scene_openness (PlScope scope); /* the greater, the more can reach a listener bound to an address of it */
void scene_merge_init (PlScene *scene);
void scene_merge_finalize (PlScene *scene);
void scene_merge_sweep (PlScene *scene);
NodeKey scene_group_key (const FineKey *fine, PlLane lane);

/* scene-rank.c: what stays single when edges are many */
void scene_rank_init (PlScene *scene);
void scene_rank_finalize (PlScene *scene);
void scene_rank (PlScene *scene);
void scene_rank_forget (PlScene *scene);
void scene_rank_settle (PlScene *scene);
void scene_rank_expect (PlScene *scene, Fine *fine); /* finds beforehand what it will be ranked by */
double scene_fine_score (const Fine *fine); /* how busy it is */

/* scene-keys.c: the nodes of a fine edge */
NodeKey scene_port_key (const Fine *fine, PlLane lane);
NodeKey scene_endpoint_key (const Fine *fine);
gboolean scene_is_ranked_port (const Fine *fine, PlLane lane);
gboolean scene_is_asked_port (const Fine *fine);
App *scene_app_shown (PlScene *scene, const Fine *fine);
guint scene_rank_nodes (PlScene *scene, const Fine *fine, NodeKey keys[PL_N_LANES], gboolean *is_folded);
NodeKey scene_rank_others (const SceneCandidate *candidate);
PlScope scene_coarse_scope (PlScope scope);

/* scene-unfold.c: what somebody asked to see one by one */
void scene_unfold_init (PlScene *scene);
void scene_unfold_finalize (PlScene *scene);
void scene_unfold_clear (PlScene *scene);
guint scene_unfolded_budget (PlScene *scene, const NodeKey *bundle); /* 0: not unfolded */
gboolean scene_takes_unfolded (PlScene *scene, const FineKey *fine, const App *app);
gboolean scene_is_unfolded (PlScene *scene, const Fine *fine, PlLane lane);
extern const NodeKey scene_more_apps;

/* scene-fold.c: fine edges to nodes and drawn edges */
void scene_fold (PlScene *scene);
void scene_index_edges (PlScene *scene);

/* scene-order.c: who stands next to whom */
void scene_order_newcomers (PlScene *scene);
void scene_order_drop_holes (PlScene *scene);
void scene_order_move (Band *band, Node *node);
void scene_order_close_up (PlScene *scene);
gboolean scene_order_hides_busy (PlScene *scene); /* an app that is far busier than one on the first screen is not on it */
void scene_order_tidy (PlScene *scene);
void scene_band_free (gpointer band);

/* scene-place.c: where everything stands */
void scene_place_metrics (PlScene *scene);
typedef enum
{
  PLACE_CALMLY,  /* what stands already moves little */
  PLACE_CLOSED,  /* bands that have news afresh, the others as they are; eased */
  PLACE_AFRESH,  /* where it would ideally be; eased */
  PLACE_AT_ONCE, /* the same, without easing */
} PlaceMode;

void scene_place (PlScene *scene, PlaceMode mode);
void scene_place_lanes (PlScene *scene); /* they are as wide as the metrics say now; nobody stands higher or lower for it */
double scene_pinned_y (PlScene *scene);
void scene_space_out (const double *wishes, const double *heights, double gap, guint n, double top, double bottom,
                      double *middles);

/* scene-path.c: the ways of edges */
double scene_edge_target_y (const Edge *edge, double x);

/* scene-text.c: what nodes say */
void scene_text_update (PlScene *scene);
void scene_text_redact (PlRedactor *redactor, const Node *node, char **title, char **subtitle);
char *scene_text_shorten (const char *subtitle, guint flags); /* (nullable): of one part */

static inline gboolean
scene_has_ports (const Fine *fine)
{
  return fine->key.kind == PL_KIND_PORTS;
}

static inline gboolean
scene_is_port_lane (guint lane)
{
  return lane == PL_LANE_LOCAL_PORT || lane == PL_LANE_REMOTE_PORT;
}

static inline double
scene_node_middle (const Node *node)
{
  return node->pub.target_y + node->pub.height / 2;
}
