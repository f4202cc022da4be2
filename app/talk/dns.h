/* Questions and answers of DNS: which addresses a name has. Pure; libc only. Source: RFC 1035 4, RFC 3596. */
#pragma once
#include "bounds.h"
#include "name.h"

typedef struct
{
  uint16_t id;
  bool is_answer;
  char name[PL_NAME_ROOM]; /* that was asked for */
  uint32_t n_addrs;
  PlAddr addrs[PL_LIMIT_DNS_ADDRESSES]; /* that it has, by way of other names ("CNAME") or its own; more are left out */
} PlDns;

/* Reads a message of one question of the Internet's, which may be cut behind that. FALSE where it is none that names a host. */
bool pl_dns_read (const uint8_t *bytes, uint32_t n_bytes, PlDns *dns);
