/* Which names packets tell, and what is kept until one is told: questions of DNS, and beginnings of TLS and QUIC that go on
 * in another packet. Each table has one place for each hash: who comes later takes it. */
#include "host-names.h"
#include "cursor.h"
#include "dns.h"
#include "bounds.h"
#include "quic.h"
#include "siphash.h"
#include "tls.h"

#include <string.h>

#define DNS_PORT 53
#define ANSWER_AGE_US (30 * G_USEC_PER_SEC) /* resolvers have given up by then */

typedef struct
{
  guint64 hash; /* of the flow, the message's id and the name; 0: none */
  guint64 time_us;
  gboolean came_in;
} Question;

typedef struct
{
  PlFlowKey key;
  guint32 next_seq;
  guint16 n_bytes; /* 0: none */
  guint8 bytes[PL_LIMIT_HELLO_BYTES];
} Hello;

typedef struct
{
  PlFlowKey key;
  PlQuic quic;
} Quic;

struct _PlHostNames
{
  guint64 secret[2];
  Question questions[PL_LIMIT_DNS_QUESTIONS];
  guint64 proxied[PL_LIMIT_PROXIED]; /* hashes of connections in which another is called; 0: none */
  Hello *hellos; /* [PL_LIMIT_HELLOS]; NULL before the first that is cut */
  guint n_hellos;
  Quic *quics; /* [PL_LIMIT_QUICS]; NULL before the first */
  guint64 quics_in_s; /* in which second */
  guint n_quics_in; /* so many came in */
  GArray *told; /* PlNameTold */
  guint64 n_lost;
};

PlHostNames *
pl_host_names_new (void)
{
  PlHostNames *names = g_new0 (PlHostNames, 1);

  pl_siphash_secret (names->secret);
  names->told = g_array_new (FALSE, FALSE, sizeof (PlNameTold));
  return names;
}

static void
drop_told (PlHostNames *names)
{
  for (guint i = 0; i < names->told->len; i++)
    g_free (g_array_index (names->told, PlNameTold, i).name);
  g_array_set_size (names->told, 0);
}

void
pl_host_names_free (PlHostNames *names)
{
  drop_told (names);
  g_array_unref (names->told);
  g_free (names->hellos);
  g_free (names->quics);
  g_free (names);
}

/* A name is copied once for each flow or address that it is told of, never for a packet that tells none. */
static void
tell (PlHostNames *names, const PlNameTold *told, const char *name)
{
  PlNameTold copy = *told;

  if (names->told->len == PL_LIMIT_NAMES_TOLD)
    {
      names->n_lost++;
      return;
    }
  copy.name = g_strdup (name);
  g_array_append_val (names->told, copy);
}

/* ---- DNS ---- */

static Question *
find_question (PlHostNames *names, const PlFlowKey *key, const PlDns *dns, guint64 *hash)
{
  *hash = pl_flow_key_hash (key, names->secret) ^ ((guint64)dns->id << 32 | g_str_hash (dns->name));
  *hash += *hash == 0;
  return &names->questions[*hash % PL_LIMIT_DNS_QUESTIONS];
}

static gboolean
has_dns_port (const PlPacket *packet)
{
  return packet->src_port == DNS_PORT || packet->dst_port == DNS_PORT;
}

/* Whether somebody else sent it; on the loopback it is seen as it comes in alone. */
static gboolean
came_in (const PlPacket *packet)
{
  return packet->direction == PL_DIRECTION_IN && !pl_packet_is_on_loopback (packet);
}

/* Reads a message that @packet has. */
static void
read_dns (PlHostNames *names, const PlPacket *packet, const guint8 *bytes, guint32 n_bytes)
{
  PlNameTold told = { .time_us = packet->time_us, .end = PL_END_UNKNOWN, .source = PL_NAME_DNS };
  PlFlowKey key;
  PlDns dns;
  Question *question;
  guint64 hash;

  if (!pl_dns_read (bytes, n_bytes, &dns) || dns.is_answer != (packet->src_port == DNS_PORT))
    return;
  pl_flow_key_from_packet (packet, &key);
  question = find_question (names, &key, &dns, &hash);
  if (!dns.is_answer)
    {
      *question = (Question){ hash, packet->time_us, came_in (packet) };
      return;
    }
  if (question->hash != hash || packet->time_us - question->time_us > ANSWER_AGE_US)
    return;
  if (question->came_in && came_in (packet)) /* one on the network may have sent both */
    return;
  question->hash = 0; /* the first answer counts, as to whoever asked */
  for (guint i = 0; i < dns.n_addrs; i++)
    {
      told.addr = dns.addrs[i];
      tell (names, &told, dns.name);
    }
}

