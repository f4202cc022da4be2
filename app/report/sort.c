/* The orders that --sort knows; see sort.h. */
#include "sort.h"

#include <string.h>

static const struct
{
  const char *id;
  gboolean greatest_first;
} keys[PL_N_SORTS] = {
  [PL_SORT_BYTES] = { "bytes", TRUE },
  [PL_SORT_PACKETS] = { "packets", TRUE },
  [PL_SORT_PAYLOAD] = { "payload", TRUE },
  [PL_SORT_OUT] = { "out", TRUE },
  [PL_SORT_IN] = { "in", TRUE },
  [PL_SORT_RATE] = { "rate", TRUE },
  [PL_SORT_DURATION] = { "duration", TRUE },
  [PL_SORT_LAST] = { "last", TRUE },
  [PL_SORT_FIRST] = { "first", FALSE },
  [PL_SORT_ID] = { "id", FALSE },
  [PL_SORT_APP] = { "app", FALSE },
  [PL_SORT_PROTO] = { "proto", FALSE },
  [PL_SORT_LOCAL] = { "local", FALSE },
  [PL_SORT_REMOTE] = { "remote", FALSE },
  [PL_SORT_LOCAL_PORT] = { "local-port", FALSE },
  [PL_SORT_PORT] = { "port", FALSE },
  [PL_SORT_STATE] = { "state", FALSE },
};

gboolean
pl_sort_key_parse (const char *text, PlSortKey *key)
{
  for (guint i = 0; i < PL_N_SORTS; i++)
    if (strcmp (keys[i].id, text) == 0)
      {
        *key = (PlSortKey)i;
        return TRUE;
      }
  return FALSE;
}

char *
pl_sort_keys_text (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < PL_N_SORTS; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : ", ", keys[i].id);
  return g_string_free (text, FALSE);
}

static int
compare_u64 (guint64 a, guint64 b)
{
  return (a > b) - (a < b);
}

/* Flows without ports come after all that have one. */
static guint64
port_of (const PlFlow *flow, int end)
{
  return pl_flow_has_ports (flow) ? flow->key.port[end] : G_MAXUINT64;
}

static guint64
amount (const PlModelFlow *row, PlSortKey key)
{
  const PlFlow *flow = &row->flow;
  const PlFlowCounts *out = &flow->sent[row->local_end];
  const PlFlowCounts *in = &flow->sent[1 - row->local_end];

  switch (key)
    {
    case PL_SORT_BYTES:
      return out->bytes + in->bytes;
    case PL_SORT_PACKETS:
      return out->packets + in->packets;
    case PL_SORT_PAYLOAD:
      return out->payload_bytes + in->payload_bytes;
    case PL_SORT_OUT:
      return out->bytes;
    case PL_SORT_IN:
      return in->bytes;
    case PL_SORT_DURATION:
      return flow->last_us - flow->first_us;
    case PL_SORT_LAST:
      return flow->last_us;
    case PL_SORT_FIRST:
      return flow->first_us;
    case PL_SORT_PROTO:
      return flow->key.proto;
    case PL_SORT_LOCAL_PORT:
      return port_of (flow, row->local_end);
    case PL_SORT_PORT:
      return port_of (flow, 1 - row->local_end);
    case PL_SORT_STATE:
      return flow->state;
    default:
      return row->id;
    }
}

/* Flows of an unknown app come after all that have a name. */
static int
compare_app (const PlModelFlow *a, const PlModelFlow *b)
{
  if (a->app == NULL || b->app == NULL)
    return (a->app == NULL) - (b->app == NULL);
  int order = g_ascii_strcasecmp (a->app->name, b->app->name);
  return order != 0 ? order : strcmp (a->app->name, b->app->name);
}

static int
compare_end (const PlModelFlow *a, int end_a, const PlModelFlow *b, int end_b)
{
  int order = pl_addr_compare (&a->flow.key.addr[end_a], &b->flow.key.addr[end_b]);

  return order != 0 ? order : compare_u64 (a->flow.key.port[end_a], b->flow.key.port[end_b]);
}

static int
compare_rows (const void *left, const void *right, void *data)
{
  const PlModelFlow *a = *(const PlModelFlow *const *)left;
  const PlModelFlow *b = *(const PlModelFlow *const *)right;
  PlSortKey key = (PlSortKey)GPOINTER_TO_UINT (data);
  int order;

  switch (key)
    {
    case PL_SORT_APP:
      order = compare_app (a, b);
      break;
    case PL_SORT_LOCAL:
      order = compare_end (a, a->local_end, b, b->local_end);
      break;
    case PL_SORT_REMOTE:
      order = compare_end (a, 1 - a->local_end, b, 1 - b->local_end);
      break;
    case PL_SORT_RATE:
      {
        double rate_a = a->rate_out + a->rate_in, rate_b = b->rate_out + b->rate_in;
        order = (rate_a > rate_b) - (rate_a < rate_b);
        break;
      }
    default:
      order = compare_u64 (amount (a, key), amount (b, key));
      break;
    }
  if (keys[key].greatest_first)
    order = -order;
  return order != 0 ? order : compare_u64 (a->id, b->id);
}

/* Lets rows[at] sink until neither child comes after it: rows is a heap whose root comes last in the order of @key. */
static void
sink (const PlModelFlow **rows, guint n_rows, guint at, PlSortKey key)
{
  for (guint child; (child = 2 * at + 1) < n_rows; at = child)
    {
      if (child + 1 < n_rows && compare_rows (&rows[child + 1], &rows[child], GUINT_TO_POINTER (key)) > 0)
        child++;
      if (compare_rows (&rows[at], &rows[child], GUINT_TO_POINTER (key)) >= 0)
        return;
      const PlModelFlow *row = rows[at];
      rows[at] = rows[child];
      rows[child] = row;
    }
}

void
pl_sort_rows (const PlModelFlow **rows, guint n_rows, PlSortKey key, guint n_wanted)
{
  if (n_wanted < n_rows)
    {
      /* A live table wants its few rows of many flows each second: most of them are turned away by one comparison. */
      for (guint i = n_wanted / 2; i-- > 0;)
        sink (rows, n_wanted, i, key);
      for (guint i = n_wanted; i < n_rows && n_wanted > 0; i++)
        if (compare_rows (&rows[i], &rows[0], GUINT_TO_POINTER (key)) < 0)
          {
            rows[0] = rows[i];
            sink (rows, n_wanted, 0, key);
          }
    }
  g_qsort_with_data (rows, (gint)MIN (n_rows, n_wanted), sizeof *rows, compare_rows, GUINT_TO_POINTER (key));
}
