/* Writes a client's first packets of QUIC. libc and nettle only. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define QUIC_WRITER_HEADER_BYTES 22
#define QUIC_WRITER_TAG_BYTES 16

/* Seals @n_frames bytes, 4 to 16,000, into an Initial of version @version, 1 or 2, in @out, which has room for header and tag
 * besides. It is that of RFC 9001 A.2 or RFC 9369 A.2 with other frames and another number. Returns its length. */
size_t quic_write_initial (uint8_t *out, unsigned version, uint32_t number, const uint8_t *frames, size_t n_frames);
