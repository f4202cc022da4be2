/* Who stands next to whom. A newcomer takes its place after its siblings, or in a hole that somebody left; nobody else's
 * order changes. Only the first layout and "Tidy up" sort: by barycenter within a band, among bands by how busy their apps are
 * and, where that makes less than FAR_BUSIER of a difference, by shared endpoints and crossings. */
#include "scene-private.h"

#define FAR_BUSIER 4 /* times: more important than that edges cross */
#define HOLE_REACH 4 /* places from where it belongs that a newcomer goes for a hole */
#define BEHIND_ALL 1e6 /* places */

static Band *
band_new (guint32 app)
{
  Band *band = g_new0 (Band, 1);

  band->app = app;
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    band->lanes[lane] = g_ptr_array_new ();
  return band;
}

void
scene_band_free (gpointer data)
{
  Band *band = data;

  for (guint lane = 0; lane < PL_N_LANES; lane++)
    g_ptr_array_unref (band->lanes[lane]);
  g_free (band);
}

static void
number_places (GPtrArray *lane, guint first)
{
  for (guint i = first; i < lane->len; i++)
    ((Node *)lane->pdata[i])->place = i;
}

static void
put (Band *band, Node *node, guint place)
{
  GPtrArray *lane = band->lanes[node->key.lane];

  g_ptr_array_insert (lane, place, node);
  node->band = band;
  band->has_news = TRUE;
  number_places (lane, place);
}

/* From where it stands to the end of its lane in @band. */
void
scene_order_move (Band *band, Node *node)
{
  GPtrArray *lane = node->band->lanes[node->key.lane];

  g_ptr_array_remove_index (lane, node->place);
  number_places (lane, node->place);
  node->band->has_news = TRUE;
  put (band, node, band->lanes[node->key.lane]->len);
}

/* A hole's node is no longer in the picture; the next sweep frees it. */
static void
take_hole (Band *band, Node *hole, Node *node)
{
  band->lanes[node->key.lane]->pdata[hole->place] = node;
  node->place = hole->place;
  node->band = band;
  band->has_news = TRUE;
  hole->band = NULL;
}

static Node *
nearest_hole (GPtrArray *lane, guint place)
{
  Node *nearest = NULL;
  guint best = HOLE_REACH + 1;

  for (guint i = place > HOLE_REACH ? place - HOLE_REACH : 0; i < lane->len && i <= place + HOLE_REACH; i++)
    {
      Node *node = lane->pdata[i];
      guint distance = i > place ? i - place : place - i;

      if (node->state == STATE_HOLE && distance < best)
        {
          nearest = node;
          best = distance;
        }
    }
  return nearest;
}

static gboolean
is_empty (const Band *band)
{
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    for (guint i = 0; i < band->lanes[lane]->len; i++)
      if (((Node *)band->lanes[lane]->pdata[i])->state != STATE_HOLE)
        return FALSE;
  return TRUE;
}

static void
drop_nodes (Band *band, gboolean (*drop) (Node *, PlScene *), PlScene *scene)
{
  for (guint lane = 0; lane < PL_N_LANES; lane++)
    {
      GPtrArray *nodes = band->lanes[lane];
      guint n_kept = 0;

      for (guint i = 0; i < nodes->len; i++)
        {
          Node *node = nodes->pdata[i];

          if (drop (node, scene))
            {
              node->band = NULL;
              band->has_news = TRUE;
            }
          else
            nodes->pdata[n_kept++] = node;
        }
      g_ptr_array_set_size (nodes, n_kept);
      number_places (nodes, 0);
    }
}

static gboolean
is_hole (Node *node, PlScene *scene)
{
  return node->state == STATE_HOLE;
}

static gboolean
is_old_hole (Node *node, PlScene *scene)
{
  return node->state == STATE_HOLE && scene->now_us - node->hole_us >= SCENE_HOLE_US;
}

/* Known apps stand above the unknown, those above "more apps", and bands without an app at the very end. */
static guint
band_class_of (const Node *app)
{
  if (app->key.kind == KEY_OTHERS)
    return 2;
  return app->pub.flags & PL_SCENE_UNKNOWN_APP ? 1 : 0;
}

