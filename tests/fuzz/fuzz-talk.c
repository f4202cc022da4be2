/* Fuzz target: what names are read in. Input: one byte, even for DNS and odd for TLS, then a message. A name that is told is one
 * that may be shown, and a message read as far as it goes is never read as another when more of it is there. */
#include "dns.h"
#include "host-name.h"
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

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t *copy; /* of its own, so that the address sanitizer sees any byte read too far */

  if (size < 1 || size > 65536)
    return 0;
  copy = malloc (size);
  CHECK (copy != NULL);
  memcpy (copy, data + 1, size - 1);
  ((data[0] & 1) != 0 ? read_tls : read_dns) (copy, (uint32_t)size - 1);
  free (copy);
  return 0;
}
