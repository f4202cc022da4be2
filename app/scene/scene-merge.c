/* From flows to fine edges: what is one line by nature. Flows of one app to one service on one host, whose temporary ports
 * lie in one range, are one fine edge; failed ones are a line of their own. Main loop or tests; no geometry in here. */
#include "bounds.h"
#include "scene-private.h"

static guint
fine_hash (gconstpointer key)
{
  return scene_key_hash (key, sizeof (FineKey));
}

static gboolean
fine_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (FineKey)) == 0;
}

static void
app_free (gpointer data)
{
  App *app = data;

  g_free (app->key);
  g_free (app->name);
  g_free (app->icon_name);
  g_free (app);
}

static App *
app_new (PlScene *scene, const char *key, const char *name, const char *icon_name)
{
  App *app = g_new0 (App, 1);

  app->id = app->whole = ++scene->next_app;
  app->key = g_strdup (key);
  app->name = g_strdup (name);
  app->icon_name = g_strdup (icon_name);
  return app;
}

static App *
need_app (PlScene *scene, const char *key, const PlProcess *process)
{
  App *app = g_hash_table_lookup (scene->apps, key);

  if (app == NULL)
    {
      app = app_new (scene, key, process->name, process->icon_name);
      g_hash_table_insert (scene->apps, app->key, app);
    }
  else if (app->icon_name == NULL && process->icon_name != NULL)
    app->icon_name = g_strdup (process->icon_name);
  if (app->stamp != scene->gathering)
    app->n_processes = 0;
  app->stamp = scene->gathering;
  return app;
}

/* The app of @process or, where that is split, the process alone. */
static App *
find_app (PlScene *scene, const PlProcess *process)
{
  App *app = need_app (scene, process->app_key, process);

  if (process->pid != 0 && g_hash_table_contains (scene->split, GUINT_TO_POINTER (app->id)))
    {
      g_autofree char *key = g_strdup_printf ("%s\n%d", process->app_key, process->pid);
      guint32 whole = app->id;

      app = need_app (scene, key, process);
      app->whole = whole;
      app->pid = process->pid;
    }
  if (process->pid != 0 && g_hash_table_add (scene->pids, GINT_TO_POINTER (process->pid)))
    app->n_processes++;
  return app;
}

/* Every process is looked up by its key once an update; its other flows are found by its address. */
static App *
app_of_process (PlScene *scene, PlProcess *process)
{
  App *app = g_hash_table_lookup (scene->processes, process);

  if (app == NULL)
    {
      app = find_app (scene, process);
      g_hash_table_insert (scene->processes, pl_process_ref (process), app);
    }
  return app;
}

static App *
unknown_app (PlScene *scene, const PlModelFlow *flow)
{
  if (scene->unknown_app == NULL)
    {
      scene->unknown_app = app_new (scene, "", pl_model_flow_app_name (flow), NULL);
      scene->unknown_app->is_unknown = TRUE;
    }
  return scene->unknown_app;
}

/* With the initiator unknown (seen mid-stream, or a socket alone) the end whose port has a name, or else the lower range,
 * or else the lower number is taken for the one that was called. */
static Side
guess_side (guint8 proto, guint16 local_port, guint16 remote_port)
{
  gboolean local_named = pl_service_name (proto, local_port) != NULL;
  gboolean remote_named = pl_service_name (proto, remote_port) != NULL;
  PlRange local_range = pl_port_range (local_port), remote_range = pl_port_range (remote_port);

  if (local_port == remote_port)
    return SIDE_BOTH;
  if (local_range != remote_range && (local_range == PL_RANGE_WELL_KNOWN || remote_range == PL_RANGE_WELL_KNOWN))
    return local_range < remote_range ? SIDE_LOCAL : SIDE_REMOTE;
  if (local_named != remote_named)
    return local_named ? SIDE_LOCAL : SIDE_REMOTE;
  if (local_range != remote_range)
    return local_range < remote_range ? SIDE_LOCAL : SIDE_REMOTE;
  return local_port < remote_port ? SIDE_LOCAL : SIDE_REMOTE;
}

