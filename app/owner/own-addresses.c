/* The addresses of this machine's interfaces, read again every few seconds and only when asked about. One thread. */
#include "own-addresses.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#define READ_INTERVAL_US (5 * G_USEC_PER_SEC)
#define MAX_ADDRESSES 4096

struct _PlOwnAddresses
{
  GArray *addresses; /* PlAddr */
  gint64 read_us;
};

PlOwnAddresses *
pl_own_addresses_new (void)
{
  PlOwnAddresses *own = g_new0 (PlOwnAddresses, 1);
  own->addresses = g_array_new (FALSE, FALSE, sizeof (PlAddr));
  return own;
}

void
pl_own_addresses_free (PlOwnAddresses *own)
{
  if (own == NULL)
    return;
  g_array_unref (own->addresses);
  g_free (own);
}

static void
refresh (PlOwnAddresses *own)
{
  struct ifaddrs *list = NULL;
  gint64 now_us = g_get_monotonic_time ();
  if (own->read_us != 0 && now_us - own->read_us < READ_INTERVAL_US)
    return;
  own->read_us = now_us;
  if (getifaddrs (&list) != 0)
    return;
  g_array_set_size (own->addresses, 0);
  for (const struct ifaddrs *at = list; at != NULL && own->addresses->len < MAX_ADDRESSES; at = at->ifa_next)
    {
      PlAddr addr;
      if (at->ifa_addr == NULL || (at->ifa_addr->sa_family != AF_INET && at->ifa_addr->sa_family != AF_INET6))
        continue;
      if (at->ifa_addr->sa_family == AF_INET)
        addr = pl_addr_from_v4 ((const guint8 *)&((const struct sockaddr_in *)(const void *)at->ifa_addr)->sin_addr);
      else
        addr = pl_addr_from_v6 (((const struct sockaddr_in6 *)(const void *)at->ifa_addr)->sin6_addr.s6_addr);
      g_array_append_val (own->addresses, addr);
    }
  freeifaddrs (list);
}

gboolean
pl_own_addresses_has (PlOwnAddresses *own, const PlAddr *addr)
{
  if (pl_addr_scope (addr) == PL_SCOPE_LOOPBACK)
    return TRUE;
  refresh (own);
  for (guint i = 0; i < own->addresses->len; i++)
    if (pl_addr_equal (&g_array_index (own->addresses, PlAddr, i), addr))
      return TRUE;
  return FALSE;
}
