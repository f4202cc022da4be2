/* How a TLS connection begins: for which host the caller asks. Pure; libc only. Source: RFC 8446 4.1.2, RFC 6066 3. */
#pragma once
#include "name.h"

typedef enum
{
  PL_TLS_NOT,   /* no ClientHello, or one without a name that may be shown */
  PL_TLS_CUT,   /* it goes on in the next segment: ask again with that behind */
  PL_TLS_NAMED, /* @name is filled */
} PlTls;

/* Whether a connection's first payload may be a ClientHello: a look at six bytes. */
static inline bool
pl_tls_may_begin (const uint8_t *bytes, uint32_t n_bytes)
{
  return n_bytes >= 6 && bytes[0] == 22 && bytes[1] == 3 && bytes[5] == 1;
}

/* A ClientHello in one record. */
PlTls pl_tls_read_server_name (const uint8_t *bytes, uint32_t n_bytes, char name[static PL_NAME_ROOM]);
/* The message itself, as it is without records. */
PlTls pl_tls_read_hello (const uint8_t *bytes, uint32_t n_bytes, char name[static PL_NAME_ROOM]);
