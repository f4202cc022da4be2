/* The sockets of this machine once a second. Runs on the owner thread; a dump of 3000 sockets takes 2 ms, and only sockets
 * not seen before, and a share of the others, are looked up in /proc again. It waits for nothing: holders that only a scan
 * can find come with the same dump, published again. Sockets that closed since the last dump are in the next one once, with
 * their final totals. */
#include "sockets-source.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "destroy-events.h"
#include "flow.h"
#include "bounds.h"
#include "proc-net.h"
#include "urgent.h"

#define DUMP_INTERVAL_US G_USEC_PER_SEC
#define URGENT_SOCKETS 500 /* more take longer than a thread of real-time priority should go on: about 1 µs each */
#define UNCHANGED_SHARE \
  5 /* of dumps that are as the one before, every fifth is published: a model that was cleared hears of it */
#define RETRY_DUMPS \
  60 /* after which a kind of socket that the kernel cannot list is asked for again: each time it looks for a module */
#define N_PROTOS 5
#define N_FAMILIES 2
#define CHECK_SHARE 8 /* of the sockets known already, every eighth is looked up again in each dump */

struct _PlSocketsSource
{
  PlResolver *resolver;
  const char *why;
  PlDestroyEvents *events; /* nullable */
  GArray *sockets; /* PlSocket, of the newest dump */
  GHashTable *by_cookie; /* &PlSocket.cookie → PlSocket, of the newest dump's TCP and UDP */
  GArray *sockets_before; /* of the dump before that */
  GHashTable *by_cookie_before; /* the same of these: what waits for its program's close(2) is in no dump any more */
  GArray *closed; /* PlSocket, since the newest dump */
  GArray *unseen[2]; /* PlSocket, that no dump had: closed since the newest dump, and since the one before */
  gboolean has_packets, has_rung;
  GArray *unowned; /* guint indices into sockets: a scan could tell more */
  char *error;
  gboolean is_new, was_scanned;
  gint64 next_us;
  guint n_dumps, n_unchanged;
  guint retry[N_PROTOS][N_FAMILIES]; /* n_dumps at which what is unsupported is asked for again */
  guint64 n_cut; /* sockets and closings beyond the cap */
};

static void
socket_clear (gpointer data)
{
  pl_process_unref (((PlSocket *)data)->process);
}

static GArray *
new_sockets (guint n)
{
  GArray *sockets = g_array_sized_new (FALSE, FALSE, sizeof (PlSocket), n);
  g_array_set_clear_func (sockets, socket_clear);
  return sockets;
}

PlSocketsSource *
pl_sockets_source_new (PlResolver *resolver, const char *why)
{
  PlSocketsSource *source = g_new0 (PlSocketsSource, 1);
  source->resolver = resolver;
  source->why = why;
  source->sockets = new_sockets (0);
  source->closed = new_sockets (0);
  for (guint i = 0; i < G_N_ELEMENTS (source->unseen); i++)
    source->unseen[i] = new_sockets (0);
  source->sockets_before = new_sockets (0);
  source->by_cookie = g_hash_table_new (g_int64_hash, g_int64_equal);
  source->by_cookie_before = g_hash_table_new (g_int64_hash, g_int64_equal);
  source->unowned = g_array_new (FALSE, FALSE, sizeof (guint));
  return source;
}

void
pl_sockets_source_free (PlSocketsSource *source)
{
  if (source == NULL)
    return;
  pl_destroy_events_free (source->events);
  g_hash_table_unref (source->by_cookie);
  g_hash_table_unref (source->by_cookie_before);
  g_array_unref (source->sockets);
  g_array_unref (source->sockets_before);
  g_array_unref (source->closed);
  for (guint i = 0; i < G_N_ELEMENTS (source->unseen); i++)
    g_array_unref (source->unseen[i]);
  g_array_unref (source->unowned);
  g_free (source->error);
  g_free (source);
}

/* ---- closings ---- */

void
pl_sockets_source_set_has_packets (PlSocketsSource *source, gboolean has_packets)
{
  source->has_packets = has_packets;
}

