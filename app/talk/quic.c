/* Opens a client's Initials and puts their pieces of the ClientHello together. A packet is believed when its tag is right. */
#include "quic.h"

#include "tls.h"

#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/version.h>
#include <string.h>

#define NUMBER_BYTES 4 /* at most; the sample for the mask begins behind so many */
#define IV_BYTES GCM_IV_SIZE
#define FRAME_PADDING 0
#define FRAME_PING 1
#define FRAME_CRYPTO 6

typedef struct
{
  uint32_t number;
  uint8_t initial; /* what an Initial has in the two bits of its type */
  uint8_t salt[20];
  const char *key, *iv, *mask; /* labels */
} Version;

static const Version versions[] = {
  { PL_QUIC_VERSION_1,
    0,
    { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
      0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a },
    "tls13 quic key",
    "tls13 quic iv",
    "tls13 quic hp" },
  { PL_QUIC_VERSION_2,
    1,
    { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
      0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 },
    "tls13 quicv2 key",
    "tls13 quicv2 iv",
    "tls13 quicv2 hp" },
};

typedef struct
{
  const Version *version;
  bool is_initial;
  const uint8_t *id; /* of its destination */
  uint8_t n_id;
  const uint8_t *bytes;
  uint32_t n_header; /* before its number */
  uint32_t n_bytes;
} Packet;

typedef struct
{
  uint8_t key[AES128_KEY_SIZE], iv[IV_BYTES], mask[AES128_KEY_SIZE];
} Keys;

/* ---- headers ---- */

static const Version *
find_version (uint32_t number)
{
  for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
    if (versions[i].number == number)
      return &versions[i];
  return NULL;
}

/* A number of one, two, four or eight bytes: RFC 9000 16. */
static bool
take_number (PlCursor *cursor, uint64_t *number)
{
  const uint8_t *first = pl_cursor_peek (cursor, 1);
  uint32_t n_bytes = first != NULL ? 1u << (first[0] >> 6) : 1;
  const uint8_t *bytes = pl_cursor_take (cursor, n_bytes);

  if (bytes == NULL)
    return false;
  *number = bytes[0] & 0x3f;
  for (uint32_t i = 1; i < n_bytes; i++)
    *number = *number << 8 | bytes[i];
  return true;
}

/* The bytes behind their own number. */
static const uint8_t *
take_numbered (PlCursor *cursor, uint64_t *n_bytes)
{
  return take_number (cursor, n_bytes) && *n_bytes <= cursor->captured_bytes
             ? pl_cursor_take (cursor, (uint32_t)*n_bytes)
             : NULL;
}

static const uint8_t *
take_id (PlCursor *cursor, uint8_t *n_id)
{
  const uint8_t *length = pl_cursor_take (cursor, 1);

  if (length == NULL || length[0] > PL_QUIC_ID_BYTES)
    return NULL;
  *n_id = length[0];
  return pl_cursor_take (cursor, length[0]);
}

/* The next packet with a long header and a length, all of it there. */
static bool
take_packet (PlCursor *cursor, Packet *packet)
{
  const uint8_t *fixed = pl_cursor_take (cursor, 5), *rest;
  uint64_t n_token, n_rest;
  uint8_t n_source;

  packet->version = fixed != NULL && (fixed[0] & 0xc0) == 0xc0 ? find_version (pl_be32 (fixed + 1)) : NULL;
  if (packet->version == NULL)
    return false;
  packet->bytes = fixed;
  packet->is_initial = (fixed[0] >> 4 & 3) == packet->version->initial;
  packet->id = take_id (cursor, &packet->n_id);
  if (packet->id == NULL || take_id (cursor, &n_source) == NULL
      || (packet->is_initial && take_numbered (cursor, &n_token) == NULL))
    return false;
  rest = take_numbered (cursor, &n_rest);
  if (rest == NULL)
    return false;
  packet->n_header = (uint32_t)(rest - fixed);
  packet->n_bytes = packet->n_header + (uint32_t)n_rest;
  return true;
}

/* ---- keys ---- */

static void
expand (const uint8_t secret[static SHA256_DIGEST_SIZE], const char *label, uint8_t *out, uint8_t n_out)
{
  struct hmac_sha256_ctx hmac;
  uint8_t info[32] = { 0, n_out, (uint8_t)strlen (label) }; /* HkdfLabel of RFC 8446 7.1, its context empty */

  memcpy (info + 3, label, info[2]);
  hmac_sha256_set_key (&hmac, SHA256_DIGEST_SIZE, secret);
  hkdf_expand (&hmac, (nettle_hash_update_func *)hmac_sha256_update, (nettle_hash_digest_func *)hmac_sha256_digest,
               SHA256_DIGEST_SIZE, info[2] + 4u, info, n_out, out);
}

static void
derive (const Packet *packet, Keys *keys)
{
  const Version *version = packet->version;
  struct hmac_sha256_ctx hmac;
  uint8_t secret[SHA256_DIGEST_SIZE], client[SHA256_DIGEST_SIZE];

  hmac_sha256_set_key (&hmac, sizeof version->salt, version->salt);
  hkdf_extract (&hmac, (nettle_hash_update_func *)hmac_sha256_update, (nettle_hash_digest_func *)hmac_sha256_digest,
                SHA256_DIGEST_SIZE, packet->n_id, packet->id, secret);
  expand (secret, "tls13 client in", client, sizeof client);
  expand (client, version->key, keys->key, sizeof keys->key);
  expand (client, version->iv, keys->iv, sizeof keys->iv);
  expand (client, version->mask, keys->mask, sizeof keys->mask);
}

