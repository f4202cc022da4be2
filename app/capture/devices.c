/* The interfaces of this machine, for people to choose from. Any thread; no privilege needed. */
#include "capture.h"
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "addr.h"

static void
free_device (gpointer data)
{
  PlDevice *device = data;

  g_free (device->name);
  g_free (device->addresses);
  g_free (device);
}

static PlDevice *
find_or_add (GPtrArray *devices, const struct ifaddrs *entry)
{
  PlDevice *device;

  for (guint i = 0; i < devices->len; i++)
    {
      device = g_ptr_array_index (devices, i);
      if (g_str_equal (device->name, entry->ifa_name))
        return device;
    }
  device = g_new0 (PlDevice, 1);
  device->name = g_strdup (entry->ifa_name);
  device->addresses = g_strdup ("");
  device->ifindex = if_nametoindex (entry->ifa_name);
  device->is_up = (entry->ifa_flags & IFF_UP) != 0;
  device->is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
  g_ptr_array_add (devices, device);
  return device;
}

static void
add_address (PlDevice *device, const struct sockaddr *address)
{
  char text[PL_ADDR_STRLEN];
  PlAddr addr;
  char *joined;

  if (address && address->sa_family == AF_INET)
    addr = pl_addr_from_v4 ((const uint8_t *)&((const struct sockaddr_in *)address)->sin_addr);
  else if (address && address->sa_family == AF_INET6)
    addr = pl_addr_from_v6 ((const uint8_t *)&((const struct sockaddr_in6 *)address)->sin6_addr);
  else
    return;
  pl_addr_format (&addr, text);
  joined = g_strjoin (device->addresses[0] != '\0' ? ", " : "", device->addresses, text, NULL);
  g_free (device->addresses);
  device->addresses = joined;
}

static gint
compare_devices (gconstpointer a, gconstpointer b)
{
  const PlDevice *first = *(const PlDevice *const *)a, *second = *(const PlDevice *const *)b;

  return (first->ifindex > second->ifindex) - (first->ifindex < second->ifindex);
}

/**
 * pl_devices_list:
 *
 * Returns: (transfer full) (element-type PlDevice): the interfaces of this machine in the kernel's order, with their
 *   addresses; empty where they can't be read
 */
GPtrArray *
pl_devices_list (void)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func (free_device);
  struct ifaddrs *list;

  if (getifaddrs (&list) < 0)
    return devices;
  for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next)
    add_address (find_or_add (devices, entry), entry->ifa_addr);
  freeifaddrs (list);
  g_ptr_array_sort (devices, compare_devices);
  return devices;
}
