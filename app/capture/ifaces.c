/* The interface names one capture has met, numbered. Capture thread only. */
#include "ifaces.h"
#include "bounds.h"
#include <net/if.h>

struct _PlIfaces
{
  gboolean is_live;
  GPtrArray *names; /* (element-type utf8) */
  GHashTable *by_name; /* name, owned by names → number + 1 */
  GHashTable *by_ifindex; /* interface index → number + 1 */
  guint32 last_ifindex, last_number; /* packets come in runs from one interface; 0 is no interface */
};

PlIfaces *
pl_ifaces_new (gboolean is_live)
{
  PlIfaces *self = g_new0 (PlIfaces, 1);

  self->is_live = is_live;
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_ifindex = g_hash_table_new (NULL, NULL);
  return self;
}

void
pl_ifaces_free (PlIfaces *self)
{
  if (!self)
    return;
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->by_ifindex);
  g_ptr_array_unref (self->names);
  g_free (self);
}

guint32
pl_ifaces_get_by_name (PlIfaces *self, const char *name)
{
  guint32 number = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, name));
  char *copy;

  if (number > 0)
    return number - 1;
  if (self->names->len == PL_LIMIT_IFACES)
    return PL_LIMIT_IFACES - 1;
  copy = self->names->len == PL_LIMIT_IFACES - 1 ? g_strdup ("…") : g_utf8_make_valid (name, -1);
  g_ptr_array_add (self->names, copy);
  g_hash_table_insert (self->by_name, copy, GUINT_TO_POINTER (self->names->len));
  return self->names->len - 1;
}

guint32
pl_ifaces_get_by_ifindex (PlIfaces *self, guint32 ifindex)
{
  guint32 number;
  char name[IF_NAMESIZE];

  if (ifindex == self->last_ifindex && ifindex != 0)
    return self->last_number;
  number = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_ifindex, GUINT_TO_POINTER (ifindex)));
  if (number == 0)
    {
      if (!self->is_live || !if_indextoname (ifindex, name))
        g_snprintf (name, sizeof name, "if%u", ifindex);
      number = pl_ifaces_get_by_name (self, name) + 1;
      if (g_hash_table_size (self->by_ifindex) < PL_LIMIT_IFACES)
        g_hash_table_insert (self->by_ifindex, GUINT_TO_POINTER (ifindex), GUINT_TO_POINTER (number));
    }
  self->last_ifindex = ifindex;
  self->last_number = number - 1;
  return self->last_number;
}

GPtrArray *
pl_ifaces_dup_names (const PlIfaces *self)
{
  GPtrArray *copy = g_ptr_array_new_full (self->names->len, g_free);

  for (guint i = 0; i < self->names->len; i++)
    g_ptr_array_add (copy, g_strdup (g_ptr_array_index (self->names, i)));
  return copy;
}
