/* The model against a naive one: random batches, dumps, answers, pauses and restarts in any order. After every round both
 * must hold the same flows in the same order with the same facts, and no byte may be lost or counted twice. The naive
 * model is lists and loops. */
#include "facts.h"
#include "bounds.h"

#define N_TUPLES 12
#define N_PROCESSES 6
#define N_STEPS 4000

typedef struct
{
  int confidence;
  PlProcess *process; /* borrowed from the world */
  gboolean is_told, is_missed; /* of who sent */
  gboolean is_app; /* and none of its processes, if it is only likely */
} Owner;

typedef struct
{
  int tuple;
  guint64 capture_id; /* 0: no capture counts it */
  gboolean has_packets, is_in_dump, is_over, is_gone;
  gint64 gone_us; /* -1: not committed yet */
  guint64 bytes[2];
  Owner owner[2];
} Entity;

typedef struct
{
  guint64 capture_id;
  gint64 since_us; /* -1: not committed yet */
  Owner owner[2];
  gboolean is_answered[2];
} Early;

/* What the capture knows: its own table, from which batches are made. */
typedef struct
{
  int tuple;
  PlFlowUpdate update;
} Captured;

typedef struct
{
  PlModel *model;
  PlProcess *processes[N_PROCESSES];
  PlFlowUpdate tuples[N_TUPLES];
  GPtrArray *entities; /* Entity in order of creation */
  Entity *current[N_TUPLES]; /* whom a packet or socket of this tuple would be */
  GPtrArray *captured; /* Captured */
  GPtrArray *earlies; /* Early */
  guint64 last_capture_id, first_capture_id;
  guint64 sent_bytes, left_bytes; /* by the capture; of flows that left it */
  gint64 now_us;
} World;

/* ---- the naive model ---- */

static void
offer (Owner *owner, int confidence, PlProcess *process)
{
  gboolean is_better = confidence > owner->confidence || (confidence == owner->confidence && process != NULL);

  if (is_better && (process != NULL || owner->process == NULL))
    *owner = (Owner){ confidence, process, owner->is_told, owner->is_missed, owner->is_missed };
}

static Entity *
add_entity (World *world, int tuple)
{
  Entity *entity = g_new0 (Entity, 1);

  entity->tuple = tuple;
  g_ptr_array_add (world->entities, entity);
  world->current[tuple] = entity;
  return entity;
}

static Entity *
find_capture (World *world, guint64 capture_id)
{
  for (guint i = 0; i < world->entities->len; i++)
    {
      Entity *entity = world->entities->pdata[i];

      if (entity->capture_id == capture_id)
        return entity;
    }
  return NULL;
}

static void
forget (World *world, Entity *entity)
{
  if (world->current[entity->tuple] == entity)
    world->current[entity->tuple] = NULL;
}

/* At the end that called, who sent counts more than who has the socket. */
static void
tell (World *world, Entity *entity, int end, int confidence, PlProcess *process)
{
  Owner *owner = &entity->owner[end];
  gboolean is_sender = process != NULL && (confidence == PL_CONFIDENCE_LIKELY || confidence == PL_CONFIDENCE_EXACT);

  gboolean is_caller = end == world->tuples[entity->tuple].flow.initiator_end;
  gboolean is_missed = is_caller && confidence < PL_CONFIDENCE_LISTENER && confidence != PL_CONFIDENCE_LIKELY;
  gboolean is_held = owner->process != NULL && !owner->is_told;

  if (is_held && is_caller && is_sender)
    *owner = (Owner){ confidence, process, TRUE, owner->is_missed, FALSE };
  else if (is_held && is_missed && !owner->is_missed)
    {
      PlProcess *holder = owner->process;
      int holder_confidence = MIN (owner->confidence, PL_CONFIDENCE_LIKELY);

      *owner = (Owner){ confidence, process, FALSE, TRUE, FALSE };
      offer (owner, holder_confidence, holder);
    }
  else
    offer (owner, confidence, process);
  owner->is_told |= is_sender;
  owner->is_missed |= is_missed;
}

