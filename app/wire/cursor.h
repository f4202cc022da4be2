/* The one checked door to packet bytes. A cursor walks one frame and knows two lengths: how many bytes the capture holds
 * from here, and how many there were on the wire. A header is taken as a whole, after the check, and its fields are then
 * read at fixed offsets from the returned pointer. Nothing else in this room looks at a packet's bytes. libc only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct
{
  const uint8_t *at;
  uint32_t captured_bytes; /* left in the capture */
  uint32_t wire_bytes;     /* left on the wire; never less than captured_bytes */
} PlCursor;

/* The next @n_bytes without moving, or NULL when the capture holds fewer. */
static inline const uint8_t *
pl_cursor_peek (const PlCursor *cursor,
                uint32_t n_bytes)
{
  return n_bytes <= cursor->captured_bytes ? cursor->at : NULL;
}

/* Moves by @n_bytes of the wire; past the end of the capture the cursor stands at its end with nothing captured. */
static inline void
pl_cursor_advance (PlCursor *cursor,
                   uint32_t n_bytes)
{
  uint32_t captured = n_bytes < cursor->captured_bytes ? n_bytes : cursor->captured_bytes;

  cursor->at += captured;
  cursor->captured_bytes -= captured;
  cursor->wire_bytes -= n_bytes < cursor->wire_bytes ? n_bytes : cursor->wire_bytes;
}

/* The next @n_bytes, moving past them; or NULL, unmoved, when the capture holds fewer. */
static inline const uint8_t *
pl_cursor_take (PlCursor *cursor,
                uint32_t n_bytes)
{
  const uint8_t *bytes = pl_cursor_peek (cursor, n_bytes);

  if (bytes != NULL)
    pl_cursor_advance (cursor, n_bytes);
  return bytes;
}

/* Forgets all but the next @n_bytes of the wire: what lies behind is padding. A larger @n_bytes changes nothing. */
static inline void
pl_cursor_limit (PlCursor *cursor,
                 uint32_t n_bytes)
{
  if (n_bytes < cursor->wire_bytes)
    cursor->wire_bytes = n_bytes;
  if (n_bytes < cursor->captured_bytes)
    cursor->captured_bytes = n_bytes;
}

/* Whether the wire held @n_bytes from here: false means that the packet itself is too short, not that the capture cut it. */
static inline bool
pl_cursor_had (const PlCursor *cursor,
               uint32_t n_bytes)
{
  return n_bytes <= cursor->wire_bytes;
}

static inline uint16_t
pl_be16 (const uint8_t *bytes)
{
  return (uint16_t) (bytes[0] << 8 | bytes[1]);
}

static inline uint32_t
pl_be32 (const uint8_t *bytes)
{
  return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

static inline uint32_t
pl_le32 (const uint8_t *bytes)
{
  return (uint32_t) bytes[3] << 24 | (uint32_t) bytes[2] << 16 | (uint32_t) bytes[1] << 8 | bytes[0];
}
