/* The sockets of this machine once a second. Runs on the owner thread; a dump of 3000 sockets takes 2 ms, naming them one
 * readlink each. It waits for nothing: holders that only a scan can find come with the same dump, published again. */
#include "sockets-source.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "flow.h"
#include "limits.h"

#define DUMP_INTERVAL_US G_USEC_PER_SEC

struct _PlSocketsSource
{
  PlResolver *resolver;
  const char *why;
  GArray *sockets; /* PlSocket, of the newest dump */
  GArray *unowned; /* guint indices into sockets: a scan could tell more */
  char *error;
  gboolean is_new;
  gint64 next_us;
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
  source->unowned = g_array_new (FALSE, FALSE, sizeof (guint));
  return source;
}

void
pl_sockets_source_free (PlSocketsSource *source)
{
  if (source == NULL)
    return;
  g_array_unref (source->sockets);
  g_array_unref (source->unowned);
  g_free (source->error);
  g_free (source);
}

static gboolean
keep_socket (const PlDiagSocket *found, gpointer data)
{
  GArray *sockets = data;
  /* What is over but for its waiting time has neither an owner nor anything to say. */
  if (found->kernel_state != PL_DIAG_TIME_WAIT)
    g_array_append_val (sockets, found->socket);
  return sockets->len < PL_LIMIT_SOCKETS;
}

static void
own_sockets (PlSocketsSource *source)
{
  g_array_set_size (source->unowned, 0);
  for (guint i = 0; i < source->sockets->len; i++)
    {
      PlSocket *socket = &g_array_index (source->sockets, PlSocket, i);
      if (socket->process == NULL && pl_resolver_own_socket (source->resolver, socket))
        g_array_append_val (source->unowned, i);
    }
}

static void
dump (PlSocketsSource *source)
{
  static const guint8 protos[] = { PL_PROTO_TCP, PL_PROTO_UDP, PL_PROTO_UDPLITE, PL_PROTO_SCTP, IPPROTO_RAW };
  static const int families[] = { AF_INET, AF_INET6 };
  g_autoptr (GError) error = NULL;
  guint32 states = PL_DIAG_ALL_STATES & ~(1u << PL_DIAG_TIME_WAIT);

  g_clear_pointer (&source->error, g_free);
  g_array_set_size (source->unowned, 0);
  g_array_unref (source->sockets);
  source->sockets = new_sockets (256);
  source->is_new = TRUE;
  for (guint i = 0; source->resolver != NULL && i < G_N_ELEMENTS (protos) && error == NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (families) && error == NULL; j++)
      pl_sock_diag_dump (pl_resolver_get_diag (source->resolver), protos[i], families[j], states, 0, keep_socket,
                         source->sockets, &error);
  if (source->resolver == NULL || error != NULL)
    source->error = g_strdup (error != NULL ? error->message : source->why);
  if (source->resolver != NULL)
    own_sockets (source);
}

int
pl_sockets_source_step (PlSocketsSource *source, gboolean is_watching, gint64 now_us)
{
  if (!is_watching)
    {
      source->next_us = 0;
      g_array_set_size (source->unowned, 0);
      return -1;
    }
  if (now_us >= source->next_us)
    {
      dump (source);
      source->next_us = now_us + DUMP_INTERVAL_US;
    }
  return (int)((source->next_us - now_us) / 1000) + 1;
}

void
pl_sockets_source_scanned (PlSocketsSource *source)
{
  guint n_before = source->unowned->len;
  if (n_before == 0)
    return;
  own_sockets (source);
  source->is_new |= source->unowned->len != n_before;
}

gboolean
pl_sockets_source_take (PlSocketsSource *source, GArray **sockets, char **error)
{
  if (!source->is_new)
    return FALSE;
  source->is_new = FALSE;
  *sockets = new_sockets (source->sockets->len);
  g_array_append_vals (*sockets, source->sockets->data, source->sockets->len);
  for (guint i = 0; i < source->sockets->len; i++)
    pl_process_ref (g_array_index (source->sockets, PlSocket, i).process);
  *error = g_strdup (source->error);
  return TRUE;
}

const PlSocket *
pl_sockets_source_next_unowned (PlSocketsSource *source, guint *at)
{
  if (*at >= source->unowned->len)
    return NULL;
  return &g_array_index (source->sockets, PlSocket, g_array_index (source->unowned, guint, (*at)++));
}