static void
go (World *world, Entity *entity)
{
  if (entity->has_packets)
    forget (world, entity);
  entity->is_gone = TRUE;
  entity->gone_us = -1;
}

static void
naive_flow (World *world, const Captured *captured)
{
  const PlFlow *flow = &captured->update.flow;
  Entity *entity = find_capture (world, flow->id);

  if (entity == NULL)
    {
      entity = world->current[captured->tuple];
      if (entity == NULL || entity->has_packets)
        entity = add_entity (world, captured->tuple);
      entity->capture_id = flow->id;
      entity->has_packets = TRUE;
      entity->is_gone = FALSE;
      for (guint i = 0; i < world->earlies->len; i++)
        {
          const Early *early = world->earlies->pdata[i];

          if (early->capture_id != flow->id)
            continue;
          for (int end = 0; end < 2; end++)
            if (early->is_answered[end])
              tell (world, entity, end, early->owner[end].confidence, early->owner[end].process);
          g_ptr_array_remove_index (world->earlies, i);
          break;
        }
    }
  entity->bytes[0] = flow->sent[0].bytes;
  entity->bytes[1] = flow->sent[1].bytes;
  entity->is_over = flow->key.proto == PL_PROTO_TCP && (flow->flags & PL_FLOW_ENDED) != 0;
}

static void
naive_leave (World *world, Entity *entity, gboolean is_dropped)
{
  entity->capture_id = 0;
  if (entity->is_in_dump && !entity->is_over)
    {
      entity->has_packets = FALSE;
      entity->bytes[0] = entity->bytes[1] = 0;
      for (int end = 0; end < 2; end++)
        entity->owner[end].is_told = entity->owner[end].is_missed = FALSE;
      return;
    }
  entity->is_in_dump = FALSE;
  if (!is_dropped)
    go (world, entity);
}

static void
naive_sockets (World *world, const PlSocket *sockets, const int *tuples, const int *ends, guint n)
{
  g_autoptr (GPtrArray) seen = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    {
      Entity *entity = world->current[tuples[i]];

      if (sockets[i].state == PL_STATE_CLOSED)
        continue;
      if (entity == NULL)
        entity = add_entity (world, tuples[i]);
      if (entity->has_packets && entity->is_over)
        continue;
      entity->is_gone = FALSE;
      if (!entity->has_packets || !entity->owner[ends[i]].is_told
          || ends[i] != world->tuples[tuples[i]].flow.initiator_end)
        offer (&entity->owner[ends[i]],
               entity->has_packets && entity->owner[ends[i]].is_missed
                   ? MIN (sockets[i].confidence, PL_CONFIDENCE_LIKELY)
                   : sockets[i].confidence,
               sockets[i].process);
      g_ptr_array_add (seen, entity);
    }
  for (guint i = 0; i < world->entities->len; i++)
    {
      Entity *entity = world->entities->pdata[i];
      gboolean was_in_dump = entity->is_in_dump;

      entity->is_in_dump = g_ptr_array_find (seen, entity, NULL);
      if (was_in_dump && !entity->is_in_dump && !entity->has_packets && !entity->is_gone)
        go (world, entity);
    }
}

static void
naive_answer (World *world, guint64 capture_id, int end, int confidence, PlProcess *process)
{
  Entity *entity = find_capture (world, capture_id);
  Early *early = NULL;

  if (entity != NULL)
    {
      tell (world, entity, end, confidence, process);
      return;
    }
  for (guint i = 0; i < world->earlies->len && early == NULL; i++)
    if (((Early *)world->earlies->pdata[i])->capture_id == capture_id)
      early = world->earlies->pdata[i];
  if (early == NULL)
    {
      early = g_new0 (Early, 1);
      early->capture_id = capture_id;
      early->since_us = -1;
      g_ptr_array_add (world->earlies, early);
    }
  early->is_answered[end] = TRUE;
  if (confidence >= early->owner[end].confidence && (process != NULL || early->owner[end].process == NULL))
    early->owner[end] = (Owner){ .confidence = confidence, .process = process };
}

