/* What a computer is called: its words for machines. */
#include "name.h"

const char *
pl_name_source_id (PlNameSource source)
{
  switch (source)
    {
    case PL_NAME_DNS:
      return "dns";
    case PL_NAME_TLS:
      return "tls";
    case PL_NAME_NONE:
    default:
      return NULL;
    }
}