static guint
band_class (const Band *band)
{
  return band->lanes[PL_LANE_APP]->len > 0 ? band_class_of (band->lanes[PL_LANE_APP]->pdata[0]) : 3;
}

static gboolean
is_kin (const Band *band, guint32 whole)
{
  return whole != 0 && band->lanes[PL_LANE_APP]->len > 0
         && ((Node *)band->lanes[PL_LANE_APP]->pdata[0])->key.zone == whole;
}

static gboolean
gives_way (Node *node, PlScene *scene)
{
  if (node->state == STATE_LIVE)
    return FALSE;
  node->state = STATE_HOLE; /* it leaves without a trace */
  return TRUE;
}

/* An app was split, or its processes are one again: what stood for it until now keeps no place. Its first band is for the
 * first that comes instead, so that nothing else moves. */
static void
clear_regrouped (PlScene *scene)
{
  for (guint i = 0; i < scene->bands->len && scene->regrouped != 0; i++)
    if (is_kin (scene->bands->pdata[i], scene->regrouped))
      drop_nodes (scene->bands->pdata[i], gives_way, scene);
}

/* Where the processes of one app that is split stand together: its own band that is free now, else a new one after the
 * last of them. NULL when there is none yet. */
static Band *
find_place_of_kin (PlScene *scene, const Node *node)
{
  for (guint i = 0; node->key.zone != 0 && i < scene->bands->len; i++)
    {
      Band *band = scene->bands->pdata[i];

      if (band->whole == node->key.zone && band->lanes[PL_LANE_APP]->len == 0)
        return band;
    }
  for (guint i = scene->bands->len; node->key.zone != 0 && i-- > 0;)
    if (is_kin (scene->bands->pdata[i], node->key.zone))
      {
        g_ptr_array_insert (scene->bands, (int)i + 1, band_new (node->key.app));
        return scene->bands->pdata[i + 1];
      }
  return NULL;
}

static Band *
find_empty (PlScene *scene)
{
  for (guint i = 0; i < scene->bands->len; i++)
    if (is_empty (scene->bands->pdata[i]))
      {
        drop_nodes (scene->bands->pdata[i], is_hole, scene);
        return scene->bands->pdata[i];
      }
  return NULL;
}

static void
place_app (PlScene *scene, Node *node)
{
  Band *band = find_place_of_kin (scene, node);

  if (band == NULL)
    band = find_empty (scene);
  if (band == NULL)
    {
      guint place = scene->bands->len;

      while (place > 0 && band_class (scene->bands->pdata[place - 1]) > band_class_of (node))
        place--;
      band = band_new (node->key.app);
      g_ptr_array_insert (scene->bands, place, band);
    }
  band->app = node->key.app;
  band->whole = node->key.zone;
  put (band, node, 0);
}

static gboolean
is_idle (PlScene *scene, const Node *port)
{
  for (guint i = 0; i < port->n_edges; i++)
    {
      const Edge *edge = scene->adjacency->pdata[port->first_edge + i];

      if (edge->node[PL_LANE_REMOTE_PORT] || edge->node[PL_LANE_ENDPOINT])
        return FALSE;
    }
  return TRUE;
}

/* Above the ports that wait for callers, where who speaks stands. */
static guint
place_before_idle (PlScene *scene, const Band *band)
{
  GPtrArray *ports = band->lanes[PL_LANE_LOCAL_PORT];
  guint place = ports->len;

  while (place > 0 && is_idle (scene, ports->pdata[place - 1]))
    place--;
  return place;
}

/* The place after the last of @node's lane in @band that shares @shared with it; when none does, the end of those that are in
 * use. */
