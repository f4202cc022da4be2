/* Bundles of ports that stand one below the other say what they are in the same form: "401 ports" beside "340 dynamic", or "10 more"
 * beside "2 more ports", reads as if they were of two kinds. Where one of a lane has no room for all of it none says all. Main loop
 * only. */
#include "graph-canvas-private.h"

typedef enum
{
  KIND_RANGE, /* "17 dynamic" */
  KIND_REST, /* "4 more ports", beside some that are shown */
  KIND_NONE,
} Kind;

typedef struct
{
  PlGraphNode *chip; /* nullable: one of them */
  char *longest[PL_RANGE_DYNAMIC + 1]; /* nullable: title of each range */
  gboolean has_scope; /* one listens */
} Bundles;

static Kind
kind_of (const PlSceneNode *node)
{
  if (node->range > PL_RANGE_DYNAMIC || (node->flags & (PL_SCENE_BUNDLE | PL_SCENE_LEAVING)) != PL_SCENE_BUNDLE)
    return KIND_NONE;
  return (node->flags & PL_SCENE_UNFOLDED) || ((node->flags & PL_SCENE_OTHERS) && *node->subtitle != 0) ? KIND_REST
                                                                                                        : KIND_RANGE;
}

/* As wide as @title is with any digits, three at least, so that no count has all say other words. (transfer full) */
static char *
with_equal_digits (const char *title)
{
  char *words = pl_scene_dup_wide_words (title);

  for (char *at = words; *at != 0; at++)
    if (g_ascii_isdigit (*at))
      *at = '0';
  return words;
}

static void
find_bundles (PlGraphCanvas *self, PlLane lane, Kind kind, Bundles *bundles)
{
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);

  for (guint i = 0; i < n; i++)
    {
      char **longest = nodes[i].lane == lane && kind_of (&nodes[i]) == kind ? &bundles->longest[nodes[i].range] : NULL;
      g_autofree char *words = NULL;

      if (longest == NULL)
        continue;
      words = with_equal_digits (nodes[i].title);
      bundles->has_scope |= (nodes[i].flags & PL_SCENE_LISTENER) != 0;
      bundles->chip = g_hash_table_lookup (self->nodes, &nodes[i].id);
      if (*longest != NULL && strlen (words) <= strlen (*longest))
        continue;
      g_free (*longest);
      *longest = g_steal_pointer (&words);
    }
}

static gboolean
is_one_too_long (const Bundles *bundles)
{
  for (guint i = 0; i < G_N_ELEMENTS (bundles->longest); i++)
    if (bundles->longest[i] && !pl_graph_node_has_room (bundles->chip, bundles->longest[i], bundles->has_scope))
      return TRUE;
  return FALSE;
}

static gboolean
is_kind_brief (PlGraphCanvas *self, PlLane lane, Kind kind)
{
  LaneWords *words = &self->lane_words[lane][kind];
  Bundles bundles = { 0 };
  g_autoptr (GString) asked = g_string_new (NULL);
  double x, width;

  find_bundles (self, lane, kind, &bundles);
  pl_scene_get_lane (self->scene, lane, &x, &width);
  g_string_append_printf (asked, "%g %g %g %d", width, self->unit, self->zoom, bundles.has_scope);
  for (guint i = 0; i < G_N_ELEMENTS (bundles.longest); i++)
    g_string_append_printf (asked, "\n%s", bundles.longest[i] ? bundles.longest[i] : "");
  if (g_strcmp0 (words->asked, asked->str) != 0)
    {
      words->is_brief = is_one_too_long (&bundles);
      g_free (words->asked);
      words->asked = g_strdup (asked->str);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bundles.longest); i++)
    g_free (bundles.longest[i]);
  return words->is_brief;
}

void
graph_canvas_agree_on_words (PlGraphCanvas *self)
{
  gboolean is_brief[PL_N_LANES][KIND_NONE + 1] = { { FALSE } };
  guint n;
  const PlSceneNode *nodes = pl_scene_get_nodes (self->scene, &n);

  for (PlLane lane = PL_LANE_LOCAL_PORT; lane <= PL_LANE_REMOTE_PORT; lane++)
    for (Kind kind = KIND_RANGE; kind < KIND_NONE; kind++)
      is_brief[lane][kind] = is_kind_brief (self, lane, kind);
  for (guint i = 0; i < n; i++)
    pl_graph_node_set_brief (g_hash_table_lookup (self->nodes, &nodes[i].id),
                             is_brief[nodes[i].lane][kind_of (&nodes[i])]);
}

void
graph_canvas_forget_words (PlGraphCanvas *self)
{
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    for (guint kind = 0; kind < G_N_ELEMENTS (self->lane_words[lane]); kind++)
      g_clear_pointer (&self->lane_words[lane][kind].asked, g_free);
}
