/* What a screen reader says of a node. Pure. */
#include "graph-node-words.h"

#include <glib/gi18n.h>

#include "scope-icon.h"

static const char *
role_words (const PlSceneNode *node)
{
  if (node->lane == PL_LANE_APP)
    return (node->flags & PL_SCENE_PARTLY_UNSURE) ? _ ("app, likely for some flows")
           : (node->flags & PL_SCENE_UNSURE)      ? _ ("app, likely")
                                                  : _ ("app");
  if (node->lane == PL_LANE_ENDPOINT)
    return (node->flags & PL_SCENE_PEER_APP)      ? _ ("app on this computer")
           : (node->flags & PL_SCENE_LIKELY_NAME) ? _ ("endpoint, likely by this name")
                                                  : _ ("endpoint");
  if (node->range == PL_RANGE_NONE)
    return _ ("protocol without ports");
  if (node->lane == PL_LANE_REMOTE_PORT)
    return node->role == PL_ROLE_TEMPORARY ? _ ("remote temporary port") : _ ("remote port");
  if (node->flags & PL_SCENE_LISTENER)
    return _ ("local port, listening");
  return node->role == PL_ROLE_TEMPORARY ? _ ("local temporary port") : _ ("local port");
}

static const char *
range_words (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return _ ("well-known range");
    case PL_RANGE_REGISTERED:
      return _ ("registered range");
    case PL_RANGE_DYNAMIC:
      return _ ("dynamic range");
    default:
      return NULL;
    }
}

const char *
graph_node_proto (const PlSceneNode *node)
{
  return node->range != PL_RANGE_NONE && node->proto != 0 ? pl_proto_title (node->proto) : NULL;
}

/* A listener's subtitle is who can reach it, which its label says in full. */
static const char *
kind_words (const PlSceneNode *node)
{
  const char *service;

  if (node->lane != PL_LANE_LOCAL_PORT || !(node->flags & PL_SCENE_LISTENER))
    return node->subtitle;
  service = pl_service_title (node->proto, node->port);
  return service ? service : "";
}

char *
graph_node_description (const PlSceneNode *node)
{
  const char *kind = kind_words (node);
  g_autofree char *rate = NULL;

  if (node->lane == PL_LANE_APP || node->rate < 1)
    return g_strdup (kind);
  rate = pl_scene_format_rate (node->rate);
  return *kind ? g_strdup_printf ("%s · %s", kind, rate) : g_steal_pointer (&rate);
}

static char *
listening_words (guint n)
{
  return g_strdup_printf (g_dngettext (NULL, "listens on %u port", "listens on %u ports", n), n);
}

char *
graph_node_words (const PlSceneNode *node, const char *connections)
{
  GString *label = g_string_new (node->title);
  gboolean is_card = node->lane == PL_LANE_APP || node->lane == PL_LANE_ENDPOINT;
  const char *range = is_card ? NULL : range_words (node->range), *proto = graph_node_proto (node);
  g_autofree char *listens = listening_words (node->n_listeners);

  g_string_append_printf (label, ", %s", role_words (node));
  if (range)
    g_string_append_printf (label, ", %s", range);
  if (proto)
    g_string_append_printf (label, ", %s", proto);
  if (node->flags & PL_SCENE_LISTENER)
    g_string_append_printf (label, ", %s", pl_scope_reach_words (node->scope));
  else if (node->n_live > 0 || node->n_listeners == 0)
    {
      g_string_append (label, ", ");
      g_string_append_printf (label, g_dngettext (NULL, "%u flow", "%u flows", node->n_live), node->n_live);
    }
  if (is_card && node->n_listeners > 0)
    g_string_append_printf (label, ", %s", listens);
  if (node->flags & PL_SCENE_FAILED) /* of a card its description says how */
    g_string_append_printf (label, ", %s", is_card ? _ ("failed") : pl_scene_failure_words (node->failures));
  if (connections && *connections)
    g_string_append_printf (label, ", %s", connections);
  return g_string_free (label, FALSE);
}
