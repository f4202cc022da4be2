/* Decodes the kernel's tracepoint records; see trace-records.h. Offsets come from the format texts and are checked once,
 * lengths are checked with each record. */
#include "trace-records.h"
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <string.h>

#define RAW_BYTES 256 /* of a sample's own data; the three known events need 102 at most */
#define LONGEST_FIELD 16
#define SAMPLE_BYTES 20 /* pid, tid, time and length before that data */
#define N_JOINS 1024 /* handshakes of TCP over IPv6 on their way; a later one takes an older one's place */
#define N_RECENT 4096 /* senders told within the last second */
#define RECENT_NS 1000000000ull
#define TCP_SYN_SENT 2 /* include/net/tcp_states.h */
#define FIRST_OTHER 0x10000u /* types from here on are not the kernel's */
#define IN_INTERRUPT 0x18 /* common_flags, TRACE_FLAG_HARDIRQ and _SOFTIRQ: not in the context of who sends */

typedef enum
{
  FIELD_FLAGS,
  FIELD_PROTOCOL,
  FIELD_LOCAL,
  FIELD_REMOTE,
  FIELD_LOCAL_PORT,
  FIELD_REMOTE_PORT,
  FIELD_SOCKET,
  FIELD_NEW_STATE,
  N_FIELDS
} Field;

typedef enum
{
  EVENT_ROUTE4,
  EVENT_ROUTE6,
  EVENT_STATE,
  N_EVENTS
} Event;

static const struct
{
  const char *name;
  const char *fields[N_FIELDS]; /* NULL: not needed */
} events[N_EVENTS] = {
  [EVENT_ROUTE4] = { "fib_table_lookup", { "common_flags", "proto", "src", "dst", "sport", "dport", NULL, NULL } },
  [EVENT_ROUTE6] = { "fib6_table_lookup", { "common_flags", "proto", "src", "dst", "sport", "dport", NULL, NULL } },
  [EVENT_STATE] = { "inet_sock_set_state",
                    { "common_flags", "protocol", "saddr_v6", "daddr_v6", "sport", "dport", "skaddr", "newstate" } },
};

typedef struct
{
  guint64 socket; /* its address in the kernel: a name, never followed */
  guint64 time_ns;
  guint32 pid, tid;
} Join;

typedef struct
{
  guint64 key, time_ns;
} Recent;

struct _PlTraceRecords
{
  int ids[N_EVENTS]; /* -1: no format yet */
  guint offsets[N_EVENTS][N_FIELDS];
  Join joins[N_JOINS];
  Recent recent[N_RECENT];
};

PlTraceRecords *
pl_trace_records_new (void)
{
  PlTraceRecords *self = g_new0 (PlTraceRecords, 1);

  for (Event event = 0; event < N_EVENTS; event++)
    self->ids[event] = -1;
  return self;
}

void
pl_trace_records_free (PlTraceRecords *self)
{
  g_free (self);
}

/* The number behind @label on the line of @format that declares @name, as "field:__u8 src[4];\toffset:28;\tsize:4;". */
static gboolean
find_number (const char *format, const char *name, const char *label, guint *number)
{
  g_autofree char *scalar = g_strconcat (" ", name, ";", NULL), *array = g_strconcat (" ", name, "[", NULL);
  const char *line = strstr (format, scalar);

  if (line == NULL)
    line = strstr (format, array);
  if (line == NULL)
    return FALSE;
  const char *end = strchr (line, '\n'), *at = strstr (line, label);
  if (at == NULL || (end != NULL && at > end))
    return FALSE;
  guint64 value = g_ascii_strtoull (at + strlen (label), NULL, 10);
  *number = value;
  return value <= RAW_BYTES - LONGEST_FIELD;
}

gboolean
pl_trace_records_add_format (PlTraceRecords *self, const char *text, gsize n_bytes)
{
  g_autofree char *format = g_strndup (text, n_bytes);
  const char *id = strstr (format, "\nID: ");
  guint offsets[N_FIELDS] = { 0 };

  for (Event event = 0; event < N_EVENTS; event++)
    {
      g_autofree char *start = g_strconcat ("name: ", events[event].name, "\n", NULL);

      if (id == NULL || !g_str_has_prefix (format, start))
        continue;
      for (Field field = 0; field < N_FIELDS; field++)
        if (events[event].fields[field] != NULL
            && !find_number (format, events[event].fields[field], "offset:", &offsets[field]))
          return FALSE;
      memcpy (self->offsets[event], offsets, sizeof offsets);
      self->ids[event] = g_ascii_strtoull (id + strlen ("\nID: "), NULL, 10) & G_MAXUINT16;
      return TRUE;
    }
  return FALSE;
}

gboolean
pl_trace_records_has_routes (PlTraceRecords *self, guint family)
{
  return self->ids[family == 4 ? EVENT_ROUTE4 : EVENT_ROUTE6] >= 0;
}

static guint64
hash (const void *bytes, gsize n_bytes) /* FNV-1a */
{
  guint64 value = 0xcbf29ce484222325;

  for (gsize i = 0; i < n_bytes; i++)
    value = (value ^ ((const guint8 *)bytes)[i]) * 0x100000001b3;
  return value;
}