/* One that no dump has shown is on nobody's screen, but for its packets. */
static void
keep_unseen (PlSocketsSource *source, const PlSocket *socket)
{
  PlSocket closed = *socket;
  if (!source->has_packets)
    return;
  closed.state = PL_STATE_CLOSED;
  closed.uid = PL_UNKNOWN_U32;
  if (source->unseen[0]->len < PL_LIMIT_CLOSED_SOCKETS)
    g_array_append_val (source->unseen[0], closed);
  else
    source->n_cut++;
}

/* How many of @n closings have room beside @n_there. The rest is counted. */
static guint
count_fitting (PlSocketsSource *source, guint n_there, guint n)
{
  guint n_fitting = MIN (n, PL_LIMIT_CLOSED_SOCKETS - MIN (n_there, PL_LIMIT_CLOSED_SOCKETS));
  source->n_cut += n - n_fitting;
  return n_fitting;
}

/* Their flows' packets have been told of by now. */
static void
tell_unseen (PlSocketsSource *source)
{
  GArray *due = source->unseen[1];
  guint n = count_fitting (source, source->closed->len, due->len);
  g_array_append_vals (source->closed, due->data, n); /* no process to count */
  g_array_set_size (due, 0);
  source->unseen[1] = source->unseen[0];
  source->unseen[0] = due;
}

static gboolean
keep_closed (const PlDiagSocket *found, gpointer data)
{
  PlSocketsSource *source = data;
  PlSocket closed = found->socket;
  const PlSocket *known = g_hash_table_lookup (source->by_cookie, &closed.cookie);
  if (known == NULL)
    known = g_hash_table_lookup (source->by_cookie_before, &closed.cookie);
  if (known == NULL)
    {
      keep_unseen (source, &closed);
      return TRUE;
    }
  if (source->closed->len >= PL_LIMIT_CLOSED_SOCKETS)
    {
      source->n_cut++;
      return TRUE;
    }
  /* A byte more without a segment of payload is the peer's FIN. */
  if (known->n_data_in == closed.n_data_in && known->n_data_in != PL_UNKNOWN_U32
      && closed.payload_received == known->payload_received + 1)
    closed.payload_received = known->payload_received;
  closed.state = PL_STATE_CLOSED;
  closed.uid = known->uid;
  closed.confidence = known->confidence;
  closed.process = pl_process_ref (known->process);
  g_array_append_val (source->closed, closed);
  return TRUE;
}

int
pl_sockets_source_get_fd (PlSocketsSource *source)
{
  return source->events != NULL ? pl_destroy_events_get_fd (source->events) : -1;
}

/* ---- dumps ---- */

static gboolean
keep_socket (const PlDiagSocket *found, gpointer data)
{
  PlSocketsSource *source = data;
  /* What is over but for its waiting time has neither an owner nor anything to say. */
  if (found->kernel_state == PL_DIAG_TIME_WAIT)
    return TRUE;
  if (source->sockets->len >= PL_LIMIT_SOCKETS)
    source->n_cut++;
  else
    g_array_append_val (source->sockets, found->socket);
  return TRUE;
}

static gboolean
keep_raw (const PlSocket *socket, gpointer data)
{
  PlDiagSocket found = { .socket = *socket, .kernel_state = PL_DIAG_CLOSE };
  found.socket.state = pl_addr_is_zero (&socket->remote) ? PL_STATE_LISTEN : PL_STATE_ACTIVE;
  return keep_socket (&found, data);
}

static void
dump_all (PlSocketsSource *source, GError **error)
{
  static const guint8 protos[N_PROTOS] = { PL_PROTO_TCP, PL_PROTO_UDP, PL_PROTO_UDPLITE, PL_PROTO_SCTP, IPPROTO_RAW };
  static const int families[N_FAMILIES] = { AF_INET, AF_INET6 };
  PlSockDiag *diag = pl_resolver_get_diag (source->resolver);
  PlDiagResult result = PL_DIAG_NONE;
  for (guint i = 0; i < G_N_ELEMENTS (protos); i++)
    for (guint j = 0; j < G_N_ELEMENTS (families); j++)
      {
        result = PL_DIAG_UNSUPPORTED;
        if (source->n_dumps < source->retry[i][j])
          continue;
        result = pl_sock_diag_dump (diag, protos[i], families[j], PL_DIAG_ALL_STATES & ~(1u << PL_DIAG_TIME_WAIT), 0,
                                    keep_socket, source, error);
        if (result == PL_DIAG_FAILED)
          return;
        if (result == PL_DIAG_UNSUPPORTED)
          source->retry[i][j] = source->n_dumps + RETRY_DUMPS;
      }
  /* Few kernels have the diagnostics of raw sockets built in. */
  if (result == PL_DIAG_UNSUPPORTED)
    pl_proc_net_foreach ("/proc", PL_PROC_NET_RAW, keep_raw, source);
}

