/* How a QUIC connection begins: for which host the caller asks. Pure; libc and nettle only.
 *
 * A client's first packets are encrypted with keys that follow from a number in their own headers, so that nobody but the two
 * ends changes them unnoticed; they hide nothing from who reads along (RFC 9001 5.2). Source: RFC 9000 17.2 and 19, RFC 9001 5,
 * RFC 9369 3. */
#pragma once
#include "cursor.h"
#include "bounds.h"
#include "name.h"

#define PL_QUIC_ID_BYTES 20       /* the longest connection id of versions 1 and 2 */
#define PL_QUIC_DATAGRAM_BYTES 1200 /* at least, of one with a client's Initial: RFC 9000 14.1 */
#define PL_QUIC_VERSION_1 1u
#define PL_QUIC_VERSION_2 0x6b3343cfu

/* What is known of one connection's ClientHello, which comes in pieces, in any order and in several packets. All 0 at first. */
typedef struct
{
  uint8_t id[PL_QUIC_ID_BYTES]; /* by which the client calls the server; of a connection that begins anew another */
  uint8_t n_id;
  bool is_read; /* its name was told, or it has none */
  uint32_t n_from_start; /* bytes that are there from the first on */
  uint8_t hello[PL_LIMIT_HELLO_BYTES];
  uint8_t is_there[PL_LIMIT_HELLO_BYTES];
} PlQuic;

/* Whether a datagram may begin with a client's Initial: a look at its length and five bytes. */
static inline bool
pl_quic_may_begin (const uint8_t *bytes, uint32_t n_bytes)
{
  uint32_t version;

  if (n_bytes < PL_QUIC_DATAGRAM_BYTES || (bytes[0] & 0xc0) != 0xc0)
    return false;
  version = pl_be32 (bytes + 1);
  return version == PL_QUIC_VERSION_1 || version == PL_QUIC_VERSION_2;
}

/* Adds what a datagram's Initials have, of those that are a client's and whole. TRUE, with @name filled, once for a connection
 * that has a name. */
bool pl_quic_read_name (PlQuic *quic, const uint8_t *bytes, uint32_t n_bytes, char name[static PL_NAME_ROOM]);