/* Over TCP each message is behind its length (RFC 7766 8). One that goes on in the next segment is read as far as it is here. */
static void
read_dns_segment (PlHostNames *names, const PlPacket *packet)
{
  PlCursor cursor = { packet->payload, packet->payload_captured_bytes, packet->payload_captured_bytes };
  const guint8 *length;

  while ((length = pl_cursor_take (&cursor, 2)) != NULL)
    {
      const guint16 n_bytes = pl_be16 (length);

      read_dns (names, packet, cursor.at, MIN (n_bytes, cursor.captured_bytes));
      pl_cursor_advance (&cursor, n_bytes);
    }
}

/* ---- TLS ---- */

/* Whether what follows is said to another than who was called: CONNECT of HTTP (RFC 9110 9.3.6), or the greeting of SOCKS 5 (RFC 1928 3)
 * or 4. Other bytes may look so: then a name is missed. */
static gboolean
asks_proxy (const PlPacket *packet)
{
  const guint8 *bytes = packet->payload;
  guint32 n_bytes = packet->payload_captured_bytes;

  return (n_bytes >= 8 && memcmp (bytes, "CONNECT ", 8) == 0)
         || (n_bytes >= 3 && bytes[0] == 5 && n_bytes == 2u + bytes[1])
         || (n_bytes >= 9 && bytes[0] == 4 && bytes[1] == 1);
}

/* Of @key's connection; never 0. */
static guint64
proxied_hash (const PlHostNames *names, const PlFlowKey *key)
{
  return pl_flow_key_hash (key, names->secret) | 1;
}

static guint64 *
proxied_place (PlHostNames *names, guint64 hash)
{
  return &names->proxied[hash / 2 % PL_LIMIT_PROXIED];
}

static void
note_proxied (PlHostNames *names, const PlPacket *packet)
{
  PlFlowKey key;
  guint64 hash;

  pl_flow_key_from_packet (packet, &key);
  hash = proxied_hash (names, &key);
  *proxied_place (names, hash) = hash;
}

static gboolean
is_proxied (PlHostNames *names, const PlFlowKey *key)
{
  guint64 hash = proxied_hash (names, key);

  return *proxied_place (names, hash) == hash;
}

static Hello *
place_of (PlHostNames *names, const PlFlowKey *key)
{
  return &names->hellos[pl_flow_key_hash (key, names->secret) % PL_LIMIT_HELLOS];
}

static void
forget_hello (PlHostNames *names, Hello *hello)
{
  names->n_hellos -= hello->n_bytes > 0;
  hello->n_bytes = 0;
}

/* Keeps what @packet has of a beginning that goes on behind it; what the capture cut or has no room for is let go. */
static void
keep_hello (PlHostNames *names, Hello *hello, const PlFlowKey *key, const PlPacket *packet)
{
  guint n_before = hello->n_bytes;

  if (packet->payload_captured_bytes != packet->payload_bytes
      || n_before + packet->payload_bytes > PL_LIMIT_HELLO_BYTES)
    {
      forget_hello (names, hello);
      return;
    }
  memcpy (hello->bytes + n_before, packet->payload, packet->payload_bytes);
  hello->n_bytes = (guint16)(n_before + packet->payload_bytes);
  hello->next_seq = packet->tcp_seq + packet->payload_bytes;
  hello->key = *key;
  names->n_hellos += n_before == 0;
}

static void
tell_tls (PlHostNames *names, const PlFlowKey *key, int sender, const PlPacket *packet, const char *name)
{
  PlNameTold told = { .key = *key,
                      .addr = packet->dst,
                      .time_us = packet->time_us,
                      .end = sender == PL_END_A ? PL_END_B : PL_END_A,
                      .source = PL_NAME_TLS };

  tell (names, &told, name);
}

