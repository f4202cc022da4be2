/* Sockets of UDP that closed lately. The kernel tells it without a time, some 100 µs late: so they are read as they come. */
#include "port-graves.h"

#include "destroy-events.h"
#include "bounds.h"
#include "question-time.h"

typedef struct
{
  guint64 cookie;
  PlAddr local, remote;
  guint16 local_port, remote_port; /* remote 0: it was not connected */
  gint64 read_us; /* monotonic: it closed before */
} Grave;

struct _PlPortGraves
{
  PlDestroyEvents *events; /* nullable */
  gboolean is_on;
  gint64 now_us; /* while events are read */
  gint64 whole_since_us; /* monotonic: what closed later is all here */
  guint64 n_overruns, n_untold;
  guint64 n; /* ever */
  Grave graves[PL_LIMIT_PORT_GRAVES]; /* a ring */
};

PlPortGraves *
pl_port_graves_new (void)
{
  return g_new0 (PlPortGraves, 1);
}

void
pl_port_graves_free (PlPortGraves *graves)
{
  if (graves == NULL)
    return;
  pl_destroy_events_free (graves->events);
  g_free (graves);
}

void
pl_port_graves_set_on (PlPortGraves *graves, gboolean on)
{
  if (graves->is_on == on)
    return;
  graves->is_on = on;
  graves->n = graves->n_overruns = 0;
  graves->whole_since_us = 0;
  g_clear_pointer (&graves->events, pl_destroy_events_free);
  if (on)
    graves->events = pl_destroy_events_new (PL_PROTO_UDP);
}

int
pl_port_graves_get_fd (PlPortGraves *graves)
{
  return graves->events != NULL ? pl_destroy_events_get_fd (graves->events) : -1;
}

static gboolean
bury (const PlDiagSocket *found, gpointer data)
{
  PlPortGraves *graves = data;
  const PlSocket *socket = &found->socket;
  Grave *grave = &graves->graves[graves->n % PL_LIMIT_PORT_GRAVES];
  if (socket->local_port == 0 || socket->cookie == 0)
    return TRUE;
  if (graves->n++ >= PL_LIMIT_PORT_GRAVES)
    graves->whole_since_us = MAX (graves->whole_since_us, grave->read_us);
  *grave =
      (Grave){ socket->cookie, socket->local, socket->remote, socket->local_port, socket->remote_port, graves->now_us };
  return TRUE;
}

void
pl_port_graves_read (PlPortGraves *graves)
{
  graves->now_us = g_get_monotonic_time ();
  if (graves->events == NULL)
    return;
  pl_destroy_events_read (graves->events, bury, graves);
  guint64 n_overruns = pl_destroy_events_get_overruns (graves->events);
  if (n_overruns != graves->n_overruns)
    graves->whole_since_us = graves->now_us;
  graves->n_overruns = n_overruns;
}

static gboolean
was_at (const Grave *grave, const PlCase *one)
{
  const PlFlowKey *key = &one->question.key;
  guint8 end = one->end;
  return grave->local_port == key->port[end]
         && (pl_addr_is_zero (&grave->local) || pl_addr_equal (&grave->local, &key->addr[end]))
         && (grave->remote_port == 0
             || (grave->remote_port == key->port[1 - end] && pl_addr_equal (&grave->remote, &key->addr[1 - end])));
}

gboolean
pl_port_graves_has_other (PlPortGraves *graves, const PlCase *one)
{
  gint64 packet_us = pl_question_time_packet_us (&one->question);
  guint64 n = MIN (graves->n, PL_LIMIT_PORT_GRAVES);
  if (one->question.key.proto != PL_PROTO_UDP || one->cookie == 0)
    return FALSE;
  for (guint64 i = 1; i <= n; i++)
    {
      const Grave *grave = &graves->graves[(graves->n - i) % PL_LIMIT_PORT_GRAVES];
      if (grave->read_us < packet_us)
        return FALSE;
      if (grave->cookie != one->cookie && was_at (grave, one))
        return TRUE;
    }
  return FALSE;
}

gboolean
pl_port_graves_can_tell (PlPortGraves *graves, const PlCase *one)
{
  if (one->question.key.proto != PL_PROTO_UDP || graves->whole_since_us < pl_question_time_packet_us (&one->question))
    return TRUE;
  graves->n_untold++;
  return FALSE;
}

guint64
pl_port_graves_get_n_untold (PlPortGraves *graves)
{
  return graves->n_untold;
}