static Side
flow_side (const PlModelFlow *flow, int local, PlRole local_role, PlRole remote_role)
{
  const PlFlowKey *key = &flow->flow.key;

  if (!pl_flow_has_ports (&flow->flow))
    return SIDE_BOTH;
  if (local_role == PL_ROLE_TEMPORARY)
    return SIDE_REMOTE;
  if (remote_role == PL_ROLE_TEMPORARY)
    return SIDE_LOCAL;
  if (local_role != PL_ROLE_NONE || remote_role != PL_ROLE_NONE)
    return SIDE_BOTH;
  return guess_side (key->proto, key->port[local], key->port[!local]);
}

NodeKey
scene_group_key (const FineKey *fine, PlLane lane)
{
  NodeKey key = { .lane = lane, .kind = KEY_GROUP, .proto = fine->proto, .range = fine->temp_range };

  key.port = fine->service_port;
  key.side = fine->side | (fine->is_failed << 8);
  key.app = fine->app;
  key.zone = fine->zone + fine->peer;
  key.addr = fine->addr;
  return key;
}

static void
listener_key (const PlModelFlow *flow, int local, FineKey *key)
{
  key->is_listener = TRUE;
  key->side = SIDE_LOCAL;
  key->service_port = flow->flow.key.port[local];
  key->temp_range = PL_RANGE_NONE;
}

/* Fills @key; returns the port of the temporary side, or of the fixed one where there is none. */
static guint16
flow_key (PlScene *scene, const PlModelFlow *flow, const Fine *facts, FineKey *key)
{
  const PlFlowKey *wire = &flow->flow.key;
  int local = flow->local_end == PL_END_B ? PL_END_B : PL_END_A;
  guint16 temp_port;

  key->app = facts->app->id;
  key->proto = wire->proto;
  key->kind = wire->kind;
  if (pl_model_flow_is_listener (flow))
    {
      listener_key (flow, local, key);
      return key->service_port;
    }
  key->peer = facts->peer ? facts->peer->id : 0;
  key->zone = facts->peer ? 0 : wire->zone;
  if (facts->peer == NULL)
    key->addr = wire->addr[!local];
  key->is_failed = pl_model_flow_has_failed (flow);
  key->side = flow_side (flow, local, facts->local_role, facts->remote_role);
  if (key->side == SIDE_BOTH)
    {
      key->service_port = pl_flow_has_ports (&flow->flow) ? wire->port[!local] : 0;
      key->exact_port = pl_flow_has_ports (&flow->flow) ? wire->port[local] : 0;
      key->temp_range = PL_RANGE_NONE;
      if (!pl_flow_has_ports (&flow->flow) && scene_takes_unfolded (scene, key, facts->app))
        key->exact_port = MAX (wire->port[local], 1); /* an echo's identifier: what tells one from the other */
      return key->exact_port;
    }
  key->service_port = wire->port[key->side == SIDE_LOCAL ? local : !local];
  temp_port = wire->port[key->side == SIDE_LOCAL ? !local : local];
  key->temp_range = pl_port_range (temp_port);
  if (scene_takes_unfolded (scene, key, facts->app))
    key->exact_port = temp_port;
  return temp_port;
}

guint
scene_openness (PlScope scope)
{
  switch (scope)
    {
    case PL_SCOPE_LOOPBACK:
      return 0;
    case PL_SCOPE_LINK:
      return 1;
    case PL_SCOPE_INTERNET:
      return 3;
    case PL_SCOPE_UNSPECIFIED:
      return 4;
    default:
      return 2;
    }
}

