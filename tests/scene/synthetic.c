/* Made-up traffic from a seeded generator. Test code; main thread. */
#include "synthetic.h"

#include <math.h>
#include <string.h>

#define N_APPS 40
#define N_HOSTS 400

struct _Synthetic
{
  GRand *random;
  GArray *flows; /* PlModelFlow */
  GPtrArray *apps;
  guint64 next_id;
  guint n_apps, n_hosts;
};

PlProcess *
synthetic_process (const char *name, const char *key, int pid)
{
  PlProcess *process = pl_process_new ();

  g_free (process->name);
  g_free (process->app_key);
  process->name = strdup (name);
  process->app_key = strdup (key);
  process->pid = pid;
  process->uid = 1000;
  return process;
}

static const char *const app_names[] = { "Firefox",
                                         "Thunderbird",
                                         "systemd-resolved",
                                         "ssh",
                                         "python3",
                                         "curl",
                                         "Spotify",
                                         "Steam",
                                         "Visual Studio Code",
                                         "Signal",
                                         "Telegram Desktop",
                                         "GNOME Software",
                                         "Nextcloud",
                                         "Syncthing",
                                         "postgres",
                                         "nginx",
                                         "cupsd",
                                         "avahi-daemon",
                                         "NetworkManager",
                                         "chronyd",
                                         "sshd",
                                         "docker",
                                         "node",
                                         "java" };

Synthetic *
synthetic_new (guint32 seed)
{
  Synthetic *world = g_new0 (Synthetic, 1);

  world->random = g_rand_new_with_seed (seed);
  world->flows = g_array_new (FALSE, TRUE, sizeof (PlModelFlow));
  world->apps = g_ptr_array_new_with_free_func ((GDestroyNotify)pl_process_unref);
  for (guint i = 0; i < N_APPS; i++)
    {
      g_autofree char *name = i < G_N_ELEMENTS (app_names) ? g_strdup (app_names[i]) : g_strdup_printf ("helper-%u", i);
      g_autofree char *key = g_strdup_printf ("app:%s", name);

      g_ptr_array_add (world->apps, synthetic_process (name, key, 1000 + i));
    }
  world->n_apps = g_rand_int_range (world->random, 1, N_APPS + 1);
  world->n_hosts = g_rand_int_range (world->random, 1, N_HOSTS + 1);
  return world;
}

void
synthetic_free (Synthetic *world)
{
  g_rand_free (world->random);
  g_array_unref (world->flows);
  g_ptr_array_unref (world->apps);
  g_free (world);
}

GArray *
synthetic_get_flows (Synthetic *world)
{
  return world->flows;
}

/* Low numbers come often: some apps and hosts are busy, most are not. */
static guint
skewed (Synthetic *world, guint n)
{
  double at = g_rand_double (world->random);

  return MIN ((guint)(at * at * at * n), n - 1);
}

static PlAddr
host_address (guint host)
{
  guint8 bytes[4] = { 93 + host % 100, 184, host / 256, host % 256 };

  if (host % 7 == 3)
    return pl_addr_from_v4 ((guint8[4]){ 192, 168, 1, 2 + host % 250 });
  if (host % 5 == 4)
    {
      guint8 v6[16] = { 0x26, 0x06, 0x28, 0x00, 0x02, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, host / 256, host % 256 };

      return pl_addr_from_v6 (v6);
    }
  return pl_addr_from_v4 (bytes);
}

static void
set_ends (PlModelFlow *flow,
          guint8 proto,
          guint8 kind,
          PlAddr local,
          guint16 local_port,
          PlAddr remote,
          guint16 remote_port,
          gboolean is_inbound)
{
  int end = pl_flow_key_from_ends (proto, kind, &local, local_port, &remote, remote_port, 0, &flow->flow.key);

  flow->local_end = flow->flow.local_end = end;
  flow->flow.initiator_end = is_inbound ? !end : end;
  flow->flow.state = proto == PL_PROTO_TCP ? PL_STATE_ESTABLISHED : PL_STATE_ACTIVE;
}

static guint16
temporary_port (Synthetic *world)
{
  return g_rand_int_range (world->random, 32768, 61000);
}