static guint
place_after_siblings (PlScene *scene, Band *band, PlLane lane, const Node *shared)
{
  guint place = 0;
  gboolean found = FALSE;

  for (guint i = 0; shared && i < shared->n_edges; i++)
    {
      const Edge *edge = scene->adjacency->pdata[shared->first_edge + i];
      const Node *sibling = edge->node[lane];

      if (sibling && sibling->band == band && (!found || sibling->place >= place))
        {
          place = sibling->place + 1;
          found = TRUE;
        }
    }
  if (found)
    return place;
  return lane == PL_LANE_LOCAL_PORT ? place_before_idle (scene, band) : band->lanes[lane]->len;
}

/* Ports that wait for callers stand last, by number; the kernel does not tell them so. */
static guint
place_by_number (PlScene *scene, const Band *band, const Node *port)
{
  GPtrArray *ports = band->lanes[PL_LANE_LOCAL_PORT];
  guint place = ports->len;

  while (place > 0 && ((Node *)ports->pdata[place - 1])->pub.port > port->pub.port
         && is_idle (scene, ports->pdata[place - 1]))
    place--;
  return place;
}

static void
place_newcomer (PlScene *scene, Band *band, Node *node, const Node *shared)
{
  guint place = node->key.lane == PL_LANE_LOCAL_PORT && shared == NULL
                    ? place_by_number (scene, band, node)
                    : place_after_siblings (scene, band, node->key.lane, shared);
  Node *hole = nearest_hole (band->lanes[node->key.lane], place);

  if (hole)
    take_hole (band, hole, node);
  else
    put (band, node, place);
}

/* The unknown app's band, also once that app has left it: nobody looks for an endpoint there. Those in a known app's band stay
 * when it leaves and others use them still. */
static gboolean
is_nobodys (PlScene *scene, const Band *band)
{
  return scene->unknown_app != NULL && band->app == scene->unknown_app->id;
}

static gboolean
leaves (Node *node, PlScene *scene)
{
  gboolean is_astray = node->key.lane == PL_LANE_ENDPOINT && node->state == STATE_LIVE && !node->is_at_home;

  for (guint i = 0; i < scene->n_pinned; i++)
    is_astray &= memcmp (&scene->pinned_keys[i], &node->key, sizeof node->key) != 0;
  node->n_moves += is_astray;
  return is_astray;
}

/* An endpoint that was first seen before its app was known stands in the unknown app's band. Once none of that band's own
 * edges lead to it, it leaves, to be placed beside the app that it belongs to. */
static void
release_endpoints (PlScene *scene)
{
  for (guint i = 0; i < scene->node_list->len; i++)
    ((Node *)scene->node_list->pdata[i])->is_at_home = FALSE;
  for (guint i = 0; i < scene->edge_list->len; i++)
    {
      const Edge *edge = scene->edge_list->pdata[i];
      Node *end = edge->node[PL_LANE_ENDPOINT];

      if (edge->state == STATE_LIVE && end)
        end->is_at_home |= end->band == edge->node[PL_LANE_APP]->band;
    }
  for (guint i = 0; i < scene->bands->len; i++)
    if (is_nobodys (scene, scene->bands->pdata[i]))
      drop_nodes (scene->bands->pdata[i], leaves, scene);
}

/* Gives every live node without a place its own. */
void
scene_order_newcomers (PlScene *scene)
{
  clear_regrouped (scene);
  scene->regrouped = 0;
  release_endpoints (scene);
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];

      node->is_placed &= node->band != NULL;
    }
  for (guint i = 0; i < scene->edge_list->len; i++)
    {
      Edge *edge = scene->edge_list->pdata[i];
      Node **node = edge->node;
      Band *band;

      if (edge->state != STATE_LIVE)
        continue;
      if (node[PL_LANE_APP]->band == NULL)
        place_app (scene, node[PL_LANE_APP]);
      band = node[PL_LANE_APP]->band;
      for (PlLane lane = PL_LANE_LOCAL_PORT; lane < PL_N_LANES && node[lane]; lane++)
        {
          PlLane beside = lane == PL_LANE_LOCAL_PORT ? PL_LANE_REMOTE_PORT : lane - 1;

          if (node[lane]->band == NULL)
            place_newcomer (scene, band, node[lane], node[beside]);
          node[lane]->band->has_news |= edge->is_new;
        }
      edge->is_new = FALSE;
    }
}