static void
naive_commit (World *world)
{
  for (guint i = 0; i < world->entities->len;)
    {
      Entity *entity = world->entities->pdata[i];

      if (entity->is_gone && entity->gone_us < 0)
        entity->gone_us = world->now_us;
      if (entity->is_gone && entity->gone_us + PL_GONE_LINGER_US <= world->now_us)
        {
          forget (world, entity);
          g_ptr_array_remove_index (world->entities, i);
        }
      else
        {
          i++;
        }
    }
  for (guint i = 0; i < world->earlies->len;)
    {
      Early *early = world->earlies->pdata[i];

      if (early->since_us < 0)
        early->since_us = world->now_us;
      if (early->since_us + PL_EARLY_ANSWER_AGE_US <= world->now_us)
        g_ptr_array_remove_index (world->earlies, i);
      else
        i++;
    }
}

/* ---- comparing ---- */

typedef struct
{
  World *world;
  guint i;
  guint64 last_id, bytes;
  guint n_flows;
  GHashTable *apps;
} Comparison;

/* Of who has the socket of a caller that was not found out the app alone may be named. */
static gboolean
is_owner (const PlProcess *app, const Owner *owner)
{
  return app == owner->process
         || (owner->is_app && owner->confidence <= PL_CONFIDENCE_LIKELY && app != NULL && owner->process != NULL
             && app->pid == 0 && g_str_equal (app->app_key, owner->process->app_key));
}

static gboolean
compare_flow (const PlModelFlow *flow, gpointer data)
{
  Comparison *comparison = data;
  const Entity *entity;

  g_assert_cmpuint (comparison->i, <, comparison->world->entities->len);
  entity = comparison->world->entities->pdata[comparison->i++];
  g_assert_cmpuint (flow->id, >, comparison->last_id);
  comparison->last_id = flow->id;
  g_assert_true (pl_model_get_flow (comparison->world->model, flow->id) == flow);
  g_assert_cmpmem (&flow->flow.key, sizeof (PlFlowKey), &comparison->world->tuples[entity->tuple].flow.key,
                   sizeof (PlFlowKey));
  g_assert_cmpuint (flow->capture_id, ==, entity->capture_id);
  g_assert_cmpint ((flow->sources & PL_SEEN_PACKETS) != 0, ==, entity->has_packets);
  g_assert_cmpint (flow->is_gone, ==, entity->is_gone);
  if (entity->is_gone)
    g_assert_cmpint (flow->gone_us, ==, entity->gone_us);
  for (int end = 0; end < 2; end++)
    {
      gboolean is_local = end == flow->local_end;

      g_assert_cmpuint (flow->flow.sent[end].bytes, ==, entity->bytes[end]);
      g_assert_true (is_owner (is_local ? flow->app : flow->remote_app, &entity->owner[end]));
      g_assert_cmpint (is_local ? flow->app_confidence : flow->remote_confidence, ==, entity->owner[end].confidence);
      if (!entity->is_gone && entity->owner[end].process != NULL)
        g_hash_table_add (comparison->apps, entity->owner[end].process->app_key);
      if (!flow->is_gone)
        comparison->bytes += flow->flow.sent[end].bytes;
    }
  comparison->n_flows += !flow->is_gone;
  return TRUE;
}

static void
compare (World *world)
{
  const PlModelTotals *totals = pl_model_get_totals (world->model);
  Comparison comparison = { .world = world };

  comparison.apps = g_hash_table_new (g_str_hash, g_str_equal);
  pl_model_foreach (world->model, compare_flow, &comparison);
  g_assert_cmpuint (comparison.i, ==, world->entities->len);
  g_assert_cmpuint (pl_model_get_n_flows (world->model), ==, world->entities->len);
  g_assert_cmpuint (totals->n_flows, ==, comparison.n_flows);
  g_assert_cmpuint (totals->n_apps, ==, g_hash_table_size (comparison.apps));
  g_assert_cmpuint (comparison.bytes + world->left_bytes, ==, world->sent_bytes);
  g_hash_table_unref (comparison.apps);
}