static void
begin_tls (PlHostNames *names, const PlPacket *packet)
{
  char name[PL_NAME_ROOM];
  PlFlowKey key;
  int sender = pl_flow_key_from_packet (packet, &key);
  Hello *hello;

  if (is_proxied (names, &key))
    return;
  switch (pl_tls_read_server_name (packet->payload, packet->payload_captured_bytes, name))
    {
    case PL_TLS_NAMED:
      tell_tls (names, &key, sender, packet, name);
      break;
    case PL_TLS_CUT:
      if (names->hellos == NULL)
        names->hellos = g_new0 (Hello, PL_LIMIT_HELLOS);
      hello = place_of (names, &key);
      forget_hello (names, hello);
      keep_hello (names, hello, &key, packet);
      break;
    case PL_TLS_NOT:
    default:
      break;
    }
}

static void
continue_tls (PlHostNames *names, const PlPacket *packet)
{
  char name[PL_NAME_ROOM];
  PlFlowKey key;
  int sender = pl_flow_key_from_packet (packet, &key);
  Hello *hello = place_of (names, &key);
  PlTls tls;

  if (hello->n_bytes == 0 || !pl_flow_key_equal (&hello->key, &key) || packet->tcp_seq != hello->next_seq)
    return;
  keep_hello (names, hello, &key, packet);
  tls = hello->n_bytes > 0 ? pl_tls_read_server_name (hello->bytes, hello->n_bytes, name) : PL_TLS_NOT;
  if (tls == PL_TLS_NAMED)
    tell_tls (names, &key, sender, packet, name);
  if (tls != PL_TLS_CUT)
    forget_hello (names, hello);
}

/* ---- QUIC ---- */

/* Whoever can send to this computer is given some of the processor, not all of it. */
static gboolean
may_open (PlHostNames *names, const PlPacket *packet)
{
  guint64 second = packet->time_us / G_USEC_PER_SEC;

  if (!came_in (packet))
    return TRUE;
  if (second != names->quics_in_s)
    {
      names->quics_in_s = second;
      names->n_quics_in = 0;
    }
  if (names->n_quics_in == PL_LIMIT_QUICS_IN_HZ)
    {
      names->n_lost++;
      return FALSE;
    }
  names->n_quics_in++;
  return TRUE;
}

static void
read_quic (PlHostNames *names, const PlPacket *packet)
{
  char name[PL_NAME_ROOM];
  PlFlowKey key;
  int sender = pl_flow_key_from_packet (packet, &key);
  Quic *quic;

  if (!may_open (names, packet))
    return;
  if (names->quics == NULL)
    names->quics = g_new0 (Quic, PL_LIMIT_QUICS);
  quic = &names->quics[pl_flow_key_hash (&key, names->secret) % PL_LIMIT_QUICS];
  if (!pl_flow_key_equal (&quic->key, &key))
    *quic = (Quic){ .key = key };
  if (pl_quic_read_name (&quic->quic, packet->payload, packet->payload_captured_bytes, name))
    tell_tls (names, &key, sender, packet, name);
}

void
pl_host_names_read (PlHostNames *names, const PlPacket *packet)
{
  if (packet->payload == NULL || (packet->flags & PL_PACKET_LATER_FRAGMENT) != 0)
    return;
  if (packet->proto == PL_PROTO_UDP && has_dns_port (packet))
    read_dns (names, packet, packet->payload, packet->payload_captured_bytes);
  else if (packet->proto == PL_PROTO_UDP && pl_quic_may_begin (packet->payload, packet->payload_captured_bytes))
    read_quic (names, packet);
  else if (packet->proto != PL_PROTO_TCP)
    return;
  else if (pl_tls_may_begin (packet->payload, packet->payload_captured_bytes))
    begin_tls (names, packet);
  else if (has_dns_port (packet))
    read_dns_segment (names, packet);
  else if (asks_proxy (packet))
    note_proxied (names, packet);
  else if (names->n_hellos > 0)
    continue_tls (names, packet);
}

/* ---- handing over ---- */

void
pl_host_names_take (PlHostNames *names, PlBatch *batch)
{
  gsize n;

  batch->names = g_array_steal (names->told, &n);
  batch->n_names = (guint)n;
}

guint64
pl_host_names_get_n_lost (const PlHostNames *names)
{
  return names->n_lost;
}
