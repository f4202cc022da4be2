/* What packets told of names. Main loop only.
 *
 * For which host a connection asked as it began is its own. What DNS answered is kept by address, the last few names of each,
 * for flows that begin later: such a one gets the newest that was told before its first packet. It keeps it, whatever is told
 * later. A name is often faster than its flow's first batch, and waits for it. Names are interned: who has the same, has the
 * same pointer. */
#include "model-private.h"
#include "bounds.h"
#include "siphash.h"

typedef struct
{
  char *name; /* interned */
  guint64 time_us;
} NameOfAddress;

typedef struct
{
  PlAddr addr;
  guint hash;
  NameOfAddress told[PL_LIMIT_NAMES_OF_ADDRESS]; /* newest first */
  guint n_told;
  GList link; /* in model->address_order */
} Address;

typedef struct _EarlyName EarlyName;

struct _EarlyName
{
  PlFlowKey key;
  guint hash;
  guint64 time_us;
  char *name; /* interned */
  guint8 end;
  GList link; /* in model->early_name_order */
  EarlyName *next; /* told later for the same key: of the flow after that one; nullable */
  EarlyName *last; /* of those; only of the first */
};

static guint
address_hash (gconstpointer address)
{
  return ((const Address *)address)->hash;
}

static gboolean
address_equal (gconstpointer a, gconstpointer b)
{
  return pl_addr_equal (&((const Address *)a)->addr, &((const Address *)b)->addr);
}

static guint
early_hash (gconstpointer early)
{
  return ((const EarlyName *)early)->hash;
}

static gboolean
early_equal (gconstpointer a, gconstpointer b)
{
  return pl_flow_key_equal (&((const EarlyName *)a)->key, &((const EarlyName *)b)->key);
}

static Address *
find_address (PlModel *self, const PlAddr *addr, guint *hash)
{
  Address probe = { .addr = *addr, .hash = (guint)pl_siphash13 (addr, sizeof *addr, self->secret) };

  if (hash != NULL)
    *hash = probe.hash;
  return g_hash_table_lookup (self->addresses, &probe);
}

static EarlyName *
find_early (PlModel *self, const PlFlowKey *key, guint *hash)
{
  EarlyName probe = { .key = *key, .hash = (guint)pl_flow_key_hash (key, self->secret) };

  if (hash != NULL)
    *hash = probe.hash;
  return g_hash_table_lookup (self->early_names, &probe);
}

static void
address_free (gpointer data)
{
  Address *address = data;

  for (guint i = 0; i < address->n_told; i++)
    g_ref_string_release (address->told[i].name);
  g_free (address);
}

/* Lets go of the one that was told first for its key. */
static void
drop_early (PlModel *self, EarlyName *early)
{
  g_queue_unlink (&self->early_name_order, &early->link);
  g_hash_table_remove (self->early_names, early);
  if (early->next != NULL)
    {
      early->next->last = early->last;
      g_hash_table_add (self->early_names, early->next);
    }
  g_ref_string_release (early->name);
  g_free (early);
}

void
pl_model_init_names (PlModel *self)
{
  self->addresses = g_hash_table_new_full (address_hash, address_equal, address_free, NULL);
  self->early_names = g_hash_table_new (early_hash, early_equal);
}

/* Of records, each lets go of its own. */
void
pl_model_clear_names (PlModel *self)
{
  g_hash_table_remove_all (self->addresses);
  g_queue_init (&self->address_order); /* the links were theirs */
  while (self->early_name_order.head != NULL)
    drop_early (self, self->early_name_order.head->data);
}

void
pl_model_finalize_names (PlModel *self)
{
  g_hash_table_unref (self->addresses);
  g_hash_table_unref (self->early_names);
}

void
pl_record_clear_names (PlRecord *record)
{
  for (int end = 0; end < 2; end++)
    {
      g_clear_pointer (&record->name[end], g_ref_string_release);
      record->name_source[end] = PL_NAME_NONE;
    }
}

/* What the caller asked for counts more than what DNS answered, and the first more than what came later. */
static void
set_name (PlModel *self, PlRecord *record, int end, PlNameSource source, const char *name)
{
  if (record->name_source[end] >= source)
    return;
  g_clear_pointer (&record->name[end], g_ref_string_release);
  record->name[end] = g_ref_string_new_intern (name);
  record->name_source[end] = source;
  pl_model_refresh_record (self, record);
}

/* ---- addresses ---- */

