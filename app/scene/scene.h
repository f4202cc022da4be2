/* The graph as geometry: four lanes of nodes, edges that run through them, order that stays. Pure: reads a PlModel, knows
 * no GTK, no clock and no screen (time and sizes come in as arguments). The same input gives the same output. */
#pragma once
#include <glib.h>
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
  PL_SCENE_UNSURE = 1 << 5,     /* attribution below exact and listener */
  PL_SCENE_UNKNOWN_APP = 1 << 6,
};

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
  PlScope scope;                /* endpoints */
  guint n_flows;
  double rate;                  /* bytes a second, both ways */
} PlSceneNode;

typedef struct
{
  guint64 id;      /* stable */
  guint64 flow_id; /* PlModelFlow.id of its first flow */
  guint node[PL_N_LANES]; /* indices into the scene's nodes */
  guint flags;
  guint8 proto;
  PlRange local_range, remote_range; /* colour runs from one to the other; PL_RANGE_NONE without ports */
  double width_px; /* by a log of the rate, 1..8 */
  double opacity;
  guint n_flows;   /* ×N */
  double rate;
  PlFailure failure;
} PlSceneEdge;

typedef struct _PlScene PlScene;

PlScene *pl_scene_new (void);
void pl_scene_free (PlScene *scene);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlScene, pl_scene_free)
/* The room there is, px, and the height of one text line, px (text at 2x keeps its layout). */
void pl_scene_set_size (PlScene *scene, double width, double line_height);
/* Takes the model's facts over; newcomers find their place by order-preserving insert. @now_us monotonic. */
void pl_scene_update (PlScene *scene, PlModel *model, gint64 now_us);
/* Moves what eases; TRUE while something still moves (200 ms eases). */
gboolean pl_scene_tick (PlScene *scene, gint64 now_us);
/* Sorts lanes anew to cross fewer edges ("Tidy up"). */
void pl_scene_tidy (PlScene *scene, gint64 now_us);
const PlSceneNode *pl_scene_get_nodes (PlScene *scene, guint *n_nodes);
const PlSceneEdge *pl_scene_get_edges (PlScene *scene, guint *n_edges);
double pl_scene_get_height (PlScene *scene); /* px needed to show all */
guint pl_scene_get_n_folded (PlScene *scene); /* flows not drawn singly */
/* Flow ids (guint64) of an edge or node. (transfer full) */
GArray *pl_scene_edge_flows (PlScene *scene, guint64 edge_id);
GArray *pl_scene_node_flows (PlScene *scene, guint64 node_id);
/* The y of an edge's centre line at @x, from the S-curves between its four nodes; NAN outside. */
double pl_scene_edge_y (PlScene *scene, const PlSceneEdge *edge, double x);
const PlSceneEdge *pl_scene_edge_at (PlScene *scene, double x, double y, double tolerance_px); /* nullable */