static void
fine_start (Fine *fine, const PlModelFlow *flow, const Fine *facts, guint64 stamp, guint16 port)
{
  fine->stamp = stamp;
  fine->first_flow_id = flow->id;
  fine->app = facts->app;
  fine->peer = facts->peer;
  fine->local_role = facts->local_role;
  fine->remote_role = facts->remote_role;
  fine->n_flows = fine->n_gone = fine->n_closed = fine->n_unsure = fine->n_inbound = fine->n_outbound = 0;
  fine->n_named = 0;
  fine->has_other_hosts = fine->is_host_sure = FALSE;
  fine->min_port = fine->max_port = port;
  fine->failure = PL_FAILURE_NONE;
  fine->place = PL_PLACE_WAY;
  fine->failures = 0;
  fine->bind_scope = PL_SCOPE_LOOPBACK;
  fine->rate = fine->score = 0;
}

static gboolean
is_unsure (const PlModelFlow *flow)
{
  return flow->app != NULL
         && (flow->app_confidence == PL_CONFIDENCE_LIKELY || flow->app_confidence == PL_CONFIDENCE_CGROUP);
}

/* Keeps a copy: between the parts of a gathering the model may let go of its own. */
static void
count_host (Fine *fine, const char *host, PlNameSource source)
{
  if (host == NULL)
    return;
  fine->is_host_sure |= source == PL_NAME_TLS;
  if (fine->n_named++ > 0)
    fine->has_other_hosts |= strcmp (fine->host, host) != 0;
  else if (g_strcmp0 (fine->host, host) != 0)
    {
      g_free (fine->host);
      fine->host = g_strdup (host);
    }
}

static void
fine_count (Fine *fine, const PlModelFlow *flow, guint16 port)
{
  const PlFlow *record = &flow->flow;
  int local = flow->local_end == PL_END_B ? PL_END_B : PL_END_A;

  fine->n_flows++;
  fine->n_gone += flow->is_gone;
  fine->n_closed += flow->is_gone || record->state == PL_STATE_CLOSED || record->state == PL_STATE_RESET;
  fine->n_unsure += is_unsure (flow);
  if (record->initiator_end <= PL_END_B)
    {
      fine->n_outbound += record->initiator_end == local;
      fine->n_inbound += record->initiator_end != local;
    }
  fine->min_port = MIN (fine->min_port, port);
  fine->max_port = MAX (fine->max_port, port);
  if (fine->failure == PL_FAILURE_NONE || pl_model_flow_has_failed (flow))
    {
      fine->failure = flow->diagnosis.failure;
      fine->place = flow->diagnosis.place;
    }
  count_host (fine, flow->host, (PlNameSource)flow->host_source);
  if (flow->diagnosis.failure != PL_FAILURE_NONE)
    fine->failures |= 1u << flow->diagnosis.failure;
  fine->rate += flow->rate_out + flow->rate_in;
  fine->score += record->sent[0].bytes + record->sent[1].bytes;
  if (fine->key.is_listener)
    {
      PlScope scope = pl_model_flow_bind_scope (flow);

      if (fine->n_flows == 1 || scene_openness (scope) > scene_openness (fine->bind_scope))
        fine->bind_scope = scope;
    }
}

/* What a flow was part of at the last update; NULL for none. */
static Fine *
find_past (PlScene *scene, guint64 flow_id)
{
  const GArray *past = scene->flow_refs;

  while (scene->next_past < past->len && g_array_index (past, FlowRef, scene->next_past).flow_id < flow_id)
    scene->next_past++;
  if (scene->next_past < past->len && g_array_index (past, FlowRef, scene->next_past).flow_id == flow_id)
    return g_array_index (past, FlowRef, scene->next_past).fine;
  return NULL;
}

/* @flow leaves another fine edge of its app for a new one, as they are unfolded, folded, or it failed: what draws that takes
 * the place of what drew it before. */
static void
inherit_places (PlScene *scene, Fine *fine, const PlModelFlow *flow)
{
  const Fine *past = find_past (scene, flow->id);

  if (past == NULL || past->key.app != fine->key.app)
    return;
  fine->edge = past->edge;
  memcpy (fine->nodes, past->nodes, sizeof fine->nodes);
}