/* Gives @socket its process: that of the same socket a second ago, or what the resolver knows. */
static void
own_socket (PlSocketsSource *source, GHashTable *before, guint index)
{
  PlSocket *socket = &g_array_index (source->sockets, PlSocket, index);
  const PlSocket *known = socket->cookie != 0 ? g_hash_table_lookup (before, &socket->cookie) : NULL;
  if (known != NULL && known->inode == socket->inode && known->confidence == PL_CONFIDENCE_EXACT
      && (index + source->n_dumps) % CHECK_SHARE != 0)
    {
      socket->process = pl_process_ref (known->process);
      socket->confidence = known->confidence;
      socket->uid = known->uid; /* as it was judged */
    }
  else if (pl_resolver_own_socket (source->resolver, socket))
    g_array_append_val (source->unowned, index);
}

/* What only a scan would find, but for the sockets of programs that have just begun. A cgroup's name is surer. */
static void
own_newcomers (PlSocketsSource *source)
{
  g_autofree PlSocket **sockets = g_new (PlSocket *, source->unowned->len);
  guint n = 0;
  for (guint i = 0; i < source->unowned->len; i++)
    {
      PlSocket *socket = &g_array_index (source->sockets, PlSocket, g_array_index (source->unowned, guint, i));
      if (socket->confidence == PL_CONFIDENCE_UNKNOWN)
        sockets[n++] = socket;
    }
  if (n == 0)
    return;
  pl_urgent_end ();
  pl_resolver_own_newcomers (source->resolver, sockets, n);
}

static GHashTable *
index_cookies (GArray *sockets)
{
  GHashTable *by_cookie = g_hash_table_new (g_int64_hash, g_int64_equal);
  for (guint i = 0; i < sockets->len; i++)
    if (g_array_index (sockets, PlSocket, i).cookie != 0)
      g_hash_table_insert (by_cookie, &g_array_index (sockets, PlSocket, i).cookie,
                           &g_array_index (sockets, PlSocket, i));
  return by_cookie;
}

/* Whether a dump says nothing that @before did not: then nobody is woken for it. */
static gboolean
is_as_before (PlSocketsSource *source, GArray *before)
{
  return source->closed->len == 0 && source->sockets->len == before->len
         && (before->len == 0 || memcmp (source->sockets->data, before->data, before->len * sizeof (PlSocket)) == 0);
}

static void
dump (PlSocketsSource *source, gboolean is_first)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *error_before = g_steal_pointer (&source->error);
  GArray *before = g_steal_pointer (&source->sockets);
  GHashTable *cookies_before = g_steal_pointer (&source->by_cookie);
  g_hash_table_unref (source->by_cookie_before);
  g_array_unref (source->sockets_before);
  source->sockets_before = before;
  source->by_cookie_before = cookies_before;
  source->sockets = new_sockets (before->len + 64);
  source->n_dumps++;
  g_array_set_size (source->unowned, 0);
  tell_unseen (source);
  if (source->resolver != NULL)
    dump_all (source, &error);
  if (source->resolver == NULL || error != NULL)
    source->error = g_strdup (error != NULL ? error->message : source->why);
  for (guint i = 0; source->resolver != NULL && i < source->sockets->len; i++)
    own_socket (source, cookies_before, i);
  own_newcomers (source);
  source->by_cookie = index_cookies (source->sockets);
  if (is_first || ++source->n_unchanged >= UNCHANGED_SHARE || g_strcmp0 (source->error, error_before) != 0
      || !is_as_before (source, before))
    {
      source->is_new = TRUE;
      source->n_unchanged = 0;
    }
}