/* ---- what may happen ---- */

static Captured *
pick_captured (World *world)
{
  if (world->captured->len == 0)
    return NULL;
  return world->captured->pdata[g_test_rand_int_range (0, world->captured->len)];
}

/* A batch: some flows begin, some send, some end. */
static void
step_batch (World *world)
{
  int n = g_test_rand_int_range (1, 6);

  for (int i = 0; i < n; i++)
    {
      int tuple = g_test_rand_int_range (0, N_TUPLES);
      gboolean is_busy = FALSE;
      Captured *captured;

      for (guint j = 0; j < world->captured->len; j++)
        {
          captured = world->captured->pdata[j];
          is_busy |= captured->tuple == tuple && (captured->update.flow.flags & PL_FLOW_ENDED) == 0;
        }
      if (!is_busy)
        {
          captured = g_new0 (Captured, 1);
          captured->tuple = tuple;
          captured->update = world->tuples[tuple];
          captured->update.flow.id = ++world->last_capture_id;
          g_ptr_array_add (world->captured, captured);
        }
      else
        {
          captured = pick_captured (world);
        }
      if ((captured->update.flow.flags & PL_FLOW_ENDED) == 0)
        {
          int bytes = g_test_rand_int_range (40, 2000);

          send_bytes (&captured->update, g_test_rand_int_range (0, 2), bytes, T0);
          world->sent_bytes += bytes;
          if (g_test_rand_int_range (0, 8) == 0)
            captured->update.flow.flags |= PL_FLOW_ENDED;
        }
      pl_model_apply_flows (world->model, &captured->update, 1);
      naive_flow (world, captured);
    }
}

static void
step_gone (World *world)
{
  Captured *captured = pick_captured (world);
  Entity *entity;
  guint64 id;

  if (captured == NULL)
    return;
  id = captured->update.flow.id;
  entity = find_capture (world, id);
  world->left_bytes += captured->update.flow.sent[0].bytes + captured->update.flow.sent[1].bytes;
  pl_model_apply_gone (world->model, &id, 1);
  g_assert_nonnull (entity);
  naive_leave (world, entity, FALSE);
  g_ptr_array_remove (world->captured, captured);
}

static void
step_sockets (World *world)
{
  PlSocket sockets[2 * N_TUPLES];
  int tuples[2 * N_TUPLES], ends[2 * N_TUPLES];
  guint n = 0;

  for (int i = 0; i < 2 * N_TUPLES; i++)
    {
      const PlFlowKey *key = &world->tuples[i / 2].flow.key;
      int end = i % 2;

      if (g_test_rand_int_range (0, 3) == 0 || (end != world->tuples[i / 2].flow.local_end && i / 2 < N_TUPLES / 2))
        continue; /* the first half of the tuples has its other end elsewhere */
      tuples[n] = i / 2;
      ends[n] = end;
      sockets[n] = (PlSocket){ .local = key->addr[end],
                               .remote = key->addr[1 - end],
                               .local_port = key->port[end],
                               .remote_port = key->port[1 - end],
                               .proto = key->proto,
                               .state = g_test_rand_int_range (0, 10) == 0 ? PL_STATE_CLOSED : PL_STATE_ESTABLISHED,
                               .payload_sent = g_test_rand_int_range (0, 1000000) };
      if (g_test_rand_int_range (0, 3) != 0)
        {
          sockets[n].process = world->processes[g_test_rand_int_range (0, N_PROCESSES)];
          sockets[n].confidence = g_test_rand_int_range (PL_CONFIDENCE_UNKNOWN, PL_CONFIDENCE_EXACT + 1);
        }
      n++;
    }
  pl_model_apply_sockets (world->model, sockets, n);
  naive_sockets (world, sockets, tuples, ends, n);
}

