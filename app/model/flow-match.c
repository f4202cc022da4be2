/* Conditions on a flow. Pure: looks at the flow it is given and at nothing else. Main loop only. */
#include "flow-match.h"

#include <string.h>

#define TEXT_ROOM 512 /* bytes: what a flow is called, without what does not fit */

/**
 * pl_flow_match_copy:
 * @match: conditions
 *
 * Returns: (transfer full): the same with strings of its own; the set of flows, which nobody changes, is shared
 */
PlFlowMatch *
pl_flow_match_copy (const PlFlowMatch *match)
{
  PlFlowMatch *copy = g_memdup2 (match, sizeof *match);

  copy->app_key = (match->conditions & PL_MATCH_APP) ? g_strdup (match->app_key) : NULL;
  copy->peer_key = (match->conditions & PL_MATCH_PEER_APP) ? g_strdup (match->peer_key) : NULL;
  copy->text = (match->conditions & PL_MATCH_TEXT) ? g_utf8_casefold (match->text, -1) : NULL;
  copy->flows = (match->conditions & PL_MATCH_FLOWS) ? g_hash_table_ref (match->flows) : NULL;
  return copy;
}

void
pl_flow_match_free (PlFlowMatch *match)
{
  g_free (match->app_key);
  g_free (match->peer_key);
  g_free (match->text);
  g_clear_pointer (&match->flows, g_hash_table_unref);
  g_free (match);
}

static gboolean
span_equal (PlPortSpan a, PlPortSpan b)
{
  return a.from == b.from && a.to == b.to;
}

gboolean
pl_flow_match_equal (const PlFlowMatch *a, const PlFlowMatch *b)
{
  guint set = a->conditions;

  return set == b->conditions && (!(set & PL_MATCH_APP) || g_str_equal (a->app_key, b->app_key))
         && (!(set & PL_MATCH_PEER_APP) || g_str_equal (a->peer_key, b->peer_key))
         && (!(set & PL_MATCH_PROCESS) || a->pid == b->pid) && (!(set & PL_MATCH_PROTO) || a->proto == b->proto)
         && (!(set & PL_MATCH_LOCAL_PORT) || span_equal (a->local, b->local))
         && (!(set & PL_MATCH_REMOTE_PORT) || span_equal (a->remote, b->remote))
         && (!(set & PL_MATCH_OWN_PORT) || span_equal (a->own, b->own))
         && (!(set & PL_MATCH_ENDPOINT) || (pl_addr_equal (&a->endpoint, &b->endpoint) && a->zone == b->zone))
         && (!(set & PL_MATCH_TEXT) || g_str_equal (a->text, b->text))
         && (!(set & PL_MATCH_FLOWS) || a->flows == b->flows);
}

PlPortSpan
pl_port_span_of_range (PlRange range)
{
  switch (range)
    {
    case PL_RANGE_WELL_KNOWN:
      return (PlPortSpan){ 0, 1023 };
    case PL_RANGE_REGISTERED:
      return (PlPortSpan){ 1024, 49151 };
    case PL_RANGE_DYNAMIC:
      return (PlPortSpan){ 49152, 65535 };
    default:
      return (PlPortSpan){ 0, 65535 };
    }
}

GHashTable *
pl_flow_match_set_of (GArray *ids)
{
  GHashTable *set = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < ids->len; i++)
    g_hash_table_add (set, g_memdup2 (&g_array_index (ids, guint64, i), sizeof (guint64)));
  return set;
}

/* ---- matching ---- */

static gboolean
has_port (const PlModelFlow *flow, int end, PlPortSpan span)
{
  guint16 port = flow->flow.key.port[end];

  return pl_flow_has_ports (&flow->flow) && port >= span.from && port <= span.to;
}

static gboolean
has_own_port (const PlModelFlow *flow, int local, PlPortSpan span)
{
  if (has_port (flow, local, span))
    return TRUE;
  return (flow->remote_app != NULL || pl_addr_scope (&flow->flow.key.addr[!local]) == PL_SCOPE_LOOPBACK)
         && has_port (flow, !local, span);
}

static gboolean
has_process (const PlModelFlow *flow, gint32 pid)
{
  return (flow->app && flow->app->pid == pid) || (flow->remote_app && flow->remote_app->pid == pid);
}

/* Writes @word (nullable) and a blank at @at, unless that would not end before @end. Returns: where it ends. By hand, for a search
 * asks it of each flow: printf(3) takes several times as long. */
static char *
put_word (char *at, const char *end, const char *word)
{
  gsize room = end - at, length = word ? strlen (word) : 0;

  if (length + 1 >= room)
    return at;
  if (length > 0)
    memcpy (at, word, length);
  at[length] = ' ';
  return at + length + 1;
}