static void
drop_empty_bands (PlScene *scene)
{
  guint n_kept = 0;

  for (guint i = 0; i < scene->bands->len; i++)
    {
      Band *band = scene->bands->pdata[i];
      guint n_nodes = 0;

      for (guint lane = 0; lane < PL_N_LANES; lane++)
        n_nodes += band->lanes[lane]->len;
      if (n_nodes > 0)
        scene->bands->pdata[n_kept++] = band;
      else
        scene_band_free (band);
    }
  scene->bands->len = n_kept;
}

void
scene_order_drop_holes (PlScene *scene)
{
  for (guint i = 0; i < scene->bands->len; i++)
    drop_nodes (scene->bands->pdata[i], is_old_hole, scene);
  drop_empty_bands (scene);
}

/* Who keeps no place moves no more. */
static gboolean
is_out (Node *node, PlScene *scene)
{
  if (node->state == STATE_LIVE)
    return FALSE;
  node->from_y = node->ease_y = node->pub.target_y = node->pub.y;
  return TRUE;
}

/* Only who is there keeps a place: no hole, however new, and nobody on the way out, who fades without. */
void
scene_order_close_up (PlScene *scene)
{
  for (guint i = 0; i < scene->bands->len; i++)
    drop_nodes (scene->bands->pdata[i], is_out, scene);
  drop_empty_bands (scene);
}

/* ---- tidying ---- */

static int
compare_wish (gconstpointer a, gconstpointer b)
{
  const Node *one = *(Node *const *)a, *other = *(Node *const *)b;

  if (one->wish != other->wish)
    return one->wish < other->wish ? -1 : 1;
  return one->place < other->place ? -1 : one->place > other->place;
}

/* The mean place of @node's neighbours in @lane of its own band; its own place when they are in others. Behind all, by number, what
 * has none, as a port that waits for callers. */
static double
mean_place (PlScene *scene, const Node *node, PlLane lane)
{
  double sum = 0;
  guint n = 0;
  gboolean has_any = FALSE;

  for (guint i = 0; i < node->n_edges; i++)
    {
      const Edge *edge = scene->adjacency->pdata[node->first_edge + i];
      const Node *other = edge->node[lane];

      has_any |= other != NULL;
      if (other && other->band == node->band)
        {
          sum += other->place;
          n++;
        }
    }
  if (!has_any)
    return BEHIND_ALL + node->pub.port;
  return n > 0 ? sum / n : node->place;
}

static void
sort_lane_by (PlScene *scene, Band *band, PlLane lane, PlLane by)
{
  GPtrArray *nodes = band->lanes[lane];

  for (guint i = 0; i < nodes->len; i++)
    {
      Node *node = nodes->pdata[i];

      node->wish = mean_place (scene, node, by);
    }
  g_ptr_array_sort (nodes, compare_wish);
  number_places (nodes, 0);
}

static int
compare_services (gconstpointer a, gconstpointer b)
{
  const Node *one = *(Node *const *)a, *other = *(Node *const *)b;

  if (one->pub.n_flows != other->pub.n_flows)
    return one->pub.n_flows > other->pub.n_flows ? -1 : 1;
  if (one->pub.port != other->pub.port)
    return one->pub.port < other->pub.port ? -1 : 1;
  return one->pub.id < other->pub.id ? -1 : one->pub.id > other->pub.id;
}

static void
sort_band (PlScene *scene, Band *band)
{
  g_ptr_array_sort (band->lanes[PL_LANE_REMOTE_PORT], compare_services);
  number_places (band->lanes[PL_LANE_REMOTE_PORT], 0);
  for (guint round = 0; round < 3; round++)
    {
      if (round > 0)
        sort_lane_by (scene, band, PL_LANE_REMOTE_PORT, PL_LANE_ENDPOINT);
      sort_lane_by (scene, band, PL_LANE_ENDPOINT, PL_LANE_REMOTE_PORT);
      sort_lane_by (scene, band, PL_LANE_LOCAL_PORT, PL_LANE_ENDPOINT);
      sort_lane_by (scene, band, PL_LANE_LOCAL_PORT, PL_LANE_REMOTE_PORT);
    }
}

