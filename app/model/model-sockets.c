/* What the kernel's sockets told, merged into the same flows. Main loop only.
 *
 * A socket whose key is a flow's adds what packets can't tell: owner, RTT, payload totals, who called. A socket without
 * packets is a flow of its own that lives as long as the dumps hold it. On loopback both ends are sockets of one flow. */
#include "model-private.h"
#include "bounds.h"

/* A port somebody listens on, as found in one dump. */
typedef struct
{
  PlAddr addr;
  guint16 port;
  guint8 proto;
  const PlSocket *socket; /* that listens, the first of them, while the dump is applied */
  guint8 surest; /* PlConfidence that several sockets of one port allow */
} Listener;

/* What is known of a dump as a whole. */
typedef struct
{
  GHashTable *listeners; /* Listener */
  GHashTable *cookies; /* &PlSocket.cookie of all that are open */
} Dump;

static guint
listener_hash (gconstpointer data)
{
  const Listener *listener = data;

  return (guint)listener->port << 8 | listener->proto;
}

static gboolean
listener_equal (gconstpointer a, gconstpointer b)
{
  const Listener *first = a, *second = b;

  return first->port == second->port && first->proto == second->proto && pl_addr_equal (&first->addr, &second->addr);
}

/* How sure an owner can be where @a has one socket of a port and @b another (SO_REUSEPORT): of one process as sure as ever,
 * of one app all but the process, else it is only one of several. */
static PlConfidence
compare_owners (const PlProcess *a, const PlProcess *b)
{
  if (a == NULL || b == NULL)
    return PL_CONFIDENCE_LIKELY;
  if (a->pid != 0 && a->pid == b->pid)
    return PL_CONFIDENCE_EXACT;
  return g_strcmp0 (a->app_key, b->app_key) == 0 ? PL_CONFIDENCE_LISTENER : PL_CONFIDENCE_LIKELY;
}

static GHashTable *
find_listeners (const PlSocket *sockets, guint n_sockets)
{
  GHashTable *listeners = g_hash_table_new_full (listener_hash, listener_equal, g_free, NULL);

  for (guint i = 0; i < n_sockets; i++)
    if (sockets[i].state == PL_STATE_LISTEN)
      {
        const Listener asked = { sockets[i].local, sockets[i].local_port, sockets[i].proto, &sockets[i],
                                 PL_CONFIDENCE_EXACT };
        Listener *known = g_hash_table_lookup (listeners, &asked);

        if (known == NULL)
          g_hash_table_add (listeners, g_memdup2 (&asked, sizeof asked));
        else
          known->surest = MIN (known->surest, compare_owners (known->socket->process, sockets[i].process));
      }
  return listeners;
}

