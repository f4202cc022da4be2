/* The addresses of this machine's interfaces. One thread. */
#pragma once
#include <glib.h>
#include "addr.h"

typedef struct _PlOwnAddresses PlOwnAddresses;

PlOwnAddresses *pl_own_addresses_new (void);
void pl_own_addresses_free (PlOwnAddresses *own);
/* Whether @addr is one of them, as of some seconds ago at most; loopback addresses always are. */
gboolean pl_own_addresses_has (PlOwnAddresses *own, const PlAddr *addr);
