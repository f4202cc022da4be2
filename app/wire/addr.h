/* Internet addresses. One type for both families: IPv4 is kept as ::ffff:a.b.c.d (RFC 4291 2.5.5.2), which never appears
 * on a wire, so that no family field is needed. The bytes are touched only through these helpers. libc only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct
{
  _Alignas (4) uint8_t bytes[16]; /* network order */
} PlAddr;

typedef struct
{
  PlAddr addr;
  uint8_t bits; /* 0..128, of the 16-byte form: an IPv4 /24 is 120 */
} PlPrefix;

typedef enum
{
  PL_SCOPE_UNSPECIFIED, /* 0.0.0.0, :: */
  PL_SCOPE_LOOPBACK,    /* this computer: 127/8, ::1 */
  PL_SCOPE_LINK,        /* 169.254/16, fe80::/10 */
  PL_SCOPE_PRIVATE,     /* local network: RFC 1918, RFC 4193, RFC 6598 */
  PL_SCOPE_MULTICAST,
  PL_SCOPE_BROADCAST,   /* 255.255.255.255 */
  PL_SCOPE_INTERNET,
} PlScope;

#define PL_ADDR_STRLEN 46 /* INET6_ADDRSTRLEN */

PlAddr pl_addr_from_v4 (const uint8_t bytes[4]);
PlAddr pl_addr_from_v6 (const uint8_t bytes[16]);
bool pl_addr_is_v4 (const PlAddr *addr);
bool pl_addr_equal (const PlAddr *a, const PlAddr *b);
int pl_addr_compare (const PlAddr *a, const PlAddr *b); /* as memcmp: numeric order, IPv4 together */
bool pl_addr_is_zero (const PlAddr *addr);              /* 0.0.0.0 or :: */
PlScope pl_addr_scope (const PlAddr *addr);

/* Text of @addr: dotted quad, or RFC 5952 for IPv6 (never with brackets or zone). Returns @buffer. */
const char *pl_addr_format (const PlAddr *addr, char buffer[static PL_ADDR_STRLEN]);
bool pl_addr_parse (const char *text, PlAddr *addr);       /* false: @addr untouched */
bool pl_prefix_parse (const char *text, PlPrefix *prefix); /* ADDR or ADDR/BITS; false: @prefix untouched */
bool pl_prefix_contains (const PlPrefix *prefix, const PlAddr *addr);
