/* A slot is one number, so that it changes hands in one step: pid, descriptor, and whether the borrower has it. The writer
 * closes nothing that is borrowed; it marks it, and the borrower closes it when done. */
#include "held-fds.h"

#include <stdatomic.h>
#include <unistd.h>

#include "bounds.h"

#define IS_BORROWED 1u
#define IS_DOOMED 2u
#define N_FLAG_BITS 2

struct _PlHeldFds
{
  atomic_uint_fast64_t slots[PL_LIMIT_HELD_FDS]; /* 0: empty */
  atomic_uint n_put; /* ever; the last ones are at their number modulo the length */
};

static guint64
pack (gint32 pid, int dir_fd)
{
  return (guint64)(guint32)pid << 32 | (guint64)(guint32)dir_fd << N_FLAG_BITS;
}

static gint32
get_pid (guint64 slot)
{
  return (gint32)(slot >> 32);
}

static int
get_fd (guint64 slot)
{
  return (int)((slot & G_MAXUINT32) >> N_FLAG_BITS);
}

PlHeldFds *
pl_held_fds_new (void)
{
  return g_new0 (PlHeldFds, 1);
}

void
pl_held_fds_free (PlHeldFds *held)
{
  if (held == NULL)
    return;
  pl_held_fds_forget_all (held);
  g_free (held);
}

/* Puts @value where something may be; what was there is closed, by the borrower where he has it: then @value has no room.
 * Returns whether it is in. */
static gboolean
replace (atomic_uint_fast64_t *slot, guint64 value)
{
  guint64 before = atomic_load (slot);
  guint64 after;
  do
    after = (before & IS_BORROWED) != 0 ? before | IS_DOOMED : value;
  while (!atomic_compare_exchange_weak (slot, &before, after));
  if ((before & IS_BORROWED) != 0)
    return FALSE;
  if (before != 0)
    close (get_fd (before));
  return TRUE;
}

void
pl_held_fds_put (PlHeldFds *held, gint32 pid, int dir_fd)
{
  guint n = atomic_load (&held->n_put);
  if (dir_fd < 0)
    return;
  if (!replace (&held->slots[n % PL_LIMIT_HELD_FDS], pack (pid, dir_fd)))
    close (dir_fd);
  atomic_store (&held->n_put, n + 1);
}

void
pl_held_fds_forget (PlHeldFds *held, gint32 pid)
{
  for (guint i = 0; i < PL_LIMIT_HELD_FDS; i++)
    if (get_pid (atomic_load (&held->slots[i])) == pid)
      replace (&held->slots[i], 0);
}

void
pl_held_fds_forget_all (PlHeldFds *held)
{
  for (guint i = 0; i < PL_LIMIT_HELD_FDS; i++)
    replace (&held->slots[i], 0);
}

gint32
pl_held_fds_get_pid (PlHeldFds *held, guint nth)
{
  guint n = atomic_load (&held->n_put);
  return nth < MIN (n, PL_LIMIT_HELD_FDS) ? get_pid (atomic_load (&held->slots[(n - 1 - nth) % PL_LIMIT_HELD_FDS])) : 0;
}

int
pl_held_fds_borrow (PlHeldFds *held, gint32 pid)
{
  for (guint i = 0; i < PL_LIMIT_HELD_FDS; i++)
    {
      guint64 slot = atomic_load (&held->slots[i]);
      if (get_pid (slot) == pid && atomic_compare_exchange_strong (&held->slots[i], &slot, slot | IS_BORROWED))
        return get_fd (slot);
    }
  return -1;
}

void
pl_held_fds_give_back (PlHeldFds *held, gint32 pid)
{
  for (guint i = 0; i < PL_LIMIT_HELD_FDS; i++)
    {
      guint64 slot = atomic_load (&held->slots[i]);
      if (get_pid (slot) != pid || (slot & IS_BORROWED) == 0)
        continue;
      while (!atomic_compare_exchange_weak (&held->slots[i], &slot,
                                            (slot & IS_DOOMED) != 0 ? 0 : slot & ~(guint64)IS_BORROWED))
        continue;
      if ((slot & IS_DOOMED) != 0)
        close (get_fd (slot));
      return;
    }
}