/* Who listens where @addr and @port were called: there, or on all addresses; NULL when nobody does. */
static const Listener *
find_listener (GHashTable *listeners, guint8 proto, const PlAddr *addr, guint16 port)
{
  static const guint8 any4[4] = { 0 }, any6[16] = { 0 };
  const Listener asked[3] = { { *addr, port, proto, NULL, 0 },
                              { pl_addr_from_v4 (any4), port, proto, NULL, 0 },
                              { pl_addr_from_v6 (any6), port, proto, NULL, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      const Listener *found = g_hash_table_lookup (listeners, &asked[i]);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_listened_on (GHashTable *listeners, guint8 proto, const PlAddr *addr, guint16 port)
{
  return find_listener (listeners, proto, addr, port) != NULL;
}

/* The key of @socket's flow; returns the end that is its own. */
static int
get_key (const PlSocket *socket, PlFlowKey *key)
{
  gboolean is_zoned = socket->state == PL_STATE_LISTEN || pl_addr_scope (&socket->local) == PL_SCOPE_LINK
                      || pl_addr_scope (&socket->remote) == PL_SCOPE_LINK;

  /* A raw socket has no ports; of the protocols that have, none is ever 0 at its own end. */
  return pl_flow_key_from_ends (socket->proto, socket->local_port != 0 ? PL_KIND_PORTS : PL_KIND_BARE, &socket->local,
                                socket->local_port, &socket->remote, socket->remote_port,
                                is_zoned ? socket->ifindex : 0, key);
}

/* The packets' flow for @key, also where the capture did not know the interface; else the socket's own. */
static PlRecord *
find_flow (PlModel *self, const PlFlowKey *key)
{
  PlRecord *record = pl_model_find_key (self, key);

  if (key->zone != 0 && (record == NULL || !pl_record_has_packets (record)))
    {
      PlFlowKey bare = *key;
      PlRecord *unzoned;

      bare.zone = 0;
      unzoned = pl_model_find_key (self, &bare);
      if (unzoned != NULL && pl_record_has_packets (unzoned))
        return unzoned;
    }
  return record;
}

static PlRecord *
add_socket_flow (PlModel *self, const PlFlowKey *key, const PlSocket *socket, guint64 wall_us)
{
  PlRecord *record = pl_model_add_record (self, key);

  if (record == NULL)
    return NULL;
  record->pub.flow.first_us = record->pub.flow.last_us = wall_us;
  if (socket->state == PL_STATE_SYN_SENT)
    record->pub.story.syn_us = wall_us;
  return record;
}

/* Who called whom: the end that somebody listens on was called, else the socket's own end called. Returns whether that is
 * news. */
static gboolean
learn_ends (PlRecord *record, const PlSocket *socket, int end, GHashTable *listeners)
{
  gboolean is_twin = record->sockets[1 - end].dump != 0; /* both ends are sockets here */
  guint8 local_end = record->socket_local_end, initiator_end = record->socket_initiator_end;

  if (socket->state == PL_STATE_LISTEN)
    initiator_end = PL_END_UNKNOWN;
  else if (is_listened_on (listeners, socket->proto, &socket->local, socket->local_port))
    initiator_end = 1 - end;
  else if (is_twin ? is_listened_on (listeners, socket->proto, &socket->remote, socket->remote_port)
                   : initiator_end == PL_END_UNKNOWN)
    initiator_end = end;
  if (local_end == PL_END_UNKNOWN)
    local_end = end;
  if (local_end == record->socket_local_end && initiator_end == record->socket_initiator_end)
    return FALSE;
  record->socket_local_end = local_end;
  record->socket_initiator_end = initiator_end;
  return TRUE;
}

typedef struct
{
  gboolean is_news; /* the facts differ from the last dump's */
  gboolean has_moved; /* payload went either way since */
} Difference;

static Difference
take_facts (PlRecord *record, const PlSocket *socket, int end, guint32 dump)
{
  PlSocketFacts *facts = &record->sockets[end];
  PlSocketFacts now = { .payload_sent = socket->payload_sent,
                        .payload_received = socket->payload_received,
                        .rtt_us = socket->rtt_us,
                        .min_rtt_us = socket->min_rtt_us,
                        .n_retransmits = socket->n_retransmits,
                        .dump = dump,
                        .state = socket->state,
                        .cookie = facts->cookie };
  gboolean is_first = facts->dump == 0;
  Difference difference;

  difference.has_moved =
      !is_first && (now.payload_sent != facts->payload_sent || now.payload_received != facts->payload_received);
  difference.is_news = is_first || difference.has_moved || now.rtt_us != facts->rtt_us
                       || now.min_rtt_us != facts->min_rtt_us || now.n_retransmits != facts->n_retransmits
                       || now.state != facts->state;
  *facts = now;
  return difference;
}

/* A flow without packets: its state and its time are the socket's. */
static void
update_socket_flow (PlModel *self, PlRecord *record, gboolean is_new, gboolean has_moved, guint64 wall_us)
{
  if (record->pub.flow.state != PL_STATE_SYN_SENT)
    record->pub.story.syn_us = 0;
  if (record->pub.flow.state == PL_STATE_ESTABLISHED)
    record->pub.flow.flags |= PL_FLOW_ANSWERED;
  if (has_moved)
    record->pub.flow.last_us = wall_us;
  if (is_new)
    pl_model_rest_rates (self, record); /* what went before it was first seen says nothing of the last second */
  else
    pl_model_note_bytes (self, record);
  pl_model_diagnose (self, record);
}

/* The other end of a flow over the loopback, where no connected socket tells it: whoever alone listens there. */
static void
offer_listener (PlModel *self, PlRecord *record, const PlSocket *socket, int end, GHashTable *listeners)
{
  const Listener *listener;

  if (socket->state == PL_STATE_LISTEN || pl_addr_scope (&socket->remote) != PL_SCOPE_LOOPBACK)
    return;
  listener = find_listener (listeners, socket->proto, &socket->remote, socket->remote_port);
  if (listener != NULL && listener->surest >= PL_CONFIDENCE_LISTENER && listener->socket->process != NULL)
    pl_model_offer_owner (self, record, 1 - end, MIN (listener->socket->confidence, PL_CONFIDENCE_LISTENER),
                          listener->socket->uid, listener->socket->process);
}

/* How sure @socket's owner is: where several wait on one port it is one of them. */
static PlConfidence
confidence_of (const PlSocket *socket, GHashTable *listeners)
{
  const Listener asked = { .addr = socket->local, .port = socket->local_port, .proto = socket->proto };
  const Listener *listener = socket->state == PL_STATE_LISTEN ? g_hash_table_lookup (listeners, &asked) : NULL;

  return listener != NULL ? MIN (socket->confidence, listener->surest) : socket->confidence;
}

/* Whether @socket is another than the one that told of @end before, which this dump (@cookies) no longer holds: a port used again. */
static gboolean
is_successor (const PlRecord *record, const PlSocket *socket, int end, GHashTable *cookies)
{
  guint64 before = record->sockets[end].cookie;

  return before != 0 && socket->cookie != 0 && before != socket->cookie && !g_hash_table_contains (cookies, &before);
}

/* Whether it was told who called with it: who has it is another one maybe, whom it was passed to or left. */
static gboolean
is_settled (const PlRecord *record, int end)
{
  return pl_record_has_packets (record) && record->owner[end].is_told && end == record->pub.flow.initiator_end;
}

/* How sure it is that who has @socket called with it, or listens there. */
static PlConfidence
confidence_here (const PlRecord *record, const PlSocket *socket, int end, const Dump *dump)
{
  PlConfidence confidence = confidence_of (socket, dump->listeners);
  gboolean is_missed = pl_record_has_packets (record) && record->owner[end].is_missed;

  return is_missed ? MIN (confidence, PL_CONFIDENCE_LIKELY) : confidence;
}

static void
offer_owner (PlModel *self, PlRecord *record, const PlSocket *socket, int end, const Dump *dump)
{
  PlSocketFacts *facts = &record->sockets[end];
  PlConfidence confidence = confidence_here (record, socket, end, dump);
  gboolean is_successor_here = is_successor (record, socket, end, dump->cookies);

  /* Its packets were sent by the one before, or by both; those of this one make a flow of their own. */
  if (is_successor_here && pl_record_has_packets (record))
    return;
  facts->cookie = socket->cookie;
  if (is_successor_here)
    pl_model_revise_owner (self, record, end, confidence, socket->uid, socket->process);
  else if (!is_settled (record, end))
    pl_model_offer_holder (self, record, end, confidence, socket->uid, socket->process);
}

static void
merge_socket (PlModel *self, PlRecord *record, const PlSocket *socket, int end, const Dump *dump, guint64 wall_us)
{
  GHashTable *listeners = dump->listeners;
  gboolean is_new = record->sockets == NULL || record->pub.is_gone;
  Difference difference;
  gboolean is_news;

  pl_model_revive_record (self, record);
  if (!record->has_socket)
    g_ptr_array_add (self->with_socket, record);
  record->has_socket = true;
  record->pub.sources |= PL_SEEN_SOCKET;
  if (record->sockets == NULL)
    record->sockets = g_new0 (PlSocketFacts, 2);

  difference = take_facts (record, socket, end, self->dump);
  is_news = learn_ends (record, socket, end, listeners) || difference.is_news;
  offer_owner (self, record, socket, end, dump);
  offer_listener (self, record, socket, end, listeners);
  if (is_news)
    pl_model_refresh_record (self, record);
  if (!pl_record_has_packets (record))
    update_socket_flow (self, record, is_new, difference.has_moved, wall_us);
}

/* Takes what a socket told that closed before any dump could have it, if it is @record's: packets carried as much. */
static gboolean
take_unseen (PlModel *self, PlRecord *record, const PlSocket *socket, int end)
{
  const PlFlowCounts *sent = record->pub.flow.sent;

  if (!pl_record_has_packets (record) || self->dump < 2 || socket->payload_sent > sent[end].payload_bytes
      || socket->payload_received > sent[1 - end].payload_bytes + 1)
    return FALSE;
  if (record->sockets == NULL)
    record->sockets = g_new0 (PlSocketFacts, 2);
  take_facts (record, socket, end, self->dump - 1); /* of those that this one has not */
  record->pub.sources |= PL_SEEN_SOCKET;
  record->sockets[end].cookie = socket->cookie;
  return TRUE;
}

/* A socket that has closed counts as none, but its last totals are exact (the kernel's destroy events). */
static void
take_closing_totals (PlModel *self, const PlSocket *socket)
{
  PlFlowKey key;
  int end = get_key (socket, &key);
  PlRecord *record = find_flow (self, &key);
  PlSocketFacts *facts;

  if (record == NULL || socket->payload_sent == PL_UNKNOWN_U64 || socket->payload_received == PL_UNKNOWN_U64)
    return;
  if ((record->sockets == NULL || record->sockets[end].dump == 0) && !take_unseen (self, record, socket, end))
    return;
  facts = &record->sockets[end];
  /* A smaller total is of an earlier socket on this tuple. */
  if (socket->payload_sent < facts->payload_sent && facts->payload_sent != PL_UNKNOWN_U64)
    return;
  facts->payload_sent = socket->payload_sent;
  facts->payload_received = socket->payload_received;
  facts->is_closed = true;
  if (socket->n_retransmits != PL_UNKNOWN_U32)
    facts->n_retransmits = socket->n_retransmits;
  pl_model_refresh_record (self, record);
}

static void
apply_socket (PlModel *self, const PlSocket *socket, const Dump *dump, guint64 wall_us)
{
  PlFlowKey key;
  int end = get_key (socket, &key);
  PlRecord *record = find_flow (self, &key);

  if (record == NULL)
    record = add_socket_flow (self, &key, socket, wall_us);
  if (record == NULL)
    {
      self->n_refused_sockets++;
      self->is_changed = TRUE;
      return;
    }
  if (pl_record_is_over (record))
    return;
  if (record->sockets == NULL || record->sockets[end].dump != self->dump)
    merge_socket (self, record, socket, end, dump, wall_us);
  else if (!is_settled (record, end)
           && confidence_here (record, socket, end, dump)
                  > record->owner[end].confidence) /* they share the port: SO_REUSEPORT */
    pl_model_offer_holder (self, record, end, confidence_here (record, socket, end, dump), socket->uid,
                           socket->process);
}

/* The flows whose socket this dump no longer holds: those without packets depart. */
static void
sweep_sockets (PlModel *self)
{
  guint kept = 0;

  for (guint i = 0; i < self->with_socket->len; i++)
    {
      PlRecord *record = self->with_socket->pdata[i];

      record->has_socket = record->sockets[0].dump == self->dump || record->sockets[1].dump == self->dump;
      if (record->has_socket)
        self->with_socket->pdata[kept++] = record;
      else if (!pl_record_has_packets (record))
        pl_model_mark_gone (self, record);
    }
  g_ptr_array_set_size (self->with_socket, kept);
}

/**
 * pl_model_apply_sockets:
 * @self: a model
 * @sockets: (array length=n_sockets): one whole dump
 * @n_sockets: how many; 0 ends the flows that only sockets told of
 *
 * Takes over what the kernel knows. A closed socket counts as none; what it tells of its totals is kept.
 */
void
pl_model_apply_sockets (PlModel *self, const PlSocket *sockets, guint n_sockets)
{
  g_autoptr (GHashTable) listeners = NULL;
  g_autoptr (GHashTable) cookies = g_hash_table_new (g_int64_hash, g_int64_equal);
  guint64 wall_us = g_get_real_time ();

  g_return_if_fail (PL_IS_MODEL (self));

  self->dump++;
  self->n_refused_sockets = 0;
  listeners = find_listeners (sockets, n_sockets);
  for (guint i = 0; i < n_sockets; i++)
    if (sockets[i].state != PL_STATE_CLOSED && sockets[i].state != PL_STATE_RESET)
      g_hash_table_add (cookies, (gpointer)&sockets[i].cookie);
  for (guint i = 0; i < n_sockets; i++)
    if (sockets[i].state == PL_STATE_CLOSED || sockets[i].state == PL_STATE_RESET)
      take_closing_totals (self, &sockets[i]);
    else
      apply_socket (self, &sockets[i], &(Dump){ listeners, cookies }, wall_us);
  if (n_sockets > 0)
    pl_model_note_wall (self, wall_us);
  sweep_sockets (self);
}
