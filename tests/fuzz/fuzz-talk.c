/* Fuzz target: what names are read in. Input: one byte, whose last two bits are 0 for DNS, 1 for TLS, 2 for a datagram of QUIC
 * and 3 for frames that are sealed into one, then that. A name that is told is one
 * that may be shown, and a message read as far as it goes is never read as another when more of it is there. */
#include "dns.h"
#include "host-name.h"
#include "quic-writer.h"
#include "quic.h"
#include "tls.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define CHECK(condition) \
  do \
    { \
      if (!(condition)) \
        abort (); \
    } \
  while (0)

static void
check_name (const char *name)
{
  char again[PL_NAME_ROOM];

  CHECK (strlen (name) < PL_NAME_ROOM);
  CHECK (pl_host_name_read ((const uint8_t *)name, (uint32_t)strlen (name), again) && strcmp (name, again) == 0);
}

static void
read_dns (const uint8_t *bytes, uint32_t n_bytes)
{
  PlDns dns, cut;

  if (!pl_dns_read (bytes, n_bytes, &dns))
    return;
  check_name (dns.name);
  CHECK (dns.n_addrs <= PL_LIMIT_DNS_ADDRESSES && (dns.is_answer || dns.n_addrs == 0));
  if (pl_dns_read (bytes, n_bytes - 1, &cut))
    CHECK (strcmp (cut.name, dns.name) == 0 && cut.n_addrs <= dns.n_addrs
           && memcmp (cut.addrs, dns.addrs, cut.n_addrs * sizeof *cut.addrs) == 0);
}

static void
read_tls (const uint8_t *bytes, uint32_t n_bytes)
{
  char name[PL_NAME_ROOM], cut[PL_NAME_ROOM];

  if (pl_tls_read_server_name (bytes, n_bytes, name) != PL_TLS_NAMED)
    return;
  check_name (name);
  if (pl_tls_read_server_name (bytes, n_bytes - 1, cut) == PL_TLS_NAMED)
    CHECK (strcmp (cut, name) == 0);
}

/* Twice, as a connection's pieces come in several. */
static void
read_datagram (const uint8_t *bytes, uint32_t n_bytes)
{
  static PlQuic quic;
  char name[PL_NAME_ROOM];

  memset (&quic, 0, sizeof quic);
  for (int i = 0; i < 2; i++)
    {
      if (pl_quic_read_name (&quic, bytes, n_bytes, name))
        check_name (name);
      CHECK (quic.n_from_start <= PL_LIMIT_HELLO_BYTES);
    }
}

static void
read_frames (const uint8_t *bytes, uint32_t n_bytes)
{
  uint8_t sealed[PL_LIMIT_INITIAL_BYTES];

  if (n_bytes < 4 || n_bytes > sizeof sealed - QUIC_WRITER_HEADER_BYTES - QUIC_WRITER_TAG_BYTES)
    return;
  read_datagram (sealed, (uint32_t)quic_write_initial (sealed, 1, 0, bytes, n_bytes));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static void (*const readers[4]) (const uint8_t *bytes, uint32_t n_bytes) = { read_dns, read_tls, read_datagram,
                                                                               read_frames };
  uint8_t *copy; /* of its own, so that the address sanitizer sees any byte read too far */

  if (size < 1 || size > 65536)
    return 0;
  copy = malloc (size);
  CHECK (copy != NULL);
  memcpy (copy, data + 1, size - 1);
  readers[data[0] & 3](copy, (uint32_t)size - 1);
  free (copy);
  return 0;
}