/* Who sends many datagrams is told once a second, and a route that is looked up in two tables once; but for raw sockets, whose
 * packets are told apart by nothing but the time. */
static gboolean
is_recent (PlTraceRecords *self, const PlTraceSender *sender)
{
  if (sender->local_port == 0 && sender->protocol != IPPROTO_TCP)
    return FALSE;

  guint64 key = hash (&sender->pid, sizeof *sender - G_STRUCT_OFFSET (PlTraceSender, pid));
  Recent *recent = &self->recent[key % N_RECENT];

  if (recent->key == key && sender->time_ns >= recent->time_ns && sender->time_ns - recent->time_ns < RECENT_NS)
    return TRUE;
  recent->key = key;
  recent->time_ns = sender->time_ns;
  return FALSE;
}

/* A socket enters SYN_SENT in its sender's context, most often without its port, and leaves it in whichever, but only then
 * has it its port. FALSE when there is nothing to tell; else @sender is who entered, and when. */
static gboolean
join_handshake (PlTraceRecords *self, const guint8 *raw, PlTraceSender *sender)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff }; /* IPv4 in an IPv6 socket: its route tells */
  const guint *offsets = self->offsets[EVENT_STATE];
  guint64 socket;
  gint32 new_state;

  memcpy (&socket, raw + offsets[FIELD_SOCKET], sizeof socket);
  memcpy (&new_state, raw + offsets[FIELD_NEW_STATE], sizeof new_state);
  Join *join = &self->joins[hash (&socket, sizeof socket) % N_JOINS];
  gboolean is_mapped = memcmp (sender->remote, mapped, sizeof mapped) == 0;
  if (new_state == TCP_SYN_SENT)
    {
      *join = (Join){ socket, sender->time_ns, sender->pid, sender->tid };
      return !is_mapped;
    }
  if (join->socket != socket || is_mapped)
    return FALSE;
  sender->time_ns = join->time_ns;
  sender->pid = join->pid;
  sender->tid = join->tid;
  join->socket = 0;
  return TRUE;
}

/* @body: a sample behind its header. */
static gboolean
decode_sample (PlTraceRecords *self, const guint8 *body, gsize n_bytes, PlTraceSender *sender)
{
  guint8 raw[RAW_BYTES] = { 0 };
  guint16 id;
  Event event = 0;

  if (n_bytes < SAMPLE_BYTES)
    return FALSE;
  memset (sender, 0, sizeof *sender);
  memcpy (&sender->pid, body, 4);
  memcpy (&sender->tid, body + 4, 4);
  memcpy (&sender->time_ns, body + 8, 8);
  memcpy (raw, body + SAMPLE_BYTES, MIN (n_bytes - SAMPLE_BYTES, RAW_BYTES));
  memcpy (&id, raw, sizeof id); /* common_type */
  while (event < N_EVENTS && self->ids[event] != id)
    event++;
  if (event == N_EVENTS || sender->pid == 0 || sender->pid > G_MAXINT32)
    return FALSE;
  const guint *offsets = self->offsets[event];
  gsize address_bytes = event == EVENT_ROUTE4 ? 4 : 16;
  sender->family = event == EVENT_ROUTE4 ? 4 : 6;
  sender->protocol = raw[offsets[FIELD_PROTOCOL]];
  memcpy (sender->local, raw + offsets[FIELD_LOCAL], address_bytes);
  memcpy (sender->remote, raw + offsets[FIELD_REMOTE], address_bytes);
  memcpy (&sender->local_port, raw + offsets[FIELD_LOCAL_PORT], 2);
  memcpy (&sender->remote_port, raw + offsets[FIELD_REMOTE_PORT], 2);
  if (event == EVENT_STATE)
    return join_handshake (self, raw, sender);
  return (raw[offsets[FIELD_FLAGS]] & IN_INTERRUPT) == 0;
}

guint64
pl_trace_records_read (
    PlTraceRecords *self, const guint8 *bytes, gsize n_bytes, PlTraceFunc found, PlTraceOtherFunc other, gpointer data)
{
  struct perf_event_header header;
  PlTraceSender sender;
  guint64 n_lost = 0, lost;

  for (gsize at = 0; at + sizeof header <= n_bytes; at += header.size)
    {
      memcpy (&header, bytes + at, sizeof header);
      if (header.size < sizeof header || header.size > n_bytes - at)
        break;
      const guint8 *body = bytes + at + sizeof header;
      gsize body_bytes = header.size - sizeof header;
      if (header.type == PERF_RECORD_LOST && body_bytes >= 16)
        {
          memcpy (&lost, body + 8, sizeof lost);
          n_lost += lost;
        }
      else if ((header.type >= FIRST_OTHER || header.type == PERF_RECORD_FORK) && other != NULL)
        other (header.type, body, body_bytes, data);
      else if (header.type == PERF_RECORD_SAMPLE && decode_sample (self, body, body_bytes, &sender)
               && !is_recent (self, &sender))
        found (&sender, data);
      else if (header.type == PERF_RECORD_SAMPLE && other != NULL)
        other (header.type, body, body_bytes, data);
    }
  return n_lost;
}