static void
make_outgoing (Synthetic *world, PlModelFlow *flow, guint app, PlAddr here)
{
  static const struct
  {
    guint8 proto;
    guint16 port;
  } services[] = { { 6, 443 }, { 17, 443 }, { 6, 80 }, { 6, 993 }, { 6, 22 }, { 17, 53 }, { 6, 5432 }, { 6, 8080 } };
  guint service = (app + skewed (world, 3)) % G_N_ELEMENTS (services);
  guint host = skewed (world, world->n_hosts);

  set_ends (flow, services[service].proto, PL_KIND_PORTS, here, temporary_port (world), host_address (host),
            services[service].port, FALSE);
  if (g_rand_int_range (world->random, 0, 12) == 0)
    flow->flow.initiator_end = PL_END_UNKNOWN;
}

static void
make_listener (Synthetic *world, PlModelFlow *flow, guint app)
{
  static const guint16 ports[] = { 22, 80, 631, 5432, 8080, 5353, 9000, 51413 };
  PlAddr any = pl_addr_from_v4 ((guint8[4]){ 0, 0, 0, 0 }), loopback = pl_addr_from_v4 ((guint8[4]){ 127, 0, 0, 1 });
  guint16 port = ports[(app + skewed (world, 3)) % G_N_ELEMENTS (ports)];

  set_ends (flow, app % 3 ? PL_PROTO_TCP : PL_PROTO_UDP, PL_KIND_PORTS, app % 2 ? any : loopback, port, any, 0, FALSE);
  flow->flow.state = PL_STATE_LISTEN;
  flow->flow.initiator_end = PL_END_UNKNOWN;
  flow->sources = PL_SEEN_SOCKET;
}

static void
make_failed (Synthetic *world, PlModelFlow *flow, guint app, PlAddr here)
{
  make_outgoing (world, flow, app, here);
  flow->diagnosis.failure = g_rand_int_range (world->random, PL_FAILURE_REFUSED, PL_FAILURE_RESET + 1);
  flow->diagnosis.place = flow->diagnosis.failure == PL_FAILURE_REFUSED ? PL_PLACE_CALLED : PL_PLACE_WAY;
  flow->flow.state = PL_STATE_RESET;
}

static void
make_flow (Synthetic *world, PlModelFlow *flow)
{
  guint app = skewed (world, world->n_apps), host = skewed (world, world->n_hosts);
  PlAddr here = pl_addr_from_v4 ((guint8[4]){ 192, 168, 1, 20 });
  PlAddr loopback = pl_addr_from_v4 ((guint8[4]){ 127, 0, 0, 1 });
  PlAddr everyone = pl_addr_from_v4 ((guint8[4]){ 224, 0, 0, 251 });
  guint kind = g_rand_int_range (world->random, 0, 100);

  memset (flow, 0, sizeof *flow);
  flow->id = ++world->next_id;
  flow->sources = PL_SEEN_PACKETS;
  flow->app = world->apps->pdata[app];
  flow->app_confidence = kind % 10 == 9 ? PL_CONFIDENCE_LIKELY : PL_CONFIDENCE_EXACT;
  if (kind < 62)
    make_outgoing (world, flow, app, here);
  else if (kind < 72) /* clients of ours */
    set_ends (flow, PL_PROTO_TCP, PL_KIND_PORTS, here, app % 2 ? 8080 : 22, host_address (host), temporary_port (world),
              TRUE);
  else if (kind < 78)
    make_listener (world, flow, app);
  else if (kind < 84)
    make_failed (world, flow, app, here);
  else if (kind < 87) /* one socket, many peers */
    set_ends (flow, PL_PROTO_UDP, PL_KIND_PORTS, here, 51413, host_address (host), 6881 + host % 9, FALSE);
  else if (kind < 90)
    set_ends (flow, PL_PROTO_ICMP, PL_KIND_ECHO, here, kind, host_address (host), kind, FALSE);
  else if (kind < 92)
    set_ends (flow, 47, PL_KIND_BARE, here, 0, host_address (host), 0, FALSE);
  else if (kind < 95)
    set_ends (flow, PL_PROTO_UDP, PL_KIND_PORTS, here, 5353, everyone, 5353, FALSE);
  else
    set_ends (flow, PL_PROTO_TCP, PL_KIND_PORTS, loopback, temporary_port (world), loopback, 5432, FALSE);
  if (kind >= 95 && kind < 98)
    flow->remote_app = world->apps->pdata[skewed (world, world->n_apps)];
  if (kind == 98 || kind == 20)
    {
      flow->app = NULL;
      flow->app_confidence = PL_CONFIDENCE_UNKNOWN;
    }
  flow->flow.sent[0].bytes = exp (g_rand_double_range (world->random, 3, 15)) / 4;
  if (flow->flow.state != PL_STATE_LISTEN)
    flow->rate_in = skewed (world, 3) ? exp (g_rand_double_range (world->random, 2, 15)) / 4 : 0;
}