/* All that a flow is called, in one line: names, ports with their services, address, protocol, state. */
static void
write_text (const PlModelFlow *flow, int local, char *text)
{
  const PlFlowKey *key = &flow->flow.key;
  const char *end = text + TEXT_ROOM;
  char address[PL_ADDR_STRLEN], ports[2 * sizeof ":65535 "];

  text = put_word (text, end, pl_model_flow_app_name (flow));
  text = put_word (text, end, flow->app ? flow->app->comm : NULL);
  text = put_word (text, end, flow->remote_app ? flow->remote_app->name : NULL);
  for (int i = 0; i < 2; i++)
    text = put_word (text, end, pl_addr_format (&key->addr[i == 0 ? local : !local], address));
  text = put_word (text, end, flow->host);
  text = put_word (text, end, pl_proto_name (key->proto));
  text = put_word (text, end, pl_failure_id (flow->diagnosis.failure));
  text = put_word (text, end, pl_state_id (flow->flow.state));
  if (pl_flow_has_ports (&flow->flow))
    {
      g_snprintf (ports, sizeof ports, ":%u :%u", key->port[local], key->port[!local]);
      text = put_word (text, end, ports);
      for (int i = 0; i < 2; i++)
        {
          text = put_word (text, end, pl_service_name (key->proto, key->port[i]));
          text = put_word (text, end, pl_service_title (key->proto, key->port[i]));
        }
    }
  *text = 0;
}

/* Both are case-folded; a word ends at a blank. */
static gboolean
has_words (const char *text, const char *words)
{
  while (*words != 0)
    {
      gsize length = strcspn (words, " ");
      char word[64];

      g_strlcpy (word, words, MIN (length + 1, sizeof word));
      if (strstr (text, word) == NULL)
        return FALSE;
      words += length + strspn (words + length, " ");
    }
  return TRUE;
}

static gboolean
has_text (const PlModelFlow *flow, int local, const char *words)
{
  char text[TEXT_ROOM];
  g_autofree char *folded = NULL;

  write_text (flow, local, text);
  if (g_str_is_ascii (text))
    {
      for (char *at = text; *at; at++)
        *at = g_ascii_tolower (*at);
      return has_words (text, words);
    }
  folded = g_utf8_casefold (text, -1);
  return has_words (folded, words);
}

static gboolean
is_endpoint (const PlModelFlow *flow, int local, const PlFlowMatch *match)
{
  const PlFlowKey *key = &flow->flow.key;

  return !pl_model_flow_is_listener (flow) && pl_addr_equal (&key->addr[!local], &match->endpoint)
         && key->zone == match->zone;
}

/**
 * pl_flow_match_matches:
 * @match: conditions; its text case-folded, as pl_flow_match_copy() does
 * @flow: a flow
 *
 * Returns: whether all of them hold
 */
gboolean
pl_flow_match_matches (const PlFlowMatch *match, const PlModelFlow *flow)
{
  guint set = match->conditions;
  int local = flow->local_end == PL_END_B ? PL_END_B : PL_END_A;

  if ((set & PL_MATCH_FLOWS) && !g_hash_table_contains (match->flows, &flow->id))
    return FALSE;
  if ((set & PL_MATCH_PROTO) && flow->flow.key.proto != match->proto)
    return FALSE;
  if ((set & PL_MATCH_LOCAL_PORT) && !has_port (flow, local, match->local))
    return FALSE;
  if ((set & PL_MATCH_REMOTE_PORT) && !has_port (flow, !local, match->remote))
    return FALSE;
  if ((set & PL_MATCH_OWN_PORT) && !has_own_port (flow, local, match->own))
    return FALSE;
  if ((set & PL_MATCH_ENDPOINT) && !is_endpoint (flow, local, match))
    return FALSE;
  if ((set & PL_MATCH_FAILED) && !pl_model_flow_has_failed (flow))
    return FALSE;
  if ((set & PL_MATCH_LISTENING) && !pl_model_flow_is_listener (flow))
    return FALSE;
  if ((set & PL_MATCH_PROCESS) && !has_process (flow, match->pid))
    return FALSE;
  if ((set & PL_MATCH_APP) && !g_str_equal (pl_model_flow_app_key (flow), match->app_key))
    return FALSE;
  if ((set & PL_MATCH_PEER_APP) && (!flow->remote_app || !g_str_equal (flow->remote_app->app_key, match->peer_key)))
    return FALSE;
  return !(set & PL_MATCH_TEXT) || has_text (flow, local, match->text);
}
