/* Which ports of this computer are in use. Pure: reads a model, keeps 64 KiB, knows no widget. */
#include "port-census.h"

#include <string.h>

#define N_PORTS 65536

struct _PlPortCensus
{
  guint8 uses[2][N_PORTS]; /* now, and what is being counted */
  guint now;
  guint n_used[PL_RANGE_NONE];
};

PlPortCensus *
pl_port_census_new (void)
{
  return g_new0 (PlPortCensus, 1);
}

void
pl_port_census_free (PlPortCensus *self)
{
  g_free (self);
}

/* ---- which flows use which ports ---- */

/* A closed connection has no socket any more, but the model still has it to show. */
static gboolean
holds_its_ports (const PlModelFlow *flow, gboolean is_live)
{
  if (flow->is_gone || !pl_flow_has_ports (&flow->flow))
    return FALSE;
  if (!is_live)
    return TRUE;
  return !(flow->flow.flags & (PL_FLOW_ENDED | PL_FLOW_REFUSED | PL_FLOW_LOCAL_GUESSED))
         && flow->flow.state != PL_STATE_CLOSED && flow->flow.state != PL_STATE_RESET;
}

/* Whether anybody at @end has let himself be heard. Who calls a port of this computer does not open it: an attempt that
 * nobody took has a port at one end only. */
static gboolean
is_answered (const PlModelFlow *flow, int end)
{
  if (flow->remote_app != NULL)
    return TRUE;
  if (flow->flow.key.proto == PL_PROTO_TCP)
    return flow->flow.state != PL_STATE_SYN_SENT;
  return flow->flow.sent[end].packets > 0;
}

static gboolean
is_of_this_computer (const PlModelFlow *flow, int end, gboolean is_live)
{
  const PlFlowKey *key = &flow->flow.key;

  if (end == flow->local_end)
    return TRUE;
  if (pl_model_flow_is_listener (flow) || (is_live && !is_answered (flow, end)))
    return FALSE;
  return flow->remote_app != NULL || pl_addr_scope (&key->addr[end]) == PL_SCOPE_LOOPBACK
         || pl_addr_equal (&key->addr[PL_END_A], &key->addr[PL_END_B]);
}

typedef struct
{
  gboolean is_live;
  guint low, high;
  void (*func) (const PlModelFlow *flow, int end, gpointer data);
  gpointer data;
} Walk;

static gboolean
visit (const PlModelFlow *flow, gpointer data)
{
  const Walk *walk = data;

  if (!holds_its_ports (flow, walk->is_live))
    return TRUE;
  for (int end = PL_END_A; end <= PL_END_B; end++)
    if (flow->flow.key.port[end] >= walk->low && flow->flow.key.port[end] <= walk->high
        && is_of_this_computer (flow, end, walk->is_live))
      walk->func (flow, end, walk->data);
  return TRUE;
}

void
pl_port_census_foreach (PlModel *model,
                        gboolean is_live,
                        guint low,
                        guint high,
                        void (*func) (const PlModelFlow *flow, int end, gpointer data),
                        gpointer data)
{
  Walk walk = { is_live, low, high, func, data };

  if (model != NULL)
    pl_model_foreach (model, visit, &walk);
}

static void
collect_id (const PlModelFlow *flow, int end, gpointer ids)
{
  GArray *array = ids;

  /* Both ends may lie in the range; they come one after the other. */
  if (array->len == 0 || g_array_index (array, guint64, array->len - 1) != flow->id)
    g_array_append_val (array, flow->id);
}

GArray *
pl_port_census_flows (PlModel *model, gboolean is_live, guint low, guint high)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  pl_port_census_foreach (model, is_live, low, high, collect_id, ids);
  return ids;
}

/* ---- counting ---- */

static guint
use_of (const PlModelFlow *flow, int end)
{
  PlFlow decided = flow->flow;

  if (pl_model_flow_is_listener (flow))
    return PL_PORT_USED | PL_PORT_LISTENS;
  decided.local_end = (guint8)end; /* seen from this port */
  switch (pl_flow_role (&decided, end))
    {
    case PL_ROLE_LISTENING:
      return PL_PORT_USED | PL_PORT_LISTENS;
    case PL_ROLE_TEMPORARY:
      return PL_PORT_USED | PL_PORT_TEMPORARY;
    case PL_ROLE_SERVICE:
    case PL_ROLE_NONE:
    default:
      return PL_PORT_USED;
    }
}

static void
count (const PlModelFlow *flow, int end, gpointer uses)
{
  ((guint8 *)uses)[flow->flow.key.port[end]] |= (guint8)use_of (flow, end);
}

gboolean
pl_port_census_update (PlPortCensus *self, PlModel *model, gboolean is_live)
{
  guint8 *before = self->uses[self->now], *after = self->uses[!self->now];

  memset (after, 0, N_PORTS);
  pl_port_census_foreach (model, is_live, 0, N_PORTS - 1, count, after);
  if (memcmp (before, after, N_PORTS) == 0)
    return FALSE;
  self->now = !self->now;
  memset (self->n_used, 0, sizeof self->n_used);
  for (guint port = 0; port < N_PORTS; port++)
    if (after[port] != 0)
      self->n_used[pl_port_range ((guint16)port)]++;
  return TRUE;
}

guint
pl_port_census_get (const PlPortCensus *self, guint port)
{
  return port < N_PORTS ? self->uses[self->now][port] : 0;
}

guint
pl_port_census_count (const PlPortCensus *self, PlRange range)
{
  return range < PL_RANGE_NONE ? self->n_used[range] : 0;
}

int
pl_port_census_next (const PlPortCensus *self, int from, int step)
{
  for (int port = from + step; port >= 0 && port < N_PORTS; port += step)
    if (self->uses[self->now][port] != 0)
      return port;
  return -1;
}

guint
pl_port_census_count_between (const PlPortCensus *self, guint low, guint high)
{
  guint n = 0;

  for (guint port = low; port <= high && port < N_PORTS; port++)
    n += self->uses[self->now][port] != 0;
  return n;
}