/* An answer for any flow of this capture: there, gone, or still to come. */
static void
step_answer (World *world)
{
  int n = (int)(world->last_capture_id + 1 - world->first_capture_id); /* flows it has seen so far */
  int nth = g_test_rand_bit () ? g_test_rand_int_range (0, n + 5) : g_test_rand_int_range (MAX (n - 3, 0), n + 2);
  guint64 id = world->first_capture_id + nth;
  int end = g_test_rand_int_range (0, 2);
  int confidence = g_test_rand_int_range (PL_CONFIDENCE_UNKNOWN, PL_CONFIDENCE_EXACT + 1);
  int process = g_test_rand_int_range (0, N_PROCESSES + 1);

  pl_model_apply_owner (world->model, id, end, confidence, PL_UNKNOWN_U32,
                        process < N_PROCESSES ? world->processes[process] : NULL);
  naive_answer (world, id, end, confidence, process < N_PROCESSES ? world->processes[process] : NULL);
}

/* Another capture begins: with the sockets on view, or from nothing. */
static void
step_restart (World *world)
{
  gboolean is_reset = g_test_rand_bit ();

  g_ptr_array_set_size (world->captured, 0);
  g_ptr_array_set_size (world->earlies, 0);
  world->first_capture_id = world->last_capture_id + 1;
  world->sent_bytes = world->left_bytes = 0;
  if (is_reset)
    pl_model_reset (world->model);
  else
    pl_model_drop_packets (world->model);
  for (guint i = 0; i < world->entities->len;)
    {
      Entity *entity = world->entities->pdata[i];

      if (entity->has_packets && entity->capture_id != 0 && !is_reset)
        naive_leave (world, entity, TRUE);
      if (entity->has_packets || is_reset)
        {
          forget (world, entity);
          g_ptr_array_remove_index (world->entities, i);
        }
      else
        {
          i++;
        }
    }
}

static void
step_commit (World *world)
{
  world->now_us += g_test_rand_int_range (0, 1500000);
  pl_model_commit (world->model, world->now_us);
  naive_commit (world);
  compare (world);
}

static void
make_tuples (World *world)
{
  for (int i = 0; i < N_TUPLES; i++)
    {
      gboolean is_loopback = i >= N_TUPLES / 2;

      world->tuples[i] = flow_of (0, i % 2 == 0 ? PL_PROTO_TCP : PL_PROTO_UDP, is_loopback ? "127.0.0.1" : "192.0.2.1",
                                  40000 + i, is_loopback ? "127.0.0.1" : "2001:db8::9", 443);
    }
}

static void
test_random (void)
{
  World world = { .now_us = 1000 * SECOND, .first_capture_id = 1 };

  world.model = pl_model_new ();
  world.entities = g_ptr_array_new_with_free_func (g_free);
  world.captured = g_ptr_array_new_with_free_func (g_free);
  world.earlies = g_ptr_array_new_with_free_func (g_free);
  pl_model_set_live (world.model, TRUE);
  make_tuples (&world);
  for (int i = 0; i < N_PROCESSES; i++)
    world.processes[i] = process_of (100 + i, i < 2 ? "one app" : i < 4 ? "another" : "third");

  for (int i = 0; i < N_STEPS; i++)
    {
      int dice = g_test_rand_int_range (0, 1000);

      if (dice < 300)
        step_batch (&world);
      else if (dice < 420)
        step_gone (&world);
      else if (dice < 560)
        step_sockets (&world);
      else if (dice < 750)
        step_answer (&world);
      else if (dice < 755)
        step_restart (&world);
      else
        step_commit (&world);
    }

  g_assert_finalize_object (world.model);
  for (int i = 0; i < N_PROCESSES; i++)
    {
      g_assert_cmpint (world.processes[i]->n_refs, ==, 1);
      pl_process_unref (world.processes[i]);
    }
  g_ptr_array_unref (world.entities);
  g_ptr_array_unref (world.captured);
  g_ptr_array_unref (world.earlies);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < 20; i++)
    {
      g_autofree char *path = g_strdup_printf ("/model/property/random-%02d", i);

      g_test_add_func (path, test_random);
    }
  return g_test_run ();
}
