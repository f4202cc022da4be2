/* Many flows in one sentence. Pure; one pass over the flows, which may be 50,000 while somebody waits: none has anything
 * allocated for itself. */
#include <glib/gi18n.h>
#include <string.h>

#include "flows-summary.h"
#include "format.h"
#include "scene.h"

struct _PlFlowsSummary
{
  guint n_flows, n_listeners, n_failed;
  double rate_out, rate_in;
  GHashTable *apps; /* key → name */
  const PlProcess *last_app; /* of @apps already; only compared */
  guint8 *ports[G_MAXUINT8 + 1]; /* by protocol, nullable: a bit for each local port */
  guint n_ports;
  GHashTable *endpoints; /* set of addresses, each its bytes in: */
  GStringChunk *addresses;
};

static guint
address_hash (gconstpointer bytes)
{
  guint64 halves[2];

  memcpy (halves, bytes, sizeof halves);
  return (guint)((halves[0] * 31 + halves[1]) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 32);
}

static gboolean
address_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (PlAddr)) == 0;
}

PlFlowsSummary *
pl_flows_summary_new (void)
{
  PlFlowsSummary *summary = g_new0 (PlFlowsSummary, 1);

  summary->apps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  summary->endpoints = g_hash_table_new (address_hash, address_equal);
  summary->addresses = g_string_chunk_new (4096);
  return summary;
}

void
pl_flows_summary_free (PlFlowsSummary *summary)
{
  g_hash_table_unref (summary->apps);
  for (guint i = 0; i < G_N_ELEMENTS (summary->ports); i++)
    g_free (summary->ports[i]);
  g_hash_table_unref (summary->endpoints);
  g_string_chunk_free (summary->addresses);
  g_free (summary);
}

static void
add_app (PlFlowsSummary *summary, const PlProcess *app)
{
  if (app == NULL || app == summary->last_app)
    return;
  g_hash_table_replace (summary->apps, g_strdup (app->app_key), g_strdup (app->name));
  summary->last_app = app;
}

static void
add_port (PlFlowsSummary *summary, guint8 proto, guint16 port)
{
  guint8 **ports = &summary->ports[proto], bit = (guint8)(1 << port % 8);

  if (*ports == NULL)
    *ports = g_malloc0 ((G_MAXUINT16 + 1) / 8);
  summary->n_ports += ((*ports)[port / 8] & bit) == 0;
  (*ports)[port / 8] |= bit;
}

static void
add_endpoint (PlFlowsSummary *summary, const PlAddr *addr)
{
  if (!g_hash_table_contains (summary->endpoints, addr->bytes))
    g_hash_table_add (summary->endpoints,
                      g_string_chunk_insert_len (summary->addresses, (const char *)addr->bytes, sizeof addr->bytes));
}

void
pl_flows_summary_add (PlFlowsSummary *summary, const PlModelFlow *flow)
{
  const PlFlowKey *key = &flow->flow.key;
  int remote = flow->local_end == PL_END_A ? PL_END_B : PL_END_A;

  if (flow->is_gone) /* it fades, and is counted no more */
    return;
  summary->n_flows++;
  summary->rate_out += flow->rate_out;
  summary->rate_in += flow->rate_in;
  add_app (summary, flow->app);
  if (pl_model_flow_is_listener (flow))
    summary->n_listeners++; /* the port that it waits at is no flow's because of that */
  else
    {
      add_endpoint (summary, &key->addr[remote]);
      if (pl_flow_has_ports (&flow->flow))
        add_port (summary, key->proto, key->port[flow->local_end]);
    }
  if (flow->diagnosis.failure != PL_FAILURE_NONE)
    summary->n_failed++;
}

char *
pl_flows_summary_subtitle (PlFlowsSummary *summary)
{
  guint n_flows = summary->n_flows - summary->n_listeners;
  g_autofree char *count = pl_format_count (n_flows), *waiting = pl_format_count (summary->n_listeners);
  g_autofree char *only_flows = g_strdup_printf (ngettext ("%s flow", "%s flows", n_flows), count);
  g_autofree char *listening = g_strdup_printf (_ ("%s listening"), waiting);
  g_autofree char *flows = summary->n_listeners == 0 ? g_strdup (only_flows)
                           : n_flows == 0            ? g_strdup (listening)
                                                     : g_strdup_printf ("%s · %s", only_flows, listening);
  g_autofree char *in = pl_scene_format_rate (summary->rate_in);
  g_autofree char *out = pl_scene_format_rate (summary->rate_out);

  if (summary->n_flows == 0)
    return g_strdup (_ ("closed"));
  if (summary->rate_in < 1 && summary->rate_out < 1)
    return g_steal_pointer (&flows);
  return g_strdup_printf ("%s · ↓ %s ↑ %s", flows, in, out);
}

static char *
who (PlFlowsSummary *summary)
{
  guint n_apps = g_hash_table_size (summary->apps);
  GHashTableIter iter;
  gpointer name;

  if (n_apps != 1)
    return n_apps == 0 ? NULL : g_strdup_printf (ngettext ("%u app", "%u apps", n_apps), n_apps);
  g_hash_table_iter_init (&iter, summary->apps);
  g_hash_table_iter_next (&iter, NULL, &name);
  return g_strdup (name);
}

static char *
flows_sentence (PlFlowsSummary *summary, guint n_flows)
{
  guint n_ports = summary->n_ports;
  guint n_endpoints = g_hash_table_size (summary->endpoints);
  g_autofree char *name = who (summary);
  g_autofree char *flows = g_strdup_printf (ngettext ("%u flow", "%u flows", n_flows), n_flows);
  g_autofree char *ports = g_strdup_printf (ngettext ("%u local port", "%u local ports", n_ports), n_ports);
  g_autofree char *endpoints = g_strdup_printf (ngettext ("%u endpoint", "%u endpoints", n_endpoints), n_endpoints);

  if (n_ports == 0 && name != NULL)
    /* Translators: of a protocol without ports. ping: 1 flow to 1 endpoint. */
    return g_strdup_printf (_ ("%1$s: %2$s to %3$s."), name, flows, endpoints);
  if (n_ports == 0)
    return g_strdup_printf (_ ("%1$s to %2$s."), flows, endpoints);
  if (name != NULL)
    /* Translators: Firefox: 19 flows, through 17 local ports to 2 endpoints. */
    return g_strdup_printf (_ ("%1$s: %2$s, through %3$s to %4$s."), name, flows, ports, endpoints);
  return g_strdup_printf (_ ("%1$s, through %2$s to %3$s."), flows, ports, endpoints);
}

char *
pl_flows_summary_sentence (PlFlowsSummary *summary)
{
  guint n_flows = summary->n_flows - summary->n_listeners;
  g_autoptr (GPtrArray) sentences = g_ptr_array_new_with_free_func (g_free);

  if (n_flows != 0)
    g_ptr_array_add (sentences, flows_sentence (summary, n_flows));
  if (summary->n_failed != 0) /* of the flows, and said before there are ports that it could be of */
    g_ptr_array_add (
        sentences,
        g_strdup_printf (ngettext ("%u of them failed.", "%u of them failed.", summary->n_failed), summary->n_failed));
  if (summary->n_listeners != 0)
    g_ptr_array_add (sentences, g_strdup_printf (ngettext ("%u port waits for others to call.",
                                                           "%u ports wait for others to call.", summary->n_listeners),
                                                 summary->n_listeners));
  g_ptr_array_add (sentences, NULL);
  return g_strjoinv (" ", (char **)sentences->pdata);
}
