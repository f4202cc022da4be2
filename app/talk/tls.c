/* Reads the ClientHello of TLS, from its beginning up to the name. */
#include "tls.h"

#include "cursor.h"
#include "host-name.h"

#define EXTENSION_SERVER_NAME 0
#define NAME_HOST 0
#define RECORD_BYTES 5
#define MESSAGE_BYTES 4
#define MESSAGE_CLIENT_HELLO 1
#define VERSION_AND_RANDOM_BYTES 34

/* Skips a field whose length stands before it in @n_length bytes, one or two. */
static bool
skip_sized (PlCursor *cursor, uint32_t n_length)
{
  const uint8_t *length = pl_cursor_take (cursor, n_length);
  uint32_t n_bytes = length == NULL ? 0 : n_length == 1 ? length[0] : pl_be16 (length);

  return length != NULL && pl_cursor_take (cursor, n_bytes) != NULL;
}

/* Of a list of names there is one, a host's: nobody uses others. */
static bool
read_name (const uint8_t *data, uint32_t n_data, char *name)
{
  PlCursor cursor = { data, n_data, n_data };
  const uint8_t *fixed = pl_cursor_take (&cursor, 5);
  uint32_t n_name = fixed == NULL ? 0 : pl_be16 (fixed + 3);

  return fixed != NULL && fixed[2] == NAME_HOST && n_name <= cursor.captured_bytes
         && pl_host_name_read (cursor.at, n_name, name);
}

PlTls
pl_tls_read_hello (const uint8_t *bytes, uint32_t n_bytes, char name[static PL_NAME_ROOM])
{
  PlCursor cursor = { bytes, n_bytes, n_bytes };
  const uint8_t *head = pl_cursor_take (&cursor, MESSAGE_BYTES), *fixed;
  PlTls without = PL_TLS_CUT;

  if (n_bytes > 0 && bytes[0] != MESSAGE_CLIENT_HELLO)
    return PL_TLS_NOT;
  if (head != NULL)
    {
      uint32_t n_message = pl_be32 (head) & 0xffffff;

      without = cursor.captured_bytes < n_message ? PL_TLS_CUT : PL_TLS_NOT;
      pl_cursor_limit (&cursor, n_message);
    }
  if (pl_cursor_take (&cursor, VERSION_AND_RANDOM_BYTES) == NULL || !skip_sized (&cursor, 1) || !skip_sized (&cursor, 2)
      || !skip_sized (&cursor, 1) || pl_cursor_take (&cursor, 2) == NULL)
    return without;
  while ((fixed = pl_cursor_take (&cursor, 4)) != NULL)
    {
      uint32_t n_data = pl_be16 (fixed + 2);
      const uint8_t *data = pl_cursor_take (&cursor, n_data);

      if (data == NULL)
        break;
      if (pl_be16 (fixed) == EXTENSION_SERVER_NAME)
        return read_name (data, n_data, name) ? PL_TLS_NAMED : PL_TLS_NOT;
    }
  return without;
}

PlTls
pl_tls_read_server_name (const uint8_t *bytes, uint32_t n_bytes, char name[static PL_NAME_ROOM])
{
  uint32_t n_record;
  PlTls tls;

  if (!pl_tls_may_begin (bytes, n_bytes))
    return PL_TLS_NOT;
  n_record = RECORD_BYTES + (uint32_t)pl_be16 (bytes + 3);
  if (n_bytes < n_record)
    return pl_tls_read_hello (bytes + RECORD_BYTES, n_bytes - RECORD_BYTES, name);
  tls = pl_tls_read_hello (bytes + RECORD_BYTES, n_record - RECORD_BYTES, name);
  return tls == PL_TLS_CUT ? PL_TLS_NOT : tls;
}