void
synthetic_add (Synthetic *world, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      PlModelFlow flow;

      make_flow (world, &flow);
      g_array_append_val (world->flows, flow);
    }
}

void
synthetic_remove (Synthetic *world, guint n)
{
  for (guint i = 0; i < n && world->flows->len > 0; i++)
    g_array_remove_index (world->flows, g_rand_int_range (world->random, 0, world->flows->len));
}

void
synthetic_stir (Synthetic *world)
{
  for (guint i = 0; i < world->flows->len; i++)
    {
      PlModelFlow *flow = &g_array_index (world->flows, PlModelFlow, i);
      guint dice = g_rand_int_range (world->random, 0, 30);

      if (flow->flow.state == PL_STATE_LISTEN)
        continue;
      if (dice == 0)
        flow->is_gone = TRUE;
      else if (dice < 6)
        {
          flow->rate_out = skewed (world, 100000);
          flow->flow.sent[1].bytes += (guint64)flow->rate_out;
        }
    }
}

/* ---- into a model ---- */

static void
apply (PlModel *model, const PlModelFlow *flow)
{
  PlFlowUpdate update = { .flow = flow->flow, .story = flow->story };

  if (flow->flow.state == PL_STATE_LISTEN)
    return;
  update.flow.id = flow->id;
  pl_model_apply_flows (model, &update, 1);
  if (flow->app)
    pl_model_apply_owner (model, flow->id, flow->local_end, flow->app_confidence, 1000, flow->app);
  if (flow->remote_app)
    pl_model_apply_owner (model, flow->id, !flow->local_end, PL_CONFIDENCE_EXACT, 1000, flow->remote_app);
}

static void
apply_listeners (PlModel *model, GArray *flows)
{
  g_autoptr (GArray) sockets = g_array_new (FALSE, TRUE, sizeof (PlSocket));

  for (guint i = 0; i < flows->len; i++)
    {
      const PlModelFlow *flow = &g_array_index (flows, PlModelFlow, i);
      PlSocket socket = { 0 };

      if (flow->flow.state != PL_STATE_LISTEN)
        continue;
      socket.local = flow->flow.key.addr[flow->local_end];
      socket.remote = flow->flow.key.addr[!flow->local_end];
      socket.local_port = flow->flow.key.port[flow->local_end];
      socket.proto = flow->flow.key.proto;
      socket.state = PL_STATE_LISTEN;
      socket.confidence = PL_CONFIDENCE_EXACT;
      socket.uid = 1000;
      socket.inode = socket.cookie = flow->id;
      socket.payload_sent = socket.payload_received = PL_UNKNOWN_U64;
      socket.rtt_us = socket.min_rtt_us = socket.n_retransmits = PL_UNKNOWN_U32;
      socket.process = flow->app;
      g_array_append_val (sockets, socket);
    }
  pl_model_apply_sockets (model, (const PlSocket *)(gpointer)sockets->data, sockets->len);
}

void
synthetic_fill (Synthetic *world, PlModel *model, guint n)
{
  world->n_apps = CLAMP (n / 4, 1, N_APPS);
  world->n_hosts = CLAMP (n / 2, 1, N_HOSTS);
  synthetic_add (world, n);
  for (guint i = 0; i < world->flows->len; i++)
    apply (model, &g_array_index (world->flows, PlModelFlow, i));
  apply_listeners (model, world->flows);
}

typedef struct
{
  const char *app;
  guint8 proto;
  guint16 local_port;
  const char *remote;
  guint16 remote_port;
  guint n;
  gboolean is_inbound;
  guint64 bytes;
  guint flags;
} DesktopFlow;

