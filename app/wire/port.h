/* Port numbers: ranges and the names of services. Range is arithmetic (RFC 6335 section 6); role is what a port does here. */
#pragma once
#include <stdint.h>

typedef enum
{
  PL_RANGE_WELL_KNOWN, /* 0-1023 */
  PL_RANGE_REGISTERED, /* 1024-49151 */
  PL_RANGE_DYNAMIC, /* 49152-65535 */
  PL_RANGE_NONE, /* the flow has no ports */
} PlRange;

typedef enum
{
  PL_ROLE_NONE,
  PL_ROLE_LISTENING, /* the local end that was called, or a listener */
  PL_ROLE_TEMPORARY, /* picked for an outgoing connection */
  PL_ROLE_SERVICE, /* the remote end that was called */
} PlRole;

PlRange pl_port_range (uint16_t port);
const char *
pl_range_id (PlRange range); /* "well-known", "registered", "dynamic"; NULL for none. Machine form, untranslated */
const char *pl_role_id (PlRole role); /* "listening", "temporary", "service"; NULL for none */

/* Service name of @port for IP protocol @proto (6, 17, 132) from our table (IANA names); static, or NULL. */
const char *pl_service_name (uint8_t proto, uint16_t port);
/* The same for people: "dns" for what is registered as "domain". Static, or NULL. */
const char *pl_service_title (uint8_t proto, uint16_t port);
/* Short name of an IP protocol: "tcp", "udp", "sctp", "icmp", "icmpv6", "gre", …; for others "ip-N". Static storage. */
const char *pl_proto_name (uint8_t proto);
/* The same for people: "TCP", "ICMPv6", …; for others "ip-N". Static storage. */
const char *pl_proto_title (uint8_t proto);