static void
stop (PlSocketsSource *source)
{
  source->n_cut = pl_sockets_source_get_n_cut (source);
  g_clear_pointer (&source->events, pl_destroy_events_free);
  g_hash_table_remove_all (source->by_cookie);
  g_hash_table_remove_all (source->by_cookie_before);
  g_array_set_size (source->sockets, 0);
  g_array_set_size (source->sockets_before, 0);
  g_array_set_size (source->closed, 0);
  for (guint i = 0; i < G_N_ELEMENTS (source->unseen); i++)
    g_array_set_size (source->unseen[i], 0);
  g_array_set_size (source->unowned, 0);
  source->is_new = FALSE;
  source->next_us = 0;
}

int
pl_sockets_source_step (PlSocketsSource *source, gboolean is_watching, gint64 now_us)
{
  if (!is_watching)
    {
      if (source->next_us != 0)
        stop (source);
      return -1;
    }
  if (source->next_us == 0)
    source->events = pl_destroy_events_new (PL_PROTO_TCP);
  if (source->events != NULL && (source->has_rung || now_us >= source->next_us))
    pl_destroy_events_read (source->events, keep_closed, source);
  source->has_rung = FALSE;
  if (now_us >= source->next_us)
    {
      if (source->sockets->len > URGENT_SOCKETS)
        pl_urgent_end ();
      dump (source, source->next_us == 0);
      source->next_us = now_us + DUMP_INTERVAL_US;
    }
  return (int)((source->next_us - now_us) / 1000) + 1;
}

void
pl_sockets_source_ring (PlSocketsSource *source)
{
  source->has_rung = TRUE;
}

void
pl_sockets_source_scanned (PlSocketsSource *source)
{
  g_autoptr (GArray) unowned = g_steal_pointer (&source->unowned);
  source->unowned = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < unowned->len; i++)
    {
      guint index = g_array_index (unowned, guint, i);
      PlSocket *socket = &g_array_index (source->sockets, PlSocket, index);
      g_clear_pointer (&socket->process, pl_process_unref);
      if (pl_resolver_own_socket (source->resolver, socket))
        g_array_append_val (source->unowned, index);
      source->is_new |= socket->process != NULL;
    }
  own_newcomers (source);
  source->is_new |= !source->was_scanned && source->next_us != 0;
  source->was_scanned = TRUE;
}

static void
append_copies (GArray *to, GArray *from)
{
  g_array_append_vals (to, from->data, from->len);
  for (guint i = 0; i < from->len; i++)
    pl_process_ref (g_array_index (from, PlSocket, i).process);
}

/* They come first. */
static guint
count_closings (GArray *sockets)
{
  guint n = 0;
  while (n < sockets->len && g_array_index (sockets, PlSocket, n).state == PL_STATE_CLOSED)
    n++;
  return n;
}

gboolean
pl_sockets_source_take (PlSocketsSource *source, GArray **sockets, char **error)
{
  if (!source->is_new)
    return FALSE;
  source->is_new = FALSE;
  *sockets = new_sockets (source->sockets->len + source->closed->len);
  append_copies (*sockets, source->closed);
  append_copies (*sockets, source->sockets);
  g_array_set_size (source->closed, 0);
  *error = g_strdup (source->error);
  return TRUE;
}

void
pl_sockets_source_keep_closings (PlSocketsSource *source, GArray *sockets, GArray *untaken)
{
  guint n = count_fitting (source, count_closings (sockets), count_closings (untaken));
  for (guint i = 0; i < n; i++)
    pl_process_ref (g_array_index (untaken, PlSocket, i).process);
  g_array_prepend_vals (sockets, untaken->data, n);
}

const PlSocket *
pl_sockets_source_next_unowned (PlSocketsSource *source, guint *at)
{
  if (*at >= source->unowned->len)
    return NULL;
  return &g_array_index (source->sockets, PlSocket, g_array_index (source->unowned, guint, (*at)++));
}

guint64
pl_sockets_source_get_n_cut (PlSocketsSource *source)
{
  return source->n_cut + (source->events != NULL ? pl_destroy_events_get_overruns (source->events) : 0);
}