/* Returns its apps, by name. (transfer full) */
static GHashTable *
apply_rows (PlModel *model, const DesktopFlow *rows, guint n_rows)
{
  GHashTable *apps = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)pl_process_unref);
  guint64 id = 0;

  for (guint i = 0; i < n_rows; i++)
    {
      const DesktopFlow *row = &rows[i];
      PlAddr here = pl_addr_from_v4 ((guint8[4]){ 192, 168, 1, 20 }), remote;
      PlProcess *app = g_hash_table_lookup (apps, row->app);

      if (app == NULL)
        g_hash_table_insert (apps, (gpointer)row->app, app = synthetic_process (row->app, row->app, 4000 + i));
      pl_addr_parse (row->remote, &remote);
      if (pl_addr_scope (&remote) == PL_SCOPE_LOOPBACK)
        here = remote;
      for (guint j = 0; j < row->n; j++)
        {
          PlModelFlow flow = { .id = ++id, .app = app, .app_confidence = PL_CONFIDENCE_EXACT };

          set_ends (&flow, row->proto, PL_KIND_PORTS, here, row->local_port + 2 * j, remote, row->remote_port,
                    row->is_inbound);
          flow.flow.flags = PL_FLOW_ANSWERED | row->flags;
          flow.flow.sent[!flow.local_end].bytes = row->bytes / row->n;
          flow.flow.sent[!flow.local_end].packets = 1 + row->bytes / row->n / 1400;
          flow.flow.first_us = 1700000000000000;
          flow.flow.last_us = 1700000001000000;
          flow.story.syn_us = flow.flow.first_us;
          flow.story.n_syn = 1;
          if (row->flags & PL_FLOW_REFUSED)
            {
              flow.flow.state = PL_STATE_RESET;
              flow.story.rst_us = flow.flow.first_us;
              flow.story.rst_end = !flow.local_end;
            }
          if (row->flags & PL_FLOW_ICMP_ERROR)
            {
              flow.flow.state = PL_STATE_SYN_SENT;
              flow.story.icmp_error_us = flow.flow.first_us;
              flow.story.icmp_from = here;
              flow.story.icmp_type = 3; /* RFC 792: unreachable, */
              flow.story.icmp_code = 1; /* the host */
            }
          apply (model, &flow);
        }
    }
  return apps;
}

void
synthetic_desktop (PlModel *model)
{
  static const DesktopFlow rows[] = {
    { "Firefox", 6, 51514, "93.184.216.34", 443, 1, FALSE, 3900000, 0 },
    { "Firefox", 6, 49170, "93.184.216.34", 443, 11, FALSE, 240000, 0 },
    { "Firefox", 6, 40210, "93.184.216.34", 443, 4, FALSE, 20000, 0 },
    { "Firefox", 17, 51544, "2606:2800:220:1::17", 443, 1, FALSE, 9000, 0 },
    { "Firefox", 6, 50911, "2606:2800:220:1::17", 443, 2, FALSE, 500000, 0 },
    { "Thunderbird", 6, 50112, "198.51.100.7", 993, 1, FALSE, 1100, 0 },
    { "systemd-resolved", 17, 41873, "192.168.1.1", 53, 1, FALSE, 300, 0 },
    { "ssh", 6, 53760, "192.168.1.9", 22, 1, FALSE, 2000, 0 },
    { "python3", 6, 8080, "192.168.1.31", 62110, 1, TRUE, 3100, 0 },
    { "curl", 6, 56002, "127.0.0.1", 5432, 1, FALSE, 0, PL_FLOW_REFUSED },
  };
  g_autoptr (GHashTable) apps = apply_rows (model, rows, G_N_ELEMENTS (rows));
  g_autoptr (GArray) listeners = g_array_new (FALSE, TRUE, sizeof (PlModelFlow));
  PlModelFlow dock = { .id = 9000, .app = g_hash_table_lookup (apps, "python3") };
  PlAddr any = pl_addr_from_v4 ((guint8[4]){ 0, 0, 0, 0 });

  set_ends (&dock, PL_PROTO_TCP, PL_KIND_PORTS, any, 8080, any, 0, FALSE);
  dock.flow.state = PL_STATE_LISTEN;
  g_array_append_val (listeners, dock);
  apply_listeners (model, listeners);
}

void
synthetic_failures (PlModel *model)
{
  static const DesktopFlow rows[] = {
    { "curl", 6, 40000, "192.168.1.31", 5432, 24, FALSE, 0, PL_FLOW_REFUSED },
    { "curl", 6, 50000, "192.168.1.32", 443, 136, FALSE, 0, PL_FLOW_ICMP_ERROR },
    { "Thunderbird", 6, 60000, "192.168.1.33", 993, 12, FALSE, 0, PL_FLOW_ICMP_ERROR },
  };

  g_hash_table_unref (apply_rows (model, rows, G_N_ELEMENTS (rows)));
}
