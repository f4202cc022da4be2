/* Which nodes a fine edge runs through: its own, or those that stand for others, too. Pure; no geometry in here. */
#include "scene-private.h"

/* The key of a port that stays single: the service's own, or the one temporary port there is, or the group of them. */
NodeKey
scene_port_key (const Fine *fine, PlLane lane)
{
  NodeKey key = { .lane = lane, .kind = KEY_PLAIN, .proto = fine->key.proto };
  gboolean is_service = (fine->key.side == SIDE_LOCAL) == (lane == PL_LANE_LOCAL_PORT);

  if (!scene_has_ports (fine))
    {
      key.kind = KEY_NO_PORT;
      key.range = PL_RANGE_NONE;
      key.port = fine->key.kind;
    }
  else if (fine->key.side == SIDE_BOTH)
    key.port = lane == PL_LANE_LOCAL_PORT ? fine->key.exact_port : fine->key.service_port;
  else if (is_service)
    key.port = fine->key.service_port;
  else if (fine->min_port == fine->max_port)
    key.port = fine->min_port;
  else
    key = scene_group_key (&fine->key, lane);
  if (key.kind == KEY_PLAIN)
    key.range = pl_port_range (key.port);
  key.app = fine->app->id;
  return key;
}

NodeKey
scene_endpoint_key (const Fine *fine)
{
  NodeKey key = { .lane = PL_LANE_ENDPOINT, .kind = KEY_PLAIN };

  if (fine->peer)
    {
      key.kind = KEY_PEER;
      key.app = fine->peer->id;
      key.range = PL_SCOPE_LOOPBACK;
      return key;
    }
  key.addr = fine->key.addr;
  key.zone = fine->key.zone;
  key.range = pl_addr_scope (&key.addr);
  return key;
}

PlScope
scene_coarse_scope (PlScope scope)
{
  switch (scope)
    {
    case PL_SCOPE_LINK:
      return PL_SCOPE_PRIVATE;
    case PL_SCOPE_BROADCAST:
      return PL_SCOPE_MULTICAST;
    case PL_SCOPE_UNSPECIFIED:
      return PL_SCOPE_INTERNET;
    default:
      return scope;
    }
}

/* Whether the port of this lane is one that was called, or has no temporary counterpart, so that it is ranked. */
gboolean
scene_is_ranked_port (const Fine *fine, PlLane lane)
{
  return fine->key.side == SIDE_BOTH || (fine->key.side == SIDE_LOCAL) == (lane == PL_LANE_LOCAL_PORT);
}

/* Whether its temporary port, or where there are no ports its line, is one that somebody unfolded a group to see. */
gboolean
scene_is_asked_port (const Fine *fine)
{
  return (fine->key.side != SIDE_BOTH || !scene_has_ports (fine)) && fine->key.exact_port != 0;
}

/* The app that @fine counts for: its own, or "more apps". */
App *
scene_app_shown (PlScene *scene, const Fine *fine)
{
  return fine->app->is_shown ? fine->app : scene->others_app;
}

/* A temporary port stays single while there are few, of hosts that are single by rule; else where somebody asked for it or
 * points at it. */
static gboolean
is_temporary_shown (PlScene *scene, const Fine *fine, PlLane lane, const App *shown)
{
  const SceneCandidate *host = fine->candidates[PL_LANE_ENDPOINT];
  gboolean is_host_single = host == NULL || (host->is_shown && !host->is_asked);
  const Node *pinned = scene->n_pinned > 0 ? scene->pinned_nodes[lane] : NULL;

  if (scene_is_asked_port (fine) || (is_host_single && scene->ranking_level == 0 && !shown->is_dense))
    return TRUE;
  return pinned != NULL && pinned == fine->nodes[lane] && pinned->key.kind != KEY_CLASS;
}

/* Whether its app waits for callers at that port as well, as a peer of many does with one socket of datagrams, and it stands single. */
static gboolean
is_called_too (PlScene *scene, const NodeKey *port)
{
  const SceneCandidateKey key = { .node = *port, .app = port->app };
  const SceneCandidate *candidate = g_hash_table_lookup (scene->candidates, &key);

  return candidate && candidate->ranking == scene->next_ranking && candidate->is_shown;
}

/* The node of what stands by no rank: as it is, or (@is_shown FALSE) with others of its range. */
static NodeKey
unranked_key (PlScene *scene, const Fine *fine, PlLane lane, gboolean is_shown, guint32 app)
{
  NodeKey key;

  if (lane == PL_LANE_ENDPOINT)
    return scene_endpoint_key (fine);
  key = scene_port_key (fine, lane);
  key.app = app;
  if (!is_shown && !(fine->key.proto == PL_PROTO_UDP && key.kind == KEY_PLAIN && is_called_too (scene, &key)))
    key = (NodeKey){
      .lane = lane, .kind = KEY_CLASS, .proto = fine->key.proto, .range = fine->key.temp_range, .app = app
    };
  return key;
}

/**
 * scene_rank_nodes:
 * @scene: a scene whose apps, ports and hosts are ranked
 * @fine: a fine edge
 * @keys: (out): its nodes
 * @is_folded: (out): whether any of them stands for others, too, by rule
 *
 * Returns: how many nodes it has: two for a listener, else four
 */
guint
scene_rank_nodes (PlScene *scene, const Fine *fine, NodeKey keys[PL_N_LANES], gboolean *is_folded)
{
  const App *shown = scene_app_shown (scene, fine);
  guint32 app = shown->id;

  keys[PL_LANE_APP] = (NodeKey){ .lane = PL_LANE_APP, .app = app, .zone = shown->whole };
  keys[PL_LANE_APP].kind = app == SCENE_OTHERS_APP ? KEY_OTHERS : KEY_PLAIN;
  *is_folded = app == SCENE_OTHERS_APP;
  for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES; lane++)
    {
      const SceneCandidate *candidate = fine->candidates[lane];
      gboolean is_shown = candidate ? candidate->is_shown
                                    : lane == PL_LANE_ENDPOINT || !scene_has_ports (fine)
                                          || is_temporary_shown (scene, fine, lane, shown);

      if (candidate)
        keys[lane] = is_shown ? candidate->key.node : candidate->others->key;
      else
        keys[lane] = unranked_key (scene, fine, lane, is_shown, app);
      *is_folded |= !is_shown;
    }
  return fine->key.is_listener ? PL_LANE_LOCAL_PORT + 1 : PL_N_LANES;
}

/* What "others" counts a candidate that is not shown with. */
NodeKey
scene_rank_others (const SceneCandidate *candidate)
{
  NodeKey key = { .lane = candidate->key.node.lane, .kind = KEY_OTHERS, .app = candidate->key.app };

  key.range = key.lane == PL_LANE_ENDPOINT ? scene_coarse_scope (candidate->key.node.range) : candidate->key.node.range;
  return key;
}