/* Endpoints move to the band that has most edges to them. */
static void
rehome_endpoints (PlScene *scene)
{
  for (guint i = 0; i < scene->node_list->len; i++)
    {
      Node *node = scene->node_list->pdata[i];
      Band *best = node->band;
      guint most = 0;

      if (node->key.lane != PL_LANE_ENDPOINT || node->state != STATE_LIVE)
        continue;
      for (guint j = 0; j < node->n_edges; j++)
        {
          Band *band = ((Edge *)scene->adjacency->pdata[node->first_edge + j])->node[PL_LANE_APP]->band;
          guint n = 0;

          for (guint k = 0; k < node->n_edges; k++)
            n += ((Edge *)scene->adjacency->pdata[node->first_edge + k])->node[PL_LANE_APP]->band == band;
          if (n > most || (n == most && band == node->band))
            {
              most = n;
              best = band;
            }
        }
      if (best != node->band)
        scene_order_move (best, node);
    }
}

static int
compare_classes (gconstpointer a, gconstpointer b)
{
  return (int)band_class (*(Band *const *)a) - (int)band_class (*(Band *const *)b);
}

static int
compare_bands (gconstpointer a, gconstpointer b)
{
  const Band *one = *(Band *const *)a, *other = *(Band *const *)b;
  int order = compare_classes (a, b);

  if (order != 0)
    return order;
  if (one->wish != other->wish)
    return one->wish < other->wish ? -1 : 1;
  return one->app < other->app ? -1 : one->app > other->app;
}

/* A band's wish: the busier, the higher. */
static void
weigh_bands (PlScene *scene)
{
  for (guint i = 0; i < scene->bands->len; i++)
    {
      Band *band = scene->bands->pdata[i];
      const Node *app = band->lanes[PL_LANE_APP]->len > 0 ? band->lanes[PL_LANE_APP]->pdata[0] : NULL;

      band->wish = app ? -app->score : 0;
    }
}

/* Whether no app stands above one of its class that is far busier: of those that start below @from, px. */
static gboolean
is_busiest_first (PlScene *scene, double from)
{
  double least = G_MAXDOUBLE;
  guint last = 0;

  for (guint i = 0; i < scene->bands->len; i++)
    {
      const Band *band = scene->bands->pdata[i];
      const Node *app = band->lanes[PL_LANE_APP]->len > 0 ? band->lanes[PL_LANE_APP]->pdata[0] : NULL;

      if (app == NULL || app->state != STATE_LIVE)
        continue;
      if (band_class (band) != last)
        least = G_MAXDOUBLE;
      last = band_class (band);
      if (app->score > FAR_BUSIER * least && app->pub.target_y + app->pub.height > from)
        return FALSE;
      least = MIN (least, app->score);
    }
  return TRUE;
}

gboolean
scene_order_hides_busy (PlScene *scene)
{
  return scene->room > 0 && !is_busiest_first (scene, scene->room);
}

/* @band, then those that share an endpoint with it, but none that would stand above a far busier one for it. */
static void
visit_band (PlScene *scene, Band *band, GPtrArray *visited)
{
  double most = 0;

  if (g_ptr_array_find (visited, band, NULL))
    return;
  g_ptr_array_add (visited, band);
  for (guint i = 0; i < scene->bands->len; i++)
    if (!g_ptr_array_find (visited, scene->bands->pdata[i], NULL))
      most = MAX (most, band_class (scene->bands->pdata[i]) == 0 ? -((Band *)scene->bands->pdata[i])->wish : 0);
  for (guint i = 0; i < scene->bands->len; i++)
    {
      Band *other = scene->bands->pdata[i];
      gboolean shares = FALSE;

      for (guint j = 0; j < band->lanes[PL_LANE_ENDPOINT]->len && !shares; j++)
        {
          const Node *node = band->lanes[PL_LANE_ENDPOINT]->pdata[j];

          for (guint k = 0; k < node->n_edges && !shares; k++)
            shares = ((Edge *)scene->adjacency->pdata[node->first_edge + k])->node[PL_LANE_APP]->band == other;
        }
      if (shares && band_class (other) == 0 && -other->wish * FAR_BUSIER >= most
          && !g_ptr_array_find (visited, other, NULL))
        g_ptr_array_add (visited, other);
    }
}