void
scene_add_flow (PlScene *scene, const PlModelFlow *flow)
{
  int local = flow->local_end == PL_END_B ? PL_END_B : PL_END_A;
  Fine facts = { 0 };
  FineKey key = { 0 };
  FlowRef ref = { .flow_id = flow->id };
  guint16 port;
  Fine *fine = find_past (scene, flow->id);

  facts.app = flow->app ? app_of_process (scene, flow->app) : unknown_app (scene, flow);
  facts.peer = flow->remote_app ? app_of_process (scene, flow->remote_app) : NULL;
  facts.local_role = pl_flow_role (&flow->flow, local);
  facts.remote_role = pl_flow_role (&flow->flow, !local);
  port = flow_key (scene, flow, &facts, &key);
  if (fine == NULL || !fine_equal (&fine->key, &key)) /* most are part of what they were part of */
    fine = g_hash_table_lookup (scene->fines, &key);
  if (fine == NULL)
    {
      fine = g_new0 (Fine, 1);
      fine->key = key;
      fine->id = ++scene->next_id;
      g_hash_table_insert (scene->fines, &fine->key, fine);
      g_ptr_array_add (scene->fine_list, fine);
      fine->app = facts.app;
      fine->peer = facts.peer;
      inherit_places (scene, fine, flow);
      scene_rank_expect (scene, fine);
    }
  if (fine->stamp != scene->gathering)
    {
      fine_start (fine, flow, &facts, scene->gathering, port);
      scene->n_gathered++;
    }
  fine_count (fine, flow, port);
  ref.fine = fine;
  ref.port = port;
  ref.is_gone = flow->is_gone != FALSE;
  g_array_append_val (scene->next_refs, ref);
}

static void
fine_free (gpointer data)
{
  Fine *fine = data;

  g_free (fine->host);
  g_free (fine);
}

static gboolean
app_is_idle (gpointer key, gpointer value, gpointer data)
{
  return ((App *)value)->stamp != ((PlScene *)data)->gathering;
}

/* Drops the fine edges that no flow of this update belongs to. */
void
scene_merge_sweep (PlScene *scene)
{
  guint n_kept = 0;

  for (guint i = 0; i < scene->fine_list->len; i++)
    {
      Fine *fine = scene->fine_list->pdata[i];

      if (fine->stamp == scene->gathering)
        scene->fine_list->pdata[n_kept++] = fine;
      else
        {
          g_hash_table_remove (scene->fines, &fine->key);
          fine_free (fine);
        }
    }
  scene->fine_list->len = n_kept;
  g_hash_table_remove_all (scene->processes);
  g_hash_table_remove_all (scene->pids);
  if (g_hash_table_size (scene->apps) > PL_LIMIT_SCENE_APPS)
    g_hash_table_foreach_remove (scene->apps, app_is_idle, scene);
}

void
scene_merge_init (PlScene *scene)
{
  scene->apps = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, app_free);
  scene->processes = g_hash_table_new_full (NULL, NULL, (GDestroyNotify)pl_process_unref, NULL);
  scene->pids = g_hash_table_new (NULL, NULL);
  scene->split = g_hash_table_new (NULL, NULL);
  scene->fines = g_hash_table_new (fine_hash, fine_equal);
  scene->fine_list = g_ptr_array_new ();
  scene->flow_refs = g_array_new (FALSE, FALSE, sizeof (FlowRef));
  scene->next_refs = g_array_new (FALSE, FALSE, sizeof (FlowRef));
  scene->unknown_app = NULL;
  scene->others_app = g_new0 (App, 1);
  scene->others_app->id = SCENE_OTHERS_APP;
}

void
scene_merge_finalize (PlScene *scene)
{
  g_hash_table_unref (scene->fines);
  g_ptr_array_set_free_func (scene->fine_list, fine_free);
  g_ptr_array_unref (scene->fine_list);
  g_hash_table_unref (scene->processes);
  g_hash_table_unref (scene->pids);
  g_hash_table_unref (scene->split);
  g_hash_table_unref (scene->apps);
  g_clear_pointer (&scene->unknown_app, app_free);
  g_clear_pointer (&scene->others_app, app_free);
  g_array_unref (scene->flow_refs);
  g_array_unref (scene->next_refs);
}