static Address *
need_address (PlModel *self, const PlAddr *addr)
{
  guint hash;
  Address *address = find_address (self, addr, &hash);

  if (address != NULL)
    {
      g_queue_unlink (&self->address_order, &address->link);
    }
  else
    {
      if (self->address_order.length == PL_LIMIT_NAMED_ADDRESSES)
        {
          Address *oldest = g_queue_pop_head_link (&self->address_order)->data;

          g_hash_table_remove (self->addresses, oldest);
        }
      address = g_new0 (Address, 1);
      address->addr = *addr;
      address->hash = hash;
      address->link.data = address;
      g_hash_table_add (self->addresses, address);
    }
  g_queue_push_tail_link (&self->address_order, &address->link);
  return address;
}

/* What it was called already it is called since then, also when it is told again and again. */
static void
tell_address (PlModel *self, const PlNameTold *told)
{
  Address *address = need_address (self, &told->addr);

  if (address->n_told > 0 && strcmp (address->told[0].name, told->name) == 0)
    {
      address->told[0].time_us = MIN (address->told[0].time_us, told->time_us);
      return;
    }
  if (address->n_told == PL_LIMIT_NAMES_OF_ADDRESS)
    g_ref_string_release (address->told[--address->n_told].name);
  memmove (&address->told[1], &address->told[0], address->n_told * sizeof address->told[0]);
  address->told[0] = (NameOfAddress){ g_ref_string_new_intern (told->name), told->time_us };
  address->n_told++;
}

static void
name_by_address (PlModel *self, PlRecord *record, int end)
{
  const Address *address = find_address (self, &record->pub.flow.key.addr[end], NULL);

  for (guint i = 0; address != NULL && i < address->n_told; i++)
    if (address->told[i].time_us <= record->pub.flow.first_us)
      {
        set_name (self, record, end, PL_NAME_DNS, address->told[i].name);
        return;
      }
}

/* ---- flows ---- */

static void
keep_early (PlModel *self, const PlNameTold *told)
{
  EarlyName *early = g_new0 (EarlyName, 1), *first;

  if (self->early_name_order.length == PL_LIMIT_EARLY_NAMES)
    drop_early (self, self->early_name_order.head->data);
  *early = (EarlyName){
    .key = told->key, .time_us = told->time_us, .name = g_ref_string_new_intern (told->name), .end = told->end
  };
  early->link.data = early;
  g_queue_push_tail_link (&self->early_name_order, &early->link);
  first = find_early (self, &early->key, &early->hash);
  if (first == NULL)
    {
      early->last = early;
      g_hash_table_add (self->early_names, early);
      return;
    }
  first->last->next = early;
  first->last = early;
}

/* A flow with its key that is over, or has asked for a name already, is not the one that asks now. */
static void
tell_flow (PlModel *self, const PlNameTold *told)
{
  PlRecord *record = pl_model_find_key (self, &told->key);

  if (record != NULL && !pl_record_is_over (record) && record->name_source[told->end] != PL_NAME_TLS)
    set_name (self, record, told->end, PL_NAME_TLS, told->name);
  else
    keep_early (self, told);
}

/* @record's first packet is counted: it is given the names that were told for it. */
void
pl_model_adopt_names (PlModel *self, PlRecord *record)
{
  const PlFlow *flow = &record->pub.flow;
  EarlyName *early = NULL;

  while (g_hash_table_size (self->early_names) > 0 && (early = find_early (self, &flow->key, NULL)) != NULL
         && early->time_us <= flow->last_us)
    {
      if (early->time_us >= flow->first_us)
        set_name (self, record, early->end, PL_NAME_TLS, early->name);
      drop_early (self, early);
    }
  if ((flow->flags & PL_FLOW_MIDSTREAM) != 0) /* it may have begun before any answer that is known */
    return;
  for (int end = 0; end < 2; end++)
    name_by_address (self, record, end);
}

/**
 * pl_model_apply_names:
 * @self: a model
 * @told: (array length=n_told): names, in the order in which they were told
 * @n_told: how many
 *
 * Takes over what packets told of names, before the flows that came with them.
 */
void
pl_model_apply_names (PlModel *self, const PlNameTold *told, guint n_told)
{
  g_return_if_fail (PL_IS_MODEL (self));

  for (guint i = 0; i < n_told; i++)
    if (told[i].source == PL_NAME_TLS)
      tell_flow (self, &told[i]);
    else
      tell_address (self, &told[i]);
}