/* Bands that use a band's endpoints come right after it. */
static void
gather_bands (PlScene *scene)
{
  g_autoptr (GPtrArray) visited = g_ptr_array_new ();

  for (guint i = 0; i < scene->bands->len; i++)
    visit_band (scene, scene->bands->pdata[i], visited);
  for (guint i = 0; i < visited->len; i++)
    scene->bands->pdata[i] = visited->pdata[i];
}

/* An order that can be gone back to: (band, lane, nodes) one after the other. */
typedef struct
{
  GPtrArray *bands, *nodes;
  GArray *lengths;
} Order;

static void
order_save (PlScene *scene, Order *order)
{
  order->bands = g_ptr_array_new ();
  order->nodes = g_ptr_array_new ();
  order->lengths = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < scene->bands->len; i++)
    {
      Band *band = scene->bands->pdata[i];

      g_ptr_array_add (order->bands, band);
      for (guint lane = 0; lane < PL_N_LANES; lane++)
        {
          g_array_append_val (order->lengths, band->lanes[lane]->len);
          g_ptr_array_extend (order->nodes, band->lanes[lane], NULL, NULL);
        }
    }
}

static void
order_restore (PlScene *scene, const Order *order)
{
  guint next = 0;

  for (guint i = 0; i < order->bands->len; i++)
    {
      Band *band = order->bands->pdata[i];

      scene->bands->pdata[i] = band;
      for (guint lane = 0; lane < PL_N_LANES; lane++)
        {
          guint n = g_array_index (order->lengths, guint, i * PL_N_LANES + lane);

          g_ptr_array_set_size (band->lanes[lane], n);
          for (guint j = 0; j < n; j++)
            {
              Node *node = order->nodes->pdata[next++];

              band->lanes[lane]->pdata[j] = node;
              node->band = band;
              band->has_news = TRUE;
              node->place = j;
            }
        }
    }
}

static void
order_clear (Order *order)
{
  g_ptr_array_unref (order->bands);
  g_ptr_array_unref (order->nodes);
  g_array_unref (order->lengths);
}

/* Tries the present order, one sorted by how busy apps are and one that also gathers bands with common endpoints; the later
 * wins where it crosses no more edges, and the present one only where no app stands above a far busier one. Leaves every
 * node's target where it stands now: the caller places. */
void
scene_order_tidy (PlScene *scene)
{
  Order best = { 0 };
  guint fewest, n;
  gboolean may_stay;

  for (guint i = 0; i < scene->bands->len; i++)
    drop_nodes (scene->bands->pdata[i], is_hole, scene);
  drop_empty_bands (scene);
  g_ptr_array_sort (scene->bands, compare_classes); /* stable: within a class the present order */
  weigh_bands (scene);
  may_stay = is_busiest_first (scene, -G_MAXDOUBLE);
  scene_place (scene, PLACE_AFRESH);
  fewest = may_stay ? pl_scene_count_crossings (scene) : G_MAXUINT;
  order_save (scene, &best);

  rehome_endpoints (scene);
  for (guint i = 0; i < scene->bands->len; i++)
    sort_band (scene, scene->bands->pdata[i]);
  g_ptr_array_sort (scene->bands, compare_bands);
  for (guint attempt = 0; attempt < 2; attempt++)
    {
      if (attempt == 1)
        gather_bands (scene);
      scene_place (scene, PLACE_AFRESH);
      n = pl_scene_count_crossings (scene);
      if (n <= fewest)
        {
          fewest = n;
          order_clear (&best);
          order_save (scene, &best);
        }
    }
  order_restore (scene, &best);
  drop_empty_bands (scene);
  order_clear (&best);
}
