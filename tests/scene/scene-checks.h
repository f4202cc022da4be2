/* What must hold of every scene, asserted; and what was, to compare with. Test code. */
#pragma once
#include "scene-private.h"

typedef struct
{
  guint64 id;
  PlLane lane;
  double target_y;
  guint n_moves;
} Was;

/* A lane's nodes from top to bottom; (element-type PlSceneNode) (transfer container). */
GPtrArray *lane_nodes (PlScene *scene, PlLane lane);
/* Nodes keep apart in their lane, and lanes from one another; all within the scene and @width. */
void check_no_overlap (PlScene *scene, double width);
/* The flows and rates of all edges, and of each lane's nodes, are @flows' (element-type PlModelFlow), and so are the ports
 * that a bundle counts. */
void check_sums (PlScene *scene, GArray *flows);
/* Every flow is in exactly one edge's list and in exactly one app's. */
void check_lists (PlScene *scene, GArray *flows);
void check_same (PlScene *one, PlScene *other);
GArray *remember (PlScene *scene); /* (element-type Was) (transfer full) */
/* Who was above stays above. Returns how far anybody moved, px. */
double check_order_kept (PlScene *scene, GArray *was);
/* Lets all come to rest, frame by frame; node @id (0: none) stands still at @y all the while. FALSE once it is gone. */
gboolean settle_holding (PlScene *scene, guint64 id, double y, gint64 *now_us);
/* How many are new, in the lane that has most of them. */
guint count_newcomers (PlScene *scene, GArray *was);
guint count_holes (PlScene *scene);
guint count_edges (PlScene *scene);
const PlSceneNode *find_title (PlScene *scene, PlLane lane, const char *title); /* nullable */
/* An outgoing TCP flow of @app (nullable) to 93.184.216.@host. */
void add_plain (GArray *flows, guint64 id, PlProcess *app, guint16 local_port, guint8 host, guint16 port);
/* A TCP listener of @app that anybody can reach, or (@is_open FALSE) this computer alone. */
void add_dock (GArray *flows, PlProcess *app, guint16 port, gboolean is_open);