static void
get_tag (struct gcm_aes128_ctx *gcm, uint8_t tag[static GCM_DIGEST_SIZE])
{
#if NETTLE_VERSION_MAJOR >= 4
  gcm_aes128_digest (gcm, tag);
#else
  gcm_aes128_digest (gcm, GCM_DIGEST_SIZE, tag);
#endif
}

/* Opens @packet in @bytes: takes the mask off its number, then decrypts what follows, where @frames is. FALSE where it is no
 * client's, or was changed. */
static bool
open_packet (const Packet *packet, uint8_t bytes[static PL_LIMIT_INITIAL_BYTES], PlCursor *frames)
{
  struct aes128_ctx aes;
  struct gcm_aes128_ctx gcm;
  uint8_t mask[AES_BLOCK_SIZE], tag[GCM_DIGEST_SIZE];
  uint32_t n_number, n_before, n_frames;
  Keys keys;

  if (packet->n_bytes > PL_LIMIT_INITIAL_BYTES || packet->n_bytes - packet->n_header < NUMBER_BYTES + sizeof mask)
    return false;
  memcpy (bytes, packet->bytes, packet->n_bytes);
  derive (packet, &keys);
  aes128_set_encrypt_key (&aes, keys.mask);
  aes128_encrypt (&aes, sizeof mask, mask, bytes + packet->n_header + NUMBER_BYTES);
  bytes[0] ^= mask[0] & 0x0f;
  n_number = (bytes[0] & 3u) + 1;
  for (uint32_t i = 0; i < n_number; i++)
    {
      bytes[packet->n_header + i] ^= mask[1 + i];
      keys.iv[IV_BYTES - n_number + i] ^= bytes[packet->n_header + i];
    }
  n_before = packet->n_header + n_number;
  n_frames = packet->n_bytes - n_before - (uint32_t)sizeof tag;
  gcm_aes128_set_key (&gcm, keys.key);
  gcm_aes128_set_iv (&gcm, sizeof keys.iv, keys.iv);
  gcm_aes128_update (&gcm, n_before, bytes);
  gcm_aes128_decrypt (&gcm, n_frames, bytes + n_before, bytes + n_before);
  get_tag (&gcm, tag);
  *frames = (PlCursor){ bytes + n_before, n_frames, n_frames };
  return memcmp (tag, bytes + n_before + n_frames, sizeof tag) == 0;
}

/* ---- frames ---- */

static void
keep_piece (PlQuic *quic, uint64_t offset, const uint8_t *bytes, uint64_t n_bytes)
{
  if (offset >= PL_LIMIT_HELLO_BYTES)
    return;
  if (n_bytes > PL_LIMIT_HELLO_BYTES - offset)
    n_bytes = PL_LIMIT_HELLO_BYTES - offset;
  memcpy (quic->hello + offset, bytes, n_bytes);
  memset (quic->is_there + offset, true, n_bytes);
  while (quic->n_from_start < PL_LIMIT_HELLO_BYTES && quic->is_there[quic->n_from_start])
    quic->n_from_start++;
}

/* Others than these are not in a client's first packets: what follows them is left. */
static void
read_frames (PlQuic *quic, PlCursor *frames)
{
  uint64_t type, offset, n_bytes;

  while (take_number (frames, &type) && (type == FRAME_PADDING || type == FRAME_PING || type == FRAME_CRYPTO))
    if (type == FRAME_CRYPTO)
      {
        const uint8_t *bytes = take_number (frames, &offset) ? take_numbered (frames, &n_bytes) : NULL;

        if (bytes == NULL)
          return;
        keep_piece (quic, offset, bytes, n_bytes);
      }
}

static bool
is_of (const PlQuic *quic, const Packet *packet)
{
  return quic->n_id == packet->n_id && memcmp (quic->id, packet->id, packet->n_id) == 0;
}

bool
pl_quic_read_name (PlQuic *quic, const uint8_t *bytes, uint32_t n_bytes, char name[static PL_NAME_ROOM])
{
  PlCursor cursor = { bytes, n_bytes, n_bytes }, frames;
  uint8_t opened[PL_LIMIT_INITIAL_BYTES];
  Packet packet;
  PlTls tls;

  for (int i = 0; i < PL_LIMIT_DATAGRAM_PACKETS && take_packet (&cursor, &packet); i++)
    {
      if (!packet.is_initial || (quic->is_read && is_of (quic, &packet)) || !open_packet (&packet, opened, &frames))
        continue;
      if (!is_of (quic, &packet))
        {
          *quic = (PlQuic){ .n_id = packet.n_id };
          memcpy (quic->id, packet.id, packet.n_id);
        }
      read_frames (quic, &frames);
    }
  if (quic->is_read)
    return false;
  tls = pl_tls_read_hello (quic->hello, quic->n_from_start, name);
  quic->is_read = tls != PL_TLS_CUT;
  return tls == PL_TLS_NAMED;
}
