/* Writes a client's first packets of QUIC with the keys that the RFCs print for one connection id, so that nothing is derived
 * here as it is there. */
#include "quic-writer.h"

#include <nettle/gcm.h>
#include <nettle/version.h>
#include <string.h>

typedef struct
{
  uint8_t head[14]; /* up to the length: destination 8394c8f03e515708, no source, no token */
  uint8_t key[16], iv[12], mask[16];
} Version;

static const Version versions[2] = {
  { { 0xc3, 0, 0, 0, 1, 8, 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08 },
    { 0x1f, 0x36, 0x96, 0x13, 0xdd, 0x76, 0xd5, 0x46, 0x77, 0x30, 0xef, 0xcb, 0xe3, 0xb1, 0xa2, 0x2d },
    { 0xfa, 0x04, 0x4b, 0x2f, 0x42, 0xa3, 0xfd, 0x3b, 0x46, 0xfb, 0x25, 0x5c },
    { 0x9f, 0x50, 0x44, 0x9e, 0x04, 0xa0, 0xe8, 0x10, 0x28, 0x3a, 0x1e, 0x99, 0x33, 0xad, 0xed, 0xd2 } },
  { { 0xd3, 0x6b, 0x33, 0x43, 0xcf, 8, 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08 },
    { 0x8b, 0x1a, 0x0b, 0xc1, 0x21, 0x28, 0x42, 0x90, 0xa2, 0x9e, 0x09, 0x71, 0xb5, 0xcd, 0x04, 0x5d },
    { 0x91, 0xf7, 0x3e, 0x23, 0x51, 0xd8, 0xfa, 0x91, 0x66, 0x0e, 0x90, 0x9f },
    { 0x45, 0xb9, 0x5e, 0x15, 0x23, 0x5d, 0x6f, 0x45, 0xa6, 0xb1, 0x9c, 0xbc, 0xb0, 0x29, 0x4b, 0xa9 } },
};

size_t
quic_write_initial (uint8_t *out, unsigned version, uint32_t number, const uint8_t *frames, size_t n_frames)
{
  const Version *keys = &versions[version - 1];
  uint8_t *number_at = out + sizeof keys->head + 4, *sealed = number_at + 4, *tag = sealed + n_frames;
  const uint8_t number_be[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                                 (uint8_t)number };
  const size_t n_rest = sizeof number_be + n_frames + QUIC_WRITER_TAG_BYTES;
  struct gcm_aes128_ctx gcm;
  struct aes128_ctx aes;
  uint8_t iv[12], mask[AES_BLOCK_SIZE];

  memcpy (out, keys->head, sizeof keys->head);
  memset (out + sizeof keys->head, 0, 2);
  number_at[-2] = (uint8_t)(0x40 | n_rest >> 8);
  number_at[-1] = (uint8_t)n_rest;
  memcpy (number_at, number_be, sizeof number_be);
  memcpy (iv, keys->iv, sizeof iv);
  for (size_t i = 0; i < sizeof number_be; i++)
    iv[8 + i] ^= number_be[i];
  gcm_aes128_set_key (&gcm, keys->key);
  gcm_aes128_set_iv (&gcm, sizeof iv, iv);
  gcm_aes128_update (&gcm, QUIC_WRITER_HEADER_BYTES, out);
  gcm_aes128_encrypt (&gcm, n_frames, sealed, frames);
#if NETTLE_VERSION_MAJOR >= 4
  gcm_aes128_digest (&gcm, tag);
#else
  gcm_aes128_digest (&gcm, QUIC_WRITER_TAG_BYTES, tag);
#endif
  aes128_set_encrypt_key (&aes, keys->mask);
  aes128_encrypt (&aes, sizeof mask, mask, sealed);
  out[0] ^= mask[0] & 0x0f;
  for (size_t i = 0; i < sizeof number_be; i++)
    number_at[i] ^= mask[1 + i];
  return (size_t)(tag + QUIC_WRITER_TAG_BYTES - out);
}
