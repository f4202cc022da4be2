/* Which bytes are a host's name. */
#include "host-name.h"

#include <string.h>

#define LABEL_BYTES 63 /* RFC 1035 2.3.4 */

/* 0 where @byte may not stand in a name. */
static char
fold (uint8_t byte)
{
  if (byte >= 'A' && byte <= 'Z')
    return (char)(byte - 'A' + 'a');
  if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.')
    return (char)byte;
  return 0;
}

static bool
copy_labels (const uint8_t *bytes, uint32_t n_bytes, char *name)
{
  uint32_t n_label = 0;

  for (uint32_t i = 0; i < n_bytes; i++)
    {
      name[i] = fold (bytes[i]);
      n_label = name[i] == '.' ? 0 : n_label + 1;
      if (name[i] == 0 || n_label > LABEL_BYTES || (name[i] == '.' && (i == 0 || name[i - 1] == '.')))
        return false;
    }
  name[n_bytes] = 0;
  return true;
}

bool
pl_host_name_read (const uint8_t *bytes, uint32_t n_bytes, char name[static PL_NAME_ROOM])
{
  PlAddr addr;

  if (n_bytes > 0 && bytes[n_bytes - 1] == '.')
    n_bytes--;
  if (n_bytes > 0 && n_bytes < PL_NAME_ROOM && copy_labels (bytes, n_bytes, name) && !pl_addr_parse (name, &addr))
    return true;
  name[0] = 0;
  return false;
}
