/* What a computer is called, as packets told. libc only. */
#pragma once
#include "flow.h"

#define PL_NAME_ROOM 254 /* bytes: the 253 characters that a name of DNS may have (RFC 1035 2.3.4), and a 0 */

typedef enum
{
  PL_NAME_NONE,
  PL_NAME_DNS, /* an answer of DNS gave the address for it: others may have that, too, so the name is likely at most */
  PL_NAME_TLS, /* the caller asked for it as the connection began (server_name, RFC 6066 3) */
} PlNameSource;

typedef struct
{
  PlFlowKey key;    /* of the flow that was called by it; of DNS all 0 */
  PlAddr addr;      /* whose name it is */
  uint64_t time_us; /* Unix time when that was told */
  char *name;       /* ASCII, lower case: letters, digits, "-", "_" and "." */
  uint8_t end;      /* PL_END_… that is called so; of DNS PL_END_UNKNOWN */
  uint8_t source;   /* PlNameSource */
} PlNameTold;

const char *pl_name_source_id (PlNameSource source); /* "dns", "tls"; static; NULL without */
